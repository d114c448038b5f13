//! Feed documents from disk into the store.
//!
//! Advisories stream through one transaction.  Catalogues that come as dated
//! editions (KEV, EPSS, exploit lists) are put in the order of their dates
//! first; an edition that is older than the one in force, or has lost more than
//! 2 % of its rows, is held: the old one stays and the status says why.

use crate::clock::Recorder;
use crate::documents::{self, Reading, Taker};
use crate::output::note;
use crate::progress::Progress;
use anyhow::{Context as _, Result};
use exposome_intake::Edition;
use exposome_intake::inventory::Told;
use exposome_model::inventory::Sheet;
use exposome_model::knowledge::{EpssTable, Record};
use exposome_store::world::{Batch, Departed, FeedDocument};
use exposome_store::{Changes, ShortDigest, Store};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// What loading did to one feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Loaded {
    pub(crate) feed: String,
    pub(crate) records: u64,
    pub(crate) changes: Changes,
    pub(crate) held: Option<String>,
}

/// Loads every document below the paths.
pub(crate) async fn load(
    store: &Store,
    paths: &[PathBuf],
    force: bool,
    recorder: &mut Recorder,
) -> Result<(Vec<Loaded>, Reading)> {
    let files = documents::files(paths)?;
    let digest = digest_of(&files)?;
    if !force && store.is_loaded(&digest).await? {
        note("these very documents are in force: nothing to do");
        return Ok((Vec::new(), Reading::default()));
    }
    let name = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let (sender, receiver) = mpsc::channel(2);
    let reader = tokio::task::spawn_blocking(move || read_all(&files, sender));
    let streamed = store_stream(store, receiver, &name, digest, recorder).await;
    let (editions, reading) = reader.await.context("the reader of documents broke down")?;
    let mut loaded = streamed?;
    for edition in editions {
        loaded.push(load_edition(store, edition, digest, force, recorder).await?);
    }
    // What was held or refused is said again the next time.
    if reading.refused() == 0 && loaded.iter().all(|it| it.held.is_none()) {
        store.note_loaded(&name, digest, recorder.next()).await?;
    }
    Ok((loaded, reading))
}

/// A digest over names and contents, so that the same files are known again without reading what is in them; and
/// over our own version, since a newer reader may understand more.
fn digest_of(files: &[PathBuf]) -> Result<ShortDigest> {
    let mut all = Sha256::new();
    all.update(env!("CARGO_PKG_VERSION"));
    for path in files {
        all.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        all.update(documents::digest(path)?);
    }
    Ok(exposome_store::short_digest(&all.finalize()))
}

/// Records of one feed on their way from the reader to the store.
struct Sent {
    feed: String,
    records: Batch,
    /// When the newest of its advisories was written: how far the feed has come.
    newest: Option<jiff::Timestamp>,
    /// Documents that are whole by now, with the moments of their revisions.
    whole: BTreeMap<String, jiff::Timestamp>,
}

/// Formats of which a document says all it has to say: what its next revision does not name is taken back.
const WHOLE: &[&str] = &["csaf", "openvex", "cyclonedx-vex"];

/// What of a feed went by in a stream.
#[derive(Default)]
struct Streamed {
    records: u64,
    newest: Option<jiff::Timestamp>,
}

/// When an advisory was last written.
fn written(record: &Record) -> Option<jiff::Timestamp> {
    match record {
        Record::Advisory(advisory) => advisory.modified.or(advisory.published),
        Record::Kev(_) | Record::Exploit(_) | Record::Support(_) => None,
    }
}

/// A catalogue that comes as a dated whole.
struct DatedEdition {
    feed: &'static str,
    name: String,
    released: Option<jiff::Timestamp>,
    /// Records and parts of its document that could not be read.
    refused: u64,
    content: Content,
}

enum Content {
    Records(Vec<Record>),
    Scores(EpssTable),
}

impl Content {
    fn len(&self) -> u64 {
        match self {
            Content::Records(records) => records.len() as u64,
            Content::Scores(table) => table.rows.len() as u64,
        }
    }
}

fn read_all(files: &[PathBuf], sender: mpsc::Sender<Vec<Sent>>) -> (Vec<DatedEdition>, Reading) {
    let progress = Progress::files(files.len() as u64, "reading feeds");
    let mut reading = Reading::default();
    let mut sorter = Sorter {
        sender,
        sent: Vec::new(),
        format: "",
        name: String::new(),
        released: None,
        is_new: true,
        batches: BTreeMap::new(),
        editions: Vec::new(),
        revised: BTreeMap::new(),
        whole: BTreeMap::new(),
    };
    for path in files {
        let (first, before) = (sorter.editions.len(), reading.refused());
        documents::read(path, &Told::default(), &mut sorter, &mut reading);
        let refused = reading.refused() - before;
        sorter.editions.iter_mut().skip(first).for_each(|it| it.refused = refused as u64);
        sorter.end_file(refused == 0);
        progress.step();
    }
    sorter.flush();
    let mut editions = sorter.editions;
    editions.sort_by(|a, b| (a.feed, a.released, &a.name).cmp(&(b.feed, b.released, &b.name)));
    (editions, reading)
}

/// Sends advisories on in batches and puts dated editions aside.
struct Sorter {
    sender: mpsc::Sender<Vec<Sent>>,
    /// On its way: the store is woken for some at a time, which costs more than many a batch.
    sent: Vec<Sent>,
    format: &'static str,
    name: String,
    released: Option<jiff::Timestamp>,
    /// Nothing of the document that is being read was put aside yet.
    is_new: bool,
    batches: BTreeMap<&'static str, (Batch, Option<jiff::Timestamp>)>,
    editions: Vec<DatedEdition>,
    /// Documents of the file that is being read, with the moments of their revisions, by feed.
    revised: Revisions,
    /// Those of the files before, where nothing in the file was refused.
    whole: Revisions,
}

const SENT_AT_A_TIME: usize = 8;

type Revisions = BTreeMap<&'static str, BTreeMap<String, jiff::Timestamp>>;

impl Sorter {
    fn send(&mut self, feed: &str, (records, newest): (Batch, Option<jiff::Timestamp>)) {
        let feed = feed.to_owned();
        self.sent.push(Sent { feed, records, newest, whole: BTreeMap::new() });
        if self.sent.len() == SENT_AT_A_TIME {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        // The store has given up: its error is the one to show.
        let _ = self.sender.blocking_send(std::mem::take(&mut self.sent));
    }

    /// Sends the rest; which documents are whole goes last.
    fn flush(&mut self) {
        for (feed, batch) in std::mem::take(&mut self.batches) {
            self.send(feed, batch);
        }
        for (feed, whole) in std::mem::take(&mut self.whole) {
            let (feed, records) = (feed.to_owned(), Batch::default());
            self.sent.push(Sent { feed, records, newest: None, whole });
        }
        if !self.sent.is_empty() {
            self.hand_over();
        }
    }

    fn end_file(&mut self, is_whole: bool) {
        for (feed, documents) in std::mem::take(&mut self.revised) {
            if is_whole {
                self.whole.entry(feed).or_default().extend(documents);
            }
        }
    }

    fn note_revision(&mut self, record: &Record) {
        let Record::Advisory(advisory) = record else { return };
        let Some(at) = advisory.modified.filter(|_| WHOLE.contains(&self.format)) else { return };
        let documents = self.revised.entry(self.format).or_default();
        let revised = documents.entry(advisory.document.clone()).or_insert(at);
        *revised = at.max(*revised);
    }

    fn edition_of(&mut self, feed: &'static str) -> Option<&mut Vec<Record>> {
        let is_open = self.editions.last().is_some_and(|last| last.feed == feed) && !self.is_new;
        self.is_new = false;
        if !is_open {
            let content = Content::Records(Vec::new());
            self.editions.push(DatedEdition {
                feed,
                name: self.name.clone(),
                released: self.released,
                refused: 0,
                content,
            });
        }
        match &mut self.editions.last_mut()?.content {
            Content::Records(records) => Some(records),
            Content::Scores(_) => None,
        }
    }
}

impl Taker for Sorter {
    fn opened(&mut self, name: &str, format: &'static str) {
        self.format = format;
        name.clone_into(&mut self.name);
        self.released = None;
        self.is_new = true;
    }

    /// Some documents say their date behind their records.
    fn edition(&mut self, edition: Edition) {
        self.released = edition.released;
        if let Some(open) = self.editions.last_mut().filter(|_| !self.is_new) {
            open.released = open.released.or(edition.released);
        }
    }

    fn record(&mut self, record: Record) {
        let edition = match &record {
            Record::Kev(_) => self.edition_of("kev"),
            Record::Exploit(_) => self.edition_of("metasploit"),
            Record::Support(_) | Record::Advisory(_) => None,
        };
        if let Some(records) = edition {
            records.push(record);
            return;
        }
        self.note_revision(&record);
        let feed = if matches!(record, Record::Support(_)) { "endoflife" } else { self.format };
        let batch = self.batches.entry(feed).or_default();
        batch.0.push(&record);
        batch.1 = batch.1.max(written(&record));
        if batch.0.is_full() {
            let batch = std::mem::take(batch);
            self.send(feed, batch);
        }
    }

    fn scores(&mut self, table: EpssTable) {
        let midnight =
            table.score_date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp());
        self.editions.push(DatedEdition {
            feed: "epss",
            name: self.name.clone(),
            released: midnight,
            refused: 0,
            content: Content::Scores(table),
        });
    }

    fn sheet(&mut self, _sheet: Sheet) {
        note(&format!(
            "{}: an inventory among the feeds is not loaded; give it to `exposome import`",
            self.name
        ));
    }
}

async fn store_stream(
    store: &Store,
    mut batches: mpsc::Receiver<Vec<Sent>>,
    name: &str,
    digest: ShortDigest,
    recorder: &mut Recorder,
) -> Result<Vec<Loaded>> {
    let Some(first) = batches.recv().await else { return Ok(Vec::new()) };
    let recorded_at = recorder.next();
    let mut loading = store.begin_load(recorded_at).await?;
    let before = store.feeds(recorded_at).await?;
    let mut streams: BTreeMap<String, Streamed> = BTreeMap::new();
    let mut next = Some(first);
    while let Some(sent) = next {
        for Sent { feed, records, newest, whole } in sent {
            let newest = newest.filter(|newest| !is_to_come(*newest, recorded_at));
            let stream = streams.entry(feed.clone()).or_default();
            stream.records += records.len() as u64;
            stream.newest = stream.newest.max(newest);
            loading.add(&feed, records).await?;
            loading.leave_dropped(&feed, &whole).await?;
        }
        next = batches.recv().await;
    }
    let document = |(feed, stream): (&String, &Streamed)| FeedDocument {
        feed: feed.clone(),
        name: name.to_owned(),
        digest,
        // One old record more does not make the feed old.
        data_date: before
            .iter()
            .find(|state| state.feed == *feed)
            .and_then(|state| state.data_date)
            .max(stream.newest),
        recorded_at,
        records: stream.records,
        refused: 0,
    };
    let documents: Vec<FeedDocument> = streams.iter().map(document).collect();
    let departed = loading.departed();
    let changes = loading.commit(&documents).await?;
    departed.iter().for_each(say_departed);
    let loaded = |(feed, stream): (String, Streamed)| {
        let changes = changes.get(&feed).copied().unwrap_or_default();
        Loaded { feed, records: stream.records, changes, held: None }
    };
    Ok(streams.into_iter().map(loaded).collect())
}

async fn load_edition(
    store: &Store,
    edition: DatedEdition,
    digest: ShortDigest,
    force: bool,
    recorder: &mut Recorder,
) -> Result<Loaded> {
    let recorded_at = recorder.next();
    let records = edition.content.len();
    let in_force =
        store.feeds(recorded_at).await?.into_iter().find(|state| state.feed == edition.feed);
    let document = FeedDocument {
        feed: edition.feed.to_owned(),
        name: edition.name.clone(),
        digest,
        data_date: edition.released,
        recorded_at,
        records,
        refused: edition.refused,
    };
    let to_come = document.data_date.filter(|date| is_to_come(*date, recorded_at));
    let to_come = to_come.map(|date| format!("it is of {date}, which is still to come"));
    let reason = to_come
        .or_else(|| in_force.as_ref().and_then(|state| why_held(state, &document)))
        .filter(|_| !force);
    if let Some(why) = reason {
        note(&format!("{}: held, the one in force stays: {why}", edition.name));
        store.hold(&document, &why).await?;
        return Ok(Loaded {
            feed: document.feed,
            records,
            changes: Changes::default(),
            held: Some(why),
        });
    }
    let changes = match &edition.content {
        Content::Scores(table) => store.load_epss(&document, table).await?,
        Content::Records(records) => {
            let mut loading = store.begin_load(recorded_at).await?;
            loading.add(edition.feed, Batch::of(records)).await?;
            // What could not be read is not gone from the catalogue.
            if edition.refused == 0 {
                loading.leave_unmet(edition.feed).await?;
            }
            let departed = loading.departed();
            let changes = loading.commit(std::slice::from_ref(&document)).await?;
            departed.iter().for_each(say_departed);
            changes.get(edition.feed).copied().unwrap_or_default()
        }
    };
    Ok(Loaded { feed: document.feed, records, changes, held: None })
}

/// What is no longer so is said by name: somebody may have acted on it.
fn say_departed((feed, departed): (&String, &Departed)) {
    let say = |records: &[String], words: &str| {
        for record in records.iter().take(DEPARTED_SHOWN) {
            note(&format!("{feed}: {record} {words}"));
        }
        if records.len() > DEPARTED_SHOWN {
            note(&format!("{feed}: {} more {words}", records.len() - DEPARTED_SHOWN));
        }
    };
    say(&departed.left, "is no longer listed");
    say(&departed.withdrawn, "is withdrawn or rejected by its publisher");
}

const DEPARTED_SHOWN: usize = 50;

/// A day may have begun elsewhere; what lies further ahead is a mistake, and would make everything real look old.
fn is_to_come(date: jiff::Timestamp, now: jiff::Timestamp) -> bool {
    date.duration_since(now) > jiff::SignedDuration::from_hours(24)
}

/// Why an edition does not take the place of the one in force.
fn why_held(in_force: &exposome_store::world::FeedState, new: &FeedDocument) -> Option<String> {
    if let (Some(old), Some(new)) = (in_force.data_date, new.data_date)
        && new < old
    {
        return Some(format!("it is of {new}, older than the one in force of {old}"));
    }
    // More than 2 % fewer rows than before.
    let shrunk = new.records.saturating_mul(100) < in_force.records.saturating_mul(98);
    shrunk.then(|| {
        format!("it has {} rows where the one in force has {}", new.records, in_force.records)
    })
}
