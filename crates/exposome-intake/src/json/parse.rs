//! JSON text to values (RFC 8259), for feeds of hundreds of megabytes.
//!
//! A catalogue of 300,000 records is two gigabytes of JSON, much of it indentation and
//! members that nobody here wants.  This reader passes over both sixteen bytes at
//! a time and gives texts without copying them; otherwise it accepts and
//! refuses what `serde_json` does, which the tests check against it.  Two things are looser:
//! control characters are taken where they stand, and in a member that is passed over
//! only quotes and the depth of brackets count.

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use std::borrow::Cow;
use std::fmt;
use wide::u8x16;

/// How deep values may nest; the same bound as in `serde_json`.
const DEEPEST: usize = 127;

/// A value from its JSON text.
pub(crate) fn parse<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Error> {
    let mut parser = Parser::new(text);
    let value = T::deserialize(&mut parser).and_then(|value| match parser.token() {
        None => Ok(value),
        Some(_) => Err(Error::new("there is more behind the end of the document")),
    });
    value.map_err(|mut error| {
        error.0.line_column = line_column(text, parser.at);
        error
    })
}

/// The value that a text begins with, how long it is and how deep it nests; `None` where it is no such value.
pub(crate) fn first<'de, T: Deserialize<'de>>(text: &'de str) -> Option<(T, Extent)> {
    let mut parser = Parser::new(text);
    let value = T::deserialize(&mut parser).ok()?;
    Some((value, Extent { length: parser.at, deepest: parser.deepest }))
}

/// How far a value reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) length: usize,
    pub(crate) deepest: usize,
}

/// What is wrong, and where.  It is boxed, for it travels beside every value that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error(Box<Fault>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    message: String,
    line_column: (usize, usize),
    cut_short: bool,
}

impl Error {
    #[cold]
    fn new(message: impl Into<String>) -> Error {
        let message = message.into();
        Error(Box::new(Fault { message, line_column: (1, 1), cut_short: false }))
    }

    #[cold]
    fn cut_short() -> Error {
        let mut error = Error::new("the text ends too early");
        error.0.cut_short = true;
        error
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// The text ended too early.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.0.cut_short
    }

    /// `line 3, column 14`.
    pub(crate) fn place(&self) -> String {
        let (line, column) = self.0.line_column;
        format!("line {line}, column {column}")
    }
}

fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    (line, column)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message(), self.place())
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error::new(message.to_string())
    }
}

/// A value left as its JSON text, to be read later or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raw<'a>(pub(crate) &'a str);

const RAW: &str = "exposome::Raw";

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw<'a>, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = &'de str;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of this crate's own JSON reader")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<&'de str, E> {
                Ok(text)
            }
        }
        deserializer.deserialize_newtype_struct(RAW, Text).map(Raw)
    }
}

struct Parser<'de> {
    text: &'de str,
    bytes: &'de [u8],
    at: usize,
    depth: usize,
    deepest: usize,
}

impl<'de> Parser<'de> {
    fn new(text: &'de str) -> Parser<'de> {
        Parser { text, bytes: text.as_bytes(), at: 0, depth: 0, deepest: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte that is not white space, without taking it.
    #[inline]
    fn token(&mut self) -> Option<u8> {
        let next = self.peek()?;
        if next > b' ' {
            return Some(next);
        }
        // One blank, as behind a colon, is as frequent as a new line with its indentation.
        self.at += 1;
        match self.peek()? {
            next @ 0x21.. => Some(next),
            _ => self.behind_blanks(),
        }
    }

    #[inline]
    fn some_token(&mut self) -> Result<u8, Error> {
        self.token().ok_or_else(Error::cut_short)
    }

    /// Passes over line ends and indentation.
    fn behind_blanks(&mut self) -> Option<u8> {
        while let Some(piece) = self.bytes.get(self.at..)?.first_chunk() {
            let marks = u8x16::new(*piece).simd_gt(BLANK).to_bitmask();
            if marks != 0 {
                self.at += marks.trailing_zeros() as usize;
                return self.peek();
            }
            self.at += 16;
        }
        while let Some(..=b' ') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    /// Moves to the next quote or backslash of a text, and gives it.
    #[inline]
    fn special(&mut self) -> Result<u8, Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += special(rest).unwrap_or(rest.len());
        self.peek().ok_or_else(Error::cut_short)
    }

    /// The text whose opening quote comes next, where it is short and plain: most names and values are.
    #[inline]
    fn short(&mut self) -> Option<&'de str> {
        let start = self.at + 1;
        let marks = specials(self.bytes.get(start..)?.first_chunk()?);
        let end = start + marks.trailing_zeros() as usize;
        if marks == 0 || self.bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// The text whose opening quote comes next.
    fn quoted(&mut self) -> Result<Cow<'de, str>, Error> {
        self.at += 1;
        let start = self.at;
        let end = self.special()?;
        let text = self.slice(start)?;
        if end == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        self.unescaped(text.to_owned()).map(Cow::Owned)
    }

    /// The rest of a text, from a backslash on.
    fn unescaped(&mut self, mut text: String) -> Result<String, Error> {
        loop {
            self.at += 1;
            text.push(self.escaped()?);
            let start = self.at;
            let end = self.special()?;
            text.push_str(self.slice(start)?);
            if end == b'"' {
                self.at += 1;
                return Ok(text);
            }
        }
    }

    #[inline]
    fn text<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        if let Some(text) = self.short() {
            return visitor.visit_borrowed_str(text);
        }
        match self.quoted()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn slice(&self, start: usize) -> Result<&'de str, Error> {
        self.text.get(start..self.at).ok_or_else(|| Error::new("a text that is not UTF-8"))
    }

    fn escaped(&mut self) -> Result<char, Error> {
        let byte = self.peek().ok_or_else(Error::cut_short)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Error::new("an escape that JSON does not know")),
        })
    }

    /// `\u00e9`, or two of them for a character beyond the first 65,536.
    fn unicode(&mut self) -> Result<char, Error> {
        let lone = || Error::new("half of a surrogate pair");
        let first = self.four_digits()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or_else(lone);
        }
        if first >= 0xdc00 || self.bytes.get(self.at..self.at + 2) != Some(b"\\u") {
            return Err(lone());
        }
        self.at += 2;
        let second = self.four_digits()?;
        let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or_else(lone)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low).ok_or_else(lone)
    }

    fn four_digits(&mut self) -> Result<u32, Error> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or_else(Error::cut_short)?;
        self.at += 4;
        digits.iter().try_fold(0, |sum, &byte| {
            let digit =
                char::from(byte).to_digit(16).ok_or_else(|| Error::new("no hexadecimal digit"))?;
            Ok(sum * 16 + digit)
        })
    }

    /// Passes over a text whose opening quote comes next.
    fn skip_quoted(&mut self) -> Result<(), Error> {
        self.at += 1;
        loop {
            match self.special()? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => self.at += 2,
            }
        }
    }

    /// Passes over a value of any depth, without recursion.
    fn skip(&mut self) -> Result<(), Error> {
        let mut depth = 0_usize;
        loop {
            match self.some_token()? {
                b'"' => self.skip_quoted()?,
                b'{' | b'[' => {
                    self.at += 1;
                    depth += 1;
                    self.deepest = self.deepest.max(self.depth + depth);
                }
                b'}' | b']' if depth > 0 => {
                    self.at += 1;
                    depth -= 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                b'-' | b'0'..=b'9' | b'a'..=b'z' => self.skip_word(),
                _ => return Err(Error::new("no value")),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn skip_word(&mut self) {
        while let Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'+' | b'.') = self.peek() {
            self.at += 1;
        }
    }

    fn word_is(&mut self, word: &str) -> Result<(), Error> {
        let start = self.at;
        self.skip_word();
        if self.slice(start)? == word { Ok(()) } else { Err(Error::new("no value")) }
    }

    /// A number: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`.
    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Error> {
        let start = self.at;
        let negative = self.peek() == Some(b'-');
        self.at += usize::from(negative);
        let whole = self.digits()?;
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(Error::new("a number that begins with 0"));
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
            integer = false;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
            integer = false;
        }
        let text = self.slice(start)?;
        if integer
            && !negative
            && let Ok(number) = text.parse::<u64>()
        {
            return visitor.visit_u64(number);
        }
        // `-0` has a sign, which no integer has.
        if integer
            && negative
            && text != "-0"
            && let Ok(number) = text.parse::<i64>()
        {
            return visitor.visit_i64(number);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(Error::new("a number beyond what can be held")),
        }
    }

    fn digits(&mut self) -> Result<&'de str, Error> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.slice(start)? {
            "" if self.peek().is_none() => Err(Error::cut_short()),
            "" => Err(Error::new("no digit")),
            digits => Ok(digits),
        }
    }

    /// Goes into an object or list whose bracket comes next, and out of it again.
    fn inside<T>(
        &mut self,
        end: u8,
        read: impl FnOnce(&mut Inside<'_, 'de>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth == DEEPEST {
            return Err(Error::new("recursion limit exceeded"));
        }
        self.at += 1;
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let mut inside = Inside { parser: self, end, first: true, ended: false };
        // One variable from here to the end: a record of hundreds of bytes is then not moved at each level.
        let mut value = read(&mut inside);
        if value.is_ok()
            && let Err(error) = inside.leave()
        {
            value = Err(error);
        }
        value
    }
}

/// Where the first quote or backslash stands.  Most texts are short: they are seen through before a search for
/// longer ones has begun.
#[inline]
pub(crate) fn special(text: &[u8]) -> Option<usize> {
    const SHORT: usize = 2;
    let (pieces, _) = text.as_chunks::<16>();
    for (place, piece) in pieces.iter().take(SHORT).enumerate() {
        let marks = specials(piece);
        if marks != 0 {
            return Some(place * 16 + marks.trailing_zeros() as usize);
        }
    }
    let seen = pieces.len().min(SHORT) * 16;
    memchr::memchr2(b'"', b'\\', text.get(seen..)?).map(|found| seen + found)
}

/// Which of sixteen bytes are quotes and backslashes, the first one lowest.
#[inline]
fn specials(piece: &[u8; 16]) -> u32 {
    let piece = u8x16::new(*piece);
    (piece.simd_eq(QUOTE) | piece.simd_eq(BACKSLASH)).to_bitmask()
}

const QUOTE: u8x16 = u8x16::new([b'"'; 16]);
const BACKSLASH: u8x16 = u8x16::new([b'\\'; 16]);
const BLANK: u8x16 = u8x16::new([b' '; 16]);

/// An object or list that is being read.
struct Inside<'p, 'de> {
    parser: &'p mut Parser<'de>,
    end: u8,
    first: bool,
    ended: bool,
}

impl Inside<'_, '_> {
    fn leave(&mut self) -> Result<(), Error> {
        if !self.ended && self.next()? {
            return Err(Error::new("more elements than are known"));
        }
        self.parser.depth -= 1;
        Ok(())
    }

    /// Moves to the next member or element; `false` at the end.
    fn next(&mut self) -> Result<bool, Error> {
        if self.ended {
            return Ok(false);
        }
        let token = self.parser.some_token()?;
        if token == self.end {
            self.parser.at += 1;
            self.ended = true;
            return Ok(false);
        }
        if std::mem::take(&mut self.first) {
            return Ok(true);
        }
        if token != b',' {
            return Err(Error::new("no comma between two elements"));
        }
        self.parser.at += 1;
        if self.parser.some_token()? == self.end {
            return Err(Error::new("a comma before the end"));
        }
        Ok(true)
    }
}

impl<'de> de::SeqAccess<'de> for &mut Inside<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.next()? { seed.deserialize(&mut *self.parser).map(Some) } else { Ok(None) }
    }
}

impl<'de> de::MapAccess<'de> for &mut Inside<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if !self.next()? {
            return Ok(None);
        }
        if self.parser.peek() != Some(b'"') {
            return Err(Error::new("a member's name without quotes"));
        }
        seed.deserialize(&mut *self.parser).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        if self.parser.some_token()? != b':' {
            return Err(Error::new("no colon behind a member's name"));
        }
        self.parser.at += 1;
        seed.deserialize(&mut *self.parser)
    }
}

impl<'de> Deserializer<'de> for &mut Parser<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.some_token()? {
            b'"' => self.text(visitor),
            b'{' => self.inside(b'}', |members| visitor.visit_map(members)),
            b'[' => self.inside(b']', |elements| visitor.visit_seq(elements)),
            b'-' | b'0'..=b'9' => self.number(visitor),
            b't' => self.word_is("true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.word_is("false").and_then(|()| visitor.visit_bool(false)),
            b'n' => self.word_is("null").and_then(|()| visitor.visit_unit()),
            _ => Err(Error::new("no value")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.some_token()? {
            b'n' => self.word_is("null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name != RAW {
            return visitor.visit_newtype_struct(self);
        }
        self.some_token()?;
        let start = self.at;
        self.skip()?;
        visitor.visit_borrowed_str(self.slice(start)?)
    }

    /// The name of a variant; variants with content do not occur in the feeds.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.some_token()? {
            b'"' => visitor.visit_enum(self.quoted()?.into_deserializer()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.skip()?;
        visitor.visit_unit()
    }

    /// A member's name, or a text.
    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.some_token()? {
            b'"' => self.text(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Both readers give the same value, or both refuse.
    #[track_caller]
    fn check(text: &str) {
        // The line ends and tabs that JSON allows between values are tried in TEXTS.
        let text = &text.replace(|c: char| c < ' ' && !"\n\t\r".contains(c), "");
        let theirs = serde_json::from_str::<Value>(text);
        let ours = parse::<Value>(text);
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => {
                assert!(same(ours, theirs), "{text}: {ours} against {theirs}");
            }
            (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) if error.to_string().starts_with("control character") => {}
            _ => panic!("{text:?}: {ours:?} against {theirs:?}"),
        }
        if let Ok(value) = theirs {
            assert_eq!(parse::<Raw<'_>>(text).unwrap().0, text.trim(), "{text}");
            assert!(parse::<de::IgnoredAny>(text).is_ok(), "{text}");
            let printed = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(parse::<Value>(&printed).unwrap(), value, "{text}");
        }
    }

    /// `serde_json` rounds long fractions in their last place; this reader takes the nearest.
    fn same(ours: &Value, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Value::Array(ours), Value::Array(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
            }
            (Value::Object(ours), Value::Object(theirs)) => {
                let other = |(key, ours)| theirs.get(key).is_some_and(|theirs| same(ours, theirs));
                ours.len() == theirs.len() && ours.iter().all(other)
            }
            (Value::Number(ours), Value::Number(theirs)) if ours.is_f64() && theirs.is_f64() => {
                let (ours, theirs) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
                (ours - theirs).abs() <= ours.abs() * 1e-15
            }
            _ => ours == theirs,
        }
    }

    const TEXTS: &[&str] = &[
        r#"{"a": [1, -2, 3.5, 1e3, -0, 0.1E-2, true, false, null, "x"], "b": {"c": {}}, "": []}"#,
        r#""plain""#,
        r#""longer than eight bytes, and \"quoted\" \\ \/ \b\f\n\r\t \u00e9 \ud83d\ude00 end""#,
        "\"Übung 💉 — täglich\"",
        " \n\t\r          [ 18446744073709551615 , 18446744073709551616, -9223372036854775808, -9223372036854775809 ]  ",
        "[1.7976931348623157e308, 1e-400, 12345678901234567890123, 0.30000000000000004]",
    ];

    const NONSENSE: &[&str] = &[
        "",
        " ",
        "{",
        "[",
        "\"",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "[1]]",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "0x1",
        "nul",
        "nulll",
        "True",
        "'x'",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"tab\tinside\"",
        "\"new\nline\"",
        "1e999",
        "[1}",
        "{\"a\":1]",
        "\u{feff}1",
        "-01",
        "\"\\",
        "[\"a\" \"b\"]",
        "1 2",
        "{\"a\":1 \"b\":2}",
        "NaN",
        "[-]",
        "--1",
        "1-2",
        "truefalse",
    ];

    #[test]
    fn values_are_read_as_serde_json_reads_them() {
        for text in TEXTS.iter().chain(NONSENSE) {
            check(text);
        }
        for depth in [126, 127, 128, 129, 10_000] {
            check(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)));
        }
    }

    #[test]
    fn every_damage_is_judged_as_serde_json_judges_it() {
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let mut below = |end: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % end.max(1) as u64).unwrap()
        };
        let hostile: Vec<char> = "{}[]\",:\\ \n\t019.-+eEuntfx\u{0}é\u{10ffff}".chars().collect();
        for _ in 0..20_000 {
            let mut text: Vec<char> = TEXTS[below(TEXTS.len())].chars().collect();
            for _ in 0..=below(3) {
                let at = below(text.len());
                let with = hostile[below(hostile.len())];
                match below(4) {
                    0 if !text.is_empty() => text[at] = with,
                    1 => text.insert(at, with),
                    2 if !text.is_empty() => drop(text.remove(at)),
                    _ => text.truncate(at),
                }
            }
            check(&text.into_iter().collect::<String>());
        }
    }

    #[test]
    fn an_error_says_where_it_is() {
        let error = parse::<Value>("{\n  \"a\": 1,\n  \"b\": x\n}").unwrap_err();
        assert_eq!(error.to_string(), "no value (line 3, column 8)");
        assert!(parse::<Value>("[1, ").unwrap_err().is_cut_short());
        assert!(!parse::<Value>("[1, }").unwrap_err().is_cut_short());
    }

    #[test]
    fn a_member_that_is_passed_over_may_be_deep() {
        #[derive(Debug, serde::Deserialize)]
        struct Small {
            a: u8,
        }
        let deep =
            format!("{{\"x\": {}{}, \"a\": 7}}", "[{\"y\":".repeat(50_000), "1}]".repeat(50_000));
        assert_eq!(parse::<Small>(&deep).unwrap().a, 7);
    }

    #[test]
    fn enums_options_and_borrowed_texts_are_understood() {
        #[derive(Debug, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Word {
            Yes,
            #[serde(other)]
            Other,
        }
        #[derive(Debug, PartialEq, serde::Deserialize)]
        struct Record<'a> {
            word: Word,
            second: Word,
            #[serde(borrow)]
            text: Cow<'a, str>,
            none: Option<String>,
            missing: Option<u32>,
            #[serde(borrow)]
            raw: Raw<'a>,
        }
        let text = r#"{"word": "yes", "second": "no", "text": "abc", "none": null, "raw": {"a": [1, "]"]}}"#;
        let record: Record<'_> = parse(text).unwrap();
        assert!(matches!(record.text, Cow::Borrowed("abc")));
        assert_eq!(
            (record.word, record.second, record.none, record.missing),
            (Word::Yes, Word::Other, None, None)
        );
        assert_eq!(record.raw.0, r#"{"a": [1, "]"]}"#);
    }
}
