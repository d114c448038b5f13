//! Lines of vectors in, lines of scores out: what `exposome cvss -` does.
//!
//! Each line of input gives one line of output, in the same order, fields separated by tabs:
//!
//! ```text
//! vector  version  nomenclature  base  threat  environmental  final
//! vector  error  what is wrong, and where
//! ```
//!
//! The vector is repeated as it came, without white space around it.  *nomenclature* is `B`, `BT`,
//! `BE` or `BTE` for CVSS 4.0 and names the final score; the older standards define no such names,
//! so it is `-` there.  *threat* is the temporal score in CVSS 2 and 3.  A score the vector has no
//! metrics for is `-`.  See [`Scores`] for what each number includes.
//!
//! A line that is no vector is an error line, an empty line included; what is shown of it is cut
//! at 256 bytes, and control characters become `?`, so that no input can break the table.

use crate::cvss::{Cvss, Scores};
use crate::notation::{Error, marks};
use crate::tenths::Tenths;
use crate::v3::Minor;
use crate::v4::Nomenclature;

/// How many lines were scored, and how many were not vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub scored: u64,
    pub refused: u64,
}

/// Scores every line of `input` and appends the answers to `output`.
///
/// A last line without a line feed counts as a line.  A caller that reads in pieces cuts them
/// after a line feed.
pub fn lines(input: &[u8], output: &mut Vec<u8>) -> Tally {
    let mut tally = Tally::default();
    let mut rest = input;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        rest = after;
        let line = line.trim_ascii();
        match Cvss::read(line) {
            Ok(vector) => {
                write_scores(line, vector, output);
                tally.scored += 1;
            }
            Err(error) => {
                write_error(line, &error, output);
                tally.refused += 1;
            }
        }
    }
    tally
}

/// The first line, without its line feed, and what follows it.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let (blocks, _) = text.as_chunks::<64>();
    let is_within = |block: &[u8; 64]| {
        block.iter().fold(0, |feeds, &byte| feeds | u8::from(byte == b'\n')) != 0
    };
    let start = 64 * blocks.iter().take_while(|block| !is_within(block)).count();
    // Behind the end everything is marked, so the end of the text ends its last line.
    let feed = start + marks(text, start, b'\n').trailing_zeros() as usize;
    let (line, after) = text.split_at(feed.min(text.len()));
    (line, after.get(1..).unwrap_or_default())
}

fn write_scores(line: &[u8], vector: Cvss, output: &mut Vec<u8>) {
    let Scores { base, threat, environmental, overall, nomenclature } = vector.scores();
    output.extend_from_slice(line);
    push(version(vector), output);
    push(name(nomenclature), output);
    push(score(Some(base)), output);
    push(score(threat), output);
    push(score(environmental), output);
    push(score(Some(overall)), output);
    output.push(b'\n');
}

/// A field with the tab before it: its text, filled up, and how long it is.
type Cell = ([u8; 8], u8);

/// Copies a whole cell and takes the filling back: cheaper than copying a length only known now.
#[inline]
fn push((text, length): Cell, output: &mut Vec<u8>) {
    let end = output.len() + usize::from(length);
    output.extend_from_slice(&text);
    output.truncate(end);
}

const NONE: Cell = (*b"\t-      ", 2);

fn version(vector: Cvss) -> Cell {
    let text = match vector {
        Cvss::V2(_) => *b"\t2.0    ",
        Cvss::V3(vector) if vector.minor() == Minor::Zero => *b"\t3.0    ",
        Cvss::V3(_) => *b"\t3.1    ",
        Cvss::V4(_) => *b"\t4.0    ",
    };
    (text, 4)
}

fn name(nomenclature: Option<Nomenclature>) -> Cell {
    match nomenclature {
        None => NONE,
        Some(Nomenclature::B) => (*b"\tB      ", 2),
        Some(Nomenclature::BT) => (*b"\tBT     ", 3),
        Some(Nomenclature::BE) => (*b"\tBE     ", 3),
        Some(Nomenclature::BTE) => (*b"\tBTE    ", 4),
    }
}

/// Looked up, because branches on scores are branches nobody can predict.
#[inline]
fn score(score: Option<Tenths>) -> Cell {
    static CELLS: [Cell; 102] = cells();
    let index = score.map_or(101, Tenths::get);
    CELLS.get(usize::from(index)).copied().unwrap_or(NONE)
}

/// 0.0 to 10.0, and the dash.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler: a wrong index stops the build"
)]
const fn cells() -> [Cell; 102] {
    let mut cells = [NONE; 102];
    let mut tenths = 0;
    while tenths < 100 {
        cells[tenths as usize] =
            ([b'\t', b'0' + tenths / 10, b'.', b'0' + tenths % 10, b' ', b' ', b' ', b' '], 4);
        tenths += 1;
    }
    cells[100] = (*b"\t10.0   ", 5);
    cells
}

#[cold]
fn write_error(line: &[u8], error: &Error, output: &mut Vec<u8>) {
    const SHOWN_BYTES: usize = 256;
    let shown = line.get(..SHOWN_BYTES).unwrap_or(line);
    output.extend(shown.iter().map(|&byte| if byte.is_ascii_control() { b'?' } else { byte }));
    output.extend_from_slice(format!("\terror\t{error}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &str) {
        let mut output = Vec::new();
        let tally = lines(input.as_bytes(), &mut output);
        let output = String::from_utf8(output).unwrap();
        assert_eq!(output, expected);
        assert_eq!(tally.scored + tally.refused, output.lines().count() as u64);
    }

    #[test]
    fn each_version_fills_the_columns_it_has() {
        check(
            "AV:N/AC:L/Au:N/C:C/I:C/A:C\n\
             (AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H)\n\
             CVSS:3.0/AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N/E:F\n\
             CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/MAV:P\n",
            "AV:N/AC:L/Au:N/C:C/I:C/A:C\t2.0\t-\t10.0\t-\t-\t10.0\n\
             (AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H)\t2.0\t-\t7.8\t6.4\t9.2\t9.2\n\
             CVSS:3.0/AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:N/E:F\t3.0\t-\t3.8\t3.7\t-\t3.7\n\
             CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/MAV:P\t3.1\t-\t10.0\t-\t7.7\t7.7\n",
        );
    }

    #[test]
    fn version_4_names_its_final_score() {
        let base = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        let row = |vector: &str, columns: &str| format!("{vector}\t4.0\t{columns}\n");
        let threat = format!("{base}/E:U");
        let site = format!("{base}/CR:L/IR:L/AR:L");
        let both = format!("{base}/E:U/CR:L/IR:L/AR:L");
        check(
            &[base, &threat, &site, &both].join("\n"),
            &[
                row(base, "B\t9.3\t-\t-\t9.3"),
                row(&threat, "BT\t9.3\t8.1\t-\t8.1"),
                row(&site, "BE\t9.3\t-\t8.9\t8.9"),
                row(&both, "BTE\t9.3\t8.1\t8.9\t6.5"),
            ]
            .concat(),
        );
    }

    #[test]
    fn a_line_that_is_no_vector_is_answered_and_the_next_one_scored() {
        check(
            "\nCVSS:3.1/AV:N\r\n\tCVSS:9.9/AV:N\nAV:N/AC:L/Au:N/C:C/I:C/A:C",
            "\terror\tno CVSS vector opens with ''\n\
             CVSS:3.1/AV:N\terror\tbase metric AC is missing\n\
             CVSS:9.9/AV:N\terror\tno CVSS vector opens with 'CVSS:9.9/AV:N'\n\
             AV:N/AC:L/Au:N/C:C/I:C/A:C\t2.0\t-\t10.0\t-\t-\t10.0\n",
        );
    }

    #[test]
    fn no_input_can_break_the_table() {
        let long = "A".repeat(1000);
        let mut output = Vec::new();
        lines(format!("AV:\tN/\x1b[31m/{long}\n\u{fffd}").as_bytes(), &mut output);
        for line in String::from_utf8(output).unwrap().lines() {
            assert_eq!(line.split('\t').count(), 3, "{line}");
            assert!(line.len() < 400 && !line.contains('\x1b'), "{line}");
        }
    }
}
