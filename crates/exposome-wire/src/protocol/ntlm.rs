//! NTLM ([MS-NLMP]): names of both sides of a logon, without its secrets.
//!
//! The server's challenge tells its name, domain and build of Windows; the
//! client's answer its own name.  It lies inside SMB, LDAP, HTTP, RPC and more.

use crate::bytes::{Bytes, be16, le16, le32, size};
use crate::notes::Notes;
use exposome_model::sighting::{Certainty, Property};

const MARK: &[u8] = b"NTLMSSP\0";
/// Where the mark may stand in a message.
const LOOK_BYTES: usize = 1024;

/// Finds and reads a message of NTLM inside another.
pub(crate) fn find(bytes: &[u8], notes: &mut Notes<'_>) {
    let head = bytes.get(..LOOK_BYTES).unwrap_or(bytes);
    if let Some(at) = memchr::memmem::find(head, MARK) {
        let _ = read(bytes.get(at..).unwrap_or_default(), notes);
    }
}

fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    match le32(message, 8)? {
        1 => version(message, 32, le32(message, 12)?, notes),
        2 => challenge(message, notes),
        3 => authenticate(message, notes),
        _ => Some(()),
    }
}

const UNICODE: u32 = 1;
const WITH_VERSION: u32 = 0x0200_0000;

/// 2.2.1.2.
fn challenge(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let flags = le32(message, 20)?;
    let target = field(message, 12)?;
    notes.sender(Property::Domain, &text(target, flags));
    let mut pairs = Bytes::new(field(message, 40).unwrap_or_default());
    for _ in 0..16 {
        let Some((id, len)) = pairs.le16().zip(pairs.le16()) else { break };
        let Some(value) = pairs.take(len.into()) else { break };
        let property = match id {
            0 => break,
            1 => Property::NetbiosName,
            2 | 4 => Property::Domain,
            3 => Property::HostName,
            _ => continue,
        };
        notes.sender(property, &utf16(value));
    }
    version(message, 48, flags, notes)
}

/// 2.2.1.3: the workstation and the account; the answers to the challenge are not looked at.
fn authenticate(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let flags = le32(message, 60)?;
    let names = [(28, Property::Workgroup), (36, Property::Account), (44, Property::NetbiosName)];
    for (at, property) in names {
        let value = text(field(message, at)?, flags);
        // Nobody in particular.
        if !value.is_empty() && value != b"NULL" {
            notes.sender(property, &value);
        }
    }
    version(message, 64, flags, notes)
}

/// Version of the operating system (2.2.2.10), where the flag says that it is there.
fn version(message: &[u8], at: usize, flags: u32, notes: &mut Notes<'_>) -> Option<()> {
    if flags & WITH_VERSION == 0 {
        return Some(());
    }
    let [major, minor] = be16(message, at)?.to_be_bytes();
    let build = le16(message, at + 2)?;
    // Samba and macOS put there what some Windows would.
    if major > 0 {
        let build = format!("{major}.{minor}.{build}");
        notes.about(notes.sender, Property::OsBuild, Certainty::Stated, build.as_bytes());
    }
    Some(())
}

/// A field by its length and place (2.2).
fn field(message: &[u8], at: usize) -> Option<&[u8]> {
    let len = usize::from(le16(message, at)?);
    let start = size(le32(message, at + 4)?);
    message.get(start..start.checked_add(len)?)
}

fn text(value: &[u8], flags: u32) -> Vec<u8> {
    if flags & UNICODE == 0 { value.to_vec() } else { utf16(value) }
}

/// Little end first; no longer than anything that is kept.
pub(crate) fn utf16(value: &[u8]) -> Vec<u8> {
    let units = value.chunks_exact(2).take(256).filter_map(|it| le16(it, 0));
    let text: String =
        char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}
