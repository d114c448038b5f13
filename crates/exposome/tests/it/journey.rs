//! What a newcomer does on the first day.

use crate::command::{exposome, run};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The demo in a folder of its own.
fn demo(folder: &Path) -> Vec<Value> {
    let said = run(["demo", "--json", "--limit", "0", "--folder", folder.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{}", said.beside);
    said.json()
}

#[test]
fn the_demo_ranks_its_hospital_and_explains_each_line() {
    let folder = tempfile::tempdir().unwrap();
    let jobs = demo(folder.path());
    assert!(jobs.len() > 50, "{} jobs", jobs.len());
    assert_eq!(jobs[0]["decision"], "act now");
    let decisions: Vec<&str> = jobs.iter().map(|job| job["decision"].as_str().unwrap()).collect();
    let urgency = |word: &str| {
        ["act now", "schedule", "defer", "monitor"].iter().position(|it| *it == word).unwrap()
    };
    assert!(decisions.is_sorted_by_key(|word| urgency(word)), "the most urgent come first");
    for job in jobs.iter().take(5) {
        let asset = job["asset_ids"][0].as_str().unwrap();
        let vulnerability = job["vulnerabilities"][0].as_str().unwrap();
        let data = folder.path().to_str().unwrap();
        let said = run([
            "explain",
            asset,
            vulnerability,
            "--data",
            data,
            "--as-of",
            "2026-08-10T08:00:00Z",
        ]);
        let text = said.ok();
        assert!(text.contains("because") && text.contains("decision"), "{text}");
    }
}

#[test]
fn the_demo_is_the_same_each_time() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = demo(one.path());
    assert_eq!(first, demo(two.path()));
    assert_eq!(first, demo(one.path()), "and again from the store it made");
}

#[test]
fn a_scanner_is_neither_believed_blindly_nor_ignored() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let data = folder.path().to_str().unwrap();
    let list = |only: &str| {
        let fixed = ["--data", data, "--as-of", "2026-08-10T08:00:00Z", "findings", "--json"];
        run(fixed.into_iter().chain(["--limit", "0", "--only", only])).json()
    };
    for (only, word) in
        [("agreed", "agreed"), ("ours-only", "ours only"), ("theirs-only", "theirs only")]
    {
        let lines = list(only);
        assert!(!lines.is_empty(), "{only}");
        for line in lines {
            assert_eq!(line["agreement"], word);
            assert!(!line["reason"].as_str().unwrap().is_empty(), "{line}");
        }
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let said = run(["--data", data.to_str().unwrap(), "feeds", "load", "no-such-folder"]);
    assert_eq!(said.code, Some(1));
    assert!(said.beside.contains("no-such-folder"), "{}", said.beside);
}

#[test]
fn a_worklist_without_an_inventory_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(["--data", folder.path().to_str().unwrap(), "worklist"]);
    assert_eq!(said.code, Some(1));
    assert!(said.beside.contains("exposome import FILE"), "{}", said.beside);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "to ask makes no store");
}

#[test]
fn an_explanation_goes_into_a_spreadsheet() {
    let folder = tempfile::tempdir().unwrap();
    let jobs = demo(folder.path());
    let asset = jobs[0]["asset_ids"][0].as_str().unwrap();
    let data = folder.path().to_str().unwrap();
    let explain = |face: &str| {
        run(["--data", data, "--as-of", "2026-08-10T08:00:00Z", "explain", asset, face])
    };
    let cards = explain("--json").json();
    let table = explain("--csv").ok();
    let mut lines = csv::Reader::from_reader(table.as_bytes());
    let place = lines.headers().unwrap().iter().position(|it| it == "vulnerability").unwrap();
    let in_csv: Vec<String> = lines.records().map(|it| it.unwrap()[place].to_owned()).collect();
    let in_json: Vec<&str> = cards.iter().map(|it| it["vulnerability"].as_str().unwrap()).collect();
    assert_eq!(in_csv, in_json);
    assert!(!in_csv.is_empty());
}

#[test]
fn a_card_names_the_facts_of_its_metrics_and_the_days_of_its_scores() {
    let folder = tempfile::tempdir().unwrap();
    demo(folder.path());
    let data = folder.path().to_str().unwrap();
    let ask = |arguments: &[&str]| {
        run(["--data", data, "--as-of", "2026-08-10T08:00:00Z"].iter().chain(arguments))
    };
    let rows = ask(&["worklist", "--flat", "--limit", "0", "--json"]).json();
    let gated = rows.iter().filter(|row| row["gated"] == true);
    let found = gated.take(50).find_map(|row| {
        let of = |name: &str| row[name].as_str().unwrap();
        let (asset, flaw) = (of("asset_id"), of("vulnerability"));
        let cards = ask(&["explain", asset, flaw, "--json"]).json();
        (cards[0]["epss"].is_object() && cards[0]["cvss"].is_object())
            .then_some((asset, flaw, cards))
    });
    let (asset, flaw, cards) = found.unwrap();
    let metrics = cards[0]["cvss"]["metrics"].as_array().unwrap();
    let facts = |name: &str| -> Vec<&str> {
        let metric = metrics.iter().find(|it| it["name"] == name);
        let facts = metric.map(|it| it["facts"].as_array().unwrap());
        facts.into_iter().flatten().map(|it| it.as_str().unwrap()).collect()
    };
    assert!(!facts("E").is_empty());
    let of_use = facts("AR");
    assert!(!of_use.is_empty() && of_use.iter().all(|it| it.starts_with("claim:")), "{of_use:?}");
    assert!(of_use.iter().any(|it| it.ends_with(":model")), "{of_use:?}");
    let days = cards[0]["epss_days"].as_array().unwrap();
    let last = days.last().unwrap();
    assert_eq!(last["probability"], cards[0]["epss"]["probability"]);
    assert_eq!(last["score_date"], cards[0]["epss"]["score_date"]);
    assert!(cards[0]["window"]["known"].is_string(), "{}", cards[0]["window"]);
    assert!(cards[0]["window"]["fixed"].is_null());
    let text = ask(&["explain", asset, flaw]).ok();
    for words in ["window           disclosed ", "from claim:"] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }

    // Where CISA's directive gives fewer days than the policy's clock, the card says that the day follows it.
    let soon = rows.iter().filter(|row| row["decision"] == "schedule");
    let told = soon.take(20).filter(|row| {
        let of = |name: &str| row[name].as_str().unwrap();
        let text = ask(&["explain", of("asset_id"), of("vulnerability")]).ok();
        text.contains("(within 3 days by BOD 26-04)")
    });
    assert!(told.count() > 0);

    // Another category by a decision: it is a fact of whatever hangs on the category.
    let later = |hour: u8, arguments: &[&str]| {
        let at = format!("2026-08-10T{hour:02}:00:00Z");
        run(["--data", data, "--as-of", &at].iter().chain(arguments))
    };
    let class = ["decide", "class", asset, "LS", "--reason", "it breathes", "--by", "Ana"];
    later(9, &[&class[..], &["--role", "analyst"]].concat()).ok();
    let confirm = ["decide", "confirm", "1", "--by", "Ben", "--role", "clinical-engineer"];
    later(10, &confirm).ok();
    let cards = later(11, &["explain", asset, flaw, "--json"]).json();
    let metrics = cards[0]["cvss"]["metrics"].as_array().unwrap();
    let decided = |name: &str| {
        let metric = metrics.iter().find(|it| it["name"] == name).unwrap();
        metric["facts"].as_array().unwrap().contains(&"decision:1".into())
    };
    assert!(decided("AR") && !decided("E"), "{metrics:?}");
}

#[test]
fn every_command_has_a_manual_page() {
    let page = run(["man", "feeds", "load"]).ok();
    assert!(page.contains("exposome\\-feeds\\-load") && page.contains("force"), "{page}");
    assert!(run(["man"]).ok().contains("worklist"));
    assert_eq!(run(["man", "fedes"]).code, Some(1));
}

#[test]
fn a_full_disk_is_an_error_and_no_panic() {
    for arguments in [&["completions", "bash"][..], &["man"], &["formats"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = exposome().args(arguments).stdout(full).output().unwrap();
        let beside = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {beside}");
        assert!(!beside.contains("panicked"), "{beside}");
    }
}

#[test]
fn nobody_has_observed_the_future() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cmms.csv");
    fs::write(&file, "asset_id,model\nA1,Sigma Spectrum\n").unwrap();
    let data = folder.path().join("data");
    let arguments = ["--data", data.to_str().unwrap(), "import", file.to_str().unwrap()];
    let said = run(arguments.into_iter().chain(["--observed", "2199-01-01"]));
    assert_eq!(said.code, Some(1));
    assert!(said.beside.contains("lies in the future"), "{}", said.beside);
}

#[test]
fn a_complete_document_waits_for_a_person_before_it_closes_anything_gated() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("cmms.csv");
    let import = |rows: &str, more: &[&str]| {
        fs::write(&file, format!("asset_id,manufacturer,model,device_class\n{rows}")).unwrap();
        let fixed = [
            "--data",
            data.to_str().unwrap(),
            "import",
            file.to_str().unwrap(),
            "--source",
            "cmms",
            "--json",
        ];
        run(fixed.iter().chain(more))
    };
    let pump = "A1,Baxter,Sigma Spectrum,infusion pump\n";
    let printer = "A2,Zebra,ZD421,label printer\n";
    assert_eq!(import(&format!("{pump}{printer}"), &[]).json()[0]["added"], 2);
    let partial = import(printer, &[]);
    assert_eq!(partial.json()[0]["not_seen"], 0, "a document closes nothing unless it is complete");
    let held = import(printer, &["--complete", "all"]);
    assert_eq!(held.code, Some(4), "{}", held.beside);
    assert!(held.beside.contains("A1"), "the list is shown: {}", held.beside);
    let confirmed = import(printer, &["--complete", "all", "--confirm"]);
    assert_eq!((confirmed.code, &confirmed.json()[0]["not_seen"]), (Some(0), &Value::from(1)));
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("cmms.csv");
    fs::write(&file, "asset_id,manufacturer,model\nA1,Baxter,Sigma Spectrum\n").unwrap();
    let arguments =
        ["--data", data.to_str().unwrap(), "import", file.to_str().unwrap(), "--dry-run"];
    let said = run(arguments);
    assert!(said.out.contains("Sigma Spectrum"), "{}", said.out);
    let said = run(["--data", data.to_str().unwrap(), "worklist"]);
    assert_eq!(said.code, Some(1), "nothing is known");
}
