//! The project's own fingerprints: `rules/fingerprints/*.toml`.
//!
//! A rule names the property it looks at, a pattern or a beginning, and what
//! follows; every rule carries where it was read and examples, which are its
//! tests.

use super::Conclusion;
use exposome_model::sighting::Property;
use fancy_regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rules by the property they look at, in the order in which they were read; of one property the first that fits holds.
#[derive(Debug, Default)]
pub struct Rules {
    by_property: BTreeMap<Property, Vec<Rule>>,
}

#[derive(Debug)]
struct Rule {
    id: String,
    when: When,
    then: Vec<(Property, String)>,
    examples: Vec<Example>,
}

#[derive(Debug)]
enum When {
    Is(String),
    Begins(String),
    Fits(Box<Regex>),
}

/// A value, and what must follow from it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub value: String,
    #[serde(default)]
    pub gives: BTreeMap<String, String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{file}: not TOML of the expected shape")]
    Shape {
        file: String,
        #[source]
        source: Box<toml::de::Error>,
    },
    #[error("{file}: rule {rule}: {property:?} is no property that can be noticed")]
    Property { file: String, rule: String, property: String },
    #[error("{file}: rule {rule} must look at exactly one of `is`, `begins`, `fits`")]
    When { file: String, rule: String },
    #[error("{file}: rule {rule}: the pattern is none")]
    Pattern {
        file: String,
        rule: String,
        #[source]
        source: Box<fancy_regex::Error>,
    },
    #[error("{file}: rule {rule} has no example")]
    Untested { file: String, rule: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Written>,
    /// Tables of makers by their numbers in some registry: `table.bacnet`.
    #[serde(default)]
    table: BTreeMap<String, Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    property: String,
    is: Option<String>,
    begins: Option<String>,
    fits: Option<String>,
    then: BTreeMap<String, String>,
    #[expect(dead_code, reason = "for whoever reads the file; serde asks that it is there")]
    source: String,
    examples: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    property: String,
    /// What stands before the number in the value: `bacnet `.
    prefix: String,
    then: String,
    #[expect(dead_code, reason = "for whoever reads the file; serde asks that it is there")]
    source: String,
    rows: BTreeMap<String, String>,
}

/// A hostile value may cost so many steps, then the rule does not fit.
const STEPS_MAX: usize = 10_000;

impl Rules {
    /// Adds the rules of a file.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), Error> {
        let read: File = toml::from_str(text)
            .map_err(|source| Error::Shape { file: file.to_owned(), source: Box::new(source) })?;
        let property = |rule: &str, name: &str| {
            Property::from_name(name).ok_or_else(|| Error::Property {
                file: file.to_owned(),
                rule: rule.to_owned(),
                property: name.to_owned(),
            })
        };
        for (name, table) in read.table {
            let (looks_at, gives) =
                (property(&name, &table.property)?, property(&name, &table.then)?);
            let rows = table.rows.into_iter().map(|(number, value)| Rule {
                id: format!("{name} {number}"),
                when: When::Is(format!("{}{number}", table.prefix)),
                then: vec![(gives, value)],
                examples: Vec::new(),
            });
            self.by_property.entry(looks_at).or_default().extend(rows);
        }
        for written in read.rule {
            let looks_at = property(&written.id, &written.property)?;
            let then = written
                .then
                .iter()
                .map(|(name, value)| Ok((property(&written.id, name)?, value.clone())));
            let rule = Rule {
                when: when(file, &written)?,
                then: then.collect::<Result<_, Error>>()?,
                examples: written.examples,
                id: written.id,
            };
            if rule.examples.is_empty() {
                return Err(Error::Untested { file: file.to_owned(), rule: rule.id });
            }
            self.by_property.entry(looks_at).or_default().push(rule);
        }
        Ok(())
    }

    /// What follows from a value: of the first rule that fits.
    pub fn conclude(&self, property: Property, value: &str) -> Vec<Conclusion> {
        let rules = self.by_property.get(&property).into_iter().flatten();
        for rule in rules {
            if let Some(concluded) = rule.conclude(value) {
                return concluded;
            }
        }
        Vec::new()
    }

    /// Every rule's examples: its id, the property it looks at, the value, and what must follow.
    pub fn examples(&self) -> impl Iterator<Item = (&str, Property, &Example)> {
        self.by_property.iter().flat_map(|(property, rules)| {
            rules.iter().flat_map(move |rule| {
                rule.examples.iter().map(move |example| (rule.id.as_str(), *property, example))
            })
        })
    }
}

fn when(file: &str, written: &Written) -> Result<When, Error> {
    match (&written.is, &written.begins, &written.fits) {
        (Some(text), None, None) => Ok(When::Is(text.clone())),
        (None, Some(text), None) => Ok(When::Begins(text.clone())),
        (None, None, Some(pattern)) => {
            let regex = RegexBuilder::new(pattern).backtrack_limit(STEPS_MAX).build();
            let regex = regex.map_err(|source| Error::Pattern {
                file: file.to_owned(),
                rule: written.id.clone(),
                source: Box::new(source),
            })?;
            Ok(When::Fits(Box::new(regex)))
        }
        _ => Err(Error::When { file: file.to_owned(), rule: written.id.clone() }),
    }
}

impl Rule {
    fn conclude(&self, value: &str) -> Option<Vec<Conclusion>> {
        let groups: Vec<String> = match &self.when {
            When::Is(text) => (value == text).then(Vec::new)?,
            When::Begins(text) => value.starts_with(text.as_str()).then(Vec::new)?,
            When::Fits(regex) => {
                let captures = regex.captures(value).ok()??;
                (1..captures.len())
                    .map(|at| captures.get(at).map_or("", |it| it.as_str()).to_owned())
                    .collect()
            }
        };
        let concluded = self.then.iter().filter_map(|(property, text)| {
            let value = filled(text, &groups);
            // What a group did not catch says nothing.
            (!value.trim().is_empty()).then(|| Conclusion {
                property: *property,
                value: value.trim().to_owned(),
                rule: self.id.clone(),
            })
        });
        Some(concluded.collect())
    }
}

/// `$1` stands for what the first group caught; where it caught nothing, all of the text is nothing.
fn filled(text: &str, groups: &[String]) -> String {
    let mut filled = text.to_owned();
    for (number, group) in (1..).zip(groups) {
        let mark = format!("${number}");
        if filled.contains(&mark) {
            if group.is_empty() {
                return String::new();
            }
            filled = filled.replace(&mark, group);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rules: &str, property: Property, value: &str, expected: &str) {
        let mut read = Rules::default();
        read.add("test", rules).unwrap();
        let words: Vec<String> = read
            .conclude(property, value)
            .iter()
            .map(|it| format!("{} {} by {}", it.property.name(), it.value, it.rule))
            .collect();
        assert_eq!(words.join("; "), expected);
    }

    const RULES: &str = r#"
        [[rule]]
        id = "dcmtk"
        property = "implementation_version"
        fits = '^OFFIS_DCMTK_(\d)(\d)(\d)$'
        then = { software = "DCMTK", software_version = "$1.$2.$3" }
        source = "DCMTK, dcuid.h"
        examples = [{ value = "OFFIS_DCMTK_367", gives = { software_version = "3.6.7" } }]

        [table.bacnet]
        property = "vendor_id"
        prefix = "bacnet "
        then = "manufacturer"
        source = "ASHRAE"
        rows = { 5 = "Johnson Controls" }
    "#;

    #[test]
    fn the_first_rule_that_fits_concludes() {
        let version = Property::ImplementationVersion;
        check(
            RULES,
            version,
            "OFFIS_DCMTK_367",
            "software DCMTK by dcmtk; software_version 3.6.7 by dcmtk",
        );
        check(RULES, version, "OFFIS_DCMTK_36", "");
        check(RULES, Property::VendorId, "bacnet 5", "manufacturer Johnson Controls by bacnet 5");
        check(RULES, Property::VendorId, "bacnet 55", "");
    }

    #[test]
    fn a_rule_that_nothing_tests_is_refused() {
        let mut rules = Rules::default();
        let text = RULES.replace("examples = [{", "examples = []\n#[{");
        let error = rules.add("test", &text).unwrap_err();
        assert_eq!(error.to_string(), "test: rule dcmtk has no example");
        let error = rules.add("test", &RULES.replace("fits", "begins")).err();
        assert!(error.is_none());
        let error = rules.add("test", &RULES.replace("software =", "soft =")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "test: rule dcmtk: \"soft\" is no property that can be noticed"
        );
    }
}
