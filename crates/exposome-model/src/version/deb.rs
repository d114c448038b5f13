//! Debian packages: `[epoch:]upstream[-revision]` (Debian policy, section 5.6.12).
//!
//! Each part is read as text and number in turns.  In text `~` comes before everything, even
//! the end; then the end, then letters, then everything else.  A missing revision is 0.

use super::key::{Cursor, Row};

const TILDE: u8 = 1;
const END_OF_TEXT: u8 = 2;
const NUMBER: u8 = 0x10;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let text = text.trim_ascii();
    let (epoch, rest) = text.split_once(':').unwrap_or(("0", text));
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, "0"));
    if epoch.is_empty()
        || upstream.is_empty()
        || revision.is_empty()
        || !epoch.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    row.number(NUMBER, epoch.as_bytes());
    part(upstream, row)?;
    part(revision, row)
}

fn part(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text);
    loop {
        for &byte in cursor.take_while(|byte| !byte.is_ascii_digit()) {
            row.push(match byte {
                b'~' => TILDE,
                b'A'..=b'Z' | b'a'..=b'z' => byte,
                b'.' | b'+' | b'-' | b':' => byte | 0x80,
                _ => return None,
            });
        }
        row.push(END_OF_TEXT);
        row.number(NUMBER, cursor.digits());
        if cursor.is_empty() {
            row.push(END_OF_TEXT);
            return Some(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Deb;

    #[test]
    fn a_tilde_comes_before_the_end_and_letters_before_the_rest() {
        // Debian policy, section 5.6.12.1.
        rising(
            Deb,
            &["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0a", "1.0z", "1.0+b1", "1.0+c", "1.0.1"],
        );
        rising(Deb, &["1.0~beta1~svn1245", "1.0~beta1", "1.0"]);
    }

    #[test]
    fn epoch_upstream_and_revision_count_in_this_order() {
        rising(Deb, &["9.9-9", "1:0.1-1", "1:0.1-2", "1:0.1-10", "2:0"]);
        rising(Deb, &["7.50.3-1+deb9u1", "7.50.3-1+deb9u2", "7.50.3-2~bpo9+1", "7.50.3-2"]);
        rising(Deb, &["2.4.52-1ubuntu4", "2.4.52-1ubuntu4.1", "2.4.52-1ubuntu4.10"]);
        rising(Deb, &["1.18.36", "1.18.36.0a", "1.19"]);
        equal(Deb, &["1.0", "0:1.0", "1.0-0", "1.00"]);
    }

    #[test]
    fn what_policy_does_not_allow_is_no_version() {
        for text in ["", "a:1", ":1", "1.0 2", "1_0", "1.0-"] {
            none(Deb, text, "1.0");
        }
    }
}
