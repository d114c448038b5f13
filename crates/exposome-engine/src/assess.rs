//! The spine: claims and world knowledge in, decided exposures out.
//!
//! Judging is done once a distinct bill, deciding once a *cohort*: the assets that
//! nothing in the decision tells apart.  A million assets are some thousands of
//! cohorts; an exposure is a cohort and two indices.
//!
//! Examining (who is there, what is wrong) and deciding (what comes first) are two
//! steps: a new day of scores repeats only the second.

use crate::category::{Categories, Category};
use crate::decide::{Decision, Input, Inputs, Outcome, Policy};
use crate::deferral::{Deferred, Ground};
use crate::identify::{Asset, Demoted, Identified, identify};
use crate::metrics::{Flawed, Metrics, Scored, Severity, exploit_maturity};
use crate::people::People;
use crate::setting::{OPEN, Reach, Served, Setting, Zones};
use crate::threat::{Threat, Threats};
use crate::world::{Fresh, Sight, World};
use exposome_model::claim::Claim;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Attribute, Component, ComponentKind};
use exposome_score::Cvss;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

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

/// One cause on one asset, with what is shown of how it came.
#[derive(Debug)]
pub struct Decided {
    pub decision: Decision,
    pub due: Option<jiff::Timestamp>,
    /// What the SSVC deployer tree would come to: one outcome, or those that what is not known leaves open.  None for
    /// what is no vulnerability.
    pub deployer: Vec<String>,
    /// How severe it is there; `None`: no source gives a vector.
    pub scored: Option<Scored>,
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

impl Assessment {
    /// Decides every exposure; decisions are shared, since few combinations of inputs occur.
    pub fn decide(&mut self, threats: &Threats, sight: Sight, rules: &Rules) {
        let mut facts = Facts::of(threats, sight.fresh, rules);
        let ground = Ground { now: self.as_of, threats, sight, policy: &rules.policy };
        let mut decided: BTreeMap<Inputs, u32> = BTreeMap::new();
        let mut causes: Vec<Option<Vec<(u32, Cause)>>> = vec![None; self.bills.len()];
        for (number, cohort) in (0..).zip(&self.cohorts) {
            let place = cohort.alike.bill as usize;
            let (Some(bill), Some(causes)) = (self.bills.get(place), causes.get_mut(place)) else {
                continue;
            };
            let causes = causes.get_or_insert_with(|| facts.of_bill(bill));
            let setting = facts.place_of(cohort.alike.setting);
            for &(judgement, cause) in causes.iter() {
                let severity = facts.severity(cause, setting);
                let inputs = with_asset(cause.inputs, cohort.alike, severity);
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
    /// All but what hangs on the asset.
    inputs: Inputs,
    /// Which of the published vectors is its own; the severity is known, or nobody gives one, where there is none.
    vector: Option<u32>,
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
        let of_directive = if alike.setting.is_open() { open } else { not_known };
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
    let mut facts = Facts::of(threats, fresh, rules);
    let unheard = Threat::default();
    let cause = bill.judgements.get(judgement as usize)?.vulnerability.as_str();
    let threat = threats.get(cause).unwrap_or(&unheard);
    let is_check = crate::checks::by_id(cause).is_some();
    let cause = facts.of_cause(cause);
    let setting = facts.place_of(alike.setting);
    let inputs = with_asset(cause.inputs, alike, facts.severity(cause, setting));
    let mut decision = rules.policy.decide(&inputs);
    let mut due = cause.due(alike, decision.clock_days);
    if let Some(deferred) = bill.deferral(judgement) {
        let ground = Ground { now, threats, sight, policy: &rules.policy };
        (decision, due) = deferred.decide(bill, decision, due, ground);
    }
    let deployer =
        if is_check { Vec::new() } else { rules.deployer.outcomes(threat, &inputs, fresh) };
    let deployer = deployer.into_iter().map(str::to_owned).collect();
    let scored = threat.severity.as_ref().filter(|_| !is_check).map(|severity| {
        let exploited = exploit_maturity(threat, fresh);
        rules.metrics.scored(&Flawed::of(severity.cvss), &alike.setting, exploited)
    });
    Some(Decided { decision, due, deployer, scored })
}

fn with_asset(inputs: Inputs, alike: Alike, severity: Option<Severity>) -> Inputs {
    let impact = match alike.setting.harm() {
        5.. => "very_high",
        4 => "high",
        3 => "medium",
        _ => "low",
    };
    let inputs = Inputs { gated: alike.gated, ..inputs }
        .with(Input::Impact, impact)
        .with_values(Input::Exposure, alike.setting.exposure);
    match severity {
        Some((values, severity_facts)) => {
            Inputs { severity_facts, ..inputs }.with_values(Input::Severity, values)
        }
        None => inputs,
    }
}

/// What is known of causes, and how far silence may be believed.
struct Facts<'a> {
    threats: &'a Threats,
    fresh: Fresh,
    rules: &'a Rules,
    /// What was looked up before.
    known: BTreeMap<String, Cause>,
    vectors: HashMap<Cvss, u32>,
    /// The vectors by their numbers.
    flaws: Vec<Flawed>,
    places: HashMap<Setting, usize>,
    /// A place for each setting; in it what each vector comes to there, as far as anybody asked.
    severities: Vec<(Setting, Vec<Option<Severity>>)>,
}

impl<'a> Facts<'a> {
    fn of(threats: &'a Threats, fresh: Fresh, rules: &'a Rules) -> Facts<'a> {
        Facts {
            threats,
            fresh,
            rules,
            known: BTreeMap::new(),
            vectors: HashMap::new(),
            flaws: Vec::new(),
            places: HashMap::new(),
            severities: Vec::new(),
        }
    }

    fn place_of(&mut self, setting: Setting) -> usize {
        *self.places.entry(setting).or_insert_with(|| {
            self.severities.push((setting, Vec::new()));
            self.severities.len() - 1
        })
    }

    /// How severe a cause is in a place; `None` where no vector says.
    fn severity(&mut self, cause: Cause, place: usize) -> Option<Severity> {
        let number = cause.vector?;
        let (setting, known) = self.severities.get_mut(place)?;
        let at = number as usize;
        if known.len() <= at {
            known.resize(self.flaws.len(), None);
        }
        let slot = known.get_mut(at)?;
        if slot.is_none() {
            let threshold = self.rules.policy.thresholds.severity_high;
            *slot = Some(self.rules.metrics.severity(self.flaws.get(at)?, setting, threshold));
        }
        *slot
    }

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

    fn of_cause(&mut self, cause: &str) -> Cause {
        let threat = self.threats.get(cause);
        let severity = threat.and_then(|threat| threat.severity.as_ref());
        let severity = severity.filter(|_| crate::checks::by_id(cause).is_none());
        let vector = severity.map(|severity| {
            *self.vectors.entry(severity.cvss).or_insert_with(|| {
                self.flaws.push(Flawed::of(severity.cvss));
                u32::try_from(self.flaws.len() - 1).unwrap_or(u32::MAX)
            })
        });
        let days = |exposure| self.rules.deadlines.days(threat?, exposure, self.fresh.kev);
        Cause {
            inputs: self.inputs(cause, threat),
            vector,
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
        let known = [(Input::Active, self.active(threat)), (Input::Threat, self.threat(threat))];
        known.into_iter().fold(inputs, |inputs, (input, value)| match value {
            Some(value) => inputs.with(input, value),
            None => inputs,
        })
    }

    fn active(&self, threat: &Threat) -> Option<&'static str> {
        if threat.is_active() { Some("yes") } else { self.fresh.kev.then_some("no") }
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
