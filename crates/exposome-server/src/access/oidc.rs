//! Sign-on by a provider of the hospital (`OpenID` Connect, authorization code with PKCE).
//!
//! The provider is asked through the binary's errands. What its groups mean here
//! stands in the settings; at every sign-in the roles it gave are replaced by
//! what its groups give now, so whoever left a group has lost its role by then.

use super::Role;
use super::id_token::{self, Keys};
use super::log::{Event, What};
use crate::errands::{Answer, Asking};
use crate::problem::{Kind, Problem};
use crate::settings::Oidc;
use crate::{House, secret};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use exposome_store::accounts::{Grant, Origin, Person};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex, PoisonError};

/// What is known of the provider, for a while.
#[derive(Default)]
pub(crate) struct Known(Mutex<Option<Arc<Provider>>>);

struct Provider {
    places: Places,
    keys: Keys,
    asked_at: Timestamp,
}

/// `OpenID` Connect Discovery 1.0, 3.
#[derive(Debug, Clone, Deserialize)]
struct Places {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// Asked again after so long; sooner where a key is not known, but not at every sign-in.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);
const KEYS_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// So long somebody may take at the provider.
const MAY_TAKE: SignedDuration = SignedDuration::from_mins(15);

/// What was begun, and is looked at when she comes back.
#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    back: String,
    /// Of the cookie of the browser that began it.
    browser: String,
}

/// Where to send a browser, and the cookie that binds what it brings back to it.
pub(crate) struct Start {
    pub(crate) address: String,
    pub(crate) browser: String,
}

pub(crate) async fn begin(house: &House, settings: &Oidc, back: &str) -> Result<Start, Problem> {
    let provider = provider(house, settings, KNOWN_FOR).await?;
    let [state, nonce, verifier, browser] = [
        secret::new_secret()?,
        secret::new_secret()?,
        secret::new_secret()?,
        secret::new_secret()?,
    ];
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let mut address = url::Url::parse(&provider.places.authorization_endpoint)
        .map_err(|_| unusable("the address for signing in"))?;
    address
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", back)
        .append_pair("scope", "openid profile email")
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let begun = Begun {
        nonce,
        verifier,
        back: back.to_owned(),
        browser: secret::derived(&browser, "oidc"),
    };
    let body = serde_json::to_vec(&begun).map_err(|error| Problem::failed(&error))?;
    let sealed = house.inner.seal.seal(SEALED_AS, &body)?;
    house.store.begin_pending(&secret::digest(&state), &sealed, house.now() + MAY_TAKE).await?;
    Ok(Start { address: address.into(), browser })
}

const SEALED_AS: &str = "a sign-on that was begun";

/// Somebody is back from the provider: who she is here, with the roles that her groups give.
pub(crate) async fn finish(
    house: &House,
    settings: &Oidc,
    state: &str,
    code: &str,
    browser: &str,
    from: &str,
) -> Result<Person, Problem> {
    let old = || {
        refused("this sign-in was not begun in this browser, was finished before, or took too long")
    };
    let sealed =
        house.store.take_pending(&secret::digest(state), house.now()).await?.ok_or_else(old)?;
    let begun = house.inner.seal.open_sealed(SEALED_AS, &sealed)?;
    let begun: Begun = serde_json::from_slice(&begun).map_err(|error| Problem::failed(&error))?;
    if !secret::is_equal(begun.browser.as_bytes(), secret::derived(browser, "oidc").as_bytes()) {
        return Err(old());
    }
    let provider = provider(house, settings, KNOWN_FOR).await?;
    let tokens = exchange(house, settings, &provider, &begun, code).await?;
    let id_token = tokens
        .get("id_token")
        .and_then(Value::as_str)
        .ok_or_else(|| unusable("an answer without an ID token"))?;
    let claims = claims(house, settings, provider, &begun, id_token).await?;
    let groups =
        groups(house, settings, &claims, tokens.get("access_token").and_then(Value::as_str))
            .await?;
    person(house, settings, &claims, &groups, from).await
}

async fn claims(
    house: &House,
    settings: &Oidc,
    known: Arc<Provider>,
    begun: &Begun,
    token: &str,
) -> Result<Value, Problem> {
    let expected = id_token::Expected {
        issuer: &settings.issuer,
        client: &settings.client_id,
        nonce: &begun.nonce,
        now: house.now(),
    };
    let verified = match id_token::verify(token, &known.keys, &expected) {
        // A provider changes its keys now and then.
        Err(id_token::Refused::UnknownKey) => {
            let provider = provider(house, settings, KEYS_AGAIN_AFTER).await?;
            id_token::verify(token, &provider.keys, &expected)
        }
        verified => verified,
    };
    verified.map_err(|why| {
        tracing::warn!(why = %why, "a sign-on was refused");
        refused("what the provider says cannot be taken: the log says why")
    })
}

async fn exchange(
    house: &House,
    settings: &Oidc,
    provider: &Provider,
    begun: &Begun,
    code: &str,
) -> Result<Value, Problem> {
    let mut fields = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", begun.back.clone()),
        ("code_verifier", begun.verifier.clone()),
        ("client_id", settings.client_id.clone()),
    ];
    let mut headers = vec![
        ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    if let Some(client_secret) = client_secret(settings)? {
        let ways = &provider.places.token_endpoint_auth_methods_supported;
        let is_basic = ways.is_empty() || ways.iter().any(|it| it == "client_secret_basic");
        if is_basic {
            // RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
            let encoded = |text: &str| {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
            };
            let pair = format!("{}:{}", encoded(&settings.client_id), encoded(&client_secret));
            headers.push((
                "authorization".to_owned(),
                format!("Basic {}", BASE64_STANDARD.encode(pair)),
            ));
        } else {
            fields.push(("client_secret", client_secret));
        }
    }
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let body = form.into_bytes();
    let asking = Asking {
        method: "POST".to_owned(),
        url: provider.places.token_endpoint.clone(),
        headers,
        body,
    };
    let answer = ask(house, asking).await?;
    if answer.status != 200 {
        tracing::warn!(status = answer.status, "the sign-on provider did not take the code");
        return Err(refused("the provider did not take the code"));
    }
    json(&answer)
}

fn client_secret(settings: &Oidc) -> Result<Option<String>, Problem> {
    let Some(path) = &settings.client_secret_file else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|source| {
        Problem::failed(&crate::Error::File {
            what: "the client's secret",
            path: path.clone(),
            source,
        })
    })?;
    Ok(Some(text.trim().to_owned()))
}

/// The groups that the provider names: in the token, else where it tells of people.
async fn groups(
    house: &House,
    settings: &Oidc,
    claims: &Value,
    access: Option<&str>,
) -> Result<Vec<String>, Problem> {
    if let Some(named) = claims.get(&settings.groups_claim) {
        return Ok(names(named));
    }
    let provider = provider(house, settings, KNOWN_FOR).await?;
    let (Some(place), Some(access)) = (&provider.places.userinfo_endpoint, access) else {
        return Ok(Vec::new());
    };
    let headers = vec![
        ("authorization".to_owned(), format!("Bearer {access}")),
        ("accept".to_owned(), "application/json".to_owned()),
    ];
    let asking = Asking { method: "GET".to_owned(), url: place.clone(), headers, body: Vec::new() };
    let told: Value = json(&ask(house, asking).await?)?;
    // OpenID Connect Core, 5.3.2: it may be about another.
    if told.get("sub") != claims.get("sub") {
        return Err(refused("the provider told of somebody else"));
    }
    Ok(told.get(&settings.groups_claim).map(names).unwrap_or_default())
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    }
}

async fn person(
    house: &House,
    settings: &Oidc,
    claims: &Value,
    groups: &[String],
    from: &str,
) -> Result<Person, Problem> {
    let text = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .map(str::trim)
            .filter(|it| !it.is_empty() && !it.chars().any(char::is_control))
    };
    let subject = text("sub").ok_or_else(|| unusable("nobody's name"))?;
    let roles = groups.iter().filter_map(|it| settings.groups.get(it)).flatten();
    let mut grants: Vec<Grant> = roles
        .map(|it| Grant {
            role: it.role.name().to_owned(),
            site: it.site.clone(),
            unit: it.unit.clone().filter(|_| it.site.is_some()),
            origin: Origin::Provider,
            until: None,
        })
        .collect();
    grants.sort();
    grants.dedup();
    let known = house.store.person_by_provider(&settings.issuer, subject).await?;
    if known.as_ref().is_some_and(|it| !it.is_active) {
        return Err(refused("this account is closed"));
    }
    let mut change = house.store.change_accounts(house.now()).await?;
    let mut events = Vec::new();
    let person = match known {
        Some(mut person) => {
            if let Some(name) = text("name") {
                name.clone_into(&mut person.name);
            }
            change.put_person(&person).await?;
            person
        }
        // Nobody whom no group lets in gets an account.
        None if grants.is_empty() => return Err(no_role()),
        None => {
            let wanted =
                text("preferred_username").or(text("email")).unwrap_or(subject).to_lowercase();
            let person = add(
                house,
                &mut change,
                &wanted,
                text("name").unwrap_or(&wanted),
                text("email"),
                (&settings.issuer, subject),
            )
            .await?;
            events.push(
                Event::of(
                    &person,
                    from,
                    What::PersonAdded { person: person.id.clone(), login: person.login.clone() },
                )
                .json(),
            );
            person
        }
    };
    let before = house.store.grants(&person.id, house.now()).await?;
    let of_provider: Vec<Grant> =
        before.iter().filter(|it| it.origin == Origin::Provider).cloned().collect();
    change.put_grants(&person.id, Origin::Provider, &grants).await?;
    if of_provider != grants {
        let roles = grants.iter().map(Into::into).collect();
        events.push(
            Event::of(&person, from, What::RolesGiven { person: person.id.clone(), roles }).json(),
        );
        // Whatever she was signed in with before rested on groups that she is not in any more, or not yet.
        change.end_sessions(&person.id, None).await?;
    }
    if !events.is_empty() {
        change.commit(&events).await?;
    }
    let is_anything = !grants.is_empty()
        || before.iter().any(|it| it.origin != Origin::Provider && Role::named(&it.role).is_some());
    if is_anything { Ok(person) } else { Err(no_role()) }
}

/// A login that nobody has: the one that is wanted, or that with a mark behind it.  An account that is here already is
/// never taken over because the provider uses its name.
async fn add(
    house: &House,
    change: &mut exposome_store::accounts::Change,
    wanted: &str,
    name: &str,
    email: Option<&str>,
    (issuer, subject): (&str, &str),
) -> Result<Person, Problem> {
    for mark in ["", "+sso", "+sso2", "+sso3"] {
        let person = Person {
            id: secret::random_text(12)?,
            login: format!("{wanted}{mark}"),
            name: name.to_owned(),
            email: email.map(ToOwned::to_owned),
            is_active: true,
            created_at: house.now(),
            password: None,
            password_at: None,
            totp: None,
            totp_step: 0,
            provider: Some((issuer.to_owned(), subject.to_owned())),
        };
        if change.add_person(&person).await? {
            return Ok(person);
        }
    }
    Err(refused("the login that the provider names is taken"))
}

fn no_role() -> Problem {
    refused("none of your groups has a role here")
        .way_out("whoever keeps the groups, or the settings of exposome, can change that")
}

fn refused(why: &str) -> Problem {
    Problem::new(Kind::NotYours, why)
}

fn unusable(what: &str) -> Problem {
    tracing::error!(what, "the sign-on provider says what cannot be used");
    Problem::new(
        Kind::NotReady,
        "the sign-on provider does not answer as it should: the log says more",
    )
}

async fn provider(
    house: &House,
    settings: &Oidc,
    known_for: SignedDuration,
) -> Result<Arc<Provider>, Problem> {
    let known = house.inner.oidc.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(known) = known.filter(|it| it.asked_at + known_for > house.now()) {
        return Ok(known);
    }
    let place =
        format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
    let places: Places = json(&get(house, &place).await?)?;
    // Discovery, 4.3: who answers must be who was asked.
    if places.issuer != settings.issuer {
        return Err(unusable("another issuer"));
    }
    let keys: Keys = json(&get(house, &places.jwks_uri).await?)?;
    let provider = Arc::new(Provider { places, keys, asked_at: house.now() });
    *house.inner.oidc.0.lock().unwrap_or_else(PoisonError::into_inner) =
        Some(Arc::clone(&provider));
    Ok(provider)
}

async fn get(house: &House, url: &str) -> Result<Answer, Problem> {
    let asking = Asking {
        method: "GET".to_owned(),
        url: url.to_owned(),
        headers: vec![("accept".to_owned(), "application/json".to_owned())],
        body: Vec::new(),
    };
    let answer = ask(house, asking).await?;
    if answer.status == 200 { Ok(answer) } else { Err(unusable("an answer other than 200")) }
}

async fn ask(house: &House, asking: Asking) -> Result<Answer, Problem> {
    house.errands.ask(asking).await.map_err(|error| {
        tracing::error!(error = ?error.0, "the sign-on provider does not answer");
        Problem::new(Kind::NotReady, "the sign-on provider does not answer")
            .way_out("sign in with a password, where you have one; or later")
            .retry_after(60)
    })
}

fn json<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Problem> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| unusable("what is no JSON of the kind that was asked for"))
}
