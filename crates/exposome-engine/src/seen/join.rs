//! Which sightings are of one device.

use super::is_link_local;
use exposome_model::mac::Mac;
use exposome_model::sighting::{Certainty, Property, Sighting, Station, Vlan, Who};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Why two sightings are one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub kind: KeyKind,
    pub value: String,
}

/// The kinds of keys, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// One card on one link.
    Link,
    /// Maker, model and serial number.
    Serial,
    Udi,
    /// An identifier for life: a UUID of WS-Discovery or UPnP, an EUI-64.
    Lifelong,
    /// A card on another link.
    Mac,
    /// An address that was given to a card, or at which one is managed.
    Lease,
    /// The one device of which a sender of images speaks is itself.
    Itself,
    /// A key or identifier that software made for itself, and that a copy of the disk copies.
    Made,
    /// The number of a device in one site's building network, a host name with its domain.
    Local,
}

impl KeyKind {
    pub fn words(self) -> &'static str {
        match self {
            KeyKind::Link => "one card on one link",
            KeyKind::Serial => "maker, model and serial number",
            KeyKind::Udi => "UDI and serial number",
            KeyKind::Lifelong => "identifier for life",
            KeyKind::Mac => "MAC address",
            KeyKind::Lease => "address given to a card",
            KeyKind::Itself => "a sender of its own images",
            KeyKind::Made => "key made by its software",
            KeyKind::Local => "name within the site",
        }
    }

    /// Whether it may be borne by two devices with cards of their own.
    fn is_strong(self) -> bool {
        matches!(self, KeyKind::Serial | KeyKind::Udi | KeyKind::Lifelong | KeyKind::Mac)
    }
}

/// A key that was not believed, because it would join different things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Demoted {
    pub key: Key,
    /// How many different things bear it.
    pub things: usize,
}

pub(super) struct Joined {
    /// Indices of sightings, and why they are one.
    pub(super) groups: Vec<(Vec<usize>, Vec<Key>)>,
    pub(super) demoted: Vec<Demoted>,
    pub(super) routers: BTreeSet<(Option<Vlan>, Mac)>,
}

/// More devices with cards of their own than one key of a device may name: wired and wireless.
const CARDS_MAX: usize = 2;
/// More addresses of one card on one network than a host has.
const ADDRESSES_MAX: usize = 4;

pub(super) fn join(sightings: &[Sighting]) -> Joined {
    let routers = routers(sightings);
    let mut sets = Sets::new(sightings, &routers);
    let mut demoted = Vec::new();
    // The order of the sightings must not matter: every kind of key is gone through in the order of its values.
    for kind in [KeyKind::Link, KeyKind::Lease, KeyKind::Itself] {
        for (key, members) in by_key(sightings, &routers, kind) {
            sets.join_all(&members, &Key { kind, value: key });
        }
    }
    for kind in [
        KeyKind::Serial,
        KeyKind::Udi,
        KeyKind::Lifelong,
        KeyKind::Mac,
        KeyKind::Made,
        KeyKind::Local,
    ] {
        for (value, members) in by_key(sightings, &routers, kind) {
            let key = Key { kind, value };
            let things = sets.things(&members, kind);
            if things > 1 {
                demoted.push(Demoted { key, things });
            } else {
                sets.join_all(&members, &key);
            }
        }
    }
    demoted.sort();
    Joined { groups: sets.groups(), demoted, routers }
}

fn station(sighting: &Sighting) -> Option<&Station> {
    match &sighting.who {
        Who::Station(station) => Some(station),
        Who::Behind { .. } => None,
    }
}

fn says(sighting: &Sighting, property: Property) -> impl Iterator<Item = &str> {
    sighting
        .observations
        .iter()
        .filter(move |it| it.property == property)
        .map(|it| it.value.as_str())
}

/// Whether the sender itself is on the link: it has no address, or speaks what no router passes on.
pub(super) fn is_own(sighting: &Sighting) -> bool {
    station(sighting).is_some_and(|it| it.ip.is_none_or(is_link_local))
        || says(sighting, Property::Uses).any(|it| matches!(it, "arp" | "icmpv6"))
}

/// The network of the usual size in which an address lies.
fn network(ip: IpAddr) -> Option<exposome_model::network::Network> {
    exposome_model::network::Network::of(ip, if ip.is_ipv4() { 24 } else { 64 })
}

/// Cards from which others send: their addresses lie in several networks, or are more than a host has.
fn routers(sightings: &[Sighting]) -> BTreeSet<(Option<Vlan>, Mac)> {
    type Card = (Option<Vlan>, Mac);
    let mut of_card: BTreeMap<Card, Vec<(&Sighting, IpAddr)>> = BTreeMap::new();
    for sighting in sightings.iter().filter(|it| it.packets > 0) {
        if let Some(Station { ip: Some(ip), vlan, mac: Some(mac) }) = station(sighting)
            && !is_link_local(*ip)
        {
            of_card.entry((*vlan, *mac)).or_default().push((sighting, *ip));
        }
    }
    let leased = leases(sightings);
    of_card
        .into_iter()
        .filter(|((_, mac), addresses)| {
            [true, false].into_iter().any(|is_v4| {
                let of_kind = addresses.iter().filter(|(_, ip)| ip.is_ipv4() == is_v4);
                let (own, others): (Vec<_>, Vec<_>) = of_kind.partition(|(sighting, ip)| {
                    is_own(sighting) || leased.get(ip).is_some_and(|it| it.contains(mac))
                });
                let own_networks: BTreeSet<_> =
                    own.iter().filter_map(|(_, ip)| network(*ip)).collect();
                let networks: BTreeSet<_> =
                    others.iter().filter_map(|(_, ip)| network(*ip)).collect();
                let is_elsewhere = if own.is_empty() {
                    networks.len() > 1
                } else {
                    networks.iter().any(|it| !own_networks.contains(it))
                };
                // One of IPv6 has addresses that it changes for privacy (RFC 8981).
                let most = if is_v4 { ADDRESSES_MAX } else { 16 };
                is_elsewhere || others.len() > most
            })
        })
        .map(|(card, _)| card)
        .collect()
}

/// Which cards were given an address, or say that they are managed there.
fn leases(sightings: &[Sighting]) -> BTreeMap<IpAddr, BTreeSet<Mac>> {
    let mut leases: BTreeMap<IpAddr, BTreeSet<Mac>> = BTreeMap::new();
    for sighting in sightings {
        let Some(mac) = station(sighting).and_then(|it| it.mac) else { continue };
        let given = says(sighting, Property::LeasedAddress)
            .chain(says(sighting, Property::ManagementAddress));
        for ip in given.filter_map(|it| it.parse().ok()) {
            leases.entry(ip).or_default().insert(mac);
        }
    }
    leases
}

type Members = BTreeSet<usize>;

/// All keys of one kind with the sightings that bear them.
fn by_key(
    sightings: &[Sighting],
    routers: &BTreeSet<(Option<Vlan>, Mac)>,
    kind: KeyKind,
) -> BTreeMap<String, Members> {
    let mut by_key: BTreeMap<String, Members> = BTreeMap::new();
    let mut add = |key: String, at: usize| {
        by_key.entry(key).or_default().insert(at);
    };
    match kind {
        KeyKind::Link => links(sightings, routers, &mut add),
        KeyKind::Lease => leased(sightings, routers, &mut add),
        KeyKind::Itself => itself(sightings, &mut add),
        _ => {
            for (at, sighting) in sightings.iter().enumerate() {
                for key in keys(sighting, kind) {
                    add(key, at);
                }
            }
        }
    }
    by_key.retain(|_, members| members.len() > 1);
    by_key
}

/// Sightings of one card on one link; and of one address, where only one card sends from it or none is known.
fn links(
    sightings: &[Sighting],
    routers: &BTreeSet<(Option<Vlan>, Mac)>,
    add: &mut impl FnMut(String, usize),
) {
    let mut cards_of: BTreeMap<(Option<Vlan>, IpAddr), BTreeSet<Mac>> = BTreeMap::new();
    for station in sightings.iter().filter_map(station) {
        if let (Some(ip), Some(mac)) = (station.ip, station.mac) {
            cards_of.entry((station.vlan, ip)).or_default().insert(mac);
        }
    }
    for (at, sighting) in sightings.iter().enumerate() {
        let Some(station) = station(sighting) else { continue };
        let vlan = station.vlan.map_or(String::new(), |it| it.to_string());
        if let Some(mac) = station.mac
            && (!routers.contains(&(station.vlan, mac)) || is_own(sighting))
        {
            add(format!("{mac} {vlan}"), at);
        }
        if let Some(ip) = station.ip {
            let cards = cards_of.get(&(station.vlan, ip)).map_or(0, BTreeSet::len);
            // Through which of several routers somebody sends says nothing of who it is.
            let is_beyond = station
                .mac
                .is_some_and(|mac| routers.contains(&(station.vlan, mac)) && !is_own(sighting));
            if cards <= 1 || is_beyond {
                add(format!("{ip} {vlan}"), at);
            }
        }
    }
}

/// A card that was given an address, and whoever sends from it, beyond a router or on another link.
fn leased(
    sightings: &[Sighting],
    routers: &BTreeSet<(Option<Vlan>, Mac)>,
    add: &mut impl FnMut(String, usize),
) {
    let leases = leases(sightings);
    for (at, sighting) in sightings.iter().enumerate() {
        let Some(station) = station(sighting) else { continue };
        let given = says(sighting, Property::LeasedAddress)
            .chain(says(sighting, Property::ManagementAddress));
        for ip in given.filter_map(|it| it.parse::<IpAddr>().ok()) {
            if leases.get(&ip).is_some_and(|it| it.len() == 1) {
                add(ip.to_string(), at);
            }
        }
        let Some(ip) = station.ip else { continue };
        let Some(cards) = leases.get(&ip).filter(|it| it.len() == 1) else { continue };
        let is_theirs = match station.mac {
            None => true,
            Some(mac) => {
                cards.contains(&mac)
                    || (routers.contains(&(station.vlan, mac)) && !is_own(sighting))
            }
        };
        if is_theirs {
            add(ip.to_string(), at);
        }
    }
}

/// A sender of images that speaks of one machine, and stores or passes on nothing, is that machine.
fn itself(sightings: &[Sighting], add: &mut impl FnMut(String, usize)) {
    let mut spoken_of: BTreeMap<&Station, Vec<usize>> = BTreeMap::new();
    for (at, sighting) in sightings.iter().enumerate() {
        let is_image = sighting.observations.iter().any(|it| it.protocol == "dicom");
        if let (Who::Behind { speaker, .. }, true) = (&sighting.who, is_image) {
            spoken_of.entry(speaker).or_default().push(at);
        }
    }
    for (at, sighting) in sightings.iter().enumerate() {
        let Some(station) = station(sighting) else { continue };
        let Some([machine]) = spoken_of.get(station).map(Vec::as_slice) else { continue };
        let passes_on = says(sighting, Property::ImagingRole)
            .any(|it| matches!(it, "stores images" | "lists images" | "sends stored images"));
        if !passes_on {
            add(station.to_string(), at);
            add(station.to_string(), *machine);
        }
    }
}

/// The keys that one sighting bears.
fn keys(sighting: &Sighting, kind: KeyKind) -> Vec<String> {
    let said = |property| says(sighting, property);
    match kind {
        KeyKind::Serial => serials(sighting),
        KeyKind::Udi => {
            let serial = said(Property::Serial).find(|it| is_telling(it));
            let udi = said(Property::Udi).next();
            udi.zip(serial)
                .map(|(udi, serial)| format!("{udi} {}", folded(serial)))
                .into_iter()
                .collect()
        }
        KeyKind::Lifelong => {
            let of_card = station(sighting)
                .and_then(|it| it.mac)
                .filter(|it| !it.is_locally_administered() && is_own(sighting))
                .map(|it| hex(&it.eui64()));
            [Property::EndpointReference, Property::DeviceUuid, Property::Eui64]
                .into_iter()
                .flat_map(|it| said(it).map(folded))
                .chain(of_card)
                .collect()
        }
        KeyKind::Mac => {
            let own = station(sighting).filter(|_| is_own(sighting)).and_then(|it| it.mac);
            let told = said(Property::ChassisId).filter_map(|it| it.parse::<Mac>().ok());
            own.into_iter()
                .chain(told)
                .filter(|it| !it.is_locally_administered())
                .map(|it| it.to_string())
                .collect()
        }
        KeyKind::Made => [
            Property::SshHostKey,
            Property::SnmpEngineId,
            Property::ServerGuid,
            Property::DhcpClientId,
        ]
        .into_iter()
        .flat_map(|it| said(it).map(move |value| format!("{} {value}", it.name())))
        .collect(),
        KeyKind::Local => {
            let instance = said(Property::BacnetInstance).map(|it| format!("bacnet {it}"));
            let stated = sighting.observations.iter().filter(|it| {
                it.property == Property::HostName && it.certainty <= Certainty::Stated
            });
            let names = stated.map(|it| it.value.to_lowercase());
            let full = names.filter(|it| it.trim_matches('.').contains('.'));
            instance.chain(full).collect()
        }
        KeyKind::Link | KeyKind::Lease | KeyKind::Itself => Vec::new(),
    }
}

/// Maker, model and serial number said by one protocol; without a maker, model and serial number.
fn serials(sighting: &Sighting) -> Vec<String> {
    let mut keys = Vec::new();
    let serials = sighting
        .observations
        .iter()
        .filter(|it| it.property == Property::Serial && is_telling(&it.value));
    for serial in serials {
        let beside = |property| {
            sighting
                .observations
                .iter()
                .find(|it| it.property == property && it.protocol == serial.protocol)
        };
        if let Some(model) = beside(Property::Model).or_else(|| beside(Property::ProductCode)) {
            let maker = beside(Property::Manufacturer).map_or("", |it| it.value.as_str());
            let words = [maker, &model.value, &serial.value].map(folded);
            keys.push(words.join(" "));
        }
    }
    keys
}

/// A serial number of one repeated character, or of fewer than three, tells nothing.
fn is_telling(serial: &str) -> bool {
    let first = serial.chars().next();
    serial.chars().count() >= 3 && serial.chars().any(|it| Some(it) != first) && serial != "123456"
}

fn folded(text: &str) -> String {
    text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// Sets of sightings that are one thing.
struct Sets {
    parent: Vec<usize>,
    /// Of each set, under its root: universally administered cards of its own.
    cards: BTreeMap<usize, BTreeSet<Mac>>,
    /// Serial numbers with maker and model.
    serials: BTreeMap<usize, BTreeSet<String>>,
    joins: BTreeMap<usize, BTreeSet<Key>>,
}

impl Sets {
    fn new(sightings: &[Sighting], routers: &BTreeSet<(Option<Vlan>, Mac)>) -> Sets {
        let mut sets = Sets {
            parent: (0..sightings.len()).collect(),
            cards: BTreeMap::new(),
            serials: BTreeMap::new(),
            joins: BTreeMap::new(),
        };
        for (at, sighting) in sightings.iter().enumerate() {
            if let Some(station) = station(sighting)
                && let Some(mac) = station.mac.filter(|it| !it.is_locally_administered())
                && (!routers.contains(&(station.vlan, mac)) || is_own(sighting))
            {
                sets.cards.entry(at).or_default().insert(mac);
            }
            let serials: BTreeSet<String> = serials(sighting).into_iter().collect();
            if !serials.is_empty() {
                sets.serials.insert(at, serials);
            }
        }
        sets
    }

    fn root(&mut self, mut of: usize) -> usize {
        loop {
            let above = self.parent.get(of).copied().unwrap_or(of);
            if above == of {
                return of;
            }
            let further = self.parent.get(above).copied().unwrap_or(above);
            if let Some(slot) = self.parent.get_mut(of) {
                *slot = further;
            }
            of = above;
        }
    }

    /// How many things the members are, by what is stronger than a key of this kind.
    fn things(&mut self, members: &Members, kind: KeyKind) -> usize {
        let roots: BTreeSet<usize> = members.iter().map(|it| self.root(*it)).collect();
        if roots.len() < 2 {
            return 1;
        }
        let with_cards = roots.iter().filter(|it| self.cards.contains_key(it)).count();
        let serials = roots.iter().filter_map(|it| self.serials.get(it)).flatten();
        let serials: BTreeSet<&String> = serials.collect();
        let by_serials = if kind == KeyKind::Serial { 1 } else { serials.len().max(1) };
        let by_cards = match kind {
            // Many things of one number: a default.
            _ if kind.is_strong() && with_cards <= CARDS_MAX => 1,
            _ => with_cards.max(1),
        };
        by_serials.max(by_cards)
    }

    fn join_all(&mut self, members: &Members, key: &Key) {
        let mut members = members.iter();
        let Some(first) = members.next() else { return };
        for other in members {
            self.join(*first, *other, key);
        }
    }

    fn join(&mut self, one: usize, other: usize, key: &Key) {
        let (one, other) = (self.root(one), self.root(other));
        let (kept, gone) = (one.min(other), one.max(other));
        if kept == gone {
            return;
        }
        if let Some(slot) = self.parent.get_mut(gone) {
            *slot = kept;
        }
        if let Some(moved) = self.cards.remove(&gone) {
            self.cards.entry(kept).or_default().extend(moved);
        }
        if let Some(moved) = self.serials.remove(&gone) {
            self.serials.entry(kept).or_default().extend(moved);
        }
        let mut joins = self.joins.remove(&gone).unwrap_or_default();
        joins.insert(key.clone());
        self.joins.entry(kept).or_default().append(&mut joins);
    }

    fn groups(mut self) -> Vec<(Vec<usize>, Vec<Key>)> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.parent.len() {
            let root = self.root(at);
            members.entry(root).or_default().push(at);
        }
        members
            .into_iter()
            .map(|(root, members)| {
                let joins = self.joins.remove(&root).unwrap_or_default();
                (members, joins.into_iter().collect())
            })
            .collect()
    }
}
