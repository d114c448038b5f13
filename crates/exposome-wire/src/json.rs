//! JSON in messages: the value at one path, and nothing else.
//!
//! A document is walked once, from left to right, without building anything;
//! what the path does not name is passed over.

/// The text at a path of member names; `None` where there is none, or where the document breaks before.
pub(crate) fn text_of(document: &[u8], path: &[&[u8]]) -> Option<Vec<u8>> {
    let mut at = Walk { bytes: document, at: 0 };
    for name in path {
        at.enter(name)?;
    }
    at.text()
}

/// A place in a document.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Deeper than any document that is read.
const DEPTH_MAX: usize = 64;

impl<'a> Walk<'a> {
    /// From an object's brace to the value of one of its members.
    fn enter(&mut self, name: &[u8]) -> Option<()> {
        self.mark(b'{')?;
        loop {
            let key = self.string()?;
            self.mark(b':')?;
            if key == name {
                return Some(());
            }
            self.pass_value()?;
            self.mark(b',')?;
        }
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        Some(unescaped(self.string()?))
    }

    fn mark(&mut self, mark: u8) -> Option<()> {
        self.blanks();
        (*self.bytes.get(self.at)? == mark).then(|| self.at += 1)
    }

    fn blanks(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// What stands between quotes, as it is written.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.mark(b'"')?;
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += memchr::memchr2(b'"', b'\\', rest)?;
            match self.bytes.get(self.at)? {
                b'"' => {
                    let text = self.bytes.get(start..self.at);
                    self.at += 1;
                    return text;
                }
                _ => self.at += 2,
            }
        }
    }

    /// Over a value of any kind.
    fn pass_value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            self.blanks();
            match self.bytes.get(self.at)? {
                b'"' => drop(self.string()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' if depth > 0 => self.at += 1,
                _ => {
                    let rest = self.bytes.get(self.at..)?;
                    let end = rest.iter().position(|it| b",:{}[]\" \t\r\n".contains(it))?;
                    if end == 0 {
                        return None;
                    }
                    self.at += end;
                }
            }
            if depth == 0 {
                return Some(());
            }
            if depth > DEPTH_MAX {
                return None;
            }
        }
    }
}

/// RFC 8259, section 7; a character beyond the basic plane is left out.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        let Some((&escaped, after)) = rest.split_first() else { break };
        rest = after;
        match escaped {
            b'n' | b'r' | b't' | b'b' | b'f' => plain.push(b' '),
            b'u' => {
                let digits = rest.get(..4).and_then(|it| std::str::from_utf8(it).ok());
                let number = digits.and_then(|it| u32::from_str_radix(it, 16).ok());
                if let Some(character) = number.and_then(char::from_u32) {
                    plain.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                rest = rest.get(4..).unwrap_or_default();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, path: &[&str], expected: Option<&str>) {
        let path: Vec<&[u8]> = path.iter().map(|it| it.as_bytes()).collect();
        let found = text_of(document.as_bytes(), &path);
        assert_eq!(found.map(|it| String::from_utf8(it).unwrap()).as_deref(), expected);
        for end in 0..document.len() {
            let _ = text_of(&document.as_bytes()[..end], &path);
        }
    }

    #[test]
    fn one_path_is_followed_and_all_else_passed_over() {
        let document = r#"{ "a" : [1, {"name": "no"}, null], "b\"": true,
            "software": {"version": "2.1", "name": "X\u00e4\n\"q\""}, "name": "no" }"#;
        check(document, &["software", "name"], Some("Xä \"q\""));
        check(document, &["software", "version"], Some("2.1"));
        check(document, &["a"], None);
        check(document, &["software", "none"], None);
        check(document, &["none"], None);
    }

    #[test]
    fn a_document_that_nests_without_end_is_left() {
        check(&format!("{{\"x\":{}", "[".repeat(2000)), &["y"], None);
        check("{]", &["y"], None);
        check("", &["y"], None);
    }
}
