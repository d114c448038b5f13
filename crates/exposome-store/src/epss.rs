//! A day of EPSS scores as what changed against the day before.
//!
//! A week moves few probabilities but nearly every percentile, by little: so a
//! row is the distance to the CVE before it and the two differences, each as a
//! LEB128 number, about three bytes.  Deltas chain from the first day; a score
//! that left the table is a row of its own.

use crate::pack::{put, put_signed, take, take_signed};
use std::collections::BTreeMap;

/// CVE year and number to (probability, percentile), both in 1/100,000.
pub(crate) type Scores = BTreeMap<(u16, u32), (u32, u32)>;

/// What turns `before` into `after`.
pub(crate) fn changes(before: &Scores, after: &Scores) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut last = 0;
    let gone = before.keys().filter(|key| !after.contains_key(key)).map(|key| (*key, None));
    let come = after
        .iter()
        .filter(|(key, scores)| before.get(key) != Some(scores))
        .map(|(key, scores)| (*key, Some(*scores)));
    let mut rows: Vec<_> = gone.chain(come).collect();
    rows.sort_unstable();
    for (key, scores) in rows {
        let code = code(key);
        let (old_probability, old_percentile) = before.get(&key).copied().unwrap_or_default();
        put(&mut packed, (code - last) * 2 + u64::from(scores.is_none()));
        if let Some((probability, percentile)) = scores {
            put_signed(&mut packed, i64::from(probability) - i64::from(old_probability));
            put_signed(&mut packed, i64::from(percentile) - i64::from(old_percentile));
        }
        last = code;
    }
    packed
}

/// Applies one day's changes; `None` if the bytes are not what [`changes`] wrote.
pub(crate) fn apply(scores: &mut Scores, mut packed: &[u8]) -> Option<()> {
    let mut last = 0;
    while !packed.is_empty() {
        let head = take(&mut packed)?;
        last += head / 2;
        let key = key(last)?;
        if head % 2 == 1 {
            scores.remove(&key)?;
            continue;
        }
        let (probability, percentile) = scores.get(&key).copied().unwrap_or_default();
        let probability = u32::try_from(i64::from(probability) + take_signed(&mut packed)?).ok()?;
        let percentile = u32::try_from(i64::from(percentile) + take_signed(&mut packed)?).ok()?;
        scores.insert(key, (probability, percentile));
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
    fn applying_the_changes_gives_the_next_day() {
        let before = Scores::from([
            ((1999, 1), (988, 77371)),
            ((2020, 6961), (500, 60000)),
            ((2021, 44228), (94358, 99999)),
        ]);
        let after = Scores::from([
            ((1999, 1), (3351, 87534)),
            ((2021, 44228), (94358, 99999)),
            ((2026, 7), (10, 1)),
        ]);
        let packed = changes(&before, &after);
        let mut state = before.clone();
        apply(&mut state, &packed).unwrap();
        assert_eq!(state, after);
        assert!(changes(&after, &after).is_empty());
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let after = Scores::from([((1999, 1), (988, 77371))]);
        let packed = changes(&Scores::new(), &after);
        for cut in 1..packed.len() {
            assert_eq!(apply(&mut Scores::new(), &packed[..cut]), None);
        }
    }
}
