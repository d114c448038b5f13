//! `docs/benchmarks.md`: one row a figure, kept until it is measured again.

use crate::benches::{LINES, order};
use std::fmt::Write as _;

/// A figure and what it is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// Which line of the list of what must be shown it belongs to.
    pub(crate) line: String,
    pub(crate) name: String,
    pub(crate) figure: String,
    pub(crate) bound: String,
    /// `met`, `missed`, `not run: ...`, or `-` where nothing is asked.
    pub(crate) verdict: String,
    pub(crate) date: String,
    pub(crate) command: String,
}

/// Puts the rows of benches that ran into the document; the rows of the others stay.
pub(crate) fn merge(old: &str, new: Vec<Row>, machine: &str) -> String {
    let mut rows = read(old);
    // All rows of a bench bear its command, and are measured together.
    rows.retain(|kept| new.iter().all(|row| row.command != kept.command));
    rows.extend(new);
    rows.sort_by_key(|row| order(&row.command));
    write(&rows, machine)
}

const HEAD: &str = "# Benchmarks

Written by `./x bench`, not by hand: `./x bench NAME...` measures again what is named and keeps the other rows.
CPU-s is user plus system time of the measured program, wall is elapsed time, memory its peak resident set.
Headings give the part and line of the list of what must be shown. Data that is made for a bench, and its densities, are described in `bench/src/hospital/scale.rs`; the real feeds lie beside the
project in `../shared/feeds`.
";

fn write(rows: &[Row], machine: &str) -> String {
    let mut text = format!("{HEAD}\nMachine of the latest run: {machine}\n");
    for (line, words) in LINES {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.line == *line).collect();
        if rows.is_empty() {
            continue;
        }
        let _cannot_fail = write!(
            text,
            "\n## {line}: {words}\n\n| figure of | figure | bound | verdict | date | command |\n|---|---|---|---|---|---|\n"
        );
        for row in rows {
            let cells = [&row.name, &row.figure, &row.bound, &row.verdict, &row.date, &row.command];
            let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "/")).collect();
            let _cannot_fail = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    text
}

/// The rows of a document that [`write`] wrote.
fn read(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut line = String::new();
    for words in text.lines() {
        if let Some(heading) = words.strip_prefix("## ") {
            heading.split(':').next().unwrap_or_default().clone_into(&mut line);
            continue;
        }
        let cells: Vec<&str> = words.trim_matches('|').split(" | ").map(str::trim).collect();
        let &[name, figure, bound, verdict, date, command] = cells.as_slice() else { continue };
        if words.starts_with("| ") && name != "figure of" {
            let [name, figure, bound, verdict, date, command] =
                [name, figure, bound, verdict, date, command].map(str::to_owned);
            rows.push(Row { line: line.clone(), name, figure, bound, verdict, date, command });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str, name: &str, figure: &str) -> Row {
        let [line, name, figure] = [line, name, figure].map(str::to_owned);
        let [bound, verdict, date, command] =
            ["<= 2 s", "met", "2026-08-10", "run it"].map(str::to_owned);
        Row { line, name, figure, bound, verdict, date, command }
    }

    #[test]
    fn a_bench_that_did_not_run_keeps_its_rows() {
        let first = merge("", vec![row("1.1", "a", "1 s"), row("1.3", "b", "2 s")], "two cores");
        let again = Row { command: "another".to_owned(), ..row("1.3", "b", "3 s") };
        let second = merge(&first, vec![again.clone()], "four cores");
        assert_eq!(read(&second), [row("1.1", "a", "1 s"), row("1.3", "b", "2 s"), again]);
        assert!(second.contains("four cores") && !second.contains("two cores"));
    }

    #[test]
    fn a_bench_that_ran_again_leaves_nothing_of_its_last_run() {
        let first = merge("", vec![row("1.1", "not run", "-")], "m");
        assert_eq!(
            read(&merge(&first, vec![row("1.1", "a", "1 s")], "m")),
            [row("1.1", "a", "1 s")]
        );
    }

    #[test]
    fn what_is_written_is_read_back_whatever_the_words() {
        let odd = row("1.2", "a|b", "1 s");
        assert_eq!(read(&merge("", vec![odd], "m")), [row("1.2", "a/b", "1 s")]);
    }
}
