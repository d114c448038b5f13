//! Makers of network cards by the first three bytes of an address (IEEE Registration Authority, MA-L).

use exposome_model::mac::Mac;

/// A part of the IEEE's listing.
#[derive(Debug, Default)]
pub struct Makers {
    /// Sorted by number.
    rows: Vec<([u8; 3], Box<str>)>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(
        "line {line}: {found:?} is no row of the listing; six digits and a name are expected, as in `001B0D Cisco Systems`"
    )]
    Row { line: usize, found: String },
    #[error("line {line}: {number} is named twice")]
    Twice { line: usize, number: String },
}

impl Makers {
    /// Reads rows of six hexadecimal digits, a blank and a name, where `#` begins a remark; or the listing as the IEEE
    /// publishes it, of which the lines `001B0D     (base 16)  NAME` are such rows.
    pub fn parse(text: &str) -> Result<Makers, Error> {
        const MARK: &str = "(base 16)";
        let is_listing = text.contains(MARK);
        let mut rows: Vec<([u8; 3], Box<str>, usize)> = Vec::new();
        for (line, row) in (1..).zip(text.lines()) {
            let row = row.trim();
            let is_other = if is_listing { !row.contains(MARK) } else { row.starts_with('#') };
            if row.is_empty() || is_other {
                continue;
            }
            let row = &row.replace(MARK, "");
            let parsed = row.split_once(char::is_whitespace).and_then(|(digits, name)| {
                let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6)?;
                let [_, first, second, third] = number.to_be_bytes();
                Some(([first, second, third], name.trim().into(), line))
            });
            rows.push(parsed.ok_or_else(|| Error::Row { line, found: row.to_owned() })?);
        }
        rows.sort();
        // The IEEE has given a few numbers twice; the first stays.
        if is_listing {
            rows.dedup_by_key(|(number, ..)| *number);
        }
        for pair in rows.windows(2) {
            if let [(one, ..), (other, _, line)] = pair
                && one == other
            {
                let [a, b, c] = one;
                let number = format!("{a:02X}{b:02X}{c:02X}");
                return Err(Error::Twice { line: *line, number });
            }
        }
        Ok(Makers { rows: rows.into_iter().map(|(number, name, _)| (number, name)).collect() })
    }

    /// Who made the card; nobody where the address was made up.
    pub fn of(&self, mac: Mac) -> Option<&str> {
        if mac.is_locally_administered() || mac.is_group() {
            return None;
        }
        let oui = mac.oui();
        let at = self.rows.binary_search_by(|(number, _)| number.cmp(&oui)).ok()?;
        self.rows.get(at).map(|(_, name)| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_maker_is_found_by_three_bytes() {
        let makers = Makers::parse("# remark\n001B0D Cisco Systems\n\n00095C Philips\n").unwrap();
        assert_eq!(makers.of("00:1b:0d:77:00:01".parse().unwrap()), Some("Cisco Systems"));
        assert_eq!(makers.of("00:1b:0e:77:00:01".parse().unwrap()), None);
        assert_eq!(makers.of("02:1b:0d:77:00:01".parse().unwrap()), None, "made up");
    }

    #[test]
    fn the_listing_is_read_as_it_is_published() {
        let text = "OUI/MA-L   Organization\n00-22-72   (hex)\t\tAmerican Micro-Fuel\n\
                    002272     (base 16)\t\tAmerican Micro-Fuel\n\t\t\t\t2181 Buchanan Loop\n";
        let makers = Makers::parse(text).unwrap();
        assert_eq!(makers.of("00:22:72:00:00:01".parse().unwrap()), Some("American Micro-Fuel"));
    }

    #[test]
    fn a_wrong_row_is_named() {
        let error = |text: &str| Makers::parse(text).unwrap_err().to_string();
        assert!(error("001B Cisco").contains("line 1"));
        assert!(error("001B0D A\n001B0D B").contains("001B0D is named twice"));
    }
}
