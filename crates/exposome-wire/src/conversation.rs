//! Connections and exchanges of datagrams, each known by its two ends.
//!
//! A row is small, so that a million of them are no burden; what a connection
//! says is kept beside it only while it is being read.

use crate::flow::{Counted, FlowId};
use crate::protocols::Protocol;
use crate::station::AddressId;
use crate::stream::{Half, Reader, Side, Sides};
use exposome_model::sighting::Transport;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

/// Both ends, the lesser first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    ends: [(AddressId, u16); 2],
    transport: Transport,
}

impl Key {
    /// The key, and whether the sender is its first end.
    pub(crate) fn of(
        transport: Transport,
        sender: (AddressId, u16),
        receiver: (AddressId, u16),
    ) -> (Key, bool) {
        let is_first = sender <= receiver;
        let ends = if is_first { [sender, receiver] } else { [receiver, sender] };
        (Key { ends, transport }, is_first)
    }

    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    pub(crate) fn end(&self, is_first: bool) -> (AddressId, u16) {
        let [first, second] = self.ends;
        if is_first { first } else { second }
    }
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) key: Key,
    /// The client is the first end; a guess until the opening was seen or the words gave it away.
    pub(crate) client_is_first: bool,
    pub(crate) opening_seen: bool,
    pub(crate) closed: Sides<bool>,
    /// There is nothing more to learn.
    pub(crate) is_read: bool,
    /// How many times nothing was recognised.
    pub(crate) looked: u8,
    pub(crate) protocol: Option<Protocol>,
    /// The datagram that was read last: a digest of its bytes, and when.
    pub(crate) read_last: (u64, i64),
    pub(crate) flow: Option<FlowId>,
    pub(crate) stream: Option<u32>,
    /// The sequence numbers with which each side begins.
    pub(crate) opened_at: Sides<Option<u32>>,
    pub(crate) first_ns: i64,
    pub(crate) last_ns: i64,
    /// Before it is known who asks whom.
    pub(crate) unplaced: Sides<Counted>,
}

impl Row {
    pub(crate) fn side(&self, is_first: bool) -> Side {
        if is_first == self.client_is_first { Side::Client } else { Side::Server }
    }

    /// The client is the other end after all.
    pub(crate) fn turn(&mut self) {
        self.client_is_first = !self.client_is_first;
        self.closed.swap();
        self.opened_at.swap();
        self.unplaced.swap();
    }

    /// A connection between the same ends begins anew.
    fn begin_anew(&mut self, at_ns: i64) {
        *self = Row { key: self.key, ..Row::new(self.key, at_ns) };
    }

    fn new(key: Key, at_ns: i64) -> Row {
        Row {
            key,
            client_is_first: true,
            opening_seen: false,
            closed: Sides::default(),
            is_read: false,
            looked: 0,
            protocol: None,
            read_last: (0, 0),
            flow: None,
            stream: None,
            opened_at: Sides::default(),
            last_ns: at_ns,
            first_ns: at_ns,
            unplaced: Sides::default(),
        }
    }
}

/// A connection that is being read.
pub(crate) struct Stream {
    row: u32,
    last_ns: i64,
    pub(crate) halves: Sides<Half>,
    /// The next byte of this side begins a message.
    pub(crate) in_step: Sides<bool>,
    pub(crate) reader: Option<(Protocol, Box<dyn Reader>)>,
}

/// The book of conversations.
pub(crate) struct Conversations {
    hash: FixedState,
    max: usize,
    rows: Vec<Row>,
    by_key: HashTable<u32>,
    hand: usize,
    streams: Vec<Option<Box<Stream>>>,
    free_streams: Vec<u32>,
    streams_max: usize,
    stream_hand: usize,
    /// Bytes that streams hold, as they say after each segment.
    pub(crate) held_bytes: usize,
    pub(crate) held_max: usize,
    /// Rows and streams that had to make room for others.
    pub(crate) forgotten: u64,
}

/// How many are looked at to find one that has been silent for long.
const LOOK: usize = 16;

impl Conversations {
    pub(crate) fn new(max: usize, streams_max: usize, held_max: usize, seed: u64) -> Conversations {
        Conversations {
            hash: FixedState::with_seed(seed),
            max: max.max(1),
            rows: Vec::new(),
            by_key: HashTable::new(),
            hand: 0,
            streams: Vec::new(),
            free_streams: Vec::new(),
            streams_max: streams_max.max(1),
            stream_hand: 0,
            held_bytes: 0,
            held_max,
            forgotten: 0,
        }
    }

    /// The row of a key, and whether it is new.  `leave` is given a row that has to make room.
    pub(crate) fn row(&mut self, at_ns: i64, key: Key, leave: impl FnOnce(&Row)) -> (u32, bool) {
        let hash = self.hash.hash_one(key);
        let same = |at: &u32| self.rows.get(*at as usize).is_some_and(|it| it.key == key);
        if let Some(&at) = self.by_key.find(hash, same) {
            if let Some(row) = self.rows.get_mut(at as usize) {
                row.last_ns = at_ns;
            }
            return (at, false);
        }
        let at = if self.rows.len() < self.max {
            self.rows.push(Row::new(key, at_ns));
            u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX)
        } else {
            self.reuse(at_ns, key, leave)
        };
        let Conversations { hash: hasher, rows, by_key, .. } = self;
        let again = |at: &u32| rows.get(*at as usize).map_or(0, |it| hasher.hash_one(it.key));
        by_key.insert_unique(hash, at, again);
        (at, true)
    }

    /// Gives the place of the one that has been silent longest among some to another.
    fn reuse(&mut self, at_ns: i64, key: Key, leave: impl FnOnce(&Row)) -> u32 {
        let len = self.rows.len();
        let candidates = (0..LOOK.min(len)).map(|step| (self.hand + step) % len);
        let oldest =
            candidates.min_by_key(|at| self.rows.get(*at).map_or(i64::MAX, |it| it.last_ns));
        let oldest = oldest.unwrap_or(0);
        self.hand = (self.hand + LOOK) % len;
        self.forgotten += 1;
        let at = u32::try_from(oldest).unwrap_or(u32::MAX);
        if let Some(row) = self.rows.get(oldest) {
            leave(row);
            let hash = self.hash.hash_one(row.key);
            if let Ok(entry) = self.by_key.find_entry(hash, |it| *it == at) {
                entry.remove();
            }
        }
        self.close_stream(at);
        if let Some(row) = self.rows.get_mut(oldest) {
            *row = Row::new(key, at_ns);
        }
        at
    }

    pub(crate) fn get(&self, row: u32) -> Option<&Row> {
        self.rows.get(row as usize)
    }

    pub(crate) fn get_mut(&mut self, row: u32) -> Option<&mut Row> {
        self.rows.get_mut(row as usize)
    }

    pub(crate) fn all(&self) -> &[Row] {
        &self.rows
    }

    pub(crate) fn begin_anew(&mut self, row: u32, at_ns: i64) {
        self.close_stream(row);
        if let Some(row) = self.rows.get_mut(row as usize) {
            row.begin_anew(at_ns);
        }
    }

    /// The stream of a row, to be given back; made where there is none.
    pub(crate) fn take_stream(&mut self, row: u32, at_ns: i64) -> Box<Stream> {
        let held = self.rows.get(row as usize).and_then(|it| it.stream);
        let stream = held.and_then(|at| self.streams.get_mut(at as usize)?.take());
        if let Some(mut stream) = stream {
            self.held_bytes = self.held_bytes.saturating_sub(stream.held_bytes());
            stream.last_ns = at_ns;
            return stream;
        }
        let mut stream = Box::new(Stream {
            row,
            last_ns: at_ns,
            halves: Sides::default(),
            in_step: Sides { client: true, server: true },
            reader: None,
        });
        if let Some(row) = self.rows.get(row as usize) {
            for side in [Side::Client, Side::Server] {
                if let Some(sequence) = *row.opened_at.of(side) {
                    stream.halves.of_mut(side).open_at(sequence);
                }
            }
        }
        stream
    }

    /// Keeps a stream until its next segment.
    pub(crate) fn put_stream(&mut self, row: u32, stream: Box<Stream>) {
        let held = stream.held_bytes();
        let at = match self.rows.get(row as usize).and_then(|it| it.stream) {
            Some(at) => at,
            None => self.free_stream(),
        };
        if let Some(place) = self.streams.get_mut(at as usize) {
            *place = Some(stream);
            self.held_bytes += held;
        }
        if let Some(row) = self.rows.get_mut(row as usize) {
            row.stream = Some(at);
        }
        if self.held_bytes > self.held_max {
            self.drop_oldest_stream();
        }
    }

    /// A connection needs no reading any more; its stream was taken or is dropped.
    pub(crate) fn close_stream(&mut self, row: u32) {
        let Some(at) = self.rows.get_mut(row as usize).and_then(|it| it.stream.take()) else {
            return;
        };
        if let Some(stream) = self.streams.get_mut(at as usize).and_then(Option::take) {
            self.held_bytes = self.held_bytes.saturating_sub(stream.held_bytes());
        }
        self.free_streams.push(at);
    }

    fn free_stream(&mut self) -> u32 {
        if self.free_streams.is_empty() && self.streams.len() >= self.streams_max {
            self.drop_oldest_stream();
        }
        if let Some(at) = self.free_streams.pop() {
            return at;
        }
        self.streams.push(None);
        u32::try_from(self.streams.len() - 1).unwrap_or(u32::MAX)
    }

    fn drop_oldest_stream(&mut self) {
        let len = self.streams.len();
        if len == 0 {
            return;
        }
        let candidates = (0..LOOK.min(len)).map(|step| (self.stream_hand + step) % len);
        let occupied = candidates.filter_map(|at| self.streams.get(at)?.as_ref());
        let oldest = occupied.min_by_key(|stream| stream.last_ns).map(|stream| stream.row);
        self.stream_hand = (self.stream_hand + LOOK) % len;
        let Some(row) = oldest else { return };
        self.forgotten += 1;
        self.close_stream(row);
        if let Some(row) = self.rows.get_mut(row as usize) {
            row.is_read = true;
        }
    }
}

impl Stream {
    pub(crate) fn held_bytes(&self) -> usize {
        self.halves.client.held_bytes() + self.halves.server.held_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(port: u16) -> Key {
        Key::of(Transport::Tcp, (AddressId(1), 104), (AddressId(2), port)).0
    }

    #[test]
    fn both_directions_are_one_conversation() {
        let (there, first) = Key::of(Transport::Tcp, (AddressId(1), 104), (AddressId(2), 50000));
        let (back, second) = Key::of(Transport::Tcp, (AddressId(2), 50000), (AddressId(1), 104));
        assert_eq!(there, back);
        assert!(first && !second);
        assert_eq!(there.end(true), (AddressId(1), 104));
    }

    #[test]
    fn the_longest_silent_makes_room_and_is_told() {
        let mut book = Conversations::new(8, 4, 1 << 20, 0);
        let mut left = 0;
        for port in 0..1000_u16 {
            let (_, is_new) = book.row(port.into(), key(port), |_| left += 1);
            assert!(is_new);
        }
        assert_eq!(book.rows.len(), 8);
        assert_eq!((left, book.forgotten), (992, 992));
        let (_, is_new) = book.row(1000, key(999), |_| ());
        assert!(!is_new);
    }

    #[test]
    fn only_so_many_streams_are_read_at_once() {
        let mut book = Conversations::new(1000, 4, 1 << 20, 0);
        for port in 0..100_u16 {
            let (row, _) = book.row(port.into(), key(port), |_| ());
            let stream = book.take_stream(row, port.into());
            book.put_stream(row, stream);
        }
        assert!(book.streams.len() <= 4);
        let read = book.rows.iter().filter(|row| row.stream.is_some()).count();
        assert_eq!(read, 4);
    }
}
