//! A hundred million exposures after a day's change of scores: how long until the order stands, how much memory.
//!
//! `cargo bench -p exposome-engine --bench prioritise [-- ASSETS]`.  Every vulnerability gets another score, and
//! every exposure is decided and ranked again; each figure is the median of five days.
#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "figures for people, of a size that fits, on data of our own making"
)]

#[path = "../tests/prioritise/ground.rs"]
mod ground;
mod measure;
#[path = "../tests/prioritise/site.rs"]
mod site;

use exposome_engine::board::Board;
use exposome_engine::prioritise::decide_one;
use ground::{SIGHT, as_of, edition, rules};
use measure::{cpu_seconds, resident_mebibytes, tell};
use site::{Random, Site, Size, scores};
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let assets = arguments.next().map_or(1_000_000, |text| text.parse().expect("a number"));
    let size = Size {
        assets,
        bills: assets / 100,
        // One in ten is not affected.
        causes: 112,
        settings: 64,
        days: 30,
        vulnerabilities: 300_000,
    };
    let whole = assets >= 1_000_000;
    let rules = rules();
    let mut random = Random(7);
    let mut site = Site::of(size, &rules, &mut random);
    let before = cpu_seconds();
    let mut board =
        Board::of(&site.assessment.bills, &site.assessment.cohorts, site.assessment.pairs());
    let exposures = board.len() as f64;
    tell("prioritise.exposures", exposures, "count", None);
    tell("prioritise.cohorts", site.assessment.cohorts.len() as f64, "count", None);
    tell("prioritise.cells", board.cells() as f64, "count", None);
    tell("prioritise.build", cpu_seconds() - before, "CPU-s", None);
    let bytes = board.memory() as f64 / exposures;
    tell("prioritise.memory_of_an_exposure", bytes, "bytes", whole.then_some(8.0));

    let mut scored = Vec::new();
    let mut decided = Vec::new();
    let mut first = Vec::new();
    for _day in 0..5 {
        let day = scores(size.vulnerabilities, &mut random);
        let before = cpu_seconds();
        site.threats.score(edition(&rules), |id| day.get(id).copied());
        scored.push(cpu_seconds() - before);
        let before = cpu_seconds();
        let bills = (site.assessment.bills.as_slice(), as_of());
        board.prioritise(bills, &site.threats, SIGHT, &rules);
        decided.push(cpu_seconds() - before);
        let before = cpu_seconds();
        assert_eq!(black_box(board.first(1000)).len(), 1000);
        first.push((cpu_seconds() - before) * 1000.0);
    }
    let (scored, decided) = (median(scored), median(decided));
    tell("prioritise.take_in_scores", scored, "CPU-s", None);
    tell("prioritise.decide_and_rank", decided, "CPU-s", None);
    let bound = whole.then_some(0.5);
    tell("prioritise.a_day_of_scores", scored + decided, "CPU-s", bound);
    tell("prioritise.first_1000", median(first), "ms", whole.then_some(50.0));

    let mut explained = Vec::new();
    for entry in board.first(1000) {
        let cohort = site.assessment.cohorts.iter().find(|it| it.assets.contains(&entry.asset));
        let alike = cohort.unwrap().alike;
        let bill = &site.assessment.bills[alike.bill as usize];
        let before = Instant::now();
        let judgement = board.judgement(entry, bill).unwrap();
        let on = (as_of(), &site.threats, SIGHT, &rules);
        black_box(decide_one(bill, judgement, alike, on)).unwrap();
        explained.push(before.elapsed().as_secs_f64() * 1000.0);
        if explained.len() == 101 {
            break;
        }
    }
    tell("prioritise.explain", median(explained), "ms", whole.then_some(1.0));
    let peak = resident_mebibytes("VmHWM");
    tell("prioritise.peak_memory", peak, "MiB", whole.then_some(4096.0));
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
