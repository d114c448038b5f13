//! What chosen exposures add up to, by any field that is a text or a truth.

use crate::choose::clock;
use crate::desk::fields::{Level, Name};
use crate::desk::{Chosen, Desk};
use crate::threat::Threat;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What exposures with one value of a field add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// `None`: nobody says.
    pub value: Option<String>,
    pub assets: usize,
    /// How many pairs of an asset and a cause.
    pub exposures: usize,
    /// In the order of [`crate::decide::Outcome::ALL`].
    pub by_outcome: [usize; 4],
    pub overdue: usize,
    pub earliest: Option<Timestamp>,
}

impl Desk {
    /// Counts by a field of assets, of vulnerabilities or of decisions; none for one that is counted by nothing.  The
    /// group with most to do at once comes first.
    pub fn groups(&self, chosen: &Chosen, by: Name) -> Vec<Group> {
        let mut groups: BTreeMap<Option<&str>, Group> = BTreeMap::new();
        for part in &chosen.parts {
            let assets = self.assets_of(part);
            if by.level() == Level::Asset {
                let sums = self.sums(self.exposures_of(part), 1);
                let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
                for &asset in assets {
                    *counts.entry(self.text(by, asset)).or_default() += 1;
                }
                for (value, count) in counts {
                    groups.entry(value).or_default().add(&sums, count);
                }
                continue;
            }
            let mut of_value: BTreeMap<Option<&str>, Vec<u32>> = BTreeMap::new();
            for exposure in self.exposures_of(part) {
                of_value.entry(self.value(by, exposure)).or_default().push(exposure);
            }
            for (value, exposures) in of_value {
                let sums = self.sums(exposures.into_iter(), 1);
                groups.entry(value).or_default().add(&sums, assets.len());
            }
        }
        let named = groups
            .into_iter()
            .map(|(value, group)| Group { value: value.map(str::to_owned), ..group });
        let mut groups: Vec<Group> = named.collect();
        groups.sort_by(|a, b| {
            let urgency = |group: &Group| {
                let [monitor, defer, schedule, act_now] = group.by_outcome;
                [act_now, schedule, defer, monitor]
            };
            urgency(b).cmp(&urgency(a)).then_with(|| a.value.cmp(&b.value))
        });
        groups
    }

    /// What the exposures of one asset add up to.
    pub fn sum_of(&self, asset: u32) -> Group {
        let cohort = self.cohort_of.get(asset as usize).copied().unwrap_or(u32::MAX);
        self.sums(self.of_cohort(cohort), 1)
    }

    /// What some exposures of one asset add up to.
    fn sums(&self, exposures: impl Iterator<Item = u32>, assets: usize) -> Group {
        let mut sums = Group { assets, ..Group::default() };
        for exposure in exposures {
            let Some(exposure) = self.exposure(exposure) else { continue };
            sums.exposures += 1;
            let decision = self.assessment.decision(exposure);
            if let Some(slot) = decision.and_then(|it| sums.by_outcome.get_mut(it.outcome as usize))
            {
                *slot += 1;
            }
            sums.overdue += usize::from(exposure.due.is_some_and(|due| due < self.as_of()));
            sums.earliest = [sums.earliest, exposure.due].into_iter().flatten().min();
        }
        sums
    }

    /// What chosen exposures add up to.
    pub fn total(&self, chosen: &Chosen) -> Group {
        let mut total = Group::default();
        for part in &chosen.parts {
            total.add(&self.sums(self.exposures_of(part), 1), self.assets_of(part).len());
        }
        total
    }

    /// A field that is the same on every asset of a cohort.
    fn value(&self, by: Name, exposure: u32) -> Option<&str> {
        let truth = |holds: bool| Some(if holds { "yes" } else { "no" });
        let at = self.exposure(exposure)?;
        let cause = self.causes.get(*self.cause_of.get(exposure as usize)? as usize)?;
        let threat = cause.threat.as_deref();
        match by {
            Name::Vulnerability => Some(&cause.id),
            Name::Kev => truth(threat.is_some_and(|it| it.kev.is_some())),
            Name::Exploited => truth(threat.is_some_and(Threat::is_active)),
            Name::Exploit => truth(threat.is_some_and(Threat::has_public_exploit)),
            Name::Decision => Some(self.assessment.decision(at)?.outcome.name()),
            Name::Row => Some(&self.assessment.decision(at)?.row),
            Name::Overdue => truth(at.due.is_some_and(|due| due < self.as_of())),
            Name::Clock => Some(clock(self.as_of(), at.due)),
            Name::Component => Some(&self.judged(exposure)?.0.name),
            Name::Vendor => self.judged(exposure)?.0.vendor.as_deref(),
            Name::Version => self.judged(exposure)?.0.version.as_deref(),
            Name::Verdict => Some(crate::desk::verdict_name(self.judged(exposure)?.1.verdict)),
            _ => None,
        }
    }
}

impl Group {
    /// The same on so many assets.
    fn add(&mut self, of_one: &Group, assets: usize) {
        self.assets += assets;
        self.exposures += of_one.exposures * assets;
        for (slot, count) in self.by_outcome.iter_mut().zip(of_one.by_outcome) {
            *slot += count * assets;
        }
        self.overdue += of_one.overdue * assets;
        self.earliest = [self.earliest, of_one.earliest].into_iter().flatten().min();
    }
}
