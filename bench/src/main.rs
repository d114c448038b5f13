//! `./x bench`: measures what the project promises, and writes `docs/benchmarks.md`.
//!
//! Without names, every bench runs; `./x bench list` names them.  With `--as-built` the
//! release build that lies there is measured, without building it anew.  What cannot be
//! measured is written down as *not run*, with the reason: a missing figure is
//! never a good one.

mod benches;
mod child;
mod clicks;
mod conform;
mod ground;
mod packets;
mod record;
mod served;
mod sql;

use benches::{BENCHES, Bench};
use ground::{Ground, NotRun};
use record::Row;
use std::process::ExitCode;

const AS_BUILT: &str = "--as-built";

fn main() -> ExitCode {
    let (options, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|word| word == AS_BUILT);
    if names.iter().any(|name| name == "list" || name == "--help") {
        for bench in BENCHES {
            say(&format!("{:<12} {}", bench.name, bench.words));
        }
        return ExitCode::SUCCESS;
    }
    let unknown = names.iter().find(|name| BENCHES.iter().all(|bench| bench.name != **name));
    if let Some(unknown) = unknown {
        say(&format!("there is no bench {unknown:?}; ./x bench list names them"));
        return ExitCode::from(2);
    }
    let chosen = |bench: &&Bench| names.is_empty() || names.iter().any(|name| name == bench.name);
    match measure(BENCHES.iter().filter(chosen), !options.is_empty()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(NotRun(words)) => {
            say(&format!("./x bench: {words}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs benches and writes each one's figures down at once; whether everything asked for was met.
fn measure<'a>(benches: impl Iterator<Item = &'a Bench>, as_built: bool) -> Result<bool, NotRun> {
    let mut ground = Ground::new(as_built)?;
    let mut all_met = true;
    for bench in benches {
        say(&format!("== {}: {}", bench.name, bench.words));
        let rows = benches::rows(bench, &mut ground, &today());
        for Row { name, figure, bound, verdict, .. } in &rows {
            say(&format!("{name}: {figure} ({bound}: {verdict})"));
            all_met &= verdict == "met" || verdict == "-";
        }
        let path = ground.record();
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(&path, record::merge(&old, rows, &machine()))?;
    }
    Ok(all_met)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement is dated by the clock of who measures"
)]
fn today() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%d").to_string()
}

/// Processor, cores, memory and system, and how busy the machine was.
fn machine() -> String {
    let first = |path: &str, key: &str| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.split_once(':').map_or(String::new(), |(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory_gib = first("/proc/meminfo", "MemTotal")
        .split(' ')
        .next()
        .and_then(|kib| kib.parse::<u64>().ok());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{}, {cores} cores, {} GiB, Linux {}; load at the end of the run {}",
        first("/proc/cpuinfo", "model name"),
        memory_gib.unwrap_or_default() >> 20,
        kernel.trim(),
        load.split(' ').next().unwrap_or_default(),
    )
}

#[expect(clippy::print_stderr, reason = "the figures are for the person at the terminal")]
fn say(words: &str) {
    eprintln!("{words}");
}
