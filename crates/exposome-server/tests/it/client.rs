//! A server of one's own, and somebody who asks it.

use exposome_server::errands::{self, Errands, Failed};
use exposome_server::{House, Running, Settings};
use exposome_store::Store;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) const PASSWORD: &str = "a horse on the stairs";

/// A server, its data folder and its clock.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) set_up: Option<String>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) house: House,
    pub(crate) runner: Arc<Runner>,
    pub(crate) folder: tempfile::TempDir,
    seconds: Arc<AtomicI64>,
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
}

/// Runs errands of tests: what is asked of it is noted, what it answers is laid down before.
#[derive(Default)]
pub(crate) struct Runner {
    pub(crate) imported: Mutex<Vec<PathBuf>>,
    /// What was said beside the documents, and what these held.
    pub(crate) importing: Mutex<Vec<(errands::Importing, Vec<String>)>>,
    pub(crate) syncs: AtomicI64,
    /// So many syncs fail before one succeeds.
    pub(crate) failing: AtomicI64,
    pub(crate) mails: Mutex<Vec<errands::Mail>>,
    /// The mail server takes nothing.
    pub(crate) no_mail: std::sync::atomic::AtomicBool,
}

impl Errands for Runner {
    fn import(
        &self,
        importing: errands::Importing,
    ) -> BoxFuture<'_, Result<errands::Imported, Failed>> {
        Box::pin(async move {
            let documents = importing.paths.iter().map(|path| errands::ImportedDocument {
                document: path.file_name().unwrap().to_string_lossy().into_owned(),
                records: 1,
                ..Default::default()
            });
            let documents = documents.collect();
            let texts = importing.paths.iter().map(|it| std::fs::read_to_string(it).unwrap());
            let texts = texts.collect();
            self.importing.lock().unwrap().push((importing.clone(), texts));
            self.imported.lock().unwrap().extend(importing.paths.clone());
            let unfit = importing.complete.iter().any(|it| it == "nonsense");
            let unfit = unfit.then(|| "nonsense is no scope".to_owned());
            let sites = vec!["main".into()];
            Ok(errands::Imported { documents, sites, unfit, ..Default::default() })
        })
    }

    fn assess(&self, _: String) -> BoxFuture<'_, Result<Option<usize>, Failed>> {
        Box::pin(async { Ok(None) })
    }

    fn column_fields(&self) -> Vec<&'static str> {
        vec!["asset_id", "name"]
    }

    fn load_feeds(&self, _: Vec<PathBuf>) -> BoxFuture<'_, Result<errands::Loaded, Failed>> {
        Box::pin(async { Ok(errands::Loaded::default()) })
    }

    fn sync_feeds(&self, _: Vec<String>) -> BoxFuture<'_, Result<errands::Loaded, Failed>> {
        Box::pin(async {
            self.syncs.fetch_add(1, Ordering::SeqCst);
            if self.failing.fetch_sub(1, Ordering::SeqCst) > 0 {
                return Err(Failed("the publisher does not answer".into()));
            }
            Ok(errands::Loaded { written: 7, ..Default::default() })
        })
    }

    fn feeds(&self) -> BoxFuture<'_, Result<Vec<errands::FeedState>, Failed>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn mail(&self, mail: errands::Mail) -> BoxFuture<'_, Result<(), Failed>> {
        Box::pin(async move {
            if self.no_mail.load(Ordering::SeqCst) {
                return Err(Failed("the mail server does not answer".into()));
            }
            self.mails.lock().unwrap().push(mail);
            Ok(())
        })
    }

    fn ask(&self, asking: errands::Asking) -> BoxFuture<'_, Result<errands::Answer, Failed>> {
        Box::pin(async move {
            let asked = tokio::task::spawn_blocking(move || {
                let agent: ureq::Agent =
                    ureq::Agent::config_builder().http_status_as_error(false).build().into();
                let mut request =
                    ureq::http::Request::builder().method(asking.method.as_str()).uri(asking.url);
                for (name, value) in &asking.headers {
                    request = request.header(name, value);
                }
                let mut answer = agent
                    .run(request.body(asking.body).unwrap())
                    .map_err(|it| Failed(it.to_string()))?;
                let body = answer.body_mut().read_to_vec().unwrap();
                Ok(errands::Answer { status: answer.status().as_u16(), headers: Vec::new(), body })
            });
            asked.await.map_err(|_| Failed("it broke down".into()))?
        })
    }
}

pub(crate) fn settings() -> Settings {
    let mut settings = Settings { plain: true, ..Settings::default() };
    settings.address = ([127, 0, 0, 1], 0).into();
    settings.jobs.enabled = false;
    settings.jobs.look_milliseconds = 20;
    settings
}

impl Server {
    pub(crate) fn new() -> Server {
        Server::with(settings())
    }

    pub(crate) fn with(settings: Settings) -> Server {
        Server::of(tempfile::tempdir().unwrap(), settings)
    }

    /// Starts on a folder, which may have been used before.
    pub(crate) fn of(folder: tempfile::TempDir, mut settings: Settings) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        folder.path().clone_into(&mut settings.data);
        let seconds = Arc::new(AtomicI64::new(1_790_000_000));
        let clock = {
            let seconds = Arc::clone(&seconds);
            Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
        };
        let runner = Arc::new(Runner::default());
        let (house, mut running) = runtime.block_on(async {
            let store = Store::open_sqlite(&folder.path().join("exposome.db")).await.unwrap();
            let house = House::new(store, clock, settings, runner.clone()).unwrap();
            (house.clone(), exposome_server::start(house).await.unwrap())
        });
        let scheme = if house.settings.plain { "http" } else { "https" };
        let url = format!("{scheme}://{}", running.address);
        let (set_up, fingerprint) = (running.set_up.take(), running.fingerprint.clone());
        Server {
            url,
            set_up,
            fingerprint,
            house,
            runner,
            folder,
            seconds,
            runtime,
            running: Some(running),
        }
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.house.clock)()
    }

    pub(crate) fn nobody(&self) -> Client {
        Client { url: self.url.clone(), headers: Vec::new(), csrf: None }
    }

    /// The first administrator, signed in.
    pub(crate) fn administrator(&self) -> Client {
        let token = self.set_up.as_ref().unwrap().split_once("token=").unwrap().1;
        let mut client = self.nobody();
        let answer = client.post(
            "/api/v1/set-up",
            &json!({ "token": token, "name": "Root", "login": "root", "password": PASSWORD }),
        );
        assert_eq!(answer.status, 200, "{answer:?}");
        client.keep(&answer);
        client
    }

    /// Somebody with roles, signed in.
    pub(crate) fn person(&self, administrator: &Client, login: &str, roles: &Value) -> Client {
        let answer = administrator
            .post("/api/v1/people", &json!({ "login": login, "name": login, "roles": roles }));
        assert_eq!(answer.status, 201, "{answer:?}");
        let link = answer.body["link"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
        let mut client = self.nobody();
        let answer = client.post("/api/v1/set-up", &json!({ "token": link, "password": PASSWORD }));
        assert_eq!(answer.status, 200, "{answer:?}");
        client.keep(&answer);
        client
    }

    /// Stops, and gives back the folder.
    pub(crate) fn stop(mut self) -> tempfile::TempDir {
        let running = self.running.take().unwrap();
        self.runtime.block_on(running.stop());
        self.runtime.block_on(self.house.store.clone().close());
        self.folder
    }
}

/// The name of a field, of its file where it is a document, and what it holds.
pub(crate) type FormField<'a> = (&'a str, Option<&'a str>, &'a str);

/// Somebody who asks.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) csrf: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The name of the kind of problem.
    pub(crate) fn problem(&self) -> &str {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        self.body["type"].as_str().unwrap().strip_prefix("urn:exposome:problem:").unwrap()
    }
}

impl Client {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Client {
        self.headers.retain(|(it, _)| !it.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Client {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// Keeps the cookie and the second value of an answer that signs in.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        *self = self.clone().with("cookie", &cookie);
        self.csrf = Some(answer.body["csrf"].as_str().unwrap().to_owned());
    }

    pub(crate) fn cookie(&self) -> &str {
        &self.headers.iter().find(|(name, _)| name == "cookie").unwrap().1
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.write("POST", path, body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.write("PUT", path, body)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None, None)
    }

    /// Sends a form; a field with a file name is a document.
    pub(crate) fn upload(&self, path: &str, fields: &[FormField<'_>]) -> Answer {
        let parts = fields.iter().map(|(name, file, content)| {
            let file = file.map_or_else(String::new, |it| format!("; filename=\"{it}\""));
            format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n")
        });
        let body = parts.collect::<String>() + "--edge--\r\n";
        self.send("POST", path, Some("multipart/form-data; boundary=edge"), Some(body.into_bytes()))
    }

    pub(crate) fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, Some("application/json"), Some(body.to_string().into_bytes()))
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        kind: Option<&str>,
        body: Option<Vec<u8>>,
    ) -> Answer {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .build()
            .into();
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        if let Some(csrf) = self.csrf.as_ref().filter(|_| !matches!(method, "GET" | "HEAD")) {
            request = request.header("x-exposome-csrf", csrf);
        }
        let answered = match body {
            Some(body) => agent.run(request.body(body).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        };
        let mut answered = answered.unwrap();
        let headers = answered
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let (headers, status) = (headers.collect(), answered.status().as_u16());
        let text = answered.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, headers, body, text }
    }
}
