//! What was concluded, as bytes that are read again in parts.
//!
//! Two snapshots lie beside the facts.  *Examined*: who is there and what is wrong
//! with it, with every word of evidence.  *Decided*: the worklist line by line, and the
//! scores it rests on.  A new day of EPSS scores makes only the second anew.
//!
//! A snapshot is a cache.  Every answer is given from one, whether it was read from a
//! file or made a moment ago, so deleting it changes nothing but time.  What it was made
//! from is in its key ([`Key`]); the one who keeps the files says what that is.

mod sealed;

pub use sealed::{Key, Sealed, Source, Unfit};

use crate::assess::{Alike, Assessment, Cohort, JudgedBill, Rules};
use crate::choose::Traits;
use crate::deferral::Deferred;
use crate::identify::KeyKind;
use crate::threat::{EpssEdition, EpssPast, EpssScore, Threat, Threats};
use crate::worklist::{Line, Place};
use crate::world::Sight;
use exposome_model::claim::Claim;
use exposome_model::exposure::{Confidence, Evidence, Judgement, Verdict};
use exposome_model::inventory::Component;
use sealed::{Table, seal};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Who is there and what is wrong with it.
#[derive(Debug)]
pub struct Examined<S>(Sealed<S>);

/// The tables of [`Examined`].
mod examined {
    /// Ids alone, for lists of them.
    pub(super) const IDS: usize = 0;
    pub(super) const ASSETS: usize = 1;
    /// Numbers of assets in the order of their ids in small letters.
    pub(super) const BY_ID: usize = 2;
    pub(super) const COHORTS: usize = 3;
    pub(super) const BILLS: usize = 4;
    pub(super) const JUDGEMENTS: usize = 5;
    pub(super) const EVIDENCE: usize = 6;
    /// In the order of their ids.
    pub(super) const VULNERABILITIES: usize = 7;
    pub(super) const THREATS: usize = 8;
    /// What tells the assets apart: an aspect a row.
    pub(super) const TRAITS: usize = 9;
    pub(super) const TABLES: usize = 10;
}

/// An asset as a snapshot keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAsset {
    pub site: String,
    pub id: String,
    /// Source and subject of the claims that speak of it, in the order they were recorded.
    pub claims: Vec<(String, String)>,
    /// Source and subject of the rows of zone sheets that speak of where it is.
    pub zones: Vec<(String, String)>,
    /// Why they are one.
    pub joins: Vec<(KeyKind, String)>,
    pub category: Option<String>,
    pub alike: Alike,
}

/// What a bill is made of, and where its judgements lie.
#[derive(Debug, Serialize, Deserialize)]
struct BillRow {
    components: Vec<Component>,
    first_judgement: u64,
    judgements: u64,
    deferred: Vec<Deferred>,
}

/// A judgement without its words.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct JudgementRow {
    component: u32,
    vulnerability: u64,
    verdict: Verdict,
    confidence: Confidence,
    missing_fact: Option<String>,
    fixed_in: Option<String>,
    evidence: u64,
}

impl JudgementRow {
    fn read(self, vulnerability: String, evidence: Vec<Evidence>) -> Judgement {
        let JudgementRow { component, verdict, confidence, missing_fact, fixed_in, .. } = self;
        Judgement {
            component,
            vulnerability,
            verdict,
            confidence,
            missing_fact,
            evidence,
            fixed_in,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct CohortRow {
    alike: Alike,
    /// Each as the distance to the one before.
    assets: Vec<u32>,
}

/// Writes down who is there and what is wrong with it.
pub fn write_examined(
    key: &Key,
    assessment: &Assessment,
    claims: &[Claim],
    (threats, traits): (&Threats, &Traits),
) -> Vec<u8> {
    let mut tables: Vec<Table> = (0..examined::TABLES).map(|_| Table::default()).collect();
    let Ok(
        [
            ids,
            assets,
            by_id,
            cohorts,
            bills,
            judgements,
            evidence,
            vulnerabilities,
            of_threats,
            of_traits,
        ],
    ) = <&mut [Table; examined::TABLES]>::try_from(tables.as_mut_slice())
    else {
        unreachable!("there are as many tables as were made");
    };
    write_assets([ids, assets, by_id], assessment, claims);
    for Cohort { assets, alike } in &assessment.cohorts {
        cohorts.push(&packed(&CohortRow { alike: *alike, assets: distances(assets) }));
    }
    let numbers = vulnerabilities_of(assessment);
    for vulnerability in numbers.keys() {
        vulnerabilities.push(vulnerability.as_bytes());
        // Scores are in the other snapshot: they change by the day.
        let threat = threats.get(vulnerability).map(|it| Threat { epss: None, ..it.clone() });
        of_threats.push(&packed(&threat));
    }
    write_bills([bills, judgements, evidence], assessment, &numbers);
    traits.0.iter().for_each(|column| of_traits.push(&packed(column)));
    seal(key, &tables)
}

fn write_assets([ids, assets, by_id]: [&mut Table; 3], assessment: &Assessment, claims: &[Claim]) {
    let mut order: Vec<(String, u32)> = Vec::with_capacity(assessment.assets.len());
    for (number, state) in (0..).zip(&assessment.assets) {
        let asset = &state.asset;
        let said = |claim: &Claim| (claim.source.clone(), claim.sheet.key.clone());
        ids.push(asset.id.as_bytes());
        assets.push(&packed(&KnownAsset {
            site: asset.site.clone(),
            id: asset.id.clone(),
            claims: asset.claims(claims).map(said).collect(),
            zones: state.zones.iter().filter_map(|&it| claims.get(it as usize)).map(said).collect(),
            joins: asset.joins.iter().map(|join| (join.kind, join.key.clone())).collect(),
            category: state.category.clone(),
            alike: state.alike,
        }));
        order.push((asset.id.to_ascii_lowercase(), number));
    }
    order.sort_unstable();
    for (_, number) in order {
        by_id.push(&number.to_le_bytes());
    }
}

/// Every vulnerability that is spoken of, numbered in the order of their ids.
fn vulnerabilities_of(assessment: &Assessment) -> BTreeMap<&str, u64> {
    let judgements = assessment.bills.iter().flat_map(|bill| &bill.judgements);
    let mut numbers: BTreeMap<&str, u64> =
        judgements.map(|judgement| (judgement.vulnerability.as_str(), 0)).collect();
    numbers.values_mut().zip(0..).for_each(|(slot, number)| *slot = number);
    numbers
}

fn write_bills(
    [bills, judgements, evidence]: [&mut Table; 3],
    assessment: &Assessment,
    numbers: &BTreeMap<&str, u64>,
) {
    // Bills with a component in common say the same of it.
    let mut known: HashMap<Vec<u8>, u64> = HashMap::new();
    for bill in &assessment.bills {
        bills.push(&packed(&BillRow {
            components: bill.components.clone(),
            first_judgement: judgements.len() as u64,
            judgements: bill.judgements.len() as u64,
            deferred: bill.deferred.clone(),
        }));
        for judgement in &bill.judgements {
            let words = packed(&judgement.evidence);
            let next = evidence.len() as u64;
            let number = *known.entry(words).or_insert_with_key(|words| {
                evidence.push(words);
                next
            });
            judgements.push(&packed(&JudgementRow {
                component: judgement.component,
                vulnerability: numbers
                    .get(judgement.vulnerability.as_str())
                    .copied()
                    .unwrap_or(u64::MAX),
                verdict: judgement.verdict,
                confidence: judgement.confidence,
                missing_fact: judgement.missing_fact.clone(),
                fixed_in: judgement.fixed_in.clone(),
                evidence: number,
            }));
        }
    }
}

impl<S: Source> Examined<S> {
    pub fn open(source: S, key: &Key) -> Result<Examined<S>, Unfit> {
        Ok(Examined(Sealed::open(source, key, examined::TABLES)?))
    }

    /// How many assets there are.
    pub fn assets(&self) -> u64 {
        self.0.rows(examined::ASSETS)
    }

    pub fn asset(&self, number: u32) -> Result<KnownAsset, Unfit> {
        unpacked(&self.0.row(examined::ASSETS, number.into())?)
    }

    /// The asset with this id, whatever its letters' case; of several the first.
    pub fn find(&self, id: &str) -> Result<Option<KnownAsset>, Unfit> {
        let wanted = id.to_ascii_lowercase();
        let (mut low, mut high) = (0, self.0.rows(examined::BY_ID));
        while low < high {
            let middle = low.midpoint(high);
            if self.id_at(middle)?.1 < wanted { low = middle + 1 } else { high = middle }
        }
        if low >= self.0.rows(examined::BY_ID) {
            return Ok(None);
        }
        let (number, found) = self.id_at(low)?;
        if found == wanted { self.asset(number).map(Some) } else { Ok(None) }
    }

    fn id_at(&self, place: u64) -> Result<(u32, String), Unfit> {
        let number = self.0.row(examined::BY_ID, place)?;
        let number = u32::from_le_bytes(number.try_into().map_err(|_| Unfit::Damaged)?);
        Ok((number, text(self.0.row(examined::IDS, number.into())?)?.to_ascii_lowercase()))
    }

    /// The ids of all assets.
    pub fn ids(&self) -> Result<Ids, Unfit> {
        let (ends, bytes) = self.0.run(examined::IDS, 0, self.0.rows(examined::IDS))?;
        Ok(Ids { ends, text: text(bytes)? })
    }

    /// A bill with what was judged of it, word for word.
    pub fn bill(&self, number: u32) -> Result<JudgedBill, Unfit> {
        let bill: BillRow = unpacked(&self.0.row(examined::BILLS, number.into())?)?;
        let end = bill.first_judgement.saturating_add(bill.judgements);
        let rows = self.0.rows_between(examined::JUDGEMENTS, bill.first_judgement, end)?;
        let judgement = |row: Vec<u8>| {
            let row: JudgementRow = unpacked(&row)?;
            let evidence = unpacked(&self.0.row(examined::EVIDENCE, row.evidence)?)?;
            let vulnerability = text(self.0.row(examined::VULNERABILITIES, row.vulnerability)?)?;
            Ok(row.read(vulnerability, evidence))
        };
        let judgements = rows.into_iter().map(judgement).collect::<Result<_, Unfit>>()?;
        Ok(JudgedBill { components: bill.components, judgements, deferred: bill.deferred })
    }

    /// What is known of a vulnerability, but for its score, and its number.
    pub fn threat(&self, vulnerability: &str) -> Result<Option<(u64, Option<Threat>)>, Unfit> {
        let (mut low, mut high) = (0, self.0.rows(examined::VULNERABILITIES));
        while low < high {
            let middle = low.midpoint(high);
            let found = self.0.row(examined::VULNERABILITIES, middle)?;
            match found.as_slice().cmp(vulnerability.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let threat = unpacked(&self.0.row(examined::THREATS, middle)?)?;
                    return Ok(Some((middle, threat)));
                }
            }
        }
        Ok(None)
    }

    /// Everything that deciding needs, in memory: cohorts, and bills without evidence.
    pub fn undecided(&self, as_of: jiff::Timestamp) -> Result<Assessment, Unfit> {
        let names = self.names()?;
        let all = |table| self.0.rows_between(table, 0, self.0.rows(table));
        let mut judgements = all(examined::JUDGEMENTS)?.into_iter();
        let mut bills = Vec::new();
        for row in all(examined::BILLS)? {
            let bill: BillRow = unpacked(&row)?;
            let count = usize::try_from(bill.judgements).map_err(|_| Unfit::Damaged)?;
            let judged = judgements.by_ref().take(count).map(|row| {
                let row: JudgementRow = unpacked(&row)?;
                let place = usize::try_from(row.vulnerability).unwrap_or(usize::MAX);
                let name = names.get(place).ok_or(Unfit::Damaged)?.clone();
                Ok(row.read(name, Vec::new()))
            });
            let judgements = judged.collect::<Result<_, Unfit>>()?;
            let BillRow { components, deferred, .. } = bill;
            bills.push(Arc::new(JudgedBill { components, judgements, deferred }));
        }
        let cohorts = all(examined::COHORTS)?.into_iter().map(|row| {
            let CohortRow { alike, assets } = unpacked(&row)?;
            Ok(Cohort { assets: numbers(&assets), alike })
        });
        Ok(Assessment {
            as_of,
            assets: Vec::new(),
            cohorts: cohorts.collect::<Result<_, Unfit>>()?,
            bills,
            decisions: Vec::new(),
            exposures: Vec::new(),
            demoted: Vec::new(),
        })
    }

    /// What is known of every vulnerability that is spoken of, but for the scores.
    pub fn threats(&self) -> Result<Threats, Unfit> {
        let rows = self.0.rows_between(examined::THREATS, 0, self.0.rows(examined::THREATS))?;
        let mut threats = BTreeMap::new();
        for (name, row) in self.names()?.into_iter().zip(rows) {
            if let Some(threat) = unpacked::<Option<Threat>>(&row)? {
                threats.insert(name, threat);
            }
        }
        Ok(Threats::known(threats, None))
    }

    pub fn traits(&self) -> Result<Traits, Unfit> {
        let rows = self.0.rows_between(examined::TRAITS, 0, self.0.rows(examined::TRAITS))?;
        rows.iter().map(|row| unpacked(row)).collect::<Result<_, Unfit>>().map(Traits)
    }

    fn names(&self) -> Result<Vec<String>, Unfit> {
        let rows = self.0.rows(examined::VULNERABILITIES);
        self.0.rows_between(examined::VULNERABILITIES, 0, rows)?.into_iter().map(text).collect()
    }
}

/// Ids of assets, one behind the other.
#[derive(Debug)]
pub struct Ids {
    ends: Vec<u64>,
    text: String,
}

impl Ids {
    pub fn get(&self, asset: u32) -> Option<&str> {
        let place = |at: usize| usize::try_from(*self.ends.get(at)?).ok();
        self.text.get(place(asset as usize)?..place(asset as usize + 1)?)
    }
}

/// The worklist, and the scores it rests on.
#[derive(Debug)]
pub struct Decided<S>(Sealed<S>);

/// The tables of [`Decided`].
mod decided {
    pub(super) const GROUND: usize = 0;
    /// The worklist, the first job first.
    pub(super) const LINES: usize = 1;
    /// The assets of each line.
    pub(super) const ASSETS: usize = 2;
    /// In the order of [`super::examined::VULNERABILITIES`].
    pub(super) const SCORES: usize = 3;
    pub(super) const TABLES: usize = 4;
}

/// What the decisions of a snapshot rest on beside what was examined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    pub sight: Sight,
    pub epss: Option<EpssEdition>,
    pub epss_past: EpssPast,
}

/// Writes the worklist down, and the scores of the vulnerabilities that were examined.
pub fn write_decided<S: Source>(
    key: &Key,
    examined: &Examined<S>,
    lines: Vec<Line>,
    threats: &Threats,
    sight: Sight,
) -> Result<Vec<u8>, Unfit> {
    let mut tables: Vec<Table> = (0..decided::TABLES).map(|_| Table::default()).collect();
    let Ok([ground, of_lines, assets, scores]) =
        <&mut [Table; decided::TABLES]>::try_from(tables.as_mut_slice())
    else {
        unreachable!("there are as many tables as were made");
    };
    let (epss, epss_past) = (threats.epss_edition().cloned(), threats.epss_past().clone());
    ground.push(&packed(&Ground { sight, epss, epss_past }));
    for mut line in lines {
        let on = std::mem::take(&mut line.assets);
        assets.push(&packed(&(on.len(), distances(&on))));
        of_lines.push(&packed(&line));
    }
    for vulnerability in examined.names()? {
        let score = threats.get(&vulnerability).and_then(|threat| threat.epss);
        scores.push(&score.map_or_else(Vec::new, |score| {
            [score.probability_e5.to_le_bytes(), score.percentile_e5.to_le_bytes()].concat()
        }));
    }
    Ok(seal(key, &tables))
}

impl<S: Source> Decided<S> {
    pub fn open(source: S, key: &Key) -> Result<Decided<S>, Unfit> {
        Ok(Decided(Sealed::open(source, key, decided::TABLES)?))
    }

    /// How many jobs there are.
    pub fn lines(&self) -> u64 {
        self.0.rows(decided::LINES)
    }

    /// How many jobs come up to a place, itself included.
    pub fn lines_before(&self, place: &Place) -> Result<u64, Unfit> {
        let (mut low, mut high) = (0, self.lines());
        while low < high {
            let middle = low.midpoint(high);
            let line: Line = unpacked(&self.0.row(decided::LINES, middle)?)?;
            if line.place() <= *place { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// So many jobs behind the first `skipped`, and on how many assets each is done.
    pub fn some_lines(&self, skipped: u64, limit: u64) -> Result<Vec<Line>, Unfit> {
        let end = skipped.saturating_add(limit).min(self.lines());
        let lines = self.0.rows_between(decided::LINES, skipped, end)?;
        let assets = self.0.rows_between(decided::ASSETS, skipped, end)?;
        let line = |(line, assets): (Vec<u8>, Vec<u8>)| {
            let (_, on): (usize, Vec<u32>) = unpacked(&assets)?;
            Ok(Line { assets: numbers(&on), ..unpacked(&line)? })
        };
        lines.into_iter().zip(assets).map(line).collect()
    }

    /// Every decision again, in memory, without the words of evidence.
    pub fn decisions<E: Source>(
        &self,
        examined: &Examined<E>,
        rules: &Rules,
        as_of: jiff::Timestamp,
    ) -> Result<(Assessment, Threats), Unfit> {
        let (mut assessment, mut threats) = (examined.undecided(as_of)?, examined.threats()?);
        let Ground { sight, epss, epss_past } = self.ground()?;
        threats.remember(epss_past);
        if let Some(edition) = epss {
            let mut scores = BTreeMap::new();
            for (number, name) in (0..).zip(examined.names()?) {
                scores.extend(self.score(number)?.map(|score| (name, score)));
            }
            threats.score(edition, |vulnerability| scores.get(vulnerability).copied());
        }
        assessment.decide(&threats, sight, rules);
        Ok((assessment, threats))
    }

    pub fn ground(&self) -> Result<Ground, Unfit> {
        unpacked(&self.0.row(decided::GROUND, 0)?)
    }

    /// The score of a vulnerability by its number among those examined.
    pub fn score(&self, vulnerability: u64) -> Result<Option<EpssScore>, Unfit> {
        let row = self.0.row(decided::SCORES, vulnerability)?;
        let number = |at: usize| row.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        Ok(number(0)
            .zip(number(4))
            .map(|(probability_e5, percentile_e5)| EpssScore { probability_e5, percentile_e5 }))
    }
}

fn packed<T: Serialize>(value: &T) -> Vec<u8> {
    // Every type here is ours: no maps of unknown length, nothing that can fail to serialise.
    postcard::to_allocvec(value).unwrap_or_default()
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unfit> {
    postcard::from_bytes(bytes).map_err(|_| Unfit::Damaged)
}

fn text(bytes: Vec<u8>) -> Result<String, Unfit> {
    String::from_utf8(bytes).map_err(|_| Unfit::Damaged)
}

/// Ascending numbers, each as the distance to the one before.
fn distances(ascending: &[u32]) -> Vec<u32> {
    let mut last = 0;
    let distance = |&number: &u32| number.wrapping_sub(std::mem::replace(&mut last, number));
    ascending.iter().map(distance).collect()
}

fn numbers(distances: &[u32]) -> Vec<u32> {
    let mut last = 0_u32;
    let number = |&distance: &u32| {
        last = last.wrapping_add(distance);
        last
    };
    distances.iter().map(number).collect()
}
