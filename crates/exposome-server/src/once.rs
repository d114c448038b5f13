//! A write with an `Idempotency-Key` is done once: sent again, it gets the first answer again.
//!
//! (draft-ietf-httpapi-idempotency-key-header: the same key with another request
//! is 422, one whose first request is still being done is 409.)  A key is kept
//! for a day.  Where the server died while it was at it, nobody knows whether it
//! was done: then that is said, and not done again.

use crate::access::Caller;
use crate::problem::{Kind, Problem};
use crate::{House, body};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use exposome_store::once::Earlier;
use jiff::SignedDuration;

const HEADER: &str = "idempotency-key";
const KEPT: SignedDuration = SignedDuration::from_hours(24);
const LONGEST: usize = 100;
/// An answer that is longer is not kept, and so its request is not taken under a key.
const LONGEST_ANSWER: usize = 1 << 20;

/// The key of a write, and whose it is.
pub(crate) struct Mark {
    person: String,
    key: String,
}

pub(crate) fn mark(request: &Request, caller: Option<&Caller>) -> Result<Option<Mark>, Problem> {
    let Some(value) = request.headers().get(HEADER) else { return Ok(None) };
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(None);
    }
    let Some(caller) = caller else { return Ok(None) };
    let key = value.to_str().ok().filter(|it| (1..=LONGEST).contains(&it.len()));
    let key = key.ok_or_else(|| {
        Problem::new(
            Kind::Malformed,
            format!("an idempotency key has 1 to {LONGEST} letters of ASCII"),
        )
    })?;
    let kind =
        request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if kind.starts_with(b"multipart/") {
        return Err(Problem::new(Kind::Malformed, "an upload takes no idempotency key")
            .way_out("leave it out: importing the same document again changes nothing"));
    }
    Ok(Some(Mark { person: caller.person.id.clone(), key: key.to_owned() }))
}

pub(crate) async fn guard(
    house: &House,
    mark: &Mark,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, content) = request.into_parts();
    let content = body::read(content, &house.settings.limits).await?;
    let path = parts.uri.path_and_query().map_or("", axum::http::uri::PathAndQuery::as_str);
    // A body may hold a password: its bare digest would let whoever has the database try words against it.
    let digest = house.inner.seal.fingerprint(&[
        parts.method.as_str().as_bytes(),
        path.as_bytes(),
        &content,
    ]);
    let now = house.now();
    let earlier = house.store.begin_once(&mark.person, &mark.key, &digest, now, now - KEPT).await?;
    match earlier {
        Earlier::New => {}
        Earlier::Answered { status, kind, answer } => return Ok(again(status, &kind, answer)),
        Earlier::Other => {
            return Err(Problem::new(Kind::KeyUsed, "another request of yours bore this key")
                .way_out("take a new key for a new request"));
        }
        Earlier::Begun { since } => {
            return Err(Problem::new(Kind::Conflict, format!("this very request was begun at {since:.0} and no answer is known"))
                .way_out("wait a moment and ask again; where that lasts, look whether it was done, and send it with a new key if it was not")
                .retry_after(2));
        }
    }
    let response = next.run(Request::from_parts(parts, Body::from(content))).await;
    if response.extensions().get::<ToldOnce>().is_some() {
        // A secret lies nowhere: whoever asks again hears that it was told.
        let (status, kind, answer) = told_once();
        house.store.answer_once(&mark.person, &mark.key, status, kind, &answer).await?;
        return Ok(response);
    }
    let (parts, answer) = response.into_parts();
    let kept = axum::body::to_bytes(answer, LONGEST_ANSWER).await;
    match kept {
        // What failed here may be tried again, and what was refused by the doors has done nothing.
        Ok(answer)
            if parts.status.is_server_error() || parts.status == StatusCode::TOO_MANY_REQUESTS =>
        {
            house.store.forget_once(&mark.person, &mark.key).await?;
            Ok(Response::from_parts(parts, Body::from(answer)))
        }
        Ok(answer) => {
            let kind = parts
                .headers
                .get(header::CONTENT_TYPE)
                .and_then(|it| it.to_str().ok())
                .unwrap_or_default();
            house
                .store
                .answer_once(&mark.person, &mark.key, parts.status.as_u16(), kind, &answer)
                .await?;
            Ok(Response::from_parts(parts, Body::from(answer)))
        }
        Err(error) => Err(Problem::failed(&error)),
    }
}

/// Marks an answer that holds a secret.
#[derive(Clone, Copy)]
pub(crate) struct ToldOnce;

fn told_once() -> (u16, &'static str, Vec<u8>) {
    let document = serde_json::json!({
        "type": "urn:exposome:problem:gone",
        "title": Kind::Gone.words().2,
        "status": 410,
        "detail": "this was done; the secret it answered with was told once",
        "way_out": "make a new one, and take the first one back",
    });
    (410, "application/problem+json", document.to_string().into_bytes())
}

fn again(status: u16, kind: &str, answer: Vec<u8>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if let Ok(kind) = HeaderValue::from_str(kind)
        && !kind.is_empty()
    {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}
