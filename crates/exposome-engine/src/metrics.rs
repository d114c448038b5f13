//! The Threat and Environmental metrics of CVSS 4.0, from what is known of a device, its place and the day.
//!
//! The rules are data (`rules/categories/metrics.toml`).  A rule that hangs on something nobody
//! knows holds *perhaps*: then the metric keeps every value it can have, and the score is an
//! interval.  Nothing is set for want of a fact.
//!
//! Source: FIRST, *Common Vulnerability Scoring System version 4.0: Specification Document*,
//! sections 3 and 4.

use crate::category::{Categories, Continuity};
use crate::decide::{Input, SeverityFact, SeverityFacts, Values};
use crate::grounds::{AREA, DATA, REACH, USE};
use crate::setting::{self, Areas, Codes, List, Named, Setting, Vocabulary};
use crate::threat::Threat;
use crate::world::Fresh;
use exposome_model::fact::FactId;
use exposome_model::inventory::Attribute;
use exposome_model::knowledge::Exploitation;
use exposome_score::legacy::{Ends, Interval};
use exposome_score::v4::{Context, Vector};
use exposome_score::{Cvss, Tenths};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The rules of the environmental metrics, and the words they go by.
#[derive(Debug, Clone)]
pub struct Metrics {
    data: List,
    controls: List,
    areas: Areas,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    id: String,
    /// Index into [`ENVIRONMENTAL`].
    metric: usize,
    value: char,
    when: When,
    because: String,
}

/// All that is given must hold.
#[derive(Debug, Clone)]
struct When {
    data: Option<Codes>,
    continuity: Option<Vec<Continuity>>,
    acute: Option<bool>,
    spare: Option<bool>,
    exposure: Option<Values>,
    control: Option<Codes>,
    harm_lost: Option<u8>,
    harm_wrong: Option<u8>,
    flaw: Option<Flaw>,
}

/// What a vulnerability must be able to do for a rule to speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Flaw {
    /// It is reached through a network.
    Network,
    /// It alters something: there is an impact on integrity.
    Alters,
    /// It stops something: there is an impact on availability.
    Stops,
}

/// The metrics that rules may set, with their values: the severest first, `X` is not defined.
const ENVIRONMENTAL: [(&str, &str); 9] = [
    ("CR", "HML"),
    ("IR", "HML"),
    ("AR", "HML"),
    ("MAV", "XNALP"),
    ("MAC", "XLH"),
    ("MPR", "XNLH"),
    ("MUI", "XNPA"),
    ("MSI", "SX"),
    ("MSA", "SX"),
];

/// A metric as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metric {
    pub name: &'static str,
    /// What it can be, the severest first; one where it is known.
    pub values: Vec<char>,
    /// The rule that set it; `None` while more than one value is possible.
    pub rule: Option<String>,
    pub because: Option<String>,
    /// What it rests on, as far as somebody has asked ([`crate::grounds`]).
    pub facts: Vec<FactId>,
    /// What would settle it.
    #[serde(skip)]
    asks: Option<SeverityFact>,
}

impl Metric {
    /// For people: `CR:H`, or what it can be: `AR:X (H or L)`.
    pub fn in_words(&self) -> String {
        match self.values.as_slice() {
            [value] => format!("{}:{value}", self.name),
            values => {
                let values: Vec<String> = values.iter().map(char::to_string).collect();
                format!("{}:X ({})", self.name, values.join(" or "))
            }
        }
    }
}

/// How severe a vulnerability is in one place on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    pub metrics: Vec<Metric>,
    /// CVSS-B, CVSS-BE and CVSS-BTE.
    pub base: Interval,
    pub environmental: Interval,
    pub full: Interval,
    /// The whole vector, where one of CVSS 4.0 is published.
    pub vector: Option<Vector>,
}

/// A published vector, made ready to be scored in many places.
#[derive(Debug, Clone)]
pub struct Flawed {
    published: Cvss,
    ends: Ends,
    reached_by_network: bool,
    alters: bool,
    stops: bool,
}

/// What a severity comes to under a policy's threshold; several values where it can be either.
pub type Severity = (Values, SeverityFacts);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the table of metrics is not TOML of the expected shape")]
    Shape(#[source] Box<toml::de::Error>),
    #[error("{place}: {why}")]
    Vocabulary { place: String, why: setting::Error },
    #[error("rule {rule}: {metric}:{value} is no value a rule may set")]
    NoSuchValue { rule: String, metric: String, value: char },
    #[error("rule {rule}: exposure is open, controlled or small, not {value:?}")]
    NoSuchExposure { rule: String, value: String },
}

impl Metrics {
    /// From the tables of metrics and of areas; the categories' classes of data must be among those of the first.
    pub fn parse(metrics: &str, areas: &str, categories: &Categories) -> Result<Metrics, Error> {
        let file: file::Metrics =
            toml::from_str(metrics).map_err(|error| Error::Shape(Box::new(error)))?;
        let at = |place: &str| {
            let place = place.to_owned();
            |why| Error::Vocabulary { place, why }
        };
        let data = List::of(file.data).map_err(at("the classes of data"))?;
        let controls = List::of(file.control).map_err(at("the controls"))?;
        let areas = Areas::parse(areas).map_err(at("the areas"))?;
        for category in categories.all() {
            let codes = category.data.as_deref().unwrap_or_default();
            data.set(codes).map_err(at(&format!("category {}", category.code)))?;
        }
        let rules = file.rule.into_iter().map(|rule| Rule::from_file(rule, &data, &controls));
        let rules = rules.collect::<Result<Vec<_>, _>>()?;
        Ok(Metrics { data, controls, areas, rules })
    }

    pub fn vocabulary(&self) -> Vocabulary<'_> {
        Vocabulary { data: &self.data, controls: &self.controls, areas: &self.areas }
    }

    /// The attributes that the rules of a metric ask about, and whether they ask what the flaw itself can do.
    pub(crate) fn hangs_on(&self, metric: &str) -> (BTreeSet<Attribute>, bool) {
        let number = ENVIRONMENTAL.iter().position(|it| it.0 == metric);
        let mut attributes = BTreeSet::new();
        let mut of_the_flaw = false;
        for Rule { when, .. } in self.rules.iter().filter(|it| Some(it.metric) == number) {
            let harms = when.harm_lost.is_some() || when.harm_wrong.is_some();
            let asked: [(bool, &[Attribute]); 6] = [
                (when.continuity.is_some() || harms, &USE),
                (when.data.is_some(), &DATA),
                // Where a thing stands can make its loss worse.
                (when.acute.is_some() || when.harm_lost.is_some(), &AREA),
                (when.spare.is_some(), &[Attribute::Spares]),
                (when.exposure.is_some(), &REACH),
                (when.control.is_some(), &[Attribute::Control]),
            ];
            attributes.extend(asked.into_iter().filter(|it| it.0).flat_map(|it| it.1));
            of_the_flaw |= when.flaw.is_some();
        }
        (attributes, of_the_flaw)
    }

    /// The environmental metrics of a flaw in a place: those of which something is known, or could be.
    fn environmental(&self, flaw: &Flawed, setting: &Setting) -> Vec<Metric> {
        let metrics = ENVIRONMENTAL.iter().enumerate();
        metrics.filter_map(|(number, _)| self.metric(number, flaw, setting)).collect()
    }

    fn metric(&self, number: usize, flaw: &Flawed, setting: &Setting) -> Option<Metric> {
        let (name, order) = ENVIRONMENTAL.get(number)?;
        let mut possible: Vec<char> = Vec::new();
        let mut asks = None;
        let mut sure = None;
        for rule in self.rules.iter().filter(|rule| rule.metric == number) {
            match rule.when.holds(flaw, setting) {
                Holds::No => {}
                Holds::Yes => {
                    possible.push(rule.value);
                    sure = Some(rule);
                    break;
                }
                Holds::Perhaps(fact) => {
                    possible.push(rule.value);
                    asks = asks.or(Some(fact));
                }
            }
        }
        if sure.is_none() {
            possible.push('X');
        }
        let values: Vec<char> = order.chars().filter(|it| possible.contains(it)).collect();
        let is_known = values.len() == 1;
        let rule = sure.filter(|_| is_known);
        (values != ['X']).then(|| Metric {
            name,
            values,
            rule: rule.map(|rule| rule.id.clone()),
            because: rule.map(|rule| rule.because.clone()),
            facts: Vec::new(),
            asks: asks.filter(|_| !is_known),
        })
    }

    /// Whether a flaw is severe in a place; CVSS-BE at or above the threshold is.
    pub fn severity(&self, flaw: &Flawed, setting: &Setting, threshold: Tenths) -> Severity {
        let metrics = self.environmental(flaw, setting);
        let [mildest, severest] = contexts(&metrics);
        let interval = flaw.ends.interval(mildest, severest, Vector::environmental_score);
        let word = interval.reaches(threshold).map(|it| if it { "high" } else { "lower" });
        match word.and_then(|word| Values::known(Input::Severity, word)) {
            Some(known) => (known, SeverityFacts::default()),
            None => (Values::unknown(Input::Severity), flaw.facts(&metrics, threshold)),
        }
    }

    /// Everything that is shown of how severe a flaw is in a place on a day.
    pub fn scored(&self, flaw: &Flawed, setting: &Setting, exploited: Metric) -> Scored {
        let environmental = self.environmental(flaw, setting);
        let metrics: Vec<Metric> = std::iter::once(exploited).chain(environmental).collect();
        let [mildest, severest] = contexts(&metrics);
        let interval = |score| flaw.ends.interval(mildest, severest, score);
        let defined = Context::default();
        Scored {
            base: flaw.ends.interval(defined, defined, Vector::base_score),
            environmental: interval(Vector::environmental_score),
            full: interval(Vector::score),
            vector: match flaw.published {
                Cvss::V4(vector) => Some(vector.base().behind(known(&metrics))),
                _ => None,
            },
            metrics,
        }
    }
}

impl Flawed {
    pub fn of(published: Cvss) -> Flawed {
        let value = |name: &str| match published {
            Cvss::V2(vector) => vector.value(name),
            Cvss::V3(vector) => vector.value(name),
            Cvss::V4(vector) => vector.value(name),
        };
        let has = |impacts: [&str; 3]| impacts.into_iter().filter_map(value).any(|it| it != "N");
        Flawed {
            published,
            ends: Ends::of(published),
            reached_by_network: value("AV") == Some("N"),
            alters: has(["I", "VI", "SI"]),
            stops: has(["A", "VA", "SA"]),
        }
    }

    fn can(&self, what: Flaw) -> bool {
        match what {
            Flaw::Network => self.reached_by_network,
            Flaw::Alters => self.alters,
            Flaw::Stops => self.stops,
        }
    }

    fn is_derived(&self) -> bool {
        !matches!(self.published, Cvss::V4(_))
    }

    /// The facts each of which alone could make it less than severe; all that are open where none could alone.
    fn facts(&self, metrics: &[Metric], threshold: Tenths) -> SeverityFacts {
        let [_, severest] = contexts(metrics);
        let interval = |context| self.ends.interval(context, context, Vector::environmental_score);
        let open = SeverityFact::ALL.into_iter().filter(|fact| match fact {
            SeverityFact::Vector => self.is_derived(),
            fact => metrics.iter().any(|metric| metric.asks == Some(*fact)),
        });
        let settles = |fact: &SeverityFact| match fact {
            SeverityFact::Vector => interval(severest).low < threshold,
            fact => {
                let alone = metrics.iter().map(|metric| {
                    let last = metric.values.last().copied().unwrap_or('X');
                    let first = metric.values.first().copied().unwrap_or('X');
                    (metric.name, if metric.asks == Some(*fact) { last } else { first })
                });
                interval(context(alone)).high < threshold
            }
        };
        let alone: SeverityFacts = open.clone().filter(settles).collect();
        if alone.is_empty() { open.collect() } else { alone }
    }
}

/// How far exploitation is known to go (section 3.1).  *Unreported* takes sources that looked and found nothing.
pub fn exploit_maturity(threat: &Threat, fresh: Fresh) -> Metric {
    let knows_of_proof =
        threat.exploitation.as_ref().is_some_and(|(it, _)| *it >= Exploitation::PublicPoc);
    let have_looked = fresh.kev && fresh.exploits;
    let (values, reason): (&[char], _) = if threat.is_active() {
        (&['A'], Some(("e-attacked", "it is exploited")))
    } else if !threat.exploits.is_empty() {
        (&['A'], Some(("e-toolkit", "an exploit that anybody can run is public")))
    } else if knows_of_proof && have_looked {
        (&['P'], Some(("e-proof-of-concept", "a proof of concept is public, and nothing more")))
    } else if knows_of_proof {
        (&['A', 'P'], None)
    } else if have_looked {
        (&['U'], Some(("e-silent", "every source that would know of an exploit is silent")))
    } else {
        (&['A', 'P', 'U'], None)
    };
    Metric {
        name: "E",
        values: values.to_vec(),
        rule: reason.map(|(id, _)| id.to_owned()),
        because: reason.map(|(_, because)| because.to_owned()),
        facts: Vec::new(),
        asks: None,
    }
}

/// The mildest and the severest that metrics can be.
fn contexts(metrics: &[Metric]) -> [Context; 2] {
    let mildest = metrics.iter().map(|it| (it.name, it.values.last().copied().unwrap_or('X')));
    let severest = metrics.iter().map(|it| (it.name, it.values.first().copied().unwrap_or('X')));
    [context(mildest), context(severest)]
}

/// What is known for sure.
fn known(metrics: &[Metric]) -> Context {
    context(metrics.iter().filter_map(|metric| match metric.values.as_slice() {
        [value] => Some((metric.name, *value)),
        _ => None,
    }))
}

fn context<'a>(values: impl Iterator<Item = (&'a str, char)>) -> Context {
    let defined = values.filter(|(_, value)| *value != 'X');
    let text: Vec<String> = defined.map(|(name, value)| format!("{name}:{value}")).collect();
    if text.is_empty() {
        return Context::default();
    }
    // Names and values are the standard's own, which `parse` has checked.
    Context::read(text.join("/").as_bytes()).unwrap_or_default()
}

enum Holds {
    Yes,
    No,
    Perhaps(SeverityFact),
}

impl When {
    fn holds(&self, flaw: &Flawed, setting: &Setting) -> Holds {
        let data_fact =
            if setting.harm_lost.is_none() { SeverityFact::Use } else { SeverityFact::Data };
        // What must hold, and the fact that says so where nobody knows.
        let all = [
            (self.flaw.map(|it| Some(flaw.can(it))), SeverityFact::Vector),
            (self.data.map(|it| setting.data.map(|data| data.meet(it))), data_fact),
            (
                self.continuity
                    .as_ref()
                    .map(|it| setting.continuity.map(|need| it.contains(&need))),
                SeverityFact::Use,
            ),
            (self.acute.map(|wanted| setting.is_acute.map(|it| it == wanted)), SeverityFact::Area),
            (self.spare.map(|wanted| Some(setting.has_spare == wanted)), SeverityFact::Use),
            (self.exposure.map(|wanted| setting.exposure.is_in(wanted)), SeverityFact::Reach),
            (self.control.map(|wanted| Some(setting.controls.meet(wanted))), SeverityFact::Use),
            (
                self.harm_lost.map(|least| setting.harm_lost.map(|it| it >= least)),
                SeverityFact::Use,
            ),
            (
                self.harm_wrong.map(|least| setting.harm_wrong.map(|it| it >= least)),
                SeverityFact::Use,
            ),
        ];
        let mut asks = None;
        for (condition, fact) in all {
            match condition {
                None | Some(Some(true)) => {}
                Some(Some(false)) => return Holds::No,
                Some(None) => asks = asks.or(Some(fact)),
            }
        }
        asks.map_or(Holds::Yes, Holds::Perhaps)
    }
}

impl Rule {
    fn from_file(rule: file::Rule, data: &List, controls: &List) -> Result<Rule, Error> {
        let file::Rule { id, metric, value, when, because } = rule;
        let number = ENVIRONMENTAL
            .iter()
            .position(|(name, order)| *name == metric && value != 'X' && order.contains(value));
        let Some(number) = number else {
            return Err(Error::NoSuchValue { rule: id, metric, value });
        };
        let place = format!("rule {id}");
        let codes = |list: &List, codes: Option<Vec<String>>| {
            let set = codes.map(|codes| list.set(&codes)).transpose();
            set.map_err(|why| Error::Vocabulary { place: place.clone(), why })
        };
        let exposure = when.exposure.map(|values| {
            Values::any_of(Input::Exposure, &values)
                .map_err(|value| Error::NoSuchExposure { rule: id.clone(), value })
        });
        let when = When {
            data: codes(data, when.data)?,
            continuity: when.continuity,
            acute: when.acute,
            spare: when.spare,
            exposure: exposure.transpose()?,
            control: codes(controls, when.control)?,
            harm_lost: when.harm_lost,
            harm_wrong: when.harm_wrong,
            flaw: when.flaw,
        };
        Ok(Rule { id, metric: number, value, when, because })
    }
}

/// The shape of the table.
mod file {
    use super::{Continuity, Flaw, Named};
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Metrics {
        pub(super) data: Vec<Named>,
        pub(super) control: Vec<Named>,
        pub(super) rule: Vec<Rule>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Rule {
        pub(super) id: String,
        pub(super) metric: String,
        pub(super) value: char,
        #[serde(default)]
        pub(super) when: When,
        pub(super) because: String,
    }

    #[derive(Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct When {
        pub(super) data: Option<Vec<String>>,
        pub(super) continuity: Option<Vec<Continuity>>,
        pub(super) acute: Option<bool>,
        pub(super) spare: Option<bool>,
        pub(super) exposure: Option<Vec<String>>,
        pub(super) control: Option<Vec<String>>,
        pub(super) harm_lost: Option<u8>,
        pub(super) harm_wrong: Option<u8>,
        pub(super) flaw: Option<Flaw>,
    }
}
