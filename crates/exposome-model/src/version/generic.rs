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
//! 8. Where more than two runs of letters and digits touch, the letters are the series and only
//!    the numbers count: `V100R001C02` before `V100R002C00`, `N1MET49W` before `N1MET50W`.
//! 9. A text without a number that is no revision letter (`unknown`, `n/a`, `current`), or
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
    let text = text.trim_ascii();
    if text.len() > LONGEST || is_digest(text) {
        return None;
    }
    if is_run_together(text) {
        pattern(text, row);
        return Some(());
    }
    let mut tokens = Tokens { cursor: Cursor::new(text), refused: false };
    series(&mut tokens, row)?;
    tail(&mut tokens, row);
    (!tokens.refused).then_some(())
}

/// Hexadecimal digits, letters among them, as many as the shortest digests in use have.
fn is_digest(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) && letter_runs(text) > 1
}

/// More than two runs of letters between digits and nothing that separates: `V100R001C02B023`.
fn is_run_together(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric()) && letter_runs(text) > 2
}

fn letter_runs(text: &str) -> usize {
    let mut cursor = Cursor::new(text);
    let mut runs = 0;
    while !cursor.is_empty() {
        cursor.take_while(|byte| !byte.is_ascii_alphabetic());
        runs += usize::from(!cursor.letters().is_empty());
    }
    runs
}

/// The letters are the series, the numbers are the version.
fn pattern(text: &str, row: &mut Row) {
    row.push(SERIES_WORD);
    let mut cursor = Cursor::new(text);
    while !cursor.is_empty() {
        row.extend(cursor.letters().iter().map(u8::to_ascii_lowercase));
        if !cursor.digits().is_empty() {
            row.push(b'#');
        }
    }
    row.push(0);
    cursor = Cursor::new(text);
    while !cursor.is_empty() {
        cursor.letters();
        row.number(NUMBER, cursor.digits());
    }
    row.push(END);
}

/// Compares two rows written by [`encode`].
pub(super) fn compare(left: &[u8], right: &[u8]) -> Option<Ordering> {
    let order = left.cmp(right);
    if order == Ordering::Equal {
        return Some(order);
    }
    let (left_series, left) = split_series(left)?;
    let (right_series, right) = split_series(right)?;
    (left_series == right_series && decided(left, right)).then_some(order)
}

/// Whether a row is in the series of numbers and has only parts that the rules can order: numbers,
/// words before the release, letters that do not follow a zero.
pub(super) fn is_plain(row: &[u8]) -> bool {
    let Some((&SERIES_NUMBER, mut rest)) = row.split_first() else { return false };
    let mut after_zero = false;
    while let Some(&tag) = rest.first() {
        if !matches!(tag, NUMBER..|BEFORE_RELEASE| END | LETTER) || (tag == LETTER && after_zero) {
            return false;
        }
        after_zero = tag == NUMBER;
        rest = rest.get(part_len(tag, rest)..).unwrap_or_default();
    }
    true
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
}

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let gap = self.cursor.take_while(is_gap);
        if self.cursor.is_empty() || self.refused {
            return None;
        }
        let digits = self.cursor.digits();
        if !digits.is_empty() {
            return Some(Token::Number(digits));
        }
        let letters = self.cursor.letters();
        if !letters.is_empty() {
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
    matches!(byte, b'.' | b'-' | b'_' | b'+' | b'(' | b')' | b'\\' | b' ' | b'\t')
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

/// Everything from the first number on.  Zeros wait until it is known what they stand before:
/// before the end and before a pre-release they do not count.
fn tail(tokens: &mut Tokens<'_>, row: &mut Row) {
    let mut zeros = 0;
    while let Some(token) = tokens.next() {
        match token {
            Token::Number(digits) if is_zero(digits) => zeros += 1,
            Token::Number(digits) => {
                write_zeros(&mut zeros, row);
                row.number(NUMBER, without_leading_zeros(digits));
            }
            Token::Any => {
                write_zeros(&mut zeros, row);
                row.push(ANY);
            }
            // A single letter that touches its number is a patch letter: 1.1.1v comes after 1.1.1u.
            Token::Word(word, touches)
                if (is_one_of(word, EMPTY_BEHIND) && !(touches && word.len() == 1))
                    || is_one_of(word, LENGTHENING) => {}
            Token::Word(word, touches) => {
                if let Some(rank) = rank(word, BEFORE) {
                    zeros = 0;
                    row.push(BEFORE_RELEASE);
                    row.push(rank);
                } else {
                    write_zeros(&mut zeros, row);
                    qualifier(word, touches, tokens, row);
                }
            }
        }
    }
    row.push(END);
}

fn write_zeros(zeros: &mut usize, row: &mut Row) {
    for _ in 0..std::mem::take(zeros) {
        row.integer(NUMBER, 0);
    }
}

/// A word that does not come before the release.
fn qualifier(word: &[u8], touches: bool, tokens: &Tokens<'_>, row: &mut Row) {
    if let Some(rank) = rank(word, AFTER).filter(|_| word.len() > 1 || tokens.number_follows()) {
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

/// Whether the rules answer for two rows that differ.
fn decided(mut left: &[u8], mut right: &[u8]) -> bool {
    while let (Some(&left_tag), Some(&right_tag)) = (left.first(), right.first()) {
        if left_tag != right_tag {
            let (low, high) =
                if left_tag < right_tag { (left_tag, right) } else { (right_tag, left) };
            return low >= NUMBER || between_kinds(low, first_but_zeros(high));
        }
        let (Some((part, left_rest)), Some((other, right_rest))) = (
            left.split_at_checked(part_len(left_tag, left)),
            right.split_at_checked(part_len(right_tag, right)),
        ) else {
            return false;
        };
        if part != other {
            return within_one_kind(left_tag);
        }
        (left, right) = (left_rest, right_rest);
    }
    false
}

/// The tag of what follows the zeros a row opens with: `2` and `2.0 SP1` differ in the service
/// pack, not in the zero.
fn first_but_zeros(row: &[u8]) -> u8 {
    row.iter().copied().find(|&tag| tag != NUMBER).unwrap_or(END)
}

/// The bytes a part takes, its tag included.
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
        (ANY, _) | (_, ANY) | (AFTER_RELEASE, NUMBER..) => false,
        (_, NUMBER..) | (BEFORE_RELEASE, END) | (BEFORE_RELEASE | END, LETTER | AFTER_RELEASE) => {
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Generic;

    #[test]
    fn numbers_between_dots_are_whole_numbers() {
        rising(Generic, &["1.9", "1.10", "1.10.1", "1.11", "2", "10.0"]);
        equal(
            Generic,
            &[
                "2",
                "2.0",
                "2.0.0",
                "v2.0",
                "V2",
                "Version 2.0",
                "2.0 final",
                "2.00",
                "02.0",
                "Firmware 2.0",
                "2.0 GA",
            ],
        );
    }

    #[test]
    fn a_letter_after_a_number_is_a_patch() {
        // OpenSSL security advisories; CSAF documents of CISA (ICSMA).
        rising(Generic, &["1.0.2", "1.0.2a", "1.0.2k", "1.0.2z", "1.0.2za", "1.0.2zk", "1.0.3"]);
        rising(Generic, &["2.6", "2.6A", "2.6b", "2.6Z", "2.6AA", "2.7"]);
        equal(Generic, &["2.6A", "2.6a", "2.6-a", "2.6 A", "2.6.A"]);
    }

    #[test]
    fn revision_letters_follow_the_alphabet() {
        rising(Generic, &["A", "K", "N", "Z"]);
        rising(Generic, &["A.03.09", "A.03.10", "A.04", "B.01"]);
        rising(Generic, &["Rev A", "Rev. B", "Revision C", "rev Z", "rev AA"]);
        equal(Generic, &["K", "k", "Rev K", "rev. k", "Revision K"]);
    }

    #[test]
    fn a_series_counts_by_itself() {
        rising(Generic, &["BT02", "BT06", "BT10"]);
        rising(Generic, &["VM4.9", "VM5.0", "VM5.0.1"]);
        rising(Generic, &["R21", "R22", "R22.1"]);
        rising(Generic, &["Windows 7", "Windows 10"]);
        none(Generic, "BT02", "VM5.0");
        none(Generic, "R22", "22");
        none(Generic, "K", "3.4");
        none(Generic, "VM5.0", "5.0");
    }

    #[test]
    fn letters_and_numbers_that_run_together_are_a_pattern() {
        rising(Generic, &["V100R001C02B023", "V100R001C02B100", "V100R002C00B001"]);
        rising(Generic, &["n1met49w", "n1met50w"]);
        none(Generic, "n1met49w", "n1uet49w");
        none(Generic, "V100R001C02", "V100R001C02B023");
    }

    #[test]
    fn words_come_before_or_after_the_release() {
        rising(
            Generic,
            &[
                "2.0-alpha",
                "2.0-alpha2",
                "2.0 beta 1",
                "2.0-rc1",
                "2.0rc2",
                "2.0",
                "2.0 SP1",
                "2.0 SP2",
                "2.1",
            ],
        );
        rising(Generic, &["8", "8u281", "8 Update 291", "9"]);
        rising(Generic, &["3.1", "3.1 Hotfix 3", "3.1 HF4", "3.2"]);
        rising(Generic, &["4.1", "4.1 build 1234", "4.1 (build 1240)"]);
        rising(Generic, &["2008", "2008 R2", "2012"]);
        equal(Generic, &["2.0 SP2", "2.0 Service Pack 2", "2.0SP2", "v2.0-sp2"]);
    }

    #[test]
    fn what_two_engineers_could_dispute_is_not_known() {
        none(Generic, "1.0b3", "1.0");
        none(Generic, "1.0b3", "1.0c");
        none(Generic, "2.0 SP1", "2.0 Hotfix 3");
        none(Generic, "2.0 SP1", "2.0.1");
        none(Generic, "6.7 U3", "6.7.1");
        none(Generic, "2.0b3", "2.0 SP1");
        none(Generic, "2.0b3", "2.0-rc1");
        none(Generic, "2.0 wireless", "2.0 SP1");
        none(Generic, "2.0.x", "2");
        none(Generic, "2.0 wireless", "2.0");
        none(Generic, "11.x", "11.5");
        none(Generic, "11.x", "11");
        rising(Generic, &["10.5", "11.x", "12"]);
        rising(Generic, &["1.0b3", "1.0b4", "1.0.1"]);
        rising(Generic, &["1.9", "2.0 wireless", "2.1"]);
        rising(Generic, &["2.0.0 SP1", "2.0.1", "2.0.1 SP1", "2.0.2"]);
        rising(Generic, &["2.0.x", "2.1", "2.2"]);
        none(Generic, "2.1", "2.1.x");
    }

    #[test]
    fn a_word_is_no_version() {
        for word in [
            "unknown",
            "n/a",
            "NA",
            "current",
            "",
            "-",
            "*",
            "all versions",
            "1.0, 2.0",
            "< 3.4",
            "version",
            "版本 1",
            "2/3",
            "d41d8cd98f00b204",
        ] {
            none(Generic, word, "1.0");
            none(Generic, word, word);
        }
    }

    #[test]
    fn the_shapes_of_medical_advisories_are_read() {
        rising(Generic, &["2003", "2006"]);
        rising(Generic, &["17D18", "17D19", "20D29", "20D32"]);
        rising(Generic, &["9.1.7.40", "9.1.7.41", "9.1(8)"]);
        rising(Generic, &["15.2(4)M3", "15.2(4)M4", "15.2(5)"]);
        rising(Generic, &["20H2", "21H1", "22H2"]);
        rising(Generic, &["10.0.19044.1288", "10.0.19045.3570"]);
    }
}
