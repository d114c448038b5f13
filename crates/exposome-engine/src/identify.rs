//! Who is there: which claims speak of the same physical thing.
//!
//! Claims are joined by keys, strongest kind first, within a site: the
//! hospital's own number, maker + model + serial, UDI + serial, a universally
//! administered MAC address, then a host name with its domain.  An IP address,
//! a bare host name or a locally administered MAC never joins anything.  A key
//! that would join what stronger keys hold apart (one MAC in forty rows, the
//! serial "0000" everywhere) is demoted and reported instead.
//!
//! What a person has decided comes before all keys: what was merged is one, what was
//! split never is.  Nothing is written down here: the same claims and decisions give the
//! same assets.

use crate::people::People;
use exposome_model::claim::Claim;
use exposome_model::event::Anchor;
use exposome_model::inventory::{Attribute, Component, ComponentKind, NOT_SEEN};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One physical (or virtual) thing, as the claims that speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    pub site: String,
    /// Stable: taken from the claim whose source spoke first, however often it has spoken since.
    pub id: String,
    /// Indices into the claims, in the order in which their sources first spoke.
    pub claims: Vec<u32>,
    /// Why they are one.
    pub joins: Vec<Join>,
}

/// Two claims were joined because they share a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    pub kind: KeyKind,
    pub key: String,
    pub claims: (u32, u32),
}

/// A key that was not believed, because it would join different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demoted {
    pub site: String,
    pub kind: KeyKind,
    pub key: String,
    /// How many different things carry it.
    pub things: usize,
}

impl Demoted {
    pub fn is_carried_by(&self, claim: &Claim) -> bool {
        keys(claim, self.kind).contains(&self.key)
    }
}

/// The kinds of keys that join, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyKind {
    Tag,
    Serial,
    Udi,
    Mac,
    HostName,
    /// No key at all: somebody said so.
    Person,
}

impl KeyKind {
    pub const ALL: [KeyKind; 5] =
        [KeyKind::Tag, KeyKind::Serial, KeyKind::Udi, KeyKind::Mac, KeyKind::HostName];

    pub fn words(self) -> &'static str {
        match self {
            KeyKind::Tag => "the hospital's own number",
            KeyKind::Serial => "maker, model and serial number",
            KeyKind::Udi => "UDI and serial number",
            KeyKind::Mac => "MAC address",
            KeyKind::HostName => "host name with domain",
            KeyKind::Person => "a person's decision",
        }
    }
}

/// All assets, ordered by site and id, and the keys that were not believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identified {
    pub assets: Vec<Asset>,
    pub demoted: Vec<Demoted>,
}

/// Joins claims into assets.  The order of the claims changes nothing.
pub fn identify(claims: &[Claim], people: &People) -> Identified {
    identify_among(claims, (0..).take(claims.len()), people)
}

/// Joins some of the claims, by their indices: all that share a key or a person's word with any of them.
pub fn identify_among(
    claims: &[Claim],
    numbers: impl Iterator<Item = u32>,
    people: &People,
) -> Identified {
    let called = |number: &u32| {
        let claim = claims.get(*number as usize);
        (claim.map(|it| (&it.site, &it.source, &it.sheet.key)), *number)
    };
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_by(|a, b| called(a).cmp(&called(b)));
    let claims: Vec<&Claim> =
        numbers.iter().filter_map(|&number| claims.get(number as usize)).collect();
    let claims = claims.as_slice();
    let mut clusters = Clusters::new(claims);
    let mut joins: Vec<Join> = Vec::new();
    let mut demoted = Vec::new();
    clusters.apart = pairs(claims, people.splits()).map(|(claims, _)| claims).collect();
    for ((one, other), key) in pairs(claims, people.merges()) {
        if clusters.join(one, other) {
            joins.push(Join { kind: KeyKind::Person, key, claims: (one, other) });
        }
    }
    for kind in KeyKind::ALL {
        for ((site, key), members) in claims_by_key(claims, kind) {
            let things = clusters.held_apart(kind, &members);
            if things > 1 {
                demoted.push(Demoted { site: site.to_owned(), kind, key, things });
                continue;
            }
            for pair in members.windows(2) {
                let [one, other] = pair else { continue };
                if clusters.join(*one, *other) {
                    joins.push(Join { kind, key: key.clone(), claims: (*one, *other) });
                }
            }
        }
    }
    Identified { assets: clusters.into_assets(claims, &numbers, joins), demoted }
}

/// The claims that a person named in pairs, and how they were named.
fn pairs<'a>(
    claims: &[&Claim],
    named: impl Iterator<Item = (&'a Anchor, &'a Anchor)>,
) -> impl Iterator<Item = ((u32, u32), String)> {
    let place = |of: &Anchor| {
        let found = claims.iter().position(|it| it.source == of.source && it.sheet.key == of.key);
        found.and_then(|place| u32::try_from(place).ok())
    };
    named.filter_map(move |(one, other)| {
        let key = format!("{one} {other}");
        Some(((place(one)?, place(other)?), key))
    })
}

fn claims_by_key<'a>(claims: &[&'a Claim], kind: KeyKind) -> BTreeMap<(&'a str, String), Vec<u32>> {
    let mut by_key: BTreeMap<(&str, String), Vec<u32>> = BTreeMap::new();
    for (index, claim) in (0..).zip(claims) {
        for key in keys(claim, kind) {
            let members = by_key.entry((claim.site.as_str(), key)).or_default();
            if members.last() != Some(&index) {
                members.push(index);
            }
        }
    }
    by_key
}

/// The keys of one kind that a claim carries.
pub(crate) fn keys(claim: &Claim, kind: KeyKind) -> Vec<String> {
    let sheet = &claim.sheet;
    let said = |attribute| sheet.first(attribute).map(folded).filter(|text| !text.is_empty());
    let serial = || said(Attribute::Serial).filter(|serial| is_telling(serial));
    match kind {
        KeyKind::Tag => said(Attribute::AssetId).into_iter().collect(),
        KeyKind::Serial => {
            match (said(Attribute::Manufacturer), said(Attribute::Model), serial()) {
                (Some(maker), Some(model), Some(serial)) => {
                    vec![format!("{maker} {model} {serial}")]
                }
                _ => Vec::new(),
            }
        }
        KeyKind::Udi => match (said(Attribute::Udi), serial()) {
            (Some(udi), Some(serial)) => vec![format!("{udi} {serial}")],
            _ => Vec::new(),
        },
        KeyKind::Mac => sheet.all(Attribute::Mac).filter_map(universal_mac).collect(),
        KeyKind::HostName => {
            let names = sheet.all(Attribute::HostName).map(str::to_lowercase);
            names
                .filter(|name| {
                    name.trim_matches('.').contains('.') && !name.starts_with("localhost.")
                })
                .collect()
        }
        KeyKind::Person => Vec::new(),
    }
}

/// Letters and digits only, lower case; between two digits a mark stays as a dot, since `B-1-11` is not `B-11-1`.
fn folded(text: &str) -> String {
    let mut folded = String::new();
    let mut marked = false;
    for character in text.chars() {
        if !character.is_alphanumeric() {
            marked = true;
            continue;
        }
        let after_digit = folded.ends_with(|last: char| last.is_ascii_digit());
        if marked && after_digit && character.is_ascii_digit() {
            folded.push('.');
        }
        marked = false;
        folded.extend(character.to_lowercase());
    }
    folded
}

/// A serial number of one repeated character, or of fewer than three, tells nothing.
fn is_telling(serial: &str) -> bool {
    let first = serial.chars().next();
    serial.chars().count() >= 3
        && serial.chars().any(|character| Some(character) != first)
        && serial != "123456"
}

/// The twelve hexadecimal digits of a universally administered unicast MAC address (IEEE 802, U/L and I/G bits clear).
fn universal_mac(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(char::is_ascii_hexdigit)
        .map(|digit| digit.to_ascii_lowercase())
        .collect();
    let first = u8::from_str_radix(digits.get(..2)?, 16).ok()?;
    let is_telling = digits.len() == 12
        && first.trailing_zeros() >= 2
        && digits.chars().any(|digit| digit != '0');
    is_telling.then_some(digits)
}

/// Sets of claims that are one thing (disjoint sets by smallest member).
struct Clusters {
    parent: Vec<u32>,
    /// For each set, under its smallest member, what names it: which keys are weaker than the name, whose name it is
    /// (empty where it is the same whoever says it), the name.
    names: BTreeMap<u32, BTreeSet<(KeyKind, String, String)>>,
    /// Claims that a person says are of different things.
    apart: Vec<(u32, u32)>,
}

impl Clusters {
    fn new(claims: &[&Claim]) -> Clusters {
        let mut names: BTreeMap<u32, BTreeSet<(KeyKind, String, String)>> = BTreeMap::new();
        for (index, claim) in (0..).zip(claims) {
            let tags = keys(claim, KeyKind::Tag)
                .into_iter()
                .map(|tag| (KeyKind::Tag, claim.source.clone(), tag));
            let serials = keys(claim, KeyKind::Serial)
                .into_iter()
                .map(|key| (KeyKind::Serial, String::new(), key));
            // Who tells things by their names alone has two where an address stands beside two of them.
            let is_called = claim.sheet.first(Attribute::Name).map(folded);
            let is_called =
                is_called.map(|name| (KeyKind::Udi, format!("{}\u{1f}name", claim.source), name));
            let names_of_claim: BTreeSet<_> = tags.chain(serials).chain(is_called).collect();
            if !names_of_claim.is_empty() {
                names.insert(index, names_of_claim);
            }
        }
        let parent = (0..).take(claims.len()).collect();
        Clusters { parent, names, apart: Vec::new() }
    }

    fn root(&mut self, mut of: u32) -> u32 {
        loop {
            let above = self.parent.get(of as usize).copied().unwrap_or(of);
            if above == of {
                return of;
            }
            let further = self.parent.get(above as usize).copied().unwrap_or(above);
            if let Some(slot) = self.parent.get_mut(of as usize) {
                *slot = further;
            }
            of = above;
        }
    }

    /// How many things stronger keys say the members are: two numbers of one source, or two serials.
    fn held_apart(&mut self, kind: KeyKind, members: &[u32]) -> usize {
        let roots: BTreeSet<u32> = members.iter().map(|&member| self.root(member)).collect();
        if roots.len() < 2 {
            return 1;
        }
        let mut values: BTreeMap<(KeyKind, &str), BTreeSet<&str>> = BTreeMap::new();
        for names in roots.iter().filter_map(|root| self.names.get(root)) {
            for (name_kind, source, value) in
                names.iter().filter(|(name_kind, ..)| *name_kind < kind)
            {
                values.entry((*name_kind, source)).or_default().insert(value);
            }
        }
        values.values().map(BTreeSet::len).max().unwrap_or(1)
    }

    /// Whether a person has said of these two sets that they are different things.
    fn is_apart(&mut self, kept: u32, gone: u32) -> bool {
        (0..self.apart.len()).any(|at| {
            let Some(&(one, other)) = self.apart.get(at) else { return false };
            let roots = (self.root(one), self.root(other));
            roots == (kept, gone) || roots == (gone, kept)
        })
    }

    fn join(&mut self, one: u32, other: u32) -> bool {
        let (one, other) = (self.root(one), self.root(other));
        let (kept, gone) = (one.min(other), one.max(other));
        if kept == gone || self.is_apart(kept, gone) {
            return false;
        }
        if let Some(slot) = self.parent.get_mut(gone as usize) {
            *slot = kept;
        }
        if let Some(moved) = self.names.remove(&gone) {
            self.names.entry(kept).or_default().extend(moved);
        }
        true
    }

    fn into_assets(mut self, claims: &[&Claim], numbers: &[u32], joins: Vec<Join>) -> Vec<Asset> {
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        // A row of a zone sheet speaks of no thing.
        let things = (0..).zip(claims).filter(|(_, claim)| !claim.sheet.is_of_a_zone());
        for (index, _) in things {
            let root = self.root(index);
            members.entry(root).or_default().push(index);
        }
        let mut joins_of: BTreeMap<u32, Vec<Join>> = BTreeMap::new();
        for join in joins {
            let root = self.root(join.claims.0);
            joins_of.entry(root).or_default().push(join);
        }
        let mut assets: Vec<Asset> = members
            .into_iter()
            .filter_map(|(root, mut members)| {
                members.sort_by_key(|&index| {
                    let claim = claims.get(index as usize);
                    let order = claim.map(|it| (it.first_recorded_at, &it.source, &it.sheet.key));
                    (order, index)
                });
                let first = claims.get(*members.first()? as usize)?;
                let number = |place: u32| numbers.get(place as usize).copied().unwrap_or(u32::MAX);
                let joins = joins_of.remove(&root).unwrap_or_default().into_iter();
                let joins = joins.map(|join| {
                    let (one, other) = join.claims;
                    Join { claims: (number(one), number(other)), ..join }
                });
                Some(Asset {
                    site: first.site.clone(),
                    id: id_of(claims, &members, first),
                    joins: joins.collect(),
                    claims: members.into_iter().map(number).collect(),
                })
            })
            .collect();
        let by_id = |a: &Asset, b: &Asset| (&a.site, &a.id).cmp(&(&b.site, &b.id));
        assets.sort_by(by_id);
        if !assets.is_sorted_by(|a, b| by_id(a, b).is_lt()) {
            one_id_each(claims, numbers, &mut assets);
            assets.sort_by(by_id);
        }
        assets
    }
}

/// Things that a person has told apart may bear one number: it stays with the one that was spoken of first.  In the order of
/// their ids.
fn one_id_each(claims: &[&Claim], numbers: &[u32], assets: &mut [Asset]) {
    let first = |asset: &Asset| {
        let place = numbers.iter().position(|it| Some(it) == asset.claims.first())?;
        claims.get(place).map(|it| (it.first_recorded_at, it.source.as_str(), &it.sheet.key))
    };
    for of_one_id in assets.chunk_by_mut(|a, b| (&a.site, &a.id) == (&b.site, &b.id)) {
        of_one_id.sort_by(|a, b| first(a).cmp(&first(b)));
        for other in of_one_id.iter_mut().skip(1) {
            if let Some((_, source, key)) = first(other) {
                other.id = format!("{source}:{key}");
            }
        }
    }
}

/// The hospital's own number where a claim gives one, else the first claim's source and key.
fn id_of(claims: &[&Claim], members: &[u32], first: &Claim) -> String {
    let mut of_members = members.iter().filter_map(|&index| claims.get(index as usize));
    let tag = of_members.find_map(|claim| claim.sheet.first(Attribute::AssetId));
    tag.map_or_else(|| format!("{}:{}", first.source, first.sheet.key), |tag| tag.trim().to_owned())
}

/// One value of an attribute, with who said it and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<'a> {
    pub value: &'a str,
    pub source: &'a str,
    pub observed_at: jiff::Timestamp,
}

impl Asset {
    pub fn claims<'a>(&'a self, claims: &'a [Claim]) -> impl Iterator<Item = &'a Claim> + Clone {
        self.claims.iter().filter_map(|&index| claims.get(index as usize))
    }

    /// Every value said for an attribute; the one that holds first: the latest observed, then by source name.
    /// More than one distinct value is a conflict, and all of them are kept.
    pub fn said<'a>(&'a self, claims: &'a [Claim], attribute: Attribute) -> Vec<Said<'a>> {
        let mut said: Vec<Said<'a>> = self
            .claims(claims)
            .flat_map(|claim| {
                let values = claim.sheet.all(attribute);
                values.map(|value| Said {
                    value,
                    source: &claim.source,
                    observed_at: claim.observed_at,
                })
            })
            .collect();
        said.sort_by(|a, b| b.observed_at.cmp(&a.observed_at).then(a.source.cmp(b.source)));
        let mut seen = BTreeSet::new();
        said.retain(|it| seen.insert(folded(it.value)));
        said
    }

    /// Since when the asset is not seen: a source that is complete no longer names it, and no other has seen it
    /// since.
    pub fn not_seen_since(&self, claims: &[Claim]) -> Option<jiff::Timestamp> {
        let is_missed = |claim: &&Claim| claim.sheet.first(Attribute::Lifecycle) == Some(NOT_SEEN);
        let missed = self.claims(claims).filter(is_missed).map(|claim| claim.observed_at);
        let seen = self.claims(claims).filter(|claim| !is_missed(claim));
        let last_seen = seen.map(|claim| claim.observed_at).max();
        missed.filter(|at| last_seen.is_none_or(|seen| seen < *at)).min()
    }

    /// The value that holds.
    pub fn holds<'a>(&'a self, claims: &'a [Claim], attribute: Attribute) -> Option<&'a str> {
        self.said(claims, attribute).first().map(|said| said.value)
    }

    /// What is installed, from all sources: sorted, without repetition.  Where one source knows a version and
    /// another only the name, the version stands; where two know different versions, both stay.
    pub fn bill(&self, claims: &[Claim]) -> Vec<Component> {
        let mut bill: Vec<Component> =
            self.claims(claims).flat_map(|claim| claim.sheet.components.iter().cloned()).collect();
        if bill.iter().filter(|component| component.kind == ComponentKind::Device).count() > 1 {
            fill_devices(&mut bill);
        }
        bill.sort();
        bill.dedup();
        if self.claims.len() > 1 {
            let versioned: BTreeSet<_> = bill
                .iter()
                .filter(|it| it.version.is_some())
                .map(|it| (it.kind, folded(&it.name)))
                .collect();
            bill.retain(|it| {
                it.version.is_some()
                    || it.cpe.is_some()
                    || !versioned.contains(&(it.kind, folded(&it.name)))
            });
        }
        bill
    }
}

/// Several sources describe the same device: what one leaves blank is taken from another.
fn fill_devices(bill: &mut [Component]) {
    let devices = || bill.iter().filter(|component| component.kind == ComponentKind::Device);
    let version = devices().find_map(|it| it.version.clone());
    let vendor = devices().find_map(|it| it.vendor.clone());
    let cpe = devices().find_map(|it| it.cpe.clone());
    let made = devices().find_map(|it| it.manufactured_on);
    let options: BTreeSet<String> = devices().flat_map(|it| it.options.iter().cloned()).collect();
    for device in bill.iter_mut().filter(|component| component.kind == ComponentKind::Device) {
        device.version = device.version.take().or_else(|| version.clone());
        device.vendor = device.vendor.take().or_else(|| vendor.clone());
        device.cpe = device.cpe.take().or_else(|| cpe.clone());
        device.manufactured_on = device.manufactured_on.or(made);
        device.options = options.iter().cloned().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::inventory::Sheet;

    /// `source: attribute=value, ...`, a claim a line; the line number is the second it was recorded.
    fn claims(text: &str) -> Vec<Claim> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let claim = |(second, line): (i64, &str)| {
            let (source, rest) = line.split_once(':').unwrap();
            let attributes = rest.split(',').map(|pair| {
                let (name, value) = pair.trim().split_once('=').unwrap();
                (Attribute::from_name(name).unwrap(), value.to_owned())
            });
            let sheet = Sheet {
                key: second.to_string(),
                attributes: attributes.collect(),
                ..Sheet::default()
            };
            let recorded_at = jiff::Timestamp::from_second(second).unwrap();
            Claim {
                site: "main".into(),
                source: source.into(),
                observed_at: recorded_at,
                first_recorded_at: recorded_at,
                recorded_at,
                sheet,
            }
        };
        (1..).zip(lines).map(claim).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let claims = claims(text);
        let identified = identify(&claims, &People::default());
        let mut lines: Vec<String> = Vec::new();
        for asset in &identified.assets {
            let kinds: Vec<_> = asset.joins.iter().map(|join| join.kind.words()).collect();
            let members: Vec<_> =
                asset.claims.iter().map(|claim| (claim + 1).to_string()).collect();
            lines.push(
                format!("{}: {} {}", asset.id, members.join("+"), kinds.join(", "))
                    .trim_end()
                    .to_owned(),
            );
        }
        for demoted in &identified.demoted {
            lines.push(format!(
                "demoted {} {}: {} things",
                demoted.kind.words(),
                demoted.key,
                demoted.things
            ));
        }
        let expected: Vec<_> =
            expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_device_keeps_its_record_when_its_address_moves() {
        check(
            "cmms: asset_id=BME-7, manufacturer=Draeger, model=V500, serial=ASHL-0042
             scan: mac=00:1b:21:aa:bb:cc, ip=10.1.1.1
             nac: mac=00-1B-21-AA-BB-CC, ip=10.2.2.2, serial=ashl0042, manufacturer=DRAEGER, model=V 500",
            "BME-7: 1+2+3 maker, model and serial number, MAC address",
        );
    }

    #[test]
    fn one_mac_in_many_rows_joins_nothing_and_is_reported() {
        check(
            "cmms: asset_id=A1, mac=00:1b:21:aa:bb:cc
             cmms: asset_id=A2, mac=00:1b:21:aa:bb:cc
             cmms: asset_id=A3, mac=00:1b:21:aa:bb:cc",
            "A1: 1
             A2: 2
             A3: 3
             demoted MAC address 001b21aabbcc: 3 things",
        );
    }

    #[test]
    fn one_mac_beside_many_names_joins_nothing_and_is_reported() {
        check(
            "cmms: name=Pump 1, mac=00:1b:21:aa:bb:cc
             cmms: name=Pump 2, mac=00:1b:21:aa:bb:cc
             nac: name=gateway-3, mac=00:1b:21:aa:bb:dd
             cmms: name=Gateway 3, mac=00:1b:21:aa:bb:dd",
            "cmms:1: 1
             cmms:2: 2
             nac:3: 3+4 MAC address
             demoted MAC address 001b21aabbcc: 2 things",
        );
    }

    #[test]
    fn two_sources_may_number_the_same_thing_differently() {
        check(
            "cmms: asset_id=BME-1, mac=00:1b:21:00:00:01
             cmdb: asset_id=CI-900, mac=00:1b:21:00:00:01",
            "BME-1: 1+2 MAC address",
        );
    }

    #[test]
    fn numbers_that_differ_in_where_their_marks_stand_are_different() {
        check(
            "cmms: asset_id=B-1-11
             cmms: asset_id=B-11-1
             cmdb: asset_id=BME-00042
             scan: asset_id=bme 00042",
            "B-1-11: 1
             B-11-1: 2
             BME-00042: 3+4 the hospital's own number",
        );
    }

    #[test]
    fn a_default_serial_is_no_identity() {
        check(
            "cmms: asset_id=A1, manufacturer=X, model=Y, serial=0000
             cmms: asset_id=A2, manufacturer=X, model=Y, serial=0000",
            "A1: 1
             A2: 2",
        );
    }

    #[test]
    fn a_random_mac_or_a_bare_name_joins_nothing() {
        check(
            "a: mac=02:00:00:00:00:01, host_name=pump, ip=10.0.0.1
             b: mac=02:00:00:00:00:01, host_name=pump, ip=10.0.0.1",
            "a:1: 1
             b:2: 2",
        );
    }

    #[test]
    fn a_full_host_name_joins_a_package_list_to_its_server() {
        check(
            "cmdb: asset_id=SRV1, host_name=ehr1.hospital.example
             dpkg: host_name=EHR1.hospital.example",
            "SRV1: 1+2 host name with domain",
        );
    }

    #[test]
    fn the_order_of_the_claims_changes_nothing() {
        let mut claims = claims(
            "cmms: asset_id=A1, mac=00:1b:21:00:00:01, manufacturer=X, model=Y, serial=S100
             scan: mac=00:1b:21:00:00:01, mac=00:1b:21:00:00:02
             sbom: serial=S100, manufacturer=x, model=y
             wifi: mac=00:1b:21:00:00:02, ip=10.0.0.9",
        );
        let members = |claims: &[Claim]| {
            let identified = identify(claims, &People::default());
            let keys = |asset: &Asset| {
                asset.claims(claims).map(|claim| claim.sheet.key.clone()).collect::<Vec<_>>()
            };
            identified
                .assets
                .iter()
                .map(|asset| (asset.id.clone(), keys(asset)))
                .collect::<Vec<_>>()
        };
        let straight = members(&claims);
        claims.reverse();
        assert_eq!(members(&claims), straight);
        assert_eq!(straight.len(), 1);
    }

    #[test]
    fn an_asset_keeps_its_name_when_a_source_corrects_a_row() {
        let mut claims = claims(
            "scan: mac=00:1b:21:00:00:01
             wifi: mac=00:1b:21:00:00:01",
        );
        assert_eq!(identify(&claims, &People::default()).assets[0].id, "scan:1");
        claims[0].recorded_at = jiff::Timestamp::from_second(100).unwrap();
        assert_eq!(
            identify(&claims, &People::default()).assets[0].id,
            "scan:1",
            "a later word is no later arrival"
        );
    }

    #[test]
    fn an_asset_is_missed_until_anyone_sees_it_again() {
        let since = |text: &str| {
            let claims = claims(text);
            let identified = identify(&claims, &People::default());
            identified.assets[0].not_seen_since(&claims).map(jiff::Timestamp::as_second)
        };
        let (seen, missed) = ("scan: asset_id=A1", "cmms: asset_id=A1, lifecycle=not seen");
        assert_eq!(since(seen), None);
        assert_eq!(since(&format!("{seen}\n{missed}")), Some(2));
        assert_eq!(since(&format!("{missed}\n{seen}")), None);
    }

    #[test]
    fn a_conflict_shows_every_value_with_the_latest_first() {
        let claims = claims(
            "cmms: asset_id=A1, location=Ward 3
             nac: asset_id=A1, location=ICU",
        );
        let identified = identify(&claims, &People::default());
        let said = identified.assets[0].said(&claims, Attribute::Location);
        assert_eq!(
            said.iter().map(|it| (it.value, it.source)).collect::<Vec<_>>(),
            [("ICU", "nac"), ("Ward 3", "cmms")]
        );
    }
}
