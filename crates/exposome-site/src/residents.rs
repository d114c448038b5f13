//! The sites that are kept in memory, each opened when it is first asked for.

use crate::Error;
use crate::resident::Resident;
use exposome_store::Store;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};

#[derive(Debug)]
pub struct Residents {
    store: Store,
    sites: Mutex<BTreeMap<String, Arc<OnceCell<Arc<Resident>>>>>,
}

impl Residents {
    pub fn new(store: Store) -> Residents {
        Residents { store, sites: Mutex::default() }
    }

    /// A site, opened if it is not.  Several who ask at once wait for one opening.
    pub async fn get(&self, site: &str, now: Timestamp) -> Result<Arc<Resident>, Error> {
        let cell = {
            let mut sites = self.sites.lock().await;
            Arc::clone(sites.entry(site.to_owned()).or_default())
        };
        let opened = cell.get_or_try_init(async || {
            Resident::open(self.store.clone(), site.to_owned(), now).await.map(Arc::new)
        });
        opened.await.cloned()
    }

    /// Whether a site is open.
    pub async fn is_open(&self, site: &str) -> bool {
        self.sites.lock().await.get(site).is_some_and(|cell| cell.get().is_some())
    }

    /// Those that are open.
    pub async fn open(&self) -> Vec<Arc<Resident>> {
        let sites = self.sites.lock().await;
        sites.values().filter_map(|cell| cell.get().cloned()).collect()
    }
}
