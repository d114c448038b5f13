//! What a site's record says over time: how long work stays open, how much of it is done in time, and where a daily
//! figure is going.
//!
//! Everything is drawn from what was concluded at the time (`concluded`), never worked out
//! again.  A forecast is a straight line with an interval, and none where there is too
//! little to draw one from.

use crate::concluded::Closed;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Work that ended within some time, exposure by exposure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mended {
    /// Days open -> how many exposures.
    days_open: BTreeMap<i64, u64>,
    in_time: u64,
    late: u64,
}

impl Mended {
    /// Counts some exposures that ended alike.
    pub fn hear(&mut self, closed: &Closed) {
        let seconds = closed.at.as_second() - closed.since.as_second();
        *self.days_open.entry(seconds.max(0) / 86_400).or_default() += closed.count;
        match closed.due {
            Some(due) if closed.at > due => self.late += closed.count,
            Some(_) => self.in_time += closed.count,
            None => {}
        }
    }

    pub fn count(&self) -> u64 {
        self.days_open.values().sum()
    }

    /// Mean time to remediate, in tenths of a day; `None`: nothing ended.
    pub fn mean_tenths(&self) -> Option<u64> {
        let count = self.count();
        let days: u64 =
            self.days_open.iter().map(|(days, count)| days.unsigned_abs() * count).sum();
        (count > 0).then(|| (days * 10 + count / 2) / count)
    }

    /// So many days within which a share, in percent, of them ended; `None`: nothing ended.
    pub fn within_percent(&self, percent: u64) -> Option<i64> {
        let wanted = (self.count() * percent).div_ceil(100);
        let mut seen = 0;
        self.days_open.iter().find_map(|(&days, count)| {
            seen += count;
            (seen >= wanted && seen > 0).then_some(days)
        })
    }

    /// Of those that had a date: how many kept it, and how many there were.
    pub fn kept_their_date(&self) -> (u64, u64) {
        (self.in_time, self.in_time + self.late)
    }
}

/// Where a daily figure is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    pub day: Date,
    pub value: u64,
    /// Four of five days of the past lay so far around the line.
    pub low: u64,
    pub high: u64,
}

/// Fewer days than this are no line.
const FEWEST: usize = 14;

/// The figure so many days after the last one: the line through the median of all slopes (Theil and Sen), and the
/// distances of the days themselves from it, widened with the way ahead.  None where fewer than two weeks are known.
pub fn forecast(points: &BTreeMap<Date, u64>, ahead: i32) -> Option<Forecast> {
    if points.len() < FEWEST {
        return None;
    }
    let (&first, _) = points.first_key_value()?;
    let (&last, _) = points.last_key_value()?;
    let days = |day: Date| f64::from((day - first).get_days());
    // A year of days has 66,000 pairs.
    let points: Vec<(f64, f64)> =
        points.iter().map(|(&day, &value)| (days(day), as_real(value))).collect();
    let pairs = points.iter().enumerate().flat_map(|(place, one)| {
        points.iter().skip(place + 1).map(move |other| (other.1 - one.1) / (other.0 - one.0))
    });
    let slope = quantile(pairs.collect(), 0.5)?;
    let base = quantile(points.iter().map(|it| it.1 - slope * it.0).collect(), 0.5)?;
    let off: Vec<f64> = points.iter().map(|it| it.1 - base - slope * it.0).collect();
    let span = days(last).max(1.0);
    let widened = 1.0 + f64::from(ahead) / span;
    let (low, high) = (quantile(off.clone(), 0.1)? * widened, quantile(off, 0.9)? * widened);
    let day = last.checked_add(jiff::Span::new().days(ahead)).ok()?;
    let value = base + slope * days(day);
    Some(Forecast {
        day,
        value: as_count(value),
        low: as_count(value + low),
        high: as_count(value + high),
    })
}

fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of at most some ten thousand"
    )]
    let place = (last as f64 * share).round() as usize;
    values.get(place).copied()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a count of exposures; a forecast is no exact figure"
)]
fn as_real(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "never below nothing, and far below 2^53"
)]
fn as_count(value: f64) -> u64 {
    value.round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{Timestamp, ToSpan as _};

    fn closed(since_day: i64, at_day: i64, due_day: Option<i64>, count: u64) -> Closed {
        let at = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        Closed { since: at(since_day), at: at(at_day), due: due_day.map(at), count }
    }

    #[test]
    fn what_ended_is_counted_by_how_long_it_was_open_and_whether_it_kept_its_date() {
        let mut mended = Mended::default();
        assert_eq!((mended.mean_tenths(), mended.within_percent(50)), (None, None));
        for it in [closed(0, 2, Some(3), 6), closed(0, 10, Some(3), 3), closed(0, 100, None, 1)] {
            mended.hear(&it);
        }
        assert_eq!(mended.count(), 10);
        assert_eq!(mended.mean_tenths(), Some(142));
        assert_eq!(mended.within_percent(50), Some(2));
        assert_eq!(mended.within_percent(90), Some(10));
        assert_eq!(mended.within_percent(100), Some(100));
        assert_eq!(mended.kept_their_date(), (6, 9));
    }

    fn days(values: impl IntoIterator<Item = u64>) -> BTreeMap<Date, u64> {
        let first = jiff::civil::date(2026, 6, 1);
        (0..).zip(values).map(|(day, value)| (first + day.days(), value)).collect()
    }

    #[test]
    fn a_line_goes_on_as_a_line_and_one_odd_day_does_not_bend_it() {
        let mut points = days((0..30).map(|day| 100 - day));
        let straight = forecast(&points, 10).unwrap();
        assert_eq!((straight.value, straight.low, straight.high), (61, 61, 61));
        assert_eq!(straight.day, jiff::civil::date(2026, 7, 10));
        *points.get_mut(&jiff::civil::date(2026, 6, 20)).unwrap() = 5_000;
        assert_eq!(forecast(&points, 10).unwrap().value, 61);
    }

    #[test]
    fn an_interval_grows_with_the_scatter_and_with_the_way_ahead_and_never_falls_below_nothing() {
        let points = days((0..60).map(|day| 20 + 10 * (day % 2)));
        let near = forecast(&points, 1).unwrap();
        let far = forecast(&points, 60).unwrap();
        assert!(near.low < near.high && far.high - far.low > near.high - near.low);
        let falling = days((0..20).map(|day| 20 - day));
        assert_eq!(forecast(&falling, 100).unwrap().low, 0);
    }

    #[test]
    fn from_too_few_days_nothing_is_foretold() {
        assert_eq!(forecast(&days(0..13), 7), None);
    }
}
