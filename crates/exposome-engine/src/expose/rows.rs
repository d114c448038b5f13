//! Version rows, compiled, and whether a component's version lies in one.
//!
//! A row that cannot be read or ordered is *unknown*; it never says no.

use super::names::{says_nothing, squash};
use super::subject::Subject;
use super::version_text::{Holds, VersionPattern};
use super::interned::{Word, Words};
use exposome_model::inventory::Component;
use exposome_model::knowledge::{Bound, Statement, Status, VersionRow, Versions};
use exposome_model::version::{Scheme, compare};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The rows of all claims, one behind the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    texts: Vec<VersionPattern>,
    text_words: Words,
}

/// One row, 16 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) status: Status,
    pub(super) means: Means,
}

/// Which versions a row means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Means {
    Any,
    /// The publisher names no version at all ("n/a").
    Nothing,
    Exact(Scheme, Word),
    /// The number of a text.
    Text(u32),
    Bounds { scheme: Scheme, from: Word, to: Word, closed: Closed },
    /// In a way of counting that has no order (commits, digests).
    Unordered,
}

/// Which ends belong to the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) from: bool,
    pub(super) to: bool,
}

/// Whether a version is in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holding {
    Yes,
    No(Side),
    Unknown(Cow<'static, str>, Doubt),
}

/// Where a version that is not in a row lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Past the end: what a fix looks like.
    Above,
    /// Before the beginning, or beside a single version.
    Elsewhere,
}

/// Why it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The inventory lacks a fact.
    Fact,
    /// The document cannot be read or ordered; another document may be plainer.
    Reading,
}

impl Rows {
    /// Takes the rows of a statement in; `one_version`: the version in the product's own PURL.
    pub(super) fn add(
        &mut self,
        statement: &Statement,
        scheme: &str,
        one_version: Option<String>,
        words: &mut Words,
    ) -> (u32, u16) {
        let start = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let mut len = 0;
        for version_row in statement.versions.iter().take(usize::from(u16::MAX)) {
            let row = match (&one_version, &version_row.versions) {
                (Some(version), Versions::Any | Versions::Text(_) | Versions::Exact(_)) => {
                    let versions = Versions::Exact(version.clone());
                    Row::read(&VersionRow { versions, status: version_row.status }, scheme, self, words)
                }
                _ => Row::read(version_row, scheme, self, words),
            };
            self.rows.push(row);
            len += 1;
        }
        (start, len)
    }

    pub(super) fn push(&mut self, row: Row) -> u32 {
        self.rows.push(row);
        u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn get(&self, (start, len): (u32, u16)) -> &[Row] {
        let start = start as usize;
        self.rows.get(start..start + usize::from(len)).unwrap_or_default()
    }

    fn text(&mut self, text: &str) -> Means {
        let word = self.text_words.intern(text);
        if word.0 as usize == self.texts.len() {
            self.texts.push(VersionPattern::read(text));
        }
        Means::Text(word.0)
    }

    /// Whether the subject's version is in the row.
    pub(super) fn holds(&self, row: Row, subject: &Subject, context: &Context<'_>) -> Holding {
        match row.means {
            Means::Any => Holding::Yes,
            Means::Nothing => Holding::Unknown(Cow::Borrowed("the affected versions: the document names none"), Doubt::Reading),
            Means::Unordered => Holding::Unknown(Cow::Borrowed("the commit it was built from"), Doubt::Reading),
            Means::Text(place) => self.text_holds(place, subject, context),
            Means::Exact(scheme, word) => with_version(subject, context.version, |version| {
                exactly(scheme, version, context.words.get(word))
            }),
            Means::Bounds { scheme, from, to, closed } => with_version(subject, context.version, |version| {
                let range = Range { scheme, from: context.words.get(from), to: context.words.get(to), closed };
                range.holds(version)
            }),
        }
    }

    fn text_holds(&self, place: u32, subject: &Subject, context: &Context<'_>) -> Holding {
        let Some(pattern) = self.texts.get(place as usize) else {
            return Holding::Unknown(Cow::Borrowed("a reading of the range"), Doubt::Reading);
        };
        match pattern.holds(context.component, context.bill) {
            Holds::Yes { .. } => Holding::Yes,
            Holds::No { .. } => Holding::No(Side::Above),
            Holds::Unknown { missing_fact, .. } => {
                let doubt = if subject.version.is_none() || !missing_fact.contains("reading") { Doubt::Fact } else { Doubt::Reading };
                Holding::Unknown(Cow::Owned(missing_fact), doubt)
            }
        }
    }

    /// The row in words, for evidence.
    pub(super) fn in_words(&self, row: Row, words: &Words) -> String {
        match row.means {
            Means::Any => "every version".to_owned(),
            Means::Nothing => "no version named".to_owned(),
            Means::Unordered => "commits".to_owned(),
            Means::Text(place) => format!("\"{}\"", self.text_words.get(Word(place))),
            Means::Exact(_, word) => format!("version {}", words.get(word)),
            Means::Bounds { from, to, closed, .. } => {
                let mut parts = Vec::new();
                if from != Words::NONE {
                    parts.push(format!("{} {}", if closed.from { "from" } else { "after" }, words.get(from)));
                }
                if to != Words::NONE {
                    parts.push(format!("{} {}", if closed.to { "up to" } else { "before" }, words.get(to)));
                }
                parts.join(" ")
            }
        }
    }
}

/// What is around the component: words of the catalogue, and the bill for free text.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) words: &'a Words,
    pub(super) component: &'a Component,
    pub(super) bill: &'a [Component],
    pub(super) version: Option<&'a str>,
}

impl Row {
    pub(super) fn read(row: &VersionRow, hint: &str, rows: &mut Rows, words: &mut Words) -> Row {
        let means = match &row.versions {
            Versions::Any => Means::Any,
            Versions::Text(text) => read_text(text, hint, rows, words),
            Versions::Exact(text) => read_exact(text, hint, rows, words),
            Versions::Vers(text) => rows.text(text),
            Versions::Bounds { from, to, scheme } => {
                let scheme = scheme.as_deref().unwrap_or_default();
                read_bounds(from.as_ref(), to.as_ref(), scheme, hint, words)
            }
        };
        Row { status: row.status, means }
    }
}

fn read_text(text: &str, hint: &str, rows: &mut Rows, words: &mut Words) -> Means {
    let means_itself = hint.is_empty() && text.contains(|c: char| c.is_ascii_digit());
    if means_itself { rows.text(text) } else { read_exact(text, hint, rows, words) }
}

fn read_exact(text: &str, hint: &str, rows: &mut Rows, words: &mut Words) -> Means {
    let text = text.trim();
    match squash(text).as_str() {
        "" if text == "*" => Means::Any,
        "all" | "allversions" | "any" | "every" | "everyversion" => Means::Any,
        _ if text == "-" || says_nothing(text) => Means::Nothing,
        _ if is_plain(text) => Means::Exact(scheme_of("", hint), words.intern(text)),
        _ => rows.text(text),
    }
}

/// A single version and nothing else.
fn is_plain(text: &str) -> bool {
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_digit())
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '=' | ',' | '|' | '*' | ';' | '(' | '/'))
}

fn read_bounds(from: Option<&Bound>, to: Option<&Bound>, declared: &str, hint: &str, words: &mut Words) -> Means {
    let ends = [from, to].into_iter().flatten();
    if declared.eq_ignore_ascii_case("git") || ends.into_iter().any(|bound| is_digest(&bound.version)) {
        return Means::Unordered;
    }
    let open = |bound: &&Bound| !matches!(bound.version.trim(), "" | "*" | "-" | "0") && !says_nothing(&bound.version);
    let (from, to) = (from.filter(open), to.filter(|bound| bound.version.trim() == "0" || open(bound)));
    let word = |bound: Option<&Bound>, words: &mut Words| bound.map_or(Words::NONE, |bound| words.intern(bound.version.trim()));
    if from.is_none() && to.is_none() {
        return Means::Any;
    }
    Means::Bounds {
        scheme: scheme_of(declared, hint),
        from: word(from, words),
        to: word(to, words),
        closed: Closed {
            from: from.is_none_or(|bound| bound.inclusive),
            to: to.is_some_and(|bound| bound.inclusive),
        },
    }
}

/// A commit or checksum: nothing that one could be before or after.
fn is_digest(text: &str) -> bool {
    text.len() >= 10 && text.chars().all(|c| c.is_ascii_hexdigit()) && text.contains(|c: char| c.is_ascii_alphabetic())
}

/// The declared way of counting; where none is declared, the one of the package's kind.
fn scheme_of(declared: &str, hint: &str) -> Scheme {
    let named = |name: &str| match name.to_ascii_lowercase().as_str() {
        "" | "custom" | "ecosystem" => None,
        name => Scheme::named(name),
    };
    named(hint).or_else(|| named(declared)).unwrap_or(Scheme::Generic)
}

/// Tries the component's version, and where that cannot be ordered the one in its name.
fn with_version(subject: &Subject, version: Option<&str>, holds: impl Fn(&str) -> Holding) -> Holding {
    let Some(version) = version else {
        return Holding::Unknown(Cow::Borrowed(subject.version_fact()), Doubt::Fact);
    };
    match (holds(version), subject.release.as_deref()) {
        (Holding::Yes, _) | (_, None) => holds(version),
        (first, Some(release)) => match holds(release) {
            Holding::Yes => Holding::Yes,
            Holding::Unknown(..) => first,
            second if matches!(first, Holding::Unknown(..)) => second,
            _ => first,
        },
    }
}

fn exactly(scheme: Scheme, version: &str, named: &str) -> Holding {
    if version.eq_ignore_ascii_case(named) {
        return Holding::Yes;
    }
    match order(scheme, version, named) {
        Some(Ordering::Equal) => Holding::Yes,
        Some(_) => Holding::No(Side::Elsewhere),
        None => Holding::Unknown(not_ordered(version, named), Doubt::Reading),
    }
}

/// Whether a version is the one a CPE name gives, update and all.
pub(super) fn is_version(own: &str, version: &str, update: &str) -> Holding {
    if version.contains(['*', '?']) {
        let branch = version.trim_end_matches(['*', '?']).trim_end_matches('.');
        return if is_of_branch(own, branch) { Holding::Yes } else { Holding::No(Side::Elsewhere) };
    }
    if matches!(update, "" | "-") {
        return exactly(Scheme::Generic, own, version);
    }
    let whole = exactly(Scheme::Generic, own, &format!("{version} {update}"));
    if whole == Holding::Yes || exactly(Scheme::Generic, own, version) != Holding::Yes {
        return whole;
    }
    // The bare version: a beta would have said so, a service pack might not.
    let before_release = ["alpha", "beta", "rc", "preview", "dev", "milestone", "pre", "cr"];
    if before_release.iter().any(|word| update.starts_with(word)) {
        return Holding::No(Side::Elsewhere);
    }
    Holding::Unknown(Cow::Owned(format!("update level: {update}")), Doubt::Fact)
}

struct Range<'a> {
    scheme: Scheme,
    from: &'a str,
    to: &'a str,
    closed: Closed,
}

impl Range<'_> {
    fn holds(&self, version: &str) -> Holding {
        if self.scheme == Scheme::Windows && is_cut_short(version, self.to) {
            return Holding::Unknown(Cow::Borrowed("the build's revision (the last number)"), Doubt::Fact);
        }
        let above = if self.to.is_empty() { Some(false) } else { self.is_above(version) };
        if above == Some(true) {
            return Holding::No(Side::Above);
        }
        let below = if self.from.is_empty() { Some(false) } else { self.is_below(version) };
        match (below, above) {
            (Some(true), _) => Holding::No(Side::Elsewhere),
            (Some(false), Some(false)) => Holding::Yes,
            (None, _) => Holding::Unknown(not_ordered(version, self.from), Doubt::Reading),
            (_, _) => Holding::Unknown(not_ordered(version, self.to), Doubt::Reading),
        }
    }

    fn is_above(&self, version: &str) -> Option<bool> {
        if let Some(branch) = branch(self.to) {
            return match is_of_branch(version, branch) {
                true => Some(false),
                false => Some(order(self.scheme, version, branch)? == Ordering::Greater),
            };
        }
        let order = order(self.scheme, version, self.to)?;
        Some(order == Ordering::Greater || order == Ordering::Equal && !self.closed.to)
    }

    fn is_below(&self, version: &str) -> Option<bool> {
        if let Some(branch) = branch(self.from) {
            return match is_of_branch(version, branch) {
                true => Some(false),
                false => Some(order(self.scheme, version, branch)? == Ordering::Less),
            };
        }
        let order = order(self.scheme, version, self.from)?;
        Some(order == Ordering::Less || order == Ordering::Equal && !self.closed.from)
    }
}

/// `5.15` for `5.15.*` and `5.15.x`: everything of that branch.
fn branch(bound: &str) -> Option<&str> {
    bound.strip_suffix(".*").or_else(|| bound.strip_suffix(".x")).or_else(|| bound.strip_suffix(".X"))
}

fn is_of_branch(version: &str, branch: &str) -> bool {
    let rest = version.strip_prefix(branch);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `10.0.19045` against `10.0.19045.2846`: patched or not, the inventory does not say.
fn is_cut_short(version: &str, bound: &str) -> bool {
    !version.is_empty() && bound.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
}

/// By the declared way of counting; a version that it does not understand, by the generic one.
/// The packages of a distribution are only ever counted their own way.
pub(super) fn order(scheme: Scheme, version: &str, bound: &str) -> Option<Ordering> {
    // Many tools leave a package's epoch out: then it is left out on both sides.
    let bound = match (scheme, version.contains(':'), bound.split_once(':')) {
        (Scheme::Rpm | Scheme::Deb, false, Some((_, rest))) => rest,
        _ => bound,
    };
    let found = compare(scheme, version, bound);
    match scheme {
        Scheme::Generic | Scheme::Deb | Scheme::Rpm | Scheme::Alpine | Scheme::None => found,
        _ => found.or_else(|| compare(Scheme::Generic, version, bound)),
    }
}

fn not_ordered(version: &str, bound: &str) -> Cow<'static, str> {
    Cow::Owned(format!("whether version {version} is before {bound}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: (&str, &str, bool), scheme: Scheme, version: &str, expected: &str) {
        let (from, to, inclusive) = range;
        let range = Range { scheme, from, to, closed: Closed { from: true, to: inclusive } };
        let actual = match range.holds(version) {
            Holding::Yes => "yes".to_owned(),
            Holding::No(side) => format!("no: {side:?}"),
            Holding::Unknown(fact, _) => format!("unknown: {fact}"),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_fixed_version_is_past_the_range() {
        check(("1.0", "1.5", false), Scheme::Generic, "1.5", "no: Above");
        check(("1.0", "1.5", false), Scheme::Generic, "1.4.9", "yes");
        check(("1.0", "1.5", true), Scheme::Generic, "1.5", "yes");
        check(("1.0", "1.5", true), Scheme::Generic, "0.9", "no: Elsewhere");
    }

    #[test]
    fn a_star_at_the_end_means_the_whole_branch() {
        // CVE-2022-48820: Linux says 5.15.24 to 5.15.* is unaffected.
        check(("5.15.24", "5.15.*", true), Scheme::Generic, "5.15.100", "yes");
        check(("5.15.24", "5.15.*", true), Scheme::Generic, "5.16.1", "no: Above");
        check(("5.15.24", "5.15.*", true), Scheme::Generic, "5.15.3", "no: Elsewhere");
    }

    #[test]
    fn a_build_without_its_revision_may_or_may_not_be_patched() {
        let range = ("", "10.0.19045.2846", false);
        check(range, Scheme::Windows, "10.0.19045", "unknown: the build's revision (the last number)");
        check(range, Scheme::Windows, "10.0.19045.2700", "yes");
        check(range, Scheme::Windows, "10.0.19045.2846", "no: Above");
    }

    #[test]
    fn versions_that_have_no_order_are_unknown_never_no() {
        check(("", "VM5.0", true), Scheme::Generic, "K", "unknown: whether version K is before VM5.0");
    }
}
