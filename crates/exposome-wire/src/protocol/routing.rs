//! Who routes: router advertisements of IPv6 (RFC 4861), VRRP (RFC 9568), OSPF (RFC 2328), HSRP (RFC 2281).

use crate::bytes::be16;
use crate::notes::Notes;
use crate::protocols::{First, Sound};
use exposome_model::sighting::Property;

const ROUTER_ADVERTISEMENT: u8 = 134;

/// ICMP of IPv6: only a router advertises itself, and one that is a default router for some time; who asks for a
/// neighbour or answers is on this very link (RFC 4861, 7.1: such messages are never forwarded).
pub(crate) fn read_icmpv6(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    match *message.first()? {
        ROUTER_ADVERTISEMENT if be16(message, 6)? > 0 => notes.does(Property::Role, "router"),
        133..=136 => notes.does(Property::Uses, "icmpv6"),
        _ => {}
    }
    Some(())
}

/// Whoever sends messages of this kind routes, be they a hello or more.
pub(crate) fn read_router(message: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    message.first()?;
    notes.does(Property::Role, "router");
    Some(())
}

/// Version 0 of HSRP, with an opcode and a state that exist, in twenty bytes.
pub(crate) fn recognise_hsrp(first: &First<'_>) -> Option<Sound> {
    let [0, 0..=3, 0 | 1 | 2 | 4 | 8 | 16, ..] = first.bytes else { return None };
    (first.is_on_port && first.bytes.len() >= 20).then_some(Sound::Server)
}
