//! Every bench: its name, its words, and how it is measured.

use crate::ground::{Ground, NotRun, not_run};
use crate::record::Row;
use crate::sql;
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_store::site::ImportDocument;
use exposome_store::{Store, short_digest};
use std::path::Path;
use std::process::Command;

pub(crate) struct Bench {
    pub(crate) name: &'static str,
    pub(crate) words: &'static str,
    /// What a person types to repeat it without the collector.
    command: &'static str,
    run: fn(&mut Ground) -> Result<Vec<Figure>, NotRun>,
}

/// The lines of what must be shown, part by part.
pub(crate) const LINES: &[(&str, &str)] = &[
    ("1.1", "exact scores"),
    ("1.2", "real documents"),
    ("1.3", "a million assets"),
    ("1.4", "matching against the truth sets"),
    ("1.5", "killed at any moment"),
    ("2.3", "looking back, and beside other policies"),
    ("2.4", "a new order for a hundred million exposures"),
    ("3.2", "twenty people, 50,000 assets"),
    ("3.3", "the interface and its description"),
    ("3.5", "killed while people decide"),
    ("4.1", "who is on the wire"),
    ("4.3", "packets a second"),
];

pub(crate) const BENCHES: &[Bench] = &[
    Bench {
        name: "truth",
        words: "what the matcher says of devices whose answer people read from the documents",
        command: "cargo test --release -p exposome --test it matching -- --nocapture",
        run: |ground| of_test(ground, ("1.4", "matching"), 0),
    },
    Bench {
        name: "backtest",
        words: "what would have been put first on 2026-06-13, and what each policy makes of the demo's hospital",
        command: "cargo test --release -p exposome --test it backtest -- --nocapture",
        run: |ground| of_test(ground, ("2.3", "backtest"), 0),
    },
    Bench {
        name: "kill",
        words: "kill -9 at 200 random moments of loading, importing and assessing",
        command: "EXPOSOME_KILLS=200 cargo test --release -p exposome --test it killed -- --nocapture",
        run: |ground| of_test(ground, ("1.5", "killed"), 200),
    },
    Bench {
        name: "score",
        words: "CVSS scoring, and crate cvss beside it",
        command: "cargo bench -p exposome-score --bench score",
        run: |ground| of_crate(ground, "1.1", "exposome-score", "score"),
    },
    Bench {
        name: "feeds",
        words: "every document of ../shared/feeds into an empty SQLite folder",
        command: "exposome --data NEW feeds load ../shared/feeds",
        run: whole_folder,
    },
    Bench {
        name: "cve",
        words: "300,000 CVE records from one archive, then again unchanged",
        command: "exposome --data NEW feeds load cves-300000.zip",
        run: cve_records,
    },
    Bench {
        name: "epss",
        words: "the next day's EPSS file until the new worklist stands (real feeds, 50,000 assets)",
        command: "exposome --data DIR feeds load epss_scores-2026-08-16.csv && exposome --data DIR worklist",
        run: next_epss,
    },
    Bench {
        name: "match",
        words: "1,000,000 assets x 50 components against 300,000 vulnerabilities",
        command: "cargo bench -p exposome-engine --bench match",
        run: |ground| of_crate(ground, "1.3", "exposome-engine", "match"),
    },
    Bench {
        name: "prioritise",
        words: "100,000,000 exposures after a day's scores, and the same question put to databases",
        command: "cargo bench -p exposome-engine --bench prioritise; ./x bench prioritise",
        run: prioritise,
    },
    Bench {
        name: "live",
        words: "one fact more at 50,000 assets, until the first exposures of the new order stand",
        command: "cargo bench -p exposome-engine --bench live",
        run: |ground| of_crate(ground, "2.4", "exposome-engine", "live"),
    },
    Bench {
        name: "worklist",
        words: "50,000 assets from import to the ranked worklist (real feeds loaded before)",
        command: "exposome --data DIR import inventory-0-50000.csv && exposome --data DIR worklist",
        run: import_to_worklist,
    },
    Bench {
        name: "sbom",
        words: "bills of materials: 300 of 1,000 components, 3,000 of which 300 differ, one of 300,000",
        command: "exposome --data NEW import BILLS",
        run: bills,
    },
    Bench {
        name: "scanner",
        words: "1,000,000 scanner findings, then again",
        command: "exposome --data NEW import findings-1000000.csv --source scanner",
        run: findings,
    },
    Bench {
        name: "start",
        words: "start to first answer with 300,000 CVE records and 1,000,000 assets of one to four components",
        command: "exposome --data DIR worklist --limit 20 && exposome --data DIR explain A0000042",
        run: start,
    },
    Bench {
        name: "month",
        words: "thirty days of a sensor that sees 50,000 assets again every six hours",
        command: "./x bench month",
        run: month,
    },
    Bench {
        name: "clicks",
        words: "twenty people click through 50,000 assets for five minutes",
        command: "exposome --data DIR serve; ./x bench clicks",
        run: clicks,
    },
    Bench {
        name: "conform",
        words: "the description of the interface against its answers, on SQLite and on PostgreSQL",
        command: "exposome --data DIR serve; ./x bench conform",
        run: crate::conform::measure,
    },
    Bench {
        name: "cut_off",
        words: "the server is killed while people decide",
        command: "EXPOSOME_KILLS=50 cargo test --release -p exposome --test it cut_off -- --nocapture",
        run: |ground| of_test(ground, ("3.5", "cut_off"), 50),
    },
    Bench {
        name: "identify",
        words: "every identity field of the recordings, beside tshark and nDPI",
        command: "cargo test --release -p exposome --test it identify -- --nocapture",
        run: |ground| of_test(ground, ("4.1", "identify"), 0),
    },
    Bench {
        name: "listen",
        words: "the clinical recordings repeated for 1,000 hospitals, and a million flows",
        command: "exposome identify region-1000.pcap --json --no-flows; ./x bench listen",
        run: listen,
    },
];

/// One measured figure.
pub(crate) struct Figure {
    line: &'static str,
    name: String,
    value: String,
    bound: String,
    verdict: String,
}

#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
    None,
}

/// A figure held against its bound.
pub(crate) fn figure(
    line: &'static str,
    name: &str,
    value: f64,
    unit: &str,
    bound: Bound,
) -> Figure {
    let (bound, met) = match bound {
        Bound::AtMost(most) => (format!("<= {most} {unit}"), Some(value <= most)),
        Bound::AtLeast(least) => (format!(">= {least} {unit}"), Some(value >= least)),
        Bound::None => ("-".to_owned(), None),
    };
    let verdict = met.map_or("-", |met| if met { "met" } else { "missed" }).to_owned();
    let digits = if value.abs() >= 100.0 { 0 } else { 2 };
    Figure {
        line,
        name: name.to_owned(),
        value: format!("{value:.digits$} {unit}"),
        bound,
        verdict,
    }
}

/// The rows of a bench; one that says why where it could not be run.
pub(crate) fn rows(bench: &Bench, ground: &mut Ground, date: &str) -> Vec<Row> {
    let figures = (bench.run)(ground).unwrap_or_else(|NotRun(words)| {
        vec![Figure {
            line: line_of(bench.name),
            name: format!("{}: {}", bench.name, bench.words),
            value: "-".to_owned(),
            bound: "-".to_owned(),
            verdict: format!("not run: {words}"),
        }]
    });
    let row = |figure: Figure| Row {
        line: figure.line.to_owned(),
        name: figure.name,
        figure: figure.value,
        bound: figure.bound,
        verdict: figure.verdict,
        date: date.to_owned(),
        command: in_code(bench),
    };
    figures.into_iter().map(row).collect()
}

fn in_code(bench: &Bench) -> String {
    format!("`{}`", bench.command)
}

/// Where the rows of a command stand in the document.
pub(crate) fn order(command: &str) -> usize {
    BENCHES.iter().position(|bench| in_code(bench) == command).unwrap_or(BENCHES.len())
}

fn line_of(bench: &str) -> &'static str {
    match bench {
        "score" => "1.1",
        "feeds" | "cve" | "epss" => "1.2",
        "truth" => "1.4",
        "kill" => "1.5",
        "backtest" => "2.3",
        "prioritise" | "live" => "2.4",
        "clicks" => "3.2",
        "conform" => "3.3",
        "cut_off" => "3.5",
        "identify" => "4.1",
        "listen" => "4.3",
        _ => "1.3",
    }
}

/// The figures that another crate's bench prints.
fn of_crate(
    ground: &mut Ground,
    line: &'static str,
    package: &str,
    bench: &str,
) -> Result<Vec<Figure>, NotRun> {
    printed_by(
        line,
        &mut ground.cargo(&["bench", "--quiet", "--package", package, "--bench", bench]),
    )
}

/// The figures that a test of the whole program prints; one that kills the program does it so often.
fn of_test(
    ground: &mut Ground,
    (line, name): (&'static str, &str),
    kills: u32,
) -> Result<Vec<Figure>, NotRun> {
    let test = [
        "test",
        "--quiet",
        "--release",
        "--package",
        "exposome",
        "--test",
        "it",
        name,
        "--",
        "--nocapture",
    ];
    printed_by(line, ground.cargo(&test).env("EXPOSOME_KILLS", kills.to_string()))
}

/// Lines of name, value, unit, bound and verdict, between tabs.
fn printed_by(line: &'static str, command: &mut Command) -> Result<Vec<Figure>, NotRun> {
    let output = command.output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<Figure> =
        printed.lines().filter_map(|words| printed_figure(line, words)).collect();
    if output.status.success() && !figures.is_empty() {
        return Ok(figures);
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let words = words
        .lines()
        .rev()
        .find(|words| !words.trim().is_empty())
        .unwrap_or("it printed no figure");
    Err(not_run(format!("it failed: {}", words.trim())))
}

fn printed_figure(line: &'static str, words: &str) -> Option<Figure> {
    let cells: Vec<&str> = words.split('\t').collect();
    let &[name, value, unit, bound, verdict] = cells.as_slice() else { return None };
    let bound = if bound == "-" { bound.to_owned() } else { format!("{bound} {unit}") };
    Some(Figure {
        line,
        // A quiet test run prints a point for each test before.
        name: name.trim_start_matches('.').to_owned(),
        value: format!("{value} {unit}"),
        bound,
        verdict: verdict.to_owned(),
    })
}

fn text(path: &Path) -> Result<&str, NotRun> {
    path.to_str().ok_or_else(|| not_run("the work folder has a name that is not UTF-8"))
}

/// The sum of a number over all objects that a command printed, one a line.
fn total(output: &str, field: &str) -> f64 {
    let objects =
        output.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    objects.filter_map(|object| object.get(field)?.as_f64()).sum()
}

fn whole_folder(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    let feeds = ground.feeds()?;
    let data = ground.fresh("feeds")?;
    let cost = ground.exposome(&data, &["feeds", "load", text(&feeds)?, "--json"])?;
    let size = size_mib(&data)?;
    Ok(vec![
        figure(
            "1.2",
            "whole ../shared/feeds from cold into SQLite, wall",
            cost.wall_s,
            "s",
            Bound::AtMost(60.0),
        ),
        figure("1.2", "whole ../shared/feeds, CPU", cost.cpu_s, "CPU-s", Bound::None),
        figure(
            "1.2",
            "whole ../shared/feeds, peak memory",
            cost.peak_mib,
            "MiB",
            Bound::AtMost(1024.0),
        ),
        figure(
            "1.2",
            "whole ../shared/feeds, records added",
            total(&cost.output, "added"),
            "records",
            Bound::AtLeast(1.0),
        ),
        figure(
            "1.2",
            "whole ../shared/feeds, exit code (0: nothing refused)",
            f64::from(cost.exit_code),
            "",
            Bound::AtMost(0.0),
        ),
        figure("1.2", "whole ../shared/feeds, data folder", size, "MiB", Bound::None),
    ])
}

const RECORDS: u32 = 300_000;

fn cve_records(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    let archive = ground.cve_archive(RECORDS)?;
    let repacked = ground.cve_archive_repacked(RECORDS)?;
    let data = ground.fresh("cve")?;
    let first = ground.exposome(&data, &["feeds", "load", text(&archive)?, "--json"])?;
    let size = size_mib(&data)?;
    let added = total(&first.output, "added");
    let again = ground.exposome(&data, &["feeds", "load", text(&archive)?, "--json"])?;
    let other = ground.exposome(&data, &["feeds", "load", text(&repacked)?, "--json"])?;
    let changes =
        |output: &str| total(output, "added") + total(output, "changed") + total(output, "removed");
    Ok(vec![
        figure(
            "1.2",
            "300,000 CVE records from zip to a durable store",
            first.cpu_s,
            "CPU-s",
            Bound::AtMost(15.0),
        ),
        figure("1.2", "300,000 CVE records, wall", first.wall_s, "s", Bound::None),
        figure("1.2", "300,000 CVE records, peak memory", first.peak_mib, "MiB", Bound::None),
        figure(
            "1.2",
            "300,000 CVE records, rows added (CNA and ADP containers are rows of their own)",
            added,
            "rows",
            Bound::AtLeast(300_000.0),
        ),
        figure("1.2", "300,000 CVE records, data folder", size, "MiB", Bound::None),
        figure(
            "1.2",
            "the same archive again, times faster",
            first.cpu_s / again.cpu_s.max(0.01),
            "times",
            Bound::AtLeast(5.0),
        ),
        figure(
            "1.2",
            "the same archive again, state changes",
            changes(&again.output),
            "changes",
            Bound::AtMost(0.0),
        ),
        figure(
            "1.2",
            "the same records in an archive of other bytes, times faster",
            first.cpu_s / other.cpu_s.max(0.01),
            "times",
            Bound::None,
        ),
        figure(
            "1.2",
            "the same records in an archive of other bytes, state changes",
            changes(&other.output),
            "changes",
            Bound::AtMost(0.0),
        ),
    ])
}

const ASSETS: u32 = 50_000;

/// A data folder with the real feeds, and the moment to look at it.
fn with_feeds(ground: &mut Ground, name: &str) -> Result<std::path::PathBuf, NotRun> {
    let feeds = ground.feeds()?;
    let data = ground.fresh(name)?;
    ground.exposome(&data, &["feeds", "load", text(&feeds)?, "--json"])?;
    Ok(data)
}

fn next_epss(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    let data = with_feeds(ground, "epss")?;
    let inventory = ground.inventory(0, ASSETS)?;
    ground.exposome(&data, &["import", text(&inventory)?, "--source", "cmms", "--json"])?;
    ground.exposome(&data, &["worklist", "--json", "--limit", "100"])?;
    let next = ground.next_epss()?;
    let load = ground.exposome(&data, &["feeds", "load", text(&next)?, "--json"])?;
    let changed = total(&load.output, "changed");
    let worklist = ground.exposome(&data, &["worklist", "--json", "--limit", "100"])?;
    let wall = load.wall_s + worklist.wall_s;
    Ok(vec![
        figure(
            "1.2",
            "next day's EPSS file until the new worklist stands, wall (load and worklist, two starts)",
            wall,
            "s",
            Bound::AtMost(2.0),
        ),
        figure("1.2", "next day's EPSS file, loading it", load.cpu_s, "CPU-s", Bound::None),
        figure(
            "1.2",
            "next day's EPSS file, the worklist after it",
            worklist.cpu_s,
            "CPU-s",
            Bound::None,
        ),
        figure(
            "1.2",
            "next day's EPSS file, scores that changed",
            changed,
            "scores",
            Bound::AtLeast(1.0),
        ),
    ])
}

fn import_to_worklist(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    let data = with_feeds(ground, "worklist")?;
    let inventory = ground.inventory(0, ASSETS)?;
    let import =
        ground.exposome(&data, &["import", text(&inventory)?, "--source", "cmms", "--json"])?;
    let worklist = ground.exposome(&data, &["worklist", "--json", "--limit", "0"])?;
    let wall = import.wall_s + worklist.wall_s;
    let jobs = worklist.output.lines().count();
    Ok(vec![
        figure(
            "1.3",
            "50,000 assets from import to ranked worklist, wall",
            wall,
            "s",
            Bound::AtMost(30.0),
        ),
        figure("1.3", "50,000 assets, import", import.cpu_s, "CPU-s", Bound::None),
        figure("1.3", "50,000 assets, worklist", worklist.cpu_s, "CPU-s", Bound::None),
        figure(
            "1.3",
            "50,000 assets, peak memory of the worklist",
            worklist.peak_mib,
            "MiB",
            Bound::None,
        ),
        figure(
            "1.3",
            "50,000 assets, jobs on the worklist",
            count(jobs),
            "jobs",
            Bound::AtLeast(1.0),
        ),
    ])
}

fn bills(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    let distinct = ground.bills(300, 300, 1000)?;
    let repeated = ground.bills(3000, 300, 1000)?;
    let large = ground.bills(1, 1, 300_000)?;
    let mut import = |name: &str, path: &Path| {
        let data = ground.fresh(name)?;
        ground.exposome(&data, &["import", text(path)?, "--json"])
    };
    let all_differ = import("sbom-distinct", &distinct)?;
    let one_in_ten = import("sbom-repeated", &repeated)?;
    let one = import("sbom-large", &large)?;
    Ok(vec![
        figure(
            "1.3",
            "SBOM ingest, 300 bills of 1,000 components, all different",
            300_000.0 / all_differ.cpu_s,
            "components/CPU-s",
            Bound::AtLeast(300_000.0),
        ),
        figure(
            "1.3",
            "SBOM ingest, 3,000 bills of 1,000 components, one in ten different",
            3_000_000.0 / one_in_ten.cpu_s,
            "components/CPU-s",
            Bound::AtLeast(300_000.0),
        ),
        figure(
            "1.3",
            "one SBOM of 300,000 components, peak memory",
            one.peak_mib,
            "MiB",
            Bound::AtMost(1024.0),
        ),
        figure(
            "1.3",
            "one SBOM of 300,000 components",
            300_000.0 / one.cpu_s,
            "components/CPU-s",
            Bound::None,
        ),
    ])
}

fn findings(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    const ROWS: u64 = 1_000_000;
    let file = ground.findings(ROWS)?;
    let data = ground.fresh("scanner")?;
    let import = ["import", text(&file)?, "--source", "scanner", "--json"];
    let first = ground.exposome(&data, &import)?;
    let again = ground.exposome(&data, &import)?;
    let changes = total(&again.output, "added") + total(&again.output, "changed");
    Ok(vec![
        figure(
            "1.3",
            "scanner findings, import of 1,000,000",
            1e6 / first.cpu_s,
            "findings/CPU-s",
            Bound::AtLeast(100_000.0),
        ),
        figure("1.3", "scanner findings, import, peak memory", first.peak_mib, "MiB", Bound::None),
        figure(
            "1.3",
            "scanner findings, identical reimport",
            1e6 / again.cpu_s,
            "findings/CPU-s",
            Bound::AtLeast(500_000.0),
        ),
        figure(
            "1.3",
            "scanner findings, identical reimport, state changes",
            changes,
            "changes",
            Bound::AtMost(0.0),
        ),
    ])
}

fn start(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    const FILES: u32 = 20;
    let archive = ground.scattered_cve_archive(RECORDS)?;
    let data = ground.fresh("start")?;
    ground.exposome(&data, &["feeds", "load", text(&archive)?, "--json"])?;
    for file in 0..FILES {
        let inventory = ground.inventory(file * ASSETS, ASSETS)?;
        let source = format!("cmms-{file}");
        ground.exposome(&data, &["import", text(&inventory)?, "--source", &source, "--json"])?;
    }
    let ask = ["worklist", "--json", "--limit", "20"];
    let explain = ["explain", "A0000042", "--json"];
    let whole = ["worklist", "--json", "--limit", "0"];
    let first = ground.exposome(&data, &ask)?;
    let second = ground.exposome(&data, &ask)?;
    let explained = ground.exposome(&data, &explain)?;
    let exposures = total(&ground.exposome(&data, &whole)?.output, "exposures");
    let cache = size_mib(&data.join("cache"))?;
    std::fs::remove_dir_all(data.join("cache"))?;
    let again = ground.exposome(&data, &ask)?;
    let differs = again.output != second.output || first.output != second.output;
    let plain = |name, value, unit| figure("1.3", name, value, unit, Bound::None);
    Ok(vec![
        figure(
            "1.3",
            "start to first answer, 300,000 CVEs and 1,000,000 assets: worklist, wall",
            second.wall_s,
            "s",
            Bound::AtMost(1.0),
        ),
        figure(
            "1.3",
            "start to first answer, 300,000 CVEs and 1,000,000 assets: explanation, wall",
            explained.wall_s,
            "s",
            Bound::AtMost(1.0),
        ),
        plain("start to first answer: worklist, CPU", second.cpu_s, "CPU-s"),
        plain("start to first answer: worklist, peak memory", second.peak_mib, "MiB"),
        plain("start: exposures on the whole worklist", exposures, "exposures"),
        plain("start: the snapshot", cache, "MiB"),
        plain("start without a snapshot, CPU", first.cpu_s, "CPU-s"),
        plain("start without a snapshot, peak memory", first.peak_mib, "MiB"),
        figure(
            "1.3",
            "start: answers that differ after the snapshot was deleted",
            f64::from(u8::from(differs)),
            "answers",
            Bound::AtMost(0.0),
        ),
    ])
}

fn prioritise(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    const LINE: &str = "2.4";
    const EXPOSURES: f64 = 100_000_000.0;
    let mut figures = of_crate(ground, LINE, "exposome-engine", "prioritise")?;
    let ours = |name: &str| {
        let figure = figures.iter().find(|figure| figure.name == name);
        let value = figure.and_then(|figure| figure.value.split(' ').next()?.parse::<f64>().ok());
        value.ok_or_else(|| not_run(format!("{name} was not printed")))
    };
    let day = ours("prioritise.a_day_of_scores")? / ours("prioritise.exposures")?;
    let first = ours("prioritise.first_1000")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let databases = [
        ("SQLite", runtime.block_on(sql::sqlite(ground))?),
        ("PostgreSQL", runtime.block_on(sql::postgres())?),
    ];
    for (name, took) in databases {
        let of_a_row = took.update_cpu_s / f64::from(sql::ROWS);
        let whole = of_a_row * EXPOSURES;
        let rows = [
            (format!("{name}: UPDATE of 2,000,000 indexed scores"), took.update_cpu_s, "CPU-s"),
            (format!("{name}: UPDATE of 100,000,000, at that rate"), whole, "CPU-s"),
            (format!("{name}: UPDATE, times what we take"), of_a_row / day, "times"),
            (format!("{name}: first 1,000 of 2,000,000 by index, wall"), took.first_1000_ms, "ms"),
            (
                format!("{name}: first 1,000, times what we take of 100,000,000"),
                took.first_1000_ms / first,
                "times",
            ),
        ];
        let rows = rows.map(|(name, value, unit)| figure(LINE, &name, value, unit, Bound::None));
        figures.extend(rows);
    }
    Ok(figures)
}

fn clicks(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    let data = with_feeds(ground, "clicks")?;
    let inventory = ground.inventory(0, ASSETS)?;
    ground.exposome(&data, &["import", text(&inventory)?, "--source", "cmms", "--json"])?;
    crate::clicks::measure(ground, &data, 300)
}

fn listen(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    const LINE: &str = "4.3";
    const FLOWS: u32 = 1_000_000;
    let (region, made) = ground.region(1000)?;
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let (packets, telling) = (made.packets as f64, made.telling as f64);
    let heard = ground.example("exposome-wire", "hear", &["--rate", text(&region)?])?;
    let data = ground.fresh("listen")?;
    let whole = ground.exposome(&data, &["identify", text(&region)?, "--json", "--no-flows"])?;
    let million = ground.many_flows(FLOWS)?;
    let flows = ground.example("exposome-wire", "hear", &["--rate", text(&million)?])?;
    let tshark = ground.other(Command::new("tshark").arg("-r").arg(&region).args(TSHARK))?;
    let ndpi = ground.other(Command::new("ndpiReader").arg("-i").arg(&region).args(["-q"]))?;
    let figure = |name: &str, value: f64, unit: &str, bound| figure(LINE, name, value, unit, bound);
    let rate = packets / heard.cpu_s;
    let mut figures = vec![
        figure("packets of 1,000 hospitals", packets, "packets", Bound::AtLeast(400_000.0)),
        figure(
            "of them, packets that carry a message",
            100.0 * telling / packets,
            "%",
            Bound::AtLeast(50.0),
        ),
        figure(
            "assets found",
            count(whole.output.lines().count()),
            "assets",
            Bound::AtLeast(20_000.0),
        ),
        figure("listening, all dissectors on", rate, "packets/CPU-s", Bound::AtLeast(1e6)),
        figure("listening, peak memory", heard.peak_mib, "MiB", Bound::None),
        figure(
            "exposome identify, from file to printed assets",
            packets / whole.cpu_s,
            "packets/CPU-s",
            Bound::None,
        ),
        figure("exposome identify, peak memory", whole.peak_mib, "MiB", Bound::None),
        figure("a million flows, peak memory", flows.peak_mib, "MiB", Bound::AtMost(300.0)),
        figure(
            "a million flows, two packets each",
            f64::from(FLOWS) * 2.0 / flows.cpu_s,
            "packets/CPU-s",
            Bound::None,
        ),
    ];
    match tshark {
        Some(cost) => {
            let theirs = packets / cost.cpu_s;
            figures.push(figure(
                "tshark, seven identity fields",
                theirs,
                "packets/CPU-s",
                Bound::None,
            ));
            figures.push(figure(
                "listening, times tshark's rate",
                rate / theirs,
                "times",
                Bound::AtLeast(10.0),
            ));
        }
        None => figures.push(figure("tshark is not installed", 0.0, "runs", Bound::AtLeast(1.0))),
    }
    match ndpi {
        Some(cost) => figures.push(figure(
            "ndpiReader, which names protocols and no devices",
            packets / cost.cpu_s,
            "packets/CPU-s",
            Bound::None,
        )),
        None => {
            figures.push(figure("ndpiReader is not installed", 0.0, "runs", Bound::AtLeast(1.0)));
        }
    }
    Ok(figures)
}

/// What a person would ask tshark for to know who is there.
const TSHARK: [&str; 17] = [
    "-T",
    "fields",
    "-e",
    "ip.src",
    "-e",
    "eth.src",
    "-e",
    "dhcp.option.hostname",
    "-e",
    "dicom.userinfo.version",
    "-e",
    "http.server",
    "-e",
    "snmp.value.octets",
    "-e",
    "_ws.col.Protocol",
    "-n",
];

fn month(ground: &mut Ground) -> Result<Vec<Figure>, NotRun> {
    const DAYS: i64 = 30;
    const TIMES_A_DAY: i64 = 4;
    let data = ground.fresh("month")?;
    let path = data.join("exposome.db");
    let sheets: Vec<Sheet> = (0..ASSETS).map(seen_asset).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let see = async |store: &Store, round: i64| {
            let at = jiff::Timestamp::from_second(1_785_542_400 + round * 86_400 / TIMES_A_DAY)?;
            let document = ImportDocument {
                site: "main".to_owned(),
                source: "sensor".to_owned(),
                name: format!("round {round}"),
                format: "sensor".to_owned(),
                digest: short_digest(&round.to_be_bytes()),
                observed_at: at,
                recorded_at: at,
            };
            store.import(&document, &sheets, &[]).await?;
            Ok::<(), NotRun>(())
        };
        let store = Store::open_sqlite(&path).await?;
        see(&store, 0).await?;
        store.close().await;
        let before = size_mib(&data)?;
        let store = Store::open_sqlite(&path).await?;
        for round in 1..=DAYS * TIMES_A_DAY {
            see(&store, round).await?;
        }
        store.close().await;
        let grown = size_mib(&data)? - before;
        Ok(vec![
            figure(
                "1.3",
                "thirty days of seeing 50,000 assets again, growth of the store",
                grown,
                "MiB",
                Bound::AtMost(200.0),
            ),
            figure("1.3", "the store of 50,000 assets seen once", before, "MiB", Bound::None),
        ])
    })
}

/// What a sensor says of an asset each time it sees it.
fn seen_asset(number: u32) -> Sheet {
    let [_, high, middle, low] = number.to_be_bytes();
    let device = Component {
        version: Some("1.2.3".to_owned()),
        ..Component::new(ComponentKind::Device, format!("Model {}", number % 400))
    };
    Sheet {
        key: format!("00:80:92:{high:02x}:{middle:02x}:{low:02x}"),
        attributes: vec![
            (Attribute::Mac, format!("00:80:92:{high:02x}:{middle:02x}:{low:02x}")),
            (Attribute::Ip, format!("10.{high}.{middle}.{low}")),
            (Attribute::Manufacturer, "Example Medical".to_owned()),
        ],
        components: vec![device],
        ..Sheet::default()
    }
}

fn size_mib(folder: &Path) -> Result<f64, NotRun> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let meta = entry?.metadata()?;
        bytes += if meta.is_file() { meta.len() } else { 0 };
    }
    #[expect(clippy::cast_precision_loss, reason = "sizes stay far below 2^52")]
    Ok(bytes as f64 / f64::from(1 << 20))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn count(things: usize) -> f64 {
    things as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bench_has_a_name_of_its_own_and_a_line() {
        for (index, bench) in BENCHES.iter().enumerate() {
            assert!(
                BENCHES.iter().skip(index + 1).all(|other| other.name != bench.name),
                "{}",
                bench.name
            );
            assert!(LINES.iter().any(|(line, _)| *line == line_of(bench.name)));
        }
    }

    #[test]
    fn a_printed_figure_is_taken_as_it_stands() {
        let found = printed_figure("1.1", "packed\t41.20\tmillion/s\t>= 40\tmet").unwrap();
        assert_eq!(
            (found.value.as_str(), found.bound.as_str(), found.verdict.as_str()),
            ("41.20 million/s", ">= 40 million/s", "met")
        );
        assert!(printed_figure("1.1", "warning: unused").is_none());
    }

    #[test]
    fn numbers_are_added_up_over_all_lines() {
        assert!(
            (total("{\"added\":2}\nnoise\n{\"added\":3,\"changed\":1}\n", "added") - 5.0).abs()
                < 1e-9
        );
    }

    #[test]
    fn a_bound_is_met_or_missed() {
        assert_eq!(figure("1.2", "x", 2.0, "s", Bound::AtMost(2.0)).verdict, "met");
        assert_eq!(figure("1.2", "x", 2.1, "s", Bound::AtMost(2.0)).verdict, "missed");
        assert_eq!(figure("1.2", "x", 2.1, "s", Bound::None).verdict, "-");
    }
}
