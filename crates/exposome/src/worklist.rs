//! `exposome worklist`: the jobs in order, or every exposure.

use crate::cli::{Cli, Rendering, Worklist};
use crate::exit::Exit;
use crate::output::{Column, List, column, detail, note};
use crate::state::{self, Standing};
use crate::{feeds, snapshot};
use anyhow::Result;
use exposome_engine::assess::in_words;
use exposome_engine::snapshot::Ids;
use exposome_engine::worklist::{Action, Line, because, flat, judged};
use exposome_model::inventory::Attribute;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) async fn run(cli: &Cli, arguments: &Worklist) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let nothing = || {
        anyhow::anyhow!(
            "nothing is known of site {:?}: import an inventory first (exposome import FILE)",
            arguments.site
        )
    };
    feeds::status::say_gaps(&store, state::as_of(cli)?).await?;
    if arguments.flat {
        let standing = state::standing(&store, &arguments.site, state::as_of(cli)?).await?;
        store.close().await;
        if standing.claims.is_empty() {
            return Err(nothing());
        }
        print_flat(&standing, arguments.limit, arguments.rendering)?;
        return Ok(Exit::Done);
    }
    let limit = if arguments.limit == 0 { u64::MAX } else { arguments.limit as u64 };
    let named = arguments.rendering.json || arguments.rendering.csv;
    let top = snapshot::ask(cli, &store, &arguments.site, |snapshot| {
        Ok(Top {
            known: snapshot.examined.assets() > 0,
            jobs: snapshot.decided.lines(),
            lines: snapshot.decided.first_lines(limit)?,
            // A table for people has no room for lists of assets.
            ids: if named { Some(snapshot.examined.ids()?) } else { None },
        })
    })
    .await?;
    store.close().await;
    if !top.known {
        return Err(nothing());
    }
    let id = |asset| top.ids.as_ref().and_then(|ids| ids.get(asset));
    print_lines(&top.lines, top.jobs, id, arguments.rendering)?;
    Ok(Exit::Done)
}

/// The top of the worklist.
struct Top {
    known: bool,
    jobs: u64,
    lines: Vec<Line>,
    ids: Option<Ids>,
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

/// Prints lines of the worklist, of how many there are, with the ids of their assets.
pub(crate) fn print_lines<'a>(
    lines: &[Line],
    jobs: u64,
    id: impl Fn(u32) -> Option<&'a str>,
    rendering: Rendering,
) -> Result<()> {
    let mut list = List::new(JOB_COLUMNS);
    for (place, line) in (1..).zip(lines) {
        let ids: Vec<&str> = line.assets.iter().filter_map(|&asset| id(asset)).collect();
        list.push(job_row(place, line, &ids));
    }
    list.print(rendering)?;
    if (lines.len() as u64) < jobs {
        note(&format!("{} of {jobs} jobs; --limit 0 shows all", lines.len()));
    }
    Ok(())
}

fn job_row(place: usize, line: &Line, ids: &[&str]) -> Vec<Value> {
    let (fixed_in, fact) = match &line.action {
        Action::Update { to } => (Some(to), None),
        Action::FindOut { fact } => (None, Some(fact)),
        Action::AskMaker | Action::Replace => (None, None),
    };
    vec![
        json!(place),
        json!(line.outcome.words()),
        json!(line.due.map(day)),
        json!(line.action.in_words(&line.product)),
        json!(line.assets.len()),
        json!(line.exposed),
        json!(line.because),
        json!(line.product),
        json!(fixed_in),
        json!(fact),
        json!(line.affected),
        json!(line.exposed - line.affected),
        json!(line.harm),
        json!(line.gated),
        json!(line.vulnerabilities),
        json!(ids),
        json!(line.unsettled),
    ]
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
    column("not_seen_since", "not seen since"),
    detail("confidence"),
    detail("missing_fact"),
    detail("fixed_in"),
    detail("category"),
    detail("harm"),
    detail("gated"),
];

fn print_flat(standing: &Standing, limit: usize, rendering: Rendering) -> Result<()> {
    let order = flat(&standing.assessment, &standing.world.threats);
    let shown = if limit == 0 { order.len() } else { limit.min(order.len()) };
    let mut list = List::new(FLAT_COLUMNS);
    for (place, &(asset, exposure)) in (1..).zip(order.iter().take(shown)) {
        if let Some(row) = flat_row(standing, place, asset, exposure) {
            list.push(row);
        }
    }
    list.print(rendering)?;
    if shown < order.len() {
        note(&format!("{shown} of {} exposures; --limit 0 shows all", order.len()));
    }
    Ok(())
}

fn flat_row(standing: &Standing, place: usize, asset: u32, exposure: u32) -> Option<Vec<Value>> {
    let assessment = &standing.assessment;
    let exposure = assessment.exposures.get(exposure as usize)?;
    let (component, judgement) = judged(assessment, exposure)?;
    let state = assessment.assets.get(asset as usize)?;
    Some(vec![
        json!(place),
        json!(assessment.decision(exposure)?.outcome.words()),
        json!(exposure.due.map(day)),
        json!(state.asset.id),
        json!(state.asset.holds(&standing.claims, Attribute::Location)),
        json!(in_words(component)),
        json!(judgement.vulnerability),
        json!(judgement.verdict),
        json!(because(assessment, &standing.world.threats, exposure)),
        json!(state.asset.not_seen_since(&standing.claims).map(day)),
        json!(judgement.confidence),
        json!(judgement.missing_fact),
        json!(judgement.fixed_in),
        json!(state.category),
        json!(state.alike.setting.harm()),
        json!(state.alike.gated),
    ])
}
