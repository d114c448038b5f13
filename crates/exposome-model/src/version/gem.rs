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

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Gem;

    #[test]
    fn a_word_makes_a_pre_release() {
        // rubygems, test/rubygems/test_gem_version.rb.
        rising(Gem, &["0.beta.1", "0.0.beta.2", "0"]);
        rising(Gem, &["1.8.2.a", "1.8.2.a9", "1.8.2.a10", "1.8.2.b", "1.8.2", "1.8.2.1", "1.8.10"]);
        rising(Gem, &["5.0.0.beta2", "5.0.0.beta11", "5.0.0.rc1", "5.0.0.rc2", "5.0.0"]);
        rising(Gem, &["1.b.0.a", "1.b", "1.b.0.1", "1.b.1"]);
        equal(Gem, &["1", "1.0", "1.0.0", "1.0.0 "]);
        equal(Gem, &["1.0.a", "1.a"]);
        equal(Gem, &["1.0-rc1", "1.0.pre.rc1"]);
        none(Gem, "junk", "1");
        none(Gem, "1.2_3", "1");
    }
}
