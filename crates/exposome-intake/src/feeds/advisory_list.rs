//! The list of all CISA ICS and medical advisories that volunteers keep.
//!
//! ICS Advisory Project (repository icsadvprj/ICS-Advisory-Project,
//! `CISA_ICS_ADV_Master.csv`): a row for each advisory, with its products in one
//! free text and its CVEs in one field.  It reaches further back and is sooner
//! up to date than the CSAF documents it retells, and says less: where the CSAF
//! document is at hand, that is the one to believe.

use crate::feeds::words;
use crate::inventory::rows::{Row, Rows};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, Product, Record, Statement, Status, Target, VersionRow, Versions,
};
use exposome_model::reading::{Complaint, Sink};
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "ics-advisory-list",
    title: "list of CISA ICS advisories (ICS Advisory Project)",
    specified_in: "icsadvprj/ICS-Advisory-Project, CISA_ICS_ADV_Master.csv",
    known_by: "the columns ICS-CERT_Number and Products_Affected",
    recognise: |glimpse| {
        let heading = glimpse.first_line();
        heading.contains("ICS-CERT_Number") && heading.contains("Products_Affected")
    },
    reader: Reader::Stream(read),
};

/// The columns that are read, in the order in which a row is taken apart.
const COLUMNS: [&str; 9] = [
    "ICS-CERT_Number",
    "ICS-CERT_Advisory_Title",
    "Original_Release_Date",
    "Last_Updated",
    "Vendor",
    "Product",
    "Products_Affected",
    "CVE_Number",
    "CWE_Number",
];

fn read(
    source: &mut dyn BufRead,
    _: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut rows = Rows::open(source, Some(',')).map_err(Error::source("line 1"))?;
    let mut places: Option<[usize; 9]> = None;
    loop {
        let place = rows.place();
        let row = rows.next().map_err(Error::source(place))?;
        let (line, fields) = match row {
            Row::End => return Ok(()),
            Row::Refused { line, why } => {
                sink.complain(Complaint::refused(format!("line {line}"), why.message()));
                continue;
            }
            Row::Fields { line, fields } => (line, fields.iter().collect::<Vec<_>>()),
        };
        let Some(columns) = places else {
            let place = |name: &str| fields.iter().position(|field| field.trim() == name);
            let found = COLUMNS.map(place);
            if let Some(missing) = COLUMNS.iter().zip(found).find(|(_, found)| found.is_none()) {
                let (found, expected) =
                    ("another heading".to_owned(), format!("the column {}", missing.0));
                return Err(Error::Malformed { place: "line 1".into(), found, expected });
            }
            places = Some(found.map(Option::unwrap_or_default));
            continue;
        };
        let values = columns.map(|column| fields.get(column).map_or("", |field| field.trim()));
        if fields.len() > 1 {
            take(values, &format!("line {line}"), sink);
        }
    }
}

fn take(values: [&str; 9], place: &str, sink: &mut dyn Sink<Item>) {
    let [document, title, published, modified, vendor, product, affected, cves, cwes] = values;
    if document.is_empty() {
        sink.complain(Complaint::refused(place, "the row has no ICS-CERT_Number"));
        return;
    }
    let kept = |text: &str| Some(words::beginning(text, 1000)).filter(|text| !text.is_empty());
    let named = Product { vendor: kept(vendor), name: kept(product), ..Product::default() };
    let versions = kept(affected).map_or(Versions::Any, Versions::Text);
    let mut advisory = Advisory {
        title: words::title(Some(title), || None),
        published: american(published),
        modified: american(modified),
        weaknesses: words::weaknesses(cwes.split(',')),
        statements: vec![Statement {
            target: Target::Product(Box::new(named)),
            default: Status::Unknown,
            versions: vec![VersionRow { versions, status: Status::Affected }],
            justification: None,
        }],
        ..Advisory::new("icsadvprj", AdvisoryKind::Advisory, document)
    };
    let mut named = cves.split([',', ';', ' ']).filter(|cve| words::is_cve(cve)).peekable();
    if named.peek().is_none() {
        sink.record(Item::Knowledge(Record::Advisory(Box::new(advisory.clone()))));
    }
    for cve in named {
        cve.clone_into(&mut advisory.vulnerability);
        sink.record(Item::Knowledge(Record::Advisory(Box::new(advisory.clone()))));
    }
}

/// `8/20/2026`: the list is American throughout.
fn american(text: &str) -> Option<jiff::Timestamp> {
    let mut parts = text.split('/').map(|part| part.trim().parse::<i16>().ok());
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    let date = jiff::civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_comes_first() {
        assert_eq!(american("8/20/2026").unwrap().to_string(), "2026-08-20T00:00:00Z");
        assert_eq!(american("20/8/2026"), None);
        assert_eq!(american(""), None);
    }
}
