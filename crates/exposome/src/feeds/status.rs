//! `exposome feeds status`: how old is what we know, and what hangs on it.

use crate::cli::Rendering;
use crate::output::{List, column};
use anyhow::Result;
use exposome_store::Store;
use exposome_store::world::FeedState;
use jiff::Timestamp;
use serde_json::json;

/// A feed that decisions hang on, and how old it may be.
struct Needed {
    feed: &'static str,
    title: &'static str,
    fresh_days: i64,
    /// What cannot be evaluated without it.
    carries: &'static str,
}

const NEEDED: &[Needed] = &[
    Needed {
        feed: "kev",
        title: "CISA KEV",
        fresh_days: 7,
        carries: "whether something is being exploited",
    },
    Needed { feed: "epss", title: "EPSS", fresh_days: 7, carries: "how likely an attack is" },
    Needed {
        feed: "metasploit",
        title: "Metasploit modules",
        fresh_days: 120,
        carries: "whether anybody can attack",
    },
    Needed {
        feed: "cve5",
        title: "CVE records",
        fresh_days: 7,
        carries: "what is wrong with a product",
    },
    Needed {
        feed: "csaf",
        title: "CSAF advisories",
        fresh_days: 30,
        carries: "what makers say of their devices",
    },
    Needed { feed: "nvd-2.0", title: "NVD", fresh_days: 14, carries: "products by CPE name" },
    Needed {
        feed: "endoflife",
        title: "Support dates",
        fresh_days: 120,
        carries: "what gets no more fixes",
    },
];

pub(crate) async fn print(store: &Store, as_of: Timestamp, rendering: Rendering) -> Result<()> {
    let states = store.feeds(as_of).await?;
    let mut list = List::new(&[
        column("feed", "feed"),
        column("state", "state"),
        column("date", "of"),
        column("age_days", "days old"),
        column("records", "records"),
        column("note", ""),
    ]);
    for needed in NEEDED {
        let state = states.iter().find(|state| state.feed == needed.feed);
        list.push(row(needed.feed, Some(needed), state, as_of));
    }
    for state in states.iter().filter(|state| NEEDED.iter().all(|needed| needed.feed != state.feed))
    {
        list.push(row(&state.feed, None, Some(state), as_of));
    }
    list.print(rendering)
}

fn row(
    feed: &str,
    needed: Option<&Needed>,
    state: Option<&FeedState>,
    as_of: Timestamp,
) -> Vec<serde_json::Value> {
    let title = needed.map_or(feed, |needed| needed.title);
    let Some(state) = state else {
        let carries = needed.map_or("", |needed| needed.carries);
        return vec![
            json!(title),
            json!("missing"),
            json!(null),
            json!(null),
            json!(null),
            json!(format!("not evaluable: {carries}")),
        ];
    };
    let date = date_of(state);
    let age_days = as_of.duration_since(date).as_hours() / 24;
    let is_stale = needed.is_some_and(|needed| age_days > needed.fresh_days);
    let note = match (&state.held, is_stale, needed) {
        (Some(why), ..) => format!("a newer document is held: {why}"),
        (None, true, Some(needed)) => format!("not evaluable where it decides: {}", needed.carries),
        _ => String::new(),
    };
    let word = if is_stale { "stale" } else { "fresh" };
    vec![
        json!(title),
        json!(word),
        json!(date.to_string()),
        json!(age_days),
        json!(state.records),
        json!(note),
    ]
}

/// The publisher's date; where a feed gives none, the day we fetched it.
pub(crate) fn date_of(state: &FeedState) -> Timestamp {
    state.data_date.unwrap_or(state.recorded_at)
}
