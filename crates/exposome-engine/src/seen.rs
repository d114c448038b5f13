//! What a listener noticed on the wire, as things: which sightings are of one device, and what is known of it.
//!
//! A MAC address seen with many IP addresses is a router's, and says nothing of
//! those who send through it.  Sightings are joined by what tells a device from
//! all others (a serial number with maker and model, a UDI, an identifier for
//! life, a key, a universally administered MAC address on one link), never by a
//! name or an IP address alone.  A key that would join what stronger keys hold
//! apart is demoted and reported.
//!
//! Nothing is decided about the truth of what was said: where two sources
//! disagree both are shown, and of two categories the more dangerous holds.

mod facts;
mod join;

use crate::category::{Categories, Category, UNKNOWN_HARM};
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::mac::Mac;
use exposome_model::sighting::{Property, Sighting, Station, Vlan, Who};
use std::collections::BTreeSet;
use std::net::IpAddr;

pub use facts::{Fact, Source};
pub use join::{Demoted, Key, KeyKind};

/// Everything that was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Ordered by id.
    pub assets: Vec<Asset>,
    pub demoted: Vec<Demoted>,
    /// MAC addresses of routers: whoever sends through one is not known by it.
    pub routers: Vec<(Option<Vlan>, Mac)>,
    /// Cards that were seen by a made-up address alone, without an IP address of their own: phones that pass by, ends of
    /// virtual cables.
    pub passing: usize,
    /// Addresses that others spoke to or of and that never sent anything here.
    pub silent: usize,
}

/// One thing, as all sightings of it say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// What tells it from the others of this listening: its MAC address, else its name behind another, else its IP address.
    pub id: String,
    pub macs: BTreeSet<Mac>,
    pub ips: BTreeSet<IpAddr>,
    pub vlans: BTreeSet<Vlan>,
    /// The router through which its packets came.
    pub beyond: Option<Mac>,
    /// Who spoke of it, where it was not heard itself.
    pub behind: Option<Station>,
    pub first_seen: jiff::Timestamp,
    pub last_seen: jiff::Timestamp,
    pub packets: u64,
    /// Every value of every property, with all that speaks for it; the surest value of a property comes first.
    pub facts: Vec<Fact>,
    /// Why its sightings are one.
    pub joins: Vec<Key>,
    pub category: Option<Judged>,
    pub conflicts: Vec<Conflict>,
}

/// What a thing is for, and how well that is founded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// A code of `rules/categories`.
    pub code: String,
    /// The values that named it.
    pub because: Vec<(Property, String)>,
    /// How many protocols say so; one alone can be forged.
    pub protocols: usize,
    /// Other categories that something else said.
    pub others: Vec<String>,
}

/// Values of one property that cannot all be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub property: Property,
    pub values: Vec<String>,
}

/// Joins sightings into things.  Their order changes nothing.
pub fn assets(sightings: &[Sighting], categories: &Categories) -> Seen {
    let joined = join::join(sightings);
    let mut seen = Seen {
        demoted: joined.demoted,
        routers: joined.routers.iter().copied().collect(),
        ..Seen::default()
    };
    for (members, joins) in joined.groups {
        let members: Vec<&Sighting> = members.iter().filter_map(|at| sightings.get(*at)).collect();
        match Presence::of(&members) {
            Presence::Here => {
                seen.assets.push(asset(&members, joins, &joined.routers, categories));
            }
            Presence::Passing => seen.passing += 1,
            Presence::Silent => seen.silent += 1,
        }
    }
    seen.assets.sort_by(|a, b| a.id.cmp(&b.id));
    seen
}

enum Presence {
    Here,
    Passing,
    Silent,
}

impl Presence {
    fn of(members: &[&Sighting]) -> Presence {
        let is_heard = members.iter().any(|it| it.packets > 0);
        let is_told_of = members.iter().any(|it| match it.who {
            Who::Behind { .. } => true,
            // What somebody says of itself through another, as by a relay of DHCP.
            Who::Station(_) => it
                .observations
                .iter()
                .any(|it| it.certainty == exposome_model::sighting::Certainty::Stated),
        });
        if !is_heard && !is_told_of {
            return Presence::Silent;
        }
        let is_made_up = members.iter().all(|it| match &it.who {
            Who::Station(station) => {
                station.mac.is_some_and(Mac::is_locally_administered)
                    && station.ip.is_none_or(is_link_local)
            }
            Who::Behind { .. } => false,
        });
        let says_nothing = members
            .iter()
            .flat_map(|it| &it.observations)
            .all(|it| matches!(it.property, Property::Uses | Property::CardMaker));
        if is_made_up && says_nothing { Presence::Passing } else { Presence::Here }
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(it) => it.is_link_local(),
        IpAddr::V6(it) => it.is_unicast_link_local(),
    }
}

fn asset(
    members: &[&Sighting],
    joins: Vec<Key>,
    routers: &BTreeSet<(Option<Vlan>, Mac)>,
    categories: &Categories,
) -> Asset {
    let mut asset = Asset {
        id: String::new(),
        macs: BTreeSet::new(),
        ips: BTreeSet::new(),
        vlans: BTreeSet::new(),
        beyond: None,
        behind: None,
        first_seen: members.iter().map(|it| it.first_seen).min().unwrap_or_default(),
        last_seen: members.iter().map(|it| it.last_seen).max().unwrap_or_default(),
        packets: members.iter().map(|it| it.packets).sum(),
        facts: facts::gather(members),
        joins,
        category: None,
        conflicts: Vec::new(),
    };
    for member in members {
        match &member.who {
            Who::Station(station) => {
                asset.ips.extend(station.ip);
                asset.vlans.extend(station.vlan);
                let Some(mac) = station.mac else { continue };
                // The router's own sightings are without an address, or with one that is its own.
                if routers.contains(&(station.vlan, mac)) && !join::is_own(member) {
                    asset.beyond = Some(mac);
                } else {
                    asset.macs.insert(mac);
                }
            }
            Who::Behind { speaker, .. } => asset.behind = Some(*speaker),
        }
    }
    if asset.packets > 0 || !asset.macs.is_empty() {
        asset.behind = None;
    }
    if asset.beyond.is_some() {
        // Of the router's card, not of this thing's.
        asset.facts.retain(|it| it.property != Property::CardMaker);
    }
    asset.id = id(&asset, members);
    asset.category = judge(&asset, categories);
    asset.conflicts = facts::conflicts(&asset.facts);
    asset
}

fn id(asset: &Asset, members: &[&Sighting]) -> String {
    let universal = asset.macs.iter().find(|it| !it.is_locally_administered());
    if let Some(mac) = universal {
        return mac.to_string();
    }
    let vlan = asset.vlans.first().map_or(String::new(), |vlan| format!(" in vlan {vlan}"));
    let address = asset.ips.iter().find(|it| !is_link_local(**it)).or(asset.ips.first());
    match (address, &asset.behind, asset.macs.first()) {
        (Some(ip), ..) => format!("{ip}{vlan}"),
        (None, _, Some(mac)) => mac.to_string(),
        _ => members.first().map_or(String::new(), |it| it.who.to_string()),
    }
}

/// Kinds of words in the order of their weight: what a thing says it is, what a rule concludes, how it is called.
const KINDS: [&[Property]; 3] = [
    &[Property::DeviceKind, Property::ProductName],
    &[Property::Model, Property::FriendlyName, Property::Description],
    &[Property::HttpTitle, Property::SystemName, Property::HostName, Property::Location],
];

fn judge(asset: &Asset, categories: &Categories) -> Option<Judged> {
    // It says what it is in a word of no category, as a controller of nobody knows what: then being called a server
    // makes it nothing less to be careful with.
    let is_of_no_category = asset.first(Property::DeviceKind).is_some();
    for (at, kinds) in KINDS.into_iter().enumerate() {
        let is_by_name = at + 1 == KINDS.len();
        let named: Vec<(&Category, &Fact)> = asset
            .facts
            .iter()
            .filter(|fact| kinds.contains(&fact.property))
            .filter_map(|fact| Some((categories.named_in(&fact.value)?, fact)))
            .filter(|(it, _)| !(is_by_name && is_of_no_category) || it.harm() >= UNKNOWN_HARM)
            .collect();
        let Some((worst, _)) = named.iter().max_by_key(|(category, _)| category.harm()) else {
            continue;
        };
        let of_worst = named.iter().filter(|(category, _)| category.code == worst.code);
        let protocols: BTreeSet<&str> = of_worst
            .clone()
            .flat_map(|(_, fact)| fact.sources.iter().map(|it| it.protocol.as_str()))
            .collect();
        let others: BTreeSet<&str> = named
            .iter()
            .map(|(category, _)| category.code.as_str())
            .filter(|code| *code != worst.code)
            .collect();
        return Some(Judged {
            code: worst.code.clone(),
            because: of_worst.map(|(_, fact)| (fact.property, fact.value.clone())).collect(),
            protocols: protocols.len(),
            others: others.into_iter().map(str::to_owned).collect(),
        });
    }
    None
}

impl Asset {
    /// The surest value of a property.
    pub fn first(&self, property: Property) -> Option<&str> {
        self.all(property).next().map(|it| it.value.as_str())
    }

    /// Every value of a property, the surest first.
    pub fn all(&self, property: Property) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |it| it.property == property)
    }

    /// Who made it, as far as the wire tells: what it says, else what a rule concludes, else who made its card.
    pub fn maker(&self) -> Option<&str> {
        self.first(Property::Manufacturer).or_else(|| self.first(Property::CardMaker))
    }

    /// The model; where none is stated, the product's code or name.
    pub fn model(&self) -> Option<&str> {
        [Property::Model, Property::ProductCode, Property::ModelNumber]
            .into_iter()
            .find_map(|it| self.first(it))
    }

    /// How it is called, by anybody.
    pub fn names(&self) -> BTreeSet<&str> {
        const NAMES: [Property; 9] = [
            Property::HostName,
            Property::NetbiosName,
            Property::FriendlyName,
            Property::SystemName,
            Property::AeTitle,
            Property::CalledAeTitle,
            Property::CalledName,
            Property::Hl7Application,
            Property::MqttClientId,
        ];
        NAMES.into_iter().flat_map(|it| self.all(it)).map(|it| it.value.as_str()).collect()
    }

    /// The asset as a claim of its source, to be joined with what others say.
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet { key: self.id.clone(), ..Sheet::default() };
        let mut say = |attribute: Attribute, value: &str| {
            sheet.attributes.push((attribute, value.to_owned()));
        };
        let one = |property| self.first(property);
        for (attribute, value) in [
            (Attribute::Manufacturer, one(Property::Manufacturer)),
            (Attribute::Model, self.model()),
            (Attribute::Serial, one(Property::Serial)),
            (Attribute::Udi, one(Property::Udi)),
            (Attribute::Location, one(Property::Location)),
            (Attribute::Name, one(Property::FriendlyName).or(one(Property::SystemName))),
            (Attribute::DeviceClass, self.category.as_ref().map(|it| it.code.as_str())),
        ] {
            if let Some(value) = value {
                say(attribute, value);
            }
        }
        for mac in &self.macs {
            say(Attribute::Mac, &mac.to_string());
        }
        for ip in self.ips.iter().filter(|it| !is_link_local(**it)) {
            say(Attribute::Ip, &ip.to_string());
        }
        for name in self.all(Property::HostName).take(4) {
            say(Attribute::HostName, &name.value);
        }
        for vlan in &self.vlans {
            say(Attribute::Vlan, &vlan.to_string());
        }
        say(Attribute::SourceNote, &self.note());
        sheet.components = self.components();
        sheet
    }

    /// What speaks for the claim, in words: which value by which protocol and how surely, and what contradicts what.
    fn note(&self) -> String {
        const CLAIMED: [Property; 12] = [
            Property::Manufacturer,
            Property::Model,
            Property::ProductCode,
            Property::ModelNumber,
            Property::Serial,
            Property::Firmware,
            Property::Udi,
            Property::Location,
            Property::FriendlyName,
            Property::SystemName,
            Property::OperatingSystem,
            Property::Software,
        ];
        let mut by_source: Vec<(String, Vec<&str>)> = Vec::new();
        for property in CLAIMED {
            let surest = self.all(property).next().and_then(|it| it.sources.first());
            let Some(source) = surest else { continue };
            let words = match &source.rule {
                Some(rule) => format!("inferred from {} by rule {rule}", source.protocol),
                None => format!("{} over {}", source.certainty.words(), source.protocol),
            };
            match by_source.iter_mut().find(|it| it.0 == words) {
                Some((_, properties)) => properties.push(property.name()),
                None => by_source.push((words, vec![property.name()])),
            }
        }
        let mut note =
            vec![format!("heard on the wire, last on {}", self.last_seen.strftime("%F"))];
        note.extend(by_source.iter().map(|(words, it)| format!("{} {words}", it.join(", "))));
        if let Some(Judged { code, because, others, .. }) = &self.category {
            let because = because.iter().map(|(it, value)| format!("{}: {value}", it.name()));
            let because = because.collect::<Vec<_>>().join(", ");
            note.push(format!("category {code} for {because}"));
            note.extend(others.iter().map(|other| format!("another says category {other}")));
        }
        let conflicts = self.conflicts.iter();
        note.extend(
            conflicts.map(|it| {
                format!("in conflict: {} {}", it.property.name(), it.values.join(" and "))
            }),
        );
        note.extend(self.behind.map(|it| format!("only {} speaks of it", Who::Station(it))));
        note.join("; ")
    }

    fn components(&self) -> Vec<Component> {
        let mut components = Vec::new();
        if let Some(model) = self.model() {
            components.push(Component {
                vendor: self.first(Property::Manufacturer).map(str::to_owned),
                version: self.first(Property::Firmware).map(str::to_owned),
                ..Component::new(ComponentKind::Device, model)
            });
        }
        if let Some(system) = self.first(Property::OperatingSystem) {
            components.push(Component::new(ComponentKind::System, system));
        }
        for software in self.all(Property::Software).take(8) {
            // A version is said in the same breath as its program, by the same protocol and rule.
            let version = self.all(Property::SoftwareVersion).find(|version| {
                version.sources.iter().any(|one| {
                    software
                        .sources
                        .iter()
                        .any(|other| (&one.protocol, &one.rule) == (&other.protocol, &other.rule))
                })
            });
            components.push(Component {
                version: version.map(|it| it.value.clone()),
                ..Component::new(ComponentKind::Application, &software.value)
            });
        }
        components
    }
}

#[cfg(test)]
mod tests;
