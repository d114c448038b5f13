//! The worklist: what to do, in which order; by job, by exposure, or counted.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Answers, Sight, Where};
use crate::api::nouns::{
    AssetRef, ByDecision, Dated, Decision, ExposureRow, Job, Sentence, Totals, title_of,
};
use crate::api::{cursor, limit};
use crate::body::Asked;
use crate::export::{self, Column, Csv};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use exposome_engine::decide::Outcome;
use exposome_engine::desk::fields::Name;
use exposome_engine::desk::{After, Desk, Entry, Group, Job as DeskJob, JobKey, Sort, Sorted};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(jobs))
        .routes(routes!(exposures))
        .routes(routes!(groups))
        .routes(routes!(job))
}

/// Which part of a list, and in which order.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Listed {
    pub(crate) site: Option<String>,
    /// A moment of the past; now where left out
    pub(crate) as_of: Option<Timestamp>,
    /// The filter language: `unit == "ICU" && kev`
    pub(crate) filter: Option<String>,
    /// `urgency`, `due`, `epss`, `cvss` or `vulnerability`; with a `-` before it the other way round
    pub(crate) sort: Option<String>,
    /// How many rows; 1 to 200
    pub(crate) limit: Option<u32>,
    /// `next` of the page before
    pub(crate) after: Option<String>,
    /// `csv`: all rows, for a spreadsheet
    #[param(inline)]
    pub(crate) format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Json,
    Csv,
}

impl Listed {
    pub(crate) fn place(&self) -> Where {
        Where { site: self.site.clone(), as_of: self.as_of }
    }

    pub(crate) fn filter(&self) -> &str {
        self.filter.as_deref().unwrap_or_default()
    }

    pub(crate) fn is_csv(&self) -> bool {
        self.format == Some(Format::Csv)
    }

    fn order(&self) -> Result<Sort, Problem> {
        let asked = self.sort.as_deref().unwrap_or("urgency");
        let (backwards, name) = match asked.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, asked),
        };
        let by = match name {
            "urgency" => Sorted::Urgency,
            "due" => Sorted::Due,
            "epss" => Sorted::Epss,
            "cvss" => Sorted::Cvss,
            "vulnerability" => Sorted::Vulnerability,
            _ => {
                let words = format!("nothing is sorted by {name:?}");
                let way = "sort by urgency, due, epss, cvss or vulnerability; with a - before it the other way round";
                return Err(Problem::unfit("sort", words).way_out(way));
            }
        };
        Ok(Sort { by, backwards })
    }
}

#[derive(Serialize, utoipa::ToSchema)]
struct JobPage {
    #[serde(flatten)]
    dated: Dated,
    sentence: Sentence,
    totals: Totals,
    /// Exposures of which the filter could not say whether they are meant, because a fact is missing
    undecidable: usize,
    rows: Vec<Job>,
    next: Option<String>,
}

/// What to do, one line a job
#[utoipa::path(get, path = "/api/v1/worklist", tag = "worklist", params(Listed), responses((status = 200, body = JobPage)))]
async fn jobs(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Listed>,
) -> Result<Response, Problem> {
    let sight = Sight::of(&house, &caller, &asked.place()).await?;
    let desk = sight.desk();
    let answers = house.kept.answers(&sight, asked.filter())?;
    let jobs = answers.jobs(desk);
    let first = match &asked.after {
        None => 0,
        Some(after) => {
            let key: JobKey = cursor::read(after)?.parse().map_err(|_| cursor::bad())?;
            place_behind(jobs, key)?
        }
    };
    if asked.is_csv() {
        let rows = jobs.chunks(PAGE).flat_map(|page| shown(desk, &answers, page));
        let rows: Vec<Csv> = rows.map(|job| job.row()).collect();
        return Ok(export::csv(JOB_COLUMNS, rows.into_iter(), ("worklist", desk.as_of())));
    }
    let limit = limit(asked.limit)? as usize;
    let page = jobs.get(first..).unwrap_or_default();
    let page = page.get(..limit.min(page.len())).unwrap_or_default();
    let is_last = first + page.len() >= jobs.len();
    let next = page.last().filter(|_| !is_last).map(|job| cursor::write(&job.key.to_string()));
    let total = answers.total(desk);
    let page = JobPage {
        dated: Dated::of(&sight.view),
        sentence: sentence(desk, jobs),
        totals: Totals::of(total, jobs),
        undecidable: answers.chosen.undecidable,
        rows: shown(desk, &answers, page),
        next,
    };
    Ok(Json(page).into_response())
}

/// So many jobs are worked out in full at a time.
/// A page sorts the whole run that it begins in anew: of an export few are taken, and large ones.
const EXPORT_PAGE: usize = 20_000;
const PAGE: usize = 100;

pub(super) fn shown(desk: &Desk, answers: &Answers, jobs: &[DeskJob]) -> Vec<Job> {
    let details = desk.details(&answers.chosen, jobs);
    let shown = jobs.iter().zip(&details);
    shown.map(|(job, details)| Job::of(desk, &answers.chosen, job, details)).collect()
}

/// Where a page begins that comes behind a job.  Jobs come and go and change places between two pages; one that is
/// gone is no place any more.
fn place_behind(jobs: &[DeskJob], key: JobKey) -> Result<usize, Problem> {
    let place = jobs.iter().position(|job| job.key == key);
    place.map(|place| place + 1).ok_or_else(|| {
        cursor::bad().way_out("what the page before ended with has changed meanwhile: begin anew")
    })
}

/// "Four jobs cannot wait.  The first is due on 12 August."
pub(super) fn sentence(desk: &Desk, jobs: &[DeskJob]) -> Sentence {
    let urgent = jobs.iter().take_while(|job| job.rank.outcome() == Outcome::ActNow).count();
    let scheduled = jobs.iter().filter(|job| job.rank.outcome() == Outcome::Schedule).count();
    let first = jobs.iter().take(urgent).filter_map(|job| job.due).min();
    let is_over = first.is_some_and(|due| due < desk.as_of());
    match (urgent, scheduled) {
        (0, 0) => Sentence::new("nothing_to_do", "Nothing has to be done."),
        (0, 1) => {
            Sentence::new("scheduled_only", "Nothing has to happen now; one job is scheduled.")
        }
        (0, many) => Sentence::new(
            "scheduled_only",
            format!("Nothing has to happen now; {many} jobs are scheduled."),
        ),
        (urgent, _) => {
            let jobs = if urgent == 1 {
                "One job cannot wait.".to_owned()
            } else {
                format!("{} jobs cannot wait.", counted(urgent))
            };
            let first = match first {
                Some(due) if is_over => format!(" The first was due on {}.", day(due)),
                Some(due) => format!(" The first is due on {}.", day(due)),
                None => String::new(),
            };
            Sentence::new("cannot_wait", jobs + &first)
        }
    }
}

/// Small numbers are words.
pub(super) fn counted(number: usize) -> String {
    const WORDS: [&str; 13] = [
        "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
        "Eleven", "Twelve",
    ];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// "Wed 12 Aug": the day in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a %-d %b").to_string()
}

const JOB_COLUMNS: &[Column] = &[
    "id",
    "title",
    "decision",
    "due",
    "devices",
    "exposures",
    "affected",
    "harm",
    "gated",
    "owner",
    "because",
    "vulnerabilities",
    "unsettled",
    "kev",
];

impl Job {
    fn row(&self) -> Csv {
        let mut row = Csv::default();
        row.text(&self.id)
            .text(&self.title)
            .word(&self.decision)
            .moment(self.due)
            .number(self.devices)
            .number(self.exposures)
            .number(self.affected)
            .number(self.harm.into())
            .truth(self.gated)
            .maybe(self.owner.as_deref())
            .text(&self.because)
            .number(self.vulnerabilities.count)
            .text(&self.unsettled.join("; "))
            .truth(self.kev);
        row
    }
}

#[derive(Serialize, utoipa::ToSchema)]
struct ExposurePage {
    #[serde(flatten)]
    dated: Dated,
    sentence: Sentence,
    totals: Totals,
    /// Exposures of which the filter could not say whether they are meant, because a fact is missing
    undecidable: usize,
    rows: Vec<ExposureRow>,
    next: Option<String>,
}

/// Every exposure by itself
#[utoipa::path(get, path = "/api/v1/exposures", tag = "worklist", params(Listed), responses((status = 200, body = ExposurePage)))]
async fn exposures(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Listed>,
) -> Result<Response, Problem> {
    let sort = asked.order()?;
    let sight = Sight::of(&house, &caller, &asked.place()).await?;
    let desk = sight.desk();
    let answers = house.kept.answers(&sight, asked.filter())?;
    let after = asked.after.as_deref().map(|after| read_place(after, sort)).transpose()?;
    let listing = answers.listing(desk, sort);
    if asked.is_csv() {
        let as_of = desk.as_of();
        let (view, chosen) = (sight.view.clone(), answers.clone());
        let pages = std::iter::successors(Some((Vec::new(), None)), move |(_, after)| {
            let page = view.desk.page(&chosen.chosen, &listing, after.as_ref(), EXPORT_PAGE);
            let last = view.desk.place(sort, page.last()?);
            Some((page, Some(last)))
        });
        let view = sight.view.clone();
        let rows = pages.flat_map(|(page, _): (Vec<Entry>, Option<After>)| page);
        let rows = rows.filter_map(move |it| ExposureRow::of(&view.desk, it.asset, it.exposure));
        return Ok(export::csv(EXPOSURE_COLUMNS, rows.map(|row| row.row()), ("exposures", as_of)));
    }
    let limit = limit(asked.limit)? as usize;
    let page = desk.page(&answers.chosen, &listing, after.as_ref(), limit);
    let next = page.last().filter(|_| page.len() == limit);
    let next = next.map(|last| write_place(&desk.place(sort, last), sort));
    let jobs = answers.jobs(desk);
    let page = ExposurePage {
        dated: Dated::of(&sight.view),
        sentence: sentence(desk, jobs),
        totals: Totals::of(answers.total(desk), jobs),
        undecidable: answers.chosen.undecidable,
        rows: page.iter().filter_map(|it| ExposureRow::of(desk, it.asset, it.exposure)).collect(),
        next,
    };
    Ok(Json(page).into_response())
}

/// A place means nothing in another order.
fn write_place(place: &After, sort: Sort) -> String {
    cursor::write(&serde_json::to_string(&(sort, place)).unwrap_or_default())
}

fn read_place(cursor: &str, sort: Sort) -> Result<After, Problem> {
    let text = cursor::read(cursor)?;
    let (of, place): (Sort, After) = serde_json::from_str(&text).map_err(|_| cursor::bad())?;
    if of == sort { Ok(place) } else { Err(cursor::bad()) }
}

const EXPOSURE_COLUMNS: &[Column] = &[
    "asset",
    "device",
    "unit",
    "location",
    "component",
    "version",
    "vulnerability",
    "title",
    "verdict",
    "decision",
    "due",
    "epss",
    "cvss",
    "kev",
    "exploit",
    "gated",
    "because",
];

impl ExposureRow {
    fn row(&self) -> Csv {
        let mut row = Csv::default();
        row.text(&self.asset.id)
            .text(&self.asset.title)
            .maybe(self.asset.unit.as_deref())
            .maybe(self.asset.location.as_deref())
            .text(&self.component)
            .maybe(self.version.as_deref())
            .text(&self.vulnerability)
            .maybe(self.title.as_deref())
            .word(&self.verdict)
            .word(&self.decision)
            .moment(self.due)
            .maybe(self.epss.as_deref())
            .maybe(self.cvss.as_deref())
            .truth(self.kev)
            .truth(self.exploit)
            .truth(self.asset.gated)
            .text(&self.because);
        row
    }
}

/// By what is counted.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Grouped {
    site: Option<String>,
    as_of: Option<Timestamp>,
    filter: Option<String>,
    /// A field of the filter language: `unit`, `owner`, `function`, `vendor`, `zone`, `location`, `decision`, `clock`
    by: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Groups {
    #[serde(flatten)]
    dated: Dated,
    rows: Vec<GroupView>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Group)]
struct GroupView {
    /// null: nobody says
    value: Option<String>,
    devices: usize,
    exposures: usize,
    exposures_by_decision: ByDecision,
    overdue: usize,
    earliest: Option<Timestamp>,
}

impl GroupView {
    fn of(group: Group) -> GroupView {
        GroupView {
            value: group.value,
            devices: group.assets,
            exposures: group.exposures,
            exposures_by_decision: ByDecision::of(group.by_outcome),
            overdue: group.overdue,
            earliest: group.earliest,
        }
    }
}

/// What each unit, owner, class, ... has
#[utoipa::path(get, path = "/api/v1/worklist/groups", tag = "worklist", params(Grouped), responses((status = 200, body = Groups)))]
async fn groups(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Grouped>,
) -> Result<Json<Groups>, Problem> {
    let by = Name::called(&asked.by).filter(|name| name.is_countable()).ok_or_else(|| {
        let known: Vec<&str> = Name::countable().collect();
        let words = format!("nothing is counted by {:?}", asked.by);
        Problem::unfit("by", words).way_out(format!("count by {}", known.join(", ")))
    })?;
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    let filter = asked.filter.unwrap_or_default();
    let answers = house.kept.answers(&sight, &filter)?;
    let groups = answers.groups(sight.desk(), by);
    let rows = groups.iter().cloned().map(GroupView::of).collect();
    Ok(Json(Groups { dated: Dated::of(&sight.view), rows }))
}

#[derive(Serialize, utoipa::ToSchema)]
struct JobDetail {
    #[serde(flatten)]
    dated: Dated,
    #[serde(flatten)]
    job: Job,
    assets: DevicesOfJob,
    exposures_by_vulnerability: Vec<OfVulnerability>,
    units: Vec<UnitCount>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct DevicesOfJob {
    rows: Vec<AssetRef>,
    next: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct OfVulnerability {
    vulnerability: String,
    title: Option<String>,
    decision: Decision,
    exposures: usize,
    /// A device that has it, and the component there
    first_asset: String,
    component: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct UnitCount {
    /// null: nobody says
    value: Option<String>,
    devices: usize,
}

/// Which devices of a job.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OfJob {
    site: Option<String>,
    as_of: Option<Timestamp>,
    filter: Option<String>,
    limit: Option<u32>,
    /// `assets.next` of the answer before
    after: Option<String>,
}

/// One job: its devices, and the vulnerabilities it ends
#[utoipa::path(get, path = "/api/v1/worklist/{job}", tag = "worklist", params(("job" = String, Path), OfJob), responses((status = 200, body = JobDetail)))]
async fn job(
    State(house): State<House>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(asked): Asked<OfJob>,
) -> Result<Json<JobDetail>, Problem> {
    let key: JobKey = id.parse().map_err(|_| Problem::not_found("job"))?;
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let filter = asked.filter.unwrap_or_default();
    let answers = house.kept.answers(&sight, &filter)?;
    let job = answers.jobs(desk).iter().find(|job| job.key == key);
    let job = job.ok_or_else(|| Problem::not_found("job"))?;
    let limit = limit(asked.limit)? as usize;
    let assets = desk.assets_of_job(&answers.chosen, job);
    let first = match &asked.after {
        None => 0,
        Some(after) => {
            let last = cursor::read(after)?;
            let id = |asset: u32| desk.text(Name::Asset, asset).unwrap_or_default();
            assets.partition_point(|&asset| id(asset) <= last.as_str())
        }
    };
    let page = assets.get(first..).unwrap_or_default();
    let page = page.get(..limit.min(page.len())).unwrap_or_default();
    let is_last = first + page.len() >= assets.len();
    let next = page.last().filter(|_| !is_last);
    let next = next.map(|&last| cursor::write(desk.text(Name::Asset, last).unwrap_or_default()));
    let of_job = desk.of_job(&answers.chosen, job);
    let mut by_vulnerability: BTreeMap<&str, OfVulnerability> = BTreeMap::new();
    desk.each(&of_job, |exposure, assets| {
        let Some((component, judgement)) = desk.judged(exposure) else { return };
        let id = judgement.vulnerability.as_str();
        let decision = desk.exposure(exposure).and_then(|it| desk.assessment().decision(it));
        let decision = decision.map_or(Decision::NotEvaluable, |it| it.outcome.into());
        let first = assets.first().and_then(|&asset| desk.text(Name::Asset, asset));
        let of = by_vulnerability.entry(id).or_insert_with(|| OfVulnerability {
            vulnerability: id.to_owned(),
            title: title_of(id, desk.threat(id)),
            decision,
            exposures: 0,
            first_asset: first.unwrap_or_default().to_owned(),
            component: component.name.clone(),
        });
        of.exposures += assets.len();
        of.decision = of.decision.min(decision);
    });
    let mut by_vulnerability: Vec<OfVulnerability> = by_vulnerability.into_values().collect();
    by_vulnerability.sort_by_key(|it| it.decision);
    let units = desk.groups(&of_job, Name::Unit).into_iter();
    let details = desk.details(&answers.chosen, std::slice::from_ref(job));
    let details = details.first().ok_or_else(|| Problem::not_found("job"))?;
    Ok(Json(JobDetail {
        dated: Dated::of(&sight.view),
        job: Job::of(desk, &answers.chosen, job, details),
        assets: DevicesOfJob {
            rows: page.iter().map(|&asset| AssetRef::of(desk, asset)).collect(),
            next,
        },
        exposures_by_vulnerability: by_vulnerability,
        units: units.map(|it| UnitCount { value: it.value, devices: it.assets }).collect(),
    }))
}
