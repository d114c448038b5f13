//! The newer format (draft-ietf-opsawg-pcapng): blocks, in which each interface has its link and its clock.

use super::{Error, FRAME_BYTES_MAX, Frame, Link, Order, Window};
use crate::bytes::size;
use std::io::Read;

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// A section of the file: everything in it is in one byte order.
#[derive(Debug)]
pub(super) struct Section {
    order: Order,
    interfaces: Vec<Interface>,
    /// The last time that was given, for packets without one.
    last_ns: i64,
}

impl Default for Section {
    fn default() -> Section {
        Section { order: Order::Little, interfaces: Vec::new(), last_ns: 0 }
    }
}

#[derive(Debug, Clone, Copy)]
struct Interface {
    link: Link,
    /// Of one second.
    units: u64,
    offset_seconds: i64,
}

/// More interfaces than any machine has; the frames of further ones are passed over.
const INTERFACES_MAX: usize = 4096;
/// A block of a packet: the largest frame, and options beside it.
const BLOCK_BYTES_MAX: usize = 2 * FRAME_BYTES_MAX;

pub(super) fn is_section(head: &[u8]) -> bool {
    head.starts_with(&SECTION_HEADER.to_be_bytes())
        && matches!(head.get(8..12), Some([0x1a, 0x2b, 0x3c, 0x4d] | [0x4d, 0x3c, 0x2b, 0x1a]))
}

pub(super) fn frame<'a, R: Read>(
    section: &mut Section,
    source: &'a mut Window<R>,
) -> Result<Option<Frame<'a>>, Error> {
    let (at_ns, link, start, len) = loop {
        if !source.must_fill(12, "a block")? {
            return Ok(None);
        }
        let head = source.ahead();
        let is_section = head.starts_with(&SECTION_HEADER.to_be_bytes());
        if is_section {
            *section = Section {
                order: if head.get(8) == Some(&0x1a) { Order::Big } else { Order::Little },
                ..Section::default()
            };
        }
        let kind = section.order.u32(head, 0).unwrap_or(0);
        let len = section.order.u32(head, 4).unwrap_or(0);
        if len < 12 || !len.is_multiple_of(4) {
            return Err(Error::Malformed {
                what: "the length of a block",
                at: source.passed,
                found: len.into(),
                expected: "a multiple of 4, at least 12",
            });
        }
        let is_read = matches!(kind, INTERFACE | PACKET | SIMPLE_PACKET | ENHANCED_PACKET);
        if !is_read || size(len) > BLOCK_BYTES_MAX {
            source.pass_over(len.into(), "a block")?;
            continue;
        }
        source.must_fill(size(len), "a block")?;
        let start = source.start;
        source.pass(size(len));
        let block = source.buffer.get(start + 8..start + size(len) - 4).unwrap_or_default();
        if kind == INTERFACE {
            if section.interfaces.len() < INTERFACES_MAX {
                section.interfaces.extend(interface(section.order, block));
            }
            continue;
        }
        if let Some((at_ns, link, offset, len)) = packet(section, kind, block) {
            section.last_ns = at_ns;
            break (at_ns, link, start + 8 + offset, len);
        }
    };
    let bytes = source.buffer.get(start..start + len).unwrap_or_default();
    Ok(Some(Frame { at_ns, link, bytes }))
}

/// Section 4.2, "Interface Description Block".
fn interface(order: Order, block: &[u8]) -> Option<Interface> {
    let link = Link::by_number(order.u16(block, 0)?);
    let mut interface = Interface { link, units: 1_000_000, offset_seconds: 0 };
    let mut options = block.get(8..).unwrap_or_default();
    while let (Some(code), Some(len)) = (order.u16(options, 0), order.u16(options, 2)) {
        let len = usize::from(len);
        let Some(value) = options.get(4..4 + len) else { break };
        match (code, value) {
            (0, _) => break,
            (9, [exponent]) => {
                let (base, exponent) = if exponent & 0x80 == 0 {
                    (10_u64, u32::from(*exponent))
                } else {
                    (2, u32::from(exponent & 0x7f))
                };
                interface.units = base.checked_pow(exponent)?;
            }
            (14, value) if len == 8 => {
                let words = (order.u32(value, 0)?, order.u32(value, 4)?);
                let (high, low) = match order {
                    Order::Big => words,
                    Order::Little => (words.1, words.0),
                };
                interface.offset_seconds = (u64::from(high) << 32 | u64::from(low)).cast_signed();
            }
            _ => {}
        }
        options = options.get(4 + len.next_multiple_of(4)..).unwrap_or_default();
    }
    Some(interface)
}

/// When, on which link, and where in the block a packet's bytes lie.
fn packet(section: &Section, kind: u32, block: &[u8]) -> Option<(i64, Link, usize, usize)> {
    let order = section.order;
    if kind == SIMPLE_PACKET {
        // Section 4.4: of the first interface, without a time; only the length before cutting is given.
        let interface = section.interfaces.first()?;
        let len = size(order.u32(block, 0)?).min(block.len() - 4);
        return Some((section.last_ns, interface.link, 4, len));
    }
    let number = if kind == PACKET { order.u16(block, 0)?.into() } else { order.u32(block, 0)? };
    let interface = section.interfaces.get(size(number))?;
    let units = u64::from(order.u32(block, 4)?) << 32 | u64::from(order.u32(block, 8)?);
    let len = size(order.u32(block, 12)?);
    block.get(20..20 + len)?;
    Some((interface.at_ns(units), interface.link, 20, len))
}

impl Interface {
    fn at_ns(&self, units: u64) -> i64 {
        let seconds = units / self.units;
        let rest = u128::from(units % self.units) * 1_000_000_000 / u128::from(self.units);
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        let seconds = seconds.saturating_add(self.offset_seconds);
        seconds.saturating_mul(1_000_000_000).saturating_add(i64::try_from(rest).unwrap_or(0))
    }
}
