//! Single values as people and spreadsheets write them: dates, addresses, blanks.
//!
//! Nothing here guesses.  A value that could mean two things is said to be
//! ambiguous; one that a spreadsheet has damaged is said to be lost.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Whether a cell holds a word that stands for "nothing is known".
pub(crate) fn is_blank(value: &str) -> bool {
    value.is_empty() || BLANKS.iter().any(|blank| value.eq_ignore_ascii_case(blank))
}

/// What people and exports write where they know nothing.
const BLANKS: &[&str] = &[
    "-",
    "--",
    "---",
    "–",
    "—",
    "?",
    "??",
    "???",
    ".",
    "n/a",
    "na",
    "n.a.",
    "n.a",
    "#n/a",
    "n/k",
    "nil",
    "null",
    "(null)",
    "<null>",
    "(blank)",
    "(empty)",
    "[none]",
    "undefined",
    "unk",
    "unknown",
    "unknow",
    "not known",
    "not available",
    "not applicable",
    "not recorded",
    "not specified",
    "not set",
    "not entered",
    "tbd",
    "tba",
    "tbc",
    "to be determined",
    "to be confirmed",
    "missing",
    "pending",
    "#ref!",
    "#value!",
    "#name?",
    "#null!",
    "#div/0!",
    "#num!",
    "xx",
    "xxx",
    "xxxx",
    "none",
    "none.",
    "no value",
];

/// Whether a serial number is one that a maker or a person puts where there is none.
/// (research: default serials repeat and must not join two devices.)
pub(crate) fn is_default_serial(serial: &str) -> bool {
    let squashed = squash(serial);
    let mut characters = squashed.chars();
    let first = characters.next();
    let repeats = first.is_none_or(|first| characters.all(|it| it == first))
        && (squashed.len() >= 3 || first.is_none_or(|it| it == '0'));
    let counts = squashed.len() >= 4
        && ("12345678901234567890".starts_with(&squashed) || "0123456789".starts_with(&squashed));
    repeats || counts || DEFAULT_SERIALS.contains(&squashed.as_str())
}

const DEFAULT_SERIALS: &[&str] = &[
    "none",
    "serial",
    "serialnumber",
    "sn",
    "sn123",
    "sn1234",
    "sn12345",
    "sn123456",
    "sn0000",
    "sn000000",
    "default",
    "defaultstring",
    "tobefilledbyoem",
    "systemserialnumber",
    "notspecified",
    "noserial",
    "noserialnumber",
    "chassisserialnumber",
    "oem",
    "test",
    "abc123",
    "abcd1234",
    "0123456789abcdef",
    "123456789abc",
    "empty",
    "nosn",
];

/// Letters and digits only, lower case: what two spellings of one name share.
pub(crate) fn squash(text: &str) -> String {
    text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a spreadsheet has turned a long number into `1.2E+05`: its digits are gone.
pub(crate) fn is_spreadsheet_number(value: &str) -> bool {
    let Some((mantissa, exponent)) = value.split_once(['E', 'e']) else { return false };
    let whole = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = whole.split_once(['.', ',']).unwrap_or((whole, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let exponent = exponent.strip_prefix('+');
    whole.len() == 1
        && digits(whole)
        && digits(fraction)
        && exponent.is_some_and(|it| it.len() <= 3 && digits(it))
}

/// Whether a spreadsheet would run the cell.  A signed number is a number.
pub(crate) fn is_formula(value: &str) -> bool {
    match value.as_bytes() {
        [b'=' | b'@' | b'\t' | b'\r', _, ..] => true,
        [b'+' | b'-', rest @ ..] => {
            rest.first()
                .is_some_and(|it| !it.is_ascii_digit() && *it != b' ' && *it != b'.' && *it != b'(')
                && !is_blank(value)
        }
        _ => false,
    }
}

/// The text that `="00123"` protects from the spreadsheet.
pub(crate) fn protected_text(value: &str) -> Option<&str> {
    let text = value.strip_prefix("=\"")?.strip_suffix('"')?;
    (!text.contains('"')).then_some(text)
}

/// A hardware address as `00:1b:c5:00:00:01`, from any of the usual spellings.
pub(crate) fn mac(value: &str) -> Option<String> {
    let digits = hardware_address(value)?;
    let mut mac = String::with_capacity(17);
    for (at, digit) in digits.bytes().enumerate() {
        if at > 0 && at % 2 == 0 {
            mac.push(':');
        }
        mac.push(char::from(digit.to_ascii_lowercase()));
    }
    Some(mac)
}

/// Twelve hexadecimal digits: in pairs with `:`, `-` or blank, in fours with `.`, in sixes with `-`, or bare.
fn hardware_address(value: &str) -> Option<String> {
    let group_len = match value.bytes().position(|it| !it.is_ascii_hexdigit()) {
        None => 12,
        Some(len @ (1 | 2 | 4 | 6)) => len,
        Some(_) => return None,
    };
    let mut digits = String::with_capacity(12);
    for group in value.split([':', '-', '.', ' ']) {
        if !group.bytes().all(|it| it.is_ascii_hexdigit()) || digits.len() + group.len() > 12 {
            return None;
        }
        match (group.len(), group_len) {
            (1, 1 | 2) => digits.push('0'),
            (len, expected) if len == expected || (len == 2 && expected == 1) => {}
            _ => return None,
        }
        digits.push_str(group);
    }
    (digits.len() == 12).then_some(digits)
}

/// Whether an address is written so that it can be nothing but a hardware address.
pub(crate) fn is_plainly_a_mac(value: &str) -> bool {
    value.contains([':', '-']) && mac(value).is_some()
}

/// An address as the standard prints it; `10.1.2.3/24` and `[::1]` are understood.
pub(crate) fn ip(value: &str) -> Option<IpAddr> {
    let bare = value.split_once('/').map_or(value, |(address, _)| address);
    let bare = bare.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(bare);
    bare.parse().ok()
}

/// Which comes first in `3/4/2019`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    DayMonth,
    MonthDay,
}

/// What a date cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateCell {
    Day(Date),
    /// A day that also shows which order its writer uses.
    Telling(Date, DateOrder),
    /// Both orders give a day: as day-month, as month-day.
    Ambiguous(Date, Date),
    /// `2019` or `2019-03`.
    NotAWholeDay,
    NotADate,
}

/// Reads the day in a cell; a time after it is left.
pub(crate) fn date(cell: &str) -> DateCell {
    let day = match cell.split_once(['T', ' ']) {
        Some((day, time))
            if time.trim_start().starts_with(|it: char| it.is_ascii_digit())
                && time.contains(':') =>
        {
            day
        }
        _ => cell,
    };
    named_month(day).map_or_else(|| numbered(day), DateCell::Day)
}

/// `12-Mar-2019`, `Mar 12, 2019`, `12 March 19`.
fn named_month(text: &str) -> Option<Date> {
    let mut parts = text.split([' ', '-', ',', '/', '.']).filter(|it| !it.is_empty());
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let ((day, month), year) = match (month_named(first), month_named(second)) {
        (Some(month), None) => ((second, month), third),
        (None, Some(month)) if first.len() == 4 => ((third, month), first),
        (None, Some(month)) => ((first, month), third),
        _ => return None,
    };
    let day = day.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    Date::new(year_of(year)?, month, day.parse().ok()?).ok()
}

fn month_named(text: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let head = text.get(..3)?.to_ascii_lowercase();
    let letters = text.bytes().all(|it| it.is_ascii_alphabetic());
    let at = MONTHS.iter().position(|month| *month == head).filter(|_| letters)?;
    i8::try_from(at + 1).ok()
}

fn numbered(text: &str) -> DateCell {
    let parts: Vec<&str> = text.splitn(4, ['-', '/', '.']).collect();
    if parts
        .iter()
        .any(|it| it.is_empty() || it.len() > 8 || !it.bytes().all(|b| b.is_ascii_digit()))
    {
        return DateCell::NotADate;
    }
    let day = |year: Option<i16>, month: &str, day: &str| {
        Date::new(year?, month.parse().ok()?, day.parse().ok()?).ok()
    };
    match *parts.as_slice() {
        [year] | [year, _] if year.len() == 4 => partial(year, parts.get(1).copied()),
        [month, year] if year.len() == 4 => partial(year, Some(month)),
        [run] if run.len() == 8 => {
            let cut = (run.get(..4), run.get(4..6), run.get(6..));
            let (Some(year), Some(month), Some(last)) = cut else { return DateCell::NotADate };
            day(year_of(year), month, last).map_or(DateCell::NotADate, DateCell::Day)
        }
        [year, month, last] if year.len() == 4 => {
            day(year_of(year), month, last).map_or(DateCell::NotADate, DateCell::Day)
        }
        [first, second, year] if first.len() <= 2 && second.len() <= 2 => {
            let day_month = day(year_of(year), second, first);
            // 3.4.2019 with dots is written where the day comes first.
            let month_day = day(year_of(year), first, second).filter(|_| !text.contains('.'));
            match (day_month, month_day) {
                (Some(one), Some(other)) if one == other => DateCell::Day(one),
                (Some(one), Some(other)) => DateCell::Ambiguous(one, other),
                (Some(one), None) if text.contains('.') => DateCell::Day(one),
                (Some(one), None) => DateCell::Telling(one, DateOrder::DayMonth),
                (None, Some(other)) => DateCell::Telling(other, DateOrder::MonthDay),
                (None, None) => DateCell::NotADate,
            }
        }
        _ => DateCell::NotADate,
    }
}

fn partial(year: &str, month: Option<&str>) -> DateCell {
    let month = month.map_or(Some(1), |it| it.parse().ok());
    match (year_of(year), month) {
        (Some(1900..=2999), Some(1..=12)) => DateCell::NotAWholeDay,
        _ => DateCell::NotADate,
    }
}

/// A year in four digits, or in two: 69 is 1969, 68 is 2068 (POSIX `%y`).
fn year_of(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(if year < 69 { 2000 + year } else { 1900 + year }),
        _ => None,
    }
}

/// What a value can only be, whatever column it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Mac,
    Ip,
    Date,
    Cpe,
    Purl,
    Cve,
}

impl Shape {
    /// For a sentence: `holds a hardware address`.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Shape::Mac => "a hardware (MAC) address",
            Shape::Ip => "an IP address",
            Shape::Date => "a date",
            Shape::Cpe => "a CPE name",
            Shape::Purl => "a package URL",
            Shape::Cve => "a CVE id",
        }
    }
}

/// The shape of a value that is unmistakable; most values have none.
pub(crate) fn shape(value: &str) -> Option<Shape> {
    if value.starts_with("cpe:") {
        return Some(Shape::Cpe);
    }
    if value.starts_with("pkg:") {
        return Some(Shape::Purl);
    }
    if is_cve(value) {
        return Some(Shape::Cve);
    }
    if is_plainly_a_mac(value) {
        return Some(Shape::Mac);
    }
    // A version such as 10.1.2.3 reads as an address; callers ask only where no version may stand.
    if value.contains(['.', ':']) && ip(value).is_some() {
        return Some(Shape::Ip);
    }
    let separators = value.bytes().filter(|it| matches!(it, b'/' | b'-')).count();
    let dated =
        separators == 2 && !matches!(date(value), DateCell::NotADate | DateCell::NotAWholeDay);
    dated.then_some(Shape::Date)
}

/// `CVE-2020-6961`: a year and at least four digits.
pub(crate) fn is_cve(value: &str) -> bool {
    let rest =
        value.get(..4).filter(|it| it.eq_ignore_ascii_case("CVE-")).and_then(|_| value.get(4..));
    let Some((year, number)) = rest.and_then(|it| it.split_once('-')) else { return false };
    year.len() == 4
        && (4..=19).contains(&number.len())
        && year.bytes().chain(number.bytes()).all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_from_every_spelling_that_has_one_meaning() {
        let march = Date::constant(2019, 3, 12);
        for spelling in [
            "2019-03-12",
            "2019/3/12",
            "20190312",
            "2019-03-12T10:11:12Z",
            "2019-03-12 10:11",
            "12-Mar-2019",
            "Mar 12, 2019",
            "12 March 19",
            "March 12th 2019",
            "2019-Mar-12",
        ] {
            assert_eq!(date(spelling), DateCell::Day(march), "{spelling}");
        }
        assert_eq!(date("5/5/2019"), DateCell::Day(Date::constant(2019, 5, 5)));
        assert_eq!(
            date("31/12/2019"),
            DateCell::Telling(Date::constant(2019, 12, 31), DateOrder::DayMonth)
        );
        assert_eq!(
            date("12/31/19"),
            DateCell::Telling(Date::constant(2019, 12, 31), DateOrder::MonthDay)
        );
        assert_eq!(date("3.4.2019"), DateCell::Day(Date::constant(2019, 4, 3)));
    }

    #[test]
    fn a_day_that_can_be_two_days_is_ambiguous() {
        let both = (Date::constant(2019, 4, 3), Date::constant(2019, 3, 4));
        assert_eq!(date("3/4/2019"), DateCell::Ambiguous(both.0, both.1));
        assert_eq!(date("03-04-19 08:00"), DateCell::Ambiguous(both.0, both.1));
    }

    #[test]
    fn a_year_is_not_a_day_and_a_model_is_not_a_date() {
        for partial in ["2019", "2019-03", "03/2019"] {
            assert_eq!(date(partial), DateCell::NotAWholeDay, "{partial}");
        }
        for other in [
            "",
            "43891",
            "9999",
            "13/13/2019",
            "8015",
            "B.0",
            "2019-02-30",
            "1-2-3-4",
            "Mar",
            "ü",
            "2/30/2019",
        ] {
            assert_eq!(date(other), DateCell::NotADate, "{other}");
        }
    }

    #[test]
    fn a_hardware_address_has_one_spelling() {
        for spelling in [
            "00:1B:C5:00:00:0A",
            "00-1b-c5-00-00-0a",
            "001B.C500.000A",
            "001bc500000a",
            "001bc5-00000a",
            "0:1b:c5:0:0:a",
        ] {
            assert_eq!(mac(spelling).as_deref(), Some("00:1b:c5:00:00:0a"), "{spelling}");
        }
        for other in [
            "",
            "00:1B:C5:00:00",
            "00:1B:C5:00:00:0G",
            "00:1B:C5:00:00:0A:0B",
            "10.1.2.3",
            "2019-03-12",
        ] {
            assert_eq!(mac(other), None, "{other}");
        }
    }

    #[test]
    fn words_for_nothing_known_are_blank_and_a_model_is_not() {
        for blank in ["", "N/A", "unknown", "-", "TBD", "#N/A", "None"] {
            assert!(is_blank(blank), "{blank}");
        }
        for value in ["0", "N", "NA-7", "x"] {
            assert!(!is_blank(value), "{value}");
        }
    }

    #[test]
    fn a_default_serial_is_no_serial() {
        for serial in [
            "0000",
            "0",
            "123456",
            "NONE",
            "1111111",
            "To be filled by O.E.M.",
            "S/N",
            "12345678901",
            "---",
        ] {
            assert!(is_default_serial(serial), "{serial}");
        }
        for serial in ["12", "123", "A0000", "77", "5", "120456", "US48213"] {
            assert!(!is_default_serial(serial), "{serial}");
        }
    }

    #[test]
    fn a_spreadsheet_number_has_lost_its_digits() {
        for lost in ["1.2E+05", "1E+10", "4,71235E+12", "9.99e+11"] {
            assert!(is_spreadsheet_number(lost), "{lost}");
        }
        for kept in ["1E05", "12E+4567", "US1.2E+05", "E+05", "1.2", "1.2E+"] {
            assert!(!is_spreadsheet_number(kept), "{kept}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_a_formula() {
        for formula in ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-cmd"] {
            assert!(is_formula(formula), "{formula}");
        }
        for text in ["-40", "+1 555 0100", "-", "--", "A=1", "", "=", "+.5", "-n/a"] {
            assert_eq!(is_formula(text), text == "-n/a", "{text}");
        }
        assert_eq!(protected_text("=\"00123\""), Some("00123"));
        assert_eq!(protected_text("=\"0\"&\"1\""), None);
    }

    #[test]
    fn only_the_unmistakable_has_a_shape() {
        for (value, expected) in [
            ("00:1B:C5:00:00:0A", Some(Shape::Mac)),
            ("10.1.2.3", Some(Shape::Ip)),
            ("fe80::1", Some(Shape::Ip)),
            ("2019-03-12", Some(Shape::Date)),
            ("CVE-2020-6961", Some(Shape::Cve)),
            ("cpe:2.3:h:a:b:-:*:*:*:*:*:*:*", Some(Shape::Cpe)),
            ("pkg:npm/a@1", Some(Shape::Purl)),
            ("001bc500000a", None),
            ("8015", None),
            ("B.0.1", None),
            ("20190312", None),
        ] {
            assert_eq!(shape(value), expected, "{value}");
        }
    }
}
