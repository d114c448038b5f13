//! CISA's catalogue of known exploited vulnerabilities.
//!
//! What attackers are known to have used.  One JSON object with the list
//! `vulnerabilities`; specified by CISA's
//! `known_exploited_vulnerabilities_schema.json`.  A due date may lie before the
//! date of listing: old entries were listed anew.

use crate::feeds::{dates, is_cve, once::Once, words};
use crate::json::{self, Want};
use crate::{Document, Edition, Error, Format, Item, Reader};
use exposome_model::knowledge::{KevEntry, Record};
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "kev",
    title: "CISA catalogue of known exploited vulnerabilities",
    specified_in: "CISA, known_exploited_vulnerabilities_schema.json",
    known_by: "the members catalogVersion and vulnerabilities",
    recognise: |glimpse| {
        glimpse.has("catalogVersion") || glimpse.has_in("vulnerabilities", "cveID")
    },
    reader: Reader::Stream(read),
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    cve: String,
    vendor_project: String,
    product: String,
    vulnerability_name: String,
    date_added: String,
    due_date: Option<String>,
    required_action: String,
    known_ransomware_campaign_use: Option<String>,
}

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut once = Once::default();
    let mut edition = Edition::default();
    let want = |name: &str| match name {
        "vulnerabilities" => Want::Elements,
        "catalogVersion" | "dateReleased" | "count" => Want::Whole,
        _ => Want::Nothing,
    };
    json::walk(source, document, sink, want, |piece, sink| {
        match piece.member {
            "catalogVersion" => edition.version = piece.parse(sink),
            "dateReleased" => {
                edition.released = dates::said(piece.parse(sink), || piece.place(), sink);
            }
            "count" => edition.count = piece.parse(sink),
            _ => {
                if let Some(entry) = piece.parse::<Entry>(sink)
                    && once.first(&entry.cve, || piece.place(), sink)
                {
                    take(entry, &piece.place(), sink);
                }
            }
        }
        Ok(())
    })?;
    if edition.count.is_some_and(|count| count != once.count()) {
        let (said, found) = (edition.count.unwrap_or_default(), once.count());
        sink.complain(Complaint::doubtful(
            "count",
            format!("it says {said} entries, there are {found}"),
        ));
    }
    sink.record(Item::Edition(edition));
    Ok(())
}

fn take(entry: Entry, place: &str, sink: &mut dyn Sink<Item>) {
    if !is_cve(&entry.cve, || format!("{place}.cveID"), sink) {
        return;
    }
    let Some(added) = dates::day(&entry.date_added) else {
        let message = format!("{} is no date such as 2026-08-07", words::quoted(&entry.date_added));
        return sink.complain(Complaint::refused(format!("{place}.dateAdded"), message));
    };
    let due = entry.due_date.filter(|due| !due.is_empty());
    let due_on = due.as_deref().and_then(dates::day);
    if let (Some(due), None) = (due, due_on) {
        let message = format!("{} is no date such as 2026-08-07", words::quoted(&due));
        sink.complain(Complaint::doubtful(format!("{place}.dueDate"), message));
    }
    sink.record(Item::Knowledge(Record::Kev(KevEntry {
        vulnerability: entry.cve,
        vendor: entry.vendor_project,
        product: entry.product,
        name: entry.vulnerability_name,
        added,
        due: due_on,
        required_action: entry.required_action,
        ransomware: match entry.known_ransomware_campaign_use.as_deref() {
            Some("Known") => Some(true),
            // "Unknown" is all the catalogue ever says otherwise.
            _ => None,
        },
    })));
}
