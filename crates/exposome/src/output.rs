//! One list, four faces: a table on a terminal, plain columns in a pipe, JSON lines, CSV.

use crate::cli::Rendering;
use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value};
use std::io::{self, IsTerminal as _, Write};

/// A list with named columns.  The name is the JSON key and the CSV heading; the heading is for people.
pub(crate) struct List {
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) heading: &'static str,
    /// Left out of tables for people, who get it from `--json`.
    pub(crate) detail: bool,
}

pub(crate) const fn column(name: &'static str, heading: &'static str) -> Column {
    Column { name, heading, detail: false }
}

pub(crate) const fn detail(name: &'static str) -> Column {
    Column { name, heading: "", detail: true }
}

impl List {
    pub(crate) fn new(columns: &[Column]) -> List {
        List { columns: columns.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Vec<Value>) {
        assert_eq!(row.len(), self.columns.len(), "a value a column");
        self.rows.push(row);
    }

    /// A reader of a pipe who has gone has seen what he wanted; how the command ended is still to be told.
    pub(crate) fn print(&self, rendering: Rendering) -> Result<()> {
        match self.write(rendering) {
            Err(error) if is_broken_pipe(&error) => Ok(()),
            written => written,
        }
    }

    fn write(&self, rendering: Rendering) -> Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if rendering.json {
            self.write_json(&mut out)?;
        } else if rendering.csv {
            self.write_csv(&mut out)?;
        } else {
            self.write_table(&mut out)?;
        }
        out.flush()?;
        Ok(())
    }

    fn write_json(&self, out: &mut impl Write) -> Result<()> {
        for row in &self.rows {
            let pairs = self
                .columns
                .iter()
                .zip(row)
                .map(|(column, value)| (column.name.to_owned(), value.clone()));
            serde_json::to_writer(&mut *out, &pairs.collect::<Map<_, _>>())?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn write_csv(&self, out: &mut impl Write) -> Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record(self.columns.iter().map(|column| column.name))?;
        for row in &self.rows {
            csv.write_record(row.iter().map(|value| neutral(without_controls(&in_words(value)))))?;
        }
        csv.flush()?;
        Ok(())
    }

    fn write_table(&self, out: &mut impl Write) -> Result<()> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        if !io::stdout().is_terminal() {
            table.set_width(160);
        }
        let shown = || self.columns.iter().map(|column| !column.detail);
        table.set_header(
            self.columns.iter().filter(|column| !column.detail).map(|column| column.heading),
        );
        for row in &self.rows {
            table.add_row(
                row.iter()
                    .zip(shown())
                    .filter(|(_, shown)| *shown)
                    .map(|(value, _)| without_controls(&in_words(value))),
            );
        }
        for line in table.lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// A text that a spreadsheet would take for a formula is made text (OWASP, "CSV Injection").
fn neutral(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text
    }
}

/// A name from a document must not steer the terminal, nor turn the words around it.
pub(crate) fn plain(text: &str) -> String {
    let shown = |it: char| it == '\n' || !(it.is_control() || turns_text(it));
    text.chars().map(|it| if shown(it) { it } else { '\u{fffd}' }).collect()
}

/// The same for a cell: a line break in a name must not look like another row.
fn without_controls(text: &str) -> String {
    plain(text).replace('\n', " ")
}

/// Marks that turn the direction of what follows (UAX 9, explicit directional formatting).
fn turns_text(it: char) -> bool {
    matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line for a person, on standard output.
pub(crate) fn say(words: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", plain(words))?;
    Ok(())
}

pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_pipe = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        let csv = cause.downcast_ref::<csv::Error>().and_then(|error| match error.kind() {
            csv::ErrorKind::Io(error) => Some(error.kind()),
            _ => None,
        });
        io.or(json).or(csv) == Some(io::ErrorKind::BrokenPipe)
    };
    error.chain().any(is_pipe)
}

/// One line beside the result, on standard error.
pub(crate) fn note(words: &str) {
    // Nobody reads standard error any more: nothing is lost that the exit code does not say.
    let _ = writeln!(io::stderr().lock(), "{}", plain(words));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_in_an_asset_name_stays_text() {
        assert_eq!(neutral("=cmd|' /C calc'!A0".into()), "'=cmd|' /C calc'!A0");
        assert_eq!(neutral("-4.5".into()), "-4.5");
        assert_eq!(neutral("Ward 3".into()), "Ward 3");
    }

    #[test]
    fn an_escape_sequence_in_a_name_does_not_reach_the_terminal() {
        assert_eq!(plain("\u{1b}[2Jpump"), "\u{fffd}[2Jpump");
        assert_eq!(plain("pump\u{202e}fdp"), "pump\u{fffd}fdp");
        assert_eq!(without_controls("pump\nrefused"), "pump refused");
    }
}
