//! PHP packages: Composer (getcomposer.org, "Versions and constraints"; composer/semver
//! `VersionParser`).
//!
//! Up to four numbers, then a stability with a number, then perhaps `dev`:
//! dev, alpha, beta, RC, the release, patch.  Branches (`dev-main`) have no order.

use super::key::{Cursor, Row};
use super::semver::numbers;

const NUMBER: u8 = 0x40;
const RELEASE: u8 = 0x20;

const STABILITIES: &[(&str, u8)] = &[
    ("alpha", 0x11),
    ("a", 0x11),
    ("beta", 0x12),
    ("b", 0x12),
    ("rc", 0x13),
    ("stable", RELEASE),
    ("patch", 0x30),
    ("pl", 0x30),
    ("p", 0x30),
];

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    let _ = cursor.eat(b'v') || cursor.eat(b'V');
    numbers(&mut cursor, NUMBER, row)?;
    let stability = stability(&mut cursor);
    let dev = dev(&mut cursor);
    match stability {
        Some((place, digits)) => {
            row.push(place);
            row.number(NUMBER, digits);
        }
        None if dev => row.push(0x10),
        None => {
            row.push(RELEASE);
            row.number(NUMBER, b"");
        }
    }
    row.push(if dev { 1 } else { 2 });
    if cursor.eat(b'+') {
        cursor.take_while(|byte| byte.is_ascii_graphic());
    }
    cursor.is_empty().then_some(())
}

fn stability<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, &'a [u8])> {
    let mut ahead = *cursor;
    separator(&mut ahead);
    let &(_, place) = STABILITIES.iter().find(|(word, _)| ahead.eat_word(word))?;
    let mut before_number = ahead;
    let _ = before_number.eat(b'.') || before_number.eat(b'-');
    let digits = before_number.digits();
    *cursor = if digits.is_empty() { ahead } else { before_number };
    Some((place, digits))
}

fn dev(cursor: &mut Cursor<'_>) -> bool {
    let mut ahead = *cursor;
    separator(&mut ahead);
    let found = ahead.eat_word("dev");
    if found {
        *cursor = ahead;
    }
    found
}

fn separator(cursor: &mut Cursor<'_>) {
    let _ = cursor.eat(b'.') || cursor.eat(b'-') || cursor.eat(b'_');
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Composer;

    #[test]
    fn stabilities_are_in_order() {
        // getcomposer.org, "Versions and constraints", stability constraints.
        rising(
            Composer,
            &[
                "1.0-dev",
                "1.0-alpha",
                "1.0.0-alpha2",
                "1.0a3",
                "1.0-beta1-dev",
                "1.0-beta1",
                "1.0-RC1",
                "1.0",
                "1.0-p1",
                "1.0.0-patch2",
                "1.0.1",
            ],
        );
        equal(Composer, &["1.0", "v1.0.0", "1.0.0.0", "1.0-stable"]);
        none(Composer, "dev-main", "1.0");
        none(Composer, "1.0.x-dev", "1.0");
    }
}
