//! What many answers hold: a decision in a word, a device in a line, a job, an exposure.

use exposome_engine::assess::AssetState;
use exposome_engine::decide::Outcome;
use exposome_engine::desk::fields::Name;
use exposome_engine::desk::{Chosen, Desk, Details, Group, Job as DeskJob};
use exposome_engine::threat::Threat;
use exposome_engine::worklist::{Action, because, in_hundred_thousandths};
use exposome_model::exposure as model;
use exposome_site::resident::View;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be done with an exposure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    ActNow,
    Schedule,
    Defer,
    Monitor,
    NotAffected,
    NotEvaluable,
}

impl From<Outcome> for Decision {
    fn from(outcome: Outcome) -> Decision {
        match outcome {
            Outcome::ActNow => Decision::ActNow,
            Outcome::Schedule => Decision::Schedule,
            Outcome::Defer => Decision::Defer,
            Outcome::Monitor => Decision::Monitor,
        }
    }
}

/// Whether a vulnerability concerns a component as installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    Affected,
    Possibly,
    NotAffected,
}

impl From<model::Verdict> for Verdict {
    fn from(verdict: model::Verdict) -> Verdict {
        match verdict {
            model::Verdict::Affected => Verdict::Affected,
            model::Verdict::Possibly => Verdict::Possibly,
            model::Verdict::NotAffected => Verdict::NotAffected,
        }
    }
}

/// A page's one sentence, computed from a closed set of templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Sentence {
    pub(crate) template: &'static str,
    pub(crate) words: String,
}

impl Sentence {
    pub(crate) fn new(template: &'static str, words: impl Into<String>) -> Sentence {
        Sentence { template, words: words.into() }
    }
}

/// Of when an answer is, and what it was drawn from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Dated {
    pub(crate) as_of: Timestamp,
    /// Two answers with the same one were drawn from the same facts.
    pub(crate) position: String,
}

impl Dated {
    pub(crate) fn of(view: &View) -> Dated {
        Dated { as_of: view.desk.as_of(), position: view.mark.clone() }
    }
}

/// A device in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AssetRef {
    pub(crate) id: String,
    /// What it is and where it stands
    pub(crate) title: String,
    /// What it is for, by its category
    pub(crate) function: Option<String>,
    pub(crate) category: Option<String>,
    pub(crate) maker: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) location: Option<String>,
    /// Nothing is changed on it without a signed clinical risk assessment
    pub(crate) gated: bool,
    /// The greatest harm it can do, 1 to 5; null: nobody says what it is for
    pub(crate) harm: Option<u8>,
}

impl AssetRef {
    pub(crate) fn of(desk: &Desk, asset: u32) -> AssetRef {
        let said = |name| desk.text(name, asset).map(str::to_owned);
        let state = desk.asset(asset);
        AssetRef {
            id: said(Name::Asset).unwrap_or_default(),
            title: title(desk, asset),
            function: said(Name::Purpose),
            category: said(Name::Category),
            maker: said(Name::Maker),
            model: said(Name::Model),
            unit: said(Name::Unit),
            location: said(Name::Location),
            gated: state.is_none_or(|it| it.alike.gated),
            harm: state.and_then(known_harm),
        }
    }
}

fn known_harm(state: &AssetState) -> Option<u8> {
    state.category.as_ref().map(|_| state.alike.setting.harm())
}

/// "Infusion pump, ICU bed 4": what it is and where, before what it is called.
fn title(desk: &Desk, asset: u32) -> String {
    let what = desk
        .text(Name::Class, asset)
        .or_else(|| desk.text(Name::Model, asset))
        .or_else(|| desk.text(Name::AssetName, asset))
        .unwrap_or("unknown device");
    let mut letters = what.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let what: String = first.chain(letters).collect();
    let place = desk.text(Name::Location, asset).or_else(|| desk.text(Name::Unit, asset));
    match place {
        Some(place) => format!("{what}, {place}"),
        None => what,
    }
}

/// One action that ends many exposures.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) product: String,
    pub(crate) action: ActionView,
    /// The reason for its most urgent exposure
    pub(crate) because: String,
    pub(crate) decision: Decision,
    pub(crate) due: Option<Timestamp>,
    pub(crate) overdue: bool,
    /// On how many devices it is done
    pub(crate) devices: usize,
    /// How many exposures it ends
    pub(crate) exposures: usize,
    /// How many of them are certain
    pub(crate) affected: usize,
    /// The greatest harm among its devices, 1 to 5
    pub(crate) harm: u8,
    /// A device among them may not be touched without a signed assessment
    pub(crate) gated: bool,
    /// Who owns all of its devices; null: several do, or nobody says
    pub(crate) owner: Option<String>,
    pub(crate) vulnerabilities: FirstOf,
    /// Facts that are not known and could change its place
    pub(crate) unsettled: Vec<&'static str>,
    /// One of its vulnerabilities is known to be exploited
    pub(crate) kev: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Action)]
pub(crate) struct ActionView {
    pub(crate) kind: ActionKind,
    /// The version to install, or a later one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    /// The fact to fetch
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fact: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionKind {
    Update,
    AskMaker,
    Replace,
    FindOut,
}

/// The first of several, and how many there are.
#[derive(Debug, Clone, Serialize, ToSchema)]

pub(crate) struct FirstOf {
    pub(crate) first: Vec<String>,
    pub(crate) count: usize,
}

/// So many vulnerabilities of a job are named.
const NAMED: usize = 3;

impl Job {
    pub(crate) fn of(desk: &Desk, chosen: &Chosen, job: &DeskJob, details: &Details) -> Job {
        Job {
            id: job.key.to_string(),
            title: job.action.in_words(&job.product),
            product: job.product.clone(),
            action: ActionView::of(&job.action),
            because: details.because.clone(),
            decision: job.rank.outcome().into(),
            due: job.due,
            overdue: job.due.is_some_and(|due| due < desk.as_of()),
            devices: job.assets,
            exposures: job.exposures,
            affected: job.affected,
            harm: job.harm,
            gated: job.gated,
            owner: desk.only_one_of_job(chosen, job, Name::Owner).map(str::to_owned),
            vulnerabilities: FirstOf {
                first: details.vulnerabilities.iter().take(NAMED).cloned().collect(),
                count: details.vulnerabilities.len(),
            },
            unsettled: details.unsettled.iter().copied().collect(),
            kev: details.exploited,
        }
    }
}

impl ActionView {
    pub(crate) fn of(action: &Action) -> ActionView {
        let view = |kind| ActionView { kind, to: None, fact: None };
        match action {
            Action::Update { to } => {
                ActionView { to: Some(to.clone()), ..view(ActionKind::Update) }
            }
            Action::AskMaker => view(ActionKind::AskMaker),
            Action::Replace => view(ActionKind::Replace),
            Action::FindOut { fact } => {
                ActionView { fact: Some(fact.clone()), ..view(ActionKind::FindOut) }
            }
        }
    }
}

/// One cause on one component of one device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExposureRow {
    pub(crate) asset: AssetRef,
    pub(crate) component: String,
    pub(crate) version: Option<String>,
    pub(crate) vulnerability: String,
    pub(crate) title: Option<String>,
    pub(crate) verdict: Verdict,
    pub(crate) decision: Decision,
    pub(crate) because: String,
    pub(crate) due: Option<Timestamp>,
    pub(crate) overdue: bool,
    /// Probability, as EPSS writes it; null: no score is known, which is not a low one
    pub(crate) epss: Option<String>,
    /// The published score
    pub(crate) cvss: Option<String>,
    pub(crate) kev: bool,
    pub(crate) exploit: bool,
}

impl ExposureRow {
    /// None where there is no such exposure.
    pub(crate) fn of(desk: &Desk, asset: u32, exposure: u32) -> Option<ExposureRow> {
        let (component, judgement) = desk.judged(exposure)?;
        let at = desk.exposure(exposure)?;
        let decision = desk.assessment().decision(at)?;
        let threat = desk.threat(&judgement.vulnerability);
        let asset = AssetRef::of(desk, asset);
        Some(ExposureRow {
            asset,
            component: component.name.clone(),
            version: component.version.clone(),
            vulnerability: judgement.vulnerability.clone(),
            title: title_of(&judgement.vulnerability, threat),
            verdict: judgement.verdict.into(),
            decision: decision.outcome.into(),
            because: because(threat, judgement, decision),
            due: at.due,
            overdue: at.due.is_some_and(|due| due < desk.as_of()),
            epss: threat.and_then(|it| it.epss).map(|it| in_hundred_thousandths(it.probability_e5)),
            cvss: threat.and_then(|it| it.severity.as_ref()).map(|it| it.score.to_string()),
            kev: threat.is_some_and(|it| it.kev.is_some()),
            exploit: threat.is_some_and(Threat::has_public_exploit),
        })
    }
}

/// What a vulnerability or a check is called.
pub(crate) fn title_of(vulnerability: &str, threat: Option<&Threat>) -> Option<String> {
    let check = exposome_engine::checks::by_id(vulnerability).map(|check| check.title.to_owned());
    check.or_else(|| threat?.title.clone())
}

/// How many have each decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ByDecision {
    pub(crate) act_now: usize,
    pub(crate) schedule: usize,
    pub(crate) defer: usize,
    pub(crate) monitor: usize,
}

impl ByDecision {
    /// From counts in the order of [`Outcome::ALL`].
    pub(crate) fn of([monitor, defer, schedule, act_now]: [usize; 4]) -> ByDecision {
        ByDecision { act_now, schedule, defer, monitor }
    }
}

/// What a list adds up to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Totals {
    pub(crate) jobs: usize,
    pub(crate) exposures: usize,
    pub(crate) devices: usize,
    pub(crate) jobs_by_decision: ByDecision,
    pub(crate) exposures_by_decision: ByDecision,
}

impl Totals {
    pub(crate) fn of(total: &Group, jobs: &[DeskJob]) -> Totals {
        let mut by_outcome = [0; 4];
        for job in jobs {
            if let Some(slot) = by_outcome.get_mut(job.rank.outcome() as usize) {
                *slot += 1;
            }
        }
        Totals {
            jobs: jobs.len(),
            exposures: total.exposures,
            devices: total.assets,
            jobs_by_decision: ByDecision::of(by_outcome),
            exposures_by_decision: ByDecision::of(total.by_outcome),
        }
    }
}
