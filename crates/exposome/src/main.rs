//! `exposome`: what is on the hospital's network, what is wrong with it, what to do first, and why.

mod application;
mod assess;
mod backup;
mod cli;
mod clock;
mod cvss;
mod decide;
mod decisions;
mod demo;
mod diff;
mod documents;
mod errands;
mod exit;
mod explain;
mod feeds;
mod findings;
mod fingerprints;
mod formats;
mod hearing;
mod identify;
mod import;
mod mail;
mod matching;
mod output;
mod policy;
mod progress;
mod sensor;
mod serve;
mod snapshot;
mod state;
mod trend;
mod worklist;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use anyhow::{Result, bail};
use clap::{CommandFactory as _, Parser as _};
use std::io::Write as _;
use std::process::ExitCode;

/// This version of the program: its sources, and the rules built into it.
pub(crate) const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("EXPOSOME_BUILD"));

/// Matching and scoring allocate much and briefly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(exit) => exit.into(),
        // The reader of a pipe has gone: it has seen what it wanted.
        Err(error) if output::is_broken_pipe(&error) => Exit::Done.into(),
        Err(error) => {
            output::note(&format!("exposome: {error:#}"));
            Exit::Failed.into()
        }
    }
}

fn run(cli: &Cli) -> Result<Exit> {
    match &cli.command {
        Command::Cvss(arguments) => cvss::run(arguments),
        Command::Match(arguments) => matching::run(arguments),
        Command::Identify(arguments) => identify::run(arguments),
        Command::Sensor(arguments) => sensor::run(arguments),
        Command::Formats(rendering) => formats::run(*rendering),
        Command::Completions { shell } => {
            let mut completions = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "exposome", &mut completions);
            std::io::stdout().write_all(&completions)?;
            Ok(Exit::Done)
        }
        Command::Man { command } => manual_page(command),
        Command::Demo(arguments) => {
            wait_for(demo::run(arguments))?;
            if demo::serves(arguments) { serve::demo(arguments) } else { Ok(Exit::Done) }
        }
        Command::Backup(command) => wait_for(backup::run(cli, command)),
        Command::Restore(arguments) => wait_for(backup::restore(cli, arguments)),
        Command::Serve(arguments) => serve::run(cli, arguments),
        Command::Feeds(command) => wait_for(feeds::run(cli, command)),
        Command::Import(arguments) => wait_for(import::run(cli, arguments)),
        Command::Assess(arguments) => wait_for(assess::run(cli, arguments)),
        Command::Worklist(arguments) => wait_for(worklist::run(cli, arguments)),
        Command::Explain(arguments) => wait_for(explain::run(cli, arguments)),
        Command::Decide(command) => wait_for(decide::run(cli, command)),
        Command::Decisions(arguments) => wait_for(decisions::run(cli, arguments)),
        Command::Diff(arguments) => wait_for(diff::run(cli, arguments)),
        Command::Trend(arguments) => wait_for(trend::run(cli, arguments)),
        Command::Policy(command) => wait_for(policy::run(cli, command)),
        Command::Findings(arguments) => wait_for(findings::run(cli, arguments)),
        Command::Application(arguments) => wait_for(application::run(cli, arguments)),
    }
}

fn manual_page(names: &[String]) -> Result<Exit> {
    let mut command = Cli::command();
    command.build();
    for name in names {
        let Some(below) = command.find_subcommand(name) else {
            bail!("{} has no command {name:?}; `exposome help` lists them", command.get_name());
        };
        command = below.clone();
    }
    clap_mangen::Man::new(command).render(&mut std::io::stdout())?;
    Ok(Exit::Done)
}

fn wait_for(work: impl Future<Output = Result<Exit>>) -> Result<Exit> {
    // One thread: reading and SQLite have theirs, and what is left is waiting for them.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
