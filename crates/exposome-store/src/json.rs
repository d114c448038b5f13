//! Nouns to JSON text (RFC 8259), byte for byte as `serde_json` writes it.
//!
//! A load writes half a million records down.  `serde_json` looks at the characters of a text
//! one by one and hands over each comma by itself, which was an eighth of the whole load; this
//! writer looks at sixteen characters at a time.  What is rare (numbers, texts with something
//! to escape) it leaves to `serde_json`, and the tests compare the two.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

pub(crate) fn text<T: Serialize + ?Sized>(value: &T) -> String {
    let mut text = Vec::new();
    write(&mut text, value);
    String::from_utf8(text).expect("JSON made of texts is a text")
}

pub(crate) fn write<T: Serialize + ?Sized>(into: &mut Vec<u8>, value: &T) {
    // The nouns of exposome-model have string keys only, and nothing else that can fail.
    value.serialize(Writer { into }).expect("a noun of exposome-model serialises");
}

type Done = Result<(), serde_json::Error>;

/// Writes one value.
struct Writer<'a> {
    into: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    fn rare<T: Serialize + ?Sized>(self, value: &T) -> Done {
        serde_json::to_writer(self.into, value)
    }

    fn list(self, end: &'static [u8]) -> Parts<'a> {
        self.into.push(b'[');
        Parts { into: self.into, first: true, end }
    }

    fn object(self, end: &'static [u8]) -> Parts<'a> {
        self.into.push(b'{');
        Parts { into: self.into, first: true, end }
    }

    /// `{"name":`, of which the brace is still open.
    fn variant(self, name: &str) -> Result<Writer<'a>, serde_json::Error> {
        self.into.push(b'{');
        quoted(self.into, name)?;
        self.into.push(b':');
        Ok(self)
    }
}

fn quoted(into: &mut Vec<u8>, text: &str) -> Done {
    if needs_escape(text.as_bytes()) {
        return serde_json::to_writer(into, text);
    }
    into.reserve(text.len() + 2);
    into.push(b'"');
    into.extend_from_slice(text.as_bytes());
    into.push(b'"');
    Ok(())
}

/// Whether a text holds a quote, a backslash or a control character (section 7).
fn needs_escape(text: &[u8]) -> bool {
    // With no way out of it the compiler looks at all bytes of a piece at once.
    fn any<const N: usize>(piece: &[u8; N]) -> bool {
        piece.iter().fold(false, |any, byte| any | is_special(*byte))
    }
    let is_special_piece = |text: &[u8]| match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        // The two may overlap.
        (Some(first), Some(last)) => any(first) | any(last),
        _ => text.iter().any(|byte| is_special(*byte)),
    };
    let (pieces, rest) = text.as_chunks::<16>();
    match text.last_chunk::<16>() {
        Some(last) => pieces.iter().any(any) || any(last),
        None => is_special_piece(rest),
    }
}

fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// The elements of a list or the members of an object.
struct Parts<'a> {
    into: &'a mut Vec<u8>,
    first: bool,
    end: &'static [u8],
}

impl Parts<'_> {
    fn next(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.into.push(b',');
        }
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.next();
        value.serialize(Writer { into: self.into })
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
        self.next();
        // What a noun calls its parts holds nothing to escape.
        debug_assert!(!needs_escape(name.as_bytes()), "{name}");
        self.into.reserve(name.len() + 3);
        self.into.push(b'"');
        self.into.extend_from_slice(name.as_bytes());
        self.into.extend_from_slice(b"\":");
        value.serialize(Writer { into: self.into })
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.into.push(b':');
        value.serialize(Writer { into: self.into })
    }

    fn finish(self) {
        self.into.extend_from_slice(self.end);
    }
}

macro_rules! rare {
    ($($method:ident $of:ty),*) => {
        $(fn $method(self, value: $of) -> Done { self.rare(&value) })*
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = serde_json::Error;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    rare! {
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128,
        serialize_f32 f32, serialize_f64 f64, serialize_char char, serialize_bytes &[u8]
    }

    fn serialize_bool(self, value: bool) -> Done {
        self.into.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Done {
        quoted(self.into, text)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.into.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        quoted(self.into, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        let Writer { into } = self.variant(variant)?;
        value.serialize(Writer { into: &mut *into })?;
        into.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, Self::Error> {
        Ok(self.list(b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, Self::Error> {
        Ok(self.list(b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, Self::Error> {
        Ok(self.list(b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Self::Error> {
        Ok(self.variant(variant)?.list(b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, Self::Error> {
        Ok(self.object(b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, Self::Error> {
        Ok(self.object(b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Self::Error> {
        Ok(self.variant(variant)?.object(b"}}"))
    }
}

macro_rules! lists {
    ($($kind:ident $method:ident),*) => {
        $(impl $kind for Parts<'_> {
            type Ok = ();
            type Error = serde_json::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                self.element(value)
            }

            fn end(self) -> Done {
                self.finish();
                Ok(())
            }
        })*
    };
}

lists! {
    SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field
}

macro_rules! objects {
    ($($kind:ident),*) => {
        $(impl $kind for Parts<'_> {
            type Ok = ();
            type Error = serde_json::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
                self.member(name, value)
            }

            fn end(self) -> Done {
                self.finish();
                Ok(())
            }
        })*
    };
}

objects! { SerializeStruct, SerializeStructVariant }

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = serde_json::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.next();
        let start = self.into.len();
        key.serialize(Writer { into: self.into })?;
        assert_eq!(self.into.get(start), Some(&b'"'), "the keys of a noun are texts");
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.value(value)
    }

    fn end(self) -> Done {
        self.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::knowledge::{
        Advisory, AdvisoryKind, ExploitationNote, Product, Record, Statement, Status, Target,
        VersionRow, Versions,
    };
    use std::collections::BTreeMap;

    #[track_caller]
    fn check<T: Serialize>(value: &T) {
        assert_eq!(text(value), serde_json::to_string(value).unwrap());
    }

    #[derive(serde::Serialize)]
    enum Shape {
        Unit,
        Newtype(Option<u8>),
        Tuple(i64, bool),
        Struct { text: &'static str, list: Vec<f64> },
    }

    #[derive(serde::Serialize)]
    struct Whole {
        shapes: Vec<Shape>,
        #[serde(skip_serializing_if = "Option::is_none")]
        absent: Option<()>,
        nothing: Option<()>,
        letter: char,
        map: BTreeMap<String, (i32, u64)>,
        empty: (Vec<u8>, BTreeMap<String, u8>),
    }

    #[test]
    fn every_shape_is_written_as_serde_json_writes_it() {
        let shapes = vec![
            Shape::Unit,
            Shape::Newtype(Some(7)),
            Shape::Newtype(None),
            Shape::Tuple(i64::MIN, true),
            Shape::Struct { text: "\"", list: vec![0.1, -1.0] },
        ];
        let map = [("a\\b".to_owned(), (-1, u64::MAX)), (String::new(), (0, 0))].into();
        check(&Whole {
            shapes,
            absent: None,
            nothing: None,
            letter: '\n',
            map,
            empty: (Vec::new(), BTreeMap::new()),
        });
    }

    #[test]
    fn whatever_stands_anywhere_in_a_text_is_escaped_where_serde_json_does() {
        for character in (0..=0x17f).filter_map(char::from_u32) {
            for before in [0, 1, 15, 16, 17, 40] {
                check(&format!("{}{character}{}", "x".repeat(before), "y".repeat(before)));
            }
        }
    }

    #[test]
    fn a_record_is_written_as_serde_json_writes_it() {
        let product = Product { name: Some("Pump \"A\"".to_owned()), ..Product::default() };
        let statement = Statement {
            target: Target::Product(Box::new(product)),
            default: Status::Unknown,
            versions: vec![VersionRow { versions: Versions::Any, status: Status::Affected }],
            justification: None,
        };
        let kev = ExploitationNote::kev(jiff::civil::date(2020, 2, 29));
        check(&Record::Advisory(Box::new(Advisory {
            published: Some(jiff::Timestamp::UNIX_EPOCH),
            statements: vec![statement],
            exploitation: vec![kev],
            ..Advisory::new("cve:acme", AdvisoryKind::Record, "CVE-2020-1")
        })));
    }
}
