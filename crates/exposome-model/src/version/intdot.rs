//! Whole numbers between dots (VERS type `intdot`): 1.2.10 comes after 1.2.9, 1.2 is 1.2.0,
//! and whatever follows the first character that is neither digit nor dot is ignored.

use super::key::{Cursor, Row, is_zero};

const END: u8 = 0x20;
const NUMBER: u8 = 0x40;

pub(super) fn encode(text: &str, row: &mut Row) -> Option<()> {
    let mut cursor = Cursor::new(text);
    let mut zeros = 0_usize;
    let mut seen = false;
    loop {
        let digits = cursor.digits();
        if digits.is_empty() {
            break;
        }
        seen = true;
        if is_zero(digits) {
            zeros += 1;
        } else {
            for _ in 0..zeros {
                row.integer(NUMBER, 0);
            }
            zeros = 0;
            row.number(NUMBER, digits);
        }
        if !cursor.eat(b'.') {
            break;
        }
    }
    row.push(END);
    seen.then_some(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{equal, none, rising};
    use crate::version::Scheme::Intdot;

    #[test]
    fn whole_numbers_count_and_what_follows_them_does_not() {
        // package-url/vers-spec, tests/intdot_version_cmp_test.json.
        rising(Intdot, &["1.2", "1.2.1", "1.2.2", "1.0002.10", "1.10alpha"]);
        equal(Intdot, &["01.002.0003", "1.2.3", "1.2.3-rc1", "1.2.3.0"]);
        none(Intdot, "rc1", "1");
    }
}
