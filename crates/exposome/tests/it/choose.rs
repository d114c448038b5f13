//! Parts of the worklist: what is chosen, counted and leafed through is what the whole list says.

use crate::command::{Said, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn hospital() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", folder.path().to_str().unwrap()]).ok();
    folder
}

fn ask(folder: &Path, arguments: &[&str]) -> Said {
    let fixed = ["--data", folder.to_str().unwrap(), "--as-of", "2026-08-10T08:00:00Z", "worklist"];
    run(fixed.iter().chain(arguments))
}

fn list(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let said = ask(folder, &[&["--json", "--limit", "0"], arguments].concat());
    assert_eq!(said.code, Some(0), "{}", said.beside);
    said.json()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

#[test]
fn groups_add_up_to_the_whole() {
    let folder = hospital();
    let flat = list(folder.path(), &["--flat"]);
    let devices: BTreeSet<&str> = flat.iter().map(|row| text(row, "asset_id")).collect();
    for aspect in [
        "unit",
        "location",
        "owner",
        "zone",
        "class",
        "vendor",
        "vulnerability",
        "kev",
        "decision",
        "clock",
    ] {
        let groups = list(folder.path(), &["--by", aspect]);
        let sum = |name: &str| groups.iter().map(|it| it[name].as_u64().unwrap()).sum::<u64>();
        assert_eq!(sum("exposures"), flat.len() as u64, "{aspect}");
        for (name, words) in [
            ("act_now", "act now"),
            ("schedule", "schedule"),
            ("defer", "defer"),
            ("monitor", "monitor"),
        ] {
            let expected = flat.iter().filter(|row| text(row, "decision") == words).count() as u64;
            assert_eq!(sum(name), expected, "{aspect} {name}");
        }
        if ["unit", "location", "owner", "zone", "class"].contains(&aspect) {
            assert_eq!(sum("devices"), devices.len() as u64, "{aspect}");
        }
    }
}

#[test]
fn what_a_group_counts_is_what_choosing_it_lists() {
    let folder = hospital();
    for aspect in ["unit", "vendor", "class", "kev", "clock"] {
        for group in list(folder.path(), &["--by", aspect]).iter().take(4) {
            let only = format!("{aspect}={}", text(group, "group"));
            let flat = list(folder.path(), &["--flat", "--only", &only]);
            assert_eq!(flat.len() as u64, group["exposures"], "{only}");
            let devices: BTreeSet<&str> = flat.iter().map(|row| text(row, "asset_id")).collect();
            assert_eq!(devices.len() as u64, group["devices"], "{only}");
            let jobs = list(folder.path(), &["--only", &only]);
            let exposures: u64 = jobs.iter().map(|job| job["exposures"].as_u64().unwrap()).sum();
            assert_eq!(exposures, group["exposures"], "{only}");
            let of_jobs: BTreeSet<&str> = jobs
                .iter()
                .flat_map(|job| job["asset_ids"].as_array().unwrap())
                .map(|id| id.as_str().unwrap())
                .collect();
            assert_eq!(of_jobs, devices, "{only}");
        }
    }
}

#[test]
fn values_of_one_name_are_alternatives_and_names_narrow() {
    let folder = hospital();
    let all = list(folder.path(), &["--flat"]);
    let chosen = ["--only", "decision=defer", "--only", "decision=Monitor", "--only", "class=th-c"];
    let expected = all.iter().filter(|row| {
        ["defer", "monitor"].contains(&text(row, "decision")) && text(row, "category") == "TH-C"
    });
    let named =
        |row: &Value| (text(row, "asset_id").to_owned(), text(row, "vulnerability").to_owned());
    let expected: Vec<_> = expected.map(named).collect();
    let found: Vec<_> =
        list(folder.path(), &[&["--flat"], &chosen[..]].concat()).iter().map(named).collect();
    assert_eq!(found, expected);
}

#[test]
fn leafing_through_shows_every_job_once_and_in_order() {
    let folder = hospital();
    for only in [&[][..], &["--only", "kev=yes"]] {
        let whole = list(folder.path(), only);
        let mut leafed: Vec<Value> = Vec::new();
        loop {
            let page = next_page(folder.path(), only, leafed.last());
            if page.is_empty() {
                break;
            }
            leafed.extend(page);
        }
        assert!(leafed.len() > 50);
        assert_eq!(leafed, whole);
    }
}

fn next_page(folder: &Path, only: &[&str], last: Option<&Value>) -> Vec<Value> {
    let after = last.map(|row| ["--after", text(row, "after")]);
    let after = after.as_ref().map_or(&[][..], |it| &it[..]);
    let said = ask(folder, &[&["--json", "--limit", "37"], only, after].concat());
    assert_eq!(said.code, Some(0), "{}", said.beside);
    said.json()
}

#[test]
fn a_page_goes_on_where_its_line_stood_although_the_line_is_gone() {
    let folder = hospital();
    let whole = list(folder.path(), &[]);
    // The last line before this place is not of this selection.
    let place = whole.iter().position(|job| !text(job, "because").contains("in KEV")).unwrap();
    let kev = list(folder.path(), &["--only", "kev=yes"]);
    let behind =
        list(folder.path(), &["--only", "kev=yes", "--after", text(&whole[place], "after")]);
    let listed: BTreeSet<&str> = kev.iter().map(|job| text(job, "job")).collect();
    assert!(behind.len() < kev.len(), "something comes before it");
    assert!(behind.iter().all(|job| listed.contains(text(job, "job"))));
}

#[test]
fn a_word_mistyped_is_no_empty_worklist() {
    let folder = hospital();
    for flat in [&[][..], &["--flat"]] {
        let said = ask(folder.path(), &[&["--only", "unit=ICU"], flat].concat());
        assert_eq!(said.code, Some(1));
        assert!(
            said.beside.contains("no unit is called") && said.beside.contains("Intensive care"),
            "{}",
            said.beside
        );
    }
    for (arguments, word) in [
        (["--only", "units=ICU"], "there are: unit"),
        (["--only", "unit"], "NAME=VALUE"),
        (["--by", "colour"], "there are: unit"),
        (["--after", "0102"], "no place"),
        (["--after", "é"], "no place"),
    ] {
        let said = ask(folder.path(), &arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}");
        assert!(said.beside.contains(word), "{}", said.beside);
    }
}
