//! How a request is told that it was refused, or that it failed: a problem document (RFC 9457).
//!
//! *Refused* is theirs: said plainly, with the way out.  *Failed* is ours: logged
//! with the request's id, which is all that is told of it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// The kinds of problems: one list, with the status and the words of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Malformed,
    SignIn,
    WrongSignIn,
    SecondFactor,
    NotYours,
    NotFromHere,
    NotFound,
    WrongMethod,
    TooSlow,
    Conflict,
    Gone,
    TooLarge,
    WrongType,
    Unfit,
    KeyUsed,
    TooMany,
    Failed,
    NotReady,
}

impl Kind {
    pub const ALL: [Kind; 18] = [
        Kind::Malformed,
        Kind::SignIn,
        Kind::WrongSignIn,
        Kind::SecondFactor,
        Kind::NotYours,
        Kind::NotFromHere,
        Kind::NotFound,
        Kind::WrongMethod,
        Kind::TooSlow,
        Kind::Conflict,
        Kind::Gone,
        Kind::TooLarge,
        Kind::WrongType,
        Kind::Unfit,
        Kind::KeyUsed,
        Kind::TooMany,
        Kind::Failed,
        Kind::NotReady,
    ];

    /// Name in the document's `type`, status, title.
    pub fn words(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Kind::Malformed => ("malformed", StatusCode::BAD_REQUEST, "The request cannot be read"),
            Kind::SignIn => ("sign-in", StatusCode::UNAUTHORIZED, "Nobody is signed in"),
            Kind::WrongSignIn => {
                ("wrong-sign-in", StatusCode::UNAUTHORIZED, "The sign-in is not right")
            }
            Kind::SecondFactor => {
                ("second-factor", StatusCode::UNAUTHORIZED, "A second factor is needed")
            }
            Kind::NotYours => {
                ("not-yours", StatusCode::FORBIDDEN, "This is for others to do or to see")
            }
            Kind::NotFromHere => (
                "not-from-here",
                StatusCode::FORBIDDEN,
                "The request does not come from these pages",
            ),
            Kind::NotFound => ("not-found", StatusCode::NOT_FOUND, "There is no such thing"),
            Kind::WrongMethod => {
                ("wrong-method", StatusCode::METHOD_NOT_ALLOWED, "That cannot be done with it")
            }
            Kind::TooSlow => {
                ("too-slow", StatusCode::REQUEST_TIMEOUT, "The request did not arrive in time")
            }
            Kind::Conflict => ("conflict", StatusCode::CONFLICT, "Something else came first"),
            Kind::Gone => ("gone", StatusCode::GONE, "It is there no longer"),
            Kind::TooLarge => {
                ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "The request is too large")
            }
            Kind::WrongType => (
                "wrong-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "The request is of another kind than is expected",
            ),
            Kind::Unfit => {
                ("unfit", StatusCode::UNPROCESSABLE_ENTITY, "The request says what cannot be")
            }
            Kind::KeyUsed => (
                "key-used",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The idempotency key belongs to another request",
            ),
            Kind::TooMany => (
                "too-many",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests, or too many failed sign-ins",
            ),
            Kind::Failed => ("failed", StatusCode::INTERNAL_SERVER_ERROR, "Something failed here"),
            Kind::NotReady => ("not-ready", StatusCode::SERVICE_UNAVAILABLE, "Not ready yet"),
        }
    }
}

/// A problem on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: Kind,
    pub detail: String,
    /// The part of the request it is about.
    pub field: Option<String>,
    /// Who may, or what to do instead.
    pub way_out: Option<String>,
    /// When to come again.
    pub retry_after_seconds: Option<u64>,
    /// Under which it stands in the log.
    pub id: Option<String>,
}

/// As it is sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// A name of the kind of problem: `urn:exposome:problem:not-found`
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    /// What is wrong, in words
    detail: String,
    /// The part of the request it is about
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// Who may, or what to do instead
    #[serde(skip_serializing_if = "Option::is_none")]
    way_out: Option<String>,
    /// Under which a failure stands in the log
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        Problem { kind, detail, field: None, way_out: None, retry_after_seconds: None, id: None }
    }

    /// What a thing's name or number stands for is not there (or not for this person: who may not see a thing is told
    /// the same).
    pub fn not_found(what: &str) -> Problem {
        Problem::new(Kind::NotFound, format!("there is no such {what}"))
    }

    /// A value that cannot be.
    pub fn unfit(field: &str, detail: impl Into<String>) -> Problem {
        Problem { field: Some(field.to_owned()), ..Problem::new(Kind::Unfit, detail) }
    }

    #[must_use]
    pub fn way_out(mut self, words: impl Into<String>) -> Problem {
        self.way_out = Some(words.into());
        self
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Problem {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// Ours: the log has it all, the other side the id.
    pub fn failed(error: &(dyn std::error::Error + 'static)) -> Problem {
        let id = crate::door::request_id();
        let mut chain = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            chain = format!("{chain}: {error}");
            cause = error.source();
        }
        tracing::error!(id, error = ?chain, "a request failed");
        Problem {
            id: Some(id),
            ..Problem::new(
                Kind::Failed,
                "nothing was changed, or it was noted; the log says more under this id",
            )
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (name, status, title) = self.kind.words();
        let document = Document {
            kind: format!("urn:exposome:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
            field: self.field,
            way_out: self.way_out,
            id: self.id,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, 11.6.1: whoever answers 401 says how one signs in.
            let bearer = HeaderValue::from_static("Bearer realm=\"exposome\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        response
    }
}

impl From<exposome_store::Error> for Problem {
    fn from(error: exposome_store::Error) -> Problem {
        match error {
            exposome_store::Error::Overtaken => Problem::new(Kind::Conflict, error.to_string())
                .way_out("look again, then repeat it"),
            error => Problem::failed(&error),
        }
    }
}

impl From<exposome_site::Error> for Problem {
    fn from(error: exposome_site::Error) -> Problem {
        match error {
            exposome_site::Error::Store(error) => error.into(),
            exposome_site::Error::Rules(error) => Problem::failed(&error),
        }
    }
}

impl From<crate::errands::Failed> for Problem {
    fn from(error: crate::errands::Failed) -> Problem {
        Problem::failed(&error)
    }
}

impl From<crate::Error> for Problem {
    fn from(error: crate::Error) -> Problem {
        Problem::failed(&error)
    }
}

impl From<crate::seal::DoesNotOpen> for Problem {
    fn from(error: crate::seal::DoesNotOpen) -> Problem {
        Problem::failed(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_kinds_share_a_name() {
        let names: BTreeSet<&str> = Kind::ALL.iter().map(|it| it.words().0).collect();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
