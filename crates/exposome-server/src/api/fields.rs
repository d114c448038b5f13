//! The filter language's fields, and a box that finds anything by its name.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::nouns::{AssetRef, Decision, title_of};
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use exposome_engine::desk::fields::{FIELDS, Name};
use exposome_engine::predicate::Kind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(fields)).routes(routes!(search))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Fields {
    rows: Vec<FieldView>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Field)]
struct FieldView {
    name: &'static str,
    /// `text`, `number`, `truth` or `moment`
    kind: &'static str,
    words: &'static str,
    /// All values that are said here, where there are few
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    /// Whether exposures can be counted by it
    countable: bool,
}

/// So many values of a field are listed.
const LISTED: usize = 200;

/// What a filter can ask
#[utoipa::path(get, path = "/api/v1/fields", tag = "worklist", params(Where), responses((status = 200, body = Fields)))]
async fn fields(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Fields>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let all = Name::ALL.iter().zip(FIELDS).map(|(&name, field)| FieldView {
        name: field.name,
        kind: match field.kind {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Truth => "truth",
            Kind::Moment => "moment",
        },
        words: field.words,
        values: values(&sight, name),
        countable: name.is_countable(),
    });
    Ok(Json(Fields { rows: all.collect() }))
}

fn values(sight: &Sight, name: Name) -> Vec<String> {
    let closed = exposome_engine::desk::fields::closed(name);
    if !closed.is_empty() {
        return closed.iter().map(|it| (*it).to_owned()).collect();
    }
    // Who sees some units only is not told what is said in others.
    if name == Name::Asset || !sight.is_whole() {
        return Vec::new();
    }
    let values = sight.desk().values(name);
    if values.len() > LISTED { Vec::new() } else { values.into_iter().map(str::to_owned).collect() }
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Searched {
    site: Option<String>,
    as_of: Option<jiff::Timestamp>,
    /// What is looked for: at least two letters of a device's id, name, address or place, a job, or a vulnerability
    q: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Hits {
    rows: Vec<Hit>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Hit {
    /// `device`, `vulnerability`, `job` or `unit`
    kind: &'static str,
    id: String,
    title: String,
    detail: Option<String>,
    decision: Option<Decision>,
}

/// So many hits of a kind are shown.
const SHOWN: usize = 8;

/// Finds devices, jobs, vulnerabilities and units by a part of their names
#[utoipa::path(get, path = "/api/v1/search", tag = "worklist", params(Searched), responses((status = 200, body = Hits)))]
async fn search(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Searched>,
) -> Result<Json<Hits>, Problem> {
    let wanted = asked.q.trim().to_lowercase();
    if wanted.chars().count() < 2 {
        return Ok(Json(Hits { rows: Vec::new() }));
    }
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let mut rows = Vec::new();
    let places = [Name::Asset, Name::AssetName, Name::Location, Name::Model];
    let found = desk.find_all(&places, &wanted, sight.within(), SHOWN);
    rows.extend(found.into_iter().map(|asset| {
        let of = AssetRef::of(desk, asset);
        let first = desk.of_asset(asset).first().and_then(|&it| desk.exposure(it)).copied();
        let decision = first.and_then(|it| desk.assessment().decision(&it));
        let detail = of.maker.iter().chain(&of.model).cloned().collect::<Vec<_>>().join(" ");
        Hit {
            kind: "device",
            title: format!("{} ({})", of.title, of.id),
            id: of.id,
            detail: (!detail.is_empty()).then_some(detail),
            decision: decision.map(|it| it.outcome.into()),
        }
    }));
    let answers = house.kept.answers(&sight, "")?;
    let jobs = answers.jobs(desk).iter();
    let jobs = jobs.filter(|job| job.product.to_lowercase().contains(&wanted)).take(SHOWN);
    rows.extend(jobs.map(|job| Hit {
        kind: "job",
        id: job.key.to_string(),
        title: job.action.in_words(&job.product),
        detail: Some(format!("{} devices", job.assets)),
        decision: Some(job.rank.outcome().into()),
    }));
    let seen = answers.groups(desk, Name::Vulnerability);
    let seen: BTreeSet<&str> = seen.iter().filter_map(|it| it.value.as_deref()).collect();
    let causes = desk.causes().filter(|(id, threat)| {
        let is_meant = |words: &str| words.to_lowercase().contains(&wanted);
        seen.contains(id) && (is_meant(id) || title_of(id, *threat).is_some_and(|it| is_meant(&it)))
    });
    rows.extend(causes.take(SHOWN).map(|(id, threat)| Hit {
        kind: "vulnerability",
        id: id.to_owned(),
        title: id.to_owned(),
        detail: title_of(id, threat),
        decision: None,
    }));
    if sight.is_whole() {
        let units = desk.values(Name::Unit).into_iter();
        let units = units.filter(|unit| unit.to_lowercase().contains(&wanted)).take(SHOWN);
        rows.extend(units.map(|unit| Hit {
            kind: "unit",
            id: unit.to_owned(),
            title: unit.to_owned(),
            detail: None,
            decision: None,
        }));
    }
    Ok(Json(Hits { rows }))
}
