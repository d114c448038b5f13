//! `exposome worklist`: the jobs in order, or every exposure.

use crate::cli::{Cli, Rendering, Worklist};
use crate::exit::Exit;
use crate::feeds;
use crate::output::{Column, List, column, detail, note};
use crate::snapshot::{self, Snapshot};
use crate::state::{self, Standing};
use anyhow::Result;
use exposome_engine::assess::in_words;
use exposome_engine::board::{Board, Entry};
use exposome_engine::choose::{Aspect, Group, Selection, Traits, groups};
use exposome_engine::snapshot::{Ids, Unfit};
use exposome_engine::worklist::{Action, Line, because};
use exposome_model::inventory::Attribute;
use exposome_site::rules;
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
    feeds::status::say_gaps(&store, &arguments.site, state::as_of(cli)?).await?;
    let selection = selection(&arguments.only)?;
    if arguments.flat {
        let mut standing = state::undecided(&store, &arguments.site, state::as_of(cli)?).await?;
        store.close().await;
        if standing.claims.is_empty() {
            return Err(nothing());
        }
        let exposures = chosen(&selection, &mut standing)?;
        print_flat(&standing, &exposures, arguments.limit, arguments.rendering)?;
        return Ok(Exit::Done);
    }
    let answer = snapshot::ask(cli, &store, &arguments.site, |snapshot| {
        if snapshot.examined.assets() == 0 {
            return Ok(None);
        }
        answer(snapshot, arguments, &selection).map(Some)
    })
    .await?;
    store.close().await;
    match answer.ok_or_else(nothing)?? {
        Answer::Groups(groups) => print_groups(&groups, arguments)?,
        Answer::Page(page) => {
            let id = |asset| page.ids.as_ref().and_then(|ids| ids.get(asset));
            print_lines(&page, id, arguments.rendering)?;
        }
    }
    Ok(Exit::Done)
}

enum Answer {
    Page(Page<Ids>),
    Groups(Vec<Group>),
}

/// Some lines of the worklist.
pub(crate) struct Page<I> {
    pub(crate) lines: Vec<Line>,
    /// How many come before them.
    pub(crate) skipped: u64,
    /// How many there are in all.
    pub(crate) jobs: u64,
    pub(crate) ids: Option<I>,
}

fn answer(
    snapshot: &Snapshot,
    arguments: &Worklist,
    selection: &Selection,
) -> Result<Result<Answer>, Unfit> {
    let Snapshot { as_of, in_force, examined, decided } = snapshot;
    let limit = if arguments.limit == 0 { u64::MAX } else { arguments.limit as u64 };
    // A table for people has no room for lists of assets.
    let named = arguments.rendering.json || arguments.rendering.csv;
    let ids = || if named { examined.ids().map(Some) } else { Ok(None) };
    if selection.is_empty() && arguments.by.is_none() {
        let skipped = match &arguments.after {
            Some(place) => decided.lines_before(place)?,
            None => 0,
        };
        let (lines, jobs) = (decided.some_lines(skipped, limit)?, decided.lines());
        return Ok(Ok(Answer::Page(Page { lines, skipped, jobs, ids: ids()? })));
    }
    let traits = examined.traits()?;
    if let Err(unknown) = selection.check(&traits) {
        return Ok(Err(unknown.into()));
    }
    let (mut assessment, threats) = decided.decisions(examined, &in_force.rules, *as_of)?;
    selection.keep(&mut assessment, &traits, &threats);
    if let Some(aspect) = arguments.by {
        return Ok(Ok(Answer::Groups(groups(&assessment, &traits, &threats, aspect))));
    }
    let mut lines = snapshot::lines(&assessment, &threats);
    let jobs = lines.len();
    let skipped = arguments
        .after
        .as_ref()
        .map_or(0, |place| lines.partition_point(|line| line.place() <= *place));
    lines.drain(..skipped);
    lines.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let (skipped, jobs) = (skipped as u64, jobs as u64);
    Ok(Ok(Answer::Page(Page { lines, skipped, jobs, ids: ids()? })))
}

/// A class may be named by its code.
fn selection(only: &[(Aspect, String)]) -> Result<Selection> {
    let categories = &rules::shipped()?.categories;
    let mut selection = Selection::default();
    for (aspect, value) in only {
        let category = match aspect {
            Aspect::Class => categories.by_code(&value.to_uppercase()),
            _ => None,
        };
        selection.add(*aspect, category.map_or(value, |it| &it.name));
    }
    Ok(selection)
}

fn print_groups(groups: &[Group], arguments: &Worklist) -> Result<()> {
    let mut list = List::new(&[
        column("group", arguments.by.map_or("", Aspect::name)),
        column("devices", "devices"),
        column("exposures", "exposures"),
        column("act_now", "act now"),
        column("schedule", "schedule"),
        column("defer", "defer"),
        column("monitor", "monitor"),
        column("overdue", "overdue"),
        column("earliest_due", "earliest due"),
    ]);
    let shown = if arguments.limit == 0 { groups.len() } else { arguments.limit };
    for group in groups.iter().take(shown) {
        let [monitor, defer, schedule, act_now] = group.by_outcome;
        list.push(vec![
            json!(group.value),
            json!(group.assets),
            json!(group.exposures),
            json!(act_now),
            json!(schedule),
            json!(defer),
            json!(monitor),
            json!(group.overdue),
            json!(group.earliest.map(day)),
        ]);
    }
    list.print(arguments.rendering)?;
    if shown < groups.len() {
        note(&format!("{shown} of {} groups; --limit 0 shows all", groups.len()));
    }
    Ok(())
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
    detail("after"),
];

/// Prints lines of the worklist with the ids of their assets.
pub(crate) fn print_lines<'a, I>(
    page: &Page<I>,
    id: impl Fn(u32) -> Option<&'a str>,
    rendering: Rendering,
) -> Result<()> {
    let Page { lines, skipped, jobs, .. } = page;
    let mut list = List::new(JOB_COLUMNS);
    for (place, line) in (skipped + 1..).zip(lines) {
        let ids: Vec<&str> = line.assets.iter().filter_map(|&asset| id(asset)).collect();
        list.push(job_row(place, line, &ids));
    }
    list.print(rendering)?;
    let end = skipped + lines.len() as u64;
    match lines.last() {
        Some(last) if end < *jobs => {
            let first = if *skipped == 0 { String::new() } else { format!("{} to ", skipped + 1) };
            note(&format!(
                "{first}{end} of {jobs} jobs; --limit 0 shows all; the next page: --after {}",
                last.place()
            ));
        }
        None if *jobs > 0 => note(&format!("no more: all {jobs} jobs come before it")),
        _ => {}
    }
    Ok(())
}

fn job_row(place: u64, line: &Line, ids: &[&str]) -> Vec<Value> {
    let (fixed_in, fact) = match &line.action {
        Action::Update { to } => (Some(to), None),
        Action::FindOut { fact } => (None, Some(fact)),
        Action::AskMaker | Action::Replace => (None, None),
    };
    vec![
        json!(place),
        json!(line.rank.outcome().words()),
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
        json!(line.place().to_string()),
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

/// The exposures that are asked for, each a cohort and a judgement.
fn chosen(selection: &Selection, standing: &mut Standing) -> Result<Vec<(u32, u32)>> {
    if selection.is_empty() {
        return Ok(standing.assessment.pairs().collect());
    }
    let categories = &standing.in_force.rules.categories;
    let traits = Traits::of(&standing.assessment, &standing.claims, categories);
    selection.check(&traits)?;
    // Some are chosen by what was decided of them.
    standing.decide();
    let Standing { world, assessment, .. } = standing;
    selection.keep(assessment, &traits, &world.threats);
    Ok(assessment.exposures.iter().map(|it| (it.cohort, it.judgement)).collect())
}

fn print_flat(
    standing: &Standing,
    exposures: &[(u32, u32)],
    limit: usize,
    rendering: Rendering,
) -> Result<()> {
    let Standing { in_force, sight, assessment, world, .. } = standing;
    let mut board = Board::of(&assessment.bills, &assessment.cohorts, exposures.iter().copied());
    let site = (assessment.bills.as_slice(), assessment.as_of);
    board.prioritise(site, &world.threats, *sight, &in_force.rules);
    let first = board.first(if limit == 0 { usize::MAX } else { limit });
    let mut list = List::new(FLAT_COLUMNS);
    for (place, &entry) in (1..).zip(&first) {
        if let Some(row) = flat_row(standing, &board, place, entry) {
            list.push(row);
        }
    }
    list.print(rendering)?;
    if first.len() < board.len() {
        note(&format!("{} of {} exposures; --limit 0 shows all", first.len(), board.len()));
    }
    Ok(())
}

fn flat_row(standing: &Standing, board: &Board, place: usize, entry: Entry) -> Option<Vec<Value>> {
    let Standing { assessment, world, claims, .. } = standing;
    let state = assessment.assets.get(entry.asset as usize)?;
    let bill = assessment.bills.get(state.alike.bill as usize)?;
    let judgement = bill.judgements.get(board.judgement(entry, bill)? as usize)?;
    let component = bill.components.get(judgement.component as usize)?;
    let decision = board.decision(entry)?;
    Some(vec![
        json!(place),
        json!(decision.outcome.words()),
        json!(board.rank(entry)?.due().map(day)),
        json!(state.asset.id),
        json!(state.asset.holds(claims, Attribute::Location)),
        json!(in_words(component)),
        json!(judgement.vulnerability),
        json!(judgement.verdict),
        json!(because(world.threats.get(&judgement.vulnerability), judgement, decision)),
        json!(state.asset.not_seen_since(claims).map(day)),
        json!(judgement.confidence),
        json!(judgement.missing_fact),
        json!(judgement.fixed_in),
        json!(state.category),
        json!(state.alike.setting.harm()),
        json!(state.alike.gated),
    ])
}
