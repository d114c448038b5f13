//! The roles and what each may: the table itself, for whoever wants to read it.

use crate::House;
use crate::access::Role;
use crate::access::permissions::{RULES, Reach, Who};
use axum::Json;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(table))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Table {
    roles: Vec<RoleView>,
    rules: Vec<RuleView>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct RoleView {
    role: Role,
    words: &'static str,
}

#[derive(Serialize, utoipa::ToSchema)]
struct RuleView {
    method: &'static str,
    path: &'static str,
    /// `anybody`, `signed_in`, or `roles`
    who: &'static str,
    /// A program may, with a token
    token: bool,
    may: Vec<MayView>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct MayView {
    role: Role,
    /// Only the sites and units that go with the role
    scoped: bool,
}

/// The roles, and the table of what each may
#[utoipa::path(get, path = "/api/v1/roles", tag = "people", responses((status = 200, body = Table)))]
async fn table() -> Json<Table> {
    let rules = RULES.iter().map(|rule| RuleView {
        method: rule.method,
        path: rule.path,
        who: match rule.who {
            Who::Anybody => "anybody",
            Who::SignedIn | Who::HalfSignedIn => "signed_in",
            Who::Roles(_) => "roles",
        },
        token: rule.token,
        may: Role::ALL
            .into_iter()
            .filter_map(|role| match rule.who.reach(role) {
                Reach::No => None,
                reach => Some(MayView { role, scoped: reach == Reach::Scoped }),
            })
            .collect(),
    });
    let roles = Role::ALL.into_iter().map(|role| RoleView { role, words: role.words() }).collect();
    Json(Table { roles, rules: rules.collect() })
}
