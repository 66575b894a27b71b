//! What only Slack needs: how a text is written for it ("Formatting text for app surfaces").

/// The most bytes of a text that is shown in Slack, escapes counted: a message cannot be changed to say more ("chat.update",
/// `msg_too_long`; it says characters and counts bytes).
pub const SLACK_TEXT_LIMIT: usize = 4_000;
/// What a text that was cut ends with.
const CUT: char = '…';

/// A command was typed, and it is not certain that anything comes of it.
pub fn not_noted() -> String {
    "Something did not answer, and this may not have been noted. See with `/env list` before you type it again."
        .to_owned()
}

fn escape(character: char) -> Option<&'static str> {
    match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        _ => None,
    }
}

/// How many bytes of [`SLACK_TEXT_LIMIT`] a text takes.
pub(super) fn room_in_slack(text: &str) -> usize {
    text.chars().map(|character| escape(character).map_or(character.len_utf8(), str::len)).sum()
}

/// A text of ours for Slack. Without `<` nothing in it can mention anybody or hide where a link leads; what is too long ends
/// with `…`, and never within an escape.
pub fn for_slack(text: &str) -> String {
    let (mut shown, mut kept_if_cut) = (String::new(), 0);
    for character in text.chars() {
        match escape(character) {
            Some(escape) => shown.push_str(escape),
            None => shown.push(character),
        }
        if shown.len() > SLACK_TEXT_LIMIT {
            shown.truncate(kept_if_cut);
            shown.push(CUT);
            break;
        }
        if shown.len() + CUT.len_utf8() <= SLACK_TEXT_LIMIT {
            kept_if_cut = shown.len();
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_can_be_mentioned() {
        let text = for_slack("<!channel> & <@U1> <https://evil.example|shop>");
        assert_eq!(text, "&lt;!channel&gt; &amp; &lt;@U1&gt; &lt;https://evil.example|shop&gt;");
        assert_eq!(for_slack("&lt;"), "&amp;lt;");
    }

    #[test]
    fn a_text_has_so_many_bytes_and_no_more() {
        for (character, shown) in
            [("x", "x"), ("ä", "ä"), ("…", "…"), ("😀", "😀"), ("&", "&amp;"), ("<", "&lt;")]
        {
            let most = SLACK_TEXT_LIMIT / shown.len();
            let rest = "x".repeat(SLACK_TEXT_LIMIT % shown.len());
            let whole = format!("{}{rest}", character.repeat(most));
            assert_eq!(for_slack(&whole), format!("{}{rest}", shown.repeat(most)), "{character}");
            let cut = for_slack(&format!("{whole}x"));
            let text = cut.strip_suffix(CUT).unwrap();
            assert_eq!(text, shown.repeat(text.len() / shown.len()), "{character}: whole ones only");
            let least = SLACK_TEXT_LIMIT - CUT.len_utf8() - shown.len();
            assert!((least + 1..=SLACK_TEXT_LIMIT).contains(&cut.len()), "{character}: {}", cut.len());
        }
    }
}
