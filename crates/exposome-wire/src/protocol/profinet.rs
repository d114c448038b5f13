//! PROFINET (IEC 61158-6-10): DCP, by which stations name themselves on Ethernet, and the connection manager over UDP.

use crate::bytes::{Bytes, be16};
use crate::ip::Address;
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use exposome_model::sighting::Property;

/// Answers to "identify" and "get", and hellos of DCP; other frames carry process data.
pub(crate) fn read_frame(frame: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(frame);
    if !matches!(bytes.be16()?, 0xfefc | 0xfefd | 0xfeff) {
        return Some(());
    }
    let (_service, kind) = (bytes.u8()?, bytes.u8()?);
    // Transaction, delay.
    bytes.skip(6)?;
    let len = bytes.be16()?;
    if kind != 1 && be16(frame, 0) != Some(0xfefc) {
        return Some(());
    }
    let mut blocks = Bytes::new(bytes.take_up_to(len.into()));
    for _ in 0..32 {
        if blocks.is_empty() {
            break;
        }
        let (option, part) = (blocks.u8()?, blocks.u8()?);
        let len = usize::from(blocks.be16()?);
        let value = blocks.take(len)?;
        if len % 2 == 1 {
            let _ = blocks.skip(1);
        }
        // Two bytes about the block, then its value.
        let value = value.get(2..)?;
        match (option, part) {
            (1, 2) => {
                let address: [u8; 4] = value.get(..4)?.try_into().ok()?;
                let address = Address::v4(address);
                if !address.is_unspecified() {
                    let text = address.ip().to_string();
                    notes.sender(Property::ManagementAddress, text.as_bytes());
                }
            }
            (2, 1) => notes.sender(Property::Model, value),
            (2, 2) => notes.sender(Property::SystemName, value),
            (2, 3) => {
                let (vendor, device) = (be16(value, 0)?, be16(value, 2)?);
                notes.sender(Property::VendorId, format!("profinet {vendor:#06x}").as_bytes());
                let code = format!("profinet {vendor:#06x}/{device:#06x}");
                notes.sender(Property::ProductCode, code.as_bytes());
            }
            (2, 4) => {
                let role = *value.first()?;
                for (bit, name) in [(1, "io device"), (2, "io controller"), (8, "io supervisor")] {
                    if role & bit != 0 {
                        notes.sender(Property::Role, format!("profinet {name}").as_bytes());
                    }
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// DCE RPC over UDP (C706, 12.5.3.2) with an object of PROFINET IO.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let [4, kind @ 0..=10, ..] = first.bytes else { return None };
    object(first.bytes)?;
    Some(match kind {
        0 => Sound::Client,
        2 | 3 => Sound::Server,
        _ => Sound::Either,
    })
}

/// Device and maker at the end of the object, `dea00000-6c97-11d1-8271-...` (IEC 61158-6-10, 4.10.3).
fn object(message: &[u8]) -> Option<(u16, u16)> {
    let is_little = message.get(4)? & 0x10 != 0;
    let object = message.get(8..24)?;
    let start: [u8; 4] = if is_little { [0, 0, 0xa0, 0xde] } else { [0xde, 0xa0, 0, 0] };
    let middle: [u8; 4] =
        if is_little { [0x97, 0x6c, 0xd1, 0x11] } else { [0x6c, 0x97, 0x11, 0xd1] };
    if object.get(..4)? != start
        || object.get(4..8)? != middle
        || object.get(8..10)? != [0x82, 0x71]
    {
        return None;
    }
    Some((be16(object, 14)?, be16(object, 12)?))
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let (vendor, device) = object(message)?;
    let code = format!("profinet {vendor:#06x}/{device:#06x}");
    let vendor = format!("profinet {vendor:#06x}");
    // The object is the device's, whoever speaks.
    if message.get(1)? == &0 {
        notes.receiver(Property::VendorId, vendor.as_bytes());
        notes.receiver(Property::ProductCode, code.as_bytes());
    } else {
        notes.sender(Property::VendorId, vendor.as_bytes());
        notes.sender(Property::ProductCode, code.as_bytes());
    }
    Some(())
}
