//! A site made from numbers that are the same in every run: bills, cohorts and what is known of their flaws.

use crate::ground::{VECTORS, as_of, listed};
use exposome_engine::assess::{Alike, Assessment, Cohort, JudgedBill, Rules};
use exposome_engine::category::Continuity;
use exposome_engine::decide::{Input, Values};
use exposome_engine::setting::{Codes, Setting};
use exposome_engine::threat::{EpssScore, Threats};
use exposome_model::exposure::{Confidence, Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::{Advisory, AdvisoryKind, Record, Severity};
use std::collections::BTreeMap;

/// A sequence of numbers that is the same in every run (Steele et al., `SplitMix64`).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) >> 33).unwrap() % end
    }

    pub(crate) fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// Small numbers often, great ones seldom: the logarithm is spread evenly.
    pub(crate) fn skewed(&mut self, end: usize) -> usize {
        let bits = usize::try_from(end.ilog2()).unwrap() + 1;
        let top = 1 << (1 + self.below(bits));
        self.below(top).min(end - 1)
    }
}

/// How large a site is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) assets: usize,
    /// Different bills.
    pub(crate) bills: usize,
    /// Causes on each bill.
    pub(crate) causes: usize,
    /// Different settings.
    pub(crate) settings: usize,
    /// Days since the first inventory.
    pub(crate) days: usize,
    pub(crate) vulnerabilities: usize,
}

pub(crate) struct Site {
    pub(crate) assessment: Assessment,
    pub(crate) threats: Threats,
}

pub(crate) fn id(number: usize) -> String {
    format!("CVE-2025-{number:06}")
}

impl Site {
    pub(crate) fn of(size: Size, rules: &Rules, random: &mut Random) -> Site {
        let bills = (0..size.bills).map(|_| bill(size, random).into()).collect();
        let settings: Vec<Setting> = (0..size.settings).map(|_| setting(random, rules)).collect();
        let mut cohorts: BTreeMap<Alike, Vec<u32>> = BTreeMap::new();
        for asset in 0..u32::try_from(size.assets).unwrap() {
            // Four in five came with the first inventory.
            let days = if random.below(5) > 0 { size.days } else { random.below(size.days) };
            let days = i64::try_from(days).unwrap();
            let setting = random.of(&settings);
            let alike = Alike {
                bill: u32::try_from(random.below(size.bills)).unwrap(),
                // What decides over harm decides over the gate.
                gated: setting.harm() > 3,
                setting,
                first_recorded: as_of() - jiff::SignedDuration::from_hours(24 * days),
            };
            cohorts.entry(alike).or_default().push(asset);
        }
        let cohorts = cohorts.into_iter().map(|(alike, assets)| Cohort { assets, alike });
        let assessment = Assessment {
            as_of: as_of(),
            assets: Vec::new(),
            bills,
            cohorts: cohorts.collect(),
            decisions: Vec::new(),
            exposures: Vec::new(),
            demoted: Vec::new(),
        };
        Site { assessment, threats: threats(size, random) }
    }
}

fn bill(size: Size, random: &mut Random) -> JudgedBill {
    let judgements = (0..size.causes).map(|_| Judgement {
        component: 0,
        vulnerability: id(random.skewed(size.vulnerabilities)),
        verdict: match random.below(10) {
            0 => Verdict::NotAffected,
            1..=3 => Verdict::Possibly,
            _ => Verdict::Affected,
        },
        confidence: Confidence::High,
        missing_fact: None,
        evidence: Vec::new(),
        fixed_in: None,
    });
    JudgedBill {
        components: vec![Component::new(ComponentKind::Device, "pump")],
        judgements: judgements.collect(),
        deferred: Vec::new(),
    }
}

fn setting(random: &mut Random, rules: &Rules) -> Setting {
    let words = rules.metrics.vocabulary();
    let data = [&["phi"][..], &["therapy"], &["workflow"]].map(|codes| {
        words.data.set(&codes.iter().map(|it| (*it).into()).collect::<Vec<_>>()).unwrap()
    });
    let exposure = random.of(&["open", "controlled", "small", ""]);
    let harm = random.of(&[None, Some(2), Some(3), Some(4), Some(5)]);
    Setting {
        harm_lost: harm,
        harm_wrong: harm,
        continuity: harm.map(|_| random.of(&[Continuity::Minutes, Continuity::Days])),
        data: random.of(&[true, false]).then(|| random.of(&data)),
        is_acute: random.of(&[Some(true), Some(false), None]),
        has_spare: random.of(&[true, false]),
        exposure: Values::known(Input::Exposure, exposure)
            .unwrap_or_else(|| Values::unknown(Input::Exposure)),
        controls: Codes::default(),
    }
}

fn threats(size: Size, random: &mut Random) -> Threats {
    let mut threats = Threats::default();
    for number in 0..size.vulnerabilities {
        let days = i64::try_from(random.below(2000)).unwrap();
        let vector = VECTORS[random.skewed(VECTORS.len())];
        let severities = (random.below(10) > 0).then(|| Severity {
            vector: vector.to_owned(),
            score_tenths: None,
            source: None,
        });
        threats.hear(&Record::Advisory(Box::new(Advisory {
            published: Some(as_of() - jiff::SignedDuration::from_hours(24 * days)),
            severities: severities.into_iter().collect(),
            ..advisory(&id(number))
        })));
        if random.below(200) == 0 {
            threats.hear(&Record::Kev(listed(&id(number), jiff::civil::date(2026, 6, 1))));
        }
    }
    threats
}

/// A record that says nothing but that it is there.
pub(crate) fn advisory(vulnerability: &str) -> Advisory {
    Advisory::new("cve:maker", AdvisoryKind::Record, vulnerability)
}

/// One day's scores, some unknown: most are low, as in the published files.
pub(crate) fn scores(vulnerabilities: usize, random: &mut Random) -> BTreeMap<String, EpssScore> {
    let known = (0..vulnerabilities).filter_map(|number| {
        let score = u32::try_from(random.skewed(100_000)).unwrap();
        let score = EpssScore { probability_e5: score, percentile_e5: score };
        (random.below(50) > 0).then(|| (id(number), score))
    });
    known.collect()
}
