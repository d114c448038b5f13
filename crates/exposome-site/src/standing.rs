//! What is loaded of a site, and what is concluded from it.

use crate::Error;
use crate::rules::InForce;
use exposome_engine::assess::{Assessment, examine};
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::moves::Side;
use exposome_engine::people::People;
use exposome_engine::threat::{EpssDay, EpssEdition, EpssPast, EpssScore, Threats};
use exposome_engine::world::{Sight, World};
use exposome_model::claim::Claim;
use exposome_store::Store;
use exposome_store::position::Position;
use jiff::Timestamp;

/// A site as it stands at a moment.
#[derive(Debug)]
pub struct Standing {
    /// How far the facts went.
    pub position: Position,
    pub in_force: InForce,
    pub world: World,
    /// What deciding may take as silence.
    pub sight: Sight,
    pub people: People,
    pub claims: Vec<Claim>,
    pub assessment: Assessment,
}

impl Standing {
    pub fn side(&self) -> Side<'_> {
        let Standing { world, sight, people, claims, assessment, .. } = self;
        Side { assessment, claims, people, threats: &world.threats, sight: *sight }
    }

    /// Decides everything that was examined.
    pub fn decide(&mut self) {
        self.assessment.decide(&self.world.threats, self.sight, &self.in_force.rules);
    }
}

/// Everything as recorded up to a moment, examined and decided.
pub async fn standing(store: &Store, site: &str, as_of: Timestamp) -> Result<Standing, Error> {
    let mut standing = undecided(store, site, as_of).await?;
    standing.decide();
    Ok(standing)
}

/// Who is there and what is wrong with it, by the rules in force, nothing decided yet.
pub async fn undecided(store: &Store, site: &str, as_of: Timestamp) -> Result<Standing, Error> {
    let in_force = InForce::at(&people(store, site, as_of).await?)?;
    under(store, site, as_of, in_force).await
}

/// The same under some rules, whatever is in force.
pub async fn under(
    store: &Store,
    site: &str,
    as_of: Timestamp,
    in_force: InForce,
) -> Result<Standing, Error> {
    // Before anything else: what is recorded from here on lies beyond it.
    let position = store.position(site, as_of).await?;
    let people = people(store, site, as_of).await?;
    let world = world(store, &in_force.ruleset.aliases()?, &people, as_of).await?;
    let claims = store.claims(site, as_of).await?;
    let assessment = examine(&claims, &people, &world, &in_force.rules, as_of);
    let sight = Sight::of(&world.feed_dates, in_force.rules.policy.thresholds, as_of);
    Ok(Standing { position, in_force, world, sight, people, claims, assessment })
}

/// What people have decided of a site by a moment.
pub async fn people(store: &Store, site: &str, as_of: Timestamp) -> Result<People, Error> {
    Ok(People::of(&store.events(site, as_of).await?))
}

/// What the world had said by a moment, with the scores of the day and those that these people wait for.
pub async fn world(
    store: &Store,
    aliases: &Aliases,
    people: &People,
    as_of: Timestamp,
) -> Result<World, Error> {
    let mut world = World::new(aliases);
    store.knowledge(as_of, |_feed, record| world.hear(record)).await?;
    score(&mut world.threats, store, people, as_of).await?;
    for state in store.feeds(as_of).await? {
        world.feed_dates.insert(state.feed.clone(), state.date());
    }
    world.finish();
    Ok(world)
}

/// Puts the day's scores in force, and recalls those of earlier days where a deferral waits for them.
pub async fn score(
    threats: &mut Threats,
    store: &Store,
    people: &People,
    as_of: Timestamp,
) -> Result<(), Error> {
    let waited_for = people.deferred();
    let mut past = EpssPast::new();
    let epss = store
        .epss_day_by_day(as_of, |day| {
            let Some(score_date) = day.score_date else { return };
            for vulnerability in &waited_for {
                let Some((probability_e5, _)) = day.of(vulnerability) else { continue };
                let days = past.entry((*vulnerability).to_owned()).or_default();
                days.push(EpssDay { score_date, probability_e5 });
            }
        })
        .await?;
    threats.remember(past);
    let Some(score_date) = epss.score_date else { return Ok(()) };
    let edition = EpssEdition { model_version: epss.model_version.clone(), score_date };
    threats.score(edition, |vulnerability| {
        let (probability_e5, percentile_e5) = epss.of(vulnerability)?;
        Some(EpssScore { probability_e5, percentile_e5 })
    });
    Ok(())
}
