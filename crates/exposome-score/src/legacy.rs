//! What an older CVSS vector can mean in CVSS 4.0: every translation its standard admits.
//!
//! Most vulnerabilities of medical devices have a vector of CVSS 2.0 or 3 and none of 4.0.  FIRST
//! publishes no conversion, because 4.0 asks what the older versions did not.  So an older vector
//! is not one vector of 4.0 but a set of them, and its score an interval.  The set is *derived*: no
//! member of it is anybody's published vector, and none may be kept or shown as one.
//!
//! Only base metrics are translated.  Temporal and environmental ones speak of another day and of
//! another place; whoever knows this place lays its own over every member ([`Meant::interval`]).
//!
//! **From 3.0 and 3.1** (section numbers: 3.1 specification; 4.0 specification):
//!
//! | 3.x | 4.0 | why |
//! |---|---|---|
//! | AV | AV, the same | 2.1.1; 2.1.1 |
//! | AC:L | AC:L, AT:N or P | a configuration that must be present is assumed to be (2.1.2), and is AT:P (2.1.3): FIRST's example CVE-2023-4966 is AC:L and then AT:P |
//! | AC:H | AC:H/AT:N, AC:L/AT:P or AC:H/AT:P | 2.1.2 counts both what defends (4.0: AC, 2.1.2) and races and places on the path (4.0: AT, 2.1.3) |
//! | PR | PR, the same | 2.1.3; 2.1.4 |
//! | UI:N | UI:N; with AC:H also UI:P | who sits on the path waits for a user who does nothing unusual: FIRST's example CVE-2020-3549 is UI:N and then UI:P |
//! | UI:R | UI:P or A | 2.1.4; 2.1.5 splits it |
//! | S:U, impact v | VC, VI, VA v; SC, SI, SA:N | one security authority (2.2) is one system (4.0 section 2.2) |
//! | S:C, impact v | every pair of which the greater is v; one subsequent impact at least | 2.3 rates the vulnerable or the impacted component, whichever suffers more |
//!
//! **From 2.0** (sections of the guide):
//!
//! | 2.0 | 4.0 | why |
//! |---|---|---|
//! | AV:L | AV:L or P | 2.1.1: an account or a hand on the machine |
//! | AV:A | AV:A | 2.1.1 |
//! | AV:N | AV:N; where a user may have to act also AV:L | a file that a user opens was AV:N and became AV:L: CVE-2009-0658 in FIRST's 3.0 examples |
//! | AC:L | AC:L, AT:N or P, UI:N | 2.1.2: a vulnerable configuration that is usual |
//! | AC:M, AC:H | every AC, AT and UI | 2.1.2 names rare configurations, races, and people who must be tricked as examples of both |
//! | Au:N | PR:N; with AV:L or AC:M also PR:L; with AC:H also PR:L and H | 2.1.3 does not count the local log-in; 2.1.2 counts privileges held beforehand |
//! | Au:S, Au:M | PR:L or H | 2.1.3 counts how often, not how privileged |
//! | impact N | N | 2.1.4 to 2.1.6 |
//! | impact P | L or H; N if the harm lies elsewhere | partial is of the whole host: Heartbleed is C:P and in 3.x C:H; CVE-2013-1937 is I:P and in 4.0 VI:N/SI:L |
//! | impact C | H | 2.1.4 to 2.1.6 |
//! | none | SC, SI, SA: anything | 3.1.1, tip 2: only the target host is rated |
//!
//! Sources: FIRST, *A Complete Guide to the Common Vulnerability Scoring System Version 2.0*;
//! *Common Vulnerability Scoring System v3.1: Specification Document*; *v3.0: Examples*; *version 4.0:
//! Specification Document* and *Examples*.

use std::fmt;

use crate::cvss::Cvss;
use crate::tenths::Tenths;
use crate::v4::{Context, part};
use crate::{v2, v3, v4};

/// All that a published vector can mean in CVSS 4.0.  Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    vectors: Vec<v4::Vector>,
    derived: bool,
}

impl Meant {
    /// A vector of 4.0 means itself; its base metrics alone are taken.
    pub fn by(published: Cvss) -> Meant {
        let derived = !matches!(published, Cvss::V4(_));
        Meant { vectors: product(&parts_of(published)), derived }
    }

    /// The translations, each once.
    pub fn vectors(&self) -> &[v4::Vector] {
        &self.vectors
    }

    /// Whether these are translations: then none of them is a published CVSS 4.0 vector.
    pub fn is_derived(&self) -> bool {
        self.derived
    }

    /// The lowest and the highest score over all translations, in this place on this day.
    pub fn interval(&self, context: Context, score: fn(v4::Vector) -> Tenths) -> Interval {
        let scores = self.vectors.iter().map(|vector| score(vector.under(context)));
        // A product of parts that are never empty is never empty.
        scores.map(Interval::one).reduce(Interval::join).unwrap_or(Interval::UNKNOWN)
    }
}

/// The translations at which the ends of any interval lie.
///
/// A less severe metric never raises a score of CVSS 4.0 (a law that is tested over all vectors), so
/// only those need scoring that no other exceeds or undercuts: a few of thousands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    severest: Vec<v4::Vector>,
    mildest: Vec<v4::Vector>,
}

impl Ends {
    pub fn of(published: Cvss) -> Ends {
        let parts = parts_of(published);
        // The parts have no metric in common: what is severest of each makes what is severest of all.
        let extremes = |exceeds: fn(v4::Vector, v4::Vector) -> bool| {
            let parts = parts.iter().map(|part| extremes_of(part, exceeds));
            product(&parts.collect::<Vec<_>>())
        };
        Ends {
            severest: extremes(v4::Vector::is_as_severe),
            mildest: extremes(|one, other| other.is_as_severe(one)),
        }
    }

    /// The interval between the mildest and the severest this place and this day can be; their exploitability
    /// metrics only hinder ([`v4::Vector::behind`]).
    pub fn interval(
        &self,
        mildest: Context,
        severest: Context,
        score: fn(v4::Vector) -> Tenths,
    ) -> Interval {
        let scores = |vectors: &[v4::Vector], context| {
            let scores = vectors.iter().map(|vector| score(vector.behind(context)));
            scores.map(Interval::one).reduce(Interval::join).unwrap_or(Interval::UNKNOWN)
        };
        let low = scores(&self.mildest, mildest).low;
        Interval { low, high: scores(&self.severest, severest).high }
    }
}

/// Those that no other exceeds.
fn extremes_of(part: &Part, exceeds: fn(v4::Vector, v4::Vector) -> bool) -> Part {
    let exceeds =
        |one: u64, other: u64| exceeds(v4::Vector::of_parts(one), v4::Vector::of_parts(other));
    let is_extreme = |word: &u64| !part.iter().any(|other| other != word && exceeds(*other, *word));
    part.iter().copied().filter(is_extreme).collect()
}

/// The lowest and the highest a score can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    pub low: Tenths,
    pub high: Tenths,
}

impl Interval {
    /// Nothing is known: every score there is.
    pub const UNKNOWN: Interval = Interval { low: Tenths::ZERO, high: Tenths::TEN };

    pub fn one(score: Tenths) -> Interval {
        Interval { low: score, high: score }
    }

    /// Whatever lies in one of the two.
    #[must_use]
    pub fn join(self, other: Interval) -> Interval {
        Interval { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    pub fn contains(self, score: Tenths) -> bool {
        self.low <= score && score <= self.high
    }

    /// Whether every score in it is at least this one; `None`: some are and some are not.
    pub fn reaches(self, threshold: Tenths) -> Option<bool> {
        let (low, high) = (self.low >= threshold, self.high >= threshold);
        (low == high).then_some(low)
    }
}

/// `7.2`, or `6.9 to 8.7`.
impl fmt::Display for Interval {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.low == self.high {
            self.low.fmt(out)
        } else {
            write!(out, "{} to {}", self.low, self.high)
        }
    }
}

/// Metrics that are translated together: their alternatives, each packed.
type Part = Vec<u64>;

fn product(parts: &[Part]) -> Vec<v4::Vector> {
    let nothing: Part = vec![0];
    let words = parts.iter().fold(nothing, |words, part| {
        words.iter().flat_map(|word| part.iter().map(move |more| word + more)).collect()
    });
    words.into_iter().map(v4::Vector::of_parts).collect()
}

fn parts_of(published: Cvss) -> Vec<Part> {
    match published {
        Cvss::V4(vector) => vec![vec![vector.base().bits()]],
        Cvss::V3(vector) => parts_of_v3(vector),
        Cvss::V2(vector) => parts_of_v2(vector),
    }
}

fn parts_of_v3(vector: v3::Vector) -> Vec<Part> {
    let value = |name| vector.value(name).unwrap_or("");
    let is_hard = value("AC") == "H";
    let (complexity, interaction) = if is_hard {
        (vec![("H", "N"), ("L", "P"), ("H", "P")], vec!["N", "P"])
    } else {
        (vec![("L", "N"), ("L", "P")], vec!["N"])
    };
    let interaction = if value("UI") == "R" { vec!["P", "A"] } else { interaction };
    let impacts = ["C", "I", "A"].map(value);
    let impacts = if value("S") == "C" { changed_scope(impacts) } else { vec![on_itself(impacts)] };
    vec![
        vec![part("AV", value("AV"))],
        complexity.into_iter().map(|(ac, at)| part("AC", ac) + part("AT", at)).collect(),
        vec![part("PR", value("PR"))],
        interaction.into_iter().map(|ui| part("UI", ui)).collect(),
        impacts,
    ]
}

/// The vulnerable system's metrics of confidentiality, integrity and availability, and the subsequent systems'.
const IMPACTS: [(&str, &str); 3] = [("VC", "SC"), ("VI", "SI"), ("VA", "SA")];

/// No subsequent system is harmed.
fn on_itself(impacts: [&str; 3]) -> u64 {
    let both = IMPACTS.iter().zip(impacts);
    both.map(|((here, there), impact)| part(here, impact) + part(there, "N")).sum()
}

/// Every way to share the impacts between the vulnerable and the subsequent systems.
fn changed_scope(impacts: [&str; 3]) -> Part {
    let mut shares: Vec<(u64, bool)> = vec![(0, false)];
    for ((here, there), impact) in IMPACTS.iter().zip(impacts) {
        let pairs = pairs_with_greatest(impact);
        let with = |(word, reached): (u64, bool)| {
            pairs.iter().map(move |(on_here, on_there)| {
                (word + part(here, on_here) + part(there, on_there), reached || *on_there != "N")
            })
        };
        shares = shares.into_iter().flat_map(with).collect();
    }
    // The scope changed because another system is harmed, if any is.
    let any_is = impacts.iter().any(|impact| *impact != "N");
    shares.retain(|(_, reached)| *reached == any_is);
    shares.into_iter().map(|(word, _)| word).collect()
}

fn pairs_with_greatest(impact: &str) -> &'static [(&'static str, &'static str)] {
    match impact {
        "H" => &[("H", "H"), ("H", "L"), ("H", "N"), ("L", "H"), ("N", "H")],
        "L" => &[("L", "L"), ("L", "N"), ("N", "L")],
        _ => &[("N", "N")],
    }
}

fn parts_of_v2(vector: v2::Vector) -> Vec<Part> {
    let value = |name| vector.value(name).unwrap_or("");
    let is_easy = value("AC") == "L";
    let complexity: &[(&str, &str)] = if is_easy {
        &[("L", "N"), ("L", "P")]
    } else {
        &[("L", "N"), ("L", "P"), ("H", "N"), ("H", "P")]
    };
    let interaction: &[&str] = if is_easy { &["N"] } else { &["N", "P", "A"] };
    let ways: Part = match value("AV") {
        "L" => all_of(&[("AV", &["L", "P"]), ("UI", interaction)]),
        "A" => all_of(&[("AV", &["A"]), ("UI", interaction)]),
        _ if is_easy => all_of(&[("AV", &["N"]), ("UI", interaction)]),
        _ => {
            let opened_by_a_user = all_of(&[("AV", &["L"]), ("UI", &["P", "A"])]);
            [all_of(&[("AV", &["N"]), ("UI", interaction)]), opened_by_a_user].concat()
        }
    };
    let privileges: &[&str] = match (value("Au"), value("AC"), value("AV")) {
        ("N", "H", _) => &["N", "L", "H"],
        ("N", "M", _) | ("N", _, "L") => &["N", "L"],
        ("N", ..) => &["N"],
        _ => &["L", "H"],
    };
    let mut parts = vec![
        ways,
        complexity.iter().map(|(ac, at)| part("AC", ac) + part("AT", at)).collect(),
        all_of(&[("PR", privileges)]),
    ];
    for ((here, there), impact) in IMPACTS.iter().zip(["C", "I", "A"].map(value)) {
        let (anywhere, elsewhere): (&[&str], _) = match impact {
            "C" => (&["H"], false),
            "P" => (&["L", "H"], true),
            _ => (&["N"], false),
        };
        let mut shares = all_of(&[(here, anywhere), (there, &["N", "L", "H"])]);
        if elsewhere {
            shares.extend(all_of(&[(here, &["N"]), (there, &["L", "H"])]));
        }
        parts.push(shares);
    }
    parts
}

/// Every choice of one value for each metric.
fn all_of(metrics: &[(&str, &[&str])]) -> Part {
    metrics.iter().fold(vec![0], |words, (name, values)| {
        let with = |word: u64| values.iter().map(move |value| word + part(name, value));
        words.into_iter().flat_map(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> Meant {
        Meant::by(text.parse().unwrap())
    }

    #[track_caller]
    fn check(text: &str, count: usize, base: &str) {
        let meant = meant(text);
        let interval = meant.interval(Context::default(), v4::Vector::base_score);
        assert_eq!((meant.vectors().len(), interval.to_string().as_str()), (count, base), "{text}");
    }

    /// FIRST's examples of 4.0 that also give an older vector of the same vulnerability.
    #[test]
    fn what_first_made_of_its_own_examples_is_among_the_translations() {
        for (older, newer) in [
            (
                "CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:H/I:H/A:H",
                "AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            ),
            (
                "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H",
                "AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            ),
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
                "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
            ),
            (
                "AV:N/AC:L/Au:N/C:P/I:N/A:N",
                "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N",
            ),
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
                "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
            ),
            (
                "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
                "AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N",
            ),
            (
                "AV:N/AC:M/Au:N/C:N/I:P/A:N",
                "AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N",
            ),
        ] {
            let newer: v4::Vector = format!("CVSS:4.0/{newer}").parse().unwrap();
            assert!(meant(older).vectors().contains(&newer), "{older} is not {newer}");
        }
    }

    #[test]
    fn a_vector_of_4_0_means_itself_without_what_others_knew_of_their_place() {
        let text = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        let itself = meant(&format!("{text}/E:U/MAV:P"));
        assert!(!itself.is_derived());
        assert_eq!(itself.vectors(), [text.parse().unwrap()]);
        check(text, 1, "9.3");
    }

    #[test]
    fn a_score_is_as_wide_as_what_the_older_version_did_not_ask() {
        check("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 2, "9.2 to 9.3");
        check("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 2, "0.0");
        check("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:H/A:H", 6, "7.5 to 7.7");
    }

    #[test]
    fn an_interval_says_whether_it_reaches_a_threshold_or_that_it_may() {
        let seven = Tenths::read("7.0").unwrap();
        let interval = |low, high| Interval {
            low: Tenths::read(low).unwrap(),
            high: Tenths::read(high).unwrap(),
        };
        assert_eq!(interval("7.0", "9.1").reaches(seven), Some(true));
        assert_eq!(interval("0.0", "6.9").reaches(seven), Some(false));
        assert_eq!(interval("6.9", "7.0").reaches(seven), None);
    }
}
