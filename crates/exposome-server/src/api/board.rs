//! The board's page: six figures, each with what is to be decided, or that nothing is.
//!
//! A figure that nothing measures yet is null with what it needs, never zero.

use crate::House;
use crate::access::Caller;
use crate::api::answers::{Sight, Where};
use crate::api::nouns::{Dated, Sentence};
use crate::body::Asked;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use exposome_engine::assess::day_of;
use exposome_engine::desk::Desk;
use exposome_engine::support::State as Support;
use exposome_model::summary::Summary;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(board))
}

#[derive(Serialize, utoipa::ToSchema)]
struct Board {
    #[serde(flatten)]
    dated: Dated,
    day: Date,
    sentence: Sentence,
    figures: Vec<Figure>,
    /// From what it was drawn
    footer: String,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = BoardFigure)]
struct Figure {
    key: &'static str,
    title: &'static str,
    /// null: nothing measures it
    value: Option<String>,
    /// Of how many, over which time
    whole: String,
    words: String,
    series: Series,
    /// What the board is asked to decide; null: nothing
    decide: Option<&'static str>,
    /// What is missing to measure it
    needs: Option<&'static str>,
    /// The page that shows what is behind it
    link: &'static str,
}

#[derive(Default, Serialize, utoipa::ToSchema)]
struct Series {
    title: &'static str,
    unit: &'static str,
    /// One for each day on which an assessment was written down
    points: Vec<Point>,
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = SeriesPoint)]
struct Point {
    date: Date,
    value: u64,
}

/// Six figures, as of now or an earlier moment
#[utoipa::path(get, path = "/api/v1/board", tag = "board", params(Where), responses((status = 200, body = Board)))]
async fn board(
    State(house): State<House>,
    caller: Caller,
    Asked(place): Asked<Where>,
) -> Result<Json<Board>, Problem> {
    let sight = Sight::of(&house, &caller, &place).await?;
    sight.must_be_whole()?;
    let desk = sight.desk();
    let until = if sight.view.past { desk.as_of() } else { house.now() };
    let days = house.store.summaries(&sight.view.site, until).await?;
    let answers = house.kept.answers(&sight, "")?;
    let total = answers.total(desk);
    let devices = desk.assessment().assets.len();
    let fleet = Fleet::of(desk);
    let day = day_of(until);
    let overdue = figure("overdue", "Work that is past its date", "/worklist?filter=overdue");
    let overdue = Figure {
        value: Some(counted(total.overdue as u64)),
        whole: format!("of {} known weaknesses on devices", counted(total.exposures as u64)),
        words: "Each had a date by which it was to be done, by the policy in force.".to_owned(),
        series: series("Past their date", "weaknesses", &days, |it| Some(it.all.overdue)),
        decide: (total.overdue > 0)
            .then_some("which of them the hospital accepts, until when, and who signs."),
        ..overdue
    };
    let unjudged = figure("unjudged", "Devices we cannot judge", "/inventory");
    let unjudged = Figure {
        value: (devices > 0).then(|| percent(fleet.unjudged, devices)),
        whole: format!("{} of {}", counted(fleet.unjudged as u64), counted(devices as u64)),
        words: "No source says what is installed on them. They are not counted as safe.".to_owned(),
        series: series("Cannot be judged", "devices", &days, |it| it.unjudged),
        decide: (fleet.unjudged * 20 > devices)
            .then_some("who gets the inventories of these devices from their makers, and by when."),
        ..unjudged
    };
    let unsupported =
        figure("unsupported", "Devices with software that nobody mends any more", "/worklist");
    let knows_support = sight.view.feeds.iter().any(|it| it.feed == "endoflife");
    let unsupported = if knows_support {
        Figure {
        value: (devices > 0).then(|| counted(fleet.unsupported as u64)),
        whole: format!("{} of all", percent(fleet.unsupported, devices.max(1))),
        words: "By the dates that makers and endoflife.date publish; what they do not list is not counted.".to_owned(),
        decide: (fleet.unsupported > 0).then_some("which of them are replaced in the next budget."),
        ..unsupported
    }
    } else {
        Figure {
            words: "No list of support dates has been loaded.".to_owned(),
            needs: Some("support dates"),
            link: "/feeds",
            ..unsupported
        }
    };
    let paths = Figure {
        words: "No source describes the firewalls. A zero here would be a guess.".to_owned(),
        decide: Some("who hands over the configuration of the firewalls."),
        needs: Some("configuration of firewalls"),
        ..figure("paths", "Ways in from outside to records or life support", "/feeds")
    };
    let proven = Figure {
        words: "No protection has been tested yet. A claim is not a proof.".to_owned(),
        decide: Some("whether protections are tested, and in which nights."),
        needs: Some("tests of protections"),
        ..figure("proven", "Protections proven, not only claimed", "/inventory")
    };
    let sentence = headline(total.overdue, fleet.unjudged, devices);
    let policy = &sight.view.in_force.rules.policy;
    let footer = format!(
        "Facts as recorded up to {}. Policy {} {}. Where a fact is missing the figure says so; it is never counted as good.",
        desk.as_of().strftime("%-d %b %Y %H:%M UTC"),
        policy.name,
        policy.version
    );
    Ok(Json(Board {
        dated: Dated::of(&sight.view),
        day,
        sentence,
        figures: vec![exposure_days(&days, day), overdue, paths, unjudged, proven, unsupported],
        footer,
    }))
}

fn figure(key: &'static str, title: &'static str, link: &'static str) -> Figure {
    Figure {
        key,
        title,
        value: None,
        whole: String::new(),
        words: String::new(),
        series: Series::default(),
        decide: None,
        needs: None,
        link,
    }
}

fn headline(overdue: usize, unjudged: usize, devices: usize) -> Sentence {
    if devices == 0 {
        return Sentence::new("no_devices", "No device is known yet.");
    }
    let late = match overdue {
        0 => "Nothing is past its date".to_owned(),
        1 => "One weakness is past its date".to_owned(),
        many => format!("{} weaknesses are past their date", counted(many as u64)),
    };
    let unseen = match unjudged {
        0 => "every device can be judged".to_owned(),
        1 => "one device cannot be judged".to_owned(),
        many => format!(
            "{} of {} devices cannot be judged",
            counted(many as u64),
            counted(devices as u64)
        ),
    };
    Sentence::new("board", format!("{late}, and {unseen}."))
}

/// So many days are added up.
const SPAN_DAYS: i32 = 30;

/// For how long weaknesses to be mended stood open on devices that nobody may touch without a signature.
fn exposure_days(days: &BTreeMap<Date, Summary>, today: Date) -> Figure {
    let open = |it: &Summary| it.gated.to_mend();
    let since = today.checked_sub((SPAN_DAYS - 1).days()).unwrap_or(today);
    let days_open: Vec<u64> = days.range(since..=today).map(|(_, it)| open(it)).collect();
    let is_measured = !days_open.is_empty();
    Figure {
        value: is_measured.then(|| counted(days_open.iter().sum())),
        whole: format!("exposure-days on {} assessed days of the last {SPAN_DAYS}", days_open.len()),
        words: "Weaknesses to be mended, on devices that are touched only with a signed clinical assessment, day by day."
            .to_owned(),
        series: series("Open a day", "exposures", days, |it| Some(open(it))),
        needs: (!is_measured).then_some("an assessment a day"),
        ..figure(
            "exposure_days",
            "How long devices that patients depend on stood exposed",
            "/worklist?filter=gated",
        )
    }
}

fn series(
    title: &'static str,
    unit: &'static str,
    days: &BTreeMap<Date, Summary>,
    value: impl Fn(&Summary) -> Option<u64>,
) -> Series {
    let points = days.iter().filter_map(|(&date, it)| Some(Point { date, value: value(it)? }));
    Series { title, unit, points: points.collect() }
}

/// 1,125: as the pages write numbers.
fn counted(number: u64) -> String {
    let digits = number.to_string();
    let places = digits.len();
    let mut said = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (places - place).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// Tenths of a percent, rounded down to nothing only where there is nothing.
fn percent(part: usize, whole: usize) -> String {
    let tenths = (part * 1_000 + whole / 2) / whole.max(1);
    match tenths {
        0 if part > 0 => "< 0.1 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// What devices have installed.
struct Fleet {
    unjudged: usize,
    unsupported: usize,
}

impl Fleet {
    fn of(desk: &Desk) -> Fleet {
        let (assessment, day) = (desk.assessment(), day_of(desk.as_of()));
        let has_ended = |component| {
            let standing = desk.support.standing(component, day);
            standing.is_some_and(|it| it.state == Some(Support::Ended))
        };
        // Thousands of devices have one bill.
        let ended = assessment.bills.iter().map(|bill| bill.components.iter().any(has_ended));
        let ended: Vec<bool> = ended.collect();
        let assets = &assessment.assets;
        let is_ended = |bill: u32| ended.get(bill as usize).is_some_and(|it| *it);
        Fleet {
            unjudged: assets.iter().filter(|it| !assessment.is_judged(it)).count(),
            unsupported: assets.iter().filter(|it| is_ended(it.alike.bill)).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_engine::decide::Outcome;
    use exposome_model::summary::Count;

    #[test]
    fn numbers_are_written_in_threes() {
        let said = [0, 7, 999, 1_000, 1_204_893].map(counted);
        assert_eq!(said, ["0", "7", "999", "1,000", "1,204,893"]);
    }

    #[test]
    fn a_part_is_never_rounded_to_nothing() {
        assert_eq!(percent(0, 1_000), "0.0 %");
        assert_eq!(percent(1, 100_000), "< 0.1 %");
        assert_eq!(percent(89, 1_120), "7.9 %");
        assert_eq!(percent(5, 5), "100.0 %");
    }

    #[test]
    fn days_without_an_assessment_are_not_counted_as_days_without_exposure() {
        let summary = |open: u64| {
            let mut gated = Count::default();
            gated.add(Outcome::ActNow, false, open);
            gated.add(Outcome::Monitor, false, 100);
            Summary {
                as_of: jiff::Timestamp::UNIX_EPOCH,
                assets: 1,
                unjudged: None,
                all: Count::default(),
                gated,
                by: BTreeMap::new(),
            }
        };
        let day = |day| jiff::civil::date(2026, 8, day);
        let none = exposure_days(&BTreeMap::new(), day(16));
        assert_eq!((none.value, none.needs), (None, Some("an assessment a day")));
        let days = BTreeMap::from([(day(1), summary(4)), (day(16), summary(3))]);
        let two = exposure_days(&days, day(16));
        assert_eq!(two.value.as_deref(), Some("7"));
        assert!(two.whole.contains("2 assessed days"), "{}", two.whole);
    }
}
