//! What a hospital's own systems export: devices, computers, software, scan results.

use crate::Format;

/// The inventory formats, in the order in which they are tried.
pub const FORMATS: &[Format] = &[];
