//! What has been noticed, each thing once, with when and how often.
//!
//! Whatever a dissector finds goes through here, and here is decided what may be
//! kept: no value of a protocol that carries patients that is longer than 64
//! characters or has the form of a person's name in one of them (`DOE^JOHN`),
//! and of the others no more than 255 characters.

use crate::protocols::{Carries, Protocol};
use crate::station::Subject;
use exposome_model::sighting::{Certainty, Observation, Property};
use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashTable};
use std::borrow::Cow;
use std::hash::BuildHasher as _;

#[derive(Debug)]
pub(crate) struct Board {
    hash: FixedState,
    limits: BoardLimits,
    notes: Vec<Note>,
    by_key: HashTable<u32>,
    /// How many different values somebody has of one property.
    values: HashMap<(Subject, Property), u16, FixedState>,
    text_bytes: usize,
    /// Values that found no room.
    pub(crate) not_kept: u64,
    /// Values that were refused for what they look like.
    pub(crate) refused: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct BoardLimits {
    pub(crate) notes: usize,
    pub(crate) text_bytes: usize,
}

/// Of one property of one device; who says more is not believed anyway.
const VALUES_MAX: u16 = 64;

#[derive(Debug)]
struct Note {
    /// What it is found by.
    key: u64,
    subject: Subject,
    property: Property,
    protocol: Protocol,
    certainty: Certainty,
    value: Box<str>,
    first_ns: i64,
    last_ns: i64,
    times: u32,
}

const CLINICAL_CHARS_MAX: usize = 64;
const CHARS_MAX: usize = 255;

impl Board {
    pub(crate) fn new(limits: BoardLimits, seed: u64) -> Board {
        Board {
            hash: FixedState::with_seed(seed),
            limits,
            notes: Vec::new(),
            by_key: HashTable::new(),
            values: HashMap::with_hasher(FixedState::with_seed(seed)),
            text_bytes: 0,
            not_kept: 0,
            refused: 0,
        }
    }

    /// Keeps a value, or another sight of it.
    pub(crate) fn note(
        &mut self,
        at_ns: i64,
        subject: Subject,
        property: Property,
        value: &[u8],
        (protocol, certainty): (Protocol, Certainty),
    ) {
        // What was kept before is kept again, and looks as it did.
        let raw = value.trim_ascii();
        let key = self.key(subject, property, protocol, raw);
        if self.again(key, at_ns, (subject, property, protocol, raw), certainty) {
            return;
        }
        let Some(value) = kept(protocol.facts().carries, raw) else {
            self.refused += u64::from(!raw.is_empty());
            return;
        };
        let value = value.as_ref();
        let key = if value.as_bytes() == raw {
            key
        } else {
            let key = self.key(subject, property, protocol, value.as_bytes());
            if self.again(key, at_ns, (subject, property, protocol, value.as_bytes()), certainty) {
                return;
            }
            key
        };
        let is_full = self.notes.len() >= self.limits.notes
            || self.text_bytes + value.len() > self.limits.text_bytes;
        let values = self.values.entry((subject, property)).or_insert(0);
        if is_full || *values >= VALUES_MAX {
            self.not_kept += 1;
            return;
        }
        *values += 1;
        self.text_bytes += value.len();
        let Ok(at) = u32::try_from(self.notes.len()) else { return };
        self.notes.push(Note {
            key,
            subject,
            property,
            protocol,
            certainty,
            value: value.into(),
            first_ns: at_ns,
            last_ns: at_ns,
            times: 1,
        });
        let notes = &self.notes;
        let again = |at: &u32| notes.get(*at as usize).map_or(0, |it| it.key);
        self.by_key.insert_unique(key, at, again);
    }

    fn key(&self, subject: Subject, property: Property, protocol: Protocol, value: &[u8]) -> u64 {
        let of = u64::from(subject.number()) << 16 | (property as u64) << 8 | protocol as u64;
        self.hash.hash_one((of, value))
    }

    /// Another sight of what is there; whether it is.
    fn again(
        &mut self,
        key: u64,
        at_ns: i64,
        of: (Subject, Property, Protocol, &[u8]),
        certainty: Certainty,
    ) -> bool {
        let notes = &self.notes;
        let same = |at: &u32| {
            notes.get(*at as usize).is_some_and(|it| {
                it.key == key && (it.subject, it.property, it.protocol, it.value.as_bytes()) == of
            })
        };
        let Some(&at) = self.by_key.find(key, same) else { return false };
        if let Some(note) = self.notes.get_mut(at as usize) {
            note.first_ns = note.first_ns.min(at_ns);
            note.last_ns = note.last_ns.max(at_ns);
            note.times = note.times.saturating_add(1);
            note.certainty = note.certainty.min(certainty);
        }
        true
    }

    /// Everything, by whom it is about.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Subject, Observation)> {
        self.notes.iter().map(|note| {
            let observation = Observation {
                property: note.property,
                value: note.value.to_string(),
                protocol: note.protocol.name().to_owned(),
                certainty: note.certainty,
                rule: None,
                first_seen: crate::moment(note.first_ns),
                last_seen: crate::moment(note.last_ns),
                times: note.times.into(),
            };
            (note.subject, observation)
        })
    }
}

/// The text that may be kept of a value; `None` where none may.
pub(crate) fn kept(carries: Carries, value: &[u8]) -> Option<Cow<'_, str>> {
    let value = value.trim_ascii();
    let value = value.strip_suffix(b"\0").unwrap_or(value);
    // What follows an end of text is no text.
    let value = match memchr::memchr(0, value) {
        Some(end) => value.get(..end)?,
        None => value,
    }
    .trim_ascii();
    if value.is_empty() {
        return None;
    }
    let (chars_max, is_clinical) = match carries {
        Carries::Patients => (CLINICAL_CHARS_MAX, true),
        Carries::NoPatients => (CHARS_MAX, false),
    };
    let is_plain = value.iter().all(|it| matches!(it, b' '..=b'~'));
    if is_plain && value.len() <= chars_max {
        if is_clinical && value.contains(&b'^') {
            return None;
        }
        return std::str::from_utf8(value).ok().map(Cow::Borrowed);
    }
    let text = decoded(value);
    if is_clinical {
        let is_fit = text.chars().nth(chars_max).is_none() && !text.contains('^');
        return (is_fit && !text.is_empty()).then_some(Cow::Owned(text));
    }
    let short: String = text.chars().take(chars_max).collect();
    let short = short.trim().to_owned();
    (!short.is_empty()).then_some(Cow::Owned(short))
}

/// The text, with every run of blanks, line ends and control characters as one blank; bytes that are no UTF-8 are
/// read as Latin-1, which old devices speak.
fn decoded(value: &[u8]) -> String {
    // More than is ever kept.
    let value = value.get(..4 * CHARS_MAX).unwrap_or(value);
    let latin = || value.iter().map(|&byte| char::from(byte)).collect::<String>();
    let text = match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        // Cut inside a character.
        Err(error) if error.error_len().is_none() => String::from_utf8_lossy(value),
        Err(_) => Cow::Owned(latin()),
    };
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        let is_gap = character.is_control() || character.is_whitespace();
        if !is_gap {
            plain.push(character);
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(carries: Carries, value: &[u8], expected: Option<&str>) {
        assert_eq!(kept(carries, value).as_deref(), expected);
    }

    #[test]
    fn what_looks_like_a_patient_is_not_kept() {
        check(Carries::Patients, b"MONGW", Some("MONGW"));
        check(Carries::Patients, b"DOE^JOHN", None);
        check(Carries::Patients, &[b'x'; 64], Some(&"x".repeat(64)));
        check(Carries::Patients, &[b'x'; 65], None);
        check(Carries::Patients, "Müller^Jörg".as_bytes(), None);
        check(Carries::Patients, &"ü".repeat(65).into_bytes(), None);
        check(Carries::Patients, &"ü".repeat(64).into_bytes(), Some(&"ü".repeat(64)));
    }

    #[test]
    fn a_long_description_is_cut_not_lost() {
        check(Carries::NoPatients, &[b'x'; 300], Some(&"x".repeat(255)));
        check(Carries::NoPatients, b"Cisco IOS\r\nCopyright", Some("Cisco IOS Copyright"));
        check(Carries::NoPatients, b"Dr\xe4ger", Some("Dräger"));
    }

    #[test]
    fn filling_is_no_value() {
        check(Carries::NoPatients, b"LABPACS         ", Some("LABPACS"));
        check(Carries::NoPatients, b"PLC_1\0\0\0Copyright", Some("PLC_1"));
        check(Carries::NoPatients, b"  \0\0", None);
        check(Carries::NoPatients, b"", None);
    }
}
