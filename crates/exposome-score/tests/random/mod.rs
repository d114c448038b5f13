//! Random vectors from a seed: the same seed gives the same vectors everywhere.

use exposome_score::{Group, Metric};

/// `SplitMix64` (Steele, Lea and Flood, 2014): small, and good enough to choose metrics with.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of them, or, with `nothing` more chances, none.
    fn choose<'a>(&mut self, values: &[&'a str], nothing: u64) -> Option<&'a str> {
        let count = values.len() as u64 + nothing;
        values.get(usize::try_from(self.next() % count).ok()?).copied()
    }

    /// A vector with every base metric, and each other metric of `groups` with one chance in two.
    pub(crate) fn vector(&mut self, prefix: &str, metrics: &[Metric], groups: &[Group]) -> String {
        let mut text = String::from(prefix);
        for metric in metrics.iter().filter(|metric| groups.contains(&metric.group)) {
            let chances = if metric.group == Group::Base { 0 } else { metric.values.len() as u64 };
            let Some(value) = self.choose(metric.values, chances) else { continue };
            if text.len() > prefix.len() {
                text.push('/');
            }
            text.push_str(metric.name);
            text.push(':');
            text.push_str(value);
        }
        text
    }
}

/// What decides a score.
pub(crate) const SCORED: &[Group] = &[Group::Base, Group::Threat, Group::Environmental];
