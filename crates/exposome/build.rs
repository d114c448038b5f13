//! Gives this build a name of its own, by which it knows what another build has concluded; and lists
//! `rules/fingerprints`, so that a new file there needs no new line here.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let fingerprints =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules/fingerprints").canonicalize()?;
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("fingerprints.rs"), list(&fingerprints)?)?;
    println!("cargo::rerun-if-changed={}", fingerprints.display());
    println!("cargo::rustc-env=EXPOSOME_BUILD={}", build_name()?);
    Ok(())
}

/// The digest of everything the program is built from: every source of the workspace, the rules, the lock file.
fn build_name() -> io::Result<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = DefaultHasher::new();
    env::var_os("PROFILE").hash(&mut all);
    let mut parts = vec![root.join("Cargo.lock"), root.join("bench/src"), root.join("rules")];
    for member in fs::read_dir(root.join("crates"))? {
        let member = member?.path();
        parts.extend(["src", "migrations"].map(|part| member.join(part)));
    }
    parts.retain(|part| part.exists());
    parts.sort();
    for part in parts {
        println!("cargo::rerun-if-changed={}", part.display());
        hash_all(&part, &mut all)?;
    }
    Ok(format!("{:016x}", all.finish()))
}

fn hash_all(path: &Path, all: &mut DefaultHasher) -> io::Result<()> {
    if !path.is_dir() {
        path.file_name().hash(all);
        fs::read(path)?.hash(all);
        return Ok(());
    }
    let mut below: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    below.sort();
    below.iter().try_for_each(|path| hash_all(path, all))
}

/// A slice of (name, text) as Rust source, in the order of the names.
fn list(folder: &Path) -> io::Result<String> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.sort();
    let entry = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("({name:?}, include_str!({:?})),", path.display().to_string())
    };
    Ok(format!("&[{}]", paths.iter().map(entry).collect::<String>()))
}
