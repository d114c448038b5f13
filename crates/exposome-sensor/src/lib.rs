//! A sensor: what stands between a network and what is known of it.
//!
//! It listens ([`capture`]), and everything it hears goes through exposome-wire. To
//! ask a device something there is one door, [`guard`], behind which every byte that
//! may leave stands in one catalogue, [`query`]. Nothing here opens a socket towards
//! a device: the guard can be looked at in a dry run, and sends nothing.

pub mod capture;
pub mod guard;
pub mod query;
