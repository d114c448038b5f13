//! What the engine reads: product names and versions in prose, rules, and whole advisories.

use crate::{Named, lines, text};
use exposome_engine::category::Categories;
use exposome_engine::deadline::Deadlines;
use exposome_engine::decide::Policy;
use exposome_engine::desk::fields::FIELDS;
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::expose::product_text::{ComponentName, ProductPattern, Recognition};
use exposome_engine::expose::version_text::VersionPattern;
use exposome_engine::expose::windows::Windows;
use exposome_engine::expose::{Catalogue, fix_text, prose, words};
use exposome_engine::predicate::{Kind, Millionths, Predicate, Value};
use exposome_intake::{Item, Limits};
use exposome_model::inventory::Component;
use exposome_model::inventory::ComponentKind::{Application, Device, Package, System};
use exposome_model::knowledge::{Product, Record, Status, VersionRow, Versions};
use exposome_model::reading::Kept;
use std::io::Cursor;
use std::sync::OnceLock;

pub(crate) const TARGETS: &[Named] = &[
    ("product-text", |bytes| drop(product(bytes))),
    ("product-keys", product_keys),
    ("version-text", version),
    ("fix-text", |bytes| drop(fix_text::fixed_in(&text(bytes)))),
    ("windows-name", windows),
    ("words", clean_words),
    ("judge", judge),
    ("rules-aliases", |bytes| drop(Aliases::parse(&text(bytes)))),
    ("rules-categories", categories),
    ("rules-policy", |bytes| drop(Policy::parse(&text(bytes)))),
    ("rules-deadlines", |bytes| drop(Deadlines::parse(&text(bytes)))),
    ("filter", filter),
];

/// A filter answers, and in parentheses it answers the same.
fn filter(bytes: &[u8]) {
    let text = text(bytes);
    let now = jiff::Timestamp::UNIX_EPOCH;
    let Ok(filter) = Predicate::read(&text, FIELDS, now) else { return };
    let answer = |filter: &Predicate| {
        filter.holds(|field| match FIELDS.get(field).map(|it| it.kind) {
            Some(Kind::Text) => Value::Text("ICU"),
            Some(Kind::Number) => Value::Number(Millionths(100_000)),
            Some(Kind::Truth) => Value::Truth(true),
            Some(Kind::Moment) => Value::Moment(now),
            None => Value::NotKnown,
        })
    };
    let Ok(in_parentheses) = Predicate::read(&format!("({text})"), FIELDS, now) else {
        // A comment swallows what closes, blanks alone are no expression, and depth and length have an end.
        return;
    };
    assert_eq!(answer(&filter), answer(&in_parentheses), "{text:?}");
}

/// The project's own aliases, so that the fuzzer meets the words that matter.
fn aliases() -> &'static Aliases {
    static ALIASES: OnceLock<Aliases> = OnceLock::new();
    ALIASES.get_or_init(|| {
        let files = [
            include_str!("../../rules/aliases/vendors-medical.toml"),
            include_str!("../../rules/aliases/products.toml"),
        ];
        files
            .iter()
            .filter_map(|text| Aliases::parse(text).ok())
            .fold(Aliases::default(), Aliases::join)
    })
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Advisory's vendor, name, model, version and title; the component's vendor, name and version: a line each.
fn product(bytes: &[u8]) -> (ProductPattern, ComponentName, Recognition) {
    let text = text(bytes);
    let [vendor, name, model, version, title, held_vendor, held_name, held_version] = lines(&text);
    let product = Product {
        vendor: some(vendor),
        name: some(name),
        models: some(model).into_iter().collect(),
        ..Product::default()
    };
    let _ = prose::named_by_title(&product, title);
    let versions =
        [VersionRow { versions: Versions::Text(version.to_owned()), status: Status::Affected }];
    let _ = prose::models_out_of_versions(&product, &versions);
    let component = Component {
        vendor: some(held_vendor),
        version: some(held_version),
        ..Component::new(Device, held_name)
    };
    let pattern = ProductPattern::read(&product, aliases());
    let held = ComponentName::read(&component, aliases());
    let recognition = pattern.recognise(&held, &component, std::slice::from_ref(&component));
    (pattern, held, recognition)
}

/// What is recognised must be found: both sides are filed under a common key.
fn product_keys(bytes: &[u8]) {
    let (pattern, held, recognition) = product(bytes);
    if matches!(recognition, Recognition::Same { .. } | Recognition::Possibly { .. }) {
        let (keys, asked) = (pattern.keys(), held.keys());
        assert!(
            asked.iter().any(|key| keys.contains(key)),
            "filed under {keys:?}, asked {asked:?}"
        );
    }
}

/// A range in prose; the version, model and options it is held against, a line each.
fn version(bytes: &[u8]) {
    let text = text(bytes);
    let [range, version, name, option] = lines(&text);
    let pattern = VersionPattern::read(range);
    let component = Component {
        version: some(version),
        options: some(option).into_iter().collect(),
        manufactured_on: Some(jiff::civil::date(2019, 6, 30)),
        ..Component::new(Device, name)
    };
    let system = Component { version: some("10"), ..Component::new(System, "Windows") };
    let _ = (pattern.is_all(), pattern.unread());
    let _ = pattern.holds(&component, &[component.clone(), system]);
}

fn windows(bytes: &[u8]) {
    let text = text(bytes);
    let [name, version, update] = lines(&text);
    if let Some(mut windows) = Windows::read(name, Some(version), Some(update)) {
        windows.take_version(version);
        let _ = (windows.key(), windows.keys());
    }
}

fn clean_words(bytes: &[u8]) {
    let clean = words::clean(&text(bytes));
    for word in words::words(&clean) {
        let _ = words::level(&word.form);
    }
}

/// A feed document of any kind, and what it says of a small hospital.
fn judge(bytes: &[u8]) {
    let limits = Limits { record_bytes: 1 << 18, unpacked_bytes: 1 << 20, ..Limits::default() };
    let mut sink = Kept::default();
    let _ = exposome_intake::read(&mut Cursor::new(bytes), "document", &limits, &mut sink);
    let advisories: Vec<_> = sink
        .records
        .into_iter()
        .filter_map(|item| match item {
            Item::Knowledge(Record::Advisory(advisory)) => Some(advisory),
            _ => None,
        })
        .collect();
    let catalogue = Catalogue::build(advisories.iter().map(|it| &**it), aliases());
    let _ = catalogue.judge(&bill());
}

fn bill() -> [Component; 4] {
    let component = |kind, name, version, cpe: &str, purl: &str| Component {
        version: some(version),
        cpe: some(cpe),
        purl: some(purl),
        ..Component::new(kind, name)
    };
    let pump = Component { vendor: some("BD"), ..component(Device, "Alaris 8015", "9.19", "", "") };
    let curl = "pkg:deb/debian/curl@7.74.0-1.3%2Bdeb11u1?distro=debian-11";
    [
        pump,
        component(
            System,
            "Windows 10",
            "1809",
            "cpe:2.3:o:microsoft:windows_10:1809:*:*:*:*:*:*:*",
            "",
        ),
        component(
            Application,
            "libssl",
            "1.1.1k",
            "cpe:2.3:a:openssl:openssl:1.1.1k:*:*:*:*:*:*:*",
            "",
        ),
        component(Package, "curl", "7.74.0-1.3+deb11u1", "", curl),
    ]
}

fn categories(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(table) = Categories::parse(&text) {
        let _ = (table.named_in("infusion pump"), table.by_code("LS"));
    }
}
