//! What a site's record says over time: exposure-days, how fast and how punctually work ends, and where it is going.

use crate::Error;
use exposome_engine::assess::day_of;
use exposome_engine::concluded::Concluded;
use exposome_engine::trend::{Forecast, Mended, forecast};
use exposome_model::summary::{Count, Summary};
use exposome_store::Store;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use std::collections::BTreeMap;

/// A site over some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trend {
    pub from: Date,
    pub to: Date,
    /// On how many of these days an assessment was recorded; the others are not known.
    pub days: usize,
    /// What ended in these days.
    pub mended: Mended,
    /// Exposures to be mended, and those past their date, as they go on.
    pub open_ahead: Option<Forecast>,
    pub overdue_ahead: Option<Forecast>,
    /// Exposure-days by value, the most first.
    pub by: Vec<(String, u64)>,
    /// Exposure-days in all.
    pub exposure_days: u64,
}

/// What exposure-days are added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Unit,
    Class,
    Fix,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            By::Unit => "unit",
            By::Class => "class",
            By::Fix => "fix",
        }
    }
}

/// So far ahead is looked.
const AHEAD_DAYS: i32 = 30;

/// The days up to a moment, as they were recorded.
pub async fn trend(
    store: &Store,
    site: &str,
    as_of: Timestamp,
    days: i32,
    by: By,
) -> Result<Trend, Error> {
    let to = day_of(as_of);
    let from = to.checked_sub((days - 1).days()).unwrap_or(to);
    let summaries = store.summaries(site, as_of).await?;
    let mut mended = Mended::default();
    if let Some(last) = store.finished(site, as_of).await? {
        let mut concluded = Concluded::default();
        let take = |block: &_, at: Timestamp| {
            let is_within = day_of(at) >= from;
            concluded.hear_closed(block, at, |closed| {
                if is_within {
                    mended.hear(&closed);
                }
            });
        };
        store.transitions(site, last.number, take).await?;
    }
    let daily = |value: fn(&Count) -> u64| -> BTreeMap<Date, u64> {
        summaries.iter().map(|(&day, it)| (day, value(&it.all))).collect()
    };
    let within: Vec<&Summary> = summaries.range(from..=to).map(|(_, it)| it).collect();
    Ok(Trend {
        from,
        to,
        days: within.len(),
        mended,
        open_ahead: forecast(&daily(Count::to_mend), AHEAD_DAYS),
        overdue_ahead: forecast(&daily(|it| it.overdue), AHEAD_DAYS),
        exposure_days: within.iter().map(|it| it.all.to_mend()).sum(),
        by: by_value(&within, by),
    })
}

fn by_value(within: &[&Summary], by: By) -> Vec<(String, u64)> {
    let mut days: BTreeMap<&str, u64> = BTreeMap::new();
    for (value, count) in within.iter().filter_map(|it| it.by.get(by.name())).flatten() {
        *days.entry(value).or_default() += count.to_mend();
    }
    let mut days: Vec<(String, u64)> =
        days.into_iter().map(|(value, days)| (value.to_owned(), days)).collect();
    days.retain(|(_, days)| *days > 0);
    days.sort_by_key(|(_, days)| std::cmp::Reverse(*days));
    days
}
