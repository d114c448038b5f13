//! `exposome trend`: exposure-days, how fast and how punctually work ends, and where it is going.

use crate::cli::{Cli, Trend, TrendBy};
use crate::exit::Exit;
use crate::output::{List, column, say};
use crate::state;
use anyhow::{Result, bail};
use exposome_engine::trend::Forecast;
use exposome_site::trend::{By, trend};
use serde_json::json;

pub(crate) async fn run(cli: &Cli, arguments: &Trend) -> Result<Exit> {
    let store = state::open_to_ask(cli).await?;
    let as_of = state::as_of(cli)?;
    let (by, heading) = match arguments.by {
        TrendBy::Unit => (By::Unit, "unit"),
        TrendBy::Class => (By::Class, "class"),
        TrendBy::Fix => (By::Fix, "fix"),
    };
    let found = trend(&store, &arguments.site, as_of, arguments.days, by).await?;
    store.close().await;
    if found.days == 0 {
        bail!(
            "no assessment of site {:?} was recorded from {} to {}: `exposome assess` records one, and the server does so by itself",
            arguments.site,
            found.from,
            found.to
        );
    }
    let mut list = List::new(&[column(heading, heading), column("exposure_days", "exposure-days")]);
    for (value, days) in &found.by {
        let value = if value.is_empty() { "(nobody says)" } else { value };
        list.push(vec![json!(value), json!(days)]);
    }
    list.print(arguments.rendering)?;
    if arguments.rendering.json || arguments.rendering.csv {
        return Ok(Exit::Done);
    }
    say(&format!(
        "\n{} exposure-days on {} assessed days from {} to {}",
        found.exposure_days, found.days, found.from, found.to
    ))?;
    let mended = &found.mended;
    match (mended.mean_tenths(), mended.within_percent(50), mended.within_percent(90)) {
        (Some(mean), Some(half), Some(most)) => say(&format!(
            "{} exposures ended: on average after {}.{} days, half within {half}, nine of ten within {most}",
            mended.count(),
            mean / 10,
            mean % 10
        ))?,
        _ => say("no exposure ended")?,
    }
    let (kept, dated) = mended.kept_their_date();
    if dated > 0 {
        say(&format!("{kept} of {dated} that had a date were done by it"))?;
    }
    say(&ahead("to be mended", found.open_ahead))?;
    say(&ahead("past their date", found.overdue_ahead))?;
    Ok(Exit::Done)
}

fn ahead(what: &str, forecast: Option<Forecast>) -> String {
    match forecast {
        Some(it) => format!(
            "on {}: some {} {what} if it goes on like this ({} to {} in four of five cases)",
            it.day, it.value, it.low, it.high
        ),
        None => {
            format!("how many will be {what} is not foretold: that takes two weeks of assessments")
        }
    }
}
