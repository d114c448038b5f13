//! HTTP: the JSON API, sign-in, live updates and the pages.
//!
//! A request goes through one row of doors (`door.rs`), each of which may
//! refuse it: size and time, who asks (`access/`), whether she may (one table,
//! `access/permissions.rs`), how often.  What is refused is said plainly, what
//! fails is logged with an id (`problem.rs`).  Behind the doors is a file per
//! resource (`api/`).
//!
//! **Invariants:** nothing here asks outwards (whatever needs that is one of
//! the binary's [`Errands`]); nothing here knows SQL; nothing here looks at
//! the clock but through [`Clock`].

pub mod access;
pub mod api;
pub mod body;
pub mod door;
pub mod errands;
mod export;
pub mod jobs;
mod keep;
mod listen;
pub mod live;
pub mod logs;
mod metrics;
pub mod notices;
mod once;
pub mod problem;
mod rate;
mod seal;
mod secret;
pub mod settings;
mod stall;
mod tls;
mod upload;
mod urgent;
mod web;

pub use errands::Errands;
pub use live::Changed;
pub use settings::Settings;

use exposome_site::Residents;
use exposome_store::Store;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// What time it is: the binary says, and in a test the test does.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything a request may need, shared by all.
#[derive(Clone)]
pub struct House {
    pub store: Store,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    pub errands: Arc<dyn Errands>,
    /// The sites as they stand, kept in memory.
    pub sites: Arc<Residents>,
    /// What was worked out of them.
    pub(crate) kept: Arc<api::answers::Kept>,
    /// What has changed: imports, loads, decisions.  Listeners keep what is shown up to date.
    pub changes: live::Changes,
    pub(crate) inner: Arc<Inner>,
}

/// What only this crate needs.
pub(crate) struct Inner {
    pub(crate) passwords: access::password::Passwords,
    pub(crate) rates: rate::Rates,
    pub(crate) metrics: metrics::Metrics,
    pub(crate) seal: seal::Seal,
    pub(crate) oidc: access::oidc::Known,
    /// The latest second that was seen, on the clock or in the store.
    latest: std::sync::atomic::AtomicI64,
    /// What a browser is to open.
    place: std::sync::OnceLock<String>,
    /// Woken when a job is to be looked at before its time.
    pub(crate) job_bell: tokio::sync::Notify,
}

impl House {
    /// Puts a house together in a data folder; the folder is made, for its owner alone, where there is none.
    pub fn new(
        store: Store,
        clock: Clock,
        settings: Settings,
        errands: Arc<dyn Errands>,
    ) -> Result<House, Error> {
        make_private(&settings.data)?;
        upload::sweep(&settings.data);
        let seal = seal::Seal::open(&settings)?;
        let inner = Inner {
            passwords: access::password::Passwords::new(settings.limits.password_hashes_at_once)?,
            rates: rate::Rates::new(settings.limits.rates),
            metrics: metrics::Metrics::default(),
            seal,
            oidc: access::oidc::Known::default(),
            latest: std::sync::atomic::AtomicI64::new(i64::MIN),
            place: std::sync::OnceLock::new(),
            job_bell: tokio::sync::Notify::new(),
        };
        let changes = live::Changes::new(secret::random_text(6)?);
        let settings = Arc::new(settings);
        let sites = Arc::new(Residents::new(store.clone()));
        let (kept, inner) = (Arc::default(), Arc::new(inner));
        Ok(House { store, clock, settings, errands, sites, kept, changes, inner })
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// What a browser is to open.
    pub(crate) fn place(&self) -> &str {
        self.inner.place.get().map_or("", String::as_str)
    }

    /// Whether the clock says much less than it did: clocks that are set go back by less.
    pub(crate) fn is_clock_behind(&self) -> bool {
        let now = self.now();
        now + jiff::SignedDuration::from_secs(120) < self.latest_moment(now)
    }

    /// The latest moment that was ever seen, this one included.
    pub(crate) fn latest_moment(&self, now: Timestamp) -> Timestamp {
        let now = now.as_second();
        let before = self.inner.latest.fetch_max(now, std::sync::atomic::Ordering::Relaxed);
        Timestamp::from_second(before.max(now)).unwrap_or(Timestamp::MAX)
    }
}

/// The file of a data folder that says: this is a copy that was put in place, and nobody has said yet that it stands
/// for the original.  While it is there nothing is asked outside and nothing is sent.
pub const RESTORED: &str = "restored";

impl House {
    /// What the marker says, where this is a copy that nobody has confirmed.
    pub fn restored(&self) -> Option<String> {
        std::fs::read_to_string(self.settings.data.join(RESTORED)).ok()
    }

    pub(crate) fn confirm_restored(&self) -> Result<(), Error> {
        let path = self.settings.data.join(RESTORED);
        let failed = |source| Error::File {
            what: "the mark of a restored copy",
            path: path.clone(),
            source,
        };
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(failed),
        }
    }
}

/// A server that answers.
pub struct Running {
    /// Where; the port that was found where 0 was asked for.
    pub address: SocketAddr,
    /// What a browser is to open.
    pub url: String,
    /// SHA-256 of the certificate, where it is one of our own making.
    pub fingerprint: Option<String>,
    /// The link that makes the first administrator, where there is none yet.  Shown once.
    pub set_up: Option<String>,
    stop: tokio::sync::watch::Sender<bool>,
    serving: tokio::task::JoinHandle<()>,
    working: tokio::task::JoinHandle<()>,
    keeping: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Lets those who are being served finish, and takes no more.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.serving.await;
        let _ = self.working.await;
        let _ = self.keeping.await;
    }
}

/// Starts to answer, and to do what is due.
pub async fn start(house: House) -> Result<Running, Error> {
    let settings = Arc::clone(&house.settings);
    let tls = tls::acceptor(&settings, house.now())?;
    let listener = listen::bind(&settings).await?;
    let address = listener
        .local_addr()
        .map_err(|source| Error::Address { address: settings.address, source })?;
    let url = settings.url(address);
    let _ = house.inner.place.set(url.clone());
    if let Some(latest) = house.store.latest_moment().await? {
        house.latest_moment(latest);
    }
    let set_up = access::set_up::link(&house, &url).await?;
    jobs::enter(&house).await?;
    let router = api::router(&house);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let keeping = tokio::spawn(keep::run(house.clone(), stopped.clone()));
    let working = tokio::spawn(jobs::run(house, stopped.clone()));
    let fingerprint = tls.as_ref().and_then(|it| it.fingerprint.clone());
    let acceptor = tls.map(|it| it.acceptor);
    let serving = tokio::spawn(listen::serve(listener, acceptor, router, settings, stopped));
    Ok(Running { address, url, fingerprint, set_up, stop, serving, working, keeping })
}

/// Answers until it is told to stop.  `started` hears once where.
pub async fn serve(
    house: House,
    started: impl FnOnce(&Running),
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let running = start(house).await?;
    started(&running);
    stop.await;
    tracing::info!("stopping: requests under way are finished first");
    running.stop().await;
    Ok(())
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot listen at {address}")]
    Address { address: SocketAddr, source: std::io::Error },
    #[error(
        "plain HTTP is for this machine alone, and {address} is open to others: give a certificate, or leave out --plain"
    )]
    PlainToOthers { address: SocketAddr },
    #[error("cannot use {what} at {}", path.display())]
    File { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{what} at {}: {why}", path.display())]
    Unfit { what: &'static str, path: PathBuf, why: String },
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    #[error("cannot make a certificate")]
    Certificate(#[from] rcgen::Error),
    #[error("{0}")]
    Settings(String),
    #[error("this machine gives no random numbers")]
    NoRandom,
    #[error(transparent)]
    Store(#[from] exposome_store::Error),
}

/// A folder for its owner alone.
fn make_private(folder: &std::path::Path) -> Result<(), Error> {
    let failed = |source| Error::File { what: "the data folder", path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// Writes a file that only its owner reads; it is whole or not there.
fn write_private(path: &std::path::Path, what: &'static str, bytes: &[u8]) -> Result<(), Error> {
    use std::io::Write as _;
    let failed = |source| Error::File { what, path: path.to_owned(), source };
    let part = path.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&part, path).map_err(failed)
}
