//! Ranges that are dates: when a device was made, shipped, or a service last changed.
//!
//! "distributed < april 1, 2018", "shipped between 26-June-2017 through 07-August
//! 2018", `<July_2026` (ICSMA-18-107-01, ICSMA-19-353-01, ICSMA-26-225-01): no firmware
//! version decides here, only a day.

use super::version_order::Relation;
use jiff::civil::{Date, date};

/// The days a text means, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
}

impl Window {
    pub(super) fn contains(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// Reads a window of days.  `None`: the text names no day, or it is a version that looks like a year.
pub(super) fn window(clean: &str) -> Option<Window> {
    let pieces = pieces(clean);
    let governed = pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Word(word) if GOVERNING.contains(&word.as_str())));
    let plain_year = |piece: &Piece| matches!(piece, Piece::Day(span) if span.only_year);
    let days = pieces.iter().filter(|piece| matches!(piece, Piece::Day(_))).count();
    if days == 0
        || days > 2
        || (!governed
            && pieces.iter().all(|piece| !matches!(piece, Piece::Day(_)) || plain_year(piece)))
    {
        return None;
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Word(word) if !is_known(word))) {
        return None;
    }
    let spans: Vec<(Span, Option<Relation>)> = related(&pieces);
    match spans.as_slice() {
        [(span, relation)] => Some(one_ended(*span, *relation)),
        [(first, None), (last, None | Some(Relation::UpTo))] => {
            Some(Window { from: Some(first.first), to: Some(last.last) })
        }
        [(first, one), (last, other)] => {
            let (one, other) = (one_ended(*first, *one), one_ended(*last, *other));
            Some(Window { from: one.from.or(other.from), to: other.to.or(one.to) })
        }
        _ => None,
    }
}

/// The day a text names, where it names one to the day: a version such as `2024-08-30`.
pub(super) fn day(clean: &str) -> Option<Date> {
    match pieces(clean).as_slice() {
        [Piece::Day(span)] if span.first == span.last => Some(span.first),
        _ => None,
    }
}

fn one_ended(span: Span, relation: Option<Relation>) -> Window {
    match relation {
        None => Window { from: Some(span.first), to: Some(span.last) },
        Some(Relation::Before) => Window { from: None, to: span.first.yesterday().ok() },
        Some(Relation::UpTo) => Window { from: None, to: Some(span.last) },
        Some(Relation::From) => Window { from: Some(span.first), to: None },
        Some(Relation::After) => Window { from: span.last.tomorrow().ok(), to: None },
    }
}

/// Each span of days with the relation that stands before or behind it.
fn related(pieces: &[Piece]) -> Vec<(Span, Option<Relation>)> {
    let mut spans: Vec<(Span, Option<Relation>)> = Vec::new();
    let mut waiting = None;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Day(span) => spans.push((*span, waiting.take())),
            Piece::Sign(relation) => waiting = Some(*relation),
            Piece::Word(word) => {
                let behind = matches!(pieces.get(at.wrapping_sub(1)), Some(Piece::Word(and)) if and == "and" || and == "or");
                let last_is_open = spans.last().is_some_and(|(_, relation)| relation.is_none());
                let next_is_day = pieces
                    .get(at + 1..)
                    .unwrap_or_default()
                    .iter()
                    .any(|next| matches!(next, Piece::Day(_)));
                match (relation_behind(word), relation_before(word)) {
                    (Some(relation), _) if behind && last_is_open && !next_is_day => {
                        if let Some(last) = spans.last_mut() {
                            last.1 = Some(relation);
                        }
                    }
                    (_, Some(relation)) => waiting = Some(relation),
                    _ => {}
                }
            }
        }
    }
    spans
}

fn relation_before(word: &str) -> Option<Relation> {
    match word {
        "before" | "prior" | "earlier" | "until" | "till" => Some(Relation::Before),
        "through" | "thru" | "to" | "upto" | "by" => Some(Relation::UpTo),
        "since" | "from" | "starting" | "beginning" => Some(Relation::From),
        "after" | "later" | "newer" => Some(Relation::After),
        _ => None,
    }
}

fn relation_behind(word: &str) -> Option<Relation> {
    match word {
        "prior" | "earlier" | "before" | "older" | "below" => Some(Relation::UpTo),
        "later" | "newer" | "after" | "onward" | "onwards" => Some(Relation::From),
        _ => None,
    }
}

const GOVERNING: &[&str] = &[
    "shipped",
    "manufactured",
    "distributed",
    "released",
    "produced",
    "built",
    "made",
    "sold",
    "delivered",
    "purchased",
    "shipping",
    "manufacture",
    "manufacturing",
    "releases",
];

fn is_known(word: &str) -> bool {
    GOVERNING.contains(&word)
        || relation_before(word).is_some()
        || relation_behind(word).is_some()
        || FILLING.contains(&word)
}

const FILLING: &[&str] = &[
    "and",
    "or",
    "between",
    "all",
    "versions",
    "version",
    "devices",
    "units",
    "products",
    "on",
    "than",
    "up",
    "of",
    "the",
    "date",
    "dates",
    "dated",
    "including",
    "inclusive",
    "in",
    "were",
    "was",
    "that",
    "with",
    "a",
    "have",
    "been",
    "systems",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    first: Date,
    last: Date,
    only_year: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Day(Span),
    Sign(Relation),
    Word(String),
}

fn pieces(clean: &str) -> Vec<Piece> {
    let tokens = tokens(clean);
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest: Vec<&str> =
            tokens.get(at..).unwrap_or_default().iter().take(5).map(String::as_str).collect();
        if let Some((span, taken)) = span(&rest) {
            pieces.push(Piece::Day(span));
            at += taken;
            continue;
        }
        match sign(token) {
            Some(relation) => pieces.push(Piece::Sign(relation)),
            None if token.chars().all(char::is_alphanumeric) => {
                // "prior to" and "up to": the second word says no more than the first.
                let after_prior =
                    matches!(pieces.last(), Some(Piece::Word(last)) if last == "prior");
                if !(token == "to" && after_prior) {
                    pieces.push(Piece::Word(token.clone()));
                }
            }
            None => {}
        }
        at += 1;
    }
    pieces
}

fn sign(token: &str) -> Option<Relation> {
    match token {
        "<" => Some(Relation::Before),
        "<=" | "=<" => Some(Relation::UpTo),
        ">" => Some(Relation::After),
        ">=" | "=>" => Some(Relation::From),
        _ => None,
    }
}

/// Words, numbers, signs and the slashes and dashes between numbers.
fn tokens(clean: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut kind = ' ';
    for found in clean.chars() {
        let now = match found {
            '0'..='9' => '0',
            '<' | '>' | '=' => '<',
            '/' | '-' => '/',
            _ if found.is_alphabetic() => 'a',
            _ => ' ',
        };
        if now != ' ' {
            match tokens.last_mut() {
                Some(last) if now == kind && now != '/' => last.extend(found.to_lowercase()),
                _ => tokens.push(found.to_lowercase().collect()),
            }
        }
        kind = now;
    }
    tokens
}

/// A day, month or year at the start of the tokens, and how many of them it takes.
fn span(tokens: &[&str]) -> Option<(Span, usize)> {
    if let [year, "-", month, "-", day] = tokens
        && year.len() == 4
    {
        return Some((whole_day(number(year)?, number(month)?, number(day)?)?, 5));
    }
    if let [month, "/", day, "/", year] = tokens {
        return Some((whole_day(full_year(year)?, number(month)?, number(day)?)?, 5));
    }
    if let [month, "/", year, ..] = tokens
        && year.len() == 4
    {
        return Some((whole_month(full_year(year)?, number(month)?)?, 3));
    }
    let words: Vec<(usize, &str)> = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| **token != "-")
        .map(|(at, token)| (at, *token))
        .collect();
    match words.as_slice() {
        [(0, name), (_, day), (at, year), ..]
            if month(name).is_some() && day.len() <= 2 && year.len() == 4 =>
        {
            Some((whole_day(number(year)?, month(name)?, number(day)?)?, at + 1))
        }
        [(0, day), (_, name), (at, year), ..] if day.len() <= 2 && month(name).is_some() => {
            Some((whole_day(full_year(year)?, month(name)?, number(day)?)?, at + 1))
        }
        [(0, name), (at, year), ..] if month(name).is_some() && year.len() == 4 => {
            Some((whole_month(number(year)?, month(name)?)?, at + 1))
        }
        [(0, year), ..] if year.len() == 4 => {
            let year = number(year).filter(|year| (1980..2100).contains(year))?;
            Some((
                Span { first: day_of(year, 1, 1)?, last: day_of(year, 12, 31)?, only_year: true },
                1,
            ))
        }
        _ => None,
    }
}

fn whole_day(year: i16, month: i16, day: i16) -> Option<Span> {
    let day = day_of(year, month, day)?;
    Some(Span { first: day, last: day, only_year: false })
}

fn whole_month(year: i16, month: i16) -> Option<Span> {
    let first = day_of(year, month, 1)?;
    Some(Span { first, last: first.last_of_month(), only_year: false })
}

fn day_of(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
        .ok()
        .filter(|day| *day >= date(1980, 1, 1))
}

fn number(text: &str) -> Option<i16> {
    text.parse().ok()
}

fn full_year(text: &str) -> Option<i16> {
    let year = number(text)?;
    match text.len() {
        2 => Some(2000 + year),
        4 => Some(year),
        _ => None,
    }
}

fn month(name: &str) -> Option<i16> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let place = MONTHS.iter().position(|month| {
        name.len() >= 3 && (month.starts_with(name) || (name == "sept" && *month == "september"))
    })?;
    i16::try_from(place + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expose::words::clean;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let actual = match window(&clean(text)) {
            Some(Window { from, to }) => {
                let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
                format!("{}..{}", day(from), day(to))
            }
            None => "no window".to_owned(),
        };
        assert_eq!(actual, expected, "{text}");
    }

    #[test]
    fn spellings_of_days_in_the_advisories() {
        check("distributed  < april 1, 2018", "..2018-03-31"); // ICSMA-18-107-01
        check("<  july 1 2017", "..2017-06-30"); // ICSMA-17-227-01
        check("<  november 29 2017", "..2017-11-28"); // ICSMA-17-332-01
        check("<May 2018", "..2018-04-30"); // ICSMA-18-228-01
        check("<July_2026", "..2026-06-30"); // ICSMA-26-225-01
        check("<May_1_2024", "..2024-04-30"); // ICSA-24-263-05
        check("<8/30/2024", "..2024-08-29"); // ICSMA-24-249-01
        check("<  january 2020", "..2019-12-31"); // ICSA-22-216-01
        check("shipped between 26-June-2017 through 07-August 2018", "2017-06-26..2018-08-07"); // ICSMA-19-353-01
        check("shipped between 2016-August 2018", "2016-01-01..2018-08-31"); // ICSMA-19-353-01
        check("between November 2017 and November 2018", "2017-11-01..2018-11-30"); // ICSMA-19-029-02
        check("September 19, 2025 and prior", "..2025-09-19"); // ICSMA-25-301-01
        check("manufactured prior to August 28, 2017", "..2017-08-27"); // ICSMA-17-241-01
        check("manufactured and distributed prior to April 1 2018", "..2018-03-31");
        check("manufactured before 2019", "..2018-12-31");
        check(">= 2018-03-01 | < 2019-01-01", "2018-03-01..2018-12-31");
    }

    #[test]
    fn versions_that_look_like_years_are_versions() {
        check(">= 2003 | <= 2006", "no window"); // ICSMA-19-274-01
        check(">= 2018-1 | <= 2021-1", "no window"); // ICSMA-21-175-01
        check("<= 2023.3_Build_9342", "no window");
        check("<2024.2", "no window");
        check("2020 R3", "no window");
        check("<= 3.4", "no window");
    }

    #[test]
    fn a_day_that_does_not_exist_is_no_day() {
        check("< 2/30/2024", "no window");
    }
}
