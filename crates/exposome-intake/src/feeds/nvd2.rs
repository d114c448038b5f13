//! The American National Vulnerability Database, JSON 2.0.
//!
//! What NIST adds to a CVE: scores, weaknesses, and configurations of CPE names
//! that say which combination of products it needs (NVD CVE API 2.0,
//! `cve_api_json_2.0.schema.json`).  Pages of the API and the yearly feed files
//! have the same shape.  Records in the same shape that hold nothing but
//! configurations stand in for those that NIST has not written (repository
//! anchore/nvd-data-overrides).

use crate::feeds::configuration::{self, Configuration};
use crate::feeds::once::Once;
use crate::feeds::severity::Cvss;
use crate::feeds::words::{self, Text};
use crate::feeds::{dates, is_cve};
use crate::json::{self, Piece, Want};
use crate::{Document, Edition, Error, Format, Item, Reader};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, ExploitationNote, Record, Severity, Statement,
};
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;
use std::borrow::Cow;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "nvd-2.0",
    title: "NVD records 2.0 (API page or feed file)",
    specified_in: "NIST, NVD CVE API 2.0 (cve_api_json_2.0.schema.json)",
    known_by: "format NVD_CVE, or resultsPerPage with vulnerabilities of objects with cve",
    recognise: |glimpse| {
        glimpse.value("format") == Some("NVD_CVE")
            || (glimpse.has("resultsPerPage") && glimpse.has_in("vulnerabilities", "cve"))
    },
    reader: Reader::Stream(read),
};

pub(super) const OVERRIDE: Format = Format {
    id: "nvd-override",
    title: "configurations in NVD's shape that stand in for missing ones",
    specified_in: "anchore/nvd-data-overrides, data/",
    known_by: "the members _annotation and cve.configurations",
    recognise: |glimpse| glimpse.has_in("_annotation", "cve_id"),
    reader: Reader::Whole(read_override),
};

#[derive(Deserialize)]
struct Vulnerability<'a> {
    #[serde(borrow)]
    cve: Cve<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve<'a> {
    id: String,
    #[serde(borrow, default)]
    vuln_status: Cow<'a, str>,
    published: Option<String>,
    last_modified: Option<String>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    descriptions: Vec<Text<'a>>,
    #[serde(default)]
    metrics: Metrics,
    #[serde(borrow, default, deserialize_with = "json::list")]
    weaknesses: Vec<Weakness<'a>>,
    #[serde(default, deserialize_with = "json::list")]
    configurations: Vec<Configuration>,
    cisa_exploit_add: Option<String>,
}

#[derive(Deserialize, Default)]
struct Metrics {
    #[serde(rename = "cvssMetricV40", default, deserialize_with = "json::list")]
    v40: Vec<Metric>,
    #[serde(rename = "cvssMetricV31", default, deserialize_with = "json::list")]
    v31: Vec<Metric>,
    #[serde(rename = "cvssMetricV30", default, deserialize_with = "json::list")]
    v30: Vec<Metric>,
    #[serde(rename = "cvssMetricV2", default, deserialize_with = "json::list")]
    v2: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    source: Option<String>,
    cvss_data: Cvss,
}

#[derive(Deserialize)]
struct Weakness<'a> {
    #[serde(borrow, default, deserialize_with = "json::list")]
    description: Vec<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Override<'a> {
    #[serde(borrow, rename = "_annotation")]
    annotation: Annotation<'a>,
    cve: Overriding,
}

#[derive(Deserialize)]
struct Annotation<'a> {
    cve_id: String,
    #[serde(borrow, default)]
    description: Cow<'a, str>,
    modified: Option<String>,
    published: Option<String>,
}

#[derive(Deserialize)]
struct Overriding {
    #[serde(default, deserialize_with = "json::list")]
    configurations: Vec<Configuration>,
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
        "version" | "timestamp" | "totalResults" => Want::Whole,
        _ => Want::Nothing,
    };
    json::walk(source, document, sink, want, |piece, sink| {
        match piece.member {
            "version" => edition.version = known_version(piece, sink),
            "timestamp" => {
                edition.released = dates::said(piece.parse(sink), || piece.place(), sink);
            }
            "totalResults" => edition.count = piece.parse(sink),
            _ => {
                if let Some(Vulnerability { cve }) = piece.parse(sink)
                    && is_cve(&cve.id, || format!("{}.cve.id", piece.place()), sink)
                    && once.first(&cve.id, || piece.place(), sink)
                {
                    let advisory = advisory(cve, &piece.place(), sink);
                    sink.record(Item::Knowledge(Record::Advisory(Box::new(advisory))));
                }
            }
        }
        Ok(())
    })?;
    sink.record(Item::Edition(edition));
    Ok(())
}

fn known_version(piece: &Piece<'_>, sink: &mut dyn Sink<Item>) -> Option<String> {
    let version: String = piece.parse(sink)?;
    if !version.starts_with("2.") {
        let message = format!("version {} is read as if it were 2.0", words::quoted(&version));
        sink.complain(Complaint::doubtful("version", message));
    }
    Some(version)
}

fn advisory(cve: Cve<'_>, place: &str, sink: &mut dyn Sink<Item>) -> Advisory {
    let date = |date: Option<&str>, name: &str, sink: &mut dyn Sink<Item>| {
        dates::said(date, || format!("{place}.cve.{name}"), sink)
    };
    let rejected = cve.vuln_status.eq_ignore_ascii_case("Rejected");
    let Metrics { v40, v31, v30, v2 } = cve.metrics;
    let added = cve.cisa_exploit_add.as_deref().and_then(dates::day);
    Advisory {
        publisher: "nvd".to_owned(),
        document: cve.id.clone(),
        vulnerability: cve.id,
        kind: AdvisoryKind::Record,
        state: if rejected { AdvisoryState::Withdrawn } else { AdvisoryState::Published },
        title: words::title(None, || words::english(&cve.descriptions).next()),
        published: date(cve.published.as_deref(), "published", sink),
        modified: date(cve.last_modified.as_deref(), "lastModified", sink),
        severities: [v40, v31, v30, v2].into_iter().flatten().filter_map(severity).collect(),
        weaknesses: words::weaknesses(
            cve.weaknesses.iter().flat_map(|w| &w.description).map(|text| &*text.value),
        ),
        ssvc: None,
        exploitation: added.map(ExploitationNote::kev).into_iter().collect(),
        statements: configuration::statements(cve.configurations).collect(),
        remedies: Vec::new(),
    }
}

/// NIST's own scores need no source.
fn severity(metric: Metric) -> Option<Severity> {
    metric.cvss_data.severity(metric.source.filter(|source| source != "nvd@nist.gov"))
}

fn read_override(bytes: &[u8], _: &Document<'_>, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
    let Override { annotation, cve } = json::document(bytes)?;
    if !is_cve(&annotation.cve_id, || "_annotation.cve_id".into(), sink) {
        return Ok(());
    }
    let statements: Vec<Statement> = configuration::statements(cve.configurations).collect();
    let date = |date: &Option<String>, name: &str, sink: &mut dyn Sink<Item>| {
        dates::said(date.as_deref(), || format!("_annotation.{name}"), sink)
    };
    let advisory = Advisory {
        title: words::title(Some(&annotation.description), || None),
        published: date(&annotation.published, "published", sink),
        modified: date(&annotation.modified, "modified", sink),
        statements,
        ..Advisory::new("nvd-overrides", AdvisoryKind::Override, annotation.cve_id)
    };
    sink.record(Item::Knowledge(Record::Advisory(Box::new(advisory))));
    Ok(())
}
