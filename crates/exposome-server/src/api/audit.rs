//! The audit log: who decided what, when and why, each entry bound to all before it.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::nouns::Dated;
use crate::api::{cursor, limit};
use crate::body::Asked;
use crate::export::{self, Column, Csv};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use exposome_model::event::{Event, Recorded};
use exposome_store::hex;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(log)).routes(routes!(verify))
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Logged {
    site: Option<String>,
    as_of: Option<Timestamp>,
    limit: Option<u32>,
    after: Option<String>,
    #[param(inline)]
    format: Option<crate::api::worklist::Format>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Log {
    #[serde(flatten)]
    dated: Dated,
    /// How many entries there are
    entries: usize,
    rows: Vec<AuditEntry>,
    next: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct AuditEntry {
    entry: u64,
    at: Timestamp,
    by: String,
    /// `made`, `proposed`, `confirmed` or `declined`
    action: &'static str,
    /// The decision it is about
    decision: u64,
    subject: String,
    words: String,
    reason: Option<String>,
}

impl AuditEntry {
    fn of(view: &exposome_site::resident::View, recorded: &Recorded) -> AuditEntry {
        let (action, decision, change, reason) = match &recorded.event {
            Event::Made { change, reason } => {
                ("made", recorded.number, Some(change), Some(reason.clone()))
            }
            Event::Proposed { change, reason } => {
                ("proposed", recorded.number, Some(change), Some(reason.clone()))
            }
            Event::Confirmed { proposal } => ("confirmed", *proposal, None, None),
            Event::Declined { proposal, reason } => {
                ("declined", *proposal, None, Some(reason.clone()))
            }
        };
        let told = change.map(|it| crate::api::decisions::told(view, decision, it));
        AuditEntry {
            entry: recorded.number,
            at: recorded.at,
            by: recorded.by.to_string(),
            action,
            decision,
            subject: told
                .as_ref()
                .map_or_else(|| format!("proposal {decision}"), |it| it.subject.clone()),
            words: told.map(|it| it.words).unwrap_or_default(),
            reason,
        }
    }

    fn row(&self) -> Csv {
        let mut row = Csv::default();
        row.number(usize::try_from(self.entry).unwrap_or(usize::MAX))
            .moment(Some(self.at))
            .text(&self.by)
            .text(self.action)
            .text(&self.subject)
            .text(&self.words)
            .maybe(self.reason.as_deref());
        row
    }
}

const COLUMNS: &[Column] = &["entry", "at", "by", "action", "subject", "words", "reason"];

/// Every decision as it was made, the latest first
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(Logged), responses((status = 200, body = Log)))]
async fn log(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Logged>,
) -> Result<Response, Problem> {
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    sight.must_be_whole()?;
    let desk = sight.desk();
    let events = house.store.events(&sight.view.site, desk.as_of()).await?;
    if asked.format == Some(crate::api::worklist::Format::Csv) {
        let rows: Vec<Csv> =
            events.iter().map(|it| AuditEntry::of(&sight.view, it).row()).collect();
        return Ok(export::csv(COLUMNS, rows.into_iter(), ("audit", desk.as_of())));
    }
    let before = match &asked.after {
        None => u64::MAX,
        Some(after) => cursor::read(after)?.parse().map_err(|_| cursor::bad())?,
    };
    let limit = limit(asked.limit)? as usize;
    let mut shown = events.iter().rev().filter(|it| it.number < before);
    let rows: Vec<AuditEntry> =
        shown.by_ref().take(limit).map(|it| AuditEntry::of(&sight.view, it)).collect();
    let next = shown.next().and(rows.last()).map(|last| cursor::write(&last.entry.to_string()));
    let entries = events.len();
    Ok(Json(Log { dated: Dated::of(&sight.view), entries, rows, next }).into_response())
}

#[derive(Serialize, utoipa::ToSchema)]
struct Verified {
    /// Whether every entry is there, unchanged and in its place
    holds: bool,
    /// Up to this entry
    entry: u64,
    /// The digest that binds all of them (SHA-256), to be kept elsewhere
    chain: Option<String>,
    /// The first entry that is not as the log says, and why
    broken: Option<String>,
    at: Timestamp,
}

/// Follows the log from its first entry
#[utoipa::path(get, path = "/api/v1/audit/verify", tag = "audit", params(Where), responses((status = 200, body = Verified)))]
async fn verify(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Verified>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    sight.must_be_whole()?;
    let at = house.now();
    Ok(Json(match house.store.verify_log(&sight.view.site).await? {
        Ok(head) => Verified {
            holds: true,
            entry: head.number,
            chain: (!head.chain.is_empty()).then(|| hex(&head.chain)),
            broken: None,
            at,
        },
        Err(broken) => Verified {
            holds: false,
            entry: broken.number,
            chain: None,
            broken: Some(format!("entry {}: {}", broken.number, broken.why)),
            at,
        },
    }))
}
