//! RDP ([MS-RDPBCGR]): the client by its name and build, the server by its certificate.

use crate::bytes::{Bytes, be16, le16, le32};
use crate::notes::Notes;
use crate::protocol::ntlm::utf16;
use crate::protocol::tls::Tls;
use crate::protocols::{First, Protocol, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

/// TPKT (RFC 1006) with a connection request or confirm of X.224 (class 0), and RDP's own part in it.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let [3, 0, _, _, indicator, kind, 0, 0, ..] = bytes else { return None };
    let rest = bytes.get(11..)?;
    let is_rdp = rest.starts_with(b"Cookie: ")
        // A negotiation (2.2.1.1.1, 2.2.1.2.1, 2.2.1.2.2): 8 bytes at the end.
        || matches!(rest, [1..=3, _, 8, 0, ..])
        || (first.is_on_port && *indicator == 6);
    match kind {
        0xe0 if is_rdp => Some(Sound::Client),
        0xd0 if is_rdp => Some(Sound::Server),
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Rdp {
    /// After the negotiation, where it agreed on TLS.
    tls: Option<Tls>,
    messages: u32,
}

/// Names and certificates stand in the first messages.
const MESSAGES_READ: u32 = 8;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Rdp::default())
}

impl Reader for Rdp {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        // A TLS record instead of a TPKT: both sides have agreed on it.
        if self.tls.is_some() || bytes.first() == Some(&22) {
            let tls = self.tls.get_or_insert_default();
            return notes.within(Protocol::Tls, |notes| tls.read(from, bytes, notes));
        }
        if bytes.first() != Some(&3) {
            return Step::Over;
        }
        let Some(len) = be16(bytes, 2) else { return Step::Wait(4) };
        let len = usize::from(len);
        let Some(message) = bytes.get(..len).filter(|it| it.len() > 7) else {
            return if len <= 7 { Step::Over } else { Step::Wait(len) };
        };
        self.messages += 1;
        if self.messages > MESSAGES_READ {
            return Step::Over;
        }
        let body = message.get(4..).unwrap_or_default();
        match (body.get(1), from) {
            (Some(0xe0), Side::Client) => cookie(body, notes),
            (Some(0xf0), Side::Client) => {
                let _ = client_data(body, notes);
            }
            (Some(0xf0), Side::Server) => {
                let _ = server_data(body, notes);
            }
            _ => {}
        }
        Step::Took(len)
    }
}

/// `Cookie: mstshash=NAME`: the first letters of the account (2.2.1.1).
fn cookie(body: &[u8], notes: &mut Notes<'_>) {
    let Some(rest) = body.get(7..).and_then(|it| it.strip_prefix(b"Cookie: mstshash=")) else {
        return;
    };
    let end = memchr::memchr(b'\r', rest).unwrap_or(rest.len());
    notes.sender(Property::Account, rest.get(..end).unwrap_or_default());
}

/// The client's core data (2.2.1.3.2) in an MCS connect.
fn client_data(body: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    // The settings follow the mark of Microsoft's own data in the conference request (2.2.1.3).
    let at = memchr::memmem::find(body, b"Duca")?;
    let block = memchr::memmem::find(body.get(at..)?, &[0x01, 0xc0])? + at;
    let core = body
        .get(block..block + usize::from(le16(body, block + 2)?))
        .or_else(|| body.get(block..))?;
    let build = le32(core, 20)?;
    let name = utf16(core.get(24..56)?);
    notes.sender(Property::HostName, &name);
    notes.sender(Property::ClientProgram, format!("RDP client build {build}").as_bytes());
    Some(())
}

/// The server's security data (2.2.1.4.3): without TLS its certificate stands here, in RDP's own form or as X.509.
fn server_data(body: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let at = memchr::memmem::find(body, b"McDn")?;
    let mut bytes = Bytes::new(body.get(at + 4..)?);
    // A length of one or two bytes (PER).
    if bytes.u8()? & 0x80 != 0 {
        bytes.skip(1)?;
    }
    for _ in 0..8 {
        let (kind, len) = (bytes.le16()?, bytes.le16()?);
        let block = bytes.take(usize::from(len).checked_sub(4)?)?;
        if kind == 0x0c02 && le32(block, 0)? != 0 {
            let random = crate::bytes::size(le32(block, 8)?);
            let certificate = block.get(16 + random..)?;
            // An X.509 chain (2.2.1.4.3.1): a version of 2, a count, then each with its length.
            if le32(certificate, 0)? & 0x7fff_ffff == 2 {
                let count = le32(certificate, 4)?.min(4);
                let mut chain = Bytes::new(certificate.get(8..)?);
                let mut last = None;
                for _ in 0..count {
                    let len = chain.le32()?;
                    last = chain.take(crate::bytes::size(len));
                }
                // The server's own comes last.
                super::tls::certificate(last?, notes)?;
            }
        }
    }
    Some(())
}
