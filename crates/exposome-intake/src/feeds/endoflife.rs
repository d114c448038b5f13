//! endoflife.date: until when the makers look after their products.
//!
//! Three forms of the same facts: the API of today (v1, one product or all of
//! them), the older API (a bare list of cycles), and the Markdown files from
//! which the project makes both (repository endoflife-date/endoflife.date,
//! `products/*.md`), whose front matter is a small, regular part of YAML.
//!
//! A support that "ends: no" is open, "ends: yes" has ended on a day that is not
//! given, and a column that is not there says nothing.

use crate::feeds::{dates, words};
use crate::json::{self, Want};
use crate::{Document, Edition, Error, Format, Item, Reader};
use exposome_model::knowledge::{Record, SupportCycle, SupportEnd};
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;
use std::io::BufRead;

pub(super) const MARKDOWN: Format = Format {
    id: "endoflife-markdown",
    title: "endoflife.date product (Markdown source)",
    specified_in: "endoflife-date/endoflife.date, product-schema.json",
    known_by: "YAML front matter with a title and releases or permalink",
    recognise: |glimpse| {
        glimpse.first_line() == "---" && glimpse.lines().any(|line| line.starts_with("permalink:"))
    },
    reader: Reader::Whole(read_markdown),
};

pub(super) const API: Format = Format {
    id: "endoflife-api",
    title: "endoflife.date API v1, one product or all",
    specified_in: "endoflife.date API v1, /products/{product} and /products/full",
    known_by: "the members schema_version and result",
    recognise: |glimpse| glimpse.has("schema_version") && glimpse.has("result"),
    reader: Reader::Stream(read_api),
};

pub(super) const CYCLES: Format = Format {
    id: "endoflife-cycles",
    title: "endoflife.date API v0, the cycles of one product",
    specified_in: "endoflife.date API v0, /api/{product}.json",
    known_by: "a list of objects with cycle and eol",
    recognise: |glimpse| glimpse.is_list() && glimpse.has("cycle") && glimpse.has("eol"),
    reader: Reader::Stream(read_cycles),
};

/// `2031-10-14`, true (it has ended) or false (it has not).
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum End {
    Ended(bool),
    On(String),
}

fn end(end: Option<&End>, place: impl FnOnce() -> String, sink: &mut dyn Sink<Item>) -> SupportEnd {
    match end {
        None => SupportEnd::Unknown,
        Some(End::Ended(true)) => SupportEnd::Ended,
        Some(End::Ended(false)) => SupportEnd::Open,
        Some(End::On(day)) => {
            day_said(Some(day), place, sink).map_or(SupportEnd::Unknown, SupportEnd::On)
        }
    }
}

fn day_said(
    text: Option<&str>,
    place: impl FnOnce() -> String,
    sink: &mut dyn Sink<Item>,
) -> Option<jiff::civil::Date> {
    let text = text.filter(|text| !text.is_empty())?;
    let day = dates::day(text);
    if day.is_none() {
        let message = format!("{} is no date such as 2031-10-14", words::quoted(text));
        sink.complain(Complaint::doubtful(place(), message));
    }
    day
}

#[derive(Deserialize)]
struct Cycle {
    #[serde(rename = "cycle")]
    name: Version,
    #[serde(rename = "releaseDate")]
    released: Option<String>,
    support: Option<End>,
    eol: Option<End>,
    #[serde(rename = "extendedSupport")]
    extended: Option<End>,
    latest: Option<Version>,
}

/// A version that may have lost its quotes on the way.
#[derive(Deserialize)]
#[serde(untagged)]
enum Version {
    Text(String),
    Number(serde_json::Number),
}

impl Version {
    fn text(self) -> String {
        match self {
            Version::Text(text) => text,
            Version::Number(number) => number.to_string(),
        }
    }
}

/// The older API says of these two whether support is given, not whether it has ended.
fn given(support: Option<End>) -> Option<End> {
    match support {
        Some(End::Ended(given)) => Some(End::Ended(!given)),
        other => other,
    }
}

fn read_cycles(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let file = document.name.rsplit(['/', '\\']).next().unwrap_or(document.name);
    let product = file.strip_suffix(".json").unwrap_or(file).to_owned();
    json::walk(
        source,
        document,
        sink,
        |_| Want::Nothing,
        |piece, sink| {
            let Some(cycle) = piece.parse::<Cycle>(sink) else { return Ok(()) };
            let place = piece.place();
            let at = |name: &str| format!("{place}.{name}");
            let record = SupportCycle {
                product: product.clone(),
                label: product.clone(),
                cycle: cycle.name.text(),
                cycle_label: None,
                released: day_said(cycle.released.as_deref(), || at("releaseDate"), sink),
                active_until: end(given(cycle.support).as_ref(), || at("support"), sink),
                security_until: end(cycle.eol.as_ref(), || at("eol"), sink),
                extended_until: end(given(cycle.extended).as_ref(), || at("extendedSupport"), sink),
                latest: cycle.latest.map(Version::text),
                cpes: Vec::new(),
                purls: Vec::new(),
            };
            sink.record(Item::Knowledge(Record::Support(Box::new(record))));
            Ok(())
        },
    )
}

#[derive(Deserialize)]
struct Answer {
    name: String,
    label: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    identifiers: Vec<Identifier>,
    #[serde(default, deserialize_with = "json::list")]
    releases: Vec<Release>,
}

#[derive(Deserialize)]
struct Identifier {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    name: String,
    label: Option<String>,
    #[serde(rename = "releaseDate")]
    released: Option<String>,
    is_eoas: Option<bool>,
    eoas_from: Option<String>,
    is_eol: Option<bool>,
    eol_from: Option<String>,
    is_eoes: Option<bool>,
    eoes_from: Option<String>,
    latest: Option<Latest>,
}

#[derive(Deserialize)]
struct Latest {
    name: Option<String>,
}

/// `/products/full` holds a list, `/products/{product}` one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answers {
    One(Box<Answer>),
    Nothing(serde::de::IgnoredAny),
}

fn read_api(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut edition = Edition::default();
    let want = |name: &str| match name {
        "result" => Want::Elements,
        "schema_version" | "last_modified" => Want::Whole,
        _ => Want::Nothing,
    };
    json::walk(source, document, sink, want, |piece, sink| {
        match piece.member {
            "schema_version" => edition.version = piece.parse(sink),
            "last_modified" => {
                edition.released = dates::said(piece.parse(sink), || piece.place(), sink);
            }
            _ => match piece.parse::<Answers>(sink) {
                Some(Answers::One(answer)) => releases(*answer, &piece.place(), sink),
                Some(Answers::Nothing(_)) => {
                    let message = "it holds no releases; the full list is at /products/full";
                    sink.complain(Complaint::refused(piece.place(), message));
                }
                None => {}
            },
        }
        Ok(())
    })?;
    sink.record(Item::Edition(edition));
    Ok(())
}

fn releases(answer: Answer, place: &str, sink: &mut dyn Sink<Item>) {
    let of = |kind: &str| {
        let found = answer.identifiers.iter().filter(move |identifier| identifier.kind == kind);
        found.map(|identifier| identifier.id.clone()).collect::<Vec<_>>()
    };
    let (cpes, purls) = (of("cpe"), of("purl"));
    let label = answer.label.unwrap_or_else(|| answer.name.clone());
    for (index, release) in answer.releases.into_iter().enumerate() {
        let at = |name: &str| format!("{place}.releases[{index}].{name}");
        let until =
            |is: Option<bool>, from: Option<String>, name: &str, sink: &mut dyn Sink<Item>| {
                let said = from.map(End::On).or(is.map(End::Ended));
                end(said.as_ref(), || at(name), sink)
            };
        let record = SupportCycle {
            product: answer.name.clone(),
            label: label.clone(),
            cycle: release.name,
            cycle_label: release.label,
            released: day_said(release.released.as_deref(), || at("releaseDate"), sink),
            active_until: until(release.is_eoas, release.eoas_from, "eoasFrom", sink),
            security_until: until(release.is_eol, release.eol_from, "eolFrom", sink),
            extended_until: until(release.is_eoes, release.eoes_from, "eoesFrom", sink),
            latest: release.latest.and_then(|latest| latest.name),
            cpes: cpes.clone(),
            purls: purls.clone(),
        };
        sink.record(Item::Knowledge(Record::Support(Box::new(record))));
    }
}

fn read_markdown(bytes: &[u8], _: &Document<'_>, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
    let text = std::str::from_utf8(bytes).map_err(|error| Error::Malformed {
        place: format!("byte {}", error.valid_up_to()),
        found: "bytes that are not UTF-8".into(),
        expected: "Markdown in UTF-8".into(),
    })?;
    let front = FrontMatter::of(text)?;
    let product = front.value("permalink").unwrap_or_default().trim_start_matches('/').to_owned();
    let label = front.value("title").unwrap_or(&product).to_owned();
    let identifiers = front.list("identifiers");
    let of = |kind: &str| {
        let found =
            identifiers.iter().flat_map(|entry| &entry.pairs).filter(|(key, _)| *key == kind);
        found.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let (cpes, purls) = (of("cpe"), of("purl"));
    for release in front.list("releases") {
        let Some(cycle) = release.value("releaseCycle") else {
            sink.complain(Complaint::refused(release.place(), "a release without releaseCycle"));
            continue;
        };
        let at = |name: &str| format!("{}, {name}", release.place());
        let until = |name: &str, sink: &mut dyn Sink<Item>| {
            let said =
                release.value(name).filter(|value| !value.is_empty()).map(|value| match value {
                    "true" => End::Ended(true),
                    "false" => End::Ended(false),
                    day => End::On(day.to_owned()),
                });
            end(said.as_ref(), || at(name), sink)
        };
        let template = release.value("releaseLabel").or_else(|| front.value("releaseLabel"));
        let record = SupportCycle {
            product: product.clone(),
            label: label.clone(),
            cycle: cycle.to_owned(),
            cycle_label: template.map(|template| filled(template, &release)),
            released: day_said(release.value("releaseDate"), || at("releaseDate"), sink),
            active_until: until("eoas", sink),
            security_until: until("eol", sink),
            extended_until: until("eoes", sink),
            latest: release.value("latest").map(str::to_owned),
            cpes: cpes.clone(),
            purls: purls.clone(),
        };
        sink.record(Item::Knowledge(Record::Support(Box::new(record))));
    }
    Ok(())
}

/// `Windows Server __RELEASE_CYCLE__` with the release's own values, without HTML.
fn filled(template: &str, release: &Entry<'_>) -> String {
    let mut text = template.to_owned();
    for (mark, key) in [
        ("__RELEASE_CYCLE__", "releaseCycle"),
        ("__CODENAME__", "codename"),
        ("__LATEST__", "latest"),
    ] {
        text = text.replace(mark, release.value(key).unwrap_or_default());
    }
    let mut plain = String::new();
    let mut inside = false;
    for character in text.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => inside = false,
            other if !inside => plain.push(other),
            _ => {}
        }
    }
    plain
}

/// The part of YAML that these files use: `key: value` at the left edge, and
/// lists of entries with `key: value` below a key.  What is nested deeper, and
/// texts that go over several lines, is passed by.
struct FrontMatter<'a> {
    lines: Vec<(usize, &'a str)>,
}

struct Entry<'a> {
    line: usize,
    pairs: Vec<(&'a str, String)>,
}

impl<'a> FrontMatter<'a> {
    fn of(text: &'a str) -> Result<FrontMatter<'a>, Error> {
        let mut lines =
            text.lines().map(str::trim_end).enumerate().map(|(at, line)| (at + 1, line));
        lines.next();
        let mut inside = Vec::new();
        for (number, line) in lines {
            if line == "---" {
                return Ok(FrontMatter { lines: inside });
            }
            inside.push((number, line));
        }
        Err(Error::CutShort { place: "the end of the front matter".into(), expected: "a line ---" })
    }

    fn value(&self, key: &str) -> Option<&'a str> {
        let found = self.lines.iter().filter(|(_, line)| !line.starts_with([' ', '-', '#']));
        found
            .filter_map(|(_, line)| pair(line))
            .find(|(name, _)| *name == key)
            .map(|(_, value)| unquoted(value))
    }

    fn list(&self, key: &str) -> Vec<Entry<'a>> {
        let below = self
            .lines
            .iter()
            .skip_while(|(_, line)| pair(line).is_none_or(|(name, _)| name != key))
            .skip(1);
        let below =
            below.take_while(|(_, line)| line.is_empty() || line.starts_with([' ', '-', '#']));
        let mut entries: Vec<Entry<'a>> = Vec::new();
        let mut indent = None;
        for (number, line) in below {
            let content = line.trim_start();
            let depth = line.len() - content.len();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let (depth, content) = match content.strip_prefix("- ") {
                Some(first) if indent.is_none_or(|indent| depth < indent) => {
                    entries.push(Entry { line: *number, pairs: Vec::new() });
                    let inner = first.trim_start();
                    let depth = line.len() - inner.len();
                    indent = Some(depth);
                    (depth, inner)
                }
                _ => (depth, content),
            };
            if indent == Some(depth)
                && let (Some(entry), Some((name, value))) = (entries.last_mut(), pair(content))
            {
                entry.pairs.push((name, unquoted(value).to_owned()));
            }
        }
        entries
    }
}

impl Entry<'_> {
    fn value(&self, key: &str) -> Option<&str> {
        self.pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
    }

    fn place(&self) -> String {
        format!("line {}", self.line)
    }
}

/// `key: value`; the value may be empty.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (plain && (value.is_empty() || value.starts_with(' '))).then(|| (key, value.trim()))
}

/// A plain, single-quoted or double-quoted value without its comment.  Escapes do not occur in
/// the values that are read.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote))
        {
            return inner;
        }
    }
    let value = value.split_once(" #").map_or(value, |(value, _)| value).trim_end();
    if value.starts_with('#') || value == "null" || value == "~" { "" } else { value }
}
