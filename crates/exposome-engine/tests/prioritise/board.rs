//! A board says of every exposure what deciding each by itself says, in the same order.

use crate::ground::{SIGHT, as_of, edition, rules};
use crate::site::{Random, Site, Size, scores};
use exposome_engine::assess::Assessment;
use exposome_engine::board::{Board, Entry};
use exposome_engine::deferral::Deferred;
use exposome_engine::people::Word;
use exposome_engine::worklist::{Rank, ranks};
use exposome_model::event::{Actor, Change, Role, Scope, Seen, Target, Wires};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SMALL: Size =
    Size { assets: 120, bills: 12, causes: 15, settings: 9, days: 4, vulnerabilities: 60 };

/// Rank, cause, asset, judgement, why, and until when.
type Shown = (Rank, String, u32, u32, String, Option<Timestamp>);

/// Each exposure decided by itself, in order.
fn one_by_one(assessment: &Assessment, ranks: &[Option<Rank>]) -> Vec<Shown> {
    let mut all = Vec::new();
    for (exposure, rank) in assessment.exposures.iter().zip(ranks) {
        let (_, judgement) = assessment.judgement(exposure).unwrap();
        let decision = assessment.decision(exposure).unwrap();
        for &asset in &assessment.cohort(exposure).unwrap().assets {
            let cause = judgement.vulnerability.clone();
            let due = exposure.due.map(|due| Timestamp::from_second(due.as_second()).unwrap());
            let because = decision.because.clone();
            all.push((rank.unwrap(), cause, asset, exposure.judgement, because, due));
        }
    }
    all.sort();
    all
}

fn on_board(board: &Board, assessment: &Assessment, count: usize) -> Vec<Shown> {
    let bills: BTreeMap<u32, u32> = assessment
        .cohorts
        .iter()
        .flat_map(|cohort| cohort.assets.iter().map(|&asset| (asset, cohort.alike.bill)))
        .collect();
    let shown = |entry: Entry| {
        let bill = &assessment.bills[bills[&entry.asset] as usize];
        let rank = board.rank(entry).unwrap();
        let (cause, because) = (board.vulnerability(entry)?, &board.decision(entry)?.because);
        let judgement = board.judgement(entry, bill)?;
        Some((rank, cause.to_owned(), entry.asset, judgement, because.clone(), rank.due()))
    };
    board.first(count).into_iter().map(|entry| shown(entry).unwrap()).collect()
}

/// Somebody has deferred some judgements.
fn defer(site: &mut Site, random: &mut Random) {
    for (number, bill) in (1..).zip(&mut site.assessment.bills) {
        let bill = Arc::make_mut(bill);
        if random.below(3) > 0 {
            continue;
        }
        let judgement = random.below(bill.judgements.len());
        let target = Target {
            scope: Scope::Site,
            component: None,
            vulnerability: bill.judgements[judgement].vulnerability.clone(),
        };
        let wires = Wires {
            epss_over_e5: Some(10_000),
            epss_times_tenths: None,
            on: BTreeSet::new(),
            review: jiff::civil::date(2026, 10, 1),
        };
        let seen = Seen { epss_e5: Some(100), exploits: BTreeSet::new(), fix: false, open: false };
        let word = Word {
            at: as_of() - jiff::SignedDuration::from_hours(24),
            by: Actor { name: "A. Weber".into(), role: Role::ClinicalEngineer },
            second: None,
            change: Change::Defer { on: target, wires, seen },
            reason: "no fix".into(),
        };
        let judgement = u32::try_from(judgement).unwrap();
        bill.deferred = vec![Deferred { judgement, number, word, open_since: None }];
    }
}

#[test]
fn a_board_is_every_exposure_decided_by_itself_day_after_day() {
    let rules = rules();
    let mut deferred = 0;
    for seed in 0..25 {
        let mut random = Random(seed);
        let mut site = Site::of(SMALL, &rules, &mut random);
        defer(&mut site, &mut random);
        let mut board =
            Board::of(&site.assessment.bills, &site.assessment.cohorts, site.assessment.pairs());
        for _day in 0..3 {
            let day = scores(SMALL.vulnerabilities, &mut random);
            site.threats.score(edition(&rules), |id| day.get(id).copied());
            site.assessment.exposures.clear();
            site.assessment.decide(&site.threats, SIGHT, &rules);
            let ranks = ranks(&site.assessment, &site.threats);
            let expected = one_by_one(&site.assessment, &ranks);
            deferred += expected.iter().filter(|it| it.4.contains("deferred by")).count();

            let bills = (site.assessment.bills.as_slice(), as_of());
            board.prioritise(bills, &site.threats, SIGHT, &rules);
            let mut all = on_board(&board, &site.assessment, usize::MAX);
            assert_eq!(all.len(), board.len());
            assert!(all.is_sorted_by_key(|it| (it.0, it.1.clone())), "by rank, then by cause");
            for count in [0, 1, 7, 100] {
                assert_eq!(on_board(&board, &site.assessment, count), all[..count]);
            }
            all.sort();
            assert_eq!(all, expected);
        }
    }
    assert!(deferred > 100, "{deferred} deferred exposures");
}
