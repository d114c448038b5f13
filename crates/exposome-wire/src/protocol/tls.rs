//! TLS (RFC 8446, RFC 5246): the client by how it says hello (JA4), the server's name, and its certificate.
//!
//! Only the handshake in the clear is read; with TLS 1.3 the certificate is not.

mod ja4;
mod x509;

use crate::bytes::{Bytes, be16};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Sides, Step};
use exposome_model::sighting::Property;

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
const RECORD_HEADER_BYTES: usize = 5;
/// 2^14 and what encryption adds (RFC 5246, 6.2.3).
const RECORD_MAX: usize = (1 << 14) + 2048;
/// A chain of certificates; a longer one is read as far as its first.
const HANDSHAKE_MAX: usize = 32 << 10;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let [HANDSHAKE, 3, 0..=4, high, low, kind, 0, ..] = first.bytes else { return None };
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    if !(4..=RECORD_MAX).contains(&len) {
        return None;
    }
    match *kind {
        CLIENT_HELLO => Some(Sound::Client),
        SERVER_HELLO => Some(Sound::Server),
        _ => None,
    }
}

/// Reads a handshake.
#[derive(Debug, Default)]
pub(crate) struct Tls {
    /// What has come of a handshake message, which may lie in several records.
    handshake: Sides<Vec<u8>>,
}

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Tls::default())
}

impl Reader for Tls {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let (Some(&kind), Some(len)) = (bytes.first(), be16(bytes, 3)) else {
            return Step::Wait(RECORD_HEADER_BYTES);
        };
        let len = usize::from(len);
        let whole = RECORD_HEADER_BYTES + len;
        match kind {
            HANDSHAKE if len <= RECORD_MAX => {}
            // What follows is encrypted.
            _ => return Step::Over,
        }
        let Some(record) = bytes.get(RECORD_HEADER_BYTES..whole) else { return Step::Wait(whole) };
        let held = self.handshake.of_mut(from);
        let gathered;
        // A record mostly holds whole messages, which are read where they lie.
        let waiting = if held.is_empty() {
            record
        } else {
            held.extend_from_slice(record);
            gathered = std::mem::take(held);
            &gathered
        };
        let Some(at) = messages(waiting, from, notes) else { return Step::Over };
        held.extend_from_slice(waiting.get(at..).unwrap_or_default());
        if held.len() > HANDSHAKE_MAX { Step::Over } else { Step::Took(whole) }
    }

    fn lost(&mut self, from: Side) {
        self.handshake.of_mut(from).clear();
    }
}

/// Reads whole messages; where the first unfinished one begins, or `None` when there is nothing more to learn.
fn messages(bytes: &[u8], from: Side, notes: &mut Notes<'_>) -> Option<usize> {
    let mut rest = Bytes::new(bytes);
    loop {
        let at = bytes.len() - rest.len();
        let (Some(kind), Some(len)) = (rest.u8(), rest.be24()) else { return Some(at) };
        let len = crate::bytes::size(len);
        let Some(message) = rest.take(len) else {
            // Encrypted messages have any kind and length.
            let is_one = len <= HANDSHAKE_MAX && matches!(kind, 1 | 2 | 4 | 11..=16 | 20..=24);
            return is_one.then_some(at);
        };
        match (kind, from) {
            (CLIENT_HELLO, Side::Client) => {
                let _ = ja4::hello(message, notes);
            }
            (CERTIFICATE, _) => {
                let _ = certificates(message, notes);
                if from == Side::Server {
                    return None;
                }
            }
            _ => {}
        }
    }
}

/// A certificate that another protocol carries.
pub(crate) fn certificate(certificate: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    x509::read(certificate, notes)
}

/// The first certificate is the sender's own (RFC 5246, 7.4.2).
fn certificates(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(message);
    bytes.be24()?;
    let len = crate::bytes::size(bytes.be24()?);
    x509::read(bytes.take(len)?, notes)
}

/// The name a client asks for, from the extension (RFC 6066, section 3).
fn server_name(extension: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(extension);
    bytes.skip(2)?;
    if bytes.u8()? == 0 {
        let len = bytes.be16()?;
        notes.receiver(Property::CalledName, bytes.take(len.into())?);
    }
    Some(())
}
