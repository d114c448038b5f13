//! CVSS as feeds carry it: the vector, and the score its publisher printed.
//!
//! CVE 5, NVD and CSAF all embed the JSON objects that FIRST defines beside each
//! version of CVSS.  Only the vector and the base score are read: every other
//! member says again what the vector says.

use exposome_model::knowledge::Severity;
use serde::de::{self, Deserialize, Deserializer};
use std::fmt;

/// A CVSS object of any version.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Cvss {
    #[serde(default)]
    vector_string: Option<String>,
    #[serde(default)]
    base_score: Option<Tenths>,
}

impl Cvss {
    /// Without a vector there is nothing to work with.
    pub(crate) fn severity(self, source: Option<String>) -> Option<Severity> {
        let vector = self.vector_string.filter(|vector| !vector.is_empty())?;
        Some(Severity { vector, score_tenths: self.base_score.and_then(|score| score.0), source })
    }
}

/// A score from 0.0 to 10.0, in tenths; anything else is no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tenths(pub(crate) Option<u8>);

impl<'de> Deserialize<'de> for Tenths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tenths, D::Error> {
        deserializer.deserialize_any(Score).map(Tenths)
    }
}

struct Score;

impl de::Visitor<'_> for Score {
    type Value = Option<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a score from 0.0 to 10.0")
    }

    fn visit_f64<E>(self, score: f64) -> Result<Option<u8>, E> {
        // Rust prints the shortest decimal that reads back the same: the one in the document.
        Ok(tenths(&score.to_string()))
    }

    fn visit_u64<E>(self, score: u64) -> Result<Option<u8>, E> {
        Ok(u8::try_from(score).ok().filter(|score| *score <= 10).map(|score| score * 10))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<u8>, E> {
        Ok(None)
    }

    fn visit_str<E>(self, score: &str) -> Result<Option<u8>, E> {
        Ok(tenths(score))
    }

    fn visit_unit<E>(self) -> Result<Option<u8>, E> {
        Ok(None)
    }
}

/// `9.8` is 98; a score with more than one decimal is none.
fn tenths(score: &str) -> Option<u8> {
    let (whole, part) = score.trim().split_once('.').unwrap_or((score.trim(), "0"));
    let part = part.trim_end_matches('0');
    let part: u8 =
        if part.is_empty() { 0 } else { part.parse().ok().filter(|_| part.len() == 1)? };
    let tenths = whole.parse::<u8>().ok()?.checked_mul(10)?.checked_add(part)?;
    (tenths <= 100).then_some(tenths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: Option<u8>) {
        assert_eq!(serde_json::from_str::<Tenths>(json).unwrap(), Tenths(expected), "{json}");
    }

    #[test]
    fn a_score_is_exact_however_it_is_written() {
        for (json, tenths) in
            [("9.8", 98), ("10", 100), ("10.0", 100), ("0", 0), ("\"6.5\"", 65), ("4.10", 41)]
        {
            check(json, Some(tenths));
        }
        for whole in 0..10_u8 {
            for part in 0..10 {
                check(&format!("{whole}.{part}"), Some(whole * 10 + part));
            }
        }
    }

    #[test]
    fn what_is_no_score_is_unknown_not_zero() {
        for json in ["10.1", "-1", "-0.5", "4.55", "\"high\"", "null", "1e9"] {
            check(json, None);
        }
    }
}
