//! `exposome diff`: what stands elsewhere between two moments, and which fact moved it; and what documents would move
//! that nobody has taken yet.

use crate::cli::{Cli, Diff, Rendering};
use crate::exit::Exit;
use crate::output::{List, column, detail, note, say};
use crate::worklist::day;
use crate::{clock, state};
use anyhow::{Context as _, Result, bail};
use exposome_engine::decide::Outcome;
use exposome_engine::moves::{Move, Sides, Stand, moves};
use exposome_model::transition::Reason;
use exposome_site::record::policy;
use exposome_store::Store;
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
    let policy = policy(&before.in_force, &after.in_force);
    let sides = Sides { concluded: None, before: Some(before.side()), after: after.side() };
    print(&moves(sides, &[], policy.as_slice()), to, arguments.rendering)
}

/// What a change would move, at one site or at all: it is made to a copy of the records, which is thrown away.
pub(crate) async fn of_candidate(
    cli: &Cli,
    (site, rendering): (Option<&str>, Rendering),
    change: impl AsyncFnOnce(&Store) -> Result<Exit>,
) -> Result<Exit> {
    if cli.as_of.is_some() {
        bail!("what documents would move is told of this moment: leave --as-of out");
    }
    if cli.database.is_some() {
        bail!(
            "the records are in PostgreSQL: make a copy with createdb --template, name it with --database, and take the documents there; `exposome diff` on it tells what moved"
        );
    }
    let store = state::open_to_ask(cli).await?;
    // Where whatever is left behind may be deleted.
    let cache = cli.data.join("cache");
    let cannot = || format!("cannot make a folder in {}", cache.display());
    std::fs::create_dir_all(&cache).with_context(cannot)?;
    let folder =
        tempfile::Builder::new().prefix("diff-").tempdir_in(&cache).with_context(cannot)?;
    let path = folder.path().join("copy.db");
    store.copy_into(&path).await?;
    store.close().await;
    let copy = Store::open_sqlite(&path).await?;
    let then = clock::now();
    let exit = change(&copy).await?;
    let now = clock::now();
    let sites = match site {
        Some(site) => vec![site.to_owned()],
        None => copy.sites().await?,
    };
    let mut moved = Vec::new();
    for site in &sites {
        let before = state::standing(&copy, site, then).await?;
        let after = state::standing(&copy, site, now).await?;
        let sides = Sides { concluded: None, before: Some(before.side()), after: after.side() };
        moved.extend(moves(sides, &[], &[]));
    }
    copy.close().await;
    let printed = print(&moved, now, rendering)?;
    note("nothing was written");
    Ok(exit.max(printed))
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
        detail("facts"),
    ]);
    for it in moves {
        let due = it.after.as_ref().and_then(|it| it.due).map(day);
        list.push(vec![
            json!(it.assets.len()),
            json!(it.category),
            json!(words(it.before.as_ref())),
            json!(words(it.after.as_ref())),
            json!(due),
            json!(it.component),
            json!(it.vulnerability),
            json!(because(&it.why)),
            json!(it.is_late(now)),
            json!(it.assets),
            json!(facts(&it.why)),
        ]);
    }
    list.print(rendering)?;
    if !rendering.json && !rendering.csv {
        summary(moves, now)?;
    }
    Ok(Exit::Done)
}

/// `EPSS: 0.01000 -> 0.20000; the feed of KEV is stale`.
pub(crate) fn because(why: &[Reason]) -> String {
    why.iter().map(|it| it.words.as_str()).collect::<Vec<_>>().join("; ")
}

/// The names of the facts that moved it.
fn facts(why: &[Reason]) -> Vec<String> {
    why.iter().flat_map(|it| &it.facts).map(ToString::to_string).collect()
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
