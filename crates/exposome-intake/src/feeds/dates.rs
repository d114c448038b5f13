//! Dates as feeds write them: with a zone, without one, or a day alone.
//!
//! RFC 3339 is what the formats ask for; NVD and older CVE records leave the
//! zone out, which means UTC (NVD CVE API 2.0, "published").

use exposome_model::reading::{Complaint, Sink};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use crate::Item;
use crate::feeds::words;

/// A moment; a day alone is its beginning, a missing zone is UTC.
pub(crate) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(moment) = text.parse() {
        return Some(moment);
    }
    let civil = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let civil: DateTime = match civil.parse() {
        Ok(civil) => civil,
        Err(_) => day(text)?.at(0, 0, 0, 0),
    };
    jiff::tz::Offset::UTC.to_timestamp(civil).ok()
}

/// A day: `2026-08-07`, also where a time follows.
pub(crate) fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.get(..10)?.parse().ok())
}

/// A moment that need not be there; one that makes no sense is left out, with a complaint.
pub(crate) fn said(
    text: Option<&str>,
    place: impl FnOnce() -> String,
    sink: &mut dyn Sink<Item>,
) -> Option<Timestamp> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    let read = moment(text);
    if read.is_none() {
        let message = format!("{} is no date such as 2026-08-07T16:45:47Z", words::quoted(text));
        sink.complain(Complaint::doubtful(place(), message));
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let actual = moment(text).map_or_else(|| "none".to_owned(), |moment| moment.to_string());
        assert_eq!(actual, expected);
    }

    #[test]
    fn every_way_the_feeds_write_a_moment() {
        check("2026-08-07T16:45:47.0648Z", "2026-08-07T16:45:47.0648Z");
        check("2017-09-07T15:57:01", "2017-09-07T15:57:01Z");
        check("2021-06-30T08:56:51.684-05:00", "2021-06-30T13:56:51.684Z");
        check("2026-08-15T00:00:00+0000", "2026-08-15T00:00:00Z");
        check("2024-01-02T00:00Z", "2024-01-02T00:00:00Z");
        check("2022-02-10", "2022-02-10T00:00:00Z");
        check("2017-50-17T00:00:00", "none");
        check("", "none");
    }
}
