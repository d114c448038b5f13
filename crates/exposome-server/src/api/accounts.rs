//! The accounts' history: who changed what, and whether the log of it holds.

use crate::House;
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(history))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// From the last page's `next`
    after: Option<String>,
    /// At most 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct History {
    rows: Vec<Line>,
    next: Option<String>,
    /// The chain was followed from its first line to its last, and holds
    holds: bool,
    /// Where it does not
    broken: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Line {
    number: u64,
    at: Timestamp,
    /// Who, from where, what
    event: serde_json::Value,
}

/// What was changed of accounts, newest first, and whether the log holds
#[utoipa::path(get, path = "/api/v1/accounts/log", tag = "people", params(Page), responses((status = 200, body = History)))]
async fn history(
    State(house): State<House>,
    Asked(page): Asked<Page>,
) -> Result<Json<History>, Problem> {
    let limit = super::limit(page.limit)?;
    let before = match &page.after {
        None => u64::MAX,
        Some(after) => super::cursor::read(after)?.parse().map_err(|_| super::cursor::bad())?,
    };
    let events = house.store.account_events(before, limit).await?;
    let next = events
        .last()
        .filter(|it| it.number > 1 && events.len() == limit as usize)
        .map(|it| super::cursor::write(&it.number.to_string()));
    let broken = house
        .store
        .verify_account_log()
        .await?
        .err()
        .map(|it| format!("line {}: {}", it.number, it.why));
    let rows = events.into_iter().map(|it| Line {
        number: it.number,
        at: it.at,
        event: serde_json::from_str(&it.body).unwrap_or_default(),
    });
    Ok(Json(History { rows: rows.collect(), next, holds: broken.is_none(), broken }))
}
