//! The one place that looks at the clock; everything else is told the moment.

use anyhow::{Context as _, Result};
use jiff::Timestamp;

#[expect(clippy::disallowed_methods, reason = "the one place that looks at the clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// `2026-08-16T09:00:00Z`, or a day, which means its end: what was known on that day.
pub(crate) fn read(text: &str) -> Result<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let day: jiff::civil::Date = text.parse().with_context(|| {
        format!("{text:?} is no moment; write 2026-08-16 or 2026-08-16T09:00:00Z")
    })?;
    let end = day.tomorrow()?.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp();
    Ok(end - jiff::SignedDuration::from_micros(1))
}

/// Moments that only go forward, so that no two documents are recorded at the same one.
#[derive(Debug)]
pub(crate) struct Recorder {
    last: Timestamp,
}

impl Recorder {
    pub(crate) fn new() -> Recorder {
        Recorder { last: Timestamp::MIN }
    }

    pub(crate) fn next(&mut self) -> Timestamp {
        let next = now().max(self.last + jiff::SignedDuration::from_micros(1));
        self.last = next;
        next
    }
}
