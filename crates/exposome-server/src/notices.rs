//! Notices: whoever should know is told, without having to look.
//!
//! What is raised is written with all its deliveries at once, and delivered until
//! it is taken, whatever dies in between.  An attempt is counted before anything
//! leaves: what arrives twice bears the same id and says which attempt it is.
//! Quiet hours and digests never hold back what is *act now*.  A way that is dead
//! is an alarm of its own, through the others.

use crate::errands::{Asking, Failed, Mail};
use crate::{House, secret};
use exposome_store::notices::{Channel, Delivery};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How soon somebody should know, the least first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    Digest,
    Soon,
    ActNow,
}

impl Urgency {
    pub const ALL: [Urgency; 3] = [Urgency::Digest, Urgency::Soon, Urgency::ActNow];

    pub fn name(self) -> &'static str {
        match self {
            Urgency::Digest => "digest",
            Urgency::Soon => "soon",
            Urgency::ActNow => "act_now",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Urgency::Digest => "for your information",
            Urgency::Soon => "soon",
            Urgency::ActNow => "act now",
        }
    }

    pub fn named(name: &str) -> Option<Urgency> {
        Urgency::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about, so that it is raised once: the same words, the same notice.
    pub about: String,
    pub urgency: Urgency,
    pub site: Option<String>,
    pub unit: Option<String>,
    pub title: String,
    pub words: String,
    /// Without names of vulnerabilities and assets: for ways that may not carry them.
    pub plain: String,
    /// A place of the pages.
    pub link: String,
}

/// What is kept of a notice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) title: String,
    pub(crate) words: String,
    pub(crate) plain: String,
    pub(crate) link: String,
}

/// A way that failed so often in a row is dead.
const DEAD_AFTER: u32 = 3;
/// Raises a notice; `false`: it was raised before.
pub async fn raise(house: &House, notice: &Notice) -> Result<bool, exposome_store::Error> {
    raise_but(house, notice, None).await
}

/// Whether a notice about this was raised before.
pub(crate) async fn is_told(house: &House, about: &str) -> Result<bool, exposome_store::Error> {
    Ok(house.store.notice(&secret::short(about)).await?.is_some())
}

/// Keeps a notice that another one has told: nobody hears it again.
pub(crate) async fn note_told(house: &House, notice: &Notice) -> Result<(), exposome_store::Error> {
    house.store.raise(&kept(notice, house.now()), &[]).await.map(|_| ())
}

/// Raises a notice for one way alone.
pub(crate) async fn raise_to(
    house: &House,
    notice: &Notice,
    channel: &Channel,
) -> Result<bool, exposome_store::Error> {
    let now = house.now();
    let kept = kept(notice, now);
    let delivery = Delivery {
        notice: kept.id.clone(),
        channel: channel.id.clone(),
        next_at: now,
        escalates_at: None,
        digest: false,
        attempts: 0,
    };
    let is_new = house.store.raise(&kept, &[delivery]).await?;
    house.inner.job_bell.notify_one();
    Ok(is_new)
}

fn kept(notice: &Notice, now: Timestamp) -> exposome_store::notices::Notice {
    let body = Body {
        title: notice.title.clone(),
        words: notice.words.clone(),
        plain: notice.plain.clone(),
        link: notice.link.clone(),
    };
    exposome_store::notices::Notice {
        id: secret::short(&notice.about),
        raised_at: now,
        urgency: notice.urgency.name().to_owned(),
        site: notice.site.clone(),
        unit: notice.unit.clone(),
        body: serde_json::to_string(&body).unwrap_or_default(),
        acknowledged: None,
    }
}

async fn raise_but(
    house: &House,
    notice: &Notice,
    but: Option<&str>,
) -> Result<bool, exposome_store::Error> {
    let now = house.now();
    let kept = kept(notice, now);
    let channels = house.store.channels().await?;
    let channels = channels
        .iter()
        .filter(|it| it.is_active && Some(it.id.as_str()) != but && hears(it, notice));
    let deliveries: Vec<Delivery> = channels
        .map(|it| delivery(&kept.id, it, notice.urgency, now, house.settings.jobs.digest_hour))
        .collect();
    let is_new = house.store.raise(&kept, &deliveries).await?;
    if is_new {
        tracing::info!(
            id = kept.id,
            urgency = kept.urgency,
            ways = deliveries.len(),
            "a notice was raised"
        );
        house.changes.tell(crate::Changed::Notice { site: notice.site.clone(), id: kept.id });
        house.inner.job_bell.notify_one();
    }
    Ok(is_new)
}

fn hears(channel: &Channel, notice: &Notice) -> bool {
    let fits = |theirs: &Option<String>, ours: &Option<String>| {
        theirs.is_none() || ours.is_none() || theirs == ours
    };
    fits(&channel.site, &notice.site) && fits(&channel.unit, &notice.unit)
}

fn delivery(
    notice: &str,
    channel: &Channel,
    urgency: Urgency,
    now: Timestamp,
    digest_hour: u8,
) -> Delivery {
    let least = Urgency::named(&channel.least).unwrap_or(Urgency::Digest);
    let is_now = urgency == Urgency::ActNow;
    let digest = !is_now && urgency < least;
    let next_at = if digest {
        next(now, u16::from(digest_hour) * 60)
    } else {
        channel.quiet.filter(|_| !is_now).map_or(now, |quiet| after_quiet(now, quiet))
    };
    let escalates_at = channel
        .escalation
        .as_ref()
        .filter(|_| is_now)
        .map(|(_, minutes)| now + minutes_of(*minutes));
    Delivery {
        notice: notice.to_owned(),
        channel: channel.id.clone(),
        next_at,
        escalates_at,
        digest,
        attempts: 0,
    }
}

fn minutes_of(minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(minutes))
}

/// The minute of the day, UTC.
fn minute_of_day(now: Timestamp) -> u16 {
    u16::try_from(now.as_second().rem_euclid(86_400) / 60).unwrap_or_default()
}

/// The next moment at which the day is so many minutes old.
fn next(now: Timestamp, minute: u16) -> Timestamp {
    let wait = (1_440 + i64::from(minute) - i64::from(minute_of_day(now))) % 1_440;
    let wait = if wait == 0 { 1_440 } else { wait };
    now + SignedDuration::from_mins(wait)
        - SignedDuration::from_secs(now.as_second().rem_euclid(60))
}

/// Now, or when the quiet hours end.  They may go over midnight.
fn after_quiet(now: Timestamp, (from, to): (u16, u16)) -> Timestamp {
    let minute = minute_of_day(now);
    let is_quiet =
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to };
    if is_quiet { next(now, to) } else { now }
}

/// The wait before another attempt: ten seconds, twenty, forty, at most a quarter of an hour.
fn backoff(attempts: u32) -> SignedDuration {
    SignedDuration::from_secs((10 << attempts.min(7)).min(900))
}

/// Sends what is due: the job.
pub(crate) async fn deliver(house: House) -> Result<String, Failed> {
    let failed = |error: exposome_store::Error| Failed(error.to_string());
    escalate(&house).await.map_err(failed)?;
    let due = house.store.due_deliveries(house.now(), 500).await.map_err(failed)?;
    if due.is_empty() {
        return Ok(String::new());
    }
    let channels: BTreeMap<String, Channel> = house
        .store
        .channels()
        .await
        .map_err(failed)?
        .into_iter()
        .map(|it| (it.id.clone(), it))
        .collect();
    let mut together: BTreeMap<String, Vec<Delivery>> = BTreeMap::new();
    let mut messages: Vec<Vec<Delivery>> = Vec::new();
    for it in due {
        if it.digest {
            together.entry(it.channel.clone()).or_default().push(it);
        } else {
            messages.push(vec![it]);
        }
    }
    messages.extend(together.into_values());
    let (mut sent, mut failures) = (0, BTreeSet::new());
    for message in messages {
        let Some(channel) =
            message.first().and_then(|it| channels.get(&it.channel)).filter(|it| it.is_active)
        else {
            continue;
        };
        // A way that does not take one thing is not tried with all the others in the same breath.
        if failures.contains(&channel.id) {
            continue;
        }
        match send(&house, channel, &message).await {
            Ok(()) => sent += 1,
            Err(error) => {
                failures.insert(channel.id.clone());
                note_failure(&house, channel, &error).await.map_err(failed)?;
            }
        }
    }
    match failures.len() {
        0 => Ok(format!("{sent} sent")),
        count => Ok(format!("{sent} sent; {count} ways took nothing")),
    }
}

/// Whoever is next hears of what nobody acknowledged.
async fn escalate(house: &House) -> Result<(), exposome_store::Error> {
    let now = house.now();
    let late = house.store.take_escalations(now).await?;
    if late.is_empty() {
        return Ok(());
    }
    let channels = house.store.channels().await?;
    for (notice, from) in late {
        let to = channels.iter().find(|it| it.id == from).and_then(|it| it.escalation.clone());
        let Some((to, _)) = to else { continue };
        let further = channels.iter().find(|it| it.id == to).and_then(|it| it.escalation.as_ref());
        let escalates_at = further.map(|(_, minutes)| now + minutes_of(*minutes));
        let delivery = Delivery {
            notice,
            channel: to,
            next_at: now,
            escalates_at,
            digest: false,
            attempts: 0,
        };
        house.store.add_delivery(&delivery).await?;
    }
    Ok(())
}

async fn note_failure(
    house: &House,
    channel: &Channel,
    error: &Failed,
) -> Result<(), exposome_store::Error> {
    tracing::warn!(channel = ?channel.name, error = ?error.0, "a way of telling took nothing");
    let now = house.now();
    if !house.store.note_channel(&channel.id, now, Err(&error.0), DEAD_AFTER).await? {
        return Ok(());
    }
    let notice = Notice {
        about: format!("channel {} dead since {now}", channel.id),
        urgency: Urgency::ActNow,
        site: None,
        unit: None,
        title: format!("Notices do not reach {}", channel.name),
        words: format!(
            "{} has taken nothing {DEAD_AFTER} times in a row: {}. What is on its way waits there.",
            channel.name, error.0
        ),
        plain: "One of the ways in which exposome tells of urgent things takes nothing any more."
            .to_owned(),
        link: "/admin/notifications".to_owned(),
    };
    raise_but(house, &notice, Some(&channel.id)).await.map(|_| ())
}

/// What is sent: one notice, or many in a digest.
#[derive(Debug, Serialize)]
struct Message<'a> {
    /// Of one notice its own, of a digest one that follows from all of them.  What arrives twice has it twice.
    id: String,
    /// From 1; more: it may have arrived before.
    attempt: u32,
    notices: Vec<Told<'a>>,
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    id: &'a str,
    at: Timestamp,
    urgency: &'a str,
    site: Option<&'a str>,
    unit: Option<&'a str>,
    title: &'a str,
    words: &'a str,
    link: String,
}

async fn send(house: &House, channel: &Channel, deliveries: &[Delivery]) -> Result<(), Failed> {
    let failed = |error: exposome_store::Error| Failed(error.to_string());
    let mut notices = Vec::new();
    for it in deliveries {
        let Some(notice) = house.store.notice(&it.notice).await.map_err(failed)? else { continue };
        let body: Body =
            serde_json::from_str(&notice.body).map_err(|error| Failed(error.to_string()))?;
        notices.push((notice, body));
    }
    for it in deliveries {
        let again = house.now() + backoff(it.attempts);
        house.store.begin_attempt(&it.notice, &it.channel, again).await.map_err(failed)?;
    }
    let told: Vec<Told<'_>> = notices
        .iter()
        .map(|(notice, body)| Told {
            id: &notice.id,
            at: notice.raised_at,
            urgency: &notice.urgency,
            site: notice.site.as_deref(),
            unit: notice.unit.as_deref().filter(|_| channel.details),
            title: if channel.details { &body.title } else { &body.plain },
            words: if channel.details { &body.words } else { "" },
            link: format!("{}{}", house.place(), body.link),
        })
        .collect();
    let id = match &deliveries {
        [one] => one.notice.clone(),
        many => {
            secret::short(&many.iter().map(|it| it.notice.as_str()).collect::<Vec<_>>().join(" "))
        }
    };
    let attempt = deliveries.iter().map(|it| it.attempts).max().unwrap_or_default() + 1;
    let message = Message { id, attempt, notices: told };
    match channel.kind.as_str() {
        "mail" => mail(house, channel, &message).await?,
        _ => webhook(house, channel, &message).await?,
    }
    let now = house.now();
    for it in deliveries {
        house.store.note_sent(&it.notice, &it.channel, now).await.map_err(failed)?;
    }
    house.store.note_channel(&channel.id, now, Ok(()), DEAD_AFTER).await.map_err(failed)?;
    Ok(())
}

async fn mail(house: &House, channel: &Channel, message: &Message<'_>) -> Result<(), Failed> {
    let again = if message.attempt > 1 { " (sent again)" } else { "" };
    let subject = match &message.notices[..] {
        [one] => {
            let urgency = Urgency::named(one.urgency).unwrap_or(Urgency::Soon);
            format!("exposome, {}: {}{again}", urgency.words(), one.title)
        }
        many => format!("exposome: {} things of the day{again}", many.len()),
    };
    let mut text = String::new();
    for it in &message.notices {
        let lines = [it.title, it.words, it.link.as_str()];
        text.extend(lines.iter().filter(|it| !it.is_empty()).flat_map(|line| [line, "\n"]));
        text.push('\n');
    }
    let _ = writeln!(text, "Notice {}, attempt {}.", message.id, message.attempt);
    let mail = Mail { to: channel.target.clone(), subject, text, id: message.id.clone() };
    house.errands.mail(mail).await
}

async fn webhook(house: &House, channel: &Channel, message: &Message<'_>) -> Result<(), Failed> {
    let body = serde_json::to_vec(message).map_err(|error| Failed(error.to_string()))?;
    let sealed = channel
        .secret
        .as_deref()
        .ok_or_else(|| Failed("it has no secret to sign with".to_owned()))?;
    let key = house
        .inner
        .seal
        .open_sealed(&sealed_as(&channel.id), sealed)
        .map_err(|error| Failed(error.to_string()))?;
    let moment = signing_moment(house).await?.as_second();
    let signature = signature(&key, moment, &body);
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-exposome-id".to_owned(), message.id.clone()),
        ("x-exposome-attempt".to_owned(), message.attempt.to_string()),
        ("x-exposome-signature".to_owned(), format!("t={moment},v1={signature}")),
    ];
    let asking = Asking { method: "POST".to_owned(), url: channel.target.clone(), headers, body };
    let answer = house.errands.ask(asking).await?;
    if (200..300).contains(&answer.status) {
        Ok(())
    } else {
        Err(Failed(format!("it answered {}", answer.status)))
    }
}

/// What a receiver holds a message against: HMAC-SHA256 over the second, a point, and the body.
fn signature(key: &[u8], moment: i64, body: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    let tag = aws_lc_rs::hmac::sign(&key, &[moment.to_string().as_bytes(), b".", body].concat());
    tag.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// What a channel's secret is sealed under.
pub(crate) fn sealed_as(channel: &str) -> String {
    format!("what is sent through {channel} is signed with it")
}

/// The moment that is signed with.  Where the clock went back nothing is signed: a signature of an earlier moment could
/// be taken for one that was overheard, and one of a later for one of today.
async fn signing_moment(house: &House) -> Result<Timestamp, Failed> {
    let now = house.now();
    if !house.is_clock_behind() {
        return Ok(now);
    }
    let latest = house.latest_moment(now);
    tracing::error!(%now, %latest, "the clock went back: nothing is signed");
    let notice = Notice {
        about: format!("the clock went back from {latest}"),
        urgency: Urgency::ActNow,
        site: None,
        unit: None,
        title: "The clock of the server went back".to_owned(),
        words: format!(
            "It says {now}, and it was {latest} before. Nothing is signed until it is right."
        ),
        plain: "The clock of the server went back; nothing is signed until it is right.".to_owned(),
        link: "/admin".to_owned(),
    };
    raise(house, &notice).await.map_err(|error| Failed(error.to_string()))?;
    Err(Failed(format!("the clock went back (it was {latest} before): nothing is signed")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-12-01T{time}Z").parse().unwrap()
    }

    #[test]
    fn quiet_hours_may_go_over_midnight_and_end() {
        let night = (22 * 60, 6 * 60);
        for (now, then) in [
            ("21:59:59", "2026-12-01T21:59:59Z"),
            ("22:00:30", "2026-12-02T06:00:00Z"),
            ("05:59:00", "2026-12-01T06:00:00Z"),
            ("06:00:00", "2026-12-01T06:00:00Z"),
        ] {
            assert_eq!(after_quiet(at(now), night).to_string(), then, "{now}");
        }
        let noon = (12 * 60, 13 * 60);
        assert_eq!(after_quiet(at("12:30:00"), noon).to_string(), "2026-12-01T13:00:00Z");
        assert_eq!(next(at("07:00:00"), 7 * 60).to_string(), "2026-12-02T07:00:00Z");
    }

    #[test]
    fn what_is_to_be_acted_upon_now_waits_for_nothing() {
        let channel = Channel {
            id: "c".into(),
            name: "night".into(),
            kind: "mail".into(),
            target: "a@b.example".into(),
            secret: None,
            site: None,
            unit: None,
            least: "act_now".into(),
            details: false,
            quiet: Some((0, 1_440)),
            escalation: Some(("d".into(), 15)),
            is_active: true,
            created_at: at("00:00:00"),
            failures: 0,
            dead_since: None,
            last_error: None,
            last_ok_at: None,
        };
        let now = at("03:00:00");
        let urgent = delivery("n", &channel, Urgency::ActNow, now, 7);
        assert_eq!(
            (urgent.next_at, urgent.digest, urgent.escalates_at),
            (now, false, Some(at("03:15:00")))
        );
        let other = delivery("n", &channel, Urgency::Soon, now, 7);
        assert_eq!((other.next_at, other.digest, other.escalates_at), (at("07:00:00"), true, None));
    }

    /// The key, moment and body of a receiver that checks it with another tool:
    /// `printf '1790000000.{}' | openssl dgst -sha256 -hmac secret`.
    #[test]
    fn a_receiver_can_check_the_signature() {
        assert_eq!(signature(b"secret", 1_790_000_000, b"{}"), EXPECTED);
    }

    const EXPECTED: &str = "d0cadd434460d4af55e7ab90d79c1802591d7001a77c9e06471d0e3ec8cc85ae";
}
