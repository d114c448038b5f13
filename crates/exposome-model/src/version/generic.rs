//! Versions as vendors of devices and products write them, for which no standard exists.
//!
//! `1.0.2zk`, `A.03.09`, `K`, `R22`, `VM5.0`, `BT02`, `2.0 SP2`, `8u291`, `v3.4 build 17`.
//! The rules below are what a biomedical engineer would agree to without looking anything up;
//! where two of them could disagree the answer is *not known*, because a wrong "already
//! fixed" harms and a "please look" does not.
//!
//! 1. Upper and lower case are the same.  `.`, `-`, `_`, `+`, parentheses and blanks only separate.
//! 2. Words that say nothing in front (`v`, `version`, `rev`, `firmware`, ...) or behind
//!    (`final`, `release`, `ga`, `lts`) are dropped.
//! 3. Numbers are whole numbers: 1.10 is after 1.9, leading zeros do not count, and zeros at
//!    the end of a row of numbers do not either: 2.0 is 2.0.0.
//! 4. What stands before the first number says which series a version belongs to.  A single
//!    letter is a revision (`A.03` before `B.01`, `K` before `N`); a word is a series of its
//!    own: `BT02` before `BT06`, but `BT02` and `VM5.0`, `R22` and `22`, `K` and `3` are not comparable.
//! 5. A letter after a number is a patch letter: 2.6, 2.6A, 2.6B, 2.7; after Z comes AA.
//! 6. A known word after a number is before the release (`alpha`, `beta`, `rc`, ...) or
//!    after it (`sp`, `patch`, `hotfix`, `update`, `build`, ...).
//! 7. What is not known: a word that is none of these against the bare release; `a` or `b`
//!    with a number (`1.0b3`: beta 3, or patch b?) against the bare release or a patch
//!    letter; two different known words after the release; a service pack against a further
//!    number (2.0 SP1, 2.0.1); `11.x` against anything of 11.
//! 8. A text without a number that is no revision letter (`unknown`, `n/a`, `current`), or
//!    with a character no version has (`,`, `/`, `<`, letters of other scripts), or a digest is
//!    no version at all.
//!
//! All answers agree with one total order (the order of the bytes), so they cannot
//! contradict one another.

use super::key::{Cursor, NUMBER_TAGS, Row, is_zero, without_leading_zeros};
use std::cmp::Ordering;

/// Longer than any version seen in 400,000 CVE records; a longer text is prose.
const LONGEST: usize = 256;

/// Writes the version as comparable bytes; `None` if it is no version by these rules.
pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    if text.len() > LONGEST {
        return None;
    }
    let mut tokens =
        Tokens { cursor: Cursor::new(text.trim_ascii()), refused: false, letter_runs: 0, gaps: 0 };
    series(&mut tokens, row)?;
    tail(&mut tokens, row);
    let digest = tokens.letter_runs > 2 && tokens.gaps == 0;
    (!tokens.refused && !digest).then_some(())
}

/// Compares two rows written by [`encode`].
pub(super) fn compare(left: &[u8], right: &[u8]) -> Option<Ordering> {
    let order = left.cmp(right);
    if order == Ordering::Equal {
        return Some(order);
    }
    let (left_series, left) = split_series(left)?;
    let (right_series, right) = split_series(right)?;
    if left_series != right_series {
        return None;
    }
    let common = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    decided(left, right, common).then_some(order)
}

// A row is: series, then parts, each opened by one of these tags, in this order.
const BEFORE_RELEASE: u8 = 0x10; // rank of the word
const END: u8 = 0x20;
const UNSURE_LETTER: u8 = 0x28; // letter
const UNSURE_WORD: u8 = 0x29; // word, zero
const ANY: u8 = 0x2a;
const LETTER: u8 = 0x30; // length, letters
const AFTER_RELEASE: u8 = 0x38; // rank of the word
const NUMBER: u8 = 0x40; // to NUMBER + NUMBER_TAGS

const SERIES_NUMBER: u8 = 1;
const SERIES_LETTER: u8 = 2;
const SERIES_WORD: u8 = 3; // word, zero

/// Says nothing about the order when it stands in front.
const EMPTY_IN_FRONT: &[&str] = &[
    "v", "ver", "vers", "version", "versions", "rel", "release", "rev", "revision", "firmware",
    "fw", "software", "sw", "build", "no", "level", "edition",
];

/// Says nothing about the order when it stands behind.
const EMPTY_BEHIND: &[&str] =
    &["final", "release", "released", "ga", "lts", "stable", "v", "ver", "version"];

/// Before the release, the earliest first.
const BEFORE: &[&[&str]] = &[
    &["dev", "nightly", "snapshot"],
    &["pre", "preview", "prerelease", "ea", "test"],
    &["alpha"],
    &["beta"],
    &["milestone"],
    &["rc", "cr", "candidate"],
];

/// After the release; kinds are not comparable with one another.
const AFTER: &[&[&str]] = &[
    &["sp", "servicepack", "service"],
    &["p", "patch", "pl", "patchlevel", "fix"],
    &["hf", "hotfix", "qfe"],
    &["u", "upd", "update"],
    &["r", "rev", "revision"],
    &["build", "bld"],
    &["cu", "cumulative"],
    &["mr", "mp", "maintenance"],
    &["fp", "fixpack"],
    &["ru", "rollup"],
    &["kb"],
];

/// Words that only lengthen the one before them: "service pack", "cumulative update".
const LENGTHENING: &[&str] = &["pack", "candidate"];

enum Token<'a> {
    Number(&'a [u8]),
    /// Letters; whether they touch what stands before them.
    Word(&'a [u8], bool),
    Any,
}

struct Tokens<'a> {
    cursor: Cursor<'a>,
    refused: bool,
    letter_runs: usize,
    gaps: usize,
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let gap = self.cursor.take_while(is_gap);
        if self.cursor.is_empty() || self.refused {
            return None;
        }
        self.gaps += usize::from(!gap.is_empty());
        let digits = self.cursor.digits();
        if !digits.is_empty() {
            return Some(Token::Number(digits));
        }
        let letters = self.cursor.letters();
        if !letters.is_empty() {
            self.letter_runs += 1;
            let last = self.cursor.rest().iter().all(|&byte| is_gap(byte));
            let wildcard = gap == b"." && letters.eq_ignore_ascii_case(b"x") && last;
            return Some(if wildcard { Token::Any } else { Token::Word(letters, gap.is_empty()) });
        }
        if self.cursor.rest() == b"*" && gap == b"." {
            self.cursor.next();
            return Some(Token::Any);
        }
        self.refused = true;
        None
    }

    /// The number that follows, if one does.
    fn number_follows(&self) -> bool {
        let mut ahead = self.cursor;
        ahead.take_while(is_gap);
        ahead.peek().is_some_and(|byte| byte.is_ascii_digit())
    }

    fn digit_touches(&self) -> bool {
        self.cursor.peek().is_some_and(|byte| byte.is_ascii_digit())
    }
}

fn is_gap(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_' | b'+' | b'(' | b')' | b' ' | b'\t')
}

/// What stands before the first number: which series the version belongs to.
fn series(tokens: &mut Tokens<'_>, row: &mut Row) -> Option<()> {
    let mut named = false;
    let mut after_revision = false;
    loop {
        if tokens.number_follows() {
            row.push(if named { 0 } else { SERIES_NUMBER });
            return Some(());
        }
        let Token::Word(word, _) = tokens.next()? else { return None };
        let letter_series = !named && word.len() <= if after_revision { 2 } else { 1 };
        let at_end = tokens.cursor.rest().iter().all(|&byte| is_gap(byte));
        if letter_series && (at_end || !is_one_of(word, &["v", "r"])) {
            row.push(SERIES_LETTER);
            letter(word, row);
            return Some(());
        }
        if !named && is_one_of(word, EMPTY_IN_FRONT) {
            after_revision = is_one_of(word, &["rev", "revision"]);
            continue;
        }
        if !named {
            row.push(SERIES_WORD);
        }
        named = true;
        row.extend(word.iter().map(u8::to_ascii_lowercase));
    }
}

/// Everything from the first number on.
fn tail(tokens: &mut Tokens<'_>, row: &mut Row) {
    let mut zeros = 0;
    while let Some(token) = tokens.next() {
        match token {
            Token::Number(digits) if is_zero(digits) => zeros += 1,
            Token::Number(digits) => {
                for _ in 0..zeros {
                    row.integer(NUMBER, 0);
                }
                zeros = 0;
                row.number(NUMBER, without_leading_zeros(digits));
            }
            Token::Any => {
                zeros = 0;
                row.push(ANY);
            }
            Token::Word(word, _)
                if is_one_of(word, EMPTY_BEHIND) || is_one_of(word, LENGTHENING) => {}
            Token::Word(word, touches) => {
                zeros = 0;
                qualifier(word, touches, tokens, row);
            }
        }
    }
    row.push(END);
}

fn qualifier(word: &[u8], touches: bool, tokens: &Tokens<'_>, row: &mut Row) {
    if let Some(rank) = rank(word, BEFORE) {
        row.push(BEFORE_RELEASE);
        row.push(rank);
    } else if let Some(rank) =
        rank(word, AFTER).filter(|_| word.len() > 1 || tokens.number_follows())
    {
        row.push(AFTER_RELEASE);
        row.push(rank);
    } else if is_one_of(word, &["a", "b"]) && tokens.digit_touches() {
        row.push(UNSURE_LETTER);
        row.extend(word.iter().map(u8::to_ascii_lowercase));
    } else if is_patch_letter(word, touches) {
        letter(word, row);
    } else {
        row.push(UNSURE_WORD);
        row.word(word.iter().map(u8::to_ascii_lowercase));
    }
}

/// One letter, or two that touch the number and come after Z: `1.0.2zk`, `2.6AA`.
fn is_patch_letter(word: &[u8], touches: bool) -> bool {
    match word {
        [_] => true,
        [first, _] => touches && matches!(first.to_ascii_lowercase(), b'z' | b'a'),
        _ => false,
    }
}

fn letter(word: &[u8], row: &mut Row) {
    row.push(LETTER);
    row.push(if word.len() > 1 { 2 } else { 1 });
    row.extend(word.iter().map(u8::to_ascii_lowercase));
}

fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

fn rank(word: &[u8], kinds: &[&[&str]]) -> Option<u8> {
    let place = kinds.iter().position(|words| is_one_of(word, words))?;
    u8::try_from(place).ok()
}

fn split_series(row: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = match row.first()? {
        &SERIES_WORD => row.iter().position(|&byte| byte == 0)? + 1,
        _ => 1,
    };
    row.split_at_checked(len)
}

/// Whether the rules answer for two rows that first differ at `common`.
fn decided(left: &[u8], right: &[u8], common: usize) -> bool {
    let mut at = 0;
    while let Some(&tag) = left.get(at) {
        let len = part_len(tag, left.get(at..).unwrap_or_default());
        if common < at + len {
            let Some(&other) = right.get(at) else { return false };
            return if tag == other {
                within_one_kind(tag)
            } else {
                between_kinds(tag.min(other), tag.max(other))
            };
        }
        at += len;
    }
    false
}

fn part_len(tag: u8, part: &[u8]) -> usize {
    match tag {
        BEFORE_RELEASE | AFTER_RELEASE | UNSURE_LETTER => 2,
        UNSURE_WORD => part.iter().position(|&byte| byte == 0).map_or(part.len(), |zero| zero + 1),
        LETTER => 2 + usize::from(part.get(1).copied().unwrap_or(0)),
        NUMBER_LONG => {
            5 + part
                .get(1..5)
                .map_or(0, |len| len.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte)))
        }
        NUMBER.. => 1 + usize::from(tag - NUMBER),
        _ => 1,
    }
}

const NUMBER_LONG: u8 = NUMBER + NUMBER_TAGS - 1;

fn within_one_kind(tag: u8) -> bool {
    !matches!(tag, UNSURE_WORD | AFTER_RELEASE)
}

/// Whether two different kinds of part at the same place can be ordered; `low` is the smaller tag.
fn between_kinds(low: u8, high: u8) -> bool {
    match (low, high) {
        (ANY, _) | (_, ANY) => false,
        (AFTER_RELEASE, NUMBER..) => false,
        (_, NUMBER..) => true,
        (BEFORE_RELEASE, END | LETTER | AFTER_RELEASE) => true,
        (END, LETTER | AFTER_RELEASE) => true,
        _ => false,
    }
}
