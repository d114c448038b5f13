//! CVSS 4.0: the vector, its parts, and what it scores.
//!
//! Source: FIRST, *Common Vulnerability Scoring System version 4.0: Specification Document*
//! (sections 2 to 5 the metrics, 1.3 the nomenclature, 7 the notation, 8 the score).
//!
//! A vector with all its 32 metrics, supplemental ones included, fits exactly into 64 bits.
//! [`Vector::score`] costs a handful of table look-ups (see `scoring.rs`), so scores are
//! computed when they are needed and never kept.

mod scoring;

use std::fmt;
use std::str::FromStr;

use crate::notation::{Error, Field, Group, Metric, Notation, Overlay, excerpt, group_mask};
use crate::tenths::Tenths;
use Group::{Base, Environmental, Supplemental, Threat};

/// A CVSS 4.0 vector, packed.  Always valid: every base metric is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vector(u64);

impl Vector {
    /// Reads `CVSS:4.0/AV:N/...`, metrics in any order.
    #[inline]
    pub fn read(text: &[u8]) -> Result<Vector, Error> {
        match text.first_chunk() {
            Some(PREFIX) => NOTATION.read(text, PREFIX.len()).map(Vector),
            _ => Err(Error::UnknownVersion { found: excerpt(text) }),
        }
    }

    /// The packed form, for columns and files.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Takes the packed form back; `None` if no vector packs to these bits.
    pub fn from_bits(bits: u64) -> Option<Vector> {
        NOTATION.is_valid(bits).then_some(Vector(bits))
    }

    /// The value of a metric by its short name, `X` if it is not defined; `None` if CVSS 4.0
    /// has no metric of that name.
    pub fn value(self, name: &str) -> Option<&'static str> {
        NOTATION.value(self.0, name)
    }

    /// The vector as this place and this day see it.
    #[inline]
    #[must_use]
    pub const fn under(self, context: Context) -> Vector {
        Vector(context.0.over(self.0))
    }

    /// The vector as this place and this day see it, where the modified exploitability metrics of the context say what
    /// stands in an attacker's way: each replaces its base metric only where it is the less severe of the two.
    #[must_use]
    pub fn behind(self, context: Context) -> Vector {
        let hindering = |(base, modified): &(Field, Field)| {
            // A modified metric has *not defined* before the values of its base metric.
            context.0.code(*modified) > base.code(self.0) + 1
        };
        let others = EXPLOITABILITY.iter().filter(|pair| !hindering(pair));
        let overlay = others.fold(context.0, |overlay, (_, modified)| overlay.without(*modified));
        Vector(overlay.over(self.0))
    }

    /// Whether no base metric is less severe than the other vector's.
    pub(crate) fn is_as_severe(self, other: Vector) -> bool {
        NOTATION.is_as_severe(self.0, other.0)
    }

    /// The base metrics alone: without what anybody knew of a place or a day.
    #[inline]
    #[must_use]
    pub const fn base(self) -> Vector {
        Vector(self.0 & !(THREAT | ENVIRONMENTAL | SUPPLEMENTAL))
    }

    /// From the [`part`]s of all its base metrics.
    pub(crate) const fn of_parts(word: u64) -> Vector {
        Vector(word)
    }

    /// The score of everything the vector says, called by its [`nomenclature`](Self::nomenclature).
    #[inline]
    pub fn score(self) -> Tenths {
        scoring::score(self.0)
    }

    /// CVSS-B: as if only the base metrics were given.
    pub fn base_score(self) -> Tenths {
        scoring::score(self.0 & !(THREAT | ENVIRONMENTAL))
    }

    /// CVSS-BT: without the environmental metrics.
    pub fn threat_score(self) -> Tenths {
        scoring::score(self.0 & !ENVIRONMENTAL)
    }

    /// CVSS-BE: without the threat metric.
    pub fn environmental_score(self) -> Tenths {
        scoring::score(self.0 & !THREAT)
    }

    /// Which groups have a say in the score (section 1.3).  Metrics that are *not defined* have none.
    pub const fn nomenclature(self) -> Nomenclature {
        match (self.has_threat(), self.has_environmental()) {
            (false, false) => Nomenclature::B,
            (true, false) => Nomenclature::BT,
            (false, true) => Nomenclature::BE,
            (true, true) => Nomenclature::BTE,
        }
    }

    pub const fn has_threat(self) -> bool {
        self.0 & THREAT != 0
    }

    pub const fn has_environmental(self) -> bool {
        self.0 & ENVIRONMENTAL != 0
    }

    /// The levels of the six equivalence sets EQ1 to EQ6 (section 8.1, tables 24 to 29), 0 the most severe.
    pub fn macro_vector(self) -> [u8; 6] {
        scoring::macro_vector(self.0)
    }

    /// All metrics of CVSS 4.0, in the order of the standard (section 7, table 23).
    pub const fn metrics() -> &'static [Metric] {
        METRICS
    }
}

impl FromStr for Vector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Vector, Error> {
        Vector::read(text.as_bytes())
    }
}

/// The vector in the order of the standard, without metrics that are not defined.
impl fmt::Display for Vector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CVSS:4.0/")?;
        NOTATION.print(self.0, out)
    }
}

/// The threat and environmental metrics of one place on one day, ready to be laid over many vectors.
///
/// What the context names replaces what the vector says, `X` included; the rest stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Context(Overlay);

impl Context {
    /// Reads `E:A/MAV:L/MSI:S`: threat and environmental metrics without the prefix.
    pub fn read(text: &[u8]) -> Result<Context, Error> {
        NOTATION.read_overlay(text).map(Context)
    }
}

/// What a score is made of, and so how it is called: CVSS-B, CVSS-BT, CVSS-BE, CVSS-BTE
/// (section 1.3).  A number should not be shown without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Nomenclature {
    B,
    BT,
    BE,
    BTE,
}

impl Nomenclature {
    /// The letters after `CVSS-`.
    pub const fn letters(self) -> &'static str {
        match self {
            Nomenclature::B => "B",
            Nomenclature::BT => "BT",
            Nomenclature::BE => "BE",
            Nomenclature::BTE => "BTE",
        }
    }
}

impl fmt::Display for Nomenclature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "CVSS-{}", self.letters())
    }
}

const PREFIX: &[u8; 9] = b"CVSS:4.0/";

const THREAT: u64 = group_mask(METRICS, Threat);
const ENVIRONMENTAL: u64 = group_mask(METRICS, Environmental);
const SUPPLEMENTAL: u64 = group_mask(METRICS, Supplemental);

/// One metric's share of the packed word.  A name or a value that the standard does not have is a defect of the caller.
pub(crate) fn part(name: &str, value: &str) -> u64 {
    let part = NOTATION.part(name, value);
    assert!(part.is_some(), "CVSS 4.0 has no {name}:{value}");
    part.unwrap_or_default()
}

/// Section 7, table 23.  The last two numbers are the place in the packed word, first bit and
/// number of bits; metrics that are scored together lie together (`scoring.rs`).
const METRICS: &[Metric] = &[
    Metric::new(Base, "AV", &["N", "A", "L", "P"], 0, 2),
    Metric::new(Base, "AC", &["L", "H"], 13, 1),
    Metric::new(Base, "AT", &["N", "P"], 14, 1),
    Metric::new(Base, "PR", &["N", "L", "H"], 2, 2),
    Metric::new(Base, "UI", &["N", "P", "A"], 4, 2),
    Metric::digit("VC", &["H", "L", "N"], 21, 9),
    Metric::digit("VI", &["H", "L", "N"], 21, 3),
    Metric::digit("VA", &["H", "L", "N"], 21, 1),
    Metric::digit("SC", &["H", "L", "N"], 38, 9),
    Metric::digit("SI", &["H", "L", "N"], 38, 3),
    Metric::digit("SA", &["H", "L", "N"], 38, 1),
    Metric::new(Threat, "E", &["X", "A", "P", "U"], 19, 2),
    Metric::new(Environmental, "CR", &["X", "H", "M", "L"], 32, 2),
    Metric::new(Environmental, "IR", &["X", "H", "M", "L"], 34, 2),
    Metric::new(Environmental, "AR", &["X", "H", "M", "L"], 36, 2),
    Metric::new(Environmental, "MAV", &["X", "N", "A", "L", "P"], 6, 3),
    Metric::new(Environmental, "MAC", &["X", "L", "H"], 15, 2),
    Metric::new(Environmental, "MAT", &["X", "N", "P"], 17, 2),
    Metric::new(Environmental, "MPR", &["X", "N", "L", "H"], 9, 2),
    Metric::new(Environmental, "MUI", &["X", "N", "P", "A"], 11, 2),
    Metric::new(Environmental, "MVC", &["X", "H", "L", "N"], 26, 2),
    Metric::new(Environmental, "MVI", &["X", "H", "L", "N"], 28, 2),
    Metric::new(Environmental, "MVA", &["X", "H", "L", "N"], 30, 2),
    Metric::new(Environmental, "MSC", &["X", "H", "L", "N"], 43, 2),
    Metric::new(Environmental, "MSI", &["X", "S", "H", "L", "N"], 45, 3),
    Metric::new(Environmental, "MSA", &["X", "S", "H", "L", "N"], 48, 3),
    Metric::new(Supplemental, "S", &["X", "N", "P"], 51, 2),
    Metric::new(Supplemental, "AU", &["X", "N", "Y"], 53, 2),
    Metric::new(Supplemental, "R", &["X", "A", "U", "I"], 55, 2),
    Metric::new(Supplemental, "V", &["X", "D", "C"], 57, 2),
    Metric::new(Supplemental, "RE", &["X", "L", "M", "H"], 59, 2),
    Metric::new(Supplemental, "U", &["X", "Clear", "Green", "Amber", "Red"], 61, 3),
];

/// The base metrics of exploitability (section 2.1), each with the one that modifies it (section 4.2).
const EXPLOITABILITY: [(Field, Field); 5] = [
    (Field::of(METRICS, "AV"), Field::of(METRICS, "MAV")),
    (Field::of(METRICS, "AC"), Field::of(METRICS, "MAC")),
    (Field::of(METRICS, "AT"), Field::of(METRICS, "MAT")),
    (Field::of(METRICS, "PR"), Field::of(METRICS, "MPR")),
    (Field::of(METRICS, "UI"), Field::of(METRICS, "MUI")),
];

static NOTATION: Notation = Notation::new(METRICS, 0xa80e_f050_d602_aae1);
