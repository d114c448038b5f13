//! World knowledge: what publishers say of vulnerabilities, exploitation and support.

use crate::block::{self, Block, Entry, Packer};
use crate::bulk::{Table, Value, insert};
use crate::epss::{self, Scores};
use crate::{Changes, Error, Link, ShortDigest, Store, Writing, each_row, json, micros, moment};
use exposome_model::knowledge::{AdvisoryState, EpssTable, Record};
use std::collections::{BTreeMap, HashMap, hash_map};
use std::ops::Range;

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

impl FeedState {
    /// The publisher's date; where a feed gives none, the day we fetched it.
    pub fn date(&self) -> jiff::Timestamp {
        self.data_date.unwrap_or(self.recorded_at)
    }
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

/// What one vulnerability was scored on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpssOfDay {
    pub score_date: jiff::civil::Date,
    pub model_version: String,
    pub score: epss::Score,
}

pub(crate) const KNOWLEDGE_BLOCK: Table = Table {
    name: "knowledge_block",
    columns: &["feed", "recorded_at", "part", "entries", "bodies"],
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
        Record::Advisory(it) => [&*it.document, &*it.vulnerability, &*it.publisher].join(KEY_PARTS),
        Record::Kev(it) => it.vulnerability.clone(),
        Record::Exploit(it) => [&*it.vulnerability, &*it.name].join(KEY_PARTS),
        Record::Support(it) => [&*it.product, &*it.cycle].join(KEY_PARTS),
    }
}

/// Stands between the parts of a record's key.
const KEY_PARTS: &str = "\u{1f}";

/// A record's key for people: `CVE-2020-6961 of ICSMA-20-023-01 (csaf:CISA)`.
fn record_in_words(key: &str) -> String {
    let parts: Vec<&str> = key.split(KEY_PARTS).collect();
    match parts.as_slice() {
        [document, vulnerability, publisher] if document == vulnerability => {
            format!("{vulnerability} ({publisher})")
        }
        [document, vulnerability, publisher] => {
            format!("{vulnerability} of {document} ({publisher})")
        }
        parts => parts.join(" "),
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
        let feeds = BTreeMap::new();
        Ok(Loading {
            writing,
            recorded_at: micros(recorded_at),
            parts: 0,
            packer: Packer::default(),
            blocks: Vec::new(),
            feeds,
        })
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
        self.epss_day_by_day(as_of, |_| {}).await
    }

    /// The same, and what was in force on each day before.
    pub async fn epss_day_by_day(
        &self,
        as_of: jiff::Timestamp,
        mut each: impl FnMut(&Epss),
    ) -> Result<Epss, Error> {
        let mut epss = Epss::default();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT score_date, model_version, changes FROM epss_change WHERE recorded_at <= $1 ORDER BY recorded_at", [micros(as_of)], |(score_date, model_version, changes) in (i64, String, Vec<u8>)| {
            let damaged = || Error::Damaged { what: "day of EPSS scores", record: score_date.to_string() };
            epss.scores = epss::apply(&epss.scores, &changes).ok_or_else(damaged)?;
            epss.model_version = model_version;
            epss.score_date = Some(date(score_date).ok_or_else(damaged)?);
            each(&epss);
        });
        Ok(epss)
    }

    /// The scores of one vulnerability, day by day, as recorded up to a moment.
    pub async fn epss_of(
        &self,
        vulnerability: &str,
        as_of: jiff::Timestamp,
    ) -> Result<Vec<EpssOfDay>, Error> {
        let Some(key) = epss::cve_key(vulnerability) else { return Ok(Vec::new()) };
        let (mut days, mut score) = (Vec::new(), None);
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT score_date, model_version, changes FROM epss_change WHERE recorded_at <= $1 ORDER BY recorded_at", [micros(as_of)], |(score_date, model_version, changes) in (i64, String, Vec<u8>)| {
            let damaged = || Error::Damaged { what: "day of EPSS scores", record: score_date.to_string() };
            epss::follow(key, &mut score, &changes).ok_or_else(damaged)?;
            let score_date = date(score_date).ok_or_else(damaged)?;
            days.extend(score.map(|score| EpssOfDay { score_date, model_version, score }));
        });
        Ok(days)
    }

    /// Hands over every record as recorded up to a moment, in the order of feed and record.
    pub async fn knowledge(
        &self,
        as_of: jiff::Timestamp,
        take: impl FnMut(&str, Record),
    ) -> Result<(), Error> {
        self.knowledge_where(|_| true, as_of, take).await
    }

    /// The same of some feeds alone.
    pub async fn knowledge_of(
        &self,
        feeds: &[&str],
        as_of: jiff::Timestamp,
        take: impl FnMut(&str, Record),
    ) -> Result<(), Error> {
        self.knowledge_where(|feed| feeds.contains(&feed), as_of, take).await
    }

    async fn knowledge_where(
        &self,
        is_asked: impl Fn(&str) -> bool,
        as_of: jiff::Timestamp,
        mut take: impl FnMut(&str, Record),
    ) -> Result<(), Error> {
        let at = micros(as_of);
        let mut reading = self.read().await?;
        let (mut blocks, mut versions) = (Vec::new(), Vec::new());
        each_row!(reading.link(), "SELECT feed, recorded_at, part, entries FROM knowledge_block WHERE recorded_at <= $1 ORDER BY feed, recorded_at, part", [at], |(feed, recorded_at, part, entries) in (String, i64, i64, Vec<u8>)| {
            if !is_asked(&feed) {
                continue;
            }
            let known = block::entries(recorded_at, &entries)?.into_iter().filter(|it| it.recorded_at <= at);
            versions.extend(known.map(|it| Version { block: blocks.len(), record: it.record, recorded_at: it.recorded_at, body: it.body }));
            blocks.push(Packed { feed, recorded_at, part });
        });
        let versions = newest(&blocks, versions);
        let mut rest = versions.as_slice();
        while let (now @ [_, ..], later) = rest.split_at(at_a_time(rest)) {
            let bodies = bodies(reading.link(), &blocks, now).await?;
            for (Version { block, record, .. }, body) in now.iter().zip(bodies) {
                let feed = blocks.get(*block).map_or("", |block| &block.feed);
                let damaged = |_| Error::Damaged {
                    what: "record of world knowledge",
                    record: format!("{feed} {record}"),
                };
                take(feed, serde_json::from_str(&body).map_err(damaged)?);
            }
            rest = later;
        }
        Ok(())
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

/// A block of the store that some records are read from.
struct Packed {
    feed: String,
    recorded_at: i64,
    part: i64,
}

/// So much of records is held at a time until they are handed over.
const HELD_BYTES: usize = 64 << 20;

/// How many of the first records are that much.
fn at_a_time(versions: &[Version]) -> usize {
    let mut bytes = 0;
    let fits = |version: &&Version| {
        let fits = bytes < HELD_BYTES;
        bytes += version.body.len();
        fits
    };
    versions.iter().take_while(fits).count()
}

/// The bodies of some records.  However they lie scattered, one block is unpacked at a time, and each of them once.
async fn bodies(
    mut link: Link<'_>,
    blocks: &[Packed],
    versions: &[Version],
) -> Result<Vec<String>, Error> {
    let mut places: Vec<(usize, &Version)> = versions.iter().enumerate().collect();
    places.sort_by_key(|(_, version)| version.block);
    let mut found = vec![String::new(); versions.len()];
    for of_block in places.chunk_by(|(_, a), (_, b)| a.block == b.block) {
        let block = of_block.first().and_then(|(_, version)| blocks.get(version.block));
        let Some(Packed { feed, recorded_at, part }) = block else { continue };
        let mut packed = Vec::new();
        each_row!(link.again(), "SELECT bodies FROM knowledge_block WHERE feed = $1 AND recorded_at = $2 AND part = $3", [feed, recorded_at, part], |(bodies,) in (Vec<u8>,)| {
            packed = bodies;
        });
        let bodies = block::bodies(&packed)?;
        for (place, version) in of_block {
            if let (Some(found), Some(body)) =
                (found.get_mut(*place), bodies.get(version.body.clone()))
            {
                body.clone_into(found);
            }
        }
    }
    Ok(found)
}

/// A version of a record, and where its body lies.
struct Version {
    block: usize,
    record: String,
    recorded_at: i64,
    body: Range<usize>,
}

/// The newest version of each record in the order of feed and record; none where it has left its feed.
fn newest(blocks: &[Packed], mut versions: Vec<Version>) -> Vec<Version> {
    let feed = |version: &Version| blocks.get(version.block).map(|block| block.feed.as_str());
    versions.sort_unstable_by(|a, b| {
        let records = (feed(a), &a.record).cmp(&(feed(b), &b.record));
        records.then(b.recorded_at.cmp(&a.recorded_at))
    });
    versions.dedup_by(|a, b| a.record == b.record && feed(a) == feed(b));
    versions.retain(|version| !version.body.is_empty());
    versions
}

/// Records of a feed, written down as they will be stored: what reads them need not send them whole.
#[derive(Debug, Default)]
pub struct Batch {
    bodies: Vec<u8>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    record: String,
    digest: ShortDigest,
    modified: Option<i64>,
    /// Its publisher takes it back.
    withdrawn: bool,
    body: Range<usize>,
}

impl Batch {
    pub fn of(records: &[Record]) -> Batch {
        let mut batch = Batch::default();
        for record in records {
            batch.push(record);
        }
        batch
    }

    pub fn push(&mut self, record: &Record) {
        if self.rows.is_empty() {
            self.bodies.reserve(FULL_BYTES + (FULL_BYTES >> 2));
        }
        let start = self.bodies.len();
        json::write(&mut self.bodies, record);
        let body = start..self.bodies.len();
        let digest = body_digest(self.bodies.get(body.clone()).unwrap_or_default());
        let withdrawn =
            matches!(record, Record::Advisory(it) if it.state != AdvisoryState::Published);
        let (record, modified) = (record_key(record), modified(record));
        self.rows.push(Row { record, digest, modified, withdrawn, body });
    }

    /// Whether it is time to hand it over: what is written, digested and packed while the processor still has it at
    /// hand costs half.
    pub fn is_full(&self) -> bool {
        self.bodies.len() >= FULL_BYTES
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

const FULL_BYTES: usize = 384 << 10;

/// Documents on their way into the store.  Dropped without [`Loading::commit`], they leave nothing behind.
pub struct Loading {
    writing: Writing,
    recorded_at: i64,
    /// How many blocks it has written.
    parts: i64,
    packer: Packer,
    /// Blocks on their way to the database: each errand there costs more than what it carries.
    blocks: Vec<Vec<Value>>,
    feeds: BTreeMap<String, LoadingFeed>,
}

/// So many blocks are written at a time, a megabyte or so.
const BLOCKS_AT_A_TIME: usize = 16;

type KnownRecords = HashMap<String, Known, foldhash::fast::RandomState>;

#[derive(Default)]
struct LoadingFeed {
    known: KnownRecords,
    changes: Changes,
    departed: Departed,
}

/// Records that were known and are no longer what they were, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Departed {
    /// Their document or feed does not name them any more.
    pub left: Vec<String>,
    /// Their publisher has withdrawn or rejected them.
    pub withdrawn: Vec<String>,
}

/// The newest version of a record that is known.
struct Known {
    digest: ShortDigest,
    modified: Option<i64>,
    recorded_at: i64,
    gone: bool,
    /// How many versions of it this load has written or met.
    met: u32,
}

impl Loading {
    /// Takes in records of one feed.  A record that says what is known writes nothing; one that its publisher
    /// dates before the known one is passed over.
    pub async fn add(&mut self, feed: &str, batch: Batch) -> Result<(), Error> {
        if !self.feeds.contains_key(feed) {
            let known = known_records(self.writing.link(), feed).await?;
            self.feeds.insert(feed.to_owned(), LoadingFeed { known, ..LoadingFeed::default() });
        }
        let recorded_at = self.recorded_at;
        let loading = self.feeds.entry(feed.to_owned()).or_default();
        let mut block = Block::new(recorded_at);
        for row in batch.rows {
            loading.take(&mut block, recorded_at, row);
        }
        self.write(feed, &block, &batch.bodies).await
    }

    /// The document was the whole feed: what it did not name has left.
    pub async fn leave_unmet(&mut self, feed: &str) -> Result<(), Error> {
        self.leave(feed, |_, _| Some(None)).await
    }

    /// These documents were read as wholes, each with the moment of its revision: what an earlier revision of one
    /// named, and this one does not, has left.
    pub async fn leave_dropped(
        &mut self,
        feed: &str,
        documents: &BTreeMap<String, jiff::Timestamp>,
    ) -> Result<(), Error> {
        if documents.is_empty() {
            return Ok(());
        }
        let is_dropped = |record: &str, known: &Known| {
            let document = record.split(KEY_PARTS).next().unwrap_or_default();
            let revised = documents.get(document).map(|at| micros(*at))?;
            known.modified.is_some_and(|known| known < revised).then_some(Some(revised))
        };
        self.leave(feed, is_dropped).await
    }

    /// Of the records that this load has not met, these have left, at the moment their publisher gives.
    async fn leave(
        &mut self,
        feed: &str,
        has_left: impl Fn(&str, &Known) -> Option<Option<i64>>,
    ) -> Result<(), Error> {
        let Some(loading) = self.feeds.get_mut(feed) else { return Ok(()) };
        let is_unmet = |known: &Known| known.met == 0 && !known.gone;
        let unmet = loading.known.iter().filter(|(_, known)| is_unmet(known));
        let mut left: Vec<(&str, Option<i64>)> = unmet
            .filter_map(|(record, known)| Some((&**record, has_left(record, known)?)))
            .collect();
        left.sort_unstable();
        loading.changes.removed += left.len() as u64;
        loading.departed.left.extend(left.iter().map(|(record, _)| record_in_words(record)));
        let mut block = Block::new(self.recorded_at);
        for (record, modified) in left {
            block.push(record, self.recorded_at, ShortDigest::default(), modified, 0..0);
        }
        self.write(feed, &block, &[]).await
    }

    /// What this load has found gone, by feed.
    pub fn departed(&self) -> BTreeMap<String, Departed> {
        let departed = self.feeds.iter();
        departed.map(|(feed, loading)| (feed.clone(), loading.departed.clone())).collect()
    }

    async fn write(&mut self, feed: &str, block: &Block, bodies: &[u8]) -> Result<(), Error> {
        if block.is_empty() {
            return Ok(());
        }
        self.parts += 1;
        let packed = block.packed(bodies, &mut self.packer);
        self.blocks.push(block_row(feed, self.recorded_at, self.parts, packed));
        if self.blocks.len() < BLOCKS_AT_A_TIME {
            return Ok(());
        }
        let blocks = std::mem::take(&mut self.blocks);
        insert(self.writing.link(), KNOWLEDGE_BLOCK, blocks).await
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
        insert(self.writing.link(), KNOWLEDGE_BLOCK, self.blocks).await?;
        insert(self.writing.link(), FEED_DOCUMENT, rows).await?;
        self.writing.commit().await?;
        Ok(changes)
    }
}

impl LoadingFeed {
    /// Puts a record into the block, if it says anything new.
    fn take(&mut self, block: &mut Block, recorded_at: i64, row: Row) {
        let Row { record, digest, modified, withdrawn, body } = row;
        let fresh = |met| Known { digest, modified, recorded_at, gone: false, met };
        let mut known = match self.known.entry(record) {
            hash_map::Entry::Occupied(known) => known,
            hash_map::Entry::Vacant(new) => {
                self.changes.added += 1;
                block.push(new.key(), recorded_at, digest, modified, body);
                new.insert(fresh(1));
                return;
            }
        };
        let before = known.get_mut();
        let is_same = !before.gone && before.digest == digest;
        let is_older = matches!((modified, before.modified), (Some(new), Some(old)) if new < old);
        // A second version of a record in one load: the first stands unless the second is dated later.
        let is_repeated = before.met > 0 && modified <= before.modified;
        before.met += 1;
        let met = before.met;
        if is_same || is_older || is_repeated {
            self.changes.unchanged += u64::from(met == 1);
            return;
        }
        self.changes.changed += u64::from(met == 1);
        if withdrawn {
            self.departed.withdrawn.push(record_in_words(known.key()));
        }
        *known.get_mut() = fresh(met);
        block.push(known.key(), recorded_at + i64::from(met - 1), digest, modified, body);
    }
}

async fn known_records(link: Link<'_>, feed: &str) -> Result<KnownRecords, Error> {
    let mut known = KnownRecords::default();
    each_row!(link, "SELECT recorded_at, entries FROM knowledge_block WHERE feed = $1 ORDER BY recorded_at, part", [feed], |(recorded_at, entries) in (i64, Vec<u8>)| {
        for entry in block::entries(recorded_at, &entries)? {
            let Entry { record, recorded_at, digest, modified, body } = entry;
            let version = Known { digest, modified, recorded_at, gone: body.is_empty(), met: 0 };
            let newest = known.get(&record).is_none_or(|it| it.recorded_at <= recorded_at);
            if newest {
                known.insert(record, version);
            }
        }
    });
    Ok(known)
}

/// What a record is compared with its earlier version by.  Both are of one publisher, who has nothing to gain from
/// two that are alike: speed counts here, and chance is out of 2^128.
pub(crate) fn body_digest(body: &[u8]) -> ShortDigest {
    twox_hash::XxHash3_128::oneshot(body).to_be_bytes()
}

/// When its publisher last changed a record, where it says so.
fn modified(record: &Record) -> Option<i64> {
    match record {
        Record::Advisory(advisory) => advisory.modified.map(micros),
        Record::Kev(_) | Record::Exploit(_) | Record::Support(_) => None,
    }
}

/// A block as a row: its entries and its bodies.
pub(crate) fn block_row(
    feed: &str,
    recorded_at: i64,
    part: i64,
    (entries, bodies): (Vec<u8>, Vec<u8>),
) -> Vec<Value> {
    vec![
        Value::Text(feed.to_owned()),
        Value::Number(recorded_at),
        Value::Number(part),
        Value::Bytes(entries),
        Value::Bytes(bodies),
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
