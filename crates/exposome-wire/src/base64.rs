//! Base64 (RFC 4648, section 4): tokens in headers, texts in databases.

/// No token and no example is longer.
const TEXT_MAX: usize = 1 << 16;

pub(crate) fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_ascii().iter().take(TEXT_MAX) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count).to_le_bytes()[0]);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_decoded() {
        assert_eq!(decoded(b"TlRMTVNTUAA=").as_deref(), Some(&b"NTLMSSP\0"[..]));
        assert_eq!(decoded(b"not base64!"), None);
        assert_eq!(decoded(b"").as_deref(), Some(&b""[..]));
    }
}
