//! Whether a file is what it was asked for: a document, not a sign-in page, and not half of one.
//!
//! Only the shell of a document is looked at; what it says is for its reader in `exposome-intake`.

use super::Error;
use super::download::{disk, shown};
use crate::feeds::publishers::Content;
use serde::Deserialize as _;
use serde::de::IgnoredAny;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek, SeekFrom};
use std::path::Path;
use url::Url;

/// What a file must look like.
pub(crate) type Shape = Content;

impl Content {
    /// Compressed already.
    pub(crate) fn is_packed(self) -> bool {
        matches!(self, Content::Gzip | Content::Zip | Content::Zstandard)
    }

    fn words(self) -> &'static str {
        match self {
            Content::Json => "a JSON document",
            Content::Csv => "a table of comma-separated values",
            Content::Gzip => "a gzip file",
            Content::Zip => "a zip archive",
            Content::Zstandard => "a Zstandard file",
            Content::Any => "a document",
        }
    }
}

/// Checks a file on disk.
pub(crate) fn check(
    path: &Path,
    shape: Shape,
    unpacked_cap_bytes: u64,
    address: &Url,
) -> Result<(), Error> {
    let mut file = BufReader::with_capacity(1 << 17, File::open(path).map_err(disk(path))?);
    let head = file.fill_buf().map_err(disk(path))?.to_vec();
    let wrong = |found: String| Error::WrongContent {
        address: shown(address),
        expected: shape.words().to_owned(),
        found,
    };
    if !opens_like(&head, shape) {
        return Err(wrong(first_words(&head)));
    }
    match shape {
        Content::Json => {
            read_whole(file).map_err(|error| wrong(format!("one that is broken: {error}")))
        }
        Content::Gzip => {
            let mut plain = flate2::bufread::MultiGzDecoder::new(file).take(unpacked_cap_bytes + 1);
            let size_bytes = io::copy(&mut plain, &mut io::sink())
                .map_err(|error| wrong(format!("one that is broken: {error}")))?;
            match size_bytes {
                size if size > unpacked_cap_bytes => {
                    let cap_bytes = unpacked_cap_bytes;
                    Err(Error::UnpacksTooLarge { address: shown(address), cap_bytes })
                }
                _ => Ok(()),
            }
        }
        Content::Zip if !has_directory(file).map_err(disk(path))? => {
            Err(wrong("one without its directory at the end".into()))
        }
        Content::Zip | Content::Csv | Content::Zstandard | Content::Any => Ok(()),
    }
}

/// JSON read to its end, and nothing after it.
fn read_whole(document: impl io::Read) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_reader(document);
    IgnoredAny::deserialize(&mut reader)?;
    reader.end()
}

fn opens_like(head: &[u8], shape: Shape) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match shape {
        Content::Json => text.starts_with(b"{") || text.starts_with(b"["),
        Content::Gzip => head.starts_with(b"\x1f\x8b"),
        Content::Zip => head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06"),
        Content::Zstandard => head.starts_with(b"\x28\xb5\x2f\xfd"),
        Content::Csv | Content::Any => !text.is_empty() && !text.starts_with(b"<"),
    }
}

/// What a person would say it is instead.
fn first_words(head: &[u8]) -> String {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.is_empty() {
        return "nothing".into();
    }
    let lower: Vec<u8> = text.iter().take(64).map(u8::to_ascii_lowercase).collect();
    if lower.starts_with(b"<!doctype html") || lower.starts_with(b"<html") {
        return "a web page".into();
    }
    let shown = text.get(..text.len().min(24)).unwrap_or_default();
    format!("{:?}", String::from_utf8_lossy(shown))
}

/// A zip archive ends in its directory (APPNOTE 4.3.16): a cut one has none.
fn has_directory(mut file: impl io::Read + Seek) -> io::Result<bool> {
    const END_AND_LONGEST_COMMENT: u64 = 22 + 0xffff;
    let len = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(len.saturating_sub(END_AND_LONGEST_COMMENT)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(tail.windows(4).any(|it| it == b"PK\x05\x06"))
}
