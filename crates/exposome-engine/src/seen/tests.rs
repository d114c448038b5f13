use super::*;
use exposome_model::sighting::{Certainty, Observation};

/// One sighting a line: `IP MAC [vlan N]: property=value by protocol, ...`; `NAME behind IP MAC: ...`; `-` for none.
fn sightings(text: &str) -> Vec<Sighting> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let at = |second| jiff::Timestamp::from_second(second).unwrap();
    (1..)
        .zip(lines)
        .map(|(second, line)| {
            let (who, said) = line.split_once(": ").unwrap_or((line, ""));
            let (behind, station) = match who.split_once(" behind ") {
                Some((called, station)) => (Some(called), station),
                None => (None, who),
            };
            let words: Vec<&str> = station.split(' ').collect();
            let station = Station {
                ip: words[0].parse().ok(),
                mac: words.get(1).and_then(|it| it.parse().ok()),
                vlan: words.get(3).map(|it| Vlan { outer: it.parse().unwrap(), inner: None }),
            };
            let is_spoken_of = behind.is_some() || said.contains("told");
            let observations = said.split(", ").filter(|it| it.contains('=')).map(|it| {
                let (property, rest) = it.split_once('=').unwrap();
                let (value, protocol) = rest.split_once(" by ").unwrap_or((rest, "test"));
                let inferred = protocol.strip_prefix("rule ");
                Observation {
                    property: Property::from_name(property).unwrap(),
                    value: value.to_owned(),
                    protocol: inferred.unwrap_or(protocol).to_owned(),
                    certainty: match protocol {
                        "told" => Certainty::Told,
                        _ if inferred.is_some() => Certainty::Inferred,
                        _ => Certainty::Stated,
                    },
                    rule: inferred.map(|_| "a rule".to_owned()),
                    first_seen: at(second),
                    last_seen: at(second),
                    times: 1,
                }
            });
            Sighting {
                who: match behind {
                    Some(called) => Who::Behind { speaker: station, called: called.to_owned() },
                    None => Who::Station(station),
                },
                first_seen: at(second),
                last_seen: at(second),
                packets: u64::from(!is_spoken_of),
                observations: observations.collect(),
            }
        })
        .collect()
}

fn seen(text: &str) -> Seen {
    let table = include_str!("../../../../rules/categories/categories.toml");
    assets(&sightings(text), &Categories::parse(table).unwrap())
}

/// One asset a line: its id, its addresses, why it is one.
#[track_caller]
fn check(text: &str, expected: &str) {
    let seen = seen(text);
    let mut lines: Vec<String> = seen
        .assets
        .iter()
        .map(|it| {
            let ips: Vec<String> = it.ips.iter().map(ToString::to_string).collect();
            let kinds: BTreeSet<KeyKind> = it.joins.iter().map(|it| it.kind).collect();
            let joins: Vec<&str> = kinds.into_iter().map(KeyKind::words).collect();
            let beyond = it.beyond.map_or(String::new(), |mac| format!(" beyond {mac}"));
            let line = format!("{}: {}{beyond}: {}", it.id, ips.join(" "), joins.join(", "));
            line.trim_end_matches([' ', ':']).to_owned()
        })
        .collect();
    lines.extend(seen.demoted.iter().map(|it| {
        format!("demoted {} {}: {} things", it.key.kind.words(), it.key.value, it.things)
    }));
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(lines, expected);
    let mut backwards = sightings(text);
    backwards.reverse();
    let table = include_str!("../../../../rules/categories/categories.toml");
    let again = assets(&backwards, &Categories::parse(table).unwrap());
    let ids = |it: &Seen| it.assets.iter().map(|it| it.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&again), ids(&seen), "the order of sightings changes nothing");
}

const A: &str = "00:1b:21:00:00:0a";
const B: &str = "00:1b:21:00:00:0b";
const ROUTER: &str = "00:1b:0d:00:00:01";

#[test]
fn a_device_on_the_link_is_its_card_with_all_its_addresses() {
    check(
        &format!(
            "10.0.0.1 {A}: uses=arp
             fe80::1 {A}
             - {A}: host_name=pump"
        ),
        &format!("{A}: 10.0.0.1 fe80::1: one card on one link"),
    );
}

#[test]
fn those_who_send_through_a_router_are_not_the_router() {
    check(
        &format!(
            "10.0.0.254 {ROUTER}: uses=arp
             10.1.0.1 {ROUTER}
             10.2.0.1 {ROUTER}: http_server=nginx"
        ),
        &format!(
            "{ROUTER}: 10.0.0.254
             10.1.0.1: 10.1.0.1 beyond {ROUTER}
             10.2.0.1: 10.2.0.1 beyond {ROUTER}"
        ),
    );
}

#[test]
fn a_router_whose_own_address_is_not_seen_is_known_by_how_many_it_has() {
    check(
        &format!(
            "10.1.0.1 {ROUTER}
             10.2.0.1 {ROUTER}"
        ),
        &format!(
            "10.1.0.1: 10.1.0.1 beyond {ROUTER}
             10.2.0.1: 10.2.0.1 beyond {ROUTER}"
        ),
    );
    check(
        &format!(
            "10.1.0.1 {A}
             10.1.0.2 {A}"
        ),
        &format!("{A}: 10.1.0.1 10.1.0.2: one card on one link"),
    );
}

#[test]
fn an_address_that_a_card_was_given_is_found_beyond_the_router() {
    check(
        &format!(
            "- {A}: host_name=pump, leased_address=10.1.0.1
             10.1.0.1 {ROUTER}: http_title=Pump
             10.2.0.1 {ROUTER}"
        ),
        &format!(
            "{A}: 10.1.0.1 beyond {ROUTER}: address given to a card
             10.2.0.1: 10.2.0.1 beyond {ROUTER}"
        ),
    );
}

#[test]
fn one_address_of_two_cards_is_two_things() {
    check(
        &format!(
            "10.0.0.1 {A}: uses=arp
             10.0.0.1 {B}: uses=arp
             10.0.0.1: serves=http tcp/80 by told"
        ),
        &format!(
            "{A}: 10.0.0.1
             {B}: 10.0.0.1"
        ),
    );
}

#[test]
fn a_serial_number_joins_what_two_links_show() {
    check(
        &format!(
            "10.0.0.1 {A}: uses=arp, manufacturer=X, model=Y, serial=S-100
             10.9.0.1 {B}: uses=arp, manufacturer=x, model=Y, serial=s100"
        ),
        &format!("{A}: 10.0.0.1 10.9.0.1: maker, model and serial number"),
    );
}

#[test]
fn a_serial_number_of_many_is_a_default_and_reported() {
    check(
        &format!(
            "10.0.0.1 {A}: uses=arp, model=Y, serial=SN-1
             10.0.0.2 {B}: uses=arp, model=Y, serial=SN-1
             10.0.0.3 00:1b:21:00:00:0c: uses=arp, model=Y, serial=SN-1"
        ),
        &format!(
            "{A}: 10.0.0.1
             {B}: 10.0.0.2
             00:1b:21:00:00:0c: 10.0.0.3
             demoted maker, model and serial number  y sn1: 3 things"
        ),
    );
}

#[test]
fn a_key_that_a_copy_of_a_disk_has_copied_joins_nothing() {
    check(
        &format!(
            "10.0.0.1 {A}: uses=arp, ssh_host_key=abc
             10.0.0.2 {B}: uses=arp, ssh_host_key=abc"
        ),
        &format!(
            "{A}: 10.0.0.1
             {B}: 10.0.0.2
             demoted key made by its software ssh_host_key abc: 2 things"
        ),
    );
}

#[test]
fn a_sender_of_one_machines_images_is_that_machine_and_an_archive_is_not() {
    let image = "model=CT 64 by dicom, serial=S-64 by dicom";
    check(
        &format!(
            "10.0.0.1 {A}: uses=arp, imaging_role=sends CT images
             S-64 behind 10.0.0.1 {A}: {image}"
        ),
        &format!("{A}: 10.0.0.1: a sender of its own images"),
    );
    check(
        &format!(
            "10.0.0.1 {A}: uses=arp, imaging_role=sends images, imaging_role=stores images
             S-64 behind 10.0.0.1 {A}: {image}"
        ),
        &format!(
            "{A}: 10.0.0.1
             S-64 behind 10.0.0.1 ({A})"
        ),
    );
}

#[test]
fn a_monitor_behind_a_gateway_is_found_again_by_its_own_card() {
    check(
        &format!(
            "10.0.0.1 {B}: uses=arp
             MON behind 10.0.0.1 {B}: eui64=001B21FFFE00000A
             10.0.0.2 {A}: uses=arp"
        ),
        &format!(
            "{A}: 10.0.0.2: identifier for life
             {B}: 10.0.0.1"
        ),
    );
}

#[test]
fn who_only_passes_by_and_who_never_answers_are_counted() {
    let seen = seen(
        "- 16:24:b5:0d:04:56
         fe80::1 16:24:b5:0d:04:56: uses=icmpv6
         10.0.0.9: serves=dns udp/53 by told
         10.0.0.1 02:77:00:00:00:c8",
    );
    let ids: Vec<&str> = seen.assets.iter().map(|it| it.id.as_str()).collect();
    assert_eq!((ids.as_slice(), seen.passing, seen.silent), (&["10.0.0.1"][..], 1, 1));
}

#[test]
fn a_forged_banner_hides_no_ventilator() {
    let seen = seen(&format!(
        "10.0.0.1 {A}: uses=arp, device_kind=ventilator by sdc, device_kind=printer by rule snmp, host_name=printer-7"
    ));
    let category = seen.assets[0].category.as_ref().unwrap();
    assert_eq!((category.code.as_str(), category.protocols), ("LS", 1));
    assert_eq!(category.others, ["IT"]);
}

#[test]
fn makers_that_disagree_are_both_shown() {
    let seen = seen(&format!(
        "10.0.0.1 {A}: uses=arp, manufacturer=ExampleMed by sdc, card_maker=GE Healthcare by rule ethernet"
    ));
    let asset = &seen.assets[0];
    assert_eq!(asset.maker(), Some("ExampleMed"));
    let conflict = Conflict {
        property: Property::Manufacturer,
        values: vec!["ExampleMed".to_owned(), "GE Healthcare".to_owned()],
    };
    assert_eq!(asset.conflicts, [conflict]);
}

#[test]
fn an_asset_is_a_claim_that_other_sources_can_be_joined_to() {
    let seen = seen(&format!(
        "10.0.0.1 {A} vlan 20: uses=arp, manufacturer=X, model=Y, serial=S-1, firmware=2.1, software=nginx by http, \
         software_version=1.22 by http, software_version=9 by ssh"
    ));
    let sheet = seen.assets[0].sheet();
    assert_eq!(sheet.first(Attribute::Mac), Some(A));
    assert_eq!(sheet.first(Attribute::Vlan), Some("20"));
    let components: Vec<String> = sheet
        .components
        .iter()
        .map(|it| format!("{:?} {} {}", it.kind, it.name, it.version.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(components, ["Device Y 2.1", "Application nginx 1.22"]);
}

#[test]
fn a_controller_of_nobody_knows_what_is_no_server_because_it_is_called_so() {
    let category = |facts: &str| {
        let seen = seen(&format!("10.0.0.1 {A}: uses=arp, {facts}"));
        seen.assets[0].category.as_ref().map(|it| it.code.clone())
    };
    let called = "system_name=SNAP7-SERVER by s7";
    assert_eq!(category(called).as_deref(), Some("IT"));
    assert_eq!(category(&format!("device_kind=plc by rule s7, {called}")), None);
    let careful = "device_kind=plc by rule s7, system_name=VENTILATOR-3 by s7";
    assert_eq!(category(careful).as_deref(), Some("LS"));
}

#[test]
fn a_claim_says_what_speaks_for_it_and_what_against() {
    let seen = seen(&format!(
        "10.0.0.1 {A}: uses=arp, manufacturer=Y by sdc, manufacturer=Z by snmp, serial=7 by sdc, device_kind=ventilator by sdc"
    ));
    let sheet = seen.assets[0].sheet();
    let note = sheet.first(Attribute::SourceNote).unwrap();
    for part in [
        "heard on the wire, last on ",
        "manufacturer, serial stated by itself over sdc",
        "category LS for device_kind: ventilator",
        "in conflict: manufacturer Y and Z",
    ] {
        assert!(note.contains(part), "{note}");
    }
}
