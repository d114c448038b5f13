//! What is known of a device and of its place that the severity of its flaws hangs on.
//!
//! The words by which people name classes of data, protections and areas of use are data
//! (`rules/categories`).  A word that is not understood says nothing: it is not a harmless
//! one.

use crate::category::{Category, Continuity, UNKNOWN_HARM};
use crate::decide::{Input, Values};
use crate::identify::Asset;
use crate::phrases::Phrases;
use exposome_model::claim::Claim;
use exposome_model::inventory::{Attribute, NOT_SEEN};
use exposome_model::network::Network;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What is known of a device and its place; devices with the same are scored alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Setting {
    /// 1 to 5; `None`: nobody said what it is for.
    pub harm_lost: Option<u8>,
    pub harm_wrong: Option<u8>,
    pub continuity: Option<Continuity>,
    /// `None`: nobody said which data it holds.
    pub data: Option<Codes>,
    /// Used where what is missing is missing at once; `None`: nobody said where it is used.
    pub is_acute: Option<bool>,
    /// One like it stands ready.
    pub has_spare: bool,
    /// From where it can be reached.
    pub exposure: Values,
    /// Protections that two sources have seen.
    pub controls: Codes,
}

/// A set of codes of one list of the vocabulary: a bit each.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Codes(u8);

impl Codes {
    pub fn meet(self, other: Codes) -> bool {
        self.0 & other.0 != 0
    }

    fn with(self, code: Codes) -> Codes {
        Codes(self.0 | code.0)
    }
}

impl Setting {
    /// The greater of harm if lost and harm if wrong; an unknown one counts as serious.
    pub fn harm(&self) -> u8 {
        self.harm_lost.max(self.harm_wrong).unwrap_or(UNKNOWN_HARM)
    }

    /// Somebody outside can reach it.
    pub fn is_open(&self) -> bool {
        self.exposure.name(Input::Exposure) == Some(OPEN)
    }
}

/// The policy's word for what outsiders can reach.
pub const OPEN: &str = "open";

/// A class of data or a protection, with the words people use for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    code: String,
    words: Vec<String>,
}

/// The codes of a list, with the words for each.
#[derive(Debug, Clone, Default)]
pub struct List {
    codes: Vec<String>,
    words: Phrases,
}

/// Where in the hospital a thing is used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    code: String,
    acute: bool,
    words: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the table of areas is not TOML of the expected shape")]
    Shape(#[source] Box<toml::de::Error>),
    #[error("the word {word:?} stands for both {one} and {other}")]
    Ambiguous { word: String, one: String, other: String },
    #[error("there is no {code:?} in this list; there are {codes}")]
    NoSuchCode { code: String, codes: String },
    #[error("a list has eight codes at most")]
    TooMany,
}

/// The class of data of what holds none of them: somebody has looked.
const NONE: &str = "none";

impl List {
    pub fn of(named: Vec<Named>) -> Result<List, Error> {
        if named.len() > 8 {
            return Err(Error::TooMany);
        }
        let words = phrases(named.iter().map(|it| (&it.code, &it.words)))?;
        Ok(List { codes: named.into_iter().map(|it| it.code).collect(), words })
    }

    /// The set of these codes.
    pub fn set(&self, codes: &[String]) -> Result<Codes, Error> {
        let no_such =
            |code: &String| Error::NoSuchCode { code: code.clone(), codes: self.codes.join(", ") };
        let bit = |code: &String| {
            let place = self.codes.iter().position(|it| it == code);
            place.map(|place| self.bit(place)).ok_or_else(|| no_such(code))
        };
        codes.iter().try_fold(Codes::default(), |set, code| Ok(set.with(bit(code)?)))
    }

    /// What a text names; `None`: nothing that is understood.
    fn named_in(&self, text: &str) -> Option<Codes> {
        let named = self.words.named_in(text);
        let all = named.iter().fold(Codes::default(), |set, &place| set.with(self.bit(place)));
        (!named.is_empty()).then_some(all)
    }

    /// The bit of a code; *none* has none.
    fn bit(&self, place: usize) -> Codes {
        let is_none = self.codes.get(place).is_none_or(|code| code == NONE);
        if is_none { Codes::default() } else { Codes(1 << place) }
    }
}

/// The words of each code, and the code itself.
fn phrases<'a>(
    named: impl Iterator<Item = (&'a String, &'a Vec<String>)>,
) -> Result<Phrases, Error> {
    let mut phrases = Phrases::default();
    let mut codes: Vec<&String> = Vec::new();
    for (place, (code, words)) in named.enumerate() {
        codes.push(code);
        for word in words.iter().chain([code]) {
            if let Some(one) = phrases.add(word, place).and_then(|it| codes.get(it)) {
                let (one, other) = ((*one).clone(), code.clone());
                return Err(Error::Ambiguous { word: word.clone(), one, other });
            }
        }
    }
    Ok(phrases)
}

/// The areas of use.
#[derive(Debug, Clone)]
pub struct Areas {
    areas: Vec<Area>,
    words: Phrases,
}

impl Areas {
    pub fn parse(text: &str) -> Result<Areas, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            area: Vec<Area>,
        }
        let File { area: areas } =
            toml::from_str(text).map_err(|error| Error::Shape(Box::new(error)))?;
        let words = phrases(areas.iter().map(|it| (&it.code, &it.words)))?;
        Ok(Areas { areas, words })
    }

    /// The area that a text names, the acute one of several.
    fn named_in(&self, text: &str) -> Option<&Area> {
        let named = self.words.named_in(text).into_iter().filter_map(|it| self.areas.get(it));
        named.max_by_key(|area| area.acute)
    }
}

/// The zone sheets of a site: which part of the network can be reached from where.
#[derive(Debug, Default)]
pub struct Zones {
    of_networks: BTreeMap<Network, Zone>,
    /// By the names of virtual networks, in small letters.
    of_vlans: BTreeMap<String, Zone>,
    /// Ways to divide an address, the finest first.
    prefixes: BTreeSet<std::cmp::Reverse<u8>>,
}

#[derive(Debug, Clone)]
struct Zone {
    exposure: Values,
    /// Indices of the claims that speak of it.
    claims: Vec<u32>,
    open_since: Option<jiff::Timestamp>,
}

impl Zones {
    /// Of claims by their indices, those that speak of a zone.
    pub fn of<'a>(claims: impl Iterator<Item = (u32, &'a Claim)>) -> Zones {
        let mut zones = Zones::default();
        let speaks = |claim: &&Claim| {
            claim.sheet.is_of_a_zone() && claim.sheet.first(Attribute::Lifecycle) != Some(NOT_SEEN)
        };
        for (number, claim) in claims.filter(|(_, claim)| speaks(claim)) {
            let exposures = claim.sheet.all(Attribute::Exposure).filter_map(exposure_of);
            // Who says both, or another than an earlier sheet: the more dangerous one holds.
            let Some(exposure) = exposures.reduce(Values::severer) else { continue };
            let is_open = exposure.name(Input::Exposure) == Some(OPEN);
            let open_since = is_open.then_some(claim.recorded_at);
            let new = Zone { exposure, claims: vec![number], open_since };
            let networks = claim.sheet.all(Attribute::Subnet);
            for network in networks.filter_map(|it| it.parse::<Network>().ok()) {
                zones.prefixes.insert(std::cmp::Reverse(network.prefix()));
                let slot = zones.of_networks.entry(network);
                slot.and_modify(|it| it.hear(&new)).or_insert(new.clone());
            }
            for vlan in claim.sheet.all(Attribute::Vlan) {
                let slot = zones.of_vlans.entry(vlan.trim().to_lowercase());
                slot.and_modify(|it| it.hear(&new)).or_insert(new.clone());
            }
        }
        zones
    }

    /// The smallest zone with this address.
    fn zone(&self, address: IpAddr) -> Option<&Zone> {
        let mut networks = self.prefixes.iter().filter_map(|it| Network::of(address, it.0));
        networks.find_map(|network| self.of_networks.get(&network))
    }

    fn of_vlan(&self, vlan: &str) -> Option<&Zone> {
        self.of_vlans.get(&vlan.trim().to_lowercase())
    }
}

impl Zone {
    fn hear(&mut self, other: &Zone) {
        self.exposure = self.exposure.severer(other.exposure);
        self.open_since = [self.open_since, other.open_since].into_iter().flatten().min();
        self.claims.extend(&other.claims);
    }
}

fn exposure_of(text: &str) -> Option<Values> {
    Values::known(Input::Exposure, &text.trim().to_ascii_lowercase())
}

/// From where an asset can be reached, and who says so.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    exposure: Option<Values>,
    /// Since when a source says that somebody outside can reach it.
    pub open_since: Option<jiff::Timestamp>,
    /// Indices of the claims of zone sheets it rests on.
    pub zones: Vec<u32>,
}

impl Reach {
    pub fn of(asset: &Asset, claims: &[Claim], zones: &Zones) -> Reach {
        let said = |attribute| asset.claims(claims).flat_map(move |it| it.sheet.all(attribute));
        let mut reach = Reach::default();
        for claim in asset.claims(claims) {
            let by_somebody = claim.sheet.first(Attribute::ReachableBy).map(|_| OPEN);
            let own = claim.sheet.all(Attribute::Exposure).chain(by_somebody);
            for exposure in own.filter_map(exposure_of) {
                let is_open = exposure.name(Input::Exposure) == Some(OPEN);
                reach.hear(exposure, is_open.then_some(claim.recorded_at));
            }
        }
        let by_itself = reach.exposure.is_some();
        let addresses = said(Attribute::Ip).filter_map(|it| it.parse().ok());
        let of_addresses: Vec<Option<&Zone>> = addresses.map(|it| zones.zone(it)).collect();
        // Where no zone sheet knows an address, its virtual network says where it lies.
        let mut are_known = !of_addresses.is_empty() && of_addresses.iter().all(Option::is_some);
        let of_vlans =
            said(Attribute::Vlan).filter(|_| !are_known).filter_map(|it| zones.of_vlan(it));
        let of_vlans: Vec<&Zone> = of_vlans.collect();
        are_known |= !of_vlans.is_empty();
        for zone in of_addresses.into_iter().flatten().chain(of_vlans) {
            reach.hear(zone.exposure, zone.open_since);
            reach.zones.extend(&zone.claims);
        }
        reach.zones.sort_unstable();
        reach.zones.dedup();
        if !are_known && !by_itself {
            // An address of which nobody speaks may lie anywhere.
            reach.hear(Values::unknown(Input::Exposure), None);
        }
        reach
    }

    fn hear(&mut self, exposure: Values, open_since: Option<jiff::Timestamp>) {
        self.exposure = Some(self.exposure.map_or(exposure, |said| said.severer(exposure)));
        self.open_since = [self.open_since, open_since].into_iter().flatten().min();
    }

    pub fn exposure(&self) -> Values {
        self.exposure.unwrap_or(Values::unknown(Input::Exposure))
    }
}

/// The greatest harm among the things that send to a gateway or an alarm server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    pub harm_lost: u8,
    pub harm_wrong: u8,
    pub gated: bool,
}

impl Served {
    #[must_use]
    pub fn join(self, other: Served) -> Served {
        Served {
            harm_lost: self.harm_lost.max(other.harm_lost),
            harm_wrong: self.harm_wrong.max(other.harm_wrong),
            gated: self.gated || other.gated,
        }
    }

    /// What something of this category asks of whatever passes on what it sends.
    pub fn by(category: Option<&Category>) -> Served {
        category.map_or(
            Served { harm_lost: UNKNOWN_HARM, harm_wrong: UNKNOWN_HARM, gated: true },
            |it| Served { harm_lost: it.harm_lost, harm_wrong: it.harm_wrong, gated: it.gated },
        )
    }
}

/// Everything people wrote that tells of an asset's setting, understood.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary<'a> {
    pub data: &'a List,
    pub controls: &'a List,
    pub areas: &'a Areas,
}

impl Vocabulary<'_> {
    pub fn setting(
        self,
        asset: &Asset,
        claims: &[Claim],
        category: Option<&Category>,
        served: Served,
        exposure: Values,
    ) -> Setting {
        let said = |attribute| {
            let values = asset.claims(claims).map(move |claim| (claim, attribute));
            values.flat_map(|(claim, attribute)| {
                claim.sheet.all(attribute).map(|value| (claim.source.as_str(), value))
            })
        };
        let places = said(Attribute::Location).chain(said(Attribute::Unit));
        let area = places.filter_map(|(_, it)| self.areas.named_in(it)).max_by_key(|it| it.acute);
        let harm_lost = category.map(|category| {
            let there = area.and_then(|area| category.harm_lost_in.get(&area.code));
            category.harm_lost.max(there.copied().unwrap_or_default()).max(served.harm_lost)
        });
        // A category's own codes were checked against this list when the rules were read.
        let by_kind = category.and_then(|it| self.data.set(it.data.as_ref()?).ok());
        let named = said(Attribute::DataClass).filter_map(|(_, it)| self.data.named_in(it));
        let spares = said(Attribute::Spares).filter_map(|(_, it)| it.trim().parse::<u32>().ok());
        Setting {
            harm_lost,
            harm_wrong: category.map(|it| it.harm_wrong.max(served.harm_wrong)),
            continuity: category.map(|it| it.continuity),
            data: named.chain(by_kind).reduce(Codes::with),
            is_acute: area.map(|area| area.acute),
            // Of several words the one with fewer holds: a spare that is gone helps nobody.
            has_spare: spares.min().is_some_and(|spares| spares > 0),
            exposure,
            controls: self.verified(said(Attribute::Control)),
        }
    }

    /// What two sources at least have seen: the word of one is a claim.
    fn verified<'s>(self, said: impl Iterator<Item = (&'s str, &'s str)>) -> Codes {
        let mut by_source: BTreeMap<&str, Codes> = BTreeMap::new();
        for (source, text) in said {
            let Some(codes) = self.controls.named_in(text) else { continue };
            let slot = by_source.entry(source).or_default();
            *slot = slot.with(codes);
        }
        let (mut once, mut twice) = (0, 0);
        for Codes(codes) in by_source.into_values() {
            twice |= once & codes;
            once |= codes;
        }
        Codes(twice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::inventory::Sheet;

    fn claim(source: &str, said: &[(Attribute, &str)]) -> Claim {
        let attributes = said.iter().map(|(it, value)| (*it, (*value).to_owned())).collect();
        Claim {
            site: "main".into(),
            source: source.into(),
            observed_at: jiff::Timestamp::UNIX_EPOCH,
            first_recorded_at: jiff::Timestamp::UNIX_EPOCH,
            recorded_at: jiff::Timestamp::UNIX_EPOCH,
            sheet: Sheet { key: source.into(), attributes, ..Sheet::default() },
        }
    }

    /// From where a device can be reached that is said to be so, under a zone sheet.
    #[track_caller]
    fn check(device: &[(Attribute, &str)], expected: &[&str]) {
        use Attribute::{Exposure, Lifecycle, Subnet, Vlan};
        let claims = [
            claim("device", device),
            claim("all", &[(Subnet, "10.0.0.0/8"), (Exposure, "controlled")]),
            claim("part", &[(Subnet, "10.1.0.0/16"), (Vlan, "Cameras"), (Exposure, "small")]),
            claim("outer", &[(Subnet, "192.0.2.0/24"), (Exposure, "open")]),
            claim("gone", &[(Subnet, "172.16.0.0/12"), (Exposure, "small"), (Lifecycle, NOT_SEEN)]),
            claim("silent", &[(Subnet, "10.1.2.0/24")]),
        ];
        let asset =
            Asset { site: String::new(), id: String::new(), claims: vec![0], joins: vec![] };
        let reach = Reach::of(&asset, &claims, &Zones::of((0..).zip(&claims)));
        let expected: Vec<String> = expected.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(Ok(reach.exposure()), Values::any_of(Input::Exposure, &expected), "{device:?}");
    }

    #[test]
    fn the_smallest_zone_that_says_something_holds() {
        check(&[(Attribute::Ip, "10.9.0.1")], &["controlled"]);
        check(&[(Attribute::Ip, "10.1.9.1")], &["small"]);
        check(&[(Attribute::Ip, "10.1.2.1")], &["small"]);
        check(&[(Attribute::Ip, "::ffff:10.1.2.1")], &["small"]);
    }

    #[test]
    fn of_several_addresses_the_most_open_counts() {
        check(&[(Attribute::Ip, "10.1.9.1"), (Attribute::Ip, "10.9.0.1")], &["controlled"]);
        check(&[(Attribute::Ip, "10.1.9.1"), (Attribute::Ip, "192.0.2.7")], &["open"]);
    }

    #[test]
    fn an_address_nobody_speaks_of_may_lie_anywhere() {
        let anywhere = ["open", "controlled", "small"];
        check(&[], &anywhere);
        check(&[(Attribute::Ip, "172.16.0.1")], &anywhere);
        check(
            &[(Attribute::Ip, "10.9.0.1"), (Attribute::Ip, "198.51.100.1")],
            &["open", "controlled"],
        );
    }

    #[test]
    fn a_virtual_network_says_where_an_address_is_missing() {
        check(&[(Attribute::Vlan, "CAMERAS")], &["small"]);
        check(&[(Attribute::Vlan, "CAMERAS"), (Attribute::Ip, "10.9.0.1")], &["controlled"]);
    }

    #[test]
    fn what_is_said_of_the_device_itself_counts_beside_its_zone() {
        check(&[(Attribute::Exposure, "small")], &["small"]);
        check(&[(Attribute::Exposure, "small"), (Attribute::Ip, "10.9.0.1")], &["controlled"]);
        check(&[(Attribute::ReachableBy, "vendor"), (Attribute::Ip, "10.1.9.1")], &["open"]);
    }

    #[test]
    fn a_spare_counts_while_no_source_says_that_it_is_gone() {
        let (data, controls) = (List::default(), List::default());
        let areas = Areas { areas: Vec::new(), words: Phrases::default() };
        let words = Vocabulary { data: &data, controls: &controls, areas: &areas };
        let has_spare = |said: &[&str]| {
            let claims: Vec<Claim> =
                said.iter().map(|it| claim("source", &[(Attribute::Spares, it)])).collect();
            let members = (0..).zip(&claims).map(|(number, _)| number).collect();
            let asset =
                Asset { site: String::new(), id: String::new(), claims: members, joins: vec![] };
            let exposure = Values::unknown(Input::Exposure);
            words.setting(&asset, &claims, None, Served::default(), exposure).has_spare
        };
        assert!(has_spare(&["1"]) && has_spare(&["2", "1"]) && has_spare(&["1", "n/a"]));
        assert!(!has_spare(&[]) && !has_spare(&["n/a"]) && !has_spare(&["2", "0"]));
    }

    #[test]
    fn a_control_counts_once_two_sources_have_seen_it() {
        let list = List::of(vec![Named { code: "login".into(), words: vec!["802 1x".into()] }]);
        let (data, controls) = (List::default(), list.unwrap());
        let areas = Areas { areas: Vec::new(), words: Phrases::default() };
        let words = Vocabulary { data: &data, controls: &controls, areas: &areas };
        let verified = |said: &[(&'static str, &'static str)]| words.verified(said.iter().copied());
        let none = Codes::default();
        assert_eq!(verified(&[("cmms", "802.1X"), ("cmms", "login")]), none);
        assert_eq!(verified(&[("cmms", "802.1X"), ("switch", "something")]), none);
        assert_ne!(verified(&[("cmms", "802.1X"), ("switch", "login")]), none);
    }
}
