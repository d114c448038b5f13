//! A component of an inventory, read once: everything claims are held against.

use super::catalogue::{Catalogue, is_distributed};
use super::distribution::BuiltFor;
use super::names::{Names, lone_key, says_nothing, squash, unsaid_vendor_key};
use super::product_text::ComponentName;
use super::rows::OwnVersion;
use super::windows::Windows;
use exposome_model::cpe::{Attribute, Cpe};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::purl::Purl;
use exposome_model::version::Scheme;
use std::borrow::Cow;

/// What claims are held against.
#[derive(Debug, Clone)]
pub struct Subject {
    pub kind: ComponentKind,
    /// Keys to look claims up by, the surest first; each key once.
    pub keys: Vec<(String, Known)>,
    /// Keys of free-text products; a hit is only a candidate.
    pub text_keys: Vec<String>,
    /// Nothing for libraries and packages: no prose names them by anything but their name.
    pub name: Option<ComponentName>,
    pub vendor: String,
    pub version: Option<OwnVersion>,
    /// A version that stands in the name: the 2019 of "SQL Server 2019".
    pub release: Option<OwnVersion>,
    pub cpe: Option<Cpe>,
    pub purl: Option<Purl>,
    pub windows: Option<Windows>,
    /// A package of a distribution: `deb` or `rpm` and so on.
    pub distribution: Option<Distribution>,
}

/// By what a component is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// CPE or PURL.
    Identifier,
    /// Vendor and product name.
    Name,
    /// A name whose vendor nobody gives.
    LoneName,
}

/// Where a package comes from.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// `debian`, `ubuntu`, `redhat`.
    pub namespace: String,
    /// The version without epoch, revision and repackaging marks: what upstream called it.
    pub upstream_version: Option<OwnVersion>,
    /// The release it was built for, as far as the package itself tells.
    pub(super) built_for: Option<BuiltFor>,
}

impl Subject {
    pub fn read(component: &Component, catalogue: &Catalogue) -> Subject {
        let names = &catalogue.names;
        let cpe = component.cpe.as_deref().and_then(|text| Cpe::parse(text).ok());
        let purl = component.purl.as_deref().and_then(|text| Purl::parse(text).ok());
        let version = component
            .version
            .clone()
            .or_else(|| {
                cpe.as_ref().and_then(|cpe| cpe.version().map(|text| with_update(cpe, &text)))
            })
            .or_else(|| purl.as_ref().and_then(|purl| purl.full_version().map(Cow::into_owned)))
            .filter(|version| !says_nothing(version));
        let windows = windows(component, cpe.as_ref());
        let scheme = if windows.is_some() {
            Some(Scheme::Windows)
        } else {
            purl.as_ref().and_then(Purl::scheme)
        };
        let is_package = component.kind == ComponentKind::Package && purl.is_some();
        let name = (!is_package).then(|| ComponentName::read(component, &catalogue.aliases));
        // A catalogue's own names are exact; only of devices are they also read as prose.
        let prefixes: &[&str] =
            if component.kind == ComponentKind::Device { &["t:", "d:"] } else { &["t:"] };
        let words: Vec<String> = name.iter().flat_map(ComponentName::keys).collect();
        let text_keys = prefixes
            .iter()
            .flat_map(|prefix| words.iter().map(move |key| format!("{prefix}{key}")))
            .collect();
        let vendor =
            component.vendor.as_deref().map(|vendor| names.vendor(vendor)).unwrap_or_default();
        let distribution =
            purl.as_ref().and_then(|purl| Distribution::of(purl, version.as_deref()));
        let mut subject = Subject {
            kind: component.kind,
            keys: Vec::new(),
            text_keys,
            name,
            vendor,
            version: version.as_deref().map(|version| OwnVersion::read(version, scheme)),
            release: None,
            windows,
            cpe,
            purl,
            distribution,
        };
        subject.find_keys(component, names);
        subject
    }

    fn find_keys(&mut self, component: &Component, names: &Names) {
        if let Some(windows) = &self.windows {
            let keys = windows.keys();
            self.keys.extend(keys.into_iter().map(|key| (key, Known::Identifier)));
            return;
        }
        let mut keys = Vec::new();
        if let Some((vendor, product)) =
            self.cpe.as_ref().and_then(|cpe| cpe.vendor().zip(cpe.product()))
        {
            keys.push((names.cpe_key(&vendor, &product), Known::Identifier));
        }
        if let Some(purl) = &self.purl {
            keys.push((package_key(purl), Known::Identifier));
            if self.distribution.is_some() {
                for name in [Some(purl.name()), source_package(purl)].into_iter().flatten() {
                    let told = purl.namespace();
                    let may_be = DISTRIBUTORS.iter().copied().filter(|_| told.is_none());
                    let key = |namespace| {
                        (key_of_package(purl.kind(), Some(namespace), name), Known::Identifier)
                    };
                    keys.extend(told.into_iter().chain(may_be).map(key));
                    keys.push((lone_key(name), Known::Name));
                }
                let distributor = names.vendor(purl.namespace().unwrap_or_default());
                keys.push((names.key(&distributor, purl.name()), Known::Name));
            } else {
                // Most records of a library name no package URL, only the library.
                for name in library_names(purl) {
                    keys.push((lone_key(&name), Known::Name));
                    keys.push((unsaid_vendor_key(&name), Known::LoneName));
                }
            }
        }
        // A PURL is exact; the bare name beside it would only find namesakes.
        if self.purl.is_none() || component.vendor.is_some() {
            for name in [Some(&component.name), component.called.as_ref()].into_iter().flatten() {
                let variants =
                    variants(name, self.version.as_ref().map(|version| version.text.as_str()));
                let release = variants.iter().find_map(|variant| variant.release.as_deref());
                self.release =
                    self.release.take().or_else(|| Some(OwnVersion::read(release?, None)));
                for variant in &variants {
                    self.named_keys(&variant.name, names, &mut keys);
                }
            }
        }
        if self.version.is_none() {
            self.version.clone_from(&self.release);
        }
        keys.sort_by(|(a, known_a), (b, known_b)| a.cmp(b).then(known_a.cmp(known_b)));
        keys.dedup_by(|(a, _), (b, _)| a == b);
        keys.sort_by_key(|(_, known)| *known);
        self.keys = keys;
    }

    fn named_keys(&self, name: &str, names: &Names, keys: &mut Vec<(String, Known)>) {
        if self.vendor.is_empty() {
            keys.push((lone_key(name), Known::Name));
            keys.push((unsaid_vendor_key(name), Known::Name));
            for (vendor, product) in names.cuts(name) {
                keys.push((names.key(&vendor, &product), Known::Name));
            }
            return;
        }
        for vendor in names.vendor_and_owned(&self.vendor) {
            keys.push((names.key(&vendor, name), Known::Name));
        }
        // A vendor that resells another's product: "Philips", "Microsoft Windows 10".
        for (vendor, product) in names.cuts(name) {
            if names.is_known_vendor(&vendor) {
                keys.push((names.key(&vendor, &product), Known::Name));
            }
        }
        keys.push((unsaid_vendor_key(name), Known::LoneName));
    }

    /// What a person would have to find out when the version is missing.
    pub fn version_fact(&self) -> &'static str {
        match self.kind {
            ComponentKind::Device => "firmware version",
            ComponentKind::System => "operating system version",
            ComponentKind::Application | ComponentKind::Package => "software version",
        }
    }
}

/// What a library is called where nobody gives its package URL: its name, and its name within its group
/// (`@angular/core`, `org.postgresql:postgresql`).
fn library_names(purl: &Purl) -> Vec<String> {
    let name = purl.name();
    let within = purl.namespace().map(|group| match purl.kind() {
        "maven" => format!("{group}:{name}"),
        _ => format!("{group}/{name}"),
    });
    std::iter::once(name.to_owned()).chain(within).collect()
}

fn windows(component: &Component, cpe: Option<&Cpe>) -> Option<Windows> {
    if let Some((vendor, product)) = cpe.and_then(|cpe| cpe.vendor().zip(cpe.product())) {
        if vendor == "microsoft" {
            let (version, update) =
                cpe.map_or((None, None), |cpe| (cpe.version(), cpe.text(Attribute::Update)));
            let mut read = Windows::read(&product, version.as_deref(), update.as_deref())?;
            read.take_version(component.version.as_deref().unwrap_or_default());
            return Some(read);
        }
        return None;
    }
    let by_microsoft =
        component.vendor.as_deref().is_none_or(|vendor| squash(vendor).starts_with("microsoft"));
    let may_be = matches!(component.kind, ComponentKind::System | ComponentKind::Application);
    (by_microsoft && may_be && component.purl.is_none())
        .then(|| Windows::read(&component.name, component.version.as_deref(), None))
        .flatten()
}

fn with_update(cpe: &Cpe, version: &str) -> String {
    match cpe.text(Attribute::Update) {
        Some(update) => format!("{version} {update}"),
        None => version.to_owned(),
    }
}

/// One way to read a name: with and without the version and edition that trail it.
struct Variant {
    name: String,
    release: Option<String>,
}

fn variants(name: &str, version: Option<&str>) -> Vec<Variant> {
    let plain = without_brackets(name);
    let mut found = vec![Variant { name: plain.clone(), release: None }];
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    let mut release = None;
    while words.len() > 1 {
        let Some(last) = words.last().copied() else { break };
        let number = last.trim_start_matches(['v', 'V', '(']).trim_end_matches([')', ',']);
        if number.starts_with(|c: char| c.is_ascii_digit()) && !is_bitness(last) {
            if version != Some(number) {
                release = Some(number.to_owned());
            }
        } else if !is_bitness(last) && !TRAILERS.contains(&squash(last).as_str()) {
            break;
        }
        words.pop();
        found.push(Variant { name: words.join(" "), release: release.clone() });
    }
    found
}

/// Words behind a product's name that do not make it another product.
const TRAILERS: &[&str] = &[
    "edition",
    "enterprise",
    "standard",
    "esr",
    "lts",
    "release",
    "version",
    "update",
    "build",
    "x64",
    "x86",
    "professional",
];

fn is_bitness(word: &str) -> bool {
    matches!(squash(word).as_str(), "64bit" | "32bit" | "x64" | "x86" | "x8664" | "amd64" | "arm64")
}

fn without_brackets(name: &str) -> String {
    let mut depth = 0_u32;
    let kept: String = name
        .chars()
        .filter(|c| match c {
            '(' | '[' => {
                depth += 1;
                false
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    let kept = kept.trim();
    if kept.is_empty() { name.trim().to_owned() } else { kept.to_owned() }
}

impl Distribution {
    fn of(purl: &Purl, version: Option<&str>) -> Option<Distribution> {
        if !is_distributed(purl) {
            return None;
        }
        Some(Distribution {
            namespace: purl.namespace().unwrap_or_default().to_owned(),
            upstream_version: version.map(|version| OwnVersion::read(&upstream(version), None)),
            built_for: BuiltFor::told_by(purl, version),
        })
    }
}

/// The version as its upstream project wrote it: without epoch, revision, `+dfsg` and the like.
fn upstream(version: &str) -> String {
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let version = version.rsplit_once('-').map_or(version, |(front, _)| front);
    let end = ["+dfsg", "+ds", "+really", "~dfsg", "+repack"]
        .iter()
        .filter_map(|mark| version.find(mark))
        .min();
    version.get(..end.unwrap_or(version.len())).unwrap_or(version).to_owned()
}

/// The source package a binary was built from, where the PURL tells (`upstream=openssl@1.1.1`).
fn source_package(purl: &Purl) -> Option<&str> {
    purl.qualifier("upstream").and_then(|upstream| upstream.split(['@', ' ']).next())
}

/// Whose package it may be, if nothing tells.
const DISTRIBUTORS: &[&str] = &["debian", "ubuntu", "redhat", "suse", "alpine"];

/// The key of a package, whatever its version.
pub fn package_key(purl: &Purl) -> String {
    key_of_package(purl.kind(), purl.namespace(), purl.name())
}

fn key_of_package(kind: &str, namespace: Option<&str>, name: &str) -> String {
    format!("p:{kind}/{}/{name}", namespace.unwrap_or_default())
}
