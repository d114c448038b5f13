//! Everything the world says, compiled once and asked by every assessment.

use crate::decide::Thresholds;
use crate::expose::Catalogue;
use crate::expose::aliases::Aliases;
use crate::support::Support;
use crate::threat::Threats;
use exposome_model::knowledge::Record;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// World knowledge as recorded up to one moment.
#[derive(Debug, Default)]
pub struct World {
    pub catalogue: Catalogue,
    pub threats: Threats,
    /// Shared with those who hold an earlier moment.
    pub support: Arc<Support>,
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
            Record::Support(cycle) => Arc::make_mut(&mut self.support).hear(&cycle),
            Record::Kev(_) | Record::Exploit(_) => {}
        }
    }

    /// Ends the hearing; the world can be asked from here on.
    pub fn finish(&mut self) {
        self.catalogue.finish();
    }
}

/// Which feeds are young enough for their silence to mean something: "nothing found" is not "nobody looked".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fresh {
    pub kev: bool,
    pub epss: bool,
    pub exploits: bool,
}

/// What silence may be believed, now, and a week ago of what is in force now: where it was stale even then, nobody
/// has looked for a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    pub fresh: Fresh,
    pub fresh_a_week_ago: Fresh,
}

impl Sight {
    pub fn of(
        feed_dates: &BTreeMap<String, jiff::Timestamp>,
        limits: Thresholds,
        as_of: jiff::Timestamp,
    ) -> Sight {
        let a_week_ago = as_of.saturating_sub(jiff::SignedDuration::from_hours(7 * 24));
        Sight {
            fresh: Fresh::of(feed_dates, limits, as_of),
            // No clock before the first: then it is as fresh as now.
            fresh_a_week_ago: Fresh::of(feed_dates, limits, a_week_ago.unwrap_or(as_of)),
        }
    }
}

impl Fresh {
    /// From the dates that publishers give the documents in force.  A feed that was never loaded is not fresh.
    pub fn of(
        feed_dates: &BTreeMap<String, jiff::Timestamp>,
        limits: Thresholds,
        as_of: jiff::Timestamp,
    ) -> Fresh {
        let is_fresh = |feed: &str, days: u16| {
            let age = feed_dates.get(feed).map(|date| as_of.duration_since(*date));
            age.is_some_and(|age| age <= jiff::SignedDuration::from_hours(24 * i64::from(days)))
        };
        Fresh {
            kev: is_fresh("kev", limits.kev_fresh_days),
            epss: is_fresh("epss", limits.epss_fresh_days),
            exploits: is_fresh("metasploit", limits.exploit_fresh_days),
        }
    }
}
