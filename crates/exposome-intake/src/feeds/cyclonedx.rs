//! The vulnerabilities that a CycloneDX document speaks of (VEX).
//!
//! ECMA-424, `vulnerabilities`: an id, its ratings, an analysis of whether it can be
//! exploited here, and what it affects by reference to components of this
//! bill, of another one (BOM-Link), or by package URL.  A bill of materials may carry
//! them beside its components; [`Vex`] collects them while the bill is read.

use crate::feeds::{dates, words};
use crate::json::{self, Piece, Want};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::inventory::Component;
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, Product, Record, Remedy, RemedyKind, Severity,
    Statement, Status, Target, VersionRow, Versions,
};
use exposome_model::purl::Purl;
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "cyclonedx-vex",
    title: "CycloneDX VEX without components",
    specified_in: "ECMA-424; CycloneDX 1.4 to 1.7, vulnerabilities",
    known_by: "bomFormat CycloneDX with vulnerabilities and without components",
    recognise: |glimpse| {
        glimpse.value("bomFormat") == Some("CycloneDX")
            && glimpse.has("vulnerabilities")
            && !glimpse.has("components")
    },
    reader: Reader::Stream(read),
};

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut vex = Vex::default();
    let ended = json::walk(source, document, sink, Vex::wants, |piece, sink| {
        vex.member(piece, sink);
        Ok(())
    });
    vex.finish(document, &|_| None, sink);
    ended
}

/// The vulnerabilities of a bill, until all its components are known.
#[derive(Default)]
pub(crate) struct Vex {
    serial: Option<String>,
    author: Option<String>,
    issued: Option<jiff::Timestamp>,
    vulnerabilities: Vec<(String, Vulnerability)>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    supplier: Option<Party>,
    manufacturer: Option<Party>,
    manufacture: Option<Party>,
    #[serde(default, deserialize_with = "json::list")]
    authors: Vec<Party>,
}

#[derive(Deserialize)]
struct Party {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    source: Option<Party>,
    #[serde(default, deserialize_with = "json::list")]
    references: Vec<Reference>,
    #[serde(default, deserialize_with = "json::list")]
    ratings: Vec<Rating>,
    #[serde(default, deserialize_with = "json::list")]
    cwes: Vec<u32>,
    description: Option<String>,
    recommendation: Option<String>,
    workaround: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    rejected: Option<String>,
    analysis: Option<Analysis>,
    #[serde(default, deserialize_with = "json::list")]
    affects: Vec<Affects>,
}

#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Rating {
    source: Option<Party>,
    score: Option<super::severity::Tenths>,
    method: Option<String>,
    vector: Option<String>,
}

#[derive(Deserialize)]
struct Analysis {
    state: Option<String>,
    justification: Option<String>,
    detail: Option<String>,
}

#[derive(Deserialize)]
struct Affects {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(default, deserialize_with = "json::list")]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "version")]
    exact: Option<String>,
    range: Option<String>,
    status: Option<String>,
}

impl Vex {
    /// The members of a bill that are wanted here.
    pub(crate) fn wants(member: &str) -> Want {
        match member {
            "vulnerabilities" => Want::Elements,
            "serialNumber" | "metadata" => Want::Whole,
            _ => Want::Nothing,
        }
    }

    /// Takes one member of the bill, if it is one of ours.
    pub(crate) fn member(&mut self, piece: &Piece<'_>, sink: &mut dyn Sink<Item>) {
        match piece.member {
            "serialNumber" => self.serial = piece.parse(sink),
            "metadata" => {
                if let Some(metadata) = piece.parse::<Metadata>(sink) {
                    self.issued = dates::said(
                        metadata.timestamp.as_deref(),
                        || "metadata.timestamp".into(),
                        sink,
                    );
                    let Metadata { supplier, manufacturer, manufacture, authors, .. } = metadata;
                    let mut parties =
                        supplier.into_iter().chain(manufacturer).chain(manufacture).chain(authors);
                    self.author = parties.find_map(|party| party.name);
                }
            }
            "vulnerabilities" => {
                self.vulnerabilities
                    .extend(piece.parse(sink).map(|vulnerability| (piece.place(), vulnerability)));
            }
            _ => {}
        }
    }

    /// Hands over what was collected; `component` knows what the references of the bill stand for.
    pub(crate) fn finish(
        self,
        document: &Document<'_>,
        component: &Listed<'_>,
        sink: &mut dyn Sink<Item>,
    ) {
        let id = self.serial.as_deref().unwrap_or(document.name);
        for (index, (place, vulnerability)) in self.vulnerabilities.into_iter().enumerate() {
            let own = vulnerability.source.as_ref().and_then(|source| source.name.as_deref());
            let author = self.author.as_deref().or(own).unwrap_or("unknown");
            let published = dates::said(
                vulnerability.published.as_deref(),
                || format!("{place}.published"),
                sink,
            );
            let updated =
                dates::said(vulnerability.updated.as_deref(), || format!("{place}.updated"), sink);
            let status = vulnerability.status(&place, sink);
            sink.record(Item::Knowledge(Record::Advisory(Box::new(Advisory {
                publisher: format!("cyclonedx:{author}"),
                document: id.to_owned(),
                kind: match vulnerability.analysis {
                    Some(_) => AdvisoryKind::Vex,
                    None => AdvisoryKind::Advisory,
                },
                state: match vulnerability.rejected {
                    Some(_) => AdvisoryState::Withdrawn,
                    None => AdvisoryState::Published,
                },
                vulnerability: vulnerability
                    .name()
                    .unwrap_or_else(|| format!("{id}#{}", index + 1)),
                title: words::title(None, || vulnerability.description.as_deref().map(str::trim)),
                published: published.or(self.issued),
                modified: updated.or(published).or(self.issued),
                weaknesses: vulnerability.cwes.iter().map(|cwe| format!("CWE-{cwe}")).collect(),
                ssvc: None,
                exploitation: Vec::new(),
                remedies: vulnerability.remedies(),
                statements: vulnerability.statements(status, component),
                severities: vulnerability.ratings.into_iter().filter_map(severity).collect(),
            }))));
        }
    }
}

impl Vulnerability {
    /// A CVE id where it is among the names.
    fn name(&self) -> Option<String> {
        let references = self.references.iter().filter_map(|reference| reference.id.as_deref());
        let mut names = self.id.as_deref().into_iter().chain(references);
        let cve = names.clone().find(|name| words::is_cve(name));
        cve.or_else(|| names.next()).map(str::to_owned)
    }

    /// What the analysis comes to; a vulnerability that nobody has analysed affects what it names.
    fn status(&self, place: &str, sink: &mut dyn Sink<Item>) -> Status {
        match self.analysis.as_ref().and_then(|analysis| analysis.state.as_deref()) {
            None | Some("exploitable") => Status::Affected,
            Some("in_triage") => Status::UnderInvestigation,
            Some("resolved" | "resolved_with_pedigree") => Status::Fixed,
            Some("false_positive" | "not_affected") => Status::NotAffected,
            Some(other) => {
                let message = format!("the state {} is not known", words::quoted(other));
                sink.complain(Complaint::doubtful(format!("{place}.analysis.state"), message));
                Status::Unknown
            }
        }
    }

    fn remedies(&self) -> Vec<Remedy> {
        let of = |kind, text: &Option<String>| {
            text.as_deref().map(|text| Remedy {
                kind,
                text: words::note(text),
                url: None,
                products: Vec::new(),
            })
        };
        let recommended = of(RemedyKind::Mitigation, &self.recommendation);
        recommended.into_iter().chain(of(RemedyKind::Workaround, &self.workaround)).collect()
    }

    fn statements(&self, status: Status, component: &Listed<'_>) -> Vec<Statement> {
        let analysis = self.analysis.as_ref().filter(|_| status == Status::NotAffected);
        let reason = analysis.and_then(|analysis| {
            analysis.justification.clone().or_else(|| analysis.detail.clone())
        });
        let statement = |affects: &Affects| {
            let (product, version) = match component(&affects.reference) {
                Some(listed) => of_component(listed),
                None => referred(&affects.reference),
            };
            Statement {
                versions: rows(affects, version, status),
                target: Target::Product(Box::new(product)),
                default: Status::Unknown,
                justification: reason.clone(),
            }
        };
        self.affects.iter().map(statement).collect()
    }
}

/// What the components of the bill are, by their references.
type Listed<'a> = dyn Fn(&str) -> Option<Component> + 'a;

fn of_component(component: Component) -> (Product, Option<String>) {
    let product = Product {
        vendor: component.vendor,
        name: Some(component.name),
        cpes: component.cpe.into_iter().collect(),
        purl: component.purl,
        ..Product::default()
    };
    (product, component.version)
}

/// A product of which only the reference is known; the part behind `#` of a BOM-Link is its name there.
fn referred(reference: &str) -> (Product, Option<String>) {
    let name = match reference.strip_prefix("urn:cdx:") {
        Some(link) => link.split_once('#').map_or(link, |(_, name)| name),
        None => reference,
    };
    let purl = name.starts_with("pkg:").then(|| name.to_owned());
    let parsed = purl.as_deref().and_then(|purl| Purl::parse(purl).ok());
    let version = parsed.and_then(|purl| purl.version().map(str::to_owned));
    (Product { name: Some(name.to_owned()), purl, ..Product::default() }, version)
}

fn rows(affects: &Affects, version: Option<String>, status: Status) -> Vec<VersionRow> {
    if affects.versions.is_empty() {
        return vec![VersionRow {
            versions: version.map_or(Versions::Any, Versions::Exact),
            status,
        }];
    }
    let row = |version: &Version| {
        let versions = match (&version.exact, &version.range) {
            (Some(exact), _) => Versions::Exact(exact.clone()),
            (None, Some(range)) if range.starts_with("vers:") => Versions::Vers(range.clone()),
            (None, Some(range)) => Versions::Text(range.clone()),
            (None, None) => Versions::Any,
        };
        let status = match version.status.as_deref() {
            Some("unaffected") => Status::NotAffected,
            Some("unknown") => Status::Unknown,
            _ => status,
        };
        VersionRow { versions, status }
    };
    affects.versions.iter().map(row).collect()
}

/// The versions of CVSS by the names they have here; the vector often lacks its prefix.
const METHODS: &[(&str, &str)] =
    &[("CVSSv2", ""), ("CVSSv3", "CVSS:3.0/"), ("CVSSv31", "CVSS:3.1/"), ("CVSSv4", "CVSS:4.0/")];

fn severity(rating: Rating) -> Option<Severity> {
    let method = rating.method.unwrap_or_default();
    let (_, prefix) = METHODS.iter().find(|(name, _)| *name == method)?;
    let vector = rating.vector.filter(|vector| vector.contains('/'))?;
    let vector = if vector.starts_with("CVSS:") { vector } else { format!("{prefix}{vector}") };
    let source = rating.source.and_then(|source| source.name);
    Some(Severity { vector, score_tenths: rating.score.and_then(|score| score.0), source })
}
