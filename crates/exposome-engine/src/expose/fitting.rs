//! Whether an asset has the option, module or operating system that an advisory asks for.
//!
//! "with wireless option", "with Wireless Battery Module v17", "Windows XP-Based": the
//! flaw sits in a part that not every device of the model has.  An inventory that
//! lists options lists what is fitted; one that lists none says nothing.

use super::words::{Word, clean, words};
use exposome_model::inventory::{Component, ComponentKind};
use std::collections::BTreeSet;

/// What the inventory says of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fitted {
    /// With the inventory's own words for it.
    Present(String),
    Absent(String),
    Unstated,
}

/// An option or module, by its telling words.  "Hawkeye 4 / 1" is either of the two.
pub(super) fn option(asked: &str, component: &Component, bill: &[Component]) -> Fitted {
    if let Some((first, second)) = asked.split_once('/')
        && let Some((front, _)) = first.trim().rsplit_once(' ')
        && second.trim().chars().all(|found| found.is_ascii_digit())
    {
        let one = option(first, component, bill);
        let other = || option(&format!("{front} {}", second.trim()), component, bill);
        return if matches!(one, Fitted::Present(_)) { one } else { other() };
    }
    let asked = telling(asked);
    if asked.is_empty() {
        return Fitted::Unstated;
    }
    if let Some(found) = mention(&asked, component, bill) {
        return found;
    }
    match component.options.as_slice() {
        [] => Fitted::Unstated,
        options => Fitted::Absent(options.join(", ")),
    }
}

/// A module of which the version matters: the words with which the inventory mentions it.
/// Options that do not mention it prove nothing, a module is seldom listed as an option.
pub(super) fn module(asked: &str, component: &Component, bill: &[Component]) -> Fitted {
    // "WBM v17" mentions a Wireless Battery Module.
    let initials: String = asked.split(' ').filter_map(|word| word.chars().next()).collect();
    if initials.len() >= 3
        && let Some(found) = mention(&BTreeSet::from([initials.to_lowercase()]), component, bill)
        && matches!(found, Fitted::Present(_))
    {
        return found;
    }
    let asked = telling(asked);
    if asked.is_empty() {
        return Fitted::Unstated;
    }
    mention(&asked, component, bill).unwrap_or(Fitted::Unstated)
}

/// The operating system below, or a program that must run on the same asset.
pub(super) fn system(asked: &str, component: &Component, bill: &[Component]) -> Fitted {
    let asked = telling(asked);
    if asked.is_empty() {
        return Fitted::Unstated;
    }
    let written: Vec<String> = bill
        .iter()
        .filter(|part| part.kind == ComponentKind::System)
        .map(written)
        .chain(component.options.iter().filter(|option| names_a_system(option)).cloned())
        .collect();
    if let Some(text) = written.iter().find(|text| has_all(&asked, text)) {
        return Fitted::Present(text.clone());
    }
    let own = written_name(component);
    if has_all(&asked, &own) {
        return Fitted::Present(own);
    }
    if !asked.iter().any(|word| SYSTEMS.contains(&word.as_str())) {
        return mention(&asked, component, bill).unwrap_or(Fitted::Unstated);
    }
    // "Windows" alone may be any Windows; only a system that says more can differ.
    match written.iter().find(|text| telling(text).len() > 1) {
        Some(text) => Fitted::Absent(text.clone()),
        None => Fitted::Unstated,
    }
}

/// Whether a text speaks of an operating system.
pub(super) fn names_a_system(text: &str) -> bool {
    telling(text).iter().any(|word| SYSTEMS.contains(&word.as_str()))
}

/// The words that tell one part from another.
pub(super) fn telling(text: &str) -> BTreeSet<String> {
    words(&clean(text))
        .into_iter()
        .map(|word| word.form)
        .map(|form| if form == "profesional" { "pro".to_owned() } else { form })
        .filter(|form| !NOT_TELLING.contains(&form.as_str()))
        .collect()
}

/// Levelled forms; see `words::level`.
const NOT_TELLING: &[&str] = &[
    "with",
    "option",
    "optional",
    "module",
    "modul",
    "capability",
    "enabled",
    "enable",
    "instaled",
    "instal",
    "conection",
    "using",
    "the",
    "a",
    "an",
    "of",
    "on",
    "in",
    "only",
    "runing",
    "run",
    "based",
    "and",
    "or",
    "for",
    "equiped",
    "configured",
    "device",
    "unit",
    "version",
    "including",
    "include",
    "operating",
    "system",
    "such",
    "as",
    "old",
    "unsuported",
    "when",
    "feature",
    "fited",
    "microsoft",
    "machine",
    "use",
    "used",
    "interface",
    "to",
    "is",
    "that",
];

const SYSTEMS: &[&str] =
    &["window", "windows", "linux", "android", "io", "ios", "macos", "debian", "ubuntu", "vxwork"];

/// Where the inventory mentions all the words: options first, then the names of everything on the asset.
fn mention(asked: &BTreeSet<String>, component: &Component, bill: &[Component]) -> Option<Fitted> {
    for option in &component.options {
        if has_all(asked, option) || has_number(asked, option) {
            let words = words(&clean(option));
            return Some(if denies(&words) {
                Fitted::Absent(option.clone())
            } else {
                Fitted::Present(option.clone())
            });
        }
        if says_none(option) {
            return Some(Fitted::Absent(option.clone()));
        }
    }
    let own = written_name(component);
    if has_all(asked, &own) {
        return Some(if denies(&words(&clean(&own))) {
            Fitted::Absent(own)
        } else {
            Fitted::Present(own)
        });
    }
    bill.iter().map(written).find(|text| has_all(asked, text)).map(Fitted::Present)
}

/// Whether a part number that is asked for is given, whatever else stands around it.
fn has_number(asked: &BTreeSet<String>, text: &str) -> bool {
    let digits = |word: &&String| word.chars().filter(char::is_ascii_digit).count() >= 3;
    let mut numbers = asked.iter().filter(digits).peekable();
    numbers.peek().is_some() && {
        let given = telling(text);
        numbers.all(|word| given.contains(word))
    }
}

fn has_all(asked: &BTreeSet<String>, text: &str) -> bool {
    let given: BTreeSet<String> =
        words(&clean(&text.replace("Wi-Fi", "wifi").replace("wi-fi", "wifi")))
            .into_iter()
            .map(|word| word.form)
            .map(|form| if form == "profesional" { "pro".to_owned() } else { form })
            .collect();
    // `Bed Wireless` is how one advisory writes iBed Wireless (ICSMA-19-029-01).
    let marked = |word: &String| {
        word.len() >= 3
            && given.iter().any(|own| own.len() == word.len() + 1 && own.ends_with(word))
    };
    asked.iter().all(|word| given.contains(word) || marked(word))
}

pub(super) fn denies(words: &[Word]) -> bool {
    words.iter().any(|word| {
        matches!(
            word.form.as_str(),
            "no" | "not" | "non" | "without" | "none" | "disabled" | "removed" | "wired"
        )
    })
}

fn says_none(option: &str) -> bool {
    let said = words(&clean(option));
    !said.is_empty()
        && said.iter().all(|word| {
            matches!(
                word.form.as_str(),
                "no" | "none" | "standard" | "base" | "basic" | "option" | "without"
            )
        })
}

/// Name and version of a part as one text.
pub(super) fn written(part: &Component) -> String {
    let mut text = written_name(part);
    if let Some(version) = &part.version {
        text.push(' ');
        text.push_str(version);
    }
    text
}

fn written_name(part: &Component) -> String {
    match &part.called {
        Some(called) => format!("{called} {}", part.name),
        None => part.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_options(options: &[&str]) -> Component {
        Component {
            options: options.iter().map(|&option| option.to_owned()).collect(),
            ..Component::new(ComponentKind::Device, "Veradius Unity")
        }
    }

    fn system_of(name: &str, version: &str) -> Component {
        Component {
            version: Some(version.to_owned()),
            ..Component::new(ComponentKind::System, name)
        }
    }

    #[track_caller]
    fn check(actual: &Fitted, expected: &str) {
        let actual = match actual {
            Fitted::Present(text) => format!("present: {text}"),
            Fitted::Absent(text) => format!("absent: {text}"),
            Fitted::Unstated => "unstated".to_owned(),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn an_option_goes_by_several_words() {
        check(&option("with wireless option", &with_options(&["WLAN"]), &[]), "present: WLAN");
        check(
            &option("with wireless option", &with_options(&["Wi-Fi module"]), &[]),
            "present: Wi-Fi module",
        );
    }

    #[test]
    fn a_list_of_options_without_it_means_it_is_not_fitted() {
        check(
            &option("with wireless option", &with_options(&["ViewForum"]), &[]),
            "absent: ViewForum",
        );
        check(
            &option("with wireless option", &with_options(&["no wireless"]), &[]),
            "absent: no wireless",
        );
        check(&option("with wireless option", &with_options(&["none"]), &[]), "absent: none");
        check(&option("with wireless option", &with_options(&[]), &[]), "unstated");
    }

    #[test]
    fn a_module_that_options_do_not_mention_may_still_be_there() {
        check(&module("Wireless Battery Modules", &with_options(&["LVP"]), &[]), "unstated");
        check(
            &module(
                "Wireless Battery Modules",
                &with_options(&["wireless battery module v17"]),
                &[],
            ),
            "present: wireless battery module v17",
        );
    }

    #[test]
    fn the_system_is_what_the_bill_says() {
        let device = Component::new(ComponentKind::Device, "HDI 4000");
        check(
            &system("Windows XP", &device, &[system_of("Windows XP", "SP3")]),
            "present: Windows XP SP3",
        );
        check(&system("Windows XP", &device, &[system_of("Windows", "10")]), "absent: Windows 10");
        check(
            &system("Windows XP", &device, &[system_of("Microsoft Windows XP Professional", "")]),
            "present: Microsoft Windows XP Professional ",
        );
        check(&system("Windows XP", &device, &[]), "unstated");
        check(
            &system("Windows XP", &device, &[Component::new(ComponentKind::System, "Windows")]),
            "unstated",
        );
    }
}
