//! DHCP (RFC 2131, options RFC 2132): what a device calls itself before it has an address.
//!
//! What a client says is noted of the client's card, not of the sender of the
//! packet, which may be a relay.  The order in which it asks for parameters and
//! its vendor class tell its maker and often its model.

use crate::bytes::Bytes;
use crate::ip::Address;
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::station::Subject;
use exposome_model::mac::Mac;
use exposome_model::sighting::{Certainty, Property};

const HEADER_BYTES: usize = 236;
const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
const OPTIONS_MAX: usize = 128;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    if bytes.get(HEADER_BYTES..HEADER_BYTES + 4)? != COOKIE {
        return None;
    }
    match bytes.first()? {
        1 => Some(Sound::Client),
        2 => Some(Sound::Server),
        _ => None,
    }
}

pub(crate) fn read(datagram: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut header = Bytes::new(datagram.get(..HEADER_BYTES)?);
    let [operation, hardware, hardware_len, _] = header.array()?;
    header.skip(8)?;
    let client = Address::v4(header.array()?);
    let given = Address::v4(header.array()?);
    header.skip(4)?;
    let relay = Address::v4(header.array()?);
    let mac = Mac(header.array()?);
    let is_ethernet = hardware == 1 && hardware_len == 6 && !mac.is_zero() && !mac.is_group();
    let mac = is_ethernet.then_some(mac);
    let options = Options(datagram.get(HEADER_BYTES + 4..)?);
    if operation == 1 {
        // Who has an address already sends from it.
        let is_sender = mac.is_some() && notes.stations.mac_of(notes.sender) == mac;
        let device = if is_sender { notes.sender } else { notes.third(mac, Some(client))? };
        asked(options, device, notes);
    } else {
        answered(options, (mac, client, given), relay, notes);
    }
    Some(())
}

/// What a client says of itself.
fn asked(options: Options<'_>, device: Subject, notes: &mut Notes<'_>) {
    for (code, value) in options {
        let property = match code {
            12 => Property::HostName,
            // RFC 4702: two flags and a status, then the name, as text or as DNS writes it.
            81 => {
                if let Some((&[flags, _, _], name)) = value.split_first_chunk() {
                    let name = if flags & 4 == 0 { name.to_vec() } else { dotted(name) };
                    notes.about(device, Property::HostName, Certainty::Stated, &name);
                }
                continue;
            }
            60 => Property::DhcpVendorClass,
            61 => {
                // Its own card again says nothing new.
                if value.first() != Some(&1) {
                    let id = hex(value);
                    notes.about(device, Property::DhcpClientId, Certainty::Stated, id.as_bytes());
                }
                continue;
            }
            55 => {
                let list: Vec<String> = value.iter().map(u8::to_string).collect();
                let list = list.join(",");
                notes.about(device, Property::DhcpParameters, Certainty::Stated, list.as_bytes());
                continue;
            }
            // RFC 8520, section 10.
            161 => Property::MudUrl,
            _ => continue,
        };
        notes.about(device, property, Certainty::Stated, value);
    }
}

/// What a server gives away: to whom which address, and who routes.
fn answered(
    options: Options<'_>,
    (mac, client, given): (Option<Mac>, Address, Address),
    relay: Address,
    notes: &mut Notes<'_>,
) {
    let mut is_given = false;
    for (code, value) in options {
        match (code, value) {
            // DHCPACK.
            (53, [5]) => is_given = true,
            // For whom an answer is made, which every client gets: nothing of the client.
            (60, class) => notes.sender(Property::ServiceScope, &[b"dhcp class ", class].concat()),
            (54, value) => {
                if let Ok(address) = value.try_into().map(Address::v4)
                    && let Some(server) = notes.third(None, Some(address))
                {
                    let certainty = if address == notes.addresses.0 {
                        Certainty::Seen
                    } else {
                        Certainty::Told
                    };
                    notes.about(server, Property::Role, certainty, b"dhcp server");
                }
            }
            (3, value) => {
                if let Some(first) = value.first_chunk::<4>()
                    && let Some(router) = notes.third(None, Some(Address::v4(*first)))
                {
                    notes.about(router, Property::Role, Certainty::Told, b"router");
                }
            }
            _ => {}
        }
    }
    if !relay.is_unspecified()
        && let Some(relay) = notes.third(None, Some(relay))
    {
        notes.about(relay, Property::Role, Certainty::Told, b"dhcp relay");
    }
    let address = if given.is_unspecified() { client } else { given };
    if is_given
        && !address.is_unspecified()
        && let Some(device) = mac.and_then(|mac| notes.third(Some(mac), None))
    {
        // From now on this address is this card's.
        let address = address.ip().to_string();
        notes.about(device, Property::LeasedAddress, Certainty::Told, address.as_bytes());
    }
}

/// The options in their order.
#[derive(Debug)]
struct Options<'a>(&'a [u8]);

impl<'a> Iterator for Options<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Bytes::new(self.0);
        for _ in 0..OPTIONS_MAX {
            match bytes.u8()? {
                0 => {}
                255 => return None,
                code => {
                    let len = bytes.u8()?;
                    let value = bytes.take(len.into())?;
                    self.0 = bytes.rest();
                    return Some((code, value));
                }
            }
        }
        None
    }
}

/// A name as DNS writes it: labels with their lengths.
pub(crate) fn dotted(mut labels: &[u8]) -> Vec<u8> {
    let mut name = Vec::new();
    while let Some((&len, rest)) = labels.split_first() {
        let Some((label, rest)) = rest.split_at_checked(len.into()).filter(|_| len > 0) else {
            break;
        };
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(label);
        labels = rest;
    }
    name
}

/// Two digits a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    // Longer than anything that is kept.
    let digits = bytes.iter().take(128).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}
