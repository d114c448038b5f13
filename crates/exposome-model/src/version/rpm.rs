//! RPM packages: `[epoch:]version[-release]`, each by rpmvercmp (rpm.org, "Dependencies" and
//! "rpm-version").
//!
//! Runs of digits and runs of letters count, all else separates; a number comes after a word;
//! `~` comes before the end, `^` after it and before everything else.  A missing epoch is 0;
//! a missing release comes before every release.

use super::key::{Cursor, Row};

const TILDE: u8 = 1;
const END: u8 = 2;
const CARET: u8 = 3;
const WORD: u8 = 4;
const NUMBER: u8 = 0x10;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let text = text.trim_ascii();
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let (version, release) = rest.rsplit_once('-').unwrap_or((rest, ""));
    if !epoch.bytes().all(|byte| byte.is_ascii_digit())
        || version.is_empty()
        || !text.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return None;
    }
    row.number(NUMBER, epoch.as_bytes());
    segments(version, row);
    if release.is_empty() {
        row.push(0);
    } else {
        segments(release, row);
    }
    Some(())
}

fn segments(text: &str, row: &mut Row) {
    let mut cursor = Cursor::new(text);
    loop {
        cursor.take_while(|byte| !byte.is_ascii_alphanumeric() && byte != b'~' && byte != b'^');
        match cursor.peek() {
            None => break,
            Some(b'~') => row.push(TILDE),
            Some(b'^') => row.push(CARET),
            Some(b'0'..=b'9') => {
                row.number(NUMBER, cursor.digits());
                continue;
            }
            Some(_) => {
                row.push(WORD);
                row.word(cursor.letters().iter().copied());
                continue;
            }
        }
        cursor.next();
    }
    row.push(END);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Rpm;

    #[test]
    fn segments_are_compared_as_rpm_does() {
        // rpm, tests/rpmvercmp.at.
        rising(
            Rpm,
            &[
                "1.0~rc1~git123",
                "1.0~rc1",
                "1.0~rc2",
                "1.0",
                "1.0^git1",
                "1.0^git2",
                "1.0a",
                "1.0.1",
                "1.1",
                "2.0",
            ],
        );
        rising(Rpm, &["5.5p1", "5.5p2", "5.5p10"]);
        rising(Rpm, &["xyz.4", "xyz10", "8"]);
        rising(Rpm, &["6.0", "6.0.rc1"]);
        rising(Rpm, &["10a2", "10b1"]);
        equal(Rpm, &["2.0.1", "2_0_1", "2.0.01", "2.0.1."]);
        equal(Rpm, &["1.0", "0:1.0"]);
    }

    #[test]
    fn epoch_version_and_release_count_in_this_order() {
        rising(Rpm, &["7.76.1-14.el9", "7.76.1-14.el9_0.4", "7.76.1-26.el9", "7.77", "1:1.0-1"]);
        rising(Rpm, &["1.0", "1.0-1"]);
        none(Rpm, "", "1");
        none(Rpm, "1.0 beta", "1");
    }
}
