//! Vulnerabilities: what is known of one, and who here has it.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::exposure::{Epss, Exploit, Kev, Published};
use crate::api::nouns::{ByDecision, Dated, Decision, ExposureRow, Sentence, Verdict, title_of};
use crate::api::worklist::{Listed, counted};
use crate::api::{cursor, limit};
use crate::body::Asked;
use crate::export::{self, Column, Csv};
use crate::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use exposome_engine::decide::Outcome;
use exposome_engine::desk::fields::Name;
use exposome_engine::desk::{Desk, Group, Sort, Sorted};
use exposome_engine::threat::Threat;
use exposome_engine::worklist::in_hundred_thousandths;
use exposome_model::exposure as model;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(vulnerability))
}

#[derive(Serialize, utoipa::ToSchema)]
struct VulnerabilityList {
    #[serde(flatten)]
    dated: Dated,
    /// How many the filter names
    vulnerabilities: usize,
    rows: Vec<VulnerabilityRow>,
    next: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct VulnerabilityRow {
    id: String,
    title: Option<String>,
    devices: usize,
    exposures: usize,
    exposures_by_decision: ByDecision,
    worst: Decision,
    epss: Option<String>,
    cvss: Option<String>,
    kev: bool,
    exploit: bool,
}

impl VulnerabilityRow {
    fn of(desk: &Desk, group: &Group) -> VulnerabilityRow {
        let id = group.value.clone().unwrap_or_default();
        let threat = desk.threat(&id);
        let worst = Outcome::ALL.into_iter().rev();
        let mut worst =
            worst.filter(|it| group.by_outcome.get(*it as usize).is_some_and(|it| *it > 0));
        VulnerabilityRow {
            title: title_of(&id, threat),
            devices: group.assets,
            exposures: group.exposures,
            exposures_by_decision: ByDecision::of(group.by_outcome),
            worst: worst.next().map_or(Decision::NotEvaluable, Decision::from),
            epss: threat.and_then(|it| it.epss).map(|it| in_hundred_thousandths(it.probability_e5)),
            cvss: threat.and_then(|it| it.severity.as_ref()).map(|it| it.score.to_string()),
            kev: threat.is_some_and(|it| it.kev.is_some()),
            exploit: threat.is_some_and(Threat::has_public_exploit),
            id,
        }
    }

    fn row(&self) -> Csv {
        let mut row = Csv::default();
        row.text(&self.id)
            .maybe(self.title.as_deref())
            .number(self.devices)
            .number(self.exposures)
            .word(&self.worst)
            .maybe(self.epss.as_deref())
            .maybe(self.cvss.as_deref())
            .truth(self.kev)
            .truth(self.exploit);
        row
    }
}

const COLUMNS: &[Column] =
    &["vulnerability", "title", "devices", "exposures", "worst", "epss", "cvss", "kev", "exploit"];

/// The vulnerabilities that anything here has, those with most to do at once first
#[utoipa::path(get, path = "/api/v1/vulnerabilities", tag = "vulnerabilities", params(Listed), responses((status = 200, body = VulnerabilityList)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Listed>,
) -> Result<Response, Problem> {
    let sight = Sight::of(&house, &caller, &asked.place()).await?;
    let desk = sight.desk();
    let answers = house.kept.answers(&sight, asked.filter())?;
    let groups = answers.groups(desk, Name::Vulnerability);
    if asked.is_csv() {
        let rows: Vec<Csv> = groups.iter().map(|it| VulnerabilityRow::of(desk, it).row()).collect();
        return Ok(export::csv(COLUMNS, rows.into_iter(), ("vulnerabilities", desk.as_of())));
    }
    let first = match &asked.after {
        None => 0,
        Some(after) => {
            let last = cursor::read(after)?;
            let place = groups.iter().position(|it| it.value.as_deref() == Some(last.as_str()));
            place.map(|place| place + 1).ok_or_else(cursor::bad)?
        }
    };
    let limit = limit(asked.limit)? as usize;
    let page = groups.get(first..).unwrap_or_default();
    let page = page.get(..limit.min(page.len())).unwrap_or_default();
    let is_last = first + page.len() >= groups.len();
    let next = page.last().filter(|_| !is_last).and_then(|it| it.value.as_deref());
    Ok(Json(VulnerabilityList {
        dated: Dated::of(&sight.view),
        vulnerabilities: groups.len(),
        next: next.map(cursor::write),
        rows: page.iter().map(|it| VulnerabilityRow::of(desk, it)).collect(),
    })
    .into_response())
}

#[derive(Serialize, utoipa::ToSchema)]
struct VulnerabilityPage {
    #[serde(flatten)]
    dated: Dated,
    id: String,
    title: Option<String>,
    sentence: Sentence,
    published: Option<Published>,
    epss: Option<Epss>,
    kev: Option<Kev>,
    exploits: Vec<Exploit>,
    advisories: Vec<AdvisoryView>,
    exposures_by_decision: ByDecision,
    /// The most urgent, at most a hundred
    affected: Vec<ExposureRow>,
    possibly: Vec<ExposureRow>,
    not_affected: Vec<NotAffected>,
}

/// A document that speaks of it, and what it says of something here.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Advisory)]
struct AdvisoryView {
    publisher: String,
    document: String,
    says: String,
    /// What it was taken to say of that component
    verdict: Verdict,
}

#[derive(Serialize, utoipa::ToSchema)]
struct NotAffected {
    devices: usize,
    because: String,
}

/// So many exposures are shown on its page.
const SHOWN: usize = 100;

/// Who has it, and does it matter here?
#[utoipa::path(get, path = "/api/v1/vulnerabilities/{id}", tag = "vulnerabilities", params(("id" = String, Path), Where), responses((status = 200, body = VulnerabilityPage)))]
async fn vulnerability(
    State(house): State<House>,
    caller: Caller,
    Path(id): Path<String>,
    Asked(place): Asked<Where>,
) -> Result<Json<VulnerabilityPage>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let desk = sight.desk();
    let id = if id.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("cve-")) {
        id.to_uppercase()
    } else {
        id
    };
    let threat = desk.threat(&id);
    let quoted = id.replace(['\\', '"'], "");
    let answers = house.kept.answers(&sight, &format!("vulnerability == \"{quoted}\""))?;
    let total = answers.total(desk);
    let is_check = exposome_engine::checks::by_id(&id).is_some();
    let said = Said::of(&sight, &id);
    if threat.is_none() && !is_check && said.is_empty() {
        return Err(Problem::not_found("vulnerability")
            .way_out("no feed that is loaded speaks of it; that is no proof of anything"));
    }
    let sort = Sort { by: Sorted::Urgency, backwards: false };
    let listing = answers.listing(desk, sort);
    let page = desk.page(&answers.chosen, &listing, None, usize::MAX);
    let rows = page.iter().filter_map(|it| {
        let (_, judgement) = desk.judged(it.exposure)?;
        Some((judgement.verdict, it))
    });
    let of = |wanted: model::Verdict| {
        let rows = rows.clone().filter(|(verdict, _)| *verdict == wanted).take(SHOWN);
        rows.filter_map(|(_, it)| ExposureRow::of(desk, it.asset, it.exposure)).collect()
    };
    let scores = house.store.epss_of(&id, desk.as_of()).await?;
    Ok(Json(VulnerabilityPage {
        dated: Dated::of(&sight.view),
        title: title_of(&id, threat),
        sentence: sentence(total),
        published: Published::of(threat),
        epss: Epss::of(&desk.threats, &id, scores),
        kev: Kev::of(threat),
        exploits: Exploit::all(threat),
        exposures_by_decision: ByDecision::of(total.by_outcome),
        affected: of(model::Verdict::Affected),
        possibly: of(model::Verdict::Possibly),
        advisories: said.advisories,
        not_affected: said
            .not_affected
            .into_iter()
            .map(|(because, devices)| NotAffected { devices, because })
            .collect(),
        id,
    }))
}

/// "On 38 devices; something is to be done on 2."
fn sentence(total: &Group) -> Sentence {
    let [monitor, defer, schedule, act_now] = total.by_outcome;
    let devices = if total.assets == 1 { "device" } else { "devices" };
    match (total.assets, act_now + schedule) {
        (0, _) => Sentence::new("on_none", "Nothing here is known to have it."),
        (assets, 0) => Sentence::new(
            "waits",
            format!(
                "On {assets} {devices}; nothing has to be done now ({defer} wait, {monitor} are watched)."
            ),
        ),
        (assets, matters) if assets == 1 || matters == total.exposures => {
            Sentence::new("matters", format!("On {assets} {devices}, and it matters there."))
        }
        (assets, matters) => Sentence::new(
            "matters_on_some",
            format!(
                "On {assets} {devices}; it matters for {} of its {} exposures.",
                counted(matters).to_lowercase(),
                total.exposures
            ),
        ),
    }
}

/// What documents say of it to anything here.
#[derive(Default)]
struct Said {
    advisories: Vec<AdvisoryView>,
    not_affected: BTreeMap<String, usize>,
}

impl Said {
    fn is_empty(&self) -> bool {
        self.advisories.is_empty() && self.not_affected.is_empty()
    }

    fn of(sight: &Sight, id: &str) -> Said {
        let desk = sight.desk();
        let mut by_document: BTreeMap<(String, String), (String, model::Verdict)> = BTreeMap::new();
        let mut said = Said::default();
        let assessment = desk.assessment();
        for cohort in &assessment.cohorts {
            let Some(bill) = assessment.bills.get(cohort.alike.bill as usize) else { continue };
            let of_it = bill.judgements.iter().filter(|it| it.vulnerability == id);
            for judgement in of_it {
                let seen = |asset: &&u32| desk.is_seen(**asset, sight.within());
                let devices = cohort.assets.iter().filter(seen).count();
                if devices == 0 {
                    continue;
                }
                if judgement.verdict == model::Verdict::NotAffected
                    && let Some(first) = judgement.evidence.first()
                {
                    *said.not_affected.entry(first.because.clone()).or_default() += devices;
                }
                for evidence in &judgement.evidence {
                    let key = (evidence.publisher.clone(), evidence.document.clone());
                    let says = || (evidence.because.clone(), judgement.verdict);
                    by_document.entry(key).or_insert_with(says);
                }
            }
        }
        let advisories = by_document.into_iter().map(|((publisher, document), (says, verdict))| {
            AdvisoryView { publisher, document, says, verdict: verdict.into() }
        });
        said.advisories = advisories.collect();
        said
    }
}
