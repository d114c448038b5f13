//! Gentoo ebuilds: `1.2.3b_rc1_p2-r4` (Package Manager Specification, section 3.3).
//!
//! All numbers first, then the letter, then the suffixes, then the revision (none is 0).  A
//! number that starts with 0, other than the first, is compared as a decimal fraction.

use super::key::{Cursor, Row};

const NO_MORE: u8 = 0x20;
const FRACTION: u8 = 0x30;
const NUMBER: u8 = 0x40;

const SUFFIXES: &[(&str, u8)] =
    &[("alpha", 0x10), ("beta", 0x11), ("pre", 0x12), ("rc", 0x13), ("p", 0x30)];

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    row.number(NUMBER, some(cursor.digits())?);
    while cursor.eat(b'.') {
        component(some(cursor.digits())?, row);
    }
    row.push(NO_MORE);
    match cursor.peek() {
        Some(letter @ b'a'..=b'z') => {
            cursor.next();
            row.push(letter);
        }
        _ => row.push(1),
    }
    while cursor.eat(b'_') {
        let &(_, place) = SUFFIXES.iter().find(|(name, _)| cursor.eat_word(name))?;
        row.push(place);
        row.number(NUMBER, cursor.digits());
    }
    row.push(NO_MORE);
    let revision = if cursor.eat_word("-r") { some(cursor.digits())? } else { b"0" };
    row.number(NUMBER, revision);
    cursor.is_empty().then_some(())
}

fn component(digits: &[u8], row: &mut Row) {
    if digits.first() == Some(&b'0') {
        let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
        row.push(FRACTION);
        row.word(digits.iter().copied().take(digits.len() - zeros));
    } else {
        row.number(NUMBER, digits);
    }
}

fn some(bytes: &[u8]) -> Option<&[u8]> {
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Gentoo;

    #[test]
    fn numbers_then_letter_then_suffixes_then_revision() {
        // Package Manager Specification, algorithms 3.1 to 3.7.
        rising(
            Gentoo,
            &[
                "1.0_alpha",
                "1.0_alpha2",
                "1.0_beta",
                "1.0_pre",
                "1.0_rc",
                "1.0_rc_p1",
                "1.0",
                "1.0-r1",
                "1.0_p",
                "1.0_p1",
                "1.0a",
                "1.0.0",
            ],
        );
        rising(Gentoo, &["1.001", "1.01", "1.010_p1", "1.1", "1.10"]);
        equal(Gentoo, &["1.01", "1.010", "1.01-r0"]);
        none(Gentoo, "1.0-1", "1.0");
    }
}
