//! How far along something is that takes longer than a second.
//!
//! A bar on a terminal; elsewhere a line when it begins to matter, so that a
//! log stays readable.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::Duration;

pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Progress over a number of files.
    pub(crate) fn files(count: u64, words: &'static str) -> Progress {
        Progress::of(count, words, "{msg} {wide_bar} {pos}/{len} files, {eta}")
    }

    /// Progress over bytes; 0 where nobody knows how many there will be.
    pub(crate) fn bytes(count: u64, words: String) -> Progress {
        Progress::of(count, words, "{msg} {wide_bar} {bytes}/{total_bytes}, {eta}")
    }

    /// Something whose length nobody knows.
    pub(crate) fn working(words: &'static str) -> Progress {
        let progress = Progress::of(0, words, "{spinner} {msg} {elapsed}");
        progress.bar.enable_steady_tick(Duration::from_millis(200));
        progress
    }

    fn of(
        count: u64,
        words: impl Into<std::borrow::Cow<'static, str>>,
        template: &str,
    ) -> Progress {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::stderr_with_hz(8))
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(words);
        Progress { bar }
    }

    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }

    /// So many of so many bytes of one feed.
    pub(crate) fn at(&self, feed: &str, done_bytes: u64, total_bytes: Option<u64>) {
        self.bar.set_message(feed.to_owned());
        self.bar.set_length(total_bytes.unwrap_or(done_bytes));
        self.bar.set_position(done_bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
