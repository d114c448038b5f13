//! Database servers: Microsoft's TDS ([MS-TDS]), PostgreSQL (its manual, "Frontend/Backend Protocol"), MySQL and
//! MariaDB (MySQL's "Client/Server Protocol").
//!
//! Versions and the names of clients are read; statements, results and passwords are not.

use crate::bytes::{Bytes, be16, be32, le16, size};
use crate::notes::Notes;
use crate::protocol::ntlm::{self, utf16};
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const PRELOGIN: u8 = 18;
const LOGIN: u8 = 16;
const RESPONSE: u8 = 4;
const SSPI: u8 = 17;

pub(crate) fn recognise_tds(first: &First<'_>) -> Option<Sound> {
    let [kind, status, _, _, _, _, _, 0, rest @ ..] = first.bytes else { return None };
    let len = usize::from(be16(first.bytes, 2)?);
    if !(9..=32_767).contains(&len) || *status > 0x1f {
        return None;
    }
    match *kind {
        // The options begin with the version (2.2.6.5): token 0, six bytes.
        PRELOGIN if matches!(rest, [0, _, _, 0, 6, ..]) => Some(Sound::Client),
        // The same options answered.
        RESPONSE if matches!(rest, [0, _, _, 0, 6, 1..=5, ..]) => Some(Sound::Server),
        // LOGIN7: its own length again, then the version of TDS.
        LOGIN if rest.get(7).is_some_and(|it| (0x70..=0x75).contains(it)) => Some(Sound::Client),
        // In the middle of a connection, on its port.
        1 | 3 | 6 | 14 | 15 if first.is_on_port && len >= 16 => Some(Sound::Client),
        RESPONSE if first.is_on_port => Some(Sound::Server),
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Tds {
    is_negotiated: bool,
    packets: u32,
}

pub(crate) fn open_tds() -> Box<dyn Reader> {
    Box::new(Tds::default())
}

const TDS_PACKETS_READ: u32 = 12;

impl Reader for Tds {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let (Some(&kind), Some(len)) = (bytes.first(), be16(bytes, 2)) else {
            return Step::Wait(8);
        };
        let len = usize::from(len);
        self.packets += 1;
        if len < 8 || self.packets > TDS_PACKETS_READ {
            return Step::Over;
        }
        let Some(packet) = bytes.get(8..len) else { return Step::Wait(len) };
        match (kind, from) {
            (PRELOGIN, Side::Client) => self.is_negotiated = true,
            (RESPONSE, Side::Server) if self.is_negotiated => {
                self.is_negotiated = false;
                let _ = version(packet, notes);
            }
            (RESPONSE, Side::Server) => {
                let _ = acknowledged(packet, notes);
                ntlm::find(packet, notes);
            }
            (LOGIN, Side::Client) => {
                let _ = login(packet, notes);
                ntlm::find(packet, notes);
            }
            (SSPI, Side::Client) => ntlm::find(packet, notes),
            _ => {}
        }
        Step::Took(len)
    }
}

/// The server's version: major, minor, build (2.2.6.5).
fn version(options: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let at = usize::from(be16(options, 1)?);
    let [major, minor] = be16(options, at)?.to_be_bytes();
    let build = be16(options, at + 2)?;
    notes.sender(
        Property::ServerVersion,
        format!("Microsoft SQL Server {major}.{minor}.{build}").as_bytes(),
    );
    Some(())
}

/// LOGINACK (2.2.7.14): the program's name and version.
fn acknowledged(tokens: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let at = memchr::memchr(0xad, tokens)?;
    let mut bytes = Bytes::new(tokens.get(at + 1..)?);
    let len = bytes.le16()?;
    let mut token = Bytes::new(bytes.take(len.into())?);
    token.skip(5)?;
    let letters = token.u8()?;
    let name = utf16(token.take(usize::from(letters) * 2)?);
    let [major, minor, high, low] = token.array()?;
    let build = u16::from_be_bytes([high, low]);
    let name = String::from_utf8_lossy(&name).into_owned();
    let is_text = name.chars().all(|it| (' '..='~').contains(&it));
    if is_text && !name.is_empty() {
        notes.sender(Property::ServerVersion, format!("{name} {major}.{minor}.{build}").as_bytes());
    }
    Some(())
}

/// LOGIN7 (2.2.6.4): places and lengths of host, user, program, server.
fn login(packet: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let text = |at: usize| {
        let start = usize::from(le16(packet, at)?);
        let letters = usize::from(le16(packet, at + 2)?);
        Some(utf16(packet.get(start..start + letters * 2)?))
    };
    notes.sender(Property::HostName, &text(36)?);
    notes.sender(Property::Account, &text(40)?);
    notes.sender(Property::ClientProgram, &text(48)?);
    notes.receiver(Property::CalledName, &text(52)?);
    Some(())
}

/// A startup message: its length, then version 3.0 or a wish for TLS; of the server, an authentication.
pub(crate) fn recognise_postgres(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let len = size(be32(bytes, 0).unwrap_or(0));
    match be32(bytes, 4) {
        Some(0x0003_0000..=0x0003_0002) if (9..=10_000).contains(&len) => Some(Sound::Client),
        Some(80_877_102..=80_877_104) if matches!(len, 8 | 16) => Some(Sound::Client),
        _ => match bytes {
            [b'R', 0, 0, 0, 8..=64, 0, 0, 0, 0..=12, ..] => Some(Sound::Server),
            _ => None,
        },
    }
}

#[derive(Debug, Default)]
struct Postgres {
    is_begun: bool,
    messages: u32,
}

pub(crate) fn open_postgres() -> Box<dyn Reader> {
    Box::new(Postgres::default())
}

impl Reader for Postgres {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if from == Side::Client {
            if self.is_begun {
                return Step::Took(bytes.len());
            }
            let Some(len) = be32(bytes, 0) else { return Step::Wait(4) };
            let len = size(len);
            if !(8..=10_000).contains(&len) {
                return Step::Over;
            }
            let Some(message) = bytes.get(4..len) else { return Step::Wait(len) };
            if message.starts_with(&[0, 3]) {
                self.is_begun = true;
                startup(message.get(4..).unwrap_or_default(), notes);
            }
            return Step::Took(len);
        }
        // One letter answers the wish for TLS.
        match bytes {
            [b'N'] => return Step::Took(1),
            [b'S'] => return Step::Over,
            _ => {}
        }
        let (Some(&kind), Some(len)) = (bytes.first(), be32(bytes, 1)) else {
            return Step::Wait(5);
        };
        let whole = size(len).saturating_add(1);
        self.messages += 1;
        if kind == b'Z' || self.messages > 40 || whole > 4096 {
            // Ready for statements.
            return Step::Over;
        }
        let Some(message) = bytes.get(5..whole) else { return Step::Wait(whole) };
        if kind == b'S' {
            let mut words = message.split(|it| *it == 0);
            if let (Some(b"server_version"), Some(version)) = (words.next(), words.next()) {
                notes.sender(Property::ServerVersion, &[b"PostgreSQL ", version].concat());
            }
        }
        Step::Took(whole)
    }
}

fn startup(parameters: &[u8], notes: &mut Notes<'_>) {
    let mut words = parameters.split(|it| *it == 0).take(40);
    while let (Some(name), Some(value)) = (words.next(), words.next()) {
        match name {
            b"user" => notes.sender(Property::Account, value),
            b"application_name" => notes.sender(Property::ClientProgram, value),
            b"" => return,
            _ => {}
        }
    }
}

/// The server's greeting: three bytes of length, number 0, version 10 of the protocol, then its own version.
pub(crate) fn recognise_mysql(first: &First<'_>) -> Option<Sound> {
    let [_, _, 0, 0, 10, digit, ..] = first.bytes else { return None };
    let len = usize::from(le16(first.bytes, 0)?);
    let is_whole = len + 4 == first.bytes.len();
    (is_whole && digit.is_ascii_digit()).then_some(Sound::Server)
}

#[derive(Debug)]
struct Mysql;

pub(crate) fn open_mysql() -> Box<dyn Reader> {
    Box::new(Mysql)
}

impl Reader for Mysql {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if from == Side::Client {
            return Step::Over;
        }
        let Some(end) = bytes.get(5..).and_then(|it| memchr::memchr(0, it)) else {
            return Step::Over;
        };
        let version = bytes.get(5..5 + end).unwrap_or_default();
        // MariaDB puts a number before its own, for clients that know no higher one.
        let version = version.strip_prefix(b"5.5.5-").unwrap_or(version);
        let name: &[u8] =
            if memchr::memmem::find(version, b"MariaDB").is_some() { b"" } else { b"MySQL " };
        notes.sender(Property::ServerVersion, &[name, version].concat());
        Step::Over
    }
}
