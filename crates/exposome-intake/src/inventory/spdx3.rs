//! SPDX 3.0 documents as JSON-LD.
//!
//! A document is a flat list of elements (`@graph`) that point at one another by id:
//! packages, the organisations that supply them, relations, and the bill itself,
//! which names its root.  What a relation needs only to build, develop or test is left out.
//!
//! Specification: SPDX 3.0.1, Core and Software profiles; spdx-json-schema 3.0.1.

use super::bill::{Bill, Line, Watch};
use super::loose::{List, Text};
use super::spdx2::purpose;
use crate::json::{Want, walk};
use crate::{Document, Error, Format, Glimpse, Item, Reader};
use exposome_model::reading::Sink;
use std::collections::BTreeMap;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "spdx3-json",
    title: "SPDX 3.0 bill of materials as JSON-LD",
    specified_in: "SPDX 3.0.1",
    known_by: "an SPDX 3 @context, or a @graph of elements with spdxId",
    recognise,
    reader: Reader::Stream(read),
};

fn recognise(glimpse: &Glimpse<'_>) -> bool {
    let context = glimpse.value("@context").is_some_and(|it| it.contains("spdx.org/rdf/3"));
    context
        || (glimpse.has("@graph")
            && (glimpse.has_in("@graph", "spdxId") || glimpse.has_in("@graph", "specVersion")))
}

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let sink = &mut Watch::new(sink);
    let mut bill = Bill::new("@graph");
    let mut links = Links::default();
    let want = |member: &str| if member == "@graph" { Want::Elements } else { Want::Nothing };
    let result = walk(source, document, sink, want, |piece, sink| {
        if let Some(element) = piece.parse::<Element<'_>>(sink) {
            take(&mut bill, &mut links, &element, || piece.place(), sink);
        }
        Ok(())
    });
    if result.is_err() {
        bill.is_in_part();
    }
    links.close(&mut bill);
    bill.finish(document, sink);
    result
}

/// What points from one element to another; resolved when all are known.
#[derive(Default)]
struct Links {
    roots: Vec<String>,
    /// Organisation -> its name.
    organisations: BTreeMap<String, String>,
    /// Package -> its supplier.
    suppliers: Vec<(String, String)>,
    left_out: Vec<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Element<'a> {
    #[serde(borrow, rename = "type", alias = "@type")]
    kind: Text<'a>,
    #[serde(borrow, rename = "spdxId", alias = "@id")]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, rename = "software_packageVersion")]
    version: Text<'a>,
    #[serde(borrow, rename = "software_packageUrl")]
    package_url: Text<'a>,
    #[serde(borrow, rename = "software_primaryPurpose")]
    purpose: Text<'a>,
    #[serde(borrow, rename = "suppliedBy")]
    supplied_by: Text<'a>,
    #[serde(borrow, rename = "externalIdentifier")]
    identifiers: List<Identifier<'a>>,
    #[serde(borrow, rename = "rootElement")]
    roots: List<Text<'a>>,
    #[serde(borrow, rename = "relationshipType")]
    relation: Text<'a>,
    #[serde(borrow)]
    scope: Text<'a>,
    #[serde(borrow)]
    from: Text<'a>,
    #[serde(borrow)]
    to: List<Text<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Identifier<'a> {
    #[serde(borrow, rename = "externalIdentifierType")]
    kind: Text<'a>,
    #[serde(borrow)]
    identifier: Text<'a>,
}

fn take(
    bill: &mut Bill,
    links: &mut Links,
    element: &Element<'_>,
    place: impl Fn() -> String,
    sink: &mut dyn Sink<Item>,
) {
    let kind = element.kind.as_str().unwrap_or_default();
    match kind.rsplit(['_', ':', '/']).next().unwrap_or(kind) {
        "Package" => package(bill, links, element, place, sink),
        "Organization" => {
            if let (Some(id), Some(name)) = (element.id.owned(), element.name.owned()) {
                links.organisations.insert(id, name);
            }
        }
        "SpdxDocument" | "Sbom" | "Bom" => {
            bill.name = bill.name.take().or_else(|| element.name.owned());
            links.roots.extend(element.roots.0.iter().filter_map(Text::owned));
        }
        "Relationship" | "LifecycleScopedRelationship" => relate(links, element),
        _ => {}
    }
}

fn package(
    bill: &mut Bill,
    links: &mut Links,
    element: &Element<'_>,
    place: impl Fn() -> String,
    sink: &mut dyn Sink<Item>,
) {
    let of = |kinds: &[&str]| -> Vec<&str> {
        let such = element
            .identifiers
            .0
            .iter()
            .filter(|it| it.kind.as_str().is_some_and(|kind| kinds.contains(&kind)));
        such.filter_map(|it| it.identifier.as_str()).collect()
    };
    let mut purls = of(&["packageUrl", "packageURL"]);
    if let Some(url) =
        element.package_url.as_str().filter(|it| it.starts_with("pkg:") && !purls.contains(it))
    {
        purls.insert(0, url);
    }
    if let (Some(id), Some(supplier)) = (element.id.owned(), element.supplied_by.owned()) {
        links.suppliers.push((id, supplier));
    }
    let line = Line {
        id: element.id.as_str(),
        kind: element.purpose.as_str().map(purpose),
        vendor: None,
        name: element.name.as_str(),
        version: element.version.as_str().filter(|it| *it != "NOASSERTION"),
        cpes: &of(&["cpe23", "cpe22"]),
        purls: &purls,
    };
    bill.add(&line, place, sink);
}

fn relate(links: &mut Links, element: &Element<'_>) {
    let elsewhere =
        matches!(element.scope.as_str(), Some("build" | "design" | "development" | "test"));
    let beside = matches!(
        element.relation.as_str(),
        Some("hasTest" | "hasTestCase" | "usesTool" | "hasDocumentation" | "hasExample")
    );
    if elsewhere || beside {
        links.left_out.extend(element.to.0.iter().filter_map(Text::owned));
    } else if element.relation.as_str() == Some("describes") {
        links.roots.extend(element.to.0.iter().filter_map(Text::owned));
    }
}

impl Links {
    fn close(self, bill: &mut Bill) {
        for (package, supplier) in &self.suppliers {
            if let (Some(name), Some(component)) =
                (self.organisations.get(supplier), bill.by_id(package))
            {
                component.vendor = Some(name.clone());
            }
        }
        for id in &self.left_out {
            bill.leave_out(id);
        }
        // A document's root may be a bill, whose root is the package.
        let mut packages: Vec<&String> = self.roots.iter().filter(|it| bill.holds(it)).collect();
        packages.sort();
        packages.dedup();
        if let [only] = packages.as_slice() {
            bill.about_listed(only);
        }
    }
}
