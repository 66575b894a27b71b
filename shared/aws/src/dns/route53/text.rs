//! The values of TXT records: quoted strings of at most 255 bytes, several of them for a longer text.

use super::name::unescape;

/// The longest quoted string, in bytes (RFC 1035, `character-string`).
pub(super) const STRING_LIMIT: usize = 255;

/// A text as the value of a TXT record.
pub(super) fn quote(text: &str) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let strings = text.as_bytes().chunks(STRING_LIMIT).map(|chunk| {
        let escaped = chunk.iter().map(|&byte| escape(byte)).collect::<String>();
        format!("\"{escaped}\"")
    });
    strings.collect::<Vec<_>>().join(" ")
}

/// The text of a TXT record's value, all its strings joined.
pub(super) fn unquote(value: &str) -> String {
    let (mut inside, mut kept, mut escaped) = (false, String::new(), false);
    for character in value.chars() {
        if character == '"' && !escaped {
            inside = !inside;
        } else if inside {
            kept.push(character);
        }
        escaped = character == '\\' && !escaped;
    }
    String::from_utf8_lossy(&unescape(&kept)).into_owned()
}

fn escape(byte: u8) -> String {
    match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_returns_as_it_was() {
        for text in ["", "plain", "a \"quoted\" \\ text", "ä\n\u{7f}", &"x".repeat(600), "\\052", "\" \""] {
            assert_eq!(unquote(&quote(text)), text);
        }
    }

    #[test]
    fn what_is_not_printable_is_octal() {
        assert_eq!(quote("ä\n"), "\"\\303\\244\\012\"");
    }

    #[test]
    fn a_string_has_at_most_255_bytes() {
        assert_eq!(quote(&"x".repeat(STRING_LIMIT)).matches('"').count(), 2);
        assert_eq!(quote(&"x".repeat(STRING_LIMIT + 1)).matches('"').count(), 4);
    }
}
