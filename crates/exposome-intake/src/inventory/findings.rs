//! Findings (or assets) of any tool as JSON: a list of flat objects.
//!
//! The members are columns, read by the same map as those of a CSV; see `columns.rs`.
//! An object in a member is looked through (`asset.ip` is the column `asset.ip`, or
//! `ip` where that says nothing); a list is the values of one cell.  The list may be the document,
//! or one of its members (`findings`, `results`, ...).

use super::columns::{ColumnMap, columns, is_heading};
use super::headed::Headed;
use crate::json::{Raw, Want, walk};
use crate::{Document, Error, Format, Glimpse, Item, Reader};
use exposome_model::reading::{Complaint, Sink};
use serde_json::Value;
use std::borrow::Cow;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "json-inventory",
    title: "findings or assets of any tool as a JSON list",
    specified_in: "members as the headings in exposome-intake/src/inventory/columns.rs",
    known_by: "a list of objects whose members name a subject and a vulnerability, a check or a product",
    recognise,
    reader: Reader::Stream(read),
};

/// Members that hold the list, where the document is not the list itself.
const LISTS: &[&str] = &[
    "findings",
    "results",
    "vulnerabilities",
    "items",
    "data",
    "assets",
    "devices",
    "records",
    "rows",
    "hosts",
    "value",
];

fn recognise(glimpse: &Glimpse<'_>) -> bool {
    let opens_list = glimpse.head.trim_ascii_start().starts_with(b"[");
    let keys = |outer: &str| -> Vec<String> {
        glimpse.members.iter().filter(|it| it.outer == outer).map(|it| it.key.to_owned()).collect()
    };
    let list = || LISTS.iter().map(|it| keys(it)).find(|it| !it.is_empty()).unwrap_or_default();
    let mut headings = if opens_list { keys("") } else { list() };
    headings.truncate(200);
    headings.dedup();
    let nested: Vec<String> = if opens_list {
        glimpse
            .members
            .iter()
            .filter(|it| !it.outer.is_empty())
            .map(|it| format!("{}.{}", it.outer, it.key))
            .take(100)
            .collect()
    } else {
        Vec::new()
    };
    headings.extend(nested);
    let columns =
        columns(&headings.iter().map(|it| short(it)).collect::<Vec<_>>(), &ColumnMap::default());
    let said = columns.iter().filter_map(|it| it.field).count();
    is_heading(&columns) && said >= 2
}

/// The name of a member as a heading: `asset.ip` is `ip` where the whole says nothing.
fn short(path: &str) -> String {
    let whole = columns(&[path.to_owned()], &ColumnMap::default());
    let known = whole.iter().any(|it| it.field.is_some());
    match path.rsplit_once('.') {
        Some((_, last)) if !known => last.to_owned(),
        _ => path.to_owned(),
    }
}

/// How many objects are held to learn the columns from.
const SAMPLE: usize = 200;
const COLUMNS_CAP: usize = 512;

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let want = |member: &str| if LISTS.contains(&member) { Want::Elements } else { Want::Nothing };
    let mut objects =
        Objects { paths: Vec::new(), late: Vec::new(), sample: Vec::new(), number: 0 };
    let mut refused = Vec::new();
    let mut table = Headed::new(document, None, "object", sink);
    let mut aside = Vec::new();
    let mut complaints = Aside(&mut aside);
    let result = walk(source, document, &mut complaints, want, |piece, complaints| {
        let Some(Raw(json)) = piece.parse(complaints) else { return Ok(()) };
        match serde_json::from_str::<Value>(json) {
            Ok(Value::Object(object)) => objects.take(Value::Object(object), &mut table),
            Ok(_) => refused.push((piece.place(), "it is not an object".to_owned())),
            Err(error) => refused.push((piece.place(), error.to_string())),
        }
        Ok(())
    });
    objects.learn(&mut table);
    let late = std::mem::take(&mut objects.late);
    for (place, why) in refused.into_iter().take(100) {
        table.complain(Complaint::refused(place, why));
    }
    for complaint in aside {
        table.complain(complaint);
    }
    for path in late {
        table.complain(Complaint::doubtful(
            "heading",
            format!("member {path:?} first appears after {SAMPLE} objects and is not read"),
        ));
    }
    let finished = table.finish();
    result.and(finished)
}

/// Keeps what is complained of while the table holds the sink.
struct Aside<'a>(&'a mut Vec<Complaint>);

impl Sink<Item> for Aside<'_> {
    fn record(&mut self, _: Item) {}

    fn complain(&mut self, complaint: Complaint) {
        if self.0.len() < 1_000 {
            self.0.push(complaint);
        }
    }
}

struct Objects {
    /// Path of each column, in order of first appearance.
    paths: Vec<String>,
    /// Paths that appeared when the columns were settled.
    late: Vec<String>,
    sample: Vec<Value>,
    number: u64,
}

impl Objects {
    fn take(&mut self, object: Value, table: &mut Headed<'_, '_>) {
        if table.has_heading() || table.is_hopeless() {
            self.row(&object, table);
            return;
        }
        self.sample.push(object);
        if self.sample.len() >= SAMPLE {
            self.learn(table);
        }
    }

    /// The columns are the members of the sample.
    fn learn(&mut self, table: &mut Headed<'_, '_>) {
        let sample = std::mem::take(&mut self.sample);
        if sample.is_empty() {
            return;
        }
        for object in &sample {
            each_value(object, "", 0, &mut |path, _| {
                if self.paths.len() < COLUMNS_CAP && !self.paths.iter().any(|it| it == path) {
                    self.paths.push(path.to_owned());
                }
            });
        }
        let headings: Vec<Cow<'_, str>> =
            self.paths.iter().map(|it| Cow::Owned(short(it))).collect();
        table.row(0, &headings);
        for object in &sample {
            self.row(object, table);
        }
    }

    fn row(&mut self, object: &Value, table: &mut Headed<'_, '_>) {
        self.number += 1;
        let mut cells: Vec<Cow<'_, str>> = vec![Cow::Borrowed(""); self.paths.len()];
        let (paths, late) = (&self.paths, &mut self.late);
        each_value(object, "", 0, &mut |path, text| {
            let at = paths.iter().position(|it| it == path);
            match at.and_then(|it| cells.get_mut(it)) {
                Some(cell) if cell.is_empty() => *cell = Cow::Owned(text),
                Some(cell) => *cell = Cow::Owned(format!("{cell};{text}")),
                None if late.len() < 20 && !late.iter().any(|it| it == path) => {
                    late.push(path.to_owned());
                }
                None => {}
            }
        });
        table.row(self.number, &cells);
    }
}

/// Each scalar of an object with its path.  Depth was bounded when the object was cut out.
fn each_value(value: &Value, path: &str, depth: usize, take: &mut dyn FnMut(&str, String)) {
    match value {
        Value::Object(members) if depth < 4 => {
            for (key, value) in members {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                each_value(value, &path, depth + 1, take);
            }
        }
        Value::Array(elements) => {
            for element in elements.iter().take(1_000) {
                each_value(element, path, depth + 1, take);
            }
        }
        Value::String(text) => take(path, text.clone()),
        Value::Number(number) => take(path, number.to_string()),
        Value::Bool(word) => take(path, word.to_string()),
        Value::Null | Value::Object(_) => {}
    }
}
