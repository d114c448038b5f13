//! Walking through ASN.1's basic encoding (ITU-T X.690): a tag, a length, what lies in it.
//!
//! No deeper than the reader goes itself, so nothing here recurses.

use crate::bytes::Bytes;

/// One value, opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    /// The first byte: class, form and number; numbers above 30 do not occur in what is read here.
    pub(crate) tag: u8,
    pub(crate) inside: &'a [u8],
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OBJECT: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The values in a row.
#[derive(Debug, Clone)]
pub(crate) struct Values<'a>(Bytes<'a>);

impl<'a> Values<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Values<'a> {
        Values(Bytes::new(bytes))
    }

    /// The next, whatever it is; one that goes on beyond the end gives what there is of it.
    pub(crate) fn any(&mut self) -> Option<Value<'a>> {
        let tag = self.0.u8()?;
        let len = length(&mut self.0)?;
        Some(Value { tag, inside: self.0.take_up_to(len) })
    }

    /// The next, which must bear this tag.
    pub(crate) fn tagged(&mut self, tag: u8) -> Option<&'a [u8]> {
        let value = self.any()?;
        (value.tag == tag).then_some(value.inside)
    }

    pub(crate) fn sequence(&mut self) -> Option<Values<'a>> {
        self.tagged(SEQUENCE).map(Values::new)
    }

    /// The next if it bears this tag; otherwise it stays.
    pub(crate) fn maybe(&mut self, tag: u8) -> Option<&'a [u8]> {
        let before = self.0;
        let taken = self.tagged(tag);
        if taken.is_none() {
            self.0 = before;
        }
        taken
    }

    pub(crate) fn integer(&mut self) -> Option<i64> {
        self.tagged(INTEGER).and_then(integer)
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.any()
    }
}

impl<'a> Value<'a> {
    pub(crate) fn values(&self) -> Values<'a> {
        Values::new(self.inside)
    }
}

/// A length of up to four bytes (8.1.3); one that is left open is not read.
fn length(bytes: &mut Bytes<'_>) -> Option<usize> {
    let first = bytes.u8()?;
    if first < 0x80 {
        return Some(first.into());
    }
    let mut len = 0_usize;
    let count = first & 0x7f;
    if count == 0 || count > 4 {
        return None;
    }
    for _ in 0..count {
        len = len << 8 | usize::from(bytes.u8()?);
    }
    Some(len)
}

/// The whole length of a value that begins here, its tag and length included.
pub(crate) fn whole_len(bytes: &[u8]) -> Option<usize> {
    let mut rest = Bytes::new(bytes);
    rest.u8()?;
    let len = length(&mut rest)?;
    (bytes.len() - rest.len()).checked_add(len)
}

pub(crate) fn integer(bytes: &[u8]) -> Option<i64> {
    let (first, rest) = bytes.split_first()?;
    if rest.len() > 7 {
        return None;
    }
    let first = i64::from(first.cast_signed());
    Some(rest.iter().fold(first, |value, byte| value << 8 | i64::from(*byte)))
}

/// `1.3.6.1.2.1`; `None` where a number does not fit.
pub(crate) fn object(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut number = 0_u64;
    let mut is_first = true;
    // More numbers than any object has that means something here.
    for byte in bytes.iter().take(128) {
        number = number.checked_mul(128)? | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        let push = |text: &mut String, number: u64| {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(&number.to_string());
        };
        if std::mem::take(&mut is_first) {
            // The first two numbers share a place (8.19.4).
            let first = (number / 40).min(2);
            push(&mut text, first);
            push(&mut text, number - first * 40);
        } else {
            push(&mut text, number);
        }
        number = 0;
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_written_with_dots() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            assert_eq!(object(bytes).as_deref(), expected);
        };
        check(&[0x2b, 6, 1, 2, 1, 1, 1, 0], Some("1.3.6.1.2.1.1.1.0"));
        check(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d], Some("1.2.840.113549"));
        check(&[0x55, 4, 3], Some("2.5.4.3"));
        check(&[], None);
        check(&[0xff; 20], None);
    }

    #[test]
    fn what_goes_beyond_the_end_gives_what_there_is() {
        let mut values = Values::new(&[0x30, 5, 2, 1, 7]);
        assert_eq!(values.any(), Some(Value { tag: SEQUENCE, inside: &[2, 1, 7] }));
        assert_eq!(values.any(), None);
        assert_eq!(Values::new(&[0x30, 0x80, 0, 0]).any(), None);
        assert_eq!(Values::new(&[4, 0x84, 0xff, 0xff, 0xff, 0xff, 1]).any().unwrap().inside, [1]);
        assert_eq!(whole_len(&[0x30, 0x82, 1, 0]), Some(260));
    }

    #[test]
    fn a_number_has_a_sign() {
        assert_eq!(integer(&[0xff]), Some(-1));
        assert_eq!(integer(&[0, 0x80]), Some(128));
        assert_eq!(integer(&[]), None);
    }
}
