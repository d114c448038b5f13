//! One cause on one component of one device, with every fact behind what is concluded of it.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::decisions::DecisionRecord;
use crate::api::nouns::{AssetRef, Dated, Decision, Verdict, title_of};
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use exposome_engine::decide::{Input, Inputs};
use exposome_engine::deferral;
use exposome_engine::grounds::Grounds;
use exposome_engine::metrics::Scored;
use exposome_engine::prioritise::Decided;
use exposome_engine::threat::{Threat, Threats};
use exposome_engine::worklist::in_hundred_thousandths;
use exposome_model::exposure::{Confidence, Evidence, Judgement};
use exposome_model::transition::Place;
use exposome_score::legacy::Interval;
use exposome_site::life::{Turn, Window};
use exposome_store::world::EpssOfDay;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(card))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Card {
    #[serde(flatten)]
    dated: Dated,
    asset: AssetRef,
    component: String,
    version: Option<String>,
    vulnerability: String,
    title: Option<String>,
    verdict: Verdict,
    /// `low`, `medium` or `high`
    confidence: &'static str,
    evidence: Vec<EvidenceView>,
    /// The fact that would settle a verdict of *possibly*
    missing_fact: Option<String>,
    fixed_in: Option<String>,
    decision: DecisionView,
    severity: Severity,
    /// null: no score is known, which is not a low one
    epss: Option<Epss>,
    kev: Option<Kev>,
    exploits: Vec<Exploit>,
    exploited: Option<Exploited>,
    /// What the SSVC deployer tree would come to: one outcome, or those that what is not known leaves open
    deployer: Vec<String>,
    deferral: Option<Deferral>,
    window: WindowView,
    decisions: Vec<DecisionRecord>,
    history: Vec<Step>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Evidence)]
struct EvidenceView {
    publisher: String,
    document: String,
    because: String,
}

impl EvidenceView {
    fn of(evidence: &Evidence) -> EvidenceView {
        let Evidence { publisher, document, because } = evidence.clone();
        EvidenceView { publisher, document, because }
    }
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = CardDecision)]
struct DecisionView {
    outcome: Decision,
    /// The row of the policy's table
    row: String,
    because: String,
    /// Raised by one level for human impact
    raised: bool,
    /// It would be deferred once a clinical engineer signs
    awaits_signature: bool,
    /// Facts that are not known and would change the outcome
    unsettled: Vec<&'static str>,
    due: Option<Timestamp>,
    clock_days: Option<u16>,
    /// The days of CISA's BOD 26-04, where they are fewer and the day follows them
    directive_days: Option<u16>,
    inputs: Vec<InputView>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Input)]
struct InputView {
    name: &'static str,
    /// null: not known
    value: Option<&'static str>,
    may_be: Vec<&'static str>,
    fact_to_settle: Option<&'static str>,
}

impl InputView {
    fn all(inputs: Inputs) -> Vec<InputView> {
        let view = |input: Input| {
            let values = inputs.get(input);
            InputView {
                name: input.name(),
                value: values.name(input),
                may_be: values.names(input).collect(),
                fact_to_settle: (!values.is_known()).then(|| input.fact()),
            }
        };
        Input::ALL.into_iter().map(view).collect()
    }
}

#[derive(Serialize, utoipa::ToSchema)]
struct Severity {
    published: Option<Published>,
    /// CVSS-BE: how severe it is in this place
    environmental: Option<IntervalView>,
    /// CVSS-BTE: with what is known of attacks
    full: Option<IntervalView>,
    /// The whole vector, where one of CVSS 4.0 is published
    vector: Option<String>,
    metrics: Vec<MetricView>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Published {
    pub(crate) version: &'static str,
    pub(crate) score: String,
    pub(crate) vector: String,
    pub(crate) publisher: String,
}

impl Published {
    pub(crate) fn of(threat: Option<&Threat>) -> Option<Published> {
        let severity = threat?.severity.as_ref()?;
        Some(Published {
            version: severity.version,
            score: severity.score.to_string(),
            vector: severity.vector.clone(),
            publisher: severity.source.publisher.clone(),
        })
    }
}

/// The lowest and the highest a score can be as far as is known.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Interval)]
struct IntervalView {
    low: String,
    high: String,
    /// From an older vector, over all its translations
    derived: bool,
    /// From where on the policy calls it high; null where the policy does not ask
    policy_line: Option<String>,
    /// Both ends are on one side of the line
    decided: bool,
    /// The fact that would settle on which side it is
    settles: Option<&'static str>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Metric)]
struct MetricView {
    /// `CR`
    metric: &'static str,
    /// `H`; null: it can be several
    value: Option<String>,
    may_be: Vec<String>,
    rule: Option<String>,
    because: Option<String>,
    /// The facts it was set by
    facts: Vec<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Epss {
    probability: String,
    percentile: String,
    model: String,
    date: Date,
    history: Vec<EpssDay>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct EpssDay {
    date: Date,
    probability: String,
    /// Where another model scores from this day on
    model: Option<String>,
}

impl Epss {
    /// The score in force, and those of all days up to it.
    pub(crate) fn of(threats: &Threats, vulnerability: &str, days: Vec<EpssOfDay>) -> Option<Epss> {
        let score = threats.get(vulnerability)?.epss?;
        let edition = threats.epss_edition()?;
        let mut before = None;
        let history = days.into_iter().map(|day| EpssDay {
            date: day.score_date,
            probability: in_hundred_thousandths(day.score.0),
            model: before
                .replace(day.model_version.clone())
                .filter(|it| *it != day.model_version)
                .map(|_| day.model_version),
        });
        Some(Epss {
            probability: in_hundred_thousandths(score.probability_e5),
            percentile: in_hundred_thousandths(score.percentile_e5),
            model: edition.model_version.clone(),
            date: edition.score_date,
            history: history.collect(),
        })
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Kev {
    added: Date,
    /// The day CISA gives federal agencies
    due: Option<Date>,
    /// null: not known
    ransomware: Option<bool>,
    action: Option<String>,
}

impl Kev {
    pub(crate) fn of(threat: Option<&Threat>) -> Option<Kev> {
        let entry = threat?.kev.as_ref()?;
        let action = entry.required_action.clone();
        Some(Kev {
            added: entry.added,
            due: entry.due,
            ransomware: entry.ransomware,
            action: (!action.is_empty()).then_some(action),
        })
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Exploit {
    name: String,
    published: Option<Date>,
}

impl Exploit {
    pub(crate) fn all(threat: Option<&Threat>) -> Vec<Exploit> {
        let exploits = threat.into_iter().flat_map(|it| &it.exploits);
        let exploit = |it: &exposome_model::knowledge::ExploitEntry| Exploit {
            name: it.name.clone(),
            published: it.published,
        };
        exploits.map(exploit).collect()
    }
}

#[derive(Serialize, utoipa::ToSchema)]
struct Exploited {
    since: Option<Date>,
    publisher: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Deferral {
    number: u64,
    by: String,
    second: Option<String>,
    reason: String,
    at: Timestamp,
    wires: Vec<WireView>,
    review: Option<Date>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Wire)]
struct WireView {
    wire: Watched,
    /// null: nobody can say
    now: Option<String>,
    limit: String,
    tripped: bool,
    because: Option<String>,
    evaluable: bool,
}

/// What a wire watches.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Watched {
    Exploited,
    Exploit,
    Epss,
    Path,
    Fix,
    Review,
}

impl From<deferral::Watched> for Watched {
    fn from(watched: deferral::Watched) -> Watched {
        match watched {
            deferral::Watched::Exploited => Watched::Exploited,
            deferral::Watched::Exploit => Watched::Exploit,
            deferral::Watched::Epss => Watched::Epss,
            deferral::Watched::Path => Watched::Path,
            deferral::Watched::Fix => Watched::Fix,
            deferral::Watched::Review => Watched::Review,
        }
    }
}

/// The moments of an exposure's life; null: it has not come, or is not known.
#[derive(Serialize, utoipa::ToSchema)]
struct WindowView {
    disclosed: Option<Timestamp>,
    known_to_us: Option<Timestamp>,
    exploitable: Option<Timestamp>,
    mitigated: Option<Timestamp>,
    fixed: Option<Timestamp>,
    verified: Option<Timestamp>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Step {
    at: Timestamp,
    from: Option<Decision>,
    /// Null: it is no exposure any more
    to: Option<Decision>,
    because: String,
}

impl Step {
    /// The latest first.
    fn all(turns: &[Turn]) -> Vec<Step> {
        let outcome = |turn: &Turn| turn.stand.as_ref().map(|it| it.outcome.into());
        let before = std::iter::once(None).chain(turns.iter().map(outcome));
        let steps = before.zip(turns).map(|(from, turn)| Step {
            at: turn.as_of,
            from,
            to: outcome(turn),
            because: turn.why.iter().map(|it| it.words.as_str()).collect::<Vec<_>>().join("; "),
        });
        let mut steps: Vec<Step> = steps.collect();
        steps.reverse();
        steps
    }
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct OfCard {
    site: Option<String>,
    as_of: Option<Timestamp>,
    /// The component's name, where several of the device have it
    component: Option<String>,
}

/// Why a device has (or has not) a vulnerability, and why it comes when it comes
#[utoipa::path(get, path = "/api/v1/assets/{asset}/exposures/{vulnerability}", tag = "exposures",
    params(("asset" = String, Path), ("vulnerability" = String, Path), OfCard), responses((status = 200, body = Card)))]
async fn card(
    State(house): State<House>,
    caller: Caller,
    Path((id, vulnerability)): Path<(String, String)>,
    Asked(asked): Asked<OfCard>,
) -> Result<Json<Card>, Problem> {
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    let asset = sight.asset(&id)?;
    let desk = sight.desk();
    let state = desk.asset(asset).ok_or_else(|| Problem::not_found("device"))?;
    let bill = desk.assessment().bills.get(state.alike.bill as usize);
    let bill = bill.ok_or_else(|| Problem::not_found("device"))?;
    let is_meant = |judgement: &Judgement| {
        let component = bill.components.get(judgement.component as usize);
        judgement.vulnerability.eq_ignore_ascii_case(&vulnerability)
            && asked
                .component
                .as_ref()
                .is_none_or(|name| component.is_some_and(|it| it.name == *name))
    };
    let judgements = (0..).zip(&bill.judgements).filter(|(_, it)| is_meant(it));
    // Of several the surest that it is concerned.
    let found = judgements.max_by_key(|(number, it)| (it.verdict, std::cmp::Reverse(*number)));
    let (number, judgement) = found.ok_or_else(|| {
        Problem::not_found("exposure")
            .way_out("no document that is loaded speaks of it for this device; that is no proof")
    })?;
    let component = bill.components.get(judgement.component as usize);
    let rules = &sight.view.in_force.rules;
    let mut decided = desk.explain(asset, number, rules);
    let threat = desk.threat(&judgement.vulnerability);
    let (store, site, at) = (&house.store, &sight.view.site, desk.as_of());
    let claims = store.whole_claims_at(site, desk.anchors(asset), at).await?;
    let zones = store.claims_at(site, desk.zone_anchors(asset), at).await?;
    if let Some(scored) = decided.as_mut().and_then(|it| it.scored.as_mut()) {
        let grounds = Grounds {
            claims: [&claims, &zones],
            people: &sight.view.people,
            vulnerability: &judgement.vulnerability,
            threat,
        };
        grounds.name(&mut scored.metrics, &rules.metrics);
    }
    let is_of =
        |place: &Place| component.is_some_and(|it| place.is_of(it, &judgement.vulnerability));
    let turns = sight.turns(&house, &state.asset.id).await?.into_iter();
    let turns: Vec<Turn> = turns.filter(|it| is_of(&it.0)).map(|it| it.1).collect();
    let known = Some(state.alike.first_recorded);
    let window = Window::of((threat, known), &turns, (component, &claims));
    let scores = store.epss_of(&judgement.vulnerability, at).await?;
    let line = rules.policy.thresholds.severity_high;
    let deferral = desk.deferral(asset, number, rules).map(|(deferred, wires)| Deferral {
        number: deferred.number,
        by: deferred.word.by.to_string(),
        second: deferred.word.second.as_ref().map(ToString::to_string),
        reason: deferred.word.reason.clone(),
        at: deferred.word.at,
        review: exposome_engine::people::deferral(&deferred.word).map(|(wires, _)| wires.review),
        wires: wires
            .into_iter()
            .map(|it| WireView {
                wire: it.wire.into(),
                evaluable: it.now.is_some(),
                now: it.now,
                limit: it.limit,
                tripped: it.tripped.is_some(),
                because: it.tripped,
            })
            .collect(),
    });
    Ok(Json(Card {
        dated: Dated::of(&sight.view),
        asset: AssetRef::of(desk, asset),
        component: component.map_or_else(String::new, |it| it.name.clone()),
        version: component.and_then(|it| it.version.clone()),
        vulnerability: judgement.vulnerability.clone(),
        title: title_of(&judgement.vulnerability, threat),
        verdict: judgement.verdict.into(),
        confidence: match judgement.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        },
        evidence: judgement.evidence.iter().map(EvidenceView::of).collect(),
        missing_fact: judgement.missing_fact.clone(),
        fixed_in: judgement.fixed_in.clone(),
        decision: decision(judgement, decided.as_ref()),
        severity: severity(threat, decided.as_ref(), line),
        epss: Epss::of(&desk.threats, &judgement.vulnerability, scores),
        kev: Kev::of(threat),
        exploits: Exploit::all(threat),
        exploited: threat.and_then(exploited),
        deployer: decided.map(|it| it.deployer).unwrap_or_default(),
        deferral,
        window: WindowView {
            disclosed: window.disclosed,
            known_to_us: window.known,
            exploitable: window.exploitable,
            mitigated: window.mitigated,
            fixed: window.fixed,
            verified: window.verified,
        },
        decisions: component.map_or_else(Vec::new, |component| {
            DecisionRecord::about(&sight.view, asset, component, &judgement.vulnerability)
        }),
        history: Step::all(&turns),
    }))
}

fn exploited(threat: &Threat) -> Option<Exploited> {
    if let Some((since, publisher)) = &threat.exploited_since {
        return Some(Exploited { since: Some(*since), publisher: publisher.publisher.clone() });
    }
    let (exploitation, publisher) = threat.exploitation.as_ref()?;
    let is_active = *exploitation == exposome_model::knowledge::Exploitation::Active;
    is_active.then(|| Exploited { since: None, publisher: publisher.publisher.clone() })
}

/// What is not affected is decided by its verdict.
fn decision(judgement: &Judgement, decided: Option<&Decided>) -> DecisionView {
    let is_affected = judgement.verdict != exposome_model::exposure::Verdict::NotAffected;
    match decided.filter(|_| is_affected) {
        Some(Decided { decision, inputs, due, directive_days, .. }) => DecisionView {
            outcome: decision.outcome.into(),
            row: decision.row.clone(),
            because: decision.because.clone(),
            raised: decision.raised,
            awaits_signature: decision.awaits_signature,
            unsettled: decision.unsettled.clone(),
            due: *due,
            clock_days: decision.clock_days,
            directive_days: *directive_days,
            inputs: InputView::all(*inputs),
        },
        None => DecisionView {
            outcome: Decision::NotAffected,
            row: String::new(),
            because: judgement.evidence.first().map_or_else(String::new, |it| it.because.clone()),
            raised: false,
            awaits_signature: false,
            unsettled: Vec::new(),
            due: None,
            clock_days: None,
            directive_days: None,
            inputs: Vec::new(),
        },
    }
}

fn severity(
    threat: Option<&Threat>,
    decided: Option<&Decided>,
    line: exposome_score::Tenths,
) -> Severity {
    let published = Published::of(threat);
    let Some(Scored { metrics, environmental, full, vector, .. }) =
        decided.and_then(|it| it.scored.as_ref())
    else {
        return Severity {
            published,
            environmental: None,
            full: None,
            vector: None,
            metrics: Vec::new(),
        };
    };
    let unsettled = decided.and_then(|it| it.decision.unsettled.first()).copied();
    let interval = |it: &Interval, line: Option<exposome_score::Tenths>| {
        let decided = line.is_none_or(|line| (it.low >= line) == (it.high >= line));
        IntervalView {
            low: it.low.to_string(),
            high: it.high.to_string(),
            derived: vector.is_none(),
            policy_line: line.map(|line| line.to_string()),
            decided,
            settles: unsettled.filter(|_| !decided),
        }
    };
    let metric = |it: &exposome_engine::metrics::Metric| MetricView {
        metric: it.name,
        value: match it.values.as_slice() {
            [one] => Some(one.to_string()),
            _ => None,
        },
        may_be: it.values.iter().map(char::to_string).collect(),
        rule: it.rule.clone(),
        because: it.because.clone(),
        facts: it.facts.iter().map(ToString::to_string).collect(),
    };
    Severity {
        published,
        environmental: Some(interval(environmental, Some(line))),
        full: Some(interval(full, None)),
        vector: vector.map(|vector| vector.to_string()),
        metrics: metrics.iter().map(metric).collect(),
    }
}
