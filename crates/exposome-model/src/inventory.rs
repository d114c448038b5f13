//! What a source says of a hospital's own things: devices, computers, applications.
//!
//! A [`Sheet`] is one source's word on one subject: a row of the CMMS, a host in
//! a scan, the subject of an SBOM.  Sheets are claims; which of them speak of the
//! same physical device is the engine's conclusion (`identify`), never the
//! reader's.
//!
//! **Invariant:** no type here has a field for a patient.

mod updating;

use serde::{Deserialize, Serialize};

/// The lifecycle of a subject that a complete document of its source no longer names: not seen, which is not fixed.
pub const NOT_SEEN: &str = "not seen";

/// One source's word on one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The subject's own key in its source: the CMMS number, the host address of a scan.
    pub key: String,
    /// The site the document names, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Attributes in the order of the document; an attribute may be said more than once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<(Attribute, String)>,
    /// What is installed, as far as this source sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// What of the subject this source claims to have listed whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whole: Vec<ComponentKind>,
    /// Findings that a scanner or device-security tool reports on the subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<ScannerFinding>,
    /// Where in the document it stands: `row 17`, `component acme-lib`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

impl Sheet {
    /// The first value said for an attribute.
    pub fn first(&self, attribute: Attribute) -> Option<&str> {
        self.all(attribute).next()
    }

    /// Every value said for an attribute, in the document's order.
    pub fn all(&self, attribute: Attribute) -> impl Iterator<Item = &str> {
        self.attributes.iter().filter(move |(a, _)| *a == attribute).map(|(_, v)| v.as_str())
    }
}

/// What names a thing; a sheet with a subnet or an exposure and none of these speaks of a part of the network.
const NAMING: [Attribute; 7] = [
    Attribute::AssetId,
    Attribute::Name,
    Attribute::Serial,
    Attribute::Udi,
    Attribute::Mac,
    Attribute::Ip,
    Attribute::HostName,
];

impl Sheet {
    /// Whether this is a row of a zone sheet: it speaks of a part of the network, of no thing in it.
    pub fn is_of_a_zone(&self) -> bool {
        self.first(Attribute::Subnet).or(self.first(Attribute::Exposure)).is_some()
            && !self.attributes.iter().any(|(attribute, _)| NAMING.contains(attribute))
    }
}

macro_rules! attributes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What can be said of a subject.  The name is the column heading of the CSV inventory.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Attribute { $($(#[$doc])* $variant,)* }

        impl Attribute {
            pub const ALL: &[Attribute] = &[$(Attribute::$variant,)*];

            /// `device_class`, as in a CSV heading.
            pub fn name(self) -> &'static str {
                match self { $(Attribute::$variant => $name,)* }
            }

            pub fn from_name(name: &str) -> Option<Attribute> {
                match name { $($name => Some(Attribute::$variant),)* _ => None }
            }
        }
    };
}

attributes! {
    /// The number a person calls it by: CMMS or CMDB tag.
    AssetId = "asset_id",
    Name = "name",
    Manufacturer = "manufacturer",
    Model = "model",
    Serial = "serial",
    Udi = "udi",
    Mac = "mac",
    Ip = "ip",
    HostName = "host_name",
    DeviceClass = "device_class",
    Location = "location",
    Unit = "unit",
    Owner = "owner",
    InstalledOn = "installed_on",
    ManufacturedOn = "manufactured_on",
    SourceNote = "source_note",
    Vlan = "vlan",
    /// Who runs it: `hospital`, `vendor`, `leased`, `partner`.
    ManagedBy = "managed_by",
    /// The application this subject is a part of.
    PartOf = "part_of",
    /// Its role in that application: `server`, `database`, `interface engine`, `module`.
    PartRole = "part_role",
    /// `PHI`, `therapy`, `diagnosis`, `workflow`, `credentials`.
    DataClass = "data_class",
    /// What it sends data to.
    Feeds = "feeds",
    /// Who outside the hospital's own network may reach it: `portal`, `HIE`, `telehealth`, `vendor`.
    ReachableBy = "reachable_by",
    /// `active`, `in storage`, `retired`: the source's own word.
    Lifecycle = "lifecycle",
    /// The file name of its bill of materials.
    Sbom = "sbom",
    /// FDA's three letters for its kind: `FRN`.
    ProductCode = "product_code",
    /// How many like it stand ready to take its place.
    Spares = "spares",
    /// A protection that is said to stand before it: `network login`, `exploit prevention`.
    Control = "control",
    /// What a zone sheet speaks of: `10.20.0.0/16`.
    Subnet = "subnet",
    Zone = "zone",
    /// From where it can be reached: `open`, `controlled`, `small`.
    Exposure = "exposure",
}

/// Something installed on or making up a subject; a device is a component of itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Component {
    pub kind: ComponentKind,
    pub vendor: Option<String>,
    /// The model of a device, the name of a program.
    pub name: String,
    /// What the source calls the product beside its model: `Alaris PC unit` of model `8015`.
    /// Never a host name or a tag: equal devices have equal components.
    pub called: Option<String>,
    pub version: Option<String>,
    /// CPE 2.3 name or 2.2 URI.
    pub cpe: Option<String>,
    pub purl: Option<String>,
    /// Options and modules fitted (`wireless`, `battery module 17`); devices only.
    pub options: Vec<String>,
    /// When the device was made or shipped; some advisories hang on it.
    pub manufactured_on: Option<jiff::civil::Date>,
}

impl Component {
    pub fn new(kind: ComponentKind, name: impl Into<String>) -> Component {
        Component {
            kind,
            vendor: None,
            name: name.into(),
            called: None,
            version: None,
            cpe: None,
            purl: None,
            options: Vec::new(),
            manufactured_on: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentKind {
    /// The device as its maker sells it; its version is the firmware's.
    Device,
    /// The operating system.
    System,
    /// A program a person would name.
    Application,
    /// A library or distribution package.
    Package,
}

/// What another tool says is wrong with a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScannerFinding {
    /// The tool's own id of the check: a plugin number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// `CVE-...`, where the tool names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerability: Option<String>,
    pub state: FindingState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<jiff::Timestamp>,
    /// What the tool saw.  At most 2,000 characters are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    Open,
    Fixed,
    /// Somebody decided in that tool that it does not apply or is accepted.
    Suppressed,
}
