//! What the world publishes: vulnerabilities, exploitation, support.
//!
//! Every reader here gives [`Record`](exposome_model::knowledge::Record)s in the
//! publisher's own words.  None of them decides what the words mean for a device.

mod configuration;
mod csaf;
mod cve5;
mod dates;
mod epss;
mod kev;
mod once;
mod severity;
mod ssvc;
mod words;

use crate::Format;

/// The feed formats, in the order in which they are tried.
pub const FORMATS: &[Format] =
    &[kev::FORMAT, epss::FORMAT, cve5::RECORD, cve5::LIST, cve5::DELTA, csaf::FORMAT];
