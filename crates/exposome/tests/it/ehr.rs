//! An electronic health record, from files: its weakest part, and what nobody described.

use crate::command::{run, testdata};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A document that describes one part.
struct Listing {
    part: &'static str,
    asset: &'static str,
    file: &'static str,
    distribution: Option<&'static str>,
}

const fn listing(
    part: &'static str,
    asset: &'static str,
    file: &'static str,
    distribution: Option<&'static str>,
) -> Listing {
    Listing { part, asset, file, distribution }
}

const LISTINGS: &[Listing] = &[
    listing("Application node 1", "CI-1", "app-1-software.csv", None),
    listing("Application node 2", "CI-2", "app-2-software.csv", None),
    listing("Web front 1", "CI-3", "web-1-rpm.txt", Some("rhel-8.10")),
    listing("Web front 2", "CI-4", "web-2-rpm.txt", Some("rhel-8.10")),
    listing("Reports", "CI-5", "rep-1-dpkg.txt", Some("debian-12")),
    listing("Drug reference", "CI-6", "ref-1-rpm.txt", Some("rhel-9.4")),
    listing("Database", "CI-7", "db-dpkg.txt", Some("debian-12")),
    listing("Interface engine", "CI-8", "interface-engine-software.csv", None),
    listing("Medication module", "CI-9", "module.cdx.json", None),
];

const MODULE_COMPONENTS: usize = 2000;
const NOT_EVALUABLE: &str = "not evaluable";

/// A record described by all listings but the one left out.
struct Record {
    folder: tempfile::TempDir,
}

impl Record {
    fn described(left_out: Option<&str>) -> Record {
        let record = Record { folder: tempfile::tempdir().unwrap() };
        let feeds = fresh_feeds(record.folder.path());
        record.run(&["feeds", "load", &feeds, &text(&testdata("ehr/feeds"))]);
        let sheet = text(&testdata("ehr/applications.csv"));
        record.run(&["import", &sheet, "--source", "applications"]);
        for listing in LISTINGS.iter().filter(|it| left_out != Some(it.file)) {
            let file = match listing.file {
                "module.cdx.json" => module_bill(record.folder.path()),
                file => testdata("ehr").join(file),
            };
            let mut arguments = vec!["import", "--source", "software", "--subject", listing.asset];
            let file = text(&file);
            arguments.push(&file);
            arguments.extend(listing.distribution.iter().flat_map(|it| ["--distribution", it]));
            record.run(&arguments);
        }
        record
    }

    fn run(&self, arguments: &[&str]) -> Vec<Value> {
        let data = text(&self.folder.path().join("data"));
        let said = run(["--data", &data].iter().chain(arguments).chain(&["--json"]));
        assert_eq!(said.code, Some(0), "{arguments:?}: {}", said.beside);
        said.json()
    }

    /// The record's parts, weakest first.
    fn parts(&self) -> Vec<Value> {
        self.run(&["application", "Patient record"])
    }

    /// Verdicts on an asset by vulnerability.
    fn verdicts(&self, asset: &str) -> BTreeMap<String, String> {
        let lines = self.run(&["worklist", "--flat", "--limit", "0"]);
        let of_asset = lines.iter().filter(|line| line["asset_id"] == asset);
        let word = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        of_asset.map(|line| (word(line, "vulnerability"), word(line, "verdict"))).collect()
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The demo's pack as it would be had its publishers written it today: what is decided must not hang on its age.
#[expect(
    clippy::disallowed_methods,
    reason = "the program records at the moment it runs; the feeds are of that day"
)]
fn fresh_feeds(folder: &Path) -> String {
    let to = folder.join("feeds");
    let now = jiff::Timestamp::now();
    for (name, bytes) in exposome_bench::demo_pack() {
        let mut document = String::from_utf8(bytes.to_vec()).unwrap();
        if name.starts_with("known_exploited") {
            document = document.replace("2026-08-07T16:45:47.0648Z", &now.to_string());
        } else if name.starts_with("epss") {
            let today = now.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string();
            document = document.replace("2026-08-08T00:00:00+0000", &today);
        }
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, document).unwrap();
    }
    text(&to)
}

/// What the module's maker delivers: one library with a known flaw among two thousand.
fn module_bill(folder: &Path) -> PathBuf {
    let mut components = String::from(
        r#"{"type":"library","group":"com.fasterxml.jackson.core","name":"jackson-databind","version":"2.9.4","purl":"pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.9.4","cpe":"cpe:2.3:a:fasterxml:jackson-databind:2.9.4:*:*:*:*:*:*:*"}"#,
    );
    for number in 1..MODULE_COMPONENTS {
        write!(
            components,
            r#",{{"type":"library","group":"example.module","name":"part-{number}","version":"1.{number}","purl":"pkg:maven/example.module/part-{number}@1.{number}"}}"#
        )
        .unwrap();
    }
    let bill = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"metadata":{{"component":{{"type":"application","name":"Medication module","version":"7.4.2"}}}},"components":[{components}]}}"#
    );
    let path = folder.join("module.cdx.json");
    fs::write(&path, bill).unwrap();
    path
}

fn state_of(parts: &[Value], name: &str) -> String {
    let part = parts.iter().find(|part| part["part"] == name);
    part.unwrap_or_else(|| panic!("no part {name}"))["state"].as_str().unwrap().to_owned()
}

#[test]
fn the_weakest_part_of_the_record_comes_first() {
    let record = Record::described(None);
    let parts = record.parts();
    let names: Vec<&str> = parts.iter().map(|part| part["part"].as_str().unwrap()).collect();
    assert_eq!(parts.len(), 10, "{names:?}");
    assert_eq!(names[0], "Interface engine", "what is being exploited is the weakest: {names:?}");
    assert!(parts[0]["worst"].as_str().unwrap().contains("CVE-2023-43208"), "{}", parts[0]);
    let place = |name: &str| names.iter().position(|it| *it == name).unwrap();
    for flawed in ["Application node 1", "Web front 1", "Database", "Medication module"] {
        assert!(place(flawed) < place("Video visits"), "{names:?}");
    }
    for quiet in ["Reports", "Drug reference"] {
        assert!(place("Video visits") < place(quiet), "nobody knows the hosted part: {names:?}");
    }
    assert!(state_of(&parts, "Video visits").starts_with(NOT_EVALUABLE));
    assert_eq!(parts[place("Medication module")]["components"], MODULE_COMPONENTS + 1);
}

#[test]
fn a_flaw_that_the_distribution_mended_is_not_reported() {
    let record = Record::described(None);
    let verdict = |asset: &str, vulnerability: &str| {
        record.verdicts(asset).remove(vulnerability).unwrap_or_else(|| "not reported".to_owned())
    };
    // OpenSSL 3.0.11 is below the fix of the project, 3.0.12; Debian's second revision carries it.
    assert_eq!(verdict("CI-5", "CVE-2023-5363"), "not reported");
    assert_eq!(verdict("CI-7", "CVE-2023-5363"), "affected", "the revision before it does not");
    assert_eq!(verdict("CI-1", "CVE-2023-5363"), "affected", "Windows, from the project: 3.0.8");
    assert_eq!(verdict("CI-2", "CVE-2023-5363"), "not reported", "3.0.13");
    // OpenSSH 8.7p1 is below the fix of the project, 9.8p1; Red Hat's package carries it.
    assert_eq!(verdict("CI-6", "CVE-2024-6387"), "not reported");
    assert_eq!(verdict("CI-3", "CVE-2024-23672"), "affected");
    assert_eq!(verdict("CI-4", "CVE-2024-23672"), "not reported");
    assert_eq!(verdict("CI-9", "CVE-2018-7489"), "affected", "one library among two thousand");
}

#[test]
fn a_part_whose_document_is_missing_is_not_evaluable() {
    let whole = Record::described(None).parts();
    for listing in LISTINGS {
        let parts = Record::described(Some(listing.file)).parts();
        for part in &whole {
            let name = part["part"].as_str().unwrap();
            if name == listing.part {
                let state = state_of(&parts, name);
                assert!(state.starts_with(NOT_EVALUABLE), "without {}: {state}", listing.file);
            } else {
                assert_eq!(state_of(&parts, name), state_of(&whole, name), "of {name}");
            }
        }
    }
}
