//! Packages of a distribution: its own word first.
//!
//! A distribution mends old versions without raising the upstream number, so the
//! ranges of NVD and of the upstream project do not apply to its packages.  What
//! counts is the distribution's statement for the very release (Red Hat Enterprise
//! Linux 8, Debian 11) the package was built for.

use super::catalogue::{About, Claim, Standing};
use super::held::{Held, Why};
use super::interned::Words;
use super::names::squash;
use super::rows::Means;
use super::weigh::{Depends, Outcome, Said};
use super::word_class::{Class, class};
use exposome_model::exposure::Confidence;
use exposome_model::inventory::ComponentKind;
use exposome_model::knowledge::Status;
use exposome_model::purl::Purl;
use exposome_model::version::Scheme;
use std::borrow::Cow;
use std::cmp::Ordering;

/// What the distribution itself says.
pub(super) struct OwnWord {
    pub(super) outcome: Outcome,
    pub(super) standing: Standing,
    pub(super) depends: Depends,
}

/// The distribution's statement, if the claim is one; outside its release it is silent.
pub(super) fn own_word(held: &Held<'_>, claim: &Claim, why: &mut Why) -> Option<OwnWord> {
    let distribution = held.subject.distribution.as_ref()?;
    let (scheme, namespace) = match claim.about {
        About::Package(place) => {
            let package = held.catalogue.packages.get(place as usize)?;
            (package.purl.scheme()?, package.purl.namespace().unwrap_or_default())
        }
        About::Named(_) => match release_of_claim(held, claim) {
            Release::Unsaid => return None,
            _ => (Scheme::Rpm, distribution.namespace.as_str()),
        },
        About::Cpe(_) => return None,
    };
    let silent =
        OwnWord { outcome: Outcome::Silent, standing: claim.standing, depends: Depends::OnItself };
    let of_this_one = is_of(held, namespace);
    if of_this_one == Some(false) {
        return Some(silent);
    }
    let release = release_of_claim(held, claim);
    let own = built_for(held, &release);
    let depends = if own.from_bill || distribution.namespace.is_empty() {
        Depends::OnPlatform
    } else {
        Depends::OnItself
    };
    let is_release = match release {
        _ if is_of_other_module(held, claim) => Some(false),
        Release::Other => of_layer(held, claim),
        _ => release.is(&own),
    };
    let outcome = match of_this_one.and(is_release) {
        Some(true) => by_version(held, claim, scheme, why),
        Some(false) => Outcome::Silent,
        None => match by_version(held, claim, scheme, why) {
            Outcome::Affected | Outcome::Open(_) => {
                Outcome::Open("release of the distribution".into())
            }
            _ => Outcome::Silent,
        },
    };
    let depends = if release == Release::Other { depends.max(Depends::OnAll) } else { depends };
    let standing = match release {
        Release::Minor(_) => Standing::Stream,
        Release::Unsaid | Release::Other | Release::Major(_) => Standing::Vendor,
    };
    Some(OwnWord { outcome, standing, depends })
}

/// Whether the package is of the distribution; where it does not say, the system on the asset may.
fn is_of(held: &Held<'_>, namespace: &str) -> Option<bool> {
    let own = held.subject.distribution.as_ref().map_or("", |own| own.namespace.as_str());
    if !own.is_empty() {
        return Some(own == namespace);
    }
    let systems =
        held.bill.of_kind(ComponentKind::System).map(|(_, component)| squash(&component.name));
    systems.map(|name| name.contains(&squash(namespace))).reduce(|one, other| one || other)
}

/// A fixed package says two things: it is free of it, and those before it are not.
fn by_version(held: &Held<'_>, claim: &Claim, scheme: Scheme, why: &mut Why) -> Outcome {
    let mut outcome = None;
    for row in held.catalogue.rows.get(claim.rows) {
        let next = match (row.means, row.status) {
            (Means::Exact(_, fixed), Status::Fixed) => {
                let Some(own) = held.subject.version.as_ref() else {
                    return Outcome::Open(held.subject.version_fact().into());
                };
                let rows = &held.catalogue.rows;
                let text = || rows.end_of(fixed).unwrap_or_default();
                why.say(format_args!("{} against the fixed {}", own.text, text()));
                match rows.order_at(own, fixed, scheme) {
                    Some(Ordering::Less) => Outcome::Affected,
                    Some(_) => Outcome::NotAffected,
                    None => Outcome::Unreadable(
                        held.fact(|| format!("whether {} is before {}", own.text, text())),
                    ),
                }
            }
            (Means::Any | Means::Nothing, Status::Fixed | Status::NotAffected) => {
                Outcome::NotAffected
            }
            (Means::Any | Means::Nothing, Status::Affected) => Outcome::Affected,
            // CVE records: mended from a build on, and everything before it is not.
            (Means::Bounds { from, to, .. }, Status::NotAffected)
                if held.catalogue.rows.end_of(to).is_none() =>
            {
                match held.subject.version.as_ref() {
                    None => Outcome::Open(held.subject.version_fact().into()),
                    Some(own) => match held.catalogue.rows.order_at(own, from, scheme) {
                        Some(Ordering::Less) => Outcome::Affected,
                        Some(_) => Outcome::NotAffected,
                        None => return by_rows(held, claim, why),
                    },
                }
            }
            _ => return by_rows(held, claim, why),
        };
        outcome.get_or_insert(next);
    }
    outcome.unwrap_or_else(|| by_rows(held, claim, why))
}

fn by_rows(held: &Held<'_>, claim: &Claim, why: &mut Why) -> Outcome {
    let mut said = Said {
        claim: 0,
        standing: claim.standing,
        outcome: Outcome::Silent,
        confidence: Confidence::High,
        depends: Depends::OnItself,
        closeness: None,
    };
    held.by_rows(claim, why, &mut said)
}

/// Whether a package is of the layered product that the claim is about (Satellite, OpenShift, JBoss):
/// `None` if it bears the product's mark and nothing tells which release of the product it is of.
///
/// These products mark their builds behind the distribution's mark (`el8sat`, `el8eap`,
/// `rhaos4.12`); the release of the product stands on the asset, or the upstream line tells it.
fn of_layer(held: &Held<'_>, claim: &Claim) -> Option<bool> {
    let named = build_named(held, claim);
    let on_asset = product_on_asset(held, claim);
    // Without a build to compare, only a product that is on the asset is meant.
    let (Some(named), Some(own)) = (named, held.subject.version.as_ref()) else {
        return Some(on_asset == Some(true));
    };
    let (own_marks, marks) = (layer_marks(&own.text), layer_marks(named));
    if marks.is_empty() || own_marks != marks {
        return Some(false);
    }
    let is_layer = marks
        .iter()
        .any(|mark| leading_digits(mark.trim_start_matches("el")).len() + 2 != mark.len());
    match on_asset {
        None if upstream_line(&own.text) == upstream_line(named) && is_layer => Some(true),
        told => told,
    }
}

/// The build that a claim names.
fn build_named<'a>(held: &Held<'a>, claim: &Claim) -> Option<&'a str> {
    let rows = &held.catalogue.rows;
    rows.get(claim.rows).iter().find_map(|row| match row.means {
        Means::Exact(_, place) => rows.end_of(place),
        Means::Bounds { from, to, .. } => rows.end_of(from).or_else(|| rows.end_of(to)),
        _ => None,
    })
}

/// Whether package and build are of two streams of a module: Node.js 16 and 18, both for release 8.
fn is_of_other_module(held: &Held<'_>, claim: &Claim) -> bool {
    let major = |version: &str| {
        let version = version.split_once(':').map_or(version, |(_, rest)| rest);
        let is_module = version.contains("module+") || version.contains("module_");
        is_module.then(|| leading_digits(version).to_owned())
    };
    let own = held.subject.version.as_ref().and_then(|own| major(&own.text));
    let named = build_named(held, claim).and_then(major);
    own.zip(named).is_some_and(|(own, named)| own != named)
}

/// Whether a component of the asset is the product by name and release; `None` if none is that product.
fn product_on_asset(held: &Held<'_>, claim: &Claim) -> Option<bool> {
    let on = held.scope(claim)?.on.as_ref()?;
    let cpe = on.cpes.iter().find_map(|place| held.catalogue.cpes.get(*place as usize))?;
    let release = held.catalogue.words.get(cpe.version);
    let product = held.catalogue.key_text(cpe.key).rsplit(':').next().unwrap_or_default();
    let is_brand = |word: &str| word.len() > 2 && class(&word.to_lowercase()) == Class::Brand;
    let is_named = |name: &str| {
        let words = name.split_whitespace().filter(|word| !COMMON.contains(&squash(word).as_str()));
        words.filter(|word| is_brand(word)).any(|word| product.contains(&squash(word)))
    };
    let programs = held.bill.parts.iter().filter(|(one, _)| one.kind != ComponentKind::System);
    let names = programs.map(|(_, component)| component).filter(|one| is_named(&one.name));
    let releases = names.map(|one| {
        let version = if one.purl.is_some() { None } else { one.version.as_deref() };
        let told = one.name.split_whitespace().chain(version);
        told.map(|word| word.trim_start_matches('v'))
            .any(|word| word == release || word.starts_with(&format!("{release}.")))
    });
    releases.reduce(|one, other| one || other)
}

/// Words that the names of many of a distributor's products share.
const COMMON: &[&str] =
    &["enterprise", "platform", "application", "server", "container", "storage", "linux", "for"];

/// `el8sat`; `rhaos4.12` and `el8`: the marks of the build, without its counter and commit.
fn layer_marks(version: &str) -> Vec<&str> {
    let mut marks = Vec::new();
    for (at, _) in version.match_indices(['.', '+']) {
        let rest = version.get(at + 1..).unwrap_or_default();
        if rest.starts_with("rhaos") {
            let end = rest.match_indices('.').nth(1).map_or(rest.len(), |(end, _)| end);
            marks.extend(rest.get(..end));
        } else if rest
            .strip_prefix("el")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            marks.extend(rest.split(['.', '_']).next());
        }
    }
    marks
}

/// `3.7` of `0:3.7.0.9-1.el8sat`.
fn upstream_line(version: &str) -> String {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    version.split(['.', '-']).take(2).collect::<Vec<_>>().join(".")
}

/// What others say of the upstream project holds for a package only until the distribution speaks.
pub(super) fn second_hand(held: &Held<'_>, claim: &Claim, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Affected | Outcome::Open(_) | Outcome::Hinges(_) | Outcome::Unreadable(_) => {
            let name = held.subject.distribution.as_ref().map_or("", |own| own.namespace.as_str());
            let name = if name.is_empty() { "the distribution" } else { name };
            let vulnerability = held.catalogue.vulnerability(claim.vulnerability);
            Outcome::Open(held.fact(|| format!("{name}'s statement on {vulnerability}")))
        }
        other => other,
    }
}

/// The release a claim speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Release<'a> {
    /// It names none.
    Unsaid,
    /// Something that is no distribution: `OpenShift`, `JBoss`.
    Other,
    /// `8`, `22.04`.
    Major(Cow<'a, str>),
    /// `8.6`: extended support of one minor release.
    Minor(&'a str),
}

impl Release<'_> {
    fn is(&self, own: &BuiltFor) -> Option<bool> {
        match self {
            Release::Unsaid => Some(true),
            Release::Other => Some(false),
            Release::Major(major) => own.major.as_deref().map(|own| own == major),
            Release::Minor(minor) => {
                let major = minor.split('.').next().unwrap_or(minor);
                match (own.major.as_deref(), own.minor.as_deref()) {
                    (Some(own), _) if own != major => Some(false),
                    (_, Some(own)) => Some(own == *minor),
                    // A package without a mark of extended support is not of it.
                    (Some(_), None) => Some(false),
                    (None, None) => None,
                }
            }
        }
    }
}

fn release_of_claim<'a>(held: &Held<'a>, claim: &Claim) -> Release<'a> {
    if let About::Package(place) = claim.about {
        let release = held
            .catalogue
            .packages
            .get(place as usize)
            .and_then(|package| package.release.as_deref());
        if let Some(release) = release {
            return Release::Major(Cow::Borrowed(release));
        }
    }
    let Some(on) = held.scope(claim).and_then(|scope| scope.on.as_ref()) else {
        return Release::Unsaid;
    };
    for place in &on.cpes {
        let Some(cpe) = held.catalogue.cpes.get(*place as usize) else { continue };
        let product = held.catalogue.key_text(cpe.key).rsplit(':').next().unwrap_or_default();
        let version = held.catalogue.words.get(cpe.version);
        if cpe.version == Words::NONE {
            continue;
        }
        return match product {
            "enterpriselinux" => {
                Release::Major(Cow::Borrowed(version.split('.').next().unwrap_or(version)))
            }
            "linux" | "linuxenterpriseserver" | "debianlinux" | "ubuntulinux" | "leap" => {
                Release::Major(Cow::Borrowed(version))
            }
            _ if product.starts_with("rhel") => Release::Minor(version),
            _ => Release::Other,
        };
    }
    if on.cpes.is_empty() { Release::Unsaid } else { Release::Other }
}

/// The release a package was built for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BuiltFor {
    major: Option<String>,
    minor: Option<String>,
    /// Told by the system on the asset, not by the package.
    from_bill: bool,
}

impl BuiltFor {
    /// From the PURL, or from the mark in the package's own version.
    pub(super) fn told_by(purl: &Purl, version: Option<&str>) -> Option<BuiltFor> {
        let distro = purl.qualifier("distro");
        match distro.and_then(release_number) {
            Some(major) => Some(BuiltFor {
                major: Some(major),
                minor: distro.and_then(minor_number),
                from_bill: false,
            }),
            None => version.and_then(mark),
        }
    }
}

/// As the package tells, or else the system on the same asset; where nobody asks, nothing.
fn built_for<'a>(held: &Held<'a>, release: &Release<'_>) -> Cow<'a, BuiltFor> {
    let told =
        held.subject.distribution.as_ref().and_then(|distribution| distribution.built_for.as_ref());
    if let Some(told) = told {
        return Cow::Borrowed(told);
    }
    if matches!(release, Release::Unsaid | Release::Other) {
        return Cow::Owned(BuiltFor::default());
    }
    for (_, component) in held.bill.of_kind(ComponentKind::System) {
        let text =
            format!("{} {}", component.name, component.version.as_deref().unwrap_or_default());
        if let Some(major) = release_number(&text) {
            return Cow::Owned(BuiltFor {
                major: Some(major),
                minor: minor_number(&text),
                from_bill: true,
            });
        }
    }
    Cow::Owned(BuiltFor { from_bill: true, ..BuiltFor::default() })
}

/// `8` and `8.6` of `.el8_6`; `11` of `+deb11u3`.
fn mark(version: &str) -> Option<BuiltFor> {
    for prefix in [".el", "+el", "+deb", "~deb"] {
        let Some(at) = version.rfind(prefix) else { continue };
        let rest = version.get(at + prefix.len()..)?;
        let major = leading_digits(rest);
        if major.is_empty() {
            continue;
        }
        let minor =
            rest.get(major.len()..).and_then(|rest| rest.strip_prefix('_')).map(leading_digits);
        let minor = minor.filter(|minor| !minor.is_empty()).map(|minor| format!("{major}.{minor}"));
        return Some(BuiltFor { major: Some(major.to_owned()), minor, from_bill: false });
    }
    None
}

fn leading_digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// `11` of `debian-11`, of "Debian:11" and of `bullseye`; `22.04` of `ubuntu-22.04`; `8` of "Red
/// Hat Enterprise Linux 8.6".
pub(super) fn release_number(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if let Some((_, number)) = CODENAMES.iter().find(|(name, _)| lower.contains(name)) {
        return Some((*number).to_owned());
    }
    let number = first_number(text)?;
    if lower.contains("ubuntu") {
        return Some(number.split('.').take(2).collect::<Vec<_>>().join("."));
    }
    Some(number.split('.').next().unwrap_or(&number).to_owned())
}

/// Releases that go by a word (Debian and Ubuntu release pages).
const CODENAMES: &[(&str, &str)] = &[
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("noble", "24.04"),
];

fn minor_number(text: &str) -> Option<String> {
    first_number(text).filter(|number| number.contains('.'))
}

fn first_number(text: &str) -> Option<String> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = text.get(start..)?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    Some(rest.get(..end)?.trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_told_by_number_or_by_word() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(release_number(text).as_deref(), expected, "{text}");
        };
        check("debian-11", Some("11"));
        check("Debian:11", Some("11"));
        check("bullseye", Some("11"));
        check("Ubuntu:22.04:LTS", Some("22.04"));
        check("ubuntu-22.04", Some("22.04"));
        check("Red Hat Enterprise Linux 8.6", Some("8"));
        check("rhel", None);
    }

    #[test]
    fn a_layered_product_marks_its_builds() {
        assert_eq!(layer_marks("0:3.7.0.9-1.el8sat"), ["el8sat"]);
        assert_eq!(layer_marks("1.25.5-19.2.rhaos4.12.gitba93e0a.el8"), ["rhaos4.12", "el8"]);
        assert_eq!(layer_marks("1.68.0-2.redhat_00005.1.el8eap"), ["el8eap"]);
        assert_eq!(upstream_line("0:3.7.0.9-1.el8sat"), "3.7");
    }

    #[test]
    fn a_package_carries_the_mark_of_its_release() {
        let check = |version: &str, major: &str, minor: Option<&str>| {
            let found = mark(version).expect("a mark");
            assert_eq!(
                (found.major.as_deref(), found.minor.as_deref()),
                (Some(major), minor),
                "{version}"
            );
        };
        check("1:9.0.87-1.el8_10.1", "8", Some("8.10"));
        check("4.18.0-372.105.1.el8_6", "8", Some("8.6"));
        check("1.1.1n-0+deb11u3", "11", None);
        check("3.0.7-16.el9", "9", None);
        assert_eq!(mark("1.2.3-4"), None);
    }
}
