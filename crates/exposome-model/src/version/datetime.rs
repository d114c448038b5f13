//! Moments as versions: RFC 3339, section 5.6.  Two ways to write one moment are equal.

use super::key::{Cursor, Row};

const NUMBER: u8 = 0x10;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text);
    let year = fixed(&mut cursor, 4, 0..=9999)?;
    let month = after(&mut cursor, b'-', 1..=12)?;
    let day = after(&mut cursor, b'-', 1..=days_in_month(year, month))?;
    if !matches!(cursor.next(), Some(b'T' | b't' | b' ')) {
        return None;
    }
    let hour = fixed(&mut cursor, 2, 0..=23)?;
    let minute = after(&mut cursor, b':', 0..=59)?;
    let second = after(&mut cursor, b':', 0..=60)?;
    let fraction = if cursor.eat(b'.') { some(cursor.digits())? } else { b"" };
    let offset_minutes = offset(&mut cursor)?;
    if !cursor.is_empty() {
        return None;
    }
    let seconds = days_before(year, month, day) * 86_400
        + hour * 3600
        + (minute - offset_minutes) * 60
        + second;
    // One day more than enough, so that an offset in the first days of year 0 stays positive.
    row.integer(NUMBER, u64::try_from(seconds + 86_400).ok()?);
    let zeros = fraction.iter().rev().take_while(|&&digit| digit == b'0').count();
    row.word(fraction.iter().copied().take(fraction.len() - zeros));
    Some(())
}

fn some(bytes: &[u8]) -> Option<&[u8]> {
    (!bytes.is_empty()).then_some(bytes)
}

fn after(
    cursor: &mut Cursor<'_>,
    separator: u8,
    range: std::ops::RangeInclusive<i64>,
) -> Option<i64> {
    if cursor.eat(separator) { fixed(cursor, 2, range) } else { None }
}

fn fixed(cursor: &mut Cursor<'_>, len: usize, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
    let mut value = 0;
    for _ in 0..len {
        let digit = cursor.next().filter(u8::is_ascii_digit)?;
        value = value * 10 + i64::from(digit - b'0');
    }
    range.contains(&value).then_some(value)
}

fn offset(cursor: &mut Cursor<'_>) -> Option<i64> {
    let sign = match cursor.next()? {
        b'Z' | b'z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = fixed(cursor, 2, 0..=23)?;
    let minutes = after(cursor, b':', 0..=59)?;
    Some(sign * (hours * 60 + minutes))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const DAYS_IN_MONTH: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap_day = i64::from(month == 2 && is_leap(year));
    usize::try_from(month - 1)
        .ok()
        .and_then(|place| DAYS_IN_MONTH.get(place))
        .map_or(0, |days| days + leap_day)
}

/// Days from the first day of year 0 to this one.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let last = year - 1;
    let leap_days = if year == 0 { 0 } else { 1 + last / 4 - last / 100 + last / 400 };
    let months: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    year * 365 + leap_days + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Datetime;

    #[test]
    fn moments_are_in_order_whatever_the_offset() {
        rising(
            Datetime,
            &[
                "0000-01-01T00:00:00+23:59",
                "1969-12-31T23:59:60Z",
                "2024-02-29T00:00:00+02:00",
                "2024-02-28T23:00:00Z",
                "2024-02-29T00:00:00.5Z",
                "2024-03-01T00:00:00Z",
                "9999-12-31T23:59:59-23:59",
            ],
        );
        equal(
            Datetime,
            &[
                "2024-01-01T00:00:00Z",
                "2023-12-31T19:00:00-05:00",
                "2024-01-01T00:00:00.000Z",
                "2024-01-01t00:00:00z",
            ],
        );
        for text in [
            "2023-02-29T00:00:00Z",
            "2024-01-01",
            "2024-13-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00.Z",
        ] {
            none(Datetime, text, "2024-01-01T00:00:00Z");
        }
    }
}
