//! `exposome serve`: the server, its settings, and how it ends.

use crate::cli::{Cli, Demo, Serve};
use crate::errands::Runner;
use crate::exit::Exit;
use crate::output::note;
use crate::{clock, state};
use anyhow::{Context as _, Result};
use exposome_bench::hospital;
use exposome_server::{Clock, House, Running, Settings, logs};
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) fn run(cli: &Cli, arguments: &Serve) -> Result<Exit> {
    let settings = settings(cli, arguments)?;
    let format = if arguments.log_json { logs::Format::Json } else { logs::Format::Text };
    logs::install(format, tracing::Level::INFO);
    wait_for(serve(cli, arguments.publishers.clone(), settings, Arc::new(clock::now)))
}

/// The demo's pages, on its own day; nothing is fetched.
pub(crate) fn demo(arguments: &Demo) -> Result<Exit> {
    let mut settings = Settings::default();
    settings.data.clone_from(&arguments.folder);
    settings.plain = arguments.plain;
    settings.address = arguments.address;
    settings.jobs.enabled = false;
    logs::install(logs::Format::Text, tracing::Level::WARN);
    let clock = clock::from(clock::read(hospital::AS_OF)?);
    let cli = Cli::of_folder(&arguments.folder, hospital::AS_OF);
    wait_for(serve(&cli, None, settings, Arc::new(clock)))
}

fn wait_for(serving: impl Future<Output = Result<()>>) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serving)?;
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

async fn serve(
    cli: &Cli,
    publishers: Option<PathBuf>,
    settings: Settings,
    clock: Clock,
) -> Result<()> {
    let stopped = told_to_stop()?;
    let store = state::open(cli).await?;
    let mail = settings.mail.clone();
    let (data, asked) = (cli.data.clone(), Arc::clone(&clock));
    let runner = Runner { store: store.clone(), data, publishers, clock: asked, mail };
    let house = House::new(store.clone(), clock, settings, Arc::new(runner))?;
    exposome_server::serve(house, started, stopped).await?;
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

/// Waits for an interrupt, or for whoever ends services; listens from the call on, so that nobody is missed who comes
/// while it starts.
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).context("cannot listen for signals");
        let mut interrupted = listen(SignalKind::interrupt())?;
        let mut terminated = listen(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
