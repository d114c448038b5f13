//! The data folder, and an assessment built from what lies in it.

use crate::cli::Cli;
use crate::progress::Progress;
use crate::{clock, feeds, rules};
use anyhow::{Context as _, Result, bail};
use exposome_engine::assess::{Assessment, examine};
use exposome_engine::moves::Side;
use exposome_engine::people::People;
use exposome_engine::threat::{EpssDay, EpssEdition, EpssPast, EpssScore, Threats};
use exposome_engine::world::{Sight, World};
use exposome_model::claim::Claim;
use exposome_store::Store;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Opens the store: the database of `--database`, else the `SQLite` file of the data folder.
pub(crate) async fn open(cli: &Cli) -> Result<Store> {
    if let Some(url) = &cli.database {
        return Ok(Store::open_postgres(url).await?);
    }
    let folder = &cli.data;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the data folder {}", folder.display()))?;
    Ok(Store::open_sqlite(&database_in(folder)).await?)
}

/// Opens the store to ask it something: that alone makes none.
pub(crate) async fn open_to_ask(cli: &Cli) -> Result<Store> {
    let folder = cli.data.display();
    if cli.database.is_none() && !database_in(&cli.data).exists() {
        bail!(
            "there is nothing in {folder} yet: `exposome feeds sync` and `exposome import FILE` come first, or --data names another folder"
        );
    }
    open(cli).await
}

fn database_in(folder: &Path) -> PathBuf {
    folder.join("exposome.db")
}

/// The moment of evaluation: `--as-of`, else now.
pub(crate) fn as_of(cli: &Cli) -> Result<Timestamp> {
    cli.as_of.as_deref().map_or_else(|| Ok(clock::now()), clock::read)
}

/// A site as it stands at a moment.
pub(crate) struct Standing {
    pub(crate) world: World,
    pub(crate) people: People,
    pub(crate) claims: Vec<Claim>,
    pub(crate) assessment: Assessment,
}

impl Standing {
    pub(crate) fn side(&self, sight: Sight) -> Side<'_> {
        Side { assessment: &self.assessment, threats: &self.world.threats, sight }
    }
}

pub(crate) async fn standing(store: &Store, site: &str, as_of: Timestamp) -> Result<Standing> {
    let (mut standing, sight) = undecided(store, site, as_of).await?;
    standing.assessment.decide(&standing.world.threats, sight, rules::rules()?);
    Ok(standing)
}

/// Who is there and what is wrong with it, nothing decided yet, and what deciding may take as silence.
pub(crate) async fn undecided(
    store: &Store,
    site: &str,
    as_of: Timestamp,
) -> Result<(Standing, Sight)> {
    let _progress = Progress::working("assessing");
    let rules = rules::rules()?;
    let people = people(store, site, as_of).await?;
    let world = world(store, &people, as_of).await?;
    let claims = store.claims(site, as_of).await?;
    let assessment = examine(&claims, &people, &world, rules, as_of);
    let sight = Sight::of(&world.feed_dates, rules.policy.thresholds, as_of);
    Ok((Standing { world, people, claims, assessment }, sight))
}

/// What people have decided of a site by a moment.
pub(crate) async fn people(store: &Store, site: &str, as_of: Timestamp) -> Result<People> {
    Ok(People::of(&store.events(site, as_of).await?))
}

pub(crate) async fn world(store: &Store, people: &People, as_of: Timestamp) -> Result<World> {
    let mut world = World::new(&rules::aliases()?);
    store.knowledge(as_of, |_feed, record| world.hear(record)).await?;
    score(&mut world.threats, store, people, as_of).await?;
    for state in store.feeds(as_of).await? {
        world.feed_dates.insert(state.feed.clone(), feeds::status::date_of(&state));
    }
    world.finish();
    Ok(world)
}

/// Puts the day's scores in force, and recalls those of earlier days where a deferral waits for them.
pub(crate) async fn score(
    threats: &mut Threats,
    store: &Store,
    people: &People,
    as_of: Timestamp,
) -> Result<()> {
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
