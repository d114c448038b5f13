//! What the world says: vulnerabilities, exploitation, support.
//!
//! World knowledge has no site.  A reader in `exposome-intake` turns a feed
//! document into these nouns and keeps the publisher's own words where they are
//! free text; what the words mean for a device is the engine's business, so that
//! a better reading tomorrow needs no new download.
//!
//! What nobody said is left out when a noun is written down: most of a record is.

use serde::{Deserialize, Serialize};

/// What one publisher says of one vulnerability in one document.
///
/// A CVE 5 record gives one for its CNA container and one for each ADP
/// container; a CSAF document gives one for each of its vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// Who says it: `cve:<assigner>`, `cve-adp:<name>`, `nvd`, `csaf:<publisher name>`, `osv`, `openvex:<author>`.
    pub publisher: String,
    /// The publisher's own id of the document: `ICSMA-17-250-02`, `CVE-2020-6961`.
    pub document: String,
    /// `CVE-2020-6961`, or the advisory's own id where it names no CVE.
    pub vulnerability: String,
    pub kind: AdvisoryKind,
    pub state: AdvisoryState,
    /// The publisher's title, or the beginning of its description where it gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Severity>,
    /// `CWE-119`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssvc: Option<Ssvc>,
    /// What the publisher says of exploitation in the wild, in its own words: also "we know of none".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exploitation: Vec<ExploitationNote>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remedies: Vec<Remedy>,
}

impl Advisory {
    /// A document about the vulnerability it is named after, in which nothing else is said yet.
    pub fn new(
        publisher: impl Into<String>,
        kind: AdvisoryKind,
        document: impl Into<String>,
    ) -> Advisory {
        let document = document.into();
        Advisory {
            publisher: publisher.into(),
            vulnerability: document.clone(),
            document,
            kind,
            state: AdvisoryState::Published,
            title: None,
            published: None,
            modified: None,
            severities: Vec::new(),
            weaknesses: Vec::new(),
            ssvc: None,
            exploitation: Vec::new(),
            statements: Vec::new(),
            remedies: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AdvisoryKind {
    /// A catalogue entry: CVE 5, NVD, OSV.
    Record,
    /// A manufacturer's or coordinator's advisory.
    Advisory,
    /// A statement of exploitability for named products: CSAF VEX, OpenVEX, CycloneDX VEX.
    Vex,
    /// Configurations that replace a catalogue's missing ones (NVD-shaped overrides).
    Override,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdvisoryState {
    Published,
    /// Rejected by its assigner or withdrawn by its publisher: it exposes nothing.
    Withdrawn,
}

/// A severity as its publisher gave it; the vector is never converted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Severity {
    /// `CVSS:4.0/AV:...`, `CVSS:3.1/...`, or a CVSS 2 vector without prefix.
    pub vector: String,
    /// The score the publisher printed, in tenths, where it printed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_tenths: Option<u8>,
    /// Who scored it, where that is not the publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The SSVC decision points that a coordinator published (CISA: exploitation, automatable, technical impact).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ssvc {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<Exploitation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatable: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technical_impact_total: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Exploitation {
    None,
    PublicPoc,
    Active,
}

/// A publisher's word on exploitation (CSAF `threats`, CVE `exploits`), the day on which it was first seen (CSAF 2.1,
/// section 3.2.4.4), or the mark that CISA's catalogue holds the vulnerability (CVE ADP `kev`, NVD `cisaExploitAdd`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExploitationNote {
    /// Since when it is exploited, as far as the publisher knows; `None` where there are only words, which may as well
    /// say that it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<jiff::civil::Date>,
    pub text: String,
}

impl ExploitationNote {
    /// The mark that CISA's catalogue has held it since a day.
    pub fn kev(since: jiff::civil::Date) -> ExploitationNote {
        let text = "in CISA's catalogue of known exploited vulnerabilities".to_owned();
        ExploitationNote { since: Some(since), text }
    }

    /// The publisher knows of exploitation since this day.
    pub fn first_seen(since: jiff::civil::Date) -> ExploitationNote {
        ExploitationNote { since: Some(since), text: format!("first exploited on {since}") }
    }

    pub fn words(text: String) -> ExploitationNote {
        ExploitationNote { since: None, text }
    }
}

/// One line of an advisory: these versions of this product have this status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub target: Target,
    /// The status of versions that no row names (CVE 5 `defaultStatus`).
    pub default: Status,
    /// The first row that holds a version gives its status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VersionRow>,
    /// Why a product is not affected, in the publisher's justification code (`component_not_present`, ...).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Product(Box<Product>),
    /// An NVD configuration: the whole expression must hold on one asset.
    Configuration(Node),
}

/// A product as a publisher names it; every part is the publisher's own text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Product {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Model, part or stock-keeping numbers the publisher lists beside the name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// CPE 2.3 names (or 2.2 URIs) of the product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cpes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purl: Option<String>,
    /// Operating systems or architectures it is limited to (CVE 5 `platforms`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<String>,
    /// Parts of the product that are concerned (CVE 5 `modules`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// The product this one is installed on or a component of (CSAF relationships).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Box<Product>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    Affected,
    Fixed,
    NotAffected,
    UnderInvestigation,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRow {
    pub versions: Versions,
    pub status: Status,
}

/// Which versions a row means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versions {
    /// Every version.
    Any,
    /// Free text: a CSAF `product_version` or `product_version_range` name, to be read by the engine.
    Text(String),
    /// Exactly this version.
    Exact(String),
    /// A `vers:` URI.
    Vers(String),
    /// Bounds in a declared or unknown scheme (CVE 5 `versionType`, OSV range type, NVD).
    Bounds { from: Option<Bound>, to: Option<Bound>, scheme: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub version: String,
    pub inclusive: bool,
}

/// One node of an NVD configuration (NVD CVE API 2.0, `configurations`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Match(CpeMatch),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpeMatch {
    pub cpe: String,
    /// `false`: a platform the vulnerable product runs on.
    pub vulnerable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Bound>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Bound>,
}

/// What a publisher says can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    pub kind: RemedyKind,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The names of the products it is for, where it is not for all that are affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
}

/// The publisher's own category.  CISA's conversions mislabel many: a
/// `VendorFix` is a vendor's statement, not proof of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RemedyKind {
    VendorFix,
    Mitigation,
    Workaround,
    NoneAvailable,
    NoFixPlanned,
}

/// One entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KevEntry {
    pub vulnerability: String,
    pub vendor: String,
    pub product: String,
    pub name: String,
    pub added: jiff::civil::Date,
    /// The federal agencies' date: a benchmark, and sometimes before `added`.
    pub due: Option<jiff::civil::Date>,
    pub required_action: String,
    /// `None` where the catalogue says "Unknown".
    pub ransomware: Option<bool>,
}

/// A day's EPSS scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpssTable {
    pub model_version: String,
    pub score_date: jiff::civil::Date,
    pub rows: Vec<EpssRow>,
}

/// Probability of exploitation in the next 30 days, and its rank among all, both in 1/100,000.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpssRow {
    pub vulnerability: String,
    pub probability_e5: u32,
    pub percentile_e5: u32,
}

/// A public exploit that somebody can run: a Metasploit module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExploitEntry {
    pub vulnerability: String,
    pub name: String,
    pub published: Option<jiff::civil::Date>,
    /// The source's own word for reliability (`excellent`, `manual`).
    pub rank: Option<String>,
}

/// One release cycle of a product and until when its maker looks after it (endoflife.date).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupportCycle {
    /// The source's slug: `windows-server`.
    pub product: String,
    /// The product's name in words: `Microsoft Windows Server`.
    pub label: String,
    pub cycle: String,
    pub cycle_label: Option<String>,
    pub released: Option<jiff::civil::Date>,
    pub active_until: SupportEnd,
    pub security_until: SupportEnd,
    pub extended_until: SupportEnd,
    pub latest: Option<String>,
    /// Identifiers of the product that the source lists: CPE and PURL prefixes.
    pub cpes: Vec<String>,
    pub purls: Vec<String>,
}

/// When a kind of support ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SupportEnd {
    On(jiff::civil::Date),
    /// It has ended, the day is not given.
    Ended,
    /// It is still given, no end announced.
    Open,
    Unknown,
}

/// One record of world knowledge, as a feed document yields it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    Advisory(Box<Advisory>),
    Kev(KevEntry),
    Exploit(ExploitEntry),
    Support(Box<SupportCycle>),
}
