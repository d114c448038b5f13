//! Scores, identifiers and version orders of the public standards, with the laws they keep.

use crate::{Named, lines, text};
use exposome_model::cpe::{Cpe, Relation};
use exposome_model::purl::Purl;
use exposome_model::vers::{Range, native};
use exposome_model::version::{Key, Scheme, compare, normalized};
use exposome_score::epss::{Edition, Epss, Fraction};
use exposome_score::ssvc::DecisionTable;
use exposome_score::{Cvss, Tenths, v2, v3, v4};
use std::cmp::Ordering;

pub(crate) const TARGETS: &[Named] = &[
    ("cvss-2", cvss_2),
    ("cvss-3", cvss_3),
    ("cvss-4", cvss_4),
    ("cvss-lines", cvss_lines),
    ("epss-words", epss_words),
    ("ssvc-table", ssvc_table),
    ("tenths", tenths),
    ("cpe", cpe),
    ("purl", purl),
    ("vers", vers),
    ("vers-native", vers_native),
];

fn cvss_2(bytes: &[u8]) {
    let _ = v2::Context::read(bytes);
    if let Ok(vector) = v2::Vector::read(bytes) {
        let again = v2::Vector::read(vector.to_string().as_bytes());
        assert_eq!(again.as_ref(), Ok(&vector), "printed and read back");
        within([vector.base_score(), vector.temporal_score(), vector.environmental_score()]);
    }
}

fn cvss_3(bytes: &[u8]) {
    let _ = v3::Context::read(bytes);
    let _ = v3::Vector::read_as(v3::Minor::Zero, bytes);
    if let Ok(vector) = v3::Vector::read(bytes) {
        let again = v3::Vector::read(vector.to_string().as_bytes());
        assert_eq!(again.as_ref(), Ok(&vector), "printed and read back");
        within([vector.base_score(), vector.temporal_score(), vector.environmental_score()]);
    }
}

fn cvss_4(bytes: &[u8]) {
    let _ = v4::Context::read(bytes);
    if let Ok(vector) = v4::Vector::read(bytes) {
        let again = v4::Vector::read(vector.to_string().as_bytes());
        assert_eq!(again.as_ref(), Ok(&vector), "printed and read back");
        within([vector.base_score(), vector.threat_score(), vector.environmental_score()]);
    }
}

fn within<const N: usize>(scores: [Tenths; N]) {
    for score in scores {
        assert_eq!(Tenths::read(&score.to_string()), Some(score), "a score from 0.0 to 10.0");
    }
}

fn cvss_lines(bytes: &[u8]) {
    let mut output = Vec::new();
    let tally = exposome_score::lines(bytes, &mut output);
    let answers = output.split_inclusive(|&byte| byte == b'\n').count() as u64;
    assert_eq!(tally.scored + tally.refused, answers, "one line of output for each of input");
    if let Ok(vector) = Cvss::read(bytes) {
        assert_eq!(Cvss::read(vector.to_string().as_bytes()).as_ref(), Ok(&vector));
    }
}

fn epss_words(bytes: &[u8]) {
    let text = text(bytes);
    let _ = Edition::read(&text);
    let _ = Epss::read_row(&text);
    if let Ok(fraction) = Fraction::read(&text) {
        assert!((0.0..=1.0).contains(&fraction.as_f64()), "a fraction");
        assert_eq!(Fraction::read(&fraction.to_string()).as_ref(), Ok(&fraction));
    }
}

fn ssvc_table(bytes: &[u8]) {
    let Ok(table) = DecisionTable::read(&text(bytes)) else { return };
    let first = table.inputs().iter().map(|input| {
        let value = input.values.first().map_or("", |value| value.name.as_str());
        (input.name.as_str(), value)
    });
    let answers: Vec<(&str, &str)> = first.collect();
    let _ = table.possible(&[]);
    let _ = table.decide(&answers);
}

fn tenths(bytes: &[u8]) {
    if let Some(score) = Tenths::read(&text(bytes)) {
        within([score]);
    }
}

fn cpe(bytes: &[u8]) {
    let text = text(bytes);
    let [one, other] = lines(&text);
    let Ok(one) = Cpe::parse(one) else { return };
    assert_eq!(Cpe::parse(one.as_str()).as_ref(), Ok(&one), "printed and read back");
    let _ = (one.product_key(), one.vendor(), one.product(), one.version());
    let Ok(other) = Cpe::parse(other) else { return };
    let _ = one.applies_to(&other);
    let there_and_back = (one.relation(&other), other.relation(&one));
    assert!(
        !matches!(there_and_back, (Relation::Disjoint, back) if back != Relation::Disjoint),
        "disjoint in one direction only: {one} and {other}"
    );
}

fn purl(bytes: &[u8]) {
    let Ok(purl) = Purl::parse(&text(bytes)) else { return };
    assert_eq!(Purl::parse(&purl.to_string()).as_ref(), Ok(&purl), "printed and read back");
    assert!(purl.is_same_package(&purl.package()), "without its version it is the same package");
    let _ = (purl.full_version(), purl.scheme(), purl.subpath());
}

fn vers(bytes: &[u8]) {
    let text = text(bytes);
    let [range, version] = lines(&text);
    let _ = Range::parse_canonical(range);
    let Ok(range) = Range::parse(range) else { return };
    let _ = range.contains(version);
    let printed = range.to_string();
    let again = Range::parse(&printed).map(|again| again.to_string());
    assert_eq!(again.as_ref(), Ok(&printed), "printed and read back");
}

fn vers_native(bytes: &[u8]) {
    let text = text(bytes);
    let [kind, range, version] = lines(&text);
    if let Ok(range) = native::range(kind, range) {
        let _ = (range.contains(version), range.to_string(), range.check().is_ok());
    }
}

/// Three versions, a line each: an order is the same backwards, and carries over.  What is equal does not carry over
/// among Arch packages: two releases are both equal to the package without one.
pub(crate) fn version(scheme: Scheme, bytes: &[u8]) {
    let text = text(bytes);
    let [a, b, c] = lines::<3>(&text).map(|line| line.get(..LINE_BYTES).unwrap_or(line));
    let order = |left: &str, right: &str| {
        let order = compare(scheme, left, right);
        let back = compare(scheme, right, left).map(Ordering::reverse);
        assert_eq!(order, back, "{left:?} and {right:?} backwards");
        let keys = Key::parse(scheme, left).zip(Key::parse(scheme, right));
        let by_key = keys.and_then(|(left, right)| left.compare(&right));
        if scheme != Scheme::None {
            assert_eq!(order, by_key, "{left:?} and {right:?} by their keys");
        }
        order
    };
    for version in [a, b, c] {
        let order = order(version, version);
        assert!(matches!(order, None | Some(Ordering::Equal)), "{version:?} and itself");
        let _ = normalized(scheme, version);
    }
    if let (Some(ab), Some(bc), Some(ac)) = (order(a, b), order(b, c), order(a, c)) {
        let carried = match (ab, bc) {
            (ab, bc) if ab == bc && ab != Ordering::Equal => Some(ab),
            _ if scheme == Scheme::Alpm => None,
            (Ordering::Equal, other) | (other, Ordering::Equal) => Some(other),
            _ => None,
        };
        assert!(carried.is_none_or(|it| it == ac), "{a:?}, {b:?} and {c:?}: {ab:?} {bc:?} {ac:?}");
    }
}

const LINE_BYTES: usize = 1000;
