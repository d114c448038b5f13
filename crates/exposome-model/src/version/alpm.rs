//! Arch packages: `[epoch:]version[-release]` by libalpm (pacman, `lib/libalpm/version.c`;
//! the manual page vercmp(8)).
//!
//! Like an old rpmvercmp, with two differences: how many separators stand before a segment
//! counts, and letters that touch what stands before them come before the end (1.0rc, 1.0).
//! Releases are compared only where both have one, so 1.0 equals both 1.0-1 and 1.0-2.

use super::key::{Cursor, Row};
use std::cmp::Ordering;

const TOUCHING_WORD: u8 = 0x04;
const END: u8 = 0x08;
const NUMBER: u8 = 0x10;
const SEPARATORS: u8 = 0x30;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let text = text.trim_ascii();
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let (version, release) =
        rest.rsplit_once('-').map_or((rest, None), |(version, release)| (version, Some(release)));
    if !epoch.bytes().all(|byte| byte.is_ascii_digit())
        || version.is_empty()
        || !text.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return None;
    }
    row.number(NUMBER, epoch.as_bytes());
    segments(version, row);
    if let Some(release) = release {
        segments(release, row);
    }
    Some(())
}

/// A row without a release is the beginning of every row with one.
pub(super) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let len = left.len().min(right.len());
    left.get(..len).cmp(&right.get(..len))
}

fn segments(text: &str, row: &mut Row) {
    let mut cursor = Cursor::new(text);
    while !cursor.is_empty() {
        let separators = cursor.take_while(|byte| !byte.is_ascii_alphanumeric()).len();
        if separators > 0 {
            row.integer(SEPARATORS, separators as u64);
        }
        let digits = cursor.digits();
        if !digits.is_empty() {
            row.number(NUMBER, digits);
            continue;
        }
        let letters = cursor.letters();
        if !letters.is_empty() {
            row.push(TOUCHING_WORD);
            row.word(letters.iter().copied());
        }
    }
    row.push(END);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Alpm;

    #[test]
    fn letters_that_touch_come_before_the_end() {
        // vercmp(8).
        rising(
            Alpm,
            &["1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"],
        );
        rising(Alpm, &["1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0"]);
        equal(Alpm, &["1.0", "1.0-1", "0:1.0"]);
        none(Alpm, "", "1");
    }
}
