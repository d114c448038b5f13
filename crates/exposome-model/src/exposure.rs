//! What is wrong with an asset, how sure that is, and how we know.

use serde::{Deserialize, Serialize};

/// Whether a vulnerability concerns a component as installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    NotAffected,
    /// One named fact is missing; until it is known the answer stays open.
    Possibly,
    Affected,
}

/// How far the evidence carries a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Product or version was read from free text, or a name was matched loosely.
    Low,
    /// Product by curated alias or unambiguous name, version by an ordered range.
    Medium,
    /// Product by identifier (CPE, PURL, model number), version by an ordered range or exact.
    High,
}

/// A judgement on one (component, vulnerability) pair of one bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Index of the component in the bill that was judged.
    pub component: u32,
    pub vulnerability: String,
    pub verdict: Verdict,
    pub confidence: Confidence,
    /// The fact that would settle a `Possibly`: `firmware version`, `option: wireless`.
    pub missing_fact: Option<String>,
    pub evidence: Vec<Evidence>,
    /// The first version that is said to be free of it.
    pub fixed_in: Option<String>,
}

/// One document's part in a judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub publisher: String,
    pub document: String,
    /// How product and version were held against each other, in words.
    pub because: String,
}
