//! Alpine packages: `1.2.3b_rc1_p2-r4` (apk-tools, `src/version.c`).
//!
//! Numbers between dots, a letter, suffixes with numbers, a commit, a build revision.  A
//! number that starts with 0, other than the first, is compared as text.  At the same place a
//! pre-release suffix comes before the end, the end before a revision, that before a commit,
//! a suffix, a letter, a further number.

use super::key::{Cursor, Row};

const END: u8 = 0x20;
const REVISION: u8 = 0x21;
const COMMIT: u8 = 0x2c;
const LETTER: u8 = 0x30;
const ZERO_LED: u8 = 0x40;
const NUMBER: u8 = 0x41;
const SUFFIX_NUMBER: u8 = 0x50;

/// The suffixes and their place: four before the release (below [`END`]), five after it.
pub(super) const SUFFIXES: &[(&str, u8)] = &[
    ("alpha", 0x10),
    ("beta", 0x11),
    ("pre", 0x12),
    ("rc", 0x13),
    ("cvs", 0x2d),
    ("svn", 0x2d),
    ("git", 0x2e),
    ("hg", 0x2e),
    ("p", 0x2f),
];

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    row.number(NUMBER, some(cursor.digits())?);
    while cursor.eat(b'.') {
        component(some(cursor.digits())?, row);
    }
    if let Some(letter @ b'a'..=b'z') = cursor.peek() {
        cursor.next();
        row.push(LETTER);
        row.push(letter);
    }
    while cursor.eat(b'_') {
        let &(_, place) = SUFFIXES.iter().find(|(name, _)| cursor.eat_word(name))?;
        row.push(place);
        let digits = cursor.digits();
        if !digits.is_empty() {
            row.number(SUFFIX_NUMBER, digits);
        }
    }
    if cursor.eat(b'~') {
        row.push(COMMIT);
        row.word(some(cursor.take_while(|byte| byte.is_ascii_hexdigit()))?.iter().copied());
    }
    if cursor.eat_word("-r") {
        row.number(REVISION, some(cursor.digits())?);
    }
    row.push(END);
    cursor.is_empty().then_some(())
}

fn component(digits: &[u8], row: &mut Row) {
    if digits.first() == Some(&b'0') {
        row.push(ZERO_LED);
        row.word(digits.iter().copied());
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
    use crate::version::Scheme::Alpine;

    #[test]
    fn suffixes_and_revisions_are_in_order() {
        // apk-tools, test/unit/version_test.data.
        rising(
            Alpine,
            &[
                "1.0_alpha",
                "1.0_alpha1",
                "1.0_beta",
                "1.0_pre2",
                "1.0_rc1",
                "1.0",
                "1.0-r1",
                "1.0-r10",
                "1.0_p1",
                "1.0_p1-r2",
                "1.0b",
                "1.0.0",
                "1.0.1",
            ],
        );
        rising(Alpine, &["1.0.06", "1.0.1"]);
        for text in ["", "a", "1.", "1.0_", "1.0_foo", "1.0-r", "1.0-1", "1.0bc"] {
            none(Alpine, text, "1.0");
        }
        equal(Alpine, &["6.5_p20250503-r0", "6.5_p20250503-r0"]);
    }
}
