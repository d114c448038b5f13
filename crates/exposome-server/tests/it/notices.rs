//! Notices on their way: taken, not taken, taken twice, acknowledged or not.

use crate::client::Client;
use crate::jobs::until;
use crate::server::{Server, settings};
use exposome_server::notices::{Notice, Urgency, raise};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

fn working() -> Server {
    let mut settings = settings();
    settings.jobs.enabled = true;
    settings.jobs.notices_seconds = 1;
    settings.base_url = None;
    Server::with(settings)
}

fn notice(about: &str, urgency: Urgency) -> Notice {
    Notice {
        about: about.into(),
        urgency,
        site: Some("main".into()),
        unit: Some("ICU".into()),
        title: "CVE-2026-1 is exploited; it is on 3 pumps".into(),
        words: "Pump 7, pump 8 and pump 9 have it.".into(),
        plain: "Something that is exploited is on devices of yours.".into(),
        link: "/worklist?filter=kev".into(),
    }
}

fn add(root: &Client, way: &Value) -> Value {
    let added = root.post("/api/v1/notifications/channels", way);
    assert_eq!(added.status, 201, "{added:?}");
    added.body
}

/// A receiver of signed messages: what came, and what it answers.
struct Receiver {
    url: String,
    heard: Arc<Mutex<Vec<(String, String)>>>,
    status: Arc<AtomicU16>,
}

fn receiver() -> Receiver {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (heard, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
    let (into, answer) = (Arc::clone(&heard), Arc::clone(&status));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap() > 0 {}
            let length = head
                .lines()
                .find_map(|it| it.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).unwrap();
            into.lock().unwrap().push((head.to_lowercase(), String::from_utf8(body).unwrap()));
            let status = answer.load(Ordering::SeqCst);
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
        }
    });
    Receiver { url, heard, status }
}

#[test]
fn an_urgent_notice_is_told_at_once_and_a_mail_names_nothing_unless_it_may() {
    let server = working();
    let root = server.administrator();
    add(
        &root,
        &json!({ "name": "soc", "kind": "mail", "target": "soc@hospital.example", "least": "act_now" }),
    );
    add(
        &root,
        &json!({ "name": "duty", "kind": "mail", "target": "duty@hospital.example", "least": "act_now", "details": true, "quiet_from": 0, "quiet_to": 1439 }),
    );
    add(
        &root,
        &json!({ "name": "north", "kind": "mail", "target": "north@hospital.example", "least": "act_now", "site": "north" }),
    );
    assert!(server.wait(raise(&server.house, &notice("a", Urgency::ActNow))).unwrap());
    assert!(
        !server.wait(raise(&server.house, &notice("a", Urgency::ActNow))).unwrap(),
        "raised again it is the same"
    );
    until("both mails", || {
        server.pass_seconds(1);
        server.runner.mails.lock().unwrap().len() >= 2
    });
    let mails = server.runner.mails.lock().unwrap().clone();
    assert_eq!(mails.len(), 2, "north is another site");
    let of = |to: &str| mails.iter().find(|it| it.to.starts_with(to)).unwrap();
    let whole = format!("{} {}", of("soc").subject, of("soc").text);
    assert!(
        whole.contains("act now")
            && !whole.contains("CVE")
            && !whole.contains("ump 7")
            && !whole.contains("ICU"),
        "{whole}"
    );
    assert!(of("duty").subject.contains("CVE-2026-1") && of("duty").text.contains("pump 8"));
    assert_eq!(of("soc").id, of("duty").id);
    let listed = root.get("/api/v1/notices");
    assert_eq!(listed.body["rows"][0]["title"], "CVE-2026-1 is exploited; it is on 3 pumps");
}

#[test]
fn what_is_not_urgent_waits_for_the_digest_and_comes_together() {
    let server = working();
    let root = server.administrator();
    add(
        &root,
        &json!({ "name": "soc", "kind": "mail", "target": "soc@hospital.example", "least": "act_now", "details": true }),
    );
    for about in ["a", "b", "c"] {
        server.wait(raise(&server.house, &notice(about, Urgency::Soon))).unwrap();
    }
    server.pass_seconds(60);
    std::thread::park_timeout(std::time::Duration::from_millis(300));
    assert_eq!(server.runner.mails.lock().unwrap().len(), 0);
    server.pass_seconds(24 * 3_600);
    until("the digest", || !server.runner.mails.lock().unwrap().is_empty());
    let mails = server.runner.mails.lock().unwrap().clone();
    assert_eq!((mails.len(), mails[0].subject.as_str()), (1, "exposome: 3 things of the day"));
}

#[test]
fn a_receiver_that_is_down_gets_it_when_it_is_back_marked_and_signed_and_its_death_is_told_elsewhere()
 {
    let server = working();
    let root = server.administrator();
    let receiver = receiver();
    let added = add(
        &root,
        &json!({ "name": "siem", "kind": "webhook", "target": receiver.url, "least": "digest", "details": true }),
    );
    add(
        &root,
        &json!({ "name": "soc", "kind": "mail", "target": "soc@hospital.example", "least": "act_now" }),
    );
    receiver.status.store(503, Ordering::SeqCst);
    server.wait(raise(&server.house, &notice("a", Urgency::Soon))).unwrap();
    let dead = || {
        let channels = server.wait(server.house.store.channels()).unwrap();
        channels.iter().any(|it| it.name == "siem" && it.dead_since.is_some())
    };
    until("the death of the channel", || {
        server.pass_seconds(20);
        dead()
    });
    until("the alarm", || {
        server.pass_seconds(1);
        server
            .runner
            .mails
            .lock()
            .unwrap()
            .iter()
            .any(|it| it.text.contains("takes nothing any more"))
    });
    receiver.status.store(200, Ordering::SeqCst);
    let before = receiver.heard.lock().unwrap().len();
    until("the delivery", || {
        server.pass_seconds(120);
        receiver.heard.lock().unwrap().len() > before
    });
    until("the channel's life", || {
        server.pass_seconds(1);
        !dead()
    });
    let heard = receiver.heard.lock().unwrap().clone();
    let messages: Vec<Value> =
        heard.iter().map(|(_, body)| serde_json::from_str(body).unwrap()).collect();
    let about = |id: &Value| {
        messages
            .iter()
            .filter(|it| it["id"] == *id)
            .map(|it| it["attempt"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    let attempts = about(&messages[0]["id"]);
    assert!(
        attempts.len() >= 4 && attempts.is_sorted() && attempts[0] == 1,
        "one id, counted: {attempts:?}"
    );
    // The signature is over the second and the body, with the secret that was told once.
    let secret = added["secret"].as_str().unwrap();
    let (head, body) = heard.last().unwrap();
    let signed = head.lines().find_map(|it| it.strip_prefix("x-exposome-signature: t=")).unwrap();
    let (second, tag) = signed.split_once(",v1=").unwrap();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    let tag: Vec<u8> = (0..tag.trim().len())
        .step_by(2)
        .map(|it| u8::from_str_radix(&tag[it..it + 2], 16).unwrap())
        .collect();
    aws_lc_rs::hmac::verify(&key, format!("{second}.{body}").as_bytes(), &tag).unwrap();
}

#[test]
fn what_nobody_acknowledges_goes_to_whoever_is_next_and_what_somebody_did_does_not() {
    let server = working();
    let root = server.administrator();
    let chief = add(
        &root,
        &json!({ "name": "chief", "kind": "mail", "target": "chief@hospital.example", "least": "act_now", "site": "nowhere" }),
    );
    add(
        &root,
        &json!({ "name": "soc", "kind": "mail", "target": "soc@hospital.example", "least": "act_now", "escalate_to": chief["channel"]["id"], "escalate_minutes": 15 }),
    );
    let ana = root.person("ana", &json!([{ "role": "analyst", "site": "main" }]));
    for about in ["a", "b"] {
        server.wait(raise(&server.house, &notice(about, Urgency::ActNow))).unwrap();
    }
    let sent = |to: &str| {
        server.runner.mails.lock().unwrap().iter().filter(|it| it.to.starts_with(to)).count()
    };
    until("the mails", || {
        server.pass_seconds(1);
        sent("soc") == 2
    });
    let id = ana.get("/api/v1/notices").body["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(ana.post(&format!("/api/v1/notices/{id}/acknowledge"), &json!({})).status, 204);
    assert_eq!(
        ana.post(&format!("/api/v1/notices/{id}/acknowledge"), &json!({})).problem(),
        "conflict"
    );
    let otto = root.person("otto", &json!([{ "role": "analyst", "site": "north" }]));
    assert_eq!(otto.get("/api/v1/notices").body["rows"], json!([]), "another site's");
    assert_eq!(otto.post(&format!("/api/v1/notices/{id}/acknowledge"), &json!({})).status, 404);
    server.pass_seconds(14 * 60);
    until("the escalation", || {
        server.pass_seconds(10);
        sent("chief") == 1
    });
    server.pass_seconds(3_600);
    std::thread::park_timeout(std::time::Duration::from_millis(300));
    assert_eq!(sent("chief"), 1);
}

#[test]
fn what_was_raised_is_delivered_after_the_server_died() {
    let server = Server::new();
    let root = server.administrator();
    add(
        &root,
        &json!({ "name": "soc", "kind": "mail", "target": "soc@hospital.example", "least": "act_now" }),
    );
    server.wait(raise(&server.house, &notice("a", Urgency::ActNow))).unwrap();
    let mut settings = settings();
    settings.jobs.enabled = true;
    let server = Server::of(server.stop(), settings);
    until("the mail", || {
        server.pass_seconds(5);
        server.runner.mails.lock().unwrap().len() == 1
    });
}

#[test]
fn a_clock_that_went_back_signs_nothing_and_says_so() {
    let server = working();
    let root = server.administrator();
    let receiver = receiver();
    add(
        &root,
        &json!({ "name": "siem", "kind": "webhook", "target": receiver.url, "least": "digest" }),
    );
    add(
        &root,
        &json!({ "name": "soc", "kind": "mail", "target": "soc@hospital.example", "least": "act_now" }),
    );
    server.pass_seconds(3_600);
    server.wait(raise(&server.house, &notice("a", Urgency::Soon))).unwrap();
    until("a first delivery", || {
        server.pass_seconds(1);
        receiver.heard.lock().unwrap().len() == 1
    });
    server.pass_seconds(-1_800);
    server.wait(raise(&server.house, &notice("b", Urgency::ActNow))).unwrap();
    until("the alarm", || {
        server.pass_seconds(1);
        server
            .runner
            .mails
            .lock()
            .unwrap()
            .iter()
            .any(|it| it.text.contains("clock of the server went back"))
    });
    assert_eq!(receiver.heard.lock().unwrap().len(), 1, "nothing was signed");
}

#[test]
fn a_way_that_cannot_be_is_refused() {
    let server = Server::new();
    let root = server.administrator();
    for (way, field) in [
        (json!({ "name": "", "kind": "mail", "target": "a@b.example", "least": "soon" }), "name"),
        (
            json!({ "name": "a\r\nbcc: x", "kind": "mail", "target": "a@b.example", "least": "soon" }),
            "name",
        ),
        (
            json!({ "name": "x", "kind": "mail", "target": "a@b.example\r\nbcc: c@d.example", "least": "soon" }),
            "target",
        ),
        (
            json!({ "name": "x", "kind": "mail", "target": "a@b.example, c@d.example", "least": "soon" }),
            "target",
        ),
        (
            json!({ "name": "x", "kind": "webhook", "target": "file:///etc/passwd", "least": "soon" }),
            "target",
        ),
        (
            json!({ "name": "x", "kind": "webhook", "target": "https://user:pw@b.example/", "least": "soon" }),
            "target",
        ),
        (
            json!({ "name": "x", "kind": "mail", "target": "a@b.example", "least": "soon", "quiet_from": 5 }),
            "quiet_from",
        ),
        (
            json!({ "name": "x", "kind": "mail", "target": "a@b.example", "least": "soon", "quiet_from": 5, "quiet_to": 1440 }),
            "quiet_from",
        ),
        (
            json!({ "name": "x", "kind": "mail", "target": "a@b.example", "least": "soon", "escalate_to": "nobody", "escalate_minutes": 5 }),
            "escalate_to",
        ),
    ] {
        let refused = root.post("/api/v1/notifications/channels", &way);
        assert_eq!((refused.status, &refused.body["field"]), (422, &json!(field)), "{way}");
    }
    assert_eq!(root.get("/api/v1/notifications/channels").body["rows"], json!([]));
}
