//! Notices, and the ways in which people are told.

use crate::House;
use crate::access::Caller;
use crate::body::{Asked, Brought};
use crate::door::nothing;
use crate::notices::{self, Body, Urgency};
use crate::once::ToldOnce;
use crate::problem::{Kind, Problem};
use crate::secret;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use exposome_store::notices::{Channel, Notice};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(acknowledge))
        .routes(routes!(channels, add))
        .routes(routes!(change, remove))
        .routes(routes!(try_out))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// From the last page's `next`
    after: Option<String>,
    /// At most 200
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Notices {
    rows: Vec<NoticeView>,
    next: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Notice)]
struct NoticeView {
    id: String,
    at: Timestamp,
    urgency: String,
    site: Option<String>,
    unit: Option<String>,
    title: String,
    words: String,
    link: String,
    acknowledged_by: Option<String>,
    acknowledged_at: Option<Timestamp>,
}

impl NoticeView {
    fn of(it: Notice) -> Option<NoticeView> {
        let body: Body = serde_json::from_str(&it.body).ok()?;
        let (acknowledged_by, acknowledged_at) = it.acknowledged.unzip();
        Some(NoticeView {
            id: it.id,
            at: it.raised_at,
            urgency: it.urgency,
            site: it.site,
            unit: it.unit,
            title: body.title,
            words: body.words,
            link: body.link,
            acknowledged_by,
            acknowledged_at,
        })
    }
}

/// What is about no site concerns everybody.
fn sees(caller: &Caller, notice: &Notice) -> bool {
    notice.site.as_ref().is_none_or(|site| caller.scope.has_unit(site, notice.unit.as_deref()))
}

/// What people were told of, the latest first
#[utoipa::path(get, path = "/api/v1/notices", tag = "notifications", params(Page), responses((status = 200, body = Notices)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Notices>, Problem> {
    let limit = super::limit(page.limit)?;
    let before = match &page.after {
        None => Timestamp::MAX,
        Some(after) => super::cursor::read(after)?.parse().map_err(|_| super::cursor::bad())?,
    };
    let notices = house.store.notices(before, limit).await?;
    let next = notices
        .last()
        .filter(|_| notices.len() == limit as usize)
        .map(|it| super::cursor::write(&it.raised_at.to_string()));
    let rows =
        notices.into_iter().filter(|it| sees(&caller, it)).filter_map(NoticeView::of).collect();
    Ok(Json(Notices { rows, next }))
}

/// Take note: nobody further is told
#[utoipa::path(post, path = "/api/v1/notices/{id}/acknowledge", tag = "notifications", params(("id" = String, Path)), responses((status = 204, description = "Noted")))]
async fn acknowledge(
    State(house): State<House>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found("notice");
    house.store.notice(&id).await?.filter(|it| sees(&caller, it)).ok_or_else(missing)?;
    if !house.store.acknowledge(&id, &caller.person.login, house.now()).await? {
        return Err(Problem::new(Kind::Conflict, "somebody has taken note of it already"));
    }
    Ok(nothing())
}

#[derive(Serialize, utoipa::ToSchema)]
struct Channels {
    rows: Vec<ChannelView>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Channel)]
struct ChannelView {
    id: String,
    #[serde(flatten)]
    channel: Way,
    failures: u32,
    /// It takes nothing since then
    dead_since: Option<Timestamp>,
    last_error: Option<String>,
    last_ok_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Way {
    name: String,
    kind: WayKind,
    /// A mailbox, or an address that is posted to
    target: String,
    /// null: every site
    #[serde(default)]
    site: Option<String>,
    /// null: every unit
    #[serde(default)]
    unit: Option<String>,
    /// The least urgency that is told at once; the rest comes once a day
    least: Urgency,
    /// Names of vulnerabilities and assets may be told
    #[serde(default)]
    details: bool,
    /// Minutes of the day, UTC; what is to be acted upon now is told all the same
    #[serde(default)]
    quiet_from: Option<u16>,
    #[serde(default)]
    quiet_to: Option<u16>,
    /// The channel that hears what nobody has acknowledged
    #[serde(default)]
    escalate_to: Option<String>,
    /// After so many minutes
    #[serde(default)]
    escalate_minutes: Option<u32>,
    #[serde(default = "yes")]
    active: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum WayKind {
    Mail,
    Webhook,
}

impl WayKind {
    fn name(self) -> &'static str {
        match self {
            WayKind::Mail => "mail",
            WayKind::Webhook => "webhook",
        }
    }
}

impl From<Channel> for ChannelView {
    fn from(it: Channel) -> ChannelView {
        let (escalate_to, escalate_minutes) = it.escalation.unzip();
        let (quiet_from, quiet_to) = it.quiet.unzip();
        ChannelView {
            id: it.id,
            channel: Way {
                name: it.name,
                kind: if it.kind == "mail" { WayKind::Mail } else { WayKind::Webhook },
                target: it.target,
                site: it.site,
                unit: it.unit,
                least: Urgency::named(&it.least).unwrap_or(Urgency::Digest),
                details: it.details,
                quiet_from,
                quiet_to,
                escalate_to,
                escalate_minutes,
                active: it.is_active,
            },
            failures: it.failures,
            dead_since: it.dead_since,
            last_error: it.last_error,
            last_ok_at: it.last_ok_at,
        }
    }
}

/// The ways in which people are told, and which of them is dead
#[utoipa::path(get, path = "/api/v1/notifications/channels", tag = "notifications", responses((status = 200, body = Channels)))]
async fn channels(State(house): State<House>) -> Result<Json<Channels>, Problem> {
    let channels = house.store.channels().await?;
    Ok(Json(Channels { rows: channels.into_iter().map(ChannelView::from).collect() }))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Added {
    channel: ChannelView,
    /// What messages are signed with: told this once; null for a mailbox
    secret: Option<String>,
}

/// Add a way
#[utoipa::path(post, path = "/api/v1/notifications/channels", tag = "notifications", request_body = Way, responses((status = 201, body = Added)))]
async fn add(
    State(house): State<House>,
    Brought(asked): Brought<Way>,
) -> Result<Response, Problem> {
    let id = secret::random_text(9)?;
    let key = if asked.kind == WayKind::Webhook { Some(secret::new_secret()?) } else { None };
    let sealed = key
        .as_ref()
        .map(|key| house.inner.seal.seal(&notices::sealed_as(&id), key.as_bytes()))
        .transpose()?;
    let channel = fit(&house, &id, asked, sealed).await?;
    house.store.put_channel(&channel).await?;
    tracing::info!(channel = ?channel.name, "a way of telling was added");
    Ok((
        StatusCode::CREATED,
        Extension(ToldOnce),
        Json(Added { channel: channel.into(), secret: key }),
    )
        .into_response())
}

/// Checks what is asked, and makes a channel of it.
async fn fit(
    house: &House,
    id: &str,
    asked: Way,
    secret: Option<Vec<u8>>,
) -> Result<Channel, Problem> {
    let name = asked.name.trim();
    if !(1..=100).contains(&name.len()) || name.chars().any(char::is_control) {
        return Err(Problem::unfit("name", "a name has 1 to 100 letters, in one line"));
    }
    let target = match asked.kind {
        WayKind::Mail => super::people::fit_email(&asked.target)
            .map_err(|it| Problem { field: Some("target".to_owned()), ..it })?,
        WayKind::Webhook => fit_address(&asked.target)?,
    };
    let quiet = match (asked.quiet_from, asked.quiet_to) {
        (None, None) => None,
        (Some(from @ 0..1_440), Some(to @ 0..1_440)) if from != to => Some((from, to)),
        _ => {
            return Err(Problem::unfit(
                "quiet_from",
                "quiet hours are two different minutes of the day, 0 to 1439",
            ));
        }
    };
    let escalation = match (asked.escalate_to, asked.escalate_minutes) {
        (None, None) => None,
        (Some(to), Some(minutes @ 1..=10_080)) if to != id => {
            let known = house.store.channels().await?;
            if !known.iter().any(|it| it.id == to) {
                return Err(Problem::unfit("escalate_to", "there is no such channel"));
            }
            Some((to, minutes))
        }
        _ => return Err(Problem::unfit("escalate_to", "another channel, and 1 to 10080 minutes")),
    };
    Ok(Channel {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: asked.kind.name().to_owned(),
        target,
        secret,
        site: asked.site,
        unit: asked.unit,
        least: asked.least.name().to_owned(),
        details: asked.details,
        quiet,
        escalation,
        is_active: asked.active,
        created_at: house.now(),
        failures: 0,
        dead_since: None,
        last_error: None,
        last_ok_at: None,
    })
}

fn fit_address(text: &str) -> Result<String, Problem> {
    let address = url::Url::parse(text.trim()).ok();
    let address = address.filter(|it| {
        matches!(it.scheme(), "https" | "http")
            && it.has_host()
            && it.username().is_empty()
            && it.password().is_none()
    });
    let address = address.ok_or_else(|| {
        Problem::unfit(
            "target",
            "an address that is posted to begins with https://, and holds no password",
        )
    })?;
    Ok(address.into())
}

async fn known(house: &House, id: &str) -> Result<Channel, Problem> {
    let channels = house.store.channels().await?;
    channels.into_iter().find(|it| it.id == id).ok_or_else(|| Problem::not_found("channel"))
}

/// Change a way; its secret stays
#[utoipa::path(put, path = "/api/v1/notifications/channels/{id}", tag = "notifications", params(("id" = String, Path)), request_body = Way, responses((status = 200, body = ChannelView)))]
async fn change(
    State(house): State<House>,
    Path(id): Path<String>,
    Brought(asked): Brought<Way>,
) -> Result<Json<ChannelView>, Problem> {
    let before = known(&house, &id).await?;
    if before.kind != asked.kind.name() {
        return Err(Problem::unfit("kind", "a way stays of its kind").way_out("add another"));
    }
    let channel = fit(&house, &id, asked, before.secret).await?;
    house.store.put_channel(&channel).await?;
    Ok(Json(known(&house, &id).await?.into()))
}

/// Take a way away, and what was on its way through it
#[utoipa::path(delete, path = "/api/v1/notifications/channels/{id}", tag = "notifications", params(("id" = String, Path)), responses((status = 204, description = "Gone")))]
async fn remove(State(house): State<House>, Path(id): Path<String>) -> Result<Response, Problem> {
    if !house.store.remove_channel(&id).await? {
        return Err(Problem::not_found("channel"));
    }
    Ok(nothing())
}

/// Tell everybody who hears urgent things that this is a trial
#[utoipa::path(post, path = "/api/v1/notifications/channels/{id}/test", tag = "notifications", params(("id" = String, Path)), responses((status = 202, description = "It is on its way")))]
async fn try_out(
    State(house): State<House>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let channel = known(&house, &id).await?;
    let now = house.now();
    let notice = notices::Notice {
        about: format!("trial of {id} at {now}"),
        urgency: Urgency::Soon,
        site: None,
        unit: None,
        title: format!("A trial of {}", channel.name),
        words: format!(
            "{} asked whether this arrives. Nothing is to be done.",
            caller.person.login
        ),
        plain: "A trial: somebody asked whether this arrives.".to_owned(),
        link: "/admin/notifications".to_owned(),
    };
    notices::raise_to(&house, &notice, &channel).await?;
    Ok(StatusCode::ACCEPTED)
}
