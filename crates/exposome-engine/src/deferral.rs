//! A deferral is a promise to come back: its wires are looked at in every assessment.
//!
//! A wire trips on what is new since the deferral.  One that cannot be looked at, because
//! its feed is stale, counts as tripped after seven days.

use crate::assess::JudgedBill;
use crate::decide::{Decision, Outcome, Policy};
use crate::people::{Word, deferral};
use crate::threat::{EpssDay, Threat, Threats, midnight};
use crate::worklist::in_hundred_thousandths;
use crate::world::Sight;
use exposome_model::event::{Seen, Wire, Wires};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Days for which a wire may hang where nobody can look at it.
const BLIND_DAYS: i64 = 7;

/// A deferral that holds for a judgement of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deferred {
    /// Index into the bill's judgements.
    pub judgement: u32,
    /// The number it was decided under.
    pub number: u64,
    pub word: Word,
    /// Since when somebody outside can reach the assets.
    pub open_since: Option<Timestamp>,
}

/// What deferrals are held against.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    pub now: Timestamp,
    pub threats: &'a Threats,
    pub sight: Sight,
    pub policy: &'a Policy,
}

/// Why a deferral came back, and when the evidence of it was there; `None`: no source says since when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tripped {
    why: String,
    at: Option<Timestamp>,
}

/// A wire as it hangs at a moment, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hanging {
    pub wire: Watched,
    /// What it waits for.
    pub limit: String,
    /// How it stands; `None`: nobody can say.
    pub now: Option<String>,
    /// Why it tripped.
    pub tripped: Option<String>,
}

/// What a wire watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Watched {
    Exploited,
    Exploit,
    Epss,
    Path,
    Fix,
    Review,
}

impl Deferred {
    /// Every wire of it, and how it stands.
    pub fn hanging(&self, bill: &JudgedBill, ground: Ground<'_>) -> Vec<Hanging> {
        let Some((wires, seen)) = deferral(&self.word) else { return Vec::new() };
        let judgement = bill.judgements.get(self.judgement as usize);
        let Some(judgement) = judgement else { return Vec::new() };
        let threat = ground.threats.get(&judgement.vulnerability);
        let fresh = ground.sight.fresh;
        let quiet = |is_seen: bool, words: &str| is_seen.then(|| words.to_owned());
        let hanging = self.each(bill, wires, seen, ground).into_iter().map(|(wire, tripped)| {
            let (limit, now) = match wire {
                Watched::Exploited => {
                    ("KEV or a publisher says it is exploited", quiet(fresh.kev, "not listed"))
                }
                Watched::Exploit => {
                    let known = threat.map_or(0, |it| it.exploits.len());
                    let words = format!("{known} known, as when it was deferred");
                    ("an exploit that was not known", fresh.exploits.then_some(words))
                }
                Watched::Epss => {
                    let score = threat.and_then(|it| it.epss).filter(|_| fresh.epss);
                    ("", score.map(|it| in_hundred_thousandths(it.probability_e5)))
                }
                Watched::Path => {
                    ("it can be reached from outside", quiet(true, "no path is known"))
                }
                Watched::Fix => ("a version without it", quiet(true, "none is known")),
                Watched::Review => ("", Some(wires.review.to_string())),
            };
            let limit = match wire {
                Watched::Epss => epss_limit(wires, seen),
                Watched::Review => wires.review.to_string(),
                _ => limit.to_owned(),
            };
            Hanging { wire, limit, now, tripped: tripped.map(|it| it.why) }
        });
        hanging.collect()
    }

    /// What the policy's decision becomes: it waits, or it is back with a reason and the clock of the evidence.  What the
    /// policy wants done now waits for nobody.
    pub fn decide(
        &self,
        bill: &JudgedBill,
        by_policy: Decision,
        due: Option<Timestamp>,
        ground: Ground<'_>,
    ) -> (Decision, Option<Timestamp>) {
        let Some((wires, seen)) = deferral(&self.word) else { return (by_policy, due) };
        if let Some(tripped) = self.tripped(bill, wires, seen, ground) {
            let outcome = by_policy.outcome.max(Outcome::Schedule);
            let clock_days = ground.policy.clock_days(outcome);
            let days = |days| SignedDuration::from_hours(24 * i64::from(days));
            let due = tripped.at.zip(clock_days.map(days));
            let due = due.and_then(|(at, days)| at.checked_add(days).ok());
            let because = format!(
                "back from deferral {}: {}; {}",
                self.number, tripped.why, by_policy.because
            );
            return (Decision { outcome, because, clock_days, ..by_policy }, due);
        }
        if by_policy.outcome == Outcome::ActNow {
            let because = format!("deferral {} does not hold: {}", self.number, by_policy.because);
            return (Decision { because, ..by_policy }, due);
        }
        let because = format!(
            "deferred by {}: {}; it comes back {}",
            self.word.signed(),
            self.word.reason,
            in_words(wires)
        );
        let asleep = Decision {
            outcome: Outcome::Defer,
            row: format!("deferral-{}", self.number),
            because,
            raised: false,
            awaits_signature: false,
            unsettled: Vec::new(),
            clock_days: ground.policy.clock_days(Outcome::Defer),
        };
        (asleep, midnight(wires.review))
    }

    /// Every wire that was laid, and whether it tripped.
    fn each(
        &self,
        bill: &JudgedBill,
        wires: &Wires,
        seen: &Seen,
        ground: Ground<'_>,
    ) -> Vec<(Watched, Option<Tripped>)> {
        let Some(judgement) = bill.judgements.get(self.judgement as usize) else {
            return Vec::new();
        };
        let unheard = Threat::default();
        let threat = ground.threats.get(&judgement.vulnerability).unwrap_or(&unheard);
        let past = ground.threats.epss_past().get(&judgement.vulnerability);
        let past = past.map_or(&[][..], Vec::as_slice);
        let opened = self.open_since.filter(|_| !seen.open);
        let opened = opened.map(|since| Tripped {
            why: "it can be reached from outside now".into(),
            at: Some(since),
        });
        let fix = judgement.fixed_in.as_ref().filter(|_| !seen.fix);
        let fix = fix.map(|fix| Tripped { why: format!("version {fix} is without it"), at: None });
        let is_laid = |wire| wires.on.contains(&wire);
        let has_epss = wires.epss_over_e5.is_some() || wires.epss_times_tenths.is_some();
        let all = [
            (is_laid(Wire::Exploited), Watched::Exploited, exploited(threat)),
            (is_laid(Wire::Exploit), Watched::Exploit, exploit(seen, threat)),
            (has_epss, Watched::Epss, epss(wires, seen, past, self.word.at)),
            (is_laid(Wire::Path), Watched::Path, opened),
            (is_laid(Wire::Fix), Watched::Fix, fix),
            (true, Watched::Review, review(wires, ground.now)),
        ];
        let laid = all.into_iter().filter(|(is_laid, ..)| *is_laid);
        laid.map(|(_, wire, tripped)| (wire, tripped)).collect()
    }

    /// The wire that tripped first; `None` while it may wait.
    fn tripped(
        &self,
        bill: &JudgedBill,
        wires: &Wires,
        seen: &Seen,
        ground: Ground<'_>,
    ) -> Option<Tripped> {
        let each =
            self.each(bill, wires, seen, ground).into_iter().filter_map(|(_, tripped)| tripped);
        let mut all: Vec<Tripped> = each.chain(blind(wires, self.word.at, ground)).collect();
        // What was there before the deferral and not known to it counts from the deferral.
        for it in &mut all {
            it.at = it.at.map(|at| at.max(self.word.at));
        }
        all.into_iter().min_by_key(|it| (it.at.is_none(), it.at))
    }
}

/// For people: `0.10000`, or `0.01500, three times what it was`, whichever is met first.
fn epss_limit(wires: &Wires, seen: &Seen) -> String {
    let over = wires.epss_over_e5.map(in_hundred_thousandths);
    let times = wires.epss_times_tenths.map(|tenths| {
        let factor = format!("{}.{}", tenths / 10, tenths % 10);
        let was = seen.epss_e5.map_or_else(|| "not known".to_owned(), in_hundred_thousandths);
        format!("{factor} times the {was} it was")
    });
    over.into_iter().chain(times).collect::<Vec<_>>().join(" or ")
}

/// For people: `on EPSS 0.10000, a listing in KEV, on 2027-02-21 at the latest`.
pub fn in_words(wires: &Wires) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(wires.epss_over_e5.map(|it| format!("EPSS {}", in_hundred_thousandths(it))));
    let times = |tenths: u16| format!("EPSS at {}.{} times what it was", tenths / 10, tenths % 10);
    words.extend(wires.epss_times_tenths.map(times));
    words.extend(wires.on.iter().map(|wire| match wire {
        Wire::Exploited => "exploitation (KEV or a publisher)".to_owned(),
        Wire::Exploit => "a new public exploit".to_owned(),
        Wire::Path => "a path from outside".to_owned(),
        Wire::Fix => "a fixed version".to_owned(),
    }));
    format!("on {}, at the latest on {}", words.join(", "), wires.review)
}

fn exploited(threat: &Threat) -> Option<Tripped> {
    if !threat.is_active() {
        return None;
    }
    let why = match &threat.kev {
        Some(entry) => format!("KEV lists it since {}", entry.added),
        None => "it is exploited, a publisher says".to_owned(),
    };
    Some(Tripped { why, at: threat.evidence_at() })
}

fn exploit(seen: &Seen, threat: &Threat) -> Option<Tripped> {
    let new = threat.exploits.iter().filter(|it| !seen.exploits.contains(&it.name));
    let first = new.min_by_key(|it| (it.published.is_none(), it.published))?;
    let why = format!("the exploit {} is public", first.name);
    Some(Tripped { why, at: first.published.and_then(midnight) })
}

/// The first day of scores on which it was crossed; that it fell again since changes nothing.
fn epss(wires: &Wires, seen: &Seen, past: &[EpssDay], since: Timestamp) -> Option<Tripped> {
    let risen_e5 = |before: u32, tenths: u16| u64::from(before) * u64::from(tenths) / 10;
    let risen = seen.epss_e5.zip(wires.epss_times_tenths).map(|(it, by)| risen_e5(it, by));
    let limit = wires.epss_over_e5.map(u64::from).into_iter().chain(risen).min()?;
    let day_of = since.to_zoned(jiff::tz::TimeZone::UTC).date();
    let crossed =
        |day: &&EpssDay| day.score_date >= day_of && u64::from(day.probability_e5) >= limit;
    let day = past.iter().find(crossed)?;
    let score = in_hundred_thousandths(day.probability_e5);
    let before = seen.epss_e5.map_or_else(|| "not known".to_owned(), in_hundred_thousandths);
    let why = format!("EPSS was {score} on {}, {before} when it was deferred", day.score_date);
    Some(Tripped { why, at: midnight(day.score_date) })
}

fn review(wires: &Wires, now: Timestamp) -> Option<Tripped> {
    let at = midnight(wires.review).filter(|at| *at <= now)?;
    let why = format!("it was to be looked at again on {}", wires.review);
    Some(Tripped { why, at: Some(at) })
}

/// A week without sight of a wire.
fn blind(wires: &Wires, deferred_at: Timestamp, ground: Ground<'_>) -> Option<Tripped> {
    let Sight { fresh, fresh_a_week_ago } = ground.sight;
    let wants_epss = wires.epss_over_e5.is_some() || wires.epss_times_tenths.is_some();
    let feeds = [
        (wants_epss, fresh.epss || fresh_a_week_ago.epss, "EPSS"),
        (wires.on.contains(&Wire::Exploited), fresh.kev || fresh_a_week_ago.kev, "KEV"),
        (
            wires.on.contains(&Wire::Exploit),
            fresh.exploits || fresh_a_week_ago.exploits,
            "exploits",
        ),
    ];
    let (.., feed) = feeds.into_iter().find(|(wanted, seen, _)| *wanted && !seen)?;
    let patience = SignedDuration::from_hours(24 * BLIND_DAYS);
    let at = deferred_at.checked_add(patience).ok().filter(|at| *at <= ground.now)?;
    let why = format!("the feed of {feed} is stale: nobody has looked for {BLIND_DAYS} days");
    Some(Tripped { why, at: Some(at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Inputs;
    use crate::threat::{EpssEdition, EpssScore};
    use crate::world::Fresh;
    use exposome_model::event::{Actor, Change, Role, Scope, Target};
    use exposome_model::exposure::{Confidence, Judgement, Verdict};
    use exposome_model::knowledge::{ExploitEntry, KevEntry};
    use jiff::civil::date;

    const CVE: &str = "CVE-2020-6961";
    const FRESH: Fresh = Fresh { kev: true, epss: true, exploits: true };

    fn at(day: i8) -> Timestamp {
        midnight(date(2026, 11, day)).unwrap()
    }

    /// Deferred on 2 November until the 28th, at EPSS 0.00500.
    fn deferred() -> Deferred {
        let target = Target { scope: Scope::Site, component: None, vulnerability: CVE.into() };
        let wires = Wires {
            epss_over_e5: Some(10_000),
            epss_times_tenths: Some(30),
            on: Wire::ALL.into(),
            review: date(2026, 11, 28),
        };
        let seen =
            Seen { epss_e5: Some(500), exploits: ["old".to_owned()].into(), ..Seen::default() };
        let by = Actor { name: "Ana".into(), role: Role::Analyst };
        let change = Change::Defer { on: target, wires, seen };
        let word = Word { at: at(2), by, second: None, change, reason: "quiet".into() };
        Deferred { judgement: 0, number: 4, word, open_since: None }
    }

    fn exploit(name: &str, day: i8) -> ExploitEntry {
        let published = Some(date(2026, 11, day));
        ExploitEntry { vulnerability: CVE.into(), name: name.into(), published, rank: None }
    }

    fn listed(day: i8) -> KevEntry {
        KevEntry {
            vulnerability: CVE.into(),
            vendor: String::new(),
            product: String::new(),
            name: String::new(),
            added: date(2026, 11, day),
            due: None,
            required_action: String::new(),
            ransomware: None,
        }
    }

    /// What has become of a deferral and of what was known.
    struct Later {
        deferred: Deferred,
        threat: Threat,
        past: Vec<EpssDay>,
        sight: Sight,
        fixed_in: Option<String>,
    }

    /// What a deferral comes to, where the policy alone says `by_policy`: outcome, reason, day it is due.
    fn on(
        day: i8,
        by_policy: Outcome,
        change: impl FnOnce(&mut Later),
    ) -> (Outcome, String, Option<Timestamp>) {
        let policy = Policy::parse(include_str!("../../../rules/policies/default.toml")).unwrap();
        let mut later = Later {
            deferred: deferred(),
            threat: Threat {
                epss: Some(EpssScore { probability_e5: 500, percentile_e5: 60_000 }),
                exploits: vec![exploit("old", 1)],
                ..Threat::default()
            },
            past: Vec::new(),
            sight: Sight { fresh: FRESH, fresh_a_week_ago: FRESH },
            fixed_in: None,
        };
        change(&mut later);
        let Later { deferred, threat, past, sight, fixed_in } = later;
        let judgement = Judgement {
            component: 0,
            vulnerability: CVE.into(),
            verdict: Verdict::Affected,
            confidence: Confidence::High,
            missing_fact: None,
            evidence: Vec::new(),
            fixed_in,
        };
        let edition = EpssEdition { model_version: "v".into(), score_date: date(2026, 11, 1) };
        let mut threats = Threats::known([(CVE.to_owned(), threat)].into(), Some(edition));
        threats.remember([(CVE.to_owned(), past)].into());
        let (components, judgements) = (Vec::new(), vec![judgement]);
        let bill = JudgedBill { components, judgements, deferred: Vec::new() };
        let by_policy = Decision { outcome: by_policy, ..policy.decide(&Inputs::unknown()) };
        let ground = Ground { now: at(day), threats: &threats, sight, policy: &policy };
        let (decision, due) = deferred.decide(&bill, by_policy, Some(at(30)), ground);
        (decision.outcome, decision.because, due)
    }

    /// It is back for this reason, with thirty days from the day of the evidence.
    #[track_caller]
    fn check_back(day: i8, change: impl FnOnce(&mut Later), words: &str, since: Option<i8>) {
        let (outcome, because, due) = on(day, Outcome::Monitor, change);
        assert_eq!(outcome, Outcome::Schedule, "{because}");
        assert!(because.starts_with(&format!("back from deferral 4: {words}")), "{because}");
        assert_eq!(due, since.map(|day| at(day) + SignedDuration::from_hours(24 * 30)));
    }

    #[test]
    fn while_nothing_changes_it_waits() {
        let (outcome, because, due) = on(27, Outcome::Schedule, |_| {});
        assert_eq!((outcome, due), (Outcome::Defer, midnight(date(2026, 11, 28))));
        assert!(because.contains("Ana (analyst): quiet"), "{because}");
    }

    #[test]
    fn a_wire_brings_it_back_with_the_clock_of_its_evidence() {
        let kev = |it: &mut Later| it.threat.kev = Some(listed(9));
        check_back(20, kev, "KEV lists it since 2026-11-09", Some(9));
        let new = |it: &mut Later| it.threat.exploits.push(exploit("new", 12));
        check_back(20, new, "the exploit new is public", Some(12));
        let open = |it: &mut Later| it.deferred.open_since = Some(at(15));
        check_back(20, open, "it can be reached from outside", Some(15));
        check_back(28, |_| {}, "it was to be looked at again", Some(28));
        // No document says since when there is a fix: no date is made up.
        let fix = |it: &mut Later| it.fixed_in = Some("9.1".into());
        check_back(20, fix, "version 9.1 is without it", None);
    }

    #[test]
    fn a_score_that_crossed_once_stays_crossed() {
        let days = |days: &[(i8, u32)]| -> Vec<EpssDay> {
            let score_date = |day| date(2026, 11, day);
            let days = days.iter();
            days.map(|&(day, probability_e5)| EpssDay {
                score_date: score_date(day),
                probability_e5,
            })
            .collect()
        };
        let fell = days(&[(1, 20_000), (5, 1_499), (6, 1_500), (7, 400)]);
        check_back(20, |it| it.past = fell, "EPSS was 0.01500 on 2026-11-06", Some(6));
        let quiet = days(&[(1, 20_000), (5, 1_499)]);
        let (outcome, ..) = on(20, Outcome::Monitor, |it| it.past = quiet);
        assert_eq!(outcome, Outcome::Defer, "what was before the deferral is known to it");
    }

    #[test]
    fn a_wire_that_nobody_can_see_for_a_week_is_due() {
        let stale = Fresh { kev: false, ..FRESH };
        let today = |it: &mut Later| it.sight.fresh = stale;
        assert_eq!(on(20, Outcome::Monitor, today).0, Outcome::Defer, "a few days are borne");
        let week = |it: &mut Later| it.sight = Sight { fresh: stale, fresh_a_week_ago: stale };
        check_back(20, week, "the feed of KEV is stale", Some(9));
        let early = on(8, Outcome::Monitor, week).0;
        assert_eq!(early, Outcome::Defer, "it was deferred six days ago");
    }

    #[test]
    fn what_must_be_done_now_waits_for_nobody() {
        let (outcome, because, due) = on(20, Outcome::ActNow, |_| {});
        assert_eq!((outcome, due), (Outcome::ActNow, Some(at(30))));
        assert!(because.starts_with("deferral 4 does not hold"), "{because}");
    }
}
