//! What has changed, told to whoever listens, in order; and told again to whoever was away for a moment.

use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// Something has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Changed {
    /// Feeds were loaded: what is known of the world.
    World { written: u64 },
    /// Documents were imported: what is known of a site.
    Site { site: String },
    /// Something was decided of a site.
    Decided { site: String },
    /// Answers are given from a newer state: pages that show it may look again.
    Answers { site: String, position: String },
    /// An assessment was written down.
    Assessed { site: String },
    /// A past state is being built.
    Building { site: String, done: u64, of: u64, step: String },
    /// There is something to tell people.
    Notice { site: Option<String>, id: String },
    /// A job of the server ended.
    Job { name: String, succeeded: bool },
}

impl Changed {
    /// The site it is about; nothing where it concerns all.
    pub fn site(&self) -> Option<&str> {
        match self {
            Changed::World { .. } | Changed::Job { .. } => None,
            Changed::Notice { site, .. } => site.as_deref(),
            Changed::Site { site }
            | Changed::Decided { site }
            | Changed::Answers { site, .. }
            | Changed::Assessed { site }
            | Changed::Building { site, .. } => Some(site),
        }
    }

    pub fn name(&self) -> &'static str {
        match self {
            Changed::World { .. } => "world",
            Changed::Site { .. } => "site",
            Changed::Decided { .. } => "decided",
            Changed::Answers { .. } => "changed",
            Changed::Assessed { .. } => "assessed",
            Changed::Building { .. } => "building",
            Changed::Notice { .. } => "notice",
            Changed::Job { .. } => "job",
        }
    }
}

/// A change and its number, from 1 since the server was started.
pub type Numbered = (u64, Changed);

/// So many are remembered for those who come back.
const REMEMBERED: usize = 1_000;

/// Where changes are told.
#[derive(Clone)]
pub struct Changes {
    /// Of this run of the server: numbers of another mean nothing here.
    run: Arc<str>,
    told: Arc<Mutex<Told>>,
    sender: broadcast::Sender<Numbered>,
}

#[derive(Default)]
struct Told {
    last: u64,
    recent: VecDeque<Numbered>,
}

/// What somebody who comes (back) has missed.
#[derive(Debug, PartialEq, Eq)]
pub enum Missed {
    These(Vec<Numbered>),
    /// Nobody knows any more: look at everything again.
    TooMuch,
}

impl Changes {
    pub(crate) fn new(run: String) -> Changes {
        Changes {
            run: run.into(),
            told: Arc::default(),
            sender: broadcast::Sender::new(REMEMBERED),
        }
    }

    /// Tells everybody.
    pub fn tell(&self, changed: Changed) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.last += 1;
        let numbered = (told.last, changed);
        if told.recent.len() == REMEMBERED {
            told.recent.pop_front();
        }
        told.recent.push_back(numbered.clone());
        // Sent while nobody else can: the order of numbers is the order of hearing.  Nobody may be listening.
        let _ = self.sender.send(numbered);
    }

    pub fn listen(&self) -> broadcast::Receiver<Numbered> {
        self.sender.subscribe()
    }

    /// What was told after an id that somebody heard last, and whatever comes from here on: nothing lies between.
    pub fn resume(&self, last_id: Option<&str>) -> (Missed, broadcast::Receiver<Numbered>) {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let Some(last_id) = last_id else { return (Missed::These(Vec::new()), receiver) };
        let number = last_id
            .rsplit_once('.')
            .filter(|(run, _)| **run == *self.run)
            .and_then(|(_, number)| number.parse().ok());
        let Some(number) = number.filter(|it: &u64| *it <= told.last) else {
            return (Missed::TooMuch, receiver);
        };
        let is_known = told.recent.front().is_none_or(|(first, _)| *first <= number + 1);
        if !is_known {
            return (Missed::TooMuch, receiver);
        }
        let missed = told.recent.iter().filter(|(it, _)| *it > number).cloned().collect();
        (Missed::These(missed), receiver)
    }

    /// What a listener says she heard last.
    pub fn id(&self, number: u64) -> String {
        format!("{}.{number}", self.run)
    }

    /// The number of the last change.
    pub fn last(&self) -> u64 {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(written: u64) -> Changed {
        Changed::World { written }
    }

    #[test]
    fn who_was_away_for_a_moment_hears_what_was_said_and_who_was_away_for_long_looks_again() {
        let changes = Changes::new("run".into());
        changes.tell(world(1));
        changes.tell(world(2));
        let (missed, _) = changes.resume(Some("run.1"));
        assert_eq!(missed, Missed::These(vec![(2, world(2))]));
        assert_eq!(changes.resume(Some("run.2")).0, Missed::These(Vec::new()));
        assert_eq!(changes.resume(None).0, Missed::These(Vec::new()));
        for strange in ["run.3", "other.1", "1", "", "run.-1", "run.x"] {
            assert_eq!(changes.resume(Some(strange)).0, Missed::TooMuch, "{strange}");
        }
        for number in 0..REMEMBERED as u64 {
            changes.tell(world(number));
        }
        assert_eq!(changes.resume(Some("run.1")).0, Missed::TooMuch);
        assert_eq!(changes.resume(Some("run.0")).0, Missed::TooMuch);
        let (Missed::These(missed), _) = changes.resume(Some("run.2")) else { panic!() };
        assert_eq!(missed.len(), REMEMBERED);
    }
}
