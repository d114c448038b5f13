//! An assessment that is finished is written down: what it was drawn from, a digest of its answers, and what moved since
//! the one before.

use crate::rules::{Digest, InForce};
use crate::standing::{Standing, standing};
use crate::{Error, replay};
use exposome_engine::concluded::{Concluded, transitions};
use exposome_engine::desk::fields::{FIELDS, Name};
use exposome_engine::desk::{Desk, Group, Within};
use exposome_engine::moves::Sides;
use exposome_engine::predicate::Predicate;
use exposome_model::decision::Outcome;
use exposome_model::summary::{Count, Summary};
use exposome_model::transition::{About, Reason, Transitions};
use exposome_store::Store;
use exposome_store::assessments::{Conclusions, Finished};
use jiff::Timestamp;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// What writing an assessment down came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub finished: Finished,
    /// How many exposures stand elsewhere than in the one before.
    pub moved: usize,
}

/// Writes an assessment down as it was concluded by this version of the program.  It is later than all that were
/// recorded.
pub async fn record(
    store: &Store,
    site: &str,
    standing: &Standing,
    program: &str,
    recorded_at: Timestamp,
) -> Result<Recorded, Error> {
    let as_of = standing.assessment.as_of;
    let last = store.finished(site, Timestamp::MAX).await?;
    let finished = Finished {
        number: last.as_ref().map_or(1, |last| last.number + 1),
        as_of,
        recorded_at,
        program: program.to_owned(),
        ruleset: standing.in_force.ruleset.digest(),
        position: standing.position.clone(),
        answers: answers(standing),
    };
    let blocks = if let Some(last) = last {
        since(store, site, &last, standing, program).await?
    } else {
        let (concluded, after) = (Concluded::default(), standing.side());
        transitions(Sides { concluded: Some(&concluded), before: None, after }, &[], &[])
    };
    let summary = Summary { by: by(standing), ..summary(standing) };
    let rules = standing.in_force.ruleset.texts();
    let conclusions = Conclusions { rules, transitions: &blocks, summary: &summary };
    store.record(site, &finished, conclusions).await?;
    Ok(Recorded { finished, moved: blocks.iter().map(moved).sum() })
}

/// What moved since the last assessment, and which fact moved it.
async fn since(
    store: &Store,
    site: &str,
    last: &Finished,
    now: &Standing,
    program: &str,
) -> Result<Vec<Transitions>, Error> {
    let concluded = concluded(store, site, last.number).await?;
    let concluded = Some(&concluded);
    let after = now.side();
    // Most days nothing moves, and nothing has to be explained.
    let at_all = transitions(Sides { concluded, before: None, after }, &[], &[]);
    if at_all.is_empty() {
        return Ok(Vec::new());
    }
    let before = standing(store, site, last.as_of).await?;
    let ground = (&before.in_force, &before.position);
    let of_then = replay::another(store, site, last, program, ground).await?;
    let policy = policy(&before.in_force, &now.in_force);
    let sides = Sides { concluded, before: Some(before.side()), after };
    Ok(transitions(sides, &of_then, policy.as_slice()))
}

/// Everything as it was concluded up to an assessment.
pub async fn concluded(store: &Store, site: &str, through: u64) -> Result<Concluded, Error> {
    let mut concluded = Concluded::default();
    store.transitions(site, through, |block, as_of| concluded.hear(block, as_of)).await?;
    Ok(concluded)
}

/// Another policy is a reason beside all facts.
pub fn policy(before: &InForce, after: &InForce) -> Option<Reason> {
    let (one, other) = (&before.rules.policy, &after.rules.policy);
    (before.ruleset.policy() != after.ruleset.policy()).then(|| Reason {
        about: About::Policy,
        words: format!(
            "the policy: {} {} -> {} {}",
            one.name, one.version, other.name, other.version
        ),
        facts: vec![before.policy_fact(), after.policy_fact()],
    })
}

fn moved(block: &Transitions) -> usize {
    block.groups.iter().map(|group| group.assets.len() * group.steps.len()).sum()
}

/// So many fixes are counted day by day: those that end the most exposures.
const FIXES: usize = 100;

/// What the exposures add up to by unit, by function and by the fix that ends them.
fn by(standing: &Standing) -> BTreeMap<String, BTreeMap<String, Count>> {
    let desk = Desk::of(
        standing.assessment.clone(),
        &standing.claims,
        &standing.world,
        standing.sight,
        &standing.in_force.rules,
    );
    let Ok(all) = Predicate::read("", FIELDS, desk.as_of()) else { return BTreeMap::new() };
    let chosen = desk.choose(&all, Within::Site);
    let groups = |name| {
        let groups = desk.groups(&chosen, name).into_iter();
        let counted = groups.map(|it| (it.value.clone().unwrap_or_default(), count(&it)));
        counted.collect::<BTreeMap<_, _>>()
    };
    let mut jobs = desk.jobs(&chosen);
    jobs.sort_by_key(|it| std::cmp::Reverse(it.exposures));
    jobs.truncate(FIXES);
    let fixes = jobs.iter().map(|job| {
        let group = desk.total(&desk.of_job(&chosen, job));
        (job.action.in_words(&job.product), count(&group))
    });
    let fixes = fixes.collect();
    BTreeMap::from([
        ("unit".to_owned(), groups(Name::Unit)),
        ("class".to_owned(), groups(Name::Purpose)),
        ("fix".to_owned(), fixes),
    ])
}

fn count(group: &Group) -> Count {
    Count { by_outcome: group.by_outcome.map(|it| it as u64), overdue: group.overdue as u64 }
}

/// SHA-256 over who is there, what was judged of it with all its evidence, and what was decided.
pub fn answers(standing: &Standing) -> Digest {
    let assessment = &standing.assessment;
    let mut all = Sha256::new();
    let mut add = |answer: &serde_json::Value| all.update(Sha256::digest(answer.to_string()));
    for state in &assessment.assets {
        add(&json!([state.asset.id, state.category, state.alike]));
    }
    for bill in &assessment.bills {
        add(&json!([bill.components, bill.judgements]));
    }
    for exposure in &assessment.exposures {
        let decision = assessment.decision(exposure);
        add(&json!([exposure.cohort, exposure.judgement, exposure.due, decision]));
    }
    all.finalize().into()
}

/// What an assessment adds up to.
pub fn summary(standing: &Standing) -> Summary {
    let assessment = &standing.assessment;
    let (mut all, mut gated) = (Count::default(), Count::default());
    for exposure in &assessment.exposures {
        let Some(cohort) = assessment.cohort(exposure) else { continue };
        let outcome = assessment.decision(exposure).map_or(Outcome::ActNow, |it| it.outcome);
        let is_overdue = exposure.due.is_some_and(|due| due < assessment.as_of);
        let size = cohort.assets.len() as u64;
        all.add(outcome, is_overdue, size);
        if cohort.alike.gated {
            gated.add(outcome, is_overdue, size);
        }
    }
    let assets = assessment.assets.len() as u64;
    let unjudged = assessment.assets.iter().filter(|it| !assessment.is_judged(it)).count() as u64;
    let by = BTreeMap::new();
    Summary { as_of: assessment.as_of, assets, unjudged: Some(unjudged), all, gated, by }
}
