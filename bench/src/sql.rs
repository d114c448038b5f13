//! The same question put to a database: new scores for every exposure, and which come first.
//!
//! A row an exposure, with an index on its score, as scanners' platforms keep them.

use crate::child::cpu_of;
use crate::ground::{Ground, NotRun, not_run, postgres_url};
use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection};
use std::time::Instant;

/// Rows that are measured; a hundred million would take minutes to fill in.
pub(crate) const ROWS: u32 = 2_000_000;

/// What a database took.
pub(crate) struct Took {
    pub(crate) update_cpu_s: f64,
    pub(crate) first_1000_ms: f64,
}

const FILL: [&str; 6] = [
    "CREATE TABLE epss (vulnerability INTEGER PRIMARY KEY, score INTEGER NOT NULL)",
    "CREATE TABLE exposure (id INTEGER PRIMARY KEY, vulnerability INTEGER NOT NULL, asset INTEGER NOT NULL, \
     score INTEGER NOT NULL)",
    "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 20000) \
     INSERT INTO epss SELECT i, (i * 7919) % 100000 FROM numbers",
    "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 2000000) \
     INSERT INTO exposure SELECT i, i % 20000 + 1, i / 100, i % 100000 FROM numbers",
    "CREATE INDEX exposure_by_score ON exposure (score)",
    "ANALYZE",
];

const UPDATE: &str = "UPDATE exposure SET score = \
    (SELECT epss.score FROM epss WHERE epss.vulnerability = exposure.vulnerability)";

const FIRST: &str = "SELECT id FROM exposure ORDER BY score DESC LIMIT 1000";

/// In this very process, by its own count.
pub(crate) async fn sqlite(ground: &Ground) -> Result<Took, NotRun> {
    let path = ground.fresh("sql")?.join("scores.db");
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let mut connection = SqliteConnection::connect(&url).await?;
    sqlx::query("PRAGMA journal_mode = WAL").execute(&mut connection).await?;
    for statement in FILL {
        sqlx::query(statement).execute(&mut connection).await?;
    }
    let before = cpu_of("self")?;
    let updated = sqlx::query(UPDATE).execute(&mut connection).await?.rows_affected();
    let update_cpu_s = cpu_of("self")? - before;
    let start = Instant::now();
    let first = sqlx::query(FIRST).fetch_all(&mut connection).await?.len();
    took(updated, first, update_cpu_s, start)
}

/// In a server on this machine, by the count of the process that serves us; what others write behind it is not
/// counted.
pub(crate) async fn postgres() -> Result<Took, NotRun> {
    let mut connection = PgConnection::connect(&postgres_url()?).await?;
    let server = sqlx::query("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
    let server = server.try_get::<i32, _>(0)?.to_string();
    for statement in ["DROP TABLE IF EXISTS exposure, epss"].iter().chain(&FILL) {
        sqlx::query(*statement).execute(&mut connection).await?;
    }
    let before = cpu_of(&server)?;
    let updated = sqlx::query(UPDATE).execute(&mut connection).await?.rows_affected();
    let update_cpu_s = cpu_of(&server)? - before;
    let start = Instant::now();
    let first = sqlx::query(FIRST).fetch_all(&mut connection).await?.len();
    took(updated, first, update_cpu_s, start)
}

fn took(updated: u64, first: usize, update_cpu_s: f64, start: Instant) -> Result<Took, NotRun> {
    if (updated, first) != (u64::from(ROWS), 1000) {
        return Err(not_run(format!("it changed {updated} rows and found {first}")));
    }
    Ok(Took { update_cpu_s, first_1000_ms: start.elapsed().as_secs_f64() * 1000.0 })
}
