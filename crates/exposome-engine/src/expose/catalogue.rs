//! Everything the world says is wrong with products, compiled for look-up.
//!
//! [`Catalogue::build`] turns advisories into *claims*: one line of a document on
//! one product, 32 bytes, its texts interned, filed under every key by which a
//! component may be known (CPE and PURL, vendor and product name, words of free
//! text).  300,000 vulnerabilities with some millions of statements so take a few
//! hundred megabytes, and a component finds its claims without meeting the others.
//!
//! Rejected and withdrawn documents make no claim.

mod configuration;

use super::aliases::Aliases;
use super::distribution::release_number;
use super::fix_text::fixed_in;
use super::interned::{Word, Words};
use super::names::{Names, lone_key, says_nothing, squash, unsaid_vendor_key};
use super::near_names::{bare_key, models_in_full, named_by_platform, parts_of_key, stands_for};
use super::platform::{Family, family};
use super::product_text::ProductPattern;
use super::prose;
use super::rows::{Rows, Written};
use super::subject::package_key;
use super::windows::Windows;
use super::word_class::{Class, class};
use exposome_model::cpe::{Attribute, Cpe, Value};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, Product, Statement, Status, Target, VersionRow, Versions,
};
use exposome_model::purl::Purl;
use exposome_model::version::Scheme;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The compiled claims of many documents.
#[derive(Debug, Default)]
pub struct Catalogue {
    pub(super) names: Names,
    pub(super) aliases: Aliases,
    pub(super) words: Words,
    /// Ids of vulnerabilities; the number of the word is the vulnerability's number.
    pub(super) vulnerabilities: Words,
    pub(super) documents: Vec<Document>,
    pub(super) cpes: Vec<CpePattern>,
    cpe_texts: Words,
    pub(super) named: Vec<Named>,
    named_texts: Words,
    pub(super) packages: Vec<Package>,
    package_texts: Words,
    pub(super) scopes: Vec<Scope>,
    pub(super) trees: Vec<Tree>,
    pub(super) claims: Vec<Claim>,
    pub(super) rows: Rows,
    keys: Words,
    /// Key -> claims.
    filed: Postings,
    /// Key of a word in prose -> products named.
    filed_text: Postings,
    /// Product named -> claims.
    of_named: Postings,
    /// Key of a product's bare name -> its full keys.
    same_named: Postings,
    /// Full keys of operating systems.
    systems: BTreeSet<Word>,
    /// Names of vendors as documents write them, and the one name of each.
    vendor_texts: Words,
    vendors: Vec<String>,
    /// Vendor and product of CPE names, and the keys of each.
    pair_texts: Words,
    pairs: Vec<[Word; 2]>,
    /// Keys of programs that configurations want beside the vulnerable one.
    wanted: BTreeSet<Word>,
    /// A text in the making.
    written: String,
}

/// One line of a document on one product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub(super) vulnerability: u32,
    pub(super) document: u32,
    pub(super) about: About,
    pub(super) rows: (u32, u16),
    pub(super) default: Status,
    pub(super) standing: Standing,
    /// Number of a [`Scope`] + 1; 0 where the claim has none.
    pub(super) scope: u32,
    /// Number of a [`Tree`] + 1; 0 where the match stands alone.
    pub(super) tree: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    Cpe(u32),
    Named(u32),
    Package(u32),
}

/// Whose word weighs more, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// The hospital's own people.
    Hospital,
    /// The distributor, on the very stream the package is of.
    Stream,
    /// Who makes or distributes the thing.
    Vendor,
    /// Who assigned the CVE, or a coordinator's advisory.
    Assigner,
    Override,
    /// NVD and ADP containers: said from outside.
    Enrichment,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    pub(super) publisher: Word,
    /// What it calls itself; nothing if that is the vulnerability's id.
    id: Word,
    vulnerability: u32,
    /// The fixed version that a remedy's text names.
    pub(super) fixed: Word,
}

/// A CPE name as a catalogue gives it: whatever is *any* is [`Words::NONE`].
#[derive(Debug, Clone)]
pub(super) struct CpePattern {
    pub(super) key: Word,
    /// The product goes by its vendor's name (`openssl:openssl`): a key without the vendor.
    lone_key: Word,
    pub(super) part: u8,
    pub(super) windows: Option<Windows>,
    pub(super) version: Word,
    /// The place of the version among those of rows.
    pub(super) point: u32,
    pub(super) update: Word,
    pub(super) edition: Word,
    pub(super) sw_edition: Word,
    pub(super) target_sw: Word,
    pub(super) target_hw: Word,
}

impl CpePattern {
    fn keys(&self) -> impl Iterator<Item = Word> + use<> {
        [self.key, self.lone_key].into_iter().filter(|key| *key != Words::NONE)
    }
}

/// A product by vendor and name.
#[derive(Debug)]
pub(super) struct Named {
    /// In the publisher's words, for evidence.
    pub(super) text: Word,
    pub(super) windows: Option<Windows>,
    /// From an advisory in prose: its words are looked at closely whatever kind of thing is asked for.
    pub(super) prose: bool,
    vendor: Word,
    /// The one name of the vendor.
    house: Word,
    name: Word,
    /// Read at the first question: most names of a catalogue are never asked for.
    pattern: OnceLock<Option<Box<ProductPattern>>>,
    keys: Vec<Word>,
}

/// A package by its URL.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) purl: Purl,
    key: Word,
    scheme: Option<Scheme>,
    /// The release of the distribution it is for (`11` of "Debian:11").
    pub(super) release: Option<String>,
}

/// What limits a claim beside product and version.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) platforms: Vec<Word>,
    pub(super) modules: Vec<Word>,
    /// CPE names of which one must fit in edition and target.
    pub(super) cpes: Vec<u32>,
    pub(super) on: Option<On>,
}

/// The product that the claim's product is installed on or a part of.
#[derive(Debug, Clone)]
pub(super) struct On {
    pub(super) text: Word,
    pub(super) cpes: Vec<u32>,
    pub(super) named: u32,
}

/// An NVD configuration: nodes in reading order, each saying how many nodes of its own follow.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) nodes: Vec<TreeNode>,
    /// Whether it names programs that must be there, not only systems and hardware.
    pub(super) programs: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TreeNode {
    All { nodes: u32 },
    Any { nodes: u32 },
    Not,
    Match { cpe: u32, row: u32, vulnerable: bool },
}

impl Catalogue {
    pub fn build<'a>(
        advisories: impl IntoIterator<Item = &'a Advisory>,
        aliases: &Aliases,
    ) -> Catalogue {
        let mut catalogue = Catalogue::empty(aliases);
        for advisory in advisories {
            catalogue.add(advisory);
        }
        catalogue.finish();
        catalogue
    }

    /// A catalogue to which documents are added one by one.
    pub fn empty(aliases: &Aliases) -> Catalogue {
        Catalogue { names: Names::new(aliases), aliases: aliases.clone(), ..Catalogue::default() }
    }

    /// Takes one document in.  Claims can be looked up after [`Catalogue::finish`].
    pub fn add(&mut self, advisory: &Advisory) {
        if advisory.state == AdvisoryState::Withdrawn || advisory.vulnerability.is_empty() {
            return;
        }
        let vulnerability = self.vulnerabilities.intern(&advisory.vulnerability).0;
        let fixed = advisory.remedies.iter().find_map(|remedy| fixed_in(&remedy.text));
        let document = number(self.documents.len());
        let is_called_so = advisory.document == advisory.vulnerability;
        self.documents.push(Document {
            publisher: self.words.intern(&advisory.publisher),
            id: if is_called_so { Words::NONE } else { self.words.intern(&advisory.document) },
            vulnerability,
            fixed: fixed.map_or(Words::NONE, |version| self.words.intern(&version)),
        });
        let open_ends = configuration::open_ends(advisory);
        let before = Before { vulnerability, document, advisory, open_ends: &open_ends };
        let read = is_prose(advisory.kind).then(|| prose::statements(advisory));
        for statement in read.as_ref().unwrap_or(&advisory.statements) {
            match &statement.target {
                Target::Product(product) => self.add_product(&before, statement, product),
                Target::Configuration(node) => self.add_configuration(&before, node),
            }
        }
    }

    /// Sorts what was taken in, so that it can be looked up.
    pub fn finish(&mut self) {
        self.filed.finish(self.keys.len());
        self.filed_text.finish(self.keys.len());
        self.of_named.finish(self.named.len());
        self.same_named.finish(self.keys.len());
    }

    /// How many vulnerabilities are known; their numbers are 0 up to here.
    pub fn len(&self) -> usize {
        self.vulnerabilities.len()
    }

    pub fn is_empty(&self) -> bool {
        self.vulnerabilities.is_empty()
    }

    /// `CVE-2020-6961`, for its number.
    pub fn vulnerability(&self, number: u32) -> &str {
        self.vulnerabilities.get(Word(number))
    }

    /// The id of a document.
    pub(super) fn id_of(&self, document: &Document) -> &str {
        match document.id {
            Words::NONE => self.vulnerability(document.vulnerability),
            id => self.words.get(id),
        }
    }

    /// How many claims were made of the documents.
    pub fn claims(&self) -> usize {
        self.claims.len()
    }

    /// Every key under which something is filed.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        (0..self.keys.len()).map(|key| self.keys.get(Word(number(key))))
    }

    /// Claims filed under a key.
    pub(super) fn filed_under(&self, key: &str) -> &[u32] {
        self.keys.find(key).map(|key| self.filed.get(key.0)).unwrap_or_default()
    }

    /// Full keys of the products with a bare name, and whether each is an operating system.
    pub(super) fn same_named(&self, bare: &str) -> impl Iterator<Item = (&str, bool)> {
        let keys = self.keys.find(bare).map(|bare| self.same_named.get(bare.0)).unwrap_or_default();
        keys.iter().map(|&key| (self.keys.get(Word(key)), self.systems.contains(&Word(key))))
    }

    /// A full key, filed under its bare name too.
    fn full_key(&mut self, key: &str) -> Word {
        let known = self.keys.len();
        let word = self.keys.intern(key);
        if let Some((_, product)) = parts_of_key(key).filter(|_| self.keys.len() > known) {
            let bare = self.keys.intern(&bare_key(product));
            self.same_named.add(bare.0, word.0);
        }
        word
    }

    /// Products whose names share a word.
    pub(super) fn named_with(&self, key: &str) -> &[u32] {
        self.keys.find(key).map(|key| self.filed_text.get(key.0)).unwrap_or_default()
    }

    /// Claims on a product by name.
    pub(super) fn claims_on(&self, named: u32) -> &[u32] {
        self.of_named.get(named)
    }

    /// Whether a configuration wants a program of this key beside the vulnerable one.
    pub(super) fn is_wanted_around(&self, key: &str) -> bool {
        self.keys.find(key).is_some_and(|key| self.wanted.contains(&key))
    }

    /// What a configuration wants around the claim's product.
    pub(super) fn tree(&self, claim: &Claim) -> Option<&Tree> {
        self.trees.get(claim.tree.checked_sub(1)? as usize)
    }

    /// The operating system that a CPE name gives as target software.
    pub(super) fn target_family(&self, cpe: u32) -> Option<Family> {
        let target = self.cpes.get(cpe as usize)?.target_sw;
        if target == Words::NONE { None } else { family(self.words.get(target)) }
    }

    /// A CPE name as the document writes it.
    pub(super) fn cpe_text(&self, place: u32) -> &str {
        self.cpe_texts.get(Word(place))
    }

    /// Whether a vendor (by its one name) may have made a product of a catalogue.
    pub(super) fn may_be_by(&self, named: &Named, vendor: &str) -> bool {
        let own = self.words.get(named.house);
        own.is_empty() || vendor.is_empty() || own == vendor || self.names.same_house(own, vendor)
    }

    pub(super) fn key_text(&self, key: Word) -> &str {
        self.keys.get(key)
    }

    fn add_product(&mut self, before: &Before<'_>, statement: &Statement, product: &Product) {
        let (about, hint) = match self.package(product) {
            Some(package) => package,
            None => self.named(product, before.advisory.kind),
        };
        let is_distributed = matches!(about, About::Package(place)
            if self.packages.get(place as usize).is_some_and(|package| is_distributed(&package.purl)));
        let mut cpes: Vec<u32> = product.cpes.iter().filter_map(|cpe| self.cpe(cpe)).collect();
        // Beside a distribution's package the names are those of the release it is built for.
        let release = is_distributed.then(|| std::mem::take(&mut cpes));
        let prose = matches!(about, About::Named(named) if self.named.get(named as usize).is_some_and(|named| named.prose));
        let keyless = matches!(about, About::Named(named) if self.named.get(named as usize).is_some_and(|named| named.keys.is_empty()));
        if keyless && cpes.is_empty() && !prose {
            return;
        }
        let one_version = match about {
            About::Package(place) => {
                self.packages.get(place as usize).and_then(|package| package.purl.full_version())
            }
            About::Cpe(_) | About::Named(_) => None,
        };
        let written =
            if is_prose(before.advisory.kind) { Written::InProse } else { Written::InFields };
        let rows = self.rows.add(statement, hint, one_version.as_deref(), written);
        let standing =
            if is_distributed { Standing::Vendor } else { self.standing(before.advisory, product) };
        let scope = self.scope(product, &cpes, release, before.advisory.kind);
        let place = number(self.claims.len());
        self.claims.push(Claim {
            vulnerability: before.vulnerability,
            document: before.document,
            about,
            rows,
            default: statement.default,
            standing,
            scope,
            tree: 0,
        });
        if before.advisory.kind == AdvisoryKind::Vex {
            self.add_whole(place, statement, product);
        }
        match about {
            About::Named(named) => {
                self.of_named.add(named, place);
                for key in self.named.get(named as usize).into_iter().flat_map(|named| &named.keys)
                {
                    self.filed.add(key.0, place);
                }
            }
            About::Package(package) => {
                if let Some(package) = self.packages.get(package as usize) {
                    self.filed.add(package.key.0, place);
                }
            }
            About::Cpe(_) => {}
        }
        if !product.platforms.is_empty() && !is_prose(before.advisory.kind) {
            let vendor = self.vendor(product.vendor.as_deref().unwrap_or_default());
            for name in named_by_platform(product) {
                let key = self.names.key(&vendor, &name);
                let key = self.full_key(&key);
                self.filed.add(key.0, place);
            }
        }
        for key in
            cpes.iter().filter_map(|cpe| self.cpes.get(*cpe as usize)).flat_map(CpePattern::keys)
        {
            self.filed.add(key.0, place);
        }
    }

    /// What has an affected part is affected: Data Grid 8 by its bouncycastle.  An operating system is not
    /// its packages; they are asked one by one.
    fn add_whole(&mut self, part: u32, statement: &Statement, product: &Product) {
        let affected = |row: &VersionRow| {
            row.status == Status::Affected && matches!(row.versions, Versions::Any)
        };
        let (Some(whole), Some(claim)) = (&product.on, self.claims.get(part as usize).copied())
        else {
            return;
        };
        if statement.versions.is_empty() || !statement.versions.iter().all(affected) {
            return;
        }
        let vendor = self.vendor(whole.vendor.as_deref().unwrap_or_default());
        let named = self.names.key(&vendor, whole.name.as_deref().unwrap_or_default());
        for cpe in whole.cpes.iter().filter_map(|cpe| self.cpe(cpe)).collect::<Vec<_>>() {
            let Some(pattern) = self.cpes.get(cpe as usize) else { continue };
            if pattern.part != b'a' || self.is_distribution(pattern.key) {
                continue;
            }
            let mut keys: Vec<Word> = pattern.keys().collect();
            keys.push(self.keys.intern(&named));
            let place = number(self.claims.len());
            self.claims.push(Claim { about: About::Cpe(cpe), scope: 0, tree: 0, ..claim });
            for key in keys {
                self.filed.add(key.0, place);
            }
        }
    }

    /// Red Hat names its distribution and the extended support of it as applications too.
    fn is_distribution(&self, key: Word) -> bool {
        let product = self.keys.get(key).rsplit(':').next().unwrap_or_default();
        product.starts_with("rhel") || product.starts_with("enterpriselinux")
    }

    fn package(&mut self, product: &Product) -> Option<(About, Option<Scheme>)> {
        let text = product.purl.as_deref()?;
        let vendor = product.vendor.as_deref().unwrap_or_default();
        self.written.clear();
        self.written.extend([text, "\u{1f}", vendor]);
        let place = if let Some(known) = self.package_texts.find(&self.written) {
            known
        } else {
            let purl = Purl::parse(text).ok()?;
            let key = self.keys.intern(&package_key(&purl));
            let release = release_of_package(&purl, vendor);
            self.packages.push(Package { key, release, scheme: purl.scheme(), purl });
            self.package_texts.intern(&self.written)
        };
        let scheme = self.packages.get(place.0 as usize).and_then(|package| package.scheme);
        Some((About::Package(place.0), scheme))
    }

    fn named(&mut self, product: &Product, kind: AdvisoryKind) -> (About, Option<Scheme>) {
        let prose = is_prose(kind);
        let vendor = product.vendor.as_deref().unwrap_or_default();
        let name = product.name.as_deref().or(product.family.as_deref()).unwrap_or_default();
        self.written.clear();
        self.written.extend([vendor, "\u{1f}", name]);
        if prose {
            self.written.extend(["\u{1f}", product.family.as_deref().unwrap_or_default()]);
            for model in &product.models {
                self.written.extend(["\u{1f}", model]);
            }
        }
        let word = self.named_texts.intern(&self.written);
        if word.0 as usize == self.named.len() {
            let named = self.read_named(product, vendor, name, prose);
            self.named.push(named);
        }
        let windows = self.named.get(word.0 as usize).is_some_and(|named| named.windows.is_some());
        (About::Named(word.0), windows.then_some(Scheme::Windows))
    }

    fn read_named(&mut self, product: &Product, vendor: &str, name: &str, prose: bool) -> Named {
        let words = [vendor, name]
            .into_iter()
            .filter(|part| !says_nothing(part))
            .collect::<Vec<_>>()
            .join(" ");
        let mut named = Named {
            text: self.words.intern(&words),
            windows: None,
            prose,
            vendor: self.words.intern(vendor),
            house: Words::NONE,
            name: self.words.intern(name),
            pattern: OnceLock::new(),
            keys: Vec::new(),
        };
        let number = number(self.named.len());
        if prose {
            let pattern = ProductPattern::read(product, &self.aliases);
            for key in pattern.keys() {
                self.filed_text.add(self.keys.intern(&format!("t:{key}")).0, number);
            }
            named.pattern = OnceLock::from(Some(Box::new(pattern)));
        }
        if says_nothing(name) {
            return named;
        }
        let vendor = self.vendor(vendor);
        named.house = self.words.intern(&vendor);
        if vendor == "microsoft" {
            named.windows = Windows::read(name, None, None);
        }
        if let Some(windows) = named.windows {
            named.keys.push(self.keys.intern(&windows.key()));
            return named;
        }
        if vendor.is_empty() {
            named.keys.push(self.keys.intern(&unsaid_vendor_key(name)));
        }
        let several = if prose { Vec::new() } else { models_in_full(name) };
        let plain = [name, without_brackets(name), without_kind(name)];
        for name in plain.into_iter().chain(several.iter().map(String::as_str)) {
            let key = self.names.key(&vendor, name);
            named.keys.push(self.full_key(&key));
            if squash(name) == vendor {
                named.keys.push(self.keys.intern(&lone_key(name)));
            }
        }
        named.keys.sort_unstable();
        named.keys.dedup();
        if !prose {
            for word in telling_words(name) {
                self.filed_text.add(self.keys.intern(&format!("d:{word}")).0, number);
            }
        }
        named
    }

    /// How the prose of a product's name is read.
    pub(super) fn pattern_of<'n>(&self, named: &'n Named) -> Option<&'n ProductPattern> {
        let read = || {
            let text = |word| Some(self.words.get(word).to_owned());
            let product = Product {
                vendor: text(named.vendor),
                name: text(named.name),
                ..Product::default()
            };
            let said = !says_nothing(self.words.get(named.name));
            said.then(|| Box::new(ProductPattern::read(&product, &self.aliases)))
        };
        named.pattern.get_or_init(read).as_deref()
    }

    /// The one name of a vendor, looked up once for each way it is written.
    fn vendor(&mut self, text: &str) -> String {
        let word = self.vendor_texts.intern(text);
        if word.0 as usize == self.vendors.len() {
            self.vendors.push(self.names.vendor(text));
        }
        self.vendors.get(word.0 as usize).cloned().unwrap_or_default()
    }

    /// The number of a CPE name.
    fn cpe(&mut self, text: &str) -> Option<u32> {
        if let Some(known) = self.cpe_texts.find(text) {
            return Some(known.0);
        }
        let pattern = match plain_values(text) {
            Some(values) => self.plain_cpe(&values),
            None => self.parsed_cpe(text)?,
        };
        let word = self.cpe_texts.intern(text);
        self.cpes.push(pattern);
        Some(word.0)
    }

    /// Nine of ten names need no unescaping: their values stand as they are.
    fn plain_cpe(&mut self, values: &PlainCpe<'_>) -> CpePattern {
        let &PlainCpe {
            part,
            vendor,
            product,
            key,
            version,
            update,
            edition,
            sw_edition,
            target_sw,
            target_hw,
        } = values;
        let said = |text: &str| (text != "*").then(|| text.to_owned());
        let windows = match vendor {
            "microsoft" => {
                Windows::read(product, said(version).as_deref(), said(update).as_deref())
            }
            _ => None,
        };
        let [key, lone_key] = match windows {
            Some(windows) => [self.keys.intern(&windows.key()), Words::NONE],
            None => self.pair(key, vendor, product),
        };
        let mut word = |text: &str| if text == "*" { Words::NONE } else { self.words.intern(text) };
        CpePattern {
            lone_key,
            key,
            part,
            windows,
            version: word(version),
            update: word(update),
            edition: word(edition),
            sw_edition: word(sw_edition),
            target_sw: word(target_sw),
            target_hw: word(target_hw),
            point: if version == "*" { u32::MAX } else { self.rows.add_version(version) },
        }
    }

    fn parsed_cpe(&mut self, text: &str) -> Option<CpePattern> {
        let cpe = Cpe::parse(text).ok()?;
        let (vendor, product) = (cpe.vendor()?, cpe.product()?);
        let windows = match vendor.as_ref() {
            "microsoft" => {
                let version = value(&cpe, Attribute::Version);
                Windows::read(
                    &product,
                    version.as_deref(),
                    value(&cpe, Attribute::Update).as_deref(),
                )
            }
            _ => None,
        };
        let [key, lone_key] = match windows {
            Some(windows) => [self.keys.intern(&windows.key()), Words::NONE],
            None => self.pair(cpe.product_key(), &vendor, &product),
        };
        Some(CpePattern {
            lone_key,
            key,
            part: u8::try_from(cpe.part().unwrap_or('*')).unwrap_or(b'*'),
            windows,
            version: self.value(&cpe, Attribute::Version),
            point: cpe.version().map_or(u32::MAX, |version| self.rows.add_version(&version)),
            update: self.value(&cpe, Attribute::Update),
            edition: self.value(&cpe, Attribute::Edition),
            sw_edition: self.value(&cpe, Attribute::SwEdition),
            target_sw: self.value(&cpe, Attribute::TargetSw),
            target_hw: self.value(&cpe, Attribute::TargetHw),
        })
    }

    /// The keys of a CPE name's vendor and product.
    fn pair(&mut self, pair: &str, vendor: &str, product: &str) -> [Word; 2] {
        let word = self.pair_texts.intern(pair);
        if word.0 as usize == self.pairs.len() {
            let key = self.names.cpe_key(vendor, product);
            let key = self.full_key(&key);
            if pair.starts_with("o:") && !product.ends_with("_firmware") {
                self.systems.insert(key);
            }
            let words: Vec<&str> = product.split('_').collect();
            let lone = squash(vendor) == squash(product)
                || (words.len() > 2 && stands_for(vendor, &words));
            let product = if lone { vendor } else { product };
            let lone = if lone { self.keys.intern(&lone_key(product)) } else { Words::NONE };
            self.pairs.push([key, lone]);
        }
        self.pairs.get(word.0 as usize).copied().unwrap_or([Words::NONE; 2])
    }

    fn value(&mut self, cpe: &Cpe, attribute: Attribute) -> Word {
        value(cpe, attribute).map_or(Words::NONE, |text| self.words.intern(&text))
    }

    fn scope(
        &mut self,
        product: &Product,
        cpes: &[u32],
        release: Option<Vec<u32>>,
        kind: AdvisoryKind,
    ) -> u32 {
        let words = |words: &mut Words, texts: &[String]| {
            texts
                .iter()
                .filter(|text| !says_nothing(text))
                .map(|text| words.intern(text))
                .collect::<Vec<_>>()
        };
        let mut scope = Scope {
            platforms: words(&mut self.words, &product.platforms),
            modules: words(&mut self.words, &product.modules),
            ..Scope::default()
        };
        let limits = |cpe: &u32| {
            let cpe = self.cpes.get(*cpe as usize);
            cpe.is_some_and(|cpe| cpe.target_sw != Words::NONE || cpe.sw_edition != Words::NONE)
        };
        if !cpes.is_empty() && cpes.iter().all(limits) {
            scope.cpes = cpes.to_vec();
        }
        scope.on = product.on.as_deref().map(|on| {
            let cpes = on.cpes.iter().filter_map(|cpe| self.cpe(cpe)).collect();
            let (About::Named(named) | About::Cpe(named) | About::Package(named), _) =
                self.named(on, kind);
            let text = self.named.get(named as usize).map_or(Words::NONE, |named| named.text);
            On { text, cpes, named }
        });
        if let (None, Some(cpes)) = (&scope.on, release.filter(|cpes| !cpes.is_empty())) {
            let text = product.name.as_deref().unwrap_or_default();
            scope.on = Some(On { text: self.words.intern(text), cpes, named: u32::MAX });
        }
        if scope.platforms.is_empty()
            && scope.modules.is_empty()
            && scope.cpes.is_empty()
            && scope.on.is_none()
        {
            return 0;
        }
        self.scopes.push(scope);
        number(self.scopes.len())
    }

    fn standing(&self, advisory: &Advisory, product: &Product) -> Standing {
        let publisher = advisory.publisher.as_str();
        let (kind, name) = publisher.split_once(':').unwrap_or((publisher, ""));
        match (kind, advisory.kind) {
            ("hospital", _) => Standing::Hospital,
            (_, AdvisoryKind::Override) => Standing::Override,
            ("nvd" | "cve-adp", _) => Standing::Enrichment,
            // Anybody can write a statement; only who makes the product knows it from inside.
            (_, AdvisoryKind::Vex | AdvisoryKind::Advisory) if self.is_the_maker(name, product) => {
                Standing::Vendor
            }
            _ => Standing::Assigner,
        }
    }

    /// "Siemens `ProductCERT`" speaks for "Siemens AG".
    fn is_the_maker(&self, publisher: &str, product: &Product) -> bool {
        let vendor = self.names.vendor(product.vendor.as_deref().unwrap_or_default());
        let purl = product.purl.as_deref().and_then(|text| Purl::parse(text).ok());
        let purl = purl.iter().flat_map(|purl| [purl.namespace(), Some(purl.name())]).flatten();
        let makers = purl.map(squash).chain([vendor]).filter(|maker| maker.len() > 2);
        let publisher = squash(publisher);
        makers.into_iter().any(|maker| publisher.starts_with(&maker))
    }
}

fn is_prose(kind: AdvisoryKind) -> bool {
    matches!(kind, AdvisoryKind::Advisory | AdvisoryKind::Vex)
}

/// From the PURL, or from an ecosystem such as "Debian:11" in place of the vendor.
fn release_of_package(purl: &Purl, vendor: &str) -> Option<String> {
    if !is_distributed(purl) {
        return None;
    }
    let told = purl.qualifier("distro").and_then(release_number);
    told.or_else(|| vendor.split_once(':').and_then(|_| release_number(vendor)))
}

/// Whether packages of this kind come from a distribution.
pub(super) fn is_distributed(purl: &Purl) -> bool {
    matches!(purl.kind(), "deb" | "rpm" | "apk" | "alpm")
}

/// Rows of numbers, gathered in any order.
#[derive(Debug, Default)]
struct Postings {
    gathered: Vec<(u32, u32)>,
    starts: Vec<u32>,
    values: Vec<u32>,
}

impl Postings {
    fn add(&mut self, row: u32, value: u32) {
        self.gathered.push((row, value));
    }

    fn finish(&mut self, rows: usize) {
        let mut gathered = std::mem::take(&mut self.gathered);
        gathered.sort_unstable();
        gathered.dedup();
        self.starts = vec![0; rows + 1];
        for (row, _) in &gathered {
            if let Some(count) = self.starts.get_mut(*row as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.values = gathered.into_iter().map(|(_, value)| value).collect();
    }

    fn get(&self, row: u32) -> &[u32] {
        let place = row as usize;
        let (Some(&start), Some(&end)) = (self.starts.get(place), self.starts.get(place + 1))
        else {
            return &[];
        };
        self.values.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// What all claims of one document have in common.
struct Before<'a> {
    vulnerability: u32,
    document: u32,
    advisory: &'a Advisory,
    /// Of each CPE name with several ranges that only end: the ends.
    open_ends: &'a BTreeMap<&'a str, Vec<String>>,
}

/// A formatted string in canonical form without escapes and wildcards, cut at its colons.
struct PlainCpe<'a> {
    part: u8,
    vendor: &'a str,
    product: &'a str,
    /// Part, vendor and product together.
    key: &'a str,
    version: &'a str,
    update: &'a str,
    edition: &'a str,
    sw_edition: &'a str,
    target_sw: &'a str,
    target_hw: &'a str,
}

/// `None` for a name that has to be parsed.
fn plain_values(text: &str) -> Option<PlainCpe<'_>> {
    let rest = text.strip_prefix("cpe:2.3:")?;
    let is_plain =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b':' | b'*');
    if !rest.bytes().all(is_plain) {
        return None;
    }
    let mut values = rest.split(':');
    let mut next = || {
        values.next().filter(|value| !value.is_empty() && (*value == "*" || !value.contains('*')))
    };
    let (part, vendor, product) = (next()?, next()?, next()?);
    let (version, update, edition, _language) = (next()?, next()?, next()?, next()?);
    let (sw_edition, target_sw, target_hw, _other) = (next()?, next()?, next()?, next()?);
    let is_name = matches!(part, "a" | "o" | "h")
        && !matches!(vendor, "*" | "-")
        && !matches!(product, "*" | "-");
    let key = rest.get(..part.len() + vendor.len() + product.len() + 2)?;
    let part = *part.as_bytes().first()?;
    (is_name && values.next().is_none()).then_some(PlainCpe {
        part,
        vendor,
        product,
        key,
        version,
        update,
        edition,
        sw_edition,
        target_sw,
        target_hw,
    })
}

fn value(cpe: &Cpe, attribute: Attribute) -> Option<String> {
    match cpe.value(attribute) {
        Value::Any => None,
        Value::NotApplicable => Some("-".to_owned()),
        Value::Text(text) => Some(text.into_owned()),
        Value::Pattern(text) => Some(text.to_owned()),
    }
}

fn without_brackets(name: &str) -> &str {
    let end = name.find(" (").unwrap_or(name.len());
    name.get(..end).unwrap_or(name)
}

/// "Cisco NX-OS Software" is Cisco NX-OS.
fn without_kind(name: &str) -> &str {
    let (front, last) = name.trim().rsplit_once(' ').unwrap_or((name, ""));
    let kind = last.eq_ignore_ascii_case("software") || last.eq_ignore_ascii_case("firmware");
    if kind && class(&front.to_lowercase()) == Class::Brand { front } else { name }
}

/// Words of a name by which a device may find it; the patterns themselves then look closely.
fn telling_words(name: &str) -> impl Iterator<Item = String> {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(squash)
        .filter(|word| word.len() > 2)
        .collect();
    let pairs: Vec<String> = words.windows(2).map(<[String]>::concat).collect();
    words.into_iter().chain(pairs)
}

/// A place in a column.  Columns are far shorter than 2^32: the words they are made of end there.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
