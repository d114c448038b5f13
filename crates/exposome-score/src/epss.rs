//! EPSS: the probability that a vulnerability is attacked somewhere in the next 30 days.
//!
//! FIRST publishes the *Exploit Prediction Scoring System* once a day as a table of CVE, probability
//! and percentile.  Both numbers are fractions with five decimals (older files and the API have up to
//! nine, some old ones `9e-05`); they are kept as whole billionths, so that what was published is
//! what is compared and printed.
//!
//! **A number of one model says nothing beside a number of another.**  With the change from model
//! v2025.03.14 to v2026.06.15 the median rose from 0.0026 to 0.0070.  So a score goes with its
//! [`Edition`], and a time series breaks where [`Edition::is_comparable`] says so.
//!
//! The probability is about the world, not about a hospital: it is never multiplied with CVSS.

use std::fmt;

/// A number from 0 to 1, exact to nine decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fraction(u32);

impl Fraction {
    pub const ZERO: Fraction = Fraction(0);
    pub const ONE: Fraction = Fraction(BILLION);

    /// Of so many billionths; `None` above one.
    pub const fn of_billionths(billionths: u32) -> Option<Fraction> {
        if billionths <= BILLION { Some(Fraction(billionths)) } else { None }
    }

    pub const fn billionths(self) -> u32 {
        self.0
    }

    /// For reckoning with probabilities (`lev.rs`), where the result is an estimate anyway.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(BILLION)
    }

    /// Reads `0.03351`, `1.0`, `.5`, `0.000430000` or `9e-05`.  More digits than can be kept are
    /// refused, never rounded.
    pub fn read(text: &str) -> Result<Fraction, Error> {
        exact_billionths(text)
            .and_then(Fraction::of_billionths)
            .ok_or_else(|| Error::NoFraction { found: crate::notation::excerpt(text.as_bytes()) })
    }
}

const BILLION: u32 = 1_000_000_000;

/// `digits.digits` or `digits.digits e-digits`, times a billion; `None` if that is no whole number.
fn exact_billionths(text: &str) -> Option<u32> {
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        None => (text, 0),
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
    };
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && decimals.is_empty() || whole.len() + decimals.len() > 18 {
        return None;
    }
    let digits = whole.bytes().chain(decimals.bytes());
    let number = digits.into_iter().try_fold(0_u64, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u64::from(byte - b'0'))
    })?;
    if number == 0 {
        return Some(0);
    }
    let shift = exponent.checked_add(9)?.checked_sub(i32::try_from(decimals.len()).ok()?)?;
    let power = 10_u64.checked_pow(shift.unsigned_abs())?;
    let billionths = match shift {
        0.. => number.checked_mul(power)?,
        _ if number.is_multiple_of(power) => number / power,
        _ => return None,
    };
    u32::try_from(billionths).ok()
}

/// Five decimals, as published; more only where the number has more.
impl fmt::Display for Fraction {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nine = format!("{:09}", self.0 % BILLION);
        let (five, more) = nine.split_at(5);
        write!(out, "{}.{five}{}", self.0 / BILLION, more.trim_end_matches('0'))
    }
}

/// What EPSS says about one CVE on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epss {
    /// Of seeing an attack somewhere within 30 days.
    pub probability: Fraction,
    /// The share of all scored CVEs whose probability is the same or lower.
    pub percentile: Fraction,
}

impl Epss {
    /// Reads `CVE-1999-0001,0.03351,0.87534`: the CVE as it stands, and its score.
    pub fn read_row(line: &str) -> Result<(&str, Epss), Error> {
        let line = line.trim_end();
        let mut fields = line.split(',');
        let (Some(cve), Some(probability), Some(percentile), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(Error::NoRow { found: crate::notation::excerpt(line.as_bytes()) });
        };
        let epss = Epss {
            probability: Fraction::read(probability)?,
            percentile: Fraction::read(percentile)?,
        };
        Ok((cve, epss))
    }
}

/// Which model made the scores, and for which day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Edition {
    pub model_version: String,
    pub score_date: Day,
}

impl Edition {
    /// Reads the first line of a published file:
    /// `#model_version:v2026.06.15,score_date:2026-08-15T00:00:00+0000`.
    pub fn read(line: &str) -> Result<Edition, Error> {
        let fields = line.trim_end().strip_prefix('#').unwrap_or_default().split(',');
        let (mut model_version, mut score_date) = (None, None);
        for (name, value) in fields.filter_map(|field| field.split_once(':')) {
            match name.trim() {
                "model_version" => model_version = Some(value.trim().to_owned()),
                "score_date" => score_date = Day::read(value.trim()),
                _ => {}
            }
        }
        match (model_version, score_date) {
            (Some(model_version), Some(score_date)) => Ok(Edition { model_version, score_date }),
            _ => Err(Error::NoEdition { found: crate::notation::excerpt(line.as_bytes()) }),
        }
    }

    /// May scores of these two editions stand in one series?
    pub fn is_comparable(&self, other: &Edition) -> bool {
        self.model_version == other.model_version
    }
}

/// A calendar day, as the file names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl Day {
    /// Reads `2026-08-15`, and what a time of day may follow.
    fn read(text: &str) -> Option<Day> {
        let date = text.split('T').next()?;
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let is_plain = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if parts.next().is_some() || !is_plain(year, 4) || !is_plain(month, 2) || !is_plain(day, 2)
        {
            return None;
        }
        let day =
            Day { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        (1..=days_in_month(day.year, day.month)).contains(&day.day).then_some(day)
    }
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Why a text is no EPSS score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    NoFraction { found: String },
    NoRow { found: String },
    NoEdition { found: String },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoFraction { found } => {
                write!(
                    out,
                    "expected a number from 0 to 1 with at most nine decimals, found '{found}'"
                )
            }
            Error::NoRow { found } => {
                write!(out, "expected CVE,probability,percentile, found '{found}'")
            }
            Error::NoEdition { found } => {
                write!(out, "expected #model_version:...,score_date:YYYY-MM-DD..., found '{found}'")
            }
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_is_what_is_printed() {
        for (text, billionths, printed) in [
            ("0.03351", 33_510_000, "0.03351"),
            ("0.99999", 999_990_000, "0.99999"),
            ("1.0", 1_000_000_000, "1.00000"),
            ("0", 0, "0.00000"),
            (".5", 500_000_000, "0.50000"),
            ("0.000430000", 430_000, "0.00043"),
            ("0.123456789", 123_456_789, "0.123456789"),
            ("9e-05", 90_000, "0.00009"),
            ("1.5E-3", 1_500_000, "0.00150"),
            ("0.1200000000", 120_000_000, "0.12000"),
        ] {
            let fraction = Fraction::read(text).unwrap();
            assert_eq!(
                (fraction.billionths(), fraction.to_string().as_str()),
                (billionths, printed),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_kept_exactly_is_refused() {
        for text in [
            "",
            ".",
            "-0.1",
            "+0.1",
            "1.00001",
            "2",
            "0.1234567891",
            "1e-10",
            "1e99999",
            "NaN",
            "0,5",
            "0.5 ",
            "1e",
            "000000000000000000000.5",
        ] {
            assert!(Fraction::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_line_names_model_and_day() {
        let edition =
            Edition::read("#model_version:v2026.06.15,score_date:2026-08-15T00:00:00+0000\n")
                .unwrap();
        assert_eq!(edition.model_version, "v2026.06.15");
        assert_eq!(edition.score_date.to_string(), "2026-08-15");
        let older = Edition::read("#model_version:v2025.03.14,score_date:2026-06-13T00:00:00+0000")
            .unwrap();
        assert!(!edition.is_comparable(&older));
        assert!(older.score_date < edition.score_date);
        for line in [
            "cve,epss,percentile",
            "#model_version:v1",
            "#model_version:v1,score_date:2026-02-30",
            "",
        ] {
            assert!(Edition::read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_row_is_a_cve_and_two_fractions() {
        let (cve, epss) = Epss::read_row("CVE-1999-0002,0.27858,0.97929\r\n").unwrap();
        assert_eq!(cve, "CVE-1999-0002");
        assert_eq!(
            (epss.probability.billionths(), epss.percentile.billionths()),
            (278_580_000, 979_290_000)
        );
        assert!(Epss::read_row("CVE-1999-0002,0.27858").is_err());
        assert!(Epss::read_row("CVE-1999-0002,0.2,0.3,0.4").is_err());
    }
}
