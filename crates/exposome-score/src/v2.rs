//! CVSS 2.0: the vector and its base, temporal and environmental score.
//!
//! Source: FIRST, *A Complete Guide to the Common Vulnerability Scoring System Version 2.0*
//! (section 2.4 the notation, section 3.2 the equations and weights).
//!
//! **Rounding.** The guide rounds each of the three scores to one decimal, half up, and feeds the
//! rounded score into the next equation: its worked example for CVE-2003-0818 shows an adjusted
//! temporal score of 8.0 where the product is 8.017.  Here every value is exact, so 9.0 × 0.95 =
//! 8.55 is 8.6; calculators in binary floating point print 8.5.
//!
//! With low requirements the adjusted base score can come out slightly below zero.  The equations
//! do not forbid that, so it is carried on; only the published score ends at 0.0.

use std::fmt;
use std::str::FromStr;

use crate::notation::{Error, Field, Group, Metric, Notation, Overlay, group_mask};
use crate::tenths::Tenths;
use Group::{Base, Environmental, Threat};

/// A CVSS 2.0 vector, packed.  Always valid: every base metric is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vector(u64);

impl Vector {
    /// Reads `AV:N/AC:L/Au:N/...`, bare, in parentheses, or after `CVSS2#`; metrics in any order.
    #[inline]
    pub fn read(text: &[u8]) -> Result<Vector, Error> {
        let (inner, start) = match text {
            [unclosed @ .., b')'] if unclosed.first() == Some(&b'(') => (unclosed, 1),
            [b'C', b'V', b'S', b'S', b'2', b'#', ..] => (text, 6),
            _ => (text, 0),
        };
        NOTATION.read(inner, start).map(Vector)
    }

    /// The packed form, for columns and files; it fits in the lower 32 bits.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Takes the packed form back; `None` if no vector packs to these bits.
    pub fn from_bits(bits: u64) -> Option<Vector> {
        NOTATION.is_valid(bits).then_some(Vector(bits))
    }

    /// The value of a metric by its short name, `ND` if it is not defined; `None` if CVSS 2 has
    /// no metric of that name.
    pub fn value(self, name: &str) -> Option<&'static str> {
        NOTATION.value(self.0, name)
    }

    /// The vector as this place and this day see it.
    #[inline]
    #[must_use]
    pub const fn under(self, context: Context) -> Vector {
        Vector(context.0.over(self.0))
    }

    /// The score of everything the vector says: environmental if such metrics are given, else
    /// temporal if such are given, else base.
    pub fn score(self) -> Tenths {
        if self.has_environmental() { self.environmental_score() } else { self.temporal_score() }
    }

    /// The base score (section 3.2.1).
    pub fn base_score(self) -> Tenths {
        Tenths::clamped(self.exact_base())
    }

    /// The base score times the temporal factors (section 3.2.2); equal to the base score if none is given.
    pub fn temporal_score(self) -> Tenths {
        Tenths::clamped(self.timed(self.exact_base()))
    }

    /// The environmental score (section 3.2.3).
    pub fn environmental_score(self) -> Tenths {
        let impacts = [(CR, C), (IR, I), (AR, A)]
            .map(|(requirement, impact)| factor(requirement.code(self.0), impact.code(self.0)));
        let adjusted = self.timed(self.look_up(&ADJUSTED, impacts));
        let collateral = [0, 0, 1, 3, 4, 5].get(CDP.code(self.0)).copied().unwrap_or(0);
        let distribution = [100, 0, 25, 75, 100].get(TD.code(self.0)).copied().unwrap_or(100);
        // Tenths × tenths × hundredths: in thousandths of a tenth.
        let exact = (adjusted * 10 + (100 - adjusted) * collateral) * distribution;
        Tenths::clamped(half_up(exact, 1_000))
    }

    pub const fn has_temporal(self) -> bool {
        self.0 & THREAT != 0
    }

    pub const fn has_environmental(self) -> bool {
        self.0 & ENVIRONMENTAL != 0
    }

    /// All metrics of CVSS 2.0, in the order of the guide (section 2.4, table 13).
    pub const fn metrics() -> &'static [Metric] {
        METRICS
    }

    fn exact_base(self) -> i64 {
        self.look_up(&BASE, [C, I, A].map(|impact| factor(0, impact.code(self.0))))
    }

    fn look_up(self, table: &Scores, impacts: [usize; 3]) -> i64 {
        let [confidentiality, integrity, availability] = impacts;
        let [access, complexity, authentication] = [AV, AC, AU].map(|metric| metric.code(self.0));
        let row = table.get((confidentiality * 7 + integrity) * 7 + availability);
        let way_in = (access * 3 + complexity) * 3 + authentication;
        row.and_then(|row| row.get(way_in)).copied().map_or(0, i64::from)
    }

    /// Score × E × RL × RC, rounded to the tenth.
    fn timed(self, score: i64) -> i64 {
        let weight = |weights: &[i64], metric: Field| {
            weights.get(metric.code(self.0)).copied().unwrap_or(100)
        };
        let product = weight(&[100, 100, 95, 90, 85], E)
            * weight(&[100, 100, 95, 90, 87], RL)
            * weight(&[100, 100, 95, 90], RC);
        half_up(score * product, 1_000_000)
    }
}

/// `exact / unit`, to the nearest whole number, halves upwards.
fn half_up(exact: i64, unit: i64) -> i64 {
    (exact + unit / 2).div_euclid(unit)
}

impl FromStr for Vector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Vector, Error> {
        Vector::read(text.as_bytes())
    }
}

/// The vector bare, in the order of the guide, without metrics that are not defined.
impl fmt::Display for Vector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        NOTATION.print(self.0, out)
    }
}

/// The temporal and environmental metrics of one place on one day, ready to be laid over many vectors.
///
/// What the context names replaces what the vector says, `ND` included; the rest stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Context(Overlay);

impl Context {
    /// Reads `E:H/CDP:MH/TD:H`: temporal and environmental metrics.
    pub fn read(text: &[u8]) -> Result<Context, Error> {
        NOTATION.read_overlay(text).map(Context)
    }
}

const THREAT: u64 = group_mask(METRICS, Threat);
const ENVIRONMENTAL: u64 = group_mask(METRICS, Environmental);

/// Section 2.4, table 13.  The last two numbers are the place in the packed word, first bit and
/// number of bits.
const METRICS: &[Metric] = &[
    Metric::new(Base, "AV", &["N", "A", "L"], 0, 2),
    Metric::new(Base, "AC", &["L", "M", "H"], 2, 2),
    Metric::new(Base, "Au", &["N", "S", "M"], 4, 2),
    Metric::new(Base, "C", &["C", "P", "N"], 6, 2),
    Metric::new(Base, "I", &["C", "P", "N"], 8, 2),
    Metric::new(Base, "A", &["C", "P", "N"], 10, 2),
    Metric::new(Threat, "E", &["ND", "H", "F", "POC", "U"], 12, 3),
    Metric::new(Threat, "RL", &["ND", "U", "W", "TF", "OF"], 15, 3),
    Metric::new(Threat, "RC", &["ND", "C", "UR", "UC"], 18, 2),
    Metric::new(Environmental, "CDP", &["ND", "N", "L", "LM", "MH", "H"], 20, 3),
    Metric::new(Environmental, "TD", &["ND", "N", "L", "M", "H"], 23, 3),
    Metric::new(Environmental, "CR", &["ND", "L", "M", "H"], 26, 2),
    Metric::new(Environmental, "IR", &["ND", "L", "M", "H"], 28, 2),
    Metric::new(Environmental, "AR", &["ND", "L", "M", "H"], 30, 2),
];

static NOTATION: Notation = Notation::new(METRICS, 0xc2ce_6f44_7ed4_d57b);

const AV: Field = Field::of(METRICS, "AV");
const AC: Field = Field::of(METRICS, "AC");
const AU: Field = Field::of(METRICS, "Au");
const C: Field = Field::of(METRICS, "C");
const I: Field = Field::of(METRICS, "I");
const A: Field = Field::of(METRICS, "A");
const E: Field = Field::of(METRICS, "E");
const RL: Field = Field::of(METRICS, "RL");
const RC: Field = Field::of(METRICS, "RC");
const CDP: Field = Field::of(METRICS, "CDP");
const TD: Field = Field::of(METRICS, "TD");
const CR: Field = Field::of(METRICS, "CR");
const IR: Field = Field::of(METRICS, "IR");
const AR: Field = Field::of(METRICS, "AR");

/// What an impact leaves over, 1 − requirement × impact, in 10⁻⁵: none; partial (0.275) required
/// low (0.5), medium (1.0), high (1.51); complete (0.66) the same.
const LEFT_OVER: [i128; 7] = [100_000, 86_250, 72_500, 58_475, 67_000, 34_000, 340];

/// Which of those, by requirement (ND, L, M, H) and impact (C, P, N).
fn factor(requirement: usize, impact: usize) -> usize {
    const FACTOR: [[u8; 3]; 4] = [[5, 2, 0], [4, 1, 0], [5, 2, 0], [6, 3, 0]];
    FACTOR.get(requirement).and_then(|row| row.get(impact)).copied().map_or(0, usize::from)
}

/// Scores in tenths by three impacts of `LEFT_OVER` and the ways in: AV, AC, Au.
type Scores = [[i8; WAYS_IN]; IMPACTS];

const IMPACTS: usize = 7 * 7 * 7;
const WAYS_IN: usize = 3 * 3 * 3;

/// The base impact can be 10.0008, the adjusted impact at most 10 (section 3.2.3).
static BASE: Scores = table(i128::MAX);
static ADJUSTED: Scores = table(10 * POINT);

/// One point of impact: 10⁻² of 10.41 and three factors of 10⁻⁵ each.
const POINT: i128 = 100_000_000_000_000_000;

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn table(most_impact: i128) -> Scores {
    const WHOLE: i128 = 1_000_000_000_000_000;
    let mut table = [[0; WAYS_IN]; IMPACTS];
    let mut index = 0;
    while index < IMPACTS {
        let left_over = LEFT_OVER[index / 49] * LEFT_OVER[index / 7 % 7] * LEFT_OVER[index % 7];
        let impact = 1_041 * (WHOLE - left_over);
        let impact = if impact > most_impact { most_impact } else { impact };
        let mut way_in = 0;
        while way_in < WAYS_IN && impact > 0 {
            table[index][way_in] = score(impact, way_in);
            way_in += 1;
        }
        index += 1;
    }
    table
}

/// A tenth of (ten times) a point, times the thousand of 1.176.
const UNIT: i128 = POINT * 1_000;

/// (0.6 × impact + 0.4 × exploitability − 1.5) × 1.176, rounded to tenths.  An impact of zero
/// scores zero and does not come here.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
#[expect(clippy::cast_possible_truncation, reason = "between -3 and 100")]
const fn score(impact: i128, way_in: usize) -> i8 {
    const ACCESS: [i128; 3] = [1_000, 646, 395];
    const COMPLEXITY: [i128; 3] = [71, 61, 35];
    const AUTHENTICATION: [i128; 3] = [704, 560, 450];
    // 0.4 × 20 × AV × AC × Au, in 10⁻⁸.
    let exploitability =
        8 * ACCESS[way_in / 9] * COMPLEXITY[way_in / 3 % 3] * AUTHENTICATION[way_in % 3];
    let exact = (6 * impact + exploitability * (POINT / 10_000_000) - 15 * POINT) * 1_176;
    (exact + UNIT / 2).div_euclid(UNIT) as i8
}
