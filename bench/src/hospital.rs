//! A synthetic hospital: the documents that its own systems would export.
//!
//! About 1,200 things of a mid-sized hospital, none of which exists: what clinical
//! engineering keeps (CMMS), what IT keeps (CMDB), the parts of its electronic
//! health record with their software, a bill of materials, a scanner's findings
//! and a network scan.  Makers, models and versions are real, so that real
//! advisories apply; the hospital, its people, numbers and addresses are
//! invented.  No patient appears anywhere.
//!
//! The documents carry the blemishes that real ones have: versions nobody noted,
//! one MAC address in several rows, things listed twice, operating systems
//! without support.

mod application;
mod computers;
mod devices;
mod network_scan;
pub mod scale;
mod sheet;
mod zones;

/// The moment at which the demo looks at the hospital: the world knowledge of the
/// demo pack is of these days (KEV of 2026-08-07, EPSS of 2026-08-08).
pub const AS_OF: &str = "2026-08-10T08:00:00Z";

/// The seed of the demo hospital.
pub const SEED: u64 = 20_260_810;

/// What a person would say of a document when handing it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The source as the hospital calls it.
    pub source: &'static str,
    /// The asset that a list without a subject speaks of.
    pub subject: Option<&'static str>,
    /// The distribution that a list of packages is of.
    pub distribution: Option<&'static str>,
}

/// All documents of the hospital: file name and bytes, in the order in which a person would hand them over.
pub fn documents(seed: u64) -> Vec<(String, Vec<u8>)> {
    let mut documents = vec![
        ("cmms-export.csv".to_owned(), devices::cmms(seed)),
        ("cmdb-export.csv".to_owned(), computers::cmdb(seed)),
        ("zones.csv".to_owned(), zones::zones()),
    ];
    documents.extend(application::documents(seed));
    documents.push(("scanner-findings.csv".to_owned(), computers::findings(seed)));
    documents.push(("nmap-10.20.44.0-24.xml".to_owned(), network_scan::nmap(seed)));
    documents
}

/// What goes with a document of [`documents`], by its name.
pub fn told(name: &str) -> Told {
    let plain = |source| Told { source, subject: None, distribution: None };
    match name {
        "cmms-export.csv" => plain("cmms"),
        "cmdb-export.csv" => plain("cmdb"),
        "zones.csv" => plain("network"),
        "applications.csv" => plain("applications"),
        "scanner-findings.csv" => plain("scanner"),
        _ if name.starts_with("nmap-") => plain("nmap"),
        _ => application::told(name).unwrap_or(plain("documents")),
    }
}
