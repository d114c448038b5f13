//! Somebody who asks a server.

use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "a horse on the stairs";

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
    /// Nobody in particular.
    pub(crate) fn of(url: &str) -> Client {
        Client { url: url.to_owned(), headers: Vec::new(), csrf: None }
    }

    /// Becomes the first administrator by the link that the server has printed.
    pub(crate) fn administrator(self, link: &str) -> Client {
        let first = json!({ "name": "Root", "login": "root" });
        self.set_up(link, first)
    }

    /// Somebody with roles, signed in.
    pub(crate) fn person(&self, login: &str, roles: &Value) -> Client {
        let person = json!({ "login": login, "name": login, "roles": roles });
        let answer = self.post("/api/v1/people", &person);
        assert_eq!(answer.status, 201, "{answer:?}");
        Client::of(&self.url).set_up(answer.body["link"].as_str().unwrap(), json!({}))
    }

    fn set_up(mut self, link: &str, mut person: Value) -> Client {
        person["token"] = link.split_once("token=").unwrap().1.into();
        person["password"] = PASSWORD.into();
        let answer = self.post("/api/v1/set-up", &person);
        assert_eq!(answer.status, 200, "{answer:?}");
        self.keep(&answer);
        self
    }

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
        self.try_to_send(method, path, kind, body).unwrap()
    }

    /// Of a server that may not answer.
    pub(crate) fn try_to_send(
        &self,
        method: &str,
        path: &str,
        kind: Option<&str>,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ureq::Error> {
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
            Some(body) => agent.run(request.body(body)?),
            None => agent.run(request.body(())?),
        };
        let mut answered = answered?;
        let headers = answered
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let (headers, status) = (headers.collect(), answered.status().as_u16());
        let text = answered.body_mut().read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, headers, body, text })
    }
}
