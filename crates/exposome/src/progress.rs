//! How far along something is that takes longer than a second.
//!
//! A bar on a terminal; elsewhere a plain line once it has taken a second and
//! every ten from then on, so that a log stays readable.

use crate::output::note;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(crate) struct Progress {
    bar: ProgressBar,
    /// What is counted; empty where nothing is.
    unit: &'static str,
    /// After how many seconds the next plain line is due; `None` on a terminal.
    next_line: Option<AtomicU64>,
}

const SECONDS_BETWEEN_LINES: u64 = 10;

impl Progress {
    /// Progress over a number of files.
    pub(crate) fn files(count: u64, words: &'static str) -> Progress {
        Progress::of(count, words, "files", "{msg} {wide_bar} {pos}/{len} files, {eta}")
    }

    /// Progress over bytes; 0 where nobody knows how many there will be.
    pub(crate) fn bytes(count: u64, words: String) -> Progress {
        Progress::of(count, words, "bytes", "{msg} {wide_bar} {bytes}/{total_bytes}, {eta}")
    }

    /// Something whose length nobody knows.
    pub(crate) fn working(words: &'static str) -> Progress {
        let progress = Progress::of(0, words, "", "{spinner} {msg} {elapsed}");
        progress.bar.enable_steady_tick(Duration::from_millis(200));
        progress
    }

    fn of(
        count: u64,
        words: impl Into<std::borrow::Cow<'static, str>>,
        unit: &'static str,
        template: &str,
    ) -> Progress {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_terminal {
            ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::stderr_with_hz(8))
        } else {
            ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::hidden())
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(words);
        let next_line = (!is_terminal).then(|| AtomicU64::new(1));
        Progress { bar, unit, next_line }
    }

    pub(crate) fn step(&self) {
        self.bar.inc(1);
        self.tell();
    }

    /// So many of so many bytes of one feed.
    pub(crate) fn at(&self, feed: &str, done_bytes: u64, total_bytes: Option<u64>) {
        self.bar.set_message(feed.to_owned());
        self.bar.set_length(total_bytes.unwrap_or(done_bytes));
        self.bar.set_position(done_bytes);
        self.tell();
    }

    /// A plain line, where one is due.
    fn tell(&self) {
        let Some(next_line) = &self.next_line else { return };
        let seconds = self.bar.elapsed().as_secs();
        if seconds < next_line.load(Ordering::Relaxed) {
            return;
        }
        next_line.store(seconds + SECONDS_BETWEEN_LINES, Ordering::Relaxed);
        let (words, done) = (self.bar.message(), self.bar.position());
        let of = self.bar.length().filter(|&length| length > 0);
        let of = of.map_or_else(String::new, |length| format!(" of {length}"));
        let counted = if self.unit.is_empty() {
            String::new()
        } else {
            format!(" {done}{of} {},", self.unit)
        };
        note(&format!("{words}:{counted} {seconds} s so far"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let seconds = self.bar.elapsed().as_secs();
        if self.next_line.is_some() && seconds > 0 {
            note(&format!("{}: {seconds} s", self.bar.message()));
        }
        self.bar.finish_and_clear();
    }
}
