//! Product names in free text: is the thing on the ward the thing the advisory means?
//!
//! CISA's medical advisories name products in prose only: no CPE, no PURL, no
//! model number in a field of its own.  A [`ProductPattern`] is such a name, read
//! once (`product_reading.rs` has the grammar); a [`ComponentName`] is what an
//! inventory calls its own thing, read once.
//!
//! What is asked of a match: the vendor must not contradict, every *brand* word of
//! the advisory must stand in the inventory's name, and of a list of models one.
//! Words that only say what kind of thing it is may be missing or added on either side.

use super::aliases::{Aliases, number_form, share_a_name};
use super::fitting::{self, Fitted};
use super::model_number::{Model, has_digit, keys_of, read as read_models};
use super::product_reading::{self, Alternative, Condition, Reading};
use super::version_order::{Answer, is_version};
use super::version_text::VersionPattern;
use super::word_class::{Class, class};
use super::words::{Word, clean, words};
use exposome_model::exposure::Confidence;
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::Product;
use std::collections::BTreeSet;

/// A product as an advisory names it, ready to be held against an inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductPattern {
    /// Every vendor id that may stand on the device; empty if the advisory names none.
    house: BTreeSet<String>,
    /// Levelled words of the vendor's name as the advisory writes it.
    vendor_words: BTreeSet<String>,
    reading: Reading,
}

/// What an inventory calls a component, normalised once and used for many patterns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentName {
    kind: ComponentKind,
    vendors: BTreeSet<String>,
    /// The vendor has a field of its own, or its name stands in the component's.
    words: Vec<NameWord>,
    /// All forms under which a word can be found: single, joined with the next, of a number.
    forms: BTreeSet<String>,
    version: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct NameWord {
    form: String,
    class: Class,
}

/// Whether a component is the product that a pattern means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recognition {
    Same {
        confidence: Confidence,
        because: String,
    },
    /// The line is recognised, one fact is missing: `model number`, `option: wireless`.
    Possibly {
        missing_fact: String,
        confidence: Confidence,
        because: String,
    },
    /// Recognised, and the text leaves it out: another model of the line, another option.
    Excluded {
        because: String,
    },
    Different,
}

/// Reads one leaf of a product tree: product and version text together, because some
/// advisories write the models of a line where versions belong.  `title` is the
/// advisory's, for the few trees that name no product at all.
pub fn read_leaf(
    product: &Product,
    title: Option<&str>,
    text: &str,
    aliases: &Aliases,
) -> (ProductPattern, VersionPattern) {
    let version = VersionPattern::read(text);
    let mut pattern = ProductPattern::read(product, aliases);
    if pattern.reading.alternatives.is_empty() {
        let titled = Product {
            vendor: product.vendor.clone(),
            name: title.map(without_alarm),
            ..Product::default()
        };
        pattern = ProductPattern::read(&titled, aliases);
    }
    let Some(models) = version.models() else { return (pattern, version) };
    let named: Vec<Alternative> = models
        .iter()
        .flat_map(|model| {
            product_reading::read(&aliases.renamed(&clean(model), &pattern.house)).alternatives
        })
        .filter(|one| {
            one.words.iter().any(|(_, class)| *class == Class::Brand)
                || one.models.iter().flatten().any(Model::is_strong)
        })
        .collect();
    if named.len() < models.len() {
        return (pattern, version);
    }
    let stands_alone = |one: &Alternative| one.models.iter().flatten().any(Model::is_strong);
    pattern.reading.alternatives.retain(stands_alone);
    pattern.reading.alternatives.extend(named);
    (pattern, VersionPattern::any_version())
}

/// "Philips Alice 6 Vulnerabilities" is about the Philips Alice 6.
fn without_alarm(title: &str) -> String {
    let end = title.to_lowercase().find("vulnerabilit").unwrap_or(title.len());
    title.get(..end).unwrap_or(title).trim().to_owned()
}

impl ProductPattern {
    pub fn read(product: &Product, aliases: &Aliases) -> ProductPattern {
        let vendor = product.vendor.as_deref().unwrap_or_default();
        let ids = aliases.vendor_ids(vendor);
        let house: BTreeSet<String> = ids.iter().flat_map(|id| aliases.house(id)).collect();
        let vendor_words: BTreeSet<String> =
            words(&clean(vendor)).into_iter().map(|word| word.form).collect();
        let name = product.name.as_deref().or(product.family.as_deref()).unwrap_or_default();
        let name =
            aliases.renamed(&without_vendors(&clean(name), &house, &vendor_words, aliases), &house);
        let mut reading = product_reading::read(&name);
        let listed = product.models.iter().flat_map(|model| read_models(&clean(model)));
        let listed: Vec<Model> = listed.collect();
        for one in &mut reading.alternatives {
            one.numbers.extend(listed.iter().cloned());
        }
        if reading.alternatives.is_empty() && !listed.is_empty() {
            let written = product.models.join(", ");
            reading.alternatives.push(Alternative {
                models: vec![listed],
                written,
                ..Alternative::default()
            });
        }
        ProductPattern { house, vendor_words, reading }
    }

    /// Index keys to file the pattern under; a component that it may recognise shares at least one of them.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: BTreeSet<String> = BTreeSet::new();
        for one in self.reading.alternatives.iter().chain(&self.reading.exclusions) {
            keys_of_alternative(one, &mut keys);
        }
        keys.into_iter().collect()
    }

    /// `bill`: everything on the same asset, for options, modules and the system below.
    pub fn recognise(
        &self,
        name: &ComponentName,
        component: &Component,
        bill: &[Component],
    ) -> Recognition {
        let vendor = self.vendor(name);
        if vendor == Vendor::Other {
            return Recognition::Different;
        }
        if let Some(left_out) = self.left_out(name, vendor) {
            return left_out;
        }
        let sight =
            Sight { name, vendor, line: self.reading.line, vendor_words: &self.vendor_words };
        let best = self
            .reading
            .alternatives
            .iter()
            .map(|one| sight.of(one))
            .max_by_key(rank)
            .unwrap_or(Recognition::Different);
        self.conditioned(best, component, bill)
    }

    fn vendor(&self, name: &ComponentName) -> Vendor {
        if name.vendors.is_empty() || self.house.is_empty() {
            let own = name
                .words
                .iter()
                .any(|word| word.class == Class::Brand && self.vendor_words.contains(&word.form));
            return if own { Vendor::Same } else { Vendor::Unstated };
        }
        let same = name.vendors.iter().any(|id| {
            self.house.contains(id) || self.house.iter().any(|house| share_a_name(house, id))
        });
        if same { Vendor::Same } else { Vendor::Other }
    }

    fn left_out(&self, name: &ComponentName, vendor: Vendor) -> Option<Recognition> {
        let sight = Sight { name, vendor, line: true, vendor_words: &self.vendor_words };
        self.reading.exclusions.iter().find_map(|one| {
            let exact = Alternative { releases: Vec::new(), ..one.clone() };
            match sight.of(&exact) {
                Recognition::Same { .. } => Some(Recognition::Excluded {
                    because: format!("the advisory leaves out \"{}\"", one.written),
                }),
                _ => None,
            }
        })
    }

    fn conditioned(
        &self,
        best: Recognition,
        component: &Component,
        bill: &[Component],
    ) -> Recognition {
        let (confidence, mut because) = match best {
            Recognition::Same { confidence, because } => (confidence, because),
            other => return other,
        };
        for condition in &self.reading.conditions {
            let (what, asked, found) = match condition {
                Condition::Option(asked) => {
                    ("option", asked, fitting::option(asked, component, bill))
                }
                Condition::System(asked) => {
                    ("operating system", asked, fitting::system(asked, component, bill))
                }
            };
            match found {
                Fitted::Present(written) => {
                    because = format!("{because}; \"{written}\" has what \"{asked}\" asks")
                }
                Fitted::Absent(written) => {
                    return Recognition::Excluded {
                        because: format!("\"{asked}\" is asked, the inventory says \"{written}\""),
                    };
                }
                Fitted::Unstated => {
                    let missing_fact = format!("{what}: {asked}");
                    return Recognition::Possibly { missing_fact, confidence, because };
                }
            }
        }
        Recognition::Same { confidence, because }
    }
}

impl ComponentName {
    pub fn read(component: &Component, aliases: &Aliases) -> ComponentName {
        let text = match &component.called {
            Some(called) if !called.eq_ignore_ascii_case(&component.name) => {
                format!("{called} {}", component.name)
            }
            _ => component.name.clone(),
        };
        let text = clean(&text);
        let mut vendors = component
            .vendor
            .as_deref()
            .map(|vendor| aliases.vendor_ids(vendor))
            .unwrap_or_default();
        if vendors.is_empty() {
            vendors = aliases
                .vendors_in(&words(&text))
                .into_iter()
                .map(|(_, id)| id.to_owned())
                .collect();
        }
        let vendor_words = BTreeSet::new();
        let house: BTreeSet<String> = vendors.iter().flat_map(|id| aliases.house(id)).collect();
        let text = aliases.renamed(&without_vendors(&text, &house, &vendor_words, aliases), &house);
        let text = with_numbered(&text, &house, aliases);
        let named: Vec<Word> = words(&text);
        let forms = forms(&text, &named);
        let words = named
            .into_iter()
            .map(|word| NameWord {
                class: if has_digit(&word.form) { Class::Brand } else { class(&word.form) },
                form: word.form,
            })
            .filter(|word| word.class != Class::Noise)
            .collect();
        ComponentName {
            kind: component.kind,
            vendors,
            words,
            forms,
            version: component.version.clone(),
        }
    }

    /// Index keys to look up; see [`ProductPattern::keys`].
    pub fn keys(&self) -> Vec<String> {
        let keys: BTreeSet<String> = self.forms.iter().flat_map(|form| keys_of(form)).collect();
        keys.into_iter().collect()
    }

    fn has(&self, form: &str) -> bool {
        self.forms.contains(form)
    }

    /// A short name of letters (`CX`) is also found at the front of a model (`CX50`).
    fn has_line(&self, form: &str) -> bool {
        form.len() <= 3
            && self.forms.iter().any(|own| {
                own.strip_prefix(form)
                    .is_some_and(|rest| rest.starts_with(|found: char| found.is_ascii_digit()))
            })
    }
}

/// Every form a word can be found by: alone, joined with its neighbour, all of a hyphenated piece.
fn forms(text: &str, named: &[Word]) -> BTreeSet<String> {
    let mut forms: BTreeSet<String> = named.iter().map(|word| word.form.clone()).collect();
    for pair in named.windows(2) {
        if let [one, other] = pair {
            forms.insert(format!("{}{}", one.written, other.written).to_lowercase());
            forms.insert(super::words::level(&format!("{}{}", one.written, other.written)));
        }
    }
    for piece in text.split(' ').filter(|piece| has_digit(piece)) {
        for part in piece.split('/') {
            forms.insert(number_form(part));
        }
    }
    // Brand words of a list keep their doubled letters there.
    forms.extend(named.iter().map(|word| word.written.to_lowercase()));
    forms.remove("");
    forms
}

/// The text without the names of these vendors, unless nothing else would be left.
fn without_vendors(
    text: &str,
    house: &BTreeSet<String>,
    vendor_words: &BTreeSet<String>,
    aliases: &Aliases,
) -> String {
    let named = words(text);
    let mut kept = String::with_capacity(text.len());
    let mut done = 0;
    for (place, id) in aliases.vendors_in(&named) {
        let bounds = named.get(place.start).zip(named.get(place.end.wrapping_sub(1)));
        let Some((first, last)) = bounds.filter(|_| house.contains(id)) else { continue };
        kept.push_str(text.get(done..first.place.start).unwrap_or_default());
        done = last.place.end;
    }
    kept.push_str(text.get(done..).unwrap_or_default());
    let telling = |text: &str| {
        words(text)
            .iter()
            .any(|word| !vendor_words.contains(&word.form) && class(&word.form) != Class::Noise)
    };
    let kept = kept.trim().trim_start_matches(['-', ':', ',']).trim().to_owned();
    if telling(&kept) { kept } else { text.to_owned() }
}

/// The text with the names of products whose part or model number it has.
fn with_numbered(text: &str, house: &BTreeSet<String>, aliases: &Aliases) -> String {
    let mut text = text.to_owned();
    let named = words(&text);
    for form in forms(&text, &named) {
        for product in aliases.products_numbered(&form) {
            let said = super::words::words(&product.name)
                .iter()
                .all(|word| named.iter().any(|own| own.form == word.form));
            if aliases.is_of(product, house) && !said {
                text.push(' ');
                text.push_str(&product.name);
            }
        }
    }
    text
}

fn keys_of_alternative(one: &Alternative, keys: &mut BTreeSet<String>) {
    keys.extend(one.models.iter().flatten().chain(&one.numbers).filter_map(Model::key));
    keys.extend(one.short.iter().cloned());
    let brands: Vec<&String> =
        one.words.iter().filter(|(_, class)| *class >= Class::Step).map(|(form, _)| form).collect();
    let telling =
        if brands.is_empty() { one.words.iter().map(|(form, _)| form).collect() } else { brands };
    let longest = telling.iter().max_by_key(|form| form.len());
    for form in telling.first().into_iter().chain(longest) {
        keys.insert((*form).clone());
        if form.len() <= 3 {
            keys.insert(format!("{form}#"));
        }
    }
    for pair in telling.windows(2) {
        if let [first, second] = pair {
            keys.insert(format!("{first}{second}"));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vendor {
    Same,
    Unstated,
    Other,
}

/// One alternative held against one name.
struct Sight<'a> {
    name: &'a ComponentName,
    vendor: Vendor,
    line: bool,
    vendor_words: &'a BTreeSet<String>,
}

impl Sight<'_> {
    fn of(&self, one: &Alternative) -> Recognition {
        let numbered = one.numbers.iter().any(|model| self.has_model(model));
        let short = one.short.iter().any(|short| self.name.has(short));
        let missing = self.missing(one);
        let brands = one.words.iter().filter(|(_, class)| *class >= Class::Step).count();
        let brands_missing = missing.iter().filter(|(_, class)| *class >= Class::Step).count();
        if numbered && self.vendor == Vendor::Same {
            return self.same(Confidence::High, one, "by its number");
        }
        if short && (self.vendor == Vendor::Same || brands > brands_missing) {
            return self.released(one, Confidence::Medium);
        }
        let models = self.models(one);
        let strong =
            one.models.iter().flatten().any(|model| model.is_strong() && self.has_model(model));
        if strong
            && models == Models::Same
            && (self.vendor == Vendor::Same || brands > brands_missing)
        {
            let sure = self.vendor == Vendor::Same && (brands == 0 || brands > brands_missing);
            return self.released(one, if sure { Confidence::High } else { Confidence::Medium });
        }
        if brands_missing > 0 {
            return self.shortened(one, brands > brands_missing, models);
        }
        if brands == 0
            && (!missing.is_empty() || (self.vendor != Vendor::Same && one.models.is_empty()))
        {
            return if one.models.is_empty() || models != Models::Same {
                self.shortened(one, false, models)
            } else {
                self.kinds(one, &missing, models)
            };
        }
        self.kinds(one, &missing, models)
    }

    /// All brand words are there; models and the lesser words decide.
    fn kinds(&self, one: &Alternative, missing: &[(&str, Class)], models: Models) -> Recognition {
        let extra = self.extra(one);
        let roles_missing = missing.iter().any(|(_, class)| *class == Class::Role);
        let another = extra.iter().any(|word| word.class == Class::Brand && !has_digit(&word.form));
        let another_role = extra.iter().any(|word| word.class == Class::Role);
        let step = extra.iter().any(|word| word.class == Class::Step);
        match models {
            Models::Other(ref found) => {
                return Recognition::Excluded {
                    because: format!("the advisory means {}, the name says {found}", one.written),
                };
            }
            Models::Unstated => return self.possibly("model number", one),
            Models::Same => {}
        }
        let matched = !one.models.is_empty();
        if step && !self.line {
            return Recognition::Different;
        }
        if roles_missing && !matched {
            let numbers = extra.iter().any(|word| has_digit(&word.form));
            if another || another_role || numbers {
                return Recognition::Different;
            }
            return self.possibly("which product of the line", one);
        }
        if !missing.is_empty() && another && !matched && !self.line {
            return Recognition::Different;
        }
        if self.name.kind != ComponentKind::Device && another && !self.line {
            return Recognition::Different;
        }
        let exact = extra.iter().all(|word| word.class <= Class::Kind);
        let sure = exact && self.vendor == Vendor::Same;
        self.released(one, if sure { Confidence::Medium } else { Confidence::Low })
    }

    /// Brand words are missing: a shortened name leaves it open, another name is another product.
    fn shortened(&self, one: &Alternative, some: bool, models: Models) -> Recognition {
        let first = one
            .words
            .iter()
            .find(|(_, class)| *class >= Class::Step)
            .is_some_and(|(form, _)| self.name.has(form));
        let nothing_else = self.extra(one).iter().all(|word| word.class < Class::Role);
        if some
            && first
            && nothing_else
            && self.vendor == Vendor::Same
            && !matches!(models, Models::Other(_))
        {
            return self.possibly("which product of the line", one);
        }
        Recognition::Different
    }

    /// The release in the name against the version installed.
    fn released(&self, one: &Alternative, confidence: Confidence) -> Recognition {
        if one.releases.is_empty() {
            return self.same(confidence, one, "by its name");
        }
        let in_name = one
            .releases
            .iter()
            .any(|release| self.name.has(&release.to_lowercase().replace('.', "")));
        let Some(installed) = self.name.version.as_deref().filter(|_| !in_name) else {
            return if in_name {
                self.same(confidence, one, "by its name")
            } else {
                self.possibly("software version", one)
            };
        };
        let answers: Vec<Answer> =
            one.releases.iter().map(|release| of_release(release, installed)).collect();
        if answers.contains(&Answer::Yes) {
            self.same(confidence, one, "by its name")
        } else if answers.iter().all(|answer| *answer == Answer::No) {
            Recognition::Excluded {
                because: format!(
                    "the advisory means \"{}\", installed is {installed}",
                    one.written
                ),
            }
        } else {
            self.possibly("full software version", one)
        }
    }

    fn same(&self, confidence: Confidence, one: &Alternative, how: &str) -> Recognition {
        let confidence = if self.vendor == Vendor::Same { confidence } else { Confidence::Low };
        Recognition::Same {
            confidence,
            because: format!("product recognised {how} as \"{}\"", one.written),
        }
    }

    fn possibly(&self, missing_fact: &str, one: &Alternative) -> Recognition {
        let because = format!("the name may mean \"{}\"", one.written);
        Recognition::Possibly {
            missing_fact: missing_fact.to_owned(),
            confidence: Confidence::Low,
            because,
        }
    }

    /// Words of the advisory that the name does not have.
    fn missing<'a>(&self, one: &'a Alternative) -> Vec<(&'a str, Class)> {
        let mut missing = Vec::new();
        for (at, (form, class)) in one.words.iter().enumerate() {
            let joins = |other: Option<&(String, Class)>, turned: bool| {
                other.is_some_and(|(other, _)| {
                    self.name.has(&if turned {
                        format!("{other}{form}")
                    } else {
                        format!("{form}{other}")
                    })
                })
            };
            let before = at.checked_sub(1).and_then(|at| one.words.get(at));
            let found = self.name.has(form)
                || self.name.has_line(form)
                || joins(one.words.get(at + 1), false)
                || joins(before, true);
            if !found && !self.vendor_words.contains(form) {
                missing.push((form.as_str(), *class));
            }
        }
        missing
    }

    /// Words of the name that the advisory does not have.
    fn extra(&self, one: &Alternative) -> Vec<&NameWord> {
        let joined: String = one.words.iter().map(|(form, _)| form.as_str()).collect();
        let known = |word: &NameWord| {
            one.words.iter().any(|(form, _)| *form == word.form)
                || self.vendor_words.contains(&word.form)
                || one.short.contains(&word.form)
                || one
                    .models
                    .iter()
                    .flatten()
                    .chain(&one.numbers)
                    .any(|model| self.is_part_of(model, &word.form))
                || one.releases.iter().any(|release| release.contains(&word.form))
                || (word.form.len() > 3 && joined.contains(&word.form))
        };
        self.name.words.iter().filter(|word| !known(word)).collect()
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
        for group in &one.models {
            if group.iter().any(|model| self.has_model(model)) {
                continue;
            }
            return match self.another(group, one) {
                Some(found) => Models::Other(found.to_owned()),
                None => Models::Unstated,
            };
        }
        Models::Same
    }

    fn has_model(&self, model: &Model) -> bool {
        match model {
            Model::One(one) => self.name.has(one) || self.has_with_letters(one),
            _ => self.name.forms.iter().any(|form| model.is(form)),
        }
    }

    /// "Optima 520" is also called CT520.
    fn has_with_letters(&self, number: &str) -> bool {
        number.len() >= 3
            && number.chars().all(|found| found.is_ascii_digit())
            && self.name.words.iter().any(|word| {
                word.form
                    .strip_suffix(number)
                    .is_some_and(|front| front.len() <= 2 && front.chars().all(char::is_alphabetic))
            })
    }

    /// A number in the name that is another model of the same make: not a part number, which is longer.
    fn another(&self, group: &[Model], one: &Alternative) -> Option<&str> {
        let shapes: Vec<(usize, usize)> = group.iter().map(shape).collect();
        let extra = self.extra(one);
        extra
            .into_iter()
            .map(|word| word.form.as_str())
            .filter(|form| has_digit(form))
            .find(|form| {
                let own = shape_of(form);
                let mixed = own.0 > 0 && own.1 > 0 && form.len() <= 5;
                shapes.contains(&own)
                    || mixed
                    || (own.0 == 0 && own.1 <= 4 && shapes.iter().any(|shape| shape.0 == 0))
            })
            .map(|form| {
                self.name
                    .words
                    .iter()
                    .find(|word| word.form == *form)
                    .map_or("another", |word| word.form.as_str())
            })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Models {
    /// One of each group is there, or none is asked.
    Same,
    Other(String),
    Unstated,
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

fn rank(recognition: &Recognition) -> u8 {
    match recognition {
        Recognition::Same { confidence, .. } => 10 + *confidence as u8,
        Recognition::Possibly { .. } => 2,
        Recognition::Excluded { .. } => 1,
        Recognition::Different => 0,
    }
}
