//! Names as Route 53 writes them: with a final dot, and `\ooo` for what is neither letter, digit, `-` nor `_`.

/// Our form of a name: lower-case, without escapes and without the final dot.
pub(super) fn plain(name: &str) -> String {
    let name = String::from_utf8_lossy(&unescape(name)).to_lowercase();
    name.strip_suffix('.').map_or_else(|| name.clone(), str::to_owned)
}

/// Where a name stands in the order of a zone: by its labels from the last to the first, each with its dot
/// (`ListResourceRecordSets`: "with the labels reversed … note the trailing dot").
pub(super) fn place(name: &str) -> String {
    plain(name).rsplit('.').map(|label| format!("{label}.")).collect()
}

/// Replaces `\ooo`, three octal digits, by the byte that they mean, and any other escaped byte by itself.
pub(super) fn unescape(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut plain = Vec::with_capacity(rest.len());
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = if byte == b'\\' { escaped(after) } else { (byte, after) };
        plain.push(byte);
        rest = after;
    }
    plain
}

fn escaped(after: &[u8]) -> (u8, &[u8]) {
    if let [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', rest @ ..] = after {
        return ((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'), rest);
    }
    after.split_first().map_or((b'\\', after), |(&byte, rest)| (byte, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_unescaped() {
        assert_eq!(plain("\\052.Preview.Example.com."), "*.preview.example.com");
    }

    #[test]
    fn only_the_final_dot_goes() {
        assert_eq!(plain("a.b."), "a.b");
        assert_eq!(plain("a.b"), "a.b");
    }

    #[test]
    fn names_stand_in_the_order_of_their_reversed_labels_and_a_dot_comes_after_a_hyphen() {
        let mut names =
            ["b.example.com", "example.com", "a.example.com", "a-b.example.com", "x.a.example.com"];
        names.sort_by_key(|name| place(name));
        assert_eq!(
            names,
            ["example.com", "a-b.example.com", "a.example.com", "x.a.example.com", "b.example.com"]
        );
    }

    #[test]
    fn escapes_that_are_not_octal_stand_for_themselves() {
        assert_eq!(unescape("a\\\"b\\\\c\\"), b"a\"b\\c\\");
        assert_eq!(unescape("\\303\\244\\400"), "ä400".as_bytes());
    }
}
