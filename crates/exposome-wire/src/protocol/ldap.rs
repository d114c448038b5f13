//! LDAP (RFC 4511): what a directory server says of itself, in its root entry (RFC 4512, 5.1).
//!
//! Entries of people are not read: only attributes of the entry without a name.

use crate::der::{ENUMERATED, INTEGER, OCTETS, SEQUENCE, SET, Values, whole_len};
use crate::notes::Notes;
use crate::protocol::ntlm;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const BIND_REQUEST: u8 = 0x60;
const BIND_RESPONSE: u8 = 0x61;
const SEARCH_REQUEST: u8 = 0x63;
const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_DONE: u8 = 0x65;
const EXTENDED_REQUEST: u8 = 0x77;
const EXTENDED_RESPONSE: u8 = 0x78;

/// A message: a small number, then an operation that begins as it must.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    if first.bytes.first() != Some(&SEQUENCE) {
        return None;
    }
    let mut values = Values::new(first.bytes).sequence()?;
    let number = values.tagged(INTEGER)?;
    let operation = values.any()?;
    let inside = || operation.values().any();
    let sound = match operation.tag {
        BIND_REQUEST => {
            let version = operation.values().integer()?;
            matches!(version, 2 | 3).then_some(Sound::Client)
        }
        SEARCH_REQUEST => {
            let mut parts = operation.values();
            parts.tagged(OCTETS)?;
            parts.tagged(ENUMERATED)?;
            Some(Sound::Client)
        }
        BIND_RESPONSE | SEARCH_DONE | EXTENDED_RESPONSE => {
            (inside()?.tag == ENUMERATED).then_some(Sound::Server)
        }
        SEARCH_ENTRY => (inside()?.tag == OCTETS).then_some(Sound::Server),
        EXTENDED_REQUEST => (inside()?.tag == 0x80).then_some(Sound::Client),
        _ => None,
    };
    sound.filter(|_| number.len() <= 4)
}

#[derive(Debug)]
struct Ldap;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Ldap)
}

const MESSAGE_MAX: usize = 16 << 10;

impl Reader for Ldap {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if bytes.first() != Some(&SEQUENCE) {
            // Encrypted after the bind.
            return Step::Over;
        }
        let Some(whole) = whole_len(bytes) else {
            return if bytes.len() < 6 { Step::Wait(6) } else { Step::Over };
        };
        let wanted = whole.min(MESSAGE_MAX);
        let Some(message) = bytes.get(..wanted) else { return Step::Wait(wanted) };
        let _ = read(message, notes);
        Step::Took(whole)
    }
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut values = Values::new(message).sequence()?;
    values.tagged(INTEGER)?;
    let operation = values.any()?;
    match operation.tag {
        BIND_REQUEST | BIND_RESPONSE => ntlm::find(operation.inside, notes),
        SEARCH_ENTRY => {
            let mut parts = operation.values();
            if parts.tagged(OCTETS)?.is_empty() {
                root(parts.sequence()?, notes)?;
            }
        }
        _ => {}
    }
    Some(())
}

fn root(attributes: Values<'_>, notes: &mut Notes<'_>) -> Option<()> {
    for attribute in attributes.take(128) {
        let mut parts = attribute.values();
        let name = parts.tagged(OCTETS)?.to_ascii_lowercase();
        let property = match name.as_slice() {
            b"dnshostname" => Property::HostName,
            b"vendorname" => Property::Software,
            b"vendorversion" => Property::SoftwareVersion,
            b"defaultnamingcontext" | b"namingcontexts" => Property::Domain,
            _ => continue,
        };
        if let Some(value) = Values::new(parts.tagged(SET)?).tagged(OCTETS) {
            notes.sender(property, value);
        }
    }
    notes.does(Property::Role, "directory server");
    Some(())
}
