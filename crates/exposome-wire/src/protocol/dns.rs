//! DNS (RFC 1035), and with the same messages mDNS (RFC 6762), DNS-SD (RFC 6763) and LLMNR (RFC 4795).
//!
//! From DNS the names of addresses are taken, so that a flow can be told by a
//! name; which client asked for it is nobody's business here.  By mDNS a device tells its own name, its
//! services and, in their text records, often its maker and model.

use crate::bytes::{Bytes, be16};
use crate::ip::Address;
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::station::Subject;
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::{Certainty, Property};
use std::net::IpAddr;

const HEADER_BYTES: usize = 12;
const RECORDS_MAX: u16 = 64;

const A: u16 = 1;
const PTR: u16 = 12;
const HINFO: u16 = 13;
const TXT: u16 = 16;
const AAAA: u16 = 28;
const SRV: u16 = 33;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    if matches!(first.ports, (5353 | 5355, _) | (_, 5353 | 5355)) {
        return None;
    }
    sound(first)
}

pub(crate) fn recognise_mdns(first: &First<'_>) -> Option<Sound> {
    if first.is_on_port { sound(first) } else { None }
}

/// Over TCP there is a length before each message (4.2.2).
pub(crate) fn recognise_stream(first: &First<'_>) -> Option<Sound> {
    let (len, message) = first.bytes.split_first_chunk::<2>()?;
    let len = usize::from(u16::from_be_bytes(*len));
    let message = message.get(..len).unwrap_or(message);
    if len < HEADER_BYTES { None } else { sound(&First { bytes: message, ..*first }) }
}

/// A header whose numbers are plausible, and a first question or record that is one.
fn sound(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let flags = be16(bytes, 2)?;
    let counts = [be16(bytes, 4)?, be16(bytes, 6)?, be16(bytes, 8)?, be16(bytes, 10)?];
    let is_answer = flags & 0x8000 != 0;
    let is_plain = flags >> 11 & 15 <= 5 && flags & 0x0040 == 0;
    if !is_plain || counts.iter().any(|it| *it > 256) || counts == [0; 4] {
        return None;
    }
    if !first.is_on_port && (counts[0] != 1 || (!is_answer && counts[1] != 0)) {
        return None;
    }
    let mut name = Name::default();
    let after = name.read(bytes, HEADER_BYTES)?;
    let (kind, class) = (be16(bytes, after)?, be16(bytes, after + 2)? & 0x7fff);
    let is_known = kind < 66 || matches!(kind, 99 | 108 | 109 | 249..=258);
    if !is_known || !matches!(class, 1 | 3 | 4 | 254 | 255) {
        // The first record of mDNS's probes and of EDNS may be of another kind.
        if counts[0] != 0 || !first.is_on_port {
            return None;
        }
    }
    Some(if is_answer { Sound::Server } else { Sound::Client })
}

#[derive(Debug)]
struct Stream;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Stream)
}

impl Reader for Stream {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(len) = be16(bytes, 0) else { return Step::Wait(2) };
        let whole = 2 + usize::from(len);
        let wanted = whole.min(8192);
        let Some(message) = bytes.get(2..wanted) else { return Step::Wait(wanted) };
        let _ = read(message, notes);
        Step::Took(whole)
    }
}

/// A message of ordinary DNS.
pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let flags = be16(message, 2)?;
    // Only what a server answers without an error.
    if flags & 0x8000 == 0 || flags & 15 != 0 {
        return Some(());
    }
    let mut records = Records::after_questions(message)?;
    let mut asked = Name::default();
    asked.read(message, HEADER_BYTES)?;
    let mut owner = Name::default();
    for _ in 0..be16(message, 6)?.min(RECORDS_MAX) {
        let record = records.next(&mut owner)?;
        let named = match record.kind {
            A => record.data.try_into().ok().map(Address::v4),
            AAAA => record.data.try_into().ok().map(Address::v6),
            PTR => {
                if let Some(address) = of_reverse(owner.text())
                    && let Some(subject) = subject(address, notes)
                {
                    let mut target = Name::default();
                    target.read(message, record.data_at)?;
                    notes.about(subject, Property::HostName, Certainty::Told, target.text());
                }
                None
            }
            _ => None,
        };
        // The name that was asked for, which may lead to another on the way.
        if let Some(subject) = named.and_then(|it| subject(it, notes)) {
            notes.about(subject, Property::HostName, Certainty::Told, asked.text());
        }
    }
    Some(())
}

/// Names of the house's addresses are all kept; those of the world as long as there is room.
fn subject(address: Address, notes: &mut Notes<'_>) -> Option<Subject> {
    let is_inside = match address.ip() {
        IpAddr::V4(it) => it.is_private() || it.is_link_local(),
        // RFC 4193 and RFC 4291, 2.5.6.
        IpAddr::V6(it) => it.is_unique_local() || it.is_unicast_link_local(),
    };
    if is_inside {
        notes.third(None, Some(address))
    } else {
        notes.stations.far(notes.at_ns, notes.vlan, address)
    }
}

/// A message of mDNS or LLMNR: only what the sender answers is about itself.
pub(crate) fn read_mdns(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    if be16(message, 2)? & 0x8000 == 0 {
        return Some(());
    }
    let mut records = Records::after_questions(message)?;
    let count = [6, 8, 10]
        .iter()
        .try_fold(0_u16, |sum, at| Some(sum.saturating_add(be16(message, *at)?)))?;
    let mut owner = Name::default();
    for _ in 0..count.min(RECORDS_MAX) {
        let record = records.next(&mut owner)?;
        match record.kind {
            A | AAAA => {
                let address = match *record.data {
                    [a, b, c, d] => Address::v4([a, b, c, d]),
                    _ => Address::v6(record.data.try_into().ok()?),
                };
                if let Some(subject) = notes.third(None, Some(address)) {
                    let certainty = if address == notes.addresses.0 {
                        Certainty::Stated
                    } else {
                        Certainty::Told
                    };
                    notes.about(subject, Property::HostName, certainty, owner.text());
                }
            }
            SRV => {
                let mut host = Name::default();
                host.read(message, record.data_at + 6)?;
                notes.sender(Property::HostName, host.text());
                instance(owner.text(), notes);
            }
            TXT if !is_sleep_proxy(owner.text()) => {
                instance(owner.text(), notes);
                texts(owner.text(), record.data, notes);
            }
            HINFO => {
                let mut bytes = Bytes::new(record.data);
                for property in [Property::Hardware, Property::OperatingSystem] {
                    let len = bytes.u8()?;
                    notes.sender(property, bytes.take(len.into())?);
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// `HP LaserJet M402dn (lab)._ipp._tcp.local`: what the service is called, and what kind it is.
fn instance(owner: &[u8], notes: &mut Notes<'_>) {
    let Some(at) = memchr::memmem::find(owner, b"._") else { return };
    let (name, kind) = owner.split_at(at);
    let kind = kind.get(1..).unwrap_or_default();
    let kind = kind.strip_suffix(b".local").unwrap_or(kind);
    notes.sender(Property::ServiceType, kind);
    if name.starts_with(b"_") || kind.starts_with(b"_device-info.") {
        return;
    }
    // `host [00:11:22:33:44:55]` (Avahi), `0011223344556@Name` (AirPlay).
    let name = match memchr::memmem::find(name, b" [") {
        Some(at) if name.ends_with(b"]") => name.get(..at).unwrap_or(name),
        _ => name,
    };
    notes.sender(Property::FriendlyName, name);
}

fn is_sleep_proxy(owner: &[u8]) -> bool {
    memchr::memmem::find(owner, b"._sleep-proxy.").is_some()
}

/// The keys in which printers, cameras and computers name themselves (Bonjour Printing 1.2.1, section 9; AirPlay's
/// device-info).
fn texts(owner: &[u8], data: &[u8], notes: &mut Notes<'_>) {
    let mut bytes = Bytes::new(data);
    let is_device_info = memchr::memmem::find(owner, b"._device-info.").is_some();
    for _ in 0..RECORDS_MAX {
        let Some(text) = bytes.u8().and_then(|len| bytes.take(len.into())) else { return };
        let Some(at) = memchr::memchr(b'=', text) else { continue };
        let (key, value) = text.split_at(at);
        let value = value.get(1..).unwrap_or_default();
        let property = match key.to_ascii_lowercase().as_slice() {
            b"ty" | b"usb_mdl" | b"model" | b"md" | b"modelname" => Property::Model,
            b"usb_mfg" | b"mfg" | b"manufacturer" | b"vendor" => Property::Manufacturer,
            b"serialnumber" | b"serial" | b"sn" => Property::Serial,
            b"fv" | b"fw" | b"firmware" | b"srcvers" | b"vers" => Property::Firmware,
            b"osxvers" if is_device_info => Property::OperatingSystem,
            b"note" => Property::Location,
            b"uuid" => Property::DeviceUuid,
            b"product" => {
                let value = value.strip_prefix(b"(").unwrap_or(value);
                notes.sender(Property::Model, value.strip_suffix(b")").unwrap_or(value));
                continue;
            }
            _ => continue,
        };
        notes.sender(property, value);
    }
}

/// One record's kind and data, and where in the message the data begins.
struct Record<'a> {
    kind: u16,
    data: &'a [u8],
    data_at: usize,
}

struct Records<'a> {
    message: &'a [u8],
    at: usize,
}

impl<'a> Records<'a> {
    fn after_questions(message: &'a [u8]) -> Option<Records<'a>> {
        let mut at = HEADER_BYTES;
        let mut name = Name::default();
        for _ in 0..be16(message, 4)?.min(RECORDS_MAX) {
            at = name.read(message, at)? + 4;
        }
        Some(Records { message, at })
    }

    fn next(&mut self, owner: &mut Name) -> Option<Record<'a>> {
        let at = owner.read(self.message, self.at)?;
        let kind = be16(self.message, at)?;
        let len = usize::from(be16(self.message, at + 8)?);
        let data_at = at + 10;
        let data = self.message.get(data_at..data_at + len)?;
        self.at = data_at + len;
        Some(Record { kind, data, data_at })
    }
}

/// A domain name, written with dots.
pub(crate) struct Name {
    text: [u8; NAME_BYTES],
    len: usize,
}

/// The longest a name may be (RFC 1035, 2.3.4).
const NAME_BYTES: usize = 255;
/// A name may point to where it goes on (4.1.4); no honest one does so more often.
const POINTERS_MAX: usize = 16;

impl Default for Name {
    fn default() -> Name {
        Name { text: [0; NAME_BYTES], len: 0 }
    }
}

impl Name {
    pub(crate) fn text(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }

    /// Reads the name at a place; gives the place behind it.
    pub(crate) fn read(&mut self, message: &[u8], mut at: usize) -> Option<usize> {
        self.len = 0;
        let mut after = None;
        let mut pointers = 0;
        loop {
            let len = usize::from(*message.get(at)?);
            match len {
                0 => return Some(after.unwrap_or(at + 1)),
                1..=63 => {
                    let label = message.get(at + 1..at + 1 + len)?;
                    if self.len > 0 {
                        self.push(b".")?;
                    }
                    self.push(label)?;
                    at += 1 + len;
                }
                192.. => {
                    pointers += 1;
                    if pointers > POINTERS_MAX {
                        return None;
                    }
                    after = after.or(Some(at + 2));
                    at = usize::from(be16(message, at)? & 0x3fff);
                }
                _ => return None,
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        self.text.get_mut(self.len..self.len + bytes.len())?.copy_from_slice(bytes);
        self.len += bytes.len();
        Some(())
    }
}

/// `7.2.0.10.in-addr.arpa` (RFC 1035, 3.5).
fn of_reverse(name: &[u8]) -> Option<Address> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    let mut numbers = name.strip_suffix(".in-addr.arpa")?.split('.').map(|it| it.parse().ok());
    let mut number = || numbers.next().flatten();
    let (d, c, b, a) = (number()?, number()?, number()?, number()?);
    Some(Address::v4([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &[u8], at: usize, expected: Option<(&str, usize)>) {
        let mut name = Name::default();
        let after = name.read(message, at);
        let text = String::from_utf8_lossy(name.text()).into_owned();
        assert_eq!(after.map(|it| (text.as_str(), it)), expected);
    }

    #[test]
    fn a_name_is_followed_to_where_it_goes_on() {
        let message = b"\x03prn\x05local\0\x03_ip\xc0\x04";
        check(message, 0, Some(("prn.local", 11)));
        check(message, 11, Some(("_ip.local", 17)));
    }

    #[test]
    fn a_name_that_points_to_itself_ends() {
        check(b"\xc0\0", 0, None);
        check(b"\x01a\xc0\0", 0, None);
        check(b"\x40", 0, None);
        check(b"\x3fa", 0, None);
        let long = [&[63][..], &[b'a'; 63]].concat().repeat(5);
        check(&long, 0, None);
    }

    #[test]
    fn a_reverse_name_is_of_an_address() {
        let address = of_reverse(b"7.2.0.10.in-addr.arpa").unwrap();
        assert_eq!(address.ip().to_string(), "10.0.2.7");
        assert_eq!(of_reverse(b"300.2.0.10.in-addr.arpa"), None);
        assert_eq!(of_reverse(b"prn.local"), None);
    }
}
