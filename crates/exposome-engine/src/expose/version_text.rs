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
use super::word_class::{Class, class};
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
    /// Another system than this one.
    RunsNot(String),
    /// An edition or regional release, as an option or a version would name it.
    Variant(String),
    /// A part by its version and firmware: "Version B, Firmware A.01.09".
    Labelled {
        version: String,
        firmware: String,
    },
    Serial(String),
    /// Ranges of several products by name: the one of the component's own name counts.
    Clauses(Vec<(String, Meaning)>),
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
        let mut meanings: Vec<Meaning> = Vec::new();
        for row in text.split(BETWEEN_ROWS) {
            match version_reading::read(row) {
                Meaning::Any(parts) => meanings.extend(parts),
                meaning => meanings.push(meaning),
            }
        }
        let one = if meanings.len() == 1 { meanings.pop() } else { None };
        let meaning = one.unwrap_or(Meaning::Any(meanings));
        VersionPattern { text: text.trim().to_owned(), meaning }
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
    /// `announced`: the name before it says that a model follows.
    pub(super) fn models(&self, announced: bool) -> Option<Vec<&str>> {
        let mut models = Vec::new();
        let sure = collect_models(&self.meaning, &mut models)?;
        (sure || announced).then_some(models)
    }

    /// Every version that is named, also as the end of a range.
    pub(super) fn versions(&self) -> Vec<String> {
        let mut named = Vec::new();
        collect_versions(&self.meaning, true, &mut named);
        named
    }

    /// Whether some range of it has an upper end.
    pub(super) fn has_an_end(&self) -> bool {
        has_an_end(&self.meaning)
    }

    /// Whether the text names this very version, not a range that it lies in.
    pub(super) fn names(&self, installed: &str) -> bool {
        let mut named = Vec::new();
        collect_versions(&self.meaning, false, &mut named);
        named.iter().any(|version| version_order::is_written_alike(version, installed))
    }

    /// `bill`: everything on the same asset, for modules and the system below.
    pub fn holds(&self, component: &Component, bill: &[Component]) -> Holds {
        asked(&self.meaning, &Asset { component, bill })
    }
}

/// What stands between the texts of several rows that are one range.
pub(super) const BETWEEN_ROWS: &str = " ‖ ";

fn has_an_end(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Bound(relation, _) => matches!(relation, Relation::Before | Relation::UpTo),
        Meaning::Any(parts) | Meaning::Every(parts) => parts.iter().any(has_an_end),
        _ => false,
    }
}

fn collect_versions(meaning: &Meaning, ends: bool, named: &mut Vec<String>) {
    match meaning {
        Meaning::Exactly(version) => named.push(version.clone()),
        Meaning::Bound(_, version) if ends => named.push(version.clone()),
        Meaning::Any(parts) | Meaning::Every(parts) => {
            for part in parts {
                collect_versions(part, ends, named);
            }
        }
        _ => {}
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
        Meaning::Clauses(clauses) => {
            clauses.iter().flat_map(|(_, meaning)| unread(meaning)).collect()
        }
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
        Meaning::RunsNot(text) => runs_not(text, asset),
        Meaning::Variant(text) => variant(text, asset),
        Meaning::Labelled { version, firmware } => labelled(version, firmware, asset),
        Meaning::Serial(text) => unknown("serial number", format!("it hangs on \"{text}\"")),
        Meaning::Unread(text) => {
            unknown(&format!("a reading of \"{text}\""), format!("\"{text}\" is not understood"))
        }
        Meaning::Clauses(clauses) => clause(clauses, asset),
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

fn runs_not(text: &str, asset: &Asset<'_>) -> Holds {
    match fitting::system(text, asset.component, asset.bill) {
        Fitted::Present(written) => no(format!("\"{text}\" is excepted, it runs \"{written}\"")),
        Fitted::Absent(written) => yes(format!("it runs \"{written}\", not \"{text}\"")),
        Fitted::Unstated => unknown("operating system", format!("\"{text}\" is excepted")),
    }
}

/// An edition is named whole, or another one is: `2nd Edition` and `3rd Edition`.
fn variant(text: &str, asset: &Asset<'_>) -> Holds {
    let forms = |text: &str| -> Vec<String> {
        words(&clean(text)).into_iter().map(|word| word.form).collect()
    };
    let asked = forms(text);
    let component = asset.component;
    let told = component.options.iter().map(String::as_str);
    let told = told.chain(component.version.as_deref()).chain([component.name.as_str()]);
    let mut other = None;
    for told in told.chain(component.called.as_deref()) {
        let given = forms(told);
        if asked.iter().all(|word| given.contains(word)) {
            return yes(format!("\"{told}\" is \"{text}\""));
        }
        if given.last() == asked.last() {
            other = Some(told);
        }
    }
    match other {
        Some(other) => no(format!("\"{text}\" is asked, the inventory says \"{other}\"")),
        None => unknown(text, format!("the inventory does not say whether it is \"{text}\"")),
    }
}

/// Where an option tells both, as "WLAN Version A firmware A.03.09" does.
fn labelled(version: &str, firmware: &str, asset: &Asset<'_>) -> Holds {
    let behind = |text: &str, label: &str| {
        let mut words = text.split(' ').skip_while(|word| !word.eq_ignore_ascii_case(label));
        words.nth(1).map(|word| word.trim_matches(',').to_owned())
    };
    for option in &asset.component.options {
        let (Some(own), Some(runs)) = (behind(option, "version"), behind(option, "firmware"))
        else {
            continue;
        };
        let same = own.eq_ignore_ascii_case(version)
            && version_order::is_version(firmware, &runs) == Answer::Yes;
        let because = format!("\"{option}\" against version {version}, firmware {firmware}");
        return if same { yes(because) } else { no(because) };
    }
    unknown(
        "version and firmware of the part",
        format!("the inventory does not say whether it is version {version}, firmware {firmware}"),
    )
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

fn clause(clauses: &[(String, Meaning)], asset: &Asset<'_>) -> Holds {
    let names = NameWords::of(asset.component);
    let own = |name: &str| {
        let name = name.split(" (").next().unwrap_or(name);
        let telling: Vec<_> =
            words(name).into_iter().filter(|word| class(&word.form) >= Class::Role).collect();
        !telling.is_empty() && telling.iter().all(|word| names.has(&word.form))
    };
    // Of "Horizon Cardiology" and "Cardiology" the longer name is the closer one.
    let found =
        clauses.iter().filter(|(name, _)| own(name)).max_by_key(|(name, _)| words(name).len());
    if let Some((_, meaning)) = found {
        return asked(meaning, asset);
    }
    let listed: Vec<&str> = clauses.iter().map(|(name, _)| name.as_str()).collect();
    unknown("which product of the list it is", format!("the text speaks of {}", listed.join(", ")))
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
    let parts = of_its_line(of_its_series(parts, asset), asset);
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

/// Of several ends that each belong to a release line, the one of the installed version's line:
/// of `< 11.0.6 | < 12.0.4` the first for 11.0.6, of `>= 11.0.6 | >= 12.0.4` the second for 12.0.3.
fn of_its_line<'a>(parts: Vec<&'a Meaning>, asset: &Asset<'_>) -> Vec<&'a Meaning> {
    let Some(installed) = asset.version() else { return parts };
    let end = |part: &'a Meaning, wanted: Relation| match part {
        Meaning::Bound(relation, end) if *relation == wanted => Some(end.as_str()),
        _ => None,
    };
    let mut kept = parts;
    for relation in [Relation::Before, Relation::From] {
        let ends: Vec<&str> = kept.iter().filter_map(|part| end(part, relation)).collect();
        if ends.len() < 2 {
            continue;
        }
        let own = version_order::of_its_line(&ends, installed);
        // Past every line that is named, only the last of them tells.
        let own =
            own.or_else(|| version_order::last_of(&ends).filter(|_| relation == Relation::From));
        let Some(own) = own.and_then(|own| ends.get(own).copied()) else { continue };
        kept.retain(|part| end(part, relation).is_none_or(|end| end == own));
    }
    kept
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

#[cfg(test)]
mod tests {
    use super::*;

    fn device(spec: &str) -> (Component, Vec<Component>) {
        // "name; version 1.2; option x; made 2018-01-31; system Windows XP"
        let mut parts = spec.split("; ");
        let mut device = Component::new(ComponentKind::Device, parts.next().unwrap());
        let mut bill = Vec::new();
        for part in parts {
            let (word, rest) = part.split_once(' ').unwrap();
            match word {
                "version" => device.version = Some(rest.to_owned()),
                "option" => device.options.push(rest.to_owned()),
                "made" => device.manufactured_on = Some(rest.parse().unwrap()),
                "system" => bill.push(Component::new(ComponentKind::System, rest)),
                "program" => bill.push(Component::new(ComponentKind::Application, rest)),
                other => panic!("{other}"),
            }
        }
        (device, bill)
    }

    #[track_caller]
    fn check(text: &str, spec: &str, expected: &str) {
        let (component, bill) = device(spec);
        let told = match VersionPattern::read(text).holds(&component, &bill) {
            Holds::Yes { .. } => "yes".to_owned(),
            Holds::No { .. } => "no".to_owned(),
            Holds::Unknown { missing_fact, .. } => format!("unknown: {missing_fact}"),
        };
        assert_eq!(told, expected, "{text} | {spec}");
    }

    #[test]
    fn every_version_needs_no_version() {
        for text in [
            "vers:all/*",
            "All versions",
            "*",
            "all Service Pack versions",
            "All",
            "(all models)",
            "* (end-of-life 2011)",
        ] {
            check(text, "PrismaFlex", "yes");
        }
    }

    #[test]
    fn bounds_in_signs_and_in_words() {
        // ICSMA-20-317-01, ICSMA-19-164-01, ICSMA-21-161-01, ICSMA-20-196-01, ICSMA-22-062-02
        check("<= 9.33.1", "Alaris; version 9.33.1", "yes");
        check("<= 9.33.1", "Alaris; version 9.33.2", "no");
        check("2.3.6 and  below", "Alaris GS; version 2.3.6", "yes");
        check("All versions prior to 2.2", "Dashboard; version 2.2", "no");
        check("Firmware Versions 9.0.3 and older", "Neuron 2; version 9.0.2", "yes");
        check("Versions 2.0 and later", "Viper LT; version 2.1", "yes");
        check("Versions up to 7.6.2", "PeerVue; version 7.6.3", "no");
        check("prior to Version B.06.18", "MX40; version B.06.17", "yes");
        check("before 4.2.3", "PACS; version 4.2.2", "yes");
        check("< v12.4 (firmware 1.46)", "TBox; version 12.3", "yes");
    }

    #[test]
    fn several_bounds_belong_together() {
        // ICSMA-21-343-01, ICSMA-18-037-02 and the list of 2026 (pynetdicom), ICSA-17-271-01B, ICSA-22-104-05
        check(">= 1.0.0 | <= 1.1.1", "Connex Cardio; version 1.1.2", "no");
        check(">=v1.0.0|<v3.0.4", "pynetdicom; version 3.0.3", "yes");
        check(">=BT02 | <= BT06", "LOGIQ 9; version BT05", "yes");
        check(">=BT02 | <= BT06", "LOGIQ 9; version BT07", "no");
        check("Versions 2.5 through 3.11", "XDS; version 3.2", "yes");
        check("A.01 to C.0x and 4.0", "Efficia; version C.03", "yes");
        check("A.01 to C.0x and 4.0", "Efficia; version 4.0", "yes");
        check(
            "All versions between V3.0 (including) and V3.0.2 (excluding)",
            "X; version 3.0.2",
            "no",
        );
        check(">= V2.0 < V2.1.4", "SC622; version V2.1.3", "yes");
        check("13.2.1 - 13.2.7", "RTU; version 13.2.8", "no");
        check("Rev B-M", "MP70; version M.04", "yes");
        check("Rev B-M", "MP70; version N.01", "no");
    }

    #[test]
    fn several_versions_are_alternatives() {
        // ICSMA-23-331-01, ICSMA-22-151-02, ICSMA-21-019-01, ICSMA-20-170-03
        check("5.0|5.1", "FACSChorus; version 5.1", "yes");
        check("5.0|5.1", "FACSChorus; version 5.2", "no");
        check("4.20 | 4.20 SR1 | 4.30", "Synapsys; version 4.20 SR1", "yes");
        check("(Release 1.3.2 1.4.0 1.4.1 1.4.3 1.4.5)", "Workspot; version 1.4.1", "yes");
        check("(Release 1.3.2 1.4.0 1.4.1 1.4.3 1.4.5)", "Workspot; version 1.4.4", "no");
        check("SW 3.36 and 3.40", "Phoenix; version 3.40", "yes");
        check("V1.1, V1.2, and V1.3", "SiteIQ; version 1.3", "yes");
        check("01-03", "CNS-6201; version 01-03", "yes");
    }

    #[test]
    fn the_series_of_the_installed_version_decides() {
        // ICSMA-20-296-02: U in the United States, L elsewhere
        check("<= U61 |<= L81", "SpaceCom; version L80", "yes");
        check("<= U61 |<= L81", "SpaceCom; version L82", "no");
        check("<= U61 |<= L81", "SpaceCom; version U62", "no");
    }

    #[test]
    fn a_version_that_is_not_known_is_asked_for() {
        check("<= 3.4", "Exchange Client", "unknown: firmware version");
        check("2.X", "B450; version n/a", "unknown: firmware version");
        check(
            "<= VM5.0",
            "EPIQ; version BT02",
            "unknown: firmware version in the advisory's way of counting",
        );
    }

    #[test]
    fn dates_decide_where_the_text_names_dates() {
        // ICSMA-18-107-01, ICSMA-24-249-01
        check("distributed  < april 1, 2018", "Ellipse; made 2018-03-31", "yes");
        check("distributed  < april 1, 2018", "Ellipse; made 2018-04-01", "no");
        check(
            "distributed  < april 1, 2018",
            "Ellipse; version 5",
            "unknown: date of manufacture or shipment",
        );
        check("<8/30/2024", "Connex Health Portal; version 2024-08-29", "yes");
    }

    #[test]
    fn an_option_and_a_date_must_both_hold() {
        // ICSMA-19-353-01
        let text = "with wireless option (shipped between 26-June-2017 through 07-August 2018)";
        check(text, "Pulsera; option wireless; made 2018-01-15", "yes");
        check(text, "Pulsera; option wireless; made 2018-08-08", "no");
        check(text, "Pulsera; option no wireless; made 2018-01-15", "no");
        check(text, "Pulsera; made 2018-01-15", "unknown: option: wireless option");
        check(text, "Pulsera; option wireless", "unknown: date of manufacture or shipment");
    }

    #[test]
    fn a_module_has_its_own_version() {
        // ICSMA-20-170-04
        let text = "v8.x (with Wireless Battery Modules v17 | v17D19 | >= v20D29 | <= v20D32 | >= v22D24 | <= v22D28)";
        check(text, "Spectrum; version 8.00.01; option wireless battery module v20D30", "yes");
        check(text, "Spectrum; version 8.00.01; option wireless battery module v20D33", "no");
        check(text, "Spectrum; version 9.01; option wireless battery module v20D30", "no");
        check(text, "Spectrum; version 8.00.01", "unknown: Wireless Battery Modules version");
        check("v8.x model 35700BAX2", "Spectrum 35700BAX2; version 8.00.01", "yes");
        check("v8.x model 35700BAX2", "Spectrum 35700BAX3; version 8.00.01", "no");
    }

    #[test]
    fn the_system_below_decides_where_it_is_named() {
        // ICSMA-19-241-02, ICSMA-18-277-01
        let old = "* running on old, unsupported operating systems such as Windows 2000";
        check(old, "HDI 4000; system Windows 2000", "yes");
        check(old, "HDI 4000", "unknown: operating system: Windows 2000");
        let web = "<=11.2 on Windows 8.1 with IIS 7.5";
        check(web, "RIS Client; version 11.2; system Windows 8.1; program IIS 7.5", "yes");
        check(web, "RIS Client; version 11.2; system Windows 10; program IIS 7.5", "no");
        check(web, "RIS Client; version 11.3; system Windows 8.1; program IIS 7.5", "no");
    }

    #[test]
    fn numbers_where_versions_belong_are_models() {
        // ICSMA-19-190-01, ICSMA-19-080-01, ICSMA-21-273-01
        check("620 | 650 | 650c", "Carestation 650", "yes");
        check("620 | 650 | 650c", "Carestation 750", "no");
        check("24950 | 24952", "MyCareLink Monitor 24952", "yes");
        check("24950 | 24952", "MyCareLink Monitor", "unknown: model number");
        check("3120", "ZOOM LATITUDE 3120; version 4.03", "yes");
        check("82000684", "PortServer TS 16; version 82000684", "yes");
    }

    #[test]
    fn of_several_products_in_one_text_the_components_own_counts() {
        // CVE-2020-6961 and CVE-2018-10631 as their assigner wrote them
        let text = "ApexPro Telemetry Server Versions 4.2 and prior, CARESCAPE Telemetry Server v4.2 & prior, \
                    Clinical Information Center (CIC) Versions 4.X & 5.X, CARESCAPE Central Station (CSCS) Versions 1.X";
        check(text, "ApexPro Telemetry Server; version 4.1", "yes");
        check(text, "CARESCAPE Central Station; version 2.0", "no");
        check(text, "CARESCAPE Central Station; version 1.3", "yes");
        let text = "8840 N'Vision Clinician Programmer, all versions, and 8870 N'Vision removable Application Card, all versions.";
        check(text, "N'Vision Clinician Programmer 8840", "yes");
        let text = "PrismaFlex all versions, PrisMax all versions prior to 3.x";
        check(text, "PrismaFlex", "yes");
        check(text, "PrisMax; version 3.1", "no");
        check(text, "PrisMax; version 2.4", "yes");
        check(text, "Prisma; version 2.4", "unknown: which product of the list it is");
    }

    #[test]
    fn a_text_that_is_not_understood_is_never_a_no() {
        check("n/a", "X; version 1", "unknown: a reading of \"n/a\"");
        check(
            "2015 and 2021 (Drives manufactured in 2022 are not affected)",
            "GH180; version 2015",
            "unknown: a reading of \"Drives manufactured in 2022 are not affected\"",
        );
        check(
            "some builds of the spring are affected by this",
            "X; version 1",
            "unknown: a reading of \"some builds of the spring are affected by this\"",
        );
        check("SN 138853 and higher", "Battery pack", "unknown: serial number");
    }
}
