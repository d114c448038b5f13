//! `exposome feeds`: the world's vulnerability knowledge, fetched, loaded, carried and checked.

pub(crate) mod bundle;
pub(crate) mod fetch;
mod load;
pub(crate) mod publishers;
pub(crate) mod status;

use crate::cli::{Bundle, Cli, Feeds, Rendering};
use crate::clock::{self, Recorder};
use crate::exit::Exit;
use crate::output::{List, column, note, say};
use crate::progress::Progress;
use crate::{diff, state};
use anyhow::{Context as _, Result, bail};
use exposome_store::world::FeedDocument;
use exposome_store::{ShortDigest, Store};
use fetch::{Outcome, Proxy, Settings, Verdict, WallClock};
pub(crate) use load::load;
use publishers::{Configuration, Publisher};
use serde_json::json;
use std::path::{Path, PathBuf};

pub(crate) async fn run(cli: &Cli, command: &Feeds) -> Result<Exit> {
    match command {
        Feeds::Publishers(rendering) => list_publishers(*rendering),
        Feeds::Bundle(Bundle::NewKey { file }) => new_key(file),
        Feeds::Bundle(Bundle::Write { key, file, from }) => {
            write_bundle(cli, key, file, from.as_deref())
        }
        Feeds::Bundle(Bundle::Load { trust, allow_older, file, rendering }) => {
            load_bundle(cli, trust, *allow_older, file, *rendering).await
        }
        Feeds::Load { paths, force, diff: true, rendering } => {
            diff::of_candidate(cli, (None, *rendering), async |copy| {
                let (loaded, reading) = load(copy, paths, *force, &mut Recorder::new()).await?;
                reading.show_complaints(20);
                loaded.iter().filter_map(|it| Some((it, it.held.as_ref()?))).for_each(
                    |(it, why)| {
                        note(&format!("{}: held: {why}", it.feed));
                    },
                );
                Ok(exit_of(&loaded, reading.refused()))
            })
            .await
        }
        Feeds::Load { paths, force, diff: false, rendering } => {
            load_paths(cli, paths, *force, *rendering).await
        }
        Feeds::Status { site, rendering } => {
            let store = state::open(cli).await?;
            status::print(&store, site, state::as_of(cli)?, *rendering).await?;
            store.close().await;
            Ok(Exit::Done)
        }
        Feeds::Sync { publishers, config, proxy, fetch_only, rendering } => {
            let configuration = configured(config.as_deref())?;
            let wanted = wanted(publishers, &configuration)?;
            let mut settings = Settings::configured(&configuration.http);
            if let Some(proxy) = proxy {
                settings.proxy = Proxy::At(proxy.clone());
            }
            let fetched = sync(cli, wanted, settings, *rendering).await?;
            if *fetch_only {
                return Ok(fetched);
            }
            Ok(fetched.max(load_paths(cli, &[fetched_folder(cli)], false, *rendering).await?))
        }
    }
}

/// Where `feeds sync` keeps what it fetched, a folder a feed.
fn fetched_folder(cli: &Cli) -> PathBuf {
    cli.data.join("feeds")
}

async fn load_paths(
    cli: &Cli,
    paths: &[PathBuf],
    force: bool,
    rendering: Rendering,
) -> Result<Exit> {
    let store = state::open(cli).await?;
    let (loaded, reading) = load(&store, paths, force, &mut Recorder::new()).await?;
    store.close().await;
    print_loaded(&loaded, rendering)?;
    reading.show_complaints(20);
    Ok(exit_of(&loaded, reading.refused()))
}

pub(crate) fn configured(config: Option<&Path>) -> Result<Configuration> {
    let Some(path) = config else { return Ok(Configuration::default()) };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Configuration::read(&text).with_context(|| format!("cannot use {}", path.display()))
}

pub(crate) fn wanted(names: &[String], configuration: &Configuration) -> Result<Vec<Publisher>> {
    let all = configuration.publishers()?;
    if let Some(name) =
        names.iter().find(|name| all.iter().all(|publisher| publisher.feed != **name))
    {
        bail!("no publisher {name:?}; `exposome feeds publishers` lists them");
    }
    let is_wanted =
        |it: &Publisher| if names.is_empty() { it.by_default } else { names.contains(&it.feed) };
    Ok(all.into_iter().filter(is_wanted).collect())
}

fn list_publishers(rendering: Rendering) -> Result<Exit> {
    let mut list = List::new(&[
        column("feed", "feed"),
        column("name", "publisher"),
        column("address", "address"),
        column("by_default", "by default"),
        column("licence", "licence"),
    ]);
    for it in configured(None)?.publishers()? {
        list.push(vec![
            json!(it.feed),
            json!(it.name),
            json!(it.address),
            json!(it.by_default),
            json!(it.licence),
        ]);
    }
    list.print(rendering)?;
    Ok(Exit::Done)
}

async fn sync(
    cli: &Cli,
    wanted: Vec<Publisher>,
    settings: Settings,
    rendering: Rendering,
) -> Result<Exit> {
    let folder = fetched_folder(cli);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let fetch = move || {
        let progress = Progress::bytes(0, "fetching".to_owned());
        fetch::sync(&wanted, &folder, &settings, &WallClock, &|step| {
            progress.at(step.feed, step.done_bytes, step.total_bytes);
        })
    };
    let outcomes = tokio::task::spawn_blocking(fetch).await.context("fetching broke down")??;
    let mut list = List::new(&[
        column("feed", "feed"),
        column("outcome", "outcome"),
        column("fetched", "files fetched"),
        column("fetched_bytes", "bytes"),
        column("unchanged", "unchanged"),
        column("troubles", "troubles"),
    ]);
    for outcome in &outcomes {
        list.push(outcome_row(outcome));
    }
    list.print(rendering)?;
    let is_failed = outcomes.iter().any(|outcome| !outcome.troubles.is_empty());
    Ok(if is_failed { Exit::PartlyRefused } else { Exit::Done })
}

fn outcome_row(outcome: &Outcome) -> Vec<serde_json::Value> {
    let word = match outcome.verdict() {
        Verdict::Fetched => "fetched",
        Verdict::NotModified => "nothing new",
        Verdict::NotYet => "not asked: too soon for the publisher",
        Verdict::Partly => "fetched in part",
        Verdict::Failed => "failed",
    };
    let troubles: Vec<String> =
        outcome.troubles.iter().map(|it| format!("{}: {}", it.what, it.advice)).collect();
    vec![
        json!(outcome.feed),
        json!(word),
        json!(outcome.fetched.len()),
        json!(outcome.fetched_bytes),
        json!(outcome.unchanged),
        json!(troubles),
    ]
}

fn new_key(file: &Path) -> Result<Exit> {
    let key = bundle::SigningKey::create(file)?;
    say(&format!("{}", key.public()?))?;
    note(&format!(
        "the private half is in {}: keep it where bundles are made, and nowhere else",
        file.display()
    ));
    Ok(Exit::Done)
}

fn write_bundle(cli: &Cli, key: &Path, file: &Path, from: Option<&Path>) -> Result<Exit> {
    let key = bundle::SigningKey::read(key)?;
    let folder = from.map_or_else(|| fetched_folder(cli), Path::to_path_buf);
    let manifest = bundle::write(&folder, file, &key, clock::now())?;
    for (feed, count) in bundle::files_by_feed(&manifest) {
        say(&format!("{feed}: {count} files"))?;
    }
    say(&format!("{} written, dated {}", file.display(), manifest.created))?;
    Ok(Exit::Done)
}

/// The feed under which taken bundles are noted, so that no older one is taken after.
const BUNDLES: &str = "bundle";

async fn load_bundle(
    cli: &Cli,
    trust: &[String],
    allow_older: bool,
    file: &Path,
    rendering: Rendering,
) -> Result<Exit> {
    let keys =
        trust.iter().map(|key| key.parse()).collect::<Result<Vec<bundle::PublicKey>, _>>()?;
    let store = state::open(cli).await?;
    let now = clock::now();
    let last = store.feeds(now).await?.into_iter().find(|state| state.feed == BUNDLES);
    let trust = bundle::Trust {
        keys: &keys,
        last_accepted: last.and_then(|state| state.data_date),
        older: if allow_older { bundle::Older::Taken } else { bundle::Older::Refused },
        now,
        cap_bytes: bundle::CAP_BYTES,
    };
    let folder = cli.data.join(format!("bundle-{}", now.as_microsecond()));
    let opened = bundle::open(file, &folder, &trust)?;
    if let Some(words) = &opened.note {
        note(words);
    }
    let mut recorder = Recorder::new();
    let loaded =
        load(&store, std::slice::from_ref(&opened.folder), allow_older, &mut recorder).await;
    std::fs::remove_dir_all(&opened.folder)
        .with_context(|| format!("cannot remove {}", opened.folder.display()))?;
    let (loaded, reading) = loaded?;
    note_bundle(&store, file, &opened, trust.last_accepted, recorder.next()).await?;
    store.close().await;
    print_loaded(&loaded, rendering)?;
    reading.show_complaints(20);
    Ok(exit_of(&loaded, reading.refused()))
}

async fn note_bundle(
    store: &Store,
    file: &Path,
    opened: &bundle::Opened,
    last_accepted: Option<jiff::Timestamp>,
    recorded_at: jiff::Timestamp,
) -> Result<()> {
    let document = FeedDocument {
        feed: BUNDLES.to_owned(),
        name: format!("{} signed by {}", file.display(), opened.key),
        digest: ShortDigest::default(),
        // One older bundle, taken on purpose, opens no door for others.
        data_date: last_accepted.max(Some(opened.manifest.created)),
        recorded_at,
        records: opened.manifest.files.len() as u64,
        refused: 0,
    };
    store.begin_load(recorded_at).await?.commit(&[document]).await?;
    Ok(())
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
