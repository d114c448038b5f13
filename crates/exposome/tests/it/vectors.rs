//! `exposome cvss`, as a script uses it.

use crate::command::{run, run_with_input};

#[test]
fn every_line_gets_its_answer_in_its_place() {
    let input = b"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\nnonsense\nCVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N/E:U\n";
    let said = run_with_input(&["cvss", "-"], input);
    let lines: Vec<Vec<&str>> = said.out.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        lines[0],
        ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", "-", "9.8", "-", "-", "9.8"]
    );
    assert_eq!(lines[1][..2], ["nonsense", "error"]);
    assert_eq!(lines[2][1..], ["4.0", "BT", "8.7", "6.6", "-", "6.6"]);
    assert_eq!(said.code, Some(3), "part of the input was refused");
}

#[test]
fn a_last_line_without_an_end_counts() {
    let said = run_with_input(&["cvss", "-"], b"AV:N/AC:L/Au:N/C:C/I:C/A:C");
    assert_eq!(said.ok(), "AV:N/AC:L/Au:N/C:C/I:C/A:C\t2.0\t-\t10.0\t-\t-\t10.0\n");
}

#[test]
fn vectors_may_be_given_as_arguments() {
    let said =
        run(["cvss", "AV:N/AC:L/Au:N/C:C/I:C/A:C", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"]);
    assert_eq!(said.ok().lines().count(), 2);
}

#[test]
fn more_than_one_read_gives_no_line_cut_in_two() {
    let line = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\n";
    let said = run_with_input(&["cvss", "-"], line.repeat(60_000).as_bytes());
    let out = said.ok();
    assert_eq!(out.lines().count(), 60_000);
    assert!(out.lines().all(|answer| answer.ends_with("\t9.8")));
}
