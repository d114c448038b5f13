//! Long fuzzing of every parser, resumed where it stopped.
//!
//! A target is done after ten minutes of processor time or five million executions
//! without a finding; on a busy machine a minute of the clock is no minute of fuzzing.  It is run in slices of half a minute; after each the tally is
//! written (`fuzz/soak.toml`) and the table drawn anew (`docs/soak.md`), so that
//! an interruption loses half a minute at most.  What the fuzzer learned lies in
//! `fuzz/target/corpora`; from a fresh clone it begins with `fuzz/corpus`.

use crate::{Failure, cargo, failure, must, say};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

const ENOUGH_SECONDS: u64 = 600;
const ENOUGH_EXECUTIONS: u64 = 5_000_000;
const SLICE_SECONDS: u64 = 30;
/// One input may take this long and this much; what takes more is a finding.
const INPUT_SECONDS: u64 = 10;
const MEMORY_MB: u64 = 2048;
const MINIMISE_SECONDS: u64 = 60;
/// As large as the largest input of a corpus.
const INPUT_BYTES: u64 = 4096;

/// Counters at every edge, and what comparisons compare, for the fuzzer to learn from.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let wanted = Wanted::read(arguments)?;
    let fuzzer = Fuzzer::build()?;
    let all = fuzzer.targets()?;
    let book = Book::open(&fuzzer.root, all.clone())?;
    let mut targets = wanted.among(all)?;
    // What has been run the least comes first.
    targets.sort_by_key(|target| book.targets.get(target).map_or(0, |tally| tally.seconds));
    let book = Mutex::new(book);
    let queue = Mutex::new(targets.iter());
    let next = || queue.lock().ok()?.next();
    let soak_all = || -> Result<(), Failure> {
        while let Some(target) = next() {
            soak(&fuzzer, target, &wanted, &book)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..wanted.jobs).map(|_| scope.spawn(soak_all)).collect();
        jobs.into_iter().try_for_each(|job| job.join().map_err(|_| failure("a job broke off"))?)
    })?;
    let book = book.into_inner().map_err(|_| failure("a job broke off"))?;
    book.verdict(&targets)
}

/// What the person asked for.
struct Wanted {
    /// None: all of them.
    targets: BTreeSet<String>,
    /// For each target, this time.
    seconds: u64,
    jobs: usize,
    from: From,
}

#[derive(PartialEq, Eq)]
enum From {
    WhereItStopped,
    TheBeginning,
}

const USAGE: &str = "./x soak [TARGET...] [--minutes N] [--jobs N] [--again]: \
    N minutes for each target this time (otherwise until it is done), N targets side by side, \
    and from the beginning what is done already";

impl Wanted {
    fn read(arguments: &[String]) -> Result<Wanted, Failure> {
        let mut wanted = Wanted {
            targets: BTreeSet::new(),
            seconds: ENOUGH_SECONDS,
            jobs: 1,
            from: From::WhereItStopped,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let mut number = || {
                let number =
                    words.next().and_then(|it| it.parse::<u64>().ok()).filter(|&it| it > 0);
                number.ok_or_else(|| failure(format!("{word} wants a number\n{USAGE}")))
            };
            match word.as_str() {
                "--minutes" => wanted.seconds = number()? * 60,
                "--jobs" => wanted.jobs = usize::try_from(number()?).unwrap_or(1),
                "--again" => wanted.from = From::TheBeginning,
                flag if flag.starts_with('-') => return Err(failure(USAGE)),
                target => drop(wanted.targets.insert(target.to_owned())),
            }
        }
        Ok(wanted)
    }

    fn among(&self, all: Vec<String>) -> Result<Vec<String>, Failure> {
        if let Some(strange) = self.targets.iter().find(|it| !all.contains(it)) {
            return Err(failure(format!(
                "no target {strange}; there are {}\n{USAGE}",
                all.join(" ")
            )));
        }
        let is_wanted = |name: &String| self.targets.is_empty() || self.targets.contains(name);
        Ok(all.into_iter().filter(is_wanted).collect())
    }
}

/// One target, slice by slice, until it is done, the time is up or something is found.
fn soak(fuzzer: &Fuzzer, target: &str, wanted: &Wanted, book: &Mutex<Book>) -> Result<(), Failure> {
    let lock = || book.lock().map_err(|_| failure("another job broke off"));
    if wanted.from == From::TheBeginning {
        lock()?.targets.remove(target);
    }
    let mut spent_seconds = 0;
    while spent_seconds < wanted.seconds {
        let so_far = lock()?.targets.get(target).cloned().unwrap_or_default();
        if so_far.is_done() {
            break;
        }
        let slice = fuzzer.slice(target, &so_far, wanted.seconds - spent_seconds)?;
        spent_seconds += slice.seconds.max(1);
        let tally = so_far.and(&slice, fuzzer)?;
        say(&format!("{target:<28} {}", tally.in_words()));
        lock()?.note(target, tally)?;
        if let Some(finding) = slice.finding {
            fuzzer.report(target, &finding)?;
            break;
        }
    }
    Ok(())
}

/// The built fuzzer, and where its things lie.
struct Fuzzer {
    root: PathBuf,
    program: PathBuf,
    commit: String,
    today: String,
}

impl Fuzzer {
    fn build() -> Result<Fuzzer, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default();
        if Command::new("c++").arg("--version").output().is_err() {
            return Err(failure(
                "a C++ compiler is missing: install g++ (Debian: apt-get install g++)",
            ));
        }
        let about = words_of(Command::new("rustc").arg("-vV"))?;
        let host = about.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or_else(|| failure("rustc does not name its host"))?;
        let folder = root.join("fuzz/target");
        // With a target named, the flags do not reach build scripts, which have no fuzzer to link.
        must(
            cargo(&["build", "--quiet", "--package=exposome-fuzz", "--features=libfuzzer"])
                .args(["--profile=soak", "--bin=exposome-fuzz", "--target", host])
                .arg("--target-dir")
                .arg(&folder)
                .env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\x1f"))
                .current_dir(&root),
        )?;
        let program = folder.join(host).join("soak/exposome-fuzz");
        let commit = words_of(
            Command::new("git").args(["rev-parse", "--short=10", "HEAD"]).current_dir(&root),
        );
        let today = words_of(Command::new("date").args(["-u", "+%Y-%m-%d"]))?;
        Ok(Fuzzer { commit: commit.unwrap_or_default(), today, program, root })
    }

    /// The fuzzer prints its targets when none is named.
    fn targets(&self) -> Result<Vec<String>, Failure> {
        let output = Command::new(&self.program).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }

    /// Runs the fuzzer and has the shell tell what processor time it took.
    fn command(&self, target: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "\"$0\" \"$@\"; code=$?; times >&2; exit $code"]).arg(&self.program);
        command.env("EXPOSOME_FUZZ_TARGET", target);
        command.arg(format!("-timeout={INPUT_SECONDS}"));
        command.arg(format!("-rss_limit_mb={MEMORY_MB}"));
        command
    }

    fn artifacts(&self, target: &str) -> PathBuf {
        self.root.join("fuzz/artifacts").join(target)
    }

    fn slice(&self, target: &str, so_far: &Tally, seconds: u64) -> Result<Slice, Failure> {
        let learned = self.root.join("fuzz/target/corpora").join(target);
        let seeds = self.root.join("fuzz/corpus").join(target);
        let artifacts = self.artifacts(target);
        fs::create_dir_all(&learned)?;
        fs::create_dir_all(&artifacts)?;
        let words = self.root.join("fuzz/target/words").join(target);
        let dictionary = dictionary(&seeds)?;
        write_whole(&words, &dictionary)?;
        let seconds =
            seconds.min(SLICE_SECONDS).min(ENOUGH_SECONDS.saturating_sub(so_far.seconds)).max(1);
        let executions = ENOUGH_EXECUTIONS.saturating_sub(so_far.executions).max(1);
        let mut command = self.command(target);
        command
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-runs={executions}"))
            .arg(format!("-max_len={INPUT_BYTES}"))
            .arg(format!("-artifact_prefix={}/", artifacts.display()))
            .args(["-print_final_stats=1", "-print_funcs=0", "-reload=0"])
            // Seeds that are all one byte after another have no words; an empty dictionary is an error to the fuzzer.
            .args((!dictionary.is_empty()).then(|| format!("-dict={}", words.display())))
            .arg(learned)
            .arg(seeds);
        let mut slice = Slice::read(&command.output()?)?;
        let took_long = |it: &mut PathBuf| {
            ["timeout-", "slow-unit-"].iter().any(|kind| file_name(it).starts_with(kind))
        };
        if let Some(input) = slice.finding.take_if(took_long) {
            // On a busy machine the clock ran out, not the parser: alone the input has its time.
            let is_slow = !self.command(target).arg(&input).output()?.status.success();
            slice.finding = is_slow.then_some(input);
        }
        Ok(slice)
    }

    /// Makes the finding smaller and says where it lies and how to see it again.
    fn report(&self, target: &str, finding: &Path) -> Result<(), Failure> {
        let small = finding.with_file_name(format!("small-{}", file_name(finding)));
        let _ = self
            .command(target)
            .args(["-minimize_crash=1", &format!("-max_total_time={MINIMISE_SECONDS}")])
            .arg(format!("-exact_artifact_path={}", small.display()))
            .arg(finding)
            .output()?;
        let input = if small.exists() { &small } else { finding };
        let again = self.command(target).arg(input).output()?;
        let errors = String::from_utf8_lossy(&again.stderr).into_owned();
        let told = errors.lines().skip_while(|line| !line.contains("panicked at"));
        let told: Vec<&str> = told.take(3).collect();
        say(&format!(
            "FINDING in {target}: {}\n  {}\n  to see it again: cp {} fuzz/corpus/{target}/ && \
             cargo test --package exposome-fuzz; after the repair it stays there",
            input.display(),
            told.join("\n  "),
            input.display(),
        ));
        Ok(())
    }
}

/// What one run of the fuzzer came to.
#[derive(Debug, PartialEq, Eq)]
struct Slice {
    executions: u64,
    edges: u64,
    features: u64,
    seconds: u64,
    finding: Option<PathBuf>,
}

impl Slice {
    fn read(output: &Output) -> Result<Slice, Failure> {
        let errors = String::from_utf8_lossy(&output.stderr);
        let slice = Slice::of(&errors);
        if output.status.success() || slice.finding.is_some() {
            return Ok(slice);
        }
        let last: Vec<&str> = errors.lines().rev().take(5).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        Err(failure(format!("the fuzzer ended with {}:\n{}", output.status, last.join("\n"))))
    }

    /// Its lines are `#4096 pulse cov: 210 ft: 480 corp: 31/2Kb ...`, its last words
    /// `stat::number_of_executed_units: 4096` and `Test unit written to PATH`; the shell's are the processor time of
    /// itself and of the fuzzer, `0m29.31s 0m0.27s`, each in a line.
    fn of(errors: &str) -> Slice {
        let after = |line: &str, word: &str| -> Option<u64> {
            line.split_once(word)?.1.split_whitespace().next()?.parse().ok()
        };
        let last = |word: &str| errors.lines().rev().find_map(|line| after(line, word));
        let most_runs = errors
            .lines()
            .filter_map(|line| line.strip_prefix('#')?.split_whitespace().next()?.parse().ok())
            .max();
        let finding = errors.lines().find_map(|line| line.split_once("Test unit written to "));
        let times = errors.lines().next_back().unwrap_or_default().split_whitespace();
        let seconds = |time: &str| -> Option<u64> {
            let (minutes, seconds) = time.split_once('.')?.0.split_once('m')?;
            Some(minutes.parse::<u64>().ok()? * 60 + seconds.parse::<u64>().ok()?)
        };
        Slice {
            executions: last("stat::number_of_executed_units:").or(most_runs).unwrap_or(0),
            edges: last(" cov: ").unwrap_or(0),
            features: last(" ft: ").unwrap_or(0),
            seconds: times.filter_map(seconds).sum(),
            finding: finding.map(|(_, path)| PathBuf::from(path.trim())),
        }
    }
}

/// How far a target has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    executions: u64,
    seconds: u64,
    /// Edges of the program that inputs reached, and what the fuzzer tells apart on them.
    edges: u64,
    features: u64,
    date: String,
    commit: String,
    /// The input that broke it; nothing counts until it is repaired.
    finding: Option<String>,
}

impl Tally {
    fn is_done(&self) -> bool {
        let is_enough = self.seconds >= ENOUGH_SECONDS || self.executions >= ENOUGH_EXECUTIONS;
        is_enough && self.finding.is_none()
    }

    /// What was run before a finding, or up to it, does not count: the parser is another afterwards.
    fn and(&self, slice: &Slice, fuzzer: &Fuzzer) -> Result<Tally, Failure> {
        let before = if self.finding.is_some() { &Tally::default() } else { self };
        let finding = slice.finding.as_deref().map(|path| -> Result<String, Failure> {
            Ok(path.strip_prefix(&fuzzer.root)?.display().to_string())
        });
        Ok(Tally {
            executions: before.executions + slice.executions,
            seconds: before.seconds + slice.seconds,
            edges: before.edges.max(slice.edges),
            features: before.features.max(slice.features),
            date: fuzzer.today.clone(),
            commit: fuzzer.commit.clone(),
            finding: finding.transpose()?,
        })
    }

    fn result(&self) -> String {
        match &self.finding {
            Some(finding) => format!("finding: {finding}"),
            None if self.is_done() => "done, nothing found".to_owned(),
            None => "nothing found so far".to_owned(),
        }
    }

    fn in_words(&self) -> String {
        format!(
            "{:>9} executions {:>4} s  {:>6} edges  {}",
            self.executions,
            self.seconds,
            self.edges,
            self.result()
        )
    }
}

/// The tallies of all targets, on disk.
struct Book {
    root: PathBuf,
    /// Every target there is.
    all: Vec<String>,
    /// What has been run of them.
    targets: BTreeMap<String, Tally>,
}

impl Book {
    fn open(root: &Path, all: Vec<String>) -> Result<Book, Failure> {
        let text = fs::read_to_string(root.join(BOOK)).unwrap_or_default();
        let targets = toml::from_str(&text)
            .map_err(|error| failure(format!("{BOOK} cannot be read: {error}")))?;
        Ok(Book { root: root.to_owned(), all, targets })
    }

    fn note(&mut self, target: &str, tally: Tally) -> Result<(), Failure> {
        self.targets.insert(target.to_owned(), tally);
        let text = format!(
            "# Written by ./x soak; docs/soak.md shows it.\n{}",
            toml::to_string(&self.targets)?
        );
        write_whole(&self.root.join(BOOK), &text)?;
        write_whole(&self.root.join(PAGE), &page(&self.all, &self.targets))
    }

    fn verdict(&self, targets: &[String]) -> Result<(), Failure> {
        let of = |target: &String| self.targets.get(target).cloned().unwrap_or_default();
        let broken: Vec<_> = targets.iter().filter(|it| of(it).finding.is_some()).collect();
        let open = targets.iter().filter(|it| !of(it).is_done()).count() - broken.len();
        say(&format!(
            "{} targets: {} done, {open} not yet, {} with a finding; see {PAGE}",
            targets.len(),
            targets.len() - open - broken.len(),
            broken.len()
        ));
        if broken.is_empty() { Ok(()) } else { Err(failure(format!("findings in {broken:?}"))) }
    }
}

const BOOK: &str = "fuzz/soak.toml";
const PAGE: &str = "docs/soak.md";

fn page(all: &[String], targets: &BTreeMap<String, Tally>) -> String {
    let not_run: Vec<&str> =
        all.iter().filter(|it| !targets.contains_key(*it)).map(String::as_str).collect();
    let done = targets.values().filter(|tally| tally.is_done()).count();
    let executions: u64 = targets.values().map(|tally| tally.executions).sum();
    let mut page = format!(
        "# Soak\n\n\
         Every parser under LLVM's fuzzer (`fuzz/README.md` says how), written by `./x soak`.\n\
         A target is done after {} minutes or {} executions without a finding.\n\n\
         {done} of {} targets done, {executions} executions in all.\n\n\
         | Target | Executions | Seconds | Edges | Features | Last run | Commit | Result |\n\
         |---|---:|---:|---:|---:|---|---|---|\n",
        ENOUGH_SECONDS / 60,
        ENOUGH_EXECUTIONS,
        all.len()
    );
    for (name, it) in targets {
        let _ = writeln!(
            page,
            "| {name} | {} | {} | {} | {} | {} | {} | {} |",
            it.executions,
            it.seconds,
            it.edges,
            it.features,
            it.date,
            it.commit,
            it.result()
        );
    }
    if !not_run.is_empty() {
        let _ = writeln!(page, "\nNot run yet: {}.", not_run.join(", "));
    }
    page
}

/// The words of the seeds, for the fuzzer to put where they do not belong.
fn dictionary(seeds: &Path) -> Result<String, Failure> {
    let mut words = BTreeSet::new();
    let is_mark = |byte: u8| !byte.is_ascii_alphanumeric() && !b"_-.:".contains(&byte);
    for entry in fs::read_dir(seeds)? {
        let bytes = fs::read(entry?.path())?;
        let pieces = bytes.split(|&byte| is_mark(byte));
        words.extend(pieces.filter(|it| (2..=WORD_BYTES).contains(&it.len())).map(<[u8]>::to_vec));
    }
    let lines = words.iter().take(MOST_WORDS).map(|it| format!("\"{}\"\n", it.escape_ascii()));
    Ok(lines.collect())
}

const WORD_BYTES: usize = 32;
const MOST_WORDS: usize = 1000;

/// Replaces a file whole, so that an interruption leaves the old one.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let new = folder.join(format!(".{}.new", file_name(path)));
    fs::write(&new, text)?;
    Ok(fs::rename(&new, path)?)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn words_of(command: &mut Command) -> Result<String, Failure> {
    let output = command.output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(failure(format!(
            "{} ended with {}",
            command.get_program().to_string_lossy(),
            output.status
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: &str = "INFO: seed corpus: files: 3\n\
        #3\tINITED cov: 117 ft: 200 corp: 3/60b exec/s: 0 rss: 33Mb\n\
        #90001\tDONE   cov: 120 ft: 260 corp: 9/80b lim: 4096 exec/s: 45000 rss: 40Mb\n\
        stat::number_of_executed_units: 90001\n\
        0m0.004s 0m0.000s\n\
        1m59.310s 0m1.270s\n";

    #[test]
    fn the_fuzzer_s_last_words_are_the_tally() {
        let slice = Slice::of(CALM);
        let expected =
            Slice { executions: 90_001, edges: 120, features: 260, seconds: 120, finding: None };
        assert_eq!(slice, expected);
    }

    #[test]
    fn a_finding_is_where_the_fuzzer_says() {
        let errors = "#77\tNEW    cov: 5 ft: 6 corp: 1/1b\n\
            artifact_prefix='a/'; Test unit written to a/crash-01\n";
        let slice = Slice::of(errors);
        assert_eq!((slice.executions, slice.finding), (77, Some(PathBuf::from("a/crash-01"))));
    }

    #[test]
    fn a_finding_is_never_done_and_time_before_it_does_not_count() {
        let fuzzer = Fuzzer {
            root: PathBuf::from("r"),
            program: PathBuf::new(),
            commit: "c".to_owned(),
            today: "2026-08-08".to_owned(),
        };
        let found =
            Slice { finding: Some(PathBuf::from("r/fuzz/x")), seconds: 700, ..Slice::of(CALM) };
        let broken = Tally::default().and(&found, &fuzzer).unwrap();
        assert_eq!((broken.is_done(), broken.finding.as_deref()), (false, Some("fuzz/x")));
        let repaired = broken.and(&Slice::of(CALM), &fuzzer).unwrap();
        assert_eq!((repaired.seconds, repaired.finding.as_deref()), (120, None));
    }

    #[test]
    fn ten_minutes_or_five_million_are_enough() {
        let of = |seconds, executions| Tally { executions, seconds, ..Tally::default() }.is_done();
        assert_eq!((of(600, 1), of(1, 5_000_000), of(599, 4_999_999)), (true, true, false));
    }

    #[test]
    fn the_words_of_a_seed_are_its_dictionary() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("one"), b"{\"cveID\": \"CVE-1\", \"a\xff\": 12}").unwrap();
        assert_eq!(dictionary(folder.path()).unwrap(), "\"12\"\n\"CVE-1\"\n\"cveID\"\n");
    }
}
