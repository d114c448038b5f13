//! What to do, in which order: exposures grouped by the one action that ends them.
//!
//! A job is an action on a product: an update that mends forty flaws on twelve
//! pumps is one line.  Where no fixed version is known the job says so; where a
//! fact is missing the job is to fetch it.

use crate::assess::{Assessment, Exposure};
use crate::decide::Outcome;
use crate::world::World;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::version;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

/// One line of the worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// `Draeger Infinity M300`, without a version.
    pub product: String,
    pub action: Action,
    pub outcome: Outcome,
    /// The earliest of its exposures.
    pub due: Option<jiff::Timestamp>,
    /// Indices of the assets it is done on, ascending.
    pub assets: Vec<u32>,
    /// Indices of the exposures it ends, most urgent first.
    pub exposures: Vec<u32>,
    /// How many of them are certain.
    pub affected: usize,
    /// The greatest harm among its assets, 1 to 5.
    pub harm: u8,
    /// A device among them may not be touched without a signed assessment.
    pub gated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Install this version or a later one.
    Update { to: String },
    /// No fixed version is known: ask the maker, protect meanwhile.
    AskMaker,
    /// Its maker mends it no more: replace it or wall it in.
    Replace,
    /// Fetch the fact that decides whether it is affected at all.
    FindOut { fact: String },
}

impl Action {
    /// The job in words: `Update Mirth Connect to 4.4.1 or later`.
    pub fn in_words(&self, product: &str) -> String {
        match self {
            Action::Update { to } => format!("Update {product} to {to} or later"),
            Action::AskMaker => {
                format!("Ask the maker of {product} for a fix; protect it meanwhile")
            }
            Action::Replace => format!("Replace {product}, or wall it in: it gets no more fixes"),
            Action::FindOut { fact } => format!("Find out of {product}: {fact}"),
        }
    }
}

/// The worklist: most urgent first, and within that by deadline, exploitation likelihood, harm and size.
pub fn worklist(assessment: &Assessment, world: &World) -> Vec<Job> {
    let mut groups: BTreeMap<(String, Kind), Vec<u32>> = BTreeMap::new();
    for (number, exposure) in (0..).zip(&assessment.exposures) {
        if let Some((component, judgement)) = judged(assessment, exposure) {
            groups.entry((product(component), Kind::of(judgement))).or_default().push(number);
        }
    }
    let mut jobs: Vec<(Job, Rank)> = groups
        .into_iter()
        .map(|((product, kind), exposures)| job(assessment, world, product, kind, &exposures))
        .collect();
    jobs.sort_by(|(a, rank_a), (b, rank_b)| {
        rank_a
            .cmp(rank_b)
            .then_with(|| a.product.cmp(&b.product))
            .then_with(|| a.action.cmp(&b.action))
    });
    jobs.into_iter().map(|(job, _)| job).collect()
}

/// Every exposure, most urgent first: the flat view beside the jobs.
pub fn flat(assessment: &Assessment, world: &World) -> Vec<u32> {
    let mut order: Vec<(Rank, u32)> = (0..)
        .zip(&assessment.exposures)
        .filter_map(|(number, exposure)| Some((rank(assessment, world, exposure)?, number)))
        .collect();
    order.sort();
    order.into_iter().map(|(_, number)| number).collect()
}

/// What an exposure is about: the component as installed and what was judged of it.
pub fn judged<'a>(
    assessment: &'a Assessment,
    exposure: &Exposure,
) -> Option<(&'a Component, &'a Judgement)> {
    let (bill, judgement) = assessment.judgement(exposure)?;
    Some((bill.components.get(judgement.component as usize)?, judgement))
}

/// Exposures that one kind of action can end are one job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Mend,
    Replace,
    FindOut(String),
}

impl Kind {
    fn of(judgement: &Judgement) -> Kind {
        match (judgement.verdict, &judgement.missing_fact) {
            (Verdict::Possibly, Some(fact)) => Kind::FindOut(fact.clone()),
            _ if judgement.vulnerability == crate::support::UNSUPPORTED => Kind::Replace,
            _ => Kind::Mend,
        }
    }
}

/// Vendor and name, without a version: what an update is installed on.
fn product(component: &Component) -> String {
    let vendor = component.vendor.as_deref().unwrap_or_default();
    if component.name.to_lowercase().starts_with(&vendor.to_lowercase())
        || component.kind == ComponentKind::Package
    {
        component.name.clone()
    } else {
        format!("{vendor} {}", component.name)
    }
}

/// What sorts first is smaller.
type Rank = (Reverse<Outcome>, Reverse<Verdict>, Deadline, Reverse<u32>, Reverse<u8>);

/// No deadline sorts behind every deadline.
type Deadline = (bool, Option<jiff::Timestamp>);

fn rank(assessment: &Assessment, world: &World, exposure: &Exposure) -> Option<Rank> {
    let decision = assessment.decision(exposure)?;
    let (_, judgement) = judged(assessment, exposure)?;
    let threat = world.threats.get(&judgement.vulnerability);
    let probability = threat.and_then(|threat| threat.epss).map_or(0, |score| score.probability_e5);
    let harm = assessment.asset(exposure)?.harm;
    let deadline = (exposure.due.is_none(), exposure.due);
    Some((
        Reverse(decision.outcome),
        Reverse(judgement.verdict),
        deadline,
        Reverse(probability),
        Reverse(harm),
    ))
}

fn job(
    assessment: &Assessment,
    world: &World,
    product: String,
    kind: Kind,
    exposures: &[u32],
) -> (Job, Rank) {
    let of = |number: &u32| assessment.exposures.get(*number as usize);
    let mut ranked: Vec<(Rank, u32)> = exposures
        .iter()
        .filter_map(|number| Some((rank(assessment, world, of(number)?)?, *number)))
        .collect();
    ranked.sort();
    let assets: BTreeSet<u32> =
        exposures.iter().filter_map(|number| Some(of(number)?.asset)).collect();
    let states = || assets.iter().filter_map(|&asset| assessment.assets.get(asset as usize));
    let judgements = || {
        exposures
            .iter()
            .filter_map(|number| judged(assessment, of(number)?))
            .map(|(_, judgement)| judgement)
    };
    let worst = ranked.first().map_or(
        (
            Reverse(Outcome::Monitor),
            Reverse(Verdict::NotAffected),
            (true, None),
            Reverse(0),
            Reverse(0),
        ),
        |(rank, _)| *rank,
    );
    let action = match kind {
        Kind::Replace => Action::Replace,
        Kind::FindOut(fact) => Action::FindOut { fact },
        Kind::Mend => judgements()
            .filter_map(|judgement| judgement.fixed_in.clone())
            .max_by(|a, b| later(a, b))
            .map_or(Action::AskMaker, |to| Action::Update { to }),
    };
    let job = Job {
        product,
        action,
        outcome: worst.0.0,
        due: exposures.iter().filter_map(|number| of(number)?.due).min(),
        affected: judgements().filter(|judgement| judgement.verdict == Verdict::Affected).count(),
        harm: states().map(|state| state.harm).max().unwrap_or_default(),
        gated: states().any(|state| state.gated),
        assets: assets.iter().copied().collect(),
        exposures: ranked.into_iter().map(|(_, number)| number).collect(),
    };
    (job, worst)
}

/// Versions that cannot be ordered are ordered as text, so that the answer is the same each time.
fn later(a: &str, b: &str) -> Ordering {
    version::compare(version::Scheme::Generic, a, b).unwrap_or_else(|| a.cmp(b))
}
