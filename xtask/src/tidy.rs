//! What can be checked of the house from its manifests and texts alone.
//!
//! Each check gives findings, a line each: file, what is wrong, what was expected.

use crate::{Failure, cargo, failure, say};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) fn check() -> Result<(), Failure> {
    let findings = findings(&root())?;
    for finding in &findings {
        say(finding);
    }
    if findings.is_empty() { Ok(()) } else { Err(failure(format!("{} findings", findings.len()))) }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn findings(root: &Path) -> Result<Vec<String>, Failure> {
    let mut findings = layering(root)?;
    findings.extend(banned(root)?);
    findings.extend(purity(root)?);
    findings.extend(map_against_tree(root)?);
    findings.extend(foreign_paths(root)?);
    Ok(findings)
}

/// Who may know whom: arrows go down only (ARCHITECTURE.md, "The house").
const LAYERS: &[(&str, &[&str])] = &[
    ("exposome-score", &[]),
    ("exposome-model", &["exposome-score"]),
    ("exposome-wire", &["exposome-model", "exposome-score"]),
    ("exposome-sensor", &["exposome-model", "exposome-wire"]),
    ("exposome-intake", &["exposome-model", "exposome-score"]),
    ("exposome-engine", &["exposome-model", "exposome-score"]),
    ("exposome-report", &["exposome-engine", "exposome-model", "exposome-score"]),
    ("exposome-store", &["exposome-model", "exposome-score"]),
    (
        "exposome-server",
        &[
            "exposome-engine",
            "exposome-model",
            "exposome-report",
            "exposome-score",
            "exposome-site",
            "exposome-store",
        ],
    ),
    ("exposome-site", &["exposome-engine", "exposome-model", "exposome-score", "exposome-store"]),
];

/// Pure crates: bytes and values in, values out.
const PURE: &[&str] = &[
    "exposome-score",
    "exposome-model",
    "exposome-wire",
    "exposome-intake",
    "exposome-engine",
    "exposome-report",
];

/// What a pure crate's sources may not mention outside its tests.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::env::",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "rand::",
];

/// Crates that may never be linked, and what to use instead.
const BANNED: &[(&str, &str)] = &[
    ("openssl-sys", "rustls with aws-lc-rs"),
    ("native-tls", "rustls with aws-lc-rs"),
    ("ring", "aws-lc-rs, so that one cryptographic provider is linked"),
    ("git2", "the git program"),
];

#[derive(serde::Deserialize)]
struct Manifest {
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}

fn layering(root: &Path) -> Result<Vec<String>, Failure> {
    let mut findings = Vec::new();
    for (name, below) in LAYERS {
        let path = root.join("crates").join(name).join("Cargo.toml");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let manifest: Manifest = toml::from_str(&text)?;
        let ours =
            manifest.dependencies.keys().filter(|dependency| dependency.starts_with("exposome"));
        for dependency in ours.filter(|dependency| !below.contains(&dependency.as_str())) {
            findings.push(format!("crates/{name}/Cargo.toml: {name} may not know {dependency}"));
        }
    }
    Ok(findings)
}

/// What is really linked; the lock file also lists what nobody switches on.
fn banned(root: &Path) -> Result<Vec<String>, Failure> {
    let mut tree = cargo(&[
        "tree",
        "--workspace",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let output = tree.current_dir(root).output()?;
    if !output.status.success() {
        return Err(failure(format!(
            "cargo tree failed: {}",
            String::from_utf8_lossy(&output.stderr)
        )));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let linked: BTreeSet<&str> =
        printed.lines().filter_map(|line| line.split(' ').next()).collect();
    let found = BANNED.iter().filter(|(name, _)| linked.contains(name));
    Ok(found.map(|(name, instead)| format!("{name} is linked and banned; use {instead}")).collect())
}

fn purity(root: &Path) -> Result<Vec<String>, Failure> {
    let mut findings = Vec::new();
    for name in PURE {
        for path in rust_files(&root.join("crates").join(name).join("src"))? {
            let text = fs::read_to_string(&path)?;
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (line, words) in
                (1..).zip(code.lines()).filter(|(_, words)| !words.trim_start().starts_with("//"))
            {
                for word in IMPURE.iter().filter(|word| words.contains(**word)) {
                    findings.push(format!(
                        "{}:{line}: a pure crate does not use {word}",
                        shown(root, &path)
                    ));
                }
            }
        }
    }
    Ok(findings)
}

/// ARCHITECTURE.md names every crate and every folder at the top, and nothing that is not there.
fn map_against_tree(root: &Path) -> Result<Vec<String>, Failure> {
    let map = fs::read_to_string(root.join("ARCHITECTURE.md"))?;
    let mut findings = Vec::new();
    if map.lines().count() > 200 {
        findings.push("ARCHITECTURE.md: longer than 200 lines".to_owned());
    }
    for folder in ["crates", ""] {
        for entry in fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_ours = entry.file_type()?.is_dir() && !name.starts_with('.') && name != "target";
            if is_ours && !map.contains(&format!("{name}/")) {
                findings
                    .push(format!("ARCHITECTURE.md: the folder {folder}/{name} is not on the map"));
            }
        }
    }
    for word in
        map.split_whitespace().filter(|word| word.starts_with("exposome-") && word.ends_with('/'))
    {
        if !root.join("crates").join(word).exists() {
            findings.push(format!("ARCHITECTURE.md: {word} is on the map but not in crates/"));
        }
    }
    Ok(findings)
}

/// No file of the project names a place of the machine it was written on.
fn foreign_paths(root: &Path) -> Result<Vec<String>, Failure> {
    let marks = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut findings = Vec::new();
    for folder in ["crates", "xtask", "bench", "docs", "rules", "fuzz"] {
        for path in files(&root.join(folder), &["rs", "md", "toml", "sh"])? {
            let text = fs::read_to_string(&path).unwrap_or_default();
            for mark in marks.iter().filter(|mark| text.contains(**mark)) {
                findings
                    .push(format!("{}: names {mark}, a path of one machine", shown(root, &path)));
            }
        }
    }
    Ok(findings)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    files(folder, &["rs"])
}

fn files(folder: &Path, endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && name != "node_modules" && name != "corpus" {
            found.extend(files(&path, endings)?);
        } else if path.extension().is_some_and(|ending| endings.iter().any(|it| ending == *it)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let findings = findings(&root()).unwrap();
        assert!(findings.is_empty(), "{}", findings.join("\n"));
    }

    #[test]
    fn a_crate_that_knows_one_above_it_is_found() {
        let house = tempfile::tempdir().unwrap();
        let score = house.path().join("crates/exposome-score");
        fs::create_dir_all(&score).unwrap();
        fs::write(score.join("Cargo.toml"), "[dependencies]\nexposome-engine = \"1\"\n").unwrap();
        let findings = layering(house.path()).unwrap();
        assert_eq!(
            findings,
            ["crates/exposome-score/Cargo.toml: exposome-score may not know exposome-engine"]
        );
    }

    #[test]
    fn a_pure_crate_that_reads_a_file_is_found() {
        let house = tempfile::tempdir().unwrap();
        let source = house.path().join("crates/exposome-model/src");
        fs::create_dir_all(&source).unwrap();
        fs::write(
            source.join("lib.rs"),
            "fn f() { std::fs::read(\"x\"); }\n#[cfg(test)]\nmod t { use std::fs; }\n",
        )
        .unwrap();
        let findings = purity(house.path()).unwrap();
        assert_eq!(
            findings,
            ["crates/exposome-model/src/lib.rs:1: a pure crate does not use std::fs"]
        );
    }
}
