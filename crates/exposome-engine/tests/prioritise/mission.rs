//! The mission's own example: severe and quiet on a pump inside, and everything that may come of it.

use crate::{CVE, advisory, claim, listed, rules};
use exposome_engine::assess::{Assessment, Rules, assess};
use exposome_engine::decide::{Decision, Outcome};
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::govern::{Command, Refusal, State, govern};
use exposome_engine::people::People;
use exposome_engine::threat::{EpssDay, EpssEdition, EpssPast, EpssScore};
use exposome_engine::world::World;
use exposome_model::claim::Claim;
use exposome_model::event::{Actor, Anchor, Change, Event, Recorded, Role, Scope, Target};
use exposome_model::event::{Seen, Wire, Wires};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::{Advisory, KevEntry, Product, Record, Severity, Statement, Status};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Severe, and reached from the next machine only.
const VECTOR: &str = "CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:H/VA:H/SC:N/SI:N/SA:N";

/// A hospital with one device that has one flaw, day by day in November 2026.
struct Hospital {
    rules: Rules,
    claims: Vec<Claim>,
    listed: Option<KevEntry>,
    /// Probability of exploitation in hundred-thousandths, by day of the month.
    epss: BTreeMap<i8, u32>,
    events: Vec<Recorded>,
}

fn day(day: i8) -> Date {
    jiff::civil::date(2026, 11, day)
}

fn noon(day: i8) -> Timestamp {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}

fn actor(name: &str, role: Role) -> Actor {
    Actor { name: name.into(), role }
}

fn zone(day: i8, exposure: &str) -> Claim {
    let said = [("subnet", "10.1.2.0/24"), ("zone", "Critical care"), ("exposure", exposure)];
    let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Claim { recorded_at: noon(day), ..claim("zones", &BTreeMap::from(said)) }
}

impl Hospital {
    fn with(device_class: &str) -> Hospital {
        let said = [("asset_id", "D1"), ("device_class", device_class), ("ip", "10.1.2.17")];
        let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut device = claim("cmms", &BTreeMap::from(said));
        let pump = Component::new(ComponentKind::Device, "Flow 7");
        device.sheet.components.push(Component { vendor: Some("Maker".into()), ..pump });
        Hospital {
            rules: rules(),
            claims: vec![device, zone(1, "controlled")],
            listed: None,
            epss: (1..=30).map(|day| (day, 400)).collect(),
            events: Vec::new(),
        }
    }

    /// EPSS at this probability from this day on.
    fn rising(mut self, from: i8, probability_e5: u32) -> Hospital {
        self.epss.extend((from..=30).map(|day| (day, probability_e5)));
        self
    }

    fn world(&self, today: i8) -> World {
        let mut world = World::new(&Aliases::default());
        let (vendor, name) = (Some("Maker".into()), Some("Flow 7".into()));
        let product = Product { vendor, name, ..Product::default() };
        let severity = Severity { vector: VECTOR.into(), score_tenths: None, source: None };
        world.hear(Record::Advisory(Box::new(Advisory {
            severities: vec![severity],
            statements: vec![Statement {
                target: exposome_model::knowledge::Target::Product(Box::new(product)),
                default: Status::Affected,
                versions: Vec::new(),
                justification: None,
            }],
            ..advisory()
        })));
        let listed = self.listed.iter().filter(|entry| entry.added <= day(today));
        listed.for_each(|entry| world.hear(Record::Kev(entry.clone())));
        world.finish();
        let model_version = self.rules.policy.epss_model.clone();
        let edition = EpssEdition { model_version, score_date: day(today) };
        let probability_e5 = self.epss[&today];
        world.threats.score(edition, |_| Some(EpssScore { probability_e5, percentile_e5: 0 }));
        let past = self
            .epss
            .range(..=today)
            .map(|(number, score)| EpssDay { score_date: day(*number), probability_e5: *score });
        world.threats.remember(EpssPast::from([(CVE.to_owned(), past.collect())]));
        for feed in ["kev", "epss", "metasploit"] {
            world.feed_dates.insert(feed.to_owned(), noon(today));
        }
        world
    }

    fn assess(&self, today: i8) -> (World, People, Assessment) {
        let (world, people) = (self.world(today), People::of(&self.events));
        let claims: Vec<Claim> =
            self.claims.iter().filter(|it| it.recorded_at <= noon(today)).cloned().collect();
        let assessment = assess(&claims, &people, &world, &self.rules, noon(today));
        (world, people, assessment)
    }

    /// The decision of the only exposure, and the day on which its clock ends.
    fn decision(&self, today: i8) -> (Decision, Option<Timestamp>) {
        let (_, _, assessment) = self.assess(today);
        let [exposure] = assessment.exposures.as_slice() else {
            panic!("{} exposures", assessment.exposures.len());
        };
        (assessment.decision(exposure).unwrap().clone(), exposure.due)
    }

    #[track_caller]
    fn check(&self, today: i8, outcome: Outcome, words: &str) {
        let (decision, _) = self.decision(today);
        assert_eq!(decision.outcome, outcome, "{}", decision.because);
        assert!(decision.because.contains(words), "{}", decision.because);
    }

    fn command(&mut self, today: i8, by: &Actor, command: Command) -> Result<Event, Refusal> {
        let (world, people, assessment) = self.assess(today);
        let state = State {
            claims: &self.claims,
            people: &people,
            assessment: &assessment,
            threats: &world.threats,
            rules: &self.rules,
        };
        let events = govern(state, command, by, noon(today))?;
        let [event] = events.as_slice() else { panic!("{} events", events.len()) };
        let number = self.events.len() as u64 + 1;
        self.events.push(Recorded {
            number,
            at: noon(today),
            by: by.clone(),
            event: event.clone(),
        });
        Ok(event.clone())
    }

    /// Deferred on the second by an analyst, and signed by a clinical engineer.
    fn deferred(mut self) -> Hospital {
        let ana = actor("Ana", Role::Analyst);
        let proposed = self.command(2, &ana, defer()).unwrap();
        assert!(
            matches!(proposed, Event::Proposed { .. }),
            "nobody defers alone on a gated device"
        );
        self.check(2, Outcome::Schedule, "needs a clinical engineer's signature");
        let cem = actor("Cem", Role::ItOperations);
        let unsigned = self.command(2, &cem, Command::Confirm { proposal: 1 });
        assert_eq!(unsigned, Err(Refusal::NoClinicalEngineer));
        let ben = actor("Ben", Role::ClinicalEngineer);
        self.command(2, &ben, Command::Confirm { proposal: 1 }).unwrap();
        self
    }
}

fn defer() -> Command {
    let anchor = Anchor { source: "cmms".into(), key: "D1".into() };
    let target = Target { scope: Scope::Asset(anchor), component: None, vulnerability: CVE.into() };
    let wires = Wires {
        epss_over_e5: Some(10_000),
        epss_times_tenths: Some(30),
        on: [Wire::Exploited, Wire::Exploit, Wire::Path, Wire::Fix].into(),
        review: jiff::civil::date(2027, 2, 2),
    };
    let change = Change::Defer { on: target, wires, seen: Seen::default() };
    Command::Make { change, reason: "no window before spring".into() }
}

#[test]
fn severe_and_quiet_on_a_pump_inside_is_scheduled_until_a_clinical_engineer_signs_the_deferral() {
    let hospital = Hospital::with("infusion pump");
    let (decision, _) = hospital.decision(2);
    assert_eq!(
        (decision.outcome, decision.row.as_str()),
        (Outcome::Schedule, "4-severe-quiet-inside")
    );
    assert!(decision.awaits_signature);
    let hospital = hospital.deferred();
    hospital.check(
        2,
        Outcome::Defer,
        "deferred by Ana (analyst), confirmed by Ben (clinical engineer)",
    );
    hospital.check(30, Outcome::Defer, "deferred by Ana");
}

#[test]
fn it_comes_back_on_the_day_epss_crosses() {
    let hospital = Hospital::with("infusion pump").rising(12, 31_000).deferred();
    hospital.check(11, Outcome::Defer, "deferred by Ana");
    // High on both is for now, and waits for no wire.
    hospital.check(12, Outcome::ActNow, "severe, and an attack is likely");
    let (_, due) = hospital.decision(12);
    assert_eq!(due.map(|it| it.to_string()), Some("2026-11-15T00:00:00Z".to_owned()));
    let falling = Hospital::with("infusion pump").rising(12, 1_300).rising(14, 400).deferred();
    falling.check(12, Outcome::Schedule, "back from deferral 1: EPSS was 0.01300 on 2026-11-12");
    falling.check(14, Outcome::Schedule, "EPSS was 0.01300 on 2026-11-12");
}

#[test]
fn it_comes_back_on_the_day_kev_lists_it() {
    let mut hospital = Hospital::with("infusion pump").deferred();
    hospital.listed = Some(listed(day(9)));
    hospital.check(8, Outcome::Defer, "deferred by Ana");
    hospital.check(9, Outcome::ActNow, "it is being exploited");
}

#[test]
fn it_comes_back_on_the_day_a_path_opens() {
    let mut hospital = Hospital::with("infusion pump").deferred();
    hospital.claims.push(zone(9, "open"));
    hospital.check(8, Outcome::Defer, "deferred by Ana");
    hospital.check(9, Outcome::ActNow, "severe and reachable from outside");
}

#[test]
fn high_on_both_escalates_at_once() {
    let hospital = Hospital::with("vital signs").rising(5, 50_000);
    hospital.check(4, Outcome::Defer, "wait for evidence");
    hospital.check(5, Outcome::ActNow, "severe, and an attack is likely");
}

#[test]
fn on_life_support_the_alert_escalates_while_the_action_waits_for_the_clinical_gate() {
    let mut hospital = Hospital::with("ventilator").rising(5, 50_000);
    hospital.check(5, Outcome::ActNow, "severe, and an attack is likely");
    let (_, _, assessment) = hospital.assess(5);
    assert!(assessment.assets[0].alike.gated, "nobody touches it without a signed assessment");
    let refused = hospital.command(5, &actor("Ana", Role::Analyst), defer());
    assert!(matches!(refused, Err(Refusal::CannotWait { .. })), "{refused:?}");
}
