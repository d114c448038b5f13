//! The SSVC tables of `rules/ssvc`: complete, and the same as the published ones.

use exposome_score::ssvc::DecisionTable;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/feeds/ssvc/csv/");

/// Our file, the published one, how many rows.
const TABLES: &[(&str, &str, usize)] = &[
    (
        include_str!("../../../rules/ssvc/deployer.csv"),
        "deployer_patch_application_priority_1_0_0.csv",
        72,
    ),
    (include_str!("../../../rules/ssvc/human_impact.csv"), "human_impact_1_0_0.csv", 16),
    (include_str!("../../../rules/ssvc/cisa_bod_26_04.csv"), "cisa_bod_26_04_1_0_0.csv", 16),
    (include_str!("../../../rules/ssvc/cisa_coordinator.csv"), "cisa_coordinator_2_0_3.csv", 36),
];

fn table(text: &str) -> DecisionTable {
    DecisionTable::read(text).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_table_is_complete() {
    for (text, name, rows) in TABLES {
        let combinations: usize =
            table(text).inputs().iter().map(|input| input.values.len()).product();
        assert_eq!(combinations, *rows, "{name}");
    }
}

/// The published files have a running number first and the outcome last; their headings carry
/// versions and, quoted, commas, so columns are taken by place.
#[test]
fn every_row_agrees_with_the_published_table() {
    for (text, name, rows) in TABLES {
        let Ok(published) = std::fs::read_to_string(format!("{SHARED}{name}")) else {
            eprintln!("NOT CHECKED: {name} is absent from the shared folder");
            continue;
        };
        let table = table(text);
        let names: Vec<&str> = table.inputs().iter().map(|input| input.name.as_str()).collect();
        for row in published.lines().skip(1) {
            let fields: Vec<&str> = row.split(',').skip(1).collect();
            let (outcome, answers) = fields.split_last().unwrap();
            let answers: Vec<_> = names.iter().copied().zip(answers.iter().copied()).collect();
            assert_eq!(table.decide(&answers), Ok(*outcome), "{name}: {row}");
        }
        assert_eq!(published.lines().count() - 1, *rows, "{name}");
    }
}

#[test]
fn safety_and_mission_decide_how_soon_a_patch_goes_in() {
    let (human_impact, deployer) = (table(TABLES[1].0), table(TABLES[0].0));
    let impact =
        human_impact.decide(&[("Safety impact", "catastrophic"), ("Mission impact", "degraded")]);
    assert_eq!(impact, Ok("very high"));
    let answers = [
        ("Exploitation", "Active"),
        ("System exposure", "open"),
        ("Automatable", "no"),
        ("Human impact", impact.unwrap()),
    ];
    assert_eq!(deployer.decide(&answers), Ok("immediate"));
    // Nobody knows yet how exposed the device is.
    assert_eq!(
        deployer.possible(&[answers[0], answers[2], answers[3]]),
        Ok(vec!["out-of-cycle", "immediate"])
    );
}
