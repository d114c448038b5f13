//! The address a network card bears (IEEE 802): six bytes, of which the first three name its maker.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// `00:1b:0d:77:00:01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mac(pub [u8; 6]);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found:?} is no MAC address: twelve hexadecimal digits are expected, as in 00:1b:0d:77:00:01"
)]
pub struct NoMac {
    found: String,
}

impl Mac {
    /// Meant for several receivers (the I/G bit, IEEE 802 section 8.2.2); no card sends from one.
    pub fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// Made up by whoever runs the device (the U/L bit): it names no maker, and may change tomorrow.
    pub fn is_locally_administered(self) -> bool {
        self.0[0] & 2 == 2
    }

    pub fn is_zero(self) -> bool {
        self.0 == [0; 6]
    }

    /// The maker's part (MA-L).
    pub fn oui(self) -> [u8; 3] {
        let [first, second, third, ..] = self.0;
        [first, second, third]
    }

    /// The EUI-64 that IEEE's mapping makes of it: `ff:fe` in the middle.
    pub fn eui64(self) -> [u8; 8] {
        let [first, second, third, fourth, fifth, sixth] = self.0;
        [first, second, third, 0xff, 0xfe, fourth, fifth, sixth]
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let mark = if place == 0 { "" } else { ":" };
            write!(out, "{mark}{byte:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for Mac {
    type Err = NoMac;

    /// Digits with any of the usual marks between them: `00:1b:..`, `00-1B-..`, `001b.0d77.0001`.
    fn from_str(text: &str) -> Result<Mac, NoMac> {
        let wrong = || NoMac { found: text.chars().take(40).collect() };
        let mut bytes = [0; 6];
        let mut digits = text.chars().filter(|it| !matches!(it, ':' | '-' | '.' | ' '));
        for byte in &mut bytes {
            let mut digit = || digits.next().and_then(|it| it.to_digit(16));
            let (high, low) = digit().zip(digit()).ok_or_else(wrong)?;
            *byte = u8::try_from(high << 4 | low).map_err(|_| wrong())?;
        }
        if digits.next().is_some() { Err(wrong()) } else { Ok(Mac(bytes)) }
    }
}

impl TryFrom<String> for Mac {
    type Error = NoMac;

    fn try_from(text: String) -> Result<Mac, NoMac> {
        text.parse()
    }
}

impl From<Mac> for String {
    fn from(mac: Mac) -> String {
        mac.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_however_it_is_written() {
        let mac = Mac([0, 0x1b, 0x0d, 0x77, 0, 1]);
        for text in ["00:1b:0d:77:00:01", "00-1B-0D-77-00-01", "001b.0d77.0001", "001b0d770001"] {
            assert_eq!(text.parse(), Ok(mac), "{text}");
        }
        assert_eq!(mac.to_string(), "00:1b:0d:77:00:01");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "00:1b:0d:77:00", "00:1b:0d:77:00:01:02", "ward 3", "0g1b0d770001"] {
            assert!(text.parse::<Mac>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_made_up_address_names_no_maker() {
        assert!(Mac([0x02, 0x77, 0, 0, 0, 0xc8]).is_locally_administered());
        assert!(!Mac([0x00, 0x1b, 0x0d, 0, 0, 1]).is_locally_administered());
        assert!(Mac([0xff; 6]).is_group());
    }
}
