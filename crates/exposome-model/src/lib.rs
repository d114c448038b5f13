//! The nouns that every other crate speaks in, and the identifiers of the public standards.
//!
//! Nothing here reads a file, a clock or a network.

pub mod claim;
pub mod decision;
pub mod event;
pub mod exposure;
pub mod fact;
pub mod inventory;
pub mod knowledge;
pub mod mac;
pub mod network;
pub mod reading;
pub mod sighting;
pub mod summary;
pub mod transition;

// Identifiers and orders of the public standards.
pub mod cpe;
pub mod purl;
pub mod vers;
pub mod version;
