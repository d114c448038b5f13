//! Walking through bytes: what lies beyond the end is `None`, never a panic.

/// A place in a message, moving forward only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes(bytes)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything from here on.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// As many as there are, `len` at most.
    pub(crate) fn take_up_to(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(crate) fn skip(&mut self, len: usize) -> Option<()> {
        self.take(len).map(drop)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn be16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn be24(&mut self) -> Option<u32> {
        self.array().map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))
    }

    pub(crate) fn be32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn le16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn le32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }
}

/// Two bytes at a place, most significant first.
pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let (taken, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
    Some(u16::from_be_bytes(*taken))
}

/// Three bytes as a length.
pub(crate) fn be24_at(bytes: &[u8], at: usize) -> Option<usize> {
    let ([a, b, c], _) = bytes.get(at..)?.split_first_chunk::<3>()?;
    Some(size(u32::from_be_bytes([0, *a, *b, *c])))
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let (taken, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*taken))
}

pub(crate) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    let (taken, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
    Some(u16::from_le_bytes(*taken))
}

pub(crate) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    let (taken, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
    Some(u32::from_le_bytes(*taken))
}

/// A length from the wire as a length in memory.
pub(crate) fn size(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// Whether a text begins with this, whatever the case.
pub(crate) fn begins(bytes: &[u8], with: &[u8]) -> bool {
    bytes.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beyond_the_end_is_none_and_moves_nothing() {
        let mut bytes = Bytes::new(&[1, 2, 3]);
        assert_eq!(bytes.be16(), Some(0x0102));
        assert_eq!(bytes.be32(), None);
        assert_eq!(bytes.u8(), Some(3));
        assert_eq!(bytes.u8(), None);
        assert_eq!(be16(&[1, 2], 1), None);
        assert_eq!(be16(&[1, 2], usize::MAX), None);
    }
}
