//! XML documents of any size, element by element.
//!
//! Nothing is ever fetched and no entity of the document's own is ever
//! expanded: `&name;` that XML itself does not define stays as it is written.  Depth
//! and the size of a single tag or text are bounded.  Bytes that are not UTF-8
//! are read as Windows-1252, whatever the declaration says: older scanners put the
//! output of what they asked into the document as it came.
//!
//! Specification: XML 1.0, fifth edition, sections 2, 4.1 and 4.6.

use super::text::{decode, quoted};
use crate::{Document, Error, Item};
use exposome_model::reading::{Complaint, Sink};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, escape};
use std::io::{self, BufRead, Read};

/// The largest tag, text or comment, in bytes.
const NODE_CAP: usize = 16 << 20;
/// How much of the text of one element is kept.
const TEXT_CAP: usize = 1 << 16;

/// A tag with its attributes.
pub(crate) struct Element<'x> {
    start: &'x BytesStart<'x>,
}

impl Element<'_> {
    /// An attribute's value; a blank one is none.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.start.attributes();
        let found = attributes
            .with_checks(false)
            .flatten()
            .find(|it| it.key.local_name().as_ref() == name)?;
        let value = match escape::unescape(&found.value) {
            Ok(text) => text.trim().to_owned(),
            Err(_) => found.value.trim().to_owned(),
        };
        (!value.is_empty()).then_some(value)
    }
}

/// What is met on the way through a document.
pub(crate) enum Node<'x> {
    Open(Element<'x>),
    /// An element ends; the text that stood in it after its last child.
    Close(&'x str),
}

/// Goes through a document; `path` is the local names from the root to the element itself.
pub(crate) fn walk(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
    mut visit: impl FnMut(&[String], Node<'_>, &mut dyn Sink<Item>),
) -> Result<(), Error> {
    let mut reader = Reader::from_reader(Utf8::new(source));
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.allow_dangling_amp = true;
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        reader.get_mut().node_len = 0;
        let before = reader.buffer_position();
        let event = reader
            .read_event_into(&mut buffer)
            .map_err(|error| what_failed(error, place(&path, before)))?;
        match event {
            Event::Start(start) => {
                if path.len() >= document.limits.values_deep {
                    let limit = document.limits.values_deep.to_string();
                    return Err(Error::OverLimit {
                        what: "the depth of elements",
                        place: place(&path, before),
                        limit,
                    });
                }
                path.push(start.local_name().as_ref().to_owned());
                text.clear();
                visit(&path, Node::Open(Element { start: &start }), sink);
            }
            Event::End(_) => {
                visit(&path, Node::Close(&text), sink);
                path.pop();
                text.clear();
            }
            Event::Text(piece) => append(&mut text, &piece),
            Event::CData(piece) => append(&mut text, &piece),
            Event::GeneralRef(reference) => append(&mut text, &resolved(&reference)),
            Event::DocType(declaration) if declaration.contains('[') => {
                sink.complain(Complaint::doubtful(
                    place(&path, before),
                    "the document declares entities of its own; none is expanded",
                ));
            }
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => {
                return Err(Error::CutShort {
                    place: place(&path, before),
                    expected: "the rest of the XML document",
                });
            }
            _ => {}
        }
    }
}

/// `byte 1472, in nmaprun/host/os`; of a deep path the end is shown.
fn place(path: &[String], at: u64) -> String {
    let shown = path.get(path.len().saturating_sub(6)..).unwrap_or_default().join("/");
    match path.len() {
        0 => format!("byte {at}, in the document"),
        1..=6 => format!("byte {at}, in {shown}"),
        _ => format!("byte {at}, in …/{shown}"),
    }
}

fn append(text: &mut String, piece: &str) {
    let room = TEXT_CAP.saturating_sub(text.len());
    let end = (0..=room.min(piece.len())).rev().find(|it| piece.is_char_boundary(*it)).unwrap_or(0);
    text.push_str(piece.get(..end).unwrap_or_default());
}

/// A character reference or one of XML's own five entities; any other as it is written.
fn resolved(name: &str) -> String {
    let written = format!("&{name};");
    escape::unescape(&written).map_or_else(|_| written.clone(), std::borrow::Cow::into_owned)
}

fn what_failed(error: quick_xml::Error, place: String) -> Error {
    match error {
        quick_xml::Error::Io(error) => match std::sync::Arc::try_unwrap(error) {
            Ok(error) => Error::source(place)(error),
            Err(shared) => {
                Error::Source { place, source: io::Error::new(shared.kind(), shared.to_string()) }
            }
        },
        error @ (quick_xml::Error::Syntax(_) | quick_xml::Error::IllFormed(_)) => {
            let found = error.to_string();
            Error::Malformed { place, found, expected: "well-formed XML".to_owned() }
        }
        error => Error::Malformed {
            place,
            found: quoted(&error.to_string()),
            expected: "well-formed XML".to_owned(),
        },
    }
}

/// A source in which every byte belongs to UTF-8.
struct Utf8<'a> {
    source: &'a mut dyn BufRead,
    /// What is ready to be read.
    ready: Vec<u8>,
    at: usize,
    /// The beginning of a character whose end has not come yet.
    begun: Vec<u8>,
    /// How long the tag or text being read has become.
    node_len: usize,
}

impl<'a> Utf8<'a> {
    fn new(source: &'a mut dyn BufRead) -> Utf8<'a> {
        Utf8 { source, ready: Vec::new(), at: 0, begun: Vec::new(), node_len: 0 }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.at = 0;
        while self.ready.is_empty() {
            let chunk = self.source.fill_buf()?;
            let chunk_len = chunk.len();
            self.begun.extend_from_slice(chunk);
            let ended = chunk_len == 0;
            let mut kept = 0;
            for piece in self.begun.utf8_chunks() {
                self.ready.extend_from_slice(piece.valid().as_bytes());
                kept += piece.valid().len();
                let rest = piece.invalid();
                if !ended
                    && kept + rest.len() == self.begun.len()
                    && rest.len() < 4
                    && may_go_on(rest)
                {
                    break;
                }
                self.ready.extend_from_slice(decode(rest).as_bytes());
                kept += rest.len();
            }
            self.begun.drain(..kept);
            self.source.consume(chunk_len);
            if ended {
                break;
            }
        }
        Ok(())
    }
}

/// Whether bytes that are no character yet may be the beginning of one.
fn may_go_on(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

impl Read for Utf8<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Utf8<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.node_len > NODE_CAP {
            let limit = format!("{NODE_CAP} bytes");
            return Err(io::Error::other(Error::OverLimit {
                what: "a single tag or text",
                place: "the document".to_owned(),
                limit,
            }));
        }
        if self.at >= self.ready.len() {
            self.refill()?;
        }
        Ok(self.ready.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.node_len = self.node_len.saturating_add(count);
        self.at = self.at.saturating_add(count).min(self.ready.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use exposome_model::reading::Kept;
    use std::io::BufReader;

    /// Every leaf as `path=text`, every attribute `a`, every complaint, and how it ended.
    fn walked(xml: &[u8]) -> Vec<String> {
        let outcomes = [1, 3, 4096].map(|size| {
            let limits = Limits { values_deep: 5, ..Limits::default() };
            let told = crate::inventory::Told::default();
            let document = Document { name: "x", limits: &limits, told: &told };
            let mut kept = Kept::default();
            let mut seen = Vec::new();
            let ended = walk(
                &mut BufReader::with_capacity(size, xml),
                &document,
                &mut kept,
                |path, node, _| match node {
                    Node::Open(element) => seen.extend(
                        element.attribute("a").map(|it| format!("{}@{it}", path.join("/"))),
                    ),
                    Node::Close(text) if !text.trim().is_empty() => {
                        seen.push(format!("{}={text}", path.join("/")));
                    }
                    Node::Close(_) => {}
                },
            );
            seen.extend(kept.complaints.iter().map(ToString::to_string));
            seen.extend(ended.err().map(|error| error.to_string()));
            seen
        });
        assert_eq!(outcomes[0], outcomes[2]);
        assert_eq!(outcomes[1], outcomes[2]);
        outcomes.into_iter().next().unwrap()
    }

    #[track_caller]
    fn check(xml: &[u8], expected: &[&str]) {
        assert_eq!(walked(xml), expected);
    }

    #[test]
    fn texts_and_attributes_are_read_with_their_references() {
        check(b"<?xml version='1.0'?><x:r><b a='1 &lt; 2'/><c>x &amp; y&#33;<![CDATA[<z>]]></c></x:r>", &["r/b@1 < 2", "r/c=x & y!<z>"]);
    }

    #[test]
    fn entities_of_the_documents_own_stay_as_they_are_written() {
        let bomb = b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]><r a='&b;'>&b;&c;</r>";
        check(
            bomb,
            &[
                "r@&b;",
                "r=&b;&c;",
                "doubtful at byte 0, in the document: the document declares entities of its own; none is expanded",
            ],
        );
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_windows_1252() {
        check(b"<r>Dr\xE4ger \x96 ok</r>", &["r=Dräger – ok"]);
        check("<r>Dräger 😀</r>".as_bytes(), &["r=Dräger 😀"]);
        check(b"<r>\xE2\x82</r>", &["r=â‚"]);
    }

    #[test]
    fn what_is_cut_deep_or_broken_says_where() {
        check(
            b"<r><a>x</a><b",
            &[
                "r/a=x",
                "syntax error: tag not closed: `>` not found before end of input at byte 11, in r, expected well-formed XML",
            ],
        );
        check(
            b"<r><a>x</a>",
            &["r/a=x", "the document ends at byte 11, in r, expected the rest of the XML document"],
        );
        check(
            b"<r><a>x</b></r>",
            &[
                "ill-formed document: expected `</a>`, but `</b>` was found at byte 7, in r/a, expected well-formed XML",
            ],
        );
        check(
            b"<a><a><a><a><a><a>",
            &["the depth of elements at byte 15, in a/a/a/a/a is more than the 5 allowed"],
        );
    }

    #[test]
    fn a_tag_of_any_length_is_not_held() {
        let mut xml = b"<r a='".to_vec();
        xml.resize(NODE_CAP + (1 << 17), b'x');
        let limits = Limits::default();
        let told = crate::inventory::Told::default();
        let document = Document { name: "x", limits: &limits, told: &told };
        let ended =
            walk(&mut BufReader::new(&xml[..]), &document, &mut Kept::default(), |_, _, _| {});
        assert!(
            matches!(ended, Err(Error::OverLimit { what: "a single tag or text", .. })),
            "{ended:?}"
        );
    }
}
