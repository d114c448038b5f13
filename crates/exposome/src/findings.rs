//! `exposome findings`: what scanners report beside what we find; agreed, theirs only, ours only, each with its reason.

use crate::cli::{Cli, Findings};
use crate::exit::Exit;
use crate::output::{List, column, detail, note};
use crate::state;
use anyhow::{Result, bail};
use exposome_engine::agreement::{Agreement, Compared, compare};
use exposome_model::exposure::Verdict;
use exposome_model::inventory::FindingState;
use serde_json::json;

pub(crate) async fn run(cli: &Cli, arguments: &Findings) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let standing = state::standing(&store, &arguments.site, state::as_of(cli)?).await?;
    store.close().await;
    let compared = compare(&standing.claims, &standing.assessment, &standing.world);
    if compared.is_empty() {
        bail!(
            "no scanner's findings are known of site {:?}: import them first (exposome import FILE)",
            arguments.site
        );
    }
    let count = |wanted| compared.iter().filter(|it| it.agreement == wanted).count();
    let counts = Agreement::ALL.map(|it| format!("{} {}", count(it), it.words()));

    let mut list = List::new(&[
        column("agreement", "agreement"),
        column("source", "tool"),
        column("asset_id", "asset"),
        column("cause", "cause"),
        column("theirs", "the tool says"),
        column("ours", "we say"),
        column("reason", "reason"),
        detail("check"),
        detail("title"),
        detail("first_seen"),
        detail("last_seen"),
    ]);
    let wanted =
        |it: &&Compared<'_>| arguments.only.is_none_or(|only| only.agreement() == it.agreement);
    let mut shown: Vec<&Compared<'_>> = compared.iter().filter(wanted).collect();
    shown.sort_by_key(|it| it.agreement);
    let limit = if arguments.limit == 0 { usize::MAX } else { arguments.limit };
    for it in shown.iter().take(limit) {
        let asset = standing.assessment.assets.get(it.asset as usize);
        list.push(vec![
            json!(it.agreement.words()),
            json!(it.source),
            json!(asset.map(|state| &state.asset.id)),
            json!(it.cause),
            json!(it.theirs.map_or("not reported", |finding| in_words(finding.state))),
            json!(it.ours.map_or("nothing", verdict_in_words)),
            json!(it.reason),
            json!(it.theirs.and_then(|finding| finding.check.as_ref())),
            json!(it.theirs.and_then(|finding| finding.title.as_ref())),
            json!(it.theirs.and_then(|finding| finding.first_seen)),
            json!(it.theirs.and_then(|finding| finding.last_seen)),
        ]);
    }
    list.print(arguments.rendering)?;
    if shown.len() > limit {
        note(&format!("{limit} of {} lines; --limit 0 shows all", shown.len()));
    }
    note(&counts.join(", "));
    Ok(Exit::Done)
}

fn in_words(state: FindingState) -> &'static str {
    match state {
        FindingState::Open => "open",
        FindingState::Fixed => "fixed",
        FindingState::Suppressed => "suppressed",
    }
}

fn verdict_in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Affected => "affected",
        Verdict::Possibly => "possibly",
        Verdict::NotAffected => "not affected",
    }
}
