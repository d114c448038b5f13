//! `exposome assess`: a site evaluated anew at a moment, in figures, with a digest of every answer.
//!
//! What is assessed now is recorded: what it was drawn from, its digest, and every exposure that stands elsewhere than
//! in the assessment before.  A look at a past moment records nothing.  It shows two answers side by side: as it was
//! concluded then, and as it is computed today from the same facts.  The same program gives the same digest, byte for
//! byte; where a newer one does not, everything that stands elsewhere is listed with what is another one.

use crate::cli::{Assess, Cli};
use crate::exit::Exit;
use crate::output::{List, column, detail, note, say};
use crate::progress::Progress;
use crate::state::{self, Standing};
use crate::{PROGRAM, clock, diff, feeds};
use anyhow::{Result, bail};
use exposome_engine::decide::Outcome;
use exposome_engine::moves::Move;
use exposome_model::summary::Summary;
use exposome_site::{Replay, record, replay};
use exposome_store::Store;
use exposome_store::assessments::{Digest, Finished};
use exposome_store::hex;
use serde_json::{Value, json};

pub(crate) async fn run(cli: &Cli, arguments: &Assess) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let as_of = state::as_of(cli)?;
    let site = &arguments.site;
    feeds::status::say_gaps(&store, site, as_of).await?;
    let standing = state::standing(&store, site, as_of).await?;
    if standing.claims.is_empty() {
        bail!(
            "nothing was known of site {site:?} by {as_of}: an inventory comes first (exposome import FILE)"
        );
    }
    let shown = if cli.as_of.is_some() {
        Box::pin(look_back(&store, site, standing)).await?
    } else {
        let recorded = record::record(&store, site, &standing, PROGRAM, clock::now()).await?;
        note(&format!(
            "assessment {} is recorded; {} exposures stand elsewhere than in the one before",
            recorded.finished.number, recorded.moved
        ));
        let number = Some(recorded.finished.number);
        Shown { lines: vec![Line::of(&standing, number)], replay: None }
    };
    store.close().await;
    shown.print(arguments)?;
    Ok(Exit::Done)
}

/// What was concluded by then, what comes of its facts today, and what comes of those of the very moment.
async fn look_back(store: &Store, site: &str, standing: Standing) -> Result<Shown> {
    let as_of = standing.assessment.as_of;
    let Some(finished) = store.finished(site, as_of).await? else {
        note("no assessment was recorded by then: this is what is computed today");
        return Ok(Shown { lines: vec![Line::of(&standing, None)], replay: None });
    };
    let _progress = Progress::working("replaying");
    let (at_its_moment, later) = if finished.as_of == as_of {
        (standing, None)
    } else {
        (exposome_site::standing(store, site, finished.as_of).await?, Some(standing))
    };
    let replay = replay::replayed(store, site, finished, at_its_moment, PROGRAM).await?;
    let mut lines = vec![Line::concluded(&replay), Line::of(&replay.computed, None)];
    lines.extend(later.map(|it| Line::of(&it, None)));
    Ok(Shown { lines, replay: Some(replay) })
}

/// What is shown of an assessment or two.
struct Shown {
    lines: Vec<Line>,
    replay: Option<Replay>,
}

/// One assessment in figures.
struct Line {
    words: &'static str,
    number: Option<u64>,
    summary: Summary,
    epss: Option<String>,
    program: String,
    ruleset: Digest,
    answers: Digest,
}

impl Line {
    fn of(standing: &Standing, number: Option<u64>) -> Line {
        let epss = standing.world.threats.epss_edition();
        Line {
            words: if number.is_some() { "recorded" } else { "computed today" },
            number,
            summary: record::summary(standing),
            epss: epss.map(|it| format!("{} of {}", it.score_date, it.model_version)),
            program: PROGRAM.to_owned(),
            ruleset: standing.in_force.ruleset.digest(),
            answers: record::answers(standing),
        }
    }

    fn concluded(replay: &Replay) -> Line {
        let Finished { number, program, ruleset, answers, .. } = &replay.finished;
        Line {
            words: "concluded then",
            number: Some(*number),
            summary: replay.summary.clone(),
            epss: None,
            program: program.clone(),
            ruleset: *ruleset,
            answers: *answers,
        }
    }

    fn row(&self) -> Vec<Value> {
        let Summary { as_of, assets, all, .. } = &self.summary;
        // As much of a digest as tells two apart.
        let shown = |digest: &Digest| json!(hex(digest.get(..8).unwrap_or_default()));
        vec![
            json!(self.words),
            json!(self.number),
            json!(as_of),
            json!(assets),
            json!(all.exposures()),
            json!(all.of(Outcome::ActNow)),
            json!(all.of(Outcome::Schedule)),
            json!(all.of(Outcome::Defer)),
            json!(all.of(Outcome::Monitor)),
            json!(self.epss),
            json!(self.program),
            shown(&self.ruleset),
            shown(&self.answers),
        ]
    }
}

impl Shown {
    fn print(&self, arguments: &Assess) -> Result<()> {
        let mut list = List::new(&[
            column("what", "answer"),
            column("number", "number"),
            column("as_of", "as of"),
            column("assets", "assets"),
            column("exposures", "exposures"),
            column("act_now", "act now"),
            column("schedule", "schedule"),
            column("defer", "defer"),
            column("monitor", "monitor"),
            detail("epss"),
            detail("program"),
            column("rules", "rules"),
            column("answers", "answers"),
            detail("moves"),
        ]);
        for (place, line) in self.lines.iter().enumerate() {
            // The second is the first computed anew.
            let moves = self.replay.as_ref().filter(|_| place == 1).map(|it| &it.moves);
            let mut row = line.row();
            row.push(json!(moves));
            list.push(row);
        }
        list.print(arguments.rendering)?;
        let Some(replay) = &self.replay else { return Ok(()) };
        if arguments.rendering.json || arguments.rendering.csv {
            return Ok(());
        }
        say("")?;
        say(&verdict(replay))?;
        for reason in &replay.another {
            say(&format!("  {}", reason.words))?;
        }
        if replay.moves.is_empty() {
            return Ok(());
        }
        say("")?;
        diff::print(&replay.moves, replay.finished.as_of, arguments.rendering)?;
        Ok(())
    }
}

fn verdict(replay: &Replay) -> String {
    let number = replay.finished.number;
    let moved: usize = replay.moves.iter().map(|it: &Move| it.assets.len()).sum();
    match (replay.is_identical(), moved) {
        (true, _) => {
            format!("Assessment {number} is computed today as it was concluded, byte for byte.")
        }
        (false, 0) => format!(
            "Assessment {number} is computed today in other words; every exposure stands where it stood."
        ),
        (false, moved) => format!(
            "Of assessment {number} {moved} exposures are computed elsewhere today; what was concluded stands as it was written down."
        ),
    }
}
