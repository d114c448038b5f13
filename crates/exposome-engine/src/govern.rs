//! The one door: whatever a person wants to change is a command, and what comes of it is events or a refusal.
//!
//! Pure: the same state, command, actor and moment give the same answer.  What touches a
//! gated device is not made but proposed, and holds once a second person has confirmed it; a
//! deferral there needs a clinical engineer among the two, and so does a policy, which decides for
//! every device.  Taking a deferral back only
//! returns work to the list, and one person may do it.

use crate::assess::{Assessment, AssetState, Exposure, Rules};
use crate::decide::{Outcome, Policy};
use crate::people::{People, covers, names, speaks_of, target};
use crate::threat::Threats;
use crate::worklist::judged;
use exposome_model::claim::Claim;
use exposome_model::event::{Actor, Anchor, Change, Event, Role, Scope, Seen, Target};
use exposome_model::exposure::Judgement;
use exposome_model::inventory::Component;
use jiff::Timestamp;
use jiff::civil::Date;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Make { change: Change, reason: String },
    Confirm { proposal: u64 },
    Decline { proposal: u64, reason: String },
}

/// A site as it stands when the command comes.
#[derive(Debug, Clone, Copy)]
pub struct State<'a> {
    pub claims: &'a [Claim],
    pub people: &'a People,
    pub assessment: &'a Assessment,
    pub threats: &'a Threats,
    pub rules: &'a Rules,
}

/// Why nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("who decides is not said: a decision bears a name")]
    NoName,
    #[error("no reason is given: whoever reads this in a year needs one")]
    NoReason,
    #[error("no asset is known by {0}")]
    NoSuchAsset(Anchor),
    #[error("these are one asset already")]
    OneAlready,
    #[error("nothing else speaks of this asset: there is nothing to split it from")]
    NothingToSplitFrom,
    #[error("there is no category {category:?}; there are {known}")]
    NoSuchCategory { category: String, known: String },
    #[error(
        "nothing that is known of has it: check the scope, the component's name and the vulnerability {vulnerability:?}"
    )]
    NothingInScope { vulnerability: String },
    #[error("{day} is over: name a day to come")]
    DayOver { day: Date },
    #[error("it cannot wait: {because}")]
    CannotWait { because: String },
    #[error("no decision {number} holds")]
    NoSuchDecision { number: u64 },
    #[error("no proposal {proposal} waits")]
    NoSuchProposal { proposal: u64 },
    #[error("{name} proposed it: a second person confirms")]
    SamePerson { name: String },
    #[error(
        "what makes a gated device wait, a deferral or a policy, needs a clinical engineer among the two"
    )]
    NoClinicalEngineer,
    #[error("it is no policy: {why}")]
    NoPolicy { why: String },
    #[error("this very policy is in force")]
    InForceAlready,
}

/// Answers a command.
pub fn govern(
    state: State<'_>,
    command: Command,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    if actor.name.trim().is_empty() {
        return Err(Refusal::NoName);
    }
    let event = match command {
        Command::Make { change, reason } => {
            state.check(&change, now)?;
            let change = state.with_what_is_seen(change);
            let reason = given(reason)?;
            if state.needs_two(&change) {
                Event::Proposed { change, reason }
            } else {
                Event::Made { change, reason }
            }
        }
        Command::Confirm { proposal } => {
            let waiting = state.people.proposals.get(&proposal);
            let waiting = waiting.ok_or(Refusal::NoSuchProposal { proposal })?;
            if is_same_person(&waiting.by.name, &actor.name) {
                return Err(Refusal::SamePerson { name: waiting.by.name.clone() });
            }
            state.check(&waiting.change, now)?;
            let lets_wait = match waiting.change {
                Change::Defer { .. } => state.needs_two(&waiting.change),
                Change::Policy { .. } => state.has_gated(),
                // The policy before comes back, and it may let something wait.
                Change::TakeBack { number } => {
                    let taken = state.people.words.get(&number).map(|word| &word.change);
                    matches!(taken, Some(Change::Policy { .. })) && state.has_gated()
                }
                _ => false,
            };
            let roles = [waiting.by.role, actor.role];
            if lets_wait && !roles.contains(&Role::ClinicalEngineer) {
                return Err(Refusal::NoClinicalEngineer);
            }
            Event::Confirmed { proposal }
        }
        Command::Decline { proposal, reason } => {
            if !state.people.proposals.contains_key(&proposal) {
                return Err(Refusal::NoSuchProposal { proposal });
            }
            Event::Declined { proposal, reason: given(reason)? }
        }
    };
    Ok(vec![event])
}

fn given(reason: String) -> Result<String, Refusal> {
    if reason.trim().is_empty() { Err(Refusal::NoReason) } else { Ok(reason) }
}

/// The same name in other letters or with other blanks is no second person.
fn is_same_person(one: &str, other: &str) -> bool {
    let folded = |name: &str| -> String {
        name.chars().filter(|it| !it.is_whitespace()).flat_map(char::to_lowercase).collect()
    };
    folded(one) == folded(other)
}

impl<'a> State<'a> {
    /// Whether the change makes sense as things stand.
    fn check(self, change: &Change, now: Timestamp) -> Result<(), Refusal> {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let to_come = |day: Date| if day < today { Err(Refusal::DayOver { day }) } else { Ok(()) };
        match change {
            Change::Merge { one, other } => {
                let (one, other) = (self.asset(one)?, self.asset(other)?);
                if one.asset.id == other.asset.id { Err(Refusal::OneAlready) } else { Ok(()) }
            }
            Change::Split { claim, from } => {
                let asset = &self.asset(claim)?.asset;
                let is_there =
                    |other: &Anchor| other != claim && speaks_of(other, asset, self.claims);
                if from.iter().any(is_there) { Ok(()) } else { Err(Refusal::NothingToSplitFrom) }
            }
            Change::Category { asset, category } => {
                self.asset(asset)?;
                let categories = &self.rules.categories;
                if categories.by_code(category).is_some() {
                    return Ok(());
                }
                let known: Vec<&str> = categories.all().iter().map(|it| it.code.as_str()).collect();
                let (category, known) = (category.clone(), known.join(", "));
                Err(Refusal::NoSuchCategory { category, known })
            }
            Change::Verdict { on, until, .. } => {
                self.some_in_scope(on)?;
                until.map_or(Ok(()), to_come)
            }
            Change::Defer { on, wires, .. } => {
                self.some_in_scope(on)?;
                to_come(wires.review)?;
                if wires.review == today {
                    return Err(Refusal::DayOver { day: today });
                }
                self.can_wait(on)
            }
            Change::Policy { text } => self.check_policy(text),
            Change::TakeBack { number } => {
                let holds = self.people.words.contains_key(number);
                if holds { Ok(()) } else { Err(Refusal::NoSuchDecision { number: *number }) }
            }
        }
    }

    /// It decides every case, and is another one.
    fn check_policy(self, text: &str) -> Result<(), Refusal> {
        let candidate = Policy::parse(text).map_err(|error| {
            let cause = std::error::Error::source(&error).map(|it| format!(": {it}"));
            Refusal::NoPolicy { why: format!("{error}{}", cause.unwrap_or_default()) }
        })?;
        let is_same = candidate == self.rules.policy;
        if is_same { Err(Refusal::InForceAlready) } else { Ok(()) }
    }

    fn has_gated(self) -> bool {
        self.assessment.assets.iter().any(|it| it.alike.gated)
    }

    fn asset(self, anchor: &Anchor) -> Result<&'a AssetState, Refusal> {
        let mut assets = self.assessment.assets.iter();
        let found = assets.find(|it| speaks_of(anchor, &it.asset, self.claims));
        found.ok_or_else(|| Refusal::NoSuchAsset(anchor.clone()))
    }

    fn some_in_scope(self, target: &Target) -> Result<(), Refusal> {
        if let Scope::Asset(anchor) = &target.scope {
            self.asset(anchor)?;
        }
        if self.in_scope(target).is_empty() {
            let vulnerability = target.vulnerability.clone();
            return Err(Refusal::NothingInScope { vulnerability });
        }
        Ok(())
    }

    /// The assets a target is about, ascending.
    fn in_scope(self, target: &Target) -> Vec<u32> {
        let is_about = |component: &Component| {
            names(target, component)
                && (matches!(target.scope, Scope::Asset(_)) || covers(&target.scope, component))
        };
        let mut bills = Vec::with_capacity(self.assessment.bills.len());
        for bill in &self.assessment.bills {
            // Of a whole site only what somebody says has it.
            let is_judged = |judgement: &Judgement| {
                judgement.vulnerability.eq_ignore_ascii_case(&target.vulnerability)
            };
            let is_heard = target.scope != Scope::Site || bill.judgements.iter().any(is_judged);
            bills.push(is_heard && bill.components.iter().any(is_about));
        }
        let mut in_scope = Vec::new();
        for (number, state) in (0..).zip(&self.assessment.assets) {
            let is_meant = match &target.scope {
                Scope::Asset(anchor) => speaks_of(anchor, &state.asset, self.claims),
                Scope::Product { .. } | Scope::Site => true,
            };
            if is_meant && bills.get(state.alike.bill as usize) == Some(&true) {
                in_scope.push(number);
            }
        }
        in_scope
    }

    fn states(self, numbers: Vec<u32>) -> impl Iterator<Item = &'a AssetState> {
        numbers.into_iter().filter_map(move |it| self.assessment.assets.get(it as usize))
    }

    /// The exposures of a target, as judged and decided.
    fn exposures(self, target: &Target) -> impl Iterator<Item = (&'a Exposure, &'a Judgement)> {
        let in_scope = self.in_scope(target);
        let target = target.clone();
        self.assessment.exposures.iter().filter_map(move |exposure| {
            let (component, judgement) = judged(self.assessment, exposure)?;
            let assets = &self.assessment.cohort(exposure)?.assets;
            let fits = judgement.vulnerability.eq_ignore_ascii_case(&target.vulnerability)
                && names(&target, component)
                && in_scope.iter().any(|asset| assets.binary_search(asset).is_ok());
            fits.then_some((exposure, judgement))
        })
    }

    /// Something is exposed, and nothing of it has to be done now.
    fn can_wait(self, target: &Target) -> Result<(), Refusal> {
        let mut any = false;
        for (exposure, _) in self.exposures(target) {
            any = true;
            let decision = self.assessment.decision(exposure);
            if let Some(urgent) = decision.filter(|it| it.outcome == Outcome::ActNow) {
                return Err(Refusal::CannotWait { because: urgent.because.clone() });
            }
        }
        let vulnerability = target.vulnerability.clone();
        if any { Ok(()) } else { Err(Refusal::NothingInScope { vulnerability }) }
    }

    /// A deferral remembers what was known: only what is new brings it back.
    fn with_what_is_seen(self, change: Change) -> Change {
        let Change::Defer { on, wires, .. } = change else { return change };
        let mut seen = Seen::default();
        if let Some(threat) = self.threats.get(&on.vulnerability) {
            seen.epss_e5 = threat.epss.map(|score| score.probability_e5);
            seen.exploits = threat.exploits.iter().map(|it| it.name.clone()).collect();
        }
        seen.fix = self.exposures(&on).any(|(_, judgement)| judgement.fixed_in.is_some());
        seen.open = self.states(self.in_scope(&on)).any(|it| it.alike.setting.is_open());
        Change::Defer { on, wires, seen }
    }

    /// Whether the change touches a gated device.
    fn needs_two(self, change: &Change) -> bool {
        let concerned: Vec<&AssetState> = match change {
            Change::Merge { one, other } => {
                [one, other].into_iter().filter_map(|it| self.asset(it).ok()).collect()
            }
            Change::Split { claim: asset, .. } | Change::Category { asset, .. } => {
                self.asset(asset).into_iter().collect()
            }
            Change::Verdict { on, .. } | Change::Defer { on, .. } => {
                self.states(self.in_scope(on)).collect()
            }
            // It decides for every device there is or will be.
            Change::Policy { .. } => return true,
            Change::TakeBack { number } => {
                let earlier = self.people.words.get(number).map(|word| &word.change);
                let returns_work = matches!(earlier, Some(Change::Defer { .. }));
                return !returns_work && earlier.is_some_and(|it| self.needs_two(it));
            }
        };
        concerned.into_iter().any(|it| it.alike.gated)
            || target(change).is_some_and(|target| matches!(target.scope, Scope::Site))
    }
}
