//! The project's own chores, one list: `./x run`, `./x test`, `./x bench`, `./x soak`, `./x tidy`.

mod packages;
mod pages;
mod postgres;
mod soak;
mod tidy;

use std::process::{Command, ExitCode};

struct Chore {
    name: &'static str,
    words: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "run",
        words: "build exposome and start the demo hospital (arguments go to the binary)",
        run,
    },
    Chore {
        name: "test",
        words: "everything a change must pass: style, lints, documentation, all tests",
        run: test,
    },
    Chore {
        name: "bench",
        words: "measure, and write docs/benchmarks.md (name a bench to run just that one)",
        run: bench,
    },
    Chore {
        name: "soak",
        words: "fuzz every parser for long, resuming where it stopped",
        run: soak::run,
    },
    Chore {
        name: "ui",
        words: "build the pages where they changed (installs Node where it is missing)",
        run: |_| pages::build(),
    },
    Chore {
        name: "tidy",
        words: "check layering, invariants and the map against the tree",
        run: |_| tidy::check(),
    },
];

/// Why a chore ended early, for the person who ran it.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.to_string())
    }
}

pub(crate) fn failure(words: impl Into<String>) -> Failure {
    Failure(words.into())
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        for chore in CHORES {
            say(&format!("./x {:<6} {}", chore.name, chore.words));
        }
        return if name.is_empty() || name == "help" {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        };
    };
    match (chore.run)(&rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(words)) => {
            say(&format!("./x {name}: {words}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    pages::build()?;
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "exposome", "--"]);
    allow_no_pages(&mut command);
    if arguments.is_empty() {
        command.arg("demo")
    } else {
        command.args(arguments)
    };
    must(&mut command)
}

fn test(_arguments: &[String]) -> Result<(), Failure> {
    must(&mut cargo(&["fmt", "--all", "--check"]))?;
    // The program that the browser's tests start has its pages in it.
    pages::build()?;
    must(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))?;
    must(
        cargo(&["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"),
    )?;
    let cluster = postgres::start()?;
    must(cargo(&["test", "--workspace"]).env("EXPOSOME_TEST_POSTGRES", cluster.url()))?;
    drop(cluster);
    pages::test()
}

fn bench(arguments: &[String]) -> Result<(), Failure> {
    pages::build()?;
    let cluster = postgres::start()?;
    let mut command = cargo(&["run", "--quiet", "--release", "--package", "exposome-bench", "--"]);
    allow_no_pages(&mut command);
    must(command.args(arguments).env("EXPOSOME_TEST_POSTGRES", cluster.url()))
}

/// A release has pages; whoever runs one from here without having built them is told, and goes without.
fn allow_no_pages(command: &mut Command) {
    if !std::path::Path::new("web/dist/index.html").exists() {
        say("the pages are not built (web/dist): this exposome has the API and the commands only");
        command.env("EXPOSOME_WITHOUT_WEB", "1");
    }
}

pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments);
    command
}

/// Runs a command to its end, showing what it prints.
pub(crate) fn must(command: &mut Command) -> Result<(), Failure> {
    say(&format!("> {}", in_words(command)));
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(failure(format!("{} ended with {status}", in_words(command))))
    }
}

fn in_words(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

#[expect(clippy::print_stderr, reason = "the chores talk to the person at the terminal")]
pub(crate) fn say(words: &str) {
    eprintln!("{words}");
}
