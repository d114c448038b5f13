//! Documents that are uploaded.

use crate::client::{Client, FormField};
use crate::server::{Server, settings};
use serde_json::json;

const DOCUMENT: FormField<'_> = ("files", Some("cmms.csv"), "Equipment ID,Name\r\nCE-1,Pump\r\n");

fn analyst(server: &Server) -> Client {
    let root = server.administrator();
    root.person("rvance", &json!([{ "role": "analyst" }]))
}

#[test]
fn documents_and_what_is_said_beside_them_reach_the_reader_and_leave_nothing_behind() {
    let server = Server::new();
    let analyst = analyst(&server);
    let answer = analyst.upload(
        "/api/v1/imports",
        &[
            DOCUMENT,
            ("files", Some("..\\bills\\pump.cdx.json"), "{}"),
            ("source", None, "CMMS"),
            ("observed", None, "2026-08-16"),
            ("complete", None, "location=ICU"),
            ("map", None, r#"{"Equipment ID": "asset_id", "Name": null}"#),
            ("preview", None, "true"),
        ],
    );
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["documents"][1]["document"], "pump.cdx.json");
    let heard = server.runner.importing.lock().unwrap();
    let (importing, texts) = heard.last().unwrap();
    assert_eq!(importing.source.as_deref(), Some("CMMS"));
    assert_eq!(importing.observed.unwrap().to_string(), "2026-08-16T23:59:59.999999Z");
    assert_eq!(
        (importing.complete.as_slice(), importing.dry_run),
        (&["location=ICU".to_owned()][..], true)
    );
    assert_eq!(importing.columns["Name"], "ignored");
    assert_eq!(texts[0], DOCUMENT.2);
    let left = std::fs::read_dir(server.folder.path().join("uploads")).unwrap().count();
    assert_eq!(left, 0, "what was uploaded is gone when it has been read");
}

#[test]
fn what_a_killed_server_was_reading_is_gone_when_it_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let left = folder.path().join("uploads/x/0");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("cmms.csv"), "a list of devices").unwrap();
    let server = Server::of(folder, settings());
    assert!(!server.folder.path().join("uploads").exists());
}

#[test]
fn an_upload_that_cannot_be_is_refused_in_words_and_leaves_nothing_behind() {
    let mut small = settings();
    small.limits.upload_bytes = 1_000;
    let server = Server::with(small);
    let analyst = analyst(&server);
    let large = "x".repeat(2_000);
    let cases: [(&[FormField<'_>], u16); 8] = [
        (&[], 422),
        (&[("files", Some(""), "x")], 422),
        (&[("files", Some(".."), "x")], 422),
        (&[DOCUMENT, ("colour", None, "red")], 422),
        (&[DOCUMENT, ("observed", None, "yesterday")], 422),
        (&[DOCUMENT, ("map", None, "{")], 422),
        (&[DOCUMENT, ("complete", None, "nonsense")], 422),
        (&[("files", Some("large.csv"), &large)], 413),
    ];
    for (fields, status) in cases {
        let answer = analyst.upload("/api/v1/imports", fields);
        assert_eq!(answer.status, status, "{fields:?}: {answer:?}");
        answer.problem();
    }
    let as_json = analyst.post("/api/v1/imports", &json!({ "files": [] }));
    assert_eq!((as_json.status, as_json.problem()), (415, "wrong-type"));
    let broken = analyst.send(
        "POST",
        "/api/v1/imports",
        Some("multipart/form-data; boundary=edge"),
        Some(
            b"--edge\r\ncontent-disposition: form-data; name=\"files\"; filename=\"x\"\r\n\r\nhalf"
                .to_vec(),
        ),
    );
    assert_eq!((broken.status, broken.problem()), (400, "malformed"));
    let left = std::fs::read_dir(server.folder.path().join("uploads")).unwrap().count();
    assert_eq!(left, 0, "what was refused is gone");
}
