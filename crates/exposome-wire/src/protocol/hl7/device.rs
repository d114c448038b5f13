//! Devices of which an HL7 message speaks: an allow-list of fields.
//!
//! OBX-18 is the instance of the equipment that observed (chapter 7); PRT-10 the
//! device that took part, PRT-16 to PRT-22 its UDI and its parts (chapter 7,
//! "PRT: participation information").  Where a site allows it, PV1-3 and PRT-14
//! say where the device stands.  No other field of any segment is looked at.

use super::{Marks, is_of_a_person};
use crate::notes::Notes;
use crate::station::Subject;
use exposome_model::sighting::{Certainty, Property};

/// Messages of a monitor have hundreds of observations, all by the same device.
const SEGMENTS_MAX: usize = 400;

pub(super) fn read(message: &[u8], marks: Marks, notes: &mut Notes<'_>) {
    let mut location = None;
    let mut last: Option<(&[u8], Option<Subject>)> = None;
    let segments = message.split(|byte| matches!(byte, b'\r' | b'\n'));
    for segment in segments.take(SEGMENTS_MAX) {
        let field = |number: usize| {
            segment.split(|&byte| byte == marks.field).nth(number).filter(|it| !it.is_empty())
        };
        match segment.get(..3) {
            Some(b"PV1") if notes.rules.locations => location = field(3),
            Some(b"OBX") => {
                let Some(instance) = field(18) else { continue };
                // The same device again, as in the observation before.
                if last.is_some_and(|(it, _)| it == instance) {
                    continue;
                }
                let subject = instance_of(instance, marks, notes);
                last = Some((instance, subject));
                place(subject, location, marks, notes);
            }
            Some(b"PRT") => {
                let udi = field(16).map(Udi::read);
                let subject = match field(10) {
                    Some(instance) => instance_of(instance, marks, notes),
                    None => udi.as_ref().and_then(|it| notes.behind(it.name()?)),
                };
                let Some(subject) = subject else { continue };
                if let Some(udi) = udi {
                    udi.note(subject, notes);
                }
                // The parts of a UDI in fields of their own: device identifier, serial number.
                for (number, property) in [(17, Property::Udi), (21, Property::Serial)] {
                    if let Some(value) = field(number) {
                        let value = value.split(|&byte| byte == marks.component).next();
                        let value = value.unwrap_or_default();
                        notes.about(subject, property, Certainty::Told, value);
                    }
                }
                if notes.rules.locations {
                    place(Some(subject), field(14).or(location), marks, notes);
                }
            }
            _ => {}
        }
    }
}

/// A device by its entity identifier (data type EI): a name, and perhaps an identifier of the whole world.
fn instance_of(field: &[u8], marks: Marks, notes: &mut Notes<'_>) -> Option<Subject> {
    let first = field.split(|&byte| byte == marks.repetition).next()?;
    let mut components = first.split(|&byte| byte == marks.component);
    let entity = components.next().unwrap_or_default().trim_ascii();
    let namespace = components.next().unwrap_or_default().trim_ascii();
    let universal = components.next().unwrap_or_default().trim_ascii();
    let kind = components.next().unwrap_or_default().trim_ascii();
    let is_eui64 = kind.eq_ignore_ascii_case(b"EUI-64");
    if universal.is_empty() && is_of_a_person(entity, namespace) {
        return None;
    }
    let called = if entity.is_empty() { universal } else { entity };
    let subject = notes.behind(called)?;
    notes.about(subject, Property::FriendlyName, Certainty::Told, entity);
    if is_eui64 {
        let digits: Vec<u8> =
            universal.iter().filter(|it| it.is_ascii_hexdigit()).copied().collect();
        if digits.len() == 16 {
            let digits = digits.to_ascii_uppercase();
            notes.about(subject, Property::Eui64, Certainty::Told, &digits);
        }
    }
    Some(subject)
}

/// Point of care, room and bed (data type PL).
fn place(subject: Option<Subject>, location: Option<&[u8]>, marks: Marks, notes: &mut Notes<'_>) {
    let (Some(subject), Some(location)) = (subject, location) else { return };
    let parts = location.split(|&byte| byte == marks.component).take(3);
    let parts: Vec<&[u8]> = parts.map(<[u8]>::trim_ascii).filter(|it| !it.is_empty()).collect();
    notes.about(subject, Property::Location, Certainty::Told, &parts.join(&b'/'));
}

/// A UDI carrier as people read it: `(01)04049098000024(21)EXMON-0042` (GS1 General Specifications, 4.14; HIBCC and
/// ICCBBA write it without brackets, and then only the whole is known).
struct Udi<'a> {
    identifier: Option<&'a [u8]>,
    serial: Option<&'a [u8]>,
}

impl<'a> Udi<'a> {
    fn read(carrier: &'a [u8]) -> Udi<'a> {
        let mut udi = Udi { identifier: None, serial: None };
        // Each part stands behind the number of its kind, in brackets.
        for part in carrier.split(|byte| *byte == b'(').skip(1) {
            let mut halves = part.splitn(2, |byte| *byte == b')');
            match (halves.next(), halves.next()) {
                (Some(b"01"), Some(value)) => udi.identifier = Some(value),
                (Some(b"21"), Some(value)) => udi.serial = Some(value),
                _ => {}
            }
        }
        udi
    }

    fn name(&self) -> Option<&'a [u8]> {
        self.serial.or(self.identifier)
    }

    fn note(&self, subject: Subject, notes: &mut Notes<'_>) {
        for (property, value) in [(Property::Udi, self.identifier), (Property::Serial, self.serial)]
        {
            if let Some(value) = value {
                notes.about(subject, property, Certainty::Told, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_udi_is_taken_apart_by_its_brackets() {
        let udi = Udi::read(b"(01)04049098000024(11)260101(21)EXMON-0042");
        assert_eq!(udi.identifier, Some(&b"04049098000024"[..]));
        assert_eq!(udi.serial, Some(&b"EXMON-0042"[..]));
        let udi = Udi::read(b"+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ4567890");
        assert_eq!((udi.identifier, udi.serial), (None, None));
        assert!(Udi::read(b"(01").identifier.is_none());
    }
}
