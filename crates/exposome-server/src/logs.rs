//! Logs: a line an event, as text or as JSON, and nothing that anybody sends makes a second line.

use std::io::{self, Write};
use tracing_subscriber::fmt::MakeWriter;

/// How lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Starts to log to standard error.  Once, by the binary.
pub fn install(format: Format, level: tracing::Level) -> bool {
    subscribe(format, level, io::stderr)
}

fn subscribe<W>(format: Format, level: tracing::Level, to: W) -> bool
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing::subscriber::set_global_default(subscriber(format, level, to)).is_ok()
}

fn subscriber<W>(
    format: Format,
    level: tracing::Level,
    to: W,
) -> Box<dyn tracing::Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_target(false)
        .with_writer(OneLine(to));
    match format {
        Format::Text => Box::new(builder.finish()),
        Format::Json => Box::new(builder.json().flatten_event(true).finish()),
    }
}

/// Hands on what is written with every control character but the last line's end made visible.  An event is
/// written at one go, so it stays one line whatever its words hold.
struct OneLine<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for OneLine<W> {
    type Writer = Visible<W::Writer>;

    fn make_writer(&'a self) -> Visible<W::Writer> {
        Visible(self.0.make_writer())
    }
}

struct Visible<W>(W);

impl<W: Write> Write for Visible<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(visible(bytes).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn visible(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let (line, end) = text.strip_suffix('\n').map_or((&*text, ""), |line| (line, "\n"));
    let mut shown = String::with_capacity(text.len());
    for character in line.chars() {
        // U+2028 and U+2029 end a line for some readers, too; U+202A to U+202E and U+2066 to U+2069 turn it round.
        if character.is_control()
            || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown + end
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_writes_a_second_line_into_the_log() {
        for format in [Format::Text, Format::Json] {
            let kept = Kept::default();
            let to = kept.clone();
            let subscriber = subscriber(format, tracing::Level::INFO, move || to.clone());
            tracing::subscriber::with_default(subscriber, || {
                let login = "ana\n2026-01-01 INFO signed in login=root\r\u{1b}[2J\u{2028}x";
                tracing::info!(login, "refused {login}");
            });
            let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(text.ends_with('\n') && !text.contains(['\r', '\u{1b}', '\u{2028}']), "{text}");
            assert!(text.contains("ana"));
        }
    }
}
