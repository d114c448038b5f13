//! What the server does by itself, how it went, and when it comes again.

use crate::House;
use crate::access::Caller;
use crate::access::log::{Event, What};
use crate::door::{Origin, nothing};
use crate::jobs::{JOBS, hasten};
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(run)).routes(routes!(confirm))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Jobs {
    /// This is a copy that was put in place, as of then: what acts outside waits until an administrator confirms it
    restored: Option<String>,
    rows: Vec<View>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ServerJob)]
struct View {
    name: &'static str,
    /// What it does
    words: &'static str,
    /// It asks or tells others
    acts_outside: bool,
    next_at: Timestamp,
    running: bool,
    /// Failures since the last success
    failures: u32,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// null: it has not ended yet
    succeeded: Option<bool>,
    /// How it ended, in words
    result: Option<String>,
}

/// All jobs of the server
#[utoipa::path(get, path = "/api/v1/jobs", tag = "server", responses((status = 200, body = Jobs)))]
async fn list(State(house): State<House>) -> Result<Json<Jobs>, Problem> {
    let now = house.now();
    let known = house.store.jobs().await?;
    let rows = JOBS.iter().filter_map(|job| {
        let it = known.iter().find(|it| it.name == job.name)?;
        Some(View {
            name: job.name,
            words: job.words,
            acts_outside: job.acts_outside,
            next_at: it.next_at,
            running: it.leased_to.is_some_and(|until| until > now),
            failures: it.failures,
            started_at: it.started_at,
            finished_at: it.finished_at,
            succeeded: it.succeeded,
            result: it.result.clone(),
        })
    });
    Ok(Json(Jobs { restored: house.restored(), rows: rows.collect() }))
}

/// Do it now
#[utoipa::path(post, path = "/api/v1/jobs/{name}/run", tag = "server", params(("name" = String, Path)), responses((status = 202, description = "It is begun next")))]
async fn run(State(house): State<House>, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let is_ours = JOBS.iter().any(|job| job.name == name);
    if !is_ours || !hasten(&house, &name).await? {
        return Err(Problem::not_found("job"));
    }
    Ok(StatusCode::ACCEPTED)
}

/// Say that this copy stands for the original: it asks and tells others from here on
#[utoipa::path(post, path = "/api/v1/restored/confirm", tag = "server", responses((status = 204, description = "It acts")))]
async fn confirm(
    State(house): State<House>,
    caller: Caller,
    Origin(address): Origin,
) -> Result<Response, Problem> {
    if house.restored().is_none() {
        return Err(Problem::new(Kind::Conflict, "this is no copy that waits to be confirmed"));
    }
    let change = house.store.change_accounts(house.now()).await?;
    change
        .commit(&[Event::by(&caller, &address.to_string(), What::RestoredConfirmed).json()])
        .await?;
    house.confirm_restored()?;
    Ok(nothing())
}
