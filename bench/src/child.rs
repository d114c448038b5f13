//! Runs a program to its end and says what it cost, by the kernel's own count.
//!
//! CPU time is user plus system of the child and everything it waited for
//! (`/proc/self/stat`, fields 16 and 17, its own are 14 and 15, in ticks of 10 ms: proc(5)).  Memory is the
//! child's peak resident set (`/proc/PID/status`, `VmHWM`), looked at every 10 ms:
//! it only ever rises, so only its last 10 ms can be missed.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a run cost.
#[derive(Debug, Clone)]
pub(crate) struct Cost {
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
    pub(crate) peak_mib: f64,
    pub(crate) exit_code: i32,
    pub(crate) output: String,
    /// The last words on standard error.
    pub(crate) words: String,
}

const LOOK_EVERY: Duration = Duration::from_millis(10);
const TICKS_A_SECOND: f64 = 100.0;

/// Runs a command; its standard output is kept in a file of `folder` while it runs.
pub(crate) fn run(command: &mut Command, folder: &Path) -> std::io::Result<Cost> {
    let (output, errors) = (folder.join("stdout"), folder.join("stderr"));
    command.stdin(Stdio::null());
    command.stdout(fs::File::create(&output)?).stderr(fs::File::create(&errors)?);
    let cpu_before = cpu_of_children()?;
    let start = Instant::now();
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_mib: f64 = 0.0;
    let code = loop {
        if let Some(code) = child.try_wait()? {
            break code;
        }
        peak_mib = peak_mib.max(peak_of(&status));
        pause();
    };
    Ok(Cost {
        wall_s: start.elapsed().as_secs_f64(),
        cpu_s: cpu_of_children()? - cpu_before,
        peak_mib,
        exit_code: code.code().unwrap_or(-1),
        output: fs::read_to_string(output)?,
        words: last_line(&fs::read_to_string(errors)?),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a measurement looks at a running program now and then"
)]
fn pause() {
    std::thread::sleep(LOOK_EVERY);
}

fn cpu_of_children() -> std::io::Result<f64> {
    cpu_fields("self", 13)
}

/// What a process that runs has taken so far.
pub(crate) fn cpu_of(process: &str) -> std::io::Result<f64> {
    cpu_fields(process, 11)
}

fn cpu_fields(process: &str, first: usize) -> std::io::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is the program's name in brackets and may hold anything.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks =
        fields.split_whitespace().skip(first).take(2).filter_map(|field| field.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS_A_SECOND)
}

/// The peak resident set of a process, from its `/proc/PID/status`, in MiB.
pub(crate) fn peak_of(status: &str) -> f64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}

fn last_line(text: &str) -> String {
    text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_that_works_costs_time_and_memory() {
        let folder = tempfile::tempdir().unwrap();
        let script =
            "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; echo sorry >&2; exit 3";
        let cost = run(Command::new("sh").args(["-c", script]), folder.path()).unwrap();
        assert_eq!((cost.exit_code, cost.output.trim(), cost.words.as_str()), (3, "done", "sorry"));
        assert!(cost.cpu_s > 0.0 && cost.peak_mib > 0.0 && cost.wall_s > 0.0, "{cost:?}");
    }
}
