//! What people have decided, as it holds after all that was recorded.
//!
//! Folding the events is all there is to it: a later word on the same thing takes
//! the place of the earlier one, a proposal holds from its confirmation on.

use crate::deferral::Deferred;
use crate::expose::names::squash;
use crate::identify::Asset;
use exposome_model::claim::Claim;
use exposome_model::event::{Actor, Anchor, Change, Event, Recorded, Scope, Seen, Target, Wires};
use exposome_model::exposure::{Confidence, Evidence, Judgement, Verdict};
use exposome_model::inventory::Component;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Everything that holds, by the number it was decided under.
    pub words: BTreeMap<u64, Word>,
    /// What waits for a second person, by its number.
    pub proposals: BTreeMap<u64, Proposal>,
    /// The number of the last event.
    pub last: u64,
}

/// A decision that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Since when it holds.
    pub at: jiff::Timestamp,
    pub by: Actor,
    /// Who confirmed it.
    pub second: Option<Actor>,
    pub change: Change,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub at: jiff::Timestamp,
    pub by: Actor,
    pub change: Change,
    pub reason: String,
}

impl Word {
    /// For people: `A. Weber (analyst), confirmed by B. Rossi (clinical engineer)`.
    pub fn signed(&self) -> String {
        let second = self.second.as_ref().map(|second| format!(", confirmed by {second}"));
        self.by.to_string() + &second.unwrap_or_default()
    }
}

/// The verdict of a person in place of the documents'.
fn overrule(judgement: &mut Judgement, verdict: Verdict, number: u64, word: &Word) {
    let because = match &word.change {
        Change::Verdict { until: Some(until), .. } => format!("{}, until {until}", word.reason),
        _ => word.reason.clone(),
    };
    judgement.verdict = verdict;
    judgement.confidence = Confidence::High;
    judgement.missing_fact = (verdict == Verdict::Possibly).then(|| word.reason.clone());
    let (publisher, document) = (word.signed(), format!("decision {number}"));
    judgement.evidence.reserve_exact(1);
    judgement.evidence.insert(0, Evidence { publisher, document, because });
}

impl People {
    /// The events in the order of their numbers.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> People {
        let mut people = People::default();
        for recorded in events {
            people.hear(recorded);
        }
        people
    }

    /// Takes in the event that comes next.
    pub fn hear(&mut self, recorded: &Recorded) {
        let Recorded { number, at, by, event } = recorded;
        self.last = *number;
        match event {
            Event::Made { change, reason } => {
                let (change, reason) = (change.clone(), reason.clone());
                self.hold(*number, Word { at: *at, by: by.clone(), second: None, change, reason });
            }
            Event::Proposed { change, reason } => {
                let (change, reason) = (change.clone(), reason.clone());
                let proposal = Proposal { at: *at, by: by.clone(), change, reason };
                self.proposals.insert(*number, proposal);
            }
            Event::Confirmed { proposal } => {
                let Some(waiting) = self.proposals.remove(proposal) else { return };
                let Proposal { by: first, change, reason, .. } = waiting;
                let second = Some(by.clone());
                self.hold(*proposal, Word { at: *at, by: first, second, change, reason });
            }
            Event::Declined { proposal, .. } => drop(self.proposals.remove(proposal)),
        }
    }

    fn hold(&mut self, number: u64, word: Word) {
        if let Change::TakeBack { number: taken } = word.change {
            self.words.remove(&taken);
            return;
        }
        self.words.retain(|_, earlier| !replaces(&word.change, &earlier.change));
        self.words.insert(number, word);
    }

    /// Claims that are the same thing, whatever their keys say.
    pub fn merges(&self) -> impl Iterator<Item = (&Anchor, &Anchor)> {
        self.words.values().filter_map(|word| match &word.change {
            Change::Merge { one, other } => Some((one, other)),
            _ => None,
        })
    }

    /// Claims that are not the same thing.
    pub fn splits(&self) -> impl Iterator<Item = (&Anchor, &Anchor)> {
        self.words.values().flat_map(|word| match &word.change {
            Change::Split { claim, from } => from.iter().map(|other| (claim, other)).collect(),
            _ => Vec::new(),
        })
    }

    /// The category somebody gave an asset; of several the last.
    pub fn category(&self, asset: &Asset, claims: &[Claim]) -> Option<(u64, &Word, &str)> {
        self.category_among(&asset.claims(claims))
    }

    /// The same of the asset of which these claims speak.
    pub(crate) fn category_among<'a>(
        &self,
        claims: &(impl Iterator<Item = &'a Claim> + Clone),
    ) -> Option<(u64, &Word, &str)> {
        self.words.iter().rev().find_map(|(number, word)| match &word.change {
            Change::Category { asset: of, category } if is_among(of, claims.clone()) => {
                Some((*number, word, category.as_str()))
            }
            _ => None,
        })
    }

    /// The policy that was adopted, as its text; none: the one that ships with the program decides.
    pub fn policy(&self) -> Option<(u64, &Word, &str)> {
        self.words.iter().rev().find_map(|(number, word)| match &word.change {
            Change::Policy { text } => Some((*number, word, text.as_str())),
            _ => None,
        })
    }

    /// The numbers of verdicts and deferrals that are about this asset alone.
    pub fn about(&self, asset: &Asset, claims: &[Claim]) -> Vec<u64> {
        let is_about = |word: &Word| match scope(&word.change) {
            Some(Scope::Asset(anchor)) => speaks_of(anchor, asset, claims),
            _ => false,
        };
        self.words.iter().filter(|(_, word)| is_about(word)).map(|(number, _)| *number).collect()
    }

    /// Verdicts and deferrals for a component of a bill, in the order they were decided; `of_assets` are those about the
    /// very assets that have it.
    pub fn on<'a>(
        &'a self,
        of_assets: &'a [u64],
        component: &'a Component,
        vulnerability: &'a str,
    ) -> impl Iterator<Item = (u64, &'a Word)> {
        self.words.iter().filter_map(move |(number, word)| {
            let target = target(&word.change)?;
            if !target.vulnerability.eq_ignore_ascii_case(vulnerability) {
                return None;
            }
            let in_scope = match &target.scope {
                Scope::Asset(_) => of_assets.contains(number),
                scope => covers(scope, component),
            };
            (in_scope && names(target, component)).then_some((*number, word))
        })
    }

    /// The words about one vulnerability, for whoever looks for them at thousands of places.
    pub(crate) fn about_cause(&self, vulnerability: &str) -> People {
        let is_about = |word: &Word| {
            target(&word.change)
                .is_some_and(|it| it.vulnerability.eq_ignore_ascii_case(vulnerability))
        };
        let words = self.words.iter().filter(|(_, word)| is_about(word));
        let words = words.map(|(number, word)| (*number, word.clone())).collect();
        People { words, last: self.last, ..People::default() }
    }

    /// Puts people's verdicts over those of the documents, whose evidence stays behind theirs, and finds which judgements
    /// are deferred; `of_assets` are the decisions about the very assets that have the bill.
    pub fn judge(
        &self,
        components: &[Component],
        of_assets: &[u64],
        judgements: &mut Vec<Judgement>,
        day: jiff::civil::Date,
    ) -> Vec<Deferred> {
        if self.are_silent() {
            return Vec::new();
        }
        self.add_unheard(components, of_assets, judgements, day);
        let judged = (0..).zip(judgements).map(|(place, judgement)| {
            self.judge_one(components, of_assets, (place, judgement), day)
        });
        let mut deferred: Vec<Deferred> = judged.flatten().collect();
        // Of several the last holds.
        deferred.reverse();
        deferred
    }

    /// Puts people's verdicts over that of the documents on one judgement of a bill; its deferrals, the last one last.
    pub(crate) fn judge_one(
        &self,
        components: &[Component],
        of_assets: &[u64],
        (place, judgement): (u32, &mut Judgement),
        day: jiff::civil::Date,
    ) -> Vec<Deferred> {
        let Some(component) = components.get(judgement.component as usize) else {
            return Vec::new();
        };
        let mut deferred = Vec::new();
        let vulnerability = std::mem::take(&mut judgement.vulnerability);
        for (number, word) in self.on(of_assets, component, &vulnerability) {
            if let Some(verdict) = verdict_on(word, day) {
                overrule(judgement, verdict, number, word);
            } else if deferral(word).is_some() {
                let word = word.clone();
                deferred.push(Deferred { judgement: place, number, word, open_since: None });
            }
        }
        judgement.vulnerability = vulnerability;
        deferred
    }

    /// Whether somebody's verdict stands over what documents say of a component.
    pub(crate) fn overrule(
        &self,
        component: &Component,
        of_assets: &[u64],
        judgement: &Judgement,
        day: jiff::civil::Date,
    ) -> bool {
        let mut words = self.on(of_assets, component, &judgement.vulnerability);
        words.any(|(_, word)| verdict_on(word, day).is_some())
    }

    /// A person knows of what no document speaks.
    fn add_unheard(
        &self,
        components: &[Component],
        of_assets: &[u64],
        judgements: &mut Vec<Judgement>,
        day: jiff::civil::Date,
    ) {
        for (number, word) in &self.words {
            let Some(target) = target(&word.change) else { continue };
            if verdict_on(word, day).is_none_or(|verdict| verdict == Verdict::NotAffected) {
                continue;
            }
            let vulnerability = &target.vulnerability;
            let is_heard = |it: &Judgement| it.vulnerability.eq_ignore_ascii_case(vulnerability);
            if judgements.iter().any(is_heard) {
                continue;
            }
            let in_scope = |component: &Component| match &target.scope {
                Scope::Asset(_) => of_assets.contains(number) && names(target, component),
                scope => covers(scope, component) && names(target, component),
            };
            // Where no component is named it is the thing itself.
            let place = components.iter().position(in_scope);
            let Some(component) = place.and_then(|place| u32::try_from(place).ok()) else {
                continue;
            };
            judgements.push(Judgement {
                component,
                vulnerability: vulnerability.clone(),
                verdict: Verdict::NotAffected,
                confidence: Confidence::High,
                missing_fact: None,
                evidence: Vec::new(),
                fixed_in: None,
            });
        }
    }

    /// The vulnerabilities of deferrals: whoever waits wants to see scores day by day.
    pub fn deferred(&self) -> BTreeSet<&str> {
        let deferrals = self.words.values().filter(|word| deferral(word).is_some());
        deferrals
            .filter_map(|word| target(&word.change))
            .map(|it| it.vulnerability.as_str())
            .collect()
    }

    /// Is there no verdict and no deferral at all?
    pub fn are_silent(&self) -> bool {
        self.words.values().all(|word| target(&word.change).is_none())
    }
}

/// Whether this anchor's claim is one of the asset's.
pub fn speaks_of(anchor: &Anchor, asset: &Asset, claims: &[Claim]) -> bool {
    is_among(anchor, asset.claims(claims))
}

fn is_among<'a>(anchor: &Anchor, mut claims: impl Iterator<Item = &'a Claim>) -> bool {
    claims.any(|it| it.source == anchor.source && it.sheet.key == anchor.key)
}

/// What a verdict or a deferral is about.
pub fn target(change: &Change) -> Option<&Target> {
    match change {
        Change::Verdict { on, .. } | Change::Defer { on, .. } => Some(on),
        Change::Merge { .. }
        | Change::Split { .. }
        | Change::Category { .. }
        | Change::Policy { .. }
        | Change::TakeBack { .. } => None,
    }
}

fn scope(change: &Change) -> Option<&Scope> {
    target(change).map(|target| &target.scope)
}

/// A product's scope covers a component, the site's every one; an asset's is a question of claims.
pub fn covers(scope: &Scope, component: &Component) -> bool {
    match scope {
        Scope::Asset(_) => false,
        Scope::Site => true,
        Scope::Product { vendor, name } => {
            let same = |one: &str, other: &str| squash(one) == squash(other);
            let vendor_fits = match (vendor, &component.vendor) {
                (Some(wanted), Some(vendor)) => same(wanted, vendor),
                (Some(_), None) => false,
                (None, _) => true,
            };
            vendor_fits && same(name, &component.name)
        }
    }
}

/// Whether the target's component, where it names one, is this.
pub fn names(target: &Target, component: &Component) -> bool {
    target.component.as_ref().is_none_or(|name| squash(name) == squash(&component.name))
}

/// A later word on the same thing takes the place of the earlier one.
fn replaces(later: &Change, earlier: &Change) -> bool {
    match (later, earlier) {
        (Change::Verdict { on, .. }, Change::Verdict { on: before, .. })
        | (Change::Defer { on, .. }, Change::Defer { on: before, .. }) => on == before,
        (Change::Category { asset, .. }, Change::Category { asset: before, .. }) => asset == before,
        (Change::Policy { .. }, Change::Policy { .. }) => true,
        (Change::Merge { one, other }, Change::Split { claim, from }) => {
            let is_pair = |a: &Anchor, b: &Anchor| a == claim && from.contains(b);
            is_pair(one, other) || is_pair(other, one)
        }
        (Change::Split { claim, from }, Change::Merge { one, other }) => {
            (claim == one && from.contains(other)) || (claim == other && from.contains(one))
        }
        _ => false,
    }
}

/// A verdict that holds on a day.
pub fn verdict_on(word: &Word, day: jiff::civil::Date) -> Option<Verdict> {
    match &word.change {
        Change::Verdict { verdict, until, .. } if until.is_none_or(|until| day <= until) => {
            Some(*verdict)
        }
        _ => None,
    }
}

/// A deferral's wires, and what was known when they were strung.
pub fn deferral(word: &Word) -> Option<(&Wires, &Seen)> {
    match &word.change {
        Change::Defer { wires, seen, .. } => Some((wires, seen)),
        _ => None,
    }
}
