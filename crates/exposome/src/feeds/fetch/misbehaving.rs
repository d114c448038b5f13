//! For tests: a publisher on this machine that does what publishers do on bad days.

use super::{Clock, Outcome, Proxy, Settings, Step, sync};
use crate::feeds::publishers::{Checksum, Content, Distribution, Publisher};
use jiff::{SignedDuration, Timestamp};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// With the query.
    pub path: String,
    /// Names in small letters.
    pub headers: BTreeMap<String, String>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A server that answers one request a connection, as the test says.
pub(super) struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// `answer` is told how many requests came before.
    pub(super) fn new(
        mut answer: impl FnMut(usize, &Request, &mut TcpStream) + Send + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let closing = Arc::new(AtomicBool::new(false));
        let (log, end) = (Arc::clone(&asked), Arc::clone(&closing));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = stream.unwrap();
                let Some(request) = read_request(&stream) else { continue };
                let before = log.lock().unwrap().len();
                log.lock().unwrap().push(request.clone());
                answer(before, &request, &mut stream);
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        Server { port, asked, closing, thread: Some(thread) }
    }

    /// Answers the first request with the first text, and so on; then with status 500.
    pub(super) fn saying(answers: Vec<Vec<u8>>) -> Server {
        Server::new(move |before, _, stream| {
            let nothing = status(500, "");
            let _ = stream.write_all(answers.get(before).unwrap_or(&nothing));
        })
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub(super) fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|it| it.path).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    Some(Request { path, headers })
}

/// Waits until the other side has given up.
pub(super) fn stall(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
}

/// Status 200 and a body of the length it says.
pub(super) fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let headers = format!("{headers}content-length: {}\r\n", body.len());
    [status(200, &headers), body.to_vec()].concat()
}

/// A status line and headers, each ending in a line break.
pub(super) fn status(status: u16, headers: &str) -> Vec<u8> {
    let length = if headers.contains("content-length") { "" } else { "content-length: 0\r\n" };
    let length = if status == 304 { "" } else { length };
    format!("HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}{length}\r\n").into_bytes()
}

/// Time that goes by only when someone waits.
pub(super) struct TestClock {
    now: Cell<Timestamp>,
    pub waited: RefCell<Vec<Duration>>,
}

impl TestClock {
    pub(super) fn new() -> TestClock {
        TestClock::at("2026-08-16T09:00:00Z")
    }

    pub(super) fn at(moment: &str) -> TestClock {
        TestClock { now: Cell::new(moment.parse().unwrap()), waited: RefCell::default() }
    }

    pub(super) fn seconds_waited(&self) -> Vec<u64> {
        self.waited.borrow().iter().map(Duration::as_secs).collect()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn wait(&self, duration: Duration) {
        self.waited.borrow_mut().push(duration);
        self.now.set(self.now.get() + SignedDuration::try_from(duration).unwrap());
    }
}

pub(super) fn publisher(address: &str, distribution: Distribution) -> Publisher {
    Publisher {
        feed: "test".into(),
        name: "Test".into(),
        address: address.into(),
        distribution,
        file: Some("feed.json".into()),
        content: Content::Json,
        cap_mb: 1,
        unpacked_cap_mb: Some(1),
        checksum: Checksum::None,
        archive: None,
        whole_again_days: None,
        rate: None,
        rate_with_key: None,
        key_header: None,
        key: None,
        least_interval_minutes: 0,
        by_default: true,
        licence: "none".into(),
        attribution: "nobody".into(),
    }
}

pub(super) fn settings() -> Settings {
    Settings {
        proxy: Proxy::None,
        connect_timeout: Duration::from_secs(5),
        read_timeout: Duration::from_millis(250),
        total_timeout: Duration::from_secs(20),
        attempts: 3,
        ..Settings::default()
    }
}

pub(super) fn sync_one(publisher: &Publisher, folder: &Path, clock: &TestClock) -> Outcome {
    sync_watched(publisher, folder, clock, &|_| {})
}

pub(super) fn sync_watched(
    publisher: &Publisher,
    folder: &Path,
    clock: &TestClock,
    progress: &dyn Fn(&Step<'_>),
) -> Outcome {
    let publishers = std::slice::from_ref(publisher);
    sync(publishers, folder, &settings(), clock, progress).unwrap().pop().unwrap()
}
