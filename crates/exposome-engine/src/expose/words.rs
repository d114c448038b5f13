//! Names as people write them, brought to one form: broken encodings repaired,
//! accents and trade marks dropped, spelling habits levelled.
//!
//! Nothing here knows a vendor or a product; see `aliases.rs` for those.

use std::ops::Range;

/// The text with broken encodings repaired, accents folded, marks dropped and blanks single.
pub fn clean(text: &str) -> String {
    let mut text = text.chars().take(LONGEST).collect::<String>();
    for _ in 0..2 {
        match repaired(&text) {
            Some(better) => text = better,
            None => break,
        }
    }
    let text = text.replace("U.S.", "US");
    let mut clean = String::with_capacity(text.len());
    for found in text.chars() {
        match found {
            '™' | '®' | '©' | '\u{200b}' | '\u{feff}' => {}
            '\u{2010}'..='\u{2015}' | '−' => clean.push('-'),
            '‘' | '’' | '`' | '´' => clean.push('\''),
            '“' | '”' => clean.push('"'),
            '≤' => clean.push_str("<="),
            '≥' => clean.push_str(">="),
            _ if found.is_whitespace() => {
                if !clean.ends_with(' ') {
                    clean.push(' ');
                }
            }
            _ => fold(found, &mut clean),
        }
    }
    clean.trim().to_owned()
}

/// Longer than any name or range in the advisories at hand; the rest of a longer text is not read.
const LONGEST: usize = 2_000;

/// One word of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The levelled form, for comparing.
    pub form: String,
    /// As it was written, for telling a person and for its capital letters.
    pub written: String,
    /// Where it stands in the text, in bytes.
    pub place: Range<usize>,
}

/// The words of an already cleaned text, split at everything that is neither letter nor digit.
pub fn words(clean: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, found) in clean.char_indices().chain([(clean.len(), ' ')]) {
        let inside = found.is_alphanumeric() || found == '\'';
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                start = None;
                let written = clean.get(from..at).unwrap_or_default().replace('\'', "");
                if !written.is_empty() {
                    words.push(Word { form: level(&written), written, place: from..at });
                }
            }
            _ => {}
        }
    }
    words
}

/// One word without the habits of spelling: capitals, plural, doubled letters, `ae` for `e`.
pub fn level(word: &str) -> String {
    let mut form = word.to_lowercase();
    if form.chars().any(|found| !found.is_alphabetic()) {
        return form;
    }
    if let Some((_, one)) = SAME_WORD.iter().find(|(other, _)| *other == form) {
        return (*one).to_owned();
    }
    form = form.replace("ae", "e");
    if form.len() >= 5 && form.ends_with('s') && !form.ends_with("ss") {
        form.pop();
    }
    if form.len() >= 5 {
        let mut last = None;
        form.retain(|found| last.replace(found) != Some(found));
    }
    form
}

/// Words that different people use for the same thing.
const SAME_WORD: &[(&str, &str)] = &[
    ("wlan", "wireless"),
    ("wifi", "wireless"),
    ("application", "app"),
    ("applications", "app"),
    ("apps", "app"),
    ("centre", "center"),
    ("colour", "color"),
    ("foetal", "fetal"),
    ("haemodialysis", "hemodialysis"),
    ("mri", "mr"),
    ("db", "database"),
    ("wireless", "wireless"),
    ("series", "series"),
];

/// Undoes one round of UTF-8 read as Windows-1252: `YhtymÃ¤` was `Yhtymä`.
fn repaired(text: &str) -> Option<String> {
    if !text.contains(['Ã', 'Â', 'â']) {
        return None;
    }
    let bytes = text.chars().map(windows_1252).collect::<Option<Vec<u8>>>()?;
    let better = String::from_utf8(bytes).ok()?;
    (better.chars().count() < text.chars().count()).then_some(better)
}

fn windows_1252(found: char) -> Option<u8> {
    let code = u32::from(found);
    if code < 0x80 || (0xa0..=0xff).contains(&code) {
        return u8::try_from(code).ok();
    }
    let place = HIGH_1252.iter().position(|known| *known == found)?;
    u8::try_from(0x80 + place).ok()
}

/// Windows-1252, 0x80 to 0x9f; the five bytes without a character stand for themselves.
const HIGH_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn fold(found: char, into: &mut String) {
    let plain = match found {
        'À'..='Å' => "A",
        'à'..='å' => "a",
        'Æ' => "Ae",
        'æ' => "ae",
        'Ç' | 'Č' => "C",
        'ç' | 'č' => "c",
        'È'..='Ë' => "E",
        'è'..='ë' | 'ě' => "e",
        'Ì'..='Ï' => "I",
        'ì'..='ï' => "i",
        'Ñ' => "N",
        'ñ' => "n",
        'Ò'..='Ö' | 'Ø' => "O",
        'ò'..='ö' | 'ø' => "o",
        'Ù'..='Ü' => "U",
        'ù'..='ü' => "u",
        '²' => "2",
        '³' => "3",
        'ß' => "ss",
        'Š' => "S",
        'š' => "s",
        'Ž' => "Z",
        'ž' => "z",
        'ý' | 'ÿ' => "y",
        _ => {
            into.push(found);
            return;
        }
    };
    into.push_str(plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let forms = words(&clean(text)).into_iter().map(|word| word.form).collect::<Vec<_>>();
        assert_eq!(forms.join(" "), expected);
    }

    #[test]
    fn a_name_that_was_encoded_twice_is_repaired() {
        // ICSMA-21-007-01, once in the document and once more in the list of advisories.
        assert_eq!(clean("Innokas YhtymÃ¤ Oy"), "Innokas Yhtyma Oy");
        assert_eq!(clean("Innokas YhtymÃƒÂ¤ Oy"), "Innokas Yhtyma Oy");
        assert_eq!(clean("GeutebrÃ¼ck"), "Geutebruck");
        assert_eq!(clean("Software House Câ€¢CURE Web Client"), "Software House C•CURE Web Client");
    }

    #[test]
    fn accents_marks_and_capitals_make_no_difference() {
        check("Dräger Infinity® Delta™", "drager infinity delta");
        check("SOFTWARE HOUSE C●CURE 9000", "software house c cure 9000");
    }

    #[test]
    fn plural_and_doubled_letters_make_no_difference() {
        check("Millenium Millennium", "milenium milenium");
        check("Infusion Pumps", "infusion pump");
        check("anaesthesia anesthesia", "anesthesia anesthesia");
        check("TOOLS tool STRESS", "tool tool stres");
    }

    #[test]
    fn a_text_that_only_looks_broken_is_left_alone() {
        assert_eq!(clean("Ângela"), "Angela");
    }
}
