//! How old what we know of the world is, and what hangs on it.

use exposome_engine::decide::Thresholds;
use exposome_store::world::FeedState;
use jiff::Timestamp;

/// A feed that decisions hang on, and how old it may be.
struct Needed {
    feed: &'static str,
    title: &'static str,
    fresh_days: u16,
    /// What cannot be evaluated without it.
    carries: &'static str,
}

/// How old a feed is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    pub feed: String,
    pub title: String,
    /// What is in force of it; `None`: it was never loaded.
    pub state: Option<FeedState>,
    pub age_days: Option<i64>,
    /// `None`: nothing hangs on it.
    pub limit_days: Option<i64>,
    pub freshness: Freshness,
    /// What cannot be evaluated while it is not fresh.
    pub carries: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    Stale,
    Missing,
}

/// Where the policy decides by a feed, the policy says how old it may be.
fn needed(policy: Thresholds) -> [Needed; 7] {
    let feed = |feed, title, fresh_days, carries| Needed { feed, title, fresh_days, carries };
    [
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

/// Every feed that decisions hang on, then every other that was loaded.
pub fn ages(known: &[FeedState], policy: Thresholds, as_of: Timestamp) -> Vec<Age> {
    let all_needed = needed(policy);
    let age = |feed: &str, needed: Option<&Needed>| {
        let state = known.iter().find(|state| state.feed == feed);
        let age_days = state.map(|state| as_of.duration_since(state.date()).as_hours() / 24);
        let limit_days = needed.map(|needed| i64::from(needed.fresh_days));
        let is_stale = age_days.zip(limit_days).is_some_and(|(days, limit)| days > limit);
        let is_held = state.is_some_and(|state| state.held.is_some());
        Age {
            feed: feed.to_owned(),
            title: needed.map_or(feed, |needed| needed.title).to_owned(),
            state: state.cloned(),
            age_days,
            limit_days,
            freshness: match state {
                None => Freshness::Missing,
                Some(_) if is_stale || is_held => Freshness::Stale,
                Some(_) => Freshness::Fresh,
            },
            carries: needed.map(|needed| needed.carries),
        }
    };
    let of_needed = all_needed.iter().map(|needed| age(needed.feed, Some(needed)));
    let is_needed = |feed: &str| all_needed.iter().any(|needed| needed.feed == feed);
    let others = known.iter().filter(|it| !is_needed(&it.feed)).map(|it| age(&it.feed, None));
    of_needed.chain(others).collect()
}
