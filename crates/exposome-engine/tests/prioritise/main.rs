//! From held facts to a decision: worked cases, laws, and the mission's own example.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod cases;
mod laws;
mod mission;

use exposome_engine::assess::Rules;
use exposome_engine::category::Categories;
use exposome_engine::deadline::Deadlines;
use exposome_engine::decide::Policy;
use exposome_engine::deployer::Deployer;
use exposome_engine::metrics::Metrics;
use exposome_model::claim::Claim;
use exposome_model::inventory::{Attribute, Sheet};
use exposome_model::knowledge::{Advisory, AdvisoryKind, AdvisoryState, KevEntry};
use std::collections::BTreeMap;

const CVE: &str = "CVE-2026-1";

fn rules() -> Rules {
    macro_rules! rule {
        ($path:literal) => {
            include_str!(concat!("../../../../rules/", $path))
        };
    }
    let categories = Categories::parse(rule!("categories/categories.toml")).unwrap();
    let (metrics, areas) = (rule!("categories/metrics.toml"), rule!("categories/areas.toml"));
    let metrics = Metrics::parse(metrics, areas, &categories).unwrap();
    Rules {
        categories,
        metrics,
        policy: Policy::parse(rule!("policies/default.toml")).unwrap(),
        deadlines: Deadlines::parse(rule!("ssvc/cisa_bod_26_04.csv")).unwrap(),
        deployer: Deployer::parse(rule!("ssvc/deployer.csv")).unwrap(),
    }
}

fn as_of() -> jiff::Timestamp {
    "2026-08-16T12:00:00Z".parse().unwrap()
}

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

/// A record that says nothing but that it is there.
fn advisory() -> Advisory {
    Advisory {
        publisher: "cve:maker".into(),
        document: "D".into(),
        vulnerability: CVE.into(),
        kind: AdvisoryKind::Record,
        state: AdvisoryState::Published,
        title: None,
        published: None,
        modified: None,
        severities: Vec::new(),
        weaknesses: Vec::new(),
        ssvc: None,
        exploitation: Vec::new(),
        statements: Vec::new(),
        remedies: Vec::new(),
    }
}

/// An entry of the KEV catalogue.
fn listed(added: jiff::civil::Date) -> KevEntry {
    KevEntry {
        vulnerability: CVE.into(),
        vendor: "V".into(),
        product: "P".into(),
        name: "N".into(),
        added,
        due: None,
        required_action: String::new(),
        ransomware: None,
    }
}
