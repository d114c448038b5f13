//! What a request brings: read within its limits of size and time, and refused in words.

use crate::House;
use crate::problem::{Kind, Problem};
use crate::settings::Limits;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// A JSON body of one type.
pub struct Brought<T>(pub T);

impl<T: DeserializeOwned> FromRequest<House> for Brought<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, house: &House) -> Result<Brought<T>, Problem> {
        let (parts, body) = request.into_parts();
        must_be_json(&parts.headers)?;
        let bytes = read(body, &house.settings.limits).await?;
        read_json(&bytes).map(Brought)
    }
}

/// What stands behind the `?` of an address.
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<House> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _house: &House) -> Result<Asked<T>, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        match axum::extract::Query::<T>::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(asked)) => Ok(Asked(asked)),
            Err(error) => {
                let why = std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string);
                let problem =
                    Problem::new(Kind::Malformed, format!("the query cannot be read: {why}"));
                Err(if query.is_empty() {
                    problem.way_out("a parameter is missing")
                } else {
                    problem
                })
            }
        }
    }
}

fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind =
        headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(Kind::WrongType, "the body is not said to be JSON")
        .way_out("send Content-Type: application/json"))
}

pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list would be taken for the fields of a thing in their order; nobody means that.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Problem::new(
            Kind::Unfit,
            "the JSON is a list, where a thing with named fields is expected",
        ));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let kind = if error.classify() == serde_json::error::Category::Data {
            Kind::Unfit
        } else {
            Kind::Malformed
        };
        Problem::new(kind, format!("the JSON cannot be taken: {error}"))
    })
}

/// Reads a body to its end, or until it is too long or too slow.
pub(crate) async fn read(body: Body, limits: &Limits) -> Result<Bytes, Problem> {
    let reading = collected(body, limits.body_bytes);
    match tokio::time::timeout(Duration::from_secs(limits.body_seconds), reading).await {
        Err(_) => Err(Problem::new(
            Kind::TooSlow,
            format!("the body was not here after {} seconds", limits.body_seconds),
        )),
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(Problem::new(
            Kind::TooLarge,
            format!("a body has at most {} bytes here", limits.body_bytes),
        )
        .way_out("documents are uploaded under /api/v1/imports")),
        Ok(Err(_)) => Err(Problem::new(Kind::Malformed, "the body broke off")),
    }
}

/// So much of a body that is too large is read and thrown away: who is still sending does not hear an answer.
const THROWN_AWAY: usize = 16 << 20;

/// The whole body; nothing where it is longer than it may be.
async fn collected(mut body: Body, longest: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        length += piece.len();
        if length <= longest {
            whole.extend_from_slice(&piece);
        } else if length > longest + THROWN_AWAY {
            break;
        }
    }
    Ok((length <= longest).then(|| whole.into()))
}
