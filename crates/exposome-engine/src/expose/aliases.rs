//! The curated alias table: one thing, many spellings.
//!
//! Advisories and inventories seldom call a vendor or a device the same.  The
//! table (`rules/aliases/*.toml`) says which spellings mean the same vendor, which
//! brands a vendor has bought, and which words and numbers mean the same product.
//! Every row names its source; none is taken from a truth set.

/// The table, read whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aliases {
    vendors: Vec<Vendor>,
    products: Vec<ProductAlias>,
}

impl Aliases {
    /// Reads one file of the table; [`Aliases::join`] puts several together.
    pub fn parse(text: &str) -> Result<Aliases, Error> {
        let file: File = toml::from_str(text).map_err(|cause| Error::NotATable { cause })?;
        Ok(Aliases { vendors: file.vendor, products: file.product })
    }

    #[must_use]
    pub fn join(mut self, other: Aliases) -> Aliases {
        self.vendors.extend(other.vendors);
        self.products.extend(other.products);
        self
    }

    pub fn vendors(&self) -> &[Vendor] {
        &self.vendors
    }

    pub fn products(&self) -> &[ProductAlias] {
        &self.products
    }
}

/// One vendor under all its names.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendor {
    pub id: String,
    pub spellings: Vec<String>,
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

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    vendor: Vec<Vendor>,
    #[serde(default)]
    product: Vec<ProductAlias>,
}

/// Why an alias file was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not an alias table: {cause}")]
    NotATable { cause: toml::de::Error },
}
