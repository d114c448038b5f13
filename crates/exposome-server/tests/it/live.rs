//! Live updates over a real connection.

use crate::client::Client;
use crate::server::Server;
use exposome_server::Changed;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Listens, and reads events as (event, id, data).
fn listen(
    server: &Server,
    client: &Client,
    last: Option<&str>,
) -> impl FnMut() -> (String, String, String) + use<> {
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let last = last.map(|it| format!("last-event-id: {it}\r\n")).unwrap_or_default();
    write!(
        stream,
        "GET /api/v1/live HTTP/1.1\r\nhost: x\r\ncookie: {}\r\n{last}\r\n",
        client.cookie()
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "HTTP/1.1 200 OK");
    move || {
        let (mut event, mut id, mut data) = (String::new(), String::new(), String::new());
        loop {
            let line = lines.next().unwrap().unwrap();
            for (name, field) in [("event: ", &mut event), ("id: ", &mut id), ("data: ", &mut data)]
            {
                if let Some(value) = line.strip_prefix(name) {
                    value.clone_into(field);
                }
            }
            if line.is_empty() && !event.is_empty() {
                return (event, id, data);
            }
        }
    }
}

#[test]
fn who_listens_hears_what_changes_of_her_sites_and_resumes_where_she_was() {
    let server = Server::new();
    let root = server.administrator();
    let ana = root.person("ana", &json!([{ "role": "analyst", "site": "main" }]));
    let mut next = listen(&server, &ana, None);
    assert_eq!(next().0, "hello");
    for site in ["main", "north"] {
        server.house.changes.tell(Changed::Site { site: site.into() });
    }
    server.house.changes.tell(Changed::World { written: 3 });
    let (event, first, data) = next();
    assert_eq!((event.as_str(), data.as_str()), ("site", r#"{"event":"site","site":"main"}"#));
    assert_eq!(next().0, "world", "nothing of north");
    let mut resumed = listen(&server, &ana, Some(&first));
    assert_eq!(resumed().0, "hello");
    assert_eq!(resumed().2, r#"{"event":"world","written":3}"#);
    let mut strange = listen(&server, &ana, Some("another-run.7"));
    assert_eq!(strange().0, "lost");
}
