//! Keeps the sites in memory up to date: whenever something was recorded, and when the clock alone changes an answer.

use crate::live::Changed;
use crate::problem::Problem;
use crate::{House, errands, urgent};
use exposome_site::{Error, Resident, View};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

/// The clock is looked at so often: what falls due is overdue within this time.
const EVERY: Duration = Duration::from_secs(30);
/// What is recorded within this time is taken in together.
const TOGETHER: Duration = Duration::from_millis(300);

/// Opens every site, and brings them up to date until it is told to stop.
pub(crate) async fn run(house: House, mut stopped: watch::Receiver<bool>) {
    let mut changes = house.changes.listen();
    let mut told = BTreeSet::new();
    open_all(&house).await;
    for resident in house.sites.open().await {
        urgent::tell(&house, &resident.view(), &mut told).await;
    }
    while !*stopped.borrow() {
        let wait = async {
            loop {
                match changes.recv().await {
                    // Whoever was too slow to hear looks at everything.
                    Ok((_, Changed::World { .. } | Changed::Site { .. }))
                    | Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending().await,
                    Ok(_) => {}
                }
            }
        };
        tokio::select! {
            _ = stopped.changed() => continue,
            () = tokio::time::sleep(EVERY) => {}
            () = wait => tokio::time::sleep(TOGETHER).await,
        }
        open_all(&house).await;
        for resident in house.sites.open().await {
            refresh(&house, &resident).await;
            urgent::tell(&house, &resident.view(), &mut told).await;
        }
    }
}

/// Sites that have said something are read in before anybody asks.
async fn open_all(house: &House) {
    let sites = match house.store.sites().await {
        Ok(sites) => sites,
        Err(error) => {
            tracing::error!(%error, "the sites cannot be listed");
            return;
        }
    };
    for site in sites {
        let (sites, now) = (Arc::clone(&house.sites), house.now());
        let name = site.clone();
        let opened = apart(async move { sites.get(&name, now).await }).await;
        if let Err(problem) = opened {
            tracing::error!(site, problem, "the site cannot be read in");
        }
    }
}

/// Takes in what was recorded, and tells those who look.
pub(crate) async fn refresh(house: &House, resident: &Arc<Resident>) {
    let (now, resident) = (house.now(), Arc::clone(resident));
    let refreshed = apart(async move {
        let is_other = resident.refresh(now).await?;
        Ok::<_, Error>((is_other, resident.view()))
    });
    match refreshed.await {
        Ok((true, view)) => {
            let (site, position) = (view.site.clone(), view.mark.clone());
            house.changes.tell(Changed::Answers { site, position });
        }
        Ok((false, _)) => {}
        Err(problem) => tracing::error!(problem, "a site cannot be brought up to date"),
    }
}

/// A site as it was recorded by a moment.
pub(crate) async fn past(resident: &Arc<Resident>, at: Timestamp) -> Result<Arc<View>, Problem> {
    let resident = Arc::clone(resident);
    apart(async move { resident.past(at).await })
        .await
        .map_err(|words| Problem::failed(&errands::Failed(words)))
}

/// Does what takes long on a thread of its own, so that nobody waits for it who asked for something else.
pub(crate) async fn apart<T, E>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> Result<T, String>
where
    T: Send + 'static,
    E: std::error::Error,
{
    let runtime = tokio::runtime::Handle::current();
    let worked = tokio::task::spawn_blocking(move || {
        runtime.block_on(work).map_err(|error| {
            let cause = error.source().map(|it| format!(": {it}")).unwrap_or_default();
            format!("{error}{cause}")
        })
    });
    worked.await.unwrap_or_else(|_| Err("it broke down".to_owned()))
}
