//! The same number on the screen, in the interface, in the export and in the terminal, for filters drawn at random.

use crate::client::Client;
use crate::command::run;
use crate::random::SplitMix;
use crate::serving::Serving;
use serde_json::Value;
use std::collections::BTreeMap;

const FILTERS: usize = 40;

/// How the terminal names what can be asked, and how the filter language does.
const ASPECTS: [(&str, &str); 6] = [
    ("unit", "unit"),
    ("location", "location"),
    ("class", "purpose"),
    ("decision", "decision"),
    ("clock", "clock"),
    ("vulnerability", "vulnerability"),
];

#[test]
fn every_face_gives_the_same_number() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", data]).ok();
    let serving = Serving::start(folder.path());
    let client = serving.administrator();
    let terminal = |arguments: &[&str]| {
        run(["--data", data, "worklist", "--json", "--limit", "0"].iter().chain(arguments)).json()
    };
    let values: BTreeMap<&str, Vec<String>> = ASPECTS
        .iter()
        .map(|(aspect, _)| {
            let groups = terminal(&["--by", aspect]);
            let names = groups.iter().map(|it| it["group"].as_str().unwrap().to_owned());
            (*aspect, names.filter(|it| it != "not known").collect())
        })
        .collect();
    let mut random = SplitMix(20_261_201);
    let mut exposures = 0;
    for _ in 0..FILTERS {
        let mut only = Vec::new();
        let mut terms = Vec::new();
        for (aspect, field) in ASPECTS {
            let values = &values[aspect];
            if values.is_empty() || random.share() < 0.6 {
                continue;
            }
            let count = 1 + random.below(3);
            let chosen: Vec<&str> =
                (0..count).map(|_| values[random.below(values.len())].as_str()).collect();
            only.extend(chosen.iter().map(|it| format!("{aspect}={it}")));
            let written = |it: &&str| match field {
                "decision" => Value::from(it.replace(' ', "_")).to_string(),
                _ => Value::from(*it).to_string(),
            };
            let words: Vec<String> = chosen.iter().map(written).collect();
            terms.push(format!("{field} in [{}]", words.join(", ")));
        }
        let filter = terms.join(" && ");
        let only: Vec<&str> = only.iter().flat_map(|it| ["--only", it.as_str()]).collect();
        let in_terminal = terminal(&[&["--flat"], &only[..]].concat());
        let mut lines: Vec<String> = in_terminal.iter().map(line_of_terminal).collect();
        lines.sort();

        let (on_screen, totals) = screen(&client, &filter);
        assert_eq!(on_screen, lines, "{filter}");
        assert_eq!(export(&client, &filter), lines, "{filter}");
        let counted = |word: &str| in_terminal.iter().filter(|it| it["decision"] == word).count();
        for (name, word) in [
            ("act_now", "act now"),
            ("schedule", "schedule"),
            ("defer", "defer"),
            ("monitor", "monitor"),
        ] {
            assert_eq!(totals["exposures_by_decision"][name], counted(word), "{filter}: {totals}");
        }
        let jobs = client.get(&path("/api/v1/worklist", &filter, "&limit=1"));
        let of_jobs = &jobs.body["totals"];
        assert_eq!(of_jobs["exposures"], totals["exposures"], "{filter}");
        assert_eq!(of_jobs["exposures"], lines.len(), "{filter}");
        assert_eq!(of_jobs["jobs"], terminal(&only).len(), "{filter}");
        exposures += lines.len();
    }
    assert!(exposures > 1000, "filters that choose something: {exposures}");
}

fn path(list: &str, filter: &str, more: &str) -> String {
    let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    format!("{list}?filter={filter}{more}")
}

/// Asset, vulnerability, decision and day.
fn line(asset: &Value, vulnerability: &Value, decision: &str, due: Option<&str>) -> String {
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let due = due.map_or("-", |it| &it[..10]);
    format!("{} {} {} {due}", text(asset), text(vulnerability), decision.replace('_', " "))
}

fn line_of_terminal(row: &Value) -> String {
    line(
        &row["asset_id"],
        &row["vulnerability"],
        row["decision"].as_str().unwrap(),
        row["due"].as_str(),
    )
}

/// What the page shows, page by page.
fn screen(client: &Client, filter: &str) -> (Vec<String>, Value) {
    let mut lines = Vec::new();
    let mut after = String::new();
    loop {
        let answer = client.get(&path("/api/v1/exposures", filter, &format!("&limit=200{after}")));
        assert_eq!(answer.status, 200, "{answer:?}");
        let rows = answer.body["rows"].as_array().unwrap();
        lines.extend(rows.iter().map(|row| {
            let decision = row["decision"].as_str().unwrap();
            line(&row["asset"]["id"], &row["vulnerability"], decision, row["due"].as_str())
        }));
        let Some(next) = answer.body["next"].as_str() else {
            lines.sort();
            return (lines, answer.body["totals"].clone());
        };
        after = format!("&after={next}");
    }
}

fn export(client: &Client, filter: &str) -> Vec<String> {
    let answer = client.get(&path("/api/v1/exposures", filter, "&format=csv"));
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut table = csv::Reader::from_reader(answer.text.trim_start_matches('\u{feff}').as_bytes());
    let headings = table.headers().unwrap().clone();
    let place = |name: &str| headings.iter().position(|it| it == name).unwrap();
    let [asset, flaw, decision, due] = ["asset", "vulnerability", "decision", "due"].map(place);
    let mut lines: Vec<String> = table
        .records()
        .map(|row| {
            let row = row.unwrap();
            let due = Some(&row[due]).filter(|it| !it.is_empty());
            line(&row[asset].into(), &row[flaw].into(), &row[decision], due)
        })
        .collect();
    lines.sort();
    lines
}
