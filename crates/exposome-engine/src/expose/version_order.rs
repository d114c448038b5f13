//! One installed version against one version of a text, as a person would compare them.
//!
//! The order itself is `exposome_model::version` (generic scheme).  What is added
//! here is caution about prefixes: "Versions 4.2 and prior" may or may not mean
//! 4.2.1, and an inventory that says "4" may mean 4.0 or 4.9.

use exposome_model::version::{Scheme, compare};
use std::cmp::Ordering;

/// How a bound cuts the versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Before,
    UpTo,
    From,
    After,
}

/// What a comparison says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// The inventory's version is cut short: `4` against `<= 4.2`.
    TooCoarse,
    /// The text's version is cut short: `4.2.1` against `<= 4.2`.
    TextTooCoarse,
    /// The two belong to different series: `VM5.0` against `BT02`.
    NotComparable,
}

/// Whether `installed` lies on the side of `bound` that the relation names.
pub(super) fn holds(relation: Relation, bound: &str, installed: &str) -> Answer {
    if let Some(line) = line_of(bound) {
        return holds_for_line(relation, &line, installed);
    }
    let (bound_runs, installed_runs) = (runs(bound), runs(installed));
    if is_cut_of(&installed_runs, &bound_runs) && installed_runs.len() == 1 {
        return Answer::TooCoarse;
    }
    if relation == Relation::UpTo && is_cut_of(&bound_runs, &installed_runs) {
        match bound_runs.as_slice() {
            [Run::Letters(_)] => return Answer::Yes,
            [_] | [_, _] => return Answer::TextTooCoarse,
            _ => {}
        }
    }
    let Some(order) = order(installed, bound) else { return Answer::NotComparable };
    yes_or_no(match relation {
        Relation::Before => order == Ordering::Less,
        Relation::UpTo => order != Ordering::Greater,
        Relation::From => order != Ordering::Less,
        Relation::After => order == Ordering::Greater,
    })
}

/// Whether `installed` is the version that the text names.
pub(super) fn is_version(named: &str, installed: &str) -> Answer {
    if let Some(line) = line_of(named) {
        return within(&line, installed);
    }
    if order(installed, named) == Some(Ordering::Equal) {
        return Answer::Yes;
    }
    let (named_runs, installed_runs) = (runs(named), runs(installed));
    if named_runs == installed_runs {
        return Answer::Yes;
    }
    if is_cut_of(&named_runs, &installed_runs) {
        let line = matches!(named_runs.as_slice(), [_] | [Run::Letters(_), Run::Number(_)]);
        return if line { Answer::Yes } else { Answer::TextTooCoarse };
    }
    if is_cut_of(&installed_runs, &named_runs) {
        return Answer::TooCoarse;
    }
    match order(installed, named) {
        Some(_) => Answer::No,
        None if differ_in_number(&named_runs, &installed_runs) => Answer::No,
        None => Answer::NotComparable,
    }
}

/// The order of two versions; what stands before the first digit counts only if both have it.
pub(super) fn order(one: &str, other: &str) -> Option<Ordering> {
    let (mut one, mut other) = (plain(one), plain(other));
    // `U61` is how people write `012U000061`.
    match (revision_of_part(&one), revision_of_part(&other)) {
        (Some(short), None) => one = short.to_owned(),
        (None, Some(short)) => other = short.to_owned(),
        // Revisions of two parts are counted apart.
        (Some(short), Some(their)) if one.strip_suffix(short) != other.strip_suffix(their) => {
            return None;
        }
        _ => {}
    }
    let direct = compare(Scheme::Generic, &one, &other);
    if direct.is_some() {
        return direct;
    }
    let (one, other) = (without_remark(&one), without_remark(&other));
    if let Some(order) = compare(Scheme::Generic, one, other) {
        return Some(order);
    }
    let (bare_one, bare_other) = (without_label(one), without_label(other));
    let one_is_bare = bare_one.len() == one.len();
    let other_is_bare = bare_other.len() == other.len();
    if one_is_bare == other_is_bare {
        return None;
    }
    compare(Scheme::Generic, bare_one, bare_other)
}

/// Whether `short` is the beginning of a longer version: 3.0 of `3.0 D15`.
pub(super) fn is_cut_short(short: &str, long: &str) -> bool {
    is_cut_of(&runs(short), &runs(long))
}

/// Whether two versions are written alike, part for part.
pub(super) fn is_written_alike(one: &str, other: &str) -> bool {
    runs(one) == runs(other)
}

/// Of several ends of ranges, the one of the installed version's own release line: between
/// `< 11.0.6` and `< 12.0.4` the first counts for 11.0.6.  `None` if it belongs to none of them.
pub(super) fn of_its_line(ends: &[&str], installed: &str) -> Option<usize> {
    let ends: Vec<Vec<Run>> = ends.iter().map(|end| runs(end)).collect();
    let installed = runs(installed);
    let longest = ends.iter().map(Vec::len).min()?;
    let apart = (1..longest).find(|&len| {
        let mut lines: Vec<&[Run]> = ends.iter().filter_map(|end| end.get(..len)).collect();
        lines.sort_unstable();
        lines.windows(2).all(|pair| matches!(pair, [one, other] if one != other))
    })?;
    let own = installed.get(..apart)?;
    ends.iter().position(|end| end.get(..apart) == Some(own))
}

/// The place of the highest of some versions; `None` if two of them cannot be ordered.
pub(super) fn last_of(versions: &[&str]) -> Option<usize> {
    let mut last = 0;
    for (at, version) in versions.iter().enumerate().skip(1) {
        if order(version, versions.get(last)?)? == Ordering::Greater {
            last = at;
        }
    }
    (!versions.is_empty()).then_some(last)
}

/// The series a version belongs to, in lower case: what stands before the first digit, or the
/// letters between a part's number and its revision (`012U000061`).
pub(super) fn series(version: &str) -> String {
    let version = plain(version);
    if let Some(short) = revision_of_part(&version) {
        return short
            .chars()
            .filter(char::is_ascii_alphabetic)
            .flat_map(char::to_lowercase)
            .collect();
    }
    let bare = without_label(&version);
    let label = version.get(..version.len() - bare.len()).unwrap_or_default();
    label.chars().filter(|found| found.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// `U000061` of `012U000061`: digits, one letter, digits.
fn revision_of_part(version: &str) -> Option<&str> {
    let at = version.find(|found: char| !found.is_ascii_digit()).filter(|at| *at >= 2)?;
    let (_, short) = version.split_at(at);
    let number = short.get(1..)?;
    let plain = short.starts_with(|found: char| found.is_ascii_alphabetic())
        && number.len() >= 3
        && number.chars().all(|found| found.is_ascii_digit());
    plain.then_some(short)
}

fn holds_for_line(relation: Relation, line: &Line, installed: &str) -> Answer {
    let inside = within(line, installed);
    match (relation, inside) {
        (_, Answer::TooCoarse) => Answer::TooCoarse,
        (Relation::UpTo | Relation::From, Answer::Yes) => Answer::Yes,
        (Relation::Before | Relation::After, Answer::Yes) => Answer::No,
        _ => match order(installed, &line.start) {
            Some(Ordering::Less) => {
                yes_or_no(matches!(relation, Relation::Before | Relation::UpTo))
            }
            Some(_) => yes_or_no(matches!(relation, Relation::From | Relation::After)),
            None => Answer::NotComparable,
        },
    }
}

/// A release line: `11.x`, `2.X`, `C.0x`, `12.2.x.x`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What stands before the wildcard.
    start: String,
    /// The wildcard stands for a whole part, not for the end of a number (`C.0x`).
    whole: bool,
}

/// Reads a version with a wildcard at its end; `None` if there is none.
pub(super) fn line_of(version: &str) -> Option<Line> {
    let version = plain(version);
    let parts: Vec<&str> =
        version.split(['.', '_', ' ', '-']).filter(|part| !part.is_empty()).collect();
    let is_wild =
        |part: &str| !part.is_empty() && part.chars().all(|found| matches!(found, 'x' | 'X' | '*'));
    let first = parts.iter().position(|part| is_wild(part) || ends_wild(part))?;
    let (front, back) = parts.split_at(first);
    let (cut, rest) = back.split_first()?;
    if !rest.iter().all(|part| is_wild(part)) {
        return None;
    }
    let whole = is_wild(cut);
    let mut start = front.join(".");
    if !whole {
        if !start.is_empty() {
            start.push('.');
        }
        start.push_str(cut.trim_end_matches(['x', 'X']));
    }
    (!start.is_empty()).then_some(Line { start, whole })
}

fn ends_wild(part: &str) -> bool {
    let stem = part.trim_end_matches(['x', 'X']);
    stem.len() < part.len() && stem.ends_with(|found: char| found.is_ascii_digit())
}

fn within(line: &Line, installed: &str) -> Answer {
    let (mut wanted, mut installed) = (runs(&line.start), runs(installed));
    if is_cut_of(&installed, &wanted) {
        return Answer::TooCoarse;
    }
    let labelled = |runs: &[Run]| matches!(runs, [Run::Letters(_), Run::Number(_), ..]);
    if labelled(&wanted) != labelled(&installed) {
        for runs in [&mut wanted, &mut installed] {
            if labelled(runs) {
                runs.remove(0);
            }
        }
    }
    let Some((last, front)) = wanted.split_last() else { return Answer::NotComparable };
    let same_front = installed.len() > front.len()
        && front.iter().zip(&installed).all(|(one, other)| one == other);
    let Some(at) = installed.get(front.len()).filter(|_| same_front) else { return Answer::No };
    if line.whole {
        return yes_or_no(at == last);
    }
    match (last, at) {
        // `C.0x`: the leading zero is part of the written form, so C.07 is inside and C.10 is not.
        (Run::Number(last), Run::Number(at)) if last == "0" => yes_or_no(at.len() <= 1),
        (Run::Number(last), Run::Number(at)) => {
            yes_or_no(at.len() > last.len() && at.starts_with(last.as_str()))
        }
        _ => yes_or_no(at == last),
    }
}

fn yes_or_no(it: bool) -> Answer {
    if it { Answer::Yes } else { Answer::No }
}

/// A stretch of digits (without leading zeros) or of letters (in lower case).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    Number(String),
    Letters(String),
}

fn runs(version: &str) -> Vec<Run> {
    let version = plain(version);
    let mut runs: Vec<Run> = Vec::new();
    let mut touching = false;
    for found in version.chars() {
        if !found.is_alphanumeric() {
            touching = false;
            continue;
        }
        match runs.last_mut() {
            Some(Run::Number(digits)) if touching && found.is_ascii_digit() => digits.push(found),
            Some(Run::Letters(letters)) if touching && !found.is_ascii_digit() => {
                letters.extend(found.to_lowercase());
            }
            _ if found.is_ascii_digit() => runs.push(Run::Number(found.to_string())),
            _ => runs.push(Run::Letters(found.to_lowercase().collect())),
        }
        touching = true;
    }
    for run in &mut runs {
        if let Run::Number(digits) = run {
            let bare = digits.trim_start_matches('0');
            *digits = if bare.is_empty() { "0".to_owned() } else { bare.to_owned() };
        }
    }
    runs
}

/// Whether `short` is `long` with something more than zeros cut off its end.
fn is_cut_of(short: &[Run], long: &[Run]) -> bool {
    let Some(rest) = long.get(short.len()..) else { return false };
    let zero = Run::Number("0".to_owned());
    !short.is_empty() && long.starts_with(short) && rest.iter().any(|run| *run != zero)
}

/// Whether the first numbers of two versions differ: then they cannot be the same version.
fn differ_in_number(one: &[Run], other: &[Run]) -> bool {
    matches!((one.first(), other.first()), (Some(Run::Number(one)), Some(Run::Number(other))) if one != other)
}

/// The version without what is written around it.
fn plain(version: &str) -> String {
    let mut plain = version.replace(['_', '(', ')', ',', '/'], " ").trim().to_owned();
    for word in [
        "versions", "version", "ver.", "revision", "release", "firmware", "software", "rev.",
        "rev", "v.", "sw",
    ] {
        let cut = plain.get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word));
        let rest = plain.get(word.len()..).unwrap_or_default();
        if cut && rest.starts_with(|found: char| !found.is_alphabetic()) {
            plain = rest.trim_start().to_owned();
        }
    }
    // `v17`, and `vD25` where the letter is the revision's own.
    if matches!(
        plain.as_bytes(),
        [b'v' | b'V', b'0'..=b'9', ..] | [b'v', b'A'..=b'Z', b'0'..=b'9', ..]
    ) {
        plain.remove(0);
    }
    plain
}

/// `9.33.1 (wireless)` without the words behind it that have no number.
fn without_remark(version: &str) -> &str {
    let last_digit = version.rfind(|found: char| found.is_ascii_digit());
    let end = last_digit.and_then(|at| Some(at + version.get(at..)?.find(' ')?));
    end.and_then(|end| version.get(..end)).unwrap_or(version)
}

fn without_label(version: &str) -> &str {
    version
        .find(|found: char| found.is_ascii_digit())
        .and_then(|at| version.get(at..))
        .unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, installed: &str, expected: Answer) {
        let (relation, bound) = match text.split_once(' ') {
            Some(("<", bound)) => (Relation::Before, bound),
            Some(("<=", bound)) => (Relation::UpTo, bound),
            Some((">=", bound)) => (Relation::From, bound),
            Some((">", bound)) => (Relation::After, bound),
            _ => return assert_eq!(is_version(text, installed), expected, "{text} | {installed}"),
        };
        assert_eq!(holds(relation, bound, installed), expected, "{text} | {installed}");
    }

    #[test]
    fn numbers_are_ordered_as_numbers() {
        check("<= 2.24", "2.9", Answer::Yes);
        check("<= 9.33.1", "9.33.1", Answer::Yes);
        check("<= 9.33.1", "9.33.2", Answer::No);
        check("< 1.52", "1.52", Answer::No);
        check("<= 4107600010.23", "4107600010.24", Answer::No);
    }

    #[test]
    fn letters_are_revisions() {
        check("<= K", "H", Answer::Yes);
        check("<= N", "P.01", Answer::No);
        check("<= 2.6A", "2.6B", Answer::No);
        check("< B.06.18", "B.06.17", Answer::Yes);
        check(">= BT02", "BT01", Answer::No);
        check("<= R4.1L1", "R4.1L2", Answer::No);
    }

    #[test]
    fn a_letter_that_closes_a_range_means_its_whole_line() {
        check("<= K", "K.00.05", Answer::Yes);
        check("<= N", "N.01", Answer::Yes);
    }

    #[test]
    fn a_label_before_the_number_is_forgiven_on_one_side() {
        check("<= VM5.0", "4.0.2", Answer::Yes);
        check("<= R8.0.3", "8.0.4", Answer::No);
        check("<= GEH-1.1", "1.1", Answer::Yes);
        check("<= VM5.0", "BT02", Answer::NotComparable);
    }

    #[test]
    fn a_short_version_in_the_inventory_is_not_taken_for_an_early_one() {
        check("<= 9.33.1", "9", Answer::TooCoarse);
        check("9.7", "9", Answer::TooCoarse);
    }

    #[test]
    fn a_short_bound_does_not_decide_what_extends_it() {
        check("<= 4.2", "4.2.1", Answer::TextTooCoarse);
        check("<= 4.2", "4.3", Answer::No);
        check("<= 2.3.6", "2.3.6.1", Answer::No);
        check("<= 4.2", "4.2.0", Answer::Yes);
        check("9.7", "9.7.1", Answer::TextTooCoarse);
    }

    #[test]
    fn a_release_named_by_one_part_is_a_line() {
        check("8", "8.5", Answer::Yes);
        check("B.02", "B.02.16", Answer::Yes);
        check("B.02", "B.03", Answer::No);
    }

    #[test]
    fn wildcards_stand_for_a_whole_line() {
        check("14.1.x", "14.1.7", Answer::Yes);
        check("14.1.x", "14.2", Answer::No);
        check("2.X", "2", Answer::Yes);
        check("<= 11.x", "11.9", Answer::Yes);
        check("<= 11.x", "12.0", Answer::No);
        check("<= 12.2.x.x", "12.2.8.400", Answer::Yes);
        check("< 3.x", "3.1", Answer::No);
        check("< 3.x", "2.9", Answer::Yes);
        check("C.0x", "C.03", Answer::Yes);
        check("C.0x", "C.10", Answer::No);
        check("v6.x", "6.02.07", Answer::Yes);
        check("5.x.x", "5.6.1", Answer::Yes);
        check("R15x", "R151", Answer::Yes);
        check("R15x", "R160", Answer::No);
    }

    #[test]
    fn a_revision_may_be_written_without_the_number_of_its_part() {
        check("<= U61", "012U000061", Answer::Yes);
        check("<= U61", "012U000062", Answer::No);
        check("<= 012U000061", "054L000050", Answer::NotComparable);
        assert_eq!(series("012U000061"), "u");
    }

    #[test]
    fn each_end_belongs_to_a_release_line() {
        let ends = ["V6.00.204", "V5.10.069", "V5.00.171"];
        assert_eq!(of_its_line(&ends, "V5.10.070"), Some(1));
        assert_eq!(of_its_line(&ends, "V5.05"), None);
        assert_eq!(of_its_line(&["11.0.6", "12.0.4"], "11.0.6"), Some(0));
        assert_eq!(last_of(&ends), Some(0));
    }

    #[test]
    fn words_around_a_version_do_not_count() {
        check("1.8.4 Service Pack 01", "1.8.4 SP1", Answer::Yes);
        check("<= 2023.3_Build_9342", "2023.3 (Build 9341)", Answer::Yes);
        check("<= D25", "vD25", Answer::Yes);
        check("<= 9.33.1", "9.33.1 (wireless)", Answer::Yes);
        check("<= 9.33.1", "9.33.2 EU", Answer::No);
        check("<= CMS7.820.120.01/0.93(0.95)", "CMS7.820.075.08/0.74(0.75)", Answer::Yes);
    }
}
