//! Whether it lives, whether it is ready, and figures.

use crate::House;
use crate::door::Peer;
use crate::problem::{Kind, Problem};
use crate::secret;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(ready))
        .routes(routes!(figures))
        .routes(routes!(description))
}

/// Whether the program runs
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, content_type = "text/plain", body = String)))]
async fn alive() -> &'static str {
    "alive\n"
}

/// Whether it can answer: the store does
#[utoipa::path(get, path = "/readyz", tag = "server", responses((status = 200, content_type = "text/plain", body = String), (status = 503, description = "Not yet", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn ready(State(house): State<House>) -> Result<&'static str, Problem> {
    match house.store.is_anybody_there().await {
        Ok(_) => Ok("ready\n"),
        Err(error) => {
            tracing::error!(error = ?error.to_string(), "not ready: the store does not answer");
            Err(Problem::new(Kind::NotReady, "the store does not answer").retry_after(5))
        }
    }
}

/// Figures for Prometheus: from this machine, or with the token of the settings
#[utoipa::path(get, path = "/metrics", tag = "server", responses((status = 200, content_type = "text/plain", body = String), (status = 403, description = "Neither", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn figures(
    State(house): State<House>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let said = headers
        .get(header::AUTHORIZATION)
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.strip_prefix("Bearer "));
    let is_known = house
        .settings
        .metrics_token
        .as_deref()
        .zip(said)
        .is_some_and(|(token, said)| secret::is_equal(token.as_bytes(), said.as_bytes()));
    // Behind a proxy everybody comes from this machine.
    let is_here = peer.is_some_and(|Extension(Peer(it))| it.ip().is_loopback())
        && house.settings.proxies.is_empty()
        && !headers.contains_key("x-forwarded-for");
    if !is_known && !is_here {
        return Err(Problem::new(Kind::NotYours, "figures are for this machine")
            .way_out("set metrics_token, and send it as a bearer token"));
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], house.inner.metrics.text())
        .into_response())
}

/// This description
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "server", responses((status = 200, content_type = "application/json", body = Object)))]
async fn description() -> Json<utoipa::openapi::OpenApi> {
    Json(super::document())
}
