//! NetBIOS names (RFC 1002) and the browser of Windows networks ([MS-BRWS]): how machines call themselves and their
//! workgroup, over UDP and, on old networks, right on Ethernet (NetBEUI).

use crate::bytes::{Bytes, be16, le16, le32};
use crate::notes::Notes;
use crate::protocol::dns::Name;
use crate::protocols::{First, Sound};
use exposome_model::mac::Mac;
use exposome_model::sighting::Property;

const NAME: u16 = 32;
const STATUS: u16 = 33;

/// Name service: a header like that of DNS, and a name of 32 letters.
pub(crate) fn recognise_names(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    if bytes.get(12) != Some(&32) || !bytes.get(13..45)?.iter().all(|it| (b'A'..=b'P').contains(it))
    {
        return None;
    }
    let is_answer = be16(bytes, 2)? & 0x8000 != 0;
    Some(if is_answer { Sound::Server } else { Sound::Client })
}

/// Letters of four bits each (RFC 1001, 14.1): fifteen of a name and one that says what it is for.
pub(crate) fn decoded(letters: &[u8]) -> Option<[u8; 16]> {
    let mut name = [0; 16];
    for (byte, pair) in name.iter_mut().zip(letters.chunks_exact(2)) {
        let [high, low] = pair.first_chunk::<2>()?.map(|it| it.wrapping_sub(b'A'));
        if high > 15 || low > 15 {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(name)
}

/// What a name is, by its last byte and whether a group bears it ([MS-NBTE], 1.6; RFC 1002, 4.2.1.3).
fn property(name: &[u8; 16], is_group: bool) -> Option<Property> {
    match (name.last()?, is_group) {
        (0 | 3 | 0x20, false) => Some(Property::NetbiosName),
        (0 | 0x1c | 0x1e, true) | (0x1b | 0x1d, false) => Some(Property::Workgroup),
        _ => None,
    }
}

fn text(name: &[u8; 16]) -> Option<&[u8]> {
    let text = name.first_chunk::<15>()?.trim_ascii();
    // `..__MSBROWSE__.` and the name of everybody.
    let is_name = text.iter().all(|it| (b' '..=0xfe).contains(it)) && !text.starts_with(b"*");
    (is_name && !text.is_empty()).then_some(text)
}

pub(crate) fn read_names(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let flags = be16(message, 2)?;
    let is_answer = flags & 0x8000 != 0;
    let operation = flags >> 11 & 15;
    let name = decoded(message.get(13..45)?)?;
    let mut after = Name::default();
    let after_name = after.read(message, 12)?;
    let kind = be16(message, after_name)?;
    match (operation, is_answer) {
        // A question: whom it looks for.
        (0, false) if kind == NAME => {
            notes.sender(Property::LooksFor, text(&name)?);
        }
        (0, true) if kind == STATUS => return status(message.get(after_name + 10..)?, notes),
        // Whoever has a name answers for it; a name server may, too.
        (0, true) if flags.trailing_zeros() >= 4 => {
            let is_group = be16(message, after_name + 10)? & 0x8000 != 0;
            notes.sender(property(&name, is_group)?, text(&name)?);
        }
        // Registration, refresh, and what older machines call so.
        (5 | 8 | 9 | 15, false) => {
            // The record that is added: a pointer to the name, then ten bytes, then the flags of the name.
            let record = after.read(message, after_name + 4)?;
            let is_group = be16(message, record + 10)? & 0x8000 != 0;
            notes.sender(property(&name, is_group)?, text(&name)?);
        }
        _ => {}
    }
    Some(())
}

/// All names of a machine, and the card it answers with (4.2.18).
fn status(data: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(data);
    let count = bytes.u8()?;
    for _ in 0..count.min(32) {
        let name: [u8; 16] = bytes.array()?;
        let is_group = bytes.be16()? & 0x8000 != 0;
        if let Some((property, text)) = property(&name, is_group).zip(text(&name)) {
            notes.sender(property, text);
        }
    }
    let mac = Mac(bytes.array()?);
    if !mac.is_zero() && !mac.is_group() {
        notes.sender(Property::ChassisId, mac.to_string().as_bytes());
    }
    Some(())
}

/// Datagrams to a name (RFC 1002, 4.4.1): direct to one, to a group, or to all.
pub(crate) fn recognise_datagram(first: &First<'_>) -> Option<Sound> {
    let [0x10..=0x12, flags, ..] = first.bytes else { return None };
    let is_one = flags & 0xf0 == 0
        && first.bytes.get(14) == Some(&32)
        && first.bytes.get(15..47)?.iter().all(|it| (b'A'..=b'P').contains(it));
    is_one.then_some(Sound::Client)
}

pub(crate) fn read_datagram(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let source = decoded(message.get(15..47)?)?;
    if let Some((property, text)) = property(&source, false).zip(text(&source)) {
        notes.sender(property, text);
    }
    let mut name = Name::default();
    let after = name.read(message, 14)?;
    let after = name.read(message, after)?;
    browser(message.get(after..)?, notes)
}

/// NetBEUI: frames of NetBIOS on IEEE 802.2 (IBM, "LAN Technical Reference", chapter 5).
pub(crate) fn read_frame(frame: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    // Two access points, one or two bytes of control; then a length, and a mark.
    let rest = if frame.get(2)? & 3 == 3 { frame.get(3..)? } else { frame.get(4..)? };
    if be16(rest, 2)? != 0xffef {
        return Some(());
    }
    let header_bytes = usize::from(le16(rest, 0)?);
    let command = *rest.get(4)?;
    let name = |at: usize| rest.get(at..at + 16).and_then(|it| <[u8; 16]>::try_from(it).ok());
    match command {
        // Datagram: from a name to a name.
        0x08 => {
            let source = name(28)?;
            if let Some((property, text)) = property(&source, false).zip(text(&source)) {
                notes.sender(property, text);
            }
            browser(rest.get(header_bytes..)?, notes)?;
        }
        // A name is added; the name of a group is.
        0x00 | 0x01 => {
            let name = name(28)?;
            if let Some((property, text)) = property(&name, command == 0).zip(text(&name)) {
                notes.sender(property, text);
            }
        }
        _ => {}
    }
    Some(())
}

/// What kinds of servers a machine says it is ([MS-BRWS], 2.2.1, `ServerType`).
const KINDS: [(u32, &str); 6] = [
    (0x0000_0004, "sql server"),
    (0x0000_0008, "domain controller"),
    (0x0000_0010, "domain controller"),
    (0x0000_0200, "print server"),
    (0x0000_0800, "unix"),
    (0x0200_0000, "terminal server"),
];

/// An announcement to all: a transaction of SMB 1 on the mailslot of the browser.
fn browser(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    if !message.starts_with(b"\xffSMB") || message.get(4) != Some(&0x25) {
        return Some(());
    }
    let words = usize::from(*message.get(32)?);
    let parameters = message.get(33..33 + words * 2)?;
    let at = usize::from(le16(parameters, 24)?);
    let head = message.get(..at)?;
    let is_browser = memchr::memmem::find(head, b"\\MAILSLOT\\BROWSE").is_some()
        || memchr::memmem::find(head, b"\\MAILSLOT\\LANMAN").is_some();
    let frame = message.get(at..)?;
    let command = *frame.first()?;
    if !is_browser || !matches!(command, 1 | 12 | 15) {
        return Some(());
    }
    let name = frame.get(6..22)?;
    let name = name.split(|it| *it == 0).next()?;
    let major = *frame.get(22)?;
    let minor = *frame.get(23)?;
    let kind = le32(frame, 24)?;
    if command == 12 {
        notes.sender(Property::Workgroup, name);
        return Some(());
    }
    notes.sender(Property::NetbiosName, name);
    // The versions of its system that Windows announces: 4.0 means any since 95 that is no NT.
    notes.sender(Property::OsBuild, format!("{major}.{minor}").as_bytes());
    for (bit, role) in KINDS {
        if kind & bit != 0 {
            notes.sender(Property::Role, role.as_bytes());
        }
    }
    let comment = frame.get(32..)?.split(|it| *it == 0).next()?;
    notes.sender(Property::Description, comment);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_written_in_letters_of_half_a_byte() {
        let name = decoded(b"ENEBFCFEEJECCACACACACACACACACAAA").unwrap();
        assert_eq!(text(&name), Some(&b"MARTIB"[..]));
        assert_eq!(property(&name, false), Some(Property::NetbiosName));
        assert_eq!(property(&name, true), Some(Property::Workgroup));
        assert_eq!(decoded(b"ZZ"), None);
    }
}
