//! The description of a UPnP device (UPnP Device Architecture 2.0, section 2.3): an allow-list of its elements.

use crate::notes::Notes;
use crate::xml::{Further, Met, walk};
use exposome_model::sighting::Property;

pub(crate) fn read(document: &[u8], notes: &mut Notes<'_>) {
    let mut devices = 0;
    walk(document, |met| {
        match met {
            Met::Element { name: b"device", .. } => {
                devices += 1;
                // The devices inside are parts of the first.
                if devices > 1 {
                    return Further::Enough;
                }
            }
            Met::Text { name, within: b"device", text } => {
                let property = match name {
                    b"manufacturer" => Property::Manufacturer,
                    b"modelName" => Property::Model,
                    b"modelNumber" => Property::ModelNumber,
                    b"serialNumber" => Property::Serial,
                    b"friendlyName" => Property::FriendlyName,
                    b"deviceType" => Property::ServiceType,
                    b"UDN" => {
                        let text = text.plain();
                        let id = text.strip_prefix(b"uuid:").unwrap_or(&text);
                        notes.sender(Property::DeviceUuid, id);
                        return Further::On;
                    }
                    _ => return Further::On,
                };
                notes.sender(property, &text.plain());
            }
            _ => {}
        }
        Further::On
    });
}
