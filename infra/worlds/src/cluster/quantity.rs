//! Resource quantities, such as `500m` or `128Mi`.

use serde_json::Value;

/// The maps whose values are quantities.
const MAPS: [&str; 7] = ["limits", "requests", "hard", "default", "defaultRequest", "max", "min"];

/// The parts of one: the smallest that is counted.
const PARTS: i128 = 1_000;

const SUFFIXES: [(&str, i128); 12] = [
    ("Ki", PARTS << 10),
    ("Mi", PARTS << 20),
    ("Gi", PARTS << 30),
    ("Ti", PARTS << 40),
    ("Pi", PARTS << 50),
    ("m", 1),
    ("k", PARTS * 1_000),
    ("M", PARTS * 1_000_000),
    ("G", PARTS * 1_000_000_000),
    ("T", PARTS * 1_000_000_000_000),
    ("P", PARTS * 1_000_000_000_000_000),
    ("", PARTS),
];

/// A quantity in thousandths; nothing where it is none.
pub(super) fn parse(text: &str) -> Option<i128> {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (_, factor) = SUFFIXES.iter().find(|(known, _)| *known == suffix)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let digits: i128 = format!("{whole}{fraction}").parse().ok()?;
    digits.checked_mul(*factor).map(|thousandths| (thousandths + scale - 1) / scale)
}

/// A quantity as a server writes it: binary suffixes for memory, thousandths for what is no whole number.
pub(super) fn written(thousandths: i128) -> String {
    if thousandths % PARTS != 0 {
        return format!("{thousandths}m");
    }
    let binary = ["Pi", "Ti", "Gi", "Mi", "Ki"].iter().find_map(|wanted| {
        let (suffix, factor) = SUFFIXES.iter().find(|(suffix, _)| suffix == wanted)?;
        (thousandths != 0 && thousandths % factor == 0).then(|| format!("{}{suffix}", thousandths / factor))
    });
    binary.unwrap_or_else(|| (thousandths / PARTS).to_string())
}

/// Turns quantities that were given as numbers into texts, as a server does when it decodes an object.
pub(super) fn numbers_to_texts(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, entry) in map {
                match entry {
                    Value::Object(quantities) if MAPS.contains(&name.as_str()) => {
                        quantities.values_mut().filter(|quantity| quantity.is_number()).for_each(to_text);
                    }
                    other => numbers_to_texts(other),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(numbers_to_texts),
        _ => {}
    }
}

fn to_text(number: &mut Value) {
    *number = Value::String(number.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_quantities_too() {
        let mut object = json!({ "spec": { "hard": { "pods": 10, "limits.cpu": "1" }, "replicas": 2 } });
        numbers_to_texts(&mut object);
        assert_eq!(object, json!({ "spec": { "hard": { "pods": "10", "limits.cpu": "1" }, "replicas": 2 } }));
    }

    #[test]
    fn quantities_are_read_and_written() {
        for (text, thousandths) in [
            ("0", 0),
            ("1", 1_000),
            ("500m", 500),
            ("0.5", 500),
            ("1.5Gi", 1_610_612_736_000),
            ("128Mi", 134_217_728_000),
            ("2k", 2_000_000),
        ] {
            assert_eq!(parse(text), Some(thousandths), "{text}");
        }
        for bad in ["", "Mi", "1x", "1.2.3", "-1"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(written(134_217_728_000), "128Mi");
        assert_eq!(written(500), "500m");
        assert_eq!(written(2_000), "2");
        assert_eq!(written(0), "0");
    }
}
