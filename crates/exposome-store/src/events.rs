//! What people decide: events, and the log that is written with them in one transaction.
//!
//! A row of the log binds its event to all before it: its chain is SHA-256 over the chain before
//! it (32 zero bytes at first), the length of the site's name in eight bytes and the name, the
//! number and the microseconds of the moment in eight bytes each, all with the greatest byte
//! first, and the digest of the event's body.  Who keeps one chain elsewhere can tell that
//! nothing before it was changed.

use crate::bulk::{Table, Value, insert};
use crate::{Error, Link, Store, each_row, json, micros, moment};
use exposome_model::event::{Actor, Event, Recorded};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const EVENT: Table = Table { name: "event", columns: &["site", "number", "recorded_at", "body"] };
const LOG: Table =
    Table { name: "log", columns: &["site", "number", "recorded_at", "digest", "chain"] };

/// What is stored of an event beside its number and moment.
#[derive(Serialize, Deserialize)]
struct Body {
    by: Actor,
    event: Event,
}

type Chain = [u8; 32];

/// How far the log goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// How many events there are.
    pub number: u64,
    pub chain: Vec<u8>,
}

/// The first place where events and log do not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub number: u64,
    pub why: &'static str,
}

impl Store {
    /// Adds what came of one command.  `after` is the number of the last event that its answer rests on: where
    /// another has been added since, nothing is written.
    pub async fn decide(
        &self,
        site: &str,
        after: u64,
        by: &Actor,
        events: &[Event],
        at: jiff::Timestamp,
    ) -> Result<Head, Error> {
        let mut writing = self.write(&format!("events of {site}")).await?;
        let mut head = head(writing.link(), site, i64::MAX).await?;
        if head.number != after {
            return Err(Error::Overtaken);
        }
        let (mut rows, mut log) = (Vec::new(), Vec::new());
        for event in events {
            let body = json::text(&Body { by: by.clone(), event: event.clone() });
            let number = head.number + 1;
            let digest: Chain = Sha256::digest(body.as_bytes()).into();
            let chain = chained(&head.chain, site, number, micros(at), &digest);
            let place =
                [Value::Text(site.to_owned()), number_of(number), Value::Number(micros(at))];
            rows.push([&place[..], &[Value::Text(body)]].concat());
            log.push(
                [&place[..], &[Value::Bytes(digest.to_vec()), Value::Bytes(chain.to_vec())]]
                    .concat(),
            );
            head = Head { number, chain: chain.to_vec() };
        }
        insert(writing.link(), EVENT, rows).await?;
        insert(writing.link(), LOG, log).await?;
        writing.commit().await?;
        Ok(head)
    }

    /// What was decided up to a moment, in order.
    pub async fn events(&self, site: &str, as_of: jiff::Timestamp) -> Result<Vec<Recorded>, Error> {
        let mut events = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT number, recorded_at, body FROM event WHERE site = $1 AND recorded_at <= $2 ORDER BY number", [site, micros(as_of)], |(number, at, body) in (i64, i64, String)| {
            let damaged = || Error::Damaged { what: "event", record: format!("{site} {number}") };
            let Body { by, event } = serde_json::from_str(&body).map_err(|_| damaged())?;
            let number = u64::try_from(number).map_err(|_| damaged())?;
            events.push(Recorded { number, at: moment(at)?, by, event });
        });
        Ok(events)
    }

    /// The sites that something was decided of.
    pub async fn logged_sites(&self) -> Result<Vec<String>, Error> {
        let mut sites = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT site FROM log UNION SELECT site FROM event ORDER BY site", [], |(site,) in (String,)| {
            sites.push(site);
        });
        Ok(sites)
    }

    /// Follows the log from its first row: every event is there, none was changed, left out or moved.
    pub async fn verify_log(&self, site: &str) -> Result<Result<Head, Broken>, Error> {
        let mut bodies: Vec<(i64, i64, String)> = Vec::new();
        let mut log: Vec<(i64, i64, Vec<u8>, Vec<u8>)> = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT number, recorded_at, body FROM event WHERE site = $1 ORDER BY number", [site], |row in (i64, i64, String)| {
            bodies.push(row);
        });
        each_row!(reading.link(), "SELECT number, recorded_at, digest, chain FROM log WHERE site = $1 ORDER BY number", [site], |row in (i64, i64, Vec<u8>, Vec<u8>)| {
            log.push(row);
        });
        let mut head = Head::default();
        let count = bodies.len().max(log.len());
        for (expected, place) in (1..).zip(0..count) {
            let broken = |why| Ok(Err(Broken { number: expected, why }));
            let Some((number, at, body)) = bodies.get(place) else {
                return broken("the event is gone");
            };
            let Some((logged, logged_at, digest, chain)) = log.get(place) else {
                return broken("the log does not know the event");
            };
            if (number, at) != (logged, logged_at) || u64::try_from(*number) != Ok(expected) {
                return broken("number or moment is not what the log says");
            }
            if Sha256::digest(body.as_bytes())[..] != digest[..] {
                return broken("the event is not what the log says");
            }
            if chained(&head.chain, site, expected, *at, digest)[..] != chain[..] {
                return broken("the chain does not fit what comes before");
            }
            head = Head { number: expected, chain: chain.clone() };
        }
        Ok(Ok(head))
    }
}

/// How far the log went at a moment.
pub(crate) async fn head(link: Link<'_>, site: &str, at: i64) -> Result<Head, Error> {
    let mut head = Head::default();
    each_row!(link, "SELECT number, chain FROM log WHERE site = $1 AND recorded_at <= $2 ORDER BY number DESC LIMIT 1", [site, at], |(number, chain) in (i64, Vec<u8>)| {
        let damaged = || Error::Damaged { what: "log", record: format!("{site} {number}") };
        head = Head { number: u64::try_from(number).map_err(|_| damaged())?, chain };
    });
    Ok(head)
}

fn chained(before: &[u8], site: &str, number: u64, at: i64, digest: &[u8]) -> Chain {
    let first = Chain::default();
    let before = if before.is_empty() { &first[..] } else { before };
    Sha256::new()
        .chain_update(before)
        .chain_update((site.len() as u64).to_be_bytes())
        .chain_update(site)
        .chain_update(number.to_be_bytes())
        .chain_update(at.to_be_bytes())
        .chain_update(digest)
        .finalize()
        .into()
}

pub(crate) fn number_of(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::event::{Change, Role};

    fn event(number: u64) -> Event {
        Event::Made { change: Change::TakeBack { number }, reason: "because".into() }
    }

    fn at(second: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(second).unwrap()
    }

    /// A store with three decisions, after something was done to its tables by hand.
    async fn after(statement: &'static str) -> Result<Head, Broken> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&folder.path().join("decided.db")).await.unwrap();
        let by = Actor { name: "Ana".into(), role: Role::Analyst };
        store.decide("main", 0, &by, &[event(7), event(8)], at(1)).await.unwrap();
        store.decide("main", 2, &by, &[event(9)], at(2)).await.unwrap();
        let crate::Backend::Sqlite { write, .. } = &store.backend else { unreachable!() };
        sqlx::query(statement).execute(write).await.unwrap();
        store.verify_log("main").await.unwrap()
    }

    #[tokio::test]
    async fn whatever_is_done_to_the_log_by_hand_is_found() {
        assert_eq!(after("SELECT 1").await.unwrap().number, 3);
        for (statement, number) in [
            ("UPDATE event SET body = replace(body, 'Ana', 'Eva') WHERE number = 2", 2),
            ("UPDATE event SET recorded_at = 5 WHERE number = 1", 1),
            ("UPDATE log SET digest = zeroblob(32) WHERE number = 3", 3),
            ("UPDATE log SET chain = zeroblob(32) WHERE number = 1", 1),
            ("DELETE FROM event WHERE number = 3", 3),
            ("DELETE FROM log WHERE number = 3", 3),
            ("DELETE FROM event WHERE number = 1", 1),
            ("UPDATE event SET number = 4 WHERE number = 3", 3),
        ] {
            assert_eq!(after(statement).await.unwrap_err().number, number, "{statement}");
        }
    }
}
