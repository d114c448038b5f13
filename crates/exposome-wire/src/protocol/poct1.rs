//! POCT1-A (CLSI): point-of-care devices, by the hello with which they open a conversation.
//!
//! Of its XML only the message HEL.R01 is read, and of that the object DEV;
//! observations and operators come in other messages.

use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use crate::xml::{Further, Met, walk};
use exposome_model::sighting::Property;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let head = first.bytes.get(..256).unwrap_or(first.bytes);
    if head.trim_ascii_start().first() != Some(&b'<') {
        return None;
    }
    if memchr::memmem::find(head, b"<HEL.R01").is_some() {
        return Some(Sound::Client);
    }
    let others = [&b"<ACK.R01"[..], b"<DST.R01", b"<REQ.R01", b"<OBS.R01", b"<EOT.R01"];
    others.iter().any(|it| memchr::memmem::find(head, it).is_some()).then_some(Sound::Either)
}

#[derive(Debug)]
struct Poct1;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Poct1)
}

const MESSAGE_MAX: usize = 16 << 10;

impl Reader for Poct1 {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if memchr::memmem::find(bytes.get(..256).unwrap_or(bytes), b"<HEL.R01").is_none() {
            return Step::Took(bytes.len());
        }
        if memchr::memmem::find(bytes, b"</HEL.R01>").is_none() && bytes.len() < MESSAGE_MAX {
            return Step::Wait(bytes.len() + 1);
        }
        hello(bytes, notes);
        Step::Over
    }
}

fn hello(message: &[u8], notes: &mut Notes<'_>) {
    walk(message, |met| {
        let Met::Element { name, attributes, .. } = met else { return Further::On };
        let property = match name {
            b"DEV.vendor_id" | b"DEV.manufacturer_name" => Property::Manufacturer,
            b"DEV.model_id" => Property::Model,
            b"DEV.serial_id" => Property::Serial,
            b"DEV.hw_version" => Property::Hardware,
            b"DEV.sw_version" => Property::Firmware,
            b"DEV.device_name" => Property::FriendlyName,
            b"DEV.device_id" => {
                // An EUI-64.
                let id = attributes.get(b"V").unwrap_or_default();
                let digits: Vec<u8> =
                    id.iter().filter(|it| it.is_ascii_hexdigit()).copied().collect();
                if digits.len() == 16 {
                    notes.sender(Property::Eui64, &digits.to_ascii_uppercase());
                }
                return Further::On;
            }
            // What it can do, and who may use it.
            b"DCP" | b"DSC" => return Further::Enough,
            _ => return Further::On,
        };
        if let Some(value) = attributes.get(b"V") {
            notes.sender(property, &value);
        }
        Further::On
    });
}
