//! Gives this build a name of its own, by which it knows what another build has concluded.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
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
