//! Which Windows: line, release, service pack and build, however it is written.
//!
//! NVD writes `windows_10:1607`, since 2023 `windows_10_1607`; CVE records say
//! "Windows 10 Version 1607 for x64-based Systems"; a CMDB says "Microsoft Windows
//! 10 Enterprise 1607" or only the build, 10.0.14393.  All mean the same thing.
//!
//! Source of the builds: Microsoft, "Windows 10 release information", "Windows 11
//! release information", "Windows Server release information".

use super::names::squash;
use std::fmt;

/// A Windows as somebody named it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    pub line: Line,
    pub release: Release,
    pub service_pack: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// "Windows", no more: any of them.
    Any,
    Client(&'static str),
    Server(&'static str),
}

impl Line {
    fn key(self) -> String {
        match self {
            Line::Any => "w:any".to_owned(),
            Line::Client(line) => format!("w:client {line}"),
            Line::Server(line) => format!("w:server {line}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Nothing was said.
    Unsaid,
    /// The first release of the line, the one without a name of its own (NVD's `-`).
    Base,
    Named(&'static str),
}

impl Windows {
    /// Reads product and, where the release hides there, version and update.
    /// `None`: it is not a Windows (Windows Media Player, Windows Defender).
    pub fn read(name: &str, version: Option<&str>, update: Option<&str>) -> Option<Windows> {
        let words = words(name);
        let mut rest = words.iter().map(String::as_str).skip_while(|word| *word == "microsoft");
        if !rest.next()?.starts_with("windows") {
            return None;
        }
        let mut found = Windows { line: Line::Any, release: Release::Unsaid, service_pack: None };
        let all: Vec<&str> = rest.collect();
        let mut server = false;
        let mut index = 0;
        while let Some(&word) = all.get(index) {
            index += 1;
            let next = all.get(index).copied();
            match word {
                "server" => server = true,
                "service" if next == Some("pack") => {
                    found.service_pack = all.get(index + 1).and_then(|number| number.parse().ok());
                    index += 2;
                }
                "for" | "systems" | "version" | "edition" | "core" | "installation" | "based" => {}
                _ if found.take(word, server) => {}
                _ if NO_MATTER.contains(&word) => {}
                _ => return None,
            }
        }
        if server && found.line == Line::Any && found.release == Release::Unsaid {
            found.line = Line::Server("");
        }
        for text in [version, update].into_iter().flatten() {
            found.take_version(text);
        }
        Some(found)
    }

    /// Takes one word of the name; says whether it knew the word.
    fn take(&mut self, word: &str, server: bool) -> bool {
        if let Some(number) = word.strip_prefix("sp").and_then(|number| number.parse().ok()) {
            self.service_pack = Some(number);
            return true;
        }
        if self.line == Line::Any {
            let lines = if server { SERVER_LINES } else { CLIENT_LINES };
            let line = lines.iter().find(|line| **line == word);
            if let Some(line) = line {
                self.line = if server { Line::Server(line) } else { Line::Client(line) };
                return true;
            }
        }
        let release = RELEASES.iter().find(|release| **release == word);
        match release {
            Some(&"22h3") => self.release = Release::Named("23h2"),
            Some(release) => self.release = Release::Named(release),
            None => return false,
        }
        if server && self.line == Line::Any {
            self.line = Line::Server("2016");
        }
        true
    }

    pub fn take_version(&mut self, text: &str) {
        match text {
            "-" if self.release == Release::Unsaid => self.release = Release::Base,
            "*" | "-" => {}
            _ => {
                if let Some((line, release, service_pack)) = by_build(text) {
                    if self.line == Line::Any {
                        self.line = line;
                    }
                    let of_this_line =
                        std::mem::discriminant(&self.line) == std::mem::discriminant(&line);
                    if self.release == Release::Unsaid && of_this_line {
                        self.release = release;
                    }
                    self.service_pack = self.service_pack.or(service_pack);
                } else {
                    for word in words(text) {
                        self.take(&word, matches!(self.line, Line::Server(_)));
                    }
                }
            }
        }
    }

    /// Keys under which claims on this Windows are filed: its own line and "any Windows".
    /// One that is not known exactly is looked up under every line it may be.
    pub fn keys(self) -> Vec<String> {
        let own = match self.line {
            Line::Any => {
                let clients = CLIENT_LINES.iter().map(|line| Line::Client(line));
                clients.chain(SERVER_LINES.iter().map(|line| Line::Server(line))).collect()
            }
            Line::Server("") => SERVER_LINES.iter().map(|line| Line::Server(line)).collect(),
            line @ Line::Server(_) => vec![line, Line::Server("")],
            line @ Line::Client(_) => vec![line],
        };
        own.into_iter().chain([Line::Any]).map(Line::key).collect()
    }

    /// The one key a claim on it is filed under.
    pub fn key(self) -> String {
        self.line.key()
    }

    /// Whether this thing (on the asset) is one of those that `meant` says.
    pub fn is_one_of(self, meant: Windows) -> Fits {
        match (self.line, meant.line) {
            (_, Line::Any) => return Fits::Yes,
            (Line::Any, _) => return Fits::Unknown("Windows version"),
            (Line::Server(""), Line::Server(_)) => return Fits::Unknown("Windows Server version"),
            (Line::Server(_), Line::Server("")) => {}
            (own, other) if own != other => return Fits::No,
            _ => {}
        }
        let own = match self.release {
            Release::Unsaid if !self.has_releases() => Release::Base,
            own => own,
        };
        match (own, meant.release) {
            (_, Release::Unsaid) => {}
            (Release::Unsaid, _) => return Fits::Unknown("Windows release"),
            (own, other) if own != other => return Fits::No,
            _ => {}
        }
        match (self.service_pack, meant.service_pack) {
            (None, Some(_)) => Fits::Unknown("service pack"),
            (Some(own), Some(other)) if own != other => Fits::No,
            _ => Fits::Yes,
        }
    }

    /// Whether the line came in releases that one must know.
    fn has_releases(self) -> bool {
        matches!(self.line, Line::Client("10" | "11") | Line::Any)
    }
}

/// Three-valued: does it fit?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fits {
    Yes,
    No,
    /// The fact that would tell.
    Unknown(&'static str),
}

impl fmt::Display for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Line::Any => write!(f, "Windows")?,
            Line::Client(line) => write!(f, "Windows {line}")?,
            Line::Server(line) => write!(f, "Windows Server {line}")?,
        }
        if let Release::Named(release) = self.release {
            write!(f, " {release}")?;
        }
        self.service_pack.map_or(Ok(()), |number| write!(f, " SP{number}"))
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .map(squash_keeping_dots)
        .filter(|word| !word.is_empty())
        .collect()
}

fn squash_keeping_dots(text: &str) -> String {
    if text.contains('.') { text.to_lowercase() } else { squash(text) }
}

fn by_build(version: &str) -> Option<(Line, Release, Option<u8>)> {
    let mut parts = version.trim().split('.');
    let (major, minor) = (parts.next()?, parts.next()?);
    let build = parts.next()?.split_whitespace().next()?;
    let (_, _, line, release, service_pack) = BUILDS.iter().find(|(versions, number, ..)| {
        *number == build && *versions == format!("{major}.{minor}")
    })?;
    Some((*line, *release, *service_pack))
}

type Build = (&'static str, &'static str, Line, Release, Option<u8>);

const BUILDS: &[Build] = {
    use Line::{Client, Server};
    use Release::{Base, Named};
    &[
        ("10.0", "10240", Client("10"), Named("1507"), None),
        ("10.0", "10586", Client("10"), Named("1511"), None),
        ("10.0", "14393", Client("10"), Named("1607"), None),
        ("10.0", "15063", Client("10"), Named("1703"), None),
        ("10.0", "16299", Client("10"), Named("1709"), None),
        ("10.0", "17134", Client("10"), Named("1803"), None),
        ("10.0", "17763", Client("10"), Named("1809"), None),
        ("10.0", "18362", Client("10"), Named("1903"), None),
        ("10.0", "18363", Client("10"), Named("1909"), None),
        ("10.0", "19041", Client("10"), Named("2004"), None),
        ("10.0", "19042", Client("10"), Named("20h2"), None),
        ("10.0", "19043", Client("10"), Named("21h1"), None),
        ("10.0", "19044", Client("10"), Named("21h2"), None),
        ("10.0", "19045", Client("10"), Named("22h2"), None),
        ("10.0", "20348", Server("2022"), Base, None),
        ("10.0", "22000", Client("11"), Named("21h2"), None),
        ("10.0", "22621", Client("11"), Named("22h2"), None),
        ("10.0", "22631", Client("11"), Named("23h2"), None),
        ("10.0", "25398", Server("2022"), Named("23h2"), None),
        ("10.0", "26100", Client("11"), Named("24h2"), None),
        ("6.0", "6002", Client("vista"), Base, Some(2)),
        ("6.0", "6003", Server("2008"), Base, Some(2)),
        ("6.1", "7600", Client("7"), Base, Some(0)),
        ("6.1", "7601", Client("7"), Base, Some(1)),
    ]
};

const CLIENT_LINES: &[&str] =
    &["11", "10", "8.1", "8", "7", "vista", "xp", "2000", "nt", "me", "98", "95", "ce"];
const SERVER_LINES: &[&str] = &["2025", "2022", "2019", "2016", "2012", "2008", "2003", "2000"];
const RELEASES: &[&str] = &[
    "1507", "1511", "1607", "1703", "1709", "1803", "1809", "1903", "1909", "2004", "20h2", "21h1",
    "21h2", "22h2", "22h3", "23h2", "24h2", "25h2", "r2",
];
/// Editions and architectures: judged elsewhere or of no weight.
const NO_MATTER: &[&str] = &[
    "enterprise",
    "pro",
    "professional",
    "home",
    "education",
    "standard",
    "datacenter",
    "ltsc",
    "ltsb",
    "iot",
    "embedded",
    "essentials",
    "ultimate",
    "workstations",
    "workstation",
    "business",
    "n",
    "x64",
    "x86",
    "64",
    "32",
    "bit",
    "64bit",
    "32bit",
    "arm64",
    "os",
    "operating",
    "system",
    "os",
    "evaluation",
    "x32",
    "hpc",
    "starter",
    "premium",
    "basic",
    "foundation",
    "single",
    "language",
    "2015",
    "2018",
    "2021",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(name: &str, version: Option<&str>, expected: &str) {
        let actual = Windows::read(name, version, None).map(|windows| windows.to_string());
        assert_eq!(actual.unwrap_or_else(|| "no Windows".to_owned()), expected);
    }

    #[test]
    fn every_source_names_the_same_windows() {
        reads("windows_10", Some("1607"), "Windows 10 1607");
        reads("windows_10_1607", None, "Windows 10 1607");
        reads("Windows 10 Version 1607 for x64-based Systems", None, "Windows 10 1607");
        reads("Microsoft Windows 10 Enterprise 1607", None, "Windows 10 1607");
        reads("Microsoft Windows 10 Pro", Some("10.0.14393"), "Windows 10 1607");
        reads(
            "Windows Server 2008 R2 Service Pack 1 (Server Core installation)",
            None,
            "Windows Server 2008 r2 SP1",
        );
        reads("windows_server_2008_sp2", None, "Windows Server 2008 SP2");
        reads(
            "Windows Server, version 1903 (Server Core installation)",
            None,
            "Windows Server 2016 1903",
        );
        reads(
            "Windows Server 2022, 23H2 Edition (Server Core installation)",
            None,
            "Windows Server 2022 23h2",
        );
        reads("Windows 7 Service Pack 1", None, "Windows 7 SP1");
        reads("windows_8.1", Some("-"), "Windows 8.1");
    }

    #[test]
    fn a_program_called_windows_something_is_not_the_system() {
        reads("Windows Media Player", None, "no Windows");
        reads("windows_defender", None, "no Windows");
        reads("Internet Explorer", None, "no Windows");
    }

    #[test]
    fn a_release_is_asked_for_only_where_there_were_several() {
        let read = |name| Windows::read(name, None, None).expect("a Windows");
        let meant = read("Windows 10 Version 1607");
        assert_eq!(read("Windows 10").is_one_of(meant), Fits::Unknown("Windows release"));
        assert_eq!(read("Windows 10 1809").is_one_of(meant), Fits::No);
        assert_eq!(read("Windows 10 1607").is_one_of(meant), Fits::Yes);
        assert_eq!(read("Windows Server 2012").is_one_of(read("Windows Server 2012 R2")), Fits::No);
        assert_eq!(
            read("Windows 7").is_one_of(read("Windows 7 Service Pack 1")),
            Fits::Unknown("service pack")
        );
        assert_eq!(read("Windows 11").is_one_of(read("windows")), Fits::Yes);
    }
}
