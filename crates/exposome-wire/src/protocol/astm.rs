//! ASTM E1394 / CLSI LIS2-A2: laboratory analysers, by the header of what they send; framed as E1381 / LIS1-A says.
//!
//! Of the header only the sender (H-5) is read; of other records only the letter
//! they begin with, which tells who sends results.  Patients (P) and results (R)
//! are stepped over.

use crate::notes::Notes;
use crate::protocol::hl7::is_of_a_person;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Sides, Step};
use exposome_model::sighting::Property;

const STX: u8 = 2;
const EOT: u8 = 4;
const ENQ: u8 = 5;

/// A header record, framed or bare: `H`, then the marks it divides with.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = match first.bytes {
        [ENQ, STX, b'0'..=b'7', rest @ ..] | [STX, b'0'..=b'7', rest @ ..] => rest,
        bytes => bytes,
    };
    let [b'H', field, a, b, c, rest @ ..] = bytes else { return None };
    let marks = [*field, *a, *b, *c];
    let are_marks = marks.iter().all(u8::is_ascii_punctuation);
    (are_marks && rest.first() == Some(field)).then_some(Sound::Either)
}

#[derive(Debug, Default)]
struct Astm {
    frames: Sides<u32>,
}

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Astm::default())
}

/// A frame of LIS1-A has 247 bytes (6.3.1.2); makers send longer ones.
const FRAME_MAX: usize = 16 << 10;
/// Who sends results does so in the first frames.
const FRAMES_READ: u32 = 64;

impl Reader for Astm {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        match bytes.first() {
            Some(&STX) => {
                // To the line end behind the checksum.
                let Some(end) = memchr::memchr(b'\n', bytes) else {
                    return if bytes.len() < FRAME_MAX {
                        Step::Wait(bytes.len() + 1)
                    } else {
                        Step::Over
                    };
                };
                let frames = self.frames.of_mut(from);
                *frames += 1;
                if *frames > FRAMES_READ {
                    return Step::Over;
                }
                let frame = bytes.get(2..end).unwrap_or_default();
                for line in frame.split(|it| *it == b'\r') {
                    record(line, notes);
                }
                Step::Took(end + 1)
            }
            // Line control: who wishes to speak, who listens.
            Some(&ENQ | &EOT | 6 | 0x15 | b'\r' | b'\n') => Step::Took(1),
            // Bare records, each with its line end.
            Some(b'A'..=b'Z') => {
                let Some(end) = memchr::memchr2(b'\r', b'\n', bytes) else {
                    return if bytes.len() < FRAME_MAX {
                        Step::Wait(bytes.len() + 1)
                    } else {
                        Step::Over
                    };
                };
                record(bytes.get(..end).unwrap_or_default(), notes);
                Step::Took(end + 1)
            }
            _ => Step::Over,
        }
    }
}

fn record(line: &[u8], notes: &mut Notes<'_>) {
    match line {
        [b'H', field, rest @ ..] => {
            let mut fields = rest.split(|it| it == field);
            let marks = fields.next().unwrap_or_default();
            let component = marks.get(1).copied().unwrap_or(b'^');
            if let Some(sender) = fields.nth(2) {
                self::sender(sender, component, notes);
            }
        }
        [b'R', mark, ..] if mark.is_ascii_punctuation() => {
            notes.does(Property::Role, "laboratory analyser");
            if let Some(receiver) = notes.receiver {
                let how = exposome_model::sighting::Certainty::Seen;
                notes.about(receiver, Property::Role, how, b"laboratory information system");
            }
        }
        _ => {}
    }
}

/// The sender's name or identifier (LIS2-A2, 6.5).  The standard does not say what its components are; four of them
/// are, wherever they were seen, maker, model, serial number and version.
fn sender(field: &[u8], component: u8, notes: &mut Notes<'_>) {
    let parts: Vec<&[u8]> = field.split(|it| *it == component).map(<[u8]>::trim_ascii).collect();
    if let [maker, model, serial, version] = parts.as_slice() {
        notes.sender(Property::Manufacturer, maker);
        notes.sender(Property::Model, model);
        notes.sender(Property::Serial, serial);
        notes.sender(Property::SoftwareVersion, version);
        return;
    }
    if let Some(name) = parts.first()
        && !is_of_a_person(name, parts.get(1).copied().unwrap_or_default())
    {
        notes.sender(Property::FriendlyName, name);
    }
}
