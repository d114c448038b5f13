//! A site as it stands: the facts of the store, assessed by the rules in force.
//!
//! Whoever shows or serves a site begins here, and nobody else puts store and engine
//! together: the commands of the program and the server ask the same functions, so
//! that the same number appears everywhere.

pub mod changes;
pub mod feeds;
pub mod life;
pub mod record;
pub mod replay;
pub mod resident;
pub mod residents;
pub mod rules;
pub mod standing;
pub mod trend;

pub use record::{Recorded, record};
pub use replay::{Replay, replay};
pub use resident::{Resident, View};
pub use residents::Residents;
pub use rules::{InForce, Ruleset};
pub use standing::{Standing, people, score, standing, undecided, under, world};

/// Why a site cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] exposome_store::Error),
    #[error(transparent)]
    Rules(#[from] rules::Error),
}
