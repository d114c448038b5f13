//! The version entries of a CVE 5 record as rows: what is affected from where to where.
//!
//! The format (`CVE_Record_Format.json`, `versions`) has more than one way to say a
//! range, and its authors have found some more: a build behind a branch
//! (`13.1`, below `49.13`), an end that is the beginning (only the fix is known), one
//! fix for each branch among the `changes`, a platform behind the number.  A row
//! says where it holds; the first row that holds a version gives its status.

use exposome_model::knowledge::{Bound, Status, VersionRow, Versions};
use exposome_model::version::{Scheme, compare};
use serde::Deserialize;
use std::cmp::Ordering;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    #[serde(rename = "version")]
    from: Option<String>,
    status: Option<Standing>,
    #[serde(rename = "versionType")]
    scheme: Option<String>,
    less_than: Option<String>,
    less_than_or_equal: Option<String>,
    #[serde(default, deserialize_with = "crate::json::list")]
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    at: String,
    status: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Standing {
    Affected,
    Unaffected,
    #[serde(other)]
    Unknown,
}

impl From<Standing> for Status {
    fn from(standing: Standing) -> Status {
        match standing {
            Standing::Affected => Status::Affected,
            Standing::Unaffected => Status::NotAffected,
            Standing::Unknown => Status::Unknown,
        }
    }
}

impl Version {
    /// The platform or edition behind the number, which is taken away: `3.0 (Windows)`, `12.1-FIPS`.
    pub(super) fn take_platform(&mut self) -> Option<String> {
        let from = self.from.as_deref()?.trim();
        let bracketed = from.strip_suffix(')').and_then(|text| text.rsplit_once('('));
        let edition = if self.is_build_of_branch() { from.rsplit_once('-') } else { None };
        let (version, platform) = bracketed.or(edition)?;
        let is_platform = match edition {
            Some(_) => platform.bytes().all(|byte| byte.is_ascii_alphabetic()),
            None => PLATFORMS.iter().any(|known| known.eq_ignore_ascii_case(platform.trim())),
        };
        let (version, platform) = (version.trim().to_owned(), platform.trim().to_owned());
        is_platform.then(|| {
            self.from = Some(version);
            platform
        })
    }

    /// `13.1` below `49.13`, which is build 49.13 of 13.1 (versionType `patch`).
    fn is_build_of_branch(&self) -> bool {
        self.scheme.as_deref() == Some("patch")
    }

    fn ends(&self) -> impl Iterator<Item = &str> {
        self.less_than.as_deref().into_iter().chain(self.less_than_or_equal.as_deref())
    }

    /// The end of the range, and whether it belongs to it.
    fn end(&mut self, from: &str) -> Option<(String, bool)> {
        let (end, inclusive) = match (self.less_than.take(), self.less_than_or_equal.take()) {
            (Some(below), _) => (below, false),
            (None, Some(up_to)) => (up_to, true),
            (None, None) => return None,
        };
        let is_build = self.is_build_of_branch()
            && !unbounded(&end)
            && !unbounded(from)
            && !end.starts_with(from);
        Some((if is_build { format!("{from}-{end}") } else { end }, inclusive))
    }
}

/// Systems that publishers write behind a version, in brackets.
const PLATFORMS: &[&str] = &[
    "windows", "linux", "macos", "mac", "os x", "mac os x", "android", "ios", "ipados", "unix",
    "solaris", "aix", "freebsd",
];

/// The rows of all entries, each under the one before.
///
/// `default`: what the record says of the rest, where it says it.  Where it is known that nothing is
/// known, and the list is of single versions, every other version is left open.
pub(super) fn rows(versions: Vec<Version>, default: Option<Standing>) -> Vec<VersionRow> {
    let is_open = |version: &Version| version.ends().any(|end| end.trim() == "*");
    let affected = |version: &&Version| version.status == Some(Standing::Affected);
    let begins: Vec<String> = if versions.iter().any(is_open) {
        versions.iter().filter(affected).filter_map(|version| version.from.clone()).collect()
    } else {
        Vec::new()
    };
    let mut rows: Vec<VersionRow> = Vec::with_capacity(versions.len());
    for version in versions {
        entry(version, &begins, &mut rows);
    }
    // What is left open yields to what another entry says plainly.
    rows.sort_by_key(|row| row.status == Status::Unknown);
    let singles = rows.iter().all(|row| matches!(row.versions, Versions::Exact(_)));
    if default == Some(Standing::Unknown) && singles && !rows.is_empty() {
        rows.push(VersionRow { versions: Versions::Any, status: Status::Unknown });
    }
    rows
}

/// One entry.  Its changes come first, the last one first, so that the first row that holds a
/// version is the last change at or before it.
///
/// `begins`: where the affected entries of the record begin, if any of them has an open end.
fn entry(mut version: Version, begins: &[String], rows: &mut Vec<VersionRow>) {
    let status = version.status.map_or(Status::Unknown, Status::from);
    let from = version.from.take().unwrap_or_default();
    let to = version.end(&from);
    let (scheme, changes) = (version.scheme, version.changes);
    if to.is_none() && changes.is_empty() {
        rows.push(VersionRow { versions: single(from), status });
        return;
    }
    if let Some((_, inclusive)) = to.as_ref().filter(|(end, _)| *end == from) {
        rows.extend(only_its_end(from, *inclusive, scheme));
        return;
    }
    let to = to.map(|(end, inclusive)| match whole_branch(&from, &end, status, begins) {
        Some(branch) => (branch, true),
        None => (end, inclusive),
    });
    let from = (!unbounded(&from)).then_some(Bound { version: from, inclusive: true });
    let to = to
        .filter(|(to, _)| !unbounded(to))
        .map(|(version, inclusive)| Bound { version, inclusive });
    rows.extend(changed(changes, to.as_ref(), scheme.as_deref()));
    rows.push(VersionRow { versions: Versions::Bounds { from, to, scheme }, status });
}

/// `20.3.1`, below `20.3.1`, or up to it: where in its line (`20`) the flaw came in is not said.
/// The end says whether 20.3.1 itself is the last affected one or the first mended.
fn only_its_end(end: String, affected: bool, scheme: Option<String>) -> Vec<VersionRow> {
    let line = end.split(['.', ' ', '-']).next().unwrap_or(&end).to_owned();
    let line = (line != end).then_some(Bound { version: line, inclusive: true });
    let bound = |inclusive| Some(Bound { version: end.clone(), inclusive });
    let before = VersionRow {
        versions: Versions::Bounds { from: line, to: bound(false), scheme: scheme.clone() },
        status: Status::Unknown,
    };
    if affected {
        let itself = VersionRow { versions: single(end), status: Status::Affected };
        return vec![itself, before];
    }
    let branch = branch(&end).map(|version| Bound { version, inclusive: true });
    let from_there = Versions::Bounds { from: bound(true), to: branch, scheme };
    vec![VersionRow { versions: from_there, status: Status::NotAffected }, before]
}

/// From `15.1.0` to `*`, where another entry begins later: the branch 15.1 to its end.
fn whole_branch(from: &str, end: &str, status: Status, begins: &[String]) -> Option<String> {
    let later = |other: &String| {
        compare(Scheme::Generic, from, other) == Some(Ordering::Less) && !unbounded(from)
    };
    let open = end.trim() == "*" && status == Status::Affected;
    (open && begins.iter().any(later)).then(|| branch(from)).flatten()
}

/// Changes to one and the same status are one for each branch: the last holds for everything after
/// it, those before it for their own branch.
fn changed(changes: Vec<Change>, to: Option<&Bound>, scheme: Option<&str>) -> Vec<VersionRow> {
    let one_fix_each = changes
        .first()
        .is_some_and(|first| changes.iter().all(|change| change.status == first.status));
    let last = changes.len().saturating_sub(1);
    let row = |(place, Change { at, status }): (usize, Change)| {
        let own_branch = (one_fix_each && place < last).then(|| branch(&at)).flatten();
        let end = own_branch.map(|version| Bound { version, inclusive: true });
        let to = end.or_else(|| to.cloned());
        let from = Some(Bound { version: at, inclusive: true });
        let scheme = scheme.map(str::to_owned);
        VersionRow { versions: Versions::Bounds { from, to, scheme }, status: status.into() }
    };
    let mut rows: Vec<VersionRow> = changes.into_iter().enumerate().map(row).collect();
    rows.reverse();
    rows
}

/// `R31.*` of `R31 P3`, `20.3.*` of `20.3.1`: everything of the branch a version is on.
fn branch(version: &str) -> Option<String> {
    let (front, _) = version.trim().rsplit_once([' ', '.', '-', '_'])?;
    front.bytes().any(|byte| byte.is_ascii_digit()).then(|| format!("{front}.*"))
}

/// What stands for "no bound" in the records.
const UNBOUNDED: [&str; 9] =
    ["*", "", "-", "n/a", "unspecified", "unknown", "all", "any", "all versions"];

fn unbounded(version: &str) -> bool {
    let version = version.trim_ascii();
    let words_only = !version.contains(|c: char| c.is_ascii_digit()) && version.contains(' ');
    words_only || UNBOUNDED.iter().any(|word| version.eq_ignore_ascii_case(word))
}

/// One version, every version, or a text such as "3.1.3 and earlier".
fn single(version: String) -> Versions {
    if version.trim() == "*" {
        return Versions::Any;
    }
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | ':' | '~' | '(' | ')');
    if unbounded(&version) || !version.chars().all(plain) {
        Versions::Text(version)
    } else {
        Versions::Exact(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(version: &str, expected: &[(&str, Status)]) {
        let version: Version = serde_json::from_str(version).unwrap();
        let actual: Vec<_> = rows(vec![version], None)
            .into_iter()
            .map(|row| (shown(&row.versions), row.status))
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(text, status)| ((*text).to_owned(), *status)).collect();
        assert_eq!(actual, expected);
    }

    fn shown(versions: &Versions) -> String {
        match versions {
            Versions::Bounds { from, to, scheme } => {
                let from = from.as_ref().map_or("(".to_owned(), |b| format!("[{}", b.version));
                let to = to.as_ref().map_or(")".to_owned(), |b| {
                    format!("{}{}", b.version, if b.inclusive { "]" } else { ")" })
                });
                format!("{from}, {to} {}", scheme.as_deref().unwrap_or("?"))
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_range_keeps_its_bounds_and_scheme() {
        check(
            r#"{"version":"2.0","lessThan":"2.4.1","status":"affected","versionType":"semver"}"#,
            &[("[2.0, 2.4.1) semver", Status::Affected)],
        );
        check(
            r#"{"version":"unspecified","lessThanOrEqual":"5","status":"affected"}"#,
            &[("(, 5] ?", Status::Affected)],
        );
        check(
            r#"{"version":"0","lessThan":"*","status":"unaffected","versionType":"custom"}"#,
            &[("[0, ) custom", Status::NotAffected)],
        );
    }

    #[test]
    fn the_last_change_at_or_before_a_version_decides() {
        check(
            r#"{"version":"10.1.0","lessThan":"10.2","status":"affected","versionType":"custom",
                "changes":[{"at":"10.1.6","status":"unaffected"},{"at":"10.1.9","status":"affected"}]}"#,
            &[
                ("[10.1.9, 10.2) custom", Status::Affected),
                ("[10.1.6, 10.2) custom", Status::NotAffected),
                ("[10.1.0, 10.2) custom", Status::Affected),
            ],
        );
    }

    #[test]
    fn a_single_version_may_be_a_sentence() {
        check(
            r#"{"version":"A.03.09","status":"affected"}"#,
            &[(r#"Exact("A.03.09")"#, Status::Affected)],
        );
        check(r#"{"version":"*","status":"affected"}"#, &[("Any", Status::Affected)]);
        check(r#"{"version":"n/a","status":"affected"}"#, &[(r#"Text("n/a")"#, Status::Affected)]);
        check(
            r#"{"version":"3.1.3.7856 and earlier","status":"affected"}"#,
            &[(r#"Text("3.1.3.7856 and earlier")"#, Status::Affected)],
        );
        check(r#"{"version":"1","status":"new word"}"#, &[(r#"Exact("1")"#, Status::Unknown)]);
    }

    #[test]
    fn a_record_that_knows_only_its_fix_leaves_what_is_before_open() {
        // CVE-2023-30582: Node.js, version 20.3.1, lessThan 20.3.1.
        check(
            r#"{"version":"20.3.1","lessThan":"20.3.1","status":"affected","versionType":"semver"}"#,
            &[
                ("[20.3.1, 20.3.*] semver", Status::NotAffected),
                ("[20, 20.3.1) semver", Status::Unknown),
            ],
        );
    }

    #[test]
    fn a_branch_without_an_end_ends_where_the_next_begins() {
        // F5: 15.1.0 below *, 16.1.0 below 16.1.4.
        let read = |text| -> Version { serde_json::from_str(text).unwrap() };
        let entries = vec![
            read(r#"{"version":"16.1.0","lessThan":"16.1.4","status":"affected"}"#),
            read(r#"{"version":"15.1.0","lessThan":"*","status":"affected"}"#),
        ];
        let found: Vec<String> =
            rows(entries, None).iter().map(|row| shown(&row.versions)).collect();
        assert_eq!(found, ["[16.1.0, 16.1.4) ?", "[15.1.0, 15.1.*] ?"]);
    }

    #[test]
    fn each_branch_has_its_own_fix() {
        // CVE-2024-39792: NGINX Plus is mended in R31 P3 and in R32 P1.
        check(
            r#"{"version":"R30","lessThan":"*","status":"affected","versionType":"custom",
                "changes":[{"at":"R31 P3","status":"unaffected"},{"at":"R32 P1","status":"unaffected"}]}"#,
            &[
                ("[R32 P1, ) custom", Status::NotAffected),
                ("[R31 P3, R31.*] custom", Status::NotAffected),
                ("[R30, ) custom", Status::Affected),
            ],
        );
    }

    #[test]
    fn a_build_belongs_to_its_branch() {
        // CVE-2023-3467: NetScaler ADC 13.1, below build 49.13.
        check(
            r#"{"version":"13.1","lessThan":"49.13","status":"affected","versionType":"patch"}"#,
            &[("[13.1, 13.1-49.13) patch", Status::Affected)],
        );
        let mut fips: Version = serde_json::from_str(
            r#"{"version":"12.1-FIPS","lessThan":"55.297","status":"affected","versionType":"patch"}"#,
        )
        .unwrap();
        assert_eq!(fips.take_platform().as_deref(), Some("FIPS"));
    }

    #[test]
    fn a_platform_may_stand_behind_the_version() {
        let read = |text| -> Version { serde_json::from_str(text).unwrap() };
        let mut version = read(r#"{"version":"3.0 (Windows)","status":"affected"}"#);
        assert_eq!(version.take_platform().as_deref(), Some("Windows"));
        assert_eq!(version.from.as_deref(), Some("3.0"));
        assert_eq!(read(r#"{"version":"9.3(5)","status":"affected"}"#).take_platform(), None);
    }

    #[test]
    fn a_list_that_says_it_does_not_know_the_rest_leaves_the_rest_open() {
        let read = |text| -> Version { serde_json::from_str(text).unwrap() };
        let list = || vec![read(r#"{"version":"11.8.11.0","status":"affected"}"#)];
        let left_open = rows(list(), Some(Standing::Unknown));
        assert_eq!(left_open.last().unwrap().status, Status::Unknown);
        assert_eq!(rows(list(), None).len(), 1);
        assert_eq!(rows(list(), Some(Standing::Unaffected)).len(), 1);
    }
}
