//! What every test and bench of decisions rests on: the rules of the program, a moment, and feeds that are fresh.

use exposome_engine::assess::Rules;
use exposome_engine::category::Categories;
use exposome_engine::deadline::Deadlines;
use exposome_engine::decide::Policy;
use exposome_engine::deployer::Deployer;
use exposome_engine::metrics::Metrics;
use exposome_engine::threat::EpssEdition;
use exposome_engine::world::{Fresh, Sight};
use exposome_model::knowledge::KevEntry;
use jiff::Timestamp;

pub(crate) fn rules() -> Rules {
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

pub(crate) fn as_of() -> Timestamp {
    "2026-08-16T12:00:00Z".parse().unwrap()
}

pub(crate) const SIGHT: Sight = {
    let fresh = Fresh { kev: true, epss: true, exploits: true };
    Sight { fresh, fresh_a_week_ago: fresh }
};

/// Vectors as they are published, the first more often than the last.
pub(crate) const VECTORS: [&str; 8] = [
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N",
    "CVSS:3.1/AV:A/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    "CVSS:4.0/AV:N/AC:L/AT:P/PR:L/UI:N/VC:N/VI:L/VA:H/SC:N/SI:N/SA:N",
    "AV:N/AC:L/Au:N/C:P/I:P/A:P",
];

/// An entry of the KEV catalogue.
pub(crate) fn listed(vulnerability: &str, added: jiff::civil::Date) -> KevEntry {
    KevEntry {
        vulnerability: vulnerability.into(),
        vendor: "V".into(),
        product: "P".into(),
        name: "N".into(),
        added,
        due: None,
        required_action: String::new(),
        ransomware: None,
    }
}

pub(crate) fn edition(rules: &Rules) -> EpssEdition {
    EpssEdition {
        model_version: rules.policy.epss_model.clone(),
        score_date: jiff::civil::date(2026, 8, 16),
    }
}
