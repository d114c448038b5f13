//! Who asks of which site at which moment, and the answers that are kept for the next who asks the same.
//!
//! A view of a site never changes, so what was worked out of it for one filter holds for
//! everybody who asks with that filter: it is kept while the view is.

use crate::access::{Caller, DEFAULT_SITE};
use crate::problem::{Kind, Problem};
use crate::{House, errands, keep};
use exposome_engine::desk::fields::{FIELDS, Name};
use exposome_engine::desk::{Chosen, Desk, Group, Job, Listing, Sort, Within};
use exposome_engine::predicate::Predicate;
use exposome_model::transition::Place;
use exposome_site::life::{Turn, turns_of};
use exposome_site::resident::View;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::runtime::RuntimeFlavor;

/// Of which site, and of when.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Where {
    /// The site; the first that the person sees where left out
    pub(crate) site: Option<String>,
    /// A moment of the past: 2026-08-16T09:00:00Z; now where left out
    pub(crate) as_of: Option<Timestamp>,
}

/// A view, and what of it the caller may see.
pub(crate) struct Sight {
    pub(crate) view: Arc<View>,
    units: Option<BTreeSet<String>>,
}

impl Sight {
    /// What the caller sees of the site she asks for.
    pub(crate) async fn of(
        house: &House,
        caller: &Caller,
        asked: &Where,
    ) -> Result<Sight, Problem> {
        let site = site(house, caller, asked.site.as_deref()).await?;
        let resident = house.sites.get(&site, house.now()).await?;
        let view = match asked.as_of {
            None => resident.view(),
            Some(as_of) if as_of > house.now() => {
                let problem = Problem::unfit("as_of", "that moment is still to come");
                return Err(problem.way_out("leave as_of out for the present"));
            }
            Some(as_of) => keep::past(&resident, as_of).await?,
        };
        let units = caller.scope.units(&site).cloned();
        Ok(Sight { view, units })
    }

    /// Everything there is, for what the server does by itself.
    pub(crate) fn whole(view: Arc<View>) -> Sight {
        Sight { view, units: None }
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.view.desk
    }

    /// How far what was written down counts: an assessment is written after the view that it was drawn from.
    pub(crate) fn until(&self, house: &House) -> Timestamp {
        if self.view.past { self.desk().as_of() } else { house.now() }
    }

    /// How everything on an asset stood, as it was written down.
    pub(crate) async fn turns(
        &self,
        house: &House,
        asset: &str,
    ) -> Result<Vec<(Place, Turn)>, Problem> {
        let (store, site, asset) = (house.store.clone(), self.view.site.clone(), asset.to_owned());
        let Some(finished) = store.finished(&site, self.until(house)).await? else {
            return Ok(Vec::new());
        };
        // Whatever was ever concluded of the site is read for it.
        keep::apart(async move { turns_of(&store, &site, &asset, finished.number).await })
            .await
            .map_err(|words| Problem::failed(&errands::Failed(words)))
    }

    pub(crate) fn within(&self) -> Within<'_> {
        self.units.as_ref().map_or(Within::Site, Within::Units)
    }

    /// Whether the caller sees the whole site.
    pub(crate) fn is_whole(&self) -> bool {
        self.units.is_none()
    }

    /// For what speaks of the whole site.
    pub(crate) fn must_be_whole(&self) -> Result<(), Problem> {
        if self.is_whole() {
            return Ok(());
        }
        Err(Problem::new(
            Kind::NotYours,
            "this speaks of the whole site, and you see some of its units",
        )
        .way_out("ask the administrator for the role on the whole site"))
    }

    /// A filter over this view's fields.
    pub(crate) fn predicate(&self, filter: &str) -> Result<Predicate, Problem> {
        Predicate::read(filter, FIELDS, self.desk().as_of())
            .map_err(|error| Problem::unfit("filter", error.to_string()))
    }

    /// The number of an asset that the caller may see.
    pub(crate) fn asset(&self, id: &str) -> Result<u32, Problem> {
        let found = self.desk().find(id).map(|(number, _)| number);
        let seen = found.filter(|&asset| self.desk().is_seen(asset, self.within()));
        seen.ok_or_else(|| Problem::not_found("device"))
    }
}

/// The site that is asked for, if it has ever said something: a made-up name is not read in.
async fn site(house: &House, caller: &Caller, asked: Option<&str>) -> Result<String, Problem> {
    let name = caller.site(asked)?;
    if house.sites.is_open(name).await {
        return Ok(name.to_owned());
    }
    let known = house.store.sites().await?;
    match asked {
        None if caller.scope.everywhere => {
            Ok(known.into_iter().next().unwrap_or_else(|| name.to_owned()))
        }
        _ if name == DEFAULT_SITE || known.iter().any(|it| it == name) => Ok(name.to_owned()),
        _ => Err(Problem::not_found("site")),
    }
}

/// What was worked out for a filter.
pub(crate) struct Answers {
    pub(crate) chosen: Chosen,
    total: OnceLock<Group>,
    jobs: OnceLock<Vec<Job>>,
    listings: OnceEach<Sort, Listing>,
    groups: OnceEach<Name, Vec<Group>>,
}

/// What is worked out once for each key.
type OnceEach<K, V> = Mutex<HashMap<K, Arc<OnceLock<Arc<V>>>>>;

impl Answers {
    pub(crate) fn groups(&self, desk: &Desk, by: Name) -> Arc<Vec<Group>> {
        let once = once(&self.groups, by);
        Arc::clone(worked_out(&once, || Arc::new(desk.groups(&self.chosen, by))))
    }

    pub(crate) fn total(&self, desk: &Desk) -> &Group {
        worked_out(&self.total, || desk.total(&self.chosen))
    }

    pub(crate) fn jobs(&self, desk: &Desk) -> &[Job] {
        let jobs: &Vec<Job> = worked_out(&self.jobs, || desk.jobs(&self.chosen));
        jobs
    }

    pub(crate) fn listing(&self, desk: &Desk, sort: Sort) -> Arc<Listing> {
        let once = once(&self.listings, sort);
        Arc::clone(worked_out(&once, || Arc::new(desk.listing(&self.chosen, sort))))
    }
}

fn once<K: Hash + Eq, V>(of: &OnceEach<K, V>, key: K) -> Arc<OnceLock<Arc<V>>> {
    let mut all = of.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(key).or_default())
}

fn worked_out<V>(once: &OnceLock<V>, work: impl FnOnce() -> V) -> &V {
    // What is known is handed out; whoever comes while it is worked out waits where nobody waits for her.
    once.get().unwrap_or_else(|| at_length(|| once.get_or_init(work)))
}

/// Does what may take long so that others are answered meanwhile.
fn at_length<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Handle::current();
    match runtime.runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// The answers of the views that were asked last.
#[derive(Default)]
pub(crate) struct Kept(Mutex<VecDeque<(Asked, Arc<Answers>)>>);

/// What answers hang on.
#[derive(PartialEq, Eq, Clone)]
struct Asked {
    mark: String,
    units: Option<BTreeSet<String>>,
    filter: String,
}

/// So many are kept: a filter over five million exposures takes some megabytes.
const KEPT: usize = 48;

impl Kept {
    /// What a filter chooses of what the caller sees.
    pub(crate) fn answers(&self, sight: &Sight, filter: &str) -> Result<Arc<Answers>, Problem> {
        let asked = Asked {
            mark: sight.view.mark.clone(),
            units: sight.units.clone(),
            filter: filter.trim().to_owned(),
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.iter().position(|(it, _)| *it == asked)
            && let Some(found) = kept.remove(place)
        {
            let answers = Arc::clone(&found.1);
            kept.push_back(found);
            return Ok(answers);
        }
        drop(kept);
        let desk = sight.desk();
        let predicate = sight.predicate(filter)?;
        let answers = Arc::new(Answers {
            chosen: at_length(|| desk.choose(&predicate, sight.within())),
            total: OnceLock::new(),
            jobs: OnceLock::new(),
            listings: Mutex::default(),
            groups: Mutex::default(),
        });
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((asked, Arc::clone(&answers)));
        Ok(answers)
    }
}
