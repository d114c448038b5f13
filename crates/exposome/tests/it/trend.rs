//! What a site's record says over time.

use crate::scope::{Hospital, PUMP};

#[test]
fn what_ended_and_what_stands_open_is_told_from_the_record() {
    let hospital = Hospital::with_a_flaw();
    hospital.import(PUMP, &[]).ok();
    let nothing = hospital.run(&["trend"]);
    assert!(
        nothing.beside.contains("no assessment of site \"main\" was recorded"),
        "{}",
        nothing.beside
    );
    hospital.run(&["assess"]).ok();
    let open = hospital.run(&["trend"]).ok();
    assert!(open.contains("1 exposure-days on 1 assessed days"), "{open}");
    assert!(open.contains("no exposure ended"), "{open}");
    assert!(open.contains("is not foretold: that takes two weeks of assessments"), "{open}");

    hospital.import(&PUMP.replace("8.00.01", "9.1"), &[]).ok();
    hospital.run(&["assess"]).ok();
    let ended = hospital.run(&["trend", "--by", "class"]).ok();
    assert!(ended.contains("1 exposures ended: on average after 0.0 days"), "{ended}");
    let rows = hospital.run(&["trend", "--by", "fix", "--json"]).json();
    assert!(rows.is_empty(), "the day's last assessment found nothing to mend: {rows:?}");
}
