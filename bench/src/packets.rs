//! Captures for the listener: the clinical recordings repeated for a whole region, and a million flows.
//!
//! A recording is repeated with other addresses each time, in frames, in ARP and
//! in DHCP, with checksums made anew.  The repetitions begin one after the other
//! within the length of the recording, so that at any moment hundreds of
//! hospitals speak at once: a listener finds next to nothing twice in a row in
//! its memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// A frame and when it was taken, in microseconds.
struct Recorded {
    at_us: u64,
    bytes: Vec<u8>,
}

const FILE_HEADER_BYTES: usize = 24;
const FRAME_HEADER_BYTES: usize = 16;
const ETHERNET: [u8; FILE_HEADER_BYTES] =
    [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0];

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) packets: u64,
    /// Of them, those that carry more than headers.
    pub(crate) telling: u64,
}

/// Repeats recordings so many times.
pub(crate) fn repeat(recordings: &[&Path], times: u16, path: &Path) -> io::Result<Made> {
    let mut frames: Vec<Recorded> = Vec::new();
    for recording in recordings {
        let read = read(&fs::read(recording)?);
        // Each begins at the same moment.
        let first = read.iter().map(|it| it.at_us).min().unwrap_or_default();
        frames.extend(read.into_iter().map(|it| Recorded { at_us: it.at_us - first, ..it }));
    }
    let length_us = frames.iter().map(|it| it.at_us).max().unwrap_or_default();
    let mut order: Vec<(u64, u16, usize)> = Vec::new();
    for time in 0..times {
        let begins_us = length_us * u64::from(time) / u64::from(times.max(1));
        order.extend(frames.iter().enumerate().map(|(at, it)| (begins_us + it.at_us, time, at)));
    }
    order.sort_unstable();
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(&ETHERNET)?;
    let mut made = Made { packets: 0, telling: 0 };
    for (at_us, time, at) in order {
        let Some(frame) = frames.get(at) else { continue };
        let mut bytes = frame.bytes.clone();
        made.telling += u64::from(readdress(&mut bytes, time).unwrap_or(false));
        made.packets += 1;
        write_frame(&mut out, at_us, &bytes)?;
    }
    out.flush()?;
    Ok(made)
}

/// One packet each of so many flows: connections of many clients to many servers, opened and answered.
pub(crate) fn flows(count: u32, path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(&ETHERNET)?;
    for number in 0..count {
        // A thousand clients speak to a thousand servers each.
        let (client, server) = (number / 1000, number % 1000);
        for is_answer in [false, true] {
            let end = |kind: u8, of: u32| {
                let [.., high, low] = of.to_be_bytes();
                ([0x00, 0x1b, 0x21, kind, high, low], [10, kind, high, low])
            };
            let (client, server) = (end(1, client), end(2, server));
            let (from, to) = if is_answer { (server, client) } else { (client, server) };
            let (ports, flags) =
                if is_answer { ([104_u16, 50_000], 0x12) } else { ([50_000, 104], 2) };
            let ports = ports.map(u16::to_be_bytes);
            let parts: [&[u8]; 10] = [
                &to.0,
                &from.0,
                &[8, 0],
                // 40 bytes of TCP over IPv4, not in fragments; its checksum is put in below.
                &[0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, 6, 0, 0],
                &from.1,
                &to.1,
                ports.as_flattened(),
                // Numbers of what is sent and of what was received.
                &[0; 8],
                &[0x50, flags],
                // Window, checksum, urgent pointer.
                &[0; 6],
            ];
            let mut bytes = parts.concat();
            checksums(&mut bytes);
            write_frame(&mut out, u64::from(number) * 10, &bytes)?;
        }
    }
    out.flush()
}

fn write_frame(out: &mut impl Write, at_us: u64, bytes: &[u8]) -> io::Result<()> {
    const BEGINS_S: u64 = 1_795_000_000;
    let word = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    out.write_all(&word(BEGINS_S + at_us / 1_000_000))?;
    out.write_all(&word(at_us % 1_000_000))?;
    out.write_all(&word(bytes.len() as u64))?;
    out.write_all(&word(bytes.len() as u64))?;
    out.write_all(bytes)
}

/// The frames of a classic capture of the usual byte order.
fn read(file: &[u8]) -> Vec<Recorded> {
    let mut frames = Vec::new();
    let mut rest = file.get(FILE_HEADER_BYTES..).unwrap_or_default();
    while let Some((head, after)) = rest.split_first_chunk::<FRAME_HEADER_BYTES>() {
        let (words, _) = head.as_chunks::<4>();
        let &[seconds, micros, len, _] = words else { break };
        let [seconds, micros, len] =
            [seconds, micros, len].map(|it| u64::from(u32::from_le_bytes(it)));
        let Some((bytes, after)) =
            usize::try_from(len).ok().and_then(|it| after.split_at_checked(it))
        else {
            break;
        };
        frames.push(Recorded { at_us: seconds * 1_000_000 + micros, bytes: bytes.to_vec() });
        rest = after;
    }
    frames
}

/// Gives everybody in a frame another address; whether the frame carries more than headers.
fn readdress(bytes: &mut [u8], time: u16) -> Option<bool> {
    card(bytes.get_mut(..6)?, time);
    card(bytes.get_mut(6..12)?, time);
    let kind = [*bytes.get(12)?, *bytes.get(13)?];
    match kind {
        [8, 0] => {
            let header = 14 + usize::from(bytes.get(14)? & 15) * 4;
            address(bytes.get_mut(26..30)?, time);
            address(bytes.get_mut(30..34)?, time);
            let is_telling = match bytes.get(23)? {
                6 => {
                    let data = usize::from(bytes.get(header + 12)? >> 4) * 4;
                    let len = usize::from(u16::from_be_bytes([*bytes.get(16)?, *bytes.get(17)?]));
                    14 + len > header + data
                }
                17 => {
                    let ports = bytes.get(header..header + 4)?.to_vec();
                    if ports.contains(&67) || ports.contains(&68) {
                        lease(bytes.get_mut(header + 8..)?, time);
                    }
                    true
                }
                _ => false,
            };
            checksums(bytes);
            Some(is_telling)
        }
        [8, 6] => {
            card(bytes.get_mut(22..28)?, time);
            address(bytes.get_mut(28..32)?, time);
            card(bytes.get_mut(32..38)?, time);
            address(bytes.get_mut(38..42)?, time);
            Some(true)
        }
        [0x86, 0xdd] => {
            for at in [22, 38] {
                // The last half of an address on a link is made of the card.
                let is_many = *bytes.get(at)? == 0xff;
                if !is_many {
                    mix(bytes.get_mut(at + 13..at + 15)?, time);
                }
            }
            checksums(bytes);
            Some(*bytes.get(20)? == 17)
        }
        _ => Some(true),
    }
}

fn mix(two: &mut [u8], time: u16) {
    for (byte, with) in two.iter_mut().zip(time.to_be_bytes()) {
        *byte ^= with;
    }
}

fn card(mac: &mut [u8], time: u16) {
    let is_many = mac.first().is_some_and(|it| it & 1 == 1);
    if !is_many && mac.iter().any(|it| *it != 0) {
        mix(mac.get_mut(3..5).unwrap_or_default(), time);
    }
}

fn address(ip: &mut [u8], time: u16) {
    let is_one = ip.first().is_some_and(|it| (1..224).contains(it));
    if is_one {
        mix(ip.get_mut(1..3).unwrap_or_default(), time);
    }
}

/// A message of DHCP: its addresses, and those of the laboratory in its options.
fn lease(message: &mut [u8], time: u16) {
    for at in [12, 16, 20, 24] {
        if let Some(ip) = message.get_mut(at..at + 4) {
            address(ip, time);
        }
    }
    if let Some(mac) = message.get_mut(28..34) {
        card(mac, time);
    }
    let mut at = 240;
    while let Some(four) = message.get_mut(at..at + 4) {
        if four.starts_with(&[10, 77, 0]) {
            address(four, time);
        }
        at += 1;
    }
}

/// Makes the checksums of an IP packet and of what it carries anew (RFC 1071).
fn checksums(frame: &mut [u8]) -> Option<()> {
    let is_v4 = frame.get(12..14)? == [8, 0];
    let (protocol, start, addresses) = if is_v4 {
        let start = 14 + usize::from(frame.get(14)? & 15) * 4;
        frame.get_mut(24..26)?.copy_from_slice(&[0, 0]);
        let sum = sum(frame.get(14..start)?, 0);
        frame.get_mut(24..26)?.copy_from_slice(&(!folded(sum)).to_be_bytes());
        (*frame.get(23)?, start, frame.get(26..34)?.to_vec())
    } else {
        (*frame.get(20)?, 54, frame.get(22..54)?.to_vec())
    };
    let len = if is_v4 {
        let whole = usize::from(u16::from_be_bytes([*frame.get(16)?, *frame.get(17)?]));
        (14 + whole).checked_sub(start)?
    } else {
        usize::from(u16::from_be_bytes([*frame.get(18)?, *frame.get(19)?]))
    };
    let place = match protocol {
        6 => start + 16,
        17 => start + 6,
        58 => start + 2,
        _ => return None,
    };
    frame.get_mut(place..place + 2)?.copy_from_slice(&[0, 0]);
    let pseudo = sum(&addresses, u32::from(protocol) + u32::try_from(len).ok()?);
    let whole = sum(frame.get(start..start + len)?, pseudo);
    frame.get_mut(place..place + 2)?.copy_from_slice(&(!folded(whole)).to_be_bytes());
    Some(())
}

fn sum(bytes: &[u8], from: u32) -> u32 {
    bytes.chunks(2).fold(from, |sum, two| {
        let high = two.first().copied().unwrap_or_default();
        let low = two.get(1).copied().unwrap_or_default();
        sum + u32::from(u16::from_be_bytes([high, low]))
    })
}

fn folded(mut sum: u32) -> u16 {
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_repeated_with_other_addresses() {
        let ward = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/captures/ward.pcap");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("region.pcap");
        let made = repeat(&[&ward], 3, &path).unwrap();
        let once = read(&fs::read(&ward).unwrap());
        let frames = read(&fs::read(&path).unwrap());
        assert_eq!(frames.len(), 3 * once.len());
        assert_eq!(made.packets, frames.len() as u64);
        assert!(made.telling * 2 > made.packets, "{made:?}");
        let mut senders: Vec<[u8; 6]> =
            frames.iter().map(|it| it.bytes[6..12].try_into().unwrap()).collect();
        senders.sort_unstable();
        senders.dedup();
        let mut once: Vec<[u8; 6]> =
            once.iter().map(|it| it.bytes[6..12].try_into().unwrap()).collect();
        once.sort_unstable();
        once.dedup();
        assert_eq!(senders.len(), 3 * once.len());
        assert!(frames.is_sorted_by_key(|it| it.at_us));
    }

    #[test]
    fn checksums_are_right() {
        let ward = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/captures/ward.pcap");
        let frames = read(&fs::read(ward).unwrap());
        let mut checked = 0;
        for frame in frames.iter().filter(|it| it.bytes[12..14] == [8, 0]) {
            let mut again = frame.bytes.clone();
            // The card that recorded left TCP's checksums to the next one; the header's own is right.
            checksums(&mut again);
            assert_eq!(again[24..26], frame.bytes[24..26]);
            checked += 1;
        }
        assert!(checked > 50);
    }
}
