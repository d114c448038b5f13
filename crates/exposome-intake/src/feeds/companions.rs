//! Files that lie beside feeds and hold nothing to load, each known by what it is.
//!
//! A folder of feeds is walked as it is.  What is named here is passed over with
//! its reason, so that nothing in the folder is passed over in silence.

use crate::{Format, Glimpse, Reader};

pub(super) const SIGNATURE: Format = Format {
    id: "signature",
    title: "OpenPGP signature or key",
    specified_in: "RFC 9580, section 6.2",
    known_by: "the line -----BEGIN PGP",
    recognise: |glimpse| glimpse.head.starts_with(b"-----BEGIN PGP "),
    reader: Reader::PassedOver("a signature or key, not a feed"),
};

pub(super) const CHECKSUM: Format = Format {
    id: "checksum",
    title: "checksum of a file",
    specified_in: "GNU coreutils, sha512sum; OASIS, CSAF 2.0, section 7.1.18",
    known_by: "64 or 128 hexadecimal digits, a space and a name",
    recognise: |glimpse| {
        let first = glimpse.first_line();
        let digits = first.split(' ').next().unwrap_or_default();
        matches!(digits.len(), 64 | 128) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    },
    reader: Reader::PassedOver("a checksum, not a feed"),
};

pub(super) const SCHEMA: Format = Format {
    id: "json-schema",
    title: "JSON Schema",
    specified_in: "json-schema.org, draft-04 and later",
    known_by: "$schema that names json-schema.org, with properties or definitions",
    recognise: |glimpse| {
        glimpse.value("$schema").is_some_and(|schema| schema.contains("json-schema.org"))
            && ["properties", "definitions", "$defs"].iter().any(|key| glimpse.has(key))
    },
    reader: Reader::PassedOver("it describes a format and holds no records"),
};

pub(super) const SSVC_TABLE: Format = Format {
    id: "ssvc-table",
    title: "SSVC decision table",
    specified_in: "CERT/CC, SSVC DecisionTable_2_0_0.schema.json; its CSV form in CERTCC/SSVC, data/csv",
    known_by: "decision_points and mapping, or a heading row, NAME v1.0.0, ...",
    recognise: |glimpse| {
        (glimpse.has("decision_points") && glimpse.has("schemaVersion"))
            || is_table_heading(glimpse.first_line())
    },
    reader: Reader::PassedOver(
        "a decision table, to be used as a rule; it says nothing of a vulnerability",
    ),
};

fn is_table_heading(line: &str) -> bool {
    let mut columns = line.split(',');
    columns.next() == Some("row")
        && line.split(" v").skip(1).any(|version| version.starts_with(|c: char| c.is_ascii_digit()))
}

pub(super) const PROSE: Format = Format {
    id: "prose",
    title: "licence, readme or notice",
    specified_in: "custom",
    known_by: "its name: LICENSE, README, NOTICE, COPYING or CHANGELOG, and that it is text",
    recognise: is_prose,
    reader: Reader::PassedOver("text for people, not a feed"),
};

fn is_prose(glimpse: &Glimpse<'_>) -> bool {
    const NAMES: &[&str] =
        &["LICENSE", "LICENCE", "README", "NOTICE", "COPYING", "CHANGELOG", "SECURITY"];
    let name = glimpse.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    NAMES.contains(&stem.to_ascii_uppercase().as_str())
        && ["", "md", "txt", "rst"].contains(&ending.to_ascii_lowercase().as_str())
        && glimpse.members.is_empty()
        && !glimpse.head.contains(&0)
}
