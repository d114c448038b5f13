//! Which ids a document has already named.

use exposome_model::reading::{Complaint, Sink};
use std::collections::HashSet;

use crate::Item;

/// The ids seen so far; of an id named twice the first record counts.
#[derive(Debug, Default)]
pub(crate) struct Once {
    seen: HashSet<Box<str>>,
}

impl Once {
    /// Whether this is the first time; if not, the repetition is complained of.
    pub(crate) fn first(
        &mut self,
        id: &str,
        place: impl FnOnce() -> String,
        sink: &mut dyn Sink<Item>,
    ) -> bool {
        let first = !self.seen.contains(id);
        if first {
            self.seen.insert(id.into());
        } else {
            sink.complain(Complaint::refused(
                place(),
                format!("{id} is named a second time in this document"),
            ));
        }
        first
    }

    /// How many different ids were seen.
    pub(crate) fn count(&self) -> u64 {
        self.seen.len() as u64
    }
}
