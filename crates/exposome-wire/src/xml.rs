//! XML in messages: only the elements that are asked for, by their names and that of what they lie in.
//!
//! Nothing else of a document is copied.  Namespaces are not resolved: a name is
//! what stands after the colon.

use std::borrow::Cow;

/// What is met on the way through a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Met<'a> {
    /// An element opens: its name, and that of the element around it.
    Element { name: &'a [u8], within: &'a [u8], attributes: Attributes<'a> },
    /// Text of an element.
    Text { name: &'a [u8], within: &'a [u8], text: Text<'a> },
}

impl<'a> Attributes<'a> {
    /// Each name with its value.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'a [u8], Cow<'a, [u8]>)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (name, value, after) = next_attribute(rest)?;
            rest = after;
            Some((name, unescaped(value)))
        })
    }
}

/// A name, its value between quotes, and what follows.
fn next_attribute(rest: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let equals = memchr::memchr(b'=', rest)?;
    let (key, value) = rest.split_at_checked(equals)?;
    let value = value.get(1..)?.trim_ascii_start();
    let (&quote, value) = value.split_first()?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let end = memchr::memchr(quote, value)?;
    Some((local(key.trim_ascii()), value.get(..end)?, value.get(end + 1..)?))
}

/// A text as it stands in the document; most are never looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    is_plain: bool,
}

impl<'a> Text<'a> {
    /// With its entities resolved.
    pub(crate) fn plain(self) -> Cow<'a, [u8]> {
        if self.is_plain { self.raw.into() } else { unescaped(self.raw) }
    }
}

/// The raw text between the element's name and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attributes<'a>(&'a [u8]);

impl Attributes<'_> {
    /// The value of an attribute, with the five named entities resolved.
    pub(crate) fn get(&self, name: &[u8]) -> Option<Vec<u8>> {
        // No element of a message that is read has more.
        self.all().take(64).find(|(key, _)| *key == name).map(|(_, value)| value.into_owned())
    }
}

/// More elements than any message has that is read here.
const EVENTS_MAX: usize = 20_000;
const DEPTH_MAX: usize = 64;

/// How a document is gone through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) events_max: usize,
    /// Blanks around a text are part of it.
    pub(crate) keep_blanks: bool,
}

/// Goes through a message until it ends, breaks, or `visit` says that it has seen enough.  A message that was cut gives
/// what stands before the cut; blanks around its texts are left out.
pub(crate) fn walk(document: &[u8], visit: impl FnMut(Met<'_>) -> Further) {
    walk_as(document, Manner { events_max: EVENTS_MAX, keep_blanks: false }, visit);
}

pub(crate) fn walk_as(document: &[u8], manner: Manner, mut visit: impl FnMut(Met<'_>) -> Further) {
    let mut open: Vec<&[u8]> = Vec::new();
    let mut deeper = 0_usize;
    let mut rest = document;
    for _ in 0..manner.events_max {
        let Some(next) = memchr::memchr(b'<', rest) else { return };
        let (text, tag) = rest.split_at(next);
        if !text.trim_ascii().is_empty() && deeper == 0 {
            let (name, within) = around(&open);
            let text = if manner.keep_blanks { text } else { text.trim_ascii() };
            if visit(Met::Text { name, within, text: Text { raw: text, is_plain: false } })
                == Further::Enough
            {
                return;
            }
        }
        let Some((tag, after)) = tag_at(tag) else { return };
        rest = after;
        let further = match tag {
            Tag::Opens { name, attributes, is_closed } => {
                let (within, _) = around(&open);
                let met = Met::Element { name, within, attributes: Attributes(attributes) };
                let further = visit(met);
                if is_closed {
                } else if open.len() < DEPTH_MAX {
                    open.push(name);
                } else {
                    deeper += 1;
                }
                further
            }
            Tag::Closes if deeper > 0 => {
                deeper -= 1;
                Further::On
            }
            Tag::Closes => {
                open.pop();
                Further::On
            }
            Tag::Text(text) if deeper == 0 && !text.trim_ascii().is_empty() => {
                let (name, within) = around(&open);
                let text = if manner.keep_blanks { text } else { text.trim_ascii() };
                visit(Met::Text { name, within, text: Text { raw: text, is_plain: true } })
            }
            Tag::Text(_) | Tag::Other => Further::On,
        };
        if further == Further::Enough {
            return;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Further {
    On,
    Enough,
}

/// What an angle bracket opens (XML 1.0, 2.4 to 2.7 and 3.1).
enum Tag<'a> {
    Opens {
        name: &'a [u8],
        attributes: &'a [u8],
        is_closed: bool,
    },
    Closes,
    /// A CDATA section.
    Text(&'a [u8]),
    /// A comment, an instruction, a declaration.
    Other,
}

fn tag_at(tag: &[u8]) -> Option<(Tag<'_>, &[u8])> {
    // To the first `>` before which the rest of the end stands.
    let until = |start: usize, end: &[u8]| {
        let mut from = start;
        loop {
            let at = from + memchr::memchr(b'>', tag.get(from..)?)?;
            let inside = tag.get(start..=at)?;
            if let Some(inside) = inside.strip_suffix(end) {
                return Some((inside, tag.get(at + 1..)?));
            }
            from = at + 1;
        }
    };
    match tag.get(1)? {
        b'!' if tag.starts_with(b"<![CDATA[") => {
            let (text, after) = until(9, b"]]>")?;
            Some((Tag::Text(text), after))
        }
        b'!' if tag.starts_with(b"<!--") => until(4, b"-->").map(|(_, it)| (Tag::Other, it)),
        b'?' => until(2, b"?>").map(|(_, it)| (Tag::Other, it)),
        b'!' => until(2, b">").map(|(_, it)| (Tag::Other, it)),
        b'/' => until(2, b">").map(|(_, it)| (Tag::Closes, it)),
        _ => {
            let end = closing(tag)?;
            let (inside, after) = (tag.get(1..end)?, tag.get(end + 1..)?);
            let is_closed = inside.ends_with(b"/");
            let inside = inside.strip_suffix(b"/").unwrap_or(inside);
            let gap = inside.iter().position(u8::is_ascii_whitespace).unwrap_or(inside.len());
            let (name, attributes) = inside.split_at_checked(gap)?;
            Some((Tag::Opens { name: local(name), attributes, is_closed }, after))
        }
    }
}

/// Where a tag ends: at the first `>` outside quotes.
fn closing(tag: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', tag.get(at..)?)?;
        match tag.get(at)? {
            b'>' => return Some(at),
            quote => at += 2 + memchr::memchr(*quote, tag.get(at + 1..)?)?,
        }
    }
}

/// The innermost open element, and the one around it.
fn around<'a>(open: &[&'a [u8]]) -> (&'a [u8], &'a [u8]) {
    match open {
        [.., within, name] => (name, within),
        [name] => (name, b""),
        [] => (b"", b""),
    }
}

fn local(name: &[u8]) -> &[u8] {
    match memchr::memrchr(b':', name) {
        Some(colon) => name.get(colon + 1..).unwrap_or_default(),
        None => name,
    }
}

/// Text with the five entities that XML itself names (XML 1.0, 4.6) and numbers resolved.
pub(crate) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr::memchr(b'&', text) else { return text.into() };
    let mut plain = text.get(..first).unwrap_or_default().to_vec();
    let mut rest = text.get(first..).unwrap_or_default();
    while let Some(byte) = rest.first() {
        let end = memchr::memchr(b';', rest.get(..12).unwrap_or(rest));
        let entity = end.and_then(|end| rest.get(1..end)).filter(|_| *byte == b'&');
        let resolved = match entity {
            Some(b"amp") => Some('&'),
            Some(b"lt") => Some('<'),
            Some(b"gt") => Some('>'),
            Some(b"quot") => Some('"'),
            Some(b"apos") => Some('\''),
            Some([b'#', b'x', number @ ..]) => character(number, 16),
            Some([b'#', number @ ..]) => character(number, 10),
            _ => None,
        };
        let len = if let (Some(resolved), Some(end)) = (resolved, end) {
            plain.extend_from_slice(resolved.encode_utf8(&mut [0; 4]).as_bytes());
            end + 1
        } else {
            plain.push(*byte);
            1
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    plain.into()
}

fn character(number: &[u8], base: u32) -> Option<char> {
    let number = std::str::from_utf8(number).ok()?;
    char::from_u32(u32::from_str_radix(number, base).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(document: &str) -> Vec<String> {
        let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
        let mut words = Vec::new();
        walk(document.as_bytes(), |met| {
            words.push(match met {
                Met::Element { name, within, attributes } => {
                    let id = attributes.get(b"id").map(|it| format!(" id {}", text(&it)));
                    format!("<{}> in {}{}", text(name), text(within), id.unwrap_or_default())
                }
                Met::Text { name, within, text: it } => {
                    format!("{} in {}: {}", text(name), text(within), text(&it.plain()))
                }
            });
            Further::On
        });
        words
    }

    #[test]
    fn an_element_is_met_with_what_it_lies_in() {
        assert_eq!(
            met("<?xml version='1.0'?><a:x><b:y z='1' id=\"2&amp;3\"> t </b:y><e/></a:x>"),
            ["<x> in ", "<y> in x id 2&3", "y in x: t", "<e> in x"]
        );
    }

    #[test]
    fn a_document_may_break_anywhere_and_nest_without_end() {
        let whole = "<a><b id='7'>text</b></a>";
        for end in 0..whole.len() {
            met(&whole[..end]);
        }
        let deep = "<a>".repeat(100_000);
        assert_eq!(met(&deep).len(), EVENTS_MAX);
        assert_eq!(met("<a><![CDATA[ b<c ]]><!-- <d> --><?e <f>?></a>"), ["<a> in ", "a in : b<c"]);
        assert_eq!(met(&format!("{}x", "<a>".repeat(100))).len(), 100, "text too deep is not read");
    }

    #[test]
    fn entities_are_resolved_and_unknown_ones_stay() {
        assert_eq!(
            &*unescaped(b"?fac=A&amp;poc=B&lt;&#65;&#xe4;&x;&"),
            "?fac=A&poc=B<Aä&x;&".as_bytes()
        );
    }
}
