use super::*;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::convert::Infallible;

/// Lines as they were written.
#[derive(Default)]
struct Kept(Vec<Line>);

impl Journal for Kept {
    type Error = Infallible;

    fn write(&mut self, line: &Line) -> Result<(), Infallible> {
        self.0.push(line.clone());
        Ok(())
    }
}

struct Full;

impl Journal for Full {
    type Error = &'static str;

    fn write(&mut self, _line: &Line) -> Result<(), &'static str> {
        Err("no space left")
    }
}

const BEGIN: Timestamp = Timestamp::constant(1_795_000_000, 0);

fn after(seconds: i64) -> Timestamp {
    BEGIN + SignedDuration::from_secs(seconds)
}

fn mac(last: u8) -> Mac {
    Mac([0, 0x1b, 0x21, 0, 0, last])
}

fn ip(last: u8) -> IpAddr {
    IpAddr::from([10, 77, 0, last])
}

fn switched_on() -> Switches {
    Switches {
        master: true,
        queries: query::CATALOGUE.iter().map(|it| it.query).collect(),
        windows: vec![Window { begins: BEGIN, ends: after(7 * 24 * 3600) }],
    }
}

fn documented(code: &str) -> Class {
    Class { code: code.to_owned(), source: Source::Document("cmms".to_owned()) }
}

fn heard(code: &str, protocol: &str) -> Class {
    Class { code: code.to_owned(), source: Source::Heard(protocol.to_owned()) }
}

/// A device that speaks everything.
fn device(last: u8, classes: Vec<Class>) -> Device {
    Device {
        classes,
        model: format!("model {last}"),
        services: query::CATALOGUE.iter().map(|it| (it.protocol.to_owned(), 4000)).collect(),
        binding: Some(Binding { ip: ip(last), mac: mac(last), seen_at: BEGIN }),
        address: Address {
            ae_title: Some("ARCHIVE".to_owned()),
            bacnet_instance: Some(77_001),
            community: Some("public".to_owned()),
        },
        ..Device::default()
    }
}

fn list(devices: impl IntoIterator<Item = (u8, Device)>) -> List {
    let devices = devices.into_iter().map(|(last, device)| (mac(last), device)).collect();
    List { made_at: BEGIN, is_signed: true, devices }
}

fn guard(device_of: Device) -> Guard {
    let mut guard = Guard::new(switched_on());
    guard.learn(list([(1, device_of)]));
    guard
}

#[track_caller]
fn check_refused(guard: &Guard, now: Timestamp, expected: &str) {
    let refused = guard.plan(mac(1), Query::HttpFirstPage, now).unwrap_err();
    assert_eq!(refused.to_string(), expected);
}

fn seen(last: u8, now: Timestamp) -> Binding {
    Binding { ip: ip(last), mac: mac(last), seen_at: now }
}

/// Asks to the end; the messages.
fn ask(guard: &mut Guard, query: Query, mut now: Timestamp) -> Vec<Message> {
    let mut written =
        guard.permit(mac(1), query, now).unwrap().write(&mut Kept::default()).unwrap();
    let mut messages = Vec::new();
    while let Some(message) = guard.release(&mut written, seen(1, now), now).unwrap() {
        messages.push(message);
        now += SignedDuration::from_secs(1);
    }
    messages
}

#[test]
fn a_server_is_asked_in_every_way_of_the_catalogue_once_somebody_allows_it() {
    for entry in query::CATALOGUE {
        let mut guard = guard(device(1, vec![documented("IT")]));
        let messages = ask(&mut guard, entry.query, BEGIN);
        let expected = match entry.query {
            Query::SshBanner => 0,
            Query::SnmpSystem | Query::ModbusIdentification | Query::HttpFirstPage => 1,
            Query::DicomEcho => 3,
            Query::BacnetDevice | Query::S7Identification => 4,
        };
        assert_eq!(messages.len(), expected, "{}", entry.name);
        assert!(messages.iter().all(|it| is_harmless(it.query, &it.bytes)), "{}", entry.name);
    }
}

#[test]
fn by_default_nothing_is_asked() {
    let mut off = Guard::new(Switches::default());
    off.learn(list([(1, device(1, vec![documented("IT")]))]));
    check_refused(&off, BEGIN, "asking is switched off");
    let switches = Switches { queries: BTreeSet::new(), ..switched_on() };
    check_refused(&Guard::new(switches), BEGIN, "this question is switched off");
    let switches = Switches { windows: Vec::new(), ..switched_on() };
    check_refused(&Guard::new(switches), BEGIN, "now is in no window");
    check_refused(&Guard::new(switched_on()), BEGIN, "the server's list is not signed");
}

#[test]
fn what_keeps_people_alive_and_what_nobody_knows_is_never_asked() {
    for code in ["LS", "TH-C", "TH-I", "MO-C", "BT-C", "BT", "UN", "a category of next year"] {
        let guard = guard(device(1, vec![documented(code)]));
        check_refused(&guard, BEGIN, &format!("things of category {code} are never asked this"));
    }
    check_refused(&guard(device(1, Vec::new())), BEGIN, "nobody says what it is for");
}

#[test]
fn a_forged_banner_opens_no_ventilator() {
    let forged = vec![documented("LS"), heard("IT", "mdns")];
    check_refused(
        &guard(device(1, forged)),
        BEGIN,
        "sources disagree on what it is for: LS and IT",
    );
    check_refused(
        &guard(device(1, vec![heard("IT", "mdns")])),
        BEGIN,
        "what it is for rests on mdns alone, which can be forged",
    );
    let twice = vec![heard("IT", "mdns"), heard("IT", "mdns")];
    check_refused(
        &guard(device(1, twice)),
        BEGIN,
        "what it is for rests on mdns alone, which can be forged",
    );
}

#[test]
fn a_fragile_thing_is_asked_one_datagram_and_no_session() {
    let guard = guard(device(1, vec![documented("LA")]));
    assert!(guard.plan(mac(1), Query::SnmpSystem, BEGIN).is_ok());
    check_refused(&guard, BEGIN, "things of category LA are never asked this");
}

#[test]
fn a_named_person_opens_one_device_for_one_window_and_is_in_the_journal() {
    let window = Window { begins: after(60), ends: after(120) };
    let opened = Opened { approver: "A. Meier".to_owned(), window };
    let of = |approver: &str| Device {
        opened: Some(Opened { approver: approver.to_owned(), window: opened.window }),
        ..device(1, vec![documented("BT")])
    };
    let open = guard(of("A. Meier"));
    let (line, _) = open.plan(mac(1), Query::BacnetDevice, after(60)).unwrap();
    assert_eq!(line.approver.as_deref(), Some("A. Meier"));
    for (guard, at) in [(&open, 59), (&open, 120), (&guard(of("")), 60)] {
        check_refused(guard, after(at), "things of category BT are never asked this");
    }
}

#[test]
fn what_stands_behind_another_or_does_not_speak_so_is_not_asked() {
    let behind = Device { is_behind: true, ..device(1, vec![documented("IT")]) };
    check_refused(&guard(behind), BEGIN, "another speaks for it");
    let mut mute = device(1, vec![documented("IT")]);
    mute.services.remove("http");
    check_refused(&guard(mute), BEGIN, "it was not heard to speak http");
}

#[test]
fn an_old_or_unsigned_list_opens_nothing() {
    let mut guard = guard(device(1, vec![documented("IT")]));
    let mut old = list([(1, device(1, vec![documented("IT")]))]);
    old.is_signed = false;
    guard.learn(old.clone());
    check_refused(&guard, BEGIN, "the server's list is not signed");
    old.is_signed = true;
    guard.learn(old);
    let stale = "the server's list is older than 24 hours, or from the future";
    check_refused(&guard, after(24 * 3600 + 1), stale);
    let mut ahead = list([(1, device(1, vec![documented("IT")]))]);
    ahead.made_at = after(60);
    guard.learn(ahead);
    check_refused(&guard, BEGIN, stale);
}

#[test]
fn an_address_that_went_from_a_printer_to_a_pump_gets_nothing() {
    let mut guard = guard(device(1, vec![documented("IT")]));
    let permit = guard.permit(mac(1), Query::HttpFirstPage, BEGIN).unwrap();
    let mut written = permit.write(&mut Kept::default()).unwrap();
    let pump = Binding { ip: ip(1), mac: mac(2), seen_at: BEGIN };
    assert_eq!(guard.release(&mut written, pump, BEGIN), Err(Refusal::BindingMoved));
    // Also when the old binding comes back: that question is over.
    assert_eq!(guard.release(&mut written, seen(1, BEGIN), BEGIN), Err(Refusal::NotOpen));
    // And an old word on whose the address is does not count.
    let mut guard = self::guard(device(1, vec![documented("IT")]));
    let permit = guard.permit(mac(1), Query::HttpFirstPage, after(60)).unwrap();
    let mut written = permit.write(&mut Kept::default()).unwrap();
    let earlier = seen(1, after(49));
    assert_eq!(guard.release(&mut written, earlier, after(60)), Err(Refusal::BindingOld));
}

#[test]
fn what_is_learned_between_planning_and_sending_counts() {
    let mut guard = guard(device(1, vec![documented("IT")]));
    let permit = guard.permit(mac(1), Query::HttpFirstPage, BEGIN).unwrap();
    let mut written = permit.write(&mut Kept::default()).unwrap();
    guard.learn(list([(1, device(1, vec![documented("TH-C")]))]));
    let refused = guard.release(&mut written, seen(1, BEGIN), BEGIN).unwrap_err();
    assert_eq!(refused, Refusal::TooFragile { code: "TH-C".to_owned() });
}

#[test]
fn where_the_journal_cannot_write_nothing_is_sent() {
    let mut guard = guard(device(1, vec![documented("IT")]));
    let permit = guard.permit(mac(1), Query::HttpFirstPage, BEGIN).unwrap();
    assert_eq!(permit.write(&mut Full).unwrap_err(), "no space left");
}

#[test]
fn one_device_is_asked_one_thing_a_day_a_message_a_second() {
    let mut guard = guard(device(1, vec![documented("IT")]));
    let permit = guard.permit(mac(1), Query::BacnetDevice, BEGIN).unwrap();
    let busy = guard.permit(mac(1), Query::HttpFirstPage, BEGIN).unwrap_err();
    assert_eq!(busy, Refusal::Busy);
    let mut written = permit.write(&mut Kept::default()).unwrap();
    assert!(guard.release(&mut written, seen(1, BEGIN), BEGIN).unwrap().is_some());
    let too_soon = guard.release(&mut written, seen(1, BEGIN), BEGIN);
    assert_eq!(too_soon, Err(Refusal::TooSoon));
    let next = guard.release(&mut written, seen(1, after(1)), after(1)).unwrap();
    assert!(next.is_some(), "to have been too soon ends nothing");
    guard.close(&written);
    let again = guard.permit(mac(1), Query::HttpFirstPage, after(60)).unwrap_err();
    assert_eq!(again, Refusal::AskedAlready);
}

#[test]
fn a_network_is_asked_little_at_a_time() {
    let mut guard = Guard::new(switched_on());
    guard.learn(list((1..=30).map(|it| (it, device(it, vec![documented("IT")])))));
    let mut refused = Vec::new();
    for last in 1..=6 {
        refused.push(guard.permit(mac(last), Query::SnmpSystem, BEGIN).err());
    }
    assert_eq!(refused[..4], [None, None, None, None]);
    assert_eq!(refused[4..], [Some(Refusal::NetworkBusy), Some(Refusal::NetworkBusy)]);
    assert!(guard.permit(mac(5), Query::SnmpSystem, after(60)).is_ok());
}

#[test]
fn when_one_falls_silent_all_of_its_model_are_left_alone() {
    let like = |last| Device { model: "X".to_owned(), ..device(last, vec![documented("IT")]) };
    let mut guard = Guard::new(switched_on());
    guard.learn(list([(1, like(1)), (2, like(2)), (3, device(3, vec![documented("IT")]))]));
    ask(&mut guard, Query::SnmpSystem, BEGIN);
    guard.disturbed(mac(1), after(300));
    let left_alone = Err(Refusal::ModelBroken { model: "X".to_owned() });
    assert_eq!(guard.plan(mac(2), Query::SnmpSystem, after(300)), left_alone);
    assert!(guard.plan(mac(3), Query::SnmpSystem, after(300)).is_ok());
}

#[test]
fn the_kill_switch_holds_also_for_what_is_open() {
    let mut guard = guard(device(1, vec![documented("IT")]));
    let permit = guard.permit(mac(1), Query::BacnetDevice, BEGIN).unwrap();
    let mut written = permit.write(&mut Kept::default()).unwrap();
    assert!(guard.release(&mut written, seen(1, BEGIN), BEGIN).unwrap().is_some());
    guard.kill();
    assert_eq!(guard.release(&mut written, seen(1, after(1)), after(1)), Err(Refusal::Killed));
}

#[test]
fn each_question_has_one_row() {
    for entry in query::CATALOGUE {
        assert_eq!(entry.query.entry().name, entry.name);
        assert_eq!(Query::named(entry.name), Some(entry.query));
        assert!((1..=2).contains(&entry.tier));
    }
}

/// Reads a message as its receiver would, by the standards and not by the code that made it: whether it only asks who is there.
fn is_harmless(query: Query, bytes: &[u8]) -> bool {
    match query {
        Query::DicomEcho => match bytes[0] {
            1 => {
                bytes.windows(4).filter(|it| it[..2] == [0x20, 0] && it[2] == 0).count() >= 1
                    && bytes
                        .windows(21)
                        .filter(|it| it == b"\x30\x00\x00\x111.2.840.10008.1.1")
                        .count()
                        == 1
            }
            // The only command is (0000,0100) = 0030H, C-ECHO-RQ, and no data set follows.
            4 => {
                bytes.windows(10).any(|it| it == [0, 0, 0, 1, 2, 0, 0, 0, 0x30, 0])
                    && bytes.windows(10).any(|it| it == [0, 0, 0, 8, 2, 0, 0, 0, 1, 1])
            }
            5 => bytes.len() == 10,
            _ => false,
        },
        // Version, community, then the choice of the operation: 0xa0 is GetRequest.
        Query::SnmpSystem => {
            let community = usize::from(bytes[6]);
            bytes[0] == 0x30
                && usize::from(bytes[1]) + 2 == bytes.len()
                && bytes[7 + community] == 0xa0
        }
        Query::BacnetDevice => {
            bytes.len() == 17 && bytes[..2] == [0x81, 0x0a] && bytes[6] == 0 && bytes[9] == 12
        }
        Query::ModbusIdentification => bytes.len() == 11 && bytes[7..10] == [43, 14, 1],
        Query::S7Identification => {
            let is_sized = usize::from(u16::from_be_bytes([bytes[2], bytes[3]])) == bytes.len();
            is_sized
                && match bytes[5] {
                    0xe0 => true,
                    0xf0 => match bytes[8] {
                        1 => bytes[17] == 0xf0,
                        7 => bytes[22..24] == [0x44, 1],
                        _ => false,
                    },
                    _ => false,
                }
        }
        Query::HttpFirstPage => {
            bytes.starts_with(b"GET / HTTP/1.1\r\nHost: ")
                && bytes.ends_with(b"\r\n\r\n")
                && bytes.windows(4).filter(|it| it == b"\r\n\r\n").count() == 1
        }
        Query::SshBanner => false,
    }
}

/// Everything that somebody could do to a guard.
#[derive(Debug, Clone)]
enum Step {
    Learn { seed: u64, is_signed: bool, hours_old: i64 },
    Permit { last: u8, query: usize },
    Release { at: usize, binding_of: u8, seconds_old: i64 },
    Close { at: usize },
    Disturbed { last: u8 },
    Wait { seconds: i64 },
    Kill,
}

const DEVICES: u8 = 6;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (any::<u64>(), prop::bool::weighted(0.8), -2_i64..30)
            .prop_map(|(seed, is_signed, hours_old)| Step::Learn { seed, is_signed, hours_old }),
        8 => (0..DEVICES, 0..query::CATALOGUE.len())
            .prop_map(|(last, query)| Step::Permit { last, query }),
        12 => (0_usize..8, 0..DEVICES, -5_i64..20)
            .prop_map(|(at, binding_of, seconds_old)| Step::Release { at, binding_of, seconds_old }),
        1 => (0_usize..8).prop_map(|at| Step::Close { at }),
        1 => (0..DEVICES).prop_map(|last| Step::Disturbed { last }),
        6 => prop_oneof![20 => Just(1_i64), 6 => Just(61), 2 => Just(-30), 1 => Just(90_000)]
            .prop_map(|seconds| Step::Wait { seconds }),
        1 => prop::bool::weighted(0.05).prop_map(|is_it| if is_it { Step::Kill } else { Step::Wait { seconds: 1 } }),
    ];
    prop::collection::vec(step, 1..150)
}

/// A list in which everything is possible, from a number.
fn any_list(seed: u64, now: Timestamp) -> List {
    const CODES: [&str; 10] =
        ["IT", "CI", "IM-D", "IT", "LA", "LS", "TH-C", "MO-C", "BT-C", "nobody's"];
    let mut state = seed;
    let mut pick = |count: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % count
    };
    let mut devices = Vec::new();
    for last in 0..DEVICES {
        let mut classes = Vec::new();
        // Mostly one category, so that something may be asked at all.
        let code = CODES[usize::try_from(pick(10)).unwrap()];
        for _ in 0..pick(4) {
            let other = CODES[usize::try_from(pick(10)).unwrap()];
            let code = if pick(5) == 0 { other } else { code };
            classes.push(match pick(4) {
                0 => documented(code),
                1 => Class { code: code.to_owned(), source: Source::Person("B".to_owned()) },
                2 => heard(code, "mdns"),
                _ => heard(code, "snmp"),
            });
        }
        let mut device = device(last, classes);
        device.is_behind = pick(6) == 0;
        device.model = format!("model {}", pick(3));
        if pick(3) == 0 {
            device.services.pop_first();
        }
        let seen_at = now - SignedDuration::from_secs(i64::try_from(pick(400)).unwrap());
        device.binding = (pick(8) > 0).then_some(Binding { seen_at, ..seen(last, now) });
        devices.push((last, device));
    }
    list(devices)
}

/// Written anew from the words of the rule: no category that must never be asked, none that rests on one thing heard.
fn may_ever_be_asked(device: &Device) -> bool {
    let codes: BTreeSet<&str> = device.classes.iter().map(|it| it.code.as_str()).collect();
    let heard_by: BTreeSet<&Source> = device
        .classes
        .iter()
        .map(|it| &it.source)
        .filter(|it| matches!(it, Source::Heard(_)))
        .collect();
    let is_told = device.classes.iter().any(|it| !matches!(it.source, Source::Heard(_)));
    let is_robust =
        codes.iter().all(|it| ["IT", "IO", "CI", "IM-D", "LA", "PH", "IM-I", "MO-S"].contains(it));
    codes.len() == 1 && is_robust && (is_told || heard_by.len() > 1) && !device.is_behind
}

#[test]
fn no_sequence_of_calls_sends_what_must_not_be_sent() {
    let sent = Cell::new(0_u32);
    let config = ProptestConfig { cases: 4000, failure_persistence: None, ..Default::default() };
    let held = TestRunner::new(config).run(&steps(), |steps| {
        let mut guard = Guard::new(switched_on());
        let mut now = BEGIN;
        let mut known = any_list(u64::try_from(steps.len()).unwrap(), now);
        guard.learn(known.clone());
        let mut journal = Kept::default();
        let mut open: Vec<Written> = Vec::new();
        let mut is_killed = false;
        let mut last_sent: BTreeMap<Mac, Timestamp> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Learn { seed, is_signed, hours_old } => {
                    known = any_list(seed, now);
                    known.is_signed = is_signed;
                    known.made_at = now - SignedDuration::from_hours(hours_old);
                    guard.learn(known.clone());
                }
                Step::Permit { last, query } => {
                    if let Ok(permit) = guard.permit(mac(last), query::CATALOGUE[query].query, now)
                    {
                        open.push(permit.write(&mut journal).unwrap());
                    }
                }
                Step::Release { at, binding_of, seconds_old } => {
                    if open.is_empty() {
                        continue;
                    }
                    // Mostly the last.
                    let at = if at < 4 { open.len() - 1 } else { at % open.len() };
                    let written = &mut open[at];
                    let seen_at = now - SignedDuration::from_secs(seconds_old);
                    // Mostly of the card it is about.
                    let of = if binding_of % 3 == 0 { mac(binding_of) } else { written.mac };
                    let binding = Binding { ip: written.ip, mac: of, seen_at };
                    let Ok(Some(message)) = guard.release(written, binding, now) else {
                        continue;
                    };
                    prop_assert!(is_harmless(message.query, &message.bytes));
                    let device = &known.devices[&message.mac];
                    prop_assert!(may_ever_be_asked(device), "{device:?}");
                    prop_assert!(device.services.contains_key(message.query.entry().protocol));
                    prop_assert!(!is_killed && known.is_signed && (0..=10).contains(&seconds_old));
                    prop_assert!(of == message.mac);
                    prop_assert!(device.binding.is_some_and(|it| it.ip == message.ip));
                    let is_written = journal.0.iter().any(|line| {
                        line.mac == message.mac && line.messages.contains(&message.bytes)
                    });
                    prop_assert!(is_written, "what was not in the journal was sent");
                    sent.set(sent.get() + 1);
                    let before = last_sent.insert(message.mac, now);
                    prop_assert!(before.is_none_or(
                            |it| now.duration_since(it) >= SignedDuration::from_secs(1)
                        ));
                }
                Step::Close { at } => {
                    if let Some(written) = open.get(at) {
                        guard.close(written);
                    }
                }
                Step::Disturbed { last } => guard.disturbed(mac(last), now),
                Step::Wait { seconds } => now += SignedDuration::from_secs(seconds),
                Step::Kill => {
                    guard.kill();
                    is_killed = true;
                }
            }
        }
        Ok(())
    });
    held.unwrap();
    assert!(sent.get() > 200, "only {} messages were sent: this says nothing", sent.get());
}
