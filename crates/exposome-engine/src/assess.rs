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
use std::sync::Arc;

/// What people decided once for all: categories, policy, deadlines.
#[derive(Debug, Clone)]
pub struct Rules {
    pub categories: Categories,
    pub metrics: Metrics,
    pub policy: Policy,
    pub deadlines: crate::deadline::Deadlines,
    /// Beside the policy, for whoever compares.
    pub deployer: crate::deployer::Deployer,
}

/// Who is there, what is wrong, what comes first; all at one moment.
#[derive(Debug, Clone)]
pub struct Assessment {
    pub as_of: jiff::Timestamp,
    pub assets: Vec<AssetState>,
    /// Distinct bills with what was judged of each; shared with those who hold another moment.
    pub bills: Vec<Arc<JudgedBill>>,
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
#[derive(Debug, Clone)]
pub struct AssetState {
    pub asset: Asset,
    /// `TH-C`; `None`: nobody said what it is for.
    pub category: Option<String>,
    /// Indices of the claims of zone sheets that speak of where it is.
    pub zones: Vec<u32>,
    pub alike: Alike,
}

#[derive(Debug, Clone, Default)]
pub struct JudgedBill {
    pub components: Vec<Component>,
    pub judgements: Vec<Judgement>,
    /// Which of the judgements somebody has deferred.
    pub deferred: Vec<Deferred>,
}

impl JudgedBill {
    /// The judgements that expose what has the bill.
    pub fn exposing(&self) -> impl Iterator<Item = u32> + Clone {
        let judgements = (0..).zip(&self.judgements);
        judgements.filter(|(_, it)| it.verdict != Verdict::NotAffected).map(|(place, _)| place)
    }
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
    let cohorts = cohorts((0..).zip(&assets));
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

    /// Whether a source says what is installed on an asset: without that nothing can be said of it.
    pub fn is_judged(&self, asset: &AssetState) -> bool {
        let bill = self.bills.get(asset.alike.bill as usize);
        bill.is_some_and(|bill| !bill.components.is_empty())
    }

    /// The same before anything was decided.
    #[must_use]
    pub fn undecided(&self) -> Assessment {
        Assessment {
            as_of: self.as_of,
            assets: self.assets.clone(),
            bills: self.bills.clone(),
            cohorts: self.cohorts.clone(),
            decisions: Vec::new(),
            exposures: Vec::new(),
            demoted: self.demoted.clone(),
        }
    }

    /// Every cohort with every judgement that exposes it, by their numbers, decided or not.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        pairs(&self.bills, &self.cohorts)
    }

    /// How many pairs of an asset and a cause there are.
    pub fn exposed(&self) -> usize {
        let sizes = self.exposures.iter().filter_map(|it| Some(self.cohort(it)?.assets.len()));
        sizes.sum()
    }
}

/// Every cohort with every judgement that exposes it, by their numbers.
pub(crate) fn pairs(
    bills: &[Arc<JudgedBill>],
    cohorts: &[Cohort],
) -> impl Iterator<Item = (u32, u32)> + Clone {
    (0..).zip(cohorts).flat_map(|(number, cohort)| {
        let bill = bills.get(cohort.alike.bill as usize);
        let exposing = bill.into_iter().flat_map(|bill| bill.exposing());
        exposing.map(move |judgement| (number, judgement))
    })
}

/// Groups assets; the cohorts come in the order of their first assets.
pub(crate) fn cohorts<'a>(assets: impl Iterator<Item = (u32, &'a AssetState)>) -> Vec<Cohort> {
    let mut places: BTreeMap<Alike, usize> = BTreeMap::new();
    let mut cohorts: Vec<Cohort> = Vec::new();
    for (number, state) in assets {
        let place = *places.entry(state.alike).or_insert(cohorts.len());
        match cohorts.get_mut(place) {
            Some(cohort) => cohort.assets.push(number),
            None => cohorts.push(Cohort { assets: vec![number], alike: state.alike }),
        }
    }
    cohorts
}

/// What is installed, and what people have decided of the very assets that have it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BillKey {
    pub(crate) components: Vec<Component>,
    /// Numbers of verdicts and deferrals.
    pub(crate) decided: Vec<u64>,
    /// Since when somebody outside can reach them; left out where nobody has deferred anything.
    pub(crate) open_since: Option<jiff::Timestamp>,
}

fn describe(
    assets: Vec<Asset>,
    claims: &[Claim],
    people: &People,
    (world, rules, as_of): (&World, &Rules, jiff::Timestamp),
) -> (Vec<AssetState>, Vec<Arc<JudgedBill>>) {
    let mut numbers: BTreeMap<BillKey, u32> = BTreeMap::new();
    let mut states = Vec::with_capacity(assets.len());
    let are_silent = people.are_silent();
    let zones = Zones::of((0..).zip(claims));
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
        let passes_on =
            if served.is_empty() { Vec::new() } else { passes_on(&asset, claims, people, rules) };
        let needs = passes_on.iter().filter_map(|name| served.get(name).copied());
        let needs = needs.fold(Served::default(), Served::join);
        states.push(state(asset, claims, rules, (category, needs, reach), bill));
    }
    let mut bills: Vec<(u32, BillKey)> =
        numbers.into_iter().map(|(bill, number)| (number, bill)).collect();
    bills.sort_by_key(|(number, _)| *number);
    let day = day_of(as_of);
    let judged = |(_, key): (u32, BillKey)| {
        let judgements = judge(world, &key.components, day);
        Arc::new(with_people(key, judgements, people, day))
    };
    (states, bills.into_iter().map(judged).collect())
}

/// The day of a moment, in UTC as everywhere: on it support ends, and what people said lapses.
pub fn day_of(as_of: jiff::Timestamp) -> jiff::civil::Date {
    as_of.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// What documents say of a bill.
pub(crate) fn judge(
    world: &World,
    components: &[Component],
    day: jiff::civil::Date,
) -> Vec<Judgement> {
    let mut judgements = world.catalogue.judge(components);
    judgements.extend(world.support.judge(components, day));
    judgements
}

/// A bill as documents judge it, and what people have decided over it.
pub(crate) fn with_people(
    key: BillKey,
    mut judgements: Vec<Judgement>,
    people: &People,
    day: jiff::civil::Date,
) -> JudgedBill {
    let BillKey { components, decided, open_since } = key;
    let deferred = people.judge(&components, &decided, &mut judgements, day);
    let deferred = deferred.into_iter().map(|it| Deferred { open_since, ..it }).collect();
    JudgedBill { components, judgements, deferred }
}

pub(crate) fn state(
    asset: Asset,
    claims: &[Claim],
    rules: &Rules,
    (category, needs, reach): (Option<&Category>, Served, Reach),
    bill: u32,
) -> AssetState {
    let words = rules.metrics.vocabulary();
    let setting = words.setting(&asset, claims, category, needs, reach.exposure());
    let gated = is_gated(category) || needs.gated;
    let first_recorded = asset.claims(claims).map(|claim| claim.first_recorded_at).min();
    let first_recorded = first_recorded.unwrap_or_default();
    AssetState {
        asset,
        category: category.map(|category| category.code.clone()),
        zones: reach.zones,
        alike: Alike { bill, gated, setting, first_recorded },
    }
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
        let fed = fed_by(asset, claims);
        if fed.is_empty() {
            continue;
        }
        let needs = Served::by(category_of(asset, claims, people, rules));
        for name in fed {
            let slot = served.entry(name).or_default();
            *slot = slot.join(needs);
        }
    }
    served
}

/// The names of what an asset sends to.
pub(crate) fn fed_by(asset: &Asset, claims: &[Claim]) -> Vec<String> {
    let fed = asset.claims(claims).flat_map(|claim| claim.sheet.all(Attribute::Feeds));
    fed.map(|name| name.trim().to_lowercase()).collect()
}

/// The names under which others send to a gateway or an alarm server; none for what passes nothing on.  What a person
/// decided of it stands as it is.
pub(crate) fn passes_on(
    asset: &Asset,
    claims: &[Claim],
    people: &People,
    rules: &Rules,
) -> Vec<String> {
    let said = |attributes: &'static [Attribute]| {
        let pairs =
            asset.claims(claims).flat_map(move |it| attributes.iter().map(move |of| (it, of)));
        pairs.flat_map(|(claim, attribute)| claim.sheet.all(*attribute))
    };
    if people.category(asset, claims).is_some()
        || !said(&KINDS).any(|text| rules.categories.is_fan_out(text))
    {
        return Vec::new();
    }
    let names = said(&[Attribute::AssetId, Attribute::Name, Attribute::HostName]);
    names.map(|name| name.trim().to_lowercase()).collect()
}

/// What tells of the use of a thing, the most telling first.
static KINDS: [Attribute; 4] =
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
