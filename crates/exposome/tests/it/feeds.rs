//! Feeds that come late, shrunk or from the future.

use crate::command::{Said, run};
use std::fs;
use std::path::Path;

struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Site {
        Site { folder: tempfile::tempdir().unwrap() }
    }

    fn load(&self, name: &str, text: &str, more: &[&str]) -> Said {
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        self.run(&["feeds", "load", path(&file)], more)
    }

    fn run(&self, arguments: &[&str], more: &[&str]) -> Said {
        let data = self.folder.path().join("data");
        run(["--data", path(&data)].iter().chain(arguments).chain(more))
    }

    /// The word and the age in days that `feeds status` has for a feed.
    fn status(&self, title: &str) -> (String, i64) {
        let lines = self.run(&["feeds", "status", "--json"], &[]).json();
        let line = lines.iter().find(|line| line["feed"] == title).expect("it is listed");
        (line["state"].as_str().unwrap().to_owned(), line["age_days"].as_i64().unwrap_or(-1))
    }
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn kev(released: &str, entries: usize) -> String {
    let entry = |number| {
        format!(
            r#"{{"cveID":"CVE-2020-{number:04}","vendorProject":"V","product":"P","vulnerabilityName":"N","dateAdded":"2025-01-01","shortDescription":"S","requiredAction":"A","dueDate":"2025-02-01","knownRansomwareCampaignUse":"Unknown"}}"#
        )
    };
    let list: Vec<String> = (1..=entries).map(entry).collect();
    format!(
        r#"{{"catalogVersion":"1","dateReleased":"{released}","count":{entries},"vulnerabilities":[{}]}}"#,
        list.join(",")
    )
}

#[test]
fn an_older_catalogue_is_held_until_a_person_forces_it() {
    let site = Site::new();
    assert_eq!(site.load("new.json", &kev("2026-08-07T00:00:00Z", 100), &[]).code, Some(0));
    let older = kev("2026-08-01T00:00:00Z", 100);
    for time in ["the first time", "and again"] {
        let held = site.load("old.json", &older, &[]);
        assert_eq!(held.code, Some(4), "{time}: {}", held.beside);
        assert!(held.beside.contains("older than the one in force"), "{}", held.beside);
    }
    assert_eq!(site.status("CISA KEV").0, "stale", "a newer document waits");
    assert_eq!(site.load("old.json", &older, &["--force"]).code, Some(0));
}

#[test]
fn a_catalogue_that_lost_its_rows_is_held() {
    let site = Site::new();
    site.load("new.json", &kev("2026-08-07T00:00:00Z", 100), &[]).ok();
    let shrunk = site.load("next.json", &kev("2026-08-08T00:00:00Z", 90), &[]);
    assert_eq!(shrunk.code, Some(4), "{}", shrunk.beside);
    let grown = site.load("next.json", &kev("2026-08-09T00:00:00Z", 99), &[]);
    assert_eq!(grown.code, Some(0), "{}", grown.beside);
}

#[test]
fn a_date_to_come_is_not_believed() {
    let site = Site::new();
    let scores = |day: &str| {
        format!(
            "#model_version:v2026.06.15,score_date:{day}T00:00:00+0000\ncve,epss,percentile\nCVE-2020-0001,0.5,0.9\n"
        )
    };
    let held = site.load("epss.csv", &scores("2099-01-01"), &[]);
    assert_eq!(held.code, Some(4), "{}", held.beside);
    assert!(held.beside.contains("still to come"), "{}", held.beside);
    assert_eq!(site.load("real.csv", &scores("2026-08-08"), &[]).code, Some(0));
}

#[test]
fn an_old_catalogue_is_as_old_as_it_says() {
    let site = Site::new();
    site.load("kev.json", &kev("2025-08-25T00:00:00Z", 3), &[]).ok();
    let (word, age_days) = site.status("CISA KEV");
    assert!(word == "stale" && age_days > 400, "{word}, {age_days} days");
}

#[test]
fn what_leaves_the_catalogue_is_named() {
    let site = Site::new();
    site.load("new.json", &kev("2026-08-07T00:00:00Z", 100), &[]).ok();
    let next = site.load("next.json", &kev("2026-08-09T00:00:00Z", 99), &[]);
    assert!(next.beside.contains("kev: CVE-2020-0100 is no longer listed"), "{}", next.beside);
}

/// An advisory on these vulnerabilities of one product, at one revision.
fn advisory(revised: &str, vulnerabilities: &[&str]) -> String {
    let one =
        |cve: &&str| format!(r#"{{"cve":"{cve}","product_status":{{"known_affected":["P1"]}}}}"#);
    let list: Vec<String> = vulnerabilities.iter().map(one).collect();
    format!(
        r#"{{"document":{{"category":"csaf_security_advisory","csaf_version":"2.0","title":"T","publisher":{{"category":"vendor","name":"Maker","namespace":"https://maker.example"}},"tracking":{{"id":"MAKER-1","status":"final","version":"1","initial_release_date":"2026-01-01T00:00:00Z","current_release_date":"{revised}","revision_history":[{{"number":"1","date":"{revised}","summary":"S"}}]}}}},"product_tree":{{"full_product_names":[{{"product_id":"P1","name":"Maker Pump 1.0"}}]}},"vulnerabilities":[{}]}}"#,
        list.join(",")
    )
}

#[test]
fn a_revision_takes_back_what_it_no_longer_says() {
    let site = Site::new();
    let both = ["CVE-2026-0001", "CVE-2026-0002"];
    let removed = |said: &Said| said.json()[0]["removed"].as_u64();
    site.load("a.json", &advisory("2026-01-02T00:00:00Z", &both), &[]).ok();
    let cut = site.load("a.json", &advisory("2026-01-03T00:00:00Z", &both[..1]), &["--json"]);
    assert_eq!((cut.code, removed(&cut)), (Some(0), Some(1)), "{}", cut.beside);
    assert!(
        cut.beside.contains("CVE-2026-0002 of MAKER-1 (csaf:Maker) is no longer listed"),
        "{}",
        cut.beside
    );
    let older = advisory("2026-01-01T00:00:00Z", &both[1..]);
    let again = site.load("old.json", &older, &["--json"]);
    assert_eq!(removed(&again), Some(0), "an older revision takes nothing back: {}", again.out);
    assert_eq!(again.json()[0]["added"], 0, "nor brings back what was taken back: {}", again.out);
}
