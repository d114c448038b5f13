//! Jobs by unit, for those who do them: no vulnerability is named.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::nouns::{ActionView, AssetRef, Dated, Decision, Sentence};
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use exposome_engine::decide::Outcome;
use exposome_engine::desk::fields::Name;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(biomed))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Biomed {
    #[serde(flatten)]
    dated: Dated,
    sentence: Sentence,
    units: Vec<Unit>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = BiomedUnit)]
struct Unit {
    /// null: of devices of which nobody says the unit
    unit: Option<String>,
    jobs: Vec<UnitJob>,
}

/// A job as far as one unit goes.
#[derive(Serialize, utoipa::ToSchema)]
struct UnitJob {
    id: String,
    title: String,
    product: String,
    action: ActionView,
    decision: Decision,
    due: Option<Timestamp>,
    overdue: bool,
    /// How many devices of the unit
    devices: usize,
    /// A device among them may not be touched without a signed assessment
    gated: bool,
    /// The first of them
    places: Vec<AssetRef>,
}

/// So many devices of a job are named.
const NAMED: usize = 6;

/// What is to be done on each unit: jobs that cannot wait and those that are scheduled
#[utoipa::path(get, path = "/api/v1/biomed", tag = "biomed", params(Where), responses((status = 200, body = Biomed)))]
async fn biomed(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Biomed>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let answers = house.kept.answers(&sight, "decision in [\"act_now\", \"schedule\"]")?;
    let jobs = answers.jobs(desk);
    let mut units: BTreeMap<Option<&str>, Vec<UnitJob>> = BTreeMap::new();
    for job in jobs {
        let mut by_unit: BTreeMap<Option<&str>, Vec<u32>> = BTreeMap::new();
        for asset in desk.assets_of_job(&answers.chosen, job) {
            by_unit.entry(desk.text(Name::Unit, asset)).or_default().push(asset);
        }
        // What is urgent on one unit may have time on another.
        let stands = desk.groups(&desk.of_job(&answers.chosen, job), Name::Unit);
        for (unit, assets) in by_unit {
            let stand = stands.iter().find(|it| it.value.as_deref() == unit);
            let outcome = Outcome::ALL.into_iter().rev().find(|&it| {
                let counted = stand.and_then(|stand| stand.by_outcome.get(it as usize));
                counted.is_some_and(|count| *count > 0)
            });
            let gated = assets.iter().filter_map(|&it| desk.asset(it)).any(|it| it.alike.gated);
            let places = assets.iter().take(NAMED).map(|&it| AssetRef::of(desk, it));
            units.entry(unit).or_default().push(UnitJob {
                id: job.key.to_string(),
                title: job.action.in_words(&job.product),
                product: job.product.clone(),
                action: ActionView::of(&job.action),
                decision: outcome.unwrap_or(job.rank.outcome()).into(),
                due: stand.and_then(|it| it.earliest),
                overdue: stand.is_some_and(|it| it.overdue > 0),
                devices: assets.len(),
                gated,
                places: places.collect(),
            });
        }
    }
    let urgent = jobs.iter().filter(|job| job.rank.outcome() == Outcome::ActNow).count();
    let sentence = match (jobs.len(), urgent) {
        (0, _) => Sentence::new("nothing_to_do", "No job is open."),
        (all, 0) => {
            Sentence::new("none_urgent", format!("{all} jobs are open; none of them is urgent."))
        }
        (all, urgent) => Sentence::new(
            "some_urgent",
            format!("{all} jobs are open; {urgent} of them cannot wait."),
        ),
    };
    let mut units: Vec<Unit> = units
        .into_iter()
        .map(|(unit, jobs)| Unit { unit: unit.map(str::to_owned), jobs })
        .collect();
    let urgency = |unit: &Unit| unit.jobs.iter().map(|job| job.decision).min();
    units.sort_by(|a, b| (urgency(a), &a.unit).cmp(&(urgency(b), &b.unit)));
    Ok(Json(Biomed { dated: Dated::of(&sight.view), sentence, units }))
}
