//! A first look at a document: enough to tell what it is, nothing more.
//!
//! The names of members in the first two levels of a JSON document, the root
//! element of an XML one, the first lines of a text.  A glimpse never fails: of
//! bytes that make no sense it simply shows nothing.

use crate::json;

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
            Some(b'{' | b'[') => glimpse.members = members(head),
            Some(b'<') => glimpse.root = root(head),
            _ => {}
        }
        let outermost = glimpse.members.iter().filter(|member| member.outer.is_empty());
        glimpse.outermost = outermost.copied().collect();
        glimpse.first_line = glimpse.lines().next().unwrap_or_default();
        glimpse
    }

    pub fn of_archive(entries: &'a [String], name: &'a str) -> Glimpse<'a> {
        let (members, outermost) = (Vec::new(), Vec::new());
        Glimpse { name, head: &[], members, outermost, first_line: "", root: None, entries }
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

/// Walks the head once; a cut-off document shows what came before the cut.
fn members(head: &[u8]) -> Vec<Member<'_>> {
    let mut found = Vec::new();
    let mut brackets = Vec::new();
    let mut outer = "";
    let mut objects = 0_usize;
    let mut rest = head;
    // The text that may turn out to be a key when a colon follows.
    let mut last_text = "";
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'"' => {
                let Some((text, after)) = quoted(tail) else { break };
                last_text = text;
                rest = after;
            }
            b':' if objects <= 2 => {
                if objects == 1 {
                    outer = last_text;
                }
                let (value, after) = scalar(tail);
                let of = if objects == 1 { "" } else { outer };
                found.push(Member { outer: of, key: last_text, value });
                rest = after;
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
    found
}

/// The text up to the closing quote, as written, and what follows.
fn quoted(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let mut from = 0;
    loop {
        let at = from + json::special(bytes.get(from..)?)?;
        if bytes.get(at) == Some(&b'"') {
            let text = std::str::from_utf8(bytes.get(..at)?).unwrap_or_default();
            return Some((text, bytes.get(at + 1..)?));
        }
        from = at + 2;
    }
}

/// A text, number or word that stands next; empty where an object or array does.
fn scalar(bytes: &[u8]) -> (&str, &[u8]) {
    let bytes = bytes.trim_ascii_start();
    match bytes.first() {
        Some(b'"') => bytes.get(1..).and_then(quoted).unwrap_or(("", &[])),
        Some(b'{' | b'[') | None => ("", bytes),
        Some(_) => {
            let end = bytes
                .iter()
                .position(|b| matches!(b, b',' | b'}' | b']') || b.is_ascii_whitespace());
            let (word, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
            (std::str::from_utf8(word).unwrap_or_default(), rest)
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
