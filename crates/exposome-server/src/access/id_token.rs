//! What a sign-on provider says of somebody, verified as `OpenID` Connect Core 1.0 says in 3.1.3.7.
//!
//! A token is a JWS (RFC 7515) of one signature, by a key of the provider's list
//! (RFC 7517).  Only ways to sign with a private key are taken: `none`, and
//! those with a shared secret, are not known here.

use super::signature::{PublicKey, Way};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The keys of a provider.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    r#use: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// What is expected of a token.
#[derive(Debug, Clone)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Timestamp,
}

/// Why a token is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the token cannot be read")]
    Malformed,
    #[error("the token is signed in a way that is not taken: {0:?}")]
    OtherWay(String),
    #[error("the provider's list has no key of that name")]
    UnknownKey,
    #[error("the token's signature is not of the provider's key")]
    NotSigned,
    #[error("the token is of another issuer")]
    OtherIssuer,
    #[error("the token is for another client")]
    OtherClient,
    #[error("the token is not of now: look at the clocks")]
    NotNow,
    #[error("the token answers another sign-in")]
    OtherSignIn,
}

/// Clocks may differ so much.
const DRIFT_SECONDS: i64 = 120;

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The claims of a token, if it is one of this sign-in.
pub(crate) fn verify(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Value, Refused> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (head, claims) =
        signed.split_once('.').filter(|(_, it)| !it.contains('.')).ok_or(Refused::Malformed)?;
    let head: Head = json(head)?;
    // RFC 7515, 4.1.11: what must be understood and is not.
    if head.crit.is_some() {
        return Err(Refused::Malformed);
    }
    let way = match head.alg.as_str() {
        "RS256" => Way::Rs256,
        "PS256" => Way::Ps256,
        "ES256" => Way::Es256Fixed,
        "EdDSA" => Way::EdDsa,
        _ => return Err(Refused::OtherWay(head.alg)),
    };
    let fits = |key: &&Key| {
        (head.kid.is_none() || key.kid == head.kid)
            && key.r#use.as_deref().is_none_or(|it| it == "sig")
            && key.alg.as_deref().is_none_or(|it| it == head.alg)
    };
    let candidates: Vec<PublicKey> =
        keys.keys.iter().filter(fits).filter_map(Key::public).collect();
    if candidates.is_empty() {
        return Err(Refused::UnknownKey);
    }
    let signature = decoded(signature).ok_or(Refused::Malformed)?;
    if !candidates.iter().any(|key| key.has_signed(way, signed.as_bytes(), &signature)) {
        return Err(Refused::NotSigned);
    }
    let claims: Value = json(claims)?;
    must_be(&claims, expected)?;
    Ok(claims)
}

fn must_be(claims: &Value, expected: &Expected<'_>) -> Result<(), Refused> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Refused::OtherIssuer);
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_party = text("azp").map_or(audiences.len() == 1, |it| it == expected.client);
    if !audiences.contains(&expected.client) || !is_party {
        return Err(Refused::OtherClient);
    }
    // RFC 7519, 2: a number of seconds, which may have parts.
    let second = |name: &str| {
        let number = claims.get(name).filter(|it| it.is_number())?.to_string();
        number.split('.').next()?.parse::<i64>().ok()
    };
    let now = expected.now.as_second();
    let is_alive = second("exp").is_some_and(|it| now < it + DRIFT_SECONDS);
    let is_begun = second("iat").is_some_and(|it| it <= now + DRIFT_SECONDS)
        && second("nbf").is_none_or(|it| it <= now + DRIFT_SECONDS);
    if !is_alive || !is_begun {
        return Err(Refused::NotNow);
    }
    let nonce = text("nonce").unwrap_or_default();
    if !crate::secret::is_equal(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err(Refused::OtherSignIn);
    }
    text("sub").filter(|it| (1..=255).contains(&it.len())).map(|_| ()).ok_or(Refused::Malformed)
}

impl Key {
    fn public(&self) -> Option<PublicKey> {
        let part = |it: &Option<String>| decoded(it.as_deref()?);
        Some(match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some("P-256")) => PublicKey::P256 { x: part(&self.x)?, y: part(&self.y)? },
            ("OKP", Some("Ed25519")) => PublicKey::Ed25519 { x: part(&self.x)? },
            ("RSA", _) => PublicKey::Rsa { n: part(&self.n)?, e: part(&self.e)? },
            _ => return None,
        })
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Refused> {
    let bytes = decoded(part).ok_or(Refused::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed)
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(part).ok()
}
