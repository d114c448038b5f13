//! The one place that looks at the clock; everything else is told the moment.

use anyhow::{Context as _, Result};
use jiff::Timestamp;

#[expect(clippy::disallowed_methods, reason = "the one place that looks at the clock")]
pub(crate) fn now() -> Timestamp {
    // What is recorded is kept to the microsecond, and asked for again by the same moment.
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// A clock that goes on from a moment: whoever looks at a demo sees it on its own day.
pub(crate) fn from(moment: Timestamp) -> impl Fn() -> Timestamp + Send + Sync + 'static {
    let started = std::time::Instant::now();
    move || {
        let passed = jiff::SignedDuration::try_from(started.elapsed()).unwrap_or_default();
        moment.saturating_add(passed).unwrap_or(moment)
    }
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
    /// Records at the clock's time; otherwise just after the moment it was started at.
    follows_clock: bool,
}

impl Recorder {
    pub(crate) fn new() -> Recorder {
        Recorder { last: Timestamp::MIN, follows_clock: true }
    }

    /// For a demo or a replay: everything is recorded just after a given moment.
    pub(crate) fn starting(at: Timestamp) -> Recorder {
        Recorder { last: at, follows_clock: false }
    }

    pub(crate) fn next(&mut self) -> Timestamp {
        // Shorter than reading any document takes, so that what is recorded never lies ahead of the clock.
        let after = self.last + jiff::SignedDuration::from_micros(100);
        self.last = if self.follows_clock { now().max(after) } else { after };
        self.last
    }
}
