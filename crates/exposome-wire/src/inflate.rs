//! Inflating what was packed, up to a cap.

use flate2::{Decompress, FlushDecompress};

/// One for all: what it needs to work is given out once.
pub(crate) struct Inflater {
    zlib: Decompress,
    raw: Decompress,
    text: Vec<u8>,
}

/// How HTTP says that a body is packed (RFC 9110, 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    /// zlib's format, or bare DEFLATE, as some senders understand the word.
    Deflate,
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Inflater").finish_non_exhaustive()
    }
}

impl Default for Inflater {
    fn default() -> Inflater {
        Inflater { zlib: Decompress::new(true), raw: Decompress::new(false), text: Vec::new() }
    }
}

impl Inflater {
    /// The first `cap` bytes of what was packed, or as many as can be had.
    pub(crate) fn inflate(&mut self, packing: Packing, packed: &[u8], cap: usize) -> &[u8] {
        // Never made smaller again: to clear it costs more than to inflate into it.
        if self.text.len() < cap {
            self.text.resize(cap, 0);
        }
        let (zlib, packed) = match packing {
            Packing::Gzip => (&mut self.raw, gzip_body(packed).unwrap_or_default()),
            Packing::Deflate if packed.first().is_some_and(|it| it & 15 == 8) => {
                (&mut self.zlib, packed)
            }
            Packing::Deflate => (&mut self.raw, packed),
        };
        zlib.reset(packing == Packing::Deflate && packed.first().is_some_and(|it| it & 15 == 8));
        // What is broken or cut gives what came before.
        let room = self.text.get_mut(..cap).unwrap_or_default();
        let _ = zlib.decompress(packed, room, FlushDecompress::None);
        let len = usize::try_from(zlib.total_out()).unwrap_or(0).min(cap);
        self.text.get(..len).unwrap_or_default()
    }
}

/// What follows the header of a gzip member (RFC 1952, 2.3).
fn gzip_body(packed: &[u8]) -> Option<&[u8]> {
    let ([0x1f, 0x8b, 8, flags, _, _, _, _, _, _], mut rest) = packed.split_first_chunk::<10>()?
    else {
        return None;
    };
    if flags & 4 != 0 {
        let len = u16::from_le_bytes(*rest.first_chunk()?);
        rest = rest.get(2 + usize::from(len)..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            rest = rest.get(memchr::memchr(0, rest)? + 1..)?;
        }
    }
    if flags & 2 == 0 { Some(rest) } else { rest.get(2..) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write as _;

    #[test]
    fn a_body_is_inflated_up_to_the_cap() {
        let text = b"<ModelName>VentSim 500</ModelName>".repeat(100);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&text).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(&text).unwrap();
        let mut inflater = Inflater::default();
        let packed = [
            (Packing::Gzip, gzip.finish().unwrap()),
            (Packing::Deflate, zlib.finish().unwrap()),
            (Packing::Deflate, raw.finish().unwrap()),
        ];
        for (packing, packed) in packed.iter().chain(&packed) {
            assert_eq!(inflater.inflate(*packing, packed, 1 << 16), text);
            assert_eq!(inflater.inflate(*packing, packed, 20), &text[..20]);
            let half = inflater.inflate(*packing, &packed[..packed.len() / 2], 1 << 16);
            assert!(text.starts_with(half));
        }
    }

    #[test]
    fn what_is_not_packed_gives_nothing() {
        let mut inflater = Inflater::default();
        assert_eq!(inflater.inflate(Packing::Gzip, b"<plain/>", 100), b"");
        assert_eq!(inflater.inflate(Packing::Gzip, b"\x1f\x8b\x08\x1c\0\0\0\0\0\0\xff", 100), b"");
        assert_eq!(inflater.inflate(Packing::Deflate, b"", 100), b"");
    }
}
