//! Capture files: listened to for `identify`, and as documents for `import`.
//!
//! Of a capture the data folder takes what each thing says of itself, a sheet a
//! thing, with what speaks for it in the sheet's note.  No packet is kept.

use crate::documents::{Reading, Taker};
use crate::fingerprints;
use crate::identify;
use anyhow::Result;
use exposome_model::reading::Complaint;
use exposome_wire::capture::{self, Capture};
use exposome_wire::{Limits, Listener, Rules};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _};
use std::path::Path;

/// What `import` calls the format.
const FORMAT: &str = "capture";

/// Whether a file begins as a capture does, packed with gzip or not.  What cannot be opened is another reader's complaint.
pub(crate) fn is_capture(path: &Path) -> bool {
    unpacked(path).is_ok_and(|source| Capture::open(source).is_ok())
}

/// A listener with room for a hospital.
pub(crate) fn listener(rules: Rules) -> Listener {
    Listener::new(&Limits::default(), rules, seed())
}

/// Only where things lie in memory depends on it, so that nobody on a network can choose addresses that fall together.
fn seed() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0)
}

/// Hears a capture to its end, or to where it breaks off.
pub(crate) fn hear(path: &Path, listener: &mut Listener) -> Result<()> {
    let mut capture = Capture::open(unpacked(path)?)?;
    while let Some(frame) = capture.frame().map_err(in_words)? {
        listener.hear(&frame);
    }
    Ok(())
}

fn in_words(error: capture::Error) -> anyhow::Error {
    anyhow::Error::new(error)
}

fn unpacked(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = File::open(path)?;
    let mut head = [0; 2];
    let read = file.read(&mut head)?;
    file.rewind()?;
    let is_packed = read == 2 && head == [0x1f, 0x8b];
    Ok(if is_packed { Box::new(MultiGzDecoder::new(BufReader::new(file))) } else { Box::new(file) })
}

/// Reads a capture as a document: a sheet a thing that was heard.
pub(crate) fn read(
    path: &Path,
    name: &str,
    taker: &mut dyn Taker,
    reading: &mut Reading,
) -> Result<()> {
    let fingerprints = fingerprints::shipped()?;
    // Where a device stands is read from HL7 only where a site allows it, and nobody was asked.
    let mut listener = listener(Rules { locations: false });
    let broken = hear(path, &mut listener).err();
    let tally = listener.tally();
    match broken {
        Some(error) if tally.frames == 0 => return Err(error),
        // What came before the break was heard.
        Some(error) => reading.complaints.push(Complaint::refused(
            format!("{name}: after frame {}", tally.frames),
            format!("{error:#}"),
        )),
        None => {}
    }
    let seen = identify::assets(&listener, &fingerprints)?;
    reading.documents += 1;
    taker.opened(name, FORMAT);
    if let Some(last) = seen.assets.iter().map(|it| it.last_seen).max() {
        taker.observed(last);
    }
    let not_kept = tally.forgotten + tally.not_kept + tally.not_placed;
    for (words, count) in [
        ("frames are broken", tally.broken),
        ("connections, observations or packets found no room", not_kept),
    ] {
        if count > 0 {
            reading.complaints.push(Complaint::doubtful(name, format!("{count} {words}")));
        }
    }
    for demoted in &seen.demoted {
        let words = format!(
            "not believed: {} {} is borne by {} things",
            demoted.key.kind.words(),
            demoted.key.value,
            demoted.things
        );
        reading.complaints.push(Complaint::doubtful(name, words));
    }
    for asset in &seen.assets {
        let mut sheet = asset.sheet();
        sheet.place = format!("asset {}", asset.id);
        taker.sheet(sheet);
    }
    Ok(())
}
