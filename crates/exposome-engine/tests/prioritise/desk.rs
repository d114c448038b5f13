//! A desk answers what asking each exposure on each asset by itself answers.

use crate::ground::{SIGHT, as_of, edition, rules};
use crate::site::{Random, Site, Size, scores};
use exposome_engine::assess::{Assessment, AssetState, Rules};
use exposome_engine::desk::fields::{FIELDS, Name};
use exposome_engine::desk::{After, Chosen, Desk, Sort, Sorted, Within, verdict_name};
use exposome_engine::identify::Asset;
use exposome_engine::predicate::{Millionths, Predicate, Tri, Value};
use exposome_engine::worklist::{self, judged};
use exposome_engine::world::World;
use exposome_model::claim::Claim;
use exposome_model::inventory::{Attribute, Component, ComponentKind, Sheet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SMALL: Size =
    Size { assets: 90, bills: 12, causes: 15, settings: 9, days: 4, vulnerabilities: 60 };

const UNITS: [&str; 4] = ["ICU", "OR", "Ward 3", ""];
const OWNERS: [&str; 3] = ["biomed", "IT", ""];

/// A small hospital whose bills have several components, some of them mended by a version.
fn site(seed: u64, rules: &Rules) -> (Site, Vec<Claim>) {
    let mut random = Random(seed);
    let mut site = Site::of(SMALL, rules, &mut random);
    for bill in &mut site.assessment.bills {
        let bill = Arc::make_mut(bill);
        let parts = ["pump", "gateway", "viewer"].map(|name| Component {
            vendor: (name != "viewer").then(|| random.of(&["Braun", "B. Braun AG"]).to_owned()),
            version: Some(random.of(&["1.0", "2.0"]).to_owned()),
            ..Component::new(ComponentKind::Application, name)
        });
        bill.components = parts.into();
        for judgement in &mut bill.judgements {
            judgement.component = u32::try_from(random.below(3)).unwrap();
            judgement.fixed_in =
                random.of(&[None, Some("2.1"), Some("2.10"), Some("3.0")]).map(str::to_owned);
            let fact = random.of(&[None, Some("firmware version")]);
            judgement.missing_fact = fact.map(str::to_owned);
        }
    }
    let day = scores(SMALL.vulnerabilities, &mut random);
    site.threats.score(edition(rules), |id| day.get(id).copied());
    site.assessment.decide(&site.threats, SIGHT, rules);
    let mut claims = Vec::new();
    let mut assets: BTreeMap<u32, AssetState> = BTreeMap::new();
    for cohort in &site.assessment.cohorts {
        for &number in &cohort.assets {
            let id = format!("A{number:04}");
            let asset = Asset { site: "main".into(), id, claims: vec![number], joins: Vec::new() };
            let state =
                AssetState { asset, category: None, zones: Vec::new(), alike: cohort.alike };
            assets.insert(number, state);
        }
    }
    for state in assets.values() {
        let said = [
            (Attribute::Unit, random.of(&UNITS)),
            (Attribute::Owner, random.of(&OWNERS)),
            (Attribute::Name, random.of(&["pump 1", "pump 2"])),
        ];
        let said = said.into_iter().filter(|(_, value)| !value.is_empty());
        let sheet = Sheet {
            key: state.asset.id.clone(),
            attributes: said.map(|(attribute, value)| (attribute, value.to_owned())).collect(),
            ..Sheet::default()
        };
        claims.push(Claim {
            site: "main".into(),
            source: "cmms".into(),
            observed_at: as_of(),
            first_recorded_at: as_of(),
            recorded_at: as_of(),
            sheet,
        });
    }
    site.assessment.assets = assets.into_values().collect();
    (site, claims)
}

fn desk(seed: u64, rules: &Rules) -> (Desk, Vec<Claim>, Site) {
    let (of_desk, claims) = site(seed, rules);
    let (same, _) = site(seed, rules);
    let world = World { threats: of_desk.threats, ..World::default() };
    (Desk::of(of_desk.assessment, &claims, &world, SIGHT, rules), claims, same)
}

/// A field of one exposure on one asset, asked of the assessment itself.
fn value<'a>(
    name: Name,
    (site, claims): (&'a Site, &'a [Claim]),
    (asset, exposure): (u32, usize),
) -> Value<'a> {
    let assessment: &Assessment = &site.assessment;
    let exposure = &assessment.exposures[exposure];
    let (component, judgement) = judged(assessment, exposure).unwrap();
    let decision = assessment.decision(exposure).unwrap();
    let threat = site.threats.get(&judgement.vulnerability).unwrap();
    let text = |text: Option<&'a str>| text.map_or(Value::NotKnown, Value::Text);
    let said = |attribute| text(claims[asset as usize].sheet.first(attribute));
    let number = |number: Option<i64>| {
        number.map_or(Value::NotKnown, |number| Value::Number(Millionths(number)))
    };
    match name {
        Name::Asset => Value::Text(&assessment.assets[asset as usize].asset.id),
        Name::Unit => said(Attribute::Unit),
        Name::Owner => said(Attribute::Owner),
        Name::Gated => Value::Truth(assessment.assets[asset as usize].alike.gated),
        Name::Vulnerability => Value::Text(&judgement.vulnerability),
        Name::Kev => Value::Truth(threat.kev.is_some()),
        Name::Epss => number(threat.epss.map(|it| i64::from(it.probability_e5) * 10)),
        Name::Cvss => {
            number(threat.severity.as_ref().map(|it| i64::from(it.score.get()) * 100_000))
        }
        Name::Verdict => Value::Text(verdict_name(judgement.verdict)),
        Name::Vendor => text(component.vendor.as_deref()),
        Name::Fix => Value::Truth(judgement.fixed_in.is_some()),
        Name::Decision => Value::Text(decision.outcome.name()),
        Name::Settled => Value::Truth(decision.unsettled.is_empty()),
        Name::Due => exposure.due.map_or(Value::Absent, Value::Moment),
        Name::Overdue => Value::Truth(exposure.due.is_some_and(|due| due < as_of())),
        other => panic!("{other:?} is not asked here"),
    }
}

const FILTERS: [&str; 14] = [
    "",
    "unit == \"ICU\"",
    "unit != \"ICU\" && kev",
    "owner == \"biomed\" || decision == \"act_now\"",
    "!(owner == \"biomed\") && epss >= 0.01",
    "unit in [\"OR\", \"ICU\"] && !fix && verdict == \"affected\"",
    "known(owner) && vendor.lowerAscii().contains(\"braun\")",
    "overdue && gated",
    "due < now + duration(\"240h\") || cvss > 9",
    "(unit == \"OR\" && epss < 0.5) || (unit == \"ICU\" && fix)",
    "settled == false",
    "asset == \"A0007\"",
    "vulnerability == \"CVE-2025-000001\" || owner == \"IT\"",
    "false",
];

fn pairs(desk: &Desk, chosen: &Chosen) -> BTreeSet<(u32, u32)> {
    let sort = Sort { by: Sorted::Vulnerability, backwards: false };
    let listing = desk.listing(chosen, sort);
    let page = desk.page(chosen, &listing, None, usize::MAX);
    let all: BTreeSet<(u32, u32)> = page.iter().map(|it| (it.asset, it.exposure)).collect();
    assert_eq!(all.len(), page.len(), "each once");
    all
}

#[test]
fn a_filter_chooses_what_asking_each_by_itself_chooses() {
    let rules = rules();
    let mut chosen_any = BTreeSet::new();
    for seed in 0..12 {
        let (desk, claims, site) = desk(seed, &rules);
        for filter in FILTERS {
            let predicate = Predicate::read(filter, FIELDS, as_of()).unwrap();
            let (mut expected, mut undecidable) = (BTreeSet::new(), 0);
            for (number, exposure) in site.assessment.exposures.iter().enumerate() {
                for &asset in &site.assessment.cohort(exposure).unwrap().assets {
                    let on = ((&site, claims.as_slice()), (asset, number));
                    match predicate.holds(|field| value(Name::ALL[field], on.0, on.1)) {
                        Tri::Yes => drop(expected.insert((asset, u32::try_from(number).unwrap()))),
                        Tri::NotKnown => undecidable += 1,
                        Tri::No => {}
                    }
                }
            }
            let chosen = desk.choose(&predicate, Within::Site);
            assert_eq!(pairs(&desk, &chosen), expected, "{filter} of site {seed}");
            assert_eq!(chosen.exposures, expected.len(), "{filter}");
            assert_eq!(chosen.undecidable, undecidable, "{filter}");
            let assets: BTreeSet<u32> = expected.iter().map(|it| it.0).collect();
            assert_eq!(chosen.assets, assets.len(), "{filter}");
            assert_eq!(desk.total(&chosen).exposures, expected.len(), "{filter}");
            if !expected.is_empty() && expected.len() < desk.assessment().exposed() {
                chosen_any.insert(filter);
            }
        }
    }
    assert_eq!(chosen_any.len(), FILTERS.len() - 2, "each filter chooses something");
}

#[test]
fn who_sees_one_unit_sees_what_a_filter_for_it_chooses_and_nothing_more() {
    let rules = rules();
    let (desk, ..) = desk(5, &rules);
    let units = BTreeSet::from(["ICU".to_owned()]);
    for filter in FILTERS {
        let read = |text: &str| Predicate::read(text, FIELDS, as_of()).unwrap();
        let seen = desk.choose(&read(filter), Within::Units(&units));
        let both = if filter.is_empty() {
            "unit == \"ICU\"".to_owned()
        } else {
            format!("unit == \"ICU\" && ({filter})")
        };
        let filtered = desk.choose(&read(&both), Within::Site);
        assert_eq!(pairs(&desk, &seen), pairs(&desk, &filtered), "{filter}");
    }
}

#[test]
fn the_jobs_of_everything_are_the_worklist() {
    let rules = rules();
    for seed in 0..12 {
        let (desk, _, site) = desk(seed, &rules);
        let everything = desk.choose(&Predicate::everything(), Within::Site);
        let jobs = desk.jobs(&everything);
        let details = desk.details(&everything, &jobs);
        let expected = worklist::worklist(&site.assessment, &site.threats);
        assert_eq!(jobs.len(), expected.len());
        for ((job, details), expected) in jobs.iter().zip(&details).zip(expected) {
            assert_eq!(
                (&job.product, &job.action, job.rank, job.due),
                (&expected.product, &expected.action, expected.rank, expected.due)
            );
            assert_eq!(
                (job.exposures, job.affected, job.harm, job.gated),
                (expected.exposed, expected.affected, expected.harm, expected.gated)
            );
            assert_eq!(job.assets, expected.assets.len());
            assert_eq!(desk.assets_of_job(&everything, job), expected.assets);
            assert_eq!(desk.of_job(&everything, job).exposures, expected.exposed);
            let line = worklist::Line::of(&site.assessment, &site.threats, expected);
            assert_eq!(
                (&details.because, &details.vulnerabilities),
                (&line.because, &line.vulnerabilities)
            );
        }
    }
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition_in_every_order() {
    let rules = rules();
    let (desk, ..) = desk(3, &rules);
    let predicate = Predicate::read("unit != \"ICU\"", FIELDS, as_of()).unwrap();
    let chosen = desk.choose(&predicate, Within::Site);
    for by in [Sorted::Urgency, Sorted::Due, Sorted::Epss, Sorted::Cvss, Sorted::Vulnerability] {
        for backwards in [false, true] {
            let sort = Sort { by, backwards };
            let listing = desk.listing(&chosen, sort);
            let all = desk.page(&chosen, &listing, None, usize::MAX);
            assert_eq!(all.len(), chosen.exposures);
            let places: Vec<After> = all.iter().map(|it| desk.place(sort, it)).collect();
            assert!(places.is_sorted_by(|a, b| a < b), "{sort:?}: every place is its own");
            let (mut paged, mut after) = (Vec::new(), None);
            loop {
                let page = desk.page(&chosen, &listing, after.as_ref(), 17);
                let Some(last) = page.last() else { break };
                after = Some(desk.place(sort, last));
                paged.extend(page);
            }
            assert_eq!(paged, all, "{sort:?}");
        }
    }
}

#[test]
fn groups_add_up_to_what_was_chosen() {
    let rules = rules();
    for seed in 0..6 {
        let (desk, ..) = desk(seed, &rules);
        let chosen = desk.choose(&Predicate::read("!kev", FIELDS, as_of()).unwrap(), Within::Site);
        let total = desk.total(&chosen);
        for by in [Name::Unit, Name::Owner, Name::Vendor, Name::Decision, Name::Clock, Name::Kev] {
            let groups = desk.groups(&chosen, by);
            let sum = |of: fn(&exposome_engine::desk::Group) -> usize| -> usize {
                groups.iter().map(of).sum()
            };
            assert_eq!(sum(|it| it.exposures), total.exposures, "{by:?}");
            assert_eq!(sum(|it| it.overdue), total.overdue, "{by:?}");
            assert_eq!(groups.iter().filter_map(|it| it.earliest).min(), total.earliest);
        }
        let by_unit = desk.groups(&chosen, Name::Unit);
        assert_eq!(by_unit.iter().map(|it| it.assets).sum::<usize>(), chosen.assets);
        assert!(by_unit.iter().any(|it| it.value.is_none()), "of some nobody says the unit");
    }
}
