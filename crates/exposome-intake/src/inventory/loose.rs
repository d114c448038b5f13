//! JSON values as they come, not as a schema has them.
//!
//! A version written as a number, a supplier written as a text, a `null` where
//! nothing is known: none of these is worth a component.  Only what is no JSON
//! at all is an error.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A text, a number as text, or nothing.  Blank texts are nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text<'a>(Option<Cow<'a, str>>);

impl<'a> Text<'a> {
    pub(crate) fn as_str(&self) -> Option<&str> {
        let text = self.0.as_deref()?;
        // Nearly every text is asked for more than once, and begins and ends with a letter or digit.
        let is_bare = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        if is_bare(text.as_bytes().first()) && is_bare(text.as_bytes().last()) {
            return Some(text);
        }
        Some(text.trim()).filter(|it| !it.is_empty())
    }

    pub(crate) fn owned(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn of(text: impl Into<Cow<'a, str>>) -> Text<'a> {
        Text(Some(text.into()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text::of(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text::of(text.to_owned()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Text<'de>, E> {
                Ok(Text::of(number.to_string()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text::of(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Text<'de>, E> {
                Ok(Text::of(number.to_string()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A list, whatever stands in its place: `null` or a lone text is none, a lone object is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Any<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = seq.next_element()? {
                    list.push(element);
                }
                Ok(List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<List<T>, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
                    .map(|it| List(vec![it]))
            }

            fn visit_str<E>(self, _: &str) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_bool<E>(self, _: bool) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<List<T>, E> {
                Ok(List::default())
            }

            fn visit_unit<E>(self) -> Result<List<T>, E> {
                Ok(List::default())
            }
        }
        deserializer.deserialize_any(Any(PhantomData))
    }
}

/// An object of which only some members matter, or anything else in its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Maybe<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let List(list) = List::deserialize(deserializer)?;
        Ok(Maybe(list.into_iter().next()))
    }
}

/// An organisation: `{"name": ...}`, or its name alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named<'a>(pub(crate) Text<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Named<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a name, or a name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<'de>, A::Error> {
                let mut named = Named::default();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    if key.as_str() == Some("name") {
                        named = Named(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(named)
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Named<'de>, E> {
                Ok(Named(Text::of(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Named<'de>, E> {
                Ok(Named(Text::of(text.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Named<'de>, E> {
                Ok(Named::default())
            }

            fn visit_i64<E>(self, _: i64) -> Result<Named<'de>, E> {
                Ok(Named::default())
            }

            fn visit_u64<E>(self, _: u64) -> Result<Named<'de>, E> {
                Ok(Named::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Named<'de>, E> {
                Ok(Named::default())
            }

            fn visit_unit<E>(self) -> Result<Named<'de>, E> {
                Ok(Named::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Named<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Named::default())
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq, Eq, serde::Deserialize)]
    #[serde(default)]
    struct Part<'a> {
        #[serde(borrow)]
        version: Text<'a>,
        #[serde(borrow)]
        supplier: Named<'a>,
        #[serde(borrow)]
        parts: List<Part<'a>>,
    }

    #[track_caller]
    fn check(json: &str, version: Option<&str>, supplier: Option<&str>, parts: usize) {
        let part: Part<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(
            (part.version.as_str(), part.supplier.0.as_str(), part.parts.0.len()),
            (version, supplier, parts),
            "{json}"
        );
    }

    #[test]
    fn a_value_of_another_kind_costs_nothing() {
        check(
            r#"{"version": "1\n", "supplier": {"name": "BD", "url": ["x"]}, "parts": [{}, {}]}"#,
            Some("1"),
            Some("BD"),
            2,
        );
        check(
            r#"{"version": 1.5, "supplier": "BD", "parts": {"version": 2}}"#,
            Some("1.5"),
            Some("BD"),
            1,
        );
        check(r#"{"version": null, "supplier": null, "parts": null}"#, None, None, 0);
        check(r#"{"version": {"a": [1]}, "supplier": ["x"], "parts": "none"}"#, None, None, 0);
        check(
            r#"{"version": true, "supplier": {"url": 1}, "parts": 3, "other": {"x": {}}}"#,
            None,
            None,
            0,
        );
        check("{}", None, None, 0);
    }
}
