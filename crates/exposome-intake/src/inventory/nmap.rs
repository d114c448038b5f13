//! nmap's XML: which hosts answered, and which programs on which ports.
//!
//! A service whose product nmap recognised is a program on the host.  An
//! operating system is taken from the best match only where nmap is certain of it
//! (accuracy 100); a guess is kept as a note.  A scan claims nothing to be whole.
//!
//! Format: nmap, docs/nmap.dtd and "XML output (-oX)" of its reference guide.

use super::components::component_of_cpe;
use super::values::mac;
use super::xml::{Element, Node, walk};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::reading::{Complaint, Sink};
use std::io::BufRead;

pub(super) const FORMAT: Format = Format {
    id: "nmap-xml",
    title: "hosts and services found by nmap, as XML",
    specified_in: "nmap, docs/nmap.dtd",
    known_by: "the root element nmaprun",
    recognise: |glimpse| glimpse.root == Some("nmaprun"),
    reader: Reader::Stream(read),
};

fn read(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut host = Host::default();
    let result = walk(source, document, sink, |path, node, sink| {
        let within: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
        match (within.as_slice(), node) {
            (["host"], Node::Open(_)) => host = Host::default(),
            (["host"], Node::Close(_)) => std::mem::take(&mut host).finish(sink),
            (_, Node::Open(element)) => host.open(&within, &element),
            (_, Node::Close(text)) => host.close(&within, text.trim()),
        }
    });
    if result.is_err() && !host.attributes.is_empty() {
        // What was read of the host in which the document breaks off.
        host.finish(sink);
    }
    result
}

/// A host being read.
#[derive(Default)]
struct Host {
    down: bool,
    attributes: Vec<(Attribute, String)>,
    components: Vec<Component>,
    /// The service on the port being read.
    service: Option<Component>,
    open: bool,
    cpes: Vec<String>,
    /// Name, accuracy and CPE names of the best match for the operating system.
    system: Option<(String, u8, Vec<String>)>,
    /// How good the match being read is.
    matching: u8,
}

/// The most programs of one host.
const COMPONENTS_CAP: usize = 65_536;

impl Host {
    fn open(&mut self, path: &[&str], element: &Element<'_>) {
        let says = |name: &str| element.attribute(name);
        match path {
            ["host", "status"] => self.down = says("state").as_deref() == Some("down"),
            ["host", "address"] => {
                let address = says("addr");
                let said = match says("addrtype").as_deref() {
                    Some("mac") => address.and_then(|it| mac(&it)).map(|it| (Attribute::Mac, it)),
                    _ => address.map(|it| (Attribute::Ip, it)),
                };
                self.attributes.extend(said);
            }
            ["host", "hostnames", "hostname"] => {
                let name = says("name")
                    .map(|it| (Attribute::HostName, it))
                    .filter(|it| !self.attributes.contains(it));
                self.attributes.extend(name);
            }
            ["host", "ports", "port"] => {
                self.open = false;
                self.service = None;
                self.cpes.clear();
            }
            ["host", "ports", "port", "state"] => {
                self.open = says("state").as_deref() == Some("open");
            }
            ["host", "ports", "port", "service"] => {
                self.service = says("product").map(|product| Component {
                    version: says("version"),
                    ..Component::new(ComponentKind::Application, product)
                });
            }
            ["host", "os", "osmatch"] => {
                self.matching = says("accuracy").and_then(|it| it.parse().ok()).unwrap_or(0);
                let best = self.system.as_ref().map_or(0, |it| it.1);
                if let Some(name) = says("name").filter(|_| self.matching > best) {
                    self.system = Some((name, self.matching, Vec::new()));
                } else {
                    self.matching = 0;
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, path: &[&str], text: &str) {
        match path {
            ["host", "ports", "port", "service", "cpe"] if self.cpes.len() < 16 => {
                self.cpes.push(text.to_owned());
            }
            ["host", "ports", "port"] if self.open => self.take_service(),
            ["host", "os", "osmatch", "osclass", "cpe"] if self.matching > 0 => {
                let cpes = self.system.as_mut().map(|it| &mut it.2).filter(|it| it.len() < 16);
                if let Some(cpes) = cpes {
                    cpes.push(text.to_owned());
                }
            }
            _ => {}
        }
    }

    /// A program on an open port, with the CPE names that describe it and those that describe what it runs on.
    fn take_service(&mut self) {
        let mut service = self.service.take();
        for cpe in std::mem::take(&mut self.cpes) {
            let Some(described) = component_of_cpe(&cpe) else { continue };
            match &mut service {
                Some(service)
                    if described.kind == ComponentKind::Application && service.cpe.is_none() =>
                {
                    service.version = service.version.take().or(described.version);
                    service.vendor = described.vendor;
                    service.cpe = Some(cpe);
                }
                _ => self.install(described),
            }
        }
        if let Some(service) = service {
            self.install(service);
        }
    }

    fn install(&mut self, component: Component) {
        if self.components.len() < COMPONENTS_CAP && !self.components.contains(&component) {
            self.components.push(component);
        }
    }

    fn finish(mut self, sink: &mut dyn Sink<Item>) {
        let address =
            |attribute| self.attributes.iter().find(|it| it.0 == attribute).map(|it| it.1.clone());
        let Some(key) = address(Attribute::Ip)
            .or_else(|| address(Attribute::Mac))
            .or_else(|| address(Attribute::HostName))
        else {
            sink.complain(Complaint::refused("a host", "it has neither an address nor a name"));
            return;
        };
        if self.down {
            return;
        }
        match self.system.take() {
            Some((name, 100, cpes)) => {
                // `Linux 3.2 - 4.9` is a range: no version, and no CPE name with one.
                let range = name.contains(" - ") || name.contains(" or ");
                let described = cpes
                    .iter()
                    .filter_map(|it| component_of_cpe(it))
                    .find(|it| it.kind == ComponentKind::System && !range);
                let system = match described {
                    Some(described) => Component { name, ..described },
                    None => Component::new(ComponentKind::System, name),
                };
                self.components.retain(|it| it.kind != ComponentKind::System);
                self.install(system);
            }
            Some((name, accuracy, _)) => {
                self.attributes
                    .push((Attribute::SourceNote, format!("nmap guesses {name} ({accuracy} %)")));
            }
            None => {}
        }
        let place = format!("host {key}");
        let (attributes, components) = (self.attributes, self.components);
        sink.record(Item::Sheet(Sheet { key, attributes, components, place, ..Sheet::default() }));
    }
}
