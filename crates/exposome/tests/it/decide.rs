//! What people decide: through one door, two of them where a life hangs on it, and nothing is forgotten.

use crate::command::{Said, run};
use crate::scope::{Hospital, PUMP};
use serde_json::Value;

const FLAW: &str = "CVE-2026-99001";

const ANA: &[&str] = &["--by", "Ana", "--role", "analyst"];
const BEN: &[&str] = &["--by", "Ben", "--role", "clinical-engineer"];
const CEM: &[&str] = &["--by", "Cem", "--role", "it-operations"];

impl Hospital {
    fn decide(&self, what: &[&str], by: &[&str]) -> Said {
        let reason: &[&str] =
            if what[0] == "confirm" { &[] } else { &["--reason", "seen on the ward"] };
        self.run(&[&["decide"], what, by, reason].concat())
    }

    fn flaws(&self) -> Vec<Value> {
        let exposures = self.exposures("main").into_iter();
        exposures.filter(|it| it["vulnerability"] == FLAW).collect()
    }

    fn explained(&self, asset: &str) -> Value {
        self.run(&["explain", asset, FLAW, "--json"]).json()[0].clone()
    }
}

#[track_caller]
fn refused(said: &Said, words: &str) {
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.beside.contains(words), "{}", said.beside);
}

#[test]
fn a_verdict_on_a_gated_device_takes_two() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(PUMP, &[]).ok();
    let verdict = ["verdict", FLAW, "not_affected", "--asset", "a1"];
    let said = hospital.decide(&verdict, ANA).ok();
    assert!(said.contains("proposal 1 waits"), "{said}");
    assert_eq!(hospital.flaws().len(), 1, "one person alone changes nothing");
    refused(
        &hospital.decide(&["confirm", "1"], &["--by", " ANA", "--role", "clinician"]),
        "second",
    );
    refused(&hospital.decide(&["confirm", "2"], BEN), "no proposal 2 waits");
    hospital.decide(&["confirm", "1"], BEN).ok();
    assert!(hospital.flaws().is_empty());
    let card = hospital.explained("A1");
    assert_eq!(card["verdict"], "not_affected");
    let evidence = card["evidence"].as_array().unwrap();
    assert_eq!(evidence[0]["document"], "decision 1");
    assert_eq!(evidence[0]["publisher"], "Ana (analyst), confirmed by Ben (clinical engineer)");
    assert!(evidence.len() > 1, "what the documents say is still there");

    let said = hospital.run(&["decisions", "--verify"]).ok();
    assert!(said.starts_with("2 decisions of site main, unbroken"), "{said}");
    hospital.decide(&["take-back", "1"], CEM).ok();
    assert!(hospital.flaws().is_empty(), "taking it back takes two as well");
    hospital.decide(&["decline", "3"], BEN).ok();
    hospital.decide(&["take-back", "1"], CEM).ok();
    hospital.decide(&["confirm", "5"], BEN).ok();
    assert_eq!(hospital.flaws().len(), 1);
    assert_eq!(hospital.explained("A1")["verdict"], "affected");
}

#[test]
fn a_verdict_ends_with_its_day() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(PUMP, &[]).ok();
    let over = ["verdict", FLAW, "not_affected", "--asset", "A1", "--until", "2020-01-01"];
    refused(&hospital.decide(&over, ANA), "2020-01-01 is over");
    let long = ["verdict", FLAW, "not_affected", "--asset", "A1", "--until", "2099-01-01"];
    hospital.decide(&long, ANA).ok();
    hospital.decide(&["confirm", "1"], BEN).ok();
    assert!(hospital.flaws().is_empty());
    let later = ["--as-of", "2099-01-02", "worklist", "--flat", "--limit", "0", "--json"];
    let flaws = hospital.run(&later).json().into_iter().filter(|it| it["vulnerability"] == FLAW);
    assert_eq!(flaws.count(), 1);
}

#[test]
fn what_is_split_stays_apart_and_what_is_merged_is_one() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(&format!("{PUMP}A2,Baxter,Sigma Spectrum,8.00.01,infusion pump\n"), &[]).ok();
    let ids = || {
        let mut ids: Vec<String> =
            hospital.flaws().iter().map(|it| it["asset_id"].to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(), ["\"A1\"", "\"A2\""]);
    refused(&hospital.decide(&["merge", "A1", "A1"], ANA), "one asset already");
    refused(&hospital.decide(&["merge", "A1", "A9"], ANA), "no asset \"A9\"");
    hospital.decide(&["merge", "A1", "A2"], ANA).ok();
    hospital.decide(&["confirm", "1"], BEN).ok();
    assert_eq!(ids(), ["\"A1\""]);
    let said = hospital.run(&["explain", "A1"]).ok();
    assert!(said.contains("a person's decision"), "{said}");

    let two = "do not name one word on A1 alone; there are: cmms about A1, cmms about A2";
    refused(&hospital.decide(&["split", "A1", "--source", "cmms"], ANA), two);
    hospital.decide(&["split", "A1", "--source", "cmms", "--key", "A2"], ANA).ok();
    hospital.decide(&["confirm", "3"], BEN).ok();
    assert_eq!(ids(), ["\"A1\"", "\"A2\""]);
}

#[test]
fn a_class_is_overridden_alone_only_towards_more_care() {
    let hospital = Hospital::with_a_flaw();
    let desk = PUMP.replace("infusion pump", "office workstation");
    hospital.import(&desk, &[]).ok();
    assert_eq!(hospital.explained("A1")["gated"], false);
    refused(&hospital.decide(&["class", "A1", "PUMP"], ANA), "there is no category \"PUMP\"");
    let said = hospital.decide(&["class", "A1", "th-c"], ANA).ok();
    assert_eq!(said, "decision 1 holds\n");
    let card = hospital.explained("A1");
    assert_eq!((&card["category"], &card["gated"]), (&"TH-C".into(), &true.into()));
    let said = hospital.decide(&["class", "A1", "IT"], ANA).ok();
    assert!(said.contains("proposal 2 waits"), "{said}");
    assert_eq!(hospital.explained("A1")["category"], "TH-C");
}

#[test]
fn whoever_decides_says_who_and_why() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(PUMP, &[]).ok();
    let class = ["decide", "class", "A1", "LS", "--role", "analyst", "--reason"];
    refused(&hospital.run(&[&class[..], &["x", "--by", " "]].concat()), "bears a name");
    refused(&hospital.run(&[&class[..], &["  ", "--by", "Ana"]].concat()), "no reason is given");
    let elsewhere = ["verdict", "CVE-1999-1", "not_affected", "--everywhere"];
    refused(&hospital.decide(&elsewhere, ANA), "nothing that is known of has it");
    let said = hospital.run(&["decisions", "--verify"]).ok();
    assert!(said.starts_with("0 decisions"), "a refusal leaves nothing: {said}");
}

/// The demo's hospital, where every feed is at hand, on its day.
#[test]
fn a_deferral_waits_and_comes_back_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", folder.path().to_str().unwrap()]).ok();
    let ask = |as_of: &str, arguments: &[&str]| {
        let fixed = ["--data", folder.path().to_str().unwrap(), "--as-of", as_of];
        run(fixed.iter().chain(arguments))
    };
    let flat = |as_of: &str| ask(as_of, &["worklist", "--flat", "--limit", "0", "--json"]).json();
    let before = flat("2026-08-10T08:00:00Z");
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let first = |outcome: &str, gated: bool| {
        let fits = |row: &&Value| row["decision"] == outcome && row["gated"] == gated;
        let row = before.iter().find(fits).unwrap();
        (text(row, "asset_id"), text(row, "vulnerability"))
    };
    let defer = |(asset, flaw): &(String, String)| {
        let what = ["decide", "defer", flaw, "--asset", asset, "--reason", "no window before May"];
        ask("2026-08-10T09:00:00Z", &[&what[..], ANA].concat())
    };
    refused(&defer(&first("act now", false)), "it cannot wait");
    let target = first("schedule", false);
    assert_eq!(defer(&target).ok(), "decision 1 holds\n");
    let outcome = |as_of: &str| {
        let rows = flat(as_of);
        let is_it = |row: &&Value| (text(row, "asset_id"), text(row, "vulnerability")) == target;
        let row = rows.iter().find(is_it).unwrap();
        (text(row, "decision"), text(row, "because"))
    };
    let (asleep, because) = outcome("2026-08-10T10:00:00Z");
    assert_eq!(asleep, "defer");
    assert!(because.contains("deferred by Ana (analyst): no window before May"), "{because}");
    assert_eq!(outcome("2026-08-10T08:30:00Z").0, "schedule", "nobody had deferred it then");
    let card = ask("2026-08-10T10:00:00Z", &["explain", &target.0, &target.1, "--json"]).json();
    assert_eq!(card[0]["decision"]["row"], "deferral-1");
    // Ninety days on nobody has loaded a feed, and the review is due: it does not sleep on.
    let (awake, because) = outcome("2026-11-20T08:00:00Z");
    assert!(awake != "defer" && because.contains("deferral 1"), "{awake}: {because}");

    let wake = ["decide", "wake", "1", "--reason", "a window after all"];
    ask("2026-08-11T08:00:00Z", &[&wake[..], CEM].concat()).ok();
    assert_eq!(outcome("2026-08-11T09:00:00Z").0, "schedule");
}
