//! A list as comma-separated values, streamed row by row, for whoever wants it in a spreadsheet.
//!
//! The same rows with the same figures as the page shows (RFC 4180).  A text that a spreadsheet
//! would take for a formula is made a text (OWASP, "CSV Injection").

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Serialize;

/// The name of a column, as the JSON has it.
pub(crate) type Column = &'static str;

/// One row under way.
#[derive(Debug, Default)]
pub(crate) struct Csv(String);

impl Csv {
    /// A text, which may come from anywhere.
    pub(crate) fn text(&mut self, text: &str) -> &mut Csv {
        let is_formula =
            text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
        let guard = if is_formula { "'" } else { "" };
        self.cell(&format!("{guard}{text}"))
    }

    pub(crate) fn maybe(&mut self, text: Option<&str>) -> &mut Csv {
        self.text(text.unwrap_or_default())
    }

    pub(crate) fn number(&mut self, number: usize) -> &mut Csv {
        self.cell(&number.to_string())
    }

    pub(crate) fn truth(&mut self, holds: bool) -> &mut Csv {
        self.cell(if holds { "true" } else { "false" })
    }

    pub(crate) fn moment(&mut self, at: Option<Timestamp>) -> &mut Csv {
        self.cell(&at.map_or_else(String::new, |at| at.to_string()))
    }

    /// One of a closed set of words, as the JSON has it.
    pub(crate) fn word(&mut self, word: &impl Serialize) -> &mut Csv {
        let word = serde_json::to_value(word).ok();
        self.cell(word.as_ref().and_then(|it| it.as_str()).unwrap_or_default())
    }

    fn cell(&mut self, text: &str) -> &mut Csv {
        if !self.0.is_empty() || self.0.ends_with(',') {
            self.0.push(',');
        }
        let is_plain = !text.contains([',', '"', '\n', '\r']) && !text.is_empty();
        if is_plain {
            self.0.push_str(text);
        } else {
            self.0.push('"');
            self.0.push_str(&text.replace('"', "\"\""));
            self.0.push('"');
        }
        self
    }
}

/// So many bytes are sent at a time.
const PIECE: usize = 32 * 1024;

/// All rows, as a file that says of when it is.
pub(crate) fn csv(
    columns: &'static [Column],
    rows: impl Iterator<Item = Csv> + Send + 'static,
    (name, as_of): (&str, Timestamp),
) -> Response {
    let head = std::iter::once(columns.join(","));
    let mut lines = head.chain(rows.map(|row| row.0)).peekable();
    let pieces = std::iter::from_fn(move || {
        lines.peek()?;
        let mut piece = String::with_capacity(PIECE);
        while piece.len() < PIECE
            && let Some(line) = lines.next()
        {
            piece.push_str(&line);
            piece.push_str("\r\n");
        }
        Some(Ok::<Bytes, std::convert::Infallible>(Bytes::from(piece)))
    });
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    let moment = as_of.strftime("%Y-%m-%dT%H%M%SZ");
    let disposition = format!("attachment; filename=\"{name}-{moment}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    (headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_back_as_it_was_and_no_formula_is_run() {
        let mut row = Csv::default();
        row.text("a,b").text("").text("say \"no\"").text("=1+1").text("-4.5").number(7).truth(true);
        assert_eq!(row.0, "\"a,b\",\"\",\"say \"\"no\"\"\",'=1+1,-4.5,7,true");
    }

    #[test]
    fn an_empty_first_cell_is_a_cell() {
        let mut row = Csv::default();
        row.maybe(None).number(1);
        assert_eq!(row.0, "\"\",1");
    }
}
