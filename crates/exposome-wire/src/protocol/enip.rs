//! EtherNet/IP (ODVA, "EtherNet/IP Adaptation of CIP", chapter 2): controllers by their identity.

use crate::bytes::{Bytes, le16, le32};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const HEADER_BYTES: usize = 24;
const LIST_IDENTITY: u16 = 0x63;
const SEND_RR_DATA: u16 = 0x6f;

/// A header: a command that is known, a length that fits, and options that must be zero (2-3.1).
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let (command, len) = (le16(bytes, 0)?, usize::from(le16(bytes, 2)?));
    let is_known = matches!(command, 0x04 | LIST_IDENTITY..=0x66 | SEND_RR_DATA | 0x70);
    let is_plain = le32(bytes, 20)? == 0 && le32(bytes, 8)? <= 0x69 && len <= 4096;
    let fits = len + HEADER_BYTES == bytes.len() || first.is_on_port;
    if !is_known || !is_plain || !fits {
        return None;
    }
    let (sender, _) = first.ports;
    let is_answer = match command {
        0x04 | LIST_IDENTITY | 0x64 => len > 0,
        _ if first.is_on_port => sender == 44_818 || sender == 2222,
        _ => return Some(Sound::Either),
    };
    Some(if is_answer { Sound::Server } else { Sound::Client })
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let body = message.get(HEADER_BYTES..)?;
    match le16(message, 0)? {
        LIST_IDENTITY => identities(body, notes),
        SEND_RR_DATA => explicit(body, notes),
        _ => Some(()),
    }
}

#[derive(Debug)]
struct Enip;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Enip)
}

impl Reader for Enip {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(len) = le16(bytes, 2) else { return Step::Wait(HEADER_BYTES) };
        let whole = HEADER_BYTES + usize::from(len);
        if whole > 4096 + HEADER_BYTES {
            return Step::Over;
        }
        let Some(message) = bytes.get(..whole) else { return Step::Wait(whole) };
        let _ = read(message, notes);
        Step::Took(whole)
    }
}

/// Items of the kind "identity" (2-4.2).
fn identities(body: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(body);
    for _ in 0..bytes.le16()?.min(8) {
        let (kind, len) = (bytes.le16()?, bytes.le16()?);
        let item = bytes.take(len.into())?;
        if kind == 0x0c {
            // Version, and the socket's address.
            identity(item.get(18..)?, notes)?;
        }
    }
    Some(())
}

/// Attributes of the identity object (CIP volume 1, 5-2): maker, kind, product, revision, status, serial number, name.
fn identity(object: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(object);
    let vendor = bytes.le16()?;
    let kind = bytes.le16()?;
    let product = bytes.le16()?;
    let (major, minor) = (bytes.u8()?, bytes.u8()?);
    bytes.skip(2)?;
    let serial = bytes.le32()?;
    let len = bytes.u8()?;
    let name = bytes.take(len.into())?;
    notes.sender(Property::Model, name);
    notes.sender(Property::VendorId, format!("cip {vendor}").as_bytes());
    notes.sender(Property::ProductCode, format!("cip {vendor}/{kind}/{product}").as_bytes());
    notes.sender(Property::Firmware, format!("{major}.{minor}").as_bytes());
    if serial != 0 {
        notes.sender(Property::Serial, format!("{serial:08x}").as_bytes());
    }
    Some(())
}

/// An unconnected answer (2-4.7): the second item holds it.  The answer to "get all attributes" of the identity object
/// is known by its form alone, since the question is in another message: a name that ends where the item does.
fn explicit(body: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(body);
    bytes.skip(6)?;
    for _ in 0..bytes.le16()?.min(4) {
        let (kind, len) = (bytes.le16()?, bytes.le16()?);
        let item = bytes.take(len.into())?;
        if kind != 0xb2 {
            continue;
        }
        if let [0x81, 0, 0, 0, object @ ..] = item
            && object.len() > 15
            && object.get(14).map(|it| usize::from(*it)) == Some(object.len() - 15)
            && object.get(15..)?.iter().all(|it| (b' '..=b'~').contains(it))
        {
            identity(object, notes)?;
        }
    }
    Some(())
}
