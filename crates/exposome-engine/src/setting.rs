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
use exposome_model::inventory::Attribute;
use exposome_model::network::Network;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What is known of a device and its place; devices with the same are scored alike.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
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
        let no_such = |code: &String| Error::NoSuchCode {
            code: code.clone(),
            codes: self.codes.join(", "),
        };
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

fn phrases<'a>(
    named: impl Iterator<Item = (&'a String, &'a Vec<String>)> + Clone,
) -> Result<Phrases, Error> {
    let mut phrases = Phrases::default();
    for (place, (code, words)) in named.clone().enumerate() {
        for word in words.iter().chain([code]) {
            if let Some(earlier) = phrases.add(word, place) {
                let one = named.clone().nth(earlier).map_or(String::new(), |(it, _)| it.clone());
                return Err(Error::Ambiguous { word: word.clone(), one, other: code.clone() });
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
    zones: BTreeMap<Network, Zone>,
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
    pub fn of(claims: &[Claim]) -> Zones {
        let mut zones = Zones::default();
        for (number, claim) in (0..).zip(claims).filter(|(_, it)| it.sheet.is_of_a_zone()) {
            let exposures = claim.sheet.all(Attribute::Exposure).filter_map(exposure_of);
            // Who says both, or another than an earlier sheet: the more dangerous one holds.
            let Some(exposure) = exposures.reduce(Values::severer) else { continue };
            let is_open = exposure.name(Input::Exposure) == Some(OPEN);
            let open_since = is_open.then_some(claim.recorded_at);
            let networks = claim.sheet.all(Attribute::Subnet);
            for network in networks.filter_map(|it| it.parse::<Network>().ok()) {
                zones.prefixes.insert(std::cmp::Reverse(network.prefix()));
                let new = Zone { exposure, claims: Vec::new(), open_since };
                let zone = zones.zones.entry(network).or_insert(new);
                zone.exposure = zone.exposure.severer(exposure);
                zone.open_since = [zone.open_since, open_since].into_iter().flatten().min();
                zone.claims.push(number);
            }
        }
        zones
    }

    /// The smallest zone with this address.
    fn zone(&self, address: IpAddr) -> Option<&Zone> {
        let mut networks = self.prefixes.iter().filter_map(|it| Network::of(address, it.0));
        networks.find_map(|network| self.zones.get(&network))
    }
}

fn exposure_of(text: &str) -> Option<Values> {
    Values::known(Input::Exposure, &text.trim().to_ascii_lowercase())
}

/// From where an asset can be reached, and who says so.
#[derive(Debug, Clone)]
pub struct Reach {
    pub exposure: Values,
    /// Since when a source says that somebody outside can reach it.
    pub open_since: Option<jiff::Timestamp>,
    /// Indices of the claims of zone sheets it rests on.
    pub zones: Vec<u32>,
}

impl Reach {
    pub fn of(asset: &Asset, claims: &[Claim], zones: &Zones) -> Reach {
        let open = |claim: &Claim| {
            let by_somebody = claim.sheet.first(Attribute::ReachableBy).map(|_| OPEN);
            let own = claim.sheet.all(Attribute::Exposure).chain(by_somebody);
            own.filter_map(exposure_of).reduce(Values::severer)
        };
        let own = asset.claims(claims).filter_map(|claim| {
            let exposure = open(claim)?;
            Some((exposure, claim.recorded_at))
        });
        let mut reach =
            Reach { exposure: Values::unknown(Input::Exposure), open_since: None, zones: vec![] };
        let mut said: Option<Values> = None;
        let mut hear = |reach: &mut Reach, exposure: Values, open_since| {
            said = Some(said.map_or(exposure, |said| said.severer(exposure)));
            reach.open_since = [reach.open_since, open_since].into_iter().flatten().min();
        };
        for (exposure, recorded_at) in own {
            let is_open = exposure.name(Input::Exposure) == Some(OPEN);
            hear(&mut reach, exposure, is_open.then_some(recorded_at));
        }
        let addresses = asset.claims(claims).flat_map(|claim| claim.sheet.all(Attribute::Ip));
        let mut is_covered = true;
        for address in addresses.filter_map(|it| it.parse().ok()) {
            match zones.zone(address) {
                Some(zone) => {
                    hear(&mut reach, zone.exposure, zone.open_since);
                    reach.zones.extend(&zone.claims);
                }
                None => is_covered = false,
            }
        }
        reach.zones.sort_unstable();
        reach.zones.dedup();
        if let Some(said) = said {
            // An address of which no zone sheet speaks may lie anywhere.
            let own_word = reach.zones.is_empty();
            reach.exposure = if is_covered || own_word { said } else { said.severer(reach.exposure) };
        }
        reach
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
            has_spare: spares.max().is_some_and(|spares| spares > 0),
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
