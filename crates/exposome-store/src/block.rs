//! Many records in one row.
//!
//! A catalogue is hundreds of thousands of records of one to two kilobytes, written
//! at once and read at once.  A row each costs an entry in an index and pages that
//! stand half empty, and what the records have in common is written every time; a
//! block of some thousands costs none of it.  What says whether a record is new
//! (its *entry*) is packed apart from the bodies, which then need not be unpacked.

use crate::{Error, ShortDigest, pack};
use std::ops::Range;

/// What is known of one version of a record without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) record: String,
    /// Microseconds.
    pub(crate) recorded_at: i64,
    pub(crate) digest: ShortDigest,
    pub(crate) modified: Option<i64>,
    /// Where its body lies among those of the block; nothing where the record has left its feed.
    pub(crate) body: Range<usize>,
}

/// A block in the making.
#[derive(Debug)]
pub(crate) struct Block {
    recorded_at: i64,
    entries: Vec<u8>,
    /// Where the bodies lie among those at hand, ascending.
    kept: Vec<Range<usize>>,
}

impl Block {
    /// Of records that are recorded at a moment or later.
    pub(crate) fn new(recorded_at: i64) -> Block {
        Block { recorded_at, entries: Vec::new(), kept: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn push(
        &mut self,
        record: &str,
        recorded_at: i64,
        digest: ShortDigest,
        modified: Option<i64>,
        body: Range<usize>,
    ) {
        let packed = &mut self.entries;
        pack::put(packed, record.len() as u64);
        packed.extend_from_slice(record.as_bytes());
        pack::put_signed(packed, recorded_at - self.recorded_at);
        packed.extend_from_slice(&digest);
        packed.push(u8::from(modified.is_some()));
        if let Some(modified) = modified {
            pack::put_signed(packed, modified);
        }
        pack::put(packed, body.len() as u64);
        self.kept.push(body);
    }

    /// Entries, and bodies out of those at hand, packed.
    pub(crate) fn packed(&self, bodies: &[u8], packer: &mut Packer) -> (Vec<u8>, Vec<u8>) {
        let kept: usize = self.kept.iter().map(Range::len).sum();
        let entries = packer.packed(&self.entries);
        if kept == bodies.len() {
            return (entries, packer.packed(bodies));
        }
        let mut of_block = Vec::with_capacity(kept);
        for body in &self.kept {
            of_block.extend_from_slice(bodies.get(body.clone()).unwrap_or_default());
        }
        (entries, packer.packed(&of_block))
    }
}

/// What packs; it keeps its room from one block to the next.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    room: Vec<u8>,
}

impl Packer {
    /// The length in four bytes, the lowest first, and an LZ4 block.
    pub(crate) fn packed(&mut self, plain: &[u8]) -> Vec<u8> {
        let most = lz4_flex::block::get_maximum_output_size(plain.len());
        if self.room.len() < most {
            self.room.resize(most, 0);
        }
        let length = lz4_flex::block::compress_into(plain, &mut self.room);
        let length = length.expect("there is room for what cannot be packed, too");
        let plain_bytes = u32::try_from(plain.len()).expect("a block is far below 4 GiB");
        [&plain_bytes.to_le_bytes()[..], self.room.get(..length).unwrap_or_default()].concat()
    }
}

/// The entries of a block whose `recorded_at` is this.
pub(crate) fn entries(recorded_at: i64, entries: &[u8]) -> Result<Vec<Entry>, Error> {
    let plain = unpacked(entries)?;
    let mut rest = plain.as_slice();
    let (mut found, mut end) = (Vec::new(), 0);
    while !rest.is_empty() {
        let entry = entry(recorded_at, end, &mut rest).ok_or_else(damaged)?;
        end = entry.body.end;
        found.push(entry);
    }
    Ok(found)
}

fn entry(recorded_at: i64, start: usize, rest: &mut &[u8]) -> Option<Entry> {
    let length = usize::try_from(pack::take(rest)?).ok()?;
    let record = std::str::from_utf8(rest.split_off(..length)?).ok()?.to_owned();
    let recorded_at = recorded_at.checked_add(pack::take_signed(rest)?)?;
    let digest = *rest.split_off(..size_of::<ShortDigest>())?.first_chunk()?;
    let modified = match *rest.split_off_first()? {
        0 => None,
        _ => Some(pack::take_signed(rest)?),
    };
    let end = start.checked_add(usize::try_from(pack::take(rest)?).ok()?)?;
    Some(Entry { record, recorded_at, digest, modified, body: start..end })
}

/// The bodies of a block, one after the other.
pub(crate) fn bodies(bodies: &[u8]) -> Result<String, Error> {
    String::from_utf8(unpacked(bodies)?).map_err(|_| damaged())
}

fn unpacked(packed: &[u8]) -> Result<Vec<u8>, Error> {
    lz4_flex::decompress_size_prepended(packed).map_err(|_| damaged())
}

fn damaged() -> Error {
    Error::Damaged { what: "block of records", record: "its bytes".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(block: &Block, plain: &str) -> Vec<String> {
        let (packed_entries, packed_bodies) =
            block.packed(plain.as_bytes(), &mut Packer::default());
        let text = bodies(&packed_bodies).unwrap();
        let shown = |it: Entry| {
            let body = &text[it.body];
            format!("{} {} {:?} {body}", it.record, it.recorded_at, it.modified)
        };
        entries(1_000, &packed_entries).unwrap().into_iter().map(shown).collect()
    }

    #[test]
    fn a_block_gives_back_what_went_into_it() {
        let mut block = Block::new(1_000);
        block.push("CVE-2020-1", 1_000, [1; 16], Some(-5), 0..7);
        block.push("CVE-2020-2", 1_001, [0; 16], None, 0..0);
        block.push("", 1_000, [2; 16], Some(i64::MAX), 7..11);
        let expected = [
            "CVE-2020-1 1000 Some(-5) {\"a\":1}",
            "CVE-2020-2 1001 None ",
            " 1000 Some(9223372036854775807) \"ü\"",
        ];
        assert_eq!(shown(&block, "{\"a\":1}\"ü\""), expected);
    }

    #[test]
    fn a_body_that_says_nothing_new_is_left_out() {
        let mut block = Block::new(1_000);
        block.push("first", 1_000, [1; 16], None, 0..2);
        block.push("third", 1_000, [1; 16], None, 4..6);
        assert_eq!(shown(&block, "[1[2[3"), ["first 1000 None [1", "third 1000 None [3"]);
    }

    #[test]
    fn a_block_that_was_cut_is_damaged_not_shorter() {
        let mut block = Block::new(0);
        block.push("CVE-2020-1", 0, [1; 16], None, 0..2);
        let plain = block.entries.clone();
        for end in 1..plain.len() {
            let cut = Packer::default().packed(&plain[..end]);
            assert!(entries(0, &cut).is_err(), "{end}");
        }
        assert!(bodies(b"").is_err() && bodies(b"\xff\xff\xff\x7f").is_err());
    }
}
