//! One-time codes of an app (RFC 6238): six digits, thirty seconds, SHA-1, as every app can.
//!
//! A code is good once: its step is written down when it is taken, and no code of
//! that step or one before is taken after (RFC 6238, 5.2).

use jiff::Timestamp;

/// 160 bits, as RFC 4226, 4 (R6) recommends.
pub(crate) const SECRET_BYTES: usize = 20;
const STEP_SECONDS: i64 = 30;
/// A clock may be one step off (RFC 6238, 6).
const DRIFT: i64 = 1;

/// The step whose code this is, if it is one of now and later than the last that was taken.
pub(crate) fn step_of(secret: &[u8], code: &str, now: Timestamp, last: i64) -> Option<i64> {
    let digits: String = code.chars().filter(|it| !it.is_whitespace()).collect();
    let current = now.as_second().div_euclid(STEP_SECONDS);
    let mut found = None;
    for step in current - DRIFT..=current + DRIFT {
        // All are looked at, so that the time does not tell which it was.
        if crate::secret::is_equal(code_at(secret, step).as_bytes(), digits.as_bytes())
            && step > last
        {
            found = Some(step);
        }
    }
    found
}

/// RFC 4226, 5.3.
fn code_at(secret: &[u8], step: i64) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = aws_lc_rs::hmac::sign(&key, &step.to_be_bytes());
    let bytes = tag.as_ref();
    let offset = usize::from(bytes.last().copied().unwrap_or_default() & 0xf);
    let four = bytes
        .get(offset..offset + 4)
        .and_then(|it| <[u8; 4]>::try_from(it).ok())
        .unwrap_or_default();
    let number = u32::from_be_bytes(four) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// What an app reads from a square: `otpauth://totp/…`.
pub(crate) fn address(secret: &[u8], login: &str) -> String {
    let mut label = url::Url::parse("otpauth://totp/").map(String::from).unwrap_or_default();
    label.extend(url::form_urlencoded::byte_serialize(format!("exposome:{login}").as_bytes()));
    format!("{}?secret={}&issuer=exposome", label.replace('+', "%20"), base32(secret))
}

/// RFC 4648, 6, without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letter =
        |bits: u32| char::from(LETTERS.get((bits & 31) as usize).copied().unwrap_or_default());
    let mut text = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(letter(bits >> count));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(letter(bits << (5 - count)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4226, appendix D.
    #[test]
    fn codes_are_those_of_the_standard() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(code_at(b"12345678901234567890", step), code);
        }
        // RFC 6238, appendix B, the last six of its eight digits.
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")]
        {
            assert_eq!(code_at(b"12345678901234567890", second / STEP_SECONDS), code);
        }
    }

    #[test]
    fn a_code_is_good_for_a_while_and_once() {
        let secret = b"12345678901234567890";
        let at = |second| Timestamp::from_second(second).unwrap();
        let code = code_at(secret, 100);
        assert_eq!(step_of(secret, &code, at(3_000), 0), Some(100));
        assert_eq!(
            step_of(secret, &format!("{} {}", &code[..3], &code[3..]), at(3_030), 0),
            Some(100)
        );
        assert_eq!(step_of(secret, &code, at(2_970), 0), Some(100));
        assert_eq!(step_of(secret, &code, at(3_060), 0), None);
        assert_eq!(step_of(secret, &code, at(2_939), 0), None);
        assert_eq!(step_of(secret, &code, at(3_000), 100), None);
        for bad in ["", "12345", "1234567", "abcdef"] {
            assert_eq!(step_of(secret, bad, at(3_000), 0), None);
        }
    }

    /// RFC 4648, 10.
    #[test]
    fn base32_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn an_odd_login_stays_in_its_place() {
        assert_eq!(
            address(b"foobar", "a b&c?secret=x"),
            "otpauth://totp/exposome%3Aa%20b%26c%3Fsecret%3Dx?secret=MZXW6YTBOI&issuer=exposome"
        );
    }
}
