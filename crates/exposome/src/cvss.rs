//! `exposome cvss`: scores, one vector a line, at full speed.

use crate::cli::Cvss;
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use std::io::{Read as _, Write as _};

/// How much is read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// No vector is this long; a line that is gets an error and is not kept.
const LONGEST_LINE_BYTES: usize = 64 << 10;

pub(crate) fn run(arguments: &Cvss) -> Result<Exit> {
    let mut refused = 0;
    if arguments.vectors == ["-"] {
        refused += stream()?;
    } else {
        let mut output = Vec::new();
        let input = arguments.vectors.join("\n");
        refused += exposome_score::lines(input.as_bytes(), &mut output).refused;
        std::io::stdout().lock().write_all(&output)?;
    }
    Ok(if refused > 0 { Exit::PartlyRefused } else { Exit::Done })
}

/// Scores standard input chunk by chunk, so that a pipe gets its answers as it asks.
fn stream() -> Result<u64> {
    let (mut input, mut out) = (std::io::stdin().lock(), std::io::stdout().lock());
    let (mut pending, mut output) = (Vec::with_capacity(2 * CHUNK_BYTES), Vec::new());
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut refused = 0;
    loop {
        let count = input.read(&mut chunk).context("cannot read standard input")?;
        pending.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let whole = match pending.iter().rposition(|&byte| byte == b'\n') {
            _ if count == 0 => pending.len(),
            Some(end) => end + 1,
            // Of a line that is no vector its beginning is enough for an error: one line, one answer.
            None => {
                pending.truncate(LONGEST_LINE_BYTES);
                continue;
            }
        };
        output.clear();
        refused +=
            exposome_score::lines(pending.get(..whole).unwrap_or_default(), &mut output).refused;
        out.write_all(&output)?;
        out.flush()?;
        pending.drain(..whole);
        if count == 0 {
            return Ok(refused);
        }
    }
}
