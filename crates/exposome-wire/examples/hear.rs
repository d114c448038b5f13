//! What is heard in capture files: `cargo run --release -p exposome-wire --example hear -- FILE...`
//!
//! With `--rate` only the figures: frames, and frames a second of processor time.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it prints for the person who runs it"
)]

use exposome_wire::capture::Capture;
use exposome_wire::{Limits, Listener, Rules};
use std::error::Error;
use std::fs::File;

fn main() -> Result<(), Box<dyn Error>> {
    let (options, files): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|it| it.starts_with("--"));
    let rules = Rules { locations: options.iter().any(|it| it == "--locations") };
    for file in files {
        let mut listener = Listener::new(&Limits::default(), rules, 0);
        let mut capture = Capture::open(File::open(&file)?)?;
        loop {
            match capture.frame() {
                Ok(Some(frame)) => listener.hear(&frame),
                Ok(None) => break,
                Err(error) => {
                    println!("{error}");
                    break;
                }
            }
        }
        let tally = listener.tally();
        let seconds = cpu_seconds();
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let rate = tally.frames as f64 / seconds;
        println!("== {file}: {} frames, {seconds:.3} CPU-s, {rate:.0} frames/CPU-s", tally.frames);
        if options.iter().any(|it| it == "--rate") {
            continue;
        }
        for sighting in listener.sightings() {
            println!("{} ({} packets)", sighting.who, sighting.packets);
            for it in sighting.observations {
                println!(
                    "    {:<24} {} [{}, {}] x{}",
                    it.property.name(),
                    it.value,
                    it.protocol,
                    it.certainty.words(),
                    it.times
                );
            }
        }
        if options.iter().any(|it| it == "--flows") {
            for flow in listener.flows() {
                println!(
                    "{} -> {} {}/{} {:?} {} connections, {} asked, {} answered",
                    flow.client,
                    flow.server,
                    flow.transport,
                    flow.port,
                    flow.protocols,
                    flow.connections,
                    flow.asked.packets,
                    flow.answered.packets
                );
            }
        }
        println!("{tally:?}");
    }
    Ok(())
}

/// User and system time of this process (proc(5), stat).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u32 =
        fields.split_whitespace().skip(11).take(2).filter_map(|it| it.parse::<u32>().ok()).sum();
    f64::from(ticks.max(1)) / 100.0
}
