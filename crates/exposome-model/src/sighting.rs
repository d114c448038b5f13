//! What a listener on the wire has noticed: of whom, what, by which protocol, when, how surely.
//!
//! A [`Sighting`] is all that was noticed of one [`Who`] in one listening; a
//! [`Flow`] is that two of them spoke.  Which sightings are of the same physical
//! device is the engine's conclusion, never the listener's: behind one MAC
//! address may stand a router, and one address may be another device's tomorrow.
//!
//! **Invariant:** no type here has a field for a patient.

use crate::mac::Mac;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// Everything noticed of one, in one listening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    pub who: Who,
    pub first_seen: jiff::Timestamp,
    pub last_seen: jiff::Timestamp,
    /// Packets it sent itself; none where others only spoke of it or to it.
    pub packets: u64,
    /// Ordered by property, value and protocol.
    pub observations: Vec<Observation>,
}

/// Whom a packet is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Station(Station),
    /// A device of which another spoke, and which may have no address of its own: a monitor behind a gateway, the
    /// modality that made an image.
    Behind {
        speaker: Station,
        called: String,
    },
}

/// A sender as its packets show it: what stood in the frame and what stood in the IP header.
///
/// The MAC address is that of whoever put the frame on this link, which for a
/// sender beyond a router is the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Station {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vlan: Option<Vlan>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mac>,
}

/// A virtual network by its number (IEEE 802.1Q), and the one inside it where tags are stacked (802.1ad).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Vlan {
    pub outer: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inner: Option<u16>,
}

/// One thing noticed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Observation {
    pub property: Property,
    pub value: String,
    /// The protocol's name in the list of exposome-wire: `dicom`.
    pub protocol: String,
    pub certainty: Certainty,
    /// The rule that concluded it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Times of packets.
    pub first_seen: jiff::Timestamp,
    pub last_seen: jiff::Timestamp,
    /// How often it was said.
    pub times: u64,
}

/// How it is known, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It did it before our eyes: answered, sent from this address.
    Seen,
    /// It says so of itself, in a field that is made for it.
    Stated,
    /// Another says so of it.
    Told,
    /// A rule concludes it from something noticed: a maker from an address, a product from a banner.
    Inferred,
}

impl Certainty {
    pub fn words(self) -> &'static str {
        match self {
            Certainty::Seen => "seen",
            Certainty::Stated => "stated by itself",
            Certainty::Told => "told by another",
            Certainty::Inferred => "inferred",
        }
    }
}

/// Who talked to whom, summed over one listening: every connection of a client to one port of a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub client: Station,
    pub server: Station,
    pub transport: Transport,
    /// The server's.
    pub port: u16,
    /// Names of the protocols that were recognised in it, sorted; empty where none was.
    pub protocols: Vec<String>,
    pub first_seen: jiff::Timestamp,
    pub last_seen: jiff::Timestamp,
    pub connections: u64,
    /// From the client.
    pub asked: Volume,
    /// From the server; nothing where nobody answered.
    pub answered: Volume,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Volume {
    pub packets: u64,
    /// Of IP packets, headers included.
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    Tcp,
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
        })
    }
}

impl fmt::Display for Vlan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inner {
            Some(inner) => write!(out, "{}.{inner}", self.outer),
            None => write!(out, "{}", self.outer),
        }
    }
}

/// `10.77.0.30 (00:30:e6:77:00:30)`, `10.77.0.30 in vlan 20 (...)`.
impl fmt::Display for Station {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ip, self.mac) {
            (Some(ip), _) => write!(out, "{ip}")?,
            (None, Some(mac)) => write!(out, "{mac}")?,
            (None, None) => out.write_str("somebody")?,
        }
        if let Some(vlan) = self.vlan {
            write!(out, " in vlan {vlan}")?;
        }
        match (self.ip, self.mac) {
            (Some(_), Some(mac)) => write!(out, " ({mac})"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Station(station) => station.fmt(out),
            Who::Behind { speaker, called } => write!(out, "{called} behind {speaker}"),
        }
    }
}

macro_rules! properties {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What can be noticed of somebody.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Property { $($(#[$doc])* $variant,)* }

        impl Property {
            pub const ALL: &[Property] = &[$(Property::$variant,)*];

            /// `http_server`, as in JSON.
            pub fn name(self) -> &'static str {
                match self { $(Property::$variant => $name,)* }
            }

            pub fn from_name(name: &str) -> Option<Property> {
                match name { $($name => Some(Property::$variant),)* _ => None }
            }
        }
    };
}

properties! {
    // What it is.
    Manufacturer = "manufacturer",
    /// Of the network card, by the first bytes of its address: often another's than the device's.
    CardMaker = "card_maker",
    Model = "model",
    ModelNumber = "model_number",
    Serial = "serial",
    Firmware = "firmware",
    Hardware = "hardware",
    /// A program on it, and that program's version: `Orthanc 1.10.1`.
    Software = "software",
    SoftwareVersion = "software_version",
    OperatingSystem = "operating_system",
    /// The device identifier part of a UDI.
    Udi = "udi",
    /// FDA's product code, or words for its kind, as it or a rule says: `ventilator`.
    DeviceKind = "device_kind",
    /// DICOM modality: `CT`.
    Modality = "modality",
    /// SDC's safety classification: `MedC` (IEEE 11073-10207, 5.2.2).
    SafetyClass = "safety_class",
    /// What it does on the network: `router`, `switch`, `dhcp server`.
    Role = "role",

    // How it is called.
    HostName = "host_name",
    NetbiosName = "netbios_name",
    /// Windows workgroup or domain.
    Workgroup = "workgroup",
    Domain = "domain",
    FriendlyName = "friendly_name",
    SystemName = "system_name",
    Description = "description",
    /// Where it stands, as it says itself.
    Location = "location",
    Contact = "contact",
    /// What others ask for when they talk to it: a Host header, a server name in TLS.
    CalledName = "called_name",

    // What tells it from all others.
    Eui64 = "eui64",
    /// The endpoint reference of WS-Discovery: a UUID for life.
    EndpointReference = "endpoint_reference",
    /// UPnP's unique device name.
    DeviceUuid = "device_uuid",
    SshHostKey = "ssh_host_key",
    /// SHA-256 of its certificate.
    Certificate = "certificate",
    SnmpEngineId = "snmp_engine_id",
    DhcpClientId = "dhcp_client_id",
    BacnetInstance = "bacnet_instance",
    ServerGuid = "server_guid",
    ApplicationUri = "application_uri",
    MqttClientId = "mqtt_client_id",
    ChassisId = "chassis_id",

    // Where else it is found.
    /// An IP address that a DHCP server gave to it.
    LeasedAddress = "leased_address",
    /// An IP address at which it says it is managed.
    ManagementAddress = "management_address",

    // What gives it away.
    DhcpVendorClass = "dhcp_vendor_class",
    /// The list of parameters a DHCP client asks for, in its order: `1,3,6,15`.
    DhcpParameters = "dhcp_parameters",
    MudUrl = "mud_url",
    UserAgent = "user_agent",
    HttpServer = "http_server",
    HttpTitle = "http_title",
    HttpRealm = "http_realm",
    SshBanner = "ssh_banner",
    FtpBanner = "ftp_banner",
    SmtpBanner = "smtp_banner",
    TelnetBanner = "telnet_banner",
    SipAgent = "sip_agent",
    SnmpDescription = "snmp_description",
    SnmpObjectId = "snmp_object_id",
    Ja4 = "ja4",
    CertificateSubject = "certificate_subject",
    CertificateIssuer = "certificate_issuer",
    CertificateExpiry = "certificate_expiry",
    SmbDialect = "smb_dialect",
    NativeOs = "native_os",
    NativeLanman = "native_lanman",
    OsBuild = "os_build",
    /// The name under which somebody logs on from it: of a person or of a machine.
    Account = "account",
    KerberosRealm = "kerberos_realm",
    /// A name it looks up by NetBIOS.
    LooksFor = "looks_for",
    ClientProgram = "client_program",
    ServerVersion = "server_version",
    ImplementationUid = "implementation_uid",
    ImplementationVersion = "implementation_version",
    VendorId = "vendor_id",
    ProductCode = "product_code",
    ProductName = "product_name",
    ServiceType = "service_type",
    ServiceScope = "service_scope",

    // What it is called by those it works with.
    /// DICOM application entity title, as it calls itself.
    AeTitle = "ae_title",
    /// As others call it.
    CalledAeTitle = "called_ae_title",
    /// DICOM: what it does as a client or server of images: `sends CT images`.
    ImagingRole = "imaging_role",
    Hl7Application = "hl7_application",
    Hl7Facility = "hl7_facility",

    // What it offers and what it uses.
    /// Protocol, transport and port: `dicom tcp/104`.
    Serves = "serves",
    /// A protocol it speaks as a client.
    Uses = "uses",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_called_in_json_as_it_is_everywhere() {
        for property in Property::ALL {
            let json = serde_json::to_string(property).unwrap();
            assert_eq!(json, format!("{:?}", property.name()));
            assert_eq!(Property::from_name(property.name()), Some(*property));
        }
    }

    #[test]
    fn one_is_named_by_what_its_packets_showed() {
        let station = Station {
            ip: Some("10.77.0.30".parse().unwrap()),
            vlan: Some(Vlan { outer: 20, inner: None }),
            mac: Some(Mac([0, 0x30, 0xe6, 0x77, 0, 0x30])),
        };
        assert_eq!(station.to_string(), "10.77.0.30 in vlan 20 (00:30:e6:77:00:30)");
        let who = Who::Behind { speaker: station, called: "EXMON-0042".to_owned() };
        assert_eq!(who.to_string(), "EXMON-0042 behind 10.77.0.30 in vlan 20 (00:30:e6:77:00:30)");
    }
}
