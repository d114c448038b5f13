//! Tokens: what a program may, and for how long.

use crate::server::Server;
use serde_json::json;

#[test]
fn a_token_works_until_it_is_revoked_or_has_run_out() {
    let server = Server::new();
    let root = server.administrator();
    let ana = root.person("ana", &json!([{ "role": "analyst", "site": "main" }]));
    let make = |days: u32| {
        ana.post(
            "/api/v1/tokens",
            &json!({ "name": "ci", "role": "analyst", "site": "main", "days": days }),
        )
    };
    let made = make(10);
    assert_eq!(made.status, 201, "{made:?}");
    let secret = made.body["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("exposome_") && secret.len() == 52);
    let program = server.nobody().bearer(&secret);
    assert_eq!(program.get("/api/v1/jobs").status, 200);
    let listed = ana.get("/api/v1/tokens");
    assert!(listed.body["rows"][0]["used_at"].is_string() && !listed.text.contains(&secret));
    let id = made.body["token"]["id"].as_str().unwrap();
    let otto = root.person("otto", &json!([{ "role": "analyst" }]));
    assert_eq!(otto.delete(&format!("/api/v1/tokens/{id}")).status, 404, "somebody else's");
    assert_eq!(otto.get("/api/v1/tokens").body["rows"], json!([]));
    assert_eq!(ana.delete(&format!("/api/v1/tokens/{id}")).status, 204);
    assert_eq!(program.get("/api/v1/jobs").status, 401);
    let short = server.nobody().bearer(make(1).body["secret"].as_str().unwrap());
    assert_eq!(short.get("/api/v1/jobs").status, 200);
    server.pass_seconds(24 * 3_600);
    assert_eq!(short.get("/api/v1/jobs").status, 401);
}

#[test]
fn a_token_reaches_no_further_than_its_owner_at_that_moment() {
    let server = Server::new();
    let root = server.administrator();
    let ana = root.person("ana", &json!([{ "role": "analyst", "site": "main" }]));
    for (body, field) in [
        (json!({ "name": "x", "role": "analyst", "days": 1 }), "role"),
        (json!({ "name": "x", "role": "analyst", "site": "north", "days": 1 }), "role"),
        (json!({ "name": "x", "role": "administrator", "site": "main", "days": 1 }), "role"),
        (json!({ "name": "x", "role": "analyst", "site": "main", "days": 0 }), "days"),
        (json!({ "name": "x", "role": "analyst", "site": "main", "days": 400 }), "days"),
        (json!({ "name": "", "role": "analyst", "site": "main", "days": 1 }), "name"),
        (json!({ "name": "x", "role": "analyst", "unit": "ICU", "days": 1 }), "unit"),
    ] {
        let refused = ana.post("/api/v1/tokens", &body);
        assert_eq!((refused.status, &refused.body["field"]), (422, &json!(field)), "{body}");
    }
    let made = ana.post(
        "/api/v1/tokens",
        &json!({ "name": "x", "role": "analyst", "site": "main", "days": 1 }),
    );
    let program = server.nobody().bearer(made.body["secret"].as_str().unwrap());
    let session = program.get("/api/v1/session");
    assert_eq!(
        (&session.body["person"]["scope"]["sites"], &session.body["csrf"]),
        (&json!(["main"]), &json!(""))
    );
    // It reads only; accounts are not for programs.
    assert_eq!(program.post("/api/v1/jobs/sweep/run", &json!({})).status, 403);
    assert_eq!(program.get("/api/v1/tokens").status, 403);
    assert_eq!(program.put("/api/v1/me/settings", &json!({ "theme": "dark" })).status, 403);
    let id = ana.get("/api/v1/session").body["person"]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        root.put(
            &format!("/api/v1/people/{id}/roles"),
            &json!({ "roles": [{ "role": "analyst", "site": "main", "unit": "ICU" }] })
        )
        .status,
        200
    );
    assert_eq!(
        program.get("/api/v1/session").body["person"]["scope"]["units"],
        json!({ "main": ["ICU"] })
    );
    assert_eq!(
        root.put(
            &format!("/api/v1/people/{id}/roles"),
            &json!({ "roles": [{ "role": "reporter" }] })
        )
        .status,
        200
    );
    assert_eq!(program.get("/api/v1/session").status, 401);
}

#[test]
fn a_token_that_writes_needs_no_second_value() {
    let server = Server::new();
    let root = server.administrator();
    let made = root.post(
        "/api/v1/tokens",
        &json!({ "name": "x", "role": "analyst", "writes": true, "days": 1 }),
    );
    let program = server.nobody().bearer(made.body["secret"].as_str().unwrap());
    assert_eq!(program.post("/api/v1/jobs/sweep/run", &json!({})).status, 202);
    assert_eq!(program.post("/api/v1/jobs/no-such-job/run", &json!({})).status, 404);
}
