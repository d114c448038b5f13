//! Which products a vulnerability's own note speaks of.
//!
//! CISA's conversions give every vulnerability of an advisory the whole list of
//! products, while the note of one begins `In FACSChorus v5.0 and v5.1 ...` or `The
//! PrismaFlex device contains ...`.  Where the notes of one document tell its products
//! apart like that, a product counts for a vulnerability only if the note names it.
//!
//! A product that no note names, or a document whose notes all speak of "the affected
//! products", is left as the publisher has it.

use std::collections::BTreeSet;

/// A product of the tree, as its names stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
}

/// What a note leaves of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Left {
    /// As the tree has it.
    Whole,
    /// The note speaks of others.
    Nothing,
    /// Only with a module in these versions, as a version text of the tree would have it.
    With(String),
}

/// For each note, what it leaves of each product.
pub(super) fn limits(notes: &[String], products: &[Named<'_>]) -> Vec<Vec<Left>> {
    let heads: Vec<BTreeSet<String>> = notes.iter().map(|note| forms(head(note))).collect();
    // A component of the products is in all of them (ICSA-20-353-01).
    let heads: Vec<BTreeSet<String>> = heads
        .into_iter()
        .map(|head| if head.contains("component") { BTreeSet::new() } else { head })
        .collect();
    let telling = telling(products);
    let named: Vec<Vec<bool>> =
        heads.iter().map(|head| telling.iter().map(|own| is_named(own, head)).collect()).collect();
    // Elsewhere the product is named, or everything is meant.
    let counts_elsewhere = |note: usize, product: usize| {
        (0..).zip(&named).any(|(other, named)| {
            let all = !named.contains(&true);
            other != note && (all || named.get(product) == Some(&true))
        })
    };
    let limit = |note: usize, (text, named): (&String, &Vec<bool>)| -> Vec<Left> {
        if let Some(module) = Module::of(head(text), products) {
            return products.iter().map(|product| module.limit(product)).collect();
        }
        let in_version = heads.get(note).map(|head| of_version(products, named, head));
        let in_version = in_version.unwrap_or_default();
        (0..products.len())
            .map(|place| {
                let is_meant = !named.contains(&true)
                    || (named.get(place) == Some(&true) && in_version.get(place) != Some(&false));
                let whole = is_meant || !counts_elsewhere(note, place);
                if whole { Left::Whole } else { Left::Nothing }
            })
            .collect()
    };
    notes.iter().zip(&named).enumerate().map(|(note, pair)| limit(note, pair)).collect()
}

/// The part of the first sentence that says what is vulnerable, before it says how.
fn head(note: &str) -> &str {
    let note = note.trim();
    let end = ENDS.iter().filter_map(|word| note.find(word)).min().unwrap_or(0);
    let end = end.min(note.find(". ").unwrap_or(end));
    note.get(..end).unwrap_or_default()
}

const ENDS: &[&str] = &[
    ", the ",
    ", when ",
    ", an ",
    " allows",
    " allow ",
    " contain",
    " does ",
    " do ",
    " is ",
    " are ",
    " has ",
    " have ",
    " may ",
    " could ",
    " can ",
    " enable",
    " operates",
    " store",
    " uses ",
    " use ",
    " fail",
    " lack",
    " transmit",
    " grants",
    " utiliz",
    " runs ",
];

/// Words in small letters; of a plural the singular.
fn forms(text: &str) -> BTreeSet<String> {
    text.split(|found: char| !(found.is_alphanumeric() || matches!(found, '.' | '+')))
        .map(|word| word.trim_matches('.').to_lowercase())
        .filter(|word| !word.is_empty())
        .map(|word| match word.strip_suffix('s') {
            Some(one) if word.len() > 4 => one.to_owned(),
            _ => word,
        })
        .collect()
}

/// The words that tell each product from the others: those of its name outside parentheses.
fn telling(products: &[Named<'_>]) -> Vec<BTreeSet<String>> {
    let all: Vec<BTreeSet<String>> = products
        .iter()
        .map(|product| {
            let name = product.name.rsplit(" - ").next().unwrap_or(product.name);
            forms(name.split('(').next().unwrap_or(name))
        })
        .collect();
    let mut shared = all.first().cloned().unwrap_or_default();
    for words in &all {
        shared.retain(|word| words.contains(word));
    }
    all.iter().map(|words| words.difference(&shared).cloned().collect()).collect()
}

/// At least half of the words; a product that has none of its own is named with the others.
fn is_named(own: &BTreeSet<String>, head: &BTreeSet<String>) -> bool {
    let hits = own.iter().filter(|word| head.contains(*word)).count();
    !head.is_empty() && hits * 2 >= own.len()
}

/// Of the products named, those whose versions are, where those of some are.  A range counts as named.
fn of_version(products: &[Named<'_>], named: &[bool], head: &BTreeSet<String>) -> Vec<bool> {
    let is_in = |product: &Named<'_>| {
        let version = product.version.split('(').next().unwrap_or(product.version);
        let numbers = forms(version).into_iter().filter(|word| word.contains(char::is_numeric));
        let numbers: Vec<String> = numbers.collect();
        let bare = |word: &String| word.strip_prefix('v').unwrap_or(word).to_owned();
        let given = |word: &String| head.iter().any(|other| bare(other) == bare(word));
        let open = version.contains(['<', '>', '*']) || numbers.is_empty();
        (open, numbers.iter().any(given))
    };
    let told: Vec<(bool, bool)> = products.iter().map(is_in).collect();
    let some = told.iter().zip(named).any(|((_, given), named)| *given && *named);
    told.into_iter().map(|(open, given)| open || given || !some).collect()
}

/// `WBM (v17, v20D29 to v20D32)`: the initials of a module that some products name, and its versions.
struct Module {
    initials: String,
    versions: Option<String>,
}

impl Module {
    fn of(head: &str, products: &[Named<'_>]) -> Option<Module> {
        let capitals = |word: &&str| {
            (3..=5).contains(&word.len()) && word.chars().all(|found| found.is_ascii_uppercase())
        };
        let words = head.split(|found: char| !found.is_alphanumeric());
        let initials = words.filter(capitals).find(|word| {
            let having = products.iter().filter(|product| module_name(product, word).is_some());
            (1..products.len()).contains(&having.count())
        })?;
        let behind = head.get(head.find(initials)? + initials.len()..)?.trim_start();
        let listed = behind.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let versions = listed.map(|(listed, _)| as_range(listed));
        Some(Module { initials: initials.to_owned(), versions })
    }

    fn limit(&self, product: &Named<'_>) -> Left {
        let Some(name) = module_name(product, &self.initials) else { return Left::Nothing };
        let device = product.version.split('(').next().unwrap_or_default().trim();
        match &self.versions {
            Some(versions) => Left::With(format!("{device} (with {name} {versions})")),
            None => Left::Whole,
        }
    }
}

/// The words behind "with" that begin with these letters: "Wireless Battery Modules" for WBM.
fn module_name(product: &Named<'_>, initials: &str) -> Option<String> {
    let (_, behind) = product.version.split_once("with ")?;
    let words: Vec<&str> = behind.split(' ').take(initials.len()).collect();
    let own: String = words.iter().filter_map(|word| word.chars().next()).collect();
    own.eq_ignore_ascii_case(initials).then(|| words.join(" "))
}

/// `v17, v20D29 to v20D32, and v22D19` as the tree writes a list.
fn as_range(listed: &str) -> String {
    let parts = listed.split(", ").flat_map(|part| part.split(" and "));
    let parts = parts.map(|part| part.trim().trim_start_matches("and ").trim());
    let ranges = parts.filter(|part| !part.is_empty()).map(|part| match part.split_once(" to ") {
        Some((from, to)) => format!(">= {from} | <= {to}"),
        None => part.to_owned(),
    });
    ranges.collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Products as `name @ version`; what is left of each, one a word.
    #[track_caller]
    fn check(notes: &[&str], products: &[&str], expected: &[&str]) {
        let notes: Vec<String> = notes.iter().map(|note| (*note).to_owned()).collect();
        let products: Vec<Named<'_>> = products
            .iter()
            .map(|text| text.split_once(" @ ").unwrap_or((text, "")))
            .map(|(name, version)| Named { name, version })
            .collect();
        let told: Vec<String> = limits(&notes, &products)
            .iter()
            .map(|left| left.iter().map(in_words).collect::<Vec<_>>().join("; "))
            .collect();
        assert_eq!(told, expected);
    }

    fn in_words(left: &Left) -> String {
        match left {
            Left::Whole => "whole".to_owned(),
            Left::Nothing => "nothing".to_owned(),
            Left::With(text) => text.clone(),
        }
    }

    #[test]
    fn a_note_that_begins_with_one_product_is_about_that_product() {
        // ICSMA-20-170-02
        check(
            &[
                "The affected devices do not implement encryption.",
                "The PrismaFlex device contains a password.",
            ],
            &["PrisMax @ < 3.x", "PrismaFlex @ vers:all/*"],
            &["whole; whole", "nothing; whole"],
        );
    }

    #[test]
    fn a_note_that_begins_with_some_versions_is_about_those() {
        // ICSMA-23-331-01
        check(
            &[
                "In BD FACSChorus v5.0, v5.1, v3.0, and v3.1, the system does not restrict ports.",
                "In BD FACSChorus v5.0 and v5.1, the software contains plain text.",
            ],
            &["BD FACSChorus (HP Z2 G9) @ 5.0|5.1", "BD FACSChorus (HP Z2 G5) @ 3.0|3.1"],
            &["whole; whole", "whole; nothing"],
        );
    }

    #[test]
    fn a_product_that_no_note_names_is_left_as_it_is() {
        // ICSMA-20-296-02
        let note = "An issue in the B. Braun SpaceCom Version L81 and earlier allows attackers in.";
        check(
            &[note, note],
            &["SpaceCom @ <= U61", "Battery pack with Wi-Fi @ <= U61"],
            &["whole; whole", "whole; whole"],
        );
    }

    #[test]
    fn a_note_on_a_module_gives_the_modules_versions() {
        // ICSMA-20-170-04, shortened
        check(
            &[
                "Sigma Spectrum Version(s) 6.x (model 35700BAX) and Baxter Spectrum 8.x contain it.",
                "The Baxter Spectrum WBM (v17, v20D29 to v20D32) operates a service.",
            ],
            &[
                "Sigma Spectrum @ v6.x model 35700BAX",
                "Sigma Spectrum LVP @ v6.x (with Wireless Battery Modules v9 | v17)",
                "Baxter Spectrum @ v9.x model 35700BAX3",
            ],
            &[
                "whole; whole; nothing",
                "nothing; v6.x (with Wireless Battery Modules v17 | >= v20D29 | <= v20D32); nothing",
            ],
        );
    }
}
