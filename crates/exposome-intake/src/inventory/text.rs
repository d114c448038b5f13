//! Bytes of unknown encoding to text.
//!
//! A spreadsheet saves CSV as UTF-8, as UTF-16 with a byte-order mark ("Unicode
//! text") or in the code page of the office that made it, for Western
//! languages Windows-1252.  UTF-16 is rewritten to UTF-8 while it is read, by its
//! mark or by the zero bytes that ASCII leaves in it; the single-byte page is
//! decided field by field, where a field is not UTF-8.
//!
//! Source of the code page: the WHATWG Encoding Standard, index windows-1252.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Cursor, Read};

/// A source without its byte-order mark, as UTF-8 or single-byte text.
pub(crate) fn open<'a>(mut source: impl Read + 'a) -> std::io::Result<Box<dyn BufRead + 'a>> {
    let mut head = Vec::with_capacity(4);
    source.by_ref().take(4).read_to_end(&mut head)?;
    let (order, mark_len) = byte_order(&head);
    let rest = head.get(mark_len..).unwrap_or_default().to_vec();
    let bytes = Cursor::new(rest).chain(source);
    Ok(match order {
        None => Box::new(BufReader::with_capacity(CHUNK, bytes)),
        Some(order) => {
            let units = Utf16 { source: bytes, order, odd: None, high: None, ready: Vec::new(), at: 0 };
            Box::new(BufReader::with_capacity(CHUNK, units))
        }
    })
}

/// One field as text: UTF-8 where it is, Windows-1252 where it is not.
pub(crate) fn decode(field: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(field) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(field.iter().map(|&byte| windows_1252(byte)).collect()),
    }
}

const CHUNK: usize = 1 << 16;

#[derive(Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

fn byte_order(head: &[u8]) -> (Option<ByteOrder>, usize) {
    match *head {
        [0xEF, 0xBB, 0xBF, ..] => (None, 3),
        [0xFF, 0xFE, ..] => (Some(ByteOrder::Little), 2),
        [0xFE, 0xFF, ..] => (Some(ByteOrder::Big), 2),
        [1..=0x7F, 0, 1..=0x7F, 0] => (Some(ByteOrder::Little), 0),
        [0, 1..=0x7F, 0, 1..=0x7F] => (Some(ByteOrder::Big), 0),
        _ => (None, 0),
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

/// Rewrites UTF-16 to UTF-8; half a surrogate pair becomes U+FFFD.
struct Utf16<R> {
    source: R,
    order: ByteOrder,
    odd: Option<u8>,
    high: Option<u16>,
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    /// Reads some more; gives how many bytes came, none at the end.
    fn refill(&mut self) -> std::io::Result<usize> {
        let mut raw = [0; 4096];
        let read = self.source.read(&mut raw)?;
        self.ready.clear();
        self.at = 0;
        for &byte in raw.get(..read).unwrap_or_default() {
            match self.odd.take() {
                None => self.odd = Some(byte),
                Some(first) => self.unit(match self.order {
                    ByteOrder::Little => u16::from_le_bytes([first, byte]),
                    ByteOrder::Big => u16::from_be_bytes([first, byte]),
                }),
            }
        }
        if read == 0 && (self.odd.take().is_some() | self.high.take().is_some()) {
            self.push(char::REPLACEMENT_CHARACTER);
        }
        Ok(read)
    }

    fn unit(&mut self, unit: u16) {
        let pair = self.high.take().into_iter().chain(std::iter::once(unit));
        if let 0xD800..=0xDBFF = unit {
            if pair.count() > 1 {
                self.push(char::REPLACEMENT_CHARACTER);
            }
            self.high = Some(unit);
            return;
        }
        for decoded in char::decode_utf16(pair) {
            self.push(decoded.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    fn push(&mut self, character: char) {
        self.ready.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at >= self.ready.len() {
            if self.refill()? == 0 && self.ready.is_empty() {
                return Ok(0);
            }
        }
        let read = self.ready.get(self.at..).unwrap_or_default().read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        let mut read = Vec::new();
        open(bytes).unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(decode(&read), expected);
    }

    #[test]
    fn the_byte_order_mark_is_not_text() {
        check(b"\xEF\xBB\xBFasset_id", "asset_id");
        check(b"\xFF\xFEa\0b\0", "ab");
        check(b"\xFE\xFF\0a\0b", "ab");
        check(b"", "");
        check(b"\xFF\xFE", "");
    }

    #[test]
    fn utf_16_without_a_mark_shows_by_its_zeros() {
        check(b"a\0b\0\xE9\0", "abé");
        check(b"\0a\0b\0\xE9", "abé");
    }

    #[test]
    fn a_pair_makes_one_character_and_half_a_pair_a_mark() {
        check(b"\xFF\xFE\x3D\xD8\x00\xDE", "😀");
        check(b"\xFF\xFE\x3D\xD8a\0", "\u{FFFD}a");
        check(b"\xFF\xFEa\0\x3D\xD8", "a\u{FFFD}");
        check(b"\xFF\xFEa\0b", "a\u{FFFD}");
    }

    #[test]
    fn text_that_is_not_utf_8_is_windows_1252() {
        check(b"Dr\xE4ger \x96 \x80", "Dräger – €");
        check("Dräger".as_bytes(), "Dräger");
    }

    #[test]
    fn one_byte_at_a_time_reads_the_same() {
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                let Some((&byte, rest)) = self.0.split_first() else { return Ok(0) };
                if let Some(slot) = buffer.first_mut() {
                    *slot = byte;
                    self.0 = rest;
                    return Ok(1);
                }
                Ok(0)
            }
        }
        let mut read = String::new();
        open(Drip(b"\xFF\xFEa\0b\0\x3D\xD8\x00\xDE")).unwrap().read_to_string(&mut read).unwrap();
        assert_eq!(read, "ab😀");
    }
}
