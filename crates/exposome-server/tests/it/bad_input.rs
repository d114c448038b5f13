//! What is sent by mistake or with intent: refused in words, never a failure of ours, nothing written.

use crate::client::{Answer, PASSWORD};
use crate::server::{Server, settings};
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

#[test]
fn a_body_that_is_no_json_of_that_kind_is_refused_in_words() {
    let server = Server::new();
    let root = server.administrator();
    let deep = "[".repeat(100_000);
    let json = Some("application/json");
    let cases: [(Option<&str>, &[u8], u16, &str); 13] = [
        (json, b"", 400, "malformed"),
        (json, b"{", 400, "malformed"),
        (json, b"{\"login\": \"x\", \"name\": \"y\",}", 400, "malformed"),
        (json, b"\xff\xfe{}", 400, "malformed"),
        (json, deep.as_bytes(), 422, "unfit"),
        (json, b"[\"x\", \"y\"]", 422, "unfit"),
        (json, b"[]", 422, "unfit"),
        (json, b"{\"login\": 7, \"name\": \"y\"}", 422, "unfit"),
        (json, b"{\"login\": \"x\"}", 422, "unfit"),
        (json, b"{\"login\": \"x\", \"name\": \"y\", \"admin\": true}", 422, "unfit"),
        (json, b"{\"login\": \"x\", \"login\": \"z\", \"name\": \"y\"}", 422, "unfit"),
        (Some("text/plain"), b"{\"login\": \"x\", \"name\": \"y\"}", 415, "wrong-type"),
        (None, b"{\"login\": \"x\", \"name\": \"y\"}", 415, "wrong-type"),
    ];
    for (kind, body, status, problem) in cases {
        let answer = root.send("POST", "/api/v1/people", kind, Some(body.to_vec()));
        assert_eq!(
            (answer.status, answer.problem()),
            (status, problem),
            "{:?} {answer:?}",
            String::from_utf8_lossy(&body[..body.len().min(60)])
        );
    }
    assert_eq!(root.get("/api/v1/people").body["rows"].as_array().unwrap().len(), 1);
}

#[test]
fn a_body_that_is_too_large_is_refused_whether_it_says_so_or_not() {
    let server = Server::new();
    let root = server.administrator();
    let large = format!("{{\"login\": \"x\", \"name\": \"{}\"}}", "y".repeat(2 << 20));
    let answer =
        root.send("POST", "/api/v1/people", Some("application/json"), Some(large.into_bytes()));
    assert_eq!((answer.status, answer.problem()), (413, "too-large"));
    // In pieces, with no length said.
    let head = format!(
        "POST /api/v1/people HTTP/1.1\r\nhost: x\r\ncookie: {}\r\nx-exposome-csrf: {}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        root.cookie(),
        root.csrf.as_ref().unwrap()
    );
    let mut stream = connect(&server);
    stream.write_all(head.as_bytes()).unwrap();
    let piece = format!("{:x}\r\n{}\r\n", 1 << 16, " ".repeat(1 << 16));
    for _ in 0..32 {
        if stream.write_all(piece.as_bytes()).is_err() {
            break;
        }
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let answer = heard(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("urn:exposome:problem:too-large"),
        "{answer}"
    );
}

#[test]
fn a_slow_client_is_let_go_of() {
    let mut settings = settings();
    settings.limits.head_seconds = 1;
    settings.limits.body_seconds = 1;
    let server = Server::with(settings);
    let root = server.administrator();
    // A head that never ends.
    let begun = Instant::now();
    let mut stream = connect(&server);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx: ").unwrap();
    let _ = heard(&mut stream);
    assert!(begun.elapsed() < Duration::from_secs(5));
    // Nothing at all.
    let mut silent = connect(&server);
    let begun = Instant::now();
    let _ = heard(&mut silent);
    assert!(begun.elapsed() < Duration::from_secs(5));
    // A body that drips.
    let mut stream = connect(&server);
    let head = format!(
        "POST /api/v1/people HTTP/1.1\r\nhost: x\r\ncookie: {}\r\nx-exposome-csrf: {}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{{",
        root.cookie(),
        root.csrf.as_ref().unwrap()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let answer = heard(&mut stream);
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("urn:exposome:problem:too-slow"),
        "{answer}"
    );
}

#[test]
fn one_address_does_not_take_every_connection() {
    let mut settings = settings();
    settings.limits.connections_an_address = 3;
    let server = Server::with(settings);
    let held: Vec<TcpStream> = (0..3).map(|_| connect(&server)).collect();
    for mut stream in &held {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
    }
    let mut fourth = connect(&server);
    let _ = fourth.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(heard(&mut fourth), "");
    drop(held);
    let answered = (0..100).any(|_| {
        let mut again = connect(&server);
        let _ = again.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        heard(&mut again).starts_with("HTTP/1.1 200")
    });
    assert!(answered, "a place that was left is free again");
}

#[test]
fn a_forged_cookie_or_token_opens_nothing() {
    let server = Server::new();
    let root = server.administrator();
    let (name, secret) = root.cookie().split_once('=').unwrap();
    let other = secret.chars().rev().collect::<String>();
    for cookie in [
        format!("{name}={other}"),
        format!("{name}="),
        format!("{name}={secret}x"),
        format!("x{name}={secret}"),
        format!("{name}={secret}; {name}={other}"),
        format!("{name}={other}; {name}={secret}"),
        "\u{1}=".replace('\u{1}', "="),
    ] {
        let answer = server.nobody().with("cookie", &cookie).get("/api/v1/session");
        assert_eq!((answer.status, answer.problem()), (401, "sign-in"), "{cookie}");
    }
    for header in ["Bearer x", "Bearer exposome_x", "Basic cm9vdDp4", "Bearer", "exposome_x"] {
        let answer = server.nobody().with("authorization", header).get("/api/v1/session");
        assert_eq!((answer.status, answer.problem()), (401, "sign-in"), "{header}");
    }
    // A token that is wrong is refused even beside a cookie that is right: a program's mistake is not papered over.
    assert_eq!(root.clone().bearer("exposome_x").get("/api/v1/session").status, 401);
}

#[test]
fn a_write_from_another_page_or_with_the_value_of_another_session_is_refused() {
    let server = Server::new();
    let root = server.administrator();
    let theme = json!({ "theme": "dark" });
    let put = |client: &crate::client::Client| client.put("/api/v1/me/settings", &theme);
    assert_eq!(put(&root).status, 200);
    let mut without = root.clone();
    without.csrf = None;
    assert_eq!(put(&without).problem(), "not-from-here");
    let mut second = server.nobody();
    second.keep(
        &server.nobody().post("/api/v1/session", &json!({ "login": "root", "password": PASSWORD })),
    );
    let mut replayed = second.clone();
    replayed.csrf = root.csrf.clone();
    assert_eq!(
        put(&replayed).problem(),
        "not-from-here",
        "the value of one session is worth nothing in another"
    );
    let here = server.url.clone();
    for (name, value, is_taken) in [
        ("origin", here.as_str(), true),
        ("origin", "https://evil.example", false),
        ("origin", "null", false),
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
    ] {
        let answer = put(&root.clone().with(name, value));
        assert_eq!(answer.status == 200, is_taken, "{name}: {value}: {answer:?}");
    }
    // Signing somebody in from another page, too.
    let answer = server
        .nobody()
        .with("origin", "https://evil.example")
        .post("/api/v1/session", &json!({ "login": "root", "password": PASSWORD }));
    assert_eq!(answer.problem(), "not-from-here");
}

#[test]
fn a_strange_query_or_cursor_is_refused() {
    let server = Server::new();
    let root = server.administrator();
    for (path, status) in [
        ("/api/v1/people?limit=0", 422),
        ("/api/v1/people?limit=201", 422),
        ("/api/v1/people?limit=-1", 400),
        ("/api/v1/people?limit=1e3", 400),
        ("/api/v1/people?limit=99999999999999999999", 400),
        ("/api/v1/people?after=%00", 400),
        ("/api/v1/people?after=../../etc/passwd", 400),
        ("/api/v1/people?after=MTo%3D%3D", 400),
        ("/api/v1/accounts/log?after=MTpyb290", 400),
        ("/api/v1/people?sort=name", 400),
        ("/api/v1/people?limit=1&limit=2", 400),
        ("/api/v1/people/%ff", 400),
        ("/api/v1/people/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 404),
        ("/api/v1/people/'%20OR%20'1'='1", 404),
        ("/api/v1/nothing", 404),
        ("/api/v2/session", 404),
        ("/api", 404),
    ] {
        let answer = root.get(path);
        answer.problem();
        assert_eq!(answer.status, status, "{path}: {answer:?}");
    }
}

#[test]
fn what_cannot_be_done_with_a_thing_says_what_can() {
    let server = Server::new();
    let root = server.administrator();
    for method in ["PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answer = root.send(method, "/api/v1/people", None, None);
        assert_eq!(
            (answer.status, answer.problem(), answer.header("allow")),
            (405, "wrong-method", Some("GET, POST")),
            "{method}"
        );
    }
    let answer = root.send("POST", "/worklist", Some("application/json"), Some(b"{}".to_vec()));
    assert_eq!((answer.status, answer.problem()), (405, "wrong-method"));
}

#[test]
fn nothing_outside_the_bundle_is_ever_read() {
    let server = Server::new();
    for path in [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../Cargo.toml",
        "/assets/%2e%2e%2f%2e%2e%2fCargo.toml",
        "//etc/passwd",
        "/..\\..\\etc\\passwd",
        "/exposome.key",
        "/exposome.db",
    ] {
        let mut stream = connect(&server);
        write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let answer = heard(&mut stream);
        let is_page = answer.starts_with("HTTP/1.1 200") && answer.contains("<!doctype html>");
        assert!(is_page || answer.starts_with("HTTP/1.1 40"), "{path}: {answer}");
        assert!(
            !answer.contains("root:x:0:0") && !answer.contains("[package]"),
            "{path}: {answer}"
        );
    }
}

#[test]
fn a_header_or_a_request_within_another_is_not_believed() {
    let server = Server::new();
    let root = server.administrator();
    for head in [
        // Two lengths, a length and pieces, a broken number, a space before the colon: RFC 9112, 6.3 and 5.1.
        "POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\n{}\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: +4\r\n\r\n{}\r\n",
        "GET /healthz HTTP/1.1\r\nhost : x\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n",
        "GET /healthz\r\nset-cookie: x HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
    ] {
        let mut stream = connect(&server);
        stream.write_all(head.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = heard(&mut stream);
        assert!(
            answer.is_empty()
                || answer.starts_with("HTTP/1.1 4")
                || answer.starts_with("HTTP/1.0 4"),
            "{head:?}: {answer}"
        );
    }
    // What a name holds never becomes a header.
    let answer = root.put("/api/v1/me/settings", &json!({ "theme\r\nset-cookie: x=y": "dark" }));
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("set-cookie"), None);
    let answer = root.post("/api/v1/people", &json!({ "login": "a\r\nb", "name": "n" }));
    assert_eq!(answer.body["field"], "login");
    let answer =
        root.post("/api/v1/people", &json!({ "login": "ab", "name": "n\nERROR forged line" }));
    assert_eq!(answer.body["field"], "name");
    // A head of many megabytes is not kept.
    let mut stream = connect(&server);
    let _ = stream.write_all(
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(1 << 20))
            .as_bytes(),
    );
    let answer = heard(&mut stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[test]
fn a_name_with_a_script_in_it_is_only_text() {
    let server = Server::new();
    let root = server.administrator();
    let name = "<script>alert(1)</script>";
    assert_eq!(root.post("/api/v1/people", &json!({ "login": "x", "name": name })).status, 201);
    let answer = root.get("/api/v1/people");
    assert_eq!(answer.body["rows"][1]["name"], name);
    assert_eq!(
        (answer.header("content-type"), answer.header("x-content-type-options")),
        (Some("application/json"), Some("nosniff"))
    );
    assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[test]
fn pages_come_with_a_policy_that_runs_no_script_of_others() {
    let server = Server::new();
    let page: Answer = server.nobody().get("/worklist?filter=kev");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe"),
        "{policy}"
    );
    for (name, value) in [
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(page.header(name), Some(value));
    }
    assert_eq!(page.header("strict-transport-security"), None, "this test speaks plain HTTP");
    assert!(server.nobody().get("/static/no-such.js").status == 404);
}

#[test]
fn a_write_with_a_key_is_done_once() {
    let server = Server::new();
    let root = server.administrator().with("idempotency-key", "k1");
    let first = root.put("/api/v1/me/settings", &json!({ "theme": "dark" }));
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None));
    let other = root.clone().with("idempotency-key", "k2");
    assert_eq!(other.put("/api/v1/me/settings", &json!({ "theme": "light" })).status, 200);
    let again = root.put("/api/v1/me/settings", &json!({ "theme": "dark" }));
    assert_eq!(
        (again.status, again.header("idempotency-replayed"), &again.text),
        (200, Some("true"), &first.text)
    );
    assert_eq!(root.get("/api/v1/me/settings").body["theme"], "light", "it was not done again");
    let reused = root.put("/api/v1/me/settings", &json!({ "theme": "auto" }));
    assert_eq!((reused.status, reused.problem()), (422, "key-used"));
    let elsewhere = root.put("/api/v1/session/role", &json!({ "role": "administrator" }));
    assert_eq!(elsewhere.problem(), "key-used");
    assert_eq!(
        root.clone()
            .with("idempotency-key", &"k".repeat(101))
            .put("/api/v1/me/settings", &json!({}))
            .status,
        400
    );
    // A secret is told once and lies nowhere.
    let token = json!({ "name": "ci", "role": "analyst", "days": 1 });
    let maker = root.clone().with("idempotency-key", "k3");
    let made = maker.post("/api/v1/tokens", &token);
    assert_eq!(made.status, 201, "{made:?}");
    let again = maker.post("/api/v1/tokens", &token);
    assert_eq!((again.status, again.problem()), (410, "gone"));
    assert_eq!(root.get("/api/v1/tokens").body["rows"].as_array().unwrap().len(), 1);
    // After a day the key is forgotten.
    server.pass_seconds(24 * 3_600 + 1);
    let mut root = server.nobody().with("idempotency-key", "k1");
    root.keep(
        &server.nobody().post("/api/v1/session", &json!({ "login": "root", "password": PASSWORD })),
    );
    assert_eq!(root.put("/api/v1/me/settings", &json!({ "theme": "auto" })).status, 200);
}

#[test]
fn a_flood_of_one_person_is_not_answered_and_others_are() {
    let mut settings = settings();
    settings.limits.rates.person_burst = 20;
    settings.limits.rates.person_a_second = 1;
    let server = Server::with(settings);
    let root = server.administrator();
    let ana = root.person("ana", &json!([{ "role": "analyst" }]));
    let refused =
        (0..40).map(|_| root.get("/api/v1/me/settings")).find(|it| it.status == 429).unwrap();
    assert_eq!((refused.problem(), refused.header("retry-after")), ("too-many", Some("1")));
    assert_eq!(ana.get("/api/v1/me/settings").status, 200);
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Everything until the other side ends, or has been silent for too long.
fn heard(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let mut part = [0; 4_096];
    while let Ok(count @ 1..) = stream.read(&mut part) {
        heard.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&heard);
        // An answer with a length ends there, though the connection may stay.
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|it| it.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if length.is_some_and(|it| body.len() >= it) {
                break;
            }
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}
