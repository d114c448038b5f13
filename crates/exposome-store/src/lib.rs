//! Where facts lie: append-only, as recorded, on `SQLite` or `PostgreSQL`.
//!
//! World knowledge ([`world`]) and what sources say of a hospital's own things
//! ([`site`]) are only ever added to; the state at any past moment is what had
//! been recorded by then.  Exposures and scores are not stored: the engine
//! derives them.
//!
//! Only this crate knows SQL.  Every statement runs on both databases; loading
//! in bulk has two bodies ([`bulk`]), because what is fast on one is slow on the
//! other.

pub mod accounts;
pub mod assessments;
mod block;
mod bulk;
pub mod epss;
pub mod events;
pub mod jobs;
mod json;
pub mod notices;
pub mod once;
mod pack;
pub mod position;
pub mod site;
mod upgrade;
pub mod world;

use sha2::{Digest, Sha256};
use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

/// An open store.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Backend,
    /// What the last writer learned of components and bills, by site.
    known: Arc<Mutex<HashMap<String, site::Known>>>,
}

#[derive(Debug, Clone)]
enum Backend {
    /// One writer, many readers: `SQLite` takes turns at writing anyway, and so nobody waits inside it.
    Sqlite {
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot open the store at {place}")]
    Open { place: String, source: sqlx::Error },
    #[error("the store at {place} was written by a newer exposome: upgrade this one")]
    Newer { place: String },
    #[error("cannot bring the store at {place} up to date")]
    Migrate { place: String, source: sqlx::migrate::MigrateError },
    #[error("the store did not answer")]
    Sql(#[from] sqlx::Error),
    #[error("somebody else has decided something meanwhile: look again, then repeat the command")]
    Overtaken,
    #[error("somebody else has recorded an assessment meanwhile, of {as_of}")]
    Concluded { as_of: jiff::Timestamp },
    #[error("PostgreSQL is copied with its own pg_dump")]
    CopiedElsewhere,
    #[error("the database says of itself: {words}")]
    Unsound { words: String },
    #[error("a stored {what} cannot be read back: {record}")]
    Damaged { what: &'static str, record: String },
}

/// The schema, version by version: number, what it adds, the statements of each database.  Read at compile time by
/// hand: sqlx's macro for it would build both databases a second time for the compiler.
const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    (
        1,
        "ground",
        include_str!("../migrations/sqlite/0001_ground.sql"),
        include_str!("../migrations/postgres/0001_ground.sql"),
    ),
    (
        2,
        "seen recorded",
        include_str!("../migrations/sqlite/0002_seen_recorded.sql"),
        include_str!("../migrations/postgres/0002_seen_recorded.sql"),
    ),
    (
        3,
        "blocks",
        include_str!("../migrations/sqlite/0003_blocks.sql"),
        include_str!("../migrations/postgres/0003_blocks.sql"),
    ),
    (
        4,
        "events",
        include_str!("../migrations/sqlite/0004_events.sql"),
        include_str!("../migrations/postgres/0004_events.sql"),
    ),
    (
        5,
        "assessments",
        include_str!("../migrations/sqlite/0005_assessments.sql"),
        include_str!("../migrations/postgres/0005_assessments.sql"),
    ),
    (
        6,
        "accounts",
        include_str!("../migrations/sqlite/0006_accounts.sql"),
        include_str!("../migrations/postgres/0006_accounts.sql"),
    ),
    (
        7,
        "notices",
        include_str!("../migrations/sqlite/0007_notices.sql"),
        include_str!("../migrations/postgres/0007_notices.sql"),
    ),
];

/// The version of the schema that this program writes.
pub const SCHEMA: i64 = match MIGRATIONS {
    [.., (version, ..)] => *version,
    [] => 0,
};

fn migrator(
    of: impl Fn(&(i64, &'static str, &'static str, &'static str)) -> &'static str,
) -> Migrator {
    let one = |migration: &(i64, &'static str, &'static str, &'static str)| {
        Migration::new(
            migration.0,
            migration.1.into(),
            MigrationType::Simple,
            of(migration).into_sql_str(),
            false,
        )
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(one).collect())
}

impl Store {
    /// Opens or makes the `SQLite` file.
    pub async fn open_sqlite(path: &Path) -> Result<Store, Error> {
        let place = path.display().to_string();
        let opening = |source| Error::Open { place: place.clone(), source };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            // Most rows are a record of one to two kilobytes: pages of four would stand half empty.
            .page_size(16_384)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-65536")
            .busy_timeout(std::time::Duration::from_secs(30));
        // A connection is a thread of ours: asking it before each use whether it is there is half of a small question.
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await
            .map_err(opening)?;
        migrator(|it| it.2).run(&write).await.map_err(|source| migrating(&place, source))?;
        let read = SqlitePoolOptions::new()
            .max_connections(8)
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(opening)?;
        let store = Store { backend: Backend::Sqlite { write, read }, known: Arc::default() };
        store.upgrade().await?;
        Ok(store)
    }

    /// Opens a `PostgreSQL` database by its URL.
    pub async fn open_postgres(url: &str) -> Result<Store, Error> {
        let place = without_password(url);
        let options = sqlx::postgres::PgConnectOptions::from_str(url);
        let options = options.map_err(|source| Error::Open { place: place.clone(), source })?;
        let pool =
            sqlx::postgres::PgPoolOptions::new().max_connections(8).connect_with(options).await;
        let pool = pool.map_err(|source| Error::Open { place: place.clone(), source })?;
        migrator(|it| it.3).run(&pool).await.map_err(|source| migrating(&place, source))?;
        let store = Store { backend: Backend::Postgres(pool), known: Arc::default() };
        store.upgrade().await?;
        Ok(store)
    }

    /// Waits until everything is written and lets go of the database.
    pub async fn close(self) {
        match self.backend {
            Backend::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Backend::Postgres(pool) => pool.close().await,
        }
    }

    /// Writes a copy of one moment into a file that is not there yet, while others read and write.
    pub async fn copy_into(&self, path: &Path) -> Result<(), Error> {
        let Backend::Sqlite { read, .. } = &self.backend else {
            return Err(Error::CopiedElsewhere);
        };
        sqlx::query("VACUUM INTO $1").bind(path.to_string_lossy().as_ref()).execute(read).await?;
        Ok(())
    }

    /// Has the database look through itself: every page, every index.
    pub async fn look_through(&self) -> Result<(), Error> {
        let Backend::Sqlite { read, .. } = &self.backend else { return Ok(()) };
        let (words,): (String,) = sqlx::query_as("PRAGMA integrity_check").fetch_one(read).await?;
        if words == "ok" { Ok(()) } else { Err(Error::Unsound { words }) }
    }

    async fn read(&self) -> Result<Reading, Error> {
        Ok(match &self.backend {
            Backend::Sqlite { read, .. } => Reading::Sqlite(read.acquire().await?),
            Backend::Postgres(pool) => Reading::Postgres(pool.acquire().await?),
        })
    }

    /// Begins to write.  Writers of the same `subject` take turns, so that what one has read still holds when it writes.
    async fn write(&self, subject: &str) -> Result<Writing, Error> {
        Ok(match &self.backend {
            Backend::Sqlite { write, .. } => {
                Writing::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?)
            }
            Backend::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                let lock = sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                    .bind(subject);
                lock.execute(&mut *transaction).await?;
                Writing::Postgres(transaction)
            }
        })
    }
}

fn migrating(place: &str, source: sqlx::migrate::MigrateError) -> Error {
    let place = place.to_owned();
    match source {
        sqlx::migrate::MigrateError::VersionMissing(_) => Error::Newer { place },
        source => Error::Migrate { place, source },
    }
}

/// A connection for reading.
enum Reading {
    Sqlite(sqlx::pool::PoolConnection<Sqlite>),
    Postgres(sqlx::pool::PoolConnection<Postgres>),
}

/// A transaction.  Dropped without [`Writing::commit`], it leaves nothing behind.
enum Writing {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Whichever connection there is.
enum Link<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Link<'_> {
    /// The same connection, for one more statement.
    fn again(&mut self) -> Link<'_> {
        match self {
            Link::Sqlite(connection) => Link::Sqlite(connection),
            Link::Postgres(connection) => Link::Postgres(connection),
        }
    }
}

impl Reading {
    fn link(&mut self) -> Link<'_> {
        match self {
            Reading::Sqlite(connection) => Link::Sqlite(connection),
            Reading::Postgres(connection) => Link::Postgres(connection),
        }
    }
}

impl Writing {
    fn link(&mut self) -> Link<'_> {
        match self {
            Writing::Sqlite(transaction) => Link::Sqlite(transaction),
            Writing::Postgres(transaction) => Link::Postgres(transaction),
        }
    }

    /// Runs a statement that asks for nothing.
    async fn run(&mut self, statement: &'static str) -> Result<(), Error> {
        match self {
            Writing::Sqlite(transaction) => {
                sqlx::query(statement).execute(&mut **transaction).await?;
            }
            Writing::Postgres(transaction) => {
                sqlx::query(statement).execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }

    async fn commit(self) -> Result<(), Error> {
        match self {
            Writing::Sqlite(transaction) => transaction.commit().await?,
            Writing::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

/// Runs one query on whichever database there is and hands over each row as a tuple.
macro_rules! each_row {
    ($link:expr, $sql:literal, [$($bind:expr),*], |$row:pat_param in $type:ty| $body:block) => {{
        use futures_util::TryStreamExt as _;
        match $link {
            $crate::Link::Sqlite(connection) => {
                let mut rows = sqlx::query_as::<sqlx::Sqlite, $type>($sql)$(.bind($bind))*.fetch(connection);
                while let Some($row) = rows.try_next().await? $body
            }
            $crate::Link::Postgres(connection) => {
                let mut rows = sqlx::query_as::<sqlx::Postgres, $type>($sql)$(.bind($bind))*.fetch(connection);
                while let Some($row) = rows.try_next().await? $body
            }
        }
    }};
}
use each_row;

/// Runs one statement on whichever database there is and says how many rows it touched.
macro_rules! run {
    ($link:expr, $sql:literal, [$($bind:expr),* $(,)?]) => {
        match $link {
            $crate::Link::Sqlite(connection) => {
                sqlx::query::<sqlx::Sqlite>($sql)$(.bind($bind))*.execute(connection).await?.rows_affected()
            }
            $crate::Link::Postgres(connection) => {
                sqlx::query::<sqlx::Postgres>($sql)$(.bind($bind))*.execute(connection).await?.rows_affected()
            }
        }
    };
}
use run;

/// The first 16 bytes of SHA-256: what a record is compared by.
pub type ShortDigest = [u8; 16];

pub fn short_digest(bytes: &[u8]) -> ShortDigest {
    short_digest_of(&[bytes])
}

/// The digest of parts that follow one another.
fn short_digest_of(parts: &[&[u8]]) -> ShortDigest {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let whole = digest.finalize();
    let mut short = ShortDigest::default();
    short.iter_mut().zip(whole).for_each(|(slot, byte)| *slot = byte);
    short
}

/// Two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// What loading a document did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Changes {
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    /// In the feed before, not in this document; said only where the document is whole.
    pub removed: u64,
}

impl Changes {
    /// How many state changes were written.
    pub fn written(&self) -> u64 {
        self.added + self.changed + self.removed
    }
}

fn micros(moment: jiff::Timestamp) -> i64 {
    moment.as_microsecond()
}

fn moment(micros: i64) -> Result<jiff::Timestamp, Error> {
    jiff::Timestamp::from_microsecond(micros)
        .map_err(|_| Error::Damaged { what: "moment", record: micros.to_string() })
}

/// Host, port and database: what a person needs to find it.  A password may stand in many places of a URL.
fn without_password(url: &str) -> String {
    match url.parse::<sqlx::postgres::PgConnectOptions>() {
        Ok(place) => {
            let database = place.get_database().unwrap_or_default();
            format!("postgres://{}:{}/{database}", place.get_host(), place.get_port())
        }
        Err(_) => "an address that is no PostgreSQL URL".to_owned(),
    }
}
