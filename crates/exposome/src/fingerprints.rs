//! What gives a device away on the wire: the files of `rules/fingerprints`, embedded by the build script.

use anyhow::{Context as _, Result};
use exposome_wire::fingerprint::{Fingerprints, Makers};
use std::path::Path;

const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/fingerprints.rs"));

/// The rules, and the makers of network cards.
pub(crate) fn shipped() -> Result<Fingerprints> {
    let mut fingerprints = Fingerprints::default();
    for (name, text) in SHIPPED {
        if Path::new(name).extension().is_some_and(|it| it == "txt") {
            fingerprints.makers = Makers::parse(text)
                .with_context(|| format!("rules/fingerprints/{name} cannot be read"))?;
        } else {
            fingerprints.rules.add(name, text)?;
        }
    }
    Ok(fingerprints)
}
