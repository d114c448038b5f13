//! The arithmetic of the public standards: CVSS 2.0 to 4.0, EPSS, SSVC tables, LEV.
//!
//! Nothing here knows a hospital.  Every function is a table or a formula that
//! somebody else published, exact to the last digit; each file names its source.

mod cvss;
pub mod epss;
pub mod legacy;
pub mod lev;
mod lines;
mod notation;
pub mod ssvc;
mod tenths;
pub mod v2;
pub mod v3;
pub mod v4;

pub use cvss::{Cvss, Scores};
pub use lines::{Tally, lines};
pub use notation::{Error as VectorError, Group, Metric};
pub use tenths::{Severity, Tenths};
