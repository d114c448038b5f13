//! LEV: how likely it is that a vulnerability was ever exploited, at the least.
//!
//! Source: NIST CSWP 41, *Likely Exploited Vulnerabilities: A Proposed Metric for Vulnerability
//! Exploitation Probability* (May 2025).  Past EPSS probabilities are taken as independent chances:
//! LEV ≥ 1 − ∏ (1 − probability × weight), over windows of 30 days since publication, the last one
//! weighted by its share of 30 days.
//!
//! **Information, not a score.** It inherits every weakness of EPSS, assumes independence, and jumps
//! when the EPSS model changes.  It is an estimate, so it is reckoned in binary floating point, unlike
//! everything else in this crate, and no decision rests on it.

use crate::epss::Fraction;

/// A stretch of time and the EPSS probability at its beginning; `None` if no score is known for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub probability: Option<Fraction>,
    /// 1 to 30; more counts as 30.
    pub days: u8,
}

/// A lower bound, and how much of the time it could not look at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lev {
    /// The probability of past exploitation is at least this.
    pub at_least: f64,
    /// Windows without a score.  They add nothing, so the bound holds, but it is the weaker for them.
    pub windows_without_score: usize,
}

/// The bound from one probability for each window of 30 days (CSWP 41, equation for LEV).
pub fn lev(windows: &[Window]) -> Lev {
    let unscored = windows.iter().filter(|window| window.probability.is_none());
    let never: f64 = windows.iter().map(never_in).product();
    Lev { at_least: 1.0 - never, windows_without_score: unscored.count() }
}

/// The bound from one probability for each day (LEV2): each counts for a thirtieth.
pub fn lev2(days: &[Option<Fraction>]) -> Lev {
    let windows: Vec<Window> =
        days.iter().map(|&probability| Window { probability, days: 1 }).collect();
    lev(&windows)
}

/// The greatest of: listed as exploited, the probability of the coming 30 days, LEV (CSWP 41, composite).
pub fn composite(is_known_exploited: bool, today: Option<Fraction>, lev: Lev) -> f64 {
    let today = today.map_or(0.0, Fraction::as_f64);
    if is_known_exploited { 1.0 } else { today.max(lev.at_least) }
}

const WINDOW_DAYS: u8 = 30;

/// The chance that nothing happened in this window.
fn never_in(window: &Window) -> f64 {
    let share = f64::from(window.days.min(WINDOW_DAYS)) / f64::from(WINDOW_DAYS);
    1.0 - window.probability.map_or(0.0, Fraction::as_f64) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(probability: &str, days: u8) -> Window {
        Window { probability: Fraction::read(probability).ok(), days }
    }

    #[track_caller]
    fn about(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-9, "{actual}, expected {expected}");
    }

    #[test]
    fn a_year_at_the_median_of_model_5_makes_eight_percent() {
        let year = [window("0.007", 30); 12];
        about(lev(&year).at_least, 1.0 - 0.993_f64.powi(12));
        assert_eq!(format!("{:.2}", lev(&year).at_least), "0.08");
    }

    #[test]
    fn the_last_window_counts_for_its_share_of_thirty_days() {
        about(lev(&[window("0.5", 30), window("0.5", 15)]).at_least, 1.0 - 0.5 * 0.75);
        about(lev(&[window("0.5", 200)]).at_least, 0.5);
        about(lev2(&[Fraction::read("0.3").ok(); 30]).at_least, 1.0 - 0.99_f64.powi(30));
    }

    #[test]
    fn a_window_without_a_score_adds_nothing_and_is_counted() {
        let gap = Window { probability: None, days: 30 };
        let with_gap = lev(&[window("0.1", 30), gap]);
        about(with_gap.at_least, 0.1);
        assert_eq!(with_gap.windows_without_score, 1);
        about(lev(&[]).at_least, 0.0);
    }

    #[test]
    fn the_composite_is_the_greatest_of_the_three() {
        let past = lev(&[window("0.2", 30)]);
        about(composite(true, None, past), 1.0);
        about(composite(false, Fraction::read("0.9").ok(), past), 0.9);
        about(composite(false, None, past), 0.2);
    }
}
