//! `exposome sensor`: an interface heard for a while; or what would be asked of whom, without asking.
//!
//! The dry run shows every message that the guard would let through, byte by
//! byte, and its reason for everything else.  No socket towards a device is opened
//! here: sending is not built in.

use crate::cli::Sensor;
use crate::clock;
use crate::exit::Exit;
use crate::hearing;
use crate::identify;
use crate::output::{Column, List, column, detail, note};
use anyhow::{Context as _, Result};
use exposome_engine::seen::Asset;
use exposome_model::sighting::Property;
use exposome_sensor::capture::{Counts, Live};
use exposome_sensor::guard::{self, Binding, Class, Device, Guard, Source, Switches, Window};
use exposome_sensor::query::{Address, CATALOGUE, Entry};
use exposome_wire::{Listener, Rules};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

pub(crate) fn run(arguments: &Sensor) -> Result<Exit> {
    let fingerprints = crate::fingerprints::shipped()?;
    let mut listener = hearing::listener(Rules { locations: arguments.locations });
    let mut now = None;
    if let Some(path) = &arguments.read {
        hearing::hear(path, &mut listener)
            .with_context(|| format!("cannot read capture {}", path.display()))?;
    } else if let Some(interface) = &arguments.interface {
        let counts = listen(interface, arguments.seconds, &mut listener)?;
        now = Some(clock::now());
        note(&format!("{interface}: {} frames passed, {} dropped", counts.passed, counts.dropped));
    }
    if arguments.dry_run {
        let seen = identify::assets(&listener, &fingerprints)?;
        // A recording ends when its last packet was sent.
        let last = seen.assets.iter().map(|it| it.last_seen).max();
        let now = now.or(last).unwrap_or_default();
        plan(&seen.assets, now).print(arguments.rendering)?;
        note(
            "dry run: nothing was sent. It is as if everything were switched on and a list of the server said what was heard here",
        );
        return Ok(Exit::Done);
    }
    identify::show(&mut listener, &fingerprints, arguments.no_flows, arguments.rendering)?;
    Ok(Exit::Done)
}

fn listen(interface: &str, seconds: u64, listener: &mut Listener) -> Result<Counts> {
    let mut live = Live::open(interface)?;
    let begins = clock::now();
    let length = SignedDuration::try_from(Duration::from_secs(seconds))?;
    while clock::now().duration_since(begins) < length {
        // Many come at once: the clock is not asked for each.
        for _ in 0..256 {
            match live.frame(Duration::from_millis(100))? {
                Some(frame) => listener.hear(&frame),
                None => break,
            }
        }
    }
    Ok(live.counts()?)
}

const PLAN: &[Column] = &[
    column("id", "asset"),
    column("category", "category"),
    column("query", "question"),
    column("tier", "tier"),
    column("to", "to"),
    column("refused", "refused because"),
    detail("purpose"),
    detail("messages"),
];

fn plan(assets: &[Asset], now: Timestamp) -> List {
    let mut guard = Guard::new(Switches {
        master: true,
        queries: CATALOGUE.iter().map(|it| it.query).collect(),
        windows: vec![Window { begins: now, ends: now + SignedDuration::from_secs(1) }],
    });
    let devices: BTreeMap<_, _> =
        assets.iter().filter_map(|it| Some((*it.macs.first()?, device(it)))).collect();
    guard.learn(guard::List { made_at: now, is_signed: true, devices });
    let mut list = List::new(PLAN);
    for asset in assets {
        for entry in CATALOGUE {
            list.push(row(asset, entry, &guard, now));
        }
    }
    list
}

fn row(asset: &Asset, entry: &Entry, guard: &Guard, now: Timestamp) -> Vec<Value> {
    let planned = match asset.macs.first() {
        Some(mac) => guard.plan(*mac, entry.query, now).map_err(|it| it.to_string()),
        None => Err("it has no card of its own here".to_owned()),
    };
    let line = planned.as_ref().ok().map(|(line, _)| line);
    vec![
        json!(asset.id),
        json!(asset.category.as_ref().map(|it| it.code.as_str())),
        json!(entry.name),
        json!(entry.tier),
        json!(line.map(|it| format!("{} port {}", it.ip, it.port))),
        json!(planned.as_ref().err()),
        json!(entry.purpose),
        json!(line.map(|it| it.messages.iter().map(|it| hex(it)).collect::<Vec<_>>())),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A thing that was heard, as the guard looks at it: nothing of it rests on more than what was heard.
fn device(asset: &Asset) -> Device {
    let mut classes = Vec::new();
    if let Some(judged) = &asset.category {
        for (property, value) in &judged.because {
            let facts = asset.all(*property).filter(|it| it.value == *value);
            let protocols = facts.flat_map(|it| &it.sources).map(|it| it.protocol.clone());
            let class = |it| Class { code: judged.code.clone(), source: Source::Heard(it) };
            classes.extend(protocols.map(class));
        }
        let other = |code: &String| Class {
            code: code.clone(),
            source: Source::Heard("another protocol".to_owned()),
        };
        classes.extend(judged.others.iter().map(other));
    }
    // `dicom tcp/104`; of several ports the first.
    let mut services = BTreeMap::new();
    for fact in asset.all(Property::Serves) {
        let port = fact.value.rsplit_once('/').and_then(|(_, it)| it.parse().ok());
        if let (Some(protocol), Some(port)) = (fact.value.split(' ').next(), port) {
            services.entry(protocol.to_owned()).or_insert(port);
        }
    }
    let binding = asset.macs.first().zip(asset.ips.iter().find(|it| it.is_ipv4()));
    Device {
        classes,
        model: asset.model().unwrap_or_default().to_owned(),
        is_behind: asset.behind.is_some() || asset.beyond.is_some(),
        services,
        binding: binding.map(|(mac, ip)| Binding { ip: *ip, mac: *mac, seen_at: asset.last_seen }),
        address: Address {
            ae_title: asset.first(Property::CalledAeTitle).map(str::to_owned),
            bacnet_instance: asset.first(Property::BacnetInstance).and_then(|it| it.parse().ok()),
            community: None,
        },
        opened: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_engine::category::Categories;

    #[test]
    fn the_sensors_own_ceiling_is_nowhere_above_the_rules() {
        let rules = include_str!("../../../rules/categories/categories.toml");
        let categories = Categories::parse(rules).unwrap();
        for category in categories.all() {
            let ceiling = guard::CEILINGS.iter().find(|(code, _)| *code == category.code);
            let (_, tier) = ceiling.unwrap_or(&("", 0));
            assert!(*tier <= category.query_tier, "{}", category.code);
            assert!(*tier == 0 || category.harm_lost < 5, "{}", category.code);
        }
    }
}
