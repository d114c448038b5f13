//! Words and phrases that stand for something, found in what people wrote.
//!
//! Matched whole and without case, the longest phrase first, so that `home monitor` is not a
//! `monitor`.

use std::collections::BTreeMap;

/// Phrases, each with the number of what it stands for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phrases {
    /// Folded.
    numbers: BTreeMap<String, usize>,
}

impl Phrases {
    /// Adds a phrase; the number it stood for before, if that is another one.
    pub(crate) fn add(&mut self, phrase: &str, number: usize) -> Option<usize> {
        self.numbers.insert(fold(phrase), number).filter(|earlier| *earlier != number)
    }

    /// What the longest known phrases in a text stand for; several where several are equally long.
    pub(crate) fn named_in(&self, text: &str) -> Vec<usize> {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let of_length = |length| -> Vec<usize> {
            words.windows(length).filter_map(|phrase| self.number(&phrase.join(" "))).collect()
        };
        let lengths = (1..=words.len().min(LONGEST)).rev();
        lengths.map(of_length).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn number(&self, phrase: &str) -> Option<usize> {
        let singular = phrase.strip_suffix('s');
        self.numbers.get(phrase).or_else(|| self.numbers.get(singular?)).copied()
    }
}

/// Words of the longest phrase.
const LONGEST: usize = 4;

/// Lower case, punctuation to spaces: `c-arm` and `heart-lung` keep their words apart by one space.
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
