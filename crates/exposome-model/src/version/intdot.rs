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
