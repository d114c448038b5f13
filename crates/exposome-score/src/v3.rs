//! CVSS 3.0 and 3.1: the vector and its base, temporal and environmental score.
//!
//! Sources: FIRST, *Common Vulnerability Scoring System v3.0: Specification Document* and
//! *v3.1: Specification Document*: section 6 the notation; the equations and weights are section 8
//! in 3.0 and section 7 in 3.1.  The two versions differ in one formula, the modified impact when
//! the scope is changed, and in how they word rounding.
//!
//! **Rounding.** Both versions round up to the next tenth.  3.1 adds (appendix A) a recipe that
//! first rounds to five decimals, against the noise of binary floating point.  Here every value is
//! exact, and over all values that can occur the recipe and plain rounding up agree.  Calculators
//! of 3.0 that compute in binary now and then come out a tenth higher (5.0 × 0.92 is 4.6, not 4.7).
//!
//! All scores before the temporal factors are in two tables that the compiler works out in whole
//! numbers: 2 scopes × 343 impacts × 48 ways in, for each version.

use std::fmt;
use std::str::FromStr;

use crate::notation::{Error, Field, Group, Metric, Notation, Overlay, excerpt, group_mask};
use crate::tenths::Tenths;
use Group::{Base, Environmental, Threat};

/// A CVSS 3.0 or 3.1 vector, packed.  Always valid: every base metric is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vector(u64);

/// 3.0 or 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Minor {
    Zero,
    One,
}

impl Vector {
    /// Reads `CVSS:3.0/AV:N/...` or `CVSS:3.1/AV:N/...`, metrics in any order.
    #[inline]
    pub fn read(text: &[u8]) -> Result<Vector, Error> {
        let prefix: Option<&[u8; PREFIX_BYTES]> = text.first_chunk();
        let minor = match prefix {
            Some(b"CVSS:3.0/") => 0,
            Some(b"CVSS:3.1/") => MINOR_ONE,
            _ => return Err(Error::UnknownVersion { found: excerpt(text) }),
        };
        NOTATION.read(text, PREFIX_BYTES).map(|word| Vector(word | minor))
    }

    /// Reads the metrics alone, `AV:N/AC:L/...`, where the version is known from elsewhere.
    pub fn read_as(minor: Minor, metrics: &[u8]) -> Result<Vector, Error> {
        let minor = if minor == Minor::One { MINOR_ONE } else { 0 };
        NOTATION.read(metrics, 0).map(|word| Vector(word | minor))
    }

    /// The packed form, for columns and files.
    #[inline]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Takes the packed form back; `None` if no vector packs to these bits.
    pub fn from_bits(bits: u64) -> Option<Vector> {
        NOTATION.is_valid(bits & !MINOR_ONE).then_some(Vector(bits))
    }

    pub const fn minor(self) -> Minor {
        if self.0 & MINOR_ONE == 0 { Minor::Zero } else { Minor::One }
    }

    /// The value of a metric by its short name, `X` if it is not defined; `None` if CVSS 3 has
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

    /// The base score.
    pub fn base_score(self) -> Tenths {
        Tenths::of_table(self.untimed_base())
    }

    /// The base score times the temporal factors, rounded up; equal to the base score if none is given.
    pub fn temporal_score(self) -> Tenths {
        self.timed(self.untimed_base())
    }

    /// The modified base score times the temporal factors.
    pub fn environmental_score(self) -> Tenths {
        self.timed(self.untimed_environmental())
    }

    pub const fn has_temporal(self) -> bool {
        self.0 & THREAT != 0
    }

    pub const fn has_environmental(self) -> bool {
        self.0 & ENVIRONMENTAL != 0
    }

    /// All metrics of CVSS 3, in the order of the standard (3.1 section 6, table 15).
    pub const fn metrics() -> &'static [Metric] {
        METRICS
    }

    fn untimed_base(self) -> u8 {
        let impacts = [C, I, A].map(|impact| factor(0, impact.code(self.0)));
        let ways_in = [AV, AC, PR, UI].map(|metric| metric.code(self.0));
        // 3.1 kept the base equation of 3.0.
        look_up(&SCORES_3_0, S.code(self.0), impacts, ways_in)
    }

    fn untimed_environmental(self) -> u8 {
        let impacts =
            [(CR, C, MC), (IR, I, MI), (AR, A, MA)].map(|(requirement, impact, modified)| {
                factor(requirement.code(self.0), impact.unless(modified, self.0))
            });
        let ways_in = [(AV, MAV), (AC, MAC), (PR, MPR), (UI, MUI)]
            .map(|(metric, modified)| metric.unless(modified, self.0));
        let table = match self.minor() {
            Minor::Zero => &SCORES_3_0,
            Minor::One => &SCORES_3_1,
        };
        look_up(table, S.unless(MS, self.0), impacts, ways_in)
    }

    /// Score × E × RL × RC in millionths of a tenth, rounded up to the tenth.
    fn timed(self, score: u8) -> Tenths {
        let weight = |weights: &[u32], metric: Field| {
            weights.get(metric.code(self.0)).copied().unwrap_or(100)
        };
        let product = weight(&[100, 100, 97, 94, 91], E)
            * weight(&[100, 100, 97, 96, 95], RL)
            * weight(&[100, 100, 96, 92], RC);
        let tenths = (u32::from(score) * product).div_ceil(1_000_000);
        Tenths::clamped(i64::from(tenths))
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
        out.write_str(match self.minor() {
            Minor::Zero => "CVSS:3.0/",
            Minor::One => "CVSS:3.1/",
        })?;
        NOTATION.print(self.0, out)
    }
}

/// The temporal and environmental metrics of one place on one day, ready to be laid over many vectors.
///
/// What the context names replaces what the vector says, `X` included; the rest stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Context(Overlay);

impl Context {
    /// Reads `E:H/MAV:L/CR:H`: temporal and environmental metrics without the prefix.
    pub fn read(text: &[u8]) -> Result<Context, Error> {
        NOTATION.read_overlay(text).map(Context)
    }
}

const PREFIX_BYTES: usize = 9;

/// Set in the packed word of a 3.1 vector.
const MINOR_ONE: u64 = 1 << 63;

const THREAT: u64 = group_mask(METRICS, Threat);
const ENVIRONMENTAL: u64 = group_mask(METRICS, Environmental);

/// 3.1 section 6, table 15.  The last two numbers are the place in the packed word, first bit and
/// number of bits.
const METRICS: &[Metric] = &[
    Metric::new(Base, "AV", &["N", "A", "L", "P"], 0, 2),
    Metric::new(Base, "AC", &["L", "H"], 2, 1),
    Metric::new(Base, "PR", &["N", "L", "H"], 3, 2),
    Metric::new(Base, "UI", &["N", "R"], 5, 1),
    Metric::new(Base, "S", &["C", "U"], 6, 1),
    Metric::new(Base, "C", &["H", "L", "N"], 7, 2),
    Metric::new(Base, "I", &["H", "L", "N"], 9, 2),
    Metric::new(Base, "A", &["H", "L", "N"], 11, 2),
    Metric::new(Threat, "E", &["X", "H", "F", "P", "U"], 13, 3),
    Metric::new(Threat, "RL", &["X", "U", "W", "T", "O"], 16, 3),
    Metric::new(Threat, "RC", &["X", "C", "R", "U"], 19, 2),
    Metric::new(Environmental, "CR", &["X", "H", "M", "L"], 21, 2),
    Metric::new(Environmental, "IR", &["X", "H", "M", "L"], 23, 2),
    Metric::new(Environmental, "AR", &["X", "H", "M", "L"], 25, 2),
    Metric::new(Environmental, "MAV", &["X", "N", "A", "L", "P"], 27, 3),
    Metric::new(Environmental, "MAC", &["X", "L", "H"], 30, 2),
    Metric::new(Environmental, "MPR", &["X", "N", "L", "H"], 32, 2),
    Metric::new(Environmental, "MUI", &["X", "N", "R"], 34, 2),
    Metric::new(Environmental, "MS", &["X", "C", "U"], 36, 2),
    Metric::new(Environmental, "MC", &["X", "H", "L", "N"], 38, 2),
    Metric::new(Environmental, "MI", &["X", "H", "L", "N"], 40, 2),
    Metric::new(Environmental, "MA", &["X", "H", "L", "N"], 42, 2),
];

static NOTATION: Notation = Notation::new(METRICS, 0x2d75_c25d_01ea_0639);

const AV: Field = Field::of(METRICS, "AV");
const AC: Field = Field::of(METRICS, "AC");
const PR: Field = Field::of(METRICS, "PR");
const UI: Field = Field::of(METRICS, "UI");
const S: Field = Field::of(METRICS, "S");
const C: Field = Field::of(METRICS, "C");
const I: Field = Field::of(METRICS, "I");
const A: Field = Field::of(METRICS, "A");
const E: Field = Field::of(METRICS, "E");
const RL: Field = Field::of(METRICS, "RL");
const RC: Field = Field::of(METRICS, "RC");
const CR: Field = Field::of(METRICS, "CR");
const IR: Field = Field::of(METRICS, "IR");
const AR: Field = Field::of(METRICS, "AR");
const MAV: Field = Field::of(METRICS, "MAV");
const MAC: Field = Field::of(METRICS, "MAC");
const MPR: Field = Field::of(METRICS, "MPR");
const MUI: Field = Field::of(METRICS, "MUI");
const MS: Field = Field::of(METRICS, "MS");
const MC: Field = Field::of(METRICS, "MC");
const MI: Field = Field::of(METRICS, "MI");
const MA: Field = Field::of(METRICS, "MA");

/// What an impact leaves over, 1 − requirement × impact, in hundredths: seven values in all.
const LEFT_OVER: [u64; 7] = [100, 89, 78, 67, 72, 44, 16];

/// Which of those, by requirement (X, H, M, L) and impact (H 0.56, L 0.22, N 0).
#[inline]
fn factor(requirement: usize, impact: usize) -> usize {
    const FACTOR: [[u8; 3]; 4] = [[5, 2, 0], [6, 3, 0], [5, 2, 0], [4, 1, 0]];
    FACTOR.get(requirement).and_then(|row| row.get(impact)).copied().map_or(0, usize::from)
}

/// Scores by scope (C, U), three impacts of `LEFT_OVER`, and the ways in: AV, AC, PR, UI.
type Scores = [[[u8; WAYS_IN]; IMPACTS]; 2];

const IMPACTS: usize = 7 * 7 * 7;
const WAYS_IN: usize = 4 * 2 * 3 * 2;

static SCORES_3_0: Scores = table(Minor::Zero);
static SCORES_3_1: Scores = table(Minor::One);

#[inline]
fn look_up(table: &Scores, scope: usize, impacts: [usize; 3], ways_in: [usize; 4]) -> u8 {
    let [confidentiality, integrity, availability] = impacts;
    let [attack, complexity, privileges, interaction] = ways_in;
    let impact = (confidentiality * 7 + integrity) * 7 + availability;
    let way_in = ((attack * 2 + complexity) * 3 + privileges) * 2 + interaction;
    let row = table.get(scope).and_then(|rows| rows.get(impact));
    row.and_then(|row| row.get(way_in)).copied().unwrap_or(0)
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
#[expect(clippy::large_stack_arrays, reason = "the compiler's stack, not ours")]
const fn table(minor: Minor) -> Scores {
    let mut table = [[[0; WAYS_IN]; IMPACTS]; 2];
    let mut impact = 0;
    while impact < IMPACTS {
        let left_over = LEFT_OVER[impact / 49] * LEFT_OVER[impact / 7 % 7] * LEFT_OVER[impact % 7];
        let sub_score = if left_over < LEAST_LEFT_OVER {
            1_000_000 - LEAST_LEFT_OVER
        } else {
            1_000_000 - left_over
        };
        if sub_score > 0 {
            let correction = correction(minor, sub_score);
            let mut way_in = 0;
            while way_in < WAYS_IN {
                table[0][impact][way_in] = score_changed(sub_score, &correction, way_in);
                table[1][impact][way_in] = score_unchanged(sub_score, way_in);
                way_in += 1;
            }
        }
        impact += 1;
    }
    table
}

/// The impact sub-score is capped at 0.915; no base vector reaches the cap.
const LEAST_LEFT_OVER: u64 = 85_000;

/// 8.22 × AV × AC × PR × UI, in 10⁻¹⁰.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn exploitability(way_in: usize, privileges: [u64; 3]) -> u64 {
    const ATTACK: [u64; 4] = [85, 62, 55, 20];
    const COMPLEXITY: [u64; 2] = [77, 44];
    const INTERACTION: [u64; 2] = [85, 62];
    822 * ATTACK[way_in / 12]
        * COMPLEXITY[way_in / 6 % 2]
        * privileges[way_in / 2 % 3]
        * INTERACTION[way_in % 2]
}

/// Scope unchanged: min(6.42 × sub-score + exploitability, 10).  `sub_score` in millionths.
const fn score_unchanged(sub_score: u64, way_in: usize) -> u8 {
    let points = 642 * 100 * sub_score + exploitability(way_in, [85, 62, 27]);
    at_most_ten(points.div_ceil(1_000_000_000))
}

/// Scope changed: min(1.08 × (7.52 × (sub-score − 0.029) − 3.25 × power + exploitability), 10),
/// with `power` known between two bounds.  That both bounds round up to the same tenth proves it.
const fn score_changed(sub_score: u64, power: &Bounds, way_in: usize) -> u8 {
    let exploitability = exploitability(way_in, [85, 68, 50]);
    // In 10⁻¹² of a point, times 10¹⁵: in 10⁻²⁷, the unit of `power`.
    let without_power = 108 * (752 * 100 * (sub_score as i128 - 29_000) + exploitability as i128);
    let without_power = without_power * 1_000_000_000_000_000;
    // 1.08 × 3.25 is 3.51.
    let most = tenths_up(without_power - 351 * power.least / 100);
    let least = tenths_up(without_power - 351 * power.most / 100 - 1);
    assert!(most == least, "the power is not known closely enough");
    most
}

/// Rounds 10⁻²⁷ points up to tenths.
#[expect(clippy::cast_sign_loss, reason = "negative scores are brought back to zero first")]
#[expect(clippy::cast_possible_truncation, reason = "a score is far below 2^64 tenths")]
const fn tenths_up(points: i128) -> u8 {
    const TENTH: i128 = UNIT / 10;
    if points <= 0 { 0 } else { at_most_ten(((points + TENTH - 1) / TENTH) as u64) }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 100")]
const fn at_most_ten(tenths: u64) -> u8 {
    if tenths > 100 { 100 } else { tenths as u8 }
}

/// A number in 10⁻²⁷, between two bounds.
struct Bounds {
    least: i128,
    most: i128,
}

const UNIT: i128 = 1_000_000_000_000_000_000_000_000_000;

/// 3.0: (sub-score − 0.02)¹⁵; 3.1, modified: (0.9731 × sub-score − 0.02)¹³.
const fn correction(minor: Minor, sub_score: u64) -> Bounds {
    match minor {
        Minor::Zero => power(sub_score as i128 - 20_000, 1_000_000, 15),
        Minor::One => power(9_731 * sub_score as i128 - 200_000_000, 10_000_000_000, 13),
    }
}

/// (numerator / denominator)^exponent, rounded down and up at every step.
const fn power(numerator: i128, denominator: i128, exponent: u32) -> Bounds {
    let mut bounds = Bounds { least: UNIT, most: UNIT };
    let mut step = 0;
    while step < exponent {
        bounds.least = bounds.least * numerator / denominator;
        bounds.most = (bounds.most * numerator + denominator - 1) / denominator;
        step += 1;
    }
    bounds
}
