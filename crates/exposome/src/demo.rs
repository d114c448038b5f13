//! `exposome demo`: a synthetic hospital with real flaws, through the same doors as a real one.
//!
//! The documents are written where a person can look at them, loaded as feeds
//! and imported as inventories, all dated at the demo's own day, since the world
//! knowledge in it is of that day.

use crate::cli::{Cli, Demo};
use crate::clock::Recorder;
use crate::exit::Exit;
use crate::import::{Handing, Importing};
use crate::output::{note, say};
use crate::{clock, feeds, snapshot, state, worklist};
use anyhow::{Context as _, Result};
use exposome_bench::{demo_pack, hospital};
use exposome_engine::assess::count_by_outcome;
use exposome_engine::decide::Outcome;
use exposome_intake::inventory::Told;
use std::path::{Path, PathBuf};

const SITE: &str = "main";

pub(crate) async fn run(arguments: &Demo) -> Result<Exit> {
    let folder = &arguments.folder;
    let as_of = clock::read(hospital::AS_OF)?;
    let cli = Cli::of_folder(folder, hospital::AS_OF);
    let documents = write_all(&folder.join("documents"), hospital::documents(hospital::SEED))?;
    let pack = demo_pack().iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
    write_all(&folder.join("feeds"), pack.collect())?;

    let store = state::open(&cli).await?;
    if store.sites().await?.is_empty() {
        // The hospital heard of everything the day before it looks.
        let mut recorder = Recorder::starting(as_of - jiff::SignedDuration::from_hours(24));
        feeds::load(&store, &[folder.join("feeds")], true, &mut recorder).await?;
        let mut importing = Importing::new(&store, SITE, recorder)?;
        for path in &documents {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            importing.take(path, &handing(&name)).await?;
        }
        importing.finish().await?;
    }
    let standing = state::standing(&store, SITE, as_of).await?;
    store.close().await;

    print_top(&standing, arguments)?;
    if !arguments.rendering.json && !arguments.rendering.csv {
        summary(&standing, folder)?;
    }
    Ok(Exit::Done)
}

/// Whether somebody wants to see the pages; whoever asks for a list wants the list.
pub(crate) fn serves(arguments: &Demo) -> bool {
    !(arguments.no_serve || arguments.rendering.json || arguments.rendering.csv)
}

fn print_top(standing: &state::Standing, arguments: &Demo) -> Result<()> {
    let mut lines = snapshot::lines(&standing.assessment, &standing.world.threats);
    let jobs = lines.len() as u64;
    if arguments.limit > 0 {
        lines.truncate(arguments.limit);
    }
    let state = |asset: u32| standing.assessment.assets.get(asset as usize);
    let id = |asset| Some(state(asset)?.asset.id.as_str());
    let page = worklist::Page { lines, skipped: 0, jobs, ids: None::<()> };
    worklist::print_lines(&page, id, arguments.rendering)
}

fn handing(name: &str) -> Handing {
    let told = hospital::told(name);
    Handing {
        source: told.source.to_owned(),
        told: Told {
            subject: told.subject.map(str::to_owned),
            distribution: told.distribution.map(str::to_owned),
            ..Told::default()
        },
        ..Handing::default()
    }
}

fn write_all(folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot make {}", parent.display()))?;
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        paths.push(path);
    }
    Ok(paths)
}

fn summary(standing: &state::Standing, folder: &Path) -> Result<()> {
    let assessment = &standing.assessment;
    let counts = count_by_outcome(assessment);
    let count =
        |outcome: &Outcome| format!("{} {}", counts.get(outcome).unwrap_or(&0), outcome.words());
    let counts: Vec<String> = Outcome::ALL.iter().rev().map(count).collect();
    say(&format!(
        "\n{} assets, {} exposures: {}.",
        assessment.assets.len(),
        assessment.exposed(),
        counts.join(", ")
    ))?;
    let first = assessment.exposures.iter().find_map(|exposure| {
        let (_, judgement) = assessment.judgement(exposure)?;
        let first = assessment.cohort(exposure)?.assets.first()?;
        let id = &assessment.assets.get(*first as usize)?.asset.id;
        Some((id.clone(), judgement.vulnerability.clone()))
    });
    if let Some((asset, vulnerability)) = first {
        say("Why a line stands where it stands:")?;
        say(&format!(
            "  exposome explain {asset} {vulnerability} --data {} --as-of {}",
            folder.display(),
            hospital::AS_OF
        ))?;
    }
    note("The hospital is invented, its devices' flaws are real (as known on 2026-08-08).");
    Ok(())
}
