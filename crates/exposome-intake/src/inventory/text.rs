//! Bytes in an office's own code page to text.
//!
//! UTF-16 and byte-order marks are taken off before a reader sees a document.
//! What is left is UTF-8, or the single-byte page of the office that made it, for
//! Western languages Windows-1252; that is decided field by field, where a
//! field is not UTF-8.
//!
//! Source of the code page: WHATWG Encoding Standard, index windows-1252.

use std::borrow::Cow;

/// One field as text: UTF-8 where it is, Windows-1252 where it is not.
pub(crate) fn decode(field: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(field) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(field.iter().map(|&byte| windows_1252(byte)).collect()),
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    let high = usize::from(byte).checked_sub(0x80).and_then(|index| HIGH.get(index));
    high.copied().unwrap_or(char::from(byte))
}

/// The first `most` characters of a text, for keeping and for showing.
pub(crate) fn clip(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// A value for a message: in quotes, short, on one line.
pub(crate) fn quoted(value: &str) -> String {
    let clipped = clip(value, 40);
    let more = if clipped.len() < value.len() { "…" } else { "" };
    format!("{clipped:?}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_utf_8_is_windows_1252() {
        assert_eq!(decode(b"Dr\xE4ger \x96 \x80"), "Dräger – €");
        assert_eq!(decode("Dräger".as_bytes()), "Dräger");
    }

    #[test]
    fn a_long_value_is_shown_short() {
        assert_eq!(clip("Dräger", 3), "Drä");
        assert_eq!(quoted("two\nlines"), "\"two\\nlines\"");
        assert_eq!(quoted(&"ä".repeat(50)), format!("\"{}\"…", "ä".repeat(40)));
    }
}
