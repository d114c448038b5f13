//! Windows: builds as `ver` prints them (`10.0.19045.3570`, short `19045.3570`) and feature
//! releases as people say them (`1909`, `22H2`); learn.microsoft.com, "Windows release
//! information".
//!
//! A build and a feature release are not comparable here: 22H2 is build 19045 of Windows 10
//! and build 22621 of Windows 11, and the name alone does not say which.

use super::key::{Cursor, Row};
use super::semver::numbers;
use std::cmp::Ordering;

const FEATURE: u8 = 1;
const BUILD: u8 = 2;
const END: u8 = 0x20;
const NUMBER: u8 = 0x40;

/// The lowest build of Windows 10 that was released; a row of numbers that starts here or
/// above leaves out `10.0.`.
const FIRST_BUILD_OF_TEN: u64 = 10_240;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    for word in ["version ", "os build ", "build "] {
        cursor.eat_word(word);
    }
    if let Some((year, half)) = feature(&cursor) {
        row.push(FEATURE);
        row.integer(NUMBER, year * 100 + half);
        return Some(());
    }
    row.push(BUILD);
    if first_number(&cursor)? >= FIRST_BUILD_OF_TEN {
        row.integer(NUMBER, 10);
        row.integer(NUMBER, 0);
    }
    numbers(&mut cursor, NUMBER, row)?;
    row.push(END);
    cursor.is_empty().then_some(())
}

/// Compares two rows written by [`encode`].
pub(super) fn compare(left: &[u8], right: &[u8]) -> Option<Ordering> {
    (left.first() == right.first()).then(|| left.cmp(right))
}

/// `22H2` as year and month, the second half being after every month a release had before
/// halves were counted; `1909` as year and month.
fn feature(cursor: &Cursor<'_>) -> Option<(u64, u64)> {
    match *cursor.rest() {
        [y @ b'1'..=b'9', z @ b'0'..=b'9', b'H' | b'h', half @ b'1'..=b'2'] => {
            Some((two(y, z), if half == b'1' { 6 } else { 12 }))
        }
        [y @ b'1'..=b'9', z @ b'0'..=b'9', m @ b'0'..=b'1', n @ b'0'..=b'9']
            if matches!(two(m, n), 1..=12) && two(y, z) < 21 =>
        {
            Some((two(y, z), two(m, n)))
        }
        _ => None,
    }
}

fn two(tens: u8, ones: u8) -> u64 {
    u64::from(tens - b'0') * 10 + u64::from(ones - b'0')
}

fn first_number(cursor: &Cursor<'_>) -> Option<u64> {
    let mut ahead = *cursor;
    let digits = ahead.digits();
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Windows;

    #[test]
    fn builds_and_feature_releases_each_have_an_order() {
        rising(
            Windows,
            &[
                "6.1.7601",
                "10.0.10240",
                "10.0.19045.3570",
                "19045.3693",
                "10.0.22621",
                "OS Build 22631.1",
            ],
        );
        rising(Windows, &["1507", "1909", "2004", "20H2", "21H1", "Version 22H2"]);
        equal(Windows, &["10.0.19045", "19045", "10.0.19045.0"]);
        none(Windows, "22H2", "10.0.19045");
        none(Windows, "Vista", "10.0.19045");
    }
}
