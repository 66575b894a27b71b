//! What names from outside may look like, before anything is done with them.

use roadstead_domain::image::ImageRepository;

/// The longest identifier of a delivery or an event, in bytes.
pub(crate) const IDENTIFIER_LIMIT: usize = 64;
/// The longest branch name, in bytes: what a file system lets Git store.
pub(crate) const BRANCH_LIMIT: usize = 255;
/// The longest name of an image repository, its registry included, in bytes (OCI distribution specification 1.1).
pub(crate) const IMAGE_LIMIT: usize = 255;
/// The longest id of Slack's, in bytes. Slack gives no limit; those of today have eleven.
pub(crate) const SLACK_ID_LIMIT: usize = 32;
/// The longest `owner` of a repository, in bytes (GitHub).
const OWNER_LIMIT: usize = 39;
/// The longest `name` of a repository, in bytes (GitHub).
const REPOSITORY_LIMIT: usize = 100;

/// An identifier of a delivery, an event or a kind of event: letters, digits, `-` and `_`.
pub(crate) fn is_identifier(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !text.is_empty() && text.len() <= IDENTIFIER_LIMIT && text.bytes().all(inner)
}

/// An AWS account: twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// An AWS region: `eu-west-1`, `us-gov-east-1`.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    text.len() <= 32
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.len() >= 2
        && words.iter().all(is_word)
}

/// A GitHub login, of a person (`octocat`, `jane_corp`) or an App (`dependabot[bot]`).
pub(crate) fn is_login(text: &str) -> bool {
    let name = text.strip_suffix("[bot]").unwrap_or(text);
    is_identifier(name)
}

/// An id of Slack's: of a person, a channel, a workspace or an App.
pub(crate) fn is_slack_id(text: &str) -> bool {
    (1..=SLACK_ID_LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// `owner/name` on GitHub.
pub(crate) fn is_full_name(text: &str) -> bool {
    let Some((owner, name)) = text.split_once('/') else { return false };
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    is_identifier(owner)
        && owner.len() <= OWNER_LIMIT
        && !matches!(name, "" | "." | "..")
        && name.len() <= REPOSITORY_LIMIT
        && name.bytes().all(inner)
}

/// A branch, by what `git check-ref-format` forbids.
pub(crate) fn is_branch(text: &str) -> bool {
    let forbidden = |character: char| {
        character.is_control() || matches!(character, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\')
    };
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    text.len() <= BRANCH_LIMIT
        && !text.contains(forbidden)
        && !text.contains("..")
        && !text.contains("@{")
        && !text.ends_with('.')
        && text.split('/').all(is_part)
}

/// The path of an image repository (OCI distribution specification 1.1, `<name>`).
pub(crate) fn is_image_path(text: &str) -> bool {
    text.len() <= IMAGE_LIMIT && text.split('/').all(is_image_part)
}

/// Runs of letters and digits, joined by one `.`, one or two `_`, or any number of `-`.
fn is_image_part(part: &str) -> bool {
    let is_run = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let is_joint = |joint: &str| matches!(joint, "." | "_" | "__") || joint.bytes().all(|byte| byte == b'-');
    part.starts_with(is_run) && part.ends_with(is_run) && part.split(is_run).all(is_joint)
}

/// `registry/path`; none where either is not what it must be.
pub fn image_repository(text: &str) -> Option<ImageRepository> {
    let (registry, path) = text.split_once('/')?;
    let fits = text.len() <= IMAGE_LIMIT && is_registry(registry) && is_image_path(path);
    fits.then(|| ImageRepository { registry: registry.to_owned(), path: path.to_owned() })
}

/// A registry's host: a name with a dot, or `localhost`; a port may follow.
fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "443"));
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_host = host == "localhost" || (host.contains('.') && host.split('.').all(is_label));
    is_host && !port.starts_with(['0', '+']) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorts(grammar: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(grammar(text), "{text:?} is good");
        }
        for text in bad {
            assert!(!grammar(text), "{text:?} is bad");
        }
    }

    #[test]
    fn accounts_and_regions() {
        sorts(
            is_account,
            &["123456789012"],
            &["", "12345678901", "1234567890123", "12345678901x", "１２３４"],
        );
        sorts(
            is_region,
            &["eu-west-1", "us-gov-east-1", "ap-southeast-2", "eusc-de-east-1"],
            &[
                "",
                "eu-west",
                "west-1",
                "eu-west-1.evil.example",
                "eu--1",
                "EU-west-1",
                "eu-west-123",
                "-eu-west-1",
            ],
        );
    }

    #[test]
    fn ids_of_slack() {
        let long = "U".repeat(SLACK_ID_LIMIT);
        sorts(
            is_slack_id,
            &["U2CERLKJA", "W0", &long],
            &["", &format!("{long}U"), "U1 ", "U1/2", "U1#2", "Ü1"],
        );
    }

    #[test]
    fn identifiers_and_logins() {
        let long = "d".repeat(IDENTIFIER_LIMIT);
        sorts(
            is_identifier,
            &["72d3162e-cc78-11e3-81ab-4c9367dc0958", "pull_request", &long],
            &["", "a b", "a#b"],
        );
        assert!(!is_identifier(&format!("{long}d")));
        sorts(
            is_login,
            &["octocat", "jane_corp", "dependabot[bot]"],
            &["", "[bot]", "a[b]", "a\nb", "@a", "a)b"],
        );
    }

    #[test]
    fn repositories_and_branches() {
        let longest = format!("{}/{}", "o".repeat(OWNER_LIMIT), "r".repeat(REPOSITORY_LIMIT));
        sorts(
            is_full_name,
            &["acme/shop", "acme/.github", "a-b/c_d.e", &longest],
            &["", "acme", "acme/", "/shop", "acme/..", "acme/a/b", "../../admin", "acme/a?b", "acme/a%2fb"],
        );
        assert!(!is_full_name(&format!("{longest}r")) && !is_full_name(&format!("o{longest}")));
        let branch = "b".repeat(BRANCH_LIMIT);
        sorts(
            is_branch,
            &["main", "feature/a-b", "ÄÖ", "x,tenant=prod", &branch],
            &["", "/", "a//b", "a b", "a\nb", "a..b", ".a", "a.lock", "a.", "a~1", "a@{1}", "a/.b", "a/"],
        );
        assert!(!is_branch(&format!("{branch}b")));
    }

    #[test]
    fn images() {
        sorts(
            is_image_path,
            &["shop/web", "a", "a.b_c__d---e/f0"],
            &["", "/a", "a/", "A", "a..b", "a___b", "-a", "a-", "a._b", "a:b", "a@b", "../a", "ä"],
        );
        let good = |text: &str| image_repository(text).is_some();
        sorts(
            good,
            &[
                "ghcr.io/acme/web",
                "localhost:5000/web",
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web",
            ],
            &[
                "acme/web",
                "ghcr.io",
                "ghcr.io/",
                "user@ghcr.io/a",
                "ghcr.io:0/a",
                "ghcr.io:+1/a",
                "ghcr.io:65536/a",
            ],
        );
        let longest = format!("ghcr.io/{}", "a".repeat(IMAGE_LIMIT - 8));
        assert!(good(&longest) && !good(&format!("{longest}a")));
    }
}
