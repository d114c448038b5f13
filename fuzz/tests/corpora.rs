//! Every fuzz target meets its corpus again: what once broke a parser must not break it twice.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says which input it is at"
)]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");

#[test]
fn no_input_of_a_corpus_breaks_its_parser() {
    let mut broken = Vec::new();
    for target in exposome_fuzz::targets() {
        let inputs = entries(&Path::new(CORPUS).join(target.name()));
        assert!(!inputs.is_empty(), "fuzz/corpus/{} holds no input", target.name());
        for input in inputs {
            let bytes = fs::read(&input).unwrap();
            // Shown with --nocapture, should the process end here.
            println!("{}", input.display());
            if catch_unwind(|| target.run(&bytes)).is_err() {
                broken.push(input.display().to_string());
            }
        }
    }
    assert!(broken.is_empty(), "these broke their parser:\n{}", broken.join("\n"));
}

#[test]
fn every_corpus_belongs_to_a_target() {
    let targets: BTreeSet<String> = exposome_fuzz::targets().map(|target| target.name()).collect();
    for folder in entries(Path::new(CORPUS)) {
        let name = folder.file_name().unwrap().to_string_lossy();
        assert!(targets.contains(&*name), "fuzz/corpus/{name} is of no target");
    }
}

#[test]
fn an_input_is_small() {
    for input in entries(Path::new(CORPUS)).iter().flat_map(|folder| entries(folder)) {
        let bytes = fs::metadata(&input).unwrap().len();
        assert!(bytes <= 4096, "{}: {bytes} bytes", input.display());
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
