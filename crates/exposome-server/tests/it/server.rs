//! A server of one's own.

use crate::client::Client;
use exposome_server::errands::{self, Errands, Failed};
use exposome_server::{House, Running, Settings};
use exposome_store::Store;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

/// A server, its data folder and its clock.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) set_up: Option<String>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) house: House,
    pub(crate) runner: Arc<Runner>,
    pub(crate) folder: tempfile::TempDir,
    seconds: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
}

/// Runs errands of tests: what is asked of it is noted, what it answers is laid down before.
#[derive(Default)]
pub(crate) struct Runner {
    pub(crate) imported: Mutex<Vec<PathBuf>>,
    /// What was said beside the documents, and what these held.
    pub(crate) importing: Mutex<Vec<(errands::Importing, Vec<String>)>>,
    pub(crate) syncs: AtomicI64,
    /// So many syncs fail before one succeeds.
    pub(crate) failing: AtomicI64,
    pub(crate) mails: Mutex<Vec<errands::Mail>>,
    /// The mail server takes nothing.
    pub(crate) no_mail: std::sync::atomic::AtomicBool,
}

impl Errands for Runner {
    fn import(
        &self,
        importing: errands::Importing,
    ) -> BoxFuture<'_, Result<errands::Imported, Failed>> {
        Box::pin(async move {
            let documents = importing.paths.iter().map(|path| errands::ImportedDocument {
                document: path.file_name().unwrap().to_string_lossy().into_owned(),
                records: 1,
                ..Default::default()
            });
            let documents = documents.collect();
            let texts = importing.paths.iter().map(|it| std::fs::read_to_string(it).unwrap());
            let texts = texts.collect();
            self.importing.lock().unwrap().push((importing.clone(), texts));
            self.imported.lock().unwrap().extend(importing.paths.clone());
            let unfit = importing.complete.iter().any(|it| it == "nonsense");
            let unfit = unfit.then(|| "nonsense is no scope".to_owned());
            let sites = vec!["main".into()];
            Ok(errands::Imported { documents, sites, unfit, ..Default::default() })
        })
    }

    fn assess(&self, _: String) -> BoxFuture<'_, Result<Option<usize>, Failed>> {
        Box::pin(async { Ok(None) })
    }

    fn column_fields(&self) -> Vec<&'static str> {
        vec!["asset_id", "name"]
    }

    fn load_feeds(&self, _: Vec<PathBuf>) -> BoxFuture<'_, Result<errands::Loaded, Failed>> {
        Box::pin(async { Ok(errands::Loaded::default()) })
    }

    fn sync_feeds(&self, _: Vec<String>) -> BoxFuture<'_, Result<errands::Loaded, Failed>> {
        Box::pin(async {
            self.syncs.fetch_add(1, Ordering::SeqCst);
            if self.failing.fetch_sub(1, Ordering::SeqCst) > 0 {
                return Err(Failed("the publisher does not answer".into()));
            }
            Ok(errands::Loaded { written: 7, ..Default::default() })
        })
    }

    fn feeds(&self) -> BoxFuture<'_, Result<Vec<errands::FeedState>, Failed>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn mail(&self, mail: errands::Mail) -> BoxFuture<'_, Result<(), Failed>> {
        Box::pin(async move {
            if self.no_mail.load(Ordering::SeqCst) {
                return Err(Failed("the mail server does not answer".into()));
            }
            self.mails.lock().unwrap().push(mail);
            Ok(())
        })
    }

    fn ask(&self, asking: errands::Asking) -> BoxFuture<'_, Result<errands::Answer, Failed>> {
        Box::pin(async move {
            let asked = tokio::task::spawn_blocking(move || {
                let agent: ureq::Agent =
                    ureq::Agent::config_builder().http_status_as_error(false).build().into();
                let mut request =
                    ureq::http::Request::builder().method(asking.method.as_str()).uri(asking.url);
                for (name, value) in &asking.headers {
                    request = request.header(name, value);
                }
                let mut answer = agent
                    .run(request.body(asking.body).unwrap())
                    .map_err(|it| Failed(it.to_string()))?;
                let body = answer.body_mut().read_to_vec().unwrap();
                Ok(errands::Answer { status: answer.status().as_u16(), headers: Vec::new(), body })
            });
            asked.await.map_err(|_| Failed("it broke down".into()))?
        })
    }
}

pub(crate) fn settings() -> Settings {
    let mut settings = Settings { plain: true, ..Settings::default() };
    settings.address = ([127, 0, 0, 1], 0).into();
    settings.jobs.enabled = false;
    settings.jobs.look_milliseconds = 20;
    settings
}

impl Server {
    pub(crate) fn new() -> Server {
        Server::with(settings())
    }

    pub(crate) fn with(settings: Settings) -> Server {
        Server::of(tempfile::tempdir().unwrap(), settings)
    }

    /// Starts on a folder, which may have been used before.
    pub(crate) fn of(folder: tempfile::TempDir, mut settings: Settings) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        folder.path().clone_into(&mut settings.data);
        let seconds = Arc::new(AtomicI64::new(1_790_000_000));
        let clock = {
            let seconds = Arc::clone(&seconds);
            Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
        };
        let runner = Arc::new(Runner::default());
        let (house, mut running) = runtime.block_on(async {
            let store = Store::open_sqlite(&folder.path().join("exposome.db")).await.unwrap();
            let house = House::new(store, clock, settings, runner.clone()).unwrap();
            (house.clone(), exposome_server::start(house).await.unwrap())
        });
        let scheme = if house.settings.plain { "http" } else { "https" };
        let url = format!("{scheme}://{}", running.address);
        let (set_up, fingerprint) = (running.set_up.take(), running.fingerprint.clone());
        Server {
            url,
            set_up,
            fingerprint,
            house,
            runner,
            folder,
            seconds,
            runtime,
            running: Some(running),
        }
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.house.clock)()
    }

    pub(crate) fn nobody(&self) -> Client {
        Client::of(&self.url)
    }

    /// The first administrator, signed in.
    pub(crate) fn administrator(&self) -> Client {
        self.nobody().administrator(self.set_up.as_ref().unwrap())
    }

    /// Stops, and gives back the folder.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        let running = self.running.take().unwrap();
        self.runtime.block_on(running.stop());
        self.runtime.block_on(self.house.store.clone().close());
        self.folder
    }
}
