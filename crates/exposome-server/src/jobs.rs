//! What the server does by itself: one list, one table, one runner.
//!
//! Each look takes what is due and not leased, works on it, and notes how it
//! went.  A failure comes again after a minute, two, four, at most an hour.  Two
//! servers on one database share the work: whoever has the lease has the job.

use crate::{Changed, Error, House, errands, notices, secret};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;

/// Something that is done by itself.
pub struct Job {
    pub name: &'static str,
    /// For the page that lists them.
    pub words: &'static str,
    /// It asks or tells others: a restored copy does not, until somebody has confirmed it.
    pub acts_outside: bool,
    pub every: fn(&House) -> SignedDuration,
    pub run: fn(House) -> BoxFuture<'static, Result<String, errands::Failed>>,
}

/// All of them.
pub const JOBS: &[Job] = &[
    Job {
        name: "feeds",
        words: "Ask the publishers of feeds for what is new, and load it",
        acts_outside: true,
        every: |house| minutes(house.settings.jobs.feeds_minutes),
        run: |house| Box::pin(sync_feeds(house)),
    },
    Job {
        name: "inbox",
        words: "Import the documents that were put into the folder that is watched",
        acts_outside: false,
        every: |house| {
            SignedDuration::from_secs(i64::from(house.settings.jobs.inbox_seconds.max(1)))
        },
        run: |house| Box::pin(import_inbox(house)),
    },
    Job {
        name: "assessment",
        words: "Write down how every site stands, and what moved since the last time",
        acts_outside: false,
        every: |house| minutes(house.settings.jobs.assessment_minutes),
        run: |house| Box::pin(assess(house)),
    },
    Job {
        name: "notices",
        words: "Tell people what there is to tell, and whoever is next what nobody has acknowledged",
        acts_outside: true,
        every: |house| {
            SignedDuration::from_secs(i64::from(house.settings.jobs.notices_seconds.max(1)))
        },
        run: |house| Box::pin(notices::deliver(house)),
    },
    Job {
        name: "staleness",
        words: "Look whether a feed is older than it may be",
        acts_outside: false,
        every: |_| minutes(60),
        run: |house| Box::pin(staleness(house)),
    },
    Job {
        name: "sweep",
        words: "Take away sessions, links and roles that have run out",
        acts_outside: false,
        every: |_| minutes(10),
        run: |house| Box::pin(sweep(house)),
    },
];

fn minutes(count: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(count.max(1)))
}

/// For so long nobody else works on a job; it is kept for longer while it is worked on.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
const KEPT_EVERY: Duration = Duration::from_mins(1);
const FIRST_RETRY: SignedDuration = SignedDuration::from_mins(1);

/// Notes in the table whatever is in the list and not yet there.
pub(crate) async fn enter(house: &House) -> Result<(), Error> {
    for job in JOBS {
        house.store.add_job(job.name, house.now()).await?;
    }
    Ok(())
}

/// Does what is due until it is told to stop.
pub(crate) async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    if !house.settings.jobs.enabled {
        let _ = stopped.wait_for(|it| *it).await;
        return;
    }
    let Ok(holder) = secret::random_text(9) else { return };
    let pause = Duration::from_millis(house.settings.jobs.look_milliseconds.max(10));
    let mut was_behind = false;
    loop {
        let is_behind = house.is_clock_behind();
        if is_behind && !was_behind {
            begin_anew(&house).await;
        }
        was_behind = is_behind;
        for job in JOBS {
            if *stopped.borrow() {
                return;
            }
            if let Err(error) = look(&house, job, &holder).await {
                tracing::error!(job = job.name, error = ?error.to_string(), "a job could not be looked at");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = house.inner.job_bell.notified() => {}
            _ = stopped.wait_for(|it| *it) => return,
        }
    }
}

/// The clock went back: what is due by the old one would lie still until the new one has caught up.
async fn begin_anew(house: &House) {
    tracing::error!("the clock went back: everything that is done by itself is due now");
    for job in JOBS {
        if let Err(error) = house.store.hasten_job(job.name, house.now()).await {
            tracing::error!(job = job.name, error = ?error.to_string(), "a job could not be hastened");
        }
    }
}

/// Works on a job if it is due and free.
async fn look(house: &House, job: &'static Job, holder: &str) -> Result<(), exposome_store::Error> {
    let now = house.now();
    if job.acts_outside && house.restored().is_some() {
        return Ok(());
    }
    if !house.store.lease_job(job.name, holder, now, now + LEASE).await? {
        return Ok(());
    }
    let outcome = work(house, job, holder).await;
    let finished = house.now();
    let failures = match &outcome {
        Ok(_) => 0,
        Err(_) => house
            .store
            .jobs()
            .await?
            .iter()
            .find(|it| it.name == job.name)
            .map_or(1, |it| it.failures + 1),
    };
    let every = (job.every)(house);
    let next = finished + if failures == 0 { every } else { retry_after(failures, every) };
    let words = outcome.as_ref().map(String::as_str).map_err(|it| it.0.as_str());
    house.store.finish_job(job.name, holder, finished, words, next).await?;
    match &outcome {
        Ok(words) => tracing::debug!(job = job.name, words = ?words, "done"),
        Err(error) => {
            house.inner.metrics.jobs_failed.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(job = job.name, error = ?error.0, failures, %next, "a job failed and comes again");
        }
    }
    // What runs every few seconds and found nothing is no news.
    if outcome.as_ref().map_or(true, |words| !words.is_empty()) {
        house.changes.tell(Changed::Job { name: job.name.to_owned(), succeeded: outcome.is_ok() });
    }
    Ok(())
}

async fn work(house: &House, job: &'static Job, holder: &str) -> Result<String, errands::Failed> {
    let running = tokio::spawn((job.run)(house.clone()));
    tokio::pin!(running);
    loop {
        tokio::select! {
            ended = &mut running => {
                return ended.unwrap_or_else(|_| Err(errands::Failed("it broke down; the log says more".to_owned())));
            }
            () = tokio::time::sleep(KEPT_EVERY) => {
                let kept = house.store.keep_lease(job.name, holder, house.now() + LEASE).await;
                if !matches!(kept, Ok(true)) {
                    tracing::warn!(job = job.name, "the lease of a job was lost while it was worked on");
                }
            }
        }
    }
}

/// A minute, two, four, at most an hour; never later than it would have come anyway, but for what comes every few
/// seconds.
fn retry_after(failures: u32, every: SignedDuration) -> SignedDuration {
    let doubled = FIRST_RETRY.saturating_mul(1 << failures.saturating_sub(1).min(6));
    doubled.min(SignedDuration::from_hours(1)).min(every.max(FIRST_RETRY))
}

/// When a job that is new or hastened comes.
pub(crate) async fn hasten(house: &House, name: &str) -> Result<bool, exposome_store::Error> {
    let hastened = house.store.hasten_job(name, house.now()).await?;
    house.inner.job_bell.notify_one();
    Ok(hastened)
}

async fn sync_feeds(house: House) -> Result<String, errands::Failed> {
    let loaded = house.errands.sync_feeds(Vec::new()).await?;
    if loaded.written > 0 {
        house.changes.tell(Changed::World { written: loaded.written });
    }
    if loaded.troubles.is_empty() {
        return Ok(format!("{} records are new, other, or gone", loaded.written));
    }
    Err(errands::Failed(loaded.troubles.join("; ")))
}

/// What is written down is what boards, auditors and looks at the past hold on to.
async fn assess(house: House) -> Result<String, errands::Failed> {
    let sites = house.store.sites().await.map_err(|error| errands::Failed(error.to_string()))?;
    let mut told = Vec::new();
    for site in sites {
        if let Some(moved) = house.errands.assess(site.clone()).await? {
            told.push(format!("{site}: {moved} exposures moved"));
            house.changes.tell(Changed::Assessed { site });
        }
    }
    Ok(told.join("; "))
}

async fn staleness(house: House) -> Result<String, errands::Failed> {
    let feeds = house.errands.feeds().await?;
    for feed in feeds.iter().filter(|it| it.state == errands::Freshness::Stale) {
        notices::raise(&house, &stale(feed, house.now()))
            .await
            .map_err(|error| errands::Failed(error.to_string()))?;
    }
    let named = |state| {
        let names: Vec<&str> =
            feeds.iter().filter(|it| it.state == state).map(|it| it.feed.as_str()).collect();
        names.join(", ")
    };
    let (stale, missing) = (named(errands::Freshness::Stale), named(errands::Freshness::Missing));
    Ok(match (stale.as_str(), missing.as_str()) {
        ("", "") => "all feeds are fresh".to_owned(),
        (stale, "") => format!("too old: {stale}"),
        ("", missing) => format!("not there: {missing}"),
        (stale, missing) => format!("too old: {stale}; not there: {missing}"),
    })
}

/// One notice a time that a feed is stale: since the day on which it became so.
fn stale(feed: &errands::FeedState, now: Timestamp) -> notices::Notice {
    let age_days = feed.age_days.unwrap_or_default();
    let over = age_days - feed.limit_days.unwrap_or_default();
    let since = (now - SignedDuration::from_hours(24 * over.max(0)))
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    notices::Notice {
        about: format!("feed {} stale since {since}", feed.feed),
        urgency: notices::Urgency::Soon,
        site: None,
        unit: None,
        title: format!("{} is {age_days} days old", feed.title),
        words: "What hangs on it cannot be evaluated until it is loaded again.".to_owned(),
        plain:
            "A feed of vulnerability knowledge is too old; what hangs on it cannot be evaluated."
                .to_owned(),
        link: "/feeds".to_owned(),
    }
}

async fn sweep(house: House) -> Result<String, errands::Failed> {
    let now = house.now();
    let idle = SignedDuration::from_mins(i64::from(house.settings.sessions.idle_minutes));
    let gone = house.store.sweep_accounts(now, now - idle).await;
    let gone = gone.map_err(|error| errands::Failed(error.to_string()))?;
    Ok(if gone == 0 { String::new() } else { format!("{gone} had run out") })
}

/// Imports what lies in the folder that is watched.  A document that was read goes to `done`, one that was refused or
/// waits for a person to `held`: nothing is read twice, and nothing is lost.
async fn import_inbox(house: House) -> Result<String, errands::Failed> {
    let folder = house.settings.inbox();
    let failed = |error: std::io::Error| errands::Failed(format!("{}: {error}", folder.display()));
    tokio::fs::create_dir_all(&folder).await.map_err(failed)?;
    let waiting = settled(&folder).await.map_err(failed)?;
    let mut told = Vec::new();
    for path in waiting {
        let importing =
            errands::Importing { paths: vec![path.clone()], ..errands::Importing::default() };
        let imported = house.errands.import(importing).await?;
        let is_held =
            imported.documents.iter().any(|it| it.held || (it.records == 0 && it.refused > 0));
        put_aside(&folder, &path, if is_held { "held" } else { "done" }, house.now())
            .await
            .map_err(failed)?;
        for site in imported.sites {
            house.changes.tell(Changed::Site { site });
        }
        told.extend(imported.documents.iter().map(|it| {
            let waits = if it.held { ", waits for a person" } else { "" };
            format!("{}: {} records, {} refused{waits}", it.document, it.records, it.refused)
        }));
    }
    Ok(told.join("; "))
}

/// The files of a folder that nobody is writing to any more: their size was the same a moment ago.
async fn settled(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let before = sizes(folder).await?;
    if before.is_empty() {
        return Ok(Vec::new());
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let after = sizes(folder).await?;
    Ok(before.into_iter().filter(|it| after.contains(it)).map(|(path, _)| path).collect())
}

async fn sizes(folder: &Path) -> std::io::Result<Vec<(PathBuf, u64)>> {
    let mut found = Vec::new();
    let mut entries = tokio::fs::read_dir(folder).await?;
    while let Some(entry) = entries.next_entry().await? {
        // A link is not followed: it may lead out of the folder.
        let metadata = tokio::fs::symlink_metadata(entry.path()).await?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if metadata.is_file() && !is_hidden {
            found.push((entry.path(), metadata.len()));
        }
    }
    found.sort();
    Ok(found)
}

async fn put_aside(folder: &Path, path: &Path, into: &str, now: Timestamp) -> std::io::Result<()> {
    let into = folder.join(into);
    tokio::fs::create_dir_all(&into).await?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    tokio::fs::rename(path, into.join(format!("{}-{name}", now.as_second()))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_comes_again_later_each_time_and_never_too_late() {
        let hourly = SignedDuration::from_hours(1);
        let minutes: Vec<i64> = (1..9).map(|it| retry_after(it, hourly).as_mins()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(retry_after(9, SignedDuration::from_secs(10)).as_mins(), 1);
        assert_eq!(retry_after(u32::MAX, SignedDuration::from_hours(24)).as_mins(), 60);
    }

    #[test]
    fn no_two_jobs_share_a_name() {
        let names: std::collections::BTreeSet<&str> = JOBS.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), JOBS.len());
    }
}
