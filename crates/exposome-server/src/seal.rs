//! Secrets that must be read again (of one-time codes, of connectors) lie in the
//! database sealed: AES-256-GCM, with a key that is a file outside of it.  Who
//! has only the database, or a copy of it, has none of them.
//!
//! The name of what is sealed is bound to it: a secret does not open elsewhere.

use crate::settings::Settings;
use crate::{Error, write_private};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, RandomizedNonceKey};
use aws_lc_rs::hmac;

pub(crate) struct Seal {
    key: RandomizedNonceKey,
    marks: hmac::Key,
}

/// What was sealed does not open: another key, another name, or it was changed.
#[derive(Debug, thiserror::Error)]
#[error(
    "a sealed secret does not open: the key file is not the one it was sealed with, or the secret was changed"
)]
pub(crate) struct DoesNotOpen;

const KEY_BYTES: usize = 32;

impl Seal {
    /// Reads the key, or makes one where there is none.
    pub(crate) fn open(settings: &Settings) -> Result<Seal, Error> {
        let path = settings.key_file.clone().unwrap_or_else(|| settings.data.join("exposome.key"));
        let what = "the key that seals secrets";
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut bytes = vec![0; KEY_BYTES];
                aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::NoRandom)?;
                write_private(&path, what, &bytes)?;
                bytes
            }
            Err(source) => return Err(Error::File { what, path, source }),
        };
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| Error::Unfit {
            what,
            path,
            why: format!("{} bytes, where {KEY_BYTES} are expected", bytes.len()),
        })?;
        // Another key for another use.
        let marks =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &bytes), b"fingerprints of requests");
        Ok(Seal { key, marks: hmac::Key::new(hmac::HMAC_SHA256, marks.as_ref()) })
    }

    /// What parts are compared by, and what tells nothing of them to whoever has not the key.
    pub(crate) fn fingerprint(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.marks);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut fingerprint = [0; 32];
        fingerprint.iter_mut().zip(context.sign().as_ref()).for_each(|(slot, byte)| *slot = *byte);
        fingerprint
    }

    pub(crate) fn seal(&self, name: &str, secret: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sealed = secret.to_vec();
        let nonce = self.key.seal_in_place_append_tag(Aad::from(name), &mut sealed);
        let nonce = nonce.map_err(|_| Error::NoRandom)?;
        Ok([&nonce.as_ref()[..], &sealed[..]].concat())
    }

    pub(crate) fn open_sealed(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, DoesNotOpen> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN).ok_or(DoesNotOpen)?;
        let nonce =
            aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce).map_err(|_| DoesNotOpen)?;
        let mut opened = sealed.to_vec();
        let secret = self.key.open_in_place(nonce, Aad::from(name), &mut opened);
        Ok(secret.map_err(|_| DoesNotOpen)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_under_its_name_with_its_key_and_not_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().to_owned(), ..Settings::default() };
        let seal = Seal::open(&settings).unwrap();
        let sealed = seal.seal("ana", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|it| it == b"secret"));
        assert_eq!(seal.open_sealed("ana", &sealed).unwrap(), b"secret");
        assert_eq!(Seal::open(&settings).unwrap().open_sealed("ana", &sealed).unwrap(), b"secret");
        assert!(seal.open_sealed("eva", &sealed).is_err());
        let mut changed = sealed.clone();
        changed[NONCE_LEN] ^= 1;
        assert!(seal.open_sealed("ana", &changed).is_err());
        assert!(seal.open_sealed("ana", &sealed[..5]).is_err());
        std::fs::remove_file(folder.path().join("exposome.key")).unwrap();
        assert!(Seal::open(&settings).unwrap().open_sealed("ana", &sealed).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Seal::open(&Settings { data: folder.path().to_owned(), ..Settings::default() }).unwrap();
        let mode =
            std::fs::metadata(folder.path().join("exposome.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
