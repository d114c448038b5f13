//! Packets that came in parts, put together again (RFC 791 section 3.2, RFC 8200 section 4.5).
//!
//! Parts that overlap are an attack on whoever puts them together (RFC 5722):
//! the whole is dropped.  So are packets whose parts do not come within half a
//! minute, and the oldest ones when there are too many.

use crate::ip::{Address, Fragment, Packet};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Fragments {
    unfinished: BTreeMap<Key, Unfinished>,
    /// In the order in which they began.
    ages: BTreeMap<u64, Key>,
    began: u64,
    /// Whole packets that were given up.
    pub(crate) given_up: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: Address,
    destination: Address,
    id: u32,
    protocol: u8,
}

#[derive(Debug)]
struct Unfinished {
    number: u64,
    began_ns: i64,
    /// Where each part begins, and its bytes.
    parts: BTreeMap<u16, Vec<u8>>,
    /// Known when the last part has come.
    len: Option<usize>,
    had: usize,
}

const UNFINISHED_MAX: usize = 256;
/// The largest IP packet in the smallest useful parts.
const PARTS_MAX: usize = 128;
const BYTES_MAX: usize = 65_535;
const PATIENCE_NS: i64 = 30_000_000_000;

impl Fragments {
    /// Takes a part; gives the whole payload when it was the missing one.
    pub(crate) fn add(
        &mut self,
        at_ns: i64,
        packet: &Packet<'_>,
        part: Fragment,
    ) -> Option<Vec<u8>> {
        let key = Key {
            source: packet.source,
            destination: packet.destination,
            id: part.id,
            protocol: packet.protocol,
        };
        if packet.cut > 0 {
            self.give_up(&key);
            return None;
        }
        self.forget_old(at_ns);
        let unfinished = self.unfinished.entry(key).or_insert_with(|| {
            self.began += 1;
            self.ages.insert(self.began, key);
            Unfinished {
                number: self.began,
                began_ns: at_ns,
                parts: BTreeMap::new(),
                len: None,
                had: 0,
            }
        });
        match unfinished.add(packet.payload, part) {
            Added::Whole(payload) => {
                let number = unfinished.number;
                self.ages.remove(&number);
                self.unfinished.remove(&key);
                Some(payload)
            }
            Added::Waiting => None,
            Added::Wrong => {
                self.give_up(&key);
                None
            }
        }
    }

    fn forget_old(&mut self, at_ns: i64) {
        while let Some((_, key)) = self.ages.first_key_value() {
            let key = *key;
            let is_old = self
                .unfinished
                .get(&key)
                .is_none_or(|it| at_ns.saturating_sub(it.began_ns) > PATIENCE_NS);
            if !is_old && self.unfinished.len() < UNFINISHED_MAX {
                break;
            }
            self.give_up(&key);
        }
    }

    fn give_up(&mut self, key: &Key) {
        if let Some(unfinished) = self.unfinished.remove(key) {
            self.ages.remove(&unfinished.number);
            self.given_up += 1;
        }
    }
}

enum Added {
    Whole(Vec<u8>),
    Waiting,
    Wrong,
}

impl Unfinished {
    fn add(&mut self, payload: &[u8], part: Fragment) -> Added {
        let start = usize::from(part.offset);
        let end = start + payload.len();
        // All parts but the last are of whole words of eight bytes.
        if end > BYTES_MAX || self.parts.len() >= PARTS_MAX || payload.is_empty() {
            return Added::Wrong;
        }
        if let Some(same) = self.parts.get(&part.offset) {
            // The network may deliver a part twice.
            return if same == payload { Added::Waiting } else { Added::Wrong };
        }
        let before = self.parts.range(..part.offset).next_back();
        let overlaps_before = before.is_some_and(|(at, it)| usize::from(*at) + it.len() > start);
        let after = self.parts.range(part.offset..).next();
        let overlaps_after = after.is_some_and(|(at, _)| end > usize::from(*at));
        let is_beyond = self.len.is_some_and(|len| part.is_last || end > len);
        if overlaps_before || overlaps_after || is_beyond {
            return Added::Wrong;
        }
        if part.is_last {
            self.len = Some(end);
        }
        self.had += payload.len();
        self.parts.insert(part.offset, payload.to_vec());
        if self.len == Some(self.had) {
            Added::Whole(std::mem::take(&mut self.parts).into_values().flatten().collect())
        } else {
            Added::Waiting
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: u32, offset: u16, is_last: bool) -> Fragment {
        Fragment { id, offset, is_last }
    }

    fn packet(payload: &[u8]) -> Packet<'_> {
        Packet {
            source: Address::v4([10, 0, 0, 1]),
            destination: Address::v4([10, 0, 0, 2]),
            protocol: 17,
            payload,
            len: 0,
            cut: 0,
            fragment: None,
        }
    }

    #[track_caller]
    fn check(parts: &[(&[u8], Fragment)], expected: Option<&[u8]>) {
        let mut fragments = Fragments::default();
        let mut whole = None;
        for (payload, part) in parts {
            assert!(whole.is_none(), "nothing comes after the whole");
            whole = fragments.add(0, &packet(payload), *part);
        }
        assert_eq!(whole.as_deref(), expected);
    }

    #[test]
    fn parts_come_in_any_order_and_twice() {
        let (one, two, three) = (
            (&b"aaaaaaaa"[..], part(1, 0, false)),
            (&b"bbbbbbbb"[..], part(1, 8, false)),
            (&b"c"[..], part(1, 16, true)),
        );
        check(&[one, two, three], Some(b"aaaaaaaabbbbbbbbc"));
        check(&[three, two, two, one], Some(b"aaaaaaaabbbbbbbbc"));
        check(&[one, three], None);
    }

    #[test]
    fn parts_that_overlap_give_nothing() {
        let one = (&b"aaaaaaaa"[..], part(1, 0, false));
        check(&[one, (b"xx", part(1, 0, false)), (b"b", part(1, 8, true))], None);
        let long = (&b"aaaaaaaaaaaaaaaa"[..], part(1, 0, false));
        check(&[long, (b"b", part(1, 8, true))], None);
        check(&[(b"b", part(1, 8, true)), long], None);
        check(&[(b"b", part(1, 8, true)), (b"c", part(1, 16, true)), one], None);
    }

    #[test]
    fn what_never_ends_is_given_up() {
        let mut fragments = Fragments::default();
        for id in 0..10_000 {
            assert_eq!(fragments.add(0, &packet(b"aaaaaaaa"), part(id, 0, false)), None);
        }
        assert!(fragments.unfinished.len() <= UNFINISHED_MAX);
        assert_eq!(fragments.unfinished.len(), fragments.ages.len());
        let late = PATIENCE_NS + 1;
        assert_eq!(fragments.add(late, &packet(b"b"), part(9_999, 8, true)), None);
        assert_eq!(fragments.unfinished.len(), 1);
    }
}
