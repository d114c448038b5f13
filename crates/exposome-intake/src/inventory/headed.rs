//! A table of which the heading has still to be found among its first rows.
//!
//! Exports put titles, dates and empty rows above their headings.  The first row
//! that names a subject and something more is the heading (see `columns.rs`).

use super::columns::{Column, ColumnMap, columns, is_heading};
use super::table::Table;
use crate::{Document, Error, Item};
use exposome_model::reading::{Complaint, Sink};
use std::borrow::Cow;

/// How far down the heading row may stand.
pub(crate) const ROWS_BEFORE_HEADING: u64 = 20;
/// The most columns a table may have: a spreadsheet's own limit.
const COLUMNS_CAP: usize = 16_384;

/// Takes rows, first to find the heading, then to read them.
pub(crate) struct Headed<'d, 's> {
    document: &'d Document<'d>,
    /// For the map that is given back.
    separator: Option<char>,
    /// `line` or `row`, for the places in complaints.
    unit: &'static str,
    rows: u64,
    headings: Vec<String>,
    state: State<'s>,
}

enum State<'s> {
    Looking(&'s mut dyn Sink<Item>),
    Reading(Box<Table<'s>>),
    /// For the moment in which one becomes the other.
    Between,
}

impl<'d, 's> Headed<'d, 's> {
    pub(crate) fn new(
        document: &'d Document<'d>,
        separator: Option<char>,
        unit: &'static str,
        sink: &'s mut dyn Sink<Item>,
    ) -> Headed<'d, 's> {
        Headed {
            document,
            separator,
            unit,
            rows: 0,
            headings: Vec::new(),
            state: State::Looking(sink),
        }
    }

    pub(crate) fn row(&mut self, line: u64, cells: &[Cow<'_, str>]) {
        self.rows += 1;
        if let State::Reading(table) = &mut self.state {
            // Some exports repeat the heading on every page.
            if !cells.iter().eq(self.headings.iter()) {
                table.row(line, cells.iter().map(|it| Cow::Borrowed(it.as_ref())));
            }
        } else if self.rows <= ROWS_BEFORE_HEADING {
            self.look_at(cells);
        }
    }

    /// A row that could not be split into cells.
    pub(crate) fn refuse(&mut self, line: u64, why: String) {
        self.rows += 1;
        if let State::Reading(table) = &mut self.state {
            table.refuse(line, why);
        }
    }

    /// Passes on what was wrong outside of a row.
    pub(crate) fn complain(&mut self, complaint: Complaint) {
        match &mut self.state {
            State::Looking(sink) => sink.complain(complaint),
            State::Reading(table) => table.complain(complaint),
            State::Between => {}
        }
    }

    /// How many headings there are.
    pub(crate) fn width(&self) -> usize {
        self.headings.len()
    }

    pub(crate) fn has_heading(&self) -> bool {
        matches!(self.state, State::Reading(_))
    }

    /// Whether the heading is neither found nor to be found any more.
    pub(crate) fn is_hopeless(&self) -> bool {
        !self.has_heading() && self.rows >= ROWS_BEFORE_HEADING
    }

    /// Hands over what was read.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.state {
            State::Reading(table) => {
                table.finish();
                Ok(())
            }
            _ => Err(no_heading(self.rows)),
        }
    }

    fn look_at(&mut self, cells: &[Cow<'_, str>]) {
        let given = self.document.told.columns.clone().unwrap_or_default();
        let headings: Vec<String> =
            cells.iter().take(COLUMNS_CAP).map(|it| it.clone().into_owned()).collect();
        let columns = columns(&headings, &given);
        if !is_heading(&columns) {
            return;
        }
        self.headings = headings;
        self.state = match std::mem::replace(&mut self.state, State::Between) {
            State::Looking(sink) => {
                sink.record(Item::Columns(map_used(&columns, &given, self.separator)));
                State::Reading(Box::new(Table::new(columns, self.document, self.unit, sink)))
            }
            state => state,
        };
    }
}

/// Whether one of these rows is a heading without anybody's help.
pub(crate) fn shows_heading<'r>(mut rows: impl Iterator<Item = Vec<Cow<'r, str>>>) -> bool {
    rows.any(|cells| {
        let headings: Vec<String> =
            cells.into_iter().take(COLUMNS_CAP).map(Cow::into_owned).collect();
        headings.len() > 1 && is_heading(&columns(&headings, &ColumnMap::default()))
    })
}

fn no_heading(rows: u64) -> Error {
    Error::Malformed {
        place: "the first rows".to_owned(),
        found: format!("no heading in {} rows", rows.min(ROWS_BEFORE_HEADING)),
        expected: "a row that names the subject (asset_id, serial, host_name, ...) and one column more; a column map can name the headings".to_owned(),
    }
}

/// What the columns were taken to say, in full.
fn map_used(columns: &[Column], given: &ColumnMap, separator: Option<char>) -> ColumnMap {
    let said = columns.iter().filter_map(|it| it.field.map(|field| (it.heading.clone(), field)));
    let unknown = columns.iter().filter(|it| it.field.is_none()).map(|it| it.heading.clone());
    ColumnMap {
        separator,
        date_order: given.date_order,
        columns: said.collect(),
        unknown: unknown.collect(),
    }
}
