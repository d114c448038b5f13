//! What stands elsewhere than before, and which fact moved it: between two moments, under another policy, or since it was
//! concluded.

mod compare;
mod why;

pub(crate) use compare::{Stood, each_elsewhere};

use crate::assess::{Assessment, in_words};
use crate::concluded::Concluded;
use crate::people::People;
use crate::threat::Threats;
use crate::world::Sight;
use exposome_model::claim::Claim;
pub use exposome_model::decision::Stand;
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::transition::Reason;
use serde::Serialize;

/// A site as it is concluded from facts.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    pub assessment: &'a Assessment,
    pub claims: &'a [Claim],
    pub people: &'a People,
    pub threats: &'a Threats,
    pub sight: Sight,
}

/// What is held against one another.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What was written down, where that is asked for: it is what an exposure stood at before.
    pub concluded: Option<&'a Concluded>,
    /// From the facts of then; where it is left out nothing was known.
    pub before: Option<Side<'a>>,
    pub after: Side<'a>,
}

/// One cause on one component of assets that nothing tells apart, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Move {
    /// Ids, ascending.
    pub assets: Vec<String>,
    pub category: Option<String>,
    pub component: String,
    pub vulnerability: String,
    /// `None`: it was not exposed, or is not.
    pub before: Option<Stand>,
    pub after: Option<Stand>,
    pub why: Vec<Reason>,
}

impl Move {
    /// Its day would be over when it is set.
    pub fn is_late(&self, now: jiff::Timestamp) -> bool {
        self.after.as_ref().and_then(|it| it.due).is_some_and(|due| due < now)
    }
}

/// All that stand elsewhere: another outcome, another day, new or gone; the most urgent first.  The reasons given are
/// those beside all facts: why the side before does not say what was concluded, and what is another one between the two
/// sides.
pub fn moves(sides: Sides<'_>, of_then: &[Reason], between: &[Reason]) -> Vec<Move> {
    let mut moves = Vec::new();
    each_elsewhere(sides, (of_then, between), |group, elsewhere, why| {
        let (vulnerability, kind, vendor, name) = elsewhere.place;
        let component = elsewhere.component.map_or_else(|| called(kind, vendor, name), in_words);
        moves.push(Move {
            assets: group.ids().map(str::to_owned).collect(),
            category: group.category().map(str::to_owned),
            component,
            vulnerability: vulnerability.to_owned(),
            before: elsewhere.before.map(Stood::to_stand),
            after: elsewhere.after.map(Stood::to_stand),
            why,
        });
    });
    let urgency = |it: &Move| it.after.as_ref().map(|it| it.outcome);
    moves.sort_by(|a, b| {
        urgency(b).cmp(&urgency(a)).then_with(|| {
            (&a.vulnerability, &a.component, &a.assets).cmp(&(
                &b.vulnerability,
                &b.component,
                &b.assets,
            ))
        })
    });
    moves
}

/// A component of which only the place is known.
fn called(kind: ComponentKind, vendor: Option<&str>, name: &str) -> String {
    let vendor = vendor.map(str::to_owned);
    in_words(&Component { vendor, ..Component::new(kind, name) })
}
