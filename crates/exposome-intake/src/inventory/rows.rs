//! The rows of a CSV document, one at a time, each with the line it begins on.
//!
//! RFC 4180 as spreadsheets write it: fields between commas, semicolons, tabs or
//! bars, a quoted field may hold separators, line ends and doubled quotes.
//! A quote inside an unquoted field is an ordinary character.
//!
//! A row longer than [`ROW_CAP`] is refused by its line number and never held.
//! A quoted field that does not close within that length (or before the end of
//! the document) costs its own line only: the lines after it are read again, each
//! on its own.

use std::borrow::Cow;
use std::io::BufRead;

use super::text;

/// The longest row that is read, in bytes.
pub(crate) const ROW_CAP: usize = 1 << 20;

/// Reads rows one after the other.
pub(crate) struct Rows<'a> {
    source: &'a mut dyn BufRead,
    separator: u8,
    /// Lines to be read again, each as a row of its own, before the source goes on.
    again: std::io::Cursor<Vec<u8>>,
    /// After those lines stood one that was too long to hold.
    too_long_after: bool,
    line: u64,
    row: Vec<u8>,
    bounds: Vec<Bounds>,
}

/// Where a field lies in the row.
struct Bounds {
    start: usize,
    end: usize,
    /// It holds doubled quotes, to be halved.
    doubled: bool,
}

/// What the next row turned out to be.
pub(crate) enum Row<'r> {
    Fields { line: u64, fields: Fields<'r> },
    Refused { line: u64, why: Refusal },
    End,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooLong,
    QuoteNeverCloses,
}

impl Refusal {
    pub(crate) fn message(self) -> String {
        match self {
            Refusal::TooLong => format!("the row is longer than {ROW_CAP} bytes; it was not read"),
            Refusal::QuoteNeverCloses => {
                "a quoted field opens here and never closes; this line was not read".to_owned()
            }
        }
    }
}

/// The fields of one row.
pub(crate) struct Fields<'r> {
    row: &'r [u8],
    bounds: &'r [Bounds],
}

impl<'r> Fields<'r> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = Cow<'r, str>> + use<'r> {
        let row = self.row;
        self.bounds.iter().map(move |field| {
            let text = text::decode(row.get(field.start..field.end).unwrap_or_default());
            if field.doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { text }
        })
    }
}

impl<'a> Rows<'a> {
    /// Opens a document; the separator is the one its first lines use most, unless given.
    pub(crate) fn open(
        source: &'a mut dyn BufRead,
        separator: Option<char>,
    ) -> std::io::Result<Rows<'a>> {
        let head = source.fill_buf()?;
        let separator = separator.and_then(|it| u8::try_from(it).ok());
        let separator = separator.unwrap_or_else(|| guess_separator(head));
        Ok(Rows {
            source,
            separator,
            again: std::io::Cursor::new(Vec::new()),
            too_long_after: false,
            line: 1,
            row: Vec::new(),
            bounds: Vec::new(),
        })
    }

    pub(crate) fn separator(&self) -> char {
        char::from(self.separator)
    }

    /// The line that comes next.
    pub(crate) fn place(&self) -> String {
        format!("line {}", self.line)
    }

    /// The next row; an empty line is a row of one empty field.
    pub(crate) fn next(&mut self) -> std::io::Result<Row<'_>> {
        self.row.clear();
        let line = self.line;
        let whole = if read_line(&mut self.again, &mut self.row)? == Line::Read {
            // A line that is read again stands alone, its quotes closed or not.
            self.line += 1;
            Whole::Row
        } else if std::mem::take(&mut self.too_long_after) {
            self.line += 1;
            Whole::TooLong
        } else {
            self.read_quoted_lines()?
        };
        match whole {
            Whole::Nothing => Ok(Row::End),
            Whole::TooLong => Ok(Row::Refused { line, why: Refusal::TooLong }),
            Whole::Unclosed => {
                let first_len =
                    self.row.iter().position(|&b| b == b'\n').map_or(self.row.len(), |at| at + 1);
                self.again = std::io::Cursor::new(self.row.split_off(first_len));
                self.line = line + 1;
                Ok(Row::Refused { line, why: Refusal::QuoteNeverCloses })
            }
            Whole::Row => {
                split(trim_line_end(&self.row), self.separator, &mut self.bounds);
                Ok(Row::Fields { line, fields: Fields { row: &self.row, bounds: &self.bounds } })
            }
        }
    }

    /// Reads lines until every quoted field that opened has closed.
    fn read_quoted_lines(&mut self) -> std::io::Result<Whole> {
        let mut state = Quoting::FieldStart;
        // The quoted field being read began on an earlier line: text after its closing
        // quote shows that the quote was another field's, and this one never closed.
        let mut spans_lines = false;
        loop {
            let before = self.row.len();
            match read_line(&mut self.source, &mut self.row)? {
                Line::Nothing if self.row.is_empty() => return Ok(Whole::Nothing),
                Line::Nothing => return Ok(Whole::Unclosed),
                Line::TooLong if before == 0 => {
                    self.line += 1;
                    return Ok(Whole::TooLong);
                }
                // The line that is too long was skipped; those before it are read again.
                Line::TooLong => {
                    self.too_long_after = true;
                    return Ok(Whole::Unclosed);
                }
                Line::Read => {
                    self.line += 1;
                    let read = self.row.get(before..).unwrap_or_default();
                    for &byte in read {
                        let ended = state == Quoting::MaybeEnd;
                        state = state.after(byte, self.separator);
                        if ended
                            && spans_lines
                            && state == Quoting::Plain
                            && !matches!(byte, b'\r' | b'\n')
                        {
                            return Ok(Whole::Unclosed);
                        }
                        spans_lines &= state != Quoting::FieldStart;
                    }
                    spans_lines = state == Quoting::Inside;
                    if state != Quoting::Inside {
                        return Ok(Whole::Row);
                    }
                    if self.row.len() > ROW_CAP {
                        return Ok(Whole::Unclosed);
                    }
                }
            }
        }
    }
}

enum Whole {
    Nothing,
    Row,
    TooLong,
    Unclosed,
}

/// What reading one line gave.
#[derive(PartialEq, Eq)]
pub(crate) enum Line {
    Nothing,
    Read,
    TooLong,
}

/// Appends one line with its end; a line over the cap is skipped to its end and not held.
pub(crate) fn read_line(
    source: &mut (impl BufRead + ?Sized),
    row: &mut Vec<u8>,
) -> std::io::Result<Line> {
    let (start, mut line_len) = (row.len(), 0_usize);
    loop {
        let chunk = source.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let used = end.map_or(chunk.len(), |at| at + 1);
        line_len = line_len.saturating_add(used);
        if line_len <= ROW_CAP {
            row.extend_from_slice(chunk.get(..used).unwrap_or_default());
        } else {
            row.truncate(start);
        }
        source.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(match line_len {
        0 => Line::Nothing,
        len if len > ROW_CAP => Line::TooLong,
        _ => Line::Read,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    FieldStart,
    Plain,
    Inside,
    /// A quote inside a quoted field: its end, or the first half of a doubled quote.
    MaybeEnd,
}

impl Quoting {
    fn after(self, byte: u8, separator: u8) -> Quoting {
        match (self, byte) {
            (Quoting::Inside, b'"') => Quoting::MaybeEnd,
            (Quoting::Inside, _) | (Quoting::FieldStart | Quoting::MaybeEnd, b'"') => {
                Quoting::Inside
            }
            (_, byte) if byte == separator => Quoting::FieldStart,
            _ => Quoting::Plain,
        }
    }
}

pub(crate) fn trim_line_end(row: &[u8]) -> &[u8] {
    let row = row.strip_suffix(b"\n").unwrap_or(row);
    row.strip_suffix(b"\r").unwrap_or(row)
}

/// Finds the fields of a row.
fn split(row: &[u8], separator: u8, bounds: &mut Vec<Bounds>) {
    bounds.clear();
    let mut start = 0;
    let mut state = Quoting::FieldStart;
    for (at, &byte) in row.iter().enumerate() {
        let outside = state != Quoting::Inside;
        state = state.after(byte, separator);
        if outside && byte == separator {
            bounds.push(field(row, start, at));
            start = at + 1;
        }
    }
    bounds.push(field(row, start, row.len()));
}

/// A field without its quotes.
fn field(row: &[u8], start: usize, end: usize) -> Bounds {
    let raw = row.get(start..end).unwrap_or_default();
    match raw {
        [b'"', inner @ .., b'"'] => {
            let doubled = inner.windows(2).any(|pair| pair == b"\"\"");
            Bounds { start: start + 1, end: end - 1, doubled }
        }
        _ => Bounds { start, end, doubled: false },
    }
}

/// The separator that a first line names (`sep=;`) or uses most, outside quotes.
fn guess_separator(head: &[u8]) -> u8 {
    if let Some(&[named, ..]) =
        head.strip_prefix(b"sep=").filter(|rest| rest.first() != Some(&b'\n'))
    {
        return named;
    }
    let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut inside = false;
    for line in head.split(|&byte| byte == b'\n').take(20) {
        for &byte in line {
            inside ^= byte == b'"';
            if let Some((_, count)) = counts.iter_mut().find(|(it, _)| *it == byte && !inside) {
                *count += 1;
            }
        }
        // Titles above the heading have no separator.
        if counts.iter().any(|(_, count)| *count > 1) {
            break;
        }
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    counts.iter().find(|(_, count)| *count == most).map_or(b',', |(separator, _)| *separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `line: field|field`, one a line.
    fn rows(mut document: &[u8]) -> Vec<String> {
        let mut rows = Rows::open(&mut document, None).unwrap();
        let mut read = Vec::new();
        loop {
            match rows.next().unwrap() {
                Row::End => return read,
                Row::Refused { line, why } => read.push(format!("{line}: {why:?}")),
                Row::Fields { line, fields } => {
                    read.push(format!("{line}: {}", fields.iter().collect::<Vec<_>>().join("|")));
                }
            }
        }
    }

    #[track_caller]
    fn check(document: &str, expected: &[&str]) {
        assert_eq!(rows(document.as_bytes()), expected);
    }

    #[test]
    fn fields_are_parted_by_the_separator_the_document_uses() {
        check("a,b\n1,2\n", &["1: a|b", "2: 1|2"]);
        check("a;b;c\r\n1,5;2;3", &["1: a|b|c", "2: 1,5|2|3"]);
        check("a\tb\tc\n", &["1: a|b|c"]);
        check("sep=;\na;b,c\n", &["1: sep=|", "2: a|b,c"]);
    }

    #[test]
    fn a_quoted_field_holds_separators_quotes_and_lines() {
        check(
            "a,b,c\n\"1,2\",\"he said \"\"no\"\"\",\"two\nlines\"\nx,y,z\n",
            &["1: a|b|c", "2: 1,2|he said \"no\"|two\nlines", "4: x|y|z"],
        );
    }

    #[test]
    fn a_quote_inside_plain_text_is_plain_text() {
        check(
            "a,b,c\n19\" rack,5'2\",x\ny,z,w\n",
            &["1: a|b|c", "2: 19\" rack|5'2\"|x", "3: y|z|w"],
        );
    }

    #[test]
    fn a_quote_that_never_closes_costs_its_own_line() {
        check(
            "a,b,c\n1,\"open,3\n4,5,6\n7,8,9\n",
            &["1: a|b|c", "2: QuoteNeverCloses", "3: 4|5|6", "4: 7|8|9"],
        );
    }

    #[test]
    fn a_quote_that_closes_in_another_field_costs_its_own_line_too() {
        check(
            "a,b,c\n1,\"open,3\n4,5,\"6 x\"\n7,8,9\n",
            &["1: a|b|c", "2: QuoteNeverCloses", "3: 4|5|6 x", "4: 7|8|9"],
        );
    }

    #[test]
    fn a_row_over_the_cap_is_refused_by_its_line_and_not_held() {
        let mut document = b"a,b,c\n".to_vec();
        document.resize(document.len() + 3 * ROW_CAP, b'x');
        document.extend_from_slice(b"\n1,2,3\n");
        assert_eq!(rows(&document), ["1: a|b|c", "2: TooLong", "3: 1|2|3"]);
        let mut source = &document[..];
        let mut rows = Rows::open(&mut source, None).unwrap();
        while !matches!(rows.next().unwrap(), Row::End) {}
        assert!(rows.row.capacity() <= 2 * ROW_CAP);
    }

    #[test]
    fn an_open_quote_over_the_cap_costs_its_own_line_too() {
        let mut document = b"a,b,c\n\"1,2,3\n".to_vec();
        let line = b"4,5,6\n";
        for _ in 0..ROW_CAP / line.len() + 2 {
            document.extend_from_slice(line);
        }
        let read = rows(&document);
        assert_eq!(read[1], "2: QuoteNeverCloses");
        assert_eq!(read.len(), ROW_CAP / line.len() + 2 + 2);
        assert!(read[2..].iter().all(|row| row.ends_with(": 4|5|6")));
    }

    #[test]
    fn a_row_over_the_cap_inside_an_open_quote_is_named_too() {
        let mut document = b"a,b,c\n\"1,2,3\n4,5,6\n".to_vec();
        document.resize(document.len() + 2 * ROW_CAP, b'x');
        document.extend_from_slice(b"\n7,8,9\n");
        assert_eq!(
            rows(&document),
            ["1: a|b|c", "2: QuoteNeverCloses", "3: 4|5|6", "4: TooLong", "5: 7|8|9",]
        );
    }

    #[test]
    fn an_empty_document_has_no_rows() {
        check("", &[]);
        check("\n\n", &["1: ", "2: "]);
    }
}
