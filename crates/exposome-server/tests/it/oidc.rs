//! Sign-on by a provider of the test's own, on this machine.

use crate::client::Answer;
use crate::server::{Server, settings};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use exposome_server::access::Role;
use exposome_server::settings::{GroupRole, Oidc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A provider, and what it is told to say.
#[derive(Clone)]
struct Provider {
    issuer: String,
    state: Arc<Mutex<State>>,
}

struct State {
    key: EcdsaKeyPair,
    key_name: String,
    head: Value,
    claims: Value,
    /// Groups are told of in the token, or where it tells of people.
    groups_in_token: bool,
    groups: Value,
    told_of: String,
    /// Of the sign-in that is under way.
    challenge: String,
    /// What came at the token's door.
    asked: Vec<String>,
}

impl Provider {
    fn start() -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let state = State {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            key_name: "k1".into(),
            head: json!({ "alg": "ES256", "kid": "k1", "typ": "JWT" }),
            claims: Value::Null,
            groups_in_token: true,
            groups: json!(["soc", "staff"]),
            told_of: "4711".into(),
            challenge: String::new(),
            asked: Vec::new(),
        };
        let provider = Provider { issuer, state: Arc::new(Mutex::new(state)) };
        let serving = provider.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).unwrap() == 0 {
                        break;
                    }
                }
                let length = head.lines().find_map(|it| {
                    it.to_lowercase().strip_prefix("content-length: ")?.parse().ok()
                });
                let mut body = vec![0; length.unwrap_or(0)];
                reader.read_exact(&mut body).unwrap();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let (status, body) =
                    serving.answer(&path, &head, &String::from_utf8(body).unwrap());
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.to_string().len()
                );
            }
        });
        provider
    }

    fn answer(&self, path: &str, head: &str, body: &str) -> (u16, Value) {
        let mut state = self.state.lock().unwrap();
        let issuer = &self.issuer;
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/keys"), "userinfo_endpoint": format!("{issuer}/people"), "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                }),
            ),
            "/keys" => {
                let point = state.key.public_key().as_ref();
                let [x, y] =
                    [&point[1..33], &point[33..]].map(|it| BASE64_URL_SAFE_NO_PAD.encode(it));
                (
                    200,
                    json!({ "keys": [{ "kty": "RSA", "kid": "other", "n": "AQAB", "e": "AQAB" }, { "kty": "EC", "crv": "P-256", "kid": state.key_name, "use": "sig", "x": x, "y": y }] }),
                )
            }
            "/token" => {
                state.asked.push(format!("{head}{body}"));
                let form: BTreeMap<String, String> =
                    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
                let proof = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"]));
                if form["code"] != "the-code" || proof != state.challenge {
                    return (400, json!({ "error": "invalid_grant" }));
                }
                let mut claims = state.claims.clone();
                if state.groups_in_token {
                    claims["groups"] = state.groups.clone();
                }
                let signed = [&state.head, &claims]
                    .map(|it| BASE64_URL_SAFE_NO_PAD.encode(it.to_string()))
                    .join(".");
                let signature = state.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
                (
                    200,
                    json!({ "access_token": "at", "token_type": "Bearer", "id_token": format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)) }),
                )
            }
            "/people" => (200, json!({ "sub": state.told_of, "groups": state.groups })),
            _ => (404, json!({})),
        }
    }

    fn server(&self) -> Server {
        let mut settings = settings();
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "s3cret:&\n").unwrap();
        let role =
            |role, site: Option<&str>| GroupRole { role, site: site.map(Into::into), unit: None };
        settings.oidc = Some(Oidc {
            issuer: self.issuer.clone(),
            client_id: "exposome".into(),
            client_secret_file: Some(secret),
            groups: BTreeMap::from([
                ("soc".into(), vec![role(Role::Analyst, Some("main"))]),
                ("ward".into(), vec![role(Role::Reporter, None)]),
            ]),
            groups_claim: "groups".into(),
            title: "Sign in with the test's account".into(),
        });
        Server::of(folder, settings)
    }

    /// Goes to the provider and comes back; what a test changes of the claims on the way.
    fn sign_in(&self, server: &Server, change: impl FnOnce(&mut State)) -> Answer {
        let (back, browser) = self.begin(server, change);
        server.nobody().with("cookie", &browser).get(&back)
    }

    /// What the browser brings back, and its cookie.
    fn begin(&self, server: &Server, change: impl FnOnce(&mut State)) -> (String, String) {
        let start = server.nobody().get("/api/v1/oidc/start");
        assert_eq!(start.status, 303, "{start:?}");
        let address = url::Url::parse(start.header("location").unwrap()).unwrap();
        assert!(address.as_str().starts_with(&format!("{}/authorize?", self.issuer)));
        let asked: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
        assert_eq!(
            (
                asked["response_type"].as_str(),
                asked["code_challenge_method"].as_str(),
                asked["client_id"].as_str()
            ),
            ("code", "S256", "exposome")
        );
        assert_eq!(asked["redirect_uri"], format!("{}/api/v1/oidc/back", server.url));
        let now = server.now().as_second();
        let mut state = self.state.lock().unwrap();
        state.challenge.clone_from(&asked["code_challenge"]);
        state.claims = json!({
            "iss": self.issuer, "sub": "4711", "aud": "exposome", "exp": now + 300, "iat": now, "nonce": asked["nonce"],
            "preferred_username": "Ana.Weber", "name": "Ana Weber", "email": "ana@hospital.example",
        });
        change(&mut state);
        let cookie = start.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        (
            format!("/api/v1/oidc/back?code=the-code&state={}&session_state=x", asked["state"]),
            cookie,
        )
    }
}

/// The session that an answer signed in to.
fn session(server: &Server, answer: &Answer) -> (crate::client::Client, Value) {
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{answer:?}");
    let cookie = answer
        .headers
        .iter()
        .find(|(name, value)| name == "set-cookie" && value.starts_with("exposome="))
        .unwrap();
    let client = server.nobody().with("cookie", cookie.1.split(';').next().unwrap());
    let session = client.get("/api/v1/session");
    (client, session.body)
}

#[track_caller]
fn refused(answer: &Answer, problem: &str) {
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.header("location").unwrap();
    assert!(location.starts_with(&format!("/sign-in?problem={problem}&")), "{location}");
    assert!(
        !answer
            .headers
            .iter()
            .any(|(name, value)| name == "set-cookie" && value.starts_with("exposome=")),
        "{answer:?}"
    );
}

#[test]
fn whoever_a_group_lets_in_is_signed_in_with_what_it_gives() {
    let provider = Provider::start();
    let server = provider.server();
    assert_eq!(
        server.nobody().get("/api/v1/sign-in").body["sso"],
        "Sign in with the test's account"
    );
    let (_, session) = session(&server, &provider.sign_in(&server, |_| {}));
    assert_eq!(
        (&session["person"]["login"], &session["person"]["roles"], &session["second_factor"]),
        (&json!("ana.weber"), &json!(["analyst"]), &json!("provider"))
    );
    assert_eq!(session["person"]["scope"]["sites"], json!(["main"]));
    // RFC 6749, 2.3.1: "exposome:s3cret%3A%26".
    assert!(provider.state.lock().unwrap().asked[0].contains("Basic ZXhwb3NvbWU6czNjcmV0JTNBJTI2"));
}

#[test]
fn who_has_left_a_group_has_lost_its_role_at_the_next_sign_in_and_her_old_session_with_it() {
    let provider = Provider::start();
    let server = provider.server();
    let (first, _) = session(&server, &provider.sign_in(&server, |_| {}));
    let (second, now) =
        session(&server, &provider.sign_in(&server, |state| state.groups = json!("ward")));
    assert_eq!(now["person"]["roles"], json!(["reporter"]));
    assert_eq!(
        (first.get("/api/v1/session").status, second.get("/api/v1/session").status),
        (401, 200)
    );
    refused(&provider.sign_in(&server, |state| state.groups = json!(["staff"])), "not-yours");
    assert_eq!(second.get("/api/v1/session").status, 401);
}

#[test]
fn groups_are_asked_for_where_the_token_has_none_and_only_of_the_same_person() {
    let provider = Provider::start();
    let server = provider.server();
    session(&server, &provider.sign_in(&server, |state| state.groups_in_token = false));
    refused(&provider.sign_in(&server, |state| state.told_of = "4712".into()), "not-yours");
}

#[test]
fn an_account_that_is_here_already_is_not_taken_over() {
    let provider = Provider::start();
    let server = provider.server();
    let root = server.administrator();
    let ana = root.person("ana.weber", &json!([{ "role": "administrator" }]));
    let (_, session) = session(&server, &provider.sign_in(&server, |_| {}));
    assert_eq!(
        (&session["person"]["login"], &session["person"]["roles"]),
        (&json!("ana.weber+sso"), &json!(["analyst"]))
    );
    assert_ne!(session["person"]["id"], ana.get("/api/v1/session").body["person"]["id"]);
    // Whoever is closed out here stays out, whatever the provider says.
    let id = session["person"]["id"].as_str().unwrap();
    assert_eq!(root.put(&format!("/api/v1/people/{id}"), &json!({ "active": false })).status, 200);
    refused(&provider.sign_in(&server, |_| {}), "not-yours");
}

/// What a provider is made to say otherwise.
type Change = Box<dyn FnOnce(&mut State)>;

#[test]
fn a_token_that_is_not_of_this_sign_in_opens_nothing() {
    let provider = Provider::start();
    let server = provider.server();
    let now = server.now().as_second();
    let changes: [(&str, Change); 11] = [
        ("another nonce", Box::new(|it| it.claims["nonce"] = json!("x"))),
        (
            "no nonce",
            Box::new(|it| {
                it.claims.as_object_mut().unwrap().remove("nonce");
            }),
        ),
        ("another issuer", Box::new(|it| it.claims["iss"] = json!("https://evil.example"))),
        ("another client", Box::new(|it| it.claims["aud"] = json!("other"))),
        (
            "for two, and made for the other",
            Box::new(|it| {
                it.claims["aud"] = json!(["exposome", "other"]);
                it.claims["azp"] = json!("other");
            }),
        ),
        (
            "for two, and nobody says for whom",
            Box::new(|it| it.claims["aud"] = json!(["exposome", "other"])),
        ),
        ("old", Box::new(move |it| it.claims["exp"] = json!(now - 121))),
        ("of tomorrow", Box::new(move |it| it.claims["iat"] = json!(now + 121))),
        ("nobody's", Box::new(|it| it.claims["sub"] = json!(""))),
        ("signed by nobody", Box::new(|it| it.head = json!({ "alg": "none" }))),
        (
            "signed with a shared secret",
            Box::new(|it| it.head = json!({ "alg": "HS256", "kid": "k1" })),
        ),
    ];
    for (what, change) in changes {
        let before = provider.state.lock().unwrap().head.clone();
        let answer = provider.sign_in(&server, change);
        assert_eq!(
            answer.header("location").map(|it| it.starts_with("/sign-in?problem=not-yours&")),
            Some(true),
            "{what}: {answer:?}"
        );
        provider.state.lock().unwrap().head = before;
    }
    // Another key under the same name.
    refused(
        &provider.sign_in(&server, |it| {
            it.key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        }),
        "not-yours",
    );
    // The provider has a new key: its list is asked for again, but not at every sign-in.
    server.pass_seconds(31);
    let (_, session) = session(
        &server,
        &provider.sign_in(&server, |it| {
            it.key_name = "k2".into();
            it.head["kid"] = json!("k2");
        }),
    );
    assert_eq!(session["person"]["login"], "ana.weber");
}

#[test]
fn what_comes_back_is_taken_once_from_the_browser_that_began_and_in_time() {
    let provider = Provider::start();
    let server = provider.server();
    let (back, browser) = provider.begin(&server, |_| {});
    // In a browser that somebody else's link was opened in: signing her in as another would be an attack.
    refused(&server.nobody().get(&back), "not-yours");
    refused(&server.nobody().with("cookie", &browser).get(&back), "not-yours");
    let (back, browser) = provider.begin(&server, |_| {});
    session(&server, &server.nobody().with("cookie", &browser).get(&back));
    refused(&server.nobody().with("cookie", &browser).get(&back), "not-yours");
    let (back, browser) = provider.begin(&server, |_| {});
    server.pass_seconds(15 * 60);
    refused(&server.nobody().with("cookie", &browser).get(&back), "not-yours");
    let (back, browser) = provider.begin(&server, |_| {});
    refused(
        &server.nobody().with("cookie", &browser).get(&back.replace("the-code", "other")),
        "not-yours",
    );
    refused(
        &server
            .nobody()
            .get("/api/v1/oidc/back?error=access_denied&error_description=%0d%0aset-cookie:x"),
        "wrong-sign-in",
    );
}

#[test]
fn without_a_provider_there_is_no_such_door() {
    let server = Server::new();
    assert_eq!(server.nobody().get("/api/v1/oidc/start").problem(), "not-found");
    assert_eq!(server.nobody().get("/api/v1/oidc/back?code=x&state=y").problem(), "not-found");
}
