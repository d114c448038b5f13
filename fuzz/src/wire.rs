//! What is heard on the wire: capture files, whole packets, and each protocol alone.

use crate::{Named, text};
use exposome_wire::capture::{Capture, Frame, Link};
use exposome_wire::fingerprint::{Makers, Recog, Rules as Fingerprints};
use exposome_wire::protocols::Protocol;
use exposome_wire::{Limits, Listener, Rules, exercise};
use std::io::{self, Read};

pub(crate) const TARGETS: &[Named] = &[
    ("capture", capture),
    ("packets", packets),
    ("fingerprint-rules", |bytes| drop(Fingerprints::default().add("rules", &text(bytes)))),
    ("fingerprint-makers", |bytes| drop(Makers::parse(&text(bytes)))),
    ("fingerprint-recog", recog),
];

/// Small, so that an input of a few kilobytes reaches each of them.
const LIMITS: Limits = Limits {
    stations: 20,
    flows: 20,
    conversations: 10,
    streams: 4,
    stream_bytes: 1 << 14,
    observations: 200,
    text_bytes: 1 << 12,
};

fn listener() -> Listener {
    Listener::new(&LIMITS, Rules { locations: true }, 7)
}

/// A source that gives a few bytes at a time.
struct Drip<'a>(&'a [u8]);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = into.len().min(7).min(self.0.len());
        let (given, rest) = self.0.split_at(len);
        into.iter_mut().zip(given).for_each(|(place, byte)| *place = *byte);
        self.0 = rest;
        Ok(len)
    }
}

/// A capture file, at once and in small pieces: the same frames, the same end.
fn capture(bytes: &[u8]) {
    let frames = |source: &mut dyn Read| {
        let mut frames = Vec::new();
        let end = match Capture::open(source) {
            Err(error) => error.to_string(),
            Ok(mut capture) => loop {
                match capture.frame() {
                    Ok(Some(frame)) => frames.push((frame.at_ns, frame.link, frame.bytes.to_vec())),
                    Ok(None) => break String::new(),
                    Err(error) => break error.to_string(),
                }
            },
        };
        (frames, end)
    };
    let whole = frames(&mut &*bytes);
    assert_eq!(whole, frames(&mut Drip(bytes)), "read at once, and in pieces");
    let mut listener = listener();
    for (at_ns, link, bytes) in &whole.0 {
        listener.hear(&Frame { at_ns: *at_ns, link: *link, bytes });
    }
    told(&mut listener);
}

/// Frames one after the other, each after its length in two bytes.
fn packets(bytes: &[u8]) {
    let mut listener = listener();
    for (at_ns, (_, frame)) in (0..).zip(parts(bytes)) {
        listener.hear(&Frame { at_ns: at_ns * 1_000_000, link: Link::Ethernet, bytes: frame });
        assert!(listener.held_bytes() <= LIMITS.stream_bytes + (1 << 17), "streams hold too much");
    }
    told(&mut listener);
}

/// Nothing that is told is more than the limits allow.
fn told(listener: &mut Listener) {
    let sightings = listener.sightings();
    let observations: usize = sightings.iter().map(|it| it.observations.len()).sum();
    assert!(observations <= LIMITS.observations, "{observations} observations");
    assert!(listener.flows().len() <= LIMITS.flows, "more flows than allowed");
}

/// Both sides of a conversation: each part after its length in two bytes, whose highest bit says that the server speaks.
pub(crate) fn protocol(protocol: Protocol, bytes: &[u8]) {
    let parts: Vec<(bool, &[u8])> = parts(bytes).collect();
    exercise(protocol, &parts);
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = (bool, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (head, after) = rest.split_first_chunk::<2>()?;
        let head = u16::from_be_bytes(*head);
        let len = usize::from(head & 0x7fff).min(after.len());
        let (part, after) = after.split_at(len);
        rest = after;
        Some((head & 0x8000 == 0, part))
    })
}

/// A database, and a text for its patterns behind the last line end.
fn recog(bytes: &[u8]) {
    let at = bytes.iter().rposition(|it| *it == b'\n').unwrap_or(0);
    let (database, value) = bytes.split_at(at);
    if let Ok(database) = Recog::parse("database", database) {
        let _ = database.conclude(&text(value));
        for fingerprint in &database.fingerprints {
            for example in &fingerprint.examples {
                let _ = fingerprint.matched(&example.text);
            }
        }
    }
}
