//! The spine: claims and world knowledge in, decided exposures out.
//!
//! Judging is done once a distinct bill, deciding once a *cohort*: the assets that
//! nothing in the decision tells apart.  A million assets are some thousands of
//! cohorts; an exposure is a cohort and two indices.
//!
//! Examining (who is there, what is wrong) and deciding (what comes first) are two
//! steps: a new day of scores repeats only the second.

use crate::category::{Categories, Category};
use crate::decide::{Decision, Outcome, Policy};
use crate::deferral::Deferred;
use crate::identify::{Asset, Demoted, Identified, identify};
use crate::metrics::Metrics;
use crate::people::People;
use crate::setting::{Reach, Served, Setting, Zones};
use crate::world::{Sight, World};
use exposome_model::claim::Claim;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Attribute, Component, ComponentKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What people decided once for all: categories, policy, deadlines.
#[derive(Debug)]
pub struct Rules {
    pub categories: Categories,
    pub metrics: Metrics,
    pub policy: Policy,
    pub deadlines: crate::deadline::Deadlines,
    /// Beside the policy, for whoever compares.
    pub deployer: crate::deployer::Deployer,
}

/// Who is there, what is wrong, what comes first; all at one moment.
#[derive(Debug)]
pub struct Assessment {
    pub as_of: jiff::Timestamp,
    pub assets: Vec<AssetState>,
    /// Distinct bills with what was judged of each.
    pub bills: Vec<JudgedBill>,
    /// In the order of their first assets.
    pub cohorts: Vec<Cohort>,
    pub decisions: Vec<Decision>,
    /// Ordered by cohort, then by place in the cohort's bill.
    pub exposures: Vec<Exposure>,
    pub demoted: Vec<Demoted>,
}

/// Assets that nothing in a decision tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// Ascending; empty only where a selection left none.
    pub assets: Vec<u32>,
    pub alike: Alike,
}

/// What a decision asks of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alike {
    /// Index of its bill.
    pub bill: u32,
    pub gated: bool,
    pub setting: Setting,
    pub first_recorded: jiff::Timestamp,
}

/// An asset with what the decision needs of it.
#[derive(Debug)]
pub struct AssetState {
    pub asset: Asset,
    /// `TH-C`; `None`: nobody said what it is for.
    pub category: Option<String>,
    /// Indices of the claims of zone sheets that speak of where it is.
    pub zones: Vec<u32>,
    pub alike: Alike,
}

#[derive(Debug)]
pub struct JudgedBill {
    pub components: Vec<Component>,
    pub judgements: Vec<Judgement>,
    /// Which of the judgements somebody has deferred.
    pub deferred: Vec<Deferred>,
}

/// One place and one cause on every asset of a cohort, decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    pub cohort: u32,
    /// Index into the judgements of the cohort's bill.
    pub judgement: u32,
    pub decision: u32,
    /// When it should be done; `None` for what is only watched.
    pub due: Option<jiff::Timestamp>,
}

/// Assesses a site.  The same claims, world, rules and moment give the same assessment.
pub fn assess(
    claims: &[Claim],
    people: &People,
    world: &World,
    rules: &Rules,
    as_of: jiff::Timestamp,
) -> Assessment {
    let mut assessment = examine(claims, people, world, rules, as_of);
    let sight = Sight::of(&world.feed_dates, rules.policy.thresholds, as_of);
    assessment.decide(&world.threats, sight, rules);
    assessment
}

/// Who is there and what is wrong with it, nothing decided yet.  Neither scores nor the age of feeds change it.
pub fn examine(
    claims: &[Claim],
    people: &People,
    world: &World,
    rules: &Rules,
    as_of: jiff::Timestamp,
) -> Assessment {
    let Identified { assets, demoted } = identify(claims, people);
    let (assets, bills) = describe(assets, claims, people, (world, rules, as_of));
    let cohorts = cohorts(&assets);
    let (decisions, exposures) = (Vec::new(), Vec::new());
    Assessment { as_of, assets, bills, cohorts, decisions, exposures, demoted }
}

impl Assessment {
    pub fn cohort(&self, exposure: &Exposure) -> Option<&Cohort> {
        self.cohorts.get(exposure.cohort as usize)
    }

    pub fn decision(&self, exposure: &Exposure) -> Option<&Decision> {
        self.decisions.get(exposure.decision as usize)
    }

    pub fn judgement(&self, exposure: &Exposure) -> Option<(&JudgedBill, &Judgement)> {
        let bill = self.bills.get(self.cohort(exposure)?.alike.bill as usize)?;
        Some((bill, bill.judgements.get(exposure.judgement as usize)?))
    }

    /// Every cohort with every judgement that exposes it, by their numbers, decided or not.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        (0..).zip(&self.cohorts).flat_map(|(number, cohort)| {
            let bill = self.bills.get(cohort.alike.bill as usize);
            let judgements = bill.map_or(&[][..], |bill| &bill.judgements);
            let exposing =
                (0..).zip(judgements).filter(|(_, it)| it.verdict != Verdict::NotAffected);
            exposing.map(move |(judgement, _)| (number, judgement))
        })
    }

    /// How many pairs of an asset and a cause there are.
    pub fn exposed(&self) -> usize {
        let sizes = self.exposures.iter().filter_map(|it| Some(self.cohort(it)?.assets.len()));
        sizes.sum()
    }
}

/// Groups assets; the cohorts come in the order of their first assets.
fn cohorts(assets: &[AssetState]) -> Vec<Cohort> {
    let mut places: BTreeMap<Alike, usize> = BTreeMap::new();
    let mut cohorts: Vec<Cohort> = Vec::new();
    for (number, state) in (0..).zip(assets) {
        let place = *places.entry(state.alike).or_insert(cohorts.len());
        match cohorts.get_mut(place) {
            Some(cohort) => cohort.assets.push(number),
            None => cohorts.push(Cohort { assets: vec![number], alike: state.alike }),
        }
    }
    cohorts
}

/// What is installed, and what people have decided of the very assets that have it.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct BillKey {
    components: Vec<Component>,
    /// Numbers of verdicts and deferrals.
    decided: Vec<u64>,
    /// Since when somebody outside can reach them; left out where nobody has deferred anything.
    open_since: Option<jiff::Timestamp>,
}

fn describe(
    assets: Vec<Asset>,
    claims: &[Claim],
    people: &People,
    (world, rules, as_of): (&World, &Rules, jiff::Timestamp),
) -> (Vec<AssetState>, Vec<JudgedBill>) {
    let mut numbers: BTreeMap<BillKey, u32> = BTreeMap::new();
    let mut states = Vec::with_capacity(assets.len());
    let are_silent = people.are_silent();
    let zones = Zones::of(claims);
    let served = served(&assets, claims, people, rules);
    for asset in assets {
        let reach = Reach::of(&asset, claims, &zones);
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let mut key = BillKey { components: asset.bill(claims), ..BillKey::default() };
        if !are_silent {
            key.decided = people.about(&asset, claims);
            key.open_since = reach.open_since;
        }
        let bill = *numbers.entry(key).or_insert(next);
        let category = category_of(&asset, claims, people, rules);
        let served = served_by(&asset, claims, people, rules, &served);
        let words = rules.metrics.vocabulary();
        let setting = words.setting(&asset, claims, category, served, reach.exposure());
        let gated = is_gated(category) || served.gated;
        let first_recorded = asset.claims(claims).map(|claim| claim.first_recorded_at).min();
        let first_recorded = first_recorded.unwrap_or_default();
        states.push(AssetState {
            asset,
            category: category.map(|category| category.code.clone()),
            zones: reach.zones,
            alike: Alike { bill, gated, setting, first_recorded },
        });
    }
    let mut bills: Vec<(u32, BillKey)> =
        numbers.into_iter().map(|(bill, number)| (number, bill)).collect();
    bills.sort_by_key(|(number, _)| *number);
    let day = as_of.to_zoned(jiff::tz::TimeZone::UTC).date();
    let judged = |(_, key): (u32, BillKey)| {
        let BillKey { components, decided, open_since } = key;
        let mut judgements = world.catalogue.judge(&components);
        judgements.extend(world.support.judge(&components, day));
        let deferred = people.judge(&components, &decided, &mut judgements, day);
        let deferred = deferred.into_iter().map(|it| Deferred { open_since, ..it }).collect();
        JudgedBill { components, judgements, deferred }
    };
    (states, bills.into_iter().map(judged).collect())
}

/// What each thing that others name as the one they send to is asked to pass on, by how it is named.
fn served(
    assets: &[Asset],
    claims: &[Claim],
    people: &People,
    rules: &Rules,
) -> BTreeMap<String, Served> {
    let mut served: BTreeMap<String, Served> = BTreeMap::new();
    for asset in assets {
        let fed = asset.claims(claims).flat_map(|claim| claim.sheet.all(Attribute::Feeds));
        let mut fed = fed.peekable();
        if fed.peek().is_none() {
            continue;
        }
        let needs = Served::by(category_of(asset, claims, people, rules));
        for name in fed {
            let slot = served.entry(name.trim().to_lowercase()).or_default();
            *slot = slot.join(needs);
        }
    }
    served
}

/// What a gateway or an alarm server is asked to pass on.  What a person decided of it stands as it is.
fn served_by(
    asset: &Asset,
    claims: &[Claim],
    people: &People,
    rules: &Rules,
    served: &BTreeMap<String, Served>,
) -> Served {
    let said = |attributes: &[Attribute], holds: &mut dyn FnMut(&str)| {
        for claim in asset.claims(claims) {
            for attribute in attributes {
                claim.sheet.all(*attribute).for_each(&mut *holds);
            }
        }
    };
    let mut needs = Served::default();
    if served.is_empty() || people.category(asset, claims).is_some() {
        return needs;
    }
    let mut passes_on = false;
    said(&KINDS, &mut |text| passes_on |= rules.categories.is_fan_out(text));
    if passes_on {
        said(&[Attribute::AssetId, Attribute::Name, Attribute::HostName], &mut |name| {
            let of_it = served.get(&name.trim().to_lowercase());
            needs = needs.join(of_it.copied().unwrap_or_default());
        });
    }
    needs
}

/// What tells of the use of a thing, the most telling first.
const KINDS: [Attribute; 4] =
    [Attribute::DeviceClass, Attribute::PartRole, Attribute::Name, Attribute::Model];

/// What an asset is for: by a person's decision, else by what all sources say of it; `None`: nobody says.
pub fn category_of<'a>(
    asset: &Asset,
    claims: &[Claim],
    people: &People,
    rules: &'a Rules,
) -> Option<&'a Category> {
    let decided = people.category(asset, claims);
    if let Some(category) = decided.and_then(|(.., code)| rules.categories.by_code(code)) {
        return Some(category);
    }
    let values = |attribute| asset.said(claims, attribute).into_iter().map(|said| said.value);
    let by_product_code =
        values(Attribute::ProductCode).filter_map(|code| rules.categories.by_product_code(code));
    by_product_code
        .max_by_key(|category| category.harm())
        .or_else(|| rules.categories.judge(KINDS.map(|attribute| values(attribute).collect())))
}

/// What nobody knows the use of is not touched without a signature either.
pub fn is_gated(category: Option<&Category>) -> bool {
    category.is_none_or(|category| category.gated)
}

/// How many exposures have each outcome.
pub fn count_by_outcome(assessment: &Assessment) -> BTreeMap<Outcome, usize> {
    let mut counts = BTreeMap::new();
    for exposure in &assessment.exposures {
        if let Some(decision) = assessment.decision(exposure) {
            *counts.entry(decision.outcome).or_default() +=
                assessment.cohort(exposure).map_or(0, |cohort| cohort.assets.len());
        }
    }
    counts
}

/// A component in words: `Draeger Infinity M300 VG2.3`.
pub fn in_words(component: &Component) -> String {
    let vendor = component.vendor.as_deref().filter(|vendor| !component.name.starts_with(*vendor));
    let version = component.version.as_deref().map(|version| match component.kind {
        ComponentKind::Device => format!("firmware {version}"),
        _ => version.to_owned(),
    });
    let parts = [vendor.map(str::to_owned), Some(component.name.clone()), version];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
