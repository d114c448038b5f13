//! Model and part numbers as names write them: lists, ranges, shortened repeats, wildcards.
//!
//! `MP5/5SC (M8105A/5AS)`, `MX800/700/600`, `MP20-MP90`, `FM20/FM30`, `EMAxxx`: an
//! inventory names one of them in full.

use super::aliases::number_form;

/// One number or a set of them, in letters and digits, lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Model {
    One(String),
    /// From `MX400` to `MX850`: the letters, and both ends.
    Range {
        letters: String,
        from: u32,
        to: u32,
    },
    /// `ema###`: `x` stood for a letter or digit.
    Like(String),
}

impl Model {
    pub(super) fn is(&self, form: &str) -> bool {
        match self {
            Model::One(one) => one == form,
            Model::Range { letters, from, to } => {
                let digits = form.strip_prefix(letters.as_str()).unwrap_or_default();
                let bare = digits.trim_end_matches(|found: char| found.is_alphabetic());
                digits.len() - bare.len() <= 2
                    && bare.parse().is_ok_and(|number: u32| (*from..=*to).contains(&number))
            }
            Model::Like(pattern) => {
                // `DS-K1T671XXX` is the front of `DS-K1T671TM-3XF`, whatever stands behind.
                let fixed = pattern.trim_end_matches('#');
                let tail = pattern.len() - fixed.len();
                let open = tail >= 2 && fixed.len() >= 5 && form.len() <= pattern.len() + 6;
                let long = if open {
                    form.len() > fixed.len()
                } else {
                    pattern.chars().count() == form.chars().count()
                };
                long && pattern
                    .chars()
                    .zip(form.chars())
                    .all(|(wanted, found)| wanted == '#' || wanted == found)
            }
        }
    }

    /// The keys to file it under; see [`keys_of`].
    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        let (whole, bare) = match self {
            Model::One(one) => (Some(one.clone()), without_letters(one).map(str::to_owned)),
            Model::Range { letters, .. } => (Some(format!("{letters}#")), None),
            Model::Like(pattern) => {
                let fixed = pattern.split('#').next().unwrap_or_default();
                (fixed.get(..3).map(|front| format!("{front}?")), None)
            }
        };
        whole.into_iter().chain(bare)
    }

    /// Whether it is telling by itself: letters and digits, or at least four digits.
    pub(super) fn is_strong(&self) -> bool {
        match self {
            Model::One(one) => {
                let digits = one.chars().filter(char::is_ascii_digit).count();
                let letters = one.chars().count() - digits;
                digits >= 4 || (digits >= 1 && letters >= 1 && digits + letters >= 3)
            }
            Model::Range { letters, .. } => letters.len() >= 2,
            Model::Like(pattern) => pattern.len() >= 4,
        }
    }
}

/// The keys under which a word of an inventory's name finds numbers: itself, its letters, its
/// beginning, its digits without the letters in front.
pub(super) fn keys_of(form: &str) -> impl Iterator<Item = String> {
    let digit_at = form.find(|found: char| found.is_ascii_digit());
    let letters = digit_at.and_then(|at| form.get(..at)).map(|letters| format!("{letters}#"));
    let front = digit_at.and_then(|_| form.get(..3)).map(|front| format!("{front}?"));
    let bare = without_added_letters(form).map(str::to_owned);
    [Some(form.to_owned()), letters, front, bare].into_iter().flatten()
}

/// The `722` of `mmt722`: an inventory may leave the letters in front out.
pub(super) fn without_letters(number: &str) -> Option<&str> {
    let digits = number.trim_start_matches(|found: char| found.is_alphabetic());
    let numbered = digits.starts_with(|found: char| found.is_ascii_digit());
    (numbered && digits.len() >= 3 && digits.len() < number.len()).then_some(digits)
}

/// The `520` of `ct520`: an inventory may put a letter or two in front of a number.
pub(super) fn without_added_letters(form: &str) -> Option<&str> {
    without_letters(form).filter(|digits| {
        form.len() - digits.len() <= 2 && digits.chars().all(|found| found.is_ascii_digit())
    })
}

/// The letters in front of a number, where there are any.
pub(super) fn letters_of(model: &Model) -> Option<&str> {
    let text = match model {
        Model::One(text) | Model::Like(text) => {
            text.get(..text.find(|found: char| found.is_ascii_digit())?)?
        }
        Model::Range { letters, .. } => letters,
    };
    (!text.is_empty()).then_some(text)
}

/// Whether a word of a name is a number of any make.
pub(super) fn has_digit(text: &str) -> bool {
    text.chars().any(|found| found.is_ascii_digit())
}

/// Reads a word with digits: `MP5/5SC`, `MX400-550`, `8015`.
pub(super) fn read(word: &str) -> Vec<Model> {
    let mut models: Vec<Model> = Vec::new();
    let mut base: Option<String> = None;
    for part in word.split('/').filter(|part| !part.is_empty()) {
        if let Some(range) = range(part) {
            models.push(range);
            continue;
        }
        let full = match &base {
            Some(base) if has_digit(part) => completed(base, part),
            _ => part.to_owned(),
        };
        if let Some((with, without)) = optional_tail(&full) {
            models.extend([with, without].map(|one| Model::One(number_form(&one))));
            continue;
        }
        if has_digit(&full) {
            base = Some(full.clone());
        }
        models.push(one(&full));
    }
    models.retain(|model| !matches!(model, Model::One(one) if one.is_empty()));
    models
}

fn one(text: &str) -> Model {
    // `xx` (or one `x` between digits) stands for anything; `3500xL` is a name.
    let letters: Vec<char> = text.chars().filter(|found| found.is_alphanumeric()).collect();
    let is_x = |at: usize| letters.get(at).is_some_and(|found| matches!(found, 'x' | 'X'));
    let wild: Vec<bool> = (0..letters.len())
        .map(|at| {
            let beside = is_x(at + 1) || (at > 0 && is_x(at - 1));
            let digit_before = at > 0 && letters.get(at - 1).is_some_and(char::is_ascii_digit);
            let closed = letters.get(at + 1).is_none_or(char::is_ascii_digit);
            is_x(at) && (beside || (digit_before && closed && letters.get(at) == Some(&'x')))
        })
        .collect();
    let form: String = letters
        .iter()
        .zip(&wild)
        .map(|(found, wild)| if *wild { "#".to_owned() } else { found.to_lowercase().collect() })
        .collect();
    if wild.contains(&true) { Model::Like(form) } else { Model::One(form) }
}

/// `MP20-MP90`, `MX400-550`; not `MMT-503`, `CP 443-1`.
fn range(part: &str) -> Option<Model> {
    let (from, to) = part.split_once('-')?;
    let (letters, first) = split(from)?;
    let (other_letters, last) = split(to)?;
    let same = other_letters == letters || other_letters.is_empty();
    let plain =
        !letters.is_empty() && same && (other_letters == letters || first.len() == last.len());
    let (from, to) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
    (plain && from < to).then(|| Model::Range { letters: letters.to_lowercase(), from, to })
}

/// Letters and then digits, nothing else.
fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.find(|found: char| found.is_ascii_digit())?;
    let (letters, digits) = text.split_at(at);
    let plain = letters.chars().all(char::is_alphabetic)
        && digits.chars().all(|found| found.is_ascii_digit());
    plain.then_some((letters, digits))
}

/// A shortened repeat in full: after `M8105A`, `5AS` is `M8105AS`; after `MX800`, `700` is `MX700`.
fn completed(base: &str, part: &str) -> String {
    if !part.starts_with(|found: char| found.is_ascii_digit()) {
        return part.to_owned();
    }
    let digits = part.chars().take_while(char::is_ascii_digit).count();
    let tail = base.trim_end_matches(|found: char| found.is_alphabetic());
    let run = tail.len() - tail.trim_end_matches(|found: char| found.is_ascii_digit()).len();
    if digits > run {
        return part.to_owned();
    }
    let kept = tail.get(..tail.len() - digits).unwrap_or_default();
    format!("{kept}{part}")
}

/// `MMT-522(K)` means with and without the K.
fn optional_tail(text: &str) -> Option<(String, String)> {
    let (front, tail) = text.strip_suffix(')')?.split_once('(')?;
    Some((format!("{front}{tail}"), front.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, inside: &[&str], outside: &[&str]) {
        let models = read(word);
        for form in inside {
            assert!(models.iter().any(|model| model.is(form)), "{form} of {models:?}");
        }
        for form in outside {
            assert!(!models.iter().any(|model| model.is(form)), "{form} of {models:?}");
        }
    }

    #[test]
    fn a_shortened_repeat_takes_the_front_of_the_first() {
        check("M8105A/5AS", &["m8105a", "m8105as"], &["5as", "m8105"]); // ICSMA-19-255-01
        check("M8001A/2A/3A/10A", &["m8001a", "m8002a", "m8003a", "m8010a"], &["m8006a"]);
        check("865240/41/42", &["865240", "865241", "865242"], &["865243", "41"]);
        check("MX800/700/600", &["mx800", "mx700", "mx600"], &["700"]);
        check("MP5/5SC", &["mp5", "mp5sc"], &["5sc"]);
        check("522K/722K", &["522k", "722k"], &["522"]); // ICSMA-19-178-01
        check("FM20/FM30/FM40", &["fm20", "fm40"], &["fm50"]); // ICSMA-18-156-01
        check("280/BUR280", &["280", "bur280"], &["bur250"]); // ICSMA-22-167-01
    }

    #[test]
    fn a_range_holds_what_lies_between() {
        check("MP20-MP90", &["mp20", "mp70", "mp90"], &["mp5", "mx70", "20"]);
        check("MX400-550", &["mx450"], &["mx800"]);
        check("MX400-MX850", &["mx800"], &["mx100"]);
        check("MMT-503", &["mmt503"], &["503"]);
    }

    #[test]
    fn a_number_without_its_letters_is_filed_and_asked_for() {
        let filed: Vec<String> = read("A356").iter().flat_map(Model::keys).collect();
        assert_eq!(filed, ["a356", "356"]);
        assert!(keys_of("ct520").any(|key| key == "520"));
        assert!(keys_of("mmt520").all(|key| key != "520"), "three letters make another number");
    }

    #[test]
    fn an_x_in_a_number_stands_for_anything() {
        check("EMAxxx", &["ema110"], &["ema11", "ewa110"]); // ICSA-17-026-01
        check("DS-2CD2xx2FWD", &["ds2cd2142fwd"], &["ds2cd2143fwd"]); // ICSA-17-124-01
        check("3500xL", &["3500xl"], &["3500al"]);
    }

    #[test]
    fn a_tail_in_parentheses_may_be_there_or_not() {
        check("MMT-522(K)", &["mmt522", "mmt522k"], &["mmt523"]); // ICSMA-18-219-02
    }
}
