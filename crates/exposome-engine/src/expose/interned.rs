//! Every distinct text once: vendors, products, versions and keys as small numbers.
//!
//! A catalogue of 300,000 vulnerabilities repeats the same few hundred thousand
//! texts millions of times.  They lie behind one another in one long string; a
//! table of places finds them again.  The same texts in the same order get the
//! same numbers, on every machine.

/// The number of a text in [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub u32);

/// Distinct texts, numbered in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Words {
    text: String,
    /// Where each text ends; it begins where the one before ends.
    ends: Vec<u32>,
    /// Open addressing: 0 is an empty place; else half of the text's digest above one more than
    /// its number, so that a stranger is seldom mistaken before the texts are compared.
    places: Vec<u64>,
}

impl Words {
    /// Stands for no text at all.
    pub const NONE: Word = Word(u32::MAX);

    /// The number of `text`, which is taken in if it is new.
    ///
    /// Past four gigabytes of distinct text nothing new is taken in and
    /// [`Words::NONE`] stands for it.
    pub fn intern(&mut self, text: &str) -> Word {
        // Up to three quarters full: a small table stays near the processor.
        if self.places.len() * 3 < (self.ends.len() + 1) * 4 {
            self.grow();
        }
        let digest = digest(text.as_bytes());
        let place = match self.look(text, digest) {
            Ok(word) => return word,
            Err(place) => place,
        };
        let (Ok(number), Ok(end)) =
            (u32::try_from(self.ends.len()), u32::try_from(self.text.len() + text.len()))
        else {
            return Words::NONE;
        };
        self.text.push_str(text);
        self.ends.push(end);
        if let Some(entry) = self.places.get_mut(place) {
            *entry = digest & TAG | u64::from(number + 1);
        }
        Word(number)
    }

    /// The number of `text`, if it was ever taken in.
    pub fn find(&self, text: &str) -> Option<Word> {
        self.look(text, digest(text.as_bytes())).ok()
    }

    /// The text of a number; nothing for a number that was never given.
    pub fn get(&self, word: Word) -> &str {
        let number = word.0 as usize;
        let Some(&end) = self.ends.get(number) else { return "" };
        let begin = number.checked_sub(1).and_then(|n| self.ends.get(n)).copied().unwrap_or(0);
        self.text.get(begin as usize..end as usize).unwrap_or_default()
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The word, or the empty place where it would go.
    fn look(&self, text: &str, digest: u64) -> Result<Word, usize> {
        let mask = self.places.len().saturating_sub(1);
        let mut place = first_place(digest, mask);
        loop {
            let entry = self.places.get(place).copied().unwrap_or(0);
            if entry == 0 {
                return Err(place);
            }
            if (entry ^ digest) & TAG == 0 {
                let word = Word(number_of(entry));
                if self.get(word) == text {
                    return Ok(word);
                }
            }
            place = (place + 1) & mask;
        }
    }

    /// Doubles the table.  An entry's own tag says where it goes: no text is read again.
    fn grow(&mut self) {
        let len = (self.places.len() * 2).max(16);
        let entries = std::mem::replace(&mut self.places, vec![0; len]);
        for entry in entries.into_iter().filter(|entry| *entry != 0) {
            let mut place = first_place(entry, len - 1);
            while self.places.get(place).is_some_and(|&taken| taken != 0) {
                place = (place + 1) & (len - 1);
            }
            if let Some(free) = self.places.get_mut(place) {
                *free = entry;
            }
        }
    }
}

/// The half of an entry that is taken from the digest.
const TAG: u64 = 0xffff_ffff_0000_0000;

fn number_of(entry: u64) -> u32 {
    u32::try_from(entry & !TAG).unwrap_or(u32::MAX).wrapping_sub(1)
}

fn first_place(tagged: u64, mask: usize) -> usize {
    usize::try_from(tagged >> 32).unwrap_or(0) & mask
}

/// Spreads bytes over 64 bits by folded multiplication, eight at a time.
pub(crate) fn digest(bytes: &[u8]) -> u64 {
    let mut sum = SEED ^ bytes.len() as u64;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        sum = fold(sum ^ chunk.try_into().map_or(0, u64::from_le_bytes));
    }
    let rest = chunks.remainder().iter().fold(0, |rest, &byte| rest << 8 | u64::from(byte));
    fold(sum ^ rest)
}

fn fold(value: u64) -> u64 {
    let wide = u128::from(value ^ SEED) * u128::from(FACTOR);
    let high = u64::try_from(wide >> 64).unwrap_or(0);
    let low = u64::try_from(wide & u128::from(u64::MAX)).unwrap_or(0);
    high ^ low
}

/// Digits of the fraction of pi: arbitrary, but not chosen by us.
const SEED: u64 = 0x243f_6a88_85a3_08d3;
const FACTOR: u64 = 0x1319_8a2e_0370_7345;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_the_same_number_and_comes_back() {
        let mut words = Words::default();
        let numbers: Vec<Word> = (0..5000).map(|n| words.intern(&format!("text {n}"))).collect();
        for (n, &word) in numbers.iter().enumerate() {
            assert_eq!(words.get(word), format!("text {n}"));
            assert_eq!(words.intern(&format!("text {n}")), word);
            assert_eq!(words.find(&format!("text {n}")), Some(word));
        }
        assert_eq!(words.len(), 5000);
        assert_eq!(words.find("never seen"), None);
        assert_eq!(Words::default().find(""), None);
    }
}
