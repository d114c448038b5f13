//! Python packages: PEP 440 (packaging.python.org, "Version specifiers").
//!
//! `[N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]`, with the spellings that the section
//! "Normalization" allows.  A development release of nothing comes before the pre-releases,
//! these before the release, that before its post-releases.

use super::key::{Cursor, Row};
use super::semver::numbers;

const NUMBER: u8 = 0x40;
const NO_MORE: u8 = 0x20;

const PRE: &[(&str, u8)] = &[
    ("alpha", 1),
    ("a", 1),
    ("beta", 2),
    ("b", 2),
    ("preview", 3),
    ("pre", 3),
    ("rc", 3),
    ("c", 3),
];
const POST: &[(&str, u8)] = &[("post", 1), ("rev", 1), ("r", 1)];
const DEV: &[(&str, u8)] = &[("dev", 1)];

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    let _ = cursor.eat(b'v') || cursor.eat(b'V');
    epoch(&mut cursor, row);
    release(&mut cursor, row)?;
    let pre = phase(&mut cursor, PRE);
    let post = phase(&mut cursor, POST).or_else(|| bare_post(&mut cursor));
    let dev = phase(&mut cursor, DEV);
    match (&pre, &post, &dev) {
        (Some((rank, digits)), _, _) => {
            row.push(1 + rank);
            row.number(NUMBER, digits);
        }
        (None, None, Some(_)) => row.push(1),
        (None, _, _) => row.push(9),
    }
    optional(post, 1, 2, row);
    optional(dev, 3, 2, row);
    local(&mut cursor, row)?;
    cursor.is_empty().then_some(())
}

fn epoch(cursor: &mut Cursor<'_>, row: &mut Row) {
    let mut ahead = *cursor;
    let digits = ahead.digits();
    if !digits.is_empty() && ahead.eat(b'!') {
        *cursor = ahead;
        row.number(NUMBER, digits);
    } else {
        row.integer(NUMBER, 0);
    }
}

/// Numbers between dots; a dot that no number follows belongs to the next part.
fn release(cursor: &mut Cursor<'_>, row: &mut Row) -> Option<()> {
    let rest = cursor.rest();
    let mut end = 0;
    let mut digit_before = false;
    for (place, &byte) in rest.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                digit_before = true;
                end = place + 1;
            }
            b'.' if digit_before => digit_before = false,
            _ => break,
        }
    }
    let release = std::str::from_utf8(rest.get(..end)?).ok()?;
    numbers(&mut Cursor::new(release), NUMBER, row)?;
    row.push(NO_MORE);
    *cursor = Cursor::new(std::str::from_utf8(rest.get(end..)?).ok()?);
    Some(())
}

/// `[.-_]?word[.-_]?N?`: the rank of the word and the number, zero if none.
fn phase<'a>(cursor: &mut Cursor<'a>, words: &[(&str, u8)]) -> Option<(u8, &'a [u8])> {
    let mut ahead = *cursor;
    separator(&mut ahead);
    let &(_, rank) = words.iter().find(|(word, _)| ahead.eat_word(word))?;
    separator(&mut ahead);
    let digits = ahead.digits();
    *cursor = ahead;
    Some((rank, digits))
}

/// `1.0-1` is `1.0.post1`.
fn bare_post<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, &'a [u8])> {
    let mut ahead = *cursor;
    let digits = if ahead.eat(b'-') { ahead.digits() } else { return None };
    if digits.is_empty() {
        return None;
    }
    *cursor = ahead;
    Some((1, digits))
}

fn separator(cursor: &mut Cursor<'_>) {
    let _ = cursor.eat(b'.') || cursor.eat(b'-') || cursor.eat(b'_');
}

fn optional(part: Option<(u8, &[u8])>, absent: u8, present: u8, row: &mut Row) {
    match part {
        Some((_, digits)) => {
            row.push(present);
            row.number(NUMBER, digits);
        }
        None => row.push(absent),
    }
}

/// Segments after `+`: a number comes after a word.
fn local(cursor: &mut Cursor<'_>, row: &mut Row) -> Option<()> {
    if !cursor.eat(b'+') {
        row.push(1);
        return Some(());
    }
    row.push(2);
    loop {
        let segment = cursor.take_while(|byte| byte.is_ascii_alphanumeric());
        if segment.is_empty() {
            return None;
        }
        if segment.iter().all(u8::is_ascii_digit) {
            row.number(NUMBER, segment);
        } else {
            row.push(0x30);
            row.word(segment.iter().map(u8::to_ascii_lowercase));
        }
        if !(cursor.eat(b'.') || cursor.eat(b'-') || cursor.eat(b'_')) {
            row.push(NO_MORE);
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Pypi;

    #[test]
    fn the_phases_of_a_release_are_in_order() {
        // packaging.python.org, "Version specifiers", summary of permitted suffixes and relative ordering.
        rising(
            Pypi,
            &[
                "1.dev0",
                "1.0.dev456",
                "1.0a1",
                "1.0a2.dev456",
                "1.0a12.dev456",
                "1.0a12",
                "1.0b1.dev456",
                "1.0b2",
                "1.0b2.post345.dev456",
                "1.0b2.post345",
                "1.0rc1.dev456",
                "1.0rc1",
                "1.0",
                "1.0+abc.5",
                "1.0+abc.7",
                "1.0+5",
                "1.0.post456.dev34",
                "1.0.post456",
                "1.0.15",
                "1.1.dev1",
                "1!0.5",
            ],
        );
    }

    #[test]
    fn one_version_has_many_spellings() {
        equal(Pypi, &["1.0", "1.0.0", "v1.0", "01.0", " 1 "]);
        equal(Pypi, &["1.1a1", "1.1.alpha1", "1.1-ALPHA-1", "1.1_a.1"]);
        equal(Pypi, &["1.0rc1", "1.0c1", "1.0-pre1", "1.0preview1"]);
        equal(Pypi, &["1.0.post1", "1.0-1", "1.0.rev1", "1.0-r1"]);
        equal(Pypi, &["1.2.post", "1.2.post0"]);
        equal(Pypi, &["1.0+ubuntu.1", "1.0+ubuntu-1", "1.0+Ubuntu_1"]);
    }

    #[test]
    fn what_the_section_does_not_allow_is_no_version() {
        for text in ["", "french toast", "1.0+a+", "1.0++", "1.0x", "1.0-"] {
            none(Pypi, text, "1.0");
        }
    }
}
