//! The doors every request goes through, and what every answer carries.

use crate::access::permissions::{self, Who};
use crate::access::{self, Caller, Means, session};
use crate::problem::{Kind, Problem};
use crate::rate::Asker;
use crate::{House, once, secret};
use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The other end of the connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Whom a request comes from, by address: the peer, or whom a proxy that is believed names.
#[derive(Debug, Clone, Copy)]
pub struct Origin(pub IpAddr);

impl FromRequestParts<House> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Origin, Problem> {
        Ok(Origin(origin(house, &parts.headers, parts.extensions.get::<Peer>())))
    }
}

fn origin(house: &House, headers: &HeaderMap, peer: Option<&Peer>) -> IpAddr {
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |it| it.0.ip());
    if !house.settings.proxies.contains(&peer) {
        return peer;
    }
    // The last one is what our proxy saw; what stands before it anybody may have written.
    let forwarded =
        headers.get_all("x-forwarded-for").into_iter().next_back().and_then(|it| it.to_str().ok());
    forwarded.and_then(|it| it.rsplit(',').next()?.trim().parse().ok()).unwrap_or(peer)
}

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request that is being answered.
pub(crate) fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_else(|_| secret::random_text(9).unwrap_or_default())
}

/// Who asked, for the log.
#[derive(Clone)]
struct Asked(Arc<Caller>);

/// The outermost door: an id, a line in the log, figures; and whatever happens inside, an answer that can be read.
pub(crate) async fn outer(State(house): State<House>, request: Request, next: Next) -> Response {
    let id = secret::random_text(9).unwrap_or_default();
    let begun = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(page)".to_owned(), |it| it.as_str().to_owned());
    let is_api = request.uri().path().starts_with("/api/");
    house.inner.metrics.under_way.fetch_add(1, Ordering::Relaxed);
    let answered =
        REQUEST_ID.scope(id.clone(), AssertUnwindSafe(next.run(request)).catch_unwind()).await;
    house.inner.metrics.under_way.fetch_sub(1, Ordering::Relaxed);
    let mut response = answered.unwrap_or_else(|_panic| {
        tracing::error!(id, "a request ended in a panic");
        let problem = Problem::new(Kind::Failed, "the log says more under this id");
        Problem { id: Some(id.clone()), ..problem }.into_response()
    });
    if response.status().is_client_error() || response.status().is_server_error() {
        response = as_problem(response);
    }
    let took = begun.elapsed();
    let status = response.status();
    house.inner.metrics.note(&method, &route, status, took);
    let login = response.extensions_mut().remove::<Asked>().map(|it| it.0.person.login.clone());
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(id, method = %method, route, status = status.as_u16(), milliseconds, login = ?login, "answered");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", id);
    }
    let defaults: [(HeaderName, &str); 7] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if is_api {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    if house.settings.is_secure() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    response
}

/// What the framework refuses in words of its own becomes a problem document like all others.
fn as_problem(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_some_and(|it| it.as_bytes() == b"application/problem+json") {
        return response;
    }
    let status = response.status();
    let kind =
        Kind::ALL.into_iter().find(|kind| kind.words().1 == status).unwrap_or(Kind::Malformed);
    let kind = if status.is_server_error() { Kind::Failed } else { kind };
    let mut problem = Problem::new(kind, kind.words().2.to_owned()).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

/// The inner door: who asks, whether she may, how often; whether it comes from these pages, and once.
pub(crate) async fn inner(State(house): State<House>, request: Request, next: Next) -> Response {
    match admitted(&house, request).await {
        Err(problem) => *problem,
        Ok((request, caller)) => {
            let mut response = match once::mark(&request, caller.as_deref()) {
                Ok(None) => next.run(request).await,
                Ok(Some(mark)) => once::guard(&house, &mark, request, next)
                    .await
                    .unwrap_or_else(Problem::into_response),
                Err(problem) => problem.into_response(),
            };
            if let Some(caller) = caller {
                response.extensions_mut().insert(Asked(caller));
            }
            response
        }
    }
}

async fn admitted(
    house: &House,
    mut request: Request,
) -> Result<(Request, Option<Arc<Caller>>), Box<Response>> {
    let refused = |problem: Problem| Box::new(problem.into_response());
    // No route: the pages answer, or say that there is nothing.
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        return Ok((request, None));
    };
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let Some(rule) = permissions::rule_of(method.as_str(), path.as_str()) else {
        return Err(Box::new(no_rule(path.as_str())));
    };
    let peer = request.extensions().get::<Peer>();
    let origin = origin(house, request.headers(), peer);
    let is_write = !matches!(*request.method(), Method::GET | Method::HEAD);
    if is_write {
        must_come_from_here(house, request.headers(), request.uri()).map_err(refused)?;
    }
    if rule.who == Who::Anybody {
        house
            .inner
            .rates
            .take(Asker::Stranger, &origin.to_string(), Instant::now())
            .map_err(refused)?;
        return Ok((request, None));
    }
    let keeps_alive = path.as_str() != LIVE;
    let caller = access::identify(house, request.headers(), keeps_alive).await;
    let caller = match caller {
        Ok(Some(caller)) => caller,
        // Whoever is nobody is counted as a stranger: guessing cookies and tokens is slow.
        unknown => {
            house
                .inner
                .rates
                .take(Asker::Stranger, &origin.to_string(), Instant::now())
                .map_err(refused)?;
            return Err(refused(unknown.err().unwrap_or_else(access::nobody)));
        }
    };
    house.inner.rates.take(Asker::Person, &caller.person.id, Instant::now()).map_err(refused)?;
    if let (Means::Session { csrf, .. }, true) = (&caller.means, is_write) {
        must_know(csrf, request.headers()).map_err(refused)?;
    }
    let scope = access::admit(house, rule, &caller, is_write).map_err(refused)?;
    let caller = Arc::new(Caller { scope, ..caller });
    request.extensions_mut().insert(Arc::clone(&caller));
    Ok((request, Some(caller)))
}

/// Listening is no use of a session: a page that is left open does not keep it.
const LIVE: &str = "/api/v1/live";

/// A path whose method has no rule: it cannot be done; and a path without any is a promise of ours that is broken.
fn no_rule(path: &str) -> Response {
    let methods = permissions::methods_of(path);
    if methods.is_empty() {
        tracing::error!(path, "a route has no rule in the table of permissions: it answers nobody");
        return Problem::new(Kind::NotYours, "nobody may do this").into_response();
    }
    let problem =
        Problem::new(Kind::WrongMethod, format!("it can be asked with {}", methods.join(", ")));
    let mut response = problem.into_response();
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// A browser says from which pages a write comes (Fetch standard, 3.2 and 3.7): others' may not.
fn must_come_from_here(house: &House, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let elsewhere = || Problem::new(Kind::NotFromHere, "it was sent by a page of another place");
    if headers
        .get("sec-fetch-site")
        .is_some_and(|it| !matches!(it.as_bytes(), b"same-origin" | b"none"))
    {
        return Err(elsewhere());
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let ours = own_origin(house, headers, uri);
    if origin.as_bytes().eq_ignore_ascii_case(ours.as_bytes()) { Ok(()) } else { Err(elsewhere()) }
}

/// Where these pages are, as the browser that asks sees it: by the settings, else by the name it asked for.
pub(crate) fn own_origin(house: &House, headers: &HeaderMap, uri: &Uri) -> String {
    if let Some(base) = &house.settings.base_url {
        return base.origin().ascii_serialization();
    }
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let scheme = if house.settings.is_secure() { "https" } else { "http" };
    format!("{scheme}://{}", host.unwrap_or_default())
}

fn must_know(csrf: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let said = headers.get(session::CSRF_HEADER).map(HeaderValue::as_bytes).unwrap_or_default();
    if secret::is_equal(said, csrf.as_bytes()) {
        return Ok(());
    }
    Err(Problem::new(
        Kind::NotFromHere,
        "the header X-Exposome-Csrf is not the one of this session",
    )
    .way_out("take it from GET /api/v1/session"))
}

/// An answer without anything in it.
pub(crate) fn nothing() -> Response {
    (StatusCode::NO_CONTENT, Body::empty()).into_response()
}
