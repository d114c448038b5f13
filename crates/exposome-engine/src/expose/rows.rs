//! Version rows, compiled, and whether a component's version lies in one.
//!
//! A row that cannot be read or ordered is *unknown*; it never says no.

use super::interned::{Word, Words};
use super::names::{says_nothing, squash};
use super::record_text;
use super::subject::Subject;
use super::version_text::{Holds, VersionPattern};
use exposome_model::inventory::Component;
use exposome_model::knowledge::{Bound, Statement, Status, VersionRow, Versions};
use exposome_model::vers::Range as VersRange;
use exposome_model::version::{Key, Scheme, compare};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The rows of all claims, one behind the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    all: Vec<Row>,
    texts: Vec<VersionPattern>,
    text_words: Words,
    /// Versions of rows, each read once in its way of counting.
    points: Vec<Point>,
    /// Their texts, each with the way of counting in front as one character.
    point_texts: Words,
    vers: Vec<VersRange>,
    written: String,
}

/// A version in a way of counting.
#[derive(Debug, Clone)]
struct Point {
    key: Option<Key>,
    /// By the generic way of counting, where the declared one is another.
    generic: Option<Key>,
    /// It stands for a whole branch: `5.15.*`.
    is_branch: bool,
}

/// One row, 20 bytes.
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
    Exact(Scheme, u32),
    /// The number of a text.
    Text(u32),
    /// The ends are places in [`Rows::points`]; [`OPEN`] where there is none.
    Bounds {
        scheme: Scheme,
        from: u32,
        to: u32,
        closed: Closed,
    },
    /// In a way of counting that has no order (commits, digests).
    Unordered,
    /// A `vers:` URI; its number.
    Vers(u32),
}

/// How a document gives its versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// In fields of a record, of software and its numbers.
    InFields,
    /// In the prose of an advisory.
    InProse,
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

/// No end on this side.
const OPEN: u32 = u32::MAX;

/// Whether a version stands at a place; see [`Rows::add_version`].
pub(super) fn has_place(place: u32) -> bool {
    place != OPEN
}

impl Rows {
    /// Takes the rows of a statement in; `one_version`: the version in the product's own PURL.
    pub(super) fn add(
        &mut self,
        statement: &Statement,
        hint: Option<Scheme>,
        one_version: Option<&str>,
        written: Written,
    ) -> (u32, u16) {
        let start = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let mut len = 0;
        let has_text = |row: &VersionRow| matches!(row.versions, Versions::Text(_));
        let read = match written {
            Written::InFields
                if statement.versions.len() > 1 || statement.versions.iter().any(has_text) =>
            {
                Cow::Owned(record_text::read(&statement.versions))
            }
            _ => Cow::Borrowed(statement.versions.as_slice()),
        };
        for row in read.iter().take(usize::from(u16::MAX)) {
            let means = match (one_version, &row.versions) {
                (Some(version), Versions::Any | Versions::Text(_) | Versions::Exact(_)) => {
                    self.read_exact(version, hint)
                }
                _ => self.read(&row.versions, hint),
            };
            self.all.push(Row { status: row.status, means });
            len += 1;
        }
        (start, len)
    }

    /// Takes the range of an NVD match in.
    pub(super) fn add_bounds(
        &mut self,
        from: Option<&Bound>,
        to: Option<&Bound>,
        hint: Option<Scheme>,
    ) -> u32 {
        let means = self.read_bounds(from, to, "", hint);
        self.all.push(Row { status: Status::Affected, means });
        u32::try_from(self.all.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn get(&self, (start, len): (u32, u16)) -> &[Row] {
        let start = start as usize;
        self.all.get(start..start + usize::from(len)).unwrap_or_default()
    }

    /// The version at the end of a range.
    pub(super) fn end_of(&self, point: u32) -> Option<&str> {
        let text = self.point_texts.get(Word(point));
        text.get(1..).filter(|_| point != OPEN)
    }

    fn read(&mut self, versions: &Versions, hint: Option<Scheme>) -> Means {
        match versions {
            Versions::Any => Means::Any,
            Versions::Text(text) if text.starts_with("vers:") => self.vers(text),
            Versions::Text(text) => self.read_text(text, hint),
            Versions::Exact(text) => self.read_exact(text, hint),
            Versions::Vers(text) => self.vers(text),
            Versions::Bounds { from, to, scheme } => self.read_bounds(
                from.as_ref(),
                to.as_ref(),
                scheme.as_deref().unwrap_or_default(),
                hint,
            ),
        }
    }

    fn read_text(&mut self, text: &str, hint: Option<Scheme>) -> Means {
        let means_itself = hint.is_none() && text.contains(|c: char| c.is_ascii_digit());
        if means_itself { self.text(text) } else { self.read_exact(text, hint) }
    }

    fn read_exact(&mut self, text: &str, hint: Option<Scheme>) -> Means {
        let text = text.trim();
        if is_plain(text) {
            let scheme = scheme_of("", hint);
            return Means::Exact(scheme, self.point(scheme, text));
        }
        match squash(text).as_str() {
            "" if text == "*" => Means::Any,
            "all" | "allversions" | "any" | "every" | "everyversion" => Means::Any,
            _ if text == "-" || says_nothing(text) => Means::Nothing,
            _ => self.text(text),
        }
    }

    fn read_bounds(
        &mut self,
        from: Option<&Bound>,
        to: Option<&Bound>,
        declared: &str,
        hint: Option<Scheme>,
    ) -> Means {
        let mut ends = [from, to].into_iter().flatten();
        if declared.eq_ignore_ascii_case("git") || ends.any(|bound| is_digest(&bound.version)) {
            return Means::Unordered;
        }
        let (from, to) = (
            from.filter(|bound| is_an_end(bound)),
            to.filter(|bound| is_an_end(bound) || bound.version == "0"),
        );
        if from.is_none() && to.is_none() {
            return Means::Any;
        }
        let scheme = scheme_of(declared, hint);
        let mut place = |bound: Option<&Bound>| {
            bound.map_or(OPEN, |bound| self.point(scheme, bound.version.trim()))
        };
        Means::Bounds {
            scheme,
            from: place(from),
            to: place(to),
            closed: Closed {
                from: from.is_none_or(|bound| bound.inclusive),
                to: to.is_some_and(|bound| bound.inclusive),
            },
        }
    }

    fn point(&mut self, scheme: Scheme, text: &str) -> u32 {
        self.written.clear();
        self.written.push(char::from(b'A' + scheme as u8));
        self.written.push_str(text);
        let word = self.point_texts.intern(&self.written);
        if word.0 as usize == self.points.len() {
            let generic =
                (scheme != Scheme::Generic).then(|| Key::parse(Scheme::Generic, text)).flatten();
            let is_branch = branch(text).is_some();
            self.points.push(Point { key: Key::parse(scheme, text), generic, is_branch });
        }
        word.0
    }

    fn vers(&mut self, text: &str) -> Means {
        match VersRange::parse(text) {
            Ok(range) if range.is_all() => Means::Any,
            Ok(range) => {
                self.vers.push(range);
                Means::Vers(u32::try_from(self.vers.len() - 1).unwrap_or(u32::MAX))
            }
            Err(_) => self.text(text),
        }
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
            Means::Nothing => Holding::Unknown(
                Cow::Borrowed("the affected versions: the document names none"),
                Doubt::Reading,
            ),
            Means::Unordered => {
                Holding::Unknown(Cow::Borrowed("the commit it was built from"), Doubt::Reading)
            }
            Means::Text(place) => self.text_holds(place, subject, context),
            Means::Vers(place) => with_version(subject, context.version, |version| {
                match self.vers.get(place as usize).and_then(|range| range.contains(&version.text))
                {
                    Some(true) => Holding::Yes,
                    Some(false) => Holding::No(Side::Above),
                    None => {
                        Holding::Unknown(Cow::Borrowed("a reading of the range"), Doubt::Reading)
                    }
                }
            }),
            Means::Exact(scheme, point) => with_version(subject, context.version, |version| {
                self.end(point, scheme)
                    .map_or(Holding::No(Side::Elsewhere), |named| exactly(version, &named))
            }),
            Means::Bounds { scheme, from, to, closed } => {
                in_range(subject, context.version, |version| {
                    let (from, to) = (self.end(from, scheme), self.end(to, scheme));
                    Range { from, to, closed }.holds(version)
                })
            }
        }
    }

    /// Which of a component's version and a version of a row comes first.
    pub(super) fn order_at(
        &self,
        own: &OwnVersion,
        place: u32,
        scheme: Scheme,
    ) -> Option<Ordering> {
        order(own, &self.end(place, scheme)?)
    }

    /// Whether a component's version is the one at a place.
    pub(super) fn is_at(&self, own: &OwnVersion, place: u32) -> Option<Holding> {
        Some(exactly(own, &self.end(place, Scheme::Generic)?))
    }

    /// The place of a version that stands alone; nothing for one that stands for several.
    pub(super) fn add_version(&mut self, version: &str) -> u32 {
        if version == "-" || version.contains(['*', '?']) {
            OPEN
        } else {
            self.point(Scheme::Generic, version)
        }
    }

    fn end(&self, place: u32, scheme: Scheme) -> Option<End<'_>> {
        Some(End { rows: self, place, scheme, point: self.points.get(place as usize)? })
    }

    fn text_holds(&self, place: u32, subject: &Subject, context: &Context<'_>) -> Holding {
        let Some(pattern) = self.texts.get(place as usize) else {
            return Holding::Unknown(Cow::Borrowed("a reading of the range"), Doubt::Reading);
        };
        match pattern.holds(context.component, context.bill) {
            Holds::Yes { .. } => Holding::Yes,
            Holds::No { .. } => Holding::No(Side::Above),
            Holds::Unknown { missing_fact, .. } => {
                let doubt = if subject.version.is_none() || !missing_fact.contains("reading") {
                    Doubt::Fact
                } else {
                    Doubt::Reading
                };
                Holding::Unknown(Cow::Owned(missing_fact), doubt)
            }
        }
    }

    /// Whether a row in words names this very version.
    pub(super) fn names(&self, row: Row, installed: &str) -> bool {
        let Means::Text(place) = row.means else { return false };
        self.texts.get(place as usize).is_some_and(|text| text.names(installed))
    }

    /// The row in words, for evidence.
    pub(super) fn in_words(&self, row: Row) -> String {
        match row.means {
            Means::Any => "every version".to_owned(),
            Means::Nothing => "no version named".to_owned(),
            Means::Unordered => "commits".to_owned(),
            Means::Vers(place) => {
                self.vers.get(place as usize).map_or_else(String::new, ToString::to_string)
            }
            Means::Text(place) => format!("\"{}\"", self.text_words.get(Word(place))),
            Means::Exact(_, point) => format!("version {}", self.end_of(point).unwrap_or_default()),
            Means::Bounds { from, to, closed, .. } => {
                let mut parts = Vec::new();
                if let Some(from) = self.end_of(from) {
                    parts.push(format!("{} {from}", if closed.from { "from" } else { "after" }));
                }
                if let Some(to) = self.end_of(to) {
                    parts.push(format!("{} {to}", if closed.to { "up to" } else { "before" }));
                }
                parts.join(" ")
            }
        }
    }
}

/// What is around the component, for free text.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) component: &'a Component,
    pub(super) bill: &'a [Component],
    pub(super) version: Option<&'a OwnVersion>,
}

/// The version of a component, read once in the ways of counting it may be asked in.
#[derive(Debug, Clone)]
pub struct OwnVersion {
    pub text: String,
    generic: Option<Key>,
    /// In the way its kind of package counts.
    own: Option<Key>,
    /// As a semantic version, where its kind counts another way: many records do, whatever it is.
    semver: Option<Key>,
    /// A package's version whose epoch, if it has one, is not told.
    epochless: bool,
}

impl OwnVersion {
    pub fn read(text: &str, scheme: Option<Scheme>) -> OwnVersion {
        OwnVersion {
            text: text.to_owned(),
            generic: Key::parse(Scheme::Generic, text),
            own: scheme.and_then(|scheme| Key::parse(scheme, text)),
            semver: Key::parse(Scheme::Semver, text).filter(|_| scheme != Some(Scheme::Semver)),
            epochless: scheme.is_some_and(is_packaged) && !text.contains(':'),
        }
    }
}

/// A single version and nothing else.
fn is_plain(text: &str) -> bool {
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_digit())
        && !text.contains(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '=' | ',' | '|' | '*' | ';' | '/')
        })
}

/// Whether a bound says where something begins or ends.
fn is_an_end(bound: &Bound) -> bool {
    let version = bound.version.trim();
    !matches!(version, "" | "*" | "-" | "0")
        && (!version.starts_with(|c: char| c.is_alphabetic()) || !says_nothing(version))
}

/// A commit or checksum: nothing that one could be before or after.
fn is_digest(text: &str) -> bool {
    text.len() >= 10
        && text.chars().all(|c| c.is_ascii_hexdigit())
        && text.contains(|c: char| c.is_ascii_alphabetic())
}

/// The way the package's kind counts; where it has none, the declared one.
fn scheme_of(declared: &str, hint: Option<Scheme>) -> Scheme {
    if let Some(hint) = hint {
        return hint;
    }
    match declared {
        "" | "custom" | "ECOSYSTEM" => Scheme::Generic,
        "semver" | "SEMVER" => Scheme::Semver,
        name => Scheme::named(name).unwrap_or(Scheme::Generic),
    }
}

/// Tries the component's version, and where that cannot be ordered the one in its name.
fn with_version(
    subject: &Subject,
    version: Option<&OwnVersion>,
    holds: impl Fn(&OwnVersion) -> Holding,
) -> Holding {
    let Some(version) = version else {
        return Holding::Unknown(Cow::Borrowed(subject.version_fact()), Doubt::Fact);
    };
    let first = holds(version);
    let Some(release) = subject.release.as_ref().filter(|_| first != Holding::Yes) else {
        return first;
    };
    match holds(release) {
        Holding::Yes => Holding::Yes,
        Holding::Unknown(..) => first,
        second if matches!(first, Holding::Unknown(..)) => second,
        Holding::No(_) => first,
    }
}

/// Tries the component's version, and the one in its name only where that has no order: "STEP 7 V17",
/// version V17 Update 7, is not before V17 Update 7 because V17 is.
fn in_range(
    subject: &Subject,
    version: Option<&OwnVersion>,
    holds: impl Fn(&OwnVersion) -> Holding,
) -> Holding {
    let Some(version) = version else {
        return Holding::Unknown(Cow::Borrowed(subject.version_fact()), Doubt::Fact);
    };
    match (holds(version), &subject.release) {
        (first @ Holding::Unknown(..), Some(release)) => match holds(release) {
            Holding::Unknown(..) => first,
            second => second,
        },
        (first, _) => first,
    }
}

/// A version that a document names.
#[derive(Clone, Copy)]
struct End<'a> {
    rows: &'a Rows,
    place: u32,
    scheme: Scheme,
    point: &'a Point,
}

impl<'a> End<'a> {
    fn text(&self) -> &'a str {
        self.rows.end_of(self.place).unwrap_or_default()
    }

    /// By the generic way of counting.
    fn generic(&self) -> Option<&'a Key> {
        let point = self.point;
        if self.scheme == Scheme::Generic { point.key.as_ref() } else { point.generic.as_ref() }
    }
}

fn exactly(own: &OwnVersion, named: &End<'_>) -> Holding {
    let order = order(own, named);
    // The generic order knows no capitals: what it tells apart is not the same text.
    let is_other = named.scheme == Scheme::Generic && order.is_some_and(Ordering::is_ne);
    if order == Some(Ordering::Equal) || !is_other && own.text.eq_ignore_ascii_case(named.text()) {
        return Holding::Yes;
    }
    match order {
        Some(_) => Holding::No(Side::Elsewhere),
        None => Holding::Unknown(not_ordered(&own.text, named.text()), Doubt::Reading),
    }
}

fn exactly_text(own: &str, named: &str) -> Holding {
    if own.eq_ignore_ascii_case(named) {
        return Holding::Yes;
    }
    match compare(Scheme::Generic, own, named) {
        Some(Ordering::Equal) => Holding::Yes,
        Some(_) => Holding::No(Side::Elsewhere),
        None => Holding::Unknown(not_ordered(own, named), Doubt::Reading),
    }
}

/// Whether a version is the one a CPE name gives, update and all.
pub(super) fn is_version(own: &str, version: &str, update: &str) -> Holding {
    if version.contains(['*', '?']) {
        let branch = version.trim_end_matches(['*', '?']).trim_end_matches('.');
        return if is_of_branch(own, branch) { Holding::Yes } else { Holding::No(Side::Elsewhere) };
    }
    if matches!(update, "" | "-") {
        return exactly_text(own, version);
    }
    let whole = exactly_text(own, &format!("{version} {update}"));
    if whole == Holding::Yes || exactly_text(own, version) != Holding::Yes {
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
    from: Option<End<'a>>,
    to: Option<End<'a>>,
    closed: Closed,
}

impl Range<'_> {
    fn holds(&self, own: &OwnVersion) -> Holding {
        let cut_short =
            |to: &End<'_>| to.scheme == Scheme::Windows && is_cut_short(&own.text, to.text());
        if self.to.as_ref().is_some_and(cut_short) {
            return Holding::Unknown(
                Cow::Borrowed("the build's revision (the last number)"),
                Doubt::Fact,
            );
        }
        let past = |end: &End<'_>| side(own, end, Ordering::Greater, self.closed.to);
        if self.lacks_its_build(own) {
            return Holding::Unknown(Cow::Borrowed("the build of the version"), Doubt::Fact);
        }
        let above = self.to.as_ref().map_or(Some(false), past);
        if above == Some(true) {
            return Holding::No(Side::Above);
        }
        let before = |end: &End<'_>| side(own, end, Ordering::Less, self.closed.from);
        let below = self.from.as_ref().map_or(Some(false), before);
        match (below, above, &self.from, &self.to) {
            (Some(true), ..) => Holding::No(Side::Elsewhere),
            (Some(false), Some(false), ..) => Holding::Yes,
            (None, _, Some(end), _) | (_, _, _, Some(end)) => {
                Holding::Unknown(not_ordered(&own.text, end.text()), Doubt::Reading)
            }
            _ => Holding::Unknown(Cow::Borrowed("a reading of the range"), Doubt::Reading),
        }
    }
}

impl Range<'_> {
    /// From `13.1` to build `13.1-49.13`: a bare 13.1 says too little.
    fn lacks_its_build(&self, own: &OwnVersion) -> bool {
        let (Some(from), Some(to)) = (&self.from, &self.to) else { return false };
        // What comes before or after is no bare 13.1, whatever it is called.
        if order(own, from).is_some_and(Ordering::is_ne) || own.text != from.text() {
            return false;
        }
        let build = to.text().strip_prefix(from.text()).and_then(|rest| rest.strip_prefix('-'));
        build.is_some_and(|build| build.starts_with(|c: char| c.is_ascii_digit()))
    }
}

/// Whether a version lies beyond an end, in the direction `beyond`; on it, if the end is not closed.
fn side(own: &OwnVersion, end: &End<'_>, beyond: Ordering, closed: bool) -> Option<bool> {
    let branch = if end.point.is_branch { branch(end.text()) } else { None };
    if let Some(branch) = branch {
        if is_of_branch(&own.text, branch) {
            return Some(!closed && beyond == Ordering::Less);
        }
        return Some(compare_texts(end.scheme, &own.text, branch)? == beyond);
    }
    let order = order(own, end)?;
    Some(order == beyond || order == Ordering::Equal && !closed)
}

/// `5.15` for `5.15.*` and `5.15.x`: everything of that branch.
fn branch(bound: &str) -> Option<&str> {
    bound
        .strip_suffix(".*")
        .or_else(|| bound.strip_suffix(".x"))
        .or_else(|| bound.strip_suffix(".X"))
}

pub(super) fn is_of_branch(version: &str, branch: &str) -> bool {
    let rest = version.strip_prefix(branch);
    rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// `10.0.19045` against `10.0.19045.2846`: patched or not, the inventory does not say.
fn is_cut_short(version: &str, bound: &str) -> bool {
    !version.is_empty() && bound.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'))
}

/// By the declared way of counting; a version that it does not understand, by the generic one.
/// The packages of a distribution are only ever counted their own way.
fn order(own: &OwnVersion, end: &End<'_>) -> Option<Ordering> {
    let key = end.point.key.as_ref();
    if end.scheme == Scheme::Generic {
        return own.generic.as_ref()?.compare(key?);
    }
    let mut counted = [&own.own, &own.semver].into_iter().flatten();
    match (counted.find(|own| own.scheme() == end.scheme), key) {
        (Some(_), Some(_)) if own.epochless && end.text().contains(':') => {
            compare_texts(end.scheme, &own.text, end.text())
        }
        (Some(counted), Some(key)) => counted.compare(key),
        (None, Some(_)) => compare_texts(end.scheme, &own.text, end.text()),
        (_, None) if is_packaged(end.scheme) => None,
        (_, None) => own.generic.as_ref()?.compare(end.generic()?),
    }
}

/// Distributions' own ways of counting, with epochs.
fn is_packaged(scheme: Scheme) -> bool {
    matches!(scheme, Scheme::Rpm | Scheme::Deb)
}

/// Two versions by a way of counting, and where that fails by the generic one.
pub(super) fn compare_texts(scheme: Scheme, version: &str, bound: &str) -> Option<Ordering> {
    // Many tools leave a package's epoch out: then it is left out on both sides.
    let bound = match bound.split_once(':') {
        Some((_, rest)) if is_packaged(scheme) && !version.contains(':') => rest,
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
        let (from, to, inclusive): (&str, &str, bool) = range;
        let mut rows = Rows::default();
        let mut place = |text: &str| match text {
            "" => OPEN,
            text => rows.point(scheme, text),
        };
        let (from, to) = (place(from), place(to));
        let range = Range {
            from: rows.end(from, scheme),
            to: rows.end(to, scheme),
            closed: Closed { from: true, to: inclusive },
        };
        let actual = match range.holds(&OwnVersion::read(version, None)) {
            Holding::Yes => "yes".to_owned(),
            Holding::No(side) => format!("no: {side:?}"),
            Holding::Unknown(fact, _) => format!("unknown: {fact}"),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_range_of_builds_asks_for_the_build() {
        let range = ("13.1", "13.1-49.13", false);
        check(range, Scheme::Generic, "13.1", "unknown: the build of the version");
        check(range, Scheme::Generic, "13.1-48.47", "yes");
        check(range, Scheme::Generic, "13.1-49.13", "no: Above");
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
        check(
            range,
            Scheme::Windows,
            "10.0.19045",
            "unknown: the build's revision (the last number)",
        );
        check(range, Scheme::Windows, "10.0.19045.2700", "yes");
        check(range, Scheme::Windows, "10.0.19045.2846", "no: Above");
    }

    #[test]
    fn versions_that_have_no_order_are_unknown_never_no() {
        check(
            ("", "VM5.0", true),
            Scheme::Generic,
            "K",
            "unknown: whether version K is before VM5.0",
        );
    }
}
