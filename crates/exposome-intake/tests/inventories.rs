//! Inventory documents under `testdata/`, each with what is expected of it.
//!
//! A case is a folder `testdata/<format>/<case>/` with an `input.*`, the
//! `expected` sheets and complaints in words, and where needed a `told.toml`: what the
//! person who hands the document over says of it.  `UPDATE=1 cargo test` writes the
//! expectations anew; the difference is for a person to judge.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a test stops at the first surprise, and says what it measured"
)]

use exposome_intake::inventory::{self, Told};
use exposome_intake::{Error, Item, Limits, read_told};
use exposome_model::inventory::{Component, ScannerFinding, Sheet};
use exposome_model::knowledge::Record;
use exposome_model::reading::Kept;
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

#[test]
fn every_document_says_what_is_expected_of_it() {
    let mut differing = Vec::new();
    let cases = cases();
    assert!(!cases.is_empty(), "no case was found");
    for case in &cases {
        let actual = in_words(&case.bytes, &case.name, &case.told);
        let expected_at = case.folder.join("expected");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected_at, &actual).unwrap();
        } else if fs::read_to_string(&expected_at).unwrap_or_default() != actual {
            differing.push(format!("--- {}\n{actual}", case.folder.display()));
        }
    }
    assert!(differing.is_empty(), "not as expected:\n{}", differing.join("\n"));
}

#[test]
fn every_format_has_a_case() {
    let read: Vec<String> =
        cases().iter().filter_map(|it| format_of(&it.bytes, &it.name, &it.told)).collect();
    for format in inventory::FORMATS {
        assert!(read.iter().any(|it| it == format.id), "no case for {}", format.id);
    }
}

/// The documents hold marked names wherever a patient can stand.
#[test]
fn nothing_of_a_patient_leaves_a_reader() {
    let marked: Vec<Case> =
        cases().into_iter().filter(|it| it.bytes.windows(8).any(|it| it == b"ZZMARKER")).collect();
    assert!(!marked.is_empty(), "no case with a marked name");
    for case in marked {
        let (kept, result) = read(&case.bytes, &case.name, &case.told);
        let everything = format!("{kept:?} {result:?}");
        assert!(!everything.contains("ZZMARKER"), "{}", case.folder.display());
    }
}

/// A document cut anywhere, or with a byte changed, is read or refused; it never panics,
/// and what it yields does not grow beyond what it could hold.
#[test]
fn a_damaged_document_is_read_or_refused() {
    for case in cases() {
        let bytes = &case.bytes;
        let mut damage = Damage(0x9E37_79B9_7F4A_7C15);
        for _ in 0..200 {
            let cut = damage.below(bytes.len() + 1);
            let _ = read(&bytes[..cut], &case.name, &case.told);
            let mut changed = bytes.clone();
            for _ in 0..=damage.below(4) {
                let at = damage.below(bytes.len().max(1));
                let with = HOSTILE[damage.below(HOSTILE.len())];
                match (damage.below(3), changed.get_mut(at)) {
                    (0, Some(byte)) => *byte = with,
                    (1, Some(_)) => changed.insert(at, with),
                    (2, Some(_)) => drop(changed.remove(at)),
                    _ => {}
                }
            }
            let _ = read(&changed, &case.name, &case.told);
        }
    }
}

const HOSTILE: &[u8] = b"\0\"'<>&;,:{}[]\\\n\r\xff\x80=0aZ-";

/// A fixed stream of numbers (xorshift): the same damage in every run.
struct Damage(u64);

impl Damage {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

struct Case {
    folder: PathBuf,
    name: String,
    bytes: Vec<u8>,
    told: Told,
}

fn cases() -> Vec<Case> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/inventory"));
    let mut cases = Vec::new();
    for format in folders(root) {
        for folder in folders(&format) {
            let input = files(&folder)
                .into_iter()
                .find(|it| it.file_stem().is_some_and(|it| it == "input"));
            let input = input.unwrap_or_else(|| panic!("{} has no input", folder.display()));
            let told = fs::read_to_string(folder.join("told.toml")).unwrap_or_default();
            cases.push(Case {
                name: input.file_name().unwrap().to_string_lossy().into_owned(),
                bytes: fs::read(&input).unwrap(),
                told: toml::from_str(&told).unwrap(),
                folder,
            });
        }
    }
    cases
}

fn folders(of: &Path) -> Vec<PathBuf> {
    files(of).into_iter().filter(|it| it.is_dir()).collect()
}

fn files(of: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(of).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files
}

fn read(bytes: &[u8], name: &str, told: &Told) -> (Kept<Item>, Result<(), Error>) {
    let mut kept = Kept::default();
    let limits = Limits { record_bytes: 8 << 20, ..Limits::default() };
    let result = read_told(&mut Cursor::new(bytes), name, &limits, told, &mut kept);
    (kept, result)
}

fn format_of(bytes: &[u8], name: &str, told: &Told) -> Option<String> {
    read(bytes, name, told).0.records.iter().find_map(|it| match it {
        Item::Opened { format, .. } => Some((*format).to_owned()),
        _ => None,
    })
}

/// What was read, one fact a line.
fn in_words(bytes: &[u8], name: &str, told: &Told) -> String {
    let (kept, result) = read(bytes, name, told);
    let mut words = String::new();
    for item in &kept.records {
        match item {
            Item::Opened { format, .. } => writeln!(words, "format {format}").unwrap(),
            Item::Columns(map) => {
                let columns = map
                    .columns
                    .iter()
                    .map(|(heading, field)| format!("{heading} = {}", field.name()));
                writeln!(words, "columns {}", columns.collect::<Vec<_>>().join(", ")).unwrap();
            }
            Item::Sheet(sheet) => words.push_str(&sheet_in_words(sheet)),
            Item::Knowledge(Record::Advisory(it)) => {
                writeln!(
                    words,
                    "advisory of {} in {} on {}",
                    it.publisher, it.document, it.vulnerability
                )
                .unwrap();
            }
            other => writeln!(words, "{other:?}").unwrap(),
        }
    }
    for complaint in &kept.complaints {
        writeln!(words, "{complaint}").unwrap();
    }
    if let Err(error) = result {
        writeln!(words, "error: {error}").unwrap();
    }
    words
}

fn sheet_in_words(sheet: &Sheet) -> String {
    let mut words = format!("sheet {} ({})\n", sheet.key, sheet.place);
    if let Some(site) = &sheet.site {
        writeln!(words, "  site {site}").unwrap();
    }
    for (attribute, value) in &sheet.attributes {
        writeln!(words, "  {} {value}", attribute.name()).unwrap();
    }
    for component in &sheet.components {
        writeln!(words, "  + {}", component_in_words(component)).unwrap();
    }
    for finding in &sheet.findings {
        writeln!(words, "  ! {}", finding_in_words(finding)).unwrap();
    }
    if !sheet.whole.is_empty() {
        writeln!(words, "  whole {:?}", sheet.whole).unwrap();
    }
    words
}

fn component_in_words(it: &Component) -> String {
    let mut words = format!("{:?} {} / {}", it.kind, it.vendor.as_deref().unwrap_or("?"), it.name);
    let said =
        [("called", &it.called), ("version", &it.version), ("cpe", &it.cpe), ("purl", &it.purl)];
    for (what, value) in said {
        if let Some(value) = value {
            write!(words, ", {what} {value}").unwrap();
        }
    }
    for option in &it.options {
        write!(words, ", option {option}").unwrap();
    }
    if let Some(day) = it.manufactured_on {
        write!(words, ", made {day}").unwrap();
    }
    words
}

fn finding_in_words(it: &ScannerFinding) -> String {
    let mut words = format!("{:?}", it.state);
    let said = [
        ("check", &it.check),
        ("of", &it.vulnerability),
        ("title", &it.title),
        ("severity", &it.severity),
        ("saw", &it.evidence),
    ];
    for (what, value) in said {
        if let Some(value) = value {
            write!(words, ", {what} {}", value.escape_debug()).unwrap();
        }
    }
    for (what, moment) in [("first", it.first_seen), ("last", it.last_seen)] {
        if let Some(moment) = moment {
            write!(words, ", {what} {moment}").unwrap();
        }
    }
    words
}
