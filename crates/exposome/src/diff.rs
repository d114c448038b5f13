//! `exposome diff`: what stands elsewhere between two moments, and which fact moved it.

use crate::cli::{Cli, Diff, Rendering};
use crate::exit::Exit;
use crate::output::{List, column, detail, say};
use crate::worklist::day;
use crate::{clock, rules, state};
use anyhow::{Result, bail};
use exposome_engine::decide::Outcome;
use exposome_engine::moves::{Move, Stand, moves};
use exposome_engine::world::Sight;
use jiff::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) async fn run(cli: &Cli, arguments: &Diff) -> Result<Exit> {
    let from = clock::read(&arguments.from)?;
    let to = arguments.to.as_deref().map_or_else(|| state::as_of(cli), clock::read)?;
    if to < from {
        bail!("--to {to} lies before --from {from}: change the two");
    }
    let store = state::open_to_ask(cli).await?;
    let before = state::standing(&store, &arguments.site, from).await?;
    let after = state::standing(&store, &arguments.site, to).await?;
    store.close().await;
    let limits = rules::rules()?.policy.thresholds;
    let sight = |standing: &state::Standing, at| Sight::of(&standing.world.feed_dates, limits, at);
    let sides = [(&before, sight(&before, from)), (&after, sight(&after, to))];
    let [one, other] = sides.map(|(standing, sight)| standing.side(sight));
    print(&moves(one, other), to, arguments.rendering)
}

/// Everything that moved, and how much of each class.
pub(crate) fn print(moves: &[Move], now: Timestamp, rendering: Rendering) -> Result<Exit> {
    let mut list = List::new(&[
        column("assets", "devices"),
        column("category", "class"),
        column("before", "before"),
        column("after", "after"),
        column("due", "due"),
        column("component", "component"),
        column("vulnerability", "vulnerability"),
        column("why", "because of"),
        detail("late"),
        detail("asset_ids"),
    ]);
    for it in moves {
        let due = it.after.as_ref().and_then(|it| it.due).map(day);
        let why = if it.why.is_empty() { "the policy".to_owned() } else { it.why.join("; ") };
        list.push(vec![
            json!(it.assets.len()),
            json!(it.category),
            json!(words(it.before.as_ref())),
            json!(words(it.after.as_ref())),
            json!(due),
            json!(it.component),
            json!(it.vulnerability),
            json!(why),
            json!(it.is_late(now)),
            json!(it.assets),
        ]);
    }
    list.print(rendering)?;
    if !rendering.json && !rendering.csv {
        summary(moves, now)?;
    }
    Ok(Exit::Done)
}

fn words(stand: Option<&Stand>) -> &'static str {
    stand.map_or("not exposed", |it| it.outcome.words())
}

/// How many exposures went from where to where, by class, and how many would be late at once.
fn summary(moves: &[Move], now: Timestamp) -> Result<()> {
    let mut counts: BTreeMap<(&str, Option<Outcome>, Option<Outcome>), usize> = BTreeMap::new();
    for it in moves {
        let outcome = |stand: &Option<Stand>| stand.as_ref().map(|it| it.outcome);
        let class = it.category.as_deref().unwrap_or("not known");
        *counts.entry((class, outcome(&it.before), outcome(&it.after))).or_default() +=
            it.assets.len();
    }
    let total: usize = counts.values().sum();
    say(&format!("\n{total} exposures stand elsewhere."))?;
    let word = |outcome: Option<Outcome>| outcome.map_or("not exposed", Outcome::words);
    for ((class, before, after), count) in counts {
        let words = match (before, after) {
            (before, after) if before == after => {
                format!("{} with another day", word(after))
            }
            _ => format!("{} -> {}", word(before), word(after)),
        };
        say(&format!("  {class:<10} {count:>6}  {words}"))?;
    }
    let late: usize = moves.iter().filter(|it| it.is_late(now)).map(|it| it.assets.len()).sum();
    if late > 0 {
        say(&format!("{late} of them would be late on the day they are set."))?;
    }
    Ok(())
}
