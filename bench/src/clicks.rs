//! Twenty people who click through a large hospital: what the server answers, how soon, and what it costs.

use crate::benches::{Bound, Figure, figure};
use crate::child::{cpu_of, peak_of};
use crate::ground::{Ground, NotRun, not_run};
use crate::served::{PASSWORD, Served, Somebody, text};
use exposome_bench::random::Random;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const LINE: &str = "3.2";
const PEOPLE: u64 = 20;
const ACCOUNTS: u64 = 3_000;
/// Between two clicks somebody reads for up to so long.
const READING_MILLISECONDS: u64 = 2_000;

/// How somebody goes on: what is asked, and how often of a hundred times.
const CLICKS: [(&str, u64); 6] = [
    ("worklist", 20),
    ("worklist of a unit", 20),
    ("exposures, filtered", 20),
    ("next page", 10),
    ("device", 15),
    ("exposure", 15),
];

/// Serves what lies in `data` and has it clicked through for so many seconds.
pub(crate) fn measure(
    ground: &mut Ground,
    data: &Path,
    seconds: u64,
) -> Result<Vec<Figure>, NotRun> {
    let served = Served::start(ground, data, &[])?;
    let root = served.administrator()?;
    // The first answer is there once the site is read in.
    let begun = Instant::now();
    let first = root.get("/api/v1/worklist?limit=50")?;
    let first_s = begun.elapsed().as_secs_f64();
    let exposures = first.pointer("/totals/exposures").and_then(Value::as_f64).unwrap_or_default();
    let groups = root.get("/api/v1/worklist/groups?by=unit")?;
    let units = rows(&groups).map(|row| text(row, "/value")).filter(|it| !it.is_empty());
    let units: Vec<String> = units.collect();
    let listed = root.get("/api/v1/exposures?limit=200")?;
    let seen: Vec<(String, String)> =
        rows(&listed).map(|row| (text(row, "/asset/id"), text(row, "/vulnerability"))).collect();
    if units.is_empty() || seen.is_empty() {
        return Err(not_run("the served hospital has no units or no exposures"));
    }

    let cpu = cpu_of(&served.process())?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let all: Vec<Vec<(usize, f64)>> = std::thread::scope(|scope| {
        let (root, units, seen) = (&root, &units, &seen);
        let clicking = |person| scope.spawn(move || click(person, root, (units, seen), until));
        let people: Vec<_> = (0..PEOPLE).map(clicking).collect();
        people
            .into_iter()
            .map(|it| it.join().map_err(|_| not_run("somebody broke off"))?)
            .collect::<Result<_, _>>()
    })?;
    let cpu = cpu_of(&served.process())? - cpu;
    let memory = peak_of(&format!("/proc/{}/status", served.process()));
    let clicks: Vec<(usize, f64)> = all.into_iter().flatten().collect();
    let count = clicks.len();
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let answered = count as f64;
    let whole = spread(clicks.iter().map(|it| it.1));
    let figure = |name: &str, value: f64, unit: &str, bound| figure(LINE, name, value, unit, bound);
    let mut figures = vec![
        figure("exposures served", exposures, "exposures", Bound::AtLeast(5e6)),
        figure("first worklist after the start", first_s, "s", Bound::None),
        figure(
            "answers to twenty people in five minutes",
            answered,
            "answers",
            Bound::AtLeast(1.0),
        ),
        figure("an answer at the interface, 95 of 100", whole.p95, "ms", Bound::AtMost(30.0)),
        figure("an answer at the interface, 99 of 100", whole.p99, "ms", Bound::AtMost(100.0)),
        figure("an answer, processor time", 1000.0 * cpu / answered, "CPU-ms", Bound::AtMost(1.0)),
        figure("the server's peak memory", memory, "MiB", Bound::AtMost(1536.0)),
    ];
    for (number, (name, _)) in CLICKS.iter().enumerate() {
        let of = spread(clicks.iter().filter(|it| it.0 == number).map(|it| it.1));
        figures.push(figure(&format!("{name}, 95 of 100"), of.p95, "ms", Bound::None));
    }
    figures.push(sign_in(&root, &served.url)?);
    drop(served);
    Ok(figures)
}

/// One after the other somebody clicks, and reads.
fn click(
    person: u64,
    root: &Somebody,
    (units, seen): (&[String], &[(String, String)]),
    until: Instant,
) -> Result<Vec<(usize, f64)>, NotRun> {
    let mut random = Random::new(20_261_201 + person);
    // A connection of her own.
    let somebody = root.again();
    let mut took = Vec::new();
    let mut after: Option<String> = None;
    while Instant::now() < until {
        let drawn = random.below(100);
        let mut passed = 0;
        let kind = CLICKS.iter().position(|(_, share)| {
            passed += share;
            drawn < passed
        });
        let kind = kind.unwrap_or(0);
        let unit = random.one_of(units).map_or("", String::as_str);
        let (asset, flaw) = random.one_of(seen).map_or(("", ""), |(asset, flaw)| (asset, flaw));
        let filter = |words: &str| encoded(&format!("unit == {} && {words}", Value::from(unit)));
        let harm = random.between(1, 5);
        let path = match kind {
            0 => "/api/v1/worklist?limit=50".to_owned(),
            1 => format!("/api/v1/worklist?limit=50&filter={}", filter("decision != \"monitor\"")),
            2 => {
                format!("/api/v1/exposures?limit=50&filter={}", filter(&format!("harm >= {harm}")))
            }
            3 => match &after {
                Some(after) => format!("/api/v1/exposures?limit=50&after={after}"),
                None => "/api/v1/exposures?limit=50".to_owned(),
            },
            4 => format!("/api/v1/assets/{asset}"),
            _ => format!("/api/v1/assets/{asset}/exposures/{flaw}"),
        };
        let begun = Instant::now();
        let answer = somebody.get(&path)?;
        took.push((kind, begun.elapsed().as_secs_f64() * 1000.0));
        if kind == 3 {
            after = Some(text(&answer, "/next")).filter(|it| !it.is_empty());
        }
        pause(random.below(READING_MILLISECONDS));
    }
    Ok(took)
}

#[expect(clippy::disallowed_methods, reason = "people read between two clicks")]
fn pause(milliseconds: u64) {
    std::thread::sleep(Duration::from_millis(milliseconds));
}

/// How long it takes to sign in where there are so many accounts.
fn sign_in(root: &Somebody, url: &str) -> Result<Figure, NotRun> {
    for number in 0..ACCOUNTS {
        let login = format!("person{number}");
        let person = json!({ "login": login, "name": login, "roles": [{ "role": "reporter" }] });
        root.post("/api/v1/people", &person)?;
    }
    let mut took = Vec::new();
    for _ in 0..20 {
        let nobody = Somebody::of(url);
        let begun = Instant::now();
        nobody.post("/api/v1/session", &json!({ "login": "root", "password": PASSWORD }))?;
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    let p95 = spread(took.into_iter()).p95;
    Ok(figure(LINE, "signing in with 3,000 accounts, 95 of 100", p95, "ms", Bound::AtMost(300.0)))
}

struct Spread {
    p95: f64,
    p99: f64,
}

fn spread(took: impl Iterator<Item = f64>) -> Spread {
    let mut took: Vec<f64> = took.collect();
    took.sort_by(f64::total_cmp);
    let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1)));
    let [p95, p99] = [95, 99].map(|share| at(share).copied().unwrap_or(f64::NAN));
    Spread { p95, p99 }
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.get("rows").and_then(Value::as_array).into_iter().flatten()
}

fn encoded(filter: &str) -> String {
    filter.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() {
            all.push(char::from(byte));
        } else {
            let _ = write!(all, "%{byte:02X}");
        }
        all
    })
}
