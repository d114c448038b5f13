//! Recog (Rapid7, BSD-2-Clause): its XML databases, where a hospital supplies them.
//!
//! Each file says what its patterns are matched against; the first pattern in
//! the order of the file that fits gives its parameters: constants, what groups
//! caught, and texts into which others are put (`{hw.family} {hw.model}`).

use super::Conclusion;
use crate::xml::{Attributes, Further, Manner, Met, walk_as};
use exposome_model::sighting::Property;
use fancy_regex::{Regex, RegexBuilder};
use std::collections::BTreeMap;

/// One database.
#[derive(Debug)]
pub struct Recog {
    /// What its patterns are matched against, in Recog's words: `ssh.banner`.
    pub matches: String,
    pub fingerprints: Vec<Fingerprint>,
    /// Patterns that cannot be used, with the reason.
    pub refused: Vec<(String, String)>,
}

#[derive(Debug)]
pub struct Fingerprint {
    pub pattern: String,
    pub description: String,
    regex: Regex,
    /// Name, the group it is taken from (0 for a constant), and the constant.
    params: Vec<(String, usize, String)>,
    pub examples: Vec<Example>,
}

/// A text that must fit, and the parameters it must give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub text: String,
    pub expected: BTreeMap<String, String>,
    /// The text lies in a file of its own, which is not at hand here.
    pub is_elsewhere: bool,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{file} is no database of Recog: it has no element `fingerprints`")]
    NoDatabase { file: String },
}

/// The largest database has some ten thousand.
const EVENTS_MAX: usize = 1_000_000;
/// A hostile text may cost so many steps, then the pattern does not fit.
const STEPS_MAX: usize = 100_000;
/// Two patterns ask for up to 512 letters of any script, which is much to build.
const PATTERN_BYTES_MAX: usize = 128 << 20;

/// A pattern and its parameters, as far as the file has been read.
#[derive(Default)]
struct Draft {
    pattern: String,
    flags: String,
    description: String,
    params: Vec<(String, usize, String)>,
    examples: Vec<Example>,
    /// Of the example that is open: its expectations, and how it is written.
    expected: BTreeMap<String, String>,
    is_packed: bool,
    is_elsewhere: bool,
}

impl Recog {
    pub fn parse(file: &str, xml: &[u8]) -> Result<Recog, Error> {
        let mut database =
            Recog { matches: String::new(), fingerprints: Vec::new(), refused: Vec::new() };
        let mut is_database = false;
        let mut draft: Option<Draft> = None;
        let manner = Manner { events_max: EVENTS_MAX, keep_blanks: true };
        walk_as(xml, manner, |met| {
            match met {
                Met::Element { name: b"fingerprints", attributes, .. } => {
                    is_database = true;
                    database.matches = said(&attributes, b"matches");
                }
                Met::Element { name: b"fingerprint", attributes, .. } => {
                    database.finish(draft.take());
                    draft = Some(Draft {
                        pattern: said(&attributes, b"pattern"),
                        flags: said(&attributes, b"flags"),
                        ..Draft::default()
                    });
                }
                Met::Element { name: b"param", attributes, .. } => {
                    if let Some(draft) = &mut draft {
                        let group = said(&attributes, b"pos").parse().unwrap_or(0);
                        let param =
                            (said(&attributes, b"name"), group, said(&attributes, b"value"));
                        draft.params.push(param);
                    }
                }
                Met::Element { name: b"example", attributes, .. } => {
                    if let Some(draft) = &mut draft {
                        draft.open_example(&attributes);
                    }
                }
                Met::Text { name: b"description", text, .. } => {
                    if let Some(draft) = &mut draft {
                        draft.description = String::from_utf8_lossy(&text.plain()).into_owned();
                    }
                }
                Met::Text { name: b"example", text, .. } => {
                    if let Some(draft) = &mut draft {
                        draft.example_text(&text.plain());
                    }
                }
                _ => {}
            }
            Further::On
        });
        database.finish(draft.take());
        if is_database { Ok(database) } else { Err(Error::NoDatabase { file: file.to_owned() }) }
    }

    fn finish(&mut self, draft: Option<Draft>) {
        let Some(draft) = draft else { return };
        match compiled(&draft.pattern, &draft.flags) {
            Ok(regex) => self.fingerprints.push(Fingerprint {
                pattern: draft.pattern,
                description: draft.description,
                regex,
                params: draft.params,
                examples: draft.examples,
            }),
            Err(error) => self.refused.push((draft.pattern, error.to_string())),
        }
    }

    /// The first fingerprint that fits, and its parameters.
    pub fn matched(&self, text: &str) -> Option<(&Fingerprint, BTreeMap<String, String>)> {
        self.fingerprints.iter().find_map(|it| Some((it, it.matched(text)?)))
    }

    /// What of a sighting this database looks at; `None` where nothing that is heard is of that kind.
    pub fn property(&self) -> Option<Property> {
        Some(match self.matches.as_str() {
            "dhcp_vendor_class" => Property::DhcpVendorClass,
            "ftp.banner" => Property::FtpBanner,
            "html_title" => Property::HttpTitle,
            "http_header.server" => Property::HttpServer,
            "sip_header.server" | "sip_header.user_agent" => Property::SipAgent,
            "smb.native_lm" => Property::NativeLanman,
            "smb.native_os" => Property::NativeOs,
            "smtp.banner" => Property::SmtpBanner,
            "snmp.sys_description" => Property::SnmpDescription,
            "snmp.sys_object_id" => Property::SnmpObjectId,
            "ssh.banner" => Property::SshBanner,
            "x509.issuer" => Property::CertificateIssuer,
            "x509.subject" => Property::CertificateSubject,
            _ => return None,
        })
    }

    pub fn conclude(&self, value: &str) -> Vec<Conclusion> {
        // Recog's patterns begin behind the version of the protocol.
        let value = match self.matches.as_str() {
            "ssh.banner" => value.splitn(3, '-').nth(2).unwrap_or(value),
            _ => value,
        };
        let Some((fingerprint, params)) = self.matched(value) else { return Vec::new() };
        let rule = format!("recog {}: {}", self.matches, fingerprint.description.trim());
        let said = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
        let joined = |names: &[&str]| {
            let mut words: Vec<&str> = Vec::new();
            for word in names.iter().map(|it| said(it)).filter(|it| !it.is_empty()) {
                // A product often begins with its maker's name.
                if words.last().is_none_or(|last| !word.starts_with(last)) {
                    words.push(word);
                } else {
                    words.pop();
                    words.push(word);
                }
            }
            words.join(" ")
        };
        let concluded = [
            (Property::Manufacturer, said("hw.vendor").to_owned()),
            (Property::Model, said("hw.product").to_owned()),
            (Property::Hardware, said("hw.version").to_owned()),
            (Property::Serial, said("hw.serial_number").to_owned()),
            (Property::DeviceKind, said("hw.device").to_owned()),
            (Property::OperatingSystem, joined(&["os.vendor", "os.product", "os.version"])),
            (Property::Software, joined(&["service.vendor", "service.product"])),
            (Property::SoftwareVersion, said("service.version").to_owned()),
            (Property::HostName, said("host.name").to_owned()),
        ];
        let is_said = |(_, value): &(Property, String)| !value.trim().is_empty();
        concluded
            .into_iter()
            .filter(is_said)
            .map(|(property, value)| Conclusion { property, value, rule: rule.clone() })
            .collect()
    }
}

impl Fingerprint {
    /// The parameters, if the pattern fits.
    pub fn matched(&self, text: &str) -> Option<BTreeMap<String, String>> {
        let captures = self.regex.captures(text).ok()??;
        let mut params: BTreeMap<String, String> = BTreeMap::new();
        for (name, group, constant) in &self.params {
            let value = if *group == 0 {
                Some(constant.clone())
            } else {
                captures.get(*group).map(|it| it.as_str().to_owned())
            };
            if let Some(value) = value {
                params.insert(name.clone(), value);
            }
        }
        let filled: Vec<(String, Option<String>)> = params
            .iter()
            .filter(|(_, value)| value.contains('{'))
            .map(|(name, value)| (name.clone(), filled(name, value, &params)))
            .collect();
        for (name, value) in filled {
            match value {
                Some(value) => params.insert(name, value),
                None => params.remove(&name),
            };
        }
        // What only served to make others.
        params.retain(|name, _| !name.starts_with("_tmp."));
        Some(params)
    }
}

/// Puts parameters into a text.  One that is not there makes the text say nothing, except that a CPE name writes `-` for
/// it.
fn filled(name: &str, text: &str, params: &BTreeMap<String, String>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((inner, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match params.get(inner) {
            Some(value) => filled.push_str(value),
            None if name.rsplit_once('.').is_some_and(|(_, last)| last == "cpe23") => {
                filled.push('-');
            }
            None => return None,
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// Ruby's syntax: `^` and `$` are of lines; `REG_MULTILINE` lets a dot be a line end.
fn compiled(pattern: &str, flags: &str) -> Result<Regex, Box<fancy_regex::Error>> {
    let is = |flag: &str| flags.split(',').any(|it| it.trim() == flag);
    RegexBuilder::new(pattern)
        .multi_line(true)
        .case_insensitive(is("REG_ICASE"))
        .dot_matches_new_line(is("REG_DOT_NEWLINE") || is("REG_MULTILINE"))
        .backtrack_limit(STEPS_MAX)
        .delegate_size_limit(PATTERN_BYTES_MAX)
        .build()
        .map_err(Box::new)
}

fn said(attributes: &Attributes<'_>, name: &[u8]) -> String {
    let value = attributes.get(name).unwrap_or_default();
    String::from_utf8_lossy(&value).into_owned()
}

impl Draft {
    fn open_example(&mut self, attributes: &Attributes<'_>) {
        self.expected.clear();
        self.is_packed = false;
        self.is_elsewhere = false;
        for (name, value) in attributes.all() {
            let name = String::from_utf8_lossy(name).into_owned();
            let value = String::from_utf8_lossy(&value).into_owned();
            match name.as_str() {
                "_encoding" => self.is_packed = value == "base64",
                "_filename" => self.is_elsewhere = true,
                _ => drop(self.expected.insert(name, value)),
            }
        }
        let example = Example {
            text: String::new(),
            expected: self.expected.clone(),
            is_elsewhere: self.is_elsewhere,
        };
        self.examples.push(example);
    }

    fn example_text(&mut self, text: &[u8]) {
        let text = if self.is_packed {
            let text: Vec<u8> =
                text.iter().copied().filter(|it| !it.is_ascii_whitespace()).collect();
            crate::base64::decoded(&text).unwrap_or_default()
        } else {
            text.to_vec()
        };
        // Bytes that are no UTF-8 are read a byte a character, as the patterns write them.
        let text = String::from_utf8(text)
            .unwrap_or_else(|error| error.into_bytes().iter().map(|it| char::from(*it)).collect());
        if let Some(example) = self.examples.last_mut() {
            example.text.push_str(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATABASE: &[u8] = br#"<?xml version='1.0'?>
        <fingerprints matches="ftp.banner" protocol="ftp">
          <fingerprint pattern="^(\S+) Pump(?:Sim)? FTP (?:v([\d.]+))? ?ready" flags="REG_ICASE">
            <description>A pump</description>
            <example host.name="p1" service.version="1.9">p1 PUMPSIM FTP v1.9 ready</example>
            <example _encoding="base64">cDEgUHVtcCBGVFAgcmVhZHk=</example>
            <param pos="0" name="hw.vendor" value="Example"/>
            <param pos="1" name="host.name"/>
            <param pos="2" name="service.version"/>
            <param pos="0" name="hw.product" value="{hw.vendor} Pump"/>
            <param pos="0" name="service.cpe23" value="cpe:/a:example:pump:{service.version}"/>
            <param pos="0" name="os.product" value="Pump OS {service.version}"/>
          </fingerprint>
          <fingerprint pattern="(unclosed"><description>broken</description></fingerprint>
        </fingerprints>"#;

    #[test]
    fn a_database_is_read_and_its_examples_fit() {
        let database = Recog::parse("test", DATABASE).unwrap();
        assert_eq!((database.fingerprints.len(), database.refused.len()), (1, 1));
        let fingerprint = &database.fingerprints[0];
        for example in &fingerprint.examples {
            let params = fingerprint.matched(&example.text).unwrap();
            for (name, value) in &example.expected {
                assert_eq!(params.get(name), Some(value), "{name}");
            }
        }
    }

    #[test]
    fn what_a_group_did_not_catch_leaves_its_text_out() {
        let database = Recog::parse("test", DATABASE).unwrap();
        let (_, params) = database.matched("p1 Pump FTP ready").unwrap();
        assert_eq!(params.get("service.cpe23").unwrap(), "cpe:/a:example:pump:-");
        assert_eq!(params.get("os.product"), None);
        let concluded = database.conclude("p1 Pump FTP ready");
        let words: Vec<String> =
            concluded.iter().map(|it| format!("{} {}", it.property.name(), it.value)).collect();
        assert_eq!(words, ["manufacturer Example", "model Example Pump", "host_name p1"]);
        assert_eq!(concluded[0].rule, "recog ftp.banner: A pump");
    }

    #[test]
    fn what_is_no_database_says_so() {
        let error = Recog::parse("x.xml", b"<html/>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.xml is no database of Recog: it has no element `fingerprints`"
        );
    }
}
