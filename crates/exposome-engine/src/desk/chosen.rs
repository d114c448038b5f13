//! Which exposures a predicate chooses.
//!
//! A predicate is worked through cohort by cohort.  What it asks of assets parts a
//! cohort's assets; for each part these answers are put in, and what remains of the predicate is the
//! same for all assets of the part, so that it is asked once an exposure and not once an asset.

use crate::choose::clock;
use crate::desk::Desk;
use crate::desk::fields::{FIELDS, Level, Name};
use crate::predicate::{Millionths, Node, Predicate, Test, Tri, Value};
use crate::threat::Threat;
use exposome_model::exposure::Verdict;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What somebody may see of a site.
#[derive(Debug, Clone, Copy)]
pub enum Within<'a> {
    Site,
    Units(&'a BTreeSet<String>),
}

/// The exposures that were chosen, cohort by cohort.
#[derive(Debug, Default)]
pub struct Chosen {
    pub(crate) parts: Vec<Part>,
    /// How many pairs of an asset and a cause.
    pub exposures: usize,
    /// How many assets have one.
    pub assets: usize,
    /// Of how many pairs nobody can say whether they are meant: a fact is not known.
    pub undecidable: usize,
}

/// Some assets of a cohort, and the exposures chosen on each of them.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) cohort: u32,
    pub(crate) assets: Which,
    pub(crate) exposures: Which,
}

/// All there are, or these: ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    These(Vec<u32>),
}

impl Which {
    /// How many, where there are so many in all.
    fn size(&self, all: usize) -> usize {
        match self {
            Which::All => all,
            Which::These(these) => these.len(),
        }
    }
}

impl Chosen {
    /// Some exposures on some assets of a cohort.
    pub(crate) fn push(&mut self, desk: &Desk, cohort: u32, assets: Which, exposures: Which) {
        let members = desk.assessment.cohorts.get(cohort as usize).map_or(0, |it| it.assets.len());
        let size = assets.size(members);
        let count = exposures.size(desk.of_cohort(cohort).len());
        if size > 0 && count > 0 {
            self.exposures += count * size;
            self.assets += size;
            self.parts.push(Part { cohort, assets, exposures });
        }
    }
}

/// What is left of a predicate once its assets are known, ready to be asked.
enum Rest {
    Just(Tri),
    /// All of these: what a vulnerability answers, what a decision answers, and what must be asked one by one.
    All {
        by_cause: Option<Vec<Tri>>,
        by_decision: Option<Vec<Tri>>,
        singly: Option<Node>,
    },
}

impl Desk {
    /// Chooses by a predicate over [`crate::desk::fields::FIELDS`], among the assets that somebody may see.
    pub fn choose(&self, predicate: &Predicate, within: Within<'_>) -> Chosen {
        let asked = |test: &Test| Name::at(test.field).unwrap_or(Name::Asset);
        let of_assets: Vec<(usize, Vec<Tri>)> = (0..)
            .zip(&predicate.tests)
            .filter(|(_, test)| asked(test).level() == Level::Asset)
            .map(|(place, test)| (place, self.columns.answers(asked(test), test)))
            .collect();
        let mut rests: HashMap<Vec<Tri>, Rest> = HashMap::new();
        let mut chosen = Chosen::default();
        for (number, cohort) in (0..).zip(&self.assessment.cohorts) {
            let exposures = self.of_cohort(number);
            if exposures.is_empty() {
                continue;
            }
            let seen = self.seen_of(&cohort.assets, within);
            let is_whole = seen.len() == cohort.assets.len();
            for (answers, assets) in parted(&seen, is_whole, &of_assets) {
                let rest = rests.entry(answers).or_insert_with_key(|answers| {
                    let known = |test: usize| {
                        let place = of_assets.iter().position(|(it, _)| *it == test)?;
                        answers.get(place).copied()
                    };
                    self.rest(predicate.root.with(&known), &predicate.tests)
                });
                let (those, undecidable) = self.ask(rest, exposures.clone(), &predicate.tests);
                let size = assets.size(cohort.assets.len());
                chosen.undecidable += undecidable * size;
                chosen.push(self, number, assets, those);
            }
        }
        chosen
    }

    /// The assets that a predicate over fields of assets chooses, ascending, and of how many nobody can say.  One that
    /// asks anything of exposures is given back by the name of that field.
    pub fn choose_assets(
        &self,
        predicate: &Predicate,
        within: Within<'_>,
    ) -> Result<(Vec<u32>, usize), &'static str> {
        let mut answers: Vec<Vec<Tri>> = Vec::with_capacity(predicate.tests.len());
        for test in &predicate.tests {
            let name = Name::at(test.field).unwrap_or(Name::Asset);
            if name.level() != Level::Asset {
                return Err(FIELDS.get(test.field).map_or("", |field| field.name));
            }
            answers.push(self.columns.answers(name, test));
        }
        let (mut chosen, mut undecidable) = (Vec::new(), 0);
        for asset in 0..crate::prioritise::number(self.assessment.assets.len()) {
            if !self.is_seen(asset, within) {
                continue;
            }
            let of = |test: usize| answers.get(test).map_or(Tri::NotKnown, |it| at(it, asset));
            match predicate.root.answer(&of) {
                Tri::Yes => chosen.push(asset),
                Tri::NotKnown => undecidable += 1,
                Tri::No => {}
            }
        }
        Ok((chosen, undecidable))
    }

    /// So many assets one of whose texts contains a part, whatever its letters' case.
    pub fn find_all(
        &self,
        names: &[Name],
        part: &str,
        within: Within<'_>,
        limit: usize,
    ) -> Vec<u32> {
        let holds = |&name: &Name| {
            let (values, of_asset) = self.columns.numbered(name).unwrap_or_default();
            let holds = values.iter().map(|value| value.to_lowercase().contains(part));
            (holds.collect::<Vec<bool>>(), of_asset)
        };
        let columns: Vec<(Vec<bool>, &[u32])> = names.iter().map(holds).collect();
        let is_found = |asset: &u32| {
            columns.iter().any(|(holds, of_asset)| {
                let value = of_asset.get(*asset as usize);
                value.and_then(|&value| holds.get(value as usize)) == Some(&true)
            })
        };
        let all = 0..crate::prioritise::number(self.assessment.assets.len());
        all.filter(is_found).filter(|&asset| self.is_seen(asset, within)).take(limit).collect()
    }

    /// Whether somebody may see an asset.  What stands in no known unit is seen by those alone who see the whole site.
    pub fn is_seen(&self, asset: u32, within: Within<'_>) -> bool {
        match within {
            Within::Site => true,
            Within::Units(units) => {
                self.text(Name::Unit, asset).is_some_and(|unit| units.contains(unit))
            }
        }
    }

    fn seen_of<'a>(&self, assets: &'a [u32], within: Within<'_>) -> Cow<'a, [u32]> {
        match within {
            Within::Site => Cow::Borrowed(assets),
            Within::Units(_) => {
                let seen = assets.iter().copied().filter(|&asset| self.is_seen(asset, within));
                Cow::Owned(seen.collect())
            }
        }
    }

    /// The exposures of a cohort, by their numbers.
    pub(crate) fn of_cohort(&self, cohort: u32) -> std::ops::Range<u32> {
        let place = cohort as usize;
        let at = |place: usize| self.first_of_cohort.get(place).copied().unwrap_or_default();
        at(place)..at(place + 1)
    }

    /// Calls for each chosen exposure with the assets it is chosen on.
    pub fn each(&self, chosen: &Chosen, mut call: impl FnMut(u32, &[u32])) {
        for part in &chosen.parts {
            let assets = self.assets_of(part);
            self.exposures_of(part).for_each(|exposure| call(exposure, assets));
        }
    }

    /// The assets of a part.
    pub(crate) fn assets_of<'a>(&'a self, part: &'a Part) -> &'a [u32] {
        match &part.assets {
            Which::All => self
                .assessment
                .cohorts
                .get(part.cohort as usize)
                .map_or(&[], |cohort| cohort.assets.as_slice()),
            Which::These(assets) => assets,
        }
    }

    /// The exposures of a part.
    pub(crate) fn exposures_of<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = u32> + 'a {
        let (all, these) = match &part.exposures {
            Which::All => (self.of_cohort(part.cohort), &[][..]),
            Which::These(those) => (0..0, those.as_slice()),
        };
        all.chain(these.iter().copied())
    }

    fn rest(&self, node: Node, tests: &[Test]) -> Rest {
        let nodes = match node {
            Node::Just(tri) => return Rest::Just(tri),
            Node::All(nodes) => nodes,
            node => vec![node],
        };
        let mut of_level: BTreeMap<u8, Vec<Node>> = BTreeMap::new();
        for node in nodes {
            let level = match levels(&node, tests).as_slice() {
                [Level::Cause] => 0,
                [Level::Decision] => 1,
                _ => 2,
            };
            of_level.entry(level).or_default().push(node);
        }
        let mut all = |level| of_level.remove(&level).map(Node::All);
        let by_cause = all(0).map(|node| {
            let causes = 0..self.causes.len();
            causes.map(|cause| node.answer(&|test| self.of_cause(tests.get(test), cause))).collect()
        });
        let by_decision = all(1).map(|node| {
            let decisions = 0..self.assessment.decisions.len();
            let answer =
                |decision| node.answer(&|test| self.of_decision(tests.get(test), decision));
            decisions.map(answer).collect()
        });
        Rest::All { by_cause, by_decision, singly: all(2) }
    }

    /// Which of a cohort's exposures are meant, and of how many that is not known.
    fn ask(&self, rest: &Rest, range: std::ops::Range<u32>, tests: &[Test]) -> (Which, usize) {
        let (by_cause, by_decision, singly) = match rest {
            Rest::Just(Tri::Yes) => return (Which::All, 0),
            Rest::Just(Tri::No) => return (Which::These(Vec::new()), 0),
            Rest::Just(Tri::NotKnown) => return (Which::These(Vec::new()), range.len()),
            Rest::All { by_cause, by_decision, singly } => (by_cause, by_decision, singly),
        };
        let (mut those, mut undecidable) = (Vec::new(), 0);
        let rows = range.start as usize..range.end as usize;
        let causes = self.cause_of.get(rows.clone()).unwrap_or_default();
        let exposures = self.assessment.exposures.get(rows).unwrap_or_default();
        for ((number, exposure), cause) in range.zip(exposures).zip(causes) {
            let mut answer = by_cause.as_ref().map_or(Tri::Yes, |answers| at(answers, *cause));
            if answer != Tri::No
                && let Some(answers) = by_decision
            {
                answer = answer.min(at(answers, exposure.decision));
            }
            if answer != Tri::No
                && let Some(node) = singly
            {
                answer = answer.min(node.answer(&|test| self.of_exposure(tests.get(test), number)));
            }
            match answer {
                Tri::Yes => those.push(number),
                Tri::NotKnown => undecidable += 1,
                Tri::No => {}
            }
        }
        (Which::These(those), undecidable)
    }

    fn of_cause(&self, test: Option<&Test>, cause: usize) -> Tri {
        let Some((test, name)) = named(test) else { return Tri::NotKnown };
        let Some(cause) = self.causes.get(cause) else { return Tri::NotKnown };
        let threat = cause.threat.as_deref();
        let millionths = |number: Option<i64>| {
            number.map_or(Value::NotKnown, |number| Value::Number(Millionths(number)))
        };
        test.holds(match name {
            Name::Vulnerability => Value::Text(&cause.id),
            Name::Kev => Value::Truth(threat.is_some_and(|it| it.kev.is_some())),
            Name::Exploited => Value::Truth(threat.is_some_and(Threat::is_active)),
            Name::Exploit => Value::Truth(threat.is_some_and(Threat::has_public_exploit)),
            // What is no vulnerability has neither.
            _ if crate::checks::by_id(&cause.id).is_some() => Value::Absent,
            Name::Epss => millionths(
                threat.and_then(|it| it.epss).map(|it| i64::from(it.probability_e5) * 10),
            ),
            _ => {
                let severity = threat.and_then(|it| it.severity.as_ref());
                millionths(severity.map(|it| i64::from(it.score.get()) * 100_000))
            }
        })
    }

    fn of_decision(&self, test: Option<&Test>, decision: usize) -> Tri {
        let Some((test, name)) = named(test) else { return Tri::NotKnown };
        let Some(decision) = self.assessment.decisions.get(decision) else {
            return Tri::NotKnown;
        };
        test.holds(match name {
            Name::Decision => Value::Text(decision.outcome.name()),
            Name::Row => Value::Text(&decision.row),
            _ => Value::Truth(decision.unsettled.is_empty()),
        })
    }

    fn of_exposure(&self, test: Option<&Test>, number: u32) -> Tri {
        let Some((asked, name)) = named(test) else { return Tri::NotKnown };
        let Some(exposure) = self.assessment.exposures.get(number as usize) else {
            return Tri::NotKnown;
        };
        match name.level() {
            Level::Cause => {
                let cause =
                    self.cause_of.get(number as usize).map_or(usize::MAX, |it| *it as usize);
                self.of_cause(test, cause)
            }
            Level::Decision => self.of_decision(test, exposure.decision as usize),
            Level::Asset => Tri::NotKnown,
            Level::Exposure => asked.holds(match (name, exposure.due) {
                (Name::Due, Some(due)) => Value::Moment(due),
                (Name::Due, None) => Value::Absent,
                (Name::Clock, due) => Value::Text(clock(self.assessment.as_of, due)),
                (_, due) => Value::Truth(due.is_some_and(|due| due < self.assessment.as_of)),
            }),
            Level::Judgement => {
                let Some((bill, judgement)) = self.assessment.judgement(exposure) else {
                    return Tri::NotKnown;
                };
                let component = bill.components.get(judgement.component as usize);
                let known =
                    |text: Option<&str>| asked.holds(text.map_or(Value::NotKnown, Value::Text));
                match name {
                    Name::Verdict => known(Some(verdict_name(judgement.verdict))),
                    Name::Component => known(component.map(|it| it.name.as_str())),
                    Name::Vendor => known(component.and_then(|it| it.vendor.as_deref())),
                    Name::Version => known(component.and_then(|it| it.version.as_deref())),
                    _ => asked.holds(Value::Truth(judgement.fixed_in.is_some())),
                }
            }
        }
    }
}

/// As the API writes it.
pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Affected => "affected",
        Verdict::Possibly => "possibly",
        Verdict::NotAffected => "not_affected",
    }
}

fn at(answers: &[Tri], place: u32) -> Tri {
    answers.get(place as usize).copied().unwrap_or(Tri::NotKnown)
}

fn named(test: Option<&Test>) -> Option<(&Test, Name)> {
    let test = test?;
    Some((test, Name::at(test.field)?))
}

/// The levels of what a node asks, each once.
fn levels(node: &Node, tests: &[Test]) -> Vec<Level> {
    let mut levels = Vec::new();
    let mut nodes = vec![node];
    while let Some(node) = nodes.pop() {
        match node {
            Node::Just(_) => {}
            Node::Not(node) => nodes.push(node),
            Node::All(more) | Node::Any(more) => nodes.extend(more),
            Node::Test(test) => {
                let level = named(tests.get(*test)).map_or(Level::Exposure, |it| it.1.level());
                if !levels.contains(&level) {
                    levels.push(level);
                }
            }
        }
    }
    levels
}

/// Assets of a cohort by what each of some tests comes to on them.
fn parted(assets: &[u32], is_whole: bool, tests: &[(usize, Vec<Tri>)]) -> Vec<(Vec<Tri>, Which)> {
    let of = |asset: u32| tests.iter().map(|(_, answers)| at(answers, asset)).collect::<Vec<Tri>>();
    let Some(&first) = assets.first() else { return Vec::new() };
    let of_first = of(first);
    let is_like_first = |&asset: &u32| {
        tests.iter().zip(&of_first).all(|((_, answers), first)| at(answers, asset) == *first)
    };
    if assets.iter().all(is_like_first) {
        let all = if is_whole { Which::All } else { Which::These(assets.to_vec()) };
        return vec![(of_first, all)];
    }
    let mut parts: BTreeMap<Vec<Tri>, Vec<u32>> = BTreeMap::new();
    for &asset in assets {
        parts.entry(of(asset)).or_default().push(asset);
    }
    parts.into_iter().map(|(answers, assets)| (answers, Which::These(assets))).collect()
}
