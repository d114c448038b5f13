//! The conformance suite of package URLs (package-url/purl-spec, `tests/`), whole, where the
//! folder with the shared vectors lies beside the checkout; a small excerpt of it always.

use exposome_model::purl::{Error, Parts, Purl};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Tests of the suite that contradict it; each with today's answer.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[
    // Refused for the upper case in the keys of the qualifiers, which two tests of
    // maven-test.json ("repositorY_url") want read and lowered.
    (
        "gem-test.json",
        "pkg:gem/jruby-launcher@1.1.2?Platform=java",
        "pkg:gem/jruby-launcher@1.1.2?platform=java",
    ),
    (
        "rpm-test.json",
        "pkg:Rpm/fedora/curl@7.50.3-1.fc25?Arch=i386&Distro=fedora-25",
        "pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25",
    ),
];

#[test]
fn the_suite_of_package_urls_is_passed_whole() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/vectors/purl-spec-tests/tests"
    ));
    if !folder.is_dir() {
        eprintln!(
            "ABSENT: ../shared/vectors/purl-spec-tests: the PURL suite of 586 tests was NOT checked, only the excerpt"
        );
        return;
    }
    let mut files: Vec<_> = ["spec", "types"]
        .iter()
        .flat_map(|sub| std::fs::read_dir(folder.join(sub)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut passed, mut failures) = (0, Vec::new());
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy();
        let suite: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for (place, test) in suite["tests"].as_array().unwrap().iter().enumerate() {
            match run(&name, test) {
                Ok(()) => passed += 1,
                Err(reason) => failures.push(format!("{name} {place}: {reason}")),
            }
        }
    }
    println!(
        "PURL suite: {} files, {passed} tests passed ({} contradictions by name)",
        files.len(),
        CONTRADICTIONS.len()
    );
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert_eq!((files.len(), passed), (43, 586), "the suite has changed");
}

#[test]
fn an_excerpt_of_the_suite_is_passed() {
    // package-url/purl-spec, tests/ (MIT), one of each kind.
    let excerpt = r#"[
        {"test_type":"validate","expected_failure":false,"input":"pkg:GOLANG/google.golang.org/genproto@abcdedf#/googleapis/api/annotations/","expected_output":"pkg:golang/google.golang.org/genproto@abcdedf#googleapis/api/annotations"},
        {"test_type":"parse","expected_failure":false,"input":"pkg:npm/%40angular/animation@12.3.1","expected_output":{"type":"npm","namespace":"@angular","name":"animation","version":"12.3.1","qualifiers":null,"subpath":null}},
        {"test_type":"parse","expected_failure":true,"input":"pkg:swift/Alamofire@5.4.3"},
        {"test_type":"build","expected_failure":false,"input":{"type":"deb","namespace":"debian","name":"attr","version":"1:2.4.47-2+b1","qualifiers":{"arch":"amd64"}},"expected_output":"pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64"}
    ]"#;
    for test in serde_json::from_str::<Value>(excerpt).unwrap().as_array().unwrap() {
        assert_eq!(run("excerpt", test), Ok(()));
    }
}

fn run(file: &str, test: &Value) -> Result<(), String> {
    let (kind, input) = (test["test_type"].as_str().unwrap_or_default(), &test["input"]);
    let actual = match kind {
        "build" => build(input),
        "parse" | "validate" => Purl::parse(input.as_str().unwrap_or_default()),
        other => return Err(format!("a test of the unknown type {other}")),
    };
    if test["expected_failure"] == true {
        let contradiction =
            CONTRADICTIONS.iter().find(|(name, text, _)| *name == file && input == text);
        return match (contradiction, actual) {
            (None, Err(_)) => Ok(()),
            (Some((_, _, today)), Ok(purl)) if purl.to_string() == *today => Ok(()),
            (_, actual) => Err(format!("{input}: {actual:?}")),
        };
    }
    let purl = actual.map_err(|error| format!("{input}: {error}"))?;
    let actual = if kind == "parse" { plain(&purl) } else { Value::from(purl.to_string()) };
    let expected = without_empty(&test["expected_output"]);
    if actual != expected {
        return Err(format!("{input}: {actual} instead of {expected}"));
    }
    if Purl::parse(&purl.to_string()) == Ok(purl) {
        Ok(())
    } else {
        Err(format!("{input} does not come back as it was printed"))
    }
}

fn build(input: &Value) -> Result<Purl, Error> {
    let text = |key: &str| input[key].as_str();
    let none = Map::new();
    let qualifiers: Vec<_> = input["qualifiers"]
        .as_object()
        .unwrap_or(&none)
        .iter()
        .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
        .collect();
    Purl::build(Parts {
        kind: text("type").unwrap_or_default(),
        namespace: text("namespace"),
        name: text("name").unwrap_or_default(),
        version: text("version"),
        qualifiers: &qualifiers,
        subpath: text("subpath"),
    })
}

fn plain(purl: &Purl) -> Value {
    let qualifiers: Map<String, Value> =
        purl.qualifiers().map(|(key, value)| (key.to_owned(), Value::from(value))).collect();
    without_empty(&json!({
        "type": purl.kind(), "namespace": purl.namespace(), "name": purl.name(), "version": purl.version(),
        "qualifiers": qualifiers, "subpath": purl.subpath(),
    }))
}

/// The suite writes what is not there as null, as nothing, or as an empty object.
fn without_empty(value: &Value) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let is_there = |value: &Value| {
        !value.is_null() && value.as_object().is_none_or(|object| !object.is_empty())
    };
    object
        .iter()
        .filter(|(_, value)| is_there(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
