//! Accounts, jobs and keys of writes, as both databases keep them.

use exposome_store::Store;
use exposome_store::accounts::{
    Grant, OneTimeLink, Origin, Passkey, Person, SecretDigest, Session, Token,
};
use exposome_store::once::Earlier;
use jiff::{SignedDuration, Timestamp};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn person(id: &str, login: &str) -> Person {
    Person {
        id: id.into(),
        login: login.into(),
        name: "Ana \"Ü\" O'Neil\ttab".into(),
        email: None,
        is_active: true,
        created_at: at(0),
        password: None,
        password_at: None,
        totp: None,
        totp_step: 0,
        provider: None,
    }
}

fn grant(role: &str, site: Option<&str>, origin: Origin, until: Option<Timestamp>) -> Grant {
    Grant { role: role.into(), site: site.map(Into::into), unit: None, origin, until }
}

async fn add(store: &Store, person: &Person) -> bool {
    let mut change = store.change_accounts(at(0)).await.unwrap();
    let added = change.add_person(person).await.unwrap();
    change.commit(&["{}".into()]).await.unwrap();
    added
}

pub(crate) async fn a_person_comes_back_as_she_was_put(store: &Store) {
    assert!(!store.is_anybody_there().await.unwrap());
    let mut ana = person("a", "ana");
    assert!(add(store, &ana).await);
    assert!(!add(store, &person("b", "ana")).await, "the login is taken");
    assert_eq!(store.person("a").await.unwrap(), Some(ana.clone()));
    assert_eq!(store.person_by_login("ana").await.unwrap(), Some(ana.clone()));
    ana.email = Some("ana@hospital.example".into());
    ana.password = Some("$argon2id$…".into());
    ana.password_at = Some(at(3));
    ana.totp = Some(vec![0, 255, 7]);
    ana.provider = Some(("https://id.example".into(), "4711".into()));
    ana.is_active = false;
    let mut change = store.change_accounts(at(3)).await.unwrap();
    assert!(change.put_person(&ana).await.unwrap());
    assert!(!change.put_person(&person("x", "x")).await.unwrap());
    change.commit(&["{}".into()]).await.unwrap();
    assert_eq!(store.person_by_provider("https://id.example", "4711").await.unwrap(), Some(ana));
    assert_eq!(store.person_by_provider("https://id.example", "4712").await.unwrap(), None);
    add(store, &person("c", "carla")).await;
    let logins = async |after: &str, limit| {
        let persons = store.persons(after, limit).await.unwrap();
        persons.into_iter().map(|it| it.login).collect::<Vec<_>>()
    };
    assert_eq!(logins("", 9).await, ["ana", "carla"]);
    assert_eq!(
        (logins("", 1).await, logins("ana", 9).await),
        (vec!["ana".into()], vec!["carla".into()])
    );
}

pub(crate) async fn a_change_that_is_not_committed_leaves_nothing(store: &Store) {
    let mut change = store.change_accounts(at(0)).await.unwrap();
    change.add_person(&person("a", "ana")).await.unwrap();
    drop(change);
    assert!(!store.is_anybody_there().await.unwrap());
    assert_eq!(store.account_events(u64::MAX, 9).await.unwrap(), []);
}

pub(crate) async fn a_role_for_a_while_ends_and_those_of_one_origin_leave_the_others_alone(
    store: &Store,
) {
    add(store, &person("a", "ana")).await;
    let given = grant("analyst", Some("main"), Origin::Administrator, None);
    let glass = grant("clinician", None, Origin::Glass, Some(at(100)));
    let groups = grant("analyst", Some("main"), Origin::Provider, None);
    let mut change = store.change_accounts(at(1)).await.unwrap();
    change.put_grants("a", Origin::Administrator, std::slice::from_ref(&given)).await.unwrap();
    change.put_grants("a", Origin::Provider, std::slice::from_ref(&groups)).await.unwrap();
    change.add_grant("a", &grant("clinician", None, Origin::Glass, Some(at(50)))).await.unwrap();
    change.add_grant("a", &glass).await.unwrap();
    change.commit(&["{}".into()]).await.unwrap();
    assert_eq!(store.grants("a", at(99)).await.unwrap(), [given.clone(), groups, glass]);
    assert_eq!(store.grants("a", at(100)).await.unwrap().len(), 2);
    let mut change = store.change_accounts(at(101)).await.unwrap();
    change.put_grants("a", Origin::Provider, &[]).await.unwrap();
    assert_eq!(change.count_with("administrator").await.unwrap(), 0);
    change
        .add_grant("a", &grant("administrator", None, Origin::Administrator, None))
        .await
        .unwrap();
    assert_eq!(change.count_with("administrator").await.unwrap(), 1);
    change.commit(&["{}".into()]).await.unwrap();
    assert!(store.grants("a", at(101)).await.unwrap().contains(&given));
    assert_eq!(store.sweep_accounts(at(101), at(0)).await.unwrap(), 1);
}

fn digest(of: u8) -> SecretDigest {
    [of; 32]
}

pub(crate) async fn a_session_is_there_until_it_is_ended_or_swept(store: &Store) {
    let session = Session {
        person: "a".into(),
        role: None,
        second_factor: "none".into(),
        created_at: at(0),
        seen_at: at(0),
        expires_at: at(1_000),
    };
    let mut change = store.change_accounts(at(0)).await.unwrap();
    for of in 0..4 {
        change.add_session(&digest(of), &session).await.unwrap();
    }
    change.commit(&["{}".into()]).await.unwrap();
    assert_eq!(store.session(&digest(0)).await.unwrap(), Some(session.clone()));
    assert_eq!(store.sessions_of("a", at(1)).await.unwrap()[3], (digest(3), session.clone()));
    assert_eq!(store.sessions_of("a", at(1_000)).await.unwrap(), []);
    store.touch_session(&digest(1), at(500)).await.unwrap();
    store.act_in(&digest(1), "analyst").await.unwrap();
    let used = store.session(&digest(1)).await.unwrap().unwrap();
    assert_eq!((used.seen_at, used.role.as_deref()), (at(500), Some("analyst")));
    let mut change = store.change_accounts(at(500)).await.unwrap();
    assert!(change.end_session(&digest(0)).await.unwrap());
    assert!(!change.end_session(&digest(0)).await.unwrap());
    change.strengthen_session(&digest(1), "totp").await.unwrap();
    assert_eq!(change.end_sessions("a", Some(&digest(1))).await.unwrap(), 2);
    change.commit(&["{}".into()]).await.unwrap();
    assert_eq!(store.session(&digest(1)).await.unwrap().unwrap().second_factor, "totp");
    assert_eq!(store.sweep_accounts(at(501), at(500)).await.unwrap(), 0);
    assert_eq!(store.sweep_accounts(at(502), at(501)).await.unwrap(), 1);
    assert_eq!(store.session(&digest(1)).await.unwrap(), None);
}

pub(crate) async fn a_token_a_passkey_and_a_link_work_as_long_as_they_should(store: &Store) {
    let token = Token {
        id: "t".into(),
        person: "a".into(),
        name: "ci".into(),
        role: "analyst".into(),
        site: Some("main".into()),
        unit: None,
        writes: true,
        created_at: at(0),
        expires_at: at(100),
        used_at: None,
        revoked_at: None,
    };
    let passkey = Passkey {
        id: vec![0, 1, 255],
        person: "a".into(),
        name: "key".into(),
        created_at: at(0),
        used_at: None,
        body: "{}".into(),
    };
    let link = OneTimeLink {
        purpose: "password".into(),
        person: Some("a".into()),
        created_at: at(0),
        expires_at: at(100),
    };
    let mut change = store.change_accounts(at(0)).await.unwrap();
    change.add_token(&digest(1), &token).await.unwrap();
    assert!(change.add_passkey(&passkey).await.unwrap());
    assert!(!change.add_passkey(&passkey).await.unwrap());
    change.add_link(&digest(2), &link).await.unwrap();
    change.add_link(&digest(3), &link).await.unwrap();
    change.commit(&["{}".into()]).await.unwrap();
    assert_eq!(store.token(&digest(1)).await.unwrap(), Some(token));
    store.touch_token("t", at(5)).await.unwrap();
    assert_eq!(store.tokens(Some("a")).await.unwrap()[0].used_at, Some(at(5)));
    assert_eq!(
        (store.tokens(Some("b")).await.unwrap().len(), store.tokens(None).await.unwrap().len()),
        (0, 1)
    );
    assert_eq!(store.passkeys("a").await.unwrap(), [passkey]);
    assert_eq!(store.link(&digest(2)).await.unwrap(), None, "the later link holds alone");
    store.note_passkey(&[0, 1, 255], "{\"counter\":1}", at(99)).await.unwrap();
    let mut change = store.change_accounts(at(99)).await.unwrap();
    assert!(!change.revoke_token("t", Some("b")).await.unwrap());
    assert!(change.revoke_token("t", Some("a")).await.unwrap());
    assert!(!change.revoke_token("t", None).await.unwrap());
    assert!(change.use_link(&digest(3)).await.unwrap());
    assert!(!change.use_link(&digest(3)).await.unwrap());
    change.add_link(&digest(4), &link).await.unwrap();
    change.commit(&["{}".into()]).await.unwrap();
    assert_eq!(store.passkeys("a").await.unwrap()[0].used_at, Some(at(99)));
    let mut change = store.change_accounts(at(100)).await.unwrap();
    assert!(!change.use_link(&digest(4)).await.unwrap(), "it has run out");
    assert!(change.remove_passkey("a", &[0, 1, 255]).await.unwrap());
    change.commit(&["{}".into()]).await.unwrap();
    assert!(store.token(&digest(1)).await.unwrap().unwrap().revoked_at.is_some());
}

pub(crate) async fn what_was_begun_is_finished_once_and_in_time(store: &Store) {
    store.begin_pending(&digest(1), b"first", at(100)).await.unwrap();
    store.begin_pending(&digest(1), b"second", at(100)).await.unwrap();
    assert_eq!(store.take_pending(&digest(2), at(0)).await.unwrap(), None);
    assert_eq!(store.take_pending(&digest(1), at(99)).await.unwrap(), Some(b"second".to_vec()));
    assert_eq!(store.take_pending(&digest(1), at(99)).await.unwrap(), None);
    store.begin_pending(&digest(1), b"third", at(100)).await.unwrap();
    assert_eq!(store.take_pending(&digest(1), at(100)).await.unwrap(), None);
}

pub(crate) async fn a_code_is_taken_once(store: &Store) {
    add(store, &person("a", "ana")).await;
    assert!(store.take_totp_step("a", 100).await.unwrap());
    for step in [100, 99] {
        assert!(!store.take_totp_step("a", step).await.unwrap());
    }
    assert!(store.take_totp_step("a", 101).await.unwrap());
}

pub(crate) async fn failures_are_counted_until_they_are_forgotten(store: &Store) {
    let fail = async |second: i64| {
        let until = |failures| at(second) + SignedDuration::from_secs(10 * i64::from(failures));
        store.failed_attempt("login ana", at(second), at(second - 100), until).await.unwrap()
    };
    assert_eq!(fail(0).await.failures, 1);
    let second = fail(1).await;
    assert_eq!((second.failures, second.locked_until), (2, at(21)));
    assert_eq!(store.attempts("login ana").await.unwrap(), Some(second));
    assert_eq!(fail(102).await.failures, 1, "what is long ago does not count");
    let mut change = store.change_accounts(at(103)).await.unwrap();
    change.forget_attempts("login ana").await.unwrap();
    change.commit(&["{}".into()]).await.unwrap();
    assert_eq!(store.attempts("login ana").await.unwrap(), None);
}

pub(crate) async fn settings_are_a_persons_own(store: &Store) {
    store.set("a", "theme", "\"dark\"").await.unwrap();
    store.set("a", "theme", "\"light\"").await.unwrap();
    store.set("b", "theme", "\"auto\"").await.unwrap();
    assert_eq!(store.settings("a").await.unwrap(), [("theme".into(), "\"light\"".into())]);
}

pub(crate) async fn the_log_of_accounts_holds_and_says_what_happened(store: &Store) {
    for second in 0..3 {
        let change = store.change_accounts(at(second)).await.unwrap();
        change.commit(&[format!("[{second}]"), "\"two at once\"".into()]).await.unwrap();
    }
    assert_eq!(store.verify_account_log().await.unwrap(), Ok(6));
    let events = store.account_events(u64::MAX, 2).await.unwrap();
    assert_eq!(
        events.iter().map(|it| (it.number, it.at, it.body.as_str())).collect::<Vec<_>>(),
        [(6, at(2), "\"two at once\""), (5, at(2), "[2]")]
    );
    assert_eq!(store.account_events(5, 9).await.unwrap().len(), 4);
}

pub(crate) async fn a_job_is_done_by_one_and_comes_again(store: &Store) {
    store.add_job("feeds", at(0)).await.unwrap();
    store.add_job("feeds", at(50)).await.unwrap();
    assert!(!store.lease_job("feeds", "one", at(-1), at(10)).await.unwrap(), "it is not due");
    assert!(store.lease_job("feeds", "one", at(0), at(10)).await.unwrap());
    assert!(!store.lease_job("feeds", "two", at(9), at(19)).await.unwrap());
    assert!(store.keep_lease("feeds", "one", at(20)).await.unwrap());
    assert!(!store.lease_job("feeds", "two", at(10), at(19)).await.unwrap());
    assert!(store.finish_job("feeds", "one", at(12), Err("no answer"), at(60)).await.unwrap());
    let job = store.jobs().await.unwrap().remove(0);
    assert_eq!(
        (job.failures, job.succeeded, job.result.as_deref(), job.next_at, job.leased_to),
        (1, Some(false), Some("no answer"), at(60), None)
    );
    assert!(store.hasten_job("feeds", at(20)).await.unwrap());
    assert!(store.hasten_job("feeds", at(30)).await.unwrap());
    assert!(!store.hasten_job("none", at(30)).await.unwrap());
    assert_eq!(
        store.jobs().await.unwrap()[0].next_at,
        at(20),
        "never later than it would have come"
    );
    assert!(store.lease_job("feeds", "two", at(20), at(30)).await.unwrap());
    assert!(store.finish_job("feeds", "two", at(21), Ok("done"), at(99)).await.unwrap());
    assert_eq!(store.jobs().await.unwrap()[0].failures, 0);
}

pub(crate) async fn a_write_with_a_key_is_known_again_for_a_while(store: &Store) {
    let begin = async |person: &str, request: u8, second: i64| {
        store.begin_once(person, "k", &digest(request), at(second), at(second - 100)).await.unwrap()
    };
    assert_eq!(begin("a", 1, 0).await, Earlier::New);
    assert_eq!(begin("a", 1, 1).await, Earlier::Begun { since: at(0) });
    assert_eq!(begin("b", 1, 1).await, Earlier::New, "keys are a person's own");
    store.answer_once("a", "k", 201, "application/json", b"{}").await.unwrap();
    let answered =
        Earlier::Answered { status: 201, kind: "application/json".into(), answer: b"{}".to_vec() };
    assert_eq!(begin("a", 1, 2).await, answered);
    assert_eq!(begin("a", 2, 2).await, Earlier::Other);
    store.forget_once("b", "k").await.unwrap();
    assert_eq!(begin("b", 2, 3).await, Earlier::New);
    assert_eq!(begin("a", 2, 101).await, Earlier::New, "a day later, say");
}
