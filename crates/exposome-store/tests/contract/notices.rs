//! Notices and their deliveries, as both databases keep them.

use exposome_store::Store;
use exposome_store::notices::{Channel, Delivery, Notice};
use jiff::Timestamp;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn channel(id: &str) -> Channel {
    Channel {
        id: id.into(),
        name: format!("way {id}"),
        kind: "webhook".into(),
        target: "https://siem.example/hook".into(),
        secret: Some(vec![0, 255]),
        site: Some("main".into()),
        unit: None,
        least: "soon".into(),
        details: true,
        quiet: Some((1_320, 360)),
        escalation: Some(("b".into(), 15)),
        is_active: true,
        created_at: at(0),
        failures: 0,
        dead_since: None,
        last_error: None,
        last_ok_at: None,
    }
}

fn notice(id: &str, second: i64) -> Notice {
    Notice {
        id: id.into(),
        raised_at: at(second),
        urgency: "act_now".into(),
        site: Some("main".into()),
        unit: None,
        body: "{}".into(),
        acknowledged: None,
    }
}

fn delivery(notice: &str, channel: &str, second: i64) -> Delivery {
    Delivery {
        notice: notice.into(),
        channel: channel.into(),
        next_at: at(second),
        escalates_at: Some(at(second + 900)),
        digest: false,
        attempts: 0,
    }
}

pub(crate) async fn a_channel_comes_back_as_it_was_put_and_dies_once(store: &Store) {
    let second =
        Channel { quiet: None, escalation: None, secret: None, details: false, ..channel("b") };
    for it in [&channel("a"), &second] {
        store.put_channel(it).await.unwrap();
    }
    assert_eq!(store.channels().await.unwrap(), [channel("a"), second.clone()]);
    let mut outcomes = Vec::new();
    for second in 1..=4 {
        outcomes.push(store.note_channel("a", at(second), Err("no answer"), 3).await.unwrap());
    }
    assert_eq!(outcomes, [false, false, true, false], "it dies once");
    let dead = store.channels().await.unwrap().remove(0);
    assert_eq!(
        (dead.failures, dead.dead_since, dead.last_error.as_deref()),
        (4, Some(at(3)), Some("no answer"))
    );
    // What is changed of it leaves what it did.
    store
        .put_channel(&Channel { name: "way a".into(), least: "digest".into(), ..channel("a") })
        .await
        .unwrap();
    assert_eq!(store.channels().await.unwrap()[0].dead_since, Some(at(3)));
    store.note_channel("a", at(5), Ok(()), 3).await.unwrap();
    let alive = store.channels().await.unwrap().remove(0);
    assert_eq!((alive.failures, alive.dead_since, alive.last_ok_at), (0, None, Some(at(5))));
    assert!(store.remove_channel("b").await.unwrap());
    assert!(!store.remove_channel("b").await.unwrap());
    assert_eq!(
        store.channels().await.unwrap()[0].escalation,
        None,
        "nobody hears through it any more"
    );
}

pub(crate) async fn what_is_raised_is_on_its_way_until_it_is_sent(store: &Store) {
    let deliveries = [delivery("n", "a", 0), delivery("n", "b", 50)];
    assert!(store.raise(&notice("n", 0), &deliveries).await.unwrap());
    assert!(!store.raise(&notice("n", 1), &[delivery("n", "c", 0)]).await.unwrap());
    let due = async |second| store.due_deliveries(at(second), 9).await.unwrap();
    assert_eq!(due(0).await, deliveries[..1]);
    assert_eq!(due(50).await, deliveries);
    store.begin_attempt("n", "a", at(60)).await.unwrap();
    assert_eq!(due(59).await, deliveries[1..]);
    assert_eq!(due(60).await[1].attempts, 1);
    store.note_sent("n", "a", at(61)).await.unwrap();
    assert_eq!(due(99).await, deliveries[1..]);
    assert!(store.add_delivery(&delivery("n", "c", 70)).await.unwrap());
    assert!(!store.add_delivery(&delivery("n", "c", 71)).await.unwrap());
    assert_eq!(store.notice("n").await.unwrap(), Some(notice("n", 0)));
}

pub(crate) async fn what_nobody_acknowledged_is_taken_once(store: &Store) {
    for id in ["n", "m"] {
        store.raise(&notice(id, 0), &[delivery(id, "a", 0)]).await.unwrap();
    }
    assert!(store.acknowledge("m", "ana", at(10)).await.unwrap());
    assert!(!store.acknowledge("m", "eva", at(11)).await.unwrap());
    assert!(!store.acknowledge("none", "eva", at(11)).await.unwrap());
    assert_eq!(store.take_escalations(at(899)).await.unwrap(), []);
    assert_eq!(store.take_escalations(at(900)).await.unwrap(), [("n".into(), "a".into())]);
    assert_eq!(store.take_escalations(at(901)).await.unwrap(), []);
    let listed = store.notices(at(9), 9).await.unwrap();
    assert_eq!(listed.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["m", "n"]);
    assert_eq!(listed[0].acknowledged, Some(("ana".into(), at(10))));
    assert_eq!(store.notices(at(0), 9).await.unwrap(), []);
    assert_eq!(store.latest_moment().await.unwrap(), Some(at(0)));
}
