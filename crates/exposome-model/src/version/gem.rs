//! Ruby gems: `Gem::Version` (rubygems, `lib/rubygems/version.rb`).
//!
//! Runs of digits and runs of letters; a word is a pre-release and comes before any number, a
//! missing part is 0.  `-` is read as `.pre.`.

use super::key::{Cursor, Row, is_zero};

const WORD: u8 = 0x10;
/// A zero of which only words are left to tell: `1.b.0.a` is before `1.b`.
const ZERO_BEFORE_WORD: u8 = 0x18;
const END: u8 = 0x20;
const NUMBER: u8 = 0x40;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    if !cursor.peek()?.is_ascii_digit() {
        return None;
    }
    let mut zeros = 0_usize;
    let mut word_seen = false;
    while let Some(byte) = cursor.peek() {
        match byte {
            b'0'..=b'9' => {
                let digits = cursor.digits();
                if is_zero(digits) {
                    zeros += 1;
                } else {
                    zeros = flush(zeros, |row| row.integer(NUMBER, 0), row);
                    row.number(NUMBER, digits);
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' => {
                zeros = before_word(zeros, word_seen, row);
                word_seen = true;
                word(cursor.letters(), row);
            }
            b'.' => {
                cursor.next();
            }
            b'-' => {
                cursor.next();
                zeros = before_word(zeros, word_seen, row);
                word_seen = true;
                word(b"pre", row);
            }
            _ => return None,
        }
    }
    row.push(END);
    Some(())
}

/// Zeros before the first word do not count at all.
fn before_word(zeros: usize, word_seen: bool, row: &mut Row) -> usize {
    flush(if word_seen { zeros } else { 0 }, |row| row.push(ZERO_BEFORE_WORD), row)
}

fn flush(zeros: usize, write: impl Fn(&mut Row), row: &mut Row) -> usize {
    for _ in 0..zeros {
        write(row);
    }
    0
}

fn word(letters: &[u8], row: &mut Row) {
    row.push(WORD);
    row.word(letters.iter().copied());
}
