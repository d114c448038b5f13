//! Published conformance vectors, line by line.
//!
//! They lie in the shared folder beside the checkout; where that is absent, the small excerpts in
//! `testdata/cvss` are checked instead, and the test says so.  Sources: the repositories
//! org-metaeffekt/metaeffekt-universal-cvss-calculator (Apache-2.0) and
//! RedHatProductSecurity/cvss (LGPL-3.0-or-later), and one file made for this project.

use exposome_score::{Cvss, Tenths, v2, v3, v4};

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/cvss/");
const EXCERPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/cvss/");

/// One file of vectors, whole or its excerpt.
struct Corpus {
    text: String,
    is_whole: bool,
}

impl Corpus {
    #[expect(clippy::print_stderr, reason = "what was not checked has to be said")]
    fn read(name: &str) -> Corpus {
        if let Ok(text) = std::fs::read_to_string(format!("{SHARED}{name}")) {
            return Corpus { text, is_whole: true };
        }
        eprintln!(
            "NOT CHECKED: {name} is absent from the shared folder; checking its excerpt only"
        );
        let text = std::fs::read_to_string(format!("{EXCERPTS}{name}"))
            .expect("an excerpt for every file");
        Corpus { text, is_whole: false }
    }

    /// The lines, split at white space, without comments.
    fn rows(&self) -> impl Iterator<Item = Vec<&str>> {
        let lines =
            self.text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        lines.map(|line| line.split_whitespace().collect())
    }

    #[track_caller]
    fn has_lines(&self, whole: usize) {
        let lines = self.rows().count();
        assert!(if self.is_whole { lines == whole } else { lines >= 3 }, "{lines} lines");
    }
}

fn tenths(text: &str) -> Tenths {
    Tenths::read(text).unwrap_or_else(|| panic!("'{text}' is no score"))
}

/// `NaN` in the metaeffekt files: the vector has no metrics for this score.
fn score_or_nan(score: Tenths, is_given: bool) -> String {
    if is_given { score.to_string() } else { "NaN".into() }
}

#[test]
fn metaeffekt_4_0_agrees_in_score_and_macro_vector() {
    for (name, lines) in [
        ("metaeffekt-cvss-4.0-validation-vectors-001.txt", 227),
        ("metaeffekt-cvss-4.0-validation-vectors-002.txt", 6_667),
    ] {
        let corpus = Corpus::read(name);
        corpus.has_lines(lines);
        for row in corpus.rows() {
            let vector: v4::Vector = row[0].parse().unwrap();
            let macro_vector: String =
                vector.macro_vector().map(|level| level.to_string()).concat();
            assert_eq!(
                (macro_vector.as_str(), vector.score()),
                (row[1], tenths(row[2])),
                "{}",
                row[0]
            );
        }
    }
}

#[test]
fn exact_4_0_environmental_vectors_agree() {
    let corpus = Corpus::read("exact-4.0-environmental-random.txt");
    corpus.has_lines(20_000);
    for row in corpus.rows() {
        assert_eq!(row[0].parse::<v4::Vector>().unwrap().score(), tenths(row[1]), "{}", row[0]);
    }
}

#[test]
fn red_hat_4_0_vectors_agree() {
    for (name, lines) in [
        ("redhat-vectors_simple4.txt", 706),
        ("redhat-vectors_supplemental4.txt", 384),
        ("redhat-vectors_security4.txt", 36),
        ("redhat-vectors_threat4.txt", 4),
    ] {
        let corpus = Corpus::read(name);
        corpus.has_lines(lines);
        for row in corpus.rows() {
            let expected = tenths(row[2].trim_matches(['(', ')', ',']));
            assert_eq!(row[0].parse::<v4::Vector>().unwrap().score(), expected, "{}", row[0]);
        }
    }
}

#[test]
fn red_hat_2_and_3_vectors_agree() {
    for (name, lines) in [
        ("redhat-vectors_calculator2.txt", 4),
        ("redhat-vectors_cvsslib2.txt", 16),
        ("redhat-vectors_simple2.txt", 486),
        ("redhat-vectors_calculator3.txt", 2),
        ("redhat-vectors_cvsslib3.txt", 20),
        ("redhat-vectors_simple3.txt", 1_728),
        ("redhat-vectors_simple31.txt", 1_728),
    ] {
        let corpus = Corpus::read(name);
        if lines > 2 {
            corpus.has_lines(lines);
        }
        for row in corpus.rows() {
            let expected = row[2..].iter().map(|score| score.trim_matches(['(', ')', ',']));
            let [base, temporal, environmental] = match row[0].parse().unwrap() {
                Cvss::V2(vector) => {
                    [vector.base_score(), vector.temporal_score(), vector.environmental_score()]
                }
                Cvss::V3(vector) => {
                    [vector.base_score(), vector.temporal_score(), vector.environmental_score()]
                }
                Cvss::V4(_) => panic!("{name} holds no vectors of 4.0"),
            };
            for (score, expected) in [base, temporal, environmental].into_iter().zip(expected) {
                assert!(expected == "None" || tenths(expected) == score, "{} {score}", row[0]);
            }
        }
    }
}

#[test]
fn metaeffekt_3_1_agrees_in_all_three_scores_and_the_overall_one() {
    let corpus = Corpus::read("metaeffekt-cvss-3.1-validation-vectors-001.txt");
    corpus.has_lines(6_667);
    for row in corpus.rows() {
        let vector: v3::Vector = row[0].parse().unwrap();
        assert_eq!(vector.score(), tenths(row[1]), "{} overall", row[0]);
        assert_eq!(vector.base_score(), tenths(row[2]), "{} base", row[0]);
        assert_eq!(
            score_or_nan(vector.temporal_score(), vector.has_temporal()),
            row[5],
            "{}",
            row[0]
        );
        let environmental = score_or_nan(vector.environmental_score(), vector.has_environmental());
        assert_eq!(environmental, row[6], "{} environmental", row[0]);
    }
}

/// The file rounds up what binary floating point left of an exact tenth: 5.0 × 0.92 is 4.6, in
/// binary 4.6000000000000005, and so 4.7 in the file.  Wherever it differs, that is the reason.
#[test]
fn metaeffekt_3_0_agrees_but_for_binary_noise() {
    for (name, lines, noisy_temporal, noisy_environmental) in [
        ("metaeffekt-cvss-3.0-validation-vectors-001.txt", 6_000, 2, 2),
        ("metaeffekt-cvss-3.0-validation-vectors-002.txt", 80, 45, 37),
    ] {
        let corpus = Corpus::read(name);
        corpus.has_lines(lines);
        let (mut temporal_noise, mut environmental_noise) = (0, 0);
        for row in corpus.rows() {
            let vector = v3::Vector::read_as(v3::Minor::Zero, row[0].as_bytes()).unwrap();
            assert_eq!(vector.base_score(), tenths(row[1]), "{} base", row[0]);

            let temporal = score_or_nan(vector.temporal_score(), vector.has_temporal());
            if temporal != row[2] {
                assert_eq!(in_binary(vector, vector.base_score()), tenths(row[2]), "{}", row[0]);
                temporal_noise += 1;
            }
            let environmental =
                score_or_nan(vector.environmental_score(), vector.has_environmental());
            if environmental != row[3] {
                let untimed = vector.under(v3::Context::read(b"E:X/RL:X/RC:X").unwrap());
                let in_binary = in_binary(vector, untimed.environmental_score());
                assert_eq!(in_binary, tenths(row[3]), "{}", row[0]);
                environmental_noise += 1;
            }
        }
        if corpus.is_whole {
            let expected = (noisy_temporal, noisy_environmental);
            assert_eq!((temporal_noise, environmental_noise), expected, "{name}");
        }
    }
}

/// Score × E × RL × RC, rounded up, in binary floating point.
fn in_binary(vector: v3::Vector, score: Tenths) -> Tenths {
    let weight = |name: &str, weights: &[(&str, f64)]| {
        let value = vector.value(name).expect("a metric");
        weights.iter().find(|(known, _)| *known == value).map_or(1.0, |(_, weight)| *weight)
    };
    let score = f64::from(score.get()) / 10.0
        * weight("E", &[("F", 0.97), ("P", 0.94), ("U", 0.91)])
        * weight("RL", &[("W", 0.97), ("T", 0.96), ("O", 0.95)])
        * weight("RC", &[("R", 0.96), ("U", 0.92)]);
    tenths(&format!("{:.1}", (score * 10.0).ceil() / 10.0))
}

/// The file agrees with FIRST's equations in every base score.  In 10 temporal scores it lost an
/// exact half to binary floating point (3.0 × 0.95 = 2.85 became 2.8).  In 793 environmental scores it
/// differs because it reckons otherwise than FIRST: it rounds the exploitability sub-score to one
/// decimal, and not the adjusted base and temporal scores.  Reckoned its way every line agrees.
#[test]
fn metaeffekt_2_0_agrees_but_for_its_own_way_of_rounding() {
    let corpus = Corpus::read("metaeffekt-cvss-2.0-validation-vectors-001.txt");
    corpus.has_lines(6_667);
    let (mut temporal_differs, mut environmental_differs) = (0, 0);
    for row in corpus.rows() {
        let vector: v2::Vector = row[0].parse().unwrap();
        assert_eq!(vector.base_score(), tenths(row[2]), "{} base", row[0]);

        let temporal = score_or_nan(vector.temporal_score(), vector.has_temporal());
        if temporal != row[5] {
            let expected = i32::from(tenths(row[5]).get());
            assert_eq!(i32::from(vector.temporal_score().get()), expected + 1, "{}", row[0]);
            temporal_differs += 1;
        }
        let environmental = score_or_nan(vector.environmental_score(), vector.has_environmental());
        if environmental != row[6] {
            environmental_differs += 1;
        }
        if row[6] != "NaN" {
            assert_eq!(tenths(row[6]), as_the_file_reckons(vector), "{}", row[0]);
        }
    }
    if corpus.is_whole {
        assert_eq!((temporal_differs, environmental_differs), (10, 793));
    }
}

fn as_the_file_reckons(vector: v2::Vector) -> Tenths {
    let weight = |name: &str, weights: &[(&str, f64)]| {
        let value = vector.value(name).expect("a metric");
        weights.iter().find(|(known, _)| *known == value).map_or(1.0, |(_, weight)| *weight)
    };
    let round = |score: f64| (score * 10.0 + 0.5).floor() / 10.0;
    let impact = |name, requirement| {
        weight(name, &[("N", 0.0), ("P", 0.275), ("C", 0.66)])
            * weight(requirement, &[("L", 0.5), ("H", 1.51)])
    };
    let left_over =
        (1.0 - impact("C", "CR")) * (1.0 - impact("I", "IR")) * (1.0 - impact("A", "AR"));
    let adjusted_impact = f64::min(10.0, 10.41 * (1.0 - left_over));
    let exploitability = 20.0
        * weight("AV", &[("L", 0.395), ("A", 0.646)])
        * weight("AC", &[("H", 0.35), ("M", 0.61), ("L", 0.71)])
        * weight("Au", &[("M", 0.45), ("S", 0.56), ("N", 0.704)]);
    let f_impact = if adjusted_impact == 0.0 { 0.0 } else { 1.176 };
    let base = (0.6 * adjusted_impact + 0.4 * round(exploitability) - 1.5) * f_impact;
    let temporal = base
        * weight("E", &[("F", 0.95), ("POC", 0.9), ("U", 0.85)])
        * weight("RL", &[("W", 0.95), ("TF", 0.9), ("OF", 0.87)])
        * weight("RC", &[("UR", 0.95), ("UC", 0.9)]);
    let collateral =
        weight("CDP", &[("ND", 0.0), ("N", 0.0), ("L", 0.1), ("LM", 0.3), ("MH", 0.4), ("H", 0.5)]);
    let distribution = weight("TD", &[("N", 0.0), ("L", 0.25), ("M", 0.75)]);
    let score = round((temporal + (10.0 - temporal) * collateral) * distribution);
    tenths(&format!("{:.1}", score.max(0.0)))
}
