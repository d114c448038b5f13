//! From bytes on the wire to observations: who is there, what it says of itself, who talks to whom.
//!
//! A [`capture::Capture`] gives frames; a [`Listener`] hears them, keeps each
//! thing it notices once, and at the end gives [`Sighting`]s and [`Flow`]s.  It
//! knows some fifty protocols ([`protocols`]), each recognised by what its
//! messages look like on any port, and each in a file of its own.
//!
//! **Invariants:** nothing here opens a file or a socket, reads a clock or
//! panics; no packet costs more than a bounded amount of work, and no capture
//! more memory than [`Limits`] allow; no patient's data is kept ([`board`]).
//!
//! [`Sighting`]: exposome_model::sighting::Sighting
//! [`Flow`]: exposome_model::sighting::Flow

mod base64;
mod board;
mod bytes;
pub mod capture;
mod conversation;
mod der;
mod exercise;
pub mod fingerprint;
mod flow;
mod fragments;
mod inflate;
mod ip;
mod json;
mod link;
mod listener;
mod notes;
mod protocol;
pub mod protocols;
mod station;
mod stream;
mod xml;

pub use exercise::exercise;
pub use listener::{Limits, Listener, Messages, Tally};
pub use notes::Rules;

/// A packet's time as the model's.
fn moment(at_ns: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(at_ns.into()).unwrap_or_default()
}
