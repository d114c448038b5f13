//! `exposome application`: what a system such as the EHR consists of, and its weakest part.
//!
//! A part that no source describes is *not evaluable*, never clean.

use crate::cli::{Application, Cli};
use crate::exit::Exit;
use crate::feeds;
use crate::output::{List, column, detail};
use crate::state::{self, Standing};
use anyhow::{Result, bail};
use exposome_engine::assess::{AssetState, Exposure};
use exposome_engine::decide::Outcome;
use exposome_engine::worklist::{Rank, because, judged, ranks};
use exposome_model::exposure::Verdict;
use exposome_model::inventory::Attribute;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;

pub(crate) async fn run(cli: &Cli, arguments: &Application) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let standing = state::standing(&store, &arguments.site, state::as_of(cli)?).await?;
    feeds::status::say_gaps(&store, &arguments.site, state::as_of(cli)?).await?;
    store.close().await;
    let parts = parts(&standing, arguments.name.as_deref());
    if parts.is_empty() {
        bail!(
            "no application {:?}: an application sheet names them (exposome formats)",
            arguments.name.as_deref().unwrap_or("at all")
        );
    }
    let mut list = List::new(&[
        column("application", "application"),
        column("part", "part"),
        column("role", "role"),
        column("asset_id", "asset"),
        column("state", "state"),
        column("worst", "worst"),
        column("affected", "affected"),
        column("possibly", "possibly"),
        column("components", "components"),
        detail("managed_by"),
        detail("owner"),
        detail("data_class"),
        detail("sources"),
    ]);
    for part in &parts {
        list.push(part.row());
    }
    list.print(arguments.rendering)?;
    Ok(Exit::Done)
}

/// A part of an application, the weakest first.
struct Part {
    application: String,
    name: String,
    role: String,
    asset: String,
    /// Where its worst exposure stands in the worklist.
    place: Option<(Rank, u32)>,
    outcome: Option<Outcome>,
    worst: Option<String>,
    affected: usize,
    possibly: usize,
    components: usize,
    attributes: BTreeMap<&'static str, Vec<String>>,
    sources: Vec<String>,
}

fn parts(standing: &Standing, application: Option<&str>) -> Vec<Part> {
    let worst = worst_of_each(standing);
    let cohorts = (0..).zip(&standing.assessment.cohorts);
    let cohorts: BTreeMap<u32, u32> = cohorts
        .flat_map(|(number, cohort)| cohort.assets.iter().map(move |&asset| (asset, number)))
        .collect();
    let mut parts = Vec::new();
    for (number, state) in (0..).zip(&standing.assessment.assets) {
        let worst = cohorts.get(&number).and_then(|cohort| worst.get(cohort)).copied();
        for said in state.asset.said(&standing.claims, Attribute::PartOf) {
            if application.is_none_or(|wanted| wanted.eq_ignore_ascii_case(said.value)) {
                parts.push(part(standing, state, worst, said.value));
            }
        }
    }
    parts.sort_by(|a, b| {
        let weight = |part: &Part| (Reverse(part.weight()), part.place);
        a.application.cmp(&b.application).then(weight(a).cmp(&weight(b))).then(a.name.cmp(&b.name))
    });
    parts
}

/// The exposure of each cohort that stands highest in the worklist, and how high.
fn worst_of_each(standing: &Standing) -> BTreeMap<u32, ((Rank, u32), &Exposure)> {
    let Standing { assessment, world, .. } = standing;
    let mut worst: BTreeMap<u32, ((Rank, u32), &Exposure)> = BTreeMap::new();
    let ranks = ranks(assessment, &world.threats);
    for (number, (exposure, rank)) in (0..).zip(assessment.exposures.iter().zip(ranks)) {
        let Some(rank) = rank else { continue };
        let slot = worst.entry(exposure.cohort).or_insert(((rank, number), exposure));
        if (rank, number) < slot.0 {
            *slot = ((rank, number), exposure);
        }
    }
    worst
}

fn part(
    standing: &Standing,
    state: &AssetState,
    worst: Option<((Rank, u32), &Exposure)>,
    application: &str,
) -> Part {
    let assessment = &standing.assessment;
    let holds =
        |attribute| state.asset.holds(&standing.claims, attribute).unwrap_or_default().to_owned();
    let is_of_asset = |exposure: &&Exposure| {
        assessment.cohort(exposure).is_some_and(|cohort| cohort.alike == state.alike)
    };
    let exposures = || assessment.exposures.iter().filter(is_of_asset);
    let (place, worst) = worst.unzip();
    let verdicts = |wanted| {
        exposures()
            .filter_map(|it| judged(assessment, it))
            .filter(|(_, it)| it.verdict == wanted)
            .count()
    };
    let attributes = [
        ("managed_by", Attribute::ManagedBy),
        ("owner", Attribute::Owner),
        ("data_class", Attribute::DataClass),
    ];
    let values = |attribute| {
        state
            .asset
            .said(&standing.claims, attribute)
            .iter()
            .map(|said| said.value.to_owned())
            .collect()
    };
    Part {
        application: application.to_owned(),
        name: holds(Attribute::Name),
        role: holds(Attribute::PartRole),
        asset: state.asset.id.clone(),
        place,
        outcome: worst
            .and_then(|exposure| assessment.decision(exposure))
            .map(|decision| decision.outcome),
        worst: worst.and_then(|it| {
            let judgement = judged(assessment, it)?.1;
            let threat = standing.world.threats.get(&judgement.vulnerability);
            Some(because(threat, judgement, assessment.decision(it)?))
        }),
        affected: verdicts(Verdict::Affected),
        possibly: verdicts(Verdict::Possibly),
        components: assessment
            .bills
            .get(state.alike.bill as usize)
            .map_or(0, |bill| bill.components.len()),
        attributes: attributes
            .into_iter()
            .map(|(name, attribute)| (name, values(attribute)))
            .collect(),
        sources: state.asset.claims(&standing.claims).map(|claim| claim.source.clone()).collect(),
    }
}

impl Part {
    /// What cannot be seen stands above what is known to be quiet, below what must be acted on.
    fn weight(&self) -> u8 {
        match (self.components, self.outcome) {
            (0, _) => 1,
            (_, Some(Outcome::ActNow | Outcome::Schedule)) => 2,
            (_, _) => 0,
        }
    }

    fn row(&self) -> Vec<Value> {
        let state = match (self.components, self.outcome) {
            (0, _) => "not evaluable: no source says what is installed",
            (_, Some(outcome)) => outcome.words(),
            (_, None) => "nothing known against it",
        };
        vec![
            json!(self.application),
            json!(self.name),
            json!(self.role),
            json!(self.asset),
            json!(state),
            json!(self.worst),
            json!(self.affected),
            json!(self.possibly),
            json!(self.components),
            json!(self.attributes.get("managed_by")),
            json!(self.attributes.get("owner")),
            json!(self.attributes.get("data_class")),
            json!(self.sources),
        ]
    }
}
