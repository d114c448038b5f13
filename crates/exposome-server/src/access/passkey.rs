//! Passkeys: what an authenticator answers, verified as WebAuthn (Level 3) says in 7.1 and 7.2.
//!
//! No attestation is asked for: which make of authenticator somebody has is her
//! own affair.  A passkey here is found by itself (a *discoverable credential*),
//! so nobody types a login, and it always verifies its person (PIN, finger): it
//! is both factors.

use super::cbor;
use super::signature::{PublicKey, Way};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What is kept of a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    key: PublicKey,
    /// How often it has signed, where it counts.
    counter: u32,
    /// The name of the place it was made for.
    place: String,
}

/// Where the pages are, as the browser and the authenticator see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// `exposome.hospital.example`.
    pub(crate) name: String,
    /// `https://exposome.hospital.example`.
    pub(crate) origin: String,
}

/// What the browser hands over (`PublicKeyCredential.toJSON()`).
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credential {
    /// Base64url
    pub(crate) id: String,
    pub(crate) response: Response,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    /// Where one is made
    attestation_object: Option<String>,
    /// Where one signs in
    authenticator_data: Option<String>,
    signature: Option<String>,
    user_handle: Option<String>,
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the answer of the authenticator cannot be read")]
    Malformed,
    #[error("the answer is of another kind than was asked for")]
    OtherKind,
    #[error("the answer is to another question")]
    OtherChallenge,
    #[error("the answer was given to another place")]
    OtherPlace,
    #[error("the authenticator did not verify its person")]
    NotVerified,
    #[error("the key is of a kind that is not known here")]
    OtherKey,
    #[error("the signature is not of this key")]
    NotSigned,
    #[error("the key has signed fewer times than before: there are two of it")]
    Copied,
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const HAS_KEY: u8 = 1 << 6;

/// A passkey that was made: its id, and what is kept (7.1).
pub(crate) fn made(
    credential: &Credential,
    challenge: &str,
    place: &Place,
) -> Result<(Vec<u8>, Kept), Refused> {
    must_answer(credential, "webauthn.create", challenge, place)?;
    let object = bytes(credential.response.attestation_object.as_ref())?;
    let (object, _) = cbor::read(&object).ok_or(Refused::Malformed)?;
    let data = object.named("authData").and_then(cbor::Value::bytes).ok_or(Refused::Malformed)?;
    let data = Data::read(data, place)?;
    // After 16 bytes that tell its make: the length of the id in two, the id, the key.
    let rest = data
        .rest
        .filter(|_| data.flags & HAS_KEY != 0)
        .and_then(|it| it.get(16..))
        .ok_or(Refused::Malformed)?;
    let (length, rest) = rest.split_at_checked(2).ok_or(Refused::Malformed)?;
    let length = length.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    let (id, rest) = rest
        .split_at_checked(length)
        .filter(|_| (1..=1_023).contains(&length))
        .ok_or(Refused::Malformed)?;
    let (key, _) = cbor::read(rest).ok_or(Refused::Malformed)?;
    let key = cose(&key).ok_or(Refused::OtherKey)?;
    Ok((id.to_vec(), Kept { key, counter: data.counter, place: place.name.clone() }))
}

impl Credential {
    pub(crate) fn raw_id(&self) -> Result<Vec<u8>, Refused> {
        bytes(Some(&self.id))
    }

    /// Whose it says it is.
    pub(crate) fn user(&self) -> Option<String> {
        String::from_utf8(bytes(self.response.user_handle.as_ref()).ok()?).ok()
    }
}

/// A passkey has answered: what is kept of it from here on (7.2).
pub(crate) fn answered(
    credential: &Credential,
    challenge: &str,
    place: &Place,
    kept: &Kept,
) -> Result<Kept, Refused> {
    let client = must_answer(credential, "webauthn.get", challenge, place)?;
    if kept.place != place.name {
        return Err(Refused::OtherPlace);
    }
    let raw = bytes(credential.response.authenticator_data.as_ref())?;
    let data = Data::read(&raw, place)?;
    let signed = [&raw[..], &Sha256::digest(&client)[..]].concat();
    let signature = bytes(credential.response.signature.as_ref())?;
    let way = match &kept.key {
        PublicKey::P256 { .. } => Way::Es256Asn1,
        PublicKey::Ed25519 { .. } => Way::EdDsa,
        PublicKey::Rsa { .. } => Way::Rs256,
    };
    if !kept.key.has_signed(way, &signed, &signature) {
        return Err(Refused::NotSigned);
    }
    // Passkeys that live in several devices do not count, and say 0 (6.1.1).
    if (data.counter > 0 || kept.counter > 0) && data.counter <= kept.counter {
        return Err(Refused::Copied);
    }
    Ok(Kept { counter: data.counter, ..kept.clone() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    r#type: String,
    challenge: String,
    origin: String,
    cross_origin: Option<bool>,
}

/// That the browser answered this question, here; its words as they were signed.
fn must_answer(
    credential: &Credential,
    kind: &str,
    challenge: &str,
    place: &Place,
) -> Result<Vec<u8>, Refused> {
    let json = bytes(Some(&credential.response.client_data_json))?;
    let client: Client = serde_json::from_slice(&json).map_err(|_| Refused::Malformed)?;
    if client.r#type != kind {
        return Err(Refused::OtherKind);
    }
    if !crate::secret::is_equal(client.challenge.as_bytes(), challenge.as_bytes()) {
        return Err(Refused::OtherChallenge);
    }
    if client.origin != place.origin || client.cross_origin == Some(true) {
        return Err(Refused::OtherPlace);
    }
    Ok(json)
}

/// What the authenticator says of itself (6.1).
struct Data<'a> {
    flags: u8,
    counter: u32,
    rest: Option<&'a [u8]>,
}

impl<'a> Data<'a> {
    fn read(bytes: &'a [u8], place: &Place) -> Result<Data<'a>, Refused> {
        let (hash, rest) = bytes.split_at_checked(32).ok_or(Refused::Malformed)?;
        let (&flags, rest) = rest.split_first().ok_or(Refused::Malformed)?;
        let (counter, rest) = rest.split_first_chunk::<4>().ok_or(Refused::Malformed)?;
        if hash != &Sha256::digest(&place.name)[..] {
            return Err(Refused::OtherPlace);
        }
        if flags & PRESENT == 0 || flags & VERIFIED == 0 {
            return Err(Refused::NotVerified);
        }
        Ok(Data {
            flags,
            counter: u32::from_be_bytes(*counter),
            rest: (!rest.is_empty()).then_some(rest),
        })
    }
}

/// The kinds of keys that are asked for, best first (COSE, RFC 9053 and 8812).
pub(crate) const ALGORITHMS: [i64; 3] = [-7, -8, -257];

/// RFC 9052, 7, and RFC 9053, 7.
fn cose(key: &cbor::Value<'_>) -> Option<PublicKey> {
    let number = |at| key.at(at).and_then(cbor::Value::number);
    let bytes = |at| key.at(at).and_then(cbor::Value::bytes).map(<[u8]>::to_vec);
    Some(match (number(1)?, number(3)?) {
        (2, -7) if number(-1)? == 1 => {
            let (x, y) = (bytes(-2)?, bytes(-3)?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            PublicKey::P256 { x, y }
        }
        (1, -8) if number(-1)? == 6 => {
            PublicKey::Ed25519 { x: bytes(-2).filter(|it| it.len() == 32)? }
        }
        (3, -257) => PublicKey::Rsa { n: bytes(-1)?, e: bytes(-2)? },
        _ => return None,
    })
}

fn bytes(text: Option<&String>) -> Result<Vec<u8>, Refused> {
    let text = text.filter(|it| it.len() <= LONGEST).ok_or(Refused::Malformed)?;
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| Refused::Malformed)
}

/// More than any authenticator answers.
const LONGEST: usize = 64 << 10;
