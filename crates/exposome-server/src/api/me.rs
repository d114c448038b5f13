//! What a person arranges for herself: settings, password, second factor, where she is signed in, a role in an emergency.

use crate::House;
use crate::access::log::{Event, GrantView, What};
use crate::access::{Caller, Role, totp};
use crate::body::Brought;
use crate::door::{Origin, nothing};
use crate::once::ToldOnce;
use crate::problem::{Kind, Problem};
use crate::secret;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use exposome_store::accounts::Grant;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(settings, set))
        .routes(routes!(change_password))
        .routes(routes!(begin_totp, confirm_totp, remove_totp))
        .routes(routes!(sessions, sign_out_everywhere))
        .routes(routes!(break_glass))
}

type Arranged = BTreeMap<String, serde_json::Value>;

pub(super) async fn settings_of(house: &House, person: &str) -> Result<Arranged, Problem> {
    let settings = house.store.settings(person).await?;
    Ok(settings
        .into_iter()
        .filter_map(|(name, body)| Some((name, serde_json::from_str(&body).ok()?)))
        .collect())
}

/// What one has arranged
#[utoipa::path(get, path = "/api/v1/me/settings", tag = "me", responses((status = 200, body = BTreeMap<String, serde_json::Value>)))]
async fn settings(State(house): State<House>, caller: Caller) -> Result<Json<Arranged>, Problem> {
    Ok(Json(settings_of(&house, &caller.person.id).await?))
}

/// Names that are known, and how long their values may be: the pages' memory, not a store for everything.
const NAMES: &[(&str, usize)] = &[
    ("theme", 100),
    ("single_keys", 100),
    ("columns", 20_000),
    ("views", 200_000),
    ("site", 200),
    ("notifications", 20_000),
];

/// Arrange: what is named is put, what is not stays
#[utoipa::path(put, path = "/api/v1/me/settings", tag = "me", request_body = BTreeMap<String, serde_json::Value>, responses((status = 200, body = BTreeMap<String, serde_json::Value>)))]
async fn set(
    State(house): State<House>,
    caller: Caller,
    Brought(asked): Brought<Arranged>,
) -> Result<Json<Arranged>, Problem> {
    let mut written = Vec::new();
    for (name, value) in &asked {
        let Some((_, longest)) = NAMES.iter().find(|(it, _)| it == name) else {
            let names: Vec<&str> = NAMES.iter().map(|(it, _)| *it).collect();
            return Err(Problem::unfit(name, "there is no such setting")
                .way_out(format!("these are known: {}", names.join(", "))));
        };
        let body = value.to_string();
        if body.len() > *longest {
            return Err(Problem::unfit(name, format!("it is longer than {longest} bytes")));
        }
        written.push((name, body));
    }
    for (name, body) in written {
        house.store.set(&caller.person.id, name, &body).await?;
    }
    Ok(Json(settings_of(&house, &caller.person.id).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    current: String,
    new: String,
}

/// Change one's password; every other session ends
#[utoipa::path(put, path = "/api/v1/me/password", tag = "me", request_body = NewPassword, responses((status = 204, description = "Changed")))]
async fn change_password(
    State(house): State<House>,
    origin: Origin,
    mut caller: Caller,
    Brought(asked): Brought<NewPassword>,
) -> Result<Response, Problem> {
    must_be_herself(&house, &caller, origin, &asked.current).await?;
    super::set_up::must_be_fit(&asked.new, &caller.person)?;
    if asked.new == asked.current {
        return Err(Problem::unfit("new", "it is the old one"));
    }
    caller.person.password = Some(house.inner.passwords.hash(&asked.new).await?);
    caller.person.password_at = Some(house.now());
    let mut change = house.store.change_accounts(house.now()).await?;
    change.put_person(&caller.person).await?;
    change.end_sessions(&caller.person.id, caller.session()).await?;
    change
        .commit(&[Event::by(
            &caller,
            &origin.0.to_string(),
            What::PasswordChanged { by_link: false },
        )
        .json()])
        .await?;
    Ok(nothing())
}

/// Asks for the password once more, where what is done would let somebody else in for good.
pub(super) async fn must_be_herself(
    house: &House,
    caller: &Caller,
    Origin(address): Origin,
    password: &str,
) -> Result<(), Problem> {
    use crate::access::lockout;
    let login = &caller.person.login;
    lockout::must_be_open(house, &[lockout::of_login(login)]).await?;
    let Some(hash) = caller.person.password.as_deref() else {
        // Whoever signs in by the hospital's provider has no password here; her session is what there is.
        return Ok(());
    };
    if house.inner.passwords.verify(password, Some(hash)).await
        == crate::access::password::Verdict::Wrong
    {
        lockout::failed(house, login, address).await?;
        return Err(Problem {
            field: Some("current".to_owned()),
            ..Problem::new(Kind::Unfit, "this is not your password")
        });
    }
    Ok(())
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Herself {
    /// One's password, once more
    pub(super) current: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct TotpSecret {
    /// For the app, typed
    secret: String,
    /// For the app, as a square
    address: String,
}

/// Begin to add an app for one-time codes; it holds once a code of it was sent (PUT)
#[utoipa::path(post, path = "/api/v1/me/totp", tag = "me", request_body = Herself, responses((status = 200, body = TotpSecret), (status = 409, description = "There is one", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn begin_totp(
    State(house): State<House>,
    origin: Origin,
    caller: Caller,
    Brought(asked): Brought<Herself>,
) -> Result<Response, Problem> {
    must_be_herself(&house, &caller, origin, &asked.current).await?;
    if caller.person.totp.is_some() {
        return Err(Problem::new(Kind::Conflict, "there is an app already")
            .way_out("take it away first: DELETE /api/v1/me/totp"));
    }
    let mut secret = [0; totp::SECRET_BYTES];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_| crate::Error::NoRandom)?;
    let sealed = house.inner.seal.seal(&pending(&caller.person.id), &secret)?;
    let until = house.now() + CONFIRMED_WITHIN;
    house.store.begin_pending(&secret::digest(&pending(&caller.person.id)), &sealed, until).await?;
    let view = TotpSecret {
        secret: totp::base32(&secret),
        address: totp::address(&secret, &caller.person.login),
    };
    Ok((Extension(ToldOnce), Json(view)).into_response())
}

/// So long an app waits for its first code.
const CONFIRMED_WITHIN: SignedDuration = SignedDuration::from_mins(15);

fn pending(person: &str) -> String {
    format!("totp of {person}, not confirmed")
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

/// Confirm the app with a code of it; every other session ends
#[utoipa::path(put, path = "/api/v1/me/totp", tag = "me", request_body = Code, responses((status = 204, description = "It is asked for from the next sign-in on")))]
async fn confirm_totp(
    State(house): State<House>,
    Origin(address): Origin,
    mut caller: Caller,
    Brought(asked): Brought<Code>,
) -> Result<Response, Problem> {
    let key = secret::digest(&pending(&caller.person.id));
    let kept = house.store.take_pending(&key, house.now()).await?.ok_or_else(|| {
        Problem::new(Kind::Conflict, "no app was begun to be added, or too long ago")
            .way_out("POST /api/v1/me/totp")
    })?;
    let opened = house.inner.seal.open_sealed(&pending(&caller.person.id), &kept)?;
    let Some(step) = totp::step_of(&opened, &asked.code, house.now(), 0) else {
        // It was typed wrong: the app need not be added once more.
        house.store.begin_pending(&key, &kept, house.now() + CONFIRMED_WITHIN).await?;
        return Err(Problem::unfit("code", "the code is not one of this app and moment")
            .way_out("look whether the clock of the device is right"));
    };
    caller.person.totp =
        Some(house.inner.seal.seal(&super::session::totp_name(&caller.person.id), &opened)?);
    caller.person.totp_step = step;
    let mut change = house.store.change_accounts(house.now()).await?;
    change.put_person(&caller.person).await?;
    change.end_sessions(&caller.person.id, caller.session()).await?;
    if let Some(digest) = caller.session() {
        change.strengthen_session(digest, "totp").await?;
    }
    change
        .commit(&[Event::by(
            &caller,
            &address.to_string(),
            What::SecondFactorAdded { kind: "totp" },
        )
        .json()])
        .await?;
    Ok(nothing())
}

/// Take the app away
#[utoipa::path(delete, path = "/api/v1/me/totp", tag = "me", request_body = Herself, responses((status = 204, description = "Codes are asked for no more")))]
async fn remove_totp(
    State(house): State<House>,
    origin: Origin,
    mut caller: Caller,
    Brought(asked): Brought<Herself>,
) -> Result<Response, Problem> {
    must_be_herself(&house, &caller, origin, &asked.current).await?;
    if caller.person.totp.take().is_none() {
        return Err(Problem::new(Kind::Conflict, "there is no app"));
    }
    let mut change = house.store.change_accounts(house.now()).await?;
    change.put_person(&caller.person).await?;
    change.end_sessions(&caller.person.id, caller.session()).await?;
    change
        .commit(&[Event::by(
            &caller,
            &origin.0.to_string(),
            What::SecondFactorRemoved { kind: "totp" },
        )
        .json()])
        .await?;
    Ok(nothing())
}

#[derive(Serialize, utoipa::ToSchema)]
struct Sessions {
    rows: Vec<SessionView>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct SessionView {
    created_at: Timestamp,
    /// To the minute
    seen_at: Timestamp,
    expires_at: Timestamp,
    second_factor: String,
    /// The one that asks
    this: bool,
}

/// Where one is signed in, the latest first
#[utoipa::path(get, path = "/api/v1/me/sessions", tag = "me", responses((status = 200, body = Sessions)))]
async fn sessions(State(house): State<House>, caller: Caller) -> Result<Json<Sessions>, Problem> {
    let sessions = house.store.sessions_of(&caller.person.id, house.now()).await?;
    let this = caller.session();
    let rows = sessions.into_iter().map(|(digest, it)| SessionView {
        created_at: it.created_at,
        seen_at: it.seen_at,
        expires_at: it.expires_at,
        second_factor: it.second_factor,
        this: this == Some(&digest),
    });
    Ok(Json(Sessions { rows: rows.collect() }))
}

/// Sign out everywhere, here as well
#[utoipa::path(delete, path = "/api/v1/me/sessions", tag = "me", responses((status = 204, description = "No session of this person is left")))]
async fn sign_out_everywhere(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
) -> Result<Response, Problem> {
    let mut change = house.store.change_accounts(house.now()).await?;
    let sessions = change.end_sessions(&caller.person.id, None).await?;
    change
        .commit(&[
            Event::by(&caller, &address.to_string(), What::SignedOutEverywhere { sessions }).json()
        ])
        .await?;
    let mut response = nothing();
    response
        .headers_mut()
        .insert(axum::http::header::SET_COOKIE, crate::access::session::no_cookie(&house.settings));
    Ok(response)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Glass {
    role: Role,
    /// Where; every site at which one has any role, where left out
    site: Option<String>,
    /// Why: it is read by others
    reason: String,
}

/// Take a role in an emergency, for a while and with a reason; it is logged and shown
#[utoipa::path(post, path = "/api/v1/me/glass", tag = "me", request_body = Glass, responses((status = 200, body = GrantView)))]
async fn break_glass(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Brought(asked): Brought<Glass>,
) -> Result<Json<GrantView>, Problem> {
    // An auditor stays one, and nobody becomes who gives out roles.
    let is_barred =
        caller.grants.iter().all(|(role, _)| matches!(role, Role::Auditor | Role::Reporter));
    if is_barred || matches!(asked.role, Role::Administrator | Role::Auditor) {
        return Err(Problem::new(Kind::NotYours, "this role cannot be taken")
            .way_out("an administrator gives roles"));
    }
    let reason = asked.reason.trim();
    if !(10..=500).contains(&reason.chars().count()) {
        return Err(Problem::unfit(
            "reason",
            "the reason has 10 to 500 letters: others will read it",
        ));
    }
    if let Some(site) = &asked.site
        && !caller.scope.has_site(site)
    {
        return Err(Problem::not_found("site"));
    }
    let until =
        house.now() + SignedDuration::from_hours(i64::from(house.settings.sessions.glass_hours));
    let sites: Vec<Option<String>> = match (&asked.site, caller.scope.everywhere) {
        (Some(site), _) => vec![Some(site.clone())],
        (None, true) => vec![None],
        (None, false) => caller.scope.sites.keys().cloned().map(Some).collect(),
    };
    let grants: Vec<Grant> = sites
        .into_iter()
        .map(|site| Grant {
            role: asked.role.name().to_owned(),
            site,
            unit: None,
            origin: exposome_store::accounts::Origin::Glass,
            until: Some(until),
        })
        .collect();
    let Some(first) = grants.first() else { return Err(Problem::not_found("site")) };
    let mut change = house.store.change_accounts(house.now()).await?;
    for grant in &grants {
        change.add_grant(&caller.person.id, grant).await?;
    }
    let what = What::GlassBroken {
        role: asked.role.name().to_owned(),
        site: asked.site.clone(),
        reason: reason.to_owned(),
        until,
    };
    change.commit(&[Event::by(&caller, &address.to_string(), what).json()]).await?;
    tracing::warn!(login = ?caller.person.login, role = asked.role.name(), "a role was taken in an emergency");
    Ok(Json(first.into()))
}
