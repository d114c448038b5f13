//! Applications: systems made of parts, the weakest first, and the parts that nobody can see.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::nouns::{Dated, Decision, Sentence};
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use exposome_engine::desk::Desk;
use exposome_engine::desk::fields::Name;
use exposome_engine::worklist::{Rank, because};
use exposome_model::exposure::Verdict;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(application))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Applications {
    #[serde(flatten)]
    dated: Dated,
    rows: Vec<ApplicationRow>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct ApplicationRow {
    name: String,
    parts: usize,
    /// Parts of which no source says what is installed
    unseen: usize,
    worst: Option<Decision>,
    /// The part that stands first in the worklist
    weakest: Option<String>,
    owner: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct ApplicationPage {
    #[serde(flatten)]
    dated: Dated,
    name: String,
    sentence: Sentence,
    owner: Option<String>,
    managed_by: Option<String>,
    data_classes: Vec<String>,
    parts: Vec<ApplicationPart>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct ApplicationPart {
    layer: Layer,
    part: String,
    role: String,
    asset: String,
    state: PartState,
    /// null: nothing that is known exposes it
    decision: Option<Decision>,
    because: Option<String>,
    affected: usize,
    possibly: usize,
    components: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Layer {
    Users,
    Application,
    Interface,
    Database,
    Backup,
    Hosted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum PartState {
    /// Something is known to be open
    Exposed,
    /// What is installed is known, and nothing is known to be open
    NothingKnown,
    /// No source says what is installed: it cannot be judged, which is not clean
    Unseen,
}

impl Layer {
    /// By the word for its role.
    fn of(role: &str, managed_by: Option<&str>) -> Layer {
        let role = role.to_lowercase();
        let is_any = |words: &[&str]| words.iter().any(|word| role.contains(word));
        if is_any(&["database"]) {
            Layer::Database
        } else if is_any(&["interface", "gateway", "engine"]) {
            Layer::Interface
        } else if is_any(&["backup", "archive"]) {
            Layer::Backup
        } else if is_any(&["portal", "client", "workstation", "telehealth"]) {
            Layer::Users
        } else if is_any(&["hosted", "cloud"])
            || managed_by.is_some_and(|it| it.eq_ignore_ascii_case("vendor"))
        {
            Layer::Hosted
        } else {
            Layer::Application
        }
    }
}

/// Every application, and its weakest part
#[utoipa::path(get, path = "/api/v1/applications", tag = "applications", params(Where), responses((status = 200, body = Applications)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Applications>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let rows = desk.applications().filter_map(|(name, assets)| {
        let parts = parts(&sight, assets);
        let weakest = parts.iter().find(|part| part.state == PartState::Exposed);
        let seen = seen(&sight, assets);
        (!parts.is_empty()).then(|| ApplicationRow {
            name: name.to_owned(),
            parts: parts.len(),
            unseen: parts.iter().filter(|part| part.state == PartState::Unseen).count(),
            worst: weakest.and_then(|part| part.decision),
            weakest: weakest.map(|part| part.part.clone()),
            owner: only_one(desk, &seen, Name::Owner),
        })
    });
    Ok(Json(Applications { dated: Dated::of(&sight.view), rows: rows.collect() }))
}

/// Those of them that the caller sees.
fn seen(sight: &Sight, assets: &[u32]) -> Vec<u32> {
    let is_seen = |asset: &u32| sight.desk().is_seen(*asset, sight.within());
    assets.iter().copied().filter(is_seen).collect()
}

/// One application: its parts in layers, the weakest of each first
#[utoipa::path(get, path = "/api/v1/applications/{name}", tag = "applications", params(("name" = String, Path), Where), responses((status = 200, body = ApplicationPage)))]
async fn application(
    State(house): State<House>,
    caller: Caller,
    Path(name): Path<String>,
    Asked(place): Asked<Where>,
) -> Result<Json<ApplicationPage>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let found = desk.applications().find(|(known, _)| known.eq_ignore_ascii_case(&name));
    let (name, assets) = found.ok_or_else(|| Problem::not_found("application"))?;
    let parts = parts(&sight, assets);
    if parts.is_empty() {
        return Err(Problem::not_found("application"));
    }
    let assets = &seen(&sight, assets)[..];
    let data: BTreeSet<&str> =
        assets.iter().filter_map(|&asset| desk.text(Name::DataClass, asset)).collect();
    Ok(Json(ApplicationPage {
        dated: Dated::of(&sight.view),
        sentence: sentence(&parts),
        owner: only_one(desk, assets, Name::Owner),
        managed_by: only_one(desk, assets, Name::ManagedBy),
        data_classes: data.into_iter().map(str::to_owned).collect(),
        name: name.to_owned(),
        parts,
    }))
}

/// What all say; none where two differ.
fn only_one(desk: &Desk, assets: &[u32], name: Name) -> Option<String> {
    let said: BTreeSet<&str> = assets.iter().filter_map(|&asset| desk.text(name, asset)).collect();
    if said.len() == 1 { said.first().map(|it| (*it).to_owned()) } else { None }
}

/// By layer; in each what stands first in the worklist, then what nobody can see.
fn parts(sight: &Sight, assets: &[u32]) -> Vec<ApplicationPart> {
    let desk = sight.desk();
    let seen = assets.iter().copied().filter(|&asset| desk.is_seen(asset, sight.within()));
    let mut parts: Vec<(_, ApplicationPart)> = seen.filter_map(|asset| part(desk, asset)).collect();
    parts.sort_by(|(a, one), (b, other)| {
        (one.layer, a, &one.part).cmp(&(other.layer, b, &other.part))
    });
    parts.into_iter().map(|(_, part)| part).collect()
}

fn part(desk: &Desk, asset: u32) -> Option<((u8, Option<Rank>), ApplicationPart)> {
    let state = desk.asset(asset)?;
    let bill = desk.assessment().bills.get(state.alike.bill as usize)?;
    let exposures = desk.of_asset(asset);
    let first = exposures.first().copied();
    let verdicts = |wanted: Verdict| {
        let judged = exposures.iter().filter_map(|&it| desk.judged(it));
        judged.filter(|(_, it)| it.verdict == wanted).count()
    };
    let reason = first.and_then(|it| {
        let (_, judgement) = desk.judged(it)?;
        let decision = desk.assessment().decision(desk.exposure(it)?)?;
        let threat = desk.threat(&judgement.vulnerability);
        Some((decision.outcome, because(threat, judgement, decision)))
    });
    let part_state = if first.is_some() {
        PartState::Exposed
    } else if bill.components.is_empty() {
        PartState::Unseen
    } else {
        PartState::NothingKnown
    };
    let role = desk.text(Name::Class, asset).unwrap_or_default().to_owned();
    let (outcome, because) = reason.unzip();
    let order = match part_state {
        PartState::Exposed => 0,
        PartState::Unseen => 1,
        PartState::NothingKnown => 2,
    };
    let part = ApplicationPart {
        layer: Layer::of(&role, desk.text(Name::ManagedBy, asset)),
        part: desk.text(Name::AssetName, asset).unwrap_or(&state.asset.id).to_owned(),
        role,
        asset: state.asset.id.clone(),
        state: part_state,
        decision: outcome.map(Decision::from),
        because,
        affected: verdicts(Verdict::Affected),
        possibly: verdicts(Verdict::Possibly),
        components: bill.components.len(),
    };
    Some(((order, first.map(|it| desk.rank(it))), part))
}

/// "Its weakest part is the interface engine; two parts cannot be judged."
fn sentence(parts: &[ApplicationPart]) -> Sentence {
    let exposed = parts.iter().filter(|part| part.state == PartState::Exposed);
    let weakest = exposed.min_by_key(|part| part.decision);
    let unseen = parts.iter().filter(|part| part.state == PartState::Unseen).count();
    let weak = weakest.map(|part| format!("Its weakest part is {}", part.part));
    let blind = match unseen {
        0 => None,
        1 => Some("one part cannot be judged".to_owned()),
        many => Some(format!("{many} parts cannot be judged")),
    };
    match (weak, blind) {
        (Some(weak), Some(blind)) => {
            Sentence::new("weakest_and_unseen", format!("{weak}; {blind}."))
        }
        (Some(weak), None) => Sentence::new("weakest", format!("{weak}.")),
        (None, Some(blind)) => {
            Sentence::new("unseen", format!("Nothing is known to be open, but {blind}."))
        }
        (None, None) => Sentence::new("quiet", "Nothing is known to be open on any part."),
    }
}
