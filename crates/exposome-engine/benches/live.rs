//! One fact more at a site of fifty thousand assets: how long until the worklist stands again.
//!
//! `cargo bench -p exposome-engine --bench live [-- ASSETS VULNERABILITIES]`.  Of every asset two sources speak, an
//! inventory and a bill of materials of 50 components; ten assets share a bill.  Each kind of fact happens forty
//! times, to another asset or vulnerability each time; its figures are from the fact to the first fifty exposures of
//! the new order.  A verdict on all assets is one on whatever some asset has: one of the forty concerns nine assets in
//! ten.
#![allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    reason = "figures for people, of a size that fits"
)]
#![allow(
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a generator of our own making"
)]

mod generator;
#[path = "../tests/prioritise/ground.rs"]
mod ground;
mod measure;

use exposome_engine::assess::Rules;
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::expose::columns::{Dictionary, Fleet};
use exposome_engine::live::Live;
use exposome_engine::people::People;
use exposome_engine::threat::{EpssScore, Threat};
use exposome_engine::world::World;
use exposome_model::claim::Claim;
use exposome_model::event::{Actor, Anchor, Change, Event, Recorded, Role, Scope, Target};
use exposome_model::exposure::Verdict;
use exposome_model::inventory::{Attribute, Component, Sheet};
use exposome_model::knowledge::{Record, Severity};
use generator::Random;
use ground::{SIGHT, VECTORS, as_of, edition, listed, rules};
use measure::{cpu_seconds, resident_mebibytes, tell};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

/// How often each kind of fact happens.
const TIMES: usize = 40;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let mut size =
        |otherwise| arguments.next().map_or(otherwise, |text| text.parse().expect("a number"));
    let (assets, vulnerabilities) = (size(50_000), size(300_000));
    let whole = assets >= 50_000 && vulnerabilities >= 300_000;
    let rules = Arc::new(rules());
    let (dictionary, fleet) = fleet(assets);
    let world = world(vulnerabilities, &rules);
    let claims = (0..assets).flat_map(|asset| {
        let components = components(&dictionary, &fleet, asset);
        [inventory(asset, "ward 1"), bill(asset, components)]
    });
    let claims = claims.collect();
    let before = cpu_seconds();
    let at = (as_of(), SIGHT);
    let mut live = Live::of(claims, People::default(), world, Arc::clone(&rules), at);
    tell("live.assets", live.assets().count() as f64, "count", None);
    tell("live.exposures", live.settled() as f64, "count", None);
    tell("live.everything_anew", cpu_seconds() - before, "CPU-s", None);

    let mut random = Random(17);
    let mut number = 0;
    let mut event = |change| {
        number += 1;
        let by = Actor { name: "A. Weber".into(), role: Role::ClinicalEngineer };
        let event = Event::Made { change, reason: "looked at it".into() };
        Recorded { number, at: as_of(), by, event }
    };
    let mut happens =
        |kind: &str, live: &mut Live, fact: &mut dyn FnMut(&mut Live, usize, &str)| {
            let mut took = Vec::new();
            for _ in 0..TIMES {
                let asset = random.below(assets);
                let cause = first_cause(live, asset);
                let start = Instant::now();
                fact(live, asset, &cause);
                black_box(live.first(50));
                took.push(start.elapsed().as_secs_f64() * 1000.0);
            }
            took.sort_by(f64::total_cmp);
            tell(&format!("live.{kind}.median"), took[TIMES / 2], "ms", None);
            let bound = whole.then_some(20.0);
            tell(&format!("live.{kind}.slowest_of_{TIMES}"), took[TIMES - 1], "ms", bound);
        };
    happens("a_device_has_moved", &mut live, &mut |live, asset, _| {
        live.hear_claims(vec![inventory(asset, "ICU")]);
    });
    happens("a_component_is_updated", &mut live, &mut |live, asset, _| {
        let mut components = components(&dictionary, &fleet, asset);
        components[7].version = Some("9.19.39".into());
        live.hear_claims(vec![bill(asset, components)]);
    });
    happens("a_device_is_new", &mut live, &mut |live, asset, _| {
        let components = components(&dictionary, &fleet, asset);
        let number = live.claims().len();
        live.hear_claims(vec![inventory(number, "ICU"), bill(number, components)]);
    });
    happens("a_verdict_on_an_asset", &mut live, &mut |live, asset, cause| {
        let scope = Scope::Asset(Anchor { source: "cmms".into(), key: asset.to_string() });
        live.hear_event(&event(not_affected(scope, cause.to_owned())));
    });
    happens("a_listing_in_kev", &mut live, &mut |live, _, cause| {
        let entry = listed(cause, jiff::civil::date(2026, 8, 15));
        let threat = Threat { kev: Some(entry), ..live.threat(cause).cloned().unwrap() };
        live.hear_threat(cause, Some(threat));
    });
    tell("live.layers", live.layers() as f64, "count", None);
    let before = cpu_seconds();
    live.settle();
    tell("live.settle", cpu_seconds() - before, "CPU-s", None);
    happens("a_verdict_on_all_assets", &mut live, &mut |live, _, cause| {
        live.hear_event(&event(not_affected(Scope::Site, cause.to_owned())));
    });
    tell("live.peak_memory", resident_mebibytes("VmHWM"), "MiB", whole.then_some(8192.0));
}

fn fleet(assets: usize) -> (Dictionary, Fleet) {
    let mut dictionary = Dictionary::default();
    generator::World::components(&mut dictionary);
    let fleet = generator::World::new().fleet(assets, assets / 10, &dictionary);
    (dictionary, fleet)
}

fn world(vulnerabilities: usize, rules: &Rules) -> World {
    let made = generator::World::new();
    let mut world = World::new(&Aliases::default());
    let mut random = Random(7);
    for number in 0..vulnerabilities {
        let vector = VECTORS[random.below(VECTORS.len())].to_owned();
        for mut advisory in made.advisories(number, &mut random) {
            advisory.severities =
                vec![Severity { vector: vector.clone(), score_tenths: None, source: None }];
            advisory.published = Some(as_of());
            world.hear(Record::Advisory(Box::new(advisory)));
        }
    }
    world.finish();
    world.threats.score(edition(rules), |id| {
        // Low most of the time, as in the published files.
        let mixed = id.bytes().fold(7, |mixed: u32, byte| mixed * 31 % 1009 + u32::from(byte));
        let probability_e5 = (mixed % 100).pow(3) / 10;
        Some(EpssScore { probability_e5, percentile_e5: 0 })
    });
    world
}

fn claim(source: &str, asset: usize, attributes: Vec<(Attribute, String)>) -> Claim {
    Claim {
        site: "main".into(),
        source: source.into(),
        observed_at: as_of(),
        first_recorded_at: as_of(),
        recorded_at: as_of(),
        sheet: Sheet { key: asset.to_string(), attributes, ..Sheet::default() },
    }
}

const CLASSES: [&str; 5] =
    ["infusion pump", "ventilator", "patient monitor", "laptop", "blood analyser"];

fn inventory(asset: usize, location: &str) -> Claim {
    let [_, high, middle, low] = (asset as u32).to_be_bytes();
    let said = [
        (Attribute::AssetId, format!("A{asset:07}")),
        (Attribute::DeviceClass, CLASSES[asset % CLASSES.len()].to_owned()),
        (Attribute::Ip, format!("10.{high}.{middle}.{low}")),
        (Attribute::Mac, format!("00:80:92:{high:02x}:{middle:02x}:{low:02x}")),
        (Attribute::Location, location.to_owned()),
    ];
    claim("cmms", asset, said.into())
}

fn bill(asset: usize, components: Vec<Component>) -> Claim {
    let mut claim = claim("sbom", asset, vec![(Attribute::AssetId, format!("A{asset:07}"))]);
    claim.sheet.components = components;
    claim
}

fn components(dictionary: &Dictionary, fleet: &Fleet, asset: usize) -> Vec<Component> {
    let parts = fleet.bills.get(fleet.assets[asset]).iter();
    parts.map(|&part| dictionary.get(part).unwrap().clone()).collect()
}

fn first_cause(live: &Live, asset: usize) -> String {
    let id = format!("A{asset:07}");
    let state = live.assets().find(|state| state.asset.id == id).unwrap();
    live.bill(state).unwrap().judgements[0].vulnerability.clone()
}

fn not_affected(scope: Scope, vulnerability: String) -> Change {
    let on = Target { scope, component: None, vulnerability };
    Change::Verdict { on, verdict: Verdict::NotAffected, until: None }
}
