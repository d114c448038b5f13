//! What became of exposures from one recorded assessment to the next.
//!
//! It is written down as it was concluded and never rewritten: a later version of the
//! program may conclude something else from the same facts, and then both are shown.
//!
//! Things that were alike and are alike move alike: a [`Group`] of assets has its steps
//! once, and a step names its place, its stands and its reasons by their numbers in the
//! same block.

use crate::decision::Stand;
use crate::fact::FactId;
use crate::inventory::{Component, ComponentKind};
use serde::{Deserialize, Serialize};

/// A cause on a component, whatever version of it is installed: with the asset, what an exposure is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub vulnerability: String,
    pub kind: ComponentKind,
    pub vendor: Option<String>,
    pub name: String,
}

impl Place {
    /// Whether it is that of a cause on a component.
    pub fn is_of(&self, component: &Component, vulnerability: &str) -> bool {
        let Component { kind, vendor, name, .. } = component;
        self.vulnerability == vulnerability
            && (self.kind, &self.vendor, &self.name) == (*kind, vendor, name)
    }
}

/// What a change of mind was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Nothing was recorded before.
    First,
    /// The asset has become known, or is no longer known.
    Asset,
    Category,
    Harm,
    Data,
    Area,
    Spare,
    Reach,
    Controls,
    Gate,
    /// What documents or people say of the component as it is installed.
    Verdict,
    Version,
    /// The component, or the word that it is flawed, is new or gone.
    Component,
    Exploitation,
    Exploit,
    Vector,
    Epss,
    Deferral,
    Feed,
    Policy,
    Rules,
    Program,
    /// Facts that were recorded of an earlier moment after it was over.
    Late,
}

/// Why an exposure stands elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reason {
    pub about: About,
    pub words: String,
    /// The facts that are new or gone, as far as they have names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<FactId>,
}

/// One block of them; every number is an index into its lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transitions {
    pub places: Vec<Place>,
    pub stands: Vec<Stand>,
    pub reasons: Vec<Vec<Reason>>,
    pub groups: Vec<Group>,
}

/// Assets that moved alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Ids, ascending.
    pub assets: Vec<String>,
    pub steps: Vec<Step>,
}

/// One place on the assets of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Numbers", into = "Numbers")]
pub struct Step {
    pub place: u32,
    /// `None`: it was not exposed, or is not.
    pub before: Option<u32>,
    pub after: Option<u32>,
    pub why: u32,
}

/// A step as it is written down: there are millions.
type Numbers = (u32, Option<u32>, Option<u32>, u32);

impl From<Numbers> for Step {
    fn from((place, before, after, why): Numbers) -> Step {
        Step { place, before, after, why }
    }
}

impl From<Step> for Numbers {
    fn from(Step { place, before, after, why }: Step) -> Numbers {
        (place, before, after, why)
    }
}

impl Transitions {
    pub fn place(&self, step: &Step) -> Option<&Place> {
        self.places.get(step.place as usize)
    }

    pub fn stand(&self, number: Option<u32>) -> Option<&Stand> {
        self.stands.get(number? as usize)
    }

    pub fn why(&self, step: &Step) -> &[Reason] {
        self.reasons.get(step.why as usize).map_or(&[], Vec::as_slice)
    }
}
