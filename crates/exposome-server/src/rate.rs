//! How often somebody may ask: a bucket of tokens each, filled at an even pace.

use crate::problem::{Kind, Problem};
use crate::settings;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) struct Rates {
    limits: settings::Rates,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    Person,
    Stranger,
}

/// So many askers are remembered; those who have been quiet longest are full again anyway.
const REMEMBERED: usize = 20_000;

impl Rates {
    pub(crate) fn new(limits: settings::Rates) -> Rates {
        Rates { limits, buckets: Mutex::default() }
    }

    /// Takes one token, or says when there will be one.  `now` is of the clock that only goes forward.
    pub(crate) fn take(&self, asker: Asker, name: &str, now: Instant) -> Result<(), Problem> {
        let (burst, a_second) = match asker {
            Asker::Person => (self.limits.person_burst, self.limits.person_a_second),
            Asker::Stranger => (self.limits.stranger_burst, self.limits.stranger_a_second),
        };
        let (burst, a_second) = (f64::from(burst), f64::from(a_second));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED {
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < Duration::from_mins(1));
        }
        let bucket = buckets.entry(name.to_owned()).or_insert(Bucket { tokens: burst, at: now });
        let since = now.duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + since * a_second).min(burst);
        bucket.at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(Problem::new(Kind::TooMany, "so many requests in so short a time are not answered")
            .retry_after(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_answered_a_flood_is_not_and_nobody_pays_for_another() {
        let rates = Rates::new(settings::Rates {
            person_burst: 3,
            person_a_second: 2,
            stranger_burst: 1,
            stranger_a_second: 1,
        });
        let start = Instant::now();
        let take = |name: &str, milliseconds| {
            rates.take(Asker::Person, name, start + Duration::from_millis(milliseconds)).is_ok()
        };
        assert_eq!(
            [take("ana", 0), take("ana", 0), take("ana", 0), take("ana", 0)],
            [true, true, true, false]
        );
        assert!(take("eva", 0));
        assert!(!take("ana", 400));
        assert!(take("ana", 600));
        assert!(!take("ana", 600));
    }
}
