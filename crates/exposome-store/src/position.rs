//! How far the facts go: what a conclusion that is kept beside them was drawn from.
//!
//! Rows are only ever added.  So how many documents had been recorded by a moment, and
//! which was the last, says which documents these are: two readers that see the same
//! [`Mark`] see the same rows, whatever was recorded in between at an earlier moment by a
//! slower writer.

use crate::world::LOADS;
use crate::{Error, Store, each_row, micros};

/// How many documents were recorded up to a moment, and the last of them.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Mark {
    pub documents: i64,
    /// Microseconds; nothing where there is none.
    pub last: Option<i64>,
    pub digest: Vec<u8>,
}

/// What a site and the world had said up to a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Feed documents that changed what is known of products and vulnerabilities, scores left out.
    pub knowledge: Mark,
    /// All feed documents: scores, and how old each feed is.
    pub feeds: Mark,
    /// Inventory documents.
    pub site: Mark,
    /// What people decided.
    pub decisions: crate::events::Head,
    /// Something was recorded after that moment: this is a look at the past.
    #[serde(skip)]
    pub past: bool,
}

impl Position {
    /// Whether the same had been said, whatever was recorded since.
    pub fn is_same(&self, other: &Position) -> bool {
        Position { past: false, ..self.clone() } == Position { past: false, ..other.clone() }
    }
}

impl Store {
    /// The position of a site at a moment.
    pub async fn position(&self, site: &str, as_of: jiff::Timestamp) -> Result<Position, Error> {
        let at = micros(as_of);
        let mut reading = self.read().await?;
        let mut position = Position::default();
        each_row!(reading.link(), "SELECT COUNT(*), MAX(recorded_at) FROM feed_document WHERE recorded_at <= $1 AND held IS NULL AND feed <> $2 AND feed <> 'epss' AND added + changed + removed > 0", [at, LOADS], |(documents, last) in (i64, Option<i64>)| {
            position.knowledge = Mark { documents, last, digest: Vec::new() };
        });
        each_row!(reading.link(), "SELECT COUNT(*), MAX(recorded_at) FROM feed_document WHERE recorded_at <= $1 AND feed <> $2", [at, LOADS], |(documents, last) in (i64, Option<i64>)| {
            position.feeds = Mark { documents, last, digest: Vec::new() };
        });
        each_row!(reading.link(), "SELECT COUNT(*), MAX(recorded_at) FROM import WHERE site = $1 AND recorded_at <= $2", [site, at], |(documents, last) in (i64, Option<i64>)| {
            position.site = Mark { documents, last, digest: Vec::new() };
        });
        for mark in [&mut position.knowledge, &mut position.feeds] {
            each_row!(reading.link(), "SELECT digest FROM feed_document WHERE recorded_at = $1 ORDER BY feed LIMIT 1", [mark.last], |(digest,) in (Vec<u8>,)| {
                mark.digest = digest;
            });
        }
        each_row!(reading.link(), "SELECT digest FROM import WHERE site = $1 AND recorded_at = $2 ORDER BY source LIMIT 1", [site, position.site.last], |(digest,) in (Vec<u8>,)| {
            position.site.digest = digest;
        });
        position.decisions = crate::events::head(reading.link(), site, at).await?;
        each_row!(reading.link(), "SELECT EXISTS (SELECT 1 FROM feed_document WHERE recorded_at > $1) OR EXISTS (SELECT 1 FROM import WHERE site = $2 AND recorded_at > $1) OR EXISTS (SELECT 1 FROM event WHERE site = $2 AND recorded_at > $1)", [at, site], |(past,) in (bool,)| {
            position.past = past;
        });
        Ok(position)
    }
}
