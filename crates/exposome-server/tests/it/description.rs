//! The description of the API is what is served, and what `web/` has.

use crate::server::Server;
use exposome_server::api;
use std::path::Path;

#[test]
fn the_committed_description_is_the_one_that_is_served() {
    let server = Server::new();
    let served = server.nobody().get("/api/v1/openapi.json");
    assert_eq!(served.body["openapi"], "3.1.0");
    let text = serde_json::to_string_pretty(&served.body).unwrap() + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/openapi.json");
    #[expect(
        clippy::disallowed_methods,
        reason = "the person who runs the test says here that it may be rewritten"
    )]
    let is_update = std::env::var("UPDATE").is_ok();
    if is_update {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "web/openapi.json is not what is served: look at the change with UPDATE=1 cargo test -p exposome-server description"
    );
}

#[test]
fn every_operation_lists_what_the_doors_may_answer_and_has_words() {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.contains_key("429") && responses.contains_key("500"),
                "{method} {path}"
            );
            assert!(
                operation["summary"].as_str().is_some_and(|it| !it.is_empty()),
                "{method} {path} has no words"
            );
            if operation.get("security").is_some() {
                assert!(
                    responses.contains_key("401") && responses.contains_key("403"),
                    "{method} {path}"
                );
            }
            operations += 1;
        }
    }
    assert_eq!(operations, api::all().len());
}

#[test]
fn every_reference_of_the_description_leads_somewhere() {
    let document = serde_json::to_value(api::document()).unwrap();
    let mut references = Vec::new();
    gather(&document, &mut references);
    assert!(references.len() > 100, "{} references", references.len());
    for reference in references {
        let place = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(place).is_some(), "{reference}");
    }
}

fn gather(value: &serde_json::Value, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            into.extend(fields.get("$ref").and_then(|it| it.as_str()).map(str::to_owned));
            fields.values().for_each(|it| gather(it, into));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|it| gather(it, into)),
        _ => {}
    }
}
