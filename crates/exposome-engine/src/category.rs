//! What a thing is for, and what happens to people when it fails.
//!
//! The fifteen function categories and the words that give one away are data
//! (`rules/categories`).  A claim is a word somebody wrote: a class column, a
//! model, a name.  Where claims disagree the most dangerous one holds; where
//! none is understood the category is *unknown*, and unknown is treated as
//! harmful.

use crate::phrases::Phrases;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All categories, with the words that name them.
#[derive(Debug, Clone)]
pub struct Categories {
    all: Vec<Category>,
    words: Phrases,
    /// What only passes on what others send.
    fan_out: Phrases,
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
    /// The harm of losing it in certain areas of use.
    #[serde(default)]
    pub harm_lost_in: BTreeMap<String, u8>,
    /// No change without a signed clinical risk assessment.
    pub gated: bool,
    /// The classes of data it holds by its kind; `None`: its kind does not say.
    pub data: Option<Vec<String>>,
    pub continuity: Continuity,
    pub fragility: Fragility,
    /// How far the sensor may go by default: 0 listen only, 1 what its own protocol allows, 2 ordinary queries while it
    /// is idle.
    pub query_tier: u8,
    pub product_codes: Vec<String>,
    words: Vec<String>,
}

/// How long a thing can be missing before the harm of losing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Continuity {
    Minutes,
    Hours,
    Shift,
    Days,
}

/// How a thing bears being asked something over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fragility {
    Low,
    Medium,
    High,
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
    #[error("category {code}: query tiers run from 0 to 2")]
    Tier { code: String },
}

impl Categories {
    pub fn parse(text: &str) -> Result<Categories, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            fan_out: FanOut,
            category: Vec<Category>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct FanOut {
            words: Vec<String>,
        }
        let File { fan_out: passing_on, category: categories } =
            toml::from_str(text).map_err(|error| Error::Shape(Box::new(error)))?;
        let mut words = Phrases::default();
        for (number, category) in categories.iter().enumerate() {
            let code = || category.code.clone();
            let harms = [category.harm_lost, category.harm_wrong];
            let mut harms = harms.iter().chain(category.harm_lost_in.values());
            if harms.any(|harm| !(1..=5).contains(harm)) {
                return Err(Error::Harm { code: code() });
            }
            if category.query_tier > 2 {
                return Err(Error::Tier { code: code() });
            }
            let named = [&category.code, &category.name];
            for word in category.words.iter().chain(named) {
                if let Some(one) = words.add(word, number).and_then(|it| categories.get(it)) {
                    let (word, one) = (word.clone(), one.code.clone());
                    return Err(Error::Ambiguous { word, one, other: code() });
                }
            }
        }
        let mut fan_out = Phrases::default();
        for word in &passing_on.words {
            fan_out.add(word, 0);
        }
        Ok(Categories { all: categories, words, fan_out })
    }

    pub fn by_code(&self, code: &str) -> Option<&Category> {
        self.all.iter().find(|category| category.code == code)
    }

    pub fn all(&self) -> &[Category] {
        &self.all
    }

    /// The category to which FDA's product classification counts a thing.
    pub fn by_product_code(&self, product_code: &str) -> Option<&Category> {
        let is_it = |code: &String| code.eq_ignore_ascii_case(product_code.trim());
        let of_code = self.all.iter().filter(|it| it.product_codes.iter().any(is_it));
        of_code.max_by_key(|category| category.harm())
    }

    /// The category that a text names: the longest known phrase in it decides,
    /// the more dangerous one where two are equally long.
    pub fn named_in(&self, text: &str) -> Option<&Category> {
        let named = self.words.named_in(text).into_iter();
        named.filter_map(|it| self.all.get(it)).max_by_key(|category| category.harm())
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

    /// Whether a text names what only passes on what others send, and is as needed as they are.
    pub fn is_fan_out(&self, text: &str) -> bool {
        !self.fan_out.named_in(text).is_empty()
    }
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
