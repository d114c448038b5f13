//! Large JSON documents, element by element.
//!
//! A feed is one object with one long list in it.  [`walk`] goes through such a
//! document front to back (RFC 8259) and hands over each element of the lists a
//! reader wants, each other member it wants, and nothing of the rest; it never
//! holds more than one of them.  An element that is too large or nests too deep
//! is passed by and reported; the elements after it are read.
//!
//! An object that lies whole in what is buffered is read where it lies, in one pass.  Any other
//! value, and any that turns out to be no such value as the reader wants, is first cut out of
//! the document, so that what is wrong with it stays in it.

mod parse;

use crate::{Document, Error, Item};
use exposome_model::reading::{Complaint, Sink};
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;
use std::io::BufRead;
use std::marker::PhantomData;

pub(crate) use parse::{Raw, parse, special};

/// What a reader wants of a member of the outermost object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    Nothing,
    Whole,
    /// Each element of the list by itself.
    Elements,
}

/// A part of the document.
#[derive(Debug)]
pub struct Piece<'a> {
    /// The member's name; empty for the elements of an outermost list and for a lone value.
    pub member: &'a str,
    /// Its place in the list, where it is an element.
    pub index: Option<usize>,
    text: &'a str,
    end: End,
}

/// Where the text of a piece ends.
#[derive(Debug)]
enum End {
    /// With the piece.
    Known,
    /// Somewhere behind it: whoever reads the piece finds out where its value ends.
    Sought { deepest: usize, longest: usize, found: Cell<Option<usize>> },
}

impl<'a> Piece<'a> {
    pub(crate) fn new(member: &'a str, index: Option<usize>, json: &'a str) -> Piece<'a> {
        Piece { member, index, text: json, end: End::Known }
    }

    /// `vulnerabilities[3]`, `title`.
    pub fn place(&self) -> String {
        place(self.member, self.index)
    }

    /// The piece as a value of the reader's; what does not fit is complained of.
    ///
    /// A visitor parses a piece before it does anything else with it: one whose end is not known and that does not
    /// fit comes a second time, cut out.
    pub fn parse<'de, T: Deserialize<'de>>(&'de self, sink: &mut dyn Sink<Item>) -> Option<T> {
        if let End::Sought { deepest, longest, found } = &self.end
            && found.get().is_none()
        {
            let (value, extent) = parse::first(self.text)?;
            let fits = extent.deepest <= *deepest && extent.length <= *longest;
            found.set(fits.then_some(extent.length));
            return fits.then_some(value);
        }
        let end = match &self.end {
            End::Known => None,
            End::Sought { found, .. } => found.get(),
        };
        match parse::parse(end.and_then(|end| self.text.get(..end)).unwrap_or(self.text)) {
            Ok(value) => Some(value),
            Err(error) => {
                sink.complain(Complaint::refused(self.place(), misfit(&error)));
                None
            }
        }
    }
}

fn place(member: &str, index: Option<usize>) -> String {
    match index {
        Some(index) => format!("{member}[{index}]"),
        None if member.is_empty() => "the document".to_owned(),
        None => member.to_owned(),
    }
}

/// What is wrong with a JSON text, with its place in that text.
pub(crate) fn misfit(error: &parse::Error) -> String {
    format!("{} ({} of it)", error.message(), error.place())
}

/// Reads a small document at one go.
pub(crate) fn document<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Error> {
    let text = text(bytes)?;
    parse::parse(text).map_err(|error| {
        let place = error.place();
        if error.is_cut_short() {
            return Error::CutShort { place, expected: "the rest of the JSON document" };
        }
        Error::Malformed {
            place,
            found: error.message().to_owned(),
            expected: "a JSON document of this format".into(),
        }
    })
}

/// JSON is UTF-8 (RFC 8259, section 8.1).
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| Error::Malformed {
        place: format!("byte {}", error.valid_up_to()),
        found: "bytes that are not UTF-8".into(),
        expected: "JSON in UTF-8".into(),
    })
}

/// `null` for a list means that there is none.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_option(List(PhantomData))
}

/// The most elements of a list that is read as a whole: an empty object of three bytes may take hundreds in memory.
/// The longest real ones (products of a distribution's advisory) have some hundred thousand.
const MOST_ELEMENTS: usize = 1_000_000;

struct List<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_none<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_seq(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let Some(first) = elements.next_element()? else { return Ok(Vec::new()) };
        // Most lists have one element: room for it alone, where a first push would make room for four.
        let mut list = Vec::with_capacity(1);
        list.push(first);
        while let Some(element) = elements.next_element()? {
            if list.len() == MOST_ELEMENTS {
                return Err(A::Error::custom(format!(
                    "a list of more than {MOST_ELEMENTS} elements, which no publisher writes"
                )));
            }
            list.push(element);
        }
        Ok(list)
    }
}

/// Goes through a document; every wanted piece is visited in the document's order.
///
/// An outermost list counts as a member without a name that is wanted by elements.
pub fn walk(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
    want: impl Fn(&str) -> Want,
    mut visit: impl FnMut(&Piece<'_>, &mut dyn Sink<Item>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut scan = Scan {
        source,
        at: 0,
        tried_to: 0,
        held: Vec::new(),
        most_bytes: document.limits.record_bytes,
        most_depth: document.limits.values_deep,
    };
    match scan.next_token("a JSON document")? {
        b'[' => scan.elements("", sink, &mut visit)?,
        b'{' => scan.members(sink, &want, &mut visit)?,
        other => return Err(scan.unexpected(other, "a JSON object or list")),
    }
    match scan.peek()? {
        None => Ok(()),
        Some(other) => Err(scan.unexpected(other, "the end of the document")),
    }
}

type Visit<'v> = dyn FnMut(&Piece<'_>, &mut dyn Sink<Item>) -> Result<(), Error> + 'v;

struct Scan<'a> {
    source: &'a mut dyn BufRead,
    /// How many bytes have been consumed.
    at: u64,
    /// Up to where objects have been looked for in what is buffered.
    tried_to: u64,
    /// The value being read, if it is wanted.
    held: Vec<u8>,
    most_bytes: usize,
    most_depth: usize,
}

/// How reading over a value went.
enum Seen {
    Held,
    /// It was passed by: too large, or too deep.
    Passed(String),
}

impl Scan<'_> {
    fn members(
        &mut self,
        sink: &mut dyn Sink<Item>,
        want: &dyn Fn(&str) -> Want,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        loop {
            match self.next_token("a member or the end of the object")? {
                b'}' => return Ok(()),
                b',' => {}
                b'"' => self.member(sink, want, visit)?,
                other => return Err(self.unexpected(other, "a member's name")),
            }
        }
    }

    fn member(
        &mut self,
        sink: &mut dyn Sink<Item>,
        want: &dyn Fn(&str) -> Want,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        self.held.clear();
        self.held.push(b'"');
        self.rest_of_name()?;
        let name: String = serde_json::from_slice(&self.held).unwrap_or_default();
        match self.next_token("a colon")? {
            b':' => {}
            other => return Err(self.unexpected(other, "a colon")),
        }
        let wanted = want(&name);
        if wanted == Want::Elements && self.peek()? == Some(b'[') {
            self.next_token("a list")?;
            return self.elements(&name, sink, visit);
        }
        let seen = self.value(wanted != Want::Nothing, &name, None)?;
        if wanted == Want::Nothing {
            Ok(())
        } else {
            self.hand_over(seen, &name, None, sink, visit)
        }
    }

    fn elements(
        &mut self,
        member: &str,
        sink: &mut dyn Sink<Item>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let mut index = 0;
        loop {
            self.elements_at_hand(member, &mut index, sink, visit)?;
            match self.peek()? {
                Some(b']') => {
                    self.consume(1);
                    return Ok(());
                }
                Some(b',') => self.consume(1),
                Some(_) => {
                    let seen = self.value(true, member, Some(index))?;
                    self.hand_over(seen, member, Some(index), sink, visit)?;
                    index += 1;
                }
                None => return Err(self.cut_short(member, Some(index))),
            }
        }
    }

    /// Hands over the objects that lie whole in what is buffered, up to the first that does not or that does not fit.
    fn elements_at_hand(
        &mut self,
        member: &str,
        index: &mut usize,
        sink: &mut dyn Sink<Item>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        if self.at < self.tried_to {
            return Ok(());
        }
        let chunk = self.source.fill_buf().map_err(failed_at(self.at))?;
        // Once for each chunk: a document without any such object must not be searched again from each of its elements.
        self.tried_to = self.at + chunk.len() as u64;
        let text = valid_start(chunk);
        let mut at = 0;
        loop {
            let between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b',';
            let rest = text.get(at..).unwrap_or_default();
            at += rest.bytes().take_while(between).count();
            let Some(rest) = text.get(at..).filter(|rest| rest.starts_with('{')) else { break };
            let (deepest, longest) = (self.most_depth, self.most_bytes);
            let end = End::Sought { deepest, longest, found: Cell::new(None) };
            let piece = Piece { member, index: Some(*index), text: rest, end };
            visit(&piece, sink)?;
            let End::Sought { found, .. } = piece.end else { break };
            let Some(length) = found.get() else { break };
            at += length;
            *index += 1;
        }
        self.consume(at);
        Ok(())
    }

    fn hand_over(
        &self,
        seen: Seen,
        member: &str,
        index: Option<usize>,
        sink: &mut dyn Sink<Item>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let json = match (seen, std::str::from_utf8(&self.held)) {
            (Seen::Held, Ok(json)) => json,
            (Seen::Held, Err(_)) => {
                sink.complain(Complaint::refused(place(member, index), "it is not UTF-8"));
                return Ok(());
            }
            (Seen::Passed(why), _) => {
                sink.complain(Complaint::refused(place(member, index), why));
                return Ok(());
            }
        };
        visit(&Piece::new(member, index, json), sink)
    }

    /// Reads over one value, and holds it if it is wanted and within bounds.
    fn value(&mut self, hold: bool, member: &str, index: Option<usize>) -> Result<Seen, Error> {
        self.held.clear();
        let mut depth = Depth::default();
        if let Some(byte @ (b'}' | b']' | b',' | b':')) = self.peek()? {
            return Err(self.unexpected(byte, "a value"));
        }
        loop {
            let chunk = self.source.fill_buf().map_err(failed_at(self.at))?;
            if chunk.is_empty() {
                return Err(self.cut_short(member, index));
            }
            let (used, ended) = depth.run(chunk);
            if hold && self.held.len() <= self.most_bytes {
                self.held.extend_from_slice(chunk.get(..used).unwrap_or(chunk));
            }
            self.source.consume(used);
            self.at += used as u64;
            if ended {
                break;
            }
        }
        let deepest = depth.most;
        if deepest > self.most_depth {
            return Ok(Seen::Passed(format!(
                "it nests {deepest} deep; at most {} is read",
                self.most_depth
            )));
        }
        if self.held.len() > self.most_bytes {
            return Ok(Seen::Passed(format!(
                "it is larger than the {} bytes allowed",
                self.most_bytes
            )));
        }
        Ok(Seen::Held)
    }

    /// Reads a member's name whose opening quote has been taken.
    fn rest_of_name(&mut self) -> Result<(), Error> {
        // The character after a backslash may lie in the next chunk.
        let mut escaped = false;
        loop {
            let chunk = self.source.fill_buf().map_err(failed_at(self.at))?;
            if chunk.is_empty() {
                return Err(self.cut_short("a member's name", None));
            }
            let (used, ended) = text_run(chunk, &mut escaped);
            if self.held.len() <= self.most_bytes {
                self.held.extend_from_slice(chunk.get(..used).unwrap_or(chunk));
            }
            self.source.consume(used);
            self.at += used as u64;
            if ended {
                return Ok(());
            }
        }
    }

    fn consume(&mut self, count: usize) {
        self.source.consume(count);
        self.at += count as u64;
    }

    /// The next byte that is not white space, without taking it.
    fn peek(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let chunk = self.source.fill_buf().map_err(failed_at(self.at))?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let blank = chunk.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let next = chunk.get(blank).copied();
            self.consume(blank);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    fn next_token(&mut self, expected: &'static str) -> Result<u8, Error> {
        match self.peek()? {
            Some(byte) => {
                self.consume(1);
                Ok(byte)
            }
            None => Err(Error::CutShort { place: format!("byte {}", self.at), expected }),
        }
    }

    fn cut_short(&self, member: &str, index: Option<usize>) -> Error {
        let place = format!("byte {}, in {}", self.at, place(member, index));
        Error::CutShort { place, expected: "the rest of the JSON document" }
    }

    fn unexpected(&self, found: u8, expected: &str) -> Error {
        let found = format!("'{}'", found.escape_ascii());
        Error::Malformed {
            place: format!("byte {}", self.at),
            found,
            expected: expected.to_owned(),
        }
    }
}

/// As much of some bytes as is text: a character may be cut at their end.
pub(crate) fn valid_start(chunk: &[u8]) -> &str {
    let valid = |bytes| std::str::from_utf8(bytes);
    valid(chunk)
        .or_else(|error| valid(chunk.get(..error.valid_up_to()).unwrap_or_default()))
        .unwrap_or_default()
}

/// Names the place only when reading fails there.
fn failed_at(at: u64) -> impl FnOnce(std::io::Error) -> Error {
    move |error| Error::source(format!("byte {at}"))(error)
}

/// How far a text goes in a chunk, its closing quote included, and whether it ends there.
fn text_run(chunk: &[u8], escaped: &mut bool) -> (usize, bool) {
    let mut at = usize::from(std::mem::take(escaped));
    while let Some(found) = special(chunk.get(at..).unwrap_or_default()) {
        at += found;
        if chunk.get(at) == Some(&b'"') {
            return (at + 1, true);
        }
        at += 2;
    }
    // A backslash at the very end takes the first character of the next chunk.
    *escaped = at > chunk.len();
    (chunk.len(), false)
}

/// How deep into a value the reading has come.
#[derive(Default)]
struct Depth {
    now: usize,
    most: usize,
    in_text: bool,
    /// The next character has a backslash before it.
    escaped: bool,
}

impl Depth {
    /// How many bytes of a chunk belong to the value, and whether it ends there.
    fn run(&mut self, chunk: &[u8]) -> (usize, bool) {
        let mut at = 0;
        loop {
            if self.in_text {
                let rest = chunk.get(at..).unwrap_or_default();
                let (used, ended) = text_run(rest, &mut self.escaped);
                at += used;
                self.in_text = !ended;
                if !ended || self.now == 0 {
                    return (at, ended);
                }
            }
            let Some(&byte) = chunk.get(at) else { return (at, false) };
            match byte {
                b'"' => self.in_text = true,
                b'{' | b'[' => {
                    self.now += 1;
                    self.most = self.most.max(self.now);
                }
                b'}' | b']' if self.now > 1 => self.now -= 1,
                b'}' | b']' if self.now == 1 => return (at + 1, true),
                b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' if self.now == 0 => {
                    return (at, true);
                }
                _ => {}
            }
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use exposome_model::reading::Kept;
    use std::io::BufReader;

    #[test]
    fn an_endless_list_is_refused() {
        #[derive(serde::Deserialize)]
        struct Record {
            #[serde(default, deserialize_with = "list")]
            list: Vec<serde::de::IgnoredAny>,
        }
        let document = |elements: usize| format!("{{\"list\":[{}0]}}", "0,".repeat(elements));
        let whole: Record = parse(&document(MOST_ELEMENTS - 1)).unwrap();
        assert_eq!(whole.list.len(), MOST_ELEMENTS);
        let refused = parse::<Record>(&document(MOST_ELEMENTS)).err().unwrap();
        assert!(refused.to_string().contains("more than 1000000 elements"), "{refused}");
        assert!(parse::<Record>("{\"list\":null}").unwrap().list.is_empty());
    }

    /// Every piece as `place=json`, every complaint, and how it ended.
    fn walked(json: &[u8], limits: &Limits) -> Vec<String> {
        let mut outcomes = [1, 3, 4096].map(|buffer| {
            let mut seen = Vec::new();
            let mut kept = Kept::default();
            let told = crate::inventory::Told::default();
            let document = Document { name: "test", limits, told: &told };
            let ended = walk(
                &mut BufReader::with_capacity(buffer, json),
                &document,
                &mut kept,
                |name| match name {
                    "list" => Want::Elements,
                    "skip" => Want::Nothing,
                    _ => Want::Whole,
                },
                |piece, sink| {
                    let text = piece.parse::<Raw<'_>>(sink);
                    seen.extend(text.map(|text| format!("{}={}", piece.place(), text.0)));
                    Ok(())
                },
            );
            seen.extend(kept.complaints.iter().map(ToString::to_string));
            seen.extend(ended.err().map(|error| error.to_string()));
            seen
        });
        let [first, ..] = &mut outcomes;
        let first = std::mem::take(first);
        assert!(outcomes.iter().skip(1).all(|other| *other == first), "{outcomes:?} {first:?}");
        first
    }

    #[track_caller]
    fn check(json: &str, expected: &[&str]) {
        assert_eq!(walked(json.as_bytes(), &Limits::default()), expected);
    }

    #[test]
    fn wanted_members_and_elements_come_in_order() {
        check(
            r#" {"a": "x\"}\\", "skip": {"b": ["]"]}, "list": [ {"c": [1, 2]}, 3 , "d\\", null], "e":-1.5e3 } "#,
            &[
                r#"a="x\"}\\""#,
                r#"list[0]={"c": [1, 2]}"#,
                "list[1]=3",
                r#"list[2]="d\\""#,
                "list[3]=null",
                "e=-1.5e3",
            ],
        );
        check(r#"[{"a":1},[]]"#, &[r#"[0]={"a":1}"#, "[1]=[]"]);
        check(r#"{"list": 7, "k\u0065y": []}"#, &["list=7", "key=[]"]);
    }

    #[test]
    fn what_came_before_a_cut_is_kept() {
        check(
            r#"{"list": [{"a": 1}, {"b": "#,
            &[
                r#"list[0]={"a": 1}"#,
                "the document ends at byte 26, in list[1], expected the rest of the JSON document",
            ],
        );
        check(
            "{\"a\": \"open",
            &["the document ends at byte 11, in a, expected the rest of the JSON document"],
        );
        check("", &["the document ends at byte 0, expected a JSON document"]);
    }

    #[test]
    fn nonsense_is_named() {
        check("{a: 1}", &["'a' at byte 2, expected a member's name"]);
        check("[}]", &["'}' at byte 1, expected a value"]);
        check("{} {}", &["'{' at byte 3, expected the end of the document"]);
        check("7", &["'7' at byte 1, expected a JSON object or list"]);
    }

    #[test]
    fn a_value_too_deep_or_too_large_is_passed_by() {
        let limits = Limits { values_deep: 3, record_bytes: 20, ..Limits::default() };
        let deep = format!("{{\"list\": [{}{}, 1]}}", "[".repeat(9), "]".repeat(9));
        assert_eq!(
            walked(deep.as_bytes(), &limits),
            ["list[1]=1", "refused at list[0]: it nests 9 deep; at most 3 is read"]
        );
        let long = format!("{{\"list\": [\"{}\", 2]}}", "x".repeat(500));
        assert_eq!(
            walked(long.as_bytes(), &limits),
            ["list[1]=2", "refused at list[0]: it is larger than the 20 bytes allowed"]
        );
    }

    #[test]
    fn bytes_that_are_no_text_cost_one_element() {
        assert_eq!(
            walked(b"[\"\xff\", 1]", &Limits::default()),
            ["[1]=1", "refused at [0]: it is not UTF-8"]
        );
    }
}
