//! The inventory: which source sees which devices, and where sources do not agree on what there is.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::nouns::{AssetRef, Dated, Sentence};
use crate::api::{cursor, limit};
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use exposome_engine::desk::fields::Name;
use exposome_engine::desk::{Coverage, Queue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(inventory)).routes(routes!(queue))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Inventory {
    #[serde(flatten)]
    dated: Dated,
    sentence: Sentence,
    devices: usize,
    coverage: CoverageView,
    queues: Queues,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Coverage)]
struct CoverageView {
    by_source: Vec<Covered>,
    by_unit: Vec<Covered>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Covered {
    /// The source's name, or the unit's; null: of devices of which nobody says the unit
    of: Option<String>,
    devices: usize,
    /// What is installed on them is known, so that they can be judged
    judged: usize,
    not_evaluable: usize,
    /// When one of them was last seen
    last: Option<Timestamp>,
}

impl Covered {
    fn of(coverage: Coverage) -> Covered {
        Covered {
            of: coverage.of,
            devices: coverage.devices,
            judged: coverage.judged,
            not_evaluable: coverage.devices - coverage.judged,
            last: coverage.last,
        }
    }
}

/// How many devices wait in each queue.
#[derive(Serialize, utoipa::ToSchema)]
struct Queues {
    /// A source sees them, and none calls them by the hospital's own number
    seen_not_owned: usize,
    /// They have the hospital's own number, and nobody else has seen them
    owned_not_seen: usize,
    /// No source has seen them for thirty days
    stale: usize,
    /// They carry an address or a number that others carry, too
    duplicate: usize,
}

/// Do we know what we have?
#[utoipa::path(get, path = "/api/v1/inventory", tag = "inventory", params(Where), responses((status = 200, body = Inventory)))]
async fn inventory(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Inventory>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let (desk, within) = (sight.desk(), sight.within());
    let count = |queue| desk.queue(queue, within).len();
    let queues = Queues {
        seen_not_owned: count(Queue::SeenNotOwned),
        owned_not_seen: count(Queue::OwnedNotSeen),
        stale: count(Queue::Stale),
        duplicate: count(Queue::Duplicate),
    };
    let by_unit = desk.coverage_by_unit(within);
    let devices = by_unit.iter().map(|it| it.devices).sum();
    let sentence = sentence(devices, &queues);
    let coverage = CoverageView {
        by_source: desk.coverage_by_source(within).into_iter().map(Covered::of).collect(),
        by_unit: by_unit.into_iter().map(Covered::of).collect(),
    };
    Ok(Json(Inventory { dated: Dated::of(&sight.view), sentence, devices, coverage, queues }))
}

fn sentence(devices: usize, queues: &Queues) -> Sentence {
    let open = queues.seen_not_owned + queues.owned_not_seen + queues.stale + queues.duplicate;
    match (devices, open) {
        (0, _) => {
            Sentence::new("no_devices", "No device is known yet: import an inventory to begin.")
        }
        (devices, 0) => Sentence::new("agreed", format!("All sources agree on {devices} devices.")),
        (devices, open) => Sentence::new(
            "open",
            format!("{devices} devices are known; sources do not agree on {open} things."),
        ),
    }
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Paged {
    site: Option<String>,
    as_of: Option<Timestamp>,
    limit: Option<u32>,
    after: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct QueuePage {
    #[serde(flatten)]
    dated: Dated,
    devices: usize,
    rows: Vec<QueueRow>,
    next: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct QueueRow {
    asset: AssetRef,
    why: String,
    step: Step,
    /// When a source last saw it
    seen: Option<Timestamp>,
    /// Who speaks of it
    sources: Vec<String>,
}

/// The next step, one a row.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = NextStep)]
struct Step {
    /// `own`, `find`, `confirm` or `merge`
    kind: &'static str,
    words: &'static str,
}

/// The devices of a queue: `seen_not_owned`, `owned_not_seen`, `stale` or `duplicate`
#[utoipa::path(get, path = "/api/v1/inventory/{queue}", tag = "inventory", params(("queue" = String, Path), Paged), responses((status = 200, body = QueuePage)))]
async fn queue(
    State(house): State<House>,
    caller: Caller,
    Path(name): Path<String>,
    Asked(asked): Asked<Paged>,
) -> Result<Json<QueuePage>, Problem> {
    let queue = Queue::called(&name).ok_or_else(|| Problem::not_found("queue"))?;
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let assets = desk.queue(queue, sight.within());
    let id = |asset: u32| desk.text(Name::Asset, asset).unwrap_or_default();
    let first = match &asked.after {
        None => 0,
        Some(after) => {
            let last = cursor::read(after)?;
            assets.partition_point(|&asset| id(asset) <= last.as_str())
        }
    };
    let limit = limit(asked.limit)? as usize;
    let page = assets.get(first..).unwrap_or_default();
    let page = page.get(..limit.min(page.len())).unwrap_or_default();
    let is_last = first + page.len() >= assets.len();
    let next = page.last().filter(|_| !is_last).map(|&last| cursor::write(id(last)));
    let row = |&asset: &u32| {
        let mut sources: Vec<String> =
            desk.anchors(asset).iter().map(|it| it.source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let (why, step) = next_step(queue, desk.shared_keys(asset));
        QueueRow { asset: AssetRef::of(desk, asset), why, step, seen: desk.seen(asset), sources }
    };
    Ok(Json(QueuePage {
        dated: Dated::of(&sight.view),
        devices: assets.len(),
        rows: page.iter().map(row).collect(),
        next,
    }))
}

fn next_step(queue: Queue, shared: &[String]) -> (String, Step) {
    match queue {
        Queue::SeenNotOwned => (
            "a source sees it, and none calls it by the hospital's own number".to_owned(),
            Step { kind: "own", words: "Find its owner and enter it" },
        ),
        Queue::OwnedNotSeen => (
            "it has the hospital's own number, and nobody else has seen it".to_owned(),
            Step { kind: "find", words: "Find it, or retire its number" },
        ),
        Queue::Stale => (
            "no source has seen it for thirty days".to_owned(),
            Step { kind: "confirm", words: "Confirm that it is still there" },
        ),
        Queue::Duplicate => (
            format!("others carry it, too: {}", shared.join("; ")),
            Step { kind: "merge", words: "Say whether they are one, or correct the number" },
        ),
    }
}
