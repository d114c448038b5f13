//! Version texts of catalogue records, where they plainly are a range.
//!
//! A CVE record has fields for the ends of a range, and many assigners write a sentence
//! instead: `5.6.37 and earlier`, `>= 2.24.0, < 2.24.4`, `Fixed in OpenSSL 1.1.1d (Affected
//! 1.1.1-1.1.1c)`.  Unlike an advisory's prose (`version_text.rs`) these speak of software
//! and its exact numbers.  Whatever is not plainly one of these is left as it is.

use exposome_model::knowledge::{Bound, Status, VersionRow, Versions};
use exposome_model::version::{Scheme, compare};
use std::cmp::Ordering;

/// The rows of a record with their texts read; several ranges without a beginning each get theirs.
pub(super) fn read(rows: &[VersionRow]) -> Vec<VersionRow> {
    let mut read: Vec<VersionRow> = rows.to_vec();
    for row in &mut read {
        if let Versions::Text(text) = &row.versions
            && let Some(bounds) = bounds(text)
        {
            row.versions = bounds;
        }
    }
    begin_where_the_one_before_ends(&mut read);
    read
}

/// "5.6.37 and earlier" beside "5.7.19 and earlier": 5.6.38 is mended, and the second line
/// begins behind all of 5.6.
fn begin_where_the_one_before_ends(rows: &mut [VersionRow]) {
    let is_open = |row: &VersionRow| match &row.versions {
        Versions::Bounds { from, to: Some(to), .. } if row.status == Status::Affected => {
            let begins = from.as_ref().is_some_and(|from| from.version.trim() != "0");
            (!begins).then(|| to.version.trim().to_owned())
        }
        _ => None,
    };
    let ends: Vec<String> = rows.iter().filter_map(is_open).collect();
    for row in rows {
        let Some(begin) = is_open(row).and_then(|own| beginning(&own, &ends)) else { continue };
        if let Versions::Bounds { from, .. } = &mut row.versions {
            *from = Some(begin);
        }
    }
}

/// Where a range without a beginning begins, among the ends of all such ranges of one product.
pub(super) fn beginning(own: &str, ends: &[String]) -> Option<Bound> {
    let in_order = |one: &str, other: &str| compare(Scheme::Generic, one, other);
    let mut before: Option<&String> = None;
    for end in ends {
        let is_before = in_order(end, own)? == Ordering::Less;
        let is_nearer = match before {
            Some(known) => in_order(known, end)? == Ordering::Less,
            None => true,
        };
        if is_before && is_nearer {
            before = Some(end);
        }
    }
    let (line, _) = before?.rsplit_once('.')?;
    let version = format!("{line}.*");
    (!is_of_line(own, line)).then_some(Bound { version, inclusive: false })
}

fn is_of_line(version: &str, line: &str) -> bool {
    version.strip_prefix(line).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The range that a text plainly is.
fn bounds(text: &str) -> Option<Versions> {
    let text = text.trim().trim_end_matches(['.', ',']);
    let text = match text.to_ascii_lowercase().find("affected ") {
        // OpenSSL: the fix, and in brackets what is affected.
        Some(at) if text.starts_with("Fixed in") => {
            text.get(at + "affected ".len()..)?.trim_end_matches(')')
        }
        _ => text,
    };
    let (from, to) = compared(text)
        .or_else(|| with_words_behind(text))
        .or_else(|| with_words_in_front(text))
        .or_else(|| from_to(text))?;
    Some(Versions::Bounds { from, to, scheme: None })
}

type Ends = (Option<Bound>, Option<Bound>);

/// `>= 2.24.0, < 2.24.4`
fn compared(text: &str) -> Option<Ends> {
    let mut ends: Ends = (None, None);
    for part in text.split(',') {
        let part = part.trim();
        let (sign, inclusive, version) = [("<=", true), (">=", true), ("<", false), (">", false)]
            .into_iter()
            .find_map(|(sign, inclusive)| Some((sign, inclusive, part.strip_prefix(sign)?)))?;
        let bound = Bound { version: version_alone(version)?, inclusive };
        let end = if sign.starts_with('<') { &mut ends.1 } else { &mut ends.0 };
        if end.replace(bound).is_some() {
            return None;
        }
    }
    Some(ends)
}

/// `5.6.37 and earlier`
fn with_words_behind(text: &str) -> Option<Ends> {
    let (version, words) = version_first(text)?;
    let bound = |inclusive| Some(Bound { version: version.clone(), inclusive });
    let words = words.to_ascii_lowercase();
    let said = words.trim_start_matches(['(', ',']).trim_end_matches(')').trim();
    let said = said.strip_suffix(" versions").or(said.strip_suffix(" version")).unwrap_or(said);
    let said = said.strip_prefix("and ").or_else(|| said.strip_prefix("or ")).unwrap_or(said);
    let said = said.strip_prefix("all ").unwrap_or(said);
    match said {
        "earlier" | "prior" | "below" | "older" | "lower" | "previous" | "before" | "under" => {
            Some((None, bound(true)))
        }
        "later" | "above" | "newer" | "higher" | "after" | "greater" => Some((bound(true), None)),
        _ => None,
    }
}

/// `prior to 8.2.2`, `versions up to 3.1`
fn with_words_in_front(text: &str) -> Option<Ends> {
    let lower = text.to_ascii_lowercase();
    let mut rest = lower.as_str();
    for word in ["all ", "any ", "versions ", "version ", "release ", "releases "] {
        rest = rest.strip_prefix(word).unwrap_or(rest).trim_start();
    }
    let (words, inclusive) = WORDS_BEFORE_AN_END
        .iter()
        .find(|(words, _)| rest.strip_prefix(words).is_some_and(|rest| rest.starts_with(' ')))?;
    let version = text.get(text.len() - rest.len() + words.len()..)?;
    let version = version.trim();
    let version = version
        .strip_prefix("version ")
        .or_else(|| version.strip_prefix("and including "))
        .unwrap_or(version);
    Some((None, Some(Bound { version: version_alone(version)?, inclusive: *inclusive })))
}

const WORDS_BEFORE_AN_END: &[(&str, bool)] = &[
    ("prior to", false),
    ("earlier than", false),
    ("older than", false),
    ("lower than", false),
    ("less than", false),
    ("before", false),
    ("below", false),
    ("up to", true),
    ("through", true),
];

/// `1.1.1-1.1.1c`, `5.0 to 5.4`, `from 2.0 through 2.9`
fn from_to(text: &str) -> Option<Ends> {
    let text = text.strip_prefix("from ").or_else(|| text.strip_prefix("From ")).unwrap_or(text);
    let separators = [" through ", " up to ", " to ", " - ", " – ", "-"];
    let (from, to) = separators.iter().find_map(|separator| text.split_once(separator))?;
    let (from, to) = (version_alone(from)?, version_alone(to)?);
    // `1.0.7-0298` is one version with a build, `1.0.2-1.0.2s` is two.
    let two =
        text.contains(' ') || (from.contains('.') && to.contains('.') && is_before(&from, &to));
    let end = |version| Some(Bound { version, inclusive: true });
    two.then(|| (end(from), end(to)))
}

fn is_before(from: &str, to: &str) -> bool {
    let first = |version: &str| version.split('.').next().map(str::to_owned);
    first(from) == first(to) && compare(Scheme::Generic, from, to) == Some(Ordering::Less)
}

/// A version in front of words.
fn version_first(text: &str) -> Option<(String, &str)> {
    let text = ["versions ", "Versions ", "version ", "Version ", "ver ", "Ver "]
        .iter()
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    let (version, words) = text.split_once([' ', ','])?;
    Some((version_alone(version)?, words))
}

/// One version and nothing else.
fn version_alone(text: &str) -> Option<String> {
    let text = text.trim();
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '(' | ')');
    let numbered = text.contains(|c: char| c.is_ascii_digit());
    (numbered && text.chars().all(plain)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(texts: &[&str], expected: &[&str]) {
        let row = |text: &&str| VersionRow {
            versions: Versions::Text((*text).to_owned()),
            status: Status::Affected,
        };
        let rows: Vec<VersionRow> = texts.iter().map(row).collect();
        let actual: Vec<String> = read(&rows).iter().map(|row| in_words(&row.versions)).collect();
        assert_eq!(actual, expected);
    }

    fn in_words(versions: &Versions) -> String {
        let Versions::Bounds { from, to, .. } = versions else { return format!("{versions:?}") };
        let from = from.as_ref().map(|it| format!("{}{}", sign(">", it), it.version));
        let to = to.as_ref().map(|it| format!("{}{}", sign("<", it), it.version));
        [from, to].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn sign(sign: &str, bound: &Bound) -> String {
        format!("{sign}{}", if bound.inclusive { "=" } else { "" })
    }

    #[test]
    fn a_sentence_that_is_plainly_a_range_is_one() {
        check(&["2.3.2 and earlier"], &["<=2.3.2"]);
        check(&["prior to 8.2.2"], &["<8.2.2"]);
        check(&["Versions up to 3.1"], &["<=3.1"]);
        check(&[">= 2.24.0, < 2.24.4"], &[">=2.24.0 <2.24.4"]);
        check(&["5.0 to 5.4"], &[">=5.0 <=5.4"]);
        check(&["3.0 or later"], &[">=3.0"]);
    }

    #[test]
    fn openssl_writes_the_fix_and_the_range_in_one_sentence() {
        check(&["Fixed in OpenSSL 1.1.1d (Affected 1.1.1-1.1.1c)"], &[">=1.1.1 <=1.1.1c"]);
    }

    #[test]
    fn a_build_behind_a_hyphen_is_no_range() {
        check(&["1.0.7-0298"], &[r#"Text("1.0.7-0298")"#]);
        check(&["models of 2019 with option B"], &[r#"Text("models of 2019 with option B")"#]);
    }

    #[test]
    fn one_line_for_each_branch_begins_where_the_branch_before_it_ends() {
        // CVE-2017-10276: MySQL 5.6.38 is mended although it is before 5.7.19.
        check(&["5.6.37 and earlier", "5.7.19 and earlier"], &["<=5.6.37", ">5.6.* <=5.7.19"]);
        check(&["< 2.3.4", "< 2.3.6"], &["<2.3.4", "<2.3.6"]);
    }
}
