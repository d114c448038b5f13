//! Semantic Versioning 2.0.0 (semver.org, section 11), and its close relatives.
//!
//! Numbers, then perhaps identifiers of a pre-release after `-`; what follows `+` has no part
//! in the order.  More or fewer than three numbers are taken as they come (missing ones are
//! zero), because much that is labelled "semver" is not.  A leading `v` or `=` is dropped.

use super::key::{Cursor, Row, is_zero};

/// What the relatives do differently.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Plain,
    /// `NuGet`: BETA is beta.
    CaseFolded,
    /// Go: `go1.20rc1` for the tool chain itself.
    Go,
}

// After the numbers; a further number comes after both.
const BEFORE_RELEASE: u8 = 0x08;
const RELEASE: u8 = 0x20;
const NUMBER: u8 = 0x40;
// Identifiers of a pre-release.
const NO_MORE: u8 = 0x01;
const NUMERIC: u8 = 0x10;
const WORD: u8 = 0x30;

pub(super) fn encode(text: &str, flavour: Flavour, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text.trim_ascii());
    if flavour == Flavour::Go {
        cursor.eat_word("go");
    }
    cursor.eat(b'=');
    let _ = cursor.eat(b'v') || cursor.eat(b'V');
    numbers(&mut cursor, NUMBER, row)?;
    let in_word =
        flavour == Flavour::Go && cursor.peek().is_some_and(|byte| byte.is_ascii_alphabetic());
    if in_word || cursor.eat(b'-') {
        row.push(BEFORE_RELEASE);
        identifiers(&mut cursor, flavour, row)?;
    } else {
        row.push(RELEASE);
    }
    build(&mut cursor)
}

/// Numbers between dots, those that are zero at the end left out; one at least.
pub(super) fn numbers(cursor: &mut Cursor<'_>, tag: u8, row: &mut Row) -> Option<()> {
    let mut zeros = 0_usize;
    loop {
        let digits = cursor.digits();
        if digits.is_empty() {
            return None;
        }
        if is_zero(digits) {
            zeros += 1;
        } else {
            for _ in 0..zeros {
                row.integer(tag, 0);
            }
            zeros = 0;
            row.number(tag, digits);
        }
        if !cursor.eat(b'.') {
            return Some(());
        }
    }
}

fn identifiers(cursor: &mut Cursor<'_>, flavour: Flavour, row: &mut Row) -> Option<()> {
    loop {
        let identifier = cursor.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if identifier.is_empty() {
            return None;
        }
        if identifier.iter().all(u8::is_ascii_digit) {
            row.number(NUMERIC, identifier);
        } else {
            row.push(WORD);
            let folded = flavour == Flavour::CaseFolded;
            row.word(
                identifier
                    .iter()
                    .map(|byte| if folded { byte.to_ascii_lowercase() } else { *byte }),
            );
        }
        if !cursor.eat(b'.') {
            row.push(NO_MORE);
            return Some(());
        }
    }
}

fn build(cursor: &mut Cursor<'_>) -> Option<()> {
    if cursor.eat(b'+') {
        cursor.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    }
    cursor.is_empty().then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Semver;

    #[test]
    fn the_example_of_section_11_is_in_order() {
        let example = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "2.0.0",
            "2.1.0",
            "2.1.1",
        ];
        rising(Semver, &example);
        rising(crate::version::Scheme::Cargo, &example);
        rising(crate::version::Scheme::Npm, &example);
    }

    #[test]
    fn build_metadata_and_a_leading_v_have_no_part_in_the_order() {
        equal(Semver, &["1.0.0", "1.0.0+20130313144700", "v1.0.0", "1.0", "=1.0.0"]);
        equal(Semver, &["1.0.0-rc.1", "1.0.0-rc.1+exp.sha-5114f85"]);
    }

    #[test]
    fn go_counts_pseudo_versions_and_its_own_tool_chain() {
        // go.dev, "Go Modules Reference", pseudo-versions; "Go Toolchains".
        rising(
            crate::version::Scheme::Golang,
            &[
                "v0.0.0-20190101000000-abcdefabcdef",
                "v0.0.0-20191109021931-daa7c04131f5",
                "v1.2.3",
                "v1.2.4-0.20191109021931-daa7c04131f5",
                "v1.2.4",
                "v2.0.0+incompatible",
            ],
        );
        rising(
            crate::version::Scheme::Golang,
            &["go1.20rc1", "go1.20rc2", "go1.20", "go1.20.3", "1.21"],
        );
    }

    #[test]
    fn what_is_no_number_is_no_version() {
        for text in ["", "latest", "1.x", "1.2.3beta", "1..2", "1.0.0-", "1.0.0 - 2.0.0"] {
            none(Semver, text, "1.0.0");
        }
    }
}
