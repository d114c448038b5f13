//! tar: files one behind the other in blocks of 512 bytes (POSIX.1-2001 "pax
//! Interchange Format", and the long names of GNU tar).

use crate::Error;
use std::io::{self, BufRead, Read, Take};

const BLOCK: usize = 512;
/// The longest name or extended header that is believed.
const NAME_BYTES: u64 = 1 << 16;

pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

pub(super) struct Archive<'a> {
    source: &'a mut dyn BufRead,
    /// What is left of the current entry's last block.
    padding: u64,
    entries_left: usize,
    entries: usize,
}

impl<'a> Archive<'a> {
    pub(super) fn new(source: &'a mut dyn BufRead, entries: usize) -> Archive<'a> {
        Archive { source, padding: 0, entries_left: entries, entries }
    }

    /// The next ordinary file; the one before must have been read to its end.
    pub(super) fn next_file(&mut self) -> Result<Option<File<'_>>, Error> {
        let mut long_name = None;
        loop {
            let Some(header) = self.header()? else { return Ok(None) };
            let place = header.name.clone();
            self.entries_left =
                self.entries_left.checked_sub(1).ok_or_else(|| Error::OverLimit {
                    what: "the number of entries",
                    place: place.clone(),
                    limit: self.entries.to_string(),
                })?;
            self.padding = header.size.next_multiple_of(BLOCK as u64) - header.size;
            match header.kind {
                b'0' | 0 | b'7' => {
                    let name = long_name.unwrap_or(header.name);
                    return Ok(Some((name, Read::take(&mut *self.source, header.size))));
                }
                b'L' => long_name = Some(text(&self.small(&header)?)),
                b'x' => long_name = pax_path(&self.small(&header)?).or(long_name),
                _ => self.skip(header.size, &place)?,
            }
        }
    }

    fn header(&mut self) -> Result<Option<Header>, Error> {
        let padding = std::mem::take(&mut self.padding);
        self.skip(padding, "the end of an entry")?;
        let mut block = Vec::with_capacity(BLOCK);
        let mut source = Read::take(&mut *self.source, BLOCK as u64);
        source.read_to_end(&mut block).map_err(Error::source("an archive header"))?;
        match block.len() {
            0 => Ok(None),
            BLOCK if block.iter().all(|&byte| byte == 0) => Ok(None),
            BLOCK => Header::of(&block).map(Some),
            _ => Err(Error::CutShort { place: "an archive header".into(), expected: "512 bytes" }),
        }
    }

    fn small(&mut self, header: &Header) -> Result<Vec<u8>, Error> {
        if header.size > NAME_BYTES {
            let limit = format!("{NAME_BYTES} bytes");
            return Err(Error::OverLimit {
                what: "an entry's name",
                place: header.name.clone(),
                limit,
            });
        }
        let mut bytes = Vec::new();
        let mut source = Read::take(&mut *self.source, header.size);
        source.read_to_end(&mut bytes).map_err(Error::source("an entry's name"))?;
        Ok(bytes)
    }

    fn skip(&mut self, bytes: u64, place: &str) -> Result<(), Error> {
        let mut source = Read::take(&mut *self.source, bytes);
        io::copy(&mut source, &mut io::sink()).map(|_| ()).map_err(Error::source(place))
    }
}

/// A file's name and content.
type File<'a> = (String, Take<&'a mut dyn BufRead>);

struct Header {
    name: String,
    size: u64,
    kind: u8,
}

impl Header {
    fn of(block: &[u8]) -> Result<Header, Error> {
        let field = |from: usize, len: usize| block.get(from..from + len).unwrap_or_default();
        let (name, prefix) = (text(field(0, 100)), text(field(345, 155)));
        let pax = field(257, 6) == b"ustar\0" && !prefix.is_empty();
        let name = if pax { format!("{prefix}/{name}") } else { name };
        let size = number(field(124, 12)).ok_or_else(|| Error::Malformed {
            place: name.clone(),
            found: "an unreadable size".into(),
            expected: "a tar header".into(),
        })?;
        Ok(Header { name, size, kind: field(156, 1).first().copied().unwrap_or(0) })
    }
}

/// Octal digits, or GNU's base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((&first @ 0x80.., rest)) = field.split_first() {
        let start = u64::from(first & 0x7f);
        return rest
            .iter()
            .try_fold(start, |sum, &byte| sum.checked_mul(256)?.checked_add(byte.into()));
    }
    let digits = text(field);
    u64::from_str_radix(digits.trim(), 8).ok()
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// The `path` record of a pax extended header: `LENGTH path=NAME\n`.
fn pax_path(header: &[u8]) -> Option<String> {
    let records = String::from_utf8_lossy(header);
    records.lines().find_map(|line| Some(line.split_once(" path=")?.1.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        block[156] = kind;
        block[257..263].copy_from_slice(b"ustar\0");
        block.extend(content);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }

    fn listed(mut bytes: &[u8], limit: usize) -> Result<Vec<String>, Error> {
        let mut archive = Archive::new(&mut bytes, limit);
        let mut found = Vec::new();
        while let Some((name, mut content)) = archive.next_file()? {
            let mut read = String::new();
            content.read_to_string(&mut read).unwrap();
            found.push(format!("{name}={read}"));
        }
        Ok(found)
    }

    #[test]
    fn files_come_in_order_and_long_names_are_joined() {
        let mut bytes = file("dir/", b'5', b"");
        bytes.extend(file("a", b'0', b"one"));
        bytes.extend(file("long", b'L', b"very/long/name\0"));
        bytes.extend(file("cut", b'0', b"two"));
        bytes.extend(file("pax", b'x', b"20 path=other/name\n"));
        bytes.extend(file("cut", b'0', b""));
        assert_eq!(listed(&bytes, 9).unwrap(), ["a=one", "very/long/name=two", "other/name="]);
    }

    #[test]
    fn a_cut_header_and_too_many_entries_are_said() {
        let bytes = file("a", b'0', b"one");
        assert!(matches!(listed(&bytes[..100], 9), Err(Error::CutShort { .. })));
        assert!(matches!(listed(&bytes, 0), Err(Error::OverLimit { .. })));
    }
}
