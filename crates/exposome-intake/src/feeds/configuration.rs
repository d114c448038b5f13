//! Configurations: which combination of products a vulnerability needs.
//!
//! NVD CVE API 2.0 (`configurations`) and CVE 5.1 (`cpeApplicability`) share
//! one shape: a list of which any may hold; in each, nodes joined by AND or OR;
//! in each node, CPE matches joined by AND or OR; either may be negated.

use crate::json;
use exposome_model::knowledge::{Bound, CpeMatch, Node, Statement, Status, Target};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Configuration {
    operator: Option<Operator>,
    negate: Option<bool>,
    #[serde(default, deserialize_with = "json::list")]
    nodes: Vec<Nodes>,
}

#[derive(Debug, Deserialize)]
struct Nodes {
    operator: Option<Operator>,
    negate: Option<bool>,
    #[serde(default, rename = "cpeMatch", deserialize_with = "json::list")]
    matches: Vec<Match>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) enum Operator {
    #[serde(rename = "AND", alias = "and")]
    And,
    #[serde(rename = "OR", alias = "or")]
    Or,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Match {
    vulnerable: bool,
    /// NVD 1.1 calls it `cpe23Uri`.
    #[serde(alias = "cpe23Uri")]
    criteria: String,
    version_start_including: Option<String>,
    version_start_excluding: Option<String>,
    version_end_including: Option<String>,
    version_end_excluding: Option<String>,
}

/// One statement for each configuration: where it holds, the asset is affected.
pub(crate) fn statements(configurations: Vec<Configuration>) -> impl Iterator<Item = Statement> {
    configurations.into_iter().filter_map(Configuration::node).map(statement)
}

pub(crate) fn statement(node: Node) -> Statement {
    Statement {
        target: Target::Configuration(node),
        default: Status::Affected,
        versions: Vec::new(),
        justification: None,
    }
}

impl Configuration {
    fn node(self) -> Option<Node> {
        let nodes = self.nodes.into_iter().filter_map(Nodes::node).collect();
        joined(self.operator, self.negate, nodes)
    }
}

impl Nodes {
    fn node(self) -> Option<Node> {
        let matches = self.matches.into_iter().map(Match::node).collect();
        joined(self.operator, self.negate, matches)
    }
}

impl Match {
    pub(crate) fn node(self) -> Node {
        let from = bound(self.version_start_including, self.version_start_excluding);
        let to = bound(self.version_end_including, self.version_end_excluding);
        Node::Match(CpeMatch { cpe: self.criteria, vulnerable: self.vulnerable, from, to })
    }
}

/// Without an operator there is one node, or any of several may hold.
pub(crate) fn joined(
    operator: Option<Operator>,
    negate: Option<bool>,
    mut nodes: Vec<Node>,
) -> Option<Node> {
    let node = match (operator, nodes.len()) {
        (_, 0) => return None,
        (_, 1) => nodes.pop()?,
        (Some(Operator::And), _) => Node::All(nodes),
        (Some(Operator::Or) | None, _) => Node::Any(nodes),
    };
    Some(if negate == Some(true) { Node::Not(Box::new(node)) } else { node })
}

fn bound(including: Option<String>, excluding: Option<String>) -> Option<Bound> {
    match (including, excluding) {
        (Some(version), _) => Some(Bound { version, inclusive: true }),
        (None, Some(version)) => Some(Bound { version, inclusive: false }),
        (None, None) => None,
    }
}
