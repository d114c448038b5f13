//! World knowledge: what publishers say of vulnerabilities, exploitation and support.

use crate::bulk::{Table, Value, insert};
use crate::epss::{self, Scores};
use crate::{Changes, Error, ShortDigest, Store, each_row, json, micros, moment, short_digest};
use exposome_model::knowledge::{EpssTable, Record};
use std::collections::HashMap;

/// A feed document as it was offered.
#[derive(Debug, Clone)]
pub struct FeedDocument {
    /// `kev`, `epss`, `cve5`, `nvd`, `csaf:cisa`.
    pub feed: String,
    pub name: String,
    pub digest: ShortDigest,
    /// When the publisher says it was made.
    pub data_date: Option<jiff::Timestamp>,
    pub recorded_at: jiff::Timestamp,
    /// Records that were refused in it.
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

const KNOWLEDGE: Table =
    Table { name: "knowledge", columns: &["feed", "record", "recorded_at", "digest", "body"] };
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
    /// Whether this very document is the last one of its feed that was loaded.
    pub async fn is_loaded(&self, feed: &str, digest: &ShortDigest) -> Result<bool, Error> {
        let mut reading = self.read().await?;
        let mut newest: Option<Vec<u8>> = None;
        each_row!(reading.link(), "SELECT digest FROM feed_document WHERE feed = $1 AND held IS NULL ORDER BY recorded_at DESC LIMIT 1", [feed], |(digest,) in (Vec<u8>,)| {
            newest = Some(digest);
        });
        Ok(newest.is_some_and(|newest| newest == digest))
    }

    /// Loads the records of one document in one transaction.  `whole`: the document is the whole feed, so that a
    /// record which is not in it has left.
    pub async fn load(
        &self,
        document: &FeedDocument,
        records: &[Record],
        whole: bool,
    ) -> Result<Changes, Error> {
        let mut writing = self.write(&document.feed).await?;
        let mut known: HashMap<String, (Vec<u8>, bool)> = HashMap::new();
        each_row!(writing.link(), "SELECT record, digest, body IS NULL FROM knowledge WHERE feed = $1 ORDER BY record, recorded_at", [&document.feed], |(record, digest, gone) in (String, Vec<u8>, bool)| {
            known.insert(record, (digest, gone));
        });
        let (rows, changes) = changed_rows(document, records, &mut known, whole);
        insert(writing.link(), KNOWLEDGE, &rows).await?;
        let row = document_row(document, records.len() as u64, changes, None);
        insert(writing.link(), FEED_DOCUMENT, &[row]).await?;
        writing.commit().await?;
        Ok(changes)
    }

    /// Keeps note of a document that is not in force.
    pub async fn hold(
        &self,
        document: &FeedDocument,
        records: u64,
        why: &str,
    ) -> Result<(), Error> {
        let mut writing = self.write(&document.feed).await?;
        let row = document_row(document, records, Changes::default(), Some(why));
        insert(writing.link(), FEED_DOCUMENT, &[row]).await?;
        writing.commit().await
    }

    /// Loads a day of EPSS scores as what changed.
    pub async fn load_epss(
        &self,
        document: &FeedDocument,
        table: &EpssTable,
    ) -> Result<Changes, Error> {
        let before = self.epss(document.recorded_at).await?.scores;
        let after: Scores = table
            .rows
            .iter()
            .filter_map(|row| {
                Some((epss::cve_key(&row.vulnerability)?, (row.probability_e5, row.percentile_e5)))
            })
            .collect();
        let packed = epss::changes(&before, &after);
        let changes = count_changes(&before, &after);
        let mut writing = self.write(&document.feed).await?;
        if changes.written() > 0 {
            let row = vec![
                Value::Number(micros(document.recorded_at)),
                Value::Number(days(table.score_date)),
                Value::Text(table.model_version.clone()),
                Value::Bytes(packed),
            ];
            insert(writing.link(), EPSS_CHANGE, &[row]).await?;
        }
        let row = document_row(document, table.rows.len() as u64, changes, None);
        insert(writing.link(), FEED_DOCUMENT, &[row]).await?;
        writing.commit().await?;
        Ok(changes)
    }

    /// The scores as recorded up to a moment.
    pub async fn epss(&self, as_of: jiff::Timestamp) -> Result<Epss, Error> {
        let mut epss = Epss::default();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT score_date, model_version, changes FROM epss_change WHERE recorded_at <= $1 ORDER BY recorded_at", [micros(as_of)], |(score_date, model_version, changes) in (i64, String, Vec<u8>)| {
            let damaged = || Error::Damaged { what: "day of EPSS scores", record: score_date.to_string() };
            epss::apply(&mut epss.scores, &changes).ok_or_else(damaged)?;
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
        each_row!(reading.link(), "SELECT feed, recorded_at, name, data_date, records, held FROM feed_document WHERE recorded_at <= $1 ORDER BY feed, recorded_at", [micros(as_of)], |(feed, recorded_at, name, data_date, records, held) in (String, i64, String, Option<i64>, i64, Option<String>)| {
            let data_date = data_date.map(moment).transpose()?;
            let state = FeedState { feed, name, recorded_at: moment(recorded_at)?, data_date, records: records.cast_unsigned(), held };
            match states.last_mut().filter(|last| last.feed == state.feed) {
                Some(last) if state.held.is_some() => last.held = state.held,
                Some(last) => *last = state,
                None => states.push(state),
            }
        });
        Ok(states)
    }

    /// Changes whenever world knowledge does: the moment of the newest document in force.
    pub async fn world_position(
        &self,
        as_of: jiff::Timestamp,
    ) -> Result<Option<jiff::Timestamp>, Error> {
        let mut reading = self.read().await?;
        let mut newest: Option<i64> = None;
        each_row!(reading.link(), "SELECT MAX(recorded_at) FROM feed_document WHERE recorded_at <= $1 AND held IS NULL AND added + changed + removed > 0", [micros(as_of)], |(at,) in (Option<i64>,)| {
            newest = at;
        });
        newest.map(moment).transpose()
    }
}

fn changed_rows(
    document: &FeedDocument,
    records: &[Record],
    known: &mut HashMap<String, (Vec<u8>, bool)>,
    whole: bool,
) -> (Vec<Vec<Value>>, Changes) {
    let mut changes = Changes::default();
    let mut rows = Vec::new();
    let mut seen: HashMap<String, ()> = HashMap::new();
    let mut row = |record: String, digest: Vec<u8>, body: Value| {
        let at = Value::Number(micros(document.recorded_at));
        rows.push(vec![
            Value::Text(document.feed.clone()),
            Value::Text(record),
            at,
            Value::Bytes(digest),
            body,
        ]);
    };
    for record in records {
        let key = record_key(record);
        // A document that names a record twice: the first stands (the reader has complained).
        if seen.insert(key.clone(), ()).is_some() {
            continue;
        }
        let body = json(record);
        let digest = short_digest(body.as_bytes());
        match known.remove(&key) {
            Some((known, false)) if known == digest => {
                changes.unchanged += 1;
                continue;
            }
            Some(_) => changes.changed += 1,
            None => changes.added += 1,
        }
        row(key, digest.to_vec(), Value::Text(body));
    }
    if whole {
        let mut left: Vec<String> =
            known.drain().filter(|(_, (_, gone))| !gone).map(|(key, _)| key).collect();
        left.sort();
        changes.removed = left.len() as u64;
        left.into_iter().for_each(|key| row(key, Vec::new(), Value::Null));
    }
    (rows, changes)
}

fn count_changes(before: &Scores, after: &Scores) -> Changes {
    let mut changes = Changes::default();
    for (key, scores) in after {
        match before.get(key) {
            Some(old) if old == scores => changes.unchanged += 1,
            Some(_) => changes.changed += 1,
            None => changes.added += 1,
        }
    }
    changes.removed = before.keys().filter(|key| !after.contains_key(key)).count() as u64;
    changes
}

fn document_row(
    document: &FeedDocument,
    records: u64,
    changes: Changes,
    held: Option<&str>,
) -> Vec<Value> {
    let number = |count: u64| Value::Number(count.cast_signed());
    vec![
        Value::Text(document.feed.clone()),
        Value::Number(micros(document.recorded_at)),
        Value::Text(document.name.clone()),
        Value::Bytes(document.digest.to_vec()),
        document.data_date.map_or(Value::Null, |at| Value::Number(micros(at))),
        number(records),
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
