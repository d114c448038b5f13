//! What is wrong with an asset: advisories held against what is installed.

pub mod aliases;
mod around;
mod bill;
pub mod catalogue;
mod distribution;
pub mod fix_text;
mod held;
pub mod interned;
mod judge;
pub mod names;
mod platform;
pub mod product_text;
mod rows;
pub mod subject;
#[cfg(test)]
mod trial;
pub mod version_text;
mod weigh;
pub mod windows;
pub mod words;

pub use catalogue::Catalogue;
