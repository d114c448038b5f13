//! An inventory, findings or relations as CSV: one row for each thing that is known.
//!
//! RFC 4180 and what spreadsheets make of it; see `rows.rs`.  What the columns
//! say is found by their headings; see `columns.rs` and `headed.rs`.

use super::headed::{Headed, ROWS_BEFORE_HEADING, shows_heading};
use super::rows::{Row, Rows};
use crate::{Document, Error, Format, Glimpse, Item, Reader};
use exposome_model::reading::Sink;
use std::borrow::Cow;
use std::io::BufRead;

pub(crate) const FORMAT: Format = Format {
    id: "csv-inventory",
    title: "inventory, findings or relations as CSV",
    specified_in: "RFC 4180; headings in exposome-intake/src/inventory/columns.rs",
    known_by: "a heading row that names the subject and one thing more",
    recognise,
    reader: Reader::Stream(read),
};

fn recognise(glimpse: &Glimpse<'_>) -> bool {
    let opens_otherwise =
        matches!(glimpse.head.trim_ascii_start().first(), Some(b'<' | b'{' | b'['));
    if opens_otherwise || glimpse.head.contains(&0) {
        return false;
    }
    let mut head = glimpse.head;
    let Ok(mut rows) = Rows::open(&mut head, None) else { return false };
    let first = (0..ROWS_BEFORE_HEADING).map_while(|_| match rows.next() {
        Ok(Row::Fields { fields, .. }) => {
            Some(fields.iter().map(|it| Cow::Owned(it.into_owned())).collect())
        }
        Ok(Row::Refused { .. }) => Some(Vec::new()),
        Ok(Row::End) | Err(_) => None,
    });
    shows_heading(first)
}

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let given = document.told.columns.as_ref().and_then(|it| it.separator);
    let mut rows = Rows::open(source, given).map_err(Error::source("line 1"))?;
    let mut table = Headed::new(document, Some(rows.separator()), "line", sink);
    let result = loop {
        match rows.next() {
            Ok(Row::End) => break Ok(()),
            Ok(Row::Refused { line, why }) => table.refuse(line, why.message()),
            Ok(Row::Fields { line, fields }) => table.row(line, &fields.iter().collect::<Vec<_>>()),
            Err(error) => break Err(error),
        }
    };
    let finished = table.finish();
    result.map_err(Error::source(rows.place())).and(finished)
}
