//! A score as people write it, one digit after the point, held as whole tenths.
//!
//! All CVSS scores lie between 0.0 and 10.0 and are published with one decimal.
//! Held as an integer they compare, sort and add up exactly; 7.2 is 72 and never
//! 7.199999.

use std::fmt;

/// A CVSS score in tenths: `Tenths::new(72)` is 7.2.  Never above 10.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tenths(u8);

impl Tenths {
    pub const ZERO: Tenths = Tenths(0);
    pub const TEN: Tenths = Tenths(100);

    /// The score of that many tenths; `None` above 100, because no CVSS score is.
    #[inline]
    pub const fn new(tenths: u8) -> Option<Tenths> {
        if tenths <= 100 { Some(Tenths(tenths)) } else { None }
    }

    /// For tables of this crate, whose entries are known to be at most 100.
    #[inline]
    pub(crate) const fn of_table(tenths: u8) -> Tenths {
        Tenths(tenths)
    }

    /// For the result of an equation: what lies outside 0.0 to 10.0 is brought back to the edge.
    pub(crate) fn clamped(tenths: i64) -> Tenths {
        Tenths(u8::try_from(tenths.clamp(0, 100)).unwrap_or(0))
    }

    /// The score in tenths, 0 to 100.
    #[inline]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Reads "7.2", "10.0", "7" or "-0.0"; `None` for anything a CVSS score cannot be.
    pub fn read(text: &str) -> Option<Tenths> {
        let text = text.strip_prefix('-').filter(|rest| *rest == "0.0").unwrap_or(text);
        let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 2
            || tenth.len() != 1
            || !digits(whole)
            || !digits(tenth)
        {
            return None;
        }
        let tenths = whole.parse::<u8>().ok()?.checked_mul(10)?.checked_add(tenth.parse().ok()?)?;
        Tenths::new(tenths)
    }
}

impl fmt::Display for Tenths {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// The word for a score.
///
/// CVSS 3.0 and 3.1, section 5, and 4.0, section 6, share one scale.  CVSS 2.0 has none of
/// its own; the one in use is that of the US National Vulnerability Database, which knows
/// neither *none* nor *critical*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    None,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// CVSS 3.0, 3.1 and 4.0: none 0.0, low to 3.9, medium to 6.9, high to 8.9, critical.
    pub const fn of(score: Tenths) -> Severity {
        match score.0 {
            0 => Severity::None,
            1..=39 => Severity::Low,
            40..=69 => Severity::Medium,
            70..=89 => Severity::High,
            _ => Severity::Critical,
        }
    }

    /// CVSS 2.0 as the National Vulnerability Database words it: low to 3.9, medium to 6.9, high.
    pub const fn of_v2(score: Tenths) -> Severity {
        match score.0 {
            0..=39 => Severity::Low,
            40..=69 => Severity::Medium,
            _ => Severity::High,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Severity::None => "none",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_prints_and_reads_back() {
        for tenths in 0..=100 {
            let score = Tenths::new(tenths).unwrap();
            assert_eq!(Tenths::read(&score.to_string()), Some(score));
        }
        assert_eq!(Tenths::new(101), None);
    }

    #[test]
    fn what_is_no_score_is_refused() {
        for text in ["", ".", "7.", ".5", "7.25", "10.1", "11", "-1.0", "+7.0", "7,2", "NaN", "1e1"]
        {
            assert_eq!(Tenths::read(text), None, "{text}");
        }
        assert_eq!(Tenths::read("-0.0"), Some(Tenths::ZERO));
        assert_eq!(Tenths::read("10"), Some(Tenths::TEN));
    }

    #[test]
    fn the_words_change_where_the_standards_say() {
        use Severity::{Critical, High, Low, Medium, None};
        let words = |rate: fn(Tenths) -> Severity| {
            let mut edges = Vec::new();
            for tenths in 0..=100 {
                let word = rate(Tenths(tenths));
                if edges.last().is_none_or(|&(_, last)| last != word) {
                    edges.push((tenths, word));
                }
            }
            edges
        };
        assert_eq!(
            words(Severity::of),
            [(0, None), (1, Low), (40, Medium), (70, High), (90, Critical)]
        );
        assert_eq!(words(Severity::of_v2), [(0, Low), (40, Medium), (70, High)]);
    }
}
