//! Notices: what people are told of without looking, the ways they are told, and what is on its way.
//!
//! A notice and its deliveries are one transaction: what was raised is delivered,
//! whatever dies in between.  Its id follows from what it is about, so that what is
//! raised twice, or sent twice, is known to be one.

use crate::{Error, Store, each_row, micros, moment, run};
use jiff::Timestamp;

/// A way to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub target: String,
    /// Sealed.
    pub secret: Option<Vec<u8>>,
    pub site: Option<String>,
    pub unit: Option<String>,
    /// The least urgency that is told at once.
    pub least: String,
    /// Names of vulnerabilities and assets may be told.
    pub details: bool,
    /// Minutes of the day: from, to.
    pub quiet: Option<(u16, u16)>,
    /// The channel that hears what nobody acknowledged in so many minutes.
    pub escalation: Option<(String, u32)>,
    pub is_active: bool,
    pub created_at: Timestamp,
    pub failures: u32,
    pub dead_since: Option<Timestamp>,
    pub last_error: Option<String>,
    pub last_ok_at: Option<Timestamp>,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: String,
    pub raised_at: Timestamp,
    pub urgency: String,
    pub site: Option<String>,
    pub unit: Option<String>,
    /// JSON.
    pub body: String,
    pub acknowledged: Option<(String, Timestamp)>,
}

/// What is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub notice: String,
    pub channel: String,
    pub next_at: Timestamp,
    pub escalates_at: Option<Timestamp>,
    /// Told together with others.
    pub digest: bool,
    pub attempts: u32,
}

fn maybe(micros: Option<i64>) -> Result<Option<Timestamp>, Error> {
    micros.map(moment).transpose()
}

fn somewhere(name: String) -> Option<String> {
    (!name.is_empty()).then_some(name)
}

fn anywhere(name: Option<&String>) -> &str {
    name.map_or("", String::as_str)
}

type Place = (String, String, String, i64, Option<i64>, Option<i64>, Option<String>, Option<i64>);
type State = (i64, i64, i64, Option<i64>, Option<String>, Option<i64>);

impl Store {
    /// All channels, by name.
    pub async fn channels(&self) -> Result<Vec<Channel>, Error> {
        let mut channels = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, name, kind, target, secret FROM channel ORDER BY name, id", [], |(id, name, kind, target, secret) in (String, String, String, String, Option<Vec<u8>>)| {
            channels.push(Channel {
                id,
                name,
                kind,
                target,
                secret,
                site: None,
                unit: None,
                least: String::new(),
                details: false,
                quiet: None,
                escalation: None,
                is_active: false,
                created_at: Timestamp::UNIX_EPOCH,
                failures: 0,
                dead_since: None,
                last_error: None,
                last_ok_at: None,
            });
        });
        // Two more halves: a row of one query has sixteen columns at most.
        let mut number = 0;
        each_row!(reading.link(), "SELECT at_site, unit, least, details, quiet_from, quiet_to, escalate_to, escalate_minutes FROM channel ORDER BY name, id", [], |(site, unit, least, details, from, to, escalate_to, minutes) in Place| {
            if let Some(channel) = channels.get_mut(number) {
                (channel.site, channel.unit, channel.least, channel.details) = (somewhere(site), somewhere(unit), least, details != 0);
                channel.quiet = from.zip(to).and_then(|(from, to)| Some((u16::try_from(from).ok()?, u16::try_from(to).ok()?)));
                channel.escalation = escalate_to.zip(minutes).and_then(|(to, minutes)| Some((to, u32::try_from(minutes).ok()?)));
            }
            number += 1;
        });
        number = 0;
        each_row!(reading.link(), "SELECT active, created_at, failures, dead_since, last_error, last_ok_at FROM channel ORDER BY name, id", [], |(active, created_at, failures, dead_since, last_error, last_ok_at) in State| {
            if let Some(channel) = channels.get_mut(number) {
                (channel.is_active, channel.created_at) = (active != 0, moment(created_at)?);
                channel.failures = u32::try_from(failures).unwrap_or(u32::MAX);
                (channel.dead_since, channel.last_error, channel.last_ok_at) = (maybe(dead_since)?, last_error, maybe(last_ok_at)?);
            }
            number += 1;
        });
        Ok(channels)
    }

    /// Puts a channel, new or as it is from here on; what it did so far stays.
    pub async fn put_channel(&self, it: &Channel) -> Result<(), Error> {
        let mut writing = self.write("channels").await?;
        let (from, to) = it.quiet.map(|(from, to)| (i64::from(from), i64::from(to))).unzip();
        let (escalate_to, minutes) =
            it.escalation.as_ref().map(|(to, minutes)| (to, i64::from(*minutes))).unzip();
        run!(
            writing.link(),
            "INSERT INTO channel (id, name, kind, target, secret, at_site, unit, least, details, quiet_from, quiet_to, escalate_to, escalate_minutes, active, created_at, failures) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0) ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, target = excluded.target, secret = excluded.secret, at_site = excluded.at_site, unit = excluded.unit, least = excluded.least, details = excluded.details, quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, escalate_to = excluded.escalate_to, escalate_minutes = excluded.escalate_minutes, active = excluded.active",
            [
                &it.id,
                &it.name,
                &it.kind,
                &it.target,
                &it.secret,
                anywhere(it.site.as_ref()),
                anywhere(it.unit.as_ref()),
                &it.least,
                i64::from(it.details),
                from,
                to,
                escalate_to,
                minutes,
                i64::from(it.is_active),
                micros(it.created_at),
            ]
        );
        writing.commit().await
    }

    /// Takes a channel away, and what was on its way through it; `false`: there is none.
    pub async fn remove_channel(&self, id: &str) -> Result<bool, Error> {
        let mut writing = self.write("channels").await?;
        let removed = run!(writing.link(), "DELETE FROM channel WHERE id = $1", [id]);
        run!(writing.link(), "DELETE FROM delivery WHERE channel = $1 AND sent_at IS NULL", [id]);
        run!(
            writing.link(),
            "UPDATE channel SET escalate_to = NULL, escalate_minutes = NULL WHERE escalate_to = $1",
            [id]
        );
        writing.commit().await?;
        Ok(removed == 1)
    }

    /// A channel took something, or did not.  Gives back whether it died of it: it failed so often in a row.
    pub async fn note_channel(
        &self,
        id: &str,
        now: Timestamp,
        outcome: Result<(), &str>,
        dead_after: u32,
    ) -> Result<bool, Error> {
        let mut writing = self.write("channels").await?;
        let died = match outcome {
            Ok(()) => {
                run!(
                    writing.link(),
                    "UPDATE channel SET failures = 0, dead_since = NULL, last_error = NULL, last_ok_at = $1 WHERE id = $2",
                    [micros(now), id]
                );
                0
            }
            Err(words) => {
                run!(
                    writing.link(),
                    "UPDATE channel SET failures = failures + 1, last_error = $1 WHERE id = $2",
                    [words, id]
                );
                run!(
                    writing.link(),
                    "UPDATE channel SET dead_since = $1 WHERE id = $2 AND dead_since IS NULL AND failures >= $3",
                    [micros(now), id, i64::from(dead_after)]
                )
            }
        };
        writing.commit().await?;
        Ok(died == 1)
    }

    /// Raises a notice with its deliveries; `false`: it was raised before.
    pub async fn raise(&self, notice: &Notice, deliveries: &[Delivery]) -> Result<bool, Error> {
        let mut writing = self.write("notices").await?;
        let is_new = run!(
            writing.link(),
            "INSERT INTO notice (id, raised_at, urgency, at_site, unit, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            [
                &notice.id,
                micros(notice.raised_at),
                &notice.urgency,
                anywhere(notice.site.as_ref()),
                anywhere(notice.unit.as_ref()),
                &notice.body,
            ]
        );
        if is_new == 1 {
            for it in deliveries {
                run!(
                    writing.link(),
                    "INSERT INTO delivery (notice, channel, next_at, escalates_at, digest, attempts) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING",
                    [
                        &it.notice,
                        &it.channel,
                        micros(it.next_at),
                        it.escalates_at.map(micros),
                        i64::from(it.digest),
                    ]
                );
            }
        }
        writing.commit().await?;
        Ok(is_new == 1)
    }

    /// Sends a notice one way more; `false`: it went or goes that way already.
    pub async fn add_delivery(&self, it: &Delivery) -> Result<bool, Error> {
        let mut writing = self.write("notices").await?;
        let added = run!(
            writing.link(),
            "INSERT INTO delivery (notice, channel, next_at, escalates_at, digest, attempts) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING",
            [
                &it.notice,
                &it.channel,
                micros(it.next_at),
                it.escalates_at.map(micros),
                i64::from(it.digest),
            ]
        );
        writing.commit().await?;
        Ok(added == 1)
    }

    /// What is due and not sent, the oldest first.
    pub async fn due_deliveries(&self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, Error> {
        let mut due = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT notice, channel, next_at, escalates_at, digest, attempts FROM delivery WHERE sent_at IS NULL AND next_at <= $1 ORDER BY next_at, notice, channel LIMIT $2", [micros(now), i64::from(limit)], |(notice, channel, next_at, escalates_at, digest, attempts) in (String, String, i64, Option<i64>, i64, i64)| {
            due.push(Delivery { notice, channel, next_at: moment(next_at)?, escalates_at: maybe(escalates_at)?, digest: digest != 0, attempts: u32::try_from(attempts).unwrap_or(u32::MAX) });
        });
        Ok(due)
    }

    /// An attempt begins: it is counted before anything leaves, so that what is sent twice says so.
    pub async fn begin_attempt(
        &self,
        notice: &str,
        channel: &str,
        next_at: Timestamp,
    ) -> Result<(), Error> {
        let mut writing = self.write("notices").await?;
        run!(
            writing.link(),
            "UPDATE delivery SET attempts = attempts + 1, next_at = $1 WHERE notice = $2 AND channel = $3",
            [micros(next_at), notice, channel]
        );
        writing.commit().await
    }

    pub async fn note_sent(
        &self,
        notice: &str,
        channel: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut writing = self.write("notices").await?;
        run!(
            writing.link(),
            "UPDATE delivery SET sent_at = $1 WHERE notice = $2 AND channel = $3",
            [micros(now), notice, channel]
        );
        writing.commit().await
    }

    /// What nobody has acknowledged in time: notice, and the channel it went to.  Each is told once.
    pub async fn take_escalations(&self, now: Timestamp) -> Result<Vec<(String, String)>, Error> {
        let mut taken: Vec<(String, String)> = Vec::new();
        let mut writing = self.write("notices").await?;
        each_row!(writing.link(), "SELECT d.notice, d.channel FROM delivery d JOIN notice n ON n.id = d.notice WHERE d.escalates_at <= $1 AND n.acknowledged_at IS NULL ORDER BY d.escalates_at, d.notice", [micros(now)], |row in (String, String)| {
            taken.push(row);
        });
        run!(
            writing.link(),
            "UPDATE delivery SET escalates_at = NULL WHERE escalates_at <= $1",
            [micros(now)]
        );
        writing.commit().await?;
        Ok(taken)
    }

    pub async fn notice(&self, id: &str) -> Result<Option<Notice>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, raised_at, urgency, at_site, unit, body, acknowledged_by, acknowledged_at FROM notice WHERE id = $1", [id], |row in Row| {
            found = Some(notice(row)?);
        });
        Ok(found)
    }

    /// Notices, the latest first, before a moment; at most `limit`.
    pub async fn notices(&self, before: Timestamp, limit: u32) -> Result<Vec<Notice>, Error> {
        let mut found = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, raised_at, urgency, at_site, unit, body, acknowledged_by, acknowledged_at FROM notice WHERE raised_at < $1 ORDER BY raised_at DESC, id LIMIT $2", [micros(before), i64::from(limit)], |row in Row| {
            found.push(notice(row)?);
        });
        Ok(found)
    }

    /// Somebody has taken note; `false`: there is no such notice, or somebody was faster.
    pub async fn acknowledge(&self, id: &str, by: &str, now: Timestamp) -> Result<bool, Error> {
        let mut writing = self.write("notices").await?;
        let taken = run!(
            writing.link(),
            "UPDATE notice SET acknowledged_by = $1, acknowledged_at = $2 WHERE id = $3 AND acknowledged_at IS NULL",
            [by, micros(now), id]
        );
        writing.commit().await?;
        Ok(taken == 1)
    }
}

type Row = (String, i64, String, String, String, String, Option<String>, Option<i64>);

fn notice(row: Row) -> Result<Notice, Error> {
    let (id, raised_at, urgency, site, unit, body, by, at) = row;
    Ok(Notice {
        id,
        raised_at: moment(raised_at)?,
        urgency,
        site: somewhere(site),
        unit: somewhere(unit),
        body,
        acknowledged: by.zip(maybe(at)?),
    })
}
