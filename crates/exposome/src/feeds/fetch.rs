//! Bringing the feeds in: what the publishers have that we do not, into a folder of files.
//!
//! Each feed has a folder of its own.  One publisher that is down, slow or
//! wrong keeps none of the others from being fetched, and a file that could not
//! be had leaves the one we have in its place.  Nothing here reads what a feed
//! says; that is for `exposome-intake`.
//!
//! This is the program's only outbound HTTP client.

mod ask;
mod csaf;
mod cve_list;
mod download;
#[cfg(test)]
mod misbehaving;
mod nvd;
mod shape;
mod state;

pub(crate) use ask::ask;
pub(crate) use download::{Have, http_date};
pub(crate) use state::FeedState;

use super::publishers::{Distribution, Http, Publisher};
use download::{Answer, Digest, Downloader, Order};
use jiff::{SignedDuration, Timestamp};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Fetches what the publishers have that the folder has not.
///
/// The outcomes are in the order of the publishers.  Only one run at a time may
/// work in a folder.
pub(crate) fn sync(
    publishers: &[Publisher],
    folder: &Path,
    settings: &Settings,
    clock: &dyn Clock,
    progress: &dyn Fn(&Step<'_>),
) -> Result<Vec<Outcome>, Error> {
    fs::create_dir_all(folder).map_err(download::disk(folder))?;
    let lock_path = folder.join(".sync-lock");
    let lock = fs::File::create(&lock_path).map_err(download::disk(&lock_path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            return Err(Error::AlreadyRunning { folder: folder.to_owned() });
        }
        Err(fs::TryLockError::Error(source)) => {
            return Err(Error::Disk { path: lock_path, source });
        }
    }
    let mut downloader = Downloader::new(settings, clock, progress)?;
    Ok(publishers.iter().map(|it| one(it, folder, &mut downloader)).collect())
}

/// The moment, and waiting for a later one; a test does both without time going by.
pub(crate) trait Clock {
    fn now(&self) -> Timestamp;
    fn wait(&self, duration: Duration);
}

/// The clock on the wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        crate::clock::now()
    }

    #[expect(clippy::disallowed_methods, reason = "a publisher asked us to come back later")]
    fn wait(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// How far a download is, for a bar.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub feed: &'a str,
    pub done_bytes: u64,
    /// Not every publisher says how much there is.
    pub total_bytes: Option<u64>,
}

/// How to ask, the same for all publishers.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub user_agent: String,
    pub proxy: Proxy,
    /// Certificates (PEM) to trust in place of the carried ones: for a network
    /// whose gateway opens TLS with its own authority.
    pub certificates: Option<PathBuf>,
    /// Addresses without TLS, beyond this machine's own.
    pub allow_plain_http: bool,
    pub connect_timeout: Duration,
    /// The longest silence in the middle of an answer.
    pub read_timeout: Duration,
    /// The longest that one request may take as a whole.
    pub total_timeout: Duration,
    /// Failures in a row before a file is given up for this time.
    pub attempts: u32,
    /// A publisher that asks for a longer pause than this is left for another run.
    pub longest_wait: SignedDuration,
    /// Spreads retries of many sites; 0 is no spread.
    pub spread_seed: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            user_agent: concat!("exposome/", env!("CARGO_PKG_VERSION")).into(),
            proxy: Proxy::Environment,
            certificates: None,
            allow_plain_http: false,
            connect_timeout: Duration::from_secs(20),
            read_timeout: Duration::from_mins(1),
            total_timeout: Duration::from_hours(2),
            attempts: 5,
            longest_wait: SignedDuration::from_mins(10),
            spread_seed: 0,
        }
    }
}

impl Settings {
    /// As the configuration's `[http]` says, and the defaults for the rest.
    pub(crate) fn configured(http: &Http) -> Settings {
        let defaults = Settings::default();
        Settings {
            proxy: match http.proxy.as_deref() {
                None => defaults.proxy,
                Some("none") => Proxy::None,
                Some(address) => Proxy::At(address.to_owned()),
            },
            certificates: http.certificates.clone(),
            allow_plain_http: http.allow_without_tls,
            ..defaults
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and their like.
    Environment,
    None,
    At(String),
}

/// What came of one publisher.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub feed: String,
    /// New or newer files.
    pub fetched: Vec<PathBuf>,
    pub fetched_bytes: u64,
    /// Files of which the publisher has nothing newer.
    pub unchanged: usize,
    /// The publisher is not to be asked before this.
    pub later: Option<Timestamp>,
    pub troubles: Vec<Trouble>,
}

/// One thing that could not be had, for a person: what, where, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub what: String,
    pub advice: &'static str,
}

/// An outcome in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fetched,
    NotModified,
    /// The publisher asked us to come back later.
    NotYet,
    /// Some of it.
    Partly,
    Failed,
}

impl Outcome {
    pub(crate) fn verdict(&self) -> Verdict {
        match (self.troubles.is_empty(), self.fetched.is_empty(), self.later) {
            (true, false, _) => Verdict::Fetched,
            (false, false, _) => Verdict::Partly,
            (false, true, _) if self.unchanged > 0 => Verdict::Partly,
            (false, true, _) => Verdict::Failed,
            (true, true, Some(_)) => Verdict::NotYet,
            (true, true, None) => Verdict::NotModified,
        }
    }

    fn trouble(&mut self, error: &Error) {
        if let Error::Busy { until, .. } = error {
            self.later = Some(*until);
        }
        let source = std::error::Error::source(error).map(|it| format!(": {it}"));
        let what = format!("{error}{}", source.unwrap_or_default());
        self.troubles.push(Trouble { what, advice: error.advice() });
    }
}

/// One publisher, from asking to the state written down.
fn one(publisher: &Publisher, folder: &Path, downloader: &mut Downloader<'_>) -> Outcome {
    let mut outcome = Outcome { feed: publisher.feed.clone(), ..Outcome::default() };
    let folder = folder.join(&publisher.feed);
    let mut state = match FeedState::read(&folder) {
        Ok(state) => state,
        Err(error) => {
            outcome.trouble(&error);
            FeedState::default()
        }
    };
    let now = downloader.now();
    if let Some(later) = state.not_before.filter(|later| *later > now) {
        outcome.later = Some(later);
        return outcome;
    }
    state.not_before = None;
    let mut visit = Visit { publisher, folder: &folder, downloader, state, outcome };
    let done = match publisher.distribution {
        Distribution::File => visit.single_file(),
        Distribution::NvdApi => nvd::pages(&mut visit),
        Distribution::CsafDirectory => csaf::directory(&mut visit),
        Distribution::CsafRolie => csaf::rolie(&mut visit),
        Distribution::CveList => cve_list::changes(&mut visit),
    };
    if let Err(error) = done {
        visit.outcome.trouble(&error);
    }
    visit.finish(now)
}

/// A publisher being asked.
struct Visit<'a, 'd> {
    publisher: &'a Publisher,
    folder: &'a Path,
    downloader: &'a mut Downloader<'d>,
    state: FeedState,
    outcome: Outcome,
}

impl Visit<'_, '_> {
    fn address(&self) -> Result<Url, Error> {
        address(&self.publisher.address)
    }

    fn single_file(&mut self) -> Result<(), Error> {
        let name = self.publisher.file.clone().unwrap_or_else(|| "feed".into());
        let address = self.address()?;
        self.fetch(&name, address, None, None).map(|_| ())
    }

    /// Fetches one file of this feed and writes down that we have it.
    fn fetch(
        &mut self,
        name: &str,
        address: Url,
        expected: Option<Digest>,
        stamp: Option<String>,
    ) -> Result<PathBuf, Error> {
        let place = self.folder.join(safe_path(name)?);
        let order = Order {
            publisher: self.publisher,
            address,
            place: place.clone(),
            have: self.state.files.get(name),
            shape: shape_of(name, self.publisher),
            expected,
        };
        match self.downloader.file(&order)? {
            Answer::NotModified => {
                self.outcome.unchanged += 1;
                if let Some(have) = self.state.files.get_mut(name) {
                    have.stamp = stamp;
                }
            }
            Answer::Fetched(have) => {
                self.outcome.fetched_bytes += have.size_bytes;
                self.outcome.fetched.push(place.clone());
                self.state.files.insert(name.to_owned(), Have { stamp, ..have });
            }
        }
        Ok(place)
    }

    /// What the file beside a document says it must hash to.
    fn checksum(&mut self, document: &Url, address: Option<Url>) -> Result<Option<Digest>, Error> {
        use super::publishers::Checksum;
        let kind = self.publisher.checksum;
        let (ending, digits) = match kind {
            Checksum::None => return Ok(None),
            Checksum::Sha256 => ("sha256", 64),
            Checksum::Sha512 => ("sha512", 128),
        };
        let beside = address.unwrap_or_else(|| {
            let mut beside = document.clone();
            beside.set_path(&format!("{}.{ending}", document.path()));
            beside
        });
        let text = self.downloader.text(self.publisher, &beside, 4096)?;
        let hex = text.split_ascii_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if hex.len() == digits && hex.bytes().all(|it| it.is_ascii_hexdigit()) {
            return Ok(Some(Digest { kind, hex }));
        }
        Err(Error::WrongContent {
            address: download::shown(&beside),
            expected: format!("a {ending} checksum of {digits} digits"),
            found: format!("{:?}", text.chars().take(24).collect::<String>()),
        })
    }

    fn save(&mut self) -> Result<(), Error> {
        self.state.write(self.folder)
    }

    fn finish(mut self, now: Timestamp) -> Outcome {
        self.state.asked = Some(now);
        if self.outcome.troubles.is_empty() {
            self.state.complete = Some(now);
            let pause = SignedDuration::from_mins(self.publisher.least_interval_minutes.into());
            self.state.not_before = (!pause.is_zero()).then(|| now + pause);
        } else {
            self.state.not_before = self.outcome.later;
        }
        if let Err(error) = self.save() {
            self.outcome.trouble(&error);
        }
        self.outcome
    }
}

fn address(text: &str) -> Result<Url, Error> {
    Url::parse(text)
        .map_err(|why| Error::Address { address: text.to_owned(), why: why.to_string() })
}

/// A name from a publisher's list as a path below our folder, or a refusal.
pub(crate) fn safe_path(name: &str) -> Result<PathBuf, Error> {
    let safe = |part: &str| {
        !part.is_empty()
            && part.len() <= 200
            && !part.starts_with('.')
            && !part.ends_with('.')
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.+@ ".contains(&it))
    };
    if name.split('/').count() <= 8 && name.split('/').all(safe) {
        return Ok(name.split('/').collect());
    }
    Err(Error::FileName { name: name.to_owned() })
}

/// The files of a feed are of its kind, but for archives, which say so in their names.
fn shape_of(name: &str, publisher: &Publisher) -> shape::Shape {
    use super::publishers::Content;
    match name.rsplit_once('.') {
        Some((_, "zst")) => Content::Zstandard,
        Some((_, "gz" | "tgz")) => Content::Gzip,
        Some((_, "zip")) => Content::Zip,
        Some((_, "csv" | "txt")) if publisher.content == Content::Json => Content::Any,
        _ => publisher.content,
    }
}

/// Why something could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{address:?} is no address: {why}")]
    Address { address: String, why: String },
    #[error("{address} is not asked: it is not https")]
    Unsafe { address: String },
    #[error("{address:?} is no address of a proxy")]
    ProxyAddress { address: String },
    #[error("{} holds no certificate in PEM", path.display())]
    NoCertificate { path: PathBuf },
    #[error("{address} sends us on to {to:?}, which is not followed: not https, or no address")]
    Redirect { address: String, to: String },
    #[error("{address} sends us on more than {times} times")]
    RedirectLoop { address: String, times: u8 },
    #[error("{address} cannot be reached: {why}")]
    NotReached { address: String, why: String },
    #[error("{address} cannot show a certificate that is trusted here: {why}")]
    NotTrusted { address: String, why: String },
    #[error("{address} took too long ({while_what})")]
    TimedOut { address: String, while_what: String },
    #[error("{address} broke off after {got_bytes} bytes{}", of(*expected_bytes))]
    CutShort { address: String, got_bytes: u64, expected_bytes: Option<u64> },
    #[error("{address} answered with status {status}")]
    Status { address: String, status: u16 },
    #[error("{address} is busy (status {status}) and asks us to come back at {until}")]
    Busy { address: String, status: u16, until: Timestamp },
    #[error("{address} sends more than {cap_bytes} bytes")]
    TooLarge { address: String, cap_bytes: u64 },
    #[error("{address} unpacks to more than {cap_bytes} bytes")]
    UnpacksTooLarge { address: String, cap_bytes: u64 },
    #[error("{address} is not {expected} but {found}")]
    WrongContent { address: String, expected: String, found: String },
    #[error("{address} does not have its checksum: {found}, and {expected} was published")]
    Checksum { address: String, expected: String, found: String },
    #[error("{address}, line {line}: {found:?} is not {expected}")]
    Index { address: String, line: usize, expected: &'static str, found: String },
    #[error("{name:?} is not taken as the name of a file")]
    FileName { name: String },
    #[error("{} does not say what was fetched before: {why}", path.display())]
    State { path: PathBuf, why: String },
    #[error("{address}: {failed} documents in a row could not be had; {left} more were not tried")]
    GivenUp { address: String, failed: usize, left: usize },
    #[error("another run is fetching into {}", folder.display())]
    AlreadyRunning { folder: PathBuf },
    #[error("cannot write {}", path.display())]
    Disk { path: PathBuf, source: io::Error },
}

impl Error {
    /// Whether it is worth trying again at once.
    fn may_pass(&self) -> bool {
        match self {
            Error::NotReached { .. }
            | Error::TimedOut { .. }
            | Error::CutShort { .. }
            | Error::Busy { .. } => true,
            Error::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// What a person can do about it.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Error::Address { .. } | Error::Unsafe { .. } | Error::ProxyAddress { .. } => {
                "correct the address in the configuration"
            }
            Error::NoCertificate { .. } => {
                "name a file of certificates in PEM in the configuration"
            }
            Error::Redirect { .. } | Error::RedirectLoop { .. } => {
                "look at the address in a browser: the publisher may have moved, or a gateway asks for a sign-in"
            }
            Error::NotReached { .. } => {
                "check the network, the name service and the proxy; the file we have stays in force"
            }
            Error::NotTrusted { .. } => {
                "if a gateway opens TLS here, name its authority's certificates in the configuration"
            }
            Error::TimedOut { .. } | Error::CutShort { .. } => {
                "run it again: it goes on where it stopped; the file we have stays in force"
            }
            Error::Status { status: 401 | 403, .. } => {
                "the publisher wants a key, or a gateway refuses: ask for one, or have the address allowed"
            }
            Error::Status { status: 404 | 410, .. } => {
                "the publisher has moved: look up the new address and configure it"
            }
            Error::Status { .. } => "the publisher has trouble: run it again later",
            Error::Busy { .. } => "run it again after that time",
            Error::TooLarge { .. } | Error::UnpacksTooLarge { .. } => {
                "if the publisher has grown, raise the cap in the configuration; otherwise do not trust the file"
            }
            Error::WrongContent { .. } => {
                "look at the address in a browser: a gateway's page may stand in for the file; the file we have stays in force"
            }
            Error::Checksum { .. } => {
                "run it again later; if it stays so, tell the publisher: the file we have stays in force"
            }
            Error::Index { .. } | Error::FileName { .. } => {
                "tell the publisher: its list is not as the standard asks"
            }
            Error::State { .. } => "nothing needs to be done: what is there is fetched again",
            Error::GivenUp { .. } => "run it again later: it goes on with what is missing",
            Error::AlreadyRunning { .. } => "wait for it, or end it",
            Error::Disk { .. } => "look at space and permissions",
        }
    }
}

fn of(expected_bytes: Option<u64>) -> String {
    expected_bytes.map(|it| format!(" of {it}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::publishers::{Checksum, Content, Rate};
    use super::misbehaving::{
        Server, TestClock, ok, publisher, settings, stall, status, sync_one, sync_watched,
    };
    use super::state::STATE_FILE;
    use super::*;
    use std::io::Write as _;

    const OLD: &[u8] = br#"{"title":"old"}"#;
    const NEW: &[u8] = br#"{"title":"a new one, and longer"}"#;

    /// A folder that already holds a feed, as fetched.
    fn with_old() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![ok("etag: \"1\"\r\n", OLD)]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        assert_eq!(sync_one(&it, folder.path(), &TestClock::new()).verdict(), Verdict::Fetched);
        let place = folder.path().join("test/feed.json");
        assert_eq!(fs::read(&place).unwrap(), OLD);
        (folder, place)
    }

    /// What a person reads, with the port, which is never the same, taken out.
    fn words(outcome: &Outcome, server: &Server) -> String {
        let troubles: Vec<&str> = outcome.troubles.iter().map(|it| it.what.as_str()).collect();
        troubles.join("; ").replace(&server.address(""), "HOST")
    }

    /// A publisher that answers like this leaves the old file in its place and says why.
    #[track_caller]
    fn check_refused(answers: Vec<Vec<u8>>, expected: &str) {
        let (folder, place) = with_old();
        let server = Server::saying(answers);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(outcome.verdict(), Verdict::Failed);
        assert_eq!(words(&outcome, &server), expected);
        assert_eq!(fs::read(&place).unwrap(), OLD, "the old one stays");
        assert!(!place.with_file_name(".feed.json.whole").exists());
        assert!(outcome.troubles.iter().all(|it| !it.advice.is_empty()));
    }

    #[test]
    fn what_has_not_changed_is_not_sent_again() {
        let folder = tempfile::tempdir().unwrap();
        let modified = "last-modified: Sat, 15 Aug 2026 12:00:00 GMT\r\n";
        let first = ok(&format!("etag: \"1\"\r\n{modified}"), OLD);
        let server = Server::saying(vec![first, status(304, "etag: \"1\"\r\n")]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let clock = TestClock::new();
        let outcome = sync_one(&it, folder.path(), &clock);
        assert_eq!((outcome.verdict(), outcome.fetched_bytes), (Verdict::Fetched, 15));
        let outcome = sync_one(&it, folder.path(), &clock);
        assert_eq!((outcome.verdict(), outcome.unchanged), (Verdict::NotModified, 1));
        let second = &server.asked()[1];
        assert_eq!(second.header("if-none-match"), "\"1\"");
        assert_eq!(second.header("if-modified-since"), "Sat, 15 Aug 2026 12:00:00 GMT");
        assert!(second.header("user-agent").starts_with("exposome/"));
        assert_eq!(second.header("cookie"), "");
        let state = FeedState::read(&folder.path().join("test")).unwrap();
        assert_eq!(state.complete, Some(clock.now()));
        assert_eq!(state.files["feed.json"].size_bytes, 15);
    }

    #[test]
    fn a_file_that_someone_removed_is_fetched_whole() {
        let (folder, place) = with_old();
        fs::remove_file(&place).unwrap();
        let server = Server::saying(vec![ok("", NEW)]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        assert_eq!(sync_one(&it, folder.path(), &TestClock::new()).verdict(), Verdict::Fetched);
        assert_eq!(server.asked()[0].header("if-none-match"), "");
    }

    #[test]
    fn a_download_that_broke_off_goes_on_where_it_stopped() {
        let (folder, place) = with_old();
        let whole = ok("etag: \"2\"\r\n", NEW);
        let cut = whole[..whole.len() - 10].to_vec();
        let at = NEW.len() - 10;
        let range = format!("content-range: bytes {at}-{}/{}\r\n", NEW.len() - 1, NEW.len());
        let rest = [status(206, &format!("{range}content-length: 10\r\n")), NEW[at..].to_vec()];
        let server = Server::saying(vec![cut, rest.concat()]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let clock = TestClock::new();
        let outcome = sync_one(&it, folder.path(), &clock);
        assert_eq!(words(&outcome, &server), "");
        assert_eq!(fs::read(&place).unwrap(), NEW);
        let second = &server.asked()[1];
        assert_eq!(second.header("range"), format!("bytes={at}-"));
        assert_eq!(second.header("if-range"), "\"2\"");
        assert_eq!(clock.seconds_waited(), [1]);
    }

    #[test]
    fn a_download_that_broke_off_begins_anew_if_the_file_is_another_by_now() {
        let (folder, place) = with_old();
        let whole = ok("etag: \"2\"\r\n", OLD);
        let server =
            Server::saying(vec![whole[..whole.len() - 4].to_vec(), ok("etag: \"3\"\r\n", NEW)]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(fs::read(&place).unwrap(), NEW);
    }

    #[test]
    fn pieces_that_do_not_fit_together_are_asked_for_in_one() {
        let (folder, place) = with_old();
        let whole = ok("etag: \"2\"\r\n", NEW);
        let at = NEW.len() - 10;
        let range = format!("content-range: bytes {at}-{}/{}\r\n", NEW.len() - 1, NEW.len());
        let junk = [status(206, &format!("{range}content-length: 10\r\n")), vec![b'#'; 10]];
        let server =
            Server::saying(vec![whole[..whole.len() - 10].to_vec(), junk.concat(), whole.clone()]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(words(&outcome, &server), "");
        assert_eq!(fs::read(&place).unwrap(), NEW);
        assert_eq!(server.asked()[2].header("range"), "");
    }

    #[test]
    fn a_rest_that_begins_elsewhere_is_not_put_to_what_we_have() {
        let (folder, place) = with_old();
        let whole = ok("etag: \"2\"\r\n", NEW);
        let range = format!("content-range: bytes 3-{}/{}\r\n", NEW.len() - 1, NEW.len());
        let length = format!("content-length: {}\r\n", NEW.len() - 3);
        let rest = [status(206, &format!("{range}{length}")), NEW[3..].to_vec()].concat();
        let server = Server::saying(vec![whole[..whole.len() - 10].to_vec(), rest, whole.clone()]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(words(&outcome, &server), "");
        assert_eq!(fs::read(&place).unwrap(), NEW);
        assert_eq!(server.asked()[2].header("range"), "");
    }

    #[test]
    fn a_run_that_is_killed_leaves_the_old_file_and_the_next_run_goes_on() {
        let (folder, place) = with_old();
        let big = [br#"{"pad":""#.to_vec(), vec![b'x'; 400_000], br#""}"#.to_vec()].concat();
        let sent = big.clone();
        let server = Server::new(move |_, request, stream| {
            let at: usize = match request.header("range") {
                "" => 0,
                range => range["bytes=".len()..range.len() - 1].parse().unwrap(),
            };
            let rest = &sent[at..];
            let head = if at == 0 {
                status(200, &format!("etag: \"2\"\r\ncontent-length: {}\r\n", rest.len()))
            } else {
                let range =
                    format!("content-range: bytes {at}-{}/{}\r\n", sent.len() - 1, sent.len());
                status(206, &format!("{range}content-length: {}\r\n", rest.len()))
            };
            let _ = stream.write_all(&head).and_then(|()| stream.write_all(rest));
        });
        let it = publisher(&server.address("/feed"), Distribution::File);
        // Nothing of ours runs after a panic in the middle, as nothing does after a kill.
        let killed = std::panic::catch_unwind(|| {
            let stop = |step: &Step<'_>| assert!(step.done_bytes < 150_000, "killed here");
            sync_watched(&it, folder.path(), &TestClock::new(), &stop)
        });
        assert!(killed.is_err());
        assert_eq!(fs::read(&place).unwrap(), OLD);
        let part = fs::metadata(place.with_file_name(".feed.json.part")).unwrap().len();
        assert!(part >= 150_000, "{part}");
        assert_eq!(sync_one(&it, folder.path(), &TestClock::new()).verdict(), Verdict::Fetched);
        assert_eq!(fs::read(&place).unwrap(), big);
        assert_eq!(server.asked()[1].header("range"), format!("bytes={part}-"));
        assert!(!place.with_file_name(".feed.json.part").exists());
    }

    #[test]
    fn a_publisher_that_falls_silent_does_not_hold_us_up() {
        let (folder, place) = with_old();
        let server = Server::new(|before, _, stream| {
            if before > 0 {
                let _ = stream.write_all(&status(200, "content-length: 100\r\n"));
                let _ = stream.write_all(b"{");
            }
            stall(stream);
        });
        let it = publisher(&server.address("/feed"), Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(server.asked().len(), 3);
        assert!(words(&outcome, &server).starts_with("HOST/feed took too long"));
        assert_eq!(fs::read(&place).unwrap(), OLD);
    }

    #[test]
    fn a_busy_publisher_is_given_the_time_it_asks_for() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![
            status(429, "retry-after: 30\r\n"),
            status(503, "retry-after: Sun, 16 Aug 2026 09:01:00 GMT\r\n"),
            ok("", NEW),
        ]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let clock = TestClock::new();
        assert_eq!(sync_one(&it, folder.path(), &clock).verdict(), Verdict::Fetched);
        assert_eq!(clock.seconds_waited(), [30, 30]);
    }

    #[test]
    fn a_publisher_that_asks_for_an_hour_is_left_alone_for_an_hour() {
        let (folder, _) = with_old();
        let server = Server::saying(vec![status(429, "retry-after: 3600\r\n"), ok("", NEW)]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let clock = TestClock::new();
        let outcome = sync_one(&it, folder.path(), &clock);
        let until: Timestamp = "2026-08-16T10:00:00Z".parse().unwrap();
        assert_eq!((outcome.verdict(), outcome.later), (Verdict::Failed, Some(until)));
        assert_eq!(clock.seconds_waited(), [0; 0]);
        let outcome = sync_one(&it, folder.path(), &clock);
        assert_eq!((outcome.verdict(), outcome.later), (Verdict::NotYet, Some(until)));
        assert_eq!(server.asked().len(), 1, "not asked before then");
        clock.wait(Duration::from_hours(1));
        assert_eq!(sync_one(&it, folder.path(), &clock).verdict(), Verdict::Fetched);
    }

    #[test]
    fn a_publisher_that_stumbles_is_asked_again_with_longer_pauses() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![status(500, ""), status(502, ""), ok("", NEW)]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let clock = TestClock::new();
        assert_eq!(sync_one(&it, folder.path(), &clock).verdict(), Verdict::Fetched);
        assert_eq!(clock.seconds_waited(), [1, 2]);
        check_refused(vec![status(500, ""); 3], "HOST/feed answered with status 500");
    }

    #[test]
    fn a_refusal_is_not_repeated() {
        check_refused(vec![status(403, "")], "HOST/feed answered with status 403");
        check_refused(vec![status(404, "")], "HOST/feed answered with status 404");
    }

    #[test]
    fn a_sign_in_page_is_not_a_feed() {
        let page = b"<!DOCTYPE html><html><title>Sign in</title></html>";
        check_refused(
            vec![ok("content-type: text/html\r\n", page)],
            "HOST/feed is not a JSON document but a web page",
        );
        check_refused(
            vec![ok("content-type: application/json\r\n", b"")],
            "HOST/feed is not a JSON document but nothing",
        );
    }

    #[test]
    fn half_a_document_of_the_right_length_is_not_a_feed() {
        check_refused(
            vec![ok("", br#"{"title": ["#)],
            "HOST/feed is not a JSON document but one that is broken: \
             EOF while parsing a list at line 1 column 11",
        );
    }

    #[test]
    fn a_body_without_end_is_stopped_at_the_cap() {
        let (folder, place) = with_old();
        let server = Server::new(|_, _, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[");
            while stream.write_all(&[b'1'; 4096]).is_ok() {}
        });
        let it = publisher(&server.address("/feed"), Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(words(&outcome, &server), "HOST/feed sends more than 1048576 bytes");
        assert_eq!(server.asked().len(), 1);
        assert_eq!(fs::read(&place).unwrap(), OLD);
        assert!(!place.with_file_name(".feed.json.part").exists());
        check_refused(
            vec![status(200, "content-length: 99999999\r\n")],
            "HOST/feed sends more than 1048576 bytes",
        );
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn a_transfer_in_gzip_is_unpacked_and_a_bomb_in_it_is_stopped() {
        let (folder, place) = with_old();
        let packed = ok("content-encoding: gzip\r\n", &gzip(NEW));
        let server = Server::saying(vec![packed]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(server.asked()[0].header("accept-encoding"), "gzip");
        assert_eq!(fs::read(&place).unwrap(), NEW);
        let bomb = gzip(&vec![b'1'; 64 << 20]);
        check_refused(
            vec![ok("content-encoding: gzip\r\n", &bomb)],
            "HOST/feed sends more than 1048576 bytes",
        );
    }

    #[test]
    fn a_packed_file_is_asked_for_as_it_is_and_unpacked_only_to_look() {
        let folder = tempfile::tempdir().unwrap();
        let packed = gzip(b"#model_version:v1,score_date:2026-08-15T00:00:00Z\n");
        let bomb = gzip(&vec![0; 64 << 20]);
        let cut = packed[..packed.len() - 6].to_vec();
        let server = Server::saying(vec![ok("", &packed), ok("", &bomb), ok("", &cut)]);
        let mut it = publisher(&server.address("/epss.csv.gz"), Distribution::File);
        it.file = Some("epss.csv.gz".into());
        it.content = Content::Gzip;
        let place = folder.path().join("test/epss.csv.gz");
        assert_eq!(sync_one(&it, folder.path(), &TestClock::new()).verdict(), Verdict::Fetched);
        assert_eq!(server.asked()[0].header("accept-encoding"), "identity");
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(words(&outcome, &server), "HOST/epss.csv.gz unpacks to more than 1048576 bytes");
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert!(words(&outcome, &server).contains("one that is broken"));
        assert_eq!(fs::read(&place).unwrap(), packed);
    }

    #[test]
    fn a_redirect_is_followed_but_not_in_circles_and_not_out_of_the_web() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![status(302, "location: /today\r\n"), ok("", NEW)]);
        let it = publisher(&server.address("/current"), Distribution::File);
        assert_eq!(sync_one(&it, folder.path(), &TestClock::new()).verdict(), Verdict::Fetched);
        assert_eq!(server.paths(), ["/current", "/today"]);
        check_refused(
            vec![status(302, "location: /feed\r\n"); 9],
            "HOST/feed sends us on more than 5 times",
        );
        for to in
            ["file:///etc/passwd", "ftp://127.0.0.1/feed", "http://192.0.2.1/feed", "http://["]
        {
            check_refused(
                vec![status(301, &format!("location: {to}\r\n"))],
                &format!(
                    "HOST/feed sends us on to {to:?}, which is not followed: not https, or no address"
                ),
            );
        }
    }

    #[test]
    fn the_key_goes_to_the_publisher_and_not_to_where_it_sends_us() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = Server::saying(vec![ok("", NEW)]);
        let to = format!("location: {}\r\n", elsewhere.address("/feed"));
        let server = Server::saying(vec![status(302, &to)]);
        let mut it = publisher(&server.address("/feed"), Distribution::File);
        it.key_header = Some("apiKey".into());
        it.key = Some(toml_key("secret"));
        assert_eq!(sync_one(&it, folder.path(), &TestClock::new()).verdict(), Verdict::Fetched);
        assert_eq!(server.asked()[0].header("apikey"), "secret");
        assert_eq!(elsewhere.asked()[0].header("apikey"), "");
    }

    fn toml_key(text: &str) -> super::super::publishers::Key {
        serde_json::from_value(text.into()).unwrap()
    }

    #[test]
    fn without_tls_only_this_machine_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let it = publisher("http://192.0.2.1/feed", Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(outcome.troubles[0].what, "http://192.0.2.1/feed is not asked: it is not https");
    }

    #[test]
    fn a_server_that_does_not_speak_tls_is_not_spoken_to_without() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![ok("", NEW); 3]);
        let it = publisher(&server.address("/feed").replace("http:", "https:"), Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(outcome.verdict(), Verdict::Failed);
        assert!(!folder.path().join("test/feed.json").exists());
    }

    #[test]
    fn a_configured_proxy_is_asked_in_the_publishers_stead() {
        let folder = tempfile::tempdir().unwrap();
        let proxy = Server::saying(vec![status(403, ""); 3]);
        let http = Http { proxy: Some(proxy.address("/")), ..Http::default() };
        let settings = Settings { attempts: 1, ..Settings::configured(&http) };
        let it = publisher("https://feeds.example/feed", Distribution::File);
        let outcomes = sync(&[it], folder.path(), &settings, &TestClock::new(), &|_| {}).unwrap();
        assert_eq!(proxy.paths(), ["feeds.example:443"], "asked to connect, and for nothing else");
        assert_eq!(outcomes[0].verdict(), Verdict::Failed);
    }

    #[test]
    fn one_publisher_that_is_down_keeps_no_other_from_being_fetched() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![ok("", NEW)]);
        let gone = {
            let server = Server::saying(Vec::new());
            server.address("/feed")
        };
        let mut down = publisher(&gone, Distribution::File);
        down.feed = "down".into();
        let up = publisher(&server.address("/feed"), Distribution::File);
        let outcomes =
            sync(&[down, up], folder.path(), &settings(), &TestClock::new(), &|_| {}).unwrap();
        let verdicts: Vec<Verdict> = outcomes.iter().map(Outcome::verdict).collect();
        assert_eq!(verdicts, [Verdict::Failed, Verdict::Fetched]);
        assert!(outcomes[0].troubles[0].what.contains("cannot be reached"));
    }

    #[test]
    fn the_rate_that_a_publisher_allows_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::saying(vec![status(500, ""), status(500, ""), ok("", NEW)]);
        let mut it = publisher(&server.address("/feed"), Distribution::File);
        it.rate = Some(Rate { requests: 2, seconds: 30 });
        let clock = TestClock::new();
        assert_eq!(sync_one(&it, folder.path(), &clock).verdict(), Verdict::Fetched);
        assert_eq!(
            clock.seconds_waited(),
            [1, 2, 27],
            "the third request comes after thirty seconds"
        );
    }

    #[test]
    fn two_runs_do_not_work_in_one_folder() {
        let folder = tempfile::tempdir().unwrap();
        let held = fs::File::create(folder.path().join(".sync-lock")).unwrap();
        held.lock().unwrap();
        let error = sync(&[], folder.path(), &settings(), &TestClock::new(), &|_| {}).unwrap_err();
        assert!(matches!(error, Error::AlreadyRunning { .. }));
    }

    #[test]
    fn a_state_that_cannot_be_read_is_said_and_everything_is_fetched_again() {
        let (folder, place) = with_old();
        fs::write(place.with_file_name(STATE_FILE), b"{").unwrap();
        let server = Server::saying(vec![ok("", NEW)]);
        let it = publisher(&server.address("/feed"), Distribution::File);
        let outcome = sync_one(&it, folder.path(), &TestClock::new());
        assert_eq!(outcome.verdict(), Verdict::Partly);
        assert_eq!(fs::read(&place).unwrap(), NEW);
        assert!(outcome.troubles[0].what.contains("does not say what was fetched before"));
    }

    #[test]
    fn names_that_would_leave_the_folder_are_refused() {
        for name in ["../x", "/x", "a/../x", "a//b", ".x", "", "a\\b", "C:x", "a\0", "x."] {
            assert!(safe_path(name).is_err(), "{name:?}");
        }
        assert_eq!(safe_path("2024/icsma-24-1.json").unwrap(), Path::new("2024/icsma-24-1.json"));
    }

    #[test]
    fn a_checksum_is_read_as_publishers_write_it() {
        let folder = tempfile::tempdir().unwrap();
        let line = format!("{}  feed.json\n", "AB".repeat(64));
        let server = Server::saying(vec![ok("", line.as_bytes()), ok("", b"<html>")]);
        let mut it = publisher(&server.address("/feed"), Distribution::File);
        it.checksum = Checksum::Sha512;
        let (settings, clock) = (settings(), TestClock::new());
        let mut downloader = Downloader::new(&settings, &clock, &|_| {}).unwrap();
        let mut visit = Visit {
            publisher: &it,
            folder: folder.path(),
            downloader: &mut downloader,
            state: FeedState::default(),
            outcome: Outcome::default(),
        };
        let document = address(&server.address("/a.json")).unwrap();
        let digest = visit.checksum(&document, None).unwrap().unwrap();
        assert_eq!(digest.hex, "ab".repeat(64));
        assert_eq!(server.paths(), ["/a.json.sha512"]);
        assert!(visit.checksum(&document, None).is_err());
    }
}
