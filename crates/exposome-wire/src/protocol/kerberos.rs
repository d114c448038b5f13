//! Kerberos (RFC 4120): who logs on where, without anything that could be attacked offline.
//!
//! Names and realms are read; tickets, authenticators and what is encrypted are
//! stepped over.

use crate::bytes::{be32, size};
use crate::der::{SEQUENCE, Values, whole_len};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const AS_REQ: u8 = 0x6a;
const AS_REP: u8 = 0x6b;
const TGS_REQ: u8 = 0x6c;
const TGS_REP: u8 = 0x6d;
const ERROR: u8 = 0x7e;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let tag = *first.bytes.first()?;
    let sound = match tag {
        AS_REQ | TGS_REQ => Sound::Client,
        AS_REP | TGS_REP | ERROR => Sound::Server,
        _ => return None,
    };
    let mut inside = Values::new(first.bytes).any()?.values().sequence()?;
    // The protocol version, which is 5: first in an answer, second... in a request after its tag [1].
    let version = inside.any()?;
    let is_first = if sound == Sound::Client { 0xa1 } else { 0xa0 };
    let is_kerberos = version.tag == is_first && version.values().integer()? == 5;
    is_kerberos.then_some(sound)
}

/// Over TCP a length stands before each message (RFC 4120, 7.2.2).
pub(crate) fn recognise_stream(first: &First<'_>) -> Option<Sound> {
    let len = size(be32(first.bytes, 0)?);
    let message = first.bytes.get(4..)?;
    let is_len = len < 1 << 16 && whole_len(message)? <= len;
    if is_len { recognise(&First { bytes: message, ..*first }) } else { None }
}

#[derive(Debug)]
struct Kerberos;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Kerberos)
}

impl Reader for Kerberos {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(len) = be32(bytes, 0) else { return Step::Wait(4) };
        let whole = size(len).saturating_add(4);
        let wanted = whole.min(8192);
        let Some(message) = bytes.get(4..wanted) else { return Step::Wait(wanted) };
        let _ = read(message, notes);
        Step::Took(whole)
    }
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let whole = Values::new(message).any()?;
    let values = whole.values().sequence()?;
    match whole.tag {
        // KDC-REQ (5.4.1): the body is [4].
        AS_REQ | TGS_REQ => {
            let body = values.into_iter().find(|it| it.tag == 0xa4)?;
            for value in body.values().sequence()? {
                match value.tag {
                    // The client, which only asks by name when it logs on.
                    0xa1 => account(value.values(), notes, Speaker::Client)?,
                    0xa2 => notes.sender(Property::KerberosRealm, string(value.values())?),
                    _ => {}
                }
            }
        }
        // KDC-REP (5.4.2): realm and name of the client.
        AS_REP | TGS_REP => {
            for value in values {
                match value.tag {
                    0xa3 => notes.sender(Property::KerberosRealm, string(value.values())?),
                    0xa4 => account(value.values(), notes, Speaker::Server)?,
                    _ => {}
                }
            }
        }
        _ => {}
    }
    Some(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Speaker {
    Client,
    Server,
}

/// `PrincipalName` (5.2.2): the first part of the name.
fn account(mut values: Values<'_>, notes: &mut Notes<'_>, speaker: Speaker) -> Option<()> {
    let mut parts = values.sequence()?;
    parts.any()?;
    let mut names = parts.any()?.values().sequence()?;
    let name = names.any()?.inside;
    match speaker {
        Speaker::Client => notes.sender(Property::Account, name),
        Speaker::Server => notes.receiver(Property::Account, name),
    }
    Some(())
}

fn string(mut values: Values<'_>) -> Option<&[u8]> {
    let value = values.any()?;
    (value.tag != SEQUENCE).then_some(value.inside)
}
