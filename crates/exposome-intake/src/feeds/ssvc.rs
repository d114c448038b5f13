//! SSVC decision points inside CVE and CSAF documents.
//!
//! CISA's ADP container carries `options`, a list of objects with one decision
//! point each (SSVC Computed 2.0.3); CSAF 2.1 and newer CVE records carry a
//! Selection List (CERT/CC, `SelectionList_2_0_0.schema.json`) with keys.  Words
//! come in any letter case.

use crate::Item;
use crate::feeds::words;
use exposome_model::knowledge::{Exploitation, Ssvc};
use exposome_model::reading::{Complaint, Sink};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

#[derive(serde::Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    options: Vec<Points<'a>>,
    #[serde(borrow, default)]
    selections: Vec<Selection<'a>>,
}

/// Decision points with what was decided, in their order: one as a rule.
struct Points<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Points<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Points<'a>, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(Cow<'de, str>, Cow<'de, str>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("decision points")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut points = Vec::with_capacity(1);
                while let Some((Said(point), Said(value))) = map.next_entry()? {
                    points.push((point, value));
                }
                Ok(points)
            }
        }
        deserializer.deserialize_map(Members).map(Points)
    }
}

/// A text that is borrowed where it can be.
#[derive(serde::Deserialize)]
struct Said<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(serde::Deserialize)]
struct Selection<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    key: Cow<'a, str>,
    #[serde(borrow, default)]
    values: Vec<Value<'a>>,
}

#[derive(serde::Deserialize)]
struct Value<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    key: Cow<'a, str>,
}

/// The decision points of one coordinator; words that are not understood are complained of and left open.
pub(crate) fn read(
    json: &str,
    place: impl Fn() -> String,
    sink: &mut dyn Sink<Item>,
) -> Option<Ssvc> {
    let content: Content<'_> = match crate::json::parse(json) {
        Ok(content) => content,
        Err(error) => {
            sink.complain(Complaint::doubtful(
                place(),
                format!("SSVC {}", crate::json::misfit(&error)),
            ));
            return None;
        }
    };
    let mut ssvc = Ssvc { exploitation: None, automatable: None, technical_impact_total: None };
    let options = content.options.iter().flat_map(|points| &points.0);
    let options = options.map(|(point, value)| (&**point, &**value));
    let selected = content.selections.iter().filter_map(|selection| {
        // More than one value means that the coordinator is not sure.
        let [value] = selection.values.as_slice() else { return None };
        Some((either(&selection.name, &selection.key), either(&value.name, &value.key)))
    });
    for (point, value) in options.chain(selected) {
        if let Err(unknown) = ssvc_point(&mut ssvc, point, value) {
            let message = format!(
                "SSVC {} is {}, not a word that is known",
                words::quoted(point),
                words::quoted(unknown)
            );
            sink.complain(Complaint::doubtful(place(), message));
        }
    }
    (ssvc != Ssvc { exploitation: None, automatable: None, technical_impact_total: None })
        .then_some(ssvc)
}

fn either<'t>(name: &'t str, key: &'t str) -> &'t str {
    if name.is_empty() { key } else { name }
}

fn ssvc_point<'v>(ssvc: &mut Ssvc, point: &str, value: &'v str) -> Result<(), &'v str> {
    // Other decision points are the deployer's to judge.
    if is_one_of(point, &["exploitation", "e"]) {
        const WORDS: &[(&[&str], Exploitation)] = &[
            (&["none", "n"], Exploitation::None),
            (&["poc", "public poc", "p"], Exploitation::PublicPoc),
            (&["active", "a"], Exploitation::Active),
        ];
        ssvc.exploitation = Some(meant(value, WORDS)?);
    } else if is_one_of(point, &["automatable", "a"]) {
        ssvc.automatable = Some(meant(value, &[(&["yes", "y"], true), (&["no", "n"], false)])?);
    } else if is_one_of(point, &["technical impact", "ti"]) {
        const WORDS: &[(&[&str], bool)] = &[(&["total", "t"], true), (&["partial", "p"], false)];
        ssvc.technical_impact_total = Some(meant(value, WORDS)?);
    }
    Ok(())
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|it| it.eq_ignore_ascii_case(word))
}

/// What a word of several for one and the same thing means.
fn meant<'v, T: Copy>(value: &'v str, words: &[(&[&str], T)]) -> Result<T, &'v str> {
    let known = words.iter().find(|(words, _)| is_one_of(value, words));
    known.map(|(_, meaning)| *meaning).ok_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::reading::Kept;

    #[track_caller]
    fn check(
        json: &str,
        expected: (Option<Exploitation>, Option<bool>, Option<bool>),
        complaints: usize,
    ) {
        let mut kept = Kept::default();
        let ssvc = read(json, || "here".into(), &mut kept).unwrap();
        assert_eq!((ssvc.exploitation, ssvc.automatable, ssvc.technical_impact_total), expected);
        assert_eq!(kept.complaints.len(), complaints, "{:?}", kept.complaints);
    }

    #[test]
    fn letter_case_does_not_matter() {
        check(
            r#"{"options":[{"Exploitation":"PoC"},{"Automatable":"yes"},{"Technical Impact":"Total"}]}"#,
            (Some(Exploitation::PublicPoc), Some(true), Some(true)),
            0,
        );
    }

    #[test]
    fn a_selection_list_says_the_same_with_keys() {
        check(
            r#"{"selections":[{"namespace":"ssvc","key":"E","version":"1.1.0","values":[{"key":"A"}]},
                {"namespace":"ssvc","key":"A","version":"2.0.0","values":[{"key":"N"},{"key":"Y"}]}]}"#,
            (Some(Exploitation::Active), None, None),
            0,
        );
    }

    #[test]
    fn an_unknown_word_is_left_open() {
        check(
            r#"{"options":[{"Exploitation":"maybe"},{"Automatable":"no"}]}"#,
            (None, Some(false), None),
            1,
        );
    }
}
