//! Conan packages: `1.2.3-pre.1+build.2` (docs.conan.io, "Version ranges"; Conan 2
//! `conan/internal/model/version.py`).
//!
//! Any number of parts between dots; zeros at the end do not count.  Before the release comes
//! what has a `-` part, after it what has a `+` part.  Conan compares a number with a word as
//! texts, which puts 10 before 10a, 10a before 2 and 2 before 10; to have an order at all a
//! part is read here as a number and what follows it, and a part without a number comes last.

use super::key::{Cursor, Row};

const END: u8 = 0x20;
const NUMBER: u8 = 0x40;
const WORD: u8 = 0x60;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let text = text.trim_ascii();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let (text, build) =
        text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (main, pre) = text.split_once('-').map_or((text, None), |(main, pre)| (main, Some(pre)));
    parts(main, row);
    section(pre, 1, 2, row);
    section(build, 2, 1, row);
    Some(())
}

fn section(text: Option<&str>, present: u8, absent: u8, row: &mut Row) {
    match text {
        Some(text) => {
            row.push(present);
            parts(text, row);
        }
        None => row.push(absent),
    }
}

fn parts(text: &str, row: &mut Row) {
    let mut zeros = 0_usize;
    for part in text.split('.').filter(|_| !text.is_empty()) {
        let mut cursor = Cursor::new(part);
        let digits = cursor.digits();
        if cursor.is_empty() && super::key::is_zero(digits) {
            zeros += 1;
            continue;
        }
        for _ in 0..zeros {
            row.integer(NUMBER, 0);
            row.push(0);
        }
        zeros = 0;
        if digits.is_empty() {
            row.push(WORD);
        } else {
            row.number(NUMBER, digits);
        }
        row.word(cursor.rest().iter().copied());
    }
    row.push(END);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Conan;

    #[test]
    fn pre_releases_come_before_and_builds_after() {
        rising(Conan, &["1.1-", "1.1-alpha.3", "1.1-alpha.22", "1.1", "1.1+b1", "1.1+b2", "1.1.1"]);
        rising(Conan, &["2", "10", "10a", "11", "a"]);
        equal(Conan, &["1", "1.0", "1.0.0"]);
        none(Conan, "", "1");
    }
}
