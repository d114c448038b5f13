//! `exposome identify`: who is in capture files, without a data folder.

use crate::cli::{Identify, Rendering};
use crate::exit::Exit;
use crate::fingerprints;
use crate::hearing;
use crate::output::{Column, List, column, detail, note};
use anyhow::{Context as _, Result};
use exposome_engine::category::Categories;
use exposome_engine::seen::{self, Asset, Fact, Seen};
use exposome_model::sighting::{Flow, Property, Station};
use exposome_site::rules;
use exposome_wire::fingerprint::{Fingerprints, Makers, Recog};
use exposome_wire::{Listener, Rules, Tally};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;

pub(crate) fn run(arguments: &Identify) -> Result<Exit> {
    let fingerprints = known(arguments)?;
    let mut listener = hearing::listener(Rules { locations: arguments.locations });
    let mut exit = Exit::Done;
    for path in &arguments.files {
        let read = hearing::hear(path, &mut listener);
        match read.with_context(|| format!("cannot read capture {}", path.display())) {
            Ok(()) => {}
            // What came before the break was heard.
            Err(error) if listener.tally().frames > 0 => {
                note(&format!("{error:#}"));
                exit = Exit::PartlyRefused;
            }
            Err(error) => return Err(error),
        }
    }
    show(&mut listener, &fingerprints, arguments.no_flows, arguments.rendering)?;
    Ok(exit)
}

/// Who was heard, with what their words give away.
pub(crate) fn assets(listener: &Listener, fingerprints: &Fingerprints) -> Result<Seen> {
    let mut sightings = listener.sightings();
    fingerprints.conclude(&mut sightings);
    Ok(seen::assets(&sightings, &rules::shipped()?.categories))
}

/// Prints who was heard, and unless that is not wanted who talks to whom.
pub(crate) fn show(
    listener: &mut Listener,
    fingerprints: &Fingerprints,
    no_flows: bool,
    rendering: Rendering,
) -> Result<()> {
    let categories = &rules::shipped()?.categories;
    let seen = assets(listener, fingerprints)?;
    let mut list = List::new(&ASSET);
    for asset in &seen.assets {
        list.push(row(asset, categories));
    }
    list.print(rendering)?;
    if !no_flows {
        let mut list = List::new(&FLOW);
        for flow in listener.flows() {
            list.push(flow_row(&flow));
        }
        list.print(rendering)?;
    }
    summary(&listener.tally(), &seen);
    Ok(())
}

fn known(arguments: &Identify) -> Result<Fingerprints> {
    let mut fingerprints = fingerprints::shipped()?;
    if let Some(path) = &arguments.makers {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        fingerprints.makers = Makers::parse(&String::from_utf8_lossy(&bytes))
            .with_context(|| format!("{} is no listing of makers", path.display()))?;
    }
    if let Some(folder) = &arguments.recog {
        let entries = fs::read_dir(folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        let mut paths = entries.map(|it| Ok(it?.path())).collect::<Result<Vec<_>>>()?;
        paths.retain(|it| it.extension().is_some_and(|it| it == "xml"));
        paths.sort();
        for path in paths {
            let name = path.display().to_string();
            let database = Recog::parse(&name, &fs::read(&path)?)?;
            if database.property().is_some() {
                fingerprints.recog.push(database);
            }
        }
    }
    Ok(fingerprints)
}

const ASSET: [Column; 26] = [
    detail("kind"),
    column("id", "asset"),
    detail("identifiers"),
    column("maker", "maker"),
    column("model", "model"),
    column("serial", "serial"),
    column("firmware", "firmware"),
    detail("software"),
    detail("operating_system"),
    column("category", "category"),
    detail("category_name"),
    detail("category_because"),
    detail("category_protocols"),
    detail("category_others"),
    column("names", "names"),
    detail("roles"),
    column("protocols", "protocols"),
    detail("services"),
    detail("location"),
    column("behind", "behind"),
    detail("beyond"),
    detail("conflicts"),
    detail("first_seen"),
    detail("last_seen"),
    detail("packets"),
    detail("evidence"),
];

fn row(asset: &Asset, categories: &Categories) -> Vec<Value> {
    let category = asset.category.as_ref();
    let name = category.and_then(|it| categories.by_code(&it.code)).map(|it| it.name.as_str());
    let because = category.map(|it| {
        it.because.iter().map(|(property, value)| format!("{}: {value}", property.name()))
    });
    let services = asset.all(Property::Serves).map(|it| it.value.as_str());
    let roles: BTreeSet<&str> = [Property::Role, Property::ImagingRole, Property::DeviceKind]
        .into_iter()
        .flat_map(|it| asset.all(it))
        .map(|it| it.value.as_str())
        .collect();
    vec![
        json!("asset"),
        json!(asset.id),
        identifiers(asset),
        json!(asset.maker()),
        json!(asset.model()),
        json!(asset.first(Property::Serial)),
        json!(asset.first(Property::Firmware)),
        software(asset),
        json!(asset.first(Property::OperatingSystem)),
        json!(category.map(|it| it.code.as_str())),
        json!(name),
        json!(because.map(Iterator::collect::<Vec<_>>)),
        json!(category.map(|it| it.protocols)),
        json!(category.map(|it| &it.others)),
        json!(asset.names()),
        json!(roles),
        json!(protocols(asset)),
        json!(services.collect::<Vec<_>>()),
        json!(asset.first(Property::Location)),
        json!(asset.behind.map(|it| shown(&it))),
        json!(asset.beyond.map(|it| it.to_string())),
        conflicts(asset),
        json!(asset.first_seen),
        json!(asset.last_seen),
        json!(asset.packets),
        json!(asset.facts.iter().map(evidence).collect::<Vec<_>>()),
    ]
}

/// What tells one from others, beside its addresses.
const IDENTIFYING: [Property; 17] = [
    Property::Udi,
    Property::Eui64,
    Property::EndpointReference,
    Property::DeviceUuid,
    Property::SshHostKey,
    Property::Certificate,
    Property::SnmpEngineId,
    Property::DhcpClientId,
    Property::BacnetInstance,
    Property::ServerGuid,
    Property::ApplicationUri,
    Property::MqttClientId,
    Property::ChassisId,
    Property::AeTitle,
    Property::CalledAeTitle,
    Property::ImplementationUid,
    Property::VendorId,
];

/// What tells it from others, by kind.
fn identifiers(asset: &Asset) -> Value {
    let mut all = Map::new();
    let mut put = |name: &str, values: Vec<String>| {
        if !values.is_empty() {
            all.insert(name.to_owned(), json!(values));
        }
    };
    put("mac", asset.macs.iter().map(ToString::to_string).collect());
    put("ip", asset.ips.iter().map(ToString::to_string).collect());
    put("vlan", asset.vlans.iter().map(ToString::to_string).collect());
    for property in IDENTIFYING {
        put(property.name(), asset.all(property).map(|it| it.value.clone()).collect());
    }
    Value::Object(all)
}

/// Programs with their versions, as the claim of the asset names them.
fn software(asset: &Asset) -> Value {
    use exposome_model::inventory::ComponentKind;
    let programs = asset.sheet().components.into_iter();
    let programs = programs.filter(|it| it.kind == ComponentKind::Application);
    let words = programs.map(|it| match it.version {
        Some(version) => format!("{} {version}", it.name),
        None => it.name,
    });
    let mut words: Vec<String> = words.collect();
    if words.is_empty() {
        words.extend(asset.first(Property::SoftwareVersion).map(str::to_owned));
    }
    json!(words)
}

/// Everything it speaks, as a client or as a server.
fn protocols(asset: &Asset) -> BTreeSet<&str> {
    let serves = asset.all(Property::Serves).filter_map(|it| it.value.split(' ').next());
    let said = asset.facts.iter().flat_map(|it| &it.sources).filter(|it| it.rule.is_none());
    let said = said.filter(|it| it.certainty != exposome_model::sighting::Certainty::Told);
    let uses = asset.all(Property::Uses).map(|it| it.value.as_str());
    serves.chain(uses).chain(said.map(|it| it.protocol.as_str())).collect()
}

fn conflicts(asset: &Asset) -> Value {
    let all = asset.conflicts.iter();
    all.map(|it| json!({"property": it.property.name(), "values": it.values})).collect()
}

fn evidence(fact: &Fact) -> Value {
    let sources = fact.sources.iter().map(|it| {
        let mut source = json!({
            "protocol": it.protocol,
            "certainty": it.certainty,
            "times": it.times,
            "first_seen": it.first_seen,
            "last_seen": it.last_seen,
        });
        if let (Some(rule), Some(source)) = (&it.rule, source.as_object_mut()) {
            source.insert("rule".to_owned(), json!(rule));
        }
        source
    });
    json!({
        "property": fact.property.name(),
        "value": fact.value,
        "sources": sources.collect::<Vec<_>>(),
    })
}

fn shown(station: &Station) -> String {
    match (station.ip, station.mac) {
        (Some(ip), _) => ip.to_string(),
        (None, Some(mac)) => mac.to_string(),
        (None, None) => String::new(),
    }
}

const FLOW: [Column; 14] = [
    detail("kind"),
    column("client", "client"),
    column("server", "server"),
    detail("vlan"),
    column("transport", "transport"),
    column("port", "port"),
    column("protocols", "protocols"),
    column("connections", "connections"),
    column("packets_asked", "packets asked"),
    column("packets_answered", "answered"),
    detail("bytes_asked"),
    detail("bytes_answered"),
    detail("first_seen"),
    detail("last_seen"),
];

fn flow_row(flow: &Flow) -> Vec<Value> {
    vec![
        json!("flow"),
        json!(shown(&flow.client)),
        json!(shown(&flow.server)),
        json!(flow.client.vlan.map(|it| it.to_string())),
        json!(flow.transport),
        json!(flow.port),
        json!(flow.protocols),
        json!(flow.connections),
        json!(flow.asked.packets),
        json!(flow.answered.packets),
        json!(flow.asked.bytes),
        json!(flow.answered.bytes),
        json!(flow.first_seen),
        json!(flow.last_seen),
    ]
}

/// What was not understood or not kept is a number, beside the result.
fn summary(tally: &Tally, seen: &Seen) {
    note(&format!(
        "{} frames: {} assets; {} cards in passing, {} addresses only spoken to; {} frames not read, {} broken",
        tally.frames,
        seen.assets.len(),
        seen.passing,
        seen.silent,
        tally.unread,
        tally.broken,
    ));
    let lost = tally.forgotten + tally.not_kept + tally.not_placed;
    if lost > 0 {
        note(&format!(
            "{lost} connections, observations or packets found no room and were left out"
        ));
    }
    for demoted in &seen.demoted {
        note(&format!(
            "not believed: {} {} is borne by {} things",
            demoted.key.kind.words(),
            demoted.key.value,
            demoted.things
        ));
    }
}
