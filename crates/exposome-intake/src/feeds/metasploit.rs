//! Metasploit modules: exploits that anybody can run.
//!
//! Repository rapid7/metasploit-framework, `db/modules_metadata_base.json`: one
//! object with a member for each module, which names the CVEs it uses among
//! its references.

use crate::feeds::{dates, words};
use crate::json::{self, Want};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::knowledge::{ExploitEntry, Record};
use exposome_model::reading::Sink;
use serde::Deserialize;
use std::borrow::Cow;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "metasploit",
    title: "Metasploit module metadata",
    specified_in: "rapid7/metasploit-framework, db/modules_metadata_base.json",
    known_by: "members that hold objects with fullname, rank and references",
    recognise: |glimpse| {
        ["fullname", "rank", "references"].iter().all(|key| glimpse.has_within(key))
    },
    reader: Reader::Stream(read),
};

#[derive(Deserialize)]
struct Module<'a> {
    fullname: String,
    rank: Option<i64>,
    disclosure_date: Option<String>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    references: Vec<Cow<'a, str>>,
}

/// Metasploit's ranking (documentation, "Exploit ranking").
const RANKS: &[(i64, &str)] = &[
    (600, "excellent"),
    (500, "great"),
    (400, "good"),
    (300, "normal"),
    (200, "average"),
    (100, "low"),
    (0, "manual"),
];

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    json::walk(
        source,
        document,
        sink,
        |_| Want::Whole,
        |piece, sink| {
            let Some(module) = piece.parse::<Module<'_>>(sink) else { return Ok(()) };
            let place = || format!("{}.disclosure_date", piece.place());
            let published = dates::said(module.disclosure_date.as_deref(), place, sink);
            let rank = RANKS
                .iter()
                .find(|(number, _)| Some(*number) == module.rank)
                .map(|(_, word)| (*word).to_owned());
            for cve in module.references.iter().filter(|reference| words::is_cve(reference)) {
                sink.record(Item::Knowledge(Record::Exploit(ExploitEntry {
                    vulnerability: cve.to_string(),
                    name: module.fullname.clone(),
                    published: published
                        .map(|moment| jiff::tz::Offset::UTC.to_datetime(moment).date()),
                    rank: rank.clone(),
                })));
            }
            Ok(())
        },
    )
}
