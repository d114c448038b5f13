//! LLDP (IEEE 802.1AB): what a switch, a phone or a server tells its neighbour.

use crate::bytes::{Bytes, be16};
use crate::ip::Address;
use crate::notes::Notes;
use exposome_model::mac::Mac;
use exposome_model::sighting::Property;

const TLVS_MAX: usize = 64;

/// The bits of the "system capabilities" (8.5.8.1) that say what somebody is for.
pub(crate) const ROLES: [(u16, &str); 5] = [
    (1 << 2, "switch"),
    (1 << 3, "access point"),
    (1 << 4, "router"),
    (1 << 5, "telephone"),
    (1 << 6, "cable modem"),
];

pub(crate) fn read(frame: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(frame);
    for _ in 0..TLVS_MAX {
        let head = bytes.be16()?;
        let value = bytes.take(usize::from(head & 0x1ff))?;
        match head >> 9 {
            0 => break,
            1 => chassis(value, notes),
            5 => notes.sender(Property::SystemName, value),
            6 => notes.sender(Property::Description, value),
            7 => {
                let enabled = be16(value, 2)?;
                for (bit, role) in ROLES {
                    if enabled & bit != 0 {
                        notes.sender(Property::Role, role.as_bytes());
                    }
                }
            }
            8 => management(value, notes),
            127 => of_organisation(value, notes),
            _ => {}
        }
    }
    Some(())
}

/// Which box it is (8.5.2): by its card, its address or a name.
fn chassis(value: &[u8], notes: &mut Notes<'_>) {
    let Some((&kind, id)) = value.split_first() else { return };
    if kind == 4
        && let Ok(mac) = id.try_into().map(Mac)
    {
        notes.sender(Property::ChassisId, mac.to_string().as_bytes());
    } else if kind != 5 {
        notes.sender(Property::ChassisId, id);
    }
}

/// Where it can be managed (8.5.9); the address is the sender's.
fn management(value: &[u8], notes: &mut Notes<'_>) {
    let address = match value {
        [5, 1, a, b, c, d, ..] => Address::v4([*a, *b, *c, *d]),
        [17, 2, rest @ ..] => match rest.first_chunk() {
            Some(bytes) => Address::v6(*bytes),
            None => return,
        },
        _ => return,
    };
    if !address.is_unspecified() {
        notes.sender(Property::ManagementAddress, address.ip().to_string().as_bytes());
    }
}

/// LLDP-MED's inventory (ANSI/TIA-1057, 10.2.6), and the MUD URL (RFC 8520, section 12).
fn of_organisation(value: &[u8], notes: &mut Notes<'_>) {
    let Some((&[a, b, c, kind], value)) = value.split_first_chunk() else { return };
    let property = match ([a, b, c], kind) {
        ([0, 0x12, 0xbb], 5) => Property::Hardware,
        ([0, 0x12, 0xbb], 6) => Property::Firmware,
        ([0, 0x12, 0xbb], 7) => Property::SoftwareVersion,
        ([0, 0x12, 0xbb], 8) => Property::Serial,
        ([0, 0x12, 0xbb], 9) => Property::Manufacturer,
        ([0, 0x12, 0xbb], 10) => Property::Model,
        ([0, 0, 0x5e], 1) => Property::MudUrl,
        _ => return,
    };
    notes.sender(property, value);
}
