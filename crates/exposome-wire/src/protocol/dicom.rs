//! DICOM: who sends images to whom, and what made them (PS3.8, the upper layer; PS3.7, commands; PS3.5, data sets).
//!
//! An association names both application entities and the software of each.  A
//! stored image names, far better, the machine that made it: of its data set only
//! (0008,0060) modality, (0008,0070) manufacturer, (0008,1010) station name,
//! (0008,1090) model, (0018,1000) serial number, (0018,1020) software versions and
//! the UDI are read; all else, the patient first, is stepped over where it lies.

mod data_set;

use crate::bytes::{Bytes, be32, size};
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Step};
use data_set::Syntax;
use exposome_model::sighting::Property;

const ASSOCIATE_RQ: u8 = 1;
const ASSOCIATE_AC: u8 = 2;
const P_DATA: u8 = 4;

const HEADER_BYTES: usize = 6;
/// An association with 128 presentation contexts is far below; what is larger is none.
const ASSOCIATION_MAX: usize = 48 << 10;
/// As much of one PDU of data as is looked at: an image's own description comes first.
const DATA_MAX: usize = 16 << 10;
const APPLICATION_CONTEXT: &[u8] = b"1.2.840.10008.3.1.1.1";

pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let bytes = first.bytes;
    let [kind, 0, _, _, _, _, ..] = bytes else { return None };
    let len = size(be32(bytes, 2)?);
    match *kind {
        ASSOCIATE_RQ | ASSOCIATE_AC => {
            let item = bytes.get(74..)?;
            let is_context = item.first() == Some(&0x10)
                && item.get(4..4 + APPLICATION_CONTEXT.len()) == Some(APPLICATION_CONTEXT);
            let sound = if *kind == ASSOCIATE_RQ { Sound::Client } else { Sound::Server };
            (is_context && len <= ASSOCIATION_MAX).then_some(sound)
        }
        // In the middle of an association: a value of a context with an odd number, holding a command that begins with
        // its own length, (0000,0000).
        P_DATA => {
            let value = size(be32(bytes, 6)?);
            let is_command = matches!(bytes.get(10..12)?, [context, 1 | 3] if context % 2 == 1)
                && bytes.get(12..20)? == [0, 0, 0, 0, 4, 0, 0, 0];
            (is_command && value + 4 <= len).then_some(Sound::Either)
        }
        _ => None,
    }
}

/// Reads an association.
#[derive(Debug, Default)]
struct Dicom {
    /// Presentation contexts by their number (odd, 1 to 255): how their data sets are written.
    contexts: Vec<(u8, Syntax)>,
    /// A C-STORE request was read, and its data set comes next, in this context.
    store: Option<Store>,
    command: Vec<u8>,
}

/// A data set to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Store {
    context: u8,
    /// Sent on behalf of somebody who asked for it: what made it is somebody else.
    is_moved: bool,
}

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Dicom::default())
}

impl Reader for Dicom {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        let (Some(&kind), Some(len)) = (bytes.first(), be32(bytes, 2)) else {
            return Step::Wait(HEADER_BYTES);
        };
        if bytes.len() < HEADER_BYTES {
            return Step::Wait(HEADER_BYTES);
        }
        let len = size(len);
        let whole = HEADER_BYTES.saturating_add(len);
        match kind {
            ASSOCIATE_RQ | ASSOCIATE_AC => {
                if len > ASSOCIATION_MAX {
                    return Step::Over;
                }
                let Some(body) = bytes.get(HEADER_BYTES..whole) else { return Step::Wait(whole) };
                let _ = self.association(kind, body, notes);
            }
            P_DATA => {
                let wanted = whole.min(HEADER_BYTES + DATA_MAX);
                let Some(body) = bytes.get(HEADER_BYTES..wanted) else {
                    return Step::Wait(wanted);
                };
                let _ = self.values(from, body, notes);
            }
            // Rejected, released, aborted: another association may follow.
            3 | 5 | 6 | 7 if len <= 64 => {
                self.store = None;
                self.command.clear();
            }
            _ => return Step::Over,
        }
        Step::Took(whole)
    }

    fn lost(&mut self, _from: Side) {
        self.store = None;
        self.command.clear();
    }
}

impl Dicom {
    /// PS3.8, 9.3.2 and 9.3.3.
    fn association(&mut self, kind: u8, body: &[u8], notes: &mut Notes<'_>) -> Option<()> {
        let mut bytes = Bytes::new(body);
        bytes.skip(4)?;
        let (called, calling) = (bytes.take(16)?, bytes.take(16)?);
        bytes.skip(32)?;
        let mut services = Services::default();
        if kind == ASSOCIATE_RQ {
            self.contexts.clear();
            notes.sender(Property::AeTitle, calling);
            notes.receiver(Property::CalledAeTitle, called);
        }
        while !bytes.is_empty() {
            let item = bytes.u8()?;
            bytes.skip(1)?;
            let len = bytes.be16()?;
            let value = bytes.take(len.into())?;
            match item {
                0x20 => services.add(sub_item(0x30, value.get(4..)?)?),
                0x21 => {
                    let number = *value.first()?;
                    if let Some(name) = sub_item(0x40, value.get(4..)?) {
                        self.contexts.push((number, Syntax::by_name(name)));
                    }
                }
                0x50 => user(value, notes)?,
                _ => {}
            }
        }
        if kind == ASSOCIATE_RQ {
            services.note(notes);
        }
        Some(())
    }

    /// The values of one P-DATA (PS3.8, 9.3.5): parts of commands and of data sets.
    fn values(&mut self, from: Side, body: &[u8], notes: &mut Notes<'_>) -> Option<()> {
        let mut bytes = Bytes::new(body);
        while !bytes.is_empty() {
            let len = size(bytes.be32()?);
            let (context, control) = (bytes.u8()?, bytes.u8()?);
            let value = bytes.take_up_to(len.checked_sub(2)?);
            if control & 1 == 1 {
                if self.command.len() + value.len() <= 4096 {
                    self.command.extend_from_slice(value);
                }
                if control & 2 == 2 {
                    let command = std::mem::take(&mut self.command);
                    self.store = read_command(context, &command, notes);
                }
            } else if from == Side::Client || self.store.is_some() {
                // Only the beginning of a data set is read.
                if let Some(store) = self.store.take_if(|it| it.context == context) {
                    let syntax = self.contexts.iter().rev().find(|(it, _)| *it == context);
                    let syntax = syntax.map_or(Syntax::Guessed, |(_, syntax)| *syntax);
                    data_set::read(syntax, value, store.is_moved, notes);
                }
            }
        }
        Some(())
    }
}

/// A command set (PS3.7, 9.3 and annex E): always implicit, little end first.
fn read_command(context: u8, command: &[u8], notes: &mut Notes<'_>) -> Option<Store> {
    let mut bytes = Bytes::new(command);
    let (mut field, mut is_moved, mut has_data) = (0, false, false);
    while !bytes.is_empty() {
        let (group, element) = (bytes.le16()?, bytes.le16()?);
        let len = size(bytes.le32()?);
        let value = bytes.take(len)?;
        match (group, element) {
            (0, 0x0100) => field = crate::bytes::le16(value, 0)?,
            (0, 0x0800) => has_data = crate::bytes::le16(value, 0)? != 0x0101,
            // Move Originator Application Entity Title.
            (0, 0x1030) => is_moved = true,
            _ => {}
        }
    }
    let role = match field {
        0x0001 if is_moved => "sends stored images",
        0x0001 => "sends images",
        0x8001 => "stores images",
        0x0010 | 0x0020 | 0x0021 => "asks for images",
        0x8010 | 0x8020 | 0x8021 => "lists images",
        _ => "",
    };
    if !role.is_empty() {
        notes.does(Property::ImagingRole, role);
    }
    (field == 1 && has_data).then_some(Store { context, is_moved })
}

/// One part of a presentation context: the abstract syntax of a request, the transfer syntax of an answer.
fn sub_item(kind: u8, items: &[u8]) -> Option<&[u8]> {
    let mut bytes = Bytes::new(items);
    while let Some(item) = bytes.u8() {
        bytes.skip(1)?;
        let len = bytes.be16()?;
        let value = bytes.take(len.into())?;
        if item == kind {
            return Some(value.strip_suffix(b"\0").unwrap_or(value));
        }
    }
    None
}

/// What a client wants to do, by the services it asks for (SOP classes, PS3.6 annex A).
#[derive(Debug, Default)]
struct Services {
    queries: bool,
    worklist: bool,
    /// Kinds of images it would store.
    modalities: Vec<&'static str>,
}

/// Storage classes that only a machine of one kind makes, behind `1.2.840.10008.5.1.4.1.1.`.
const STORED: [(&[u8], &str); 17] = [
    (b"1", "CR"),
    (b"1.1", "DX"),
    (b"1.2", "MG"),
    (b"1.3", "IO"),
    (b"2", "CT"),
    (b"2.1", "CT"),
    (b"3.1", "US"),
    (b"4", "MR"),
    (b"4.1", "MR"),
    (b"6.1", "US"),
    (b"9.1.1", "ECG"),
    (b"12.1", "XA"),
    (b"12.2", "RF"),
    (b"20", "NM"),
    (b"128", "PT"),
    (b"481.4", "RTRECORD"),
    (b"481.5", "RTPLAN"),
];

impl Services {
    fn add(&mut self, class: &[u8]) {
        if class == b"1.2.840.10008.5.1.4.31" {
            self.worklist = true;
        } else if class.starts_with(b"1.2.840.10008.5.1.4.1.2.") {
            self.queries = true;
        } else if let Some(stored) = class.strip_prefix(b"1.2.840.10008.5.1.4.1.1.")
            && let Some((_, modality)) = STORED.iter().find(|(it, _)| *it == stored)
            && !self.modalities.contains(modality)
        {
            self.modalities.push(modality);
        }
    }

    fn note(&self, notes: &mut Notes<'_>) {
        if self.queries {
            // Who asks for images also names the kinds that it would take.
            notes.does(Property::ImagingRole, "asks for images");
        } else if let [modality] = self.modalities.as_slice() {
            notes.does(Property::ImagingRole, &format!("offers {modality} images"));
        } else if self.modalities.len() > 4 {
            notes.does(Property::ImagingRole, "offers images of many kinds");
        }
        if self.worklist {
            notes.does(Property::ImagingRole, "asks for a worklist");
        }
    }
}

/// User information (PS3.7, annex D): only the implementation is read; user identity is a secret.
fn user(items: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(items);
    while !bytes.is_empty() {
        let item = bytes.u8()?;
        bytes.skip(1)?;
        let len = bytes.be16()?;
        let value = bytes.take(len.into())?;
        match item {
            0x52 => notes.sender(Property::ImplementationUid, value),
            0x55 => notes.sender(Property::ImplementationVersion, value),
            _ => {}
        }
    }
    Some(())
}
