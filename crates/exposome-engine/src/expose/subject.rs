//! A component of an inventory, read once: everything claims are held against.

use super::catalogue::{Catalogue, is_distributed};
use super::distribution::BuiltFor;
use super::names::{Names, lone_key, says_nothing, squash, unsaid_vendor_key};
use super::near_names::{Maker, bare_key, parts_of_key, tails};
use super::product_text::ComponentName;
use super::rows::OwnVersion;
use super::windows::Windows;
use exposome_model::cpe::{Attribute, Cpe};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::purl::Purl;
use exposome_model::version::Scheme;
use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

/// What claims are held against.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What it shares with the same product in other versions.
    identity: Arc<Identity>,
    pub version: Option<OwnVersion>,
    /// A version that stands in the name: the 2019 of "SQL Server 2019".
    pub release: Option<OwnVersion>,
    /// A package of a distribution: `deb` or `rpm` and so on.
    pub distribution: Option<Distribution>,
}

/// A product, whatever its version.
#[derive(Debug)]
pub struct Identity {
    pub kind: ComponentKind,
    /// Keys to look claims up by, the surest first; each key once.
    pub keys: Vec<(String, Known)>,
    /// Keys of free-text products; a hit is only a candidate.
    pub text_keys: Vec<String>,
    /// Bare names, under which products of vendors that are called otherwise are found.
    pub bare_keys: Vec<String>,
    /// Nothing for libraries and packages: no prose names them by anything but their name.
    pub name: Option<ComponentName>,
    pub vendor: String,
    pub cpe: Option<Cpe>,
    pub purl: Option<Purl>,
    pub windows: Option<Windows>,
    /// An extended support release, which counts its versions beside the ordinary ones.
    pub(super) is_extended: bool,
    /// Versions that stand at the end of the name, the last first.
    in_name: Vec<String>,
}

impl Deref for Subject {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.identity
    }
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
    /// The name of a library by somebody else: it is the library only where its registry is named.
    Namesake,
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
        Subject::of(Arc::new(Identity::read(component, catalogue)), component)
    }

    /// The same product in another version shares what is known of it; `None` if it is another product.
    pub fn sibling(&self, own: &Component, component: &Component) -> Option<Subject> {
        // The version says which Windows it is.
        let is_sibling = self.identity.windows.is_none() && is_sibling(own, component);
        is_sibling.then(|| Subject::of(Arc::clone(&self.identity), component))
    }

    fn of(identity: Arc<Identity>, component: &Component) -> Subject {
        let (cpe, purl) = (identity.cpe.as_ref(), identity.purl.as_ref());
        let version = component.version.as_deref().map(Cow::Borrowed);
        let version = version
            .or_else(|| cpe.and_then(Cpe::version))
            .map(|version| with_update(cpe, version))
            .or_else(|| purl.and_then(Purl::full_version))
            .filter(|version| !says_nothing(version));
        let scheme = if identity.windows.is_some() {
            Some(Scheme::Windows)
        } else {
            purl.and_then(Purl::scheme)
        };
        // The 8000 of a "Power Xpert Meter 8000" is its model; firmware has a number of its own.
        let in_name = identity.in_name.iter().filter(|_| identity.kind != ComponentKind::Device);
        let release =
            in_name.into_iter().find(|release| version.as_deref() != Some(release.as_str()));
        let release = release.map(|release| OwnVersion::read(release, None));
        let distribution = purl.and_then(|purl| Distribution::of(purl, version.as_deref()));
        let version =
            version.map(|version| OwnVersion::read(&version, scheme)).or_else(|| release.clone());
        Subject { identity, version, release, distribution }
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

impl Identity {
    fn read(component: &Component, catalogue: &Catalogue) -> Identity {
        let names = &catalogue.names;
        let cpe = component.cpe.as_deref().and_then(|text| Cpe::parse(text).ok());
        let purl = component.purl.as_deref().and_then(|text| Purl::parse(text).ok());
        let windows = windows(component, cpe.as_ref());
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
        let (keys, bare_keys, in_name) = (Vec::new(), Vec::new(), Vec::new());
        let kind = component.kind;
        let is_extended = says_extended(&component.name)
            || cpe.as_ref().and_then(|cpe| cpe.text(Attribute::SwEdition)).as_deref()
                == Some("esr");
        let mut identity = Identity {
            kind,
            keys,
            text_keys,
            bare_keys,
            name,
            vendor,
            cpe,
            purl,
            windows,
            is_extended,
            in_name,
        };
        identity.find_keys(component, catalogue);
        identity
    }

    fn find_keys(&mut self, component: &Component, catalogue: &Catalogue) {
        let names = &catalogue.names;
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
        let mut bare: Vec<String> = Vec::new();
        if let Some(purl) = &self.purl {
            package_keys(purl, names, &mut keys);
            bare.push(squash(purl.name()));
        }
        // A PURL is exact; the bare name beside it would only find namesakes.
        if self.purl.is_none() || component.vendor.is_some() {
            for name in [Some(&component.name), component.called.as_ref()].into_iter().flatten() {
                let (mut variants, in_name) = variants(name);
                // The number of a device is its model: an ASA 5525-X is no ASA.
                if self.kind == ComponentKind::Device && !in_name.is_empty() {
                    variants.truncate(1);
                }
                self.in_name.extend(in_name);
                for variant in &variants {
                    self.named_keys(variant, names, &mut keys);
                    bare.push(squash(&names.own_words(&self.vendor, variant)));
                }
                if self.kind == ComponentKind::Device {
                    self.tail_keys(&variants, names, &mut keys);
                }
            }
        }
        bare.retain(|name| !name.is_empty());
        bare.sort_unstable();
        bare.dedup();
        self.bare_keys = bare.iter().map(|name| bare_key(name)).collect();
        self.near_keys(catalogue, &mut keys);
        keys.sort_by(|(a, known_a), (b, known_b)| a.cmp(b).then(known_a.cmp(known_b)));
        keys.dedup_by(|(a, _), (b, _)| a == b);
        keys.sort_by_key(|(_, known)| *known);
        self.keys = keys;
    }

    /// The keys of products with the same bare name whose vendors may be the component's.
    fn near_keys(&self, catalogue: &Catalogue, keys: &mut Vec<(String, Known)>) {
        let maker = Maker { kind: self.kind, vendor: &self.vendor, purl: self.purl.as_ref() };
        for (key, is_system) in self.bare_keys.iter().flat_map(|bare| catalogue.same_named(bare)) {
            let Some((vendor, product)) = parts_of_key(key) else { continue };
            let known = maker.may_be(vendor, product, is_system);
            keys.extend(known.map(|known| (key.to_owned(), known)));
        }
    }

    /// A device may bear the brand of its family in front of its name.
    fn tail_keys(&self, variants: &[String], names: &Names, keys: &mut Vec<(String, Known)>) {
        let Some(whole) = variants.first().filter(|_| !self.vendor.is_empty()) else { return };
        for tail in tails(&names.own_words(&self.vendor, whole)) {
            for vendor in names.house(&self.vendor) {
                keys.push((names.key(&vendor, &tail), Known::Name));
            }
        }
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
        for vendor in names.house(&self.vendor) {
            keys.push((names.key(&vendor, name), Known::Name));
        }
        // "MariaDB Server" is MariaDB's mariadb.
        if matches!(squash(&names.own_words(&self.vendor, name)).as_str(), "server" | "database") {
            keys.push((names.key(&self.vendor, &self.vendor), Known::Name));
        }
        // A vendor that resells another's product: "Philips", "Microsoft Windows 10".
        for (vendor, product) in names.cuts(name) {
            if names.is_known_vendor(&vendor) {
                keys.push((names.key(&vendor, &product), Known::Name));
            }
        }
        keys.push((unsaid_vendor_key(name), Known::LoneName));
        // Those who pack a project's program often take its name: "OpenSSL Win64 Installer Team".
        let squashed = squash(name);
        if squashed.len() > 3 && self.vendor.starts_with(&squashed) {
            keys.push((lone_key(name), Known::Name));
        }
    }
}

fn package_keys(purl: &Purl, names: &Names, keys: &mut Vec<(String, Known)>) {
    keys.push((package_key(purl), Known::Identifier));
    if !is_distributed(purl) {
        // Most records of a library name no package URL, only the library.
        for name in library_names(purl) {
            keys.push((lone_key(&name), Known::Name));
            keys.push((unsaid_vendor_key(&name), Known::LoneName));
        }
        return;
    }
    for name in [Some(purl.name()), source_package(purl)].into_iter().flatten() {
        let told = purl.namespace();
        let may_be = DISTRIBUTORS.iter().copied().filter(|_| told.is_none());
        let key =
            |namespace| (key_of_package(purl.kind(), Some(namespace), name), Known::Identifier);
        keys.extend(told.into_iter().chain(may_be).map(key));
        keys.push((lone_key(name), Known::Name));
    }
    let distributor = names.vendor(purl.namespace().unwrap_or_default());
    keys.push((names.key(&distributor, purl.name()), Known::Name));
}

/// Whether two components are one product in two versions, as far as a glance tells.
fn is_sibling(one: &Component, other: &Component) -> bool {
    let Component { kind, vendor, name, called, version, cpe, purl, options, manufactured_on } =
        one;
    let both_dated = version.is_some() && other.version.is_some();
    // The build says which Windows it is.
    let is_system = *kind == ComponentKind::System;
    both_dated
        && !is_system
        && *kind == other.kind
        && *vendor == other.vendor
        && *called == other.called
        && *cpe == other.cpe
        && *options == other.options
        && *manufactured_on == other.manufactured_on
        && (*name == other.name)
        && purl.as_deref().map(without_version) == other.purl.as_deref().map(without_version)
}

/// A package URL before and after its version.
pub(super) fn without_version(purl: &str) -> (&str, &str) {
    let end = purl.find(['?', '#']).unwrap_or(purl.len());
    let (path, rest) = purl.split_at(end);
    match path.rsplit_once('@') {
        Some((path, version)) if !version.contains('/') => (path, rest),
        _ => (path, rest),
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

/// The update level of a CPE name, behind the version that the same name gives.
fn with_update<'v>(cpe: Option<&Cpe>, version: Cow<'v, str>) -> Cow<'v, str> {
    let same = cpe.filter(|cpe| cpe.version().is_some_and(|own| own == version));
    match same.and_then(|cpe| cpe.text(Attribute::Update)) {
        Some(update) => Cow::Owned(format!("{version} {update}")),
        None => version,
    }
}

/// Ways to read a name, with and without the version and edition that trail it, and those versions.
fn variants(name: &str) -> (Vec<String>, Vec<String>) {
    let plain = without_brackets(name);
    let mut found = vec![plain.clone()];
    if name.trim() != plain {
        found.push(name.trim().to_owned());
    }
    let mut versions = Vec::new();
    let mut words: Vec<&str> = plain.split_whitespace().collect();
    let mut pack = None;
    while words.len() > 1 {
        let Some(last) = words.last().copied() else { break };
        let number = last.trim_start_matches(['v', 'V', '(']).trim_end_matches([')', ',']);
        if number.starts_with(|c: char| c.is_ascii_digit()) && !is_bitness(last) {
            if let Some(pack) = pack.take() {
                versions.push(format!("{number} {pack}"));
            }
            versions.push(number.to_owned());
        } else if is_service_pack(last) {
            pack = Some(last);
        } else if !is_bitness(last) && !TRAILERS.contains(&squash(last).as_str()) {
            break;
        }
        words.pop();
        found.push(words.join(" "));
    }
    (found, versions)
}

/// Whether a name or an edition means an extended support release ("Firefox ESR", `firefox_esr`).
pub(super) fn says_extended(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case("esr"))
}

/// The `SP3` of "SQL Server 2014 SP3".
fn is_service_pack(word: &str) -> bool {
    let number = word.strip_prefix("SP").or_else(|| word.strip_prefix("sp"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit()))
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
