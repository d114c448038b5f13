//! What the server does by itself.

use crate::server::{Server, settings};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

fn working() -> Server {
    let mut settings = settings();
    settings.jobs.enabled = true;
    settings.jobs.inbox_seconds = 1;
    Server::with(settings)
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not happen");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn a_job_that_fails_comes_again_and_its_row_says_how_it_went() {
    let mut settings = settings();
    settings.jobs.enabled = true;
    let server = Server::with(settings);
    let root = server.administrator();
    let feeds = || {
        root.get("/api/v1/jobs").body["rows"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["name"] == "feeds")
            .unwrap()
            .clone()
    };
    until("the first sync", || feeds()["succeeded"] == true);
    assert_eq!(feeds()["result"], "7 records are new, other, or gone");
    server.runner.failing.store(2, Ordering::SeqCst);
    for failures in 1..=2 {
        assert_eq!(root.post("/api/v1/jobs/feeds/run", &serde_json::json!({})).status, 202);
        until("a failure", || feeds()["failures"] == failures);
        assert_eq!(
            (&feeds()["succeeded"], &feeds()["result"]),
            (&false.into(), &"the publisher does not answer".into())
        );
    }
    let before = server.runner.syncs.load(Ordering::SeqCst);
    server.pass_seconds(121);
    until("the retry", || feeds()["failures"] == 0);
    assert_eq!(server.runner.syncs.load(Ordering::SeqCst), before + 1);
}

#[test]
fn a_document_in_the_inbox_is_imported_once_and_put_aside() {
    let server = working();
    let root = server.administrator();
    let inbox = server.folder.path().join("inbox");
    until("the inbox", || inbox.exists());
    std::fs::write(inbox.join("assets.csv"), "name\npump\n").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", inbox.join("link.csv")).unwrap();
    until("the import", || {
        server.pass_seconds(1);
        !server.runner.imported.lock().unwrap().is_empty()
    });
    until("putting aside", || !inbox.join("assets.csv").exists());
    let done: Vec<_> = std::fs::read_dir(inbox.join("done"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(done.len() == 1 && done[0].ends_with("-assets.csv"), "{done:?}");
    for _ in 0..3 {
        server.pass_seconds(2);
        std::thread::park_timeout(Duration::from_millis(200));
    }
    assert_eq!(
        server.runner.imported.lock().unwrap().len(),
        1,
        "a link is not followed, and nothing is read twice"
    );
    until("the row", || {
        root.get("/api/v1/jobs").body["rows"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["name"] == "inbox" && it["succeeded"] == true)
    });
}

#[test]
fn two_servers_on_one_store_do_a_job_once() {
    let server = Server::new();
    server.wait(async {
        let store = &server.house.store;
        let (now, later) = (server.now(), server.now() + jiff::SignedDuration::from_mins(5));
        assert!(store.lease_job("feeds", "one", now, later).await.unwrap());
        assert!(!store.lease_job("feeds", "two", now, later).await.unwrap());
        // The first one died: after its lease somebody else may, and what the first says then counts for nothing.
        assert!(
            store
                .lease_job("feeds", "two", later, later + jiff::SignedDuration::from_mins(5))
                .await
                .unwrap()
        );
        assert!(!store.keep_lease("feeds", "one", later).await.unwrap());
        assert!(!store.finish_job("feeds", "one", later, Ok("done"), later).await.unwrap());
        assert!(store.finish_job("feeds", "two", later, Ok("done"), later).await.unwrap());
    });
}

#[test]
fn a_restored_copy_asks_and_tells_nobody_until_an_administrator_confirms_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(exposome_server::RESTORED), "2026-12-01 restored").unwrap();
    let mut settings = settings();
    settings.jobs.enabled = true;
    let server = Server::of(folder, settings);
    let root = server.administrator();
    let ana = root.person("ana", &serde_json::json!([{ "role": "analyst" }]));
    until("a job that acts inside", || {
        root.get("/api/v1/jobs").body["rows"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["name"] == "sweep" && it["succeeded"] == true)
    });
    assert_eq!(root.get("/api/v1/jobs").body["restored"], "2026-12-01 restored");
    assert_eq!(server.runner.syncs.load(Ordering::SeqCst), 0);
    let empty = serde_json::json!({});
    assert_eq!(ana.post("/api/v1/restored/confirm", &empty).status, 403);
    assert_eq!(root.post("/api/v1/restored/confirm", &empty).status, 204);
    until("the first sync", || server.runner.syncs.load(Ordering::SeqCst) == 1);
    assert_eq!(root.post("/api/v1/restored/confirm", &empty).problem(), "conflict");
    assert!(root.get("/api/v1/accounts/log").text.contains("restored_confirmed"));
}
