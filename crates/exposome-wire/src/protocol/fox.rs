//! Niagara Fox (Tridium): building automation, by the hello of both sides, which is text.
//!
//! Unpublished; the layout is as captures show it.

use crate::notes::Notes;
use crate::protocols::{First, Sound};
use crate::stream::{Reader, Side, Sides, Step};
use exposome_model::sighting::Property;

/// `fox a 1 -1 fox hello`: a request has a 1 where its answer has a 0.
pub(crate) fn recognise(first: &First<'_>) -> Option<Sound> {
    let rest = first.bytes.strip_prefix(b"fox a ")?;
    Some(match rest.first()? {
        b'1' => Sound::Client,
        b'0' => Sound::Server,
        _ => Sound::Either,
    })
}

#[derive(Debug, Default)]
struct Fox {
    has_said: Sides<bool>,
}

pub(crate) fn open() -> Box<dyn Reader> {
    Box::new(Fox::default())
}

const HELLO_MAX: usize = 4096;

impl Reader for Fox {
    fn read(&mut self, from: Side, bytes: &[u8], notes: &mut Notes<'_>) -> Step {
        if std::mem::replace(self.has_said.of_mut(from), true) {
            return if *self.has_said.of(from.other()) {
                Step::Over
            } else {
                Step::Took(bytes.len())
            };
        }
        let end = memchr::memmem::find(bytes, b"};;");
        let Some(end) = end.or((bytes.len() >= HELLO_MAX).then_some(bytes.len())) else {
            *self.has_said.of_mut(from) = false;
            return Step::Wait(bytes.len() + 1);
        };
        hello(bytes.get(..end).unwrap_or_default(), notes);
        Step::Took(end + 3)
    }
}

/// Lines of name, kind and value: `app.version=s:3.7.44`.
fn hello(text: &[u8], notes: &mut Notes<'_>) {
    let lines = || text.split(|it| *it == b'\n').take(64);
    let value = |name: &[u8]| {
        lines().find_map(|line| {
            let rest = line.strip_prefix(name)?.strip_prefix(b"=")?;
            rest.get(2..)
        })
    };
    let pair = |name: &[u8], version: &[u8]| {
        let words = [value(name)?, value(version).unwrap_or_default()];
        Some(words.join(&b' '))
    };
    if let Some(software) = pair(b"app.name", b"app.version") {
        notes.sender(Property::Software, &[b"Niagara ", software.as_slice()].concat());
    }
    if let Some(system) = pair(b"os.name", b"os.version") {
        notes.sender(Property::OperatingSystem, &system);
    }
    let kinds = [
        (&b"app.version"[..], Property::SoftwareVersion),
        (b"brandId", Property::Manufacturer),
        (b"station.name", Property::SystemName),
        (b"hostName", Property::HostName),
        (b"hostId", Property::Serial),
    ];
    for (name, property) in kinds {
        if let Some(value) = value(name) {
            notes.sender(property, value);
        }
    }
    if value(b"app.name") == Some(b"Station") {
        notes.does(Property::Role, "building supervisor");
    }
}
