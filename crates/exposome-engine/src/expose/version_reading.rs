//! The grammar of version texts: from `">= 1.3.4 | < 1.5.3"` to a [`Meaning`].
//!
//! A text is taken apart from the outside: first what stands in parentheses, then
//! conditions ("with wireless option", "running on Windows XP"), then the range
//! itself.  Between bounds `|` means *and*, between versions *or*: that is how
//! CISA's documents use it.  Whatever is left over becomes [`Meaning::Unread`].

use super::fitting;
use super::ship_date;
use super::version_order::Relation;
use super::version_text::Meaning;
use super::words::clean;

/// Reads a version text.
pub(super) fn read(text: &str) -> Meaning {
    let text = clean(&text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    let text = without_vers(&text);
    if let Some(clauses) = read_clauses(text) {
        return clauses;
    }
    if is_blank(text) {
        return Meaning::Unread(if text.is_empty() {
            "(no version named)".to_owned()
        } else {
            text.to_owned()
        });
    }
    read_text(text, 0)
}

/// Deeper nesting than this is prose.
const DEEPEST: usize = 4;

fn read_text(text: &str, depth: usize) -> Meaning {
    if says_all(text) {
        return Meaning::All;
    }
    if let Some(release) = read_system_release(text, depth) {
        return release;
    }
    if let Some(window) = ship_date::window(text) {
        return Meaning::Dated(window);
    }
    let (outer, inner) = without_parentheses(text);
    if depth < DEEPEST && !inner.is_empty() && says_nothing(&outer) && !says_all(&outer) {
        return every(inner.iter().map(|part| read_text(part, depth + 1)).collect());
    }
    let mut parts = vec![read_conditioned(&outer, depth)];
    parts.extend(inner.iter().filter_map(|part| read_note(part)));
    every(parts)
}

/// "Windows 10 Professional Operating System, U.S. and Malaysian Releases, between November 2017
/// and November 2018" (ICSMA-19-029-02): a system, and what else must hold.
fn read_system_release(text: &str, depth: usize) -> Option<Meaning> {
    const SYSTEM: &str = "operating system";
    let at = text.to_ascii_lowercase().find(SYSTEM)?;
    let (system, rest) = (text.get(..at)?.trim(), text.get(at + SYSTEM.len()..)?.trim());
    if depth > 0 || system.is_empty() || !fitting::names_a_system(system) || system.contains('<') {
        return None;
    }
    let conditions =
        rest.split(", ").map(|part| part.trim_matches([',', ' '])).filter(|part| !part.is_empty());
    let mut parts = vec![Meaning::Runs(system.to_owned())];
    for condition in conditions {
        parts.push(
            match (ship_date::window(condition), strip_last(condition, &["release", "releases"])) {
                (Some(window), _) => Meaning::Dated(window),
                (None, Some(regions)) => any(regions
                    .split(" and ")
                    .map(|region| Meaning::Variant(format!("{region} release")))
                    .collect()),
                (None, None) => return None,
            },
        );
    }
    Some(every(parts))
}

fn strip_last<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    let (front, last) = text.rsplit_once(' ')?;
    words.iter().any(|word| last.eq_ignore_ascii_case(word)).then_some(front)
}

/// `vers:all/<V2.9.7` and `vers:intdot/<21` are ranges with a scheme in front.
fn without_vers(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("vers:") else { return text };
    rest.split_once('/').map_or(rest, |(_, range)| range).trim()
}

fn is_blank(text: &str) -> bool {
    matches!(
        text.to_lowercase().as_str(),
        "" | "-" | "n/a" | "na" | "unspecified" | "unknown" | "not applicable" | "none" | "tbd"
    )
}

fn says_all(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut rest =
        lower.split([' ', '(', ')', '.', ',']).filter(|word| !word.is_empty()).peekable();
    rest.peek().is_some()
        && lower.split([' ', '(', ')', ',']).any(|word| matches!(word, "*" | "all" | "any"))
        && rest.all(|word| {
            matches!(
                word,
                "*" | "all" | "any" | "service" | "pack" | "models" | "sold" | "units" | "devices"
            ) || is_noise(word)
        })
}

fn says_nothing(text: &str) -> bool {
    text.split([' ', ',', '|'])
        .filter(|word| !word.is_empty())
        .all(|word| is_noise(&word.to_lowercase()))
}

/// The text outside parentheses and the texts inside them.  Parentheses that
/// touch what stands before them belong to it: `MMT-522(K)`, `0.74(0.75)`.
fn without_parentheses(text: &str) -> (String, Vec<String>) {
    let (mut outer, mut inner) = (String::new(), Vec::<String>::new());
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut belongs = false;
    for found in text.chars() {
        match found {
            '(' if depth == 0 => {
                belongs = before.is_alphanumeric();
                depth = 1;
                if belongs { outer.push('(') } else { inner.push(String::new()) }
            }
            ')' if depth == 1 => {
                depth = 0;
                if belongs { outer.push(')') } else { outer.push(' ') }
            }
            _ => {
                depth = match found {
                    '(' => depth + 1,
                    ')' => depth.saturating_sub(1),
                    _ => depth,
                };
                match inner.last_mut() {
                    Some(last) if depth > 0 && !belongs => last.push(found),
                    _ => outer.push(found),
                }
            }
        }
        before = found;
    }
    // A build number in parentheses is part of the version, "(excluding)" part of the range.
    inner.retain(|part| {
        let lower = part.trim().to_lowercase();
        let kept = lower.starts_with("build") && !outer.trim().is_empty();
        if kept {
            outer = format!("{} {}", outer.trim(), part.trim());
        }
        !kept
    });
    if text.to_lowercase().contains("(excluding)") {
        outer.push_str(" excluding");
    }
    (outer.trim().to_owned(), inner)
}

/// What stands in parentheses behind a range: a condition, or a remark that changes nothing.
fn read_note(note: &str) -> Option<Meaning> {
    let lower = note.trim().to_lowercase();
    if let Some(window) = ship_date::window(note) {
        return Some(Meaning::Dated(window));
    }
    if lower.starts_with("with ") {
        return Some(read_conditions(note.trim()));
    }
    if lower.contains("serial") || lower.starts_with("sn ") {
        return Some(Meaning::Serial(note.trim().to_owned()));
    }
    if let Some(system) = strip_word(note.trim(), &["except", "excluding", "not including"])
        && fitting::names_a_system(system)
    {
        return Some(Meaning::RunsNot(system.to_owned()));
    }
    if lower.contains("not affected") || lower.contains("except") {
        return Some(Meaning::Unread(note.trim().to_owned()));
    }
    None
}

/// `PrismaFlex all versions, PrisMax all versions prior to 3.x`: ranges of several products.
/// `None` unless at least two products are named, each with its range.
fn read_clauses(text: &str) -> Option<Meaning> {
    let mut clauses: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    let separated = text.trim_end_matches('.').replace(", and ", ", ").replace("; ", ", ");
    for chunk in separated.split(", ") {
        let (name, range) = cut_at_range(chunk.trim_start_matches("and ").trim());
        match clauses.last_mut() {
            Some((_, ranges)) if name.is_empty() => ranges.push(range),
            Some((names, ranges)) if ranges.is_empty() => {
                names.push(name);
                ranges.extend((!range.is_empty()).then_some(range));
            }
            _ if name.is_empty() => return None,
            _ => clauses
                .push((vec![name], (!range.is_empty()).then_some(range).into_iter().collect())),
        }
    }
    let whole = clauses.len() > 1 && clauses.iter().all(|(_, ranges)| !ranges.is_empty());
    let read = clauses.into_iter().flat_map(|(names, ranges)| {
        let meaning = read_text(&ranges.join(", "), DEEPEST);
        names.into_iter().map(move |name| (name, meaning.clone()))
    });
    whole.then(|| Meaning::Clauses(read.collect()))
}

/// The name in front of a range, and the range.  No name: a label (`LPI 3.5.12`) is none.
fn cut_at_range(chunk: &str) -> (String, String) {
    let words: Vec<&str> = chunk.split(' ').filter(|word| !word.is_empty()).collect();
    let starts_range = |word: &&str| {
        let lower = word.to_lowercase();
        let dotted =
            lower.trim_start_matches('v').starts_with(|found: char| found.is_ascii_digit())
                && lower.contains('.');
        dotted
            || matches!(
                lower.as_str(),
                "all" | "version" | "versions" | "prior" | "before" | "up" | "*"
            )
            || lower.starts_with(['<', '>', '='])
    };
    let at = words.iter().position(starts_range).unwrap_or(words.len());
    let (name, range) = words.split_at(at);
    let named = name.iter().any(|word| {
        word.len() >= 4 && word.chars().all(char::is_alphabetic) && !is_noise(&word.to_lowercase())
    });
    if named { (name.join(" "), range.join(" ")) } else { (String::new(), chunk.to_owned()) }
}

/// A range with the conditions behind it.
fn read_conditioned(text: &str, depth: usize) -> Meaning {
    if says_all(text) {
        return Meaning::All;
    }
    let Some(at) = start_of_conditions(text) else { return read_listed(text) };
    let (range, conditions) = text.split_at(at);
    let conditions = read_conditions(conditions.trim());
    let range = range.trim().trim_end_matches([',', '|', ' ']);
    if says_nothing(range) || says_all(range) {
        return conditions;
    }
    let range = if depth < DEEPEST { read_text(range, depth + 1) } else { read_listed(range) };
    every(vec![range, conditions])
}

const CONDITIONS: &[&str] = &[
    "with ",
    "running ",
    "on windows",
    "on linux",
    "only when ",
    "when ",
    "installed on ",
    "including ",
    "used with ",
    "model ",
    "models ",
    "using ",
    "that ",
    "which ",
    "serial ",
    "sn ",
    "prior version only ",
    "shipped ",
    "distributed ",
    "manufactured ",
];

/// Where the first condition starts, at the beginning of a word.
fn start_of_conditions(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    CONDITIONS
        .iter()
        .filter_map(|word| {
            let mut from = 0;
            loop {
                let at = from + lower.get(from..)?.find(word)?;
                let before = lower.get(..at)?.chars().next_back();
                if before.is_none_or(|before| !before.is_alphanumeric())
                    && !up_to_and_including(&lower, at)
                {
                    return Some(at);
                }
                from = at + word.len();
            }
        })
        .min()
}

fn up_to_and_including(lower: &str, at: usize) -> bool {
    let before = lower.get(..at).unwrap_or_default().trim_end();
    lower.get(at..).is_some_and(|rest| rest.starts_with("including"))
        && (before.ends_with("and") || before.ends_with("to"))
}

fn read_conditions(text: &str) -> Meaning {
    let lower = text.to_lowercase();
    if let Some(window) = ship_date::window(text) {
        return Meaning::Dated(window);
    }
    if lower.starts_with("serial") || lower.starts_with("sn ") {
        return Meaning::Serial(text.to_owned());
    }
    let text = [
        "with ",
        "running on ",
        "running ",
        "only when ",
        "when ",
        "on ",
        "installed on ",
        "used with ",
        "using ",
    ]
    .iter()
    .find_map(|word| lower.starts_with(word).then(|| text.get(word.len()..)).flatten())
    .unwrap_or(text)
    .trim();
    if let Some(numbers) = strip_word(text, &["models", "model"]) {
        return any(items(numbers)
            .into_iter()
            .map(|item| Meaning::Model(item.to_owned()))
            .collect());
    }
    if let Some((before, example)) = split_at_word(text, " such as ") {
        return any(vec![read_conditions(example), Meaning::Unread(before.to_owned())]);
    }
    if let Some((first, second)) = split_at_word(text, " with ") {
        return every(vec![read_conditions(first), read_conditions(second)]);
    }
    let (outer, inner) = without_parentheses(text);
    if !inner.is_empty() && !outer.is_empty() {
        let notes = inner.iter().filter_map(|note| read_note(note));
        return every([read_conditions(&outer)].into_iter().chain(notes).collect());
    }
    if fitting::names_a_system(text) {
        return Meaning::Runs(text.to_owned());
    }
    read_module(text)
}

/// "Wireless Battery Modules v17 | >= v20D29 | <= v20D32", or an option without a version.
fn read_module(text: &str) -> Meaning {
    let tokens = tokens(text);
    let name: Vec<&str> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word.as_str()),
            _ => None,
        })
        .collect();
    let name = name.join(" ");
    let versions: Vec<Token> =
        tokens.iter().filter(|token| !matches!(token, Token::Word(_))).cloned().collect();
    if name.is_empty() || name.split(' ').count() > 8 {
        return Meaning::Unread(text.to_owned());
    }
    let has_version = versions.iter().any(|token| matches!(token, Token::Version(_)));
    if has_version {
        Meaning::Module(name, Box::new(read_range(&versions, text)))
    } else {
        Meaning::Option(text.to_owned())
    }
}

/// A range, or a list of versions or models.
fn read_listed(text: &str) -> Meaning {
    let all = tokens(text);
    let ranged = all.iter().any(|token| {
        matches!(
            token,
            Token::Sign(_) | Token::Prior | Token::Later | Token::Through | Token::Between
        )
    });
    if ranged {
        return read_range(&all, text);
    }
    if is_labelled_parts(text) {
        return read_labelled_parts(text);
    }
    if let Some((first, rest)) = text.split_once(',')
        && fitting::names_a_system(first)
    {
        return every(
            [first, rest].into_iter().map(|part| read_text(part.trim(), DEEPEST)).collect(),
        );
    }
    any(items(text).into_iter().map(read_item).collect())
}

/// The members of a list, the words that only introduce them dropped.
fn items(text: &str) -> Vec<&str> {
    let mut items = vec![text];
    for between in [" | ", "|", ", and ", ", or ", ",", ";", " and ", " or ", " / ", " & "] {
        items = items.into_iter().flat_map(|item| item.split(between)).collect();
    }
    items.into_iter().map(str::trim).map(without_lead).filter(|item| !says_nothing(item)).collect()
}

fn without_lead(item: &str) -> &str {
    let lower = item.to_lowercase();
    let cut = lower.find("number ").map_or(0, |at| at + "number ".len());
    let item = item.get(cut..).unwrap_or(item).trim();
    strip_word(item, &["models", "model", "and", "or"]).unwrap_or(item)
}

fn read_item(item: &str) -> Meaning {
    if says_all(item) {
        return Meaning::All;
    }
    if fitting::names_a_system(item) && !item.to_lowercase().contains("series") {
        return Meaning::Runs(item.to_owned());
    }
    if strip_last(item, &["edition"]).is_some() {
        return Meaning::Variant(item.to_owned());
    }
    let tokens = tokens(item);
    let versions: Vec<&str> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Version(version) => Some(version.as_str()),
            _ => None,
        })
        .collect();
    let others = tokens.len() - versions.len();
    if others == 0 {
        return any(versions
            .into_iter()
            .flat_map(glued)
            .map(|version| read_version(&version))
            .collect());
    }
    let labelled = matches!(tokens.as_slice(), [Token::Word(label), Token::Version(version)]
        if label.len() <= 4 && (version.contains('.') || label.chars().all(char::is_uppercase)));
    if labelled {
        return Meaning::Exactly(item.to_owned());
    }
    if is_prose(item) { Meaning::Unread(item.to_owned()) } else { Meaning::Model(item.to_owned()) }
}

/// `F.0.G.0` is how a conversion wrote "F.0, G.0" (ICSMA-18-156-01).
fn glued(version: &str) -> Vec<String> {
    let parts: Vec<&str> = version.split('.').collect();
    let letter = |part: &str| part.len() == 1 && part.chars().all(char::is_alphabetic);
    match parts.as_slice() {
        [a, b, c, d] if letter(a) && letter(c) && !letter(b) && !letter(d) => {
            vec![format!("{a}.{b}"), format!("{c}.{d}")]
        }
        _ => vec![version.to_owned()],
    }
}

/// A version, unless it could as well be a model number.
fn read_version(version: &str) -> Meaning {
    match may_be_model(version) {
        _ if is_hyphened(version) && is_wild(version) => Meaning::Model(version.to_owned()),
        true if is_hyphened(version) => Meaning::Model(version.to_owned()),
        true => Meaning::ModelOrVersion(version.to_owned()),
        false => Meaning::Exactly(version.to_owned()),
    }
}

/// `7100`, `650c`, `A51200`, `MMT-1715`; not `11`, `2019`, `A10`, `SR5.1`.
fn may_be_model(version: &str) -> bool {
    if version.contains(['.', ' ', '_']) || version.to_lowercase().contains("edition") {
        return false;
    }
    let digits: String = version.chars().filter(char::is_ascii_digit).collect();
    let year = digits.len() == 4
        && digits == version
        && (digits.starts_with("19") || digits.starts_with("20"));
    let marked = version.get(1..) == Some(digits.as_str()) && version.starts_with(['v', 'V']);
    let zeros = digits.starts_with('0');
    digits.len() >= 3 && !year && !zeros && !marked
}

/// `MMT-1715`, `DH-IPC-HDBW13A0SN`: no version is written like that.
fn is_hyphened(version: &str) -> bool {
    let letters = version
        .split('-')
        .next()
        .is_some_and(|front| front.len() >= 2 && front.chars().any(char::is_alphabetic));
    letters && version.contains('-')
}

/// `DH-NVR1XXX`: a model with places that stand for any.
fn is_wild(version: &str) -> bool {
    version.to_ascii_uppercase().ends_with("XX") && !version.contains('.')
}

/// Words enough for a sentence.
fn is_prose(item: &str) -> bool {
    let words: Vec<&str> = item.split(' ').collect();
    words.len() > 9
        || words.iter().any(|word| {
            matches!(word.to_lowercase().as_str(), "affected" | "including" | "are" | "is" | "may")
        })
}

/// "Version B, Firmware A.01.09, Part #: N/A": several versions of several parts.
fn is_labelled_parts(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("firmware") && lower.contains("version") && lower.contains(',')
}

/// A part of the device by its own version and firmware.
fn read_labelled_parts(text: &str) -> Meaning {
    let part = |label: &str| {
        let mut parts = text.split(',').map(str::trim);
        parts.find_map(|part| strip_word(part, &[label])).map(str::to_owned)
    };
    match (part("version"), part("firmware")) {
        (Some(version), Some(firmware)) => Meaning::Labelled { version, firmware },
        _ => Meaning::Unread(text.to_owned()),
    }
}

/// Versions, signs and the words between them.
fn read_range(tokens: &[Token], text: &str) -> Meaning {
    let mut terms = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = tokens.get(at..).unwrap_or_default();
        let (term, taken) = read_term(rest, text);
        terms.extend(term.map(|meaning| Term {
            meaning,
            apart: at > 0 && tokens.get(at - 1).is_some_and(Token::separates),
        }));
        at += taken.max(1);
    }
    if terms.is_empty() {
        return Meaning::Unread(text.to_owned());
    }
    paired(terms)
}

struct Term {
    meaning: Meaning,
    /// A separator stands before it.
    apart: bool,
}

/// One bound, one pair or one version at the start of the tokens, and how many of them it takes.
fn read_term(tokens: &[Token], text: &str) -> (Option<Meaning>, usize) {
    let upper =
        if text.to_lowercase().contains("excluding") { Relation::Before } else { Relation::UpTo };
    match tokens {
        [open, Token::Version(from), middle, Token::Version(to), ..]
            if opens_pair(open, middle) =>
        {
            (Some(pair(from, upper, to)), 4)
        }
        [Token::Sign(relation), rest @ ..] => read_signed(*relation, rest),
        [Token::Version(version), Token::And | Token::Or | Token::Comma, Token::Prior, ..] => {
            (Some(bound(Relation::UpTo, version)), 3)
        }
        [Token::Version(version), Token::And | Token::Or | Token::Comma, Token::Later, ..] => {
            (Some(bound(Relation::From, version)), 3)
        }
        [Token::Version(version), Token::Prior, ..] => (Some(bound(Relation::UpTo, version)), 2),
        [Token::Version(version), Token::Later, ..] => (Some(bound(Relation::From, version)), 2),
        [Token::Version(from), Token::Through, Token::Version(to), ..] => {
            (Some(pair(from, upper, to)), 3)
        }
        [Token::Version(version), ..] => (Some(Meaning::Exactly(version.clone())), 1),
        [Token::Word(word), ..] if is_condition_word(word) => {
            (Some(Meaning::Unread(text.to_owned())), tokens.len())
        }
        _ => (None, 1),
    }
}

/// "between A and B", ">= A through B".
fn opens_pair(open: &Token, middle: &Token) -> bool {
    match open {
        Token::Between => matches!(middle, Token::And | Token::Through),
        Token::Sign(Relation::From) => {
            matches!(middle, Token::Through | Token::Sign(Relation::UpTo))
        }
        _ => false,
    }
}

/// The version behind a sign, past the names between the two; "and prior" behind it says nothing new.
fn read_signed(relation: Relation, rest: &[Token]) -> (Option<Meaning>, usize) {
    let names = match rest {
        [Token::Word(_), Token::Word(_), Token::Version(_), ..] => 2,
        [Token::Word(_), Token::Version(_), ..] => 1,
        [Token::Version(label), Token::Version(version), ..]
            if is_label(label) && version.contains('.') =>
        {
            1
        }
        _ => 0,
    };
    let is_build = |text: &str| text.len() >= 6 && text.chars().all(|found| found.is_ascii_digit());
    let (version, more) = match rest.get(names..).unwrap_or_default() {
        [Token::Version(version), Token::Version(build), ..] if is_build(build) => {
            (format!("{version} build {build}"), 1)
        }
        [Token::Version(version), Token::And | Token::Or, Token::Prior | Token::Later, ..] => {
            (version.clone(), 2)
        }
        [Token::Version(version), ..] => (version.clone(), 0),
        _ => return (None, 1),
    };
    (Some(Meaning::Bound(relation, version)), 2 + names + more)
}

/// The name of the thing before its version: `IR302 3.5.56` (ICSA-23-012-03).
fn is_label(word: &str) -> bool {
    !word.contains('.') && word.chars().filter(|found| found.is_alphabetic()).count() >= 2
}

/// Words that would change what a range means, if we understood them.
fn is_condition_word(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "except" | "excluding" | "not" | "without" | "unless" | "if" | "patch"
    )
}

fn bound(relation: Relation, version: &str) -> Meaning {
    Meaning::Bound(relation, version.to_owned())
}

fn pair(from: &str, upper: Relation, to: &str) -> Meaning {
    Meaning::Every(vec![bound(Relation::From, from), bound(upper, to)])
}

/// A lower bound and the upper bound behind it belong together; everything else is an alternative.
fn paired(terms: Vec<Term>) -> Meaning {
    let mut alternatives: Vec<Meaning> = Vec::new();
    for term in terms {
        let opens_upward = matches!(
            alternatives.last(),
            Some(Meaning::Bound(Relation::From | Relation::After, _))
        );
        let closes = matches!(term.meaning, Meaning::Bound(Relation::Before | Relation::UpTo, _));
        match (alternatives.last().cloned(), term.meaning) {
            (Some(lower), upper) if opens_upward && closes => {
                alternatives.pop();
                alternatives.push(Meaning::Every(vec![lower, upper]));
            }
            // `A10 < A11`: from the first to the second, and nobody knows whether the second is meant.
            (Some(Meaning::Exactly(from)), Meaning::Bound(relation, to))
                if closes && !term.apart =>
            {
                alternatives.pop();
                alternatives
                    .push(Meaning::Every(vec![bound(Relation::From, &from), bound(relation, &to)]));
                let open_end = format!("{from} < {to}");
                alternatives
                    .push(Meaning::Every(vec![Meaning::Exactly(to), Meaning::Unread(open_end)]));
            }
            (_, meaning) => alternatives.push(meaning),
        }
    }
    any(alternatives)
}

fn any(mut parts: Vec<Meaning>) -> Meaning {
    if parts.contains(&Meaning::All) {
        return Meaning::All;
    }
    match parts.len() {
        0 => Meaning::Unread("(no version named)".to_owned()),
        1 => parts.remove(0),
        _ => Meaning::Any(parts),
    }
}

fn every(mut parts: Vec<Meaning>) -> Meaning {
    if parts.len() > 1 {
        parts.retain(|part| *part != Meaning::All);
    }
    match parts.len() {
        0 => Meaning::All,
        1 => parts.remove(0),
        _ => Meaning::Every(parts),
    }
}

fn strip_word<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| {
        let front = text.get(..word.len())?;
        let rest = text.get(word.len()..)?;
        (front.eq_ignore_ascii_case(word) && rest.starts_with([' ', '#', ':']))
            .then(|| rest.trim_start_matches([' ', '#', ':']))
    })
}

fn split_at_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let at = text.to_ascii_lowercase().find(word)?;
    Some((text.get(..at)?.trim(), text.get(at + word.len()..)?.trim()))
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Sign(Relation),
    Version(String),
    /// "and prior", "or earlier".
    Prior,
    /// "and later", "or newer".
    Later,
    Through,
    Between,
    Or,
    And,
    Comma,
    Word(String),
}

impl Token {
    fn separates(&self) -> bool {
        matches!(self, Token::Or | Token::And | Token::Comma)
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let pieces = pieces(text);
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let rest: Vec<String> = pieces
            .get(at..)
            .unwrap_or_default()
            .iter()
            .take(4)
            .map(|piece| piece.to_lowercase())
            .collect();
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        let after_version = matches!(tokens.last(), Some(Token::Version(_)));
        if let Some((token, taken)) = read_words(&rest, after_version) {
            tokens.extend(token);
            at += taken;
            continue;
        }
        match tokens.last_mut() {
            Some(Token::Version(version)) if belongs_to(version, piece) => {
                version.push(' ');
                version.push_str(piece);
            }
            _ if is_version(piece) => tokens.extend(letter_range(piece)),
            _ => tokens.push(Token::Word(piece.clone())),
        }
        at += 1;
    }
    tokens
}

/// Signs, and the words that stand for one; what begins alike, the longer first.
const SIGNS: &[(&[&str], Relation)] = &[
    (&["<"], Relation::Before),
    (&["<="], Relation::UpTo),
    (&["=<"], Relation::UpTo),
    (&[">"], Relation::After),
    (&[">="], Relation::From),
    (&["=>"], Relation::From),
    (&["prior", "to", "or", "equal"], Relation::UpTo),
    (&["prior", "to"], Relation::Before),
    (&["up", "to", "and", "including"], Relation::UpTo),
    (&["up", "to", "but", "not"], Relation::Before),
    (&["from"], Relation::From),
    (&["since"], Relation::From),
    (&["starting"], Relation::From),
    (&["beginning"], Relation::From),
];

/// Signs, separators and the words of ranges; how many pieces are taken.  `None`: a version or another word.
fn read_words(rest: &[&str], after_version: bool) -> Option<(Option<Token>, usize)> {
    if let Some((words, relation)) = SIGNS.iter().find(|(words, _)| rest.starts_with(words)) {
        return Some((Some(Token::Sign(*relation)), words.len()));
    }
    let than = |relation, or_equal, behind: Token| match rest {
        [_, "than", "or", "equal"] => (Some(Token::Sign(or_equal)), 4),
        [_, "than", ..] => (Some(Token::Sign(relation)), 2),
        [_, next, ..] if !after_version && is_version(next) => (Some(Token::Sign(relation)), 1),
        _ => (Some(behind), 1),
    };
    let through = if after_version { Token::Through } else { Token::Sign(Relation::UpTo) };
    Some(match rest {
        ["|" | "or" | "and/or", ..] => (Some(Token::Or), 1),
        ["and" | "&", ..] => (Some(Token::And), 1),
        ["," | ";" | "/", ..] => (Some(Token::Comma), 1),
        [
            "prior" | "before" | "earlier" | "below" | "lower" | "older" | "previous" | "less",
            ..,
        ] => than(Relation::Before, Relation::UpTo, Token::Prior),
        [
            "later" | "newer" | "above" | "higher" | "greater" | "after" | "onward" | "onwards",
            ..,
        ] => than(Relation::After, Relation::From, Token::Later),
        ["up", "to", ..] => (Some(through), 2),
        ["through", "to", ..] => (Some(Token::Through), 2),
        ["through" | "thru" | "to" | "until" | "till" | "upto" | "-", ..] => (Some(through), 1),
        ["up" | "+", ..] => (Some(Token::Later), 1),
        ["between", ..] => (Some(Token::Between), 1),
        ["=" | "==", ..] => (None, 1),
        [word, ..] if is_noise(word) && !is_qualifier(word) => (None, 1),
        _ => return None,
    })
}

/// Words, signs and separators, each by itself.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut current = String::new();
        let mut sign = false;
        for found in word.chars() {
            let is_sign = matches!(found, '<' | '>' | '=');
            let alone = matches!(found, '|' | ',' | ';');
            if (is_sign != sign || alone) && !current.is_empty() {
                pieces.push(std::mem::take(&mut current));
            }
            sign = is_sign;
            if alone { pieces.push(found.to_string()) } else { current.push(found) }
        }
        let plus = current.ends_with('+')
            && current.len() > 1
            && current.starts_with(|first: char| first.is_ascii_digit());
        if plus {
            current.pop();
        }
        if !current.is_empty() {
            pieces.push(current.trim_end_matches([':', '.']).to_owned());
        }
        if plus {
            pieces.push("+".to_owned());
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// A word with a digit, or one capital letter.
fn is_version(piece: &str) -> bool {
    let one_letter = piece.len() == 1 && piece.chars().all(|found| found.is_ascii_uppercase());
    let letters = matches!(piece.as_bytes(), [one, b'-', other] if one.is_ascii_uppercase() && other.is_ascii_uppercase());
    let wild = piece.len() > 2 && piece.to_lowercase().ends_with(".x");
    one_letter || letters || wild || piece.chars().any(|found| found.is_ascii_digit())
}

/// `J-M` is from J through M.
fn letter_range(piece: &str) -> Vec<Token> {
    match piece.split_once('-') {
        Some((from, to))
            if from.len() == 1
                && to.len() == 1
                && !to.chars().any(|found| found.is_ascii_digit()) =>
        {
            vec![Token::Version(from.to_owned()), Token::Through, Token::Version(to.to_owned())]
        }
        _ => vec![Token::Version(piece.to_owned())],
    }
}

/// Whether a piece continues the version before it: `8.0 SP2`, `5.3.1 build 150410`, `3.0 D15`, `14. x`.
fn belongs_to(version: &str, piece: &str) -> bool {
    let lower = piece.to_lowercase();
    let last = version.rsplit(' ').next().unwrap_or_default().to_lowercase();
    let numbered = is_qualifier(&last) && last.chars().all(char::is_alphabetic);
    let starts_as_number = version.contains('.')
        || version
            .trim_start_matches(['v', 'V', 'R', 'r'])
            .starts_with(|found: char| found.is_ascii_digit());
    let letter_and_digits = {
        let letters = lower.chars().take_while(|found| found.is_alphabetic()).count();
        (1..=4).contains(&letters)
            && lower.len() > letters
            && lower.chars().skip(letters).all(char::is_alphanumeric)
            && !lower.starts_with('v')
    };
    let one_letter = piece.len() == 1 && piece.chars().all(char::is_alphabetic);
    (is_qualifier(&lower) && starts_as_number)
        || (numbered && piece.chars().any(|found| found.is_ascii_digit()))
        || (starts_as_number && (letter_and_digits || one_letter))
        || lower == "x"
        || (starts_as_number && lower == "pack")
}

fn is_qualifier(lower: &str) -> bool {
    let stem = lower.trim_end_matches(|found: char| found.is_ascii_digit());
    matches!(
        stem,
        "sp" | "service"
            | "pack"
            | "build"
            | "bld"
            | "update"
            | "upd"
            | "hf"
            | "hotfix"
            | "patch"
            | "mr"
            | "sr"
            | "gma"
            | "qu"
            | "cu"
            | "beta"
            | "alpha"
            | "rc"
            | "edition"
            | "plus"
            | "mp"
            | "fp"
    )
}

fn is_noise(lower: &str) -> bool {
    matches!(
        lower,
        "version"
            | "versions"
            | "vers"
            | "ver"
            | "v"
            | "v."
            | "all"
            | "any"
            | "firmware"
            | "software"
            | "sw"
            | "fw"
            | "release"
            | "releases"
            | "revision"
            | "revisions"
            | "rev"
            | "level"
            | "the"
            | "of"
            | "are"
            | "is"
            | "affected"
            | "number"
            | "vers."
            | "and"
            | "or"
            | "inclusive"
            | "including"
            | "os"
            | "code"
            | "equal"
            | "than"
            | "only"
            | "through"
            | "os:"
            | "*"
            | ":"
            | "installed"
            | "excluding"
            | "model"
            | "models"
    )
}
