//! Bodies, and what JSON they hold.

use crate::{DoorError, limit};
use serde::Deserialize;

/// Reads a JSON document; what the type does not name is skipped.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, DoorError> {
    serde_json::from_slice(body).map_err(|_| explain::<T>(body))
}

/// Reads it once more, slower, to say which field is wrong.
fn explain<'a, T: Deserialize<'a>>(body: &'a [u8]) -> DoorError {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let reason = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Err(error) => format!("{}: {}", error.path(), error.inner()),
        Ok(_) => "the body: more than one JSON document".to_owned(),
    };
    DoorError::Malformed { reason: reason.chars().take(limit::REASON_LIMIT).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn reason<'a, T: Deserialize<'a>>(body: &'a str) -> String {
        parse::<T>(body.as_bytes()).err().unwrap().to_string()
    }

    #[test]
    fn a_wrong_field_is_named() {
        type Nested = BTreeMap<String, BTreeMap<String, u64>>;
        assert!(reason::<Nested>(r#"{"a":{"b":"c"}}"#).starts_with("a.b: invalid type: string \"c\""));
        assert!(reason::<Nested>("{} {}").contains("more than one"));
        assert!(reason::<Nested>("").contains("EOF"));
    }

    #[test]
    fn a_reason_has_at_most_300_characters() {
        assert_eq!(reason::<u64>(&format!("\"{}\"", "ä".repeat(1000))).chars().count(), limit::REASON_LIMIT);
    }

    #[test]
    fn what_is_skipped_may_be_nested_as_deeply_as_the_body_is_long() {
        #[derive(Deserialize)]
        struct Nothing {}
        for filler in ["[", "{\"a\":"] {
            let body = format!("{{\"x\":{}", filler.repeat(limit::BODY_LIMIT / filler.len() - 5));
            assert!(parse::<Nothing>(body.as_bytes()).is_err());
        }
        let half = limit::BODY_LIMIT / 2 - 10;
        assert!(
            parse::<Nothing>(format!("{{\"x\":{}{}}}", "[".repeat(half), "]".repeat(half)).as_bytes())
                .is_ok()
        );
    }
}
