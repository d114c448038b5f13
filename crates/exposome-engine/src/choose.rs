//! Which part of a worklist somebody asks for, and what the parts of one add up to.
//!
//! An *aspect* is something by which exposures are told apart: the unit of the
//! device, the maker of what is flawed, how long there is.  A selection keeps those with certain
//! values, and groups count what each value has.

use crate::assess::{Assessment, Exposure};
use crate::category::Categories;
use crate::decide::Outcome;
use crate::expose::names::bare_vendor;
use crate::threat::Threats;
use crate::worklist::judged;
use exposome_model::claim::Claim;
use exposome_model::inventory::Attribute;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    Unit,
    Location,
    Owner,
    Zone,
    Class,
    Vendor,
    Vulnerability,
    Kev,
    Decision,
    Clock,
}

/// What a value is called that nobody knows.
pub const NOT_KNOWN: &str = "not known";

/// How long there is, in words, with the days up to which it is called so.
const CLOCK: [(&str, i64); 4] =
    [("overdue", 0), ("within 3 days", 3), ("within 14 days", 14), ("within 90 days", 90)];
const LATER: &str = "later";
const NO_DATE: &str = "no date";

impl Aspect {
    pub const ALL: [Aspect; 10] = [
        Aspect::Unit,
        Aspect::Location,
        Aspect::Owner,
        Aspect::Zone,
        Aspect::Class,
        Aspect::Vendor,
        Aspect::Vulnerability,
        Aspect::Kev,
        Aspect::Decision,
        Aspect::Clock,
    ];

    /// The aspects of an asset; the others are of the exposure.
    const OF_ASSETS: [Aspect; 5] =
        [Aspect::Unit, Aspect::Location, Aspect::Owner, Aspect::Zone, Aspect::Class];

    pub fn name(self) -> &'static str {
        match self {
            Aspect::Unit => "unit",
            Aspect::Location => "location",
            Aspect::Owner => "owner",
            Aspect::Zone => "zone",
            Aspect::Class => "class",
            Aspect::Vendor => "vendor",
            Aspect::Vulnerability => "vulnerability",
            Aspect::Kev => "kev",
            Aspect::Decision => "decision",
            Aspect::Clock => "clock",
        }
    }

    pub fn by_name(name: &str) -> Option<Aspect> {
        Aspect::ALL.into_iter().find(|aspect| aspect.name() == name)
    }

    /// All values it can have, in their order, where there are so few.
    fn values(self) -> Vec<&'static str> {
        match self {
            Aspect::Kev => vec!["yes", "no"],
            Aspect::Decision => Outcome::ALL.iter().rev().map(|it| it.words()).collect(),
            Aspect::Clock => CLOCK.iter().map(|it| it.0).chain([LATER, NO_DATE]).collect(),
            _ => Vec::new(),
        }
    }

    /// The same for every spelling of a value.
    fn key(self, value: &str) -> String {
        match self {
            Aspect::Vendor => bare_vendor(value),
            _ => value.trim().to_lowercase(),
        }
    }
}

/// What tells the assets of a site apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits(pub(crate) Vec<Column>);

/// One aspect of every asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Column {
    /// The first stands for those of which nobody says.
    values: Vec<String>,
    /// Asset -> its value.
    of_asset: Vec<u32>,
}

impl Traits {
    pub fn of(assessment: &Assessment, claims: &[Claim], categories: &Categories) -> Traits {
        let column = |aspect: Aspect| {
            let mut column = Column { values: vec![NOT_KNOWN.to_owned()], of_asset: Vec::new() };
            let mut numbers = BTreeMap::from([(NOT_KNOWN.to_owned(), 0)]);
            for state in &assessment.assets {
                let held = |attribute| state.asset.holds(claims, attribute);
                let value = match aspect {
                    Aspect::Unit => held(Attribute::Unit),
                    Aspect::Location => held(Attribute::Location),
                    Aspect::Owner => held(Attribute::Owner),
                    Aspect::Zone => state
                        .zones
                        .iter()
                        .find_map(|&zone| claims.get(zone as usize)?.sheet.first(Attribute::Zone)),
                    _ => state
                        .category
                        .as_ref()
                        .and_then(|code| categories.by_code(code))
                        .map(|category| category.name.as_str()),
                };
                let value = value.map(str::trim).filter(|value| !value.is_empty());
                let value = value.unwrap_or(NOT_KNOWN);
                let number = *numbers.entry(aspect.key(value)).or_insert_with(|| {
                    column.values.push(value.to_owned());
                    u32::try_from(column.values.len() - 1).unwrap_or(u32::MAX)
                });
                column.of_asset.push(number);
            }
            column
        };
        Traits(Aspect::OF_ASSETS.map(column).into())
    }

    fn column(&self, aspect: Aspect) -> Option<&Column> {
        let place = Aspect::OF_ASSETS.iter().position(|it| *it == aspect)?;
        self.0.get(place)
    }
}

/// Which exposures are asked for: of every aspect named one of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection(BTreeMap<Aspect, BTreeSet<String>>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {} is called {value:?}; there are: {}", .aspect.name(), listed(.known))]
pub struct UnknownValue {
    pub aspect: Aspect,
    pub value: String,
    pub known: Vec<String>,
}

/// As many as a person reads.
fn listed(values: &[String]) -> String {
    const READ: usize = 40;
    let mut listed = values.iter().take(READ).cloned().collect::<Vec<_>>().join("; ");
    if values.len() > READ {
        let _ = write!(listed, "; and {} more", values.len() - READ);
    }
    listed
}

impl Selection {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Several values of one aspect are alternatives.
    pub fn add(&mut self, aspect: Aspect, value: &str) {
        self.0.entry(aspect).or_default().insert(aspect.key(value));
    }

    /// That every value is one that something has: a word mistyped must not look like an empty worklist.
    pub fn check(&self, traits: &Traits) -> Result<(), UnknownValue> {
        for (&aspect, wanted) in &self.0 {
            let mut known: Vec<&str> = aspect.values();
            if let Some(column) = traits.column(aspect) {
                known = column.values.iter().map(String::as_str).collect();
                known.sort_unstable();
            }
            if known.is_empty() {
                continue;
            }
            let keys: BTreeSet<String> = known.iter().map(|value| aspect.key(value)).collect();
            if let Some(value) = wanted.difference(&keys).next() {
                let known = known.into_iter().map(str::to_owned).collect();
                return Err(UnknownValue { aspect, value: value.clone(), known });
            }
        }
        Ok(())
    }

    /// Leaves in an assessment what is asked for.
    pub fn keep(&self, assessment: &mut Assessment, traits: &Traits, threats: &Threats) {
        for (aspect, wanted) in &self.0 {
            let Some(column) = traits.column(*aspect) else { continue };
            let is_wanted: Vec<bool> =
                column.values.iter().map(|value| wanted.contains(&aspect.key(value))).collect();
            let keeps = |asset: &u32| {
                let value = column.of_asset.get(*asset as usize);
                value.and_then(|&value| is_wanted.get(value as usize)).is_some_and(|it| *it)
            };
            for cohort in &mut assessment.cohorts {
                cohort.assets.retain(keeps);
            }
        }
        let mut exposures = std::mem::take(&mut assessment.exposures);
        exposures.retain(|exposure| {
            let has_assets = assessment.cohort(exposure).is_some_and(|it| !it.assets.is_empty());
            has_assets
                && self.0.iter().filter(|(aspect, _)| traits.column(**aspect).is_none()).all(
                    |(aspect, wanted)| {
                        let value = value_of(*aspect, assessment, threats, exposure);
                        value.is_some_and(|value| wanted.contains(&aspect.key(&value)))
                    },
                )
        });
        assessment.exposures = exposures;
    }
}

/// An aspect of an exposure that is the same on every asset.
fn value_of(
    aspect: Aspect,
    assessment: &Assessment,
    threats: &Threats,
    exposure: &Exposure,
) -> Option<String> {
    let (component, judgement) = judged(assessment, exposure)?;
    Some(match aspect {
        Aspect::Vendor => component.vendor.clone().unwrap_or_else(|| NOT_KNOWN.to_owned()),
        Aspect::Vulnerability => judgement.vulnerability.clone(),
        Aspect::Kev => {
            let is_listed =
                threats.get(&judgement.vulnerability).is_some_and(|it| it.kev.is_some());
            if is_listed { "yes" } else { "no" }.to_owned()
        }
        Aspect::Decision => assessment.decision(exposure)?.outcome.words().to_owned(),
        Aspect::Clock => clock(assessment.as_of, exposure.due).to_owned(),
        Aspect::Unit | Aspect::Location | Aspect::Owner | Aspect::Zone | Aspect::Class => {
            return None;
        }
    })
}

pub(crate) fn clock(as_of: Timestamp, due: Option<Timestamp>) -> &'static str {
    let Some(due) = due else { return NO_DATE };
    let within = |days: i64| {
        due <= as_of.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(due)
    };
    // What is due this very moment is not overdue yet.
    let named = CLOCK.iter().find(|(_, days)| if *days == 0 { due < as_of } else { within(*days) });
    named.map_or(LATER, |it| it.0)
}

/// What exposures with one value of an aspect add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    pub value: String,
    /// How many assets have one.
    pub assets: usize,
    /// How many pairs of an asset and a cause.
    pub exposures: usize,
    /// In the order of [`Outcome::ALL`].
    pub by_outcome: [usize; 4],
    pub overdue: usize,
    pub earliest: Option<Timestamp>,
}

/// Counts by an aspect, the group with most to do at once first; clocks and decisions in their own order.
pub fn groups(
    assessment: &Assessment,
    traits: &Traits,
    threats: &Threats,
    aspect: Aspect,
) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut counted: BTreeSet<(String, u32)> = BTreeSet::new();
    let mut parts: (Option<u32>, Vec<(String, usize)>) = (None, Vec::new());
    for exposure in &assessment.exposures {
        let Some(cohort) = assessment.cohort(exposure) else { continue };
        match traits.column(aspect) {
            // Exposures of a cohort follow one another.
            Some(_) if parts.0 == Some(exposure.cohort) => {}
            Some(column) => parts = (Some(exposure.cohort), column.split(&cohort.assets)),
            None => {
                let value = value_of(aspect, assessment, threats, exposure);
                parts.1 = value.map(|value| (value, cohort.assets.len())).into_iter().collect();
            }
        }
        for &(ref value, size) in &parts.1 {
            let key = aspect.key(value);
            let group = groups.entry(key.clone()).or_default();
            if group.value.is_empty() {
                group.value.clone_from(value);
            }
            if counted.insert((key, exposure.cohort)) {
                group.assets += size;
            }
            group.exposures += size;
            if let Some(slot) = assessment
                .decision(exposure)
                .and_then(|decision| group.by_outcome.get_mut(decision.outcome as usize))
            {
                *slot += size;
            }
            group.overdue +=
                if exposure.due.is_some_and(|due| due < assessment.as_of) { size } else { 0 };
            group.earliest = [group.earliest, exposure.due].into_iter().flatten().min();
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    let order = aspect.values();
    groups.sort_by_key(|group| {
        let place = order.iter().position(|value| *value == group.value);
        let [monitor, defer, schedule, act_now] = group.by_outcome;
        (place, Reverse([act_now, schedule, defer, monitor]), group.value.clone())
    });
    groups
}

impl Column {
    /// How many of some assets have each value.
    fn split(&self, assets: &[u32]) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for asset in assets {
            let value = self.of_asset.get(*asset as usize).copied().unwrap_or_default();
            *counts.entry(value).or_default() += 1;
        }
        let named = counts.into_iter();
        named
            .filter_map(|(value, size)| Some((self.values.get(value as usize)?.clone(), size)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_now_is_not_overdue() {
        let now: Timestamp = "2026-08-10T08:00:00Z".parse().unwrap();
        let at = |hours| Some(now + SignedDuration::from_hours(hours));
        let words = [None, at(-1), at(0), at(72), at(73), at(24 * 90), at(24 * 90 + 1)]
            .map(|due| clock(now, due));
        assert_eq!(
            words,
            [
                "no date",
                "overdue",
                "within 3 days",
                "within 3 days",
                "within 14 days",
                "within 90 days",
                "later"
            ]
        );
    }

    #[test]
    fn every_aspect_is_found_by_its_name() {
        for aspect in Aspect::ALL {
            assert_eq!(Aspect::by_name(aspect.name()), Some(aspect));
        }
    }
}
