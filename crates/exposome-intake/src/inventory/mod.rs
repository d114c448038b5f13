//! What a hospital's own systems export: devices, computers, software, scan results.
//!
//! Every reader here gives [`Sheet`](exposome_model::inventory::Sheet)s: one
//! source's word on one subject.  None of them decides which sheets speak of the
//! same device.

mod applications;
mod bill;
mod columns;
mod components;
mod csv;
mod cyclonedx;
mod cyclonedx_xml;
mod fhir;
mod findings;
mod headed;
pub(crate) mod loose;
mod nessus;
mod nmap;
mod packages;
pub(crate) mod rows;
mod spdx2;
mod spdx3;
mod table;
pub(crate) mod text;
mod values;
mod xlsx;
mod xml;

use crate::Format;
pub use columns::{ColumnMap, Field, HEADINGS, MapError};
pub use values::DateOrder;

/// What a person says of an inventory document beside its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Told {
    /// What the columns of a table say, where their headings do not tell.
    pub columns: Option<ColumnMap>,
    /// The sheet of a workbook; the first one otherwise.
    pub worksheet: Option<String>,
    /// The asset that a list without a subject speaks of (`dpkg -l`, `rpm -qa`, an SBOM).
    pub subject: Option<String>,
    /// The distribution a package list is of: `debian-12`, `rhel-8.8`.
    pub distribution: Option<String>,
    /// The day of the reading; what is dated later is complained about.
    pub as_of: Option<jiff::civil::Date>,
}

/// The inventory formats, in the order in which they are tried.
pub const FORMATS: &[Format] = &[
    cyclonedx::FORMAT,
    cyclonedx_xml::FORMAT,
    spdx2::JSON,
    spdx2::TAG_VALUE,
    spdx3::FORMAT,
    fhir::FORMAT,
    nessus::FORMAT,
    nmap::FORMAT,
    applications::FORMAT,
    packages::DPKG_STATUS,
    packages::DPKG_LIST,
    packages::RPM_LIST,
    findings::FORMAT,
    xlsx::FORMAT,
    CSV,
];

/// What a document is read as when a person hands it over with a column map.
pub const CSV: Format = csv::FORMAT;
