//! A day of EPSS scores as what changed against the day before.
//!
//! A week moves few probabilities but nearly every percentile, by little: so a
//! row is the distance to the CVE before it and the two differences, each as a
//! LEB128 number, about three bytes.  Deltas chain from the first day; a score
//! that left the table is a row of its own.

use crate::Changes;
use crate::pack::{put, put_signed, take, take_signed};
use std::cmp::Ordering;

/// CVE year and number.
pub type Key = (u16, u32);

/// Probability and percentile, both in 1/100,000.
pub type Score = (u32, u32);

/// Scores of one day, ascending by CVE.
pub type Scores = Vec<(Key, Score)>;

/// Puts scores in their order; of two for one CVE the later stands.
pub(crate) fn in_order(mut scores: Scores) -> Scores {
    scores.sort_by_key(|(key, _)| *key);
    scores.reverse();
    scores.dedup_by_key(|(key, _)| *key);
    scores.reverse();
    scores
}

/// What turns `before` into `after`, and how much that is.
pub(crate) fn changes(before: &Scores, after: &Scores) -> (Vec<u8>, Changes) {
    let (mut packed, mut counts, mut last) = (Vec::new(), Changes::default(), 0);
    let mut put_row = |key: Key, old: Score, new: Option<Score>| {
        let code = code(key);
        put(&mut packed, (code - last) * 2 + u64::from(new.is_none()));
        if let Some((probability, percentile)) = new {
            put_signed(&mut packed, i64::from(probability) - i64::from(old.0));
            put_signed(&mut packed, i64::from(percentile) - i64::from(old.1));
        }
        last = code;
    };
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return (packed, counts),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((one, _)), Some((other, _))) => one.cmp(other),
        };
        let gone = if order.is_le() { old.next() } else { None };
        let come = if order.is_ge() { new.next() } else { None };
        match (gone, come) {
            (Some((_, old)), Some((_, new))) if old == new => counts.unchanged += 1,
            (Some((key, old)), Some((_, new))) => {
                counts.changed += 1;
                put_row(*key, *old, Some(*new));
            }
            (Some((key, old)), None) => {
                counts.removed += 1;
                put_row(*key, *old, None);
            }
            (None, Some((key, new))) => {
                counts.added += 1;
                put_row(*key, (0, 0), Some(*new));
            }
            (None, None) => return (packed, counts),
        }
    }
}

/// A row of a day's changes: whose score moved by how much; `None`: it left the table.
type Row = (Key, Option<(i64, i64)>);

/// The row that comes next, behind the CVE that came last; `None` if the bytes are not what [`changes`] wrote.
fn row(packed: &mut &[u8], last: &mut u64) -> Option<Row> {
    let head = take(packed)?;
    *last = u64::checked_add(*last, head / 2)?;
    let is_gone = head % 2 == 1;
    let by = if is_gone { None } else { Some((take_signed(packed)?, take_signed(packed)?)) };
    Some((key(*last)?, by))
}

fn moved((probability, percentile): Score, by: (i64, i64)) -> Option<Score> {
    let sum = |old: u32, by: i64| u32::try_from(i64::from(old) + by).ok();
    Some((sum(probability, by.0)?, sum(percentile, by.1)?))
}

/// Applies one day's changes; `None` if the bytes are not what [`changes`] wrote.
pub(crate) fn apply(before: &Scores, mut packed: &[u8]) -> Option<Scores> {
    let mut scores = Vec::with_capacity(before.len() + packed.len() / 8);
    let mut old = before.iter().copied().peekable();
    let mut last = 0;
    while !packed.is_empty() {
        let (key, by) = row(&mut packed, &mut last)?;
        while let Some(kept) = old.next_if(|(known, _)| *known < key) {
            scores.push(kept);
        }
        let (_, score) = old.next_if(|(known, _)| *known == key).unwrap_or_default();
        if let Some(by) = by {
            scores.push((key, moved(score, by)?));
        }
    }
    scores.extend(old);
    Some(scores)
}

/// Applies one day's changes to the score of a single CVE; `None` as above.
pub(crate) fn follow(of: Key, score: &mut Option<Score>, mut packed: &[u8]) -> Option<()> {
    let mut last = 0;
    while !packed.is_empty() {
        let (key, by) = row(&mut packed, &mut last)?;
        if key > of {
            break;
        }
        if key == of {
            *score = match by {
                Some(by) => Some(moved(score.unwrap_or_default(), by)?),
                None => None,
            };
            break;
        }
    }
    Some(())
}

/// `CVE-2020-6961` as year and number.
pub(crate) fn cve_key(id: &str) -> Option<(u16, u32)> {
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    Some((year.parse().ok()?, number.parse().ok()?))
}

fn code((year, number): (u16, u32)) -> u64 {
    u64::from(year) << 32 | u64::from(number)
}

fn key(code: u64) -> Option<(u16, u32)> {
    Some((u16::try_from(code >> 32).ok()?, u32::try_from(code & 0xffff_ffff).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_score_is_followed_as_the_whole_table_is() {
        let days: [Scores; 4] = [
            vec![((2019, 5), (10, 20)), ((2020, 6961), (500, 60_000)), ((2021, 1), (7, 8))],
            vec![((2019, 5), (11, 20)), ((2021, 1), (7, 9))],
            vec![((2019, 5), (11, 20)), ((2021, 1), (7, 9))],
            vec![((2018, 9), (1, 1)), ((2020, 6961), (4, 5)), ((2021, 1), (90_000, 99_999))],
        ];
        for of in [(2018, 9), (2019, 5), (2020, 6961), (2021, 1), (2026, 3)] {
            let (mut before, mut score) = (Scores::new(), None);
            for day in &days {
                let (packed, _) = changes(&before, day);
                follow(of, &mut score, &packed).unwrap();
                let expected = day.iter().find(|(key, _)| *key == of).map(|(_, score)| *score);
                assert_eq!(score, expected, "{of:?}");
                before.clone_from(day);
            }
        }
    }

    #[test]
    fn applying_the_changes_gives_the_next_day() {
        let before: Scores = vec![
            ((1999, 1), (988, 77371)),
            ((2020, 6961), (500, 60000)),
            ((2021, 44228), (94358, 99999)),
        ];
        let after: Scores =
            vec![((1999, 1), (3351, 87534)), ((2021, 44228), (94358, 99999)), ((2026, 7), (10, 1))];
        let (packed, counts) = changes(&before, &after);
        let expected = Changes { added: 1, changed: 1, unchanged: 1, removed: 1 };
        assert_eq!(counts, expected);
        assert_eq!(apply(&before, &packed), Some(after.clone()));
        assert!(changes(&after, &after).0.is_empty());
        assert_eq!(apply(&Vec::new(), &changes(&Vec::new(), &after).0), Some(after));
    }

    #[test]
    fn of_two_scores_for_one_cve_the_later_row_stands() {
        let rows = vec![((2020, 2), (1, 1)), ((2020, 1), (5, 5)), ((2020, 2), (2, 2))];
        assert_eq!(in_order(rows), [((2020, 1), (5, 5)), ((2020, 2), (2, 2))]);
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let (packed, _) = changes(&Vec::new(), &vec![((1999, 1), (988, 77371))]);
        for cut in 1..packed.len() {
            assert_eq!(apply(&Vec::new(), &packed[..cut]), None);
        }
    }
}
