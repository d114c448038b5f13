//! `exposome decide`: what a person wants to change goes to the one door, and what comes of it is written and said.

use crate::cli::{Cli, Decide, Decider, Reasoned, ScopeArguments};
use crate::clock;
use crate::exit::Exit;
use crate::output::{note, say};
use crate::state::{self, Standing};
use anyhow::{Context as _, Result, bail};
use exposome_engine::govern::{Command, State, govern};
use exposome_model::claim::Claim;
use exposome_model::event::{
    Actor, Anchor, Change, Event, Scope, Seen, Target, Wire, Wires, scaled,
};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

/// How long a deferral waits at most where nobody says.
const REVIEW_DAYS: i32 = 90;

pub(crate) async fn run(cli: &Cli, command: &Decide) -> Result<Exit> {
    let asked = |standing: &Standing, now| Asked { standing, now }.command(command);
    put(cli, decider(command), asked).await
}

/// Puts a command to the door of a site as it stands now, and says what came of it.
pub(crate) async fn put(
    cli: &Cli,
    decider: &Decider,
    command: impl FnOnce(&Standing, Timestamp) -> Result<Command>,
) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let now = state::as_of(cli)?;
    let site = &decider.site;
    let standing = state::standing(&store, site, now).await?;
    let by = Actor { name: decider.by.clone(), role: decider.role.role() };
    let command = command(&standing, now)?;
    let state = State {
        claims: &standing.claims,
        people: &standing.people,
        assessment: &standing.assessment,
        threats: &standing.world.threats,
        rules: &standing.in_force.rules,
    };
    let events = govern(state, command, &by, now)?;
    // A look back does not write into the past.
    let at = if cli.as_of.is_some() { now } else { clock::now() };
    let head = store.decide(site, standing.people.last, &by, &events, at).await?;
    store.close().await;
    for event in &events {
        say(&told(event, head.number))?;
    }
    Ok(Exit::Done)
}

fn told(event: &Event, number: u64) -> String {
    match event {
        Event::Made { .. } => format!("decision {number} holds"),
        Event::Proposed { .. } => {
            note(
                "it touches a gated device, or a whole site: it holds once a second person has confirmed it",
            );
            format!(
                "proposal {number} waits: exposome decide confirm {number} --by NAME --role ROLE"
            )
        }
        Event::Confirmed { proposal } => format!("decision {proposal} holds"),
        Event::Declined { proposal, .. } => format!("proposal {proposal} is declined"),
    }
}

fn decider(command: &Decide) -> &Decider {
    match command {
        Decide::Merge { decider, .. }
        | Decide::Split { decider, .. }
        | Decide::Class { decider, .. }
        | Decide::Verdict { decider, .. }
        | Decide::Defer { decider, .. }
        | Decide::Wake { decider, .. }
        | Decide::TakeBack { decider, .. }
        | Decide::Decline { decider, .. } => &decider.decider,
        Decide::Confirm { decider, .. } => decider,
    }
}

/// What was asked on the command line, in the words of the door.
struct Asked<'a> {
    standing: &'a Standing,
    now: Timestamp,
}

impl Asked<'_> {
    fn command(&self, command: &Decide) -> Result<Command> {
        let make =
            |change, decider: &Reasoned| Command::Make { change, reason: decider.reason.clone() };
        Ok(match command {
            Decide::Merge { asset, other, decider } => {
                let (one, other) = (self.anchor(asset)?, self.anchor(other)?);
                make(Change::Merge { one, other }, decider)
            }
            Decide::Split { asset, source, key, decider } => {
                let is_named = |it: &Anchor| {
                    it.source == *source && key.as_ref().is_none_or(|key| it.key == *key)
                };
                let all: Vec<Anchor> = self.claims(asset)?.map(Anchor::of).collect();
                let (named, from): (Vec<Anchor>, Vec<Anchor>) =
                    all.iter().cloned().partition(is_named);
                let Ok([claim]) = <[Anchor; 1]>::try_from(named) else {
                    let said = all.iter().map(|it| format!("{} about {}", it.source, it.key));
                    let said: Vec<String> = said.collect();
                    bail!(
                        "--source and --key do not name one word on {asset} alone; there are: {}",
                        said.join(", ")
                    );
                };
                make(Change::Split { claim, from }, decider)
            }
            Decide::Class { asset, category, decider } => {
                let (asset, category) = (self.anchor(asset)?, category.to_uppercase());
                make(Change::Category { asset, category }, decider)
            }
            Decide::Verdict { vulnerability, verdict, until, scope, decider } => {
                let on = self.target(vulnerability, scope)?;
                make(Change::Verdict { on, verdict: verdict.verdict(), until: *until }, decider)
            }
            Decide::Defer { vulnerability, review, epss_over, epss_times, scope, decider } => {
                let on = self.target(vulnerability, scope)?;
                let epss_over = scaled(epss_over, 100_000).filter(|it| (1..=100_000).contains(it));
                let epss_over =
                    epss_over.context("--epss-over is a probability: 0.00001 to 1, as 0.1")?;
                let times = |text| {
                    let tenths = scaled(text, 10).filter(|it| (11..=10_000).contains(it));
                    let tenths = tenths.and_then(|it| u16::try_from(it).ok());
                    tenths.context("--epss-times is a factor from 1.1 to 1000, as 3 or 2.5")
                };
                let wires = Wires {
                    epss_over_e5: Some(epss_over),
                    epss_times_tenths: epss_times.as_deref().map(times).transpose()?,
                    on: Wire::ALL.into(),
                    review: review.map_or_else(|| self.in_days(REVIEW_DAYS), Ok)?,
                };
                make(Change::Defer { on, wires, seen: Seen::default() }, decider)
            }
            Decide::Wake { number, decider } => {
                let word = self.standing.people.words.get(number).map(|word| &word.change);
                if !matches!(word, Some(Change::Defer { .. })) {
                    bail!("no deferral {number} holds; `exposome decisions` lists them");
                }
                make(Change::TakeBack { number: *number }, decider)
            }
            Decide::TakeBack { number, decider } => {
                make(Change::TakeBack { number: *number }, decider)
            }
            Decide::Confirm { number, .. } => Command::Confirm { proposal: *number },
            Decide::Decline { number, decider } => {
                Command::Decline { proposal: *number, reason: decider.reason.clone() }
            }
        })
    }

    fn in_days(&self, days: i32) -> Result<Date> {
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        Ok(today.checked_add(days.days())?)
    }

    fn claims(&self, asset: &str) -> Result<impl Iterator<Item = &Claim>> {
        let mut assets = self.standing.assessment.assets.iter();
        let found = assets.find(|it| it.asset.id.eq_ignore_ascii_case(asset));
        let found = found.with_context(|| {
            format!("no asset {asset:?}; `exposome worklist --flat --json` lists their numbers")
        })?;
        Ok(found.asset.claims(&self.standing.claims))
    }

    /// What an asset is found by again: its first claim.
    fn anchor(&self, asset: &str) -> Result<Anchor> {
        let first = self.claims(asset)?.next().map(Anchor::of);
        first.with_context(|| format!("nothing speaks of asset {asset:?}"))
    }

    fn target(&self, vulnerability: &str, scope: &ScopeArguments) -> Result<Target> {
        let is_cve = vulnerability.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("cve-"));
        let vulnerability =
            if is_cve { vulnerability.to_uppercase() } else { vulnerability.to_owned() };
        let component = scope.component.clone();
        let scope = match (&scope.asset, &scope.product) {
            (Some(asset), _) => Scope::Asset(self.anchor(asset)?),
            (None, Some(name)) => {
                Scope::Product { vendor: scope.vendor.clone(), name: name.clone() }
            }
            (None, None) => Scope::Site,
        };
        Ok(Target { scope, component, vulnerability })
    }
}
