//! KNXnet/IP (ISO 22510): building control, by the description that routers and interfaces give of themselves.

use crate::bytes::{Bytes, be16};
use crate::notes::Notes;
use crate::protocol::dhcp::hex;
use crate::protocols::{First, Sound};
use exposome_model::mac::Mac;
use exposome_model::sighting::Property;

const SEARCH_RESPONSE: u16 = 0x0202;
const DESCRIPTION_RESPONSE: u16 = 0x0204;
const EXTENDED_SEARCH_RESPONSE: u16 = 0x020c;
const DEVICE_INFORMATION: u8 = 1;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let [6, 0x10, _, _, _, _, ..] = first.bytes else { return None };
    let (service, len) = (be16(first.bytes, 2)?, usize::from(be16(first.bytes, 4)?));
    let is_known = matches!(service >> 8, 2..=9);
    if !is_known || len != first.bytes.len() {
        return None;
    }
    Some(match service {
        0x0201 | 0x0203 | 0x0205 | 0x0207 | 0x0209 | 0x020b => Sound::Client,
        SEARCH_RESPONSE
        | DESCRIPTION_RESPONSE
        | 0x0206
        | 0x0208
        | 0x020a
        | EXTENDED_SEARCH_RESPONSE => Sound::Server,
        _ => Sound::Either,
    })
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let start = match be16(message, 2)? {
        // Behind the address at which it can be reached.
        SEARCH_RESPONSE | EXTENDED_SEARCH_RESPONSE => 6 + usize::from(*message.get(6)?),
        DESCRIPTION_RESPONSE => 6,
        _ => return Some(()),
    };
    let mut blocks = Bytes::new(message.get(start..)?);
    for _ in 0..16 {
        if blocks.is_empty() {
            break;
        }
        let len = usize::from(blocks.u8()?);
        let block = blocks.take(len.checked_sub(1)?)?;
        if block.first() == Some(&DEVICE_INFORMATION) {
            device(block.get(1..)?, notes)?;
        }
    }
    Some(())
}

/// Medium, state, individual address, project, serial number, multicast address, card, name.
fn device(block: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let serial = block.get(6..12)?;
    notes.sender(Property::Serial, hex(serial).as_bytes());
    let card: [u8; 6] = block.get(16..22)?.try_into().ok()?;
    notes.sender(Property::ChassisId, Mac(card).to_string().as_bytes());
    notes.sender(Property::FriendlyName, block.get(22..52)?);
    Some(())
}
