//! Chance that is the same each time, and how often it is tried.

#[expect(
    clippy::disallowed_methods,
    reason = "the bench asks for more kills than the ordinary tests do"
)]
pub(crate) fn kills(otherwise: u32) -> u32 {
    std::env::var("EXPOSOME_KILLS")
        .map_or(otherwise, |text| text.parse().expect("EXPOSOME_KILLS is a number"))
}

/// Steele, Lea, Flood 2014: `SplitMix64`.
pub(crate) struct SplitMix(pub(crate) u64);

impl SplitMix {
    /// From 0 up to 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((self.share() * end as f64) as usize).min(end.saturating_sub(1))
    }
}
