//! Every document of the shared feeds folder is recognised, and no record of it is refused.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test may fail by panic, and must say aloud what it could not check"
)]

use exposome_intake::{Item, Limits, read};
use exposome_model::knowledge::Record;
use exposome_model::reading::{Complaint, Sink, Weight};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What a document came to: how many of what, and what it was complained of.
#[derive(Default)]
struct Seen {
    counts: BTreeMap<&'static str, usize>,
    complaints: Vec<Complaint>,
}

impl Sink<Item> for Seen {
    fn record(&mut self, item: Item) {
        let (name, count) = match item {
            Item::Opened { format, .. } => (format, 1),
            Item::PassedOver { .. } => ("passed over", 1),
            Item::Edition(_) => ("edition", 1),
            Item::Knowledge(Record::Advisory(_)) => ("advisories", 1),
            Item::Knowledge(Record::Kev(_)) => ("kev entries", 1),
            Item::Knowledge(Record::Exploit(_)) => ("exploits", 1),
            Item::Knowledge(Record::Support(_)) => ("support cycles", 1),
            Item::Epss(table) => ("epss rows", table.rows.len()),
            other => panic!("a feed gave {other:?}"),
        };
        *self.counts.entry(name).or_default() += count;
    }

    fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }
}

fn feeds() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/feeds");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "NOT CHECKED: the folder ../shared/feeds beside the checkout is absent; that every real feed document is \
         accepted was not checked, only the excerpts in testdata/"
    );
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

fn seen(path: &Path) -> Seen {
    let mut seen = Seen::default();
    read(&mut File::open(path).unwrap(), &path.to_string_lossy(), &Limits::default(), &mut seen)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    seen
}

#[test]
fn every_document_of_the_shared_feeds_is_accepted_whole() {
    let Some(folder) = feeds() else { return };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    assert!(paths.len() > 300, "only {} files", paths.len());
    let mut total = Seen::default();
    for path in paths {
        let one = seen(&path);
        assert!(!one.counts.is_empty(), "{} gave nothing", path.display());
        for (name, count) in one.counts {
            *total.counts.entry(name).or_default() += count;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let named = |complaint: Complaint| Complaint {
            place: format!("{name}: {}", complaint.place),
            ..complaint
        };
        total.complaints.extend(one.complaints.into_iter().map(named));
    }
    let refused: Vec<_> =
        total.complaints.iter().filter(|complaint| complaint.weight == Weight::Refused).collect();
    assert!(refused.is_empty(), "{} refused, first {}", refused.len(), refused[0]);
    for complaint in &total.complaints {
        println!("{complaint}");
    }
    println!("{:#?}", total.counts);
}
