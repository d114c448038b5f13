//! A hundred thousand broken packets through the whole listener: nothing panics, and nothing grows without a bound.
//!
//! The packets are those of the captures beside the project and of the one in
//! `testdata/captures`, with bytes changed, cut, repeated and swapped by a fixed
//! seed, fed to one listener whose limits are small, so that every cap is reached.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panic, and says what it leaves out, and its figures"
)]

use exposome_wire::capture::{Capture, Frame, Link};
use exposome_wire::{Limits, Listener, Rules};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/captures");
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures");
const MUTATED: usize = 100_000;

/// xorshift64 (Marsaglia, 2003): the same packets every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

fn frames() -> Vec<(Link, Vec<u8>)> {
    let mut frames = Vec::new();
    for folder in [OWN, SHARED] {
        let folder = Path::new(folder);
        if !folder.is_dir() {
            println!("{} is absent: its packets are not mutated", folder.display());
            continue;
        }
        let mut paths: Vec<_> =
            fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
        paths.sort();
        for path in paths
            .iter()
            .filter(|it| it.extension().is_some_and(|it| it.to_string_lossy().starts_with("pcap")))
        {
            let mut capture = Capture::open(File::open(path).unwrap()).unwrap();
            while let Some(frame) = capture.frame().unwrap() {
                frames.push((frame.link, frame.bytes.to_vec()));
            }
        }
    }
    assert!(frames.len() > 100, "{} frames", frames.len());
    frames
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    match random.below(8) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 => {
            let extra = random.below(64);
            bytes.extend((0..extra).map(|it| u8::try_from(it).unwrap()));
        }
        2 => {
            // A length or a count at its extremes.
            let at = random.below(bytes.len());
            let value = if random.below(2) == 0 { 0xff } else { 0 };
            bytes[at..].iter_mut().take(4).for_each(|it| *it = value);
        }
        3 => {
            // A part stands twice.
            let start = random.below(bytes.len());
            let part = bytes[start..].iter().copied().take(64).collect::<Vec<u8>>();
            bytes.splice(start..start, part);
        }
        _ => {
            for _ in 0..=random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] = random.next().to_le_bytes()[0];
            }
        }
    }
}

#[test]
fn a_hundred_thousand_broken_packets_break_nothing() {
    let frames = frames();
    let limits = Limits {
        stations: 500,
        flows: 400,
        conversations: 300,
        streams: 16,
        stream_bytes: 1 << 18,
        observations: 1000,
        text_bytes: 1 << 16,
    };
    let mut random = Random(20_261_201);
    let links = [Link::Ethernet, Link::Ip, Link::Loopback, Link::Cooked, Link::Cooked2];
    let (mut mutated, mut at_ns) = (0, 0);
    let mut totals = Totals::default();
    let mut listener = new_listener(&limits);
    while mutated < MUTATED {
        for (link, bytes) in &frames {
            if mutated == MUTATED {
                break;
            }
            // One in four is left whole, so that conversations get somewhere.
            let mut bytes = bytes.clone();
            if random.below(4) > 0 {
                mutate(&mut bytes, &mut random);
                mutated += 1;
                // Another listener now and then: what is full hears nothing new.
                if mutated % 4000 == 0 {
                    totals.add(&mut listener, &limits);
                    listener = new_listener(&limits);
                }
            }
            let is_odd = random.below(50) == 0;
            let link = if is_odd { links[random.below(links.len())] } else { *link };
            at_ns += i64::try_from(random.below(1_000_000)).unwrap();
            listener.hear(&Frame { at_ns, link, bytes: &bytes });
            assert!(listener.held_bytes() <= limits.stream_bytes + (1 << 17));
        }
    }
    totals.add(&mut listener, &limits);
    println!("{totals:?}");
    assert!(
        totals.broken > 100 && totals.forgotten > 100 && totals.not_kept > 0,
        "caps are reached"
    );
    let whole = whole(&frames);
    let lost: Vec<_> = whole.keys().filter(|it| !totals.protocols.contains_key(*it)).collect();
    assert!(whole.len() > 12, "{whole:?}");
    assert!(lost.len() * 4 < whole.len(), "most protocols are still recognised: {lost:?} are not");
}

/// What the packets are as they were recorded, by protocol.
fn whole(frames: &[(Link, Vec<u8>)]) -> BTreeMap<&'static str, u64> {
    let ample = Limits {
        stations: 100_000,
        flows: 100_000,
        conversations: 100_000,
        streams: 10_000,
        stream_bytes: 64 << 20,
        observations: 1_000_000,
        text_bytes: 64 << 20,
    };
    let mut listener = new_listener(&ample);
    for (at_ns, (link, bytes)) in (0..).zip(frames) {
        listener.hear(&Frame { at_ns, link: *link, bytes });
    }
    let mut totals = Totals::default();
    totals.add(&mut listener, &ample);
    totals.protocols
}

fn new_listener(limits: &Limits) -> Listener {
    Listener::new(limits, Rules { locations: true }, 7)
}

#[derive(Debug, Default)]
struct Totals {
    broken: u64,
    forgotten: u64,
    not_kept: u64,
    protocols: BTreeMap<&'static str, u64>,
}

impl Totals {
    /// Nothing a listener tells is more than its limits allow.
    fn add(&mut self, listener: &mut Listener, limits: &Limits) {
        let sightings = listener.sightings();
        let observations: usize = sightings.iter().map(|it| it.observations.len()).sum();
        let flows = listener.flows();
        assert!(observations <= limits.observations, "{observations} observations");
        assert!(flows.len() <= limits.flows, "{} flows", flows.len());
        assert!(sightings.len() <= 4 * limits.stations, "{} sightings", sightings.len());
        let tally = listener.tally();
        self.broken += tally.broken;
        self.forgotten += tally.forgotten;
        self.not_kept += tally.not_kept;
        for (protocol, messages) in &tally.messages {
            *self.protocols.entry(protocol.name()).or_default() += messages.read;
        }
    }
}
