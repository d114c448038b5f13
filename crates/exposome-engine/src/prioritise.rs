//! What comes first: every cause on every asset, decided by the policy and dated by the clocks.
//!
//! Few vectors, few kinds of cause and few places occur, so that each combination is decided once.

use crate::assess::{Alike, Assessment, Exposure, JudgedBill, Rules};
use crate::decide::{Decision, Input, Inputs, Outcome};
use crate::deferral::{Deferred, Ground};
use crate::metrics::{Flawed, Scored, Severity, exploit_maturity};
use crate::setting::{OPEN, Setting};
use crate::threat::{Threat, Threats};
use crate::world::{Fresh, Sight};
use exposome_model::exposure::Verdict;
use exposome_score::Cvss;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// One cause on one asset, with what is shown of how it came.
#[derive(Debug)]
pub struct Decided {
    pub decision: Decision,
    /// What the policy saw.
    pub inputs: Inputs,
    pub due: Option<Timestamp>,
    /// The days of CISA's directive (BOD 26-04), where it gives fewer than the policy and the day follows it.
    pub directive_days: Option<u16>,
    /// What the SSVC deployer tree would come to: one outcome, or those that what is not known leaves open.  None for
    /// what is no vulnerability.
    pub deployer: Vec<String>,
    /// How severe it is there; `None`: no source gives a vector.
    pub scored: Option<Scored>,
}

impl Assessment {
    /// Decides every exposure; decisions are shared, since few combinations of inputs occur.
    pub fn decide(&mut self, threats: &Threats, sight: Sight, rules: &Rules) {
        let mut facts = Facts::of(threats, sight.fresh, rules);
        let ground = Ground { now: self.as_of, threats, sight, policy: &rules.policy };
        let mut known: HashMap<&str, Cause> = HashMap::new();
        let mut causes: Vec<Option<Vec<(u32, Cause)>>> = vec![None; self.bills.len()];
        for (number, cohort) in (0..).zip(&self.cohorts) {
            let place = cohort.alike.bill as usize;
            let (Some(bill), Some(causes)) = (self.bills.get(place), causes.get_mut(place)) else {
                continue;
            };
            let causes = causes.get_or_insert_with(|| facts.of_bill(bill, &mut known));
            let place = facts.place_of(cohort.alike.gated, cohort.alike.setting);
            for &(judgement, cause) in causes.iter() {
                let deferred = bill.deferral(judgement).map(|it| (&**bill, it, ground));
                let first_recorded = cohort.alike.first_recorded;
                let (decision, due) = facts.decide(cause, place, first_recorded, deferred);
                self.exposures.push(Exposure { cohort: number, judgement, decision, due });
            }
        }
        self.decisions = facts.decisions;
    }
}

impl JudgedBill {
    pub(crate) fn deferral(&self, judgement: u32) -> Option<&Deferred> {
        self.deferred.iter().find(|it| it.judgement == judgement)
    }
}

/// The directive's days: where nobody knows who can reach the asset, and where it is open.
type DirectiveDays = [Option<u16>; 2];

/// What is known of a cause, whatever asset has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause {
    /// Index of what the policy asks of it.
    kind: u32,
    /// When it became urgent.  The clock runs from here, but not from before we knew the asset.
    evidence_at: Timestamp,
    directive_days: DirectiveDays,
}

/// All that the policy asks of a cause; causes of one kind are decided alike in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    /// All but what hangs on the asset.
    inputs: Inputs,
    /// Which of the published vectors is its own; the severity is known, or nobody gives one, where there is none.
    vector: Option<u32>,
}

/// What the policy comes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByPolicy {
    /// Index among the decisions.
    pub(crate) decision: u32,
    pub(crate) outcome: Outcome,
    clock_days: Option<u16>,
}

/// What a decision asks of an asset beside its bill.
#[derive(Debug)]
struct Place {
    gated: bool,
    setting: Setting,
    is_open: bool,
    /// What each vector comes to there, as far as anybody asked.
    severities: Vec<Option<Severity>>,
    /// What each kind of cause comes to there, as far as anybody asked.
    decided: Vec<Option<ByPolicy>>,
}

/// Decides one cause on one asset, as [`Assessment::decide`] does for all.
pub fn decide_one(
    bill: &JudgedBill,
    judgement: u32,
    alike: Alike,
    (now, threats, sight, rules): (Timestamp, &Threats, Sight, &Rules),
) -> Option<Decided> {
    let fresh = sight.fresh;
    let mut facts = Facts::of(threats, fresh, rules);
    let unheard = Threat::default();
    let id = bill.judgements.get(judgement as usize)?.vulnerability.as_str();
    let threat = threats.get(id).unwrap_or(&unheard);
    let is_check = crate::checks::by_id(id).is_some();
    let cause = facts.of_cause(id, threats.get(id));
    let place = facts.place_of(alike.gated, alike.setting);
    let inputs = facts.inputs_at(cause.kind, place)?;
    let ground = Ground { now, threats, sight, policy: &rules.policy };
    let deferred = bill.deferral(judgement).map(|it| (bill, it, ground));
    let is_deferred = deferred.is_some();
    let (decision, due) = facts.decide(cause, place, alike.first_recorded, deferred);
    let decision = facts.decisions.get(decision as usize)?.clone();
    let (_, days) = facts.by_policy(cause, place);
    let directive_days = days.filter(|_| !is_deferred && days != decision.clock_days);
    let deployer =
        if is_check { Vec::new() } else { rules.deployer.outcomes(threat, &inputs, fresh) };
    let deployer = deployer.into_iter().map(str::to_owned).collect();
    let scored = threat.severity.as_ref().filter(|_| !is_check).map(|severity| {
        let exploited = exploit_maturity(threat, fresh);
        rules.metrics.scored(&Flawed::of(severity.cvss), &alike.setting, exploited)
    });
    Some(Decided { decision, inputs, due, directive_days, deployer, scored })
}

fn with_asset(inputs: Inputs, place: &Place, severity: Option<Severity>) -> Inputs {
    let impact = match place.setting.harm() {
        5.. => "very_high",
        4 => "high",
        3 => "medium",
        _ => "low",
    };
    let inputs = Inputs { gated: place.gated, ..inputs }
        .with(Input::Impact, impact)
        .with_values(Input::Exposure, place.setting.exposure);
    match severity {
        Some((values, severity_facts)) => {
            Inputs { severity_facts, ..inputs }.with_values(Input::Severity, values)
        }
        None => inputs,
    }
}

/// What is known of causes, and how far silence may be believed.
pub(crate) struct Facts<'a> {
    threats: &'a Threats,
    fresh: Fresh,
    rules: &'a Rules,
    /// The directive's days, by what it asks of a threat.
    days: HashMap<(bool, Option<bool>, Option<bool>), DirectiveDays>,
    vectors: HashMap<Cvss, u32>,
    /// The vectors by their numbers.
    flaws: Vec<Flawed>,
    kinds: Vec<Kind>,
    kind_numbers: HashMap<Kind, u32>,
    places: Vec<Place>,
    place_numbers: HashMap<(bool, Setting), u32>,
    decided: HashMap<Inputs, ByPolicy>,
    /// What was decided so far; few combinations of inputs occur.
    pub(crate) decisions: Vec<Decision>,
}

impl<'a> Facts<'a> {
    pub(crate) fn of(threats: &'a Threats, fresh: Fresh, rules: &'a Rules) -> Facts<'a> {
        Facts {
            threats,
            fresh,
            rules,
            days: HashMap::new(),
            vectors: HashMap::new(),
            flaws: Vec::new(),
            kinds: Vec::new(),
            kind_numbers: HashMap::new(),
            places: Vec::new(),
            place_numbers: HashMap::new(),
            decided: HashMap::new(),
            decisions: Vec::new(),
        }
    }

    pub(crate) fn place_of(&mut self, gated: bool, setting: Setting) -> u32 {
        let next = number(self.places.len());
        *self.place_numbers.entry((gated, setting)).or_insert_with(|| {
            let (severities, decided) = (Vec::new(), Vec::new());
            let is_open = setting.is_open();
            self.places.push(Place { gated, setting, is_open, severities, decided });
            next
        })
    }

    /// What comes of a cause on an asset, by the decision's index, and when it should be done.
    pub(crate) fn decide(
        &mut self,
        cause: Cause,
        place: u32,
        first_recorded: Timestamp,
        deferred: Option<(&JudgedBill, &Deferred, Ground<'_>)>,
    ) -> (u32, Option<Timestamp>) {
        let (by_policy, days) = self.by_policy(cause, place);
        let decision = by_policy.decision;
        let days = days.map(|days| SignedDuration::from_hours(24 * i64::from(days)));
        let start = cause.evidence_at.max(first_recorded);
        let due = days.and_then(|days| start.checked_add(days).ok());
        let Some((bill, deferred, ground)) = deferred else { return (decision, due) };
        let Some(by_policy) = self.decisions.get(decision as usize) else { return (decision, due) };
        let (decision, due) = deferred.decide(bill, by_policy.clone(), due, ground);
        self.decisions.push(decision);
        (number(self.decisions.len() - 1), due)
    }

    /// What the policy comes to for a cause in a place, and the days there are: its own or the directive's, whichever is
    /// sooner.
    pub(crate) fn by_policy(&mut self, cause: Cause, place: u32) -> (ByPolicy, Option<u16>) {
        let at = self.places.get(place as usize);
        let [not_known, open] = cause.directive_days;
        let of_directive = if at.is_some_and(|at| at.is_open) { open } else { not_known };
        let known = at.and_then(|at| at.decided.get(cause.kind as usize).copied().flatten());
        let by_policy = known.unwrap_or_else(|| self.ask_policy(cause.kind, place));
        let of_policy = by_policy.clock_days;
        (by_policy, of_policy.map(|days| of_directive.map_or(days, |it| it.min(days))))
    }

    #[cold]
    fn ask_policy(&mut self, kind: u32, place: u32) -> ByPolicy {
        let inputs = self.inputs_at(kind, place).unwrap_or_else(Inputs::unknown);
        let by_policy = *self.decided.entry(inputs).or_insert_with(|| {
            let decision = self.rules.policy.decide(&inputs);
            let (outcome, clock_days) = (decision.outcome, decision.clock_days);
            self.decisions.push(decision);
            ByPolicy { decision: number(self.decisions.len() - 1), outcome, clock_days }
        });
        if let Some(place) = self.places.get_mut(place as usize) {
            if place.decided.len() <= kind as usize {
                place.decided.resize(self.kinds.len(), None);
            }
            if let Some(slot) = place.decided.get_mut(kind as usize) {
                *slot = Some(by_policy);
            }
        }
        by_policy
    }

    /// What the policy sees of a kind of cause in a place.
    fn inputs_at(&mut self, kind: u32, place: u32) -> Option<Inputs> {
        let Kind { inputs, vector } = *self.kinds.get(kind as usize)?;
        let place = self.places.get_mut(place as usize)?;
        let severity = vector.and_then(|vector| {
            if place.severities.len() <= vector as usize {
                place.severities.resize(self.flaws.len(), None);
            }
            let slot = place.severities.get_mut(vector as usize)?;
            if slot.is_none() {
                let threshold = self.rules.policy.thresholds.severity_high;
                let flaw = self.flaws.get(vector as usize)?;
                *slot = Some(self.rules.metrics.severity(flaw, &place.setting, threshold));
            }
            *slot
        });
        Some(with_asset(inputs, place, severity))
    }

    /// The causes a bill is exposed to, by the judgements' places; `known` is what was looked up before.
    fn of_bill<'b>(
        &mut self,
        bill: &'b JudgedBill,
        known: &mut HashMap<&'b str, Cause>,
    ) -> Vec<(u32, Cause)> {
        let exposing =
            (0..).zip(&bill.judgements).filter(|(_, it)| it.verdict != Verdict::NotAffected);
        let causes = exposing.map(|(place, judgement)| {
            let id = judgement.vulnerability.as_str();
            (place, *known.entry(id).or_insert_with(|| self.of_cause(id, self.threats.get(id))))
        });
        causes.collect()
    }

    pub(crate) fn of_cause(&mut self, cause: &str, threat: Option<&Threat>) -> Cause {
        let severity = threat.and_then(|threat| threat.severity.as_ref());
        let severity = severity.filter(|_| crate::checks::by_id(cause).is_none());
        let vector = severity.map(|severity| {
            *self.vectors.entry(severity.cvss).or_insert_with(|| {
                self.flaws.push(Flawed::of(severity.cvss));
                u32::try_from(self.flaws.len() - 1).unwrap_or(u32::MAX)
            })
        });
        let directive_days = threat.map_or([None; 2], |threat| self.directive_days(threat));
        let kind = Kind { inputs: self.inputs(cause, threat), vector };
        let next = number(self.kinds.len());
        let kind = *self.kind_numbers.entry(kind).or_insert_with(|| {
            self.kinds.push(kind);
            next
        });
        let evidence_at = threat.and_then(Threat::evidence_at).unwrap_or_default();
        Cause { kind, evidence_at, directive_days }
    }

    fn directive_days(&mut self, threat: &Threat) -> DirectiveDays {
        let asked = (threat.kev.is_some(), threat.automatable, threat.technical_impact_total);
        let days = |exposure| self.rules.deadlines.days(threat, exposure, self.fresh.kev);
        *self.days.entry(asked).or_insert_with(|| [days(None), days(Some(OPEN))])
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

impl Cause {
    /// The second in which it became urgent.
    pub(crate) fn evidence_second(&self) -> i64 {
        self.evidence_at.as_second()
    }
}

/// An index as it is kept; what has four thousand million rows is not ours.
pub(crate) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
