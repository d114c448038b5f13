//! The spine: claims and world knowledge in, decided exposures out.
//!
//! Judging is done once a distinct bill, deciding once a distinct combination
//! of what the policy asks; an exposure is two indices into those.

use crate::category::{Categories, UNKNOWN_HARM};
use crate::decide::{Decision, Input, Inputs, Outcome, Policy};
use crate::identify::{Asset, Demoted, Identified, identify};
use crate::threat::Threat;
use crate::world::World;
use exposome_model::claim::Claim;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Attribute, Component, ComponentKind};
use std::collections::BTreeMap;

/// What people decided once for all: categories, policy, deadlines.
#[derive(Debug)]
pub struct Rules {
    pub categories: Categories,
    pub policy: Policy,
    pub deadlines: crate::deadline::Deadlines,
}

/// Who is there, what is wrong, what comes first; all at one moment.
#[derive(Debug)]
pub struct Assessment {
    pub as_of: jiff::Timestamp,
    pub assets: Vec<AssetState>,
    /// Distinct bills with what was judged of each.
    pub bills: Vec<JudgedBill>,
    pub decisions: Vec<Decision>,
    /// Ordered by asset, then by place in the asset's bill.
    pub exposures: Vec<Exposure>,
    pub demoted: Vec<Demoted>,
}

/// An asset with what the decision needs of it.
#[derive(Debug)]
pub struct AssetState {
    pub asset: Asset,
    /// Index of its bill.
    pub bill: u32,
    /// `TH-C`; `None`: nobody said what it is for.
    pub category: Option<String>,
    /// 1 to 5; an unknown category counts as 4.
    pub harm: u8,
    pub gated: bool,
    /// The policy's word for from where it can be reached, where that is known.
    pub exposure: Option<&'static str>,
    pub first_recorded: jiff::Timestamp,
}

#[derive(Debug)]
pub struct JudgedBill {
    pub components: Vec<Component>,
    pub judgements: Vec<Judgement>,
}

/// One asset, one place, one cause, decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    pub asset: u32,
    /// Index into the judgements of the asset's bill.
    pub judgement: u32,
    pub decision: u32,
    /// When it should be done; `None` for what is only watched.
    pub due: Option<jiff::Timestamp>,
}

/// Assesses a site.  The same claims, world, rules and moment give the same assessment.
pub fn assess(
    claims: &[Claim],
    world: &World,
    rules: &Rules,
    as_of: jiff::Timestamp,
) -> Assessment {
    let Identified { assets, demoted } = identify(claims);
    let (assets, bills) = describe(assets, claims, world, rules, as_of);
    let mut assessment =
        Assessment { as_of, assets, bills, decisions: Vec::new(), exposures: Vec::new(), demoted };
    decide_all(&mut assessment, world, rules);
    assessment
}

impl Assessment {
    pub fn asset(&self, exposure: &Exposure) -> Option<&AssetState> {
        self.assets.get(exposure.asset as usize)
    }

    pub fn decision(&self, exposure: &Exposure) -> Option<&Decision> {
        self.decisions.get(exposure.decision as usize)
    }

    pub fn judgement(&self, exposure: &Exposure) -> Option<(&JudgedBill, &Judgement)> {
        let bill = self.bills.get(self.asset(exposure)?.bill as usize)?;
        Some((bill, bill.judgements.get(exposure.judgement as usize)?))
    }
}

fn describe(
    assets: Vec<Asset>,
    claims: &[Claim],
    world: &World,
    rules: &Rules,
    as_of: jiff::Timestamp,
) -> (Vec<AssetState>, Vec<JudgedBill>) {
    let mut numbers: BTreeMap<Vec<Component>, u32> = BTreeMap::new();
    let mut states = Vec::with_capacity(assets.len());
    for asset in assets {
        let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let bill = *numbers.entry(asset.bill(claims)).or_insert(next);
        states.push(describe_one(asset, bill, claims, rules));
    }
    let mut bills: Vec<(u32, Vec<Component>)> =
        numbers.into_iter().map(|(bill, number)| (number, bill)).collect();
    bills.sort_by_key(|(number, _)| *number);
    let day = as_of.to_zoned(jiff::tz::TimeZone::UTC).date();
    let judged = |(_, components): (u32, Vec<Component>)| {
        let mut judgements = world.catalogue.judge(&components);
        judgements.extend(world.support.judge(&components, day));
        JudgedBill { components, judgements }
    };
    (states, bills.into_iter().map(judged).collect())
}

fn describe_one(asset: Asset, bill: u32, claims: &[Claim], rules: &Rules) -> AssetState {
    let values = |attribute| {
        asset.said(claims, attribute).into_iter().map(|said| said.value).collect::<Vec<_>>()
    };
    let kinds = [Attribute::DeviceClass, Attribute::PartRole, Attribute::Name, Attribute::Model]
        .map(values);
    let category = rules.categories.judge(kinds);
    let harm = category.map_or(UNKNOWN_HARM, crate::category::Category::harm);
    let gated = category.is_none_or(|category| category.gated);
    let exposure = (!values(Attribute::ReachableBy).is_empty()).then_some("open");
    let category = category.map(|category| category.code.clone());
    let first_recorded =
        asset.claims(claims).map(|claim| claim.recorded_at).min().unwrap_or_default();
    AssetState { asset, bill, category, harm, gated, exposure, first_recorded }
}

/// Decides every exposure; decisions are shared, since few combinations of inputs occur.
fn decide_all(assessment: &mut Assessment, world: &World, rules: &Rules) {
    let facts = WorldFacts::at(world, &rules.policy, assessment.as_of);
    let mut decided: BTreeMap<Inputs, u32> = BTreeMap::new();
    let mut inputs_of: BTreeMap<&str, Inputs> = BTreeMap::new();
    for (number, state) in (0..).zip(&assessment.assets) {
        let Some(bill) = assessment.bills.get(state.bill as usize) else { continue };
        for (place, judgement) in (0..).zip(&bill.judgements) {
            if judgement.verdict == Verdict::NotAffected {
                continue;
            }
            let of_cause = inputs_of
                .entry(&judgement.vulnerability)
                .or_insert_with(|| facts.of_cause(&judgement.vulnerability));
            let inputs = with_asset(*of_cause, state);
            let decision = *decided.entry(inputs).or_insert_with(|| {
                assessment.decisions.push(rules.policy.decide(&inputs));
                u32::try_from(assessment.decisions.len() - 1).unwrap_or(u32::MAX)
            });
            let threat = world.threats.get(&judgement.vulnerability);
            let clock_days = assessment
                .decisions
                .get(decision as usize)
                .and_then(|decision| decision.clock_days);
            let due = due(threat, state, clock_days, &rules.deadlines);
            assessment.exposures.push(Exposure { asset: number, judgement: place, decision, due });
        }
    }
}

/// The clock runs from the evidence, but not from before we knew the asset.
fn due(
    threat: Option<&Threat>,
    state: &AssetState,
    clock_days: Option<u16>,
    deadlines: &crate::deadline::Deadlines,
) -> Option<jiff::Timestamp> {
    let of_policy = clock_days?;
    let of_directive = threat.and_then(|threat| deadlines.days(threat, state.exposure));
    let days = of_directive.map_or(of_policy, |days| days.min(of_policy));
    let evidence = threat.and_then(Threat::evidence_at).unwrap_or_default();
    let start = evidence.max(state.first_recorded);
    start.checked_add(jiff::SignedDuration::from_hours(24 * i64::from(days))).ok()
}

fn with_asset(inputs: Inputs, state: &AssetState) -> Inputs {
    let impact = match state.harm {
        5.. => "very_high",
        4 => "high",
        3 => "medium",
        _ => "low",
    };
    let inputs = Inputs { gated: state.gated, ..inputs }.with(Input::Impact, impact);
    match state.exposure {
        Some(exposure) => inputs.with(Input::Exposure, exposure),
        None => inputs,
    }
}

/// How fresh the feeds are, so that "nothing found" can be told from "nobody looked".
struct WorldFacts<'a> {
    world: &'a World,
    policy: &'a Policy,
    kev_fresh: bool,
    epss_fresh: bool,
    exploits_fresh: bool,
}

impl<'a> WorldFacts<'a> {
    fn at(world: &'a World, policy: &'a Policy, as_of: jiff::Timestamp) -> WorldFacts<'a> {
        let limits = policy.thresholds;
        // A threshold means nothing under another model.
        let same_model = world
            .threats
            .epss_edition()
            .is_some_and(|edition| edition.model_version == policy.epss_model);
        WorldFacts {
            world,
            policy,
            kev_fresh: world.is_fresh("kev", limits.kev_fresh_days, as_of),
            epss_fresh: same_model && world.is_fresh("epss", limits.epss_fresh_days, as_of),
            exploits_fresh: world.is_fresh("metasploit", limits.exploit_fresh_days, as_of),
        }
    }

    fn of_cause(&self, cause: &str) -> Inputs {
        let inputs = Inputs::unknown();
        if let Some(check) = crate::checks::by_id(cause) {
            let severity = if check.severe { "high" } else { "lower" };
            return inputs
                .with(Input::Active, "no")
                .with(Input::Severity, severity)
                .with(Input::Threat, "quiet");
        }
        let unheard = Threat::default();
        let threat = self.world.threats.get(cause).unwrap_or(&unheard);
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
        if threat.is_active() { Some("yes") } else { self.kev_fresh.then_some("no") }
    }

    fn severity(&self, threat: &Threat) -> Option<&'static str> {
        let score = threat.severity.as_ref()?.score;
        Some(if score.get() >= self.policy.thresholds.severity_high_tenths {
            "high"
        } else {
            "lower"
        })
    }

    fn threat(&self, threat: &Threat) -> Option<&'static str> {
        let epss = threat.epss.filter(|_| self.epss_fresh);
        let is_likely =
            epss.is_some_and(|score| score.probability_e5 >= self.policy.thresholds.epss_high_e5);
        if threat.has_public_exploit() || is_likely {
            return Some("likely");
        }
        (epss.is_some() && self.exploits_fresh).then_some("quiet")
    }
}

/// How many exposures have each outcome.
pub fn count_by_outcome(assessment: &Assessment) -> BTreeMap<Outcome, usize> {
    let mut counts = BTreeMap::new();
    for exposure in &assessment.exposures {
        if let Some(decision) = assessment.decision(exposure) {
            *counts.entry(decision.outcome).or_default() += 1;
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
