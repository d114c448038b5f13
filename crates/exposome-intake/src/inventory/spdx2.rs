//! SPDX 2.2 and 2.3 documents, as JSON and as tag-value text.
//!
//! The subject is the package that the document describes.  Packages that are there
//! only to build, develop or test another (`BUILD_TOOL_OF`, ...) are not installed
//! and are left out.  A supplier that is a person is not kept.
//!
//! Specification: ISO/IEC 5962:2021 (SPDX 2.2.1); SPDX 2.3, clauses 6, 7 and 11.

use super::bill::{Bill, Kind, Line, Watch};
use super::loose::{List, Text};
use super::rows;
use super::text::{decode, quoted};
use crate::json::{Piece, Want, walk};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::inventory::ComponentKind;
use exposome_model::reading::{Complaint, Sink};
use std::io::BufRead;

pub(super) const JSON: Format = Format {
    id: "spdx2-json",
    title: "SPDX 2 bill of materials as JSON",
    specified_in: "ISO/IEC 5962:2021; SPDX 2.2 and 2.3",
    known_by: "the member spdxVersion",
    recognise: |glimpse| glimpse.value("spdxVersion").is_some_and(|it| it.starts_with("SPDX-2")),
    reader: Reader::Stream(read_json),
};

pub(super) const TAG_VALUE: Format = Format {
    id: "spdx2-tag-value",
    title: "SPDX 2 bill of materials as tag-value text",
    specified_in: "SPDX 2.3, clause 4.4",
    known_by: "a line that begins SPDXVersion: SPDX-2",
    recognise: |glimpse| glimpse.lines().take(50).any(|it| it.starts_with("SPDXVersion: SPDX-2")),
    reader: Reader::Stream(read_tags),
};

fn read_json(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let sink = &mut Watch::new(sink);
    let mut bill = Bill::new("documentDescribes");
    let mut described = Vec::new();
    let want = |member: &str| match member {
        "packages" | "relationships" => Want::Elements,
        "documentDescribes" | "name" | "spdxVersion" => Want::Whole,
        _ => Want::Nothing,
    };
    let result = walk(source, document, sink, want, |piece, sink| {
        member(&mut bill, &mut described, piece, sink);
        Ok(())
    });
    finish(bill, &described, result, document, sink)
}

fn finish(
    mut bill: Bill,
    described: &[String],
    result: Result<(), Error>,
    document: &Document<'_>,
    sink: &mut Watch<'_>,
) -> Result<(), Error> {
    if result.is_err() {
        bill.is_in_part();
    }
    // Of several described packages none is the subject: the document is of all of them.
    if let [only] = described {
        bill.about_listed(only);
    }
    bill.finish(document, sink);
    result
}

fn member(
    bill: &mut Bill,
    described: &mut Vec<String>,
    piece: &Piece<'_>,
    sink: &mut dyn Sink<Item>,
) {
    match piece.member {
        "packages" => {
            if let Some(package) = piece.parse::<Package<'_>>(sink) {
                package.add(bill, || piece.place(), sink);
            }
        }
        "relationships" => {
            let relation = piece.parse::<Relation<'_>>(sink).unwrap_or_default();
            if let (Some(from), Some(kind), Some(to)) =
                (relation.from.as_str(), relation.kind.as_str(), relation.to.as_str())
            {
                relate(bill, described, from, kind, to);
            }
        }
        "documentDescribes" => {
            let ids = piece.parse::<List<Text<'_>>>(sink).unwrap_or_default();
            ids.0.iter().filter_map(Text::as_str).for_each(|it| describe(described, it));
        }
        "spdxVersion" => {
            let version = piece.parse::<Text<'_>>(sink).unwrap_or_default();
            complain_of_version(version.as_str().unwrap_or_default(), sink);
        }
        _ => bill.name = piece.parse::<Text<'_>>(sink).and_then(|it| it.owned()),
    }
}

fn complain_of_version(version: &str, sink: &mut dyn Sink<Item>) {
    if !matches!(version, "SPDX-2.2" | "SPDX-2.3" | "SPDX-2.2.1" | "SPDX-2.2.2" | "SPDX-2.3.1") {
        let message = format!(
            "{} is neither SPDX-2.2 nor SPDX-2.3; it was read as one of them",
            quoted(version)
        );
        sink.complain(Complaint::doubtful("spdxVersion", message));
    }
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Package<'a> {
    #[serde(borrow, rename = "SPDXID")]
    id: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version_info: Text<'a>,
    #[serde(borrow)]
    supplier: Text<'a>,
    #[serde(borrow)]
    originator: Text<'a>,
    #[serde(borrow)]
    primary_package_purpose: Text<'a>,
    #[serde(borrow)]
    external_refs: List<Reference<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Reference<'a> {
    #[serde(borrow, rename = "referenceType")]
    kind: Text<'a>,
    #[serde(borrow, rename = "referenceLocator")]
    locator: Text<'a>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Relation<'a> {
    #[serde(borrow, rename = "spdxElementId")]
    from: Text<'a>,
    #[serde(borrow, rename = "relationshipType")]
    kind: Text<'a>,
    #[serde(borrow, rename = "relatedSpdxElement")]
    to: Text<'a>,
}

impl Package<'_> {
    fn add(&self, bill: &mut Bill, place: impl Fn() -> String, sink: &mut dyn Sink<Item>) {
        let of = |kinds: &[&str]| -> Vec<&str> {
            let such = self.external_refs.0.iter().filter(|it| {
                it.kind
                    .as_str()
                    .is_some_and(|kind| kinds.contains(&kind.rsplit('/').next().unwrap_or(kind)))
            });
            such.filter_map(|it| it.locator.as_str()).collect()
        };
        let supplier = self.supplier.as_str().and_then(organisation);
        let line = Line {
            id: self.id.as_str(),
            kind: self.primary_package_purpose.as_str().map(purpose),
            vendor: supplier.or_else(|| self.originator.as_str().and_then(organisation)),
            name: self.name.as_str(),
            version: self.version_info.as_str().and_then(asserted),
            cpes: &of(&["cpe23Type", "cpe22Type"]),
            purls: &of(&["purl"]),
        };
        bill.add(&line, place, sink);
    }
}

/// `Organization: Acme (mail@acme.example)`; a person is not kept.
fn organisation(supplier: &str) -> Option<&str> {
    let name = supplier.strip_prefix("Organization:")?;
    let name = name.split(" (").next().unwrap_or(name).trim();
    asserted(name)
}

fn asserted(value: &str) -> Option<&str> {
    Some(value).filter(|it| !matches!(*it, "NOASSERTION" | "NONE" | ""))
}

/// `primaryPackagePurpose`; clause 7.24 of SPDX 2.3.
pub(super) fn purpose(word: &str) -> Kind {
    match word.to_ascii_uppercase().replace('_', "-").as_str() {
        "DEVICE" | "FIRMWARE" => Kind::Known(ComponentKind::Device),
        "OPERATING-SYSTEM" | "OPERATINGSYSTEM" => Kind::Known(ComponentKind::System),
        "APPLICATION" | "CONTAINER" | "INSTALL" => Kind::Known(ComponentKind::Application),
        "FILE" | "DATA" => Kind::Thing,
        _ => Kind::Known(ComponentKind::Package),
    }
}

fn relate(bill: &mut Bill, described: &mut Vec<String>, from: &str, kind: &str, to: &str) {
    match kind {
        "DESCRIBES" if from.ends_with("SPDXRef-DOCUMENT") => describe(described, to),
        "DESCRIBED_BY" if to.ends_with("SPDXRef-DOCUMENT") => describe(described, from),
        "BUILD_TOOL_OF"
        | "BUILD_DEPENDENCY_OF"
        | "DEV_TOOL_OF"
        | "DEV_DEPENDENCY_OF"
        | "TEST_TOOL_OF"
        | "TEST_DEPENDENCY_OF"
        | "TEST_OF"
        | "TEST_CASE_OF"
        | "EXAMPLE_OF"
        | "DOCUMENTATION_OF" => bill.leave_out(from),
        _ => {}
    }
}

fn describe(described: &mut Vec<String>, id: &str) {
    if described.len() < 1_000 && !described.iter().any(|it| it == id) {
        described.push(id.to_owned());
    }
}

/// A package of the tag-value form, as its lines have it.
#[derive(Default)]
struct Tagged {
    line: u64,
    id: Option<String>,
    name: Option<String>,
    version: Option<String>,
    supplier: Option<String>,
    purpose: Option<String>,
    cpes: Vec<String>,
    purls: Vec<String>,
}

fn read_tags(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let sink = &mut Watch::new(sink);
    let mut bill = Bill::new("the document");
    let mut described = Vec::new();
    let mut package: Option<Tagged> = None;
    let mut held = Vec::new();
    let mut in_text = false;
    let mut result = Ok(());
    for line in 1.. {
        held.clear();
        match rows::read_line(source, &mut held) {
            Ok(rows::Line::Nothing) => break,
            Ok(rows::Line::Read) => {}
            Ok(rows::Line::TooLong) => {
                sink.complain(Complaint::refused(
                    format!("line {line}"),
                    "the line is too long; it was not read",
                ));
                continue;
            }
            Err(error) => {
                result = Err(Error::source(format!("line {line}"))(error));
                break;
            }
        }
        let text = decode(rows::trim_line_end(&held));
        // A value between <text> and </text> may span lines; none that is read here does.
        if in_text || (text.contains("<text>") && !text.contains("</text>")) {
            in_text = !text.contains("</text>");
            continue;
        }
        let Some((tag, value)) = text.split_once(':') else { continue };
        let value = value.trim();
        match tag.trim() {
            "SPDXVersion" => complain_of_version(value, sink),
            "DocumentName" => bill.name = asserted(value).map(str::to_owned),
            "PackageName" => {
                close(
                    package.replace(Tagged {
                        line,
                        name: asserted(value).map(str::to_owned),
                        ..Tagged::default()
                    }),
                    &mut bill,
                    sink,
                );
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => close(package.take(), &mut bill, sink),
            "Relationship" => {
                let mut words = value.split_ascii_whitespace();
                if let (Some(from), Some(kind), Some(to)) =
                    (words.next(), words.next(), words.next())
                {
                    // Every package that a relation names may still be open.
                    close(package.take(), &mut bill, sink);
                    relate(&mut bill, &mut described, from, kind, to);
                }
            }
            tag => package.iter_mut().for_each(|it| it.say(tag, value)),
        }
    }
    close(package, &mut bill, sink);
    finish(bill, &described, result, document, sink)
}

impl Tagged {
    fn say(&mut self, tag: &str, value: &str) {
        let value_of = || asserted(value).map(str::to_owned);
        match tag {
            "SPDXID" => self.id = value_of(),
            "PackageVersion" => self.version = value_of(),
            "PackageSupplier" => self.supplier = organisation(value).map(str::to_owned),
            "PackageOriginator" if self.supplier.is_none() => {
                self.supplier = organisation(value).map(str::to_owned);
            }
            "PrimaryPackagePurpose" => self.purpose = value_of(),
            // `ExternalRef: SECURITY cpe23Type cpe:2.3:...`
            "ExternalRef" => {
                let mut words = value.split_ascii_whitespace().skip(1);
                match (words.next(), words.next()) {
                    (Some("cpe23Type" | "cpe22Type"), Some(cpe)) if self.cpes.len() < 16 => {
                        self.cpes.push(cpe.to_owned());
                    }
                    (Some("purl"), Some(purl)) if self.purls.len() < 16 => {
                        self.purls.push(purl.to_owned());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn close(package: Option<Tagged>, bill: &mut Bill, sink: &mut dyn Sink<Item>) {
    let Some(package) = package else { return };
    let cpes: Vec<&str> = package.cpes.iter().map(String::as_str).collect();
    let purls: Vec<&str> = package.purls.iter().map(String::as_str).collect();
    let line = Line {
        id: package.id.as_deref(),
        kind: package.purpose.as_deref().map(purpose),
        vendor: package.supplier.as_deref(),
        name: package.name.as_deref(),
        version: package.version.as_deref(),
        cpes: &cpes,
        purls: &purls,
    };
    bill.add(&line, || format!("line {}", package.line), sink);
}
