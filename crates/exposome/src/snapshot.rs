//! The snapshots beside the facts: where they lie, what they were made from, and when they are made anew.
//!
//! `cache/` in the data folder holds two files a site (`exposome_engine::snapshot`).  A
//! file that is missing, was made from something else or is damaged is made anew, with a line
//! saying so; it is never an error, and never shown.  What a snapshot was made from is its
//! key: this very program with its rules, the place of the facts, how far they go, and of the
//! moment of evaluation what an answer can depend on, which is its day and which feeds
//! were still fresh.

use crate::cli::Cli;
use crate::output::note;
use crate::progress::Progress;
use crate::state;
use anyhow::Result;
use exposome_engine::assess::Assessment;
use exposome_engine::choose::Traits;
use exposome_engine::snapshot::{
    Decided, Examined, Key, Source, Unfit, write_decided, write_examined,
};
use exposome_engine::threat::Threats;
use exposome_engine::worklist::{Line, worklist};
use exposome_engine::world::Sight;
use exposome_site::{InForce, Standing};
use exposome_store::Store;
use exposome_store::position::Position;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// A site as it stands at a moment, ready to be asked.
pub(crate) struct Snapshot {
    pub(crate) as_of: Timestamp,
    pub(crate) in_force: InForce,
    pub(crate) examined: Examined<Place>,
    pub(crate) decided: Decided<Place>,
}

/// Asks the snapshot of a site, which is made where there is none that fits.  Where its bytes turn out damaged,
/// another is made and asked instead.
pub(crate) async fn ask<T>(
    cli: &Cli,
    store: &Store,
    site: &str,
    question: impl Fn(&Snapshot) -> Result<T, Unfit>,
) -> Result<T> {
    let ground = Ground::read(cli, store, site, state::as_of(cli)?).await?;
    let snapshot = ground.snapshot(store).await?;
    match question(&snapshot) {
        Ok(answer) => Ok(answer),
        Err(unfit) => {
            say_anew(unfit);
            Ok(question(&ground.anew(store).await?)?)
        }
    }
}

/// What snapshots of a site are made from.
struct Ground<'a> {
    site: &'a str,
    as_of: Timestamp,
    position: Position,
    in_force: InForce,
    sight: Sight,
    files: Files,
    keys: Keys,
}

/// The keys of the two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Keys {
    examined: Key,
    decided: Key,
}

/// Everything that the keys are made of.
#[derive(serde::Serialize)]
struct MadeFrom<'a> {
    /// This program: its sources and the rules built into it.
    program: &'a str,
    rules: [u8; 32],
    /// `PostgreSQL` by its URL; the folder's own file where there is none.
    database: Option<&'a str>,
    site: &'a str,
    /// Support ends with a day.
    day: String,
    position: &'a Position,
    sight: Sight,
}

impl MadeFrom<'_> {
    fn keys(&self) -> Result<Keys> {
        let MadeFrom { program, rules, database, site, day, position, sight } = self;
        let judged = serde_json::to_vec(&(
            program,
            rules,
            database,
            site,
            day,
            &position.knowledge,
            &position.site,
            &position.decisions,
        ))?;
        let examined: Key = Sha256::digest(&judged).into();
        let decided = serde_json::to_vec(&(examined, &position.feeds, sight))?;
        Ok(Keys { examined, decided: Sha256::digest(&decided).into() })
    }
}

impl<'a> Ground<'a> {
    async fn read(cli: &Cli, store: &Store, site: &'a str, as_of: Timestamp) -> Result<Ground<'a>> {
        // Before anything else: what is recorded from here on makes the key another one.
        let position = store.position(site, as_of).await?;
        let in_force = InForce::at(&exposome_site::people(store, site, as_of).await?)?;
        let states = store.feeds(as_of).await?;
        let dates = states.iter().map(|state| (state.feed.clone(), state.date()));
        let feed_dates: BTreeMap<String, Timestamp> = dates.collect();
        let sight = Sight::of(&feed_dates, in_force.rules.policy.thresholds, as_of);
        let made_from = MadeFrom {
            program: env!("EXPOSOME_BUILD"),
            rules: in_force.ruleset.digest(),
            database: cli.database.as_deref(),
            site,
            day: as_of.to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
            position: &position,
            sight,
        };
        let keys = made_from.keys()?;
        let files = Files::of(&cli.data, site);
        Ok(Ground { site, as_of, position, in_force, sight, files, keys })
    }

    /// From the files, as far as they fit.
    async fn snapshot(&self, store: &Store) -> Result<Snapshot> {
        let open = |file| Examined::open(file, &self.keys.examined);
        let Some(examined) = found(&self.files.examined, open) else {
            return self.anew(store).await;
        };
        let open = |file| Decided::open(file, &self.keys.decided);
        if let Some(decided) = found(&self.files.decided, open) {
            return Ok(self.of(examined, decided));
        }
        let _progress = Progress::working("deciding");
        match self.decide(&examined, store).await? {
            Ok(decided) => Ok(self.of(examined, decided)),
            Err(unfit) => {
                say_anew(unfit);
                self.anew(store).await
            }
        }
    }

    /// From the facts: everything anew.
    async fn anew(&self, store: &Store) -> Result<Snapshot> {
        let _progress = Progress::working("assessing");
        let standing = exposome_site::undecided(store, self.site, self.as_of).await?;
        let Standing { world, claims, mut assessment, .. } = standing;
        let traits = Traits::of(&assessment, &claims, &self.in_force.rules.categories);
        let beside = (&world.threats, &traits);
        let bytes = write_examined(&self.keys.examined, &assessment, &claims, beside);
        drop(claims);
        self.keep(&self.files.examined, &bytes);
        let examined = Examined::open(Place::Memory(bytes), &self.keys.examined)?;
        assessment.decide(&world.threats, self.sight, &self.in_force.rules);
        let decided = self.write_down(&examined, &assessment, &world.threats)?;
        Ok(self.of(examined, decided))
    }

    fn of(&self, examined: Examined<Place>, decided: Decided<Place>) -> Snapshot {
        Snapshot { as_of: self.as_of, in_force: self.in_force.clone(), examined, decided }
    }

    /// From what was examined before and the scores of the day.
    async fn decide(
        &self,
        examined: &Examined<Place>,
        store: &Store,
    ) -> Result<Result<Decided<Place>, Unfit>> {
        let read = examined.undecided(self.as_of).and_then(|it| Ok((it, examined.threats()?)));
        let (mut assessment, mut threats) = match read {
            Ok(read) => read,
            Err(unfit) => return Ok(Err(unfit)),
        };
        let people = exposome_site::people(store, self.site, self.as_of).await?;
        exposome_site::score(&mut threats, store, &people, self.as_of).await?;
        assessment.decide(&threats, self.sight, &self.in_force.rules);
        Ok(self.write_down(examined, &assessment, &threats))
    }

    fn write_down(
        &self,
        examined: &Examined<Place>,
        assessment: &Assessment,
        threats: &Threats,
    ) -> Result<Decided<Place>, Unfit> {
        let lines = lines(assessment, threats);
        let bytes = write_decided(&self.keys.decided, examined, lines, threats, self.sight)?;
        self.keep(&self.files.decided, &bytes);
        Decided::open(Place::Memory(bytes), &self.keys.decided)
    }

    /// A look at the past does not take the place of the present.
    fn keep(&self, path: &Path, bytes: &[u8]) {
        if !self.position.past {
            keep(path, bytes);
        }
    }
}

/// The worklist with its words.
pub(crate) fn lines(assessment: &Assessment, threats: &Threats) -> Vec<Line> {
    let jobs = worklist(assessment, threats).into_iter();
    jobs.map(|job| Line::of(assessment, threats, job)).collect()
}

/// The file, if it fits; why it does not is said.
fn found<T>(path: &Path, open: impl Fn(Place) -> Result<T, Unfit>) -> Option<T> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            note(&format!("the snapshot is made anew: {}: {error}", path.display()));
            return None;
        }
    };
    open(Place::File(RefCell::new(file))).map_err(say_anew).ok()
}

fn say_anew(unfit: Unfit) {
    note(&format!("the snapshot is made anew: {unfit}"));
}

/// The files of a site's snapshots.
struct Files {
    examined: PathBuf,
    decided: PathBuf,
}

impl Files {
    fn of(data: &Path, site: &str) -> Files {
        // A site may be called anything; a file may not.
        let digest = exposome_store::short_digest(site.as_bytes());
        let name = u128::from_be_bytes(digest);
        let file = |kind| data.join("cache").join(format!("{name:032x}.{kind}"));
        Files { examined: file("examined"), decided: file("decided") }
    }
}

/// Puts a file in place whole or not at all.  A cache that cannot be kept costs time and nothing else.
fn keep(path: &Path, bytes: &[u8]) {
    let half = path.with_added_extension("half");
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    let kept = made.and_then(|()| fs::write(&half, bytes)).and_then(|()| fs::rename(&half, path));
    // Two that write at once write the same; the digests find what they tear.
    if let Err(error) = kept.or_else(|it| if path.exists() { Ok(()) } else { Err(it) }) {
        note(&format!("the snapshot is not kept: {}: {error}", path.display()));
    }
}

/// Where a snapshot's bytes lie.
pub(crate) enum Place {
    Memory(Vec<u8>),
    File(RefCell<File>),
}

impl Source for Place {
    fn read(&self, offset: u64, into: &mut [u8]) -> Option<()> {
        match self {
            Place::Memory(bytes) => bytes.read(offset, into),
            Place::File(file) => {
                let mut file = file.borrow_mut();
                file.seek(SeekFrom::Start(offset)).ok()?;
                file.read_exact(into).ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_engine::world::Fresh;

    #[test]
    fn whatever_an_answer_hangs_on_is_in_the_key() {
        let position = Position::default();
        let fresh = Fresh { kev: true, epss: true, exploits: true };
        let stale = Fresh { kev: false, ..fresh };
        let made_from = |change: &str| {
            let mut other = position.clone();
            match change {
                "knowledge" => other.knowledge.documents += 1,
                "knowledge, as many" => other.knowledge.last = Some(1),
                "knowledge, at the same moment" => other.knowledge.digest.push(1),
                "scores" => other.feeds.documents += 1,
                "site" => other.site.documents += 1,
                "a decision" => other.decisions.number += 1,
                "another decision" => other.decisions.chain.push(1),
                _ => {}
            }
            let keys = MadeFrom {
                program: if change == "program" { "b" } else { "a" },
                rules: if change == "policy" { [1; 32] } else { [0; 32] },
                database: (change == "database").then_some("postgres://elsewhere"),
                site: if change == "site's name" { "north" } else { "main" },
                day: if change == "day" { "2026-08-11" } else { "2026-08-10" }.to_owned(),
                position: &other,
                sight: Sight {
                    fresh: if change == "KEV grew old" { stale } else { fresh },
                    fresh_a_week_ago: if change == "KEV is stale for a week" {
                        stale
                    } else {
                        fresh
                    },
                },
            };
            keys.keys().unwrap()
        };
        let same = made_from("");
        assert_eq!(same, made_from("nothing"));
        for change in [
            "program",
            "policy",
            "database",
            "site's name",
            "day",
            "knowledge",
            "knowledge, as many",
            "knowledge, at the same moment",
            "site",
            "a decision",
            "another decision",
        ] {
            let other = made_from(change);
            assert!(same.examined != other.examined && same.decided != other.decided, "{change}");
        }
        for change in ["scores", "KEV grew old", "KEV is stale for a week"] {
            let other = made_from(change);
            assert!(same.examined == other.examined && same.decided != other.decided, "{change}");
        }
    }
}
