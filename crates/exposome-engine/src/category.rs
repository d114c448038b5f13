//! What a thing is for, and what happens to people when it fails.
//!
//! The fifteen function categories and the words that give one away are data
//! (`rules/categories`).  A claim is a word somebody wrote: a class column, a
//! model, a name.  Where claims disagree the most dangerous one holds; where
//! none is understood the category is *unknown*, and unknown is treated as
//! harmful.

use serde::Deserialize;
use std::collections::BTreeMap;

/// All categories, with the words that name them.
#[derive(Debug, Clone)]
pub struct Categories {
    categories: Vec<Category>,
    /// Folded word or phrase to the category's index.
    words: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// `TH-C`.
    pub code: String,
    pub name: String,
    /// 1 (none) to 5 (death in minutes).
    pub harm_lost: u8,
    pub harm_wrong: u8,
    /// No change without a signed clinical risk assessment.
    pub gated: bool,
    pub product_codes: Vec<String>,
    words: Vec<String>,
}

impl Category {
    /// The greater of harm if lost and harm if wrong.
    pub fn harm(&self) -> u8 {
        self.harm_lost.max(self.harm_wrong)
    }
}

/// The harm assumed of a thing whose category nobody knows (S4).
pub const UNKNOWN_HARM: u8 = 4;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the category table is not TOML of the expected shape")]
    Shape(#[source] Box<toml::de::Error>),
    #[error("the word {word:?} names two categories: {one} and {other}")]
    Ambiguous { word: String, one: String, other: String },
    #[error("category {code}: harm levels run from 1 to 5")]
    Harm { code: String },
}

impl Categories {
    pub fn parse(text: &str) -> Result<Categories, Error> {
        #[derive(Deserialize)]
        struct File {
            category: Vec<Category>,
        }
        let File { category: categories } =
            toml::from_str(text).map_err(|error| Error::Shape(Box::new(error)))?;
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        for (index, category) in categories.iter().enumerate() {
            if !(1..=5).contains(&category.harm_lost) || !(1..=5).contains(&category.harm_wrong) {
                return Err(Error::Harm { code: category.code.clone() });
            }
            let named = [&category.code, &category.name];
            for word in category.words.iter().chain(named) {
                let earlier = words.insert(fold(word), index).and_then(|at| categories.get(at));
                if let Some(earlier) = earlier.filter(|earlier| earlier.code != category.code) {
                    let one = earlier.code.clone();
                    return Err(Error::Ambiguous {
                        word: word.clone(),
                        one,
                        other: category.code.clone(),
                    });
                }
            }
        }
        Ok(Categories { categories, words })
    }

    pub fn by_code(&self, code: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.code == code)
    }

    pub fn all(&self) -> &[Category] {
        &self.categories
    }

    /// The category that a text names: the longest known phrase in it decides,
    /// the more dangerous one where two are equally long.
    pub fn named_in(&self, text: &str) -> Option<&Category> {
        let folded = fold(text);
        let tokens: Vec<&str> = folded.split(' ').filter(|token| !token.is_empty()).collect();
        for length in (1..=tokens.len().min(LONGEST_PHRASE)).rev() {
            let found = tokens.windows(length).filter_map(|phrase| self.phrase(&phrase.join(" ")));
            if let Some(category) = found.max_by_key(|category| category.harm()) {
                return Some(category);
            }
        }
        None
    }

    /// The category of a thing from all that is said of it, in order of how much each kind of claim weighs.
    /// Claims of one kind that disagree: the most dangerous holds.
    pub fn judge<'a>(&self, kinds: impl IntoIterator<Item = Vec<&'a str>>) -> Option<&Category> {
        kinds.into_iter().find_map(|claims| {
            claims
                .into_iter()
                .filter_map(|claim| self.named_in(claim))
                .max_by_key(|category| category.harm())
        })
    }

    fn phrase(&self, phrase: &str) -> Option<&Category> {
        let singular = phrase.strip_suffix('s');
        let index = self.words.get(phrase).or_else(|| self.words.get(singular?))?;
        self.categories.get(*index)
    }
}

const LONGEST_PHRASE: usize = 4;

/// Lower case, punctuation to spaces, but `c-arm` and `heart-lung` keep their words apart by one space.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() {
            folded.extend(character.to_lowercase());
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Categories {
        Categories::parse(include_str!("../../../rules/categories/categories.toml")).unwrap()
    }

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(table().named_in(text).map(|it| it.code.as_str()), expected, "{text}");
    }

    #[test]
    fn a_class_column_is_read_as_people_write_it() {
        check("Infusion Pump", Some("TH-C"));
        check("Infusion pumps, large volume", Some("TH-C"));
        check("VENTILATOR", Some("LS"));
        check("CT scanner", Some("IM-D"));
        check("TH-C", Some("TH-C"));
        check("Patient monitor", Some("MO-C"));
        check("label printer", Some("IT"));
    }

    #[test]
    fn a_longer_phrase_beats_a_shorter_one() {
        check("home monitor", Some("MO-S"));
        check("device gateway", Some("CI"));
        check("medical gas alarm panel", Some("BT-C"));
    }

    #[test]
    fn a_word_nobody_knows_is_unknown_not_harmless() {
        check("thing", None);
        check("", None);
    }

    #[test]
    fn of_two_claims_the_more_dangerous_holds() {
        let table = table();
        let judged = table.judge([vec!["printer", "ventilator"]]).unwrap();
        assert_eq!(judged.code, "LS");
        let judged = table.judge([vec![""], vec!["syringe pump"]]).unwrap();
        assert_eq!(judged.code, "TH-C");
    }

    #[test]
    fn what_is_gated_follows_from_the_harm() {
        for category in table().all() {
            let must = category.harm_lost >= 4 || category.harm_wrong == 5;
            assert_eq!(category.gated, must, "{}", category.code);
        }
    }
}
