//! Lists the folders of `rules/` that hold many files of one kind, so that a new file there needs no new line here.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules").canonicalize()?;
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    let folder = "aliases";
    let listed = list(&rules.join(folder))?;
    fs::write(PathBuf::from(out).join(folder).with_extension("rs"), listed)?;
    println!("cargo::rerun-if-changed={}", rules.join(folder).display());
    Ok(())
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
