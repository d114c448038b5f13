//! What stands elsewhere than at an earlier moment, and which fact moved it.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::limit;
use crate::api::nouns::{Dated, Decision};
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use exposome_site::changes::changes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list))
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    site: Option<String>,
    as_of: Option<Timestamp>,
    /// What moved since then; since yesterday where left out
    from: Option<Timestamp>,
    limit: Option<u32>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Changes {
    #[serde(flatten)]
    dated: Dated,
    from: Timestamp,
    /// When it was last assessed since then; null: not yet, so that nothing can be said
    assessed: Option<Timestamp>,
    /// The most urgent first
    rows: Vec<Change>,
    /// How many there are beside
    more: usize,
}

/// Work that moved, and what moved it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Change {
    /// Of when the assessment is that found it
    at: Timestamp,
    /// The reasons, the weightiest first
    reasons: Vec<String>,
    vulnerability: String,
    component: String,
    /// null: it was not exposed
    from: Option<Decision>,
    /// null: it is not exposed any more
    to: Option<Decision>,
    devices: usize,
    /// The id of the device, where it is one
    asset: Option<String>,
}

/// What moved between two moments of what the caller sees.
pub(crate) async fn seen(
    house: &House,
    sight: &Sight,
    from: Timestamp,
) -> Result<Vec<Change>, Problem> {
    let span = (from, sight.until(house));
    let mut all = changes(&house.store, &sight.view.site, span).await?;
    if !sight.is_whole() {
        for change in &mut all {
            change.assets.retain(|id| sight.asset(id).is_ok());
        }
        all.retain(|change| !change.assets.is_empty());
    }
    let shown = all.into_iter().map(|it| Change {
        at: it.at,
        reasons: it.reasons,
        vulnerability: it.vulnerability,
        component: it.component,
        from: it.from.map(Decision::from),
        to: it.to.map(Decision::from),
        devices: it.assets.len(),
        asset: match it.assets.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        },
    });
    Ok(shown.collect())
}

/// The moment a day before.
pub(crate) fn yesterday(of: Timestamp) -> Timestamp {
    of.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(of)
}

/// What moved since an earlier moment
#[utoipa::path(get, path = "/api/v1/changes", tag = "today", params(Which), responses((status = 200, body = Changes)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Which>,
) -> Result<Json<Changes>, Problem> {
    let limit = limit(asked.limit)? as usize;
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    let from = asked.from.unwrap_or_else(|| yesterday(sight.desk().as_of()));
    let mut rows = seen(&house, &sight, from).await?;
    let more = rows.len().saturating_sub(limit);
    rows.truncate(limit);
    let finished = house.store.finished(&sight.view.site, sight.until(&house)).await?;
    let assessed = finished.map(|it| it.as_of).filter(|it| *it > from);
    Ok(Json(Changes { dated: Dated::of(&sight.view), from, assessed, rows, more }))
}
