//! Who sends and who is sent to, each under one small number.
//!
//! An address is known by its virtual network and its IP number.  A *station* is
//! an address together with the MAC address its packets came from; when another
//! card begins to send from the same address, that is another station.  Devices
//! that others only speak of are kept beside them.
//!
//! **Invariant:** no more than [`Limits`](crate::Limits) allow is remembered;
//! who comes later is counted and not heard.

use crate::ip::Address;
use crate::link::VlanTag;
use exposome_model::mac::Mac;
use exposome_model::sighting::{Station, Who};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

/// An address in its virtual network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AddressId(pub(crate) u32);

/// One of whom something can be noticed: a station, or a device behind one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Subject(u32);

const BEHIND: u32 = 1 << 31;

impl Subject {
    pub(crate) fn number(self) -> u32 {
        self.0
    }
}

#[derive(Debug)]
pub(crate) struct Stations {
    hash: FixedState,
    max: usize,
    addresses: Vec<AddressEntry>,
    addresses_by_key: HashTable<u32>,
    cards: Vec<StationEntry>,
    cards_by_key: HashTable<u32>,
    behind: Vec<BehindEntry>,
    behind_by_key: HashTable<u32>,
    /// Places left for addresses of the world of which only names are known.
    far_places: usize,
    /// How often somebody was not noticed because too many were.
    pub(crate) not_kept: u64,
}

#[derive(Debug)]
struct AddressEntry {
    address: Address,
    vlan: VlanTag,
    /// The station that sent from it last.
    station: Subject,
    /// How many cards have sent from it.
    cards: u8,
}

#[derive(Debug)]
struct StationEntry {
    address: Option<AddressId>,
    vlan: VlanTag,
    mac: Option<Mac>,
    first_ns: i64,
    last_ns: i64,
    packets: u64,
}

#[derive(Debug)]
struct BehindEntry {
    speaker: Subject,
    called: Box<str>,
    first_ns: i64,
    last_ns: i64,
}

/// Names of the world's addresses: as many as the people of a hospital ask for in an hour.
const FAR_MAX: usize = 1 << 16;

/// More cards than ever share an address in good order; beyond, the last one stands for all.
const CARDS_MAX: u8 = 64;

/// When somebody was noticed, and how often it sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presence {
    pub(crate) first_ns: i64,
    pub(crate) last_ns: i64,
    pub(crate) packets: u64,
}

impl Stations {
    pub(crate) fn new(max: usize, seed: u64) -> Stations {
        Stations {
            hash: FixedState::with_seed(seed),
            max,
            addresses: Vec::new(),
            addresses_by_key: HashTable::new(),
            cards: Vec::new(),
            cards_by_key: HashTable::new(),
            behind: Vec::new(),
            behind_by_key: HashTable::new(),
            far_places: FAR_MAX.min(max / 2),
            not_kept: 0,
        }
    }

    /// The sender of an IP packet.
    pub(crate) fn sender(
        &mut self,
        at_ns: i64,
        vlan: VlanTag,
        mac: Option<Mac>,
        address: Address,
    ) -> Option<(AddressId, Subject)> {
        let id = self.address(at_ns, vlan, address)?;
        if address.is_unspecified() {
            let station = self.station(at_ns, None, vlan, mac)?;
            self.sent(station, at_ns);
            return Some((id, station));
        }
        let entry = self.addresses.get(id.0 as usize)?;
        let mut station = entry.station;
        let cards = entry.cards;
        let known = self.cards.get(station.0 as usize)?;
        if known.mac != mac && mac.is_some() && cards < CARDS_MAX {
            let before = self.cards.len();
            station = self.station(at_ns, Some(id), vlan, mac)?;
            let is_new = self.cards.len() > before;
            let entry = self.addresses.get_mut(id.0 as usize)?;
            entry.station = station;
            entry.cards += u8::from(is_new);
        }
        self.sent(station, at_ns);
        Some((id, station))
    }

    /// Whom an IP packet is for.
    pub(crate) fn receiver(
        &mut self,
        at_ns: i64,
        vlan: VlanTag,
        address: Address,
    ) -> Option<(AddressId, Subject)> {
        let id = self.address(at_ns, vlan, address)?;
        Some((id, self.addresses.get(id.0 as usize)?.station))
    }

    /// The sender of a frame without an IP packet.
    pub(crate) fn frame_sender(
        &mut self,
        at_ns: i64,
        vlan: VlanTag,
        mac: Option<Mac>,
    ) -> Option<Subject> {
        let station = self.station(at_ns, None, vlan, mac)?;
        self.sent(station, at_ns);
        Some(station)
    }

    /// Somebody whom a packet speaks of by its card and perhaps its address.
    pub(crate) fn third(
        &mut self,
        at_ns: i64,
        vlan: VlanTag,
        mac: Option<Mac>,
        address: Option<Address>,
    ) -> Option<Subject> {
        match (mac, address.filter(|it| !it.is_unspecified() && !it.is_of_many())) {
            (Some(_), Some(address)) => {
                let id = self.address(at_ns, vlan, address)?;
                self.station(at_ns, Some(id), vlan, mac)
            }
            (None, Some(address)) => {
                let id = self.address(at_ns, vlan, address)?;
                Some(self.addresses.get(id.0 as usize)?.station)
            }
            (Some(_), None) => self.station(at_ns, None, vlan, mac),
            (None, None) => None,
        }
    }

    /// An address of the world, which is remembered only while there is room beside those of the house.
    pub(crate) fn far(&mut self, at_ns: i64, vlan: VlanTag, address: Address) -> Option<Subject> {
        let known = self.addresses.len();
        if self.far_places == 0 {
            return None;
        }
        let (_, subject) = self.receiver(at_ns, vlan, address)?;
        self.far_places -= usize::from(self.addresses.len() > known);
        Some(subject)
    }

    /// A device of which somebody speaks.
    pub(crate) fn behind(&mut self, at_ns: i64, speaker: Subject, called: &str) -> Option<Subject> {
        if speaker.0 & BEHIND != 0 {
            return None;
        }
        let Stations { hash, behind, behind_by_key, .. } = self;
        let of = |speaker: Subject, called: &str| hash.hash_one((speaker, called));
        let key = of(speaker, called);
        let same = |at: &u32| {
            behind
                .get(*at as usize)
                .is_some_and(|it| it.speaker == speaker && *it.called == *called)
        };
        if let Some(&at) = behind_by_key.find(key, same) {
            if let Some(entry) = behind.get_mut(at as usize) {
                entry.last_ns = entry.last_ns.max(at_ns);
            }
            return Some(Subject(at | BEHIND));
        }
        if behind.len() >= self.max {
            self.not_kept += 1;
            return None;
        }
        let at = u32::try_from(behind.len()).ok()?;
        behind.push(BehindEntry {
            speaker,
            called: called.into(),
            first_ns: at_ns,
            last_ns: at_ns,
        });
        let again =
            |at: &u32| behind.get(*at as usize).map_or(0, |entry| of(entry.speaker, &entry.called));
        behind_by_key.insert_unique(key, at, again);
        Some(Subject(at | BEHIND))
    }

    fn address(&mut self, at_ns: i64, vlan: VlanTag, address: Address) -> Option<AddressId> {
        let key = self.hash.hash_one((address, vlan));
        let same = |at: &u32| {
            self.addresses
                .get(*at as usize)
                .is_some_and(|it| it.address == address && it.vlan == vlan)
        };
        if let Some(&at) = self.addresses_by_key.find(key, same) {
            return Some(AddressId(at));
        }
        if self.addresses.len() >= self.max {
            self.not_kept += 1;
            return None;
        }
        let id = AddressId(u32::try_from(self.addresses.len()).ok()?);
        let station = self.station(at_ns, Some(id), vlan, None)?;
        self.addresses.push(AddressEntry { address, vlan, station, cards: 0 });
        let Stations { hash, addresses, addresses_by_key, .. } = self;
        let again = |at: &u32| {
            addresses.get(*at as usize).map_or(0, |it| hash.hash_one((it.address, it.vlan)))
        };
        addresses_by_key.insert_unique(key, id.0, again);
        Some(id)
    }

    fn station(
        &mut self,
        at_ns: i64,
        address: Option<AddressId>,
        vlan: VlanTag,
        mac: Option<Mac>,
    ) -> Option<Subject> {
        let key = self.hash.hash_one((address, vlan, mac));
        let same = |at: &u32| {
            self.cards
                .get(*at as usize)
                .is_some_and(|it| it.address == address && it.vlan == vlan && it.mac == mac)
        };
        if let Some(&at) = self.cards_by_key.find(key, same) {
            return Some(Subject(at));
        }
        // An address is first known without a card.
        if self.cards.len() >= self.max.saturating_mul(2).min(BEHIND as usize) {
            self.not_kept += 1;
            return None;
        }
        let at = u32::try_from(self.cards.len()).ok()?;
        self.cards.push(StationEntry {
            address,
            vlan,
            mac,
            first_ns: at_ns,
            last_ns: at_ns,
            packets: 0,
        });
        let Stations { hash, cards, cards_by_key, .. } = self;
        let again = |at: &u32| {
            cards.get(*at as usize).map_or(0, |it| hash.hash_one((it.address, it.vlan, it.mac)))
        };
        cards_by_key.insert_unique(key, at, again);
        Some(Subject(at))
    }

    fn sent(&mut self, station: Subject, at_ns: i64) {
        if let Some(entry) = self.cards.get_mut(station.0 as usize) {
            entry.first_ns = entry.first_ns.min(at_ns);
            entry.last_ns = entry.last_ns.max(at_ns);
            entry.packets += 1;
        }
    }

    /// Everybody, with what is known of their presence.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Subject, Who, Presence)> {
        let stations = (0..).zip(&self.cards).map(|(at, it)| {
            let presence =
                Presence { first_ns: it.first_ns, last_ns: it.last_ns, packets: it.packets };
            (Subject(at), Who::Station(self.shown(it)), presence)
        });
        let behind = (0..).zip(&self.behind).filter_map(|(at, it)| {
            let speaker = self.cards.get(it.speaker.0 as usize)?;
            let presence = Presence { first_ns: it.first_ns, last_ns: it.last_ns, packets: 0 };
            let who = Who::Behind { speaker: self.shown(speaker), called: it.called.to_string() };
            Some((Subject(at | BEHIND), who, presence))
        });
        stations.chain(behind)
    }

    pub(crate) fn mac_of(&self, subject: Subject) -> Option<Mac> {
        self.cards.get(subject.0 as usize)?.mac
    }

    /// The station that last sent from an address.
    pub(crate) fn last_at(&self, address: AddressId) -> Option<Station> {
        let entry = self.addresses.get(address.0 as usize)?;
        self.cards.get(entry.station.0 as usize).map(|it| self.shown(it))
    }

    pub(crate) fn address_of(&self, address: AddressId) -> Option<Address> {
        Some(self.addresses.get(address.0 as usize)?.address)
    }

    fn shown(&self, entry: &StationEntry) -> Station {
        let address = entry.address.and_then(|it| self.address_of(it));
        Station { ip: address.map(Address::ip), vlan: entry.vlan.vlan(), mac: entry.mac }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_VLAN: VlanTag = VlanTag(0);
    const ONE: Mac = Mac([0, 0, 0, 0, 0, 1]);
    const OTHER: Mac = Mac([0, 0, 0, 0, 0, 2]);

    fn shown(stations: &Stations) -> Vec<String> {
        let all = stations.all().filter(|(_, _, presence)| presence.packets > 0);
        all.map(|(_, who, presence)| format!("{who} {}", presence.packets)).collect()
    }

    #[test]
    fn an_address_that_moves_to_another_card_is_another_station() {
        let mut stations = Stations::new(100, 0);
        let address = Address::v4([10, 0, 0, 1]);
        for (at, mac) in [(1, ONE), (2, ONE), (3, OTHER)] {
            stations.sender(at, NO_VLAN, Some(mac), address).unwrap();
        }
        assert_eq!(
            shown(&stations),
            ["10.0.0.1 (00:00:00:00:00:01) 2", "10.0.0.1 (00:00:00:00:00:02) 1"]
        );
    }

    #[test]
    fn the_same_address_in_another_virtual_network_is_another() {
        let mut stations = Stations::new(100, 0);
        let address = Address::v4([10, 0, 0, 1]);
        let (one, _) = stations.receiver(1, NO_VLAN, address).unwrap();
        let (other, _) = stations.receiver(1, VlanTag(20), address).unwrap();
        assert_ne!(one, other);
        assert_eq!(stations.receiver(1, NO_VLAN, address).unwrap().0, one);
    }

    #[test]
    fn somebody_without_an_address_is_known_by_the_card() {
        let mut stations = Stations::new(100, 0);
        stations.sender(1, NO_VLAN, Some(ONE), Address::v4([0; 4])).unwrap();
        assert_eq!(shown(&stations), ["00:00:00:00:00:01 1"]);
    }

    #[test]
    fn who_comes_when_the_book_is_full_is_counted() {
        let mut stations = Stations::new(10, 0);
        for host in 0..20 {
            stations.sender(1, NO_VLAN, Some(ONE), Address::v4([10, 0, 0, host]));
        }
        assert_eq!(stations.addresses.len(), 10);
        assert_eq!(stations.not_kept, 10);
    }
}
