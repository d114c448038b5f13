//! The program as it serves, and somebody who asks it.

use crate::ground::{Ground, NotRun, not_run};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

pub(crate) const PASSWORD: &str = "a horse on the stairs";

/// No job runs by itself, and nobody is told to ask more slowly.
const SETTINGS: &str = "\
[jobs]
enabled = false
[limits.rates]
person_burst = 1000000
person_a_second = 1000000
stranger_burst = 1000000
stranger_a_second = 1000000
";

/// The program, serving.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    set_up: String,
}

impl Served {
    pub(crate) fn start(ground: &mut Ground, data: &Path, more: &[&str]) -> Result<Served, NotRun> {
        let settings = data.join("settings.toml");
        std::fs::write(&settings, SETTINGS)?;
        let mut child = Command::new(ground.program()?)
            .args(["serve", "--plain", "--address", "127.0.0.1:0", "--config"])
            .arg(&settings)
            .arg("--data")
            .arg(data)
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let errors = child.stderr.take().ok_or_else(|| not_run("the server says nothing"))?;
        let (sender, said) = mpsc::channel();
        let lines = BufReader::new(errors).lines().map_while(Result::ok);
        std::thread::spawn(move || lines.for_each(|line| drop(sender.send(line))));
        let mut served = Served { child, url: String::new(), set_up: String::new() };
        while let Ok(line) = said.recv_timeout(Duration::from_mins(2)) {
            if let Some(url) = line.strip_prefix("exposome answers at ") {
                url.trim_end_matches('/').clone_into(&mut served.url);
            }
            if let Some((_, token)) = line.split_once("token=") {
                token.trim().clone_into(&mut served.set_up);
                return Ok(served);
            }
        }
        Err(not_run("the server does not say where it answers"))
    }

    pub(crate) fn administrator(&self) -> Result<Somebody, NotRun> {
        let mut root = Somebody::of(&self.url);
        let first =
            json!({ "token": self.set_up, "name": "Root", "login": "root", "password": PASSWORD });
        root.keep("/api/v1/set-up", &first)?;
        Ok(root)
    }

    pub(crate) fn process(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody who asks, over a connection that stays.
pub(crate) struct Somebody {
    url: String,
    agent: ureq::Agent,
    /// What tells who it is.
    pub(crate) headers: BTreeMap<&'static str, String>,
}

impl Somebody {
    pub(crate) fn of(url: &str) -> Somebody {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Somebody { url: url.to_owned(), agent, headers: BTreeMap::new() }
    }

    pub(crate) fn again(&self) -> Somebody {
        Somebody { headers: self.headers.clone(), ..Somebody::of(&self.url) }
    }

    pub(crate) fn get(&self, path: &str) -> Result<Value, NotRun> {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        answer(path, request.call()?)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value, NotRun> {
        answer(path, self.send(path, body)?)
    }

    fn send(&self, path: &str, body: &Value) -> Result<ureq::http::Response<ureq::Body>, NotRun> {
        let mut request = self.agent.post(format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        Ok(request.content_type("application/json").send(body.to_string())?)
    }

    /// Signs in, and stays so.
    fn keep(&mut self, path: &str, body: &Value) -> Result<(), NotRun> {
        let answered = self.send(path, body)?;
        let cookie = answered.headers().get("set-cookie").and_then(|it| it.to_str().ok());
        let cookie = cookie.and_then(|it| it.split(';').next()).unwrap_or_default().to_owned();
        let session = answer(path, answered)?;
        self.headers.insert("cookie", cookie);
        self.headers.insert("x-exposome-csrf", text(&session, "/csrf"));
        Ok(())
    }
}

fn answer(path: &str, mut answered: ureq::http::Response<ureq::Body>) -> Result<Value, NotRun> {
    let status = answered.status();
    let body = answered.body_mut().read_to_string()?;
    if !status.is_success() {
        return Err(not_run(format!("{path} answers {status}: {body}")));
    }
    Ok(serde_json::from_str(&body)?)
}

/// What stands at a place of an answer; nothing where nothing does.
pub(crate) fn text(answer: &Value, place: &str) -> String {
    answer.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned()
}
