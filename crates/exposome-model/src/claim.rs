//! A sheet with its provenance: who said it, when, and when we heard.

use crate::inventory::Sheet;
use serde::{Deserialize, Serialize};

/// One source's word on one subject, as recorded.  Claims are never edited; a
/// later claim of the same source on the same key, which is the earlier one updated
/// ([`Sheet::updated_by`]), replaces it for readers of the present, and both stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub site: String,
    /// The source's name as the hospital calls it: `cmms`, `scan-icu`, `sbom:mirth.json`.
    pub source: String,
    /// When it was true, as the source says.
    pub observed_at: jiff::Timestamp,
    /// When we recorded the source's first word on the subject, whatever it said then.
    pub first_recorded_at: jiff::Timestamp,
    /// When we recorded it.
    pub recorded_at: jiff::Timestamp,
    pub sheet: Sheet,
}
