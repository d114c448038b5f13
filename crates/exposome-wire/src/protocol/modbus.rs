//! Modbus over TCP (Modbus Organization, "Messaging on TCP/IP" 1.0b): what a controller answers to "read device
//! identification" (function 43/14 of the application protocol 1.1b3).

use crate::bytes::{Bytes, be16};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::{Certainty, Property};

const HEADER_BYTES: usize = 7;
/// A message of 253 bytes, and the unit.
const LEN_MAX: usize = 254;
const IDENTIFICATION: u8 = 0x2b;

/// A header with protocol 0 and a length that fits.  Elsewhere than on its port nothing may be missing or follow.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let [_, _, 0, 0, 0, len, unit, function, ..] = bytes else { return None };
    let len = usize::from(*len);
    let is_whole = len + 6 == bytes.len();
    let is_known = matches!(function & 0x7f, 1..=8 | 11 | 12 | 15..=17 | 20..=24 | 43 | 90);
    if !is_known || !(2..=LEN_MAX).contains(&len) || (!first.is_on_port && !is_whole) {
        return None;
    }
    // Registers and coils are asked for by place and number: six bytes with unit and function.
    let is_question = matches!((function, len), (1..=6, 6) | (43, 5));
    let (sender, _) = first.ports;
    if first.is_on_port {
        return Some(if sender == 502 { Sound::Server } else { Sound::Client });
    }
    let is_identification = *function == IDENTIFICATION && bytes.get(8) == Some(&0x0e);
    let is_likely = is_identification || (is_question && matches!(unit, 0..=247 | 255));
    (is_likely && first.from != Some(Side::Server)).then_some(Sound::Client)
}

#[derive(Debug)]
struct Modbus;

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Modbus)
}

impl Reader for Modbus {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let Some(len) = be16(bytes, 4) else { return Step::Wait(HEADER_BYTES) };
        let len = usize::from(len);
        if be16(bytes, 2) != Some(0) || !(2..=LEN_MAX).contains(&len) {
            return Step::Over;
        }
        let whole = 6 + len;
        let Some(message) = bytes.get(6..whole) else { return Step::Wait(whole) };
        if from == Side::Server
            && let [unit, IDENTIFICATION, 0x0e, rest @ ..] = message
        {
            let _ = identification(*unit, rest, notes);
        }
        Step::Took(whole)
    }
}

/// Objects with a number, a length and a text (6.21).
fn identification(unit: u8, rest: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    // The server itself, or a device on a line behind it.
    let device = if matches!(unit, 0 | 1 | 255) {
        notes.sender
    } else {
        notes.behind(format!("modbus unit {unit}").as_bytes())?
    };
    let mut bytes = Bytes::new(rest);
    // Kind of reading, conformity, whether more follows, and from where.
    bytes.skip(4)?;
    let count = bytes.u8()?;
    for _ in 0..count {
        let (id, len) = (bytes.u8()?, bytes.u8()?);
        let value = bytes.take(len.into())?;
        let property = match id {
            0 => Property::Manufacturer,
            1 => Property::ProductCode,
            2 => Property::Firmware,
            4 => Property::ProductName,
            5 => Property::Model,
            6 => Property::FriendlyName,
            _ => continue,
        };
        notes.about(device, property, Certainty::Stated, value);
    }
    Some(())
}
