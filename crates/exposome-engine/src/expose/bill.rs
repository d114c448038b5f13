//! Everything on one asset, read once and found by key: what a vulnerability runs on must be there too.

use super::aliases::Aliases;
use super::names::Names;
use super::subject::Subject;
use exposome_model::inventory::{Component, ComponentKind};
use std::collections::BTreeMap;

/// The components of one asset.
#[derive(Debug)]
pub(super) struct Bill<'a> {
    pub(super) components: &'a [Component],
    pub(super) subjects: Vec<Subject>,
    by_key: BTreeMap<String, Vec<u32>>,
}

impl<'a> Bill<'a> {
    pub(super) fn read(components: &'a [Component], names: &Names, aliases: &Aliases) -> Bill<'a> {
        let subjects: Vec<Subject> =
            components.iter().map(|component| Subject::read(component, names, aliases)).collect();
        let mut by_key: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (place, subject) in (0..).zip(&subjects) {
            for (key, _) in &subject.keys {
                by_key.entry(key.clone()).or_default().push(place);
            }
        }
        Bill { components, subjects, by_key }
    }

    /// The components known under a key.
    pub(super) fn known_as(&self, key: &str) -> impl Iterator<Item = (&Subject, &Component)> {
        let places = self.by_key.get(key).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|&place| self.at(place))
    }

    pub(super) fn at(&self, place: u32) -> Option<(&Subject, &Component)> {
        self.subjects.get(place as usize).zip(self.components.get(place as usize))
    }

    pub(super) fn of_kind(&self, kind: ComponentKind) -> impl Iterator<Item = (&Subject, &Component)> {
        self.subjects.iter().zip(self.components).filter(move |(subject, _)| subject.kind == kind)
    }
}
