//! `exposome serve`: the server, its settings, and how it ends.

use crate::cli::{Cli, Serve};
use crate::errands::Runner;
use crate::exit::Exit;
use crate::output::note;
use crate::{clock, state};
use anyhow::{Context as _, Result};
use exposome_server::{House, Running, Settings, logs};
use std::sync::Arc;

pub(crate) fn run(cli: &Cli, arguments: &Serve) -> Result<Exit> {
    let settings = settings(cli, arguments)?;
    let format = if arguments.log_json { logs::Format::Json } else { logs::Format::Text };
    logs::install(format, tracing::Level::INFO);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(cli, arguments, settings))?;
    Ok(Exit::Done)
}

/// What the file says, and what the command line says of it otherwise.
fn settings(cli: &Cli, arguments: &Serve) -> Result<Settings> {
    let mut settings = match &arguments.config {
        Some(path) => Settings::read(path)?,
        None => Settings::default(),
    };
    settings.data.clone_from(&cli.data);
    settings.plain = arguments.plain;
    if let Some(address) = arguments.address {
        settings.address = address;
    }
    Ok(settings)
}

async fn serve(cli: &Cli, arguments: &Serve, settings: Settings) -> Result<()> {
    let store = state::open(cli).await?;
    let publishers = arguments.publishers.clone();
    let mail = settings.mail.clone();
    let runner = Runner { store: store.clone(), data: cli.data.clone(), publishers, mail };
    let house = House::new(store.clone(), Arc::new(clock::now), settings, Arc::new(runner))?;
    exposome_server::serve(house, started, told_to_stop()).await?;
    store.close().await;
    Ok(())
}

fn started(running: &Running) {
    note(&format!("exposome answers at {}", running.url));
    if let Some(fingerprint) = &running.fingerprint {
        note(&format!(
            "its certificate is of its own making; a browser warns of it and shows this SHA-256:\n  {fingerprint}"
        ));
    }
    if let Some(link) = &running.set_up {
        note(&format!(
            "nobody has an account yet: this link makes the first administrator; it works once, for a day\n  {link}"
        ));
    }
}

/// Waits for an interrupt, or for whoever ends services.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()).context("cannot listen for signals") {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
                return;
            }
            Err(error) => note(&format!("{error:#}")),
        }
    }
    let _ = interrupted.await;
}
