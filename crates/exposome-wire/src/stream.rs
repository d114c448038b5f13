//! The bytes of a connection in their order, handed to whoever reads them.
//!
//! A segment that comes in order is read where it lies; only what a reader must
//! see together with what follows is copied.  What comes too early waits, up to
//! a cap; beyond it the missing part is taken for lost (a capture may miss
//! packets), and reading goes on at the next message that can be recognised.
//!
//! **Invariant:** a stream keeps no more than [`PENDING_MAX`] and [`EARLY_MAX`]
//! bytes a side, and one segment costs no more than [`MESSAGES_MAX`] readings.

use crate::notes::Notes;
use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    pub(crate) fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

/// One value for each side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sides<T> {
    pub(crate) client: T,
    pub(crate) server: T,
}

impl<T> Sides<T> {
    pub(crate) fn of(&self, side: Side) -> &T {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    pub(crate) fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    pub(crate) fn swap(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
    }
}

/// Reads a connection, message by message.
pub(crate) trait Reader {
    /// What one side says next, beginning with a message.
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step;

    /// Bytes of this side were lost; what follows begins with a message again.
    fn lost(&mut self, from: Side) {
        let _ = from;
    }
}

/// How far a reader has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many bytes were a message, at least one; they may be more than there are, and the rest of them is passed over.
    Took(usize),
    /// Not before there are so many.
    Wait(usize),
    /// There is nothing more to learn from this connection.
    Over,
}

pub(crate) const PENDING_MAX: usize = 1 << 16;
pub(crate) const EARLY_MAX: usize = 1 << 15;
const EARLY_SEGMENTS_MAX: usize = 16;
pub(crate) const MESSAGES_MAX: usize = 64;

/// One side of a connection.
#[derive(Debug, Default)]
pub(crate) struct Half {
    /// The sequence number that comes next; `None` before anything came.
    next: Option<u32>,
    /// So many bytes are to be passed over.
    skip: usize,
    /// The reader waits for so many.
    wait: usize,
    /// What was read and not understood yet.
    pending: Vec<u8>,
    /// What came too early.
    early: VecDeque<(u32, Box<[u8]>)>,
    early_bytes: usize,
}

/// What a segment brings.
pub(crate) enum Arrival<'a> {
    /// These bytes come next.
    InOrder(&'a [u8]),
    /// They come too early, and were put aside.
    Early,
    /// They were there before, or there are none.
    Nothing,
    /// What is missing will not come: reading begins anew with the first that came too early.
    AfterLoss,
}

impl Half {
    /// The number with which the side opened.
    pub(crate) fn open_at(&mut self, sequence: u32) {
        self.next = Some(sequence);
    }

    pub(crate) fn held_bytes(&self) -> usize {
        self.pending.len() + self.early_bytes
    }

    /// Where a segment belongs.
    pub(crate) fn arrive<'a>(&mut self, sequence: u32, payload: &'a [u8]) -> Arrival<'a> {
        let next = *self.next.get_or_insert(sequence);
        let ahead = sequence.wrapping_sub(next).cast_signed();
        if ahead <= 0 {
            // Behind: the part that was there before is left out.
            let seen = usize::try_from(ahead.unsigned_abs()).unwrap_or(usize::MAX);
            return match payload.get(seen..) {
                Some(fresh) if !fresh.is_empty() => {
                    self.advance(fresh.len());
                    Arrival::InOrder(fresh)
                }
                _ => Arrival::Nothing,
            };
        }
        let gap = usize::try_from(ahead).unwrap_or(usize::MAX);
        if self.skip >= gap {
            // What is missing would be passed over.
            self.skip -= gap;
            self.next = Some(sequence);
            self.advance(payload.len());
            return Arrival::InOrder(payload);
        }
        let is_full =
            self.early.len() >= EARLY_SEGMENTS_MAX || self.early_bytes + payload.len() > EARLY_MAX;
        self.early_bytes += payload.len();
        self.early.push_back((sequence, payload.into()));
        if !is_full {
            return Arrival::Early;
        }
        let distance = |sequence: u32| sequence.wrapping_sub(next);
        self.next = self.early.iter().map(|(it, _)| *it).min_by_key(|it| distance(*it));
        self.begin_anew();
        Arrival::AfterLoss
    }

    /// The next of those that came too early, if its time has come.
    pub(crate) fn next_early(&mut self) -> Option<Box<[u8]>> {
        // Each of them is looked at once for each that is taken: at most 16 times 16.
        for _ in 0..self.early.len() {
            let (sequence, payload) = self.early.pop_front()?;
            let ahead = sequence.wrapping_sub(self.next?).cast_signed();
            if ahead > 0 {
                self.early.push_back((sequence, payload));
                continue;
            }
            self.early_bytes = self.early_bytes.saturating_sub(payload.len());
            let seen = usize::try_from(ahead.unsigned_abs()).unwrap_or(usize::MAX);
            if let Some(fresh) = payload.get(seen..).filter(|it| !it.is_empty()) {
                self.advance(fresh.len());
                return Some(if seen == 0 { payload } else { fresh.into() });
            }
        }
        None
    }

    /// The capture cut so many bytes off the segment that came last.
    pub(crate) fn cut(&mut self, bytes: u32) {
        self.advance(usize::try_from(bytes).unwrap_or(0));
        self.begin_anew();
    }

    /// Nothing that was begun can be finished.
    fn begin_anew(&mut self) {
        self.skip = 0;
        self.wait = 0;
        self.pending = Vec::new();
    }

    /// First words that are too few to tell what they are, with those before them; they are given back until they are
    /// enough.
    pub(crate) fn gather(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut gathered = std::mem::take(&mut self.pending);
        gathered.extend_from_slice(bytes);
        gathered
    }

    /// Keeps first words until more come.
    pub(crate) fn keep(&mut self, gathered: Vec<u8>) {
        self.pending = gathered;
    }

    fn advance(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(0);
        self.next = self.next.map(|it| it.wrapping_add(bytes));
    }

    /// Gives bytes that come next to a reader; whether it wants more of the connection.
    pub(crate) fn give(
        &mut self,
        side: Side,
        mut bytes: &[u8],
        reader: &mut dyn Reader,
        notes: &mut Notes<'_>,
    ) -> bool {
        if self.skip > 0 {
            let passed = self.skip.min(bytes.len());
            self.skip -= passed;
            bytes = bytes.get(passed..).unwrap_or_default();
        }
        if bytes.is_empty() {
            return true;
        }
        if self.pending.is_empty() {
            let left = self.read(side, bytes, reader, notes);
            return match left {
                Some(left) => {
                    self.pending.extend_from_slice(bytes.get(left..).unwrap_or_default());
                    true
                }
                None => false,
            };
        }
        let room = PENDING_MAX.saturating_sub(self.pending.len());
        self.pending.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        if self.pending.len() < self.wait {
            return true;
        }
        let pending = std::mem::take(&mut self.pending);
        match self.read(side, &pending, reader, notes) {
            Some(left) if left < pending.len() => {
                self.pending = pending;
                self.pending.drain(..left);
                true
            }
            Some(_) => true,
            None => false,
        }
    }

    /// Message after message; where the first unfinished one begins.
    fn read(
        &mut self,
        side: Side,
        bytes: &[u8],
        reader: &mut dyn Reader,
        notes: &mut Notes<'_>,
    ) -> Option<usize> {
        let mut at = 0;
        for _ in 0..MESSAGES_MAX {
            let ahead = bytes.get(at..).unwrap_or_default();
            if ahead.is_empty() {
                self.wait = 0;
                return Some(bytes.len());
            }
            match reader.read(side, ahead, notes) {
                Step::Took(taken) => {
                    let taken = taken.max(1);
                    if taken > ahead.len() {
                        self.skip = taken - ahead.len();
                        return Some(bytes.len());
                    }
                    at += taken;
                }
                Step::Wait(wanted) if wanted <= PENDING_MAX => {
                    self.wait = wanted.max(ahead.len() + 1);
                    return Some(at);
                }
                Step::Wait(_) | Step::Over => return None,
            }
        }
        // A side that says so much at once says nothing of itself.
        self.wait = 0;
        Some(bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(segments: &[(u32, &'static [u8])]) -> Vec<String> {
        let mut half = Half::default();
        half.open_at(100);
        let mut words = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for (sequence, payload) in segments {
            words.push(match half.arrive(*sequence, payload) {
                Arrival::InOrder(bytes) => text(bytes),
                Arrival::Early => "early".to_owned(),
                Arrival::Nothing => "nothing".to_owned(),
                Arrival::AfterLoss => "lost".to_owned(),
            });
            while let Some(bytes) = half.next_early() {
                words.push(format!("at last {}", text(&bytes)));
            }
        }
        words
    }

    #[test]
    fn segments_are_put_in_order_and_each_byte_is_given_once() {
        assert_eq!(arrivals(&[(100, b"abc"), (103, b"def")]), ["abc", "def"]);
        assert_eq!(
            arrivals(&[(103, b"def"), (106, b"ghi"), (100, b"abc")]),
            ["early", "early", "abc", "at last def", "at last ghi"]
        );
        assert_eq!(arrivals(&[(100, b"abc"), (100, b"abc")]), ["abc", "nothing"]);
        assert_eq!(arrivals(&[(100, b"abc"), (101, b"bcd")]), ["abc", "d"]);
        assert_eq!(arrivals(&[(104, b"ef"), (100, b"abcde")]), ["early", "abcde", "at last f"]);
    }

    #[test]
    fn what_a_capture_has_missed_is_not_waited_for_for_ever() {
        let mut half = Half::default();
        half.open_at(0);
        let payload = [7; 4096];
        let (mut lost, mut given) = (0, 0);
        for at in 0..100_u32 {
            match half.arrive(10 + at * 4096, &payload) {
                Arrival::AfterLoss => lost += 1,
                Arrival::InOrder(bytes) => given += bytes.len(),
                Arrival::Early | Arrival::Nothing => {}
            }
            while let Some(bytes) = half.next_early() {
                given += bytes.len();
            }
            assert!(half.held_bytes() <= EARLY_MAX);
        }
        assert_eq!(lost, 1, "after the loss the rest is in order");
        assert_eq!(given, 100 * 4096);
    }

    #[test]
    fn sequence_numbers_go_round() {
        let mut half = Half::default();
        half.open_at(u32::MAX - 1);
        assert!(matches!(half.arrive(u32::MAX - 1, b"abcd"), Arrival::InOrder(b"abcd")));
        assert!(matches!(half.arrive(2, b"ef"), Arrival::InOrder(b"ef")));
    }
}
