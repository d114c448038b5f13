//! `exposome serve` from its first line to its last.

use crate::command::exposome;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

#[test]
fn a_server_says_where_it_answers_and_how_the_first_administrator_is_made_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("settings.toml");
    // No feed is asked for by itself: this test is of one machine.
    std::fs::write(&config, "[jobs]\nenabled = false\n").unwrap();
    let data = folder.path().join("data");
    let mut serving = exposome()
        .args(["serve", "--plain", "--log-json", "--address", "127.0.0.1:0"])
        .arg("--config")
        .arg(&config)
        .arg("--data")
        .arg(&data)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(serving.stderr.take().unwrap()).lines().map(Result::unwrap);
    let url = lines
        .by_ref()
        .find_map(|it| it.strip_prefix("exposome answers at ").map(str::to_owned))
        .unwrap();
    let link = lines.by_ref().find(|it| it.contains("/set-up#token=")).unwrap();
    assert!(link.trim().starts_with(&url), "{link}");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ready\n"), "{answer}");
    let logged = lines.by_ref().find(|it| it.contains("answered")).unwrap();
    let logged: serde_json::Value = serde_json::from_str(&logged).unwrap();
    assert_eq!((&logged["route"], &logged["status"]), (&"/readyz".into(), &200.into()));
    let told = std::process::Command::new("kill").arg(serving.id().to_string()).status().unwrap();
    assert!(told.success());
    assert_eq!(serving.wait().unwrap().code(), Some(0));
}
