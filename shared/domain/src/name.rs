//! Names: what people write, and the one function that turns them into names outside.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The longest name of an application, an environment or a type, in bytes.
pub const NAME_LIMIT: usize = 63;
/// The longest name that is given to something outside: a DNS label (RFC 1035) and a Kubernetes label value.
pub const OUTSIDE_LIMIT: usize = 63;
/// How many hexadecimal digits of the hash end an outside name: 80 bits.
const HASH_DIGITS: usize = 20;

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was written.
    #[error("a name needs at least one character")]
    Empty,
    /// It is longer than [`NAME_LIMIT`] bytes.
    #[error("a name has at most {NAME_LIMIT} characters")]
    TooLong,
    /// A character is not allowed where it stands.
    #[error("a name has lower-case letters, digits and hyphens, and begins and ends with a letter or digit")]
    Character,
    /// It has no application, or no name within it.
    #[error("an environment is APPLICATION/NAME, such as `shop/pr-42`")]
    Environment,
}

fn check(text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    if text.len() > NAME_LIMIT {
        return Err(NameError::TooLong);
    }
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !text.bytes().all(inner) || text.starts_with('-') || text.ends_with('-') {
        return Err(NameError::Character);
    }
    Ok(())
}

/// Declares a name: a checked DNS label (RFC 1123) of its own type.
macro_rules! name {
    ($(#[$documentation:meta])* $type:ident) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                check(&text).map(|()| Self(text))
            }
        }

        impl std::str::FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

name! {
    /// One installation of Roadstead; part of every mark outside.
    InstallationName
}
name! {
    /// An application: several workloads that are deployed together.
    ApplicationName
}
name! {
    /// An environment within its application: `staging`, `pr-42`.
    EnvironmentName
}
name! {
    /// An environment type: `preview`, `staging`, `production`.
    TypeName
}
name! {
    /// A workload: one Score file, one image.
    WorkloadName
}
name! {
    /// A cluster as the platform file calls it.
    ClusterName
}

impl EnvironmentName {
    /// The preview of a pull request: `pr-42`.
    pub fn of_pull_request(number: u64) -> Self {
        Self(format!("pr-{number}"))
    }

    /// The name of an environment that nobody named, after the branch that it follows.
    pub fn of_branch(branch: &str) -> Self {
        Self(outside_name(&["branch", branch]))
    }

    /// Whether it is the preview of a pull request by its form.
    pub fn is_of_pull_request(&self) -> bool {
        self.0.strip_prefix("pr-").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// `application/name`: what identifies an environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EnvironmentId {
    /// The application that runs in it.
    pub application: ApplicationName,
    /// Its name within the application.
    pub name: EnvironmentName,
}

impl EnvironmentId {
    /// Joins the two names.
    pub fn new(application: ApplicationName, name: EnvironmentName) -> Self {
        Self { application, name }
    }

    /// The mark that everything of this environment carries outside: `installation/application/name`.
    pub fn mark(&self, installation: &InstallationName) -> String {
        format!("{installation}/{self}")
    }

    /// The one name that this environment has outside, as a namespace and as a DNS label.
    pub fn outside_name(&self, installation: &InstallationName) -> String {
        outside_name(&[installation.as_str(), self.application.as_str(), self.name.as_str()])
    }
}

impl fmt::Display for EnvironmentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.application, self.name)
    }
}

impl TryFrom<String> for EnvironmentId {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        let (application, name) = text.split_once('/').ok_or(NameError::Environment)?;
        Ok(Self { application: application.parse()?, name: name.parse()? })
    }
}

impl std::str::FromStr for EnvironmentId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::try_from(text.to_owned())
    }
}

impl From<EnvironmentId> for String {
    fn from(id: EnvironmentId) -> Self {
        id.to_string()
    }
}

/// Turns parts, trusted or not, into one name that is valid as a namespace, a label value and a DNS label at once.
///
/// A readable beginning made of the last parts is followed by a hash over all parts with their lengths, so that parts
/// which differ never share a name (80 bits of SHA-256), and no name is longer than [`OUTSIDE_LIMIT`].
pub fn outside_name(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let hash: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let readable = slug(&parts[parts.len().saturating_sub(2)..].join("-"), OUTSIDE_LIMIT - HASH_DIGITS - 1);
    format!("{readable}-{}", &hash[..HASH_DIGITS])
}

/// Whether a name has the form of those that [`outside_name`] makes.
pub fn is_generated(name: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    name.rsplit_once('-').is_some_and(|(_, hash)| hash.len() == HASH_DIGITS && hash.bytes().all(is_digit))
}

/// A readable beginning: lower-case letters, digits and single hyphens, beginning with a letter.
fn slug(text: &str, limit: usize) -> String {
    let mut slug = String::new();
    for character in text.chars().map(|character| character.to_ascii_lowercase()) {
        match character {
            'a'..='z' => slug.push(character),
            '0'..='9' if !slug.is_empty() => slug.push(character),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(limit);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "environment".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_at_most_63_bytes() {
        assert!("a".repeat(NAME_LIMIT).parse::<EnvironmentName>().is_ok());
        assert_eq!("a".repeat(NAME_LIMIT + 1).parse::<EnvironmentName>(), Err(NameError::TooLong));
        assert_eq!("shop".parse::<EnvironmentId>(), Err(NameError::Environment));
    }

    #[test]
    fn an_environment_is_named_after_its_branch_and_never_like_a_pull_request() {
        let named = |branch: &str| EnvironmentName::of_branch(branch);
        assert!(named("feature/a").as_str().starts_with("branch-feature-a-"));
        assert_ne!(named("feature/a"), named("feature-a"));
        assert!(
            !named("pr-1").is_of_pull_request() && EnvironmentName::of_pull_request(1).is_of_pull_request()
        );
        assert!(check(named(&"ä".repeat(255)).as_str()).is_ok());
    }

    #[test]
    fn hostile_texts_are_no_names() {
        for text in ["", "-x", "x-", "a_b", "Ä", "a/b", "a b", "x,tenant=prod", "a\n"] {
            assert!(text.parse::<EnvironmentName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_outside_name_is_valid_everywhere_whatever_the_parts() {
        for part in ["feature/a-b", "///", "ÄÖ", "-x-", "9lives", &"y".repeat(255), "x,tenant=prod", "\n"] {
            let name = outside_name(&["roadstead", "shop", part]);
            assert!(name.len() <= OUTSIDE_LIMIT && check(&name).is_ok(), "{name}");
            assert!(name.starts_with(|first: char| first.is_ascii_lowercase()), "{name}");
            assert!(is_generated(&name), "{name}");
        }
    }

    #[test]
    fn parts_that_differ_never_share_a_name() {
        let long = "z".repeat(80);
        let pairs = [
            (["i", "a", "feature/a-b"], ["i", "a", "feature-a/b"]),
            (["i", "a-b", "c"], ["i", "a", "b-c"]),
            (["ia", "b", "c"], ["i", "ab", "c"]),
            (["i", "a", &long], ["i", "a", &long[1..]]),
        ];
        for (left, right) in pairs {
            assert_ne!(outside_name(&left), outside_name(&right));
        }
    }
}
