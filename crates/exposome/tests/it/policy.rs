//! The table that decides: printed, checked, held against another; what moved between two moments, and what documents
//! would move.

use crate::command::run;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const DEFAULT: &str = include_str!("../../../../rules/policies/default.toml");
const NOW: &str = "2026-08-10T08:00:00Z";

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("policy.toml");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_table_is_printed_row_by_row() {
    let rows = run(["policy", "show", "--json"]).json();
    let ids: Vec<&str> = rows.iter().map(|row| row["row"].as_str().unwrap()).collect();
    assert_eq!(ids.first().copied(), Some("1-active"));
    assert_eq!(ids.last().copied(), Some("6-otherwise"));
    assert_eq!(rows[3]["when"], "severity high, threat quiet, exposure controlled or small");
    let text = run(["policy", "show"]).ok();
    for words in ["high: CVSS-BE 7.0 or more", "EPSS 0.10000 or more", "defer becomes schedule"] {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

#[test]
fn a_table_with_a_hole_or_a_dead_row_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str| run(["policy", "check", file(folder.path(), text).to_str().unwrap()]);
    let said = check(DEFAULT).ok();
    assert!(said.contains("6 rows decide every combination"), "{said}");
    for (text, words) in [
        (
            DEFAULT.replace("when = {}", "when = { impact = [\"low\"] }"),
            "no row decides active no, severity lower, threat quiet, exposure open, impact medium",
        ),
        (
            DEFAULT.replace(
                "severity = [\"high\"], threat = [\"quiet\"], exposure = [\"open\"]",
                "active = [\"yes\"]",
            ),
            "row 5-severe-quiet-open can never decide",
        ),
        (DEFAULT.replace("[\"likely\"]", "[\"probable\"]"), "threat has no value \"probable\""),
        (
            DEFAULT.replace("severity_high_tenths = 70", "severity_high_tenths = 170"),
            "CVSS scores end at 10.0",
        ),
    ] {
        let said = check(&text);
        assert_eq!(said.code, Some(1), "{}", said.out);
        assert!(said.beside.contains(words), "{}", said.beside);
    }
}

#[test]
fn another_policy_is_seen_before_it_is_put_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let data = data.to_str().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", data]).ok();
    let ask = |arguments: &[&str]| run(["--data", data, "--as-of", NOW].iter().chain(arguments));
    let diff = |text: &str, more: &[&str]| {
        let file = file(folder.path(), text);
        ask(&[&["policy", "diff", file.to_str().unwrap()], more].concat())
    };
    let flat = ["worklist", "--flat", "--limit", "0", "--json"];
    let before = ask(&flat).ok();
    assert!(diff(DEFAULT, &[]).ok().contains("0 exposures stand elsewhere"));
    let sooner = DEFAULT.replace("epss_high_e5 = 10000", "epss_high_e5 = 1000");
    let moves = diff(&sooner, &["--json"]).json();
    let devices = |row: &Value| row["assets"].as_u64().unwrap();
    assert!(moves.iter().map(devices).sum::<u64>() > 50);
    for row in &moves {
        assert_eq!(row["why"], "the policy", "{row}");
        assert!(row["before"] != row["after"] || !row["due"].is_null(), "{row}");
        assert_eq!(row["asset_ids"].as_array().unwrap().len() as u64, devices(row));
    }
    let shorter = diff(&DEFAULT.replace("schedule = 30", "schedule = 0"), &[]).ok();
    assert!(shorter.contains("would be late on the day they are set"), "{shorter}");
    assert_eq!(ask(&flat).ok(), before, "nothing was put in force");

    let moved = |from: &str| ask(&["diff", "--from", from, "--json"]).json();
    assert!(moved(NOW).is_empty());
    let new = moved("2026-08-08");
    assert!(new.iter().all(|row| row["before"] == "not exposed"), "nobody knew of it then");
    let rows = ask(&flat).json();
    let row = rows.iter().find(|row| row["decision"] == "schedule" && row["gated"] == false);
    let (asset, flaw) = {
        let row = row.unwrap();
        (row["asset_id"].as_str().unwrap(), row["vulnerability"].as_str().unwrap())
    };
    let defer = ["decide", "defer", flaw, "--asset", asset, "--reason", "no window"];
    let by = ["--by", "Ana", "--role", "analyst"];
    let later = ["--data", data, "--as-of", "2026-08-10T09:00:00Z"];
    run(later.iter().chain(&defer).chain(&by)).ok();
    let said = ["diff", "--from", NOW, "--to", "2026-08-10T10:00:00Z", "--json"];
    let moves = ask(&said).json();
    assert_eq!(moves.len(), 1);
    assert_eq!((&moves[0]["after"], &moves[0]["why"]), (&"defer".into(), &"it is deferred".into()));
    assert_eq!(moves[0]["asset_ids"], serde_json::json!([asset]));
    let backwards = ask(&["diff", "--from", NOW, "--to", "2026-08-01"]);
    assert!(backwards.beside.contains("change the two"), "{}", backwards.beside);
}

/// What tells a move from all others, and where it goes.
fn went(moves: &[Value]) -> Vec<String> {
    let mut went: Vec<String> = moves
        .iter()
        .map(|it| {
            let told = ["asset_ids", "vulnerability", "component", "before", "after", "due", "why"];
            told.map(|name| it[name].to_string()).join(" ")
        })
        .collect();
    went.sort();
    went
}

#[test]
fn what_documents_would_move_is_what_they_move() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let data = data.to_str().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", data]).ok();
    let ask = |arguments: &[&str]| run(["--data", data].iter().chain(arguments));
    let flat = || ask(&["worklist", "--flat", "--limit", "0", "--json"]).json();
    let rows = flat();
    let unlisted = ["worklist", "--flat", "--limit", "0", "--json", "--only", "kev=no"];
    let mut unlisted = ask(&unlisted).json().into_iter();
    let is_cve = |row: &Value| row["vulnerability"].as_str().unwrap().starts_with("CVE-");
    let flaw = unlisted.find(is_cve).unwrap()["vulnerability"].clone();

    let day = "2026-08-16";
    let entry = serde_json::json!({
        "cveID": flaw, "vendorProject": "A", "product": "B", "vulnerabilityName": "C",
        "dateAdded": day, "shortDescription": "D", "requiredAction": "E", "dueDate": day,
        "knownRansomwareCampaignUse": "Unknown", "notes": "", "cwes": [],
    });
    let kev = folder.path().join("known_exploited_vulnerabilities.json");
    let listed = serde_json::json!({
        "title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.08.16",
        "dateReleased": "2026-08-16T12:00:00.000Z", "count": 1, "vulnerabilities": [entry],
    });
    fs::write(&kev, listed.to_string()).unwrap();
    let sheet = folder.path().join("spare.csv");
    fs::write(&sheet, "asset_id,manufacturer,model,firmware\nNEW-1,BD,Alaris 8015 PC unit,9.13\n")
        .unwrap();
    let kev = ["feeds", "load", kev.to_str().unwrap(), "--force"];
    let sheet = ["import", sheet.to_str().unwrap(), "--source", "spare"];
    for (take, is_told) in
        [(&kev[..], "KEV lists it since 2026-08-16"), (&sheet, "the asset was not known")]
    {
        #[expect(
            clippy::disallowed_methods,
            reason = "documents are taken in by the machine's clock"
        )]
        let before = jiff::Timestamp::now().to_string();
        let would = ask(&[take, &["--diff", "--json"]].concat());
        assert_eq!(would.code, Some(0), "{}", would.beside);
        assert!(would.beside.contains("nothing was written"), "{}", would.beside);
        let would = would.json();
        assert!(
            would.iter().any(|row| row["why"].as_str().unwrap().contains(is_told)),
            "{would:?}"
        );
        assert!(ask(&["diff", "--from", &before, "--json"]).json().is_empty());
        ask(take).ok();
        let moved = ask(&["diff", "--from", &before, "--json"]).json();
        assert_eq!(went(&would), went(&moved));
    }
    assert_ne!(flat(), rows);
    let left = fs::read_dir(Path::new(data).join("cache")).unwrap();
    let left = left.map(|it| it.unwrap().file_name()).collect::<Vec<_>>();
    assert!(left.iter().all(|it| !it.to_string_lossy().starts_with("diff-")), "{left:?}");
    let past = ask(&[&["--as-of", NOW], &sheet[..], &["--diff"]].concat());
    assert!(past.beside.contains("leave --as-of out"), "{}", past.beside);
}

#[test]
fn a_policy_is_put_in_force_by_two_and_decides_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo");
    let data = data.to_str().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", data]).ok();
    let ask = |as_of: &str, arguments: &[&str]| {
        run(["--data", data, "--as-of", as_of].iter().chain(arguments))
    };
    let show = |as_of: &str| ask(as_of, &["policy", "show"]).ok();
    let flat = |as_of: &str| ask(as_of, &["worklist", "--flat", "--limit", "0", "--json"]).ok();
    assert!(show(NOW).contains("it ships with the program"), "{}", show(NOW));
    let before = flat(NOW);

    let text = DEFAULT
        .replace("name = \"default\"", "name = \"ours\"")
        .replace("epss_high_e5 = 10000", "epss_high_e5 = 1000");
    let ours = file(folder.path(), &text);
    let adopt = |as_of: &str, file: &Path| {
        let adopt = ["policy", "adopt", file.to_str().unwrap(), "--reason", "board of 9 August"];
        let by = ["--as", "Ana", "--role", "analyst"];
        ask(as_of, &[&adopt[..], &by].concat())
    };
    let said = adopt("2026-08-10T09:00:00Z", &ours).ok();
    assert!(said.contains("proposal 1 waits"), "{said}");
    assert!(show("2026-08-10T10:00:00Z").contains("it ships with the program"));
    let confirm = |as_of: &str, number: &str, who: &str, role: &str| {
        ask(as_of, &["decide", "confirm", number, "--by", who, "--role", role])
    };
    let refused = confirm("2026-08-10T10:00:00Z", "1", "Cem", "it-operations");
    assert!(refused.beside.contains("needs a clinical engineer"), "{}", refused.beside);
    confirm("2026-08-10T11:00:00Z", "1", "Ben", "clinical-engineer").ok();

    let later = "2026-08-10T12:00:00Z";
    let words = "in force since 2026-08-10T11:00:00Z by decision 1 of Ana (analyst), confirmed by Ben (clinical engineer): board of 9 August";
    assert!(show(later).contains(words), "{}", show(later));
    assert!(show(later).contains("EPSS 0.01000 or more"));
    assert!(show(NOW).contains("it ships with the program"), "as it was then");
    assert_eq!(flat(NOW), before, "what stood then is what stood then");
    assert_ne!(flat(later), before);
    let moves = ask(later, &["diff", "--from", NOW, "--json"]).json();
    assert!(!moves.is_empty());
    for row in &moves {
        assert_eq!(row["why"], "the policy: default 2026-11-23 -> ours 2026-11-23", "{row}");
        assert_eq!(row["facts"], serde_json::json!(["rules:policies/default.toml", "decision:1"]));
    }
    let jobs = |as_of: &str| ask(as_of, &["worklist", "--limit", "0", "--json"]).json();
    assert_ne!(jobs(later), jobs(NOW), "the snapshot goes by the policy in force, too");

    let same = adopt(later, &ours);
    assert!(same.beside.contains("this very policy is in force"), "{}", same.beside);
    let decisions = ask(later, &["decisions"]).ok();
    assert!(decisions.contains("policy ours 2026-11-23"), "{decisions}");
    let back =
        ["decide", "take-back", "1", "--reason", "too much", "--by", "Ana", "--role", "analyst"];
    ask(later, &back).ok();
    confirm("2026-08-10T13:00:00Z", "3", "Ben", "clinical-engineer").ok();
    assert!(show("2026-08-10T14:00:00Z").contains("it ships with the program"));
    assert_eq!(flat("2026-08-10T14:00:00Z"), before);
}

#[test]
fn a_policy_that_lets_a_gated_device_wait_unsigned_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = DEFAULT.replace("defer = \"schedule\"", "defer = \"defer\"");
    let said = run(["policy", "check", file(folder.path(), &text).to_str().unwrap()]);
    assert!(said.beside.contains("until a clinical engineer signs"), "{}", said.beside);
}
