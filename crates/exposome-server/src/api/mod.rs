//! The API: a file per resource, and the document that describes it, drawn from the same list.
//!
//! To add a resource: a file here with `routes()`, a line in [`routes`], and a
//! line for each route in the table of permissions (`access/permissions.rs`).

mod accounts;
pub(crate) mod answers;
mod applications;
mod assets;
mod audit;
mod biomed;
mod board;
mod changes;
pub mod cursor;
mod decisions;
mod exposure;
mod feeds;
mod fields;
mod health;
mod imports;
mod inventory;
mod jobs;
mod live;
mod me;
mod notices;
mod nouns;
mod people;
mod policy;
mod roles;
mod session;
mod set_up;
mod sign_in;
mod sites;
mod today;
mod tokens;
mod vulnerabilities;
mod worklist;

use crate::access::permissions::{self, Who};
use crate::{House, door, web};
use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Ref,
    RefOr, Required, Response, ResponseBuilder, Type,
};
use utoipa_axum::router::OpenApiRouter;

/// Every route.
fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::with_openapi(head())
        .merge(health::routes())
        .merge(session::routes())
        .merge(set_up::routes())
        .merge(sign_in::routes())
        .merge(me::routes())
        .merge(tokens::routes())
        .merge(people::routes())
        .merge(accounts::routes())
        .merge(roles::routes())
        .merge(jobs::routes())
        .merge(sites::routes())
        .merge(live::routes())
        .merge(today::routes())
        .merge(changes::routes())
        .merge(board::routes())
        .merge(worklist::routes())
        .merge(exposure::routes())
        .merge(assets::routes())
        .merge(vulnerabilities::routes())
        .merge(applications::routes())
        .merge(inventory::routes())
        .merge(imports::routes())
        .merge(biomed::routes())
        .merge(decisions::routes())
        .merge(audit::routes())
        .merge(policy::routes())
        .merge(feeds::routes())
        .merge(fields::routes())
        .merge(notices::routes())
}

/// What answers requests.
pub(crate) fn router(house: &House) -> Router {
    let (router, _) = routes().split_for_parts();
    router
        .fallback(web::pages)
        .layer(from_fn_with_state(house.clone(), door::inner))
        .layer(from_fn_with_state(house.clone(), door::outer))
        .with_state(house.clone())
}

/// The description of the API (`OpenAPI` 3.1), as it is served and as `web/openapi.json` has it.
pub fn document() -> OpenApi {
    let (_, mut document) = routes().split_for_parts();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, method, operation);
        }
    }
    document
}

/// The routes, as (method, path).
pub fn all() -> Vec<(&'static str, String)> {
    let mut document = document();
    let paths = document.paths.paths.iter_mut();
    let mut all: Vec<_> = paths
        .flat_map(|(path, item)| {
            operations(item).into_iter().map(|(method, _)| (method, path.clone()))
        })
        .collect();
    all.sort();
    all
}

fn operations(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let all = [("GET", get), ("PUT", put), ("POST", post), ("DELETE", delete), ("PATCH", patch)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?))).collect()
}

fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("exposome")
        .version("1")
        .description(Some(
            "Threat exposure management for hospitals. JSON, UTF-8; moments are RFC 3339 in UTC; what is not known is null or a value of that name, \
             never 0. What is refused or fails is a problem document (RFC 9457). Writes of a session carry `X-Exposome-Csrf`; a write with \
             `Idempotency-Key` is done once.",
        ))
        .build();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-exposome")));
    let token = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let components = ComponentsBuilder::new()
        .security_scheme("session", cookie)
        .security_scheme("token", token)
        .schema_from::<crate::problem::Document>()
        .build();
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

/// Adds to an operation what the doors may answer, and what they ask for.
fn complete(path: &str, method: &'static str, operation: &mut Operation) {
    let rule = permissions::rule_of(method, path);
    let is_write = method != "GET";
    let is_open = rule.is_none_or(|it| it.who == Who::Anybody);
    let mut may: Vec<(u16, &str)> = vec![(429, "Too many requests"), (500, "It failed here")];
    if !is_open {
        may.extend([(401, "Nobody is signed in"), (403, "This is for others")]);
        let mut requirements = vec![SecurityRequirement::new::<_, [&str; 0], &str>("session", [])];
        if rule.is_some_and(|it| it.token) {
            requirements.push(SecurityRequirement::new::<_, [&str; 0], &str>("token", []));
        }
        operation.security = Some(requirements);
    }
    if is_write {
        may.extend([(403, "It does not come from these pages"), (400, "It cannot be read")]);
        if !is_open {
            may.extend([
                (408, "It did not arrive in time"),
                (409, "Something else came first"),
                (410, "It was done; its secret was told once"),
                (413, "It is too large"),
                (422, "It says what cannot be"),
            ]);
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(
                header_parameter("X-Exposome-Csrf", "Of the session; a token needs none").into(),
            );
            parameters.push(
                header_parameter(
                    "Idempotency-Key",
                    "The same write with the same key is done once",
                )
                .into(),
            );
        }
    }
    if operation.request_body.is_some() {
        may.extend([
            (400, "It cannot be read"),
            (408, "It did not arrive in time"),
            (413, "It is too large"),
            (415, "It is of another kind"),
            (422, "It says what cannot be"),
        ]);
    }
    let parameters = operation.parameters.iter().flatten();
    let queried = parameters.filter_map(|it| match it {
        RefOr::T(it) if it.parameter_in == ParameterIn::Query => Some(it.name.as_str()),
        _ => None,
    });
    let asked: Vec<&str> = queried.collect();
    if operation.parameters.as_ref().is_some_and(|it| !it.is_empty()) {
        may.push((400, "It cannot be read"));
    }
    if !asked.is_empty() {
        may.push((422, "It says what cannot be"));
    }
    if path.contains('{') || asked.contains(&"site") {
        may.push((404, "There is no such thing"));
    }
    for (status, words) in may {
        operation
            .responses
            .responses
            .entry(status.to_string())
            .or_insert_with(|| RefOr::T(problem(words)));
    }
}

fn header_parameter(name: &str, words: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(words))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn problem(words: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(words).content("application/problem+json", content).build()
}

/// How many rows a page has where nobody says.
const LIMIT: u32 = 50;
const MOST: u32 = 200;

/// How many rows a page is asked to have.
pub fn limit(asked: Option<u32>) -> Result<u32, crate::problem::Problem> {
    match asked {
        None => Ok(LIMIT),
        Some(limit @ 1..=MOST) => Ok(limit),
        Some(_) => {
            Err(crate::problem::Problem::unfit("limit", format!("a page has 1 to {MOST} rows")))
        }
    }
}
