//! NVD configurations, and the overrides that replace them, as claims.
//!
//! Each vulnerable name is a claim of its own; what must be around it is a tree beside
//! the claim (NVD CVE API 2.0, `configurations`; `around.rs` walks it).  Three habits
//! of the publishers are read as they are meant: firmware that is not called like its
//! device, several ranges that only end, and names of one product joined by AND.

use super::{About, Before, Catalogue, Claim, Tree, TreeNode, number};
use crate::expose::interned::{Word, Words};
use crate::expose::near_names::registry;
use crate::expose::record_text;
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, CpeMatch, Node, Product, Statement, Status, Target,
};
use exposome_model::version::Scheme;
use std::collections::{BTreeMap, BTreeSet};

impl Catalogue {
    pub(super) fn add_configuration(&mut self, before: &Before<'_>, node: &Node) {
        let alternatives =
            (before.advisory.kind == AdvisoryKind::Override).then(|| one_of_the_vulnerable(node));
        let node = alternatives.as_ref().unwrap_or(node);
        let mut nodes = Vec::new();
        self.flatten(node, &mut nodes, before.open_ends, 0);
        let stands_alone = nodes.iter().all(|node| {
            matches!(node, TreeNode::Any { .. } | TreeNode::Match { vulnerable: true, .. })
        });
        let standing = self.standing(before.advisory, &Product::default());
        let matches: Vec<(u32, u32)> = nodes
            .iter()
            .filter_map(|node| match *node {
                TreeNode::Match { cpe, row, vulnerable: true } => Some((cpe, row)),
                _ => None,
            })
            .collect();
        let strangers = self.firmware_by_another_name(&nodes);
        let tree = if stands_alone || matches.is_empty() {
            0
        } else {
            let programs =
                wants_several(node) || nodes.iter().any(|node| self.is_other_program(*node));
            if programs {
                self.want(&nodes);
            }
            self.trees.push(Tree { nodes, programs });
            number(self.trees.len())
        };
        for (cpe, row) in matches {
            let Some(pattern) = self.cpes.get(cpe as usize) else { continue };
            let of_devices = strangers.iter().filter(|(firmware, _)| *firmware == pattern.key);
            let of_devices = of_devices.map(|(_, device)| *device);
            let keys = pattern.keys().chain(of_devices);
            let claim = Claim {
                vulnerability: before.vulnerability,
                document: before.document,
                about: About::Cpe(cpe),
                rows: (row, 1),
                default: Status::Unknown,
                standing,
                scope: 0,
                tree,
            };
            let place = number(self.claims.len());
            self.claims.push(claim);
            for key in keys {
                self.filed.add(key.0, place);
            }
        }
    }

    /// Firmware that is not called like its device (`merlin@home_firmware` on `merlin@home_ex1150`), with
    /// each device of the configuration that has no firmware of its own name.
    fn firmware_by_another_name(&self, nodes: &[TreeNode]) -> Vec<(Word, Word)> {
        let keys = |wanted: bool, part: u8| -> BTreeSet<Word> {
            let cpe = |node: &TreeNode| match *node {
                TreeNode::Match { cpe, vulnerable, .. } if vulnerable == wanted => {
                    self.cpes.get(cpe as usize)
                }
                _ => None,
            };
            nodes.iter().filter_map(cpe).filter(|cpe| cpe.part == part).map(|cpe| cpe.key).collect()
        };
        let devices = keys(false, b'h');
        if devices.is_empty() {
            return Vec::new();
        }
        let firmware = keys(true, b'o');
        let strangers = firmware.difference(&devices);
        strangers.flat_map(|one| devices.difference(&firmware).map(|of| (*one, *of))).collect()
    }

    fn want(&mut self, nodes: &[TreeNode]) {
        for node in nodes {
            let TreeNode::Match { cpe, .. } = node else { continue };
            self.wanted.extend(
                self.cpes.get(*cpe as usize).filter(|cpe| cpe.part == b'a').map(|cpe| cpe.key),
            );
        }
    }

    fn is_other_program(&self, node: TreeNode) -> bool {
        let TreeNode::Match { cpe, vulnerable: false, .. } = node else { return false };
        self.cpes.get(cpe as usize).is_some_and(|cpe| cpe.part == b'a')
    }

    /// Writes a configuration in reading order; past [`DEEPEST`] levels nothing is read.
    fn flatten(
        &mut self,
        node: &Node,
        nodes: &mut Vec<TreeNode>,
        open_ends: &BTreeMap<&str, Vec<String>>,
        depth: u32,
    ) {
        let place = nodes.len();
        match node {
            _ if depth > DEEPEST => {}
            Node::Match(one) => nodes.extend(self.leaf(one, open_ends)),
            Node::Not(inner) => {
                nodes.push(TreeNode::Not);
                self.flatten(inner, nodes, open_ends, depth + 1);
                if nodes.len() == place + 1 {
                    nodes.truncate(place);
                }
            }
            Node::All(inner) | Node::Any(inner) => {
                nodes.push(TreeNode::Not);
                for node in inner {
                    self.flatten(node, nodes, open_ends, depth + 1);
                }
                let len = number(nodes.len() - place - 1);
                let head = if matches!(node, Node::All(_)) {
                    TreeNode::All { nodes: len }
                } else {
                    TreeNode::Any { nodes: len }
                };
                match nodes.get_mut(place) {
                    Some(first) if len > 0 => *first = head,
                    _ => nodes.truncate(place),
                }
            }
        }
    }

    fn leaf(
        &mut self,
        one: &CpeMatch,
        open_ends: &BTreeMap<&str, Vec<String>>,
    ) -> Option<TreeNode> {
        let cpe = self.cpe(&one.cpe)?;
        let pattern = self.cpes.get(cpe as usize)?;
        // Bounds apply only where the name itself gives no version (NVD CVE API 2.0).
        let bounded = pattern.version == Words::NONE || pattern.windows.is_some();
        let (from, to) = if bounded { (one.from.as_ref(), one.to.as_ref()) } else { (None, None) };
        let target = Some(pattern.target_sw).filter(|target| *target != Words::NONE);
        let registry = target.and_then(|target| registry(self.words.get(target)));
        let hint = match registry {
            _ if pattern.windows.is_some() => Some(Scheme::Windows),
            Some("maven") => Some(Scheme::Maven),
            Some("pypi") => Some(Scheme::Pypi),
            _ => None,
        };
        let ends = open_ends
            .get(one.cpe.as_str())
            .filter(|_| from.is_none() && hint != Some(Scheme::Windows));
        let begin = ends.zip(to).and_then(|(ends, to)| record_text::beginning(&to.version, ends));
        let row = self.rows.add_bounds(from.or(begin.as_ref()), to, hint);
        Some(TreeNode::Match { cpe, row, vulnerable: one.vulnerable })
    }
}

/// Whether several vulnerable things must come together.
fn wants_several(node: &Node) -> bool {
    match node {
        Node::All(inner) => {
            inner.iter().filter(|node| names_vulnerable(node)).count() > 1
                || inner.iter().any(wants_several)
        }
        Node::Any(inner) => inner.iter().any(wants_several),
        Node::Not(inner) => wants_several(inner),
        Node::Match(_) => false,
    }
}

fn names_vulnerable(node: &Node) -> bool {
    match node {
        Node::All(inner) | Node::Any(inner) => inner.iter().any(names_vulnerable),
        Node::Not(inner) => names_vulnerable(inner),
        Node::Match(one) => one.vulnerable,
    }
}

/// The ends of ranges that have no beginning, of each CPE name that has more than one.  Where a
/// configuration asks for a platform, each end is for a platform and not for a release line.
pub(super) fn open_ends(advisory: &Advisory) -> BTreeMap<&str, Vec<String>> {
    fn gather<'a>(node: &'a Node, ends: &mut BTreeMap<&'a str, Vec<String>>, depth: u32) {
        match node {
            Node::Any(nodes) if depth < DEEPEST => {
                for node in nodes {
                    gather(node, ends, depth + 1);
                }
            }
            Node::Match(CpeMatch { cpe, vulnerable: true, from: None, to: Some(to) }) => {
                let ends = ends.entry(cpe).or_default();
                if !ends.contains(&to.version) && ends.len() < MOST_ENDS {
                    ends.push(to.version.clone());
                }
            }
            _ => {}
        }
    }
    let mut ends = BTreeMap::new();
    let asks_platform = |statement: &Statement| {
        matches!(statement.target, Target::Configuration(Node::All(_) | Node::Not(_)))
    };
    if advisory.statements.iter().any(asks_platform) {
        return ends;
    }
    for statement in &advisory.statements {
        if let Target::Configuration(node) = &statement.target {
            gather(node, &mut ends, 0);
        }
    }
    ends.retain(|_, ends| ends.len() > 1);
    ends
}

/// No product has more release lines that are mended one by one.
const MOST_ENDS: usize = 64;

/// The overrides give the names of one product a node each, and join them by AND with what it runs on:
/// one of the names is enough.
fn one_of_the_vulnerable(node: &Node) -> Node {
    fn vulnerable(node: &Node, depth: u32) -> bool {
        match node {
            Node::Match(one) => one.vulnerable,
            Node::Any(nodes) | Node::All(nodes) if depth < DEEPEST => {
                nodes.iter().all(|node| vulnerable(node, depth + 1))
            }
            _ => false,
        }
    }
    let Node::All(nodes) = node else { return node.clone() };
    let (mut names, mut rest): (Vec<Node>, Vec<Node>) =
        nodes.iter().cloned().partition(|node| vulnerable(node, 0));
    rest.extend(if names.len() > 1 { Some(Node::Any(names)) } else { names.pop() });
    Node::All(rest)
}

/// NVD nests twice; a document that nests further is not read there.
const DEEPEST: u32 = 16;
