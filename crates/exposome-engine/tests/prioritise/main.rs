//! From held facts to a decision: worked cases, laws, and the mission's own example.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod board;
mod cases;
mod concluded;
mod desk;
mod ground;
mod laws;
mod live;
mod mission;
mod site;

use exposome_model::claim::Claim;
use exposome_model::inventory::{Attribute, Sheet};
use exposome_model::knowledge::{Advisory, KevEntry};
use ground::{as_of, rules};
use std::collections::BTreeMap;

const CVE: &str = "CVE-2026-1";

fn claim(source: &str, said: &BTreeMap<String, String>) -> Claim {
    let attributes: Vec<(Attribute, String)> = said
        .iter()
        .map(|(name, value)| (Attribute::from_name(name).unwrap(), value.clone()))
        .collect();
    let key = said.get("asset_id").cloned().unwrap_or_else(|| source.to_owned());
    Claim {
        site: "main".into(),
        source: source.into(),
        observed_at: as_of(),
        first_recorded_at: as_of(),
        recorded_at: as_of(),
        sheet: Sheet { key, attributes, ..Sheet::default() },
    }
}

fn advisory() -> Advisory {
    site::advisory(CVE)
}

fn listed(added: jiff::civil::Date) -> KevEntry {
    ground::listed(CVE, added)
}
