//! What people decide, as it is recorded: numbered, never edited.
//!
//! A decision names what it is about by [`Anchor`]s: an asset is found again by the
//! word of one source on one subject, however claims are joined since.

use crate::claim::Claim;
use crate::exposure::Verdict;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// An event as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// From 1, without gaps, within a site.
    pub number: u64,
    pub at: jiff::Timestamp,
    pub by: Actor,
    pub event: Event,
}

/// Who decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub name: String,
    pub role: Role,
}

/// For people: `A. Weber (analyst)`.
impl fmt::Display for Actor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} ({})", self.name, self.role.words())
    }
}

/// What a person answers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Analyst,
    ClinicalEngineer,
    Clinician,
    ItOperations,
    Compliance,
}

impl Role {
    pub fn words(self) -> &'static str {
        match self {
            Role::Analyst => "analyst",
            Role::ClinicalEngineer => "clinical engineer",
            Role::Clinician => "clinician",
            Role::ItOperations => "IT operations",
            Role::Compliance => "compliance",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// It holds from here on.
    Made {
        change: Change,
        reason: String,
    },
    /// It holds once a second person has confirmed it.
    Proposed {
        change: Change,
        reason: String,
    },
    Confirmed {
        proposal: u64,
    },
    Declined {
        proposal: u64,
        reason: String,
    },
}

/// What a person changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Both are the same thing.
    Merge { one: Anchor, other: Anchor },
    /// What this source says is not about the thing that the others speak of.
    Split { claim: Anchor, from: Vec<Anchor> },
    /// What it is for, whatever its sources say.
    Category { asset: Anchor, category: String },
    /// `until` is the last day on which it holds.
    Verdict { on: Target, verdict: Verdict, until: Option<Date> },
    /// It waits until a wire trips.
    Defer { on: Target, wires: Wires, seen: Seen },
    /// The table that decides, as its text, in place of the one before.
    Policy { text: String },
    /// An earlier decision, by its number, holds no longer.  Of a deferral: it is woken; of a policy: the one that ships
    /// with the program decides.
    TakeBack { number: u64 },
}

/// The word of one source on one subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Anchor {
    pub source: String,
    pub key: String,
}

impl Anchor {
    pub fn of(claim: &Claim) -> Anchor {
        Anchor { source: claim.source.clone(), key: claim.sheet.key.clone() }
    }
}

/// `cmms:A1`.
impl fmt::Display for Anchor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.source, self.key)
    }
}

/// Exposures that are decided upon together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    pub scope: Scope,
    /// The name of the component it is about; any where left out.
    pub component: Option<String>,
    pub vulnerability: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    Asset(Anchor),
    /// Everything of this maker and name, whatever its version.
    Product {
        vendor: Option<String>,
        name: String,
    },
    Site,
}

/// What brings a deferral back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wires {
    /// EPSS at or above it, in hundred-thousandths.
    pub epss_over_e5: Option<u32>,
    /// EPSS at so many times what it was; in tenths: 30 is three times.
    pub epss_times_tenths: Option<u16>,
    pub on: BTreeSet<Wire>,
    /// The first day on which it is looked at again whatever happens.
    pub review: Date,
}

/// A fact that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wire {
    /// It is exploited: KEV, or the word of a publisher.
    Exploited,
    /// An exploit is published that was not known.
    Exploit,
    /// Somebody outside can reach it now.
    Path,
    /// A version without it becomes known.
    Fix,
}

impl Wire {
    pub const ALL: [Wire; 4] = [Wire::Exploited, Wire::Exploit, Wire::Path, Wire::Fix];
}

/// What was known of a deferred vulnerability when it was deferred: only what is new trips a wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub epss_e5: Option<u32>,
    pub exploits: BTreeSet<String>,
    pub fix: bool,
    pub open: bool,
}

/// A decimal number in units of 1/`units`: "0.1" of 100,000 is 10,000.  More digits than there are units are refused.
pub fn scaled(text: &str, units: u32) -> Option<u32> {
    let (whole, parts) = text.split_once('.').unwrap_or((text, "0"));
    let digits = units.ilog10() as usize;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !is_number(whole) || !is_number(parts) || parts.len() > digits {
        return None;
    }
    let parts: u32 = format!("{parts:0<digits$}").parse().ok()?;
    whole.parse::<u32>().ok()?.checked_mul(units)?.checked_add(parts)
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn numbers_are_read_exactly() {
        assert_eq!(scaled("0.1", 100_000), Some(10_000));
        assert_eq!(scaled("1", 100_000), Some(100_000));
        assert_eq!(scaled("0.03351", 100_000), Some(3_351));
        assert_eq!(scaled("2.5", 10), Some(25));
        for bad in ["", ".", "1.", "-1", "0,1", "1e3", "0.000001", "99999999999"] {
            assert_eq!(scaled(bad, 100_000), None, "{bad}");
        }
    }
}
