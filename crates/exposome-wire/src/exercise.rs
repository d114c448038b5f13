//! One protocol alone, given bytes as a frame, as datagrams and as a connection: for fuzzers and tests.

use crate::board::{Board, BoardLimits};
use crate::inflate::Inflater;
use crate::ip::Address;
use crate::link::VlanTag;
use crate::notes::{Notes, Rules};
use crate::protocol;
use crate::protocols::{Carries, First, Protocol, Protocols};
use crate::station::Stations;
use crate::stream::{Half, Side, Sides};
use exposome_model::mac::Mac;
use exposome_model::sighting::{Observation, Property};

/// Gives `said` to a protocol's readers, each part with whether the client says it; what they noticed.
///
/// Panics where a promise of the listener is broken: a stream that holds more than it may, a value that may not be kept.
pub fn exercise(protocol: Protocol, said: &[(bool, &[u8])]) -> Vec<Observation> {
    let mut board = Board::new(BoardLimits { notes: 10_000, text_bytes: 1 << 20 }, 0);
    let mut stations = Stations::new(1000, 0);
    let mut inflater = Inflater::default();
    let addresses = (Address::v4([10, 0, 0, 1]), Address::v4([10, 0, 0, 2]));
    let vlan = VlanTag::default();
    let mut subject = |address: Address, last: u8| {
        let mac = Mac([0, 0x1b, 0x21, 0, 0, last]);
        stations.sender(0, vlan, Some(mac), address).map(|(_, subject)| subject)
    };
    let (client, server) = (subject(addresses.0, 1), subject(addresses.1, 2));
    let (Some(client), Some(server)) = (client, server) else { return Vec::new() };
    let facts = protocol.facts();
    let port = facts.ports.first().copied().unwrap_or(50_001);
    let mut reader = facts.stream.map(|it| (it.open)());
    let mut halves: Sides<Half> = Sides::default();
    for (is_client, bytes) in said {
        let mut notes = Notes {
            board: &mut board,
            stations: &mut stations,
            inflater: &mut inflater,
            rules: Rules { locations: true },
            at_ns: 0,
            vlan,
            protocol,
            sender: if *is_client { client } else { server },
            receiver: Some(if *is_client { server } else { client }),
            addresses: if *is_client { addresses } else { (addresses.1, addresses.0) },
            inside: Protocols::default(),
        };
        let side = if *is_client { Side::Client } else { Side::Server };
        let ports = if *is_client { (50_000, port) } else { (port, 50_000) };
        let first = First { bytes, is_on_port: true, ports, from: Some(side) };
        if let Some(frame) = facts.frame {
            let _ = (frame.read)(bytes, &mut notes);
        }
        if let Some(datagram) = facts.datagram {
            let _ = (datagram.recognise)(&first);
            let _ = (datagram.recognise)(&First { is_on_port: false, ..first });
            let _ = (datagram.read)(bytes, &mut notes);
        }
        if let (Some(stream), Some(open)) = (facts.stream, &mut reader) {
            let _ = (stream.recognise)(&first);
            let _ = (stream.recognise)(&First { is_on_port: false, from: None, ..first });
            let half = halves.of_mut(side);
            if !half.give(side, bytes, open.as_mut(), &mut notes) {
                halves = Sides::default();
                *open = (stream.open)();
            }
            let held = halves.client.held_bytes() + halves.server.held_bytes();
            assert!(held <= 2 * crate::stream::PENDING_MAX, "{held} bytes are held");
        }
        match protocol {
            Protocol::Sdc => protocol::sdc::read(bytes, &mut notes),
            Protocol::Pcd => protocol::pcd::read(bytes, &mut notes),
            Protocol::Fhir => {
                protocol::fhir::read_json(bytes, &mut notes);
                protocol::fhir::read_xml(bytes, &mut notes);
            }
            Protocol::Ssdp => protocol::upnp::read(bytes, &mut notes),
            _ => {}
        }
    }
    let noticed: Vec<Observation> = board.all().map(|(_, it)| it).collect();
    for it in &noticed {
        let carries = Protocol::from_name(&it.protocol).map(|it| it.facts().carries);
        let chars_max = if carries == Some(Carries::Patients) { 64 } else { 255 };
        assert!(it.value.chars().count() <= chars_max, "too long: {}", it.value);
        assert!(carries != Some(Carries::Patients) || !it.value.contains('^'), "{}", it.value);
        assert!(!it.value.chars().any(char::is_control), "{:?}", it.value);
        assert_ne!(it.property, Property::CardMaker, "that is concluded, not heard");
    }
    noticed
}
