//! What only Slack needs: how a text is written for it ("Formatting text for app surfaces").

/// The most characters of a text that is shown in Slack. It takes 40,000, and asks for no more than this.
pub const SLACK_TEXT_LIMIT: usize = 4_000;

/// A command was typed, and it is not certain that anything comes of it.
pub fn not_noted() -> String {
    "Something did not answer, and this may not have been noted. See with `/env list` before you type it again."
        .to_owned()
}

/// A text of ours for Slack. Without `<` nothing in it can mention anybody or hide where a link leads; what is too long ends
/// with `…`.
pub fn for_slack(text: &str) -> String {
    let mut shown: String = text.chars().take(SLACK_TEXT_LIMIT).collect();
    if shown.len() < text.len() {
        shown.pop();
        shown.push('…');
    }
    shown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
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
    fn a_text_has_at_most_4000_characters() {
        let text = "ä".repeat(SLACK_TEXT_LIMIT);
        assert_eq!(for_slack(&text), text);
        let long = for_slack(&format!("{text}ä"));
        assert_eq!(long.chars().count(), SLACK_TEXT_LIMIT);
        assert!(long.ends_with("ä…"));
    }
}
