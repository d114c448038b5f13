//! The spine: claims and world knowledge in, decided exposures out.
//!
//! Judging is done once a distinct bill, deciding once a *cohort*: the assets that
//! nothing in the decision tells apart.  A million assets are some thousands of
//! cohorts; an exposure is a cohort and two indices.
//!
//! Examining (who is there, what is wrong) and deciding (what comes first) are two
//! steps: a new day of scores repeats only the second.

use crate::category::{Categories, Category, UNKNOWN_HARM};
use crate::decide::{Decision, Input, Inputs, Outcome, Policy};
use crate::deferral::{Deferred, Ground};
use crate::identify::{Asset, Demoted, Identified, identify};
use crate::people::People;
use crate::threat::{Threat, Threats};
use crate::world::{Fresh, Sight, World};
use exposome_model::claim::Claim;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Attribute, Component, ComponentKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What people decided once for all: categories, policy, deadlines.
#[derive(Debug)]
pub struct Rules {
    pub categories: Categories,
    pub policy: Policy,
    pub deadlines: crate::deadline::Deadlines,
    /// Beside the policy, for whoever compares.
    pub deployer: crate::deployer::Deployer,
}

/// One cause on one asset, with what is shown of how it came.
#[derive(Debug)]
pub struct Decided {
    pub decision: Decision,
    pub due: Option<jiff::Timestamp>,
    /// What the SSVC deployer tree would come to: one outcome, or those that what is not known leaves open.  None for
    /// what is no vulnerability.
    pub deployer: Vec<String>,
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
    /// Ascending, never empty.
    pub assets: Vec<u32>,
    pub alike: Alike,
}

/// What a decision asks of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Alike {
    /// Index of its bill.
    pub bill: u32,
    /// 1 to 5; an unknown category counts as 4.
    pub harm: u8,
    pub gated: bool,
    /// Somebody outside can reach it; else nobody knows from where it can be reached.
    pub open: bool,
    pub first_recorded: jiff::Timestamp,
}

/// An asset with what the decision needs of it.
#[derive(Debug)]
pub struct AssetState {
    pub asset: Asset,
    /// `TH-C`; `None`: nobody said what it is for.
    pub category: Option<String>,
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

/// The policy's word for what outsiders can reach.
const OPEN: &str = "open";

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
    for asset in assets {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let mut key = BillKey { components: asset.bill(claims), ..BillKey::default() };
        if !are_silent {
            key.decided = people.about(&asset, claims);
            key.open_since = open_since(&asset, claims);
        }
        let bill = *numbers.entry(key).or_insert(next);
        states.push(describe_one(asset, bill, claims, people, rules));
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

/// Since when a source says that somebody outside can reach it.
fn open_since(asset: &Asset, claims: &[Claim]) -> Option<jiff::Timestamp> {
    let says_so = |it: &&Claim| it.sheet.first(Attribute::ReachableBy).is_some();
    asset.claims(claims).filter(says_so).map(|claim| claim.recorded_at).min()
}

fn describe_one(
    asset: Asset,
    bill: u32,
    claims: &[Claim],
    people: &People,
    rules: &Rules,
) -> AssetState {
    let values = |attribute| {
        asset.said(claims, attribute).into_iter().map(|said| said.value).collect::<Vec<_>>()
    };
    let category = category_of(&asset, claims, people, rules);
    let harm = category.map_or(UNKNOWN_HARM, Category::harm);
    let gated = is_gated(category);
    let open = !values(Attribute::ReachableBy).is_empty();
    let category = category.map(|category| category.code.clone());
    let first_recorded =
        asset.claims(claims).map(|claim| claim.first_recorded_at).min().unwrap_or_default();
    AssetState { asset, category, alike: Alike { bill, harm, gated, open, first_recorded } }
}

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
    let kinds = [Attribute::DeviceClass, Attribute::PartRole, Attribute::Name, Attribute::Model];
    rules.categories.judge(kinds.map(|attribute| {
        asset.said(claims, attribute).into_iter().map(|said| said.value).collect()
    }))
}

/// What nobody knows the use of is not touched without a signature either.
pub fn is_gated(category: Option<&Category>) -> bool {
    category.is_none_or(|category| category.gated)
}

impl Assessment {
    /// Decides every exposure; decisions are shared, since few combinations of inputs occur.
    pub fn decide(&mut self, threats: &Threats, sight: Sight, rules: &Rules) {
        let mut facts = Facts { threats, fresh: sight.fresh, rules, known: BTreeMap::new() };
        let ground = Ground { now: self.as_of, threats, sight, policy: &rules.policy };
        let mut decided: BTreeMap<Inputs, u32> = BTreeMap::new();
        let mut causes: Vec<Option<Vec<(u32, Cause)>>> = vec![None; self.bills.len()];
        for (number, cohort) in (0..).zip(&self.cohorts) {
            let place = cohort.alike.bill as usize;
            let (Some(bill), Some(causes)) = (self.bills.get(place), causes.get_mut(place)) else {
                continue;
            };
            for &(judgement, cause) in causes.get_or_insert_with(|| facts.of_bill(bill)).iter() {
                let inputs = with_asset(cause.inputs, cohort.alike);
                let decision = *decided.entry(inputs).or_insert_with(|| {
                    self.decisions.push(rules.policy.decide(&inputs));
                    u32::try_from(self.decisions.len() - 1).unwrap_or(u32::MAX)
                });
                let days = self.decisions.get(decision as usize).and_then(|it| it.clock_days);
                let due = cause.due(cohort.alike, days);
                let mut exposure = Exposure { cohort: number, judgement, decision, due };
                if let Some(deferred) = bill.deferral(judgement)
                    && let Some(by_policy) = self.decisions.get(decision as usize)
                {
                    let (decision, due) = deferred.decide(bill, by_policy.clone(), due, ground);
                    self.decisions.push(decision);
                    exposure.decision = u32::try_from(self.decisions.len() - 1).unwrap_or(u32::MAX);
                    exposure.due = due;
                }
                self.exposures.push(exposure);
            }
        }
    }
}

impl JudgedBill {
    fn deferral(&self, judgement: u32) -> Option<&Deferred> {
        self.deferred.iter().find(|it| it.judgement == judgement)
    }
}

/// What is known of a cause, whatever asset has it.
#[derive(Debug, Clone, Copy)]
struct Cause {
    inputs: Inputs,
    /// When it became urgent.
    evidence_at: jiff::Timestamp,
    /// The directive's days: where nobody knows who can reach the asset, and where it is open.
    directive_days: [Option<u16>; 2],
}

impl Cause {
    /// The clock runs from the evidence, but not from before we knew the asset.
    fn due(&self, alike: Alike, clock_days: Option<u16>) -> Option<jiff::Timestamp> {
        let of_policy = clock_days?;
        let [not_known, open] = self.directive_days;
        let of_directive = if alike.open { open } else { not_known };
        let days = of_directive.map_or(of_policy, |days| days.min(of_policy));
        let start = self.evidence_at.max(alike.first_recorded);
        start.checked_add(jiff::SignedDuration::from_hours(24 * i64::from(days))).ok()
    }
}

/// Decides one cause on one asset, as [`Assessment::decide`] does for all.
pub fn decide_one(
    bill: &JudgedBill,
    judgement: u32,
    alike: Alike,
    (now, threats, sight, rules): (jiff::Timestamp, &Threats, Sight, &Rules),
) -> Option<Decided> {
    let fresh = sight.fresh;
    let facts = Facts { threats, fresh, rules, known: BTreeMap::new() };
    let unheard = Threat::default();
    let cause = bill.judgements.get(judgement as usize)?.vulnerability.as_str();
    let threat = threats.get(cause).unwrap_or(&unheard);
    let is_check = crate::checks::by_id(cause).is_some();
    let cause = facts.of_cause(cause);
    let inputs = with_asset(cause.inputs, alike);
    let mut decision = rules.policy.decide(&inputs);
    let mut due = cause.due(alike, decision.clock_days);
    if let Some(deferred) = bill.deferral(judgement) {
        let ground = Ground { now, threats, sight, policy: &rules.policy };
        (decision, due) = deferred.decide(bill, decision, due, ground);
    }
    let deployer =
        if is_check { Vec::new() } else { rules.deployer.outcomes(threat, &inputs, fresh) };
    Some(Decided { decision, due, deployer: deployer.into_iter().map(str::to_owned).collect() })
}

fn with_asset(inputs: Inputs, alike: Alike) -> Inputs {
    let impact = match alike.harm {
        5.. => "very_high",
        4 => "high",
        3 => "medium",
        _ => "low",
    };
    let inputs = Inputs { gated: alike.gated, ..inputs }.with(Input::Impact, impact);
    if alike.open { inputs.with(Input::Exposure, OPEN) } else { inputs }
}

/// What is known of causes, and how far silence may be believed.
struct Facts<'a> {
    threats: &'a Threats,
    fresh: Fresh,
    rules: &'a Rules,
    /// What was looked up before.
    known: BTreeMap<String, Cause>,
}

impl Facts<'_> {
    /// The causes a bill is exposed to, by the judgements' places.
    fn of_bill(&mut self, bill: &JudgedBill) -> Vec<(u32, Cause)> {
        let mut causes = Vec::new();
        for (place, judgement) in (0..).zip(&bill.judgements) {
            if judgement.verdict == Verdict::NotAffected {
                continue;
            }
            let cause = if let Some(cause) = self.known.get(&judgement.vulnerability) {
                *cause
            } else {
                let cause = self.of_cause(&judgement.vulnerability);
                self.known.insert(judgement.vulnerability.clone(), cause);
                cause
            };
            causes.push((place, cause));
        }
        causes
    }

    fn of_cause(&self, cause: &str) -> Cause {
        let threat = self.threats.get(cause);
        let days = |exposure| self.rules.deadlines.days(threat?, exposure, self.fresh.kev);
        Cause {
            inputs: self.inputs(cause, threat),
            evidence_at: threat.and_then(Threat::evidence_at).unwrap_or_default(),
            directive_days: [days(None), days(Some(OPEN))],
        }
    }

    fn inputs(&self, cause: &str, threat: Option<&Threat>) -> Inputs {
        let inputs = Inputs::unknown();
        if let Some(check) = crate::checks::by_id(cause) {
            let severity = if check.severe { "high" } else { "lower" };
            return inputs
                .with(Input::Active, "no")
                .with(Input::Severity, severity)
                .with(Input::Threat, "quiet");
        }
        let unheard = Threat::default();
        let threat = threat.unwrap_or(&unheard);
        let known = [
            (Input::Active, self.active(threat)),
            (Input::Severity, self.severity(threat)),
            (Input::Threat, self.threat(threat)),
        ];
        known.into_iter().fold(inputs, |inputs, (input, value)| match value {
            Some(value) => inputs.with(input, value),
            None => inputs,
        })
    }

    fn active(&self, threat: &Threat) -> Option<&'static str> {
        if threat.is_active() { Some("yes") } else { self.fresh.kev.then_some("no") }
    }

    fn severity(&self, threat: &Threat) -> Option<&'static str> {
        let base = threat.severity.as_ref()?.base;
        Some(if base.get() >= self.rules.policy.thresholds.severity_high_tenths {
            "high"
        } else {
            "lower"
        })
    }

    fn threat(&self, threat: &Threat) -> Option<&'static str> {
        let policy = &self.rules.policy;
        // A threshold means nothing under another model.
        let edition = self.threats.epss_edition();
        let same_model = edition.is_some_and(|it| it.model_version == policy.epss_model);
        let epss = threat.epss.filter(|_| same_model && self.fresh.epss);
        let is_likely =
            epss.is_some_and(|score| score.probability_e5 >= policy.thresholds.epss_high_e5);
        if threat.has_public_exploit() || is_likely {
            return Some("likely");
        }
        (epss.is_some() && self.fresh.exploits).then_some("quiet")
    }
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
