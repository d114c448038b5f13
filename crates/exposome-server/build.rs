//! Embeds the pages where they were built.  It never builds them itself: that takes Node, and `cargo build` takes none.

#![expect(
    clippy::disallowed_methods,
    reason = "cargo tells a build script everything by its environment"
)]
#![expect(
    clippy::unnecessary_debug_formatting,
    reason = "a path becomes a literal of the code that is written"
)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=EXPOSOME_WITHOUT_WEB");
    let house = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../..");
    let (web, bundle) = (house.join("web"), house.join("web/dist"));
    println!("cargo::rerun-if-changed={}", bundle.display());
    println!("cargo::rerun-if-changed={}", web.join("package.json").display());
    let is_built = bundle.join("index.html").exists();
    let is_release = env::var("PROFILE").is_ok_and(|it| it == "release");
    let is_wanted = env::var("EXPOSOME_WITHOUT_WEB").map_or(true, |it| it != "1");
    if is_release && is_wanted && !is_built && web.join("package.json").exists() {
        println!(
            "cargo::error=web/dist is not there, and a release has pages: run `./x ui` first, or set EXPOSOME_WITHOUT_WEB=1"
        );
        return Ok(());
    }
    let mut files = Vec::new();
    if is_built {
        find(&bundle, &mut files)?;
    }
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR").unwrap_or_default());
    let mut code = "static FILES: &[File] = &[\n".to_owned();
    for (place, file) in files.iter().enumerate() {
        let name = file.strip_prefix(&bundle).unwrap_or(file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(file)?;
        let packed = packed(&bytes)?;
        let gzip = if packed.len() < bytes.len() {
            let path = out.join(format!("{place}.gz"));
            fs::write(&path, packed)?;
            format!("Some(include_bytes!({path:?}))")
        } else {
            "None".to_owned()
        };
        let tag = format!("{:016x}", fnv(&bytes));
        let file = file.canonicalize()?;
        let _ = writeln!(
            code,
            "    File {{ path: {name:?}, tag: {tag:?}, bytes: include_bytes!({file:?}), gzip: {gzip} }},"
        );
    }
    code.push_str("];\n");
    fs::write(out.join("bundle.rs"), code)
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn packed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes)?;
    packer.finish()
}

/// FNV-1a, 64 bits: tells one version of a file from the next; nothing depends on its being hard to forge.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
