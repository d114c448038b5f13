//! CycloneDX bills of materials in XML, versions 1.2 to 1.7.
//!
//! The same bill as in JSON (see `cyclonedx.rs`).  Components under `pedigree`, `tools`
//! or `evidence` are not part of what is delivered and are passed over.
//!
//! Specification: CycloneDX/specification, schema/bom-1.x.xsd.

use super::bill::{Bill, Line, Watch};
use super::cyclonedx::{device_property, is_known_version, kind};
use super::text::quoted;
use super::xml::{Element, Node, walk};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::inventory::Attribute;
use exposome_model::reading::{Complaint, Sink};
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "cyclonedx-xml",
    title: "CycloneDX bill of materials in XML",
    specified_in: "ECMA-424; CycloneDX 1.2 to 1.7",
    known_by: "the root element bom of a CycloneDX namespace",
    recognise: |glimpse| {
        glimpse.root == Some("bom")
            && memchr::memmem::find(glimpse.head, NAMESPACE.as_bytes()).is_some()
    },
    reader: Reader::Stream(read),
};

const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let sink = &mut Watch::new(sink);
    let mut reading = Reading {
        bill: Bill::new("metadata/component"),
        open: Vec::new(),
        maker: None,
        property: None,
        listed: 0,
    };
    let result = walk(source, document, sink, |path, node, sink| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match node {
            Node::Open(element) => reading.open(&path, &element, sink),
            Node::Close(text) => reading.close(&path, text.trim(), sink),
        }
    });
    if result.is_err() {
        reading.bill.is_in_part();
        // What is still open was read up to here.
        while let Some(part) = reading.open.pop() {
            reading.add(part, sink);
        }
    }
    if let Some(maker) = &reading.maker {
        reading.bill.made_by(maker);
    }
    reading.bill.finish(document, sink);
    result
}

struct Reading {
    bill: Bill,
    /// Components that have begun, outermost first.
    open: Vec<Part>,
    /// Who the metadata says makes the subject.
    maker: Option<String>,
    property: Option<String>,
    listed: usize,
}

/// A component being read.
#[derive(Default)]
struct Part {
    subject: bool,
    /// It has been handed over, when its first inner component began.
    added: bool,
    excluded: bool,
    kind: Option<String>,
    id: Option<String>,
    name: Option<String>,
    version: Option<String>,
    cpe: Option<String>,
    purl: Option<String>,
    manufacturer: Option<String>,
    supplier: Option<String>,
    publisher: Option<String>,
    attributes: Vec<(Attribute, String)>,
}

/// Whether the path is that of a component which is delivered, and not of one that is only mentioned.
fn is_component(path: &[&str]) -> bool {
    path.len() > 2
        && path.last() == Some(&"component")
        && path.iter().all(|it| matches!(*it, "bom" | "metadata" | "components" | "component"))
}

impl Reading {
    fn open(&mut self, path: &[&str], element: &Element<'_>, sink: &mut dyn Sink<Item>) {
        if let ["bom"] = path {
            let version = element.attribute("xmlns").unwrap_or_default();
            let version = version.strip_prefix(NAMESPACE).unwrap_or_default();
            if !version.is_empty() && !is_known_version(version) {
                let message = format!(
                    "CycloneDX {} is none of the versions 1.2 to 1.7 that are known; it was read as one of them",
                    quoted(version)
                );
                sink.complain(Complaint::doubtful("bom", message));
            }
        }
        if is_component(path) {
            // Inner components come after everything that is read of the outer one.
            if let Some(outer) = self.open.pop() {
                let added = self.add(outer, sink);
                self.open.push(added);
            }
            let subject = path == ["bom", "metadata", "component"];
            let id = element.attribute("bom-ref");
            self.open.push(Part {
                subject,
                kind: element.attribute("type"),
                id,
                ..Part::default()
            });
        }
        if path.last() == Some(&"property") {
            self.property = element.attribute("name");
        }
    }

    fn close(&mut self, path: &[&str], text: &str, sink: &mut dyn Sink<Item>) {
        if is_component(path) {
            if let Some(part) = self.open.pop() {
                self.add(part, sink);
            }
            return;
        }
        if let ["bom", "metadata", "manufacture" | "manufacturer" | "supplier", "name"] = path {
            self.maker.get_or_insert_with(|| text.to_owned());
        }
        if path == ["bom", "compositions", "composition", "aggregate"]
            && text.starts_with("incomplete")
        {
            self.bill.is_in_part();
        }
        let Some(at) = path.iter().rposition(|it| *it == "component") else { return };
        let (component, inner) = path.split_at(at + 1);
        let (true, Some(part)) = (is_component(component), self.open.last_mut()) else { return };
        part.say(inner, text, self.property.as_deref());
    }

    /// Hands a component over, once.
    fn add(&mut self, mut part: Part, sink: &mut dyn Sink<Item>) -> Part {
        if part.added || part.excluded {
            return part;
        }
        part.added = true;
        let maker =
            part.manufacturer.as_deref().or(part.supplier.as_deref()).or(part.publisher.as_deref());
        let (cpe, purl) = (part.cpe.as_deref(), part.purl.as_deref());
        let line = Line {
            id: part.id.as_deref(),
            kind: part.kind.as_deref().map(kind),
            vendor: maker,
            name: part.name.as_deref(),
            version: part.version.as_deref(),
            cpes: cpe.as_slice(),
            purls: purl.as_slice(),
        };
        if part.subject {
            self.bill.about(&line);
            self.bill.attributes.append(&mut part.attributes);
        } else {
            let number = self.listed;
            self.listed += 1;
            self.bill.add(&line, || format!("component {number}"), sink);
        }
        part
    }
}

impl Part {
    fn say(&mut self, inner: &[&str], text: &str, property: Option<&str>) {
        if text.is_empty() {
            return;
        }
        let text = || Some(text.to_owned());
        match inner {
            ["name"] => self.name = text(),
            ["version"] => self.version = text(),
            ["cpe"] => self.cpe = text(),
            ["purl"] => self.purl = text(),
            ["publisher"] => self.publisher = text(),
            ["supplier", "name"] => self.supplier = text(),
            ["manufacturer", "name"] => self.manufacturer = text(),
            ["scope"] => self.excluded = text().as_deref() == Some("excluded"),
            ["properties", "property"] => {
                self.attributes.extend(property.and_then(device_property).zip(text()));
            }
            _ => {}
        }
    }
}
