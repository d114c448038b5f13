//! An inventory, findings or relations as CSV: one row for each thing that is known.
//!
//! RFC 4180 and what spreadsheets make of it.  The heading row is found by its
//! names (see `columns.rs`), so titles above it do no harm.

use super::columns::{Column, ColumnMap, columns, is_heading};
use super::rows::{Row, Rows};
use super::table::Table;
use crate::{Document, Error, Format, Glimpse, Item, Reader};
use exposome_model::reading::Sink;
use std::io::BufRead;

pub(crate) const FORMAT: Format = Format {
    id: "csv-inventory",
    title: "inventory, findings or relations as CSV",
    specified_in: "RFC 4180; headings in exposome-intake/src/inventory/columns.rs",
    known_by: "a heading row that names the subject and one thing more",
    recognise,
    reader: Reader::Stream(read),
};

/// How far down the heading row may stand.
const ROWS_BEFORE_HEADING: usize = 20;

fn recognise(glimpse: &Glimpse<'_>) -> bool {
    let looks_like_text = !glimpse.head.trim_ascii_start().starts_with(b"<")
        && !glimpse.head.trim_ascii_start().starts_with(b"{")
        && !glimpse.head.trim_ascii_start().starts_with(b"[")
        && !glimpse.head.contains(&0);
    let mut head = glimpse.head;
    let Ok(mut rows) = Rows::open(&mut head, None) else { return false };
    looks_like_text
        && matches!(heading(&mut rows, &ColumnMap::default()), Ok(Some(columns)) if columns.len() > 1)
}

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let given = document.told.columns.clone().unwrap_or_default();
    let mut rows = Rows::open(source, given.separator).map_err(Error::source("line 1"))?;
    let Some(columns) = heading(&mut rows, &given)? else {
        return Err(no_heading(&rows));
    };
    sink.record(Item::Columns(map_used(&columns, &given, rows.separator())));
    let headings: Vec<String> = columns.iter().map(|it| it.heading.clone()).collect();
    let mut table = Table::new(columns, document, sink);
    let result = loop {
        match rows.next() {
            Ok(Row::End) => break Ok(()),
            Ok(Row::Refused { line, why }) => table.refuse(line, why.message()),
            Ok(Row::Fields { line, fields }) => {
                // Some exports repeat the heading on every page.
                if !fields.iter().eq(headings.iter().map(String::as_str)) {
                    table.row(line, fields.iter());
                }
            }
            Err(error) => break Err(error),
        }
    };
    table.finish();
    result.map_err(Error::source(rows.place()))
}

/// The first row that is a heading.
fn heading(rows: &mut Rows<'_>, map: &ColumnMap) -> Result<Option<Vec<Column>>, Error> {
    for _ in 0..ROWS_BEFORE_HEADING {
        let place = rows.place();
        match rows.next().map_err(Error::source(place))? {
            Row::End => return Ok(None),
            Row::Refused { .. } => {}
            Row::Fields { fields, .. } => {
                let headings: Vec<String> =
                    fields.iter().take(COLUMNS_CAP).map(std::borrow::Cow::into_owned).collect();
                let columns = columns(&headings, map);
                if is_heading(&columns) {
                    return Ok(Some(columns));
                }
            }
        }
    }
    Ok(None)
}

/// The most columns a table may have; a spreadsheet's own limit.
const COLUMNS_CAP: usize = 16_384;

fn no_heading(rows: &Rows<'_>) -> Error {
    let found = if rows.line() == 1 {
        "nothing".to_owned()
    } else {
        format!("no heading in {} rows", rows.line() - 1)
    };
    Error::Malformed {
        place: "the first rows".to_owned(),
        found,
        expected: "a row that names the subject (asset_id, serial, host_name, ...) and one column more; a column map can name the headings".to_owned(),
    }
}

/// What the columns were taken to say, in full.
fn map_used(columns: &[Column], given: &ColumnMap, separator: char) -> ColumnMap {
    let said = columns.iter().filter_map(|it| it.field.map(|field| (it.heading.clone(), field)));
    ColumnMap { separator: Some(separator), date_order: given.date_order, columns: said.collect() }
}
