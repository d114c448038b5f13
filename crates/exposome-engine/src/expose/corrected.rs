//! Releases that a document's remediations call corrected, for one of its products.
//!
//! The tree of a conversion often says "all versions" where a remediation names the
//! release that is out, or gives for one vulnerability a release below the end of the
//! range.  A release counts for a product if its clause names that product, or the
//! remedy is for nothing else; and for a vulnerability unless the clause speaks of
//! others.  An announced release counts too: where it is installed, it is out.

use super::fix_text::{clauses, release_in};
use super::product_reading;
use super::version_order::{is_cut_short, series};
use super::version_text::{BETWEEN_ROWS, Holds, VersionPattern};
use super::word_class::{Class, class};
use super::words::{clean, words};
use exposome_model::inventory::{Component, ComponentKind};
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
    /// How well the product that fits it best fits.
    best: Fit,
    /// It is plainly about one product, or about those that its remedy lists.
    is_of_one: bool,
    release: String,
    reach: Reach,
}

/// How much of a product's telling words stands in a clause: in percent, and how many.
type Fit = (usize, usize);

impl<'a> Corrected<'a> {
    pub(super) fn of(advisory: &'a Advisory, names: &'a BTreeSet<String>) -> Corrected<'a> {
        let mut corrected = Corrected { clauses: Vec::new(), telling: Vec::new() };
        let texts = advisory.remedies.iter().map(|remedy| (remedy, clean(&remedy.text)));
        for (remedy, text) in texts.filter(|_| names.len() <= MOST_PRODUCTS) {
            for clause in clauses(&text).into_iter().filter(|one| !one.contains("mobile app")) {
                let Some(release) = release_in(clause) else { continue };
                let reach = Reach::of(clause, advisory);
                let told = clause.split(" separate from ").next().unwrap_or(clause);
                let (products, words) = (remedy.products.as_slice(), telling_words(told));
                if reach != Reach::Others {
                    let (best, is_of_one) = (Fit::default(), !products.is_empty());
                    let clause = Clause { products, words, best, is_of_one, release, reach };
                    corrected.clauses.push(clause);
                }
            }
        }
        if corrected.clauses.is_empty() {
            return corrected;
        }
        corrected.telling = telling(names);
        for clause in &mut corrected.clauses {
            let fits = corrected.telling.iter().map(|(_, words)| fit(words, &clause.words));
            clause.best = fits.max().unwrap_or_default();
            let fitting = |(name, words): &&(&str, BTreeSet<String>)| {
                fit(words, &clause.words) == clause.best
                    || clause
                        .words
                        .iter()
                        .any(|word| product_reading::abbreviates(&word.to_uppercase(), name))
            };
            let several = corrected.telling.iter().filter(fitting).take(2).count() > 1;
            clause.is_of_one |= !several;
        }
        corrected
    }

    /// Rows for one product, to stand before those of the tree.
    pub(super) fn rows(&self, product: &Product, tree: &[VersionRow]) -> Vec<VersionRow> {
        let affected = Affected::of(tree);
        let clauses = self.clauses.iter().filter(|clause| self.is_meant(clause, product));
        let clauses: Vec<&Clause<'_>> =
            clauses.filter(|clause| affected.counts_like(&clause.release)).collect();
        let mut rows = Vec::new();
        let mut releases: Vec<(&str, bool)> = Vec::new();
        for clause in clauses {
            let release = (clause.release.as_str(), clause.reach == Reach::ThisByName);
            match clause.reach {
                Reach::AllButThis => rows.push(row(release.0.to_owned(), Status::Affected)),
                _ if !releases.contains(&release) => releases.push(release),
                _ => {}
            }
        }
        // Of several, those that the tree itself calls affected are meant for something else.
        if releases.iter().any(|(release, _)| !affected.holds(release)) {
            releases.retain(|(release, by_name)| *by_name || !affected.holds(release));
        }
        let (within, past): (Vec<_>, Vec<_>) = releases
            .into_iter()
            .partition(|(release, named)| !named && affected.has_an_end && affected.holds(release));
        // What a sentence on several products calls corrected is not known to be this one's.
        let within = within.into_iter().filter(|(release, _)| {
            self.clauses.iter().any(|clause| clause.release == *release && clause.is_of_one)
        });
        let past: Vec<String> = past.iter().map(|(release, _)| format!(">= {release}")).collect();
        if !past.is_empty() {
            rows.push(row(past.join(BETWEEN_ROWS), Status::Fixed));
        }
        rows.extend(within.map(|(release, _)| row(release.to_owned(), Status::Fixed)));
        rows
    }

    fn is_meant(&self, clause: &Clause<'_>, product: &Product) -> bool {
        let name = product.name.as_deref().unwrap_or_default();
        let for_it = clause.products.is_empty() || clause.products.iter().any(|it| it == name);
        let only = self.telling.len() <= 1 || clause.products.len() == 1;
        let own = self.telling.iter().find(|(other, _)| *other == name);
        let fit = own.map_or(Fit::default(), |(_, own)| fit(own, &clause.words));
        // A remedy that lists its products need only speak of their family: "Desigo Products".
        let listed = !clause.products.is_empty() && fit.1 > 0 && fit.0 >= clause.best.0.min(50);
        let family = !clause.products.is_empty() && fit.1 > 0 && clause.best.0 < 50;
        for_it
            && (listed
                || family
                || (if clause.best.1 == 0 { only } else { fit == clause.best && fit.0 >= 50 }))
    }
}

/// What the tree calls affected.
struct Affected {
    patterns: Vec<VersionPattern>,
    versions: Vec<String>,
    /// Whether some range has an upper end.
    has_an_end: bool,
}

impl Affected {
    fn of(tree: &[VersionRow]) -> Affected {
        let texts = tree.iter().filter(|row| row.status == Status::Affected).filter_map(|row| {
            match &row.versions {
                Versions::Text(text) | Versions::Vers(text) => Some(text.as_str()),
                _ => None,
            }
        });
        let patterns: Vec<VersionPattern> = texts.map(VersionPattern::read).collect();
        let versions = patterns.iter().flat_map(VersionPattern::versions).collect();
        let has_an_end = patterns.iter().any(VersionPattern::has_an_end);
        Affected { patterns, versions, has_an_end }
    }

    fn holds(&self, release: &str) -> bool {
        let version = Some(release.to_owned());
        let device = Component { version, ..Component::new(ComponentKind::Device, "") };
        let holds =
            |pattern: &VersionPattern| matches!(pattern.holds(&device, &[]), Holds::Yes { .. });
        self.patterns.iter().any(holds)
    }

    /// Whether a release is told in the tree's way of counting, and as finely: 3.0 says nothing
    /// where the tree has `<= 3.0 D15`, and 3.3.2 nothing where it has `<= D25`.
    fn counts_like(&self, release: &str) -> bool {
        // `GEH-1.1` is 1.1 with the product's name in front, `D25` another way of counting.
        let own = series(release);
        let same = |version: &String| {
            let theirs = series(version);
            theirs == own || (own.is_empty() && theirs.len() >= 3)
        };
        let coarse = |version: &String| is_cut_short(release, version);
        // Of a tree without versions a bare number may be the release of anything.
        let plain = release.chars().all(|found| found.is_ascii_digit());
        (if self.versions.is_empty() { !plain } else { self.versions.iter().any(same) })
            && !self.versions.iter().any(coarse)
    }
}

/// A document of more products says nothing of one of them in a sentence.
const MOST_PRODUCTS: usize = 400;

fn row(text: String, status: Status) -> VersionRow {
    VersionRow { versions: Versions::Text(text), status }
}

/// Which vulnerabilities a clause speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    This,
    /// It names this one, or its kind.
    ThisByName,
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
        let named = !cves.is_empty()
            || !weaknesses.is_empty()
            || KINDS.iter().any(|(words, _)| lower.contains(words));
        match (another, named) {
            (true, _) => Reach::Others,
            (false, true) => Reach::ThisByName,
            (false, false) => Reach::This,
        }
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
        for (_, words) in &all {
            shared.retain(|word| words.contains(word));
        }
    } else {
        shared.clear();
    }
    let own = |words: BTreeSet<String>| words.difference(&shared).cloned().collect();
    all.into_iter().map(|(name, words)| (name, own(words))).collect()
}

fn fit(words: &BTreeSet<String>, among: &BTreeSet<String>) -> Fit {
    let hits = words.intersection(among).count();
    ((hits * 100).checked_div(words.len()).unwrap_or_default(), hits)
}

fn telling_words(text: &str) -> BTreeSet<String> {
    let plain = words(text)
        .into_iter()
        .map(|word| word.form)
        .filter(|form| class(form) >= Class::Role && !form.chars().all(|one| one.is_ascii_digit()));
    let joined = text.split([' ', '/', ',', '(', ')']).flat_map(product_reading::name_words);
    plain.chain(joined.filter(|(_, class)| *class >= Class::Role).map(|(form, _)| form)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expose::trial;
    use exposome_model::knowledge::{Remedy, RemedyKind};

    /// The tree as `name @ range`, the remedies of CVE-2024-1 (CWE-79) as texts; the rows for each product.
    #[track_caller]
    fn check(tree: &[&str], remedies: &[&str], expected: &[&str]) {
        let mut advisory = trial::advisory("csaf:CISA", "CVE-2024-1", Vec::new());
        advisory.weaknesses = vec!["CWE-79".to_owned()];
        advisory.remedies = remedies
            .iter()
            .map(|text| Remedy {
                kind: RemedyKind::VendorFix,
                text: (*text).to_owned(),
                url: None,
                products: Vec::new(),
            })
            .collect();
        let tree: Vec<(&str, &str)> =
            tree.iter().map(|text| text.split_once(" @ ").unwrap()).collect();
        let names = tree.iter().map(|(name, _)| (*name).to_owned()).collect();
        let corrected = Corrected::of(&advisory, &names);
        let told: Vec<String> = tree
            .iter()
            .map(|(name, range)| {
                let rows = [row((*range).to_owned(), Status::Affected)];
                let rows = corrected.rows(&trial::product("Maker", name), &rows);
                rows.iter().map(in_words).collect::<Vec<_>>().join("; ")
            })
            .collect();
        assert_eq!(told, expected);
    }

    fn in_words(row: &VersionRow) -> String {
        let Versions::Text(text) = &row.versions else { unreachable!("rows are texts") };
        let status = if row.status == Status::Fixed { "fixed" } else { "affected" };
        format!("{status} {text}")
    }

    #[test]
    fn a_release_that_is_out_ends_a_tree_that_knows_no_end() {
        // ICSA-24-214-01
        check(
            &["exacqVision server @ vers:all/*"],
            &["It is recommended to update exacqVision Server to version 24.06"],
            &["fixed >= 24.06"],
        );
    }

    #[test]
    fn a_clause_counts_for_the_product_that_it_names() {
        check(
            &["Agilia Link+ @ <= 3.0", "Agilia Partner @ <= 3.3.0"],
            &["The maker has created new versions: Agilia Partner v3.3.2 (or later)"],
            &["", "fixed >= 3.3.2"],
        );
    }

    #[test]
    fn a_release_that_counts_in_another_way_says_nothing() {
        check(
            &["WiFi module @ <= D25"],
            &["The maker recommends to update to version 3.3.2"],
            &[""],
        );
        check(
            &["Link+ @ <= 3.0 D15"],
            &["The maker has created new versions: Link+ v3.0 (D16 or later)"],
            &[""],
        );
    }

    #[test]
    fn a_release_within_the_tree_is_only_itself_unless_the_vulnerability_is_named() {
        check(&["Viewer @ <= 2.5"], &["Update to version 2.4"], &["fixed 2.4"]);
        check(&["Viewer @ <= 2.5"], &["For CVE-2024-1 update to version 2.4"], &["fixed >= 2.4"]);
        check(&["Viewer @ <= 2.5"], &["For CVE-2024-2 update to version 2.4"], &[""]);
        check(&["Viewer @ <= 2.5"], &["Version 2.6 remediates CWE-20. Call us."], &[""]);
    }

    #[test]
    fn a_release_of_one_of_several_products_says_nothing_of_the_others() {
        // ICSMA-18-226-01
        check(
            &["IntelliSpace Cardiovascular @ <= 2.0", "Xcelera @ <= 4.1"],
            &["For ISCV Version 2.x and Xcelera Version 4.1 this has been mitigated in ISCV 3.1."],
            &["", ""],
        );
        check(&["Nucleus NET @ vers:all/*"], &["Update to Nucleus ReadyStart version 3"], &[""]);
    }

    #[test]
    fn what_a_release_does_not_correct_stays_affected_in_it() {
        // ICSMA-21-215-01
        check(
            &["Control Panel @ < 7.2.5.7"],
            &["Version 7.2.5.7 is reported to fix all vulnerabilities above except CVE-2024-1."],
            &["affected 7.2.5.7"],
        );
    }

    #[test]
    fn of_several_releases_those_that_the_tree_calls_affected_are_for_others() {
        // ICSMA-18-226-01
        check(
            &["Cardiovascular @ <= 3.1"],
            &["This has been mitigated in 3.1.", "This will be mitigated in Version 3.2."],
            &["fixed >= 3.2"],
        );
    }
}
