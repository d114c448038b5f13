//! The grammar of product names: from "Pulsera (718095) and Endura (718075)" to alternatives.
//!
//! A name is taken apart from the outside: exclusions ("not including ..."),
//! parentheses (part numbers, short names, options, remarks), options behind
//! "with", then the list of products that remains.

use super::fitting;
use super::model_number::{Model, has_digit, letters_of, read as read_models};
use super::version_order::line_of;
use super::word_class::{Class, class};
use super::words::{level, words};
use std::collections::BTreeSet;

/// A product name taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) alternatives: Vec<Alternative>,
    pub(super) exclusions: Vec<Alternative>,
    pub(super) conditions: Vec<Condition>,
    /// The whole line is meant, whatever stands behind its name: "series", "products".
    pub(super) line: bool,
    /// It ends in a plural that names a kind: "PET/CT Systems".
    pub(super) plural: bool,
}

/// What must be true of the asset beside the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    Option(String),
    System(String),
}

/// One product of the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Alternative {
    pub(super) words: Vec<(String, Class)>,
    /// Of each group one must be there.
    pub(super) models: Vec<Vec<Model>>,
    /// Part and model numbers beside the name: one of them is as good as the name.
    pub(super) numbers: Vec<Model>,
    /// Short names in parentheses: `XTR`.
    pub(super) short: Vec<String>,
    /// Releases in the name: the `8.0.x` of `IntelliSpace Portal 8.0.x`.
    pub(super) releases: Vec<String>,
    /// As written, for telling a person.
    pub(super) written: String,
}

impl Alternative {
    pub(super) fn has_brand(&self) -> bool {
        self.words.iter().any(|(_, class)| *class >= Class::Step)
    }

    /// Forms of which a name has one, if it is this product: the brand words, else all words, and
    /// each joined with its neighbour; `passing`: words that say nothing.
    pub(super) fn telling<'a>(
        &'a self,
        passing: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = String> + 'a {
        let is_brand =
            |(form, class): &(String, Class)| *class >= Class::Step && !passing.contains(form);
        let branded = self.words.iter().any(is_brand);
        let tells = move |word: &(String, Class)| !branded || is_brand(word);
        let alone = self.words.iter().filter(move |word| tells(word)).map(|(form, _)| form.clone());
        let joined = self.words.windows(2).filter_map(move |two| match two {
            [one, other] if tells(one) || tells(other) => Some(format!("{}{}", one.0, other.0)),
            _ => None,
        });
        alone.chain(joined)
    }

    pub(super) fn is_nameless(&self) -> bool {
        self.words.is_empty() && self.models.is_empty() && self.numbers.is_empty()
    }
}

/// Reads a cleaned name.
pub(super) fn read(clean: &str) -> Reading {
    let (name, excluded) = split_exclusions(clean);
    let exclusions = excluded.map(|text| alternatives(&text, &[])).unwrap_or_default();
    let mut reading = Reading { exclusions, ..Reading::default() };
    let (outer, remarks) = split_parentheses(name);
    let outer = read_remarks(&outer, &remarks, &mut reading);
    let outer = split_conditions(&outer, &mut reading.conditions);
    reading.line |= outer.split(' ').any(|word| {
        matches!(level(word.trim_matches(',')).as_str(), "series" | "product" | "family" | "line")
    });
    reading.plural = outer
        .trim_matches(|found: char| !found.is_alphanumeric())
        .rsplit(' ')
        .next()
        .is_some_and(|last| matches!(last.to_lowercase().as_str(), "systems" | "products"));
    let notes: Vec<Note> = remarks.iter().map(|remark| note(remark, &outer)).collect();
    reading.alternatives = alternatives(&outer, &notes);
    reading
}

const EXCLUDING: &[&str] =
    &["not including", "excluding", "except for", "except", "other than", "but not", "without the"];

fn split_exclusions(text: &str) -> (&str, Option<String>) {
    let lower = text.to_ascii_lowercase();
    let place = EXCLUDING.iter().filter_map(|word| Some((lower.find(word)?, word.len()))).min();
    let Some((at, len)) = place else { return (text, None) };
    let (front, tail) = (text.get(..at).unwrap_or(text), text.get(at + len..).unwrap_or_default());
    (
        front.trim().trim_end_matches([',', '(', ' ']),
        Some(tail.trim().trim_end_matches(')').to_owned()),
    )
}

/// The text outside parentheses, with a mark where each stood, and the texts inside.
fn split_parentheses(text: &str) -> (String, Vec<String>) {
    let (mut outer, mut inner) = (String::new(), Vec::<String>::new());
    let mut depth = 0_usize;
    let mut attached = false;
    for found in text.chars() {
        match found {
            '(' if depth == 0 && outer.ends_with(|before: char| before.is_ascii_digit()) => {
                attached = true;
                depth = 1;
                outer.push('(');
            }
            '(' => {
                if depth == 0 {
                    inner.push(String::new());
                    outer.push(MARK);
                }
                depth += 1;
            }
            ')' if attached => {
                attached = false;
                depth = 0;
                outer.push(')');
            }
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 && !attached => {
                if let Some(last) = inner.last_mut() {
                    last.push(found);
                }
            }
            _ => outer.push(found),
        }
        // "((865240/41/42) WLAN" opens twice and closes once (ICSMA-19-255-01).
        if depth == 1 && found == ')' && !attached {
            depth = 0;
        }
    }
    (outer, inner)
}

/// Stands in the outer text where a parenthesis stood.
const MARK: char = '\u{1}';

/// Options, inclusions and remarks that stand in parentheses; the outer text keeps its marks.
fn read_remarks(outer: &str, remarks: &[String], reading: &mut Reading) -> String {
    for remark in remarks {
        let lower = remark.to_lowercase();
        let asks = ["wlan", "wireless", "wi-fi", "wifi", "enabled", "equipped"]
            .iter()
            .any(|word| lower.contains(word));
        if lower.starts_with("incl") {
            reading.line = true;
        } else if lower.starts_with("with ")
            || (asks && !lower.contains("non-") && !lower.contains("without"))
        {
            push_condition(remark, &mut reading.conditions);
        }
    }
    outer.to_owned()
}

fn push_condition(text: &str, conditions: &mut Vec<Condition>) {
    let text = text.trim().trim_matches(MARK).trim();
    let system = fitting::names_a_system(text);
    let text = text.to_owned();
    conditions.push(if system { Condition::System(text) } else { Condition::Option(text) });
}

/// Cuts "with wireless option", "Windows XP-Based", "running on Windows XP", a closing "WLAN" off a name.
fn split_conditions(outer: &str, conditions: &mut Vec<Condition>) -> String {
    let mut name = outer.to_owned();
    let lower = name.to_ascii_lowercase();
    if let Some(at) = lower
        .find("windows")
        .filter(|at| *at > 0 && lower.get(*at..).is_some_and(|rest| rest.contains("based")))
    {
        let system = name.get(at..).unwrap_or_default().replace("-Based", "").replace("-based", "");
        conditions.push(Condition::System(system));
        name.truncate(at);
    }
    for system in ["Android", "iOS"] {
        let app = [" App", " Application", " app", " application"].iter();
        let found = app.filter_map(|app| Some((name.find(&format!(" {system}{app}"))?, app.len())));
        if let Some((at, app)) = found.max() {
            conditions.push(Condition::System(system.to_owned()));
            name.replace_range(at..at + 1 + system.len() + app, " app");
        }
    }
    if let Some(at) = name.find(" w/ ") {
        name.truncate(at);
    }
    for word in [
        " with ",
        " running on ",
        " running ",
        " using ",
        " under ",
        " when ",
        " for windows",
        " for linux",
        " on windows",
    ] {
        let Some(at) = name.to_ascii_lowercase().find(word) else { continue };
        let tail = name.get(at..).unwrap_or_default().trim().to_owned();
        // Marks stay with the name: "(718095) with wireless option".
        if word == " under " || tail.to_lowercase().starts_with("for use") {
            let marks: String = tail.chars().filter(|found| *found == MARK).collect();
            name.truncate(at);
            name.push_str(&marks);
            continue;
        }
        let asked = tail
            .split_once(' ')
            .map_or(tail.as_str(), |(_, asked)| asked)
            .trim_start_matches("on ");
        push_condition(asked, conditions);
        let marks: String =
            name.get(at..).unwrap_or_default().chars().filter(|found| *found == MARK).collect();
        name.truncate(at);
        name.push_str(&marks);
    }
    let trimmed = name.trim_end_matches([' ', MARK]);
    if let Some(front) =
        trimmed.strip_suffix(" WLAN").or_else(|| trimmed.strip_suffix(" WLAN only"))
    {
        conditions.push(Condition::Option("WLAN".to_owned()));
        let marks: String = name
            .get(front.len()..)
            .unwrap_or_default()
            .chars()
            .filter(|found| *found == MARK)
            .collect();
        name = format!("{front}{marks}");
    }
    name
}

/// What a parenthesis adds to the product before it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Note {
    Numbers(Vec<Model>),
    /// The models of a line: "MX (MX400-550)".
    Models(Vec<Model>),
    Short(String),
    /// Releases, as `VxWorks under CURRENT support (6.9.4.11, Vx7 SR540)` lists them.
    Releases(Vec<String>),
    /// `EchoPAC (Turnkey)`.
    Role(String),
    Nothing,
}

fn note(remark: &str, outer: &str) -> Note {
    let lower = remark.to_lowercase();
    if lower.starts_with("incl") {
        let listed = remark.trim_start_matches(|found: char| found.is_lowercase());
        let numbers =
            listed.split([' ', ',']).filter(|piece| has_digit(piece)).flat_map(read_models);
        return Note::Numbers(numbers.collect());
    }
    let listed: Vec<&str> = remark.split(", ").collect();
    let dotted = |part: &&str| part.split('.').count() > 2 && is_release(part);
    if listed.iter().any(dotted) && listed.iter().all(|part| has_digit(part)) {
        let last = |part: &&str| part.rsplit(' ').next().unwrap_or_default().to_owned();
        return Note::Releases(listed.iter().map(last).collect());
    }
    let pieces: Vec<&str> =
        remark.split([' ', ',', ';']).filter(|piece| !piece.is_empty()).collect();
    let numbered =
        |piece: &&str| has_digit(piece) && line_of(piece).is_none() && !is_release(piece);
    let introduced = ["part", "model", "mlfb", "item", "ref", "integrated", "order"]
        .iter()
        .any(|word| lower.contains(word));
    if pieces.iter().any(numbered)
        && (introduced || pieces.iter().all(numbered) || lower.contains(" only"))
    {
        let all: Vec<Model> = pieces
            .iter()
            .filter(|piece| numbered(piece))
            .flat_map(|piece| read_models(piece))
            .collect();
        let of_line = |model: &Model| {
            letters_of(model)
                .is_some_and(|letters| words(outer).iter().any(|word| word.form == letters))
        };
        return if all.iter().all(of_line) { Note::Models(all) } else { Note::Numbers(all) };
    }
    if let [one] = pieces.as_slice()
        && !has_digit(one)
        && abbreviates(one, outer)
    {
        return Note::Short(level(one));
    }
    if let [one] = pieces.as_slice()
        && class(&level(one)) == Class::Role
    {
        return Note::Role(level(one));
    }
    Note::Nothing
}

/// Whether a short name is made of the first letters of words of the name.
pub(super) fn abbreviates(short: &str, outer: &str) -> bool {
    let letters: Vec<char> =
        short.chars().filter(|found| found.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let initials: Vec<char> =
        words(outer).iter().filter_map(|word| word.form.chars().next()).collect();
    let Some(first) = letters.first() else { return false };
    let capitals = short.chars().filter(|found| found.is_uppercase()).count();
    let mut hits = 0;
    let mut at = 0;
    for letter in &letters {
        if let Some(step) =
            initials.get(at..).unwrap_or_default().iter().position(|initial| initial == letter)
        {
            hits += 1;
            at += step + 1;
        }
    }
    (3..=8).contains(&letters.len()) && capitals >= 2 && hits >= 2 && initials.contains(first)
}

/// The products of a list; marks are replaced by the notes, in order.
fn alternatives(text: &str, notes: &[Note]) -> Vec<Alternative> {
    let mut notes = notes.iter();
    let mut all: Vec<Alternative> = Vec::new();
    for segment in segments(text) {
        let next = alternative(&segment, &mut notes);
        let merges = !next.has_brand() && next.short.is_empty();
        match all.last_mut() {
            Some(last) if merges => merge(last, next),
            _ => all.push(next),
        }
    }
    all.retain(|one| !one.is_nameless());
    all
}

fn merge(last: &mut Alternative, next: Alternative) {
    last.words.extend(next.words);
    last.numbers.extend(next.numbers);
    last.releases.extend(next.releases);
    for group in next.models {
        match last.models.last_mut() {
            Some(models) => models.extend(group),
            None => last.models.push(group),
        }
    }
    last.written.push(' ');
    last.written.push_str(&next.written);
}

/// Cuts at commas and "and", and at slashes between names of several words.
fn segments(text: &str) -> Vec<String> {
    let mut segments = vec![text.to_owned()];
    for between in [" | ", ", and ", ", ", ";", " and ", " & ", " / ", " or "] {
        segments =
            segments.iter().flat_map(|segment| segment.split(between)).map(str::to_owned).collect();
    }
    segments
        .iter()
        .flat_map(|segment| split_at_slash(segment))
        .map(|segment| without_context(&segment).to_owned())
        .filter(|segment| !segment.trim().is_empty())
        .collect()
}

/// "Alaris Gateway Workstation Alaris GS" is the Alaris GS beside the workstation (ICSMA-19-164-01).
fn without_context(segment: &str) -> &str {
    let named = words(segment);
    let Some(first) =
        named.first().filter(|word| class(&word.form) == Class::Brand && !has_digit(&word.form))
    else {
        return segment;
    };
    let again = named.iter().skip(2).rfind(|word| word.form == first.form);
    again.and_then(|word| segment.get(word.place.start..)).unwrap_or(segment)
}

/// "Coronary Tools/Dynamic Coronary Roadmap" are two products, "Programmer/Recorder" is one.
fn split_at_slash(segment: &str) -> Vec<String> {
    let is_name = |text: &str| {
        words(text).iter().any(|word| class(&word.form) == Class::Brand && !has_digit(&word.form))
    };
    let mut parts: Vec<String> = Vec::new();
    let mut rest = segment;
    while let Some(at) = rest.find('/') {
        let (front, back) =
            (rest.get(..at).unwrap_or_default(), rest.get(at + 1..).unwrap_or_default());
        let second = back.split('/').next().unwrap_or_default();
        let both_long = front.trim().contains(' ') && second.trim().contains(' ');
        let before = front.rsplit(' ').next().unwrap_or_default();
        let behind = second.trim().split(' ').next().unwrap_or_default();
        let two_names =
            both_long && is_name(front) && is_name(second) && (is_name(before) || is_name(behind));
        let letters = |word: &str| word.len() <= 3 && word.chars().all(char::is_uppercase);
        if !two_names || has_digit(before) || (letters(before) && letters(behind)) {
            break;
        }
        parts.push(front.to_owned());
        rest = back;
    }
    parts.push(rest.to_owned());
    parts
}

fn alternative<'a>(segment: &str, notes: &mut impl Iterator<Item = &'a Note>) -> Alternative {
    let mut one = Alternative {
        written: segment.replace(MARK, "").trim().to_owned(),
        ..Alternative::default()
    };
    let spaced = segment.replace(MARK, " \u{1} ");
    let pieces: Vec<&str> = spaced.split(' ').filter(|piece| !piece.is_empty()).collect();
    let mut at = 0;
    let mut last_was_model = false;
    while let Some(piece) = pieces.get(at) {
        let next = pieces.get(at + 1).copied().unwrap_or_default();
        if at > 0 && opens_versions(piece, next) {
            break;
        }
        at += 1;
        if piece.starts_with(MARK) {
            match notes.next() {
                Some(Note::Numbers(numbers)) => one.numbers.extend(numbers.clone()),
                Some(Note::Models(models)) => one.models.push(models.clone()),
                Some(Note::Short(short)) => one.short.push(short.clone()),
                Some(Note::Releases(releases)) => one.releases.extend(releases.clone()),
                Some(Note::Role(role)) => one.words.push((role.clone(), Class::Role)),
                Some(Note::Nothing) | None => {}
            }
            continue;
        }
        let next = pieces.get(at).copied().unwrap_or_default();
        let models = match joined(piece, next) {
            Some(mut whole) => {
                at += 1;
                while let Some(longer) = pieces.get(at).and_then(|next| joined(&whole, next)) {
                    whole = longer;
                    at += 1;
                }
                read_models(&whole)
            }
            None => read_piece(piece, &mut one),
        };
        // `882300` is a catalogue number beside a name, `24950` may be the name itself.
        let long = |model: &Model| matches!(model, Model::One(one) if one.len() >= 6 && one.chars().all(|found| found.is_ascii_digit()));
        let before =
            at.checked_sub(2).and_then(|at| pieces.get(at)).map(|before| before.to_lowercase());
        let introduced = before.is_some_and(|before| {
            matches!(before.trim_end_matches([':', '.']), "number" | "no" | "p/n" | "#")
        });
        if models.iter().any(long) || (introduced && !models.is_empty()) {
            one.numbers.extend(models);
            continue;
        }
        let is_model = !models.is_empty();
        match one.models.last_mut() {
            Some(group) if last_was_model && same_make(group, &models) => group.extend(models),
            _ if is_model => one.models.push(models),
            _ => {}
        }
        last_was_model = is_model;
    }
    one.words.dedup();
    one
}

/// `PrismaFlex all versions`: some records repeat the range behind the name.
fn opens_versions(piece: &str, next: &str) -> bool {
    let (piece, next) = (piece.to_lowercase(), next.to_lowercase());
    match piece.as_str() {
        "all" => next.starts_with("version"),
        "version" | "versions" => !next.is_empty(),
        "prior" => next == "to",
        _ => false,
    }
}

/// A word without a model goes to the words; a number comes back.
fn read_piece(piece: &str, one: &mut Alternative) -> Vec<Model> {
    let piece = piece.trim_matches([',', ':', '.', '"', '\'', '#']);
    if is_release(piece) || line_of(piece).is_some_and(|_| piece.contains('.')) {
        one.releases.extend(piece.split('/').map(str::to_owned));
        return Vec::new();
    }
    if is_field_strength(piece) {
        one.words.push((super::aliases::number_form(piece), Class::Kind));
        return Vec::new();
    }
    if has_digit(piece) || is_wild(piece) {
        return read_models(piece);
    }
    let parts: Vec<&str> = piece.split('/').filter(|part| !part.is_empty()).collect();
    let named = |part: &&str| class(&level(part)) == Class::Brand;
    if parts.len() > 1 && parts.iter().all(named) && parts.iter().all(|part| part.len() > 1) {
        return parts.iter().map(|part| Model::One(super::aliases::number_form(part))).collect();
    }
    for part in parts {
        one.words.extend(name_words(part));
    }
    Vec::new()
}

/// The words of a piece without digits; parts of one letter belong to their neighbours: `e-Alert`, `CRT-D`.
pub(super) fn name_words(piece: &str) -> Vec<(String, Class)> {
    let found = words(piece);
    let forms: Vec<String> =
        if found.len() > 1 && found.iter().any(|word| word.written.chars().count() == 1) {
            vec![found.iter().map(|word| word.written.to_lowercase()).collect::<String>()]
        } else {
            found.into_iter().map(|word| word.form).collect()
        };
    forms
        .into_iter()
        .map(|form| (class(&form), form))
        .filter(|(class, _)| *class != Class::Noise)
        .map(|(class, form)| (form, class))
        .collect()
}

/// `EC 40`, `ELI 150c/BUR 150c`: short capitals and the number behind them are one model.
fn joined(piece: &str, next: &str) -> Option<String> {
    let (front, last) = piece.rsplit_once('/').unwrap_or(("", piece));
    let longest = if front.is_empty() { 4 } else { 6 };
    let capitals =
        (1..=longest).contains(&last.len()) && last.chars().all(|found| found.is_ascii_uppercase());
    let number = next.starts_with(|found: char| found.is_ascii_digit())
        && !is_release(next)
        && line_of(next).is_none();
    if !(capitals && number && class(&level(last)) == Class::Brand) {
        return None;
    }
    // `TS 8/16` is TS 8 and TS 16.
    let plain = next.split('/').all(|part| part.chars().all(|found| found.is_ascii_digit()));
    let each = plain && front.is_empty() && next.contains('/');
    Some(if each {
        next.split('/').map(|part| format!("{piece}{part}")).collect::<Vec<_>>().join("/")
    } else {
        format!("{piece}{next}")
    })
}

/// `EMAAxx`: letters, and what stands for any.
fn is_wild(piece: &str) -> bool {
    let stem = piece.trim_end_matches(['x', 'X']);
    piece.len() - stem.len() >= 2
        && stem.len() >= 2
        && stem.chars().all(|found| found.is_ascii_uppercase() || found == '-')
}

/// `1.5T`, `3.0T`: the strength of a magnet, left out at will.
fn is_field_strength(piece: &str) -> bool {
    let number = piece.strip_suffix('T').unwrap_or_default();
    (1..=3).contains(&number.len())
        && number.chars().all(|found| found.is_ascii_digit() || found == '.')
}

/// `8.0.x`, `2.0/2.5`, `V13`, `4.4u2`: a release, not a model.
pub(super) fn is_release(piece: &str) -> bool {
    let bare = piece.trim_start_matches(['v', 'V']);
    let dotted =
        bare.contains('.') && bare.split('.').all(|part| !part.is_empty() && part.len() <= 6);
    let numbers = bare
        .chars()
        .all(|found| found.is_ascii_digit() || matches!(found, '.' | '/' | 'x' | 'X' | 'u'));
    let starts = bare.starts_with(|found: char| found.is_ascii_digit());
    starts
        && ((dotted && numbers)
            || (bare.len() < piece.len()
                && bare.len() <= 3
                && bare.chars().all(|found| found.is_ascii_digit())))
}

/// Neighbours such as `TC10 TC20` or `5210 5230` are a list; `CPU 1518-4 PN` are not.
fn same_make(group: &[Model], next: &[Model]) -> bool {
    let letters = |model: &Model| match model {
        Model::One(text) | Model::Like(text) => {
            text.chars().take_while(|found| !found.is_ascii_digit()).collect::<String>()
        }
        Model::Range { letters, .. } => letters.clone(),
    };
    match (group.first(), next.first()) {
        (Some(one), Some(other)) => letters(one) == letters(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expose::words::clean;

    #[track_caller]
    fn check(name: &str, expected: &str) {
        let reading = read(&clean(name));
        let mut told: Vec<String> = reading.alternatives.iter().map(tell).collect();
        told.extend(reading.exclusions.iter().map(|one| format!("not {}", tell(one))));
        told.extend(reading.conditions.iter().map(|condition| format!("{condition:?}")));
        if reading.line {
            told.push("line".to_owned());
        }
        assert_eq!(told.join(" | "), expected, "{name}");
    }

    fn tell(one: &Alternative) -> String {
        let form = |model: &Model| match model {
            Model::One(text) | Model::Like(text) => text.clone(),
            Model::Range { letters, from, to } => format!("{letters}{from}..{to}"),
        };
        let list = |models: &[Model]| models.iter().map(form).collect::<Vec<_>>().join("/");
        let mut told: Vec<String> = one
            .words
            .iter()
            .map(
                |(word, class)| {
                    if *class >= Class::Step { word.to_uppercase() } else { word.clone() }
                },
            )
            .collect();
        told.extend(one.models.iter().map(|group| format!("[{}]", list(group))));
        if !one.numbers.is_empty() {
            told.push(format!("#{}", list(&one.numbers)));
        }
        told.extend(one.short.iter().map(|short| format!("={short}")));
        told.extend(one.releases.iter().map(|release| format!("@{release}")));
        told.join(" ")
    }

    #[test]
    fn part_numbers_in_parentheses_belong_to_the_name_before_them() {
        check("Pulsera (718095) and Endura (718075)", "PULSERA #718095 | ENDURA #718075");
        check("Valleylab FT10 Energy Platform (VLFT10GEN)", "VALEYLAB energy [ft10] #vlft10gen");
        check(
            "Xhibit Telemetry Receiver (XTR) Model number 96280",
            "XHIBIT telemetry receiver #96280 =xtr",
        );
    }

    #[test]
    fn lists_of_models_are_one_group() {
        check(
            "PageWriter TC10 TC20 TC30 TC50 TC70 Cardiographs",
            "PAGEWRITER cardiograph [tc10/tc20/tc30/tc50/tc70]",
        );
        check(
            "Avalon Fetal/Maternal Monitors FM20/FM30/FM40/FM50",
            "AVALON fetal maternal monitor [fm20/fm30/fm40/fm50]",
        );
        check("NPort 5210 5230 and 5232", "NPORT [5210/5230/5232]");
        check(
            "IntelliVue MP monitors MX800/700/600 ((865240/41/42) WLAN",
            "INTELIVUE MP monitor [mx800/mx700/mx600] #865240/865241/865242 | Option(\"WLAN\")",
        );
        check(
            "Welch Allyn ELI 250c/BUR 250c Resting Electrocardiograph",
            "WELCH ALYN resting electrocardiograph [eli250c/bur250c]",
        );
        check("IntelliBridge EC 40 Hub", "INTELIBRIDGE hub [ec40]");
    }

    #[test]
    fn names_of_a_list_are_alternatives() {
        check("Ultrasound EPIQ/Affiniti", "ultrasound [epiq/affiniti]");
        check(
            "Coronary Tools/Dynamic Coronary Roadmap/Stentboost Live",
            "CORONARY tool | DYNAMIC CORONARY ROADMAP | STENTBOST LIVE",
        );
        check(
            "ZOOM LATITUDE Programmer/Recorder/Monitor (PRM) - Model 3120",
            "ZOOM LATITUDE programer recorder monitor [3120] =prm",
        );
    }

    #[test]
    fn exclusions_are_read_like_names() {
        check("Vivid products, not including EchoPAC", "VIVID | not ECHOPAC | line");
        check(
            "Venue, not including Venue 40 R1-3 and Venue 50 R4-5",
            "VENUE | not VENUE [40] [r1..3] | not VENUE [50] [r4..5]",
        );
    }

    #[test]
    fn options_and_systems_are_conditions() {
        check(
            "IntelliVue MX40 Patient Worn Monitor (WLAN only)",
            "INTELIVUE patient worn monitor [mx40] | Option(\"WLAN only\")",
        );
        check(
            "Siemens SPECT Workplaces/Symbia.net Windows XP-Based",
            "SIEMEN spect workplace SYMBIA NET | System(\"Windows XP\")",
        );
        check(
            "S3 MedSurg Bed (enabled with iBed Wireless)",
            "MEDSURG bed [s3] | Option(\"enabled with iBed Wireless\")",
        );
        check("Digi RealPort for Linux", "DIGI REALPORT | System(\"Linux\")");
    }

    #[test]
    fn a_release_in_the_name_is_not_a_model() {
        check("IntelliSpace Portal 8.0.x", "INTELISPACE portal @8.0.x");
        check("Xeleris 3.1", "XELERI @3.1");
        check(
            "Baxter PrismaFlex all versions, PrisMax all versions prior to 3.x",
            "BAXTER PRISMAFLEX | PRISMAX",
        );
        check(
            "eNTEGRA 2.0/2.5 Processing and Review Workstation",
            "ENTEGRA procesing review workstation @2.0 @2.5",
        );
    }
}
