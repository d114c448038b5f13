//! `exposome backup` and `exposome restore`: a copy that is whole, that one key opens, and that never acts by itself.
//!
//! The copy is of one moment, made while the server runs, and looked through
//! before it is sealed: the database whole, every log followed.  It holds the key
//! that seals secrets, so it is sealed itself (`sealed.rs`).  A copy that was put
//! in place asks nobody outside until a person has said that it stands for the
//! original.

mod sealed;

use crate::cli::{Backup, Cli, Restore};
use crate::clock;
use crate::exit::Exit;
use crate::output::{note, say};
use crate::state;
use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use exposome_store::{SCHEMA, Store, hex};
use sealed::{Opening, Sealing};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const PUBLIC: &str = "exposome-backup-key:";
const PRIVATE: &str = "exposome-backup-private-key:";
const DATABASE: &str = "exposome.db";
const SEAL_KEY: &str = "exposome.key";

/// What a backup says of itself; it comes first.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    made_at: jiff::Timestamp,
    /// The version of the schema.
    schema: i64,
    program: String,
    files: Vec<Listed>,
    /// How far the log of each site goes, by its last chain.
    logs: Vec<(String, u64, String)>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Listed {
    name: String,
    bytes: u64,
    sha256: String,
}

pub(crate) async fn run(cli: &Cli, command: &Backup) -> Result<Exit> {
    match command {
        Backup::NewKey { file } => new_key(file),
        Backup::Write { to, file } => write(cli, to, file).await,
        Backup::Verify { key, file } => verify(key, file).await,
    }
}

fn new_key(file: &Path) -> Result<Exit> {
    let (public, private) = sealed::new_keys()?;
    let text = format!("{PRIVATE}{}\n", BASE64_STANDARD_NO_PAD.encode(private));
    private_file(file, true)?.write_all(text.as_bytes())?;
    say(&format!("{PUBLIC}{}", BASE64_STANDARD_NO_PAD.encode(public)))?;
    note(&format!(
        "{} opens the backups that are made for this key: keep it away from the machine that makes them",
        file.display()
    ));
    Ok(Exit::Done)
}

/// A file for its owner alone.
fn private_file(path: &Path, is_new: bool) -> Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    if is_new {
        options.create_new(true);
    } else {
        options.create(true).truncate(true);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("cannot write {}", path.display()))
}

fn key(text: &str, kind: &str) -> Result<Vec<u8>> {
    let key = text.trim().strip_prefix(kind).and_then(|it| BASE64_STANDARD_NO_PAD.decode(it).ok());
    key.filter(|it| it.len() == 32).with_context(|| format!("no key that begins with {kind}"))
}

fn private_key(path: &Path) -> Result<Vec<u8>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    key(&text, PRIVATE).with_context(|| format!("cannot use {}", path.display()))
}

async fn write(cli: &Cli, to: &str, file: &Path) -> Result<Exit> {
    let public = key(to, PUBLIC)?;
    if cli.database.is_some() {
        bail!(
            "the records are in PostgreSQL: copy them with its own pg_dump, which is consistent while exposome runs, and {SEAL_KEY} of the data folder with them"
        );
    }
    let store = state::open_to_ask(cli).await?;
    let copy = cli.data.join(format!("backup-{}.db", clock::now().as_microsecond()));
    let made = make(cli, &store, &copy, &public, file).await;
    store.close().await;
    remove_database(&copy)?;
    let manifest = made?;
    for it in &manifest.files {
        say(&format!("{}: {} bytes", it.name, it.bytes))?;
    }
    for (site, number, _) in &manifest.logs {
        say(&format!("decisions of {site}: {number}, every one follows from the one before"))?;
    }
    Ok(Exit::Done)
}

async fn make(
    cli: &Cli,
    store: &Store,
    copy: &Path,
    public: &[u8],
    file: &Path,
) -> Result<Manifest> {
    drop(private_file(copy, true)?);
    fs::remove_file(copy)?;
    let made_at = clock::now();
    store.copy_into(copy).await?;
    let logs = looked_through(copy).await?;
    let mut files = vec![(DATABASE, copy.to_owned())];
    let seal_key = cli.data.join(SEAL_KEY);
    if seal_key.exists() {
        files.push((SEAL_KEY, seal_key));
    } else {
        note(&format!(
            "{SEAL_KEY} is not in the data folder: keep it by yourself, secrets do not open without it"
        ));
    }
    let listed: Result<Vec<Listed>> = files.iter().map(|(name, path)| listed(name, path)).collect();
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { made_at, schema: SCHEMA, program, files: listed?, logs };
    // Whole or not there: a backup that broke off is not taken for one.
    let part = file.with_extension("part");
    let mut sealing = Sealing::begin(BufWriter::new(private_file(&part, false)?), public)?;
    entry(&mut sealing, "manifest.json", &mut serde_json::to_vec(&manifest)?.as_slice())?;
    for ((name, path), it) in files.iter().zip(&manifest.files) {
        let mut hashed = Hashed { from: File::open(path)?, digest: Sha256::new() };
        entry_of(&mut sealing, name, it.bytes, &mut hashed)?;
        if hex(&hashed.digest.finalize()) != it.sha256 {
            bail!("{} changed while it was copied", path.display());
        }
    }
    let written = sealing.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    written.sync_all()?;
    fs::rename(&part, file).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(manifest)
}

/// Follows every log of a copy, and has the database look through itself.
async fn looked_through(copy: &Path) -> Result<Vec<(String, u64, String)>> {
    let store = Store::open_sqlite(copy).await?;
    store.look_through().await?;
    let mut logs = Vec::new();
    for site in store.logged_sites().await? {
        match store.verify_log(&site).await? {
            Ok(head) => logs.push((site, head.number, hex(&head.chain))),
            Err(broken) => {
                bail!("the log of {site} does not hold at {}: {}", broken.number, broken.why)
            }
        }
    }
    if let Err(broken) = store.verify_account_log().await? {
        bail!("the log of accounts does not hold at {}: {}", broken.number, broken.why);
    }
    store.close().await;
    Ok(logs)
}

fn listed(name: &str, path: &Path) -> Result<Listed> {
    let mut hashed = Hashed { from: File::open(path)?, digest: Sha256::new() };
    let bytes = io::copy(&mut hashed, &mut io::sink())?;
    Ok(Listed { name: name.to_owned(), bytes, sha256: hex(&hashed.digest.finalize()) })
}

struct Hashed<R> {
    from: R,
    digest: Sha256,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.digest.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

fn entry(to: &mut impl Write, name: &str, bytes: &mut &[u8]) -> Result<()> {
    entry_of(to, name, bytes.len() as u64, bytes)
}

/// Length of the name (2), name, length (8), bytes.
fn entry_of(to: &mut impl Write, name: &str, length: u64, from: &mut impl Read) -> Result<()> {
    to.write_all(&u16::try_from(name.len())?.to_be_bytes())?;
    to.write_all(name.as_bytes())?;
    to.write_all(&length.to_be_bytes())?;
    let copied = io::copy(from, to)?;
    if copied != length {
        bail!("{name} changed its length while it was copied");
    }
    Ok(())
}

async fn verify(key: &Path, file: &Path) -> Result<Exit> {
    let folder = file.with_extension(format!("verify-{}", clock::now().as_microsecond()));
    let unpacked = unpack(&private_key(key)?, file, &folder);
    let looked = match &unpacked {
        Ok(_) => looked_through(&folder.join(DATABASE)).await.map(|_| ()),
        Err(_) => Ok(()),
    };
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let manifest = unpacked?;
    looked?;
    say(&format!(
        "whole: of {}, by exposome {}, schema {}",
        manifest.made_at, manifest.program, manifest.schema
    ))?;
    Ok(Exit::Done)
}

/// Unpacks into a folder that is not there yet.
fn unpack(key: &[u8], file: &Path, folder: &Path) -> Result<Manifest> {
    let from = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut opening = Opening::begin(BufReader::new(from), key)?;
    let (name, length) = next_entry(&mut opening)?.context("the backup is empty")?;
    if name != "manifest.json" || length > 1 << 24 {
        bail!("the backup does not begin with what it holds");
    }
    let mut text = Vec::new();
    opening.by_ref().take(length).read_to_end(&mut text)?;
    let manifest: Manifest =
        serde_json::from_slice(&text).context("what the backup holds cannot be read")?;
    if manifest.schema > SCHEMA {
        bail!("the backup was made by a newer exposome ({}): upgrade this one", manifest.program);
    }
    make_private(folder)?;
    for it in &manifest.files {
        // Names of ours only: nothing is written beside the folder.
        if ![DATABASE, SEAL_KEY].contains(&it.name.as_str()) {
            bail!("the backup holds {:?}, which is none of ours", it.name);
        }
        let (name, length) = next_entry(&mut opening)?.context("the backup ends in the middle")?;
        if name != it.name || length != it.bytes {
            bail!("the backup holds something else than it says");
        }
        let path = folder.join(&it.name);
        let mut to = private_file(&path, true)?;
        let mut hashed = Hashed { from: opening.by_ref().take(length), digest: Sha256::new() };
        let copied = io::copy(&mut hashed, &mut to)?;
        to.sync_all()?;
        if copied != length || hex(&hashed.digest.finalize()) != it.sha256 {
            bail!("{name} is not what the backup says");
        }
    }
    if next_entry(&mut opening)?.is_some() {
        bail!("the backup holds more than it says");
    }
    Ok(manifest)
}

fn next_entry(from: &mut impl Read) -> Result<Option<(String, u64)>> {
    let mut length = [0; 2];
    if from.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..])?;
    let mut name = vec![0; usize::from(u16::from_be_bytes(length))];
    from.read_exact(&mut name)?;
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(Some((String::from_utf8(name)?, u64::from_be_bytes(bytes))))
}

fn make_private(folder: &Path) -> Result<()> {
    fs::create_dir(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// `exposome restore`.
pub(crate) async fn restore(cli: &Cli, arguments: &Restore) -> Result<Exit> {
    if cli.database.is_some() {
        bail!(
            "a backup is of a data folder; what is in PostgreSQL is put back with its own pg_restore"
        );
    }
    let data = &cli.data;
    let is_empty = !data.exists() || fs::read_dir(data)?.next().is_none();
    if !is_empty {
        bail!("{} holds something: a backup is put into an empty folder", data.display());
    }
    let beside = PathBuf::from(format!("{}.restoring", data.display()));
    if beside.exists() {
        bail!("{} is left from a restore that broke off: remove it", beside.display());
    }
    let restored = put_in_place(&private_key(&arguments.key)?, &arguments.file, &beside).await;
    if restored.is_err() && beside.exists() {
        fs::remove_dir_all(&beside)?;
    }
    let manifest = restored?;
    if data.exists() {
        fs::remove_dir(data)?;
    }
    fs::rename(&beside, data).with_context(|| format!("cannot put it at {}", data.display()))?;
    say(&format!("{} stands as it was at {}", data.display(), manifest.made_at))?;
    note(
        "it asks nobody outside and tells nobody anything until an administrator has said that it stands for the original (POST /api/v1/restored/confirm, or the page of jobs)",
    );
    Ok(Exit::Done)
}

async fn put_in_place(key: &[u8], file: &Path, folder: &Path) -> Result<Manifest> {
    let manifest = unpack(key, file, folder)?;
    let logs = looked_through(&folder.join(DATABASE)).await?;
    if logs != manifest.logs {
        bail!("the logs do not go as far as the backup says");
    }
    let text = format!("{} restored from a backup of {}\n", clock::now(), manifest.made_at);
    let mut marker = private_file(&folder.join(exposome_server::RESTORED), true)?;
    marker.write_all(text.as_bytes())?;
    marker.sync_all()?;
    Ok(manifest)
}

/// The file of a database, and what lies beside it while it is open.
fn remove_database(path: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{ending}", path.display()));
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}
