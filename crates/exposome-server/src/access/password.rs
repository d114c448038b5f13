//! Passwords: Argon2id (RFC 9106) with the parameters that OWASP's cheat sheet
//! on password storage names first (19 MiB, two passes, one lane).
//!
//! A hash says its own parameters, so they can be raised later: whoever signs in
//! with an older one gets a new one.  For a login that nobody has the same work
//! is done, so that the time tells nothing.

use crate::{Error, secret};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

pub(crate) struct Passwords {
    /// So many are worked out at once: more would take memory and make each of them slower.
    places: Semaphore,
    /// The hash of no password, for logins that nobody has.
    nobody: String,
}

/// What a password was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    /// Right, and to be hashed anew: its hash was made with less work.
    RightButOld,
    Wrong,
}

impl Passwords {
    pub(crate) fn new(at_once: usize) -> Result<Passwords, Error> {
        let salt = secret::random_text(SALT_BYTES)?;
        let nobody = phc(&[0; SALT_BYTES], &[0; HASH_BYTES], MEMORY_KIB, PASSES, LANES);
        debug_assert!(!salt.is_empty());
        Ok(Passwords { places: Semaphore::new(at_once.max(1)), nobody })
    }

    pub(crate) async fn hash(&self, password: &str) -> Result<String, Error> {
        let mut salt = [0; SALT_BYTES];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| Error::NoRandom)?;
        let password = password.to_owned();
        self.work(move || {
            let hash = argon2id(&password, &salt, MEMORY_KIB, PASSES, LANES)?;
            Some(phc(&salt, &hash, MEMORY_KIB, PASSES, LANES))
        })
        .await
        .ok_or_else(|| Error::Settings("a password could not be hashed".to_owned()))
    }

    /// Holds a password against a hash; against none, the work is done all the same, and it is wrong.
    pub(crate) async fn verify(&self, password: &str, against: Option<&str>) -> Verdict {
        let is_known = against.is_some();
        let (password, against) = (password.to_owned(), against.unwrap_or(&self.nobody).to_owned());
        let verdict = self
            .work(move || {
                let known = Known::read(&against)?;
                let hash =
                    argon2id(&password, &known.salt, known.memory_kib, known.passes, known.lanes)?;
                if !secret::is_equal(&hash, &known.hash) {
                    return Some(Verdict::Wrong);
                }
                let is_old = known.memory_kib < MEMORY_KIB || known.passes < PASSES;
                Some(if is_old { Verdict::RightButOld } else { Verdict::Right })
            })
            .await;
        verdict.filter(|_| is_known).unwrap_or(Verdict::Wrong)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let _place = self.places.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok().flatten()
    }
}

fn argon2id(
    password: &str,
    salt: &[u8],
    memory_kib: u32,
    passes: u32,
    lanes: u32,
) -> Option<[u8; HASH_BYTES]> {
    let parameters = Params::new(memory_kib, passes, lanes, Some(HASH_BYTES)).ok()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
    let mut hash = [0; HASH_BYTES];
    argon2.hash_password_into(password.as_bytes(), salt, &mut hash).ok()?;
    Some(hash)
}

/// The PHC string format: what a hash was made with stands before it.
fn phc(salt: &[u8], hash: &[u8], memory_kib: u32, passes: u32, lanes: u32) -> String {
    let [salt, hash] = [salt, hash].map(|it| BASE64_STANDARD_NO_PAD.encode(it));
    format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}")
}

struct Known {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Known {
    fn read(text: &str) -> Option<Known> {
        let text = text.strip_prefix("$argon2id$v=19$m=")?;
        let (memory, text) = text.split_once(",t=")?;
        let (passes, text) = text.split_once(",p=")?;
        let (lanes, text) = text.split_once('$')?;
        let (salt, hash) = text.split_once('$')?;
        let [salt, hash] = [salt, hash].map(|it| BASE64_STANDARD_NO_PAD.decode(it).ok());
        Some(Known {
            memory_kib: memory.parse().ok()?,
            passes: passes.parse().ok()?,
            lanes: lanes.parse().ok()?,
            salt: salt?,
            hash: hash?,
        })
    }
}

/// Why a password is not taken: NIST SP 800-63B-4, 3.1.1.2: length, no rules of composition, none that everybody tries.
pub(crate) fn unfit(password: &str, about: &[&str]) -> Option<&'static str> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Some("a password has at least 12 characters; a sentence is easy to remember");
    }
    if length > LONGEST {
        return Some("a password has at most 200 characters");
    }
    let lower = password.to_lowercase();
    let letters: std::collections::BTreeSet<char> = lower.chars().collect();
    if letters.len() < 5 {
        return Some("the same few characters over and over are guessed at once");
    }
    // What is left of it without the words that are tried first must still be something.
    let mut rest = lower;
    for word in TRIED_FIRST
        .iter()
        .copied()
        .chain(about.iter().copied())
        .filter(|it| it.chars().count() >= 4)
    {
        rest = rest.replace(&word.to_lowercase(), "");
    }
    (rest.chars().count() < 6).then_some("it is made of words that are tried first")
}

const SHORTEST: usize = 12;
const LONGEST: usize = 200;

/// Words and rows of keys that lead every published list of common passwords, and those of this trade.
const TRIED_FIRST: &[&str] = &[
    "password",
    "passwort",
    "passw0rd",
    "123456789",
    "12345678",
    "1234567",
    "123456",
    "12345",
    "1234",
    "qwertyuiop",
    "qwertz",
    "qwerty",
    "asdfgh",
    "letmein",
    "welcome",
    "willkommen",
    "iloveyou",
    "abc123",
    "admin",
    "administrator",
    "changeme",
    "secret",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "master",
    "hospital",
    "krankenhaus",
    "clinic",
    "nurse",
    "doctor",
    "exposome",
    "summer",
    "winter",
    "spring",
    "autumn",
    "2024",
    "2025",
    "2026",
    "2027",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_right_only_as_it_was_typed() {
        let passwords = Passwords::new(2).unwrap();
        let hash = passwords.hash("a horse on the stairs").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("a horse on the stairs").await.unwrap());
        assert_eq!(passwords.verify("a horse on the stairs", Some(&hash)).await, Verdict::Right);
        assert_eq!(passwords.verify("a horse on the stairz", Some(&hash)).await, Verdict::Wrong);
        assert_eq!(passwords.verify("a horse on the stairs", None).await, Verdict::Wrong);
        for damaged in ["", "$argon2id$v=19$m=19456,t=2,p=1$", "plain", &hash[..hash.len() - 3]] {
            assert_eq!(
                passwords.verify("a horse on the stairs", Some(damaged)).await,
                Verdict::Wrong
            );
        }
    }

    #[tokio::test]
    async fn a_hash_of_less_work_is_right_and_old() {
        let salt = [7; SALT_BYTES];
        let hash =
            phc(&salt, &argon2id("a horse on the stairs", &salt, 64, 1, 1).unwrap(), 64, 1, 1);
        let passwords = Passwords::new(1).unwrap();
        assert_eq!(
            passwords.verify("a horse on the stairs", Some(&hash)).await,
            Verdict::RightButOld
        );
        assert_eq!(passwords.verify("a horse", Some(&hash)).await, Verdict::Wrong);
    }

    /// RFC 9106, 5.3, needs a secret and associated data; these bytes are of the reference implementation's `test.c`
    /// (v=19, m=65536 KiB, t=2, p=1, "password", "somesalt").
    #[test]
    fn it_is_the_argon2id_that_others_mean() {
        let hash = argon2id("password", b"somesalt", 65_536, 2, 1).unwrap();
        let hex = hash.iter().fold(String::new(), |hex, it| format!("{hex}{it:02x}"));
        assert_eq!(hex, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    }

    #[test]
    fn what_everybody_tries_is_no_password() {
        for bad in [
            "short",
            "aaaaaaaaaaaaaaaa",
            "password1234",
            "Password123456789",
            "Hospital2026",
            "qwertyuiop12345",
            "ana.weber2026!",
        ] {
            assert!(unfit(bad, &["ana.weber", "Ana Weber"]).is_some(), "{bad}");
        }
        for good in ["a horse on the stairs", "Vier gelbe Zebras 7", "correct horse battery staple"]
        {
            assert_eq!(unfit(good, &["ana.weber", "Ana Weber"]), None, "{good}");
        }
        assert!(unfit(&"ab cd ef ".repeat(40), &[]).is_some());
    }
}
