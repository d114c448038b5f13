//! People: who has an account, and what she may.

use crate::House;
use crate::access::log::{Event, GrantView, What};
use crate::access::{Caller, Role, set_up};
use crate::body::{Asked, Brought};
use crate::door::{Origin, nothing};
use crate::once::ToldOnce;
use crate::problem::{Kind, Problem};
use crate::secret;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use exposome_store::accounts::{Grant, OneTimeLink, Origin as GrantOrigin, Person};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, change))
        .routes(routes!(give))
        .routes(routes!(invite))
        .routes(routes!(sign_out))
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of one another, and JSON has no better word"
)]
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Person)]
pub(super) struct View {
    id: String,
    login: String,
    name: String,
    email: Option<String>,
    active: bool,
    created_at: Timestamp,
    has_password: bool,
    has_totp: bool,
    /// Signs in by the hospital's provider
    by_provider: bool,
    roles: Vec<GrantView>,
}

async fn view(house: &House, person: &Person) -> Result<View, Problem> {
    let roles = house.store.grants(&person.id, house.now()).await?;
    Ok(View {
        id: person.id.clone(),
        login: person.login.clone(),
        name: person.name.clone(),
        email: person.email.clone(),
        active: person.is_active,
        created_at: person.created_at,
        has_password: person.password.is_some(),
        has_totp: person.totp.is_some(),
        by_provider: person.provider.is_some(),
        roles: roles.iter().map(Into::into).collect(),
    })
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// From the last page's `next`
    after: Option<String>,
    /// At most 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct People {
    rows: Vec<View>,
    /// Ask with it for those that follow; null: there are no more
    next: Option<String>,
}

/// Everybody who has an account
#[utoipa::path(get, path = "/api/v1/people", tag = "people", params(Page), responses((status = 200, body = People)))]
async fn list(
    State(house): State<House>,
    Asked(page): Asked<Page>,
) -> Result<Json<People>, Problem> {
    let limit = super::limit(page.limit)?;
    let after = page.after.as_deref().map(super::cursor::read).transpose()?.unwrap_or_default();
    let mut persons = house.store.persons(&after, limit + 1).await?;
    let more = persons.len() > limit as usize;
    persons.truncate(limit as usize);
    let next = persons.last().filter(|_| more).map(|it| super::cursor::write(&it.login));
    let mut rows = Vec::new();
    for person in &persons {
        rows.push(view(&house, person).await?);
    }
    Ok(Json(People { rows, next }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    login: String,
    name: String,
    email: Option<String>,
    #[serde(default)]
    roles: Vec<GivenRole>,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct GivenRole {
    role: Role,
    /// Every site where left out
    site: Option<String>,
    /// Every unit of the site where left out
    unit: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Invited {
    person: View,
    /// Give it to the person: it is told this once, and works once
    link: String,
    expires: Timestamp,
}

/// Logins are compared without regard to capitals and what stands around them.
pub(super) fn login(typed: &str) -> String {
    typed.trim().to_lowercase()
}

pub(super) fn new_person(
    house: &House,
    name: &str,
    typed: &str,
    email: Option<&str>,
) -> Result<Person, Problem> {
    let login = login(typed);
    let is_plain = |it: char| it.is_alphanumeric() || matches!(it, '.' | '-' | '_' | '@' | '+');
    if !(1..=100).contains(&login.len()) || !login.chars().all(is_plain) {
        return Err(Problem::unfit("login", "a login has 1 to 100 letters, digits, or . - _ @ +"));
    }
    Ok(Person {
        id: secret::random_text(12)?,
        login,
        name: fit_name(name)?,
        email: email.map(fit_email).transpose()?,
        is_active: true,
        created_at: house.now(),
        password: None,
        password_at: None,
        totp: None,
        totp_step: 0,
        provider: None,
    })
}

fn fit_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if !(1..=200).contains(&name.len()) || name.chars().any(char::is_control) {
        return Err(Problem::unfit("name", "a name has 1 to 200 letters, in one line"));
    }
    Ok(name.to_owned())
}

pub(super) fn fit_email(email: &str) -> Result<String, Problem> {
    let email = email.trim();
    let is_address =
        email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    if !is_address
        || email.len() > 254
        || email
            .chars()
            .any(|it| it.is_control() || it.is_whitespace() || matches!(it, '<' | '>' | ',' | ';'))
    {
        return Err(Problem::unfit("email", "this is no e-mail address"));
    }
    Ok(email.to_owned())
}

fn grants(given: &[GivenRole]) -> Result<Vec<Grant>, Problem> {
    let mut grants = Vec::new();
    for it in given {
        if it.unit.is_some() && it.site.is_none() {
            return Err(Problem::unfit("unit", "a unit is one of a site: name the site"));
        }
        let blank = [&it.site, &it.unit]
            .into_iter()
            .flatten()
            .any(|it| it.trim().is_empty() || it.chars().any(char::is_control) || it.len() > 200);
        if blank {
            return Err(Problem::unfit(
                "roles",
                "the name of a site or unit is empty, too long, or of several lines",
            ));
        }
        let grant = Grant {
            role: it.role.name().to_owned(),
            site: it.site.clone(),
            unit: it.unit.clone(),
            origin: GrantOrigin::Administrator,
            until: None,
        };
        if !grants.contains(&grant) {
            grants.push(grant);
        }
    }
    Ok(grants)
}

/// Give somebody an account; the answer holds the link with which she chooses her password
#[utoipa::path(post, path = "/api/v1/people", tag = "people", request_body = NewPerson, responses((status = 201, body = Invited), (status = 409, description = "The login is taken", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn add(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Brought(asked): Brought<NewPerson>,
) -> Result<Response, Problem> {
    let person = new_person(&house, &asked.name, &asked.login, asked.email.as_deref())?;
    let grants = grants(&asked.roles)?;
    let (secret, link) = link_for(&house, &person)?;
    let mut change = house.store.change_accounts(house.now()).await?;
    if !change.add_person(&person).await? {
        return Err(Problem {
            field: Some("login".to_owned()),
            ..Problem::new(Kind::Conflict, "somebody has this login")
        });
    }
    change.put_grants(&person.id, GrantOrigin::Administrator, &grants).await?;
    change.add_link(&secret::digest(&secret), &link).await?;
    let from = address.to_string();
    let added = What::PersonAdded { person: person.id.clone(), login: person.login.clone() };
    let given = What::RolesGiven {
        person: person.id.clone(),
        roles: grants.iter().map(Into::into).collect(),
    };
    change
        .commit(&[Event::by(&caller, &from, added).json(), Event::by(&caller, &from, given).json()])
        .await?;
    invited(&house, &person, &secret, &link, StatusCode::CREATED).await
}

const LINK_HOURS: i64 = 72;

fn link_for(house: &House, person: &Person) -> Result<(String, OneTimeLink), Problem> {
    let now = house.now();
    let link = OneTimeLink {
        purpose: set_up::PASSWORD.to_owned(),
        person: Some(person.id.clone()),
        created_at: now,
        expires_at: now + SignedDuration::from_hours(LINK_HOURS),
    };
    Ok((secret::new_secret()?, link))
}

async fn invited(
    house: &House,
    person: &Person,
    secret: &str,
    link: &OneTimeLink,
    status: StatusCode,
) -> Result<Response, Problem> {
    let invited = Invited {
        person: view(house, person).await?,
        link: format!("/set-up#token={secret}"),
        expires: link.expires_at,
    };
    Ok((status, Extension(ToldOnce), Json(invited)).into_response())
}

async fn known(house: &House, id: &str) -> Result<Person, Problem> {
    house.store.person(id).await?.ok_or_else(|| Problem::not_found("person"))
}

/// One person
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people", params(("id" = String, Path)), responses((status = 200, body = View)))]
async fn show(State(house): State<House>, Path(id): Path<String>) -> Result<Json<View>, Problem> {
    Ok(Json(view(&house, &known(&house, &id).await?).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangedPerson {
    name: Option<String>,
    email: Option<String>,
    /// false: she is signed out everywhere, her tokens open nothing, and she cannot sign in
    active: Option<bool>,
}

/// Change somebody's name or address, or close or open her account; what is left out stays
#[utoipa::path(put, path = "/api/v1/people/{id}", tag = "people", params(("id" = String, Path)), request_body = ChangedPerson, responses((status = 200, body = View), (status = 409, description = "She is the last administrator", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn change(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Path(id): Path<String>,
    Brought(asked): Brought<ChangedPerson>,
) -> Result<Json<View>, Problem> {
    let mut person = known(&house, &id).await?;
    if let Some(name) = &asked.name {
        person.name = fit_name(name)?;
    }
    if let Some(email) = &asked.email {
        person.email = if email.trim().is_empty() { None } else { Some(fit_email(email)?) };
    }
    person.is_active = asked.active.unwrap_or(person.is_active);
    let mut change = house.store.change_accounts(house.now()).await?;
    change.put_person(&person).await?;
    if !person.is_active {
        change.end_sessions(&person.id, None).await?;
    }
    must_leave_an_administrator(&mut change).await?;
    let what = What::PersonChanged { person: person.id.clone(), active: person.is_active };
    change.commit(&[Event::by(&caller, &address.to_string(), what).json()]).await?;
    Ok(Json(view(&house, &person).await?))
}

async fn must_leave_an_administrator(
    change: &mut exposome_store::accounts::Change,
) -> Result<(), Problem> {
    if change.count_with(Role::Administrator.name()).await? > 0 {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Conflict,
        "she is the last administrator: nobody could give out roles any more",
    )
    .way_out("make somebody else one first"))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Given {
    roles: Vec<GivenRole>,
}

/// Somebody's roles are these from here on; those that the provider gave, or that were taken in an emergency, are not touched
#[utoipa::path(put, path = "/api/v1/people/{id}/roles", tag = "people", params(("id" = String, Path)), request_body = Given, responses((status = 200, body = View), (status = 409, description = "She is the last administrator", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn give(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Path(id): Path<String>,
    Brought(asked): Brought<Given>,
) -> Result<Json<View>, Problem> {
    let person = known(&house, &id).await?;
    let grants = grants(&asked.roles)?;
    let mut change = house.store.change_accounts(house.now()).await?;
    change.put_grants(&person.id, GrantOrigin::Administrator, &grants).await?;
    must_leave_an_administrator(&mut change).await?;
    // A new session sees new roles from its first page on (OWASP ASVS 5, 7.2.4).
    if person.id != caller.person.id {
        change.end_sessions(&person.id, None).await?;
    }
    let what = What::RolesGiven {
        person: person.id.clone(),
        roles: grants.iter().map(Into::into).collect(),
    };
    change.commit(&[Event::by(&caller, &address.to_string(), what).json()]).await?;
    Ok(Json(view(&house, &person).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Invitation {
    /// The app for one-time codes is lost, and whoever asks has been known for who she is: it is taken away as well
    #[serde(default)]
    reset_second_factor: bool,
}

/// Make a link with which somebody chooses a new password; an earlier one works no more
#[utoipa::path(post, path = "/api/v1/people/{id}/link", tag = "people", params(("id" = String, Path)), request_body = Invitation, responses((status = 200, body = Invited)))]
async fn invite(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Path(id): Path<String>,
    Brought(asked): Brought<Invitation>,
) -> Result<Response, Problem> {
    let mut person = known(&house, &id).await?;
    let (secret, link) = link_for(&house, &person)?;
    let mut change = house.store.change_accounts(house.now()).await?;
    change.add_link(&secret::digest(&secret), &link).await?;
    let from = address.to_string();
    let mut events =
        vec![Event::by(&caller, &from, What::LinkMade { person: person.id.clone() }).json()];
    if asked.reset_second_factor && person.totp.take().is_some() {
        change.put_person(&person).await?;
        change.end_sessions(&person.id, None).await?;
        events.push(
            Event::by(&caller, &from, What::SecondFactorReset { person: person.id.clone() }).json(),
        );
    }
    change.commit(&events).await?;
    invited(&house, &person, &secret, &link, StatusCode::OK).await
}

/// Sign somebody out everywhere
#[utoipa::path(delete, path = "/api/v1/people/{id}/sessions", tag = "people", params(("id" = String, Path)), responses((status = 204, description = "No session of hers is left")))]
async fn sign_out(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let person = known(&house, &id).await?;
    let mut change = house.store.change_accounts(house.now()).await?;
    change.end_sessions(&person.id, None).await?;
    let what = What::PersonSignedOut { person: person.id.clone() };
    change.commit(&[Event::by(&caller, &address.to_string(), what).json()]).await?;
    Ok(nothing())
}
