//! Capture files, frame by frame, in bounded memory: pcap and pcapng.
//!
//! A capture that breaks off in the middle of a frame (a full disk, a sensor
//! that lost power) gives all frames before that place, and then says where.

mod pcap;
mod pcapng;

use std::io::{self, Read};

/// One frame as it was on the wire, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Nanoseconds since 1970.
    pub at_ns: i64,
    pub link: Link,
    pub bytes: &'a [u8],
}

/// What kind of link a frame was taken from (the LINKTYPE registry of tcpdump.org).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Link {
    /// `LINKTYPE_ETHERNET`, 1.
    Ethernet,
    /// `LINKTYPE_NULL`, 0, and `LINKTYPE_LOOP`, 108: an address family of four bytes, then IP.
    Loopback,
    /// `LINKTYPE_RAW`, 101, and its kin: IP at once.
    Ip,
    /// `LINKTYPE_LINUX_SLL`, 113: what an "any" interface gives.
    Cooked,
    /// `LINKTYPE_LINUX_SLL2`, 276.
    Cooked2,
    /// One that is not read.
    Other(u16),
}

impl Link {
    fn by_number(number: u16) -> Link {
        match number {
            0 | 108 => Link::Loopback,
            1 => Link::Ethernet,
            12 | 14 | 101 | 228 | 229 => Link::Ip,
            113 => Link::Cooked,
            276 => Link::Cooked2,
            other => Link::Other(other),
        }
    }
}

/// Why a capture cannot be read further; the frames before were given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("reading failed after {bytes} bytes")]
    Source {
        bytes: u64,
        #[source]
        source: io::Error,
    },
    #[error("not a capture file: it opens with {found:02x?}, not with a pcap or pcapng header")]
    NotACapture { found: Vec<u8> },
    #[error("the capture breaks off after {bytes} bytes, in the middle of {inside}")]
    CutShort { bytes: u64, inside: &'static str },
    #[error("{what} at byte {at} is {found}, expected {expected}")]
    Malformed { what: &'static str, at: u64, found: u64, expected: &'static str },
}

/// Whether the first bytes of a document are those of a capture file.
pub fn is_capture(head: &[u8]) -> bool {
    pcap::Header::read(head).is_some() || pcapng::is_section(head)
}

/// A capture file being read.
#[derive(Debug)]
pub struct Capture<R> {
    source: Window<R>,
    format: Format,
}

#[derive(Debug)]
enum Format {
    Pcap(pcap::Header),
    Pcapng(pcapng::Section),
}

impl<R: Read> Capture<R> {
    pub fn open(source: R) -> Result<Capture<R>, Error> {
        let mut source = Window::new(source);
        source.fill(pcap::HEADER_BYTES)?;
        let head = source.ahead();
        let format = if let Some(header) = pcap::Header::read(head) {
            source.pass(pcap::HEADER_BYTES);
            Format::Pcap(header)
        } else if pcapng::is_section(head) {
            Format::Pcapng(pcapng::Section::default())
        } else {
            let found = head.iter().take(4).copied().collect();
            return Err(Error::NotACapture { found });
        };
        Ok(Capture { source, format })
    }

    /// The next frame; `None` at the end.  After an error there is nothing more.
    pub fn frame(&mut self) -> Result<Option<Frame<'_>>, Error> {
        match &mut self.format {
            Format::Pcap(header) => pcap::frame(header, &mut self.source),
            Format::Pcapng(section) => pcapng::frame(section, &mut self.source),
        }
    }
}

/// No frame of a real capture is larger (libpcap's `MAXIMUM_SNAPLEN`).
const FRAME_BYTES_MAX: usize = 262_144;
const WINDOW_BYTES: usize = 1 << 18;

/// The part of the file that lies in memory: never more than two frames of the largest kind.
#[derive(Debug)]
struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes of the file before `start`.
    passed: u64,
}

impl<R: Read> Window<R> {
    fn new(source: R) -> Window<R> {
        Window { source, buffer: vec![0; WINDOW_BYTES], start: 0, end: 0, passed: 0 }
    }

    /// What has been read and not passed.
    fn ahead(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Reads until `len` bytes lie ahead, or to the end of the file; how many do.
    fn fill(&mut self, len: usize) -> Result<usize, Error> {
        if self.end - self.start >= len {
            return Ok(self.end - self.start);
        }
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() < len {
            self.buffer.resize(len.next_power_of_two(), 0);
        }
        while self.end < len {
            let free = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.source.read(free) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let bytes = self.passed + self.end as u64;
                    return Err(Error::Source { bytes, source });
                }
            }
        }
        Ok(self.end)
    }

    /// Like `fill`, but the end of the file is an error unless it is here, before the first of the bytes.
    fn must_fill(&mut self, len: usize, inside: &'static str) -> Result<bool, Error> {
        match self.fill(len)? {
            0 => Ok(false),
            ahead if ahead >= len => Ok(true),
            ahead => Err(Error::CutShort { bytes: self.passed + ahead as u64, inside }),
        }
    }

    fn pass(&mut self, len: usize) {
        let len = len.min(self.end - self.start);
        self.start += len;
        self.passed += len as u64;
    }

    /// Passes what need not lie in memory.
    fn pass_over(&mut self, mut len: u64, inside: &'static str) -> Result<(), Error> {
        while len > 0 {
            let ahead = self.fill(1)?;
            if ahead == 0 {
                return Err(Error::CutShort { bytes: self.passed, inside });
            }
            let step = usize::try_from(len).unwrap_or(usize::MAX).min(ahead);
            self.pass(step);
            len -= step as u64;
        }
        Ok(())
    }
}

/// The order of the bytes of a number, which is that of the machine that wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let (it, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
        Some(match self {
            Order::Little => u16::from_le_bytes(*it),
            Order::Big => u16::from_be_bytes(*it),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let (it, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
        Some(match self {
            Order::Little => u32::from_le_bytes(*it),
            Order::Big => u32::from_be_bytes(*it),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that gives a byte at a time, as a slow pipe may.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let (Some((first, rest)), Some(place)) = (self.0.split_first(), into.first_mut())
            else {
                return Ok(0);
            };
            *place = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn in_words(source: impl Read) -> String {
        let mut words = Vec::new();
        let mut capture = match Capture::open(source) {
            Ok(capture) => capture,
            Err(error) => return error.to_string(),
        };
        loop {
            match capture.frame() {
                Ok(Some(frame)) => {
                    words.push(format!("{} {:?} {:?}", frame.at_ns, frame.link, frame.bytes));
                }
                Ok(None) => break,
                Err(error) => {
                    words.push(error.to_string());
                    break;
                }
            }
        }
        words.join("; ")
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(in_words(bytes), expected);
        assert_eq!(in_words(Drip(bytes)), expected, "a byte at a time");
    }

    fn pcap_of(magic: [u8; 4], frames: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let mut file = magic.to_vec();
        file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0]);
        for (seconds, fraction, bytes) in frames {
            let len = u32::try_from(bytes.len()).unwrap();
            for number in [*seconds, *fraction, len, len] {
                file.extend(number.to_le_bytes());
            }
            file.extend(*bytes);
        }
        file
    }

    #[test]
    fn a_classic_capture_counts_micro_or_nanoseconds() {
        let micro = pcap_of([0xd4, 0xc3, 0xb2, 0xa1], &[(1, 2, b"ab"), (3, 4, b"c")]);
        check(&micro, "1000002000 Ethernet [97, 98]; 3000004000 Ethernet [99]");
        let nano = pcap_of([0x4d, 0x3c, 0xb2, 0xa1], &[(1, 2, b"ab")]);
        check(&nano, "1000000002 Ethernet [97, 98]");
    }

    #[test]
    fn a_capture_that_breaks_off_gives_what_came_before() {
        let mut file = pcap_of([0xd4, 0xc3, 0xb2, 0xa1], &[(1, 2, b"ab"), (3, 4, b"cdef")]);
        file.truncate(file.len() - 2);
        check(
            &file,
            "1000002000 Ethernet [97, 98]; the capture breaks off after 60 bytes, in the middle of a frame",
        );
    }

    #[test]
    fn a_length_no_frame_has_ends_the_reading() {
        let mut file = pcap_of([0xd4, 0xc3, 0xb2, 0xa1], &[(1, 2, b"ab")]);
        file.extend([0; 8]);
        file.extend(u32::MAX.to_le_bytes());
        file.extend(u32::MAX.to_le_bytes());
        check(
            &file,
            "1000002000 Ethernet [97, 98]; the length of a frame at byte 42 is 4294967295, expected at most 262144",
        );
    }

    #[test]
    fn what_is_no_capture_says_so() {
        check(
            b"%PDF-1.7",
            "not a capture file: it opens with [25, 50, 44, 46], not with a pcap or pcapng header",
        );
        check(b"", "not a capture file: it opens with [], not with a pcap or pcapng header");
    }

    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len()).unwrap() + 12;
        [&kind.to_be_bytes()[..], &len.to_be_bytes(), body, &len.to_be_bytes()].concat()
    }

    fn section() -> Vec<u8> {
        let body = [0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
        block(0x0a0d_0d0a, &body)
    }

    fn packet(interface: u8, at: u64, bytes: &[u8]) -> Vec<u8> {
        let mut body = vec![0, 0, 0, interface];
        body.extend(u32::try_from(at >> 32).unwrap().to_be_bytes());
        body.extend(u32::try_from(at & 0xffff_ffff).unwrap().to_be_bytes());
        let len = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        body.extend([len, len].concat());
        body.extend(bytes);
        body.resize(body.len().next_multiple_of(4), 0);
        block(6, &body)
    }

    #[test]
    fn each_interface_of_a_new_capture_has_its_link_and_its_clock() {
        let ethernet = block(1, &[0, 1, 0, 0, 0, 0, 0, 0]);
        // if_tsresol (9) = 10^-9, if_tsoffset (14) = 5 s.
        let raw = block(
            1,
            &[
                0, 101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 9, 0, 0, 0, 0, 14, 0, 8, 0, 0, 0, 0, 0, 0, 0,
                5, 0, 0, 0, 0,
            ],
        );
        let binary_clock = block(1, &[0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0x81, 0, 0, 0]);
        let strange = block(0x0bad, b"skip");
        let file = [
            section(),
            ethernet,
            raw,
            strange,
            packet(0, 1_000_002, b"ab"),
            packet(1, 7, b"c"),
            binary_clock,
            packet(2, 3, b"d"),
            packet(9, 3, b"of no interface"),
            section(),
            packet(0, 3, b"of another section"),
        ]
        .concat();
        check(&file, "1000002000 Ethernet [97, 98]; 5000000007 Ip [99]; 1500000000 Ethernet [100]");
    }

    #[test]
    fn a_block_that_lies_about_its_length_ends_the_reading() {
        let mut lying = section();
        lying.extend([0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 0]);
        check(
            &lying,
            "the length of a block at byte 28 is 7, expected a multiple of 4, at least 12",
        );
    }
}
