//! A small source of numbers that look random and are the same on every machine.

/// `SplitMix64`: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators" (OOPSLA 2014), with the constants given there.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    pub fn new(seed: u64) -> Random {
        Random { state: seed }
    }

    /// A source of its own for one purpose, so that a longer list elsewhere changes nothing here.
    pub fn of(seed: u64, purpose: &str) -> Random {
        let salt = purpose.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Random::new(seed ^ salt)
    }

    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        // The upper half of the product is always below `end`.
        u64::try_from((u128::from(self.draw()) * u128::from(end)) >> 64).unwrap_or_default()
    }

    /// One of these; none where there is none.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(usize::try_from(self.below(all.len() as u64)).ok()?)
    }

    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of a list; the default value where the list is empty.
    pub fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        usize::try_from(self.below(from.len() as u64))
            .ok()
            .and_then(|index| from.get(index).copied())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        // The first outputs for seed 1234567, as printed by the reference program (Vigna, splitmix64.c).
        let mut random = Random::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.draw()).collect();
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn a_choice_stays_in_its_list() {
        let mut random = Random::new(1);
        assert!((0..1000).all(|_| [3, 5].contains(&random.pick(&[3, 5]))));
        assert_eq!(random.pick::<u8>(&[]), 0);
        assert!((0..1000).all(|_| (4..=6).contains(&random.between(4, 6))));
    }
}
