//! Chosen exposures one by one, in an order, page by page.

use crate::desk::fields::Name;
use crate::desk::{Chosen, Desk};
use crate::worklist::Rank;
use serde::{Deserialize, Serialize};

/// By what a list is ordered; equals by vulnerability, then by asset, then by component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sort {
    pub by: Sorted,
    pub backwards: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sorted {
    /// What comes first by the policy.
    Urgency,
    Due,
    Epss,
    Cvss,
    Vulnerability,
}

/// Chosen exposures in an order: a row stands for an exposure on all assets of a part.
#[derive(Debug)]
pub struct Listing {
    sort: Sort,
    /// Part and exposure.
    rows: Vec<(u32, u32)>,
}

/// Where a page ended: the next begins with what sorts behind it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct After {
    key: u64,
    vulnerability: String,
    asset: String,
    judgement: u32,
}

/// An asset and an exposure of its cohort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Numbers of assets follow their ids.
    pub asset: u32,
    pub exposure: u32,
}

impl Desk {
    /// Puts chosen exposures in an order.
    pub fn listing(&self, chosen: &Chosen, sort: Sort) -> Listing {
        let parts = (0..).zip(&chosen.parts);
        let rows = parts.flat_map(|(number, part)| {
            self.exposures_of(part).map(move |exposure| (number, exposure))
        });
        let mut rows: Vec<(u32, u32)> = rows.collect();
        rows.sort_unstable_by_key(|&(part, exposure)| {
            (self.run_of(sort, exposure), part, exposure)
        });
        Listing { sort, rows }
    }

    /// So many of a listing behind a place, or from the first.
    pub fn page(
        &self,
        chosen: &Chosen,
        listing: &Listing,
        after: Option<&After>,
        limit: usize,
    ) -> Vec<Entry> {
        let mut page = Vec::new();
        let run_of = |row: &(u32, u32)| self.run_of(listing.sort, row.1);
        let before = |row: &(u32, u32), after: &After| {
            let (key, cause) = run_of(row);
            (key, self.id_of_cause(cause)) < (after.key, after.vulnerability.as_str())
        };
        let first = after.map_or(0, |after| listing.rows.partition_point(|row| before(row, after)));
        let rest = listing.rows.get(first..).unwrap_or_default();
        for run in rest.chunk_by(|a, b| run_of(a) == run_of(b)) {
            let mut entries: Vec<Entry> = Vec::new();
            for &(part, exposure) in run {
                let Some(part) = chosen.parts.get(part as usize) else { continue };
                entries.extend(self.assets_of(part).iter().map(|&asset| Entry { asset, exposure }));
            }
            // Alike in what orders them, of several cohorts: the assets tell.
            entries.sort_unstable();
            let is_behind =
                |entry: &Entry| after.is_none_or(|after| self.place(listing.sort, entry) > *after);
            page.extend(entries.into_iter().filter(is_behind).take(limit - page.len()));
            if page.len() == limit {
                break;
            }
        }
        page
    }

    /// The place of an entry of a listing.
    pub fn place(&self, sort: Sort, entry: &Entry) -> After {
        let (key, cause) = self.run_of(sort, entry.exposure);
        After {
            key,
            vulnerability: self.id_of_cause(cause).to_owned(),
            asset: self.text(Name::Asset, entry.asset).unwrap_or_default().to_owned(),
            judgement: self.exposure(entry.exposure).map_or(0, |it| it.judgement),
        }
    }

    fn id_of_cause(&self, cause: u32) -> &str {
        self.causes.get(cause as usize).map_or("", |it| it.id.as_str())
    }

    /// What orders an exposure before its asset does: the smaller comes first.
    fn run_of(&self, sort: Sort, exposure: u32) -> (u64, u32) {
        let cause = self.cause_of.get(exposure as usize).copied().unwrap_or(u32::MAX);
        let threat = || self.causes.get(cause as usize)?.threat.as_deref();
        let key = match sort.by {
            Sorted::Urgency => Some(self.rank(exposure).order()),
            Sorted::Due => {
                let due = self.exposure(exposure).and_then(|it| it.due);
                due.map(|due| due.as_second().max(0).unsigned_abs())
            }
            Sorted::Epss => threat().and_then(|it| it.epss).map(|it| it.probability_e5.into()),
            Sorted::Cvss => {
                threat().and_then(|it| it.severity.as_ref()).map(|it| it.score.get().into())
            }
            Sorted::Vulnerability => Some(0),
        };
        // What nobody knows comes last whichever way the list is turned.
        let key = key.map_or(u64::MAX, |key| if sort.backwards { u64::MAX - 1 - key } else { key });
        (key, cause)
    }
}

impl Rank {
    /// As a number: the smaller comes first.
    pub(crate) fn order(self) -> u64 {
        self.0
    }
}
