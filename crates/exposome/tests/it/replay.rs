//! What was known and concluded at a moment, asked for later.

use crate::scope::{Hospital, PUMP};
use serde_json::Value;

const FLAW: &str = "CVE-2026-99001";

fn texts<'a>(rows: &'a [Value], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str().unwrap_or_default()).collect()
}

#[test]
fn an_assessment_is_recorded_and_answers_the_same_byte_for_byte() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(PUMP, &[]).ok();
    let said = hospital.run(&["assess", "--json"]);
    assert!(said.beside.contains("assessment 1 is recorded; 1 exposures"), "{}", said.beside);
    let first = said.json()[0].clone();
    assert_eq!((&first["what"], &first["number"]), (&"recorded".into(), &1.into()));

    let two = format!("{PUMP}A2,Baxter,Sigma Spectrum,8.00.01,infusion pump\n");
    hospital.import(&two, &[]).ok();
    let second = hospital.run(&["assess", "--json"]).json()[0].clone();
    assert_eq!((&second["number"], &second["exposures"]), (&2.into(), &2.into()));

    let then = first["as_of"].as_str().unwrap();
    let rows = hospital.run(&["--as-of", then, "assess", "--json"]).json();
    assert_eq!(texts(&rows, "what"), ["concluded then", "computed today"]);
    for name in ["as_of", "exposures", "act_now", "program", "rules", "answers"] {
        assert_eq!((&rows[0][name], &rows[1][name]), (&first[name], &first[name]), "{name}");
    }
    assert_eq!(rows[1]["moves"], Value::Array(Vec::new()));
    let text = hospital.run(&["--as-of", then, "assess"]).ok();
    assert!(text.contains("Assessment 1 is computed today as it was concluded, byte for byte."));

    // A moment of which none was recorded has the one before it in force.
    let rows = hospital.run(&["--as-of", "2099-01-01", "assess", "--json"]).json();
    assert_eq!(texts(&rows, "what"), ["concluded then", "computed today", "computed today"]);
    assert_eq!(rows[0]["number"], 2);
    assert_eq!(rows[1]["answers"], second["answers"]);
    let looked = hospital.run(&["--as-of", then, "assess", "--json"]).json();
    assert_eq!(looked[0]["number"], 1, "a look back records nothing");
}

#[test]
fn a_card_tells_what_was_concluded_of_it_and_which_document_moved_it() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(PUMP, &[]).ok();
    hospital.run(&["assess"]).ok();
    let concluded = |asset: &str| {
        let card = hospital.run(&["explain", asset, FLAW, "--json"]).json()[0].clone();
        card["concluded"].as_array().unwrap().clone()
    };
    assert_eq!(concluded("A1").len(), 1);
    let updated = PUMP.replace("8.00.01", "9.1");
    hospital.import(&updated, &[]).ok();
    let text = hospital.run(&["explain", "A1", FLAW]).ok();
    assert!(text.contains("facts have come since"), "{text}");
    hospital.run(&["assess"]).ok();
    let turns = concluded("A1");
    assert_eq!(turns.len(), 2);
    assert_eq!(turns[1]["stand"], Value::Null);
    let why = turns[1]["why"].as_array().unwrap();
    let version = why.iter().find(|it| it["about"] == "version").unwrap();
    assert_eq!(version["words"], "its version: 8.00.01 -> 9.1");
    assert!(version["facts"][0].as_str().unwrap().starts_with("import:cmms:"), "{version}");
    let text = hospital.run(&["explain", "A1", FLAW]).ok();
    assert!(!text.contains("facts have come since"), "{text}");
}
