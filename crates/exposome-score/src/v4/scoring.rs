//! CVSS 4.0, section 8: from the packed metrics to the score, exactly.
//!
//! The standard sorts vectors into 270 *macro vectors* by six equivalence sets (EQ1 to EQ6), gives
//! each a value, and takes something off for every step a vector lies below the most severe vector
//! of its macro vector.  Per set there are few states, a state being a level and the steps within
//! it: 10 for EQ1, 3 for EQ2, 39 for EQ3 and EQ6 together, 15 for EQ4, 3 for EQ5.  So there are
//! 52,650 scores in all.  The compiler works them out once, in whole numbers, and a score is a
//! look-up: the bits of each set give its state, the states together the place in the table.
//!
//! In numbers (tenths throughout): value − (1/n) · Σ gapᵢ · stepsᵢ / depthᵢ, rounded half up, where
//! the gap is the difference to the next lower macro vector in set i, the depth the number of steps
//! from one to the other, and n how many sets have a next lower one.  FIRST's first calculator
//! computed this in binary floating point and lost exact halves; here nothing is lost.
//!
//! Sources: the specification's section 8; the figures of the repository
//! FIRSTdotorg/cvss-v4-calculator: `cvss_lookup.js` (the 270 values), `max_composed.js` (the most
//! severe vectors), `max_severity.js` (the depths), `cvss_score.js` (the order of the steps).

use crate::tenths::Tenths;

/// The score of a packed vector (its layout: `METRICS` in `v4.rs`).
#[inline]
pub(super) fn score(word: u64) -> Tenths {
    let states = states(word);
    if states.nothing_harmed() {
        return Tenths::ZERO;
    }
    Tenths::of_table(SCORES.get(states.place()).copied().unwrap_or(0))
}

/// The levels of EQ1 to EQ6.
pub(super) fn macro_vector(word: u64) -> [u8; 6] {
    let States { eq1, eq2_eq5, eq3_eq6, eq4, .. } = states(word);
    let [eq3, eq6] = match level(&DEPTH3_6, eq3_eq6) {
        0 => [0, 0],
        1 => [0, 1],
        2 => [1, 0],
        3 => [1, 1],
        _ => [2, 1],
    };
    let eq2 = level(&DEPTH2, eq2_eq5 % STATES2);
    [level(&DEPTH1, eq1), eq2, eq3, level(&DEPTH4, eq4), eq2_eq5 / STATES2, eq6]
}

/// Where a vector stands in each set.
struct States {
    eq1: u8,
    eq2_eq5: u8,
    eq3_eq6: u8,
    eq4: u8,
    /// Confidentiality, integrity and availability of the vulnerable system, a number to the base 3.
    vulnerable: u8,
}

impl States {
    /// No impact on anything scores 0 (section 8.2, before step 1).
    #[inline]
    fn nothing_harmed(&self) -> bool {
        self.vulnerable == NO_IMPACT && self.eq4 == STATES4 - 1
    }

    #[inline]
    fn place(&self) -> usize {
        let [eq1, eq2_eq5, eq3_eq6, eq4] =
            [self.eq1, self.eq2_eq5, self.eq3_eq6, self.eq4].map(usize::from);
        eq3_eq6 + STATES3_6 as usize * (eq4 + STATES4 as usize * (eq1 + STATES1 as usize * eq2_eq5))
    }
}

#[inline]
fn states(word: u64) -> States {
    let vulnerable = at(&VULNERABLE, word >> 21);
    let requirements = word >> 32 & 0b11_11_11;
    States {
        eq1: at(&EQ1, word),
        eq2_eq5: at(&EQ2_EQ5, word >> 13),
        eq3_eq6: at(&EQ3_EQ6, u64::from(vulnerable) << 6 | requirements),
        eq4: at(&EQ4, word >> 38),
        vulnerable,
    }
}

/// The entry at the low bits of `word`; the length of the table, a power of two, says how many.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "masked to the length of the table")]
fn at<const LENGTH: usize>(table: &[u8; LENGTH], word: u64) -> u8 {
    table.get(word as usize & (LENGTH - 1)).copied().unwrap_or(0)
}

/// Steps from the top of each level to the top of the next (`max_severity.js`); the steps a vector
/// can be below the top are one fewer, so the depth is also the number of states of a level.
const DEPTH1: [u8; 3] = [1, 4, 5];
const DEPTH2: [u8; 2] = [1, 2];
/// Levels of EQ3 and EQ6 together: 00, 01, 10, 11, 21 (20 cannot be).
const DEPTH3_6: [u8; 5] = [7, 6, 8, 8, 10];
const DEPTH4: [u8; 3] = [6, 5, 4];

const STATES1: u8 = 10;
const STATES2: u8 = 3;
const STATES3_6: u8 = 39;
const STATES4: u8 = 15;
const STATES5: u8 = 3;

/// VC:N, VI:N and VA:N.
const NO_IMPACT: u8 = 26;

static EQ1: [u8; 1 << 13] = table_eq1();
static EQ2_EQ5: [u8; 1 << 8] = table_eq2_eq5();
static VULNERABLE: [u8; 1 << 11] = table_vulnerable();
static EQ3_EQ6: [u8; 1 << 11] = table_eq3_eq6();
static EQ4: [u8; 1 << 13] = table_eq4();
static SCORES: [u8; SCORES_LENGTH] = table_scores();

const SCORES_LENGTH: usize =
    STATES1 as usize * STATES2 as usize * STATES3_6 as usize * STATES4 as usize * STATES5 as usize;

/// A metric's code where a modified metric may stand in for it: `modified` is 0 for *not defined*.
const fn effective(base: u64, modified: u64) -> u64 {
    if modified == 0 { base } else { modified - 1 }
}

/// Bits `first` to `first + count` of a table's index.
const fn field(index: usize, first: u32, count: u32) -> u64 {
    (index as u64 >> first) & ((1 << count) - 1)
}

/// AV, PR, UI (table 24): level 0 if all are N; 1 if one is and AV is not P; else 2.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn table_eq1() -> [u8; 1 << 13] {
    const LEVEL1: &[[u64; 3]] = &[[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    const LEVEL2: &[[u64; 3]] = &[[3, 0, 0], [1, 1, 1]];
    let mut table = [0; 1 << 13];
    let mut index = 0;
    while index < table.len() {
        let attack = effective(field(index, 0, 2), field(index, 6, 3));
        let privileges = effective(field(index, 2, 2), field(index, 9, 2));
        let interaction = effective(field(index, 4, 2), field(index, 11, 2));
        let vector = [attack, privileges, interaction];
        let is_valid = attack <= 3 && privileges <= 2 && interaction <= 2;
        let some_none = attack == 0 || privileges == 0 || interaction == 0;
        if is_valid && attack + privileges + interaction > 0 {
            table[index] = if some_none && attack != 3 {
                state(&DEPTH1, 1, steps_below(LEVEL1, vector))
            } else {
                state(&DEPTH1, 2, steps_below(LEVEL2, vector))
            };
        }
        index += 1;
    }
    table
}

/// AC and AT (table 25): level 0 if AC:L and AT:N, else 1; and E (table 28), *not defined* being A.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn table_eq2_eq5() -> [u8; 1 << 8] {
    let mut table = [0; 1 << 8];
    let mut index = 0;
    while index < table.len() {
        let complexity = effective(field(index, 0, 1), field(index, 2, 2));
        let requirements = effective(field(index, 1, 1), field(index, 4, 2));
        let maturity = effective(0, field(index, 6, 2));
        if complexity < 2 && requirements < 2 {
            let below = complexity + requirements;
            let eq2 = if below == 0 { 0 } else { state(&DEPTH2, 1, below - 1) };
            table[index] = eq2 + STATES2 * small(maturity);
        }
        index += 1;
    }
    table
}

/// VC, VI and VA after modification, as a number to the base 3, H being 0 and N being 2.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn table_vulnerable() -> [u8; 1 << 11] {
    let mut table = [0; 1 << 11];
    let mut index = 0;
    while index < table.len() {
        let digits = field(index, 0, 5);
        if digits < 27 {
            let confidentiality = effective(digits / 9, field(index, 5, 2));
            let integrity = effective(digits / 3 % 3, field(index, 7, 2));
            let availability = effective(digits % 3, field(index, 9, 2));
            table[index] = small(confidentiality * 9 + integrity * 3 + availability);
        }
        index += 1;
    }
    table
}

/// VC, VI, VA with CR, IR, AR (tables 26, 29 and 30), requirements *not defined* being H.
///
/// EQ3 is 0 if VC:H and VI:H, 1 if any of the three is H, else 2; EQ6 is 0 if one that is H is
/// also required at H.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn table_eq3_eq6() -> [u8; 1 << 11] {
    const MOST_SEVERE: [&[[u64; 6]]; 5] = [
        &[[0, 0, 0, 0, 0, 0]],
        &[[0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1]],
        &[[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]],
        &[
            [1, 0, 1, 0, 1, 0],
            [1, 0, 0, 0, 1, 1],
            [0, 1, 0, 1, 0, 1],
            [0, 1, 1, 1, 0, 0],
            [1, 1, 0, 0, 0, 1],
        ],
        &[[1, 1, 1, 0, 0, 0]],
    ];
    let mut table = [0; 1 << 11];
    let mut index = 0;
    while index < table.len() {
        let impact = field(index, 6, 5);
        let [vc, vi, va] = [impact / 9, impact / 3 % 3, impact % 3];
        let cr = effective(0, field(index, 0, 2));
        let ir = effective(0, field(index, 2, 2));
        let ar = effective(0, field(index, 4, 2));
        if impact < 27 {
            let required = (vc == 0 && cr == 0) || (vi == 0 && ir == 0) || (va == 0 && ar == 0);
            let level = match (vc == 0 && vi == 0, vc == 0 || vi == 0 || va == 0, required) {
                (true, _, true) => 0,
                (true, _, false) => 1,
                (false, true, true) => 2,
                (false, true, false) => 3,
                (false, false, _) => 4,
            };
            let steps = steps_below(MOST_SEVERE[level], [vc, vi, va, cr, ir, ar]);
            table[index] = state(&DEPTH3_6, level, steps);
        }
        index += 1;
    }
    table
}

/// SC, SI, SA (table 27): level 0 if SI or SA is S (safety), 1 if one of the three is H, else 2.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn table_eq4() -> [u8; 1 << 13] {
    const MOST_SEVERE: [&[[u64; 3]]; 3] = [&[[1, 0, 0]], &[[1, 1, 1]], &[[2, 2, 2]]];
    let mut table = [0; 1 << 13];
    let mut index = 0;
    while index < table.len() {
        let digits = field(index, 0, 5);
        // Safety is one step above H, so all three count from S being 0, H being 1.
        let confidentiality = effective(digits / 9, field(index, 5, 2)) + 1;
        let integrity = effective(digits / 3 % 3 + 1, field(index, 7, 3));
        let availability = effective(digits % 3 + 1, field(index, 10, 3));
        if digits < 27 && integrity <= 3 && availability <= 3 {
            let level = if integrity == 0 || availability == 0 {
                0
            } else if confidentiality == 1 || integrity == 1 || availability == 1 {
                1
            } else {
                2
            };
            let vector = [confidentiality, integrity, availability];
            table[index] = state(&DEPTH4, level, steps_below(MOST_SEVERE[level], vector));
        }
        index += 1;
    }
    table
}

/// Steps from the first of the most severe vectors that is nowhere less severe than this one.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn steps_below<const METRICS: usize>(tops: &[[u64; METRICS]], vector: [u64; METRICS]) -> u64 {
    let mut top = 0;
    loop {
        let (mut steps, mut metric) = (0, 0);
        while metric < METRICS && tops[top][metric] <= vector[metric] {
            steps += vector[metric] - tops[top][metric];
            metric += 1;
        }
        if metric == METRICS {
            return steps;
        }
        top += 1;
    }
}

/// The number of the state: states of one level follow those of the level above it.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn state(depths: &[u8], level: usize, steps: u64) -> u8 {
    assert!(steps < depths[level] as u64, "deeper than the level");
    let (mut state, mut above) = (small(steps), 0);
    while above < level {
        state += depths[above];
        above += 1;
    }
    state
}

/// The level a state belongs to.
fn level(depths: &[u8], state: u8) -> u8 {
    let mut level = 0;
    let mut next = 0;
    for depth in depths {
        next += depth;
        level += u8::from(state >= next);
    }
    level
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler, which checks the assertion"
)]
const fn small(number: u64) -> u8 {
    assert!(number < 256);
    number as u8
}

/// Every score there is, in the order of `States::place`.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
#[expect(clippy::large_stack_arrays, reason = "the compiler's stack, not ours")]
const fn table_scores() -> [u8; SCORES_LENGTH] {
    let prices = prices();
    let mut table = [0; SCORES_LENGTH];
    let mut place = 0;
    while place < SCORES_LENGTH {
        let (rest, eq3_6) =
            (place / STATES3_6 as usize, stand(&DEPTH3_6, place % STATES3_6 as usize));
        let (rest, eq4) = (rest / STATES4 as usize, stand(&DEPTH4, rest % STATES4 as usize));
        let (rest, eq1) = (rest / STATES1 as usize, stand(&DEPTH1, rest % STATES1 as usize));
        let (eq5, eq2) = (rest / STATES2 as usize, stand(&DEPTH2, rest % STATES2 as usize));
        let levels =
            Levels { eq1: eq1.level, eq2: eq2.level, eq3_6: eq3_6.level, eq4: eq4.level, eq5 };
        let price = &prices[levels.index()];
        let exact = price.value
            - price.step1 * eq1.steps
            - price.step2 * eq2.steps
            - price.step3_6 * eq3_6.steps
            - price.step4 * eq4.steps;
        table[place] = small(((exact + WHOLE / 2) / WHOLE) as u64);
        place += 1;
    }
    table
}

/// A state of a set, taken apart again.
struct Stand {
    level: usize,
    steps: u32,
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn stand(depths: &[u8], state: usize) -> Stand {
    let (mut level, mut steps) = (0, small(state as u64) as u32);
    while steps >= depths[level] as u32 {
        steps -= depths[level] as u32;
        level += 1;
    }
    Stand { level, steps }
}

/// A macro vector.
#[derive(Clone, Copy)]
struct Levels {
    eq1: usize,
    eq2: usize,
    eq3_6: usize,
    eq4: usize,
    eq5: usize,
}

impl Levels {
    const fn exist(self) -> bool {
        self.eq1 < 3 && self.eq2 < 2 && self.eq3_6 < 5 && self.eq4 < 3 && self.eq5 < 3
    }

    const fn index(self) -> usize {
        (((self.eq1 * 2 + self.eq2) * 5 + self.eq3_6) * 3 + self.eq4) * 3 + self.eq5
    }

    const fn of(index: usize) -> Levels {
        let (eq5, rest) = (index % 3, index / 3);
        let (eq4, rest) = (rest % 3, rest / 3);
        let (eq3_6, rest) = (rest % 5, rest / 5);
        Levels { eq1: rest / 2, eq2: rest % 2, eq3_6, eq4, eq5 }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler: a wrong index stops the build"
    )]
    const fn value(self) -> u32 {
        VALUES[self.index() / 9][self.eq4][self.eq5] as u32
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn prices() -> [Price; 270] {
    let mut prices = [Price { value: 0, step1: 0, step2: 0, step3_6: 0, step4: 0 }; 270];
    let mut index = 0;
    while index < prices.len() {
        prices[index] = price(Levels::of(index));
        index += 1;
    }
    prices
}

/// What a macro vector is worth, and what one step down in each set costs, in parts of a tenth.
#[derive(Clone, Copy)]
struct Price {
    value: u32,
    step1: u32,
    step2: u32,
    step3_6: u32,
    step4: u32,
}

/// One tenth in the parts everything divides into: the depths divide 840, the number of sets
/// with a next lower macro vector divides 60.
const WHOLE: u32 = 840 * 60;

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn price(here: Levels) -> Price {
    let gap1 = gap(here, Levels { eq1: here.eq1 + 1, ..here });
    let gap2 = gap(here, Levels { eq2: here.eq2 + 1, ..here });
    let gap3_6 = match here.eq3_6 {
        // 00 has two lower neighbours, 01 and 10; the one worth more counts.
        0 => {
            let (left, right) =
                (gap(here, Levels { eq3_6: 1, ..here }), gap(here, Levels { eq3_6: 2, ..here }));
            if left.points < right.points { left } else { right }
        }
        1 => gap(here, Levels { eq3_6: 3, ..here }),
        _ => gap(here, Levels { eq3_6: here.eq3_6 + 1, ..here }),
    };
    let gap4 = gap(here, Levels { eq4: here.eq4 + 1, ..here });
    let gap5 = gap(here, Levels { eq5: here.eq5 + 1, ..here });
    let sets = gap1.exists + gap2.exists + gap3_6.exists + gap4.exists + gap5.exists;
    // Where no set has a lower neighbour, nothing is taken off.
    let share = match sets {
        0 => 0,
        sets => 60 / sets,
    };
    Price {
        value: here.value() * WHOLE,
        step1: gap1.points * (840 / DEPTH1[here.eq1] as u32) * share,
        step2: gap2.points * (840 / DEPTH2[here.eq2] as u32) * share,
        step3_6: gap3_6.points * (840 / DEPTH3_6[here.eq3_6] as u32) * share,
        step4: gap4.points * (840 / DEPTH4[here.eq4] as u32) * share,
    }
}

/// The difference in tenths to a lower macro vector; none where there is no such vector.
struct Gap {
    points: u32,
    exists: u32,
}

const fn gap(here: Levels, lower: Levels) -> Gap {
    if lower.exist() {
        Gap { points: here.value() - lower.value(), exists: 1 }
    } else {
        Gap { points: 0, exists: 0 }
    }
}

/// The values of the 270 macro vectors, in tenths: a line for each of EQ3 and EQ6 = 00, 01, 10, 11, 21,
/// in it the three levels of EQ4, in those the three of EQ5 (`cvss_lookup.js`).
#[rustfmt::skip]
const VALUES: [[[u8; 3]; 3]; 30] = [
    // EQ1 0, EQ2 0
    [[100, 98, 95], [100, 93, 91], [93, 89, 81]],
    [[99, 95, 92], [96, 87, 81], [90, 80, 68]],
    [[98, 95, 90], [93, 89, 81], [88, 78, 69]],
    [[95, 92, 84], [92, 81, 65], [80, 70, 48]],
    [[92, 82, 72], [79, 69, 50], [69, 55, 27]],
    // EQ1 0, EQ2 1
    [[99, 95, 92], [95, 90, 84], [92, 82, 72]],
    [[97, 92, 85], [91, 83, 71], [81, 71, 53]],
    [[95, 92, 85], [92, 80, 70], [84, 71, 50]],
    [[93, 85, 73], [82, 72, 59], [70, 52, 30]],
    [[86, 75, 52], [71, 52, 29], [63, 29, 17]],
    // EQ1 1, EQ2 0
    [[98, 94, 91], [94, 86, 77], [87, 74, 63]],
    [[95, 87, 81], [89, 74, 64], [75, 63, 49]],
    [[94, 88, 76], [86, 74, 59], [72, 57, 52]],
    [[89, 77, 67], [76, 58, 50], [57, 52, 25]],
    [[83, 70, 54], [65, 58, 26], [53, 21, 13]],
    // EQ1 1, EQ2 1
    [[95, 88, 76], [90, 75, 61], [77, 68, 52]],
    [[90, 76, 70], [77, 62, 53], [66, 59, 30]],
    [[89, 76, 62], [74, 57, 47], [61, 57, 24]],
    [[78, 67, 58], [59, 57, 23], [52, 29, 16]],
    [[71, 59, 30], [58, 26, 15], [23, 13, 6]],
    // EQ1 2, EQ2 0
    [[93, 86, 75], [86, 74, 56], [70, 52, 40]],
    [[87, 72, 58], [74, 61, 34], [54, 40, 22]],
    [[85, 74, 62], [72, 55, 46], [53, 34, 19]],
    [[75, 55, 51], [57, 41, 19], [36, 19, 8]],
    [[64, 51, 20], [47, 21, 11], [24, 9, 4]],
    // EQ1 2, EQ2 1
    [[88, 73, 60], [73, 59, 41], [54, 45, 20]],
    [[75, 53, 50], [55, 40, 20], [43, 22, 11]],
    [[75, 58, 40], [61, 48, 20], [46, 17, 8]],
    [[55, 45, 21], [51, 18, 9], [18, 7, 2]],
    [[53, 24, 14], [24, 12, 5], [10, 3, 1]],
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v4::part;
    use std::collections::BTreeSet;

    /// A metric with the values it can have, the most severe first.
    type Asked = (&'static str, &'static [&'static str]);

    type StateOf = fn(&States) -> u8;

    /// From which state to which a set goes when one of its metrics becomes a step less severe.
    fn descents(metrics: &[Asked], state: StateOf) -> BTreeSet<(u8, u8)> {
        let choices = metrics.iter().fold(vec![vec![]], |choices, (_, values)| {
            let with = |choice: &Vec<usize>| {
                let each = (0..values.len()).map(|value| [choice.as_slice(), &[value]].concat());
                each.collect::<Vec<_>>()
            };
            choices.iter().flat_map(with).collect()
        });
        let state_of = |choice: &[usize]| {
            let chosen = metrics.iter().zip(choice);
            state(&states(chosen.map(|((name, values), value)| part(name, values[*value])).sum()))
        };
        let mut descents = BTreeSet::new();
        for choice in &choices {
            for metric in 0..metrics.len() {
                let mut lower = choice.clone();
                lower[metric] += 1;
                if lower[metric] < metrics[metric].1.len() {
                    descents.insert((state_of(choice), state_of(&lower)));
                }
            }
        }
        descents
    }

    /// Every vector, whatever is modified or required and however mature the exploit: 15 million, by the states they share.
    #[test]
    fn a_less_severe_metric_of_any_kind_never_raises_the_score() {
        const HIGH_LOW_NONE: &[&str] = &["H", "L", "N"];
        const REQUIRED: &[&str] = &["H", "M", "L"];
        const SAFETY: &[&str] = &["S", "H", "L", "N"];
        let eq1: &[Asked] =
            &[("AV", &["N", "A", "L", "P"]), ("PR", &["N", "L", "H"]), ("UI", &["N", "P", "A"])];
        let eq2_eq5: &[Asked] =
            &[("AC", &["L", "H"]), ("AT", &["N", "P"]), ("E", &["A", "P", "U"])];
        let impacts = ["VC", "VI", "VA"].map(|name| (name, HIGH_LOW_NONE));
        let requirements = ["CR", "IR", "AR"].map(|name| (name, REQUIRED));
        let eq3_eq6: &[Asked] = &[impacts, requirements].concat();
        let eq4: &[Asked] = &[("SC", HIGH_LOW_NONE), ("MSI", SAFETY), ("MSA", SAFETY)];
        let sets: [(&[Asked], StateOf, u8); 4] = [
            (eq1, |it| it.eq1, STATES1),
            (eq2_eq5, |it| it.eq2_eq5, STATES2 * STATES5),
            (eq3_eq6, |it| it.eq3_eq6, STATES3_6),
            (eq4, |it| it.eq4, STATES4),
        ];
        let score = |[eq1, eq2_eq5, eq3_eq6, eq4]: [u8; 4]| {
            SCORES[States { eq1, eq2_eq5, eq3_eq6, eq4, vulnerable: 0 }.place()]
        };
        let mut raised = Vec::new();
        for (set, (metrics, state, count)) in sets.iter().enumerate() {
            let descents = descents(metrics, *state);
            assert!(descents.len() >= usize::from(*count) - 1, "set {set}");
            let others = (0..4).filter(|other| *other != set).fold(vec![[0; 4]], |all, other| {
                let with = |one: &[u8; 4]| {
                    let mut one = *one;
                    let each = (0..sets[other].2).map(|state| {
                        one[other] = state;
                        one
                    });
                    each.collect::<Vec<_>>()
                };
                all.iter().flat_map(with).collect()
            });
            for (from, to) in descents {
                for mut one in others.iter().copied() {
                    one[set] = from;
                    let before = score(one);
                    one[set] = to;
                    if score(one) > before {
                        raised.push((set, from, to, one));
                    }
                }
            }
        }
        assert_eq!(raised, []);
    }
}
