//! A site that is kept in memory: what has changed is worked out again, and whoever asks holds a view that never
//! changes.
//!
//! One at a time may bring it up to date or decide something; everybody else goes on with the view there is.  A look
//! at the past is a view like any other, made from the facts as they were recorded by then; one is kept at a time.

use crate::Error;
use crate::rules::InForce;
use crate::standing::{people, score, standing, world};
use exposome_engine::assess::{Rules, day_of};
use exposome_engine::decide::Policy;
use exposome_engine::desk::Desk;
use exposome_engine::govern::{Command, Refusal, State, govern};
use exposome_engine::live::Live;
use exposome_engine::moves::{Move, Side, Sides, moves};
use exposome_engine::people::People;
use exposome_engine::threat::Listed;
use exposome_engine::world::Sight;
use exposome_model::claim::Claim;
use exposome_model::event::{Actor, Event, Recorded};
use exposome_model::knowledge::Record;
use exposome_store::events::Head;
use exposome_store::position::Position;
use exposome_store::world::FeedState;
use exposome_store::{Store, hex, short_digest};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Mutex;

/// A site, kept up to date.
#[derive(Debug)]
pub struct Resident {
    store: Store,
    site: String,
    keeping: Mutex<Keeping>,
    view: RwLock<Arc<View>>,
    past: Mutex<Option<Arc<View>>>,
}

/// What is worked on.
#[derive(Debug)]
struct Keeping {
    live: Live,
    position: Position,
    feeds: Vec<FeedState>,
    in_force: InForce,
}

/// A site at a moment, ready to be asked.
#[derive(Debug)]
pub struct View {
    pub site: String,
    pub desk: Desk,
    pub people: People,
    pub in_force: InForce,
    pub feeds: Vec<FeedState>,
    /// How far the facts went.
    pub position: Position,
    /// Two views with one of these give the same answers.
    pub mark: String,
    /// A look at the past: nothing can be changed there.
    pub past: bool,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum Undecided {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Resident {
    /// Works a site out from its facts.
    pub async fn open(store: Store, site: String, now: Timestamp) -> Result<Resident, Error> {
        // Before anything else: what is recorded from here on lies beyond it.
        let position = store.position(&site, now).await?;
        let feeds = store.feeds(now).await?;
        let people = people(&store, &site, now).await?;
        let in_force = InForce::at(&people)?;
        let world = world(&store, &in_force.ruleset.aliases()?, &people, now).await?;
        let claims = store.claims(&site, now).await?;
        let sight = Sight::of(&world.feed_dates, in_force.rules.policy.thresholds, now);
        let live =
            Live::without_order(claims, people, world, Arc::clone(&in_force.rules), (now, sight));
        let keeping = Keeping { live, position, feeds, in_force };
        let view = keeping.view(&site);
        Ok(Resident {
            store,
            site,
            keeping: Mutex::new(keeping),
            view: RwLock::new(Arc::new(view)),
            past: Mutex::default(),
        })
    }

    /// What there is to be asked.
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes in whatever was recorded and whatever time has passed; whether anything may be answered otherwise now.
    pub async fn refresh(&self, now: Timestamp) -> Result<bool, Error> {
        let mut keeping = self.keeping.lock().await;
        self.bring_up(&mut keeping, now).await
    }

    async fn bring_up(&self, keeping: &mut Keeping, now: Timestamp) -> Result<bool, Error> {
        let (position, feeds) = self.recorded(now).await?;
        let before = keeping.position.clone();
        let view = self.view();
        let was = view.desk.as_of();
        if position.site != before.site {
            let claims = self.store.claims(&self.site, now).await?;
            keeping.live.hear_claims(changed(keeping.live.claims(), claims));
        }
        if position.decisions != before.decisions {
            let known = keeping.live.people().last;
            let mut events = self.store.events(&self.site, now).await?;
            events.retain(|it| it.number > known);
            keeping.hear_events(&events)?;
        }
        if position.feeds != before.feeds || position.knowledge != before.knowledge {
            self.hear_feeds(keeping, &feeds, now).await?;
        }
        // Last of all: where anything failed, all of it is heard again.
        keeping.feeds = feeds;
        keeping.position = position.clone();
        let dates = &keeping.live.world().feed_dates;
        let sight = Sight::of(dates, keeping.in_force.rules.policy.thresholds, now);
        let is_same = position == before
            && sight == view.desk.sight()
            && day_of(now) == day_of(was)
            && !view.desk.falls_due(was, now);
        if is_same {
            return Ok(false);
        }
        keeping.live.hear_clock(now, sight);
        let view = Arc::new(keeping.view(&self.site));
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = view;
        Ok(true)
    }

    /// How far the facts go, and the feeds as they are there: nothing was recorded between the two.
    async fn recorded(&self, now: Timestamp) -> Result<(Position, Vec<FeedState>), Error> {
        let mut position = self.store.position(&self.site, now).await?;
        loop {
            let feeds = self.store.feeds(now).await?;
            let after = self.store.position(&self.site, now).await?;
            if after == position {
                return Ok((position, feeds));
            }
            position = after;
        }
    }

    /// Feeds were loaded.  Lists of what is exploited touch what they list; documents about products touch everything.
    async fn hear_feeds(
        &self,
        keeping: &mut Keeping,
        feeds: &[FeedState],
        now: Timestamp,
    ) -> Result<(), Error> {
        let is_new = |feed: &&FeedState| {
            !keeping
                .feeds
                .iter()
                .any(|it| it.feed == feed.feed && it.recorded_at == feed.recorded_at)
        };
        let new: Vec<&str> = feeds.iter().filter(is_new).map(|it| it.feed.as_str()).collect();
        let people = keeping.live.people().clone();
        if new.iter().any(|feed| !LISTS.contains(feed) && *feed != EPSS) {
            let aliases = keeping.in_force.ruleset.aliases()?;
            keeping.live.hear_world(world(&self.store, &aliases, &people, now).await?);
            return Ok(());
        }
        let dates = feeds.iter().map(|state| (state.feed.clone(), state.date()));
        keeping.live.hear_feed_dates(dates.collect());
        let mut threats = keeping.live.world().threats.clone();
        if new.iter().any(|feed| LISTS.contains(feed)) {
            threats.list(self.listed(now).await?);
        }
        // What is on a list for the first time may have a score that nobody has asked for yet.
        score(&mut threats, &self.store, &people, now).await?;
        keeping.live.hear_threats(threats);
        Ok(())
    }

    /// What the lists in force say.
    async fn listed(&self, now: Timestamp) -> Result<BTreeMap<String, Listed>, Error> {
        let mut listed: BTreeMap<String, Listed> = BTreeMap::new();
        let take = |_feed: &str, record| match record {
            Record::Kev(entry) => {
                let of = listed.entry(entry.vulnerability.clone()).or_default();
                of.kev = Some(entry);
            }
            Record::Exploit(entry) => {
                let of = listed.entry(entry.vulnerability.clone()).or_default();
                if !of.exploits.contains(&entry) {
                    of.exploits.push(entry);
                }
            }
            Record::Advisory(_) | Record::Support(_) => {}
        };
        self.store.knowledge_of(&LISTS, now, take).await?;
        Ok(listed)
    }

    /// Lets a person decide something; the number it was written under, and what came of it.
    pub async fn decide(
        &self,
        command: Command,
        by: &Actor,
        now: Timestamp,
    ) -> Result<(Head, Vec<Event>), Undecided> {
        let mut keeping = self.keeping.lock().await;
        self.bring_up(&mut keeping, now).await?;
        let view = self.view();
        let live = &keeping.live;
        let state = State {
            claims: live.claims(),
            people: live.people(),
            assessment: view.desk.assessment(),
            threats: &live.world().threats,
            rules: &keeping.in_force.rules,
        };
        let events = govern(state, command, by, now)?;
        let after = live.people().last;
        let head =
            self.store.decide(&self.site, after, by, &events, now).await.map_err(Error::from)?;
        let recorded = (after + 1..).zip(&events).map(|(number, event)| Recorded {
            number,
            at: now,
            by: by.clone(),
            event: event.clone(),
        });
        keeping.hear_events(&recorded.collect::<Vec<_>>())?;
        self.bring_up(&mut keeping, now).await?;
        Ok((head, events))
    }

    /// What another policy would move, as things stand.
    pub async fn under_policy(&self, policy: Policy) -> Vec<Move> {
        let keeping = self.keeping.lock().await;
        let view = self.view();
        let (live, sight) = (&keeping.live, view.desk.sight());
        let rules = Rules { policy, ..Rules::clone(&keeping.in_force.rules) };
        let mut decided = view.desk.assessment().undecided();
        decided.decide(&live.world().threats, sight, &rules);
        let side = |assessment| Side {
            assessment,
            claims: live.claims(),
            people: live.people(),
            threats: &live.world().threats,
            sight,
        };
        let before = Some(side(view.desk.assessment()));
        moves(Sides { concluded: None, before, after: side(&decided) }, &[], &[])
    }

    /// The site as it was recorded by a moment; the last one that was asked for is kept.
    pub async fn past(&self, as_of: Timestamp) -> Result<Arc<View>, Error> {
        let mut past = self.past.lock().await;
        if let Some(view) = past.as_ref().filter(|view| view.desk.as_of() == as_of) {
            return Ok(Arc::clone(view));
        }
        // Whoever still looks at it keeps it; nobody else does.
        *past = None;
        let standing = standing(&self.store, &self.site, as_of).await?;
        let feeds = self.store.feeds(as_of).await?;
        let desk = Desk::of(
            standing.assessment,
            &standing.claims,
            &standing.world,
            standing.sight,
            &standing.in_force.rules,
        );
        let view = View {
            site: self.site.clone(),
            mark: mark(&self.site, &standing.position, &standing.in_force, &desk),
            desk,
            people: standing.people,
            in_force: standing.in_force,
            feeds,
            position: standing.position,
            past: true,
        };
        Ok(Arc::clone(past.insert(Arc::new(view))))
    }
}

/// Feeds that say of vulnerabilities what happens to them, and of no product.
const LISTS: [&str; 2] = ["kev", "metasploit"];
const EPSS: &str = "epss";

impl Keeping {
    /// Decisions were recorded; one of them may be the policy that decides from here on.
    fn hear_events(&mut self, events: &[Recorded]) -> Result<(), Error> {
        for event in events {
            self.live.hear_event(event);
        }
        let adopted = self.live.people().policy().map(|(number, ..)| number);
        if adopted != self.in_force.adopted.as_ref().map(|(number, _)| *number) {
            self.in_force = InForce::at(self.live.people())?;
            self.live.hear_rules(Arc::clone(&self.in_force.rules));
        }
        Ok(())
    }

    fn view(&self, site: &str) -> View {
        let desk = self.live.desk();
        View {
            site: site.to_owned(),
            mark: mark(site, &self.position, &self.in_force, &desk),
            desk,
            people: self.live.people().clone(),
            in_force: self.in_force.clone(),
            feeds: self.feeds.clone(),
            position: self.position.clone(),
            past: false,
        }
    }
}

/// What the answers hang on: the facts, the rules, and of the moment the second.
fn mark(site: &str, position: &Position, in_force: &InForce, desk: &Desk) -> String {
    let from = serde_json::to_vec(&(site, position, desk.as_of().as_second(), desk.sight()));
    let from = [from.unwrap_or_default(), in_force.ruleset.digest().to_vec()].concat();
    hex(&short_digest(&from))
}

/// The claims that say something else than those that are known.
fn changed(known: &[Claim], claims: Vec<Claim>) -> Vec<Claim> {
    let known: HashMap<(&str, &str), &Claim> =
        known.iter().map(|it| ((it.source.as_str(), it.sheet.key.as_str()), it)).collect();
    let is_other = |claim: &Claim| {
        known.get(&(claim.source.as_str(), claim.sheet.key.as_str())) != Some(&claim)
    };
    claims.into_iter().filter(is_other).collect()
}
