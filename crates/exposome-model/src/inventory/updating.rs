//! A source speaks of a subject again: its earlier word, updated by the new one.
//!
//! A document adds and updates.  What it leaves out stays as it was said before: a
//! column that an export has lost, a program that a list forgot, a finding that a scan
//! did not look for.  Only of the kinds that a sheet claims to have listed whole
//! ([`Sheet::whole`]) does leaving out mean that the thing is gone.

use super::{Attribute, Component, ComponentKind, NOT_SEEN, ScannerFinding, Sheet};
use std::collections::{BTreeMap, BTreeSet};

impl Sheet {
    /// What the source says of the subject once it has said `newer` as well.
    #[must_use]
    pub fn updated_by(self, newer: Sheet) -> Sheet {
        let mut whole: Vec<ComponentKind> = self.whole;
        whole.extend(&newer.whole);
        whole.sort_unstable();
        whole.dedup();
        Sheet {
            attributes: attributes(self.attributes, newer.attributes),
            components: components(self.components, newer.components, &newer.whole),
            findings: findings(self.findings, newer.findings),
            whole,
            key: newer.key,
            site: newer.site.or(self.site),
            place: newer.place,
        }
    }

    /// What was installed and is not any more once `newer` is said: products of a kind that `newer` lists whole
    /// and in which it does not name them, in whatever version.
    pub fn lost_to<'a>(&'a self, newer: &Sheet) -> Vec<&'a Component> {
        let named = Products::of(&newer.components);
        let is_lost = |it: &&Component| {
            newer.whole.contains(&it.kind) && named.same_product(it, &newer.components).is_empty()
        };
        self.components.iter().filter(is_lost).collect()
    }
}

type Said = (Attribute, String);

/// An attribute that is not mentioned keeps its values; one that is has the new values, in the place of the old.
fn attributes(earlier: Vec<Said>, newer: Vec<Said>) -> Vec<Said> {
    if earlier == newer {
        return newer;
    }
    let mut fresh: BTreeMap<Attribute, Vec<String>> = BTreeMap::new();
    for (attribute, value) in &newer {
        fresh.entry(*attribute).or_default().push(value.clone());
    }
    let mentioned: BTreeSet<Attribute> = fresh.keys().copied().collect();
    let mut said = Vec::with_capacity(earlier.len() + newer.len());
    for (attribute, value) in earlier {
        if let Some(values) = fresh.remove(&attribute) {
            said.extend(values.into_iter().map(|value| (attribute, value)));
        } else if !mentioned.contains(&attribute) && !is_not_seen(attribute, &value) {
            said.push((attribute, value));
        }
    }
    said.extend(newer.into_iter().filter(|(attribute, _)| fresh.contains_key(attribute)));
    said
}

/// Whoever is spoken of is there again.
fn is_not_seen(attribute: Attribute, value: &str) -> bool {
    attribute == Attribute::Lifecycle && value == NOT_SEEN
}

fn components(
    earlier: Vec<Component>,
    mut newer: Vec<Component>,
    whole: &[ComponentKind],
) -> Vec<Component> {
    let mut earlier = earlier;
    earlier.retain(|it| !whole.contains(&it.kind));
    for kind in [ComponentKind::Device, ComponentKind::System] {
        replace_the_only_one(&mut earlier, &newer, kind);
    }
    if earlier.is_empty() {
        return newer;
    }
    let named = Products::of(&newer);
    let mut kept: Vec<Component> = Vec::new();
    // Of each new component, the earlier ones of the same product.
    let mut before: BTreeMap<usize, Vec<Component>> = BTreeMap::new();
    for component in earlier {
        let same = named.same_product(&component, &newer);
        if same.is_empty() {
            kept.push(component);
            continue;
        }
        for place in same {
            before.entry(place).or_default().push(component.clone());
        }
    }
    let mut silent: BTreeSet<usize> = BTreeSet::new();
    for (place, before) in before {
        let Some(component) = newer.get_mut(place) else { continue };
        match before.as_slice() {
            // Several versions are known and none is named: they stand.
            [_, _, ..] if !says_version(component) => {
                silent.insert(place);
                kept.extend(before);
            }
            before => complete(component, before),
        }
    }
    let mut places = 0..;
    newer.retain(|_| places.next().is_none_or(|place| !silent.contains(&place)));
    newer.extend(kept);
    newer.sort();
    newer.dedup();
    newer
}

/// A subject is one device and runs one operating system: where one was named and one is named, it is that one.
fn replace_the_only_one(earlier: &mut Vec<Component>, newer: &[Component], kind: ComponentKind) {
    let only = |components: &[Component]| {
        let mut of_kind = components.iter().filter(|it| it.kind == kind);
        of_kind.next().filter(|_| of_kind.next().is_none()).cloned()
    };
    if let (Some(before), Some(now)) = (only(earlier), only(newer))
        && !is_same_product(&before, &now)
    {
        earlier.retain(|it| it.kind != kind);
    }
}

/// Fills what the new word leaves blank.  What tells a version is taken from the same version only.
fn complete(component: &mut Component, before: &[Component]) {
    let same_version = before.iter().find(|it| it.version == component.version);
    let like = if says_version(component) { same_version } else { before.first() };
    if let Some(like) = like {
        let fill = |blank: &mut Option<String>, from: &Option<String>| {
            *blank = blank.take().or_else(|| from.clone());
        };
        fill(&mut component.version, &like.version);
        fill(&mut component.cpe, &like.cpe);
        fill(&mut component.purl, &like.purl);
    }
    let Some(like) = like.or(before.first()) else { return };
    component.vendor = component.vendor.take().or_else(|| like.vendor.clone());
    component.called = component.called.take().or_else(|| like.called.clone());
    component.manufactured_on = component.manufactured_on.or(like.manufactured_on);
    if component.options.is_empty() {
        component.options.clone_from(&like.options);
    }
}

fn says_version(component: &Component) -> bool {
    component.version.is_some() || component.cpe.is_some() || component.purl.is_some()
}

fn is_same_product(one: &Component, other: &Component) -> bool {
    let agree = |one: Option<&str>, other: Option<&str>| match (one, other) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => true,
    };
    one.kind == other.kind
        && one.name.to_lowercase() == other.name.to_lowercase()
        && agree(one.vendor.as_deref(), other.vendor.as_deref())
        && agree(package(one), package(other))
}

/// The package URL without version and qualifiers (purl specification, "Rules for each purl component").
fn package(component: &Component) -> Option<&str> {
    let purl = component.purl.as_deref()?;
    let stem = purl.split(['?', '#']).next().unwrap_or(purl);
    match stem.rsplit_once('@') {
        // An `@` before the name begins a scope: `pkg:npm/@angular/core`.
        Some((package, version)) if !version.contains('/') => Some(package),
        _ => Some(stem),
    }
}

/// Components by kind and name.
struct Products {
    places: BTreeMap<(ComponentKind, String), Vec<usize>>,
}

/// So many components of one name are compared: a document of a million that are all called the same must not take
/// a million times a million comparisons.
const NAMESAKES: usize = 64;

impl Products {
    fn of(components: &[Component]) -> Products {
        let mut places: BTreeMap<(ComponentKind, String), Vec<usize>> = BTreeMap::new();
        for (place, component) in components.iter().enumerate() {
            let key = (component.kind, component.name.to_lowercase());
            let namesakes = places.entry(key).or_default();
            if namesakes.len() < NAMESAKES {
                namesakes.push(place);
            }
        }
        Products { places }
    }

    /// The places of the same product, in whatever version.
    fn same_product(&self, component: &Component, components: &[Component]) -> Vec<usize> {
        let key = (component.kind, component.name.to_lowercase());
        let namesakes = self.places.get(&key).map_or(&[][..], Vec::as_slice);
        let is_same = |place: &usize| {
            components.get(*place).is_some_and(|other| is_same_product(component, other))
        };
        namesakes.iter().copied().filter(is_same).collect()
    }
}

/// A finding stays until the same check reports on the same vulnerability again.
fn findings(earlier: Vec<ScannerFinding>, newer: Vec<ScannerFinding>) -> Vec<ScannerFinding> {
    if earlier == newer {
        return newer;
    }
    let reported: BTreeSet<(Option<&str>, Option<&str>)> = newer.iter().map(causes).collect();
    let checks: BTreeSet<&str> = newer.iter().filter_map(|it| it.check.as_deref()).collect();
    let vulnerabilities: BTreeSet<&str> =
        newer.iter().filter_map(|it| it.vulnerability.as_deref()).collect();
    let is_reported = |finding: &ScannerFinding| match causes(finding) {
        (Some(check), None) => checks.contains(check),
        (None, Some(vulnerability)) => vulnerabilities.contains(vulnerability),
        (check, vulnerability) => [(check, vulnerability), (check, None), (None, vulnerability)]
            .iter()
            .any(|it| reported.contains(it)),
    };
    let mut kept: Vec<ScannerFinding> = earlier.into_iter().filter(|it| !is_reported(it)).collect();
    kept.extend(newer);
    // Whatever the order of the reports, the same findings are the same sheet.
    kept.sort_by(|a, b| causes(a).cmp(&causes(b)));
    kept
}

fn causes(finding: &ScannerFinding) -> (Option<&str>, Option<&str>) {
    (finding.check.as_deref(), finding.vulnerability.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::FindingState;

    /// `attribute=value`, `kind vendor/name version`, `!check CVE`, `whole=kind`, one a line.
    fn sheet(text: &str) -> Sheet {
        let mut sheet = Sheet { key: "A1".into(), ..Sheet::default() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let known = |word: &str| (word != "-").then(|| word.to_owned());
            if let Some(kind) = line.strip_prefix("whole=") {
                sheet.whole.push(kind_of(kind));
            } else if let Some(finding) = line.strip_prefix('!') {
                let (check, vulnerability) = finding.split_once(' ').unwrap();
                sheet.findings.push(ScannerFinding {
                    check: known(check),
                    vulnerability: known(vulnerability),
                    state: FindingState::Open,
                    title: None,
                    severity: None,
                    first_seen: None,
                    last_seen: None,
                    evidence: None,
                });
            } else if let Some((attribute, value)) = line.split_once('=') {
                let attribute = Attribute::from_name(attribute).unwrap();
                sheet.attributes.push((attribute, value.to_owned()));
            } else {
                let words: Vec<&str> = line.split(' ').collect();
                let (vendor, name) = words[1].split_once('/').unwrap();
                let mut component = Component::new(kind_of(words[0]), name);
                component.vendor = known(vendor);
                component.version = known(words[2]);
                component.purl = words.get(3).map(|it| (*it).to_owned());
                sheet.components.push(component);
            }
        }
        sheet
    }

    fn kind_of(word: &str) -> ComponentKind {
        match word {
            "device" => ComponentKind::Device,
            "system" => ComponentKind::System,
            "program" => ComponentKind::Application,
            _ => ComponentKind::Package,
        }
    }

    fn in_words(sheet: &Sheet) -> Vec<String> {
        let word = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".to_owned());
        let kind = |kind| match kind {
            ComponentKind::Device => "device",
            ComponentKind::System => "system",
            ComponentKind::Application => "program",
            ComponentKind::Package => "package",
        };
        let said = sheet.attributes.iter().map(|(it, value)| format!("{}={value}", it.name()));
        let parts = sheet.components.iter().map(|it| {
            let purl = it.purl.as_ref().map_or_else(String::new, |purl| format!(" {purl}"));
            let (vendor, version) = (word(&it.vendor), word(&it.version));
            format!("{} {vendor}/{} {version}{purl}", kind(it.kind), it.name)
        });
        let found = sheet
            .findings
            .iter()
            .map(|it| format!("!{} {}", word(&it.check), word(&it.vulnerability)));
        said.chain(parts).chain(found).collect()
    }

    #[track_caller]
    fn check(earlier: &str, newer: &str, expected: &str) {
        let newer = sheet(newer);
        let updated = sheet(earlier).updated_by(newer.clone());
        let expected: Vec<&str> =
            expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(in_words(&updated), expected);
        let again = updated.clone().updated_by(newer);
        assert_eq!(again, updated, "the same word again says nothing new");
    }

    #[test]
    fn a_column_that_an_export_lost_keeps_its_values() {
        check(
            "asset_id=A1
             location=ICU
             mac=one
             mac=two
             device BD/8015 9.33",
            "asset_id=A1
             location=Ward 3
             device BD/8015 -",
            "asset_id=A1
             location=Ward 3
             mac=one
             mac=two
             device BD/8015 9.33",
        );
    }

    #[test]
    fn a_new_firmware_replaces_the_old_one() {
        check("device BD/8015 9.33", "device BD/8015 12.1", "device BD/8015 12.1");
    }

    #[test]
    fn a_corrected_model_is_no_second_device() {
        check("device BD/8015 9.33", "device BD/8100 -", "device BD/8100 -");
        check("system -/Windows_7 -", "system -/Windows_11 -", "system -/Windows_11 -");
    }

    #[test]
    fn a_list_that_forgot_a_program_uninstalls_nothing() {
        check(
            "program A/Viewer 1.0
             program B/Archive 2.0",
            "program A/Viewer 1.1",
            "program A/Viewer 1.1
             program B/Archive 2.0",
        );
    }

    #[test]
    fn a_list_that_is_whole_replaces_its_kind_and_no_other() {
        let (earlier, newer) = (
            "program A/Viewer 1.0
             package -/zlib 1.2
             package -/openssl 1.1",
            "package -/openssl 3.0
             whole=package",
        );
        check(
            earlier,
            newer,
            "program A/Viewer 1.0
             package -/openssl 3.0",
        );
        let (earlier, newer) = (sheet(earlier), sheet(newer));
        let lost: Vec<_> = earlier.lost_to(&newer).iter().map(|it| it.name.as_str()).collect();
        assert_eq!(lost, ["zlib"], "another version is no loss");
    }

    #[test]
    fn namesakes_of_two_makers_are_two_products() {
        check(
            "package -/core 1 pkg:npm/%40angular/core@1
             package -/core 1 pkg:npm/%40babel/core@1",
            "package -/core 2 pkg:npm/%40babel/core@2",
            "package -/core 1 pkg:npm/%40angular/core@1
             package -/core 2 pkg:npm/%40babel/core@2",
        );
    }

    #[test]
    fn a_product_without_its_version_says_nothing_against_the_versions_known() {
        check(
            "package -/zlib 1.2
             package -/zlib 1.3",
            "package -/zlib -",
            "package -/zlib 1.2
             package -/zlib 1.3",
        );
    }

    #[test]
    fn a_scan_closes_only_what_it_looked_for() {
        check(
            "!10 CVE-1
             !10 CVE-2
             !20 -
             !- CVE-3",
            "!10 CVE-1
             !30 CVE-3",
            "!10 CVE-1
             !10 CVE-2
             !20 -
             !30 CVE-3",
        );
    }

    #[test]
    fn whoever_is_named_again_is_seen_again() {
        check(
            "asset_id=A1
             lifecycle=not seen",
            "asset_id=A1",
            "asset_id=A1",
        );
    }
}
