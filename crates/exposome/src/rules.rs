//! The rules that ship with the program, read once.

use anyhow::{Context as _, Result};
use exposome_engine::assess::Rules;
use exposome_engine::category::Categories;
use exposome_engine::deadline::Deadlines;
use exposome_engine::decide::Policy;
use exposome_engine::expose::aliases::Aliases;

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

pub(crate) fn rules() -> Result<Rules> {
    let categories = Categories::parse(rule!("categories/categories.toml"))
        .context("rules/categories cannot be read")?;
    let policy = Policy::parse(rule!("policies/default.toml"))
        .context("rules/policies/default.toml cannot be read")?;
    let deadlines = Deadlines::parse(rule!("ssvc/cisa_bod_26_04.csv"))
        .context("rules/ssvc/cisa_bod_26_04.csv cannot be read")?;
    Ok(Rules { categories, policy, deadlines })
}
