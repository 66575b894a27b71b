//! Bodies: the raw bytes, and what JSON they hold.

use crate::{DoorError, limit};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use std::borrow::Cow;

/// The raw bytes of a body as a Lambda event carries it (payload format 2.0: `body` and `isBase64Encoded`). A signature
/// is over these, never over the base64.
///
/// # Errors
/// [`DoorError::TooLarge`] before anything is decoded, [`DoorError::Malformed`] where it is not base64.
pub fn raw(body: &str, is_base64_encoded: bool) -> Result<Cow<'_, [u8]>, DoorError> {
    if !is_base64_encoded {
        return if body.len() > limit::BODY { Err(DoorError::TooLarge) } else { Ok(body.as_bytes().into()) };
    }
    if body.len() > limit::BODY.div_ceil(3) * 4 {
        return Err(DoorError::TooLarge);
    }
    let bytes = STANDARD.decode(body).map_err(|_| DoorError::malformed("body", "not base64"))?;
    if bytes.len() > limit::BODY { Err(DoorError::TooLarge) } else { Ok(bytes.into()) }
}

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
    DoorError::Malformed { reason: reason.chars().take(limit::REASON).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn reason<'a, T: Deserialize<'a>>(body: &'a str) -> String {
        parse::<T>(body.as_bytes()).err().unwrap().to_string()
    }

    #[test]
    fn base64_stands_for_the_raw_bytes() {
        assert_eq!(raw("SGVsbG8sIFdvcmxkIQ==", true).unwrap().as_ref(), b"Hello, World!");
        assert_eq!(raw("SGVsbG8=", false).unwrap().as_ref(), b"SGVsbG8=");
        assert!(matches!(raw("not base64!", true), Err(DoorError::Malformed { .. })));
    }

    #[test]
    fn the_limit_counts_raw_bytes() {
        for (length, fits) in [(limit::BODY, true), (limit::BODY + 1, false)] {
            let bytes = vec![b'a'; length];
            assert_eq!(raw(&STANDARD.encode(&bytes), true).is_ok(), fits);
            assert_eq!(raw(std::str::from_utf8(&bytes).unwrap(), false).is_ok(), fits);
        }
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
        assert_eq!(reason::<u64>(&format!("\"{}\"", "ä".repeat(1000))).chars().count(), limit::REASON);
    }

    #[test]
    fn what_is_skipped_may_be_nested_as_deeply_as_the_body_is_long() {
        #[derive(Deserialize)]
        struct Nothing {}
        for filler in ["[", "{\"a\":"] {
            let body = format!("{{\"x\":{}", filler.repeat(limit::BODY / filler.len() - 5));
            assert!(parse::<Nothing>(body.as_bytes()).is_err());
        }
        let half = limit::BODY / 2 - 10;
        assert!(
            parse::<Nothing>(format!("{{\"x\":{}{}}}", "[".repeat(half), "]".repeat(half)).as_bytes())
                .is_ok()
        );
    }
}
