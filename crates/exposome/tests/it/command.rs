//! Running the program.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub(crate) fn exposome() -> Command {
    Command::new(env!("CARGO_BIN_EXE_exposome"))
}

/// Runs to the end; what it printed on standard output, its exit code and what it said beside.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Said {
    Said::of(exposome().args(arguments).output().expect("the program starts"))
}

/// Runs with something on standard input.
pub(crate) fn run_with_input(arguments: &[&str], input: &[u8]) -> Said {
    let mut child = exposome()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it has a standard input");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the writer ends").expect("it reads what it is given");
    Said::of(output)
}

pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) beside: String,
    pub(crate) code: Option<i32>,
}

impl Said {
    fn of(output: Output) -> Said {
        Said {
            out: String::from_utf8(output.stdout).expect("the program prints UTF-8"),
            beside: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }

    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.beside);
        self.out
    }

    /// The lines of `--json`.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON object a line"))
            .collect()
    }
}

/// A path below the project's own test data.
pub(crate) fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(path)
}

/// A path below the shared data, where it is there; says loudly what is not checked where it is not.
pub(crate) fn shared(path: &str, what: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("NOT CHECKED: {what}: the shared data folder is absent");
    None
}
