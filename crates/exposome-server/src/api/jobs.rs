//! What the server does by itself, how it went, and when it comes again.

use crate::House;
use crate::jobs::{JOBS, hasten};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(run))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Jobs {
    rows: Vec<View>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ServerJob)]
struct View {
    name: &'static str,
    /// What it does
    words: &'static str,
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
            next_at: it.next_at,
            running: it.leased_to.is_some_and(|until| until > now),
            failures: it.failures,
            started_at: it.started_at,
            finished_at: it.finished_at,
            succeeded: it.succeeded,
            result: it.result.clone(),
        })
    });
    Ok(Json(Jobs { rows: rows.collect() }))
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
