//! The arithmetic of the public standards: CVSS 2.0 to 4.0, EPSS, SSVC tables, LEV.
//!
//! Nothing here knows a hospital.  Every function is a table or a formula that
//! somebody else published, exact to the last digit; each file names its source.
