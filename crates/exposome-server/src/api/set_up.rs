//! The first administrator, and whoever was sent a link: a password is chosen, and one is signed in.

use crate::House;
use crate::access::log::{Event, What};
use crate::access::{Role, set_up};
use crate::body::Brought;
use crate::door::Origin;
use crate::problem::{Kind, Problem};
use crate::secret;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use exposome_store::accounts::{Grant, OneTimeLink, Person};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(use_link))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetUp {
    /// What the link holds
    token: String,
    /// Of the first administrator
    name: Option<String>,
    /// Of the first administrator
    login: Option<String>,
    password: String,
}

/// Use a link: become the first administrator, or choose a password
#[utoipa::path(post, path = "/api/v1/set-up", tag = "session", request_body = SetUp, responses((status = 200, body = super::session::View), (status = 410, description = "The link does not work (any more)", content_type = "application/problem+json", body = crate::problem::Document), (status = 409, description = "Somebody was faster", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn use_link(
    State(house): State<House>,
    Origin(address): Origin,
    headers: HeaderMap,
    Brought(asked): Brought<SetUp>,
) -> Result<Response, Problem> {
    let digest = secret::digest(&asked.token);
    let link = house
        .store
        .link(&digest)
        .await?
        .filter(|it| it.expires_at > house.now())
        .ok_or_else(no_link)?;
    let from = address.to_string();
    let person = match (&link.purpose[..], &link.person) {
        (set_up::SET_UP, None) => first(&house, &digest, &asked, &from).await?,
        (set_up::PASSWORD, Some(person)) => {
            choose(&house, &digest, &link, person, &asked, &from).await?
        }
        _ => return Err(no_link()),
    };
    if person.totp.is_some() {
        // A link stands for a password and for nothing more.
        return Err(Problem::new(
            Kind::SecondFactor,
            "the password is chosen; sign in with it and with the code of your app",
        ));
    }
    super::session::signed_in(
        &house,
        &person,
        crate::access::session::NO_SECOND_FACTOR,
        &headers,
        &from,
    )
    .await
}

fn no_link() -> Problem {
    Problem::new(Kind::Gone, "this link does not work: it was used, has run out, or a newer one was made")
        .way_out("the first one is printed when exposome is started while nobody has an account; others are made by an administrator")
}

async fn first(
    house: &House,
    digest: &[u8; 32],
    asked: &SetUp,
    from: &str,
) -> Result<Person, Problem> {
    let name = asked
        .name
        .as_deref()
        .ok_or_else(|| Problem::unfit("name", "the first administrator needs a name"))?;
    let login = asked
        .login
        .as_deref()
        .ok_or_else(|| Problem::unfit("login", "the first administrator needs a login"))?;
    let mut person = super::people::new_person(house, name, login, None)?;
    must_be_fit(&asked.password, &person)?;
    person.password = Some(house.inner.passwords.hash(&asked.password).await?);
    person.password_at = Some(house.now());
    let mut change = house.store.change_accounts(house.now()).await?;
    if !change.use_link(digest).await? {
        return Err(no_link());
    }
    if !change.is_nobody_there().await? {
        return Err(Problem::new(Kind::Conflict, "there is an administrator already")
            .way_out("ask her for an account"));
    }
    change.add_person(&person).await?;
    // Whoever sets it up has to be able to work with it; an administrator alone sees no worklist.
    for role in [Role::Administrator, Role::Analyst] {
        change
            .add_grant(
                &person.id,
                &Grant {
                    role: role.name().to_owned(),
                    site: None,
                    unit: None,
                    origin: exposome_store::accounts::Origin::Administrator,
                    until: None,
                },
            )
            .await?;
    }
    change.commit(&[Event::of(&person, from, What::SetUp).json()]).await?;
    Ok(person)
}

async fn choose(
    house: &House,
    digest: &[u8; 32],
    link: &OneTimeLink,
    person: &str,
    asked: &SetUp,
    from: &str,
) -> Result<Person, Problem> {
    debug_assert_eq!(link.purpose, set_up::PASSWORD);
    let mut person =
        house.store.person(person).await?.filter(|it| it.is_active).ok_or_else(no_link)?;
    must_be_fit(&asked.password, &person)?;
    person.password = Some(house.inner.passwords.hash(&asked.password).await?);
    person.password_at = Some(house.now());
    // Whoever needs a new password may have lost the old one to somebody: nothing of it stays signed in.
    let mut change = house.store.change_accounts(house.now()).await?;
    if !change.use_link(digest).await? {
        return Err(no_link());
    }
    change.put_person(&person).await?;
    change.end_sessions(&person.id, None).await?;
    change
        .commit(&[Event::of(&person, from, What::PasswordChanged { by_link: true }).json()])
        .await?;
    Ok(person)
}

pub(super) fn must_be_fit(password: &str, person: &Person) -> Result<(), Problem> {
    let about: Vec<&str> = [person.login.as_str(), person.name.as_str()]
        .into_iter()
        .chain(person.login.split(['.', '@', '-', '_']))
        .chain(person.name.split(' '))
        .collect();
    match crate::access::password::unfit(password, &about) {
        None => Ok(()),
        Some(why) => Err(Problem::unfit("password", why)),
    }
}
