//! What the server asks of the binary: reading documents, and asking outwards.
//!
//! Each errand has a thread of its own: reading is work, and fetching waits.

use crate::clock::Recorder;
use crate::feeds::{self, fetch};
use crate::import::{self, Handing};
use anyhow::{Context as _, Result};
use exposome_server::errands::{
    Answer, Asking, Errands, Failed, FeedState, Imported, Importing, Loaded, LoadedFeed, Mail,
};
use exposome_server::settings::MailServer;
use exposome_store::Store;
use futures_util::future::BoxFuture;
use std::path::PathBuf;

/// Runs errands on one store and data folder.
#[derive(Clone)]
pub(crate) struct Runner {
    pub(crate) store: Store,
    pub(crate) data: PathBuf,
    /// Changes to the publishers (TOML).
    pub(crate) publishers: Option<PathBuf>,
    /// Where mail is handed in.
    pub(crate) mail: Option<MailServer>,
}

impl Errands for Runner {
    fn import(&self, importing: Importing) -> BoxFuture<'_, Result<Imported, Failed>> {
        let store = self.store.clone();
        apart(async move || import_all(&store, importing).await)
    }

    fn load_feeds(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<Loaded, Failed>> {
        let store = self.store.clone();
        apart(async move || load(&store, &paths, Vec::new()).await)
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
            load(&runner.store, &[folder], troubles.collect()).await
        })
    }

    fn feeds(&self) -> BoxFuture<'_, Result<Vec<FeedState>, Failed>> {
        let store = self.store.clone();
        apart(async move || feeds::status::states(&store, crate::clock::now()).await)
    }

    fn mail(&self, mail: Mail) -> BoxFuture<'_, Result<(), Failed>> {
        let server = self.mail.clone();
        apart(async move || {
            let server = server.context("no mail server is set: [mail] in the settings")?;
            crate::mail::send(&server, &mail, crate::clock::now())
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

async fn import_all(store: &Store, importing: Importing) -> Result<Imported> {
    let handing = Handing {
        source: importing.source.unwrap_or_default(),
        observed: importing.observed,
        confirmed: importing.confirmed,
        ..Handing::default()
    };
    let documents =
        import::take(store, importing.site.as_deref(), &importing.paths, &handing).await?;
    Ok(Imported { documents, sites: store.sites().await? })
}

async fn load(store: &Store, paths: &[PathBuf], mut troubles: Vec<String>) -> Result<Loaded> {
    let (loaded, reading) = feeds::load(store, paths, false, &mut Recorder::new()).await?;
    if reading.refused() > 0 {
        troubles.push(format!("{} records were refused by their readers", reading.refused()));
    }
    let feeds: Vec<LoadedFeed> = loaded
        .into_iter()
        .map(|it| LoadedFeed { feed: it.feed, written: it.changes.written(), held: it.held })
        .collect();
    Ok(Loaded { written: feeds.iter().map(|it| it.written).sum(), feeds, troubles })
}
