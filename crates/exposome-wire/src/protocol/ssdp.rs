//! SSDP, the discovery of UPnP (UPnP Device Architecture 2.0, section 1): what a device announces of itself.

use crate::bytes::begins;
use crate::notes::Notes;
use crate::protocol::http::headers;
use crate::protocols::{First, Sound};
use exposome_model::sighting::Property;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    if begins(bytes, b"M-SEARCH * HTTP/") {
        Some(Sound::Client)
    } else {
        let is_announced = begins(bytes, b"NOTIFY * HTTP/")
            || (first.is_on_port && begins(bytes, b"HTTP/1.1 200 "));
        is_announced.then_some(Sound::Server)
    }
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let is_search = begins(message, b"M-SEARCH");
    let end = memchr::memmem::find(message, b"\r\n\r\n").unwrap_or(message.len());
    for (name, value) in headers(message.get(..end)?) {
        match (name.to_ascii_lowercase().as_slice(), is_search) {
            (b"user-agent", _) => notes.sender(Property::UserAgent, value),
            (b"server", false) => notes.sender(Property::HttpServer, value),
            (b"nt" | b"st", false) if begins(value, b"urn:") => {
                notes.sender(Property::ServiceType, value);
            }
            (b"usn", false) => {
                // `uuid:...::urn:...`
                let id = value.strip_prefix(b"uuid:").unwrap_or_default();
                let end = memchr::memmem::find(id, b"::").unwrap_or(id.len());
                notes.sender(Property::DeviceUuid, id.get(..end)?);
            }
            _ => {}
        }
    }
    Some(())
}
