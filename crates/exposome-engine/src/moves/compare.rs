//! Sides of a site held against one another, group by group and place by place.

use super::why::Why;
use super::{Side, Sides};
use crate::assess::{AssetState, Cohort};
use crate::concluded::Concluded;
use crate::decide::{Decision, Outcome};
use crate::prioritise::number;
use exposome_model::decision::Stand;
use exposome_model::exposure::Judgement;
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::transition::Reason;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// A cause on a component, whatever version of it is installed.
pub(crate) type PlaceKey<'a> = (&'a str, ComponentKind, Option<&'a str>, &'a str);

/// Where an exposure stands, as one side says it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stood<'a> {
    pub(crate) outcome: Outcome,
    pub(super) row: &'a str,
    pub(super) due: Option<jiff::Timestamp>,
}

impl<'a> Stood<'a> {
    pub(crate) fn of(stand: &'a Stand) -> Stood<'a> {
        Stood { outcome: stand.outcome, row: &stand.row, due: stand.due }
    }

    pub(crate) fn to_stand(self) -> Stand {
        Stand { outcome: self.outcome, row: self.row.to_owned(), due: self.due }
    }

    /// Another row for the same outcome on the same day moves nothing.
    fn is_elsewhere(one: Option<Stood<'_>>, other: Option<Stood<'_>>) -> bool {
        let day = |it: Option<Stood<'_>>| it.map(|it| (it.outcome, it.due));
        day(one) != day(other)
    }
}

/// Assets that were alike and are alike, on every side.
pub(crate) struct Alike<'a> {
    /// Counted from nothing, in the order in which groups are handed over.
    pub(crate) number: usize,
    /// Ascending by id.
    pub(super) members: Vec<Member<'a>>,
    /// Their cohorts by number.
    pub(super) was: Option<(u32, &'a Cohort)>,
    pub(super) is: Option<(u32, &'a Cohort)>,
}

/// An asset, as far as a side knows it.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) id: &'a str,
    pub(super) was: Option<&'a AssetState>,
    pub(super) is: Option<&'a AssetState>,
}

impl<'a> Alike<'a> {
    pub(crate) fn ids(&self) -> impl Iterator<Item = &'a str> {
        self.members.iter().map(|it| it.id)
    }

    pub(super) fn category(&self) -> Option<&'a str> {
        let first = self.members.first()?;
        let category = |state: Option<&'a AssetState>| state?.category.as_deref();
        category(first.is).or(category(first.was))
    }
}

/// A place that stands elsewhere.
pub(crate) struct Elsewhere<'a> {
    pub(crate) place: PlaceKey<'a>,
    pub(crate) before: Option<Stood<'a>>,
    pub(crate) after: Option<Stood<'a>>,
    /// As it is installed now, or was.
    pub(super) component: Option<&'a Component>,
}

/// What a side says of one place on a cohort.
#[derive(Clone, Copy)]
pub(super) struct Standing<'a> {
    pub(super) component: &'a Component,
    pub(super) judgement: &'a Judgement,
    /// `None` where it is not affected.
    pub(super) stood: Option<Stood<'a>>,
    /// The number of the deferral that speaks of it, whether it sleeps or is back.
    pub(super) deferral: Option<u64>,
}

/// Hands over every place that stands elsewhere, with the reasons; groups of assets one after the other.  The reasons
/// given are those beside all facts: why a side does not say what was concluded, and what is another one between the two
/// sides.
pub(crate) fn each_elsewhere<'a>(
    sides: Sides<'a>,
    beside: (&[Reason], &[Reason]),
    mut take: impl FnMut(&Alike<'a>, Elsewhere<'a>, Vec<Reason>),
) {
    let mut places = Places::default();
    if let Some(concluded) = sides.concluded {
        places.all(concluded);
    }
    let before = sides.before.map(|side| View::of(side, &mut places));
    let after = View::of(sides.after, &mut places);
    let groups = groups(sides.concluded, before.as_ref(), &after);
    for (group, class) in groups {
        let why = Why::of(&group, (sides.before, sides.after), beside);
        let was = before.as_ref().map_or_else(Vec::new, |view| view.standings(group.was));
        let is = after.standings(group.is);
        let of_side = |it: &(u32, Standing<'a>)| Some((it.0, it.1.stood?));
        let then: Vec<(u32, Stood<'a>)> = match (sides.concluded, class) {
            (Some(concluded), Some(class)) => {
                let open = concluded.open(class).iter();
                open.filter_map(|it| Some((it.place, concluded.stood(it)?))).collect()
            }
            (Some(_), None) => Vec::new(),
            (None, _) => was.iter().filter_map(of_side).collect(),
        };
        let ends = then.iter().map(|it| it.0).chain(is.iter().filter_map(of_side).map(|it| it.0));
        let mut all: Vec<u32> = ends.collect();
        all.sort_unstable();
        all.dedup();
        for number in all {
            let (was, is) = (found(&was, number), found(&is, number));
            let (then, now) = (found(&then, number), is.and_then(|it| it.stood));
            if !Stood::is_elsewhere(then, now) {
                continue;
            }
            let Some(place) = places.all.get(number as usize).copied() else { continue };
            let of_then = Stood::is_elsewhere(then, was.and_then(|it| it.stood));
            let component = is.or(was).map(|it| it.component);
            let reasons = why.reasons(was, is, of_then);
            take(&group, Elsewhere { place, before: then, after: now, component }, reasons);
        }
    }
}

fn found<T: Copy>(ascending: &[(u32, T)], number: u32) -> Option<T> {
    let place = ascending.binary_search_by_key(&number, |it| it.0).ok()?;
    ascending.get(place).map(|it| it.1)
}

/// Assets by what every side says of them together, each group with its class among what was concluded.
fn groups<'a>(
    concluded: Option<&'a Concluded>,
    before: Option<&View<'a>>,
    after: &View<'a>,
) -> Vec<(Alike<'a>, Option<u32>)> {
    #[derive(Default, Clone, Copy)]
    struct Known<'a> {
        class: Option<u32>,
        was: Option<(u32, &'a AssetState)>,
        is: Option<(u32, &'a AssetState)>,
    }
    let mut known: BTreeMap<&'a str, Known<'a>> = BTreeMap::new();
    for (asset, class) in concluded.into_iter().flat_map(Concluded::assets) {
        known.entry(asset).or_default().class = Some(class);
    }
    for (cohort, state) in before.into_iter().flat_map(View::assets) {
        known.entry(&state.asset.id).or_default().was = Some((cohort, state));
    }
    for (cohort, state) in after.assets() {
        known.entry(&state.asset.id).or_default().is = Some((cohort, state));
    }
    let mut alike: BTreeMap<[Option<u32>; 3], Vec<Member<'a>>> = BTreeMap::new();
    for (id, Known { class, was, is }) in known {
        let key = [class, was.map(|it| it.0), is.map(|it| it.0)];
        let member = Member { id, was: was.map(|it| it.1), is: is.map(|it| it.1) };
        alike.entry(key).or_default().push(member);
    }
    let cohort = |view: Option<&View<'a>>, number: Option<u32>| {
        Some((number?, view?.side.assessment.cohorts.get(number? as usize)?))
    };
    let mut groups = Vec::with_capacity(alike.len());
    for (number, ([class, was, is], members)) in alike.into_iter().enumerate() {
        let (was, is) = (cohort(before, was), cohort(Some(after), is));
        groups.push((Alike { number, members, was, is }, class));
    }
    groups
}

/// Places by number, the same on every side.
#[derive(Default)]
struct Places<'a> {
    all: Vec<PlaceKey<'a>>,
    numbers: HashMap<PlaceKey<'a>, u32>,
}

impl<'a> Places<'a> {
    /// Those of what was concluded keep their numbers.
    fn all(&mut self, concluded: &'a Concluded) {
        for place in concluded.places() {
            let vendor = place.vendor.as_deref();
            self.number((&place.vulnerability, place.kind, vendor, &place.name));
        }
    }

    fn number(&mut self, key: PlaceKey<'a>) -> u32 {
        let next = number(self.all.len());
        *self.numbers.entry(key).or_insert_with(|| {
            self.all.push(key);
            next
        })
    }
}

/// A side, ready to be asked.
struct View<'a> {
    side: Side<'a>,
    /// Bill -> places and judgements, ascending.
    of_bills: Vec<Vec<(u32, u32)>>,
    /// Cohort -> where its exposures lie.
    exposures: Vec<Range<usize>>,
}

impl<'a> View<'a> {
    fn of(side: Side<'a>, places: &mut Places<'a>) -> View<'a> {
        let assessment = side.assessment;
        let of_bills = assessment.bills.iter().map(|bill| {
            let judgements = (0..).zip(&bill.judgements).filter_map(|(at, judgement)| {
                let component = bill.components.get(judgement.component as usize)?;
                let vendor = component.vendor.as_deref();
                let key = (&*judgement.vulnerability, component.kind, vendor, &*component.name);
                Some((places.number(key), at))
            });
            let mut judgements: Vec<(u32, u32)> = judgements.collect();
            judgements.sort_unstable();
            judgements
        });
        let of_bills = of_bills.collect();
        let mut exposures = vec![0..0; assessment.cohorts.len()];
        for (at, exposure) in assessment.exposures.iter().enumerate() {
            let Some(range) = exposures.get_mut(exposure.cohort as usize) else { continue };
            if range.start == range.end {
                range.start = at;
            }
            range.end = at + 1;
        }
        View { side, of_bills, exposures }
    }

    /// Every asset with its cohort.
    fn assets(&self) -> impl Iterator<Item = (u32, &'a AssetState)> {
        let assessment = self.side.assessment;
        (0..).zip(&assessment.cohorts).flat_map(move |(number, cohort)| {
            let states = cohort.assets.iter();
            let states = states.filter_map(|&it| assessment.assets.get(it as usize));
            states.map(move |state| (number, state))
        })
    }

    /// What is said of the places of a cohort, ascending; of two versions of one thing the more urgent.
    fn standings(&self, cohort: Option<(u32, &'a Cohort)>) -> Vec<(u32, Standing<'a>)> {
        let assessment = self.side.assessment;
        let Some((number, cohort)) = cohort else { return Vec::new() };
        let place = cohort.alike.bill as usize;
        let (Some(bill), Some(places)) = (assessment.bills.get(place), self.of_bills.get(place))
        else {
            return Vec::new();
        };
        let exposures = self.exposures.get(number as usize).cloned();
        let exposures = exposures.and_then(|it| assessment.exposures.get(it)).unwrap_or_default();
        let mut standings: Vec<(u32, Standing<'a>)> = Vec::with_capacity(places.len());
        for &(place, at) in places {
            let Some(judgement) = bill.judgements.get(at as usize) else { continue };
            let Some(component) = bill.components.get(judgement.component as usize) else {
                continue;
            };
            let exposure = exposures.binary_search_by_key(&at, |it| it.judgement).ok();
            let stood = exposure.and_then(|it| exposures.get(it)).and_then(|exposure| {
                let Decision { outcome, row, .. } = assessment.decision(exposure)?;
                Some(Stood { outcome: *outcome, row, due: exposure.due })
            });
            let deferral = bill.deferral(at).map(|it| it.number);
            let standing = Standing { component, judgement, stood, deferral };
            let urgency = |it: &Standing<'_>| it.stood.map(|it| it.outcome);
            match standings.last_mut().filter(|last| last.0 == place) {
                Some(last) if urgency(&last.1) >= urgency(&standing) => {}
                Some(last) => last.1 = standing,
                None => standings.push((place, standing)),
            }
        }
        standings
    }
}
