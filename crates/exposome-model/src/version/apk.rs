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
