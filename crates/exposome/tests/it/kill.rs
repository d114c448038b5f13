//! Killed at any moment: the store opens, what was acknowledged is there, and the same again converges.
//!
//! The ordinary tests kill a few times; `EXPOSOME_KILLS=200` (which `./x bench
//! kill` sets) kills so often.

use crate::command::{exposome, run};
use crate::random::{SplitMix, kills};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const AS_OF: &str = "2100-01-01T00:00:00Z";

#[test]
fn killed_while_loading_importing_and_assessing() {
    let kills = kills(12);
    let documents = tempfile::tempdir().unwrap();
    run(["demo", "--no-serve", "--limit", "1", "--folder", documents.path().to_str().unwrap()])
        .ok();
    let steps = Steps::of(documents.path());

    let reference = tempfile::tempdir().unwrap();
    let mut lengths = Vec::new();
    for arguments in steps.all() {
        let begun = Instant::now();
        let said = run(with_data(reference.path(), arguments));
        assert!(matches!(said.code, Some(0 | 3)), "{}", said.beside);
        lengths.push(begun.elapsed());
    }
    let expected = state(reference.path());
    assert!(expected.len() > 100, "there is something to lose");

    let mut random = SplitMix(20_261_123);
    let (mut killed, mut in_time) = (0, 0);
    while killed < kills {
        let data = tempfile::tempdir().unwrap();
        for (step, (arguments, length)) in steps.all().iter().zip(&lengths).enumerate() {
            in_time += u32::from(kill_at(data.path(), arguments, length.mul_f64(random.share())));
            killed += 1;
            let opened = run(with_data(data.path(), &["feeds", "status", "--json"]));
            assert_eq!(opened.code, Some(0), "the store opens after a kill: {}", opened.beside);
            if step > 0 {
                assert!(
                    opened.out.contains("\"fresh\"") || opened.out.contains("\"stale\""),
                    "the feeds that were acknowledged are there"
                );
            }
            let again = run(with_data(data.path(), arguments));
            assert!(matches!(again.code, Some(0 | 3)), "{}", again.beside);
        }
        assert_eq!(
            state(data.path()),
            expected,
            "after kills the same documents give the same state"
        );
    }
    println!(
        "killed at random moments without a loss\t{killed}\tkills, {in_time} of them before the end\t>= {kills}\tmet"
    );
}

/// The three things that write or read for long.
struct Steps {
    load: Vec<String>,
    import: Vec<String>,
    assess: Vec<String>,
}

impl Steps {
    fn of(folder: &Path) -> Steps {
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Steps {
            load: [words(&["feeds", "load"]), vec![path("feeds")]].concat(),
            import: [
                words(&["import"]),
                vec![path("documents/cmms-export.csv"), path("documents/cmdb-export.csv")],
            ]
            .concat(),
            assess: words(&["worklist", "--flat", "--limit", "0", "--json", "--as-of", AS_OF]),
        }
    }

    fn all(&self) -> [&[String]; 3] {
        [&self.load, &self.import, &self.assess]
    }
}

fn with_data<S: AsRef<str>>(data: &Path, arguments: &[S]) -> Vec<String> {
    let data = ["--data".to_owned(), data.join("data").to_str().unwrap().to_owned()];
    data.into_iter().chain(arguments.iter().map(|it| it.as_ref().to_owned())).collect()
}

/// What is known afterwards, without the dates that depend on when it was recorded.
fn state(data: &Path) -> Vec<Value> {
    let arguments = ["worklist", "--flat", "--limit", "0", "--json", "--as-of", AS_OF];
    let said = run(with_data(data, &arguments));
    assert_eq!(said.code, Some(0), "{}", said.beside);
    let mut rows: Vec<Value> = said.json();
    for row in &mut rows {
        let row = row.as_object_mut().unwrap();
        row.remove("due");
        row.remove("place");
    }
    rows.sort_by_key(ToString::to_string);
    rows
}

/// Starts, waits, kills.  Whether it was still running.
fn kill_at(data: &Path, arguments: &[String], after: Duration) -> bool {
    let mut child = exposome()
        .args(with_data(data, arguments))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let (_keep, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(after);
    let was_running = child.try_wait().expect("its state is known").is_none();
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    was_running
}
