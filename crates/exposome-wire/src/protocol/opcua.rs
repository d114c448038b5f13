//! OPC UA (IEC 62541-6): servers and clients by the description they give of their application.

use crate::bytes::{Bytes, le16, le32, size};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const HEADER_BYTES: usize = 8;

/// Three letters, whether more follows, and a length (7.1.2).
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let len = size(le32(bytes, 4)?);
    if !(8..=1 << 20).contains(&len) {
        return None;
    }
    match bytes.get(..4)? {
        b"HELF" => Some(Sound::Client),
        b"ACKF" | b"RHEF" => Some(Sound::Server),
        // In the middle of a connection.
        b"OPNF" | b"MSGF" | b"MSGC" => Some(Sound::Either),
        _ => None,
    }
}

#[derive(Debug)]
struct Opcua;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Opcua)
}

/// A description is far shorter.
const MESSAGE_MAX: usize = 16 << 10;

impl Reader for Opcua {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let (Some(kind), Some(len)) = (bytes.get(..3), le32(bytes, 4)) else {
            return Step::Wait(HEADER_BYTES);
        };
        let len = size(len);
        if len < HEADER_BYTES
            || !matches!(kind, b"HEL" | b"ACK" | b"ERR" | b"RHE" | b"OPN" | b"CLO" | b"MSG")
        {
            return Step::Over;
        }
        let wanted = len.min(MESSAGE_MAX);
        let Some(message) = bytes.get(HEADER_BYTES..wanted) else { return Step::Wait(wanted) };
        if kind == b"MSG" {
            let _ = service(message, from, notes);
        }
        Step::Took(len)
    }
}

/// Binary encodings of services (IEC 62541-6, annex A): by their numbers.
const FIND_SERVERS_RESPONSE: u16 = 425;
const GET_ENDPOINTS_RESPONSE: u16 = 431;
const CREATE_SESSION_REQUEST: u16 = 461;

fn service(message: &[u8], from: Side, notes: &mut Notes<'_>) -> Option<()> {
    // Channel, token, sequence, request; then the number of the service in four bytes.
    let body = message.get(16..)?;
    if body.get(..2)? != [1, 0] {
        return Some(());
    }
    let number = le16(body, 2)?;
    let mut bytes = Bytes::new(body.get(4..)?);
    match (number, from) {
        (GET_ENDPOINTS_RESPONSE | FIND_SERVERS_RESPONSE, Side::Server) => {
            response_header(&mut bytes)?;
            if bytes.le32()? == 0 {
                return Some(());
            }
            if number == GET_ENDPOINTS_RESPONSE {
                string(&mut bytes)?;
            }
            application(&mut bytes, notes)
        }
        (CREATE_SESSION_REQUEST, Side::Client) => {
            request_header(&mut bytes)?;
            application(&mut bytes, notes)
        }
        _ => Some(()),
    }
}

/// Time, handle, result; diagnostics and texts, which good answers do not have; one thing more.
fn response_header(bytes: &mut Bytes<'_>) -> Option<()> {
    bytes.skip(16)?;
    if bytes.u8()? != 0 {
        return None;
    }
    for _ in 0..length(bytes)?.min(64) {
        string(bytes)?;
    }
    extension(bytes)
}

fn request_header(bytes: &mut Bytes<'_>) -> Option<()> {
    node(bytes)?;
    // Time, handle, diagnostics wanted.
    bytes.skip(16)?;
    string(bytes)?;
    bytes.skip(4)?;
    extension(bytes)
}

/// `ApplicationDescription` (IEC 62541-4, 7.2): address, product, name.
fn application(bytes: &mut Bytes<'_>, notes: &mut Notes<'_>) -> Option<()> {
    notes.sender(Property::ApplicationUri, string(bytes)?);
    notes.sender(Property::ProductCode, string(bytes)?);
    let mask = bytes.u8()?;
    if mask & 1 != 0 {
        string(bytes)?;
    }
    if mask & 2 != 0 {
        notes.sender(Property::Software, string(bytes)?);
    }
    Some(())
}

/// A length of four bytes; -1 is none (5.2.2.4), and read as nothing.
fn length(bytes: &mut Bytes<'_>) -> Option<usize> {
    let len = bytes.le32()?;
    Some(if len == u32::MAX { 0 } else { size(len) })
}

fn string<'a>(bytes: &mut Bytes<'a>) -> Option<&'a [u8]> {
    let len = length(bytes)?;
    bytes.take(len)
}

/// A `NodeId` (5.2.2.9).
fn node(bytes: &mut Bytes<'_>) -> Option<()> {
    match bytes.u8()? & 0x3f {
        0 => bytes.skip(1),
        1 => bytes.skip(3),
        2 => bytes.skip(6),
        3 | 5 => {
            bytes.skip(2)?;
            string(bytes).map(drop)
        }
        4 => bytes.skip(18),
        _ => None,
    }
}

/// An `ExtensionObject` (5.2.2.15).
fn extension(bytes: &mut Bytes<'_>) -> Option<()> {
    node(bytes)?;
    if bytes.u8()? != 0 {
        string(bytes)?;
    }
    Some(())
}
