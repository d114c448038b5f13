//! For tests of this folder: advisories and bills in few words, verdicts as text.

use super::aliases::Aliases;
use super::catalogue::Catalogue;
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, Bound, CpeMatch, Node, Product, Statement, Status, Target, VersionRow,
    Versions,
};

pub(super) fn advisory(
    publisher: &str,
    vulnerability: &str,
    statements: Vec<Statement>,
) -> Advisory {
    let kind = match publisher {
        "override" => AdvisoryKind::Override,
        _ if publisher.starts_with("csaf:Red Hat") || publisher.starts_with("hospital:") => {
            AdvisoryKind::Vex
        }
        _ if publisher.starts_with("csaf") => AdvisoryKind::Advisory,
        _ => AdvisoryKind::Record,
    };
    Advisory { statements, ..Advisory::new(publisher, kind, vulnerability) }
}

pub(super) fn product(vendor: &str, name: &str) -> Product {
    Product { vendor: Some(vendor.to_owned()), name: Some(name.to_owned()), ..Product::default() }
}

pub(super) fn says(product: Product, default: Status, versions: Vec<VersionRow>) -> Statement {
    Statement { target: Target::Product(Box::new(product)), default, versions, justification: None }
}

pub(super) fn row(versions: Versions, status: Status) -> VersionRow {
    VersionRow { versions, status }
}

/// `1.0..2.0` excludes its end, `1.0..=2.0` includes it; either side may be empty.
pub(super) fn range(text: &str) -> Versions {
    scheme_range(text, None)
}

pub(super) fn scheme_range(text: &str, scheme: Option<&str>) -> Versions {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let inclusive = to.starts_with('=');
    let bound = |version: &str, inclusive| {
        (!version.is_empty()).then(|| Bound { version: version.to_owned(), inclusive })
    };
    Versions::Bounds {
        from: bound(from, true),
        to: bound(to.trim_start_matches('='), inclusive),
        scheme: scheme.map(str::to_owned),
    }
}

pub(super) fn configuration(node: Node) -> Statement {
    Statement {
        target: Target::Configuration(node),
        default: Status::Unknown,
        versions: Vec::new(),
        justification: None,
    }
}

/// `o:vendor:product:version` with an optional range behind a blank; `~` in front: not vulnerable itself.
pub(super) fn leaf(text: &str) -> Node {
    let vulnerable = !text.starts_with('~');
    let (name, versions) =
        text.trim_start_matches('~').split_once(' ').unwrap_or((text.trim_start_matches('~'), ""));
    let (from, to) = match range(versions) {
        Versions::Bounds { from, to, .. } if !versions.is_empty() => (from, to),
        _ => (None, None),
    };
    Node::Match(CpeMatch { cpe: format!("cpe:2.3:{name}"), vulnerable, from, to })
}

pub(super) fn any(leaves: &[&str]) -> Node {
    Node::Any(leaves.iter().map(|text| leaf(text)).collect())
}

/// `device Becton Dickinson | Alaris 8015 | 9.5`, also with `cpe:...` or `pkg:...` as the name.
pub(super) fn component(text: &str) -> Component {
    let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
    let kind = match kind {
        "device" => ComponentKind::Device,
        "system" => ComponentKind::System,
        "package" => ComponentKind::Package,
        _ => ComponentKind::Application,
    };
    let mut parts = rest.split('|').map(str::trim);
    let mut next = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
    let (vendor, name, version) = (next(), next().unwrap_or_default(), next());
    let mut component = Component::new(kind, name.clone());
    component.vendor = vendor;
    component.version = version;
    if name.starts_with("cpe:") {
        component.cpe = Some(name);
    } else if name.starts_with("pkg:") {
        component.purl = Some(name);
    }
    component
}

/// Every judgement on a bill, one a line.
#[track_caller]
pub(super) fn check(advisories: &[Advisory], bill: &[&str], expected: &[&str]) {
    check_with(advisories, "", bill, expected);
}

#[track_caller]
pub(super) fn check_with(advisories: &[Advisory], aliases: &str, bill: &[&str], expected: &[&str]) {
    let aliases = Aliases::parse(aliases).expect("an alias table");
    let catalogue = Catalogue::build(advisories, &aliases);
    let components: Vec<Component> = bill.iter().map(|text| component(text)).collect();
    let judgements = catalogue.judge(&components);
    let actual: Vec<String> = judgements.iter().map(in_words).collect();
    assert_eq!(actual, expected, "{judgements:#?}");
}

fn in_words(judgement: &Judgement) -> String {
    let verdict = match judgement.verdict {
        Verdict::Affected => "affected",
        Verdict::Possibly => "possibly",
        Verdict::NotAffected => "not affected",
    };
    let mut text = format!("{} {} {verdict}", judgement.component, judgement.vulnerability);
    if let Some(fact) = &judgement.missing_fact {
        text.push_str(": ");
        text.push_str(fact);
    }
    if let Some(version) = &judgement.fixed_in {
        text.push_str(", fixed in ");
        text.push_str(version);
    }
    text
}
