//! FHIR bundles: devices, their definitions and where they stand, releases R4 and R5.
//!
//! Of a bundle only `Device`, `DeviceDefinition` and `Location` are looked at, and
//! of these only what identifies a device.  Every other resource is passed over
//! by its type before anything of it is read.  A device's `patient` and `subject`,
//! its notes, contacts and narrative text have no field here.
//!
//! **Invariant:** nothing of a patient leaves this module (the test puts marked names
//! into every place that a patient can stand in).
//!
//! Specification: HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resources Bundle, Device,
//! `DeviceDefinition`, Location.

use super::loose::{List, Maybe, Text};
use super::text::quoted;
use super::values::{DateCell, date};
use crate::json::{Piece, Want, walk};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::reading::{Complaint, Sink};
use std::collections::BTreeMap;
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "fhir-devices",
    title: "devices as a FHIR bundle",
    specified_in: "HL7 FHIR R4 and R5: Bundle, Device, DeviceDefinition, Location",
    known_by: "resourceType Bundle",
    recognise: |glimpse| glimpse.value("resourceType") == Some("Bundle"),
    reader: Reader::Stream(read),
};

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut bundle = Bundle::default();
    let want = |member: &str| if member == "entry" { Want::Elements } else { Want::Nothing };
    let result = walk(source, document, sink, want, |piece, sink| {
        bundle.entry(piece, sink);
        Ok(())
    });
    bundle.finish(sink);
    result
}

/// What has been read of a bundle; references are followed at its end.
#[derive(Default)]
struct Bundle {
    devices: Vec<Known>,
    definitions: BTreeMap<String, Known>,
    locations: BTreeMap<String, Place>,
}

/// What a device or a definition says of itself.
#[derive(Default)]
struct Known {
    place: String,
    /// By which other resources point to it.
    ids: Vec<String>,
    manufacturer: Option<String>,
    model: Option<String>,
    name: Option<String>,
    version: Option<String>,
    programs: Vec<(String, Option<String>)>,
    made_on: Option<jiff::civil::Date>,
    attributes: Vec<(Attribute, String)>,
    definition: Option<String>,
    location: Option<String>,
}

struct Place {
    name: Option<String>,
    part_of: Option<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow, rename = "fullUrl")]
    full_url: Text<'a>,
    /// Read only when its type is known to be one of ours.
    #[serde(borrow)]
    resource: Option<crate::json::Raw<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Typed<'a> {
    #[serde(borrow, rename = "resourceType")]
    kind: Text<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Device<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    identifier: List<Identifier<'a>>,
    #[serde(borrow)]
    udi_carrier: List<Udi<'a>>,
    #[serde(borrow)]
    udi_device_identifier: List<Udi<'a>>,
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    manufacturer: Maker<'a>,
    #[serde(borrow)]
    manufacturer_string: Text<'a>,
    #[serde(borrow)]
    manufacture_date: Text<'a>,
    #[serde(borrow)]
    serial_number: Text<'a>,
    #[serde(borrow)]
    model_number: Text<'a>,
    #[serde(borrow)]
    display_name: Text<'a>,
    /// Up to R4; later `name`.
    #[serde(borrow, rename = "deviceName")]
    names_to_r4: List<DeviceName<'a>>,
    #[serde(borrow)]
    name: List<DeviceName<'a>>,
    #[serde(borrow, rename = "type")]
    kinds: List<Concept<'a>>,
    #[serde(borrow)]
    version: List<Version<'a>>,
    #[serde(borrow)]
    owner: Maybe<Reference<'a>>,
    #[serde(borrow)]
    location: Maybe<Reference<'a>>,
    #[serde(borrow)]
    definition: Maybe<Pointer<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Identifier<'a> {
    #[serde(borrow)]
    value: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Maybe<Concept<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Udi<'a> {
    #[serde(borrow)]
    device_identifier: Text<'a>,
    #[serde(borrow, rename = "carrierHRF")]
    carrier: Text<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct DeviceName<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    value: Text<'a>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Concept<'a> {
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    coding: List<Coding<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Coding<'a> {
    #[serde(borrow)]
    code: Text<'a>,
    #[serde(borrow)]
    display: Text<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Version<'a> {
    #[serde(borrow, rename = "type")]
    kind: Maybe<Concept<'a>>,
    #[serde(borrow)]
    value: Text<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Reference<'a> {
    #[serde(borrow)]
    reference: Text<'a>,
    #[serde(borrow)]
    display: Text<'a>,
}

/// R4 points by a reference, R5 by a reference within another object.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Pointer<'a> {
    #[serde(borrow)]
    reference: Target<'a>,
}

#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum Target<'a> {
    Nested {
        #[serde(borrow)]
        reference: Text<'a>,
    },
    #[serde(borrow)]
    Plain(Text<'a>),
}

impl Default for Target<'_> {
    fn default() -> Self {
        Target::Plain(Text::default())
    }
}

/// A manufacturer is a text for a device, a reference for a definition.
#[derive(Debug, serde::Deserialize)]
#[serde(untagged)]
enum Maker<'a> {
    Organisation {
        #[serde(borrow)]
        display: Text<'a>,
    },
    #[serde(borrow)]
    Plain(Text<'a>),
}

impl Default for Maker<'_> {
    fn default() -> Self {
        Maker::Plain(Text::default())
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Location<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    part_of: Maybe<Reference<'a>>,
}

impl Bundle {
    fn entry(&mut self, piece: &Piece<'_>, sink: &mut dyn Sink<Item>) {
        let Some(entry) = piece.parse::<Entry<'_>>(sink) else { return };
        let Some(resource) = entry.resource else { return };
        let kind = crate::json::parse::<Typed<'_>>(resource.0).unwrap_or_default().kind;
        let full_url = entry.full_url.owned();
        let resource = Piece::new(piece.member, piece.index, resource.0);
        match kind.as_str() {
            Some("Device") => {
                if let Some(device) = resource.parse::<Device<'_>>(sink) {
                    self.devices.push(device.known("Device", full_url, piece.place()));
                }
            }
            Some("DeviceDefinition") => {
                if let Some(device) = resource.parse::<Device<'_>>(sink) {
                    let known = device.known("DeviceDefinition", full_url, piece.place());
                    for id in known.ids.clone() {
                        self.definitions.insert(id, known.copied());
                    }
                }
            }
            Some("Location") => {
                if let Some(location) = resource.parse::<Location<'_>>(sink) {
                    let part_of = location.part_of.0.and_then(|it| it.reference.owned());
                    for id in ids("Location", &location.id, full_url) {
                        self.locations.insert(
                            id,
                            Place { name: location.name.owned(), part_of: part_of.clone() },
                        );
                    }
                }
            }
            _ => {}
        }
    }

    fn finish(mut self, sink: &mut dyn Sink<Item>) {
        if self.devices.is_empty() {
            sink.complain(Complaint::doubtful(
                "entry",
                "the bundle holds no Device; nothing in it was read",
            ));
        }
        for device in std::mem::take(&mut self.devices) {
            let definition = device.definition.as_ref().and_then(|it| self.definitions.get(it));
            let location = device.location.as_ref().and_then(|it| self.whereabouts(it));
            device.hand_over(definition, location.as_ref(), sink);
        }
    }

    /// The name of a location with those it is part of: `Bed 4, ICU`.
    fn whereabouts(&self, id: &str) -> Option<String> {
        let mut names = Vec::new();
        let mut at = self.locations.get(id);
        // A location that is part of itself ends here.
        while let Some(place) = at.filter(|_| names.len() < 8) {
            names.extend(place.name.clone());
            at = place.part_of.as_ref().and_then(|it| self.locations.get(it));
        }
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// How others may point to a resource.
fn ids(kind: &str, id: &Text<'_>, full_url: Option<String>) -> Vec<String> {
    id.as_str().map(|it| format!("{kind}/{it}")).into_iter().chain(full_url).collect()
}

impl Concept<'_> {
    fn in_words(&self) -> Option<&str> {
        let coding =
            || self.coding.0.iter().find_map(|it| it.display.as_str().or(it.code.as_str()));
        self.text.as_str().or_else(coding)
    }

    fn has_code(&self, code: &str) -> bool {
        self.coding
            .0
            .iter()
            .any(|it| it.code.as_str().is_some_and(|it| it.eq_ignore_ascii_case(code)))
    }
}

impl Device<'_> {
    fn known(&self, kind: &str, full_url: Option<String>, place: String) -> Known {
        let names = || self.names_to_r4.0.iter().chain(&self.name.0);
        let of_kind = |kind: &str| {
            names()
                .filter(|it| it.kind.as_str() == Some(kind))
                .find_map(|it| it.name.as_str().or(it.value.as_str()))
        };
        let any_name = || {
            names()
                .filter(|it| it.kind.as_str() != Some("model-name"))
                .find_map(|it| it.name.as_str().or(it.value.as_str()))
        };
        let manufacturer = match &self.manufacturer {
            Maker::Organisation { display } => display.as_str(),
            Maker::Plain(name) => name.as_str(),
        };
        let definition = self.definition.0.as_ref().and_then(|it| match &it.reference {
            Target::Nested { reference } | Target::Plain(reference) => reference.owned(),
        });
        let mut known = Known {
            place,
            ids: ids(kind, &self.id, full_url),
            manufacturer: manufacturer.or(self.manufacturer_string.as_str()).map(str::to_owned),
            model: self.model_number.as_str().or_else(|| of_kind("model-name")).map(str::to_owned),
            name: self.display_name.as_str().or_else(any_name).map(str::to_owned),
            made_on: self.manufacture_date.as_str().and_then(|it| match date(it) {
                DateCell::Day(day) => Some(day),
                _ => None,
            }),
            definition,
            location: self.location.0.as_ref().and_then(|it| it.reference.owned()),
            ..Known::default()
        };
        self.versions(&mut known);
        self.attributes(&mut known);
        known
    }

    /// Firmware first, then software; a version of a named part is a program of its own.
    fn versions(&self, known: &mut Known) {
        for version in &self.version.0 {
            let Some(value) = version.value.as_str() else { continue };
            let part = version.kind.0.as_ref().and_then(Concept::in_words).unwrap_or_default();
            let kind = part.to_lowercase();
            if kind.contains("hardware") {
                continue;
            }
            let own = kind.is_empty()
                || kind.contains("firmware")
                || kind.contains("software")
                || kind.contains("version");
            match (own, &known.version) {
                (true, None) => known.version = Some(value.to_owned()),
                (true, Some(_)) if kind.contains("firmware") => {
                    known.version = Some(value.to_owned());
                }
                (false, _) if known.programs.len() < 100 => {
                    known.programs.push((part.to_owned(), Some(value.to_owned())));
                }
                _ => {}
            }
        }
    }

    fn attributes(&self, known: &mut Known) {
        let mut say = |attribute: Attribute, value: Option<&str>| {
            let said = value
                .map(|it| (attribute, it.to_owned()))
                .filter(|it| !known.attributes.contains(it));
            known.attributes.extend(said);
        };
        for identifier in self.identifier.0.iter().take(32) {
            let kind = identifier.kind.0.as_ref();
            let is = |code: &str| kind.is_some_and(|it| it.has_code(code));
            // HL7 table 0203: SNO serial number, MACN network address; what has no type is the owner's own number.
            if is("SNO") {
                say(Attribute::Serial, identifier.value.as_str());
            } else if is("MAC") || is("MACN") {
                say(
                    Attribute::Mac,
                    identifier.value.as_str().and_then(super::values::mac).as_deref(),
                );
            } else if kind.is_none() || is("ACSN") || is("FILL") {
                say(Attribute::AssetId, identifier.value.as_str());
            }
        }
        say(Attribute::Serial, self.serial_number.as_str());
        for udi in self.udi_carrier.0.iter().chain(&self.udi_device_identifier.0).take(8) {
            say(Attribute::Udi, udi.carrier.as_str().or(udi.device_identifier.as_str()));
        }
        say(Attribute::DeviceClass, self.kinds.0.iter().find_map(Concept::in_words));
        say(Attribute::Owner, self.owner.0.as_ref().and_then(|it| it.display.as_str()));
        say(Attribute::Lifecycle, self.status.as_str());
    }
}

impl Known {
    fn copied(&self) -> Known {
        Known {
            manufacturer: self.manufacturer.clone(),
            model: self.model.clone(),
            name: self.name.clone(),
            attributes: self
                .attributes
                .iter()
                .filter(|it| it.0 == Attribute::DeviceClass)
                .cloned()
                .collect(),
            ..Known::default()
        }
    }

    /// Makes the sheet; a definition says what the device itself leaves out.
    fn hand_over(
        self,
        definition: Option<&Known>,
        location: Option<&String>,
        sink: &mut dyn Sink<Item>,
    ) {
        let defined = |of: fn(&Known) -> &Option<String>| definition.and_then(|it| of(it).clone());
        let manufacturer = self.manufacturer.or_else(|| defined(|it| &it.manufacturer));
        let model = self.model.or_else(|| defined(|it| &it.model));
        let name = self.name.or_else(|| defined(|it| &it.name));
        let mut attributes = self.attributes;
        let key_of = |attribute: Attribute| {
            attributes.iter().find(|it| it.0 == attribute).map(|it| it.1.clone())
        };
        let key = key_of(Attribute::AssetId)
            .or_else(|| self.ids.first().cloned())
            .or_else(|| key_of(Attribute::Serial));
        let Some(key) = key else {
            sink.complain(Complaint::refused(
                self.place,
                "a device with neither an id, an identifier nor a serial number",
            ));
            return;
        };
        if !attributes.iter().any(|it| it.0 == Attribute::DeviceClass) {
            attributes.extend(definition.iter().flat_map(|it| it.attributes.iter().cloned()));
        }
        for (attribute, value) in [
            (Attribute::Manufacturer, manufacturer.as_ref()),
            (Attribute::Model, model.as_ref()),
            (Attribute::Name, name.as_ref()),
            (Attribute::Location, location),
        ] {
            attributes.extend(value.cloned().map(|it| (attribute, it)));
        }
        let mut components = Vec::new();
        if let Some(product) = model.as_ref().or(name.as_ref()) {
            components.push(Component {
                vendor: manufacturer,
                called: name.clone().filter(|it| it != product),
                version: self.version,
                manufactured_on: self.made_on,
                ..Component::new(ComponentKind::Device, product.as_str())
            });
        } else {
            let message = format!(
                "the device {} has neither model nor name; nothing can be matched to it",
                quoted(&key)
            );
            sink.complain(Complaint::doubtful(self.place.clone(), message));
        }
        let programs = self.programs.into_iter().map(|(name, version)| Component {
            version,
            ..Component::new(ComponentKind::Application, name)
        });
        components.extend(programs);
        sink.record(Item::Sheet(Sheet {
            key,
            attributes,
            components,
            place: self.place,
            ..Sheet::default()
        }));
    }
}
