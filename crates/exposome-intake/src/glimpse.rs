//! A first look at a document: enough to tell what it is, nothing more.
//!
//! The names of members in the first two levels of a JSON document, the root
//! element of an XML one, the first lines of a text.  A glimpse never fails: of
//! bytes that make no sense it simply shows nothing.

use crate::json;
use std::ops::Range;

/// How much of a document is looked at.
pub const HEAD_BYTES: usize = 64 << 10;

/// What the first bytes of a document show.
#[derive(Debug)]
pub struct Glimpse<'a> {
    /// The document's name; a hint only.
    pub name: &'a str,
    /// The first bytes, without a byte order mark.
    pub head: &'a [u8],
    /// Members of the outer two levels of JSON objects; arrays are looked through.
    pub members: Vec<Member<'a>>,
    /// Those of them that are of the outermost object: few among thousands, and asked for by every format.
    outermost: Vec<Member<'a>>,
    /// Looked for by many formats, and in a document of one line as long as the head.
    first_line: &'a str,
    /// The local name of the XML root element.
    pub root: Option<&'a str>,
    /// The names of the entries, where the document is a zip archive.
    pub entries: &'a [String],
}

/// `"key": value` of the outermost object (`outer` empty) or of one inside its member `outer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    pub outer: &'a str,
    pub key: &'a str,
    /// The value as written, where it is a text (without quotes), number or word; else empty.
    pub value: &'a str,
}

impl<'a> Glimpse<'a> {
    pub fn new(head: &'a [u8], name: &'a str) -> Glimpse<'a> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let mut glimpse = Glimpse { head, ..Glimpse::of_archive(&[], name) };
        match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{' | b'[') => glimpse.take_members(head),
            Some(b'<') => glimpse.root = root(head),
            _ => {}
        }
        glimpse.first_line = glimpse.lines().next().unwrap_or_default();
        glimpse
    }

    pub fn of_archive(entries: &'a [String], name: &'a str) -> Glimpse<'a> {
        let (members, outermost) = (Vec::new(), Vec::new());
        Glimpse { name, head: &[], members, outermost, first_line: "", root: None, entries }
    }

    /// Walks the head once; a cut-off document shows what came before the cut.
    fn take_members(&mut self, head: &'a [u8]) {
        let head = Head::new(head);
        let mut brackets = Vec::new();
        let mut outer = "";
        let mut objects = 0_usize;
        let mut at = 0;
        // The text that may turn out to be a key when a colon follows.
        let mut last_text = 0..0;
        while let Some(&byte) = head.bytes.get(at) {
            at += 1;
            match byte {
                b'"' => {
                    let Some(end) = head.end_of_text(at) else { break };
                    last_text = at..end;
                    at = end + 1;
                }
                b':' if objects <= 2 => {
                    let key = head.words(last_text.clone());
                    let (value, behind) = head.scalar(at);
                    at = behind;
                    let value = head.words(value);
                    if objects == 1 {
                        outer = key;
                        self.outermost.push(Member { outer: "", key, value });
                    }
                    let of = if objects == 1 { "" } else { outer };
                    self.members.push(Member { outer: of, key, value });
                }
                b'{' | b'[' => {
                    brackets.push(byte);
                    objects += usize::from(byte == b'{');
                }
                b'}' | b']' => {
                    let Some(open) = brackets.pop() else { break };
                    objects -= usize::from(open == b'{');
                }
                _ => {}
            }
        }
    }

    /// Whether the document is a JSON list, not an object.
    pub fn is_list(&self) -> bool {
        self.head.trim_ascii_start().starts_with(b"[")
    }

    /// Whether the outermost JSON object has this member.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// A member of the outermost JSON object.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.outermost.iter().find(|m| m.key == key).map(|m| m.value)
    }

    /// Whether the member `outer` of the outermost object holds an object with `key`.
    pub fn has_in(&self, outer: &str, key: &str) -> bool {
        self.has(outer) && self.members.iter().any(|m| m.outer == outer && m.key == key)
    }

    /// Whether any member of the outermost object holds an object with `key`.
    pub fn has_within(&self, key: &str) -> bool {
        self.members.iter().any(|m| !m.outer.is_empty() && m.key == key)
    }

    /// The lines of a text; the last may be cut.
    pub fn lines(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut rest = Some(self.head);
        std::iter::from_fn(move || {
            let text = rest?;
            let end = memchr::memchr(b'\n', text);
            let (line, behind) = text.split_at(end.unwrap_or(text.len()));
            rest = end.and_then(|_| behind.get(1..));
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            Some(match std::str::from_utf8(line) {
                Ok(text) => text,
                Err(error) => line
                    .get(..error.valid_up_to())
                    .and_then(|valid| std::str::from_utf8(valid).ok())
                    .unwrap_or_default(),
            })
        })
    }

    pub fn first_line(&self) -> &'a str {
        self.first_line
    }
}

/// The first bytes of a JSON document.
struct Head<'a> {
    bytes: &'a [u8],
    /// The same, where all of it is text: its words then need not be looked at one by one.
    text: Option<&'a str>,
}

impl<'a> Head<'a> {
    fn new(bytes: &'a [u8]) -> Head<'a> {
        let text = json::valid_start(bytes);
        // The last character may be cut.
        Head { bytes, text: Some(text).filter(|text| text.len() + 4 > bytes.len()) }
    }

    /// What stands there; of bytes that are no text, nothing.
    fn words(&self, place: Range<usize>) -> &'a str {
        let words = match self.text {
            Some(text) => text.get(place),
            None => self.bytes.get(place).and_then(|bytes| std::str::from_utf8(bytes).ok()),
        };
        words.unwrap_or_default()
    }

    /// Where the closing quote of a text stands that begins here.
    fn end_of_text(&self, from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            at += json::special(self.bytes.get(at..)?)?;
            if self.bytes.get(at) == Some(&b'"') {
                return Some(at);
            }
            at += 2;
        }
    }

    /// Where a text (without quotes), number or word stands that comes next, and what is behind it; nothing where an
    /// object or array comes.
    fn scalar(&self, from: usize) -> (Range<usize>, usize) {
        let rest = self.bytes.get(from..).unwrap_or_default();
        let start = from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match self.bytes.get(start) {
            Some(b'"') => match self.end_of_text(start + 1) {
                Some(end) => (start + 1..end, end + 1),
                None => (start..start, self.bytes.len()),
            },
            Some(b'{' | b'[') | None => (start..start, start),
            Some(_) => {
                let rest = self.bytes.get(start..).unwrap_or_default();
                let ends =
                    |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                let end = start + rest.iter().take_while(|byte| !ends(byte)).count();
                (start..end, end)
            }
        }
    }
}

/// The local name of the first element that is no declaration, comment or processing instruction.
fn root(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?,
    };
    let mut rest = text;
    loop {
        rest = rest.split_once('<')?.1;
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if !rest.starts_with(['?', '!']) {
            let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
            let name = rest.get(..end)?;
            return Some(name.rsplit(':').next().unwrap_or(name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_two_levels_are_seen_even_if_the_document_is_cut() {
        let head = br#"{"a": {"b": "x\"y", "c": {"d": 1}}, "e": [{"f": 2.5}], "g": "cut"#;
        let glimpse = Glimpse::new(head, "x");
        assert!(glimpse.has("a") && glimpse.has_in("a", "b") && glimpse.has_in("e", "f"));
        assert!(!glimpse.has("d") && !glimpse.has_within("d"));
        assert_eq!(glimpse.members.iter().find(|m| m.key == "f").unwrap().value, "2.5");
    }

    #[test]
    fn a_list_at_the_top_shows_the_members_of_its_objects() {
        let glimpse = Glimpse::new(b"\xef\xbb\xbf [ {\"cycle\": \"1\", \"eol\": false}, ", "x");
        assert_eq!(glimpse.value("eol"), Some("false"));
    }

    #[test]
    fn the_xml_root_is_found_behind_declarations_and_comments() {
        let head = b"<?xml version='1.0'?><!-- <no> --><!DOCTYPE nmaprun>\n<x:nmaprun a='1'>";
        assert_eq!(Glimpse::new(head, "x").root, Some("nmaprun"));
        assert_eq!(Glimpse::new(b"<", "x").root, None);
    }

    #[test]
    fn nonsense_shows_nothing() {
        for head in [&b"{]}"[..], b"", b"[[[[", b"\xff\xfe", b"{\"", b"{\"a\\", b"<!--"] {
            let glimpse = Glimpse::new(head, "x");
            assert!(glimpse.members.is_empty() && glimpse.root.is_none(), "{head:?}");
        }
    }
}
