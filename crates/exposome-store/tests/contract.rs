//! What a store promises, checked on `SQLite` and on `PostgreSQL` alike.
//!
//! `PostgreSQL` is found by `EXPOSOME_TEST_POSTGRES`, which `./x test` sets to a
//! cluster of its own; each test works in a database of its own there.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a test stops at the first surprise, and says what it measured"
)]

#[path = "contract/accounts.rs"]
mod accounts;
#[path = "contract/notices.rs"]
mod notices;
#[path = "contract/schema.rs"]
mod schema;

use accounts::*;
use exposome_model::decision::{Outcome, Stand};
use exposome_model::event::{Actor, Change, Event, Role};
use exposome_model::fact::FactId;
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::knowledge::{EpssRow, EpssTable, KevEntry, Record};
use exposome_model::reading::Complaint;
use exposome_model::summary::{Count, Summary};
use exposome_model::transition::{About, Group, Place, Reason, Step, Transitions};
use exposome_store::assessments::{Conclusions, Finished};
use exposome_store::position::Position;
use exposome_store::site::{Delivery, ImportDocument};
use exposome_store::world::{Batch, FeedDocument};
use exposome_store::{Changes, Error, Store, short_digest};
use jiff::Timestamp;
use notices::*;
use sqlx::Connection as _;
use std::collections::BTreeMap;

/// Runs a promise on every database.
macro_rules! promises {
    ($($name:ident)*) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let store = exposome_store::Store::open_sqlite(&folder.path().join("exposome.db")).await.unwrap();
                super::$name(&store).await;
                store.close().await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                let Some(url) = super::database(stringify!($name)).await else { return };
                let store = exposome_store::Store::open_postgres(&url).await.unwrap();
                super::$name(&store).await;
                store.close().await;
            })*
        }
    };
}

promises! {
    loading_the_same_feed_again_changes_nothing
    a_load_that_is_broken_off_leaves_nothing
    a_record_that_leaves_a_whole_feed_is_gone_from_then_on
    the_past_stays_as_it_was_recorded
    a_day_of_scores_is_what_changed
    a_held_document_leaves_the_old_one_in_force
    importing_again_changes_nothing_but_the_day_it_was_seen
    a_claim_comes_back_with_its_bill
    a_corrected_row_is_as_old_as_the_first_word_on_it
    what_was_seen_on_a_day_is_not_known_before_it_was_said
    what_a_source_said_before_is_found_again
    a_document_that_is_repeated_is_as_wrong_as_before
    sites_do_not_see_each_other
    an_odd_name_survives_the_way_in_and_out
    the_position_moves_with_whatever_is_recorded
    single_subjects_say_what_they_say_among_all
    documents_written_together_say_what_they_say_one_by_one
    a_decision_rests_on_all_before_it
    any_history_is_replayed_as_it_was
    a_person_comes_back_as_she_was_put
    a_change_that_is_not_committed_leaves_nothing
    a_role_for_a_while_ends_and_those_of_one_origin_leave_the_others_alone
    a_session_is_there_until_it_is_ended_or_swept
    a_token_a_passkey_and_a_link_work_as_long_as_they_should
    what_was_begun_is_finished_once_and_in_time
    a_code_is_taken_once
    failures_are_counted_until_they_are_forgotten
    settings_are_a_persons_own
    the_log_of_accounts_holds_and_says_what_happened
    a_job_is_done_by_one_and_comes_again
    a_write_with_a_key_is_known_again_for_a_while
    what_was_concluded_is_added_to_and_read_back
    a_channel_comes_back_as_it_was_put_and_dies_once
    what_is_raised_is_on_its_way_until_it_is_sent
    what_nobody_acknowledged_is_taken_once
}

/// A fresh database for one test, or `None` where no server was given.
async fn database(name: &str) -> Option<String> {
    let Some(server) = option_env_at_run_time() else {
        eprintln!(
            "EXPOSOME_TEST_POSTGRES is not set: {name} was checked on SQLite only (./x test runs both)"
        );
        return None;
    };
    let mut connection = sqlx::PgConnection::connect(&server).await.unwrap();
    let (front, _) = server.rsplit_once('/').unwrap();
    let database = format!("t_{}_{}", std::process::id(), short_name(name));
    let create = format!("CREATE DATABASE {database} TEMPLATE template0");
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
    Some(format!("{front}/{database}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test runner says here where its PostgreSQL listens"
)]
fn option_env_at_run_time() -> Option<String> {
    std::env::var("EXPOSOME_TEST_POSTGRES").ok()
}

fn short_name(name: &str) -> String {
    let digest = short_digest(name.as_bytes());
    digest.iter().take(6).fold(String::new(), |name, byte| format!("{name}{byte:02x}"))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn feed(name: &str, second: i64) -> FeedDocument {
    FeedDocument {
        feed: name.into(),
        name: format!("{name}-{second}.json"),
        digest: short_digest(&second.to_be_bytes()),
        data_date: Some(at(second)),
        recorded_at: at(second),
        records: 0,
        refused: 0,
    }
}

/// Loads a KEV document recorded at a second; `whole`: it is the whole feed.
async fn load(store: &Store, second: i64, records: &[Record], whole: bool) -> Changes {
    let mut loading = store.begin_load(at(second)).await.unwrap();
    loading.add("kev", Batch::of(records)).await.unwrap();
    if whole {
        loading.leave_unmet("kev").await.unwrap();
    }
    loading.commit(&[feed("kev", second)]).await.unwrap()["kev"]
}

fn kev(id: &str, action: &str) -> Record {
    Record::Kev(KevEntry {
        vulnerability: id.into(),
        vendor: "Maker".into(),
        product: "Thing".into(),
        name: "A flaw".into(),
        added: jiff::civil::date(2026, 8, 7),
        due: None,
        required_action: action.into(),
        ransomware: None,
    })
}

async fn known(store: &Store, second: i64) -> Vec<String> {
    let mut records = Vec::new();
    let take = |feed: &str, record: Record| match record {
        Record::Kev(entry) => {
            records.push(format!("{feed} {} {}", entry.vulnerability, entry.required_action));
        }
        other => panic!("{other:?}"),
    };
    store.knowledge(at(second), take).await.unwrap();
    records
}

async fn loading_the_same_feed_again_changes_nothing(store: &Store) {
    let records = [kev("CVE-2020-1", "patch"), kev("CVE-2020-2", "patch")];
    let first = load(store, 1, &records, true).await;
    assert_eq!(first, Changes { added: 2, ..Changes::default() });
    let digest = feed("kev", 1).digest;
    assert!(
        !store.is_loaded(&digest).await.unwrap(),
        "a load that was broken off after its first document is not whole"
    );
    store.note_loaded("a folder", digest, at(1)).await.unwrap();
    assert!(store.is_loaded(&digest).await.unwrap());
    let again = load(store, 2, &records, true).await;
    assert_eq!(again, Changes { unchanged: 2, ..Changes::default() });
    assert_eq!(again.written(), 0);
}

async fn a_load_that_is_broken_off_leaves_nothing(store: &Store) {
    let mut loading = store.begin_load(at(1)).await.unwrap();
    loading.add("kev", Batch::of(&[kev("CVE-2020-1", "patch")])).await.unwrap();
    drop(loading);
    assert_eq!(known(store, 9).await, Vec::<String>::new());
    assert_eq!(store.feeds(at(9)).await.unwrap(), []);
}

async fn a_record_that_leaves_a_whole_feed_is_gone_from_then_on(store: &Store) {
    load(store, 1, &[kev("CVE-2020-1", "patch"), kev("CVE-2020-2", "patch")], true).await;
    let part = load(store, 2, &[kev("CVE-2020-1", "patch")], false).await;
    assert_eq!(part.removed, 0);
    let whole = load(store, 3, &[kev("CVE-2020-1", "patch")], true).await;
    assert_eq!(whole.removed, 1);
    assert_eq!(known(store, 9).await, ["kev CVE-2020-1 patch"]);
    let back =
        load(store, 4, &[kev("CVE-2020-1", "patch"), kev("CVE-2020-2", "patch")], true).await;
    assert_eq!((back.changed, back.unchanged), (1, 1));
    assert_eq!(known(store, 9).await.len(), 2);
}

async fn the_past_stays_as_it_was_recorded(store: &Store) {
    load(store, 1, &[kev("CVE-2020-1", "patch")], true).await;
    load(store, 5, &[kev("CVE-2020-1", "isolate")], true).await;
    assert_eq!(known(store, 0).await, Vec::<String>::new());
    assert_eq!(known(store, 4).await, ["kev CVE-2020-1 patch"]);
    assert_eq!(known(store, 5).await, ["kev CVE-2020-1 isolate"]);
}

fn scores(rows: &[(&str, u32, u32)]) -> EpssTable {
    let row = |(id, probability_e5, percentile_e5): &(&str, u32, u32)| EpssRow {
        vulnerability: (*id).to_owned(),
        probability_e5: *probability_e5,
        percentile_e5: *percentile_e5,
    };
    EpssTable {
        model_version: "v2026.06.15".into(),
        score_date: jiff::civil::date(2026, 8, 15),
        rows: rows.iter().map(row).collect(),
    }
}

async fn a_day_of_scores_is_what_changed(store: &Store) {
    let first = scores(&[("CVE-1999-0001", 988, 77371), ("CVE-2021-44228", 94358, 99999)]);
    store.load_epss(&feed("epss", 1), &first).await.unwrap();
    let second = scores(&[("CVE-1999-0001", 3351, 87534), ("CVE-2021-44228", 94358, 99999)]);
    let changes = store.load_epss(&feed("epss", 2), &second).await.unwrap();
    assert_eq!(changes, Changes { changed: 1, unchanged: 1, ..Changes::default() });
    let then = store.epss(at(1)).await.unwrap();
    assert_eq!(then.of("CVE-1999-0001"), Some((988, 77371)));
    let now = store.epss(at(2)).await.unwrap();
    assert_eq!(now.of("CVE-1999-0001"), Some((3351, 87534)));
    assert_eq!(now.score_date, Some(jiff::civil::date(2026, 8, 15)));
}

async fn a_held_document_leaves_the_old_one_in_force(store: &Store) {
    load(store, 1, &[kev("CVE-2020-1", "patch")], true).await;
    store.hold(&feed("kev", 2), "it lost more than 2 % of its rows").await.unwrap();
    let states = store.feeds(at(9)).await.unwrap();
    assert_eq!(states.len(), 1);
    assert_eq!(states[0].recorded_at, at(1));
    assert_eq!(states[0].held.as_deref(), Some("it lost more than 2 % of its rows"));
    assert_eq!(known(store, 9).await.len(), 1);
    load(store, 3, &[kev("CVE-2020-1", "patch")], true).await;
    assert_eq!(store.feeds(at(9)).await.unwrap()[0].held, None);
}

fn import(site: &str, second: i64) -> ImportDocument {
    ImportDocument {
        site: site.into(),
        source: "cmms".into(),
        name: "devices.csv".into(),
        format: "csv".into(),
        digest: short_digest(&second.to_be_bytes()),
        observed_at: at(second),
        recorded_at: at(second),
    }
}

fn sheet(key: &str, model: &str, libraries: &[&str]) -> Sheet {
    Sheet {
        key: key.into(),
        attributes: vec![(Attribute::AssetId, key.into()), (Attribute::Model, model.into())],
        components: libraries
            .iter()
            .map(|name| Component::new(ComponentKind::Package, *name))
            .collect(),
        place: "row 1".into(),
        ..Sheet::default()
    }
}

async fn importing_again_changes_nothing_but_the_day_it_was_seen(store: &Store) {
    let sheets = [sheet("A1", "V500", &["openssl"]), sheet("A2", "V500", &["openssl"])];
    let first = store.import(&import("main", 1), &sheets, &[]).await.unwrap();
    assert_eq!(first.added, 2);
    let mut moved = sheets.clone();
    moved[0].place = "row 7".into();
    let next_day = store.import(&import("main", 90_000), &moved, &[]).await.unwrap();
    assert_eq!(next_day, Changes { unchanged: 2, ..Changes::default() });
    let same_day = store.import(&import("main", 90_001), &sheets, &[]).await.unwrap();
    assert_eq!(same_day.written(), 0);
    let (the_day_after, _) = store.import_again(&import("main", 180_000)).await.unwrap();
    assert_eq!(the_day_after, Changes { unchanged: 2, ..Changes::default() });
    let claims = store.claims("main", at(200_000)).await.unwrap();
    assert_eq!(claims[0].recorded_at, at(1));
    assert!(claims[0].observed_at > at(1), "it was seen again the next day");
    let changed = store
        .import(&import("main", 190_002), &[sheet("A1", "V600", &["openssl"])], &[])
        .await
        .unwrap();
    assert_eq!(changed.changed, 1);
    assert_eq!(
        store.claims("main", at(200_000)).await.unwrap().len(),
        2,
        "what is not in a document is not removed"
    );
}

async fn a_claim_comes_back_with_its_bill(store: &Store) {
    let sheets =
        [sheet("A1", "V500", &["zlib", "openssl"]), sheet("A2", "V500", &["openssl", "zlib"])];
    store.import(&import("main", 1), &sheets, &[]).await.unwrap();
    let claims = store.claims("main", at(1)).await.unwrap();
    let names = |claim: usize| {
        claims[claim].sheet.components.iter().map(|it| it.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(0).len(), 2);
    assert_eq!(names(0), names(1), "devices that have the same share one bill");
    assert_eq!(claims[0].sheet.first(Attribute::Model), Some("V500"));
}

async fn the_position_moves_with_whatever_is_recorded(store: &Store) {
    let position = async |second| store.position("main", at(second)).await.unwrap();
    let empty = position(1000).await;
    let flaws = [kev("CVE-2020-1", "patch it")];
    load(store, 10, &flaws, true).await;
    let known = position(1000).await;
    assert_ne!(known.knowledge, empty.knowledge);
    assert_eq!(known.site, empty.site);
    let day = scores(&[("CVE-2020-1", 988, 77371)]);
    store.load_epss(&feed("epss", 20), &day).await.unwrap();
    let scored = position(1000).await;
    assert_eq!(scored.knowledge, known.knowledge, "scores say nothing of products");
    assert_ne!(scored.feeds, known.feeds);
    store.import(&import("north", 30), &[sheet("A1", "V500", &[])], &[]).await.unwrap();
    assert_eq!(position(1000).await, scored, "another site's");
    let sheets = [sheet("A1", "V500", &[])];
    store.import(&import("main", 40), &sheets, &[]).await.unwrap();
    let imported = position(1000).await;
    assert_ne!(imported.site, scored.site);
    store.import_again(&import("main", 50)).await.unwrap();
    assert_ne!(position(1000).await.site, imported.site, "the day it was seen again");
    let past = position(45).await;
    assert_eq!((&past.site, past.past), (&imported.site, true));
    assert!(!position(1000).await.past);
    // A slower writer records something at an earlier moment.
    let before = position(1000).await;
    load(store, 15, &[kev("CVE-2020-2", "patch it")], false).await;
    assert_ne!(position(1000).await.knowledge, before.knowledge);
}

async fn single_subjects_say_what_they_say_among_all(store: &Store) {
    let sheets = [sheet("A1", "V500", &["openssl"]), sheet("A2", "Evita", &[])];
    store.import(&import("main", 1), &sheets, &[]).await.unwrap();
    store.import(&import("main", 90_000), &sheets, &[]).await.unwrap();
    let changed = [sheet("A1", "V600", &[]), sheets[1].clone()];
    store.import(&import("main", 180_000), &changed, &[]).await.unwrap();
    for second in [1, 90_000, 100_000, 180_000, 500_000] {
        let mut all = store.claims("main", at(second)).await.unwrap();
        for claim in &mut all {
            claim.sheet.components.clear();
        }
        let subjects: Vec<(String, String)> =
            all.iter().map(|claim| (claim.source.clone(), claim.sheet.key.clone())).collect();
        assert_eq!(store.claims_of("main", &subjects, at(second)).await.unwrap(), all, "{second}");
    }
    let nobody = [("cmms".to_owned(), "A9".to_owned())];
    assert_eq!(store.claims_of("main", &nobody, at(500_000)).await.unwrap(), []);
}

async fn documents_written_together_say_what_they_say_one_by_one(store: &Store) {
    let sheets = [sheet("A1", "V500", &["openssl", "zlib"])];
    let documents: Vec<ImportDocument> = (1..=3)
        .map(|number| ImportDocument { source: format!("sbom-{number}"), ..import("main", number) })
        .collect();
    let delivery = |document| Delivery { document, sheets: &sheets, complaints: &[], bills: &[] };
    let [one, two, three] = documents.as_slice() else { panic!("three documents") };
    let taken = store.import_all(&[delivery(one), delivery(two)]).await.unwrap();
    assert_eq!(taken.iter().map(|it| it.changes.added).sum::<u64>(), 2);
    // The third is the same bytes: its bill is known, and its components need not come again.
    let bare = [Sheet { components: Vec::new(), ..sheets[0].clone() }];
    let third =
        Delivery { document: three, sheets: &bare, complaints: &[], bills: &taken[0].bills };
    assert_eq!(store.import_all(&[third]).await.unwrap()[0].changes.added, 1);
    let claims = store.claims("main", at(1000)).await.unwrap();
    assert_eq!(claims.len(), 3);
    assert!(claims.iter().all(|claim| claim.sheet.components == claims[0].sheet.components));
    assert_eq!(claims[0].sheet.components.len(), sheets[0].components.len());
}

async fn a_corrected_row_is_as_old_as_the_first_word_on_it(store: &Store) {
    store.import(&import("main", 1), &[sheet("A1", "V500", &["openssl"])], &[]).await.unwrap();
    store.import(&import("main", 5), &[sheet("A1", "V600", &["openssl"])], &[]).await.unwrap();
    let of = [("cmms".to_owned(), "A1".to_owned())];
    for claims in [
        store.claims("main", at(9)).await.unwrap(),
        store.claims_of("main", &of, at(9)).await.unwrap(),
    ] {
        assert_eq!((claims[0].first_recorded_at, claims[0].recorded_at), (at(1), at(5)));
        assert_eq!(claims[0].sheet.first(Attribute::Model), Some("V600"));
    }
}

async fn what_was_seen_on_a_day_is_not_known_before_it_was_said(store: &Store) {
    let sheets = [sheet("A1", "V500", &[])];
    store.import(&import("main", 1), &sheets, &[]).await.unwrap();
    // On the fourth day somebody brings the second day's list.
    let late = ImportDocument { observed_at: at(90_000), ..import("main", 300_000) };
    store.import(&late, &sheets, &[]).await.unwrap();
    let of = [("cmms".to_owned(), "A1".to_owned())];
    // Days are noted, not moments: the second one began at 35,200.
    for (moment, seen) in [(200_000, at(1)), (300_000, at(35_200))] {
        let claims = store.claims("main", at(moment)).await.unwrap();
        assert_eq!(claims[0].observed_at, seen, "as known at {moment}");
        let claims = store.claims_of("main", &of, at(moment)).await.unwrap();
        assert_eq!(claims[0].observed_at, seen, "as known at {moment}");
    }
}

async fn what_a_source_said_before_is_found_again(store: &Store) {
    let sheets = [sheet("A1", "V500", &["zlib"]), sheet("A2", "V500", &[])];
    store.import(&import("main", 1), &sheets, &[]).await.unwrap();
    store.import(&import("main", 2), &[sheet("A1", "V600", &["openssl"])], &[]).await.unwrap();
    let asked = ["A1", "A2", "A3"].into_iter().collect();
    let said = store.said_before("main", "cmms", &asked).await.unwrap();
    assert_eq!(said.keys().collect::<Vec<_>>(), ["A1", "A2"]);
    assert_eq!(said["A1"].components[0].name, "openssl");
    let names: Vec<String> = (0..1_000).map(|it| format!("A{it}")).collect();
    let many = names.iter().map(String::as_str).collect();
    assert_eq!(store.said_before("main", "cmms", &many).await.unwrap(), said);
    assert!(store.said_before("main", "scan", &asked).await.unwrap().is_empty());
}

async fn a_document_that_is_repeated_is_as_wrong_as_before(store: &Store) {
    let complaints = [Complaint::refused("row 2", "it names no subject")];
    store.import(&import("main", 1), &[sheet("A1", "V500", &[])], &complaints).await.unwrap();
    for second in [2, 3] {
        let (changes, repeated) = store.import_again(&import("main", second)).await.unwrap();
        assert_eq!((changes.written(), repeated.as_slice()), (0, complaints.as_slice()));
    }
}

async fn sites_do_not_see_each_other(store: &Store) {
    store.import(&import("north", 1), &[sheet("A1", "V500", &["openssl"])], &[]).await.unwrap();
    store.import(&import("south", 2), &[sheet("A1", "Evita", &["zlib"])], &[]).await.unwrap();
    let north = store.claims("north", at(9)).await.unwrap();
    assert_eq!(north.len(), 1);
    assert_eq!(north[0].sheet.first(Attribute::Model), Some("V500"));
    assert_eq!(store.sites().await.unwrap(), ["north", "south"]);
}

async fn an_odd_name_survives_the_way_in_and_out(store: &Store) {
    let odd = "tab\there \\N \\x00 \"quote\" 'apostrophe' Dräger; DROP TABLE sheet\r\nline";
    store.import(&import("main", 1), &[sheet(odd, odd, &[odd])], &[]).await.unwrap();
    let claims = store.claims("main", at(1)).await.unwrap();
    assert_eq!(claims[0].sheet.key, odd);
    assert_eq!(claims[0].sheet.components[0].name, odd);
}

async fn a_decision_rests_on_all_before_it(store: &Store) {
    let by = Actor { name: "Ana".into(), role: Role::Analyst };
    let made = |number| Event::Made { change: Change::TakeBack { number }, reason: "r".into() };
    let head = store.decide("main", 0, &by, &[made(1), made(2)], at(1)).await.unwrap();
    assert_eq!(head.number, 2);
    let late = store.decide("main", 1, &by, &[made(3)], at(2)).await;
    assert!(matches!(late, Err(exposome_store::Error::Overtaken)));
    store.decide("main", 2, &by, &[made(3)], at(2)).await.unwrap();
    store.decide("north", 0, &by, &[made(9)], at(2)).await.unwrap();
    let then = store.events("main", at(1)).await.unwrap();
    let numbers: Vec<u64> = then.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(store.events("main", at(2)).await.unwrap()[2].event, made(3));
    assert_eq!(store.verify_log("main").await.unwrap().unwrap().number, 3);
    assert_eq!(store.verify_log("north").await.unwrap().unwrap().number, 1);
    let (one, other) = (store.position("main", at(1)).await, store.position("main", at(2)).await);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!(one.decisions != other.decisions && one.past && !other.past);
}

/// A sequence of numbers that is the same in every run (Steele et al., `SplitMix64`).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) >> 33).unwrap() % end
    }
}

/// How many documents and decisions the history has, and how often the past is asked after each.
const STEPS: i64 = 400;
const REPLAYS: usize = 5;

const FLAWS: [&str; 6] =
    ["CVE-2020-1", "CVE-2020-2", "CVE-2020-3", "CVE-2020-4", "CVE-2020-5", "CVE-2020-6"];

/// Everything a conclusion rests on, as it was known by a moment, part by part.
async fn facts(store: &Store, second: i64) -> [String; 5] {
    let moment = at(second);
    let epss = store.epss(moment).await.unwrap();
    let feeds = store.feeds(moment).await.unwrap().into_iter();
    let feeds: Vec<_> = feeds.map(|it| (it.feed, it.recorded_at, it.data_date)).collect();
    [
        format!("{:?}", store.claims("main", moment).await.unwrap()),
        format!("{:?}", known(store, second).await),
        format!("{:?} {:?}", epss.score_date, FLAWS.map(|id| epss.of(id))),
        format!("{:?}", store.events("main", moment).await.unwrap()),
        format!("{feeds:?}"),
    ]
}

/// Something is recorded: a document of the site, of a feed, a day of scores, or a decision.
async fn record(store: &Store, random: &mut Random, second: i64) {
    let some = |random: &mut Random| -> Vec<&str> {
        FLAWS.into_iter().filter(|_| random.below(3) > 0).collect()
    };
    match random.below(4) {
        0 => {
            let models = ["V500", "V600", "V700"];
            let libraries = ["zlib", "openssl", "expat"];
            let sheets: Vec<Sheet> = (0..=random.below(4))
                .map(|_| {
                    let key = format!("A{}", random.below(8));
                    let model = models[random.below(3)];
                    sheet(&key, model, &libraries[..random.below(4)])
                })
                .collect();
            let document = ImportDocument {
                observed_at: at(second - i64::try_from(random.below(3)).unwrap() * 100_000),
                source: ["cmms", "scan"][random.below(2)].into(),
                ..import("main", second)
            };
            store.import(&document, &sheets, &[]).await.unwrap();
        }
        1 => {
            let whole = random.below(2) == 0;
            let action = ["patch", "isolate"][random.below(2)];
            let records: Vec<Record> = some(random).into_iter().map(|id| kev(id, action)).collect();
            load(store, second, &records, whole).await;
        }
        2 => {
            let rows = some(random);
            let rows: Vec<(&str, u32, u32)> = rows
                .into_iter()
                .map(|id| (id, u32::try_from(random.below(100_000)).unwrap(), 50_000))
                .collect();
            store.load_epss(&feed("epss", second), &scores(&rows)).await.unwrap();
        }
        _ => {
            let by = Actor { name: "Ana".into(), role: Role::Analyst };
            let last = store.events("main", at(second)).await.unwrap().len() as u64;
            let made =
                Event::Made { change: Change::TakeBack { number: last }, reason: "r".into() };
            store.decide("main", last, &by, &[made], at(second)).await.unwrap();
        }
    }
}

/// What is concluded is a function of these facts alone, so what is read again as it was is concluded again as it was.
async fn any_history_is_replayed_as_it_was(store: &Store) {
    let mut random = Random(20_261_124);
    let mut then = Vec::new();
    let mut moved = 0;
    for step in 0..STEPS {
        let second = (step + 1) * 40_000;
        record(store, &mut random, second).await;
        let now = facts(store, second).await;
        moved += usize::from(then.last().is_some_and(|(_, before)| *before != now));
        then.push((second, now));
        for _ in 0..REPLAYS {
            let (second, original) = &then[random.below(then.len())];
            // Also a little later, before anything else was recorded.
            let asked = second + i64::try_from(random.below(40_000)).unwrap();
            let replayed = facts(store, asked).await;
            for (replayed, original) in replayed.iter().zip(original) {
                assert_eq!(replayed, original, "as known at {second}, asked at {asked}");
            }
        }
    }
    assert!(moved > 300, "only {moved} steps changed anything");
}

fn finished(number: u64, second: i64, position: Position) -> Finished {
    Finished {
        number,
        as_of: at(second),
        recorded_at: at(second + 1),
        program: format!("0.{number}"),
        ruleset: [7; 32],
        position,
        answers: [u8::try_from(number).unwrap(); 32],
    }
}

fn transitions(asset: &str, after: Option<u32>) -> Transitions {
    let place = Place {
        vulnerability: "CVE-2026-1".into(),
        kind: ComponentKind::Device,
        vendor: None,
        name: "Flow 7\u{1f}\\".into(),
    };
    let stand = Stand { outcome: Outcome::ActNow, row: "1-active".into(), due: Some(at(99)) };
    let facts = vec![FactId::kev("CVE-2026-1")];
    let why = Reason { about: About::Exploitation, words: "KEV lists it".into(), facts };
    let step = Step { place: 0, before: after.is_none().then_some(0), after, why: 0 };
    Transitions {
        places: vec![place],
        stands: vec![stand],
        reasons: vec![vec![why]],
        groups: vec![Group { assets: vec![asset.into()], steps: vec![step] }],
    }
}

async fn what_was_concluded_is_added_to_and_read_back(store: &Store) {
    let rules: BTreeMap<String, String> = [("policy.toml".into(), "a = 1\n".into())].into();
    assert_eq!(store.finished("main", at(100)).await.unwrap(), None);
    let mut written = Vec::new();
    for (number, second) in [(1, 10), (2, 20), (3, 86_400 + 20)] {
        let position = store.position("main", at(second)).await.unwrap();
        let it = finished(number, second, position);
        let assets = number * 10;
        let summary = Summary {
            as_of: at(second),
            assets,
            unjudged: None,
            all: Count { by_outcome: [1, 2, 3, number], overdue: 1 },
            gated: Count::default(),
            by: [("unit".into(), [("ICU".into(), Count::default())].into())].into(),
        };
        let blocks = [
            transitions(&format!("A{number}"), Some(0)),
            transitions("B", (number != 2).then_some(0)),
        ];
        let conclusions = Conclusions { rules: &rules, transitions: &blocks, summary: &summary };
        store.record("main", &it, conclusions).await.unwrap();
        let twice = store.record("main", &it, conclusions).await.unwrap_err();
        assert!(matches!(twice, Error::Concluded { as_of } if as_of == at(second)), "{twice}");
        written.push((it, summary, blocks));
    }
    for (second, number) in [(10, 1), (19, 1), (20, 2), (86_419, 2), (900_000, 3)] {
        let found = store.finished("main", at(second)).await.unwrap().unwrap();
        let (finished, summary, _) = &written[number - 1];
        assert_eq!(found, *finished);
        assert_eq!(store.summary("main", &found).await.unwrap(), *summary);
    }
    assert_eq!(store.finished("main", at(9)).await.unwrap(), None);
    assert_eq!(store.finished("another", at(100)).await.unwrap(), None);

    let mut heard = Vec::new();
    store.transitions("main", 2, |block, as_of| heard.push((block.clone(), as_of))).await.unwrap();
    let of = |(it, _, blocks): &(Finished, Summary, [Transitions; 2])| {
        blocks.clone().map(|block| (block, it.as_of))
    };
    assert_eq!(heard, written[..2].iter().flat_map(of).collect::<Vec<_>>());

    let days = store.summaries("main", at(900_000)).await.unwrap();
    let assets: Vec<u64> = days.values().map(|it| it.assets).collect();
    assert_eq!(assets, [20, 30], "the last of each day");
    assert_eq!(store.summaries("main", at(10)).await.unwrap().len(), 1);

    assert_eq!(store.ruleset("main", &[7; 32]).await.unwrap(), Some(rules));
    assert_eq!(store.ruleset("main", &[8; 32]).await.unwrap(), None);
}
