//! Documents in HTTP in which a device names itself: which one it is, and who reads it.
//!
//! A document of which nobody knows the kind is looked at no further than its
//! first words.  Results, charts and images are such documents.

use crate::inflate::Packing;
use crate::notes::Notes;
use crate::protocol::{fhir, pcd, sdc, upnp};
use crate::protocols::Protocol;
use exposome_model::sighting::Property;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// What a request and its answer are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Not known before it is looked at.
    Unknown,
    /// DPWS metadata, or the description of a medical device (SDC).
    Device,
    FhirMetadata,
    /// Anything else, which is nobody's business here.
    Other,
}

impl Subject {
    pub(crate) fn is_wanted(self) -> bool {
        self != Subject::Other
    }
}

/// What the target of a request tells of it.
pub(crate) fn of_target(target: &[u8]) -> Subject {
    let path = target.split(|it| *it == b'?').next().unwrap_or_default();
    if target.ends_with(b"?wsdl") {
        Subject::Other
    } else if path.ends_with(b"/metadata") || path == b"metadata" {
        Subject::FhirMetadata
    } else {
        Subject::Unknown
    }
}

/// As much as is inflated to see what a document is.
const GLIMPSE_BYTES: usize = 2048;
/// As much as a description of a device may be.
const DOCUMENT_BYTES: usize = 256 << 10;

/// Reads what is known and says what it is.
pub(crate) fn xml(
    asked: Subject,
    packing: Option<Packing>,
    text: &[u8],
    notes: &mut Notes<'_>,
) -> Subject {
    // What is known to be a description is inflated at once; of anything else first a part.
    let cap = if asked == Subject::Device { DOCUMENT_BYTES } else { GLIMPSE_BYTES };
    let inflated = packing.map(|packing| notes.inflater.inflate(packing, text, cap).to_vec());
    let seen = inflated.as_deref().unwrap_or(text);
    let kind = kind_of(seen.get(..GLIMPSE_BYTES).unwrap_or(seen));
    let is_whole = packing.is_none() || seen.len() < cap;
    let mut read = |protocol: Protocol, read: fn(&[u8], &mut Notes<'_>)| {
        let rest = packing.filter(|_| !is_whole);
        let rest = rest.map(|it| notes.inflater.inflate(it, text, DOCUMENT_BYTES).to_vec());
        notes.within(protocol, |notes| read(rest.as_deref().unwrap_or(seen), notes));
    };
    match kind {
        Kind::DeviceRequest => Subject::Device,
        Kind::Device => {
            read(Protocol::Sdc, sdc::read);
            Subject::Device
        }
        Kind::Discovery => {
            read(Protocol::Wsd, sdc::discovery);
            Subject::Other
        }
        Kind::Upnp => {
            read(Protocol::Ssdp, upnp::read);
            Subject::Other
        }
        Kind::Pcd => {
            read(Protocol::Pcd, pcd::read);
            Subject::Other
        }
        Kind::Fhir => {
            read(Protocol::Fhir, fhir::read_xml);
            Subject::Other
        }
        Kind::Other if asked == Subject::Device => Subject::Device,
        Kind::Other => Subject::Other,
    }
}

enum Kind {
    /// A question for a device's description.
    DeviceRequest,
    Device,
    Discovery,
    Upnp,
    /// IHE PCD: an HL7 message in SOAP.
    Pcd,
    Fhir,
    Other,
}

/// Words that are looked for in many documents, made ready once.
static ACTION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"Action"));

fn kind_of(glimpse: &[u8]) -> Kind {
    let has = |words: &[u8]| memchr::memmem::find(glimpse, words).is_some();
    let Some(action) = action(glimpse) else {
        return if has(b"urn:schemas-upnp-org:device-1-0") {
            Kind::Upnp
        } else if has(b"<CapabilityStatement") {
            Kind::Fhir
        } else {
            Kind::Other
        };
    };
    let last = action.rsplit(|it| *it == b'/').next().unwrap_or_default();
    match last {
        // WS-Transfer and WS-MetadataExchange, as DPWS 1.1 section 5 uses them; IEEE 11073-20701, GetService.
        b"Get" | b"Request" | b"GetMetadata" | b"GetMdib" | b"GetMdDescription" => {
            Kind::DeviceRequest
        }
        b"GetResponse" | b"Response" | b"GetMdibResponse" | b"GetMdDescriptionResponse" => {
            Kind::Device
        }
        b"Hello" | b"ProbeMatches" | b"ResolveMatches" => Kind::Discovery,
        b"urn:ihe:pcd:2010:CommunicatePCDData" | b"CommunicatePCDData" => Kind::Pcd,
        _ => Kind::Other,
    }
}

/// The action of a SOAP message (WS-Addressing 1.0, 3.2), which stands in its header.
pub(crate) fn action(document: &[u8]) -> Option<&[u8]> {
    let at = ACTION.find(document)?;
    let rest = document.get(at..)?;
    let rest = rest.get(memchr::memchr(b'>', rest)? + 1..)?;
    Some(rest.get(..memchr::memchr(b'<', rest)?)?.trim_ascii())
}

/// A page's title, and what a device's start page says of its serial number and firmware.
pub(crate) fn page(html: &[u8], notes: &mut Notes<'_>) {
    let lower = html.get(..16 << 10).unwrap_or(html).to_ascii_lowercase();
    let Some(at) = memchr::memmem::find(&lower, b"<title") else { return };
    let title = || {
        let start = at + memchr::memchr(b'>', lower.get(at..)?)? + 1;
        let len = memchr::memchr(b'<', lower.get(start..)?)?;
        html.get(start..start + len)
    };
    let Some(title) = title() else { return };
    // A title is held to what may be kept of a patient's protocol: any program may have made the page.
    if title.len() > 64 || title.contains(&b'^') {
        return;
    }
    notes.sender(Property::HttpTitle, &crate::xml::unescaped(title));
    // A page of a few words that names a serial number is a device's own; a long one may name many.
    let body = memchr::memmem::find(&lower, b"<body").and_then(|at| html.get(at..));
    if let Some(body) = body.filter(|it| it.len() <= 512) {
        labelled(body, notes);
    }
}

/// Words that stand before a value on the start page of a small device.
const LABELS: [(&[u8], Property); 9] = [
    (b"sn", Property::Serial),
    (b"s/n", Property::Serial),
    (b"serial", Property::Serial),
    (b"serialnumber", Property::Serial),
    (b"fw", Property::Firmware),
    (b"firmware", Property::Firmware),
    (b"model", Property::Model),
    (b"modelname", Property::Model),
    (b"udi", Property::Udi),
];

fn labelled(body: &[u8], notes: &mut Notes<'_>) {
    let mut label: Option<Property> = None;
    let mut in_tag = false;
    let words = body.split(|it| matches!(it, b'<' | b'>' | b' ' | b'\t' | b'\r' | b'\n' | b'='));
    let mut end = 0_usize;
    for word in words.take(200) {
        // What stood before the word says whether it lies inside a tag.
        if let Some(mark) = end.checked_sub(1).and_then(|it| body.get(it)) {
            match mark {
                b'<' => in_tag = true,
                b'>' => in_tag = false,
                _ => {}
            }
        }
        end += word.len() + 1;
        let word = word.strip_suffix(b":").unwrap_or(word);
        if in_tag || word.is_empty() {
            continue;
        }
        if let Some(property) = label.take()
            && word.iter().any(u8::is_ascii_digit)
        {
            notes.sender(property, word);
        }
        let lower = word.to_ascii_lowercase();
        label = LABELS.iter().find(|(it, _)| *it == lower).map(|(_, property)| *property);
    }
}

/// A JSON document: FHIR's capability statement, or Orthanc's description of itself.
pub(crate) fn json(document: &[u8], is_system: bool, notes: &mut Notes<'_>) {
    if memchr::memmem::find(document, b"\"CapabilityStatement\"").is_some() {
        notes.within(Protocol::Fhir, |notes| fhir::read_json(document, notes));
    } else if is_system && memchr::memmem::find(document, b"\"DicomAet\"").is_some() {
        // Orthanc Book, "REST API", /system.
        notes.sender(Property::Software, b"Orthanc");
        for (key, property) in
            [(&b"Version"[..], Property::SoftwareVersion), (b"DicomAet", Property::AeTitle)]
        {
            if let Some(value) = crate::json::text_of(document, &[key]) {
                notes.sender(property, &value);
            }
        }
    }
}
