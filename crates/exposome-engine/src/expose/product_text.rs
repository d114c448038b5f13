//! Product names in free text: is the thing on the ward the thing the advisory means?
//!
//! CISA's medical advisories name products in prose only: no CPE, no PURL, no
//! model number in a field of its own.  A [`ProductPattern`] is such a name, read
//! once; a [`ComponentName`] is what an inventory calls its own thing, read once.

use super::aliases::Aliases;
use exposome_model::exposure::Confidence;
use exposome_model::inventory::Component;
use exposome_model::knowledge::Product;

/// A product as an advisory names it, ready to be held against an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductPattern {
    words: Vec<String>,
}

/// What an inventory calls a component, normalised once and used for many patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentName {
    words: Vec<String>,
}

/// Whether a component is the product that a pattern means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognition {
    Same {
        confidence: Confidence,
        because: String,
    },
    /// The line is recognised, one fact is missing: `model number`, `option: wireless`.
    Possibly {
        missing_fact: String,
        confidence: Confidence,
        because: String,
    },
    /// Recognised, and the text leaves it out: another model of the line, another option.
    Excluded {
        because: String,
    },
    Different,
}

impl ProductPattern {
    pub fn read(product: &Product, aliases: &Aliases) -> ProductPattern {
        let _ = aliases;
        ProductPattern { words: words(product.name.as_deref().unwrap_or_default()) }
    }

    /// Index keys to file the pattern under; a component that it may recognise shares at least one of them.
    pub fn keys(&self) -> Vec<String> {
        self.words.first().cloned().into_iter().collect()
    }

    /// `bill`: everything on the same asset, for options, modules and the system below.
    pub fn recognise(
        &self,
        name: &ComponentName,
        component: &Component,
        bill: &[Component],
    ) -> Recognition {
        let _ = (component, bill);
        if self.words.iter().all(|word| name.words.contains(word)) {
            let because = format!("every word of \"{}\" stands in the name", self.words.join(" "));
            return Recognition::Same { confidence: Confidence::Medium, because };
        }
        Recognition::Different
    }
}

impl ComponentName {
    pub fn read(component: &Component, aliases: &Aliases) -> ComponentName {
        let _ = aliases;
        ComponentName { words: words(&component.name) }
    }

    /// Index keys to look up; see [`ProductPattern::keys`].
    pub fn keys(&self) -> Vec<String> {
        self.words.clone()
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
