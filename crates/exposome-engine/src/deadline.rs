//! How long there is: CISA's Binding Operational Directive 26-04 as a benchmark clock.
//!
//! The directive binds federal agencies; a hospital takes its days as a
//! benchmark.  The table is data (`rules/ssvc/cisa_bod_26_04.csv`).  An input
//! nobody knows is run through its values and the shortest time stands.

use crate::threat::Threat;
use exposome_score::ssvc::{DecisionTable, Error};

#[derive(Debug, Clone)]
pub struct Deadlines {
    table: DecisionTable,
}

const IN_KEV: &str = "In KEV";
const EXPOSED: &str = "Publicly exposed";
const AUTOMATABLE: &str = "Automatable";
const IMPACT: &str = "Technical impact";

impl Deadlines {
    pub fn parse(text: &str) -> Result<Deadlines, Error> {
        let questions = [IN_KEV, EXPOSED, AUTOMATABLE, IMPACT];
        DecisionTable::read_asking(text, &questions).map(|table| Deadlines { table })
    }

    /// The days for a vulnerability on an asset that is reachable as the policy's input says; `None`: with the next upgrade.
    /// That it is not in KEV counts only while the catalogue is fresh.
    pub fn days(&self, threat: &Threat, exposure: Option<&str>, kev_fresh: bool) -> Option<u16> {
        let yes_no = |holds: bool| if holds { "yes" } else { "no" };
        let impact = |total: bool| if total { "total" } else { "partial" };
        let answers = [
            (threat.kev.is_some() || kev_fresh).then(|| (IN_KEV, yes_no(threat.kev.is_some()))),
            exposure.map(|exposure| (EXPOSED, yes_no(exposure == "open"))),
            threat.automatable.map(|holds| (AUTOMATABLE, yes_no(holds))),
            threat.technical_impact_total.map(|total| (IMPACT, impact(total))),
        ];
        let answers: Vec<(&str, &str)> = answers.into_iter().flatten().collect();
        let open = self.table.possible(&answers).unwrap_or_default();
        // "3 days & forensic investigation", "60 days", "fix on system upgrade".
        open.iter().filter_map(|outcome| outcome.split_once(" days")?.0.parse().ok()).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::knowledge::{KevEntry, Record};

    const TABLE: &str = include_str!("../../../rules/ssvc/cisa_bod_26_04.csv");

    fn threat(kev: bool, automatable: Option<bool>, total: Option<bool>) -> Threat {
        let mut threats = crate::threat::Threats::default();
        if kev {
            threats.hear(&Record::Kev(KevEntry {
                vulnerability: "CVE-2020-1".into(),
                vendor: String::new(),
                product: String::new(),
                name: String::new(),
                added: jiff::civil::date(2026, 8, 7),
                due: None,
                required_action: String::new(),
                ransomware: None,
            }));
        }
        let known = threats.get("CVE-2020-1").cloned().unwrap_or_default();
        Threat { automatable, technical_impact_total: total, ..known }
    }

    #[track_caller]
    fn check(threat: &Threat, exposure: Option<&str>, expected: Option<u16>) {
        assert_eq!(Deadlines::parse(TABLE).unwrap().days(threat, exposure, true), expected);
    }

    #[test]
    fn listed_exposed_and_total_is_three_days() {
        check(&threat(true, Some(false), Some(true)), Some("open"), Some(3));
        check(&threat(true, Some(false), Some(true)), Some("controlled"), Some(14));
    }

    #[test]
    fn unlisted_inside_and_by_hand_waits_for_the_next_upgrade() {
        check(&threat(false, Some(false), Some(true)), Some("small"), None);
    }

    #[test]
    fn what_nobody_knows_takes_the_shortest_time() {
        check(&threat(true, None, None), None, Some(3));
        check(&threat(false, None, None), None, Some(3));
    }

    #[test]
    fn a_table_with_other_questions_is_refused() {
        let text = include_str!("../../../rules/ssvc/human_impact.csv");
        assert!(matches!(Deadlines::parse(text), Err(Error::Questions { .. })));
    }
}
