//! MQTT (OASIS, 3.1.1 and 5.0): clients by their identifier; topics and messages are not read.

use crate::bytes::Bytes;
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

/// A connect packet (3.1), or the four bytes of its answer (3.2).
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    match first.bytes {
        [0x10, rest @ ..] => {
            let mut bytes = Bytes::new(rest);
            remaining(&mut bytes)?;
            let name = match bytes.be16()? {
                4 => bytes.take(4)? == b"MQTT",
                6 => bytes.take(6)? == b"MQIsdp",
                _ => false,
            };
            name.then_some(Sound::Client)
        }
        [0x20, 2, 0 | 1, 0..=5] if first.is_on_port => Some(Sound::Server),
        _ => None,
    }
}

#[derive(Debug)]
struct Mqtt;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Mqtt)
}

impl Reader for Mqtt {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if from == Side::Server {
            return Step::Took(bytes.len());
        }
        let mut rest = Bytes::new(bytes);
        let kind = rest.u8();
        let Some(len) = remaining(&mut rest) else {
            return if bytes.len() < 5 { Step::Wait(5) } else { Step::Over };
        };
        if kind != Some(0x10) || len > 4096 {
            return Step::Over;
        }
        let whole = bytes.len() - rest.len() + len;
        let Some(packet) = rest.take(len) else { return Step::Wait(whole) };
        let _ = connect(packet, notes);
        Step::Over
    }
}

/// A length of seven bits a byte (2.2.3).
fn remaining(bytes: &mut Bytes<'_>) -> Option<usize> {
    let mut len = 0;
    for shift in [0, 7, 14, 21] {
        let byte = bytes.u8()?;
        len |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(len);
        }
    }
    None
}

fn connect(packet: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(packet);
    let len = bytes.be16()?;
    bytes.skip(len.into())?;
    let version = bytes.u8()?;
    // Flags, keep alive.
    bytes.skip(3)?;
    if version >= 5 {
        let len = remaining(&mut bytes)?;
        bytes.skip(len)?;
    }
    let len = bytes.be16()?;
    notes.sender(Property::MqttClientId, bytes.take(len.into())?);
    Some(())
}
