//! Today: what must be done before anything else, what woke up, and what we cannot see.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::changes::{self, Change};
use crate::api::feeds::FeedView;
use crate::api::nouns::{AssetRef, ByDecision, Dated, Decision, Job, Sentence};
use crate::api::worklist;
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use exposome_engine::decide::Outcome;
use exposome_engine::desk::Desk;
use exposome_engine::desk::fields::Name;
use jiff::SignedDuration;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(today))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Today {
    #[serde(flatten)]
    dated: Dated,
    sentence: Sentence,
    act_now: ActNow,
    /// Deferrals that came back, and why
    woke: Vec<Woke>,
    /// Due within 72 hours, and not among those that cannot wait; at most eight
    due_soon: Vec<Job>,
    /// How many there are beside
    due_soon_more: usize,
    /// What moved since yesterday, the most urgent first; at most twenty
    changed: Vec<Change>,
    /// How many there are beside
    changed_more: usize,
    /// Ways of telling people that take nothing
    dead_channels: Vec<String>,
    blind: Blind,
}

#[derive(Serialize, utoipa::ToSchema)]
struct ActNow {
    /// At most eight
    rows: Vec<Job>,
    /// How many there are beside
    more: usize,
    jobs: usize,
    exposures: usize,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Woke {
    asset: AssetRef,
    component: String,
    vulnerability: String,
    decision: Decision,
    /// The deferral's number
    number: u64,
    /// Which wire tripped
    because: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Blind {
    /// Feeds that are not fresh
    feeds: Vec<FeedView>,
    /// Devices of which no source says what is installed: they cannot be judged
    not_evaluable: usize,
    judged: usize,
    /// Devices in no network that a zone sheet speaks of: from where they can be reached is not known
    without_zone: usize,
}

/// So many jobs of a kind are shown.
const SHOWN: usize = 8;
const CHANGES: usize = 20;

/// What must be done before anything else
#[utoipa::path(get, path = "/api/v1/today", tag = "today", params(Where), responses((status = 200, body = Today)))]
async fn today(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Today>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let answers = house.kept.answers(&sight, "")?;
    let jobs = answers.jobs(desk);
    let urgent = jobs.iter().take_while(|job| job.rank.outcome() == Outcome::ActNow).count();
    let (act_now, rest) = jobs.split_at(urgent);
    let soon = desk.as_of().saturating_add(SignedDuration::from_hours(72));
    let soon = soon.unwrap_or(desk.as_of());
    let mut due_soon: Vec<_> =
        rest.iter().filter(|job| job.due.is_some_and(|due| due <= soon)).cloned().collect();
    let due_soon_more = due_soon.len().saturating_sub(SHOWN);
    due_soon.truncate(SHOWN);
    let shown = |jobs: &[exposome_engine::desk::Job]| worklist::shown(desk, &answers, jobs);
    let at = place.as_of.unwrap_or_else(|| house.now());
    let mut feeds = FeedView::all(&sight.view, at);
    feeds.retain(|it| it.state != "fresh");
    let blind = blind(&sight, feeds);
    let mut changed = changes::seen(&house, &sight, changes::yesterday(desk.as_of())).await?;
    let changed_more = changed.len().saturating_sub(CHANGES);
    changed.truncate(CHANGES);
    let channels = if sight.view.past { Vec::new() } else { house.store.channels().await? };
    let dead = channels.into_iter().filter(|it| it.is_active && it.dead_since.is_some());
    let needed = ["kev", "epss"];
    let is_blind = blind.feeds.iter().find(|it| needed.contains(&it.feed.as_str()));
    let sentence = match is_blind {
        Some(feed) => cannot_say(feed),
        None if urgent == 0 => quiet(desk, &blind),
        None => worklist::sentence(desk, jobs),
    };
    Ok(Json(Today {
        dated: Dated::of(&sight.view),
        sentence,
        act_now: ActNow {
            rows: shown(act_now.get(..SHOWN.min(urgent)).unwrap_or_default()),
            more: urgent.saturating_sub(SHOWN),
            jobs: urgent,
            exposures: ByDecision::of(answers.total(desk).by_outcome).act_now,
        },
        woke: woke(&sight),
        due_soon: shown(&due_soon),
        due_soon_more,
        changed,
        changed_more,
        dead_channels: dead.map(|it| it.name).collect(),
        blind,
    }))
}

/// Without these nobody knows what is urgent, and nothing looks like calm.
fn cannot_say(feed: &FeedView) -> Sentence {
    let why = match (feed.state, feed.age_days) {
        ("missing", _) => format!("{} has never been loaded", feed.title),
        (_, Some(age)) => format!("{} is {age} days old", feed.title),
        (_, None) => format!("{} is of no known day", feed.title),
    };
    Sentence::new("cannot_say", format!("We cannot say what must be done today: {why}."))
}

fn quiet(desk: &Desk, blind: &Blind) -> Sentence {
    let assets = desk.assessment().assets.len();
    if assets == 0 {
        let words = "No device is known yet: import an inventory to begin.";
        return Sentence::new("no_devices", words);
    }
    let unseen = match blind.not_evaluable {
        0 => String::new(),
        many => format!(" {many} could not be judged."),
    };
    let words =
        format!("Nothing has to happen today. {} devices were judged.{unseen}", blind.judged);
    Sentence::new("quiet", words)
}

fn blind(sight: &Sight, feeds: Vec<FeedView>) -> Blind {
    let desk = sight.desk();
    let (mut judged, mut not_evaluable, mut without_zone) = (0, 0, 0);
    for (asset, state) in (0..).zip(&desk.assessment().assets) {
        if !desk.is_seen(asset, sight.within()) {
            continue;
        }
        if desk.assessment().is_judged(state) {
            judged += 1;
        } else {
            not_evaluable += 1;
        }
        without_zone += usize::from(desk.text(Name::Reach, asset).is_none());
    }
    Blind { feeds, not_evaluable, judged, without_zone }
}

/// Deferrals one of whose wires has tripped, on the devices they are about.
fn woke(sight: &Sight) -> Vec<Woke> {
    let desk = sight.desk();
    let assessment = desk.assessment();
    let mut woke = Vec::new();
    for (number, cohort) in (0..).zip(&assessment.cohorts) {
        let Some(bill) = assessment.bills.get(cohort.alike.bill as usize) else { continue };
        for deferred in &bill.deferred {
            for &asset in cohort.assets.iter().filter(|&&it| desk.is_seen(it, sight.within())) {
                let rules = &sight.view.in_force.rules;
                let found = desk.deferral(asset, deferred.judgement, rules);
                let tripped = found.and_then(|(found, wires)| {
                    let is_this = found.number == deferred.number;
                    wires.into_iter().filter(|_| is_this).find_map(|it| it.tripped)
                });
                let Some(because) = tripped else { continue };
                let Some(exposure) = desk.exposure_of(number, deferred.judgement) else { continue };
                let Some((component, judgement)) = desk.judged(exposure) else { continue };
                let decision = desk.exposure(exposure).and_then(|it| assessment.decision(it));
                woke.push(Woke {
                    asset: AssetRef::of(desk, asset),
                    component: component.name.clone(),
                    vulnerability: judgement.vulnerability.clone(),
                    decision: decision.map_or(Decision::NotEvaluable, |it| it.outcome.into()),
                    number: deferred.number,
                    because,
                });
            }
        }
    }
    woke.sort_by(|a, b| (a.decision, &a.asset.id).cmp(&(b.decision, &b.asset.id)));
    woke
}
