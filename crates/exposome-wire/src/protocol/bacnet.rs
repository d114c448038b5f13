//! BACnet (ANSI/ASHRAE 135): controllers of buildings, over UDP (annex J) and right on Ethernet (clause 7).
//!
//! Devices announce themselves (I-Am) and answer to questions for their
//! properties.  One that speaks through a BACnet router (a source specifier in
//! its header, 6.2.2) is a device behind the sender.

use crate::bytes::Bytes;
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::station::Subject;
use exposome_model::sighting::{Certainty, Property};

const VIRTUAL_LINK: u8 = 0x81;
const FORWARDED: u8 = 0x04;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let [VIRTUAL_LINK, function @ 0..=0x0c, high, low, ..] = first.bytes else { return None };
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    if len != first.bytes.len() || len < 4 {
        return None;
    }
    let start = if *function == FORWARDED { 10 } else { 4 };
    if matches!(*function, FORWARDED | 0x09..=0x0b) && first.bytes.get(start) != Some(&1) {
        return None;
    }
    let mut apdu = Bytes::new(first.bytes.get(start..)?);
    // Of a question or an answer, where there is one.
    let kind = header(&mut apdu).and_then(|_| apdu.u8()).map(|it| it >> 4);
    Some(match kind {
        Some(0) => Sound::Client,
        Some(2..=7) => Sound::Server,
        _ => Sound::Either,
    })
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let start = if *message.get(1)? == FORWARDED { 10 } else { 4 };
    if !matches!(*message.get(1)?, FORWARDED | 0x09..=0x0b) {
        // Tables of broadcast devices, results.
        return Some(());
    }
    network(message.get(start..)?, notes)
}

/// In a frame of IEEE 802.2: two access points and a control byte, then the network layer.
pub(crate) fn read_frame(frame: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    network(frame.get(3..)?, notes)
}

/// Where a message came from, by the network layer's header.
enum Origin<'a> {
    /// From whoever sent the packet.
    Sender,
    /// From an address in another network of BACnet.
    Routed(u16, &'a [u8]),
}

/// The network layer's header (6.2); `None` for messages of that layer itself.
fn header<'a>(bytes: &mut Bytes<'a>) -> Option<Origin<'a>> {
    if bytes.u8()? != 1 {
        return None;
    }
    let control = bytes.u8()?;
    let has_destination = control & 0x20 != 0;
    if has_destination {
        bytes.be16()?;
        let len = bytes.u8()?;
        bytes.skip(len.into())?;
    }
    let source = if control & 0x08 == 0 {
        Origin::Sender
    } else {
        let network = bytes.be16()?;
        let len = bytes.u8()?;
        Origin::Routed(network, bytes.take(len.into())?)
    };
    if has_destination {
        bytes.skip(1)?;
    }
    (control & 0x80 == 0).then_some(source)
}

fn network(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    if message.get(1)? & 0x80 != 0 {
        return Some(());
    }
    let mut bytes = Bytes::new(message);
    let device = match header(&mut bytes)? {
        Origin::Sender => notes.sender,
        Origin::Routed(network, address) => {
            let called = format!("bacnet {network}/{}", super::dhcp::hex(address));
            notes.behind(called.as_bytes())?
        }
    };
    let kind = bytes.u8()?;
    match kind >> 4 {
        // Unconfirmed requests: I-Am (16.10.2), I-Have (16.9.2).
        1 => match bytes.u8()? {
            0 => i_am(bytes, device, notes),
            1 => i_have(bytes, device, notes),
            _ => Some(()),
        },
        // Complex acknowledgement: not one in parts (20.1.5).
        3 if kind & 8 == 0 => {
            bytes.skip(1)?;
            match bytes.u8()? {
                12 => property(bytes, device, notes),
                14 => properties(bytes, device, notes),
                _ => Some(()),
            }
        }
        _ => Some(()),
    }
}

/// A tagged value (20.2.1): its number, whether it is of the context, opening or closing, and its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tagged<'a> {
    Application(u8, &'a [u8]),
    Context(u8, &'a [u8]),
    Opening(u8),
    Closing(u8),
}

fn tagged<'a>(bytes: &mut Bytes<'a>) -> Option<Tagged<'a>> {
    let first = bytes.u8()?;
    let number = if first >> 4 == 15 { bytes.u8()? } else { first >> 4 };
    let is_context = first & 8 != 0;
    match (is_context, first & 7) {
        (true, 6) => return Some(Tagged::Opening(number)),
        (true, 7) => return Some(Tagged::Closing(number)),
        // A boolean's value is where others have their length (20.2.3).
        (false, _) if number == 1 => return Some(Tagged::Application(number, &[])),
        _ => {}
    }
    let len = match first & 7 {
        5 => match bytes.u8()? {
            254 => bytes.be16()?.into(),
            255 => crate::bytes::size(bytes.be32()?),
            len => usize::from(len),
        },
        len => usize::from(len),
    };
    let value = bytes.take(len)?;
    Some(if is_context {
        Tagged::Context(number, value)
    } else {
        Tagged::Application(number, value)
    })
}

const DEVICE: u32 = 8;

/// Type and instance (20.2.14).
fn object(value: &[u8]) -> Option<(u32, u32)> {
    let whole = u32::from_be_bytes(value.try_into().ok()?);
    Some((whole >> 22, whole & 0x003f_ffff))
}

fn number(value: &[u8]) -> Option<u32> {
    (value.len() <= 4 && !value.is_empty())
        .then(|| value.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn i_am(mut bytes: Bytes<'_>, device: Subject, notes: &mut Notes<'_>) -> Option<()> {
    let Tagged::Application(12, id) = tagged(&mut bytes)? else { return None };
    let (kind, instance) = object(id)?;
    if kind == DEVICE {
        say(device, Property::BacnetInstance, instance.to_string().as_bytes(), notes);
    }
    // The largest message, segmentation, then the maker's number.
    tagged(&mut bytes)?;
    tagged(&mut bytes)?;
    let Tagged::Application(2, vendor) = tagged(&mut bytes)? else { return None };
    vendor_id(number(vendor)?, device, notes);
    notes.about(device, Property::Role, Certainty::Seen, b"bacnet device");
    Some(())
}

/// A device that has itself says its name.
fn i_have(mut bytes: Bytes<'_>, device: Subject, notes: &mut Notes<'_>) -> Option<()> {
    let mut id = || match tagged(&mut bytes)? {
        Tagged::Application(12, id) => object(id),
        _ => None,
    };
    let (of, had) = (id()?, id()?);
    if of == had && of.0 == DEVICE {
        value_of(had, 77, tagged(&mut bytes)?, device, notes);
    }
    Some(())
}

fn vendor_id(number: u32, device: Subject, notes: &mut Notes<'_>) {
    say(device, Property::VendorId, format!("bacnet {number}").as_bytes(), notes);
}

/// The answer to `ReadProperty` (15.5): object, property, perhaps a place in an array, value.
fn property(mut bytes: Bytes<'_>, device: Subject, notes: &mut Notes<'_>) -> Option<()> {
    let Tagged::Context(0, id) = tagged(&mut bytes)? else { return None };
    let Tagged::Context(1, property) = tagged(&mut bytes)? else { return None };
    let mut opening = tagged(&mut bytes)?;
    if matches!(opening, Tagged::Context(2, _)) {
        opening = tagged(&mut bytes)?;
    }
    if opening != Tagged::Opening(3) {
        return None;
    }
    let value = tagged(&mut bytes)?;
    value_of(object(id)?, number(property)?, value, device, notes);
    Some(())
}

/// More than a message holds.
const VALUES_MAX: usize = 256;

/// The answer to `ReadPropertyMultiple` (15.7).
fn properties(mut bytes: Bytes<'_>, device: Subject, notes: &mut Notes<'_>) -> Option<()> {
    let mut id = None;
    let mut property = None;
    let mut deep = 0_u32;
    let mut is_first = false;
    for _ in 0..VALUES_MAX {
        if bytes.is_empty() {
            break;
        }
        match tagged(&mut bytes)? {
            Tagged::Context(0, value) if deep == 0 => id = object(value),
            Tagged::Context(2, value) if deep == 1 => property = number(value),
            Tagged::Opening(4) if deep == 1 => {
                deep += 1;
                is_first = true;
            }
            Tagged::Opening(_) => deep += 1,
            Tagged::Closing(_) => deep = deep.checked_sub(1)?,
            value => {
                if deep == 2 && std::mem::take(&mut is_first) {
                    value_of(id?, property?, value, device, notes);
                }
            }
        }
    }
    Some(())
}

/// Property identifiers (clause 21) of a device object; of other objects only what lies in the device is named, which
/// says nothing of it.
fn value_of(
    (kind, instance): (u32, u32),
    property: u32,
    value: Tagged<'_>,
    device: Subject,
    notes: &mut Notes<'_>,
) {
    let Tagged::Application(tag, value) = value else { return };
    if kind != DEVICE {
        return;
    }
    say(device, Property::BacnetInstance, instance.to_string().as_bytes(), notes);
    let property = match property {
        120 if tag == 2 => {
            if let Some(number) = number(value) {
                vendor_id(number, device, notes);
            }
            return;
        }
        121 => Property::Manufacturer,
        70 => Property::Model,
        44 => Property::Firmware,
        12 => Property::SoftwareVersion,
        77 => Property::SystemName,
        28 => Property::Description,
        58 => Property::Location,
        372 => Property::Serial,
        _ => return,
    };
    // A text: its character set first, of which UTF-8 and Latin-1 are read (20.2.9).
    if let (7, Some((0 | 5, text))) = (tag, value.split_first()) {
        say(device, property, text, notes);
    }
}

fn say(device: Subject, property: Property, value: &[u8], notes: &mut Notes<'_>) {
    notes.about(device, property, Certainty::Stated, value);
}
