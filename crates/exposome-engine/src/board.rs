//! Every exposure of a site in columns, vulnerability by vulnerability, so that a new day of scores is decided at the
//! speed of memory.
//!
//! A *cell* is one vulnerability on the assets of one *context*: they are decided alike, stand at one place and are
//! due at one moment.  An exposure is then no more than the number of its asset.

use crate::assess::{Cohort, JudgedBill, Rules};
use crate::decide::Decision;
use crate::deferral::Ground;
use crate::prioritise::{Facts, number};
use crate::setting::Setting;
use crate::threat::Threats;
use crate::worklist::{Likelihood, Rank};
use crate::world::Sight;
use exposome_model::exposure::Verdict;
use jiff::Timestamp;
use std::collections::{BTreeMap, BinaryHeap, HashMap};
use std::ops::Range;
use std::sync::Arc;

#[derive(Debug)]
pub struct Board {
    /// In the order of their ids.
    vulnerabilities: Vec<String>,
    contexts: Vec<Context>,
    /// Vulnerability -> its first cell; one more at the end.
    first_cells: Vec<u32>,
    cells: Vec<Cell>,
    /// By cell: beside the cells, since this alone is looked through for what comes first.
    ranks: Vec<Rank>,
    /// By cell, ascending in each; an asset that has a cause twice stands there twice.
    assets: Vec<u32>,
    decisions: Vec<Decision>,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    context: u32,
    /// Where its assets end.
    end: u32,
    decision: u32,
}

/// What a decision hangs on beside the vulnerability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Context {
    gated: bool,
    setting: Setting,
    first_recorded: Timestamp,
    verdict: Verdict,
    /// Bill and judgement of one that somebody has deferred.
    deferred: Option<(u32, u32)>,
}

/// What deciding asks of a context, looked up once.
struct Asked {
    /// Its number among the places.
    place: u32,
    harm: u8,
    verdict: Verdict,
    first_recorded: Timestamp,
    first_second: i64,
    deferred: Option<(u32, u32)>,
}

impl Asked {
    fn of(context: &Context, facts: &mut Facts<'_>) -> Asked {
        Asked {
            place: facts.place_of(context.gated, context.setting),
            harm: context.setting.harm(),
            verdict: context.verdict,
            first_recorded: context.first_recorded,
            first_second: context.first_recorded.as_second(),
            deferred: context.deferred,
        }
    }
}

/// One exposure of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub asset: u32,
    cell: u32,
    /// How often the cell names the asset before.
    before: u32,
}

impl Board {
    /// The board of some judgements on some cohorts, each a pair of their numbers.
    pub fn of(
        bills: &[Arc<JudgedBill>],
        cohorts: &[Cohort],
        pairs: impl Iterator<Item = (u32, u32)> + Clone,
    ) -> Board {
        let site = (bills, cohorts);
        let numbers = Numbers::of(site, pairs.clone());
        let mut contexts = Contexts::default();
        let mut sizes = vec![0_usize; numbers.vulnerabilities.len()];
        let assets_of =
            |cohort: u32| cohorts.get(cohort as usize).map_or(&[][..], |cohort| &cohort.assets);
        for (cohort, judgement) in pairs.clone() {
            let vulnerability = numbers.of_judgement(cohorts, cohort, judgement);
            if let Some(size) = vulnerability.and_then(|it| sizes.get_mut(it as usize)) {
                *size += assets_of(cohort).len();
            }
        }
        let mut places: Vec<usize> =
            sizes.iter().scan(0, |end, size| Some(std::mem::replace(end, *end + size))).collect();
        let mut rows = vec![(0_u32, 0_u32); sizes.iter().sum()];
        for (cohort, judgement) in pairs {
            let context = contexts.of(site, cohort, judgement);
            let vulnerability = numbers.of_judgement(cohorts, cohort, judgement);
            let place = vulnerability.and_then(|it| places.get_mut(it as usize));
            let Some((place, context)) = place.zip(context) else { continue };
            let assets = assets_of(cohort);
            let slots = rows.get_mut(*place..*place + assets.len()).unwrap_or_default();
            for (slot, asset) in slots.iter_mut().zip(assets) {
                *slot = (context, *asset);
            }
            *place += assets.len();
        }
        let mut board = Board {
            vulnerabilities: numbers.vulnerabilities.into_keys().map(str::to_owned).collect(),
            contexts: contexts.all,
            first_cells: vec![0],
            cells: Vec::new(),
            ranks: Vec::new(),
            assets: Vec::with_capacity(rows.len()),
            decisions: Vec::new(),
        };
        let mut rest = rows.as_mut_slice();
        for size in sizes {
            let (of_vulnerability, behind) = rest.split_at_mut(size);
            rest = behind;
            of_vulnerability.sort_unstable();
            for of_context in of_vulnerability.chunk_by(|a, b| a.0 == b.0) {
                board.assets.extend(of_context.iter().map(|(_, asset)| *asset));
                let context = of_context.first().map_or(0, |row| row.0);
                let end = number(board.assets.len());
                board.cells.push(Cell { context, end, decision: u32::MAX });
            }
            board.first_cells.push(number(board.cells.len()));
        }
        board.cells.shrink_to_fit();
        board.ranks = vec![Rank::LAST; board.cells.len()];
        board
    }

    /// How many exposures there are.
    pub fn len(&self) -> usize {
        self.assets.len()
    }

    pub fn is_empty(&self) -> bool {
        self.assets.is_empty()
    }

    /// How many cells they make.
    pub fn cells(&self) -> usize {
        self.cells.len()
    }

    /// The memory that is held, in bytes, but for the names of vulnerabilities.
    pub fn memory(&self) -> usize {
        self.assets.capacity() * size_of::<u32>()
            + self.cells.capacity() * size_of::<Cell>()
            + self.ranks.capacity() * size_of::<Rank>()
            + self.first_cells.capacity() * size_of::<u32>()
            + self.contexts.capacity() * size_of::<Context>()
    }

    /// Decides and ranks every exposure.
    pub fn prioritise(
        &mut self,
        (bills, as_of): (&[Arc<JudgedBill>], Timestamp),
        threats: &Threats,
        sight: Sight,
        rules: &Rules,
    ) {
        let mut facts = Facts::of(threats, sight.fresh, rules);
        let ground = Ground { now: as_of, threats, sight, policy: &rules.policy };
        let of_contexts: Vec<Asked> =
            self.contexts.iter().map(|it| Asked::of(it, &mut facts)).collect();
        let ranges = self.first_cells.iter().zip(self.first_cells.iter().skip(1));
        for (vulnerability, (&first, &end)) in self.vulnerabilities.iter().zip(ranges) {
            let threat = threats.get(vulnerability);
            let cause = facts.of_cause(vulnerability, threat);
            let evidence = cause.evidence_second();
            let likelihood = Likelihood::of(vulnerability, threat);
            let range = first as usize..end as usize;
            let cells = self.cells.get_mut(range.clone()).unwrap_or_default();
            let ranks = self.ranks.get_mut(range).unwrap_or_default();
            for (cell, rank) in cells.iter_mut().zip(ranks) {
                let Some(asked) = of_contexts.get(cell.context as usize) else { continue };
                if let Some((bill, judgement)) = asked.deferred
                    && let Some(bill) = bills.get(bill as usize)
                {
                    let deferred = bill.deferral(judgement).map(|it| (&**bill, it, ground));
                    let first_recorded = asked.first_recorded;
                    let (decision, due) =
                        facts.decide(cause, asked.place, first_recorded, deferred);
                    cell.decision = decision;
                    let Some(decided) = facts.decisions.get(decision as usize) else { continue };
                    let due = due.map(Timestamp::as_second);
                    *rank = Rank::of(decided.outcome, asked.verdict, due, likelihood, asked.harm);
                    continue;
                }
                let (by_policy, days) = facts.by_policy(cause, asked.place);
                let start = evidence.max(asked.first_second);
                let due = days.map(|days| start + 86_400 * i64::from(days));
                cell.decision = by_policy.decision;
                *rank = Rank::of(by_policy.outcome, asked.verdict, due, likelihood, asked.harm);
            }
        }
        self.decisions = facts.decisions;
    }

    /// The first so many exposures: by rank, then by vulnerability, then by asset.
    pub fn first(&self, count: usize) -> Vec<Entry> {
        let cells = self.first_cells_of(count, |cell| self.range(cell).len());
        cells.flat_map(|cell| self.entries(cell)).take(count).collect()
    }

    /// The first so many of the exposures that still stand, as far as their vulnerability and their asset go.
    pub(crate) fn first_where(
        &self,
        count: usize,
        stands: impl Fn(&str) -> bool,
        stands_on: impl Fn(u32) -> bool,
    ) -> Vec<Entry> {
        let standing = |cell| {
            let stands = self.vulnerability_of(cell).is_some_and(&stands);
            let entries = stands.then(|| self.entries(cell)).into_iter().flatten();
            entries.filter(|entry| stands_on(entry.asset))
        };
        let cells = self.first_cells_of(count, |cell| standing(cell).count());
        cells.flat_map(standing).take(count).collect()
    }

    /// The first cells that hold so many exposures, as a cell is counted.
    fn first_cells_of(
        &self,
        count: usize,
        size: impl Fn(u32) -> usize,
    ) -> impl Iterator<Item = u32> {
        let mut chosen: BinaryHeap<(Rank, u32, usize)> = BinaryHeap::new();
        let mut exposures = 0;
        for (cell, &rank) in (0..).zip(&self.ranks) {
            let is_behind = |last: &(Rank, u32, usize)| (rank, cell) >= (last.0, last.1);
            if exposures >= count && chosen.peek().is_some_and(is_behind) {
                continue;
            }
            let size = size(cell);
            if size == 0 {
                continue;
            }
            chosen.push((rank, cell, size));
            exposures += size;
            while let Some(&(.., last)) = chosen.peek()
                && exposures - last >= count
            {
                exposures -= last;
                chosen.pop();
            }
        }
        chosen.into_sorted_vec().into_iter().map(|(_, cell, _)| cell)
    }

    fn range(&self, cell: u32) -> Range<usize> {
        let end = |cell: Option<u32>| {
            let cell = cell.and_then(|cell| self.cells.get(cell as usize));
            cell.map_or(0, |cell| cell.end as usize)
        };
        end(cell.checked_sub(1))..end(Some(cell))
    }

    fn entries(&self, cell: u32) -> impl Iterator<Item = Entry> {
        let mut last = None;
        let mut before = 0;
        self.assets.get(self.range(cell)).unwrap_or_default().iter().map(move |&asset| {
            before = if last.replace(asset) == Some(asset) { before + 1 } else { 0 };
            Entry { asset, cell, before }
        })
    }

    pub fn decision(&self, entry: Entry) -> Option<&Decision> {
        let cell = self.cells.get(entry.cell as usize)?;
        self.decisions.get(cell.decision as usize)
    }

    pub fn rank(&self, entry: Entry) -> Option<Rank> {
        self.ranks.get(entry.cell as usize).copied()
    }

    pub fn vulnerability(&self, entry: Entry) -> Option<&str> {
        self.vulnerability_of(entry.cell)
    }

    fn vulnerability_of(&self, cell: u32) -> Option<&str> {
        let behind = self.first_cells.partition_point(|first| *first <= cell);
        self.vulnerabilities.get(behind.checked_sub(1)?).map(String::as_str)
    }

    /// Which of the asset's judgements an entry is.
    pub fn judgement(&self, entry: Entry, bill: &JudgedBill) -> Option<u32> {
        let context = self.contexts.get(self.cells.get(entry.cell as usize)?.context as usize)?;
        if let Some((_, judgement)) = context.deferred {
            return Some(judgement);
        }
        let vulnerability = self.vulnerability(entry)?;
        let alike = (0..).zip(&bill.judgements).filter(|(number, it)| {
            it.vulnerability == vulnerability
                && it.verdict == context.verdict
                && bill.deferral(*number).is_none()
        });
        alike.map(|it| it.0).nth(entry.before as usize)
    }
}

type Site<'a> = (&'a [Arc<JudgedBill>], &'a [Cohort]);

/// Vulnerabilities by number.
struct Numbers<'a> {
    vulnerabilities: BTreeMap<&'a str, u32>,
    /// Bill -> its first judgement among all; none where no cohort has the bill.
    first: Vec<Option<usize>>,
    /// Judgement -> vulnerability, counted from one; 0 for what nobody asks for.
    of_judgements: Vec<u32>,
}

impl Numbers<'_> {
    fn of((bills, cohorts): Site<'_>, pairs: impl Iterator<Item = (u32, u32)>) -> Numbers<'_> {
        let mut first = vec![None; bills.len()];
        let mut end = 0;
        for cohort in cohorts {
            let number = cohort.alike.bill as usize;
            if let (Some(slot @ None), Some(bill)) = (first.get_mut(number), bills.get(number)) {
                *slot = Some(end);
                end += bill.judgements.len();
            }
        }
        let (vulnerabilities, of_judgements) = (BTreeMap::new(), vec![0; end]);
        let mut numbers = Numbers { vulnerabilities, first, of_judgements };
        let mut asked: Vec<(usize, &str)> = Vec::new();
        for (cohort, judgement) in pairs {
            let Some(place) = numbers.place(cohorts, cohort, judgement) else { continue };
            let Some(slot @ 0) = numbers.of_judgements.get_mut(place) else { continue };
            *slot = u32::MAX;
            let bill = cohorts.get(cohort as usize).map(|cohort| cohort.alike.bill as usize);
            let bill = bill.and_then(|bill| bills.get(bill));
            let judgement = bill.and_then(|bill| bill.judgements.get(judgement as usize));
            asked.extend(judgement.map(|it| (place, it.vulnerability.as_str())));
        }
        numbers.vulnerabilities = asked.iter().map(|(_, id)| (*id, 0)).collect();
        numbers.vulnerabilities.values_mut().zip(1..).for_each(|(slot, number)| *slot = number);
        for (place, id) in asked {
            let number = numbers.vulnerabilities.get(id).copied();
            if let (Some(slot), Some(number)) = (numbers.of_judgements.get_mut(place), number) {
                *slot = number;
            }
        }
        numbers
    }

    fn place(&self, cohorts: &[Cohort], cohort: u32, judgement: u32) -> Option<usize> {
        let bill = cohorts.get(cohort as usize)?.alike.bill;
        Some((*self.first.get(bill as usize)?)? + judgement as usize)
    }

    fn of_judgement(&self, cohorts: &[Cohort], cohort: u32, judgement: u32) -> Option<u32> {
        self.of_judgements.get(self.place(cohorts, cohort, judgement)?)?.checked_sub(1)
    }
}

#[derive(Default)]
struct Contexts {
    all: Vec<Context>,
    numbers: HashMap<Context, u32>,
    /// The cohort asked for last, and its contexts of what is not deferred.
    last: (u32, Vec<(Verdict, u32)>),
}

impl Contexts {
    fn of(&mut self, (bills, cohorts): Site<'_>, cohort: u32, judgement: u32) -> Option<u32> {
        let alike = cohorts.get(cohort as usize)?.alike;
        let bill = bills.get(alike.bill as usize)?;
        let verdict = bill.judgements.get(judgement as usize)?.verdict;
        let deferred = bill.deferral(judgement).map(|_| (alike.bill, judgement));
        if self.last.0 != cohort {
            self.last = (cohort, Vec::new());
        }
        if let Some(known) = self.last.1.iter().find(|it| it.0 == verdict)
            && deferred.is_none()
        {
            return Some(known.1);
        }
        let context = Context {
            gated: alike.gated,
            setting: alike.setting,
            first_recorded: alike.first_recorded,
            verdict,
            deferred,
        };
        let next = number(self.all.len());
        let number = *self.numbers.entry(context).or_insert_with(|| {
            self.all.push(context);
            next
        });
        if context.deferred.is_none() {
            self.last.1.push((context.verdict, number));
        }
        Some(number)
    }
}
