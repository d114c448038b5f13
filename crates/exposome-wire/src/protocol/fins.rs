//! Omron FINS (Omron W227, "FINS Commands Reference Manual"): controllers by their answer to "controller data read".

use crate::bytes::{Bytes, be32, size};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const HEADER_BYTES: usize = 10;

/// A command or an answer: the control bits, zero, two gateways left, then a command that exists.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let [control @ (0x80 | 0x81 | 0xc0 | 0xc1), 0, 0..=7, _, _, _, _, _, _, _, main, sub, ..] =
        first.bytes
    else {
        return None;
    };
    let is_known = matches!(main, 1..=9 | 0x0c | 0x20..=0x23) && *sub <= 0x30;
    if !is_known {
        return None;
    }
    Some(if control & 0x40 == 0 { Sound::Client } else { Sound::Server })
}

/// Over TCP: `FINS`, a length, a command, an error (W421, 7-4).
pub(crate) fn recognise_stream(first: &First<'_>) -> Option<Sound> {
    if !first.bytes.starts_with(b"FINS\0\0") {
        return None;
    }
    Some(match be32(first.bytes, 8)? {
        0 => Sound::Client,
        1 => Sound::Server,
        _ => Sound::Either,
    })
}

#[derive(Debug)]
struct Fins;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Fins)
}

impl Reader for Fins {
    fn read(&mut self, _from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(len) = be32(bytes, 4) else { return Step::Wait(16) };
        let whole = size(len).saturating_add(8);
        if !bytes.starts_with(b"FINS") || !(16..=4096).contains(&whole) {
            return Step::Over;
        }
        let Some(message) = bytes.get(16..whole) else { return Step::Wait(whole) };
        if be32(bytes, 8) == Some(2) {
            let _ = read(message, notes);
        }
        Step::Took(whole)
    }
}

pub(crate) fn read(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let is_answer = message.first()? & 0x40 != 0;
    let mut bytes = Bytes::new(message.get(HEADER_BYTES..)?);
    if !is_answer || bytes.array()? != [5, 1] || bytes.be16()? != 0 {
        return Some(());
    }
    notes.sender(Property::Model, bytes.take(20)?);
    notes.sender(Property::Firmware, bytes.take(20)?);
    Some(())
}
