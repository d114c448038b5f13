//! Every fact behind a decision that is another one than before, by its name.

use super::Side;
use super::compare::{Alike, Member, Standing};
use crate::assess::{Alike as Known, AssetState};
use crate::grounds::{AREA, DATA, REACH, USE};
use crate::threat::{Threat, Threats};
use crate::worklist::in_hundred_thousandths;
use exposome_model::claim::Claim;
use exposome_model::exposure::{Evidence, Verdict};
use exposome_model::fact::FactId;
use exposome_model::inventory::Attribute;
use exposome_model::transition::{About, Reason};
use std::collections::BTreeSet;

/// What is another fact for some assets that were alike and are alike.
pub(super) struct Why<'a, 'b> {
    sides: Option<(Side<'a>, Side<'a>)>,
    group: &'b Alike<'a>,
    /// What of the assets themselves.
    of_assets: Vec<Reason>,
    of_then: &'b [Reason],
    between: &'b [Reason],
}

impl<'a, 'b> Why<'a, 'b> {
    /// Beside the facts: why a side does not say what was concluded, and what is another one between the sides.
    pub(super) fn of(
        group: &'b Alike<'a>,
        (before, after): (Option<Side<'a>>, Side<'a>),
        (of_then, between): (&'b [Reason], &'b [Reason]),
    ) -> Why<'a, 'b> {
        let sides = before.map(|before| (before, after));
        let mut why = Why { sides, group, of_assets: Vec::new(), of_then, between };
        why.of_assets = why.of_assets();
        why
    }

    /// Why a place stands elsewhere than it was concluded; `of_then`: the earlier side does not say what was concluded.
    pub(super) fn reasons(
        &self,
        was: Option<Standing<'a>>,
        is: Option<Standing<'a>>,
        of_then: bool,
    ) -> Vec<Reason> {
        let Some((before, after)) = self.sides else {
            return vec![reason(About::First, "nothing was concluded before", [])];
        };
        let mut reasons = if of_then { self.of_then.to_vec() } else { Vec::new() };
        let stand =
            |it: Option<Standing<'a>>| it.and_then(|it| it.stood).map(|it| (it.outcome, it.due));
        if stand(was) == stand(is) {
            return reasons;
        }
        reasons.extend_from_slice(&self.of_assets);
        if self.group.was.is_some() && self.group.is.is_some() {
            self.of_component(was, is, &mut reasons);
        }
        if let Some(standing) = is.or(was) {
            let vulnerability = standing.judgement.vulnerability.as_str();
            of_the_threat(vulnerability, [before.threats, after.threats], &mut reasons);
        }
        of_deferral([was, is], &mut reasons);
        of_feeds(before, after, &mut reasons);
        reasons.extend_from_slice(self.between);
        reasons
    }

    fn of_assets(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        match (self.group.was, self.group.is) {
            (Some((_, was)), Some((_, is))) => self.of_the_asset(was.alike, is.alike, &mut reasons),
            (None, _) => {
                let facts = self.spoken(|member| member.is, |_| true);
                reasons.push(reason(About::Asset, "the asset was not known", facts));
            }
            (_, None) => reasons.push(reason(About::Asset, "the asset is no longer known", [])),
        }
        reasons
    }

    fn of_the_asset(&self, was: Known, is: Known, reasons: &mut Vec<Reason>) {
        let (one, other) = (&was.setting, &is.setting);
        let first = self.group.members.first();
        let category = |state: Option<&'a AssetState>| state.and_then(|it| it.category.as_deref());
        let [before, after] =
            [first.and_then(|it| it.was), first.and_then(|it| it.is)].map(category);
        if before != after {
            let words = format!("its category: {} -> {}", word(before), word(after));
            let mut facts = self.changed(&USE);
            facts.extend(self.decided_category());
            reasons.push(reason(About::Category, &words, facts));
        }
        let changes: [(bool, About, &str, &[Attribute]); 8] = [
            (one.harm() != other.harm(), About::Harm, "the harm it can do", &USE),
            (one.data != other.data, About::Data, "the data it holds", &DATA),
            (one.is_acute != other.is_acute, About::Area, "where it is used", &AREA),
            (
                one.has_spare != other.has_spare,
                About::Spare,
                "whether another stands ready",
                &[Attribute::Spares],
            ),
            (one.exposure != other.exposure, About::Reach, "from where it can be reached", &REACH),
            (
                one.controls != other.controls,
                About::Controls,
                "the controls before it",
                &[Attribute::Control],
            ),
            (was.gated != is.gated, About::Gate, "whether it is gated", &USE),
            (
                was.first_recorded != is.first_recorded,
                About::Asset,
                "since when it is known",
                Attribute::ALL,
            ),
        ];
        for (_, about, words, attributes) in changes.into_iter().filter(|it| it.0) {
            reasons.push(reason(about, words, self.changed(attributes)));
        }
    }

    fn of_component(
        &self,
        was: Option<Standing<'a>>,
        is: Option<Standing<'a>>,
        reasons: &mut Vec<Reason>,
    ) {
        match (was, is) {
            (Some(one), Some(other)) => {
                let verdicts = [one, other].map(|it| it.judgement.verdict);
                if verdicts[0] != verdicts[1] {
                    let [one_word, other_word] = verdicts.map(verdict);
                    let words = format!("the verdict: {one_word} -> {other_word}");
                    reasons.push(reason(About::Verdict, &words, said_of(one, other)));
                }
                if one.component.version != other.component.version {
                    let [one, other] = [one, other].map(|it| word(it.component.version.as_deref()));
                    let words = format!("its version: {one} -> {other}");
                    reasons.push(reason(About::Version, &words, self.installed()));
                }
            }
            (None, Some(is)) => {
                let facts = self.installed().into_iter().chain(evidence(is)).collect::<Vec<_>>();
                reasons.push(reason(About::Component, "it was not known of it", facts));
            }
            (Some(was), None) => {
                let facts = self.installed().into_iter().chain(evidence(was)).collect::<Vec<_>>();
                reasons.push(reason(About::Component, "it is no longer known of it", facts));
            }
            (None, None) => {}
        }
    }

    /// What sources said after the earlier side of these attributes.
    fn changed(&self, attributes: &[Attribute]) -> Vec<FactId> {
        let says = |claim: &Claim| {
            claim.sheet.attributes.iter().any(|(attribute, _)| attributes.contains(attribute))
        };
        self.spoken(|member| member.is, says)
    }

    /// What sources said after the earlier side of what is installed.
    fn installed(&self) -> Vec<FactId> {
        self.spoken(|member| member.is, |claim| !claim.sheet.components.is_empty())
    }

    /// Documents of the later side that speak of the group's assets, and were not known to the earlier one.
    fn spoken(
        &self,
        state: impl Fn(&Member<'a>) -> Option<&'a AssetState>,
        says: impl Fn(&Claim) -> bool,
    ) -> Vec<FactId> {
        let Some((before, after)) = self.sides else { return Vec::new() };
        let mut imports: BTreeSet<(&str, jiff::Timestamp)> = BTreeSet::new();
        for state in self.group.members.iter().filter_map(state) {
            let numbers = state.asset.claims.iter().chain(&state.zones);
            let claims = numbers.filter_map(|&number| after.claims.get(number as usize));
            let is_new = |claim: &&Claim| claim.recorded_at > before.assessment.as_of;
            let new = claims.filter(is_new).filter(|claim| says(claim));
            imports.extend(new.map(|claim| (claim.source.as_str(), claim.recorded_at)));
        }
        imports.into_iter().map(|(source, at)| FactId::import(source, at)).collect()
    }

    /// The decision by which the assets are what they are, or were.
    fn decided_category(&self) -> Option<FactId> {
        let (before, after) = self.sides?;
        let first = self.group.members.first()?;
        let number = |side: Side<'a>, state: Option<&'a AssetState>| {
            Some(side.people.category(&state?.asset, side.claims)?.0)
        };
        let (was, is) = (number(before, first.was), number(after, first.is));
        is.or(was).filter(|_| was != is).map(FactId::decision)
    }
}

fn reason(about: About, words: &str, facts: impl IntoIterator<Item = FactId>) -> Reason {
    Reason { about, words: words.to_owned(), facts: facts.into_iter().collect() }
}

fn word(text: Option<&str>) -> &str {
    text.unwrap_or("not known")
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Affected => "affected",
        Verdict::Possibly => "possibly",
        Verdict::NotAffected => "not affected",
    }
}

/// The documents and decisions of a judgement.
fn evidence(of: Standing<'_>) -> Vec<FactId> {
    let judgement = of.judgement;
    judgement.evidence.iter().map(|it| named(it, &judgement.vulnerability)).collect()
}

/// Those that one of two judgements names and the other does not.
fn said_of(one: Standing<'_>, other: Standing<'_>) -> Vec<FactId> {
    let [one, other] = [one, other].map(|it| BTreeSet::from_iter(evidence(it)));
    one.symmetric_difference(&other).cloned().collect()
}

/// What stands behind a piece of evidence.
pub(crate) fn named(evidence: &Evidence, vulnerability: &str) -> FactId {
    let decision = evidence.document.strip_prefix("decision ").and_then(|it| it.parse().ok());
    decision.map_or_else(
        || FactId::advisory(&evidence.publisher, &evidence.document, vulnerability),
        FactId::decision,
    )
}

fn of_deferral(standings: [Option<Standing<'_>>; 2], reasons: &mut Vec<Reason>) {
    let asleep = |it: Option<Standing<'_>>| {
        it.and_then(|it| it.stood).is_some_and(|it| it.row.starts_with("deferral-"))
    };
    let [was, is] = standings.map(|it| it.and_then(|it| it.deferral));
    let words = match standings.map(asleep) {
        [false, true] => "it is deferred",
        [true, false] => "the deferral has ended",
        _ if was != is => "another deferral speaks of it",
        _ if is.is_some() => "what has tripped of the deferral's wires",
        _ => return,
    };
    reasons.push(reason(About::Deferral, words, is.or(was).map(FactId::decision)));
}

fn of_feeds(before: Side<'_>, after: Side<'_>, reasons: &mut Vec<Reason>) {
    let (old, new) = (before.sight.fresh, after.sight.fresh);
    for (feed, name, was, is) in [
        ("KEV", "kev", old.kev, new.kev),
        ("EPSS", "epss", old.epss, new.epss),
        ("exploits", "metasploit", old.exploits, new.exploits),
    ] {
        if was != is {
            let words =
                format!("the feed of {feed} is {}", if is { "fresh again" } else { "stale" });
            reasons.push(reason(About::Feed, &words, [FactId::feed(name)]));
        }
    }
}

fn of_the_threat(vulnerability: &str, threats: [&Threats; 2], reasons: &mut Vec<Reason>) {
    let unheard = Threat::default();
    let [was, is] = threats.map(|it| it.get(vulnerability).unwrap_or(&unheard));
    of_exploitation(vulnerability, [was, is], reasons);
    let exploits = |it: &Threat| -> BTreeSet<String> {
        it.exploits.iter().map(|exploit| exploit.name.clone()).collect()
    };
    let (old, new) = (exploits(was), exploits(is));
    if old != new || was.has_public_exploit() != is.has_public_exploit() {
        let is_public = is.has_public_exploit();
        let words =
            if is_public { "an exploit is public" } else { "no exploit is public any more" };
        let names = old.symmetric_difference(&new);
        let facts: Vec<FactId> = names.map(|it| FactId::exploit(vulnerability, it)).collect();
        reasons.push(reason(About::Exploit, words, facts));
    }
    let vector = |it: &Threat| it.severity.as_ref().map(|it| it.vector.clone());
    if vector(was) != vector(is) {
        let words = [was, is].map(vector);
        let [one, other] = words.map(|it| it.unwrap_or_else(|| "none".to_owned()));
        let source = is.severity.as_ref().or(was.severity.as_ref());
        let fact = source.map(|it| it.source.says_of(vulnerability));
        reasons.push(reason(About::Vector, &format!("its CVSS vector: {one} -> {other}"), fact));
    }
    let others = |it: &Threat| (it.published, it.automatable, it.technical_impact_total);
    if others(was) != others(is) {
        reasons.push(reason(About::Vector, "what its publishers say of it", []));
    }
    let epss = |it: &Threat| it.epss.map(|it| it.probability_e5);
    let models = threats.map(|it| it.epss_edition().map(|it| it.model_version.clone()));
    if epss(was) != epss(is) {
        let words = |it: Option<u32>| it.map_or("not known".to_owned(), in_hundred_thousandths);
        let words = format!("EPSS: {} -> {}", words(epss(was)), words(epss(is)));
        let days = threats.map(|it| it.epss_edition().map(|it| it.score_date));
        let facts = days.into_iter().flatten().map(|day| FactId::epss(day, vulnerability));
        reasons.push(reason(About::Epss, &words, facts));
    } else if models[0] != models[1] {
        reasons.push(reason(About::Epss, "EPSS has another model", [FactId::feed("epss")]));
    }
}

fn of_exploitation(vulnerability: &str, [was, is]: [&Threat; 2], reasons: &mut Vec<Reason>) {
    let evidence = |it: &Threat| (it.is_active(), it.kev.is_some(), it.evidence_at());
    if evidence(was) == evidence(is) {
        return;
    }
    let words = match &is.kev {
        Some(entry) => format!("KEV lists it since {}", entry.added),
        None if is.is_active() => "a publisher says that it is exploited".to_owned(),
        None if was.is_active() => "nobody says any more that it is exploited".to_owned(),
        // An exploit, or the day it was published, is told by itself.
        None => return,
    };
    let sources = |it: &Threat| it.exploitation_facts(vulnerability);
    let facts = sources(was).symmetric_difference(&sources(is)).cloned().collect::<Vec<_>>();
    reasons.push(reason(About::Exploitation, &words, facts));
}
