//! Secrets that verify, and can do nothing else.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The shortest secret, in bytes: 128 bits.
pub const SECRET_MINIMUM: usize = 16;

/// Why a text cannot be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret has at least {SECRET_MINIMUM} bytes")]
pub struct WeakSecret;

/// A secret that is shared with a sender. It cannot be read, printed, stored, copied or compared: it verifies, in a time
/// that does not depend on what it holds.
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes the secret's bytes.
    ///
    /// # Errors
    /// [`WeakSecret`] below [`SECRET_MINIMUM`] bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, WeakSecret> {
        let bytes: Vec<u8> = bytes.into();
        if bytes.len() < SECRET_MINIMUM { Err(WeakSecret) } else { Ok(Self(bytes.into_boxed_slice())) }
    }

    /// Whether the tag is the HMAC-SHA256 (RFC 2104) of the message under this secret.
    pub fn signed(&self, message: &[u8], tag: &[u8]) -> bool {
        self.signed_together(&[message], tag)
    }

    /// The same of a message whose parts follow one another.
    pub fn signed_together(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return false };
        parts.iter().for_each(|part| mac.update(part));
        mac.verify_slice(tag).is_ok()
    }

    /// Whether the sender presented this very secret. Both are hashed first, so that not even a length shows.
    pub fn is(&self, presented: &[u8]) -> bool {
        Sha256::digest(&self.0).as_slice().ct_eq(Sha256::digest(presented).as_slice()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static_assertions::assert_not_impl_any!(
        Secret: std::fmt::Debug, std::fmt::Display, PartialEq, PartialOrd, Clone, std::hash::Hash,
        serde::Serialize, AsRef<[u8]>, std::ops::Deref,
    );

    /// From GitHub's documentation, "Validating webhook deliveries".
    const VECTOR: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn github_s_published_vector_verifies() {
        let secret = Secret::new("It's a Secret to Everybody").unwrap();
        let tag = hex::decode(VECTOR).unwrap();
        assert!(secret.signed(b"Hello, World!", &tag));
        assert!(!secret.signed(b"Hello World!", &tag));
        assert!(!secret.signed(b"Hello, World!", &tag[..31]));
        assert!(!secret.signed(b"Hello, World!", b""));
    }

    #[test]
    fn only_the_whole_secret_is_the_secret() {
        let secret = Secret::new("0123456789abcdef").unwrap();
        assert!(secret.is(b"0123456789abcdef"));
        for other in [&b""[..], b"0123456789abcde", b"0123456789abcdeg", b"0123456789abcdef0", b"nothing"] {
            assert!(!secret.is(other));
        }
    }

    #[test]
    fn a_secret_has_at_least_16_bytes() {
        assert!(Secret::new("s".repeat(SECRET_MINIMUM)).is_ok());
        assert!(Secret::new("s".repeat(SECRET_MINIMUM - 1)).is_err());
    }
}
