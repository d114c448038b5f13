//! Everything the world says, compiled once and asked by every assessment.

use crate::expose::Catalogue;
use crate::expose::aliases::Aliases;
use crate::support::Support;
use crate::threat::{EpssEdition, Threats};
use exposome_model::knowledge::{EpssRow, Record};
use std::collections::BTreeMap;

/// World knowledge as recorded up to one moment.
#[derive(Debug, Default)]
pub struct World {
    pub catalogue: Catalogue,
    pub threats: Threats,
    pub support: Support,
    /// How old each feed is: the date its publisher gives the document in force.
    pub feed_dates: BTreeMap<String, jiff::Timestamp>,
}

impl World {
    pub fn new(aliases: &Aliases) -> World {
        World { catalogue: Catalogue::build([], aliases), ..World::default() }
    }

    pub fn hear(&mut self, record: Record) {
        self.threats.hear(&record);
        match record {
            Record::Advisory(advisory) => self.catalogue.add(&advisory),
            Record::Support(cycle) => self.support.hear(&cycle),
            Record::Kev(_) | Record::Exploit(_) => {}
        }
    }

    pub fn score<'a>(&mut self, edition: EpssEdition, rows: impl IntoIterator<Item = &'a EpssRow>) {
        self.threats.score(edition, rows);
    }

    /// Ends the hearing; the world can be asked from here on.
    pub fn finish(&mut self) {
        self.catalogue.finish();
    }

    /// Whether a feed's document in force is at most so many days old.  A feed that was never loaded is not fresh.
    pub fn is_fresh(&self, feed: &str, days: u16, as_of: jiff::Timestamp) -> bool {
        let age = self.feed_dates.get(feed).map(|date| as_of.duration_since(*date));
        age.is_some_and(|age| age <= jiff::SignedDuration::from_hours(24 * i64::from(days)))
    }
}
