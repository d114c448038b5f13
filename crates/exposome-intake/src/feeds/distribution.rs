//! How a CSAF publisher says what there is to fetch.
//!
//! CSAF 2.0, section 7.1: `provider-metadata.json` names the distributions; a
//! distribution is a folder with `index.txt` and `changes.csv`, or a ROLIE feed
//! (RFC 8322); beside each document lie its hash and its signature.  Here
//! the files become lists; fetching is somebody else's work.

use crate::feeds::{dates, words};
use crate::{Error, Format, Reader, json};
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha512};

/// What a publisher says of itself and of where its documents lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    pub name: String,
    pub last_updated: Option<jiff::Timestamp>,
    pub distributions: Vec<Distribution>,
    /// Where the `OpenPGP` keys are that sign the documents.
    pub keys: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distribution {
    /// A folder with `index.txt` and `changes.csv`.
    Folder(String),
    /// A ROLIE feed.
    Feed(String),
}

/// A document that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// An address, or a path below the folder.
    pub at: String,
    pub updated: Option<jiff::Timestamp>,
    /// Where its hash and its signature are, where the list says so.
    pub hashes: Vec<String>,
    pub signature: Option<String>,
}

#[derive(Deserialize)]
struct ProviderMetadata {
    publisher: Publisher,
    last_updated: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    distributions: Vec<ProviderDistribution>,
    #[serde(default, deserialize_with = "json::list")]
    public_openpgp_keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Publisher {
    name: String,
}

#[derive(Deserialize)]
struct ProviderDistribution {
    directory_url: Option<String>,
    rolie: Option<Rolie>,
}

#[derive(Deserialize)]
struct Rolie {
    #[serde(default, deserialize_with = "json::list")]
    feeds: Vec<RolieFeed>,
}

#[derive(Deserialize)]
struct RolieFeed {
    url: Option<String>,
}

#[derive(Deserialize)]
struct Key {
    url: Option<String>,
}

pub(super) const PROVIDER: Format = Format {
    id: "csaf-provider",
    title: "CSAF provider metadata",
    specified_in: "OASIS, CSAF 2.0, section 7.1.7; provider_json_schema.json",
    known_by: "the member canonical_url with metadata_version",
    recognise: |glimpse| glimpse.has("canonical_url") && glimpse.has("metadata_version"),
    reader: Reader::PassedOver("it says where a publisher's advisories are; it holds none"),
};

pub(super) const FEED: Format = Format {
    id: "csaf-rolie",
    title: "ROLIE feed of CSAF documents",
    specified_in: "RFC 8322; OASIS, CSAF 2.0, section 7.1.15",
    known_by: "a member feed with entry",
    recognise: |glimpse| glimpse.has_in("feed", "entry"),
    reader: Reader::PassedOver("it lists where advisories are; it holds none"),
};

pub(super) const INDEX: Format = Format {
    id: "csaf-index",
    title: "CSAF index.txt or changes.csv",
    specified_in: "OASIS, CSAF 2.0, sections 7.1.12 and 7.1.13",
    known_by: "lines that name .json files, with a date behind a comma or without",
    recognise: |glimpse| {
        let mut lines = glimpse.lines().filter(|line| !line.is_empty()).take(3).peekable();
        lines.peek().is_some() && lines.all(|line| listed(line).is_some())
    },
    reader: Reader::PassedOver("it lists where advisories are; it holds none"),
};

/// `provider-metadata.json` as lists.
pub fn provider(bytes: &[u8]) -> Result<Provider, Error> {
    let metadata: ProviderMetadata = json::document(bytes)?;
    let mut distributions = Vec::new();
    for distribution in metadata.distributions {
        let feeds = distribution
            .rolie
            .into_iter()
            .flat_map(|rolie| rolie.feeds)
            .filter_map(|feed| feed.url);
        distributions.extend(feeds.map(Distribution::Feed));
        distributions.extend(distribution.directory_url.map(Distribution::Folder));
    }
    Ok(Provider {
        name: metadata.publisher.name,
        last_updated: metadata.last_updated.as_deref().and_then(dates::moment),
        distributions,
        keys: metadata.public_openpgp_keys.into_iter().filter_map(|key| key.url).collect(),
    })
}

#[derive(Deserialize)]
struct Envelope {
    feed: Feed,
}

#[derive(Deserialize)]
struct Feed {
    #[serde(default, deserialize_with = "json::list")]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    updated: Option<String>,
    content: Option<Content>,
    #[serde(default, deserialize_with = "json::list")]
    link: Vec<Link>,
}

#[derive(Deserialize)]
struct Content {
    src: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    rel: Option<String>,
    href: String,
}

/// The documents that a ROLIE feed lists; an entry without an address is complained of.
pub fn feed(bytes: &[u8], sink: &mut dyn Sink<Listed>) -> Result<(), Error> {
    let Envelope { feed } = json::document(bytes)?;
    for (index, entry) in feed.entry.into_iter().enumerate() {
        let of = |rel: &str| {
            let links = entry.link.iter().filter(move |link| link.rel.as_deref() == Some(rel));
            links.map(|link| link.href.clone()).collect::<Vec<_>>()
        };
        let (hashes, signature, own) = (of("hash"), of("signature").into_iter().next(), of("self"));
        let Some(at) =
            entry.content.and_then(|content| content.src).or_else(|| own.into_iter().next())
        else {
            sink.complain(Complaint::refused(
                format!("feed.entry[{index}]"),
                "it says not where the document is",
            ));
            continue;
        };
        let updated = entry.updated.as_deref().and_then(dates::moment);
        sink.record(Listed { at, updated, hashes, signature });
    }
    Ok(())
}

/// The documents that `index.txt` or `changes.csv` lists, in its order.
pub fn index(bytes: &[u8], sink: &mut dyn Sink<Listed>) {
    for (number, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        match listed(line) {
            Some(found) => sink.record(found),
            None if line.is_empty() => {}
            None => {
                let message = "it is no path of a .json document";
                sink.complain(Complaint::refused(format!("line {}", number + 1), message));
            }
        }
    }
}

/// `2024/icsma-24-200-01.json`, or `"2024/icsma-24-200-01.json","2024-07-18T06:00:00Z"`.
fn listed(line: &str) -> Option<Listed> {
    let (at, updated) =
        line.split_once(',').map_or((line, None), |(at, updated)| (at, Some(updated)));
    let plain = |field: &str| field.trim().trim_matches('"').to_owned();
    let at = plain(at);
    let is_json = at.rsplit_once('.').is_some_and(|(_, ending)| ending == "json");
    let is_path =
        is_json && !at.contains(['{', '<', ' ', '"']) && !at.split('/').any(|part| part == "..");
    let updated = updated.map(|updated| dates::moment(&plain(updated)));
    if !is_path || updated == Some(None) {
        return None;
    }
    Some(Listed { at, updated: updated.flatten(), hashes: Vec::new(), signature: None })
}

/// Whether a document has the hash that was published beside it: `icsma-24-200-01.json.sha512`
/// holds the digits, a space and the name; a SHA-256 hash is half as long (CSAF 2.0, section 7.1.18).
pub fn verify(document: &[u8], published: &str) -> Result<(), ChecksumError> {
    let digits = published.split_whitespace().next().unwrap_or_default();
    let found = match digits.len() {
        128 => hexadecimal(&Sha512::digest(document)),
        64 => hexadecimal(&Sha256::digest(document)),
        _ => return Err(ChecksumError::NoChecksum { found: words::quoted(published.trim()) }),
    };
    if found.eq_ignore_ascii_case(digits) {
        return Ok(());
    }
    Err(ChecksumError::Differs { found, published: digits.to_owned() })
}

/// Why a document cannot be taken for the one that was published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChecksumError {
    #[error("{found} is no SHA-512 or SHA-256 checksum")]
    NoChecksum { found: String },
    #[error("the document's checksum is {found}, the published one is {published}")]
    Differs { found: String, published: String },
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a text cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::reading::Kept;

    const ROLIE: &[u8] = include_bytes!("../../../../testdata/feeds/csaf-rolie/excerpt/input.json");
    const PROVIDER_METADATA: &[u8] =
        include_bytes!("../../../../testdata/feeds/csaf-provider/own/input.json");

    #[test]
    fn a_rolie_feed_says_where_documents_hashes_and_signatures_are() {
        let mut kept = Kept::default();
        feed(ROLIE, &mut kept).unwrap();
        let [listed] = kept.records.as_slice() else { panic!("{kept:?}") };
        assert_eq!(listed.at, "https://example.org/2099/ex-1.json");
        assert_eq!(listed.hashes, ["https://example.org/2099/ex-1.json.sha512"]);
        assert_eq!(listed.signature.as_deref(), Some("https://example.org/2099/ex-1.json.asc"));
        assert_eq!(listed.updated.unwrap().to_string(), "2099-01-02T00:00:00Z");
        assert_eq!(kept.complaints[0].place, "feed.entry[1]");
    }

    #[test]
    fn a_provider_names_its_folders_feeds_and_keys() {
        let provider = provider(PROVIDER_METADATA).unwrap();
        let folder = Distribution::Folder("https://example.org/csaf/white/".into());
        let feed = Distribution::Feed("https://example.org/csaf/feed.json".into());
        assert_eq!(provider.distributions, [folder, feed]);
        assert_eq!(provider.keys, ["https://example.org/key.asc"]);
    }

    #[test]
    fn an_index_lists_paths_and_a_change_list_their_dates() {
        let mut kept = Kept::default();
        index(
            b"2099/a.json\r\n\n\"2099/b.json\",\"2099-01-02T00:00:00Z\"\n../c.json\nnothing\n",
            &mut kept,
        );
        let found: Vec<_> =
            kept.records.iter().map(|it| (it.at.as_str(), it.updated.is_some())).collect();
        assert_eq!(found, [("2099/a.json", false), ("2099/b.json", true)]);
        let places: Vec<_> = kept.complaints.iter().map(|it| it.place.as_str()).collect();
        assert_eq!(places, ["line 4", "line 5"]);
    }

    #[test]
    fn a_checksum_agrees_with_its_document_only() {
        // FIPS 180-4, the examples for "abc".
        let long = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                    2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f  abc.json";
        let short = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        assert_eq!(verify(b"abc", long), Ok(()));
        assert_eq!(verify(b"abc", short), Ok(()));
        assert!(matches!(verify(b"abd", long), Err(ChecksumError::Differs { .. })));
        assert!(matches!(verify(b"abc", "<html>"), Err(ChecksumError::NoChecksum { .. })));
    }
}
