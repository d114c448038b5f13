//! Devices: the list, and each with everything that is known of it and how we know.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::decisions::DecisionRecord;
use crate::api::nouns::{AssetRef, Dated, Decision, ExposureRow};
use crate::api::worklist::Listed;
use crate::api::{cursor, limit};
use crate::body::Asked;
use crate::export::{self, Column, Csv};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use exposome_engine::agreement::{Agreement, compare_of};
use exposome_engine::assess::day_of;
use exposome_engine::decide::{Input, Outcome};
use exposome_engine::desk::Desk;
use exposome_engine::desk::fields::Name;
use exposome_engine::identify::Asset;
use exposome_engine::support::State as Support;
use exposome_model::claim::Claim;
use exposome_model::inventory::{Attribute, Component, ComponentKind};
use exposome_model::transition::{About, Place};
use exposome_site::life::Turn;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(asset))
}

#[derive(Serialize, utoipa::ToSchema)]
struct AssetList {
    #[serde(flatten)]
    dated: Dated,
    /// How many devices the filter names
    devices: usize,
    /// Of how many devices it could not say whether they are meant, because a fact is missing
    undecidable: usize,
    rows: Vec<AssetRow>,
    next: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AssetRow {
    #[serde(flatten)]
    asset: AssetRef,
    /// Of its most urgent exposure; null: nothing that is known exposes it
    decision: Option<Decision>,
    act_now: usize,
    exposures: usize,
    /// When a source last saw it
    seen: Option<Timestamp>,
    /// How many sources speak of it
    sources: usize,
}

impl AssetRow {
    fn of(desk: &Desk, asset: u32) -> AssetRow {
        let sum = desk.sum_of(asset);
        let [.., act_now] = sum.by_outcome;
        let worst = Outcome::ALL.into_iter().rev();
        let mut worst =
            worst.filter(|it| sum.by_outcome.get(*it as usize).is_some_and(|it| *it > 0));
        let anchors = desk.anchors(asset);
        let mut sources: Vec<&str> = anchors.iter().map(|it| it.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        AssetRow {
            asset: AssetRef::of(desk, asset),
            decision: worst.next().map(Decision::from),
            act_now,
            exposures: sum.exposures,
            seen: desk.seen(asset),
            sources: sources.len(),
        }
    }

    fn row(&self) -> Csv {
        let mut row = Csv::default();
        row.text(&self.asset.id)
            .text(&self.asset.title)
            .maybe(self.asset.maker.as_deref())
            .maybe(self.asset.model.as_deref())
            .maybe(self.asset.unit.as_deref())
            .maybe(self.asset.location.as_deref())
            .maybe(self.asset.category.as_deref())
            .truth(self.asset.gated)
            .word(&self.decision)
            .number(self.act_now)
            .number(self.exposures)
            .moment(self.seen)
            .number(self.sources);
        row
    }
}

const COLUMNS: &[Column] = &[
    "asset",
    "device",
    "maker",
    "model",
    "unit",
    "location",
    "category",
    "gated",
    "decision",
    "act_now",
    "exposures",
    "seen",
    "sources",
];

/// Every device, by its id
#[utoipa::path(get, path = "/api/v1/assets", tag = "assets", params(Listed), responses((status = 200, body = AssetList)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Listed>,
) -> Result<Response, Problem> {
    let sight = Sight::of(&house, &caller, &asked.place()).await?;
    let desk = sight.desk();
    let predicate = sight.predicate(asked.filter())?;
    let (assets, undecidable) =
        desk.choose_assets(&predicate, sight.within()).map_err(|field| {
            Problem::unfit("filter", format!("{field} is a question to exposures, not to devices"))
        })?;
    if asked.is_csv() {
        let view = sight.view.clone();
        let as_of = desk.as_of();
        let rows = assets.into_iter().map(move |asset| AssetRow::of(&view.desk, asset).row());
        return Ok(export::csv(COLUMNS, rows, ("devices", as_of)));
    }
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
    Ok(Json(AssetList {
        dated: Dated::of(&sight.view),
        devices: assets.len(),
        undecidable,
        rows: page.iter().map(|&asset| AssetRow::of(desk, asset)).collect(),
        next,
    })
    .into_response())
}

#[derive(Serialize, utoipa::ToSchema)]
struct AssetPage {
    #[serde(flatten)]
    dated: Dated,
    #[serde(flatten)]
    asset: AssetRef,
    attributes: Vec<AttributeView>,
    identity: Identity,
    /// Since when no source sees it any more
    not_seen_since: Option<Timestamp>,
    safety: Safety,
    reach: Reach,
    zones: Vec<String>,
    components: Vec<Part>,
    /// The most urgent, at most fifty
    exposures: Vec<ExposureRow>,
    /// How many there are
    exposure_count: usize,
    findings: Vec<Finding>,
    decisions: Vec<DecisionRecord>,
    history: Vec<Happened>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AttributeView {
    attribute: &'static str,
    /// The one that holds first; more than one is a conflict
    values: Vec<Held>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Held {
    value: String,
    source: String,
    observed_at: Timestamp,
    holds: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Identity {
    joins: Vec<Join>,
    demoted: Vec<Demoted>,
}

/// Why two sources are taken to speak of one device.
#[derive(Serialize, utoipa::ToSchema)]
struct Join {
    kind: &'static str,
    key: String,
}

/// A key that was not believed.
#[derive(Serialize, utoipa::ToSchema)]
struct Demoted {
    kind: &'static str,
    key: String,
    because: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Safety {
    harm_words: &'static str,
    /// null: it is not gated
    gate_words: Option<&'static str>,
    /// How it may be asked anything over the network
    discovery: &'static str,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Reach {
    /// `open`, `controlled`, `small`; null: not known
    value: Option<&'static str>,
    because: &'static str,
    source: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Part {
    kind: &'static str,
    vendor: Option<String>,
    name: String,
    version: Option<String>,
    purl: Option<String>,
    cpe: Option<String>,
    /// null: no list of support dates knows it
    support: Option<SupportView>,
    exposures: usize,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Support)]
struct SupportView {
    /// `supported`, `limited`, `ended` or `unknown`
    state: &'static str,
    until: Option<Date>,
    source: &'static str,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Finding {
    scanner: String,
    vulnerability: String,
    /// What the scanner says of it; null: it does not report it
    says: Option<&'static str>,
    agrees: bool,
    because: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Happened {
    at: Timestamp,
    words: String,
    detail: String,
    /// `decision` or `fact`
    kind: &'static str,
}

/// So many exposures are shown on the page of a device.
const SHOWN: usize = 50;

/// One device: who says what of it, what is installed, what is open
#[utoipa::path(get, path = "/api/v1/assets/{asset}", tag = "assets", params(("asset" = String, Path), Where), responses((status = 200, body = AssetPage)))]
async fn asset(
    State(house): State<House>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(place): Asked<Where>,
) -> Result<Json<AssetPage>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let asset = sight.asset(&id)?;
    let (desk, view) = (sight.desk(), &sight.view);
    let state = desk.asset(asset).ok_or_else(|| Problem::not_found("device"))?;
    let claims = house.store.claims_at(&view.site, desk.anchors(asset), desk.as_of()).await?;
    let zones = house.store.claims_at(&view.site, desk.zone_anchors(asset), desk.as_of()).await?;
    let turns = sight.turns(&house, &state.asset.id).await?;
    let described = Asset {
        site: view.site.clone(),
        id: state.asset.id.clone(),
        claims: (0..).take(claims.len()).collect(),
        joins: Vec::new(),
    };
    let bill = desk.assessment().bills.get(state.alike.bill as usize);
    let bill = bill.ok_or_else(|| Problem::not_found("device"))?;
    let exposures = desk.of_asset(asset);
    let mut of_component = vec![0; bill.components.len()];
    for exposure in exposures.iter().filter_map(|&it| Some(desk.judged(it)?.1.component)) {
        if let Some(slot) = of_component.get_mut(exposure as usize) {
            *slot += 1;
        }
    }
    let day = day_of(desk.as_of());
    let parts = bill.components.iter().zip(of_component);
    let rules = &view.in_force.rules;
    let category = state.category.as_deref().and_then(|code| rules.categories.by_code(code));
    let demoted = desk.assessment().demoted.iter().filter(|it| carries(it, &claims));
    let compared = compare_of(asset, claims.iter(), Some(bill.as_ref()), &desk.threats);
    Ok(Json(AssetPage {
        dated: Dated::of(view),
        asset: AssetRef::of(desk, asset),
        attributes: attributes(&described, &claims),
        identity: Identity {
            joins: state
                .asset
                .joins
                .iter()
                .map(|it| Join { kind: it.kind.words(), key: it.key.clone() })
                .collect(),
            demoted: demoted
                .map(|it| Demoted {
                    kind: it.kind.words(),
                    key: it.key.clone(),
                    because: format!("{} different things carry it", it.things),
                })
                .collect(),
        },
        not_seen_since: described.not_seen_since(&claims),
        safety: Safety {
            harm_words: harm_words(category.map(|_| state.alike.setting.harm())),
            gate_words: state
                .alike
                .gated
                .then_some("Nothing is changed on it without a signed clinical risk assessment"),
            discovery: match category.map(|it| it.query_tier) {
                None | Some(0) => "It is only listened to",
                Some(1) => "It is asked by its own protocol only",
                Some(_) => "It may be asked while it is idle",
            },
        },
        reach: reach(state.alike.setting.exposure.name(Input::Exposure), &zones),
        zones: zones
            .iter()
            .filter_map(|it| it.sheet.first(Attribute::Zone))
            .map(str::to_owned)
            .collect(),
        components: parts.map(|(it, exposures)| part(desk, it, exposures, day)).collect(),
        exposure_count: exposures.len(),
        exposures: exposures
            .iter()
            .take(SHOWN)
            .filter_map(|&it| ExposureRow::of(desk, asset, it))
            .collect(),
        findings: compared
            .iter()
            .map(|it| Finding {
                scanner: it.source.to_owned(),
                vulnerability: it.cause.to_owned(),
                says: it.theirs.map(|it| match it.state {
                    exposome_model::inventory::FindingState::Open => "open",
                    exposome_model::inventory::FindingState::Fixed => "fixed",
                    exposome_model::inventory::FindingState::Suppressed => "suppressed",
                }),
                agrees: it.agreement == Agreement::Agreed,
                because: it.reason.clone(),
            })
            .collect(),
        decisions: DecisionRecord::of_asset(view, asset),
        history: history(view, asset, &claims, &turns),
    }))
}

fn attributes(asset: &Asset, claims: &[Claim]) -> Vec<AttributeView> {
    let all = Attribute::ALL.iter().map(|&attribute| {
        let values = asset.said(claims, attribute).into_iter().enumerate();
        let values = values.map(|(place, said)| Held {
            value: said.value.to_owned(),
            source: said.source.to_owned(),
            observed_at: said.observed_at,
            holds: place == 0,
        });
        AttributeView { attribute: attribute.name(), values: values.collect() }
    });
    all.filter(|it| !it.values.is_empty()).collect()
}

fn carries(demoted: &exposome_engine::identify::Demoted, claims: &[Claim]) -> bool {
    claims.iter().any(|claim| demoted.is_carried_by(claim))
}

fn reach(value: Option<&'static str>, zones: &[Claim]) -> Reach {
    let because = match value {
        Some("open") => "from outside the hospital",
        Some("controlled") => "from the hospital's network",
        Some(_) => "from its own segment only",
        None => "nobody says; a zone sheet (subnet, zone, exposure) says it for all at once",
    };
    Reach { value, because, source: zones.first().map(|zone| zone.source.clone()) }
}

/// The scale of research on function categories: S5 to S1.
fn harm_words(harm: Option<u8>) -> &'static str {
    match harm {
        Some(5) => "Death in minutes",
        Some(4) => "Serious injury or death in hours",
        Some(3) => "Delayed or wrong treatment",
        Some(2) => "Reversible harm",
        Some(_) => "None",
        None => "Not known, treated as serious",
    }
}

fn part(desk: &Desk, component: &Component, exposures: usize, day: Date) -> Part {
    let support = desk.support.standing(component, day).map(|standing| SupportView {
        state: match standing.state {
            Some(Support::Supported) => "supported",
            Some(Support::Limited) => "limited",
            Some(Support::Ended) => "ended",
            None => "unknown",
        },
        until: standing.until,
        source: "endoflife.date",
    });
    Part {
        kind: match component.kind {
            ComponentKind::Device => "device",
            ComponentKind::System => "system",
            ComponentKind::Application => "application",
            ComponentKind::Package => "package",
        },
        vendor: component.vendor.clone(),
        name: component.name.clone(),
        version: component.version.clone(),
        purl: component.purl.clone(),
        cpe: component.cpe.clone(),
        support,
        exposures,
    }
}

/// So many reasons are told of one assessment.
const REASONS: usize = 3;

/// What people decided of it, what sources first said of it and what assessments concluded anew, the latest first.
fn history(
    view: &exposome_site::resident::View,
    asset: u32,
    claims: &[Claim],
    turns: &[(Place, Turn)],
) -> Vec<Happened> {
    let decided = DecisionRecord::of_asset(view, asset).into_iter().map(|it| Happened {
        at: it.at,
        detail: it.reason,
        words: format!("{}: {}", it.by, it.words),
        kind: "decision",
    });
    let first = claims.iter().map(|claim| Happened {
        at: claim.first_recorded_at,
        words: format!("{} spoke of it for the first time", claim.source),
        detail: format!("as {}", claim.sheet.key),
        kind: "fact",
    });
    // What one assessment concluded is one line.
    let concluded = turns.chunk_by(|a, b| a.1.as_of == b.1.as_of).filter_map(|together| {
        let (_, first) = together.first()?;
        let is_first = first.why.iter().any(|it| it.about == About::First);
        let gone = together.iter().filter(|(_, turn)| turn.stand.is_none()).count();
        let reasons = together.iter().flat_map(|(_, turn)| &turn.why).map(|it| it.words.as_str());
        let reasons: BTreeSet<&str> = reasons.collect();
        let more = if reasons.len() > REASONS { ", and more" } else { "" };
        let reasons: Vec<&str> = reasons.into_iter().take(REASONS).collect();
        let gone = if gone > 0 { format!(", {gone} of them are gone") } else { String::new() };
        Some(Happened {
            at: first.as_of,
            words: if is_first {
                format!("assessed for the first time, exposures: {}", together.len())
            } else {
                format!("exposures that stand elsewhere: {}{gone}", together.len())
            },
            detail: reasons.join("; ") + more,
            kind: "transition",
        })
    });
    let mut history: Vec<Happened> = decided.chain(first).chain(concluded).collect();
    history.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.words.cmp(&b.words)));
    history
}
