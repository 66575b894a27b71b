//! The App's private key, and the short tokens that it signs (RFC 7519; GitHub, "Generating a JSON Web Token").

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use roadstead_steps::nouns::CallError;
use serde_json::json;

/// How far in the past a token is dated, in seconds, for clocks that differ.
const BACKDATED: i64 = 60;
/// How long from now a token is valid, in seconds. GitHub allows 600.
const VALID: i64 = 540;

/// An RSA private key of a GitHub App. It cannot be printed.
pub struct AppKey(RsaKeyPair);

impl AppKey {
    /// Reads the PEM text that GitHub gives out (`RSA PRIVATE KEY`, PKCS #1), or the same as PKCS #8 (`PRIVATE KEY`).
    ///
    /// # Errors
    /// When the text is neither; it is not repeated.
    pub fn from_pem(text: &str) -> Result<Self, CallError> {
        let pair = if let Some(der) = section(text, "RSA PRIVATE KEY") {
            RsaKeyPair::from_der(&der)
        } else {
            RsaKeyPair::from_pkcs8(&section(text, "PRIVATE KEY").unwrap_or_default())
        };
        pair.map(Self).map_err(|_| broken("the private key of the GitHub App cannot be read"))
    }

    /// A token that says we are the App.
    pub(super) fn token(&self, app: u64, now: Timestamp) -> Result<String, CallError> {
        let now = now.as_second();
        let header = json!({"alg": "RS256", "typ": "JWT"});
        let claims = json!({"iat": now - BACKDATED, "exp": now + VALID, "iss": app.to_string()});
        let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| broken("the private key of the GitHub App does not sign"))?;
        Ok(format!("{signed}.{}", encode(signature)))
    }
}

/// What stands between the lines of a PEM section (RFC 7468).
fn section(text: &str, label: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
    let (inner, _) = rest.split_once(&format!("-----END {label}-----"))?;
    let digits: String = inner.split_whitespace().collect();
    STANDARD.decode(digits).ok()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn broken(reason: &str) -> CallError {
    CallError::Broken { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    const PKCS1: &str = include_str!("tests/app-pkcs1.pem");
    const PKCS8: &str = include_str!("tests/app-pkcs8.pem");

    fn claims(token: &str) -> serde_json::Value {
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
    }

    #[test]
    fn a_token_is_signed_by_the_key_in_either_form() {
        for text in [PKCS1, PKCS8] {
            let key = AppKey::from_pem(text).unwrap();
            let token = key.token(7, Timestamp::UNIX_EPOCH).unwrap();
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.0.public());
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            public.verify(signed.as_bytes(), &signature).unwrap();
            assert!(public.verify(b"something else", &signature).is_err());
        }
    }

    #[test]
    fn a_token_is_valid_for_less_than_ten_minutes() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let token = AppKey::from_pem(PKCS1).unwrap().token(42, now).unwrap();
        let expected = json!({"iat": 1_789_999_940, "exp": 1_790_000_540, "iss": "42"});
        assert_eq!(claims(&token), expected);
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        for text in ["", "canary", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"] {
            let Err(error) = AppKey::from_pem(text) else { panic!() };
            assert!(!error.to_string().contains("canary") && !error.to_string().contains("Y2Fu"));
        }
    }
}
