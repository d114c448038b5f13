//! The life of an exposure: how it stood as it was concluded, and the moments that its window is measured by.

use crate::Error;
use exposome_engine::concluded::turns;
use exposome_engine::threat::Threat;
use exposome_model::claim::Claim;
use exposome_model::decision::Stand;
use exposome_model::transition::{About, Place, Reason};
use exposome_store::Store;
use jiff::Timestamp;
use serde::Serialize;

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
    /// Since when protections or a closed way in hold it below what it was.
    pub mitigated: Option<Timestamp>,
    /// It was concluded that it is gone, by what is installed or by what documents say of that.
    pub fixed: Option<Timestamp>,
    /// A source has looked at what is installed after that, and it is gone still.
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
        threat: Option<&Threat>,
        known: Option<Timestamp>,
        turns: &[Turn],
        claims: &[Claim],
    ) -> Window {
        let exploitable = threat.filter(|it| it.is_active() || it.has_public_exploit());
        let (mitigated, fixed) = mended(turns);
        let looks = claims.iter().filter(|it| !it.sheet.components.is_empty());
        let later = looks.map(|it| it.observed_at).filter(|at| fixed.is_some_and(|it| *at > it));
        Window {
            disclosed: threat.and_then(|it| it.published),
            known,
            exploitable: exploitable.and_then(Threat::evidence_at),
            mitigated,
            fixed,
            verified: later.min(),
        }
    }
}

/// Since when it is mitigated, and since when it is fixed; whatever makes it worse again ends either.
fn mended(turns: &[Turn]) -> (Option<Timestamp>, Option<Timestamp>) {
    let (mut mitigated, mut fixed) = (None, None);
    let mut before: Option<&Stand> = None;
    for turn in turns {
        let is_about = |abouts: &[About]| turn.why.iter().any(|it| abouts.contains(&it.about));
        match (before, &turn.stand) {
            (Some(was), Some(is))
                if is.outcome < was.outcome && is_about(&[About::Controls, About::Reach]) =>
            {
                mitigated = mitigated.or(Some(turn.as_of));
            }
            (Some(was), Some(is)) if is.outcome > was.outcome => mitigated = None,
            (Some(_), None) if is_about(&[About::Version, About::Component, About::Verdict]) => {
                fixed = Some(turn.as_of);
            }
            (None, Some(_)) => (mitigated, fixed) = (None, None),
            _ => {}
        }
        before = turn.stand.as_ref();
    }
    (mitigated, fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::decision::Outcome;
    use exposome_model::inventory::{Component, ComponentKind, Sheet};

    fn at(day: i8) -> Timestamp {
        let date = jiff::civil::date(2026, 11, day);
        date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    fn turn(day: i8, outcome: Option<Outcome>, about: About) -> Turn {
        let stand = outcome.map(|outcome| Stand { outcome, row: "3-likely".into(), due: None });
        let why = vec![Reason { about, words: String::new(), facts: Vec::new() }];
        Turn { as_of: at(day), stand, why }
    }

    fn looked(day: i8) -> Claim {
        let components = vec![Component::new(ComponentKind::Device, "Alaris")];
        Claim {
            site: "main".into(),
            source: "cmms".into(),
            observed_at: at(day),
            first_recorded_at: at(1),
            recorded_at: at(1),
            sheet: Sheet { components, ..Sheet::default() },
        }
    }

    #[test]
    fn a_closed_way_in_mitigates_until_it_is_open_again() {
        let mut turns = vec![
            turn(1, Some(Outcome::ActNow), About::First),
            turn(3, Some(Outcome::Schedule), About::Reach),
            turn(4, Some(Outcome::Monitor), About::Controls),
        ];
        assert_eq!(mended(&turns), (Some(at(3)), None));
        turns.push(turn(5, Some(Outcome::ActNow), About::Reach));
        assert_eq!(mended(&turns), (None, None));
    }

    #[test]
    fn what_looks_better_of_itself_is_no_mitigation() {
        let turns = [
            turn(1, Some(Outcome::ActNow), About::First),
            turn(3, Some(Outcome::Monitor), About::Epss),
        ];
        assert_eq!(mended(&turns), (None, None));
    }

    #[test]
    fn a_fix_is_verified_by_a_later_look_and_undone_by_the_old_version() {
        let mut turns =
            vec![turn(1, Some(Outcome::Schedule), About::First), turn(5, None, About::Version)];
        let window = |turns: &[Turn], day| Window::of(None, Some(at(1)), turns, &[looked(day)]);
        assert_eq!((window(&turns, 5).fixed, window(&turns, 5).verified), (Some(at(5)), None));
        assert_eq!(window(&turns, 7).verified, Some(at(7)));
        turns.push(turn(8, Some(Outcome::Schedule), About::Version));
        assert_eq!((window(&turns, 9).fixed, window(&turns, 9).verified), (None, None));
    }

    #[test]
    fn what_is_no_longer_known_is_not_fixed() {
        let turns = [turn(1, Some(Outcome::Schedule), About::First), turn(5, None, About::Asset)];
        assert_eq!(mended(&turns), (None, None));
    }
}
