//! zip: entries listed in a directory at the end (PKWARE APPNOTE 6.3, with the
//! Zip64 extensions).
//!
//! Stored and deflated entries are read; encrypted ones and other methods are
//! refused by name.  An archive of 300,000 small records is the case this is
//! made for: each is inflated in one stroke into the same buffer.

use crate::{Error, Limits, ReadSeek};
use libdeflater::{Crc, DecompressionError, Decompressor};
use std::io::{Read, SeekFrom};

/// How much is read ahead at a time; neighbours in the archive are usually wanted next.
const WINDOW_BYTES: usize = 1 << 20;
/// The end record without its comment, and the longest comment (section 4.3.16).
const END_BYTES: usize = 22;
const COMMENT_BYTES: u64 = 0xffff;

pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// A zip archive opened for reading.
pub(crate) struct Archive<'a> {
    source: &'a mut dyn ReadSeek,
    names: Vec<String>,
    entries: Vec<Entry>,
    inflate: Decompressor,
    window: Window,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    flags: u16,
    method: u16,
    crc: u32,
    packed_bytes: u64,
    plain_bytes: u64,
    /// Where its local header begins.
    at: u64,
}

impl<'a> Archive<'a> {
    pub(crate) fn open(
        source: &'a mut dyn ReadSeek,
        limits: &Limits,
    ) -> Result<Archive<'a>, Error> {
        let mut window = Window::default();
        let end = End::find(source, &mut window)?;
        if end.entries > limits.entries as u64 {
            let limit = limits.entries.to_string();
            return Err(Error::OverLimit {
                what: "the number of entries",
                place: "the archive".into(),
                limit,
            });
        }
        let (mut names, mut entries) = (Vec::new(), Vec::new());
        let mut at = end.directory_at;
        for _ in 0..end.entries {
            let (name, entry, next) = directory_entry(source, &mut window, at, end.shift)?;
            names.push(name);
            entries.push(entry);
            at = next;
        }
        Ok(Archive { source, names, entries, inflate: Decompressor::new(), window })
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn into_source(self) -> &'a mut dyn ReadSeek {
        self.source
    }

    /// Puts the plain bytes of one entry into `room`, which grows where it must, and says how many they are.
    ///
    /// What lies behind them is of entries before: making it zero each time would cost as much as a checksum.
    pub(crate) fn unpack(
        &mut self,
        index: usize,
        limits: &Limits,
        room: &mut Vec<u8>,
    ) -> Result<usize, Error> {
        let (Some(entry), Some(name)) = (self.entries.get(index).copied(), self.names.get(index))
        else {
            return Err(malformed("the archive", "no such entry"));
        };
        if entry.flags & ENCRYPTED != 0 {
            return Err(malformed(name, "an encrypted entry"));
        }
        entry.within(name, limits)?;
        let header = self.window.bytes(self.source, entry.at, LOCAL_BYTES)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(malformed(name, "no local header"));
        }
        let skip =
            LOCAL_BYTES as u64 + u64::from(u16_at(header, 26)) + u64::from(u16_at(header, 28));
        let length = usize::try_from(entry.packed_bytes).unwrap_or(usize::MAX);
        let packed = self.window.bytes(self.source, entry.at.saturating_add(skip), length)?;
        let plain_bytes = match entry.method {
            STORED => packed.len(),
            DEFLATED => usize::try_from(entry.plain_bytes).unwrap_or(0),
            method => return Err(malformed(name, &format!("compression method {method}"))),
        };
        if room.len() < plain_bytes {
            room.resize(plain_bytes, 0);
        }
        let plain = room.get_mut(..plain_bytes).unwrap_or_default();
        match entry.method {
            STORED => plain.copy_from_slice(packed),
            _ => inflate(&mut self.inflate, packed, name, plain)?,
        }
        let mut crc = Crc::new();
        crc.update(plain);
        if crc.sum() != entry.crc {
            return Err(malformed(name, "a wrong checksum"));
        }
        Ok(plain_bytes)
    }
}

const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;

impl Entry {
    /// The size that the directory claims is an upper bound: no more is unpacked.
    fn within(self, name: &str, limits: &Limits) -> Result<(), Error> {
        let over = |what, limit| Err(Error::OverLimit { what, place: name.to_owned(), limit });
        let largest = self.plain_bytes.max(self.packed_bytes);
        if largest > limits.record_bytes as u64 {
            return over("an entry", format!("{} bytes", limits.record_bytes));
        }
        let allowed = self.packed_bytes.saturating_mul(limits.unpack_ratio);
        if self.plain_bytes > allowed.max(super::RATIO_FREE_BYTES) {
            return over(
                "what it unpacks to",
                format!("{} times its packed size", limits.unpack_ratio),
            );
        }
        Ok(())
    }
}

/// Inflates in one stroke: the whole input, and room for the whole output.
fn inflate(
    state: &mut Decompressor,
    packed: &[u8],
    name: &str,
    plain: &mut [u8],
) -> Result<(), Error> {
    match state.deflate_decompress(packed, plain) {
        Ok(length) if length == plain.len() => Ok(()),
        Ok(_) | Err(DecompressionError::InsufficientSpace) => {
            Err(malformed(name, "another size than its directory says"))
        }
        Err(DecompressionError::BadData) => Err(malformed(name, "damaged deflated data")),
    }
}

fn malformed(place: &str, found: &str) -> Error {
    Error::Malformed {
        place: place.to_owned(),
        found: found.to_owned(),
        expected: "a zip archive with stored or deflated entries".to_owned(),
    }
}

/// What the end of the archive says of its directory.
struct End {
    entries: u64,
    directory_at: u64,
    /// How far everything lies behind where the archive believes it is: bytes put in front.
    shift: u64,
}

impl End {
    fn find(source: &mut dyn ReadSeek, window: &mut Window) -> Result<End, Error> {
        let length = source.seek(SeekFrom::End(0)).map_err(Error::source("the archive's end"))?;
        let tail_bytes = length.min(END_BYTES as u64 + COMMENT_BYTES);
        let tail_at = length - tail_bytes;
        let tail = window.bytes(source, tail_at, usize::try_from(tail_bytes).unwrap_or(0))?;
        let found = memchr::memmem::rfind(tail, b"PK\x05\x06");
        let Some((at, end)) = found.and_then(|at| Some((at, tail.get(at..at + END_BYTES)?))) else {
            return Err(Error::CutShort { place: "its end".into(), expected: "a zip directory" });
        };
        let end_at = tail_at + at as u64;
        let entries = u64::from(u16_at(end, 10));
        let (size, directory_at) = (u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
        if entries == 0xffff || size == 0xffff_ffff || directory_at == 0xffff_ffff {
            return End::find64(source, window, end_at);
        }
        End::new(entries, size, directory_at, end_at)
    }

    /// Zip64: a locator stands before the end record and says where the long one is (4.3.14, 4.3.15).
    fn find64(source: &mut dyn ReadSeek, window: &mut Window, end_at: u64) -> Result<End, Error> {
        let locator_at =
            end_at.checked_sub(20).ok_or_else(|| malformed("the archive", "no Zip64 locator"))?;
        let locator = window.bytes(source, locator_at, 20)?;
        if !locator.starts_with(b"PK\x06\x07") {
            return Err(malformed("the archive", "no Zip64 locator"));
        }
        let at = u64_at(locator, 8);
        let end = window.bytes(source, at, 56)?;
        if !end.starts_with(b"PK\x06\x06") {
            return Err(malformed("the archive", "no Zip64 end record"));
        }
        End::new(u64_at(end, 32), u64_at(end, 40), u64_at(end, 48), at)
    }

    fn new(entries: u64, size: u64, directory_at: u64, end_at: u64) -> Result<End, Error> {
        let really_at = end_at.checked_sub(size);
        let shift = really_at.and_then(|at| at.checked_sub(directory_at));
        let shift =
            shift.ok_or_else(|| malformed("the archive", "a directory behind its own end"))?;
        Ok(End { entries, directory_at: directory_at + shift, shift })
    }
}

fn directory_entry(
    source: &mut dyn ReadSeek,
    window: &mut Window,
    at: u64,
    shift: u64,
) -> Result<(String, Entry, u64), Error> {
    let fixed = window.bytes(source, at, CENTRAL_BYTES)?;
    if !fixed.starts_with(b"PK\x01\x02") {
        return Err(malformed("the archive's directory", "no directory entry"));
    }
    let mut entry = Entry {
        flags: u16_at(fixed, 8),
        method: u16_at(fixed, 10),
        crc: u32_at(fixed, 16),
        packed_bytes: u32_at(fixed, 20).into(),
        plain_bytes: u32_at(fixed, 24).into(),
        at: u32_at(fixed, 42).into(),
    };
    let (name, extra) = (usize::from(u16_at(fixed, 28)), usize::from(u16_at(fixed, 30)));
    let whole = CENTRAL_BYTES + name + extra + usize::from(u16_at(fixed, 32));
    let variable = window.bytes(source, at + CENTRAL_BYTES as u64, name + extra)?;
    let (name, extra) = variable.split_at_checked(name).unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    widen(&mut entry, extra);
    entry.at = entry.at.saturating_add(shift);
    Ok((name, entry, at + whole as u64))
}

/// Takes the 64-bit sizes from the extra field 0x0001, in the order in which they are missed (4.5.3).
fn widen(entry: &mut Entry, mut extra: &[u8]) {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((mut field, after)) = rest.split_at_checked(u16_at(head, 2).into()) else {
            return;
        };
        if u16_at(head, 0) == 1 {
            for value in [&mut entry.plain_bytes, &mut entry.packed_bytes, &mut entry.at] {
                if *value == 0xffff_ffff
                    && let Some((wide, rest)) = field.split_at_checked(8)
                {
                    *value = u64_at(wide, 0);
                    field = rest;
                }
            }
        }
        extra = after;
    }
}

/// A piece of the source that is held in memory.
#[derive(Default)]
struct Window {
    at: u64,
    held: Vec<u8>,
}

impl Window {
    fn bytes(&mut self, source: &mut dyn ReadSeek, at: u64, length: usize) -> Result<&[u8], Error> {
        if self.range(at, length).is_none() {
            self.held.clear();
            self.at = at;
            source.seek(SeekFrom::Start(at)).map_err(Error::source("the archive"))?;
            let want = length.max(WINDOW_BYTES) as u64;
            source.take(want).read_to_end(&mut self.held).map_err(Error::source("the archive"))?;
        }
        let range = self.range(at, length).ok_or_else(|| Error::CutShort {
            place: format!("byte {at}"),
            expected: "the rest of a zip entry",
        })?;
        self.held.get(range).ok_or_else(|| malformed("the archive", "no bytes"))
    }

    fn range(&self, at: u64, length: usize) -> Option<std::ops::Range<usize>> {
        let from = usize::try_from(at.checked_sub(self.at)?).ok()?;
        let to = from.checked_add(length)?;
        (to <= self.held.len()).then_some(from..to)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |b| b.iter().rev().fold(0, |sum, &byte| sum << 8 | u16::from(byte)))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |b| b.iter().rev().fold(0, |sum, &byte| sum << 8 | u32::from(byte)))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..at + 8)
        .map_or(0, |b| b.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
}
