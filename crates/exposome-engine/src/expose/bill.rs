//! Everything on one asset, read once: what a vulnerability runs on must be there too.

use super::catalogue::Catalogue;
use super::platform::{Family, Fit, family_of};
use super::subject::Subject;
use exposome_model::inventory::{Component, ComponentKind};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The components of one asset.
#[derive(Debug)]
pub(super) struct Bill<'a> {
    pub(super) components: Cow<'a, [Component]>,
    pub(super) subjects: Vec<Arc<Subject>>,
    by_key: BTreeMap<String, Vec<u32>>,
    systems: Systems,
    /// Whether the asset has what a CPE name means, once it was asked; by the name's number.
    pub(super) known: RefCell<BTreeMap<u32, Fit>>,
}

/// The operating systems on the asset.
#[derive(Debug, Default)]
struct Systems {
    families: Vec<Family>,
    /// One whose family its name does not tell.
    strange: bool,
}

impl<'a> Bill<'a> {
    pub(super) fn read(components: &'a [Component], catalogue: &Catalogue) -> Bill<'a> {
        let subjects = components.iter().map(|component| Arc::new(Subject::read(component, catalogue))).collect();
        Bill::of(Cow::Borrowed(components), subjects)
    }

    pub(super) fn of(components: Cow<'a, [Component]>, subjects: Vec<Arc<Subject>>) -> Bill<'a> {
        let mut by_key: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        let mut systems = Systems::default();
        for (place, (subject, component)) in (0..).zip(subjects.iter().zip(components.iter())) {
            for (key, _) in &subject.keys {
                by_key.entry(key.clone()).or_default().push(place);
            }
            if subject.kind == ComponentKind::System {
                match family_of(subject, component) {
                    Some(family) => systems.families.push(family),
                    None => systems.strange = true,
                }
            }
        }
        Bill { components, subjects, by_key, systems, known: RefCell::default() }
    }

    /// The components known under a key.
    pub(super) fn known_as(&self, key: &str) -> impl Iterator<Item = (&Subject, &Component)> {
        let places = self.by_key.get(key).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|&place| {
            let subject = self.subjects.get(place as usize)?;
            Some((subject.as_ref(), self.components.get(place as usize)?))
        })
    }

    pub(super) fn of_kind(&self, kind: ComponentKind) -> impl Iterator<Item = (&Subject, &Component)> {
        self.subjects
            .iter()
            .zip(self.components.iter())
            .filter(move |(subject, _)| subject.kind == kind)
            .map(|(subject, component)| (subject.as_ref(), component))
    }

    /// Whether the asset runs a system of a family.
    pub(super) fn runs(&self, wanted: Family) -> Fit {
        if self.systems.families.contains(&wanted) {
            Fit::Yes
        } else if self.systems.strange || self.systems.families.is_empty() {
            Fit::unknown("operating system")
        } else {
            Fit::No
        }
    }
}
