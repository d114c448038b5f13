//! An assessment of the past, twice: as it was concluded then, and as it is computed today from the same facts.
//!
//! The same version of the program answers byte for byte what it answered.  A newer one may
//! not; then what was concluded stands as it was written down, and every exposure that
//! stands elsewhere today is named with what is another one: the program, its rules, or
//! facts that were recorded late.

use crate::Error;
use crate::record::{answers, concluded};
use crate::rules::{Digest, InForce, Ruleset};
use crate::standing::{Standing, standing, under};
use exposome_engine::moves::{Move, Sides, moves};
use exposome_model::fact::FactId;
use exposome_model::summary::Summary;
use exposome_model::transition::{About, Reason};
use exposome_store::Store;
use exposome_store::assessments::Finished;
use exposome_store::position::Position;
use jiff::Timestamp;

/// The assessment in force at a moment, and what comes of the same facts today.
#[derive(Debug)]
pub struct Replay {
    pub finished: Finished,
    /// What it added up to, as it was concluded.
    pub summary: Summary,
    /// Of the same moment, by this program.
    pub computed: Standing,
    pub answers: Digest,
    /// What is another one now; none where nothing is.
    pub another: Vec<Reason>,
    /// From where it was concluded to where it is computed today.
    pub moves: Vec<Move>,
}

impl Replay {
    /// Today's answers are those of then, byte for byte.
    pub fn is_identical(&self) -> bool {
        self.answers == self.finished.answers
    }
}

/// Replays the last assessment that was recorded of a moment or earlier; none was: nothing.
pub async fn replay(
    store: &Store,
    site: &str,
    as_of: Timestamp,
    program: &str,
) -> Result<Option<Replay>, Error> {
    let Some(finished) = store.finished(site, as_of).await? else { return Ok(None) };
    let computed = standing(store, site, finished.as_of).await?;
    replayed(store, site, finished, computed, program).await.map(Some)
}

/// Holds what was concluded against what was computed of the same moment.
pub async fn replayed(
    store: &Store,
    site: &str,
    finished: Finished,
    computed: Standing,
    program: &str,
) -> Result<Replay, Error> {
    let summary = store.summary(site, &finished).await?;
    let answers = answers(&computed);
    let ground = (&computed.in_force, &computed.position);
    let mut another = another(store, site, &finished, program, ground).await?;
    if another.is_empty() && answers != finished.answers {
        let words =
            "nothing that is known of: the same program, rules and facts gave another answer";
        let (about, words) = (About::Program, words.to_owned());
        another.push(Reason { about, words, facts: Vec::new() });
    }
    let concluded = concluded(store, site, finished.number).await?;
    let by_rules_of_then = under_rules_of_then(store, site, &finished, &computed).await?;
    let then = by_rules_of_then.as_ref().unwrap_or(&computed);
    let is_of_rules = |it: &&Reason| by_rules_of_then.is_some() && it.about == About::Rules;
    let (rules, others): (Vec<&Reason>, Vec<&Reason>) = another.iter().partition(is_of_rules);
    let [rules, others] = [rules, others].map(|it| it.into_iter().cloned().collect::<Vec<_>>());
    let sides =
        Sides { concluded: Some(&concluded), before: Some(then.side()), after: computed.side() };
    let moves = moves(sides, &others, &rules);
    Ok(Replay { finished, summary, computed, answers, another, moves })
}

/// Today's program by the rules of then, where they are others and it still reads them: so it is told apart whether the
/// rules moved something, or the program.
async fn under_rules_of_then(
    store: &Store,
    site: &str,
    finished: &Finished,
    computed: &Standing,
) -> Result<Option<Standing>, Error> {
    if finished.ruleset == computed.in_force.ruleset.digest() {
        return Ok(None);
    }
    let Some(texts) = store.ruleset(site, &finished.ruleset).await? else { return Ok(None) };
    let Ok(in_force) = InForce::of(Ruleset::of(texts)) else { return Ok(None) };
    let mut standing = under(store, site, finished.as_of, in_force).await?;
    standing.decide();
    Ok(Some(standing))
}

/// What is another one than when an assessment was concluded: the program, its rules, or the facts of that moment.
pub async fn another(
    store: &Store,
    site: &str,
    finished: &Finished,
    program: &str,
    (in_force, position): (&InForce, &Position),
) -> Result<Vec<Reason>, Error> {
    let mut another = Vec::new();
    let reason = |about, words, facts| Reason { about, words, facts };
    if finished.ruleset != in_force.ruleset.digest() {
        let texts = store.ruleset(site, &finished.ruleset).await?;
        let then = Ruleset::of(texts.unwrap_or_default());
        let changed = in_force.ruleset.changed_from(&then);
        let words = format!("the rules of the program: {}", changed.join(", "));
        let facts = changed.iter().map(|name| FactId::rules(name)).collect();
        another.push(reason(About::Rules, words, facts));
    }
    if finished.program != program {
        let words = format!("the program: {} -> {program}", finished.program);
        another.push(reason(About::Program, words, Vec::new()));
    }
    if !finished.position.is_same(position) {
        let words = "facts of that time were recorded after it was concluded".to_owned();
        another.push(reason(About::Late, words, Vec::new()));
    }
    Ok(another)
}
