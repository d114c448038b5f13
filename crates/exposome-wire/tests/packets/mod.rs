//! Packets made for tests: frames of one conversation between two hosts.

use exposome_model::sighting::Sighting;
use exposome_wire::capture::{Frame, Link};
use exposome_wire::{Limits, Listener, Rules};

pub(crate) const CLIENT: [u8; 4] = [10, 0, 0, 1];
pub(crate) const SERVER: [u8; 4] = [10, 0, 0, 2];

fn ethernet(from: [u8; 4], to: [u8; 4], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mac = |ip: [u8; 4]| [0, 0x1b, 0x21, 0, 0, ip[3]];
    let len = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
    let header = [0x45, 0, len[0], len[1], 0, 1, 0x40, 0, 64, protocol, 0, 0];
    [&mac(to)[..], &mac(from), &[8, 0], &header, &from, &to, payload].concat()
}

/// A connection: what one side says after the other, each in segments of so many bytes.
pub(crate) fn connection(port: u16, said: &[(bool, &[u8])], segment_bytes: usize) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let mut sequences = [1000_u32, 2000];
    let mut push = |is_client: bool, sequence: u32, flags: u8, payload: &[u8]| {
        let ports = if is_client { [50_000, port] } else { [port, 50_000] };
        let header = [
            &ports[0].to_be_bytes()[..],
            &ports[1].to_be_bytes(),
            &sequence.to_be_bytes(),
            &[0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0],
            payload,
        ]
        .concat();
        let (from, to) = if is_client { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        frames.push(ethernet(from, to, 6, &header));
    };
    push(true, 999, 2, &[]);
    push(false, 1999, 0x12, &[]);
    for (is_client, words) in said {
        let side = usize::from(!is_client);
        for part in words.chunks(segment_bytes) {
            push(*is_client, sequences[side], 0x18, part);
            sequences[side] += u32::try_from(part.len()).unwrap();
        }
    }
    push(true, sequences[0], 0x11, &[]);
    push(false, sequences[1], 0x11, &[]);
    frames
}

pub(crate) fn datagram(from: u16, to: u16, payload: &[u8]) -> Vec<u8> {
    let len = u16::try_from(8 + payload.len()).unwrap();
    let header =
        [&from.to_be_bytes()[..], &to.to_be_bytes(), &len.to_be_bytes(), &[0, 0], payload].concat();
    ethernet(CLIENT, SERVER, 17, &header)
}

pub(crate) fn listener() -> Listener {
    Listener::new(&Limits::default(), Rules { locations: true }, 7)
}

pub(crate) fn hear(frames: &[Vec<u8>]) -> Vec<Sighting> {
    let mut listener = listener();
    for (at_ns, bytes) in (0..).zip(frames) {
        listener.hear(&Frame { at_ns, link: Link::Ethernet, bytes });
    }
    listener.sightings()
}
