//! Siemens S7: controllers by their system status lists (Siemens, "System Software for S7-300/400, System and Standard
//! Functions", lists 0x0011 and 0x001C), over ISO on TCP (RFC 1006).
//!
//! The protocol itself is unpublished; its layout is as Wireshark's dissector reads it.

use crate::bytes::{Bytes, be16};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use exposome_model::sighting::Property;

const TPKT: u8 = 3;
const DATA: u8 = 0xf0;
const S7: u8 = 0x32;
const JOB: u8 = 1;
const USER_DATA: u8 = 7;

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let [TPKT, 0, _, _, 2, DATA, _, S7, kind, ..] = first.bytes else { return None };
    match *kind {
        JOB => Some(Sound::Client),
        2 | 3 => Some(Sound::Server),
        // User data says itself whether it asks or answers.
        USER_DATA => match first.bytes.get(22)? >> 4 {
            4 => Some(Sound::Client),
            8 => Some(Sound::Server),
            _ => Some(Sound::Either),
        },
        _ => None,
    }
}

#[derive(Debug, Default)]
struct Reading {
    /// A list that comes in several parts.
    list: Vec<u8>,
}

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Reading::default())
}

/// A list of a controller has some hundred bytes.
const LIST_MAX: usize = 8 << 10;

impl Reader for Reading {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let (Some(&TPKT), Some(len)) = (bytes.first(), be16(bytes, 2)) else {
            return if bytes.len() < 4 { Step::Wait(4) } else { Step::Over };
        };
        let len = usize::from(len);
        if len < 7 {
            return Step::Over;
        }
        let Some(message) = bytes.get(..len) else { return Step::Wait(len) };
        if from == Side::Server
            && let Some([2, DATA, _, S7, USER_DATA, rest @ ..]) = message.get(4..)
        {
            let _ = self.user_data(rest, notes);
        }
        Step::Took(len)
    }

    fn lost(&mut self, _from: Side) {
        self.list.clear();
    }
}

impl Reading {
    fn user_data(&mut self, rest: &[u8], notes: &mut Notes<'_>) -> Option<()> {
        let mut bytes = Bytes::new(rest);
        // Reserved, reference.
        bytes.skip(4)?;
        let (parameters, data) = (bytes.be16()?, bytes.be16()?);
        let parameters = bytes.take(parameters.into())?;
        let mut data = Bytes::new(bytes.take_up_to(data.into()));
        // An answer (8) of the functions of the CPU (4): reading a list (1).
        let [0, 1, 0x12, 8, 0x12, 0x84, 1, _, _, is_more, ..] = parameters else { return None };
        let (0xff, _) = (data.u8()?, data.u8()?) else { return None };
        let len = data.be16()?;
        let part = data.take_up_to(len.into());
        if self.list.len() + part.len() > LIST_MAX {
            self.list.clear();
            return None;
        }
        self.list.extend_from_slice(part);
        if *is_more != 0 {
            return Some(());
        }
        let list = std::mem::take(&mut self.list);
        status_list(&list, notes)
    }
}

/// Which components stand in list 0x001C, in their order.
const COMPONENTS: [u16; 10] = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11];

fn status_list(list: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(list);
    let id = bytes.be16()?;
    bytes.skip(2)?;
    let (len, _count) = (usize::from(bytes.be16()?), bytes.be16()?);
    let (len, places) = match (id & 0x00ff, len) {
        // What only plays a controller may leave length and numbers zero; the records are as long all the same.
        (0x1c, 0) => (34, &COMPONENTS[..]),
        (_, 2..) => (len, &[][..]),
        _ => return Some(()),
    };
    for place in 0..64 {
        let Some(record) = bytes.take(len) else { break };
        let (index, value) = (be16(record, 0)?, record.get(2..)?);
        let index = places.get(place).copied().filter(|_| index == 0).unwrap_or(index);
        // The upper digit says which part of a redundant pair it is.
        match (id & 0x00ff, index & 0x0fff) {
            (0x11, 1) => notes.sender(Property::ModelNumber, value.get(..20)?),
            (0x11, 7) => {
                // `V`, then three numbers.
                if let [.., b'V', major, minor, patch] = *value {
                    notes.sender(Property::Firmware, format!("{major}.{minor}.{patch}").as_bytes());
                }
            }
            (0x1c, 1) => notes.sender(Property::SystemName, value),
            (0x1c, 2) => notes.sender(Property::FriendlyName, value),
            (0x1c, 5) => notes.sender(Property::Serial, value),
            (0x1c, 7) => notes.sender(Property::Model, value),
            (0x1c, 0xb) => notes.sender(Property::Location, value),
            _ => {}
        }
    }
    Some(())
}
