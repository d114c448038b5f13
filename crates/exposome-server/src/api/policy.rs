//! The policy: the table that decides, and what another one would move before it is put in force.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::decisions::DecisionRecord;
use crate::api::nouns::{Dated, Decision};
use crate::body::{Asked, Brought};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use exposome_engine::decide::{Input, Inputs, Outcome, Policy};
use exposome_engine::moves::{Move, Stand};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(check))
        .routes(routes!(diff))
        .routes(routes!(try_one))
}

#[derive(Serialize, utoipa::ToSchema)]
struct PolicyPage {
    #[serde(flatten)]
    dated: Dated,
    name: String,
    version: String,
    /// The table as it is written (TOML)
    text: String,
    rows: Vec<Row>,
    inputs: Vec<InputWords>,
    /// From here on CVSS-BE counts as high
    severity_high: String,
    /// From here on EPSS counts as likely, in hundred-thousandths
    epss_high_e5: u32,
    epss_model: String,
    /// In words: what human impact does, and what holds for gated devices
    footnotes: Vec<String>,
    clock_days: BTreeMap<&'static str, u16>,
    /// The decision that put it in force; null where the policy that ships with the program decides
    adopted: Option<DecisionRecord>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PolicyRow)]
struct Row {
    id: String,
    /// The conditions in words
    when: String,
    then: Option<Decision>,
    because: String,
    /// How many exposures it decides now
    decides: usize,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PolicyInput)]
struct InputWords {
    name: &'static str,
    values: &'static [&'static str],
    /// The fact to fetch where it is not known
    fact: &'static str,
}

/// The table in force
#[utoipa::path(get, path = "/api/v1/policy", tag = "policy", params(Where), responses((status = 200, body = PolicyPage)))]
async fn show(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<PolicyPage>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let in_force = &sight.view.in_force;
    let policy = &in_force.rules.policy;
    let answers = house.kept.answers(&sight, "")?;
    let by_row = answers.groups(sight.desk(), exposome_engine::desk::fields::Name::Row);
    let decides = |id: &str| {
        by_row.iter().find(|it| it.value.as_deref() == Some(id)).map_or(0, |it| it.exposures)
    };
    let clocks =
        Outcome::ALL.into_iter().filter_map(|it| Some((it.name(), policy.clock_days(it)?)));
    Ok(Json(PolicyPage {
        dated: Dated::of(&sight.view),
        name: policy.name.clone(),
        version: policy.version.clone(),
        text: in_force.ruleset.policy().unwrap_or_default().to_owned(),
        rows: policy
            .printed()
            .into_iter()
            .map(|[id, when, then, because]| {
                let then = Outcome::ALL.into_iter().find(|it| it.words() == then);
                Row { decides: decides(&id), id, when, then: then.map(Decision::from), because }
            })
            .collect(),
        inputs: Input::ALL
            .into_iter()
            .map(|it| InputWords { name: it.name(), values: it.values(), fact: it.fact() })
            .collect(),
        severity_high: policy.thresholds.severity_high.to_string(),
        epss_high_e5: policy.thresholds.epss_high_e5,
        epss_model: policy.epss_model.clone(),
        footnotes: policy.printed_around().into_iter().map(|(_, words)| words).collect(),
        clock_days: clocks.collect(),
        adopted: in_force
            .adopted
            .as_ref()
            .map(|(number, word)| DecisionRecord::of(&sight.view, *number, word)),
    }))
}

#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Candidate {
    /// A policy as it is written (TOML)
    text: String,
}

impl Candidate {
    fn read(&self) -> Result<Policy, Problem> {
        Policy::parse(&self.text).map_err(|error| {
            let source = std::error::Error::source(&error).map(|it| format!(": {it}"));
            Problem::unfit("text", format!("{error}{}", source.unwrap_or_default()))
                .way_out("nothing was changed")
        })
    }
}

#[derive(Serialize, utoipa::ToSchema)]
struct Checked {
    name: String,
    version: String,
    rows: usize,
}

/// Whether a policy decides every combination of the inputs and has no row in vain
#[utoipa::path(post, path = "/api/v1/policy/check", tag = "policy", request_body = Candidate, responses((status = 200, body = Checked)))]
async fn check(Brought(candidate): Brought<Candidate>) -> Result<Json<Checked>, Problem> {
    let policy = candidate.read()?;
    let rows = policy.printed().len();
    Ok(Json(Checked { name: policy.name, version: policy.version, rows }))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Diff {
    #[serde(flatten)]
    dated: Dated,
    /// Those that move to the most urgent first, at most two hundred
    moves: Vec<MoveView>,
    /// How many there are
    moved: usize,
    counts: Vec<Count>,
    /// How many would be late the moment they are set
    clocks_broken: usize,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Move)]
pub(crate) struct MoveView {
    pub(crate) vulnerability: String,
    pub(crate) component: String,
    pub(crate) devices: usize,
    /// Some of them
    pub(crate) assets: Vec<String>,
    pub(crate) from: Option<Decision>,
    pub(crate) to: Option<Decision>,
    pub(crate) because: Vec<String>,
    pub(crate) late: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Count {
    from: Option<Decision>,
    to: Option<Decision>,
    exposures: usize,
}

const SHOWN: usize = 200;
const NAMED: usize = 5;

/// What a policy would move, before it is put in force
#[utoipa::path(post, path = "/api/v1/policy/diff", tag = "policy", params(Where), request_body = Candidate, responses((status = 200, body = Diff)))]
async fn diff(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
    Brought(candidate): Brought<Candidate>,
) -> Result<Json<Diff>, Problem> {
    let policy = candidate.read()?;
    let sight = Sight::of(&house, &caller, &place).await?;
    if sight.view.past {
        return Err(
            Problem::unfit("as_of", "a policy is tried on the present").way_out("leave as_of out")
        );
    }
    sight.must_be_whole()?;
    let resident = house.sites.get(&sight.view.site, house.now()).await?;
    let moved = resident.under_policy(policy).await;
    let mut counts: BTreeMap<(Option<Decision>, Option<Decision>), usize> = BTreeMap::new();
    let as_of = sight.desk().as_of();
    let mut broken = 0;
    let stand =
        |it: &Option<Stand>| -> Option<Decision> { it.as_ref().map(|it| it.outcome.into()) };
    for it in &moved {
        *counts.entry((stand(&it.before), stand(&it.after))).or_default() += it.assets.len();
        broken += if it.is_late(as_of) { it.assets.len() } else { 0 };
    }
    let view = |it: &Move| MoveView {
        vulnerability: it.vulnerability.clone(),
        component: it.component.clone(),
        devices: it.assets.len(),
        assets: it.assets.iter().take(NAMED).cloned().collect(),
        from: stand(&it.before),
        to: stand(&it.after),
        because: it.why.iter().map(|reason| reason.words.clone()).collect(),
        late: it.is_late(as_of),
    };
    Ok(Json(Diff {
        dated: Dated::of(&sight.view),
        moves: moved.iter().take(SHOWN).map(view).collect(),
        moved: moved.len(),
        counts: counts
            .into_iter()
            .map(|((from, to), exposures)| Count { from, to, exposures })
            .collect(),
        clocks_broken: broken,
    }))
}

/// Inputs of the table; what is left out is not known.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Example {
    inputs: BTreeMap<String, String>,
    gated: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Tried {
    outcome: Decision,
    row: String,
    because: String,
    raised: bool,
    unsettled: Vec<&'static str>,
    clock_days: Option<u16>,
}

/// What the table in force says of an example
#[utoipa::path(post, path = "/api/v1/policy/try", tag = "policy", params(Where), request_body = Example, responses((status = 200, body = Tried)))]
async fn try_one(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
    Brought(example): Brought<Example>,
) -> Result<Json<Tried>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let mut inputs = Inputs { gated: example.gated, ..Inputs::unknown() };
    for (name, value) in &example.inputs {
        let input = Input::ALL.into_iter().find(|it| it.name() == name).ok_or_else(|| {
            let known = Input::ALL.map(Input::name).join(", ");
            Problem::unfit("inputs", format!("there is no input {name:?}"))
                .way_out(format!("the inputs are {known}"))
        })?;
        let known = exposome_engine::decide::Values::known(input, value).ok_or_else(|| {
            Problem::unfit("inputs", format!("{name} has no value {value:?}"))
                .way_out(format!("its values are {}", input.values().join(", ")))
        })?;
        inputs = inputs.with_values(input, known);
    }
    let decision = sight.view.in_force.rules.policy.decide(&inputs);
    Ok(Json(Tried {
        outcome: decision.outcome.into(),
        row: decision.row,
        because: decision.because,
        raised: decision.raised,
        unsettled: decision.unsettled,
        clock_days: decision.clock_days,
    }))
}
