//! Tokens as EKS takes them: a presigned call of STS that the cluster makes in our place (format of
//! aws-iam-authenticator, `k8s-aws-v1`).

use super::broken;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use roadstead_steps::nouns::CallError;
use std::time::{Duration, SystemTime};

/// How long a token is used. The cluster takes it for 15 minutes after it was signed, whatever it says of itself.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(14);
/// The longest token that a cluster takes, in bytes.
pub(super) const TOKEN_LIMIT: usize = 4096;

/// The version that a token begins with.
const PREFIX: &str = "k8s-aws-v1.";
/// The header that binds a token to one cluster.
const CLUSTER_HEADER: &str = "x-k8s-aws-id";
/// What the signature says of its own validity; the value that the original writes.
const EXPIRES: Duration = Duration::from_secs(60);

/// Signs a token for a cluster, and says from when it is no longer to be used.
pub(super) fn make(
    credentials: &Credentials,
    region: &str,
    cluster: &str,
    now: Timestamp,
) -> Result<(String, Timestamp), CallError> {
    let url = presigned(credentials, region, cluster, now).map_err(|error| broken(&error.to_string()))?;
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(url));
    if token.len() > TOKEN_LIMIT {
        return Err(broken("our identity is too long for a token"));
    }
    Ok((token, now.saturating_add(TOKEN_LIFETIME).unwrap_or(now)))
}

fn presigned(
    credentials: &Credentials,
    region: &str,
    cluster: &str,
    now: Timestamp,
) -> Result<String, Box<dyn std::error::Error>> {
    let url = format!("https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15");
    let identity = credentials.clone().into();
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sts")
        .time(SystemTime::from(now))
        .settings(settings())
        .build()?
        .into();
    let headers = [(CLUSTER_HEADER, cluster)].into_iter();
    let signable = SignableRequest::new("GET", &url, headers, SignableBody::Bytes(b""))?;
    let (instructions, _signature) = sign(signable, &parameters)?.into_parts();
    let mut request = http::Request::get(&url).body(())?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}

fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(EXPIRES);
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn credentials(session: &str) -> Credentials {
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        Credentials::new("AKIDEXAMPLE", secret, Some(session.into()), None, "test")
    }

    fn url(token: &str) -> String {
        let encoded = token.strip_prefix(PREFIX).unwrap();
        String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
    }

    /// The signature was made by botocore's `SigV4QueryAuth` of the same request.
    #[test]
    fn a_token_is_signed_as_botocore_signs_it() {
        let (token, _) = make(&credentials("TOK/EN+="), "eu-west-1", "my-cluster", at()).unwrap();
        let url = url(&token);
        assert!(url.starts_with("https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&"), "{url}");
        assert!(url.contains("X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"), "{url}");
        let signature = "9b1b9343f5c8439647704073e5634f12637b42e4082d6a485aa92aa2b4de9770";
        assert!(url.contains(&format!("X-Amz-Signature={signature}")), "{url}");
    }

    #[test]
    fn a_token_is_used_for_14_minutes() {
        let (_, until) = make(&credentials("t"), "eu-west-1", "my-cluster", at()).unwrap();
        assert_eq!(until.duration_since(at()), SignedDuration::from_mins(14));
    }

    #[test]
    fn a_token_has_at_most_4096_bytes() {
        let made = |length: usize| make(&credentials(&"t".repeat(length)), "eu-west-1", "c", at());
        let fixed = made(0).unwrap().0.len();
        let longest = (TOKEN_LIMIT - fixed) * 3 / 4;
        let (token, _) = (longest - 3..=longest).filter_map(|length| made(length).ok()).next_back().unwrap();
        assert!(token.len() <= TOKEN_LIMIT && token.len() > TOKEN_LIMIT - 4);
        assert!(made(longest + 4).is_err());
    }
}
