//! What must be around a vulnerable component, each condition once.
//!
//! Thousands of records say "on Windows" or "in the monitor it is the firmware of", and a
//! fleet has few systems but many combinations of them with devices.  So a condition is
//! taken out of its record, and asked once of each set of systems, or of devices, that it
//! can tell apart: of both only where it asks for both.

use super::catalogue::{About, Catalogue, Claim, TreeNode};
use super::platform::Family;
use std::collections::BTreeMap;

/// A configuration without what it says of the claim's own product.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    /// The family of systems that the claim's CPE name gives as target software.
    pub(super) family: Option<Family>,
    pub(super) nodes: Vec<TreeNode>,
}

/// The conditions of many claims; 0 is the one that always holds.
#[derive(Debug)]
pub(super) struct Conditions {
    numbers: BTreeMap<Condition, u32>,
    all: Vec<Condition>,
    of_claim: BTreeMap<u32, Option<u32>>,
}

impl Default for Conditions {
    fn default() -> Conditions {
        let always = Condition::default();
        Conditions {
            numbers: BTreeMap::from([(always.clone(), 0)]),
            all: vec![always],
            of_claim: BTreeMap::new(),
        }
    }
}

impl Conditions {
    /// The number of a claim's condition; nothing where the answer hangs on more than systems and
    /// devices, or on the component itself.
    pub(super) fn of_claim(&mut self, catalogue: &Catalogue, number: u32) -> Option<u32> {
        if let Some(known) = self.of_claim.get(&number) {
            return *known;
        }
        let condition = Condition::of(catalogue, number);
        let place = condition.map(|condition| {
            let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
            let place = *self.numbers.entry(condition.clone()).or_insert(next);
            if place == next {
                self.all.push(condition);
            }
            place
        });
        self.of_claim.insert(number, place);
        place
    }

    /// The number of the condition of a claim that was asked for before.
    pub(super) fn known(&self, claim: u32) -> Option<u32> {
        self.of_claim.get(&claim).copied().flatten()
    }

    /// The conditions, in the order of their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Condition> {
        self.all.iter()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Condition> {
        self.all.get(number as usize)
    }
}

impl Condition {
    fn of(catalogue: &Catalogue, number: u32) -> Option<Condition> {
        let claim = catalogue.claims.get(number as usize)?;
        let family = match claim.about {
            About::Cpe(cpe) => catalogue.target_family(cpe),
            About::Named(_) | About::Package(_) => None,
        };
        let mut nodes = Vec::new();
        match catalogue.tree(claim) {
            _ if claim.scope != 0 => return None,
            Some(tree) if tree.programs => return None,
            Some(tree) => Walk { nodes: &tree.nodes, claim: Some(claim) }.write(&mut nodes),
            None => {}
        }
        Some(Condition { family, nodes })
    }

    /// What it can tell apart; `known_as`: of what kind the things are that go by a key.
    pub(super) fn asks(&self, catalogue: &Catalogue, known_as: impl Fn(&str) -> Asks) -> Asks {
        let systems = if self.family.is_some() { Asks::SYSTEMS } else { Asks::default() };
        self.nodes.iter().fold(systems, |asks, node| {
            let TreeNode::Match { cpe, .. } = node else { return asks };
            let Some(cpe) = catalogue.cpes.get(*cpe as usize) else { return asks };
            let by_part = match cpe.part {
                b'o' => Asks::SYSTEMS,
                b'h' => Asks::DEVICES,
                _ => Asks::default(),
            };
            asks.and(by_part).and(known_as(catalogue.key_text(cpe.key)))
        })
    }
}

/// Which things of an asset an answer may hang on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asks {
    pub(super) systems: bool,
    pub(super) devices: bool,
}

impl Asks {
    pub(super) const SYSTEMS: Asks = Asks { systems: true, devices: false };
    pub(super) const DEVICES: Asks = Asks { systems: false, devices: true };

    #[must_use]
    pub(super) fn and(self, other: Asks) -> Asks {
        Asks { systems: self.systems || other.systems, devices: self.devices || other.devices }
    }
}

/// A place in a configuration: a node with all that is in it, and the claim that is one of its leaves.
#[derive(Clone, Copy)]
pub(super) struct Walk<'w> {
    pub(super) nodes: &'w [TreeNode],
    pub(super) claim: Option<&'w Claim>,
}

impl<'w> Walk<'w> {
    pub(super) fn is_claim(&self, node: &TreeNode) -> bool {
        let TreeNode::Match { cpe, row, vulnerable: true } = node else { return false };
        self.claim.is_some_and(|claim| claim.about == About::Cpe(*cpe) && claim.rows.0 == *row)
    }

    fn has_claim(&self) -> bool {
        self.claim.is_some() && self.nodes.iter().any(|node| self.is_claim(node))
    }

    /// The nodes inside that the answer hangs on: of alternatives, those with the claim in them.
    pub(super) fn asked(self) -> impl Iterator<Item = Walk<'w>> {
        let is_any = matches!(self.nodes.first(), Some(TreeNode::Any { .. }));
        let only_own = is_any && self.has_claim();
        self.inner().filter(move |inner| !only_own || inner.has_claim())
    }

    /// The nodes inside.
    fn inner(self) -> impl Iterator<Item = Walk<'w>> {
        let mut rest = self.nodes.get(1..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (nodes, behind) = rest.split_at_checked(len(rest)?)?;
            rest = behind;
            Some(Walk { nodes, ..self })
        })
    }

    /// Writes what the answer hangs on as a tree of its own: the claim is there.
    fn write(self, into: &mut Vec<TreeNode>) {
        let Some(first) = self.nodes.first() else { return };
        let place = into.len();
        into.push(match *first {
            _ if self.is_claim(first) => TreeNode::All { nodes: 0 },
            TreeNode::Match { cpe, .. } => TreeNode::Match { cpe, row: 0, vulnerable: false },
            other => other,
        });
        if matches!(first, TreeNode::Match { .. }) {
            return;
        }
        for inner in self.asked() {
            inner.write(into);
        }
        let written = u32::try_from(into.len() - place - 1).unwrap_or(u32::MAX);
        if let Some(TreeNode::All { nodes } | TreeNode::Any { nodes }) = into.get_mut(place) {
            *nodes = written;
        }
    }
}

/// How many nodes the first one is, with all that is in it.
fn len(nodes: &[TreeNode]) -> Option<usize> {
    let nots = nodes.iter().take_while(|node| **node == TreeNode::Not).count();
    Some(match nodes.get(nots)? {
        TreeNode::All { nodes } | TreeNode::Any { nodes } => nots + 1 + *nodes as usize,
        TreeNode::Match { .. } | TreeNode::Not => nots + 1,
    })
}
