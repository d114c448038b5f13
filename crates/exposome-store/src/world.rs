//! World knowledge: what publishers say of vulnerabilities, exploitation and support.

use crate::bulk::{Table, Value, insert};
use crate::epss::{self, Scores};
use crate::{
    Changes, Error, Link, ShortDigest, Store, Writing, each_row, json, micros, moment, short_digest,
};
use exposome_model::knowledge::{EpssTable, Record};
use std::collections::{BTreeMap, HashMap};

/// A feed document as it was offered.
#[derive(Debug, Clone)]
pub struct FeedDocument {
    /// `kev`, `epss`, `cve5`, `nvd-2.0`, `csaf`.
    pub feed: String,
    pub name: String,
    pub digest: ShortDigest,
    /// When the publisher says it was made.
    pub data_date: Option<jiff::Timestamp>,
    pub recorded_at: jiff::Timestamp,
    /// How many records it held, and how many of them were refused.
    pub records: u64,
    pub refused: u64,
}

/// The state of one feed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FeedState {
    pub feed: String,
    pub name: String,
    pub recorded_at: jiff::Timestamp,
    pub data_date: Option<jiff::Timestamp>,
    pub records: u64,
    /// Why the newest document offered is not in force.
    pub held: Option<String>,
}

/// Scores of one day, by CVE year and number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Epss {
    pub model_version: String,
    pub score_date: Option<jiff::civil::Date>,
    pub scores: Scores,
}

impl Epss {
    /// Probability and percentile of a CVE, both in 1/100,000.
    pub fn of(&self, vulnerability: &str) -> Option<epss::Score> {
        let key = epss::cve_key(vulnerability)?;
        let place = self.scores.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.scores.get(place).map(|(_, score)| *score)
    }
}

const KNOWLEDGE: Table = Table {
    name: "knowledge",
    columns: &["feed", "record", "recorded_at", "digest", "modified", "body"],
};
const EPSS_CHANGE: Table = Table {
    name: "epss_change",
    columns: &["recorded_at", "score_date", "model_version", "changes"],
};
const FEED_DOCUMENT: Table = Table {
    name: "feed_document",
    columns: &[
        "feed",
        "recorded_at",
        "name",
        "digest",
        "data_date",
        "records",
        "added",
        "changed",
        "removed",
        "refused",
        "held",
    ],
};

/// The feed under which whole loads are noted.
pub const LOADS: &str = "load";

/// The key of a record within its feed.
pub fn record_key(record: &Record) -> String {
    match record {
        Record::Advisory(it) => {
            format!("{}\u{1f}{}\u{1f}{}", it.document, it.vulnerability, it.publisher)
        }
        Record::Kev(it) => it.vulnerability.clone(),
        Record::Exploit(it) => format!("{}\u{1f}{}", it.vulnerability, it.name),
        Record::Support(it) => format!("{}\u{1f}{}", it.product, it.cycle),
    }
}

impl Store {
    /// Whether the last load that was carried through was of documents with this digest: loading them again would
    /// change nothing.
    pub async fn is_loaded(&self, digest: &ShortDigest) -> Result<bool, Error> {
        let mut reading = self.read().await?;
        let mut newest: Option<Vec<u8>> = None;
        each_row!(reading.link(), "SELECT digest FROM feed_document WHERE feed = $1 ORDER BY recorded_at DESC LIMIT 1", [LOADS], |(digest,) in (Vec<u8>,)| {
            newest = Some(digest);
        });
        Ok(newest.is_some_and(|newest| newest == digest))
    }

    /// Notes that a load of several documents was carried through to its last one.
    pub async fn note_loaded(
        &self,
        name: &str,
        digest: ShortDigest,
        recorded_at: jiff::Timestamp,
    ) -> Result<(), Error> {
        let document = FeedDocument {
            feed: LOADS.to_owned(),
            name: name.to_owned(),
            digest,
            data_date: None,
            recorded_at,
            records: 0,
            refused: 0,
        };
        self.begin_load(recorded_at).await?.commit(&[document]).await?;
        Ok(())
    }

    /// Begins to load documents, in one transaction: it is there whole or not at all.
    pub async fn begin_load(&self, recorded_at: jiff::Timestamp) -> Result<Loading, Error> {
        let writing = self.write("world").await?;
        Ok(Loading { writing, recorded_at: micros(recorded_at), feeds: BTreeMap::new() })
    }

    /// Keeps note of a document that is not in force.
    pub async fn hold(&self, document: &FeedDocument, why: &str) -> Result<(), Error> {
        let mut writing = self.write("world").await?;
        let row = document_row(document, Changes::default(), Some(why));
        insert(writing.link(), FEED_DOCUMENT, vec![row]).await?;
        writing.commit().await
    }

    /// Loads a day of EPSS scores as what changed.
    pub async fn load_epss(
        &self,
        document: &FeedDocument,
        table: &EpssTable,
    ) -> Result<Changes, Error> {
        let before = self.epss(document.recorded_at).await?.scores;
        let rows = table.rows.iter().filter_map(|row| {
            Some((epss::cve_key(&row.vulnerability)?, (row.probability_e5, row.percentile_e5)))
        });
        let (packed, changes) = epss::changes(&before, &epss::in_order(rows.collect()));
        let mut writing = self.write("world").await?;
        if changes.written() > 0 {
            let row = vec![
                Value::Number(micros(document.recorded_at)),
                Value::Number(days(table.score_date)),
                Value::Text(table.model_version.clone()),
                Value::Bytes(packed),
            ];
            insert(writing.link(), EPSS_CHANGE, vec![row]).await?;
        }
        let row = document_row(document, changes, None);
        insert(writing.link(), FEED_DOCUMENT, vec![row]).await?;
        writing.commit().await?;
        Ok(changes)
    }

    /// The scores as recorded up to a moment.
    pub async fn epss(&self, as_of: jiff::Timestamp) -> Result<Epss, Error> {
        let mut epss = Epss::default();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT score_date, model_version, changes FROM epss_change WHERE recorded_at <= $1 ORDER BY recorded_at", [micros(as_of)], |(score_date, model_version, changes) in (i64, String, Vec<u8>)| {
            let damaged = || Error::Damaged { what: "day of EPSS scores", record: score_date.to_string() };
            epss.scores = epss::apply(&epss.scores, &changes).ok_or_else(damaged)?;
            epss.model_version = model_version;
            epss.score_date = Some(date(score_date).ok_or_else(damaged)?);
        });
        Ok(epss)
    }

    /// Hands over every record as recorded up to a moment, in the order of feed and record.
    pub async fn knowledge(
        &self,
        as_of: jiff::Timestamp,
        mut take: impl FnMut(&str, Record),
    ) -> Result<(), Error> {
        let mut reading = self.read().await?;
        let mut last: Option<(String, String, Option<String>)> = None;
        let mut hand_over = |last: Option<(String, String, Option<String>)>| -> Result<(), Error> {
            if let Some((feed, record, Some(body))) = last {
                let damaged = |_| Error::Damaged {
                    what: "record of world knowledge",
                    record: format!("{feed} {record}"),
                };
                take(&feed, serde_json::from_str(&body).map_err(damaged)?);
            }
            Ok(())
        };
        each_row!(reading.link(), "SELECT feed, record, body FROM knowledge WHERE recorded_at <= $1 ORDER BY feed, record, recorded_at", [micros(as_of)], |(feed, record, body) in (String, String, Option<String>)| {
            let same = last.as_ref().is_some_and(|(f, r, _)| *f == feed && *r == record);
            let earlier = last.replace((feed, record, body));
            if !same {
                hand_over(earlier)?;
            }
        });
        hand_over(last)
    }

    /// Every feed with the document in force and why a newer one is held, as recorded up to a moment.
    pub async fn feeds(&self, as_of: jiff::Timestamp) -> Result<Vec<FeedState>, Error> {
        let mut reading = self.read().await?;
        let mut states: Vec<FeedState> = Vec::new();
        each_row!(reading.link(), "SELECT feed, recorded_at, name, data_date, records, held FROM feed_document WHERE recorded_at <= $1 AND feed <> $2 ORDER BY feed, recorded_at", [micros(as_of), LOADS], |(feed, recorded_at, name, data_date, records, held) in (String, i64, String, Option<i64>, i64, Option<String>)| {
            let data_date = data_date.map(moment).transpose()?;
            let state = FeedState { feed, name, recorded_at: moment(recorded_at)?, data_date, records: records.cast_unsigned(), held };
            match states.last_mut().filter(|last| last.feed == state.feed) {
                Some(last) if state.held.is_some() => last.held = state.held,
                Some(last) => *last = state,
                // Nothing of the feed is in force yet.
                None if state.held.is_some() => {}
                None => states.push(state),
            }
        });
        Ok(states)
    }
}

/// Documents on their way into the store.  Dropped without [`Loading::commit`], they leave nothing behind.
pub struct Loading {
    writing: Writing,
    recorded_at: i64,
    feeds: BTreeMap<String, LoadingFeed>,
}

#[derive(Default)]
struct LoadingFeed {
    known: HashMap<String, Known>,
    changes: Changes,
}

/// The newest version of a record that is known.
struct Known {
    digest: ShortDigest,
    modified: Option<i64>,
    gone: bool,
    /// How many versions of it this load has written or met.
    met: u32,
}

impl Loading {
    /// Takes in records of one feed.  A record that says what is known writes nothing; one that its publisher
    /// dates before the known one is passed over.
    pub async fn add(&mut self, feed: &str, records: &[Record]) -> Result<(), Error> {
        if !self.feeds.contains_key(feed) {
            let known = known_records(self.writing.link(), feed).await?;
            self.feeds.insert(feed.to_owned(), LoadingFeed { known, changes: Changes::default() });
        }
        let recorded_at = self.recorded_at;
        let loading = self.feeds.entry(feed.to_owned()).or_default();
        let rows: Vec<_> =
            records.iter().filter_map(|record| loading.row(feed, recorded_at, record)).collect();
        insert(self.writing.link(), KNOWLEDGE, rows).await
    }

    /// The document was the whole feed: what it did not name has left.
    pub async fn leave_unmet(&mut self, feed: &str) -> Result<(), Error> {
        let Some(loading) = self.feeds.get_mut(feed) else { return Ok(()) };
        let unmet = loading.known.iter().filter(|(_, known)| known.met == 0 && !known.gone);
        let mut left: Vec<String> = unmet.map(|(record, _)| record.clone()).collect();
        left.sort();
        loading.changes.removed = left.len() as u64;
        let gone = |record: String| {
            knowledge_row(feed, record, self.recorded_at, ShortDigest::default(), None, None)
        };
        let rows: Vec<_> = left.into_iter().map(gone).collect();
        insert(self.writing.link(), KNOWLEDGE, rows).await
    }

    /// How many records of a feed the store would hold, and held before: to see a feed that shrank.
    pub fn sizes(&self, feed: &str) -> (u64, u64) {
        let known = || self.feeds.get(feed).into_iter().flat_map(|loading| loading.known.values());
        let met = known().filter(|known| known.met > 0).count() as u64;
        let added = self.feeds.get(feed).map_or(0, |loading| loading.changes.added);
        let before = known().filter(|known| !known.gone).count() as u64 - added;
        (met, before)
    }

    /// Makes it so, with a note of each document.
    pub async fn commit(
        mut self,
        documents: &[FeedDocument],
    ) -> Result<BTreeMap<String, Changes>, Error> {
        let changes: BTreeMap<String, Changes> =
            self.feeds.into_iter().map(|(feed, loading)| (feed, loading.changes)).collect();
        let row = |document: &FeedDocument| {
            document_row(document, changes.get(&document.feed).copied().unwrap_or_default(), None)
        };
        let rows: Vec<_> = documents.iter().map(row).collect();
        insert(self.writing.link(), FEED_DOCUMENT, rows).await?;
        self.writing.commit().await?;
        Ok(changes)
    }
}

impl LoadingFeed {
    /// The row to write for a record, if it says anything new.
    fn row(&mut self, feed: &str, recorded_at: i64, record: &Record) -> Option<Vec<Value>> {
        let key = record_key(record);
        let body = json(record);
        let digest = short_digest(body.as_bytes());
        let modified = modified(record);
        let Some(known) = self.known.get_mut(&key) else {
            self.changes.added += 1;
            self.known.insert(key.clone(), Known { digest, modified, gone: false, met: 1 });
            return Some(knowledge_row(feed, key, recorded_at, digest, modified, Some(body)));
        };
        let is_same = !known.gone && known.digest == digest;
        let is_older = !known.gone
            && matches!((modified, known.modified), (Some(new), Some(old)) if new < old);
        // A second version of a record in one load: the first stands unless the second is dated later.
        let is_repeated = known.met > 0 && modified <= known.modified;
        known.met += 1;
        if is_same || is_older || is_repeated {
            self.changes.unchanged += u64::from(known.met == 1);
            return None;
        }
        self.changes.changed += u64::from(known.met == 1);
        let at = recorded_at + i64::from(known.met - 1);
        *known = Known { digest, modified, gone: false, met: known.met };
        Some(knowledge_row(feed, key, at, digest, modified, Some(body)))
    }
}

async fn known_records(link: Link<'_>, feed: &str) -> Result<HashMap<String, Known>, Error> {
    let mut known = HashMap::new();
    each_row!(link, "SELECT record, digest, modified, body IS NULL FROM knowledge WHERE feed = $1 ORDER BY record, recorded_at", [feed], |(record, digest, modified, gone) in (String, Vec<u8>, Option<i64>, bool)| {
        let digest = ShortDigest::try_from(digest).unwrap_or_default();
        known.insert(record, Known { digest, modified, gone, met: 0 });
    });
    Ok(known)
}

/// When its publisher last changed a record, where it says so.
fn modified(record: &Record) -> Option<i64> {
    match record {
        Record::Advisory(advisory) => advisory.modified.map(micros),
        Record::Kev(_) | Record::Exploit(_) | Record::Support(_) => None,
    }
}

fn knowledge_row(
    feed: &str,
    record: String,
    recorded_at: i64,
    digest: ShortDigest,
    modified: Option<i64>,
    body: Option<String>,
) -> Vec<Value> {
    vec![
        Value::Text(feed.to_owned()),
        Value::Text(record),
        Value::Number(recorded_at),
        Value::Bytes(digest.to_vec()),
        modified.map_or(Value::Null, Value::Number),
        body.map_or(Value::Null, Value::Text),
    ]
}

fn document_row(document: &FeedDocument, changes: Changes, held: Option<&str>) -> Vec<Value> {
    let number = |count: u64| Value::Number(count.cast_signed());
    vec![
        Value::Text(document.feed.clone()),
        Value::Number(micros(document.recorded_at)),
        Value::Text(document.name.clone()),
        Value::Bytes(document.digest.to_vec()),
        document.data_date.map_or(Value::Null, |at| Value::Number(micros(at))),
        number(document.records),
        number(changes.added),
        number(changes.changed),
        number(changes.removed),
        number(document.refused),
        held.map_or(Value::Null, |why| Value::Text(why.to_owned())),
    ]
}

fn days(date: jiff::civil::Date) -> i64 {
    let since = date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1)));
    since.map_or(0, |span| i64::from(span.get_days()))
}

fn date(days: i64) -> Option<jiff::civil::Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}
