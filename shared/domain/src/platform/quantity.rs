//! Quantities of Kubernetes (`resource.Quantity`): `500m`, `4`, `512Mi`, `1.5G`.

/// The longest quantity, in bytes.
pub(crate) const QUANTITY_LIMIT: usize = 16;

/// Reads a quantity, in thousandths of its unit; parts smaller than that are rounded up, as Kubernetes does.
///
/// Signs and exponents are not accepted, though Kubernetes does.
pub(crate) fn thousandths(text: &str) -> Option<u128> {
    if text.len() > QUANTITY_LIMIT {
        return None;
    }
    let end = text.bytes().position(|byte| byte != b'.' && !byte.is_ascii_digit()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let digits = whole.parse::<u128>().ok()? * scale + fraction.parse::<u128>().ok()?;
    Some((digits * thousandths_of(suffix)?).div_ceil(scale))
}

fn thousandths_of(suffix: &str) -> Option<u128> {
    Some(match suffix {
        "m" => 1,
        "" => 1_000,
        "k" => 1_000 * 1_000,
        "M" => 1_000 * 1_000_000,
        "G" => 1_000 * 1_000_000_000,
        "T" => 1_000 * 1_000_000_000_000,
        "Ki" => 1_000 << 10,
        "Mi" => 1_000 << 20,
        "Gi" => 1_000 << 30,
        "Ti" => 1_000 << 40,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_compare_by_what_they_mean() {
        for (text, value) in
            [("500m", 500), ("4", 4_000), ("0.1", 100), ("1.5k", 1_500_000), ("1Ki", 1_024_000), ("1.5m", 2)]
        {
            assert_eq!(thousandths(text), Some(value), "{text}");
        }
        assert!(thousandths("512Mi") > thousandths("0.5G"));
        for text in ["", "m", "-1", "1e3", "1.", ".5", "1..2", "1.2.3", "1mi", "1 Gi", "1GiB", "ä"] {
            assert_eq!(thousandths(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_quantity_has_at_most_16_bytes() {
        assert!(thousandths(&"1".repeat(QUANTITY_LIMIT)).is_some());
        assert!(thousandths(&format!("{}Ti", "9".repeat(QUANTITY_LIMIT - 2))).is_some());
        assert!(thousandths(&"1".repeat(QUANTITY_LIMIT + 1)).is_none());
    }
}
