//! Other ways in: what there is, the hospital's provider, passkeys.

use crate::House;
use crate::access::log::{Event, What};
use crate::access::{Caller, oidc, passkey, session};
use crate::body::{Asked, Brought};
use crate::door::{self, Origin, nothing};
use crate::problem::{Kind, Problem};
use crate::secret;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use exposome_store::accounts::Passkey;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(ways))
        .routes(routes!(to_provider))
        .routes(routes!(from_provider))
        .routes(routes!(ask_passkey))
        .routes(routes!(sign_in_by_passkey))
        .routes(routes!(list))
        .routes(routes!(begin))
        .routes(routes!(add))
        .routes(routes!(remove))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Ways {
    passwords: bool,
    /// What the button of the hospital's provider says; null: there is none
    sso: Option<String>,
    /// Passkeys work under a name, not under a bare address
    passkeys: bool,
    /// Nobody has an account yet: the link that was printed at the start makes the first
    set_up: bool,
}

/// The ways to sign in
#[utoipa::path(get, path = "/api/v1/sign-in", tag = "session", responses((status = 200, body = Ways)))]
async fn ways(
    State(house): State<House>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Json<Ways>, Problem> {
    Ok(Json(Ways {
        passwords: true,
        sso: house.settings.oidc.as_ref().map(|it| it.title.clone()),
        passkeys: place(&house, &headers, &uri).is_ok(),
        set_up: !house.store.is_anybody_there().await?,
    }))
}

/// Go to the hospital's provider
#[utoipa::path(get, path = "/api/v1/oidc/start", tag = "session", responses((status = 303, description = "To the provider"), (status = 404, description = "There is none", content_type = "application/problem+json", body = crate::problem::Document), (status = 503, description = "It does not answer", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn to_provider(
    State(house): State<House>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let settings = house.settings.oidc.as_ref().ok_or_else(|| Problem::not_found("provider"))?;
    let back = format!("{}/api/v1/oidc/back", door::own_origin(&house, &headers, &uri));
    let start = oidc::begin(&house, settings, &back).await?;
    let cookie = session::step_cookie(&house.settings, &start.browser);
    Ok((
        StatusCode::SEE_OTHER,
        [(header::LOCATION, text(&start.address)?), (header::SET_COOKIE, cookie)],
    )
        .into_response())
}

fn text(value: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(value).map_err(|error| Problem::failed(&error))
}

/// What the provider sends along; more than is read here.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Back {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Come back from the hospital's provider
#[utoipa::path(get, path = "/api/v1/oidc/back", tag = "session", params(Back), responses((status = 303, description = "Signed in, or to the sign-in page with the kind of problem"), (status = 404, description = "There is none", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn from_provider(
    State(house): State<House>,
    Origin(address): Origin,
    headers: HeaderMap,
    Asked(back): Asked<Back>,
) -> Result<Response, Problem> {
    let settings = house.settings.oidc.as_ref().ok_or_else(|| Problem::not_found("provider"))?;
    let browser = session::step(&headers, &house.settings).unwrap_or_default();
    let from = address.to_string();
    let finished = if let (Some(state), Some(code)) = (&back.state, &back.code) {
        oidc::finish(&house, settings, state, code, browser, &from).await
    } else {
        tracing::warn!(error = ?back.error, "the sign-on provider signed nobody in");
        Err(Problem::new(Kind::WrongSignIn, "the provider signed nobody in"))
    };
    let outcome = match finished {
        Ok(person) => super::session::signed_in(&house, &person, "provider", &headers, &from).await,
        Err(problem) => Err(problem),
    };
    // A person is looking: she is shown a page, not a document.
    let mut response = StatusCode::SEE_OTHER.into_response();
    let answer = response.headers_mut();
    match outcome {
        Ok(signed_in) => {
            answer.insert(header::LOCATION, HeaderValue::from_static("/"));
            answer.extend(
                signed_in
                    .headers()
                    .get_all(header::SET_COOKIE)
                    .iter()
                    .map(|it| (header::SET_COOKIE, it.clone())),
            );
        }
        Err(problem) => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("problem", problem.kind.words().0)
                .append_pair("detail", &problem.detail)
                .finish();
            answer.insert(header::LOCATION, text(&format!("/sign-in?{query}"))?);
        }
    }
    answer.append(header::SET_COOKIE, session::step_cookie(&house.settings, ""));
    Ok(response)
}

/// A place that passkeys can be for has a name (WebAuthn, 5.1.2: a domain).
fn place(house: &House, headers: &HeaderMap, uri: &Uri) -> Result<passkey::Place, Problem> {
    let origin = door::own_origin(house, headers, uri);
    let address = url::Url::parse(&origin).ok();
    let name = address.as_ref().and_then(url::Url::domain).map(ToOwned::to_owned);
    let is_safe = origin.starts_with("https://") || name.as_deref() == Some("localhost");
    name.filter(|_| is_safe).map(|name| passkey::Place { name, origin }).ok_or_else(|| {
        Problem::new(
            Kind::Conflict,
            "passkeys are for a place with a name, and this one has an address only",
        )
        .way_out("open these pages by a name (localhost is one), or set base_url")
    })
}

/// So long an answer of the authenticator is waited for.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_mins(5);
const MILLISECONDS: u32 = 300_000;

/// The answer sets a cookie, which binds what the authenticator says to this browser.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
struct Question {
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON`, or `…CreationOptions…`
    public_key: Value,
}

#[derive(Serialize, Deserialize)]
struct Asking {
    challenge: String,
    place: passkey::Place,
    /// Whose passkey it will be; nothing where she is not known yet.
    person: Option<String>,
}

async fn ask(house: &House, asking: &Asking, public_key: Value) -> Result<Response, Problem> {
    let step = secret::new_secret()?;
    let body = serde_json::to_vec(asking).map_err(|error| Problem::failed(&error))?;
    let sealed = house.inner.seal.seal(SEALED_AS, &body)?;
    house
        .store
        .begin_pending(&secret::digest(&step), &sealed, house.now() + ANSWERED_WITHIN)
        .await?;
    let cookie = session::step_cookie(&house.settings, &step);
    Ok(([(header::SET_COOKIE, cookie)], Json(Question { public_key })).into_response())
}

async fn asked(house: &House, headers: &HeaderMap) -> Result<Asking, Problem> {
    let step = session::step(headers, &house.settings).unwrap_or_default();
    let sealed = house.store.take_pending(&secret::digest(step), house.now()).await?;
    let sealed = sealed.ok_or_else(|| {
        Problem::new(Kind::Gone, "this was answered before, or too late").way_out("begin again")
    })?;
    let body = house.inner.seal.open_sealed(SEALED_AS, &sealed)?;
    serde_json::from_slice(&body).map_err(|error| Problem::failed(&error))
}

const SEALED_AS: &str = "a passkey that is asked";

/// Ask for a passkey to sign in with
#[utoipa::path(post, path = "/api/v1/session/passkey/start", tag = "session", responses((status = 200, body = Question), (status = 409, description = "This place has no name", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn ask_passkey(
    State(house): State<House>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let place = place(&house, &headers, &uri)?;
    let challenge = secret::new_secret()?;
    // Nobody is named: who is known here is told to no stranger.
    let options = json!({
        "challenge": challenge, "rpId": place.name, "timeout": MILLISECONDS, "userVerification": "required", "allowCredentials": [],
    });
    ask(&house, &Asking { challenge, place, person: None }, options).await
}

/// Sign in with a passkey
#[utoipa::path(post, path = "/api/v1/session/passkey/finish", tag = "session", request_body = passkey::Credential, responses((status = 200, body = super::session::View), (status = 401, description = "Not right", content_type = "application/problem+json", body = crate::problem::Document), (status = 410, description = "Too late", content_type = "application/problem+json", body = crate::problem::Document)))]
async fn sign_in_by_passkey(
    State(house): State<House>,
    Origin(address): Origin,
    headers: HeaderMap,
    Brought(credential): Brought<passkey::Credential>,
) -> Result<Response, Problem> {
    let wrong = || Problem::new(Kind::WrongSignIn, "this passkey opens nothing here");
    let asking = asked(&house, &headers).await?;
    if asking.person.is_some() {
        return Err(wrong());
    }
    let refused = |why: passkey::Refused| {
        tracing::warn!(why = %why, from = %address, "a sign-in by passkey was refused");
        wrong()
    };
    let id = credential.raw_id().map_err(refused)?;
    let user = credential.user().ok_or_else(wrong)?;
    let person = house.store.person(&user).await?.filter(|it| it.is_active).ok_or_else(wrong)?;
    let kept = house
        .store
        .passkeys(&person.id)
        .await?
        .into_iter()
        .find(|it| it.id == id)
        .ok_or_else(wrong)?;
    let known: passkey::Kept =
        serde_json::from_str(&kept.body).map_err(|error| Problem::failed(&error))?;
    let known = passkey::answered(&credential, &asking.challenge, &asking.place, &known)
        .map_err(refused)?;
    let body = serde_json::to_string(&known).map_err(|error| Problem::failed(&error))?;
    house.store.note_passkey(&id, &body, house.now()).await?;
    super::session::signed_in(&house, &person, "passkey", &headers, &address.to_string()).await
}

#[derive(Serialize, utoipa::ToSchema)]
struct Passkeys {
    rows: Vec<PasskeyView>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct PasskeyView {
    id: String,
    name: String,
    created_at: Timestamp,
    used_at: Option<Timestamp>,
}

impl From<&Passkey> for PasskeyView {
    fn from(it: &Passkey) -> PasskeyView {
        PasskeyView {
            id: BASE64_URL_SAFE_NO_PAD.encode(&it.id),
            name: it.name.clone(),
            created_at: it.created_at,
            used_at: it.used_at,
        }
    }
}

/// One's passkeys
#[utoipa::path(get, path = "/api/v1/me/passkeys", tag = "me", responses((status = 200, body = Passkeys)))]
async fn list(State(house): State<House>, caller: Caller) -> Result<Json<Passkeys>, Problem> {
    let passkeys = house.store.passkeys(&caller.person.id).await?;
    Ok(Json(Passkeys { rows: passkeys.iter().map(Into::into).collect() }))
}

/// Begin to add a passkey
#[utoipa::path(post, path = "/api/v1/me/passkeys/start", tag = "me", request_body = super::me::Herself, responses((status = 200, body = Question)))]
async fn begin(
    State(house): State<House>,
    origin: Origin,
    caller: Caller,
    headers: HeaderMap,
    uri: Uri,
    Brought(herself): Brought<super::me::Herself>,
) -> Result<Response, Problem> {
    super::me::must_be_herself(&house, &caller, origin, &herself.current).await?;
    let place = place(&house, &headers, &uri)?;
    let challenge = secret::new_secret()?;
    let known = house.store.passkeys(&caller.person.id).await?;
    let excluded: Vec<Value> = known
        .iter()
        .map(|it| json!({ "type": "public-key", "id": BASE64_URL_SAFE_NO_PAD.encode(&it.id) }))
        .collect();
    let algorithms: Vec<Value> =
        passkey::ALGORITHMS.iter().map(|it| json!({ "type": "public-key", "alg": it })).collect();
    let options = json!({
        "challenge": challenge,
        "rp": { "id": place.name, "name": "exposome" },
        "user": { "id": BASE64_URL_SAFE_NO_PAD.encode(&caller.person.id), "name": caller.person.login, "displayName": caller.person.name },
        "pubKeyCredParams": algorithms,
        "timeout": MILLISECONDS,
        "excludeCredentials": excluded,
        "authenticatorSelection": { "residentKey": "required", "requireResidentKey": true, "userVerification": "required" },
        "attestation": "none",
    });
    ask(&house, &Asking { challenge, place, person: Some(caller.person.id.clone()) }, options).await
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPasskey {
    /// What one calls it: the telephone, the key on the ring
    name: String,
    /// What `toJSON()` of the browser's credential gives
    credential: passkey::Credential,
}

/// Add the passkey that was begun
#[utoipa::path(post, path = "/api/v1/me/passkeys", tag = "me", request_body = NewPasskey, responses((status = 201, body = PasskeyView)))]
async fn add(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    headers: HeaderMap,
    Brought(new): Brought<NewPasskey>,
) -> Result<Response, Problem> {
    let name = new.name.trim();
    if !(1..=100).contains(&name.len()) || name.chars().any(char::is_control) {
        return Err(Problem::unfit("name", "a name has 1 to 100 letters, in one line"));
    }
    let asking = asked(&house, &headers).await?;
    if asking.person.as_ref() != Some(&caller.person.id) {
        return Err(Problem::new(Kind::Conflict, "this was begun by somebody else"));
    }
    let (id, kept) = passkey::made(&new.credential, &asking.challenge, &asking.place)
        .map_err(|why| Problem::unfit("credential", why.to_string()))?;
    let body = serde_json::to_string(&kept).map_err(|error| Problem::failed(&error))?;
    let passkey = Passkey {
        id,
        person: caller.person.id.clone(),
        name: name.to_owned(),
        created_at: house.now(),
        used_at: None,
        body,
    };
    let mut change = house.store.change_accounts(house.now()).await?;
    if !change.add_passkey(&passkey).await? {
        return Err(Problem::new(Kind::Conflict, "this passkey is known"));
    }
    if let Some(digest) = caller.session() {
        change.strengthen_session(digest, "passkey").await?;
    }
    change
        .commit(&[Event::by(
            &caller,
            &address.to_string(),
            What::SecondFactorAdded { kind: "passkey" },
        )
        .json()])
        .await?;
    Ok((StatusCode::CREATED, Json(PasskeyView::from(&passkey))).into_response())
}

/// Take a passkey away
#[utoipa::path(delete, path = "/api/v1/me/passkeys/{id}", tag = "me", params(("id" = String, Path)), responses((status = 204, description = "It opens nothing any more")))]
async fn remove(
    State(house): State<House>,
    Origin(address): Origin,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = BASE64_URL_SAFE_NO_PAD.decode(id).map_err(|_| Problem::not_found("passkey"))?;
    let mut change = house.store.change_accounts(house.now()).await?;
    if !change.remove_passkey(&caller.person.id, &id).await? {
        return Err(Problem::not_found("passkey"));
    }
    change
        .commit(&[Event::by(
            &caller,
            &address.to_string(),
            What::SecondFactorRemoved { kind: "passkey" },
        )
        .json()])
        .await?;
    Ok(nothing())
}
