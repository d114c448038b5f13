//! The National Vulnerability Database, API 2.0, page by page.
//!
//! The whole comes first, in pages of at most 2,000 records; from then on what
//! changed since, in windows of at most 120 days
//! (<https://nvd.nist.gov/developers/vulnerabilities>, `lastModStartDate`).
//! Every page that is here is written down, so that a run that is cut off goes
//! on with the next page.

use super::{Error, Visit, download};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use url::Url;

/// How far we are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// Everything that was changed before this is here.
    complete_to: Option<Timestamp>,
    pass: Option<Pass>,
}

/// A pass through the pages: all of them, or what changed in a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pass {
    from: Option<Timestamp>,
    to: Timestamp,
    /// The first record that is not here yet.
    next: u64,
}

/// Windows end a day early, so that no zone or rounding makes one too long.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(119 * 24);
/// A record may be published a little after the moment it carries.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

pub(super) fn pages(visit: &mut Visit<'_, '_>) -> Result<(), Error> {
    let now = visit.downloader.now();
    loop {
        let progress = visit.state.nvd.get_or_insert_default();
        let Some(pass) = progress.next_pass(now) else { return Ok(()) };
        let address = pass.address(visit.address()?);
        let place = visit.fetch(&pass.file(), address.clone(), None, None)?;
        let page = Page::read(&place, &address)?;
        let progress = visit.state.nvd.get_or_insert_default();
        progress.got(&pass, &page, &address)?;
        visit.save()?;
    }
}

impl Progress {
    /// The page to ask for next, if there is anything left to ask for.
    fn next_pass(&self, now: Timestamp) -> Option<Pass> {
        if let Some(pass) = &self.pass {
            return Some(pass.clone());
        }
        let Some(complete_to) = self.complete_to else {
            return Some(Pass { from: None, to: now, next: 0 });
        };
        if complete_to >= now {
            return None;
        }
        let from = complete_to - OVERLAP;
        Some(Pass { from: Some(from), to: now.min(from + LONGEST_WINDOW), next: 0 })
    }

    fn got(&mut self, pass: &Pass, page: &Page, address: &Url) -> Result<(), Error> {
        let next = page.start_index.saturating_add(page.records);
        if next >= page.total_results {
            self.complete_to = Some(pass.to);
            self.pass = None;
        } else if page.records == 0 || page.start_index != pass.next {
            return Err(Error::WrongContent {
                address: download::shown(address),
                expected: format!("a page of records from number {} on", pass.next),
                found: format!("{} records from number {} on", page.records, page.start_index),
            });
        } else {
            self.pass = Some(Pass { next, ..pass.clone() });
        }
        Ok(())
    }
}

impl Pass {
    fn address(&self, mut address: Url) -> Url {
        let mut query = address.query_pairs_mut();
        if let Some(from) = self.from {
            query.append_pair("lastModStartDate", &moment(from));
            query.append_pair("lastModEndDate", &moment(self.to));
        }
        query
            .append_pair("resultsPerPage", "2000")
            .append_pair("startIndex", &self.next.to_string());
        drop(query);
        address
    }

    fn file(&self) -> String {
        let day = |it: Timestamp| it.strftime("%Y%m%dT%H%M%SZ").to_string();
        match self.from {
            None => format!("whole-{}-{:07}.json", day(self.to), self.next),
            Some(from) => format!("changed-{}-{}-{:07}.json", day(from), day(self.to), self.next),
        }
    }
}

/// To the millisecond, as the API takes it.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The envelope of a page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    start_index: u64,
    total_results: u64,
    /// How many there are; what they say is for the reader of the feed.
    #[serde(rename = "vulnerabilities", deserialize_with = "count")]
    records: u64,
}

impl Page {
    fn read(path: &Path, address: &Url) -> Result<Page, Error> {
        let file = File::open(path).map_err(download::disk(path))?;
        serde_json::from_reader(BufReader::new(file)).map_err(|why| Error::WrongContent {
            address: download::shown(address),
            expected: "a page of the NVD API 2.0".into(),
            found: format!("another document ({why})"),
        })
    }
}

fn count<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Count;
    impl<'de> serde::de::Visitor<'de> for Count {
        type Value = u64;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a list of records")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<u64, A::Error> {
            let mut records = 0;
            while list.next_element::<serde::de::IgnoredAny>()?.is_some() {
                records += 1;
            }
            Ok(records)
        }
    }
    deserializer.deserialize_seq(Count)
}

#[cfg(test)]
mod tests {
    use super::super::misbehaving::{Server, TestClock, ok, publisher, status, sync_one};
    use super::super::{FeedState, Verdict};
    use super::*;
    use crate::feeds::publishers::Distribution;
    use std::fs;

    fn page(start: u64, records: usize, total: u64) -> Vec<u8> {
        let records = vec!["{}"; records].join(",");
        let text = format!(
            r#"{{"resultsPerPage":2000,"startIndex":{start},"totalResults":{total},"format":"NVD_CVE","version":"2.0","vulnerabilities":[{records}]}}"#
        );
        ok("", text.as_bytes())
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder.join("test"))
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .filter(|it| !it.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_whole_comes_in_pages_and_a_run_that_fails_goes_on_with_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let server =
            Server::saying(vec![page(0, 2, 5), page(2, 2, 5), status(403, ""), page(4, 1, 5)]);
        let it = publisher(&server.address("/cves/2.0"), Distribution::NvdApi);
        let clock = TestClock::new();
        assert_eq!(sync_one(&it, folder.path(), &clock).verdict(), Verdict::Partly);
        assert_eq!(sync_one(&it, folder.path(), &clock).verdict(), Verdict::Fetched);
        let asked: Vec<String> = server.paths();
        assert_eq!(asked[0], "/cves/2.0?resultsPerPage=2000&startIndex=0");
        assert_eq!(asked[2], "/cves/2.0?resultsPerPage=2000&startIndex=4");
        assert_eq!(asked[3], asked[2]);
        assert_eq!(
            names(folder.path()),
            [
                "whole-20260816T090000Z-0000000.json",
                "whole-20260816T090000Z-0000002.json",
                "whole-20260816T090000Z-0000004.json",
            ]
        );
    }

    #[test]
    fn after_the_whole_only_changes_are_asked_for_in_windows_of_less_than_120_days() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![page(0, 1, 1), page(0, 1, 1), page(0, 0, 0)]);
        let it = publisher(&server.address("/cves/2.0"), Distribution::NvdApi);
        sync_one(&it, folder.path(), &TestClock::at("2026-01-01T00:00:00Z"));
        sync_one(&it, folder.path(), &TestClock::at("2026-05-15T00:00:00Z"));
        let asked = server.paths();
        assert_eq!(
            asked[1..],
            [
                "/cves/2.0?lastModStartDate=2025-12-31T23%3A00%3A00.000Z&lastModEndDate=2026-04-29T23%3A00%3A00.000Z&resultsPerPage=2000&startIndex=0",
                "/cves/2.0?lastModStartDate=2026-04-29T22%3A00%3A00.000Z&lastModEndDate=2026-05-15T00%3A00%3A00.000Z&resultsPerPage=2000&startIndex=0",
            ]
        );
    }

    #[test]
    fn a_publisher_that_asks_for_two_hours_between_runs_is_given_them() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![page(0, 1, 1), page(0, 1, 1)]);
        let mut it = publisher(&server.address("/cves/2.0"), Distribution::NvdApi);
        it.least_interval_minutes = 120;
        let at = |moment: &str| sync_one(&it, folder.path(), &TestClock::at(moment)).verdict();
        assert_eq!(at("2026-08-16T09:00:00Z"), Verdict::Fetched);
        assert_eq!(at("2026-08-16T10:59:00Z"), Verdict::NotYet);
        assert_eq!(at("2026-08-16T11:00:00Z"), Verdict::Fetched);
    }

    #[test]
    fn an_empty_page_before_the_end_is_an_error_not_a_circle() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![page(0, 0, 5)]);
        let it = publisher(&server.address("/cves/2.0"), Distribution::NvdApi);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert!(outcome.troubles[0].what.contains("a page of records from number 0 on"));
        assert_eq!(server.asked().len(), 1);
        let state = FeedState::read(&folder.path().join("test")).unwrap();
        assert_eq!(state.complete, None);
    }
}
