//! What was written down of assessments, one after the other, is what they concluded.

use crate::ground::rules;
use crate::live::{Facts, strict};
use crate::site::Random;
use exposome_engine::assess::{Assessment, Rules, examine};
use exposome_engine::concluded::{Concluded, transitions};
use exposome_engine::decide::Outcome;
use exposome_engine::moves::{Side, Sides, moves};
use exposome_engine::people::People;
use exposome_engine::world::World;
use exposome_model::claim::Claim;
use exposome_model::decision::Stand;
use exposome_model::transition::{About, Place, Reason};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// A site as it was assessed, with everything that stays to be asked.
struct Assessed {
    claims: Vec<Claim>,
    people: People,
    world: World,
    assessment: Assessment,
    sight: exposome_engine::world::Sight,
}

impl Assessed {
    fn of(facts: &Facts, rules: &Rules) -> Assessed {
        let (claims, world) = (facts.claims(), facts.world(rules));
        let people = People::of(&facts.events);
        let mut assessment = examine(&claims, &people, &world, rules, facts.now);
        assessment.decide(&world.threats, facts.sight, rules);
        Assessed { claims, people, world, assessment, sight: facts.sight }
    }

    fn side(&self) -> Side<'_> {
        let Assessed { claims, people, world, assessment, sight } = self;
        Side { assessment, claims, people, threats: &world.threats, sight: *sight }
    }

    /// Where each exposure of an asset stands; of two versions of one thing the more urgent.
    fn stands(&self, asset: u32) -> BTreeMap<Place, (Outcome, Option<jiff::Timestamp>)> {
        let assessment = &self.assessment;
        let mut stands = BTreeMap::new();
        for exposure in &assessment.exposures {
            if !assessment.cohort(exposure).unwrap().assets.contains(&asset) {
                continue;
            }
            let (bill, judgement) = assessment.judgement(exposure).unwrap();
            let component = bill.components[judgement.component as usize].clone();
            let place = Place {
                vulnerability: judgement.vulnerability.clone(),
                kind: component.kind,
                vendor: component.vendor,
                name: component.name,
            };
            let outcome = assessment.decision(exposure).unwrap().outcome;
            let slot = stands.entry(place).or_insert((outcome, exposure.due));
            if outcome > slot.0 {
                *slot = (outcome, exposure.due);
            }
        }
        stands
    }
}

fn something_happens(facts: &mut Facts, random: &mut Random) {
    facts.now += SignedDuration::from_hours(random.of(&[1, 7, 23, 40]));
    match random.below(20) {
        0..8 => drop(facts.some_claim(random)),
        8..13 => drop(facts.some_event(random)),
        13..16 => drop(facts.some_threat(random)),
        16 => facts.some_scores(random),
        17 => facts.some_document(random),
        18 => facts.sight.fresh.kev = random.below(4) > 0,
        _ => {}
    }
}

#[test]
fn everything_that_was_written_down_adds_up_to_what_was_concluded() {
    let (mild, strict) = (rules(), strict());
    let program = [Reason { about: About::Program, words: "another".into(), facts: Vec::new() }];
    let policy = [Reason { about: About::Policy, words: "another".into(), facts: Vec::new() }];
    let (mut moved, mut at_rest, mut named, mut by_program) = (0, 0, 0, 0);
    for seed in 0..250 {
        let mut random = Random(seed);
        let mut facts = Facts::new();
        let mut concluded = Concluded::default();
        let (mut before, mut rules_before) = (None::<Assessed>, &mild);
        for step in 0..40 {
            for _ in 0..random.below(4) {
                something_happens(&mut facts, &mut random);
            }
            facts.now += SignedDuration::from_mins(1);
            let rules = random.of(&[&mild, &mild, &mild, &strict]);
            let after = Assessed::of(&facts, rules);
            let between = if std::ptr::eq(rules, rules_before) { &[][..] } else { &policy };
            let sides = Sides {
                concluded: Some(&concluded),
                before: before.as_ref().map(Assessed::side),
                after: after.side(),
            };
            let blocks = transitions(sides, &program, between);
            let context = || format!("seed {seed}, step {step}");
            for block in &blocks {
                for (place, reasons) in block.reasons.iter().enumerate() {
                    let step = || {
                        let steps = block.groups.iter().flat_map(|it| &it.steps);
                        let step = steps.clone().find(|it| it.why as usize == place).unwrap();
                        let [was, is] = [step.before, step.after].map(|it| block.stand(it));
                        format!("{:?}: {was:?} -> {is:?}", block.place(step))
                    };
                    assert!(!reasons.is_empty(), "{}: {}", context(), step());
                    named += reasons.iter().filter(|it| !it.facts.is_empty()).count();
                    by_program += reasons.iter().filter(|it| it.about == About::Program).count();
                }
                moved += block.groups.iter().map(|it| it.steps.len()).sum::<usize>();
                let text = serde_json::to_string(block).unwrap();
                let read = serde_json::from_str(&text).unwrap();
                assert_eq!(*block, read, "{}", context());
                concluded.hear(&read, facts.now);
            }
            at_rest += usize::from(blocks.is_empty());
            for (number, state) in (0..).zip(&after.assessment.assets) {
                let stands = concluded.of_asset(&state.asset.id).into_iter();
                let stands = stands.map(|(place, Stand { outcome, due, .. }, _)| {
                    (place.clone(), (*outcome, *due))
                });
                assert_eq!(
                    stands.collect::<BTreeMap<_, _>>(),
                    after.stands(number),
                    "{}",
                    context()
                );
            }
            let sides = Sides { concluded: Some(&concluded), before: None, after: after.side() };
            assert!(moves(sides, &[], &[]).is_empty(), "{}", context());
            before = Some(after);
            rules_before = rules;
        }
    }
    assert_eq!(by_program, 0, "the same program concluded all of it");
    assert!(moved > 10_000 && at_rest > 1_000 && named > 5_000, "{moved} {at_rest} {named}");
}
