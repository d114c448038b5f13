//! CPE names: which product a feed or an inventory means.
//!
//! A name of version 2.3 (NIST IR 7695, section 6.2) has eleven attributes between colons,
//! `cpe:2.3:o:vendor:product_firmware:1.0:*:*:*:*:*:*:*`; `*` is *any*, `-` is *not applicable*, a
//! backslash takes the meaning from the character after it, and `*` or `?` at the edge of
//! a value stand for other characters.  A name of version 2.2 (`cpe:/a:vendor:product`,
//! section 6.1) is read into the same form.
//!
//! [`Cpe::applies_to`] asks whether what a feed names is what an inventory holds.  It is the name
//! matching of NIST IR 7696, section 6, with one difference: where the inventory says *any*
//! and the feed something definite, the answer is *not known*, and says which attribute
//! would decide it.

use std::borrow::Cow;
use std::fmt;

/// A well-formed name, kept in the canonical form of version 2.3: lower case, escaped where and
/// only where the standard wants it.  One allocation, cheap to compare.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpe {
    name: Box<str>,
    ends: [u16; ATTRIBUTES.len()],
    any: Attributes,
    not_applicable: Attributes,
    wild: Attributes,
}

/// The attributes in the order of the formatted string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    Part,
    Vendor,
    Product,
    Version,
    Update,
    Edition,
    Language,
    SwEdition,
    TargetSw,
    TargetHw,
    Other,
}

const ATTRIBUTES: [(Attribute, &str); 11] = [
    (Attribute::Part, "part"),
    (Attribute::Vendor, "vendor"),
    (Attribute::Product, "product"),
    (Attribute::Version, "version"),
    (Attribute::Update, "update"),
    (Attribute::Edition, "edition"),
    (Attribute::Language, "language"),
    (Attribute::SwEdition, "sw_edition"),
    (Attribute::TargetSw, "target_sw"),
    (Attribute::TargetHw, "target_hw"),
    (Attribute::Other, "other"),
];

impl Attribute {
    /// The name the standard gives it.
    pub fn name(self) -> &'static str {
        ATTRIBUTES.iter().find(|(attribute, _)| *attribute == self).map_or("", |(_, name)| name)
    }
}

/// A set of attributes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attributes(u16);

impl Attributes {
    pub fn contains(self, attribute: Attribute) -> bool {
        self.0 & Attributes::only(attribute).0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub fn without(self, attribute: Attribute) -> Attributes {
        Attributes(self.0 & !Attributes::only(attribute).0)
    }

    pub fn iter(self) -> impl Iterator<Item = Attribute> {
        ATTRIBUTES
            .iter()
            .map(|&(attribute, _)| attribute)
            .filter(move |&attribute| self.contains(attribute))
    }

    fn only(attribute: Attribute) -> Attributes {
        Attributes(1 << attribute as u16)
    }

    fn add(&mut self, attribute: Attribute) {
        self.0 |= Attributes::only(attribute).0;
    }
}

/// What one attribute says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Any,
    NotApplicable,
    /// The value without its escapes.
    Text(Cow<'a, str>),
    /// A value with `*` or `?` at its edge, escapes kept.
    Pattern(&'a str),
}

/// Whether what a feed names is what an inventory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    Yes,
    /// No: this attribute, the first that differs, rules it out.
    No(Attribute),
    /// Not known: the inventory does not say these.
    Unknown(Attributes),
}

/// How the set of products one name stands for relates to that of another (NIST IR 7696,
/// table 6-2 and section 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Equal,
    Superset,
    Subset,
    Disjoint,
    /// They may overlap; the standard leaves it undefined.
    Undefined,
}

impl Cpe {
    /// Reads a formatted string of version 2.3 or a URI of version 2.2.
    ///
    /// Attributes missing at the end are *any*: inventories often leave them out.
    pub fn parse(text: &str) -> Result<Cpe, Error> {
        let text = without_end(text.trim_ascii_start(), |it| it.is_ascii_whitespace());
        if text.len() > LONGEST {
            return Err(Error::TooLong { len: text.len() });
        }
        if let Some(attributes) = strip_prefix(text, "cpe:2.3:") {
            Builder::new(text.len()).formatted(attributes)
        } else if let Some(attributes) = strip_prefix(text, "cpe:/") {
            Builder::new(text.len()).uri(attributes)
        } else {
            Err(Error::NotACpe)
        }
    }

    /// A name made of plain values; what is not said is *any*.
    pub fn of(
        part: char,
        vendor: &str,
        product: &str,
        version: Option<&str>,
    ) -> Result<Cpe, Error> {
        let mut builder = Builder::new(vendor.len() + product.len());
        let mut part_text = [0; 4];
        for value in [part.encode_utf8(&mut part_text), vendor, product] {
            builder.literal(value)?;
        }
        match version {
            Some(version) => builder.literal(version)?,
            None => builder.raw("*")?,
        }
        builder.finish()
    }

    pub fn value(&self, attribute: Attribute) -> Value<'_> {
        if self.any.contains(attribute) {
            Value::Any
        } else if self.not_applicable.contains(attribute) {
            Value::NotApplicable
        } else if self.wild.contains(attribute) {
            Value::Pattern(self.raw(attribute))
        } else {
            Value::Text(unescaped(self.raw(attribute)))
        }
    }

    /// `a` (application), `o` (operating system, firmware) or `h` (hardware).
    pub fn part(&self) -> Option<char> {
        self.raw(Attribute::Part).chars().next().filter(|part| matches!(part, 'a' | 'o' | 'h'))
    }

    /// The vendor without escapes; `None` when it is *any*, *not applicable* or a pattern.
    pub fn vendor(&self) -> Option<Cow<'_, str>> {
        self.text(Attribute::Vendor)
    }

    pub fn product(&self) -> Option<Cow<'_, str>> {
        self.text(Attribute::Product)
    }

    pub fn version(&self) -> Option<Cow<'_, str>> {
        self.text(Attribute::Version)
    }

    pub fn text(&self, attribute: Attribute) -> Option<Cow<'_, str>> {
        match self.value(attribute) {
            Value::Text(text) => Some(text),
            Value::Any | Value::NotApplicable | Value::Pattern(_) => None,
        }
    }

    /// The canonical formatted string.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Part, vendor and product as they stand in the canonical string, escapes kept: the key to
    /// find names of one product by.
    pub fn product_key(&self) -> &str {
        self.name.get(PREFIX.len()..self.end(Attribute::Product)).unwrap_or_default()
    }

    /// Whether this name, as a feed gives it, covers `held`, as an inventory gives it.
    pub fn applies_to(&self, held: &Cpe) -> Applies {
        let mut unknown = Attributes::default();
        for (attribute, _) in ATTRIBUTES {
            match self.relation_of(held, attribute) {
                Relation::Equal | Relation::Superset => {}
                Relation::Disjoint => return Applies::No(attribute),
                Relation::Subset | Relation::Undefined => unknown.add(attribute),
            }
        }
        if unknown.is_empty() { Applies::Yes } else { Applies::Unknown(unknown) }
    }

    /// How this name relates to `other` as a whole.
    pub fn relation(&self, other: &Cpe) -> Relation {
        let mut whole = Relation::Equal;
        for (attribute, _) in ATTRIBUTES {
            whole = match (whole, self.relation_of(other, attribute)) {
                (_, Relation::Disjoint) => return Relation::Disjoint,
                (before, Relation::Equal) => before,
                (Relation::Equal, now) => now,
                (before, now) if before == now => now,
                _ => Relation::Undefined,
            };
        }
        whole
    }

    /// How this name relates to `other` in one attribute.
    pub fn relation_of(&self, other: &Cpe, attribute: Attribute) -> Relation {
        let (ours, theirs) = (self.raw(attribute), other.raw(attribute));
        if ours == theirs {
            return Relation::Equal;
        }
        match (self.any.contains(attribute), other.any.contains(attribute)) {
            (true, _) => return Relation::Superset,
            (_, true) => return Relation::Subset,
            _ => {}
        }
        if self.not_applicable.contains(attribute) || other.not_applicable.contains(attribute) {
            return Relation::Disjoint;
        }
        match (self.wild.contains(attribute), other.wild.contains(attribute)) {
            (true, false) if covers(ours, theirs) => Relation::Superset,
            (false, true) if covers(theirs, ours) => Relation::Subset,
            (true, true) => Relation::Undefined,
            (true | false, _) => Relation::Disjoint,
        }
    }

    fn raw(&self, attribute: Attribute) -> &str {
        let start = match attribute {
            Attribute::Part => PREFIX.len(),
            _ => self.ends.get(attribute as usize - 1).map_or(0, |&end| usize::from(end) + 1),
        };
        self.name.get(start..self.end(attribute)).unwrap_or_default()
    }

    fn end(&self, attribute: Attribute) -> usize {
        self.ends.get(attribute as usize).copied().map_or(0, usize::from)
    }
}

impl fmt::Display for Cpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Debug for Cpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cpe({})", self.name)
    }
}

/// Why a text is no CPE name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a CPE name: it opens neither with cpe:2.3: nor with cpe:/")]
    NotACpe,
    #[error("a CPE name of {len} bytes: at most {LONGEST} are read")]
    TooLong { len: usize },
    #[error("more than eleven attributes")]
    TooManyAttributes,
    #[error("neither vendor nor product is named")]
    NothingNamed,
    #[error("the part is {found:?}: a, o, h, * or - was expected")]
    Part { found: String },
    #[error("the {} is empty", attribute.name())]
    Empty { attribute: Attribute },
    #[error("the {} ends in a lone backslash", attribute.name())]
    LoneBackslash { attribute: Attribute },
    #[error("the {} has * or ? in its middle: only its edges may", attribute.name())]
    WildcardInside { attribute: Attribute },
    #[error("the {} has % that two hexadecimal digits do not follow", attribute.name())]
    Percent { attribute: Attribute },
}

/// No name in the NVD dictionary comes near; what is longer is an attack.
const LONGEST: usize = 8192;

const PREFIX: &str = "cpe:2.3:";

fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Writes the canonical string, an attribute at a time.
struct Builder {
    name: String,
    ends: [u16; ATTRIBUTES.len()],
    filled: usize,
    any: Attributes,
    not_applicable: Attributes,
    wild: Attributes,
}

impl Builder {
    /// With room for a name made from a text of this length.
    fn new(len: usize) -> Builder {
        let none = Attributes::default();
        let mut name = String::with_capacity(PREFIX.len() + len + 2 * ATTRIBUTES.len());
        name.push_str(PREFIX);
        Builder { name, ends: [0; 11], filled: 0, any: none, not_applicable: none, wild: none }
    }

    fn formatted(mut self, attributes: &str) -> Result<Cpe, Error> {
        let mut rest = attributes;
        loop {
            let end = end_of_value(rest);
            let (value, tail) = rest.split_at(end);
            self.raw(value)?;
            match tail.strip_prefix(':') {
                Some(tail) => rest = tail,
                None => return self.finish(),
            }
        }
    }

    fn uri(mut self, attributes: &str) -> Result<Cpe, Error> {
        for (place, value) in attributes.split(':').enumerate() {
            // The edition may hold five attributes of version 2.3, packed between tildes.
            match value.strip_prefix('~') {
                Some(packed) if place == Attribute::Edition as usize => {
                    self.packed(packed, attributes)?;
                }
                _ if place == Attribute::Language as usize && self.filled > place => {}
                _ => self.uri_value(value)?,
            }
        }
        self.finish()
    }

    fn packed(&mut self, packed: &str, attributes: &str) -> Result<(), Error> {
        let mut values = packed.split('~');
        self.uri_value(values.next().unwrap_or_default())?;
        self.uri_value(
            attributes.split(':').nth(Attribute::Language as usize).unwrap_or_default(),
        )?;
        for value in values {
            self.uri_value(value)?;
        }
        Ok(())
    }

    /// A value of a URI: empty is *any*, `%01` is `?`, `%02` is `*`, other `%XX` a character.
    fn uri_value(&mut self, value: &str) -> Result<(), Error> {
        let attribute = self.attribute()?;
        if value.is_empty() || value == "-" {
            return self.raw(if value.is_empty() { "*" } else { "-" });
        }
        let mut escaped = String::with_capacity(value.len());
        let mut rest = value;
        while let Some(character) = rest.chars().next() {
            rest = rest.get(character.len_utf8()..).unwrap_or_default();
            if character != '%' {
                push_escaped(&mut escaped, character);
                continue;
            }
            let (digits, tail) = rest.split_at_checked(2).ok_or(Error::Percent { attribute })?;
            let byte = u8::from_str_radix(digits, 16).map_err(|_| Error::Percent { attribute })?;
            rest = tail;
            match byte {
                1 => escaped.push('?'),
                2 => escaped.push('*'),
                _ => push_escaped(&mut escaped, char::from(byte)),
            }
        }
        self.raw(&escaped)
    }

    /// A plain value, in which no character is special.
    fn literal(&mut self, value: &str) -> Result<(), Error> {
        let mut escaped = String::with_capacity(value.len());
        value.chars().for_each(|character| push_escaped(&mut escaped, character));
        if escaped == "-" {
            escaped.insert(0, '\\');
        }
        self.raw(&escaped)
    }

    /// A value as a formatted string writes it.
    fn raw(&mut self, value: &str) -> Result<(), Error> {
        let attribute = self.attribute()?;
        if self.filled > 0 {
            self.name.push(':');
        }
        match value {
            "" => return Err(Error::Empty { attribute }),
            "*" => self.any.add(attribute),
            "-" => self.not_applicable.add(attribute),
            _ => {}
        }
        if matches!(value, "*" | "-") {
            self.name.push_str(value);
        } else {
            self.canonical(value, attribute)?;
        }
        let end =
            u16::try_from(self.name.len()).map_err(|_| Error::TooLong { len: self.name.len() })?;
        if let Some(place) = self.ends.get_mut(self.filled) {
            *place = end;
        }
        self.filled += 1;
        Ok(())
    }

    fn canonical(&mut self, value: &str, attribute: Attribute) -> Result<(), Error> {
        let core = value.trim_start_matches(['*', '?']);
        let (front, _) = value.split_at(value.len() - core.len());
        let (core, back) = split_back(core);
        self.name.push_str(front);
        let mut characters = core.chars();
        let whole = self.name.len();
        while let Some(character) = characters.next() {
            match character {
                '\\' => push_escaped(
                    &mut self.name,
                    characters.next().ok_or(Error::LoneBackslash { attribute })?,
                ),
                '*' | '?' => return Err(Error::WildcardInside { attribute }),
                _ => push_escaped(&mut self.name, character),
            }
        }
        // A lone hyphen that was escaped is a hyphen, not "not applicable".
        if front.is_empty() && back.is_empty() && self.name.get(whole..) == Some("-") {
            self.name.truncate(whole);
            self.name.push_str("\\-");
        }
        self.name.push_str(back);
        if !(front.is_empty() && back.is_empty()) {
            self.wild.add(attribute);
        }
        Ok(())
    }

    /// The attribute that is to be filled next.
    fn attribute(&self) -> Result<Attribute, Error> {
        ATTRIBUTES.get(self.filled).map(|&(attribute, _)| attribute).ok_or(Error::TooManyAttributes)
    }

    fn finish(mut self) -> Result<Cpe, Error> {
        while self.filled < ATTRIBUTES.len() {
            self.raw("*")?;
        }
        // Escaped it is longer than it was written.
        if self.name.len() > LONGEST {
            return Err(Error::TooLong { len: self.name.len() });
        }
        let cpe = Cpe {
            name: self.name.into(),
            ends: self.ends,
            any: self.any,
            not_applicable: self.not_applicable,
            wild: self.wild,
        };
        if !matches!(cpe.raw(Attribute::Part), "a" | "o" | "h" | "*" | "-") {
            return Err(Error::Part { found: cpe.raw(Attribute::Part).to_owned() });
        }
        if cpe.any.contains(Attribute::Vendor) && cpe.any.contains(Attribute::Product) {
            return Err(Error::NothingNamed);
        }
        Ok(cpe)
    }
}

/// Where the first colon without a backslash stands.
fn end_of_value(text: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b':' => return place,
            _ => {}
        }
    }
    text.len()
}

/// Splits off the wildcards at the end, those that have a backslash left where they are.
fn split_back(core: &str) -> (&str, &str) {
    core.split_at(without_end(core, |it| matches!(it, '*' | '?')).len())
}

/// Without some ASCII characters at the end; one that has a backslash stays.
fn without_end(text: &str, goes: impl Fn(char) -> bool) -> &str {
    let kept = text.trim_end_matches(goes);
    let backslashes = kept.bytes().rev().take_while(|&byte| byte == b'\\').count();
    if backslashes % 2 == 1 && kept.len() < text.len() {
        return text.get(..=kept.len()).unwrap_or(text);
    }
    kept
}

/// Letters, digits, `_`, `.` and `-` stand for themselves; all else takes a backslash.
fn push_escaped(out: &mut String, character: char) {
    if character.is_ascii()
        && !character.is_ascii_alphanumeric()
        && !matches!(character, '_' | '.' | '-')
    {
        out.push('\\');
    }
    out.push(character.to_ascii_lowercase());
}

fn unescaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    Cow::Owned(text)
}

/// Whether a pattern covers a value: `*` stands for any number of characters, a row of `?` for at
/// most as many (NIST IR 7696, section 6.3).
fn covers(pattern: &str, value: &str) -> bool {
    let core = pattern.trim_start_matches(['*', '?']);
    let (front, _) = pattern.split_at(pattern.len() - core.len());
    let (core, back) = split_back(core);
    let (core, value) = (unescaped(core), unescaped(value));
    let fits = |room: &str, taken: &str| room.contains('*') || taken.chars().count() <= room.len();
    match (front.contains('*'), back.contains('*')) {
        (true, true) => value.contains(&*core),
        (true, false) => ends(&value, &core, |taken| fits(back, taken)),
        (false, _) => starts(&value, &core, front.len(), |taken| fits(back, taken)),
    }
}

/// Some place of `core` in `value` leaves no more behind it than fits.
fn ends(value: &str, core: &str, fits: impl Fn(&str) -> bool) -> bool {
    value.rfind(core).is_some_and(|place| value.get(place + core.len()..).is_some_and(fits))
}

/// Some place of `core` among the first `room` characters leaves no more behind it than fits.
fn starts(value: &str, core: &str, room: usize, fits: impl Fn(&str) -> bool) -> bool {
    let mut places =
        value.char_indices().map(|(place, _)| place).chain([value.len()]).take(room + 1);
    places
        .any(|place| value.get(place..).and_then(|rest| rest.strip_prefix(core)).is_some_and(&fits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cpe(text: &str) -> Cpe {
        Cpe::parse(text).unwrap()
    }

    #[track_caller]
    fn check(text: &str, canonical: &str) {
        let actual = match Cpe::parse(text) {
            Ok(cpe) => cpe.to_string(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(actual, canonical, "{text}");
    }

    #[test]
    fn names_are_brought_into_one_form() {
        check(
            "cpe:2.3:a:Microsoft:Internet_Explorer:8.0.6001:beta:*:*:*:*:*:*",
            "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
        );
        check(
            r"cpe:2.3:a:foo\\bar:big\$money_2010:*:*:*:*:special:ipod_touch:80gb:*",
            r"cpe:2.3:a:foo\\bar:big\$money_2010:*:*:*:*:special:ipod_touch:80gb:*",
        );
        check(r"cpe:2.3:a:v:p:1\.0\-rc1", "cpe:2.3:a:v:p:1.0-rc1:*:*:*:*:*:*:*");
        check(r"cpe:2.3:a:v:node\:js", r"cpe:2.3:a:v:node\:js:*:*:*:*:*:*:*:*");
        check(r"cpe:2.3:a:v:p:\-", r"cpe:2.3:a:v:p:\-:*:*:*:*:*:*:*");
        // Space around a name is not part of it, unless it was escaped.
        check(" cpe:2.3:a:v:p:1 \n", "cpe:2.3:a:v:p:1:*:*:*:*:*:*:*");
        let spaced = "cpe:2.3:a:v:p:*:*:*:*:*:*:*:x\\ ";
        check(spaced, spaced);
    }

    #[test]
    fn names_of_version_2_2_are_read_too() {
        // NIST IR 7695, section 6.1.2.4, examples 1, 2, 4 and 6.
        check(
            "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
            "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
        );
        check(
            "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
            "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
        );
        check(
            "cpe:/a:hp:openview_network_manager:7.51::~~~linux~~",
            "cpe:2.3:a:hp:openview_network_manager:7.51:*:*:*:*:linux:*:*",
        );
        check(
            "cpe:/a:foo%5cbar:big%24money_manager_2010:::~~special~ipod_touch~80gb~",
            r"cpe:2.3:a:foo\\bar:big\$money_manager_2010:*:*:*:*:special:ipod_touch:80gb:*",
        );
        check("cpe:/o:vendor:system:-", "cpe:2.3:o:vendor:system:-:*:*:*:*:*:*:*");
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_reason() {
        check(
            "openssl 1.0",
            "error: not a CPE name: it opens neither with cpe:2.3: nor with cpe:/",
        );
        check("cpe:2.3:x:v:p", "error: the part is \"x\": a, o, h, * or - was expected");
        check("cpe:2.3:a::p", "error: the vendor is empty");
        check(
            "cpe:2.3:a:v:p:1*2",
            "error: the version has * or ? in its middle: only its edges may",
        );
        check(r"cpe:2.3:a:v:p\", "error: the product ends in a lone backslash");
        check("cpe:/a:v:p%4", "error: the product has % that two hexadecimal digits do not follow");
        check("cpe:2.3:a:b:c:d:e:f:g:h:i:j:k:l", "error: more than eleven attributes");
        check("cpe:2.3:a:*:*:1.0", "error: neither vendor nor product is named");
    }

    #[test]
    fn accessors_give_values_without_escapes() {
        let name = cpe(r"cpe:2.3:a:a\&d:node\:js:1.0\+build:*:*:*:*:*:*:*");
        assert_eq!(name.vendor().unwrap(), "a&d");
        assert_eq!(name.product().unwrap(), "node:js");
        assert_eq!(name.version().unwrap(), "1.0+build");
        assert_eq!(name.text(Attribute::Update), None);
        assert_eq!(name.product_key(), r"a:a\&d:node\:js");
        assert_eq!(Cpe::of('a', "a&d", "node:js", Some("1.0+build")).unwrap(), name);
    }

    #[track_caller]
    fn applies(feed: &str, held: &str, expected: &str) {
        let actual = match cpe(feed).applies_to(&cpe(held)) {
            Applies::Yes => "yes".to_owned(),
            Applies::No(attribute) => format!("no: {}", attribute.name()),
            Applies::Unknown(attributes) => {
                format!(
                    "unknown: {}",
                    attributes.iter().map(Attribute::name).collect::<Vec<_>>().join(" ")
                )
            }
        };
        assert_eq!(actual, expected, "{feed} to {held}");
    }

    #[test]
    fn a_feed_applies_when_every_attribute_covers_what_is_held() {
        applies(
            "cpe:2.3:o:ge:carescape_b650_firmware:1.0",
            "cpe:2.3:o:ge:carescape_b650_firmware:1.0",
            "yes",
        );
        applies(
            "cpe:2.3:o:ge:carescape_b650_firmware",
            "cpe:2.3:o:ge:carescape_b650_firmware:2.0:-",
            "yes",
        );
        applies(
            "cpe:2.3:o:ge:carescape_b650_firmware:1.0",
            "cpe:2.3:o:ge:carescape_b650_firmware:2.0",
            "no: version",
        );
        applies(
            "cpe:2.3:o:ge:carescape_b650_firmware:-",
            "cpe:2.3:o:ge:carescape_b650_firmware:2.0",
            "no: version",
        );
    }

    #[test]
    fn what_the_inventory_does_not_say_is_unknown_not_absent() {
        applies(
            "cpe:2.3:o:ge:carescape_b650_firmware:1.0",
            "cpe:2.3:o:ge:carescape_b650_firmware",
            "unknown: version",
        );
        applies("cpe:2.3:o:v:p:-:sp1:*:*:*:*:x64", "cpe:2.3:o:v:p:-", "unknown: update target_hw");
        applies("cpe:2.3:o:v:p:1.0:sp1", "cpe:2.3:o:v:p:2.0", "no: version");
        applies("cpe:2.3:o:v:p:1.0", "cpe:2.3:o:v:p:1.*", "unknown: version");
    }

    #[test]
    fn wildcards_at_the_edges_stand_for_other_characters() {
        applies("cpe:2.3:a:v:p:8.*", "cpe:2.3:a:v:p:8.0.6001", "yes");
        applies("cpe:2.3:a:v:p:8.*", "cpe:2.3:a:v:p:9.0", "no: version");
        applies("cpe:2.3:a:v:p:*:sp?", "cpe:2.3:a:v:p:1:sp2", "yes");
        applies("cpe:2.3:a:v:p:*:sp?", "cpe:2.3:a:v:p:1:sp22", "no: update");
        applies("cpe:2.3:a:v:*explorer*", "cpe:2.3:a:v:internet_explorer_11", "yes");
        applies("cpe:2.3:a:v:??core", "cpe:2.3:a:v:a_core", "yes");
        applies("cpe:2.3:a:v:??core", "cpe:2.3:a:v:abc_core", "no: product");
        applies(r"cpe:2.3:a:v:what\?", r"cpe:2.3:a:v:what\?", "yes");
        applies(r"cpe:2.3:a:v:what\?", "cpe:2.3:a:v:whats", "no: product");
    }

    #[test]
    fn relations_follow_the_table_of_the_standard() {
        let relation = |left: &str, right: &str| cpe(left).relation(&cpe(right));
        assert_eq!(relation("cpe:2.3:a:v:p", "cpe:2.3:a:v:p:1"), Relation::Superset);
        assert_eq!(relation("cpe:2.3:a:v:p:1", "cpe:2.3:a:v:p"), Relation::Subset);
        assert_eq!(relation("cpe:2.3:a:v:p:1", "cpe:2.3:a:v:p:1"), Relation::Equal);
        assert_eq!(relation("cpe:2.3:a:v:p:1", "cpe:2.3:a:v:p:-"), Relation::Disjoint);
        assert_eq!(relation("cpe:2.3:a:v:p:1:*", "cpe:2.3:a:v:p:*:sp1"), Relation::Undefined);
        assert_eq!(relation("cpe:2.3:a:v:p:1*", "cpe:2.3:a:v:p:*1"), Relation::Undefined);
    }

    proptest! {
        #[test]
        fn printing_and_reading_again_changes_nothing(text in r"cpe:2\.3:[aoh](:[a-zA-Z0-9\\:*?_.\-+ ]{1,6}){2,10}") {
            if let Ok(name) = Cpe::parse(&text) {
                prop_assert_eq!(Cpe::parse(name.as_str()).unwrap(), name);
            }
        }

        #[test]
        fn plain_values_come_back_as_they_went_in(vendor in "[ -~]{1,12}", version in "[ -~]{1,12}") {
            let name = Cpe::of('a', &vendor, "product", Some(&version)).unwrap();
            prop_assert_eq!(&Cpe::parse(name.as_str()).unwrap(), &name);
            prop_assert_eq!(name.vendor().unwrap(), vendor.to_ascii_lowercase());
            prop_assert_eq!(name.version().unwrap(), version.to_ascii_lowercase());
        }

        #[test]
        fn no_text_breaks_the_reader(text in r"(cpe:(2\.3:|/))?\PC{0,60}") {
            let _ = Cpe::parse(&text);
        }

        #[test]
        fn superset_and_subset_mirror_each_other(a in values(), b in values()) {
            let (a, b) = (cpe(&a), cpe(&b));
            let mirrored = match a.relation(&b) {
                Relation::Superset => Relation::Subset,
                Relation::Subset => Relation::Superset,
                same => same,
            };
            prop_assert_eq!(b.relation(&a), mirrored);
        }
    }

    fn values() -> impl Strategy<Value = String> {
        let value = prop::sample::select(vec!["*", "-", "1", "2", "1*", "?1"]);
        prop::collection::vec(value, 1..4)
            .prop_map(|values| format!("cpe:2.3:a:v:p:{}", values.join(":")))
    }
}
