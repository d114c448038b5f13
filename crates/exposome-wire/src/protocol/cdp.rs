//! CDP, Cisco's discovery protocol: name, platform and software of a neighbour.
//!
//! Cisco, "Cisco Discovery Protocol Configuration Guide"; the layout is as tcpdump and Wireshark read it.

use crate::bytes::{Bytes, be32};
use crate::ip::Address;
use crate::notes::Notes;
use exposome_model::sighting::Property;

const TLVS_MAX: usize = 64;
const ROLES: [(u32, &str); 5] =
    [(1, "router"), (2, "switch"), (8, "switch"), (0x80, "telephone"), (0x10, "host")];

pub(crate) fn read(frame: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(frame);
    // Version, time to live, checksum.
    bytes.skip(4)?;
    for _ in 0..TLVS_MAX {
        if bytes.is_empty() {
            break;
        }
        let (kind, len) = (bytes.be16()?, bytes.be16()?);
        let value = bytes.take(usize::from(len).checked_sub(4)?)?;
        match kind {
            1 => notes.sender(Property::SystemName, value),
            2 | 0x16 => addresses(value, notes),
            4 => {
                let able = be32(value, 0)?;
                for (bit, role) in ROLES {
                    if able & bit != 0 {
                        notes.sender(Property::Role, role.as_bytes());
                    }
                }
            }
            5 => notes.sender(Property::Description, value),
            6 => notes.sender(Property::Model, value),
            _ => {}
        }
    }
    Some(())
}

/// Addresses of the sender itself; a protocol, its length, then the address with its length.
fn addresses(value: &[u8], notes: &mut Notes<'_>) {
    let mut bytes = Bytes::new(value);
    let count = bytes.be32().unwrap_or(0);
    for _ in 0..count.min(8) {
        let mut address = || {
            bytes.skip(1)?;
            let len = bytes.u8()?;
            let protocol = bytes.take(len.into())?;
            let len = bytes.be16()?;
            let address: [u8; 4] = bytes.take(len.into())?.try_into().ok()?;
            (protocol == [0xcc]).then(|| Address::v4(address))
        };
        let Some(address) = address() else { return };
        notes.sender(Property::ManagementAddress, address.ip().to_string().as_bytes());
    }
}
