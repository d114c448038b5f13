//! Passkeys, with an authenticator of the test's own.

use crate::client::{Client, PASSWORD};
use crate::server::{Server, settings};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const NAME: &str = "exposome.test";
const ORIGIN: &str = "https://exposome.test";

/// An authenticator with one key.
struct Authenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: String,
    counter: u32,
    /// What a test makes it say otherwise.
    place: String,
    origin: String,
    flags: u8,
}

const PRESENT_AND_VERIFIED: u8 = 0b101;

impl Authenticator {
    fn new(id: u8) -> Authenticator {
        Authenticator {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id: vec![id; 20],
            user: String::new(),
            counter: 0,
            place: NAME.into(),
            origin: ORIGIN.into(),
            flags: PRESENT_AND_VERIFIED,
        }
    }

    fn client(&self, kind: &str, options: &Value) -> String {
        let challenge = &options["challenge"];
        let client = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        BASE64_URL_SAFE_NO_PAD.encode(client.to_string())
    }

    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.counter += 1;
        [&Sha256::digest(&self.place)[..], &[flags], &self.counter.to_be_bytes()].concat()
    }

    fn make(&mut self, options: &Value) -> Value {
        let user = BASE64_URL_SAFE_NO_PAD.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        self.user = String::from_utf8(user).unwrap();
        let point = self.key.public_key().as_ref().to_vec();
        let mut data = self.data(self.flags | 1 << 6);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[33..]);
        // {"fmt": "none", "attStmt": {}, "authData": data}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        let id = BASE64_URL_SAFE_NO_PAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": { "clientDataJSON": self.client("webauthn.create", options), "attestationObject": BASE64_URL_SAFE_NO_PAD.encode(object), "transports": ["internal"] },
        })
    }

    fn answer(&mut self, options: &Value) -> Value {
        let client = self.client("webauthn.get", options);
        let data = self.data(self.flags);
        let digest = Sha256::digest(BASE64_URL_SAFE_NO_PAD.decode(&client).unwrap());
        let signature =
            self.key.sign(&SystemRandom::new(), &[&data[..], &digest[..]].concat()).unwrap();
        let id = BASE64_URL_SAFE_NO_PAD.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": client,
                "authenticatorData": BASE64_URL_SAFE_NO_PAD.encode(data),
                "signature": BASE64_URL_SAFE_NO_PAD.encode(signature),
                "userHandle": BASE64_URL_SAFE_NO_PAD.encode(&self.user),
            },
        })
    }
}

fn server() -> Server {
    let mut settings = settings();
    settings.base_url = Some(ORIGIN.parse().unwrap());
    Server::with(settings)
}

fn added(person: &Client, authenticator: &mut Authenticator) -> crate::client::Answer {
    let begun = person.post("/api/v1/me/passkeys/start", &json!({ "current": PASSWORD }));
    assert_eq!(begun.status, 200, "{begun:?}");
    assert_eq!(begun.body["publicKey"]["rp"]["id"], NAME);
    let credential = authenticator.make(&begun.body["publicKey"]);
    bound(person, &begun)
        .post("/api/v1/me/passkeys", &json!({ "name": "telephone", "credential": credential }))
}

fn sign_in(server: &Server, authenticator: &mut Authenticator) -> crate::client::Answer {
    let nobody = server.nobody();
    let begun = nobody.post("/api/v1/session/passkey/start", &json!({}));
    assert_eq!(
        begun.body["publicKey"]["allowCredentials"],
        json!([]),
        "nobody is named to a stranger"
    );
    let credential = authenticator.answer(&begun.body["publicKey"]);
    bound(&nobody, &begun).post("/api/v1/session/passkey/finish", &credential)
}

/// The browser in which something was begun: it holds the cookie of that.
fn bound(client: &Client, begun: &crate::client::Answer) -> Client {
    let step = begun.header("set-cookie").unwrap().split(';').next().unwrap();
    assert!(step.starts_with("__Host-exposome-step="));
    let before =
        client.headers.iter().find(|(name, _)| name == "cookie").map(|(_, it)| format!("{it}; "));
    client.clone().with("cookie", &format!("{}{step}", before.unwrap_or_default()))
}

#[test]
fn a_passkey_signs_its_person_in_without_a_login_or_a_password() {
    let server = server();
    let root = server.administrator();
    assert_eq!(
        server.nobody().get("/api/v1/sign-in").body,
        json!({ "passwords": true, "sso": null, "passkeys": true, "set_up": false })
    );
    let mut authenticator = Authenticator::new(1);
    let answer = added(&root, &mut authenticator);
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = sign_in(&server, &mut authenticator);
    assert_eq!(
        (answer.status, &answer.body["person"]["login"], &answer.body["second_factor"]),
        (200, &json!("root"), &json!("passkey")),
        "{answer:?}"
    );
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-exposome=") && cookie.ends_with("; Secure"), "{cookie}");
    let mut client = server.nobody();
    client.keep(&answer);
    let listed = client.get("/api/v1/me/passkeys");
    assert!(listed.body["rows"][0]["used_at"].is_string());
    let id = listed.body["rows"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(client.delete(&format!("/api/v1/me/passkeys/{id}")).status, 204);
    assert_eq!(sign_in(&server, &mut authenticator).problem(), "wrong-sign-in");
}

/// What an authenticator is made to do otherwise.
type Change = fn(&mut Authenticator);

#[test]
fn an_answer_that_was_given_to_another_place_or_question_or_by_another_key_opens_nothing() {
    let server = server();
    let root = server.administrator();
    let mut authenticator = Authenticator::new(1);
    assert_eq!(added(&root, &mut authenticator).status, 201);
    let changes: [(&str, Change); 6] = [
        ("another place", |it| it.place = "evil.test".into()),
        ("another origin", |it| it.origin = "https://evil.test".into()),
        ("nobody verified", |it| it.flags = 1),
        ("nobody there", |it| it.flags = 0),
        ("another key", |it| {
            it.key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        }),
        ("another person", |it| it.user = "nobody".into()),
    ];
    for (what, change) in changes {
        let mut other = Authenticator::new(1);
        other.key = EcdsaKeyPair::from_pkcs8(
            &ECDSA_P256_SHA256_ASN1_SIGNING,
            authenticator.key.to_pkcs8v1().unwrap().as_ref(),
        )
        .unwrap();
        (other.user, other.counter) = (authenticator.user.clone(), authenticator.counter + 10);
        change(&mut other);
        let answer = sign_in(&server, &mut other);
        assert_eq!((answer.status, answer.problem()), (401, "wrong-sign-in"), "{what}: {answer:?}");
    }
    // A copy of the key that has signed fewer times.
    authenticator.counter += 20;
    assert_eq!(sign_in(&server, &mut authenticator).status, 200);
    authenticator.counter -= 5;
    assert_eq!(sign_in(&server, &mut authenticator).problem(), "wrong-sign-in");
    // The same answer again.
    authenticator.counter += 50;
    let nobody = server.nobody();
    let begun = nobody.post("/api/v1/session/passkey/start", &json!({}));
    let body = authenticator.answer(&begun.body["publicKey"]);
    assert_eq!(
        nobody.post("/api/v1/session/passkey/finish", &body).problem(),
        "gone",
        "another browser"
    );
    let browser = bound(&nobody, &begun);
    assert_eq!(browser.post("/api/v1/session/passkey/finish", &body).status, 200);
    assert_eq!(browser.post("/api/v1/session/passkey/finish", &body).problem(), "gone");
    // Too late.
    let begun = nobody.post("/api/v1/session/passkey/start", &json!({}));
    let body = authenticator.answer(&begun.body["publicKey"]);
    server.pass_seconds(301);
    assert_eq!(
        bound(&nobody, &begun).post("/api/v1/session/passkey/finish", &body).problem(),
        "gone"
    );
}

#[test]
fn a_passkey_is_added_by_whoever_began_it_and_read_with_care() {
    let server = server();
    let root = server.administrator();
    let ana = root.person("ana", &json!([{ "role": "analyst" }]));
    let begin =
        |person: &Client| person.post("/api/v1/me/passkeys/start", &json!({ "current": PASSWORD }));
    let add = |person: &Client, begun: &crate::client::Answer, credential: &Value| {
        bound(person, begun)
            .post("/api/v1/me/passkeys", &json!({ "name": "key", "credential": credential }))
    };
    assert_eq!(ana.post("/api/v1/me/passkeys/start", &json!({ "current": "wrong" })).status, 422);
    let begun = begin(&ana);
    let credential = Authenticator::new(1).make(&begun.body["publicKey"]);
    assert_eq!(add(&root, &begun, &credential).problem(), "conflict");
    for damage in ["clientDataJSON", "attestationObject"] {
        for value in ["", "%", "AAAA", &"A".repeat(70_000)] {
            let begun = begin(&ana);
            let mut credential = Authenticator::new(1).make(&begun.body["publicKey"]);
            credential["response"][damage] = json!(value);
            let answer = add(&ana, &begun, &credential);
            assert_eq!(
                (answer.status, &answer.body["field"]),
                (422, &json!("credential")),
                "{damage}: {answer:?}"
            );
        }
    }
    let begun = begin(&ana);
    let mut unverified = Authenticator::new(1);
    unverified.flags = 1;
    assert_eq!(add(&ana, &begun, &unverified.make(&begun.body["publicKey"])).status, 422);
    assert_eq!(ana.get("/api/v1/me/passkeys").body["rows"], json!([]));
    let mut first = Authenticator::new(7);
    assert_eq!(added(&ana, &mut first).status, 201);
    assert_eq!(
        added(&root, &mut Authenticator::new(7)).problem(),
        "conflict",
        "an id is one key's"
    );
}

#[test]
fn a_bare_address_has_no_passkeys() {
    let server = Server::new();
    assert_eq!(server.nobody().get("/api/v1/sign-in").body["passkeys"], false);
    assert_eq!(
        server.nobody().post("/api/v1/session/passkey/start", &json!({})).problem(),
        "conflict"
    );
}
