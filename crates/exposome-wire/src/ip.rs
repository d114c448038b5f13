//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and TCP's (RFC 9293) and UDP's (RFC 768) in them.

use crate::bytes::{be16, be32};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// An address of either kind in one number; one of IPv4 is written as RFC 4291 maps it, `::ffff:10.0.0.1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address(pub(crate) u128);

impl Address {
    pub(crate) fn v4(bytes: [u8; 4]) -> Address {
        Address(0xffff << 32 | u128::from(u32::from_be_bytes(bytes)))
    }

    pub(crate) fn v6(bytes: [u8; 16]) -> Address {
        Address(u128::from_be_bytes(bytes))
    }

    pub(crate) fn ip(self) -> IpAddr {
        IpAddr::V6(Ipv6Addr::from_bits(self.0)).to_canonical()
    }

    /// `0.0.0.0` and `::`: somebody without an address yet.
    pub(crate) fn is_unspecified(self) -> bool {
        self.0 == 0 || self.0 == 0xffff << 32
    }

    /// Whether no single machine has it: multicast, broadcast.
    pub(crate) fn is_of_many(self) -> bool {
        match self.ip() {
            IpAddr::V4(it) => it.is_multicast() || it.is_broadcast(),
            IpAddr::V6(it) => it.is_multicast(),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ip().fmt(out)
    }
}

/// An IP packet, opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packet<'a> {
    pub(crate) source: Address,
    pub(crate) destination: Address,
    /// What lies inside (IANA, "Assigned Internet Protocol Numbers").
    pub(crate) protocol: u8,
    /// As much of it as was captured.
    pub(crate) payload: &'a [u8],
    /// How long it was on the wire, headers included.
    pub(crate) len: u32,
    /// Bytes of the payload that the capture cut off.
    pub(crate) cut: u32,
    pub(crate) fragment: Option<Fragment>,
}

/// A part of a packet that was too large for some link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fragment {
    pub(crate) id: u32,
    /// Where its payload begins in the whole.
    pub(crate) offset: u16,
    pub(crate) is_last: bool,
}

pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;
pub(crate) const ICMPV6: u8 = 58;
pub(crate) const OSPF: u8 = 89;
pub(crate) const VRRP: u8 = 112;

pub(crate) fn open(packet: &[u8]) -> Option<Packet<'_>> {
    match packet.first()? >> 4 {
        4 => open_v4(packet),
        6 => open_v6(packet),
        _ => None,
    }
}

fn open_v4(packet: &[u8]) -> Option<Packet<'_>> {
    let header = packet.first_chunk::<20>()?;
    let header_bytes = usize::from(header[0] & 15) * 4;
    let len = u16::from_be_bytes([header[2], header[3]]);
    // A card that cuts packets for the system may leave the length 0.
    let len = if len == 0 { packet.len() } else { len.into() };
    let payload_bytes = len.checked_sub(header_bytes)?;
    let payload = packet.get(header_bytes.max(20)..)?;
    let payload = payload.get(..payload_bytes).unwrap_or(payload);
    let flags = u16::from_be_bytes([header[6], header[7]]);
    let offset = flags << 3;
    let is_last = flags & 0x2000 == 0;
    let id = u16::from_be_bytes([header[4], header[5]]);
    Some(Packet {
        source: Address::v4([header[12], header[13], header[14], header[15]]),
        destination: Address::v4([header[16], header[17], header[18], header[19]]),
        protocol: header[9],
        payload,
        len: u32::try_from(len).ok()?,
        cut: u32::try_from(payload_bytes - payload.len()).ok()?,
        fragment: (offset != 0 || !is_last).then_some(Fragment { id: id.into(), offset, is_last }),
    })
}

/// RFC 8200 names seven kinds of extension headers, and each may stand once.
const EXTENSIONS_MAX: usize = 8;
const FRAGMENT: u8 = 44;

fn open_v6(packet: &[u8]) -> Option<Packet<'_>> {
    let (header, rest) = packet.split_first_chunk::<40>()?;
    let len = usize::from(u16::from_be_bytes([header[4], header[5]]));
    let len = if len == 0 { rest.len() } else { len };
    let mut payload = rest.get(..len).unwrap_or(rest);
    let cut = len - payload.len();
    let mut protocol = header[6];
    let mut fragment = None;
    for _ in 0..EXTENSIONS_MAX {
        let bytes = match protocol {
            // Hop-by-hop options, routing, destination options, mobility (RFC 6275), HIP (RFC 7401), shim6 (RFC 5533).
            0 | 43 | 60 | 135 | 139 | 140 => (usize::from(*payload.get(1)?) + 1) * 8,
            // Authentication header (RFC 4302): in words of four bytes.
            51 => (usize::from(*payload.get(1)?) + 2) * 4,
            FRAGMENT => {
                let place = be16(payload, 2)?;
                let part = Fragment {
                    id: be32(payload, 4)?,
                    offset: place & 0xfff8,
                    is_last: place & 1 == 0,
                };
                // A packet in one piece may bear the header as well (RFC 6946).
                fragment = (part.offset != 0 || !part.is_last).then_some(part);
                8
            }
            _ => break,
        };
        let next = *payload.first()?;
        payload = payload.get(bytes..)?;
        protocol = next;
        if fragment.is_some() {
            break;
        }
    }
    let (source, destination) = header.get(8..)?.split_at_checked(16)?;
    Some(Packet {
        source: Address::v6(source.try_into().ok()?),
        destination: Address::v6(destination.try_into().ok()?),
        protocol,
        payload,
        len: u32::try_from(len + 40).ok()?,
        cut: u32::try_from(cut).ok()?,
        fragment,
    })
}

/// A piece of a TCP stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    pub(crate) ports: (u16, u16),
    pub(crate) sequence: u32,
    pub(crate) flags: Flags,
    pub(crate) payload: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    pub(crate) fn is_opening(self) -> bool {
        self.0 & 2 != 0
    }

    /// The answer to an opening.
    pub(crate) fn is_accepting(self) -> bool {
        self.0 & 0x12 == 0x12
    }

    pub(crate) fn is_closing(self) -> bool {
        self.0 & 1 != 0
    }

    pub(crate) fn is_breaking(self) -> bool {
        self.0 & 4 != 0
    }
}

pub(crate) fn open_tcp(payload: &[u8]) -> Option<Segment<'_>> {
    let header = payload.first_chunk::<20>()?;
    let header_bytes = usize::from(header[12] >> 4) * 4;
    Some(Segment {
        ports: (
            u16::from_be_bytes([header[0], header[1]]),
            u16::from_be_bytes([header[2], header[3]]),
        ),
        sequence: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
        flags: Flags(header[13]),
        payload: payload.get(header_bytes.max(20)..)?,
    })
}

/// Ports of sender and receiver, and what the datagram carries.
pub(crate) fn open_udp(payload: &[u8]) -> Option<((u16, u16), &[u8])> {
    let (header, rest) = payload.split_first_chunk::<8>()?;
    let ports =
        (u16::from_be_bytes([header[0], header[1]]), u16::from_be_bytes([header[2], header[3]]));
    let len = usize::from(u16::from_be_bytes([header[4], header[5]])).saturating_sub(8);
    Some((ports, rest.get(..len).unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4(flags: u16, protocol: u8, payload: &[u8], padding: usize) -> Vec<u8> {
        let len = u16::try_from(20 + payload.len()).unwrap().to_be_bytes();
        let flags = flags.to_be_bytes();
        let header = [0x45, 0, len[0], len[1], 0, 7, flags[0], flags[1], 64, protocol, 0, 0];
        [&header[..], &[10, 0, 0, 1, 10, 0, 0, 2], payload, &vec![0xee; padding]].concat()
    }

    #[test]
    fn filling_at_the_end_of_a_frame_is_no_payload() {
        let bytes = v4(0, UDP, b"abc", 20);
        let packet = open(&bytes).unwrap();
        assert_eq!(packet.payload, b"abc");
        assert_eq!((packet.len, packet.cut, packet.fragment), (23, 0, None));
        assert_eq!(packet.source.ip().to_string(), "10.0.0.1");
    }

    #[test]
    fn a_part_of_a_packet_says_where_it_belongs() {
        let bytes = v4(0x2000, UDP, b"abc", 0);
        let part = Fragment { id: 7, offset: 0, is_last: false };
        assert_eq!(open(&bytes).unwrap().fragment, Some(part));
        let bytes = v4(185, UDP, b"abc", 0);
        let part = Fragment { id: 7, offset: 1480, is_last: true };
        assert_eq!(open(&bytes).unwrap().fragment, Some(part));
    }

    #[test]
    fn extension_headers_are_passed() {
        let mut bytes = vec![0x60, 0, 0, 0, 0, 19, 0, 64];
        bytes.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        bytes.extend([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfb]);
        bytes.extend([60, 0, 5, 2, 0, 0, 1, 0, 17, 0, 1, 4, 0, 0, 0, 0, b'a', b'b', b'c']);
        let packet = open(&bytes).unwrap();
        assert_eq!((packet.protocol, packet.payload), (UDP, &b"abc"[..]));
        assert!(packet.destination.is_of_many());
    }

    #[test]
    fn a_packet_cut_by_the_capture_says_how_much_is_missing() {
        let bytes = v4(0, TCP, &[7; 100], 0);
        let packet = open(&bytes[..50]).unwrap();
        assert_eq!((packet.payload.len(), packet.cut), (30, 70));
    }

    #[test]
    fn a_packet_may_end_anywhere() {
        let bytes = v4(0, TCP, &[0x50; 40], 0);
        for len in 0..bytes.len() {
            if let Some(packet) = open(&bytes[..len]) {
                let _ = (open_tcp(packet.payload), open_udp(packet.payload));
            }
            let mut six = bytes[..len].to_vec();
            if let Some(first) = six.first_mut() {
                *first = 0x60;
            }
            let _ = open(&six);
        }
    }
}
