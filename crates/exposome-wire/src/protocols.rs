//! Every protocol that is understood: one list.
//!
//! A protocol is recognised by what its messages look like; a port is only a
//! hint, which decides where a message alone does not.  Whoever adds one writes a
//! file under `protocol/`, an entry here, and a seed in `fuzz/corpus`.

use crate::notes::Notes;
use crate::protocol as read;
use crate::stream::{Reader, Side};

/// What is known of a protocol.
pub struct Facts {
    /// Short, as in JSON: `dicom`.
    pub name: &'static str,
    pub words: &'static str,
    /// Where it is written down.
    pub source: &'static str,
    /// Where it usually listens.
    pub ports: &'static [u16],
    pub carries: Carries,
    pub(crate) frame: Option<FrameReader>,
    pub(crate) datagram: Option<DatagramReader>,
    pub(crate) stream: Option<StreamReader>,
}

/// Whether its messages may hold patient data; what is kept of such a protocol is held to stricter rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    Patients,
    NoPatients,
}

/// Read from frames that are no IP packets.
#[derive(Clone, Copy)]
pub(crate) struct FrameReader {
    pub(crate) kind: FrameKind,
    pub(crate) read: Read,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// A type of Ethernet II.
    Typed(u16),
    /// An organisation and its number in IEEE 802.2 SNAP.
    Snap([u8; 3], u16),
    /// A service access point of IEEE 802.2.
    Llc(u8),
    /// What lies right in an IP packet.
    Ip(u8),
}

/// Read from single datagrams.
#[derive(Clone, Copy)]
pub(crate) struct DatagramReader {
    pub(crate) recognise: Recognise,
    pub(crate) read: Read,
}

/// Read from the bytes of a connection.
#[derive(Clone, Copy)]
pub(crate) struct StreamReader {
    pub(crate) recognise: Recognise,
    pub(crate) open: fn() -> Box<dyn Reader>,
}

/// Reads one message; `None` where it ends or breaks before it is understood.  What was noted before stays.
pub(crate) type Read = fn(&[u8], &mut Notes<'_>) -> Option<()>;

/// Whether this is the protocol, and who is speaking.
pub(crate) type Recognise = fn(&First<'_>) -> Option<Sound>;

/// The first bytes that somebody sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct First<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether one of the ports is one where the protocol usually listens.
    pub(crate) is_on_port: bool,
    /// The sender's port, and the receiver's.
    pub(crate) ports: (u16, u16),
    /// Who sends, where the opening of the connection was seen.
    pub(crate) from: Option<Side>,
}

/// Whose words they sound like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    Client,
    Server,
    Either,
}

macro_rules! protocols {
    ($($variant:ident {
        name: $name:literal,
        words: $words:literal,
        source: $source:literal,
        ports: [$($port:literal),*],
        carries: $carries:ident
        $(, frame: ($frame:expr, $read_frame:path))?
        $(, datagram: ($knows_datagram:path, $read_datagram:path))?
        $(, stream: ($knows_stream:path, $open:expr))?
        $(,)?
    })*) => {
        /// Ordered as tried: the surest to recognise come first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Protocol { $($variant,)* }

        impl Protocol {
            pub const ALL: &[Protocol] = &[$(Protocol::$variant,)*];

            pub fn facts(self) -> &'static Facts {
                match self {
                    $(Protocol::$variant => const { &Facts {
                        name: $name,
                        words: $words,
                        source: $source,
                        ports: &[$($port),*],
                        carries: Carries::$carries,
                        frame: protocols!(@frame $(($frame, $read_frame))?),
                        datagram: protocols!(@datagram $(($knows_datagram, $read_datagram))?),
                        stream: protocols!(@stream $(($knows_stream, $open))?),
                    } },)*
                }
            }
        }
    };
    (@frame) => { None };
    (@frame ($kind:expr, $read:path)) => { Some(FrameReader { kind: $kind, read: $read }) };
    (@datagram) => { None };
    (@datagram ($recognise:path, $read:path)) => {
        Some(DatagramReader { recognise: $recognise, read: $read })
    };
    (@stream) => { None };
    (@stream ($recognise:path, $open:expr)) => {
        Some(StreamReader { recognise: $recognise, open: $open })
    };
}

protocols! {
    // Medical.
    Dicom {
        name: "dicom", words: "medical images: who sends them to whom, and what made them",
        source: "DICOM PS3.8, PS3.7, PS3.5", ports: [104, 11112, 4242, 2762], carries: Patients,
        stream: (read::dicom::recognise, read::dicom::open),
    }
    Hl7 {
        name: "hl7", words: "messages between clinical systems and devices", source: "HL7 v2, chapters 2 and 7; MLLP",
        ports: [2575], carries: Patients,
        stream: (read::hl7::recognise, read::hl7::open),
    }
    Astm {
        name: "astm", words: "laboratory analysers", source: "ASTM E1394, CLSI LIS2-A2 and LIS1-A", ports: [],
        carries: Patients,
        stream: (read::astm::recognise, read::astm::open),
    }
    Poct1 {
        name: "poct1", words: "point-of-care devices", source: "CLSI POCT1-A2", ports: [], carries: Patients,
        stream: (read::poct1::recognise, read::poct1::open),
    }
    Wsd {
        name: "wsd", words: "discovery of devices and services", source: "OASIS WS-Discovery 1.1", ports: [3702],
        carries: Patients,
        datagram: (read::sdc::recognise, read::sdc::read_datagram),
    }
    Sdc {
        name: "sdc", words: "medical devices that describe themselves", source: "IEEE 11073-10207, -20701, -20702; OASIS DPWS 1.1",
        ports: [], carries: Patients,
    }
    Fhir {
        name: "fhir", words: "clinical servers", source: "HL7 FHIR R4, R5", ports: [], carries: Patients,
    }
    Pcd {
        name: "pcd", words: "messages of devices in web services", source: "IHE PCD technical framework, DEC", ports: [],
        carries: Patients,
    }
    // The first words cannot be mistaken.
    Ssh {
        name: "ssh", words: "remote command line", source: "RFC 4253", ports: [22], carries: NoPatients,
        stream: (read::ssh::recognise, read::ssh::open),
    }
    Tls {
        name: "tls", words: "encrypted connections", source: "RFC 8446, RFC 5246", ports: [443, 8443, 993, 636],
        carries: NoPatients,
        stream: (read::tls::recognise, read::tls::open),
    }
    Ssdp {
        name: "ssdp", words: "discovery of UPnP devices", source: "UPnP Device Architecture 2.0", ports: [1900],
        carries: NoPatients,
        datagram: (read::ssdp::recognise, read::ssdp::read),
    }
    Sip {
        name: "sip", words: "telephony", source: "RFC 3261", ports: [5060], carries: NoPatients,
        datagram: (read::sip::recognise, read::sip::read),
        stream: (read::sip::recognise, read::sip::open),
    }
    Http {
        name: "http", words: "the web", source: "RFC 9110, RFC 9112", ports: [80, 8080], carries: NoPatients,
        stream: (read::http::recognise, read::http::open),
    }
    Fox {
        name: "fox", words: "building automation (Niagara)", source: "captures", ports: [1911], carries: NoPatients,
        stream: (read::fox::recognise, read::fox::open),
    }
    Smb {
        name: "smb", words: "file sharing and logon of Windows", source: "MS-SMB2, MS-CIFS, MS-NLMP", ports: [445, 139],
        carries: NoPatients,
        stream: (read::smb::recognise, read::smb::open),
    }
    Rdp {
        name: "rdp", words: "remote desktop", source: "MS-RDPBCGR", ports: [3389], carries: NoPatients,
        stream: (read::rdp::recognise, read::rdp::open),
    }
    S7 {
        name: "s7", words: "Siemens controllers", source: "Siemens SZL lists 0x0011 and 0x001C; RFC 1006", ports: [102],
        carries: NoPatients,
        stream: (read::s7::recognise, read::s7::open),
    }
    Mqtt {
        name: "mqtt", words: "messages of things", source: "OASIS MQTT 3.1.1, 5.0", ports: [1883], carries: NoPatients,
        stream: (read::mqtt::recognise, read::mqtt::open),
    }
    Opcua {
        name: "opcua", words: "machines and plant", source: "IEC 62541-4, -6", ports: [4840], carries: NoPatients,
        stream: (read::opcua::recognise, read::opcua::open),
    }
    Kerberos {
        name: "kerberos", words: "logon to a domain", source: "RFC 4120", ports: [88], carries: NoPatients,
        datagram: (read::kerberos::recognise, read::kerberos::read),
        stream: (read::kerberos::recognise_stream, read::kerberos::open),
    }
    Ldap {
        name: "ldap", words: "directory", source: "RFC 4511, RFC 4512", ports: [389, 3268], carries: NoPatients,
        datagram: (read::ldap::recognise, read::ldap::read),
        stream: (read::ldap::recognise, read::ldap::open),
    }
    Snmp {
        name: "snmp", words: "management of network devices", source: "RFC 1157, RFC 3412, RFC 3416, RFC 3418",
        ports: [161, 162], carries: NoPatients,
        datagram: (read::snmp::recognise, read::snmp::read),
    }
    Tds {
        name: "tds", words: "Microsoft SQL Server", source: "MS-TDS", ports: [1433], carries: NoPatients,
        stream: (read::sql::recognise_tds, read::sql::open_tds),
    }
    Postgresql {
        name: "postgresql", words: "PostgreSQL", source: "PostgreSQL manual, Frontend/Backend Protocol", ports: [5432],
        carries: NoPatients,
        stream: (read::sql::recognise_postgres, read::sql::open_postgres),
    }
    Mysql {
        name: "mysql", words: "MySQL and MariaDB", source: "MySQL Client/Server Protocol", ports: [3306],
        carries: NoPatients,
        stream: (read::sql::recognise_mysql, read::sql::open_mysql),
    }
    Ftp {
        name: "ftp", words: "file transfer", source: "RFC 959", ports: [21], carries: NoPatients,
        stream: (read::banners::recognise_ftp, read::banners::open_ftp),
    }
    Smtp {
        name: "smtp", words: "mail", source: "RFC 5321", ports: [25, 587], carries: NoPatients,
        stream: (read::banners::recognise_smtp, read::banners::open_smtp),
    }
    // Names and addresses.
    Dhcp {
        name: "dhcp", words: "addresses for those who come", source: "RFC 2131, RFC 2132", ports: [67, 68],
        carries: NoPatients,
        datagram: (read::dhcp::recognise, read::dhcp::read),
    }
    Dhcpv6 {
        name: "dhcpv6", words: "IPv6 addresses for those who come", source: "RFC 8415", ports: [546, 547],
        carries: NoPatients,
        datagram: (read::dhcpv6::recognise, read::dhcpv6::read),
    }
    NetbiosNames {
        name: "nbns", words: "names of Windows machines", source: "RFC 1002, 4.2", ports: [137], carries: NoPatients,
        datagram: (read::netbios::recognise_names, read::netbios::read_names),
    }
    Netbios {
        name: "netbios", words: "announcements of Windows machines", source: "RFC 1002, 4.4; MS-BRWS", ports: [138],
        carries: NoPatients,
        frame: (FrameKind::Llc(0xf0), read::netbios::read_frame),
        datagram: (read::netbios::recognise_datagram, read::netbios::read_datagram),
    }
    Mdns {
        name: "mdns", words: "names and services on one link", source: "RFC 6762, RFC 6763, RFC 4795",
        ports: [5353, 5355], carries: NoPatients,
        datagram: (read::dns::recognise_mdns, read::dns::read_mdns),
    }
    Dns {
        name: "dns", words: "names", source: "RFC 1035", ports: [53], carries: NoPatients,
        datagram: (read::dns::recognise, read::dns::read),
        stream: (read::dns::recognise_stream, read::dns::open),
    }
    // Buildings and plant.
    Bacnet {
        name: "bacnet", words: "building automation", source: "ANSI/ASHRAE 135", ports: [47808], carries: NoPatients,
        frame: (FrameKind::Llc(0x82), read::bacnet::read_frame),
        datagram: (read::bacnet::recognise, read::bacnet::read),
    }
    Profinet {
        name: "profinet", words: "plant automation", source: "IEC 61158-6-10", ports: [34964], carries: NoPatients,
        frame: (FrameKind::Typed(0x8892), read::profinet::read_frame),
        datagram: (read::profinet::recognise, read::profinet::read),
    }
    Knx {
        name: "knx", words: "building control", source: "ISO 22510", ports: [3671], carries: NoPatients,
        datagram: (read::knx::recognise, read::knx::read),
    }
    Fins {
        name: "fins", words: "Omron controllers", source: "Omron W227, W421", ports: [9600], carries: NoPatients,
        datagram: (read::fins::recognise, read::fins::read),
        stream: (read::fins::recognise_stream, read::fins::open),
    }
    Hartip {
        name: "hart-ip", words: "instruments", source: "FieldComm HCF_SPEC-085", ports: [5094], carries: NoPatients,
        datagram: (read::hartip::recognise, read::hartip::read),
        stream: (read::hartip::recognise, read::hartip::open),
    }
    Enip {
        name: "enip", words: "controllers (EtherNet/IP)", source: "ODVA CIP volumes 1 and 2", ports: [44818, 2222],
        carries: NoPatients,
        datagram: (read::enip::recognise, read::enip::read),
        stream: (read::enip::recognise, read::enip::open),
    }
    Modbus {
        name: "modbus", words: "controllers (Modbus)", source: "Modbus application protocol 1.1b3", ports: [502],
        carries: NoPatients,
        stream: (read::modbus::recognise, read::modbus::open),
    }
    Telnet {
        name: "telnet", words: "remote command line without encryption", source: "RFC 854", ports: [23],
        carries: NoPatients,
        stream: (read::banners::recognise_telnet, read::banners::open_telnet),
    }
    // Neighbours and routers.
    Hsrp {
        name: "hsrp", words: "routers that stand in for each other (Cisco)", source: "RFC 2281", ports: [1985],
        carries: NoPatients,
        datagram: (read::routing::recognise_hsrp, read::routing::read_router),
    }
    Arp {
        name: "arp", words: "who has which address", source: "RFC 826", ports: [], carries: NoPatients,
        frame: (FrameKind::Typed(0x0806), read::arp::read),
    }
    Lldp {
        name: "lldp", words: "neighbours on a link", source: "IEEE 802.1AB, ANSI/TIA-1057", ports: [],
        carries: NoPatients,
        frame: (FrameKind::Typed(0x88cc), read::lldp::read),
    }
    Cdp {
        name: "cdp", words: "neighbours on a link (Cisco)", source: "Cisco Discovery Protocol Configuration Guide",
        ports: [], carries: NoPatients,
        frame: (FrameKind::Snap([0, 0, 0x0c], 0x2000), read::cdp::read),
    }
    Icmpv6 {
        name: "icmpv6", words: "neighbours and routers of IPv6", source: "RFC 4861", ports: [], carries: NoPatients,
        frame: (FrameKind::Ip(crate::ip::ICMPV6), read::routing::read_icmpv6),
    }
    Vrrp {
        name: "vrrp", words: "routers that stand in for each other", source: "RFC 9568", ports: [],
        carries: NoPatients,
        frame: (FrameKind::Ip(crate::ip::VRRP), read::routing::read_router),
    }
    Ospf {
        name: "ospf", words: "routers that know the way", source: "RFC 2328", ports: [], carries: NoPatients,
        frame: (FrameKind::Ip(crate::ip::OSPF), read::routing::read_router),
    }
}

impl Protocol {
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    pub fn from_name(name: &str) -> Option<Protocol> {
        Protocol::ALL.iter().copied().find(|it| it.name() == name)
    }

    fn bit(self) -> u64 {
        1 << (self as u8)
    }

    /// What a read of its first bytes says, given the ports.
    pub(crate) fn recognised(self, recognise: Recognise, first: First<'_>) -> Option<Sound> {
        let (sender, receiver) = first.ports;
        let ports = self.facts().ports;
        let is_on_port = ports.iter().any(|it| *it == sender || *it == receiver);
        recognise(&First { is_on_port, ..first })
    }
}

// They fit into the bits of one word.
const _: () = assert!(Protocol::ALL.len() <= 64);

/// A set of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Protocols(u64);

impl Protocols {
    /// Whether it was new.
    pub(crate) fn insert(&mut self, protocol: Protocol) -> bool {
        let is_new = self.0 & protocol.bit() == 0;
        self.0 |= protocol.bit();
        is_new
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Protocol> {
        Protocol::ALL.iter().copied().filter(move |it| self.0 & it.bit() != 0)
    }
}

impl Sound {
    /// Who is speaking, where the words alone tell.
    pub(crate) fn side(self) -> Option<Side> {
        match self {
            Sound::Client => Some(Side::Client),
            Sound::Server => Some(Side::Server),
            Sound::Either => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_protocol_has_a_name_of_its_own_and_says_where_it_is_written_down() {
        let names: BTreeSet<&str> = Protocol::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), Protocol::ALL.len());
        for protocol in Protocol::ALL {
            let facts = protocol.facts();
            assert!(!facts.words.is_empty() && !facts.source.is_empty(), "{}", facts.name);
            assert_eq!(Protocol::from_name(facts.name), Some(*protocol));
        }
    }
}
