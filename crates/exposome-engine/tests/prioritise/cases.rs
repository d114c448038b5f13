//! Held facts to metrics, scores and decision: the worked cases of `testdata/prioritise`, which were written before the
//! program was run on them.

use crate::{CVE, advisory, as_of, claim, listed, rules};
use exposome_engine::assess::{Assessment, JudgedBill, Rules, examine};
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::people::People;
use exposome_engine::prioritise::{Decided, decide_one};
use exposome_engine::threat::{EpssEdition, EpssScore, Threats};
use exposome_engine::world::{Fresh, Sight, World};
use exposome_model::claim::Claim;
use exposome_model::exposure::{Confidence, Judgement, Verdict};
use exposome_model::inventory::{Component, ComponentKind};
use exposome_model::knowledge::{Advisory, ExploitEntry, Exploitation, Record, Severity, Ssvc};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

const CASES: &str = include_str!("../../../../testdata/prioritise/cases.toml");

#[derive(Clone, Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    #[expect(dead_code, reason = "for who reads the cases")]
    pub(crate) why: String,
    pub(crate) device: BTreeMap<String, String>,
    pub(crate) seen: Option<BTreeMap<String, String>>,
    pub(crate) served: Option<BTreeMap<String, String>>,
    pub(crate) zone: Option<BTreeMap<String, String>>,
    pub(crate) vulnerability: Vulnerability,
    pub(crate) fresh: Vec<String>,
    #[serde(flatten)]
    pub(crate) expected: Expected,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vulnerability {
    pub(crate) cvss: Option<String>,
    #[serde(default)]
    pub(crate) kev: bool,
    #[serde(default)]
    pub(crate) exploit: bool,
    pub(crate) ssvc: Option<String>,
    pub(crate) epss: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Expected {
    category: String,
    metrics: Vec<String>,
    base: Option<String>,
    be: Option<String>,
    bte: Option<String>,
    severity: String,
    decision: String,
    row: String,
    because: String,
    settle: Vec<String>,
}

fn threats(case: &Vulnerability, rules: &Rules) -> Threats {
    let severities = case.cvss.iter().map(|vector| Severity {
        vector: vector.clone(),
        score_tenths: None,
        source: None,
    });
    let exploitation = case.ssvc.as_deref().map(|word| match word {
        "active" => Exploitation::Active,
        "poc" => Exploitation::PublicPoc,
        word => panic!("exploitation {word:?}"),
    });
    let day = jiff::civil::date(2026, 8, 1);
    let mut threats = Threats::default();
    threats.hear(&Record::Advisory(Box::new(Advisory {
        severities: severities.collect(),
        ssvc: Some(Ssvc { exploitation, automatable: None, technical_impact_total: None }),
        ..advisory()
    })));
    if case.kev {
        threats.hear(&Record::Kev(listed(day)));
    }
    if case.exploit {
        threats.hear(&Record::Exploit(ExploitEntry {
            vulnerability: CVE.into(),
            name: "module".into(),
            published: Some(day),
            rank: None,
        }));
    }
    let edition = EpssEdition { model_version: rules.policy.epss_model.clone(), score_date: day };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability")]
    let score = case.epss.map(|epss| EpssScore {
        probability_e5: (epss * 100_000.0).round() as u32,
        percentile_e5: 0,
    });
    threats.score(edition, |_| score);
    threats
}

/// The device of a case with its one vulnerability.
pub(crate) struct Stage {
    rules: Rules,
    assessment: Assessment,
    threats: Threats,
    sight: Sight,
}

impl Stage {
    pub(crate) fn of(case: &Case) -> Stage {
        let rules = rules();
        let others =
            [("scan", &case.seen), ("cmms", &case.served), ("zones", &case.zone)].into_iter();
        let others = others.filter_map(|(source, said)| Some(claim(source, said.as_ref()?)));
        let claims: Vec<Claim> =
            std::iter::once(claim("inventory", &case.device)).chain(others).collect();
        let world = World::new(&Aliases::default());
        let mut assessment = examine(&claims, &People::default(), &world, &rules, as_of());
        for bill in assessment.bills.iter_mut().map(Arc::make_mut) {
            *bill = exposed();
        }
        let is_fresh = |feed: &str| case.fresh.iter().any(|it| it == feed);
        let fresh =
            Fresh { kev: is_fresh("kev"), epss: is_fresh("epss"), exploits: is_fresh("exploits") };
        let threats = threats(&case.vulnerability, &rules);
        let sight = Sight { fresh, fresh_a_week_ago: fresh };
        assessment.decide(&threats, sight, &rules);
        Stage { rules, assessment, threats, sight }
    }

    /// What the program says of the device of that number, one way and the other.
    pub(crate) fn decided(&self, id: &str) -> (String, Decided) {
        let assets = (0..).zip(&self.assessment.assets);
        let (number, state) = assets.into_iter().find(|(_, it)| it.asset.id == id).unwrap();
        let on = (as_of(), &self.threats, self.sight, &self.rules);
        let alone = decide_one(&exposed(), 0, state.alike, on).unwrap();
        let exposures = self.assessment.exposures.iter();
        let mut among_all = exposures.filter(|exposure| {
            self.assessment.cohort(exposure).is_some_and(|it| it.assets.contains(&number))
        });
        let among_all = self.assessment.decision(among_all.next().unwrap());
        assert_eq!(Some(&alone.decision), among_all);
        (state.category.clone().unwrap_or("not known".into()), alone)
    }
}

fn exposed() -> JudgedBill {
    let component = Component::new(ComponentKind::Device, "device");
    let judgement = Judgement {
        component: 0,
        vulnerability: CVE.into(),
        verdict: Verdict::Affected,
        confidence: Confidence::Low,
        missing_fact: None,
        evidence: Vec::new(),
        fixed_in: None,
    };
    JudgedBill { components: vec![component], judgements: vec![judgement], deferred: Vec::new() }
}

fn actual(case: &Case) -> Expected {
    let stage = Stage::of(case);
    let id = case.device.get("asset_id").unwrap();
    let (category, Decided { decision, scored, .. }) = stage.decided(id);
    let threshold = stage.rules.policy.thresholds.severity_high;
    let severity = scored.as_ref().and_then(|it| it.environmental.reaches(threshold));
    let metrics = scored.iter().flat_map(|scored| &scored.metrics);
    Expected {
        category,
        metrics: metrics
            .map(|metric| match &metric.rule {
                Some(rule) => format!("{} by {rule}", metric.in_words()),
                None => metric.in_words(),
            })
            .collect(),
        base: scored.as_ref().map(|it| it.base.to_string()),
        be: scored.as_ref().map(|it| it.environmental.to_string()),
        bte: scored.as_ref().map(|it| it.full.to_string()),
        severity: severity.map_or("not known", |it| if it { "high" } else { "lower" }).into(),
        decision: decision.outcome.words().into(),
        row: decision.row,
        because: decision.because,
        settle: decision.unsettled.into_iter().map(str::to_owned).collect(),
    }
}

pub(crate) fn cases() -> Vec<Case> {
    #[derive(Deserialize)]
    struct File {
        case: Vec<Case>,
    }
    toml::from_str::<File>(CASES).unwrap().case
}

#[test]
fn every_worked_case_comes_out_as_it_was_worked() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let mut misses = String::new();
    for case in &cases {
        let actual = actual(case);
        if actual != case.expected {
            let _ =
                writeln!(misses, "{}: {actual:#?}\nwas worked {:#?}\n", case.name, case.expected);
        }
    }
    assert!(misses.is_empty(), "{misses}");
}
