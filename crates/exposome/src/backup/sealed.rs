//! A stream that one key alone opens: HPKE (RFC 9180), X25519 with HKDF-SHA256 and AES-256-GCM, in pieces.
//!
//! ```text
//! "exposome-backup 1\n"    length of what follows (2)   encapsulated secret
//! then pieces:             length (4)   sealed bytes
//! ```
//!
//! HPKE counts the pieces, so none can be left out, put elsewhere or doubled; the
//! last says so in its associated data, so the end cannot be cut off.

use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_256 as SUITE;
use rustls::crypto::hpke::{
    EncapsulatedSecret, Hpke as _, HpkeOpener, HpkePrivateKey, HpkePublicKey, HpkeSealer,
};
use std::io::{self, Read, Write};

const MAGIC: &[u8] = b"exposome-backup 1\n";
const INFO: &[u8] = b"exposome backup";
const PIECE: usize = 256 << 10;
/// AES-GCM's tag.
const TAG: usize = 16;
const MORE: &[u8] = b"more";
const LAST: &[u8] = b"last";

/// Why a stream does not open.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("this is no backup of exposome, or one of a later kind")]
    Foreign,
    #[error("the backup was made for another key, or it was changed")]
    DoesNotOpen,
    #[error("the backup ends in the middle")]
    CutShort,
    #[error("this machine cannot seal for that key")]
    CannotSeal,
    #[error("reading or writing failed")]
    Disk(#[from] io::Error),
}

/// Makes a pair of keys: public, private.
pub(crate) fn new_keys() -> Result<(Vec<u8>, Vec<u8>), Error> {
    let (public, private) = SUITE.generate_key_pair().map_err(|_| Error::CannotSeal)?;
    Ok((public.0, private.secret_bytes().to_vec()))
}

/// Seals whatever is written to it; without [`Sealing::finish`] nobody opens it.
pub(crate) struct Sealing<W: Write> {
    to: W,
    sealer: Box<dyn HpkeSealer>,
    piece: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    pub(crate) fn begin(mut to: W, public: &[u8]) -> Result<Sealing<W>, Error> {
        let key = HpkePublicKey(public.to_vec());
        let (secret, sealer) = SUITE.setup_sealer(INFO, &key).map_err(|_| Error::CannotSeal)?;
        let length = u16::try_from(secret.0.len()).map_err(|_| Error::CannotSeal)?;
        to.write_all(MAGIC)?;
        to.write_all(&length.to_be_bytes())?;
        to.write_all(&secret.0)?;
        Ok(Sealing { to, sealer, piece: Vec::with_capacity(PIECE) })
    }

    fn put(&mut self, mark: &[u8]) -> Result<(), Error> {
        let sealed = self.sealer.seal(mark, &self.piece).map_err(|_| Error::CannotSeal)?;
        let length = u32::try_from(sealed.len()).map_err(|_| Error::CannotSeal)?;
        self.to.write_all(&length.to_be_bytes())?;
        self.to.write_all(&sealed)?;
        self.piece.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<W, Error> {
        self.put(LAST)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.piece.len() == PIECE {
            self.put(MORE).map_err(io::Error::other)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend(bytes.iter().take(taken));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what was sealed, piece by piece; nothing comes out of it that was not sealed so.
pub(crate) struct Opening<R: Read> {
    from: R,
    opener: Box<dyn HpkeOpener>,
    piece: io::Cursor<Vec<u8>>,
    is_last: bool,
}

impl<R: Read> Opening<R> {
    pub(crate) fn begin(mut from: R, private: &[u8]) -> Result<Opening<R>, Error> {
        let mut magic = vec![0; MAGIC.len()];
        from.read_exact(&mut magic).map_err(|_| Error::Foreign)?;
        let mut length = [0; 2];
        from.read_exact(&mut length).map_err(|_| Error::CutShort)?;
        if magic != MAGIC {
            return Err(Error::Foreign);
        }
        let mut secret = vec![0; usize::from(u16::from_be_bytes(length))];
        from.read_exact(&mut secret).map_err(|_| Error::CutShort)?;
        let key = HpkePrivateKey::from(private.to_vec());
        let opener = SUITE.setup_opener(&EncapsulatedSecret(secret), INFO, &key);
        let opener = opener.map_err(|_| Error::DoesNotOpen)?;
        Ok(Opening { from, opener, piece: io::Cursor::default(), is_last: false })
    }

    /// Takes the next piece.
    fn next(&mut self) -> Result<(), Error> {
        let mut length = [0; 4];
        self.from.read_exact(&mut length).map_err(|_| Error::CutShort)?;
        let length = u32::from_be_bytes(length) as usize;
        if !(TAG..=PIECE + TAG).contains(&length) {
            return Err(Error::DoesNotOpen);
        }
        let mut sealed = vec![0; length];
        self.from.read_exact(&mut sealed).map_err(|_| Error::CutShort)?;
        // A full piece may be the last; whichever it is, one of the two opens, and the other leaves the count alone.
        let opened = if let Ok(opened) = self.opener.open(MORE, &sealed) {
            opened
        } else {
            self.is_last = true;
            self.opener.open(LAST, &sealed).map_err(|_| Error::DoesNotOpen)?
        };
        self.piece = io::Cursor::new(opened);
        if self.is_last && self.from.read(&mut [0])? > 0 {
            return Err(Error::DoesNotOpen);
        }
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(into)?;
            if count > 0 || self.is_last || into.is_empty() {
                return Ok(count);
            }
            self.next().map_err(io::Error::other)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(public: &[u8], bytes: &[u8]) -> Vec<u8> {
        let mut sealing = Sealing::begin(Vec::new(), public).unwrap();
        sealing.write_all(bytes).unwrap();
        sealing.finish().unwrap()
    }

    fn opened(private: &[u8], sealed: &[u8]) -> Result<Vec<u8>, String> {
        let mut opening = Opening::begin(sealed, private).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        opening.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    #[test]
    fn what_is_sealed_opens_with_the_key_and_with_no_other() {
        let (public, private) = new_keys().unwrap();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            let sealed = sealed(&public, &bytes);
            assert_eq!(opened(&private, &sealed).unwrap(), bytes, "{length}");
        }
        let (_, other) = new_keys().unwrap();
        assert!(opened(&other, &sealed(&public, b"x")).is_err());
        assert!(
            opened(&private, b"something else entirely, and long enough")
                .unwrap_err()
                .contains("no backup")
        );
    }

    #[test]
    fn what_was_changed_cut_doubled_or_lengthened_does_not_open() {
        let (public, private) = new_keys().unwrap();
        let whole = sealed(&public, &vec![7; 2 * PIECE + 100]);
        let piece = PIECE + TAG + 4;
        let head = whole.len() - 2 * piece - (100 + TAG + 4);
        for place in [head + 4, head + piece + 50, whole.len() - 1, MAGIC.len() + 5] {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(opened(&private, &changed).is_err(), "changed at {place}");
        }
        let (first, second) = (&whole[head..head + piece], &whole[head + piece..head + 2 * piece]);
        let last = &whole[head + 2 * piece..];
        let head = &whole[..head];
        for (what, parts) in [
            ("no end", vec![head, first, second]),
            ("no middle", vec![head, first, last]),
            ("another order", vec![head, second, first, last]),
            ("doubled", vec![head, first, first, second, last]),
            ("longer", vec![head, first, second, last, b"x"]),
            ("half a piece", vec![head, first, &second[..100]]),
        ] {
            assert!(opened(&private, &parts.concat()).is_err(), "{what}");
        }
    }
}
