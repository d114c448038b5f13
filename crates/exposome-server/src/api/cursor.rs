//! Cursors: where a list goes on.  Opaque to whoever carries them, and refused where they were not made here.

use crate::problem::{Kind, Problem};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A cursor for what the list was at.
pub fn write(place: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{MARK}{place}"))
}

/// What the list was at.
pub fn read(cursor: &str) -> Result<String, Problem> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    text.strip_prefix(MARK).map(ToOwned::to_owned).ok_or_else(bad)
}

/// It begins with this, so that most of what was not made here is known at once.
const MARK: &str = "1:";

pub fn bad() -> Problem {
    Problem {
        field: Some("after".to_owned()),
        ..Problem::new(Kind::Malformed, "this cursor was not made here")
    }
    .way_out("take `next` of the page before as it is, or leave `after` out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_a_strange_one_does_not() {
        for place in ["", "ana.weber", "ü, 7"] {
            assert_eq!(read(&write(place)).unwrap(), place);
        }
        for strange in ["%", "MQ", "1:ana", "AAAA====", "../../etc"] {
            assert_eq!(read(strange), Err(bad()), "{strange}");
        }
    }
}
