//! Causes of exposure that are no vulnerability: named checks, each with its own severity and source.
//!
//! A check never carries an invented CVSS score.

/// A named check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Stands where a CVE id would: `check:unsupported-software`.
    pub id: &'static str,
    pub title: &'static str,
    /// Counts as high in the policy.
    pub severe: bool,
    pub source: &'static str,
}

/// Every check there is.
pub const CHECKS: &[Check] = &[Check {
    id: crate::support::UNSUPPORTED,
    title: "its maker no longer mends its flaws",
    severe: true,
    source: "release cycles of endoflife.date; ours: what cannot be mended counts as high",
}];

pub fn by_id(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}
