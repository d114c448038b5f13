//! The pages: the bundle that was built from `web/`, embedded; every address that is no file is the application's own.

use crate::problem::{Kind, Problem};
use crate::{House, secret};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};

/// A file of the bundle.
struct File {
    path: &'static str,
    /// What it is compared by: a digest of them.
    tag: &'static str,
    bytes: &'static [u8],
    /// Packed, where that is shorter.
    gzip: Option<&'static [u8]>,
}

// `FILES`: written by build.rs.
include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

const INDEX: &str = "index.html";

/// What stands in the page where the number of the answer belongs, for styles that are added by script.
const NONCE: &str = "__CSP_NONCE__";

const NOT_BUILT: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>exposome</title>\
<h1>The pages are not built</h1><p>This exposome was built without its pages. Build them with <code>./x ui</code> and build \
exposome again. The API is here all the same: <a href=/api/v1/openapi.json>/api/v1/openapi.json</a></p>";

/// Answers everything that is no route.
pub(crate) async fn pages(State(house): State<House>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Problem::not_found("place in the API")
            .way_out("GET /api/v1/openapi.json lists all")
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = Problem::new(Kind::WrongMethod, "a page can be read").into_response();
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    // Names are compared, no path is ever opened: there is nothing to climb out of.
    let name = path.trim_start_matches('/');
    match FILES.iter().find(|file| file.path == name && name != INDEX) {
        Some(file) => static_file(file, request.headers()),
        // A file that is asked for by name and is not there is not the application.
        None if name.starts_with("static/") => Problem::not_found("file").into_response(),
        None => index(&house),
    }
}

fn static_file(file: &File, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", file.tag);
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.split(',').any(|it| it.trim().trim_start_matches("W/") == tag));
    // The bundler puts a digest into the names of assets: under one name there is ever one content.
    let cache = if file.path.starts_with("static/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let takes_gzip = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|it| it.to_str().ok())
        .is_some_and(|it| it.split(',').any(|it| it.trim().split(';').next() == Some("gzip")));
    let packed = file.gzip.filter(|_| takes_gzip);
    let mut response = if is_known {
        axum::http::StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(packed.unwrap_or(file.bytes)).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(header::ETAG, tag);
    }
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind_of(file.path)));
    if packed.is_some() && !is_known {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// The application's page: its styles bear a number that no other answer has, its scripts come from here alone.
fn index(house: &House) -> Response {
    let Some(file) = FILES.iter().find(|file| file.path == INDEX) else {
        return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response();
    };
    let nonce = match secret::random_text(16) {
        Ok(nonce) => nonce,
        Err(error) => return Problem::failed(&error).into_response(),
    };
    let page = String::from_utf8_lossy(file.bytes).replace(NONCE, &nonce);
    let upgrade = if house.settings.is_secure() { "; upgrade-insecure-requests" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'{upgrade}"
    );
    let mut response = (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
        page,
    )
        .into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
