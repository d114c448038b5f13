//! The rules by which a site is assessed: texts, known by their digest.
//!
//! What ships with the program is embedded in it.  A version of the rules is all texts
//! together; another text in any of them is another version.

use exposome_engine::assess::Rules;
use exposome_engine::category::{self, Categories};
use exposome_engine::deadline::Deadlines;
use exposome_engine::decide::{self, Policy};
use exposome_engine::deployer::Deployer;
use exposome_engine::expose::aliases::{self, Aliases};
use exposome_engine::metrics::{self, Metrics};
use exposome_engine::people::{People, Word};
use exposome_model::fact::FactId;
use exposome_score::ssvc;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A file of `rules/` with its name there.
macro_rules! rule {
    ($path:literal) => {
        ($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/", $path)))
    };
}

const SHIPPED: &[(&str, &str)] = &[
    rule!("categories/categories.toml"),
    rule!("categories/metrics.toml"),
    rule!("categories/areas.toml"),
    rule!("policies/default.toml"),
    rule!("ssvc/cisa_bod_26_04.csv"),
    rule!("ssvc/deployer.csv"),
];

/// Every file of `rules/aliases`, embedded by the build script.
const ALIASES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/aliases.rs"));

/// Where the alias tables stand among the texts.
const ALIAS_FOLDER: &str = "aliases/";

/// The name of the text that decides.
const POLICY: &str = "policies/default.toml";

/// SHA-256 over all texts and their names.
pub type Digest = [u8; 32];

/// A version of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruleset {
    texts: BTreeMap<String, String>,
}

/// Why rules cannot be used, and in which text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the rules lack {name}")]
    Missing { name: &'static str },
    #[error("rules/{name} cannot be read")]
    Aliases { name: String, source: aliases::Error },
    #[error("rules/categories/categories.toml cannot be read")]
    Categories(#[source] category::Error),
    #[error("rules/categories/metrics.toml or areas.toml cannot be read")]
    Metrics(#[source] metrics::Error),
    #[error("the policy cannot be read")]
    Policy(#[source] decide::Error),
    #[error("rules/{name} cannot be read")]
    Table { name: &'static str, source: ssvc::Error },
}

impl Ruleset {
    /// What this program was built with.
    pub fn shipped() -> Ruleset {
        let aliases = ALIASES.iter().map(|(name, text)| (format!("{ALIAS_FOLDER}{name}"), *text));
        let others = SHIPPED.iter().map(|(name, text)| ((*name).to_owned(), *text));
        Ruleset {
            texts: aliases.chain(others).map(|(name, text)| (name, text.to_owned())).collect(),
        }
    }

    /// A version that was kept.
    pub fn of(texts: BTreeMap<String, String>) -> Ruleset {
        Ruleset { texts }
    }

    /// The texts by their names.
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// The same rules, decided by another policy.
    #[must_use]
    pub fn with_policy(mut self, text: String) -> Ruleset {
        self.texts.insert(POLICY.to_owned(), text);
        self
    }

    /// The text that decides.
    pub fn policy(&self) -> Option<&str> {
        self.texts.get(POLICY).map(String::as_str)
    }

    /// The names of the texts that are others than in an earlier version, or gone.
    pub fn changed_from<'a>(&'a self, earlier: &'a Ruleset) -> Vec<&'a str> {
        let names: BTreeSet<&String> = self.texts.keys().chain(earlier.texts.keys()).collect();
        let is_other = |name: &&String| self.texts.get(*name) != earlier.texts.get(*name);
        names.into_iter().filter(is_other).map(String::as_str).collect()
    }

    pub fn digest(&self) -> Digest {
        let all = self.texts.iter().fold(Sha256::new(), |all, (name, text)| {
            all.chain_update(Sha256::digest(name)).chain_update(Sha256::digest(text))
        });
        all.finalize().into()
    }

    pub fn rules(&self) -> Result<Rules, Error> {
        let categories = Categories::parse(self.text("categories/categories.toml")?);
        let categories = categories.map_err(Error::Categories)?;
        let metrics = self.text("categories/metrics.toml")?;
        let areas = self.text("categories/areas.toml")?;
        let metrics = Metrics::parse(metrics, areas, &categories).map_err(Error::Metrics)?;
        let policy = Policy::parse(self.text(POLICY)?).map_err(Error::Policy)?;
        let table = |name| move |source| Error::Table { name, source };
        let (directive, deployer) = ("ssvc/cisa_bod_26_04.csv", "ssvc/deployer.csv");
        let deadlines = Deadlines::parse(self.text(directive)?).map_err(table(directive))?;
        let deployer = Deployer::parse(self.text(deployer)?).map_err(table(deployer))?;
        Ok(Rules { categories, metrics, policy, deadlines, deployer })
    }

    pub fn aliases(&self) -> Result<Aliases, Error> {
        let tables = self.texts.iter().filter(|(name, _)| name.starts_with(ALIAS_FOLDER));
        tables.into_iter().try_fold(Aliases::default(), |all, (name, text)| {
            let read = |source| Error::Aliases { name: name.clone(), source };
            Ok(all.join(Aliases::parse(text).map_err(read)?))
        })
    }

    fn text(&self, name: &'static str) -> Result<&str, Error> {
        self.texts.get(name).map(String::as_str).ok_or(Error::Missing { name })
    }
}

/// The rules that ship with the program, read once.
pub fn shipped() -> Result<&'static Arc<Rules>, Error> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    match RULES.get() {
        Some(rules) => Ok(rules),
        None => Ruleset::shipped().rules().map(|rules| RULES.get_or_init(|| Arc::new(rules))),
    }
}

/// The rules that hold for a site at a moment.
#[derive(Debug, Clone)]
pub struct InForce {
    pub ruleset: Ruleset,
    pub rules: Arc<Rules>,
    /// The decision by which the policy was adopted, and its number; none: it ships with the program.
    pub adopted: Option<(u64, Word)>,
}

impl InForce {
    /// Those of this program alone.
    pub fn shipped() -> Result<InForce, Error> {
        InForce::at(&People::default())
    }

    /// The rules of this program, with the policy that people have adopted.
    pub fn at(people: &People) -> Result<InForce, Error> {
        let Some((number, word, text)) = people.policy() else {
            let (ruleset, rules) = (Ruleset::shipped(), shipped()?.clone());
            return Ok(InForce { ruleset, rules, adopted: None });
        };
        let adopted = Some((number, word.clone()));
        let ruleset = Ruleset::shipped().with_policy(text.to_owned());
        Ok(InForce { adopted, ..InForce::of(ruleset)? })
    }

    pub fn of(ruleset: Ruleset) -> Result<InForce, Error> {
        let rules = Arc::new(ruleset.rules()?);
        Ok(InForce { ruleset, rules, adopted: None })
    }

    /// The name of what decides: the decision that adopted it, or the text of the program.
    pub fn policy_fact(&self) -> FactId {
        let adopted = self.adopted.as_ref().map(|(number, _)| FactId::decision(*number));
        adopted.unwrap_or_else(|| FactId::rules(POLICY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_text_is_another_version() {
        let shipped = Ruleset::shipped();
        assert_eq!(shipped.digest(), Ruleset::of(shipped.texts().clone()).digest());
        let policy = shipped.text(POLICY).unwrap().replace("schedule = 30", "schedule = 31");
        let other = shipped.clone().with_policy(policy);
        assert_ne!(shipped.digest(), other.digest());
        assert_eq!(other.rules().unwrap().policy.clock_days(decide::Outcome::Schedule), Some(31));
    }

    #[test]
    fn rules_with_a_part_missing_are_refused_by_name() {
        let mut texts = Ruleset::shipped().texts().clone();
        texts.remove("ssvc/deployer.csv");
        let error = Ruleset::of(texts).rules().unwrap_err();
        assert_eq!(error.to_string(), "the rules lack ssvc/deployer.csv");
    }

    #[test]
    fn every_alias_table_is_embedded() {
        let shipped = Ruleset::shipped();
        assert!(shipped.texts().keys().filter(|it| it.starts_with(ALIAS_FOLDER)).count() >= 4);
        assert!(shipped.aliases().is_ok());
    }
}
