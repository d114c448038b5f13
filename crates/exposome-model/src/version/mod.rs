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

use key::Row;
use std::borrow::Cow;
use std::cmp::Ordering;

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    scheme: Scheme,
    row: Box<[u8]>,
}

impl Key {
    /// `None` when the text is no version of this scheme.
    pub fn parse(scheme: Scheme, text: &str) -> Option<Key> {
        let mut row = Row::new();
        encode(scheme, text, &mut row)?;
        Some(Key { scheme, row: row.bytes().into() })
    }

    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Which comes first; `None` when the scheme cannot say or the two are of different schemes.
    pub fn compare(&self, other: &Key) -> Option<Ordering> {
        if self.scheme != other.scheme {
            return None;
        }
        compare_rows(self.scheme, &self.row, &other.row)
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
