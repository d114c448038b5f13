//! Releases that a document's remediations call corrected, for one of its products.
//!
//! The tree of a conversion often says "all versions" where a remediation names the
//! release that is out, or gives for one vulnerability a release below the end of the
//! range.  A release counts for a product if its clause names that product, or the
//! remedy is for nothing else; and for a vulnerability unless the clause speaks of
//! others.  An announced release counts too: where it is installed, it is out.

use super::fix_text::{clauses, release_in};
use super::product_reading;
use super::version_order::is_cut_short;
use super::word_class::{Class, class};
use super::words::{clean, words};
use exposome_model::knowledge::{Advisory, Product, Status, VersionRow, Versions};
use std::collections::BTreeSet;

/// What the remediations of one document say of one vulnerability.
pub(super) struct Corrected<'a> {
    clauses: Vec<Clause<'a>>,
    /// How the words of the document's products tell them apart.
    telling: Vec<(&'a str, BTreeSet<String>)>,
}

/// One part of a remediation that names a release.
struct Clause<'a> {
    /// The products the remedy is for; empty: all.
    products: &'a [String],
    words: BTreeSet<String>,
    /// The best share of a product's words that stands in it, in percent.
    best: usize,
    row: VersionRow,
    release: String,
}

impl<'a> Corrected<'a> {
    pub(super) fn of(advisory: &'a Advisory, names: &'a BTreeSet<String>) -> Corrected<'a> {
        let mut corrected = Corrected { clauses: Vec::new(), telling: Vec::new() };
        let texts = advisory.remedies.iter().map(|remedy| (remedy, clean(&remedy.text)));
        for (remedy, text) in texts.filter(|_| names.len() <= MOST_PRODUCTS) {
            for clause in clauses(&text) {
                let Some(release) = release_in(clause) else { continue };
                let row = match Reach::of(clause, advisory) {
                    Reach::This => row(format!(">= {release}"), Status::Fixed),
                    Reach::AllButThis => row(release.clone(), Status::Affected),
                    Reach::Others => continue,
                };
                let (products, words) = (remedy.products.as_slice(), telling_words(clause));
                corrected.clauses.push(Clause { products, words, best: 0, row, release });
            }
        }
        if corrected.clauses.is_empty() {
            return corrected;
        }
        corrected.telling = telling(names);
        for clause in &mut corrected.clauses {
            let shares = corrected.telling.iter().map(|(_, words)| share(words, &clause.words));
            clause.best = shares.max().unwrap_or_default();
        }
        corrected
    }

    /// Rows for one product, to stand before those of the tree; `affected`: the versions named there.
    pub(super) fn rows(&self, product: &Product, affected: &[String]) -> Vec<VersionRow> {
        let name = product.name.as_deref().unwrap_or_default();
        let own = self.telling.iter().find(|(other, _)| *other == name).map(|(_, words)| words);
        let mut rows: Vec<VersionRow> = Vec::new();
        for clause in &self.clauses {
            let for_it = clause.products.is_empty() || clause.products.iter().any(|it| it == name);
            let only = self.telling.len() <= 1 || clause.products.len() == 1;
            let share = own.map_or(0, |own| share(own, &clause.words));
            let meant = if clause.best == 0 { only } else { share == clause.best && share >= 50 };
            // 3.0 says nothing where the tree has `<= 3.0 D15`.
            let coarse = affected.iter().any(|version| is_cut_short(&clause.release, version));
            if for_it && meant && !coarse && !rows.contains(&clause.row) {
                rows.push(clause.row.clone());
            }
        }
        rows
    }
}

/// A document of more products says nothing of one of them in a sentence.
const MOST_PRODUCTS: usize = 400;

fn row(text: String, status: Status) -> VersionRow {
    VersionRow { versions: Versions::Text(text), status }
}

/// Which vulnerabilities a clause speaks of.
enum Reach {
    This,
    AllButThis,
    Others,
}

impl Reach {
    fn of(clause: &str, advisory: &Advisory) -> Reach {
        let lower = clause.to_ascii_lowercase();
        let (counted, excepted) = clause
            .split_once(" except ")
            .or_else(|| clause.split_once(" except for "))
            .unwrap_or((clause, ""));
        if excepted.contains(&advisory.vulnerability) {
            return Reach::AllButThis;
        }
        let ids = |text: &str, front: &str| -> Vec<String> {
            text.split(|found: char| !(found.is_ascii_alphanumeric() || found == '-'))
                .filter(|word| word.starts_with(front))
                .map(str::to_owned)
                .collect()
        };
        let cves = ids(counted, "CVE-");
        let weaknesses = ids(counted, "CWE-");
        let of_this = |named: &[&str]| {
            advisory.weaknesses.iter().any(|weakness| named.contains(&weakness.as_str()))
        };
        let another = (!cves.is_empty() && !cves.contains(&advisory.vulnerability))
            || (!weaknesses.is_empty()
                && !advisory.weaknesses.iter().any(|weakness| weaknesses.contains(weakness)))
            || KINDS.iter().any(|(words, kinds)| lower.contains(words) && !of_this(kinds));
        if another { Reach::Others } else { Reach::This }
    }
}

/// Kinds of weakness that sentences call by name, with their CWE entries.
const KINDS: &[(&str, &[&str])] = &[
    ("hard-coded", &["CWE-259", "CWE-321", "CWE-798"]),
    ("hardcoded", &["CWE-259", "CWE-321", "CWE-798"]),
];

/// The words that tell each product from the others of its document.
fn telling(names: &BTreeSet<String>) -> Vec<(&str, BTreeSet<String>)> {
    let all: Vec<(&str, BTreeSet<String>)> =
        names.iter().map(|name| (name.as_str(), telling_words(name))).collect();
    let mut shared = all.first().map(|(_, words)| words.clone()).unwrap_or_default();
    if all.len() > 1 {
        all.iter().for_each(|(_, words)| shared.retain(|word| words.contains(word)));
    } else {
        shared.clear();
    }
    let own = |words: BTreeSet<String>| words.difference(&shared).cloned().collect();
    all.into_iter().map(|(name, words)| (name, own(words))).collect()
}

/// How many of the words are among others, in percent.
fn share(words: &BTreeSet<String>, among: &BTreeSet<String>) -> usize {
    let hits = words.intersection(among).count();
    (hits * 100).checked_div(words.len()).unwrap_or_default()
}

fn telling_words(text: &str) -> BTreeSet<String> {
    let plain = words(text)
        .into_iter()
        .map(|word| word.form)
        .filter(|form| class(form) >= Class::Role && !form.chars().all(|one| one.is_ascii_digit()));
    let joined = text.split([' ', '/', ',', '(', ')']).flat_map(product_reading::name_words);
    plain.chain(joined.filter(|(_, class)| *class >= Class::Role).map(|(form, _)| form)).collect()
}
