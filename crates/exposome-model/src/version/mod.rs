//! Which of two versions comes first, by the rules of whoever writes them.
//!
//! "Fixed in 1.10" says nothing about 1.9 until somebody knows how that product counts.
//! [`Scheme`] names the ways of counting; [`compare`] answers for two texts and [`Key`] for
//! texts that are compared many times.  An answer of `None` means that the scheme cannot
//! order the two: the caller says *possibly*, never *no*.
//!
//! No scheme allocates to compare two short texts, and none takes more than time
//! proportional to their length.

mod alpm;
mod apk;
mod composer;
mod conan;
mod datetime;
mod deb;
mod gem;
mod generic;
mod gentoo;
mod intdot;
mod key;
mod maven;
mod openssl;
mod pypi;
mod rpm;
mod semver;
mod windows;

use key::{Bytes, Row};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A way of counting versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Products and devices without a published rule; see `generic.rs`.
    Generic,
    /// Semantic Versioning 2.0.0, with any number of numeric parts.
    Semver,
    Npm,
    /// PEP 440.
    Pypi,
    Maven,
    /// Debian policy, section 5.6.12.
    Deb,
    /// Epoch, version and release, each by rpmvercmp.
    Rpm,
    /// apk-tools, the packages of Alpine.
    Alpine,
    /// libalpm, the packages of Arch.
    Alpm,
    /// Package Manager Specification, section 3.3.
    Gentoo,
    Gem,
    Nuget,
    Golang,
    Cargo,
    Conan,
    Composer,
    Openssl,
    Nginx,
    /// RFC 3339 moments.
    Datetime,
    /// The order of the bytes.
    Lexicographic,
    /// Whole numbers between dots; whatever follows the last is ignored.
    Intdot,
    /// Builds (`10.0.19045.3570`) and feature releases (`22H2`) of Windows.
    Windows,
    /// No order is defined: only the same text is the same version.
    None,
}

/// Every scheme with the names it goes by in VERS and package URLs, the first one canonical.
const NAMES: &[(Scheme, &[&str])] = &[
    (Scheme::Generic, &["generic"]),
    (Scheme::Semver, &["semver", "hex", "pub", "swift", "julia", "bitnami"]),
    (Scheme::Npm, &["npm", "node-semver"]),
    (Scheme::Pypi, &["pypi", "python"]),
    (Scheme::Maven, &["maven"]),
    (Scheme::Deb, &["deb", "dpkg"]),
    (Scheme::Rpm, &["rpm"]),
    (Scheme::Alpine, &["alpine", "apk"]),
    (Scheme::Alpm, &["alpm", "arch", "archlinux"]),
    (Scheme::Gentoo, &["gentoo", "ebuild"]),
    (Scheme::Gem, &["gem"]),
    (Scheme::Nuget, &["nuget"]),
    (Scheme::Golang, &["golang", "go"]),
    (Scheme::Cargo, &["cargo"]),
    (Scheme::Conan, &["conan"]),
    (Scheme::Composer, &["composer"]),
    (Scheme::Openssl, &["openssl"]),
    (Scheme::Nginx, &["nginx"]),
    (Scheme::Datetime, &["datetime"]),
    (Scheme::Lexicographic, &["lexicographic"]),
    (Scheme::Intdot, &["intdot"]),
    (Scheme::Windows, &["windows"]),
    (Scheme::None, &["none"]),
];

impl Scheme {
    /// The scheme of a VERS or package URL type; `None` for a type that defines no order.
    pub fn named(name: &str) -> Option<Scheme> {
        let goes_by = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        NAMES.iter().find(|(_, names)| goes_by(names)).map(|&(scheme, _)| scheme)
    }

    pub fn name(self) -> &'static str {
        let entry = NAMES.iter().find(|(scheme, _)| *scheme == self);
        entry.and_then(|(_, names)| names.first().copied()).unwrap_or("none")
    }

    /// All of them, in the order of their definition.
    pub fn all() -> impl Iterator<Item = Scheme> {
        NAMES.iter().map(|&(scheme, _)| scheme)
    }
}

/// Which of two versions comes first; `None` when the scheme cannot say.
pub fn compare(scheme: Scheme, left: &str, right: &str) -> Option<Ordering> {
    if scheme == Scheme::None {
        return (left == right).then_some(Ordering::Equal);
    }
    let (mut left_row, mut right_row) = (Row::new(), Row::new());
    encode(scheme, left, &mut left_row)?;
    encode(scheme, right, &mut right_row)?;
    compare_rows(scheme, left_row.bytes(), right_row.bytes())
}

/// The spelling under which a scheme registers a version: `NuGet` writes pre-releases in lower
/// case; all others leave a version as it is.
pub fn normalized(scheme: Scheme, text: &str) -> Cow<'_, str> {
    let release = text.split('+').next().unwrap_or_default();
    if scheme != Scheme::Nuget || !release.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let build = text.get(release.len()..).unwrap_or_default();
    Cow::Owned(release.to_ascii_lowercase() + build)
}

/// A version parsed once, to be compared often.
///
/// Equality and order of the type itself are those of its bytes, for use in sorted tables;
/// [`Key::compare`] is the one that knows what it does not know.
#[derive(Clone)]
pub struct Key {
    scheme: Scheme,
    /// Whether the bytes alone order it among others of which the same is true.
    plain: bool,
    row: Bytes,
}

impl Key {
    /// `None` when the text is no version of this scheme.
    pub fn parse(scheme: Scheme, text: &str) -> Option<Key> {
        let mut row = Row::new();
        encode(scheme, text, &mut row)?;
        let row = row.bytes();
        Some(Key { scheme, plain: is_plain(scheme, row), row: row.into() })
    }

    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Which comes first; `None` when the scheme cannot say or the two are of different schemes.
    pub fn compare(&self, other: &Key) -> Option<Ordering> {
        if self.scheme != other.scheme {
            return None;
        }
        if self.plain && other.plain {
            return Some(self.row.cmp(&*other.row));
        }
        compare_rows(self.scheme, &self.row, &other.row)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme && *self.row == *other.row
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.scheme.cmp(&other.scheme).then_with(|| self.row.cmp(&*other.row))
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.scheme, &*self.row).hash(state);
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?} {:02x?})", self.scheme, &*self.row)
    }
}

fn is_plain(scheme: Scheme, row: &[u8]) -> bool {
    match scheme {
        Scheme::Generic => generic::is_plain(row),
        Scheme::Alpm | Scheme::Windows | Scheme::None => false,
        _ => true,
    }
}

fn encode(scheme: Scheme, text: &str, row: &mut Row) -> Option<()> {
    match scheme {
        Scheme::Generic => generic::encode(text, row),
        Scheme::Semver | Scheme::Npm | Scheme::Cargo | Scheme::Nginx => {
            semver::encode(text, semver::Flavour::Plain, row)
        }
        Scheme::Nuget => semver::encode(text, semver::Flavour::CaseFolded, row),
        Scheme::Golang => semver::encode(text, semver::Flavour::Go, row),
        Scheme::Pypi => pypi::encode(text, row),
        Scheme::Maven => maven::encode(text, row),
        Scheme::Deb => deb::encode(text, row),
        Scheme::Rpm => rpm::encode(text, row),
        Scheme::Alpine => apk::encode(text, row),
        Scheme::Alpm => alpm::encode(text, row),
        Scheme::Gentoo => gentoo::encode(text, row),
        Scheme::Gem => gem::encode(text, row),
        Scheme::Conan => conan::encode(text, row),
        Scheme::Composer => composer::encode(text, row),
        Scheme::Openssl => openssl::encode(text, row),
        Scheme::Datetime => datetime::encode(text, row),
        Scheme::Intdot => intdot::encode(text, row),
        Scheme::Windows => windows::encode(text, row),
        Scheme::Lexicographic | Scheme::None => {
            row.extend(text.bytes());
            Some(())
        }
    }
}

fn compare_rows(scheme: Scheme, left: &[u8], right: &[u8]) -> Option<Ordering> {
    match scheme {
        Scheme::Generic => generic::compare(left, right),
        Scheme::Alpm => Some(alpm::compare(left, right)),
        Scheme::Windows => windows::compare(left, right),
        Scheme::None => (left == right).then_some(Ordering::Equal),
        _ => Some(left.cmp(right)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every version is before every later one in the list, by text and by key.
    #[track_caller]
    pub(super) fn rising(scheme: Scheme, versions: &[&str]) {
        for (place, earlier) in versions.iter().enumerate() {
            for later in &versions[place + 1..] {
                assert_eq!(
                    compare(scheme, earlier, later),
                    Some(Ordering::Less),
                    "{earlier} before {later}"
                );
                assert_eq!(
                    compare(scheme, later, earlier),
                    Some(Ordering::Greater),
                    "{later} after {earlier}"
                );
            }
        }
    }

    #[track_caller]
    pub(super) fn equal(scheme: Scheme, versions: &[&str]) {
        for left in versions {
            for right in versions {
                assert_eq!(
                    compare(scheme, left, right),
                    Some(Ordering::Equal),
                    "{left} is {right}"
                );
            }
        }
    }

    #[track_caller]
    pub(super) fn none(scheme: Scheme, left: &str, right: &str) {
        assert_eq!(compare(scheme, left, right), None, "{left} and {right} have no order");
        assert_eq!(compare(scheme, right, left), None, "{right} and {left} have no order");
    }

    #[test]
    fn every_scheme_is_found_by_its_names() {
        for scheme in Scheme::all() {
            assert_eq!(Scheme::named(scheme.name()), Some(scheme));
        }
        assert_eq!(Scheme::named("APK"), Some(Scheme::Alpine));
        assert_eq!(Scheme::named("docker"), None);
    }

    #[test]
    fn without_a_scheme_only_the_same_text_is_the_same_version() {
        equal(Scheme::None, &["a5f3", "a5f3"]);
        none(Scheme::None, "1.0", "2.0");
    }

    #[test]
    fn the_bytes_decide_where_nothing_else_does() {
        rising(Scheme::Lexicographic, &["", "A", "a", "aa", "\u{e9}"]);
    }

    /// Seconds for all of this together; a scheme that took the square of the length would
    /// be busy for days.
    #[test]
    fn a_megabyte_is_no_burden() {
        let patterns = [
            "1", "0", "a", ".", "-", "~", "1.", "0.", "a1", "1a", "0.a", "(", "_p1", "+", "1-", "é",
        ];
        for scheme in Scheme::all() {
            for pattern in patterns {
                let long = "1".to_owned() + &pattern.repeat(1_000_000 / pattern.len());
                let _ = compare(scheme, &long, &(long.clone() + "1"));
            }
        }
    }

    fn versions() -> impl Strategy<Value = String> {
        let word = "v|rev |sp|u|rc|beta|alpha|a|b|z|zk|k|x|\\*|hotfix |build |final|el|pre|post|dev|p|r|ga|snapshot|~|\\^|_p|_rc|-r|go";
        prop::string::string_regex(&format!(
            "({word})?([0-9]{{1,2}}([.\\-+_: ]|{word})?){{0,4}}({word})?"
        ))
        .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_order_of_two_is_the_reverse_of_the_order_of_the_other_two(scheme in schemes(), a in versions(), b in versions()) {
            prop_assert_eq!(compare(scheme, &a, &b), compare(scheme, &b, &a).map(Ordering::reverse));
        }

        #[test]
        fn a_version_is_itself(scheme in schemes(), a in versions()) {
            prop_assert!(matches!(compare(scheme, &a, &a), None | Some(Ordering::Equal)));
        }

        #[test]
        fn what_comes_before_the_earlier_comes_before_the_later(scheme in schemes(), a in versions(), b in versions(), c in versions()) {
            if let (Some(ab), Some(bc), Some(ac)) = (compare(scheme, &a, &b), compare(scheme, &b, &c), compare(scheme, &a, &c)) {
                if ab == bc && ab != Ordering::Equal {
                    prop_assert_eq!(ac, ab, "{} {} {}", a, b, c);
                } else if scheme == Scheme::Alpm {
                    // Two releases of one Arch package are both equal to the package without a release.
                } else if bc == Ordering::Equal {
                    prop_assert_eq!(ac, ab, "{} {} {}", a, b, c);
                } else if ab == Ordering::Equal {
                    prop_assert_eq!(ac, bc, "{} {} {}", a, b, c);
                }
            }
        }

        #[test]
        fn a_key_answers_as_the_texts_do(scheme in schemes(), a in versions(), b in versions()) {
            if let (Some(left), Some(right)) = (Key::parse(scheme, &a), Key::parse(scheme, &b)) {
                prop_assert_eq!(left.compare(&right), compare(scheme, &a, &b));
            } else {
                prop_assert!(scheme == Scheme::None || compare(scheme, &a, &b).is_none());
            }
        }

        #[test]
        fn no_text_breaks_a_scheme(scheme in schemes(), a in "\\PC{0,40}", b in ".{0,40}") {
            let _ = compare(scheme, &a, &b);
        }
    }

    fn schemes() -> impl Strategy<Value = Scheme> {
        prop::sample::select(Scheme::all().collect::<Vec<_>>())
    }
}
