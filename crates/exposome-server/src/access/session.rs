//! Sessions: a cookie of 256 random bits, of which the store has the digest.
//!
//! The cookie is `__Host-` (RFC 6265bis, 4.1.3.2: TLS, this host alone, every
//! path), unreadable for scripts, and not sent along from other sites but where
//! a person follows a link.  What changes something needs a second value that
//! only these pages know: it is derived from the cookie's secret, so it is
//! worth nothing in another session.

use super::log::{Event, What};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{House, secret};
use axum::http::{HeaderMap, HeaderValue, header};
use exposome_store::accounts::{Person, SecretDigest, Session};
use jiff::SignedDuration;

pub(crate) const NO_SECOND_FACTOR: &str = "none";

/// The header that a write of a session carries.
pub const CSRF_HEADER: &str = "x-exposome-csrf";

fn cookie_name(settings: &Settings) -> &'static str {
    // Without TLS browsers take no `__Host-` cookie: this is for tests on one machine.
    if settings.is_secure() { "__Host-exposome" } else { "exposome" }
}

fn step_name(settings: &Settings) -> &'static str {
    if settings.is_secure() { "__Host-exposome-step" } else { "exposome-step" }
}

/// Binds what was begun (a sign-on, a passkey that is asked) to the browser that began it; empty: it is over.
pub(crate) fn step_cookie(settings: &Settings, secret: &str) -> HeaderValue {
    written(settings, step_name(settings), secret, if secret.is_empty() { 0 } else { 15 * 60 })
}

/// What the browser began.
pub(crate) fn step<'a>(headers: &'a HeaderMap, settings: &Settings) -> Option<&'a str> {
    held(headers, step_name(settings)).filter(|it| !it.is_empty())
}

/// What the cookie holds.  Two of its name are one too many: the request is nobody's.
pub(crate) fn secret<'a>(headers: &'a HeaderMap, settings: &Settings) -> Option<&'a str> {
    held(headers, cookie_name(settings))
}

fn held<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|it| it.to_str().ok());
    let mut ours = cookies
        .flat_map(|it| it.split(';'))
        .filter_map(|it| it.trim().split_once('='))
        .filter(|(it, _)| *it == name);
    let (_, secret) = ours.next()?;
    ours.next().is_none().then_some(secret)
}

pub(crate) fn csrf(secret: &str) -> String {
    secret::derived(secret, "csrf")
}

pub(crate) fn cookie(settings: &Settings, secret: &str) -> HeaderValue {
    let seconds = u64::from(settings.sessions.hours) * 3_600;
    written(settings, cookie_name(settings), secret, seconds)
}

pub(crate) fn no_cookie(settings: &Settings) -> HeaderValue {
    written(settings, cookie_name(settings), "", 0)
}

fn written(settings: &Settings, name: &str, secret: &str, seconds: u64) -> HeaderValue {
    let secure = if settings.is_secure() { "; Secure" } else { "" };
    let text =
        format!("{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// A session that has begun: its secret, and what is known of it.
pub(crate) struct Begun {
    pub(crate) secret: String,
    pub(crate) digest: SecretDigest,
    pub(crate) session: Session,
}

/// Makes a session that is not written yet.  Its secret is new, whatever was sent along: nobody is signed in by a
/// cookie that somebody else chose.
pub(crate) fn begin(house: &House, person: &Person, second_factor: &str) -> Result<Begun, Problem> {
    let secret = secret::new_secret()?;
    let now = house.now();
    let session = Session {
        person: person.id.clone(),
        role: None,
        second_factor: second_factor.to_owned(),
        created_at: now,
        seen_at: now,
        expires_at: now + SignedDuration::from_hours(i64::from(house.settings.sessions.hours)),
    };
    Ok(Begun { digest: secret::digest(&secret), secret, session })
}

/// Writes a session that has begun: the one that was there before in this browser ends with it, and what had failed
/// before is forgotten.
pub(crate) async fn write(
    house: &House,
    begun: &Begun,
    person: &Person,
    headers: &HeaderMap,
    from: &str,
) -> Result<(), Problem> {
    let mut change = house.store.change_accounts(house.now()).await?;
    if let Some(old) = secret(headers, &house.settings) {
        change.end_session(&secret::digest(old)).await?;
    }
    change.put_person(person).await?;
    change.add_session(&begun.digest, &begun.session).await?;
    change.forget_attempts(&super::lockout::of_login(&person.login)).await?;
    let what = What::SignedIn { second_factor: begun.session.second_factor.clone() };
    change.commit(&[Event::of(person, from, what).json()]).await?;
    Ok(())
}
