//! `exposome assess`: a site evaluated anew at a moment, in figures, with a digest of every answer.
//!
//! The same facts, rules and moment give the same digest on every machine: two that
//! differ have different facts or rules, and `exposome diff` says where.

use crate::cli::{Assess, Cli};
use crate::exit::Exit;
use crate::output::{List, column, hex};
use crate::state::{self, Standing};
use crate::{feeds, rules};
use anyhow::{Result, bail};
use exposome_engine::assess::count_by_outcome;
use exposome_engine::decide::Outcome;
use serde_json::json;
use sha2::{Digest as _, Sha256};

pub(crate) async fn run(cli: &Cli, arguments: &Assess) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let as_of = state::as_of(cli)?;
    feeds::status::say_gaps(&store, as_of).await?;
    let standing = state::standing(&store, &arguments.site, as_of).await?;
    store.close().await;
    if standing.claims.is_empty() {
        bail!(
            "nothing was known of site {:?} by {as_of}: an inventory comes first (exposome import FILE)",
            arguments.site
        );
    }
    let assessment = &standing.assessment;
    let counts = count_by_outcome(assessment);
    let count = |outcome| json!(counts.get(&outcome).unwrap_or(&0));
    // As much of a digest as tells two apart.
    let shown = |digest: [u8; 32]| json!(hex(digest.get(..8).unwrap_or_default()));
    let epss = standing.world.threats.epss_edition();
    let mut list = List::new(&[
        column("as_of", "as of"),
        column("assets", "assets"),
        column("exposures", "exposures"),
        column("act_now", "act now"),
        column("schedule", "schedule"),
        column("defer", "defer"),
        column("monitor", "monitor"),
        column("epss", "EPSS"),
        column("rules", "rules"),
        column("answers", "answers"),
    ]);
    list.push(vec![
        json!(as_of),
        json!(assessment.assets.len()),
        json!(assessment.exposed()),
        count(Outcome::ActNow),
        count(Outcome::Schedule),
        count(Outcome::Defer),
        count(Outcome::Monitor),
        json!(epss.map(|it| format!("{} of {}", it.score_date, it.model_version))),
        shown(rules::digest()),
        shown(digest(&standing)?),
    ]);
    list.print(arguments.rendering)?;
    Ok(Exit::Done)
}

/// Over who is there, what was judged of it with all its evidence, and what was decided.
fn digest(standing: &Standing) -> Result<[u8; 32]> {
    let assessment = &standing.assessment;
    let mut all = Sha256::new();
    let mut add = |answer: &serde_json::Value| {
        serde_json::to_vec(answer).map(|bytes| all.update(Sha256::digest(bytes)))
    };
    for state in &assessment.assets {
        add(&json!([state.asset.id, state.category, state.alike]))?;
    }
    for bill in &assessment.bills {
        add(&json!([bill.components, bill.judgements]))?;
    }
    for exposure in &assessment.exposures {
        let decision = assessment.decision(exposure);
        add(&json!([exposure.cohort, exposure.judgement, exposure.due, decision]))?;
    }
    Ok(all.finalize().into())
}
