//! How much of the prose in real advisories is understood.
//!
//! Reads every version text of the CISA advisories in the shared folder (or, without
//! it, the excerpt in `testdata/texts`) and lists what is not read, with the reason.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a test stops at the first surprise, and says what it measured"
)]

use exposome_engine::expose::version_text::VersionPattern;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/feeds/csaf/cisa");
const EXCERPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/texts/versions.tsv");

/// The part of the texts that must be read whole.
const READ_PER_MILLE: usize = 970;
const EXCERPT_READ_PER_MILLE: usize = 950;

#[test]
fn nearly_every_version_text_of_the_advisories_is_read() {
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    if Path::new(SHARED).is_dir() {
        walk(Path::new(SHARED), 0, &mut texts);
    } else {
        eprintln!("THE FOLDER OF REAL ADVISORIES IS ABSENT: {SHARED}");
        eprintln!("Only the excerpt of the project was read: one text of each shape.");
    }
    let excerpt = fs::read_to_string(EXCERPT).unwrap();
    for line in excerpt.lines().filter(|line| !line.starts_with('#')) {
        texts.entry(line.rsplit('\t').next().unwrap().to_owned()).or_default();
    }
    let unread: Vec<(&String, &usize, String)> = texts
        .iter()
        .map(|(text, count)| (text, count, VersionPattern::read(text).unread().join("; ")))
        .filter(|(.., reason)| !reason.is_empty())
        .collect();
    let all: usize = texts.values().sum::<usize>().max(texts.len());
    let missed: usize = unread.iter().map(|(_, count, _)| (**count).max(1)).sum();
    println!(
        "{all} version texts, {} different, {missed} with a part that is not read:",
        texts.len()
    );
    for (text, count, reason) in &unread {
        println!("  {count:>3} x \"{text}\": not read \"{reason}\"");
    }
    // The excerpt holds one text of each shape, also of the rare ones that are not read.
    let bound = if Path::new(SHARED).is_dir() { READ_PER_MILLE } else { EXCERPT_READ_PER_MILLE };
    assert!((all - missed) * 1_000 >= all * bound, "only {} of {all} are read", all - missed);
}

fn walk(folder: &Path, depth: usize, texts: &mut BTreeMap<String, usize>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() && depth < 8 {
            walk(&path, depth + 1, texts);
        } else if path.extension().is_some_and(|end| end == "json") {
            let document: serde_json::Value =
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            leaves(&document["product_tree"]["branches"], 0, texts);
        }
    }
}

fn leaves(branches: &serde_json::Value, depth: usize, texts: &mut BTreeMap<String, usize>) {
    for branch in branches.as_array().into_iter().flatten() {
        let category = branch["category"].as_str().unwrap_or_default();
        if category.starts_with("product_version") && branch["product"].is_object() {
            *texts.entry(branch["name"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        if depth < 16 {
            leaves(&branch["branches"], depth + 1, texts);
        }
    }
}
