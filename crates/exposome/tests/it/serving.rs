//! The program as it serves, until it is stopped or killed.

use crate::client::Client;
use crate::command::exposome;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

pub(crate) struct Serving {
    child: Child,
    pub(crate) url: String,
    said: mpsc::Receiver<String>,
}

impl Serving {
    /// Serves a data folder; no job runs by itself, for tests are of one machine.
    pub(crate) fn start(data: &Path) -> Serving {
        let config = data.join("settings.toml");
        std::fs::write(&config, "[jobs]\nenabled = false\n").unwrap();
        let mut child = exposome()
            .args(["serve", "--plain", "--address", "127.0.0.1:0", "--config"])
            .arg(&config)
            .arg("--data")
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, said) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        // Read to its end: whoever cannot say what it does stops.
        std::thread::spawn(move || lines.for_each(|line| drop(sender.send(line))));
        let mut serving = Serving { child, url: String::new(), said };
        let url = serving.wait_for("exposome answers at ");
        url.trim_end_matches('/').clone_into(&mut serving.url);
        serving
    }

    /// The first administrator of a folder that has none yet, signed in.
    pub(crate) fn administrator(&self) -> Client {
        let link = self.wait_for("  http");
        Client::of(&self.url).administrator(&link)
    }

    /// What follows these words, once it says them.
    fn wait_for(&self, words: &str) -> String {
        let mut heard = Vec::new();
        while let Ok(line) = self.said.recv_timeout(Duration::from_mins(1)) {
            if let Some(rest) = line.strip_prefix(words) {
                return rest.to_owned();
            }
            heard.push(line);
        }
        panic!("it does not say {words:?}: {}", heard.join("\n"));
    }

    /// At once, whatever it is doing.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
