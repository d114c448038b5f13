//! What people decide: the one door, over HTTP.

use crate::House;
use crate::access::{Caller, Role, Scope as Reached};
use crate::api::answers::{Sight, Where};
use crate::api::nouns::{Dated, Verdict};
use crate::api::{cursor, limit};
use crate::body::{Asked, Brought};
use crate::live::Changed;
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use exposome_engine::assess::day_of;
use exposome_engine::decide::Policy;
use exposome_engine::desk::fields::Name;
use exposome_engine::govern::{Command as Door, Refusal};
use exposome_engine::people::{Word, covers, target};
use exposome_model::event::{
    Anchor, Change, Event, Scope, Seen, Target, Wire as ModelWire, Wires, scaled,
};
use exposome_model::inventory::Component;
use exposome_site::resident::{Undecided, View};
use exposome_store::accounts::Grant;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(list, decide))
        .routes(routes!(confirm))
        .routes(routes!(decline))
}

/// A decision or a proposal, in words.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct DecisionRecord {
    pub(crate) number: u64,
    /// `merge`, `split`, `class`, `verdict`, `defer`, `policy` or `take_back`
    pub(crate) command: &'static str,
    pub(crate) words: String,
    pub(crate) by: String,
    /// Who confirmed it
    pub(crate) second: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) reason: String,
    /// false: it waits for a second person
    pub(crate) holds: bool,
    pub(crate) waits_for: Option<&'static str>,
    /// What it is about
    pub(crate) subject: String,
    /// The id of the device it is about; null where it is about several
    pub(crate) asset: Option<String>,
    pub(crate) vulnerability: Option<String>,
}

impl DecisionRecord {
    /// Everything that holds or waits, the latest first.
    pub(crate) fn all(view: &View) -> Vec<DecisionRecord> {
        let words = &view.people.words;
        let words = words.iter().map(|(&number, word)| DecisionRecord::of(view, number, word));
        let proposals = view.people.proposals.iter().map(|(&number, waiting)| DecisionRecord {
            by: waiting.by.to_string(),
            second: None,
            at: waiting.at,
            reason: waiting.reason.clone(),
            holds: false,
            waits_for: Some(match waiting.change {
                Change::Defer { .. } => "a second person; one of the two is a clinical engineer",
                _ => "a second person",
            }),
            ..told(view, number, &waiting.change)
        });
        let mut all: Vec<DecisionRecord> = words.chain(proposals).collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.number));
        all
    }

    /// A decision that holds.
    pub(crate) fn of(view: &View, number: u64, word: &Word) -> DecisionRecord {
        DecisionRecord {
            by: word.by.to_string(),
            second: word.second.as_ref().map(ToString::to_string),
            at: word.at,
            reason: word.reason.clone(),
            holds: true,
            waits_for: None,
            ..told(view, number, &word.change)
        }
    }

    /// What was decided of a vulnerability of a component on a device.
    pub(crate) fn about(
        view: &View,
        asset: u32,
        component: &Component,
        vulnerability: &str,
    ) -> Vec<DecisionRecord> {
        let id = view.desk.text(Name::Asset, asset).unwrap_or_default();
        let change = |number: &u64| {
            let word = view.people.words.get(number).map(|it| &it.change);
            word.or_else(|| view.people.proposals.get(number).map(|it| &it.change))
        };
        let is_about = |it: &DecisionRecord| {
            let is_of = it.vulnerability.as_deref();
            is_of.is_some_and(|it| it.eq_ignore_ascii_case(vulnerability))
                && match &it.asset {
                    Some(asset) => asset == id,
                    None => change(&it.number)
                        .and_then(target)
                        .is_some_and(|target| covers(&target.scope, component)),
                }
        };
        DecisionRecord::all(view).into_iter().filter(is_about).collect()
    }

    /// What was decided of a device itself.
    pub(crate) fn of_asset(view: &View, asset: u32) -> Vec<DecisionRecord> {
        let id = view.desk.text(Name::Asset, asset).unwrap_or_default();
        let all = DecisionRecord::all(view).into_iter();
        all.filter(|it| it.asset.as_deref() == Some(id)).collect()
    }
}

/// What a change is, without who made it.
pub(super) fn told(view: &View, number: u64, change: &Change) -> DecisionRecord {
    let of = |anchor: &Anchor| view.desk.asset_of(anchor);
    let id = |anchor: &Anchor| {
        let asset = of(anchor).and_then(|it| view.desk.text(Name::Asset, it));
        asset.map_or_else(|| anchor.to_string(), str::to_owned)
    };
    let on = |target: &Target| {
        let component = target.component.as_deref().map(|it| format!("{it} on "));
        let place = match &target.scope {
            Scope::Asset(anchor) => id(anchor),
            Scope::Product { vendor, name } => {
                let vendor = vendor.as_deref().map_or_else(String::new, |it| format!("{it} "));
                format!("every {vendor}{name}")
            }
            Scope::Site => "the whole site".to_owned(),
        };
        format!("{}{place}", component.unwrap_or_default())
    };
    let (command, words, subject) = match change {
        Change::Merge { one, other } => {
            ("merge", "these are one device".to_owned(), format!("{} and {}", id(one), id(other)))
        }
        Change::Split { claim, .. } => {
            ("split", format!("what {} says is about another device", claim.source), id(claim))
        }
        Change::Category { asset, category } => ("class", format!("it is {category}"), id(asset)),
        Change::Verdict { on: target, verdict, until } => {
            let verdict = exposome_engine::desk::verdict_name(*verdict).replace('_', " ");
            let until = until.map_or_else(String::new, |day| format!(", until {day}"));
            ("verdict", format!("{} is {verdict}{until}", target.vulnerability), on(target))
        }
        Change::Defer { on: target, wires, .. } => {
            let wires = exposome_engine::deferral::in_words(wires);
            ("defer", format!("{} waits; it comes back {wires}", target.vulnerability), on(target))
        }
        Change::Policy { text } => {
            let words = match Policy::parse(text) {
                Ok(policy) => format!("policy {} {} decides", policy.name, policy.version),
                // A later program may read policies of another shape.
                Err(_) => "a policy that this program does not read decides".to_owned(),
            };
            ("policy", words, "the whole site".to_owned())
        }
        Change::TakeBack { number } => (
            "take_back",
            format!("decision {number} holds no longer"),
            format!("decision {number}"),
        ),
    };
    let anchor = match change {
        Change::Category { asset, .. } | Change::Split { claim: asset, .. } => Some(asset),
        _ => target(change).and_then(|target| match &target.scope {
            Scope::Asset(anchor) => Some(anchor),
            _ => None,
        }),
    };
    DecisionRecord {
        number,
        command,
        words,
        by: String::new(),
        second: None,
        at: Timestamp::UNIX_EPOCH,
        reason: String::new(),
        holds: true,
        waits_for: None,
        subject,
        asset: anchor.map(id),
        vulnerability: target(change).map(|it| it.vulnerability.clone()),
    }
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    site: Option<String>,
    as_of: Option<Timestamp>,
    /// Only what waits for a second person
    waiting: Option<bool>,
    limit: Option<u32>,
    after: Option<String>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct Decisions {
    #[serde(flatten)]
    dated: Dated,
    /// The latest first
    rows: Vec<DecisionRecord>,
    next: Option<String>,
}

/// What people have decided, and what waits for a second person
#[utoipa::path(get, path = "/api/v1/decisions", tag = "decisions", params(Which), responses((status = 200, body = Decisions)))]
async fn list(
    State(house): State<House>,
    caller: Caller,
    Asked(asked): Asked<Which>,
) -> Result<Json<Decisions>, Problem> {
    let limit = limit(asked.limit)? as usize;
    let after = asked
        .after
        .as_deref()
        .map(|after| cursor::read(after)?.parse::<u64>().map_err(|_| cursor::bad()));
    let after = after.transpose()?.unwrap_or(u64::MAX);
    let place = Where { site: asked.site, as_of: asked.as_of };
    let sight = Sight::of(&house, &caller, &place).await?;
    let mut rows = DecisionRecord::all(&sight.view);
    rows.retain(|row| row.number < after);
    rows.retain(|row| !(asked.waiting == Some(true) && row.holds));
    rows.retain(|row| match &row.asset {
        Some(id) => sight.asset(id).is_ok(),
        // What is about more than one device is for those who see the whole site.
        None => sight.is_whole(),
    });
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| is_more).map(|it| cursor::write(&it.number.to_string()));
    Ok(Json(Decisions { dated: Dated::of(&sight.view), rows, next }))
}

/// What a person asks for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    /// Let a vulnerability wait until the evidence changes
    Defer { on: On, wires: Option<WiresAsked>, reason: String },
    /// Whether a vulnerability concerns something, whatever the documents say
    Verdict { on: On, verdict: Verdict, until: Option<Date>, reason: String },
    /// What a device is for, whatever its sources say
    Class { asset: String, category: String, reason: String },
    /// Two devices are the same thing
    Merge { assets: [String; 2], reason: String },
    /// What a source says is about another thing than what the others speak of
    Split { asset: String, source: String, key: Option<String>, reason: String },
    /// A deferral ends now
    Wake { number: u64, reason: String },
    /// A policy of the hospital's own decides from here on, as it is written (TOML)
    Policy { text: String, reason: String },
    /// A decision holds no longer
    TakeBack { number: u64, reason: String },
}

/// What is decided upon: a device, a product, all of a job, or the whole site.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct On {
    vulnerability: String,
    asset: Option<String>,
    /// Everything of this name, whatever its version
    product: Option<String>,
    /// The maker of the product
    vendor: Option<String>,
    /// Only this component
    component: Option<String>,
    /// The whole site, where neither a device nor a product is named
    everywhere: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct WiresAsked {
    /// EPSS at or above it, as `0.1`
    epss_over: Option<String>,
    /// EPSS at so many times what it was, as `3` or `2.5`
    epss_times: Option<String>,
    /// All of them where left out
    on: Option<Vec<WireAsked>>,
    /// The first day on which it is looked at again whatever happens; 90 days from now where left out
    review: Option<Date>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum WireAsked {
    Exploited,
    Exploit,
    Path,
    Fix,
}

impl WireAsked {
    fn wire(self) -> ModelWire {
        match self {
            WireAsked::Exploited => ModelWire::Exploited,
            WireAsked::Exploit => ModelWire::Exploit,
            WireAsked::Path => ModelWire::Path,
            WireAsked::Fix => ModelWire::Fix,
        }
    }
}

/// What came of a command.
#[derive(Serialize, utoipa::ToSchema)]
struct Decided {
    number: u64,
    /// false: it waits for a second person
    holds: bool,
    waits_for: Option<&'static str>,
}

/// How long a deferral waits at most where nobody says.
const REVIEW_DAYS: i32 = 90;
/// EPSS brings it back from here on where nobody says.
const EPSS_OVER_E5: u32 = 10_000;

/// Decide something
#[utoipa::path(post, path = "/api/v1/decisions", tag = "decisions", params(Where), request_body = Command, responses((status = 201, body = Decided)))]
async fn decide(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
    Brought(command): Brought<Command>,
) -> Result<(StatusCode, Json<Decided>), Problem> {
    let sight = present(&house, &caller, place).await?;
    let now = house.now();
    let today = day_of(now);
    let review = today.checked_add(REVIEW_DAYS.days()).unwrap_or(today);
    let asked = door(&command, &sight, review)?;
    may_decide(&sight, &asked)?;
    to_the_door(&house, &caller, &sight, asked, now).await
}

/// A second person agrees with a proposal
#[utoipa::path(post, path = "/api/v1/decisions/{number}/confirm", tag = "decisions", params(("number" = u64, Path), Where), responses((status = 201, body = Decided)))]
async fn confirm(
    State(house): State<House>,
    caller: Caller,
    Path(number): Path<u64>,
    Asked(place): Asked<Where>,
) -> Result<(StatusCode, Json<Decided>), Problem> {
    let sight = present(&house, &caller, place).await?;
    may_answer(&sight, number)?;
    let asked = Door::Confirm { proposal: number };
    to_the_door(&house, &caller, &sight, asked, house.now()).await
}

/// Why not.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Reason {
    reason: String,
}

/// A proposal is not made
#[utoipa::path(post, path = "/api/v1/decisions/{number}/decline", tag = "decisions", params(("number" = u64, Path), Where), request_body = Reason, responses((status = 201, body = Decided)))]
async fn decline(
    State(house): State<House>,
    caller: Caller,
    Path(number): Path<u64>,
    Asked(place): Asked<Where>,
    Brought(Reason { reason }): Brought<Reason>,
) -> Result<(StatusCode, Json<Decided>), Problem> {
    let sight = present(&house, &caller, place).await?;
    may_answer(&sight, number)?;
    let asked = Door::Decline { proposal: number, reason };
    to_the_door(&house, &caller, &sight, asked, house.now()).await
}

/// Nobody changes the past.
async fn present(house: &House, caller: &Caller, place: Where) -> Result<Sight, Problem> {
    if place.as_of.is_some() {
        let problem = Problem::unfit("as_of", "nothing can be decided in the past");
        return Err(problem.way_out("leave as_of out"));
    }
    // Whoever decides does so where the role was given in which she decides, and nowhere else.
    let role = caller.actor()?.role;
    let acts = |(it, _): &&(Role, Grant)| it.decides_as() == Some(role);
    let grants: Vec<(Role, Grant)> = caller.grants.iter().filter(acts).cloned().collect();
    let acting = Caller { scope: Reached::of_all(&grants), ..caller.clone() };
    Sight::of(house, &acting, &place).await
}

/// Who sees some units only decides on single devices there.
fn may_decide(sight: &Sight, asked: &Door) -> Result<(), Problem> {
    if sight.is_whole() {
        return Ok(());
    }
    let Door::Make { change, .. } = asked else { return Ok(()) };
    let anchors: Vec<&Anchor> = match change {
        Change::Category { asset, .. } => vec![asset],
        Change::Merge { one, other } => vec![one, other],
        Change::Split { claim, .. } => vec![claim],
        Change::TakeBack { number } => return may_answer(sight, *number),
        Change::Verdict { on, .. } | Change::Defer { on, .. } => match &on.scope {
            Scope::Asset(anchor) => vec![anchor],
            Scope::Product { .. } | Scope::Site => Vec::new(),
        },
        Change::Policy { .. } => Vec::new(),
    };
    let is_seen = |anchor: &&Anchor| {
        let asset = sight.desk().asset_of(anchor);
        asset.is_some_and(|asset| sight.desk().is_seen(asset, sight.within()))
    };
    if !anchors.is_empty() && anchors.iter().all(is_seen) {
        return Ok(());
    }
    Err(Problem::new(Kind::NotYours, "this reaches beyond the units you see")
        .way_out("decide on one device of your units, or ask somebody who sees the whole site"))
}

/// A decision on what somebody does not see is not there for him.
fn may_answer(sight: &Sight, number: u64) -> Result<(), Problem> {
    let all = DecisionRecord::all(&sight.view);
    let found = all.iter().find(|it| it.number == number);
    let is_seen = |it: &DecisionRecord| match &it.asset {
        Some(id) => sight.asset(id).is_ok(),
        None => sight.is_whole(),
    };
    if found.is_some_and(is_seen) { Ok(()) } else { Err(Problem::not_found("decision")) }
}

async fn to_the_door(
    house: &House,
    caller: &Caller,
    sight: &Sight,
    asked: Door,
    now: Timestamp,
) -> Result<(StatusCode, Json<Decided>), Problem> {
    let by = caller.actor()?;
    let site = sight.view.site.clone();
    let resident = house.sites.get(&site, now).await?;
    let (head, events) = resident.decide(asked, &by, now).await.map_err(|error| match error {
        Undecided::Refused(refusal) => refused(&refusal),
        Undecided::Failed(error) => error.into(),
    })?;
    house.changes.tell(Changed::Decided { site: site.clone() });
    house.changes.tell(Changed::Answers { site, position: resident.view().mark.clone() });
    let waits_for = events.iter().find_map(|event| match event {
        Event::Proposed { .. } => Some("a second person"),
        _ => None,
    });
    let number = match events.first() {
        Some(Event::Confirmed { proposal } | Event::Declined { proposal, .. }) => *proposal,
        _ => head.number,
    };
    Ok((StatusCode::CREATED, Json(Decided { number, holds: waits_for.is_none(), waits_for })))
}

/// What the door refuses, with the way out.
fn refused(refusal: &Refusal) -> Problem {
    let (kind, way_out) = match refusal {
        Refusal::SamePerson { .. } => (Kind::NotYours, "ask a colleague to confirm it"),
        Refusal::NoClinicalEngineer => (Kind::NotYours, "ask a clinical engineer to confirm it"),
        Refusal::NoName => (Kind::NotYours, "sign in"),
        Refusal::CannotWait { .. } => (Kind::Unfit, "plan it; what is exploited is not deferred"),
        Refusal::NoSuchAsset(_)
        | Refusal::NoSuchDecision { .. }
        | Refusal::NoSuchProposal { .. } => (Kind::NotFound, "look at the list again"),
        _ => (Kind::Unfit, "nothing was changed"),
    };
    Problem::new(kind, refusal.to_string()).way_out(way_out)
}

/// What was asked, in the words of the door.
fn door(command: &Command, sight: &Sight, review: Date) -> Result<Door, Problem> {
    let make = |change, reason: &String| Door::Make { change, reason: reason.clone() };
    Ok(match command {
        Command::Defer { on, wires, reason } => {
            let wires = wires.clone().unwrap_or_default();
            let wires = read_wires(&wires, review)?;
            let on = read_target(on, sight)?;
            make(Change::Defer { on, wires, seen: Seen::default() }, reason)
        }
        Command::Verdict { on, verdict, until, reason } => {
            let verdict = match verdict {
                Verdict::Affected => exposome_model::exposure::Verdict::Affected,
                Verdict::Possibly => exposome_model::exposure::Verdict::Possibly,
                Verdict::NotAffected => exposome_model::exposure::Verdict::NotAffected,
            };
            make(Change::Verdict { on: read_target(on, sight)?, verdict, until: *until }, reason)
        }
        Command::Class { asset, category, reason } => {
            let asset = first_anchor(asset, sight)?;
            make(Change::Category { asset, category: category.to_uppercase() }, reason)
        }
        Command::Merge { assets: [one, other], reason } => {
            let (one, other) = (first_anchor(one, sight)?, first_anchor(other, sight)?);
            make(Change::Merge { one, other }, reason)
        }
        Command::Split { asset, source, key, reason } => {
            let number = sight.asset(asset)?;
            let all = sight.desk().anchors(number);
            let is_named = |it: &&Anchor| {
                it.source == *source && key.as_ref().is_none_or(|key| it.key == *key)
            };
            let (named, from): (Vec<&Anchor>, Vec<&Anchor>) = all.iter().partition(is_named);
            let [claim] = named.as_slice() else {
                let said: Vec<String> =
                    all.iter().map(|it| format!("{} about {}", it.source, it.key)).collect();
                let words = "source and key do not name one word on this device alone";
                let problem = Problem::unfit("source", words);
                return Err(problem.way_out(format!("there are: {}", said.join(", "))));
            };
            let from = from.into_iter().cloned().collect();
            make(Change::Split { claim: (*claim).clone(), from }, reason)
        }
        Command::Wake { number, reason } => {
            let word = sight.view.people.words.get(number).map(|word| &word.change);
            if !matches!(word, Some(Change::Defer { .. })) {
                return Err(Problem::not_found("deferral"));
            }
            make(Change::TakeBack { number: *number }, reason)
        }
        Command::Policy { text, reason } => make(Change::Policy { text: text.clone() }, reason),
        Command::TakeBack { number, reason } => make(Change::TakeBack { number: *number }, reason),
    })
}

/// What an asset is found by again: the first word on it.
fn first_anchor(asset: &str, sight: &Sight) -> Result<Anchor, Problem> {
    let number = sight.asset(asset)?;
    let first = sight.desk().anchors(number).first().cloned();
    first.ok_or_else(|| Problem::not_found("device"))
}

fn read_target(on: &On, sight: &Sight) -> Result<Target, Problem> {
    let is_cve = on.vulnerability.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("cve-"));
    let vulnerability =
        if is_cve { on.vulnerability.to_uppercase() } else { on.vulnerability.clone() };
    let scope = match (&on.asset, &on.product, on.everywhere) {
        (Some(asset), None, None | Some(false)) => Scope::Asset(first_anchor(asset, sight)?),
        (None, Some(name), None | Some(false)) => {
            Scope::Product { vendor: on.vendor.clone(), name: name.clone() }
        }
        (None, None, Some(true)) => Scope::Site,
        _ => {
            let problem = Problem::unfit("on", "it is not said what is decided upon");
            return Err(problem.way_out("name one of asset, product and everywhere"));
        }
    };
    Ok(Target { scope, component: on.component.clone(), vulnerability })
}

fn read_wires(asked: &WiresAsked, review: Date) -> Result<Wires, Problem> {
    let over = asked.epss_over.as_deref().map(|text| {
        let over = scaled(text, 100_000).filter(|it| (1..=100_000).contains(it));
        over.ok_or_else(|| {
            Problem::unfit("epss_over", format!("{text:?} is no probability from 0.00001 to 1"))
        })
    });
    let times = asked.epss_times.as_deref().map(|text| {
        let tenths = scaled(text, 10).filter(|it| (11..=10_000).contains(it));
        tenths.and_then(|it| u16::try_from(it).ok()).ok_or_else(|| {
            Problem::unfit("epss_times", format!("{text:?} is no factor from 1.1 to 1000"))
        })
    });
    let on = asked.on.as_ref().map(|on| on.iter().map(|it| it.wire()).collect());
    Ok(Wires {
        epss_over_e5: Some(over.transpose()?.unwrap_or(EPSS_OVER_E5)),
        epss_times_tenths: times.transpose()?,
        on: on.unwrap_or_else(|| BTreeSet::from(ModelWire::ALL)),
        review: asked.review.unwrap_or(review),
    })
}
