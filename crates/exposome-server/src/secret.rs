//! Random numbers, digests of what is secret, and comparing without telling how far one got.

use crate::Error;
use aws_lc_rs::{constant_time, rand};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use exposome_store::accounts::SecretDigest;
use sha2::{Digest as _, Sha256};

/// So many random bytes, as text that fits into a link and a header.
pub(crate) fn random_text(bytes: usize) -> Result<String, Error> {
    let mut random = vec![0; bytes];
    rand::fill(&mut random).map_err(|_| Error::NoRandom)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random))
}

/// 256 bits that nobody guesses.
pub(crate) fn new_secret() -> Result<String, Error> {
    random_text(32)
}

pub(crate) fn digest(secret: &str) -> SecretDigest {
    Sha256::digest(secret.as_bytes()).into()
}

/// A short name for what words are about: the same words, the same name.
pub(crate) fn short(words: &str) -> String {
    let digest = Sha256::digest(words.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest.first_chunk::<15>().copied().unwrap_or_default())
}

pub(crate) fn is_equal(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// A value that only somebody who has the secret can give, and that tells nothing of it.
pub(crate) fn derived(secret: &str, purpose: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, purpose.as_bytes()))
}
