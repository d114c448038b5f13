//! The sites there are, and how people sign in: what the administrator reads.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use exposome_engine::desk::fields::Name;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(sites)).routes(routes!(sign_on))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Sites {
    rows: Vec<Site>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Site {
    id: String,
    devices: usize,
    units: usize,
    locations: usize,
}

/// The sites that somebody reaches
#[utoipa::path(get, path = "/api/v1/sites", tag = "server", responses((status = 200, body = Sites)))]
async fn sites(State(house): State<House>, caller: Caller) -> Result<Json<Sites>, Problem> {
    let mut rows = Vec::new();
    for id in house.store.sites().await? {
        if !caller.scope.has_site(&id) {
            continue;
        }
        let place = Where { site: Some(id.clone()), as_of: None };
        let sight = Sight::of(&house, &caller, &place).await?;
        let desk = sight.desk();
        let (mut devices, mut units, mut locations) = (0, BTreeSet::new(), BTreeSet::new());
        for (asset, _) in (0..).zip(&desk.assessment().assets) {
            if desk.is_seen(asset, sight.within()) {
                devices += 1;
                units.extend(desk.text(Name::Unit, asset));
                locations.extend(desk.text(Name::Location, asset));
            }
        }
        rows.push(Site { id, devices, units: units.len(), locations: locations.len() });
    }
    Ok(Json(Sites { rows }))
}

#[derive(Serialize, utoipa::ToSchema)]
struct SignOn {
    /// The hospital's provider; null: none is set
    issuer: Option<String>,
    client: Option<String>,
    groups: Vec<Mapped>,
    /// Who has no second factor can do nothing but add one
    second_factor_required: bool,
    idle_minutes: u32,
    hours: u32,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SignOnGroup)]
struct Mapped {
    group: String,
    role: String,
    site: Option<String>,
    unit: Option<String>,
}

/// How people sign in, as the settings say
#[utoipa::path(get, path = "/api/v1/sign-on", tag = "server", responses((status = 200, body = SignOn)))]
async fn sign_on(State(house): State<House>) -> Json<SignOn> {
    let settings = &house.settings;
    let oidc = settings.oidc.as_ref();
    let groups = oidc.into_iter().flat_map(|it| &it.groups).flat_map(|(group, roles)| {
        roles.iter().map(|it| Mapped {
            group: group.clone(),
            role: it.role.name().to_owned(),
            site: it.site.clone(),
            unit: it.unit.clone(),
        })
    });
    Json(SignOn {
        issuer: oidc.map(|it| it.issuer.clone()),
        client: oidc.map(|it| it.client_id.clone()),
        groups: groups.collect(),
        second_factor_required: settings.second_factor == crate::settings::SecondFactor::Required,
        idle_minutes: settings.sessions.idle_minutes,
        hours: settings.sessions.hours,
    })
}
