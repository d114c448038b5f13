//! Who asks, how she is known, and what she may.

mod cbor;
mod id_token;
pub mod lockout;
pub mod log;
pub(crate) mod oidc;
pub(crate) mod passkey;
pub(crate) mod password;
pub mod permissions;
pub mod role;
pub mod scope;
pub mod session;
pub(crate) mod set_up;
mod signature;
pub(crate) mod totp;

pub use role::Role;
pub use scope::Scope;

use crate::House;
use crate::problem::{Kind, Problem};
use crate::settings::SecondFactor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use exposome_model::event;
use exposome_store::accounts::{Grant, Person, SecretDigest};
use jiff::{SignedDuration, Timestamp};
use permissions::{Rule, Who};
use std::sync::Arc;

/// Somebody who is signed in, or a program of hers.
#[derive(Debug, Clone)]
pub struct Caller {
    pub person: Person,
    /// What she may at this moment, and where.
    pub grants: Vec<(Role, Grant)>,
    /// The role that is acted in.
    pub role: Option<Role>,
    pub means: Means,
    /// What this request reaches.
    pub scope: Scope,
}

/// How somebody is known again.
#[derive(Debug, Clone)]
pub enum Means {
    Session { digest: SecretDigest, session: exposome_store::accounts::Session, csrf: String },
    Token { id: String, writes: bool },
}

impl Caller {
    /// Who decides, for the one door.
    pub fn actor(&self) -> Result<event::Actor, Problem> {
        let acting = self.role.and_then(Role::decides_as);
        let any = || self.grants.iter().find_map(|(role, _)| role.decides_as());
        let role = acting.or_else(any).ok_or_else(|| {
            Problem::new(Kind::NotYours, "no role of yours decides anything").way_out(
                "an analyst, a clinical engineer, IT operations, a clinician or compliance may",
            )
        })?;
        Ok(event::Actor { name: self.person.login.clone(), role })
    }

    /// The site that is asked for; the first that is reached where none is.
    pub fn site<'a>(&'a self, asked: Option<&'a str>) -> Result<&'a str, Problem> {
        match asked {
            Some(site) if self.scope.has_site(site) => Ok(site),
            Some(_) => Err(Problem::not_found("site")),
            None => Ok(self.scope.sites.keys().next().map_or(DEFAULT_SITE, String::as_str)),
        }
    }

    /// The session by which somebody is known; a program has none.
    pub(crate) fn session(&self) -> Option<&SecretDigest> {
        match &self.means {
            Means::Session { digest, .. } => Some(digest),
            Means::Token { .. } => None,
        }
    }

    pub fn has_role(&self, role: Role) -> bool {
        self.grants.iter().any(|(it, _)| *it == role)
    }
}

/// The site of whoever names none, as for the commands.
pub const DEFAULT_SITE: &str = "main";

/// What every token begins with: whoever finds one in a file knows what it opens.
pub(crate) const TOKEN_PREFIX: &str = "exposome_";

/// Between two notes of when something was last used.
const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

impl FromRequestParts<House> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _house: &House) -> Result<Caller, Problem> {
        let caller = parts.extensions.get::<Arc<Caller>>();
        caller.map(|it| Caller::clone(it)).ok_or_else(nobody)
    }
}

pub(crate) fn nobody() -> Problem {
    Problem::new(Kind::SignIn, "this needs somebody who is signed in, or a token")
        .way_out("sign in: POST /api/v1/session")
}

/// Finds out who asks.  A cookie that means nothing (any more) is nobody's; a token that means nothing is refused.
pub(crate) async fn identify(
    house: &House,
    headers: &HeaderMap,
    keeps_alive: bool,
) -> Result<Option<Caller>, Problem> {
    if let Some(secret) = bearer(headers)? {
        return by_token(house, secret).await.map(Some);
    }
    let Some(secret) = session::secret(headers, &house.settings) else { return Ok(None) };
    by_session(house, secret, keeps_alive).await
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|it| it.split_once(' '));
    let token = token
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim());
    token
        .map(Some)
        .ok_or_else(|| Problem::new(Kind::SignIn, "the Authorization header holds no bearer token"))
}

async fn by_session(
    house: &House,
    secret: &str,
    keeps_alive: bool,
) -> Result<Option<Caller>, Problem> {
    let now = house.now();
    let digest = crate::secret::digest(secret);
    let Some(session) = house.store.session(&digest).await? else { return Ok(None) };
    let idle = SignedDuration::from_mins(i64::from(house.settings.sessions.idle_minutes));
    if session.expires_at <= now || session.seen_at + idle <= now {
        return Ok(None);
    }
    let Some(person) = house.store.person(&session.person).await?.filter(|it| it.is_active) else {
        return Ok(None);
    };
    if keeps_alive && session.seen_at + NOTED_EVERY <= now {
        house.store.touch_session(&digest, now).await?;
    }
    let grants = grants(house, &person, now).await?;
    let chosen = session.role.as_deref().and_then(Role::named);
    let role = chosen
        .filter(|role| grants.iter().any(|(it, _)| it == role))
        .or_else(|| first_role(&grants));
    let csrf = session::csrf(secret);
    let means = Means::Session { digest, session, csrf };
    Ok(Some(Caller { person, grants, role, means, scope: Scope::default() }))
}

/// What somebody is when she signs in: the role that is worked in, before the one that is seldom used.
fn first_role(grants: &[(Role, Grant)]) -> Option<Role> {
    Role::ALL.into_iter().find(|role| grants.iter().any(|(it, _)| it == role))
}

pub(crate) async fn grants(
    house: &House,
    person: &Person,
    now: Timestamp,
) -> Result<Vec<(Role, Grant)>, Problem> {
    let grants = house.store.grants(&person.id, now).await?;
    // A role that a later version knows gives nothing here.
    Ok(grants.into_iter().filter_map(|grant| Some((Role::named(&grant.role)?, grant))).collect())
}

async fn by_token(house: &House, secret: &str) -> Result<Caller, Problem> {
    let now = house.now();
    let refused = || {
        Problem::new(
            Kind::SignIn,
            "this token opens nothing: it is unknown, revoked, or has run out",
        )
        .way_out("its owner makes a new one under /api/v1/tokens")
    };
    let token = house.store.token(&crate::secret::digest(secret)).await?.ok_or_else(refused)?;
    if token.revoked_at.is_some() || token.expires_at <= now {
        return Err(refused());
    }
    let person =
        house.store.person(&token.person).await?.filter(|it| it.is_active).ok_or_else(refused)?;
    // A token may what its owner may at this moment, and no more than it was made for.
    let owned = grants(house, &person, now).await?;
    let role = Role::named(&token.role).ok_or_else(refused)?;
    let wanted = Grant {
        role: token.role.clone(),
        site: token.site.clone(),
        unit: token.unit.clone(),
        origin: exposome_store::accounts::Origin::Administrator,
        until: None,
    };
    let of_role: Vec<(Role, Grant)> = owned.into_iter().filter(|(it, _)| *it == role).collect();
    let is_whole = Scope::of_all(&of_role).holds(&Scope::of_all(&[(role, wanted.clone())]));
    let grants = if is_whole {
        vec![(role, wanted)]
    } else {
        // Its owner has less than when she made it: what is left of both.
        of_role.into_iter().filter(|(_, grant)| lies_within(grant, &wanted)).collect()
    };
    if grants.is_empty() {
        return Err(refused());
    }
    if token.used_at.is_none_or(|it| it + NOTED_EVERY <= now) {
        house.store.touch_token(&token.id, now).await?;
    }
    let means = Means::Token { id: token.id, writes: token.writes };
    Ok(Caller { person, grants, role: Some(role), means, scope: Scope::default() })
}

fn lies_within(grant: &Grant, wanted: &Grant) -> bool {
    let is_site = wanted.site.is_none() || wanted.site == grant.site;
    is_site && (wanted.unit.is_none() || wanted.unit == grant.unit)
}

/// Whether somebody may; what she then reaches.
pub(crate) fn admit(
    house: &House,
    rule: &Rule,
    caller: &Caller,
    is_write: bool,
) -> Result<Scope, Problem> {
    match &caller.means {
        Means::Token { .. } if !rule.token => {
            return Err(Problem::new(
                Kind::NotYours,
                "tokens are not for this: it concerns accounts and sign-in",
            )
            .way_out("sign in as a person"));
        }
        Means::Token { writes: false, .. } if is_write => {
            return Err(Problem::new(Kind::NotYours, "this token only reads")
                .way_out("make one that writes under /api/v1/tokens"));
        }
        Means::Session { session, .. }
            if house.settings.second_factor == SecondFactor::Required
                && session.second_factor == session::NO_SECOND_FACTOR
                && rule.who != Who::HalfSignedIn =>
        {
            return Err(Problem::new(Kind::NotYours, "here a password alone is not enough")
                .way_out("add a second factor first: POST /api/v1/me/totp, or a passkey"));
        }
        _ => {}
    }
    if !matches!(rule.who, Who::Roles(_)) {
        return Ok(Scope::of_all(&caller.grants));
    }
    Scope::of(rule.who, &caller.grants).ok_or_else(|| {
        let may =
            Role::ALL.into_iter().filter(|role| rule.who.reach(*role) != permissions::Reach::No);
        let may: Vec<&str> = may.map(Role::words).collect();
        Problem::new(Kind::NotYours, "your roles do not allow this")
            .way_out(format!("these may: {}", may.join("; ")))
    })
}
