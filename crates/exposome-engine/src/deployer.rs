//! The SSVC deployer tree: how soon CISA and CERT/CC would have whoever runs a system apply a patch.
//!
//! A second opinion beside the policy, which alone decides; the table is data
//! (`rules/ssvc/deployer.csv`).  A question nobody can answer is run through all
//! its answers, and every outcome they leave open is given.

use crate::decide::{Input, Inputs};
use crate::threat::Threat;
use crate::world::Fresh;
use exposome_score::ssvc::{DecisionTable, Error};

#[derive(Debug, Clone)]
pub struct Deployer {
    table: DecisionTable,
}

const EXPLOITATION: &str = "Exploitation";
const EXPOSURE: &str = "System exposure";
const AUTOMATABLE: &str = "Automatable";
const IMPACT: &str = "Human impact";

impl Deployer {
    pub fn parse(text: &str) -> Result<Deployer, Error> {
        let questions = [EXPLOITATION, EXPOSURE, AUTOMATABLE, IMPACT];
        DecisionTable::read_asking(text, &questions).map(|table| Deployer { table })
    }

    /// The outcomes that what is known leaves open, the least urgent first: one, where enough is known.
    pub fn outcomes(&self, threat: &Threat, inputs: &Inputs, fresh: Fresh) -> Vec<&str> {
        let known = |input: Input| inputs.get(input).name(input);
        let impact = known(Input::Impact).map(|impact| impact.replace('_', " "));
        let answers = [
            exploitation(threat, fresh).map(|it| (EXPLOITATION, it)),
            known(Input::Exposure).map(|it| (EXPOSURE, it)),
            threat.automatable.map(|it| (AUTOMATABLE, if it { "yes" } else { "no" })),
            impact.as_deref().map(|it| (IMPACT, it)),
        ];
        let answers: Vec<(&str, &str)> = answers.into_iter().flatten().collect();
        // The answers are the table's own, which `parse` has checked.
        self.table.possible(&answers).unwrap_or_default()
    }
}

/// That nothing worse is known counts only where every source that would say so is fresh.
fn exploitation(threat: &Threat, fresh: Fresh) -> Option<&'static str> {
    match (threat.is_active(), threat.has_public_exploit()) {
        (true, _) => Some("active"),
        (false, true) => fresh.kev.then_some("public poc"),
        (false, false) => (fresh.kev && fresh.exploits).then_some("none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threat::Source;
    use exposome_model::knowledge::Exploitation;

    const TABLE: &str = include_str!("../../../rules/ssvc/deployer.csv");
    const FRESH: Fresh = Fresh { kev: true, epss: true, exploits: true };

    fn threat(exploitation: Option<Exploitation>, automatable: Option<bool>) -> Threat {
        let exploitation = exploitation.map(|it| {
            let (publisher, document) = ("cisa".to_owned(), "CVE-2020-1".to_owned());
            (it, Source { publisher, document })
        });
        Threat { exploitation, automatable, ..Threat::default() }
    }

    #[track_caller]
    fn check(threat: &Threat, inputs: Inputs, fresh: Fresh, expected: &[&str]) {
        assert_eq!(Deployer::parse(TABLE).unwrap().outcomes(threat, &inputs, fresh), expected);
    }

    #[test]
    fn what_is_known_whole_has_one_outcome() {
        let inputs =
            Inputs::unknown().with(Input::Exposure, "open").with(Input::Impact, "very_high");
        let exploited = threat(Some(Exploitation::Active), Some(true));
        check(&exploited, inputs, FRESH, &["immediate"]);
        let inputs = Inputs::unknown().with(Input::Exposure, "small").with(Input::Impact, "low");
        check(&threat(None, Some(false)), inputs, FRESH, &["defer"]);
    }

    #[test]
    fn what_nobody_knows_leaves_outcomes_open() {
        let inputs = Inputs::unknown().with(Input::Exposure, "small").with(Input::Impact, "low");
        let stale = Fresh { kev: false, ..FRESH };
        check(&threat(None, Some(false)), inputs, stale, &["defer", "scheduled"]);
    }

    #[test]
    fn a_table_with_other_questions_is_refused() {
        let text = include_str!("../../../rules/ssvc/human_impact.csv");
        assert!(matches!(Deployer::parse(text), Err(Error::Questions { .. })));
    }
}
