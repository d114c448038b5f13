//! The life of an exposure: how it stood as it was concluded, and the moments that its window is measured by.

use crate::Error;
use exposome_engine::concluded::turns;
use exposome_engine::threat::Threat;
use exposome_model::claim::Claim;
use exposome_model::decision::Stand;
use exposome_model::fact::FactId;
use exposome_model::inventory::Component;
use exposome_model::transition::{About, Place, Reason};
use exposome_store::Store;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// One turn, as an assessment concluded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    pub as_of: Timestamp,
    /// `None`: it is no exposure any more.
    pub stand: Option<Stand>,
    pub why: Vec<Reason>,
}

/// The moments of an exposure; `None`: it has not come, or is not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Its vulnerability was published.
    pub disclosed: Option<Timestamp>,
    /// A source of ours first spoke of what has it.
    pub known: Option<Timestamp>,
    /// The evidence that it is exploited, or that anybody could.
    pub exploitable: Option<Timestamp>,
    /// Since when a protection or a closed way in, and nothing else, holds it below what it was.
    pub mitigated: Option<Timestamp>,
    /// It was concluded that it is gone, because something else is installed.  What people say of it, and what
    /// documents no longer say, mends nothing.
    pub fixed: Option<Timestamp>,
    /// After that another source than those that told of the mend has said the same of the component.
    pub verified: Option<Timestamp>,
}

/// How everything on an asset stood up to the assessment of this number, the earliest first.
pub async fn turns_of(
    store: &Store,
    site: &str,
    asset: &str,
    through: u64,
) -> Result<Vec<(Place, Turn)>, Error> {
    let mut all = Vec::new();
    store
        .transitions(site, through, |block, as_of| {
            let of_asset = turns(block, asset).map(|it| {
                let (stand, why) = (it.after.cloned(), it.why.to_vec());
                (it.place.clone(), Turn { as_of, stand, why })
            });
            all.extend(of_asset);
        })
        .await?;
    Ok(all)
}

impl Window {
    /// Of an exposure's turns, and of the claims about its asset with what is installed on it.
    pub fn of(
        (threat, known): (Option<&Threat>, Option<Timestamp>),
        turns: &[Turn],
        (component, claims): (Option<&Component>, &[Claim]),
    ) -> Window {
        let exploitable = threat.filter(|it| it.is_active() || it.has_public_exploit());
        let fix = fix(turns);
        let verified = fix.zip(component).and_then(|(fix, of)| verified(fix, of, claims));
        Window {
            disclosed: threat.and_then(|it| it.published),
            known,
            exploitable: exploitable.and_then(Threat::evidence_at),
            mitigated: mitigated(turns),
            fixed: fix.map(|it| it.as_of),
            verified,
        }
    }
}

fn mitigated(turns: &[Turn]) -> Option<Timestamp> {
    let is_protection = |it: &Reason| matches!(it.about, About::Controls | About::Reach);
    let mut since = None;
    let mut before: Option<&Stand> = None;
    for turn in turns {
        let (was, is) = (before, turn.stand.as_ref());
        before = is;
        match was.zip(is) {
            Some((was, is)) if turn.why.iter().any(is_protection) => {
                let is_alone = turn.why.iter().all(is_protection);
                let is_better = is.outcome < was.outcome;
                since =
                    since.filter(|_| is_better).or((is_better && is_alone).then_some(turn.as_of));
            }
            None if is.is_some() => since = None,
            // What else makes it more or less urgent leaves the protection where it is.
            _ => {}
        }
    }
    since
}

/// The turn by which it is gone, if it is.
fn fix(turns: &[Turn]) -> Option<&Turn> {
    let last = turns.last().filter(|it| it.stand.is_none())?;
    let is_installed = last.why.iter().any(|it| match it.about {
        About::Version => true,
        About::Component => sources(it).next().is_some(),
        _ => false,
    });
    is_installed.then_some(last)
}

/// The sources whose documents are among the facts of a reason.
fn sources(of: &Reason) -> impl Iterator<Item = &str> {
    of.facts.iter().filter_map(FactId::imported_from)
}

fn verified(fix: &Turn, of: &Component, claims: &[Claim]) -> Option<Timestamp> {
    let told: BTreeSet<&str> = fix.why.iter().flat_map(sources).collect();
    let names = |it: &Component| (it.kind, &it.name) == (of.kind, &of.name);
    let others = claims.iter().filter(|it| !told.contains(it.source.as_str()));
    let others = others.filter(|it| it.sheet.components.iter().any(names));
    others.map(|it| it.recorded_at).filter(|at| *at > fix.as_of).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::decision::Outcome;
    use exposome_model::inventory::{ComponentKind, Sheet};

    fn at(day: i8) -> Timestamp {
        let date = jiff::civil::date(2026, 11, day);
        date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    fn turn(day: i8, outcome: Option<Outcome>, abouts: &[About]) -> Turn {
        let stand = outcome.map(|outcome| Stand { outcome, row: "3-likely".into(), due: None });
        let reason =
            |about: &About| Reason { about: *about, words: String::new(), facts: Vec::new() };
        Turn { as_of: at(day), stand, why: abouts.iter().map(reason).collect() }
    }

    fn by(mut turn: Turn, source: &str) -> Turn {
        turn.why[0].facts.push(FactId::import(source, turn.as_of));
        turn
    }

    fn says(source: &str, day: i8) -> Claim {
        Claim {
            site: "main".into(),
            source: source.into(),
            observed_at: at(day),
            first_recorded_at: at(1),
            recorded_at: at(day),
            sheet: Sheet { components: vec![pump()], ..Sheet::default() },
        }
    }

    fn pump() -> Component {
        Component::new(ComponentKind::Device, "Alaris")
    }

    fn window(turns: &[Turn], claims: &[Claim]) -> Window {
        Window::of((None, Some(at(1))), turns, (Some(&pump()), claims))
    }

    #[test]
    fn a_closed_way_in_mitigates_until_it_is_open_again() {
        let mut turns = vec![
            turn(1, Some(Outcome::ActNow), &[About::First]),
            turn(3, Some(Outcome::Schedule), &[About::Reach]),
            turn(4, Some(Outcome::Defer), &[About::Deferral]),
            turn(5, Some(Outcome::Schedule), &[About::Deferral]),
        ];
        assert_eq!(mitigated(&turns), Some(at(3)), "the way in is closed still");
        turns.push(turn(6, Some(Outcome::ActNow), &[About::Reach]));
        assert_eq!(mitigated(&turns), None);
    }

    #[test]
    fn what_looks_better_of_itself_is_no_mitigation() {
        let first = turn(1, Some(Outcome::ActNow), &[About::First]);
        for abouts in [&[About::Epss][..], &[About::Epss, About::Reach]] {
            let turns = [first.clone(), turn(3, Some(Outcome::Monitor), abouts)];
            assert_eq!(mitigated(&turns), None, "{abouts:?}");
        }
    }

    #[test]
    fn a_fix_is_verified_by_another_source_and_undone_by_the_old_version() {
        let mut turns = vec![
            turn(1, Some(Outcome::Schedule), &[About::First]),
            by(turn(5, None, &[About::Version]), "cmms"),
        ];
        let seen = |turns: &[Turn], claims: &[Claim]| {
            let window = window(turns, claims);
            (window.fixed, window.verified)
        };
        assert_eq!(seen(&turns, &[says("cmms", 7)]), (Some(at(5)), None), "it told of the mend");
        assert_eq!(seen(&turns, &[says("scan", 4)]), (Some(at(5)), None), "that was before");
        assert_eq!(seen(&turns, &[says("scan", 8)]), (Some(at(5)), Some(at(8))));
        turns.push(turn(9, Some(Outcome::Schedule), &[About::Version]));
        assert_eq!(seen(&turns, &[says("scan", 8)]), (None, None));
    }

    #[test]
    fn what_people_or_documents_say_and_what_is_no_longer_known_is_not_fixed() {
        for about in [About::Verdict, About::Component, About::Asset] {
            let turns =
                [turn(1, Some(Outcome::Schedule), &[About::First]), turn(5, None, &[about])];
            assert_eq!(window(&turns, &[]).fixed, None, "{about:?}");
        }
        let removed = by(turn(5, None, &[About::Component]), "cmms");
        let turns = [turn(1, Some(Outcome::Schedule), &[About::First]), removed];
        assert_eq!(window(&turns, &[]).fixed, Some(at(5)));
    }
}
