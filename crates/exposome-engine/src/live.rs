//! A site that is kept up to date: what a fact changes is worked out again, nothing else.
//!
//! A claim that changes is identified again together with all that share a key with it; the things that come of
//! them are described and judged anew, and so are the gateways they send to and whatever lies in a network of
//! which a zone sheet speaks.  A person's word is looked for where it applies.  What becomes of it all equals
//! what [`crate::assess::examine`] and a [`Board`] say of the same facts.
//!
//! The order of exposures is kept in *layers*.  The lowest is the board of the whole site; each change lays above
//! it a board of the things and vulnerabilities it touches, and an exposure stands in the uppermost layer that
//! speaks of its thing or of its vulnerability.  Many layers make asking slower, until [`Live::settle`] makes one
//! of them.

use crate::assess::{
    Assessment, AssetState, BillKey, Cohort, JudgedBill, Rules, category_of, cohorts, day_of,
    fed_by, judge, pairs, passes_on, state, with_people,
};
use crate::board::Board;
use crate::decide::Decision;
use crate::deferral::Deferred;
use crate::desk::Desk;
use crate::identify::{Asset, Demoted, Identified, KeyKind, identify_among, keys};
use crate::people::{People, covers, names, target};
use crate::prioritise::number;
use crate::setting::{Reach, Served, Zones};
use crate::threat::{EpssEdition, EpssPast, EpssScore, Threat, Threats};
use crate::worklist::Rank;
use crate::world::{Sight, World};
use exposome_model::claim::Claim;
use exposome_model::event::{Anchor, Change, Recorded, Scope, Target};
use exposome_model::exposure::{Confidence, Judgement, Verdict};
use exposome_model::inventory::{Attribute, Sheet};
use exposome_model::network::Network;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;

/// From so many vulnerabilities on it takes less time to put everything in order again.
const MANY: usize = 10_000;

#[derive(Debug)]
pub struct Live {
    rules: Arc<Rules>,
    as_of: Timestamp,
    sight: Sight,
    world: World,
    people: People,
    claims: Vec<Claim>,
    numbers: HashMap<Anchor, u32>,
    /// Key -> claims.
    with_key: Index<(KeyKind, String)>,
    zones: Zones,
    of_zones: BTreeSet<u32>,
    /// Claim -> thing.
    thing_of: Vec<Option<u32>>,
    things: Vec<Option<Thing>>,
    free_things: Vec<u32>,
    demoted: BTreeMap<(KeyKind, String), Demoted>,
    /// Name -> things that send to what is called so.
    senders: Index<String>,
    /// Name -> things that are called so and pass on what others send.
    receivers: Index<String>,
    at: Index<IpAddr>,
    in_vlan: Index<String>,
    bills: Vec<Arc<JudgedBill>>,
    kept: Vec<Kept>,
    bill_numbers: BTreeMap<BillKey, u32>,
    free_bills: Vec<u32>,
    /// Vulnerability in small letters -> bills, and the places of the judgements there.
    with_cause: Index<String, (u32, u32)>,
    /// None where nobody asks for an order ([`Live::without_order`]).
    layers: Vec<Board>,
    has_order: bool,
    /// The uppermost layer that speaks of a thing, and of a vulnerability; the lowest where none is named.
    layer_of_thing: HashMap<u32, usize>,
    layer_of_cause: HashMap<String, usize>,
}

/// An asset, and the names under which others find it.
#[derive(Debug)]
struct Thing {
    state: AssetState,
    sends_to: Vec<String>,
    passes_on: Vec<String>,
    addresses: Vec<IpAddr>,
    vlans: Vec<String>,
}

/// What is kept of a bill beside its judgements.
#[derive(Debug, Default)]
struct Kept {
    key: BillKey,
    things: BTreeSet<u32>,
    /// How many of the judgements documents make; people know of those behind them.
    heard: usize,
    /// What documents say, by the places of judgements on which people have said otherwise, ascending.
    by_documents: Vec<(usize, Overruled)>,
}

impl Kept {
    /// Where it is kept what documents say of an overruled judgement, or where it would be.
    fn overruled(&self, place: usize) -> Result<usize, usize> {
        self.by_documents.binary_search_by_key(&place, |it| it.0)
    }
}

/// What people's words took the place of in a judgement: copying all of it would cost more than judging.
#[derive(Debug, Clone)]
struct Overruled {
    verdict: Verdict,
    confidence: Confidence,
    missing_fact: Option<String>,
    /// How many pieces of evidence the documents gave; people's stand before them.
    evidence: usize,
}

impl Overruled {
    /// What a judgement says before people speak.
    fn of(judgement: &Judgement) -> Overruled {
        Overruled {
            verdict: judgement.verdict,
            confidence: judgement.confidence,
            missing_fact: judgement.missing_fact.clone(),
            evidence: judgement.evidence.len(),
        }
    }

    /// Makes of a judgement what documents alone say.
    fn restore(self, judgement: &mut Judgement) {
        judgement.verdict = self.verdict;
        judgement.confidence = self.confidence;
        judgement.missing_fact = self.missing_fact;
        let of_people = judgement.evidence.len().saturating_sub(self.evidence);
        judgement.evidence.drain(..of_people);
    }
}

/// One exposure, where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Stands<'a> {
    pub rank: Rank,
    pub asset: &'a AssetState,
    pub judgement: &'a Judgement,
    pub decision: &'a Decision,
}

/// What is to be laid anew.
#[derive(Debug, Default)]
struct Region {
    things: BTreeSet<u32>,
    causes: BTreeSet<String>,
}

impl Live {
    pub fn of(
        claims: Vec<Claim>,
        people: People,
        world: World,
        rules: Arc<Rules>,
        at: (Timestamp, Sight),
    ) -> Live {
        let mut live = Live::empty(people, world, rules, (at, true));
        live.begin(claims);
        live
    }

    /// The same, without keeping exposures in their order: for whoever has desks made of it.
    pub fn without_order(
        claims: Vec<Claim>,
        people: People,
        world: World,
        rules: Arc<Rules>,
        at: (Timestamp, Sight),
    ) -> Live {
        let mut live = Live::empty(people, world, rules, (at, false));
        live.begin(claims);
        live
    }

    fn begin(&mut self, claims: Vec<Claim>) {
        let numbers: BTreeSet<u32> = claims.into_iter().map(|claim| self.put(claim)).collect();
        self.zones = self.zones_now();
        self.identify_again(&numbers, &[]);
        self.settle();
    }

    fn empty(
        people: People,
        world: World,
        rules: Arc<Rules>,
        ((as_of, sight), has_order): ((Timestamp, Sight), bool),
    ) -> Live {
        Live {
            rules,
            as_of,
            sight,
            world,
            people,
            thing_of: Vec::new(),
            claims: Vec::new(),
            numbers: HashMap::new(),
            with_key: Index::default(),
            zones: Zones::default(),
            of_zones: BTreeSet::new(),
            things: Vec::new(),
            free_things: Vec::new(),
            demoted: BTreeMap::new(),
            senders: Index::default(),
            receivers: Index::default(),
            at: Index::default(),
            in_vlan: Index::default(),
            bills: Vec::new(),
            kept: Vec::new(),
            bill_numbers: BTreeMap::new(),
            free_bills: Vec::new(),
            with_cause: Index::default(),
            layers: Vec::new(),
            has_order,
            layer_of_thing: HashMap::new(),
            layer_of_cause: HashMap::new(),
        }
    }

    /// Inventories say something new: the present word of each source on each subject.
    pub fn hear_claims(&mut self, claims: Vec<Claim>) {
        let mut around = BTreeSet::new();
        let mut speak_of_zones: Vec<Sheet> = Vec::new();
        for claim in claims {
            let before = self.numbers.get(&Anchor::of(&claim)).copied();
            if let Some(number) = before {
                around.extend(self.sharing_a_key_with(number));
                speak_of_zones.extend(self.zone_sheet(number));
            }
            let number = self.put(claim);
            around.insert(number);
            speak_of_zones.extend(self.zone_sheet(number));
        }
        if !speak_of_zones.is_empty() {
            self.zones = self.zones_now();
        }
        let region = self.identify_again(&around, &speak_of_zones);
        self.lay(&region);
    }

    /// Somebody has decided something.
    pub fn hear_event(&mut self, event: &Recorded) {
        let before = self.people.words.clone();
        self.people.hear(event);
        let now = &self.people.words;
        let gone = before.iter().filter(|(number, _)| !now.contains_key(number));
        let come = now.iter().filter(|(number, _)| !before.contains_key(number));
        let changes: Vec<Change> = gone.chain(come).map(|(_, word)| word.change.clone()).collect();
        let mut around: Vec<&Anchor> = Vec::new();
        let mut wide: Vec<(&Target, bool)> = Vec::new();
        for change in &changes {
            match change {
                Change::Merge { one, other } => around.extend([one, other]),
                Change::Split { claim, from } => around.extend(from.iter().chain([claim])),
                Change::Category { asset, .. } => around.push(asset),
                // Of another policy whoever keeps the site brings the rules with it ([`Live::hear_rules`]).
                Change::Verdict { .. }
                | Change::Defer { .. }
                | Change::Policy { .. }
                | Change::TakeBack { .. } => {}
            }
            let Some(on) = target(change) else { continue };
            let exposes = |verdict: &Verdict| *verdict != Verdict::NotAffected;
            let is_exposing = matches!(change, Change::Verdict { verdict, .. } if exposes(verdict));
            match &on.scope {
                Scope::Asset(anchor) => around.push(anchor),
                Scope::Site | Scope::Product { .. } => wide.push((on, is_exposing)),
            }
        }
        let around = around.into_iter().filter_map(|it| self.numbers.get(it).copied()).collect();
        let mut region = self.identify_again(&around, &[]);
        for on in wide {
            self.judge_where(on, &mut region);
        }
        self.lay(&region);
    }

    /// What is known of a vulnerability, but for which products have it, is something else now.
    pub fn hear_threat(&mut self, vulnerability: &str, threat: Option<Threat>) {
        self.world.threats.replace(vulnerability, threat);
        let causes = BTreeSet::from([vulnerability.to_owned()]);
        self.lay(&Region { causes, ..Region::default() });
    }

    /// What is known of vulnerabilities is something else now, scores and lists; which products have them is not.
    pub fn hear_threats(&mut self, threats: Threats) {
        let causes: BTreeSet<String> =
            threats.other_than(&self.world.threats).into_iter().collect();
        let is_same_day = threats.epss_edition() == self.world.threats.epss_edition();
        self.world.threats = threats;
        if is_same_day && causes.len() < MANY {
            self.lay(&Region { causes, ..Region::default() });
        } else {
            self.settle();
        }
    }

    /// Feeds are of these days.
    pub fn hear_feed_dates(&mut self, dates: BTreeMap<String, Timestamp>) {
        self.world.feed_dates = dates;
    }

    /// A new day of scores.
    pub fn hear_scores(
        &mut self,
        edition: EpssEdition,
        score_of: impl Fn(&str) -> Option<EpssScore>,
        past: EpssPast,
    ) {
        self.world.threats.score(edition, score_of);
        self.world.threats.remember(past);
        self.settle();
    }

    /// Time has passed.
    pub fn hear_clock(&mut self, as_of: Timestamp, sight: Sight) {
        let before = std::mem::replace(&mut self.as_of, as_of);
        self.sight = sight;
        if day_of(before) != day_of(as_of) {
            self.judge_all(|live, bill, documents| {
                // Support ends with a day; what the catalogue says stays.
                let components = &live.bills.get(bill)?.components;
                let of_support = |it: &Judgement| crate::checks::by_id(&it.vulnerability).is_some();
                documents.retain(|it| !of_support(it));
                documents.extend(live.world.support.judge(components, day_of(as_of)));
                Some(())
            });
        }
        self.settle();
    }

    /// Documents say something new of products: every bill is judged again.
    pub fn hear_world(&mut self, world: World) {
        self.world = world;
        self.judge_all(|live, bill, documents| {
            let components = &live.bills.get(bill)?.components;
            *documents = judge(&live.world, components, day_of(live.as_of));
            Some(())
        });
        self.settle();
    }

    /// Other rules are in force.
    pub fn hear_rules(&mut self, rules: Arc<Rules>) {
        self.rules = rules;
        let all = (0..number(self.claims.len())).collect();
        self.identify_again(&all, &[]);
        self.settle();
    }

    /// Makes one layer of all.
    pub fn settle(&mut self) {
        if !self.has_order {
            return;
        }
        let states =
            (0..).zip(&self.things).filter_map(|(number, it)| Some((number, &it.as_ref()?.state)));
        let cohorts = cohorts(states);
        let pairs = pairs(&self.bills, &cohorts);
        let mut board = Board::of(&self.bills, &cohorts, pairs);
        self.prioritise(&mut board);
        self.layers = vec![board];
        self.layer_of_thing.clear();
        self.layer_of_cause.clear();
    }

    /// Everything as it stands, decided, as [`crate::assess::assess`] says it: assets by site and id, bills in the
    /// order of the assets that have them.  What is large is shared.
    pub fn assessment(&self) -> Assessment {
        let mut assets: Vec<AssetState> = self.assets().cloned().collect();
        // What was split may go by one id still: then the sources and their keys tell.
        let words = |it: &AssetState| it.asset.claims(&self.claims).map(Anchor::of).min();
        assets.sort_by(|a, b| {
            let ids = (&a.asset.site, &a.asset.id).cmp(&(&b.asset.site, &b.asset.id));
            ids.then_with(|| words(a).cmp(&words(b)))
        });
        let mut numbers: HashMap<u32, u32> = HashMap::new();
        let mut bills: Vec<Arc<JudgedBill>> = Vec::new();
        for state in &mut assets {
            let bill = &mut state.alike.bill;
            *bill = *numbers.entry(*bill).or_insert_with(|| {
                bills.extend(self.bills.get(*bill as usize).cloned());
                number(bills.len() - 1)
            });
        }
        let cohorts = cohorts((0..).zip(&assets));
        let mut assessment = Assessment {
            as_of: self.as_of,
            assets,
            bills,
            cohorts,
            decisions: Vec::new(),
            exposures: Vec::new(),
            demoted: self.demoted.values().cloned().collect(),
        };
        assessment.decide(&self.world.threats, self.sight, &self.rules);
        assessment
    }

    /// What a list of everything is asked of.
    pub fn desk(&self) -> Desk {
        Desk::of(self.assessment(), &self.claims, &self.world, self.sight, &self.rules)
    }

    pub fn people(&self) -> &People {
        &self.people
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    /// The moment for which it holds.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// How many layers there are.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// How many exposures the lowest layer holds.
    pub fn settled(&self) -> usize {
        self.layers.first().map_or(0, Board::len)
    }

    pub fn assets(&self) -> impl Iterator<Item = &AssetState> {
        self.things.iter().flatten().map(|thing| &thing.state)
    }

    pub fn bill(&self, of: &AssetState) -> Option<&JudgedBill> {
        self.bills.get(of.alike.bill as usize).map(Arc::as_ref)
    }

    pub fn threat(&self, vulnerability: &str) -> Option<&Threat> {
        self.world.threats.get(vulnerability)
    }

    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    pub fn demoted(&self) -> impl Iterator<Item = &Demoted> {
        self.demoted.values()
    }

    /// The first so many exposures: by rank, then by vulnerability, then by the asset's id.
    pub fn first(&self, count: usize) -> Vec<Stands<'_>> {
        let mut first = Vec::new();
        for (number, board) in self.layers.iter().enumerate() {
            // What is here was laid here: it stands unless a later layer speaks of it.
            let is_last = |layer: Option<&usize>| layer.is_none_or(|layer| *layer <= number);
            let entries = board.first_where(
                count,
                |vulnerability| is_last(self.layer_of_cause.get(vulnerability)),
                |thing| is_last(self.layer_of_thing.get(&thing)),
            );
            first.extend(entries.into_iter().filter_map(|entry| {
                let asset = &self.things.get(entry.asset as usize)?.as_ref()?.state;
                Some((board.rank(entry)?, board.vulnerability(entry)?, asset, board, entry))
            }));
        }
        first.sort_by_key(|&(rank, vulnerability, asset, ..)| {
            (rank, vulnerability, asset.asset.id.as_str())
        });
        let stands = first.into_iter().take(count).filter_map(|(rank, _, asset, board, entry)| {
            let bill = self.bill(asset)?;
            let judgement = bill.judgements.get(board.judgement(entry, bill)? as usize)?;
            Some(Stands { rank, asset, judgement, decision: board.decision(entry)? })
        });
        stands.collect()
    }

    /// Takes a claim in, in place of the source's earlier word.
    fn put(&mut self, claim: Claim) -> u32 {
        let next = number(self.claims.len());
        let number = *self.numbers.entry(Anchor::of(&claim)).or_insert(next);
        if let Some(before) = self.claims.get(number as usize) {
            for key in keys_of(before) {
                self.with_key.remove(&key, &number);
                self.demoted.remove(&key);
            }
        }
        for key in keys_of(&claim) {
            self.with_key.add(key, number);
        }
        if claim.sheet.is_of_a_zone() {
            self.of_zones.insert(number);
        } else {
            self.of_zones.remove(&number);
        }
        match self.claims.get_mut(number as usize) {
            Some(slot) => *slot = claim,
            None => self.claims.push(claim),
        }
        self.thing_of.resize(self.claims.len(), None);
        number
    }

    fn zone_sheet(&self, claim: u32) -> Option<Sheet> {
        let claim = self.claims.get(claim as usize)?;
        claim.sheet.is_of_a_zone().then(|| claim.sheet.clone())
    }

    fn zones_now(&self) -> Zones {
        let claim = |&number: &u32| Some((number, self.claims.get(number as usize)?));
        Zones::of(self.of_zones.iter().filter_map(claim))
    }

    fn sharing_a_key_with(&self, claim: u32) -> Vec<u32> {
        let keys = self.claims.get(claim as usize).map(keys_of).unwrap_or_default();
        let sharing = keys.iter().flat_map(|key| self.with_key.get(key));
        sharing.copied().chain([claim]).collect()
    }

    /// Some claims with everything that hangs together with them: by a key, by a person's word, or until now.
    fn hanging_together(&self, claims: &BTreeSet<u32>) -> BTreeSet<u32> {
        let place = |of: &Anchor| self.numbers.get(of).copied();
        let merges = self.people.merges().filter_map(|(a, b)| Some([place(a)?, place(b)?]));
        let merges: Vec<[u32; 2]> = merges.collect();
        let mut together = BTreeSet::new();
        let mut next: Vec<u32> = claims.iter().copied().collect();
        while let Some(claim) = next.pop() {
            if !together.insert(claim) {
                continue;
            }
            next.extend(self.sharing_a_key_with(claim));
            next.extend(merges.iter().filter(|pair| pair.contains(&claim)).flatten());
            let thing = self.thing_of.get(claim as usize).copied().flatten();
            let thing = thing.and_then(|it| self.things.get(it as usize)?.as_ref());
            next.extend(thing.into_iter().flat_map(|thing| &thing.state.asset.claims));
        }
        together
    }

    /// Works out anew who is there behind some claims, and what that changes for others.
    fn identify_again(&mut self, claims: &BTreeSet<u32>, zones: &[Sheet]) -> Region {
        let together = self.hanging_together(claims);
        let mut region = Region::default();
        let mut sent_to: BTreeSet<String> = BTreeSet::new();
        let mut places: HashMap<String, u32> = HashMap::new();
        for &claim in &together {
            let slot = self.thing_of.get_mut(claim as usize);
            let Some(number) = slot.and_then(Option::take) else { continue };
            if let Some(thing) = self.leave(number) {
                region.things.insert(number);
                sent_to.extend(thing.sends_to);
                places.insert(thing.state.asset.id, number);
            }
        }
        let of_claims = together.iter().filter_map(|&it| self.claims.get(it as usize));
        let told: Vec<(KeyKind, String)> = of_claims.flat_map(keys_of).collect();
        for key in told {
            self.demoted.remove(&key);
        }
        let Identified { assets, demoted } =
            identify_among(&self.claims, together.into_iter(), &self.people);
        for it in demoted {
            self.demoted.insert((it.kind, it.key.clone()), it);
        }
        let mut entered = Vec::new();
        for asset in assets {
            let place = places.remove(&asset.id);
            entered.push((asset, place));
        }
        self.free_things.extend(places.into_values());
        for (asset, place) in entered {
            let number = self.enter(asset, place);
            region.things.insert(number);
            let thing = self.things.get(number as usize).and_then(Option::as_ref);
            sent_to.extend(thing.into_iter().flat_map(|it| it.sends_to.iter().cloned()));
        }
        let mut around: BTreeSet<u32> = region.things.clone();
        around.extend(sent_to.iter().flat_map(|name| self.receivers.get(name)));
        around.extend(zones.iter().flat_map(|sheet| self.lying_in(sheet)));
        for number in around {
            if self.describe(number) {
                region.things.insert(number);
            }
        }
        self.free_unused_bills();
        region
    }

    /// The things in the networks of which a zone sheet speaks.
    fn lying_in(&self, sheet: &Sheet) -> Vec<u32> {
        let networks = sheet.all(Attribute::Subnet).filter_map(|it| it.parse::<Network>().ok());
        let networks: Vec<Network> = networks.collect();
        let lies = |address: &IpAddr| networks.iter().any(|network| network.contains(*address));
        let by_address = self.at.0.iter().filter(|(address, _)| lies(address));
        let by_vlan = sheet.all(Attribute::Vlan).flat_map(|vlan| self.in_vlan.get(&called(vlan)));
        by_address.flat_map(|(_, things)| things).chain(by_vlan).copied().collect()
    }

    /// Takes a thing out of everything but its bill, which somebody may want at once.
    fn leave(&mut self, number: u32) -> Option<Thing> {
        let thing = self.things.get_mut(number as usize)?.take()?;
        for name in &thing.sends_to {
            self.senders.remove(name, &number);
        }
        for name in &thing.passes_on {
            self.receivers.remove(name, &number);
        }
        for address in &thing.addresses {
            self.at.remove(address, &number);
        }
        for vlan in &thing.vlans {
            self.in_vlan.remove(vlan, &number);
        }
        if let Some(bill) = self.kept.get_mut(thing.state.alike.bill as usize) {
            bill.things.remove(&number);
        }
        Some(thing)
    }

    /// Takes a thing in, not described yet.
    fn enter(&mut self, asset: Asset, place: Option<u32>) -> u32 {
        let free = place.or_else(|| self.free_things.pop());
        let number = free.unwrap_or_else(|| {
            self.things.push(None);
            number(self.things.len() - 1)
        });
        for &claim in &asset.claims {
            if let Some(slot) = self.thing_of.get_mut(claim as usize) {
                *slot = Some(number);
            }
        }
        let claims = self.claims.as_slice();
        let said = |attribute| asset.claims(claims).flat_map(move |it| it.sheet.all(attribute));
        let category = category_of(&asset, claims, &self.people, &self.rules);
        let sends_to = fed_by(&asset, claims);
        let passes_on = passes_on(&asset, claims, &self.people, &self.rules);
        let addresses = said(Attribute::Ip).filter_map(|it| it.parse().ok()).collect();
        let vlans = said(Attribute::Vlan).map(called).collect();
        let nowhere = Reach::default();
        let state =
            state(asset, claims, &self.rules, (category, Served::default(), nowhere), u32::MAX);
        let thing = Thing { state, sends_to, passes_on, addresses, vlans };
        for name in &thing.sends_to {
            self.senders.add(name.clone(), number);
        }
        for name in &thing.passes_on {
            self.receivers.add(name.clone(), number);
        }
        for address in &thing.addresses {
            self.at.add(*address, number);
        }
        for vlan in &thing.vlans {
            self.in_vlan.add(vlan.clone(), number);
        }
        if let Some(slot) = self.things.get_mut(number as usize) {
            *slot = Some(thing);
        }
        number
    }

    /// Says anew of a thing what decisions hang on; whether that is something else now.
    fn describe(&mut self, number: u32) -> bool {
        let rules = Arc::clone(&self.rules);
        let Some(Some(thing)) = self.things.get(number as usize) else { return false };
        let asset = thing.state.asset.clone();
        let reach = Reach::of(&asset, &self.claims, &self.zones);
        let key = BillKey {
            components: asset.bill(&self.claims),
            decided: self.people.about(&asset, &self.claims),
            open_since: reach.open_since,
        };
        let senders = thing.passes_on.iter().flat_map(|name| self.senders.get(name));
        let senders = senders.filter_map(|&it| self.things.get(it as usize)?.as_ref());
        let category = |it: &Thing| rules.categories.by_code(it.state.category.as_deref()?);
        let needs =
            senders.map(|it| Served::by(category(it))).fold(Served::default(), Served::join);
        let ground = (category(thing), needs, reach);
        let before = (thing.state.alike, thing.state.zones.clone());
        let bill = self.bill_for(key);
        let state = state(asset, &self.claims, &rules, ground, bill);
        if let Some(kept) = self.kept.get_mut(before.0.bill as usize) {
            kept.things.remove(&number);
        }
        if let Some(kept) = self.kept.get_mut(bill as usize) {
            kept.things.insert(number);
        }
        let changed = (state.alike, state.zones.clone()) != before;
        if let Some(Some(thing)) = self.things.get_mut(number as usize) {
            thing.state = state;
        }
        changed
    }

    /// The bill of what is installed, judged if it is new.
    fn bill_for(&mut self, key: BillKey) -> u32 {
        if let Some(bill) = self.bill_numbers.get(&key) {
            return *bill;
        }
        let number = self.free_bills.pop().unwrap_or_else(|| {
            self.bills.push(Arc::default());
            self.kept.push(Kept::default());
            number(self.bills.len() - 1)
        });
        self.bill_numbers.insert(key.clone(), number);
        let documents = judge(&self.world, &key.components, day_of(self.as_of));
        if let Some(kept) = self.kept.get_mut(number as usize) {
            *kept = Kept { key, ..Kept::default() };
        }
        self.judge_bill(number, documents);
        number
    }

    /// Puts what documents say of a bill and what people say over it in the place of what was judged before.
    fn judge_bill(&mut self, number: u32, documents: Vec<Judgement>) {
        let place = number as usize;
        let Some(kept) = self.kept.get_mut(place) else { return };
        let (key, day) = (kept.key.clone(), day_of(self.as_of));
        kept.heard = documents.len();
        kept.by_documents.clear();
        for (place, judgement) in documents.iter().enumerate() {
            let component = key.components.get(judgement.component as usize);
            if component.is_some_and(|it| self.people.overrule(it, &key.decided, judgement, day)) {
                kept.by_documents.push((place, Overruled::of(judgement)));
            }
        }
        let judged = with_people(key, documents, &self.people, day);
        let Some(slot) = self.bills.get_mut(place) else { return };
        let before = std::mem::replace(slot, Arc::new(judged));
        for (place, judgement) in (0..).zip(&before.judgements) {
            self.with_cause.remove(&small(&judgement.vulnerability), &(number, place));
        }
        for (place, judgement) in (0..).zip(&slot.judgements) {
            self.with_cause.add(small(&judgement.vulnerability), (number, place));
        }
    }

    /// What documents say of a bill.
    fn documents_of(&self, number: u32) -> Vec<Judgement> {
        let (Some(kept), Some(bill)) =
            (self.kept.get(number as usize), self.bills.get(number as usize))
        else {
            return Vec::new();
        };
        let judgements = bill.judgements.iter().take(kept.heard).enumerate();
        let of_documents = judgements.map(|(place, judged)| {
            let mut judgement = judged.clone();
            if let Ok(found) = kept.overruled(place)
                && let Some((_, by_documents)) = kept.by_documents.get(found)
            {
                by_documents.clone().restore(&mut judgement);
            }
            judgement
        });
        of_documents.collect()
    }

    /// Judges some judgements of a bill again, all those on one vulnerability, if they are the documents' own; `words`
    /// are what people say of it.
    fn judge_places(&mut self, number: u32, places: &[(u32, u32)], words: &People) -> bool {
        let day = day_of(self.as_of);
        let (Some(kept), Some(bill)) =
            (self.kept.get_mut(number as usize), self.bills.get_mut(number as usize))
        else {
            return false;
        };
        if places.last().is_none_or(|last| last.1 as usize >= kept.heard) {
            return false;
        }
        let bill = Arc::make_mut(bill);
        let BillKey { components, decided, open_since } = &kept.key;
        for &(_, at) in places {
            let place = at as usize;
            let Some(judgement) = bill.judgements.get_mut(place) else { continue };
            let found = kept.overruled(place);
            if let Ok(found) = found {
                kept.by_documents.remove(found).1.restore(judgement);
            }
            let by_documents = Overruled::of(judgement);
            let deferred = words.judge_one(components, decided, (at, judgement), day);
            if judgement.evidence.len() > by_documents.evidence {
                let (Ok(found) | Err(found)) = found;
                kept.by_documents.insert(found, (place, by_documents));
            }
            let deferred =
                deferred.into_iter().map(|it| Deferred { open_since: *open_since, ..it });
            bill.deferred.retain(|it| it.judgement != at);
            bill.deferred.extend(deferred);
        }
        bill.deferred.sort_by_key(|it| Reverse((it.judgement, it.number)));
        true
    }

    /// Judges every bill again, after what documents say of it has been changed.
    fn judge_all(&mut self, change: impl Fn(&Live, usize, &mut Vec<Judgement>) -> Option<()>) {
        let used: Vec<u32> = self.bill_numbers.values().copied().collect();
        for number in used {
            let mut documents = self.documents_of(number);
            if change(self, number as usize, &mut documents).is_some() {
                self.judge_bill(number, documents);
            }
        }
    }

    /// Judges again what a word about more than one thing can be about.
    fn judge_where(&mut self, (on, is_exposing): (&Target, bool), region: &mut Region) {
        let cause = &on.vulnerability;
        region.causes.insert(cause.clone());
        let spoken_of = self.with_cause.get(&small(cause)).to_vec();
        let judgement = |&(bill, place): &(u32, u32)| {
            self.bills.get(bill as usize)?.judgements.get(place as usize)
        };
        let written = spoken_of.iter().filter_map(judgement).map(|it| &it.vulnerability);
        region.causes.extend(written.filter(|it| *it != cause).cloned());
        let of_bills =
            spoken_of.chunk_by(|a, b| a.0 == b.0).filter_map(|it| Some((it.first()?.0, it)));
        let mut bills: Vec<(u32, &[(u32, u32)])> = of_bills.collect();
        if is_exposing {
            // Of what no document speaks it may be said of whatever the word covers.
            let speaks = |number| bills.binary_search_by_key(&number, |it| it.0).is_ok();
            let covered = self.bill_numbers.iter().filter(|(key, number)| {
                let mut components = key.components.iter();
                !speaks(**number) && components.any(|it| covers(&on.scope, it) && names(on, it))
            });
            let unheard: Vec<u32> = covered.map(|(_, number)| *number).collect();
            bills.extend(unheard.into_iter().map(|number| (number, &[][..])));
        }
        let words = self.people.about_cause(cause);
        for (number, places) in bills {
            if self.judge_places(number, places, &words) {
                continue;
            }
            let count = |live: &Live| live.bills.get(number as usize).map(|it| it.judgements.len());
            let before = count(self);
            let documents = self.documents_of(number);
            self.judge_bill(number, documents);
            if count(self) != before {
                // The judgements behind it have moved up or down.
                let things = self.kept.get(number as usize).map(|it| &it.things);
                region.things.extend(things.into_iter().flatten());
            }
        }
    }

    fn free_unused_bills(&mut self) {
        let unused: Vec<u32> = self
            .bill_numbers
            .values()
            .copied()
            .filter(|&it| self.kept.get(it as usize).is_some_and(|it| it.things.is_empty()))
            .collect();
        for number in unused {
            let (Some(kept), Some(bill)) =
                (self.kept.get_mut(number as usize), self.bills.get_mut(number as usize))
            else {
                continue;
            };
            self.bill_numbers.remove(&std::mem::take(kept).key);
            for (place, judgement) in (0..).zip(&std::mem::take(bill).judgements) {
                self.with_cause.remove(&small(&judgement.vulnerability), &(number, place));
            }
            self.free_bills.push(number);
        }
    }

    /// Lays a board of what has changed above the others.
    fn lay(&mut self, region: &Region) {
        if !self.has_order {
            return;
        }
        let states = region
            .things
            .iter()
            .filter_map(|&it| Some((it, &self.things.get(it as usize)?.as_ref()?.state)));
        let mut cohorts = cohorts(states);
        let mut pairs: Vec<(u32, u32)> = pairs(&self.bills, &cohorts).collect();
        for cause in &region.causes {
            for of_bill in self.with_cause.get(&small(cause)).chunk_by(|a, b| a.0 == b.0) {
                self.lay_cause((cause, of_bill), region, (&mut cohorts, &mut pairs));
            }
        }
        let mut board = Board::of(&self.bills, &cohorts, pairs.iter().copied());
        self.prioritise(&mut board);
        let layer = self.layers.len();
        self.layers.push(board);
        self.layer_of_thing.extend(region.things.iter().map(|&it| (it, layer)));
        self.layer_of_cause.extend(region.causes.iter().map(|it| (it.clone(), layer)));
    }

    /// One vulnerability on the things that have a bill, but those that are laid whole.
    fn lay_cause(
        &self,
        (cause, of_bill): (&str, &[(u32, u32)]),
        region: &Region,
        (all, pairs): (&mut Vec<Cohort>, &mut Vec<(u32, u32)>),
    ) {
        let at = of_bill.first().map_or(usize::MAX, |it| it.0 as usize);
        let (Some(kept), Some(judged)) = (self.kept.get(at), self.bills.get(at)) else { return };
        let exposing: Vec<u32> = of_bill
            .iter()
            .map(|(_, judgement)| *judgement)
            .filter(|judgement| {
                let judgement = judged.judgements.get(*judgement as usize);
                judgement.is_some_and(|it| {
                    it.verdict != Verdict::NotAffected && it.vulnerability == cause
                })
            })
            .collect();
        if exposing.is_empty() {
            return;
        }
        let others = kept.things.iter().filter(|it| !region.things.contains(it));
        let states =
            others.filter_map(|&it| Some((it, &self.things.get(it as usize)?.as_ref()?.state)));
        for cohort in cohorts(states) {
            let place = number(all.len());
            pairs.extend(exposing.iter().map(|judgement| (place, *judgement)));
            all.push(cohort);
        }
    }

    fn prioritise(&self, board: &mut Board) {
        let bills = (self.bills.as_slice(), self.as_of);
        board.prioritise(bills, &self.world.threats, self.sight, &self.rules);
    }
}

fn called(name: &str) -> String {
    name.trim().to_lowercase()
}

/// People may write an id in capitals or not.
fn small(vulnerability: &str) -> String {
    vulnerability.to_ascii_lowercase()
}

fn keys_of(claim: &Claim) -> Vec<(KeyKind, String)> {
    let of_kind = |kind| keys(claim, kind).into_iter().map(move |key| (kind, key));
    KeyKind::ALL.into_iter().flat_map(of_kind).collect()
}

/// Who is found under what, ascending.
#[derive(Debug)]
struct Index<K, V = u32>(HashMap<K, Vec<V>>);

impl<K, V> Default for Index<K, V> {
    fn default() -> Index<K, V> {
        Index(HashMap::new())
    }
}

impl<K: Hash + Eq, V: Ord> Index<K, V> {
    fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> &[V]
    where
        K: std::borrow::Borrow<Q>,
    {
        self.0.get(key).map_or(&[][..], Vec::as_slice)
    }

    fn add(&mut self, key: K, number: V) {
        let numbers = self.0.entry(key).or_default();
        if let Err(place) = numbers.binary_search(&number) {
            numbers.insert(place, number);
        }
    }

    fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q, number: &V)
    where
        K: std::borrow::Borrow<Q>,
    {
        let Some(numbers) = self.0.get_mut(key) else { return };
        if let Ok(place) = numbers.binary_search(number) {
            numbers.remove(place);
        }
        if numbers.is_empty() {
            self.0.remove(key);
        }
    }
}
