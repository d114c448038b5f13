//! The facts that each metric of a severity rests on, by their names.

use crate::metrics::{Metric, Metrics};
use crate::people::People;
use crate::threat::Threat;
use exposome_model::claim::Claim;
use exposome_model::fact::FactId;
use exposome_model::inventory::Attribute;
use std::collections::BTreeSet;

/// What tells of the use of a thing.
pub(crate) const USE: [Attribute; 6] = [
    Attribute::DeviceClass,
    Attribute::PartRole,
    Attribute::Name,
    Attribute::Model,
    Attribute::ProductCode,
    Attribute::Feeds,
];
pub(crate) const DATA: [Attribute; 3] =
    [Attribute::DataClass, Attribute::DeviceClass, Attribute::PartRole];
pub(crate) const AREA: [Attribute; 2] = [Attribute::Location, Attribute::Unit];
pub(crate) const REACH: [Attribute; 5] = [
    Attribute::Ip,
    Attribute::Vlan,
    Attribute::Exposure,
    Attribute::ReachableBy,
    Attribute::Subnet,
];

/// What is said of an asset and of one vulnerability.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// Of the asset, and of the zones that it lies in.
    pub claims: [&'a [Claim]; 2],
    pub people: &'a People,
    pub vulnerability: &'a str,
    pub threat: Option<&'a Threat>,
}

impl Grounds<'_> {
    /// Puts to each metric the facts that its rules were asked of.
    pub fn name(&self, metrics: &mut [Metric], rules: &Metrics) {
        for metric in metrics {
            metric.facts = if metric.name == "E" {
                self.of_exploitation()
            } else {
                self.of_asset(metric.name, rules)
            };
        }
    }

    /// What says how far exploitation goes; and the feeds that are silent and would know of more.
    fn of_exploitation(&self) -> Vec<FactId> {
        let of = self.vulnerability;
        let mut facts: BTreeSet<FactId> = BTreeSet::new();
        if let Some(threat) = self.threat {
            facts.extend(threat.exploitation_facts(of));
            facts.extend(threat.exploits.iter().map(|it| FactId::exploit(of, &it.name)));
        }
        if !self.threat.is_some_and(|it| it.is_active() || !it.exploits.is_empty()) {
            facts.extend([FactId::feed("kev"), FactId::feed("metasploit")]);
        }
        facts.into_iter().collect()
    }

    fn of_asset(&self, metric: &str, rules: &Metrics) -> Vec<FactId> {
        let (attributes, of_the_flaw) = rules.hangs_on(metric);
        let mut facts: BTreeSet<FactId> = BTreeSet::new();
        let [of_the_asset, of_zones] = self.claims;
        let places = of_zones.iter().map(|claim| (claim, true));
        for (claim, is_of_a_zone) in of_the_asset.iter().map(|claim| (claim, false)).chain(places) {
            let spoken_of = claim.sheet.attributes.iter().map(|(attribute, _)| *attribute);
            // A zone sheet says from where something can be reached, and nothing else of it.
            let asked = spoken_of
                .filter(|it| attributes.contains(it) && (!is_of_a_zone || REACH.contains(it)));
            facts.extend(asked.map(|it| FactId::claim(&claim.source, &claim.sheet.key, it)));
        }
        if attributes.contains(&Attribute::DeviceClass) {
            let decided = self.people.category_among(&of_the_asset.iter());
            facts.extend(decided.map(|(number, ..)| FactId::decision(number)));
        }
        if of_the_flaw {
            let severity = self.threat.and_then(|it| it.severity.as_ref());
            facts.extend(severity.map(|it| it.source.says_of(self.vulnerability)));
        }
        facts.into_iter().collect()
    }
}
