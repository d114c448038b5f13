//! Everything on one asset, read once: what a vulnerability runs on must be there too.

use super::platform::{Family, Fit, family_of};
use super::subject::Subject;
use exposome_model::inventory::{Component, ComponentKind};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

/// The components of one asset, or those of them that a question hangs on.
#[derive(Debug)]
pub(super) struct Bill<'a> {
    /// All of them, where prose is to be read; else empty.
    pub(super) whole: &'a [Component],
    pub(super) parts: Vec<(&'a Subject, &'a Component)>,
    by_key: OnceCell<BTreeMap<String, Vec<u32>>>,
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
    pub(super) fn whole(components: &'a [Component], subjects: &'a [Subject]) -> Bill<'a> {
        Bill { whole: components, ..Bill::of(subjects.iter().zip(components).collect()) }
    }

    pub(super) fn of(parts: Vec<(&'a Subject, &'a Component)>) -> Bill<'a> {
        let mut systems = Systems::default();
        for (subject, component) in &parts {
            if subject.kind == ComponentKind::System {
                match family_of(subject, component) {
                    Some(family) => systems.families.push(family),
                    None => systems.strange = true,
                }
            }
        }
        Bill { whole: &[], parts, by_key: OnceCell::new(), systems, known: RefCell::default() }
    }

    /// The components known under a key.
    pub(super) fn known_as(&self, key: &str) -> impl Iterator<Item = (&'a Subject, &'a Component)> {
        let by_key = self.by_key.get_or_init(|| {
            let mut by_key: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            for (place, (subject, _)) in (0..).zip(&self.parts) {
                for (key, _) in &subject.keys {
                    by_key.entry(key.clone()).or_default().push(place);
                }
            }
            by_key
        });
        let places = by_key.get(key).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|&place| self.parts.get(place as usize).copied())
    }

    pub(super) fn of_kind(
        &self,
        kind: ComponentKind,
    ) -> impl Iterator<Item = (&'a Subject, &'a Component)> {
        self.parts.iter().copied().filter(move |(subject, _)| subject.kind == kind)
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
