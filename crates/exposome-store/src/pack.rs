//! Small numbers in few bytes: unsigned LEB128, and zigzag for signed ones.

pub(crate) fn put(packed: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        packed.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    packed.push(low_bits(value));
}

pub(crate) fn take(packed: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = packed.split_first()?;
        *packed = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

pub(crate) fn put_signed(packed: &mut Vec<u8>, value: i64) {
    put(packed, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

pub(crate) fn take_signed(packed: &mut &[u8]) -> Option<i64> {
    let value = take(packed)?;
    Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

fn low_bits(value: u64) -> u8 {
    u8::try_from(value & 0x7f).unwrap_or_default()
}

/// An ascending list of ids, each as the difference to the one before.
pub(crate) fn pack_ascending(ids: &[i64]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(ids.len() * 2);
    let mut last = 0;
    for &id in ids {
        put(&mut packed, (id - last).cast_unsigned());
        last = id;
    }
    packed
}

pub(crate) fn unpack_ascending(mut packed: &[u8]) -> Option<Vec<i64>> {
    let mut ids = Vec::new();
    let mut last = 0_i64;
    while !packed.is_empty() {
        last = last.checked_add_unsigned(take(&mut packed)?)?;
        ids.push(last);
    }
    Some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_comes_back_as_it_went() {
        for value in [0, 1, -1, 63, -64, 64, 300, -300, i64::MAX, i64::MIN] {
            let mut packed = Vec::new();
            put_signed(&mut packed, value);
            assert_eq!(take_signed(&mut packed.as_slice()), Some(value));
        }
        assert_eq!(
            unpack_ascending(&pack_ascending(&[1, 5, 5000, 5001])),
            Some(vec![1, 5, 5000, 5001])
        );
    }

    #[test]
    fn a_number_that_never_ends_is_refused() {
        assert_eq!(take(&mut [0xff_u8; 11].as_slice()), None);
        assert_eq!(take(&mut [].as_slice()), None);
    }
}
