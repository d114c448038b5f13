//! What is wrong with an asset: advisories held against what is installed.

pub mod aliases;
mod around;
mod bill;
pub mod catalogue;
pub mod columns;
mod condition;
mod corrected;
mod distribution;
mod fitting;
pub mod fix_text;
mod held;
pub mod interned;
mod judge;
pub mod lean;
mod model_number;
pub mod names;
mod near_names;
mod platform;
mod product_match;
mod product_reading;
pub mod product_text;
pub mod prose;
mod record_text;
mod rows;
mod ship_date;
pub mod subject;
#[cfg(test)]
mod trial;
mod version_order;
mod version_reading;
pub mod version_text;
mod weigh;
pub mod windows;
mod word_class;
pub mod words;

pub use catalogue::Catalogue;
pub use weigh::Depends;
