//! A site kept up to date is the site assessed anew, whatever happens and in whatever order.

use crate::ground::{edition, listed, rules};
use crate::site::Random;
use exposome_engine::assess::{AssetState, JudgedBill, Rules, examine};
use exposome_engine::board::Board;
use exposome_engine::decide::Policy;
use exposome_engine::desk::fields::Name;
use exposome_engine::desk::{Desk, Sort, Sorted, Within};
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::live::Live;
use exposome_engine::people::People;
use exposome_engine::predicate::Predicate;
use exposome_engine::threat::{EpssDay, EpssPast, EpssScore};
use exposome_engine::world::{Fresh, Sight, World};
use exposome_model::claim::Claim;
use exposome_model::event::{
    Actor, Anchor, Change, Event, Recorded, Role, Scope, Seen, Target, Wire, Wires,
};
use exposome_model::exposure::Verdict;
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, Bound, ExploitEntry, Product, Record, Severity, Statement, Status,
    SupportCycle, SupportEnd, VersionRow, Versions,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SOURCES: [&str; 3] = ["cmms", "nac", "scan"];
const FLAWS: [&str; 6] = [
    "CVE-2026-1",
    "CVE-2026-2",
    "CVE-2026-3",
    "CVE-2026-4",
    "CVE-2026-5",
    "check:unsupported-software",
];
const PRODUCTS: [&str; 4] = ["Flow 7", "Station 2", "Windows", "Gate 3"];
const CLASSES: [&str; 6] =
    ["infusion pump", "ventilator", "alarm server", "laptop", "blood analyser", "thing"];

/// Everything there is to know at a moment.
pub(crate) struct Facts {
    claims: BTreeMap<(String, String), Claim>,
    pub(crate) events: Vec<Recorded>,
    /// Flaws by number: which documents speak of it.
    spoken: BTreeSet<usize>,
    listed: BTreeSet<usize>,
    exploits: BTreeSet<usize>,
    scores: BTreeMap<usize, u32>,
    past: EpssPast,
    pub(crate) now: Timestamp,
    pub(crate) sight: Sight,
}

impl Facts {
    pub(crate) fn new() -> Facts {
        let fresh = Fresh { kev: true, epss: true, exploits: true };
        Facts {
            claims: BTreeMap::new(),
            events: Vec::new(),
            spoken: (0..4).collect(),
            listed: BTreeSet::new(),
            exploits: BTreeSet::new(),
            scores: BTreeMap::new(),
            past: EpssPast::new(),
            now: "2026-08-16T12:00:00Z".parse().unwrap(),
            sight: Sight { fresh, fresh_a_week_ago: fresh },
        }
    }

    pub(crate) fn world(&self, rules: &Rules) -> World {
        let mut world = World::new(&Aliases::default());
        for &flaw in &self.spoken {
            world.hear(Record::Advisory(Box::new(advisory(flaw))));
        }
        for &flaw in &self.listed {
            world.hear(Record::Kev(listed(FLAWS[flaw], jiff::civil::date(2026, 7, 1))));
        }
        for &flaw in &self.exploits {
            let (vulnerability, name) = (FLAWS[flaw].to_owned(), "module".to_owned());
            let entry = ExploitEntry { vulnerability, name, published: None, rank: None };
            world.hear(Record::Exploit(entry));
        }
        world.hear(Record::Support(Box::new(SupportCycle {
            product: "windows".into(),
            label: "Microsoft Windows".into(),
            cycle: "2".into(),
            cycle_label: None,
            released: None,
            active_until: SupportEnd::On(jiff::civil::date(2026, 8, 20)),
            security_until: SupportEnd::On(jiff::civil::date(2026, 8, 20)),
            extended_until: SupportEnd::On(jiff::civil::date(2026, 8, 20)),
            latest: None,
            cpes: Vec::new(),
            purls: Vec::new(),
        })));
        world.finish();
        world.threats.score(edition(rules), |id| self.score_of(id));
        world.threats.remember(self.past.clone());
        world
    }

    fn score_of(&self, id: &str) -> Option<EpssScore> {
        let flaw = FLAWS.iter().position(|it| *it == id)?;
        let probability_e5 = *self.scores.get(&flaw)?;
        Some(EpssScore { probability_e5, percentile_e5: 0 })
    }

    pub(crate) fn claims(&self) -> Vec<Claim> {
        self.claims.values().cloned().collect()
    }

    /// Another thing or zone is spoken of, or the same otherwise.
    pub(crate) fn some_claim(&mut self, random: &mut Random) -> Claim {
        let of_zone = random.below(8) == 0;
        let source = if of_zone { "zones" } else { random.of(&SOURCES) };
        let key = random.below(if of_zone { 3 } else { 6 }).to_string();
        let sheet = if of_zone { zone_sheet(key, random) } else { sheet(key, random) };
        let place = (source.to_owned(), sheet.key.clone());
        let first = self.claims.get(&place).map_or(self.now, |it| it.first_recorded_at);
        let claim = Claim {
            site: "main".into(),
            source: source.into(),
            observed_at: self.now,
            first_recorded_at: first,
            recorded_at: self.now,
            sheet,
        };
        self.claims.insert(place, claim.clone());
        claim
    }

    /// A flaw is listed as exploited or an exploit of it published, or no longer.
    pub(crate) fn some_threat(&mut self, random: &mut Random) -> usize {
        let flaw = random.below(FLAWS.len());
        let known = if random.of(&[true, false]) { &mut self.listed } else { &mut self.exploits };
        if !known.remove(&flaw) {
            known.insert(flaw);
        }
        flaw
    }

    /// A new day of scores.
    pub(crate) fn some_scores(&mut self, random: &mut Random) {
        for (flaw, id) in FLAWS.into_iter().enumerate() {
            let probability_e5 = u32::try_from(random.skewed(100_000)).unwrap();
            self.scores.insert(flaw, probability_e5);
            let score_date = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
            let days = self.past.entry(id.to_owned()).or_default();
            days.push(EpssDay { score_date, probability_e5 });
        }
    }

    /// A document speaks of a flaw, or no longer.
    pub(crate) fn some_document(&mut self, random: &mut Random) {
        let flaw = random.below(5);
        if !self.spoken.remove(&flaw) {
            self.spoken.insert(flaw);
        }
    }

    /// Somebody decides something, sensible or not.
    pub(crate) fn some_event(&mut self, random: &mut Random) -> Recorded {
        let number = self.events.len() as u64 + 1;
        let change = some_change(number, random);
        let reason = "so it is".to_owned();
        let earlier = 1 + random.below(self.events.len() + 1) as u64;
        let event = match random.below(8) {
            0 => Event::Proposed { change, reason },
            1 => Event::Confirmed { proposal: earlier },
            2 => Event::Declined { proposal: earlier, reason },
            _ => Event::Made { change, reason },
        };
        let by = Actor { name: "A. Weber".into(), role: Role::ClinicalEngineer };
        let event = Recorded { number, at: self.now, by, event };
        self.events.push(event.clone());
        event
    }
}

fn some_change(number: u64, random: &mut Random) -> Change {
    let mut anchor =
        || Anchor { source: random.of(&SOURCES).to_owned(), key: random.below(6).to_string() };
    let (one, other, third) = (anchor(), anchor(), anchor());
    let target = Target {
        scope: match random.below(4) {
            0 => Scope::Site,
            1 => Scope::Product { vendor: None, name: random.of(&PRODUCTS).to_owned() },
            _ => Scope::Asset(one.clone()),
        },
        component: (random.below(3) == 0).then(|| random.of(&PRODUCTS).to_owned()),
        vulnerability: if random.below(9) == 0 {
            random.of(&["cve-2026-1", "CVE-2026-9"]).to_owned()
        } else {
            random.of(&FLAWS).to_owned()
        },
    };
    match random.below(12) {
        0 | 1 => Change::Merge { one, other },
        2 | 3 => Change::Split { claim: one, from: vec![other, third] },
        4 => Change::Category { asset: one, category: random.of(&["TH-A", "LS-A"]).to_owned() },
        5 => Change::TakeBack { number: random.below(20) as u64 % number + 1 },
        6..=8 => Change::Defer { on: target, wires: wires(random), seen: seen(random) },
        _ => Change::Verdict {
            on: target,
            verdict: random.of(&[Verdict::NotAffected, Verdict::Possibly, Verdict::Affected]),
            until: random
                .of(&[true, false])
                .then(|| jiff::civil::date(2026, 8, random.of(&[15, 16, 17, 20, 24]))),
        },
    }
}

fn wires(random: &mut Random) -> Wires {
    let on = [Wire::Exploited, Wire::Exploit, Wire::Path, Wire::Fix];
    Wires {
        epss_over_e5: random.of(&[None, Some(5_000)]),
        epss_times_tenths: random.of(&[None, Some(20)]),
        on: on.into_iter().filter(|_| random.below(4) == 0).collect(),
        review: jiff::civil::date(2026, 9, random.of(&[1, 5, 9, 20])),
    }
}

fn seen(random: &mut Random) -> Seen {
    let fix = random.of(&[true, false]);
    Seen { epss_e5: Some(100), exploits: BTreeSet::new(), fix, open: random.of(&[true, false]) }
}

fn advisory(flaw: usize) -> Advisory {
    let product = Product {
        vendor: Some("Maker".into()),
        name: Some(PRODUCTS[flaw % PRODUCTS.len()].into()),
        ..Product::default()
    };
    let bound = |version: &str, inclusive| Some(Bound { version: version.into(), inclusive });
    let versions = Versions::Bounds { from: None, to: bound("3", false), scheme: None };
    let vector = ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV:N/AC:L/Au:N/C:P/I:P/A:P"];
    Advisory {
        severities: (flaw != 3)
            .then(|| Severity { vector: vector[flaw % 2].into(), score_tenths: None, source: None })
            .into_iter()
            .collect(),
        statements: vec![Statement {
            target: exposome_model::knowledge::Target::Product(Box::new(product)),
            default: Status::NotAffected,
            versions: vec![VersionRow { versions, status: Status::Affected }],
            justification: None,
        }],
        ..Advisory::new("cve:maker", AdvisoryKind::Record, FLAWS[flaw])
    }
}

fn sheet(key: String, random: &mut Random) -> Sheet {
    let pool: [(Attribute, &[&str]); 15] = [
        (Attribute::AssetId, &["T1", "T2", "T3"]),
        (Attribute::Manufacturer, &["Maker"]),
        (Attribute::Model, &["M1", "M2"]),
        (Attribute::Serial, &["S100", "S200"]),
        (Attribute::Mac, &["00:1b:21:00:00:01", "00:1b:21:00:00:02", "00:1b:21:00:00:03"]),
        (Attribute::HostName, &["a.hospital.example", "b.hospital.example"]),
        (Attribute::Name, &["gate", "Pump 1", "Pump 2"]),
        (Attribute::DeviceClass, &CLASSES),
        (Attribute::Ip, &["10.1.0.1", "10.1.0.2", "10.2.0.1", "10.9.0.1"]),
        (Attribute::Vlan, &["7", "8"]),
        (Attribute::Feeds, &["gate", "T1", "a.hospital.example"]),
        (Attribute::Location, &["ICU", "Ward 3"]),
        (Attribute::Spares, &["0", "1"]),
        (Attribute::ReachableBy, &["vendor"]),
        (Attribute::Lifecycle, &["not seen"]),
    ];
    let mut attributes = Vec::new();
    for (attribute, values) in pool {
        let often = match attribute {
            Attribute::ReachableBy | Attribute::Lifecycle => 8,
            Attribute::Manufacturer => 1,
            _ => 3,
        };
        if random.below(often) == 0 {
            attributes.push((attribute, random.of(values).to_owned()));
        }
    }
    let components = (0..random.below(4)).map(|_| {
        let kind = random.of(&[ComponentKind::Device, ComponentKind::System]);
        let mut component = Component::new(kind, random.of(&PRODUCTS));
        component.vendor = Some("Maker".to_owned());
        component.version = (random.below(4) > 0).then(|| random.of(&["1", "2", "4"]).to_owned());
        component
    });
    Sheet { key, components: components.collect(), attributes, ..Sheet::default() }
}

fn zone_sheet(key: String, random: &mut Random) -> Sheet {
    let exposure = random.of(&["open", "controlled", "small"]);
    let mut attributes = vec![(Attribute::Exposure, exposure.to_owned())];
    if random.below(4) > 0 {
        let network = random.of(&["10.1.0.0/16", "10.1.0.0/24", "10.2.0.0/16", "10.0.0.0/8"]);
        attributes.push((Attribute::Subnet, network.to_owned()));
    } else {
        attributes.push((Attribute::Vlan, random.of(&["7", "8"]).to_owned()));
    }
    Sheet { key, attributes, ..Sheet::default() }
}

/// Everything that is said of an asset, by the names of what it rests on.
fn said(state: &AssetState, claims: &[Claim], bill: &JudgedBill) -> String {
    let name = |number: &u32| {
        let claim = &claims[*number as usize];
        (claim.source.clone(), claim.sheet.key.clone())
    };
    let on: Vec<_> = state.asset.claims.iter().map(name).collect();
    let zones: BTreeSet<_> = state.zones.iter().map(name).collect();
    let joins: Vec<_> = state.asset.joins.iter().map(|it| (it.kind, &it.key)).collect();
    let alike = exposome_engine::assess::Alike { bill: 0, ..state.alike };
    format!("{:?}", (&state.asset.id, on, joins, &state.category, zones, alike, bill))
}

/// Where two that should be the same first differ.
fn other<'a, T: PartialEq>(one: &'a [T], two: &'a [T]) -> Option<(Option<&'a T>, Option<&'a T>)> {
    let places = 0..one.len().max(two.len());
    let mut pairs = places.map(|place| (one.get(place), two.get(place)));
    pairs.find(|(one, two)| one != two)
}

type Order = Vec<(String, String)>;

fn kept(live: &Live, count: usize) -> (Vec<String>, Order) {
    let mut assets: Vec<String> =
        live.assets().map(|state| said(state, live.claims(), live.bill(state).unwrap())).collect();
    assets.extend(live.demoted().map(|it| format!("demoted {it:?}")));
    assets.sort();
    let stands = live.first(count);
    assert!(stands.is_sorted_by_key(|it| (it.rank, &it.judgement.vulnerability)));
    let order = stands.iter().map(|it| {
        let shown = (&it.asset.asset.id, &it.judgement, &it.decision, it.rank.due());
        (format!("{:?}", it.rank), format!("{shown:?}"))
    });
    (assets, order.collect())
}

fn anew(facts: &Facts, rules: &Rules, now: Timestamp) -> (Vec<String>, Order) {
    let (claims, world) = (facts.claims(), facts.world(rules));
    let people = People::of(&facts.events);
    let assessment = examine(&claims, &people, &world, rules, now);
    let bill = |state: &AssetState| &assessment.bills[state.alike.bill as usize];
    let mut assets: Vec<String> =
        assessment.assets.iter().map(|state| said(state, &claims, bill(state))).collect();
    assets.extend(assessment.demoted.iter().map(|it| format!("demoted {it:?}")));
    assets.sort();
    let mut board = Board::of(&assessment.bills, &assessment.cohorts, assessment.pairs());
    let bills = (assessment.bills.as_slice(), now);
    board.prioritise(bills, &world.threats, facts.sight, rules);
    let order = board.first(usize::MAX).into_iter().map(|entry| {
        let state = &assessment.assets[entry.asset as usize];
        let judgement =
            &bill(state).judgements[board.judgement(entry, bill(state)).unwrap() as usize];
        let rank = board.rank(entry).unwrap();
        let shown = (&state.asset.id, &judgement, board.decision(entry).unwrap(), rank.due());
        (format!("{rank:?}"), format!("{shown:?}"))
    });
    (assets, order.collect())
}

/// Every job and every exposure in their order, as a desk shows them.
fn shown(desk: &Desk) -> Vec<String> {
    let everything = desk.choose(&Predicate::everything(), Within::Site);
    let jobs = desk.jobs(&everything);
    let details = desk.details(&everything, &jobs);
    let jobs = jobs.iter().zip(&details).map(|(job, details)| {
        format!("{} {:?} {} {}: {details:?}", job.product, job.action, job.exposures, job.assets)
    });
    let sort = Sort { by: Sorted::Urgency, backwards: false };
    let listing = desk.listing(&everything, sort);
    let page = desk.page(&everything, &listing, None, usize::MAX);
    let rows = page.into_iter().map(|entry| {
        let exposure = desk.exposure(entry.exposure).unwrap();
        let decision = desk.assessment().decision(exposure).unwrap();
        format!(
            "{:?}",
            (desk.text(Name::Asset, entry.asset), desk.judged(entry.exposure), decision)
        )
    });
    jobs.chain(rows).collect()
}

fn shown_anew(facts: &Facts, rules: &Rules, now: Timestamp) -> Vec<String> {
    let (claims, world) = (facts.claims(), facts.world(rules));
    let people = People::of(&facts.events);
    let mut assessment = examine(&claims, &people, &world, rules, now);
    assessment.decide(&world.threats, facts.sight, rules);
    shown(&Desk::of(assessment, &claims, &world, facts.sight, rules))
}

/// How often each kind of thing happened and was told apart by what it did.
#[derive(Debug, Default)]
struct Seldom {
    exposures: usize,
    layers: usize,
    deferred: usize,
    asleep: usize,
    joined: usize,
    demoted: usize,
    overruled: usize,
}

#[test]
fn what_is_kept_up_to_date_is_what_is_assessed_anew() {
    const STEPS: u32 = 40;
    #[expect(clippy::disallowed_methods, reason = "a test asks how often")]
    let histories = std::env::var("EXPOSOME_HISTORIES");
    let histories =
        histories.map_or(250, |text| text.parse().expect("EXPOSOME_HISTORIES is a number"));
    let (mild, strict) = (Arc::new(rules()), Arc::new(strict()));
    let mut seldom = Seldom::default();
    for seed in 0..histories {
        let mut random = Random(seed);
        let mut facts = Facts::new();
        for _ in 0..random.below(12) {
            facts.some_claim(&mut random);
        }
        let mut rules = &mild;
        let (claims, world) = (facts.claims(), facts.world(rules));
        let at = (facts.now, facts.sight);
        let mut live = Live::of(claims, People::default(), world, Arc::clone(rules), at);
        let mut happened = Vec::new();
        for step in 0..STEPS {
            facts.now += SignedDuration::from_mins(5);
            let what = random.below(100);
            happened.push(what);
            match what {
                0..45 => {
                    let claims = (0..=random.below(3)).map(|_| facts.some_claim(&mut random));
                    // What a document says twice it says in the end once.
                    let last: BTreeMap<_, _> =
                        claims.map(|it| ((it.source.clone(), it.sheet.key.clone()), it)).collect();
                    live.hear_claims(last.into_values().collect());
                }
                45..70 => live.hear_event(&facts.some_event(&mut random)),
                70..80 => {
                    let flaw = facts.some_threat(&mut random);
                    let threats = facts.world(rules).threats;
                    if random.of(&[true, false]) {
                        live.hear_threat(FLAWS[flaw], threats.get(FLAWS[flaw]).cloned());
                    } else {
                        live.hear_threats(threats);
                    }
                }
                80..85 => {
                    facts.some_scores(&mut random);
                    let past = facts.past.clone();
                    live.hear_scores(edition(rules), |id| facts.score_of(id), past);
                }
                85..91 => {
                    facts.now += SignedDuration::from_hours(random.of(&[1, 7, 23, 40, 79]));
                    facts.sight.fresh.kev = random.below(4) > 0;
                }
                91..94 => {
                    facts.some_document(&mut random);
                    live.hear_world(facts.world(rules));
                }
                94..96 => {
                    rules = random.of(&[&mild, &strict]);
                    live.hear_rules(Arc::clone(rules));
                }
                96..98 => live.settle(),
                _ => {
                    live = {
                        let people = People::of(&facts.events);
                        let at = (facts.now, facts.sight);
                        let world = facts.world(rules);
                        Live::of(facts.claims(), people, world, Arc::clone(rules), at)
                    }
                }
            }
            // What happened is judged by the clock of the assessment that follows.
            if what.is_multiple_of(3) || (85..91).contains(&what) {
                live.hear_clock(facts.now, facts.sight);
            }
            let expected = anew(&facts, rules, live.as_of());
            let (assets, mut order) = kept(&live, usize::MAX);
            let context = || format!("seed {seed}, step {step}, {happened:?}");
            assert_eq!(other(&assets, &expected.0), None, "{}", context());
            let ranks: Vec<String> = order.iter().map(|it| it.0.clone()).collect();
            for count in [0, 1, 5] {
                let top = kept(&live, count).1;
                let top: Vec<String> = top.into_iter().map(|it| it.0).collect();
                assert_eq!(top, ranks[..count.min(ranks.len())], "{}", context());
            }
            let mut wanted = expected.1;
            order.sort();
            wanted.sort();
            assert_eq!(other(&order, &wanted), None, "{}", context());
            if step % 8 == 7 {
                let expected = shown_anew(&facts, rules, live.as_of());
                assert_eq!(other(&shown(&live.desk()), &expected), None, "{}", context());
            }
            seldom.exposures += order.len();
            seldom.layers = seldom.layers.max(live.layers());
            let has = |word: &str| order.iter().filter(|it| it.1.contains(word)).count();
            seldom.deferred += has("deferral");
            seldom.asleep += has("deferred by");
            seldom.joined += live.assets().filter(|it| it.asset.claims.len() > 1).count();
            seldom.demoted += live.demoted().count();
            seldom.overruled += has("decision ");
        }
    }
    let Seldom { exposures, layers, deferred, asleep, joined, demoted, overruled } = seldom;
    assert!(layers > 10 && asleep > 100, "{seldom:?}");
    for count in [exposures, deferred, joined, demoted, overruled] {
        assert!(count > 1000, "{seldom:?}");
    }
}

/// A policy that finds more severe and more likely.
pub(crate) fn strict() -> Rules {
    let text = include_str!("../../../../rules/policies/default.toml");
    let text = text.replace("severity_high_tenths = 70", "severity_high_tenths = 40");
    let policy =
        Policy::parse(&text.replace("epss_high_e5 = 10000", "epss_high_e5 = 2000")).unwrap();
    assert_ne!(policy.thresholds.severity_high, rules().policy.thresholds.severity_high);
    Rules { policy, ..rules() }
}
