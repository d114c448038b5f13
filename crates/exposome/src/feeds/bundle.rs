//! One signed file that carries the feeds to a site without a way out.
//!
//! Three lines of text, each of a fixed length, then a tar archive in gzip, so
//! that anyone can look into a bundle with the tools at hand
//! (`tail -n +4 FILE | tar tz`):
//!
//! ```text
//! exposome feed bundle 1
//! key <64 digits: the public key, Ed25519>
//! signature <128 digits: over line 1, the length and the SHA-512 of the rest>
//! ```
//!
//! The archive begins with `manifest.json`, which names every file with its
//! size and SHA-256.  A reader checks the signature against keys it was told to
//! trust before it unpacks a single byte, takes only what the manifest names,
//! and refuses a bundle made before the last one it took, so that nobody can
//! hide a new vulnerability by handing over an old bundle.  The same files,
//! key and moment give the same bundle, byte for byte.

use super::fetch::{FeedState, http_date, safe_path};
use aws_lc_rs::digest::{Context, SHA256, SHA512};
use aws_lc_rs::encoding::AsBigEndian as _;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use exposome_store::hex;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// When the bundle was made; no older one is taken after it.
    pub created: Timestamp,
    /// In the order in which they lie in the archive.
    pub files: Vec<Carried>,
}

/// One file in a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carried {
    pub feed: String,
    /// Below the feed's folder.
    pub name: String,
    pub sha256: String,
    pub size_bytes: u64,
    /// When the publisher last changed it, if it said so.
    pub data_date: Option<Timestamp>,
    /// When it was fetched, if it was fetched by us.
    pub fetched: Option<Timestamp>,
}

impl Carried {
    /// Its path in the archive and below the folder it is unpacked into.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.feed, self.name)
    }
}

/// Makes a bundle of every feed in `folder`, which is laid out as `feeds sync` leaves it.
pub(crate) fn write(
    folder: &Path,
    bundle: &Path,
    key: &SigningKey,
    created: Timestamp,
) -> Result<Manifest, Error> {
    let files = carried(folder)?;
    if files.is_empty() {
        return Err(Error::NothingToCarry { folder: folder.to_owned() });
    }
    let manifest = Manifest { created, files };
    let new = beside(bundle, "new")?;
    let written = write_whole(folder, &new, key, &manifest);
    if written.is_err() {
        // Half a bundle helps nobody; the error that matters is the first.
        let _ = fs::remove_file(&new);
    }
    written?;
    fs::rename(&new, bundle).map_err(disk(bundle))?;
    sync_folder(bundle)?;
    Ok(manifest)
}

fn write_whole(
    folder: &Path,
    new: &Path,
    key: &SigningKey,
    manifest: &Manifest,
) -> Result<(), Error> {
    let mut file = File::create(new).map_err(disk(new))?;
    // The head is written last, when there is something to sign.
    file.write_all(&[b' '; HEAD_BYTES]).map_err(disk(new))?;
    let mut sealed = Sealed { to: BufWriter::new(file), seal: Seal::new() };
    write_archive(folder, new, manifest, &mut sealed)?;
    let mut file = sealed.to.into_inner().map_err(|error| disk(new)(error.into_error()))?;
    let signature = key.0.sign(&sealed.seal.message());
    let head = head(key.0.public_key().as_ref(), signature.as_ref());
    file.seek(SeekFrom::Start(0)).map_err(disk(new))?;
    file.write_all(head.as_bytes()).and_then(|()| file.sync_all()).map_err(disk(new))
}

fn write_archive(
    folder: &Path,
    new: &Path,
    manifest: &Manifest,
    to: &mut impl Write,
) -> Result<(), Error> {
    let mut archive = GzEncoder::new(to, Compression::default());
    let text = serde_json::to_vec_pretty(manifest).map_err(|why| disk(new)(why.into()))?;
    let header = tar_header(MANIFEST, text.len() as u64)?;
    let padding = padding(text.len() as u64);
    let parts: [&[u8]; 3] = [&header, &text, &padding];
    parts.iter().try_for_each(|part| archive.write_all(part)).map_err(disk(new))?;
    for it in &manifest.files {
        let path = folder.join(it.path());
        let header = tar_header(&it.path(), it.size_bytes)?;
        archive.write_all(&header).map_err(disk(new))?;
        let mut hashed = Hashed::new(File::open(&path).map_err(disk(&path))?);
        let copied = io::copy(&mut hashed, &mut archive).map_err(disk(&path))?;
        if copied != it.size_bytes || hashed.finish() != it.sha256 {
            return Err(Error::Changing { path });
        }
        archive.write_all(&self::padding(copied)).map_err(disk(new))?;
    }
    archive.write_all(&[0; 2 * BLOCK]).map_err(disk(new))?;
    archive.finish().and_then(Write::flush).map_err(disk(new))
}

/// The files of every feed in a folder, in order.  What has a dot in front is not a feed's.
fn carried(folder: &Path) -> Result<Vec<Carried>, Error> {
    let mut files = Vec::new();
    for feed in entries(folder)? {
        let below = folder.join(&feed);
        if !below.is_dir() {
            return Err(Error::BesideTheFeeds { path: below });
        }
        // Without its state a feed is carried all the same, its dates unknown.
        let state = FeedState::read(&below).unwrap_or_default();
        let mut names = Vec::new();
        names_below(&below, "", MOST_FOLDERS_DEEP, &mut names)?;
        for name in names {
            files.push(one_carried(&below, &feed, name, &state)?);
        }
    }
    Ok(files)
}

fn one_carried(
    folder: &Path,
    feed: &str,
    name: String,
    state: &FeedState,
) -> Result<Carried, Error> {
    let path = folder.join(&name);
    let mut hashed = Hashed::new(File::open(&path).map_err(disk(&path))?);
    let size_bytes = io::copy(&mut hashed, &mut io::sink()).map_err(disk(&path))?;
    let sha256 = hashed.finish();
    let have = state.files.get(&name).filter(|have| have.sha256 == sha256);
    let data_date = have.and_then(|it| it.last_modified.as_deref()).and_then(http_date);
    let fetched = have.map(|it| it.fetched);
    Ok(Carried { feed: feed.to_owned(), name, sha256, size_bytes, data_date, fetched })
}

fn names_below(
    folder: &Path,
    prefix: &str,
    deep: u8,
    names: &mut Vec<String>,
) -> Result<(), Error> {
    for entry in entries(folder)? {
        let name = format!("{prefix}{entry}");
        let path = folder.join(&entry);
        if path.is_dir() && deep > 0 {
            names_below(&path, &format!("{name}/"), deep - 1, names)?;
        } else if path.is_file() {
            names.push(name);
        }
    }
    Ok(())
}

/// What lies in a folder, sorted, without what is ours.
fn entries(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(disk(folder))? {
        let name = entry.map_err(disk(folder))?.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with('.') {
            safe_path(&name).map_err(|_| Error::Name { name: name.clone().into_owned() })?;
            names.push(name.into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// What a reader of bundles goes by.
#[derive(Debug, Clone)]
pub(crate) struct Trust<'a> {
    pub keys: &'a [PublicKey],
    /// When the last bundle that was taken was made.
    pub last_accepted: Option<Timestamp>,
    /// A person insists on an older one; it is noted.
    pub older: Older,
    pub now: Timestamp,
    /// What a bundle may unpack to.
    pub cap_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Older {
    Refused,
    /// On a person's word.
    Taken,
}

/// Four bundles of everything there is.
pub(crate) const CAP_BYTES: u64 = 64 << 30;

/// A bundle that was let in.
#[derive(Debug)]
pub(crate) struct Opened {
    pub manifest: Manifest,
    /// Who signed it.
    pub key: PublicKey,
    /// Where its feeds lie now.
    pub folder: PathBuf,
    /// What must be told and written down: that a person insisted.
    pub note: Option<String>,
}

/// Checks a bundle and unpacks it into `folder`, which must not be there yet.
///
/// The folder comes into being whole or not at all.
pub(crate) fn open(bundle: &Path, folder: &Path, trust: &Trust<'_>) -> Result<Opened, Error> {
    let file = File::open(bundle).map_err(disk(bundle))?;
    open_from(file, bundle, folder, trust)
}

fn open_from(
    mut file: impl Read + Seek,
    bundle: &Path,
    folder: &Path,
    trust: &Trust<'_>,
) -> Result<Opened, Error> {
    let (key, seal) = verify(&mut file, bundle, trust.keys)?;
    file.seek(SeekFrom::Start(HEAD_BYTES as u64)).map_err(disk(bundle))?;
    // Sealed again while it is read, in case the file was changed in between.
    let mut sealed = Sealed { to: BufReader::with_capacity(1 << 17, file), seal: Seal::new() };
    let new = beside(folder, "new")?;
    if folder.exists() {
        return Err(Error::InTheWay { path: folder.to_owned() });
    }
    if new.exists() {
        fs::remove_dir_all(&new).map_err(disk(&new))?;
    }
    fs::create_dir_all(&new).map_err(disk(&new))?;
    let unpacked = unpack(&mut sealed, &new, bundle, trust).and_then(|(manifest, note)| {
        io::copy(&mut sealed, &mut io::sink()).map_err(disk(bundle))?;
        if sealed.seal.message() == seal {
            Ok((manifest, note))
        } else {
            Err(Error::Changing { path: bundle.to_owned() })
        }
    });
    if unpacked.is_err() {
        // What is left lies under a name nobody reads; the error that matters is the first.
        let _ = fs::remove_dir_all(&new);
    }
    let (manifest, note) = unpacked?;
    fs::rename(&new, folder).map_err(disk(folder))?;
    sync_folder(folder)?;
    Ok(Opened { manifest, key, folder: folder.to_owned(), note })
}

/// Who signed a bundle, and over what; an error unless it is one we trust and nothing was changed.
fn verify(
    file: &mut impl Read,
    bundle: &Path,
    trusted: &[PublicKey],
) -> Result<(PublicKey, Vec<u8>), Error> {
    let bundle = || bundle.to_owned();
    let mut head = [0; HEAD_BYTES];
    file.read_exact(&mut head).map_err(|_| Error::NotABundle { bundle: bundle() })?;
    let text = std::str::from_utf8(&head).map_err(|_| Error::NotABundle { bundle: bundle() })?;
    let (key, signature) = read_head(text).ok_or_else(|| Error::NotABundle { bundle: bundle() })?;
    if !trusted.contains(&key) {
        return Err(Error::UnknownKey { bundle: bundle(), key });
    }
    let mut sealed = Sealed { to: file, seal: Seal::new() };
    io::copy(&mut sealed, &mut io::sink()).map_err(disk(&bundle()))?;
    let message = sealed.seal.message();
    UnparsedPublicKey::new(&ED25519, key.0)
        .verify(&message, &signature)
        .map_err(|_| Error::Changed { bundle: bundle() })?;
    Ok((key, message))
}

/// Unpacks a bundle whose signature holds.
fn unpack(
    sealed: &mut impl Read,
    to: &Path,
    bundle: &Path,
    trust: &Trust<'_>,
) -> Result<(Manifest, Option<String>), Error> {
    let wrong =
        |what: &str| Error::NotAsAgreed { bundle: bundle.to_owned(), what: what.to_owned() };
    let archive = GzDecoder::new(sealed);
    let mut archive = archive.take(trust.cap_bytes);
    let manifest = read_manifest(&mut archive, &wrong)?;
    let note = check_date(&manifest, bundle, trust)?;
    for it in &manifest.files {
        let path = it.path();
        let place = to.join(safe_path(&path).map_err(|_| Error::Name { name: path.clone() })?);
        if it.size_bytes > archive.limit() {
            return Err(Error::TooLarge { bundle: bundle.to_owned(), cap_bytes: trust.cap_bytes });
        }
        let found = block::<BLOCK>(&mut archive).ok_or_else(|| wrong("it ends early"))?;
        if found != tar_header(&path, it.size_bytes)? {
            return Err(wrong(&format!("{path} does not follow where the manifest says so")));
        }
        unpack_one(&mut archive, it, &place, &wrong)?;
    }
    let end = block::<{ 2 * BLOCK }>(&mut archive).ok_or_else(|| wrong("it ends early"))?;
    if end != [0; 2 * BLOCK] || archive.read(&mut [0]).map_err(disk(bundle))? != 0 {
        return Err(wrong("it holds more than the manifest names"));
    }
    Ok((manifest, note))
}

fn unpack_one(
    archive: &mut impl Read,
    it: &Carried,
    place: &Path,
    wrong: &dyn Fn(&str) -> Error,
) -> Result<(), Error> {
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).map_err(disk(parent))?;
    }
    let mut file = File::create_new(place).map_err(disk(place))?;
    let mut hashed = Hashed::new(archive.by_ref().take(it.size_bytes));
    let copied = io::copy(&mut hashed, &mut file).map_err(disk(place))?;
    if copied != it.size_bytes || hashed.finish() != it.sha256 {
        return Err(wrong(&format!("{} is not what the manifest says", it.path())));
    }
    file.sync_all().map_err(disk(place))?;
    let mut rest = padding(copied);
    archive.read_exact(&mut rest).map_err(|_| wrong("it ends early"))
}

fn read_manifest(
    archive: &mut impl Read,
    wrong: &dyn Fn(&str) -> Error,
) -> Result<Manifest, Error> {
    let header = block::<BLOCK>(archive).ok_or_else(|| wrong("it is empty"))?;
    let size = header.get(124..135).and_then(|it| std::str::from_utf8(it).ok());
    let size_bytes = size
        .and_then(|it| u64::from_str_radix(it, 8).ok())
        .filter(|size_bytes| *size_bytes <= MANIFEST_CAP_BYTES)
        .ok_or_else(|| wrong("it does not begin with a manifest"))?;
    if header != tar_header(MANIFEST, size_bytes)? {
        return Err(wrong("it does not begin with a manifest"));
    }
    let mut text = Vec::new();
    let padded = size_bytes + padding(size_bytes).len() as u64;
    archive.take(padded).read_to_end(&mut text).map_err(|_| wrong("it ends early"))?;
    let text = text.get(..usize::try_from(size_bytes).unwrap_or(usize::MAX));
    let text = text.ok_or_else(|| wrong("it ends early"))?;
    serde_json::from_slice(text).map_err(|why| wrong(&format!("its manifest is broken: {why}")))
}

/// Newer than the last one, and not from the future, which would keep all later ones out.
fn check_date(
    manifest: &Manifest,
    bundle: &Path,
    trust: &Trust<'_>,
) -> Result<Option<String>, Error> {
    let created = manifest.created;
    let bundle = bundle.to_owned();
    if created > trust.now.saturating_add(CLOCKS_DIFFER_BY).unwrap_or(Timestamp::MAX) {
        return Err(Error::FromTheFuture { bundle, created, now: trust.now });
    }
    match trust.last_accepted.filter(|last| created < *last) {
        None => Ok(None),
        Some(last) if trust.older == Older::Refused => Err(Error::Older { bundle, created, last }),
        Some(last) => Ok(Some(format!(
            "a bundle made at {created} was taken on a person's word, after one made at {last}"
        ))),
    }
}

const FORMAT: &str = "exposome feed bundle 1\n";
const HEAD_BYTES: usize = FORMAT.len() + "key \n".len() + 64 + "signature \n".len() + 128;
const MANIFEST: &str = "manifest.json";
const MANIFEST_CAP_BYTES: u64 = 256 << 20;
const MOST_FOLDERS_DEEP: u8 = 6;
const CLOCKS_DIFFER_BY: SignedDuration = SignedDuration::from_hours(24);
/// tar counts in these.
const BLOCK: usize = 512;

fn head(key: &[u8], signature: &[u8]) -> String {
    format!("{FORMAT}key {}\nsignature {}\n", hex(key), hex(signature))
}

/// The inverse of [`head`], and only of that: another spelling is another file.
fn read_head(text: &str) -> Option<(PublicKey, [u8; 64])> {
    let rest = text.strip_prefix(FORMAT)?.strip_prefix("key ")?;
    let (key, rest) = rest.split_once('\n')?;
    let signature = rest.strip_prefix("signature ")?.strip_suffix('\n')?;
    Some((PublicKey(bytes_of(key)?), bytes_of(signature)?))
}

/// Small hexadecimal digits, exactly as many as there must be.
fn bytes_of<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let bytes: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes?.try_into().ok()
}

/// What is signed: the format, the length and the digest of the archive.
struct Seal {
    digest: Context,
    size_bytes: u64,
}

impl Seal {
    fn new() -> Seal {
        Seal { digest: Context::new(&SHA512), size_bytes: 0 }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.size_bytes += bytes.len() as u64;
    }

    fn message(&self) -> Vec<u8> {
        let digest = self.digest.clone().finish();
        [FORMAT.as_bytes(), &self.size_bytes.to_be_bytes(), digest.as_ref()].concat()
    }
}

/// A stream on its way into or out of a bundle.
struct Sealed<T> {
    to: T,
    seal: Seal,
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.seal.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl<R: Read> Read for Sealed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.to.read(buffer)?;
        self.seal.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// A stream whose SHA-256 is wanted.
struct Hashed<R> {
    from: R,
    digest: Context,
}

impl<R: Read> Hashed<R> {
    fn new(from: R) -> Hashed<R> {
        Hashed { from, digest: Context::new(&SHA256) }
    }

    fn finish(self) -> String {
        hex(self.digest.finish().as_ref())
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.digest.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// The header of one plain file in the one way we write it (POSIX.1-2001, `pax`,
/// "ustar Interchange Format"): no owner, no date, readable by all.
///
/// A reader makes the header that must be there and compares, so that nothing in a
/// header has to be understood.
fn tar_header(path: &str, size_bytes: u64) -> Result<[u8; BLOCK], Error> {
    const LARGEST: u64 = 0o777_7777_7777;
    let (prefix, name) = split_path(path).ok_or_else(|| Error::Name { name: path.to_owned() })?;
    if size_bytes > LARGEST {
        return Err(Error::FileTooLarge { name: path.to_owned(), cap_bytes: LARGEST });
    }
    let size = format!("{size_bytes:011o}\0");
    let fields: [(usize, &[u8]); 10] = [
        (0, name.as_bytes()),
        (100, b"0000644\0"),
        (108, b"0000000\0"),
        (116, b"0000000\0"),
        (124, size.as_bytes()),
        (136, b"00000000000\0"),
        (148, b"        "),
        (156, b"0"),
        (257, b"ustar\x0000"),
        (345, prefix.as_bytes()),
    ];
    let mut header = [0; BLOCK];
    for (at, bytes) in fields {
        put(&mut header, at, bytes);
    }
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
    Ok(header)
}

fn put(header: &mut [u8; BLOCK], at: usize, bytes: &[u8]) {
    for (place, byte) in header.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}

/// A name of up to 100 bytes, and before it at a slash a prefix of up to 155.
fn split_path(path: &str) -> Option<(&str, &str)> {
    if path.len() <= 100 {
        return Some(("", path));
    }
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let at = slashes.find(|at| path.len() - at - 1 <= 100 && *at <= 155)?;
    Some((path.get(..at)?, path.get(at + 1..)?))
}

fn padding(size_bytes: u64) -> Vec<u8> {
    let block = BLOCK as u64;
    vec![0; usize::try_from((block - size_bytes % block) % block).unwrap_or(0)]
}

fn block<const N: usize>(from: &mut impl Read) -> Option<[u8; N]> {
    let mut block = [0; N];
    from.read_exact(&mut block).ok()?;
    Some(block)
}

/// Whom a site trusts to bring it bundles; written as 64 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PublicKey([u8; 32]);

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<PublicKey, Error> {
        bytes_of(text.trim())
            .map(PublicKey)
            .ok_or_else(|| Error::NotAPublicKey { text: text.into() })
    }
}

/// What bundles are signed with; never shown.
pub(crate) struct SigningKey(Ed25519KeyPair);

const KEY_FORMAT: &str = "exposome bundle signing key 1\n";

impl SigningKey {
    /// Makes a key in a new file that only its owner can read.
    pub(crate) fn create(path: &Path) -> Result<SigningKey, Error> {
        let pair = Ed25519KeyPair::generate().map_err(|_| Error::NoKeyMade)?;
        let seed = pair.seed().map_err(|_| Error::NoKeyMade)?;
        let seed = seed.as_be_bytes().map_err(|_| Error::NoKeyMade)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(disk(path))?;
        let text = format!("{KEY_FORMAT}{}\n", hex(seed.as_ref()));
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(disk(path))?;
        Ok(SigningKey(pair))
    }

    pub(crate) fn read(path: &Path) -> Result<SigningKey, Error> {
        let text = fs::read_to_string(path).map_err(disk(path))?;
        let not_a_key = || Error::NotASigningKey { path: path.to_owned() };
        let seed = text.strip_prefix(KEY_FORMAT).map(str::trim_end).and_then(bytes_of::<32>);
        let seed = seed.ok_or_else(not_a_key)?;
        Ed25519KeyPair::from_seed_unchecked(&seed).map(SigningKey).map_err(|_| not_a_key())
    }

    pub(crate) fn public(&self) -> Result<PublicKey, Error> {
        self.0.public_key().as_ref().try_into().map(PublicKey).map_err(|_| Error::NoKeyMade)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(a signing key)")
    }
}

fn beside(place: &Path, ending: &str) -> Result<PathBuf, Error> {
    let name = place.file_name().and_then(|it| it.to_str());
    let name = name.ok_or_else(|| Error::Name { name: place.display().to_string() })?;
    Ok(place.with_file_name(format!(".{name}.{ending}")))
}

fn sync_folder(place: &Path) -> Result<(), Error> {
    let folder = place.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if cfg!(unix) {
        File::open(folder).and_then(|it| it.sync_all()).map_err(disk(folder))
    } else {
        Ok(())
    }
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
    let path = path.to_owned();
    |source| Error::Disk { path, source }
}

/// How many files of each feed a bundle holds, for a person.
pub(crate) fn files_by_feed(manifest: &Manifest) -> BTreeMap<&str, usize> {
    manifest.files.iter().fold(BTreeMap::new(), |mut count, it| {
        *count.entry(it.feed.as_str()).or_default() += 1;
        count
    })
}

/// Why there is no bundle, or why one is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{} holds no feeds: fetch some first", folder.display())]
    NothingToCarry { folder: PathBuf },
    #[error("{} lies beside the folders of feeds and would be left out: put it into a folder named for its feed", path.display())]
    BesideTheFeeds { path: PathBuf },
    #[error("{} changed while it was read: try again when nothing writes to it", path.display())]
    Changing { path: PathBuf },
    #[error("{} is not a bundle of feeds, or is cut off", bundle.display())]
    NotABundle { bundle: PathBuf },
    #[error("{} is signed with the key {key}, which is not trusted here; if it is your own, configure it", bundle.display())]
    UnknownKey { bundle: PathBuf, key: PublicKey },
    #[error("{} is not what was signed: it was changed or cut off on its way", bundle.display())]
    Changed { bundle: PathBuf },
    #[error("{} is signed but not made as agreed: {what}", bundle.display())]
    NotAsAgreed { bundle: PathBuf, what: String },
    #[error("{} was made at {created}, before the last one that was taken ({last}); an old bundle can hide new vulnerabilities", bundle.display())]
    Older { bundle: PathBuf, created: Timestamp, last: Timestamp },
    #[error("{} was made at {created}, and here it is only {now}: one of the clocks is wrong", bundle.display())]
    FromTheFuture { bundle: PathBuf, created: Timestamp, now: Timestamp },
    #[error("{} unpacks to more than {cap_bytes} bytes", bundle.display())]
    TooLarge { bundle: PathBuf, cap_bytes: u64 },
    #[error("{name} is larger than the {cap_bytes} bytes that a bundle can carry in one file")]
    FileTooLarge { name: String, cap_bytes: u64 },
    #[error("{name:?} is not taken as the name of a file in a bundle")]
    Name { name: String },
    #[error("{} is there already", path.display())]
    InTheWay { path: PathBuf },
    #[error("{text:?} is no public key: 64 digits of 0-9 and a-f are one")]
    NotAPublicKey { text: String },
    #[error("{} is no key to sign bundles with", path.display())]
    NotASigningKey { path: PathBuf },
    #[error("the system gives no randomness to make a key of")]
    NoKeyMade,
    #[error("cannot read or write {}", path.display())]
    Disk { path: PathBuf, source: io::Error },
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: &str = "2026-08-16T09:00:00Z";

    fn at(moment: &str) -> Timestamp {
        moment.parse().unwrap()
    }

    /// A folder as `feeds sync` leaves it, and a key.
    struct Site {
        folder: tempfile::TempDir,
        key: SigningKey,
    }

    impl Site {
        fn new() -> Site {
            let folder = tempfile::tempdir().unwrap();
            let file = |name: &str, text: &str| {
                let path = folder.path().join("feeds").join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            };
            file("kev/known.json", "{\"count\":0}");
            file("cisa-csaf/2024/icsma-24-1.json", "{\"document\":{}}");
            file("cisa-csaf/2024/.icsma-24-2.json.part", "half");
            file(
                "kev/.fetched.json",
                &format!(
                    r#"{{"asked":null,"complete":null,"not_before":null,"files":{{"known.json":{{
                    "address":"https://kev.example/","last_modified":"Sat, 15 Aug 2026 12:00:00 GMT",
                    "sha256":"{}","size_bytes":11,"fetched":"2026-08-16T08:00:00Z"}}}}}}"#,
                    hex(aws_lc_rs::digest::digest(&SHA256, b"{\"count\":0}").as_ref())
                ),
            );
            let key = SigningKey::create(&folder.path().join("key")).unwrap();
            Site { folder, key }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn bundle(&self, name: &str, created: &str) -> PathBuf {
            let path = self.path(name);
            write(&self.path("feeds"), &path, &self.key, at(created)).unwrap();
            path
        }

        fn open(&self, bundle: &Path, last: Option<&str>, older: Older) -> Result<Opened, Error> {
            let folder = self.path("opened");
            if folder.exists() {
                fs::remove_dir_all(&folder).unwrap();
            }
            let trust = Trust {
                keys: &[self.key.public().unwrap()],
                last_accepted: last.map(at),
                older,
                now: at("2026-08-20T00:00:00Z"),
                cap_bytes: 1 << 20,
            };
            open(bundle, &folder, &trust)
        }

        /// Opens what never was a file.
        fn open_bytes(&self, bytes: &[u8]) -> Result<Opened, Error> {
            let trust = Trust {
                keys: &[self.key.public().unwrap()],
                last_accepted: None,
                older: Older::Taken,
                now: at("2026-08-20T00:00:00Z"),
                cap_bytes: 1 << 20,
            };
            open_from(io::Cursor::new(bytes), Path::new("bytes"), &self.path("opened"), &trust)
        }

        /// What is left of the bundle's opening, where nothing should be.
        #[track_caller]
        fn check_nothing_left(&self) {
            assert!(!self.path("opened").exists());
            assert!(!self.path(".opened.new").exists());
        }

        /// A bundle that says and holds whatever a holder of the key wants.
        fn crafted(&self, files: &[(&str, &str, u64)], contents: &[&str]) -> PathBuf {
            let files = files.iter().zip(contents).map(|(it, text)| Carried {
                feed: it.0.into(),
                name: it.1.into(),
                sha256: hex(aws_lc_rs::digest::digest(&SHA256, text.as_bytes()).as_ref()),
                size_bytes: it.2,
                data_date: None,
                fetched: None,
            });
            let manifest = Manifest { created: at(MADE), files: files.collect() };
            let text = serde_json::to_vec(&manifest).unwrap();
            let mut archive = GzEncoder::new(Vec::new(), Compression::default());
            archive.write_all(&tar_header(MANIFEST, text.len() as u64).unwrap()).unwrap();
            archive.write_all(&text).unwrap();
            archive.write_all(&padding(text.len() as u64)).unwrap();
            for (it, text) in manifest.files.iter().zip(contents) {
                archive.write_all(&tar_header(&it.path(), it.size_bytes).unwrap()).unwrap();
                archive.write_all(text.as_bytes()).unwrap();
                archive.write_all(&padding(text.len() as u64)).unwrap();
            }
            archive.write_all(&[0; 2 * BLOCK]).unwrap();
            self.signed(&archive.finish().unwrap())
        }

        fn signed(&self, archive: &[u8]) -> PathBuf {
            let mut seal = Seal::new();
            seal.update(archive);
            let signature = self.key.0.sign(&seal.message());
            let head = head(self.key.0.public_key().as_ref(), signature.as_ref());
            let path = self.path("crafted");
            fs::write(&path, [head.as_bytes(), archive].concat()).unwrap();
            path
        }
    }

    #[test]
    fn what_was_put_in_comes_out_and_nothing_else() {
        let site = Site::new();
        let bundle = site.bundle("bundle", MADE);
        let opened = site.open(&bundle, None, Older::Refused).unwrap();
        assert_eq!(opened.key, site.key.public().unwrap());
        assert_eq!(opened.note, None);
        let paths: Vec<String> = opened.manifest.files.iter().map(Carried::path).collect();
        assert_eq!(paths, ["cisa-csaf/2024/icsma-24-1.json", "kev/known.json"]);
        let kev = &opened.manifest.files[1];
        assert_eq!(kev.data_date, Some(at("2026-08-15T12:00:00Z")));
        assert_eq!(kev.fetched, Some(at("2026-08-16T08:00:00Z")));
        assert_eq!(opened.manifest.files[0].data_date, None, "unknown stays unknown");
        for path in paths {
            let before = fs::read(site.path("feeds").join(&path)).unwrap();
            assert_eq!(fs::read(opened.folder.join(&path)).unwrap(), before);
        }
        assert_eq!(files_by_feed(&opened.manifest), BTreeMap::from([("cisa-csaf", 1), ("kev", 1)]));
    }

    #[test]
    fn two_bundles_of_the_same_are_the_same_byte_for_byte() {
        let site = Site::new();
        let (one, two) = (site.bundle("one", MADE), site.bundle("two", MADE));
        assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
    }

    #[test]
    fn a_single_changed_byte_anywhere_is_refused() {
        let site = Site::new();
        let mut bundle = fs::read(site.bundle("bundle", MADE)).unwrap();
        for at in 0..bundle.len() {
            for flip in [0x01, 0x20, 0x80, 0xff] {
                bundle[at] ^= flip;
                assert!(site.open_bytes(&bundle).is_err(), "byte {at} xor {flip:#04x} was let in");
                bundle[at] ^= flip;
            }
        }
        site.check_nothing_left();
        assert!(site.open_bytes(&bundle).is_ok(), "unchanged it is let in");
    }

    #[test]
    fn a_bundle_that_was_cut_off_or_has_something_added_is_refused() {
        let site = Site::new();
        let mut bundle = fs::read(site.bundle("bundle", MADE)).unwrap();
        for len in 0..bundle.len() {
            assert!(site.open_bytes(&bundle[..len]).is_err(), "{len} bytes were let in");
        }
        bundle.push(0);
        assert!(matches!(site.open_bytes(&bundle), Err(Error::Changed { .. })));
        site.check_nothing_left();
    }

    #[test]
    fn a_key_that_nobody_here_trusts_opens_nothing() {
        let site = Site::new();
        let mut other = Site::new();
        std::mem::swap(&mut other.key, &mut Site::new().key);
        let bundle = other.bundle("bundle", MADE);
        let error = site.open(&bundle, None, Older::Taken).unwrap_err();
        assert!(matches!(error, Error::UnknownKey { .. }), "{error}");
        assert!(error.to_string().contains(&other.key.public().unwrap().to_string()));
    }

    #[test]
    fn an_older_bundle_is_taken_only_on_a_persons_word_and_that_is_noted() {
        let site = Site::new();
        let bundle = site.bundle("bundle", MADE);
        assert!(site.open(&bundle, Some(MADE), Older::Refused).is_ok(), "the same one again");
        let later = Some("2026-08-16T09:00:01Z");
        let error = site.open(&bundle, later, Older::Refused).unwrap_err();
        assert!(matches!(error, Error::Older { .. }), "{error}");
        site.check_nothing_left();
        let opened = site.open(&bundle, later, Older::Taken).unwrap();
        assert_eq!(
            opened.note.unwrap(),
            "a bundle made at 2026-08-16T09:00:00Z was taken on a person's word, \
             after one made at 2026-08-16T09:00:01Z"
        );
    }

    #[test]
    fn a_bundle_from_the_future_would_keep_all_later_ones_out_and_is_refused() {
        let site = Site::new();
        let bundle = site.bundle("bundle", "2036-01-01T00:00:00Z");
        let error = site.open(&bundle, None, Older::Taken).unwrap_err();
        assert!(matches!(error, Error::FromTheFuture { .. }), "{error}");
    }

    #[test]
    fn even_a_trusted_key_cannot_write_outside_the_folder() {
        let site = Site::new();
        for (feed, name) in
            [("..", "x"), ("kev", "../../x"), ("", "etc/x"), ("kev", ".x"), ("a\\b", "c")]
        {
            let bundle = site.crafted(&[(feed, name, 2)], &["{}"]);
            let error = site.open(&bundle, None, Older::Refused).unwrap_err();
            assert!(matches!(error, Error::Name { .. }), "{feed}/{name}: {error}");
            site.check_nothing_left();
        }
        assert!(!site.path("x").exists());
    }

    #[test]
    fn a_manifest_that_does_not_tell_the_truth_is_refused() {
        let site = Site::new();
        let refused =
            |bundle: &Path| site.open(bundle, None, Older::Refused).unwrap_err().to_string();
        let twice = site.crafted(&[("kev", "a", 2), ("kev", "a", 2)], &["{}", "{}"]);
        assert!(refused(&twice).contains("cannot read or write"));
        let long = site.crafted(&[("kev", "a", 600)], &["{}"]);
        assert!(refused(&long).contains("kev/a is not what the manifest says"));
        let huge = site.crafted(&[("kev", "a", 1 << 30)], &["{}"]);
        assert!(refused(&huge).contains("unpacks to more than"));
        let junk = site.signed(b"not a gzip file");
        assert!(refused(&junk).contains("signed but not made as agreed"));
        site.check_nothing_left();
    }

    #[test]
    fn a_bomb_in_a_signed_bundle_is_stopped() {
        let site = Site::new();
        let zeros = "0".repeat(8 << 20);
        let bundle = site.crafted(&[("kev", "a", 8 << 20)], &[&zeros]);
        assert!(fs::metadata(&bundle).unwrap().len() < 32 << 10);
        let error = site.open(&bundle, None, Older::Refused).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }

    #[test]
    fn a_key_is_read_back_is_its_owners_alone_and_never_written_over() {
        let site = Site::new();
        let path = site.path("key");
        let read = SigningKey::read(&path).unwrap();
        assert_eq!(read.public().unwrap(), site.key.public().unwrap());
        let public = read.public().unwrap().to_string();
        assert_eq!(public.parse::<PublicKey>().unwrap(), read.public().unwrap());
        assert!(public.to_uppercase().parse::<PublicKey>().is_err() || !public.contains('a'));
        assert!(matches!(SigningKey::create(&path), Err(Error::Disk { .. })));
        assert_eq!(format!("{read:?}"), "(a signing key)");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &fs::metadata(&path).unwrap().permissions(),
            );
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(site.path("not-a-key"), b"hello").unwrap();
        assert!(matches!(
            SigningKey::read(&site.path("not-a-key")),
            Err(Error::NotASigningKey { .. })
        ));
    }

    #[test]
    fn a_folder_without_feeds_makes_no_bundle_and_leaves_none_behind() {
        let site = Site::new();
        let empty = site.path("empty");
        fs::create_dir_all(empty.join("kev")).unwrap();
        let bundle = site.path("bundle");
        assert!(write(&empty, &bundle, &site.key, at(MADE)).is_err());
        assert!(!bundle.exists() && !site.path(".bundle.new").exists());
    }

    #[test]
    fn long_names_are_split_as_tar_splits_them() {
        let long = format!("{}/{}", "f".repeat(90), "n".repeat(90));
        assert_eq!(split_path(&long), Some(("f".repeat(90).as_str(), "n".repeat(90).as_str())));
        assert_eq!(split_path(&"n".repeat(101)), None);
        assert_eq!(split_path(&format!("{}/a", "f".repeat(156))), None);
    }
}
