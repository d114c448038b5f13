//! `exposome worklist`: the jobs in order, or every exposure.

use crate::cli::{Cli, Rendering, Worklist};
use crate::exit::Exit;
use crate::output::{Column, List, column, detail, note};
use crate::state::{self, Standing};
use anyhow::Result;
use exposome_engine::assess::{AssetState, Exposure, in_words};
use exposome_engine::worklist::{Action, Job, flat, judged, worklist};
use exposome_model::inventory::Attribute;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(crate) async fn run(cli: &Cli, arguments: &Worklist) -> Result<Exit> {
    let store = state::open(cli).await?;
    let standing = state::standing(&store, &arguments.site, state::as_of(cli)?).await?;
    store.close().await;
    if standing.claims.is_empty() {
        anyhow::bail!(
            "nothing is known of site {:?}: import an inventory first (exposome import FILE)",
            arguments.site
        );
    }
    if arguments.flat {
        print_flat(&standing, arguments.limit, arguments.rendering)?;
    } else {
        print_jobs(&standing, arguments.limit, arguments.rendering)?;
    }
    Ok(Exit::Done)
}

const JOB_COLUMNS: &[Column] = &[
    column("place", "#"),
    column("decision", "decision"),
    column("due", "due"),
    column("job", "job"),
    column("assets", "devices"),
    column("exposures", "exposures"),
    column("because", "because"),
    detail("product"),
    detail("fixed_in"),
    detail("missing_fact"),
    detail("affected"),
    detail("possibly"),
    detail("harm"),
    detail("gated"),
    detail("vulnerabilities"),
    detail("asset_ids"),
    detail("unsettled"),
];

pub(crate) fn print_jobs(standing: &Standing, limit: usize, rendering: Rendering) -> Result<()> {
    let jobs = worklist(&standing.assessment, &standing.world);
    let shown = if limit == 0 { jobs.len() } else { limit.min(jobs.len()) };
    let mut list = List::new(JOB_COLUMNS);
    for (place, job) in (1..).zip(jobs.iter().take(shown)) {
        list.push(job_row(standing, place, job));
    }
    list.print(rendering)?;
    if shown < jobs.len() {
        note(&format!("{shown} of {} jobs; --limit 0 shows all", jobs.len()));
    }
    Ok(())
}

fn job_row(standing: &Standing, place: usize, job: &Job) -> Vec<Value> {
    let exposures = || {
        job.exposures
            .iter()
            .filter_map(|&number| standing.assessment.exposures.get(number as usize))
    };
    let judgements = || {
        exposures()
            .filter_map(|exposure| judged(&standing.assessment, exposure))
            .map(|(_, judgement)| judgement)
    };
    let vulnerabilities: BTreeSet<&str> =
        judgements().map(|judgement| judgement.vulnerability.as_str()).collect();
    let assets =
        job.assets.iter().filter_map(|&asset| standing.assessment.assets.get(asset as usize));
    let unsettled: BTreeSet<&str> = exposures()
        .filter_map(|exposure| standing.assessment.decision(exposure))
        .flat_map(|it| it.unsettled.iter().copied())
        .collect();
    let (fixed_in, fact) = match &job.action {
        Action::Update { to } => (Some(to), None),
        Action::FindOut { fact } => (None, Some(fact)),
        Action::AskMaker | Action::Replace => (None, None),
    };
    vec![
        json!(place),
        json!(job.outcome.words()),
        json!(job.due.map(day)),
        json!(job.action.in_words(&job.product)),
        json!(job.assets.len()),
        json!(job.exposures.len()),
        json!(exposures().next().map(|first| because(standing, first))),
        json!(job.product),
        json!(fixed_in),
        json!(fact),
        json!(job.affected),
        json!(job.exposures.len() - job.affected),
        json!(job.harm),
        json!(job.gated),
        json!(vulnerabilities),
        assets.map(|state| json!(state.asset.id)).collect(),
        json!(unsettled),
    ]
}

/// The reason in one line: the worst of its causes and the row that decided.
pub(crate) fn because(standing: &Standing, exposure: &Exposure) -> String {
    let Some((_, judgement)) = judged(&standing.assessment, exposure) else { return String::new() };
    let threat = standing.world.threats.get(&judgement.vulnerability);
    let mut facts = Vec::new();
    if let Some(entry) = threat.and_then(|threat| threat.kev.as_ref()) {
        facts.push(format!("in KEV since {}", entry.added));
    }
    if let Some(severity) = threat.and_then(|threat| threat.severity.as_ref()) {
        facts.push(format!("CVSS {} {}", severity.version, severity.score));
    }
    match threat.and_then(|threat| threat.epss) {
        Some(epss) => facts.push(format!("EPSS {}", probability(epss.probability_e5))),
        None if judgement.vulnerability.starts_with("CVE-") => {
            facts.push("EPSS not known".to_owned());
        }
        None => {}
    }
    let reason =
        standing.assessment.decision(exposure).map_or("", |decision| decision.because.as_str());
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    format!("{}{facts}: {reason}", judgement.vulnerability)
}

/// 0.03351, as the feed writes it.
pub(crate) fn probability(e5: u32) -> String {
    format!("{}.{:05}", e5 / 100_000, e5 % 100_000)
}

pub(crate) fn day(moment: Timestamp) -> String {
    moment.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

const FLAT_COLUMNS: &[Column] = &[
    column("place", "#"),
    column("decision", "decision"),
    column("due", "due"),
    column("asset_id", "asset"),
    column("location", "where"),
    column("component", "component"),
    column("vulnerability", "vulnerability"),
    column("verdict", "verdict"),
    column("because", "because"),
    detail("confidence"),
    detail("missing_fact"),
    detail("fixed_in"),
    detail("category"),
    detail("harm"),
    detail("gated"),
];

fn print_flat(standing: &Standing, limit: usize, rendering: Rendering) -> Result<()> {
    let order = flat(&standing.assessment, &standing.world);
    let shown = if limit == 0 { order.len() } else { limit.min(order.len()) };
    let mut list = List::new(FLAT_COLUMNS);
    for (place, &number) in (1..).zip(order.iter().take(shown)) {
        if let Some(row) = flat_row(standing, place, number) {
            list.push(row);
        }
    }
    list.print(rendering)?;
    if shown < order.len() {
        note(&format!("{shown} of {} exposures; --limit 0 shows all", order.len()));
    }
    Ok(())
}

fn flat_row(standing: &Standing, place: usize, number: u32) -> Option<Vec<Value>> {
    let exposure = standing.assessment.exposures.get(number as usize)?;
    let (component, judgement) = judged(&standing.assessment, exposure)?;
    let state = standing.assessment.asset(exposure)?;
    Some(vec![
        json!(place),
        json!(standing.assessment.decision(exposure)?.outcome.words()),
        json!(exposure.due.map(day)),
        json!(state.asset.id),
        json!(location(standing, state)),
        json!(in_words(component)),
        json!(judgement.vulnerability),
        json!(judgement.verdict),
        json!(because(standing, exposure)),
        json!(judgement.confidence),
        json!(judgement.missing_fact),
        json!(judgement.fixed_in),
        json!(state.category),
        json!(state.harm),
        json!(state.gated),
    ])
}

pub(crate) fn location<'a>(standing: &'a Standing, state: &'a AssetState) -> Option<&'a str> {
    state.asset.holds(&standing.claims, Attribute::Location)
}
