//! What the world publishes: vulnerabilities, exploitation, support.

use crate::Format;

/// The feed formats, in the order in which they are tried.
pub const FORMATS: &[Format] = &[];
