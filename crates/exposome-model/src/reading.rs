//! What every reader of a document gives back beside the records: its complaints.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Something in a document that was not understood or looks wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    pub weight: Weight,
    /// Where in the document: `line 17`, `vulnerabilities[3].cvss`, `row 5, column mac`.
    pub place: String,
    /// What is wrong there and what was expected, for the person who sent the document.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The record is kept; a person should look.
    Doubtful,
    /// This record was refused, the others are kept.
    Refused,
}

impl Complaint {
    pub fn doubtful(place: impl Into<String>, message: impl Into<String>) -> Complaint {
        Complaint { weight: Weight::Doubtful, place: place.into(), message: message.into() }
    }

    pub fn refused(place: impl Into<String>, message: impl Into<String>) -> Complaint {
        Complaint { weight: Weight::Refused, place: place.into(), message: message.into() }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.weight {
            Weight::Doubtful => "doubtful",
            Weight::Refused => "refused",
        };
        write!(f, "{word} at {}: {}", self.place, self.message)
    }
}

/// Where readers put what they find, record by record, so that a large document
/// is never held whole.
pub trait Sink<T> {
    fn record(&mut self, record: T);
    fn complain(&mut self, complaint: Complaint);
}

/// A sink that keeps everything: for small documents and tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept<T> {
    pub records: Vec<T>,
    pub complaints: Vec<Complaint>,
}

impl<T> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept { records: Vec::new(), complaints: Vec::new() }
    }
}

impl<T> Sink<T> for Kept<T> {
    fn record(&mut self, record: T) {
        self.records.push(record);
    }

    fn complain(&mut self, complaint: Complaint) {
        self.complaints.push(complaint);
    }
}
