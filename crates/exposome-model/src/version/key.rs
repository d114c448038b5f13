//! The bytes a version is compared by.
//!
//! Each scheme turns the text of a version into a row of bytes such that the plain order of
//! the bytes is the order of the versions: a table of a million versions is then parsed once
//! and compared as fast as memory can be read.  A short version fits on the stack, so that
//! comparing two texts allocates nothing.

/// Bytes in the making: the first [`INLINE`] on the stack, more on the heap.
pub(super) struct Row {
    inline: [u8; INLINE],
    len: usize,
    spill: Vec<u8>,
}

const INLINE: usize = 64;

impl Row {
    pub(super) fn new() -> Self {
        Row { inline: [0; INLINE], len: 0, spill: Vec::new() }
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.extend_from_slice(&[byte]);
    }

    pub(super) fn extend(&mut self, bytes: impl IntoIterator<Item = u8>) {
        bytes.into_iter().for_each(|byte| self.push(byte));
    }

    pub(super) fn extend_from_slice(&mut self, bytes: &[u8]) {
        if self.spill.is_empty() {
            if let Some(place) = self.inline.get_mut(self.len..self.len + bytes.len()) {
                place.copy_from_slice(bytes);
                self.len += bytes.len();
                return;
            }
            self.spill.extend_from_slice(self.inline.get(..self.len).unwrap_or_default());
        }
        self.spill.extend_from_slice(bytes);
    }

    /// A whole number of any length, written so that the smaller one comes first: how many
    /// bytes it takes (added to `tag`, which so must leave room for [`NUMBER_TAGS`] values),
    /// then the bytes, the weightiest first.
    pub(super) fn number(&mut self, tag: u8, digits: &[u8]) {
        let digits = without_leading_zeros(digits);
        if digits.len() > DIGITS_OF_U64 {
            self.push(tag.saturating_add(NUMBER_TAGS - 1));
            let len = u32::try_from(digits.len()).unwrap_or(u32::MAX);
            self.extend_from_slice(&len.to_be_bytes());
            self.extend_from_slice(digits);
            return;
        }
        let value = digits.iter().fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        self.integer(tag, value);
    }

    pub(super) fn integer(&mut self, tag: u8, value: u64) {
        let bytes = value.to_be_bytes();
        let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
        let len = u8::try_from(bytes.len() - zeros).unwrap_or(NUMBER_TAGS);
        self.push(tag.saturating_add(len));
        self.extend_from_slice(bytes.get(zeros..).unwrap_or_default());
    }

    /// A word, closed so that the shorter of two with the same beginning comes first.  The
    /// bytes of the word must not be zero.
    pub(super) fn word(&mut self, letters: impl IntoIterator<Item = u8>) {
        self.extend(letters.into_iter().filter(|&byte| byte != 0));
        self.push(0);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        if self.spill.is_empty() {
            self.inline.get(..self.len).unwrap_or_default()
        } else {
            &self.spill
        }
    }
}

/// A finished row: a short one, as nearly all are, without a place on the heap.
#[derive(Clone)]
pub(super) enum Bytes {
    Short { len: u8, bytes: [u8; SHORT] },
    Long(Box<[u8]>),
}

/// So that it takes no more room than three words.
const SHORT: usize = 22;

impl From<&[u8]> for Bytes {
    fn from(row: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..row.len()), u8::try_from(row.len())) {
            (Some(place), Ok(len)) => {
                place.copy_from_slice(row);
                Bytes::Short { len, bytes }
            }
            _ => Bytes::Long(row.into()),
        }
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Bytes::Long(bytes) => bytes,
        }
    }
}

/// How many tag values one kind of number takes: none to eight bytes, and one for longer.
pub(super) const NUMBER_TAGS: u8 = 10;

const DIGITS_OF_U64: usize = 19;

pub(super) fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

pub(super) fn is_zero(digits: &[u8]) -> bool {
    digits.iter().all(|&digit| digit == b'0')
}

/// Reads a text from the front.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Cursor { rest: text.as_bytes() }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Steps over `byte` if it is the next one.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let Some((head, rest)) = self.rest.split_at_checked(word.len()) else { return false };
        let found = head.eq_ignore_ascii_case(word.as_bytes());
        if found {
            self.rest = rest;
        }
        found
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let len = self.rest.iter().take_while(|&&byte| wanted(byte)).count();
        let (taken, rest) = self.rest.split_at(len);
        self.rest = rest;
        taken
    }

    pub(super) fn digits(&mut self) -> &'a [u8] {
        self.take_while(|byte| byte.is_ascii_digit())
    }

    pub(super) fn letters(&mut self) -> &'a [u8] {
        self.take_while(|byte| byte.is_ascii_alphabetic())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> Vec<u8> {
        let mut row = Row::new();
        row.number(10, digits.as_bytes());
        row.bytes().to_vec()
    }

    #[test]
    fn numbers_keep_their_order_whatever_their_length() {
        let rising = [
            "0",
            "1",
            "255",
            "256",
            "65536",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999",
        ];
        for pair in rising.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("007"), number("7"));
        assert_eq!(number(""), number("0"));
    }

    #[test]
    fn a_long_row_moves_to_the_heap_whole() {
        let mut row = Row::new();
        row.extend(0..200);
        assert_eq!(row.bytes(), (0..200).collect::<Vec<u8>>());
    }
}
