//! The little of CBOR (RFC 8949) that passkeys use: values of definite length, not deep, not longer than their bytes.

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Number(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    List(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// True, false, null and their like: nothing here asks which.
    Simple,
}

/// More than any authenticator sends.
const DEEPEST: u8 = 6;

/// Reads one value, and gives back what follows it.
pub(crate) fn read(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    value(bytes, 0)
}

impl<'a> Value<'a> {
    /// The value of a number in a map.
    pub(crate) fn at(&self, key: i64) -> Option<&Value<'a>> {
        self.of(&Value::Number(key))
    }

    /// The value of a name in a map.
    pub(crate) fn named(&self, key: &str) -> Option<&Value<'a>> {
        self.of(&Value::Text(key))
    }

    fn of(&self, key: &Value<'_>) -> Option<&Value<'a>> {
        let Value::Map(entries) = self else { return None };
        entries.iter().find(|(it, _)| it == key).map(|(_, value)| value)
    }

    pub(crate) fn bytes(&self) -> Option<&'a [u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(crate) fn number(&self) -> Option<i64> {
        if let Value::Number(number) = self { Some(*number) } else { None }
    }
}

fn value(bytes: &[u8], depth: u8) -> Option<(Value<'_>, &[u8])> {
    if depth > DEEPEST {
        return None;
    }
    let (&first, rest) = bytes.split_first()?;
    let (argument, rest) = argument(first & 0x1f, rest)?;
    let length = usize::try_from(argument).ok();
    Some(match first >> 5 {
        0 => (Value::Number(i64::try_from(argument).ok()?), rest),
        1 => (Value::Number(-1 - i64::try_from(argument).ok()?), rest),
        2 => {
            let (bytes, rest) = rest.split_at_checked(length?)?;
            (Value::Bytes(bytes), rest)
        }
        3 => {
            let (bytes, rest) = rest.split_at_checked(length?)?;
            (Value::Text(std::str::from_utf8(bytes).ok()?), rest)
        }
        4 => {
            // Each takes a byte at least: no length asks for more than there is.
            let count = length.filter(|it| *it <= rest.len())?;
            let (mut list, mut rest) = (Vec::with_capacity(count), rest);
            for _ in 0..count {
                let (item, after) = value(rest, depth + 1)?;
                list.push(item);
                rest = after;
            }
            (Value::List(list), rest)
        }
        5 => {
            let count = length.filter(|it| *it <= rest.len() / 2)?;
            let (mut map, mut rest) = (Vec::with_capacity(count), rest);
            for _ in 0..count {
                let (key, after) = value(rest, depth + 1)?;
                let (item, after) = value(after, depth + 1)?;
                map.push((key, item));
                rest = after;
            }
            (Value::Map(map), rest)
        }
        7 if first & 0x1f <= 24 => (Value::Simple, rest),
        // Tags, and what has no length.
        _ => return None,
    })
}

fn argument(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let count = match short {
        0..=23 => return Some((u64::from(short), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (bytes, rest) = rest.split_at_checked(count)?;
    Some((bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8949, appendix A.
    #[test]
    fn values_are_those_of_the_standard() {
        for (bytes, expected) in [
            (&b"\x00"[..], Value::Number(0)),
            (b"\x18\x64", Value::Number(100)),
            (b"\x1a\x00\x0f\x42\x40", Value::Number(1_000_000)),
            (b"\x20", Value::Number(-1)),
            (b"\x39\x03\xe7", Value::Number(-1_000)),
            (b"\x44\x01\x02\x03\x04", Value::Bytes(&[1, 2, 3, 4])),
            (b"\x64IETF", Value::Text("IETF")),
            (b"\x82\x01\xf5", Value::List(vec![Value::Number(1), Value::Simple])),
            (b"\xa1\x01\x02", Value::Map(vec![(Value::Number(1), Value::Number(2))])),
        ] {
            assert_eq!(read(bytes), Some((expected, &[][..])), "{bytes:x?}");
        }
    }

    #[test]
    fn hostile_bytes_are_no_value() {
        let deep = [0x81; 100];
        for bytes in [
            &b""[..],
            b"\x18",
            b"\x44\x01",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xbf\xff",
            b"\x5f\x41\x01\xff",
            b"\x61\xff",
            b"\xc0\x00",
            b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
            &deep,
        ] {
            assert_eq!(read(bytes), None, "{bytes:x?}");
        }
    }
}
