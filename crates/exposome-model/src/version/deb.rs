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
    if epoch.is_empty() || upstream.is_empty() || !epoch.bytes().all(|byte| byte.is_ascii_digit()) {
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
