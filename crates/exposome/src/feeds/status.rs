//! `exposome feeds status`: how old is what we know, and what hangs on it.

use crate::cli::Rendering;
use crate::output::{List, column, note};
use anyhow::Result;
use exposome_engine::decide::Thresholds;
use exposome_site::{InForce, rules};
use exposome_store::Store;
use exposome_store::world::FeedState;
use jiff::Timestamp;
use serde_json::json;

/// A feed that decisions hang on, and how old it may be.
struct Needed {
    feed: &'static str,
    title: &'static str,
    fresh_days: u16,
    /// What cannot be evaluated without it.
    carries: &'static str,
}

impl Needed {
    fn is_stale(&self, age_days: i64) -> bool {
        age_days > i64::from(self.fresh_days)
    }
}

/// Where the policy decides by a feed, the policy says how old it may be.
fn needed(policy: Thresholds) -> Vec<Needed> {
    let feed = |feed, title, fresh_days, carries| Needed { feed, title, fresh_days, carries };
    vec![
        feed("kev", "CISA KEV", policy.kev_fresh_days, "whether something is being exploited"),
        feed("epss", "EPSS", policy.epss_fresh_days, "how likely an attack is"),
        feed(
            "metasploit",
            "Metasploit modules",
            policy.exploit_fresh_days,
            "whether anybody can attack",
        ),
        feed("cve-5", "CVE records", 7, "what is wrong with a product"),
        feed("csaf", "CSAF advisories", 30, "what makers say of their devices"),
        feed("nvd-2.0", "NVD", 14, "products by CPE name"),
        feed("endoflife", "Support dates", 120, "what gets no more fixes"),
    ]
}

/// What the policy of a site says of how old feeds may be.
async fn limits(store: &Store, site: &str, as_of: Timestamp) -> Result<Thresholds> {
    let in_force = InForce::at(&exposome_site::people(store, site, as_of).await?)?;
    Ok(in_force.rules.policy.thresholds)
}

pub(crate) async fn print(
    store: &Store,
    site: &str,
    as_of: Timestamp,
    rendering: Rendering,
) -> Result<()> {
    let states = store.feeds(as_of).await?;
    let mut list = List::new(&[
        column("feed", "feed"),
        column("state", "state"),
        column("date", "of"),
        column("age_days", "days old"),
        column("records", "records"),
        column("note", ""),
    ]);
    let all_needed = needed(limits(store, site, as_of).await?);
    for needed in &all_needed {
        let state = states.iter().find(|state| state.feed == needed.feed);
        list.push(row(needed.feed, Some(needed), state, as_of));
    }
    let is_needed = |state: &&FeedState| all_needed.iter().any(|needed| needed.feed == state.feed);
    for state in states.iter().filter(|state| !is_needed(state)) {
        list.push(row(&state.feed, None, Some(state), as_of));
    }
    list.print(rendering)
}

/// How old each feed is, by the policy that ships with the program, for whoever does not print it.
pub(crate) async fn states(
    store: &Store,
    as_of: Timestamp,
) -> Result<Vec<exposome_server::errands::FeedState>> {
    use exposome_server::errands::{FeedState, Freshness};
    let known = store.feeds(as_of).await?;
    let all_needed = needed(rules::shipped()?.policy.thresholds);
    let state = |feed: &str, needed: Option<&Needed>| {
        let state = known.iter().find(|state| state.feed == feed);
        let age_days = state.map(|state| age_days(state, as_of));
        let is_stale = age_days.zip(needed).is_some_and(|(days, needed)| needed.is_stale(days));
        let is_held = state.is_some_and(|state| state.held.is_some());
        FeedState {
            feed: feed.to_owned(),
            title: needed.map_or(feed, |needed| needed.title).to_owned(),
            age_days,
            limit_days: needed.map(|needed| i64::from(needed.fresh_days)),
            state: match state {
                None => Freshness::Missing,
                Some(_) if is_stale || is_held => Freshness::Stale,
                Some(_) => Freshness::Fresh,
            },
        }
    };
    let mut states: Vec<FeedState> =
        all_needed.iter().map(|needed| state(needed.feed, Some(needed))).collect();
    let is_needed = |feed: &str| all_needed.iter().any(|needed| needed.feed == feed);
    let others = known.iter().filter(|it| !is_needed(&it.feed)).map(|it| state(&it.feed, None));
    states.extend(others);
    Ok(states)
}

/// Says what cannot be evaluated, because a feed it hangs on is missing or stale.
pub(crate) async fn say_gaps(store: &Store, site: &str, as_of: Timestamp) -> Result<()> {
    let states = store.feeds(as_of).await?;
    let gap = |needed: &Needed| {
        let state = states.iter().find(|state| state.feed == needed.feed);
        let age_days = state.map(|state| age_days(state, as_of));
        let word = match age_days {
            None => "missing".to_owned(),
            Some(days) if needed.is_stale(days) => format!("{days} days old"),
            Some(_) => return None,
        };
        Some(format!("{} ({word}): {}", needed.title, needed.carries))
    };
    let needed = needed(limits(store, site, as_of).await?);
    let gaps: Vec<String> = needed.iter().filter_map(gap).collect();
    if !gaps.is_empty() {
        note(&format!("NOT EVALUABLE where it hangs on\n  {}", gaps.join("\n  ")));
    }
    Ok(())
}

fn age_days(state: &FeedState, as_of: Timestamp) -> i64 {
    as_of.duration_since(state.date()).as_hours() / 24
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
    let date = state.date();
    let age_days = age_days(state, as_of);
    let is_stale = needed.is_some_and(|needed| needed.is_stale(age_days));
    let note = match (&state.held, is_stale, needed) {
        (Some(why), ..) => format!("a newer document is held: {why}"),
        (None, true, Some(needed)) => format!("not evaluable where it decides: {}", needed.carries),
        _ => String::new(),
    };
    let word = if is_stale || state.held.is_some() { "stale" } else { "fresh" };
    vec![
        json!(title),
        json!(word),
        json!(date.to_string()),
        json!(age_days),
        json!(state.records),
        json!(note),
    ]
}
