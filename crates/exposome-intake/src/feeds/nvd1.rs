//! The American National Vulnerability Database, JSON 1.1: archives of what was
//! published until the end of 2023.
//!
//! NIST, `nvd_cve_feed_json_1.1.schema`.  Configurations are trees of nodes with
//! `children`; rejection is a word at the beginning of the description.

use crate::feeds::configuration::{self, Match, Operator};
use crate::feeds::once::Once;
use crate::feeds::severity::Cvss;
use crate::feeds::words::{self, Text};
use crate::feeds::{dates, is_cve};
use crate::json::{self, Want};
use crate::{Document, Edition, Error, Format, Item, Reader};
use exposome_model::knowledge::{Advisory, AdvisoryKind, AdvisoryState, Node, Record};
use exposome_model::reading::Sink;
use serde::Deserialize;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "nvd-1.1",
    title: "NVD records 1.1 (archive)",
    specified_in: "NIST, nvd_cve_feed_json_1.1.schema",
    known_by: "the members CVE_data_type and CVE_Items",
    recognise: |glimpse| glimpse.has("CVE_Items") || glimpse.has("CVE_data_numberOfCVEs"),
    reader: Reader::Stream(read),
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(borrow)]
    cve: Cve<'a>,
    #[serde(default)]
    configurations: Configurations,
    #[serde(default)]
    impact: Impact,
    published_date: Option<String>,
    last_modified_date: Option<String>,
}

#[derive(Deserialize)]
struct Cve<'a> {
    #[serde(rename = "CVE_data_meta")]
    meta: Meta,
    #[serde(borrow, default, rename = "problemtype")]
    problem_type: ProblemType<'a>,
    #[serde(borrow, default)]
    description: Description<'a>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "ID")]
    id: String,
}

#[derive(Deserialize, Default)]
struct ProblemType<'a> {
    #[serde(borrow, default, rename = "problemtype_data", deserialize_with = "json::list")]
    data: Vec<Problem<'a>>,
}

#[derive(Deserialize)]
struct Problem<'a> {
    #[serde(borrow, default, deserialize_with = "json::list")]
    description: Vec<Text<'a>>,
}

#[derive(Deserialize, Default)]
struct Description<'a> {
    #[serde(borrow, default, rename = "description_data", deserialize_with = "json::list")]
    data: Vec<Text<'a>>,
}

#[derive(Deserialize, Default)]
struct Configurations {
    #[serde(default, deserialize_with = "json::list")]
    nodes: Vec<Tree>,
}

#[derive(Deserialize)]
struct Tree {
    operator: Option<Operator>,
    negate: Option<bool>,
    #[serde(default, deserialize_with = "json::list")]
    children: Vec<Tree>,
    #[serde(default, rename = "cpe_match", deserialize_with = "json::list")]
    matches: Vec<Match>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Impact {
    base_metric_v3: Option<Metric>,
    base_metric_v2: Option<Metric>,
}

#[derive(Deserialize)]
struct Metric {
    #[serde(alias = "cvssV3", alias = "cvssV2")]
    cvss: Option<Cvss>,
}

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut once = Once::default();
    let mut edition = Edition { version: Some("1.1".to_owned()), ..Edition::default() };
    let want = |name: &str| match name {
        "CVE_Items" => Want::Elements,
        "CVE_data_timestamp" | "CVE_data_numberOfCVEs" => Want::Whole,
        _ => Want::Nothing,
    };
    json::walk(source, document, sink, want, |piece, sink| {
        match piece.member {
            "CVE_data_timestamp" => {
                edition.released = dates::said(piece.parse(sink), || piece.place(), sink);
            }
            "CVE_data_numberOfCVEs" => {
                edition.count = piece.parse::<&str>(sink).and_then(|count| count.parse().ok());
            }
            _ => {
                if let Some(entry) = piece.parse::<Entry<'_>>(sink)
                    && is_cve(&entry.cve.meta.id, || format!("{}.cve", piece.place()), sink)
                    && once.first(&entry.cve.meta.id, || piece.place(), sink)
                {
                    let advisory = advisory(entry, &piece.place(), sink);
                    sink.record(Item::Knowledge(Record::Advisory(Box::new(advisory))));
                }
            }
        }
        Ok(())
    })?;
    sink.record(Item::Edition(edition));
    Ok(())
}

fn advisory(entry: Entry<'_>, place: &str, sink: &mut dyn Sink<Item>) -> Advisory {
    let description = words::english(&entry.cve.description.data).next();
    let rejected = description.is_some_and(|text| {
        text.starts_with("** REJECT **") || text.starts_with("Rejected reason:")
    });
    let problems = entry.cve.problem_type.data.iter().flat_map(|problem| &problem.description);
    let metrics = [entry.impact.base_metric_v3, entry.impact.base_metric_v2].into_iter().flatten();
    let nodes = entry.configurations.nodes.into_iter().filter_map(Tree::node);
    Advisory {
        publisher: "nvd".to_owned(),
        document: entry.cve.meta.id.clone(),
        title: words::title(None, || description),
        weaknesses: words::weaknesses(problems.map(|text| &*text.value)),
        vulnerability: entry.cve.meta.id,
        kind: AdvisoryKind::Record,
        state: if rejected { AdvisoryState::Withdrawn } else { AdvisoryState::Published },
        published: dates::said(
            entry.published_date.as_deref(),
            || format!("{place}.publishedDate"),
            sink,
        ),
        modified: dates::said(
            entry.last_modified_date.as_deref(),
            || format!("{place}.lastModifiedDate"),
            sink,
        ),
        severities: metrics.filter_map(|metric| metric.cvss?.severity(None)).collect(),
        ssvc: None,
        exploitation: Vec::new(),
        statements: nodes.map(configuration::statement).collect(),
        remedies: Vec::new(),
    }
}

impl Tree {
    /// The depth is bounded by the JSON reader's.
    fn node(self) -> Option<Node> {
        let children = self.children.into_iter().filter_map(Tree::node);
        let nodes = children.chain(self.matches.into_iter().map(Match::node)).collect();
        configuration::joined(self.operator, self.negate, nodes)
    }
}
