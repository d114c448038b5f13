//! FHIR (HL7, R4 and R5): the capability statement of a server, which names its software.
//!
//! Resources about people are never read; the only one that is, is
//! `CapabilityStatement`, and of it `software`: its publisher is mostly not who made the server.

use crate::json::text_of;
use crate::notes::Notes;
use crate::xml::{Further, Met, walk};
use exposome_model::sighting::Property;

const PATHS: [(&[&[u8]], Property); 2] = [
    (&[b"software", b"name"], Property::Software),
    (&[b"software", b"version"], Property::SoftwareVersion),
];

pub(crate) fn read_json(document: &[u8], notes: &mut Notes<'_>) {
    for (path, property) in PATHS {
        if let Some(value) = text_of(document, path) {
            notes.sender(property, &value);
        }
    }
    notes.does(Property::Role, "fhir server");
}

pub(crate) fn read_xml(document: &[u8], notes: &mut Notes<'_>) {
    walk(document, |met| {
        if let Met::Element { name, within, attributes } = met {
            let property = match (within, name) {
                (b"software", b"name") => Property::Software,
                (b"software", b"version") => Property::SoftwareVersion,
                // The operations on resources follow.
                (b"CapabilityStatement", b"rest") => return Further::Enough,
                _ => return Further::On,
            };
            if let Some(value) = attributes.get(b"value") {
                notes.sender(property, &value);
            }
        }
        Further::On
    });
    notes.does(Property::Role, "fhir server");
}
