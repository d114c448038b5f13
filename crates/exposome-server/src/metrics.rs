//! Figures for Prometheus (text format 0.0.4): how many requests, how long they took, what is going on.

use axum::http::{Method, StatusCode};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[derive(Default)]
pub(crate) struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    /// By route; counts of [`BOUNDS`] and above, sum in microseconds.
    times: Mutex<BTreeMap<String, ([u64; BOUNDS.len() + 1], u64)>>,
    pub(crate) under_way: AtomicI64,
    pub(crate) listeners: AtomicI64,
    pub(crate) jobs_failed: AtomicU64,
    pub(crate) sign_ins: AtomicU64,
    pub(crate) sign_ins_refused: AtomicU64,
}

/// Upper bounds in milliseconds.
const BOUNDS: [u64; 8] = [1, 3, 10, 30, 100, 300, 1_000, 10_000];

impl Metrics {
    /// `route` is the pattern, never the path: what strangers type makes no new series.
    pub(crate) fn note(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let key = (method.as_str().to_owned(), route.to_owned(), status.as_u16());
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default() += 1;
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let (counts, sum) = times.entry(route.to_owned()).or_default();
        let place = BOUNDS
            .iter()
            .position(|bound| took <= Duration::from_millis(*bound))
            .unwrap_or(BOUNDS.len());
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
        *sum += u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        text.push_str("# HELP exposome_requests_total Requests answered.\n# TYPE exposome_requests_total counter\n");
        for ((method, route, status), count) in
            self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let _ = writeln!(
                text,
                "exposome_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            );
        }
        text.push_str("# HELP exposome_request_seconds Time to answer.\n# TYPE exposome_request_seconds histogram\n");
        for (route, (counts, sum)) in
            self.times.lock().unwrap_or_else(PoisonError::into_inner).iter()
        {
            let mut total = 0;
            for (place, count) in counts.iter().enumerate() {
                total += count;
                let bound = BOUNDS.get(place).map_or_else(
                    || "+Inf".to_owned(),
                    |it| format!("{}.{:03}", it / 1_000, it % 1_000),
                );
                let _ = writeln!(
                    text,
                    "exposome_request_seconds_bucket{{route=\"{route}\",le=\"{bound}\"}} {total}"
                );
            }
            let _ = writeln!(
                text,
                "exposome_request_seconds_sum{{route=\"{route}\"}} {}.{:06}",
                sum / 1_000_000,
                sum % 1_000_000
            );
            let _ = writeln!(text, "exposome_request_seconds_count{{route=\"{route}\"}} {total}");
        }
        let gauges = [
            (
                "exposome_requests_under_way",
                "gauge",
                self.under_way.load(Ordering::Relaxed).cast_unsigned(),
            ),
            (
                "exposome_live_listeners",
                "gauge",
                self.listeners.load(Ordering::Relaxed).cast_unsigned(),
            ),
            ("exposome_jobs_failed_total", "counter", self.jobs_failed.load(Ordering::Relaxed)),
            ("exposome_sign_ins_total", "counter", self.sign_ins.load(Ordering::Relaxed)),
            (
                "exposome_sign_ins_refused_total",
                "counter",
                self.sign_ins_refused.load(Ordering::Relaxed),
            ),
        ];
        for (name, kind, value) in gauges {
            let _ = writeln!(text, "# TYPE {name} {kind}\n{name} {value}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_count_up_to_all() {
        let metrics = Metrics::default();
        for milliseconds in [1, 2, 20, 60_000] {
            metrics.note(
                &Method::GET,
                "/api/v1/today",
                StatusCode::OK,
                Duration::from_millis(milliseconds),
            );
        }
        let text = metrics.text();
        for line in [
            "exposome_requests_total{method=\"GET\",route=\"/api/v1/today\",status=\"200\"} 4",
            "exposome_request_seconds_bucket{route=\"/api/v1/today\",le=\"0.001\"} 1",
            "exposome_request_seconds_bucket{route=\"/api/v1/today\",le=\"0.030\"} 3",
            "exposome_request_seconds_bucket{route=\"/api/v1/today\",le=\"+Inf\"} 4",
            "exposome_request_seconds_sum{route=\"/api/v1/today\"} 60.023000",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
        }
    }
}
