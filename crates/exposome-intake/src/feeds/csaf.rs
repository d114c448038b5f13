//! CSAF advisories and VEX statements, versions 2.0 and 2.1.
//!
//! How manufacturers and coordinators such as CISA announce vulnerabilities
//! (OASIS, Common Security Advisory Framework).  A document has a product tree,
//! whose leaves carry ids that mean something in this document only, and
//! vulnerabilities that give products a status by these ids.  Names and versions are
//! kept as the publisher wrote them: what `<= K` or "with wireless option"
//! means for a device is not decided here.

use crate::feeds::csaf_notes::{self, Left};
use crate::feeds::severity::Cvss;
use crate::feeds::{dates, ssvc, words};
use crate::json::{self, Raw};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, ExploitationNote, Product, Record, Remedy, RemedyKind,
    Severity, Statement, Status, Target, VersionRow, Versions,
};
use exposome_model::purl::Purl;
use exposome_model::reading::{Complaint, Sink};
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub(super) const FORMAT: Format = Format {
    id: "csaf",
    title: "CSAF advisory or VEX",
    specified_in: "OASIS, Common Security Advisory Framework 2.0 and 2.1",
    known_by: "document.csaf_version, or the members document and product_tree or vulnerabilities",
    recognise: |glimpse| {
        glimpse.has_in("document", "csaf_version")
            || (glimpse.has("document")
                && (glimpse.has("product_tree") || glimpse.has("vulnerabilities")))
            || (glimpse.has("product_tree")
                && glimpse.members.iter().all(|m| !m.outer.is_empty() || OUTER.contains(&m.key)))
    },
    reader: Reader::Whole(read),
};

const OUTER: &[&str] = &["$schema", "document", "product_tree", "vulnerabilities", "x_extensions"];

/// A name longer than this is cut: each status of a product repeats it.
const NAME_CHARACTERS: usize = 1000;
/// A document of more products does not tell them apart in sentences.
const MOST_NOTED: usize = 200;
/// How many products may lie on one another.
const PRODUCTS_DEEP: usize = 8;

#[derive(Deserialize)]
struct Csaf<'a> {
    #[serde(borrow)]
    document: Meta<'a>,
    #[serde(borrow)]
    product_tree: Option<Raw<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    vulnerabilities: Vec<Raw<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, default)]
    category: Cow<'a, str>,
    #[serde(borrow)]
    csaf_version: Cow<'a, str>,
    title: Option<String>,
    #[serde(borrow)]
    publisher: Publisher<'a>,
    #[serde(borrow)]
    tracking: Tracking<'a>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    notes: Vec<Note<'a>>,
}

#[derive(Deserialize)]
struct Publisher<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Tracking<'a> {
    id: String,
    #[serde(borrow, default)]
    status: Cow<'a, str>,
    initial_release_date: Option<String>,
    current_release_date: Option<String>,
}

#[derive(Deserialize)]
struct Note<'a> {
    #[serde(borrow, default)]
    title: Cow<'a, str>,
    #[serde(borrow, default)]
    text: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
struct Tree<'a> {
    #[serde(borrow, default, deserialize_with = "json::list")]
    branches: Vec<Branch<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    full_product_names: Vec<FullName<'a>>,
    /// CSAF 2.0.
    #[serde(borrow, default, deserialize_with = "json::list")]
    relationships: Vec<Relationship<'a>>,
    /// CSAF 2.1.
    #[serde(borrow, default, deserialize_with = "json::list")]
    product_paths: Vec<Path<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    product_groups: Vec<Group<'a>>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    category: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    product: Option<FullName<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    branches: Vec<Branch<'a>>,
}

#[derive(Deserialize)]
struct FullName<'a> {
    #[serde(borrow)]
    product_id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(default)]
    product_identification_helper: Option<Identification>,
}

#[derive(Deserialize, Default, Clone)]
struct Identification {
    cpe: Option<String>,
    purl: Option<String>,
    /// CSAF 2.1 has several; they name the same product.
    #[serde(default, deserialize_with = "json::list")]
    purls: Vec<String>,
    #[serde(default, deserialize_with = "json::list")]
    model_numbers: Vec<String>,
    #[serde(default, deserialize_with = "json::list")]
    skus: Vec<String>,
    #[serde(default, deserialize_with = "json::list")]
    serial_numbers: Vec<String>,
}

#[derive(Deserialize)]
struct Relationship<'a> {
    #[serde(borrow)]
    product_reference: Cow<'a, str>,
    #[serde(borrow)]
    relates_to_product_reference: Cow<'a, str>,
    #[serde(borrow)]
    full_product_name: FullName<'a>,
}

#[derive(Deserialize)]
struct Path<'a> {
    #[serde(borrow)]
    beginning_product_reference: Cow<'a, str>,
    #[serde(borrow, default)]
    subpaths: Vec<Subpath<'a>>,
    #[serde(borrow)]
    full_product_name: FullName<'a>,
}

#[derive(Deserialize)]
struct Subpath<'a> {
    #[serde(borrow)]
    next_product_reference: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    group_id: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    product_ids: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Vulnerability<'a> {
    cve: Option<String>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    ids: Vec<Id<'a>>,
    title: Option<String>,
    #[serde(borrow)]
    cwe: Option<Weakness<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    cwes: Vec<Weakness<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    notes: Vec<Note<'a>>,
    #[serde(borrow, default)]
    product_status: BTreeMap<Cow<'a, str>, Vec<Cow<'a, str>>>,
    /// CSAF 2.0.
    #[serde(borrow, default, deserialize_with = "json::list")]
    scores: Vec<Metric<'a>>,
    /// CSAF 2.1.
    #[serde(borrow, default, deserialize_with = "json::list")]
    metrics: Vec<SourcedMetric<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    remediations: Vec<Remediation<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    flags: Vec<Flag<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    threats: Vec<Threat<'a>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    first_known_exploitation_dates: Vec<Exploited<'a>>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow, default)]
    system_name: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Weakness<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    cvss_v2: Option<Cvss>,
    cvss_v3: Option<Cvss>,
    cvss_v4: Option<Cvss>,
    #[serde(borrow, alias = "ssvc_v1")]
    ssvc_v2: Option<Raw<'a>>,
}

#[derive(Deserialize)]
struct SourcedMetric<'a> {
    #[serde(borrow)]
    content: Metric<'a>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Remediation<'a> {
    #[serde(borrow, default)]
    category: Cow<'a, str>,
    #[serde(borrow, default)]
    details: Cow<'a, str>,
    url: Option<String>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    product_ids: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Flag<'a> {
    #[serde(borrow)]
    label: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    product_ids: Vec<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    group_ids: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Threat<'a> {
    #[serde(borrow, default)]
    category: Cow<'a, str>,
    #[serde(borrow, default)]
    details: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    product_ids: Vec<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "json::list")]
    group_ids: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Exploited<'a> {
    #[serde(borrow, default)]
    exploitation_date: Cow<'a, str>,
}

fn read(bytes: &[u8], _: &Document<'_>, sink: &mut dyn Sink<Item>) -> Result<(), Error> {
    let csaf: Csaf<'_> = json::document(bytes)?;
    let meta = &csaf.document;
    if !matches!(&*meta.csaf_version, "2.0" | "2.1") {
        let message =
            format!("version {} is read as if it were 2.1", words::quoted(&meta.csaf_version));
        sink.complain(Complaint::doubtful("document.csaf_version", message));
    }
    if meta.tracking.status == "draft" {
        sink.complain(Complaint::doubtful(
            "document.tracking.status",
            "the publisher calls this a draft",
        ));
    }
    let tree = match csaf.product_tree.map(|tree| json::parse(tree.0)) {
        Some(Ok(tree)) => tree,
        Some(Err(error)) => {
            sink.complain(Complaint::refused("product_tree", json::misfit(&error)));
            Tree::default()
        }
        None => Tree::default(),
    };
    let mut products = Products::of(tree, sink);
    let date = |date: &Option<String>, name: &str, sink: &mut dyn Sink<Item>| {
        dates::said(date.as_deref(), || format!("document.tracking.{name}"), sink)
    };
    let about = About {
        published: date(&meta.tracking.initial_release_date, "initial_release_date", sink),
        modified: date(&meta.tracking.current_release_date, "current_release_date", sink),
        meta,
    };
    let mut vulnerabilities: Vec<(usize, Vulnerability<'_>)> = Vec::new();
    for (index, raw) in csaf.vulnerabilities.into_iter().enumerate() {
        match json::parse::<Vulnerability<'_>>(raw.0) {
            Ok(vulnerability) => vulnerabilities.push((index, vulnerability)),
            Err(error) => {
                let place = format!("vulnerabilities[{index}]");
                sink.complain(Complaint::refused(place, json::misfit(&error)));
            }
        }
    }
    take_in_unspoken(&mut vulnerabilities, &products, sink);
    products.limit_by_notes(&mut vulnerabilities);
    for (index, vulnerability) in vulnerabilities {
        let place = format!("vulnerabilities[{index}]");
        let advisory = about.advisory(vulnerability, index, &products, &place, sink);
        sink.record(Item::Knowledge(Record::Advisory(Box::new(advisory))));
    }
    Ok(())
}

/// Products of the tree that no status of the document speaks of, though remediations are given
/// for them: some of CISA's conversions kept the first product of a list only (ICSMA-17-215-01,
/// ICSA-20-105-06).  They are affected by what is remedied for them.
fn take_in_unspoken<'a>(
    vulnerabilities: &mut [(usize, Vulnerability<'a>)],
    products: &Products<'a>,
    sink: &mut dyn Sink<Item>,
) {
    let spoken: HashSet<&str> = vulnerabilities
        .iter()
        .flat_map(|(_, one)| one.product_status.values().flatten())
        .map(|id| &**id)
        .chain(products.related.iter().map(|id| &**id))
        .collect();
    let mut unspoken: Vec<Cow<'a, str>> =
        products.leaves.keys().filter(|id| !spoken.contains(&***id)).cloned().collect();
    unspoken.sort_unstable();
    for (index, vulnerability) in vulnerabilities {
        let remedied: HashSet<&str> = vulnerability
            .remediations
            .iter()
            .flat_map(|one| &one.product_ids)
            .map(|id| &**id)
            .collect();
        let left_out: Vec<Cow<'a, str>> =
            unspoken.iter().filter(|id| remedied.contains(&***id)).cloned().collect();
        if left_out.is_empty() || !vulnerability.product_status.contains_key("known_affected") {
            continue;
        }
        let message = format!(
            "{} products have a remediation and no status; they are taken as affected",
            left_out.len()
        );
        let place = format!("vulnerabilities[{index}].product_status");
        sink.complain(Complaint::doubtful(place, message));
        vulnerability
            .product_status
            .entry(Cow::Borrowed("known_affected"))
            .or_default()
            .extend(left_out);
    }
}

/// What the document says of itself.
struct About<'d> {
    meta: &'d Meta<'d>,
    published: Option<jiff::Timestamp>,
    modified: Option<jiff::Timestamp>,
}

impl About<'_> {
    fn advisory(
        &self,
        vulnerability: Vulnerability<'_>,
        index: usize,
        products: &Products<'_>,
        place: &str,
        sink: &mut dyn Sink<Item>,
    ) -> Advisory {
        let meta = self.meta;
        let own_title = vulnerability.title.as_deref().filter(|title| !words::is_cve(title.trim()));
        let (severities, ssvc) = scores(vulnerability.scores, vulnerability.metrics, place, sink);
        let recommended = vulnerability.product_status.get("recommended").into_iter().flatten();
        let recommended =
            recommended.filter_map(|id| products.full_names.get(id.as_ref())).map(|name| Remedy {
                kind: RemedyKind::VendorFix,
                text: format!("Recommended: {name}"),
                url: None,
                products: Vec::new(),
            });
        let mut remedies: Vec<Remedy> = Vec::new();
        let affected = products.names(vulnerability.product_status.get("known_affected"));
        let offered = vulnerability.remediations.iter().map(|one| {
            let named = products.names(Some(&one.product_ids));
            remedy(one, if named.is_superset(&affected) { BTreeSet::new() } else { named })
        });
        for remedy in offered.chain(recommended) {
            if !remedies.contains(&remedy) {
                remedies.push(remedy);
            }
        }
        let justified = Justified::of(&vulnerability.flags, &vulnerability.threats, products);
        Advisory {
            publisher: format!("csaf:{}", meta.publisher.name),
            document: meta.tracking.id.clone(),
            vulnerability: name(vulnerability.cve, &vulnerability.ids, &meta.tracking.id, index),
            kind: if meta.category == "csaf_vex" {
                AdvisoryKind::Vex
            } else {
                AdvisoryKind::Advisory
            },
            state: match &*meta.category {
                "csaf_withdrawn" | "csaf_superseded" => AdvisoryState::Withdrawn,
                _ => AdvisoryState::Published,
            },
            title: words::title(own_title, || meta.title.as_deref().map(str::trim)),
            published: self.published,
            modified: self.modified,
            severities,
            weaknesses: words::weaknesses(
                vulnerability.cwe.iter().chain(&vulnerability.cwes).map(|cwe| &*cwe.id),
            ),
            ssvc,
            exploitation: self.exploitation(
                &vulnerability.threats,
                &vulnerability.first_known_exploitation_dates,
            ),
            statements: statements(
                &vulnerability.product_status,
                products,
                &justified,
                place,
                sink,
            ),
            remedies,
        }
    }

    /// The publisher's words on exploitation; CISA puts them into a note of the document.
    fn exploitation(
        &self,
        threats: &[Threat<'_>],
        dates: &[Exploited<'_>],
    ) -> Vec<ExploitationNote> {
        let noted = self
            .meta
            .notes
            .iter()
            .filter(|note| note.title.to_lowercase().contains("exploitability"));
        let threats = threats.iter().filter(|threat| threat.category == "exploit_status");
        let words = threats.map(|threat| words::note(&threat.details));
        let words = words.chain(noted.map(|note| words::note(&note.text)));
        let since = dates.iter().filter_map(|it| dates::moment(&it.exploitation_date));
        let since = since
            .map(|at| ExploitationNote::first_seen(at.to_zoned(jiff::tz::TimeZone::UTC).date()));
        words.map(ExploitationNote::words).chain(since).collect()
    }
}

/// The CVE id, or the publisher's own id, or the document's with the place in it.
fn name(cve: Option<String>, ids: &[Id<'_>], document: &str, index: usize) -> String {
    let own = || {
        let id = ids.iter().find(|id| !id.text.trim().is_empty())?;
        let speaks_for_itself = id.text.bytes().any(|byte| byte.is_ascii_alphabetic());
        Some(if speaks_for_itself {
            id.text.to_string()
        } else {
            format!("{} {}", id.system_name, id.text)
        })
    };
    cve.filter(|cve| words::is_cve(cve))
        .or_else(own)
        .unwrap_or_else(|| format!("{document}#{}", index + 1))
}

fn scores(
    scores: Vec<Metric<'_>>,
    metrics: Vec<SourcedMetric<'_>>,
    place: &str,
    sink: &mut dyn Sink<Item>,
) -> (Vec<Severity>, Option<exposome_model::knowledge::Ssvc>) {
    let (mut severities, mut decision) = (Vec::new(), None);
    let sourced = metrics.into_iter().map(|metric| (metric.content, metric.source));
    for (metric, source) in scores.into_iter().map(|metric| (metric, None)).chain(sourced) {
        for cvss in [metric.cvss_v4, metric.cvss_v3, metric.cvss_v2].into_iter().flatten() {
            // The same score is repeated for groups of products.
            severities.extend(
                cvss.severity(source.clone()).filter(|severity| !severities.contains(severity)),
            );
        }
        if let Some(raw) = metric.ssvc_v2 {
            decision = ssvc::read(raw.0, || format!("{place}.metrics"), sink).or(decision);
        }
    }
    (severities, decision)
}

fn remedy(remediation: &Remediation<'_>, products: BTreeSet<&str>) -> Remedy {
    Remedy {
        kind: match &*remediation.category {
            "vendor_fix" | "optional_patch" => RemedyKind::VendorFix,
            "workaround" => RemedyKind::Workaround,
            "none_available" | "fix_planned" => RemedyKind::NoneAvailable,
            "no_fix_planned" => RemedyKind::NoFixPlanned,
            _ => RemedyKind::Mitigation,
        },
        text: words::note(&remediation.details),
        url: remediation.url.clone(),
        products: products.into_iter().map(str::to_owned).collect(),
    }
}

/// The statuses in the order in which they decide where two rows hold the same version
/// (CSAF 2.0, section 3.2.3.9; CSAF 2.1 adds `unknown`).
const STATUSES: &[(&str, Status)] = &[
    ("fixed", Status::Fixed),
    ("first_fixed", Status::Fixed),
    ("known_not_affected", Status::NotAffected),
    ("known_affected", Status::Affected),
    ("first_affected", Status::Affected),
    ("last_affected", Status::Affected),
    ("under_investigation", Status::UnderInvestigation),
    ("unknown", Status::Unknown),
];

/// One statement for each product (and reason), with a row for each of its versions.
fn statements(
    product_status: &BTreeMap<Cow<'_, str>, Vec<Cow<'_, str>>>,
    products: &Products<'_>,
    justified: &Justified<'_>,
    place: &str,
    sink: &mut dyn Sink<Item>,
) -> Vec<Statement> {
    let mut grouped: BTreeMap<(usize, Option<&str>), Vec<VersionRow>> = BTreeMap::new();
    let mut strangers = Vec::new();
    for (name, status) in STATUSES {
        let mut seen = HashSet::new();
        for id in product_status.get(*name).into_iter().flatten().filter(|id| seen.insert(&***id)) {
            let Some(leaf) = products.leaves.get(id.as_ref()) else {
                let message =
                    format!("the product id {} is not in the product tree", words::quoted(id));
                sink.complain(Complaint::doubtful(
                    format!("{place}.product_status.{name}"),
                    message,
                ));
                strangers.push((clipped(id), *status));
                continue;
            };
            let reason = (*status == Status::NotAffected).then(|| justified.reason(id)).flatten();
            let row = VersionRow { versions: leaf.versions.clone(), status: *status };
            grouped.entry((leaf.product, reason)).or_default().push(row);
        }
    }
    let known = grouped.into_iter().filter_map(|((product, reason), versions)| {
        Some(statement(products.all.get(product)?.clone(), versions, reason))
    });
    let strangers = strangers.into_iter().map(|(id, status)| {
        let product = Product { name: Some(id), ..Product::default() };
        statement(product, vec![VersionRow { versions: Versions::Any, status }], None)
    });
    known.chain(strangers).collect()
}

fn statement(product: Product, versions: Vec<VersionRow>, reason: Option<&str>) -> Statement {
    Statement {
        target: Target::Product(Box::new(product)),
        default: Status::Unknown,
        versions,
        justification: reason.map(str::to_owned),
    }
}

/// Why products are not affected: a flag's label, or else a threat's words on impact.
struct Justified<'v> {
    by_product: HashMap<&'v str, &'v str>,
}

impl<'v> Justified<'v> {
    fn of(
        flags: &'v [Flag<'v>],
        threats: &'v [Threat<'v>],
        products: &'v Products<'v>,
    ) -> Justified<'v> {
        let mut by_product = HashMap::new();
        let flags = flags.iter().map(|flag| (&*flag.label, &flag.product_ids, &flag.group_ids));
        let impacts = threats.iter().filter(|threat| threat.category == "impact");
        let impacts =
            impacts.map(|threat| (&*threat.details, &threat.product_ids, &threat.group_ids));
        for (reason, product_ids, group_ids) in flags.chain(impacts) {
            let grouped =
                group_ids.iter().filter_map(|id| products.groups.get(id.as_ref())).flatten();
            for id in product_ids.iter().chain(grouped) {
                by_product.entry(id.as_ref()).or_insert(reason);
            }
        }
        Justified { by_product }
    }

    fn reason(&self, product_id: &str) -> Option<&'v str> {
        self.by_product.get(product_id).copied()
    }
}

/// What the ids of a document stand for.
#[derive(Default)]
struct Products<'a> {
    all: Vec<Product>,
    known: HashMap<Product, usize>,
    leaves: HashMap<Cow<'a, str>, Leaf>,
    full_names: HashMap<Cow<'a, str>, String>,
    groups: HashMap<Cow<'a, str>, Vec<Cow<'a, str>>>,
    /// Products that lie on others or have others on them.
    related: Vec<Cow<'a, str>>,
}

struct Leaf {
    product: usize,
    versions: Versions,
}

impl<'a> Products<'a> {
    fn of(tree: Tree<'a>, sink: &mut dyn Sink<Item>) -> Products<'a> {
        let mut products = Products::default();
        for branch in tree.branches {
            products.branch(branch, &Line::default(), sink);
        }
        for name in tree.full_product_names {
            products.leaf(name, &Line::default(), sink);
        }
        let related = tree.relationships.into_iter().map(|relation| {
            (
                relation.product_reference,
                vec![relation.relates_to_product_reference],
                relation.full_product_name,
            )
        });
        let paths = tree.product_paths.into_iter().map(|path| {
            let next = path.subpaths.into_iter().map(|subpath| subpath.next_product_reference);
            (path.beginning_product_reference, next.collect(), path.full_product_name)
        });
        let relations: Vec<Relation<'a>> = related.chain(paths).collect();
        products.related = relations
            .iter()
            .flat_map(|(first, next, _)| next.iter().chain([first]))
            .cloned()
            .collect();
        products.relate(relations, sink);
        products.groups = tree
            .product_groups
            .into_iter()
            .map(|group| (group.group_id, group.product_ids))
            .collect();
        products
    }

    /// Walks down a branch; its depth is bounded by the JSON reader's.
    fn branch(&mut self, branch: Branch<'a>, above: &Line, sink: &mut dyn Sink<Item>) {
        let line = above.with(&branch.category, &branch.name);
        if let Some(name) = branch.product {
            self.leaf(name, &line, sink);
        }
        for branch in branch.branches {
            self.branch(branch, &line, sink);
        }
    }

    fn leaf(&mut self, full: FullName<'a>, line: &Line, sink: &mut dyn Sink<Item>) {
        let help = full.product_identification_helper.unwrap_or_default();
        let product = Product {
            vendor: line.vendor.clone(),
            family: line.family.clone(),
            name: line.name.clone().or_else(|| Some(clipped(&full.name))),
            models: help
                .model_numbers
                .into_iter()
                .chain(help.skus)
                .chain(help.serial_numbers)
                .collect(),
            cpes: help.cpe.into_iter().collect(),
            purl: help.purl.or_else(|| help.purls.into_iter().next()),
            platforms: line.platforms.clone(),
            ..Product::default()
        };
        // A package URL gives the version in the words of its package manager.
        let exact = || Purl::parse(product.purl.as_deref()?).ok()?.version().map(str::to_owned);
        let versions = match &line.versions {
            Some(Versions::Text(_)) | None => {
                exact().map(Versions::Exact).or_else(|| line.versions.clone())
            }
            said => said.clone(),
        };
        let versions = versions.unwrap_or(Versions::Any);
        self.add(full.product_id, &full.name, product, versions, sink);
    }

    fn add(
        &mut self,
        id: Cow<'a, str>,
        full_name: &str,
        product: Product,
        versions: Versions,
        sink: &mut dyn Sink<Item>,
    ) {
        if self.leaves.contains_key(&id) {
            let message = format!(
                "the product id {} is given a second time; the first counts",
                words::quoted(&id)
            );
            return sink.complain(Complaint::doubtful("product_tree", message));
        }
        let next = self.all.len();
        let index = *self.known.entry(product.clone()).or_insert(next);
        if index == next {
            self.all.push(product);
        }
        self.full_names.insert(id.clone(), clipped(full_name));
        self.leaves.insert(id, Leaf { product: index, versions });
    }

    /// Joins products that lie on one another; a relation may name the result of another one.
    fn relate(&mut self, mut relations: Vec<Relation<'a>>, sink: &mut dyn Sink<Item>) {
        loop {
            let before = relations.len();
            let (ready, waiting): (Vec<_>, Vec<_>) =
                relations.into_iter().partition(|(first, next, _)| {
                    next.iter().chain([first]).all(|id| self.leaves.contains_key(id))
                });
            for (first, next, full) in ready {
                self.join(&first, &next, full, sink);
            }
            relations = waiting;
            if relations.is_empty() || relations.len() == before {
                break;
            }
        }
        for (_, _, full) in relations {
            let message = format!(
                "{} relates to products that are not in the tree",
                words::quoted(&full.product_id)
            );
            sink.complain(Complaint::doubtful("product_tree", message));
        }
    }

    fn join(
        &mut self,
        first: &str,
        next: &[Cow<'a, str>],
        full: FullName<'a>,
        sink: &mut dyn Sink<Item>,
    ) {
        let Some((mut product, versions)) = self.named(first) else { return };
        for id in next {
            let Some((mut below, version)) = self.named(id) else { return };
            if let (Some(name), Versions::Text(version)) = (&mut below.name, version) {
                *name = format!("{name} {version}");
            }
            if !product.put_on(below) {
                let message = format!(
                    "{} lies on more than {PRODUCTS_DEEP} products",
                    words::quoted(&full.product_id)
                );
                return sink.complain(Complaint::doubtful("product_tree", message));
            }
        }
        // What identifies the pair identifies it better than what identifies its part.
        if let Some(help) = full.product_identification_helper {
            product.cpes.extend(help.cpe);
            product.purl = help.purl.or_else(|| help.purls.into_iter().next()).or(product.purl);
        }
        self.add(full.product_id, &full.name, product, versions, sink);
    }

    /// Where the notes of the vulnerabilities tell the products apart, each vulnerability keeps its own.
    fn limit_by_notes(&mut self, vulnerabilities: &mut [(usize, Vulnerability<'a>)]) {
        const AFFECTED: &str = "known_affected";
        let of = |one: &Vulnerability<'a>| one.product_status.get(AFFECTED).cloned();
        let Some(ids) = vulnerabilities.first().and_then(|(_, one)| of(one)) else { return };
        // A document whose vulnerabilities have lists of their own has said it already.
        let same = vulnerabilities.iter().all(|(_, one)| of(one).as_ref() == Some(&ids));
        if !same || !(2..=MOST_NOTED).contains(&ids.len()) || vulnerabilities.len() < 2 {
            return;
        }
        let Some(products) = ids.iter().map(|id| self.as_noted(id)).collect::<Option<Vec<_>>>()
        else {
            return;
        };
        let notes: Vec<String> = vulnerabilities
            .iter()
            .map(|(_, one)| one.notes.first().map(|note| note.text.to_string()).unwrap_or_default())
            .collect();
        let limits = csaf_notes::limits(&notes, &products);
        for ((_, vulnerability), limits) in vulnerabilities.iter_mut().zip(limits) {
            let mut kept = Vec::new();
            for (id, left) in ids.iter().zip(limits) {
                match left {
                    Left::Whole => kept.push(id.clone()),
                    Left::Nothing => {}
                    Left::With(version) => kept.extend(self.leaf_with(id, version)),
                }
            }
            vulnerability.product_status.insert(Cow::Borrowed(AFFECTED), kept);
        }
    }

    fn as_noted(&self, id: &str) -> Option<csaf_notes::Named<'_>> {
        let leaf = self.leaves.get(id)?;
        let product = self.all.get(leaf.product)?;
        let version = match &leaf.versions {
            Versions::Text(text) | Versions::Vers(text) => text.as_str(),
            Versions::Any => "*",
            _ => return None,
        };
        Some(csaf_notes::Named { name: product.name.as_deref()?, version })
    }

    /// The product of an id in another version, under an id of its own.
    fn leaf_with(&mut self, id: &str, version: String) -> Option<Cow<'a, str>> {
        let product = self.leaves.get(id)?.product;
        let own: Cow<'a, str> = Cow::Owned(format!("{id}, {version}"));
        self.leaves.insert(own.clone(), Leaf { product, versions: range(version) });
        Some(own)
    }

    /// The names of products, each once.
    fn names(&self, ids: Option<&Vec<Cow<'a, str>>>) -> BTreeSet<&str> {
        let leaves = ids.into_iter().flatten().filter_map(|id| self.leaves.get(id.as_ref()));
        let products = leaves.filter_map(|leaf| self.all.get(leaf.product));
        products.filter_map(|product| product.name.as_deref()).collect()
    }

    fn named(&self, id: &str) -> Option<(Product, Versions)> {
        let leaf = self.leaves.get(id)?;
        Some((self.all.get(leaf.product)?.clone(), leaf.versions.clone()))
    }
}

type Relation<'a> = (Cow<'a, str>, Vec<Cow<'a, str>>, FullName<'a>);

trait PutOn {
    fn put_on(&mut self, below: Product) -> bool;
}

impl PutOn for Product {
    /// Puts the lowest of a pile of products on another one, unless the pile is too high.
    fn put_on(&mut self, below: Product) -> bool {
        let mut lowest = self;
        for _ in 0..PRODUCTS_DEEP {
            match &mut lowest.on {
                Some(next) => lowest = next,
                empty => {
                    *empty = Some(Box::new(below));
                    return true;
                }
            }
        }
        false
    }
}

/// What the branches from the root down to here say.
#[derive(Debug, Clone, Default)]
struct Line {
    vendor: Option<String>,
    family: Option<String>,
    name: Option<String>,
    versions: Option<Versions>,
    platforms: Vec<String>,
}

impl Line {
    /// One branch further down (CSAF 2.0, section 3.1.2.2.2, "Branches Type - Category").
    fn with(&self, category: &str, name: &str) -> Line {
        let mut line = self.clone();
        let name = clipped(name);
        match category {
            "vendor" => line.vendor = Some(name),
            "product_family" => line.family = Some(joined(line.family, &name)),
            "product_name" => line.name = Some(name),
            // CISA writes ranges under either.
            "product_version" | "product_version_range" => line.versions = Some(range(name)),
            "service_pack" | "patch_level" => {
                if let Some(Versions::Text(version)) = &mut line.versions {
                    *version = format!("{version} {name}");
                } else {
                    line.name = Some(joined(line.name, &name));
                }
            }
            "architecture" | "platform" | "specification" => line.platforms.push(name),
            // Host name, language, legacy: not a matter of which product it is.
            _ => {}
        }
        line
    }
}

fn joined(above: Option<String>, name: &str) -> String {
    above.map_or_else(|| name.to_owned(), |above| format!("{above} {name}"))
}

fn range(name: String) -> Versions {
    if name.starts_with("vers:") { Versions::Vers(name) } else { Versions::Text(name) }
}

fn clipped(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARACTERS) {
        Some((end, _)) => name.get(..end).unwrap_or_default().to_owned(),
        None => name.to_owned(),
    }
}
