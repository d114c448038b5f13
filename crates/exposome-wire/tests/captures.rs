//! Every capture beside the project gives what its README says a correct analysis should find.
//!
//! The README's blocks are read, not copied: `protocols` must be recognised, `hosts`
//! counted alike, and each field's value noticed of the address that said it.  What is
//! no identity (a name somebody asks for in DNS, what a person types) is named in
//! [`NO_IDENTITY`] with the reason.  The captures stay outside the project; where
//! they are absent, this test says so.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::match_same_arms,
    reason = "a test fails by panic, and says what it leaves out; a table of fields goes by protocol"
)]

use exposome_model::sighting::{Property, Sighting, Who};
use exposome_wire::capture::{Capture, Link};
use exposome_wire::{Limits, Listener, Rules, Tally};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

const CAPTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures");

struct Heard {
    sightings: Vec<Sighting>,
    tally: Tally,
}

fn captures() -> Option<PathBuf> {
    let folder = Path::new(CAPTURES);
    if folder.is_dir() {
        return Some(folder.to_owned());
    }
    println!("../shared/captures is absent: nothing is tested against captures");
    None
}

fn hear(path: &Path) -> Heard {
    let rules = Rules { locations: true };
    let mut listener = Listener::new(&Limits::default(), rules, 7);
    let mut capture = Capture::open(File::open(path).unwrap()).unwrap();
    while let Some(frame) = capture.frame().unwrap() {
        listener.hear(&frame);
    }
    Heard { sightings: listener.sightings(), tally: listener.tally() }
}

/// One block of the README.
struct Block {
    file: String,
    lines: Vec<(String, String)>,
}

fn blocks(readme: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in readme.lines() {
        if let Some(file) = line.strip_prefix("### ") {
            blocks.push(Block { file: file.trim().to_owned(), lines: Vec::new() });
        } else if let (Some(block), Some(line)) = (blocks.last_mut(), line.strip_prefix("- ")) {
            let (name, value) = line.split_once(':').unwrap();
            block.lines.push((name.trim().to_owned(), value.trim().to_owned()));
        } else if let (Some(block), false) = (blocks.last_mut(), line.is_empty()) {
            // A line that goes on.
            let (_, value) = block.lines.last_mut().unwrap();
            value.push(' ');
            value.push_str(line.trim());
        }
    }
    blocks
}

/// What tshark calls a protocol, and what we do; `None` for what is no protocol of the list but a layer below or above
/// one.
const NAMES: &[(&str, Option<&str>)] = &[
    ("ARP", Some("arp")),
    ("BACnet-APDU", Some("bacnet")),
    ("BACnet-NPDU", Some("bacnet")),
    ("BROWSER", Some("netbios")),
    ("CDP", Some("cdp")),
    ("CIP", Some("enip")),
    ("CIP CM", Some("enip")),
    ("CIP I/O", None),
    ("COTP", None),
    ("DCERPC", None),
    ("DHCP", Some("dhcp")),
    ("DICOM", Some("dicom")),
    ("DNS", Some("dns")),
    ("ENIP", Some("enip")),
    ("HART_IP", Some("hart-ip")),
    ("HL7", Some("hl7")),
    ("HTTP", Some("http")),
    ("HTTP/JSON", Some("http")),
    ("ICMPv6", Some("icmpv6")),
    ("IGMPv3", None),
    ("KNXnet/IP", Some("knx")),
    ("KRB5", Some("kerberos")),
    ("LDAP", Some("ldap")),
    ("LLC", None),
    ("LLDP", Some("lldp")),
    ("LSARPC", None),
    ("MDNS", Some("mdns")),
    ("MQTT", Some("mqtt")),
    ("Modbus/TCP", Some("modbus")),
    ("NBNS", Some("nbns")),
    ("NBSS", None),
    ("NetBIOS", Some("netbios")),
    ("OMRON", Some("fins")),
    ("OpcUa", Some("opcua")),
    ("PNIO-CM", Some("profinet")),
    ("RDP", Some("rdp")),
    ("S7COMM", Some("s7")),
    ("SMB", None),
    ("SMB2", Some("smb")),
    ("SNMP", Some("snmp")),
    ("SRVSVC", None),
    ("SSDP", Some("ssdp")),
    ("SSH", Some("ssh")),
    ("SSHv2", Some("ssh")),
    ("STP", None),
    ("TCP", None),
    ("TDS", Some("tds")),
    ("TELNET", Some("telnet")),
    ("TLSv1", Some("tls")),
    ("TLSv1.2", Some("tls")),
    ("TPKT", None),
    ("UDP", None),
];

#[test]
fn every_capture_gives_what_its_readme_expects() {
    let Some(folder) = captures() else { return };
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let blocks = blocks(&readme);
    assert!(blocks.len() > 50, "the README has {} blocks", blocks.len());
    let mut wrong = Vec::new();
    for block in &blocks {
        let path = folder.join(&block.file);
        let heard = hear(&path);
        for (name, value) in &block.lines {
            let misses = match name.as_str() {
                "protocols" => protocols(&heard, value),
                "hosts" => hosts(&heard, &senders(&path), value),
                "expect" => Vec::new(),
                field => fields(&heard, field, value),
            };
            wrong.extend(misses.into_iter().map(|it| format!("{}: {name}: {it}", block.file)));
        }
    }
    assert!(wrong.is_empty(), "{} misses:\n{}", wrong.len(), wrong.join("\n"));
}

fn protocols(heard: &Heard, value: &str) -> Vec<String> {
    let recognised: BTreeSet<&str> =
        heard.tally.messages.iter().map(|(protocol, _)| protocol.name()).collect();
    let mut known = 0;
    let mut misses = Vec::new();
    for entry in value.split(", ") {
        let Some((name, _count)) = entry.trim().rsplit_once(' ') else { continue };
        let Some((_, ours)) = NAMES.iter().find(|(theirs, _)| *theirs == name.trim()) else {
            continue;
        };
        known += 1;
        if let Some(ours) = ours
            && !recognised.contains(ours)
        {
            misses.push(format!("{name} is not recognised, only {recognised:?}"));
        }
    }
    if known == 0 {
        misses.push(format!("no protocol is known in {value:?}"));
    }
    misses
}

/// Who sends, by the headers alone.
#[derive(Default)]
struct Senders {
    addresses: BTreeSet<Ipv4Addr>,
    /// Of those who say so by ARP.
    announced: BTreeSet<Ipv4Addr>,
    cards: BTreeSet<[u8; 6]>,
}

fn senders(path: &Path) -> Senders {
    let mut senders = Senders::default();
    let mut capture = Capture::open(File::open(path).unwrap()).unwrap();
    let address = |bytes: &[u8]| Ipv4Addr::from(<[u8; 4]>::try_from(bytes).unwrap());
    while let Some(frame) = capture.frame().unwrap() {
        let bytes = frame.bytes;
        if frame.link != Link::Ethernet {
            senders.addresses.extend((bytes[4] >> 4 == 4).then(|| address(&bytes[16..20])));
            continue;
        }
        senders.cards.insert(bytes[6..12].try_into().unwrap());
        let at = if bytes[12..14] == [0x81, 0] { 18 } else { 14 };
        match bytes[at - 2..at] {
            [8, 0] => drop(senders.addresses.insert(address(&bytes[at + 12..at + 16]))),
            [8, 6] => drop(senders.announced.insert(address(&bytes[at + 14..at + 18]))),
            _ => {}
        }
    }
    senders
}

fn hosts(heard: &Heard, senders: &Senders, value: &str) -> Vec<String> {
    let mut numbers = value.split(|it: char| !it.is_ascii_digit()).filter(|it| !it.is_empty());
    let mut number = || numbers.next().unwrap().parse::<usize>().unwrap();
    let (addresses, _four, cards) = (number(), number(), number());
    let mut misses = Vec::new();
    if (senders.addresses.len(), senders.cards.len()) != (addresses, cards) {
        let (addresses, cards) = (&senders.addresses, &senders.cards);
        misses.push(format!("the headers show {addresses:?} and {cards:02x?}"));
    }
    let mut of_addresses = BTreeSet::new();
    let mut of_cards = BTreeSet::new();
    for sighting in heard.sightings.iter().filter(|it| it.packets > 0) {
        let Who::Station(station) = &sighting.who else { continue };
        if let Some(IpAddr::V4(ip)) = station.ip {
            of_addresses.insert(ip);
        }
        of_cards.extend(station.mac.map(|it| it.0));
    }
    // Nobody sends from no address, nor from the card of many.
    let somebody = |it: &&Ipv4Addr| !it.is_unspecified();
    let mut expected: BTreeSet<Ipv4Addr> =
        senders.addresses.iter().filter(somebody).copied().collect();
    expected.extend(senders.announced.iter().filter(somebody));
    if of_addresses != expected {
        misses.push(format!("{expected:?} expected, {of_addresses:?} heard"));
    }
    let one = |it: &&[u8; 6]| it[0] & 1 == 0 && **it != [0; 6];
    let mut expected: BTreeSet<[u8; 6]> = senders.cards.iter().filter(one).copied().collect();
    // A card that DHCP or ARP names sends through somebody else.
    of_cards.retain(|it| senders.cards.contains(it));
    expected.retain(|it| !of_cards.contains(it));
    if !expected.is_empty() {
        misses.push(format!("{expected:02x?} not heard"));
    }
    misses
}

/// The properties that hold what tshark shows in a field.
fn properties(field: &str) -> &'static [Property] {
    match field {
        "bacapp.vendor_identifier" => &[Property::VendorId],
        "bacapp.object_name" => &[Property::SystemName],
        "snmp.value.octets" => &[
            Property::SnmpDescription,
            Property::SystemName,
            Property::Location,
            Property::Contact,
        ],
        "nbns.name" => &[Property::NetbiosName, Property::Workgroup, Property::LooksFor],
        "browser.server" => &[Property::NetbiosName, Property::Workgroup],
        "telnet.data" => &[Property::TelnetBanner],
        "kerberos.CNameString" => &[Property::Account],
        "tls.handshake.extensions_server_name" | "http.host" => &[Property::CalledName],
        "x509sat.printableString" => &[Property::CertificateSubject, Property::CertificateIssuer],
        "http.user_agent" => &[Property::UserAgent],
        "http.server" => &[Property::HttpServer],
        "modbus.object_str_value" => &[
            Property::Manufacturer,
            Property::ProductCode,
            Property::ProductName,
            Property::Model,
            Property::Firmware,
            Property::FriendlyName,
        ],
        "s7comm.szl.xy11.0001.anz" => &[Property::ModelNumber],
        "s7comm.szl.001c.0001.name" => &[Property::SystemName],
        "s7comm.szl.001c.0002.name" => &[Property::FriendlyName],
        "dhcp.option.hostname" => &[Property::HostName],
        "dhcp.option.vendor_class_id" => &[Property::DhcpVendorClass, Property::ServiceScope],
        "dns.resp.name" => &[Property::HostName],
        "lldp.tlv.system.name" | "cdp.deviceid" => &[Property::SystemName],
        "lldp.tlv.system.desc" | "cdp.software_version" => &[Property::Description],
        "cdp.platform" => &[Property::Model],
        "ntlmssp.challenge.target_name" => &[Property::Domain],
        "ntlmssp.version.build_number" | "ntlmssp.version.major" => &[Property::OsBuild],
        "ntlmssp.auth.hostname" => &[Property::NetbiosName],
        "smb.native_os" => &[Property::NativeOs],
        "smb.native_lanman" => &[Property::NativeLanman],
        "rdp.rt_cookie" => &[Property::Account],
        "rdp.client.name" => &[Property::HostName],
        "rdp.client.build" => &[Property::ClientProgram],
        "ssh.protocol" => &[Property::SshBanner],
        "mqtt.clientid" => &[Property::MqttClientId],
        "enip.lir.name" => &[Property::Model],
        "dicom.userinfo.uid" => &[Property::ImplementationUid],
        "dicom.userinfo.version" => &[Property::ImplementationVersion],
        // That there is one: who says it speaks HL7.
        "hl7.message.type" => &[Property::Serves, Property::Uses],
        other => panic!("the README shows {other}, which this test does not know"),
    }
}

fn fields(heard: &Heard, field: &str, value: &str) -> Vec<String> {
    let properties = properties(field);
    let mut by_address: BTreeMap<String, Vec<(Property, String)>> = BTreeMap::new();
    for sighting in &heard.sightings {
        let (Who::Station(station) | Who::Behind { speaker: station, .. }) = &sighting.who;
        let ip = station.ip.map(|it| it.to_string());
        let mac = station.mac.map(|it| it.to_string());
        for key in ip.into_iter().chain(mac) {
            let said = sighting.observations.iter().map(|it| (it.property, it.value.clone()));
            by_address.entry(key).or_default().extend(said);
        }
    }
    let mut misses = Vec::new();
    for entry in value.split(" | ") {
        let Some((wanted, address)) = entry.rsplit_once(" [") else {
            continue;
        };
        let address = address.trim_end_matches(']');
        if NO_IDENTITY.iter().any(|(of, text, _)| *of == field && wanted.starts_with(text)) {
            continue;
        }
        let wanted = plain(field, wanted);
        // What has no address yet is known by its card; a server's name is said by the client.
        // So are names of addresses and of accounts, of others than who says them, and what a relay passes on.
        let anywhere = address == "0.0.0.0"
            || field.contains("server_name")
            || field.starts_with("dhcp.")
            || matches!(field, "http.host" | "dns.resp.name" | "kerberos.CNameString");
        let said = by_address
            .iter()
            .filter(|(key, _)| anywhere || *key == address)
            .flat_map(|(_, said)| said)
            .filter(|(property, _)| properties.contains(property));
        let said: Vec<&str> = said.map(|(_, value)| value.as_str()).collect();
        if !said.iter().any(|it| it.contains(&wanted)) {
            misses.push(format!("{wanted:?} of {address}, of which is said {said:?}"));
        }
    }
    misses
}

/// As tshark shows it, without its marks.
fn plain(field: &str, text: &str) -> String {
    let text = match field {
        "rdp.rt_cookie" => text.trim_start_matches("Cookie: mstshash="),
        "nbns.name" => text.split('<').next().unwrap_or_default(),
        "hl7.message.type" => "hl7",
        "http.host" => text.split(':').next().unwrap_or_default(),
        _ => text,
    };
    text.replace("\\n", " ").trim().to_owned()
}

/// Values that say nothing of who or what somebody is, and why.
const NO_IDENTITY: &[(&str, &str, &str)] = &[
    ("telnet.data", "\\r\\n", "an empty line"),
    ("telnet.data", "fake", "what a person typed"),
    ("telnet.data", "user", "what a person typed"),
    ("telnet.data", "Password:", "asked after somebody has begun to log on"),
    ("telnet.data", "Last login", "said after somebody has logged on: names another's machine"),
    ("snmp.value.octets", "The MIB", "the description of a MIB, not of the agent"),
    ("snmp.value.octets", "The management", "the description of a MIB, not of the agent"),
    ("ntlmssp.auth.hostname", "NULL", "nobody in particular"),
    ("nbns.name", "*", "everybody"),
    ("dns.resp.name", "<Root>", "the place of options (RFC 6891), no name"),
    ("dns.resp.name", "4.c.d.4", "the reverse of an address, under which its name stands"),
    ("bacapp.object_name", "relay 108", "an output of the device"),
    ("bacapp.object_name", "RELAY 101", "an output of the device"),
    ("bacapp.object_name", "DIMMER 101", "an output of the device"),
    ("bacapp.object_name", "Unknown", "said of another device than the one that has the object"),
    ("http.host", "239.255.255.250", "the group of SSDP"),
    ("http.host", "172.16.210.84", "the server's own address"),
];
