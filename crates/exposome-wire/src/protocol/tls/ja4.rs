//! JA4: a TLS client by its hello (FoxIO, "JA4: TLS Client Fingerprinting", technical details; BSD-3-Clause).
//!
//! Own code from the description; of the family only JA4 itself is free to use.

use crate::bytes::{Bytes, be16};
use crate::notes::Notes;
use exposome_model::sighting::Property;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const SERVER_NAME: u16 = 0;
const SIGNATURE_ALGORITHMS: u16 = 13;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// More of either than any client has.
const LIST_MAX: usize = 512;

/// What of a hello goes into its fingerprint.
#[derive(Debug, Default)]
struct Hello {
    version: u16,
    has_name: bool,
    ciphers: Vec<u16>,
    extensions: Vec<u16>,
    signatures: Vec<u16>,
    alpn: Option<(u8, u8)>,
}

pub(super) fn hello(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let hello = read(message, notes)?;
    notes.sender(Property::Ja4, hello.fingerprint().as_bytes());
    Some(())
}

fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<Hello> {
    let mut bytes = Bytes::new(message);
    let mut hello = Hello { version: bytes.be16()?, ..Hello::default() };
    bytes.skip(32)?;
    let len = bytes.u8()?;
    bytes.skip(len.into())?;
    let len = bytes.be16()?;
    hello.ciphers = numbers(bytes.take(len.into())?);
    let len = bytes.u8()?;
    bytes.skip(len.into())?;
    // A hello may have no extensions at all (RFC 5246, 7.4.1.2).
    let Some(len) = bytes.be16() else { return Some(hello) };
    let mut extensions = Bytes::new(bytes.take(len.into())?);
    while !extensions.is_empty() && hello.extensions.len() < LIST_MAX {
        let (kind, len) = (extensions.be16()?, extensions.be16()?);
        let value = extensions.take(len.into())?;
        if is_grease(kind) {
            continue;
        }
        hello.extensions.push(kind);
        match kind {
            SERVER_NAME => {
                hello.has_name = true;
                let _ = super::server_name(value, notes);
            }
            SIGNATURE_ALGORITHMS => hello.signatures = numbers(value.get(2..)?),
            ALPN => {
                let len = usize::from(*value.get(2)?);
                let name = value.get(3..3 + len)?;
                hello.alpn = name.first().copied().zip(name.last().copied());
            }
            SUPPORTED_VERSIONS => {
                let highest = numbers(value.get(1..)?).into_iter().max();
                hello.version = highest.unwrap_or(hello.version);
            }
            _ => {}
        }
    }
    Some(hello)
}

/// A list of numbers without GREASE.
fn numbers(bytes: &[u8]) -> Vec<u16> {
    let pairs = bytes.chunks_exact(2).take(LIST_MAX).filter_map(|it| be16(it, 0));
    pairs.filter(|it| !is_grease(*it)).collect()
}

/// Values that mean nothing (RFC 8701): `0a0a`, `1a1a`, ...
fn is_grease(value: u16) -> bool {
    let [high, low] = value.to_be_bytes();
    high == low && high & 15 == 10
}

impl Hello {
    fn fingerprint(&self) -> String {
        let version = match self.version {
            0x0304 => "13",
            0x0303 => "12",
            0x0302 => "11",
            0x0301 => "10",
            0x0300 => "s3",
            0x0002 => "s2",
            _ => "00",
        };
        let name = if self.has_name { 'd' } else { 'i' };
        let (ciphers, extensions) = (self.ciphers.len().min(99), self.extensions.len().min(99));
        let alpn = self.alpn();
        let sorted = |list: &[u16]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list
        };
        let named: Vec<u16> = self
            .extensions
            .iter()
            .copied()
            .filter(|it| !matches!(*it, SERVER_NAME | ALPN))
            .collect();
        let mut tail = joined(&sorted(&named));
        if !self.signatures.is_empty() {
            tail = format!("{tail}_{}", joined(&self.signatures));
        }
        format!(
            "t{version}{name}{ciphers:02}{extensions:02}{alpn}_{}_{}",
            digest(&joined(&sorted(&self.ciphers))),
            digest(if self.extensions.is_empty() { "" } else { &tail }),
        )
    }

    /// The first and the last letter of the first protocol offered; their digits where they are no letters.
    fn alpn(&self) -> String {
        match self.alpn {
            None => "00".to_owned(),
            Some((first, last))
                if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() =>
            {
                [char::from(first), char::from(last)].iter().collect()
            }
            Some((first, last)) => format!("{:x}{:x}", first >> 4, last & 15),
        }
    }
}

fn joined(list: &[u16]) -> String {
    let words: Vec<String> = list.iter().map(|it| format!("{it:04x}")).collect();
    words.join(",")
}

/// The first twelve digits; zeros for nothing.
fn digest(text: &str) -> String {
    if text.is_empty() {
        return "000000000000".to_owned();
    }
    let mut digits = String::with_capacity(12);
    for byte in Sha256::digest(text.as_bytes()).iter().take(6) {
        let _cannot_fail = write!(digits, "{byte:02x}");
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the description.
    #[test]
    fn a_hello_has_the_fingerprint_of_its_published_example() {
        let hello = Hello {
            version: 0x0304,
            has_name: true,
            ciphers: vec![
                0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ],
            signatures: vec![0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
            alpn: Some((b'h', b'2')),
        };
        assert_eq!(hello.fingerprint(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn a_hello_without_anything_has_a_fingerprint_too() {
        let hello = Hello { version: 0x0301, ..Hello::default() };
        assert_eq!(hello.fingerprint(), "t10i000000_000000000000_000000000000");
    }
}
