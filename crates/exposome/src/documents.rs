//! Files and folders on disk, read through the one list of formats.

use crate::hearing;
use crate::output::note;
use anyhow::{Context as _, Result};
use aws_lc_rs::digest;
use exposome_intake::inventory::{ColumnMap, Told};
use exposome_intake::{Edition, Item, Limits};
use exposome_model::inventory::Sheet;
use exposome_model::knowledge::{EpssTable, Record};
use exposome_model::reading::{Complaint, Sink, Weight};
use jiff::Timestamp;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Where the parts of documents go as they are understood.
pub(crate) trait Taker {
    /// A document begins; an archive begins one for each of its entries.
    fn opened(&mut self, _name: &str, _format: &'static str) {}
    fn edition(&mut self, _edition: Edition) {}
    fn columns(&mut self, _columns: ColumnMap) {}
    /// When what the document tells was last seen, where it says so itself.
    fn observed(&mut self, _at: Timestamp) {}
    fn record(&mut self, record: Record);
    fn scores(&mut self, table: EpssTable);
    fn sheet(&mut self, sheet: Sheet);
}

/// What reading some files came to, beside what was taken.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) complaints: Vec<Complaint>,
    pub(crate) documents: usize,
    pub(crate) passed_over: usize,
}

impl Reading {
    /// How many records or documents were refused.
    pub(crate) fn refused(&self) -> usize {
        self.complaints.iter().filter(|complaint| complaint.weight == Weight::Refused).count()
    }

    /// Shows the complaints, the refusals first, at most so many of them.
    pub(crate) fn show_complaints(&self, limit: usize) {
        let mut shown: Vec<&Complaint> = self.complaints.iter().collect();
        shown.sort_by_key(|complaint| std::cmp::Reverse(complaint.weight));
        for complaint in shown.iter().take(limit) {
            note(&complaint.to_string());
        }
        if shown.len() > limit {
            note(&format!("... and {} more", shown.len() - limit));
        }
    }
}

/// Every file below the paths, in the order of their names; a path that is not there is an error.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let about =
            std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if about.is_dir() {
            below(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        // A link is not followed: a folder of documents must not lead out of itself, or round in a circle.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            below(&entry.path(), files)?;
        } else if kind.is_file() && !entry.file_name().to_string_lossy().starts_with('.') {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// SHA-256 of a file.
pub(crate) fn digest(path: &Path) -> Result<[u8; 32]> {
    let cannot = || format!("cannot read {}", path.display());
    let mut file = File::open(path).with_context(cannot)?;
    let mut digest = digest::Context::new(&digest::SHA256);
    let mut piece = vec![0; 256 << 10];
    loop {
        let length = file.read(&mut piece).with_context(cannot)?;
        match piece.get(..length) {
            Some([]) | None => break,
            Some(bytes) => digest.update(bytes),
        }
    }
    let digest = digest.finish();
    Ok(digest.as_ref().try_into()?)
}

/// Reads one file into the taker.  What cannot be read is a complaint, never the end of the others.
pub(crate) fn read(path: &Path, told: &Told, taker: &mut dyn Taker, reading: &mut Reading) {
    let name = path
        .file_name()
        .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    if hearing::is_capture(path) {
        if let Err(error) = hearing::read(path, &name, taker, reading) {
            reading.complaints.push(Complaint::refused(name, format!("{error:#}")));
        }
        return;
    }
    let opened = File::open(path).map_err(|error| error.to_string());
    let mut sink = TakerSink { name: &name, taker, reading };
    let read = opened.and_then(|mut file| {
        let limits = Limits::default();
        exposome_intake::unpack::read_told(&mut file, &name, &limits, told, &mut sink)
            .map_err(|error| in_words(&error))
    });
    if let Err(error) = read {
        sink.complain(Complaint::refused(name.as_str(), error));
    }
}

/// An error with its causes in one line.
pub(crate) fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}

struct TakerSink<'a> {
    /// The file's.
    name: &'a str,
    taker: &'a mut dyn Taker,
    reading: &'a mut Reading,
}

impl Sink<Item> for TakerSink<'_> {
    fn record(&mut self, item: Item) {
        match item {
            Item::Opened { name, format } => {
                self.reading.documents += 1;
                self.taker.opened(&name, format);
            }
            Item::Edition(edition) => self.taker.edition(edition),
            Item::Knowledge(record) => self.taker.record(record),
            Item::Epss(table) => self.taker.scores(table),
            Item::Sheet(sheet) => self.taker.sheet(sheet),
            Item::Columns(columns) => self.taker.columns(columns),
            Item::PassedOver { .. } => self.reading.passed_over += 1,
        }
    }

    /// Readers know places in documents; which document it was is known here.
    fn complain(&mut self, mut complaint: Complaint) {
        if !complaint.place.starts_with(self.name) {
            complaint.place = format!("{}: {}", self.name, complaint.place);
        }
        self.reading.complaints.push(complaint);
    }
}
