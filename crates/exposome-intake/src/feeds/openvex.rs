//! OpenVEX: whether a vulnerability can be exploited in named software.
//!
//! OpenVEX specification 0.2.0 (repository openvex/spec).  A statement gives one
//! vulnerability in some products one status; a subcomponent is a part of its
//! product.

use crate::feeds::{dates, words};
use crate::json::{self, Raw};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, Product, Record, Remedy, RemedyKind, Statement, Status,
    Target, VersionRow, Versions,
};
use exposome_model::purl::Purl;
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;

pub(super) const FORMAT: Format = Format {
    id: "openvex",
    title: "OpenVEX",
    specified_in: "OpenVEX specification 0.2.0 (openvex/spec)",
    known_by: "@context that names openvex, or the members author and statements",
    recognise: |glimpse| {
        glimpse.value("@context").is_some_and(|context| context.contains("openvex"))
            || (glimpse.has("statements") && glimpse.has("author"))
    },
    reader: Reader::Whole(read),
};

#[derive(Deserialize)]
struct OpenVex<'a> {
    #[serde(rename = "@context", default)]
    context: String,
    #[serde(rename = "@id")]
    id: Option<String>,
    author: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    statements: Vec<Raw<'a>>,
}

#[derive(Deserialize)]
struct Said {
    vulnerability: Vulnerability,
    #[serde(default, deserialize_with = "json::list")]
    products: Vec<Named>,
    status: String,
    justification: Option<String>,
    impact_statement: Option<String>,
    action_statement: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
}

/// Version 0.0 has a bare id.
#[derive(Deserialize)]
#[serde(untagged)]
enum Vulnerability {
    Id(String),
    Names {
        name: Option<String>,
        #[serde(rename = "@id")]
        id: Option<String>,
        #[serde(default, deserialize_with = "json::list")]
        aliases: Vec<String>,
    },
}

/// Version 0.0 has a bare PURL or other identifier.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Id(String),
    Component {
        #[serde(rename = "@id")]
        id: Option<String>,
        #[serde(default)]
        identifiers: Identifiers,
        #[serde(default, deserialize_with = "json::list")]
        subcomponents: Vec<Named>,
    },
}

#[derive(Deserialize, Default)]
struct Identifiers {
    purl: Option<String>,
    cpe23: Option<String>,
    cpe22: Option<String>,
}

fn read(bytes: &[u8], document: &Document<'_>, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
    let vex: OpenVex<'_> = json::document(bytes)?;
    let version = vex.context.rsplit_once("/v").map(|(_, version)| version);
    if let Some(version) = version.filter(|it| !it.starts_with("0.")) {
        let message = format!("version {} is read as if it were 0.2", words::quoted(version));
        sink.complain(Complaint::doubtful("@context", message));
    }
    let author = vex.author.as_deref().unwrap_or("unknown");
    let id = vex.id.as_deref().unwrap_or(document.name);
    let issued = dates::said(vex.timestamp.as_deref(), || "timestamp".into(), sink);
    let updated = dates::said(vex.last_updated.as_deref(), || "last_updated".into(), sink);
    for (index, raw) in vex.statements.iter().enumerate() {
        let place = format!("statements[{index}]");
        let said: Said = match json::parse(raw.0) {
            Ok(said) => said,
            Err(error) => {
                sink.complain(Complaint::refused(place, json::misfit(&error)));
                continue;
            }
        };
        let Some(status) = status(&said.status) else {
            let message = format!(
                "the status {} is not one of affected, not_affected, fixed, under_investigation",
                words::quoted(&said.status)
            );
            sink.complain(Complaint::refused(format!("{place}.status"), message));
            continue;
        };
        let Some(vulnerability) = said.vulnerability.name() else {
            sink.complain(Complaint::refused(format!("{place}.vulnerability"), "it has no name"));
            continue;
        };
        if said.products.is_empty() {
            sink.complain(Complaint::doubtful(
                format!("{place}.products"),
                "the statement names no product",
            ));
        }
        let own = dates::said(said.timestamp.as_deref(), || format!("{place}.timestamp"), sink);
        let own_update =
            dates::said(said.last_updated.as_deref(), || format!("{place}.last_updated"), sink);
        let reason = said.justification.or(said.impact_statement);
        let products = said.products.into_iter().flat_map(Named::products);
        let action = said.action_statement.as_deref().map(|text| Remedy {
            kind: RemedyKind::Mitigation,
            text: words::note(text),
            url: None,
            products: Vec::new(),
        });
        sink.record(Item::Knowledge(Record::Advisory(Box::new(Advisory {
            publisher: format!("openvex:{author}"),
            document: id.to_owned(),
            vulnerability,
            kind: AdvisoryKind::Vex,
            state: AdvisoryState::Published,
            title: None,
            published: own.or(issued),
            modified: own_update.or(own).or(updated).or(issued),
            severities: Vec::new(),
            weaknesses: Vec::new(),
            ssvc: None,
            exploitation: Vec::new(),
            statements: products
                .map(|product| statement(product, status, reason.clone()))
                .collect(),
            remedies: action.into_iter().collect(),
        }))));
    }
    Ok(())
}

fn status(word: &str) -> Option<Status> {
    Some(match word {
        "affected" => Status::Affected,
        "not_affected" => Status::NotAffected,
        "fixed" => Status::Fixed,
        "under_investigation" => Status::UnderInvestigation,
        _ => return None,
    })
}

impl Vulnerability {
    /// A CVE id where there is one among the names.
    fn name(self) -> Option<String> {
        let mut names = match self {
            Vulnerability::Id(id) => vec![id],
            Vulnerability::Names { name, id, aliases } => {
                name.into_iter().chain(id).chain(aliases).collect()
            }
        };
        let cve = names.iter().position(|name| words::is_cve(name)).unwrap_or(0);
        (cve < names.len()).then(|| names.swap_remove(cve)).filter(|name| !name.trim().is_empty())
    }
}

impl Named {
    /// The product itself, or each of its parts on it.
    fn products(self) -> Vec<Product> {
        match self {
            Named::Id(id) => vec![product(Some(id), Identifiers::default())],
            Named::Component { id, identifiers, subcomponents } => {
                let whole = product(id, identifiers);
                // A part of a part is not in the specification.
                let parts: Vec<Product> = subcomponents
                    .into_iter()
                    .map(|part| match part {
                        Named::Id(id) => product(Some(id), Identifiers::default()),
                        Named::Component { id, identifiers, .. } => product(id, identifiers),
                    })
                    .map(|part| Product { on: Some(Box::new(whole.clone())), ..part })
                    .collect();
                if parts.is_empty() { vec![whole] } else { parts }
            }
        }
    }
}

fn product(id: Option<String>, identifiers: Identifiers) -> Product {
    let Identifiers { purl, cpe23, cpe22 } = identifiers;
    let named = |start: &str| id.clone().filter(|id| id.starts_with(start));
    let purl = purl.or_else(|| named("pkg:"));
    let cpe = cpe23.or(cpe22).or_else(|| named("cpe:"));
    Product { name: id, purl, cpes: cpe.into_iter().collect(), ..Product::default() }
}

fn statement(product: Product, status: Status, reason: Option<String>) -> Statement {
    let purl = product.purl.as_deref().and_then(|purl| Purl::parse(purl).ok());
    let version = purl.and_then(|purl| purl.version().map(str::to_owned));
    let versions = version.map_or(Versions::Any, Versions::Exact);
    Statement {
        target: Target::Product(Box::new(product)),
        default: Status::Unknown,
        versions: vec![VersionRow { versions, status }],
        justification: reason.filter(|_| status == Status::NotAffected),
    }
}
