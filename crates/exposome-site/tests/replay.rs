//! What was concluded, and what comes of the same facts today.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use exposome_engine::decide::Outcome;
use exposome_model::event::{Actor, Anchor, Change, Event, Role, Scope, Target};
use exposome_model::exposure::Verdict;
use exposome_model::fact::FactId;
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, EpssRow, EpssTable, ExploitEntry, KevEntry, Product, Record, Severity,
    Statement, Status, VersionRow, Versions,
};
use exposome_model::transition::{About, Reason, Transitions};
use exposome_site::record::concluded;
use exposome_site::{
    InForce, Recorded, Replay, Ruleset, Standing, record, replay, standing, under,
};
use exposome_store::site::ImportDocument;
use exposome_store::world::{Batch, FeedDocument};
use exposome_store::{Store, short_digest};
use jiff::{SignedDuration, Timestamp};

const SITE: &str = "main";
const FLAW: &str = "CVE-2026-1";

/// The hour of a test, counted from its beginning.
fn hour(hours: i64) -> Timestamp {
    let start: Timestamp = "2026-08-10T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(hours)
}

struct Hospital {
    store: Store,
    _folder: tempfile::TempDir,
}

impl Hospital {
    /// Two pumps and a laptop on a controlled network, a flaw of which no attack is known or likely, and every feed
    /// fresh.
    async fn new() -> Hospital {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&folder.path().join("exposome.db")).await.unwrap();
        let hospital = Hospital { store, _folder: folder };
        hospital.load("cve-5", 0, &[Record::Advisory(Box::new(advisory()))]).await;
        hospital.load("kev", 0, &[kev("CVE-2020-1")]).await;
        hospital.load("metasploit", 0, &[exploit("CVE-2020-1")]).await;
        hospital.score(0, 500).await;
        hospital.import("cmms", 1, &[pump("A1"), pump("A2"), laptop("A3")]).await;
        hospital.import("network", 1, &[zone("controlled")]).await;
        hospital
    }

    fn feed(feed: &str, hours: i64) -> FeedDocument {
        FeedDocument {
            feed: feed.into(),
            name: format!("{feed}-{hours}"),
            digest: short_digest(&hours.to_be_bytes()),
            data_date: Some(hour(hours)),
            recorded_at: hour(hours),
            records: 1,
            refused: 0,
        }
    }

    async fn load(&self, feed: &str, hours: i64, records: &[Record]) {
        let mut loading = self.store.begin_load(hour(hours)).await.unwrap();
        loading.add(feed, Batch::of(records)).await.unwrap();
        loading.commit(&[Hospital::feed(feed, hours)]).await.unwrap();
    }

    async fn score(&self, hours: i64, probability_e5: u32) {
        let row = EpssRow { vulnerability: FLAW.into(), probability_e5, percentile_e5: 1 };
        let table = EpssTable {
            model_version: "v2026.06.15".into(),
            score_date: hour(hours).to_zoned(jiff::tz::TimeZone::UTC).date(),
            rows: vec![row],
        };
        self.store.load_epss(&Hospital::feed("epss", hours), &table).await.unwrap();
    }

    async fn import(&self, source: &str, hours: i64, sheets: &[Sheet]) {
        let document = ImportDocument {
            site: SITE.into(),
            source: source.into(),
            name: format!("{source}.csv"),
            format: "inventory-csv".into(),
            digest: short_digest(&hours.to_be_bytes()),
            observed_at: hour(hours),
            recorded_at: hour(hours),
        };
        self.store.import(&document, sheets, &[]).await.unwrap();
    }

    /// Somebody says that the flaw does not concern an asset.
    async fn not_affected(&self, hours: i64, asset: &str) {
        let scope = Scope::Asset(Anchor { source: "cmms".into(), key: asset.into() });
        let on = Target { scope, component: None, vulnerability: FLAW.into() };
        let change = Change::Verdict { on, verdict: Verdict::NotAffected, until: None };
        let event = Event::Made { change, reason: "seen on the ward".into() };
        let by = Actor { name: "Ana".into(), role: Role::Analyst };
        let after = self.store.events(SITE, Timestamp::MAX).await.unwrap().len() as u64;
        self.store.decide(SITE, after, &by, &[event], hour(hours)).await.unwrap();
    }

    async fn standing(&self, hours: i64) -> Standing {
        standing(&self.store, SITE, hour(hours)).await.unwrap()
    }

    async fn record(&self, hours: i64, program: &str) -> Recorded {
        let standing = self.standing(hours).await;
        record(&self.store, SITE, &standing, program, hour(hours)).await.unwrap()
    }

    async fn replay(&self, hours: i64, program: &str) -> Replay {
        replay(&self.store, SITE, hour(hours), program).await.unwrap().unwrap()
    }

    /// What was written down of the assessment of an hour.
    async fn written(&self, hours: i64) -> Vec<Transitions> {
        let number = self.store.finished(SITE, hour(hours)).await.unwrap().unwrap().number;
        let mut blocks = Vec::new();
        let take = |block: &Transitions, as_of| {
            if as_of == hour(hours) {
                blocks.push(block.clone());
            }
        };
        self.store.transitions(SITE, number, take).await.unwrap();
        blocks
    }

    async fn outcomes(&self, through: u64) -> Vec<Option<Outcome>> {
        let concluded = concluded(&self.store, SITE, through).await.unwrap();
        let outcome = |asset| Some(concluded.of_asset(asset).first()?.1.outcome);
        ["A1", "A2", "A3"].map(outcome).into()
    }
}

fn advisory() -> Advisory {
    let vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
    let product =
        Product { vendor: Some("Maker".into()), name: Some("Flow 7".into()), ..Product::default() };
    let versions = Versions::Any;
    Advisory {
        published: Some(hour(-24 * 30)),
        severities: vec![Severity { vector: vector.into(), score_tenths: None, source: None }],
        statements: vec![Statement {
            target: exposome_model::knowledge::Target::Product(Box::new(product)),
            default: Status::NotAffected,
            versions: vec![VersionRow { versions, status: Status::Affected }],
            justification: None,
        }],
        ..Advisory::new("cve:maker", AdvisoryKind::Record, FLAW)
    }
}

fn kev(vulnerability: &str) -> Record {
    Record::Kev(KevEntry {
        vulnerability: vulnerability.into(),
        vendor: "Maker".into(),
        product: "Flow".into(),
        name: "A flaw".into(),
        added: jiff::civil::date(2026, 8, 9),
        due: None,
        required_action: "Update".into(),
        ransomware: None,
    })
}

fn exploit(vulnerability: &str) -> Record {
    let (vulnerability, name) = (vulnerability.to_owned(), "a module".to_owned());
    Record::Exploit(ExploitEntry { vulnerability, name, published: None, rank: None })
}

fn device(key: &str, class: &str) -> Sheet {
    let mut component = Component::new(ComponentKind::Device, "Flow 7");
    component.vendor = Some("Maker".into());
    component.version = Some("2".into());
    let attributes = vec![
        (Attribute::AssetId, key.into()),
        (Attribute::DeviceClass, class.into()),
        (Attribute::Location, "ICU".into()),
        (Attribute::Ip, "10.1.0.1".into()),
    ];
    Sheet { key: key.into(), attributes, components: vec![component], ..Sheet::default() }
}

fn pump(key: &str) -> Sheet {
    device(key, "infusion pump")
}

fn laptop(key: &str) -> Sheet {
    device(key, "laptop")
}

fn zone(exposure: &str) -> Sheet {
    let attributes = vec![
        (Attribute::Subnet, "10.1.0.0/16".to_owned()),
        (Attribute::Exposure, exposure.to_owned()),
    ];
    Sheet { key: "10.1.0.0/16".into(), attributes, ..Sheet::default() }
}

fn reasons(blocks: &[Transitions]) -> Vec<&Reason> {
    blocks.iter().flat_map(|it| &it.reasons).flatten().collect()
}

#[tokio::test]
async fn the_same_program_answers_byte_for_byte_whatever_has_come_since() {
    let hospital = Hospital::new().await;
    let first = hospital.record(2, "1").await;
    assert_eq!((first.finished.number, first.moved), (1, 3));
    let then = [Some(Outcome::Schedule), Some(Outcome::Schedule), Some(Outcome::Defer)];
    assert_eq!(hospital.outcomes(1).await, then);
    assert_eq!(hospital.record(3, "1").await.moved, 0, "nothing has come");

    hospital.import("network", 4, &[zone("open")]).await;
    assert_eq!(hospital.record(5, "1").await.moved, 3);
    let now = [Some(Outcome::ActNow), Some(Outcome::ActNow), Some(Outcome::Schedule)];
    assert_eq!(hospital.outcomes(3).await, now);
    let blocks = hospital.written(5).await;
    let reached = reasons(&blocks);
    assert_eq!(reached.len(), 1);
    assert_eq!(reached[0].about, About::Reach);
    assert_eq!(reached[0].facts, [FactId::import("network", hour(4))]);

    hospital.not_affected(6, "A1").await;
    hospital.load("kev", 7, &[kev(FLAW)]).await;
    assert_eq!(hospital.record(8, "1").await.moved, 2, "a pump was to be seen to at once before");
    let blocks = hospital.written(8).await;
    let facts: Vec<&FactId> = reasons(&blocks).into_iter().flat_map(|it| &it.facts).collect();
    assert!(facts.contains(&&FactId::decision(1)), "{facts:?}");
    assert!(facts.contains(&&FactId::kev(FLAW)), "{facts:?}");
    assert_eq!(hospital.outcomes(4).await, [None, Some(Outcome::ActNow), Some(Outcome::ActNow)]);

    for (hours, number) in [(2, 1), (3, 2), (4, 2), (5, 3), (7, 3), (8, 4), (99, 4)] {
        let replay = hospital.replay(hours, "1").await;
        assert_eq!(replay.finished.number, number, "hour {hours}");
        assert!(replay.is_identical(), "hour {hours}");
        assert!(replay.moves.is_empty() && replay.another.is_empty(), "hour {hours}");
    }
    assert!(replay(&hospital.store, SITE, hour(1), "1").await.unwrap().is_none());
    assert_eq!(hospital.outcomes(1).await, then, "what was concluded stays");
}

/// The rules of a program that did not know yet how much harm a pump can do.
fn mild() -> Ruleset {
    let mut texts = Ruleset::shipped().texts().clone();
    let categories = texts.get_mut("categories/categories.toml").unwrap();
    let (before, rest) = categories.split_once("code = \"TH-C\"").unwrap();
    let rest = rest.replacen("harm_lost = 5", "harm_lost = 2", 1);
    let rest = rest.replacen("harm_wrong = 5", "harm_wrong = 2", 1);
    let rest = rest.replacen("gated = true", "gated = false", 1);
    *categories = format!("{before}code = \"TH-C\"{rest}");
    Ruleset::of(texts)
}

#[tokio::test]
async fn a_rule_that_was_changed_since_shows_two_answers_and_itself() {
    let hospital = Hospital::new().await;
    let in_force = InForce::of(mild()).unwrap();
    let mut earlier = under(&hospital.store, SITE, hour(2), in_force).await.unwrap();
    earlier.decide();
    record(&hospital.store, SITE, &earlier, "1", hour(2)).await.unwrap();
    let deferred = [Some(Outcome::Defer); 3];
    assert_eq!(hospital.outcomes(1).await, deferred);

    let replay = hospital.replay(2, "2").await;
    assert!(!replay.is_identical());
    assert_eq!(replay.summary.all.of(Outcome::Defer), 3, "as it was concluded then");
    let words: Vec<&str> = replay.another.iter().map(|it| it.words.as_str()).collect();
    let rules = "the rules of the program: categories/categories.toml";
    assert_eq!(words, [rules, "the program: 1 -> 2"]);
    assert_eq!(replay.moves.len(), 1);
    let pumps = &replay.moves[0];
    assert_eq!(pumps.assets, ["A1", "A2"]);
    let outcome = |stand: &Option<exposome_model::decision::Stand>| stand.as_ref().unwrap().outcome;
    assert_eq!(
        (outcome(&pumps.before), outcome(&pumps.after)),
        (Outcome::Defer, Outcome::Schedule)
    );
    let why: Vec<About> = pumps.why.iter().map(|it| it.about).collect();
    assert_eq!(why, [About::Harm, About::Gate, About::Rules], "it was the rule, not the program");

    // The next assessment begins where that one ended, and says what moved it.
    let recorded = hospital.record(3, "2").await;
    assert_eq!(recorded.moved, 2);
    let blocks = hospital.written(3).await;
    let why: Vec<About> = reasons(&blocks).into_iter().map(|it| it.about).collect();
    assert_eq!(why, [About::Rules, About::Program]);
    assert_eq!(hospital.outcomes(1).await, deferred, "never rewritten");
    assert!(hospital.replay(3, "2").await.is_identical());
}

#[tokio::test]
async fn what_the_program_concludes_otherwise_by_the_same_rules_is_its_own_doing() {
    let hospital = Hospital::new().await;
    let mut earlier = hospital.standing(2).await;
    // An earlier program, say, that took no notice of laptops.
    let laptop = earlier.assessment.exposures.iter().position(|it| {
        let cohort = &earlier.assessment.cohorts[it.cohort as usize];
        earlier.assessment.assets[cohort.assets[0] as usize].asset.id == "A3"
    });
    earlier.assessment.exposures.remove(laptop.unwrap());
    record(&hospital.store, SITE, &earlier, "1", hour(2)).await.unwrap();
    let replay = hospital.replay(2, "2").await;
    assert_eq!(replay.moves.len(), 1);
    assert_eq!((&replay.moves[0].before, replay.moves[0].assets.len()), (&None, 1));
    let why: Vec<About> = replay.moves[0].why.iter().map(|it| it.about).collect();
    assert_eq!(why, [About::Program]);
}

#[tokio::test]
async fn facts_that_come_late_are_told_from_a_change_of_mind() {
    let hospital = Hospital::new().await;
    hospital.record(4, "1").await;
    hospital.import("scan", 3, &[pump("A9")]).await;
    let replay = hospital.replay(4, "1").await;
    assert!(!replay.is_identical());
    let why: Vec<About> = replay.moves[0].why.iter().map(|it| it.about).collect();
    assert_eq!(
        (replay.moves[0].assets.as_slice(), why),
        (&["A9".to_owned()][..], vec![About::Late])
    );
    assert_eq!(replay.summary.all.exposures(), 3, "as it was concluded then");
}

#[tokio::test]
async fn an_assessment_of_an_earlier_moment_is_not_written_between() {
    let hospital = Hospital::new().await;
    hospital.record(4, "1").await;
    let earlier = hospital.standing(3).await;
    let refused = record(&hospital.store, SITE, &earlier, "1", hour(5)).await.unwrap_err();
    assert!(refused.to_string().contains("recorded an assessment meanwhile"), "{refused}");
    assert_eq!(hospital.store.finished(SITE, Timestamp::MAX).await.unwrap().unwrap().number, 1);
}
