//! ARP (RFC 826): who has which IPv4 address.
//!
//! Only the sender's own pair is taken.  An address that is merely asked for is
//! nobody: a scan asks for a whole subnet.

use crate::bytes::Bytes;
use crate::ip::Address;
use crate::notes::Notes;
use exposome_model::mac::Mac;
use exposome_model::sighting::{Certainty, Property};

const ETHERNET: u16 = 1;
const IPV4: u16 = 0x0800;

pub(crate) fn read(frame: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let mut bytes = Bytes::new(frame);
    if (bytes.be16()?, bytes.be16()?) != (ETHERNET, IPV4) {
        return Some(());
    }
    // Lengths of both addresses, and whether it asks or answers.
    bytes.skip(4)?;
    let mac = Mac(bytes.array()?);
    let address = Address::v4(bytes.array()?);
    // A probe (RFC 5227) has no address of its own yet.
    if !address.is_unspecified() && !mac.is_zero() && !mac.is_group() {
        let (_, subject) = notes.stations.sender(notes.at_ns, notes.vlan, Some(mac), address)?;
        // Who speaks it is on this very link, behind no router.
        notes.about(subject, Property::Uses, Certainty::Seen, b"arp");
    }
    Some(())
}
