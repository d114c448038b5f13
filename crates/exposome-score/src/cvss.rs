//! A CVSS vector of any version, recognised by how it opens.

use std::fmt;
use std::str::FromStr;

use crate::notation::{Error, excerpt};
use crate::tenths::{Severity, Tenths};
use crate::v4::Nomenclature;
use crate::{v2, v3, v4};

/// A vector of CVSS 2.0, 3.0, 3.1 or 4.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cvss {
    V2(v2::Vector),
    V3(v3::Vector),
    V4(v4::Vector),
}

/// All a vector scores.  What the vector does not speak of is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scores {
    /// The base metrics alone.
    pub base: Tenths,
    /// With the temporal metrics (CVSS 2 and 3), with the threat metric (4: CVSS-BT).
    pub threat: Option<Tenths>,
    /// CVSS 2 and 3: the environmental score, which by their equations includes the temporal metrics.
    /// CVSS 4: CVSS-BE, the base with the environmental metrics and without the threat metric.
    pub environmental: Option<Tenths>,
    /// Everything the vector says: the last of the above that applies (4.0: all together).
    pub overall: Tenths,
    /// What `overall` is to be called; the standard defines names for CVSS 4 only.
    pub nomenclature: Option<Nomenclature>,
}

impl Cvss {
    /// Reads a vector: `CVSS:4.0/`, `CVSS:3.1/`, `CVSS:3.0/`, else CVSS 2.0 bare, in parentheses or
    /// after `CVSS2#`.
    #[inline]
    pub fn read(text: &[u8]) -> Result<Cvss, Error> {
        let opening: Option<&[u8; 9]> = text.first_chunk();
        match opening {
            Some(b"CVSS:4.0/") => v4::Vector::read(text).map(Cvss::V4),
            Some(b"CVSS:3.1/" | b"CVSS:3.0/") => v3::Vector::read(text).map(Cvss::V3),
            _ if text.is_empty() || text.starts_with(b"CVSS:") => {
                Err(Error::UnknownVersion { found: excerpt(text) })
            }
            _ => v2::Vector::read(text).map(Cvss::V2),
        }
    }

    /// "2.0", "3.0", "3.1" or "4.0".
    pub const fn version(self) -> &'static str {
        match self {
            Cvss::V2(_) => "2.0",
            Cvss::V3(vector) => match vector.minor() {
                v3::Minor::Zero => "3.0",
                v3::Minor::One => "3.1",
            },
            Cvss::V4(_) => "4.0",
        }
    }

    /// The score of everything the vector says.
    #[inline]
    pub fn score(self) -> Tenths {
        match self {
            Cvss::V2(vector) => vector.score(),
            Cvss::V3(vector) => vector.score(),
            Cvss::V4(vector) => vector.score(),
        }
    }

    pub fn base_score(self) -> Tenths {
        match self {
            Cvss::V2(vector) => vector.base_score(),
            Cvss::V3(vector) => vector.base_score(),
            Cvss::V4(vector) => vector.base_score(),
        }
    }

    /// Every score of the vector.
    pub fn scores(self) -> Scores {
        match self {
            Cvss::V2(vector) => Scores {
                base: vector.base_score(),
                threat: vector.has_temporal().then(|| vector.temporal_score()),
                environmental: vector.has_environmental().then(|| vector.environmental_score()),
                overall: vector.score(),
                nomenclature: None,
            },
            Cvss::V3(vector) => Scores {
                base: vector.base_score(),
                threat: vector.has_temporal().then(|| vector.temporal_score()),
                environmental: vector.has_environmental().then(|| vector.environmental_score()),
                overall: vector.score(),
                nomenclature: None,
            },
            // Four look-ups cost less than two branches nobody can predict.
            Cvss::V4(vector) => Scores {
                base: vector.base_score(),
                threat: vector.has_threat().then_some(vector.threat_score()),
                environmental: vector.has_environmental().then_some(vector.environmental_score()),
                overall: vector.score(),
                nomenclature: Some(vector.nomenclature()),
            },
        }
    }

    /// The word for a score on this version's scale.
    pub const fn severity(self, score: Tenths) -> Severity {
        match self {
            Cvss::V2(_) => Severity::of_v2(score),
            Cvss::V3(_) | Cvss::V4(_) => Severity::of(score),
        }
    }
}

impl FromStr for Cvss {
    type Err = Error;

    fn from_str(text: &str) -> Result<Cvss, Error> {
        Cvss::read(text.as_bytes())
    }
}

impl fmt::Display for Cvss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cvss::V2(vector) => vector.fmt(out),
            Cvss::V3(vector) => vector.fmt(out),
            Cvss::V4(vector) => vector.fmt(out),
        }
    }
}
