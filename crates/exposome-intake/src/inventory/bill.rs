//! What bills of materials have in common, whichever standard they follow.
//!
//! A bill has a subject (a device, an application, an image) and lists what it is made
//! of.  It becomes one sheet: the subject is its own first component.  The
//! sheet claims to be whole unless the document says otherwise or something
//! in it was refused: what an older bill of the same source lists and this one
//! does not is then no longer seen there.

use super::text::quoted;
use crate::{Document, Item};
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::purl::Purl;
use exposome_model::reading::{Complaint, Sink, Weight};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// One line of a bill, before it is a component.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The document's own id of it.
    pub(crate) id: Option<&'a str>,
    pub(crate) kind: Option<Kind>,
    pub(crate) vendor: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    pub(crate) cpes: &'a [&'a str],
    pub(crate) purls: &'a [&'a str],
}

/// What the standards call the kinds of things in a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Known(ComponentKind),
    /// A file, a key, a data set: kept only where it carries a product's identifier.
    Thing,
}

/// A bill being read.
pub(crate) struct Bill {
    subject: Option<Component>,
    pub(crate) attributes: Vec<(Attribute, String)>,
    pub(crate) components: Vec<Component>,
    /// Digest of a document's own id -> index of its component, `u32::MAX` for the subject.
    ids: HashMap<u64, u32, BuildHasherDefault<Digested>>,
    /// Components that are listed and not installed.
    left_out: BTreeSet<u32>,
    digests: RandomState,
    pub(crate) name: Option<String>,
    pub(crate) place: String,
    whole: bool,
}

/// A key that is a digest already, with a secret that no document can know: digesting it again gains nothing.
#[derive(Default)]
struct Digested(u64);

impl Hasher for Digested {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("the keys are numbers")
    }
}

/// How many identifiers of one kind a component may bring.
const IDENTIFIERS_CAP: usize = 16;

impl Bill {
    pub(crate) fn new(place: &str) -> Bill {
        Bill {
            subject: None,
            attributes: Vec::new(),
            components: Vec::new(),
            ids: HashMap::default(),
            left_out: BTreeSet::new(),
            digests: RandomState::new(),
            name: None,
            place: place.to_owned(),
            whole: true,
        }
    }

    /// Takes a line; complains of one that names nothing.
    pub(crate) fn add(
        &mut self,
        line: &Line<'_>,
        place: impl Fn() -> String,
        sink: &mut dyn Sink<Item>,
    ) {
        if line.kind == Some(Kind::Thing) && line.cpes.is_empty() && line.purls.is_empty() {
            return;
        }
        let at = u32::try_from(self.components.len()).unwrap_or(u32::MAX - 1);
        if let Some(component) = component(line) {
            more_identifiers(&component, line, &mut self.components);
            self.components.insert(at as usize, component);
        } else {
            sink.complain(Complaint::refused(
                place(),
                "a component without a name or a package URL",
            ));
            return;
        }
        if let Some(id) = line.id {
            let digest = self.digests.hash_one(id);
            if self.ids.insert(digest, at).is_some() {
                sink.complain(Complaint::doubtful(
                    place(),
                    format!("the id {} is used twice; both components are kept", quoted(id)),
                ));
            }
        }
    }

    /// Says which line the bill is about; it may be one that is listed, too.
    pub(crate) fn about(&mut self, line: &Line<'_>) {
        if let Some(id) = line.id {
            self.ids.insert(self.digests.hash_one(id), u32::MAX);
        }
        self.subject = component(line);
        if let Some(subject) = &self.subject {
            more_identifiers(subject, line, &mut self.components);
        }
    }

    /// The component with a document's own id.
    pub(crate) fn by_id(&mut self, id: &str) -> Option<&mut Component> {
        match *self.ids.get(&self.digests.hash_one(id))? {
            u32::MAX => self.subject.as_mut(),
            at => self.components.get_mut(at as usize),
        }
    }

    pub(crate) fn component(&self, id: &str) -> Option<&Component> {
        match *self.ids.get(&self.digests.hash_one(id))? {
            u32::MAX => self.subject.as_ref(),
            at => self.components.get(at as usize),
        }
    }

    pub(crate) fn holds(&self, id: &str) -> bool {
        self.ids.contains_key(&self.digests.hash_one(id))
    }

    /// Makes the listed component with this id the subject.
    pub(crate) fn about_listed(&mut self, id: &str) {
        let at = self.ids.get(&self.digests.hash_one(id)).copied();
        if let (None, Some(at)) = (&self.subject, at) {
            self.subject = self.components.get(at as usize).cloned();
            self.left_out.insert(at);
        }
    }

    /// The listed component with this id is not installed: it builds or tests another.
    pub(crate) fn leave_out(&mut self, id: &str) {
        self.left_out
            .extend(self.ids.get(&self.digests.hash_one(id)).filter(|it| **it != u32::MAX));
    }

    /// The document says that it does not list everything, or it was not read to its end.
    pub(crate) fn is_in_part(&mut self) {
        self.whole = false;
    }

    /// Who makes the subject, where its own line does not say.
    pub(crate) fn made_by(&mut self, maker: &str) {
        if let Some(subject) = &mut self.subject {
            subject.vendor.get_or_insert_with(|| maker.to_owned());
        }
    }

    /// Hands over the sheet.
    pub(crate) fn finish(mut self, document: &Document<'_>, watch: &mut Watch<'_>) {
        let sink = &mut *watch.sink;
        let subject = self.subject.take();
        let own = subject.as_ref().map(key);
        let key = document.told.subject.clone().or(own).or(self.name);
        let key = key.unwrap_or_else(|| file_stem(document.name).to_owned());
        let tag = document.told.subject.clone().map(|it| (Attribute::AssetId, it));
        let mut attributes: Vec<_> = tag.into_iter().collect();
        attributes.extend(subject.iter().flat_map(said_of));
        attributes.append(&mut self.attributes);
        let mut components = self.components;
        if !self.left_out.is_empty() {
            let mut at = 0;
            components.retain(|_| {
                at += 1;
                !self.left_out.contains(&(at - 1))
            });
        }
        components.splice(0..0, subject);
        let whole = if self.whole && !watch.refused {
            vec![ComponentKind::Application, ComponentKind::Package]
        } else {
            Vec::new()
        };
        sink.record(Item::Sheet(Sheet {
            key,
            attributes,
            components,
            whole,
            place: self.place,
            ..Sheet::default()
        }));
    }
}

/// A sink that remembers whether anything was refused.
pub(crate) struct Watch<'s> {
    sink: &'s mut dyn Sink<Item>,
    refused: bool,
}

impl<'s> Watch<'s> {
    pub(crate) fn new(sink: &'s mut dyn Sink<Item>) -> Watch<'s> {
        Watch { sink, refused: false }
    }
}

impl Sink<Item> for Watch<'_> {
    fn record(&mut self, record: Item) {
        self.sink.record(record);
    }

    fn complain(&mut self, complaint: Complaint) {
        self.refused |= complaint.weight == Weight::Refused;
        self.sink.complain(complaint);
    }
}

/// The subject's key where nobody says which asset the bill is of.
fn key(subject: &Component) -> String {
    match &subject.version {
        Some(version) => format!("{} {version}", subject.name),
        None => subject.name.clone(),
    }
}

fn said_of(subject: &Component) -> Vec<(Attribute, String)> {
    let name =
        if subject.kind == ComponentKind::Device { Attribute::Model } else { Attribute::Name };
    let vendor = subject.vendor.clone().map(|it| (Attribute::Manufacturer, it));
    vendor.into_iter().chain([(name, subject.name.clone())]).collect()
}

fn component(line: &Line<'_>) -> Option<Component> {
    let purl = line.purls.first().copied();
    // Reading a package URL costs more than all the rest: only where something is missing.
    let needed = line.name.is_none() || line.version.is_none();
    let parts = purl.filter(|_| needed).and_then(|it| Purl::parse(it).ok());
    let name = line.name.or(parts.as_ref().map(Purl::name))?;
    let kind = match line.kind {
        Some(Kind::Known(kind)) => kind,
        _ => ComponentKind::Package,
    };
    let version = line.version.or(parts.as_ref().and_then(Purl::version)).map(str::to_owned);
    Some(Component {
        vendor: line.vendor.map(str::to_owned),
        version,
        cpe: line.cpes.first().map(|it| (*it).to_owned()),
        purl: purl.map(str::to_owned),
        ..Component::new(kind, name)
    })
}

/// A component has one CPE and one package URL; others it has make components beside it.
fn more_identifiers(component: &Component, line: &Line<'_>, into: &mut Vec<Component>) {
    for cpe in line.cpes.iter().skip(1).take(IDENTIFIERS_CAP) {
        into.push(Component { cpe: Some((*cpe).to_owned()), purl: None, ..component.clone() });
    }
    for purl in line.purls.iter().skip(1).take(IDENTIFIERS_CAP) {
        into.push(Component { purl: Some((*purl).to_owned()), cpe: None, ..component.clone() });
    }
}

/// `mirth` of `sboms.zip/ehr/mirth.cdx.json`.
pub(crate) fn file_stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match file.split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}
