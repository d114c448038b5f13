//! What a document closes, and what it does not.

use crate::command::{Said, run};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A hospital with one flaw loaded, and a folder to write documents into.
pub(crate) struct Hospital {
    folder: tempfile::TempDir,
}

impl Hospital {
    pub(crate) fn new() -> Hospital {
        Hospital { folder: tempfile::tempdir().unwrap() }
    }

    /// One that knows of a flaw in every Sigma Spectrum before 9.0.
    pub(crate) fn with_a_flaw() -> Hospital {
        let hospital = Hospital::new();
        let feed = hospital.write("record.json", crate::snapshot::RECORD);
        hospital.run(&["feeds", "load", feed.to_str().unwrap()]).ok();
        hospital
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        let data = self.folder.path().join("data");
        run(["--data", data.to_str().unwrap()].iter().chain(arguments))
    }

    /// Imports a document of the source `cmms`; what the program said of it.
    pub(crate) fn import(&self, text: &str, more: &[&str]) -> Said {
        let file = self.write("cmms.csv", text);
        let fixed = ["import", file.to_str().unwrap(), "--source", "cmms", "--json"];
        self.run(&[&fixed[..], more].concat())
    }

    pub(crate) fn exposures(&self, site: &str) -> Vec<Value> {
        self.run(&["worklist", "--flat", "--limit", "0", "--json", "--site", site]).json()
    }
}

/// Added, changed and unchanged.
fn changes(said: &Said) -> [u64; 3] {
    let row = &said.json()[0];
    ["added", "changed", "unchanged"].map(|name| row[name].as_u64().unwrap())
}

pub(crate) const PUMP: &str = "asset_id,manufacturer,model,firmware_version,device_class\nA1,Baxter,Sigma Spectrum,8.00.01,infusion pump\n";

#[test]
fn a_column_that_the_next_export_has_lost_is_still_known() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(PUMP, &[]).ok();
    assert_eq!(hospital.exposures("main")[0]["verdict"], "affected");
    let less = "asset_id,manufacturer,model\nA1,Baxter,Sigma Spectrum\n";
    assert_eq!(changes(&hospital.import(less, &[])), [0, 0, 1], "it says nothing new");
    assert_eq!(hospital.exposures("main")[0]["verdict"], "affected");
    let updated = PUMP.replace("8.00.01", "9.10");
    assert_eq!(changes(&hospital.import(&updated, &[])), [0, 1, 0]);
    let still = |it: &Value| it["vulnerability"] == "CVE-2026-99001";
    assert!(
        !hospital.exposures("main").iter().any(still),
        "the new firmware has replaced the old one"
    );
}

#[test]
fn a_dry_run_says_how_many_records_it_would_add_and_change_and_writes_none() {
    let hospital = Hospital::with_a_flaw();
    assert_eq!(changes(&hospital.import(PUMP, &["--dry-run"])), [1, 0, 0]);
    hospital.import(PUMP, &[]).ok();
    let updated = PUMP.replace("8.00.01", "9.10");
    for _ in 0..2 {
        assert_eq!(changes(&hospital.import(&updated, &["--dry-run"])), [0, 1, 0]);
    }
    assert_eq!(changes(&hospital.import(PUMP, &["--dry-run"])), [0, 0, 1]);
}

#[test]
fn a_scan_that_does_not_look_again_closes_no_finding() {
    let hospital = Hospital::new();
    let scan = |rows: &str| {
        let file = hospital.write("scan.csv", &format!("asset_id,plugin id,cve,state\n{rows}"));
        hospital.run(&["import", file.to_str().unwrap(), "--source", "scan"]).ok();
    };
    scan("A1,10,CVE-2020-0001,open\nA1,20,CVE-2020-0002,open\n");
    scan("A1,10,CVE-2020-0001,fixed\n");
    let mut found: Vec<String> = hospital
        .run(&["findings", "--json"])
        .json()
        .iter()
        .map(|it| format!("{} {}", it["cause"].as_str().unwrap(), it["theirs"].as_str().unwrap()))
        .collect();
    found.sort();
    assert_eq!(found, ["CVE-2020-0001 fixed", "CVE-2020-0002 open"]);
}

#[test]
fn a_whole_list_waits_for_a_person_before_it_uninstalls_much() {
    let hospital = Hospital::new();
    let list = |rows: &str, more: &[&str]| {
        let file = hospital.write("software.csv", &format!("software,software_version\n{rows}"));
        let fixed = ["import", file.to_str().unwrap(), "--subject", "WS1", "--json"];
        hospital.run(&[&fixed[..], more].concat())
    };
    assert_eq!(changes(&list("Viewer,1.0\nArchive,2.0\n", &[])), [1, 0, 0]);
    let newer = list("Viewer,1.1\nArchive,2.0\n", &[]);
    assert_eq!((newer.code, changes(&newer)), (Some(0), [0, 1, 0]), "a new version is no loss");
    let held = list("Viewer,1.1\n", &[]);
    assert_eq!(held.code, Some(4), "{}", held.beside);
    assert!(held.beside.contains("WS1: Archive 2.0"), "the list is shown: {}", held.beside);
    assert_eq!(changes(&list("Viewer,1.1\nArchive,2.0\n", &[])), [0, 0, 1], "nothing was written");
    assert_eq!(changes(&list("Viewer,1.1\n", &["--confirm"])), [0, 1, 0]);
}

#[test]
fn several_documents_of_one_call_are_complete_together() {
    let hospital = Hospital::new();
    let files: Vec<PathBuf> = (0..40)
        .map(|it| {
            let text = format!(
                "asset_id,manufacturer,model,device_class\nP{it},Zebra,ZD421,label printer\n"
            );
            hospital.write(&format!("ward-{it}.csv"), &text)
        })
        .collect();
    let import = |files: &[PathBuf], more: &[&str]| {
        let files: Vec<&str> = files.iter().map(|it| it.to_str().unwrap()).collect();
        hospital.run(&[&["import", "--source", "cmms", "--json"], more, &files[..]].concat())
    };
    let complete = ["--complete", "all"];
    import(&files, &complete).ok();
    let not_seen =
        |said: &Said| said.json().iter().map(|row| row["not_seen"].as_u64().unwrap()).sum::<u64>();
    let again = import(&files, &complete);
    assert_eq!((again.code, not_seen(&again)), (Some(0), 0), "{}", again.beside);
    let two_fewer = import(&files[2..], &complete);
    assert_eq!((two_fewer.code, not_seen(&two_fewer)), (Some(0), 2), "{}", two_fewer.beside);
    let half = import(&files[20..], &complete);
    assert_eq!((half.code, not_seen(&half)), (Some(4), 18), "{}", half.beside);
}

#[test]
fn a_device_that_is_not_seen_is_as_ill_as_before() {
    let hospital = Hospital::with_a_flaw();
    let printer = "A2,Zebra,ZD421,1.0,label printer\n";
    hospital.import(&format!("{PUMP}{printer}"), &[]).ok();
    let heading = PUMP.lines().next().unwrap();
    let more = ["--complete", "all", "--confirm", "--observed", "2026-09-01T10:00:00Z"];
    // The first list was of an earlier day than this one.
    let said = hospital.import(&format!("{heading}\n{printer}"), &more);
    assert_eq!(said.json()[0]["not_seen"], 1, "{}", said.beside);
    let exposures = hospital.exposures("main");
    let of_pump: Vec<_> = exposures.iter().filter(|it| it["asset_id"] == "A1").collect();
    assert_eq!(of_pump[0]["verdict"], "affected");
    assert_eq!(of_pump[0]["not_seen_since"], "2026-09-01");
    let explained = hospital.run(&["explain", "A1"]).ok();
    assert!(explained.contains("not since 2026-09-01"), "{explained}");
    hospital.import(PUMP, &[]).ok();
    assert_eq!(hospital.exposures("main")[0]["not_seen_since"], Value::Null, "it is back");
}

#[test]
fn the_same_bytes_mean_something_else_under_another_name_or_subject() {
    let hospital = Hospital::new();
    let list = "software,software_version\nViewer,1.0\n";
    for subject in ["WS1", "WS2"] {
        assert_eq!(
            changes(&hospital.import(list, &["--subject", subject])),
            [1, 0, 0],
            "{subject}"
        );
    }
    assert_eq!(changes(&hospital.import(list, &["--subject", "WS2"])), [0, 0, 1]);
    for name in ["host-1.csv", "host-2.csv"] {
        let file = hospital.write(name, list);
        let said = hospital.run(&["import", file.to_str().unwrap(), "--source", "hosts", "--json"]);
        assert_eq!(changes(&said), [1, 0, 0], "{name}");
    }
}

#[test]
fn a_document_with_refusals_is_refused_each_time() {
    let hospital = Hospital::new();
    let text = "asset_id,manufacturer,model\nA1,Zebra,ZD421\n,Zebra,ZD421\n";
    for _ in 0..3 {
        let said = hospital.import(text, &[]);
        assert_eq!((said.code, &said.json()[0]["refused"]), (Some(3), &Value::from(1)));
        assert!(
            said.beside.contains("refused at row 3") || said.beside.contains("refused at"),
            "{}",
            said.beside
        );
    }
}

#[test]
fn two_sites_in_one_document_are_two_devices() {
    let hospital = Hospital::with_a_flaw();
    let rows = "asset_id,site,manufacturer,model,firmware_version,device_class\nA1,North,Baxter,Sigma Spectrum,8.00.01,infusion pump\nA1,South,Baxter,Sigma Spectrum,9.10,infusion pump\n";
    for expected in [[2, 0, 0], [0, 0, 2]] {
        assert_eq!(changes(&hospital.import(rows, &[])), expected);
    }
    let is_flawed = |site: &str| {
        hospital.exposures(site).iter().any(|it| it["vulnerability"] == "CVE-2026-99001")
    };
    assert!(is_flawed("North") && !is_flawed("South"));
    let bound = hospital.import(rows, &["--site", "North"]);
    assert_eq!((bound.code, changes(&bound)), (Some(3), [0, 0, 1]));
    assert!(bound.beside.contains("\"A1\" is of the site \"South\""), "{}", bound.beside);
}

#[test]
fn a_product_is_one_job_however_its_maker_is_spelled() {
    let hospital = Hospital::with_a_flaw();
    let heading = "asset_id,manufacturer,model,firmware_version,device_class\n";
    let pump =
        |id: &str, maker: &str| format!("{id},{maker},Sigma Spectrum,8.00.01,infusion pump\n");
    let rows = [pump("A1", "Baxter"), pump("A2", "BAXTER Inc."), pump("A3", "baxter GmbH")];
    hospital.import(&format!("{heading}{}", rows.concat()), &[]).ok();
    let jobs = hospital.run(&["worklist", "--json"]).json();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    assert_eq!(jobs[0]["asset_ids"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_file_that_cannot_be_read_does_not_keep_the_others_out() {
    let hospital = Hospital::new();
    let good = hospital.write("good.csv", PUMP);
    // The first bytes of a process's memory: there, and never readable.
    let said = hospital.run(&["import", "/proc/self/mem", good.to_str().unwrap(), "--json"]);
    assert_eq!(said.code, Some(3), "{}", said.beside);
    assert!(said.beside.contains("/proc/self/mem"), "{}", said.beside);
    let rows = said.json();
    assert!(rows.iter().any(|row| row["added"] == 1), "the other is read: {rows:?}");
}
