//! One product of an advisory held against one name of an inventory.
//!
//! The facts of the comparison come first ([`Overlap`]), the answer is read off them
//! ([`Sight::of`]) in the order in which a person would look: a part number, a model
//! number, the brand words, and last the words that say what kind of thing it is.

use super::model_number::{Model, has_digit, letters_of, without_added_letters, without_letters};
use super::product_reading::Alternative;
use super::product_text::{ComponentName, NameWord, Recognition};
use super::version_order::{Answer, is_version};
use super::word_class::Class;
use exposome_model::exposure::Confidence;
use exposome_model::inventory::ComponentKind;
use std::collections::BTreeSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vendor {
    Same,
    Unstated,
    Other,
}

/// One alternative held against one name.
pub(super) struct Sight<'a> {
    pub(super) name: &'a ComponentName,
    pub(super) version: Option<&'a str>,
    /// The label before the version: `AP`.
    pub(super) label: Option<&'a str>,
    pub(super) vendor: Vendor,
    /// The whole line is meant, whatever stands behind its name.
    pub(super) line: bool,
    /// The name is that of a kind, in the plural: "PET/CT Systems".
    pub(super) plural: bool,
    /// The advisory's name has the brand of another vendor of the house.
    pub(super) other_brand: bool,
    /// Levelled words that may stand in the name and say nothing: the vendor's, the system's.
    pub(super) passing_words: &'a BTreeSet<String>,
}

/// What two names have in common and what not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "separate facts of one comparison, each read by its name"
)]
struct Overlap {
    /// Brand words of the advisory; the vendor's own name is none.
    brands: usize,
    brands_missing: usize,
    models: Models,
    /// A model is there whose number is telling: letters and digits, or many digits.
    telling_model: bool,
    /// Words for kinds and roles.
    soft_missing: bool,
    soft_shared: bool,
    roles_missing: bool,
    extra: Extra,
}

/// Words of the inventory's name that the advisory does not have, by class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "separate facts of one comparison, each read by its name"
)]
struct Extra {
    brand: bool,
    step: bool,
    role: bool,
    kind: bool,
    number: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Models {
    NoneAsked,
    /// One of each group is there.
    Same,
    Other(String),
    Unstated,
}

impl Overlap {
    fn brands_found(&self) -> usize {
        self.brands - self.brands_missing
    }

    fn has_model(&self) -> bool {
        self.models == Models::Same
    }

    /// Both sides say what kind of thing it is, and nothing of it agrees.
    fn another_kind(&self) -> bool {
        self.soft_missing
            && (self.extra.kind || self.extra.role)
            && !self.soft_shared
            && !self.has_model()
    }
}

impl Sight<'_> {
    pub(super) fn of(&self, one: &Alternative) -> Recognition {
        match self.compare(one) {
            Recognition::Same { .. } | Recognition::Possibly { .. } if !self.is_called(one) => {
                Recognition::Different
            }
            found => found,
        }
    }

    fn compare(&self, one: &Alternative) -> Recognition {
        let sure = self.vendor == Vendor::Same;
        let overlap = self.overlap(one);
        let branded = overlap.brands_found() > 0;
        let is_told = |model: &Model| self.has_in_full(model) || (branded && self.has_model(model));
        if sure && one.numbers.iter().any(|model| model.is_strong() && is_told(model)) {
            return match self.same(Confidence::High, one, "by its number") {
                Recognition::Same { confidence, closeness, because } => {
                    let closeness = closeness.saturating_add(BY_NUMBER);
                    Recognition::Same { confidence, closeness, because }
                }
                other => other,
            };
        }
        if overlap.has_model() && self.is_beside_another(one, &overlap) {
            return Recognition::Different;
        }
        if sure && !branded && self.has_a_bare_number(one, &overlap) {
            return self.possibly("model number", one);
        }
        let named = sure || branded;
        let short = named && one.short.iter().any(|short| self.has(short));
        match &overlap.models {
            Models::Other(found) if overlap.brands_missing == 0 && named => {
                let because = format!("the advisory means {}, the name says {found}", one.written);
                return Recognition::Excluded { because };
            }
            Models::Same if overlap.telling_model && named => {
                let surest = sure && (overlap.brands == 0 || branded);
                return self
                    .released(one, if surest { Confidence::High } else { Confidence::Medium });
            }
            // "HAMILTON-T1", "Model C2": nothing but the model, from the same vendor.
            Models::Same if sure && overlap.extra == Extra::default() => {
                return self.released(one, Confidence::Medium);
            }
            Models::Unstated if short => return self.possibly("model number", one),
            _ if short => return self.released(one, Confidence::Medium),
            _ => {}
        }
        if overlap.brands_missing > 0 {
            return self.shortened(one, &overlap);
        }
        if overlap.brands == 0 { self.by_kind(one, &overlap) } else { self.by_brand(one, &overlap) }
    }

    /// `Pyxis MedStation 3500` is not the Anesthesia System 3500: the number is shared, the rest is not.
    fn is_beside_another(&self, one: &Alternative, overlap: &Overlap) -> bool {
        let numeric = one
            .models
            .iter()
            .flatten()
            .filter(|model| self.has_model(model))
            .all(|model| shape(model).0 == 0);
        let (extra, missing) = (overlap.extra, overlap.brands_missing > 0);
        // "PortServer TS 16" has a number of the ConnectPort TS 16 and nothing else of it.
        if extra.brand && missing && overlap.brands_found() == 0 && !self.has_long_model(one) {
            return true;
        }
        numeric
            && ((extra.brand && overlap.roles_missing)
                || (extra.role && missing && overlap.brands_found() > 0))
    }

    /// "356" may be the A356 of its maker, or another device: the letters that one side leaves out
    /// are only made up for by a brand that both have.
    fn has_a_bare_number(&self, one: &Alternative, overlap: &Overlap) -> bool {
        let in_full = |model: &Model| self.has_in_full(model);
        let numbered = |model: &Model| model.is_strong() && self.has_model(model);
        one.numbers.iter().any(numbered)
            || (overlap.has_model() && !one.models.iter().flatten().any(in_full))
    }

    fn has_long_model(&self, one: &Alternative) -> bool {
        let long = |model: &&Model| shape(model).0 + shape(model).1 > 4;
        one.models.iter().flatten().filter(long).any(|model| self.has_model(model))
    }

    /// All brand words are there; models and the lesser words decide.
    fn by_brand(&self, one: &Alternative, overlap: &Overlap) -> Recognition {
        let extra = overlap.extra;
        if overlap.models == Models::Unstated {
            let other = extra.brand || extra.step || extra.role || overlap.another_kind();
            return if other { Recognition::Different } else { self.possibly("model number", one) };
        }
        let device = self.name.kind == ComponentKind::Device;
        let another_product = !self.line
            && (extra.step
                || (extra.brand && !device)
                || (extra.brand && overlap.soft_missing && !overlap.has_model()));
        if another_product || overlap.another_kind() {
            return Recognition::Different;
        }
        if overlap.roles_missing && !overlap.has_model() {
            let other = extra.brand || extra.role || extra.number;
            return if other {
                Recognition::Different
            } else {
                self.possibly("which product of the line", one)
            };
        }
        let exact = !extra.brand && !extra.role && !extra.number;
        let sure = exact && self.vendor == Vendor::Same;
        self.released(one, if sure { Confidence::Medium } else { Confidence::Low })
    }

    /// The advisory's name has no brand word ("DICOM Viewer", "Defibrillator Dashboard"): all its
    /// words must be there, from the same vendor, and no brand beside them.
    fn by_kind(&self, one: &Alternative, overlap: &Overlap) -> Recognition {
        let extra = overlap.extra;
        // "MRI 1.5T" and "PET/CT Systems" are whatever the vendor calls its own.
        let any_brand = self.plural || one.words.iter().any(|(form, _)| is_strength(form));
        let other = overlap.soft_missing || (extra.brand && !any_brand) || extra.step || extra.role;
        let unsettled = self.vendor != Vendor::Same
            || matches!(overlap.models, Models::Unstated | Models::Other(_));
        if unsettled || (other && !overlap.has_model()) {
            return Recognition::Different;
        }
        self.released(one, Confidence::Medium)
    }

    /// Brand words are missing: a shortened name leaves it open, another name is another product.
    fn shortened(&self, one: &Alternative, overlap: &Overlap) -> Recognition {
        if let Some(found) = self.without_its_family(one, overlap) {
            return found;
        }
        let brand = |word: &&NameWord| {
            word.class >= Class::Step && !self.passing_words.contains(&word.form)
        };
        // A name of several brand words is a product of its own: "Pyxis SupplyStation" is not
        // "Pyxis SupplyStation EC" cut short, "Alaris pump" may be any Alaris.
        let bare = self.name.words.iter().filter(brand).count() == 1;
        let first = one
            .words
            .iter()
            .find(|(form, class)| *class >= Class::Step && !self.passing_words.contains(form));
        let begins_alike = first.is_some_and(|(form, _)| self.has(form));
        let numbered = overlap.models == Models::Unstated
            && one.words.iter().all(|(_, class)| *class >= Class::Step);
        let extra = overlap.extra;
        let nothing_else = !extra.role && !extra.number && (numbered || !extra.kind);
        let other_model = matches!(overlap.models, Models::Other(_));
        // "Virtuoso" is not "Virtuoso II" cut short.
        let mut brands_missing =
            self.missing(one).into_iter().filter(|(_, class)| *class >= Class::Step);
        let only_steps = brands_missing.all(|(_, class)| class == Class::Step);
        if bare
            && begins_alike
            && nothing_else
            && !other_model
            && !only_steps
            && self.vendor == Vendor::Same
        {
            return self.possibly("which product of the line", one);
        }
        Recognition::Different
    }

    /// "Infinity Delta" is called Delta and "Quantum HD Unity Compressor" Quantum HD compressor: one
    /// word is left out, the last is there, and nothing else stands beside it.
    fn without_its_family(&self, one: &Alternative, overlap: &Overlap) -> Option<Recognition> {
        let extra = overlap.extra;
        let brands: Vec<&str> = one
            .words
            .iter()
            .filter(|(form, class)| *class >= Class::Step && !self.passing_words.contains(form))
            .map(|(form, _)| form.as_str())
            .collect();
        let last_is_there = brands.last().is_some_and(|last| last.len() >= 4 && self.has(last));
        let settled = matches!(overlap.models, Models::NoneAsked | Models::Same);
        let nothing_else = !extra.brand && !extra.step && !extra.role && !extra.number;
        let known = self.vendor == Vendor::Same && settled && nothing_else && last_is_there;
        let first_missing = brands.first().is_some_and(|first| !self.has(first));
        let enough = overlap.brands_missing == 1
            && (overlap.brands_found() >= 2 || (first_missing && overlap.brands_found() >= 1))
            && !overlap.roles_missing;
        (known && enough).then(|| self.released(one, Confidence::Low))
    }

    /// The release in the name against the version installed.
    fn released(&self, one: &Alternative, confidence: Confidence) -> Recognition {
        if one.releases.is_empty() {
            return self.same(confidence, one, "by its name");
        }
        let Some(installed) = self.version.or(self.name.release.as_deref()) else {
            return self.possibly("software version", one);
        };
        let answers: Vec<Answer> =
            one.releases.iter().map(|release| of_release(release, installed)).collect();
        if answers.contains(&Answer::Yes) {
            self.same(confidence, one, "by its name")
        } else if answers.iter().all(|answer| *answer == Answer::No) {
            let because =
                format!("the advisory means \"{}\", installed is {installed}", one.written);
            Recognition::Excluded { because }
        } else {
            self.possibly("full software version", one)
        }
    }

    fn same(&self, confidence: Confidence, one: &Alternative, how: &str) -> Recognition {
        let confidence = if self.vendor == Vendor::Same { confidence } else { Confidence::Low };
        let because = format!("product recognised {how} as \"{}\"", one.written);
        Recognition::Same { confidence, closeness: self.closeness(one), because }
    }

    fn possibly(&self, missing_fact: &str, one: &Alternative) -> Recognition {
        Recognition::Possibly {
            missing_fact: missing_fact.to_owned(),
            confidence: Confidence::Low,
            closeness: self.closeness(one),
            because: format!("the name may mean \"{}\"", one.written),
        }
    }

    /// How many telling words of the inventory's name the advisory's accounts for.
    fn closeness(&self, one: &Alternative) -> u8 {
        let telling = |word: &&NameWord| word.class >= Class::Role || has_digit(&word.form);
        let all = self.name.words.iter().filter(telling).count();
        let extra = self.extra(one).into_iter().filter(|word| telling(word)).count();
        let found = 2 * (all - extra.min(all)) + usize::from(!self.other_brand);
        u8::try_from(found).unwrap_or(u8::MAX)
    }

    fn overlap(&self, one: &Alternative) -> Overlap {
        let own = one.words.iter().filter(|(form, _)| !self.passing_words.contains(form));
        let (brands, soft): (Vec<_>, Vec<_>) = own.partition(|(_, class)| *class >= Class::Step);
        let missing = self.missing(one);
        let brands_missing: Vec<_> =
            missing.iter().filter(|(_, class)| *class >= Class::Step).collect();
        let soft_missing = missing.len() - brands_missing.len();
        let models = self.models(one);
        Overlap {
            brands: brands.len(),
            brands_missing: brands_missing.len(),
            telling_model: models == Models::Same
                && self.telling_model(one, brands.len(), brands_missing.len()),
            models,
            soft_missing: soft_missing > 0,
            soft_shared: soft.len() > soft_missing,
            roles_missing: missing.iter().any(|(_, class)| *class == Class::Role),
            extra: self.extra_classes(one),
        }
    }

    /// `XR656` is telling by itself; `4000` beside a brand word, `508` too if nothing else is asked.
    fn telling_model(&self, one: &Alternative, brands: usize, brands_missing: usize) -> bool {
        one.models.iter().flatten().filter(|model| self.has_model(model)).any(|model| {
            let (letters, digits) = shape(model);
            let branded = brands > brands_missing;
            match letters {
                0 => (branded && digits >= 3) || (brands == 0 && digits >= 4),
                _ => model.is_strong() && (branded || brands == 0 || letters + digits >= 4),
            }
        })
    }

    fn extra_classes(&self, one: &Alternative) -> Extra {
        let mut extra = Extra::default();
        for word in self.extra(one) {
            match word.class {
                _ if has_digit(&word.form) => extra.number = true,
                Class::Brand if word.form.len() > 1 => extra.brand = true,
                Class::Step => extra.step = true,
                Class::Role => extra.role = true,
                Class::Kind => extra.kind = true,
                Class::Brand | Class::Noise => {}
            }
        }
        extra
    }

    /// Words of the advisory that the name does not have.
    fn missing<'a>(&self, one: &'a Alternative) -> Vec<(&'a str, Class)> {
        let mut missing = Vec::new();
        for (at, (form, class)) in one.words.iter().enumerate() {
            let joins = |other: Option<&(String, Class)>, turned: bool| {
                other.is_some_and(|(other, _)| {
                    self.has(&if turned {
                        format!("{other}{form}")
                    } else {
                        format!("{form}{other}")
                    })
                })
            };
            let before = at.checked_sub(1).and_then(|at| one.words.get(at));
            let found = self.has(form)
                || self.name.has_line(form)
                || joins(one.words.get(at + 1), false)
                || joins(before, true);
            if !found && !self.passing_words.contains(form) {
                missing.push((form.as_str(), *class));
            }
        }
        missing
    }

    /// Words of the name that the advisory does not have.
    fn extra(&self, one: &Alternative) -> Vec<&NameWord> {
        let known = |word: &NameWord| {
            one.words.iter().any(|(form, _)| *form == word.form)
                || self.passing_words.contains(&word.form)
                || one.short.contains(&word.form)
                || one
                    .models
                    .iter()
                    .flatten()
                    .chain(&one.numbers)
                    .any(|model| self.is_part_of(model, &word.form))
                || one.releases.iter().any(|release| release.contains(&word.form))
                || one.words.iter().any(|(form, _)| self.is_piece_of(&word.form, form))
        };
        self.name.words.iter().filter(|word| !known(word)).collect()
    }

    /// `II` and `S` are pieces of the word `II-S`.
    fn is_piece_of(&self, piece: &str, form: &str) -> bool {
        form.len() > piece.len()
            && (form.starts_with(piece) || form.ends_with(piece))
            && self.has(form)
            && self.name.words.iter().all(|word| word.form != form)
    }

    /// `EC` and `40` are parts of the model `ec40`.
    fn is_part_of(&self, model: &Model, form: &str) -> bool {
        model.is(form)
            || self.name.forms.iter().any(|own| {
                (own.starts_with(form) || own.ends_with(form))
                    && own.len() <= form.len() + 8
                    && model.is(own)
            })
    }

    fn models(&self, one: &Alternative) -> Models {
        if one.models.is_empty() {
            return Models::NoneAsked;
        }
        let mut unstated = false;
        for group in
            one.models.iter().filter(|group| !group.iter().any(|model| self.has_model(model)))
        {
            match self.another(group, one) {
                Some(found) => return Models::Other(found.to_owned()),
                None => unstated = true,
            }
        }
        // Of "MiniMed 630G MMT-1715" the 630G alone is telling.
        let strong =
            one.models.iter().flatten().any(|model| model.is_strong() && self.has_model(model));
        // "MedStation 4000" says nothing of a generation (T2).
        let is_generation = |group: &&Vec<Model>| {
            group
                .iter()
                .all(|model| matches!(model, Model::One(one) if one.len() == 2 && has_digit(one)))
        };
        let generation = one
            .models
            .iter()
            .filter(is_generation)
            .any(|group| !group.iter().any(|model| self.has_model(model)));
        if unstated && (!strong || (generation && one.models.len() > 1)) {
            Models::Unstated
        } else {
            Models::Same
        }
    }

    /// Whether one of several groups of models is there and another is not.
    pub(super) fn has_some_model(&self, one: &Alternative) -> bool {
        let has = |group: &Vec<Model>| group.iter().any(|model| self.has_model(model));
        one.models.iter().any(has) && !one.models.iter().all(has)
    }

    /// Whether the installed version is another member of a group: R3 where `R4-5` is meant.
    pub(super) fn has_another_release(&self, one: &Alternative) -> bool {
        let Some(version) = self.version.map(super::aliases::number_form) else {
            return false;
        };
        let missing =
            one.models.iter().filter(|group| !group.iter().any(|model| self.has_model(model)));
        missing.flatten().any(|model| {
            letters_of(model).is_some_and(|letters| version.starts_with(letters))
                && !model.is(&version)
        })
    }

    /// Alone, with a neighbour, as an option that is fitted, or in front of the version.
    fn has(&self, form: &str) -> bool {
        self.name.forms.contains(form) || self.name.is_fitted(form) || self.label == Some(form)
    }

    /// Whether the name itself has something of the product's: options and labels add to a name
    /// and make none.
    fn is_called(&self, one: &Alternative) -> bool {
        let in_name = |form: &String| self.name.forms.contains(form) || self.name.has_line(form);
        let numbered = |model: &Model| match model {
            Model::One(number) => {
                self.name.forms.contains(number)
                    || self.has_with_letters(number)
                    || self.has_without_letters(number)
            }
            _ => self.has_model(model),
        };
        one.models.iter().flatten().chain(&one.numbers).any(numbered)
            || one.short.iter().any(in_name)
            || one.telling(self.passing_words).any(|form| in_name(&form))
    }

    fn has_model(&self, model: &Model) -> bool {
        self.has_in_full(model)
            || matches!(model, Model::One(one)
                if self.has_with_letters(one) || self.has_without_letters(one))
    }

    /// With all its letters and no others.
    fn has_in_full(&self, model: &Model) -> bool {
        match model {
            Model::One(one) => self.has(one),
            _ => self.name.forms.iter().any(|form| model.is(form)),
        }
    }

    /// "Optima 520" is also called CT520.
    fn has_with_letters(&self, number: &str) -> bool {
        self.name.words.iter().any(|word| without_added_letters(&word.form) == Some(number))
    }

    /// "Paradigm MMT-722" is also called Paradigm 722.
    fn has_without_letters(&self, number: &str) -> bool {
        let stands_bare = |digits: &str| {
            self.name.words.iter().any(|word| word.form == digits && !word.hyphenated)
        };
        without_letters(number).is_some_and(stands_bare)
    }

    /// A number in the name that is another model of the same make: not a part number, which is longer.
    fn another(&self, group: &[Model], one: &Alternative) -> Option<&str> {
        let same_letters = |form: &&String| {
            group.iter().any(|model| {
                letters_of(model).is_some_and(|letters| form.starts_with(letters))
                    && shape(model) == shape_of(form)
            })
        };
        if let Some(form) = self.name.forms.iter().find(same_letters) {
            return Some(form);
        }
        let shapes: Vec<(usize, usize)> = group.iter().map(shape).collect();
        let extra = self.extra(one);
        extra.into_iter().map(|word| word.form.as_str()).filter(|form| has_digit(form)).find(
            |form| {
                let own = shape_of(form);
                let mixed = own.0 > 0 && own.1 > 0 && form.len() <= 5;
                let alike = |shape: &(usize, usize)| shape.0 == 0 || own.1 == shape.1;
                shapes.contains(&own)
                    || mixed
                    || (own.0 == 0 && own.1 <= 4 && shapes.iter().any(alike))
            },
        )
    }
}

/// No name is as close as a part number.
const BY_NUMBER: u8 = 100;

/// `15t`: the strength of a magnet.
fn is_strength(form: &str) -> bool {
    let number = form.strip_suffix('t').unwrap_or_default();
    !number.is_empty() && number.chars().all(|found| found.is_ascii_digit())
}

/// How many letters stand in front, and how many digits there are.
fn shape(model: &Model) -> (usize, usize) {
    match model {
        Model::One(text) | Model::Like(text) => shape_of(text),
        Model::Range { letters, to, .. } => (letters.len(), to.to_string().len()),
    }
}

fn shape_of(form: &str) -> (usize, usize) {
    let letters = form.chars().take_while(|found| !found.is_ascii_digit()).count();
    (letters, form.chars().filter(char::is_ascii_digit).count())
}

fn of_release(release: &str, installed: &str) -> Answer {
    match is_version(release, installed) {
        // "Xeleris 3.1" is the whole of 3.1.
        Answer::TextTooCoarse => Answer::Yes,
        answer => answer,
    }
}
