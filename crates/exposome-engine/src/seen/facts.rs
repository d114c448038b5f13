//! Values of properties with what speaks for each, and values that contradict each other.

use super::Conflict;
use exposome_model::sighting::{Certainty, Property, Sighting};
use std::collections::{BTreeMap, BTreeSet};

/// One value of one property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub property: Property,
    pub value: String,
    /// The surest first.
    pub sources: Vec<Source>,
}

/// Something that speaks for a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    pub certainty: Certainty,
    pub protocol: String,
    pub rule: Option<String>,
    pub first_seen: jiff::Timestamp,
    pub last_seen: jiff::Timestamp,
    pub times: u64,
}

impl Fact {
    pub fn certainty(&self) -> Certainty {
        self.sources.first().map_or(Certainty::Inferred, |it| it.certainty)
    }

    /// The surest; then what more protocols say, then what was said later, then by the text.
    fn rank(&self) -> impl Ord + use<'_> {
        let protocols: BTreeSet<&str> =
            self.sources.iter().map(|it| it.protocol.as_str()).collect();
        let last_seen = self.sources.iter().map(|it| it.last_seen).max();
        (
            self.property,
            self.certainty(),
            std::cmp::Reverse((protocols.len(), last_seen)),
            self.value.as_str(),
        )
    }
}

pub(super) fn gather(members: &[&Sighting]) -> Vec<Fact> {
    let mut by_value: BTreeMap<(Property, &str), Vec<Source>> = BTreeMap::new();
    for observation in members.iter().flat_map(|it| &it.observations) {
        let sources = by_value.entry((observation.property, &observation.value)).or_default();
        let same = sources.iter_mut().find(|it| {
            (it.certainty, &it.protocol, &it.rule)
                == (observation.certainty, &observation.protocol, &observation.rule)
        });
        if let Some(source) = same {
            source.first_seen = source.first_seen.min(observation.first_seen);
            source.last_seen = source.last_seen.max(observation.last_seen);
            source.times += observation.times;
            continue;
        }
        sources.push(Source {
            certainty: observation.certainty,
            protocol: observation.protocol.clone(),
            rule: observation.rule.clone(),
            first_seen: observation.first_seen,
            last_seen: observation.last_seen,
            times: observation.times,
        });
    }
    let mut facts: Vec<Fact> = by_value
        .into_iter()
        .map(|((property, value), mut sources)| {
            sources.sort();
            Fact { property, value: value.to_owned(), sources }
        })
        .collect();
    facts.sort_by(|a, b| a.rank().cmp(&b.rank()));
    facts
}

/// Properties of which a thing has one value at a time.
const SINGLE: [Property; 6] = [
    Property::Manufacturer,
    Property::Model,
    Property::Serial,
    Property::Firmware,
    Property::Udi,
    Property::OperatingSystem,
];

pub(super) fn conflicts(facts: &[Fact]) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    for property in SINGLE {
        let mut values: Vec<&str> =
            facts.iter().filter(|it| it.property == property).map(|it| it.value.as_str()).collect();
        // A card is often another's than the device; that is worth seeing, since one of them may be wrong.
        if property == Property::Manufacturer && !values.is_empty() {
            let cards = facts.iter().filter(|it| it.property == Property::CardMaker);
            values.extend(cards.map(|it| it.value.as_str()));
        }
        let mut apart: Vec<&str> = Vec::new();
        for value in values {
            if !apart.iter().any(|it| are_same(property, it, value)) {
                apart.push(value);
            }
        }
        if apart.len() > 1 {
            let values = apart.into_iter().map(str::to_owned).collect();
            conflicts.push(Conflict { property, values });
        }
    }
    conflicts
}

/// Whether two texts can mean the same: one's words begin the other's, whatever the case and the legal form.
fn are_same(property: Property, one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let shorter = one.len().min(other.len());
    if shorter == 0 {
        return true;
    }
    // A maker is known by its first word, a system by its family: the words after them say more of the same.
    let needed = match property {
        Property::Manufacturer => 1,
        Property::OperatingSystem => family(&one).min(family(&other)).min(shorter),
        _ => shorter,
    };
    one.iter().zip(&other).take(needed).all(|(one, other)| one == other)
}

/// How many words name the family of a system: `Microsoft Windows`, `Linux`.
fn family(words: &[String]) -> usize {
    if words.first().is_some_and(|it| it == "microsoft") { 2 } else { 1 }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_name_of_the_same_maker_is_no_conflict() {
        let check = |property, one, other, expected| {
            assert_eq!(are_same(property, one, other), expected, "{one} and {other}");
            assert_eq!(are_same(property, other, one), expected, "{other} and {one}");
        };
        check(Property::Manufacturer, "Cisco", "CISCO SYSTEMS, INC.", true);
        check(Property::Manufacturer, "ExampleMed Lab", "GE Healthcare", false);
        check(Property::Model, "VentSim 500", "VentSim 500-B", true);
        check(Property::Model, "VentSim 500", "VentSim 600", false);
        let system = Property::OperatingSystem;
        check(system, "Microsoft Windows", "Microsoft Windows 10, build 14393", true);
        check(system, "Microsoft Windows", "Linux", false);
        check(system, "Linux", "Linux 4.1.18", true);
    }
}
