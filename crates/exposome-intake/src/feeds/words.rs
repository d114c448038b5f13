//! Free text in feeds: which language, how much of it, what is named in it.

use std::borrow::Cow;

/// A value for a message: in quotes, short, on one line.
pub(crate) use crate::inventory::text::quoted;

/// How much of a description stands for a missing title.
const TITLE_CHARACTERS: usize = 240;
/// How much of a remedy or note is kept.
const NOTE_CHARACTERS: usize = 4000;

/// A text in a named language, as CVE and NVD carry it.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Text<'a> {
    #[serde(borrow, default)]
    lang: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) value: Cow<'a, str>,
}

/// The English ones, or all where none is English.
pub(crate) fn english<'t, 'a>(
    texts: &'t [Text<'a>],
) -> impl Iterator<Item = &'t str> + use<'t, 'a> {
    let is_english =
        |text: &Text<'_>| text.lang.get(..2).is_some_and(|lang| lang.eq_ignore_ascii_case("en"));
    let any = texts.iter().any(is_english);
    let chosen = texts.iter().filter(move |text| !any || is_english(text));
    chosen.map(|text| text.value.trim()).filter(|text| !text.is_empty())
}

/// The title, or the beginning of the description.
pub(crate) fn title<'t>(
    title: Option<&'t str>,
    description: impl FnOnce() -> Option<&'t str>,
) -> Option<String> {
    let title = title.map(str::trim).filter(|title| !title.is_empty());
    title.or_else(description).map(|text| beginning(text, TITLE_CHARACTERS))
}

/// A remedy's or note's text, to a bound.
pub(crate) fn note(text: &str) -> String {
    beginning(text.trim(), NOTE_CHARACTERS)
}

pub(crate) fn beginning(text: &str, characters: usize) -> String {
    if text.len() <= characters {
        return text.to_owned();
    }
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// `CWE-79` where a text names one; `NVD-CWE-noinfo` names none.
pub(crate) fn weakness(text: &str) -> Option<&str> {
    let anywhere = || {
        let mut places = text.match_indices("CWE-").map(|(at, _)| at);
        places.find(|at| !text.get(..*at).is_some_and(|before| before.ends_with('-')))
    };
    let at = if text.starts_with("CWE-") { 0 } else { anywhere()? };
    let found = text.get(at..)?;
    let digits = found.bytes().skip(4).take_while(u8::is_ascii_digit).count();
    if digits == 0 { None } else { found.get(..4 + digits) }
}

/// Every weakness that some texts name, once each, in their order.
pub(crate) fn weaknesses<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for weakness in texts.filter_map(weakness) {
        if !found.iter().any(|known| known == weakness) {
            found.push(weakness.to_owned());
        }
    }
    found
}

/// Whether a text is a CVE id: `CVE-`, a year, four digits or more.
pub(crate) fn is_cve(text: &str) -> bool {
    let mut parts = text.split('-');
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next() == Some("CVE")
        && parts.next().is_some_and(|year| year.len() == 4 && digits(year))
        && parts.next().is_some_and(|number| (4..=19).contains(&number.len()) && digits(number))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weakness_is_found_in_words() {
        assert_eq!(weakness("CWE-79: Cross-site Scripting"), Some("CWE-79"));
        assert_eq!(weakness("Use After Free (CWE-416)"), Some("CWE-416"));
        for none in ["NVD-CWE-noinfo", "NVD-CWE-Other", "CWE-", "n/a", ""] {
            assert_eq!(weakness(none), None, "{none}");
        }
    }

    #[test]
    fn cve_ids_are_told_from_other_ids() {
        assert!(is_cve("CVE-2020-6961") && is_cve("CVE-2024-1234567"));
        for other in [
            "cve-2020-6961",
            "CVE-20-6961",
            "CVE-2020-696",
            "CVE-2020-69a1",
            "GHSA-1",
            "CVE-2020-6961-1",
            "",
        ] {
            assert!(!is_cve(other), "{other}");
        }
    }

    #[test]
    fn english_is_preferred_and_anything_is_better_than_nothing() {
        let text = |lang: &'static str, value: &'static str| Text {
            lang: lang.into(),
            value: value.into(),
        };
        let both = [text("de", "Lücke"), text("en-US", "gap")];
        assert_eq!(english(&both).collect::<Vec<_>>(), ["gap"]);
        assert_eq!(english(&both[..1]).collect::<Vec<_>>(), ["Lücke"]);
    }

    #[test]
    fn a_long_description_gives_its_beginning() {
        let long = "ä".repeat(300);
        assert_eq!(title(Some("  "), || Some(&long)).unwrap().chars().count(), 241);
        assert_eq!(title(Some(" Pump "), || None).unwrap(), "Pump");
    }
}
