//! What the exposures of a site add up to, as one assessment found them: kept day by day and never rewritten.

use crate::decision::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The figures of one assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub as_of: jiff::Timestamp,
    pub assets: u64,
    /// Of how many of them nobody says what is installed; `None`: it was not counted then.
    #[serde(default)]
    pub unjudged: Option<u64>,
    pub all: Count,
    /// On devices that nobody may touch without a signed assessment.
    #[serde(default)]
    pub gated: Count,
    /// By what is counted (`unit`, `class`, `fix`), then by its values.
    #[serde(default)]
    pub by: BTreeMap<String, BTreeMap<String, Count>>,
}

/// Some exposures, each a pair of an asset and a cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// In the order of [`Outcome::ALL`].
    pub by_outcome: [u64; 4],
    pub overdue: u64,
}

impl Count {
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.by_outcome.get(outcome as usize).copied().unwrap_or_default()
    }

    /// What is to be mended, now or at its time; what waits with wires or is watched is not.
    pub fn to_mend(&self) -> u64 {
        self.of(Outcome::ActNow) + self.of(Outcome::Schedule)
    }

    pub fn exposures(&self) -> u64 {
        self.by_outcome.iter().sum()
    }

    /// Adds so many exposures that stand alike.
    pub fn add(&mut self, outcome: Outcome, is_overdue: bool, count: u64) {
        if let Some(slot) = self.by_outcome.get_mut(outcome as usize) {
            *slot += count;
        }
        self.overdue += if is_overdue { count } else { 0 };
    }
}
