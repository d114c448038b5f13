//! HART-IP (`HCF_SPEC-085` of the `FieldComm` Group): instruments and the gateways before them.
//!
//! A frame of HART inside names the instrument by its long address; it may be the
//! server itself or a device on a line behind it.

use crate::bytes::{Bytes, be16};
use crate::notes::Notes;
use crate::protocol::dhcp::hex;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::{Certainty, Property};

const HEADER_BYTES: usize = 8;
const PASS_THROUGH: u8 = 3;

/// Version 1, a kind, an identifier, a status, and a length that fits (7.2).
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let [1, kind @ (0 | 1 | 2 | 15), id @ 0..=5, _, _, _, high, low, ..] = first.bytes else {
        return None;
    };
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    if len != first.bytes.len() || (!first.is_on_port && (*id != 0 || len != 13)) {
        return None;
    }
    Some(if *kind == 0 { Sound::Client } else { Sound::Server })
}

#[derive(Debug)]
struct Hartip;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Hartip)
}

impl Reader for Hartip {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(len) = be16(bytes, 6) else { return Step::Wait(HEADER_BYTES) };
        let len = usize::from(len);
        if bytes.first() != Some(&1) || !(HEADER_BYTES..=1024).contains(&len) {
            return Step::Over;
        }
        let Some(message) = bytes.get(..len) else { return Step::Wait(len) };
        let _ = read(message, notes);
        Step::Took(len)
    }
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let (kind, id) = (*message.get(1)?, *message.get(2)?);
    if kind == 0 || id != PASS_THROUGH {
        return Some(());
    }
    let mut bytes = Bytes::new(message.get(HEADER_BYTES..)?);
    let delimiter = bytes.u8()?;
    // A short address does not say who it is.
    if delimiter & 0x80 == 0 {
        return Some(());
    }
    let address = bytes.take(5)?;
    bytes.skip(usize::from(delimiter >> 5 & 3))?;
    let (command, len) = (bytes.u8()?, bytes.u8()?);
    let data = bytes.take(len.into())?;
    // Two bytes of status come first in an answer.
    let data = data.get(2..)?;
    let device = notes.behind(format!("hart {}", hex(address)).as_bytes())?;
    match command {
        // Universal command 0 (HCF_SPEC-127, 6.1): 254, kind, preambles, revisions, flags, identifier.
        0 if data.first() == Some(&254) => {
            let kind = be16(data, 1)?;
            notes.about(
                device,
                Property::ProductCode,
                Certainty::Stated,
                format!("hart {kind:#06x}").as_bytes(),
            );
            let software = *data.get(6)?;
            notes.about(
                device,
                Property::SoftwareVersion,
                Certainty::Stated,
                software.to_string().as_bytes(),
            );
            let id = hex(data.get(9..12)?);
            notes.about(device, Property::Serial, Certainty::Stated, id.as_bytes());
            if let Some(maker) = be16(data, 17) {
                let maker = format!("hart {maker}");
                notes.about(device, Property::VendorId, Certainty::Stated, maker.as_bytes());
            }
        }
        // Command 20: the long tag.
        20 => notes.about(device, Property::FriendlyName, Certainty::Stated, data.get(..32)?),
        _ => {}
    }
    Some(())
}
