//! What is wrong with an asset: advisories held against what is installed.

pub mod aliases;
pub mod fix_text;
pub mod product_text;
pub mod version_text;
pub mod words;
