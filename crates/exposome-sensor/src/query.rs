//! The catalogue of questions: everything that may ever leave a sensor towards a device, and its exact bytes.
//!
//! Each question reads what a device says of itself, in a protocol that it was
//! heard to speak, as its own tools ask it.  There is none of HL7 (any message can
//! change a record), none that writes, none that walks or guesses, and none of a
//! form that a standard does not allow.

use std::net::IpAddr;

/// A question that may be asked of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Query {
    /// Verification association, C-ECHO, release (DICOM PS3.8 section 9.3, PS3.7 section 9.3.5).
    DicomEcho,
    /// sysDescr, sysObjectID and sysName in one GET (RFC 3416 section 4.2.1, RFC 3418).
    SnmpSystem,
    /// Maker, model, firmware and software of the device object, a property a request (ASHRAE 135 clause 15.5).
    BacnetDevice,
    /// Basic device identification (Modbus Application Protocol 1.1b3, section 6.21).
    ModbusIdentification,
    /// System state lists 0x0011 and 0x001C: module and component identification.
    S7Identification,
    /// One GET of the first page (RFC 9110 section 9.3.1).
    HttpFirstPage,
    /// The line that a server sends by itself (RFC 4253 section 4.2): nothing is sent.
    SshBanner,
}

/// How a question goes to its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Each message is a datagram of its own.
    Datagrams,
    /// All messages in one session of the kernel's TCP, each after the answer to the one before, then closed.
    Session,
}

/// One row of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub query: Query,
    pub name: &'static str,
    /// As exposome-wire calls the protocol in which the device must have been heard.
    pub protocol: &'static str,
    /// 1: one datagram at a time; 2: a short session.
    pub tier: u8,
    pub way: Way,
    /// Why it is asked, for the journal and for whoever reads it.
    pub purpose: &'static str,
}

const fn entry(
    query: Query,
    name: &'static str,
    protocol: &'static str,
    (tier, way): (u8, Way),
    purpose: &'static str,
) -> Entry {
    Entry { query, name, protocol, tier, way, purpose }
}

const DATAGRAMS: (u8, Way) = (1, Way::Datagrams);
const SESSION: (u8, Way) = (2, Way::Session);

pub const CATALOGUE: &[Entry] = &[
    entry(Query::DicomEcho, "dicom-echo", "dicom", SESSION, "implementation and its version"),
    entry(Query::SnmpSystem, "snmp-system", "snmp", DATAGRAMS, "model, firmware and name"),
    entry(Query::BacnetDevice, "bacnet-device", "bacnet", DATAGRAMS, "maker, model and firmware"),
    entry(
        Query::ModbusIdentification,
        "modbus-identification",
        "modbus",
        SESSION,
        "maker, product and revision",
    ),
    entry(
        Query::S7Identification,
        "s7-identification",
        "s7",
        SESSION,
        "order number, firmware and serial number",
    ),
    entry(Query::HttpFirstPage, "http-first-page", "http", SESSION, "server and title"),
    entry(Query::SshBanner, "ssh-banner", "ssh", SESSION, "program and version"),
];

impl Query {
    pub fn entry(self) -> &'static Entry {
        const FIRST: &Entry = &entry(Query::SshBanner, "", "", (u8::MAX, Way::Session), "");
        let found = CATALOGUE.iter().find(|it| it.query == self);
        // A question without a row has a tier that no device allows; a test looks for its row.
        found.unwrap_or(FIRST)
    }

    pub fn named(name: &str) -> Option<Query> {
        CATALOGUE.iter().find(|it| it.name == name).map(|it| it.query)
    }
}

/// What a device is called in its own protocol, as it was heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// The AE title by which others call it.
    pub ae_title: Option<String>,
    /// The number of its BACnet device object.
    pub bacnet_instance: Option<u32>,
    /// The community that a person gave for it: none is ever guessed.
    pub community: Option<String>,
}

/// What is missing to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error("nobody was heard calling it by an AE title of at most 16 printable characters")]
    AeTitle,
    #[error("its BACnet device number is not known")]
    BacnetInstance,
    #[error("nobody has given a community of at most 32 characters for it")]
    Community,
}

/// Our own title in DICOM (PS3.5 section 6.2, AE: at most 16 characters).
const OUR_AE_TITLE: &str = "EXPOSOME";

/// The exact bytes of a question, a message each.
pub(crate) fn messages(query: Query, ip: IpAddr, to: &Address) -> Result<Vec<Vec<u8>>, Missing> {
    Ok(match query {
        Query::DicomEcho => {
            let is_title = |it: &&str| {
                (1..=16).contains(&it.len()) && it.bytes().all(|it| matches!(it, b' '..=b'~'))
            };
            let called = to.ae_title.as_deref().filter(is_title).ok_or(Missing::AeTitle)?;
            vec![associate(called), echo(), vec![5, 0, 0, 0, 0, 4, 0, 0, 0, 0]]
        }
        Query::SnmpSystem => {
            let is_short = |it: &&str| it.len() <= 32;
            let community = to.community.as_deref().filter(is_short).ok_or(Missing::Community)?;
            vec![snmp_get(community.as_bytes())]
        }
        Query::BacnetDevice => {
            let instance = to.bacnet_instance.ok_or(Missing::BacnetInstance)?;
            // vendor-name, model-name, firmware-revision, application-software-version (clause 12.11).
            (1..).zip([121, 70, 44, 12]).map(|(id, it)| bacnet_read(id, instance, it)).collect()
        }
        // Transaction 1, protocol 0, 5 bytes follow, unit 255; function 43, MEI 14, basic, from object 0.
        Query::ModbusIdentification => vec![vec![0, 1, 0, 0, 0, 5, 255, 43, 14, 1, 0]],
        Query::S7Identification => {
            vec![S7_CONNECT.to_vec(), S7_SETUP.to_vec(), s7_list(0x0011), s7_list(0x001c)]
        }
        Query::HttpFirstPage => {
            let host = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
            vec![
                format!("GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: exposome\r\nConnection: close\r\n\r\n")
                    .into_bytes(),
            ]
        }
        Query::SshBanner => Vec::new(),
    })
}

/// A-ASSOCIATE-RQ for Verification alone (PS3.8 section 9.3.2).
fn associate(called: &str) -> Vec<u8> {
    let item = |kind: u8, body: &[u8]| [&[kind, 0], &length16(body)[..], body].concat();
    let application = item(0x10, b"1.2.840.10008.3.1.1.1");
    let verification = item(0x30, b"1.2.840.10008.1.1");
    let implicit = item(0x40, b"1.2.840.10008.1.2");
    let context = item(0x20, &[&[1, 0, 0, 0], &verification[..], &implicit].concat());
    let user = item(
        0x50,
        &[
            item(0x51, &16_384_u32.to_be_bytes()),
            // An implementation UID of ours under the UUID root (PS3.5 annex B.2).
            item(0x52, b"2.25.302143811507934220310671870118366817105"),
            item(0x55, b"EXPOSOME"),
        ]
        .concat(),
    );
    let titles = [title(called), title(OUR_AE_TITLE)].concat();
    let body = [&[0, 1, 0, 0], &titles[..], &[0; 32], &application, &context, &user].concat();
    [&[1, 0], &length32(&body)[..], &body].concat()
}

fn title(text: &str) -> [u8; 16] {
    let mut title = [b' '; 16];
    title.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
    title
}

/// P-DATA-TF with C-ECHO-RQ in implicit little endian (PS3.7 section 9.3.5.1).
fn echo() -> Vec<u8> {
    let element = |number: u16, value: &[u8]| {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes();
        [&[0, 0], &number.to_le_bytes()[..], &length, value].concat()
    };
    let command = [
        element(0x0002, b"1.2.840.10008.1.1\0"),
        element(0x0100, &0x0030_u16.to_le_bytes()),
        element(0x0110, &1_u16.to_le_bytes()),
        // No data set follows.
        element(0x0800, &0x0101_u16.to_le_bytes()),
    ]
    .concat();
    let group = element(0x0000, &u32::try_from(command.len()).unwrap_or_default().to_le_bytes());
    // Context 1; a command, and its last part.
    let fragment = [&[1, 3], &group[..], &command].concat();
    let value = [&length32(&fragment)[..], &fragment].concat();
    [&[4, 0], &length32(&value)[..], &value].concat()
}

fn length16(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes()
}

fn length32(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

/// `GetRequest` of SNMP version 2c; every part is shorter than 128 bytes, so that a length is one byte (X.690 section 8.1.3.4).
fn snmp_get(community: &[u8]) -> Vec<u8> {
    let tlv =
        |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap_or(u8::MAX)], body].concat();
    // 1.3.6.1.2.1.1.N.0
    let ask = |number: u8| {
        let name = tlv(6, &[0x2b, 6, 1, 2, 1, 1, number, 0]);
        tlv(0x30, &[name, tlv(5, &[])].concat())
    };
    let asked = tlv(0x30, &[ask(1), ask(2), ask(5)].concat());
    let pdu = [tlv(2, &[1]), tlv(2, &[0]), tlv(2, &[0]), asked].concat();
    tlv(0x30, &[tlv(2, &[1]), tlv(4, community), tlv(0xa0, &pdu)].concat())
}

/// Confirmed `ReadProperty` in an Original-Unicast-NPDU (ASHRAE 135 annex J.2.11, clauses 6.2, 20.1.2, 15.5).
fn bacnet_read(invoke_id: u8, instance: u32, property: u8) -> Vec<u8> {
    const DEVICE: u32 = 8;
    let object = ((DEVICE << 22) | (instance & 0x3f_ffff)).to_be_bytes();
    let apdu = [&[0x00, 0x04, invoke_id, 12, 0x0c], &object[..], &[0x19, property]].concat();
    // Version 1, an answer is expected.
    let npdu = [&[1, 4], &apdu[..]].concat();
    let length = u16::try_from(npdu.len() + 4).unwrap_or(u16::MAX).to_be_bytes();
    [&[0x81, 0x0a], &length[..], &npdu].concat()
}

/// COTP connection request to rack 0, slot 0 (RFC 905 section 13.3 in RFC 1006 frames).
const S7_CONNECT: [u8; 22] =
    [3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc0, 1, 10, 0xc1, 2, 1, 0, 0xc2, 2, 1, 0];

/// Setup communication: one job at a time, 480 bytes.
const S7_SETUP: [u8; 25] =
    [3, 0, 0, 25, 2, 0xf0, 0x80, 0x32, 1, 0, 0, 0, 0, 0, 8, 0, 0, 0xf0, 0, 0, 1, 0, 1, 1, 0xe0];

/// Read of a system state list: user data, CPU functions, sub-function 1.
fn s7_list(id: u16) -> Vec<u8> {
    let [high, low] = id.to_be_bytes();
    vec![
        3, 0, 0, 33, 2, 0xf0, 0x80, 0x32, 7, 0, 0, 0, 1, 0, 8, 0, 8, 0, 1, 0x12, 4, 0x11, 0x44, 1,
        0, 0xff, 9, 0, 4, high, low, 0, 0,
    ]
}
