//! Nessus reports (`.nessus`, version 2): who each host is, and what the scanner found there.
//!
//! Items of severity 0 without a CVE are the scanner's notes, not findings, and are not
//! kept.  The end of a host's scan is when its findings were last seen.
//!
//! Format: Tenable, "Nessus v2 file format".

use super::components::component_of_cpe;
use super::text::clip;
use super::values::mac;
use super::xml::{Element, Node, walk};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::inventory::{
    Attribute, Component, ComponentKind, FindingState, ScannerFinding, Sheet,
};
use exposome_model::reading::{Complaint, Sink};
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "nessus",
    title: "a Nessus scan report, version 2",
    specified_in: "Tenable, Nessus v2 file format",
    known_by: "the root element NessusClientData_v2",
    recognise: |glimpse| glimpse.root == Some("NessusClientData_v2"),
    reader: Reader::Stream(read),
};

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut host = Host::default();
    let result = walk(source, document, sink, |path, node, sink| {
        let within: Vec<&str> = path.iter().skip(2).map(String::as_str).collect();
        match (within.as_slice(), node) {
            (["ReportHost"], Node::Open(element)) => host = Host::new(&element),
            (["ReportHost"], Node::Close(_)) => std::mem::take(&mut host).finish(sink),
            (["ReportHost", "HostProperties", "tag"], Node::Open(element)) => {
                host.tag = element.attribute("name");
            }
            (["ReportHost", "HostProperties", "tag"], Node::Close(text)) => {
                host.property(text.trim());
            }
            (["ReportHost", "ReportItem"], Node::Open(element)) => host.item = Found::new(&element),
            (["ReportHost", "ReportItem"], Node::Close(_)) => host.take_item(sink),
            (["ReportHost", "ReportItem", child], Node::Close(text)) => {
                host.item.say(child, text.trim());
            }
            _ => {}
        }
    });
    if result.is_err() && !host.name.is_empty() {
        // What was read of the host in which the document breaks off.
        host.finish(sink);
    }
    result
}

/// A host being read.
#[derive(Default)]
struct Host {
    name: String,
    attributes: Vec<(Attribute, String)>,
    systems: Vec<String>,
    components: Vec<Component>,
    findings: Vec<ScannerFinding>,
    ended: Option<jiff::Timestamp>,
    tag: Option<String>,
    item: Found,
}

/// A report item being read.
#[derive(Default)]
struct Found {
    check: Option<String>,
    title: Option<String>,
    severity: Option<String>,
    /// 0 is a note.
    weight: u8,
    port: Option<String>,
    cves: Vec<String>,
    output: String,
}

const EVIDENCE_CAP: usize = 2_000;
const CVES_CAP: usize = 2_000;

impl Found {
    fn new(element: &Element<'_>) -> Found {
        const NAMES: [&str; 5] = ["Info", "Low", "Medium", "High", "Critical"];
        let weight = element.attribute("severity").and_then(|it| it.parse().ok()).unwrap_or(0);
        let port = element.attribute("port").filter(|it| it != "0");
        let protocol = element.attribute("protocol").unwrap_or_default();
        Found {
            check: element.attribute("pluginID"),
            title: element.attribute("pluginName"),
            severity: NAMES.get(usize::from(weight)).map(|it| (*it).to_owned()),
            weight,
            port: port.map(|it| format!("port {it}/{protocol}")),
            ..Found::default()
        }
    }

    fn say(&mut self, child: &str, text: &str) {
        match child {
            "cve" if self.cves.len() < CVES_CAP && !text.is_empty() => {
                self.cves.push(text.to_ascii_uppercase());
            }
            "plugin_output" => clip(text, EVIDENCE_CAP).clone_into(&mut self.output),
            _ => {}
        }
    }
}

impl Host {
    fn new(element: &Element<'_>) -> Host {
        Host { name: element.attribute("name").unwrap_or_default(), ..Host::default() }
    }

    /// One line of what the scanner knows of the host.
    fn property(&mut self, text: &str) {
        let tag = self.tag.take().unwrap_or_default();
        if text.is_empty() {
            return;
        }
        match tag.as_str() {
            "host-ip" => self.attribute(Attribute::Ip, text),
            "host-fqdn" | "host-rdns" | "hostname" => self.attribute(Attribute::HostName, text),
            "netbios-name" => {
                self.attribute(Attribute::HostName, text.rsplit('\\').next().unwrap_or(text));
            }
            "system-type" => self.attribute(Attribute::DeviceClass, text),
            "mac-address" => {
                for address in text.split_ascii_whitespace().filter_map(mac) {
                    self.attribute(Attribute::Mac, &address);
                }
            }
            "operating-system" => {
                self.systems = text
                    .lines()
                    .take(16)
                    .map(|it| it.trim().to_owned())
                    .filter(|it| !it.is_empty())
                    .collect();
            }
            "HOST_END_TIMESTAMP" => {
                self.ended = text.parse().ok().and_then(|it| jiff::Timestamp::from_second(it).ok());
            }
            _ if tag.starts_with("cpe") => {
                // `cpe:/a:apache:tomcat:9.0.10 -> Apache Tomcat`
                let cpe = text.split(" -> ").next().unwrap_or(text).trim();
                let component = component_of_cpe(cpe)
                    .filter(|it| !self.components.contains(it) && self.components.len() < 10_000);
                self.components.extend(component);
            }
            _ => {}
        }
    }

    fn attribute(&mut self, attribute: Attribute, value: &str) {
        let said = (attribute, value.to_owned());
        if self.attributes.len() < 512 && !self.attributes.contains(&said) {
            self.attributes.push(said);
        }
    }

    fn take_item(&mut self, sink: &mut dyn Sink<Item>) {
        let item = std::mem::take(&mut self.item);
        if item.weight == 0 && item.cves.is_empty() {
            return;
        }
        if item.check.is_none() && item.cves.is_empty() {
            sink.complain(Complaint::refused(
                format!("host {}", self.name),
                "a report item with neither a plugin number nor a CVE",
            ));
            return;
        }
        let evidence = match (item.port, item.output) {
            (Some(port), output) if output.is_empty() => Some(port),
            (Some(port), output) => {
                Some(clip(&format!("{port}: {output}"), EVIDENCE_CAP).to_owned())
            }
            (None, output) => Some(output).filter(|it| !it.is_empty()),
        };
        let finding = ScannerFinding {
            check: item.check,
            vulnerability: None,
            state: FindingState::Open,
            title: item.title,
            severity: item.severity,
            first_seen: None,
            last_seen: None,
            evidence,
        };
        if item.cves.is_empty() {
            self.findings.push(finding);
        } else {
            self.findings.extend(
                item.cves
                    .into_iter()
                    .map(|cve| ScannerFinding { vulnerability: Some(cve), ..finding.clone() }),
            );
        }
    }

    fn finish(mut self, sink: &mut dyn Sink<Item>) {
        let address =
            self.attributes.iter().find(|it| it.0 == Attribute::Ip).map(|it| it.1.clone());
        let key = address.unwrap_or_else(|| self.name.clone());
        if key.is_empty() {
            sink.complain(Complaint::refused("a host", "it has neither an address nor a name"));
            return;
        }
        // Several lines are guesses of which at most one is right.
        if let [system] = self.systems.as_slice() {
            let described = self.components.iter_mut().find(|it| it.kind == ComponentKind::System);
            match described {
                Some(described) => described.name.clone_from(system),
                None => {
                    self.components.push(Component::new(ComponentKind::System, system.as_str()));
                }
            }
        } else if !self.systems.is_empty() {
            let guesses = self.systems.join(", ");
            self.attribute(Attribute::SourceNote, &format!("the scanner guesses one of {guesses}"));
            self.components.retain(|it| it.kind != ComponentKind::System);
        }
        for finding in &mut self.findings {
            finding.last_seen = self.ended;
        }
        let place = format!("host {}", self.name);
        let Host { attributes, components, findings, .. } = self;
        sink.record(Item::Sheet(Sheet {
            key,
            attributes,
            components,
            findings,
            place,
            ..Sheet::default()
        }));
    }
}
