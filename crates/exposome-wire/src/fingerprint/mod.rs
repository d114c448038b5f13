//! What a thing is, from what gives it away: rules of the project's own, makers by their numbers, and Recog where a
//! hospital supplies its files.
//!
//! A conclusion is an observation of its own, *inferred*, and names its rule;
//! what was noticed stays beside it, and so do conclusions that disagree.

mod makers;
pub mod recog;
mod rules;

use exposome_model::sighting::{Certainty, Observation, Property, Sighting, Who};
pub use makers::Makers;
pub use recog::Recog;
pub use rules::{Error, Rules};

/// All that conclusions are drawn from.
#[derive(Debug, Default)]
pub struct Fingerprints {
    pub rules: Rules,
    pub makers: Makers,
    /// Databases of Recog, in the order in which they are asked.
    pub recog: Vec<Recog>,
}

/// Something concluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    pub property: Property,
    pub value: String,
    pub rule: String,
}

impl Fingerprints {
    /// Adds to each sighting what follows from what was noticed.
    pub fn conclude(&self, sightings: &mut [Sighting]) {
        for sighting in sightings {
            let mut added: Vec<Observation> = Vec::new();
            if let Who::Station(station) = &sighting.who
                && let Some(maker) = station.mac.and_then(|it| self.makers.of(it))
            {
                let card = Observation {
                    property: Property::CardMaker,
                    value: maker.to_owned(),
                    protocol: "ethernet".to_owned(),
                    certainty: Certainty::Inferred,
                    rule: Some("oui".to_owned()),
                    first_seen: sighting.first_seen,
                    last_seen: sighting.last_seen,
                    times: sighting.packets.max(1),
                };
                added.push(card);
            }
            for observation in &sighting.observations {
                let concluded = self.of(observation.property, &observation.value);
                added.extend(concluded.into_iter().map(|it| Observation {
                    property: it.property,
                    value: it.value,
                    certainty: Certainty::Inferred,
                    rule: Some(it.rule),
                    ..observation.clone()
                }));
            }
            let is_new = |it: &Observation| {
                !sighting.observations.iter().any(|said| {
                    said.property == it.property
                        && said.value == it.value
                        && said.rule == it.rule
                        && said.protocol == it.protocol
                })
            };
            added.retain(is_new);
            sighting.observations.append(&mut added);
            sighting.observations.sort();
            sighting.observations.dedup();
        }
    }

    /// What follows from one value.
    pub fn of(&self, property: Property, value: &str) -> Vec<Conclusion> {
        let mut concluded = self.rules.conclude(property, value);
        for database in self.recog.iter().filter(|it| it.property() == Some(property)) {
            concluded.extend(database.conclude(value));
        }
        concluded
    }
}
