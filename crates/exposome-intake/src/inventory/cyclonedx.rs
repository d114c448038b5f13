//! CycloneDX bills of materials in JSON, versions 1.2 to 1.7.
//!
//! The subject is `metadata.component`, whatever its type: a medical device's bill
//! has a root of type `device`.  Nested components are listed after the one that
//! holds them.  Of each component its kind, name, version, maker and identifiers
//! are read; licences, hashes, evidence and cryptography are not.
//!
//! Vulnerabilities that the document speaks of are world knowledge, read by the
//! feeds' own reader while the bill goes by.
//!
//! The components are read one by one, so memory goes with what is kept.
//!
//! Specification: ECMA-424 and CycloneDX/specification, schema/bom-1.x.schema.json.

use super::bill::{Bill, Kind, Line, Watch};
use super::loose::{List, Maybe, Named, Text};
use crate::feeds::cyclonedx::Vex;
use crate::json::{Piece, Want, walk};
use crate::{Document, Error, Format, Glimpse, Item, Reader};
use exposome_model::inventory::{Attribute, ComponentKind};
use exposome_model::reading::{Complaint, Sink};
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "cyclonedx-json",
    title: "CycloneDX bill of materials in JSON",
    specified_in: "ECMA-424; CycloneDX 1.2 to 1.7",
    known_by: "bomFormat CycloneDX, or specVersion with components",
    recognise,
    reader: Reader::Stream(read),
};

fn recognise(glimpse: &Glimpse<'_>) -> bool {
    glimpse.value("bomFormat") == Some("CycloneDX")
        || (glimpse.has("specVersion")
            && (glimpse.has("components") || glimpse.has_in("metadata", "component")))
}

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let sink = &mut Watch::new(sink);
    let mut bill = Bill::new("metadata.component");
    let want = |member: &str| match member {
        "components" | "compositions" => Want::Elements,
        "specVersion" => Want::Whole,
        other => Vex::wants(other),
    };
    let mut vex = Vex::default();
    let result = walk(source, document, sink, want, |piece, sink| {
        member(&mut bill, piece, sink);
        vex.member(piece, sink);
        Ok(())
    });
    if result.is_err() {
        bill.is_in_part();
    }
    vex.finish(document, &|id| bill.component(id).cloned(), sink);
    bill.finish(document, sink);
    result
}

fn member(bill: &mut Bill, piece: &Piece<'_>, sink: &mut dyn Sink<Item>) {
    match piece.member {
        "components" => {
            if let Some(part) = piece.parse::<Part<'_>>(sink) {
                add(bill, &part, piece.index.unwrap_or_default(), sink);
            }
        }
        "metadata" => {
            if let Some(metadata) = piece.parse::<Metadata<'_>>(sink) {
                about(bill, &metadata, sink);
                let hardware = piece.parse::<Hardware<'_>>(sink).unwrap_or_default();
                say_properties(bill, &hardware);
            }
        }
        "compositions" => {
            let composition = piece.parse::<Composition<'_>>(sink).unwrap_or_default();
            if composition.aggregate.as_str().is_some_and(|it| it.starts_with("incomplete")) {
                bill.is_in_part();
            }
        }
        "specVersion" => complain_of_version(piece, sink),
        // Vulnerabilities are not the bill's.
        _ => {}
    }
}

pub(super) fn is_known_version(version: &str) -> bool {
    matches!(version, "1.2" | "1.3" | "1.4" | "1.5" | "1.6" | "1.7")
}

fn complain_of_version(piece: &Piece<'_>, sink: &mut dyn Sink<Item>) {
    let version = piece.parse::<Text<'_>>(sink).unwrap_or_default();
    if let Some(version) = version.as_str().filter(|it| !is_known_version(it)) {
        let message = format!(
            "CycloneDX {version} is none of the versions 1.2 to 1.7 that are known; it was read as one of them"
        );
        sink.complain(Complaint::doubtful("specVersion", message));
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Metadata<'a> {
    #[serde(borrow)]
    component: Maybe<Part<'a>>,
    #[serde(borrow)]
    manufacture: Named<'a>,
    #[serde(borrow)]
    manufacturer: Named<'a>,
    #[serde(borrow)]
    supplier: Named<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow, rename = "bom-ref")]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    cpe: Text<'a>,
    #[serde(borrow)]
    purl: Text<'a>,
    #[serde(borrow)]
    manufacturer: Named<'a>,
    #[serde(borrow)]
    supplier: Named<'a>,
    #[serde(borrow)]
    publisher: Text<'a>,
    #[serde(borrow)]
    scope: Text<'a>,
    #[serde(borrow)]
    components: List<Part<'a>>,
}

/// What is read of the subject alone.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Hardware<'a> {
    #[serde(borrow)]
    component: Maybe<Properties<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Properties<'a> {
    #[serde(borrow)]
    properties: List<Property<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Property<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    value: Text<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Composition<'a> {
    #[serde(borrow)]
    aggregate: Text<'a>,
}

fn about(bill: &mut Bill, metadata: &Metadata<'_>, sink: &mut dyn Sink<Item>) {
    let Some(part) = &metadata.component.0 else { return };
    let makers = [&metadata.manufacturer, &metadata.manufacture, &metadata.supplier];
    let maker = vendor(part).or_else(|| makers.into_iter().find_map(|it| it.0.as_str()));
    part.with_line(maker, |line| bill.about(line));
    for (index, nested) in part.components.0.iter().enumerate() {
        add(bill, nested, index, sink);
    }
}

fn say_properties(bill: &mut Bill, hardware: &Hardware<'_>) {
    for property in hardware.component.0.iter().flat_map(|it| &it.properties.0) {
        let attribute = property.name.as_str().and_then(device_property);
        if let (Some(attribute), Some(value)) = (attribute, property.value.as_str()) {
            bill.attributes.push((attribute, value.to_owned()));
        }
    }
}

/// A component and those nested in it, each after the one that holds it.
fn add(bill: &mut Bill, part: &Part<'_>, index: usize, sink: &mut dyn Sink<Item>) {
    let place = || format!("components[{index}]");
    // `excluded`: it builds or tests what is delivered, and is not in it.
    if part.scope.as_str() == Some("excluded") {
        return;
    }
    part.with_line(vendor(part), |line| bill.add(line, place, sink));
    // Depth was bounded when the piece was cut out of the document.
    for nested in &part.components.0 {
        add(bill, nested, index, sink);
    }
}

impl Part<'_> {
    fn with_line(&self, vendor: Option<&str>, take: impl FnOnce(&Line<'_>)) {
        let (cpe, purl) = (self.cpe.as_str(), self.purl.as_str());
        take(&Line {
            id: self.id.as_str(),
            kind: self.kind.as_str().map(kind),
            vendor,
            name: self.name.as_str(),
            version: self.version.as_str(),
            cpes: cpe.as_slice(),
            purls: purl.as_slice(),
        });
    }
}

/// Who makes it, before who supplies it, before who publishes it.
fn vendor<'p>(part: &'p Part<'_>) -> Option<&'p str> {
    let named = [&part.manufacturer.0, &part.supplier.0, &part.publisher];
    named.into_iter().find_map(Text::as_str)
}

/// The schema's `component.type`.
pub(super) fn kind(word: &str) -> Kind {
    match word {
        // A device's version is its firmware's.
        "device" | "firmware" => Kind::Known(ComponentKind::Device),
        "operating-system" => Kind::Known(ComponentKind::System),
        "application" | "container" | "platform" => Kind::Known(ComponentKind::Application),
        "file" | "data" | "cryptographic-asset" | "machine-learning-model" => Kind::Thing,
        _ => Kind::Known(ComponentKind::Package),
    }
}

/// Properties of hardware (CycloneDX property taxonomy, namespace `cdx:device`).
pub(super) fn device_property(name: &str) -> Option<Attribute> {
    Some(match name.strip_prefix("cdx:device:")? {
        "serialNumber" => Attribute::Serial,
        "macAddress" => Attribute::Mac,
        "location" => Attribute::Location,
        "deviceType" => Attribute::DeviceClass,
        "prodTimestamp" => Attribute::ManufacturedOn,
        _ => return None,
    })
}
