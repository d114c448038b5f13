//! What intake reads: archives, formats, and what lies beside the documents.

use crate::{Named, package, text};
use exposome_intake::feeds::distribution;
use exposome_intake::inventory::{ColumnMap, Told};
use exposome_intake::json::{Want, walk};
use exposome_intake::{Document, Format, Item, Limits, ReadStream, Reader};
use exposome_model::reading::Kept;
use serde_json::Value;
use std::io::{BufRead, BufReader, Cursor};

pub(crate) const TARGETS: &[Named] = &[
    ("recognise", recognise),
    // One reader; each corpus keeps the fuzzer in one kind of wrapping.
    ("archive-gzip", read),
    ("archive-zstd", read),
    ("archive-tar", read),
    ("archive-zip", read),
    ("text-utf16", read),
    ("archive-entries", entries),
    ("xlsx-parts", entries),
    ("csaf-provider", |bytes| drop(distribution::provider(bytes))),
    ("csaf-rolie", |bytes| drop(distribution::feed(bytes, &mut Kept::default()))),
    ("csaf-index", |bytes| distribution::index(bytes, &mut Kept::default())),
    ("column-map", column_map),
    ("json", json),
];

/// The formats that have a reader; the others are known and passed over.
pub(crate) fn formats_read() -> impl Iterator<Item = &'static Format> {
    exposome_intake::formats().filter(|format| !matches!(format.reader, Reader::PassedOver(_)))
}

/// Small, so that an input of a few kilobytes reaches each of them.
const LIMITS: Limits = Limits {
    unpacked_bytes: 1 << 20,
    unpack_ratio: 250,
    record_bytes: 1 << 18,
    entries: 100,
    archives_deep: 3,
    values_deep: 100,
    complaints: 100,
};

fn recognise(bytes: &[u8]) {
    exposome_intake::recognise(bytes, "document");
}

fn read(bytes: &[u8]) {
    let mut sink = Kept::default();
    let _ = exposome_intake::read(&mut Cursor::new(bytes), "document", &LIMITS, &mut sink);
    assert!(sink.complaints.len() <= LIMITS.complaints + 1, "more complaints than allowed");
}

/// A zip archive whose directory and checksums are right and whose entries are anything;
/// some of them make a workbook.
fn entries(bytes: &[u8]) {
    let parts = package::parts(bytes);
    read(&package::zip(parts.iter().map(|(name, content)| (name.as_str(), *content))));
}

fn column_map(bytes: &[u8]) {
    if let Ok(map) = ColumnMap::from_toml(&text(bytes)) {
        assert_eq!(
            ColumnMap::from_toml(&map.to_toml()).as_ref(),
            Ok(&map),
            "printed and read back"
        );
    }
}

/// What `serde_json` takes is read, and as it reads it, whether it lies whole in what is buffered or not.
fn json(bytes: &[u8]) {
    let list = format!("[{}]", text(bytes));
    let Ok(theirs) = serde_json::from_str::<Vec<Value>>(&list) else { return };
    let limits = Limits { values_deep: 1000, ..LIMITS };
    let document = Document { name: "document", limits: &limits, told: &Told::default() };
    for room in [PIECE_BYTES, list.len()] {
        let mut sink = Kept::default();
        let mut ours: Vec<Value> = Vec::new();
        let source = &mut BufReader::with_capacity(room, list.as_bytes());
        let want = |_: &str| Want::Elements;
        let result = walk(source, &document, &mut sink, want, |piece, sink| {
            ours.extend(piece.parse::<Value>(sink));
            Ok(())
        });
        assert!(result.is_ok() && sink.complaints.is_empty(), "{result:?} {:?}", sink.complaints);
        let is_same = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(same);
        assert!(is_same, "{ours:?} against {theirs:?}");
    }
}

/// `serde_json` may miss the nearest fraction by its last place.
fn same((ours, theirs): (&Value, &Value)) -> bool {
    match (ours, theirs) {
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(same)
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let other = |(key, ours)| theirs.get(key).is_some_and(|theirs| same((ours, theirs)));
            ours.len() == theirs.len() && ours.iter().all(other)
        }
        (Value::Number(ours), Value::Number(theirs)) if ours.is_f64() && theirs.is_f64() => {
            let close = |(ours, theirs): (f64, f64)| {
                (ours - theirs).abs() <= ours.abs() * 1e-15 + f64::MIN_POSITIVE
            };
            ours.as_f64().zip(theirs.as_f64()).is_some_and(close)
        }
        _ => ours == theirs,
    }
}

pub(crate) fn format(format: &Format, bytes: &[u8]) {
    let told = Told {
        subject: Some("pump-1".to_owned()),
        distribution: Some("debian-12".to_owned()),
        as_of: Some(jiff::civil::date(2026, 8, 1)),
        ..Told::default()
    };
    let document = Document { name: "document", limits: &LIMITS, told: &told };
    // Readers are promised text without a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match format.reader {
        Reader::PassedOver(_) => {}
        Reader::Whole(read) => {
            let _ = read(bytes, &document, &mut Kept::default());
        }
        Reader::Seek(read) => {
            let _ = read(&mut Cursor::new(bytes), &document, &mut Kept::default());
        }
        Reader::Stream(read) => {
            let _ = read(&mut &*bytes, &document, &mut Kept::default());
            in_pieces(read, bytes, &told);
        }
    }
}

/// A document says the same however its bytes arrive.
fn in_pieces(read: ReadStream, bytes: &[u8], told: &Told) {
    // The separator of a table is guessed from what arrives first, so here it is told.
    let columns = ColumnMap { separator: Some(','), ..ColumnMap::default() };
    let told = Told { columns: Some(columns), ..told.clone() };
    let document = Document { name: "document", limits: &LIMITS, told: &told };
    let said = |source: &mut dyn BufRead| {
        let mut sink = Kept::<Item>::default();
        let result = read(source, &document, &mut sink);
        (sink, result.err().map(|error| format!("{error:?}")))
    };
    let pieces = &mut BufReader::with_capacity(PIECE_BYTES, bytes);
    assert_eq!(said(&mut &*bytes), said(pieces), "read at once, and in pieces");
}

const PIECE_BYTES: usize = 7;
