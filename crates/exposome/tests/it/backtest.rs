//! What would have been put first on 2026-06-13, held against what became known to be exploited after it; and what each
//! policy makes of the demo's hospital.
//!
//! In the world's time: nothing published after that day is used.  Of EPSS it is the scores of the day, of KEV the
//! entries added by then, of exploits the modules published by then.

use crate::command::run;
use exposome_engine::decide::Policy;
use exposome_intake::{Item, Limits, read};
use exposome_model::knowledge::Record;
use exposome_model::reading::Kept;
use exposome_score::Cvss;
use jiff::civil::{Date, date};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::{Path, PathBuf};

const POLICY: &str = include_str!("../../../../rules/policies/default.toml");
const FEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/feeds");

/// The day that is looked back on.
const DAY: Date = date(2026, 6, 13);

/// What a feed's documents say.
#[derive(Default)]
struct World {
    /// In hundred-thousandths.
    epss: BTreeMap<String, u32>,
    listed: BTreeMap<String, Date>,
    /// When the first exploit that anybody can run was published.
    exploits: BTreeMap<String, Date>,
    vectors: BTreeMap<String, Cvss>,
}

impl World {
    fn read(&mut self, name: &str, bytes: &[u8]) {
        let mut kept = Kept::<Item>::default();
        read(&mut Cursor::new(bytes), name, &Limits::default(), &mut kept).unwrap();
        for item in kept.records {
            match item {
                Item::Epss(table) => {
                    let rows = table.rows.into_iter();
                    self.epss.extend(rows.map(|row| (row.vulnerability, row.probability_e5)));
                }
                Item::Knowledge(Record::Kev(entry)) => {
                    self.listed.insert(entry.vulnerability, entry.added);
                }
                Item::Knowledge(Record::Exploit(entry)) => {
                    let Some(day) = entry.published else { continue };
                    let first = self.exploits.entry(entry.vulnerability).or_insert(day);
                    *first = day.min(*first);
                }
                Item::Knowledge(Record::Advisory(advisory)) => {
                    let vectors = advisory.severities.iter();
                    let mut vectors = vectors.filter_map(|it| it.vector.parse::<Cvss>().ok());
                    if let Some(vector) = vectors.next() {
                        self.vectors.insert(advisory.vulnerability, vector);
                    }
                }
                _ => {}
            }
        }
    }

    fn is_listed(&self, vulnerability: &str) -> bool {
        self.listed.get(vulnerability).is_some_and(|added| *added <= DAY)
    }

    fn is_exploitable(&self, vulnerability: &str) -> bool {
        self.exploits.get(vulnerability).is_some_and(|published| *published <= DAY)
    }
}

/// The share of those that were found, with its 95 % interval (Wilson, 1927, score interval without continuity correction).
fn wilson(found: usize, of: usize) -> [f64; 3] {
    const Z: f64 = 1.959_964;
    let (n, p) = (of as f64, found as f64 / of as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [p, (middle - half).max(0.0), (middle + half).min(1.0)]
}

/// A line that the bench collects: name, value, unit, bound, verdict.
fn print(name: &str, value: &str, unit: &str) {
    println!("backtest {name}\t{value}\t{unit}\t-\t-");
}

#[test]
fn the_interval_of_a_share_is_wilsons() {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 15 of 148 and 0 of 20, method 3.
    for (found, of, low, high) in [(15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)] {
        let [_, from, to] = wilson(found, of);
        assert!((from - low).abs() < 1e-4 && (to - high).abs() < 1e-4, "{from} to {to}");
    }
}

/// Whether a policy would have put this CVE first.
type Rule<'a> = Box<dyn Fn(&str) -> bool + 'a>;

#[test]
fn what_was_exploited_next_and_what_would_have_been_put_first() {
    let feeds = Path::new(FEEDS);
    if !feeds.is_dir() {
        println!("the backtest is not run: there is no {}", feeds.display());
        return;
    }
    let mut world = World::default();
    for name in [
        "epss/epss_scores-2026-06-13.csv.gz",
        "kev/known_exploited_vulnerabilities-2026.08.07.json.gz",
        "exploit/metasploit_modules_cve_subset-2025-05-23.json.gz",
    ] {
        world.read(name, &std::fs::read(feeds.join(name)).unwrap());
    }
    let policy = Policy::parse(POLICY).unwrap();
    let next: Vec<&String> =
        world.listed.iter().filter(|(_, added)| **added > DAY).map(|(id, _)| id).collect();
    let scored: Vec<&String> =
        next.iter().copied().filter(|id| world.epss.contains_key(*id)).collect();
    assert_eq!((world.epss.len(), next.len(), scored.len()), (341_309, 43, 18));
    let at_least = |limit: u32| {
        let world = &world;
        move |id: &str| world.epss.get(id).is_some_and(|score| *score >= limit)
    };
    let is_high = at_least(policy.thresholds.epss_high_e5);
    let evidence = |id: &str| world.is_listed(id) || world.is_exploitable(id) || is_high(id);
    let rules: [(&str, Rule<'_>); 3] = [
        ("EPSS 0.1", Box::new(at_least(10_000))),
        ("EPSS 0.5", Box::new(at_least(50_000))),
        ("evidence rows", Box::new(evidence)),
    ];
    let share = |found: usize, of: usize| {
        let [share, from, to] = wilson(found, of);
        format!("{share:.4} ({from:.4} to {to:.4})")
    };
    for (name, rule) in &rules {
        let of = |ids: &[&String]| ids.iter().filter(|id| rule(id)).count();
        let (all, known) = (of(&next), of(&scored));
        let chosen = world.epss.keys().filter(|id| rule(id)).count();
        assert!(all >= known && chosen > 0);
        let unit = "share, 95 % interval";
        print(
            &format!("{name}: coverage of the 18 later listed that had a score"),
            &share(known, 18),
            unit,
        );
        print(&format!("{name}: coverage of all 43 later listed"), &share(all, 43), unit);
        print(&format!("{name}: effort, of 341,309 scored"), &share(chosen, 341_309), unit);
    }
    print("CVSS", "not compared: one of the 43 has a vector at hand", "-");
}

/// What each policy makes of a CVE with a vector on a device: its outcome, in words.
fn outcomes(world: &World, row: &Value, card: &Value) -> Vec<(&'static str, String)> {
    let id = row["vulnerability"].as_str().unwrap();
    let first = |holds: bool| if holds { "act now" } else { "monitor" }.to_owned();
    let epss = world.epss.get(id).copied();
    let severe = world.vectors.get(id).is_some_and(|it| it.base_score().get() >= 70);
    let deployer = card["ssvc_deployer"].as_array().unwrap();
    vec![
        ("ours", row["decision"].as_str().unwrap().to_owned()),
        ("KEV alone", first(world.listed.contains_key(id))),
        ("EPSS 0.1 alone", epss.map_or("no score".to_owned(), |epss| first(epss >= 10_000))),
        ("published CVSS 7.0 alone", first(severe)),
        // What is not known is taken at its worst there too.
        ("SSVC deployer, at worst", deployer.last().unwrap().as_str().unwrap().to_owned()),
    ]
}

#[test]
fn what_each_policy_makes_of_the_demos_hospital() {
    let mut world = World::default();
    for (name, bytes) in exposome_bench::demo_pack() {
        world.read(name, bytes);
    }
    let folder = tempfile::tempdir().unwrap();
    let data: PathBuf = folder.path().join("demo");
    let data = data.to_str().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", data]).ok();
    let ask = |arguments: &[&str]| {
        let fixed = ["--data", data, "--as-of", exposome_bench::hospital::AS_OF];
        run(fixed.iter().chain(arguments)).json()
    };
    let rows = ask(&["worklist", "--flat", "--limit", "0", "--json"]);
    let with_vector =
        |row: &&Value| world.vectors.contains_key(row["vulnerability"].as_str().unwrap());
    let rows: Vec<&Value> = rows.iter().filter(with_vector).collect();
    // Devices of one class with one flaw in one component are asked about once.
    let mut cards: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut not_first: BTreeSet<String> = BTreeSet::new();
    for row in &rows {
        let asset = row["asset_id"].as_str().unwrap();
        let of_asset =
            cards.entry(asset.to_owned()).or_insert_with(|| ask(&["explain", asset, "--json"]));
        let is_it = |card: &&Value| {
            card["vulnerability"] == row["vulnerability"] && card["component"] == row["component"]
        };
        let card = of_asset.iter().find(is_it).unwrap();
        for (policy, outcome) in outcomes(&world, row, card) {
            *counts.entry((policy, outcome)).or_default() += 1;
        }
        if world.listed.contains_key(row["vulnerability"].as_str().unwrap())
            && row["decision"] != "act now"
        {
            not_first.insert(format!("{} on {}", row["vulnerability"], row["component"]));
        }
    }
    assert!(rows.len() > 1_000, "{} exposures with a vector", rows.len());
    for ((policy, outcome), count) in counts {
        let of_thousand = count as f64 * 1000.0 / rows.len() as f64;
        print(
            &format!(
                "of 1,000 exposures of the demo's hospital with a vector, {policy}: {outcome}"
            ),
            &format!("{of_thousand:.0}"),
            "exposures",
        );
    }
    let names = not_first.iter().cloned().collect::<Vec<_>>().join("; ");
    let names = if names.is_empty() { "none".to_owned() } else { names };
    print("entries of KEV that ours does not put first", &names, "names");
    assert!(not_first.is_empty(), "what is exploited comes first: {names}");
}
