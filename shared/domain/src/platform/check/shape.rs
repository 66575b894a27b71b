//! What single texts of the platform file must look like.

use super::limits::{BRANCH_LIMIT, PATH_LIMIT};

/// A DNS name of at most `limit` bytes: lower-case labels (RFC 1123) joined by dots, without the final dot.
pub(super) fn is_domain(text: &str, limit: usize) -> bool {
    text.len() <= limit && text.split('.').all(is_label)
}

/// A DNS label (RFC 1123): a Kubernetes namespace, too.
pub(crate) fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The id of a hosted zone (Route 53): at most 32 capital letters and digits.
pub(super) fn is_zone(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    !text.is_empty() && text.len() <= 32 && text.bytes().all(inner)
}

/// An AWS account: twelve digits.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An id that Slack gives: a workspace, a user, a channel. Capital letters and digits, at most 32.
pub(crate) fn is_slack_id(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    !text.is_empty() && text.len() <= 32 && text.bytes().all(inner)
}

/// A path within a repository, without a way out of it.
pub(super) fn is_path(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let segment = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(inner);
    text.len() <= PATH_LIMIT && text.split('/').all(segment)
}

/// `owner/name`, as GitHub writes it.
pub(super) fn is_full_name(text: &str) -> bool {
    text.split('/').count() == 2 && is_path(text)
}

/// A branch (`git check-ref-format --branch`, and printable ASCII only).
pub(crate) fn is_branch(text: &str) -> bool {
    let forbidden = |byte: u8| !byte.is_ascii_graphic() || b"~^:?*[\\".contains(&byte);
    let segment = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    text.len() <= BRANCH_LIMIT
        && !text.bytes().any(forbidden)
        && text.split('/').all(segment)
        && !text.starts_with('-')
        && !text.ends_with('.')
        && !["..", "@{"].iter().any(|part| text.contains(part))
        && text != "@"
}

/// The host of a registry, with its port if it has one, and the path of a repository in it (OCI distribution
/// specification 1.1).
pub(super) fn image(text: &str) -> Option<(&str, &str)> {
    let (registry, path) = text.split_once('/')?;
    let (host, port) = registry.split_once(':').unwrap_or((registry, "443"));
    let valid = is_domain(host, 253)
        && (registry.contains(['.', ':']) || registry == "localhost")
        && port.parse::<u16>().is_ok()
        && path.len() <= PATH_LIMIT
        && path.split('/').all(is_path_component);
    valid.then_some((registry, path))
}

/// Letters and digits, separated by `.`, `_`, `__` or hyphens.
fn is_path_component(text: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let separators = text.split(|character: char| character.is_ascii() && alphanumeric(character as u8));
    text.bytes().next().is_some_and(alphanumeric)
        && text.bytes().last().is_some_and(alphanumeric)
        && separators.into_iter().all(|between| {
            matches!(between, "" | "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_does_not_lead_out_of_the_repository() {
        assert!(is_path("web/score.yaml") && is_path(".roadstead/score.yaml"));
        for text in
            ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/./b", "a/", "a\\b", "%2e%2e/x", "a b", "a\n"]
        {
            assert!(!is_path(text), "{text:?}");
        }
        assert!(is_path(&"p".repeat(PATH_LIMIT)) && !is_path(&"p".repeat(PATH_LIMIT + 1)));
    }

    #[test]
    fn a_branch_is_one_for_git() {
        for text in ["main", "feature/a-b", "release/1.2", "a@b"] {
            assert!(is_branch(text), "{text}");
        }
        for text in [
            "", "-x", "a..b", "a b", "a~1", "x.lock", "x/", "/x", ".x", "a/.b", "x.", "@", "a@{b", "ä", "a\n",
        ] {
            assert!(!is_branch(text), "{text:?}");
        }
        assert!(is_branch(&"b".repeat(BRANCH_LIMIT)) && !is_branch(&"b".repeat(BRANCH_LIMIT + 1)));
    }

    #[test]
    fn a_domain_is_made_of_labels() {
        assert!(is_domain("preview.localhost", 20) && is_domain("a.b-c.1d", 20));
        for text in ["", ".", "a.", ".a", "A.b", "a_b.c", "-a.b", "a..b", "*.a", "a.b/c"] {
            assert!(!is_domain(text, 20), "{text:?}");
        }
        assert!(is_domain("abcde", 5) && !is_domain("abcdef", 5));
        assert!(is_label(&"a".repeat(63)) && !is_label(&"a".repeat(64)));
    }

    #[test]
    fn an_image_has_a_registry_and_a_path() {
        assert_eq!(image("ghcr.io/acme/shop-web"), Some(("ghcr.io", "acme/shop-web")));
        assert_eq!(image("localhost:5000/web"), Some(("localhost:5000", "web")));
        for text in [
            "web",
            "acme/web",
            "ghcr.io/",
            "ghcr.io/Acme",
            "ghcr.io/a:tag",
            "ghcr.io/a@sha256:0",
            "ghcr.io/a//b",
            "ghcr.io/a..b",
            "ghcr.io/-a",
            "ghcr.io:x/a",
            "https://ghcr.io/a",
        ] {
            assert_eq!(image(text), None, "{text:?}");
        }
    }

    #[test]
    fn ids_of_aws_are_checked() {
        assert!(is_zone("Z0LOCALPREVIEW0") && !is_zone("") && !is_zone("z1") && !is_zone("/hostedzone/Z1"));
        assert!(is_zone(&"Z".repeat(32)) && !is_zone(&"Z".repeat(33)));
        assert!(is_account("123456789012") && !is_account("12345678901") && !is_account("1234567890123"));
    }
}
