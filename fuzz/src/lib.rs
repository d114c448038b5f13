//! Every parser of the project as a fuzz target: bytes in, and nothing bad may happen.
//!
//! A target panics if its parser does, and where a law of the parser is broken
//! (what is printed reads back the same; a document read in small pieces says
//! what it says in one).  The formats and version schemes are taken from their
//! own lists, so that a new one is a target at once; `tests/corpora.rs` then
//! asks for its corpus.
//!
//! **Invariant:** nothing here knows the fuzzer; `main.rs` does.

mod documents;
mod package;
mod products;
mod standards;
mod wire;

use cap::Cap;
use exposome_intake::Format;
use exposome_model::version::Scheme;
use exposome_wire::protocols::Protocol;
use std::alloc::System;

/// No input of a target is larger than a few kilobytes, so none may take more than this: an
/// allocation beyond it ends the process, which the fuzzer counts as a finding.
const MEMORY_CAP_BYTES: usize = 96 << 20;

#[global_allocator]
static MEMORY: Cap<System> = Cap::new(System, MEMORY_CAP_BYTES);

/// One parser, ready to be given bytes.
#[derive(Clone, Copy)]
pub enum Target {
    Named(&'static str, fn(&[u8])),
    /// A kind of document, through its own reader.
    Format(&'static Format),
    /// The order of versions in one scheme.
    Scheme(Scheme),
    /// A protocol on the wire, through its own readers.
    Protocol(Protocol),
}

/// All of them, in a fixed order.
pub fn targets() -> impl Iterator<Item = Target> {
    let named = [standards::TARGETS, products::TARGETS, documents::TARGETS, wire::TARGETS];
    let named = named.into_iter().flatten().map(|&(name, run)| Target::Named(name, run));
    let formats = documents::formats_read().map(Target::Format);
    let protocols = Protocol::ALL.iter().copied().map(Target::Protocol);
    named.chain(formats).chain(Scheme::all().map(Target::Scheme)).chain(protocols)
}

impl Target {
    pub fn name(&self) -> String {
        match self {
            Target::Named(name, _) => (*name).to_owned(),
            Target::Format(format) => format!("format-{}", format.id),
            Target::Scheme(scheme) => format!("version-{}", scheme.name()),
            Target::Protocol(protocol) => format!("wire-{}", protocol.name()),
        }
    }

    /// Gives the parser one input.  A panic is a finding.
    pub fn run(&self, bytes: &[u8]) {
        match self {
            Target::Named(_, run) => run(bytes),
            Target::Format(format) => documents::format(format, bytes),
            Target::Scheme(scheme) => standards::version(*scheme, bytes),
            Target::Protocol(protocol) => wire::protocol(*protocol, bytes),
        }
    }
}

type Named = (&'static str, fn(&[u8]));

/// The input as text; bytes that are none make no difference to a parser of text.
fn text(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// The first `N` lines of an input that consists of several texts; what is missing is empty.
fn lines<const N: usize>(text: &str) -> [&str; N] {
    let mut lines = text.split('\n');
    std::array::from_fn(|_| lines.next().unwrap_or_default())
}
