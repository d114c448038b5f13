//! Facts in, assessment out: who is there, what is wrong with it, what comes first.
//!
//! Pure: the same facts, rules and moment give the same assessment, byte for byte.

pub mod agreement;
pub mod assess;
pub mod board;
pub mod category;
pub mod checks;
pub mod choose;
pub mod concluded;
pub mod deadline;
pub mod decide;
pub mod deferral;
pub mod deployer;
pub mod desk;
pub mod expose;
pub mod govern;
pub mod grounds;
pub mod identify;
pub mod live;
pub mod metrics;
pub mod moves;
pub mod people;
mod phrases;
pub mod predicate;
pub mod prioritise;
pub mod seen;
pub mod setting;
pub mod snapshot;
pub mod support;
pub mod threat;
pub mod trend;
pub mod worklist;
pub mod world;
