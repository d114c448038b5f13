//! Names of vendors and products as software inventories and catalogues write them.
//!
//! A CMDB says "Apache Tomcat 9.0", NVD says `apache:tomcat`, a CVE record says
//! "Apache Software Foundation" / "Apache Tomcat".  Here all of them become the
//! same key: the vendor under one name, the product without its vendor, in
//! lower case, with nothing between its letters and digits.
//!
//! Two names are one product only if their keys are *equal*, or the curated alias
//! table says so.  A part of a name is never enough: "SQL Server" is not "SQL
//! Server Management Studio".

use super::aliases::Aliases;
use std::collections::BTreeMap;

/// Vendors and products under all their spellings.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Spelling without blanks -> id of the vendor.
    vendors: BTreeMap<String, String>,
    /// Vendor id -> ids of the vendors whose products may carry its name.
    owns: BTreeMap<String, Vec<String>>,
    /// The same table read backwards.
    owners: BTreeMap<String, Vec<String>>,
    /// (vendor id, spelling) -> the product's name in the table.
    products: BTreeMap<(String, String), String>,
}

impl Names {
    pub fn new(aliases: &Aliases) -> Names {
        let mut names = Names::default();
        for (vendor, spelling, name) in SAME {
            names
                .products
                .insert(((*vendor).to_owned(), (*spelling).to_owned()), (*name).to_owned());
        }
        for vendor in aliases.vendors() {
            let id = squash(&vendor.id);
            for spelling in vendor.spellings.iter().chain([&vendor.id]) {
                names.vendors.insert(squash(spelling), id.clone());
                names.vendors.insert(bare_vendor(spelling), id.clone());
            }
            for owned in vendor.owns.iter().map(|id| squash(id)) {
                names.owners.entry(owned).or_default().push(id.clone());
            }
            names.owns.entry(id).or_default().extend(vendor.owns.iter().map(|id| squash(id)));
        }
        for product in aliases.products() {
            let vendor = names.vendor(&product.vendor);
            let name = names.without_vendor(&vendor, &product.name);
            for spelling in &product.spellings {
                let spelling = names.without_vendor(&vendor, spelling);
                names.products.insert((vendor.clone(), spelling), name.clone());
            }
        }
        names
    }

    /// The one name of a vendor: `microsoft` for "Microsoft Corporation"; empty for "n/a".
    pub fn vendor(&self, text: &str) -> String {
        let bare = bare_vendor(text);
        let known = |text: &str, bare: &str| {
            self.vendors.get(&squash(text)).or_else(|| self.vendors.get(bare)).cloned()
        };
        if let Some(id) = known(text, &bare) {
            return id;
        }
        // "Becton, Dickinson and Company (BD)": the same name twice.
        match text.split_once(['(', '[']) {
            Some((front, _)) if !squash(front).is_empty() => {
                let bare = bare_vendor(front);
                known(front, &bare).unwrap_or(bare)
            }
            _ => bare,
        }
    }

    /// The vendor itself, those whose products it may have put its name on, and those who may
    /// have put theirs on its products: Symbiq pumps are Hospira's, and Pfizer's to some.
    pub fn house(&self, vendor: &str) -> Vec<String> {
        let of =
            |table: &BTreeMap<String, Vec<String>>| table.get(vendor).cloned().unwrap_or_default();
        [vec![vendor.to_owned()], of(&self.owns), of(&self.owners)].concat()
    }

    /// Whether one vendor bought the other (both by the name that [`Names::vendor`] gave).
    pub fn same_house(&self, one: &str, other: &str) -> bool {
        let owns = |owner: &str, owned: &str| {
            self.owns.get(owner).is_some_and(|all| all.iter().any(|own| own == owned))
        };
        one == other || owns(one, other) || owns(other, one)
    }

    /// The key of a product of a vendor (one that [`Names::vendor`] gave).
    pub fn key(&self, vendor: &str, product: &str) -> String {
        let name = self.without_vendor(vendor, product);
        match self.products.get(&(vendor.to_owned(), name.clone())) {
            Some(known) => format!("n:{vendor}:{known}"),
            None => format!("n:{vendor}:{name}"),
        }
    }

    /// The key of the product of a CPE name: firmware and the device it runs on have the same.
    pub fn cpe_key(&self, vendor: &str, product: &str) -> String {
        let product =
            product.strip_suffix("_firmware").filter(|rest| !rest.is_empty()).unwrap_or(product);
        self.key(&self.vendor(vendor), product)
    }

    /// A product's name without its vendor's in front, unless nothing else is left.
    pub(super) fn own_words(&self, vendor: &str, product: &str) -> String {
        let words: Vec<&str> = tokens(product).collect();
        let is_vendor = |taken: &usize| {
            let front = words.get(..*taken).unwrap_or_default();
            !vendor.is_empty() && self.vendor(&front.join(" ")) == vendor
        };
        let taken = (1..words.len().min(5)).rev().find(is_vendor).unwrap_or(0);
        words.get(taken..).unwrap_or_default().join(" ")
    }

    /// Whether the curated table knows the vendor.
    pub fn is_known_vendor(&self, vendor: &str) -> bool {
        self.owns.contains_key(vendor)
    }

    /// The product squashed, with its vendor's name taken off the front, unless nothing else is left.
    fn without_vendor(&self, vendor: &str, product: &str) -> String {
        let own = self.own_words(vendor, product);
        if own.is_empty() { squash(product) } else { squash(&own) }
    }

    /// Where a name without a vendor may be cut into vendor and product: `("apache", "Tomcat")`.
    pub fn cuts(&self, name: &str) -> Vec<(String, String)> {
        let words: Vec<&str> = tokens(name).collect();
        (1..words.len().min(4))
            .map(|taken| {
                let (front, rest) = words.split_at(taken);
                (self.vendor(&front.join(" ")), rest.join(" "))
            })
            .collect()
    }
}

/// The key of a product that is called like its vendor (`openssl:openssl`).
pub fn lone_key(product: &str) -> String {
    format!("n::{}", squash(product))
}

/// The key of a product for which a catalogue names no vendor.
pub fn unsaid_vendor_key(product: &str) -> String {
    format!("n:?:{}", squash(product))
}

/// Lower case, letters and digits only; `+` and `#` stay where they make a name ("notepad++", "c#").
pub fn squash(text: &str) -> String {
    let mut squashed = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            if c.is_ascii_alphanumeric() || matches!(c, '+' | '#') {
                squashed.push(c.to_ascii_lowercase());
            }
        } else if c.is_alphanumeric() {
            squashed.extend(c.to_lowercase());
        }
    }
    squashed
}

/// A word that says nothing about which thing is meant.
pub fn says_nothing(text: &str) -> bool {
    // A version, a model: no such word has a digit in it.
    if text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    matches!(
        squash(text).as_str(),
        "" | "na" | "none" | "unknown" | "unspecified" | "notapplicable" | "multiple" | "tbd"
    )
}

/// A vendor's name without its legal form and its marks: `braun` for "Braun AG"; empty for "n/a".
pub fn bare_vendor(text: &str) -> String {
    if says_nothing(text) {
        return String::new();
    }
    let mut words: Vec<String> = tokens(text).map(squash).filter(|word| !word.is_empty()).collect();
    if words.len() > 1 && words.first().is_some_and(|word| word == "the") {
        words.remove(0);
    }
    while words.len() > 1 && words.last().is_some_and(|word| LEGAL_FORMS.contains(&word.as_str())) {
        words.pop();
    }
    words.concat()
}

/// Products that the catalogues themselves call by two names: NVD `linux:linux_kernel`, CVE records "Linux" / "Linux".
const SAME: &[(&str, &str, &str)] = &[("linux", "linux", "kernel")];

/// What firms put behind their name; none of them tells two firms apart.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "asa",
    "bv",
    "co",
    "communications",
    "company",
    "corp",
    "corporation",
    "foundation",
    "gmbh",
    "group",
    "holding",
    "inc",
    "incorporated",
    "international",
    "kg",
    "kgaa",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "organization",
    "org",
    "oy",
    "plc",
    "project",
    "pty",
    "sa",
    "sas",
    "se",
    "software",
    "solutions",
    "spa",
    "srl",
    "systems",
    "team",
    "technologies",
    "technology",
];

pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '#' | '.' | '&')))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let table = r#"
            [[vendor]]
            id = "bd"
            spellings = ["Becton, Dickinson and Company (BD)", "Becton Dickinson"]
            owns = ["carefusion"]
            source = "test"
            [[product]]
            vendor = "Citrix"
            name = "Application Delivery Controller"
            spellings = ["ADC", "NetScaler ADC"]
            source = "test"
        "#;
        Names::new(&Aliases::parse(table).expect("a table"))
    }

    #[track_caller]
    fn same(left: (&str, &str), right: (&str, &str)) {
        let names = names();
        let key = |(vendor, product)| names.key(&names.vendor(vendor), product);
        assert_eq!(key(left), key(right));
    }

    #[track_caller]
    fn different(left: (&str, &str), right: (&str, &str)) {
        let names = names();
        let key = |(vendor, product)| names.key(&names.vendor(vendor), product);
        assert_ne!(key(left), key(right));
    }

    #[test]
    fn catalogue_and_inventory_agree_on_a_product() {
        same(("apache", "tomcat"), ("Apache Software Foundation", "Apache Tomcat"));
        same(("oracle", "mysql_server"), ("Oracle Corporation", "MySQL Server"));
        same(("microsoft", "sql_server"), ("Microsoft", "Microsoft SQL Server"));
        same(("bd", "alaris_8015_pc_unit"), ("Becton Dickinson", "BD Alaris 8015 PC Unit"));
        same(("citrix", "application_delivery_controller"), ("Citrix Systems, Inc.", "Citrix ADC"));
    }

    #[test]
    fn a_part_of_a_name_is_not_the_product() {
        different(("microsoft", "sql_server"), ("Microsoft", "SQL Server Management Studio"));
        different(("microsoft", "windows"), ("Microsoft", "Internet Explorer"));
        different(("notepad", "notepad"), ("notepad", "notepad++"));
    }

    #[test]
    fn a_name_without_a_vendor_is_cut_where_a_vendor_may_end() {
        let cuts = names().cuts("Becton Dickinson Alaris");
        assert!(cuts.contains(&("bd".to_owned(), "Alaris".to_owned())), "{cuts:?}");
    }
}
