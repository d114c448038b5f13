//! The demo takes no side door: its documents and its vulnerability facts pass
//! through the ordinary readers.

use exposome_bench::{demo_pack, hospital};
use exposome_intake::inventory::Told;
use exposome_intake::{Item, Limits, read_told};
use exposome_model::inventory::{Attribute, Sheet};
use exposome_model::knowledge::Record;
use exposome_model::reading::{Complaint, Kept, Weight};
use std::collections::BTreeSet;
use std::io::Cursor;

fn read(name: &str, bytes: &[u8]) -> Kept<Item> {
    let mut kept = Kept::default();
    let told = hospital::told(name);
    let told = Told {
        subject: told.subject.map(str::to_owned),
        distribution: told.distribution.map(str::to_owned),
        ..Told::default()
    };
    if let Err(error) =
        read_told(&mut Cursor::new(bytes), name, &Limits::default(), &told, &mut kept)
    {
        panic!("{name}: {error}");
    }
    kept
}

fn refused(complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().filter(|it| it.weight == Weight::Refused).map(ToString::to_string).collect()
}

fn sheets() -> Vec<(String, Sheet)> {
    let mut sheets = Vec::new();
    for (name, bytes) in hospital::documents(hospital::SEED) {
        let kept = read(&name, &bytes);
        assert_eq!(refused(&kept.complaints), Vec::<String>::new(), "{name}");
        let found = kept.records.into_iter().filter_map(|item| match item {
            Item::Sheet(sheet) => Some((name.clone(), sheet)),
            _ => None,
        });
        sheets.extend(found);
    }
    sheets
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(hospital::documents(7), hospital::documents(7));
    assert_ne!(hospital::documents(7), hospital::documents(8));
}

#[test]
fn every_document_of_the_hospital_is_read_without_a_refusal() {
    let sheets = sheets();
    let named: BTreeSet<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(named.len(), hospital::documents(hospital::SEED).len(), "{named:?}");
}

#[test]
fn the_hospital_has_about_twelve_hundred_things() {
    let sheets = sheets();
    let tags: BTreeSet<&str> =
        sheets.iter().filter_map(|(_, sheet)| sheet.first(Attribute::AssetId)).collect();
    assert!((1_100..1_300).contains(&tags.len()), "{}", tags.len());
}

#[test]
fn the_blemishes_are_there() {
    let sheets = sheets();
    let with = |attribute: Attribute, value: &str| {
        sheets.iter().filter(|(_, sheet)| sheet.all(attribute).any(|it| it == value)).count()
    };
    assert_eq!(with(Attribute::Mac, "00:80:92:5a:00:07"), 3, "one MAC address in three rows");
    assert_eq!(with(Attribute::Serial, "7XK2M13"), 2, "one computer in CMMS and CMDB");
    let unversioned = sheets
        .iter()
        .filter(|(name, sheet)| {
            name == "cmms-export.csv" && sheet.components.iter().any(|it| it.version.is_none())
        })
        .count();
    assert!(unversioned > 50, "{unversioned} devices without a version");
    let unsupported = sheets
        .iter()
        .flat_map(|(_, sheet)| &sheet.components)
        .filter(|it| {
            ["Windows XP", "Windows 7", "Windows Server 2008"].iter().any(|os| it.name.contains(os))
        })
        .count();
    assert!(unsupported > 30, "{unsupported} systems without support");
}

#[test]
fn every_file_of_the_pack_is_read_without_a_refusal() {
    let mut vulnerabilities = BTreeSet::new();
    for (name, bytes) in demo_pack() {
        let kept = read(name, bytes);
        assert_eq!(refused(&kept.complaints), Vec::<String>::new(), "{name}");
        let facts = kept
            .records
            .iter()
            .filter(|it| matches!(it, Item::Knowledge(_) | Item::Epss(_)))
            .count();
        assert!(facts > 0, "{name} says nothing");
        vulnerabilities.extend(kept.records.into_iter().filter_map(|item| match item {
            Item::Knowledge(Record::Advisory(advisory)) => Some(advisory.vulnerability),
            _ => None,
        }));
    }
    assert!((120..=220).contains(&vulnerabilities.len()), "{}", vulnerabilities.len());
}
