//! From a frame to what it carries: Ethernet with its VLAN tags, loopback, and the "cooked" frames of Linux.

use crate::bytes::{be16, begins};
use crate::capture::Link;
use exposome_model::mac::Mac;
use exposome_model::sighting::Vlan;

/// A frame, opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Framed<'a> {
    pub(crate) source: Option<Mac>,
    /// Sent to a group of cards or to all of them.
    pub(crate) is_to_many: bool,
    pub(crate) vlan: VlanTag,
    pub(crate) inside: Inside<'a>,
}

/// What lies in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside<'a> {
    /// IPv4 or IPv6; its first four bits say which.
    Ip(&'a [u8]),
    /// By its type (Ethernet II).
    Typed(u16, &'a [u8]),
    /// IEEE 802.2 SNAP: an organisation and its own number.
    Snap([u8; 3], u16, &'a [u8]),
    /// IEEE 802.2, by its destination service access point.
    Llc(u8, &'a [u8]),
    Unread,
}

/// Up to two VLAN numbers in one word: 0 where there is none, which is also what 802.1Q's number 0 means ("priority
/// only", IEEE 802.1Q 9.6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct VlanTag(pub(crate) u32);

impl VlanTag {
    fn with(self, number: u16) -> VlanTag {
        match (self.0, u32::from(number & 0x0fff)) {
            (0, number) => VlanTag(number),
            (outer, 0) => VlanTag(outer),
            // The outermost and the innermost, where there are more than two.
            (outer, number) => VlanTag(outer & 0xffff | number << 16),
        }
    }

    pub(crate) fn vlan(self) -> Option<Vlan> {
        let [outer_high, outer_low, inner_high, inner_low] =
            [self.0 >> 8, self.0, self.0 >> 24, self.0 >> 16].map(|it| it.to_le_bytes()[0]);
        let outer = u16::from_be_bytes([outer_high, outer_low]);
        let inner = u16::from_be_bytes([inner_high, inner_low]);
        (outer != 0).then(|| Vlan { outer, inner: (inner != 0).then_some(inner) })
    }
}

/// More tags than any network stacks.
const TAGS_MAX: usize = 4;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

/// Opens a frame; `None` where it ends before its header does.
pub(crate) fn open(link: Link, frame: &[u8]) -> Option<Framed<'_>> {
    match link {
        Link::Ethernet => {
            let (header, rest) = frame.split_first_chunk::<12>()?;
            let [to, _, _, _, _, _, source @ ..] = *header;
            let (vlan, inside) = typed(VlanTag::default(), rest)?;
            Some(Framed { source: sender(source), is_to_many: to & 1 == 1, vlan, inside })
        }
        Link::Loopback => Some(bare(ip_of(frame.get(4..)?))),
        Link::Ip => Some(bare(ip_of(frame))),
        Link::Cooked => {
            let source = address(be16(frame, 4)?, frame.get(6..12)?);
            let (vlan, inside) = typed(VlanTag::default(), frame.get(14..)?)?;
            Some(Framed { source, is_to_many: is_to_many(be16(frame, 0)?), vlan, inside })
        }
        Link::Cooked2 => {
            let len = u16::from(*frame.get(11)?);
            let source = address(len, frame.get(12..18)?);
            let is_to_many = is_to_many((*frame.get(10)?).into());
            let (vlan, inside) = within(VlanTag::default(), be16(frame, 0)?, frame.get(20..)?)?;
            Some(Framed { source, is_to_many, vlan, inside })
        }
        Link::Other(_) => Some(bare(Inside::Unread)),
    }
}

fn bare(inside: Inside<'_>) -> Framed<'_> {
    Framed { source: None, is_to_many: false, vlan: VlanTag::default(), inside }
}

/// The packet type of a cooked frame: 1 broadcast, 2 multicast.
fn is_to_many(kind: u16) -> bool {
    matches!(kind, 1 | 2)
}

fn ip_of(packet: &[u8]) -> Inside<'_> {
    match packet.first().map(|it| it >> 4) {
        Some(4 | 6) => Inside::Ip(packet),
        _ => Inside::Unread,
    }
}

/// What nobody can send from is no sender.
fn sender(source: [u8; 6]) -> Option<Mac> {
    let mac = Mac(source);
    (!mac.is_group() && !mac.is_zero()).then_some(mac)
}

fn address(len: u16, bytes: &[u8]) -> Option<Mac> {
    let bytes: [u8; 6] = bytes.try_into().ok()?;
    if len == 6 { sender(bytes) } else { None }
}

/// From a type or a length on.
fn typed(vlan: VlanTag, rest: &[u8]) -> Option<(VlanTag, Inside<'_>)> {
    within(vlan, be16(rest, 0)?, rest.get(2..)?)
}

fn within(mut vlan: VlanTag, mut kind: u16, mut rest: &[u8]) -> Option<(VlanTag, Inside<'_>)> {
    // 802.1Q, 802.1ad, and the number that switches used for stacked tags before it.
    for _ in 0..TAGS_MAX {
        if !matches!(kind, 0x8100 | 0x88a8 | 0x9100) {
            break;
        }
        vlan = vlan.with(be16(rest, 0)?);
        kind = be16(rest, 2)?;
        rest = rest.get(4..)?;
    }
    let inside = match kind {
        IPV4 | IPV6 => ip_of(rest),
        // A length, not a type (IEEE 802.3, 3.2.6); what lies behind it is filling.
        0..0x0600 => llc(rest.get(..kind.into()).unwrap_or(rest)),
        kind => Inside::Typed(kind, rest),
    };
    Some((vlan, inside))
}

fn llc(rest: &[u8]) -> Inside<'_> {
    match rest {
        [0xaa, 0xaa, 3, a, b, c, high, low, rest @ ..] => {
            match ([*a, *b, *c], u16::from_be_bytes([*high, *low])) {
                // RFC 1042: Ethernet's own types in an 802.2 frame.
                ([0, 0, 0], IPV4 | IPV6) => ip_of(rest),
                ([0, 0, 0], kind) => Inside::Typed(kind, rest),
                (organisation, kind) => Inside::Snap(organisation, kind, rest),
            }
        }
        [service, ..] if !begins(rest, &[0xff, 0xff]) => Inside::Llc(*service, rest),
        _ => Inside::Unread,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: Mac = Mac([0, 0x1b, 0x0d, 0x77, 0, 1]);

    fn ethernet(rest: &[u8]) -> Vec<u8> {
        [&[0xff; 6][..], &SENDER.0, rest].concat()
    }

    #[track_caller]
    fn check(rest: &[u8], vlan: &str, inside: Inside<'_>) {
        let frame = ethernet(rest);
        let framed = open(Link::Ethernet, &frame).unwrap();
        assert_eq!(framed.source, Some(SENDER));
        let shown = framed.vlan.vlan().map_or(String::new(), |it| it.to_string());
        assert_eq!(shown, vlan);
        assert_eq!(framed.inside, inside);
    }

    #[test]
    fn a_tag_names_the_virtual_network_and_stacked_tags_name_both() {
        check(&[8, 0, 0x45], "", Inside::Ip(&[0x45]));
        check(&[0x81, 0, 0x20, 20, 8, 0, 0x45], "20", Inside::Ip(&[0x45]));
        check(&[0x81, 0, 0, 0, 8, 0, 0x45], "", Inside::Ip(&[0x45]));
        check(
            &[0x88, 0xa8, 0, 100, 0x81, 0, 0, 20, 0x86, 0xdd, 0x60],
            "100.20",
            Inside::Ip(&[0x60]),
        );
    }

    #[test]
    fn older_frames_carry_a_length_and_a_service() {
        check(
            &[0, 10, 0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 1, 2, 0xee],
            "",
            Inside::Snap([0, 0, 0x0c], 0x2000, &[1, 2]),
        );
        check(&[0, 3, 0xf0, 0xf0, 3, 0xee], "", Inside::Llc(0xf0, &[0xf0, 0xf0, 3]));
        check(&[0x88, 0xcc, 2, 7], "", Inside::Typed(0x88cc, &[2, 7]));
    }

    #[test]
    fn a_frame_from_nobody_or_to_many_has_no_sender() {
        for source in [[0; 6], [0xff; 6], [1, 0, 0x5e, 0, 0, 1]] {
            let frame = [&[0xff; 6][..], &source, &[8, 0, 0x45]].concat();
            assert_eq!(open(Link::Ethernet, &frame).unwrap().source, None);
        }
    }

    #[test]
    fn a_frame_may_end_anywhere() {
        let frame = ethernet(&[0x81, 0, 0, 20, 0x81, 0, 0, 20, 8, 0, 0x45]);
        for len in 0..frame.len() {
            for link in [Link::Ethernet, Link::Loopback, Link::Ip, Link::Cooked, Link::Cooked2] {
                let _ = open(link, &frame[..len]);
            }
        }
        assert_eq!(open(Link::Ethernet, &frame[..13]), None);
    }
}
