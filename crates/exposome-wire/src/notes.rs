//! What a dissector is given to write into: who speaks to whom, and a place for what it finds.

use crate::board::{Board, kept};
use crate::inflate::Inflater;
use crate::ip::Address;
use crate::link::VlanTag;
use crate::protocols::{Carries, Protocol, Protocols};
use crate::station::{Stations, Subject};
use exposome_model::mac::Mac;
use exposome_model::sighting::{Certainty, Property};

/// One message's context.
pub(crate) struct Notes<'a> {
    pub(crate) board: &'a mut Board,
    pub(crate) stations: &'a mut Stations,
    pub(crate) inflater: &'a mut Inflater,
    pub(crate) rules: Rules,
    pub(crate) at_ns: i64,
    pub(crate) vlan: VlanTag,
    pub(crate) protocol: Protocol,
    pub(crate) sender: Subject,
    /// `None` where it is meant for many.
    pub(crate) receiver: Option<Subject>,
    /// The sender's, and the receiver's.
    pub(crate) addresses: (Address, Address),
    /// Protocols found inside this one, and who serves them.
    pub(crate) inside: Protocols,
}

/// What a site allows to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Where a device stands, from the location fields of HL7 messages (PV1-3, PRT-14).
    pub locations: bool,
}

impl Notes<'_> {
    /// The sender says so of itself.
    pub(crate) fn sender(&mut self, property: Property, value: &[u8]) {
        self.about(self.sender, property, Certainty::Stated, value);
    }

    /// The sender says so of the receiver.
    pub(crate) fn receiver(&mut self, property: Property, value: &[u8]) {
        if let Some(receiver) = self.receiver {
            self.about(receiver, property, Certainty::Told, value);
        }
    }

    /// The sender does it before our eyes.
    pub(crate) fn does(&mut self, property: Property, value: &str) {
        self.about(self.sender, property, Certainty::Seen, value.as_bytes());
    }

    pub(crate) fn about(
        &mut self,
        subject: Subject,
        property: Property,
        certainty: Certainty,
        value: &[u8],
    ) {
        self.board.note(self.at_ns, subject, property, value, (self.protocol, certainty));
    }

    /// A device of which the sender speaks, under the name that tells it from others; `None` where that may be a
    /// patient's.
    pub(crate) fn behind(&mut self, called: &[u8]) -> Option<Subject> {
        let called = kept(Carries::Patients, called)?;
        self.stations.behind(self.at_ns, self.sender, &called)
    }

    /// Somebody else on the sender's link.
    pub(crate) fn third(&mut self, mac: Option<Mac>, address: Option<Address>) -> Option<Subject> {
        self.stations.third(self.at_ns, self.vlan, mac, address)
    }

    /// Notes as another protocol does that is found inside: `f` writes under its name.
    pub(crate) fn within<T>(&mut self, protocol: Protocol, f: impl FnOnce(&mut Self) -> T) -> T {
        self.inside.insert(protocol);
        let outer = std::mem::replace(&mut self.protocol, protocol);
        let result = f(self);
        self.protocol = outer;
        result
    }
}
