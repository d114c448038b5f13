//! The curated alias table: one thing, many spellings.
//!
//! Advisories and inventories seldom call a vendor or a device the same.  The
//! table (`rules/aliases/*.toml`) says which spellings mean the same vendor, which
//! brands a vendor has bought, and which words and numbers mean the same product.
//! Every row names its source; none is taken from a truth set.

use super::words::{Word, clean, words};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The table, read whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    vendors: Vec<Vendor>,
    products: Vec<ProductAlias>,
    /// Spellings of vendors under their first word.
    vendor_phrases: Phrases,
    /// Brands that tell the vendor, under their first word.
    brand_phrases: Phrases,
    /// Spellings of products under their first word.
    product_phrases: Phrases,
    /// Model and part numbers, levelled.
    numbers: BTreeMap<String, Vec<usize>>,
    /// Id of a vendor to the ids of all that own it, near or far.
    owners: BTreeMap<String, BTreeSet<String>>,
    /// Id of a vendor to the ids of all whose names may stand on the same device.
    houses: BTreeMap<String, BTreeSet<String>>,
}

/// Word forms under their first word, each with the row it belongs to; longer ones first.
type Phrases = BTreeMap<String, Vec<(Vec<String>, usize)>>;

impl Aliases {
    /// Reads one file of the table; [`Aliases::join`] puts several together.
    pub fn parse(text: &str) -> Result<Aliases, Error> {
        let file: File = toml::from_str(text).map_err(|cause| Error::NotATable { cause })?;
        Ok(Aliases::of(file.vendor, file.product))
    }

    #[must_use]
    pub fn join(self, other: Aliases) -> Aliases {
        let vendors = [self.vendors, other.vendors].concat();
        let products = [self.products, other.products].concat();
        Aliases::of(vendors, products)
    }

    fn of(vendors: Vec<Vendor>, products: Vec<ProductAlias>) -> Aliases {
        let owners = owners(&vendors);
        let houses =
            vendors.iter().map(|vendor| (vendor.id.clone(), house(&owners, &vendor.id))).collect();
        let mut table = Aliases { owners, houses, ..Aliases::default() };
        for (row, vendor) in vendors.iter().enumerate() {
            for spelling in &vendor.spellings {
                file(&mut table.vendor_phrases, spelling, row);
            }
            for brand in &vendor.brands {
                file(&mut table.brand_phrases, brand, row);
            }
        }
        for (row, product) in products.iter().enumerate() {
            for spelling in product.spellings.iter().chain([&product.name]) {
                file(&mut table.product_phrases, spelling, row);
            }
            for number in &product.numbers {
                table.numbers.entry(number_form(number)).or_default().push(row);
            }
        }
        Aliases { vendors, products, ..table }
    }

    pub fn vendors(&self) -> &[Vendor] {
        &self.vendors
    }

    pub fn products(&self) -> &[ProductAlias] {
        &self.products
    }

    /// The vendors a text names, by id; a text that names none of the table is its own id.
    pub fn vendor_ids(&self, text: &str) -> BTreeSet<String> {
        let text = clean(text);
        if NO_VENDOR.contains(&text.to_lowercase().as_str()) {
            return BTreeSet::new();
        }
        let named = words(&text);
        let known = self.vendors_told_by(&named);
        if !known.is_empty() {
            return known;
        }
        let own: Vec<&str> = named
            .iter()
            .map(|word| word.form.as_str())
            .filter(|form| !SAYS_NOTHING_OF_A_FIRM.contains(form))
            .collect();
        BTreeSet::from_iter((!own.is_empty()).then(|| own.join(" ")))
    }

    /// The vendors that a text names, or whose brands it has.
    pub fn vendors_told_by(&self, text: &[Word]) -> BTreeSet<String> {
        let brands = found(&self.brand_phrases, text).filter_map(|(_, row)| self.vendors.get(row));
        let brands = brands.map(|vendor| vendor.id.clone());
        self.vendors_in(text).into_iter().map(|(_, id)| id.to_owned()).chain(brands).collect()
    }

    /// Where a text names a vendor of the table.
    pub fn vendors_in(&self, text: &[Word]) -> Vec<(Range<usize>, &str)> {
        found(&self.vendor_phrases, text)
            .filter_map(|(place, row)| Some((place, self.vendors.get(row)?.id.as_str())))
            .collect()
    }

    /// Whether two vendor ids may stand on the same device: equal, or one bought the other.
    pub(super) fn same_house(&self, one: &str, other: &str) -> bool {
        let owns = |owner: &str, owned: &str| {
            self.owners.get(owned).is_some_and(|owners| owners.contains(owner))
        };
        one == other || owns(one, other) || owns(other, one) || share_a_name(one, other)
    }

    /// Where a text spells a product of the table.
    pub fn products_in(&self, text: &[Word]) -> Vec<(Range<usize>, &ProductAlias)> {
        found(&self.product_phrases, text)
            .filter_map(|(place, row)| Some((place, self.products.get(row)?)))
            .collect()
    }

    /// The text with every product of these vendors called as the table calls it.
    pub fn renamed(&self, text: &str, vendors: &BTreeSet<String>) -> String {
        let named = words(text);
        let mut renamed = String::with_capacity(text.len());
        let mut done = 0;
        for (place, product) in self.products_in(&named) {
            let bounds = named.get(place.start).zip(named.get(place.end.wrapping_sub(1)));
            let Some((first, last)) = bounds.filter(|_| self.is_of(product, vendors)) else {
                continue;
            };
            renamed.push_str(text.get(done..first.place.start).unwrap_or_default());
            renamed.push_str(&product.name);
            done = last.place.end;
        }
        renamed.push_str(text.get(done..).unwrap_or_default());
        renamed
    }

    /// Whether a product may be of one of the vendors.
    pub fn is_of(&self, product: &ProductAlias, vendors: &BTreeSet<String>) -> bool {
        vendors.iter().any(|vendor| self.same_house(vendor, &product.vendor))
    }

    /// Every vendor id that may stand on a device of these vendors.
    pub fn house(&self, ids: &BTreeSet<String>) -> BTreeSet<String> {
        let known = ids.iter().filter_map(|id| self.houses.get(id)).flatten();
        known.chain(ids).cloned().collect()
    }

    /// The products that a model or part number means.
    pub fn products_numbered(&self, number: &str) -> impl Iterator<Item = &ProductAlias> {
        let rows = self.numbers.get(number).map(Vec::as_slice).unwrap_or_default();
        rows.iter().filter_map(|&row| self.products.get(row))
    }
}

/// One vendor under all its names.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    pub id: String,
    #[serde(default)]
    pub spellings: Vec<String>,
    /// Words that tell the vendor but are part of a product's name: `MiniMed`.
    #[serde(default)]
    pub brands: Vec<String>,
    /// Ids of vendors whose products this one sells or sold: both names may stand on the same device.
    #[serde(default)]
    pub owns: Vec<String>,
    pub source: String,
}

/// Names and numbers that mean the same product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductAlias {
    pub vendor: String,
    pub name: String,
    #[serde(default)]
    pub spellings: Vec<String>,
    /// Model, part or catalogue numbers that mean this product and no other.
    #[serde(default)]
    pub numbers: Vec<String>,
    pub source: String,
}

/// A number as it is compared: letters and digits only, in lower case.
pub fn number_form(number: &str) -> String {
    number.chars().filter(|found| found.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    vendor: Vec<Vendor>,
    #[serde(default)]
    product: Vec<ProductAlias>,
}

fn file(phrases: &mut Phrases, spelling: &str, row: usize) {
    let forms: Vec<String> = words(&clean(spelling)).into_iter().map(|word| word.form).collect();
    let Some(first) = forms.first() else { return };
    let under = phrases.entry(first.clone()).or_default();
    under.push((forms, row));
    under.sort_by_key(|(forms, row)| (usize::MAX - forms.len(), *row));
}

/// The longest phrase at each place, from left to right without overlap.
fn found<'a>(
    phrases: &'a Phrases,
    text: &'a [Word],
) -> impl Iterator<Item = (Range<usize>, usize)> + 'a {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(first) = text.get(at) {
            let rest = text.get(at..).unwrap_or_default();
            let hit = phrases.get(&first.form).into_iter().flatten().find(|(forms, _)| {
                rest.len() >= forms.len()
                    && forms.iter().zip(rest).all(|(form, word)| *form == word.form)
            });
            if let Some((forms, row)) = hit {
                let place = at..at + forms.len();
                at = place.end;
                return Some((place, *row));
            }
            at += 1;
        }
        None
    })
}

fn owners(vendors: &[Vendor]) -> BTreeMap<String, BTreeSet<String>> {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for vendor in vendors {
        for owned in &vendor.owns {
            owners.entry(owned.clone()).or_default().insert(vendor.id.clone());
        }
    }
    // Who owns an owner owns the owned; no chain in the table is longer than this.
    for _ in 0..4 {
        let now = owners.clone();
        for mine in owners.values_mut() {
            let above: Vec<String> =
                mine.iter().filter_map(|id| now.get(id)).flatten().cloned().collect();
            mine.extend(above);
        }
    }
    owners
}

fn house(owners: &BTreeMap<String, BTreeSet<String>>, id: &str) -> BTreeSet<String> {
    let owned =
        owners.iter().filter(|(_, owners)| owners.contains(id)).map(|(owned, _)| owned.clone());
    owners.get(id).into_iter().flatten().cloned().chain(owned).chain([id.to_owned()]).collect()
}

/// Two firms outside the table: the same if they begin with the same telling word.
pub(super) fn share_a_name(one: &str, other: &str) -> bool {
    let mut ones = one.split(' ');
    let mut others = other.split(' ');
    let (Some(first), Some(second)) = (ones.next(), others.next()) else { return false };
    first == second && (first.len() > 3 || ones.eq(others)) && !first.is_empty()
}

/// What firms put beside their name; none of it tells two firms apart.  Levelled forms.
const SAYS_NOTHING_OF_A_FIRM: &[&str] = &[
    "inc",
    "ltd",
    "llc",
    "co",
    "corp",
    "corporation",
    "company",
    "limited",
    "gmbh",
    "ag",
    "sa",
    "kg",
    "se",
    "oy",
    "bv",
    "ab",
    "plc",
    "pty",
    "pte",
    "and",
    "the",
    "of",
    "group",
    "holding",
    "international",
    "medical",
    "healthcare",
    "health",
    "technology",
    "technologie",
    "system",
    "development",
    "product",
    "n",
    "a",
    "na",
    "unknown",
];

/// What stands in a vendor field where nobody named the vendor; the assigner of a CVE is none.
const NO_VENDOR: &[&str] = &[
    "",
    "n/a",
    "na",
    "unknown",
    "unspecified",
    "[unknown]",
    "multiple",
    "multiple vendors",
    "various",
    "ics-cert",
    "icscert",
    "cisa",
    "not applicable",
    "none",
];

/// Why an alias file was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not an alias table: {cause}")]
    NotATable { cause: toml::de::Error },
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = r#"
        [[vendor]]
        id = "baxter"
        spellings = ["Baxter", "Baxter International"]
        owns = ["hillrom"]
        source = "ICSMA-24-151-01"

        [[vendor]]
        id = "hillrom"
        spellings = ["Hillrom", "Hill-Rom"]
        owns = ["welch allyn"]
        source = "ICSMA-21-152-01"

        [[vendor]]
        id = "welch allyn"
        spellings = ["Welch Allyn"]
        source = "ICSMA-21-152-01"
    "#;

    #[test]
    fn a_branch_may_name_several_vendors() {
        let table = Aliases::parse(TABLE).unwrap();
        let ids = table.vendor_ids("Hillrom and ELI, Baxter International Inc.");
        assert_eq!(ids.into_iter().collect::<Vec<_>>(), ["baxter", "hillrom"]);
    }

    #[test]
    fn the_buyer_of_a_buyer_may_stand_on_the_device() {
        let table = Aliases::parse(TABLE).unwrap();
        assert!(table.same_house("baxter", "welch allyn"));
        assert!(table.same_house("welch allyn", "baxter"));
        assert!(!table.same_house("baxter", "philips"));
    }

    #[test]
    fn a_vendor_outside_the_table_is_known_by_its_first_word() {
        let table = Aliases::default();
        let one = table.vendor_ids("SOOIL Developments Co, Ltd.").pop_first().unwrap();
        let other = table.vendor_ids("SOOIL").pop_first().unwrap();
        assert!(table.same_house(&one, &other));
        assert!(table.vendor_ids("n/a").is_empty());
    }

    #[test]
    fn a_row_without_its_source_is_refused() {
        let error = Aliases::parse("[[vendor]]\nid = \"x\"\nspellings = []\n").unwrap_err();
        assert!(error.to_string().contains("source"), "{error}");
    }
}
