//! The rules that ship with the program, read once.

use anyhow::{Context as _, Result};
use exposome_engine::assess::Rules;
use exposome_engine::category::Categories;
use exposome_engine::deadline::Deadlines;
use exposome_engine::decide::Policy;
use exposome_engine::deployer::Deployer;
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::metrics::Metrics;
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;

/// A file of `rules/`, embedded.
macro_rules! rule {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/", $path))
    };
}

/// Every file of `rules/aliases`, embedded by the build script.
const ALIASES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/aliases.rs"));

pub(crate) fn aliases() -> Result<Aliases> {
    ALIASES.iter().try_fold(Aliases::default(), |all, (name, text)| {
        let aliases =
            Aliases::parse(text).with_context(|| format!("rules/aliases/{name} cannot be read"))?;
        Ok(all.join(aliases))
    })
}

const CATEGORIES: &str = rule!("categories/categories.toml");
const METRICS: &str = rule!("categories/metrics.toml");
const AREAS: &str = rule!("categories/areas.toml");
const POLICY: &str = rule!("policies/default.toml");
const DEADLINES: &str = rule!("ssvc/cisa_bod_26_04.csv");
const DEPLOYER: &str = rule!("ssvc/deployer.csv");

/// A digest over the text of every rule in force.
pub(crate) fn digest() -> [u8; 32] {
    let others = [CATEGORIES, METRICS, AREAS, POLICY, DEADLINES, DEPLOYER];
    let texts = ALIASES.iter().map(|(_, text)| *text).chain(others);
    texts.fold(Sha256::new(), |all, text| all.chain_update(Sha256::digest(text))).finalize().into()
}

/// The rules in force; they are parsed the first time somebody asks.
pub(crate) fn rules() -> Result<&'static Rules> {
    static RULES: OnceLock<Rules> = OnceLock::new();
    match RULES.get() {
        Some(rules) => Ok(rules),
        None => parsed().map(|rules| RULES.get_or_init(|| rules)),
    }
}

/// The rules in force with another policy.
pub(crate) fn with(policy: Policy) -> Result<Rules> {
    Ok(Rules { policy, ..parsed()? })
}

fn parsed() -> Result<Rules> {
    let categories = Categories::parse(CATEGORIES).context("rules/categories cannot be read")?;
    let metrics = Metrics::parse(METRICS, AREAS, &categories)
        .context("rules/categories/metrics.toml or areas.toml cannot be read")?;
    let policy = Policy::parse(POLICY).context("rules/policies/default.toml cannot be read")?;
    let deadlines =
        Deadlines::parse(DEADLINES).context("rules/ssvc/cisa_bod_26_04.csv cannot be read")?;
    let deployer = Deployer::parse(DEPLOYER).context("rules/ssvc/deployer.csv cannot be read")?;
    Ok(Rules { categories, metrics, policy, deadlines, deployer })
}
