//! Tables of records in one sealed run of bytes, of which a part can be read alone.
//!
//! A head says what the bytes were made from (a key), where each table lies, and the
//! digest of every block of 64 KiB.  A reader takes the blocks that hold what it
//! wants, holds each against its digest and touches no other; bytes that are not
//! what was written are told, never used.  The digests find accidents (a torn write, a bad
//! disk), not forgers: whoever can write here can write the store beside it.
//!
//! ```text
//! magic 16 | key 32 | tables u64 | payload u64 | digest of the head u64
//! (start u64, rows u64, bytes u64) a table | digest u64 a block | payload
//! table: where each row ends u64 | rows
//! ```

use crate::expose::interned::digest;
use std::cell::RefCell;

/// Where the bytes lie: memory or a file.
pub trait Source {
    /// Fills `into` from this offset; nothing where so many bytes are not there.
    fn read(&self, offset: u64, into: &mut [u8]) -> Option<()>;
}

impl Source for Vec<u8> {
    fn read(&self, offset: u64, into: &mut [u8]) -> Option<()> {
        let start = usize::try_from(offset).ok()?;
        into.copy_from_slice(self.get(start..start.checked_add(into.len())?)?);
        Some(())
    }
}

/// What a snapshot was made from.
pub type Key = [u8; 32];

/// Why bytes are not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("it is no snapshot of this kind")]
    Foreign,
    #[error("it was made from something else")]
    Stale,
    #[error("its bytes are not those that were written")]
    Damaged,
}

const MAGIC: &[u8; 16] = b"exposome-snap-01";
const FIXED: usize = 72;
const BLOCK: usize = 1 << 16;

/// Records in the making.
#[derive(Debug, Default)]
pub(super) struct Table {
    ends: Vec<u64>,
    bytes: Vec<u8>,
}

impl Table {
    pub(super) fn push(&mut self, row: &[u8]) {
        self.bytes.extend_from_slice(row);
        self.ends.push(self.bytes.len() as u64);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Puts tables behind one another under a head.
pub(super) fn seal(key: &Key, tables: &[Table]) -> Vec<u8> {
    let payload: usize = tables.iter().map(|it| it.ends.len() * 8 + it.bytes.len()).sum();
    let blocks = payload.div_ceil(BLOCK);
    let head = FIXED + tables.len() * 24 + blocks * 8;
    let mut sealed = Vec::with_capacity(head + payload);
    sealed.resize(head, 0);
    let mut directory = Vec::with_capacity(head - FIXED);
    for table in tables {
        let start = sealed.len() - head;
        for number in [start, table.ends.len(), table.bytes.len()] {
            directory.extend_from_slice(&(number as u64).to_le_bytes());
        }
        table.ends.iter().for_each(|end| sealed.extend_from_slice(&end.to_le_bytes()));
        sealed.extend_from_slice(&table.bytes);
    }
    for block in sealed.get(head..).unwrap_or_default().chunks(BLOCK) {
        directory.extend_from_slice(&digest(block).to_le_bytes());
    }
    let mut front = Vec::with_capacity(head);
    front.extend_from_slice(MAGIC);
    front.extend_from_slice(key);
    front.extend_from_slice(&(tables.len() as u64).to_le_bytes());
    front.extend_from_slice(&(payload as u64).to_le_bytes());
    let sum = digest(&front) ^ digest(&directory);
    front.extend_from_slice(&sum.to_le_bytes());
    front.extend_from_slice(&directory);
    if let Some(place) = sealed.get_mut(..head) {
        place.copy_from_slice(&front);
    }
    sealed
}

/// Sealed tables, open for reading.
#[derive(Debug)]
pub struct Sealed<S> {
    source: S,
    head: u64,
    payload: u64,
    tables: Vec<Place>,
    sums: Vec<u64>,
    /// The block that was read last: neighbours are often asked for together.
    last: RefCell<Option<(usize, Vec<u8>)>>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    start: u64,
    rows: u64,
    bytes: u64,
}

impl<S: Source> Sealed<S> {
    /// Reads the head, and nothing behind it.
    pub(super) fn open(source: S, key: &Key, tables: usize) -> Result<Sealed<S>, Unfit> {
        let mut fixed = [0; FIXED];
        source.read(0, &mut fixed).ok_or(Unfit::Foreign)?;
        let (magic, rest) = fixed.split_at(MAGIC.len());
        let (made_from, rest) = rest.split_at(key.len());
        let mut numbers = rest.chunks_exact(8).map(number);
        let (Some(count), Some(payload), Some(sum)) =
            (numbers.next(), numbers.next(), numbers.next())
        else {
            return Err(Unfit::Foreign);
        };
        if magic != MAGIC || count != tables as u64 {
            return Err(Unfit::Foreign);
        }
        if made_from != key {
            return Err(Unfit::Stale);
        }
        let blocks = payload.div_ceil(BLOCK as u64);
        // A length that was torn must not make us ask for more memory than the file could fill.
        let len = usize::try_from(blocks).ok().filter(|it| *it < 1 << 24).ok_or(Unfit::Damaged)?;
        let mut directory = vec![0; tables * 24 + len * 8];
        source.read(FIXED as u64, &mut directory).ok_or(Unfit::Damaged)?;
        let signed = fixed.get(..FIXED - 8).unwrap_or_default();
        if digest(signed) ^ digest(&directory) != sum {
            return Err(Unfit::Damaged);
        }
        let (places, sums) = directory.split_at(tables * 24);
        let place = |row: &[u8]| {
            let mut numbers = row.chunks_exact(8).map(number);
            let mut next = || numbers.next().unwrap_or_default();
            Place { start: next(), rows: next(), bytes: next() }
        };
        Ok(Sealed {
            head: (FIXED + directory.len()) as u64,
            payload,
            tables: places.chunks_exact(24).map(place).collect(),
            sums: sums.chunks_exact(8).map(number).collect(),
            source,
            last: RefCell::default(),
        })
    }

    /// How many rows a table has.
    pub(super) fn rows(&self, table: usize) -> u64 {
        self.tables.get(table).map_or(0, |place| place.rows)
    }

    /// One row of a table.
    pub(super) fn row(&self, table: usize, row: u64) -> Result<Vec<u8>, Unfit> {
        self.rows_between(table, row, row.saturating_add(1))?.pop().ok_or(Unfit::Damaged)
    }

    /// The rows of a table from one up to another.
    pub(super) fn rows_between(
        &self,
        table: usize,
        from: u64,
        to: u64,
    ) -> Result<Vec<Vec<u8>>, Unfit> {
        let (ends, bytes) = self.run(table, from, to)?;
        let mut rest = bytes.as_slice();
        let mut begin = ends.first().copied().unwrap_or_default();
        let rows = ends.iter().skip(1).map(|&end| {
            let len = usize::try_from(end.checked_sub(begin)?).ok()?;
            begin = end;
            let (row, behind) = rest.split_at_checked(len)?;
            rest = behind;
            Some(row.to_vec())
        });
        rows.collect::<Option<Vec<_>>>().ok_or(Unfit::Damaged)
    }

    /// Where the rows of a range begin and end, and their bytes in one run.
    pub(super) fn run(
        &self,
        table: usize,
        from: u64,
        to: u64,
    ) -> Result<(Vec<u64>, Vec<u8>), Unfit> {
        let place = *self.tables.get(table).ok_or(Unfit::Foreign)?;
        if from > to || to > place.rows {
            return Err(Unfit::Damaged);
        }
        let before = from.saturating_sub(1);
        let ends = self.read(place.start + before * 8, (to - before) * 8)?;
        let mut ends: Vec<u64> = ends.chunks_exact(8).map(number).collect();
        if from == 0 {
            ends.insert(0, 0);
        }
        let (begin, end) = (ends.first().copied().unwrap_or(0), ends.last().copied().unwrap_or(0));
        if begin > end || end > place.bytes {
            return Err(Unfit::Damaged);
        }
        let bytes = self.read(place.start + place.rows * 8 + begin, end - begin)?;
        Ok((ends, bytes))
    }

    fn read(&self, start: u64, len: u64) -> Result<Vec<u8>, Unfit> {
        let end = start.checked_add(len).filter(|end| *end <= self.payload);
        let end = end.ok_or(Unfit::Damaged)?;
        let mut bytes = Vec::with_capacity(usize::try_from(len).map_err(|_| Unfit::Damaged)?);
        let mut at = start;
        while at < end {
            let number = usize::try_from(at / BLOCK as u64).map_err(|_| Unfit::Damaged)?;
            let begin = number as u64 * BLOCK as u64;
            let part = usize::try_from(at - begin)
                .and_then(|from| Ok(from..usize::try_from((end - begin).min(BLOCK as u64))?));
            let part = part.map_err(|_| Unfit::Damaged)?;
            self.with_block(number, |block| {
                bytes.extend_from_slice(block.get(part.clone())?);
                Some(())
            })?;
            at = begin + part.end as u64;
        }
        Ok(bytes)
    }

    fn with_block(
        &self,
        number: usize,
        take: impl FnOnce(&[u8]) -> Option<()>,
    ) -> Result<(), Unfit> {
        let mut last = self.last.borrow_mut();
        if let Some((_, block)) = last.as_ref().filter(|(known, _)| *known == number) {
            return take(block).ok_or(Unfit::Damaged);
        }
        let begin = number as u64 * BLOCK as u64;
        let len = self.payload.saturating_sub(begin).min(BLOCK as u64);
        let mut block = vec![0; usize::try_from(len).unwrap_or(0)];
        self.source.read(self.head + begin, &mut block).ok_or(Unfit::Damaged)?;
        if self.sums.get(number) != Some(&digest(&block)) {
            return Err(Unfit::Damaged);
        }
        let taken = take(&block).ok_or(Unfit::Damaged);
        *last = Some((number, block));
        taken
    }
}

fn number(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = [7; 32];

    fn tables() -> Vec<Table> {
        let (mut small, mut large) = (Table::default(), Table::default());
        for word in ["", "pump", "ventilator"] {
            small.push(word.as_bytes());
        }
        for number in 0..30_000_u32 {
            large.push(&vec![number.to_le_bytes()[0]; (number % 13) as usize]);
        }
        vec![small, large]
    }

    #[test]
    fn every_row_comes_back_alone_and_together() {
        let sealed = Sealed::open(seal(&KEY, &tables()), &KEY, 2).unwrap();
        assert_eq!(sealed.rows(1), 30_000);
        assert_eq!(sealed.row(0, 2).unwrap(), b"ventilator");
        assert_eq!(sealed.row(0, 0).unwrap(), b"");
        let all = sealed.rows_between(1, 0, 30_000).unwrap();
        for number in [0_u32, 1, 12, 13, 14_999, 29_999] {
            let row = vec![number.to_le_bytes()[0]; (number % 13) as usize];
            assert_eq!(sealed.row(1, number.into()).unwrap(), row);
            assert_eq!(all[number as usize], row);
        }
        assert_eq!(sealed.row(0, 3), Err(Unfit::Damaged), "there is no such row");
        assert_eq!(sealed.rows_between(0, 3, 3), Ok(Vec::new()));
    }

    #[test]
    fn another_key_is_stale_and_another_kind_is_foreign() {
        let bytes = seal(&KEY, &tables());
        assert_eq!(Sealed::open(bytes.clone(), &[8; 32], 2).unwrap_err(), Unfit::Stale);
        assert_eq!(Sealed::open(bytes, &KEY, 3).unwrap_err(), Unfit::Foreign);
        assert_eq!(Sealed::open(Vec::new(), &KEY, 2).unwrap_err(), Unfit::Foreign);
        assert_eq!(Sealed::open(vec![0; 4096], &KEY, 2).unwrap_err(), Unfit::Foreign);
    }

    /// All rows, or the first reason why not.
    fn read_all(bytes: Vec<u8>) -> Result<Vec<Vec<u8>>, Unfit> {
        let sealed = Sealed::open(bytes, &KEY, 2)?;
        let mut rows = sealed.rows_between(0, 0, sealed.rows(0))?;
        rows.extend(sealed.rows_between(1, 0, sealed.rows(1))?);
        Ok(rows)
    }

    #[test]
    fn no_byte_can_change_unnoticed_and_no_end_be_missing() {
        let whole = seal(&KEY, &tables());
        let expected = read_all(whole.clone()).unwrap();
        for place in (0..whole.len()).step_by(97).chain(0..FIXED + 48) {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x40;
            assert!(read_all(bytes).is_err(), "byte {place}");
        }
        for len in (0..whole.len()).step_by(1009) {
            assert!(read_all(whole[..len].to_vec()).is_err(), "{len} bytes");
        }
        assert_eq!(read_all(whole).unwrap(), expected);
    }
}
