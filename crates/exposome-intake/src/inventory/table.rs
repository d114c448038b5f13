//! Rows under headings, from whatever document, to sheets.
//!
//! Rows that name one subject make one sheet, wherever in the table they stand,
//! so the sheets are handed over at the end.  What only the whole table shows
//! is judged there too: which of two orders the dates of a column are in, which
//! address stands in forty rows, which two columns were swapped.
//!
//! A value that a spreadsheet or a person has damaged is taken as unknown and
//! complained about; it never becomes a guess.

use super::bill::file_stem;
use super::columns::{Column, Field, lists_programs};
use super::components::{self, Doubt, Installed};
use super::text::{clip, quoted};
use super::values::{self, DateCell, DateOrder, Shape};
use crate::{Document, Item};
use exposome_model::inventory::{
    Attribute, Component, ComponentKind, FindingState, ScannerFinding, Sheet,
};
use exposome_model::network::Network;
use exposome_model::reading::{Complaint, Sink, Weight};
use jiff::civil::{Date, DateTime};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

/// A table being read.
pub(crate) struct Table<'s> {
    columns: Vec<Column>,
    judged: Vec<Judged>,
    date_order: Option<DateOrder>,
    as_of: Option<Date>,
    /// The machine that every row speaks of, where the table is the list of one machine's programs.
    only_subject: Option<String>,
    sheets: Vec<Sheet>,
    /// Digest of site and key -> the sheet.
    subjects: HashMap<u64, usize>,
    /// Digests of sheet and component, for sheets with many components.
    installed: HashSet<u64>,
    digests: RandomState,
    macs: BTreeMap<String, Holders>,
    pending: Vec<Pending>,
    /// How many cells the first row under the heading has.
    usual_cells: Option<usize>,
    complaints: Complaints<'s>,
}

/// What the values of one column have shown so far.
#[derive(Default)]
struct Judged {
    values: u32,
    foreign: BTreeMap<Shape, u32>,
    /// The first line that can only be read in one order.
    day_month: Option<u64>,
    month_day: Option<u64>,
}

/// The subjects that carry one address.
#[derive(Default)]
struct Holders {
    rows: u32,
    /// The first of them, and the others up to a bound.
    first: usize,
    others: Vec<usize>,
}

/// A day that only the rest of its column can tell.
struct Pending {
    column: usize,
    line: u64,
    sheet: usize,
    slot: Slot,
    day_month: DateTime,
    month_day: DateTime,
}

/// Where a day goes when it is known.
#[derive(Clone, Copy)]
enum Slot {
    Attribute(Attribute),
    /// Of the component at this index.
    Manufactured(Option<usize>),
    /// Of the findings in this range.
    FirstSeen(usize, usize),
    LastSeen(usize, usize),
}

/// One cell that says something.
struct Cell<'r> {
    column: usize,
    field: Field,
    value: Cow<'r, str>,
}

/// The most values one subject may have said of it besides components and findings.
const ATTRIBUTES_CAP: usize = 512;
const EVIDENCE_CAP: usize = 2_000;
/// Among how many components of a subject a row may complete one.
const REPEATS_SEEN: usize = 64;

impl<'s> Table<'s> {
    pub(crate) fn new(
        columns: Vec<Column>,
        document: &Document<'_>,
        unit: &'static str,
        sink: &'s mut dyn Sink<Item>,
    ) -> Table<'s> {
        let mut complaints = Complaints { sink, unit, counts: BTreeMap::new() };
        for column in &columns {
            let name = quoted(&column.heading);
            if column.doubles {
                complaints.one("heading", format!("column {name} says the same as an earlier column and is not read; a column map can choose between them"));
            } else if column.field.is_none() && !column.heading.trim().is_empty() {
                complaints.one("heading", format!("column {name} is not understood and is not read; a column map can say what it holds, or that it is ignored"));
            }
        }
        let only_subject =
            lists_programs(&columns).then(|| subject_of_list(document, &mut complaints));
        Table {
            judged: columns.iter().map(|_| Judged::default()).collect(),
            columns,
            date_order: document.told.columns.as_ref().and_then(|it| it.date_order),
            as_of: document.told.as_of,
            only_subject,
            sheets: Vec::new(),
            subjects: HashMap::new(),
            installed: HashSet::new(),
            digests: RandomState::new(),
            macs: BTreeMap::new(),
            pending: Vec::new(),
            usual_cells: None,
            complaints,
        }
    }

    /// A row that could not even be split into cells.
    pub(crate) fn refuse(&mut self, line: u64, why: String) {
        self.complaints.refused("unreadable row", None, line, || why);
    }

    /// Passes on what was wrong outside of a row.
    pub(crate) fn complain(&mut self, complaint: Complaint) {
        self.complaints.sink.complain(complaint);
    }

    /// Takes one row.
    pub(crate) fn row<'r>(&mut self, line: u64, values: impl Iterator<Item = Cow<'r, str>>) {
        let Some(cells) = self.cells(line, values) else { return };
        let row = Row { line, cells: &cells };
        if row.cells.is_empty() {
            return;
        }
        if let (Some(parent), Some(child)) = (row.first(Field::Parent), row.first(Field::Child)) {
            self.relation(&row, parent, child);
            return;
        }
        if let Some(key) = self.only_subject.clone() {
            let sheet = self.sheet(&row, key.clone());
            self.say(row.line, sheet, Attribute::AssetId, key);
            self.components(&row, sheet);
            return;
        }
        let Some(key) = subject(&row) else {
            self.complaints.refused("no subject", None, line, || {
                "the row says nothing by which to know its subject: expected an asset_id, serial, udi, mac, ip, host_name or name".to_owned()
            });
            return;
        };
        let sheet = self.sheet(&row, key);
        self.attributes(&row, sheet);
        self.components(&row, sheet);
        self.findings(&row, sheet);
    }

    /// Resolves what was left open and hands over the sheets, in the order of the document.
    pub(crate) fn finish(mut self) {
        for pending in std::mem::take(&mut self.pending) {
            self.resolve(&pending);
        }
        self.complain_of_columns();
        self.complain_of_shared_macs();
        self.complaints.close(&self.columns);
        let listed_whole =
            self.only_subject.is_some() && !self.complaints.counts.values().any(|it| it.refused);
        for mut sheet in self.sheets {
            if listed_whole {
                sheet.whole.push(ComponentKind::Application);
            }
            self.complaints.sink.record(Item::Sheet(sheet));
        }
    }

    /// The cells that say something, cleaned; `None` where the row cannot be trusted.
    fn cells<'r>(
        &mut self,
        line: u64,
        values: impl Iterator<Item = Cow<'r, str>>,
    ) -> Option<Vec<Cell<'r>>> {
        let mut cells = Vec::with_capacity(self.columns.len());
        let mut seen = 0;
        for (column, value) in values.enumerate() {
            seen = column + 1;
            let value = trimmed(value);
            let Some(known) = self.columns.get(column) else {
                if value.is_empty() {
                    continue;
                }
                let expected = self.columns.len();
                self.complaints.refused("too many cells", None, line, || {
                    format!("the row has more cells than the {expected} headings: an unquoted separator has shifted its values, so none were read")
                });
                return None;
            };
            let Some(field) = known.field.filter(|it| *it != Field::Ignored) else { continue };
            if let Some((field, value)) = self.cell(line, column, field, value) {
                cells.push(Cell { column, field, value });
            }
        }
        let usual = *self.usual_cells.get_or_insert(seen);
        if seen > self.columns.len() && seen != usual {
            self.complaints.doubtful("more cells than before", None, line, || {
                "the row has a cell more than the others: an unquoted separator may have shifted its values".to_owned()
            });
        }
        if seen < self.columns.len() && seen > 1 {
            let expected = self.columns.len();
            self.complaints.doubtful("too few cells", None, line, || {
                format!("the row has {seen} cells under {expected} headings; the missing ones are taken as unknown")
            });
        }
        Some(cells)
    }

    /// One value: what it says and where it belongs; `None` where nothing is known.
    fn cell<'r>(
        &mut self,
        line: u64,
        column: usize,
        field: Field,
        value: Cow<'r, str>,
    ) -> Option<(Field, Cow<'r, str>)> {
        use Attribute as A;
        let value = self.unprotected(line, column, value);
        let none_is_said = matches!(field, Field::Attribute(A::Serial) | Field::Options)
            && value.eq_ignore_ascii_case("none");
        if values::is_blank(&value) && !none_is_said {
            return None;
        }
        let damaged = matches!(
            field,
            Field::Attribute(A::AssetId | A::Serial | A::Udi | A::Mac | A::Model) | Field::Check
        ) && values::is_spreadsheet_number(&value);
        if damaged {
            self.complaints.doubtful("spreadsheet number", Some(column), line, || {
                format!("{} is a long number that a spreadsheet has shortened; its digits are lost and it is taken as unknown: export the column as text", quoted(&value))
            });
            return None;
        }
        if field == Field::Attribute(A::Serial) && values::is_default_serial(&value) {
            self.complaints.doubtful("default serial", Some(column), line, || {
                format!(
                    "{} is what stands where no serial number was entered; it is taken as unknown",
                    quoted(&value)
                )
            });
            return None;
        }
        if let Some(judged) = self.judged.get_mut(column) {
            judged.values += 1;
        }
        match foreign_shape(field, &value) {
            Some(shape) => self.foreign(line, column, shape, value),
            None if value.contains('\n') && !field.may_hold_lines() => {
                Some((field, Cow::Owned(one_line(&value))))
            }
            None => Some((field, value)),
        }
    }

    fn unprotected<'r>(&mut self, line: u64, column: usize, value: Cow<'r, str>) -> Cow<'r, str> {
        if !values::is_formula(&value) {
            return value;
        }
        let text = values::protected_text(&value).map(str::to_owned);
        self.complaints.doubtful("formula", Some(column), line, || match &text {
            Some(text) => format!(
                "{} is a spreadsheet formula; the text {} in it is kept",
                quoted(&value),
                quoted(text)
            ),
            None => format!(
                "{} is a spreadsheet formula; it is kept as text and never computed",
                quoted(&value)
            ),
        });
        text.map_or(value, Cow::Owned)
    }

    /// A value that stands in a column where it cannot belong.
    fn foreign<'r>(
        &mut self,
        line: u64,
        column: usize,
        shape: Shape,
        value: Cow<'r, str>,
    ) -> Option<(Field, Cow<'r, str>)> {
        if let Some(judged) = self.judged.get_mut(column) {
            *judged.foreign.entry(shape).or_default() += 1;
        }
        let belongs = match shape {
            Shape::Mac => Some(Field::Attribute(Attribute::Mac)),
            Shape::Ip => Some(Field::Attribute(Attribute::Ip)),
            Shape::Cpe => Some(Field::Cpe),
            Shape::Purl => Some(Field::Purl),
            Shape::Date | Shape::Cve => None,
        };
        self.complaints.doubtful("value of another column", Some(column), line, || {
            let taken = if belongs.is_some() { "read as such" } else { "taken as unknown" };
            format!(
                "{} is {} and stands in the wrong column; it is {taken}",
                quoted(&value),
                shape.words()
            )
        });
        belongs.map(|field| (field, value))
    }

    /// The sheet of a subject, made when it is first met.
    fn sheet(&mut self, row: &Row<'_, '_>, key: String) -> usize {
        let site = row.first(Field::Site);
        let next = self.sheets.len();
        let mut digest = self.digests.hash_one((site, &key));
        let at = loop {
            let at = *self.subjects.entry(digest).or_insert(next);
            let same =
                self.sheets.get(at).is_none_or(|it| it.key == key && it.site.as_deref() == site);
            if same {
                break at;
            }
            // Two subjects with one digest: the next number is as good.
            digest = digest.wrapping_add(1);
        };
        if at == next {
            let place = self.complaints.place(row.line);
            let site = site.map(str::to_owned);
            self.sheets.push(Sheet { key, site, place, ..Sheet::default() });
        }
        at
    }

    fn attributes(&mut self, row: &Row<'_, '_>, sheet: usize) {
        use Attribute as A;
        let about_a_program =
            row.first(Field::Software).is_some() && row.first(Field::Attribute(A::Model)).is_none();
        for cell in row.cells {
            let Field::Attribute(attribute) = cell.field else { continue };
            match attribute {
                // The maker of the row's program, not of the subject.
                A::Manufacturer if about_a_program => {}
                A::Mac => self.macs(row.line, cell, sheet),
                A::Ip => self.ips(row.line, cell, sheet),
                A::Subnet => self.subnets(row.line, cell, sheet),
                A::Exposure => self.exposure(row.line, cell, sheet),
                A::InstalledOn | A::ManufacturedOn => {
                    self.day(row.line, cell, sheet, Slot::Attribute(attribute));
                }
                A::DataClass | A::Feeds | A::ReachableBy | A::Control => {
                    for value in cell
                        .value
                        .split([';', ',', '|', '\n'])
                        .map(str::trim)
                        .filter(|it| !values::is_blank(it))
                    {
                        self.say(row.line, sheet, attribute, value.to_owned());
                    }
                }
                A::Serial | A::Model | A::Manufacturer => {
                    self.complain_of_conflict(row.line, cell, sheet, attribute);
                    self.say(row.line, sheet, attribute, one_line(&cell.value));
                }
                _ => self.say(row.line, sheet, attribute, one_line(&cell.value)),
            }
        }
    }

    /// Adds a value to what is said of a subject, once.
    fn say(&mut self, line: u64, sheet: usize, attribute: Attribute, value: String) {
        let Some(said) = self.sheets.get_mut(sheet).map(|it| &mut it.attributes) else { return };
        if said.iter().any(|it| it.0 == attribute && it.1 == value) {
            return;
        }
        if said.len() < ATTRIBUTES_CAP {
            said.push((attribute, value));
        } else {
            self.complaints.refused("too many values", None, line, || {
                format!("more than {ATTRIBUTES_CAP} different values are said of one subject; this one is not kept")
            });
        }
    }

    fn complain_of_conflict(
        &mut self,
        line: u64,
        cell: &Cell<'_>,
        sheet: usize,
        attribute: Attribute,
    ) {
        let Some(sheet) = self.sheets.get(sheet) else { return };
        let value = one_line(&cell.value);
        let Some(before) =
            sheet.first(attribute).filter(|before| !before.eq_ignore_ascii_case(&value))
        else {
            return;
        };
        self.complaints.doubtful("conflict", Some(cell.column), line, || {
            let (key, name) = (quoted(&sheet.key), attribute.name());
            format!(
                "{key} has the {name} {} here and {} before ({}); both are kept",
                quoted(&value),
                quoted(before),
                sheet.place
            )
        });
    }

    fn macs(&mut self, line: u64, cell: &Cell<'_>, sheet: usize) {
        for part in parts_unless(&cell.value, |it| values::mac(it).is_some()) {
            match values::mac(part) {
                Some(mac) if is_nobodys_mac(&mac) => {}
                Some(mac) => {
                    let holders = self
                        .macs
                        .entry(mac.clone())
                        .or_insert_with(|| Holders { first: sheet, ..Holders::default() });
                    holders.rows += 1;
                    let known = holders.first == sheet || holders.others.contains(&sheet);
                    if !known && holders.others.len() < 64 {
                        holders.others.push(sheet);
                    }
                    self.say(line, sheet, Attribute::Mac, mac);
                }
                None => self.not_a(line, cell, part, "a hardware (MAC) address"),
            }
        }
    }

    fn ips(&mut self, line: u64, cell: &Cell<'_>, sheet: usize) {
        for part in parts_unless(&cell.value, |it| values::ip(it).is_some()) {
            match values::ip(part) {
                Some(ip) if is_nobodys_ip(ip) => {}
                Some(ip) => self.say(line, sheet, Attribute::Ip, ip.to_string()),
                None if part.eq_ignore_ascii_case("dhcp")
                    || part.eq_ignore_ascii_case("static") => {}
                None => self.not_a(line, cell, part, "an IP address"),
            }
        }
    }

    fn subnets(&mut self, line: u64, cell: &Cell<'_>, sheet: usize) {
        for part in parts_unless(&cell.value, |it| it.parse::<Network>().is_ok()) {
            match part.parse::<Network>() {
                Ok(network) => self.say(line, sheet, Attribute::Subnet, network.to_string()),
                Err(why) => self.complaints.doubtful("subnet", Some(cell.column), line, || {
                    format!("{}: {why}; it is taken as unknown", quoted(part))
                }),
            }
        }
    }

    fn exposure(&mut self, line: u64, cell: &Cell<'_>, sheet: usize) {
        let value = cell.value.trim().to_ascii_lowercase();
        if ["open", "controlled", "small"].contains(&value.as_str()) {
            self.say(line, sheet, Attribute::Exposure, value);
        } else {
            self.not_a(line, cell, &cell.value, "open, controlled or small");
        }
    }

    fn not_a(&mut self, line: u64, cell: &Cell<'_>, value: &str, expected: &'static str) {
        self.complaints.doubtful(expected, Some(cell.column), line, || {
            format!("{} is not {expected}; it is taken as unknown", quoted(value))
        });
    }

    /// A day, or a moment of one, put where it belongs now or at the end.
    fn day(&mut self, line: u64, cell: &Cell<'_>, sheet: usize, slot: Slot) {
        let time = time_of(&cell.value);
        let known = match values::date(&cell.value) {
            DateCell::Day(day) => Some(day),
            DateCell::Telling(day, order) => {
                if let Some(judged) = self.judged.get_mut(cell.column) {
                    let seen = if order == DateOrder::DayMonth {
                        &mut judged.day_month
                    } else {
                        &mut judged.month_day
                    };
                    seen.get_or_insert(line);
                }
                if self.date_order.is_some_and(|given| given != order) {
                    self.complaints.doubtful("date against the map", Some(cell.column), line, || {
                        format!("{} cannot be read in the order that the column map gives; it is read as {day}", quoted(&cell.value))
                    });
                }
                Some(day)
            }
            DateCell::Ambiguous(day_month, month_day) => match self.date_order {
                Some(DateOrder::DayMonth) => Some(day_month),
                Some(DateOrder::MonthDay) => Some(month_day),
                None => {
                    let (day_month, month_day) =
                        (day_month.to_datetime(time), month_day.to_datetime(time));
                    self.pending.push(Pending {
                        column: cell.column,
                        line,
                        sheet,
                        slot,
                        day_month,
                        month_day,
                    });
                    None
                }
            },
            DateCell::NotAWholeDay => {
                if let Slot::Attribute(attribute) = slot {
                    self.say(line, sheet, attribute, one_line(&cell.value));
                }
                None
            }
            DateCell::NotADate => {
                if let Slot::Attribute(_) | Slot::FirstSeen(..) | Slot::LastSeen(..) = slot {
                    self.not_a(line, cell, &cell.value, "a date");
                }
                None
            }
        };
        if let Some(day) = known {
            self.complain_of_future(line, cell, day, slot);
            self.put(sheet, slot, day.to_datetime(time));
        }
    }

    fn complain_of_future(&mut self, line: u64, cell: &Cell<'_>, day: Date, slot: Slot) {
        let once = !matches!(slot, Slot::Manufactured(_));
        if self.as_of.is_some_and(|as_of| day > as_of) && once {
            self.complaints.doubtful("future date", Some(cell.column), line, || {
                format!("{} lies in the future", quoted(&cell.value))
            });
        }
    }

    fn put(&mut self, sheet: usize, slot: Slot, at: DateTime) {
        let stamp = at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|it| it.timestamp());
        if let Slot::Attribute(attribute) = slot {
            self.say(0, sheet, attribute, at.date().to_string());
            return;
        }
        let Some(sheet) = self.sheets.get_mut(sheet) else { return };
        match slot {
            Slot::Manufactured(component) => {
                let component = component.and_then(|it| sheet.components.get_mut(it));
                if let Some(component) = component {
                    component.manufactured_on = Some(at.date());
                }
            }
            Slot::FirstSeen(from, to) => {
                sheet
                    .findings
                    .get_mut(from..to)
                    .unwrap_or_default()
                    .iter_mut()
                    .for_each(|it| it.first_seen = stamp);
            }
            Slot::LastSeen(from, to) => {
                sheet
                    .findings
                    .get_mut(from..to)
                    .unwrap_or_default()
                    .iter_mut()
                    .for_each(|it| it.last_seen = stamp);
            }
            Slot::Attribute(_) => {}
        }
    }

    /// The other rows of a column tell the order of its dates, if they agree.
    fn resolve(&mut self, pending: &Pending) {
        let judged = self.judged.get(pending.column);
        let told = judged.map(|it| (it.day_month, it.month_day));
        match told {
            Some((Some(_), None)) => self.put(pending.sheet, pending.slot, pending.day_month),
            Some((None, Some(_))) => self.put(pending.sheet, pending.slot, pending.month_day),
            told => {
                if matches!(pending.slot, Slot::Manufactured(_)) {
                    return;
                }
                let (one, other) = (pending.day_month.date(), pending.month_day.date());
                let unit = self.complaints.unit;
                self.complaints.doubtful("ambiguous date", Some(pending.column), pending.line, || {
                    let why = match told {
                        Some((Some(day), Some(month))) => {
                            format!("{unit}s {day} and {month} of the column show both orders")
                        }
                        _ => "no row of the column tells which".to_owned(),
                    };
                    format!("the date can be {one} or {other}, and {why}; it is taken as unknown: give date_order in a column map")
                });
            }
        }
    }

    fn components(&mut self, row: &Row<'_, '_>, sheet: usize) {
        use Attribute as A;
        let options: Vec<&str> = row
            .all(Field::Options)
            .flat_map(|it| it.split([';', '\n']))
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .collect();
        let installed = Installed {
            manufacturer: row.first(Field::Attribute(A::Manufacturer)),
            model: row.first(Field::Attribute(A::Model)),
            called: row
                .first(Field::Attribute(A::Name))
                .filter(|it| row.first(Field::Attribute(A::AssetId)) != Some(*it)),
            firmware_version: row.first(Field::FirmwareVersion),
            software: row.first(Field::Software),
            software_version: row.first(Field::SoftwareVersion),
            software_vendor: row.first(Field::SoftwareVendor),
            os: row.first(Field::Os),
            os_version: row.first(Field::OsVersion),
            cpes: row.all(Field::Cpe).flat_map(|it| named_parts(it, "cpe:")).collect(),
            purls: row.all(Field::Purl).flat_map(|it| named_parts(it, "pkg:")).collect(),
            options,
            manufactured_on: None,
        };
        let bill = components::components(&installed);
        for doubt in &bill.doubts {
            self.complain_of_component(row.line, doubt);
        }
        let made_on = row.cells.iter().find(|it| it.field == Field::Attribute(A::ManufacturedOn));
        for component in bill.components {
            let device = component.kind == ComponentKind::Device;
            let at = self.install(sheet, component);
            if let (true, Some(cell)) = (device, made_on) {
                self.day(row.line, cell, sheet, Slot::Manufactured(at));
            }
        }
    }

    /// Puts a component on the sheet, or completes the one it repeats; gives its place there.
    fn install(&mut self, sheet: usize, component: Component) -> Option<usize> {
        let held = self.sheets.get_mut(sheet).map(|it| &mut it.components)?;
        let completed = held.iter().take(REPEATS_SEEN).position(|it| repeats(it, &component));
        if let Some(at) = completed {
            held.get_mut(at).into_iter().for_each(|it| complete(it, component.clone()));
            return Some(at);
        }
        let many = held.len() >= REPEATS_SEEN;
        if many
            && !self.installed.insert(self.digests.hash_one((sheet, &component)))
            && let Some(at) = held.iter().position(|it| *it == component)
        {
            return Some(at);
        }
        held.push(component);
        Some(held.len() - 1)
    }

    fn complain_of_component(&mut self, line: u64, doubt: &Doubt) {
        let (kind, message) = match doubt {
            Doubt::NotACpe(value, why) => (
                "not a cpe",
                format!("{} is not a usable CPE name: {why}; it is not kept", quoted(value)),
            ),
            Doubt::NotAPurl(value, why) => (
                "not a purl",
                format!("{} is not a package URL: {why}; it is not kept", quoted(value)),
            ),
            Doubt::VersionOfNothing("os_version") => ("version of nothing", "os_version is given without os; it is not kept".to_owned()),
            Doubt::VersionOfNothing(field) => ("version of nothing", format!("{field} is given without a product; it is not kept")),
            Doubt::UnevenPrograms => ("uneven programs", "several programs are named with another number of versions; their versions are taken as unknown".to_owned()),
        };
        self.complaints.doubtful(kind, None, line, || message);
    }

    fn findings(&mut self, row: &Row<'_, '_>, sheet: usize) {
        let check = row.first(Field::Check);
        let mut vulnerabilities: Vec<String> = Vec::new();
        for part in
            row.all(Field::Vulnerability).flat_map(|it| it.split([';', ',', '|', '\n', ' ']))
        {
            let id = part.trim().to_ascii_uppercase();
            if !id.is_empty() && !vulnerabilities.contains(&id) && vulnerabilities.len() < 1_000 {
                vulnerabilities.push(id);
            }
        }
        if check.is_none() && vulnerabilities.is_empty() {
            self.complain_of_empty_finding(row);
            return;
        }
        let evidence = row.all(Field::Evidence).collect::<Vec<_>>().join("\n");
        let finding = ScannerFinding {
            check: check.map(str::to_owned),
            vulnerability: None,
            state: self.state(row),
            title: row.first(Field::Title).map(one_line),
            severity: row.first(Field::Severity).map(one_line),
            first_seen: None,
            last_seen: None,
            evidence: (!evidence.is_empty()).then(|| clip(&evidence, EVIDENCE_CAP).to_owned()),
        };
        let Some(held) = self.sheets.get_mut(sheet).map(|it| &mut it.findings) else { return };
        let from = held.len();
        if vulnerabilities.is_empty() {
            held.push(finding);
        } else {
            held.extend(
                vulnerabilities
                    .into_iter()
                    .map(|id| ScannerFinding { vulnerability: Some(id), ..finding.clone() }),
            );
        }
        let to = held.len();
        for cell in row.cells {
            match cell.field {
                Field::FirstSeen => self.moment(row.line, cell, sheet, Slot::FirstSeen(from, to)),
                Field::LastSeen => self.moment(row.line, cell, sheet, Slot::LastSeen(from, to)),
                _ => {}
            }
        }
    }

    fn complain_of_empty_finding(&mut self, row: &Row<'_, '_>) {
        let about_a_finding = [Field::State, Field::Severity, Field::Title, Field::Evidence];
        if about_a_finding.into_iter().any(|field| row.first(field).is_some()) {
            self.complaints.refused("finding of nothing", None, row.line, || {
                "a finding names neither a vulnerability nor a check; it is not kept".to_owned()
            });
        }
    }

    fn state(&mut self, row: &Row<'_, '_>) -> FindingState {
        let Some(word) = row.first(Field::State) else { return FindingState::Open };
        state_in_words(word).unwrap_or_else(|| {
            self.complaints.doubtful("unknown state", None, row.line, || {
                format!("the state {} is not known; the finding is taken as open", quoted(word))
            });
            FindingState::Open
        })
    }

    /// A moment: exact where it is written so, else the beginning of its day in UTC.
    fn moment(&mut self, line: u64, cell: &Cell<'_>, sheet: usize, slot: Slot) {
        match exact_moment(&cell.value) {
            Some(moment) => {
                let at = moment.to_zoned(jiff::tz::TimeZone::UTC).datetime();
                self.complain_of_future(line, cell, at.date(), slot);
                self.put(sheet, slot, at);
            }
            None => self.day(line, cell, sheet, slot),
        }
    }

    /// A row of a relation export: what is part of what, what feeds what.
    fn relation(&mut self, row: &Row<'_, '_>, parent: &str, child: &str) {
        let word = row.first(Field::Relation).unwrap_or("contains");
        let Some(meaning) = relation_in_words(word) else {
            self.complaints.doubtful("unknown relation", None, row.line, || {
                format!("the relation {} is not known; expected one such as \"Contains\", \"Depends on\", \"Runs on\" or \"Sends data to\"", quoted(word))
            });
            return;
        };
        let (subject, attribute, object) = match meaning {
            Relation::ChildIsPart(role) => (child, (Attribute::PartOf, role), parent),
            Relation::ParentIsPart(role) => (parent, (Attribute::PartOf, role), child),
            Relation::ParentFeeds => (parent, (Attribute::Feeds, None), child),
            Relation::ChildFeeds => (child, (Attribute::Feeds, None), parent),
        };
        let sheet = self.sheet(row, subject.to_owned());
        self.say(row.line, sheet, attribute.0, object.to_owned());
        if let Some(role) = attribute.1 {
            self.say(row.line, sheet, Attribute::PartRole, role.to_owned());
        }
        for cell in row.cells {
            if let Field::Attribute(
                said @ (Attribute::Owner | Attribute::DataClass | Attribute::ManagedBy),
            ) = cell.field
            {
                self.say(row.line, sheet, said, one_line(&cell.value));
            }
        }
    }

    fn complain_of_columns(&mut self) {
        for (column, judged) in self.columns.iter().zip(&self.judged) {
            let most = judged.foreign.iter().max_by_key(|(_, count)| **count);
            let Some((shape, &count)) =
                most.filter(|(_, count)| **count * 2 > judged.values && **count > 1)
            else {
                continue;
            };
            let field = column.field.map_or("?", Field::name);
            self.complaints.one("heading", format!(
                "column {} ({field}) holds {} in {count} of {} rows: it looks swapped with another column",
                quoted(&column.heading), shape.words(), judged.values,
            ));
        }
    }

    fn complain_of_shared_macs(&mut self) {
        let shared = self.macs.iter().filter(|(_, holders)| !holders.others.is_empty());
        for (listed, (mac, holders)) in shared.enumerate() {
            if listed == 200 {
                self.complaints.one(
                    "the table",
                    "more hardware addresses are shared; no more are listed".to_owned(),
                );
                break;
            }
            let keys: Vec<_> = [holders.first]
                .iter()
                .chain(&holders.others)
                .filter_map(|it| self.sheets.get(*it))
                .map(|it| quoted(&it.key))
                .take(5)
                .collect();
            let more = if holders.others.len() >= keys.len() { " and others" } else { "" };
            self.complaints.one("the table", format!(
                "the hardware address {mac} stands in {} rows, for {}{more}: it cannot tell them apart", holders.rows, keys.join(", "),
            ));
        }
    }
}

/// The machine whose programs a table lists.
fn subject_of_list(document: &Document<'_>, complaints: &mut Complaints<'_>) -> String {
    document.told.subject.clone().unwrap_or_else(|| {
        let stem = file_stem(document.name).to_owned();
        complaints.one("the table", format!("the list does not say which machine it is of; it is taken to be {}, from the file's name", quoted(&stem)));
        stem
    })
}

/// The cells of one row.
struct Row<'c, 'r> {
    line: u64,
    cells: &'c [Cell<'r>],
}

impl<'c> Row<'c, '_> {
    fn first(&self, field: Field) -> Option<&'c str> {
        self.all(field).next()
    }

    fn all(&self, field: Field) -> impl Iterator<Item = &'c str> {
        self.cells.iter().filter(move |it| it.field == field).map(|it| it.value.as_ref())
    }
}

/// The key of a row's subject: its own number, else the strongest other name it has.
///
/// A serial number is one maker's.  An address may stand in many rows (a gateway's, a placeholder's), and a UDI without
/// a serial number is a model's: what the row is called tells them apart.
fn subject(row: &Row<'_, '_>) -> Option<String> {
    use Attribute as A;
    let said = |attribute| row.first(Field::Attribute(attribute)).map(one_line);
    let name = said(A::Name);
    let called = |key: String| match &name {
        Some(name) => format!("{key} {name}"),
        None => key,
    };
    let part = || name.clone().filter(|_| said(A::PartOf).is_some());
    let serial = || {
        let serial = said(A::Serial)?;
        Some(match said(A::Manufacturer) {
            Some(maker) => format!("serial {serial} of {maker}"),
            None => format!("serial {serial}"),
        })
    };
    let host_name = || said(A::HostName).filter(|it| !it.to_lowercase().starts_with("localhost"));
    let mac = || {
        let cell = row.first(Field::Attribute(A::Mac))?;
        let parts = parts_unless(cell, |it| values::mac(it).is_some());
        let mac = parts.into_iter().filter_map(values::mac).find(|mac| !is_nobodys_mac(mac))?;
        Some(called(format!("mac {mac}")))
    };
    let ip = || {
        let cell = row.first(Field::Attribute(A::Ip))?;
        let parts = parts_unless(cell, |it| values::ip(it).is_some());
        let ip = parts.into_iter().filter_map(values::ip).find(|ip| !is_nobodys_ip(*ip))?;
        Some(called(ip.to_string()))
    };
    let udi = || said(A::Udi).map(|udi| called(format!("udi {udi}")));
    said(A::AssetId)
        .or_else(part)
        .or_else(serial)
        .or_else(host_name)
        .or_else(mac)
        .or_else(ip)
        .or_else(udi)
        .or_else(|| name.clone())
        // A row of a zone sheet.
        .or_else(|| said(A::Subnet).map(|subnet| format!("subnet {subnet}")))
        .or_else(|| said(A::Exposure).and(said(A::Vlan)).map(|vlan| format!("vlan {vlan}")))
}

/// All zeros or all ones: what stands where no address was entered.
fn is_nobodys_mac(mac: &str) -> bool {
    mac == "00:00:00:00:00:00" || mac == "ff:ff:ff:ff:ff:ff"
}

fn is_nobodys_ip(ip: IpAddr) -> bool {
    ip.is_unspecified() || ip.is_loopback()
}

fn trimmed(value: Cow<'_, str>) -> Cow<'_, str> {
    let blank = |it: char| it.is_whitespace() || it == '\u{FEFF}' || it == '\0';
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(blank)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(blank).to_owned()),
    }
}

/// Line ends and runs of blanks become one blank.
fn one_line(value: &str) -> String {
    let mut line = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The values of a cell that lists several, unless it is one as it stands, or none.
fn parts_unless(value: &str, is_one: impl Fn(&str) -> bool) -> Vec<&str> {
    let parts = value.split([';', ',', '|', ' ', '\n', '\r', '\t']).map(str::trim);
    let parts: Vec<&str> = parts.filter(|it| !values::is_blank(it)).collect();
    if is_one(value) || !parts.iter().any(|it| is_one(it)) { vec![value] } else { parts }
}

/// The parts of a cell that each begin with `start`; a cell without any is one part.
fn named_parts<'v>(value: &'v str, start: &str) -> Vec<&'v str> {
    let mut parts = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let next = rest.get(1..).and_then(|it| it.find(start)).map(|it| it + 1);
        let separated = next.filter(|at| {
            rest.get(..*at).is_some_and(|it| it.ends_with([';', ',', '|', ' ', '\n', '\t']))
        });
        let (part, tail) = rest.split_at(separated.unwrap_or(rest.len()));
        parts.push(part.trim_matches([';', ',', '|', ' ', '\n', '\r', '\t']));
        rest = tail;
    }
    parts.retain(|it| !it.is_empty());
    parts
}

/// A shape that a value of this field cannot have.
fn foreign_shape(field: Field, value: &str) -> Option<Shape> {
    use Attribute as A;
    let expected = match field {
        Field::Attribute(A::Mac) => Some(Shape::Mac),
        Field::Attribute(A::Ip) => Some(Shape::Ip),
        Field::Attribute(A::InstalledOn | A::ManufacturedOn) => Some(Shape::Date),
        Field::Attribute(
            A::Serial | A::Model | A::Manufacturer | A::Udi | A::DeviceClass | A::Unit | A::Owner,
        )
        | Field::Os => None,
        _ => return None,
    };
    values::shape(value).filter(|shape| Some(*shape) != expected)
}

/// Whether a row repeats a component that is held, perhaps with more known of it.
fn repeats(held: &Component, new: &Component) -> bool {
    let agrees = |one: &Option<String>, other: &Option<String>| {
        one == other || one.is_none() || other.is_none()
    };
    let by_name = held.kind == new.kind
        && held.name.eq_ignore_ascii_case(&new.name)
        && held.vendor == new.vendor
        && agrees(&held.called, &new.called)
        && agrees(&held.version, &new.version)
        && agrees(&held.cpe, &new.cpe)
        && agrees(&held.purl, &new.purl);
    by_name || is_firmware_of(held, new) || is_firmware_of(new, held)
}

/// `o:bd:alaris_gs_firmware:2.3.7` beside `h:bd:alaris_gs:-` is the firmware of that device.
fn is_firmware_of(firmware: &Component, device: &Component) -> bool {
    let product = |one: &Component, part: &str| {
        let name = one.cpe.as_deref()?.strip_prefix("cpe:2.3:")?.strip_prefix(part)?;
        let mut values = name.split(':');
        Some((values.next()?.to_owned(), values.next()?.to_owned()))
    };
    let (Some(of), Some((vendor, own))) = (product(device, "h:"), product(firmware, "o:")) else {
        return false;
    };
    let no_version = device.version.is_none() || device.version == firmware.version;
    no_version
        && own.strip_suffix("_firmware").is_some_and(|own| (vendor.as_str(), own) == (&of.0, &of.1))
}

fn complete(held: &mut Component, new: Component) {
    // The name of the firmware says more than that of the hardware: it has the version.
    if is_firmware_of(&new, held) {
        held.cpe = None;
    }
    held.called = held.called.take().or(new.called);
    held.version = held.version.take().or(new.version);
    held.cpe = held.cpe.take().or(new.cpe);
    held.purl = held.purl.take().or(new.purl);
    for option in new.options {
        if held.options.len() < ATTRIBUTES_CAP && !held.options.contains(&option) {
            held.options.push(option);
        }
    }
}

/// The time after a day, where there is one.
fn time_of(value: &str) -> jiff::civil::Time {
    let time = value.split_once(['T', ' ']).map(|(_, time)| time.trim());
    time.and_then(|it| it.parse().ok()).unwrap_or(jiff::civil::Time::midnight())
}

/// RFC 3339 with its zone, or seconds or milliseconds since 1970.
fn exact_moment(value: &str) -> Option<jiff::Timestamp> {
    if value.bytes().all(|it| it.is_ascii_digit()) {
        return match value.len() {
            10 => jiff::Timestamp::from_second(value.parse().ok()?).ok(),
            13 => jiff::Timestamp::from_millisecond(value.parse().ok()?).ok(),
            _ => None,
        };
    }
    value.parse().ok()
}

/// What scanners and trackers call the states of a finding.
pub(crate) fn state_in_words(word: &str) -> Option<FindingState> {
    const WORDS: &[(FindingState, &[&str])] = &[
        (
            FindingState::Open,
            &[
                "open",
                "active",
                "new",
                "reopened",
                "resurfaced",
                "vulnerable",
                "affected",
                "exploitable",
                "detected",
                "unresolved",
                "confirmed",
                "verified",
                "inprogress",
                "todo",
                "triage",
                "intriage",
                "underinvestigation",
                "true",
                "yes",
                "fail",
                "failed",
                "unpatched",
                "existing",
                "persistent",
                "ongoing",
            ],
        ),
        (
            FindingState::Fixed,
            &[
                "fixed",
                "closed",
                "resolved",
                "remediated",
                "patched",
                "mitigated",
                "done",
                "inactive",
                "false",
                "no",
                "pass",
                "passed",
                "notdetected",
                "gone",
                "resolvedwithpedigree",
                "autoclosed",
            ],
        ),
        (
            FindingState::Suppressed,
            &[
                "suppressed",
                "accepted",
                "riskaccepted",
                "acceptedrisk",
                "falsepositive",
                "ignored",
                "exception",
                "excepted",
                "notaffected",
                "notapplicable",
                "outofscope",
                "duplicate",
                "muted",
                "dismissed",
                "wontfix",
                "waived",
                "hidden",
                "recast",
            ],
        ),
    ];
    let squashed = values::squash(word);
    WORDS.iter().find(|(_, words)| words.contains(&squashed.as_str())).map(|(state, _)| *state)
}

/// What a relation between two configuration items means here.
enum Relation {
    /// The role says what the part does, where the relation tells.
    ChildIsPart(Option<&'static str>),
    ParentIsPart(Option<&'static str>),
    ParentFeeds,
    ChildFeeds,
}

/// Relations as CMDBs name them; of `Contains::Contained by` the first half is read.
fn relation_in_words(word: &str) -> Option<Relation> {
    let first = word.split("::").next().unwrap_or(word);
    Some(match values::squash(first).as_str() {
        "contains" | "consistsof" | "dependson" | "uses" | "has" | "comprises" | "includes"
        | "hasmember" | "parentof" | "requires" => Relation::ChildIsPart(None),
        "runson" | "hostedon" | "installedon" | "virtualizedby" => {
            Relation::ChildIsPart(Some("server"))
        }
        "containedby" | "partof" | "usedby" | "memberof" | "members" | "belongsto"
        | "componentof" | "childof" | "supports" => Relation::ParentIsPart(None),
        "runs" | "hosts" => Relation::ParentIsPart(Some("server")),
        "sendsdatato" | "feeds" | "sendsto" | "providesdatato" | "exportsto" | "dataflowto"
        | "interfacesto" => Relation::ParentFeeds,
        "receivesdatafrom" | "fedby" | "receivesfrom" | "importsfrom" | "consumesdatafrom" => {
            Relation::ChildFeeds
        }
        _ => return None,
    })
}

/// Complaints, with a bound on how often one is repeated.
struct Complaints<'s> {
    sink: &'s mut dyn Sink<Item>,
    /// `line` or `row`.
    unit: &'static str,
    counts: BTreeMap<(&'static str, Option<usize>), Repeated>,
}

#[derive(Default)]
struct Repeated {
    times: u64,
    last_line: u64,
    refused: bool,
}

/// How often one complaint of one column is made before it is only counted.
const REPEATS_CAP: u64 = 20;

impl Complaints<'_> {
    fn place(&self, line: u64) -> String {
        format!("{} {line}", self.unit)
    }

    fn one(&mut self, place: &str, message: String) {
        self.sink.complain(Complaint::doubtful(place, message));
    }

    fn doubtful(
        &mut self,
        kind: &'static str,
        column: Option<usize>,
        line: u64,
        message: impl FnOnce() -> String,
    ) {
        self.say(kind, column, line, false, message);
    }

    fn refused(
        &mut self,
        kind: &'static str,
        column: Option<usize>,
        line: u64,
        message: impl FnOnce() -> String,
    ) {
        self.say(kind, column, line, true, message);
    }

    fn say(
        &mut self,
        kind: &'static str,
        column: Option<usize>,
        line: u64,
        refused: bool,
        message: impl FnOnce() -> String,
    ) {
        let repeated = self.counts.entry((kind, column)).or_default();
        repeated.times += 1;
        repeated.last_line = line;
        repeated.refused |= refused;
        if repeated.times > REPEATS_CAP {
            return;
        }
        let place = column.map_or_else(
            || self.place(line),
            |it| format!("{}, column {}", self.place(line), it + 1),
        );
        let weight = if refused { Weight::Refused } else { Weight::Doubtful };
        self.sink.complain(Complaint { weight, place, message: message() });
    }

    /// Says how many complaints were only counted.
    fn close(&mut self, columns: &[Column]) {
        for ((kind, column), repeated) in &self.counts {
            if repeated.times <= REPEATS_CAP {
                continue;
            }
            let heading = column
                .and_then(|it| columns.get(it))
                .map(|it| format!(" in column {}", quoted(&it.heading)));
            let more = repeated.times - REPEATS_CAP;
            let message = format!(
                "{more} more of the kind \"{kind}\"{}, not listed",
                heading.unwrap_or_default()
            );
            let weight = if repeated.refused { Weight::Refused } else { Weight::Doubtful };
            let place = format!("up to {}", self.place(repeated.last_line));
            self.sink.complain(Complaint { weight, place, message });
        }
    }
}
