//! How long there is: CISA's Binding Operational Directive 26-04 as a benchmark clock.
//!
//! The directive binds federal agencies; a hospital takes its days as a
//! benchmark.  The table is data (`rules/policies/bod-26-04.csv`).  An input
//! nobody knows is run through its values and the shortest time stands.

use crate::threat::Threat;

#[derive(Debug, Clone)]
pub struct Deadlines {
    rows: Vec<Row>,
}

/// A condition of `None` holds whatever the value.
#[derive(Debug, Clone, Copy)]
struct Row {
    kev: Option<bool>,
    exposed: Option<bool>,
    automatable: Option<bool>,
    total: Option<bool>,
    /// `None`: with the next upgrade.
    days: Option<u16>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("line {line}: expected kev, exposed, automatable, impact, days, found {found:?}")]
    Row { line: usize, found: String },
    #[error("no row for kev {kev}, exposed {exposed}, automatable {automatable}, total impact {total}")]
    NotTotal { kev: bool, exposed: bool, automatable: bool, total: bool },
}

impl Deadlines {
    pub fn parse(text: &str) -> Result<Deadlines, Error> {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#') && !line.starts_with("kev,"));
        let rows = lines.map(|(line, text)| Row::read(text).ok_or(Error::Row { line, found: text.to_owned() }));
        let deadlines = Deadlines { rows: rows.collect::<Result<_, _>>()? };
        for bits in 0..16_u8 {
            let [kev, exposed, automatable, total] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
            if deadlines.row(kev, exposed, automatable, total).is_none() {
                return Err(Error::NotTotal { kev, exposed, automatable, total });
            }
        }
        Ok(deadlines)
    }

    /// The days for a vulnerability on an asset that is reachable as the policy's input says; `None`: no deadline.
    pub fn days(&self, threat: &Threat, exposure: Option<&str>) -> Option<u16> {
        let both = |known: Option<bool>| known.map_or(vec![false, true], |value| vec![value]);
        let kev = threat.kev.is_some();
        let exposed = both(exposure.map(|exposure| exposure == "open"));
        let automatable = both(threat.automatable);
        let total = both(threat.technical_impact_total);
        let mut shortest: Option<u16> = None;
        for &exposed in &exposed {
            for &automatable in &automatable {
                for &total in &total {
                    let days = self.row(kev, exposed, automatable, total).and_then(|row| row.days);
                    shortest = shortest.into_iter().chain(days).min();
                }
            }
        }
        shortest
    }

    fn row(&self, kev: bool, exposed: bool, automatable: bool, total: bool) -> Option<&Row> {
        let fits = |condition: Option<bool>, value| condition.is_none_or(|wanted| wanted == value);
        self.rows.iter().find(|row| {
            fits(row.kev, kev) && fits(row.exposed, exposed) && fits(row.automatable, automatable) && fits(row.total, total)
        })
    }
}

impl Row {
    fn read(text: &str) -> Option<Row> {
        let mut fields = text.split(',').map(str::trim);
        let mut condition = || match fields.next()? {
            "yes" | "total" => Some(Some(true)),
            "no" | "partial" => Some(Some(false)),
            "any" => Some(None),
            _ => None,
        };
        let (kev, exposed, automatable, total) = (condition()?, condition()?, condition()?, condition()?);
        let days = match fields.next()? {
            "next upgrade" => None,
            days => Some(days.parse().ok()?),
        };
        Some(Row { kev, exposed, automatable, total, days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exposome_model::knowledge::{KevEntry, Record};

    const TABLE: &str = include_str!("../../../rules/policies/bod-26-04.csv");

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
        assert_eq!(Deadlines::parse(TABLE).unwrap().days(threat, exposure), expected);
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
    fn a_table_with_a_hole_is_refused() {
        let text = "kev,exposed,automatable,impact,days\nyes,any,any,any,3\n";
        let hole = Error::NotTotal { kev: false, exposed: false, automatable: false, total: false };
        assert_eq!(Deadlines::parse(text).unwrap_err(), hole);
    }
}
