//! Version ranges in free text: `<= 3.4`, `A10 | A11`, `shipped before April 2018`.
//!
//! CISA's medical advisories write ranges for people.  A [`VersionPattern`] is such
//! a text read once (`version_reading.rs` has the grammar) and held against many
//! components.  Three answers are possible; a text that is not understood, or a
//! fact that the inventory lacks, gives [`Holds::Unknown`], never a no.

use super::aliases::number_form;
use super::fitting::{self, Fitted};
use super::ship_date::{self, Window};
use super::version_order::{self, Answer, Relation};
use super::version_reading;
use super::words::{clean, words};
use exposome_model::inventory::{Component, ComponentKind};

/// Which versions an advisory's text means, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPattern {
    text: String,
    meaning: Meaning,
}

/// What a text asks of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    All,
    Bound(Relation, String),
    Exactly(String),
    Dated(Window),
    /// Model names and numbers that stand where a version should.
    Model(String),
    /// `7100`, `A51200`: a model number or a version, the text does not say which.
    ModelOrVersion(String),
    /// An option that must be fitted.
    Option(String),
    /// A module that must be fitted in one of these versions.
    Module(String, Box<Meaning>),
    /// The operating system or program below.
    Runs(String),
    Serial(String),
    Unread(String),
    Any(Vec<Meaning>),
    Every(Vec<Meaning>),
}

/// Whether a component is of a version the text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    Yes {
        because: String,
    },
    No {
        because: String,
    },
    /// `missing_fact`: `firmware version`, `date of manufacture`, `option: wireless`.
    Unknown {
        missing_fact: String,
        because: String,
    },
}

impl VersionPattern {
    pub fn read(text: &str) -> VersionPattern {
        VersionPattern { text: text.trim().to_owned(), meaning: version_reading::read(text) }
    }

    /// The text as the publisher wrote it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether every version is meant, so that no version needs to be known.
    pub fn is_all(&self) -> bool {
        self.meaning == Meaning::All
    }

    /// The parts of the text that were not understood.
    pub fn unread(&self) -> Vec<&str> {
        unread(&self.meaning)
    }

    /// The models that the text lists, where it lists nothing but models:
    /// "Accu-Chek Inform II" as a version of "handheld medical devices".
    pub(super) fn models(&self) -> Option<Vec<&str>> {
        let mut models = Vec::new();
        let sure = collect_models(&self.meaning, &mut models)?;
        sure.then_some(models)
    }

    /// `bill`: everything on the same asset, for modules and the system below.
    pub fn holds(&self, component: &Component, bill: &[Component]) -> Holds {
        asked(&self.meaning, &Asset { component, bill })
    }
}

/// Whether one of them can be nothing but a model; `None` if something else stands among them.
fn collect_models<'a>(meaning: &'a Meaning, models: &mut Vec<&'a str>) -> Option<bool> {
    match meaning {
        Meaning::Model(text) => models.push(text),
        Meaning::ModelOrVersion(text) => {
            models.push(text);
            return Some(false);
        }
        Meaning::Any(parts) => {
            return parts
                .iter()
                .try_fold(false, |sure, part| Some(collect_models(part, models)? || sure));
        }
        _ => return None,
    }
    Some(true)
}

struct Asset<'a> {
    component: &'a Component,
    bill: &'a [Component],
}

impl Asset<'_> {
    fn version(&self) -> Option<&str> {
        let version = self.component.version.as_deref()?.trim();
        (!version.is_empty() && !NO_VERSION.contains(&version.to_lowercase().as_str()))
            .then_some(version)
    }

    fn missing_version(&self) -> &'static str {
        match self.component.kind {
            ComponentKind::Device => "firmware version",
            ComponentKind::System => "operating system version",
            ComponentKind::Application | ComponentKind::Package => "software version",
        }
    }
}

/// What people write into a version field when they do not know it.
const NO_VERSION: &[&str] =
    &["n/a", "na", "unknown", "none", "-", "?", "tbd", "not available", "*"];

fn unread(meaning: &Meaning) -> Vec<&str> {
    match meaning {
        Meaning::Unread(text) => vec![text],
        Meaning::Any(parts) | Meaning::Every(parts) => parts.iter().flat_map(unread).collect(),
        Meaning::Module(_, version) => unread(version),
        _ => Vec::new(),
    }
}

fn asked(meaning: &Meaning, asset: &Asset<'_>) -> Holds {
    match meaning {
        Meaning::All => yes("every version is meant".to_owned()),
        Meaning::Bound(relation, bound) => bounded(*relation, bound, asset),
        Meaning::Exactly(version) => exactly(version, asset),
        Meaning::Dated(window) => dated(*window, asset),
        Meaning::Model(text) => model(text, asset),
        Meaning::ModelOrVersion(text) => model_or_version(text, asset),
        Meaning::Option(text) => option(text, asset),
        Meaning::Module(name, version) => module(name, version, asset),
        Meaning::Runs(text) => runs(text, asset),
        Meaning::Serial(text) => unknown("serial number", format!("it hangs on \"{text}\"")),
        Meaning::Unread(text) => {
            unknown(&format!("a reading of \"{text}\""), format!("\"{text}\" is not understood"))
        }
        Meaning::Any(parts) => any(parts, asset),
        Meaning::Every(parts) => every(parts.iter().map(|part| asked(part, asset))),
    }
}

fn bounded(relation: Relation, bound: &str, asset: &Asset<'_>) -> Holds {
    let Some(installed) = asset.version() else {
        return unknown(
            asset.missing_version(),
            format!("the inventory gives no version to hold against {} {bound}", sign(relation)),
        );
    };
    let because = format!("{installed} against {} {bound}", sign(relation));
    answered(version_order::holds(relation, bound, installed), because, asset)
}

fn exactly(named: &str, asset: &Asset<'_>) -> Holds {
    let Some(installed) = asset.version() else {
        return unknown(
            asset.missing_version(),
            format!("the inventory gives no version to hold against {named}"),
        );
    };
    answered(
        version_order::is_version(named, installed),
        format!("{installed} against version {named}"),
        asset,
    )
}

fn answered(answer: Answer, because: String, asset: &Asset<'_>) -> Holds {
    match answer {
        Answer::Yes => yes(because),
        Answer::No => no(because),
        Answer::TooCoarse => unknown(&format!("full {}", asset.missing_version()), because),
        Answer::TextTooCoarse => {
            unknown("whether the advisory's version includes this release", because)
        }
        Answer::NotComparable => unknown(
            &format!("{} in the advisory's way of counting", asset.missing_version()),
            format!("{because}: not comparable"),
        ),
    }
}

fn dated(window: Window, asset: &Asset<'_>) -> Holds {
    let release_day = asset.version().and_then(|version| ship_date::day(&clean(version)));
    let (day, word) = match (release_day, asset.component.manufactured_on) {
        (Some(day), _) => (day, "released"),
        (None, Some(day)) => (day, "made or shipped"),
        (None, None) => {
            return unknown(
                "date of manufacture or shipment",
                "the range is a date, and no date is known".to_owned(),
            );
        }
    };
    if window.contains(day) {
        yes(format!("{word} on {day}, within the dates named"))
    } else {
        no(format!("{word} on {day}, outside the dates named"))
    }
}

fn option(text: &str, asset: &Asset<'_>) -> Holds {
    fitted(fitting::option(text, asset.component, asset.bill), "option", text)
}

fn runs(text: &str, asset: &Asset<'_>) -> Holds {
    fitted(fitting::system(text, asset.component, asset.bill), "operating system", text)
}

fn fitted(found: Fitted, what: &str, text: &str) -> Holds {
    match found {
        Fitted::Present(written) => yes(format!("\"{written}\" has what \"{text}\" asks")),
        Fitted::Absent(written) => {
            no(format!("\"{text}\" is asked, the inventory says \"{written}\""))
        }
        Fitted::Unstated => unknown(
            &format!("{what}: {text}"),
            format!("the inventory does not say whether \"{text}\" holds"),
        ),
    }
}

fn module(name: &str, version: &Meaning, asset: &Asset<'_>) -> Holds {
    let written = match fitting::module(name, asset.component, asset.bill) {
        Fitted::Present(written) => written,
        Fitted::Absent(written) => {
            return no(format!("\"{name}\" is asked, the inventory says \"{written}\""));
        }
        Fitted::Unstated => {
            return unknown(
                &format!("{name} version"),
                format!("the inventory does not mention a {name}"),
            );
        }
    };
    let Some(installed) = version_in(&written) else {
        return unknown(&format!("{name} version"), format!("\"{written}\" gives no version"));
    };
    let part =
        Component { version: Some(installed), ..Component::new(ComponentKind::Device, name) };
    asked(version, &Asset { component: &part, bill: &[] })
}

/// The last word of a module's text that can be a version: `v17` of "wireless battery module v17".
fn version_in(written: &str) -> Option<String> {
    written
        .split([' ', ',', ':', ';'])
        .rev()
        .find(|word| word.chars().any(|found| found.is_ascii_digit()))
        .map(|word| word.trim_matches(['(', ')']).to_owned())
}

fn model(text: &str, asset: &Asset<'_>) -> Holds {
    let names = NameWords::of(asset.component);
    let (numbers, plain) = number_words(text);
    if numbers.iter().any(|number| names.has(number))
        || (numbers.is_empty() && plain.iter().all(|word| names.has(word)))
    {
        return yes(format!("the name has \"{text}\""));
    }
    if !numbers.is_empty() {
        return numbered(text, &numbers, &names);
    }
    unknown("model", format!("the name does not say whether it is \"{text}\""))
}

fn model_or_version(text: &str, asset: &Asset<'_>) -> Holds {
    let names = NameWords::of(asset.component);
    let number = number_form(text);
    if names.has(&number) {
        return yes(format!("the name has the number {text}"));
    }
    match asset.version().map(|installed| version_order::is_version(text, installed)) {
        Some(Answer::Yes) => yes(format!("the version is {text}")),
        Some(Answer::No)
            if asset
                .version()
                .is_some_and(|installed| shape(&number_form(installed)) == shape(&number)) =>
        {
            no(format!("the version is not {text}"))
        }
        _ => numbered(text, &[number], &names),
    }
}

/// Whether the name has another number of the same make: then it is another model.
fn numbered(text: &str, numbers: &[String], names: &NameWords) -> Holds {
    match numbers.iter().find_map(|number| names.like(number)) {
        Some(other) => no(format!("the name has {other}, the text {text}")),
        None => unknown(
            "model number",
            format!("the inventory gives no number to hold against \"{text}\""),
        ),
    }
}

/// Numbers (words with a digit) and other words of a model text.
fn number_words(text: &str) -> (Vec<String>, Vec<String>) {
    let joined = clean(text).replace('-', "");
    let all: Vec<String> = words(&joined).into_iter().map(|word| word.form).collect();
    all.into_iter()
        .partition(|form| form.len() > 2 && form.chars().any(|found| found.is_ascii_digit()))
}

/// The words of a component's name, also two and two joined.
struct NameWords(Vec<String>);

impl NameWords {
    fn of(component: &Component) -> NameWords {
        let text = [component.called.as_deref().unwrap_or_default(), &component.name].join(" ");
        let single: Vec<String> = words(&clean(&text)).into_iter().map(|word| word.form).collect();
        let joined = single.windows(2).map(<[String]>::concat).collect::<Vec<_>>();
        NameWords([single, joined].concat())
    }

    fn has(&self, form: &str) -> bool {
        self.0.iter().any(|word| word == form)
    }

    /// Another word with the same letters in front and as many digits.
    fn like(&self, number: &str) -> Option<&str> {
        let shape = shape(number);
        self.0.iter().map(String::as_str).find(|word| *word != number && self::shape(word) == shape)
    }
}

/// Letters in front and the count of digits behind them: `MMT-1715` is ("mmt", 4).
fn shape(number: &str) -> (String, usize) {
    let letters: String = number.chars().take_while(|found| !found.is_ascii_digit()).collect();
    let digits = number.chars().filter(char::is_ascii_digit).count();
    (letters, digits)
}

fn any(parts: &[Meaning], asset: &Asset<'_>) -> Holds {
    let parts = of_its_series(parts, asset);
    if parts.is_empty() {
        let because = "the installed version belongs to none of the series named".to_owned();
        return unknown(
            &format!("{} in the advisory's way of counting", asset.missing_version()),
            because,
        );
    }
    let mut undecided = None;
    let mut denied = Vec::new();
    for part in parts {
        match asked(part, asset) {
            Holds::No { because } => denied.push(because),
            it @ Holds::Unknown { .. } => undecided = undecided.or(Some(it)),
            it @ Holds::Yes { .. } => return it,
        }
    }
    undecided.unwrap_or_else(|| no(denied.join("; ")))
}

/// Of several upper bounds (`<= U61 | <= L81`) the one of the installed version's own series decides.
fn of_its_series<'a>(parts: &'a [Meaning], asset: &Asset<'_>) -> Vec<&'a Meaning> {
    let all: Vec<&Meaning> = parts.iter().collect();
    let Some(installed) = asset.version() else { return all };
    let upper = |part: &&Meaning| match part {
        Meaning::Bound(Relation::Before | Relation::UpTo, bound) => {
            Some(version_order::series(bound))
        }
        _ => None,
    };
    let series: Option<Vec<String>> = all.iter().map(upper).collect();
    let Some(series) = series.filter(|all| all.iter().any(|one| !one.is_empty())) else {
        return all;
    };
    let own = version_order::series(installed);
    if own.is_empty() {
        return all;
    }
    all.into_iter().zip(series).filter(|(_, series)| *series == own).map(|(part, _)| part).collect()
}

fn every(parts: impl Iterator<Item = Holds>) -> Holds {
    let mut undecided = None;
    let mut granted = Vec::new();
    for part in parts {
        match part {
            Holds::Yes { because } => granted.push(because),
            it @ Holds::Unknown { .. } => undecided = undecided.or(Some(it)),
            it @ Holds::No { .. } => return it,
        }
    }
    undecided.unwrap_or_else(|| yes(granted.join("; ")))
}

fn sign(relation: Relation) -> &'static str {
    match relation {
        Relation::Before => "<",
        Relation::UpTo => "<=",
        Relation::From => ">=",
        Relation::After => ">",
    }
}

fn yes(because: String) -> Holds {
    Holds::Yes { because }
}

fn no(because: String) -> Holds {
    Holds::No { because }
}

fn unknown(missing_fact: &str, because: String) -> Holds {
    Holds::Unknown { missing_fact: missing_fact.to_owned(), because }
}
