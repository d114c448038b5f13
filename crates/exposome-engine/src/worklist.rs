//! What to do, in which order: exposures grouped by the one action that ends them.
//!
//! A job is an action on a product: an update that mends forty flaws on twelve
//! pumps is one line.  Where no fixed version is known the job says so; where a
//! fact is missing the job is to fetch it.  A [`Line`] is a job with the words that
//! are shown of it: all that has to be kept to show the worklist again.

use crate::assess::{Assessment, Exposure};
use crate::decide::{Decision, Outcome};
use crate::desk::JobKey;
use crate::expose::names::{bare_vendor, squash};
use crate::prioritise::number;
use crate::threat::{Threat, Threats};
use exposome_model::exposure::{Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::version;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::rc::Rc;
use std::str::FromStr;

/// One line of the worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// `Draeger Infinity M300`, without a version.
    pub product: String,
    pub action: Action,
    /// Of the most urgent of its exposures.
    pub rank: Rank,
    /// The earliest of its exposures.
    pub due: Option<jiff::Timestamp>,
    /// Indices of the assets it is done on, ascending.
    pub assets: Vec<u32>,
    /// Indices of the exposures it ends, ascending.
    pub exposures: Vec<u32>,
    /// The most urgent of them.
    pub first: u32,
    /// How many pairs of an asset and a cause it ends.
    pub exposed: usize,
    /// How many of these are certain.
    pub affected: usize,
    /// The greatest harm among its assets, 1 to 5.
    pub harm: u8,
    /// A device among them may not be touched without a signed assessment.
    pub gated: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Action {
    /// Install this version or a later one.
    Update { to: String },
    /// No fixed version is known: ask the maker, protect meanwhile.
    AskMaker,
    /// Its maker mends it no more: replace it or wall it in.
    Replace,
    /// Fetch the fact that decides whether it is affected at all.
    FindOut { fact: String },
}

impl Action {
    /// The job in words: `Update Mirth Connect to 4.4.1 or later`.
    pub fn in_words(&self, product: &str) -> String {
        match self {
            Action::Update { to } => format!("Update {product} to {to} or later"),
            Action::AskMaker => {
                format!("Ask the maker of {product} for a fix; protect it meanwhile")
            }
            Action::Replace => format!("Replace {product}, or wall it in: it gets no more fixes"),
            Action::FindOut { fact } => format!("Find out of {product}: {fact}"),
        }
    }
}

/// The worklist: most urgent first, and within that by deadline, exploitation likelihood, harm and size.
pub fn worklist(assessment: &Assessment, threats: &Threats) -> Vec<Job> {
    let causes = Causes::of(assessment, threats);
    let mut groups: Vec<Vec<u32>> = vec![Vec::new(); causes.all.len()];
    for (number, exposure) in (0..).zip(&assessment.exposures) {
        let cause = causes.of_exposure(assessment, exposure);
        if let Some(group) = cause.and_then(|cause| groups.get_mut(cause.group as usize)) {
            group.push(number);
        }
    }
    let of_groups = causes.all.iter().zip(groups);
    let mut jobs: Vec<Job> = of_groups
        .filter_map(|(group, exposures)| job(assessment, &causes, group, exposures))
        .collect();
    jobs.sort_by(|a, b| (a.rank, &a.product, &a.action).cmp(&(b.rank, &b.product, &b.action)));
    jobs
}

/// A job with the words that are shown of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub product: String,
    pub action: Action,
    pub rank: Rank,
    pub due: Option<jiff::Timestamp>,
    pub exposed: usize,
    pub affected: usize,
    pub harm: u8,
    pub gated: bool,
    /// The reason for its most urgent exposure.
    pub because: String,
    pub vulnerabilities: BTreeSet<String>,
    /// Facts that are not known and could change its place.
    pub unsettled: BTreeSet<String>,
    /// Indices of the assets it is done on, ascending.
    pub assets: Vec<u32>,
}

impl Line {
    pub fn of(assessment: &Assessment, threats: &Threats, job: Job) -> Line {
        let exposures =
            || job.exposures.iter().filter_map(|&it| assessment.exposures.get(it as usize));
        let judgements = exposures().filter_map(|it| Some(judged(assessment, it)?.1));
        let vulnerabilities: BTreeSet<&str> =
            judgements.map(|judgement| judgement.vulnerability.as_str()).collect();
        let decisions: BTreeSet<u32> = exposures().map(|it| it.decision).collect();
        let decisions = decisions.iter().filter_map(|&it| assessment.decisions.get(it as usize));
        let first = assessment.exposures.get(job.first as usize);
        Line {
            because: first
                .and_then(|it| {
                    let judgement = judged(assessment, it)?.1;
                    let threat = threats.get(&judgement.vulnerability);
                    Some(because(threat, judgement, assessment.decision(it)?))
                })
                .unwrap_or_default(),
            vulnerabilities: vulnerabilities.into_iter().map(str::to_owned).collect(),
            unsettled: decisions
                .flat_map(|decision| decision.unsettled.iter().map(|&fact| fact.to_owned()))
                .collect(),
            product: job.product,
            action: job.action,
            rank: job.rank,
            due: job.due,
            exposed: job.exposed,
            affected: job.affected,
            harm: job.harm,
            gated: job.gated,
            assets: job.assets,
        }
    }
}

/// Where a page of the worklist ended.  The next one begins with what sorts behind it, whatever came or went
/// meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    rank: Rank,
    product: String,
    action: Action,
}

impl Line {
    pub fn place(&self) -> Place {
        let Line { rank, product, action, .. } = self;
        Place { rank: *rank, product: product.clone(), action: action.clone() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = postcard::to_allocvec(self).map_err(|_| fmt::Error)?;
        bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no place in a worklist; take one that `worklist` printed")]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Place, NoPlace> {
        let bytes = text.as_bytes().chunks(2).map(|pair| {
            let pair = str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        });
        let bytes = bytes.collect::<Option<Vec<u8>>>().ok_or(NoPlace)?;
        match postcard::take_from_bytes(&bytes) {
            Ok((place, [])) => Ok(place),
            _ => Err(NoPlace),
        }
    }
}

/// The reason in one line: what is known of the cause, and the row that decided.
pub fn because(threat: Option<&Threat>, judgement: &Judgement, decision: &Decision) -> String {
    let mut facts = Vec::new();
    if let Some(entry) = threat.and_then(|threat| threat.kev.as_ref()) {
        facts.push(format!("in KEV since {}", entry.added));
    }
    if let Some(severity) = threat.and_then(|threat| threat.severity.as_ref()) {
        facts.push(format!("CVSS {} {}", severity.version, severity.score));
    }
    match threat.and_then(|threat| threat.epss) {
        Some(epss) => facts.push(format!("EPSS {}", in_hundred_thousandths(epss.probability_e5))),
        None if judgement.vulnerability.starts_with("CVE-") => {
            facts.push("EPSS not known".to_owned());
        }
        None => {}
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    format!("{}{facts}: {}", judgement.vulnerability, decision.because)
}

/// 0.03351, as the EPSS feed writes it.
pub fn in_hundred_thousandths(e5: u32) -> String {
    format!("{}.{:05}", e5 / 100_000, e5 % 100_000)
}

/// The rank of each exposure.
pub fn ranks(assessment: &Assessment, threats: &Threats) -> Vec<Option<Rank>> {
    let causes = Causes::of(assessment, threats);
    assessment.exposures.iter().map(|exposure| rank(assessment, &causes, exposure)).collect()
}

/// What ranks and groups a judgement, looked up once a bill.
#[derive(Debug)]
pub(crate) struct Causes {
    /// Bill -> judgement -> cause.
    of_bill: Vec<Vec<Cause>>,
    pub(crate) all: Vec<Group>,
}

/// What is mended together, and how.
#[derive(Debug)]
pub(crate) struct Group {
    /// As it is called; of several spellings the first in order.
    pub(crate) product: String,
    pub(crate) kind: Kind,
    pub(crate) job: JobKey,
    /// The versions that mend something of it, in their order.
    pub(crate) fixes: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause {
    pub(crate) group: u32,
    pub(crate) verdict: Verdict,
    likelihood: Likelihood,
    /// Which of the group's versions mends it.
    pub(crate) fix: Option<u32>,
}

/// Vendor and name of a component, as spelled.
type Spelled<'a> = (Option<&'a str>, &'a str);

impl Causes {
    pub(crate) fn of(assessment: &Assessment, threats: &Threats) -> Causes {
        let mut numbers: BTreeMap<(Rc<str>, Kind), u32> = BTreeMap::new();
        let mut all: Vec<Group> = Vec::new();
        let mut keys: HashMap<Spelled<'_>, (Rc<str>, String)> = HashMap::new();
        let mut fixes: HashMap<(u32, &str), u32> = HashMap::new();
        let mut of_bill: Vec<Vec<Cause>> = Vec::with_capacity(assessment.bills.len());
        for bill in &assessment.bills {
            let causes = bill.judgements.iter().map(|judgement| {
                let next = u32::try_from(all.len()).unwrap_or(u32::MAX);
                let component = bill.components.get(judgement.component as usize);
                let spelled = component.map(|it| {
                    let spelled = (it.vendor.as_deref(), it.name.as_str());
                    &*keys.entry(spelled).or_insert_with(|| (product_key(it).into(), product(it)))
                });
                let (key, product) = spelled.map_or((Rc::from(""), ""), |it| (it.0.clone(), &it.1));
                let kind = Kind::of(judgement);
                let group = *numbers.entry((key.clone(), kind.clone())).or_insert(next);
                if group == next {
                    let job = JobKey::of(&key, &kind);
                    let product = product.to_owned();
                    all.push(Group { product, kind, job, fixes: Vec::new() });
                }
                let of_group = all.get_mut(group as usize);
                let fix = of_group.and_then(|it| {
                    if product < it.product.as_str() {
                        product.clone_into(&mut it.product);
                    }
                    let fixed_in = judgement.fixed_in.as_deref()?;
                    Some(*fixes.entry((group, fixed_in)).or_insert_with(|| {
                        it.fixes.push(fixed_in.to_owned());
                        number(it.fixes.len() - 1)
                    }))
                });
                let threat = threats.get(&judgement.vulnerability);
                let likelihood = Likelihood::of(&judgement.vulnerability, threat);
                Cause { group, verdict: judgement.verdict, likelihood, fix }
            });
            of_bill.push(causes.collect());
        }
        let places: Vec<Vec<u32>> = all.iter_mut().map(Group::order_fixes).collect();
        for cause in of_bill.iter_mut().flatten() {
            let of_group = places.get(cause.group as usize);
            cause.fix = cause.fix.and_then(|fix| of_group?.get(fix as usize).copied());
        }
        Causes { of_bill, all }
    }

    pub(crate) fn of_bill(&self, bill: u32) -> &[Cause] {
        self.of_bill.get(bill as usize).map_or(&[], Vec::as_slice)
    }

    fn of_exposure(&self, assessment: &Assessment, exposure: &Exposure) -> Option<Cause> {
        let bill = assessment.cohort(exposure)?.alike.bill;
        self.of_bill(bill).get(exposure.judgement as usize).copied()
    }
}

impl Group {
    /// What ends it, where the latest version that is needed is this one of its own.
    pub(crate) fn action(&self, fix: Option<u32>) -> Action {
        match &self.kind {
            Kind::Replace => Action::Replace,
            Kind::AskMaker => Action::AskMaker,
            Kind::FindOut(fact) => Action::FindOut { fact: fact.clone() },
            Kind::Mend => {
                let to = fix.and_then(|fix| self.fixes.get(fix as usize));
                to.map_or(Action::AskMaker, |to| Action::Update { to: to.clone() })
            }
        }
    }

    /// Puts the versions in their order; where each of them went.
    fn order_fixes(&mut self) -> Vec<u32> {
        let mut order: Vec<(u32, String)> = (0..).zip(std::mem::take(&mut self.fixes)).collect();
        order.sort_by(|a, b| a.1.cmp(&b.1));
        // Versions need not be ordered as a whole; by insertion each stands behind what it is later than.
        for end in 1..order.len() {
            let mut place = end;
            while place > 0
                && order
                    .get(place - 1)
                    .zip(order.get(place))
                    .is_some_and(|(a, b)| later(&a.1, &b.1).is_gt())
            {
                order.swap(place - 1, place);
                place -= 1;
            }
        }
        let mut places = vec![0; order.len()];
        for (place, (met, fix)) in (0..).zip(order) {
            if let Some(slot) = places.get_mut(met as usize) {
                *slot = place;
            }
            self.fixes.push(fix);
        }
        places
    }
}

/// EPSS, in hundred-thousandths; what nobody knows is above it, what is exploited above that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Likelihood(u32);

impl Likelihood {
    const EXPLOITED: Likelihood = Likelihood((1 << 17) - 1);
    /// Not known is not unlikely.
    const NOT_KNOWN: Likelihood = Likelihood((1 << 17) - 2);

    pub(crate) fn of(vulnerability: &str, threat: Option<&Threat>) -> Likelihood {
        match threat.and_then(|threat| threat.epss) {
            _ if threat.is_some_and(Threat::is_active) => Likelihood::EXPLOITED,
            Some(score) => Likelihood(score.probability_e5.min(100_000)),
            None if vulnerability.starts_with("CVE-") => Likelihood::NOT_KNOWN,
            None => Likelihood(0),
        }
    }
}

/// What an exposure is about: the component as installed and what was judged of it.
pub fn judged<'a>(
    assessment: &'a Assessment,
    exposure: &Exposure,
) -> Option<(&'a Component, &'a Judgement)> {
    let (bill, judgement) = assessment.judgement(exposure)?;
    Some((bill.components.get(judgement.component as usize)?, judgement))
}

/// Exposures that one kind of action can end are one job.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Mend,
    AskMaker,
    Replace,
    FindOut(String),
}

impl Kind {
    fn of(judgement: &Judgement) -> Kind {
        match (judgement.verdict, &judgement.missing_fact) {
            (Verdict::Possibly, Some(fact)) => Kind::FindOut(fact.clone()),
            _ if judgement.vulnerability == crate::support::UNSUPPORTED => Kind::Replace,
            _ if judgement.fixed_in.is_none() => Kind::AskMaker,
            _ => Kind::Mend,
        }
    }
}

/// Vendor and name, without a version: what an update is installed on.
fn product(component: &Component) -> String {
    let vendor = component.vendor.as_deref().unwrap_or_default();
    if component.name.to_lowercase().starts_with(&vendor.to_lowercase())
        || component.kind == ComponentKind::Package
    {
        component.name.clone()
    } else {
        format!("{vendor} {}", component.name)
    }
}

/// The product however its vendor is spelled: "B. Braun" and "B.Braun AG" are one job.
fn product_key(component: &Component) -> String {
    let vendor = bare_vendor(component.vendor.as_deref().unwrap_or_default());
    let name = squash(&component.name);
    let name = name.strip_prefix(&vendor).filter(|rest| !rest.is_empty()).unwrap_or(&name);
    format!("{vendor} {name}")
}

/// How urgent: what sorts first is smaller.  By outcome, verdict, deadline to the second, likelihood of exploitation
/// and harm, each where those before it say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank(pub(crate) u64);

/// The most seconds a deadline can have; what has none sorts behind every deadline.
const NEVER: u64 = (1 << 36) - 1;

impl Rank {
    /// Behind everything that is ranked.
    pub(crate) const LAST: Rank = Rank(u64::MAX);

    pub(crate) fn of(
        outcome: Outcome,
        verdict: Verdict,
        due_second: Option<i64>,
        likelihood: Likelihood,
        harm: u8,
    ) -> Rank {
        let seconds = |due| u64::try_from(due).unwrap_or_default().min(NEVER - 1);
        let fields = [
            (2, 3 - outcome as u64),
            (2, 3 - verdict as u64),
            (36, due_second.map_or(NEVER, seconds)),
            (17, u64::from(Likelihood::EXPLOITED.0 - likelihood.0)),
            (3, u64::from(7 - harm.min(7))),
        ];
        Rank(fields.into_iter().fold(0, |rank, (bits, value)| (rank << bits) | value))
    }

    /// To the second.
    pub fn due(self) -> Option<jiff::Timestamp> {
        let seconds = (self.0 >> 20) & NEVER;
        if seconds == NEVER {
            return None;
        }
        jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
    }

    pub fn outcome(self) -> Outcome {
        match self.0 >> 58 {
            0 => Outcome::ActNow,
            1 => Outcome::Schedule,
            2 => Outcome::Defer,
            _ => Outcome::Monitor,
        }
    }
}

pub(crate) fn rank(assessment: &Assessment, causes: &Causes, exposure: &Exposure) -> Option<Rank> {
    let cause = causes.of_exposure(assessment, exposure)?;
    let outcome = assessment.decision(exposure)?.outcome;
    let harm = assessment.cohort(exposure)?.alike.setting.harm();
    let due = exposure.due.map(jiff::Timestamp::as_second);
    Some(Rank::of(outcome, cause.verdict, due, cause.likelihood, harm))
}

/// One job of the exposures that one action ends; none where there are none.
fn job(
    assessment: &Assessment,
    causes: &Causes,
    group: &Group,
    exposures: Vec<u32>,
) -> Option<Job> {
    let of = |number: &u32| assessment.exposures.get(*number as usize);
    let ranked = exposures
        .iter()
        .filter_map(|number| Some((rank(assessment, causes, of(number)?)?, *number)));
    let (rank, first) = ranked.min()?;
    let mut cohorts: Vec<u32> =
        exposures.iter().filter_map(|number| Some(of(number)?.cohort)).collect();
    cohorts.dedup();
    let cohorts = || cohorts.iter().filter_map(|&it| assessment.cohorts.get(it as usize));
    let mut assets: Vec<u32> = cohorts().flat_map(|cohort| cohort.assets.iter().copied()).collect();
    assets.sort_unstable();
    let size = |exposure: &Exposure| assessment.cohort(exposure).map_or(0, |it| it.assets.len());
    let is_certain = |exposure: &&Exposure| {
        causes.of_exposure(assessment, exposure).is_some_and(|it| it.verdict == Verdict::Affected)
    };
    let causes_of = || exposures.iter().filter_map(|it| causes.of_exposure(assessment, of(it)?));
    let action = group.action(causes_of().filter_map(|it| it.fix).max());
    Some(Job {
        product: group.product.clone(),
        action,
        rank,
        due: exposures.iter().filter_map(|number| of(number)?.due).min(),
        exposed: exposures.iter().filter_map(of).map(size).sum(),
        affected: exposures.iter().filter_map(of).filter(is_certain).map(size).sum(),
        harm: cohorts().map(|cohort| cohort.alike.setting.harm()).max().unwrap_or_default(),
        gated: cohorts().any(|cohort| cohort.alike.gated),
        assets,
        exposures,
        first,
    })
}

/// Versions that cannot be ordered are ordered as text, so that the answer is the same each time.
fn later(a: &str, b: &str) -> Ordering {
    version::compare(version::Scheme::Generic, a, b).unwrap_or_else(|| a.cmp(b))
}
