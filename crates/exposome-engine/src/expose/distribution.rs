//! Packages of a distribution: its own word first.
//!
//! A distribution mends old versions without raising the upstream number, so the
//! ranges of NVD and of the upstream project do not apply to its packages.  What
//! counts is the distribution's statement for the very stream (Red Hat Enterprise
//! Linux 8, Debian 11) the package was built for.

use super::catalogue::{About, Claim, Standing};
use super::held::{Held, Why};
use super::names::squash;
use super::rows::{Means, order};
use super::weigh::{Depends, Outcome, Said};
use super::interned::Words;
use exposome_model::exposure::Confidence;
use exposome_model::inventory::ComponentKind;
use exposome_model::knowledge::Status;
use exposome_model::version::Scheme;
use std::cmp::Ordering;

/// What the distribution itself says.
pub(super) struct OwnWord {
    pub(super) outcome: Outcome,
    pub(super) standing: Standing,
    pub(super) depends: Depends,
}

/// The distribution's statement, if the claim is one; outside its stream it is silent.
pub(super) fn own_word(held: &Held<'_>, claim: &Claim, why: &mut Why) -> Option<OwnWord> {
    let distribution = held.subject.distribution.as_ref()?;
    let scheme = match claim.about {
        About::Package(place) => {
            let package = held.catalogue.packages.get(place as usize)?;
            (package.namespace().unwrap_or_default() == distribution.namespace).then(|| package.scheme())??
        }
        About::Named(_) if is_part_of_a_system(held, claim) => Scheme::Rpm,
        About::Named(_) | About::Cpe(_) => return None,
    };
    let stream = stream_of_claim(held, claim);
    let own = stream_of_subject(held);
    let depends = if own.from_bill { Depends::OnPlatform } else { Depends::OnItself };
    let word = |outcome, standing| Some(OwnWord { outcome, standing, depends });
    let standing = match stream.holds(&own) {
        Some(true) if matches!(stream, Stream::Minor(..)) => Standing::Stream,
        Some(true) => Standing::Vendor,
        Some(false) => return word(Outcome::Silent, claim.standing),
        None => return word(Outcome::Open("release of the distribution".into()), Standing::Vendor),
    };
    word(by_version(held, claim, scheme, why), standing)
}

/// A fixed package says two things: it is free of it, and those before it are not.
fn by_version(held: &Held<'_>, claim: &Claim, scheme: Scheme, why: &mut Why) -> Outcome {
    let words = &held.catalogue.words;
    let mut outcome = None;
    for row in held.catalogue.rows.get(claim.rows) {
        let next = match (row.means, row.status) {
            (Means::Exact(_, fixed), Status::Fixed) => {
                let fixed = words.get(fixed);
                let Some(own) = held.subject.version.as_deref() else {
                    return Outcome::Open(held.subject.version_fact().into());
                };
                let order = order(scheme, own, fixed);
                why.say(format_args!("{own} against the fixed {fixed}"));
                match order {
                    Some(Ordering::Less) => Outcome::Affected,
                    Some(_) => Outcome::NotAffected,
                    None => Outcome::Unreadable(held.fact(|| format!("whether {own} is before {fixed}"))),
                }
            }
            (Means::Any | Means::Nothing, Status::Fixed | Status::NotAffected) => Outcome::NotAffected,
            (Means::Any | Means::Nothing, Status::Affected) => Outcome::Affected,
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
    };
    held.by_rows(claim, why, &mut said)
}

/// What others say of the upstream project holds for a package only until the distribution speaks.
pub(super) fn second_hand(held: &Held<'_>, claim: &Claim, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Affected | Outcome::Open(_) | Outcome::Unreadable(_) => {
            let name = held.subject.distribution.as_ref().map_or("the distribution", |own| own.namespace.as_str());
            let vulnerability = held.catalogue.vulnerability(claim.vulnerability);
            Outcome::Open(held.fact(|| format!("{name}'s statement on {vulnerability}")))
        }
        other => other,
    }
}

/// What a claim or a package is built for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stream {
    /// The claim names none.
    Unsaid,
    /// Something that is no distribution: OpenShift, JBoss.
    Other,
    /// `8`.
    Major(String),
    /// `8.6`: extended support of one minor release.
    Minor(String),
}

impl Stream {
    fn holds(&self, own: &Own) -> Option<bool> {
        match self {
            Stream::Unsaid => Some(true),
            Stream::Other => Some(false),
            Stream::Major(major) => own.major.as_ref().map(|own| own == major),
            Stream::Minor(minor) => {
                let major = minor.split('.').next().unwrap_or(minor);
                match (&own.major, &own.minor) {
                    (Some(own), _) if own != major => Some(false),
                    (_, Some(own)) => Some(own == minor),
                    // A package without a mark of extended support is not of it.
                    (Some(_), None) => Some(false),
                    (None, None) => None,
                }
            }
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Own {
    /// Told by the system on the asset, not by the package.
    from_bill: bool,
    major: Option<String>,
    minor: Option<String>,
}

fn is_part_of_a_system(held: &Held<'_>, claim: &Claim) -> bool {
    !matches!(stream_of_claim(held, claim), Stream::Unsaid)
}

fn stream_of_claim(held: &Held<'_>, claim: &Claim) -> Stream {
    if let About::Package(place) = claim.about {
        let distro = held.catalogue.packages.get(place as usize).and_then(|package| package.qualifier("distro"));
        if let Some(major) = distro.and_then(release_number) {
            return Stream::Major(major);
        }
    }
    let Some(on) = held.scope(claim).and_then(|scope| scope.on.as_ref()) else { return Stream::Unsaid };
    for place in &on.cpes {
        let Some(cpe) = held.catalogue.cpes.get(*place as usize) else { continue };
        let key = held.catalogue.key_text(cpe.key);
        let product = key.rsplit(':').next().unwrap_or_default();
        let version = held.catalogue.words.get(cpe.version);
        if cpe.version == Words::NONE {
            continue;
        }
        return match product {
            "enterpriselinux" | "linux" | "linuxenterpriseserver" | "debianlinux" | "ubuntulinux" | "leap"
                if version.contains('.') && product == "enterpriselinux" =>
            {
                Stream::Major(version.split('.').next().unwrap_or(version).to_owned())
            }
            "enterpriselinux" | "linux" | "linuxenterpriseserver" | "debianlinux" | "ubuntulinux" | "leap" => {
                Stream::Major(version.to_owned())
            }
            _ if product.starts_with("rhel") => Stream::Minor(version.to_owned()),
            _ => Stream::Other,
        };
    }
    if on.cpes.is_empty() { Stream::Unsaid } else { Stream::Other }
}

/// From the PURL, from the mark in the package's own version, or from the system on the same asset.
fn stream_of_subject(held: &Held<'_>) -> Own {
    let distro = held.subject.purl.as_ref().and_then(|purl| purl.qualifier("distro"));
    if let Some(major) = distro.and_then(release_number) {
        return Own { from_bill: false, minor: distro.and_then(minor_number), major: Some(major) };
    }
    if let Some(own) = held.subject.version.as_deref().and_then(mark) {
        return own;
    }
    for (_, component) in held.bill.of_kind(ComponentKind::System) {
        let text = format!("{} {}", component.name, component.version.as_deref().unwrap_or_default());
        if let Some(major) = release_number(&text) {
            return Own { from_bill: true, minor: minor_number(&text), major: Some(major) };
        }
    }
    Own { from_bill: true, ..Own::default() }
}

/// `8` and `8.6` of `.el8_6`; `11` of `+deb11u3`.
fn mark(version: &str) -> Option<Own> {
    for prefix in [".el", "+deb", "~deb"] {
        let Some(at) = version.rfind(prefix) else { continue };
        let rest = version.get(at + prefix.len()..)?;
        let major: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if major.is_empty() {
            continue;
        }
        let minor = rest.get(major.len()..).and_then(|rest| rest.strip_prefix('_'));
        let minor: Option<String> = minor.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect());
        let minor = minor.filter(|minor| !minor.is_empty()).map(|minor| format!("{major}.{minor}"));
        return Some(Own { from_bill: false, major: Some(major), minor });
    }
    None
}

/// The first number of a text: `debian-11`, "Red Hat Enterprise Linux 8.6"; Ubuntu's are two numbers.
fn release_number(text: &str) -> Option<String> {
    let number = first_number(text)?;
    if squash(text).contains("ubuntu") {
        return Some(number);
    }
    Some(number.split('.').next().unwrap_or(&number).to_owned())
}

fn minor_number(text: &str) -> Option<String> {
    first_number(text).filter(|number| number.contains('.'))
}

fn first_number(text: &str) -> Option<String> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let number: String = text.get(start..)?.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Some(number.trim_end_matches('.').to_owned())
}
