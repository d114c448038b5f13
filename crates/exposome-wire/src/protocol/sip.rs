//! SIP (RFC 3261): telephones, door stations and nurse-call systems by the program they name.

use crate::bytes::begins;
use crate::notes::Notes;
use crate::protocol::http::headers;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const METHODS: [&[u8]; 10] = [
    b"REGISTER ",
    b"INVITE ",
    b"OPTIONS ",
    b"ACK ",
    b"BYE ",
    b"CANCEL ",
    b"NOTIFY ",
    b"SUBSCRIBE ",
    b"PUBLISH ",
    b"MESSAGE ",
];

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    if begins(bytes, b"SIP/2.0 ") {
        return Some(Sound::Server);
    }
    let method = METHODS.iter().find(|it| bytes.starts_with(it))?;
    let target = bytes.get(method.len()..)?;
    let is_sip = begins(target, b"sip:") || begins(target, b"sips:") || begins(target, b"tel:");
    is_sip.then_some(Sound::Client)
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let end = memchr::memmem::find(message, b"\r\n\r\n").unwrap_or(message.len());
    for (name, value) in headers(message.get(..end)?) {
        if name.eq_ignore_ascii_case(b"user-agent") || name.eq_ignore_ascii_case(b"server") {
            notes.sender(Property::SipAgent, value);
        }
    }
    Some(())
}

#[derive(Debug)]
struct Sip;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Sip)
}

impl Reader for Sip {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
            return if bytes.len() < 8192 { Step::Wait(bytes.len() + 1) } else { Step::Over };
        };
        let head = bytes.get(..end).unwrap_or_default();
        let _ = read(head, notes);
        let is_len = |name: &[u8]| {
            name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l")
        };
        let len = headers(head).find(|(name, _)| is_len(name));
        let len = len.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok());
        Step::Took((end + 4).saturating_add(len.unwrap_or(0)))
    }
}
