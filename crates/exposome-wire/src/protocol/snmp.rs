//! SNMP (RFC 1157, RFC 3416, RFC 3412): what an agent answers about itself.
//!
//! The community is a password and is stepped over.  Only these objects are
//! read: system (RFC 3418), the inventory of entPhysicalTable (RFC 6933), the
//! serial number of a printer (RFC 3805) and the descriptions of a host's devices
//! (RFC 2790).

use crate::der::{INTEGER, OBJECT, OCTETS, SEQUENCE, Values, integer, object, whole_len};
use crate::notes::Notes;
use crate::protocol::dhcp::hex;
use crate::protocols::{First, Sound};
use exposome_model::sighting::Property;

const RESPONSE: u8 = 0xa2;
const TRAP_V1: u8 = 0xa4;
const INFORM: u8 = 0xa6;
const TRAP_V2: u8 = 0xa7;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    if bytes.first() != Some(&SEQUENCE) || whole_len(bytes)? < 10 {
        return None;
    }
    let mut values = Values::new(bytes).sequence()?;
    let version = values.integer()?;
    match version {
        0 | 1 => {
            values.tagged(OCTETS)?;
            match values.any()?.tag {
                RESPONSE | TRAP_V1 | TRAP_V2 | INFORM => Some(Sound::Server),
                0xa0 | 0xa1 | 0xa3 | 0xa5 => Some(Sound::Client),
                _ => None,
            }
        }
        3 => {
            // The header: four values, of which the third is one byte of flags.
            let mut header = values.sequence()?;
            header.integer()?;
            header.integer()?;
            let flags = header.tagged(OCTETS)?;
            header.integer()?;
            let (sender, _) = first.ports;
            let is_server = first.is_on_port && matches!(sender, 161);
            (flags.len() == 1).then_some(if is_server { Sound::Server } else { Sound::Client })
        }
        _ => None,
    }
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut values = Values::new(message).sequence()?;
    match values.integer()? {
        0 | 1 => {
            values.tagged(OCTETS)?;
            pdu(values, notes)
        }
        3 => version_3(values, notes),
        _ => None,
    }
}

/// The engine that answers names itself before anything is encrypted (RFC 3414, 2.4).
fn version_3(mut values: Values<'_>, notes: &mut Notes<'_>) -> Option<()> {
    let mut header = values.sequence()?;
    header.integer()?;
    header.integer()?;
    let flags = *header.tagged(OCTETS)?.first()?;
    let mut security = Values::new(values.tagged(OCTETS)?).sequence()?;
    let engine = security.tagged(OCTETS)?;
    // Whose engine it is, the header says: reports and answers come from the one that is named, whose flag asks for no
    // report.
    let is_answer = flags & 4 == 0;
    if !engine.is_empty() {
        let engine = hex(engine);
        if is_answer {
            notes.sender(Property::SnmpEngineId, engine.as_bytes());
        } else {
            notes.receiver(Property::SnmpEngineId, engine.as_bytes());
        }
    }
    if flags & 2 == 0 {
        let mut scoped = values.sequence()?;
        scoped.tagged(OCTETS)?;
        scoped.tagged(OCTETS)?;
        pdu(scoped, notes)?;
    }
    Some(())
}

fn pdu(mut values: Values<'_>, notes: &mut Notes<'_>) -> Option<()> {
    let pdu = values.any()?;
    let mut values = pdu.values();
    match pdu.tag {
        RESPONSE | TRAP_V2 | INFORM => {
            // Number, error, and where.
            for _ in 0..3 {
                values.integer()?;
            }
        }
        TRAP_V1 => {
            let enterprise = object(values.tagged(OBJECT)?)?;
            notes.sender(Property::SnmpObjectId, enterprise.as_bytes());
            // Agent, kinds, time.
            for _ in 0..4 {
                values.any()?;
            }
        }
        // A question.
        _ => return Some(()),
    }
    for pair in values.sequence()?.take(128) {
        let mut pair = pair.values();
        let name = pair.tagged(OBJECT)?;
        let value = pair.any()?;
        let Some(property) = wanted(name) else { continue };
        match value.tag {
            OCTETS => notes.sender(property, value.inside),
            OBJECT => {
                if let Some(text) = object(value.inside) {
                    notes.sender(property, text.as_bytes());
                }
            }
            INTEGER => {
                if let Some(number) = integer(value.inside) {
                    notes.sender(property, number.to_string().as_bytes());
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// Objects by how they are encoded, and what each tells.
const SYSTEM: &[u8] = &[0x2b, 6, 1, 2, 1, 1];
const ENTITY: &[u8] = &[0x2b, 6, 1, 2, 1, 47, 1, 1, 1, 1];
const PRINTER_SERIAL: &[u8] = &[0x2b, 6, 1, 2, 1, 43, 5, 1, 1, 17];
const PRINTER_NAME: &[u8] = &[0x2b, 6, 1, 2, 1, 43, 5, 1, 1, 16];
const HOST_DEVICE: &[u8] = &[0x2b, 6, 1, 2, 1, 25, 3, 2, 1, 3];

fn wanted(name: &[u8]) -> Option<Property> {
    if let Some([column, 0]) = name.strip_prefix(SYSTEM) {
        return match column {
            1 => Some(Property::SnmpDescription),
            2 => Some(Property::SnmpObjectId),
            4 => Some(Property::Contact),
            5 => Some(Property::SystemName),
            6 => Some(Property::Location),
            _ => None,
        };
    }
    // The first entity is the box itself; its parts have serial numbers of their own.
    if let Some([column, 1]) = name.strip_prefix(ENTITY) {
        return match column {
            8 => Some(Property::Hardware),
            9 => Some(Property::Firmware),
            10 => Some(Property::SoftwareVersion),
            11 => Some(Property::Serial),
            12 => Some(Property::Manufacturer),
            13 => Some(Property::Model),
            _ => None,
        };
    }
    if name.starts_with(PRINTER_SERIAL) {
        return Some(Property::Serial);
    }
    if name.starts_with(PRINTER_NAME) {
        return Some(Property::FriendlyName);
    }
    matches!(name.strip_prefix(HOST_DEVICE), Some([1])).then_some(Property::Description)
}
