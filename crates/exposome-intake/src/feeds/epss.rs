//! EPSS: for each CVE the probability that somebody tries to exploit it within 30 days.
//!
//! A day's scores as CSV: a comment line `#model_version:...,score_date:...`,
//! a heading, one line for each CVE with `cve`, `epss` and `percentile`
//! (FIRST, "EPSS data and statistics").  The scores are decimal fractions with
//! five places and are kept as whole 1/100,000.  A score means something only
//! together with its model version, so a file without one is refused.

use crate::feeds::{dates, words};
use crate::{Document, Error, Format, Item, Reader};
use exposome_model::knowledge::{EpssRow, EpssTable};
use exposome_model::reading::{Complaint, Sink};
use std::collections::HashSet;
use std::io::{BufRead, Read};

pub(super) const FORMAT: Format = Format {
    id: "epss",
    title: "EPSS scores of a day",
    specified_in: "FIRST, EPSS data and statistics (epss_scores-YYYY-MM-DD.csv.gz)",
    known_by: "the comment line #model_version, or the heading cve,epss,percentile",
    recognise: |glimpse| {
        let first = glimpse.first_line();
        first.starts_with("#model_version:") || first.starts_with("cve,epss")
    },
    reader: Reader::Stream(read),
};

/// No line of an honest file is longer.
const LINE_BYTES: u64 = 4096;

fn read(
    source: &mut dyn BufRead,
    _: &Document<'_>,
    sink: &mut dyn Sink<Item>,
) -> Result<(), Error> {
    let mut lines = Lines { source, line: Vec::new(), number: 0 };
    let comment = lines.next()?.unwrap_or_default();
    let (Some(model_version), Some(score_date)) =
        (said(comment, "model_version"), said(comment, "score_date").and_then(dates::day))
    else {
        return Err(Error::Malformed {
            place: "line 1".into(),
            found: words::quoted(comment),
            expected: "#model_version:...,score_date:...".into(),
        });
    };
    let mut table =
        EpssTable { model_version: model_version.to_owned(), score_date, rows: Vec::new() };
    let heading = lines.next()?.unwrap_or_default();
    let column = |name: &str| heading.split(',').position(|column| column.trim() == name);
    let (Some(cve), Some(epss), Some(percentile)) =
        (column("cve"), column("epss"), column("percentile"))
    else {
        return Err(Error::Malformed {
            place: "line 2".into(),
            found: words::quoted(heading),
            expected: "the columns cve, epss and percentile".into(),
        });
    };
    let mut seen = HashSet::new();
    let mut rounded = Rounded::default();
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.next()? else { break };
        let field = |column| line.split(',').nth(column).unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let Some(key) = cve_key(field(cve)) else {
            refuse(number, "cve", field(cve), "a CVE id", sink);
            continue;
        };
        let Some(probability) = fraction(field(epss)) else {
            refuse(number, "epss", field(epss), "a fraction from 0 to 1", sink);
            continue;
        };
        let Some(rank) = fraction(field(percentile)) else {
            refuse(number, "percentile", field(percentile), "a fraction from 0 to 1", sink);
            continue;
        };
        if !seen.insert(key) {
            let message = format!("{} is named a second time in this document", field(cve));
            sink.complain(Complaint::refused(format!("line {number}"), message));
            continue;
        }
        rounded.note(number, probability.exact && rank.exact);
        table.rows.push(EpssRow {
            vulnerability: field(cve).to_owned(),
            probability_e5: probability.e5,
            percentile_e5: rank.e5,
        });
    }
    rounded.complain(sink);
    sink.record(Item::Epss(table));
    Ok(())
}

fn refuse(line: u64, column: &str, found: &str, expected: &str, sink: &mut dyn Sink<Item>) {
    let message = format!("{}, expected {expected}", words::quoted(found));
    sink.complain(Complaint::refused(format!("line {line}, column {column}"), message));
}

/// `name:value` in the comment line.
fn said<'a>(comment: &'a str, name: &str) -> Option<&'a str> {
    let comment = comment.strip_prefix('#')?;
    comment
        .split(',')
        .find_map(|part| part.trim().strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

/// The year and number of a CVE id in one word; `None` if it is none.
fn cve_key(id: &str) -> Option<u64> {
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !(4..=14).contains(&number.len()) || !digits(year) || !digits(number) {
        return None;
    }
    year.parse::<u64>().ok()?.checked_mul(100_000_000_000_000)?.checked_add(number.parse().ok()?)
}

/// A decimal fraction in 1/100,000.
#[derive(Debug, PartialEq, Eq)]
struct Fraction {
    e5: u32,
    /// It had no digits beyond the fifth; otherwise it was rounded to the nearest.
    exact: bool,
}

/// Reads `0.00043`, `1`, `9e-05`.
fn fraction(text: &str) -> Option<Fraction> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok().filter(|exponent| (-30..=30).contains(exponent))?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(part.bytes());
    if whole.is_empty() || digits().count() > 40 || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // The place of each digit, counted from the fifth behind the point.
    let mut place = i32::try_from(whole.len()).ok()? + exponent + 5;
    let (mut e5, mut next, mut exact) = (0_u32, 0, true);
    for digit in digits().map(|digit| u32::from(digit - b'0')) {
        place -= 1;
        match (digit, place) {
            (0, _) => {}
            (_, 6..) => return None,
            (_, 0..) => e5 = e5.checked_add(digit * 10_u32.pow(place.unsigned_abs()))?,
            (_, ..0) => {
                exact = false;
                next = if place == -1 { digit } else { next };
            }
        }
    }
    let e5 = e5 + u32::from(next >= 5);
    (e5 <= 100_000).then_some(Fraction { e5, exact })
}

/// Values with more than five places, told of once.
#[derive(Default)]
struct Rounded {
    first_line: u64,
    count: u64,
}

impl Rounded {
    fn note(&mut self, line: u64, exact: bool) {
        if !exact {
            self.count += 1;
            self.first_line = if self.first_line == 0 { line } else { self.first_line };
        }
    }

    fn complain(&self, sink: &mut dyn Sink<Item>) {
        if self.count > 0 {
            let message = format!(
                "rounded: it has more than five decimals, as {} lines have in all",
                self.count
            );
            sink.complain(Complaint::doubtful(format!("line {}", self.first_line), message));
        }
    }
}

struct Lines<'a> {
    source: &'a mut dyn BufRead,
    line: Vec<u8>,
    /// Of the line that was read last.
    number: u64,
}

impl Lines<'_> {
    fn next(&mut self) -> Result<Option<&str>, Error> {
        self.line.clear();
        self.number += 1;
        let place = || format!("line {}", self.number);
        let mut source = Read::take(&mut *self.source, LINE_BYTES);
        if source.read_until(b'\n', &mut self.line).map_err(Error::source(place()))? == 0 {
            return Ok(None);
        }
        if self.line.len() as u64 == LINE_BYTES {
            return Err(Error::OverLimit {
                what: "a line",
                place: place(),
                limit: format!("{LINE_BYTES} bytes"),
            });
        }
        match std::str::from_utf8(&self.line) {
            Ok(line) => Ok(Some(line.trim_end_matches(['\r', '\n']))),
            Err(_) => Err(Error::Malformed {
                place: place(),
                found: "bytes that are not UTF-8".into(),
                expected: "text".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(u32, bool)>) {
        let expected = expected.map(|(e5, exact)| Fraction { e5, exact });
        assert_eq!(fraction(text), expected, "{text}");
    }

    #[test]
    fn five_places_are_exact() {
        check("0.00043", Some((43, true)));
        check("0.99999", Some((99_999, true)));
        check("1", Some((100_000, true)));
        check("1.0", Some((100_000, true)));
        check("0", Some((0, true)));
        check("9e-05", Some((9, true)));
        check("1.2e-4", Some((12, true)));
        check("0.975650000", Some((97_565, true)));
    }

    #[test]
    fn more_places_are_rounded_and_said() {
        check("0.000434", Some((43, false)));
        check("0.000435", Some((44, false)));
        check("0.999999", Some((100_000, false)));
        check("1e-9", Some((0, false)));
    }

    #[test]
    fn what_is_no_fraction_is_refused() {
        for text in
            ["", ".", "-0.1", "1.00001", "2", "10e5", "0.5x", "nan", "1e99", "1e", "e5", "7e30"]
        {
            check(text, None);
        }
    }
}
