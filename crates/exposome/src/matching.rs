//! `exposome match`: an inventory against a folder of feed documents, without a data folder.

use crate::cli::Match;
use crate::documents::{self, Reading, Taker};
use crate::exit::Exit;
use crate::output::{Column, List, column, detail};
use anyhow::{Result, bail};
use exposome_engine::assess::in_words;
use exposome_engine::world::World;
use exposome_intake::inventory::Told;
use exposome_model::exposure::{Evidence, Judgement};
use exposome_model::inventory::{Attribute, Component, Sheet};
use exposome_model::knowledge::{EpssTable, Record};
use exposome_site::Ruleset;
use serde_json::{Value, json};

pub(crate) fn run(arguments: &Match) -> Result<Exit> {
    let mut reading = Reading::default();
    let mut world = Knowledge { world: World::new(&Ruleset::shipped().aliases()?), heard: false };
    for path in documents::files(&arguments.feeds)? {
        documents::read(&path, &Told::default(), &mut world, &mut reading);
    }
    if !world.heard {
        reading.show_complaints(20);
        bail!(
            "no feed document was found: --feeds takes files or folders of them (exposome formats)"
        );
    }
    let mut world = world.world;
    world.finish();
    let mut inventory = Inventory { sheets: Vec::new() };
    for path in documents::files(&arguments.inventory)? {
        documents::read(&path, &Told::default(), &mut inventory, &mut reading);
    }
    if inventory.sheets.is_empty() {
        reading.show_complaints(20);
        bail!("no inventory was found: --inventory takes what `exposome import` takes");
    }
    let mut list = List::new(&[&JUDGED[..], &[detail("evidence")]].concat());
    for sheet in &inventory.sheets {
        let asset = sheet.first(Attribute::AssetId).unwrap_or(&sheet.key);
        for judgement in world.catalogue.judge(&sheet.components) {
            if arguments.verdict.is_empty()
                || arguments.verdict.iter().any(|it| it.verdict() == judgement.verdict)
            {
                let component = sheet.components.get(judgement.component as usize);
                let mut row = judged(asset, component, &judgement);
                row.push(judgement.evidence.iter().map(evidence).collect());
                list.push(row);
            }
        }
    }
    reading.show_complaints(20);
    list.print(arguments.rendering)?;
    Ok(if reading.refused() > 0 { Exit::PartlyRefused } else { Exit::Done })
}

struct Knowledge {
    world: World,
    /// Anything at all.
    heard: bool,
}

impl Taker for Knowledge {
    fn record(&mut self, record: Record) {
        self.heard = true;
        self.world.hear(record);
    }

    /// Scores say nothing about whether a product is affected.
    fn scores(&mut self, _table: EpssTable) {}

    /// An inventory among the feeds is not the one asked about.
    fn sheet(&mut self, _sheet: Sheet) {}
}

struct Inventory {
    sheets: Vec<Sheet>,
}

impl Taker for Inventory {
    /// An SBOM may carry vulnerability records of its own; the folder of feeds is what was asked for.
    fn record(&mut self, _record: Record) {}

    fn scores(&mut self, _table: EpssTable) {}

    fn sheet(&mut self, sheet: Sheet) {
        self.sheets.push(sheet);
    }
}

fn evidence(of: &Evidence) -> Value {
    json!({"publisher": of.publisher, "document": of.document, "because": of.because})
}

/// What every table of judgements begins with.
pub(crate) const JUDGED: [Column; 7] = [
    column("asset_id", "asset"),
    column("component", "component"),
    column("vulnerability", "vulnerability"),
    column("verdict", "verdict"),
    column("confidence", "confidence"),
    column("missing_fact", "missing fact"),
    column("fixed_in", "fixed in"),
];

/// Under [`JUDGED`].
pub(crate) fn judged(
    asset: &str,
    component: Option<&Component>,
    judgement: &Judgement,
) -> Vec<Value> {
    vec![
        json!(asset),
        json!(component.map(in_words)),
        json!(judgement.vulnerability),
        json!(judgement.verdict),
        json!(judgement.confidence),
        json!(judgement.missing_fact),
        json!(judgement.fixed_in),
    ]
}
