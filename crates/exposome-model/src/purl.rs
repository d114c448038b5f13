//! Package URLs: which package of which ecosystem.
//!
//! `pkg:deb/debian/curl@7.50.3-1?arch=i386#docs` names a type, a namespace, a name, a version,
//! qualifiers and a path inside the package (ECMA-427; package-url/purl-spec).  A [`Purl`] is
//! always canonical: what is the same package prints the same, whoever wrote it.
//!
//! What single types ask for beyond that stands in one table, [`TYPES`], from the type
//! definitions of the specification.  Types that it does not name are read by the common
//! rules.  Upper case in the keys of qualifiers is lowered, not refused: the suite of
//! the specification asks for the one of `maven` and for the other of `rpm` and `gem`.

use crate::version::Scheme;
use std::borrow::Cow;
use std::fmt;

/// A package URL in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    kind: Box<str>,
    namespace: Option<Box<str>>,
    name: Box<str>,
    version: Option<Box<str>>,
    qualifiers: Vec<(Box<str>, Box<str>)>,
    subpath: Option<Box<str>>,
}

/// What a package URL is built from; all values plain, nothing encoded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parts<'a> {
    pub kind: &'a str,
    pub namespace: Option<&'a str>,
    pub name: &'a str,
    pub version: Option<&'a str>,
    pub qualifiers: &'a [(&'a str, &'a str)],
    pub subpath: Option<&'a str>,
}

impl Purl {
    pub fn parse(text: &str) -> Result<Purl, Error> {
        let text = text.trim_ascii();
        let (scheme, rest) = text.split_once(':').ok_or(Error::NotPurl)?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(Error::NotPurl);
        }
        let (rest, subpath) = split_last(rest, '#');
        let (path, qualifiers) = rest
            .split_once('?')
            .map_or((rest, None), |(path, qualifiers)| (path, Some(qualifiers)));
        let (kind, path) = path.trim_start_matches('/').split_once('/').ok_or(Error::NoName)?;
        let (path, version) = split_version(path.trim_matches('/'));
        let (namespace, name) = split_name(kind, path);

        let mut purl = Purl {
            kind: kind.to_ascii_lowercase().into(),
            namespace: joined(segments(namespace).map(decoded))?,
            name: decoded(name)?.into(),
            version: version
                .filter(|version| !version.is_empty())
                .map(decoded)
                .transpose()?
                .map(Into::into),
            qualifiers: Vec::new(),
            subpath: joined(segments(subpath).map(decoded))?,
        };
        for pair in qualifiers.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) =
                pair.split_once('=').ok_or_else(|| Error::Qualifier { found: pair.to_owned() })?;
            purl.qualify(key, decoded(value)?.into())?;
        }
        purl.canonical()
    }

    /// Builds a package URL from its parts.
    pub fn build(parts: Parts<'_>) -> Result<Purl, Error> {
        let plain = |segment| Ok(Cow::Borrowed(segment));
        let mut purl = Purl {
            kind: parts.kind.to_ascii_lowercase().into(),
            namespace: joined(segments(parts.namespace).map(plain))?,
            name: parts.name.trim_matches('/').into(),
            version: parts.version.filter(|version| !version.is_empty()).map(Into::into),
            qualifiers: Vec::new(),
            subpath: joined(segments(parts.subpath).map(plain))?,
        };
        for (key, value) in parts.qualifiers {
            purl.qualify(key, (*value).into())?;
        }
        purl.canonical()
    }

    /// The type: `deb`, `npm`, `maven`, ...
    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version as the URL has it.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The version as its scheme compares it: an RPM keeps its epoch in a qualifier.
    pub fn full_version(&self) -> Option<Cow<'_, str>> {
        let version = self.version()?;
        match self.qualifier("epoch") {
            Some(epoch) if &*self.kind == "rpm" && !version.contains(':') => {
                Some(Cow::Owned(format!("{epoch}:{version}")))
            }
            _ => Some(Cow::Borrowed(version)),
        }
    }

    /// Sorted by key, each key once.
    pub fn qualifiers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.qualifiers.iter().map(|(key, value)| (&**key, &**value))
    }

    pub fn qualifier(&self, key: &str) -> Option<&str> {
        let place = self.qualifiers.binary_search_by(|(known, _)| (**known).cmp(key)).ok()?;
        self.qualifiers.get(place).map(|(_, value)| &**value)
    }

    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// How versions of this type are ordered; `None` where no rule is known.
    pub fn scheme(&self) -> Option<Scheme> {
        Scheme::named(&self.kind)
    }

    /// Whether both name the same package, of whatever version.
    pub fn is_same_package(&self, other: &Purl) -> bool {
        (&self.kind, &self.namespace, &self.name) == (&other.kind, &other.namespace, &other.name)
    }

    /// The package alone, without version, qualifiers and path: the key to find it by.
    #[must_use]
    pub fn package(&self) -> Purl {
        Purl { version: None, qualifiers: Vec::new(), subpath: None, ..self.clone() }
    }

    /// Adds a qualifier; one without a value is none.
    fn qualify(&mut self, key: &str, value: Box<str>) -> Result<(), Error> {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !key.starts_with(|first: char| first.is_ascii_alphabetic()) || !key.bytes().all(valid) {
            return Err(Error::Qualifier { found: key.to_owned() });
        }
        if !value.is_empty() {
            self.qualifiers.push((key.to_ascii_lowercase().into(), value));
        }
        Ok(())
    }

    fn canonical(mut self) -> Result<Purl, Error> {
        let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if !self.kind.starts_with(|first: char| first.is_ascii_alphabetic())
            || !self.kind.bytes().all(valid)
        {
            return Err(Error::Type { found: self.kind.into() });
        }
        if self.name.is_empty() {
            return Err(Error::NoName);
        }
        self.qualifiers.sort();
        let mut neighbours = self.qualifiers.iter().zip(self.qualifiers.iter().skip(1));
        if let Some(((key, _), _)) = neighbours.find(|((first, _), (second, _))| first == second) {
            return Err(Error::Twice { key: key.to_string() });
        }
        if let Some((_, spellings, conditions)) =
            TYPES.iter().find(|(kind, ..)| **kind == *self.kind)
        {
            spellings.iter().for_each(|spell| spell(&mut self));
            conditions.iter().try_for_each(|condition| condition(&self))?;
        }
        Ok(self)
    }
}

/// How a type spells what may be spelt in several ways.
type Spelling = fn(&mut Purl);

/// What a type asks for.
type Condition = fn(&Purl) -> Result<(), Error>;

const LOWER_CASE: &[Spelling] = &[lower_namespace, lower_name];

const TYPES: &[(&str, &[Spelling], &[Condition])] = &[
    ("alpm", LOWER_CASE, &[]),
    ("apk", LOWER_CASE, &[]),
    ("bitbucket", LOWER_CASE, &[]),
    ("bitnami", &[lower_name], &[]),
    ("brew", LOWER_CASE, &[]),
    ("chrome-extension", &[], &[is_an_extension]),
    ("composer", LOWER_CASE, &[]),
    ("cpan", &[], &[is_no_module]),
    ("deb", LOWER_CASE, &[]),
    ("git", LOWER_CASE, &[]),
    ("github", LOWER_CASE, &[]),
    ("gitlab", LOWER_CASE, &[]),
    ("golang", LOWER_CASE, &[]),
    ("hex", LOWER_CASE, &[]),
    ("huggingface", &[lower_version], &[]),
    ("julia", &[], &[has_no_namespace, has_a_uuid]),
    ("luarocks", LOWER_CASE, &[]),
    ("mlflow", &[lower_name_on_databricks], &[]),
    ("npm", LOWER_CASE, &[]),
    ("oci", &[lower_name], &[]),
    ("otp", &[lower_name], &[has_no_namespace]),
    ("pub", &[lower_name, underscores_in_name], &[]),
    ("pypi", &[lower_name, dashes_in_name], &[has_no_namespace]),
    ("qpkg", &[lower_namespace], &[]),
    ("rpm", &[lower_namespace], &[]),
    ("swift", &[], &[has_a_namespace]),
    ("vcpkg", &[], &[has_no_namespace]),
    ("vscode-extension", &[lower_namespace, lower_name, lower_version], &[has_a_namespace]),
    ("yocto", &[lower_namespace], &[]),
];

fn lower_namespace(purl: &mut Purl) {
    if let Some(namespace) = &mut purl.namespace {
        namespace.make_ascii_lowercase();
    }
}

fn lower_name(purl: &mut Purl) {
    purl.name.make_ascii_lowercase();
}

fn lower_version(purl: &mut Purl) {
    if let Some(version) = &mut purl.version {
        version.make_ascii_lowercase();
    }
}

/// Runs of `-`, `_` and `.` are one `-` (packaging.python.org, "Names and normalization").
fn dashes_in_name(purl: &mut Purl) {
    let mut name = String::with_capacity(purl.name.len());
    for character in purl.name.chars() {
        match character {
            '-' | '_' | '.' if name.ends_with('-') => {}
            '-' | '_' | '.' => name.push('-'),
            _ => name.push(character),
        }
    }
    purl.name = name.into();
}

fn underscores_in_name(purl: &mut Purl) {
    purl.name = purl.name.replace('-', "_").into();
}

/// Azure Databricks does not tell upper from lower case, Azure ML does.
fn lower_name_on_databricks(purl: &mut Purl) {
    if purl.qualifier("repository_url").is_some_and(|url| url.contains("azuredatabricks")) {
        purl.name.make_ascii_lowercase();
    }
}

fn has_a_namespace(purl: &Purl) -> Result<(), Error> {
    if purl.namespace.is_some() {
        Ok(())
    } else {
        Err(Error::NoNamespace { kind: purl.kind.to_string() })
    }
}

fn has_no_namespace(purl: &Purl) -> Result<(), Error> {
    if purl.namespace.is_none() {
        Ok(())
    } else {
        Err(Error::Namespace { kind: purl.kind.to_string() })
    }
}

fn has_a_uuid(purl: &Purl) -> Result<(), Error> {
    if purl.qualifier("uuid").is_some() { Ok(()) } else { Err(Error::NoUuid) }
}

/// A distribution is named `URI-PackageURL`, the module in it `URI::PackageURL`.
fn is_no_module(purl: &Purl) -> Result<(), Error> {
    if purl.name.contains("::") {
        Err(Error::Name { found: purl.name.to_string() })
    } else {
        Ok(())
    }
}

/// Thirty-two letters from a to p; a version of one to four numbers.
fn is_an_extension(purl: &Purl) -> Result<(), Error> {
    if purl.name.len() != 32 || !purl.name.bytes().all(|byte| matches!(byte, b'a'..=b'p')) {
        return Err(Error::Name { found: purl.name.to_string() });
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |version: &str| version.split('.').count() <= 4 && version.split('.').all(is_number);
    match purl.version() {
        Some(version) if !fits(version) => Err(Error::Version { found: version.to_owned() }),
        _ => Ok(()),
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            encode_path(namespace, f)?;
            f.write_str("/")?;
        }
        // The name of a git repository has the slashes of its path.
        if &*self.kind == "git" {
            encode_path(&self.name, f)?;
        } else {
            encode(&self.name, f)?;
        }
        if let Some(version) = &self.version {
            f.write_str("@")?;
            encode(version, f)?;
        }
        for (place, (key, value)) in self.qualifiers().enumerate() {
            write!(f, "{}{key}=", if place == 0 { '?' } else { '&' })?;
            encode(value, f)?;
        }
        if let Some(subpath) = &self.subpath {
            f.write_str("#")?;
            encode_path(subpath, f)?;
        }
        Ok(())
    }
}

/// Why a text is no package URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a package URL: it does not open with pkg:")]
    NotPurl,
    #[error(
        "the type {found:?} has other characters than letters, digits, dots and dashes, or opens with no letter"
    )]
    Type { found: String },
    #[error("a package URL without a name")]
    NoName,
    #[error(
        "the qualifier {found:?} is not a key of letters, digits, dots, dashes and underscores with a value"
    )]
    Qualifier { found: String },
    #[error("the qualifier {key} occurs twice")]
    Twice { key: String },
    #[error("{found:?} has % that two hexadecimal digits of a UTF-8 text do not follow")]
    Percent { found: String },
    #[error("a package URL of type {kind} needs a namespace")]
    NoNamespace { kind: String },
    #[error("a package URL of type {kind} has no namespace")]
    Namespace { kind: String },
    #[error("a package URL of type julia needs the qualifier uuid")]
    NoUuid,
    #[error("the name {found:?} is none in this type")]
    Name { found: String },
    #[error("the version {found:?} is none in this type")]
    Version { found: String },
}

fn split_last(text: &str, separator: char) -> (&str, Option<&str>) {
    text.rsplit_once(separator).map_or((text, None), |(front, back)| (front, Some(back)))
}

/// The version follows the last `@`, unless that opens a segment which is not the last one: then
/// it is the scope of an npm package that nobody encoded.
fn split_version(path: &str) -> (&str, Option<&str>) {
    let Some((front, version)) = path.rsplit_once('@') else { return (path, None) };
    let is_scope = version.contains('/') && (front.is_empty() || front.ends_with('/'));
    if is_scope { (path, None) } else { (front, Some(version)) }
}

/// Namespace and name; the name is the last segment, but for git everything after the host.
fn split_name<'a>(kind: &str, path: &'a str) -> (Option<&'a str>, &'a str) {
    let split =
        if kind.eq_ignore_ascii_case("git") { path.split_once('/') } else { path.rsplit_once('/') };
    split.map_or((None, path), |(namespace, name)| (Some(namespace), name))
}

/// The segments between slashes, those that say nothing left out.
fn segments(path: Option<&str>) -> impl Iterator<Item = &str> {
    path.unwrap_or_default().split('/').filter(|segment| !matches!(*segment, "" | "." | ".."))
}

fn joined<'a>(
    mut segments: impl Iterator<Item = Result<Cow<'a, str>, Error>>,
) -> Result<Option<Box<str>>, Error> {
    let Some(first) = segments.next() else { return Ok(None) };
    let mut path = first?;
    for segment in segments {
        let path = path.to_mut();
        path.push('/');
        path.push_str(&segment?);
    }
    Ok(Some(path.into()))
}

fn decoded(text: &str) -> Result<Cow<'_, str>, Error> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text));
    }
    let refused = || Error::Percent { found: text.chars().take(80).collect() };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, tail) = rest.split_first_chunk::<2>().ok_or_else(refused)?;
        let [high, low] = digits
            .map(|digit| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
        bytes.push(high.ok_or_else(refused)? * 16 + low.ok_or_else(refused)?);
        rest = tail;
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| refused())
}

fn encode_path(path: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, segment) in path.split('/').enumerate() {
        if place > 0 {
            f.write_str("/")?;
        }
        encode(segment, f)?;
    }
    Ok(())
}

/// Letters, digits and `.-_~:` stand for themselves.
fn encode(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:".contains(&byte) {
            write!(f, "{}", char::from(byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let actual = match Purl::parse(text) {
            Ok(purl) => purl.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(actual, expected, "{text}");
    }

    #[test]
    fn one_package_has_one_spelling() {
        check("pkg:PYPI/Django_package@1.11.1.dev1", "pkg:pypi/django-package@1.11.1.dev1");
        check("pkg://npm/@babel/core@7.0", "pkg:npm/%40babel/core@7.0");
        check(
            "pkg:golang/google.golang.org/genproto#/googleapis/./api/../annotations/",
            "pkg:golang/google.golang.org/genproto#googleapis/api/annotations",
        );
        check(
            "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?distro=&arch=amd64",
            "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64",
        );
        check(
            "pkg:docker/a@sha256%3A24?repository_url=gcr.io",
            "pkg:docker/a@sha256:24?repository_url=gcr.io",
        );
    }

    #[test]
    fn what_is_no_package_url_is_refused_with_the_reason() {
        check("npm/foo", "error: not a package URL: it does not open with pkg:");
        check("pkg:npm/", "error: a package URL without a name");
        check("pkg:npm/@1.0", "error: a package URL without a name");
        check(
            "pkg:npm/a%zz",
            "error: \"a%zz\" has % that two hexadecimal digits of a UTF-8 text do not follow",
        );
        check("pkg:npm/a?b=1&B=2", "error: the qualifier b occurs twice");
        check(
            "pkg:npm/a?b",
            "error: the qualifier \"b\" is not a key of letters, digits, dots, dashes and underscores with a value",
        );
        check("pkg:swift/a", "error: a package URL of type swift needs a namespace");
    }

    #[test]
    fn the_epoch_of_an_rpm_is_part_of_its_version() {
        let rpm = Purl::parse("pkg:rpm/redhat/bind@9.16.23-18.el9?arch=x86_64&epoch=32").unwrap();
        assert_eq!(rpm.full_version().unwrap(), "32:9.16.23-18.el9");
        assert_eq!(rpm.scheme(), Some(Scheme::Rpm));
        assert_eq!(rpm.package().to_string(), "pkg:rpm/redhat/bind");
        assert!(rpm.is_same_package(&Purl::parse("pkg:rpm/redhat/bind@1").unwrap()));
    }

    #[test]
    fn a_megabyte_is_no_burden() {
        for pattern in ["a", "a/", "@", "%41", "?a=b", "&a=b", "#", "..", "-_"] {
            let _ = Purl::parse(
                &("pkg:pypi/a?".to_owned() + &pattern.repeat(1_000_000 / pattern.len())),
            );
            let _ =
                Purl::parse(&("pkg:pypi/".to_owned() + &pattern.repeat(1_000_000 / pattern.len())));
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_again_changes_nothing(text in "pkg:(npm|deb|git|pypi|generic|maven)/\\PC{1,40}") {
            if let Ok(purl) = Purl::parse(&text) {
                prop_assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
            }
        }

        #[test]
        fn plain_parts_come_back_as_they_went_in(name in "[^/]{1,12}", version in "\\PC{1,12}", value in "\\PC{1,12}") {
            let purl = Purl::build(Parts { kind: "generic", name: &name, version: Some(&version), qualifiers: &[("key", &value)], ..Parts::default() }).unwrap();
            let again = Purl::parse(&purl.to_string()).unwrap();
            prop_assert_eq!((again.name(), again.version(), again.qualifier("key")), (name.as_str(), Some(version.as_str()), Some(value.as_str())));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "(pkg:)?[a-z/@?#%&=.:\u{e9}]{0,60}") {
            let _ = Purl::parse(&text);
        }
    }
}
