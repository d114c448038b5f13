//! Signing in and out.

use crate::House;
use crate::access::log::{Event, What};
use crate::access::scope::ScopeView;
use crate::access::{Caller, Means, Role, Scope, lockout, password, session, totp};
use crate::body::Brought;
use crate::door::{Origin, nothing};
use crate::problem::{Kind, Problem};
use crate::settings::SecondFactor;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use exposome_store::accounts::Person;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(show, sign_in, sign_out)).routes(routes!(act))
}

/// Who is signed in, and what the pages need to know of her.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Session)]
pub(crate) struct View {
    person: PersonView,
    sites: Vec<SiteView>,
    /// For the header X-Exposome-Csrf of every write; empty for a token
    csrf: String,
    /// When it ends unless it is used
    idle_expires: Timestamp,
    /// When it ends in any case
    expires: Timestamp,
    /// `none`, `totp`, `passkey`, or `provider` (of sign-on)
    second_factor: String,
    /// A second factor is asked for here, and this person has none: nothing else works until she has
    must_add_second_factor: bool,
    settings: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct PersonView {
    id: String,
    name: String,
    login: String,
    roles: Vec<Role>,
    /// The one that is acted in
    role: Option<Role>,
    scope: ScopeView,
    /// Roles that end by themselves
    for_a_while: Vec<crate::access::log::GrantView>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SiteView {
    id: String,
    name: String,
}

pub(crate) async fn view(house: &House, caller: &Caller) -> Result<View, Problem> {
    let scope = Scope::of_all(&caller.grants);
    let mut sites = house.store.sites().await?;
    sites.retain(|site| scope.has_site(site));
    let mut roles: Vec<Role> = caller.grants.iter().map(|(role, _)| *role).collect();
    roles.sort();
    roles.dedup();
    let person = PersonView {
        id: caller.person.id.clone(),
        name: caller.person.name.clone(),
        login: caller.person.login.clone(),
        roles,
        role: caller.role,
        scope: scope.view(),
        for_a_while: caller
            .grants
            .iter()
            .map(|(_, grant)| grant)
            .filter(|it| it.until.is_some())
            .map(Into::into)
            .collect(),
    };
    let (csrf, idle_expires, expires, second_factor) = match &caller.means {
        Means::Session { session, csrf, .. } => {
            let idle = SignedDuration::from_mins(i64::from(house.settings.sessions.idle_minutes));
            (
                csrf.clone(),
                (house.now() + idle).min(session.expires_at),
                session.expires_at,
                session.second_factor.clone(),
            )
        }
        Means::Token { .. } => {
            (String::new(), Timestamp::MAX, Timestamp::MAX, session::NO_SECOND_FACTOR.to_owned())
        }
    };
    let is_session = matches!(caller.means, Means::Session { .. });
    let must_add_second_factor = is_session
        && house.settings.second_factor == SecondFactor::Required
        && second_factor == session::NO_SECOND_FACTOR;
    Ok(View {
        person,
        sites: sites.into_iter().map(|id| SiteView { name: id.clone(), id }).collect(),
        csrf,
        idle_expires,
        expires,
        second_factor,
        must_add_second_factor,
        settings: super::me::settings_of(house, &caller.person.id).await?,
    })
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = View)))]
async fn show(State(house): State<House>, caller: Caller) -> Result<Json<View>, Problem> {
    Ok(Json(view(&house, &caller).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
    /// Of the app, where one was added
    code: Option<String>,
}

/// Sign in
///
/// 401 with `second-factor` says: the password is right, send it again with a code.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses((status = 200, body = View), (status = 401, description = "Not right, or a second factor is needed", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn sign_in(
    State(house): State<House>,
    origin: Origin,
    headers: HeaderMap,
    Brought(asked): Brought<SignIn>,
) -> Result<Response, Problem> {
    let outcome = try_sign_in(&house, origin, &headers, asked).await;
    let count = if outcome.is_ok() {
        &house.inner.metrics.sign_ins
    } else {
        &house.inner.metrics.sign_ins_refused
    };
    count.fetch_add(1, Ordering::Relaxed);
    outcome
}

/// Longer ones are nobody's, and are not looked at.
const LONGEST_LOGIN: usize = 100;
const LONGEST_PASSWORD: usize = 1_000;

async fn try_sign_in(
    house: &House,
    Origin(address): Origin,
    headers: &HeaderMap,
    asked: SignIn,
) -> Result<Response, Problem> {
    let login = super::people::login(&asked.login);
    if login.len() > LONGEST_LOGIN || asked.password.len() > LONGEST_PASSWORD {
        return Err(wrong());
    }
    lockout::must_be_open(house, &[lockout::of_login(&login), lockout::of_address(address)])
        .await?;
    let person = house.store.person_by_login(&login).await?.filter(|it| it.is_active);
    let hash = person.as_ref().and_then(|it| it.password.as_deref());
    let verdict = house.inner.passwords.verify(&asked.password, hash).await;
    let Some(mut person) = person.filter(|_| verdict != password::Verdict::Wrong) else {
        lockout::failed(house, &login, address).await?;
        tracing::warn!(login = ?login, from = %address, "a sign-in failed");
        return Err(wrong());
    };
    let second_factor = match second_factor(house, &mut person, asked.code.as_deref()).await? {
        Second::None => session::NO_SECOND_FACTOR,
        Second::Code => "totp",
        Second::Missing => {
            let asking = Problem::new(
                Kind::SecondFactor,
                "the password is right; the code of your app is needed, too",
            );
            return Err(Problem { field: Some("code".to_owned()), ..asking });
        }
        Second::Wrong => {
            lockout::failed(house, &login, address).await?;
            tracing::warn!(login = ?login, from = %address, "a sign-in failed at its code");
            return Err(Problem::new(
                Kind::WrongSignIn,
                "the code is not right, or was used before",
            )
            .way_out("wait for the next one"));
        }
    };
    if verdict == password::Verdict::RightButOld {
        person.password = Some(house.inner.passwords.hash(&asked.password).await?);
    }
    signed_in(house, &person, second_factor, headers, &address.to_string()).await
}

fn wrong() -> Problem {
    Problem::new(Kind::WrongSignIn, "login and password do not belong together")
}

enum Second {
    /// None was added.
    None,
    Code,
    Missing,
    Wrong,
}

async fn second_factor(
    house: &House,
    person: &mut Person,
    code: Option<&str>,
) -> Result<Second, Problem> {
    let Some(sealed) = &person.totp else { return Ok(Second::None) };
    let Some(code) = code else { return Ok(Second::Missing) };
    let secret = house.inner.seal.open_sealed(&totp_name(&person.id), sealed)?;
    let Some(step) = totp::step_of(&secret, code, house.now(), person.totp_step) else {
        return Ok(Second::Wrong);
    };
    // Of two that send the same code at once one is late.
    if !house.store.take_totp_step(&person.id, step).await? {
        return Ok(Second::Wrong);
    }
    person.totp_step = step;
    Ok(Second::Code)
}

/// What the secret of somebody's codes is sealed under.
pub(super) fn totp_name(person: &str) -> String {
    format!("totp of {person}")
}

/// Begins a session, and answers with its cookie.
pub(crate) async fn signed_in(
    house: &House,
    person: &Person,
    second_factor: &str,
    headers: &HeaderMap,
    from: &str,
) -> Result<Response, Problem> {
    let begun = session::begin(house, person, second_factor)?;
    session::write(house, &begun, person, headers, from).await?;
    let grants = crate::access::grants(house, person, house.now()).await?;
    let role = Role::ALL.into_iter().find(|role| grants.iter().any(|(it, _)| it == role));
    let means = Means::Session {
        digest: begun.digest,
        session: begun.session.clone(),
        csrf: session::csrf(&begun.secret),
    };
    let caller = Caller { person: person.clone(), grants, role, means, scope: Scope::default() };
    let cookie = session::cookie(&house.settings, &begun.secret);
    Ok(([(header::SET_COOKIE, cookie)], Json(view(house, &caller).await?)).into_response())
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204, description = "Signed out")))]
async fn sign_out(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
) -> Result<Response, Problem> {
    if let Means::Session { digest, .. } = &caller.means {
        let mut change = house.store.change_accounts(house.now()).await?;
        change.end_session(digest).await?;
        change.commit(&[Event::by(&caller, &address.to_string(), What::SignedOut).json()]).await?;
    }
    let mut response = nothing();
    response.headers_mut().insert(header::SET_COOKIE, session::no_cookie(&house.settings));
    // What the browser kept of these pages goes as well.
    response
        .headers_mut()
        .insert("clear-site-data", axum::http::HeaderValue::from_static("\"cache\", \"storage\""));
    Ok(response)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Acting {
    role: Role,
}

/// Act in another of one's roles
#[utoipa::path(put, path = "/api/v1/session/role", tag = "session", request_body = Acting, responses((status = 200, body = View)))]
async fn act(
    State(house): State<House>,
    mut caller: Caller,
    Brought(asked): Brought<Acting>,
) -> Result<Json<View>, Problem> {
    if !caller.has_role(asked.role) {
        return Err(Problem::unfit("role", "this role is not one of yours")
            .way_out("an administrator gives roles"));
    }
    if let Means::Session { digest, .. } = &caller.means {
        house.store.act_in(digest, asked.role.name()).await?;
    }
    caller.role = Some(asked.role);
    Ok(Json(view(&house, &caller).await?))
}
