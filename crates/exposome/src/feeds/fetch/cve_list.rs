//! The CVE List: an archive of all records a day, and small ones of what changed since.
//!
//! A release of `CVEProject/cvelistV5` carries `<day>_all_CVEs_at_midnight.zip.zip`
//! and `<day>_delta_CVEs_at_<hour>Z.zip` (all that changed since that midnight);
//! once a day is over, `<day>_delta_CVEs_at_end_of_day.zip` is in a release of
//! its own.  We take the whole now and then, and the changes in between.  The
//! day is read from the file's name: the release's may be another.

use super::download::{Digest, shown};
use super::{Error, Visit, address};
use crate::feeds::publishers::Checksum;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fs;
use url::Url;

/// What of the list is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// The midnight of the archive of the whole.
    whole: Date,
    /// Until which midnight the changes are here as well.
    changes_to: Date,
}

/// How often the whole is fetched if the publisher's entry does not say.
const WHOLE_AGAIN_DAYS: i64 = 7;

pub(super) fn changes(visit: &mut Visit<'_, '_>) -> Result<(), Error> {
    let place = visit.address()?;
    let text = visit.downloader.text(visit.publisher, &place, 16 << 20)?;
    let release: Release = serde_json::from_str(&text).map_err(|why| Error::WrongContent {
        address: shown(&place),
        expected: "a release of the CVE List".into(),
        found: format!("another document ({why})"),
    })?;
    let missing = |what: &str| Error::WrongContent {
        address: shown(&place),
        expected: format!("a release with {what}"),
        found: "one without".into(),
    };
    let day = visit.downloader.now().to_zoned(TimeZone::UTC).date();
    let again_days = visit.publisher.whole_again_days.unwrap_or(WHOLE_AGAIN_DAYS);
    let begun = visit.state.cve_list.clone().filter(|it| {
        let age_days = (day - it.whole).get_days();
        let here = visit.state.files.contains_key(&whole_name(it.whole));
        here && i64::from(age_days) < again_days
    });
    let complete = match begun {
        Some(begun) => end_of_days(visit, &release, begun)?,
        None => None,
    };
    if complete.is_none() {
        let (asset, whole) = release.whole().ok_or_else(|| missing("all records"))?;
        fetch(visit, &whole_name(whole), asset)?;
        visit.state.cve_list = Some(Progress { whole, changes_to: whole });
        visit.save()?;
        forget_before(visit, whole)?;
    }
    // The day that is not over yet.
    if let Some((asset, day)) = release.changes() {
        fetch(visit, &format!("changed-{day}.zip"), asset)?;
    }
    Ok(())
}

/// The changes of every day that is over since the last run; `None` if one is not to be had.
fn end_of_days(
    visit: &mut Visit<'_, '_>,
    release: &Release,
    mut progress: Progress,
) -> Result<Option<()>, Error> {
    let Some(newest) = release.whole().map(|(_, day)| day).max(Some(progress.changes_to)) else {
        return Ok(None);
    };
    while progress.changes_to < newest {
        let day = progress.changes_to;
        let Some(asset) = release.end_of_day(day) else { return Ok(None) };
        match fetch(visit, &format!("changed-{day}.zip"), &asset) {
            Err(Error::Status { status: 404, .. }) => return Ok(None),
            done => done?,
        }
        let Ok(next) = day.tomorrow() else { return Ok(None) };
        progress.changes_to = next;
        visit.state.cve_list = Some(progress.clone());
        visit.save()?;
    }
    Ok(Some(()))
}

fn whole_name(day: Date) -> String {
    format!("whole-{day}.zip")
}

fn fetch(visit: &mut Visit<'_, '_>, name: &str, asset: &Asset) -> Result<(), Error> {
    let sha256 = asset.digest.as_deref().and_then(|it| it.strip_prefix("sha256:"));
    let expected = sha256.map(|it| Digest { kind: Checksum::Sha256, hex: it.to_ascii_lowercase() });
    visit.fetch(name, address(&asset.browser_download_url)?, expected, None).map(|_| ())
}

/// Removes what a newer archive of the whole holds as well.
fn forget_before(visit: &mut Visit<'_, '_>, whole: Date) -> Result<(), Error> {
    let old = |name: &str| {
        let day = name.strip_prefix("whole-").or(name.strip_prefix("changed-"));
        let day = day.and_then(|it| it.strip_suffix(".zip")).and_then(|it| it.parse::<Date>().ok());
        day.is_some_and(|day| day < whole)
    };
    let names: Vec<String> = visit.state.files.keys().filter(|name| old(name)).cloned().collect();
    for name in names {
        let path = visit.folder.join(&name);
        fs::remove_file(&path)
            .or_else(|error| match error.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
            .map_err(super::download::disk(&path))?;
        visit.state.files.remove(&name);
    }
    visit.save()
}

#[derive(Debug, Deserialize)]
struct Release {
    assets: Vec<Asset>,
}

#[derive(Debug, Clone, Deserialize)]
struct Asset {
    name: String,
    browser_download_url: String,
    /// `sha256:` and the digits, on releases since mid-2025.
    #[serde(default)]
    digest: Option<String>,
}

impl Release {
    fn whole(&self) -> Option<(&Asset, Date)> {
        self.named("_all_CVEs_at_midnight.zip")
    }

    fn changes(&self) -> Option<(&Asset, Date)> {
        self.named("_delta_CVEs_at_")
    }

    fn named(&self, after_day: &str) -> Option<(&Asset, Date)> {
        let fits = |asset: &Asset| {
            let (day, rest) = asset.name.split_at_checked(10)?;
            rest.starts_with(after_day).then(|| day.parse().ok()).flatten()
        };
        self.assets
            .iter()
            .filter_map(|asset| Some((asset, fits(asset)?)))
            .max_by_key(|(_, day)| *day)
    }

    /// The changes of a day that is over lie in a release of their own, beside this one.
    fn end_of_day(&self, day: Date) -> Option<Asset> {
        let beside = Url::parse(&self.assets.first()?.browser_download_url).ok()?;
        let name = format!("{day}_delta_CVEs_at_end_of_day.zip");
        let address = beside.join(&format!("../cve_{day}_at_end_of_day/{name}")).ok()?;
        Some(Asset { name, browser_download_url: address.into(), digest: None })
    }
}

#[cfg(test)]
mod tests {
    use super::super::misbehaving::{Request, Server, TestClock, ok, publisher, status, sync_one};
    use super::super::{Outcome, Verdict};
    use crate::feeds::publishers::{Content, Distribution, Publisher};
    use std::io::Write as _;
    use std::path::Path;

    /// An empty archive: nothing but its end (APPNOTE 4.3.16).
    const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    /// Releases as the list has them; end-of-day archives of the days in `over`.
    fn list(day: &'static str, over: &'static [&'static str]) -> Server {
        Server::new(move |_, request: &Request, stream| {
            let host = request.header("host");
            let asset = |name: String| {
                format!(
                    r#"{{"name":"{name}","size":22,"browser_download_url":"http://{host}/download/cve_{day}_1200Z/{name}"}}"#
                )
            };
            let latest = format!(
                r#"{{"tag_name":"cve_{day}_1200Z","assets":[{},{}]}}"#,
                asset(format!("{day}_all_CVEs_at_midnight.zip.zip")),
                asset(format!("{day}_delta_CVEs_at_1200Z.zip")),
            );
            let path = request.path.as_str();
            let missing = path.contains("end_of_day") && !over.iter().any(|it| path.contains(it));
            let answer = match path {
                "/latest" => ok("", latest.as_bytes()),
                _ if missing => status(404, ""),
                _ => ok("", EMPTY_ZIP),
            };
            let _ = stream.write_all(&answer);
        })
    }

    fn cve(server: &Server) -> Publisher {
        let mut it = publisher(&server.address("/latest"), Distribution::CveList);
        it.content = Content::Zip;
        it
    }

    fn names(outcome: &Outcome, folder: &Path) -> Vec<String> {
        assert_eq!(outcome.troubles, [], "{outcome:?}");
        let folder = folder.join("test");
        outcome
            .fetched
            .iter()
            .map(|it| it.strip_prefix(&folder).unwrap().display().to_string())
            .collect()
    }

    #[test]
    fn first_the_whole_and_todays_changes_then_each_day_that_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let monday = list("2026-08-10", &[]);
        let outcome =
            sync_one(&cve(&monday), folder.path(), &TestClock::at("2026-08-10T12:30:00Z"));
        assert_eq!(
            names(&outcome, folder.path()),
            ["whole-2026-08-10.zip", "changed-2026-08-10.zip"]
        );

        let wednesday = list("2026-08-12", &["2026-08-10", "2026-08-11"]);
        let outcome =
            sync_one(&cve(&wednesday), folder.path(), &TestClock::at("2026-08-12T12:30:00Z"));
        assert_eq!(
            names(&outcome, folder.path()),
            ["changed-2026-08-10.zip", "changed-2026-08-11.zip", "changed-2026-08-12.zip"]
        );
        assert_eq!(
            wednesday.paths()[1],
            "/download/cve_2026-08-10_at_end_of_day/2026-08-10_delta_CVEs_at_end_of_day.zip"
        );
    }

    #[test]
    fn where_a_days_changes_are_missing_the_whole_is_fetched_again_and_the_old_goes() {
        let folder = tempfile::tempdir().unwrap();
        let monday = list("2026-08-10", &[]);
        sync_one(&cve(&monday), folder.path(), &TestClock::at("2026-08-10T12:30:00Z"));
        let wednesday = list("2026-08-12", &["2026-08-10"]);
        let outcome =
            sync_one(&cve(&wednesday), folder.path(), &TestClock::at("2026-08-12T12:30:00Z"));
        assert_eq!(outcome.verdict(), Verdict::Fetched);
        let mut left: Vec<String> = std::fs::read_dir(folder.path().join("test"))
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .filter(|it| !it.starts_with('.'))
            .collect();
        left.sort();
        assert_eq!(left, ["changed-2026-08-12.zip", "whole-2026-08-12.zip"]);
    }

    #[test]
    fn after_a_week_the_whole_is_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        let monday = list("2026-08-10", &[]);
        sync_one(&cve(&monday), folder.path(), &TestClock::at("2026-08-10T12:30:00Z"));
        let later = list("2026-08-17", &["2026-08-1"]);
        let outcome = sync_one(&cve(&later), folder.path(), &TestClock::at("2026-08-17T12:30:00Z"));
        assert_eq!(names(&outcome, folder.path())[0], "whole-2026-08-17.zip");
    }
}
