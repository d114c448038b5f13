//! The range notations of the ecosystems, brought into VERS.
//!
//! Each reader yields the constraints that its notation means; sorting and printing are those of
//! [`Range`].  What several notations share (comparators, intervals) is read once.  Where the
//! published suite of VERS narrows a notation (npm: a bare `2.1` is 2.1.0, `>=2.2.x` ends
//! before 2.3.0) the suite is followed.

use super::{Comparator, Range};

/// Reads a native range of an ecosystem.
pub fn range(kind: &str, text: &str) -> Result<Range, Error> {
    let reader = READERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
    let (_, reader) = reader.ok_or_else(|| Error::NoNotation { kind: kind.to_owned() })?;
    let Some(constraints) = reader(text.trim())? else { return Ok(Range::all(kind)) };
    Ok(Range::new(
        kind,
        constraints.iter().map(|(comparator, version)| (*comparator, version.as_str())),
    ))
}

/// Why a native range was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("no notation for ranges of {kind:?} is known")]
    NoNotation { kind: String },
    #[error("{found:?} is no range in this notation")]
    NotARange { found: String },
}

type Constraints = Vec<(Comparator, String)>;

/// A reader gives `None` for "all versions".
type Reader = fn(&str) -> Result<Option<Constraints>, Error>;

const READERS: &[(&str, Reader)] = &[
    ("npm", npm),
    ("conan", conan),
    ("gem", gem),
    ("pypi", pypi),
    ("nuget", nuget),
    ("maven", maven),
    ("nginx", nginx),
    ("openssl", openssl),
    ("deb", deb),
];

fn refused(found: &str) -> Error {
    Error::NotARange { found: found.chars().take(80).collect() }
}

// npm: github.com/npm/node-semver, "Ranges".

fn npm(text: &str) -> Result<Option<Constraints>, Error> {
    let mut constraints = Vec::new();
    for alternative in text.split("||").map(str::trim) {
        if matches!(alternative, "" | "*" | "x" | "X") {
            return Ok(None);
        }
        if let Some((low, high)) = alternative.split_once(" - ") {
            constraints.push((Comparator::GreaterOrEqual, Parts::read(low)?.filled()));
            constraints.push((Comparator::LessOrEqual, Parts::read(high)?.filled()));
            continue;
        }
        for (operator, version) in operators_and_versions(alternative) {
            npm_constraint(operator, version, &mut constraints)?;
        }
    }
    Ok(Some(constraints))
}

fn npm_constraint(
    operator: &str,
    version: &str,
    constraints: &mut Constraints,
) -> Result<(), Error> {
    let parts = Parts::read(version)?;
    let below = match operator {
        "^" => parts.next_after(parts.first_not_zero()),
        "~" | "~>" => parts.next_after(parts.numbers.len().clamp(1, 2) - 1),
        _ if parts.wild => parts.next_after(parts.numbers.len().saturating_sub(1)),
        _ => {
            let (comparator, rest) = Comparator::split(operator);
            if !rest.is_empty() {
                return Err(refused(version));
            }
            constraints.push((comparator, parts.filled()));
            return Ok(());
        }
    };
    constraints.push((Comparator::GreaterOrEqual, parts.filled()));
    constraints.push((Comparator::Less, join(&below, 3)));
    Ok(())
}

/// Pairs of what stands before a version and the version, blanks between them or not.
fn operators_and_versions(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text.trim_start();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let operator_end =
            rest.find(|character: char| !"<>=!~^".contains(character)).unwrap_or(rest.len());
        let (operator, tail) = rest.split_at(operator_end);
        let tail = tail.trim_start();
        let version_end = tail
            .find(|character: char| character.is_whitespace() || "<>=!,".contains(character))
            .unwrap_or(tail.len());
        let (version, tail) = tail.split_at(version_end);
        rest = tail
            .trim_start_matches(|character: char| character.is_whitespace() || character == ',');
        Some((operator, version))
    })
}

/// A version taken apart: numbers, whether a wildcard follows them, and what comes behind.
struct Parts<'a> {
    numbers: Vec<u64>,
    wild: bool,
    behind: &'a str,
}

impl<'a> Parts<'a> {
    fn read(version: &'a str) -> Result<Parts<'a>, Error> {
        let text = version.trim().trim_start_matches(['v', 'V', '=']);
        let (main, behind) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
        let mut parts = Parts { numbers: Vec::new(), wild: false, behind };
        for part in main.split('.') {
            match part.parse() {
                _ if parts.numbers.len() >= MOST_PARTS => return Err(refused(version)),
                Ok(number) if !parts.wild => parts.numbers.push(number),
                _ if matches!(part, "x" | "X" | "*") => parts.wild = true,
                _ => return Err(refused(version)),
            }
        }
        Ok(parts)
    }

    /// With three numbers at least.
    fn filled(&self) -> String {
        join(&self.numbers, 3) + self.behind
    }

    /// The first version after all that agree with this one up to `place`.
    fn next_after(&self, place: usize) -> Vec<u64> {
        let mut numbers: Vec<u64> = self.numbers.iter().copied().take(place + 1).collect();
        if let Some(last) = numbers.last_mut() {
            *last = last.saturating_add(1);
        }
        numbers
    }

    fn first_not_zero(&self) -> usize {
        let last = self.numbers.len().saturating_sub(1);
        self.numbers.iter().position(|&number| number != 0).unwrap_or(last)
    }
}

/// More parts than any version has.
const MOST_PARTS: usize = 64;

fn join(numbers: &[u64], least: usize) -> String {
    let zeros = std::iter::repeat_n(&0, least.saturating_sub(numbers.len()));
    numbers.iter().chain(zeros).map(u64::to_string).collect::<Vec<_>>().join(".")
}

// Conan: docs.conan.io, "Version ranges".

fn conan(text: &str) -> Result<Option<Constraints>, Error> {
    let mut constraints = Vec::new();
    for alternative in text.split("||") {
        // Options such as include_prerelease follow a comma.
        let conditions = alternative.split(',').next().unwrap_or_default();
        for (operator, version) in operators_and_versions(conditions) {
            conan_constraint(operator, version, &mut constraints)?;
        }
    }
    Ok(Some(constraints))
}

fn conan_constraint(
    operator: &str,
    version: &str,
    constraints: &mut Constraints,
) -> Result<(), Error> {
    // A dash at the end only says that pre-releases are meant as well.
    let version = version.trim_end_matches('-');
    if version == "*" {
        constraints.push((Comparator::GreaterOrEqual, "0.0.0".to_owned()));
        return Ok(());
    }
    let below = |parts: &Parts<'_>| match operator {
        "^" => parts.next_after(parts.first_not_zero()),
        _ => parts.next_after(parts.numbers.len().clamp(1, 2) - 1),
    };
    if matches!(operator, "~" | "^") {
        let parts = Parts::read(version)?;
        constraints.push((Comparator::GreaterOrEqual, version.to_owned()));
        constraints.push((Comparator::Less, join(&below(&parts), 1) + "-"));
        return Ok(());
    }
    constraints.push((comparator(operator, version)?, version.to_owned()));
    Ok(())
}

fn comparator(operator: &str, version: &str) -> Result<Comparator, Error> {
    let (comparator, rest) = Comparator::split(operator.trim());
    if rest.is_empty() && !version.is_empty() { Ok(comparator) } else { Err(refused(version)) }
}

// RubyGems: guides.rubygems.org, "Patterns".

fn gem(text: &str) -> Result<Option<Constraints>, Error> {
    let mut constraints = Vec::new();
    for (operator, version) in operators_and_versions(text) {
        if operator == "~>" {
            let parts = Parts::read(version)?;
            constraints.push((Comparator::GreaterOrEqual, version.to_owned()));
            constraints.push((
                Comparator::Less,
                join(&parts.next_after(parts.numbers.len().saturating_sub(2)), 1),
            ));
        } else {
            constraints.push((comparator(operator, version)?, version.to_owned()));
        }
    }
    Ok(Some(constraints))
}

// Python: packaging.python.org, "Version specifiers".

fn pypi(text: &str) -> Result<Option<Constraints>, Error> {
    let mut constraints = Vec::new();
    for specifier in text.split(',').map(str::trim).filter(|specifier| !specifier.is_empty()) {
        let operator_end = specifier
            .find(|character: char| !"<>=!~".contains(character))
            .unwrap_or(specifier.len());
        let (operator, version) = specifier.split_at(operator_end);
        let version = version.trim();
        match (operator, version.strip_suffix(".*")) {
            ("==", Some(prefix)) => between(prefix, 0, &mut constraints)?,
            ("~=", None) => {
                between(version, 1, &mut constraints)?;
            }
            ("==" | "===", None) => constraints.push((Comparator::Equal, version.to_owned())),
            (_, None) => constraints.push((comparator(operator, version)?, version.to_owned())),
            _ => return Err(refused(specifier)),
        }
    }
    Ok(Some(constraints))
}

/// From a version to before the next one of the series it belongs to when its last `cut` parts
/// are left out.
fn between(version: &str, cut: usize, constraints: &mut Constraints) -> Result<(), Error> {
    let parts = Parts::read(version)?;
    let place = parts.numbers.len().checked_sub(cut + 1).ok_or_else(|| refused(version))?;
    constraints.push((Comparator::GreaterOrEqual, version.to_owned()));
    constraints.push((Comparator::Less, join(&parts.next_after(place), 1)));
    Ok(())
}

// NuGet and Maven: learn.microsoft.com, "Package versioning"; maven.apache.org, "Dependency
// version requirement specification".

fn nuget(text: &str) -> Result<Option<Constraints>, Error> {
    interval_notation(text, Comparator::GreaterOrEqual)
}

fn maven(text: &str) -> Result<Option<Constraints>, Error> {
    interval_notation(text, Comparator::Equal)
}

/// `[1.0,2.0)`, several of them with commas between; `bare` is what a version alone means.
fn interval_notation(text: &str, bare: Comparator) -> Result<Option<Constraints>, Error> {
    if !text.starts_with(['[', '(']) {
        return if text.is_empty() {
            Err(refused(text))
        } else {
            Ok(Some(vec![(bare, text.to_owned())]))
        };
    }
    let mut constraints = Vec::new();
    let mut rest = text;
    while let Some(opening) = rest.chars().next() {
        let end = rest.find([']', ')']).ok_or_else(|| refused(text))?;
        let inside = rest.get(1..end).ok_or_else(|| refused(text))?;
        let closed_above = rest.get(end..).is_some_and(|tail| tail.starts_with(']'));
        interval(opening, inside, closed_above, &mut constraints).ok_or_else(|| refused(text))?;
        rest = rest.get(end + 1..).unwrap_or_default().trim_start_matches([',', ' ']);
    }
    Ok(if constraints.is_empty() { None } else { Some(constraints) })
}

fn interval(
    opening: char,
    inside: &str,
    closed_above: bool,
    constraints: &mut Constraints,
) -> Option<()> {
    let lower = match opening {
        '[' => Comparator::GreaterOrEqual,
        '(' => Comparator::Greater,
        _ => return None,
    };
    let upper = if closed_above { Comparator::LessOrEqual } else { Comparator::Less };
    let Some((low, high)) = inside.split_once(',') else {
        constraints.push((Comparator::Equal, inside.trim().to_owned()));
        return (opening == '[' && closed_above && !inside.trim().is_empty()).then_some(());
    };
    for (comparator, version) in [(lower, low.trim()), (upper, high.trim())] {
        if !version.is_empty() {
            constraints.push((comparator, version.to_owned()));
        }
    }
    Some(())
}

// nginx: nginx.org, "nginx security advisories".

/// `1.5.0+` on a stable branch (even second number) ends with the branch; on the main line
/// (odd) it goes on.
fn nginx(text: &str) -> Result<Option<Constraints>, Error> {
    let mut constraints = Vec::new();
    for item in text.split(',').map(str::trim) {
        if item.eq_ignore_ascii_case("all") {
            return Ok(None);
        }
        if let Some(version) = item.strip_suffix('+') {
            let parts = Parts::read(version)?;
            constraints.push((Comparator::GreaterOrEqual, version.to_owned()));
            if parts.numbers.get(1).is_some_and(|minor| minor % 2 == 0) {
                constraints.push((Comparator::Less, join(&parts.next_after(1), 3)));
            }
        } else if let Some((low, high)) = item.split_once('-') {
            constraints.push((Comparator::GreaterOrEqual, low.trim().to_owned()));
            constraints.push((Comparator::LessOrEqual, high.trim().to_owned()));
        } else {
            constraints.push((comparator("", item)?, item.to_owned()));
        }
    }
    Ok(Some(constraints))
}

// OpenSSL: openssl.org, "Vulnerabilities": a list of versions.

fn openssl(text: &str) -> Result<Option<Constraints>, Error> {
    let of = |version: &str| Ok((comparator("", version)?, version.to_owned()));
    text.split(',').map(str::trim).map(of).collect::<Result<_, _>>().map(Some)
}

// Debian: policy manual, section 7.1.

fn deb(text: &str) -> Result<Option<Constraints>, Error> {
    let mut constraints = Vec::new();
    for (operator, version) in operators_and_versions(text) {
        let operator = match operator {
            "<<" => "<",
            ">>" => ">",
            other => other,
        };
        constraints.push((comparator(operator, version)?, version.to_owned()));
    }
    Ok(Some(constraints))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(kind: &str, text: &str, expected: &str) {
        let actual = match range(kind, text) {
            Ok(range) => range.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(actual, expected, "{kind} {text}");
    }

    #[test]
    fn every_notation_is_read() {
        check(
            "npm",
            "^1.2.3 || ~2.4 || 3.x",
            "vers:npm/>=1.2.3|<2.0.0|>=2.4.0|<2.5.0|>=3.0.0|<4.0.0",
        );
        check("npm", "^0.0.2-beta", "vers:npm/>=0.0.2-beta|<0.0.3");
        check("npm", "*", "vers:npm/*");
        check("conan", ">1- <2.0 || ^3.2 ", "vers:conan/>1|<2.0|>=3.2|<4-");
        check("gem", "~>2.0.8, != 2.0.9", "vers:gem/>=2.0.8|!=2.0.9|<2.1");
        check("pypi", ">= 1.0, ~=1.4.2, != 1.4.5", "vers:pypi/>=1.0|>=1.4.2|!=1.4.5|<1.5");
        check("pypi", "==1.1.*", "vers:pypi/>=1.1|<1.2");
        check("nuget", "(1.0.0, 2.0.0]", "vers:nuget/>1.0.0|<=2.0.0");
        check("nuget", "1.0", "vers:nuget/>=1.0");
        check("maven", "(,1.0],[1.2,)", "vers:maven/<=1.0|>=1.2");
        check("maven", "[1.5]", "vers:maven/1.5");
        check("nginx", "1.5.0+, 1.4.1+", "vers:nginx/>=1.4.1|<1.5.0|>=1.5.0");
        check("nginx", "0.7.52-0.8.39", "vers:nginx/>=0.7.52|<=0.8.39");
        check("openssl", "3.0.0, 1.0.1b", "vers:openssl/1.0.1b|3.0.0");
        check("deb", ">= 1.2~rc1, << 2:1.0", "vers:deb/>=1.2~rc1|<2:1.0");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        check("docker", "1.0", "error: no notation for ranges of \"docker\" is known");
        check("npm", ">=latest", "error: \"latest\" is no range in this notation");
        check("maven", "[1.0", "error: \"[1.0\" is no range in this notation");
        check("openssl", "3.0,,1.0", "error: \"\" is no range in this notation");
    }

    #[test]
    fn a_megabyte_is_no_burden() {
        for (kind, _) in READERS {
            for pattern in ["1", "1.", ">", "^1 ", "[1,", "(,1]", "||", "~>1.0 ", "1+,", ","] {
                let _ = range(kind, &pattern.repeat(1_000_000 / pattern.len()));
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_reader(place in 0..READERS.len(), text in "[0-9a-z.<>=!~^|,*\\[\\]() +\\-\u{e9}]{0,30}") {
            let _ = range(READERS[place].0, &text);
        }
    }
}
