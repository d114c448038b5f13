//! `exposome feeds`: the world's vulnerability knowledge, fetched, loaded, carried and checked.

pub(crate) mod fetch;
mod load;
pub(crate) mod publishers;
pub(crate) mod status;

use crate::cli::{Cli, Feeds, Rendering};
use crate::exit::Exit;
use crate::output::{List, column};
use crate::state;
use anyhow::Result;
pub(crate) use load::load;
use serde_json::json;

pub(crate) async fn run(cli: &Cli, command: &Feeds) -> Result<Exit> {
    let store = state::open(cli).await?;
    let exit = match command {
        Feeds::Load { paths, force, rendering } => {
            let (loaded, reading) = load(&store, paths, *force).await?;
            print_loaded(&loaded, *rendering)?;
            reading.show_complaints(20);
            exit_of(&loaded, reading.refused())
        }
        Feeds::Status(rendering) => {
            status::print(&store, state::as_of(cli)?, *rendering).await?;
            Exit::Done
        }
    };
    store.close().await;
    Ok(exit)
}

fn exit_of(loaded: &[load::Loaded], refused: usize) -> Exit {
    if loaded.iter().any(|loaded| loaded.held.is_some()) {
        Exit::Held
    } else if refused > 0 {
        Exit::PartlyRefused
    } else {
        Exit::Done
    }
}

fn print_loaded(loaded: &[load::Loaded], rendering: Rendering) -> Result<()> {
    let mut list = List::new(&[
        column("feed", "feed"),
        column("records", "records"),
        column("added", "added"),
        column("changed", "changed"),
        column("unchanged", "unchanged"),
        column("removed", "removed"),
        column("held", "held"),
    ]);
    for it in loaded {
        let changes = it.changes;
        list.push(vec![
            json!(it.feed),
            json!(it.records),
            json!(changes.added),
            json!(changes.changed),
            json!(changes.unchanged),
            json!(changes.removed),
            json!(it.held),
        ]);
    }
    list.print(rendering)
}
