//! OSV records: vulnerabilities of open-source packages, GitHub's advisories among them.
//!
//! `OpenSSF`, Open Source Vulnerability format 1.x.  A record names packages of an
//! ecosystem and the versions in which a fault was introduced and fixed.  A
//! version that no range holds is not affected ("Evaluation" in the
//! specification), unless only commits are named.

use crate::feeds::{dates, words};
use crate::json::{self, Want};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, Bound, Product, Record, Severity, Statement, Status,
    Target, VersionRow, Versions,
};
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;
use std::borrow::Cow;
use std::io::BufRead;

pub(super) const RECORD: Format = Format {
    id: "osv",
    title: "OSV record (also GitHub advisories)",
    specified_in: "OpenSSF, Open Source Vulnerability format 1.x",
    known_by: "the members id and modified with affected or schema_version",
    recognise: |glimpse| {
        glimpse.has("id")
            && glimpse.has("modified")
            && (glimpse.has("affected") || glimpse.has("schema_version"))
    },
    reader: Reader::Whole(read),
};

pub(super) const ANSWER: Format = Format {
    id: "osv-list",
    title: "list of OSV records",
    specified_in: "OpenSSF, Open Source Vulnerability format 1.x; osv.dev API, /v1/query",
    known_by: "the member vulns with OSV records",
    recognise: |glimpse| glimpse.has_in("vulns", "id"),
    reader: Reader::Stream(read_answer),
};

#[derive(Deserialize)]
struct Osv<'a> {
    id: String,
    schema_version: Option<String>,
    modified: Option<String>,
    published: Option<String>,
    withdrawn: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    aliases: Vec<String>,
    /// What a distribution's record is made from (since 1.7).
    #[serde(default, deserialize_with = "json::list")]
    upstream: Vec<String>,
    summary: Option<String>,
    #[serde(borrow, default)]
    details: Cow<'a, str>,
    #[serde(default, deserialize_with = "json::list")]
    severity: Vec<Score>,
    #[serde(default, deserialize_with = "json::list")]
    affected: Vec<Affected>,
    database_specific: Option<Specific>,
}

#[derive(Deserialize)]
struct Score {
    score: String,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default, deserialize_with = "json::list")]
    ranges: Vec<Range>,
    #[serde(default, deserialize_with = "json::list")]
    versions: Vec<String>,
    #[serde(default, deserialize_with = "json::list")]
    severity: Vec<Score>,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
    purl: Option<String>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "json::list")]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}

#[derive(Deserialize)]
struct Specific {
    #[serde(default, deserialize_with = "json::list")]
    cwe_ids: Vec<String>,
}

fn read(bytes: &[u8], _: &Document<'_>, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
    take(json::document(bytes)?, "", sink);
    Ok(())
}

fn read_answer(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let want = |name: &str| if name == "vulns" { Want::Elements } else { Want::Nothing };
    json::walk(source, document, sink, want, |piece, sink| {
        if let Some(record) = piece.parse::<Osv<'_>>(sink) {
            take(record, &format!("{}.", piece.place()), sink);
        }
        Ok(())
    })
}

/// One advisory for each CVE that the record is about, or one under its own id.
fn take(osv: Osv<'_>, place: &str, sink: &mut dyn Sink<Item>) {
    if osv.id.trim().is_empty() {
        sink.complain(Complaint::refused(format!("{place}id"), "the record has no id"));
        return;
    }
    if let Some(version) = osv.schema_version.as_deref().filter(|it| !it.starts_with("1.")) {
        let message = format!("version {} is read as if it were 1.7", words::quoted(version));
        sink.complain(Complaint::doubtful(format!("{place}schema_version"), message));
    }
    let date = |date: &Option<String>, name: &str, sink: &mut dyn Sink<Item>| {
        dates::said(date.as_deref(), || format!("{place}{name}"), sink)
    };
    let (published, modified) =
        (date(&osv.published, "published", sink), date(&osv.modified, "modified", sink));
    let mut about: Vec<String> =
        if words::is_cve(&osv.id) { vec![osv.id.clone()] } else { Vec::new() };
    if about.is_empty() {
        about.extend(osv.aliases.into_iter().chain(osv.upstream).filter(|id| words::is_cve(id)));
        about.sort();
        about.dedup();
    }
    if about.is_empty() {
        about.push(osv.id.clone());
    }
    let scores =
        osv.severity.iter().chain(osv.affected.iter().flat_map(|affected| &affected.severity));
    let mut severities: Vec<Severity> = Vec::new();
    for severity in scores.filter_map(severity) {
        if !severities.contains(&severity) {
            severities.push(severity);
        }
    }
    let weaknesses = osv.database_specific.map(|specific| specific.cwe_ids).unwrap_or_default();
    let mut advisory = Advisory {
        publisher: "osv".to_owned(),
        document: osv.id,
        vulnerability: String::new(),
        kind: AdvisoryKind::Record,
        state: if osv.withdrawn.is_some() {
            AdvisoryState::Withdrawn
        } else {
            AdvisoryState::Published
        },
        title: words::title(osv.summary.as_deref(), || {
            Some(osv.details.trim()).filter(|text| !text.is_empty())
        }),
        published,
        modified,
        severities,
        weaknesses: words::weaknesses(weaknesses.iter().map(String::as_str)),
        ssvc: None,
        exploitation: Vec::new(),
        statements: osv.affected.into_iter().filter_map(statement).collect(),
        remedies: Vec::new(),
    };
    for vulnerability in about {
        advisory.vulnerability = vulnerability;
        sink.record(Item::Knowledge(Record::Advisory(Box::new(advisory.clone()))));
    }
}

/// Some publishers put a word such as "medium" in place of a vector.
fn severity(score: &Score) -> Option<Severity> {
    let vector = score.score.contains("/AC:").then(|| score.score.clone())?;
    Some(Severity { vector, score_tenths: None, source: None })
}

fn statement(affected: Affected) -> Option<Statement> {
    let package = affected.package?;
    let scheme = scheme(&package.ecosystem);
    let mut rows: Vec<VersionRow> = Vec::new();
    let mut only_commits = affected.versions.is_empty();
    for range in affected.ranges {
        only_commits &= range.kind == "GIT";
        let scheme = match range.kind.as_str() {
            "GIT" => Some("git".to_owned()),
            "SEMVER" if scheme.is_none() => Some("semver".to_owned()),
            _ => scheme.map(str::to_owned),
        };
        rows.extend(intervals(range.events, scheme.as_deref()));
    }
    let exact =
        |version| VersionRow { versions: Versions::Exact(version), status: Status::Affected };
    rows.extend(affected.versions.into_iter().map(exact));
    let purl = package.purl.or_else(|| {
        let (_, kind) = ECOSYSTEMS
            .iter()
            .find(|(name, _)| package.ecosystem.split(':').next() == Some(name))?;
        let name =
            if *kind == "maven" { package.name.replace(':', "/") } else { package.name.clone() };
        Some(format!("pkg:{kind}/{}", name.replace('@', "%40")))
    });
    let product = Product {
        vendor: Some(package.ecosystem),
        name: Some(package.name),
        purl,
        ..Product::default()
    };
    Some(Statement {
        target: Target::Product(Box::new(product)),
        default: if only_commits { Status::Unknown } else { Status::NotAffected },
        versions: rows,
        justification: None,
    })
}

/// Pairs each introduction with the end that follows it.
fn intervals(events: Vec<Event>, scheme: Option<&str>) -> Vec<VersionRow> {
    let row = |from: Option<String>, to| {
        let from =
            from.filter(|from| from != "0").map(|version| Bound { version, inclusive: true });
        let versions = Versions::Bounds { from, to, scheme: scheme.map(str::to_owned) };
        VersionRow { versions, status: Status::Affected }
    };
    let mut rows = Vec::new();
    let mut open: Option<String> = None;
    for event in events {
        let Event { introduced, fixed, last_affected } = event;
        let end = fixed.map(|version| Bound { version, inclusive: false });
        let end = end.or_else(|| last_affected.map(|version| Bound { version, inclusive: true }));
        if let (Some(end), Some(from)) = (end, open.clone()) {
            open = None;
            rows.push(row(Some(from), Some(end)));
        }
        if introduced.is_some() {
            rows.extend(open.take().map(|from| row(Some(from), None)));
            open = introduced;
        }
    }
    rows.extend(open.map(|from| row(Some(from), None)));
    rows
}

/// The package URL type, and so the order of versions, of the ecosystems that have one
/// (OSV, "affected[].package field"; package-url/purl-spec, `types`).
const ECOSYSTEMS: &[(&str, &str)] = &[
    ("AlmaLinux", "rpm/almalinux"),
    ("Alpine", "apk/alpine"),
    ("Chainguard", "apk/chainguard"),
    ("CRAN", "cran"),
    ("crates.io", "cargo"),
    ("Debian", "deb/debian"),
    ("Go", "golang"),
    ("Hex", "hex"),
    ("Maven", "maven"),
    ("npm", "npm"),
    ("NuGet", "nuget"),
    ("openSUSE", "rpm/opensuse"),
    ("Packagist", "composer"),
    ("Pub", "pub"),
    ("PyPI", "pypi"),
    ("Red Hat", "rpm/redhat"),
    ("Rocky Linux", "rpm/rocky-linux"),
    ("RubyGems", "gem"),
    ("SUSE", "rpm/suse"),
    ("SwiftURL", "swift"),
    ("Ubuntu", "deb/ubuntu"),
    ("Wolfi", "apk/wolfi"),
];

/// `Debian:12` counts as deb does.
fn scheme(ecosystem: &str) -> Option<&'static str> {
    let name = ecosystem.split(':').next().unwrap_or(ecosystem);
    let (_, kind) = ECOSYSTEMS.iter().find(|(known, _)| *known == name)?;
    kind.split('/').next()
}
