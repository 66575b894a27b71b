//! Where in a document a path stands, for problems that are about no value: something is missing, or there is too much of it.

use super::problem::{Text, line_of};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::Spanned;
use std::fmt;

/// A document of which only the places are of interest.
pub(crate) enum Place {
    /// The entries by their keys.
    Mapping(Vec<(Text, Place)>),
    /// The elements in order.
    Sequence(Vec<Spanned<Place>>),
    /// A value.
    Scalar,
}

impl Place {
    /// The line of a path such as `applications.shop.rights[0].who`, or of as much of it as there is.
    pub(crate) fn line(&self, path: &str) -> Option<usize> {
        match self {
            Place::Mapping(entries) => {
                let found = entries.iter().filter_map(|entry| Some((entry, rest(path, &entry.0.value)?)));
                let ((key, place), rest) = found.max_by_key(|((key, _), _)| key.value.len())?;
                place.line(rest).or(line_of(key))
            }
            Place::Sequence(elements) => {
                let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
                let element = elements.get(number.parse::<usize>().ok()?)?;
                element.value.line(rest.trim_start_matches('.')).or(line_of(element))
            }
            Place::Scalar => None,
        }
    }
}

/// What a path says after a key, which may have dots itself.
fn rest<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(key)?;
    if rest.is_empty() || rest.starts_with('[') { Some(rest) } else { rest.strip_prefix('.') }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Places)
    }
}

struct Places;

impl<'de> Visitor<'de> for Places {
    type Value = Place;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Place, E> {
        Ok(Place::Scalar)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Place, E> {
        Ok(Place::Scalar)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Place, E> {
        Ok(Place::Scalar)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Place, E> {
        Ok(Place::Scalar)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Place, E> {
        Ok(Place::Scalar)
    }

    fn visit_unit<E: Error>(self) -> Result<Place, E> {
        Ok(Place::Scalar)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Place, A::Error> {
        let mut places = vec![];
        while let Some(place) = elements.next_element()? {
            places.push(place);
        }
        Ok(Place::Sequence(places))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Place, A::Error> {
        let mut places = vec![];
        while let Some(entry) = entries.next_entry()? {
            places.push(entry);
        }
        Ok(Place::Mapping(places))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::yaml, *};

    const TEXT: &str = "\
name: x
list:
  - a: 1
  - [true, ~, 0.5]
  - b:
      c.d: -1
      c: { e: 2 }
";

    #[test]
    fn a_path_is_found_as_far_as_it_is_there() {
        let place: Place = yaml::read("x.yaml", TEXT.as_bytes(), 1_000).unwrap();
        for (path, line) in [
            ("name", Some(1)),
            ("name.more", Some(1)),
            ("list", Some(2)),
            ("list[0].a", Some(3)),
            ("list[0].missing", Some(3)),
            ("list[1][2]", Some(4)),
            ("list[2].b.c.d", Some(6)),
            ("list[2].b.c.e", Some(7)),
            ("list[2].b.cd", Some(5)),
            ("list[3]", Some(2)),
            ("missing", None),
        ] {
            assert_eq!(place.line(path), line, "{path}");
        }
    }
}
