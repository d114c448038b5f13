//! What can be told to the server: read once, by the binary, from a TOML file and the command line.

use crate::Error;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Everything, with what holds where nothing is said.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen.
    pub address: SocketAddr,
    /// What people type to get here (`https://exposome.hospital.example`), where that is not the address.
    pub base_url: Option<url::Url>,
    /// Certificate and key of the hospital, instead of one of our own making.
    pub tls: Option<TlsFiles>,
    /// Machines whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    pub limits: Limits,
    pub sessions: Sessions,
    pub second_factor: SecondFactor,
    /// Sign-on by a provider of the hospital.
    pub oidc: Option<Oidc>,
    /// A folder whose documents are imported; `inbox` in the data folder where left out.
    pub inbox: Option<PathBuf>,
    /// Where the key lies that seals secrets; a file of the data folder where left out.
    pub key_file: Option<PathBuf>,
    pub jobs: Jobs,
    /// Where mail is handed in.
    pub mail: Option<MailServer>,
    /// The token that opens `/metrics` to others than this machine.
    pub metrics_token: Option<String>,
    #[serde(skip)]
    pub data: PathBuf,
    /// Plain HTTP, on this machine alone: for tests, or behind a proxy.
    #[serde(skip)]
    pub plain: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// PEM, the chain after the certificate itself.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

/// What a request, and those who ask, may take.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at once, of all.
    pub connections: usize,
    /// Connections at once, of one address.
    pub connections_an_address: usize,
    /// For the head of a request, and until the next one comes.
    pub head_seconds: u64,
    /// For the whole of a body, and one second more for every 64 KiB that have come.
    pub body_seconds: u64,
    /// For a client to take what it was sent.
    pub stall_seconds: u64,
    /// Of a body that is JSON.
    pub body_bytes: usize,
    /// Of documents that are uploaded in one request.
    pub upload_bytes: u64,
    /// How long those who are being served have when the server stops.
    pub grace_seconds: u64,
    /// Each takes 19 MiB and some 30 ms of a core.
    pub password_hashes_at_once: usize,
    pub rates: Rates,
}

/// Requests: so many at once, and so many a second in the long run.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rates {
    pub person_burst: u32,
    pub person_a_second: u32,
    pub stranger_burst: u32,
    pub stranger_a_second: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    pub idle_minutes: u32,
    pub hours: u32,
    /// How long a role that was taken in an emergency is kept.
    pub glass_hours: u32,
    /// How long a token works at most.
    pub token_days: u32,
}

/// Whether a password alone opens the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    Optional,
    /// Who has none can do nothing but add one.
    Required,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    pub issuer: String,
    pub client_id: String,
    /// The file that holds the client's secret.
    pub client_secret_file: Option<PathBuf>,
    /// Which group has which roles where.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<GroupRole>>,
    /// The claim that names the groups.
    #[serde(default = "groups")]
    pub groups_claim: String,
    /// What the button says.
    #[serde(default = "button")]
    pub title: String,
}

fn groups() -> String {
    "groups".to_owned()
}

fn button() -> String {
    "Sign in with the hospital's account".to_owned()
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRole {
    pub role: crate::access::Role,
    /// Every site where left out.
    pub site: Option<String>,
    pub unit: Option<String>,
}

/// A mail server (RFC 6409), and who hands in there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailServer {
    pub host: String,
    #[serde(default = "submission")]
    pub port: u16,
    #[serde(default)]
    pub security: MailSecurity,
    /// The mailbox that mail is from.
    pub from: String,
    pub login: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
    /// The authority of the hospital's own servers (PEM), instead of the public ones.
    pub authority: Option<PathBuf>,
}

fn submission() -> u16 {
    587
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// It begins in the open and must go on encrypted (RFC 3207).
    #[default]
    Starttls,
    /// Encrypted from the first byte (RFC 8314).
    Tls,
    /// In the open: to this machine alone.
    None,
}

/// How often what is done by itself is done.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// Off: nothing is done by itself (a person still may).
    pub enabled: bool,
    pub feeds_minutes: u32,
    pub inbox_seconds: u32,
    pub notices_seconds: u32,
    /// An assessment is written down so often, where anything is another.
    pub assessment_minutes: u32,
    /// The hour of the day, UTC, at which what was not told at once is told together.
    pub digest_hour: u8,
    pub look_milliseconds: u64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)),
            base_url: None,
            tls: None,
            proxies: Vec::new(),
            limits: Limits::default(),
            sessions: Sessions::default(),
            second_factor: SecondFactor::Optional,
            oidc: None,
            inbox: None,
            key_file: None,
            jobs: Jobs::default(),
            mail: None,
            metrics_token: None,
            data: PathBuf::from("exposome-data"),
            plain: false,
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 1_000,
            connections_an_address: 100,
            head_seconds: 15,
            body_seconds: 20,
            stall_seconds: 30,
            body_bytes: 1 << 20,
            upload_bytes: 1 << 30,
            grace_seconds: 10,
            password_hashes_at_once: 2,
            rates: Rates::default(),
        }
    }
}

impl Default for Rates {
    fn default() -> Rates {
        Rates { person_burst: 200, person_a_second: 50, stranger_burst: 60, stranger_a_second: 10 }
    }
}

impl Default for Sessions {
    fn default() -> Sessions {
        Sessions { idle_minutes: 15, hours: 12, glass_hours: 4, token_days: 365 }
    }
}

impl Default for Jobs {
    fn default() -> Jobs {
        Jobs {
            enabled: true,
            feeds_minutes: 60,
            inbox_seconds: 10,
            notices_seconds: 5,
            assessment_minutes: 60,
            digest_hour: 6,
            look_milliseconds: 1_000,
        }
    }
}

impl Settings {
    /// Reads a file of settings.
    pub fn read(path: &Path) -> Result<Settings, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::File {
            what: "the settings",
            path: path.to_owned(),
            source,
        })?;
        Settings::of(&text).map_err(|why| Error::Unfit {
            what: "the settings",
            path: path.to_owned(),
            why,
        })
    }

    fn of(text: &str) -> Result<Settings, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }

    /// What a browser is to open.
    pub fn url(&self, address: SocketAddr) -> String {
        if let Some(base) = &self.base_url {
            return base.as_str().trim_end_matches('/').to_owned();
        }
        let scheme = if self.plain { "http" } else { "https" };
        format!("{scheme}://{address}")
    }

    /// Whether those who come here do so by TLS: ours, or that of a proxy.
    pub(crate) fn is_secure(&self) -> bool {
        !self.plain || self.base_url.as_ref().is_some_and(|it| it.scheme() == "https")
    }

    pub(crate) fn inbox(&self) -> PathBuf {
        self.inbox.clone().unwrap_or_else(|| self.data.join("inbox"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_says_nothing_and_a_misspelt_word_is_refused() {
        let settings = Settings::of("").unwrap();
        assert_eq!((settings.address.port(), settings.sessions.idle_minutes), (8443, 15));
        let settings =
            Settings::of("address = \"0.0.0.0:443\"\n[sessions]\nidle_minutes = 5\n").unwrap();
        assert_eq!(
            (settings.address.port(), settings.sessions.idle_minutes, settings.sessions.hours),
            (443, 5, 12)
        );
        assert!(Settings::of("adress = \"0.0.0.0:443\"").unwrap_err().contains("adress"));
        assert!(Settings::of("[oidc]\nissuer = \"https://a.example\"\nclient_id = \"x\"\n[oidc.groups]\nsoc = [{ role = \"king\" }]").unwrap_err().contains("king"));
    }
}
