//! UTF-16 text, as Windows programs export it, to UTF-8.

use std::io::{self, BufRead, Read};

#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    Little,
    Big,
}

/// The text of a UTF-16 source as UTF-8, without its byte order mark; a lone
/// surrogate becomes U+FFFD.
pub(super) struct Utf8<S> {
    source: S,
    order: Order,
    /// A high surrogate that waits for its second half.
    waiting: Option<u16>,
    ready: Vec<u8>,
    given: usize,
    first: bool,
}

impl<S: BufRead> Utf8<S> {
    pub(super) fn new(source: S, order: Order) -> Utf8<S> {
        Utf8 { source, order, waiting: None, ready: Vec::new(), given: 0, first: true }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut raw = Vec::with_capacity(1 << 13);
        self.source.by_ref().take(1 << 13).read_to_end(&mut raw)?;
        let ended = raw.len() < 1 << 13;
        let mut units: Vec<u16> = self.waiting.take().into_iter().collect();
        units.extend(raw.chunks(2).map(|pair| match (pair, self.order) {
            (&[a, b], Order::Little) => u16::from_le_bytes([a, b]),
            (&[a, b], Order::Big) => u16::from_be_bytes([a, b]),
            _ => LONE,
        }));
        if !ended && let Some(0xd800..=0xdbff) = units.last() {
            self.waiting = units.pop();
        }
        let skip = usize::from(std::mem::take(&mut self.first) && units.first() == Some(&0xfeff));
        let text = char::decode_utf16(units.into_iter().skip(skip));
        let text: String = text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.ready = text.into_bytes();
        self.given = 0;
        Ok(())
    }
}

const LONE: u16 = 0xfffd;

impl<S: BufRead> Read for Utf8<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given >= self.ready.len() {
            self.refill()?;
        }
        let mut rest = self.ready.get(self.given..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_byte_orders_give_the_same_text() {
        let text = "Übung 💉\r\n".repeat(3000);
        for order in [Order::Little, Order::Big] {
            let bytes = |unit: u16| match order {
                Order::Little => unit.to_le_bytes(),
                Order::Big => unit.to_be_bytes(),
            };
            let raw: Vec<u8> =
                [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(bytes).collect();
            let mut out = String::new();
            Utf8::new(&raw[..], order).read_to_string(&mut out).unwrap();
            assert_eq!(out, text);
        }
    }

    #[test]
    fn half_a_character_at_the_end_is_marked() {
        let mut out = String::new();
        Utf8::new(&b"a\0\x3d\xd8b"[..], Order::Little).read_to_string(&mut out).unwrap();
        assert_eq!(out, "a\u{fffd}\u{fffd}");
    }
}
