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
use crate::notation::Error;
use crate::tenths::Tenths;

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
    const STRIDE: usize = 32;
    // Whole strides are compared at once; only the one with the line feed is looked at closely.
    let strides = text.chunks_exact(STRIDE);
    let clean =
        strides.take_while(|stride| !stride.iter().fold(false, |any, &byte| any | (byte == b'\n')));
    let near = clean.count() * STRIDE;
    let close = text.get(near..).unwrap_or_default().iter().position(|&byte| byte == b'\n');
    let end = close.map_or(text.len(), |offset| near + offset);
    let (line, after) = text.split_at(end);
    (line, after.get(1..).unwrap_or_default())
}

fn write_scores(line: &[u8], vector: Cvss, output: &mut Vec<u8>) {
    let Scores { base, threat, environmental, overall, nomenclature } = vector.scores();
    output.extend_from_slice(line);
    output.push(b'\t');
    output.extend_from_slice(vector.version().as_bytes());
    output.push(b'\t');
    output.extend_from_slice(nomenclature.map_or("-", |name| name.letters()).as_bytes());
    for score in [Some(base), threat, environmental, Some(overall)] {
        write_score(score, output);
    }
    output.push(b'\n');
}

fn write_score(score: Option<Tenths>, output: &mut Vec<u8>) {
    match score {
        None => output.extend_from_slice(b"\t-"),
        Some(Tenths::TEN) => output.extend_from_slice(b"\t10.0"),
        Some(score) => {
            let tenths = score.get();
            output.extend_from_slice(&[b'\t', b'0' + tenths / 10, b'.', b'0' + tenths % 10]);
        }
    }
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
