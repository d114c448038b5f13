//! What a document in prose means by its products, before each is looked up.
//!
//! CISA's conversions put model names where versions belong, leave a name to the
//! title, tell two products apart by nothing but a parenthesis, and name the
//! corrected release only in a remediation.  Here the statements of one document
//! are brought to one form: one product with its range each.  Nothing is looked up
//! and nothing is judged.

use super::corrected::Corrected;
use super::product_reading::{self, Alternative};
use super::version_text::{self, VersionPattern};
use super::word_class::Class;
use super::words::{clean, words};
use exposome_model::knowledge::{
    Advisory, Product, Statement, Status, Target, VersionRow, Versions,
};
use std::collections::BTreeSet;

/// The statements on products, each with one product and its versions.
pub(super) fn statements(advisory: &Advisory) -> Vec<Statement> {
    let document = Document::of(advisory);
    let corrected = Corrected::of(advisory, &document.names);
    let mut all = Vec::new();
    for statement in &advisory.statements {
        let Some(product) = in_prose(statement) else {
            all.push(statement.clone());
            continue;
        };
        let corrected = corrected.rows(product, &statement.versions);
        let split = match document.of_one_type(product, &statement.versions) {
            Some(typed) => vec![typed],
            None => split_by_rows(product, &statement.versions),
        };
        for (product, versions) in split {
            let product = document.named(&product);
            let mut versions = joined(versions);
            versions.splice(0..0, corrected.iter().cloned());
            let target = Target::Product(Box::new(product));
            all.push(Statement { target, versions, ..statement.clone() });
        }
    }
    all
}

/// The product of a statement that nothing but its name tells.
fn in_prose(statement: &Statement) -> Option<&Product> {
    let Target::Product(product) = &statement.target else { return None };
    (product.purl.is_none() && product.cpes.is_empty()).then_some(product)
}

/// What the whole document says about how its products are called.
struct Document<'a> {
    title: &'a str,
    /// Every name, each once.
    names: BTreeSet<String>,
    /// What stands as the version of every one of its products, if it has several.
    one_version: Option<&'a str>,
    /// Names without their parentheses that stand for more than one product.
    told_apart_by_parentheses: BTreeSet<String>,
}

impl<'a> Document<'a> {
    fn of(advisory: &'a Advisory) -> Document<'a> {
        let names: BTreeSet<String> = advisory
            .statements
            .iter()
            .filter_map(|statement| in_prose(statement)?.name.clone())
            .collect();
        let mut seen = BTreeSet::new();
        let told_apart_by_parentheses = names
            .iter()
            .filter_map(|name| name.split_once('('))
            .map(|(front, _)| clean(front).to_lowercase())
            .filter(|front| !seen.insert(front.clone()))
            .collect();
        let title = advisory.title.as_deref().unwrap_or_default();
        let mut versions: BTreeSet<&str> = BTreeSet::new();
        for row in advisory.statements.iter().flat_map(|statement| &statement.versions) {
            if let Versions::Text(text) = &row.versions {
                versions.insert(text);
            }
        }
        let one_version = versions.pop_first().filter(|_| versions.is_empty() && names.len() > 1);
        Document { title, names, one_version, told_apart_by_parentheses }
    }

    /// "FCR XC-2" and "FCR Carbon X" both in version `CR-IR 357`: that is the type of all of them,
    /// and as good as the name (ICSMA-19-113-01).
    fn of_one_type(
        &self,
        product: &Product,
        rows: &[VersionRow],
    ) -> Option<(Product, Vec<VersionRow>)> {
        let [row] = rows else { return None };
        let pattern = VersionPattern::read(self.one_version?);
        let [model] = pattern.models(false)?[..] else { return None };
        let name = product.name.as_deref().filter(|name| has_brand(name))?;
        let named = Product { name: Some(format!("{name}, {model}")), ..product.clone() };
        Some((named, vec![VersionRow { versions: Versions::Any, status: row.status }]))
    }

    fn named(&self, product: &Product) -> Product {
        let mut product = named_by_title(product, self.title).unwrap_or_else(|| product.clone());
        let Some(name) = product.name.take() else { return product };
        let told = self.with_variant(&name).or_else(|| self.listed_by_title(&name));
        let name = told.or_else(|| self.with_model_of_title(&name)).unwrap_or(name);
        if product.family.is_none() && !has_brand(&name) && !self.title.is_empty() {
            product.family = Some(self.title.to_owned());
        }
        product.name = Some(name);
        product
    }

    /// `APOGEE PXC Compact (BACnet)` beside `APOGEE PXC Compact (P2 Ethernet)`: the parenthesis is
    /// what must be fitted.
    fn with_variant(&self, name: &str) -> Option<String> {
        let (front, rest) = name.split_once('(')?;
        let (variant, behind) = rest.split_once(')')?;
        let apart = self.told_apart_by_parentheses.contains(&clean(front).to_lowercase());
        let digits = variant.chars().filter(char::is_ascii_digit).count();
        let plain = behind.trim().is_empty()
            && digits < 3
            && !variant.contains(',')
            && !variant.to_lowercase().starts_with("with");
        (apart && plain).then(|| format!("{} with {}", front.trim(), variant.trim()))
    }

    /// `NPort` under the title `MOXA NPort IAW5000A-I/O Series`: the model of the only product.
    fn with_model_of_title(&self, name: &str) -> Option<String> {
        let behind = self.title.get(self.title.find(name)? + name.len()..)?;
        let model = behind.strip_prefix(' ')?.split(' ').next()?;
        let letters = model.chars().filter(char::is_ascii_alphabetic).count();
        let numbered = model.len() >= 4 && letters > 0 && super::model_number::has_digit(model);
        let plain = !super::model_number::has_digit(name) && !model.starts_with('(');
        (self.names.len() == 1 && numbered && plain).then(|| format!("{name} {model}"))
    }

    /// `ALC WebCTRL i-Vu SiteScan Web` under the title `WebCTRL, i-VU, SiteScan`: names run together.
    fn listed_by_title(&self, name: &str) -> Option<String> {
        let title = clean(self.title);
        let listed: Vec<&str> = title.split(", ").collect();
        let own: Vec<String> = words(&clean(name)).into_iter().map(|word| word.form).collect();
        let members: Vec<String> = listed
            .iter()
            .filter_map(|text| {
                let text = text.split(" Vulnerab").next().unwrap_or(text);
                let text = text.trim_start_matches("and ");
                let forms: Vec<String> = words(text).into_iter().map(|word| word.form).collect();
                // The first member of a title has the maker in front.
                (0..forms.len()).find_map(|at| {
                    let tail = forms.get(at..)?;
                    own.windows(tail.len()).any(|run| run == tail).then(|| tail.join(" "))
                })
            })
            .filter(|member| has_brand(member))
            .collect();
        (listed.len() > 1 && members.len() > 1).then(|| members.join(", "))
    }
}

fn has_brand(name: &str) -> bool {
    product_reading::read(&clean(name)).alternatives.iter().any(Alternative::has_brand)
}

/// A product that its publisher left without a name ("Version", "AP"), called as
/// the document's title calls it: "Philips Alice 6 Vulnerabilities" is about the Alice 6.
pub fn named_by_title(product: &Product, title: &str) -> Option<Product> {
    let name = product.name.as_deref().or(product.family.as_deref()).unwrap_or_default();
    let nameless = product_reading::read(&clean(name)).alternatives.is_empty();
    // A name of two letters is the beginning of a version.
    let scrap = name.len() <= 2 && !words(&clean(title)).iter().any(|word| word.written == name);
    if !(nameless || scrap)
        || !product.models.is_empty()
        || !product.cpes.is_empty()
        || product.purl.is_some()
    {
        return None;
    }
    let end = title.to_lowercase().find("vulnerabilit").unwrap_or(title.len());
    let titled = title.get(..end).unwrap_or(title).trim();
    (!titled.is_empty()).then(|| Product { name: Some(titled.to_owned()), ..product.clone() })
}

/// Rows that hold nothing but models become products of their own.
fn split_by_rows(product: &Product, rows: &[VersionRow]) -> Vec<(Product, Vec<VersionRow>)> {
    let mut kept = Vec::new();
    let mut split = Vec::new();
    for row in rows {
        if let Some((aside, own)) = set_aside(product, row) {
            split.push(aside);
            kept.push(own);
            continue;
        }
        match models_out_of_versions(product, std::slice::from_ref(row)) {
            Some(products) => split.extend(products),
            None => kept.push(row.clone()),
        }
    }
    if !kept.is_empty() || split.is_empty() {
        split.push((product.clone(), kept));
    }
    split
}

/// `Rev J-M | (X3/MX100 for Rev M only)` (ICSMA-18-156-01): models with a range of their own.
fn set_aside(
    product: &Product,
    row: &VersionRow,
) -> Option<((Product, Vec<VersionRow>), VersionRow)> {
    let Versions::Text(text) = &row.versions else { return None };
    let (front, rest) = text.split_once('(')?;
    let (models, range) = rest.trim_end().strip_suffix(')')?.split_once(" for ")?;
    let numbered = models
        .split(['/', ','])
        .all(|model| !model.trim().contains(' ') && super::model_number::has_digit(model));
    let own = front.trim().trim_end_matches(['|', ',']).trim();
    if !numbered || own.is_empty() {
        return None;
    }
    let name = product.name.as_deref().unwrap_or_default();
    let line: Vec<&str> = name.split(' ').take_while(|word| !word.starts_with('(')).collect();
    let line = line
        .split_last()
        .filter(|(last, _)| last.chars().all(char::is_uppercase))
        .map_or(line.as_slice(), |(_, front)| front);
    let named = Product { name: Some(format!("{} {models}", line.join(" "))), ..product.clone() };
    let with = |text: &str| VersionRow {
        versions: Versions::Text(text.trim().to_owned()),
        status: row.status,
    };
    let range = range.trim().trim_end_matches("only").trim();
    Some(((named, vec![with(range)]), with(own)))
}

/// Ranges of one product are one range: which of several ends counts depends on the release line.
fn joined(rows: Vec<VersionRow>) -> Vec<VersionRow> {
    let is_range = |row: &VersionRow| {
        row.status == Status::Affected && matches!(row.versions, Versions::Text(_))
    };
    let (ranges, mut others): (Vec<VersionRow>, Vec<VersionRow>) =
        rows.into_iter().partition(is_range);
    if ranges.len() < 2 {
        others.extend(ranges);
        return others;
    }
    let texts: Vec<&str> = ranges
        .iter()
        .filter_map(|row| match &row.versions {
            Versions::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    let versions = Versions::Text(texts.join(version_text::BETWEEN_ROWS));
    others.push(VersionRow { versions, status: Status::Affected });
    others
}

/// Some advisories write the models of a line where versions belong: "insulin pump" in
/// version `MMT-1715`, "handheld medical devices" in version `CoaguChek Pro II`.  This
/// gives the product under its whole name, and every version of it.
pub fn models_out_of_versions(
    product: &Product,
    versions: &[VersionRow],
) -> Option<Vec<(Product, Vec<VersionRow>)>> {
    let status = versions.first()?.status;
    let name = product.name.as_deref().or(product.family.as_deref()).unwrap_or_default();
    // "... (PRM) Model" in version `3120`.
    let announced = name
        .split_whitespace()
        .next_back()
        .is_some_and(|last| matches!(last.to_lowercase().as_str(), "model" | "models"));
    let mut models = Vec::new();
    for row in versions {
        let Versions::Text(text) = &row.versions else { return None };
        if let Some(listed) = models_of_line(name, text) {
            models.extend(listed);
            continue;
        }
        let pattern = VersionPattern::read(text);
        let listed = pattern.models(announced).filter(|_| row.status == status)?;
        models.extend(listed.into_iter().map(str::to_owned));
    }
    let own = product_reading::read(&clean(name));
    let strong = own
        .alternatives
        .iter()
        .flat_map(|one| &one.models)
        .flatten()
        .any(super::model_number::Model::is_strong);
    let called = |name: String| {
        let product = Product { name: Some(name), ..product.clone() };
        (product, vec![VersionRow { versions: Versions::Any, status }])
    };
    if strong && brands(name).is_empty() && models.iter().any(|model| !brands(model).is_empty()) {
        // "MMT-503 Remote Controller" in version `MMT-508 MiniMed pump`: the one, and the other with it.
        let with = models.iter().map(|model| called(format!("{model} with {name}")));
        return Some(with.chain([called(name.to_owned())]).collect());
    }
    Some(vec![called(whole_name(name, models, strong))])
}

/// `3002 S3 | 3005 S3` of the `S3 MedSurg Bed`: numbers beside the model that the name has.
fn models_of_line(name: &str, text: &str) -> Option<Vec<String>> {
    let own: Vec<&str> =
        name.split(' ').filter(|word| super::model_number::has_digit(word)).collect();
    let mut models = Vec::new();
    for item in text.split('|').map(str::trim) {
        let (line, number): (Vec<&str>, Vec<&str>) =
            item.split(' ').partition(|word| own.contains(word));
        let [number] = number.as_slice() else { return None };
        if line.is_empty()
            || number.len() < 3
            || !number.chars().all(|found| found.is_ascii_digit())
        {
            return None;
        }
        models.extend([(*number).to_owned(), format!("{number}{}", line.concat())]);
    }
    Some(models)
}

fn whole_name(name: &str, models: Vec<String>, strong: bool) -> String {
    if models.iter().all(|model| has_brand(model)) && !strong {
        // "Gemini PET/CT Family" as "Gemini 16 Slice"; "Aisys" as "CS2 Avance" is both together too.
        let own = brands(name);
        let beside = models
            .iter()
            .filter(|model| brands(model).is_disjoint(&own))
            .map(|model| format!("{name} {model}"));
        let beside: Vec<String> = beside.filter(|_| !own.is_empty()).collect();
        return [models, beside].concat().join(", ");
    }
    let (names, numbers): (Vec<String>, Vec<String>) =
        models.into_iter().partition(|model| has_brand(model));
    // "7100 | 7900 | 100 | Protiva Carestation View": behind numbers each word is a model.
    let single: Vec<String> = names
        .iter()
        .filter(|_| numbers.len() > 1)
        .flat_map(|model| model.split(' '))
        .map(|word| format!("{name} {word}"))
        .collect();
    [vec![format!("{name} {}", numbers.join("/"))], names, single].concat().join(", ")
}

fn brands(text: &str) -> BTreeSet<String> {
    let read = product_reading::read(&clean(text)).alternatives;
    read.into_iter()
        .flat_map(|one| one.words)
        .filter(|(_, class)| *class == Class::Brand)
        .map(|(form, _)| form)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expose::trial;

    /// Products as `name @ range`, ranges apart by ` + `; the statements read, in the same way.
    #[track_caller]
    fn check(title: &str, products: &[&str], expected: &[&str]) {
        let statements = products
            .iter()
            .map(|text| {
                let (name, ranges) = text.split_once(" @ ").unwrap();
                let row =
                    |range: &str| trial::row(Versions::Text(range.to_owned()), Status::Affected);
                let rows = ranges.split(" + ").map(row).collect();
                trial::says(trial::product("Maker", name), Status::Unknown, rows)
            })
            .collect();
        let mut advisory = trial::advisory("csaf:CISA", "CVE-2024-1", statements);
        advisory.title = Some(title.to_owned());
        let told: Vec<String> = super::statements(&advisory).iter().map(in_words).collect();
        assert_eq!(told, expected);
    }

    fn in_words(statement: &Statement) -> String {
        let Target::Product(product) = &statement.target else { unreachable!("only products") };
        let rows: Vec<&str> = statement
            .versions
            .iter()
            .map(|row| match &row.versions {
                Versions::Text(text) => text.as_str(),
                _ => "every version",
            })
            .collect();
        format!("{} @ {}", product.name.as_deref().unwrap_or_default(), rows.join(" + "))
    }

    #[test]
    fn a_row_of_models_is_a_product_and_the_rows_beside_it_stay_ranges() {
        check(
            "Meters",
            &["handheld devices @ CoaguChek Pro II + < 2.0"],
            &["CoaguChek Pro II @ every version", "handheld devices @ < 2.0"],
        );
        check(
            "",
            &["Programmer (PRM) Model @ 3120"],
            &["Programmer (PRM) Model 3120 @ every version"],
        );
        check(
            "",
            &["S3 MedSurg Bed @ 3002 S3 | 3005 S3"],
            &["S3 MedSurg Bed 3002/3002S3/3005/3005S3 @ every version"],
        );
    }

    #[test]
    fn what_stands_as_the_version_of_every_product_is_their_type() {
        check(
            "",
            &["FCR XC-2 @ CR-IR 357", "FCR Carbon X @ CR-IR 357"],
            &["FCR XC-2, CR-IR 357 @ every version", "FCR Carbon X, CR-IR 357 @ every version"],
        );
    }

    #[test]
    fn the_other_device_that_a_remote_control_drives_is_affected_with_it() {
        check(
            "",
            &["MMT-503 Remote Controller @ MMT-511 pump Paradigm"],
            &[
                "MMT-511 pump Paradigm with MMT-503 Remote Controller @ every version",
                "MMT-503 Remote Controller @ every version",
            ],
        );
    }

    #[test]
    fn ranges_of_one_product_are_one_range() {
        check("", &["Metasys NAE55 @ <11.0.6 + <12.0.4"], &["Metasys NAE55 @ <11.0.6 ‖ <12.0.4"]);
    }

    #[test]
    fn models_may_have_a_range_of_their_own_in_the_range_of_others() {
        check(
            "",
            &["IntelliVue Patient Monitors MX (MX400-550) @ Rev J-M | (X3/MX100 for Rev M only)"],
            &[
                "IntelliVue Patient Monitors X3/MX100 @ Rev M",
                "IntelliVue Patient Monitors MX (MX400-550) @ Rev J-M",
            ],
        );
    }

    #[test]
    fn names_that_differ_in_a_parenthesis_ask_for_what_stands_there() {
        check(
            "",
            &["APOGEE PXC (BACnet) @ < V3.5", "APOGEE PXC (P2 Ethernet) @ *"],
            &["APOGEE PXC with BACnet @ < V3.5", "APOGEE PXC with P2 Ethernet @ *"],
        );
        check("", &["TALON TC (BACnet) @ < V3.5"], &["TALON TC (BACnet) @ < V3.5"]);
    }

    #[test]
    fn the_title_gives_a_name_where_the_tree_has_none_and_parts_those_that_run_together() {
        check(
            "Philips Alice 6 Vulnerabilities",
            &["Version @ <= R8"],
            &["Philips Alice 6 @ <= R8"],
        );
        check(
            "MOXA NPort IAW5000A-I/O Series",
            &["NPort @ <= 2.1"],
            &["NPort IAW5000A-I/O @ <= 2.1"],
        );
        check("B. Braun OnlineSuite", &["AP @ <= 3.0"], &["B. Braun OnlineSuite @ <= 3.0"]);
        check(
            "ALC WebCTRL, i-VU, SiteScan",
            &["ALC WebCTRL i-Vu SiteScan Web @ <= 6.5"],
            &["alc webctrl, i vu, sitescan @ <= 6.5"],
        );
    }
}
