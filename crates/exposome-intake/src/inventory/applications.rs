//! What an application consists of, as a person writes it down in TOML.
//!
//! ```toml
//! [[application]]
//! name = "EHR"
//! owner = "EHR team"
//! data_class = ["PHI", "credentials"]
//! feeds = ["LIS", "billing"]
//! reachable_by = ["portal", "HIE"]
//!
//! [[application.part]]
//! asset_id = "ehr-db-1"
//! role = "database"
//!
//! [[application.part]]
//! name = "interface engine module"
//! role = "module"
//! sbom = "mirth.cdx.json"
//! managed_by = "vendor"
//! ```
//!
//! Each application and each part is a sheet.  A part that no other source knows
//! is there all the same, with nothing installed on it: that nothing is known of
//! it is what the reader must be able to see.  The same can be said in a CSV, with the
//! columns `part_of`, `part_role`, `managed_by`, `data_class`, feeds, `reachable_by`, sbom.

use crate::{Document, Error, Format, Item, Reader};
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;

pub(super) const FORMAT: Format = Format {
    id: "applications",
    title: "applications and their parts as TOML",
    specified_in: "exposome-intake/src/inventory/applications.rs",
    known_by: "a line [[application]]",
    recognise: |glimpse| glimpse.lines().take(200).any(|it| it.trim() == "[[application]]"),
    reader: Reader::Whole(read),
};

#[derive(Debug, Deserialize)]
struct File {
    site: Option<String>,
    #[serde(default)]
    application: Vec<toml::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Application {
    name: String,
    asset_id: Option<String>,
    owner: Option<String>,
    vendor: Option<String>,
    version: Option<String>,
    managed_by: Option<String>,
    location: Option<String>,
    #[serde(default)]
    data_class: Words,
    #[serde(default)]
    feeds: Words,
    #[serde(default)]
    reachable_by: Words,
    source_note: Option<String>,
    #[serde(default)]
    part: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    asset_id: Option<String>,
    name: Option<String>,
    host_name: Option<String>,
    ip: Option<String>,
    role: Option<String>,
    owner: Option<String>,
    vendor: Option<String>,
    version: Option<String>,
    cpe: Option<String>,
    managed_by: Option<String>,
    sbom: Option<String>,
    #[serde(default)]
    data_class: Words,
    #[serde(default)]
    feeds: Words,
    #[serde(default)]
    reachable_by: Words,
    source_note: Option<String>,
}

/// One word or a list of them.
#[derive(Debug, Default)]
struct Words(Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            One(String),
            Several(Vec<String>),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::One(word) => Words(vec![word]),
            Form::Several(words) => Words(words),
        })
    }
}

fn read(bytes: &[u8], _document: &Document<'_>, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        malformed(format!("byte {}", error.valid_up_to()), "bytes that are not UTF-8".to_owned())
    })?;
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .and_then(|it| text.get(..it.start))
            .map_or(1, |before| before.lines().count().max(1));
        malformed(format!("line {line}"), error.message().to_owned())
    })?;
    for (index, value) in file.application.into_iter().enumerate() {
        let place = format!("application[{index}]");
        match value.try_into::<Application>() {
            Ok(application) => hand_over(application, file.site.as_ref(), &place, sink),
            Err(error) => sink.complain(Complaint::refused(place, error.message())),
        }
    }
    Ok(())
}

fn malformed(place: String, found: String) -> Error {
    Error::Malformed {
        place,
        found,
        expected: "TOML with [[application]] and [[application.part]]".to_owned(),
    }
}

fn hand_over(
    application: Application,
    site: Option<&String>,
    place: &str,
    sink: &mut dyn Sink<Item>,
) {
    let mut sheet = Sheet {
        key: application.asset_id.clone().unwrap_or_else(|| application.name.clone()),
        site: site.cloned(),
        place: place.to_owned(),
        ..Sheet::default()
    };
    say(
        &mut sheet,
        [
            (Attribute::AssetId, application.asset_id),
            (Attribute::Name, Some(application.name.clone())),
            (Attribute::Owner, application.owner),
            (Attribute::ManagedBy, application.managed_by),
            (Attribute::Location, application.location),
            (Attribute::SourceNote, application.source_note),
        ],
    );
    say_words(&mut sheet, application.data_class, application.feeds, application.reachable_by);
    if application.vendor.is_some() || application.version.is_some() {
        let (vendor, version) = (application.vendor, application.version);
        sheet.components.push(Component {
            vendor,
            version,
            ..Component::new(ComponentKind::Application, application.name.as_str())
        });
    }
    sink.record(Item::Sheet(sheet));
    for (index, part) in application.part.into_iter().enumerate() {
        part_of(&application.name, part, site, &format!("{place}.part[{index}]"), sink);
    }
}

fn part_of(
    application: &str,
    part: Part,
    site: Option<&String>,
    place: &str,
    sink: &mut dyn Sink<Item>,
) {
    let named =
        [&part.asset_id, &part.name, &part.host_name, &part.ip].into_iter().flatten().next();
    let Some(key) = named.cloned() else {
        sink.complain(Complaint::refused(place, "a part without asset_id, name, host_name or ip"));
        return;
    };
    let mut sheet = Sheet { key, site: site.cloned(), place: place.to_owned(), ..Sheet::default() };
    if part.vendor.is_some() || part.version.is_some() || part.cpe.is_some() {
        let name = part.name.clone().unwrap_or_default();
        sheet.components.push(Component {
            vendor: part.vendor,
            version: part.version,
            cpe: part.cpe,
            ..Component::new(ComponentKind::Application, name)
        });
    }
    say(
        &mut sheet,
        [
            (Attribute::AssetId, part.asset_id),
            (Attribute::Name, part.name),
            (Attribute::HostName, part.host_name),
            (Attribute::Ip, part.ip),
            (Attribute::PartOf, Some(application.to_owned())),
            (Attribute::PartRole, part.role),
            (Attribute::Owner, part.owner),
            (Attribute::ManagedBy, part.managed_by),
            (Attribute::Sbom, part.sbom),
            (Attribute::SourceNote, part.source_note),
        ],
    );
    say_words(&mut sheet, part.data_class, part.feeds, part.reachable_by);
    sink.record(Item::Sheet(sheet));
}

fn say(sheet: &mut Sheet, said: impl IntoIterator<Item = (Attribute, Option<String>)>) {
    let known = said
        .into_iter()
        .filter_map(|(attribute, value)| Some((attribute, value?.trim().to_owned())));
    sheet.attributes.extend(known.filter(|it| !it.1.is_empty()));
}

fn say_words(sheet: &mut Sheet, data_class: Words, feeds: Words, reachable_by: Words) {
    for (attribute, words) in [
        (Attribute::DataClass, data_class),
        (Attribute::Feeds, feeds),
        (Attribute::ReachableBy, reachable_by),
    ] {
        say(sheet, words.0.into_iter().map(|word| (attribute, Some(word))));
    }
}
