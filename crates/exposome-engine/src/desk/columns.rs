//! What is asked of assets, in columns: texts by number, so that a question is put once a distinct text.

use crate::assess::{Assessment, AssetState};
use crate::category::Categories;
use crate::decide::Input;
use crate::desk::fields::Name;
use crate::identify::Asset;
use crate::predicate::{Millionths, Test, Tri, Value};
use exposome_model::claim::Claim;
use exposome_model::inventory::Attribute;
use std::collections::HashMap;

/// Everything by the asset's number.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    texts: Vec<(Name, Texts)>,
    gated: Vec<bool>,
    harm: Vec<u8>,
    seen: Vec<jiff::Timestamp>,
}

/// One text an asset; the first stands for those of which nobody says.
#[derive(Debug)]
struct Texts {
    values: Vec<String>,
    of_asset: Vec<u32>,
}

/// The fields that are texts, and where each comes from.
const TEXTS: [Name; 15] = [
    Name::Asset,
    Name::AssetName,
    Name::Unit,
    Name::Location,
    Name::Owner,
    Name::Zone,
    Name::Class,
    Name::Purpose,
    Name::Category,
    Name::Maker,
    Name::Model,
    Name::Application,
    Name::ManagedBy,
    Name::DataClass,
    Name::Reach,
];

impl Columns {
    pub(crate) fn of(
        assessment: &Assessment,
        claims: &[Claim],
        categories: &Categories,
    ) -> Columns {
        let assets = &assessment.assets;
        let text = |name: Name| {
            let said = assets.iter().map(|state| said(name, state, claims, categories));
            (name, Texts::of(said))
        };
        let seen = |state: &AssetState| {
            state.asset.claims(claims).map(|claim| claim.observed_at).max().unwrap_or_default()
        };
        Columns {
            texts: TEXTS.into_iter().map(text).collect(),
            gated: assets.iter().map(|state| state.alike.gated).collect(),
            harm: assets.iter().map(|state| state.alike.setting.harm()).collect(),
            seen: assets.iter().map(seen).collect(),
        }
    }

    pub(crate) fn text(&self, name: Name, asset: u32) -> Option<&str> {
        let (_, texts) = self.texts.iter().find(|(it, _)| *it == name)?;
        texts.get(asset)
    }

    pub(crate) fn seen(&self, asset: u32) -> Option<jiff::Timestamp> {
        self.seen.get(asset as usize).copied()
    }

    /// The distinct texts of a field, each with its number, and the number of each asset.
    pub(crate) fn numbered(&self, name: Name) -> Option<(&[String], &[u32])> {
        let (_, texts) = self.texts.iter().find(|(it, _)| *it == name)?;
        Some((&texts.values, &texts.of_asset))
    }

    /// What a test comes to on each asset.
    pub(crate) fn answers(&self, name: Name, test: &Test) -> Vec<Tri> {
        if let Some((_, texts)) = self.texts.iter().find(|(it, _)| *it == name) {
            let of_value: Vec<Tri> = (0..)
                .zip(&texts.values)
                .map(|(number, value)| {
                    test.holds(if number == 0 { Value::NotKnown } else { Value::Text(value) })
                })
                .collect();
            let answer = |number: &u32| of_value.get(*number as usize).copied();
            return texts.of_asset.iter().map(|it| answer(it).unwrap_or(Tri::NotKnown)).collect();
        }
        match name {
            Name::Gated => self.gated.iter().map(|&it| test.holds(Value::Truth(it))).collect(),
            Name::Harm => {
                let number = |it: u8| Value::Number(Millionths(i64::from(it) * 1_000_000));
                self.harm.iter().map(|&it| test.holds(number(it))).collect()
            }
            _ => self.seen.iter().map(|&it| test.holds(Value::Moment(it))).collect(),
        }
    }
}

impl Texts {
    fn of<'a>(said: impl Iterator<Item = Option<&'a str>>) -> Texts {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut texts = Texts { values: vec![String::new()], of_asset: Vec::new() };
        for value in said {
            let value = value.map(str::trim).filter(|value| !value.is_empty());
            let number = value.map_or(0, |value| {
                *numbers.entry(value).or_insert_with(|| {
                    texts.values.push(value.to_owned());
                    u32::try_from(texts.values.len() - 1).unwrap_or(u32::MAX)
                })
            });
            texts.of_asset.push(number);
        }
        texts
    }

    /// `None`: nobody says.
    fn get(&self, asset: u32) -> Option<&str> {
        let number = self.of_asset.get(asset as usize).filter(|&&number| number != 0)?;
        self.values.get(*number as usize).map(String::as_str)
    }
}

fn said<'a>(
    name: Name,
    state: &'a AssetState,
    claims: &'a [Claim],
    categories: &'a Categories,
) -> Option<&'a str> {
    let held = |attribute| held(&state.asset, claims, attribute);
    match name {
        Name::Asset => Some(&state.asset.id),
        Name::AssetName => held(Attribute::Name).or_else(|| held(Attribute::HostName)),
        Name::Unit => held(Attribute::Unit),
        Name::Location => held(Attribute::Location),
        Name::Owner => held(Attribute::Owner),
        Name::Zone => state
            .zones
            .iter()
            .find_map(|&zone| claims.get(zone as usize)?.sheet.first(Attribute::Zone)),
        Name::Class => held(Attribute::DeviceClass).or_else(|| held(Attribute::PartRole)),
        Name::Purpose => {
            let code = state.category.as_deref()?;
            categories.by_code(code).map(|category| category.name.as_str())
        }
        Name::Category => state.category.as_deref(),
        Name::Maker => held(Attribute::Manufacturer),
        Name::Model => held(Attribute::Model),
        Name::Application => held(Attribute::PartOf),
        Name::ManagedBy => held(Attribute::ManagedBy),
        Name::DataClass => held(Attribute::DataClass),
        _ => state.alike.setting.exposure.name(Input::Exposure),
    }
}

/// The value that holds, as [`Asset::holds`] says, without the list of all.
fn held<'a>(asset: &'a Asset, claims: &'a [Claim], attribute: Attribute) -> Option<&'a str> {
    let said =
        asset.claims(claims).filter_map(|claim| Some((claim, claim.sheet.first(attribute)?)));
    let latest = said.min_by(|(a, _), (b, _)| {
        b.observed_at.cmp(&a.observed_at).then_with(|| a.source.cmp(&b.source))
    });
    latest.map(|(_, value)| value)
}
