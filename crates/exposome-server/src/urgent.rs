//! Whoever should know is told of work that cannot wait, once.
//!
//! A job that becomes *act now* is one notice; many at once, as after a first
//! import, are one notice together.  What was told is known by the notices that
//! are kept: a server that is killed in between tells what it has not.  Killed
//! between the one notice and its marks, it tells some of those again; nobody misses
//! any.

use crate::House;
use crate::api::answers::Sight;
use crate::notices::{Notice, Urgency, is_told, note_told, raise};
use exposome_engine::decide::Outcome;
use exposome_engine::desk::fields::Name;
use exposome_engine::desk::{Chosen, Desk, Job};
use exposome_site::View;
use std::collections::BTreeSet;
use std::sync::Arc;

/// More new ones than this are told together.
const ONE_BY_ONE: usize = 5;

/// Tells what of a view cannot wait and was not told before; `told` saves asking the store again.
pub(crate) async fn tell(house: &House, view: &Arc<View>, told: &mut BTreeSet<String>) {
    if let Err(error) = try_to_tell(house, view, told).await {
        tracing::error!(site = view.site, %error, "urgent work could not be told of; it is tried again");
    }
}

async fn try_to_tell(
    house: &House,
    view: &Arc<View>,
    told: &mut BTreeSet<String>,
) -> Result<(), exposome_store::Error> {
    let sight = Sight::whole(Arc::clone(view));
    // No filter can always be read.
    let Ok(answers) = house.kept.answers(&sight, "") else { return Ok(()) };
    let desk = sight.desk();
    let jobs = answers.jobs(desk);
    let mut new = Vec::new();
    for job in jobs.iter().take_while(|job| job.rank.outcome() == Outcome::ActNow) {
        let about = about(&view.site, job);
        if told.contains(&about) {
            continue;
        }
        if is_told(house, &about).await? {
            told.insert(about);
        } else {
            new.push((about, job));
        }
    }
    let are_many = new.len() > ONE_BY_ONE;
    if are_many {
        raise(house, &together(&view.site, &new)).await?;
    }
    for (about, job) in new {
        let notice = notice(&view.site, about.clone(), desk, &answers.chosen, job);
        if are_many {
            note_told(house, &notice).await?;
        } else {
            raise(house, &notice).await?;
        }
        told.insert(about);
    }
    Ok(())
}

/// A job that comes back with another clock is told again.
fn about(site: &str, job: &Job) -> String {
    let due = job.due.map_or_else(|| "no date".to_owned(), |due| due.to_string());
    format!("act now at {site}: {} by {due}", job.key)
}

fn notice(site: &str, about: String, desk: &Desk, chosen: &Chosen, job: &Job) -> Notice {
    let because = desk.details(chosen, std::slice::from_ref(job)).into_iter().next();
    let devices = devices(job.assets);
    let because = because.map(|it| it.because).unwrap_or_default();
    Notice {
        about,
        urgency: Urgency::ActNow,
        site: Some(site.to_owned()),
        unit: desk.only_one_of_job(chosen, job, Name::Unit).map(str::to_owned),
        title: format!("{}: {devices}, cannot wait", job.product),
        words: format!("{}, on {devices}: {because}.", job.action.in_words(&job.product)),
        plain: format!("Work on {devices} cannot wait."),
        link: format!("/worklist?open={}", job.key),
    }
}

fn together(site: &str, new: &[(String, &Job)]) -> Notice {
    let list: Vec<&str> = new.iter().map(|(about, _)| about.as_str()).collect();
    let first: Vec<String> =
        new.iter().take(ONE_BY_ONE).map(|(_, job)| job.action.in_words(&job.product)).collect();
    let count = new.len();
    Notice {
        about: list.join("\n"),
        urgency: Urgency::ActNow,
        site: Some(site.to_owned()),
        unit: None,
        title: format!("{count} jobs cannot wait"),
        words: format!("The first of them: {}.", first.join("; ")),
        plain: format!("{count} jobs cannot wait."),
        link: "/worklist?filter=decision%20%3D%3D%20%22act_now%22".to_owned(),
    }
}

fn devices(count: usize) -> String {
    if count == 1 { "one device".to_owned() } else { format!("{count} devices") }
}
