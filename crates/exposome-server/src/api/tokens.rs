//! Tokens: what programs sign in with.

use crate::House;
use crate::access::log::{Event, What};
use crate::access::{Caller, Role, Scope, TOKEN_PREFIX};
use crate::body::Brought;
use crate::door::{Origin, nothing};
use crate::once::ToldOnce;
use crate::problem::Problem;
use crate::secret;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use exposome_store::accounts::{Grant, Origin as GrantOrigin, Token};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, make)).routes(routes!(revoke))
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Token)]
struct View {
    id: String,
    name: String,
    /// Whose it is
    person: String,
    role: String,
    site: Option<String>,
    unit: Option<String>,
    writes: bool,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// To the minute; null: never
    used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl From<Token> for View {
    fn from(it: Token) -> View {
        let Token {
            id,
            person,
            name,
            role,
            site,
            unit,
            writes,
            created_at,
            expires_at,
            used_at,
            revoked_at,
        } = it;
        View {
            id,
            name,
            person,
            role,
            site,
            unit,
            writes,
            created_at,
            expires_at,
            used_at,
            revoked_at,
        }
    }
}

#[derive(Serialize, utoipa::ToSchema)]
struct Tokens {
    rows: Vec<View>,
}

/// One's tokens; an administrator's answer has everybody's
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", responses((status = 200, body = Tokens)))]
async fn list(State(house): State<House>, caller: Caller) -> Result<Json<Tokens>, Problem> {
    let tokens = house.store.tokens(whose(&caller)).await?;
    Ok(Json(Tokens { rows: tokens.into_iter().map(View::from).collect() }))
}

fn whose(caller: &Caller) -> Option<&str> {
    if caller.has_role(Role::Administrator) { None } else { Some(&caller.person.id) }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    name: String,
    /// One of one's own
    role: Role,
    site: Option<String>,
    unit: Option<String>,
    /// false: it only reads
    #[serde(default)]
    writes: bool,
    #[schema(minimum = 1)]
    days: u32,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Made {
    token: View,
    /// Told this once
    secret: String,
}

/// Make a token: it may what its owner may in that role and place, and never more
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewToken, responses((status = 201, body = Made)))]
async fn make(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Brought(asked): Brought<NewToken>,
) -> Result<Response, Problem> {
    let name = asked.name.trim();
    if !(1..=100).contains(&name.len()) || name.chars().any(char::is_control) {
        return Err(Problem::unfit("name", "a name has 1 to 100 letters, in one line"));
    }
    let most = house.settings.sessions.token_days;
    if !(1..=most).contains(&asked.days) {
        return Err(Problem::unfit("days", format!("a token works for 1 to {most} days")));
    }
    if asked.unit.is_some() && asked.site.is_none() {
        return Err(Problem::unfit("unit", "a unit is one of a site: name the site"));
    }
    let wanted = Grant {
        role: asked.role.name().to_owned(),
        site: asked.site.clone(),
        unit: asked.unit.clone(),
        origin: GrantOrigin::Administrator,
        until: None,
    };
    // What was taken for a while is not handed on for longer.
    let owned: Vec<_> = caller
        .grants
        .iter()
        .filter(|(role, grant)| *role == asked.role && grant.until.is_none())
        .cloned()
        .collect();
    if owned.is_empty() || !Scope::of_all(&owned).holds(&Scope::of_all(&[(asked.role, wanted)])) {
        return Err(Problem::unfit(
            "role",
            "a token reaches no further than its owner in this role",
        ));
    }
    let secret = format!("{TOKEN_PREFIX}{}", secret::new_secret()?);
    let now = house.now();
    let token = Token {
        id: secret::random_text(9)?,
        person: caller.person.id.clone(),
        name: name.to_owned(),
        role: asked.role.name().to_owned(),
        site: asked.site,
        unit: asked.unit,
        writes: asked.writes,
        created_at: now,
        expires_at: now + SignedDuration::from_hours(24 * i64::from(asked.days)),
        used_at: None,
        revoked_at: None,
    };
    let mut change = house.store.change_accounts(now).await?;
    change.add_token(&secret::digest(&secret), &token).await?;
    let what = What::TokenMade {
        token: token.id.clone(),
        role: token.role.clone(),
        writes: token.writes,
        until: token.expires_at,
    };
    change.commit(&[Event::by(&caller, &address.to_string(), what).json()]).await?;
    Ok((StatusCode::CREATED, Extension(ToldOnce), Json(Made { token: token.into(), secret }))
        .into_response())
}

/// Revoke a token: it opens nothing from here on
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)), responses((status = 204, description = "Revoked")))]
async fn revoke(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let mut change = house.store.change_accounts(house.now()).await?;
    if !change.revoke_token(&id, whose(&caller)).await? {
        return Err(Problem::not_found("token"));
    }
    change
        .commit(
            &[Event::by(&caller, &address.to_string(), What::TokenRevoked { token: id }).json()],
        )
        .await?;
    Ok(nothing())
}
