//! Documents in, claims out: one file per format.
//!
//! A person drops a file on the program: a feed of known vulnerabilities, a
//! manufacturer's advisory, an inventory export, a bill of materials.  [`read`]
//! looks at what is in it (never at the ending of its name alone), unwraps
//! archives, and hands each record to a sink as soon as it is understood, so
//! that a large document is never held whole.
//!
//! **Invariant:** a broken record never loses the document: it becomes a
//! complaint that names its place, and the other records are kept.
//!
//! **Invariant:** nothing here opens a file, reads a clock or speaks to a network.

pub mod feeds;
pub mod glimpse;
pub mod inventory;
pub mod json;
pub mod unpack;

use exposome_model::inventory::Sheet;
use exposome_model::knowledge::{EpssTable, Record};
use exposome_model::reading::Sink;
use std::io::{BufRead, Read, Seek};

pub use glimpse::Glimpse;
pub use unpack::{read, read_told};

/// What a reader hands over, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A document begins; what follows is from it.  An archive gives one for each entry.
    Opened {
        name: String,
        format: &'static str,
    },
    /// What the document says of itself as an edition of a feed.
    Edition(Edition),
    Knowledge(Record),
    Epss(EpssTable),
    Sheet(Sheet),
    /// What the columns of a table were taken to say, to be shown and saved.
    Columns(inventory::ColumnMap),
    /// A file that is known by name to hold nothing to load: a checksum, a licence.
    PassedOver {
        name: String,
        reason: &'static str,
    },
}

/// Which edition of a feed a document is; what the feed says, never what the file's date says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edition {
    pub version: Option<String>,
    pub released: Option<jiff::Timestamp>,
    /// How many records the document claims to hold.
    pub count: Option<u64>,
}

/// One kind of document: how it is known, where it is specified, how it is read.
pub struct Format {
    pub id: &'static str,
    pub title: &'static str,
    pub specified_in: &'static str,
    /// How its content gives it away, in words.
    pub known_by: &'static str,
    pub recognise: fn(&Glimpse<'_>) -> bool,
    pub reader: Reader,
}

/// How a format wants its bytes.
pub enum Reader {
    /// Small documents: the whole, up to [`Limits::record_bytes`].
    Whole(ReadWhole),
    /// Documents of any size, front to back.
    Stream(ReadStream),
    /// Documents that must be read in any order (a spreadsheet is a zip archive).
    Seek(ReadAnywhere),
    /// Known, and known to hold nothing to load.
    PassedOver(&'static str),
}

/// Text arrives as UTF-8 without a byte order mark.
pub type ReadWhole = fn(&[u8], &Document<'_>, &mut dyn Sink<Item>) -> Result<(), Error>;
/// Text arrives as UTF-8 without a byte order mark.
pub type ReadStream = fn(&mut dyn BufRead, &Document<'_>, &mut dyn Sink<Item>) -> Result<(), Error>;
pub type ReadAnywhere =
    fn(&mut dyn ReadSeek, &Document<'_>, &mut dyn Sink<Item>) -> Result<(), Error>;

pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// What a reader is told beside the bytes.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// For messages and as a hint; `feed.zip/cves/CVE-2020-6961.json` inside an archive.
    pub name: &'a str,
    pub limits: &'a Limits,
    /// What the person who hands it over says of it.
    pub told: &'a inventory::Told,
}

/// How much a document may ask of us.  Hospitals load what strangers publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// What everything in one file may unpack to.
    pub unpacked_bytes: u64,
    /// How many times its packed size a member may unpack to, beyond the first 64 MiB.
    pub unpack_ratio: u64,
    /// The largest single record, line, or small document.
    pub record_bytes: usize,
    /// The most entries of one archive.
    pub entries: usize,
    /// How deep archives may lie in archives.
    pub archives_deep: u8,
    /// How deep a JSON or XML value may nest.
    pub values_deep: usize,
    /// How many complaints one document may make; the rest are counted.
    pub complaints: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            unpacked_bytes: 64 << 30,
            unpack_ratio: 250,
            record_bytes: 256 << 20,
            entries: 2_000_000,
            archives_deep: 3,
            values_deep: 100,
            complaints: 10_000,
        }
    }
}

/// Why the rest of a document could not be read; what came before has reached the sink.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("reading failed at {place}")]
    Source {
        place: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the document ends at {place}, expected {expected}")]
    CutShort { place: String, expected: &'static str },
    #[error("{found} at {place}, expected {expected}")]
    Malformed { place: String, found: String, expected: String },
    #[error("{what} at {place} is more than the {limit} allowed")]
    OverLimit { what: &'static str, place: String, limit: String },
    #[error("not a document of a known format: {found}")]
    Unrecognised { found: String },
}

/// Every kind of document that is understood, in the order in which they are tried.
pub fn formats() -> impl Iterator<Item = &'static Format> {
    feeds::FORMATS.iter().chain(inventory::FORMATS)
}

const FIRST_BYTES: usize = 128;

/// The format that the first bytes of a document give away.
pub fn recognise(head: &[u8], name: &str) -> Option<&'static Format> {
    // An archive may hold hundreds of thousands of records; most show what they are at once.
    if let Some(start) = head.get(..FIRST_BYTES).filter(|start| start.starts_with(b"{")) {
        let glimpse = Glimpse::new(start, name);
        if let Some(format) = feeds::FORMATS.iter().find(|format| (format.recognise)(&glimpse)) {
            return Some(format);
        }
    }
    let glimpse = Glimpse::new(head, name);
    formats().find(|format| (format.recognise)(&glimpse))
}

impl Error {
    /// What a failing source means: an end that came too early, a limit passed, or trouble below.
    pub(crate) fn source(place: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
        let place = place.into();
        move |source| {
            if source.kind() == std::io::ErrorKind::UnexpectedEof {
                return Error::CutShort { place, expected: "the rest of the packed data" };
            }
            match source.downcast::<Error>() {
                Ok(error) => error,
                Err(source) => Error::Source { place, source },
            }
        }
    }

    /// The error with its causes, for a complaint.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Error::Source { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }
}
