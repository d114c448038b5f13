//! One file over HTTP: asked for only if it changed, taken up where it broke
//! off, never larger than agreed, and in its place only once it is whole.
//!
//! HTTP semantics are RFC 9110: conditional requests (section 13), ranges
//! (section 14), `Retry-After` (section 10.2.3).  What arrives is kept beside
//! its final place under a name with a dot in front; a download that breaks
//! off, today or in another run, goes on from there if the publisher can tell
//! that it is still the same file.
//!
//! **Invariant:** the file in its place is always a whole one, old or new.

use super::shape::{self, Shape};
use super::{Clock, Error, Settings};
use crate::feeds::publishers::{Checksum, Publisher, Rate};
use aws_lc_rs::digest::{Context, SHA256, SHA512};
use exposome_store::hex;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// What we know of a file we have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Have {
    pub address: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// As the publisher wrote it (RFC 9110, section 8.8.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    pub sha256: String,
    pub size_bytes: u64,
    pub fetched: Timestamp,
    /// What the publisher's own list said of this version, where there is a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<String>,
}

/// What is wanted, and where to put it.
#[derive(Debug, Clone)]
pub(crate) struct Order<'a> {
    pub publisher: &'a Publisher,
    pub address: Url,
    /// Where the file goes in the end.
    pub place: PathBuf,
    /// What we have of it already.
    pub have: Option<&'a Have>,
    pub shape: Shape,
    pub expected: Option<Digest>,
}

/// What a file must hash to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Digest {
    pub kind: Checksum,
    /// Small letters.
    pub hex: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    NotModified,
    Fetched(Have),
}

/// The only way out of the house.
pub(crate) struct Downloader<'a> {
    agent: ureq::Agent,
    settings: &'a Settings,
    clock: &'a dyn Clock,
    progress: &'a dyn Fn(&super::Step<'_>),
    /// When each feed's publisher was asked lately.
    asked: BTreeMap<String, VecDeque<Timestamp>>,
}

/// A response whose body is still to be read.
struct Response {
    from: Url,
    status: u16,
    headers: ureq::http::HeaderMap,
    body: ureq::BodyReader<'static>,
}

/// What one attempt came to grief over, and whether it got anywhere.
struct Setback {
    error: Error,
    moved: bool,
}

impl From<Error> for Setback {
    fn from(error: Error) -> Setback {
        Setback { error, moved: false }
    }
}

impl<'a> Downloader<'a> {
    pub(crate) fn new(
        settings: &'a Settings,
        clock: &'a dyn Clock,
        progress: &'a dyn Fn(&super::Step<'_>),
    ) -> Result<Downloader<'a>, Error> {
        let agent = agent(settings)?;
        Ok(Downloader { agent, settings, clock, progress, asked: BTreeMap::new() })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A small text, such as a list of changes or a checksum, held in memory.
    pub(crate) fn text(
        &mut self,
        publisher: &Publisher,
        address: &Url,
        cap_bytes: u64,
    ) -> Result<String, Error> {
        self.patiently(|this| Ok(this.text_once(publisher, address, cap_bytes)?))
    }

    fn text_once(
        &mut self,
        publisher: &Publisher,
        address: &Url,
        cap_bytes: u64,
    ) -> Result<String, Error> {
        let response = self.ask(publisher, address, &[("accept-encoding", "identity".into())])?;
        if response.status != 200 {
            return Err(self.refusal(&response));
        }
        let mut bytes = Vec::new();
        let from = response.from;
        response
            .body
            .take(cap_bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| broken_off(&from, bytes_len(&bytes), None, &source))?;
        if bytes_len(&bytes) > cap_bytes {
            return Err(Error::TooLarge { address: shown(&from), cap_bytes });
        }
        String::from_utf8(bytes).map_err(|_| Error::WrongContent {
            address: shown(&from),
            expected: "UTF-8 text".into(),
            found: "bytes that are not".into(),
        })
    }

    /// Fetches one file into its place.
    pub(crate) fn file(&mut self, order: &Order<'_>) -> Result<Answer, Error> {
        if let Some(folder) = order.place.parent() {
            fs::create_dir_all(folder).map_err(disk(folder))?;
        }
        self.patiently(|this| this.file_once(order))
    }

    /// Tries again what may pass, waiting longer each time.  An attempt that got some
    /// bytes further does not count as a failed one, within reason.
    fn patiently<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Self) -> Result<T, Setback>,
    ) -> Result<T, Error> {
        let (mut failed, mut moved) = (0, 0);
        loop {
            let setback = match attempt(self) {
                Ok(it) => return Ok(it),
                Err(setback) => setback,
            };
            if setback.moved && moved < LONGEST_SERIES_OF_PIECES {
                moved += 1;
                failed = 0;
            } else {
                failed += 1;
            }
            if !setback.error.may_pass() || failed >= self.settings.attempts {
                return Err(setback.error);
            }
            let wait = match &setback.error {
                Error::Busy { until, .. } => until.duration_since(self.clock.now()),
                _ => self.backoff(failed),
            };
            if wait > self.settings.longest_wait {
                return Err(setback.error);
            }
            self.clock.wait(wait.max(SignedDuration::ZERO).unsigned_abs());
        }
    }

    /// One second, two, four, ... with a quarter of spread from the seed, so that
    /// many sites do not come back at the same moment.
    fn backoff(&self, failed: u32) -> SignedDuration {
        let doubled = 1_i64.checked_shl(failed.saturating_sub(1)).unwrap_or(i64::MAX);
        let seconds = doubled.clamp(1, LONGEST_BACKOFF_SECONDS);
        let quarter_ms = u64::try_from(seconds * 250).unwrap_or(0);
        let spread_ms = match self.settings.spread_seed {
            0 => 0,
            seed => mixed(seed.wrapping_add(u64::from(failed))) % quarter_ms.max(1),
        };
        SignedDuration::from_secs(seconds)
            + SignedDuration::from_millis(i64::try_from(spread_ms).unwrap_or(0))
    }

    fn file_once(&mut self, order: &Order<'_>) -> Result<Answer, Setback> {
        let part = Part::beside(&order.place)?;
        let begun = part.begun(&order.address)?;
        let response =
            self.ask(order.publisher, &order.address, &headers(order, begun.as_ref()))?;
        match (response.status, &begun) {
            (304, _) if order.have.is_some() => Ok(Answer::NotModified),
            (206, Some((begun, len))) if continues(&response, *len) => {
                self.receive(order, &part, begun, *len, response)
            }
            (200, _) => {
                let begun = Begun::of(&order.address, &response.headers);
                part.begin(&begun)?;
                self.receive(order, &part, &begun, 0, response)
            }
            (206 | 416, Some(_)) => {
                // What we have of it is not part of what there is now.
                part.discard()?;
                let from = shown(&response.from);
                Err(Error::CutShort { address: from, got_bytes: 0, expected_bytes: None }.into())
            }
            _ => Err(self.refusal(&response).into()),
        }
    }

    /// Reads the body to its end, then puts the file into its place.
    fn receive(
        &self,
        order: &Order<'_>,
        part: &Part,
        begun: &Begun,
        already_bytes: u64,
        response: Response,
    ) -> Result<Answer, Setback> {
        let cap_bytes = order.publisher.cap_bytes();
        let expected_bytes = length(&response.headers).map(|rest| already_bytes + rest);
        let from = response.from;
        if expected_bytes.is_some_and(|it| it > cap_bytes) {
            part.discard()?;
            return Err(Error::TooLarge { address: shown(&from), cap_bytes }.into());
        }
        let mut file =
            fs::OpenOptions::new().append(true).open(&part.bytes).map_err(disk(&part.bytes))?;
        let mut body = response.body;
        let mut got_bytes = already_bytes;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => {
                    let error = broken_off(&from, got_bytes, expected_bytes, &source);
                    return Err(Setback {
                        error,
                        moved: already_bytes > 0 && got_bytes > already_bytes,
                    });
                }
            };
            let chunk = buffer.get(..read).unwrap_or_default();
            file.write_all(chunk).map_err(disk(&part.bytes))?;
            got_bytes += bytes_len(chunk);
            if got_bytes > cap_bytes {
                part.discard()?;
                return Err(Error::TooLarge { address: shown(&from), cap_bytes }.into());
            }
            (self.progress)(&super::Step {
                feed: &order.publisher.feed,
                done_bytes: got_bytes,
                total_bytes: expected_bytes,
            });
        }
        if expected_bytes.is_some_and(|it| it != got_bytes) {
            let error = Error::CutShort { address: shown(&from), got_bytes, expected_bytes };
            return Err(Setback { error, moved: already_bytes > 0 && got_bytes > already_bytes });
        }
        file.sync_all().map_err(disk(&part.bytes))?;
        let put = self.put_in_place(order, part, begun, &from);
        part.discard()?;
        match put {
            // The pieces do not fit together; asked for in one, they may.
            Err(Error::WrongContent { .. } | Error::Checksum { .. }) if already_bytes > 0 => {
                let address = shown(&from);
                Err(Error::CutShort { address, got_bytes: 0, expected_bytes }.into())
            }
            put => Ok(Answer::Fetched(put?)),
        }
    }

    /// Takes the transfer's own compression off, looks whether it is what it should be, and
    /// only then lets it take the old one's place.
    fn put_in_place(
        &self,
        order: &Order<'_>,
        part: &Part,
        begun: &Begun,
        from: &Url,
    ) -> Result<Have, Error> {
        let arrived = File::open(&part.bytes).map_err(disk(&part.bytes))?;
        let mut whole = File::create(&part.whole).map_err(disk(&part.whole))?;
        let cap_bytes = order.publisher.cap_bytes();
        let digests = match begun.encoding.as_deref() {
            None | Some("identity") => copy(arrived, &mut whole, u64::MAX, &part.whole, from)?,
            Some("gzip" | "x-gzip") => {
                let plain = flate2::read::MultiGzDecoder::new(BufReader::new(arrived));
                copy(plain, &mut whole, cap_bytes, &part.whole, from)?
            }
            Some(other) => {
                return Err(Error::WrongContent {
                    address: shown(from),
                    expected: "no content encoding, or gzip".into(),
                    found: format!("content encoding {other:?}"),
                });
            }
        };
        if let Some(expected) = &order.expected {
            let found = digests.hex(expected.kind);
            if *found != expected.hex {
                return Err(Error::Checksum {
                    address: shown(from),
                    expected: expected.hex.clone(),
                    found: found.to_owned(),
                });
            }
        }
        let unpacked_cap_bytes = order.publisher.unpacked_cap_bytes();
        shape::check(&part.whole, order.shape, unpacked_cap_bytes, from)?;
        whole.sync_all().map_err(disk(&part.whole))?;
        fs::rename(&part.whole, &order.place).map_err(disk(&order.place))?;
        sync_folder(&order.place)?;
        Ok(Have {
            address: order.address.to_string(),
            etag: begun.etag.clone(),
            last_modified: begun.last_modified.clone(),
            sha256: digests.sha256,
            size_bytes: digests.size_bytes,
            fetched: self.clock.now(),
            stamp: None,
        })
    }

    /// Asks, going where the publisher sends us as far as that is safe.
    fn ask(
        &mut self,
        publisher: &Publisher,
        address: &Url,
        headers: &[(&str, String)],
    ) -> Result<Response, Error> {
        may_ask(address, self.settings)?;
        let mut at = address.clone();
        for _ in 0..=MOST_REDIRECTS {
            self.keep_the_rate(publisher);
            let mut request = self.agent.get(at.as_str());
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            // The key is for the publisher alone, not for wherever it sends us.
            if let (Some(name), Some(key)) = (&publisher.key_header, &publisher.key)
                && at.origin() == address.origin()
            {
                request = request.header(name, key.reveal());
            }
            let response = request.call().map_err(|error| not_reached(&at, error))?;
            let (parts, body) = response.into_parts();
            let status = parts.status.as_u16();
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                let body = body.into_reader();
                return Ok(Response { from: at, status, headers: parts.headers, body });
            }
            let to = text_of(&parts.headers, "location").unwrap_or_default();
            let next = at.join(&to).ok().filter(|next| may_follow(&at, next));
            at = next.ok_or_else(|| Error::Redirect { address: shown(&at), to })?;
        }
        Err(Error::RedirectLoop { address: shown(address), times: MOST_REDIRECTS })
    }

    /// Waits until another request is within what the publisher allows.
    fn keep_the_rate(&mut self, publisher: &Publisher) {
        let Some(Rate { requests, seconds }) = publisher.rate() else { return };
        let window = SignedDuration::from_secs(i64::from(seconds));
        let asked = self.asked.entry(publisher.feed.clone()).or_default();
        if asked.len() >= usize::try_from(requests.max(1)).unwrap_or(usize::MAX)
            && let Some(first) = asked.pop_front()
        {
            let wait = window - self.clock.now().duration_since(first);
            if wait.is_positive() {
                self.clock.wait(wait.unsigned_abs());
            }
        }
        asked.push_back(self.clock.now());
    }

    /// What a status that brings no document means.
    fn refusal(&self, response: &Response) -> Error {
        let (address, status) = (shown(&response.from), response.status);
        let asked_to_wait = text_of(&response.headers, "retry-after");
        match asked_to_wait.and_then(|it| moment_of(&it, self.clock.now())) {
            Some(until) if matches!(status, 429 | 503) => Error::Busy { address, status, until },
            _ => Error::Status { address, status },
        }
    }
}

const MOST_REDIRECTS: u8 = 5;
const LONGEST_BACKOFF_SECONDS: i64 = 300;
/// How often a download may break off and go on, as long as each piece brings something.
const LONGEST_SERIES_OF_PIECES: u32 = 100;

pub(super) fn agent(settings: &Settings) -> Result<ureq::Agent, Error> {
    use ureq::tls::{RootCerts, TlsConfig};
    let roots = match &settings.certificates {
        None => RootCerts::WebPki,
        Some(path) => certificates(path)?,
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls =
        TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
    let proxy = match &settings.proxy {
        super::Proxy::Environment => ureq::Proxy::try_from_env(),
        super::Proxy::None => None,
        super::Proxy::At(address) => {
            let wrong = |_| Error::ProxyAddress { address: address.clone() };
            Some(ureq::Proxy::new(address).map_err(wrong)?)
        }
    };
    Ok(ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(settings.user_agent.as_str())
        .accept("*/*")
        .proxy(proxy)
        .tls_config(tls)
        .timeout_connect(Some(settings.connect_timeout))
        .timeout_recv_response(Some(settings.read_timeout))
        .timeout_per_read(Some(settings.read_timeout))
        .timeout_per_write(Some(settings.read_timeout))
        .timeout_global(Some(settings.total_timeout))
        .build()
        .new_agent())
}

fn certificates(path: &Path) -> Result<ureq::tls::RootCerts, Error> {
    let text = fs::read(path).map_err(disk(path))?;
    let found: Vec<_> = ureq::tls::parse_pem(&text)
        .filter_map(|item| match item {
            Ok(ureq::tls::PemItem::Certificate(it)) => Some(it),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return Err(Error::NoCertificate { path: path.to_owned() });
    }
    Ok(ureq::tls::RootCerts::new_with_certs(&found))
}

/// Over the open net only with TLS; without it only to this machine, or where the
/// configuration says so.
pub(super) fn may_ask(address: &Url, settings: &Settings) -> Result<(), Error> {
    let loopback = match address.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    match address.scheme() {
        "https" => Ok(()),
        "http" if loopback || settings.allow_plain_http => Ok(()),
        _ => Err(Error::Unsafe { address: shown(address) }),
    }
}

/// A redirect may lead to TLS, or from plain to plain on the same host; never out of TLS.
fn may_follow(from: &Url, to: &Url) -> bool {
    match (from.scheme(), to.scheme()) {
        (_, "https") => true,
        ("http", "http") => from.host() == to.host(),
        _ => false,
    }
}

/// What to ask with: for the rest of a part, for a newer one, or for the whole.
fn headers(order: &Order<'_>, begun: Option<&(Begun, u64)>) -> Vec<(&'static str, String)> {
    // A packed file gains nothing from being packed again, and a range of it
    // should be a range of the file.
    let encoding = if order.shape.is_packed() { "identity" } else { "gzip" };
    let mut headers = vec![("accept-encoding", encoding.to_owned())];
    if let Some((begun, len)) = begun
        && let Some(validator) = begun.validator()
    {
        headers.push(("range", format!("bytes={len}-")));
        headers.push(("if-range", validator.to_owned()));
        return headers;
    }
    let in_place = |have: &&Have| {
        fs::metadata(&order.place).is_ok_and(|file| file.len() == have.size_bytes)
            && have.address == order.address.as_str()
    };
    if let Some(have) = order.have.filter(in_place) {
        if let Some(etag) = &have.etag {
            headers.push(("if-none-match", etag.clone()));
        }
        if let Some(date) = &have.last_modified {
            headers.push(("if-modified-since", date.clone()));
        }
    }
    headers
}

/// What a part of a file is a part of; kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    address: String,
    etag: Option<String>,
    last_modified: Option<String>,
    encoding: Option<String>,
}

impl Begun {
    fn of(address: &Url, headers: &ureq::http::HeaderMap) -> Begun {
        Begun {
            address: address.to_string(),
            etag: text_of(headers, "etag"),
            last_modified: text_of(headers, "last-modified"),
            encoding: text_of(headers, "content-encoding"),
        }
    }

    /// What proves that the rest is of the same file: a strong tag, or a date
    /// (RFC 9110, section 13.1.5).
    fn validator(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|tag| !tag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }
}

/// The three files a download uses beside the final place.
#[derive(Debug)]
struct Part {
    /// What has arrived so far, as it was sent.
    bytes: PathBuf,
    /// What it is a part of.
    begun: PathBuf,
    /// The whole, unpacked, before it takes its place.
    whole: PathBuf,
}

impl Part {
    fn beside(place: &Path) -> Result<Part, Error> {
        let name = place.file_name().and_then(|it| it.to_str());
        let name = name.ok_or_else(|| Error::FileName { name: place.display().to_string() })?;
        let beside = |ending: &str| place.with_file_name(format!(".{name}.{ending}"));
        Ok(Part { bytes: beside("part"), begun: beside("part-of"), whole: beside("whole") })
    }

    /// What is there of an earlier attempt at the same address, and how long it is.
    fn begun(&self, address: &Url) -> Result<Option<(Begun, u64)>, Error> {
        let Ok(text) = fs::read(&self.begun) else { return Ok(None) };
        let len = fs::metadata(&self.bytes).map_or(0, |file| file.len());
        let begun: Option<Begun> = serde_json::from_slice(&text).ok();
        match begun {
            Some(it) if it.address == address.as_str() && len > 0 && it.validator().is_some() => {
                Ok(Some((it, len)))
            }
            _ => self.discard().map(|()| None),
        }
    }

    fn begin(&self, begun: &Begun) -> Result<(), Error> {
        self.discard()?;
        File::create(&self.bytes).map_err(disk(&self.bytes))?;
        let text = serde_json::to_vec(begun).unwrap_or_default();
        fs::write(&self.begun, text).map_err(disk(&self.begun))
    }

    fn discard(&self) -> Result<(), Error> {
        for path in [&self.begun, &self.bytes, &self.whole] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::Disk { path: path.clone(), source: error });
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether what is sent goes on exactly where we stopped (RFC 9110, section 14.4).
fn continues(response: &Response, len: u64) -> bool {
    let range = text_of(&response.headers, "content-range").unwrap_or_default();
    let first = range.strip_prefix("bytes ").and_then(|it| it.split('-').next());
    first.and_then(|it| it.parse::<u64>().ok()) == Some(len)
}

/// What a file came to while it was copied.
struct Digests {
    size_bytes: u64,
    sha256: String,
    sha512: String,
}

impl Digests {
    fn hex(&self, kind: Checksum) -> &str {
        match kind {
            Checksum::Sha512 => &self.sha512,
            Checksum::Sha256 | Checksum::None => &self.sha256,
        }
    }
}

fn copy(
    mut from: impl Read,
    to: &mut File,
    cap_bytes: u64,
    path: &Path,
    address: &Url,
) -> Result<Digests, Error> {
    to.seek(SeekFrom::Start(0)).map_err(disk(path))?;
    let mut to = BufWriter::with_capacity(1 << 17, to);
    let (mut sha256, mut sha512) = (Context::new(&SHA256), Context::new(&SHA512));
    let (mut size_bytes, mut buffer) = (0, vec![0; 1 << 16]);
    loop {
        let read = from.read(&mut buffer).map_err(|source| Error::WrongContent {
            address: shown(address),
            expected: "a transfer in gzip".into(),
            found: source.to_string(),
        })?;
        let chunk = buffer.get(..read).unwrap_or_default();
        if chunk.is_empty() {
            break;
        }
        size_bytes += bytes_len(chunk);
        if size_bytes > cap_bytes {
            return Err(Error::TooLarge { address: shown(address), cap_bytes });
        }
        sha256.update(chunk);
        sha512.update(chunk);
        to.write_all(chunk).map_err(disk(path))?;
    }
    to.flush().map_err(disk(path))?;
    let (sha256, sha512) = (sha256.finish(), sha512.finish());
    Ok(Digests { size_bytes, sha256: hex(sha256.as_ref()), sha512: hex(sha512.as_ref()) })
}

/// Makes sure that the new name outlives a power cut.
pub(crate) fn sync_folder(place: &Path) -> Result<(), Error> {
    match place.parent() {
        Some(folder) if cfg!(unix) => {
            File::open(folder).and_then(|it| it.sync_all()).map_err(disk(folder))
        }
        _ => Ok(()),
    }
}

pub(crate) fn disk(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.to_owned();
    |source| Error::Disk { path, source }
}

/// An address as it may be shown: without the password of a mirror.
pub(crate) fn shown(address: &Url) -> String {
    let mut address = address.clone();
    if address.password().is_some() {
        let _ = address.set_password(None);
    }
    address.to_string()
}

fn not_reached(address: &Url, error: ureq::Error) -> Error {
    let address = shown(address);
    match error {
        ureq::Error::Timeout(which) => Error::TimedOut { address, while_what: which.to_string() },
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            Error::TimedOut { address, while_what: "reading".into() }
        }
        ureq::Error::Rustls(error) => Error::NotTrusted { address, why: error.to_string() },
        ureq::Error::Tls(why) => Error::NotTrusted { address, why: why.into() },
        ureq::Error::Io(error) if is_about_trust(&error) => {
            Error::NotTrusted { address, why: error.to_string() }
        }
        other => Error::NotReached { address, why: other.to_string() },
    }
}

fn is_about_trust(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>)
}

fn broken_off(
    address: &Url,
    got_bytes: u64,
    expected_bytes: Option<u64>,
    error: &io::Error,
) -> Error {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<ureq::Error>());
    match inner {
        Some(ureq::Error::Timeout(which)) => {
            Error::TimedOut { address: shown(address), while_what: which.to_string() }
        }
        _ if error.kind() == io::ErrorKind::TimedOut => {
            Error::TimedOut { address: shown(address), while_what: "reading".into() }
        }
        _ => Error::CutShort { address: shown(address), got_bytes, expected_bytes },
    }
}

fn text_of(headers: &ureq::http::HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn length(headers: &ureq::http::HeaderMap) -> Option<u64> {
    text_of(headers, "content-length")?.parse().ok()
}

fn bytes_len(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

/// `Retry-After`: seconds, or a date.
fn moment_of(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    match text.parse::<u32>() {
        Ok(seconds) => now.checked_add(SignedDuration::from_secs(i64::from(seconds))).ok(),
        Err(_) => http_date(text),
    }
}

/// A date as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// A number that looks like chance, from one that does not (the finaliser of `SplitMix64`).
fn mixed(seed: u64) -> u64 {
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ (seed >> 31)
}
