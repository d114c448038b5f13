//! How a CSAF publisher says what there is to fetch.
//!
//! CSAF 2.0, section 7.1: `provider-metadata.json` names the distributions; a
//! distribution is a folder with `index.txt` and `changes.csv`, or a ROLIE feed
//! (RFC 8322); beside each document lie its hash and its signature.  Here
//! the files become lists; fetching is somebody else's work.

use crate::feeds::dates;
use crate::{Error, Format, Reader, json};
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;

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
