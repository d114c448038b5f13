//! Feeds: whether what we know of the world is fresh, and what cannot be judged where it is not.

use crate::House;
use crate::access::{Caller, Role};
use crate::api::answers::{Sight, Where};
use crate::api::nouns::Sentence;
use crate::body::Asked;
use crate::errands::Failed;
use crate::live::Changed;
use crate::problem::{Kind, Problem};
use crate::upload::Upload;
use axum::Json;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use exposome_site::View;
use exposome_site::feeds::{Age, Freshness, ages};
use exposome_store::accounts::Grant;
use exposome_store::world::FeedState;
use jiff::Timestamp;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .merge(OpenApiRouter::new().routes(routes!(load)).layer(DefaultBodyLimit::disable()))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Feeds {
    as_of: Timestamp,
    sentence: Sentence,
    rows: Vec<FeedView>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = FeedState)]
pub(crate) struct FeedView {
    pub(crate) feed: String,
    pub(crate) title: String,
    /// Of when the data in force is
    pub(crate) data_date: Option<Timestamp>,
    pub(crate) age_days: Option<i64>,
    pub(crate) limit_days: Option<i64>,
    /// `fresh`, `stale` or `missing`
    pub(crate) state: &'static str,
    pub(crate) records: Option<u64>,
    /// Why a newer document is not in force
    pub(crate) held: Option<String>,
    /// What cannot be judged while it is not fresh
    pub(crate) carries: Option<&'static str>,
}

impl FeedView {
    fn of(age: Age) -> FeedView {
        FeedView {
            feed: age.feed,
            title: age.title,
            data_date: age.state.as_ref().map(FeedState::date),
            age_days: age.age_days,
            limit_days: age.limit_days,
            state: match age.freshness {
                Freshness::Fresh => "fresh",
                Freshness::Stale => "stale",
                Freshness::Missing => "missing",
            },
            records: age.state.as_ref().map(|it| it.records),
            held: age.state.and_then(|it| it.held),
            carries: age.carries,
        }
    }

    /// All of them, as a view knows them at a moment.
    pub(crate) fn all(view: &View, now: Timestamp) -> Vec<FeedView> {
        let policy = view.in_force.rules.policy.thresholds;
        ages(&view.feeds, policy, now).into_iter().map(FeedView::of).collect()
    }
}

/// Every feed, its age, and what hangs on it
#[utoipa::path(get, path = "/api/v1/feeds", tag = "feeds", params(Where), responses((status = 200, body = Feeds)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Feeds>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    let at = place.as_of.unwrap_or_else(|| house.now());
    let rows = FeedView::all(&sight.view, at);
    let not_fresh = rows.iter().filter(|row| row.state != "fresh").count();
    let sentence = match not_fresh {
        0 => Sentence::new("all_fresh", "Everything we know of the world is fresh."),
        1 => Sentence::new(
            "one_not_fresh",
            "One source is not fresh; what hangs on it cannot be judged.",
        ),
        many => Sentence::new(
            "not_fresh",
            format!("{many} sources are not fresh; what hangs on them cannot be judged."),
        ),
    };
    Ok(Json(Feeds { as_of: at, sentence, rows }))
}

/// The form of an upload, as it is described.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the form is read field by field; this describes it")]
struct Form {
    /// Feed documents, or one signed bundle; each is recognised by its content
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<Vec<u8>>,
}

/// What loading came to.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = LoadedFeeds)]
struct Loaded {
    /// Records that are new, other, or gone
    written: u64,
    rows: Vec<LoadedFeed>,
    /// What went wrong, in words
    troubles: Vec<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct LoadedFeed {
    feed: String,
    written: u64,
    /// Why it is not in force
    held: Option<String>,
}

/// Load feed documents that somebody has brought along
#[utoipa::path(post, path = "/api/v1/feeds/documents", tag = "feeds", request_body(content = inline(Form), content_type = "multipart/form-data"), responses((status = 200, body = Loaded)))]
async fn load(
    State(house): State<House>,
    caller: Caller,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Json<Loaded>, Problem> {
    let may = |(role, grant): &(Role, Grant)| {
        grant.site.is_none()
            && matches!(role, Role::Analyst | Role::ItOperations | Role::Administrator)
    };
    if !caller.grants.iter().any(may) {
        return Err(Problem::new(
            Kind::NotYours,
            "this changes what every site knows of the world",
        )
        .way_out("ask somebody whose role is not of one site alone"));
    }
    let upload = Upload::read(&house, form).await?;
    if let Some((name, _)) = upload.words.first() {
        return Err(Problem::unfit(name, format!("there is no field {name:?}"))
            .way_out("the documents stand in the field files"));
    }
    // What was begun is read to its end and told, also where whoever asked has gone.
    let loading = tokio::spawn(async move {
        let loaded = house.errands.load_feeds(upload.paths.clone()).await;
        drop(upload);
        let written = loaded.as_ref().map_or(0, |it| it.written);
        if written > 0 {
            house.changes.tell(Changed::World { written });
        }
        loaded
    });
    let loaded = loading.await.unwrap_or_else(|_| Err(Failed("the load broke down".to_owned())));
    let loaded = loaded.map_err(|error| Problem::failed(&error))?;
    let rows = loaded.feeds.into_iter().map(|it| LoadedFeed {
        feed: it.feed,
        written: it.written,
        held: it.held,
    });
    Ok(Json(Loaded { written: loaded.written, rows: rows.collect(), troubles: loaded.troubles }))
}
