//! Whether its maker still looks after a component.
//!
//! Release cycles come from endoflife.date.  A component is recognised by its
//! CPE or by its name opening with the product's name; its cycle by the words
//! that follow and its version.  Where what is known fits several cycles
//! ("Windows 10", no release), the answer is given only if all of them agree.

use exposome_model::cpe::Cpe;
use exposome_model::exposure::{Confidence, Evidence, Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::{SupportCycle, SupportEnd};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The cause under which software without support is an exposure.
pub const UNSUPPORTED: &str = "check:unsupported-software";

/// All release cycles, by product.
#[derive(Debug, Clone, Default)]
pub struct Support {
    products: Vec<Product>,
    by_first_word: BTreeMap<String, Vec<usize>>,
    /// `microsoft:windows`, the front of a CPE.
    by_cpe: BTreeMap<String, usize>,
}

#[derive(Debug, Clone)]
struct Product {
    slug: String,
    label: String,
    /// Names it goes by, in words: `microsoft windows server`, `windows server`.
    names: Vec<Vec<String>>,
    cycles: Vec<Cycle>,
}

#[derive(Debug, Clone)]
struct Cycle {
    name: String,
    words: Vec<String>,
    security_until: SupportEnd,
    extended_until: SupportEnd,
}

/// What is known of a component's support at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Supported,
    /// Security fixes only for those who pay for extended support.
    Limited,
    Ended,
}

/// A component's cycle or cycles, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub product: String,
    /// One where the component's release is known, several where it is not.
    pub cycles: Vec<String>,
    /// `None`: the cycles disagree, or the source does not say.
    pub state: Option<State>,
    /// The last day of security fixes, where one is given.
    pub until: Option<Date>,
}

impl Support {
    pub fn hear(&mut self, cycle: &SupportCycle) {
        let index = self.products.iter().rposition(|product| product.slug == cycle.product);
        let index = index.unwrap_or_else(|| self.add_product(cycle));
        let said = cycle.cycle_label.as_deref().unwrap_or(&cycle.cycle);
        let words = if said.chars().any(|it| it.is_ascii_digit()) {
            words(said)
        } else {
            words(&cycle.cycle)
        };
        if let Some(product) = self.products.get_mut(index) {
            let own = product
                .names
                .iter()
                .filter(|name| words.starts_with(name))
                .map(Vec::len)
                .max()
                .unwrap_or_default();
            product.cycles.push(Cycle {
                name: cycle.cycle.clone(),
                words: words
                    .get(own..)
                    .unwrap_or_default()
                    .iter()
                    .filter(|word| !QUALIFIERS.contains(&word.as_str()))
                    .cloned()
                    .collect(),
                security_until: cycle.security_until,
                extended_until: cycle.extended_until,
            });
        }
    }

    fn add_product(&mut self, cycle: &SupportCycle) -> usize {
        let index = self.products.len();
        let (label, slug) = (words(&cycle.label), words(&cycle.product));
        for cpe in &cycle.cpes {
            if let Some(front) = cpe_front(cpe) {
                self.by_cpe.entry(front).or_insert(index);
            }
        }
        let mut names = vec![label.clone(), slug];
        if MAKERS.iter().any(|maker| label.first().is_some_and(|first| first == maker)) {
            names.push(label.get(1..).unwrap_or_default().to_vec());
        }
        names.retain(|name| !name.is_empty());
        names.sort();
        names.dedup();
        for name in &names {
            let listed =
                self.by_first_word.entry(name.first().cloned().unwrap_or_default()).or_default();
            if listed.last() != Some(&index) {
                listed.push(index);
            }
        }
        self.products.push(Product {
            slug: cycle.product.clone(),
            label: cycle.label.clone(),
            names,
            cycles: Vec::new(),
        });
        index
    }

    /// Whether and until when a component is looked after; `None`: nobody says anything of it.
    pub fn standing(&self, component: &Component, as_of: Date) -> Option<Standing> {
        let (product, rest) = self.recognise(component)?;
        let cycles = product.cycles_of(&rest);
        if cycles.is_empty() {
            return None;
        }
        let states: Vec<Option<State>> = cycles.iter().map(|cycle| cycle.state(as_of)).collect();
        let first = states.first().copied().flatten();
        let until = cycles.iter().filter_map(|cycle| cycle.last_day()).max();
        Some(Standing {
            product: product.label.clone(),
            cycles: cycles.iter().map(|cycle| cycle.name.clone()).collect(),
            state: first.filter(|_| states.iter().all(|state| *state == first)),
            until,
        })
    }

    /// Judges every component of a bill on being without support.
    pub fn judge(&self, components: &[Component], as_of: Date) -> Vec<Judgement> {
        let judged = (0..).zip(components).filter_map(|(place, component)| {
            let standing = self.standing(component, as_of)?;
            standing.judgement(place, component)
        });
        judged.collect()
    }

    /// The product a component is of, and the words that tell its release.
    fn recognise(&self, component: &Component) -> Option<(&Product, Vec<String>)> {
        let version = component.version.as_deref().map(words).unwrap_or_default();
        let name = words(&component.name);
        if let Some(product) =
            component.cpe.as_deref().and_then(cpe_front).and_then(|front| self.by_cpe.get(&front))
        {
            let product = self.products.get(*product)?;
            let rest = product.rest_of(&name).unwrap_or_default();
            return Some((product, [rest, version].concat()));
        }
        // A library that happens to open with a product's name is not that product.
        if component.kind == ComponentKind::Device || component.kind == ComponentKind::Package {
            return None;
        }
        let candidates = self.by_first_word.get(name.first()?)?;
        let found = candidates.iter().filter_map(|&index| {
            let product = self.products.get(index)?;
            Some((product, product.rest_of(&name)?))
        });
        let (product, rest) = found.min_by_key(|(_, rest)| rest.len())?;
        // "Windows Server Update Services 3" is not Windows Server: what follows must be a release or nothing.
        let is_release = |word: &String| {
            word.chars().any(|it| it.is_ascii_digit())
                || QUALIFIERS.contains(&word.as_str())
                || product.cycles.iter().any(|cycle| cycle.words.contains(word))
        };
        rest.iter().all(is_release).then(|| (product, [rest, version].concat()))
    }
}

impl Product {
    /// What follows the product's name, if the words open with it.
    fn rest_of(&self, name: &[String]) -> Option<Vec<String>> {
        let longest = self.names.iter().filter(|own| name.starts_with(own)).map(Vec::len).max()?;
        Some(name.get(longest..)?.to_vec())
    }

    /// The cycles that the words fit: those wholly named, the most specific; else those that they could become.
    fn cycles_of(&self, rest: &[String]) -> Vec<&Cycle> {
        let named = self.cycles.iter().filter(|cycle| {
            !cycle.words.is_empty()
                && cycle.words.iter().all(|word| rest.contains(word))
                && cycle.opens_as(rest)
        });
        let named: Vec<&Cycle> = named.collect();
        let most = named.iter().map(|cycle| cycle.words.len()).max();
        if let Some(most) = most {
            return named.into_iter().filter(|cycle| cycle.words.len() == most).collect();
        }
        let Some(first) = rest.first() else { return Vec::new() };
        self.cycles
            .iter()
            .filter(|cycle| cycle.words.len() > 1 && cycle.words.first() == Some(first))
            .collect()
    }
}

impl Cycle {
    /// "11.0" is of cycle 11, and 1.11 is not: the first word of a numbered cycle is the first number said.
    fn opens_as(&self, rest: &[String]) -> bool {
        let is_number = |word: &&String| word.starts_with(|it: char| it.is_ascii_digit());
        let (cycle, said) = (self.words.iter().find(is_number), rest.iter().find(is_number));
        cycle.is_none() || cycle == said
    }

    fn state(&self, as_of: Date) -> Option<State> {
        if is_open(self.security_until, as_of)? {
            return Some(State::Supported);
        }
        Some(if is_open(self.extended_until, as_of) == Some(true) {
            State::Limited
        } else {
            State::Ended
        })
    }

    fn last_day(&self) -> Option<Date> {
        match self.security_until {
            SupportEnd::On(date) => Some(date),
            SupportEnd::Ended | SupportEnd::Open | SupportEnd::Unknown => None,
        }
    }
}

impl Standing {
    fn judgement(&self, place: u32, component: &Component) -> Option<Judgement> {
        let (verdict, missing_fact) = match self.state {
            Some(State::Ended | State::Limited) => (Verdict::Affected, None),
            None if self.cycles.len() > 1 => {
                (Verdict::Possibly, Some(format!("release of {}", component.name)))
            }
            None | Some(State::Supported) => return None,
        };
        let cycles = self.cycles.join(", ");
        let until =
            self.until.map_or_else(|| "has ended".to_owned(), |date| format!("ended on {date}"));
        let because = match self.state {
            Some(State::Limited) => format!(
                "security support of {} {cycles} {until}; extended support is for those who pay",
                self.product
            ),
            Some(_) => format!("security support of {} {cycles} {until}", self.product),
            None => format!(
                "it is one of {} {cycles}, of which some are supported and some are not",
                self.product
            ),
        };
        let evidence = Evidence {
            publisher: "endoflife.date".into(),
            document: self.product.clone(),
            because,
        };
        Some(Judgement {
            component: place,
            vulnerability: UNSUPPORTED.to_owned(),
            verdict,
            confidence: Confidence::Medium,
            missing_fact,
            evidence: vec![evidence],
            fixed_in: None,
        })
    }
}

/// `None`: the source does not say.
fn is_open(end: SupportEnd, as_of: Date) -> Option<bool> {
    match end {
        SupportEnd::On(date) => Some(as_of <= date),
        SupportEnd::Ended => Some(false),
        SupportEnd::Open => Some(true),
        SupportEnd::Unknown => None,
    }
}

/// Words of a cycle's name that tell its edition, not its release (Enterprise, Workstation, long-term servicing ...).
const QUALIFIERS: &[&str] = &[
    "e",
    "w",
    "ac",
    "sac",
    "lts",
    "ltsc",
    "ltsb",
    "iot",
    "enterprise",
    "professional",
    "pro",
    "home",
    "standard",
    "datacenter",
    "education",
    "edition",
    "x64",
    "x86",
    "64bit",
    "32bit",
    "bit",
    "linux",
    "lts",
    "release",
];

/// Makers whose name people leave out in front of a product's.
const MAKERS: &[&str] = &["microsoft", "apache", "oracle", "red", "vmware", "cisco", "apple"];

/// Lower-case words; a dotted number is its parts, `r2` and `sp1` stay whole.
fn words(text: &str) -> Vec<String> {
    let separated = text.split(|it: char| !it.is_alphanumeric()).filter(|word| !word.is_empty());
    separated.map(str::to_lowercase).collect()
}

fn cpe_front(text: &str) -> Option<String> {
    // The source lists fronts of names (`cpe:2.3:o:microsoft:windows`); an inventory lists whole ones.
    let fields: Vec<&str> =
        text.strip_prefix("cpe:2.3:").or_else(|| text.strip_prefix("cpe:/"))?.split(':').collect();
    if let [_, vendor, product] = fields.as_slice() {
        return Some(format!("{vendor}:{product}"));
    }
    Cpe::parse(text).ok().and_then(|_| Some(format!("{}:{}", fields.get(1)?, fields.get(2)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// Cycles as endoflife.date gives them (2026-08-22).
    fn support() -> Support {
        let mut support = Support::default();
        let mut hear = |product: &str,
                        label: &str,
                        cycle: &str,
                        cycle_label: Option<&str>,
                        until: Date,
                        cpes: &[&str]| {
            support.hear(&SupportCycle {
                product: product.into(),
                label: label.into(),
                cycle: cycle.into(),
                cycle_label: cycle_label.map(str::to_owned),
                released: None,
                active_until: SupportEnd::Unknown,
                security_until: SupportEnd::On(until),
                extended_until: SupportEnd::Unknown,
                latest: None,
                cpes: cpes.iter().map(|it| (*it).to_owned()).collect(),
                purls: Vec::new(),
            });
        };
        let windows = ["cpe:2.3:o:microsoft:windows"];
        hear(
            "windows",
            "Microsoft Windows",
            "10-22h2",
            Some("10 22H2"),
            date(2025, 10, 14),
            &windows,
        );
        hear(
            "windows",
            "Microsoft Windows",
            "11-25h2-w",
            Some("11 25H2 (W)"),
            date(2027, 10, 12),
            &windows,
        );
        hear(
            "windows",
            "Microsoft Windows",
            "11-22h2-w",
            Some("11 22H2 (W)"),
            date(2024, 10, 8),
            &windows,
        );
        hear("windows", "Microsoft Windows", "7-sp1", Some("7 SP1"), date(2020, 1, 14), &windows);
        hear(
            "windows-server",
            "Microsoft Windows Server",
            "2008-r2-sp1",
            Some("Windows Server 2008 R2 SP1"),
            date(2020, 1, 14),
            &[],
        );
        hear(
            "windows-server",
            "Microsoft Windows Server",
            "2022",
            Some("Windows Server 2022"),
            date(2031, 10, 14),
            &[],
        );
        hear(
            "postgresql",
            "PostgreSQL",
            "11",
            None,
            date(2023, 11, 9),
            &["cpe:2.3:a:postgresql:postgresql"],
        );
        hear(
            "postgresql",
            "PostgreSQL",
            "15",
            None,
            date(2027, 11, 11),
            &["cpe:2.3:a:postgresql:postgresql"],
        );
        support
    }

    #[track_caller]
    fn check(name: &str, version: Option<&str>, expected: &str) {
        let component = Component {
            version: version.map(str::to_owned),
            ..Component::new(ComponentKind::System, name)
        };
        let standing = support().standing(&component, date(2026, 8, 10));
        let actual = standing.map_or_else(
            || "unknown".to_owned(),
            |standing| match standing.state {
                Some(state) => {
                    format!("{} {}: {state:?}", standing.product, standing.cycles.join("+"))
                }
                None => format!("{} {}: it depends", standing.product, standing.cycles.join("+")),
            },
        );
        assert_eq!(actual, expected, "{name} {version:?}");
    }

    #[test]
    fn a_release_is_found_in_name_or_version() {
        check("Microsoft Windows 10", Some("22H2"), "Microsoft Windows 10-22h2: Ended");
        check("Windows 7 Professional SP1", None, "Microsoft Windows 7-sp1: Ended");
        check("Windows Server 2022 Datacenter", None, "Microsoft Windows Server 2022: Supported");
        check("PostgreSQL", Some("15.4"), "PostgreSQL 15: Supported");
        check("PostgreSQL", Some("11.22"), "PostgreSQL 11: Ended");
    }

    #[test]
    fn a_vague_release_is_answered_only_where_all_agree() {
        check("Windows 11", None, "Microsoft Windows 11-25h2-w+11-22h2-w: it depends");
        check("Windows 7", None, "Microsoft Windows 7-sp1: Ended");
        check("Windows Server 2008", None, "Microsoft Windows Server 2008-r2-sp1: Ended");
    }

    #[test]
    fn a_product_that_only_opens_alike_is_not_it() {
        check("Windows Server Update Services", Some("3.0"), "unknown");
        check("PostgreSQL ODBC driver", Some("11"), "unknown");
        check("postgres exporter", Some("11"), "unknown");
    }

    #[test]
    fn a_version_that_only_contains_the_number_is_another_cycle() {
        check("PostgreSQL", Some("9.11"), "unknown");
    }
}
