//! What comes first, and why: one ordered table, evaluated three-valued.
//!
//! The table is data (`rules/policies`).  An input that is not known is run
//! through all its values: where one outcome remains it is taken, otherwise the
//! most urgent stands, and the decision names the fact that would settle it.

pub use exposome_model::decision::Outcome;
use exposome_score::Tenths;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

macro_rules! inputs {
    ($($(#[$doc:meta])* $input:ident $name:literal { $($value:literal)* } asks $fact:literal;)*) => {
        /// The named inputs of a policy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Input { $($(#[$doc])* $input,)* }

        impl Input {
            pub const ALL: [Input; INPUTS] = [$(Input::$input,)*];

            pub fn name(self) -> &'static str {
                match self { $(Input::$input => $name,)* }
            }

            /// Its values, in the order of the bits of a [`Values`].
            pub fn values(self) -> &'static [&'static str] {
                match self { $(Input::$input => &[$($value,)*],)* }
            }

            /// The fact to fetch when the input is not known.
            pub fn fact(self) -> &'static str {
                match self { $(Input::$input => $fact,)* }
            }
        }
    };
}

inputs! {
    /// Exploited in the world.
    Active "active" { "yes" "no" } asks "a fresh list of known exploited vulnerabilities";
    /// CVSS score at or above the policy's threshold.
    Severity "severity" { "high" "lower" } asks "a CVSS vector for this vulnerability";
    /// A public exploit, or EPSS at or above the policy's threshold.
    Threat "threat" { "likely" "quiet" } asks "a fresh EPSS score and fresh exploit sources";
    /// From where it can be reached.
    Exposure "exposure" { "open" "controlled" "small" } asks "from where the device can be reached";
    /// Human impact, SSVC human impact 2.0.2.
    Impact "impact" { "low" "medium" "high" "very_high" } asks "what the device is for";
}

const INPUTS: usize = 5;

/// The facts that can settle how severe something is in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeverityFact {
    AnyVector,
    /// There is an older one.
    Vector,
    Use,
    Data,
    Area,
    Reach,
}

impl SeverityFact {
    pub const ALL: [SeverityFact; 6] = [
        SeverityFact::AnyVector,
        SeverityFact::Vector,
        SeverityFact::Use,
        SeverityFact::Data,
        SeverityFact::Area,
        SeverityFact::Reach,
    ];

    fn words(self) -> &'static str {
        match self {
            SeverityFact::AnyVector => Input::Severity.fact(),
            SeverityFact::Vector => "a CVSS 4.0 vector for this vulnerability",
            SeverityFact::Use => Input::Impact.fact(),
            SeverityFact::Data => "which data the device holds",
            SeverityFact::Area => "in which area the device is used",
            SeverityFact::Reach => Input::Exposure.fact(),
        }
    }
}

/// A set of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeverityFacts(u8);

impl SeverityFacts {
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn words(self) -> impl Iterator<Item = &'static str> {
        let facts = SeverityFact::ALL.into_iter();
        facts.filter(move |fact| self.0 & (1 << *fact as u8) != 0).map(SeverityFact::words)
    }
}

impl FromIterator<SeverityFact> for SeverityFacts {
    fn from_iter<I: IntoIterator<Item = SeverityFact>>(facts: I) -> SeverityFacts {
        SeverityFacts(facts.into_iter().fold(0, |set, fact| set | (1 << fact as u8)))
    }
}

/// The values an input may have: a bit each, all of them where nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Values(u8);

impl Values {
    pub fn unknown(input: Input) -> Values {
        Values((1 << input.values().len()) - 1)
    }

    /// Exactly this value; `None` if the input has no such value.
    pub fn known(input: Input, value: &str) -> Option<Values> {
        let bit = input.values().iter().position(|&name| name == value)?;
        Some(Values(1 << bit))
    }

    /// One of these; the first that the input does not have otherwise.
    pub fn any_of(input: Input, values: &[String]) -> Result<Values, String> {
        values.iter().try_fold(Values(0), |all, value| match Values::known(input, value) {
            Some(known) => Ok(Values(all.0 | known.0)),
            None => Err(value.clone()),
        })
    }

    pub fn is_known(self) -> bool {
        self.0.is_power_of_two()
    }

    /// Whether it is one of those; `None`: it may be.
    pub fn is_in(self, those: Values) -> Option<bool> {
        match self.0 & those.0 {
            0 => Some(false),
            common => (common == self.0).then_some(true),
        }
    }

    /// What the severer of two can be, where the values of the input begin with the severest.
    #[must_use]
    pub fn severer(self, other: Values) -> Values {
        let pairs = self.bits().flat_map(|one| other.bits().map(move |other| one.min(other)));
        Values(pairs.fold(0, |all, bit| all | (1 << bit)))
    }

    fn bits(self) -> impl Iterator<Item = u8> {
        (0..8).filter(move |bit| self.0 & (1 << bit) != 0)
    }

    /// The names of all that it can be.
    pub fn names(self, input: Input) -> impl Iterator<Item = &'static str> {
        self.bits().filter_map(move |bit| input.values().get(usize::from(bit)).copied())
    }

    /// The value's name where it is known.
    pub fn name(self, input: Input) -> Option<&'static str> {
        self.is_known()
            .then(|| input.values().get(self.0.trailing_zeros() as usize).copied())
            .flatten()
    }
}

/// What is known of one exposure, as the policy sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Inputs {
    pub values: [Values; INPUTS],
    /// What would settle how severe it is; a vector, where nothing is said.
    pub severity_facts: SeverityFacts,
    /// A deferral on a gated device needs a signature.
    pub gated: bool,
}

impl Inputs {
    pub fn unknown() -> Inputs {
        Inputs {
            values: Input::ALL.map(Values::unknown),
            severity_facts: SeverityFacts::from_iter([SeverityFact::AnyVector]),
            gated: true,
        }
    }

    /// Sets one input to a known value.  A value the input does not have is a defect of the caller.
    #[must_use]
    pub fn with(self, input: Input, value: &str) -> Inputs {
        let known = Values::known(input, value);
        assert!(known.is_some(), "{} has no value {value:?}", input.name());
        self.with_values(input, known.unwrap_or_else(|| Values::unknown(input)))
    }

    pub fn get(&self, input: Input) -> Values {
        self.values.get(input as usize).copied().unwrap_or_else(|| Values::unknown(input))
    }

    #[must_use]
    pub fn with_values(mut self, input: Input, values: Values) -> Inputs {
        if let Some(slot) = self.values.get_mut(input as usize) {
            *slot = values;
        }
        self
    }

    /// Adds the facts that would settle an input, each once.
    fn ask(self, input: Input, facts: &mut Vec<&'static str>) {
        let of_severity = (input == Input::Severity).then(|| self.severity_facts.words());
        let of_input = (input != Input::Severity).then(|| input.fact());
        for fact in of_severity.into_iter().flatten().chain(of_input) {
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
    }
}

/// The answer of a policy, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    pub outcome: Outcome,
    /// The row that decided, `1-active`.
    pub row: String,
    pub because: String,
    /// The row's outcome was raised for human impact.
    pub raised: bool,
    /// It would be deferred once a clinical engineer signs.
    pub awaits_signature: bool,
    /// Facts that are not known and would change the outcome.
    pub unsettled: Vec<&'static str>,
    /// Days from the moment of the evidence; `None` for what is only watched.
    pub clock_days: Option<u16>,
}

/// An ordered decision table, checked to be total and free of dead rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    pub version: String,
    pub epss_model: String,
    pub thresholds: Thresholds,
    rows: Vec<Row>,
    raise: Raise,
    gated: Gated,
    clock_days: BTreeMap<Outcome, u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    pub severity_high: Tenths,
    /// EPSS probability in 1/100,000.
    pub epss_high_e5: u32,
    pub epss_fresh_days: u16,
    pub kev_fresh_days: u16,
    pub exploit_fresh_days: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    id: String,
    /// A mask an input: the values under which the row holds.
    when: [Values; INPUTS],
    then: Outcome,
    because: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Raise {
    impact: Values,
    because: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Gated {
    defer: Outcome,
    because: String,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the policy is not TOML of the expected shape")]
    Shape(#[source] Box<toml::de::Error>),
    #[error(
        "row {row}: there is no input {input:?}; the inputs are active, severity, threat, exposure, impact"
    )]
    NoSuchInput { row: String, input: String },
    #[error("row {row}: {input} has no value {value:?}")]
    NoSuchValue { row: String, input: String, value: String },
    #[error("severity_high_tenths: CVSS scores end at 10.0, which is 100")]
    Threshold,
    #[error("no row decides {combination}")]
    NotTotal { combination: String },
    #[error(
        "on a gated device what the table defers stands as {} until a clinical engineer signs: that must be schedule or act now",
        .defer.words()
    )]
    GatedWaits { defer: Outcome },
    #[error("row {row} can never decide: earlier rows take all it would take")]
    Unreachable { row: String },
}

impl Policy {
    pub fn parse(text: &str) -> Result<Policy, Error> {
        let file: file::Policy =
            toml::from_str(text).map_err(|error| Error::Shape(Box::new(error)))?;
        let rows = file.row.into_iter().map(Row::from_file).collect::<Result<Vec<_>, _>>()?;
        let policy = Policy {
            name: file.name,
            version: file.version,
            epss_model: file.epss_model,
            thresholds: Thresholds {
                severity_high: Tenths::new(file.severity_high_tenths).ok_or(Error::Threshold)?,
                epss_high_e5: file.epss_high_e5,
                epss_fresh_days: file.epss_fresh_days,
                kev_fresh_days: file.kev_fresh_days,
                exploit_fresh_days: file.exploit_fresh_days,
            },
            raise: Raise {
                impact: mask("raise", Input::Impact, &file.raise.impact)?,
                because: file.raise.because,
            },
            gated: Gated { defer: file.gated.defer, because: file.gated.because },
            clock_days: file.clock_days,
            rows,
        };
        policy.check()?;
        Ok(policy)
    }

    /// Decides one exposure.
    pub fn decide(&self, inputs: &Inputs) -> Decision {
        let worst = self.settle(*inputs);
        // Not known: which facts could lead to another outcome, and which to another row of the same.
        let (mut unsettled, mut guessed) = (Vec::new(), Vec::new());
        for input in Input::ALL.into_iter().filter(|&input| !inputs.get(input).is_known()) {
            let by_value = self.settle_by_value(*inputs, input);
            if by_value.windows(2).any(|pair| matches!(pair, [a, b] if a.outcome != b.outcome)) {
                inputs.ask(input, &mut unsettled);
            }
            if by_value.windows(2).any(|pair| matches!(pair, [a, b] if a.row.id != b.row.id)) {
                inputs.ask(input, &mut guessed);
            }
        }
        let Some(worst) = worst else {
            // `check` proved the table total; an empty set of values is a defect of the caller.
            unreachable!("an input without any possible value");
        };
        let mut because = String::new();
        if !guessed.is_empty() {
            because.push_str("not known: ");
            because.push_str(&guessed.join("; "));
            because.push_str("; at worst ");
        }
        because.push_str(&worst.row.because);
        for (holds, more) in
            [(worst.raised, &self.raise.because), (worst.awaits_signature, &self.gated.because)]
        {
            if holds {
                because.push_str("; ");
                because.push_str(more);
            }
        }
        Decision {
            outcome: worst.outcome,
            row: worst.row.id.clone(),
            because,
            raised: worst.raised,
            awaits_signature: worst.awaits_signature,
            unsettled,
            clock_days: self.clock_days(worst.outcome),
        }
    }

    /// How long there is for an outcome; `None` where it is only watched.
    pub fn clock_days(&self, outcome: Outcome) -> Option<u16> {
        self.clock_days.get(&outcome).copied()
    }

    /// The rows in order, for people: id, conditions, outcome, reason.
    pub fn printed(&self) -> Vec<[String; 4]> {
        let conditions = |row: &Row| {
            let said = Input::ALL
                .iter()
                .zip(row.when)
                .filter(|(input, mask)| *mask != Values::unknown(**input));
            let said = said.map(|(input, mask)| {
                let values: Vec<_> = mask
                    .bits()
                    .filter_map(|bit| input.values().get(usize::from(bit)).copied())
                    .collect();
                format!("{} {}", input.name(), values.join(" or "))
            });
            let said: Vec<String> = said.collect();
            if said.is_empty() { "anything else".to_owned() } else { said.join(", ") }
        };
        let rows = self.rows.iter();
        rows.map(|row| {
            [row.id.clone(), conditions(row), row.then.words().to_owned(), row.because.clone()]
        })
        .collect()
    }

    /// What the rows' outcomes become afterwards, for people.
    pub fn printed_around(&self) -> [(&'static str, String); 2] {
        let impact = Input::Impact;
        let values = self.raise.impact.bits();
        let values = values.filter_map(|bit| impact.values().get(usize::from(bit)).copied());
        let values: Vec<&str> = values.collect();
        let steps = Outcome::ALL.iter().filter(|it| it.raised() != **it);
        let steps: Vec<String> =
            steps.map(|it| format!("{} becomes {}", it.words(), it.raised().words())).collect();
        let raised = format!("impact {}: {}", values.join(" or "), steps.join(", "));
        let gated = format!(
            "on a gated device defer stands as {} until a clinical engineer signs",
            self.gated.defer.words()
        );
        [("raised", raised), ("gated", gated)]
    }

    /// The most urgent outcome over all values the inputs may have.
    fn settle(&self, inputs: Inputs) -> Option<Settled<'_>> {
        let mut worst: Option<Settled<'_>> = None;
        for combination in combinations(inputs.values) {
            let settled = self.one(combination, inputs.gated)?;
            if worst.as_ref().is_none_or(|worst| settled.outcome > worst.outcome) {
                worst = Some(settled);
            }
        }
        worst
    }

    /// What each value of this input would come to, were it known.
    fn settle_by_value(&self, inputs: Inputs, input: Input) -> Vec<Settled<'_>> {
        let known = |bit: u8| {
            let mut narrowed = inputs;
            if let Some(slot) = narrowed.values.get_mut(input as usize) {
                *slot = Values(1 << bit);
            }
            self.settle(narrowed)
        };
        inputs.get(input).bits().filter_map(known).collect()
    }

    fn one(&self, combination: [u8; INPUTS], gated: bool) -> Option<Settled<'_>> {
        let row = self.rows.iter().find(|row| row.holds(combination))?;
        let impact = combination.get(Input::Impact as usize).copied().unwrap_or_default();
        let raise = self.raise.impact.0 & (1 << impact) != 0;
        let outcome = if raise { row.then.raised() } else { row.then };
        let raised = outcome != row.then;
        let awaits_signature = gated && row.then == Outcome::Defer;
        let outcome = if awaits_signature { outcome.max(self.gated.defer) } else { outcome };
        Some(Settled { outcome, row, raised, awaits_signature })
    }

    /// Total, every row decides something, and no gated device waits unsigned.
    fn check(&self) -> Result<(), Error> {
        if self.gated.defer < Outcome::Schedule {
            return Err(Error::GatedWaits { defer: self.gated.defer });
        }
        let mut used = vec![false; self.rows.len()];
        for combination in combinations(Input::ALL.map(Values::unknown)) {
            let deciding = self.rows.iter().position(|row| row.holds(combination));
            match deciding.and_then(|row| used.get_mut(row)) {
                Some(used) => *used = true,
                None => return Err(Error::NotTotal { combination: in_words(combination) }),
            }
        }
        match self.rows.iter().zip(used).find(|(_, used)| !used) {
            Some((row, _)) => Err(Error::Unreachable { row: row.id.clone() }),
            None => Ok(()),
        }
    }
}

struct Settled<'a> {
    outcome: Outcome,
    row: &'a Row,
    raised: bool,
    awaits_signature: bool,
}

impl Row {
    fn from_file(row: file::Row) -> Result<Row, Error> {
        let mut when = Input::ALL.map(Values::unknown);
        for (name, values) in &row.when {
            let input = Input::ALL.into_iter().find(|input| input.name() == name);
            let Some(input) = input else {
                return Err(Error::NoSuchInput { row: row.id, input: name.clone() });
            };
            if let Some(slot) = when.get_mut(input as usize) {
                *slot = mask(&row.id, input, values)?;
            }
        }
        Ok(Row { id: row.id, when, then: row.then, because: row.because })
    }

    fn holds(&self, combination: [u8; INPUTS]) -> bool {
        self.when.iter().zip(combination).all(|(mask, bit)| mask.0 & (1 << bit) != 0)
    }
}

fn mask(row: &str, input: Input, values: &[String]) -> Result<Values, Error> {
    let (row, input_name) = (row.to_owned(), input.name().to_owned());
    let no_such = |value| Error::NoSuchValue { row, input: input_name, value };
    Values::any_of(input, values).map_err(no_such)
}

/// Every combination of the values that the inputs may have, as bit numbers; at most 192.
fn combinations(values: [Values; INPUTS]) -> impl Iterator<Item = [u8; INPUTS]> {
    let mut all = vec![[0; INPUTS]];
    for (place, values) in values.into_iter().enumerate() {
        let each = |base: [u8; INPUTS]| {
            values.bits().map(move |bit| {
                let mut next = base;
                if let Some(slot) = next.get_mut(place) {
                    *slot = bit;
                }
                next
            })
        };
        all = all.into_iter().flat_map(each).collect();
    }
    all.into_iter()
}

fn in_words(combination: [u8; INPUTS]) -> String {
    let words = Input::ALL.iter().zip(combination).filter_map(|(input, bit)| {
        let value = input.values().get(usize::from(bit))?;
        Some(format!("{} {value}", input.name()))
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The shape of a policy file.
mod file {
    use super::Outcome;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Policy {
        pub(super) name: String,
        pub(super) version: String,
        pub(super) epss_model: String,
        pub(super) severity_high_tenths: u8,
        pub(super) epss_high_e5: u32,
        pub(super) epss_fresh_days: u16,
        pub(super) kev_fresh_days: u16,
        pub(super) exploit_fresh_days: u16,
        pub(super) row: Vec<Row>,
        pub(super) raise: Raise,
        pub(super) gated: Gated,
        pub(super) clock_days: BTreeMap<Outcome, u16>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Row {
        pub(super) id: String,
        pub(super) when: BTreeMap<String, Vec<String>>,
        pub(super) then: Outcome,
        pub(super) because: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Raise {
        pub(super) impact: Vec<String>,
        pub(super) because: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Gated {
        pub(super) defer: Outcome,
        pub(super) because: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = include_str!("../../../rules/policies/default.toml");

    fn policy() -> Policy {
        Policy::parse(DEFAULT).unwrap()
    }

    /// `active=no severity=high ...`, what is left out is not known; `gated` as a word.
    fn inputs(text: &str) -> Inputs {
        let mut inputs = Inputs { gated: false, ..Inputs::unknown() };
        for word in text.split_whitespace() {
            match word.split_once('=') {
                Some((name, value)) => {
                    let input = Input::ALL.into_iter().find(|input| input.name() == name).unwrap();
                    inputs = inputs.with(input, value);
                }
                None => inputs.gated = word == "gated",
            }
        }
        inputs
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let decision = policy().decide(&inputs(text));
        let mut actual = format!("{} by {}", decision.outcome.words(), decision.row);
        if !decision.unsettled.is_empty() {
            actual.push_str("; settle: ");
            actual.push_str(&decision.unsettled.join(", "));
        }
        assert_eq!(actual, expected, "{text}");
    }

    #[test]
    fn what_is_exploited_comes_first_whatever_its_score() {
        check(
            "active=yes severity=lower threat=quiet exposure=small impact=low",
            "act now by 1-active",
        );
    }

    #[test]
    fn severe_and_quiet_inside_is_deferred() {
        check(
            "active=no severity=high threat=quiet exposure=controlled impact=low",
            "defer by 4-severe-quiet-inside",
        );
    }

    #[test]
    fn severe_and_likely_is_for_now() {
        check(
            "active=no severity=high threat=likely exposure=small impact=low",
            "act now by 2-severe-and-likely",
        );
    }

    #[test]
    fn a_low_epss_alone_never_defers_a_life_supporting_device() {
        check(
            "active=no severity=high threat=quiet exposure=controlled impact=very_high gated",
            "schedule by 4-severe-quiet-inside",
        );
        let decision = policy().decide(&inputs(
            "active=no severity=high threat=quiet exposure=controlled impact=medium gated",
        ));
        assert_eq!(decision.outcome, Outcome::Schedule);
        assert!(decision.awaits_signature);
    }

    #[test]
    fn an_unknown_that_changes_nothing_is_not_asked_for() {
        check("active=yes", "act now by 1-active");
    }

    #[test]
    fn a_missing_epss_score_is_not_a_low_one() {
        check(
            "active=no severity=high exposure=controlled impact=low",
            "act now by 2-severe-and-likely; settle: a fresh EPSS score and fresh exploit sources",
        );
    }

    #[test]
    fn a_table_with_a_hole_is_refused_and_the_hole_is_named() {
        let text = DEFAULT.replace("when = {}", "when = { impact = [\"low\"] }");
        let error = Policy::parse(&text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no row decides active no, severity lower, threat quiet, exposure open, impact medium"
        );
    }

    #[test]
    fn a_row_that_never_decides_is_refused() {
        let text = DEFAULT.replace(
            "[raise]",
            "[[row]]\nid = \"dead\"\nwhen = {}\nthen = \"monitor\"\nbecause = \"\"\n\n[raise]",
        );
        assert_eq!(
            Policy::parse(&text).unwrap_err().to_string(),
            "row dead can never decide: earlier rows take all it would take"
        );
    }

    #[test]
    fn a_policy_under_which_a_gated_device_waits_unsigned_is_refused() {
        let text = DEFAULT.replace("defer = \"schedule\"", "defer = \"defer\"");
        let error = Policy::parse(&text).unwrap_err().to_string();
        assert!(error.contains("stands as defer until a clinical engineer signs"), "{error}");
    }

    #[test]
    fn knowing_more_never_makes_it_more_urgent() {
        let policy = policy();
        let all = Input::ALL.map(Values::unknown);
        for combination in combinations(all) {
            let values = combination.map(|bit| Values(1 << bit));
            let exact = Inputs { values, gated: false, ..Inputs::unknown() };
            let outcome = policy.decide(&exact).outcome;
            for input in Input::ALL {
                let mut vague = exact;
                vague.values[input as usize] = Values::unknown(input);
                assert!(
                    policy.decide(&vague).outcome >= outcome,
                    "{} at {}",
                    input.name(),
                    in_words(combination)
                );
            }
        }
    }
}
