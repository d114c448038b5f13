//! OpenSSL: `1.0.2zk` before version 3, `3.0.2` after it (openssl.org, release strategy).
//!
//! Before 3 a letter counts the patches, and after z comes za; `-beta1` and the like come
//! before the release.  A `-fips` at the end is the same release, built differently.

use super::key::{Cursor, Row};
use super::semver::numbers;

const BEFORE_RELEASE: u8 = 0x10;
const RELEASE: u8 = 0x20;
const PATCH: u8 = 0x30;
const NUMBER: u8 = 0x40;

const BEFORE: &[(&str, u8)] = &[("dev", 0), ("alpha", 1), ("beta", 2), ("pre", 3), ("rc", 3)];

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    numbers(&mut cursor, NUMBER, row)?;
    let letters = cursor.letters();
    if !letters.is_empty() {
        row.push(PATCH);
        row.word(letters.iter().map(u8::to_ascii_lowercase));
    }
    if cursor.eat(b'-') && !cursor.eat_word("fips") {
        let &(_, rank) = BEFORE.iter().find(|(word, _)| cursor.eat_word(word))?;
        row.push(BEFORE_RELEASE + rank);
        row.number(NUMBER, cursor.digits());
    }
    row.push(RELEASE);
    cursor.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Openssl;

    #[test]
    fn letters_count_the_patches_before_version_3() {
        rising(
            Openssl,
            &[
                "0.9.8zh",
                "1.0.2-beta1",
                "1.0.2",
                "1.0.2a",
                "1.0.2z",
                "1.0.2za",
                "1.0.2zk",
                "1.1.0",
                "1.1.1",
                "1.1.1w",
                "3.0.0-alpha1",
                "3.0.0-beta2",
                "3.0.0",
                "3.0.14",
            ],
        );
        equal(Openssl, &["1.0.2k", "1.0.2k-fips"]);
        none(Openssl, "LibreSSL 2.8", "1.0.2");
    }
}
