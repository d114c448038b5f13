//! HL7 v2 over MLLP: who is speaking, from the first segment of a message.
//!
//! A laboratory analyser or a bedside monitor names itself in the `MSH`
//! segment: the third field is the sending application, the fourth the sending
//! facility (HL7 v2, chapter 2, "MSH: message header").  Device identity
//! further on (OBX-18, PRT) is read by `device.rs` through its own allow-list.
//!
//! **Invariant:** nothing after the first carriage return leaves *this*
//! module.

mod device;

use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Sides, Step};
use exposome_model::sighting::Property;

/// What an HL7 sender says about itself and about whom it speaks to.  An empty
/// field is `None`: many senders leave one blank, and a blank is not an error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Speaker<'a> {
    pub(crate) application: Option<&'a [u8]>,
    pub(crate) facility: Option<&'a [u8]>,
    pub(crate) to_application: Option<&'a [u8]>,
    pub(crate) to_facility: Option<&'a [u8]>,
    pub(crate) marks: Marks,
}

/// The characters that divide a message, which it names itself (chapter 2, "Message delimiters").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) field: u8,
    pub(crate) component: u8,
    pub(crate) repetition: u8,
}

/// Reads the speaker from one message without its frame.
pub(crate) fn speaker(message: &[u8]) -> Result<Speaker<'_>, Error> {
    let header = message.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    if header.len() == message.len() {
        return Err(Error::CutShort { len: message.len() });
    }
    let header = header.strip_prefix(b"MSH").ok_or(Error::NotAHeader)?;
    let (&field, fields) = header.split_first().ok_or(Error::NotAHeader)?;

    // The first field holds the encoding characters, not a name.
    let mut fields = fields.split(|&byte| byte == field);
    let encoding = fields.next().unwrap_or_default();
    let mark = |at: usize, usual: u8| encoding.get(at).copied().unwrap_or(usual);
    let marks = Marks { field, component: mark(0, b'^'), repetition: mark(1, b'~') };
    let mut names = fields.map(|it| name(it, marks));
    let mut next = || names.next().flatten();
    Ok(Speaker {
        application: next(),
        facility: next(),
        to_application: next(),
        to_facility: next(),
        marks,
    })
}

/// Why a message told us nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    #[error("the message ends after {len} bytes, inside its first segment")]
    CutShort { len: usize },
    #[error("the first segment is not MSH")]
    NotAHeader,
}

/// The first component: the name; an object identifier may follow (data type HD).
fn name(field: &[u8], marks: Marks) -> Option<&[u8]> {
    let mut components = field.split(|&byte| byte == marks.component);
    let name = components.next().unwrap_or_default().trim_ascii();
    let second = components.next().unwrap_or_default();
    (!name.is_empty() && !is_of_a_person(name, second)).then_some(name)
}

/// Whether two components may be a family's and a given name: letters only, where a system has a number or an object
/// identifier.
pub(crate) fn is_of_a_person(first: &[u8], second: &[u8]) -> bool {
    let is_word = |it: &[u8]| {
        !it.is_empty()
            && it.iter().all(|it| it.is_ascii_alphabetic() || *it >= 0x80 || b" -'.".contains(it))
    };
    is_word(first.trim_ascii()) && is_word(second.trim_ascii())
}

const FRAME_START: u8 = 0x0b;
const FRAME_END: u8 = 0x1c;
/// As much of a message as is looked at: documents inside messages may be of any size.
const MESSAGE_MAX: usize = 32 << 10;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = match first.bytes {
        [FRAME_START, rest @ ..] => rest,
        bytes => bytes,
    };
    // The field mark, then four or five encoding characters that differ from letters and digits, then the mark again.
    let [b'M', b'S', b'H', field, rest @ ..] = bytes else { return None };
    let encoding = rest.get(..4)?;
    let is_mark = |it: &u8| it.is_ascii_punctuation();
    let is_closed = rest.get(4) == Some(field) || rest.get(5) == Some(field);
    let is_message = is_mark(field) && encoding.iter().all(is_mark) && is_closed;
    is_message.then_some(Sound::Either)
}

/// Reads a connection.
#[derive(Debug, Default)]
struct Hl7 {
    /// In the middle of a message of which enough was seen.
    is_passing: Sides<bool>,
}

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Hl7::default())
}

impl Reader for Hl7 {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let end = memchr::memchr(FRAME_END, bytes);
        if *self.is_passing.of(from) {
            *self.is_passing.of_mut(from) = end.is_none();
            return Step::Took(end.map_or(bytes.len(), |it| it + 1));
        }
        let start = match bytes.first() {
            Some(&FRAME_START) => 1,
            Some(b'M') => 0,
            // What stands between frames: the carriage return of the last one.
            _ => return Step::Took(1),
        };
        let Some(end) = end else {
            if bytes.len() < MESSAGE_MAX {
                return Step::Wait(bytes.len() + 1);
            }
            message(bytes.get(start..).unwrap_or_default(), notes);
            *self.is_passing.of_mut(from) = true;
            return Step::Took(bytes.len());
        };
        message(bytes.get(start..end).unwrap_or_default(), notes);
        Step::Took(end + 1)
    }

    fn lost(&mut self, from: Side) {
        *self.is_passing.of_mut(from) = false;
    }
}

/// Notes who speaks, and the devices it speaks of.
pub(crate) fn message(message: &[u8], notes: &mut Notes<'_>) {
    let Ok(speaker) = speaker(message) else { return };
    let said = [
        (Property::Hl7Application, speaker.application),
        (Property::Hl7Facility, speaker.facility),
    ];
    for (property, value) in said {
        if let Some(value) = value {
            notes.sender(property, value);
        }
    }
    let told = [
        (Property::Hl7Application, speaker.to_application),
        (Property::Hl7Facility, speaker.to_facility),
    ];
    for (property, value) in told {
        if let Some(value) = value {
            notes.receiver(property, value);
        }
    }
    device::read(message, speaker.marks, notes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &[u8], expected: &str) {
        let text = |it: Option<&[u8]>| it.map(|it| String::from_utf8_lossy(it).into_owned());
        let actual = match speaker(message) {
            Ok(it) => format!("{:?} at {:?}", text(it.application), text(it.facility)),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_blank_field_is_unknown_not_wrong() {
        check(b"MSH|^~\\&||LAB\r", r#"None at Some("LAB")"#);
        check(b"MSH|^~\\&\r", "None at None");
        check(b"MSH\r", "error: the first segment is not MSH");
        check(
            b"MSH|^~\\&|COBAS",
            "error: the message ends after 14 bytes, inside its first segment",
        );
    }

    #[test]
    fn bytes_on_the_patient_side_change_nothing() {
        let expected = r#"Some("COBAS") at Some("LAB")"#;
        check(b"MSH|^~\\&|COBAS|LAB\rPID|1||DOE", expected);
        check(b"MSH|^~\\&|COBAS|LAB\r\xff\xfe", expected);
    }

    #[test]
    fn a_name_may_carry_its_object_identifier() {
        check(b"MSH|^~\\&|COBAS^1.2.3^ISO|LAB\r", r#"Some("COBAS") at Some("LAB")"#);
        check(b"MSH#!~\\&#COBAS!1.2.3#LAB\r", r#"Some("COBAS") at Some("LAB")"#);
    }

    #[test]
    fn a_message_is_told_from_any_other_text() {
        let check = |bytes: &[u8], expected: Option<Sound>| {
            let first = First { bytes, is_on_port: false, ports: (1, 2), from: None };
            assert_eq!(recognise(&first), expected);
        };
        check(b"\x0bMSH|^~\\&|COBAS|LAB\r", Some(Sound::Either));
        check(b"MSH|^~\\&|", Some(Sound::Either));
        check(b"MSH|^~\\&#|", Some(Sound::Either));
        check(b"MSHELL is a word", None);
        check(b"MSH", None);
    }
}
