//! What holds of every vector in every setting.

use crate::cases::{Case, Stage, Vulnerability, cases};
use crate::rules;
use crate::site::Random;
use exposome_engine::assess::Rules;
use exposome_engine::category::Continuity;
use exposome_engine::decide::{Input, Values};
use exposome_engine::metrics::{Flawed, Metric, exploit_maturity};
use exposome_engine::prioritise::Decided;
use exposome_engine::setting::{Codes, Setting};
use exposome_engine::threat::Threat;
use exposome_engine::world::Fresh;
use exposome_score::Cvss;
use std::collections::BTreeSet;

/// Any setting there is, known whole or in part.
fn setting(random: &mut Random, rules: &Rules) -> Setting {
    let category = random.of(&[true, true, true, false]);
    let level = |random: &mut Random| category.then(|| random.of(&[1, 2, 3, 4, 5]));
    let words = rules.metrics.vocabulary();
    let codes: Vec<Codes> = [&[][..], &["phi"], &["therapy"], &["workflow"], &["phi", "diagnosis"]]
        .iter()
        .map(|codes| {
            words.data.set(&codes.iter().map(|it| (*it).into()).collect::<Vec<_>>()).unwrap()
        })
        .collect();
    let exposures = [&["open"][..], &["controlled"], &["small"], &["controlled", "small"]];
    let exposure = random.of(&exposures).iter().map(|it| (*it).into()).collect::<Vec<String>>();
    Setting {
        harm_lost: level(random),
        harm_wrong: level(random),
        continuity: category.then(|| {
            use Continuity::{Days, Hours, Minutes, Shift};
            random.of(&[Minutes, Hours, Shift, Days])
        }),
        data: random.of(&[true, true, false]).then(|| random.of(&codes)),
        is_acute: random.of(&[Some(true), Some(false), None]),
        has_spare: random.of(&[true, false]),
        exposure: match random.below(5) {
            0 => Values::unknown(Input::Exposure),
            _ => Values::any_of(Input::Exposure, &exposure).unwrap(),
        },
        controls: controls(random, rules),
    }
}

const CONTROLS: [&str; 3] = ["exploit prevention", "network login", "attended remote access"];

fn controls(random: &mut Random, rules: &Rules) -> Codes {
    let some: Vec<String> =
        CONTROLS.iter().filter(|_| random.below(2) == 1).map(|it| (*it).into()).collect();
    rules.metrics.vocabulary().controls.set(&some).unwrap()
}

/// How many settings a law is tried on.
const SETTINGS: usize = 20_000;

/// The vectors of the worked cases, each ready to be scored.
fn flaws() -> Vec<Flawed> {
    let vectors: BTreeSet<String> =
        cases().into_iter().filter_map(|case| case.vulnerability.cvss).collect();
    vectors.iter().map(|it| Flawed::of(it.parse::<Cvss>().unwrap())).collect()
}

fn quiet() -> Metric {
    let fresh = Fresh { kev: true, epss: true, exploits: true };
    exploit_maturity(&Threat::default(), fresh)
}

/// What is said of one fact widens: both ends of every score move outwards, or stay.
#[test]
fn an_unknown_never_lowers_the_upper_end_nor_raises_the_lower() {
    let (rules, flaws, mut random) = (rules(), flaws(), Random(1));
    let mut wider = 0;
    for _ in 0..SETTINGS {
        let flaw = &flaws[random.below(flaws.len())];
        let known = setting(&mut random, &rules);
        let unknown = match random.below(4) {
            0 => Setting { harm_lost: None, harm_wrong: None, continuity: None, ..known },
            1 => Setting { data: None, ..known },
            2 => Setting { is_acute: None, ..known },
            _ => Setting { exposure: Values::unknown(Input::Exposure), ..known },
        };
        let scored = |setting| rules.metrics.scored(flaw, setting, quiet());
        let (one, other) = (scored(&known), scored(&unknown));
        for (known, unknown) in [(one.environmental, other.environmental), (one.full, other.full)] {
            let holds = unknown.low <= known.low && known.high <= unknown.high;
            assert!(holds, "{unknown} is narrower than {known}");
            wider += usize::from(unknown != known);
        }
    }
    assert!(wider > SETTINGS / 10, "only {wider} were wider: nothing was tried");
}

#[test]
fn a_verified_control_never_raises() {
    let (rules, flaws, mut random) = (rules(), flaws(), Random(2));
    let all = rules.metrics.vocabulary().controls.set(&CONTROLS.map(str::to_owned)).unwrap();
    let mut lower = 0;
    for _ in 0..SETTINGS {
        let flaw = &flaws[random.below(flaws.len())];
        let some = setting(&mut random, &rules);
        let more = Setting { controls: all, ..some };
        let scored = |setting| rules.metrics.scored(flaw, setting, quiet());
        let (some, more) = (scored(&some), scored(&more));
        for (some, more) in [(some.environmental, more.environmental), (some.full, more.full)] {
            assert!(more.low <= some.low && more.high <= some.high, "{more} after {some}");
            lower += usize::from(more != some);
        }
    }
    assert!(lower > SETTINGS / 10, "only {lower} were lower: nothing was tried");
}

/// From silence over a proof and a toolkit to attacks: neither the score nor the decision falls.
#[test]
fn more_evidence_of_exploitation_never_lowers() {
    let (cases, mut rises) = (cases(), 0);
    for case in &cases {
        let mut before: Option<(Decided, String)> = None;
        for evidence in ["", "poc", "exploit", "active"] {
            let vulnerability = Vulnerability {
                cvss: case.vulnerability.cvss.clone(),
                kev: false,
                exploit: evidence == "exploit",
                ssvc: ["poc", "active"].contains(&evidence).then(|| evidence.to_owned()),
                epss: Some(0.004),
            };
            let case = Case { vulnerability, ..case.clone() };
            let (_, decided) = Stage::of(&case).decided(case.device.get("asset_id").unwrap());
            if let Some((before, words)) = &before {
                let rose = before.decision.outcome < decided.decision.outcome;
                assert!(
                    rose || before.decision.outcome == decided.decision.outcome,
                    "{}: {evidence:?} lowered what {words:?} had come to",
                    case.name
                );
                if let (Some(before), Some(after)) = (&before.scored, &decided.scored) {
                    assert!(before.full.low <= after.full.low, "{}", case.name);
                    assert!(before.full.high <= after.full.high, "{}", case.name);
                }
                rises += usize::from(rose);
            }
            before = Some((decided, evidence.to_owned()));
        }
    }
    assert!(rises >= cases.len(), "only {rises} rose: nothing was tried");
}
