//! CVE records, format 5.x: what the assigner (CNA) and others (ADP) say of one vulnerability.
//!
//! Specified by the CVE Program (`CVE_Record_Format.json`, 5.0 to 5.2).  The CNA's
//! container and each ADP's become an advisory of their own: they may disagree,
//! and which is believed is policy, not reading.  Records come one to a file,
//! 300,000 to a zip archive, or as a list.

use crate::feeds::configuration::{self, Configuration};
use crate::feeds::cve5_versions::{self, Standing, Version};
use crate::feeds::severity::Cvss;
use crate::feeds::ssvc;
use crate::feeds::words::{self, Text};
use crate::feeds::{dates, is_cve};
use crate::inventory::loose::Text as Loose;
use crate::json::{self, Raw, Want};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, ExploitationNote, Product, Record, Remedy, RemedyKind,
    Statement, Status, Target,
};
use exposome_model::reading::Sink;
use serde::Deserialize;
use std::borrow::Cow;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::io::BufRead;

pub(super) const RECORD: Format = Format {
    id: "cve-5",
    title: "CVE record 5.x",
    specified_in: "CVE Program, CVE Record Format 5.0 to 5.2 (CVE_Record_Format.json)",
    known_by: "dataType CVE_RECORD, or the members cveMetadata and containers",
    recognise: |glimpse| {
        !glimpse.is_list()
            && (glimpse.value("dataType") == Some("CVE_RECORD") || glimpse.has("cveMetadata"))
    },
    reader: Reader::Whole(read_record),
};

pub(super) const LIST: Format = Format {
    id: "cve-5-list",
    title: "list of CVE records 5.x",
    specified_in: "CVE Program, CVE Record Format 5.0 to 5.2 (CVE_Record_Format.json)",
    known_by: "a list of objects with cveMetadata",
    recognise: |glimpse| glimpse.is_list() && glimpse.has("cveMetadata"),
    reader: Reader::Stream(read_list),
};

/// What the CVE Program's own archives carry beside the records.
pub(super) const DELTA: Format = Format {
    id: "cve-5-delta",
    title: "list of changed CVE records",
    specified_in: "CVEProject/cvelistV5, delta.json and deltaLog.json",
    known_by: "the members fetchTime and numberOfChanges",
    recognise: |glimpse| glimpse.has("fetchTime") && glimpse.has("numberOfChanges"),
    reader: Reader::PassedOver(
        "it lists which CVE records changed; the records themselves are files of their own",
    ),
};

fn read_record(bytes: &[u8], _: &Document<'_>, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
    take(json::document(bytes)?, "", sink);
    Ok(())
}

fn read_list(
    source: &mut dyn BufRead,
    document: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    json::walk(
        source,
        document,
        sink,
        |_| Want::Nothing,
        |piece, sink| {
            if let Some(record) = piece.parse::<CveRecord<'_>>(sink) {
                take(record, &format!("{}.", piece.place()), sink);
            }
            Ok(())
        },
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CveRecord<'a> {
    #[serde(borrow)]
    cve_metadata: Metadata<'a>,
    #[serde(borrow, default)]
    containers: Containers<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow, rename = "cveId")]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(borrow, default)]
    assigner_short_name: Cow<'a, str>,
    #[serde(borrow, default)]
    assigner_org_id: Cow<'a, str>,
    #[serde(borrow, default)]
    date_published: Loose<'a>,
    #[serde(borrow, default)]
    date_updated: Loose<'a>,
}

#[derive(Deserialize, Default)]
struct Containers<'a> {
    #[serde(borrow, default)]
    cna: Container<'a>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    adp: Vec<Container<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(borrow, default)]
    provider_metadata: Provider<'a>,
    title: Option<String>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    descriptions: Vec<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    affected: Vec<Affected<'a>>,
    #[serde(default, deserialize_with = "json::list")]
    cpe_applicability: Vec<Configuration>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    problem_types: Vec<ProblemType<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    metrics: Vec<Metric<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    solutions: Vec<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    workarounds: Vec<Text<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    exploits: Vec<Text<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Provider<'a> {
    #[serde(borrow, default)]
    short_name: Cow<'a, str>,
    #[serde(borrow, default)]
    org_id: Cow<'a, str>,
    #[serde(borrow, default)]
    date_updated: Loose<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Affected<'a> {
    vendor: Option<String>,
    product: Option<String>,
    package_name: Option<String>,
    #[serde(borrow, default, rename = "collectionURL")]
    collection_url: Cow<'a, str>,
    /// Since 5.2.
    #[serde(rename = "packageURL")]
    package_url: Option<String>,
    #[serde(default, deserialize_with = "json::list")]
    cpes: Vec<String>,
    #[serde(default, deserialize_with = "json::list")]
    modules: Vec<String>,
    #[serde(default, deserialize_with = "json::list")]
    platforms: Vec<String>,
    default_status: Option<Standing>,
    #[serde(default, deserialize_with = "json::list")]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct ProblemType<'a> {
    #[serde(borrow, default, deserialize_with = "json::list")]
    descriptions: Vec<Problem<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    #[serde(borrow, default)]
    cwe_id: Cow<'a, str>,
    #[serde(borrow, default)]
    description: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric<'a> {
    #[serde(rename = "cvssV4_0")]
    v4_0: Option<Cvss>,
    #[serde(rename = "cvssV3_1")]
    v3_1: Option<Cvss>,
    #[serde(rename = "cvssV3_0")]
    v3_0: Option<Cvss>,
    #[serde(rename = "cvssV2_0")]
    v2_0: Option<Cvss>,
    #[serde(borrow)]
    other: Option<Other<'a>>,
}

#[derive(Deserialize)]
struct Other<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    content: Option<Raw<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kev<'a> {
    #[serde(borrow, default)]
    date_added: Loose<'a>,
}

fn take(record: CveRecord<'_>, place: &str, sink: &mut dyn Sink<Item>) {
    let metadata = record.cve_metadata;
    if !is_cve(&metadata.id, || format!("{place}cveMetadata.cveId"), sink) {
        return;
    }
    let date = |date: &Loose<'_>, name: &str, sink: &mut dyn Sink<Item>| {
        dates::said(date.as_str(), || format!("{place}cveMetadata.{name}"), sink)
    };
    let about = About {
        state: match &*metadata.state {
            "REJECTED" => AdvisoryState::Withdrawn,
            _ => AdvisoryState::Published,
        },
        published: date(&metadata.date_published, "datePublished", sink),
        modified: date(&metadata.date_updated, "dateUpdated", sink),
        cve: &metadata.id,
    };
    let assigner = either(&metadata.assigner_short_name, &metadata.assigner_org_id);
    let cna = about.advisory(
        record.containers.cna,
        format!("cve:{assigner}"),
        || format!("{place}containers.cna"),
        sink,
    );
    sink.record(Item::Knowledge(Record::Advisory(Box::new(cna))));
    for (index, container) in record.containers.adp.into_iter().enumerate() {
        let provider = &container.provider_metadata;
        let publisher = format!("cve-adp:{}", either(&provider.short_name, &provider.org_id));
        let adp = about.advisory(
            container,
            publisher,
            || format!("{place}containers.adp[{index}]"),
            sink,
        );
        // The CVE Program's own container usually holds references and nothing else.
        if says_something(&adp) {
            sink.record(Item::Knowledge(Record::Advisory(Box::new(adp))));
        }
    }
}

fn either<'t>(name: &'t str, id: &'t str) -> &'t str {
    if name.is_empty() { id } else { name }
}

fn says_something(advisory: &Advisory) -> bool {
    let Advisory { severities, weaknesses, ssvc, exploitation, statements, remedies, .. } =
        advisory;
    ssvc.is_some()
        || !(severities.is_empty()
            && weaknesses.is_empty()
            && exploitation.is_empty()
            && statements.is_empty()
            && remedies.is_empty())
}

/// What the record says of itself, whoever's container is read.
struct About<'a> {
    cve: &'a str,
    state: AdvisoryState,
    published: Option<jiff::Timestamp>,
    modified: Option<jiff::Timestamp>,
}

impl About<'_> {
    fn advisory(
        &self,
        container: Container<'_>,
        publisher: String,
        place: impl Fn() -> String,
        sink: &mut dyn Sink<Item>,
    ) -> Advisory {
        let updated = container.provider_metadata.date_updated.as_str();
        let updated =
            dates::said(updated, || format!("{}.providerMetadata.dateUpdated", place()), sink);
        let title = words::title(container.title.as_deref(), || {
            words::english(&container.descriptions).next()
        });
        let mut exploitation = notes(&container.exploits);
        let (mut severities, mut ssvc) = (Vec::new(), None);
        for metric in container.metrics {
            let Metric { v4_0, v3_1, v3_0, v2_0, other } = metric;
            severities.extend(
                [v4_0, v3_1, v3_0, v2_0]
                    .into_iter()
                    .flatten()
                    .filter_map(|cvss| cvss.severity(None)),
            );
            if let Some(Other { kind, content: Some(content) }) = other {
                match kind.to_ascii_lowercase().as_str() {
                    "ssvc" => {
                        ssvc =
                            ssvc::read(content.0, || format!("{}.metrics", place()), sink).or(ssvc);
                    }
                    "kev" => exploitation.extend(in_kev(content)),
                    _ => {}
                }
            }
        }
        let products = statements(container.affected, publisher.starts_with("cve:"));
        Advisory {
            publisher,
            document: self.cve.to_owned(),
            vulnerability: self.cve.to_owned(),
            kind: AdvisoryKind::Record,
            state: self.state,
            title,
            published: self.published,
            modified: updated.or(self.modified),
            severities,
            weaknesses: weaknesses(&container.problem_types),
            ssvc,
            exploitation,
            statements: products
                .chain(configuration::statements(container.cpe_applicability))
                .collect(),
            remedies: remedies(&container.solutions, &container.workarounds),
        }
    }
}

fn in_kev(content: Raw<'_>) -> Option<ExploitationNote> {
    let kev: Kev<'_> = json::parse(content.0).ok()?;
    dates::day(kev.date_added.as_str()?).map(ExploitationNote::kev)
}

fn notes(exploits: &[Text<'_>]) -> Vec<ExploitationNote> {
    words::english(exploits).map(|text| ExploitationNote::words(words::note(text))).collect()
}

fn remedies(solutions: &[Text<'_>], workarounds: &[Text<'_>]) -> Vec<Remedy> {
    let of = |kind| {
        move |text: &str| Remedy { kind, text: words::note(text), url: None, products: Vec::new() }
    };
    let solutions = words::english(solutions).map(of(RemedyKind::VendorFix));
    solutions.chain(words::english(workarounds).map(of(RemedyKind::Workaround))).collect()
}

fn weaknesses(problems: &[ProblemType<'_>]) -> Vec<String> {
    let named = problems.iter().flat_map(|problem| &problem.descriptions);
    let named =
        named.map(
            |problem| {
                if problem.cwe_id.is_empty() { &*problem.description } else { &*problem.cwe_id }
            },
        );
    words::weaknesses(named)
}

/// What a container says of products; entries on one and the same product are one statement.
///
/// `assigner`: only of the assigner's own list it is believed that the rest is unknown.
fn statements(affected: Vec<Affected<'_>>, assigner: bool) -> impl Iterator<Item = Statement> {
    let mut products = Products::default();
    for one in affected {
        products.take(one);
    }
    products.said.into_iter().map(move |Said { product, default, versions }| Statement {
        target: Target::Product(product),
        default: default.map_or(Status::Unknown, Status::from),
        versions: cve5_versions::rows(versions, default.filter(|_| assigner)),
        justification: None,
    })
}

/// The products of a container.
#[derive(Default)]
struct Products {
    said: Vec<Said>,
    /// Some records list thousands of products: digests of their names tell most of them apart at a glance.
    names: Vec<u64>,
    digests: BuildHasherDefault<DefaultHasher>,
}

/// A product and what is said of its versions.
struct Said {
    product: Box<Product>,
    default: Option<Standing>,
    versions: Vec<Version>,
}

impl Products {
    /// Takes the product of an entry, once for each platform that the versions name; nothing where
    /// neither product nor package is named.
    fn take(&mut self, affected: Affected<'_>) {
        let named = |text: Option<String>| {
            text.filter(|text| !text.trim_ascii().is_empty() && !text.eq_ignore_ascii_case("n/a"))
        };
        let package = named(affected.package_name);
        let from_collection =
            || package_url(&affected.collection_url, package.as_deref().unwrap_or_default());
        let purl = affected.package_url.or_else(from_collection);
        let (vendor, name) = (named(affected.vendor), named(affected.product).or(package));
        if name.is_none() && purl.is_none() && affected.cpes.is_empty() {
            return;
        }
        let product = Box::new(Product {
            vendor,
            name,
            cpes: affected.cpes,
            purl,
            platforms: affected.platforms,
            modules: affected.modules,
            ..Product::default()
        });
        let (default, mut versions) = (affected.default_status, affected.versions);
        let platforms: Vec<_> = versions.iter_mut().map(Version::take_platform).collect();
        if platforms.iter().all(Option::is_none) {
            self.add(Said { product, default, versions });
            return;
        }
        for (platform, versions) in by_platform(platforms, versions) {
            let mut product = product.clone();
            product.platforms = platform.map_or(product.platforms, |platform| vec![platform]);
            self.add(Said { product, default, versions });
        }
    }

    fn add(&mut self, one: Said) {
        let name = self.digests.hash_one(&one.product.name);
        if self.names.contains(&name) {
            let is_same =
                |known: &&mut Said| known.product == one.product && known.default == one.default;
            if let Some(known) = self.said.iter_mut().find(is_same) {
                known.versions.extend(one.versions);
                return;
            }
        }
        self.names.push(name);
        self.said.push(one);
    }
}

/// The entries that name no platform come where the first of them stands.
fn by_platform(
    platforms: Vec<Option<String>>,
    versions: Vec<Version>,
) -> Vec<(Option<String>, Vec<Version>)> {
    let mut groups: Vec<(Option<String>, Vec<Version>)> = Vec::new();
    for (platform, version) in platforms.into_iter().zip(versions) {
        match groups.iter_mut().find(|(known, _)| *known == platform) {
            Some((_, group)) => group.push(version),
            None => groups.push((platform, vec![version])),
        }
    }
    groups
}

/// The package registries that records name by address, and the PURL type of each
/// (package-url/purl-spec, `types`).
const COLLECTIONS: &[(&str, &str)] = &[
    ("registry.npmjs.org", "npm/"),
    ("www.npmjs.com", "npm/"),
    ("pypi.org", "pypi/"),
    ("pypi.python.org", "pypi/"),
    ("repo.maven.apache.org", "maven/"),
    ("repo1.maven.org", "maven/"),
    ("search.maven.org", "maven/"),
    ("rubygems.org", "gem/"),
    ("crates.io", "cargo/"),
    ("www.nuget.org", "nuget/"),
    ("packagist.org", "composer/"),
    ("pkg.go.dev", "golang/"),
    ("proxy.golang.org", "golang/"),
    ("hex.pm", "hex/"),
    ("pub.dev", "pub/"),
    ("access.redhat.com/downloads/content/package-browser", "rpm/redhat/"),
];

fn package_url(collection: &str, package: &str) -> Option<String> {
    let address = collection.split_once("://").map_or(collection, |(_, address)| address);
    let (_, kind) = COLLECTIONS.iter().find(|(host, _)| address.starts_with(host))?;
    let package = if *kind == "maven/" { package.replace(':', "/") } else { package.to_owned() };
    Some(format!("pkg:{kind}{}", package.replace('@', "%40")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_in_a_known_registry_has_a_purl() {
        assert_eq!(package_url("https://registry.npmjs.org", "@a/b").unwrap(), "pkg:npm/%40a/b");
        assert_eq!(
            package_url("https://repo.maven.apache.org/maven2", "org.x:core").unwrap(),
            "pkg:maven/org.x/core"
        );
        assert_eq!(package_url("https://example.org", "x"), None);
    }
}
