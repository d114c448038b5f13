//! An inventory as an Excel workbook, read as a CSV would be.
//!
//! The worksheet is the one that is named, else the first that has a heading.
//! Cells are read as they are shown where that matters: days as days, `9.30` with its zero,
//! a long number with all digits that the workbook still has.  Of a formula the last
//! result that the workbook holds is taken; nothing is computed.
//!
//! Format: ECMA-376 part 1, `SpreadsheetML` (18.2 workbook, 18.3 worksheets, 18.4 shared
//! strings, 18.8 styles) in a zip package (part 2).

use super::headed::Headed;
use super::text::quoted;
use super::xml::{Element, Node, walk};
use crate::unpack::zip::Archive;
use crate::{Document, Error, Format, Item, ReadSeek, Reader};
use exposome_model::reading::{Complaint, Kept, Sink};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) const FORMAT: Format = Format {
    id: "xlsx-inventory",
    title: "inventory, findings or relations as an Excel workbook",
    specified_in: "ECMA-376, SpreadsheetML; headings in exposome-intake/src/inventory/columns.rs",
    known_by: "a zip archive with xl/workbook.xml",
    recognise: |glimpse| glimpse.entries.iter().any(|it| it == WORKBOOK),
    reader: Reader::Seek(read),
};

const WORKBOOK: &str = "xl/workbook.xml";
/// A spreadsheet's own limit.
const COLUMNS_CAP: usize = 16_384;

fn read(
    source: &mut dyn ReadSeek,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut book =
        Book { archive: Archive::open(source, document.limits)?, document, plain: Vec::new() };
    let workbook = book.workbook()?;
    let targets = book.targets()?;
    let styles = book.styles()?;
    let strings = book.strings()?;
    let named = |sheet: &&WorkbookSheet| match &document.told.worksheet {
        Some(name) => sheet.name.eq_ignore_ascii_case(name),
        None => true,
    };
    let candidates: Vec<&WorkbookSheet> = workbook.sheets.iter().filter(named).collect();
    if candidates.is_empty() {
        let names: Vec<_> = workbook.sheets.iter().map(|it| quoted(&it.name)).collect();
        return Err(Error::Malformed {
            place: WORKBOOK.to_owned(),
            found: format!("the worksheets {}", names.join(", ")),
            expected: document.told.worksheet.clone().unwrap_or_else(|| "a worksheet".to_owned()),
        });
    }
    let cells =
        Cells { strings: &strings, styles: &styles, days_from_1904: workbook.days_from_1904 };
    let mut last = Ok(());
    for sheet in &candidates {
        let Some(entry) = targets.get(&sheet.relation) else { continue };
        let plain = book.entry(entry)?;
        let mut table = Headed::new(document, None, "row", &mut *sink);
        let walked = rows(&plain, document, &cells, &mut table);
        let found = table.has_heading();
        last = walked.and(table.finish());
        if found {
            let others: Vec<_> = workbook
                .sheets
                .iter()
                .filter(|it| it.name != sheet.name)
                .map(|it| quoted(&it.name))
                .take(20)
                .collect();
            if !others.is_empty() && document.told.worksheet.is_none() {
                let message = format!(
                    "worksheet {} was read; not read: {}",
                    quoted(&sheet.name),
                    others.join(", ")
                );
                sink.complain(Complaint::doubtful("the workbook", message));
            }
            return last;
        }
    }
    last
}

struct Book<'a> {
    archive: Archive<'a>,
    document: &'a Document<'a>,
    plain: Vec<u8>,
}

#[derive(Default)]
struct Workbook {
    sheets: Vec<WorkbookSheet>,
    /// Day 0 is 1 January 1904, not 31 December 1899.
    days_from_1904: bool,
}

struct WorkbookSheet {
    name: String,
    relation: String,
}

impl Book<'_> {
    /// An entry's plain bytes; what is not there is empty.
    fn entry(&mut self, name: &str) -> Result<Vec<u8>, Error> {
        self.plain.clear();
        if let Some(index) =
            self.archive.names().iter().position(|it| it.eq_ignore_ascii_case(name))
        {
            let length = self.archive.unpack(index, self.document.limits, &mut self.plain)?;
            self.plain.truncate(length);
        }
        Ok(std::mem::take(&mut self.plain))
    }

    fn each(
        &mut self,
        name: &str,
        mut visit: impl FnMut(&[String], Node<'_>),
    ) -> Result<(), Error> {
        let plain = self.entry(name)?;
        if plain.is_empty() {
            return Ok(());
        }
        let walked = walk(&mut &plain[..], self.document, &mut Kept::default(), |path, node, _| {
            visit(path, node);
        });
        walked.map_err(|error| within(name, error))
    }

    fn workbook(&mut self) -> Result<Workbook, Error> {
        let mut workbook = Workbook::default();
        self.each(WORKBOOK, |path, node| {
            let Node::Open(element) = node else { return };
            match path.last().map(String::as_str) {
                Some("workbookPr") => {
                    workbook.days_from_1904 = is_true(element.attribute("date1904").as_deref());
                }
                Some("sheet") => {
                    // The relation's attribute is `r:id`; the other `id` is `sheetId`.
                    let (name, relation) = (element.attribute("name"), element.attribute("id"));
                    workbook.sheets.extend(
                        name.zip(relation).map(|(name, relation)| WorkbookSheet { name, relation }),
                    );
                }
                _ => {}
            }
        })?;
        Ok(workbook)
    }

    /// Relation id -> entry of the worksheet.
    fn targets(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let mut targets = BTreeMap::new();
        self.each("xl/_rels/workbook.xml.rels", |path, node| {
            if let (Some("Relationship"), Node::Open(element)) =
                (path.last().map(String::as_str), node)
                && let (Some(id), Some(target)) =
                    (element.attribute("Id"), element.attribute("Target"))
            {
                let entry =
                    target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
                targets.insert(id, entry);
            }
        })?;
        Ok(targets)
    }

    fn strings(&mut self) -> Result<Vec<String>, Error> {
        let mut strings: Vec<String> = Vec::new();
        self.each("xl/sharedStrings.xml", |path, node| {
            match (path.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), node) {
                (["sst", "si"], Node::Open(_)) => strings.push(String::new()),
                (["sst", "si", "t"] | ["sst", "si", "r", "t"], Node::Close(text)) => {
                    strings.last_mut().into_iter().for_each(|it| it.push_str(text));
                }
                _ => {}
            }
        })?;
        Ok(strings)
    }

    /// How each cell style shows a number.
    fn styles(&mut self) -> Result<Vec<Shown>, Error> {
        let mut own: BTreeMap<u32, Shown> = BTreeMap::new();
        let mut styles = Vec::new();
        self.each("xl/styles.xml", |path, node| {
            let Node::Open(element) = node else { return };
            let id =
                || element.attribute("numFmtId").and_then(|it| it.parse::<u32>().ok()).unwrap_or(0);
            match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                ["styleSheet", "numFmts", "numFmt"] => {
                    own.insert(
                        id(),
                        shown_by_code(&element.attribute("formatCode").unwrap_or_default()),
                    );
                }
                ["styleSheet", "cellXfs", "xf"] => {
                    styles.push(own.get(&id()).copied().unwrap_or_else(|| shown_by_id(id())));
                }
                _ => {}
            }
        })?;
        Ok(styles)
    }
}

fn within(entry: &str, error: Error) -> Error {
    match error {
        Error::Malformed { place, found, expected } => {
            Error::Malformed { place: format!("{entry}, {place}"), found, expected }
        }
        Error::CutShort { place, expected } => {
            Error::CutShort { place: format!("{entry}, {place}"), expected }
        }
        other => other,
    }
}

fn is_true(value: Option<&str>) -> bool {
    matches!(value, Some("1" | "true"))
}

/// How a number is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Plain,
    /// With so many digits after the point.
    Decimals(usize),
    Day,
}

/// The number formats that every workbook has (ECMA-376 part 1, 18.8.30).
fn shown_by_id(id: u32) -> Shown {
    match id {
        1 | 3 => Shown::Decimals(0),
        2 | 4 => Shown::Decimals(2),
        14..=17 | 22 | 27..=36 | 50..=58 => Shown::Day,
        _ => Shown::Plain,
    }
}

/// A format of the workbook's own: a day if it shows a year, or a month with a day.
fn shown_by_code(code: &str) -> Shown {
    let mut letters = String::new();
    let mut rest = code.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '"' => drop(rest.by_ref().take_while(|it| *it != '"').count()),
            '[' => drop(rest.by_ref().take_while(|it| *it != ']').count()),
            '\\' | '_' | '*' => drop(rest.next()),
            ';' => break,
            other => letters.extend(other.to_lowercase()),
        }
    }
    if letters.contains('y') || (letters.contains('d') && letters.contains('m')) {
        return Shown::Day;
    }
    match letters.split_once('.') {
        Some((whole, decimals)) if whole.ends_with('0') && decimals.chars().all(|it| it == '0') => {
            Shown::Decimals(decimals.len())
        }
        None if letters == "0" => Shown::Decimals(0),
        _ => Shown::Plain,
    }
}

struct Cells<'b> {
    strings: &'b [String],
    styles: &'b [Shown],
    days_from_1904: bool,
}

/// Hands a worksheet's rows to the table.
fn rows(
    plain: &[u8],
    document: &Document<'_>,
    cells: &Cells<'_>,
    table: &mut Headed<'_, '_>,
) -> Result<(), Error> {
    let mut row: Vec<Cow<'_, str>> = Vec::new();
    let mut number = 0;
    let mut cell = OpenCell::default();
    let walked = walk(&mut &*plain, document, &mut Kept::default(), |path, node, _| {
        if table.is_hopeless() {
            return;
        }
        match (path.last().map(String::as_str), node) {
            (Some("row"), Node::Open(element)) => {
                row.clear();
                number =
                    element.attribute("r").and_then(|it| it.parse().ok()).unwrap_or(number + 1);
            }
            (Some("row"), Node::Close(_)) => {
                // Blank cells at the end of a row are not written.
                row.resize(row.len().max(table.width()), Cow::Borrowed(""));
                table.row(number, &row);
            }
            (Some("c"), Node::Open(element)) => cell = OpenCell::new(&element, row.len()),
            (Some("v"), Node::Close(text)) => cell.value = cells.value(&cell, text.trim()),
            (Some("t"), Node::Close(text)) => cell.value.push_str(text),
            (Some("c"), Node::Close(_)) if cell.column < COLUMNS_CAP => {
                row.resize(row.len().max(cell.column + 1), Cow::Borrowed(""));
                if let Some(place) = row.get_mut(cell.column) {
                    *place = Cow::Owned(std::mem::take(&mut cell.value));
                }
            }
            _ => {}
        }
    });
    walked.map_err(|error| within("the worksheet", error))
}

/// A cell being read.
#[derive(Default)]
struct OpenCell {
    column: usize,
    kind: String,
    style: Option<usize>,
    value: String,
}

impl OpenCell {
    fn new(element: &Element<'_>, next: usize) -> OpenCell {
        OpenCell {
            column: element.attribute("r").and_then(|it| column_of(&it)).unwrap_or(next),
            kind: element.attribute("t").unwrap_or_default(),
            style: element.attribute("s").and_then(|it| it.parse().ok()),
            value: String::new(),
        }
    }
}

/// `B5` is column 1.
fn column_of(reference: &str) -> Option<usize> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic);
    let mut column = 0_usize;
    for letter in letters {
        column = column
            .checked_mul(26)?
            .checked_add(usize::from(letter.to_ascii_uppercase() - b'A') + 1)?;
    }
    column.checked_sub(1)
}

impl Cells<'_> {
    fn value(&self, cell: &OpenCell, text: &str) -> String {
        match cell.kind.as_str() {
            "s" => text
                .parse::<usize>()
                .ok()
                .and_then(|it| self.strings.get(it))
                .cloned()
                .unwrap_or_default(),
            "b" => if text == "1" { "true" } else { "false" }.to_owned(),
            "str" | "inlineStr" | "e" | "d" => text.to_owned(),
            _ => self.number(cell, text),
        }
    }

    fn number(&self, cell: &OpenCell, text: &str) -> String {
        let shown = cell.style.and_then(|it| self.styles.get(it)).copied().unwrap_or(Shown::Plain);
        let Ok(number) = text.parse::<f64>() else { return text.to_owned() };
        match shown {
            Shown::Day => day(number, self.days_from_1904).unwrap_or_else(|| text.to_owned()),
            Shown::Decimals(decimals @ 1..=15) => format!("{number:.decimals$}"),
            // A workbook keeps 15 digits: what was longer is said to be lost.
            Shown::Plain | Shown::Decimals(_) if number.abs() >= 1e15 => {
                format!("{number:.5E}").replace('E', "E+")
            }
            Shown::Plain | Shown::Decimals(_) => number.to_string(),
        }
    }
}

/// The day that a number of days stands for; the time of the day is left.
fn day(number: f64, from_1904: bool) -> Option<String> {
    // Excel counts 29 February 1900, which never was; days before it are off by one.
    let (start, days) = if from_1904 {
        (jiff::civil::date(1904, 1, 1), number)
    } else {
        (jiff::civil::date(1899, 12, 30), number)
    };
    let days = (0.0..3_000_000.0).contains(&days).then_some(days.floor())?;
    let whole: i64 = format!("{days:.0}").parse().ok()?;
    start.checked_add(jiff::Span::new().try_days(whole).ok()?).ok().map(|it| it.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_that_shows_a_year_or_a_day_of_a_month_is_a_day() {
        for code in ["dd/mm/yyyy", "[$-409]d\\-mmm\\-yy;@", "yyyy\"年\"m", "D.M."] {
            assert_eq!(shown_by_code(code), Shown::Day, "{code}");
        }
        assert_eq!(shown_by_code("0.00"), Shown::Decimals(2));
        assert_eq!(shown_by_code("0"), Shown::Decimals(0));
        for code in ["General", "[Red]0.0%", "\"day\" 0.0x", "h:mm:ss", "@"] {
            assert_eq!(shown_by_code(code), Shown::Plain, "{code}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_shown() {
        let styles = [Shown::Plain, Shown::Decimals(2), Shown::Day];
        let cells = Cells { strings: &["text".to_owned()], styles: &styles, days_from_1904: false };
        let value = |kind: &str, style, text: &str| {
            let cell =
                OpenCell { kind: kind.to_owned(), style: Some(style), ..OpenCell::default() };
            cells.value(&cell, text)
        };
        assert_eq!(value("", 0, "9.3300000000000001"), "9.33");
        assert_eq!(value("", 1, "9.3"), "9.30");
        assert_eq!(value("", 0, "1.3048221E7"), "13048221");
        assert_eq!(value("", 0, "1.2345678901234567E+17"), "1.23457E+17");
        assert_eq!(value("", 2, "43557"), "2019-04-02");
        assert_eq!(value("", 2, "43557.75"), "2019-04-02");
        assert_eq!(value("", 2, "-1"), "-1");
        assert_eq!(value("s", 0, "0"), "text");
        assert_eq!(value("s", 0, "7"), "");
        assert_eq!(value("b", 0, "1"), "true");
        assert_eq!(value("e", 0, "#N/A"), "#N/A");
    }

    #[test]
    fn a_reference_names_its_column() {
        assert_eq!(column_of("A1"), Some(0));
        assert_eq!(column_of("AB12"), Some(27));
        assert_eq!(column_of("12"), None);
        assert_eq!(column_of(&"Z".repeat(40)), None);
    }
}
