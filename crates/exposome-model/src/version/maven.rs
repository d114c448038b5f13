//! Maven: the order of `ComparableVersion` (maven.apache.org, POM reference, "Version order
//! specification").
//!
//! Tokens between `.`, `-`, `_` and every change from digits to letters or back (which counts as
//! `-`).  Tokens that mean nothing (0, `final`, `ga`, `release`) are dropped at the end and before
//! each `-`.  At the same place: words before the release, the end, `sp`, other words, a
//! number after `-`, a number after `.`.
//!
//! Taken to the letter the specification contradicts itself (1 after 1.0.alpha, that after
//! 1-sp, that after 1); zeros that a word before the release follows are dropped here as they
//! are before `-`, which is also what Maven 3.8 does.  Where two words follow one another
//! (`1.0.rc-rc1`) its answers form no order and are not followed.

use super::key::{Cursor, Row, is_zero};

const BEFORE_RELEASE: u8 = 0x10;
const END: u8 = 0x20;
const SERVICE_PACK: u8 = 0x28;
const WORD: u8 = 0x30;
const DASH_NUMBER: u8 = 0x40;
const DOT_NUMBER: u8 = 0x50;

const BEFORE: &[(&str, u8)] =
    &[("alpha", 0), ("beta", 1), ("milestone", 2), ("rc", 3), ("cr", 3), ("snapshot", 4)];
/// Abbreviations, only where a digit follows.
const SHORT_BEFORE: &[(&str, u8)] = &[("a", 0), ("b", 1), ("m", 2)];
const NOTHING: &[&str] = &["final", "ga", "release"];

#[derive(Clone, Copy)]
enum Token<'a> {
    Number(&'a [u8]),
    Word(&'a [u8], bool),
}

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let text = text.trim_ascii();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut tokens = Tokens { cursor: Cursor::new(text), dash: false };
    // Tokens that mean nothing wait here until something after them gives them a meaning.
    let mut waiting = Waiting { first: DOT_NUMBER, count: 0 };
    while let Some((token, dash)) = tokens.next() {
        if dash {
            waiting.count = 0;
        }
        if token.means_nothing() {
            waiting.add(if dash { DASH_NUMBER } else { DOT_NUMBER });
            continue;
        }
        if matches!(token.place(), BEFORE_RELEASE..END) {
            waiting.count = 0;
        }
        waiting.write(row);
        token.write(dash, row);
    }
    row.push(END);
    Some(())
}

impl Token<'_> {
    fn means_nothing(self) -> bool {
        match self {
            Token::Number(digits) => is_zero(digits),
            Token::Word(word, _) => {
                NOTHING.iter().any(|nothing| nothing.as_bytes().eq_ignore_ascii_case(word))
            }
        }
    }

    /// The tag of a word.
    fn place(self) -> u8 {
        let Token::Word(word, digit_follows) = self else { return DOT_NUMBER };
        let find = |words: &[(&str, u8)]| {
            words
                .iter()
                .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word))
                .map(|(_, rank)| *rank)
        };
        match find(BEFORE).or_else(|| find(SHORT_BEFORE).filter(|_| digit_follows)) {
            Some(rank) => BEFORE_RELEASE + rank,
            None if word.eq_ignore_ascii_case(b"sp") => SERVICE_PACK,
            None => WORD,
        }
    }

    fn write(self, dash: bool, row: &mut Row) {
        match self {
            Token::Number(digits) => {
                row.number(if dash { DASH_NUMBER } else { DOT_NUMBER }, digits);
            }
            Token::Word(word, _) => {
                let place = self.place();
                row.push(place);
                if place == WORD {
                    row.word(word.iter().map(u8::to_ascii_lowercase));
                }
            }
        }
    }
}

/// Zeros in a row: only the first can follow a dash.
struct Waiting {
    first: u8,
    count: usize,
}

impl Waiting {
    fn add(&mut self, tag: u8) {
        if self.count == 0 {
            self.first = tag;
        }
        self.count += 1;
    }

    fn write(&mut self, row: &mut Row) {
        for place in 0..std::mem::take(&mut self.count) {
            row.integer(if place == 0 { self.first } else { DOT_NUMBER }, 0);
        }
    }
}

struct Tokens<'a> {
    cursor: Cursor<'a>,
    /// Whether the token to come follows a dash, or a change that counts as one.
    dash: bool,
}

impl<'a> Tokens<'a> {
    /// The next token and whether a dash stands before it; an empty one is a zero.
    fn next(&mut self) -> Option<(Token<'a>, bool)> {
        if self.cursor.is_empty() {
            return None;
        }
        let dash = self.dash;
        let digits = self.cursor.digits();
        let word = if digits.is_empty() {
            self.cursor.take_while(|byte| !byte.is_ascii_digit() && !is_separator(byte))
        } else {
            b""
        };
        let digit_follows = self.cursor.peek().is_some_and(|byte| byte.is_ascii_digit());
        self.step_over_separator();
        Some((
            if word.is_empty() { Token::Number(digits) } else { Token::Word(word, digit_follows) },
            dash,
        ))
    }

    /// Where there is none, digits and letters meet.
    fn step_over_separator(&mut self) {
        let separator = self.cursor.peek().filter(|&byte| is_separator(byte));
        if separator.is_some() {
            self.cursor.next();
        }
        self.dash = separator != Some(b'.');
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'.' | b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Maven;

    #[test]
    fn the_examples_of_the_specification_are_in_order() {
        // maven.apache.org, POM reference, "Version order specification", examples.
        rising(Maven, &["1-1.foo-bar1baz-.1", "1-1.foo-bar2"]);
        rising(
            Maven,
            &[
                "1-alpha",
                "1-beta-2",
                "1-milestone-1",
                "1-rc1",
                "1-SNAPSHOT",
                "1",
                "1-sp",
                "1-foo",
                "1-1",
                "1.1",
            ],
        );
        rising(Maven, &["1-sp-1", "1-ga-1"]);
        rising(Maven, &["1.K", "1.7"]);
        equal(Maven, &["1", "1.0", "1-ga", "1.0.0-final", "1-0", "1.release"]);
        equal(Maven, &["1-a1", "1-alpha-1", "1.0alpha1"]);
        none(Maven, "", "1");
    }

    #[test]
    fn what_the_specification_leaves_in_a_circle_has_an_order() {
        rising(Maven, &["1.0.alpha", "1", "1-sp"]);
        equal(Maven, &["1-alpha", "1.0.alpha", "1.0.0.Alpha"]);
        rising(Maven, &["4.1.0.Alpha2", "4.1.0.Beta1", "4.1.0.CR1", "4.1.0.Final", "4.1.1.Beta1"]);
    }
}
