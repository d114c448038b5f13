//! The classic format of libpcap (draft-ietf-opsawg-pcap): a header, then frame after frame.

use super::{Error, FRAME_BYTES_MAX, Frame, Link, Order, Window};
use crate::bytes::size;
use std::io::Read;

pub(super) const HEADER_BYTES: usize = 24;

/// What the file header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    order: Order,
    /// What the second number of a time counts.
    fraction_ns: i64,
    link: Link,
    /// Kuznetzov's variant has 8 bytes more before each frame.
    frame_header_bytes: usize,
}

impl Header {
    pub(super) fn read(head: &[u8]) -> Option<Header> {
        let (order, fraction_ns, frame_header_bytes) = match head.first_chunk::<4>()? {
            [0xd4, 0xc3, 0xb2, 0xa1] => (Order::Little, 1000, 16),
            [0xa1, 0xb2, 0xc3, 0xd4] => (Order::Big, 1000, 16),
            [0x4d, 0x3c, 0xb2, 0xa1] => (Order::Little, 1, 16),
            [0xa1, 0xb2, 0x3c, 0x4d] => (Order::Big, 1, 16),
            [0x34, 0xcd, 0xb2, 0xa1] => (Order::Little, 1000, 24),
            [0xa1, 0xb2, 0xcd, 0x34] => (Order::Big, 1000, 24),
            _ => return None,
        };
        // The upper half of the number may say how long the checksum of a frame is.
        let link = u16::try_from(order.u32(head, 20)? & 0xffff).ok()?;
        Some(Header { order, fraction_ns, link: Link::by_number(link), frame_header_bytes })
    }
}

pub(super) fn frame<'a, R: Read>(
    header: &Header,
    source: &'a mut Window<R>,
) -> Result<Option<Frame<'a>>, Error> {
    let head_bytes = header.frame_header_bytes;
    if !source.must_fill(head_bytes, "a frame's header")? {
        return Ok(None);
    }
    let number = |at| header.order.u32(source.ahead(), at).unwrap_or(0);
    let (seconds, fraction, len) = (number(0), number(4), size(number(8)));
    if len > FRAME_BYTES_MAX {
        return Err(Error::Malformed {
            what: "the length of a frame",
            at: source.passed,
            found: len as u64,
            expected: "at most 262144",
        });
    }
    source.pass(head_bytes);
    if len > 0 && !source.must_fill(len, "a frame")? {
        return Err(Error::CutShort { bytes: source.passed, inside: "a frame" });
    }
    let start = source.start;
    source.pass(len);
    let bytes = source.buffer.get(start..start + len).unwrap_or_default();
    let at_ns = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * header.fraction_ns;
    Ok(Some(Frame { at_ns, link: header.link, bytes }))
}
