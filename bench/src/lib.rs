//! Synthetic hospitals and the real vulnerability facts that concern them.
//!
//! [`hospital`] makes the documents that a hospital's own systems would export;
//! [`demo_pack`] holds a small set of published vulnerability facts
//! (`rules/demo-pack`, each with its source).  Both pass through the ordinary
//! readers: a demo takes no side door.
//!
//! Nothing here reads a clock, a file or a random source: the same seed gives the
//! same bytes.

pub mod hospital;
mod pack;
pub mod random;

pub use pack::demo_pack;
