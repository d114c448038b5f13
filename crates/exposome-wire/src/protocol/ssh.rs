//! SSH (RFC 4253): the banner of both sides, and the server's key, which tells it from all others.

use crate::bytes::{Bytes, begins, size};
use crate::notes::Notes;
use crate::protocol::dhcp::hex;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Sides, Step};
use exposome_model::sighting::Property;
use sha2::{Digest as _, Sha256};

/// RFC 4253, 4.2: with the line end, 255.
const BANNER_MAX: usize = 255;
/// RFC 4253, 6.1.
const PACKET_MAX: usize = 35_000;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    begins(first.bytes, b"SSH-").then_some(Sound::Either)
}

#[derive(Debug, Default)]
struct Ssh {
    has_said: Sides<bool>,
}

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Ssh::default())
}

impl Reader for Ssh {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if !*self.has_said.of(from) {
            let Some(end) = memchr::memchr(b'\n', bytes) else {
                return if bytes.len() < BANNER_MAX {
                    Step::Wait(bytes.len() + 1)
                } else {
                    Step::Over
                };
            };
            *self.has_said.of_mut(from) = true;
            notes.sender(Property::SshBanner, bytes.get(..end).unwrap_or_default());
            return Step::Took(end + 1);
        }
        let Some(len) = crate::bytes::be32(bytes, 0) else { return Step::Wait(4) };
        let whole = size(len).saturating_add(4);
        if whole > PACKET_MAX {
            return Step::Over;
        }
        let Some(packet) = bytes.get(5..whole) else { return Step::Wait(whole) };
        match packet.first() {
            // The answer to a key exchange (RFC 4253, 8; RFC 5656, 4; RFC 4419, 3) begins with the server's key.
            Some(31 | 33) if from == Side::Server => {
                let mut rest = Bytes::new(packet.get(1..).unwrap_or_default());
                let key = rest.be32().and_then(|len| rest.take(size(len)));
                if let Some(key) = key.filter(|it| it.len() > 8) {
                    notes.sender(Property::SshHostKey, hex(&Sha256::digest(key)).as_bytes());
                    return Step::Over;
                }
                Step::Took(whole)
            }
            // New keys: the rest is encrypted.
            Some(21) | None => Step::Over,
            _ => Step::Took(whole),
        }
    }
}
