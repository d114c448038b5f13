//! What the server asks of the binary: reading documents, and asking outwards.
//!
//! Each errand has a thread of its own: reading is work, and fetching waits.

use crate::clock::Recorder;
use crate::feeds::{self, fetch};
use crate::import::{self, Aloud, Handing, Scope};
use anyhow::{Context as _, Result};
use exposome_engine::assess::day_of;
use exposome_intake::inventory::{ColumnMap, Field, Told};
use exposome_model::inventory::Attribute;
use exposome_server::Clock;
use exposome_server::errands::{
    Answer, Asking, Errands, Failed, FeedState, Imported, Importing, Loaded, LoadedFeed, Mail,
};
use exposome_server::settings::MailServer;
use exposome_store::Store;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;

/// Runs errands on one store and data folder.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) store: Store,
    pub(crate) data: PathBuf,
    /// Changes to the publishers (TOML).
    pub(crate) publishers: Option<PathBuf>,
    pub(crate) clock: Clock,
    /// Where mail is handed in.
    pub(crate) mail: Option<MailServer>,
}

impl Errands for Runner {
    fn import(&self, importing: Importing) -> BoxFuture<'_, Result<Imported, Failed>> {
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        apart(async move || import_all(&store, importing, clock()).await)
    }

    fn column_fields(&self) -> Vec<&'static str> {
        let attributes = Attribute::ALL.iter().map(|it| it.name());
        let others = Field::OTHERS.iter().filter(|it| **it != Field::Ignored);
        attributes.chain(others.map(|it| it.name())).collect()
    }

    fn load_feeds(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<Loaded, Failed>> {
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        apart(async move || load(&store, &paths, Vec::new(), clock()).await)
    }

    fn sync_feeds(&self, wanted: Vec<String>) -> BoxFuture<'_, Result<Loaded, Failed>> {
        let runner = self.clone();
        apart(async move || {
            let folder = runner.data.join("feeds");
            let configuration = feeds::configured(runner.publishers.as_deref())?;
            let wanted = feeds::wanted(&wanted, &configuration)?;
            let settings = fetch::Settings::configured(&configuration.http);
            let outcomes =
                fetch::sync(&wanted, &folder, &settings, &fetch::WallClock, &|_step| {})?;
            let troubles = outcomes.iter().flat_map(|outcome| {
                outcome
                    .troubles
                    .iter()
                    .map(|it| format!("{}: {}: {}", outcome.feed, it.what, it.advice))
            });
            load(&runner.store, &[folder], troubles.collect(), (runner.clock)()).await
        })
    }

    fn assess(&self, site: String) -> BoxFuture<'_, Result<Option<usize>, Failed>> {
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        apart(async move || {
            let now = clock();
            let last = store.finished(&site, Timestamp::MAX).await?;
            let is_same = match &last {
                Some(last) => {
                    last.program == crate::PROGRAM
                        && day_of(last.as_of) == day_of(now)
                        && last.position == store.position(&site, now).await?
                }
                None => false,
            };
            if is_same || last.is_some_and(|last| last.as_of >= now) {
                return Ok(None);
            }
            let standing = exposome_site::standing(&store, &site, now).await?;
            let recorded =
                exposome_site::record(&store, &site, &standing, crate::PROGRAM, now).await?;
            Ok(Some(recorded.moved))
        })
    }

    fn feeds(&self) -> BoxFuture<'_, Result<Vec<FeedState>, Failed>> {
        let (store, clock) = (self.store.clone(), Arc::clone(&self.clock));
        apart(async move || feeds::status::states(&store, clock()).await)
    }

    fn mail(&self, mail: Mail) -> BoxFuture<'_, Result<(), Failed>> {
        let (server, clock) = (self.mail.clone(), Arc::clone(&self.clock));
        apart(async move || {
            let server = server.context("no mail server is set: [mail] in the settings")?;
            crate::mail::send(&server, &mail, clock())
        })
    }

    fn ask(&self, asking: Asking) -> BoxFuture<'_, Result<Answer, Failed>> {
        let publishers = self.publishers.clone();
        apart(async move || {
            let configuration = feeds::configured(publishers.as_deref())?;
            let settings = fetch::Settings::configured(&configuration.http);
            fetch::ask(&asking, &settings)
        })
    }
}

/// Does work on a thread of its own, and says in words what went wrong.
fn apart<T, W>(work: impl FnOnce() -> W + Send + 'static) -> BoxFuture<'static, Result<T, Failed>>
where
    T: Send + 'static,
    W: Future<Output = Result<T>>,
{
    let runtime = tokio::runtime::Handle::current();
    let working = tokio::task::spawn_blocking(move || runtime.block_on(work()));
    Box::pin(async move {
        let worked = working.await.map_err(|_| Failed("it broke down".to_owned()))?;
        worked.map_err(|error| Failed(format!("{error:#}")))
    })
}

async fn import_all(store: &Store, importing: Importing, now: Timestamp) -> Result<Imported> {
    let handing = match handing(&importing, now) {
        Ok(handing) => handing,
        Err(error) => {
            return Ok(Imported { unfit: Some(format!("{error:#}")), ..Imported::default() });
        }
    };
    let (site, recorder) = (importing.site.as_deref(), Recorder::starting(now));
    let outcomes = import::take(store, site, &importing.paths, &handing, recorder).await?;
    // Whatever site a document named may have changed.
    let sites = match importing.site {
        Some(site) => vec![site],
        None => store.sites().await?,
    };
    let mut imported = Imported { sites, ..Imported::default() };
    for outcome in outcomes {
        outcome.tell(&mut imported);
    }
    Ok(imported)
}

/// What a person said beside the documents, understood.
fn handing(importing: &Importing, now: Timestamp) -> Result<Handing> {
    let mut columns = ColumnMap::default();
    for (heading, name) in &importing.columns {
        let field = Field::from_name(name)
            .with_context(|| format!("{name:?} is nothing that a column says"))?;
        columns.columns.insert(heading.clone(), field);
    }
    let scopes = importing.complete.iter().map(|text| Scope::read(text));
    Ok(Handing {
        source: importing.source.clone().unwrap_or_default(),
        told: Told { columns: (!columns.columns.is_empty()).then_some(columns), ..Told::default() },
        observed: importing.observed.map(|it| import::not_ahead(it, now)).transpose()?,
        scopes: scopes.collect::<Result<_>>()?,
        confirmed: importing.confirmed,
        dry_run: importing.dry_run,
        aloud: Aloud::Nothing,
        save_map: None,
    })
}

async fn load(
    store: &Store,
    paths: &[PathBuf],
    mut troubles: Vec<String>,
    now: Timestamp,
) -> Result<Loaded> {
    let (loaded, reading) = feeds::load(store, paths, false, &mut Recorder::starting(now)).await?;
    if reading.refused() > 0 {
        troubles.push(format!("{} records were refused by their readers", reading.refused()));
    }
    let feeds: Vec<LoadedFeed> = loaded
        .into_iter()
        .map(|it| LoadedFeed { feed: it.feed, written: it.changes.written(), held: it.held })
        .collect();
    Ok(Loaded { written: feeds.iter().map(|it| it.written).sum(), feeds, troubles })
}
