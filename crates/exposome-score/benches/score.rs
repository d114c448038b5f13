//! What scoring costs, and a million random vectors of each version against crate `cvss`.
//!
//! `cargo bench -p exposome-score --bench score` prints one measurement a line, tab-separated:
//! name, value, unit, bound, met or missed; with `-- speed` the comparison is left out.  Times are wall clock, one thread; each figure is the
//! best of several rounds, because whatever else runs on the machine can only make a round slower.

#[path = "../tests/random/mod.rs"]
mod random;

use std::hint::black_box;
use std::time::{Duration, Instant};

use exposome_score::{Tenths, lines, v2, v3, v4};
use random::{Random, SCORED};

const MILLION: usize = 1_000_000;
const ROUNDS: usize = 300;

fn main() {
    let texts = vectors_4_0();
    let vectors: Vec<v4::Vector> =
        texts.iter().map(|text| text.parse().expect("our own vector")).collect();
    let peers: Vec<cvss::v4::Vector> =
        texts.iter().take(200).map(|text| text.parse().expect("our own vector")).collect();

    let packed = per_second(vectors.len(), || {
        vectors.iter().map(|vector| u64::from(vector.score().get())).sum()
    });
    let context = v4::Context::read(b"E:P/MAV:A/CR:H/IR:M/MSI:S").expect("a context");
    let in_context = per_second(vectors.len(), || {
        vectors.iter().map(|vector| u64::from(vector.under(context).score().get())).sum()
    });
    let from_text = per_second(texts.len(), || {
        texts
            .iter()
            .filter_map(|text| v4::Vector::read(text.as_bytes()).ok())
            .map(|it| u64::from(it.score().get()))
            .sum()
    });
    let base_texts: Vec<String> = vectors
        .iter()
        .map(|it| it.under(v4::Context::read(NOTHING_DEFINED).expect("a context")).to_string())
        .collect();
    let from_base_text = per_second(base_texts.len(), || {
        base_texts
            .iter()
            .filter_map(|text| v4::Vector::read(text.as_bytes()).ok())
            .map(|it| u64::from(it.score().get()))
            .sum()
    });
    let input = texts.join("\n");
    let mut output = Vec::with_capacity(input.len() * 2);
    let line_by_line = per_second(texts.len(), || {
        output.clear();
        lines(input.as_bytes(), &mut output).scored
    });
    let peer = per_second(peers.len(), || {
        peers.iter().map(|vector| vector.score().value().to_bits()).fold(0, u64::wrapping_add)
    });
    let peer_text = per_second(peers.len(), || {
        let scores =
            texts.iter().take(peers.len()).filter_map(|text| text.parse::<cvss::v4::Vector>().ok());
        scores.map(|vector| vector.score().value().to_bits()).fold(0, u64::wrapping_add)
    });

    let mean_bytes = input.len() / texts.len();
    report("cvss 4.0, packed vectors scored", packed / 1e6, "million/s", Bound::AtLeast(40.0));
    report(
        "cvss 4.0, packed vectors scored under a context",
        in_context / 1e6,
        "million/s",
        Bound::AtLeast(40.0),
    );
    report(
        &format!("cvss 4.0, from text ({mean_bytes} bytes a vector)"),
        from_text / 1e6,
        "million/s",
        Bound::AtLeast(6.0),
    );
    report(
        "cvss 4.0, from text (base metrics only)",
        from_base_text / 1e6,
        "million/s",
        Bound::AtLeast(6.0),
    );
    report(
        "cvss 4.0, lines in, table of all scores out",
        line_by_line / 1e6,
        "million/s",
        Bound::AtLeast(6.0),
    );
    report("crate cvss 3.0.0, parsed vectors scored", peer / 1e6, "million/s", Bound::None);
    report("crate cvss 3.0.0, from text", peer_text / 1e6, "million/s", Bound::None);
    report("packed scores per score of crate cvss", packed / peer, "times", Bound::AtLeast(100.0));
    report(
        "scores from text per score from text of crate cvss",
        from_text / peer_text,
        "times",
        Bound::None,
    );

    if !std::env::args().any(|argument| argument == "speed") {
        compare_with_peer();
    }
}

const NOTHING_DEFINED: &[u8] =
    b"E:X/CR:X/IR:X/AR:X/MAV:X/MAC:X/MAT:X/MPR:X/MUI:X/MVC:X/MVI:X/MVA:X/MSC:X/MSI:X/MSA:X";

/// 10,000 vectors: base metrics always, each threat and environmental metric with one chance in two.
fn vectors_4_0() -> Vec<String> {
    let mut random = Random(4);
    (0..10_000).map(|_| random.vector("CVSS:4.0/", v4::Vector::metrics(), SCORED)).collect()
}

/// A million vectors of each version: how many scores part from crate `cvss`.
fn compare_with_peer() {
    let mut random = Random(1);
    let v4 = differing(|| {
        let text = random.vector("CVSS:4.0/", v4::Vector::metrics(), SCORED);
        let peer: cvss::v4::Vector = text.parse().expect("their vector");
        vec![(text.parse::<v4::Vector>().expect("our vector").score(), peer.score().value())]
    });
    report(
        "cvss 4.0, a million random vectors: scores unlike crate cvss",
        v4.0,
        "scores",
        Bound::AtMost(0.0),
    );

    for (prefix, name) in [("CVSS:3.1/", "3.1"), ("CVSS:3.0/", "3.0")] {
        let v3 = differing(|| {
            let text = random.vector(prefix, v3::Vector::metrics(), SCORED);
            let ours: v3::Vector = text.parse().expect("our vector");
            let peer: cvss::v3::Vector = text.parse().expect("their vector");
            vec![
                (ours.base_score(), peer.base_score().value()),
                (ours.environmental_score(), peer.environmental_score().value()),
            ]
        });
        let unexplained = if name == "3.0" { v3.1 } else { v3.0 };
        let label = format!(
            "cvss {name}, a million random vectors: base and environmental scores unlike crate cvss"
        );
        if name == "3.0" {
            report(
                &format!("{label}, its binary rounding up of an exact tenth"),
                v3.0 - v3.1,
                "scores",
                Bound::None,
            );
            report(
                &format!("{label}, any other reason"),
                unexplained,
                "scores",
                Bound::AtMost(0.0),
            );
        } else {
            report(&label, unexplained, "scores", Bound::AtMost(0.0));
        }
    }

    let v2 = differing(|| {
        let text = random.vector("", v2::Vector::metrics(), SCORED);
        let ours: v2::Vector = text.parse().expect("our vector");
        let peer: cvss::v2::Vector = text.parse().expect("their vector");
        vec![
            (ours.base_score(), peer.score().value()),
            (ours.temporal_score(), peer.temporal_score().value()),
            (ours.environmental_score(), peer.environmental_score().value()),
        ]
    });
    report(
        "cvss 2.0, a million random vectors: scores unlike crate cvss",
        v2.0,
        "scores",
        Bound::AtMost(0.0),
    );
}

/// How many of a million vectors' scores differ; and how many of those by other than theirs being
/// one tenth higher.
fn differing(mut pairs: impl FnMut() -> Vec<(Tenths, f64)>) -> (f64, f64) {
    let (mut all, mut not_one_higher) = (0.0, 0.0);
    for (ours, theirs) in (0..MILLION).flat_map(|_| pairs()) {
        let difference = theirs * 10.0 - f64::from(ours.get());
        if difference.abs() > 0.01 {
            all += 1.0;
            not_one_higher += if (difference - 1.0).abs() > 0.01 { 1.0 } else { 0.0 };
        }
    }
    (all, not_one_higher)
}

/// Items a second in the best of several rounds.
fn per_second(items: usize, mut work: impl FnMut() -> u64) -> f64 {
    let best = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .min()
        .unwrap_or(Duration::MAX);
    f64::from(u32::try_from(items).unwrap_or(u32::MAX)) / best.as_secs_f64()
}

#[derive(Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
    None,
}

#[expect(clippy::print_stdout, reason = "a bench reports on standard output")]
fn report(name: &str, value: f64, unit: &str, bound: Bound) {
    let (bound, verdict) = match bound {
        Bound::AtLeast(least) => {
            (format!(">= {least}"), if value >= least { "met" } else { "missed" })
        }
        Bound::AtMost(most) => (format!("<= {most}"), if value <= most { "met" } else { "missed" }),
        Bound::None => ("-".into(), "-"),
    };
    let digits = if unit == "scores" { 0 } else { 2 };
    println!("{name}\t{value:.digits$}\t{unit}\t{bound}\t{verdict}");
}
