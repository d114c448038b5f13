//! Who publishes what, where, and how often one may ask.
//!
//! Each publisher is a file in `rules/publishers/`, carried in the program;
//! the configuration may change any of them, or add one, without a new release.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One feed, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Publisher {
    /// The feed's short name; also the folder its files are kept in.
    pub feed: String,
    pub name: String,
    pub address: String,
    pub distribution: Distribution,
    /// What a file is called here, for a feed of one file.
    pub file: Option<String>,
    /// What a document of this feed is, so that a sign-in page is not taken for one.
    pub content: Content,
    /// No single file may be larger than this.
    pub cap_mb: u64,
    /// What a compressed file may unpack to; sixteen times `cap_mb` if left out.
    pub unpacked_cap_mb: Option<u64>,
    #[serde(default)]
    pub checksum: Checksum,
    /// CSAF directories: the file that names the newest archive of the whole.
    pub archive: Option<String>,
    /// CVE List: after how many days the whole is fetched again instead of every change.
    pub whole_again_days: Option<i64>,
    pub rate: Option<Rate>,
    pub rate_with_key: Option<Rate>,
    /// The header a key is sent in.
    pub key_header: Option<String>,
    /// The key itself; only ever from the configuration.
    pub key: Option<Key>,
    /// The publisher asks not to be asked more often than this.
    #[serde(default)]
    pub least_interval_minutes: u32,
    /// Fetched unless switched off.
    #[serde(default = "yes")]
    pub by_default: bool,
    pub licence: String,
    /// What the publisher wants to be said where its data is shown.
    pub attribution: String,
}

/// The ways in which publishers hand out what they have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Distribution {
    /// One file, or one archive, at one address.
    File,
    /// NVD API 2.0: pages of the whole, then pages of what changed.
    NvdApi,
    /// CSAF 2.0, sections 7.1.11 to 7.1.13: a folder with `changes.csv` or `index.txt`.
    CsafDirectory,
    /// CSAF 2.0, section 7.1.15: a ROLIE feed in JSON.
    CsafRolie,
    /// CVE List: the whole of a day, and what changed since.
    CveList,
}

/// What a document must look like in its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Content {
    Json,
    Csv,
    Gzip,
    Zip,
    Zstandard,
    /// Not known beforehand; anything but a web page.
    Any,
}

/// The file beside each document that says what it must hash to (CSAF 2.0, section 7.1.18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Checksum {
    #[default]
    None,
    Sha256,
    Sha512,
}

/// A key given by a publisher; never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Key(String);

impl Key {
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(a key)")
    }
}

/// At most so many requests in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rate {
    pub requests: u32,
    pub seconds: u32,
}

/// What the configuration says about fetching feeds:
///
/// ```toml
/// [http]
/// proxy = "http://proxy.hospital.example:3128"
/// [feeds.nvd]
/// key = "..."
/// [[publisher]]
/// feed = "our-vendor"
/// ```
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Configuration {
    pub http: Http,
    /// By feed.
    pub feeds: BTreeMap<String, Change>,
    /// Publishers of one's own, each described as those in `rules/publishers/`.
    pub publisher: Vec<Publisher>,
}

/// How to get out of the house.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Http {
    /// An address, or `none`; what the environment says if left out.
    pub proxy: Option<String>,
    /// Certificates (PEM) to trust in place of the carried ones.
    pub certificates: Option<PathBuf>,
    /// Addresses without TLS, for a mirror in the house.
    pub allow_without_tls: bool,
}

impl Configuration {
    pub(crate) fn read(text: &str) -> Result<Configuration, Error> {
        toml::from_str(text).map_err(|source| Error::NotAConfiguration { source: Box::new(source) })
    }

    /// The publishers as configured, by feed.
    pub(crate) fn publishers(&self) -> Result<Vec<Publisher>, Error> {
        publishers(&self.feeds, &self.publisher)
    }
}

/// What the configuration changes in a publisher; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// Whether `feeds sync` fetches it.
    pub enabled: Option<bool>,
    /// A mirror, say.
    pub address: Option<String>,
    pub key: Option<Key>,
    pub cap_mb: Option<u64>,
    pub rate: Option<Rate>,
    pub least_interval_minutes: Option<u32>,
}

impl Publisher {
    pub(crate) fn cap_bytes(&self) -> u64 {
        self.cap_mb.saturating_mul(1 << 20)
    }

    pub(crate) fn unpacked_cap_bytes(&self) -> u64 {
        self.unpacked_cap_mb.unwrap_or(self.cap_mb.saturating_mul(16)).saturating_mul(1 << 20)
    }

    /// How often one may ask, with the key there is.
    pub(crate) fn rate(&self) -> Option<Rate> {
        match &self.key {
            Some(_) => self.rate_with_key.or(self.rate),
            None => self.rate,
        }
    }

    fn change(&mut self, change: &Change) {
        if let Some(enabled) = change.enabled {
            self.by_default = enabled;
        }
        if let Some(address) = &change.address {
            self.address.clone_from(address);
        }
        if let Some(key) = &change.key {
            self.key = Some(key.clone());
        }
        if let Some(cap_mb) = change.cap_mb {
            self.cap_mb = cap_mb;
        }
        if let Some(rate) = change.rate {
            self.rate = Some(rate);
            self.rate_with_key = Some(rate);
        }
        if let Some(minutes) = change.least_interval_minutes {
            self.least_interval_minutes = minutes;
        }
    }
}

/// The publishers the program knows, with what the configuration changes and adds, by feed.
pub(crate) fn publishers(
    changes: &BTreeMap<String, Change>,
    more: &[Publisher],
) -> Result<Vec<Publisher>, Error> {
    let mut all = BTreeMap::new();
    for (name, text) in CARRIED {
        let publisher: Publisher = toml::from_str(text)
            .map_err(|source| Error::NotAPublisher { name, source: Box::new(source) })?;
        all.insert(publisher.feed.clone(), publisher);
    }
    for publisher in more {
        if !is_feed_name(&publisher.feed) {
            return Err(Error::FeedName { feed: publisher.feed.clone() });
        }
        all.insert(publisher.feed.clone(), publisher.clone());
    }
    for (feed, change) in changes {
        let Some(publisher) = all.get_mut(feed) else {
            let known = all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(Error::UnknownFeed { feed: feed.clone(), known });
        };
        publisher.change(change);
    }
    Ok(all.into_values().collect())
}

/// Why there is no list of publishers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("rules/publishers/{name} does not describe a publisher")]
    NotAPublisher { name: &'static str, source: Box<toml::de::Error> },
    #[error("the configuration of feeds is not understood")]
    NotAConfiguration { source: Box<toml::de::Error> },
    #[error(
        "the configuration speaks of a feed {feed:?}, which nobody publishes; known are {known}"
    )]
    UnknownFeed { feed: String, known: String },
    #[error("a feed cannot be called {feed:?}: small letters, digits and dashes, at most 64")]
    FeedName { feed: String },
}

/// A feed's name is also a folder's.
fn is_feed_name(feed: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !feed.is_empty() && feed.len() <= 64 && feed.bytes().all(fits)
}

fn yes() -> bool {
    true
}

macro_rules! carried {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../rules/publishers/", $name)))),*]
    };
}

const CARRIED: &[(&str, &str)] = carried![
    "cisa-csaf.toml",
    "cve.toml",
    "endoflife.toml",
    "epss.toml",
    "kev.toml",
    "metasploit.toml",
    "nvd-overrides.toml",
    "nvd.toml",
    "redhat-vex.toml",
    "siemens-csaf.toml",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Publisher> {
        publishers(&BTreeMap::new(), &[]).unwrap()
    }

    #[test]
    fn every_file_in_the_folder_is_carried_and_names_its_own_feed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/publishers");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let carried: Vec<&str> = CARRIED.iter().map(|(name, _)| *name).collect();
        assert_eq!(files, carried);
        let mut feeds: Vec<String> =
            known().into_iter().map(|it| format!("{}.toml", it.feed)).collect();
        feeds.sort();
        assert_eq!(feeds, carried);
    }

    #[test]
    fn every_publisher_is_asked_over_https_says_its_licence_and_carries_no_key() {
        for it in known() {
            assert!(it.address.starts_with("https://"), "{}", it.address);
            assert!(!it.licence.is_empty() && !it.attribution.is_empty(), "{}", it.feed);
            assert_eq!(it.key, None, "{}", it.feed);
            assert!(is_feed_name(&it.feed), "{}", it.feed);
            assert_eq!(it.distribution == Distribution::File, it.file.is_some(), "{}", it.feed);
        }
    }

    #[test]
    fn the_configuration_names_a_mirror_and_a_key_and_a_key_raises_the_rate() {
        let text = "[http]\nproxy = \"none\"\n[feeds.nvd]\naddress = \"https://mirror.example/nvd\"\n\
                    key = \"k\"\n[feeds.kev]\nenabled = false\n";
        let configuration = Configuration::read(text).unwrap();
        assert_eq!(configuration.http.proxy.as_deref(), Some("none"));
        let all = configuration.publishers().unwrap();
        let nvd = all.iter().find(|it| it.feed == "nvd").unwrap();
        assert_eq!(nvd.address, "https://mirror.example/nvd");
        assert_eq!(nvd.rate(), Some(Rate { requests: 50, seconds: 30 }));
        assert!(!all.iter().find(|it| it.feed == "kev").unwrap().by_default);
        assert!(!format!("{nvd:?}").contains("\"k\""), "a key is never shown");
        let plain = known();
        let nvd = plain.iter().find(|it| it.feed == "nvd").unwrap();
        assert_eq!(nvd.rate(), Some(Rate { requests: 5, seconds: 30 }));
    }

    #[test]
    fn a_feed_that_nobody_publishes_is_named() {
        let changes = BTreeMap::from([("kve".to_owned(), Change::default())]);
        let error = publishers(&changes, &[]).unwrap_err().to_string();
        assert!(error.contains("\"kve\"") && error.contains("kev"), "{error}");
    }

    #[test]
    fn a_feed_of_ones_own_is_added_unless_its_name_would_leave_the_folder() {
        let mut own = known().remove(0);
        own.feed = "our-vendor".into();
        assert_eq!(publishers(&BTreeMap::new(), &[own.clone()]).unwrap().len(), CARRIED.len() + 1);
        own.feed = "../elsewhere".into();
        assert!(publishers(&BTreeMap::new(), &[own]).is_err());
    }
}
