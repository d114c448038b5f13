//! What only the binary may do: read documents with the readers, and ask outwards.
//!
//! The server knows no readers and holds no client; it is given somebody who runs
//! its errands.

use futures_util::future::BoxFuture;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Somebody who runs errands.
pub trait Errands: Send + Sync + 'static {
    /// Imports documents of an inventory.  What was refused is in the answer; an error is one of ours.
    fn import(&self, importing: Importing) -> BoxFuture<'_, Result<Imported, Failed>>;

    /// What a column of a table may say, by the words of a column map.
    fn column_fields(&self) -> Vec<&'static str>;

    /// Loads feed documents from files or folders.
    fn load_feeds(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<Loaded, Failed>>;

    /// Asks publishers for what is new, and loads it; those that are on by default where none is named.
    fn sync_feeds(&self, feeds: Vec<String>) -> BoxFuture<'_, Result<Loaded, Failed>>;

    /// How old each feed is.
    fn feeds(&self) -> BoxFuture<'_, Result<Vec<FeedState>, Failed>>;

    /// Writes down an assessment of a site, where anything it was drawn from is another than in the last; how many
    /// exposures moved.
    fn assess(&self, site: String) -> BoxFuture<'_, Result<Option<usize>, Failed>>;

    /// Hands in a mail.
    fn mail(&self, mail: Mail) -> BoxFuture<'_, Result<(), Failed>>;

    /// Asks another machine.
    fn ask(&self, asking: Asking) -> BoxFuture<'_, Result<Answer, Failed>>;
}

/// It could not be done, in words for a person.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct Failed(pub String);

/// Documents, and what a person says beside them.
#[derive(Debug, Clone, Default)]
pub struct Importing {
    pub paths: Vec<PathBuf>,
    /// The site that the documents are about: records that name another are refused; where left out, they go where they
    /// say.
    pub site: Option<String>,
    pub source: Option<String>,
    pub observed: Option<jiff::Timestamp>,
    pub confirmed: bool,
    /// What columns say, by their headings and the words of a column map.
    pub columns: BTreeMap<String, String>,
    /// For which parts the documents are complete: `all`, `location=ICU`.
    pub complete: Vec<String>,
    /// Nothing is written.
    pub dry_run: bool,
}

/// What an import came to.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    pub documents: Vec<ImportedDocument>,
    /// The sites whose records may have changed.
    pub sites: Vec<String>,
    /// What was not understood or looks wrong; of each document the first.
    pub complaints: Vec<Complained>,
    /// What the columns of the last table were taken for.
    pub columns: Vec<Heading>,
    /// Why nothing was read: what was said beside the documents cannot be.
    pub unfit: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Complained {
    pub document: String,
    pub place: String,
    pub words: String,
    pub refused: bool,
}

#[derive(Debug, Clone)]
pub struct Heading {
    pub heading: String,
    /// None: nothing was made of it.
    pub says: Option<&'static str>,
}

#[derive(Debug, Clone, Default)]
pub struct ImportedDocument {
    pub document: String,
    pub source: String,
    pub format: String,
    pub records: u64,
    pub added: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub not_seen: u64,
    pub refused: u64,
    pub doubtful: u64,
    /// It waits until a person has looked at what it would take away.
    pub held: bool,
    /// Why, and the list of it.
    pub takes_away: Vec<String>,
}

/// What loading feeds came to.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// Records that are new, other, or gone.
    pub written: u64,
    pub feeds: Vec<LoadedFeed>,
    /// What went wrong on the way, in words.
    pub troubles: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct LoadedFeed {
    pub feed: String,
    pub written: u64,
    pub held: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedState {
    pub feed: String,
    pub title: String,
    pub age_days: Option<i64>,
    pub limit_days: Option<i64>,
    pub state: Freshness,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    Stale,
    Missing,
}

/// A mail to one mailbox.
#[derive(Debug, Clone)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// The same for what is sent again: it becomes the Message-ID.
    pub id: String,
}

/// A request to another machine.
#[derive(Debug, Clone)]
pub struct Asking {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}
