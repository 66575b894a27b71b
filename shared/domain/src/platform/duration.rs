//! Spans of time as the platform file writes them: `90s`, `10m`, `72h`, `3d`.

use jiff::SignedDuration;

/// The longest span that can be written.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Reads a whole number and one unit: `s`, `m`, `h` or `d` (24 hours).
///
/// # Errors
/// When it is written otherwise, or longer than [`LONGEST`].
pub fn parse(text: &str) -> Result<SignedDuration, &'static str> {
    let error =
        "a span of time is a whole number and `s`, `m`, `h` or `d`, of at most 365 days: `90s`, `10m`, `3d`";
    let (digits, unit) = text.split_at_checked(text.len().wrapping_sub(1)).ok_or(error)?;
    let seconds: i64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(error),
    };
    let number = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    number
        .and_then(|digits| digits.parse::<i64>().ok()?.checked_mul(seconds))
        .map(SignedDuration::from_secs)
        .filter(|span| *span <= LONGEST)
        .ok_or(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, seconds) in [("0s", 0), ("90s", 90), ("10m", 600), ("72h", 259_200), ("3d", 259_200)] {
            assert_eq!(parse(text), Ok(SignedDuration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "s", "10", "-1s", "+1s", "1.5h", "1h30m", "10 m", "10M", "٣s", "9999999999999999999s", "ä"]
        {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_span_has_at_most_365_days() {
        assert_eq!(parse("365d"), Ok(LONGEST));
        assert_eq!(parse("8760h"), Ok(LONGEST));
        assert!(parse("31536001s").is_err());
        assert!(parse("366d").is_err());
    }
}
