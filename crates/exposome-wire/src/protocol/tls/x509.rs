//! Certificates (RFC 5280): whom one names, who signed it, when it ends.

use crate::der::{INTEGER, OBJECT, SEQUENCE, SET, Value, Values};
use crate::notes::Notes;
use crate::protocol::dhcp::hex;
use exposome_model::sighting::Property;
use sha2::{Digest as _, Sha256};

pub(super) fn read(certificate: &[u8], notes: &mut Notes<'_>) -> Option<()> {
    let digest = Sha256::digest(certificate);
    notes.sender(Property::Certificate, hex(&digest).as_bytes());
    let mut body = Values::new(certificate).sequence()?.sequence()?;
    // The version, where it is not the first (4.1.2.1).
    body.maybe(0xa0);
    body.tagged(INTEGER)?;
    body.tagged(SEQUENCE)?;
    let issuer = name(body.sequence()?);
    let mut validity = body.sequence()?;
    let (_from, until) = (validity.any()?, validity.any()?);
    let subject = name(body.sequence()?);
    notes.sender(Property::CertificateSubject, subject.as_bytes());
    notes.sender(Property::CertificateIssuer, issuer.as_bytes());
    if let Some(until) = time(&until) {
        notes.sender(Property::CertificateExpiry, until.as_bytes());
    }
    body.tagged(SEQUENCE)?;
    for value in body {
        if value.tag == 0xa3 {
            let _ = extensions(value.values(), notes);
        }
    }
    Some(())
}

/// Attribute types of a name (X.520) under their usual letters (RFC 4514, section 3).
const LETTERS: [(&[u8], &str); 7] = [
    (&[0x55, 4, 3], "CN"),
    (&[0x55, 4, 10], "O"),
    (&[0x55, 4, 11], "OU"),
    (&[0x55, 4, 7], "L"),
    (&[0x55, 4, 8], "ST"),
    (&[0x55, 4, 6], "C"),
    (&[0x55, 4, 5], "serialNumber"),
];

/// `CN=ehr.hosp.test,O=Hospital`.
fn name(parts: Values<'_>) -> String {
    let mut words = Vec::new();
    for part in parts.take(16) {
        if part.tag != SET {
            continue;
        }
        let of_part = || {
            let mut pair = part.values().sequence()?;
            let kind = pair.tagged(OBJECT)?;
            let (_, letters) = LETTERS.iter().find(|(it, _)| *it == kind)?;
            let value = pair.any()?;
            Some(format!("{letters}={}", text(&value)))
        };
        words.extend(of_part());
    }
    // The most particular first, so that cutting takes the least.
    words.reverse();
    words.join(",")
}

fn text(value: &Value<'_>) -> String {
    let inside = value.inside.get(..128).unwrap_or(value.inside);
    match value.tag {
        // BMPString.
        0x1e => {
            let units = inside.chunks_exact(2).filter_map(|it| crate::bytes::be16(it, 0));
            char::decode_utf16(units).filter_map(Result::ok).collect()
        }
        _ => String::from_utf8_lossy(inside).into_owned(),
    }
}

/// `2027-01-31`: of `UTCTime`, whose years below 50 are of this century, or `GeneralizedTime` (4.1.2.5).
fn time(value: &Value<'_>) -> Option<String> {
    let digits = std::str::from_utf8(value.inside).ok()?;
    let (year, rest) = if value.tag == 0x17 {
        let (year, rest) = digits.split_at_checked(2)?;
        let century = if year < "50" { "20" } else { "19" };
        (format!("{century}{year}"), rest)
    } else {
        let (year, rest) = digits.split_at_checked(4)?;
        (year.to_owned(), rest)
    };
    let (month, day) = (rest.get(..2)?, rest.get(2..4)?);
    let is_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    [&year, month, day].iter().all(|it| is_digits(it)).then(|| format!("{year}-{month}-{day}"))
}

/// Alternative names (4.2.1.6): names of hosts.
fn extensions(mut values: Values<'_>, notes: &mut Notes<'_>) -> Option<()> {
    let list = values.sequence()?;
    for extension in list.take(32) {
        let mut parts = extension.values();
        if parts.tagged(OBJECT)? != [0x55, 0x1d, 17] {
            continue;
        }
        let octets = parts.find(|it| it.tag == crate::der::OCTETS)?;
        let names = octets.values().sequence()?;
        for name in names.filter(|it| it.tag == 0x82).take(8) {
            // One for many hosts is the name of none.
            if !name.inside.contains(&b'*') {
                notes.sender(Property::CalledName, name.inside);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_day() {
        let check = |tag: u8, inside: &[u8], expected: Option<&str>| {
            assert_eq!(time(&Value { tag, inside }).as_deref(), expected);
        };
        check(0x17, b"270131120000Z", Some("2027-01-31"));
        check(0x17, b"991231235959Z", Some("1999-12-31"));
        check(0x18, b"20501231235959Z", Some("2050-12-31"));
        check(0x17, b"27", None);
        check(0x17, "é701311".as_bytes(), None);
    }

    #[test]
    fn a_name_is_written_the_most_particular_part_first() {
        let part = |kind: u8, value: &[u8]| {
            let len = u8::try_from(value.len()).unwrap();
            let pair = [&[6, 3, 0x55, 4, kind, 0x0c, len][..], value].concat();
            let pair = [&[0x30, u8::try_from(pair.len()).unwrap()][..], &pair].concat();
            [&[0x31, u8::try_from(pair.len()).unwrap()][..], &pair].concat()
        };
        let bytes = [part(6, b"DE"), part(10, b"Hospital"), part(3, b"ehr.hosp.test")].concat();
        assert_eq!(name(Values::new(&bytes)), "CN=ehr.hosp.test,O=Hospital,C=DE");
    }
}
