//! What stands elsewhere than before, and which fact moved it: between two moments, or under another policy.

use crate::assess::{Alike, Assessment, Exposure, in_words};
use crate::decide::Outcome;
use crate::setting::Setting;
use crate::threat::{Threat, Threats};
use crate::worklist::in_hundred_thousandths;
use crate::world::Sight;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use serde::Serialize;
use std::collections::BTreeMap;

/// A site as it was concluded.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    pub assessment: &'a Assessment,
    pub threats: &'a Threats,
    pub sight: Sight,
}

/// One cause on one component of assets that nothing tells apart, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Ids, ascending.
    pub assets: Vec<String>,
    pub category: Option<String>,
    pub component: String,
    pub vulnerability: String,
    /// `None`: it was not exposed, or is not.
    pub before: Option<Stand>,
    pub after: Option<Stand>,
    /// Every fact that is another one; none where only the policy is.
    pub why: Vec<String>,
}

/// Where an exposure stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stand {
    pub outcome: Outcome,
    pub row: String,
    pub due: Option<jiff::Timestamp>,
}

impl Move {
    /// Its day would be over when it is set.
    pub fn is_late(&self, now: jiff::Timestamp) -> bool {
        self.after.as_ref().and_then(|it| it.due).is_some_and(|due| due < now)
    }
}

/// A cause on a component, whatever version of it is installed.
type Place<'a> = (&'a str, ComponentKind, Option<&'a str>, &'a str);

/// All that stand elsewhere: another outcome, another day, new or gone.
pub fn moves(before: Side<'_>, after: Side<'_>) -> Vec<Move> {
    let (old, new) = (Cohorts::of(before), Cohorts::of(after));
    let mut ids: BTreeMap<(&str, &str), [Option<u32>; 2]> = BTreeMap::new();
    for (side, cohorts) in [&old, &new].into_iter().enumerate() {
        for (asset, cohort) in cohorts.of_assets() {
            if let Some(slot) = ids.entry(asset).or_default().get_mut(side) {
                *slot = Some(cohort);
            }
        }
    }
    // Assets that were alike and are alike moved alike.
    let mut alike: BTreeMap<[Option<u32>; 2], Vec<&str>> = BTreeMap::new();
    for ((_, id), cohorts) in ids {
        alike.entry(cohorts).or_default().push(id);
    }
    let mut moves = Vec::new();
    for ([was, is], assets) in alike {
        let (was, is) = (old.stands(was), new.stands(is));
        let mut places: Vec<&Place<'_>> = was.by_place.keys().chain(is.by_place.keys()).collect();
        places.sort();
        places.dedup();
        for place in places {
            let (one, other) = (was.by_place.get(place), is.by_place.get(place));
            let stand = |it: Option<&Standing<'_>>| it.and_then(|it| it.stand.clone());
            let (before_it, after_it) = (stand(one), stand(other));
            // Another row for the same outcome on the same day moves nothing.
            let day = |it: &Option<Stand>| it.as_ref().map(|it| (it.outcome, it.due));
            if day(&before_it) == day(&after_it) {
                continue;
            }
            let Some(shown) = other.or(one) else { continue };
            let mut assets: Vec<String> = assets.iter().map(|&id| id.to_owned()).collect();
            assets.sort();
            moves.push(Move {
                assets,
                category: is.category.or(was.category).map(str::to_owned),
                component: in_words(shown.component),
                vulnerability: shown.judgement.vulnerability.clone(),
                before: before_it,
                after: after_it,
                why: why([before, after], [&was, &is], [one, other]),
            });
        }
    }
    let urgency = |it: &Move| it.after.as_ref().map(|it| it.outcome);
    moves.sort_by(|a, b| {
        urgency(b).cmp(&urgency(a)).then_with(|| {
            (&a.vulnerability, &a.component, &a.assets).cmp(&(
                &b.vulnerability,
                &b.component,
                &b.assets,
            ))
        })
    });
    moves
}

/// The cohorts of an assessment, ready to be asked.
struct Cohorts<'a> {
    assessment: &'a Assessment,
    /// The exposures of each.
    exposures: Vec<Vec<&'a Exposure>>,
}

/// What is concluded of the assets of a cohort.
#[derive(Default)]
struct Stands<'a> {
    alike: Option<Alike>,
    category: Option<&'a str>,
    by_place: BTreeMap<Place<'a>, Standing<'a>>,
}

struct Standing<'a> {
    component: &'a Component,
    judgement: &'a Judgement,
    /// `None` where it is not affected.
    stand: Option<Stand>,
}

impl<'a> Cohorts<'a> {
    fn of(side: Side<'a>) -> Cohorts<'a> {
        let assessment = side.assessment;
        let mut exposures = vec![Vec::new(); assessment.cohorts.len()];
        for exposure in &assessment.exposures {
            if let Some(slot) = exposures.get_mut(exposure.cohort as usize) {
                slot.push(exposure);
            }
        }
        Cohorts { assessment, exposures }
    }

    /// Site and id of every asset, and its cohort.
    fn of_assets(&self) -> impl Iterator<Item = ((&'a str, &'a str), u32)> {
        let cohorts = (0..).zip(&self.assessment.cohorts);
        cohorts.flat_map(|(number, cohort)| {
            let assets = cohort.assets.iter();
            let states = assets.filter_map(|&it| self.assessment.assets.get(it as usize));
            states.map(move |it| ((it.asset.site.as_str(), it.asset.id.as_str()), number))
        })
    }

    fn stands(&self, cohort: Option<u32>) -> Stands<'a> {
        let number = cohort.map(|it| it as usize);
        let Some(cohort) = number.and_then(|it| self.assessment.cohorts.get(it)) else {
            return Stands::default();
        };
        let first = cohort.assets.first().and_then(|&it| self.assessment.assets.get(it as usize));
        let mut by_place: BTreeMap<Place<'a>, Standing<'a>> = BTreeMap::new();
        if let Some(bill) = self.assessment.bills.get(cohort.alike.bill as usize) {
            let exposures = number.and_then(|it| self.exposures.get(it)).into_iter().flatten();
            let of_judgement: BTreeMap<u32, &Exposure> =
                exposures.map(|it| (it.judgement, *it)).collect();
            for (at, judgement) in (0..).zip(&bill.judgements) {
                let component = bill.components.get(judgement.component as usize);
                let Some(component) = component else { continue };
                let stand = of_judgement.get(&at).and_then(|exposure| {
                    let decision = self.assessment.decision(exposure)?;
                    let (outcome, row) = (decision.outcome, decision.row.clone());
                    Some(Stand { outcome, row, due: exposure.due })
                });
                let place = (
                    judgement.vulnerability.as_str(),
                    component.kind,
                    component.vendor.as_deref(),
                    component.name.as_str(),
                );
                let standing = Standing { component, judgement, stand };
                // Of two versions of one thing the more urgent is shown.
                let outcome = |it: &Standing<'_>| it.stand.as_ref().map(|it| it.outcome);
                match by_place.get(&place) {
                    Some(earlier) if outcome(earlier) >= outcome(&standing) => {}
                    _ => drop(by_place.insert(place, standing)),
                }
            }
        }
        let category = first.and_then(|it| it.category.as_deref());
        Stands { alike: Some(cohort.alike), category, by_place }
    }
}

/// Every fact behind a decision that is another one than before.
fn why(
    [before, after]: [Side<'_>; 2],
    [was, is]: [&Stands<'_>; 2],
    [one, other]: [Option<&Standing<'_>>; 2],
) -> Vec<String> {
    let mut why = Vec::new();
    match (was.alike, is.alike) {
        (Some(was), Some(is)) => of_the_asset(was, is, &mut why),
        (None, _) => why.push("the asset was not known".to_owned()),
        (_, None) => why.push("the asset is no longer known".to_owned()),
    }
    if was.category != is.category && was.alike.is_some() && is.alike.is_some() {
        why.push(format!("its category: {} -> {}", word(was.category), word(is.category)));
    }
    match (one, other) {
        (Some(one), Some(other)) => {
            let verdicts = [one, other].map(|it| verdict(it.judgement.verdict));
            if verdicts[0] != verdicts[1] {
                why.push(format!("the verdict: {} -> {}", verdicts[0], verdicts[1]));
            }
            if one.component.version != other.component.version {
                let versions = [one, other].map(|it| word(it.component.version.as_deref()));
                why.push(format!("its version: {} -> {}", versions[0], versions[1]));
            }
        }
        (None, Some(_)) if was.alike.is_some() => why.push("it was not known of it".to_owned()),
        (Some(_), None) if is.alike.is_some() => {
            why.push("it is no longer known of it".to_owned());
        }
        _ => {}
    }
    if let Some(standing) = other.or(one) {
        let vulnerability = &standing.judgement.vulnerability;
        let unheard = Threat::default();
        let threats = [before, after].map(|it| it.threats.get(vulnerability).unwrap_or(&unheard));
        of_the_threat(threats, &mut why);
    }
    let rows = [one, other].map(|it| it.and_then(|it| Some(it.stand.as_ref()?.row.as_str())));
    let [slept, sleeps] = rows.map(|row| row.is_some_and(|row| row.starts_with("deferral-")));
    match (slept, sleeps) {
        (false, true) => why.push("it is deferred".to_owned()),
        (true, false) => why.push("the deferral has ended".to_owned()),
        _ => {}
    }
    let (old, new) = (before.sight.fresh, after.sight.fresh);
    for (feed, was, is) in [
        ("KEV", old.kev, new.kev),
        ("EPSS", old.epss, new.epss),
        ("exploits", old.exploits, new.exploits),
    ] {
        if was != is {
            why.push(format!("the feed of {feed} is {}", if is { "fresh again" } else { "stale" }));
        }
    }
    why
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

fn of_the_asset(was: Alike, is: Alike, why: &mut Vec<String>) {
    let (one, other): (&Setting, &Setting) = (&was.setting, &is.setting);
    let changes = [
        (one.harm() != other.harm(), "the harm it can do"),
        (one.data != other.data, "the data it holds"),
        (one.is_acute != other.is_acute, "where it is used"),
        (one.has_spare != other.has_spare, "whether another stands ready"),
        (one.exposure != other.exposure, "from where it can be reached"),
        (one.controls != other.controls, "the controls before it"),
        (was.gated != is.gated, "whether it is gated"),
    ];
    why.extend(changes.into_iter().filter(|(is_other, _)| *is_other).map(|(_, it)| it.to_owned()));
}

fn of_the_threat([was, is]: [&Threat; 2], why: &mut Vec<String>) {
    if was.is_active() != is.is_active() {
        let words = match &is.kev {
            Some(entry) => format!("KEV lists it since {}", entry.added),
            None if is.is_active() => "a publisher says that it is exploited".to_owned(),
            None => "nobody says any more that it is exploited".to_owned(),
        };
        why.push(words);
    }
    if was.has_public_exploit() != is.has_public_exploit() {
        let is_public = is.has_public_exploit();
        let words =
            if is_public { "an exploit is public" } else { "no exploit is public any more" };
        why.push(words.to_owned());
    }
    let vector = |it: &Threat| it.severity.as_ref().map(|it| it.vector.clone());
    if vector(was) != vector(is) {
        let words = [was, is].map(vector);
        let [one, other] = words.map(|it| it.unwrap_or_else(|| "none".to_owned()));
        why.push(format!("its CVSS vector: {one} -> {other}"));
    }
    let epss = |it: &Threat| it.epss.map(|it| it.probability_e5);
    if epss(was) != epss(is) {
        let words = |it: Option<u32>| it.map_or("not known".to_owned(), in_hundred_thousandths);
        why.push(format!("EPSS: {} -> {}", words(epss(was)), words(epss(is))));
    }
}
