//! Headers: each is there once, or it is not believed.

use crate::{DoorError, limit};
use http::{HeaderMap, header};

/// Why a header cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    Absent,
    Repeated,
    /// Too long, or not visible ASCII.
    Unreadable,
}

impl Unusable {
    /// The same as an answer to the sender.
    pub(crate) fn malformed(self, name: &str) -> DoorError {
        let problem = match self {
            Unusable::Absent => "missing",
            Unusable::Repeated => "more than once",
            Unusable::Unreadable => "too long, or not visible ASCII",
        };
        DoorError::malformed(name, problem)
    }
}

/// The one value of a header.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Unusable> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().ok_or(Unusable::Absent)?;
    if values.next().is_some() {
        return Err(Unusable::Repeated);
    }
    let text = value.to_str().map_err(|_| Unusable::Unreadable)?;
    if text.len() > limit::HEADER_VALUE_LIMIT { Err(Unusable::Unreadable) } else { Ok(text) }
}

/// Insists on a JSON body.
pub(crate) fn expect_json(headers: &HeaderMap) -> Result<(), DoorError> {
    if is_media_type(headers, "application/json") {
        Ok(())
    } else {
        Err(DoorError::Unsupported { reason: "send the body as application/json" })
    }
}

/// Whether the body is of a media type (RFC 9110, section 8.3: it is in any case, parameters are ignored).
pub(crate) fn is_media_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = single(headers, header::CONTENT_TYPE.as_str()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_header_is_there_once() {
        let mut headers = HeaderMap::new();
        assert_eq!(single(&headers, "x-one"), Err(Unusable::Absent));
        headers.append("x-one", HeaderValue::from_static("1"));
        assert_eq!(single(&headers, "X-One"), Ok("1"));
        headers.append("x-one", HeaderValue::from_static("1"));
        assert_eq!(single(&headers, "x-one"), Err(Unusable::Repeated));
    }

    #[test]
    fn a_value_has_at_most_512_bytes() {
        let of = |length: usize| {
            let mut headers = HeaderMap::new();
            headers.insert("x", HeaderValue::from_str(&"v".repeat(length)).unwrap());
            single(&headers, "x").map(str::len)
        };
        assert_eq!(of(limit::HEADER_VALUE_LIMIT), Ok(limit::HEADER_VALUE_LIMIT));
        assert_eq!(of(limit::HEADER_VALUE_LIMIT + 1), Err(Unusable::Unreadable));
    }

    #[test]
    fn only_json_is_read() {
        let of = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(value));
            expect_json(&headers).is_ok()
        };
        assert!(of("application/json") && of("Application/JSON; charset=utf-8"));
        assert!(!of("application/x-www-form-urlencoded") && !of("application/jsonp") && !of(""));
        assert!(expect_json(&HeaderMap::new()).is_err());
    }
}
