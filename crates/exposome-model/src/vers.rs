//! VERS: which versions of a package, in one notation for all ecosystems.
//!
//! `vers:npm/1.2.3|>=2.0.0|<5.0.0` is the version 1.2.3 and everything from 2.0.0 until before
//! 5.0.0, in the order of npm (package-url/vers-spec, "VERS specification", clause 5).  A range
//! answers in three values: a version it cannot place by its scheme is *not known*.
//!
//! [`Range::parse`] takes what feeds write: blanks, constraints in any order, `=` before a
//! version.  [`Range::parse_canonical`] holds the text to every rule of clauses 5.3 and 5.4.
//! [`native`] reads the notations of the ecosystems themselves.

pub mod native;

use crate::version::{Key, Scheme};
use std::cmp::Ordering;
use std::fmt;

/// Constraints on the versions of one scheme, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    kind: Box<str>,
    scheme: Option<Scheme>,
    extent: Extent,
    /// Whether the bounds, as they stand, say where intervals begin and end.
    readable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Extent {
    /// `*`
    All,
    /// `vers:none/*`
    Nothing,
    Constraints(Vec<Constraint>),
}

/// A comparator and the version it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    pub comparator: Comparator,
    pub version: Box<str>,
    key: Option<Key>,
}

/// In the order in which constraints on the same version are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparator {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

/// Longer ones first, so that the first that fits is the right one.
const COMPARATORS: [(&str, Comparator); 6] = [
    ("<=", Comparator::LessOrEqual),
    (">=", Comparator::GreaterOrEqual),
    ("!=", Comparator::NotEqual),
    ("<", Comparator::Less),
    (">", Comparator::Greater),
    ("=", Comparator::Equal),
];

impl Comparator {
    pub fn symbol(self) -> &'static str {
        COMPARATORS
            .iter()
            .find(|(_, comparator)| *comparator == self)
            .map_or("", |(symbol, _)| symbol)
    }

    /// Splits a comparator off the front of a text; none means equal.
    fn split(text: &str) -> (Comparator, &str) {
        let with = COMPARATORS
            .iter()
            .find_map(|&(symbol, comparator)| Some((comparator, text.strip_prefix(symbol)?)));
        with.unwrap_or((Comparator::Equal, text))
    }

    fn is_lower_bound(self) -> bool {
        matches!(self, Comparator::Greater | Comparator::GreaterOrEqual)
    }

    fn is_upper_bound(self) -> bool {
        matches!(self, Comparator::Less | Comparator::LessOrEqual)
    }

    /// Whether a version that stands so to the one of the constraint satisfies it.
    fn holds(self, order: Ordering) -> bool {
        match self {
            Comparator::Less => order.is_lt(),
            Comparator::LessOrEqual => order.is_le(),
            Comparator::Equal => order.is_eq(),
            Comparator::NotEqual => order.is_ne(),
            Comparator::GreaterOrEqual => order.is_ge(),
            Comparator::Greater => order.is_gt(),
        }
    }
}

impl Constraint {
    fn new(scheme: Option<Scheme>, comparator: Comparator, version: &str) -> Constraint {
        Constraint {
            comparator,
            version: version.into(),
            key: scheme.and_then(|scheme| Key::parse(scheme, version)),
        }
    }

    /// How `version` stands to the version of this constraint.
    fn order(&self, version: &Version<'_>) -> Option<Ordering> {
        if let (Some(ours), Some(theirs)) = (&self.key, version.key) {
            return theirs.compare(ours);
        }
        (*self.version == *version.text).then_some(Ordering::Equal)
    }

    fn admits(&self, version: &Version<'_>) -> Option<bool> {
        self.order(version).map(|order| self.comparator.holds(order))
    }

    fn cmp(&self, other: &Constraint) -> Option<Ordering> {
        let order = self.key.as_ref()?.compare(other.key.as_ref()?)?;
        Some(order.then(self.comparator.cmp(&other.comparator)))
    }
}

/// A version in question, parsed once for all constraints.
struct Version<'a> {
    text: &'a str,
    key: Option<&'a Key>,
}

impl Range {
    /// A range of these constraints, put in order where they can be.
    pub fn new<'a>(
        kind: &str,
        constraints: impl IntoIterator<Item = (Comparator, &'a str)>,
    ) -> Range {
        let kind = kind.to_ascii_lowercase();
        let scheme = Scheme::named(&kind);
        let of = |(comparator, version): (Comparator, &str)| {
            Constraint::new(scheme, comparator, version)
        };
        let mut constraints: Vec<Constraint> = constraints.into_iter().map(of).collect();
        sort(&mut constraints);
        Range::of(&kind, scheme, constraints)
    }

    /// All versions.
    pub fn all(kind: &str) -> Range {
        let kind = kind.to_ascii_lowercase();
        Range {
            scheme: Scheme::named(&kind),
            kind: kind.into(),
            extent: Extent::All,
            readable: true,
        }
    }

    /// Reads a range as feeds write it.
    pub fn parse(text: &str) -> Result<Range, Error> {
        let without_blanks: String =
            text.chars().filter(|character| !character.is_whitespace()).collect();
        let (kind, constraints) = split(&without_blanks)?;
        if constraints == "*" {
            return Ok(Range::every(kind));
        }
        let mut found = Vec::new();
        for constraint in constraints.split('|').filter(|constraint| !constraint.is_empty()) {
            let (comparator, version) = Comparator::split(constraint);
            found.push((comparator, decode(version)?));
        }
        if found.is_empty() {
            return Err(Error::NoConstraint);
        }
        if found.iter().any(|(_, version)| version.is_empty() || version == "*") {
            return Err(Error::AsteriskNotAlone);
        }
        Ok(Range::new(
            kind,
            found.iter().map(|(comparator, version)| (*comparator, version.as_str())),
        ))
    }

    /// Reads a range that must be written exactly as the specification wants it.
    pub fn parse_canonical(text: &str) -> Result<Range, Error> {
        if text.chars().any(|character| character.is_whitespace() || !character.is_ascii()) {
            return Err(Error::Whitespace);
        }
        let (kind, constraints) = split(text)?;
        if kind.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(Error::TypeNotLowercase);
        }
        check_pipes(constraints)?;
        if constraints == "*" {
            return Ok(Range::every(kind));
        }
        let scheme = Scheme::named(kind);
        let constraints =
            constraints.split('|').map(|constraint| canonical_constraint(kind, scheme, constraint));
        let constraints = constraints.collect::<Result<Vec<_>, _>>()?;
        check_sequence(&constraints)?;
        Ok(Range::of(kind, scheme, constraints))
    }

    /// The type as written after `vers:`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme
    }

    /// Whether it says no more than "all versions".
    pub fn is_all(&self) -> bool {
        self.extent == Extent::All
    }

    /// The constraints in their order; none for `*`.
    pub fn constraints(&self) -> &[Constraint] {
        match &self.extent {
            Extent::Constraints(constraints) => constraints,
            Extent::All | Extent::Nothing => &[],
        }
    }

    /// Whether a version lies in the range; `None` when the scheme cannot tell.
    pub fn contains(&self, version: &str) -> Option<bool> {
        let key = self.scheme.and_then(|scheme| Key::parse(scheme, version));
        self.contains_version(&Version { text: version, key: key.as_ref() })
    }

    /// The same for a version that was parsed before.
    pub fn contains_key(&self, text: &str, key: &Key) -> Option<bool> {
        self.contains_version(&Version { text, key: Some(key) })
    }

    /// Whether the constraints keep every rule of clause 5.4.
    pub fn check(&self) -> Result<(), Error> {
        check_sequence(self.constraints())
    }

    fn of(kind: &str, scheme: Option<Scheme>, constraints: Vec<Constraint>) -> Range {
        let readable = is_sorted(&constraints) || is_readable(&constraints);
        Range { kind: kind.into(), scheme, extent: Extent::Constraints(constraints), readable }
    }

    fn every(kind: &str) -> Range {
        let extent = if kind.eq_ignore_ascii_case("none") { Extent::Nothing } else { Extent::All };
        Range { extent, ..Range::all(kind) }
    }

    fn contains_version(&self, version: &Version<'_>) -> Option<bool> {
        let constraints = match &self.extent {
            Extent::All => return Some(true),
            Extent::Nothing => return Some(false),
            Extent::Constraints(constraints) => constraints,
        };
        if constraints.is_empty() {
            return None;
        }
        let of = |comparator| {
            constraints.iter().filter(move |constraint| constraint.comparator == comparator)
        };
        let named = any(of(Comparator::Equal).map(|constraint| constraint.admits(version)));
        let excluded =
            any(of(Comparator::NotEqual).map(|constraint| Some(!constraint.admits(version)?)));
        let only_exclusions =
            constraints.iter().all(|constraint| constraint.comparator == Comparator::NotEqual);
        let inside = match (only_exclusions, self.readable) {
            (true, _) => Some(true),
            (false, true) => inside(constraints, version),
            (false, false) => None,
        };
        all([any([named, inside].into_iter()), excluded.map(|excluded| !excluded)].into_iter())
    }
}

/// `vers:type/constraint|...`, versions encoded where they must be.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vers:{}/", self.kind)?;
        if matches!(self.extent, Extent::All | Extent::Nothing) {
            return f.write_str("*");
        }
        for (place, constraint) in self.constraints().iter().enumerate() {
            let pipe = if place == 0 { "" } else { "|" };
            write!(f, "{pipe}{constraint}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symbol =
            if self.comparator == Comparator::Equal { "" } else { self.comparator.symbol() };
        write!(f, "{symbol}{}", encode(&self.version))
    }
}

/// Why a text is no range, or not a canonical one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a VERS: it does not open with vers:")]
    NotVers,
    #[error("a VERS without a slash after its type")]
    NoSlash,
    #[error(
        "the type {found:?} has other characters than letters, digits, dots and dashes, or opens with no letter"
    )]
    Type { found: String },
    #[error("the type invalid is reserved: whatever follows is no range")]
    ReservedInvalid,
    #[error("no constraint after the slash")]
    NoConstraint,
    #[error("an asterisk stands alone, without other constraints and without a version")]
    AsteriskNotAlone,
    #[error("{found:?} has % that two hexadecimal digits of a UTF-8 text do not follow")]
    Percent { found: String },
    #[error("non-canonical VERS: whitespace is not permitted")]
    Whitespace,
    #[error("non-canonical VERS: the type is not in lower case")]
    TypeNotLowercase,
    #[error("non-canonical VERS: leading pipe is not permitted")]
    LeadingPipe,
    #[error("non-canonical VERS: trailing pipe is not permitted")]
    TrailingPipe,
    #[error("non-canonical VERS: consecutive pipes are not permitted")]
    ConsecutivePipes,
    #[error("non-canonical VERS: an equals sign is not written")]
    ExplicitEquals,
    #[error("non-canonical VERS: constraints are not sorted by version")]
    NotSorted,
    #[error("non-canonical VERS: {version} occurs twice")]
    Duplicate { version: String },
    #[error("non-canonical VERS: {second} cannot follow {first}")]
    Sequence { first: String, second: String },
    #[error("non-canonical VERS: {found:?} should be written {expected:?}")]
    Encoding { found: String, expected: String },
    #[error("non-canonical VERS: {found:?} is not a moment with upper-case T and Z (RFC 3339)")]
    Moment { found: String },
}

/// Type and constraints of `vers:type/constraints`.
fn split(text: &str) -> Result<(&str, &str), Error> {
    let (prefix, rest) = text.split_once(':').ok_or(Error::NotVers)?;
    if !prefix.eq_ignore_ascii_case("vers") {
        return Err(Error::NotVers);
    }
    let (kind, constraints) = rest.split_once('/').ok_or(Error::NoSlash)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-';
    if !kind.starts_with(|first: char| first.is_ascii_alphabetic()) || !kind.bytes().all(allowed) {
        return Err(Error::Type { found: kind.to_owned() });
    }
    if kind.eq_ignore_ascii_case("invalid") {
        return Err(Error::ReservedInvalid);
    }
    Ok((kind, constraints))
}

fn check_pipes(constraints: &str) -> Result<(), Error> {
    match constraints {
        "" => Err(Error::NoConstraint),
        text if text.starts_with('|') => Err(Error::LeadingPipe),
        text if text.ends_with('|') => Err(Error::TrailingPipe),
        text if text.contains("||") => Err(Error::ConsecutivePipes),
        _ => Ok(()),
    }
}

fn canonical_constraint(
    kind: &str,
    scheme: Option<Scheme>,
    text: &str,
) -> Result<Constraint, Error> {
    if text.starts_with('=') {
        return Err(Error::ExplicitEquals);
    }
    let (comparator, raw) = Comparator::split(text);
    if raw.is_empty() || raw.contains('*') {
        return Err(Error::AsteriskNotAlone);
    }
    let version = decode(raw)?;
    let expected = encode(&version);
    if expected != raw {
        return Err(Error::Encoding { found: raw.to_owned(), expected });
    }
    let constraint = Constraint::new(scheme, comparator, &version);
    if kind == "datetime" && (constraint.key.is_none() || version.contains(['t', 'z', ' '])) {
        return Err(Error::Moment { found: version });
    }
    Ok(constraint)
}

/// The rules of clause 5.4, as far as the scheme has an order.
fn check_sequence(constraints: &[Constraint]) -> Result<(), Error> {
    for (first, second) in constraints.iter().zip(constraints.iter().skip(1)) {
        let order = match (&first.key, &second.key) {
            (Some(first), Some(second)) => first.compare(second),
            _ => None,
        };
        if order == Some(Ordering::Greater) {
            return Err(Error::NotSorted);
        }
        if order == Some(Ordering::Equal) || first.version == second.version {
            return Err(Error::Duplicate { version: second.version.to_string() });
        }
    }
    let counted =
        || constraints.iter().filter(|constraint| constraint.comparator != Comparator::NotEqual);
    let bounds = || counted().filter(|constraint| constraint.comparator != Comparator::Equal);
    let refused = |first: &Constraint, second: &Constraint| Error::Sequence {
        first: first.to_string(),
        second: second.to_string(),
    };
    for (first, second) in counted().zip(counted().skip(1)) {
        if first.comparator == Comparator::Equal && second.comparator.is_upper_bound() {
            return Err(refused(first, second));
        }
    }
    for (first, second) in bounds().zip(bounds().skip(1)) {
        if first.comparator.is_upper_bound() == second.comparator.is_upper_bound() {
            return Err(refused(first, second));
        }
    }
    Ok(())
}

/// Sorts where all can be ordered with their neighbours; otherwise they stay as written.
fn sort(constraints: &mut Vec<Constraint>) {
    let mut sorted = constraints.clone();
    sorted.sort_by(|left, right| left.cmp(right).unwrap_or_else(|| left.key.cmp(&right.key)));
    if is_sorted(&sorted) {
        *constraints = sorted;
    }
}

/// Whether a version lies between the bounds.  Of several lower bounds in a row, or several upper
/// bounds, one that admits it is enough: together they are the union.
fn inside(constraints: &[Constraint], version: &Version<'_>) -> Option<bool> {
    let is_bound = |constraint: &&Constraint| {
        constraint.comparator.is_lower_bound() || constraint.comparator.is_upper_bound()
    };
    let mut bounds = constraints.iter().filter(is_bound).peekable();
    let mut answer = Some(false);
    while bounds.peek().is_some() {
        let lower = run(&mut bounds, Comparator::is_lower_bound, version);
        let upper = run(&mut bounds, Comparator::is_upper_bound, version);
        answer = any([answer, all([lower, upper].into_iter())].into_iter());
    }
    answer
}

/// Whether one of the bounds of one kind that come next admits the version; where there is none, the
/// interval is open.
fn run<'a>(
    bounds: &mut std::iter::Peekable<impl Iterator<Item = &'a Constraint>>,
    kind: fn(Comparator) -> bool,
    version: &Version<'_>,
) -> Option<bool> {
    let mut next =
        || bounds.next_if(|bound| kind(bound.comparator)).map(|bound| bound.admits(version));
    let Some(first) = next() else { return Some(true) };
    let rest = any(std::iter::from_fn(next));
    any([first, rest].into_iter())
}

/// Bounds that could not be sorted mean something only if each lower one is closed by the
/// upper one after it, or if there is but one.
fn is_readable(constraints: &[Constraint]) -> bool {
    let lower: Vec<bool> = constraints
        .iter()
        .filter(|constraint| {
            !matches!(constraint.comparator, Comparator::Equal | Comparator::NotEqual)
        })
        .map(|constraint| constraint.comparator.is_lower_bound())
        .collect();
    lower.len() < 2 || lower.chunks(2).all(|pair| matches!(pair, [true, false]))
}

fn is_sorted(constraints: &[Constraint]) -> bool {
    constraints
        .iter()
        .zip(constraints.iter().skip(1))
        .all(|(left, right)| left.cmp(right).is_some_and(Ordering::is_le))
}

/// Yes if one says yes, otherwise not known if one is not known.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut unknown = false;
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    if unknown { None } else { Some(false) }
}

/// No if one says no, otherwise not known if one is not known.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(answers.map(|answer| answer.map(|yes| !yes))).map(|no| !no)
}

fn decode(version: &str) -> Result<String, Error> {
    let refused = || Error::Percent { found: version.to_owned() };
    let mut bytes = Vec::with_capacity(version.len());
    let mut rest = version.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (&[high, low], tail) = rest.split_first_chunk::<2>().ok_or_else(refused)?;
        let digit =
            |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(high).ok_or_else(refused)? * 16 + digit(low).ok_or_else(refused)?);
        rest = tail;
    }
    String::from_utf8(bytes).map_err(|_| refused())
}

fn encode(version: &str) -> String {
    let mut encoded = String::with_capacity(version.len());
    for byte in version.bytes() {
        if byte.is_ascii_graphic() && !b"><=!*|%".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |value: u8| {
                char::from_digit(u32::from(value), 16).unwrap_or('0').to_ascii_uppercase()
            };
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(range: &str, version: &str, expected: Option<bool>) {
        assert_eq!(
            Range::parse(range).unwrap().contains(version),
            expected,
            "{version} in {range}"
        );
    }

    #[test]
    fn a_version_lies_between_the_bounds_or_it_does_not() {
        check("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.2.3", Some(true));
        check("vers:npm/1.2.3|>=2.0.0|<5.0.0", "1.9.0", Some(false));
        check("vers:npm/1.2.3|>=2.0.0|<5.0.0", "4.9.9", Some(true));
        check("vers:npm/1.2.3|>=2.0.0|<5.0.0", "5.0.0", Some(false));
        check("vers:gem/>=2.2.0|!=2.2.1|<2.3.0", "2.2.1", Some(false));
        check("vers:deb/<1.0-1|>2.0", "1.0~rc1-1", Some(true));
        check("vers:deb/<1.0-1|>2.0", "1.5", Some(false));
        check("vers:pypi/!=2.0.3", "2.0.4", Some(true));
        check("vers:all/*", "whatever", Some(true));
        check("vers:none/*", "whatever", Some(false));
    }

    #[test]
    fn bounds_that_overlap_are_the_union() {
        check("vers:npm/<1.1.7|<2.0.1", "2.0.0", Some(true));
        check("vers:npm/>=4.0.8|>=5.0.0-beta.5|<5.0.0|<6.0.0", "4.5.0", Some(true));
        check("vers:npm/>=4.0.8|>=5.0.0-beta.5|<5.0.0|<6.0.0", "5.5.0", Some(true));
    }

    #[test]
    fn what_cannot_be_ordered_is_not_known() {
        check("vers:generic/>=1.0|<2.0", "unknown", None);
        check("vers:generic/>=1.0|<2.0", "BT02", None);
        check("vers:generic/<N", "K", Some(true));
        check("vers:generic/<1.0", "1.0b3", None);
        check("vers:generic/>=BT02|<=BT06", "BT04", Some(true));
        check("vers:example/1.2.3|>=2.0.0|<5.0.0", "2.1.0", None);
        check("vers:example/1.2.3", "1.2.3", Some(true));
        // One bound rules it out, whatever the other would say.
        check("vers:generic/>=1.0b3|<2.0", "3.1", Some(false));
        check("vers:generic/>=1.0b3|<2.0", "1.0", None);
        // Bounds that cannot be sorted, and do not stand in pairs.
        check("vers:generic/>=3.x|>=BT02|<2.0", "1.0", None);
        check("vers:generic/>=BT02|<=BT06|>=VM1|<=VM5", "VM3", Some(true));
    }

    #[test]
    fn what_feeds_write_is_brought_into_order() {
        let canonical = |text: &str| Range::parse(text).unwrap().to_string();
        assert_eq!(
            canonical("vers:NPM/ <2.0.0 | >= 1.0.0 | =0.5.0"),
            "vers:npm/0.5.0|>=1.0.0|<2.0.0"
        );
        assert_eq!(canonical("vers:generic/1.0%20SP1"), "vers:generic/1.0%20SP1");
        assert_eq!(canonical("vers:generic/>=K|<3.4"), "vers:generic/>=K|<3.4");
    }

    #[test]
    fn the_rules_of_clause_5_are_held() {
        let refused = |text: &str| Range::parse_canonical(text).unwrap_err().to_string();
        assert_eq!(
            refused("vers:npm/>=1.0.0| <2.0.0"),
            "non-canonical VERS: whitespace is not permitted"
        );
        assert_eq!(
            refused("vers:npm/|>=1.0.0"),
            "non-canonical VERS: leading pipe is not permitted"
        );
        assert_eq!(refused("vers:npm/=1.0.0"), "non-canonical VERS: an equals sign is not written");
        assert_eq!(refused("vers:npm/1.0.0|>1.0.0"), "non-canonical VERS: 1.0.0 occurs twice");
        assert_eq!(
            refused("vers:npm/<1.0.0|<2.0.0"),
            "non-canonical VERS: <2.0.0 cannot follow <1.0.0"
        );
        assert_eq!(
            refused("vers:npm/1.0.0|<2.0.0"),
            "non-canonical VERS: <2.0.0 cannot follow 1.0.0"
        );
        assert_eq!(
            refused("vers:npm/*|1.0.0"),
            "an asterisk stands alone, without other constraints and without a version"
        );
        assert_eq!(
            refused("vers:npm/1.0%2F0"),
            "non-canonical VERS: \"1.0%2F0\" should be written \"1.0/0\""
        );
        assert_eq!(
            refused("vers:invalid/*"),
            "the type invalid is reserved: whatever follows is no range"
        );
        assert_eq!(refused("vers:npm"), "a VERS without a slash after its type");
        assert_eq!(refused("npm/1.0"), "not a VERS: it does not open with vers:");
        assert!(Range::parse_canonical("vers:example/5|1").is_ok());
    }

    #[test]
    fn a_megabyte_is_no_burden() {
        for pattern in ["1|", ">1|<2|", "!=1|", "%31", "1.", "*"] {
            let long = "vers:generic/".to_owned() + &pattern.repeat(1_000_000 / pattern.len());
            let _ = Range::parse_canonical(&long);
            if let Ok(range) = Range::parse(&long) {
                let _ = range.contains("1.5");
            }
        }
    }

    fn ranges() -> impl Strategy<Value = String> {
        let constraint = "(>=|<=|>|<|!=|)[0-9]\\.[0-9]( SP1|b3|K)?";
        prop::collection::vec(prop::string::string_regex(constraint).unwrap(), 1..6)
            .prop_map(|it| format!("vers:generic/{}", it.join("|")))
    }

    proptest! {
        #[test]
        fn printing_and_reading_again_changes_nothing(text in ranges()) {
            let range = Range::parse(&text).unwrap();
            prop_assert_eq!(Range::parse(&range.to_string()).unwrap(), range);
        }

        #[test]
        fn the_order_of_the_constraints_changes_nothing(text in ranges(), version in "[0-9]\\.[0-9]") {
            let range = Range::parse(&text).unwrap();
            prop_assume!(is_sorted(range.constraints()));
            let turned = Range::new("generic", range.constraints().iter().rev().map(|it| (it.comparator, &*it.version)));
            prop_assert_eq!(turned.contains(&version), range.contains(&version));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "(vers:[a-z]{0,9}/)?\\PC{0,60}") {
            let _ = (Range::parse(&text), Range::parse_canonical(&text));
        }
    }
}
