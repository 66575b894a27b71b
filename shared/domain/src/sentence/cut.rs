//! What is too long for the place where it is told.

use crate::name::EnvironmentId;

/// A text of at most `limit` characters. One that is cut says where the rest is told.
pub(super) fn cut(text: &str, limit: usize, id: &EnvironmentId) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let pointer = format!("…\n\nTruncated: `status {id}` shows the full text.");
    let room = limit.saturating_sub(pointer.chars().count());
    text.chars().take(room).chain(pointer.chars()).collect()
}

/// The least that is told of each environment, in characters, where they share a place.
const LEAST: usize = 200;

/// Paragraphs of at most `limit` characters together. Where they are too long each gets the same share; where they are too
/// many for that, it is said how many are left out.
pub(super) fn fit(paragraphs: &[(EnvironmentId, String)], limit: usize) -> String {
    let whole: String = paragraphs.iter().map(|(_, text)| format!("\n{text}\n")).collect();
    if whole.chars().count() <= limit {
        return whole;
    }
    let told = paragraphs.len().min(limit / LEAST);
    let rest = match paragraphs.len() - told {
        0 => String::new(),
        more => format!("\nAnd {more} more: `status` tells of all.\n"),
    };
    let share = limit.saturating_sub(rest.chars().count()) / told.max(1);
    let one =
        |(id, text): &(EnvironmentId, String)| format!("\n{}\n", cut(text, share.saturating_sub(2), id));
    paragraphs.iter().take(told).map(one).chain([rest]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(count: usize, length: usize) -> Vec<(EnvironmentId, String)> {
        let id = |number: usize| format!("app-{number}/pr-1").parse().unwrap();
        (0..count).map(|number| (id(number), "ü".repeat(length))).collect()
    }

    #[test]
    fn a_text_is_cut_only_where_it_must_be() {
        let id = "shop/pr-1".parse().unwrap();
        assert_eq!(cut(&"ü".repeat(100), 100, &id), "ü".repeat(100));
        let shorter = cut(&"ü".repeat(101), 100, &id);
        assert_eq!(shorter.chars().count(), 100);
        assert!(shorter.ends_with("`status shop/pr-1` shows the full text."));
    }

    #[test]
    fn those_that_share_a_place_are_cut_alike() {
        assert!(!fit(&paragraphs(10, 998), 10_000).contains("status"));
        let shared = fit(&paragraphs(10, 999), 10_000);
        assert_eq!(shared.chars().count(), 10_000);
        assert_eq!(shared.matches("shows the full text").count(), 10);
    }

    #[test]
    fn of_too_many_it_is_said_how_many_there_are() {
        let all = fit(&paragraphs(50, 199), 10_000);
        assert_eq!((all.matches("shows the full text").count(), all.contains("more")), (50, false));
        let most = fit(&paragraphs(51, 199), 10_000);
        assert!(most.chars().count() <= 10_000);
        assert!(most.ends_with("\nAnd 1 more: `status` tells of all.\n"), "{most}");
    }
}
