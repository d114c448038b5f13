//! Every example of Recog's databases beside the project fits its fingerprint and gives the parameters it must.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panic, and says what it leaves out, and its figure"
)]

use exposome_wire::fingerprint::Recog;
use std::fs;
use std::path::Path;

const DATABASES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/fingerprints/recog/xml");

#[test]
fn recogs_examples_fit_as_they_must() {
    let folder = Path::new(DATABASES);
    if !folder.is_dir() {
        println!("../shared/fingerprints is absent: Recog's examples are not tested");
        return;
    }
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "xml"));
    files.sort();
    let (mut fingerprints, mut refused, mut examples, mut elsewhere, mut first) = (0, 0, 0, 0, 0);
    let mut wrong = Vec::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let database = Recog::parse(&name, &fs::read(&path).unwrap()).unwrap();
        fingerprints += database.fingerprints.len() + database.refused.len();
        refused += database.refused.len();
        for (pattern, reason) in &database.refused {
            wrong.push(format!("{name}: cannot be used: {pattern}: {reason}"));
        }
        for fingerprint in &database.fingerprints {
            for example in &fingerprint.examples {
                if example.is_elsewhere {
                    elsewhere += 1;
                    continue;
                }
                examples += 1;
                let Some(params) = fingerprint.matched(&example.text) else {
                    wrong.push(format!(
                        "{name}: {:?} does not fit {}",
                        example.text, fingerprint.pattern
                    ));
                    continue;
                };
                for (param, value) in &example.expected {
                    if params.get(param) != Some(value) {
                        wrong.push(format!(
                            "{name}: {:?} gives {:?} for {param}, not {value:?}",
                            example.text,
                            params.get(param)
                        ));
                    }
                }
                let found = database.matched(&example.text).map(|(it, _)| &it.description);
                first += usize::from(found == Some(&fingerprint.description));
            }
        }
    }
    for it in &wrong {
        println!("{it}");
    }
    println!(
        "{fingerprints} fingerprints, {refused} refused; {examples} examples, {} wrong, {elsewhere} in files of \
         their own; of {first} its own fingerprint is the first of the file that fits",
        wrong.len()
    );
    assert!(examples > 6000, "{examples} examples");
    // 99.9 %.
    assert!(wrong.len() * 1000 <= examples, "{} of {examples} wrong", wrong.len());
}
