//! A fact by its name: what a conclusion rests on is found again under it.

use crate::inventory::Attribute;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a fact: what kind it is, and its key, with colons between.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FactId(String);

impl FactId {
    /// What a source says of one attribute of a subject: `claim:cmms:A1:location`.
    pub fn claim(source: &str, subject: &str, attribute: Attribute) -> FactId {
        FactId(format!("claim:{source}:{subject}:{}", attribute.name()))
    }

    /// Everything that a source said at a moment: `import:cmms:2026-08-16T09:00:00Z`.
    pub fn import(source: &str, recorded_at: jiff::Timestamp) -> FactId {
        FactId(format!("import:{source}:{recorded_at}"))
    }

    /// The source, where it is everything that one said at a moment.
    pub fn imported_from(&self) -> Option<&str> {
        // The moment has two colons of its own.
        self.0.strip_prefix("import:")?.rsplitn(4, ':').nth(3)
    }

    /// What a document says of a vulnerability: `advisory:csaf:CISA:ICSMA-20-023-01:CVE-2020-6961`.
    pub fn advisory(publisher: &str, document: &str, vulnerability: &str) -> FactId {
        FactId(format!("advisory:{publisher}:{document}:{vulnerability}"))
    }

    /// An entry of CISA's list: `kev:CVE-2020-6961`.
    pub fn kev(vulnerability: &str) -> FactId {
        FactId(format!("kev:{vulnerability}"))
    }

    /// A public exploit by its name: `exploit:CVE-2020-6961:exploit/multi/http/x`.
    pub fn exploit(vulnerability: &str, name: &str) -> FactId {
        FactId(format!("exploit:{vulnerability}:{name}"))
    }

    /// A day's score: `epss:2026-08-15:CVE-2020-6961`.
    pub fn epss(score_date: jiff::civil::Date, vulnerability: &str) -> FactId {
        FactId(format!("epss:{score_date}:{vulnerability}"))
    }

    /// How old a feed is: `feed:kev`.
    pub fn feed(feed: &str) -> FactId {
        FactId(format!("feed:{feed}"))
    }

    /// What a person decided, by its number: `decision:4`.
    pub fn decision(number: u64) -> FactId {
        FactId(format!("decision:{number}"))
    }

    /// A text of the rules: `rules:categories/metrics.toml`.
    pub fn rules(name: &str) -> FactId {
        FactId(format!("rules:{name}"))
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_with_colons_in_its_name_is_found_again() {
        let at = "2026-08-16T09:00:00.5Z".parse().unwrap();
        let fact = FactId::import("sbom:mirth.json", at);
        assert_eq!(fact.to_string(), "import:sbom:mirth.json:2026-08-16T09:00:00.5Z");
        assert_eq!(fact.imported_from(), Some("sbom:mirth.json"));
        assert_eq!(FactId::kev("CVE-2020-1").imported_from(), None);
    }
}
