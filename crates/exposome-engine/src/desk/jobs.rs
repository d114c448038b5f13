//! The worklist of chosen exposures: one action on a product, many exposures.

use crate::desk::chosen::Which;
use crate::desk::fields::Name;
use crate::desk::{Chosen, Desk};
use crate::threat::Threat;
use crate::worklist::{Action, Kind, Rank, because};
use exposome_model::exposure::Verdict;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One line of the worklist, with what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub key: JobKey,
    /// The product without a version.
    pub product: String,
    pub action: Action,
    /// Of the most urgent of its exposures.
    pub rank: Rank,
    pub due: Option<Timestamp>,
    /// How many assets it is done on.
    pub assets: usize,
    /// How many pairs of an asset and a cause it ends.
    pub exposures: usize,
    /// How many of these are certain.
    pub affected: usize,
    /// The greatest harm among its assets, 1 to 5.
    pub harm: u8,
    pub gated: bool,
    /// The most urgent of its exposures, by its number.
    pub first: u32,
    group: u32,
}

/// What a job is found by again, whatever else has come or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey(u64);

/// What is worked out of a job's chosen exposures where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The reason for its most urgent exposure.
    pub because: String,
    pub vulnerabilities: BTreeSet<String>,
    /// Facts that are not known and could change its place.
    pub unsettled: BTreeSet<&'static str>,
    /// One of them is exploited in the world.
    pub exploited: bool,
}

impl JobKey {
    pub(crate) fn of(product_key: &str, kind: &Kind) -> JobKey {
        let (kind, fact) = match kind {
            Kind::Mend => ("mend", ""),
            Kind::AskMaker => ("ask", ""),
            Kind::Replace => ("replace", ""),
            Kind::FindOut(fact) => ("find", fact.as_str()),
        };
        // FNV-1a, 64 bits: short, and the same on every machine.
        let bytes = [product_key, "\u{1f}", kind, "\u{1f}", fact].map(str::bytes).into_iter();
        let digest = bytes.flatten().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        JobKey(digest)
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:016x}", self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job is named by sixteen hexadecimal digits")]
pub struct NoJobKey;

impl FromStr for JobKey {
    type Err = NoJobKey;

    fn from_str(text: &str) -> Result<JobKey, NoJobKey> {
        let is_key = text.len() == 16 && text.bytes().all(|it| it.is_ascii_hexdigit());
        let number = is_key.then(|| u64::from_str_radix(text, 16).ok()).flatten();
        number.map(JobKey).ok_or(NoJobKey)
    }
}

/// What a group's chosen exposures add up to.
#[derive(Clone, Default)]
struct Sum {
    /// The most urgent exposure, and how urgent it is.
    first: Option<(Rank, u32)>,
    due: Option<Timestamp>,
    exposures: usize,
    affected: usize,
    assets: usize,
    harm: u8,
    gated: bool,
    /// The part that was counted last among the assets.
    last_part: Option<usize>,
    /// The latest of the versions that mend one.
    fix: Option<u32>,
}

impl Desk {
    /// The jobs of chosen exposures, the most urgent first.
    pub fn jobs(&self, chosen: &Chosen) -> Vec<Job> {
        let mut sums = vec![Sum::default(); self.groups.all.len()];
        for (part_number, part) in chosen.parts.iter().enumerate() {
            let Some(cohort) = self.assessment.cohorts.get(part.cohort as usize) else { continue };
            let size = self.assets_of(part).len();
            let (harm, gated) = (cohort.alike.setting.harm(), cohort.alike.gated);
            let causes = self.groups.of_bill(cohort.alike.bill);
            for number in self.exposures_of(part) {
                let Some(exposure) = self.exposure(number) else { continue };
                let Some(cause) = causes.get(exposure.judgement as usize) else { continue };
                let Some(sum) = sums.get_mut(cause.group as usize) else { continue };
                let first = (self.rank(number), number);
                sum.first = Some(sum.first.map_or(first, |earlier| earlier.min(first)));
                sum.due = [sum.due, exposure.due].into_iter().flatten().min();
                sum.exposures += size;
                if cause.verdict == Verdict::Affected {
                    sum.affected += size;
                }
                if sum.last_part.replace(part_number) != Some(part_number) {
                    sum.assets += size;
                }
                sum.harm = sum.harm.max(harm);
                sum.gated |= gated;
                sum.fix = sum.fix.max(cause.fix);
            }
        }
        let jobs = (0..).zip(sums).filter_map(|(group, sum)| self.job(group, &sum));
        let mut jobs: Vec<Job> = jobs.collect();
        jobs.sort_by(|a, b| (a.rank, &a.product, &a.action).cmp(&(b.rank, &b.product, &b.action)));
        jobs
    }

    fn job(&self, group: u32, sum: &Sum) -> Option<Job> {
        let (rank, first) = sum.first?;
        let of = self.groups.all.get(group as usize)?;
        Some(Job {
            key: of.job,
            product: of.product.clone(),
            action: of.action(sum.fix),
            rank,
            due: sum.due,
            assets: sum.assets,
            exposures: sum.exposures,
            affected: sum.affected,
            harm: sum.harm,
            gated: sum.gated,
            first,
            group,
        })
    }

    /// What is shown of some jobs beside their figures, in their order.
    pub fn details(&self, chosen: &Chosen, jobs: &[Job]) -> Vec<Details> {
        let mut details: Vec<Details> = jobs.iter().map(|job| self.first_of(job)).collect();
        self.each_of(chosen, jobs, |place, _, number| {
            let Some(details) = details.get_mut(place) else { return };
            let Some((_, judgement)) = self.judged(number) else { return };
            if !details.vulnerabilities.contains(&judgement.vulnerability) {
                details.vulnerabilities.insert(judgement.vulnerability.clone());
                details.exploited |=
                    self.threat(&judgement.vulnerability).is_some_and(Threat::is_active);
            }
            let decision = self.exposure(number).and_then(|it| self.assessment.decision(it));
            details.unsettled.extend(decision.into_iter().flat_map(|it| &it.unsettled));
        });
        details
    }

    /// The assets a job is done on, ascending by their numbers.
    pub fn assets_of_job(&self, chosen: &Chosen, job: &Job) -> Vec<u32> {
        let mut assets = BTreeSet::new();
        self.each_of(chosen, std::slice::from_ref(job), |_, part, _| {
            assets.insert(part);
        });
        let parts = assets.into_iter().filter_map(|part| chosen.parts.get(part));
        let mut assets: Vec<u32> = parts.flat_map(|part| self.assets_of(part)).copied().collect();
        assets.sort_unstable();
        assets
    }

    /// What all assets of a job have in common in a text; none where two differ, or nobody says.
    pub fn only_one_of_job(&self, chosen: &Chosen, job: &Job, name: Name) -> Option<&str> {
        let (mut only, mut is_one) = (None, true);
        let mut last_part = None;
        self.each_of(chosen, std::slice::from_ref(job), |_, part, _| {
            if !is_one || last_part.replace(part) == Some(part) {
                return;
            }
            let assets = chosen.parts.get(part).map_or(&[][..], |part| self.assets_of(part));
            for &asset in assets {
                let said = self.text(name, asset);
                is_one &= *only.get_or_insert(said) == said;
                if !is_one {
                    return;
                }
            }
        });
        only.flatten().filter(|_| is_one)
    }

    /// Chosen exposures of one job alone.
    pub fn of_job(&self, chosen: &Chosen, job: &Job) -> Chosen {
        let mut exposures = vec![Vec::new(); chosen.parts.len()];
        self.each_of(chosen, std::slice::from_ref(job), |_, part, number| {
            if let Some(of_part) = exposures.get_mut(part) {
                of_part.push(number);
            }
        });
        let narrowed = chosen.parts.iter().zip(exposures).filter(|(_, those)| !those.is_empty());
        let mut of_job = Chosen::default();
        for (part, those) in narrowed {
            of_job.push(self, part.cohort, part.assets.clone(), Which::These(those));
        }
        of_job
    }

    /// Calls for each exposure of some jobs: the job's place, the part's, the exposure's number.
    fn each_of(&self, chosen: &Chosen, jobs: &[Job], mut call: impl FnMut(usize, usize, u32)) {
        let mut place_of = vec![None; self.groups.all.len()];
        for (place, job) in jobs.iter().enumerate() {
            if let Some(slot) = place_of.get_mut(job.group as usize) {
                *slot = Some(place);
            }
        }
        for (part_number, part) in chosen.parts.iter().enumerate() {
            let Some(cohort) = self.assessment.cohorts.get(part.cohort as usize) else { continue };
            let causes = self.groups.of_bill(cohort.alike.bill);
            let place = |group: u32| *place_of.get(group as usize)?;
            if causes.iter().all(|cause| place(cause.group).is_none()) {
                continue;
            }
            for number in self.exposures_of(part) {
                let judgement = self.exposure(number).map_or(u32::MAX, |it| it.judgement);
                let cause = causes.get(judgement as usize);
                if let Some(place) = cause.and_then(|it| place(it.group)) {
                    call(place, part_number, number);
                }
            }
        }
    }

    fn first_of(&self, job: &Job) -> Details {
        let because = self.judged(job.first).and_then(|(_, judgement)| {
            let decision = self.assessment.decision(self.exposure(job.first)?)?;
            Some(because(self.threat(&judgement.vulnerability), judgement, decision))
        });
        Details {
            because: because.unwrap_or_default(),
            vulnerabilities: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            exploited: false,
        }
    }
}
