//! What moved between two moments, as the assessments in between wrote it down: which fact moved which work, on how many
//! devices.

use crate::Error;
use exposome_model::decision::Outcome;
use exposome_model::transition::{About, Transitions};
use exposome_store::Store;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Exposures that moved alike, for the same reasons, in one assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of when the assessment is that found it.
    pub at: Timestamp,
    /// In words, the weightiest first.
    pub reasons: Vec<String>,
    pub vulnerability: String,
    pub component: String,
    /// `None`: it was not exposed, or is not.
    pub from: Option<Outcome>,
    pub to: Option<Outcome>,
    /// The ids of the devices.
    pub assets: Vec<String>,
}

/// What moved, the most urgent first; what was found by the very first assessment is no change.
pub async fn changes(
    store: &Store,
    site: &str,
    span: (Timestamp, Timestamp),
) -> Result<Vec<Change>, Error> {
    let mut found = BTreeMap::new();
    store.transitions_between(site, span, |block, at| hear(&mut found, block, at)).await?;
    let mut changes: Vec<Change> = found.into_iter().map(Change::of).collect();
    // The most urgent is the greatest outcome; what is gone comes last.
    changes.sort_by_key(|it| std::cmp::Reverse((it.to, it.at, it.assets.len())));
    Ok(changes)
}

/// What makes two steps the same change.
type Key = (Timestamp, Vec<String>, String, String, Option<Outcome>, Option<Outcome>);

impl Change {
    fn of((key, assets): (Key, BTreeSet<String>)) -> Change {
        let (at, reasons, vulnerability, component, from, to) = key;
        let assets = assets.into_iter().collect();
        Change { at, reasons, vulnerability, component, from, to, assets }
    }
}

fn hear(found: &mut BTreeMap<Key, BTreeSet<String>>, block: &Transitions, at: Timestamp) {
    for group in &block.groups {
        for step in &group.steps {
            let outcome = |number| block.stand(number).map(|it| it.outcome);
            let (from, to) = (outcome(step.before), outcome(step.after));
            let Some(place) = block.place(step) else { continue };
            let why = block.why(step);
            let is_first = why.first().is_none_or(|it| it.about == About::First);
            // The same work at another date is no other work.
            if is_first || from == to {
                continue;
            }
            let reasons = why.iter().map(|it| it.words.clone()).collect();
            let (vulnerability, component) = (place.vulnerability.clone(), place.name.clone());
            let assets = found.entry((at, reasons, vulnerability, component, from, to));
            assets.or_default().extend(group.assets.iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::decision::Stand;
    use exposome_model::inventory::ComponentKind;
    use exposome_model::transition::{Group, Place, Reason, Step};

    fn stand(outcome: Outcome) -> Stand {
        Stand { outcome, row: "1-active".into(), due: None }
    }

    fn reason(about: About, words: &str) -> Vec<Reason> {
        vec![Reason { about, words: words.into(), facts: Vec::new() }]
    }

    #[test]
    fn what_moved_alike_is_one_change_and_a_first_sight_or_another_date_is_none() {
        let block = Transitions {
            places: vec![Place {
                vulnerability: "CVE-2020-6961".into(),
                kind: ComponentKind::System,
                vendor: None,
                name: "gateway".into(),
            }],
            stands: vec![stand(Outcome::Schedule), stand(Outcome::ActNow)],
            reasons: vec![
                reason(About::Exploitation, "it is listed in KEV"),
                reason(About::First, "nothing was recorded before"),
            ],
            groups: vec![
                Group {
                    assets: vec!["a".into(), "b".into()],
                    steps: vec![Step { place: 0, before: Some(0), after: Some(1), why: 0 }],
                },
                Group {
                    assets: vec!["c".into()],
                    steps: vec![
                        Step { place: 0, before: Some(0), after: Some(1), why: 0 },
                        Step { place: 0, before: None, after: Some(1), why: 1 },
                        Step { place: 0, before: Some(1), after: Some(1), why: 0 },
                    ],
                },
            ],
        };
        let mut found = BTreeMap::new();
        hear(&mut found, &block, Timestamp::UNIX_EPOCH);
        let found: Vec<Change> = found.into_iter().map(Change::of).collect();
        let [change] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(change.assets, ["a", "b", "c"]);
        assert_eq!((change.from, change.to), (Some(Outcome::Schedule), Some(Outcome::ActNow)));
        assert_eq!(change.reasons, ["it is listed in KEV"]);
    }
}
