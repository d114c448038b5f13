//! A million assets against three hundred thousand vulnerabilities: how long, how much memory.
//!
//! `cargo bench -p exposome-engine --bench match [-- ASSETS VULNERABILITIES]`.  A generator of
//! fixed seed makes the documents and the fleet; how dense they are is printed with the
//! figures.  What the generator itself takes is not counted.
#![allow(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
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
mod measure;

use exposome_engine::expose::Catalogue;
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::expose::columns::{
    Dictionary, Exposures, Findings, Fleet, Platforms, WaysBack, newly_exposed,
};
use exposome_model::exposure::Verdict;
use exposome_model::knowledge::Advisory;
use generator::{Random, World};
use measure::{cpu_seconds, resident_mebibytes, tell};
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let mut size =
        |otherwise| arguments.next().map_or(otherwise, |text| text.parse().expect("a number"));
    let (assets, vulnerabilities) = (size(1_000_000), size(300_000));
    let whole = assets >= 1_000_000 && vulnerabilities >= 300_000;
    let world = World::new();

    let mut random = Random(7);
    let mut catalogue = Catalogue::empty(&Aliases::default());
    let mut build = 0.0;
    for first in (0..vulnerabilities).step_by(1000) {
        let batch: Vec<Advisory> = (first..first + 1000)
            .flat_map(|number| world.advisories(number, &mut random))
            .collect();
        let before = cpu_seconds();
        for advisory in &batch {
            catalogue.add(advisory);
        }
        build += cpu_seconds() - before;
    }
    let before = cpu_seconds();
    catalogue.finish();
    build += cpu_seconds() - before;
    tell("match.vulnerabilities", catalogue.len() as f64, "count", None);
    tell("match.claims", catalogue.claims() as f64, "count", None);
    tell("match.index_memory", resident_mebibytes("VmRSS"), "MiB", whole.then_some(1536.0));
    tell("match.index", build, "CPU-s", None);

    let mut dictionary = Dictionary::default();
    World::components(&mut dictionary);
    tell("match.components", dictionary.len() as f64, "count", None);
    let before = cpu_seconds();
    let findings = Findings::of(&catalogue, &dictionary);
    let judge = cpu_seconds() - before;
    tell("match.judge_components", judge, "CPU-s", None);
    tell(
        "match.findings_per_component",
        findings.len() as f64 / dictionary.len() as f64,
        "mean",
        None,
    );
    tell("match.popularity", 1.05, "Zipf", None);
    tell("match.findings_open", 100.0 * findings.open() as f64 / findings.len() as f64, "%", None);

    for (name, distinct) in [("10", assets / 10), ("100", assets)] {
        let fleet = world.fleet(assets, distinct, &dictionary);
        let before = cpu_seconds();
        let platforms = Platforms::of(&dictionary, &fleet);
        let exposures = Exposures::of(&catalogue, &dictionary, &findings, &fleet, &platforms);
        let expand = cpu_seconds() - before;
        let label = |what: &str| format!("match.distinct_bills_{name}.{what}");
        tell(&label("platforms"), platforms.len() as f64, "count", None);
        tell(&label("exposures"), on_assets(&exposures, &fleet) as f64, "count", None);
        tell(
            &label("exposures_per_asset"),
            on_assets(&exposures, &fleet) as f64 / assets as f64,
            "mean",
            None,
        );
        tell(&label("expand"), expand, "CPU-s", None);
        tell(&label("match"), build + judge + expand, "CPU-s", whole.then_some(10.0));
        drop(exposures);
        let before = cpu_seconds();
        let back = WaysBack::of(&fleet, dictionary.len());
        tell(&label("ways_back"), cpu_seconds() - before, "CPU-s", None);
        let mut slowest = 0.0_f64;
        let mut most = 0;
        for number in 0..40 {
            let news: Vec<Advisory> =
                world.advisories(number * 17 + vulnerabilities, &mut random).collect();
            let start = Instant::now();
            let news = Catalogue::build(&news, &Aliases::default());
            let exposed = newly_exposed(&news, &dictionary, &findings, &fleet, &platforms, &back);
            let took = start.elapsed().as_secs_f64() * 1000.0;
            slowest = slowest.max(took);
            most = most.max(exposed.len());
        }
        tell(&label("new_cve_most_assets"), most as f64, "count", None);
        tell(&label("new_cve_slowest_of_40"), slowest, "ms", whole.then_some(50.0));
    }
    tell("match.peak_memory", resident_mebibytes("VmHWM"), "MiB", whole.then_some(4096.0));
}

fn on_assets(exposures: &Exposures, fleet: &Fleet) -> usize {
    fleet
        .assets
        .iter()
        .map(|&bill| {
            exposures.of_bill(bill).filter(|(_, verdict)| *verdict != Verdict::NotAffected).count()
        })
        .sum()
}
