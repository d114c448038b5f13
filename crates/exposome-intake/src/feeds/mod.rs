//! What the world publishes: vulnerabilities, exploitation, support.
//!
//! Every reader here gives [`Record`](exposome_model::knowledge::Record)s in the
//! publisher's own words.  None of them decides what the words mean for a device.

mod advisory_list;
mod companions;
mod configuration;
mod csaf;
mod csaf_notes;
mod cve5;
mod cve5_versions;
pub(crate) mod cyclonedx;
mod dates;
pub mod distribution;
mod endoflife;
mod epss;
mod kev;
mod metasploit;
mod nvd1;
mod nvd2;
mod once;
mod openvex;
mod osv;
mod severity;
mod ssvc;
mod words;

use crate::{Format, Item};
use exposome_model::reading::{Complaint, Sink};

/// The feed formats, in the order in which they are tried.
pub const FORMATS: &[Format] = &[
    cve5::RECORD,
    kev::FORMAT,
    epss::FORMAT,
    cve5::LIST,
    cve5::DELTA,
    nvd2::FORMAT,
    nvd2::OVERRIDE,
    nvd1::FORMAT,
    csaf::FORMAT,
    openvex::FORMAT,
    cyclonedx::FORMAT,
    osv::RECORD,
    osv::ANSWER,
    metasploit::FORMAT,
    endoflife::MARKDOWN,
    endoflife::API,
    endoflife::CYCLES,
    advisory_list::FORMAT,
    distribution::PROVIDER,
    distribution::FEED,
    distribution::INDEX,
    companions::SIGNATURE,
    companions::CHECKSUM,
    companions::SCHEMA,
    companions::SSVC_TABLE,
    companions::PROSE,
];

/// Whether a record's id is a CVE id; if not, it is complained of.
fn is_cve(id: &str, place: impl FnOnce() -> String, sink: &mut dyn Sink<Item>) -> bool {
    let is = words::is_cve(id);
    if !is {
        sink.complain(Complaint::refused(place(), format!("{} is no CVE id", words::quoted(id))));
    }
    is
}
