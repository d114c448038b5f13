//! Stores of every schema that was ever committed (`testdata/schema/N.sql`, one a version): they open, tell what they
//! told, and lose nothing when the upgrade is broken off.

use exposome_model::knowledge::Record;
use exposome_store::{SCHEMA, Store};
use sqlx::{Connection as _, SqliteConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Version and file of each.
fn fixtures() -> Vec<(i64, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/schema");
    let files = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let files = files.filter(|it| it.extension().is_some_and(|it| it == "sql"));
    let mut fixtures: Vec<_> =
        files.map(|it| (it.file_stem().unwrap().to_str().unwrap().parse().unwrap(), it)).collect();
    fixtures.sort();
    fixtures
}

/// Makes the store of a fixture.
async fn lay(fixture: &Path, file: &Path) {
    let text = std::fs::read_to_string(fixture).unwrap();
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// What a store of that version must still tell.
async fn must_tell(store: &Store, version: i64) {
    let now = jiff::Timestamp::MAX;
    let mut exploited = Vec::new();
    let hear = |_: &str, record: Record| {
        if let Record::Kev(it) = record {
            exploited.push(it.vulnerability);
        }
    };
    store.knowledge(now, hear).await.unwrap();
    assert!(!exploited.is_empty(), "{version}");
    let claims = store.claims("main", now).await.unwrap();
    let mut keys: Vec<&str> = claims.iter().map(|it| it.sheet.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["P-1", "W-1"], "{version}");
    assert_eq!(store.sites().await.unwrap(), ["main"]);
    assert_eq!(store.imports("main").await.unwrap().len(), 1);
    let scores = store.epss_day_by_day(now, |_| {}).await.unwrap();
    assert!(scores.score_date.is_some(), "{version}");
    let decided = usize::from(version >= 4);
    assert_eq!(store.events("main", now).await.unwrap().len(), decided, "{version}");
    assert_eq!(store.verify_log("main").await.unwrap().unwrap().number, decided as u64);
    if version >= 6 {
        let ana = store.person_by_login("ana").await.unwrap().unwrap();
        assert_eq!(
            store.grants(&ana.id, jiff::Timestamp::UNIX_EPOCH).await.unwrap()[0].role,
            "administrator"
        );
    }
    if version >= 7 {
        assert!(store.notice("n1").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_store_of_every_earlier_schema_opens_and_tells_what_it_told() {
    let fixtures = fixtures();
    assert_eq!(
        fixtures.last().unwrap().0,
        SCHEMA,
        "a new version of the schema needs a store of it in testdata/schema"
    );
    let folder = tempfile::tempdir().unwrap();
    for (version, fixture) in fixtures {
        let file = folder.path().join(format!("{version}.db"));
        lay(&fixture, &file).await;
        for _ in 0..2 {
            let store = Store::open_sqlite(&file).await.unwrap();
            must_tell(&store, version).await;
            store.look_through().await.unwrap();
            store.close().await;
        }
    }
}

/// What was broken off may still be at it for a moment, in a thread of the database: whoever opens then is refused,
/// and opens a moment later.
async fn opened_at_last(file: &Path) -> Store {
    for _ in 0..50 {
        if let Ok(store) = Store::open_sqlite(file).await {
            return store;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Store::open_sqlite(file).await.unwrap()
}

#[tokio::test]
async fn an_upgrade_that_is_broken_off_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (version, fixture) in fixtures() {
        let mut finished = 0;
        // Broken off ever later, until it is through.
        for step in 0_u32.. {
            let file = folder.path().join(format!("{version}-{step}.db"));
            lay(&fixture, &file).await;
            let upgrading = tokio::time::timeout(
                Duration::from_micros(200 << step.min(14)),
                Store::open_sqlite(&file),
            );
            if let Ok(opened) = upgrading.await {
                opened.unwrap().close().await;
                finished += 1;
            }
            let store = opened_at_last(&file).await;
            must_tell(&store, version).await;
            store.close().await;
            if finished == 2 {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("newer.db");
    lay(&fixtures().last().unwrap().1, &file).await;
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let error = Store::open_sqlite(&file).await.unwrap_err();
    assert!(error.to_string().contains("newer exposome"), "{error}");
}
