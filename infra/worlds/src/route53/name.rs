use serde::{Deserialize, Serialize};

/// The longest label, in bytes (RFC 1035, 2.3.4).
const LABEL_LIMIT: usize = 63;
/// The longest name, in bytes, its dots included (RFC 1035, 2.3.4).
const NAME_LIMIT: usize = 255;

/// A domain name as Route 53 shows it: lower-cased, other than `a-z 0-9 - _` as `\ooo`, with a trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DomainName(String);

impl DomainName {
    /// Reads a name with or without its trailing dot, with or without escapes.
    ///
    /// # Errors
    /// The sentence that Route 53 says about it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let labels = labels(text)?;
        if labels.iter().any(Vec::is_empty) {
            return Err(fatal("DomainLabelEmpty", "Domain label is empty", text));
        }
        if labels.iter().any(|label| label.len() > LABEL_LIMIT) {
            return Err(fatal("DomainLabelTooLong", "Domain label is too long", text));
        }
        if labels.iter().map(|label| label.len() + 1).sum::<usize>() > NAME_LIMIT {
            return Err(fatal("DomainNameTooLong", "Domain name is too long", text));
        }
        Ok(Self(labels.iter().map(|label| format!("{}.", escaped(label))).collect()))
    }

    /// The name with its trailing dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is `zone` or lies below it.
    pub fn is_within(&self, zone: &DomainName) -> bool {
        self.0 == zone.0 || self.0.ends_with(&format!(".{}", zone.0))
    }

    /// The name one label up, `None` above the last.
    pub(super) fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_once('.')?;
        (!rest.is_empty()).then(|| Self(rest.to_owned()))
    }

    /// The wildcard right below this name.
    pub(super) fn wildcard(&self) -> Self {
        Self(format!("\\052.{}", self.0))
    }

    /// Labels from the top level down, each with its dot, which sorts after a hyphen; `!` sorts before whatever a label can
    /// hold.
    pub(super) fn key(&self) -> String {
        self.0.trim_end_matches('.').rsplit('.').map(|label| format!("{label}.")).collect()
    }

    /// The key of the set of one type at this name.
    pub(super) fn record_key(&self, kind: &str) -> String {
        format!("{}!{kind}", self.key())
    }
}

fn labels(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut labels = vec![Vec::new()];
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let byte = match byte {
            b'.' => {
                labels.push(Vec::new());
                continue;
            }
            b'\\' => take_escape(&mut rest).ok_or_else(|| unsupported(text))?,
            byte if byte.is_ascii_graphic() => byte,
            _ => return Err(unsupported(text)),
        };
        if let Some(label) = labels.last_mut() {
            label.push(byte.to_ascii_lowercase());
        }
    }
    Ok(labels)
}

fn take_escape(rest: &mut &[u8]) -> Option<u8> {
    let (digits, after) = rest.split_at_checked(3)?;
    let value = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
    *rest = after;
    Some(value)
}

fn escaped(label: &[u8]) -> String {
    let escape = |&byte: &u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("\\{other:03o}"),
    };
    label.iter().map(escape).collect()
}

fn unsupported(text: &str) -> String {
    fatal("UnsupportedCharacter", "Value contains unsupported characters", text)
}

/// How Route 53 words a value that it cannot read.
pub(super) fn fatal(problem: &str, explanation: &str, value: &str) -> String {
    format!("FATAL problem: {problem} ({explanation}) encountered with '{value}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        DomainName::parse(text).unwrap().as_str().to_owned()
    }

    #[test]
    fn names_are_shown_as_route_53_shows_them() {
        assert_eq!(shown("WWW.Example.COM"), "www.example.com.");
        assert_eq!(shown("*.example.com."), "\\052.example.com.");
        assert_eq!(shown("\\052.example.com"), "\\052.example.com.");
        assert_eq!(shown("a@b.example.com"), "a\\100b.example.com.");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for (text, problem) in [
            ("a..b", "DomainLabelEmpty"),
            ("", "DomainLabelEmpty"),
            ("a b.c", "UnsupportedCharacter"),
            ("é.c", "UnsupportedCharacter"),
            ("\\09.c", "UnsupportedCharacter"),
        ] {
            assert!(DomainName::parse(text).unwrap_err().contains(problem), "{text}");
        }
    }

    #[test]
    fn labels_and_names_end_where_the_standard_says() {
        assert!(DomainName::parse(&"a".repeat(LABEL_LIMIT)).is_ok());
        assert!(DomainName::parse(&"a".repeat(LABEL_LIMIT + 1)).is_err());
        // Each label takes one byte more than it has letters.
        let name =
            |length: usize| format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(length - 3 * 64 - 1));
        assert!(DomainName::parse(&name(NAME_LIMIT)).is_ok());
        assert!(DomainName::parse(&name(NAME_LIMIT + 1)).unwrap_err().contains("DomainNameTooLong"));
    }

    #[test]
    fn keys_sort_by_reversed_labels() {
        let mut names =
            ["www.example.com", "example.com", "a.www.example.com", "aa.example.com", "a-b.example.com"];
        names.sort_by_key(|name| DomainName::parse(name).unwrap().key());
        assert_eq!(
            names,
            ["example.com", "a-b.example.com", "aa.example.com", "www.example.com", "a.www.example.com"]
        );
    }
}
