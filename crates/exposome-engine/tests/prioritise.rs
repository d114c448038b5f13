//! Held facts to metrics, scores and decision: the worked cases of `testdata/prioritise`, which were written before the
//! program was run on them.

use exposome_engine::assess::{Assessment, Decided, JudgedBill, Rules, decide_one, examine};
use exposome_engine::category::Categories;
use exposome_engine::deadline::Deadlines;
use exposome_engine::decide::Policy;
use exposome_engine::deployer::Deployer;
use exposome_engine::expose::aliases::Aliases;
use exposome_engine::metrics::Metrics;
use exposome_engine::people::People;
use exposome_engine::threat::{EpssEdition, EpssScore, Threats};
use exposome_engine::world::{Fresh, Sight, World};
use exposome_model::claim::Claim;
use exposome_model::exposure::{Confidence, Judgement, Verdict};
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use exposome_model::knowledge::{
    Advisory, AdvisoryKind, AdvisoryState, ExploitEntry, Exploitation, KevEntry, Record, Severity,
    Ssvc,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CVE: &str = "CVE-2026-1";
const CASES: &str = include_str!("../../../testdata/prioritise/cases.toml");

#[derive(Deserialize)]
struct Case {
    name: String,
    #[expect(dead_code, reason = "for who reads the cases")]
    why: String,
    device: BTreeMap<String, String>,
    seen: Option<BTreeMap<String, String>>,
    served: Option<BTreeMap<String, String>>,
    zone: Option<BTreeMap<String, String>>,
    vulnerability: Vulnerability,
    fresh: Vec<String>,
    #[serde(flatten)]
    expected: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vulnerability {
    cvss: Option<String>,
    #[serde(default)]
    kev: bool,
    #[serde(default)]
    exploit: bool,
    ssvc: Option<String>,
    epss: Option<f64>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Expected {
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

fn rules() -> Rules {
    macro_rules! rule {
        ($path:literal) => {
            include_str!(concat!("../../../rules/", $path))
        };
    }
    let categories = Categories::parse(rule!("categories/categories.toml")).unwrap();
    let (metrics, areas) = (rule!("categories/metrics.toml"), rule!("categories/areas.toml"));
    let metrics = Metrics::parse(metrics, areas, &categories).unwrap();
    Rules {
        categories,
        metrics,
        policy: Policy::parse(rule!("policies/default.toml")).unwrap(),
        deadlines: Deadlines::parse(rule!("ssvc/cisa_bod_26_04.csv")).unwrap(),
        deployer: Deployer::parse(rule!("ssvc/deployer.csv")).unwrap(),
    }
}

fn as_of() -> jiff::Timestamp {
    "2026-08-16T12:00:00Z".parse().unwrap()
}

fn claim(source: &str, said: &BTreeMap<String, String>) -> Claim {
    let attributes: Vec<(Attribute, String)> = said
        .iter()
        .map(|(name, value)| (Attribute::from_name(name).unwrap(), value.clone()))
        .collect();
    let key = said.get("asset_id").cloned().unwrap_or_else(|| source.to_owned());
    Claim {
        site: "main".into(),
        source: source.into(),
        observed_at: as_of(),
        first_recorded_at: as_of(),
        recorded_at: as_of(),
        sheet: Sheet { key, attributes, ..Sheet::default() },
    }
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
        publisher: "cve:maker".into(),
        document: "D".into(),
        vulnerability: CVE.into(),
        kind: AdvisoryKind::Record,
        state: AdvisoryState::Published,
        title: None,
        published: None,
        modified: None,
        severities: severities.collect(),
        weaknesses: Vec::new(),
        ssvc: Some(Ssvc { exploitation, automatable: None, technical_impact_total: None }),
        exploitation: Vec::new(),
        statements: Vec::new(),
        remedies: Vec::new(),
    })));
    if case.kev {
        threats.hear(&Record::Kev(KevEntry {
            vulnerability: CVE.into(),
            vendor: "V".into(),
            product: "P".into(),
            name: "N".into(),
            added: day,
            due: None,
            required_action: String::new(),
            ransomware: None,
        }));
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
struct Stage {
    rules: Rules,
    assessment: Assessment,
    threats: Threats,
    sight: Sight,
}

impl Stage {
    fn of(case: &Case) -> Stage {
        let rules = rules();
        let others =
            [("scan", &case.seen), ("cmms", &case.served), ("zones", &case.zone)].into_iter();
        let others = others.filter_map(|(source, said)| Some(claim(source, said.as_ref()?)));
        let claims: Vec<Claim> =
            std::iter::once(claim("inventory", &case.device)).chain(others).collect();
        let world = World::new(&Aliases::default());
        let mut assessment = examine(&claims, &People::default(), &world, &rules, as_of());
        for bill in &mut assessment.bills {
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
    fn decided(&self, id: &str) -> (String, Decided) {
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

fn cases() -> Vec<Case> {
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
            let _ = writeln!(misses, "{}: {actual:#?}\nwas worked {:#?}\n", case.name, case.expected);
        }
    }
    assert!(misses.is_empty(), "{misses}");
}
