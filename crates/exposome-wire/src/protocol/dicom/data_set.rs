//! The beginning of a DICOM data set (PS3.5, chapter 7): an allow-list of elements.
//!
//! Elements come in the order of their tags, so that the walk ends at the first
//! one beyond the last that is wanted; sequences are stepped over.

use crate::bytes::size;
use crate::notes::Notes;
use exposome_model::sighting::{Certainty, Property};

/// How a data set is written (PS3.5, annex A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Implicit,
    Explicit,
    ExplicitBig,
    /// Deflated: not read.
    Packed,
    /// The association was not seen: by the look of the first element.
    Guessed,
}

impl Syntax {
    pub(super) fn by_name(name: &[u8]) -> Syntax {
        let name = name.strip_suffix(b"\0").unwrap_or(name);
        match name {
            b"1.2.840.10008.1.2" => Syntax::Implicit,
            b"1.2.840.10008.1.2.2" => Syntax::ExplicitBig,
            b"1.2.840.10008.1.2.1.99" | b"1.2.840.10008.1.2.4.95" => Syntax::Packed,
            _ => Syntax::Explicit,
        }
    }
}

/// What may be read, in the order of tags.
const WANTED: [(u16, u16, Property); 6] = [
    (0x0008, 0x0060, Property::Modality),
    (0x0008, 0x0070, Property::Manufacturer),
    (0x0008, 0x1010, Property::SystemName),
    (0x0008, 0x1090, Property::Model),
    (0x0018, 0x1000, Property::Serial),
    (0x0018, 0x1020, Property::SoftwareVersion),
];
/// Unique Device Identifier, in the UDI Sequence (PS3.3, 10.29).
const UDI_SEQUENCE: (u16, u16) = (0x0018, 0x100a);
const UDI: (u16, u16) = (0x0018, 0x1009);
const LAST: (u16, u16) = (0x0018, 0x1020);
const ITEM: (u16, u16) = (0xfffe, 0xe000);
const ITEM_END: (u16, u16) = (0xfffe, 0xe00d);
const SEQUENCE_END: (u16, u16) = (0xfffe, 0xe0dd);
const UNDEFINED: u32 = u32::MAX;
/// More elements than stand before the last one that is wanted.
const ELEMENTS_MAX: usize = 2000;

/// Notes the machine that made the image: a device of which the sender speaks, which may be the sender itself.
pub(super) fn read(syntax: Syntax, data_set: &[u8], is_moved: bool, notes: &mut Notes<'_>) {
    let mut found: [Option<&[u8]>; WANTED.len()] = [None; WANTED.len()];
    let mut udi = None;
    walk(syntax, data_set, |tag, value| {
        if tag == UDI {
            udi = udi.or(Some(value));
        }
        let at = WANTED.iter().position(|(group, element, _)| (*group, *element) == tag);
        if let Some(place) = at.and_then(|at| found.get_mut(at)) {
            *place = Some(value);
        }
    });
    let [modality, manufacturer, station, model, serial, _] = found;
    let is_said = |it: &&[u8]| !it.trim_ascii().is_empty();
    let name = [serial, station, model].into_iter().flatten().find(is_said);
    if let Some(modality) = modality.filter(|_| !is_moved)
        && let Ok(modality) = std::str::from_utf8(modality.trim_ascii())
        && modality.len() <= 16
    {
        notes.does(Property::ImagingRole, &format!("sends {modality} images"));
    }
    // Without any of these it is nobody in particular.
    if manufacturer.is_none() && serial.is_none() && station.is_none() {
        return;
    }
    let Some(subject) = name.and_then(|it| notes.behind(it)) else { return };
    for ((_, _, property), value) in WANTED.iter().zip(found) {
        // Of several values (PS3.5, 6.4) each counts.
        for value in value.unwrap_or_default().split(|it| *it == b'\\').take(8) {
            notes.about(subject, *property, Certainty::Stated, value);
        }
    }
    if let Some(udi) = udi {
        notes.about(subject, Property::Udi, Certainty::Stated, udi);
    }
}

/// Gives every element at the top, and those in the UDI Sequence, as far as [`LAST`].
fn walk<'a>(syntax: Syntax, data_set: &'a [u8], mut visit: impl FnMut((u16, u16), &'a [u8])) {
    let syntax = match syntax {
        Syntax::Guessed => match data_set.get(4..6) {
            Some([a, b]) if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Syntax::Explicit,
            _ => Syntax::Implicit,
        },
        known => known,
    };
    if syntax == Syntax::Packed {
        return;
    }
    let mut walk = Walk { syntax, bytes: data_set, at: 0 };
    // Sequences of undefined length that are open, and whether they are the UDI Sequence.
    let mut deep = 0_u32;
    let mut in_udi = 0_u32;
    for _ in 0..ELEMENTS_MAX {
        let Some(head) = walk.head() else { return };
        match head.tag {
            ITEM => {
                if head.len != UNDEFINED && deep > 0 && in_udi == 0 {
                    walk.at = walk.at.saturating_add(size(head.len));
                }
                continue;
            }
            SEQUENCE_END => {
                deep = deep.saturating_sub(1);
                in_udi = if deep < in_udi { 0 } else { in_udi };
                continue;
            }
            ITEM_END => continue,
            tag if tag > LAST && deep == 0 => return,
            UDI_SEQUENCE => {
                // Its items are gone into, whether their lengths are given or not.
                if head.len == UNDEFINED {
                    deep += 1;
                    in_udi = deep;
                }
                continue;
            }
            _ => {}
        }
        if head.len == UNDEFINED {
            deep += 1;
            continue;
        }
        let len = size(head.len);
        let Some(value) = data_set.get(walk.at..walk.at.saturating_add(len)) else { return };
        if deep == 0 || (in_udi > 0 && head.tag == UDI) {
            visit(head.tag, value);
        }
        walk.at += len;
    }
}

struct Head {
    tag: (u16, u16),
    len: u32,
}

struct Walk<'a> {
    syntax: Syntax,
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn head(&mut self) -> Option<Head> {
        let tag = (self.u16(0)?, self.u16(2)?);
        if tag.0 == 0xfffe {
            // Items have no type in any syntax (7.5).
            let len = self.u32(4)?;
            self.at += 8;
            return Some(Head { tag, len });
        }
        let len = if self.syntax == Syntax::Implicit {
            let len = self.u32(4)?;
            self.at += 8;
            len
        } else {
            match self.bytes.get(self.at + 4..self.at + 6)? {
                // Types with a length of four bytes (7.1.2).
                b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN"
                | b"UR" | b"UT" | b"UV" => {
                    let len = self.u32(8)?;
                    self.at += 12;
                    len
                }
                kind if kind.iter().all(u8::is_ascii_uppercase) => {
                    let len = self.u16(6)?;
                    self.at += 8;
                    len.into()
                }
                _ => return None,
            }
        };
        Some(Head { tag, len })
    }

    fn u16(&self, ahead: usize) -> Option<u16> {
        let bytes = *self.bytes.get(self.at + ahead..)?.first_chunk::<2>()?;
        Some(match self.syntax {
            Syntax::ExplicitBig => u16::from_be_bytes(bytes),
            _ => u16::from_le_bytes(bytes),
        })
    }

    fn u32(&self, ahead: usize) -> Option<u32> {
        let bytes = *self.bytes.get(self.at + ahead..)?.first_chunk::<4>()?;
        Some(match self.syntax {
            Syntax::ExplicitBig => u32::from_be_bytes(bytes),
            _ => u32::from_le_bytes(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn implicit(elements: &[(u16, u16, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (group, element, value) in elements {
            bytes.extend(group.to_le_bytes());
            bytes.extend(element.to_le_bytes());
            bytes.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
            bytes.extend(*value);
        }
        bytes
    }

    #[track_caller]
    fn check(syntax: Syntax, data_set: &[u8], expected: &[&str]) {
        let mut words = Vec::new();
        walk(syntax, data_set, |(group, element), value| {
            words.push(format!("{group:04x},{element:04x} {}", String::from_utf8_lossy(value)));
        });
        assert_eq!(words, expected);
        for end in 0..data_set.len() {
            walk(syntax, &data_set[..end], |_, _| ());
        }
    }

    #[test]
    fn elements_are_met_in_order_up_to_the_last_that_is_wanted() {
        let data_set = implicit(&[
            (8, 0x60, b"CT"),
            (0x10, 0x10, b"DOE^JOHN"),
            (0x18, 0x1020, b"07.02 "),
            (0x20, 0x10, b"beyond"),
        ]);
        let expected = ["0008,0060 CT", "0010,0010 DOE^JOHN", "0018,1020 07.02 "];
        check(Syntax::Implicit, &data_set, &expected);
        check(Syntax::Guessed, &data_set, &expected);
    }

    #[test]
    fn a_sequence_is_stepped_over_and_the_udi_found_in_its_own() {
        let explicit = [
            &b"\x08\0\x60\0CS\x02\0CT"[..],
            // A sequence of undefined length with an item of undefined length.
            b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff",
            b"\x08\0\x70\0LO\x04\0NOPE",
            b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0",
            b"\x08\0\x70\0LO\x04\0MADE",
            b"\x18\0\x0a\x10SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\x0c\0\0\0",
            b"\x18\0\x09\x10UT\0\0\0\0\0\0",
            b"\xfe\xff\xdd\xe0\0\0\0\0",
            b"\x18\0\x20\x10LO\x02\x0012",
        ]
        .concat();
        check(
            Syntax::Explicit,
            &explicit,
            &["0008,0060 CT", "0008,0070 MADE", "0018,1009 ", "0018,1020 12"],
        );
    }

    #[test]
    fn a_sequence_with_its_length_is_stepped_over() {
        let inner = implicit(&[(8, 0x70, b"NOPE")]);
        let item = [&b"\xfe\xff\0\xe0"[..], &12_u32.to_le_bytes(), &inner].concat();
        let data_set = implicit(&[(8, 0x1140, &item), (8, 0x70, b"MADE")]);
        check(
            Syntax::Implicit,
            &data_set[..data_set.len()],
            &[&format!("0008,1140 {}", String::from_utf8_lossy(&item)), "0008,0070 MADE"],
        );
    }
}
