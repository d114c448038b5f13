//! Assessments as they were concluded: what they were drawn from, what moved, what they added up to.
//!
//! The engine works everything out again from facts; what is kept here is what was
//! concluded at the time, by the program and the rules of that time.  It is only ever
//! added to.

use crate::block::{self, Packer};
use crate::bulk::{Table, Value, insert};
use crate::events::number_of;
use crate::position::Position;
use crate::{Error, Link, Store, each_row, json, micros, moment};
use exposome_model::summary::Summary;
use exposome_model::transition::Transitions;
use std::collections::BTreeMap;

const RULESET: Table = Table { name: "ruleset", columns: &["site", "digest", "texts"] };
const ASSESSMENT: Table = Table {
    name: "assessment",
    columns: &[
        "site",
        "number",
        "as_of",
        "recorded_at",
        "program",
        "ruleset",
        "position",
        "answers",
    ],
};
const TRANSITION: Table =
    Table { name: "transition", columns: &["site", "assessment", "part", "body"] };
const DAILY_SUMMARY: Table =
    Table { name: "daily_summary", columns: &["site", "day", "assessment", "body"] };

/// SHA-256.
pub type Digest = [u8; 32];

/// An assessment that was finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// From 1, without gaps, within a site.
    pub number: u64,
    pub as_of: jiff::Timestamp,
    pub recorded_at: jiff::Timestamp,
    /// The version of the program that concluded.
    pub program: String,
    /// The rules it went by.
    pub ruleset: Digest,
    /// How far the facts went.
    pub position: Position,
    /// Over everything that was concluded.
    pub answers: Digest,
}

/// What is written down with it.
#[derive(Debug, Clone, Copy)]
pub struct Conclusions<'a> {
    /// The texts of the rules, by their names.
    pub rules: &'a BTreeMap<String, String>,
    pub transitions: &'a [Transitions],
    pub summary: &'a Summary,
}

impl Store {
    /// Adds an assessment, which is later than all that were recorded; where another has come meanwhile nothing is
    /// written.
    pub async fn record(
        &self,
        site: &str,
        finished: &Finished,
        conclusions: Conclusions<'_>,
    ) -> Result<(), Error> {
        let mut writing = self.write(&format!("assessments of {site}")).await?;
        let last = last(writing.link(), site, i64::MAX).await?;
        if let Some(last) = &last
            && (last.number + 1 != finished.number || last.as_of >= finished.as_of)
        {
            return Err(Error::Concluded { as_of: last.as_of });
        }
        let of_site = || Value::Text(site.to_owned());
        let number = || number_of(finished.number);
        let mut packer = Packer::default();
        if !knows_rules(writing.link(), site, &finished.ruleset).await? {
            let texts = packer.packed(json::text(conclusions.rules).as_bytes());
            let digest = Value::Bytes(finished.ruleset.to_vec());
            insert(writing.link(), RULESET, vec![vec![of_site(), digest, Value::Bytes(texts)]])
                .await?;
        }
        let row = vec![
            of_site(),
            number(),
            Value::Number(micros(finished.as_of)),
            Value::Number(micros(finished.recorded_at)),
            Value::Text(finished.program.clone()),
            Value::Bytes(finished.ruleset.to_vec()),
            Value::Text(json::text(&finished.position)),
            Value::Bytes(finished.answers.to_vec()),
        ];
        insert(writing.link(), ASSESSMENT, vec![row]).await?;
        for (part, block) in (1..).zip(conclusions.transitions) {
            let body = Value::Bytes(packer.packed(json::text(block).as_bytes()));
            let row = vec![of_site(), number(), Value::Number(part), body];
            insert(writing.link(), TRANSITION, vec![row]).await?;
        }
        let body = Value::Bytes(packer.packed(json::text(conclusions.summary).as_bytes()));
        let day = Value::Number(day_of(finished.as_of));
        insert(writing.link(), DAILY_SUMMARY, vec![vec![of_site(), day, number(), body]]).await?;
        writing.commit().await
    }

    /// The last assessment recorded of a moment or earlier.
    pub async fn finished(
        &self,
        site: &str,
        as_of: jiff::Timestamp,
    ) -> Result<Option<Finished>, Error> {
        let mut reading = self.read().await?;
        last(reading.link(), site, micros(as_of)).await
    }

    /// Hands over everything that moved up to an assessment, itself included, in order: block by block, with the moment
    /// of each assessment.
    pub async fn transitions(
        &self,
        site: &str,
        through: u64,
        mut take: impl FnMut(&Transitions, jiff::Timestamp),
    ) -> Result<(), Error> {
        let through = i64::try_from(through).unwrap_or(i64::MAX);
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT a.number, a.as_of, t.body FROM assessment a JOIN transition t ON t.site = a.site AND t.assessment = a.number WHERE a.site = $1 AND a.number <= $2 ORDER BY a.number, t.part", [site, through], |(number, as_of, body) in (i64, i64, Vec<u8>)| {
            take(&unpacked("transition", number, &body)?, moment(as_of)?);
        });
        Ok(())
    }

    /// Hands over what moved in the assessments after a moment and up to another, block by block.
    pub async fn transitions_between(
        &self,
        site: &str,
        (after, until): (jiff::Timestamp, jiff::Timestamp),
        mut take: impl FnMut(&Transitions, jiff::Timestamp),
    ) -> Result<(), Error> {
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT a.number, a.as_of, t.body FROM assessment a JOIN transition t ON t.site = a.site AND t.assessment = a.number WHERE a.site = $1 AND a.as_of > $2 AND a.as_of <= $3 ORDER BY a.number, t.part", [site, micros(after), micros(until)], |(number, as_of, body) in (i64, i64, Vec<u8>)| {
            take(&unpacked("transition", number, &body)?, moment(as_of)?);
        });
        Ok(())
    }

    /// What the last assessment of each day added up to, from the earliest day on, as recorded of a moment or earlier.
    pub async fn summaries(
        &self,
        site: &str,
        as_of: jiff::Timestamp,
    ) -> Result<BTreeMap<jiff::civil::Date, Summary>, Error> {
        let mut reading = self.read().await?;
        let mut summaries = BTreeMap::new();
        each_row!(reading.link(), "SELECT s.assessment, s.body FROM daily_summary s JOIN assessment a ON a.site = s.site AND a.number = s.assessment WHERE s.site = $1 AND a.as_of <= $2 ORDER BY s.day, s.assessment", [site, micros(as_of)], |(number, body) in (i64, Vec<u8>)| {
            let summary: Summary = unpacked("daily summary", number, &body)?;
            let day = summary.as_of.to_zoned(jiff::tz::TimeZone::UTC).date();
            summaries.insert(day, summary);
        });
        Ok(summaries)
    }

    /// What one assessment added up to.
    pub async fn summary(&self, site: &str, finished: &Finished) -> Result<Summary, Error> {
        let number = i64::try_from(finished.number).unwrap_or(i64::MAX);
        let mut reading = self.read().await?;
        let mut summary = None;
        each_row!(reading.link(), "SELECT body FROM daily_summary WHERE site = $1 AND day = $2 AND assessment = $3", [site, day_of(finished.as_of), number], |(body,) in (Vec<u8>,)| {
            summary = Some(unpacked("daily summary", number, &body)?);
        });
        summary.ok_or_else(|| damaged("daily summary", number))
    }

    /// The texts of rules that were in force, by their names.
    pub async fn ruleset(
        &self,
        site: &str,
        digest: &Digest,
    ) -> Result<Option<BTreeMap<String, String>>, Error> {
        let mut reading = self.read().await?;
        let mut texts = None;
        each_row!(reading.link(), "SELECT texts FROM ruleset WHERE site = $1 AND digest = $2", [site, &digest[..]], |(packed,) in (Vec<u8>,)| {
            texts = Some(unpacked("version of the rules", 0, &packed)?);
        });
        Ok(texts)
    }
}

async fn last(link: Link<'_>, site: &str, at: i64) -> Result<Option<Finished>, Error> {
    let mut last = None;
    each_row!(link, "SELECT number, as_of, recorded_at, program, ruleset, position, answers FROM assessment WHERE site = $1 AND as_of <= $2 ORDER BY number DESC LIMIT 1", [site, at], |(number, as_of, recorded_at, program, ruleset, position, answers) in (i64, i64, i64, String, Vec<u8>, String, Vec<u8>)| {
        let damaged = || damaged("assessment", number);
        last = Some(Finished {
            number: u64::try_from(number).map_err(|_| damaged())?,
            as_of: moment(as_of)?,
            recorded_at: moment(recorded_at)?,
            program,
            ruleset: ruleset.try_into().map_err(|_| damaged())?,
            position: serde_json::from_str(&position).map_err(|_| damaged())?,
            answers: answers.try_into().map_err(|_| damaged())?,
        });
    });
    Ok(last)
}

async fn knows_rules(link: Link<'_>, site: &str, digest: &Digest) -> Result<bool, Error> {
    let mut known = false;
    each_row!(link, "SELECT COUNT(*) FROM ruleset WHERE site = $1 AND digest = $2", [site, &digest[..]], |(count,) in (i64,)| {
        known = count > 0;
    });
    Ok(known)
}

fn unpacked<T: serde::de::DeserializeOwned>(
    what: &'static str,
    number: i64,
    packed: &[u8],
) -> Result<T, Error> {
    let text = block::bodies(packed)?;
    serde_json::from_str(&text).map_err(|_| damaged(what, number))
}

fn damaged(what: &'static str, number: i64) -> Error {
    Error::Damaged { what, record: number.to_string() }
}

fn day_of(moment: jiff::Timestamp) -> i64 {
    moment.as_second().div_euclid(86_400)
}
