//! Protocols whose server says first what it is: FTP (RFC 959), SMTP (RFC 5321), telnet (RFC 854).
//!
//! Only the first line of the server is read, and of telnet what it says before
//! anybody logs on; what a client types is never looked at.

use crate::bytes::begins;
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

/// A code and a line.  `220 ` is said by both: the words tell which, else the port does.
fn greeting<'a>(first: &First<'a>) -> Option<&'a [u8]> {
    let bytes = first.bytes;
    let line = bytes.strip_prefix(b"220").filter(|it| matches!(it.first(), Some(b' ' | b'-')))?;
    let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
    line.get(1..end)
}

pub(crate) fn recognise_ftp(first: &First<'_>) -> Option<Sound> {
    if first.is_on_port
        && ["USER ", "SYST", "FEAT", "AUTH "].iter().any(|it| begins(first.bytes, it.as_bytes()))
    {
        return Some(Sound::Client);
    }
    let line = greeting(first)?.to_ascii_lowercase();
    let is_ftp = first.is_on_port || memchr::memmem::find(&line, b"ftp").is_some();
    is_ftp.then_some(Sound::Server)
}

pub(crate) fn recognise_smtp(first: &First<'_>) -> Option<Sound> {
    if first.is_on_port && ["EHLO ", "HELO "].iter().any(|it| begins(first.bytes, it.as_bytes())) {
        return Some(Sound::Client);
    }
    let line = greeting(first)?.to_ascii_lowercase();
    let is_smtp = first.is_on_port || memchr::memmem::find(&line, b"smtp").is_some();
    is_smtp.then_some(Sound::Server)
}

/// Reads one line of the server.
#[derive(Debug)]
struct Greeting {
    property: Property,
}

pub(crate) fn open_ftp() -> Box<dyn Reader> {
    Box::new(Greeting { property: Property::FtpBanner })
}

pub(crate) fn open_smtp() -> Box<dyn Reader> {
    Box::new(Greeting { property: Property::SmtpBanner })
}

const LINE_MAX: usize = 512;

impl Reader for Greeting {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if from == Side::Client {
            return Step::Took(bytes.len());
        }
        let Some(end) = memchr::memchr(b'\n', bytes) else {
            return if bytes.len() < LINE_MAX { Step::Wait(bytes.len() + 1) } else { Step::Over };
        };
        if let Some(line) = bytes.get(..end).and_then(|it| it.strip_prefix(b"220")) {
            notes.sender(self.property, line.get(1..).unwrap_or_default());
        }
        Step::Over
    }
}

/// Commands of telnet: IAC, then WILL, WONT, DO, DONT or a subnegotiation.
const IAC: u8 = 0xff;

pub(crate) fn recognise_telnet(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let is_command =
        |it: &[u8]| matches!(it, [IAC, 251..=254, 0..=49 | 0xff, ..] | [IAC, 250, 0..=49, ..]);
    if is_command(bytes) && (first.is_on_port || bytes.get(3..).is_some_and(is_command)) {
        return Some(Sound::Either);
    }
    let (sender, _) = first.ports;
    let is_server = first.is_on_port && sender == 23 && bytes.iter().all(|it| is_text(*it));
    is_server.then_some(Sound::Server)
}

fn is_text(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e | b'\r' | b'\n' | b'\t' | 0x80..)
}

#[derive(Debug, Default)]
struct Telnet {
    said: Vec<u8>,
}

pub(crate) fn open_telnet() -> Box<dyn Reader> {
    Box::new(Telnet::default())
}

/// What a server says before it asks who is there.
const TELNET_MAX: usize = 512;

impl Reader for Telnet {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if from == Side::Client {
            // As soon as somebody types letters, what the server says may be an answer to them.
            let types = bytes.first().is_some_and(|it| *it != IAC) && !self.said.is_empty();
            return if types { self.end(notes, false) } else { Step::Took(bytes.len()) };
        }
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            rest = match (byte, after) {
                (IAC, [IAC, after @ ..]) => after,
                (IAC, [250, ..]) => {
                    let end = memchr::memmem::find(after, &[IAC, 240]);
                    end.and_then(|end| after.get(end + 2..)).unwrap_or_default()
                }
                (IAC, [251..=254, _, after @ ..] | [_, after @ ..]) => after,
                (IAC, []) => after,
                _ => {
                    self.said.push(byte);
                    after
                }
            };
            if self.said.len() >= TELNET_MAX {
                return self.end(notes, true);
            }
        }
        let lower = self.said.to_ascii_lowercase();
        let asks = [&b"login:"[..], b"username:", b"user name:", b"password:"];
        if asks.iter().any(|it| memchr::memmem::find(&lower, it).is_some()) {
            return self.end(notes, true);
        }
        Step::Took(bytes.len())
    }
}

impl Telnet {
    fn end(&mut self, notes: &mut Notes<'_>, is_from_server: bool) -> Step {
        let said = std::mem::take(&mut self.said);
        if is_from_server {
            notes.sender(Property::TelnetBanner, &said);
        } else {
            notes.receiver(Property::TelnetBanner, &said);
        }
        Step::Over
    }
}
