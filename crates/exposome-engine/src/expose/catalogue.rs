//! Everything the world says is wrong with products, compiled for look-up.
//!
//! [`Catalogue::build`] turns advisories into *claims*: one line of a document on
//! one product, 32 bytes, its texts interned, filed under every key by which a
//! component may be known (CPE and PURL, vendor and product name, words of free
//! text).  300,000 vulnerabilities with some millions of statements so take a few
//! hundred megabytes, and a component finds its claims without meeting the others.
//!
//! Rejected and withdrawn documents make no claim.

use super::aliases::Aliases;
use super::fix_text::fixed_in;
use super::names::{Names, lone_key, says_nothing, squash, unsaid_vendor_key};
use super::product_text::ProductPattern;
use super::rows::{Row, Rows};
use super::subject::package_key;
use super::windows::Windows;
use super::interned::{Word, Words};
use exposome_model::cpe::{Attribute, Cpe, Value};
use exposome_model::purl::Purl;
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, CpeMatch, Node, Product, Statement, Status, Target, VersionRow, Versions,
};
use std::collections::BTreeSet;

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
    pub(super) packages: Vec<Purl>,
    package_texts: Words,
    pub(super) scopes: Vec<Scope>,
    pub(super) trees: Vec<Tree>,
    pub(super) claims: Vec<Claim>,
    pub(super) rows: Rows,
    keys: Words,
    filed: Vec<(Word, u32)>,
    starts: Vec<u32>,
    postings: Vec<u32>,
    /// Keys of programs that configurations want beside the vulnerable one.
    wanted: BTreeSet<Word>,
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
    pub(super) id: Word,
    /// The fixed version that a remedy's text names.
    pub(super) fixed: Word,
}

/// A CPE name as a catalogue gives it: whatever is *any* is [`Words::NONE`].
#[derive(Debug, Clone)]
pub(super) struct CpePattern {
    pub(super) text: Word,
    pub(super) key: Word,
    /// The product goes by its vendor's name (`openssl:openssl`): a key without the vendor.
    lone_key: Word,
    pub(super) part: u8,
    pub(super) windows: Option<Windows>,
    pub(super) version: Word,
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
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// In the publisher's words, for evidence.
    pub(super) text: Word,
    pub(super) windows: Option<Windows>,
    pub(super) pattern: Option<Box<ProductPattern>>,
    /// From an advisory in prose: its words are looked at closely whatever kind of thing is asked for.
    pub(super) prose: bool,
    keys: Vec<Word>,
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

#[derive(Debug, Clone, Copy)]
pub(super) enum TreeNode {
    All { nodes: u32 },
    Any { nodes: u32 },
    Not,
    Match { cpe: u32, row: u32, vulnerable: bool },
}

impl Catalogue {
    pub fn build<'a>(advisories: impl IntoIterator<Item = &'a Advisory>, aliases: &Aliases) -> Catalogue {
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
        self.documents.push(Document {
            publisher: self.words.intern(&advisory.publisher),
            id: self.words.intern(&advisory.document),
            fixed: fixed.map_or(Words::NONE, |version| self.words.intern(&version)),
        });
        for statement in &advisory.statements {
            let before = Before { vulnerability, document, advisory };
            match &statement.target {
                Target::Product(product) => self.add_product(&before, statement, product),
                Target::Configuration(node) => self.add_configuration(&before, node),
            }
        }
    }

    /// Sorts what was taken in, so that it can be looked up.
    pub fn finish(&mut self) {
        self.filed.sort_unstable();
        self.filed.dedup();
        self.starts = vec![0; self.keys.len() + 1];
        for (key, _) in &self.filed {
            if let Some(count) = self.starts.get_mut(key.0 as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        self.postings = self.filed.drain(..).map(|(_, claim)| claim).collect();
        self.filed.shrink_to_fit();
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
        let Some(key) = self.keys.find(key) else { return &[] };
        let place = key.0 as usize;
        let (Some(&start), Some(&end)) = (self.starts.get(place), self.starts.get(place + 1)) else { return &[] };
        self.postings.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Whether a configuration wants a program of this key beside the vulnerable one.
    pub(super) fn is_wanted_around(&self, key: &str) -> bool {
        self.keys.find(key).is_some_and(|key| self.wanted.contains(&key))
    }

    pub(super) fn key_text(&self, key: Word) -> &str {
        self.keys.get(key)
    }

    fn add_product(&mut self, before: &Before<'_>, statement: &Statement, product: &Product) {
        let (about, keys, scheme) = match product.purl.as_deref().and_then(|text| Purl::parse(text).ok()) {
            Some(purl) => self.package(product.purl.as_deref().unwrap_or_default(), purl),
            None => self.named(product, before.advisory.kind),
        };
        let mut keys = keys;
        let mut cpes: Vec<u32> = product.cpes.iter().filter_map(|cpe| self.cpe(cpe)).collect();
        // Beside a distribution's package the names are those of the release it is built for.
        let release = product.purl.as_deref().is_some_and(is_of_a_distribution).then(|| std::mem::take(&mut cpes));
        for cpe in &cpes {
            keys.extend(self.cpes.get(*cpe as usize).into_iter().flat_map(CpePattern::keys));
        }
        if keys.is_empty() {
            return;
        }
        let rows = self.rows.add(statement, &scheme, self.fixed_version(about), &mut self.words);
        let scope = self.scope(product, &cpes, release, before.advisory.kind);
        let claim = Claim {
            vulnerability: before.vulnerability,
            document: before.document,
            about,
            rows,
            default: statement.default,
            standing: self.standing(before.advisory, product),
            scope,
            tree: 0,
        };
        self.file(claim, keys);
    }

    fn file(&mut self, claim: Claim, keys: impl IntoIterator<Item = Word>) {
        let place = number(self.claims.len());
        self.claims.push(claim);
        self.filed.extend(keys.into_iter().map(|key| (key, place)));
    }

    /// The one version a PURL names: a fixed package is given so.
    fn fixed_version(&self, about: About) -> Option<String> {
        let About::Package(place) = about else { return None };
        self.packages.get(place as usize)?.full_version().map(std::borrow::Cow::into_owned)
    }

    fn package(&mut self, text: &str, purl: Purl) -> (About, Vec<Word>, String) {
        let word = self.package_texts.intern(text);
        let key = self.keys.intern(&package_key(&purl));
        let scheme = purl.kind().to_owned();
        if word.0 as usize == self.packages.len() {
            self.packages.push(purl);
        }
        (About::Package(word.0), vec![key], scheme)
    }

    fn named(&mut self, product: &Product, kind: AdvisoryKind) -> (About, Vec<Word>, String) {
        let free_text = matches!(kind, AdvisoryKind::Advisory | AdvisoryKind::Vex);
        let vendor = product.vendor.as_deref().unwrap_or_default();
        let name = product.name.as_deref().or(product.family.as_deref()).unwrap_or_default();
        let text = match product.models.is_empty() && !free_text {
            true => format!("{vendor}\u{1f}{name}"),
            false => {
                let family = product.family.as_deref().unwrap_or_default();
                format!("{vendor}\u{1f}{name}\u{1f}{family}\u{1f}{}", product.models.join("\u{1f}"))
            }
        };
        let word = self.named_texts.intern(&text);
        if word.0 as usize == self.named.len() {
            let named = self.read_named(product, vendor, name, free_text);
            self.named.push(named);
        }
        let named = self.named.get(word.0 as usize);
        let scheme = if named.is_some_and(|named| named.windows.is_some()) { "windows" } else { "" };
        (About::Named(word.0), named.map(|named| named.keys.clone()).unwrap_or_default(), scheme.to_owned())
    }

    fn read_named(&mut self, product: &Product, vendor: &str, name: &str, prose: bool) -> Named {
        let words = [vendor, name].into_iter().filter(|part| !says_nothing(part)).collect::<Vec<_>>().join(" ");
        let text = self.words.intern(&words);
        let mut named = Named { text, windows: None, pattern: None, prose, keys: Vec::new() };
        if says_nothing(name) && product.family.as_deref().is_none_or(says_nothing) {
            return named;
        }
        let vendor = self.names.vendor(vendor);
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
        for name in [name, &without_brackets(name)] {
            named.keys.push(self.keys.intern(&self.names.key(&vendor, name)));
            if squash(name) == vendor {
                named.keys.push(self.keys.intern(&lone_key(name)));
            }
        }
        named.keys.sort_unstable();
        named.keys.dedup();
        let pattern = ProductPattern::read(product, &self.aliases);
        for key in pattern.keys() {
            named.keys.push(self.keys.intern(&format!("t:{key}")));
        }
        named.pattern = Some(Box::new(pattern));
        named
    }

    /// The number of a CPE name.
    fn cpe(&mut self, text: &str) -> Option<u32> {
        if let Some(known) = self.cpe_texts.find(text) {
            return Some(known.0);
        }
        let cpe = Cpe::parse(text).ok()?;
        let (vendor, product) = (cpe.vendor()?, cpe.product()?);
        let windows = match vendor.as_ref() {
            "microsoft" => {
                let version = value(&cpe, Attribute::Version);
                Windows::read(&product, version.as_deref(), value(&cpe, Attribute::Update).as_deref())
            }
            _ => None,
        };
        let key = match windows {
            Some(windows) => windows.key(),
            None => self.names.cpe_key(&vendor, &product),
        };
        let lone = windows.is_none() && squash(&vendor) == squash(&product);
        let pattern = CpePattern {
            lone_key: if lone { self.keys.intern(&lone_key(&product)) } else { Words::NONE },
            text: self.words.intern(text),
            key: self.keys.intern(&key),
            part: u8::try_from(cpe.part().unwrap_or('*')).unwrap_or(b'*'),
            windows,
            version: self.value(&cpe, Attribute::Version),
            update: self.value(&cpe, Attribute::Update),
            edition: self.value(&cpe, Attribute::Edition),
            sw_edition: self.value(&cpe, Attribute::SwEdition),
            target_sw: self.value(&cpe, Attribute::TargetSw),
            target_hw: self.value(&cpe, Attribute::TargetHw),
        };
        let word = self.cpe_texts.intern(text);
        self.cpes.push(pattern);
        Some(word.0)
    }

    fn value(&mut self, cpe: &Cpe, attribute: Attribute) -> Word {
        value(cpe, attribute).map_or(Words::NONE, |text| self.words.intern(&text))
    }

    fn scope(&mut self, product: &Product, cpes: &[u32], release: Option<Vec<u32>>, kind: AdvisoryKind) -> u32 {
        let words = |words: &mut Words, texts: &[String]| {
            texts.iter().filter(|text| !says_nothing(text)).map(|text| words.intern(text)).collect::<Vec<_>>()
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
            let (About::Named(named) | About::Cpe(named) | About::Package(named), ..) = self.named(on, kind);
            let text = self.named.get(named as usize).map_or(Words::NONE, |named| named.text);
            On { text, cpes, named }
        });
        if let (None, Some(cpes)) = (&scope.on, release.filter(|cpes| !cpes.is_empty())) {
            let text = product.name.as_deref().unwrap_or_default();
            scope.on = Some(On { text: self.words.intern(text), cpes, named: u32::MAX });
        }
        if scope.platforms.is_empty() && scope.modules.is_empty() && scope.cpes.is_empty() && scope.on.is_none() {
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
            _ if product.purl.as_deref().is_some_and(is_of_a_distribution) => Standing::Vendor,
            ("nvd" | "cve-adp", _) => Standing::Enrichment,
            (_, AdvisoryKind::Vex) => Standing::Vendor,
            (_, AdvisoryKind::Advisory) if self.is_the_maker(name, product) => Standing::Vendor,
            _ => Standing::Assigner,
        }
    }

    /// "Siemens ProductCERT" speaks for "Siemens AG".
    fn is_the_maker(&self, publisher: &str, product: &Product) -> bool {
        let vendor = self.names.vendor(product.vendor.as_deref().unwrap_or_default());
        !vendor.is_empty() && squash(publisher).starts_with(&vendor)
    }

    fn add_configuration(&mut self, before: &Before<'_>, node: &Node) {
        let mut nodes = Vec::new();
        self.flatten(node, &mut nodes, 0);
        let stands_alone = nodes.iter().all(|node| matches!(node, TreeNode::Any { .. } | TreeNode::Match { vulnerable: true, .. }));
        let standing = self.standing(before.advisory, &Product::default());
        let matches: Vec<(u32, u32)> = nodes
            .iter()
            .filter_map(|node| match *node {
                TreeNode::Match { cpe, row, vulnerable: true } => Some((cpe, row)),
                _ => None,
            })
            .collect();
        let tree = if stands_alone || matches.is_empty() {
            0
        } else {
            let programs = wants_several(node) || nodes.iter().any(|node| self.is_other_program(*node));
            if programs {
                self.want(&nodes);
            }
            self.trees.push(Tree { nodes, programs });
            number(self.trees.len())
        };
        for (cpe, row) in matches {
            let Some(keys) = self.cpes.get(cpe as usize).map(CpePattern::keys) else { continue };
            let claim = Claim {
                vulnerability: before.vulnerability,
                document: before.document,
                about: About::Cpe(cpe),
                rows: (row, 1),
                default: Status::Unknown,
                standing,
                scope: 0,
                tree,
            };
            self.file(claim, keys);
        }
    }

    fn want(&mut self, nodes: &[TreeNode]) {
        for node in nodes {
            let TreeNode::Match { cpe, .. } = node else { continue };
            self.wanted.extend(self.cpes.get(*cpe as usize).filter(|cpe| cpe.part == b'a').map(|cpe| cpe.key));
        }
    }

    fn is_other_program(&self, node: TreeNode) -> bool {
        let TreeNode::Match { cpe, vulnerable: false, .. } = node else { return false };
        self.cpes.get(cpe as usize).is_some_and(|cpe| cpe.part == b'a')
    }

    /// Writes a configuration in reading order; past [`DEEPEST`] levels nothing is read.
    fn flatten(&mut self, node: &Node, nodes: &mut Vec<TreeNode>, depth: u32) {
        let place = nodes.len();
        match node {
            _ if depth > DEEPEST => {}
            Node::Match(one) => nodes.extend(self.leaf(one)),
            Node::Not(inner) => {
                nodes.push(TreeNode::Not);
                self.flatten(inner, nodes, depth + 1);
                if nodes.len() == place + 1 {
                    nodes.truncate(place);
                }
            }
            Node::All(inner) | Node::Any(inner) => {
                nodes.push(TreeNode::Not);
                for node in inner {
                    self.flatten(node, nodes, depth + 1);
                }
                let len = number(nodes.len() - place - 1);
                let head = if matches!(node, Node::All(_)) { TreeNode::All { nodes: len } } else { TreeNode::Any { nodes: len } };
                match nodes.get_mut(place) {
                    Some(first) if len > 0 => *first = head,
                    _ => nodes.truncate(place),
                }
            }
        }
    }

    fn leaf(&mut self, one: &CpeMatch) -> Option<TreeNode> {
        let cpe = self.cpe(&one.cpe)?;
        let pattern = self.cpes.get(cpe as usize)?;
        let versions = if one.from.is_none() && one.to.is_none() {
            Versions::Any
        } else {
            Versions::Bounds { from: one.from.clone(), to: one.to.clone(), scheme: None }
        };
        // Bounds apply only where the name itself gives no version (NVD CVE API 2.0).
        let versions = if pattern.version == Words::NONE { versions } else { Versions::Any };
        let scheme = if pattern.windows.is_some() { "windows" } else { "" };
        let row = Row::read(&VersionRow { versions, status: Status::Affected }, scheme, &mut self.rows, &mut self.words);
        let row = self.rows.push(row);
        Some(TreeNode::Match { cpe, row, vulnerable: one.vulnerable })
    }
}

fn is_of_a_distribution(purl: &str) -> bool {
    ["pkg:deb/", "pkg:rpm/", "pkg:apk/", "pkg:alpm/"].iter().any(|kind| purl.starts_with(kind))
}

/// Whether several vulnerable things must come together.
fn wants_several(node: &Node) -> bool {
    match node {
        Node::All(inner) => inner.iter().filter(|node| names_vulnerable(node)).count() > 1 || inner.iter().any(wants_several),
        Node::Any(inner) => inner.iter().any(wants_several),
        Node::Not(inner) => wants_several(inner),
        Node::Match(_) => false,
    }
}

fn names_vulnerable(node: &Node) -> bool {
    match node {
        Node::All(inner) | Node::Any(inner) => inner.iter().any(names_vulnerable),
        Node::Not(inner) => names_vulnerable(inner),
        Node::Match(one) => one.vulnerable,
    }
}

/// What all claims of one document have in common.
struct Before<'a> {
    vulnerability: u32,
    document: u32,
    advisory: &'a Advisory,
}

/// NVD nests twice; a document that nests further is not read there.
const DEEPEST: u32 = 16;

fn value(cpe: &Cpe, attribute: Attribute) -> Option<String> {
    match cpe.value(attribute) {
        Value::Any => None,
        Value::NotApplicable => Some("-".to_owned()),
        Value::Text(text) => Some(text.into_owned()),
        Value::Pattern(text) => Some(text.to_owned()),
    }
}

fn without_brackets(name: &str) -> String {
    let end = name.find(" (").unwrap_or(name.len());
    name.get(..end).unwrap_or(name).to_owned()
}

/// A place in a column.  Columns are far shorter than 2^32: the words they are made of end there.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
