//! The data folder, and the site that lies in it.

use crate::cli::Cli;
use crate::clock;
use crate::progress::Progress;
use anyhow::{Context as _, Result, bail};
pub(crate) use exposome_site::Standing;
use exposome_store::Store;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// Opens the store: the database of `--database`, else the `SQLite` file of the data folder.
pub(crate) async fn open(cli: &Cli) -> Result<Store> {
    if let Some(url) = &cli.database {
        return Ok(Store::open_postgres(url).await?);
    }
    let folder = &cli.data;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the data folder {}", folder.display()))?;
    Ok(Store::open_sqlite(&database_in(folder)).await?)
}

/// Whether there is a store.
pub(crate) fn is_there(cli: &Cli) -> bool {
    cli.database.is_some() || database_in(&cli.data).exists()
}

/// Opens the store to ask it something: that alone makes none.
pub(crate) async fn open_to_ask(cli: &Cli) -> Result<Store> {
    let folder = cli.data.display();
    if !is_there(cli) {
        bail!(
            "there is nothing in {folder} yet: `exposome feeds sync` and `exposome import FILE` come first, or --data names another folder"
        );
    }
    open(cli).await
}

fn database_in(folder: &Path) -> PathBuf {
    folder.join("exposome.db")
}

/// The moment of evaluation: `--as-of`, else now.
pub(crate) fn as_of(cli: &Cli) -> Result<Timestamp> {
    cli.as_of.as_deref().map_or_else(|| Ok(clock::now()), clock::read)
}

pub(crate) async fn standing(store: &Store, site: &str, as_of: Timestamp) -> Result<Standing> {
    let _progress = Progress::working("assessing");
    Ok(exposome_site::standing(store, site, as_of).await?)
}

/// Who is there and what is wrong with it, nothing decided yet.
pub(crate) async fn undecided(store: &Store, site: &str, as_of: Timestamp) -> Result<Standing> {
    let _progress = Progress::working("assessing");
    Ok(exposome_site::undecided(store, site, as_of).await?)
}
