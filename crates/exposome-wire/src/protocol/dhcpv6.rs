//! DHCP for IPv6 (RFC 8415).

use super::dhcp::{dotted, hex};
use crate::bytes::{Bytes, be16};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use exposome_model::mac::Mac;
use exposome_model::sighting::{Certainty, Property};

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    if !first.is_on_port {
        return None;
    }
    match first.bytes.first()? {
        1 | 3..=6 | 8 | 9 | 11 => Some(Sound::Client),
        2 | 7 | 10 => Some(Sound::Server),
        _ => None,
    }
}

const OPTIONS_MAX: usize = 64;

pub(crate) fn read(datagram: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let is_client = !matches!(datagram.first()?, 2 | 7 | 10);
    let mut bytes = Bytes::new(datagram.get(4..)?);
    // Of whom it is: the card in the client's own identifier (section 11), else the sender.
    let mut said: Vec<(Property, Vec<u8>)> = Vec::new();
    let mut device = None;
    for _ in 0..OPTIONS_MAX {
        if bytes.is_empty() {
            break;
        }
        let (code, len) = (bytes.be16()?, bytes.be16()?);
        let value = bytes.take(len.into())?;
        match code {
            1 => {
                let card = match be16(value, 0)? {
                    1 => value.get(8..),
                    3 => value.get(4..),
                    _ => None,
                };
                let is_ethernet = be16(value, 2) == Some(1);
                let mac = card.filter(|_| is_ethernet).and_then(|it| it.try_into().ok());
                // The card named may be another than the one that sends; the sender's own is surer.
                device = mac.map(Mac);
                said.push((Property::DhcpClientId, hex(value).into_bytes()));
            }
            6 => {
                let codes = value.chunks_exact(2).filter_map(|it| be16(it, 0));
                let list: Vec<String> = codes.map(|it| it.to_string()).collect();
                said.push((Property::DhcpParameters, format!("v6:{}", list.join(",")).into()));
            }
            // An enterprise number, then texts with their lengths.
            16 => {
                let mut classes = Bytes::new(value.get(4..).unwrap_or_default());
                if let Some(text) = classes.be16().and_then(|len| classes.take(len.into())) {
                    said.push((Property::DhcpVendorClass, text.to_vec()));
                }
            }
            // RFC 4704.
            39 => said.push((Property::HostName, dotted(value.get(1..).unwrap_or_default()))),
            // RFC 8520, section 11.
            112 => said.push((Property::MudUrl, value.to_vec())),
            _ => {}
        }
    }
    if !is_client {
        notes.does(Property::Role, "dhcp server");
        return Some(());
    }
    let of_card = device.and_then(|mac| notes.third(Some(mac), None));
    let subject = of_card.unwrap_or(notes.sender);
    for (property, value) in said {
        notes.about(subject, property, Certainty::Stated, &value);
    }
    Some(())
}
