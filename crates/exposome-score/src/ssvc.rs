//! SSVC decision tables, read as data: answers in, one outcome out.
//!
//! SSVC (*Stakeholder-Specific Vulnerability Categorization*, CERT/CC and CISA; repository
//! CERTCC/SSVC) asks a few questions with a few possible answers each, and a table says what every
//! combination comes to.  The tables are data (`rules/ssvc/*.csv`), so a site can see them and
//! replace them; this module checks that a table answers every combination once.
//!
//! **Layout.** Plain comma-separated text; a comma cannot be part of a value.  `#` opens a comment
//! line.  First the name and version, then a line for each input and one for the outcome with their
//! values from the least to the most urgent, then a row for every combination:
//!
//! ```text
//! table,Example,1.0.0
//! input,Exploitation,none,public poc|poc,active
//! outcome,Priority,defer,scheduled,immediate
//! none,defer
//! public poc,scheduled
//! active,immediate
//! ```
//!
//! Names and values are compared without regard to letter case, because published SSVC data mixes
//! `poc` with `PoC`; other spellings of a value follow it after `|`.

use std::fmt;

/// A table that has an outcome for every combination of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionTable {
    name: String,
    version: String,
    inputs: Vec<Scale>,
    outcome: Scale,
    /// Positions on the outcome's scale, the last input varying fastest.
    outcomes: Vec<usize>,
}

/// A question, or the outcome, with its possible values from the least to the most urgent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    pub name: String,
    pub values: Vec<Value>,
}

/// A value and its other spellings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    pub name: String,
    pub aliases: Vec<String>,
}

impl Scale {
    /// Where a value stands on the scale, 0 being the least urgent.
    pub fn position(&self, value: &str) -> Option<usize> {
        let is_meant = |name: &String| name.eq_ignore_ascii_case(value.trim());
        self.values
            .iter()
            .position(|known| is_meant(&known.name) || known.aliases.iter().any(is_meant))
    }

    fn value(&self, position: usize) -> &str {
        self.values.get(position).map_or("", |value| value.name.as_str())
    }

    /// Reads `Name,value,value|alias,...`.
    fn read(fields: &[&str], line: usize) -> Result<Scale, Error> {
        let [name, values @ ..] = fields else {
            return Err(Error::NoScale { line });
        };
        let values = values.iter().map(|spellings| {
            let mut spellings = spellings.split('|').map(|it| it.trim().to_owned());
            Value { name: spellings.next().unwrap_or_default(), aliases: spellings.collect() }
        });
        let scale = Scale { name: (*name).to_owned(), values: values.collect() };
        let is_blank = |value: &Value| value.name.is_empty();
        if name.is_empty() || scale.values.is_empty() || scale.values.iter().any(is_blank) {
            return Err(Error::NoScale { line });
        }
        Ok(scale)
    }
}

impl DecisionTable {
    /// Reads a table and checks that it is complete.
    pub fn read(text: &str) -> Result<DecisionTable, Error> {
        let mut head = Head::default();
        let mut rows = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let fields: Vec<&str> = text.split(',').map(str::trim).collect();
            match fields.as_slice() {
                [""] => {}
                [first, ..] if first.starts_with('#') => {}
                ["table", name, version] => {
                    head.title = Some(((*name).to_owned(), (*version).to_owned()));
                }
                ["input", scale @ ..] => head.inputs.push(Scale::read(scale, line)?),
                ["outcome", scale @ ..] => head.outcome = Some(Scale::read(scale, line)?),
                _ => rows.push((line, fields)),
            }
        }
        head.with_rows(&rows)
    }

    /// Reads a table of which the questions are known, so that answers can be given by name.
    pub fn read_asking(text: &str, questions: &[&str]) -> Result<DecisionTable, Error> {
        let table = DecisionTable::read(text)?;
        let asked: Vec<&str> = table.inputs.iter().map(|input| input.name.as_str()).collect();
        if asked != questions {
            return Err(Error::Questions {
                asked: asked.join(", "),
                expected: questions.join(", "),
            });
        }
        Ok(table)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// The questions, in the order of the table.
    pub fn inputs(&self) -> &[Scale] {
        &self.inputs
    }

    /// The outcomes the table knows.
    pub fn outcome(&self) -> &Scale {
        &self.outcome
    }

    /// The outcome for an answer to every question, given as (question, answer) in any order.
    pub fn decide(&self, answers: &[(&str, &str)]) -> Result<&str, Error> {
        let positions = self.positions(answers)?;
        let unanswered =
            self.inputs.iter().zip(&positions).find(|(_, position)| position.is_none());
        if let Some((input, _)) = unanswered {
            return Err(Error::Unanswered { input: input.name.clone() });
        }
        let positions: Vec<usize> = positions.into_iter().flatten().collect();
        Ok(self.outcome.value(self.outcome_at(&positions).unwrap_or_default()))
    }

    /// Every outcome that the answers known so far leave open, from the least to the most urgent.
    /// A question nobody has answered is unknown, not *no*.
    pub fn possible(&self, answers: &[(&str, &str)]) -> Result<Vec<&str>, Error> {
        let known = self.positions(answers)?;
        let is_open = |combination: &[usize]| {
            known
                .iter()
                .zip(combination)
                .all(|(known, position)| known.is_none_or(|known| known == *position))
        };
        let mut open: Vec<usize> = (0..self.outcomes.len())
            .filter(|&index| is_open(&combination(&self.inputs, index)))
            .filter_map(|index| self.outcomes.get(index).copied())
            .collect();
        open.sort_unstable();
        open.dedup();
        Ok(open.into_iter().map(|position| self.outcome.value(position)).collect())
    }

    /// The position of the outcome on its scale, for a position on the scale of each input in turn:
    /// the way for loops over many exposures.
    pub fn outcome_at(&self, positions: &[usize]) -> Option<usize> {
        self.outcomes.get(index(&self.inputs, positions)?).copied()
    }

    /// The answers as positions, in the order of the inputs.
    fn positions(&self, answers: &[(&str, &str)]) -> Result<Vec<Option<usize>>, Error> {
        let mut positions = vec![None; self.inputs.len()];
        for (question, answer) in answers {
            let mut inputs = self.inputs.iter().zip(&mut positions);
            let Some((input, position)) =
                inputs.find(|(input, _)| input.name.eq_ignore_ascii_case(question.trim()))
            else {
                return Err(Error::UnknownInput { found: (*question).to_owned() });
            };
            *position = Some(input.position(answer).ok_or_else(|| Error::UnknownAnswer {
                input: input.name.clone(),
                found: (*answer).to_owned(),
            })?);
        }
        Ok(positions)
    }
}

/// More combinations than any published table has by far; a table beyond it is a mistake.
const MOST_COMBINATIONS: usize = 65_536;

/// What stands above the rows.
#[derive(Default)]
struct Head {
    title: Option<(String, String)>,
    inputs: Vec<Scale>,
    outcome: Option<Scale>,
}

impl Head {
    fn with_rows(self, rows: &[(usize, Vec<&str>)]) -> Result<DecisionTable, Error> {
        let Head { title, inputs, outcome } = self;
        let (name, version) = title.ok_or(Error::Lacks { what: "table" })?;
        let outcome = outcome.ok_or(Error::Lacks { what: "outcome" })?;
        let sizes = inputs.iter().map(|input| input.values.len());
        let combinations = sizes.fold(1, usize::saturating_mul);
        if inputs.is_empty() {
            return Err(Error::Lacks { what: "input" });
        }
        if combinations > MOST_COMBINATIONS {
            return Err(Error::TooLarge { combinations });
        }

        let mut outcomes = vec![None; combinations];
        for (line, fields) in rows {
            let (index, decided) = read_row(&inputs, &outcome, *line, fields)?;
            let place = outcomes.get_mut(index).ok_or(Error::TooLarge { combinations })?;
            if place.replace(decided).is_some() {
                return Err(Error::Repeated { line: *line });
            }
        }
        if let Some(missing) = outcomes.iter().position(Option::is_none) {
            return Err(Error::Incomplete { missing: in_words(&inputs, missing) });
        }
        let outcomes = outcomes.into_iter().flatten().collect();
        Ok(DecisionTable { name, version, inputs, outcome, outcomes })
    }
}

/// The place of a row's combination, and the position of its outcome.
fn read_row(
    inputs: &[Scale],
    outcome: &Scale,
    line: usize,
    fields: &[&str],
) -> Result<(usize, usize), Error> {
    let expected = inputs.len() + 1;
    if fields.len() != expected {
        return Err(Error::WrongWidth { line, expected, found: fields.len() });
    }
    let scales = inputs.iter().chain([outcome]);
    let positions = scales.zip(fields).map(|(scale, field)| {
        scale.position(field).ok_or_else(|| Error::UnknownValue {
            line,
            scale: scale.name.clone(),
            found: (*field).to_owned(),
        })
    });
    let mut positions: Vec<usize> = positions.collect::<Result<_, _>>()?;
    let decided = positions.pop().unwrap_or_default();
    let index = index(inputs, &positions).ok_or(Error::WrongWidth {
        line,
        expected,
        found: fields.len(),
    })?;
    Ok((index, decided))
}

/// Where a combination stands; `None` if a position is not on its scale.
fn index(inputs: &[Scale], positions: &[usize]) -> Option<usize> {
    if inputs.len() != positions.len() {
        return None;
    }
    inputs.iter().zip(positions).try_fold(0, |index, (input, &position)| {
        (position < input.values.len()).then_some(index * input.values.len() + position)
    })
}

/// The combination that stands at `index`.
fn combination(inputs: &[Scale], index: usize) -> Vec<usize> {
    let mut rest = index;
    let mut positions: Vec<usize> = inputs
        .iter()
        .rev()
        .map(|input| {
            let position = rest % input.values.len();
            rest /= input.values.len();
            position
        })
        .collect();
    positions.reverse();
    positions
}

fn in_words(inputs: &[Scale], index: usize) -> String {
    let combination = combination(inputs, index);
    let answers = inputs.iter().zip(combination);
    let words: Vec<String> = answers
        .map(|(input, position)| format!("{} = {}", input.name, input.value(position)))
        .collect();
    words.join(", ")
}

/// Why a text is no decision table, or why a table cannot answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A line the layout asks for is not there.
    Lacks {
        what: &'static str,
    },
    /// An `input` or `outcome` line without a name, without values, or with an empty one.
    NoScale {
        line: usize,
    },
    TooLarge {
        combinations: usize,
    },
    WrongWidth {
        line: usize,
        expected: usize,
        found: usize,
    },
    UnknownValue {
        line: usize,
        scale: String,
        found: String,
    },
    /// A combination that an earlier row has answered already.
    Repeated {
        line: usize,
    },
    /// A combination no row answers.
    Incomplete {
        missing: String,
    },
    /// The caller knows a table by its questions, and this one asks others.
    Questions {
        asked: String,
        expected: String,
    },
    /// The caller answers a question the table does not ask.
    UnknownInput {
        found: String,
    },
    /// The caller gives an answer the question does not have.
    UnknownAnswer {
        input: String,
        found: String,
    },
    /// The caller left a question open.
    Unanswered {
        input: String,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Lacks { what } => write!(out, "the table has no '{what}' line"),
            Error::Questions { asked, expected } => {
                write!(out, "the table asks {asked}, expected {expected}")
            }
            Error::NoScale { line } => {
                write!(out, "line {line}: expected a name and its values, none of them empty")
            }
            Error::TooLarge { combinations } => {
                write!(out, "{combinations} combinations are more than {MOST_COMBINATIONS}")
            }
            Error::WrongWidth { line, expected, found } => {
                write!(out, "line {line}: expected {expected} fields, found {found}")
            }
            Error::UnknownValue { line, scale, found } => {
                write!(out, "line {line}: {scale} cannot be '{found}'")
            }
            Error::Repeated { line } => {
                write!(out, "line {line}: an earlier row has this combination")
            }
            Error::Incomplete { missing } => write!(out, "no row for {missing}"),
            Error::UnknownInput { found } => write!(out, "the table does not ask for '{found}'"),
            Error::UnknownAnswer { input, found } => write!(out, "{input} cannot be '{found}'"),
            Error::Unanswered { input } => write!(out, "{input} is not known"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "table,Example,1.0.0\n\
        input,Exploitation,none,public poc|poc,active\n\
        input,Exposed,no,yes\n\
        outcome,Priority,defer,scheduled,immediate\n";
    const ROWS: &str = "none,no,defer\nnone,yes,defer\npublic poc,no,defer\n\
        public poc,yes,scheduled\nactive,no,scheduled\nactive,yes,immediate\n";

    fn example() -> DecisionTable {
        DecisionTable::read(&format!("{HEAD}{ROWS}")).unwrap()
    }

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(DecisionTable::read(text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn letter_case_order_of_questions_and_other_spellings_do_not_matter() {
        let table = example();
        assert_eq!(table.decide(&[("Exploitation", "PoC"), ("Exposed", "yes")]), Ok("scheduled"));
        assert_eq!(
            table.decide(&[("EXPOSED", "YES"), ("exploitation", "Public PoC")]),
            Ok("scheduled")
        );
        assert_eq!(table.outcome_at(&[2, 1]), Some(2));
        assert_eq!(table.outcome_at(&[3, 0]), None);
        assert_eq!(table.outcome_at(&[0]), None);
    }

    #[test]
    fn what_nobody_knows_leaves_outcomes_open() {
        let table = example();
        assert_eq!(table.possible(&[]), Ok(vec!["defer", "scheduled", "immediate"]));
        assert_eq!(
            table.possible(&[("Exploitation", "active")]),
            Ok(vec!["scheduled", "immediate"])
        );
        assert_eq!(table.possible(&[("Exploitation", "none")]), Ok(vec!["defer"]));
        let error = table.decide(&[("Exploitation", "none")]).unwrap_err();
        assert_eq!(error.to_string(), "Exposed is not known");
    }

    #[test]
    fn a_question_or_answer_the_table_does_not_have_is_named() {
        let table = example();
        let error = |answers| table.decide(answers).unwrap_err().to_string();
        assert_eq!(error(&[("Severity", "high")]), "the table does not ask for 'Severity'");
        assert_eq!(error(&[("Exposed", "maybe")]), "Exposed cannot be 'maybe'");
    }

    #[test]
    fn a_table_with_a_hole_names_the_hole() {
        let holed = ROWS.replace("active,no,scheduled\n", "");
        refused(&format!("{HEAD}{holed}"), "no row for Exploitation = active, Exposed = no");
    }

    #[test]
    fn a_broken_table_names_the_line() {
        refused(
            &format!("{HEAD}{ROWS}none,no,immediate\n"),
            "line 11: an earlier row has this combination",
        );
        refused(&format!("{HEAD}none,no\n"), "line 5: expected 3 fields, found 2");
        refused(&format!("{HEAD}none,perhaps,defer\n"), "line 5: Exposed cannot be 'perhaps'");
        refused(
            "table,Example,1.0.0\ninput,Exposed,no,,yes\n",
            "line 2: expected a name and its values, none of them empty",
        );
        refused("table,Example,1.0.0\noutcome,Priority,defer\n", "the table has no 'input' line");
        refused("", "the table has no 'table' line");
        let wide = "input,Input,a,b,c,d,e,f,g,h\n".repeat(30);
        refused(
            &format!("table,Wide,1\n{wide}outcome,Priority,defer\n"),
            "18446744073709551615 combinations are more than 65536",
        );
    }
}
