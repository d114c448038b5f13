//! What the server does by itself: when it is due, who works on it, how it went.
//!
//! A job is leased: whoever holds the lease works on it, and when she dies, somebody
//! else may once the lease has run out.

use crate::{Error, Store, each_row, micros, moment, run};
use jiff::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub name: String,
    pub next_at: Timestamp,
    /// Until when nobody else works on it.
    pub leased_to: Option<Timestamp>,
    /// Since the last success.
    pub failures: u32,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub succeeded: Option<bool>,
    pub result: Option<String>,
}

type Row = (String, i64, Option<i64>, i64, Option<i64>, Option<i64>, Option<i64>, Option<String>);

fn maybe(micros: Option<i64>) -> Result<Option<Timestamp>, Error> {
    micros.map(moment).transpose()
}

impl Store {
    /// All jobs, by name.
    pub async fn jobs(&self) -> Result<Vec<Job>, Error> {
        let mut jobs = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT name, next_at, leased_to, failures, started_at, finished_at, succeeded, result FROM job ORDER BY name", [], |(name, next_at, leased_to, failures, started_at, finished_at, succeeded, result) in Row| {
            jobs.push(Job {
                name,
                next_at: moment(next_at)?,
                leased_to: maybe(leased_to)?,
                failures: u32::try_from(failures).unwrap_or(u32::MAX),
                started_at: maybe(started_at)?,
                finished_at: maybe(finished_at)?,
                succeeded: succeeded.map(|it| it != 0),
                result,
            });
        });
        Ok(jobs)
    }

    /// Notes a job that is new; one that is known stays as it is.
    pub async fn add_job(&self, name: &str, next_at: Timestamp) -> Result<(), Error> {
        let mut writing = self.write("jobs").await?;
        run!(
            writing.link(),
            "INSERT INTO job (name, next_at, failures) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
            [name, micros(next_at)]
        );
        writing.commit().await
    }

    /// Takes a job that is due; `false`: it is not, or somebody else has it.
    pub async fn lease_job(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let mut writing = self.write("jobs").await?;
        let now = micros(now);
        let leased = run!(
            writing.link(),
            "UPDATE job SET holder = $1, leased_to = $2, started_at = $3 WHERE name = $4 AND next_at <= $3 AND (leased_to IS NULL OR leased_to <= $3)",
            [holder, micros(until), now, name]
        );
        writing.commit().await?;
        Ok(leased == 1)
    }

    /// Keeps a lease for longer; `false`: it has run out, and somebody else has the job.
    pub async fn keep_lease(
        &self,
        name: &str,
        holder: &str,
        until: Timestamp,
    ) -> Result<bool, Error> {
        let mut writing = self.write("jobs").await?;
        let kept = run!(
            writing.link(),
            "UPDATE job SET leased_to = $1 WHERE name = $2 AND holder = $3",
            [micros(until), name, holder]
        );
        writing.commit().await?;
        Ok(kept == 1)
    }

    /// Notes how a job ended.  Whoever has lost the lease changes nothing.
    pub async fn finish_job(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        outcome: Result<&str, &str>,
        next_at: Timestamp,
    ) -> Result<bool, Error> {
        let mut writing = self.write("jobs").await?;
        let (succeeded, words) = match outcome {
            Ok(words) => (1_i64, words),
            Err(words) => (0, words),
        };
        let finished = run!(
            writing.link(),
            "UPDATE job SET holder = NULL, leased_to = NULL, finished_at = $1, succeeded = $2, result = $3, next_at = $4, failures = CASE WHEN $2 = 1 THEN 0 ELSE failures + 1 END WHERE name = $5 AND holder = $6",
            [micros(now), succeeded, words, micros(next_at), name, holder]
        );
        writing.commit().await?;
        Ok(finished == 1)
    }

    /// Makes a job due now; `false`: there is none of that name.
    pub async fn hasten_job(&self, name: &str, now: Timestamp) -> Result<bool, Error> {
        let mut writing = self.write("jobs").await?;
        let hastened = run!(
            writing.link(),
            "UPDATE job SET next_at = CASE WHEN next_at < $1 THEN next_at ELSE $1 END WHERE name = $2",
            [micros(now), name]
        );
        writing.commit().await?;
        Ok(hastened == 1)
    }
}
