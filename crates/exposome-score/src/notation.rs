//! The notation every CVSS version shares: `NAME:VALUE` pairs with slashes between them.
//!
//! A version is a list of [`Metric`]s, and the list is all there is to say about it: the reader,
//! the printer, the packed form and the error messages are drawn from it.  A vector becomes one
//! 64-bit word, each metric a small number in its own bits.
//!
//! **Order.** CVSS 3.0 and 3.1 (section 6) want programs to accept the metrics in any order.
//! CVSS 4.0 (section 7) allows one order only, and published advisories do not keep to it; so
//! all versions are read in any order and printed in the standard's.  A metric given twice, an
//! unknown metric or value, and a base metric left out are errors everywhere.  `X` (in 2.0 `ND`,
//! *not defined*) is the same as leaving the metric out, as the standards say.

use std::fmt;

/// One metric of one version: its short name, and its values in the order of their codes.
///
/// The values of a base metric run from the most severe to the least.  All other metrics
/// have *not defined* first, as code 0, so that a metric nobody set is a run of zero bits.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    pub name: &'static str,
    pub group: Group,
    pub values: &'static [&'static str],
    place: Place,
}

/// Where a metric's code lies in the packed word: `field / divisor % modulus` of a field of bits.
#[derive(Debug, Clone, Copy)]
struct Place {
    shift: u8,
    bits: u8,
    divisor: u8,
    modulus: u8,
}

/// The groups of metrics.  *Threat* is called *temporal* in CVSS 2 and 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Base,
    Threat,
    Environmental,
    Supplemental,
}

impl Metric {
    /// A metric whose code has `bits` bits of its own, from bit `shift` upwards.
    pub(crate) const fn new(
        group: Group,
        name: &'static str,
        values: &'static [&'static str],
        shift: u8,
        bits: u8,
    ) -> Metric {
        assert!(values.len() <= 1 << bits, "more values than codes");
        Metric { name, group, values, place: Place { shift, bits, divisor: 1, modulus: 1 << bits } }
    }

    /// A base metric of three values that is one digit of a three-digit number to the base 3:
    /// three metrics in five bits.  `divisor` is the digit's weight, 9, 3 or 1.
    pub(crate) const fn digit(
        name: &'static str,
        values: &'static [&'static str; 3],
        shift: u8,
        divisor: u8,
    ) -> Metric {
        let place = Place { shift, bits: 5, divisor, modulus: 3 };
        Metric { name, group: Group::Base, values, place }
    }

    const fn pack(&self, code: u64) -> u64 {
        (code * self.place.divisor as u64) << self.place.shift
    }

    const fn mask(&self) -> u64 {
        ((1 << self.place.bits) - 1) << self.place.shift
    }

    const fn code(&self, word: u64) -> u64 {
        let field = (word & self.mask()) >> self.place.shift;
        field / self.place.divisor as u64 % self.place.modulus as u64
    }

    fn value(&self, word: u64) -> Option<&'static str> {
        self.values.get(usize::try_from(self.code(word)).ok()?).copied()
    }

    fn is_defined(&self, word: u64) -> bool {
        self.group == Group::Base || self.code(word) != 0
    }
}

/// One version: its metrics in the standard's order, and its `NAME:VALUE` pairs laid out for finding.
pub(crate) struct Notation {
    metrics: &'static [Metric],
    pairs: [Pair; SLOTS],
    multiplier: u64,
    base: u32,
    opening: Opening,
}

/// The base metrics but the last, as they stand in a vector that keeps to the standard's order.
struct Opening {
    spans: [Span; 10],
    length: usize,
    /// Where the last base metric begins.
    end: usize,
}

/// Where a pair begins, and how long it is: a mask over eight bytes, the slash included.
#[derive(Clone, Copy)]
struct Span {
    offset: usize,
    mask: u64,
}

impl Opening {
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler: a wrong index stops the build"
    )]
    const fn of(metrics: &[Metric]) -> Opening {
        let mut opening = Opening { spans: [Span { offset: 0, mask: 0 }; 10], length: 0, end: 0 };
        while matches!(metrics[opening.length + 1].group, Group::Base) {
            // Colon, a value of one letter as all base metrics have, slash.
            let pair_bytes = metrics[opening.length].name.len() + 3;
            opening.spans[opening.length] =
                Span { offset: opening.end, mask: first_bytes(pair_bytes) };
            opening.length += 1;
            opening.end += pair_bytes;
        }
        opening
    }
}

/// How far the reader has come.
#[derive(Clone, Copy)]
struct Progress {
    at: usize,
    word: u64,
    seen: u32,
}

/// Slots for at most 115 pairs (CVSS 4.0): sparse, so that a multiplier without collisions is easy to find.
const SLOTS: usize = 512;

/// A pair as it stands in the text, `NAME:VALUE/`, at most eight bytes, and what it means.
#[derive(Clone, Copy)]
struct Pair {
    text: u64,
    word: u64,
    seen: u32,
}

/// No pair reads like this.
const NO_PAIR: Pair = Pair { text: u64::MAX, word: 0, seen: 0 };

impl Notation {
    /// Lays out all pairs.  The multiplier is one for which no two of them share a slot; any
    /// other stops the build.
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler: a wrong index stops the build"
    )]
    pub(crate) const fn new(metrics: &'static [Metric], multiplier: u64) -> Notation {
        assert!(metrics.len() <= 32, "one bit each in the mask of what was seen");
        let mut pairs = [NO_PAIR; SLOTS];
        let (mut base, mut index) = (0, 0);
        while index < metrics.len() {
            let metric = &metrics[index];
            if matches!(metric.group, Group::Base) {
                base |= 1 << index;
            }
            let mut code = 0;
            while code < metric.values.len() {
                let text = pair_text(metric.name, metric.values[code]);
                let slot = slot(text, multiplier);
                assert!(pairs[slot].text == NO_PAIR.text, "two pairs in one slot");
                pairs[slot] = Pair { text, word: metric.pack(code as u64), seen: 1 << index };
                code += 1;
            }
            index += 1;
        }
        Notation { metrics, pairs, multiplier, base, opening: Opening::of(metrics) }
    }

    /// Reads the pairs of `text` from byte `start` on; every base metric must be among them.
    #[inline]
    pub(crate) fn read(&self, text: &[u8], start: usize) -> Result<u64, Error> {
        let (word, seen) = self.read_pairs(text, start)?;
        match self.base & !seen {
            0 => Ok(word),
            missing => Err(self.missing(missing)),
        }
    }

    /// Reads what is to be laid over a vector: threat (temporal) and environmental metrics only.
    pub(crate) fn read_overlay(&self, text: &[u8]) -> Result<Overlay, Error> {
        let (word, seen) = self.read_pairs(text, 0)?;
        let mut mask = 0;
        for (index, metric) in self.metrics.iter().enumerate() {
            if seen >> index & 1 == 0 {
                continue;
            }
            if !matches!(metric.group, Group::Threat | Group::Environmental) {
                return Err(Error::NotOfTheSite { metric: metric.name });
            }
            mask |= metric.mask();
        }
        Ok(Overlay { mask, word })
    }

    /// The codes of all pairs, packed, and one bit for each metric seen.
    #[inline]
    fn read_pairs(&self, text: &[u8], start: usize) -> Result<(u64, u32), Error> {
        match self.read_opening(text, start) {
            Some(all) if all.at > text.len() => Ok((all.word, all.seen)),
            Some(opening) => self.read_rest(text, opening),
            None => self.read_rest(text, Progress { at: start, word: 0, seen: 0 }),
        }
    }

    /// All base metrics but the last, if the text opens with them in the standard's order, as nearly
    /// every vector does: then each pair is at a known place and none has to wait for another.
    #[inline]
    fn read_opening(&self, text: &[u8], start: usize) -> Option<Progress> {
        let spans = self.opening.spans.get(..self.opening.length)?;
        let (mut word, mut seen, mut is_regular) = (0_u64, 0, true);
        for span in spans {
            let pair = eight_bytes(text, start + span.offset) & span.mask;
            let found = self.find(pair);
            is_regular &= found.text == pair;
            // Only a text that is read again below could run over.
            word = word.wrapping_add(found.word);
            seen |= found.seen;
        }
        let at = start + self.opening.end;
        (is_regular && seen.count_ones() as usize == spans.len()).then_some(Progress {
            at,
            word,
            seen,
        })
    }

    /// Pairs in any order.  Where the slashes are is found out for 64 bytes at once, so that reading
    /// one pair need not wait for the end of the one before it.
    #[inline]
    fn read_rest(&self, text: &[u8], progress: Progress) -> Result<(u64, u32), Error> {
        let Progress { mut at, mut word, mut seen } = progress;
        let mut block = at;
        loop {
            let mut slashes = marks(text, block, b'/');
            while slashes != 0 {
                let end = block + slashes.trailing_zeros() as usize;
                slashes &= slashes - 1;
                let pair = eight_bytes(text, at) & first_bytes(end + 1 - at);
                let found = self.find(pair);
                if found.text != pair || found.seen & seen != 0 {
                    return Err(self.complaint(text, at));
                }
                word += found.word;
                seen |= found.seen;
                at = end + 1;
                if end >= text.len() {
                    return Ok((word, seen));
                }
            }
            block += 64;
            if block >= at + 8 {
                return Err(self.complaint(text, at));
            }
        }
    }

    #[inline]
    fn find(&self, pair: u64) -> &Pair {
        self.pairs.get(slot(pair, self.multiplier)).unwrap_or(&NO_PAIR)
    }

    /// What is wrong with the pair at `at`, which the fast reader did not find or had seen before.
    #[cold]
    fn complaint(&self, text: &[u8], at: usize) -> Error {
        let pair = text
            .get(at..)
            .unwrap_or_default()
            .split(|&byte| byte == b'/')
            .next()
            .unwrap_or_default();
        let at = at + 1;
        let Some(colon) = pair.iter().position(|&byte| byte == b':') else {
            return Error::NoPair { found: excerpt(pair), at };
        };
        let (name, value) = pair.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        let Some(metric) = self.metrics.iter().find(|metric| metric.name.as_bytes() == name) else {
            return Error::UnknownMetric { found: excerpt(name), at };
        };
        if metric.values.iter().any(|known| known.as_bytes() == value) {
            return Error::Repeated { metric: metric.name, at };
        }
        Error::UnknownValue {
            metric: metric.name,
            found: excerpt(value),
            at,
            expected: metric.values,
        }
    }

    #[cold]
    fn missing(&self, missing: u32) -> Error {
        let first = self.metrics.get(missing.trailing_zeros() as usize);
        Error::Missing { metric: first.map_or("", |metric| metric.name) }
    }

    /// The value of the metric of that name; `None` if this version has no such metric.
    pub(crate) fn value(&self, word: u64, name: &str) -> Option<&'static str> {
        self.metrics.iter().find(|metric| metric.name == name)?.value(word)
    }

    /// A metric's value, packed; `None` if this version has no such metric or value.
    pub(crate) fn part(&self, name: &str, value: &str) -> Option<u64> {
        let metric = self.metrics.iter().find(|metric| metric.name == name)?;
        let code = metric.values.iter().position(|known| *known == value)?;
        Some(metric.pack(u64::try_from(code).ok()?))
    }

    /// Whether no base metric of `one` is less severe than that of `other`; both packed.
    pub(crate) fn is_as_severe(&self, one: u64, other: u64) -> bool {
        let mut base = self.metrics.iter().filter(|metric| metric.group == Group::Base);
        base.all(|metric| metric.code(one) <= metric.code(other))
    }

    /// Every bit of the word is a code of some metric, and every code one of its values.
    pub(crate) fn is_valid(&self, word: u64) -> bool {
        let repacked = self.metrics.iter().try_fold(0, |sum, metric| {
            metric.value(word).map(|_| sum + metric.pack(metric.code(word)))
        });
        repacked == Some(word)
    }

    /// Writes the defined metrics in the standard's order.
    pub(crate) fn print(&self, word: u64, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let defined = self.metrics.iter().filter(|metric| metric.is_defined(word));
        for (index, metric) in defined.enumerate() {
            let slash = if index == 0 { "" } else { "/" };
            write!(out, "{slash}{}:{}", metric.name, metric.value(word).unwrap_or("?"))?;
        }
        Ok(())
    }
}

/// The bits of all metrics of a group; where they are zero, none of an optional group is defined.
#[expect(clippy::indexing_slicing, reason = "the loop ends at the length")]
pub(crate) const fn group_mask(metrics: &[Metric], group: Group) -> u64 {
    let (mut mask, mut index) = (0, 0);
    while index < metrics.len() {
        if metrics[index].group as u8 == group as u8 {
            mask |= metrics[index].mask();
        }
        index += 1;
    }
    mask
}

/// Where one metric's code lies, for the equations.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    shift: u8,
    mask: u64,
}

impl Field {
    /// The field of the metric of that name; a name the list does not have stops the build.
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler: a wrong index stops the build"
    )]
    pub(crate) const fn of(metrics: &[Metric], name: &str) -> Field {
        let mut index = 0;
        while !same(metrics[index].name, name) {
            index += 1;
        }
        let Place { shift, bits, .. } = metrics[index].place;
        Field { shift, mask: (1 << bits) - 1 }
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a field has at most five bits")]
    pub(crate) const fn code(self, word: u64) -> usize {
        (word >> self.shift & self.mask) as usize
    }

    /// The code of a base metric, unless `modified` stands in for it.
    #[inline]
    pub(crate) const fn unless(self, modified: Field, word: u64) -> usize {
        match modified.code(word) {
            0 => self.code(word),
            code => code - 1,
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "the loop ends at the length")]
const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    while at < left.len() && at < right.len() && left[at] == right[at] {
        at += 1;
    }
    at == left.len() && at == right.len()
}

/// Threat and environmental metrics of a site, ready to be laid over any packed vector:
/// two machine instructions each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Overlay {
    mask: u64,
    word: u64,
}

impl Overlay {
    #[inline]
    pub(crate) const fn over(self, word: u64) -> u64 {
        word & !self.mask | self.word
    }

    /// Without what it says of one metric.
    #[inline]
    #[must_use]
    pub(crate) const fn without(self, field: Field) -> Overlay {
        let bits = field.mask << field.shift;
        Overlay { mask: self.mask & !bits, word: self.word & !bits }
    }

    /// What it says of one metric; 0 where it says nothing.
    #[inline]
    pub(crate) const fn code(self, field: Field) -> usize {
        field.code(self.word)
    }
}

const SLASHES: u64 = u64::from_ne_bytes([b'/'; 8]);
const HIGH_BITS: u64 = u64::from_ne_bytes([0x80; 8]);

/// The eight bytes from `at` on, the first one lowest; what lies behind the end reads as slashes.
#[inline]
fn eight_bytes(text: &[u8], at: usize) -> u64 {
    match text.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => last_bytes(text, at),
    }
}

/// As `eight_bytes`, when fewer than eight are left: taken from the last eight of the text.
#[inline]
fn last_bytes(text: &[u8], at: usize) -> u64 {
    let left = text.len().saturating_sub(at).min(7) * 8;
    let tail = match text.last_chunk() {
        Some(last) => u64::from_le_bytes(*last) >> 8 >> (56 - left),
        None => text.iter().skip(at).rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
    };
    tail | SLASHES << left
}

/// One bit for each of 64 bytes from `at` on: is it `wanted`?  What lies behind the end is.
#[inline]
pub(crate) fn marks(text: &[u8], at: usize, wanted: u8) -> u64 {
    match text.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(bytes) => marks_in(bytes, wanted),
        None => last_marks(text, at, wanted),
    }
}

/// As `marks`, when fewer than 64 bytes are left: taken from the last 64 of the text.
#[inline]
fn last_marks(text: &[u8], at: usize, wanted: u8) -> u64 {
    let left = text.len().saturating_sub(at).min(63);
    let found = if let Some(last) = text.last_chunk() {
        marks_in(last, wanted) >> 1 >> (63 - left)
    } else {
        let rest = text.get(at..).unwrap_or_default();
        rest.iter().rev().fold(0, |marks, &byte| (marks << 1) | u64::from(byte == wanted))
    };
    found | u64::MAX << left
}

#[inline]
fn marks_in(bytes: &[u8; 64], wanted: u8) -> u64 {
    let (words, _) = bytes.as_chunks();
    words
        .iter()
        .rev()
        .fold(0, |marks, word| marks << 8 | marks_in_word(u64::from_le_bytes(*word), wanted))
}

#[inline]
const fn marks_in_word(bytes: u64, wanted: u8) -> u64 {
    let zero_if_wanted = bytes ^ u64::from_ne_bytes([wanted; 8]);
    // Adding 0x7f to the lower seven bits sets the top bit unless they were all zero.
    let not_zero = ((zero_if_wanted & !HIGH_BITS) + !HIGH_BITS) | zero_if_wanted;
    // The multiplication gathers the eight bits, 8 apart, in the top byte.
    ((!not_zero & HIGH_BITS) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// A mask for the first bytes of eight; all of them from eight on.
#[inline]
const fn first_bytes(count: usize) -> u64 {
    if count < 8 { !(u64::MAX << (count * 8)) } else { u64::MAX }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "nine bits remain")]
const fn slot(text: u64, multiplier: u64) -> usize {
    (text.wrapping_mul(multiplier) >> (64 - SLOTS.trailing_zeros())) as usize
}

/// `NAME:VALUE/` as the reader meets it, the first byte lowest.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn pair_text(name: &str, value: &str) -> u64 {
    let (name, value) = (name.as_bytes(), value.as_bytes());
    assert!(name.len() + 1 + value.len() <= 7, "a pair has to fit, with its slash, in eight bytes");
    let mut bytes = [0; 8];
    let (mut at, mut length) = (0, 0);
    while at < name.len() {
        bytes[length] = name[at];
        (at, length) = (at + 1, length + 1);
    }
    bytes[length] = b':';
    (at, length) = (0, length + 1);
    while at < value.len() {
        bytes[length] = value[at];
        (at, length) = (at + 1, length + 1);
    }
    bytes[length] = b'/';
    u64::from_le_bytes(bytes)
}

/// Why a text is no vector.  Places are counted in bytes, the first being 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The text opens like no version of CVSS.
    UnknownVersion { found: String },
    /// Something between two slashes that is not a name, a colon and a value.
    NoPair { found: String, at: usize },
    /// This version of CVSS has no metric of that name.
    UnknownMetric { found: String, at: usize },
    /// The metric is known, its value is not.
    UnknownValue {
        metric: &'static str,
        found: String,
        at: usize,
        expected: &'static [&'static str],
    },
    /// A metric given twice.
    Repeated { metric: &'static str, at: usize },
    /// A base metric that is not there.
    Missing { metric: &'static str },
    /// A base or supplemental metric where only a site's own metrics may stand.
    NotOfTheSite { metric: &'static str },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::UnknownVersion { found } => {
                write!(out, "no CVSS vector opens with '{found}'")
            }
            Error::NoPair { found, at } => {
                write!(out, "expected NAME:VALUE, found '{found}' at byte {at}")
            }
            Error::UnknownMetric { found, at } => {
                write!(out, "unknown metric '{found}' at byte {at}")
            }
            Error::UnknownValue { metric, found, at, expected } => {
                let expected = expected.join(", ");
                write!(
                    out,
                    "metric {metric} cannot be '{found}' at byte {at}: expected one of {expected}"
                )
            }
            Error::Repeated { metric, at } => {
                write!(out, "metric {metric} is repeated at byte {at}")
            }
            Error::Missing { metric } => write!(out, "base metric {metric} is missing"),
            Error::NotOfTheSite { metric } => {
                write!(out, "metric {metric} is neither a threat nor an environmental metric")
            }
        }
    }
}

impl std::error::Error for Error {}

/// The start of what was found, safe to show: hostile input can be long and can hold control characters.
pub(crate) fn excerpt(found: &[u8]) -> String {
    const SHOWN_BYTES: usize = 24;
    let start = found.get(..SHOWN_BYTES).unwrap_or(found);
    let mut shown: String = String::from_utf8_lossy(start)
        .chars()
        .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
        .collect();
    if found.len() > SHOWN_BYTES {
        shown.push('…');
    }
    shown
}
