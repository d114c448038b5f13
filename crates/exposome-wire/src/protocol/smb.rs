//! SMB ([MS-CIFS], [MS-SMB2]): Windows and what speaks like it, by dialect, names and versions.

use crate::bytes::{Bytes, be24_at, le16, le32};
use crate::notes::Notes;
use crate::protocol::dhcp::hex;
use crate::protocol::ntlm::{self, utf16};
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const SMB1: &[u8] = b"\xffSMB";
const SMB2: &[u8] = b"\xfeSMB";
/// A session message of NetBIOS over TCP (RFC 1002, 4.3.1), or SMB's own four bytes on port 445.
const FRAME_BYTES: usize = 4;
/// As much of one message as is looked at; what is larger moves files.
const MESSAGE_MAX: usize = 8 << 10;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    match bytes {
        // A session request or its answer (RFC 1002, 4.3.2) on the port of NetBIOS.
        [0x81, 0, 0, 0x44, ..] => Some(Sound::Client),
        [0x82, 0, 0, 0] if first.is_on_port => Some(Sound::Server),
        [0, _, _, _, rest @ ..] if rest.starts_with(SMB1) => {
            // Byte 9: the highest bit of the flags marks an answer.
            let flags = *rest.get(9)?;
            Some(if flags & 0x80 == 0 { Sound::Client } else { Sound::Server })
        }
        [0, _, _, _, rest @ ..] if rest.starts_with(SMB2) => {
            let flags = le32(rest, 16)?;
            Some(if flags & 1 == 0 { Sound::Client } else { Sound::Server })
        }
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Smb {
    /// Negotiation and logon lie in the first messages of each side.
    messages: u32,
}

/// Then the rest moves files.
const MESSAGES_READ: u32 = 24;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Smb::default())
}

impl Reader for Smb {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(len) = be24_at(bytes, 1) else { return Step::Wait(FRAME_BYTES) };
        let whole = FRAME_BYTES + len;
        if bytes.first() == Some(&0x81) {
            let Some(request) = bytes.get(FRAME_BYTES..whole) else { return Step::Wait(whole) };
            let _ = session(request, notes);
            return Step::Took(whole);
        }
        let wanted = whole.min(FRAME_BYTES + MESSAGE_MAX);
        let Some(message) = bytes.get(FRAME_BYTES..wanted) else { return Step::Wait(wanted) };
        self.messages += 1;
        if self.messages > MESSAGES_READ {
            return Step::Over;
        }
        let _ = read_message(message, from, notes);
        Step::Took(whole)
    }
}

pub(crate) fn read_message(message: &[u8], from: Side, notes: &mut Notes<'_>) -> Option<()> {
    if message.starts_with(SMB1) {
        smb1(message, notes)
    } else if message.starts_with(SMB2) {
        smb2(message, from, notes)
    } else {
        None
    }
}

/// Who calls whom, in the encoding of RFC 1001, 14.
fn session(request: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(request);
    bytes.skip(1)?;
    let called = super::netbios::decoded(bytes.take(32)?)?;
    bytes.skip(2)?;
    let calling = super::netbios::decoded(bytes.take(32)?)?;
    let name = |it: &[u8; 16]| it.first_chunk::<15>().map(|it| it.trim_ascii().to_vec());
    let called = name(&called)?;
    if !called.starts_with(b"*") {
        notes.receiver(Property::NetbiosName, &called);
    }
    notes.sender(Property::NetbiosName, &name(&calling)?);
    Some(())
}

/// SMB 2 and 3 ([MS-SMB2], 2.2): the answer to a negotiation, and the logon.
fn smb2(message: &[u8], from: Side, notes: &mut Notes<'_>) -> Option<()> {
    let command = le16(message, 12)?;
    let is_answer = le32(message, 16)? & 1 == 1;
    let body = message.get(64..)?;
    match command {
        0 if is_answer => {
            let dialect = match le16(body, 4)? {
                0x0202 => "SMB 2.0.2",
                0x0210 => "SMB 2.1",
                0x0300 => "SMB 3.0",
                0x0302 => "SMB 3.0.2",
                0x0311 => "SMB 3.1.1",
                0x02ff => "SMB 2",
                _ => return None,
            };
            notes.sender(Property::SmbDialect, dialect.as_bytes());
            let guid = body.get(8..24)?;
            if guid.iter().any(|it| *it != 0) {
                notes.sender(Property::ServerGuid, hex(guid).as_bytes());
            }
        }
        1 => ntlm::find(message, notes),
        _ => {}
    }
    let _ = from;
    Some(())
}

/// SMB 1 ([MS-CIFS], 2.2.4; [MS-SMB], 2.2.4.6): the native system that each side names at the logon.
fn smb1(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let command = *message.get(4)?;
    let is_answer = *message.get(9)? & 0x80 != 0;
    let is_unicode = le16(message, 10)? & 0x8000 != 0;
    match command {
        // Negotiate.
        0x72 if is_answer => {
            notes.sender(Property::SmbDialect, b"SMB 1");
        }
        // Session setup.
        0x73 => {
            ntlm::find(message, notes);
            let words = usize::from(*message.get(32)?);
            let parameters = message.get(33..33 + words * 2)?;
            let data_at = 35 + words * 2;
            let len = usize::from(le16(message, data_at - 2)?);
            let data = message.get(data_at..data_at + len).or_else(|| message.get(data_at..))?;
            let (skip, names_before) = match (is_answer, words) {
                (false, 12) => (usize::from(le16(parameters, 14)?), 0),
                (false, 13) => {
                    let secrets =
                        usize::from(le16(parameters, 14)?) + usize::from(le16(parameters, 16)?);
                    (secrets, 2)
                }
                (false, 10) => (usize::from(le16(parameters, 14)?), 2),
                (true, 4) => (usize::from(le16(parameters, 6)?), 0),
                (true, 3) => (0, 0),
                _ => return None,
            };
            let mut strings = Strings { data, at: skip, start: data_at, is_unicode };
            for _ in 0..names_before {
                strings.next()?;
            }
            for property in [Property::NativeOs, Property::NativeLanman] {
                notes.sender(property, &strings.next()?);
            }
            if is_answer && let Some(domain) = strings.next() {
                notes.sender(Property::Workgroup, &domain);
            }
        }
        _ => {}
    }
    Some(())
}

/// Texts that end with a zero; where they are of two bytes a letter they begin at even places of the message.
struct Strings<'a> {
    data: &'a [u8],
    at: usize,
    start: usize,
    is_unicode: bool,
}

impl Iterator for Strings<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if !self.is_unicode {
            let rest = self.data.get(self.at..)?;
            let end = memchr::memchr(0, rest).unwrap_or(rest.len());
            self.at += end + 1;
            return rest.get(..end).map(<[u8]>::to_vec);
        }
        self.at += (self.start + self.at) % 2;
        let rest = self.data.get(self.at..).filter(|it| !it.is_empty())?;
        let end = rest.chunks_exact(2).position(|it| it == [0, 0]).unwrap_or(rest.len() / 2) * 2;
        self.at += end + 2;
        rest.get(..end).map(utf16)
    }
}
