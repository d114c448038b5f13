//! IEEE 11073 SDC: medical devices that describe themselves, and WS-Discovery (OASIS, 1.1) and DPWS (OASIS, 1.1), by
//! which they are found.
//!
//! A device's description holds its whole state, patient and measurements
//! included.  Only these are read: DPWS's ThisModel and ThisDevice; of the MDIB
//! (IEEE 11073-10207) the metadata of the MDS (5.3.2) and its safety class; where
//! a site allows it, its location.  The walk ends where the parts of the device
//! begin, before any state.

use crate::notes::Notes;
use crate::protocol::documents;
use crate::protocols::{First, Sound};
use crate::xml::{Further, Met, walk};
use exposome_model::sighting::Property;

/// WS-Discovery over UDP: a SOAP envelope in one datagram.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    if first.bytes.first() != Some(&b'<') {
        return None;
    }
    let head = first.bytes.get(..1024).unwrap_or(first.bytes);
    let action = documents::action(head)?;
    memchr::memmem::find(action, b"/discovery")?;
    match action.rsplit(|it| *it == b'/').next()? {
        b"Probe" | b"Resolve" => Some(Sound::Client),
        _ => Some(Sound::Server),
    }
}

pub(crate) fn read_datagram(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let action = documents::action(message.get(..1024).unwrap_or(message))?;
    match action.rsplit(|it| *it == b'/').next()? {
        b"Hello" | b"ProbeMatches" | b"ResolveMatches" => discovery(message, notes),
        b"Probe" => probe(message, notes),
        _ => {}
    }
    Some(())
}

/// What is looked for tells what the seeker is made for.
fn probe(message: &[u8], notes: &mut Notes<'_>) {
    walk(message, |met| match met {
        Met::Text { name: b"Types", text, .. } => {
            for kind in kinds(&text.plain()) {
                notes.sender(Property::LooksFor, kind);
            }
            Further::Enough
        }
        _ => Further::On,
    });
}

/// Who announces itself or answers a search.
pub(crate) fn discovery(message: &[u8], notes: &mut Notes<'_>) {
    walk(message, |met| {
        match met {
            Met::Text { name: b"Address", within: b"EndpointReference", text } => {
                reference(&text.plain(), notes);
            }
            Met::Text { name: b"Types", text, .. } => {
                for kind in kinds(&text.plain()) {
                    notes.sender(Property::ServiceType, kind);
                }
            }
            Met::Text { name: b"Scopes", text, .. } => {
                for scope in text.plain().split(u8::is_ascii_whitespace).take(16) {
                    self::scope(scope, notes);
                }
            }
            _ => {}
        }
        Further::On
    });
}

/// Local names of a list of types: `dpws:Device mdpws:MedicalDevice`.
fn kinds(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let words = text.split(u8::is_ascii_whitespace).filter(|it| !it.is_empty()).take(8);
    words.filter_map(|it| it.rsplit(|it| *it == b':').next())
}

fn reference(address: &[u8], notes: &mut Notes<'_>) {
    let id = address.strip_prefix(b"urn:uuid:").or_else(|| address.strip_prefix(b"uuid:"));
    notes.sender(Property::EndpointReference, id.unwrap_or(address));
}

/// IEEE 11073-20701, 9.4: where a device stands (`sdc.ctxt.loc`), what it can do, of which kind it is.
fn scope(scope: &[u8], notes: &mut Notes<'_>) {
    if let Some(location) = scope.strip_prefix(b"sdc.ctxt.loc:") {
        let query = location.split(|it| *it == b'?').nth(1).unwrap_or_default();
        let mut parts = Vec::new();
        for key in [&b"fac="[..], b"bldng=", b"flr=", b"poc=", b"rm=", b"bed="] {
            let value = query.split(|it| *it == b'&').find_map(|it| it.strip_prefix(key));
            if let Some(value) = value.filter(|it| !it.is_empty()) {
                parts.push(percent_decoded(value));
            }
        }
        notes.sender(Property::Location, &parts.join(&b'/'));
    } else if let Some(kind) = scope.strip_prefix(b"sdc.cdc.type:") {
        notes.sender(Property::ServiceScope, &[b"type ", kind.trim_ascii()].concat());
    } else if scope.starts_with(b"sdc.mds.pkp:") || scope.starts_with(b"onvif:") {
        notes.sender(Property::ServiceScope, scope);
    }
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let decoded = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        if let Some(decoded) = decoded.filter(|_| byte == b'%') {
            plain.push(decoded);
            rest = after.get(2..).unwrap_or_default();
        } else {
            plain.push(byte);
            rest = after;
        }
    }
    plain
}

/// The answer to a question for metadata or for the MDIB.
pub(crate) fn read(document: &[u8], notes: &mut Notes<'_>) {
    walk(document, |met| {
        let (property, text) = match met {
            // What follows are the parts of the device, then its state and the patient's.
            Met::Element { name: b"Vmd" | b"SystemContext" | b"MdState" | b"State", .. } => {
                return Further::Enough;
            }
            Met::Element { name: b"Mds", attributes, .. } => {
                match attributes.get(b"SafetyClassification") {
                    Some(class) => (Property::SafetyClass, class),
                    None => return Further::On,
                }
            }
            Met::Text { name, within, text } => {
                let property = match (within, name) {
                    (b"ThisModel" | b"MetaData", b"Manufacturer") => Property::Manufacturer,
                    (b"ThisModel" | b"MetaData", b"ModelName") => Property::Model,
                    (b"ThisModel" | b"MetaData", b"ModelNumber") => Property::ModelNumber,
                    (b"ThisDevice" | b"MetaData", b"SerialNumber") => Property::Serial,
                    (b"ThisDevice", b"FriendlyName") => Property::FriendlyName,
                    (b"ThisDevice", b"FirmwareVersion") => Property::Firmware,
                    (b"Udi", b"DeviceIdentifier") => Property::Udi,
                    (b"Type", b"ConceptDescription") => Property::DeviceKind,
                    (b"EndpointReference", b"Address") => {
                        let text = text.plain();
                        if text.starts_with(b"urn:uuid:") {
                            reference(&text, notes);
                        }
                        return Further::On;
                    }
                    _ => return Further::On,
                };
                (property, text.plain().into_owned())
            }
            Met::Element { .. } => return Further::On,
        };
        notes.sender(property, &text);
        Further::On
    });
}
