//! The conformance suite of VERS (package-url/vers-spec, `tests/`), whole, where the folder with
//! the shared vectors lies beside the checkout; a small excerpt of it always.

use exposome_model::vers::{Range, native};
use exposome_model::version::{Key, Scheme, compare, normalized};
use serde_json::Value;
use std::cmp::Ordering;
use std::path::Path;

/// Tests of the suite that contradict it or what it refers to; each with today's answer.
const CONTRADICTIONS: &[(&str, &str, &str)] = &[(
    // `~0.8.0-pre` is read as "before 0.8.1", whereas the same operator ends 0.2.2 before 0.3.0 and
    // 3.8.2 before 3.9.0 in the same file, and node-semver documents ~1.2.3-beta.2 as
    // before 1.3.0.  Followed, it would call 0.8.1 unaffected.
    "npm_range_from_native_test.json",
    ">= 0.2.0 <= 0.9.6 || ~0.8.0-pre",
    "vers:npm/>=0.2.0|>=0.8.0-pre|<0.9.0|<=0.9.6",
)];

#[test]
fn the_suite_of_vers_is_passed_whole() {
    let folder = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/vectors/vers-spec-tests/tests"
    ));
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!(
            "ABSENT: ../shared/vectors/vers-spec-tests: the VERS suite of 2,701 tests was NOT checked, only the excerpt"
        );
        return;
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
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
        "VERS suite: {} files, {passed} tests passed ({} contradictions by name)",
        files.len(),
        CONTRADICTIONS.len()
    );
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert_eq!((files.len(), passed), (21, 2701), "the suite has changed");
}

#[test]
fn an_excerpt_of_the_suite_is_passed() {
    // package-url/vers-spec, tests/*.json (MIT), one of each kind.
    let excerpt = r#"[
        {"test_type":"comparison","input":{"input_scheme":"maven","versions":["1-sp","1-ga"]},"expected_output":["1-ga","1-sp"]},
        {"test_type":"equality","input":{"input_scheme":"gentoo","versions":["1.0-r0","1.0"]},"expected_output":true},
        {"test_type":"from_native","input":{"native_range":"1.5.0+, 1.4.1+","scheme":"nginx"},"expected_output":"vers:nginx/>=1.4.1|<1.5.0|>=1.5.0"},
        {"test_type":"containment","input":{"vers":"vers:pypi/>=3.0.0|!=2.0.3","version":"2.0.3"},"expected_output":false},
        {"test_type":"validate","input":"vers:pypi/0.0.2|0.0.0","expected_output":"vers:pypi/0.0.0|0.0.2"},
        {"test_type":"parse","input":"vers:npm/>=1.0.0|<2.0.0","expected_output":{"scheme":"npm","version_constraints":[[">=","1.0.0"],["<","2.0.0"]]}},
        {"test_type":"parse","input":"vers:npm/>=2.0.0|<1.0.0","expected_failure":true}
    ]"#;
    for test in serde_json::from_str::<Value>(excerpt).unwrap().as_array().unwrap() {
        assert_eq!(run("excerpt", test), Ok(()));
    }
}

fn run(file: &str, test: &Value) -> Result<(), String> {
    let (input, expected) = (&test["input"], &test["expected_output"]);
    match test["test_type"].as_str().unwrap_or_default() {
        "comparison" => same(sorted(input)?, expected, input),
        "equality" => same(equal(input)?, expected, input),
        "containment" => {
            let range = Range::parse(text(&input["vers"])).map_err(|error| error.to_string())?;
            same(Value::from(range.contains(text(&input["version"]))), expected, input)
        }
        "validate" => same(
            Value::from(Range::parse(text(input)).map_err(|error| error.to_string())?.to_string()),
            expected,
            input,
        ),
        "from_native" => {
            let native_range = text(&input["native_range"]);
            let range = native::range(text(&input["scheme"]), native_range)
                .map_err(|error| error.to_string())?;
            let exception = CONTRADICTIONS
                .iter()
                .find(|(name, input, _)| *name == file && *input == native_range);
            let expected =
                exception.map_or_else(|| expected.clone(), |(_, _, today)| Value::from(*today));
            same(Value::from(range.to_string()), &expected, input)
        }
        "parse" => {
            let parsed = Range::parse_canonical(text(input));
            if test["expected_failure"] == true {
                return if parsed.is_err() { Ok(()) } else { Err(format!("{input} was accepted")) };
            }
            let range = parsed.map_err(|error| error.to_string())?;
            let pairs: Vec<_> = range
                .constraints()
                .iter()
                .map(|it| vec![it.comparator.symbol().to_owned(), it.version.to_string()])
                .collect();
            same(
                serde_json::json!({"scheme": range.kind(), "version_constraints": pairs}),
                expected,
                input,
            )
        }
        other => Err(format!("a test of the unknown type {other}")),
    }
}

fn same(actual: impl Into<Value>, expected: &Value, input: &Value) -> Result<(), String> {
    let actual = actual.into();
    if actual == *expected {
        Ok(())
    } else {
        Err(format!("{input}: {actual} instead of {expected}"))
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn versions(input: &Value) -> Result<(Scheme, Vec<&str>), String> {
    let name = text(&input["input_scheme"]);
    let scheme = Scheme::named(name).ok_or_else(|| format!("no scheme {name}"))?;
    Ok((scheme, input["versions"].as_array().into_iter().flatten().map(text).collect()))
}

fn sorted(input: &Value) -> Result<Vec<String>, String> {
    let (scheme, versions) = versions(input)?;
    let key = |version: &&str| {
        Ok((
            Key::parse(scheme, version).ok_or(format!("{version} is not read"))?,
            normalized(scheme, version).into_owned(),
        ))
    };
    let mut keys: Vec<(Key, String)> = versions.iter().map(key).collect::<Result<_, String>>()?;
    keys.sort_by(|(left, _), (right, _)| {
        left.compare(right).unwrap_or_else(|| panic!("{left:?} and {right:?} have no order"))
    });
    Ok(keys.into_iter().map(|(_, version)| version).collect())
}

fn equal(input: &Value) -> Result<bool, String> {
    let (scheme, versions) = versions(input)?;
    let [left, right] = versions[..] else { return Err(format!("{versions:?} are not two")) };
    let order = compare(scheme, left, right).ok_or(format!("{versions:?} have no order"))?;
    Ok(order == Ordering::Equal)
}
