//! What is to be done about an exposure.

use serde::{Deserialize, Serialize};

/// What to do with an exposure.  Ordered: later is more urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Monitor,
    Defer,
    Schedule,
    ActNow,
}

impl Outcome {
    pub const ALL: [Outcome; 4] =
        [Outcome::Monitor, Outcome::Defer, Outcome::Schedule, Outcome::ActNow];

    /// For people: `act now`.
    pub fn words(self) -> &'static str {
        match self {
            Outcome::Monitor => "monitor",
            Outcome::Defer => "defer",
            Outcome::Schedule => "schedule",
            Outcome::ActNow => "act now",
        }
    }

    /// As it is written in data: `act_now`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Monitor => "monitor",
            Outcome::Defer => "defer",
            Outcome::Schedule => "schedule",
            Outcome::ActNow => "act_now",
        }
    }

    /// One level more: monitor to schedule, defer to schedule, schedule to act now.
    #[must_use]
    pub fn raised(self) -> Outcome {
        match self {
            Outcome::Monitor | Outcome::Defer => Outcome::Schedule,
            Outcome::Schedule | Outcome::ActNow => Outcome::ActNow,
        }
    }
}

/// Where an exposure stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stand {
    pub outcome: Outcome,
    /// The row of the policy that decided, or the deferral.
    pub row: String,
    pub due: Option<jiff::Timestamp>,
}
