//! What must hold for every vector, tried on random ones; and on all of them where they can be counted.

use exposome_score::legacy::{Ends, Interval, Meant};
use exposome_score::{Cvss, Group, Metric, Tenths, VectorError, lines, v2, v3, v4};
use proptest::collection::vec;
use proptest::prelude::*;

/// A choice for each metric; metrics that are not base metrics may be left out.
fn vector(prefix: &'static str, metrics: &'static [Metric]) -> impl Strategy<Value = String> {
    vec(any::<(u8, bool)>(), metrics.len()).prop_map(move |choices| {
        let chosen = metrics
            .iter()
            .zip(choices)
            .filter(|(metric, (_, is_given))| metric.group == Group::Base || *is_given);
        let pairs: Vec<String> = chosen
            .map(|(metric, (choice, _))| {
                let value = metric.values.iter().cycle().nth(usize::from(choice)).expect("a value");
                format!("{}:{value}", metric.name)
            })
            .collect();
        format!("{prefix}{}", pairs.join("/"))
    })
}

fn any_vector() -> impl Strategy<Value = String> {
    prop_oneof![
        vector("", v2::Vector::metrics()),
        vector("CVSS:3.0/", v3::Vector::metrics()),
        vector("CVSS:3.1/", v3::Vector::metrics()),
        vector("CVSS:4.0/", v4::Vector::metrics()),
    ]
}

fn read(text: &str) -> Cvss {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The prefix, and the pairs after it.
fn taken_apart(text: &str) -> (&str, Vec<&str>) {
    let start = if text.starts_with("CVSS:") { 9 } else { 0 };
    let (prefix, pairs) = text.split_at(start);
    (prefix, pairs.split('/').collect())
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_the_same(text in any_vector()) {
        let vector = read(&text);
        let printed = vector.to_string();
        prop_assert_eq!(read(&printed), vector);
        prop_assert_eq!(read(&printed).to_string(), printed);
    }

    #[test]
    fn the_order_of_the_metrics_changes_nothing(text in any_vector(), seed in any::<u64>()) {
        let (prefix, mut pairs) = taken_apart(&text);
        let mut seed = seed;
        for last in (1..pairs.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            pairs.swap(last, usize::try_from(seed >> 33).unwrap() % (last + 1));
        }
        prop_assert_eq!(read(&format!("{prefix}{}", pairs.join("/"))), read(&text));
    }

    #[test]
    fn packing_loses_nothing(text in any_vector()) {
        let again = match read(&text) {
            Cvss::V2(vector) => v2::Vector::from_bits(vector.bits()).map(Cvss::V2),
            Cvss::V3(vector) => v3::Vector::from_bits(vector.bits()).map(Cvss::V3),
            Cvss::V4(vector) => v4::Vector::from_bits(vector.bits()).map(Cvss::V4),
        };
        prop_assert_eq!(again, Some(read(&text)));
    }

    #[test]
    fn bits_are_a_vector_or_nothing(bits in any::<u64>()) {
        if let Some(vector) = v4::Vector::from_bits(bits) {
            prop_assert_eq!(vector.to_string().parse::<v4::Vector>(), Ok(vector));
        }
        if let Some(vector) = v3::Vector::from_bits(bits) {
            prop_assert_eq!(vector.to_string().parse::<v3::Vector>(), Ok(vector));
        }
        if let Some(vector) = v2::Vector::from_bits(bits & u64::from(u32::MAX)) {
            prop_assert_eq!(vector.to_string().parse::<v2::Vector>(), Ok(vector));
        }
    }

    #[test]
    fn every_value_can_be_asked_for(text in any_vector()) {
        let (_, pairs) = taken_apart(&text);
        for (name, value) in pairs.iter().filter_map(|pair| pair.split_once(':')) {
            let known = match read(&text) {
                Cvss::V2(vector) => vector.value(name),
                Cvss::V3(vector) => vector.value(name),
                Cvss::V4(vector) => vector.value(name),
            };
            prop_assert_eq!(known, Some(value));
        }
    }

    #[test]
    fn a_metric_given_twice_or_a_base_metric_left_out_is_named(text in any_vector(), choice in any::<usize>()) {
        let (prefix, pairs) = taken_apart(&text);
        let choice = choice % pairs.len();
        let name = pairs[choice].split(':').next().unwrap();

        let twice = format!("{text}/{}", pairs[choice]);
        let error = twice.parse::<Cvss>().unwrap_err();
        prop_assert_eq!(error.to_string(), format!("metric {name} is repeated at byte {}", text.len() + 2));

        let without: Vec<&str> = pairs.iter().copied().filter(|pair| *pair != pairs[choice]).collect();
        match format!("{prefix}{}", without.join("/")).parse::<Cvss>() {
            Err(VectorError::Missing { metric }) => prop_assert_eq!(metric, name),
            Err(error) => prop_assert!(false, "{}", error),
            Ok(vector) => prop_assert!(vector != read(&text) || pairs[choice].ends_with(":X") || pairs[choice].ends_with(":ND")),
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in vec(any::<u8>(), 0..300)) {
        let _ = Cvss::read(&text);
        let _ = v4::Context::read(&text);
        let _ = v3::Vector::read_as(v3::Minor::One, &text);
    }

    #[test]
    fn one_letter_changed_makes_another_vector_or_an_error_in_that_place(
        text in any_vector(), place in any::<usize>(), byte in any::<u8>(),
    ) {
        let mut changed = text.clone().into_bytes();
        let place = place % changed.len();
        changed[place] = byte;
        match Cvss::read(&changed) {
            Ok(vector) => prop_assert_eq!(vector == read(&text), vector.to_string() == read(&text).to_string()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn each_line_has_its_answer(input in vec(prop_oneof![any_vector(), "[ -~]{0,80}"], 0..20)) {
        let mut output = Vec::new();
        let tally = lines(format!("{}\n", input.join("\n")).as_bytes(), &mut output);
        let output = String::from_utf8(output).unwrap();
        prop_assert_eq!(output.lines().count(), input.len().max(1));
        prop_assert_eq!(usize::try_from(tally.scored + tally.refused).unwrap(), input.len().max(1));
        for (line, answer) in input.iter().zip(output.lines()) {
            let fields: Vec<&str> = answer.split('\t').collect();
            prop_assert_eq!(fields[0], line.trim());
            match line.trim().parse::<Cvss>() {
                Ok(vector) => {
                    prop_assert_eq!(fields.len(), 7);
                    prop_assert_eq!(fields[1], vector.version());
                    prop_assert_eq!(fields[3], vector.base_score().to_string());
                    prop_assert_eq!(fields[6], vector.score().to_string());
                }
                Err(error) => prop_assert_eq!(&fields[1..], ["error", &error.to_string()]),
            }
        }
    }

    #[test]
    fn what_is_not_defined_counts_as_the_worst(text in vector("CVSS:4.0/", v4::Vector::metrics())) {
        let vector: v4::Vector = text.parse().unwrap();
        for (unset, worst) in [("E:X", "E:A"), ("CR:X", "CR:H"), ("IR:X", "IR:H"), ("AR:X", "AR:H")] {
            let under = |context: &str| vector.under(v4::Context::read(context.as_bytes()).unwrap()).score();
            prop_assert_eq!(under(unset), under(worst), "{}", worst);
        }
    }

    #[test]
    fn supplemental_metrics_never_change_a_score(text in vector("CVSS:4.0/", v4::Vector::metrics())) {
        let (prefix, pairs) = taken_apart(&text);
        let is_scored = |pair: &&str| {
            let name = pair.split(':').next();
            v4::Vector::metrics().iter().any(|metric| Some(metric.name) == name && metric.group != Group::Supplemental)
        };
        let scored: Vec<&str> = pairs.iter().copied().filter(is_scored).collect();
        prop_assert_eq!(read(&format!("{prefix}{}", scored.join("/"))).score(), read(&text).score());
    }

    /// A context does what writing its metrics into the vector would do.
    #[test]
    fn a_context_replaces_what_it_names_and_nothing_else(
        text in vector("CVSS:4.0/", v4::Vector::metrics()), context in vector("", v4::Vector::metrics()),
    ) {
        let (prefix, pairs) = taken_apart(&text);
        let (_, context) = taken_apart(&context);
        let name = |pair: &str| pair.split(':').next().unwrap().to_owned();
        let group = |pair: &str| v4::Vector::metrics().iter().find(|metric| metric.name == name(pair)).unwrap().group;
        let of_the_site = |pair: &str| matches!(group(pair), Group::Threat | Group::Environmental);
        let context: Vec<&str> = context.into_iter().filter(|pair| of_the_site(pair)).collect();
        prop_assume!(!context.is_empty());

        let kept = pairs.iter().copied().filter(|pair| context.iter().all(|other| name(other) != name(pair)));
        let written: Vec<&str> = kept.chain(context.iter().copied()).collect();
        let expected: v4::Vector = format!("{prefix}{}", written.join("/")).parse().unwrap();
        let context = v4::Context::read(context.join("/").as_bytes()).unwrap();
        prop_assert_eq!(text.parse::<v4::Vector>().unwrap().under(context), expected);
    }
}

/// All 104,976 base vectors, each against every vector one step more severe in one metric.
#[test]
fn raising_a_base_metric_of_4_0_never_lowers_the_score() {
    let base: Vec<&Metric> =
        v4::Vector::metrics().iter().filter(|metric| metric.group == Group::Base).collect();
    let sizes: Vec<usize> = base.iter().map(|metric| metric.values.len()).collect();
    let scores: Vec<u8> = (0..sizes.iter().product())
        .map(|index: usize| {
            let mut rest = index;
            let pairs: Vec<String> = base
                .iter()
                .map(|metric| {
                    let value = metric.values[rest % metric.values.len()];
                    rest /= metric.values.len();
                    format!("{}:{value}", metric.name)
                })
                .collect();
            read(&format!("CVSS:4.0/{}", pairs.join("/"))).score().get()
        })
        .collect();
    assert_eq!(scores.len(), 104_976);
    let mut lowered = 0;
    let mut stride = 1;
    for size in sizes {
        for index in (0..scores.len()).filter(|index| index / stride % size > 0) {
            lowered += u32::from(scores[index - stride] < scores[index]);
        }
        stride *= size;
    }
    assert_eq!(lowered, 0);
}

#[test]
fn a_context_takes_only_what_a_site_can_know() {
    let refused = |text: &str| v4::Context::read(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(refused("E:A/AV:L"), "metric AV is neither a threat nor an environmental metric");
    assert_eq!(refused("S:P"), "metric S is neither a threat nor an environmental metric");
    assert_eq!(
        refused("MAV:Z"),
        "metric MAV cannot be 'Z' at byte 1: expected one of X, N, A, L, P"
    );
    let untouched: v4::Vector =
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U".parse().unwrap();
    assert_eq!(untouched.under(v4::Context::default()), untouched);
}

#[test]
fn an_error_names_the_metric_and_the_place() {
    let error = |text: &str| text.parse::<Cvss>().unwrap_err().to_string();
    assert_eq!(error("CVSS:3.1/AV:N/XY:Z"), "unknown metric 'XY' at byte 15");
    assert_eq!(error("(AV:N/AC:Q)"), "metric AC cannot be 'Q' at byte 7: expected one of L, M, H");
    assert_eq!(error("CVSS:4.0/AV:N/"), "expected NAME:VALUE, found '' at byte 15");
    assert_eq!(error("CVSS:4.0/AV:N//AC:L"), "expected NAME:VALUE, found '' at byte 15");
    assert_eq!(error("CVSS:4.0/av:n"), "unknown metric 'av' at byte 10");
    assert_eq!(error("CVSS:5.0/AV:N"), "no CVSS vector opens with 'CVSS:5.0/AV:N'");
    assert_eq!(error("CVSS:4.0"), "no CVSS vector opens with 'CVSS:4.0'");
    assert_eq!(error("CVSS:4.0/"), "expected NAME:VALUE, found '' at byte 10");
    assert_eq!(error("AV:N/AC:L/Au:N/C:P/I:P"), "base metric A is missing");
    assert_eq!(error(""), "no CVSS vector opens with ''");
    assert_eq!(
        error("hello, world, this is a long line"),
        "expected NAME:VALUE, found 'hello, world, this is a …' at byte 1"
    );
}

/// Every base vector of a version.
fn all_base_vectors(prefix: &str, metrics: &[Metric]) -> Vec<Cvss> {
    let base = metrics.iter().filter(|metric| metric.group == Group::Base);
    let texts = base.fold(vec![String::new()], |texts, metric| {
        let with = |text: &String| {
            let name = metric.name;
            let slash = if text.is_empty() { "" } else { "/" };
            metric.values.iter().map(|it| format!("{text}{slash}{name}:{it}")).collect::<Vec<_>>()
        };
        texts.iter().flat_map(with).collect()
    });
    texts.iter().map(|text| read(&format!("{prefix}{text}"))).collect()
}

/// How many vectors of 4.0 an older one can be, counted from its metrics alone.
fn freedom(vector: Cvss) -> usize {
    let value = |name| match vector {
        Cvss::V2(vector) => vector.value(name),
        Cvss::V3(vector) => vector.value(name),
        Cvss::V4(vector) => vector.value(name),
    };
    let is = |name, wanted| value(name) == Some(wanted);
    let impacts = |of: fn(&str) -> usize| {
        ["C", "I", "A"]
            .map(|name| of(value(name).expect("a base metric")))
            .into_iter()
            .product::<usize>()
    };
    match vector {
        Cvss::V4(_) => 1,
        Cvss::V3(_) => {
            let complexity = if is("AC", "H") { 3 } else { 2 };
            let interaction = if is("UI", "R") || is("AC", "H") { 2 } else { 1 };
            let shared = impacts(|impact| match impact {
                "H" => 5,
                "L" => 3,
                _ => 1,
            });
            let harms = ["C", "I", "A"].iter().any(|name| !is(name, "N"));
            // Of the shares exactly one leaves every subsequent system unharmed.
            let shares = if is("S", "U") { 1 } else { shared - usize::from(harms) };
            complexity * interaction * shares
        }
        Cvss::V2(_) => {
            let ways = match (is("AC", "L"), value("AV")) {
                (true, Some("L")) => 2,
                (true, _) => 1,
                (false, Some("L")) => 6,
                (false, Some("A")) => 3,
                (false, _) => 5,
            };
            let complexity = if is("AC", "L") { 2 } else { 4 };
            let privileges = match (is("Au", "N"), value("AC")) {
                (true, Some("H")) => 3,
                (true, Some("L")) if !is("AV", "L") => 1,
                _ => 2,
            };
            ways * complexity * privileges * impacts(|impact| if impact == "P" { 8 } else { 3 })
        }
    }
}

/// All 2,592 base vectors of 3.1, as many of 3.0, and all 729 of 2.0.
#[test]
fn an_older_vector_is_as_many_newer_ones_as_its_version_leaves_open() {
    let every = [
        all_base_vectors("CVSS:3.1/", v3::Vector::metrics()),
        all_base_vectors("CVSS:3.0/", v3::Vector::metrics()),
        all_base_vectors("", v2::Vector::metrics()),
    ]
    .concat();
    assert_eq!(every.len(), 2592 + 2592 + 729);
    for vector in every {
        let meant = Meant::by(vector);
        let distinct: std::collections::BTreeSet<_> = meant.vectors().iter().collect();
        assert_eq!(distinct.len(), freedom(vector), "{vector}");
        assert_eq!(distinct.len(), meant.vectors().len(), "{vector}");
        assert!(meant.is_derived());
        for translation in meant.vectors().iter().step_by(97) {
            assert_eq!(v4::Vector::from_bits(translation.bits()), Some(*translation), "{vector}");
        }
    }
}

fn context() -> impl Strategy<Value = v4::Context> {
    vector("CVSS:4.0/", v4::Vector::metrics()).prop_map(|text| {
        let (_, pairs) = taken_apart(&text);
        let of_the_site = |pair: &&&str| {
            let name = pair.split(':').next();
            let metric = v4::Vector::metrics().iter().find(|metric| Some(metric.name) == name);
            matches!(metric.expect("a metric of 4.0").group, Group::Threat | Group::Environmental)
        };
        let pairs: Vec<&str> = pairs.iter().filter(of_the_site).copied().collect();
        match pairs.join("/").as_str() {
            "" => v4::Context::default(),
            pairs => v4::Context::read(pairs.as_bytes()).expect("metrics of a site"),
        }
    })
}

proptest! {
    #[test]
    fn an_interval_holds_every_translation_and_both_its_ends_are_some_translations(
        text in any_vector(), context in context(),
    ) {
        let meant = Meant::by(read(&text));
        let interval = meant.interval(context, v4::Vector::score);
        let scores: Vec<Tenths> =
            meant.vectors().iter().map(|vector| vector.under(context).score()).collect();
        prop_assert!(interval.low <= interval.high);
        prop_assert!(scores.iter().all(|score| interval.contains(*score)));
        prop_assert!(scores.contains(&interval.low) && scores.contains(&interval.high));
    }

    #[test]
    fn the_ends_of_an_interval_lie_at_a_few_translations(text in any_vector(), context in context()) {
        let (meant, ends) = (Meant::by(read(&text)), Ends::of(read(&text)));
        let scores = meant.vectors().iter().map(|vector| vector.behind(context).score());
        let all = scores.map(Interval::one).reduce(Interval::join).expect("one at least");
        prop_assert_eq!(ends.interval(context, context, v4::Vector::score), all);
    }

    #[test]
    fn what_stands_in_the_way_never_raises_a_score(text in vector("CVSS:4.0/", v4::Vector::metrics()), context in context()) {
        let vector: v4::Vector = text.parse().expect("a vector");
        let others = v4::Context::read(b"MAV:X/MAC:X/MAT:X/MPR:X/MUI:X").expect("a context");
        let without = vector.base().under(context).under(others);
        prop_assert!(vector.base().behind(context).score() <= without.score());
    }

    /// Where a place answers what the older version did not ask, nothing is left open; where it does not, nothing is worse.
    #[test]
    fn only_what_is_not_known_makes_an_interval_wider(text in vector("CVSS:3.1/", v3::Vector::metrics())) {
        let answered = v4::Context::read(b"MAC:L/MAT:N/MUI:N").unwrap();
        let unchanged = text.replace("S:C", "S:U");
        let meant = Meant::by(read(&unchanged));
        let exact = meant.interval(answered, v4::Vector::score);
        prop_assert_eq!(exact.low, exact.high);
        let open = meant.interval(v4::Context::default(), v4::Vector::score);
        prop_assert!(open.high <= exact.high, "{} under an answer that is the worst", unchanged);
    }
}
