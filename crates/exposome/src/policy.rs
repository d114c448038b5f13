//! `exposome policy`: the table that decides, printed, checked, and what another one would move.

use crate::cli::{Cli, PolicyCommand, Rendering};
use crate::exit::Exit;
use crate::output::{List, column, note, say};
use crate::state::{self, Standing};
use crate::{decide, diff};
use anyhow::{Context as _, Result};
use exposome_engine::assess::assess;
use exposome_engine::decide::{Outcome, Policy};
use exposome_engine::govern::Command;
use exposome_engine::moves::{Side, Sides, moves};
use exposome_engine::world::Sight;
use exposome_model::event::Change;
use exposome_model::transition::{About, Reason};
use exposome_site::InForce;
use serde_json::json;
use std::path::Path;

pub(crate) async fn run(cli: &Cli, command: &PolicyCommand) -> Result<Exit> {
    match command {
        PolicyCommand::Show { file, site, rendering } => {
            if let Some(file) = file {
                return show(&read(file)?, None, *rendering);
            }
            let in_force = in_force(cli, site).await?;
            let whose = in_force.adopted.as_ref().map_or_else(
                || "in force: it ships with the program, nobody has adopted another".to_owned(),
                |(number, word)| {
                    let (since, signed, reason) = (word.at, word.signed(), &word.reason);
                    format!("in force since {since} by decision {number} of {signed}: {reason}")
                },
            );
            show(&in_force.rules.policy, Some(&whose), *rendering)
        }
        PolicyCommand::Check { file } => {
            let policy = read(file)?;
            let rows = policy.printed().len();
            let (name, version) = (&policy.name, &policy.version);
            say(&format!(
                "{name} {version}: {rows} rows decide every combination of the inputs, and each decides one"
            ))?;
            Ok(Exit::Done)
        }
        PolicyCommand::Adopt { file, decider } => {
            let text = text(file)?;
            read(file)?;
            let adopt = |_: &Standing, _| {
                let reason = decider.reason.clone();
                Ok(Command::Make { change: Change::Policy { text }, reason })
            };
            decide::put(cli, &decider.decider, adopt).await
        }
        PolicyCommand::Diff { file, site, rendering } => {
            read(file)?;
            let now = state::as_of(cli)?;
            let store = state::open_to_ask(cli).await?;
            let standing = state::standing(&store, site, now).await?;
            store.close().await;
            let (claims, people, world) = (&standing.claims, &standing.people, &standing.world);
            let candidate = standing.in_force.ruleset.clone().with_policy(text(file)?);
            let rules = candidate.rules()?;
            let assessment = assess(claims, people, world, &rules, now);
            let sight = Sight::of(&world.feed_dates, rules.policy.thresholds, now);
            let after = Side { assessment: &assessment, sight, ..standing.side() };
            let sides = Sides { concluded: None, before: Some(standing.side()), after };
            let policy = Reason {
                about: About::Policy,
                words: "the policy".to_owned(),
                facts: vec![standing.in_force.policy_fact()],
            };
            diff::print(&moves(sides, &[], &[policy]), now, *rendering)
        }
    }
}

fn text(file: &Path) -> Result<String> {
    std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the policy {}", file.display()))
}

fn read(file: &Path) -> Result<Policy> {
    let policy = Policy::parse(&text(file)?);
    policy.with_context(|| format!("the policy {} is refused", file.display()))
}

/// What decides for a site; where there is no site yet, what ships with the program.
async fn in_force(cli: &Cli, site: &str) -> Result<InForce> {
    if !state::is_there(cli) {
        return Ok(InForce::shipped()?);
    }
    let store = state::open_to_ask(cli).await?;
    let people = exposome_site::people(&store, site, state::as_of(cli)?).await?;
    store.close().await;
    Ok(InForce::at(&people)?)
}

fn show(policy: &Policy, whose: Option<&str>, rendering: Rendering) -> Result<Exit> {
    let mut list = List::new(&[
        column("row", "row"),
        column("when", "when"),
        column("then", "then"),
        column("because", "because"),
    ]);
    for cells in policy.printed() {
        list.push(cells.into_iter().map(|cell| json!(cell)).collect());
    }
    if rendering.json || rendering.csv {
        whose.into_iter().for_each(note);
        list.print(rendering)?;
        return Ok(Exit::Done);
    }
    let limits = policy.thresholds;
    let epss = exposome_engine::worklist::in_hundred_thousandths(limits.epss_high_e5);
    say(&format!("Policy {} {}: the first row that fits decides.", policy.name, policy.version))?;
    if let Some(whose) = whose {
        say(&format!("  {whose}"))?;
    }
    say(&format!("  severity   high: CVSS-BE {} or more", limits.severity_high))?;
    say(&format!(
        "  threat     likely: a public exploit, or EPSS {epss} or more under model {}; quiet: EPSS below it, and every exploit source silent",
        policy.epss_model
    ))?;
    say(&format!(
        "  fresh      KEV {} days, EPSS {} days, exploits {} days; what is older says nothing",
        limits.kev_fresh_days, limits.epss_fresh_days, limits.exploit_fresh_days
    ))?;
    let clocks = Outcome::ALL.iter().rev().filter_map(|outcome| {
        let days = policy.clock_days(*outcome)?;
        Some(format!("{} {days} days", outcome.words()))
    });
    say(&format!("  clocks     {}", clocks.collect::<Vec<_>>().join(", ")))?;
    for (name, words) in policy.printed_around() {
        say(&format!("  {name:<10} {words}"))?;
    }
    say("")?;
    list.print(rendering)?;
    Ok(Exit::Done)
}
